// Analysis `activity`: which objects carry derivatives. Varied: depends on what is differentiated; useful: reaches the
// result or an output. Active is both. Per object (alias.h), flow-insensitive; inactive statements cost nothing.
#pragma once
#include "analysis/alias.h"

namespace nabla::analysis {

class Activity {
public:
  /// wrt: per parameter, is it differentiated. `enabled` false (option no-activity): all that may be active is.
  Activity(const ir::Function &f, const Alias &alias, const std::vector<bool> &wrt, bool enabled);

  bool active(Alias::Object o) const { return varied_[o] && useful_[o]; }
  bool active(const Alias::Objects &os) const;
  /// The place holds an active real (or a struct or array with one).
  bool active(const ir::Place &p) const;
  bool active(const ir::Var &v) const { return active(alias_.object_of(v)); }
  /// The expression's value depends, through differentiable operations, on an active place.
  bool active(const ir::Ex &e) const;
  /// A call that must be differentiated: active values go in or come out.
  bool active(const ir::Call &c) const;
  /// Objects that the call may write through its arguments: not what a pointer to const leads to directly.
  Alias::Objects written_by(const ir::Call &c) const;

private:
  bool varied(const ir::Ex &e) const { return depends(e, varied_); }
  bool depends(const ir::Ex &e, const std::vector<bool> &flags) const;
  bool any(const Alias::Objects &os, const std::vector<bool> &flags) const;
  bool mark(const Alias::Objects &os, std::vector<bool> &flags);
  bool mark_reads(const ir::Ex &e);
  bool forward(const ir::Stmt &s);
  bool backward(const ir::Stmt &s);
  bool join(const ir::Place &p);
  void solve(const ir::Function &f);
  /// What the pointers among the arguments lead to; `written`: without what the callee can only read.
  Alias::Objects argument_objects(const ir::Call &c, bool written) const;
  bool can_vary(Alias::Object o) const;
  bool can_start(Alias::Object o) const;

  const Alias &alias_;
  std::vector<bool> varied_, useful_, active_;
};

} // namespace nabla::analysis
