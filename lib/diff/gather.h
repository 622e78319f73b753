// Pass `gather`: an innermost loop that adds to neighbours of an adjoint collects them for one element at a time instead. As
// written, each iteration waits for what the one before it has stored; collected, the iterations do not meet.
//
//   for (int i = 1; i < n - 1; ++i) {            u_bar[0] += d[1];                       // loops of one or two iterations
//     u_bar[i - 1] += d[i];                ->    for (int i = 1; i < n - 3; ++i)
//     u_bar[i + 1] += k * d[i];                    u_bar[i + 1] += d[i + 2] + k * d[i];
//   }                                            ...
//
// Where a loop before has set the elements to zero, those in the middle are assigned rather than cleared and added to.
#pragma once
#include "ir/ir.h"

namespace nabla::diff {

/// For finished reverse sweeps. The order of additions changes, nothing else.
ir::Function gather_neighbours(const ir::Function &f);

} // namespace nabla::diff
