// What checkpointed loops lead to must live until their reverse sweeps are done: locals of inner blocks whose addresses
// such calls have move to the function's beginning.
//
//   for (...) {                            double s;
//     double s = x;                        for (...) {
//     f_steps(n, s);                ->       s = x;
//   }                                        f_steps(n, s);
//                                          }
#pragma once
#include "ir/ir.h"

namespace nabla::diff {

/// After the loops have become calls (checkpoint.h).
ir::Function hoist_locals_of_loops(const ir::Function &f);

} // namespace nabla::diff
