// Pass `shadow`: where adjoints live. Pointers to active memory get shadow pointers that are computed alike, in the
// forward sweep; active memory gets shadow memory. All of it is ordinary IR, so the plan treats a shadow pointer that
// the reverse sweep needs like any other needed value.
//
//   primal:   const double *row = a + i * n;
//   shadow:   double *row_bar = a_bar + i * n;
#pragma once
#include "analysis/activity.h"
#include "ir/diagnostic.h"

namespace nabla::diff {

/// One parameter of the primal and its adjoint in the generated function.
struct AdjointParam {
  ir::Var primal, adjoint; ///< adjoint null: not differentiated
  ir::Var sum; ///< by value: a local that collects, added to *adjoint at the end; null: *adjoint directly
};

/// How shadows are named and typed. Reverse: `x_bar`, without const. Forward: `x_dot`, declared beside the primal.
struct ShadowStyle {
  bool forward = false;
  bool sure = false; ///< forward: the caller gives every tangent, none is null
  /// Forward: what a tangent of this real type is kept in; null: the same type.
  std::function<ir::Type(const ir::Type &real)> real;
  const char *suffix() const { return forward ? "_dot" : "_bar"; }
  /// The type of the shadow of a variable of type `t`.
  ir::Type type(const ir::Type &t) const;
};

/// A call that is not inlined: what is known of its arguments, by their number.
struct CallSite {
  std::vector<bool> active;
  std::vector<bool>
      bare; ///< what they lead to may have no shadow: where they are references, theirs are pointers
  bool overlap = false; ///< may two of the pointers lead to the same memory, one of them being written?
  bool guarded = false; ///< may they lie outside a domain, though the function computes nothing that does?
};

/// Callers that may pass null shadows.
struct Nullable {
  bool all = false;       ///< of every parameter that may_have_null_shadow
  std::vector<bool> bare; ///< of these parameters (CallSite::bare)
};

struct Shadows {
  ir::Function function; ///< the primal with shadow statements
  std::vector<AdjointParam> params;
  std::map<ir::Var, ir::Place> of; ///< primal variable -> its shadow
  std::set<ir::Var>
      reverse_only; ///< shadows (roots of `of`) declared by the reverse sweep, in the mirror of the scope
  std::set<ir::Var>
      reset; ///< primal variables whose shadow is hoisted: zeroed where the variable is declared
  std::set<unsigned> added; ///< ids of shadow statements
  ir::Var record;

  ShadowStyle style;
  std::set<ir::Var> bare; ///< parameters whose shadow may be null
  std::set<ir::Var> idle; ///< parameters that the function does not use: nothing is reached through them

  bool has(const ir::Place &p) const { return of.count(p.root) != 0; }
  /// Does all memory of this object surely have shadow memory?
  bool covers(analysis::Alias::Object o, const analysis::Alias &alias,
              const analysis::Activity &activity) const;
  /// Which of a call's arguments may lead to memory that has no shadow?
  std::vector<bool> bare_arguments(const ir::Call &n, const analysis::Alias &alias,
                                   const analysis::Activity &activity) const;
  /// Does a pointer to the object come from a record? What was put there may have had no shadow.
  static bool is_recorded(analysis::Alias::Object o, const analysis::Alias &alias);
  ir::Place place(const ir::Place &p) const;
};

/// Is the function, as the user wrote it, one of classes that the text holds in another form: containers as a pointer and
/// a size, owners as their members? Then the text calls one of its own, where nothing has a derivative too.
bool takes_our_classes(const ir::Callee &c);

/// `wrt` per parameter. Throws Refusal where active values would pass through memory that has no adjoint.
Shadows add_shadows(const ir::Function &f, const analysis::Alias &alias, const analysis::Activity &activity,
                    const std::vector<bool> &wrt, const Nullable &nullable = {}, ShadowStyle style = {});

/// `p_bar != nullptr`, a test whether there is an adjoint: the pointer.
std::optional<ir::Place> tested_shadow(const ir::Ex &cond);

/// A pointer whose shadow may be null in a promised pair: it leads to reals directly, not to further pointers.
bool may_have_null_shadow(const ir::Type &parameter);

/// Type of the adjoint parameter that belongs to a parameter of this type (API.md section 2); a reference's is a pointer
/// where it may be null.
ir::Type adjoint_param_type(const ir::Type &t, bool bare = false);
/// T & as T *
ir::Type as_pointer(const ir::Type &t);

} // namespace nabla::diff
