// Partials that divide by the same number several times multiply by its reciprocal instead.
//
//   x_bar += d / r;  y_bar += 0.5 / r * d;     ->     const double inverse = 1 / r;  x_bar += d * inverse;  ...
#pragma once
#include "ir/ir.h"

namespace nabla::diff {

/// For statements of a reverse sweep, which no branch of the primal depends on: rounding changes, nothing else.
void share_reciprocals(ir::Block &statements);

} // namespace nabla::diff
