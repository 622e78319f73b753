// The tangent generator (pushforward). In: a structured function. Out: one that computes the same, and beside every active
// value its derivative in one direction; what comes out is ordinary IR, so a tangent of an adjoint is second order.
//
//   primal:    y = a * x;
//   tangent:   y_dot = a_dot * x + a * x_dot;  y = a * x;
#pragma once
#include "diff/shadow.h"

namespace nabla::diff {

struct TangentOptions {
  std::string name;
  bool value_only =
      false;         ///< returns the primal's result, not nabla::dual<R>: hvp, whose results are the tangents
  Nullable nullable; ///< what callers may pass null tangents for, where it is not differentiated
  ir::Directions directions;
  bool takes_record = false;          ///< its last parameter: where memory that it makes for its caller lives
  bool alias = true, activity = true; ///< false: that analysis is switched off
};

/// A call that is not inlined: the function that computes its value and tangent.
struct TangentCallee {
  ir::CalleeRef function;
  std::vector<bool> wrt;     ///< parameters that it takes a tangent for
  bool accepts_null = true;  ///< a pointer's tangent may be null
  bool accepts_bare = false; ///< made for this call site: tangents that it may lack are null
  bool takes_record = false;
};
using TangentOf = std::function<TangentCallee(const ir::CalleeRef &, const CallSite &, const ir::Loc &)>;

ir::Function make_tangent(const ir::Function &primal, const std::vector<bool> &wrt,
                          const TangentOptions &options, const TangentOf &tangent_of);

/// What the tangent of a function with this result returns: nabla::dual<R>, or R itself where it holds no reals.
ir::Type tangent_result(const ir::Type &result, const TangentOptions &options);
/// A value and its tangent.
ir::Type dual_type(const ir::Type &value, const ir::Directions &directions);
/// The type of the tangent of a parameter or variable.
ir::Type tangent_type(const ir::Type &t, const ir::Directions &directions);

} // namespace nabla::diff
