#include "analysis/domain.h"
#include "ir/build.h"
#include "ir/print.h"
#include "ir/rules.h"
#include "ir/walk.h"
#include <algorithm>
#include <cctype>
#include <cmath>

namespace nabla::analysis {
using namespace ir;

Domain::Domain(const Function &f, const Alias &alias, const Values &values, bool entries, bool returned,
               LeavesDomain leaving)
    : function_(f), alias_(alias), values_(values), entries_(entries), leaving_(std::move(leaving)),
      signs_(values.count(), Positive), poisoned_(values.count(), false), spoilt_(alias.count(), false) {
  if (returned && !f.body.empty())
    if (auto *r = std::get_if<Return>(&f.body.back().node); r && r->value && r->value->type().is(Type::Real))
      result_ = values.of(f.body.back(), *r->value);
  find_signs();
  find_poison();
}

// ---- Signs: from the top down, so that an accumulator that starts positive and only grows stays positive --------

void Domain::find_signs() {
  for (bool changed = true; changed;) {
    changed = false;
    for (ValueId v = 0; v < values_.count(); ++v)
      if (Sign s = std::min(signs_[v], sign_of(v)); s != signs_[v]) {
        signs_[v] = s;
        changed = true;
      }
  }
}

Domain::Sign Domain::sign_of(ValueId id) const {
  const Value &v = values_[id];
  if (v.kind == Value::Constant && (v.type.is(Type::Real) || v.type.is(Type::Int))) {
    std::optional<long double> number = literal_value(v.shape);
    return !number || !(*number >= 0) ? Any : *number > 0 ? Positive : NonNegative;
  }
  if (v.kind == Value::Phi && v.initial != no_value && v.next != no_value)
    return std::min(signs_[v.initial], signs_[v.next]);
  if (v.kind != Value::Operation || !v.type.is(Type::Real))
    return Any;
  if (auto *n = std::get_if<Apply>(&v.shape->node))
    return sign_of_rule(n->rule, v.operands);
  if (std::holds_alternative<Cast>(v.shape->node)) {
    bool exact = values_[v.operands[0]].kind == Value::Constant; // a narrower real may round to zero
    return exact ? signs_[v.operands[0]] : std::min(signs_[v.operands[0]], NonNegative);
  }
  if (std::holds_alternative<Select>(v.shape->node))
    return std::min(signs_[v.operands[1]], signs_[v.operands[2]]);
  return Any;
}

/// Products and powers of small numbers may round to zero, so they are not called positive.
Domain::Sign Domain::sign_of_rule(Rule rule, const std::vector<ValueId> &args) const {
  auto sign = [&](unsigned i) { return signs_[args[i]]; };
  switch (rule) {
  case Rule::cosh:
    return Positive;
  case Rule::exp:
  case Rule::exp2:
  case Rule::erfc:
  case Rule::hypot:
  case Rule::hypot3:
    return NonNegative;
  case Rule::fabs:
  case Rule::sqrt:
    return std::max(sign(0), NonNegative);
  case Rule::add:
    return sign(0) == Any || sign(1) == Any ? Any : std::max(sign(0), sign(1));
  case Rule::mul:
    return args[0] == args[1] ? NonNegative : std::min({sign(0), sign(1), NonNegative});
  case Rule::div:
    return std::min({sign(0), sign(1), NonNegative});
  case Rule::pow:
    return std::min(sign(0), NonNegative);
  case Rule::log1p:
    return sign(0) == Any ? Any : NonNegative;
  case Rule::min:
  case Rule::fmin:
    return std::min(sign(0), sign(1));
  case Rule::max:
  case Rule::fmax:
    return std::max(sign(0), sign(1));
  case Rule::clamp:
    return sign(1);
  default:
    return Any;
  }
}

// ---- Domains ----------------------------------------------------------------------------------------------------

namespace {
/// Of a literal its value says so; of INFINITY, std::numeric_limits<double>::quiet_NaN() and the like their text.
bool is_finite(const Ex &constant) {
  if (std::optional<long double> number = literal_value(constant))
    return std::isfinite(*number);
  std::string text = ir::print(constant);
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text.find("inf") == text.npos && text.find("nan") == text.npos && text.find("huge") == text.npos;
}
bool is_whole(long double x) { return std::floor(x) == x; }

/// What is known of an argument.
struct Argument {
  bool is_positive, is_negative; ///< is_negative: it may be
  std::optional<long double> literal;
};

/// Can the rule's value be infinite or NaN for finite arguments?
bool may_leave(Rule rule, const std::function<Argument(unsigned)> &argument) {
  switch (rule) {
  case Rule::div:
  case Rule::fmod:
  case Rule::remainder:
    return !argument(1).is_positive && argument(1).literal.value_or(0) == 0;
  case Rule::pow: {
    long double power = argument(1).literal.value_or(-1);
    return power < 0 || (!is_whole(power) && argument(0).is_negative);
  }
  case Rule::sqrt:
  case Rule::log1p:
    return argument(0).is_negative;
  case Rule::log:
  case Rule::log2:
  case Rule::log10:
  case Rule::tgamma:
  case Rule::lgamma:
  case Rule::digamma:
  case Rule::trigamma:
  case Rule::polygamma:
    return !argument(0).is_positive;
  case Rule::asin:
  case Rule::acos:
  case Rule::acosh:
  case Rule::atanh:
    return true;
  default:
    return false;
  }
}
} // namespace

bool Domain::leaves(Rule rule, const std::vector<ValueId> &args) const {
  return may_leave(rule, [&](unsigned i) {
    const Value &v = values_[args[i]];
    return Argument{signs_[args[i]] == Positive, signs_[args[i]] == Any,
                    v.kind == Value::Constant ? literal_value(v.shape) : std::nullopt};
  });
}

bool may_leave_domain(const Function &f, const LeavesDomain &called) {
  bool found = false;
  for_each_stmt(f.body, [&](const Stmt &s) {
    if (auto *n = std::get_if<Call>(&s.node))
      found = found || (n->callee->kind != Callee::Passive && called(n->callee));
    for_each_expr(s, [&](const Ex &e) {
      for_each_subexpr(e, [&](const Ex &x) {
        if (auto *a = std::get_if<Apply>(&x->node))
          found = found || may_leave(a->rule, [&](unsigned i) {
                    return Argument{false, true, literal_value(a->args[i])};
                  });
        else if (x.type().is(Type::Real) && std::holds_alternative<Const>(x->node))
          found = found || !is_finite(x);
        else if (auto *n = std::get_if<Native>(&x->node); n && x.type().is(Type::Real))
          found = found || n->op.rfind("call ", 0) == 0;
      });
    });
  });
  return found;
}

bool Domain::singular(Rule rule, const std::vector<ValueId> &args) const {
  if (!info(rule).singular)
    return false;
  switch (rule) {
  case Rule::sqrt:
    return signs_[args[0]] != Positive;
  case Rule::pow: { // its partial is a power that is smaller by one
    const Value &power = values_[args[1]];
    long double p = power.kind == Value::Constant ? literal_value(power.shape).value_or(-1) : -1;
    return p < 1 || (!is_whole(p) && signs_[args[0]] == Any);
  }
  case Rule::cbrt:
  case Rule::hypot:
  case Rule::hypot3:
  case Rule::atan2:
  case Rule::guarded:
  case Rule::ratio:
    return true;
  default:
    return leaves(rule, args);
  }
}

// ---- Poison: from the bottom up, through values and through the objects that hold them --------------------------

bool Domain::any_spoilt(const Alias::Objects &objects) const {
  for (Alias::Object o : objects)
    if (spoilt_[o])
      return true;
  return false;
}

bool Domain::poison_of(ValueId id) const {
  const Value &v = values_[id];
  if (!v.type.contains_reals())
    return false;
  switch (v.kind) {
  case Value::Constant: { // INFINITY, or a name
    return !is_finite(v.shape);
  }
  case Value::Entry:
    return entries_;
  case Value::Load:
    return any_spoilt(v.address.objects);
  case Value::Phi:
    return (v.initial != no_value && poisoned_[v.initial]) || (v.next != no_value && poisoned_[v.next]);
  case Value::Defined: { // a call's result; a struct read whole
    auto *call = v.at ? std::get_if<Call>(&v.at->node) : nullptr;
    return call && spoils(*v.at, *call);
  }
  case Value::Operation:
    for (ValueId o : v.operands)
      if (poisoned_[o])
        return true;
    if (auto *n = std::get_if<Apply>(&v.shape->node))
      return leaves(n->rule, v.operands);
    return false;
  case Value::AddressOf:
  case Value::LoopIndex:
    return false;
  }
  return false;
}

namespace {
/// const double *; members of a class may be mutable
bool leads_to_constant_real(const Type &t) {
  return t.is(Type::Pointer) && t.element().is_const() && t.element().is(Type::Real);
}
} // namespace

/// May what the call returns or writes lie outside a domain?
bool Domain::spoils(const Stmt &s, const Call &n) const {
  return n.callee->kind != Callee::Passive && (leaving_(n.callee) || !has_finite_arguments(s, n));
}

bool Domain::has_finite_arguments(const Stmt &s, const Call &n) const {
  return std::none_of(n.args.begin(), n.args.end(), [&](const Ex &a) {
    if (a.type().is(Type::Real))
      return !values_.has(s, a) || poisoned_[values_.of(s, a)];
    if (!a.type().contains_reals())
      return a.type().holds_reals() && any_spoilt(alias_.reachable(alias_.points_to(a)));
    bool poison = false;
    for_each_read(a, [&](const Place &p) { poison |= any_spoilt(alias_.reachable(alias_.objects(p))); });
    return poison;
  });
}

bool Domain::spoil(const Alias::Objects &objects) {
  bool changed = false;
  for (Alias::Object o : objects)
    if (!spoilt_[o])
      changed = spoilt_[o] = true;
  return changed;
}

/// What a statement writes into memory.
bool Domain::spoil(const Stmt &s) {
  auto write = [&](const Place &to, const Ex &value) {
    if (!value.type().contains_reals() || (to.path.empty() && values_.is_tracked(to.root)))
      return false;
    bool poison = value.type().is(Type::Real) && values_.has(s, value) && poisoned_[values_.of(s, value)];
    if (!value.type().is(Type::Real)) // a struct, from wherever it is read
      for_each_read(value, [&](const Place &p) { poison |= any_spoilt(alias_.objects(p)); });
    return poison && spoil(alias_.objects(to));
  };
  if (auto *n = std::get_if<Declare>(&s.node))
    return n->init && write(Place{n->var, {}}, *n->init);
  if (auto *n = std::get_if<Assign>(&s.node))
    return write(n->to, n->value);
  if (auto *n = std::get_if<Add>(&s.node))
    return write(n->to, n->value);
  if (auto *n = std::get_if<Allocate>(&s.node); n && n->init) {
    Place first = n->to;
    first.path.push_back(Deref{});
    return write(first, *n->init);
  }
  auto *n = std::get_if<Call>(&s.node);
  if (!n || !spoils(s, *n))
    return false;
  bool changed = false;
  for (std::size_t i = 0; i < n->args.size(); ++i)
    if (const Ex &a = n->args[i];
        !a.type().contains_reals() && a.type().holds_reals() &&
        !(i < n->callee->params.size() && leads_to_constant_real(n->callee->params[i])))
      changed |= spoil(alias_.reachable(alias_.points_to(a)));
  if (n->result && n->result->type().contains_reals() &&
      !(n->result->path.empty() && values_.is_tracked(n->result->root)))
    changed |= spoil(alias_.objects(*n->result));
  return changed;
}

void Domain::find_poison() {
  if (entries_)
    for (const Var &p : function_.params)
      spoil(alias_.reachable({alias_.object_of(p)}));
  for (bool changed = true; changed;) {
    changed = false;
    for (ValueId v = 0; v < values_.count(); ++v)
      if (!poisoned_[v] && poison_of(v))
        changed = poisoned_[v] = true;
    for_each_stmt(function_.body, [&](const Stmt &s) { changed |= spoil(s); });
  }
}

// ---- Does a NaN always show in the result? ----------------------------------------------------------------------

bool Domain::poisons(ValueId v) const {
  if (!poisoned_[v])
    return false;
  if (result_ == no_value)
    return true;
  if (auto it = reaches_.find(v); it != reaches_.end())
    return !it->second;
  std::map<ValueId, bool> known;
  return !(reaches_[v] = carries(v, result_, known));
}

namespace {

/// Is the rule's value infinite or NaN whenever the argument is? exp(-inf), atan(inf) and 1 / inf are not.
bool is_strict(Rule rule, unsigned argument) {
  switch (rule) {
  case Rule::div:
  case Rule::fmod:
  case Rule::remainder:
    return argument == 0;
  case Rule::exp:
  case Rule::exp2:
  case Rule::expm1:
  case Rule::tanh:
  case Rule::atan:
  case Rule::atan2:
  case Rule::erf:
  case Rule::erfc:
  case Rule::pow:
  case Rule::hypot:
  case Rule::hypot3:
  case Rule::fmin:
  case Rule::fmax:
  case Rule::min:
  case Rule::max:
  case Rule::clamp:
  case Rule::fdim:
  case Rule::copysign:
  case Rule::sign:
  case Rule::guarded:
  case Rule::ratio:
    return false;
  default:
    return true;
  }
}

const unsigned longest_search = 2000; // values looked at for one question; beyond it counts as "no"

} // namespace

bool Domain::carries(ValueId x, ValueId y, std::map<ValueId, bool> &known) const {
  if (x == y)
    return true;
  if (y == no_value || known.size() > longest_search)
    return false;
  if (auto it = known.find(y); it != known.end())
    return it->second;
  known[y] = false;
  const Value &v = values_[y];
  bool yes = false;
  if (v.kind == Value::Phi)
    yes = carries_phi(x, y, known);
  else if (v.kind == Value::Operation && v.type.is(Type::Real)) {
    auto *rule = std::get_if<Apply>(&v.shape->node);
    if (rule || std::holds_alternative<Cast>(v.shape->node)) {
      for (unsigned i = 0; i < v.operands.size() && !yes; ++i)
        yes = values_[v.operands[i]].type.is(Type::Real) && (!rule || is_strict(rule->rule, i)) &&
              carries(x, v.operands[i], known);
    } else if (std::holds_alternative<Select>(v.shape->node))
      yes = carries(x, v.operands[1], known) && carries(x, v.operands[2], known);
  }
  return known[y] = yes;
}

bool Domain::hands_on(ValueId head) const {
  auto [it, fresh] = hands_on_.emplace(head, false);
  if (!fresh)
    return it->second;
  std::map<ValueId, bool> known;
  return hands_on_[head] = carries(head, values_[head].next, known);
}

bool Domain::carries_phi(ValueId x, ValueId y, std::map<ValueId, bool> &known) const {
  const Value &v = values_[y];
  if (v.initial == no_value || v.next == no_value || !v.at)
    return false;
  const Region *home = values_[x].home;
  if (std::holds_alternative<If>(v.at->node)) {
    bool in_yes = values_.arm(*v.at, true)->encloses(home), in_no = values_.arm(*v.at, false)->encloses(home);
    return (in_no || carries(x, v.initial, known)) && (in_yes || carries(x, v.next, known));
  }
  // After the loop, or at its head: each iteration must hand the NaN on to the next.
  const ValueId head = v.head ? y : v.initial;
  if (!hands_on(head))
    return false;
  bool inside = values_.arm(*v.at, true)->encloses(home);
  return carries(x, inside ? values_[head].next : values_[head].initial, known);
}

} // namespace nabla::analysis
