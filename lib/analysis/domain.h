// Analysis `domain`: which values may be infinite or NaN for finite arguments, because a rule was applied outside its
// domain (asin(2), log(-1), 1 / 0). Where such a value is not used in the end its adjoint is zero, and 0 * NaN must not
// reach a gradient: a partial that reads it is multiplied on by guarded(). Overflow is not looked for.
//
//   y = asin(x);  z = y * w;  return x < 1 ? z : w;      z_bar is 0 for x = 2:  w_bar += guarded(z_bar, y)
//   y = asin(x);  return y * w;                          y NaN makes the result NaN: no guard
#pragma once
#include "analysis/values.h"
#include <functional>

namespace nabla::analysis {

/// May a call of the function compute something outside a domain, whatever it is given?
using LeavesDomain = std::function<bool(const ir::CalleeRef &)>;
bool may_leave_domain(const ir::Function &f, const LeavesDomain &called);

class Domain {
public:
  /// `entries`: may what the parameters hold lie outside a domain already (a function that is called from generated
  /// code)? `returned`: the adjoint of the result is known not to be zero. `leaving`: see may_leave_domain.
  Domain(const ir::Function &f, const Alias &alias, const Values &values, bool entries, bool returned,
         LeavesDomain leaving);

  /// May the value be infinite or NaN without making the result so?
  bool poisons(ValueId v) const;
  /// Does none of the call's arguments lie outside a domain, nor lead to anything that does?
  bool has_finite_arguments(const ir::Stmt &s, const ir::Call &n) const;
  /// Can a partial of this application be infinite or NaN for finite arguments?
  bool singular(ir::Rule rule, const std::vector<ValueId> &args) const;

private:
  enum Sign : unsigned char { Any, NonNegative, Positive }; // ordered: each says more than the one before
  Sign sign_of(ValueId v) const;
  Sign sign_of_rule(ir::Rule rule, const std::vector<ValueId> &args) const;
  void find_signs();
  bool leaves(ir::Rule rule, const std::vector<ValueId> &args) const;
  bool poison_of(ValueId v) const;
  bool spoil(const ir::Stmt &s);
  bool spoils(const ir::Stmt &s, const ir::Call &n) const;
  bool spoil(const Alias::Objects &objects);
  void find_poison();
  /// If x is NaN in a run that computes it, is y?
  bool carries(ValueId x, ValueId y, std::map<ValueId, bool> &known) const;
  bool carries_phi(ValueId x, ValueId y, std::map<ValueId, bool> &known) const;
  /// Does what a variable holds at the top of a loop's body, if NaN, make it NaN after the iteration?
  bool hands_on(ValueId head) const;
  bool any_spoilt(const Alias::Objects &objects) const;

  const ir::Function &function_;
  const Alias &alias_;
  const Values &values_;
  bool entries_;
  LeavesDomain leaving_;
  ValueId result_ = no_value;
  std::vector<Sign> signs_;
  std::vector<bool> poisoned_, spoilt_; ///< per value; per object
  mutable std::map<ValueId, bool> reaches_, hands_on_;
};

} // namespace nabla::analysis
