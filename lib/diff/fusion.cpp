#include "diff/fusion.h"
#include "ir/build.h"
#include "ir/walk.h"
#include <algorithm>

namespace nabla::diff {
using namespace ir;
using analysis::Address;
using analysis::Alias;
using analysis::no_value;
using analysis::Region;
using analysis::Value;
using analysis::ValueId;

const char target_key = 0;

std::optional<std::pair<Ex, bool>> self_update(const Place &to, const Ex &value) {
  auto *a = std::get_if<Apply>(&value->node);
  if (!a || (a->rule != Rule::add && a->rule != Rule::sub))
    return {};
  auto is_target = [&](const Ex &e) {
    auto *r = std::get_if<Read>(&e->node);
    return r && same_place(r->place, to);
  };
  if (is_target(a->args[0]))
    return std::pair(a->args[1], a->rule == Rule::sub);
  if (a->rule == Rule::add && is_target(a->args[1]))
    return std::pair(a->args[0], false);
  return {};
}

// ---- What moves adjoints ------------------------------------------------------------------------------------------

void Fusion::active_reads(const Ex &e, const std::function<void(const Ex &)> &fn) const {
  if (!activity_.active(e))
    return;
  if (std::holds_alternative<Read>(e->node))
    fn(e);
  else if (auto *a = std::get_if<Apply>(&e->node))
    for (const Ex &arg : a->args)
      active_reads(arg, fn);
  else if (auto *c = std::get_if<Cast>(&e->node))
    active_reads(c->from, fn);
  else if (auto *c = std::get_if<Select>(&e->node)) {
    active_reads(c->yes, fn);
    active_reads(c->no, fn);
  }
}

void Fusion::add_reads(const Ex &e, Flow &f) const {
  active_reads(e, [&](const Ex &read) {
    const Place &p = std::get<Read>(read->node).place;
    if (tracked(p))
      f.read.insert(p.root);
    else
      for (Alias::Object o : alias_.objects(p))
        f.loaded.insert(o);
  });
}

void Fusion::add_assignment(const Place &to, const Ex &value, bool is_add, Flow &f) const {
  if (!to.type().contains_reals() || !activity_.active(to))
    return;
  Ex rest = value;
  if (!is_add)
    if (auto update = self_update(to, value)) {
      is_add = true;
      rest = update->first;
    }
  add_reads(rest, f);
  if (tracked(to)) {
    bool again = false;
    active_reads(rest, [&](const Ex &read) { again |= std::get<Read>(read->node).place.root == to.root; });
    (is_add && !again ? f.summed : f.written).insert(to.root);
    return;
  }
  for (Alias::Object o : alias_.objects(to)) {
    f.stored.insert(o);
    if (is_add)
      f.loaded.insert(o);
  }
}

void Fusion::add_call(const Call &c, Flow &f) const {
  bool plain = c.callee->kind == Callee::Passive && c.callee->is_nothrow_pure;
  if (plain && !c.result)
    return;
  f.fixed |= c.callee->kind != Callee::Passive;
  for (const Ex &a : c.args) {
    add_reads(a, f);
    for (Alias::Object o : alias_.reachable(alias_.points_to(a)))
      for (Alias::Objects *set : {&f.loaded, &f.stored})
        set->insert(o);
  }
  if (!c.result)
    return;
  if (tracked(*c.result))
    f.written.insert(c.result->root);
  else
    for (Alias::Object o : alias_.objects(*c.result))
      f.stored.insert(o);
}

void Fusion::add(const Stmt &s, Flow &f) const {
  if (shadows_.added.count(s.id))
    return;
  if (auto *n = std::get_if<Declare>(&s.node)) {
    if (n->init)
      add_assignment(Place{n->var, {}}, *n->init, false, f);
  } else if (auto *n = std::get_if<Assign>(&s.node))
    add_assignment(n->to, n->value, false, f);
  else if (auto *n = std::get_if<Add>(&s.node))
    add_assignment(n->to, n->value, true, f);
  else if (auto *n = std::get_if<Return>(&s.node); n && n->value)
    add_reads(*n->value, f);
  else if (auto *n = std::get_if<Call>(&s.node))
    add_call(*n, f);
  else if (std::holds_alternative<Allocate>(s.node) || std::holds_alternative<Free>(s.node))
    f.fixed = true;
}

Flow Fusion::flow(const Stmt &s) const {
  Flow f;
  add(s, f);
  for_each_block(s, [&](const Block &b) { for_each_stmt(b, [&](const Stmt &inner) { add(inner, f); }); });
  return f;
}

/// An exception leaves adjoints as they were: until the last throw, none is added to. A call that stays a call may throw.
unsigned Fusion::find_last_throw(const Function &f) {
  unsigned last = 0;
  for (const Stmt &top : f.body) {
    bool throws = false;
    unsigned number = 0;
    auto look = [&](const Stmt &s) {
      auto *o = std::get_if<Opaque>(&s.node);
      auto *c = std::get_if<Call>(&s.node);
      throws =
          throws || (c && !c->callee->is_nothrow_pure) ||
          (o && (o->pieces[0].rfind("throw ", 0) == 0 || o->pieces[0].rfind("nabla::out_of_range(", 0) == 0));
      number = std::max(number, s.id);
    };
    look(top);
    for_each_block(top, [&](const Block &b) { for_each_stmt(b, look); });
    if (throws)
      last = number;
  }
  return last;
}

// ---- Which loops ---------------------------------------------------------------------------------------------------

namespace {
template <class Set> void join(Set &to, const Set &from) { to.insert(from.begin(), from.end()); }
} // namespace

std::optional<std::set<Var>> Fusion::sums(const Block &block, std::size_t at) const {
  const Stmt &loop = block[at];
  const Region *body = values_.arm(loop, true);
  Flow inside = flow(loop), after;
  if (inside.fixed || loop.id < last_throw_)
    return {};
  for (std::size_t i = at + 1; i < block.size(); ++i) {
    if (std::holds_alternative<Free>(block[i].node))
      continue;
    Flow f = flow(block[i]);
    join(after.read, f.read), join(after.written, f.written), join(after.summed, f.summed);
    join(after.loaded, f.loaded), join(after.stored, f.stored);
  }
  auto is_local = [&](const Var &v) { return body->encloses(values_.declared_in(v)); };
  std::set<Var> sums;
  for (const Var &v : inside.written)
    if (!is_local(v))
      return {};
  for (const Var &v : inside.summed)
    if (!is_local(v))
      sums.insert(v);
  // What it only reads gets sums, whose order does not matter, unless what follows uses that adjoint up.
  for (const Var &v : inside.read)
    if (!is_local(v) && (sums.count(v) || after.written.count(v) || after.summed.count(v)))
      return {};
  Alias::Objects shared;
  for (Alias::Object o : inside.stored)
    if (!is_private(o, loop, after))
      return {};
  for (Alias::Object o : inside.loaded)
    if (!inside.stored.count(o))
      shared.insert(o);
  if (alias_.overlap(shared, after.stored) || alias_.overlap(shared, inside.stored))
    return {};
  return sums;
}

/// Does each iteration read only what it wrote into the object, and nobody else does? Then its adjoint is zero between them.
bool Fusion::is_private(Alias::Object o, const Stmt &loop, const Flow &after) const {
  const Alias::Info &info = alias_.info(o);
  if (info.kind == Alias::Info::Variable && values_.arm(loop, true)->encloses(values_.declared_in(info.var)))
    return true;
  bool own = info.kind == Alias::Info::Allocation ||
             (info.kind == Alias::Info::Variable && info.var->kind == Variable::Local);
  if (!own || alias_.overlap({o}, after.loaded) || alias_.overlap({o}, after.stored))
    return false;
  const Block &body = std::get<For>(loop.node).body;
  return filled_first(o, body) || refilled(o, body);
}

namespace {
/// for (i = 0; i < n; ++i)
bool counts_from_zero(const Stmt &s) {
  auto *loop = std::get_if<For>(&s.node);
  return loop && loop->step == 1 && (loop->cmp == For::LT || loop->cmp == For::NE) &&
         ir::is_zero(loop->first);
}
} // namespace

/// Are the same elements used throughout the block, [0, n) in loops over them, and is the first of these loops one that writes each?
bool Fusion::refilled(Alias::Object o, const Block &block) const {
  auto first = std::find_if(block.begin(), block.end(), [&](const Stmt &s) { return uses(o, s); });
  if (first == block.end() || !counts_from_zero(*first))
    return false;
  const Stmt &filling = *first;
  const Block &body = std::get<For>(filling.node).body;
  const Region *region = values_.arm(filling, true);
  const Address *base = nullptr;
  return each_use(o, block, [&](const Stmt &s, const Address &a, bool is_target) {
    if (a.steps.size() != 1 || a.steps[0].value == no_value)
      return false;
    const Value &at = values_[a.steps[0].value];
    if (at.kind != Value::LoopIndex || !counts_from_zero(*at.home->owner))
      return false;
    if (!base) {
      auto *write = std::get_if<Assign>(&s.node);
      bool directly = std::any_of(body.begin(), body.end(), [&](const Stmt &x) { return &x == &s; });
      base = &a;
      return is_target && write && directly && at.home == region && !self_update(write->to, write->value) &&
             !flow(s).loaded.count(o);
    }
    if (region->encloses(values_.region(s)) && at.home != region)
      return false;
    return a.root == base->root && a.pointer == base->pointer && a.steps[0].kind == base->steps[0].kind &&
           same_number(values_.bound(*at.home->owner), values_.bound(filling));
  });
}

bool Fusion::uses(Alias::Object o, const Stmt &s) const {
  Flow f = flow(s);
  return f.loaded.count(o) || f.stored.count(o);
}

/// Is the whole object written before the block uses it in any other way?
bool Fusion::filled_first(Alias::Object o, const Block &block) const {
  std::size_t first = 0;
  while (first < block.size() && !uses(o, block[first]))
    ++first;
  if (first == block.size())
    return true;
  const Stmt &s = block[first];
  if (fills(o, s))
    return true;
  for (std::size_t i = first + 1; i < block.size(); ++i)
    if (uses(o, block[i]))
      return false;
  bool filled = !std::holds_alternative<Declare>(s.node), is_compound = false;
  for_each_block(s, [&](const Block &b) {
    is_compound = true;
    filled = filled && filled_first(o, b);
  });
  return is_compound && filled;
}

/// for (i = 0; i < n; ++i) { ... a[i] = e; ... }, n the length of a, which occurs nowhere else in it
bool Fusion::fills(Alias::Object o, const Stmt &s) const {
  auto *loop = std::get_if<For>(&s.node);
  if (!loop)
    return false;
  const Stmt *writer = nullptr;
  for (const Stmt &inner : loop->body)
    if (uses(o, inner)) {
      if (writer)
        return false;
      writer = &inner;
    }
  auto *assign = writer ? std::get_if<Assign>(&writer->node) : nullptr;
  if (!assign || !assign->value.type().is(Type::Real) || self_update(assign->to, assign->value))
    return false;
  Flow f = flow(*writer);
  return f.stored == Alias::Objects{o} && !f.loaded.count(o) && shadows_.has(assign->to) &&
         spans(values_.address(*writer, &target_key), s);
}

// ---- In which order -----------------------------------------------------------------------------------------------

bool Fusion::independent(const Stmt &loop) const {
  const Region *body = values_.arm(loop, true);
  Flow inside = flow(loop);
  if (inside.fixed)
    return false;
  auto is_local = [&](const Var &v) { return body->encloses(values_.declared_in(v)); };
  for (const Var &v : inside.written)
    if (!is_local(v))
      return false;
  for (const Var &v : inside.read)
    if (!is_local(v) && inside.summed.count(v))
      return false;
  Alias::Objects others;
  for (Alias::Object o : inside.loaded)
    if (!inside.stored.count(o))
      others.insert(o);
  if (alias_.overlap(others, inside.stored))
    return false;
  for (Alias::Object o : inside.stored) {
    const Alias::Info &info = alias_.info(o);
    bool local = info.kind == Alias::Info::Variable && body->encloses(values_.declared_in(info.var));
    if (!local && !apart_by_index(o, loop))
      return false;
  }
  return true;
}

/// All through which adjoints of the object flow in the block, in its order; false as soon as fn is, or something is in the way.
bool Fusion::each_use(Alias::Object o, const Block &block, const Use &fn) const {
  bool all = true;
  auto consider = [&](const Stmt &s, const Place &p, const void *key) {
    Alias::Objects objects = alias_.objects(p);
    if (!all || tracked(p) || !objects.count(o))
      return;
    bool plain = objects.size() == 1 && shadows_.has(p) && p.type().is(Type::Real);
    all = plain && fn(s, values_.address(s, key), key == &target_key);
  };
  auto assignment = [&](const Stmt &s, const Place &to, const Ex &value) {
    if (!to.type().contains_reals() || !activity_.active(to))
      return;
    consider(s, to, &target_key);
    auto update = self_update(to, value);
    active_reads(update ? update->first : value,
                 [&](const Ex &e) { consider(s, std::get<Read>(e->node).place, shadow_key(e)); });
  };
  for_each_stmt(block, [&](const Stmt &s) {
    if (shadows_.added.count(s.id))
      return;
    if (auto *n = std::get_if<Declare>(&s.node)) {
      if (n->init)
        assignment(s, Place{n->var, {}}, *n->init);
    } else if (auto *n = std::get_if<Assign>(&s.node))
      assignment(s, n->to, n->value);
    else if (auto *n = std::get_if<Add>(&s.node))
      assignment(s, n->to, n->value);
    else if (auto *n = std::get_if<Call>(&s.node))
      all = all && n->callee->kind == Callee::Passive && n->callee->is_nothrow_pure;
  });
  return all;
}

/// Does each iteration use one element of the object, another than all other iterations?
bool Fusion::apart_by_index(Alias::Object o, const Stmt &loop) const {
  const Address *first = nullptr;
  return each_use(o, std::get<For>(loop.node).body, [&](const Stmt &, const Address &a, bool) {
    bool apart = first ? same_address(*first, a) : moves_with(a, loop);
    first = &a;
    return apart;
  });
}

bool Fusion::same_address(const Address &a, const Address &b) {
  if (a.root != b.root || a.pointer != b.pointer || a.steps.size() != b.steps.size())
    return false;
  for (std::size_t i = 0; i < a.steps.size(); ++i)
    if (a.steps[i].kind != b.steps[i].kind || a.steps[i].value != b.steps[i].value ||
        a.steps[i].field != b.steps[i].field)
      return false;
  return true;
}

/// One subscript is the loop's index, plus or minus what is constant in the loop; all else is constant.
bool Fusion::moves_with(const Address &a, const Stmt &loop) const {
  const Region *body = values_.arm(loop, true);
  auto constant = [&](ValueId v) { return !body->encloses(values_.level(v)); };
  if (a.pointer != no_value && !constant(a.pointer))
    return false;
  auto is_index = [&](ValueId v) { return values_[v].kind == Value::LoopIndex && values_[v].home == body; };
  auto moving = [&](ValueId v) {
    if (is_index(v))
      return true;
    auto *n = values_[v].kind == Value::Operation ? std::get_if<Native>(&values_[v].shape->node) : nullptr;
    if (!n || (n->op != "+" && n->op != "-") || values_[v].operands.size() != 2)
      return false;
    ValueId x = values_[v].operands[0], y = values_[v].operands[1];
    return (is_index(x) && constant(y)) || (is_index(y) && constant(x));
  };
  unsigned moves = 0;
  for (const Address::Step &s : a.steps)
    if (s.value != no_value && !constant(s.value)) {
      if (!moving(s.value))
        return false;
      ++moves;
    }
  return moves == 1;
}

bool Fusion::same_number(ValueId a, ValueId b) const {
  auto plain = [&](ValueId v) {
    while (values_[v].kind == Value::Operation && std::holds_alternative<Cast>(values_[v].shape->node) &&
           values_[v].type.is(Type::Int) && values_[values_[v].operands[0]].type.is(Type::Int))
      v = values_[v].operands[0];
    return v;
  };
  a = plain(a), b = plain(b);
  if (a == b)
    return true;
  auto *m = std::get_if<Const>(values_[a].shape ? &values_[a].shape->node : nullptr);
  auto *n = std::get_if<Const>(values_[b].shape ? &values_[b].shape->node : nullptr);
  return m && n && m->spelling == n->spelling;
}

/// Does the address, an adjoint's, run through the whole of an array while the loop's index runs?
bool Fusion::spans(const Address &a, const Stmt &s) const {
  const For &loop = std::get<For>(s.node);
  bool upwards = loop.step == 1 && (loop.cmp == For::LT || loop.cmp == For::NE) && ir::is_zero(loop.first);
  if (!upwards || a.steps.size() != 1 || a.steps[0].value == no_value)
    return false;
  const Value &at = values_[a.steps[0].value];
  if (at.kind != Value::LoopIndex || at.home != values_.arm(s, true))
    return false;
  auto whole_array = [&](const Type &t) {
    const Value &bound = values_[values_.bound(s)];
    auto *n = bound.kind == Value::Constant ? std::get_if<Const>(&bound.shape->node) : nullptr;
    return t.is(Type::Array) && t.element().is(Type::Real) && n && n->spelling == std::to_string(t.extent());
  };
  if (a.root)
    return a.steps[0].kind == Address::Step::Index && whole_array(a.root->type);
  const Value &base = values_[a.pointer];
  if (base.kind == Value::AddressOf) { // an array as a pointer
    auto &steps = base.address.steps;
    return base.address.root && whole_array(base.address.root->type) && steps.size() == 1 &&
           steps[0].kind == Address::Step::Index && values_[steps[0].value].kind == Value::Constant &&
           ir::is_zero(values_[steps[0].value].shape);
  }
  auto *made = base.kind == Value::Defined && base.at ? std::get_if<Allocate>(&base.at->node) : nullptr;
  return made && made->count && made->element.is(Type::Real) &&
         same_number(values_.of(*base.at, made->count), values_.bound(s));
}

} // namespace nabla::diff
