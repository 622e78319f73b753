// Pass `share`: a function of <cmath> that is asked twice for one value becomes a value with a name, and with one adjoint: its
// partial is computed once in the reverse sweep, as a person would.
//
//   a = std::sin(x) * y;              const double sin_x = std::sin(x);
//   b = std::sin(x) * z;       ->     a = sin_x * y;
//                                     b = sin_x * z;
#pragma once
#include "ir/ir.h"

namespace nabla::diff {

/// Nothing if no such function is asked twice where both run or neither does. `alias`: memory is followed through pointers.
std::optional<ir::Function> share_calls(const ir::Function &f, bool alias);

} // namespace nabla::diff
