// What `--report` prints about one reverse sweep: what is stored, what is recomputed, which loops are fused, and why.
#pragma once
#include "ir/ir.h"

namespace nabla::diff {

struct Report {
  struct Row {
    ir::Loc loc;
    std::string name, how; ///< "stored", "copied", "recomputed"
    std::string bytes;     ///< a formula in the trip counts; of what is recomputed, empty
    std::string reason;
  };
  std::vector<Row> rows;
  std::vector<ir::Loc> fused; ///< loops whose iterations are reversed right after they ran
  unsigned loops = 0;
  unsigned still_there = 0, reread = 0; ///< values that cost nothing, or a read of memory
};

/// "3 * n" for the bytes of a loop's iterations, from its header.
std::string trips_formula(const ir::For &loop, long more);

/// The table under a head line.
std::string table(const Report &report, const std::string &head);
/// What follows it where pass `blocks` has changed the loop.
std::string line_of_blocks(const ir::Loc &loop);

} // namespace nabla::diff
