// Pass `branches`: an adjoint that only a branch adds to is zero where the branch did not run, and so is all that is linear in
// it: the statements that pass it on move into the branch. Branches of one condition, side by side, become one.
//
//   if (c) y = g(x);                           if (c) {
//   double x_bar = 0;                            y = g(x);
//   if (c) x_bar += y_bar * dg;         ->       const double x_bar = y_bar * dg;
//   a_bar[i] += x_bar * b;                       a_bar[i] += x_bar * b;
//   b_bar[j] += x_bar * a;                       b_bar[j] += x_bar * a;
//                                              }
#pragma once
#include "ir/ir.h"

namespace nabla::diff {

/// For finished reverse sweeps. What is added is the same, but for zeroes. Nothing if there is no such branch.
std::optional<ir::Function> join_branches(const ir::Function &f);

} // namespace nabla::diff
