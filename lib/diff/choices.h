// Pass `choices`: a choice between reals in memory becomes an If, as import writes it: the adjoint stores what a branch
// computed, but not what a part of an expression did. Tangents have such choices where a partial is singular or masked.
//
//   y = c ? a[i] * b : 0.0     ->     double chosen; if (c) chosen = a[i] * b; else chosen = 0.0; y = chosen
#pragma once
#include "ir/ir.h"

namespace nabla::diff {

/// `all`: those between variables as well, which a pair of sweeps keeps on its record.
ir::Function spread_choices(const ir::Function &f, bool all);

} // namespace nabla::diff
