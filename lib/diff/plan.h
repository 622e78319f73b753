// The plan: for each value that the reverse sweep needs, is it still there, recomputed, or stored, and where.
// What is kept is chosen for all of them together, by a minimum cut (analysis/cut.h), once a first reverse sweep has found
// out what is asked for. The reverse sweep begins when the function's body has run, or, in a fused loop, when an iteration has.
// The adjoint generator only executes what is decided here.
#pragma once
#include "analysis/cut.h"
#include "diff/snapshot.h"

namespace nabla::diff {

struct Decision {
  enum Keep {
    Literal,    ///< a constant, or a loop's index: spelled where it is used
    StillThere, ///< `var` holds it when the reverse sweep begins
    Recompute,  ///< from its operands, in the mirror of its home
    Reload,     ///< from memory that nothing overwrote
    Induction,  ///< initial + iteration * step, a variable that moves evenly
    Window,     ///< from the copy of an array, see snapshot.h
    Store       ///< kept by the forward sweep in the slot of its frame
  } keep = Literal;
  ir::Var var;             ///< StillThere
  double cost = 0;         ///< of having it in the reverse sweep, in additions
  unsigned stored = 0;     ///< stored values that it is computed from
  const char *reason = ""; ///< Store: why, for remarks
  const analysis::Address *copy =
      nullptr; ///< Reload: where the program has put it; null for what it loads itself
};

class Plan {
public:
  /// split: callers run code of their own between the two sweeps. scopes: the function's body, then the bodies of the
  /// fused loops that the reverse code to be planned lies in, each directly in the one before.
  Plan(const analysis::Values &values, bool split, std::vector<const analysis::Region *> scopes,
       const Windows &windows);
  /// Where the program itself has put a value is used as well.
  void use_copies() { copies_ = true; }
  /// asked: values that the reverse sweep is known to ask for, whatever is decided. `cut`: what is cheapest for all of them
  /// together is decided now (analysis/cut.h), else value by value, to compute from what is asked for being cheap.
  void expect(const std::set<analysis::ValueId> &asked, bool cut);
  /// Decides about the value and all that it is computed from.
  const Decision &decide(analysis::ValueId v);
  /// Loop body (or function body) that owns the slot of a stored value: constant over any loop further inside.
  const analysis::Region *frame(analysis::ValueId v) const;
  /// The step of an evenly moving variable, per iteration of the loop whose head it is; no_value if it is none.
  analysis::ValueId step_of(analysis::ValueId phi, bool &negative) const;

private:
  /// How the reverse sweep can have a value that the forward sweep did not keep for it.
  struct Means {
    Decision::Keep keep = Decision::Store; ///< Store: it cannot
    double cost = 0;                       ///< in additions; of what it is computed from, apart
    std::vector<analysis::ValueId> from;
    ir::Var var;             ///< StillThere
    const char *reason = ""; ///< Store, Window: why
    const analysis::Address *copy = nullptr;
  };
  Means means(analysis::ValueId v) const;
  Means own_means(analysis::ValueId v) const;
  Means means_of_load(analysis::ValueId v) const;
  Means means_of_operation(analysis::ValueId v) const;
  Means means_of_address(const analysis::Address &a, Decision::Keep keep, double cost) const;
  Decision weigh(analysis::ValueId v, const Means &m);
  Decision weigh_operation(analysis::ValueId v, const Means &m);
  Decision weigh_sum(analysis::ValueId v, const Means &m);
  bool is_kept_in_loop(analysis::ValueId v) const;
  double price_of_keeping(analysis::ValueId v) const;
  double runs(const analysis::Region *r) const;
  static Decision store(const char *reason);
  void hold(const ir::Var &v, analysis::ValueId id);
  void hold_at_end_of_body();
  void hold_at_end_of_iteration();
  const analysis::Region *scope_of(const analysis::Region *home) const;
  bool in_scope(const ir::Var &v) const;

  const analysis::Values &values_;
  bool split_, copies_ = false;
  std::set<analysis::ValueId> asked_;
  const Windows &windows_;
  std::vector<const analysis::Region *> scopes_;
  std::map<analysis::ValueId, ir::Var> still_held_; ///< by a variable of the innermost scope's, at its end
  std::map<analysis::ValueId, Decision> decisions_;
  std::map<analysis::ValueId, analysis::Have> cheapest_; ///< what the cut says
};

} // namespace nabla::diff
