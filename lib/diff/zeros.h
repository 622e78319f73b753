// Pass `zeros`: a loop that only clears an adjoint array, again in each iteration of the loop around it, moves behind that
// loop, and the first addition of the next iteration, which finds zeroes, assigns.
//
//   double w_bar[n] = {};                          double w_bar[n] = {};
//   for (int t = steps; t-- > 0;) {                for (int t = steps; t-- > 0;) {
//     for (int i = 1; i < n; ++i)                    for (int i = 1; i < n; ++i)
//       w_bar[i] += u_bar[i];              ->          w_bar[i] = u_bar[i];
//     ...                                            ...
//     for (int i = 1; i < n; ++i)                  }
//       w_bar[i] = 0;                              for (int i = 1; i < n; ++i)
//   }                                                w_bar[i] = 0;
#pragma once
#include "ir/ir.h"

namespace nabla::diff {

/// For finished reverse sweeps. No value changes. Nothing if there is no such loop.
std::optional<ir::Function> hoist_zeros(const ir::Function &f);

} // namespace nabla::diff
