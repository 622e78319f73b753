// Fused loops: each iteration is reversed right after it ran (fusion.h says which loops can be).
#include "diff/adjoint_impl.h"

namespace nabla::diff {
using namespace ir;

/// What the generator knows about the stretch of reverse code that it is in. Values asked for outside the loop are computed
/// before it: the prelude is the mirror of all that encloses it.
struct AdjointBuilder::Stretch {
  std::unique_ptr<Plan> plan;
  std::map<ValueId, Ex> bound;
  std::map<const Region *, Mirror *> mirrors;
  std::map<Var, Place> known;
};

AdjointBuilder::Stretch AdjointBuilder::enter_fused(const Region *loop, Mirror &prelude) {
  Stretch outer{std::move(plan_), std::move(bound_), mirrors_, known_};
  bound_.clear();
  for (const Region *r : scopes_)
    mirrors_[r] = &prelude;
  fused_regions_.insert(loop);
  scopes_.push_back(loop);
  plan_ = make_plan();
  return outer;
}

void AdjointBuilder::leave_fused(Stretch outer) {
  scopes_.pop_back();
  plan_ = std::move(outer.plan);
  bound_ = std::move(outer.bound);
  mirrors_ = std::move(outer.mirrors);
  known_ = std::move(outer.known);
}

/// primal: for (...) B      adjoint: for (...) { B  B' }, which runs in the forward sweep
bool AdjointBuilder::reverse_fused(const Block &block, std::size_t at) {
  const Stmt &s = block[at];
  auto *loop = std::get_if<For>(&s.node);
  if (!loop || !options_.fusion || options_.split)
    return false;
  std::optional<std::set<Var>> sums = fusion_->sums(block, at);
  if (!sums)
    return false;
  const Region *region = values_->arm(s, true);
  Mirror prelude, m;
  Stretch outer = enter_fused(region, prelude);
  bool known = find_adjoints(block, at, *sums, prelude);
  if (known) {
    Block reversed = reverse(loop->body, region, &m);
    fused_[s.id] = {prelude.take(), std::move(reversed)};
    report_.fused.push_back(s.loc);
  } else
    fused_regions_.erase(region);
  leave_fused(std::move(outer));
  return known;
}

/// Adjoints of the block's variables that its fused loops add to are declared before those.
void AdjointBuilder::declare_early(const Block &block, const Region *region, Mirror &m) {
  std::set<Var> early;
  for_each_stmt(block, [&](const Stmt &s) {
    if (auto it = fused_.find(s.id); it != fused_.end())
      for_each_variable(it->second.reversed, [&](const Var &v) { early.insert(v); });
  });
  Block late;
  for (Stmt &s : m.adjoints) {
    bool is_early = early.count(std::get<Declare>(s.node).var);
    (!is_early ? late : region->kind == Region::Body ? top_ : at_start_[region]).push_back(std::move(s));
  }
  m.adjoints = std::move(late);
}

/// Names the adjoints of the sums before the loop, where what follows it tells them: s += ...; return s / n gives 1 / n.
bool AdjointBuilder::find_adjoints(const Block &block, std::size_t at, const std::set<Var> &sums,
                                   Mirror &prelude) {
  KnownAdjoints found;
  for (std::size_t i = block.size(); i-- > at + 1;)
    follow(block[i], block[at], found, prelude.statements);
  for (const Var &v : sums) {
    if (known_.count(v))
      continue; // of a loop further out
    auto it = found.find(v);
    if (it != found.end() && !it->second)
      return false;
  }
  for (const Var &v : sums) {
    if (known_.count(v))
      continue;
    auto it = found.find(v);
    Type type = v->type.with_const(false);
    Var bar = local(v->name + "_bar", type.with_const());
    bar->temporary = true;
    emit(prelude.statements, Declare{bar, it == found.end() ? zero(type) : *it->second, false, {}});
    known_[v] = Place{bar, {}};
  }
  return true;
}

/// Takes the adjoints of scalars from behind a statement to before it.
void AdjointBuilder::follow(const Stmt &s, const Stmt &loop, KnownAdjoints &adjoints, Block &out) {
  if (shadows_.added.count(s.id))
    return;
  if (auto *n = std::get_if<Return>(&s.node)) {
    bool real = n->value && n->value->type().is(Type::Real);
    if (real)
      flow_back(s, loop, *n->value, seed_ ? ir::read(Place{seed_, {}}) : constant(1, n->value->type()),
                adjoints, out);
  } else if (auto *n = std::get_if<Declare>(&s.node)) {
    if (n->init)
      follow_assignment(s, loop, Place{n->var, {}}, *n->init, false, adjoints, out);
  } else if (auto *n = std::get_if<Assign>(&s.node))
    follow_assignment(s, loop, n->to, n->value, false, adjoints, out);
  else if (auto *n = std::get_if<Add>(&s.node))
    follow_assignment(s, loop, n->to, n->value, true, adjoints, out);
  else {
    Flow f = fusion_->flow(s);
    for (const std::set<Var> *set : {&f.read, &f.written})
      for (const Var &v : *set)
        adjoints[v] = {};
  }
}

void AdjointBuilder::follow_assignment(const Stmt &s, const Stmt &loop, const Place &to, Ex value,
                                       bool is_add, KnownAdjoints &adjoints, Block &out) {
  if (!activity_->active(to))
    return;
  std::optional<Ex> seed;
  bool subtracted = false;
  if (auto update = is_add ? std::nullopt : self_update(to, value)) {
    is_add = true;
    value = update->first;
    subtracted = update->second;
  }
  if (to.path.empty() && values_->is_tracked(to.root)) {
    auto it = adjoints.find(to.root);
    if (known_.count(to.root))
      seed = ir::read(known_.at(to.root));
    else if (it == adjoints.end())
      return;
    else
      seed = it->second;
    if (!is_add)
      adjoints.erase(to.root);
  }
  if (seed && subtracted)
    seed = -*seed;
  flow_back(s, loop, value, seed, adjoints, out);
}

/// primal: e reads x     its adjoint, if known: x_bar += seed * de/dx
void AdjointBuilder::flow_back(const Stmt &s, const Stmt &loop, const Ex &e, std::optional<Ex> seed,
                               KnownAdjoints &adjoints, Block &out) {
  if (!activity_->active(e))
    return;
  if (auto *r = std::get_if<Read>(&e->node)) {
    const Var &v = r->place.root;
    if (!r->place.path.empty() || !values_->is_tracked(v))
      return;
    auto [it, first] = adjoints.emplace(v, seed);
    if (!first)
      it->second = it->second && seed ? std::optional(*it->second + *seed) : std::nullopt;
  } else if (auto *c = std::get_if<Cast>(&e->node))
    flow_back(s, loop, c->from, seed ? std::optional(cast(*seed, c->from.type())) : seed, adjoints, out);
  else if (auto *c = std::get_if<Select>(&e->node)) {
    flow_back(s, loop, c->yes, {}, adjoints, out);
    flow_back(s, loop, c->no, {}, adjoints, out);
  } else if (auto *a = std::get_if<Apply>(&e->node)) {
    if (seed)
      seed = name_seed(*seed, out);
    for (unsigned i = 0; i < a->args.size(); ++i)
      if (activity_->active(a->args[i]))
        flow_back(s, loop, a->args[i], seed ? early_seed(s, loop, e, i, *seed) : seed, adjoints, out);
  }
}

/// seed * partial, if that can be computed before the loop.
std::optional<Ex> AdjointBuilder::early_seed(const Stmt &s, const Stmt &loop, const Ex &e, unsigned which,
                                             const Ex &seed) {
  const Apply &n = std::get<Apply>(e->node);
  ReadSet reads = read_set(n.rule, which);
  std::vector<Ex> args;
  for (unsigned k = 0; k < n.args.size(); ++k) {
    std::optional<Ex> arg = argument_value(s, n.args[k], false);
    if (reads.arg(k))
      arg = early_value(values_->of(s, n.args[k]), loop);
    if (!arg)
      return {};
    args.push_back(*arg);
  }
  Ex result = argument_value(s, e, false);
  if (reads.r) {
    std::optional<Ex> early = early_value(values_->of(s, e), loop);
    if (!early)
      return {};
    result = *early;
  }
  Ex p = partial(n.rule, which, args, result);
  bool guard = !literal_value(p) && needs_guard(s, e, n, reads);
  return guard ? ir::guarded(seed, p) : times(seed, p);
}

/// The value, if what it is computed from was there before the loop.
std::optional<Ex> AdjointBuilder::early_value(ValueId v, const Stmt &loop) {
  const Value &x = (*values_)[v];
  if (x.lazy)
    return {};
  if (x.kind == Value::Constant || !x.at || x.at->id < loop.id)
    return x.home->encloses(values_->region(loop)) ? std::optional(value(v)) : std::nullopt;
  if (x.kind != Value::Operation || std::holds_alternative<Select>(x.shape->node))
    return {};
  std::vector<Ex> operands;
  for (ValueId o : x.operands) {
    std::optional<Ex> early = early_value(o, loop);
    if (!early)
      return {};
    operands.push_back(*early);
  }
  return operation(x, operands);
}

} // namespace nabla::diff
