// Several directions at once: the tangent of a statement as a sum of tangents that it reads, each times one real. The reals are
// multiplied and added up first, once for all directions.
//
//   as the rules give it:   (u_dot[i] * d + (u_dot[i + 1] - u_dot[i]) * u) * 0.5
//   linear form:            u_dot[i] * ((d - u) * 0.5) + u_dot[i + 1] * (u * 0.5)
#pragma once
#include "ir/ir.h"
#include <set>

namespace nabla::diff {

ir::Ex linear_form(const ir::Ex &dot);

/// A sum that is linear in some variables, with each of their reads once.
///
///   d - d * (u - v) * 0.1 - d * 0.1     ->     d * (1.0 - 0.1 - (u - v) * 0.1)
ir::Ex with_common_factors(const ir::Ex &sum, const std::set<ir::Var> &linear);

} // namespace nabla::diff
