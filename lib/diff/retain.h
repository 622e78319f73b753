// Pass `retain`: memory that a rule reads again in the reverse sweep, but that the iteration or branch which allocates it
// also frees, lives in the record instead.
//
//   for (...) {                                 for (...) {
//     double *w = new double[n];                  double *w = record.allocate<double>(n);
//     ...                                  ->     ...
//     solve(w, n, b);    // own pullback          solve(w, n, b);
//     delete[] w;
//   }                                           }
//
// The same holds for memory that checkpointed loops use (checkpoint.h), which run again when their reverse sweeps begin.
#pragma once
#include "ir/ir.h"

namespace nabla::diff {

/// `reads(callee, i)`: does the rule of the callee read what its parameter i leads to? Before the shadows are made.
ir::Function retain_for_rules(const ir::Function &f, bool alias,
                              const std::function<bool(const ir::Callee &, std::size_t)> &reads);

} // namespace nabla::diff
