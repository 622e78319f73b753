#include "diff/plan.h"
#include "ir/rules.h"
#include "ir/walk.h"

namespace nabla::diff {
using namespace ir;
using analysis::Address;
using analysis::no_value;
using analysis::Region;
using analysis::Value;
using analysis::ValueId;

namespace {
// Costs in additions. In a loop a stored value is one write and one read of memory; in the function's body it is a
// local, but a local that the reader must follow, so cheap expressions are written again.
const double reload_cost = 1, cheap = 3, limit_with_stored = 10, limit_without_stored = 15,
             limit_of_index = 45;
} // namespace

Plan::Plan(const analysis::Values &values, bool split, std::vector<const Region *> scopes,
           const std::set<ValueId> &asked, const Windows &windows)
    : values_(values), split_(split), asked_(asked), windows_(windows), scopes_(std::move(scopes)) {
  if (scopes_.size() == 1)
    hold_at_end_of_body();
  else
    hold_at_end_of_iteration();
}

void Plan::hold(const Var &v, ValueId id) {
  auto [it, fresh] = still_held_.emplace(id, v);
  if (!fresh && values_[id].name == v)
    it->second = v;
}

void Plan::hold_at_end_of_body() {
  auto consider = [&](const Var &v) {
    ValueId id = values_.final_value(v);
    if (id != no_value && values_.at_top(v))
      hold(v, id);
  };
  for (const Var &v : values_.function().params)
    consider(v);
  for (const Stmt &s : values_.function().body)
    if (auto *d = std::get_if<Declare>(&s.node))
      consider(d->var);
}

/// What was computed outside the loop is also asked for before it: then the variable must hold it all the time.
void Plan::hold_at_end_of_iteration() {
  const Region *scope = scopes_.back();
  const analysis::Values::Held &start = values_.at_start(scope);
  for (auto &[v, id] : values_.at_end(scope)) {
    if (!in_scope(v))
      continue;
    auto before = start.find(v);
    bool constant = before != start.end() && before->second == id;
    if (constant || scope->encloses(values_[id].home))
      hold(v, id);
  }
}

/// The innermost scope that the region lies in.
const Region *Plan::scope_of(const Region *home) const {
  for (std::size_t i = scopes_.size(); i-- > 1;)
    if (scopes_[i]->encloses(home))
      return scopes_[i];
  return scopes_[0];
}

bool Plan::in_scope(const Var &v) const { return values_.declared_in(v)->encloses(scopes_.back()); }

const Region *Plan::frame(ValueId v) const {
  const Region *frame = values_.level(v)->frame(), *scope = scope_of(values_[v].home);
  return frame->encloses(scope) ? scope : frame;
}

const Decision &Plan::decide(ValueId v) {
  if (auto it = decisions_.find(v); it != decisions_.end())
    return it->second;
  Decision d = weigh(v);
  return decisions_[v] = d;
}

Decision Plan::store(const char *reason) { return {Decision::Store, {}, 2, 1, reason}; }

Decision Plan::weigh(ValueId id) {
  const Value &v = values_[id];
  if (v.kind == Value::Constant || v.kind == Value::LoopIndex)
    return {Decision::Literal, {}, 0, 0, ""};
  if (auto it = still_held_.find(id); it != still_held_.end())
    return {Decision::StillThere, it->second, 0, 0, ""};
  switch (v.kind) {
  case Value::Operation:
    return weigh_operation(id);
  case Value::Load:
    return weigh_load(id);
  case Value::AddressOf:
    if (v.address.root && !in_scope(v.address.root))
      return store("the variable that it points to has gone out of scope");
    return weigh_address(v.address, Decision::Recompute, 0);
  case Value::Phi: {
    bool negative = false;
    ValueId step = v.head ? step_of(id, negative) : no_value;
    if (step == no_value)
      return store("it depends on the path that ran");
    const Decision &from = decide(v.initial), &by = decide(step);
    return {Decision::Induction, {}, from.cost + by.cost + 2, from.stored + by.stored, ""};
  }
  default:
    return store(v.kind == Value::Entry ? "the parameter is overwritten" : "nothing else computes it");
  }
}

/// An operand that must not be bound to a name of its own: it is evaluated on demand.
bool Plan::on_demand_only(ValueId v) { return values_[v].lazy; }

Decision Plan::weigh_operation(ValueId id) {
  const Value &v = values_[id];
  double cost = 1;
  if (auto *a = std::get_if<Apply>(&v.shape->node))
    cost = info(a->rule).cost;
  if (auto *n = std::get_if<Native>(&v.shape->node))
    cost = n->op.rfind("call ", 0) == 0 ? 10 : n->op == "/" || n->op == "%" ? 5 : 1;
  unsigned stored = 0;
  for (ValueId o : v.operands) {
    const Decision d = decide(o);
    if (on_demand_only(o) && d.keep == Decision::Store)
      return store("part of it is evaluated on demand"); // the whole was evaluated
    if (asked_.count(o))
      continue; // there anyway
    cost += d.cost;
    stored += d.stored;
  }
  if (v.lazy || v.type.is(Type::Opaque)) // an opaque value is part of an argument: it is never kept
    return {Decision::Recompute, {}, cost, stored, ""};
  bool in_loop = frame(id) != scope_of(v.home);
  double limit = in_loop ? (stored ? limit_with_stored : limit_without_stored) : cheap;
  if (v.type.is(Type::Pointer) || v.type.is_discrete())
    limit = limit_of_index;
  if (cost > limit || stored > 1)
    return store(stored > 1 ? "it is computed from values that would have to be stored"
                            : "it costs more to recompute");
  return {Decision::Recompute, {}, cost, stored, ""};
}

Decision Plan::weigh_load(ValueId id) {
  const Value &v = values_[id];
  const char *why = nullptr;
  if (split_ && values_.belongs_to_caller(id))
    why = "the caller may overwrite it";
  else if (!values_.still_in_memory(id, scope_of(v.home)) || (v.address.root && !in_scope(v.address.root)))
    why = "it is overwritten later";
  const Window *window = windows_.of(id);
  if (why)
    return window && window->loop != scope_of(v.home) ? Decision{Decision::Window, {}, reload_cost, 0, why}
                                                      : store(why);
  Decision d = weigh_address(v.address, Decision::Reload, reload_cost);
  return d.stored > 1 && !v.lazy ? store("its address would have to be stored") : d;
}

Decision Plan::weigh_address(const Address &a, Decision::Keep keep, double cost) {
  Decision d{keep, {}, cost, 0, ""};
  auto use = [&](ValueId v) {
    if (v == no_value)
      return;
    const Decision &part = decide(v);
    d.cost += part.cost;
    d.stored += part.stored;
  };
  use(a.pointer);
  for (const Address::Step &s : a.steps)
    use(s.value);
  return d;
}

ValueId Plan::step_of(ValueId phi, bool &negative) const {
  const Value &head = values_[phi];
  if (!head.type.is(Type::Int) && !head.type.is(Type::Pointer))
    return no_value;
  if (head.next == no_value || head.initial == no_value)
    return no_value;
  const Value &next = values_[head.next];
  auto *n = next.kind == Value::Operation ? std::get_if<Native>(&next.shape->node) : nullptr;
  if (!n || (n->op != "+" && n->op != "-") || next.operands.size() != 2 || next.type != head.type)
    return no_value;
  if (next.home != head.home || next.operands[0] != phi)
    return no_value;
  ValueId step = next.operands[1];
  const Region *level = values_.level(step);
  if (!level->encloses(head.home->parent) || !values_[step].type.is(Type::Int))
    return no_value;
  if (values_[step].kind != Value::Constant && !values_[step].home->encloses(head.home->parent))
    return no_value; // it is only computed inside the loop
  negative = n->op == "-";
  return step;
}

} // namespace nabla::diff
