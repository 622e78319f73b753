// The whole adjoint: analyses, reverse sweep (which says what is needed), forward sweep (which keeps it), assembly.
#include "diff/adjoint.h"
#include "diff/adjoint_impl.h"
#include "ir/diagnostic.h"

namespace nabla::diff {
using namespace ir;

AdjointBuilder::AdjointBuilder(const Function &primal, const std::vector<bool> &wrt,
                               const AdjointOptions &options, const SplitOf &split_of)
    : wrt_(wrt), options_(options), split_of_(split_of) {
  Alias alias(primal, options.alias);
  analysis::Activity activity(primal, alias, wrt, options.activity);
  shadows_ = add_shadows(primal, alias, activity, wrt, options.nullable);
  for (const AdjointParam &p : shadows_.params)
    if (p.adjoint)
      shadows_.function.params.push_back(p.adjoint);
  alias_ = std::make_unique<Alias>(shadows_.function, options.alias);
  activity_ = std::make_unique<analysis::Activity>(shadows_.function, *alias_, wrt, options.activity);
  if (options.has_seed && (options.split ? primal.result.contains_reals() : !primal.result.is(Type::Void))) {
    seed_ = local("seed", primal.result.without_const());
    seed_->kind = Variable::Param;
    seed_->is_shadow = true;
  }
  values_ = std::make_unique<analysis::Values>(
      shadows_.function, *alias_, [this](const Stmt &s) { return extra_places(s); }, options.values,
      options.ranges);
  domain_ = std::make_unique<analysis::Domain>(shadows_.function, *alias_, *values_, !options.finite,
                                               !options.split && !options.has_seed, options.leaves_domain);
  fusion_ = std::make_unique<Fusion>(shadows_, *alias_, *activity_, *values_);
  windows_ = std::make_unique<Windows>(*values_, options.windows);
  scopes_ = {values_->body()};
  plan_ = make_plan();
}

/// Pointers on the way to the place must be known to have shadows: theirs are read to find its adjoint.
bool AdjointBuilder::reachable_shadow(const Place &p, const Loc &loc) const {
  Place so_far{p.root, {}};
  unsigned derefs = 0;
  for (const Step &step : p.path) {
    if (std::holds_alternative<Deref>(step) && derefs++ > 0)
      for (Alias::Object o : alias_->objects(so_far))
        if (!has_shadow(o))
          refuse(Diag::MixedPointer, loc, {p.root->name});
    so_far.path.push_back(step);
  }
  return true;
}

/// Addresses of adjoints that the statement's mirror will use.
std::vector<std::pair<const void *, Place>> AdjointBuilder::extra_places(const Stmt &s) const {
  std::vector<std::pair<const void *, Place>> out;
  auto in_memory = [&](const Place &p) {
    bool local = p.root->kind == Variable::Local || p.root->kind == Variable::Param;
    bool scalar = p.root->type.is(Type::Real) && p.path.empty();
    return shadows_.has(p) && !(local && scalar && !alias_->address_taken(p.root)) && activity_->active(p);
  };
  std::function<void(const Ex &)> reads = [&](const Ex &e) {
    if (auto *r = std::get_if<Read>(&e->node);
        r && e.type().contains_reals() && in_memory(r->place) && reachable_shadow(r->place, s.loc))
      out.push_back({shadow_key(e), shadows_.place(r->place)});
    if (auto *a = std::get_if<Apply>(&e->node))
      for (const Ex &arg : a->args)
        reads(arg);
    if (auto *c = std::get_if<Cast>(&e->node))
      reads(c->from);
    if (auto *c = std::get_if<Select>(&e->node)) {
      reads(c->yes);
      reads(c->no);
    }
  };
  auto write = [&](const Place &to) {
    if (to.type().contains_reals() && in_memory(to) && reachable_shadow(to, s.loc))
      out.push_back({&target_key, shadows_.place(to)});
  };
  if (auto *n = std::get_if<Declare>(&s.node); n && n->init) {
    reads(*n->init);
    if (shadows_.of.count(n->var))
      write(Place{n->var, {}});
  } else if (auto *n = std::get_if<Assign>(&s.node)) {
    reads(n->value);
    write(n->to);
  } else if (auto *n = std::get_if<Add>(&s.node)) {
    reads(n->value);
    write(n->to);
  } else if (auto *n = std::get_if<Return>(&s.node); n && n->value)
    reads(*n->value);
  else if (auto *n = std::get_if<Call>(&s.node)) {
    if (n->callee->kind != Callee::Passive)
      for (const Ex &a : n->args)
        reads(a);
    if (n->result)
      write(*n->result);
  }
  return out;
}

void AdjointBuilder::reverse_body() {
  Mirror m;
  for (const AdjointParam &p : shadows_.params)
    if (p.sum && shadows_.reverse_only.count(p.sum))
      emit(m.adjoints, Declare{p.sum, {}, true, {}});
  reverse_ = reverse(shadows_.function.body, values_->body(), &m);
  for (auto &[id, loop] : fused_)
    if (reverse_.empty() && !loop.reversed.empty())
      reverse_ = m.take(); // adjoints that only fused loops add to
  if (!reverse_.empty())
    add_sums(reverse_);
}

/// What was collected for by-value parameters goes to the caller's adjoints.
void AdjointBuilder::add_sums(Block &out) {
  for (const AdjointParam &p : shadows_.params) {
    if (!p.sum || !p.adjoint)
      continue;
    for_each_real(
        Place{p.sum, {}}, out, {},
        [&](const Place &real, Block &b) {
          Place to{p.adjoint, {Deref{}}};
          to.path.insert(to.path.end(), real.path.begin(), real.path.end());
          emit(b, Add{to, ir::read(real)});
        },
        p.sum->type);
  }
}

/// The result is computed before the reverse sweep and returned after it.
void AdjointBuilder::keep_result(const Stmt &s, const Return &n, Block &out) {
  if (!n.value)
    return;
  Ex value = *std::get<Return>(forward_statement(s).node).value;
  auto *r = std::get_if<Read>(&value->node);
  bool untouched = r && r->place.path.empty() && !r->place.root->type.is_reference() &&
                   r->place.root->kind != Variable::Global;
  if (untouched || std::holds_alternative<Const>(value->node)) {
    result_ = value;
    return;
  }
  Var name = local(unqualified(shadows_.function.name), shadows_.function.result.with_const());
  emit(out, Declare{name, value, false, {}}, s.loc);
  result_ = ir::read(Place{name, {}});
}

/// Memory that the reverse sweep may read is given back after it.
void AdjointBuilder::put_off(const Stmt &s, Block &out) {
  Free later = std::get<Free>(s.node);
  auto *r = std::get_if<Read>(&later.pointer->node);
  bool held = r && r->place.path.empty() && values_->is_tracked(r->place.root) &&
              values_->final_value(r->place.root) == values_->of(s, later.pointer) && !options_.split;
  if (!held) {
    Var name = local("freed", later.pointer.type().with_const());
    emit(out, Declare{name, later.pointer, false, {}}, s.loc);
    later.pointer = ir::read(Place{name, {}});
    crossing_.push_back(name);
  }
  frees_.push_back({later, s.loc, 0});
}

bool AdjointBuilder::stores_per_iteration() const {
  for (auto &slot : all_slots_)
    if (!is_scope(slot->frame))
      return true;
  return false;
}

/// For the innermost stretch.
std::unique_ptr<Plan> AdjointBuilder::make_plan() const {
  auto plan = std::make_unique<Plan>(*values_, options_.split, scopes_, *windows_);
  if (options_.copies)
    plan->use_copies();
  if (auto asked = asked_.find(scopes_.back()); asked != asked_.end())
    plan->expect(asked->second, options_.cut);
  return plan;
}

/// All that a reverse sweep has left behind.
void AdjointBuilder::forget() {
  mirrors_.clear(), bound_.clear(), slots_.clear(), all_slots_.clear(), temporaries_.clear(),
      counters_.clear();
  before_.clear(), after_.clear(), at_start_.clear(), at_end_.clear(), top_.clear(), allocations_.clear();
  calls_.clear(), reverse_.clear(), remarks_.clear(), collected_.clear(), report_ = {};
  fused_.clear(), fused_regions_.clear(), fused_record_.clear(), window_slots_.clear(), known_.clear();
  plan_ = make_plan();
}

Adjoint AdjointBuilder::run() {
  // What the reverse sweep asks for decides what is cheap, and the other way round: the first sweep only finds out.
  reverse_body();
  if (options_.values && stores_per_iteration()) {
    asked_ = std::move(collected_);
    forget();
    reverse_body();
  }
  for_each_stmt(shadows_.function.body, [&](const Stmt &s) {
    report_.loops += std::holds_alternative<For>(s.node) || std::holds_alternative<While>(s.node);
  });
  plan_stores();
  Block forward = this->forward(shadows_.function.body, values_->body());
  forward.insert(forward.begin(), top_.begin(), top_.end());
  Adjoint out = options_.split ? assemble_split(std::move(forward)) : assemble_joined(std::move(forward));
  out.report = std::move(report_);
  return out;
}

namespace {
bool mentions(const Block &block, const Var &v) {
  bool found = false;
  for_each_variable(block, [&](const Var &x) { found |= x == v; });
  for_each_stmt(block, [&](const Stmt &s) {
    if (auto *a = std::get_if<Allocate>(&s.node))
      found |= a->how == Allocate::Arena && v->name == "record";
  });
  return found;
}
} // namespace

/// Callers pass pointers of which the primal writes none that leads where another leads, and no adjoint leads to a primal.
/// Adjoints of what is only read may be the same memory.
void AdjointBuilder::restrict_parameters(Function &f) const {
  if (!options_.alias || !options_.restricted || shadows_.function.may_alias)
    return;
  bool globals = false;
  for_each_variable(f.body, [&](const Var &v) {
    globals |= v->kind == Variable::Global && !v->type.is_const() && v->type.contains_reals();
  });
  auto plain = [&](const Var &v) { // no pointer leads to one that is __restrict
    return v && v->type.is(Type::Pointer) && !v->type.is_reference() &&
           (v->type.element().is(Type::Real) || v->type.element().is_discrete()) && !is_pointed_at(f.body, v);
  };
  std::vector<Var> shared; // adjoints that may be passed twice
  auto is_written = [&](const Var &pointer) {
    bool written = false;
    for_each_stmt(shadows_.function.body, [&](const Stmt &s) {
      for (const Place &to : writes_of(s)) {
        Alias::Objects objects = to.path.empty() ? Alias::Objects() : alias_->objects(to);
        written |= objects.size() == 1 && alias_->info(*objects.begin()).kind == Alias::Info::Pointee &&
                   alias_->info(*objects.begin()).var == pointer;
      }
    });
    return written;
  };
  for (const AdjointParam &p : shadows_.params) {
    if (globals || !p.primal)
      return;
    if (plain(p.primal))
      p.primal->is_restrict = true;
    else if (p.primal->type.is(Type::Pointer))
      return; // more than its elements is led to
    if (p.adjoint && plain(p.adjoint) && is_written(p.primal))
      p.adjoint->is_restrict = true;
    else if (p.adjoint)
      shared.push_back(p.adjoint);
  }
  if (shared.size() == 1 && plain(shared[0]))
    shared[0]->is_restrict = true;
}

Adjoint AdjointBuilder::assemble_joined(Block body) {
  Adjoint out;
  Function &f = out.joined;
  f.name = options_.name;
  f.result = shadows_.function.result;
  f.loc = shadows_.function.loc;
  std::size_t primal = shadows_.params.size();
  f.params.assign(shadows_.function.params.begin(), shadows_.function.params.begin() + primal);
  if (seed_)
    f.params.push_back(seed_);
  f.params.insert(f.params.end(), shadows_.function.params.begin() + primal, shadows_.function.params.end());
  body.insert(body.end(), reverse_.begin(), reverse_.end());
  body.insert(body.end(), frees_.begin(), frees_.end());
  if (mentions(body, shadows_.record))
    body.insert(body.begin(), {Declare{shadows_.record, {}, false, {}}, {}, 0});
  if (result_)
    emit(body, Return{result_});
  hold_guards(body);
  f.body = std::move(body);
  restrict_parameters(f);
  renumber(f);
  out.remarks = std::move(remarks_);
  return out;
}

Adjoint make_adjoint(const Function &primal, const std::vector<bool> &wrt, const AdjointOptions &options,
                     const SplitOf &split_of) {
  return AdjointBuilder(primal, wrt, options, split_of).run();
}

} // namespace nabla::diff
