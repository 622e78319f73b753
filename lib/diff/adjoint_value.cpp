// Values in the reverse sweep: each is spelled, found still there, recomputed in the mirror of its home, or recalled.
#include "diff/adjoint_impl.h"
#include "diff/naming.h"
#include "ir/diagnostic.h"

namespace nabla::diff {
using namespace ir;

namespace {
bool is_trip_count(const Value &x) {
  return x.kind == Value::Defined && std::holds_alternative<While>(x.at->node);
}

/// What was kept as a pointer is a reference again.
Ex as_kept(const Ex &kept, const Type &type) {
  auto *r = type.is_reference() ? std::get_if<Read>(&kept->node) : nullptr;
  if (!r || kept.type().is_reference())
    return kept;
  Place there = r->place;
  there.path.push_back(Deref{});
  return make(AddressOf{there}, type);
}
} // namespace

Ex AdjointBuilder::value(ValueId v) {
  if (rebuilding_ == 0)
    collected_[scopes_.back()].insert(v);
  if (auto it = bound_.find(v); it != bound_.end())
    return it->second;
  const Value &x = (*values_)[v];
  const Decision &d = plan_->decide(v);
  switch (d.keep) {
  case Decision::Literal:
    return x.kind == Value::Constant ? x.shape : index_in_reverse(x.home);
  case Decision::StillThere:
    ++report_.still_there;
    return bound_[v] = ir::read(Place{d.var, {}});
  case Decision::Store:
    if (x.lazy)
      internal_error("a value that is evaluated on demand would have to be stored", x.at->loc);
    if (is_trip_count(x) && is_scope(x.home))
      return bound_[v] = forward_trip_counter(*x.at); // the counter itself is still there
    return bound_[v] = as_kept(recall(slot_of(v)), x.type);
  case Decision::Window:
    return bound_[v] = recall_through_window(v);
  case Decision::Induction:
    return bind(v, induction(v));
  case Decision::Recompute:
  case Decision::Reload:
    break;
  }
  ++rebuilding_;
  Ex e = rebuild(v);
  --rebuilding_;
  if (x.lazy)
    return e;
  report_.reread += d.keep == Decision::Reload;
  if (!wants_name(v, d))
    return bound_[v] = e;
  report_recomputed(v, d);
  return bind(v, e);
}

/// "costs 3 additions, from 1 stored value"
void AdjointBuilder::report_recomputed(ValueId v, const Decision &d) {
  if (d.keep != Decision::Recompute)
    return;
  const Value &x = (*values_)[v];
  std::string cost = std::to_string(d.cost);
  cost.erase(cost.find_last_not_of('0') + 1);
  if (cost.back() == '.')
    cost.pop_back();
  std::string reason = "costs " + cost + (d.cost == 1 ? " addition" : " additions");
  if (d.stored)
    reason += ", from " + std::to_string(d.stored) + (d.stored == 1 ? " stored value" : " stored values");
  report_.rows.push_back({x.at ? x.at->loc : nullptr, name_for(v), "recomputed", "", reason});
}

/// Index arithmetic is written out where it is used; what costs, or what the user named, gets a name.
bool AdjointBuilder::wants_name(ValueId v, const Decision &d) const {
  const Value &x = (*values_)[v];
  if (x.name)
    return true;
  if (x.kind == Value::AddressOf || x.type.is(Type::Opaque))
    return false;
  if (x.kind == Value::Load)
    return !x.type.is_handle(); // a name would be one more handle
  return x.type.is(Type::Real) ? d.cost > 1 : d.cost > 8;
}

/// Does the pointer lead to adjoints?
bool AdjointBuilder::is_shadow(ValueId v) const {
  const Value &x = (*values_)[v];
  if (!x.type.is(Type::Pointer))
    return false;
  if ((x.name && x.name->is_shadow) || (x.var && x.var->is_shadow))
    return true;
  if (x.kind == Value::Load || x.kind == Value::AddressOf)
    return x.address.root ? x.address.root->is_shadow : is_shadow(x.address.pointer);
  if (x.kind == Value::Operation)
    for (ValueId o : x.operands)
      if (is_shadow(o))
        return true;
  return false;
}

std::string AdjointBuilder::name_for(ValueId v) const {
  const Value &x = (*values_)[v];
  if (x.name)
    return x.name->name;
  if (x.var)
    return x.var->name;
  if (is_trip_count(x))
    return "trips";
  if (x.kind == Value::Load) {
    if (x.address.root)
      return x.address.root->name + "_was";
    const Value *p = &(*values_)[x.address.pointer];
    while (p->kind == Value::Operation && !p->name && !p->operands.empty())
      p = &(*values_)[p->operands[0]];
    Var base = p->name ? p->name : p->kind == Value::AddressOf ? p->address.root : p->var;
    return (base ? base->name : "value") + std::string("_was");
  }
  return x.shape ? name_of_operation(x.shape) : x.type.is(Type::Bool) ? "taken" : "t";
}

/// A const local in the mirror of the value's home: what follows there, and further inside, sees it.
Ex AdjointBuilder::bind(ValueId v, Ex e) {
  const Value &x = (*values_)[v];
  Var name = local(name_for(v), x.type.is_reference() ? x.type : x.type.with_const());
  name->temporary = !x.name;
  name->is_shadow = is_shadow(v);
  emit(mirror(x.home).values, Declare{name, e, false, {}});
  return bound_[v] = make(Read{Place{name, {}}}, x.type);
}

namespace {
bool is_literal(const Ex &e, const char *spelling) {
  auto *c = std::get_if<Const>(&e->node);
  return c && c->spelling == spelling;
}
} // namespace

Ex AdjointBuilder::rebuild(ValueId v) {
  const Value &x = (*values_)[v];
  if (const Address *copy = plan_->decide(v).copy)
    return ir::read(place_of(*copy));
  if (x.kind == Value::Load)
    return ir::read(place_of(x.address));
  if (x.kind == Value::AddressOf)
    return make(AddressOf{place_of(x.address)}, x.type);
  std::vector<Ex> args;
  for (ValueId o : x.operands)
    args.push_back(value(o));
  return operation(x, args);
}

Ex AdjointBuilder::operation(const Value &x, const std::vector<Ex> &args) {
  if (auto *n = std::get_if<Apply>(&x.shape->node))
    return make(Apply{n->rule, args}, x.type);
  if (auto *n = std::get_if<Native>(&x.shape->node)) {
    // A shadow that turns out to be null: `nullptr + 1` would not compile.
    if (x.type.is(Type::Pointer) && is_literal(args[0], "nullptr"))
      return null_pointer(x.type);
    if (n->op == "!=" && is_literal(args[0], "nullptr") && is_literal(args[1], "nullptr"))
      return literal_false();
    return make(Native{n->op, args}, x.type);
  }
  if (std::holds_alternative<Cast>(x.shape->node))
    return make(Cast{args[0]}, x.type);
  if (std::holds_alternative<Select>(x.shape->node))
    return is_literal(args[0], "false") ? args[2] : make(Select{args[0], args[1], args[2]}, x.type);
  internal_error("a value cannot be computed again", x.at ? x.at->loc : Loc{});
}

/// A fused loop is reversed inside itself.
Ex AdjointBuilder::index_in_reverse(const Region *loop) {
  return ir::read(fused_regions_.count(loop) ? std::get<For>(loop->owner->node).index : mirror(loop).index);
}

Ex AdjointBuilder::iteration(const Region *loop) {
  Ex index = index_in_reverse(loop);
  auto *n = std::get_if<For>(&loop->owner->node);
  if (!n)
    return index;
  Ex from_first = index - cast(value(values_->first(*loop->owner)), index.type());
  if (n->step == 1)
    return from_first;
  if (n->step == -1)
    return cast(value(values_->first(*loop->owner)), index.type()) - index;
  return from_first / constant(n->step, index.type());
}

/// primal: p = p0; loop { ... p = p + step; }     here: p0 + iteration * step
Ex AdjointBuilder::induction(ValueId v) {
  const Value &x = (*values_)[v];
  bool negative = false;
  ValueId step = plan_->step_of(v, negative);
  Ex from = value(x.initial), by = value(step), count = iteration(x.home);
  Type type = x.type.is(Type::Pointer) ? Type::integer("long") : x.type;
  Ex moved = is_one(by) ? cast(count, type) : cast(count, type) * cast(by, type);
  if (x.type.is(Type::Pointer))
    return native(negative ? "-" : "+", {from, moved}, x.type);
  return negative ? from - moved : from + moved;
}

// ---- Places -----------------------------------------------------------------------------------------------------

Place AdjointBuilder::offset_place(Place p, const Ex &offset, ValueId pointer) {
  if (offset.get() == nullptr || ir::is_zero(offset))
    return p;
  if (!p.path.empty()) {
    if (auto *i = std::get_if<Index>(&p.path.back())) {
      i->at = ir::is_zero(i->at) ? offset : i->at + cast(offset, i->at.type());
      return p;
    }
    if (auto *d = std::get_if<Deref>(&p.path.back());
        d && !(p.path.size() == 1 && p.root->type.is_reference())) {
      d->offset = d->offset && !ir::is_zero(d->offset) ? d->offset + cast(offset, d->offset.type()) : offset;
      return p;
    }
  }
  const Value &x = (*values_)[pointer];
  Type type = Type::pointer(x.type.element()); // a reference leads to one element
  Var name = temporary("p", type.with_const());
  name->is_shadow = is_shadow(pointer);
  emit(mirror(x.home).values, Declare{name, make(AddressOf{p}, type), false, {}});
  return Place{name, {Deref{offset}}};
}

/// The object that a pointer value leads to, `offset` elements further on.
Place AdjointBuilder::pointer_place(ValueId pointer, const Ex &offset) {
  const Value &x = (*values_)[pointer];
  const Decision &d = plan_->decide(pointer);
  bool unnamed = !x.name && !bound_.count(pointer) && d.keep == Decision::Recompute;
  if (unnamed && x.kind == Value::AddressOf)
    return offset_place(place_of(x.address), offset, pointer);
  auto *n = unnamed && x.kind == Value::Operation ? std::get_if<Native>(&x.shape->node) : nullptr;
  if (n && n->op == "+" && (*values_)[x.operands[0]].type.is(Type::Pointer)) {
    Ex by = value(x.operands[1]);
    return pointer_place(x.operands[0], offset ? by + cast(offset, by.type()) : by);
  }
  Ex e = value(pointer);
  auto *r = std::get_if<Read>(&e->node);
  if (r && r->place.path.empty()) {
    if (r->place.root->type.is_reference()) // elements beside the one that it is bound to
      return offset_place(Place{r->place.root, {Deref{}}}, offset, pointer);
    return Place{r->place.root, {Deref{offset}}};
  }
  Var name = temporary(name_for(pointer), x.type.with_const());
  name->is_shadow = is_shadow(pointer);
  emit(mirror(x.home).values, Declare{name, e, false, {}});
  bound_[pointer] = make(Read{Place{name, {}}}, x.type);
  if (x.type.is_reference())
    return offset_place(Place{name, {Deref{}}}, offset, pointer);
  return Place{name, {Deref{offset}}};
}

Place AdjointBuilder::place_of(const Address &a) {
  std::size_t next = 0;
  Place p{a.root, {}};
  if (!a.root) {
    Ex offset;
    if (!a.steps.empty() && a.steps[0].kind == Address::Step::Offset) {
      offset = value(a.steps[0].value);
      next = 1;
    }
    p = pointer_place(a.pointer, offset);
  }
  for (; next < a.steps.size(); ++next) {
    const Address::Step &s = a.steps[next];
    if (s.kind == Address::Step::Field)
      p.path.push_back(Field{s.field});
    else if (s.kind == Address::Step::Index)
      p.path.push_back(Index{value(s.value)});
    else
      internal_error("an offset inside an address");
  }
  return p;
}

} // namespace nabla::diff
