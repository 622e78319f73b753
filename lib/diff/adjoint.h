// The adjoint generator: executes a plan. In: the primal with its shadows. Out: one function that runs the primal
// forward, keeping what was planned, and then adds adjoints in reverse. It decides nothing.
//
//   primal:    y = a * x;
//   adjoint:   x_bar += a * y_bar;  y_bar = 0;
#pragma once
#include "diff/plan.h"
#include "diff/report.h"
#include "diff/shadow.h"

namespace nabla::diff {

struct AdjointOptions {
  std::string name;
  bool has_seed = false; ///< pullback: the result's adjoint is a parameter; gradient: it is 1
  bool split = false;    ///< two functions: forward takes shadows and the record, reverse consumes the record
  bool finite = false;   ///< no argument lies outside a domain, nor does what they lead to
  Nullable nullable;     ///< what callers may pass null shadows for, where it is not differentiated
  bool values = true, alias = true, activity = true, fusion = true, order = true, restricted = true,
       windows = true, cut = true, ranges = true, copies = true; ///< false: that analysis is switched off
  /// Does the user's rule for this function look at its parameter with that number?
  std::function<bool(const ir::Callee &, std::size_t)> rule_reads;
  std::function<bool(const ir::CalleeRef &)> leaves_domain; ///< see analysis::may_leave_domain
};

/// A call in active code that is not inlined: the pair of generated functions it is replaced by.
struct SplitCallee {
  ir::CalleeRef forward, reverse;
  std::vector<bool>
      wrt; ///< parameters that the pair takes a shadow (by pointer) or an adjoint (by value) for
  bool accepts_bare = false; ///< made for this call site: shadows that it may lack are null
  /// Instead of a pair: a pullback (args..., seed, adjoints of `wrt`...), called in the reverse sweep with the values that
  /// the first `state` arguments led to. The primal is called as it is, or `forward`, which takes the same arguments.
  ir::CalleeRef rule;
  std::size_t state = 0;
};
using SplitOf = std::function<SplitCallee(const ir::CalleeRef &, const CallSite &, const ir::Loc &)>;

struct Adjoint {
  ir::Function joined;           ///< unless split
  ir::Function forward, reverse; ///< if split
  std::vector<std::pair<ir::Loc, std::string>> remarks;
  Report report;
};

/// A derivative as users ask for it: 'f_grad', nabla::gradient<f>.
std::string called(const ir::Callee &derivative);

Adjoint make_adjoint(const ir::Function &primal, const std::vector<bool> &wrt, const AdjointOptions &options,
                     const SplitOf &split_of);

} // namespace nabla::diff
