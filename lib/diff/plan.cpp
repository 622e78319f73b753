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
// The same for the cut. A bool takes little memory, but as many instructions. The text is read as well.
const double worth_a_copy = 2, price_of_slot = 12, cost_of_index = 0.25, worth_of_a_name = 1.5;
} // namespace

Plan::Plan(const analysis::Values &values, bool split, std::vector<const Region *> scopes,
           const Windows &windows)
    : values_(values), split_(split), windows_(windows), scopes_(std::move(scopes)) {
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
  Decision d = weigh(v, means(v));
  return decisions_[v] = d;
}

Decision Plan::store(const char *reason) { return {Decision::Store, {}, 2, 1, reason}; }

// ---- What is possible ----

Plan::Means Plan::means(ValueId id) const {
  Means m = own_means(id);
  bool is_computed = m.keep == Decision::Recompute || m.keep == Decision::Store || m.keep == Decision::Window;
  if (!copies_ || !is_computed || (m.keep != Decision::Store && m.cost <= worth_a_copy))
    return m;
  const Address *copy = values_.copy_in_memory(id, scope_of(values_[id].home));
  if (!copy || (split_ && values_.belongs_to_caller(*copy)) || (copy->root && !in_scope(copy->root)))
    return m;
  m = means_of_address(*copy, Decision::Reload, reload_cost);
  m.copy = copy;
  return m;
}

Plan::Means Plan::own_means(ValueId id) const {
  const Value &v = values_[id];
  if (v.kind == Value::Constant || v.kind == Value::LoopIndex)
    return {Decision::Literal, 0, {}, {}, ""};
  if (auto it = still_held_.find(id); it != still_held_.end())
    return {Decision::StillThere, 0, {}, it->second, ""};
  switch (v.kind) {
  case Value::Operation:
    return means_of_operation(id);
  case Value::Load:
    return means_of_load(id);
  case Value::AddressOf:
    if (v.address.root && !in_scope(v.address.root))
      return {Decision::Store, 0, {}, {}, "the variable that it points to has gone out of scope"};
    return means_of_address(v.address, Decision::Recompute, 0);
  case Value::Phi: {
    bool negative = false;
    ValueId step = v.head ? step_of(id, negative) : no_value;
    if (step == no_value)
      return {Decision::Store, 0, {}, {}, "it depends on the path that ran"};
    return {Decision::Induction, 2, {v.initial, step}, {}, ""};
  }
  default:
    return {Decision::Store,
            0,
            {},
            {},
            v.kind == Value::Entry ? "the parameter is overwritten" : "nothing else computes it"};
  }
}

Plan::Means Plan::means_of_operation(ValueId id) const {
  const Value &v = values_[id];
  double cost = 1;
  if (auto *a = std::get_if<Apply>(&v.shape->node))
    cost = info(a->rule).cost;
  if (auto *n = std::get_if<Native>(&v.shape->node))
    cost = n->op.rfind("call ", 0) == 0 ? 10 : n->op == "/" || n->op == "%" ? 5 : 1;
  return {Decision::Recompute, cost, v.operands, {}, ""};
}

Plan::Means Plan::means_of_load(ValueId id) const {
  const Value &v = values_[id];
  const char *why = nullptr;
  if (split_ && values_.belongs_to_caller(id))
    why = "the caller may overwrite it";
  else if (!values_.still_in_memory(id, scope_of(v.home)) || (v.address.root && !in_scope(v.address.root)))
    why = "it is overwritten later";
  if (!why)
    return means_of_address(v.address, Decision::Reload, reload_cost);
  const Window *window = windows_.of(id);
  bool copied = window && window->loop != scope_of(v.home);
  return {copied ? Decision::Window : Decision::Store, reload_cost, {}, {}, why};
}

Plan::Means Plan::means_of_address(const Address &a, Decision::Keep keep, double cost) const {
  Means m{keep, cost, {}, {}, ""};
  if (a.pointer != no_value)
    m.from.push_back(a.pointer);
  for (const Address::Step &s : a.steps)
    if (s.value != no_value)
      m.from.push_back(s.value);
  return m;
}

// ---- What is best ----

Decision Plan::weigh(ValueId id, const Means &m) {
  if (m.keep == Decision::Store)
    return store(m.reason);
  for (ValueId o : m.from)
    if (values_[o].lazy &&
        decide(o).keep == Decision::Store)               // no name of its own, so it is not kept by itself
      return store("part of it is evaluated on demand"); // the whole was evaluated
  if (auto it = cheapest_.find(id); it != cheapest_.end()) {
    if (it->second == analysis::Have::Keep)
      return store("it costs more to recompute");
    return weigh_sum(id, m);
  }
  if (m.keep == Decision::Recompute && values_[id].kind == Value::Operation)
    return weigh_operation(id, m);
  Decision d = weigh_sum(id, m);
  if (m.keep == Decision::Reload && d.stored > 1 && !values_[id].lazy)
    return store("its address would have to be stored");
  return d;
}

/// The cost of having it without a record: its own and that of what nobody else asks for.
Decision Plan::weigh_sum(ValueId id, const Means &m) {
  Decision d{m.keep, m.var, m.cost, 0, m.reason, m.copy};
  for (ValueId o : m.from) {
    if (values_[id].kind == Value::Operation && asked_.count(o))
      continue; // there anyway
    const Decision &part = decide(o);
    d.cost += part.cost;
    d.stored += part.stored;
  }
  return d;
}

/// Without a look at what else is asked for.
Decision Plan::weigh_operation(ValueId id, const Means &m) {
  const Value &v = values_[id];
  Decision d = weigh_sum(id, m);
  if (v.lazy || v.type.is(Type::Opaque)) // an opaque value is part of an argument: it is never kept
    return d;
  double limit = is_kept_in_loop(id) ? (d.stored ? limit_with_stored : limit_without_stored) : cheap;
  if (v.type.is(Type::Pointer) || v.type.is_discrete())
    limit = limit_of_index;
  if (d.cost > limit || d.stored > 1)
    return store(d.stored > 1 ? "it is computed from values that would have to be stored"
                              : "it costs more to recompute");
  return d;
}

/// A slot in the record: an element per iteration. Else it is a local.
bool Plan::is_kept_in_loop(ValueId v) const { return frame(v) != scope_of(values_[v].home); }

/// How often the region runs for one run of the scope, by rule of thumb.
double Plan::runs(const Region *r) const {
  double n = 1;
  for (const Region *scope = scope_of(r); r && r != scope; r = r->parent)
    n *= r->kind == Region::Loop ? 10 : 1;
  return n;
}

double Plan::price_of_keeping(ValueId id) const {
  const Value &v = values_[id];
  if (v.lazy || v.type.is(Type::Opaque))
    return analysis::never;
  double price = is_kept_in_loop(id) ? price_of_slot : cheap;
  if (v.name || v.var)
    price -= worth_of_a_name;
  return price * runs(values_.level(id)->frame());
}

void Plan::expect(const std::set<ValueId> &asked, bool cut) {
  asked_ = asked;
  if (!cut)
    return;
  std::map<ValueId, unsigned> number;
  std::vector<ValueId> all;
  auto numbered = [&](ValueId v) {
    auto [it, is_new] = number.emplace(v, all.size());
    if (is_new)
      all.push_back(v);
    return it->second;
  };
  for (ValueId v : asked)
    numbered(v);
  std::vector<analysis::Candidate> candidates;
  for (unsigned i = 0; i < all.size(); ++i) { // grows
    Means m = means(all[i]);
    analysis::Candidate c;
    c.asked = i < asked.size();
    c.keep = price_of_keeping(all[i]);
    if (m.keep != Decision::Store) {
      const Type &type = values_[all[i]].type;
      double cost = type.is(Type::Pointer) || type.is_discrete() ? m.cost * cost_of_index : m.cost;
      c.again = cost * runs(values_.level(all[i])->frame()); // what stays the same is hoisted again
      for (ValueId o : m.from)
        c.operands.push_back(numbered(o));
    }
    candidates.push_back(std::move(c));
  }
  std::vector<analysis::Have> have = analysis::cheapest(candidates);
  for (unsigned i = 0; i < all.size(); ++i)
    if (have[i] != analysis::Have::NotAsked)
      cheapest_[all[i]] = have[i];
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
