// Very long functions in parts, each a function of its own.
//
// In: a body of many thousands of statements, as unrolled or generated code has. Out: where it may be cut, and the
// variables that statements of several parts share. Compilers take more than linear time for one long function: the
// gradient of 4000 statements with a call each took clang 8 s in one piece, and takes 4 s in parts.
#pragma once
#include "ir/ir.h"

namespace nabla::emit {

struct Part {
  ir::Block statements;
  std::vector<ir::Var> params; ///< of the function, as far as the part mentions them
};

struct Parts {
  std::vector<Part> parts;
  std::vector<ir::Var> shared; ///< locals that several parts mention, in the order of their first mention
};

/// Nothing for a function that one piece serves as well, or whose variables cannot live outside of it: references, classes.
std::optional<Parts> parts_of(const ir::Function &f);

} // namespace nabla::emit
