// Slots: where the forward sweep keeps what the plan stores, and the forward sweep that fills them.
#include "diff/adjoint_impl.h"
#include "diff/loops.h"
#include "diff/offset.h"
#include "ir/diagnostic.h"

namespace nabla::diff {
using namespace ir;

Slot *AdjointBuilder::new_slot(std::string name, Type type, const Region *home, const Region *frame,
                               long padding) {
  all_slots_.push_back(std::make_unique<Slot>());
  Slot *slot = all_slots_.back().get();
  slot->name = std::move(name);
  slot->type = type.with_const(false);
  slot->home = home;
  slot->frame = frame;
  slot->padding = padding;
  bool counted = !is_scope(frame) && std::holds_alternative<For>(frame->owner->node);
  if (counted) {
    array_for(*slot);
    return slot;
  }
  bool in_place = home == frame;
  slot->local = local(slot->name, in_place ? slot->type.with_const() : slot->type);
  if (!in_place)
    emit(frame->kind == Region::Body ? top_ : at_start_[frame], Declare{slot->local, {}, true, {}});
  if (is_scope(frame))
    return slot;
  // A stack: pushed when the iteration ends, popped when its mirror begins, so in opposite order.
  emit(at_end_[frame], Push{shadows_.record, ir::read(Place{slot->local, {}})});
  slot->popped = local(slot->name, slot->type);
  Block pop;
  emit(pop, Declare{slot->popped, {}, false, {}});
  emit(pop, Pop{shadows_.record, Place{slot->popped, {}}});
  Block &pops = mirror(frame).pops;
  pops.insert(pops.begin(), pop.begin(), pop.end());
  return slot;
}

Slot &AdjointBuilder::slot_of(ValueId v) {
  Slot *&slot = slots_[v];
  if (!slot) {
    slot = new_slot(name_for(v), as_pointer((*values_)[v].type), (*values_)[v].home, plan_->frame(v));
    slot->temporary = !(*values_)[v].name;
    slot->is_shadow = is_shadow(v);
    slot->reason = plan_->decide(v).reason;
    for (const Var &held : {slot->local, slot->popped, slot->array})
      if (held)
        held->is_shadow = slot->is_shadow;
  }
  return *slot;
}

/// May the inner loop's trip count be computed before the outer loop starts? Then one array serves both.
bool AdjointBuilder::can_size_outside(const Region *inner, const Region *outer) const {
  const For &n = std::get<For>(inner->owner->node);
  bool fixed = true;
  std::function<void(const Ex &)> check = [&](const Ex &e) {
    if (auto *r = std::get_if<Read>(&e->node)) {
      const Var &v = r->place.root;
      if (v->kind == Variable::Global && v->type.is_const() && r->place.path.empty())
        return;
      fixed = fixed && r->place.path.empty() && values_->is_tracked(v) &&
              values_->declared_in(v)->encloses(outer->parent) &&
              values_->level(values_->of(*inner->owner, e))->encloses(outer->parent);
    } else if (auto *a = std::get_if<Native>(&e->node)) {
      fixed = fixed && (a->op == "+" || a->op == "-" || a->op == "*");
      for (const Ex &arg : a->args)
        check(arg);
    } else if (auto *c = std::get_if<Cast>(&e->node))
      check(c->from);
    else
      fixed = fixed && std::holds_alternative<Const>(e->node);
  };
  check(n.first);
  check(n.bound);
  return fixed;
}

/// An array over the loops that the slot's value changes in, allocated before the outermost of them.
void AdjointBuilder::array_for(Slot &slot) {
  slot.loops = {slot.frame};
  for (;;) {
    const Region *outer = slot.loops.front()->parent->frame();
    if (is_scope(outer) || !std::holds_alternative<For>(outer->owner->node))
      break;
    bool can = true;
    for (const Region *inner : slot.loops)
      can &= can_size_outside(inner, outer);
    if (!can)
      break;
    slot.loops.insert(slot.loops.begin(), outer);
  }
  const Stmt &loop = *slot.loops.front()->owner;
  const Region *site = slot.loops.front()->parent;
  slot.array = local(slot.name + "_kept", Type::pointer(slot.type));
  Ex count;
  for (const Region *r : slot.loops) {
    Ex trips = row_length(slot, r, false);
    count = count ? cast(count, Type::integer("long")) * cast(trips, Type::integer("long")) : trips;
  }
  if (site->frame()->kind == Region::Loop && is_scope(site->frame())) {
    allocate_in_scope(slot, count);
    return;
  }
  Block &before = allocations_[loop.id];
  bool outlives = site == values_->body();
  if (outlives || site->frame()->kind == Region::Loop)
    emit(before, Declare{slot.array, {}, false, {}});
  else
    emit(top_, Declare{slot.array, {}, true, {}});
  emit(before, Allocate{Place{slot.array, {}}, slot.type, count, Allocate::Arena, false, {}});
  if (site->frame()->kind != Region::Loop)
    return;
  slot.array_slot = new_slot(slot.name + "_kept", slot.array->type, site, site->frame());
  Block kept = keep(*slot.array_slot, ir::read(Place{slot.array, {}}), loop.loc);
  before.insert(before.end(), kept.begin(), kept.end());
}

/// An array that serves each iteration of a fused loop in turn: allocated before the loop, or where its size is not known
/// then, in each iteration, on a record that ends with it.
void AdjointBuilder::allocate_in_scope(const Slot &slot, const Ex &count) {
  const Region *site = slot.loops.front()->parent, *scope = site->frame();
  unsigned before = slot.loops.front()->owner->id;
  auto sized_before = [&](const Region *loop) {
    for (const Region *inner : slot.loops)
      if (!can_size_outside(inner, loop))
        return false;
    return true;
  };
  const Region *outermost = nullptr;
  for (const Region *r = scope; r->kind == Region::Loop && is_scope(r) && sized_before(r);
       r = r->parent->frame())
    outermost = r;
  if (outermost)
    before = outermost->owner->id;
  else
    fused_record_.insert(scope->owner->id);
  if (outermost || site == scope)
    emit(allocations_[before], Declare{slot.array, {}, false, {}});
  else
    emit(at_start_[scope], Declare{slot.array, {}, true, {}});
  emit(allocations_[before], Allocate{Place{slot.array, {}}, slot.type, count, Allocate::Arena, false, {}});
}

/// Iterations of a counted loop; never negative.
Ex AdjointBuilder::trip_count(const Stmt &loop, bool in_reverse) {
  const For &n = std::get<For>(loop.node);
  Ex first = in_reverse ? value(values_->first(loop)) : n.first;
  Ex bound = in_reverse ? value(values_->bound(loop)) : n.bound;
  return diff::trip_count(n, first, bound);
}

/// Elements that one run of the loop takes in the slot's array.
Ex AdjointBuilder::row_length(const Slot &slot, const Region *loop, bool in_reverse) {
  Ex trips = trip_count(*loop->owner, in_reverse);
  if (slot.padding == 0 || loop != slot.frame)
    return trips;
  Type wide = Type::integer("long");
  return cast(trips, wide) + integer(slot.padding, wide);
}

Ex AdjointBuilder::slot_index(const Slot &slot, bool in_reverse, long offset) {
  Ex index;
  for (const Region *r : slot.loops) {
    const For &n = std::get<For>(r->owner->node);
    Ex i = in_reverse ? index_in_reverse(r) : ir::read(n.index), at;
    auto first = plain_integer(n.first);
    long by = r == slot.frame ? offset : 0;
    if (n.step == 1 && first)
      at = moved(i, by - *first);
    else if (in_reverse)
      at = moved(iteration(r), by);
    else
      at = moved(n.step == 1    ? i - cast(n.first, i.type())
                 : n.step == -1 ? cast(n.first, i.type()) - i
                                : (i - cast(n.first, i.type())) / constant(n.step, i.type()),
                 by);
    if (index.get() == nullptr) {
      index = at;
      continue;
    }
    Type wide = Type::integer("long");
    index = cast(index, wide) * cast(row_length(slot, r, in_reverse), wide) + cast(at, wide);
  }
  return index;
}

/// There are no arrays of references.
static Ex pointer_of(const Ex &reference) {
  const Type type = as_pointer(reference.type());
  if (std::holds_alternative<AddressOf>(reference->node))
    return make(reference->node, type);
  Place there = std::get<Read>(reference->node).place;
  there.path.push_back(Deref{});
  return make(AddressOf{there}, type);
}

/// Statements that keep the value in the slot, at a point in the slot's home.
Block AdjointBuilder::keep(Slot &slot, const Ex &value, const Loc &) {
  Block out;
  const Ex source = value.type().is_reference() ? pointer_of(value) : value;
  if (slot.array)
    emit(out, Assign{Place{slot.array, {Deref{slot_index(slot, false)}}}, source});
  else if (slot.home == slot.frame)
    emit(out, Declare{slot.local, source, false, {}});
  else
    emit(out, Assign{Place{slot.local, {}}, source});
  return out;
}

Ex AdjointBuilder::recall(Slot &slot) {
  if (slot.popped)
    return ir::read(Place{slot.popped, {}});
  if (!slot.array)
    return ir::read(Place{slot.local, {}});
  return recall_element(slot, slot.home, slot_index(slot, true));
}

Ex AdjointBuilder::recall_element(Slot &slot, const Region *home, const Ex &index) {
  Var array = slot.array;
  if (slot.array_slot) {
    if (slot.padding == 0 || !slot.recalled)
      slot.recalled = std::get<Read>(recall(*slot.array_slot)->node).place.root;
    array = slot.recalled;
  }
  Var name = local(slot.name, slot.type.with_const());
  name->temporary = slot.temporary;
  name->is_shadow = slot.is_shadow;
  emit(mirror(home).values, Declare{name, ir::read(Place{array, {Deref{index}}}), false, {}});
  return ir::read(Place{name, {}});
}

// ---- The forward sweep --------------------------------------------------------------------------------------------

void AdjointBuilder::plan_stores() {
  for (auto &[v, slot] : slots_) // operands before what is computed from them
    if (slot)
      plan_store(v);
}

long AdjointBuilder::bytes_of(const Type &type) {
  static const std::map<std::string, int> sizes{{"bool", 1},        {"char", 1},  {"short", 2},
                                                {"int", 4},         {"float", 4}, {"unsigned int", 4},
                                                {"long double", 16}};
  auto known = sizes.find(type.spelling());
  return known == sizes.end() ? 8 : known->second;
}

/// "8 * count * (n - 1)"
std::string AdjointBuilder::bytes_formula(const Slot &slot) {
  std::string bytes = std::to_string(bytes_of(slot.type));
  for (const Region *r : slot.loops)
    bytes += " * " + trips_formula(std::get<For>(r->owner->node), r == slot.frame ? slot.padding : 0);
  if (slot.array_slot)
    bytes += " each time";
  else if (slot.popped)
    bytes += " per iteration";
  return bytes;
}

/// "stored 'cell' (8 bytes per iteration, array over 2 loops): it is overwritten later"
void AdjointBuilder::remark_store(ValueId id, const Slot &slot) {
  const Value &v = (*values_)[id];
  report_.rows.push_back({v.at ? v.at->loc : nullptr, slot.name, "stored", bytes_formula(slot), slot.reason});
  if (!v.at || !v.at->loc)
    return;
  std::string where = "once, in a local";
  if (slot.array)
    where = "per iteration, array over " + std::to_string(slot.loops.size()) +
            (slot.loops.size() == 1 ? " loop" : " loops");
  else if (slot.popped)
    where = "per iteration, on the record's stack";
  remarks_.push_back({v.at->loc, "stored '" + slot.name + "' (" + std::to_string(bytes_of(slot.type)) +
                                     " bytes " + where + "): " + slot.reason});
}

void AdjointBuilder::plan_store(ValueId id) {
  const Value &v = (*values_)[id];
  Slot &slot = *slots_[id];
  remark_store(id, slot);
  auto insert = [&](Block &at, const Ex &source) {
    Block kept = keep(slot, source, {});
    at.insert(at.end(), kept.begin(), kept.end());
  };
  switch (v.kind) {
  case Value::Entry:
    return insert(at_start_[values_->body()], ir::read(Place{v.var, {}}));
  case Value::Phi:
    return insert(v.head ? at_start_[v.home] : after_[v.at->id], ir::read(Place{v.var, {}}));
  case Value::Defined:
    return insert(after_[v.at->id], v.var ? ir::read(Place{v.var, {}}) : forward_trip_counter(*v.at));
  case Value::Constant:
  case Value::LoopIndex:
    internal_error("a literal would be stored");
  case Value::Operation:
  case Value::Load:
  case Value::AddressOf:
    break;
  }
  bool is_read_before = std::any_of(fused_regions_.begin(), fused_regions_.end(), [&](const Region *loop) {
    return v.named_at && v.at && loop->owner->id > v.at->id && loop->owner->id < v.named_at->id;
  });
  if (v.name && v.named_at && values_->region(*v.named_at) == v.home && !is_read_before)
    return insert(after_[v.named_at->id], ir::read(Place{v.name, {}}));
  bool in_header = std::holds_alternative<While>(v.at->node);
  Block &at = in_header ? at_start_[values_->arm(*v.at, true)] : before_[v.at->id];
  Ex source = v.shape;
  if (!in_header)
    source = std::get<Declare>(
                 forward_statement({Declare{local("", v.type), v.shape, false, {}}, {}, v.at->id}).node)
                 .init.value();
  if (slot.local && slot.home == slot.frame) {
    insert(at, source);
    temporaries_[id] = slot.local;
    return;
  }
  Var t = local(name_for(id), v.type.with_const());
  emit(at, Declare{t, source, false, {}}, {});
  insert(at, ir::read(Place{t, {}}));
  if (!in_header)
    temporaries_[id] = t;
}

/// The statement with the subexpressions that have been computed into names replaced by those.
Stmt AdjointBuilder::forward_statement(const Stmt &s) {
  if (temporaries_.empty() || std::holds_alternative<While>(s.node))
    return s;
  Stmt bare = with_blocks(s, [](const Block &) { return Block{}; });
  return rewrite_exprs(bare, [&](const Ex &e) -> std::optional<Ex> {
    if (!values_->has(s, e))
      return {};
    auto it = temporaries_.find(values_->of(s, e));
    if (it == temporaries_.end())
      return {};
    return make(Read{Place{it->second, {}}}, e.type());
  });
}

Ex AdjointBuilder::forward_trip_counter(const Stmt &loop) {
  Var &counter = counters_[loop.id];
  if (!counter) {
    Type type = Type::integer("long");
    counter = local("trips", type);
    emit(allocations_[loop.id], Declare{counter, integer(0, type), false, {}});
    Ex more = native("+", {ir::read(counter), integer(1, type)}, type);
    emit(at_end_[values_->arm(loop, true)], Assign{Place{counter, {}}, more});
  }
  return ir::read(counter);
}

/// A counted loop's body; a fused loop's is followed by its adjoint.
Block AdjointBuilder::forward_counted(const Stmt &s, const For &loop, Block &before) {
  Block body = forward(loop.body, values_->arm(s, true));
  auto fused = fused_.find(s.id);
  if (fused == fused_.end())
    return body;
  auto append = [](Block &to, const Block &b) { to.insert(to.end(), b.begin(), b.end()); };
  append(before, fused->second.before);
  append(body, fused->second.reversed);
  if (fused_record_.count(s.id))
    body.insert(body.begin(), {Declare{local("record", shadows_.record->type), {}, false, {}}, {}, 0});
  return body;
}

Block AdjointBuilder::forward(const Block &block, const Region *region) {
  Block out = at_start_[region];
  auto append = [&](const Block &b) { out.insert(out.end(), b.begin(), b.end()); };
  for (const Stmt &s : block) {
    append(allocations_[s.id]);
    append(before_[s.id]);
    if (auto *d = std::get_if<Declare>(&s.node); d && d->var->kind == Variable::StaticConst) {
      top_.push_back(s);
      continue;
    }
    if (std::holds_alternative<Free>(s.node) && region == values_->body()) {
      put_off(s, out);
      continue;
    }
    if (auto *r = std::get_if<Return>(&s.node)) {
      keep_result(s, *r, out);
      continue;
    }
    Stmt copy = forward_statement(s);
    if (auto *call = std::get_if<Call>(&copy.node); call && call->callee->kind != Callee::Passive)
      copy = forward_call(copy, *call);
    if (auto *branch = std::get_if<If>(&s.node))
      copy.node = If{std::get<If>(copy.node).cond, forward(branch->yes, values_->arm(s, true)),
                     forward(branch->no, values_->arm(s, false))};
    else if (auto *loop = std::get_if<For>(&s.node))
      std::get<For>(copy.node).body = forward_counted(s, *loop, out);
    else if (auto *general = std::get_if<While>(&s.node))
      std::get<While>(copy.node).body = forward(general->body, values_->arm(s, true));
    out.push_back(std::move(copy));
    append(after_[s.id]);
  }
  append(at_end_[region]);
  return out;
}

} // namespace nabla::diff
