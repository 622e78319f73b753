// Adjoints of expressions: an adjoint flows from the result to what was read, through the partials of the rules.
#include "diff/adjoint_impl.h"
#include "ir/diagnostic.h"

namespace nabla::diff {
using namespace ir;

bool AdjointBuilder::is_simple(const Ex &e) const {
  if (std::holds_alternative<Const>(e->node))
    return true;
  if (auto *r = std::get_if<Read>(&e->node))
    return r->place.path.empty();
  auto *a = std::get_if<Apply>(&e->node);
  return a && a->rule == Rule::neg && is_simple(a->args[0]);
}

Ex AdjointBuilder::name_seed(const Ex &seed, Block &out) {
  if (is_simple(seed))
    return seed;
  Var d = temporary("d", seed.type().with_const());
  emit(out, Declare{d, seed, false, {}});
  return make(Read{Place{d, {}}}, seed.type());
}

bool AdjointBuilder::has_shadow(Alias::Object o) const { return shadows_.covers(o, *alias_, *activity_); }

/// The condition under which the place has an adjoint at all; nothing if it always has.
std::optional<Ex> AdjointBuilder::null_guard(const Place &primal, const Place &adjoint) const {
  bool sure = true;
  for (Alias::Object o : alias_->objects(primal))
    sure &= has_shadow(o);
  if (sure || adjoint.path.empty() || !std::holds_alternative<Deref>(adjoint.path[0]))
    return {};
  Ex pointer = make(Read{Place{adjoint.root, {}}}, adjoint.root->type.with_const(false));
  return native("!=", {pointer, null_pointer(pointer.type())}, Type::boolean());
}

Place AdjointBuilder::adjoint_of_read(const Stmt &s, const Ex &e) {
  const Place &p = std::get<Read>(e->node).place;
  if (p.path.empty() && values_->is_tracked(p.root))
    return shadows_.of.at(p.root);
  return place_of(values_->address(s, shadow_key(e)));
}

Place AdjointBuilder::adjoint_of_target(const Stmt &s, const Place &to) {
  if (to.path.empty() && values_->is_tracked(to.root)) {
    auto known = known_.find(to.root);
    return known != known_.end() ? known->second : shadows_.of.at(to.root);
  }
  return place_of(values_->address(s, &target_key));
}

/// primal: reads x     adjoint: x_bar += seed
void AdjointBuilder::contribute(const Stmt &s, const Ex &e, const Ex &seed, Block &out) {
  const Place &primal = std::get<Read>(e->node).place;
  if (!e.type().is(Type::Real))
    internal_error("an adjoint for what is no real", s.loc);
  if (!shadows_.has(primal))
    return; // memory without adjoint: what it shares a pointer set with is active, it is not
  Place adjoint = adjoint_of_read(s, e);
  Stmt add{Add{adjoint, seed}, {}, 0};
  if (auto guard = null_guard(primal, adjoint))
    emit(out, If{*guard, {add}, {}});
  else
    out.push_back(std::move(add));
}

void AdjointBuilder::propagate(const Stmt &s, const Ex &e, Ex seed, Block &out) {
  if (!activity_->active(e) || ir::is_zero(seed))
    return;
  match(
      e->node, [&](const Const &) {}, [&](const Read &) { contribute(s, e, seed, out); },
      [&](const AddressOf &) {}, [&](const Apply &n) { propagate_rule(s, e, n, seed, out); },
      [&](const Native &) {}, [&](const Cast &n) { propagate(s, n.from, cast(seed, n.from.type()), out); },
      [&](const Select &n) {
        seed = name_seed(seed, out);
        Block yes, no;
        propagate(s, n.yes, seed, yes);
        propagate(s, n.no, seed, no);
        Ex cond = value_of(s, n.cond);
        if (!yes.empty())
          emit(out, If{cond, std::move(yes), std::move(no)});
        else if (!no.empty())
          emit(out, If{native("!", {cond}, Type::boolean()), std::move(no), {}});
      });
}

Ex AdjointBuilder::argument_value(const Stmt &s, const Ex &arg, bool needed) {
  return needed ? value_of(s, arg) : constant(1, arg.type().is(Type::Real) ? arg.type() : Type::integer());
}

Ex times(const Ex &seed, const Ex &partial) {
  auto *a = std::get_if<Apply>(&partial->node);
  if (a && a->rule == Rule::div && is_one(a->args[0]))
    return seed / a->args[1];
  return seed * partial;
}

/// Must a zero adjoint be kept from a partial that is infinite or NaN? Either the partial itself may be so, or it reads
/// a value that was computed outside its domain and is not used in the end.
bool AdjointBuilder::needs_guard(const Stmt &s, const Ex &e, const Apply &n, const ReadSet &reads) const {
  std::vector<ValueId> args;
  for (const Ex &a : n.args)
    args.push_back(values_->of(s, a));
  if (domain_->singular(n.rule, args) || (reads.r && domain_->poisons(values_->of(s, e))))
    return true;
  for (unsigned k = 0; k < args.size(); ++k)
    if (reads.arg(k) && domain_->poisons(args[k]))
      return true;
  return false;
}

/// primal: r = x / y     adjoint: t = seed / y;  x_bar += t;  y_bar -= t * r
void AdjointBuilder::propagate_quotient(const Stmt &s, const Ex &e, const Apply &n, const Ex &seed,
                                        Block &out) {
  Ex y = value_of(s, n.args[1]), r = value_of(s, e);
  bool guard_x = needs_guard(s, e, n, read_set(n.rule, 0)),
       guard_y = needs_guard(s, e, n, read_set(n.rule, 1));
  Ex t = name_seed(guard_x ? ir::guarded(seed, 1 / y) : seed / y, out);
  propagate(s, n.args[0], t, out);
  propagate(s, n.args[1], -(guard_y ? ir::guarded(t, r) : t * r), out);
}

/// primal: r = rule(x, y)     adjoint: x_bar += seed * dr/dx;  y_bar += seed * dr/dy
void AdjointBuilder::propagate_rule(const Stmt &s, const Ex &e, const Apply &n, Ex seed, Block &out) {
  unsigned uses = 0;
  for (const Ex &a : n.args)
    uses += activity_->active(a);
  if (n.rule == Rule::mul && uses == 2 && values_->of(s, n.args[0]) == values_->of(s, n.args[1])) {
    Ex twice = 2 * value_of(s, n.args[0]); // x * x
    propagate(s, n.args[0],
              domain_->poisons(values_->of(s, n.args[0])) ? ir::guarded(seed, twice) : seed * twice, out);
    return;
  }
  if (n.rule == Rule::div && uses == 2 && !e.type().is_handle()) {
    propagate_quotient(s, e, n, seed, out);
    return;
  }
  if (uses > 1)
    seed = name_seed(seed, out);
  for (unsigned i = 0; i < n.args.size(); ++i) {
    if (!activity_->active(n.args[i]))
      continue;
    ReadSet reads = read_set(n.rule, i);
    std::vector<Ex> args;
    for (unsigned k = 0; k < n.args.size(); ++k) {
      bool literal = std::holds_alternative<Const>(n.args[k]->node);
      args.push_back(literal ? n.args[k] : argument_value(s, n.args[k], reads.arg(k)));
    }
    Ex result = argument_value(s, e, reads.r);
    Ex p = partial(n.rule, i, args, result);
    if (ir::is_zero(p))
      continue;
    bool guard = !literal_value(p) && needs_guard(s, e, n, reads);
    propagate(s, n.args[i], guard ? ir::guarded(seed, p) : times(seed, p), out);
  }
}

} // namespace nabla::diff
