// Pass `blocks`: a time loop whose record is larger than the caches is bound by memory. So it is recorded some iterations at
// a time: the forward sweep keeps the state at the beginning of each block, the reverse sweep runs the iterations of a block
// again, into the record of the block before. How many iterations make a block is known when it runs: a short loop is one.
//
//   for (t...) { kept[t] = u; u = g(u); }        for (block...) { keep u; for (t of the block) { kept[t - from] = u; ... } }
//   ...                                    ->    ...
//   for (t down...) u_bar = dg(kept[t]);         for (block down...) {
//                                                  if (not the last) { take u; for (t of the block) {...} }
//                                                  for (t of the block, down) u_bar = dg(kept[t - from]);
//                                                }
#pragma once
#include "ir/ir.h"

namespace nabla::diff {

struct Blocked {
  ir::Function function;
  std::vector<ir::Loc> loops; ///< that are recorded in blocks
};

/// For finished gradients: both sweeps are in the function's body. Nothing if there is no such loop.
std::optional<Blocked> record_in_blocks(const ir::Function &f);

} // namespace nabla::diff
