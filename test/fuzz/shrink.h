// Writing programs, and making a failing one small.
#pragma once
#include "gen.h"

namespace fuzz {

/// DIR/p.cpp and DIR/o.cpp for these units.
void write_programs(const std::vector<Unit> &units, const std::string &dir);

/// Delta debugging on the program's tree: cuts statements, unwraps blocks, replaces expressions by their
/// parts or by literals, as long as the command `check DIR` succeeds (it says: still fails, in the same way).
/// Returns the exit code.
int shrink(Unit &u, const std::string &dir, const std::string &check);

} // namespace fuzz
