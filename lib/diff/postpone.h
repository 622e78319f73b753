// Pass `postpone`: where a loop adds to sums what is linear in one value of the iteration, that value is summed instead,
// and the rest happens once, behind the loop. It is to the reverse sweep what taking a constant out of a loop is to the primal.
//
//   for (int c = 0; c < d; ++c) {                 double w_sum = 0.0;
//     const double t = out_bar[c] * v[c] / s;     for (int c = 0; c < d; ++c)
//     p_sum += t;                                   w_sum += out_bar[c] * v[c];
//     s_bar -= t * r;                       ->    if (0 < d) {
//   }                                               const double t = w_sum / s;
//                                                   p_sum += t;
//                                                   s_bar -= t * r;
//                                                 }
#pragma once
#include "ir/ir.h"

namespace nabla::diff {

/// For finished reverse sweeps, after `sums`. Additions change their order, and products of sums take the place of sums of
/// products. Nothing if there is no such loop.
std::optional<ir::Function> postpone_linear(const ir::Function &f);

} // namespace nabla::diff
