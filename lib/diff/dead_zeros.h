// Adjoints that a reverse sweep has handed on are set to zero, for what may still be added to them. Where nothing asks for
// them any more those statements fall away.
//
//   if (n == 0) {                                if (n == 0) {
//     x_bar += y_bar;                    ->        x_bar += y_bar;
//     y_bar = 0.0;                               }
//   }
#pragma once
#include "ir/ir.h"
#include <set>

namespace nabla::diff {

/// Of local reals that are adjoints. `fixed`: variables whose address is taken.
ir::Block without_dead_zeros(const ir::Block &block, const std::set<ir::Var> &fixed);

/// Of local memory, at the end of a function.
ir::Block without_dead_tail(const ir::Block &block);

} // namespace nabla::diff
