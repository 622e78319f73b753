// Pass `widen`: several reverse sweeps in one. In: a pullback, or one function of a pair. Out: the same with adjoints and seeds in
// lanes. What is primal is computed once; a pullback is linear in its seeds, so every lane sees the same factors.
//
//   narrow:   x_bar += a * y_bar;               double x_bar, y_bar
//   wide:     x_bar += a * y_bar;               nabla::lanes<double, 4> x_bar, y_bar
#pragma once
#include "ir/ir.h"

namespace nabla::diff {

/// The wide form of what a call calls. `one_by_one`: null will do, and then it is called once per lane.
using WideCallee = std::function<ir::CalleeRef(const ir::CalleeRef &, const std::vector<bool> &wide,
                                               bool one_by_one, const ir::Loc &)>;

/// `wide`: which parameters are adjoints or seeds. Throws Refusal for what has no lanes.
ir::Function widen(const ir::Function &narrow, const std::vector<bool> &wide,
                   const ir::Directions &directions, const WideCallee &wide_callee);

} // namespace nabla::diff
