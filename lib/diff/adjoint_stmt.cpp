// Adjoints of statements: the mirror of each block, last statement first.
#include "diff/adjoint_impl.h"
#include "diff/reciprocals.h"
#include "ir/diagnostic.h"

namespace nabla::diff {
using namespace ir;

Block AdjointBuilder::reverse(const Block &block, const Region *region, Mirror *prepared) {
  Mirror own;
  Mirror &m = prepared ? *prepared : own;
  mirrors_[region] = &m;
  for (const Stmt &s : block) {
    auto *d = std::get_if<Declare>(&s.node);
    if (!d || !shadows_.of.count(d->var))
      continue;
    const Var &bar = shadows_.of.at(d->var).root;
    if (shadows_.reverse_only.count(bar))
      emit(m.adjoints, Declare{bar, {}, true, {}});
  }
  for (std::size_t i = block.size(); i-- > 0;)
    if (region != scopes_.back() || !reverse_fused(block, i))
      reverse_statement(block[i], m.statements);
  mirrors_.erase(region);
  if (region == scopes_.back())
    declare_early(block, region, m);
  if (m.statements.empty() && m.pops.empty())
    return {};
  share_reciprocals(m.statements);
  return m.take();
}

void AdjointBuilder::reverse_statement(const Stmt &s, Block &out) {
  match(
      s.node, [&](const Declare &n) { reverse_declare(s, n, out); },
      [&](const Assign &n) {
        if (activity_->active(n.to) && shadows_.has(n.to))
          reverse_assign(s, n.to, n.value, false, out);
      },
      [&](const Add &n) {
        // primal: x += e     adjoint: what e reads gets x_bar, which stays
        if (!activity_->active(n.to) || !activity_->active(n.value))
          return;
        Place bar = adjoint_of_target(s, n.to);
        Ex seed = ir::read(bar);
        if (reads_overlapping(s, n.value, n.to))
          seed = name_seed(make(Cast{seed}, seed.type()), out);
        propagate(s, n.value, seed, out);
      },
      [&](const If &n) { reverse_if(s, n, out); }, [&](const For &n) { reverse_for(s, n, out); },
      [&](const While &n) { reverse_while(s, n, out); }, [&](const Call &n) { reverse_call(s, n, out); },
      [&](const Return &n) {
        if (!n.value || !n.value->type().is(Type::Real)) {
          if (n.value && seed_ && n.value->type().contains_reals())
            reverse_returned_struct(s, *n.value, out);
          return;
        }
        Type type = n.value->type();
        if (activity_->active(*n.value))
          propagate(s, *n.value,
                    seed_              ? ir::read(Place{seed_, {}})
                    : type.is_handle() ? unit_seed(s, *n.value)
                                       : constant(1, type),
                    out);
      },
      // Nothing flows backwards through these.
      [&](const Allocate &) {}, [&](const Free &) {}, [&](const Opaque &) {}, [&](const Comment &) {},
      [&](const Push &) { internal_error("Push in a primal", s.loc); },
      [&](const Pop &) { internal_error("Pop in a primal", s.loc); },
      [&](const Scope &) { internal_error("Scope in a structured primal", s.loc); },
      [&](const Exit &) { internal_error("Exit in a structured primal", s.loc); },
      [&](const Try &) { internal_error("Try in a structured primal", s.loc); },
      [&](const Throw &) { internal_error("Throw in a structured primal", s.loc); });
}

void AdjointBuilder::reverse_declare(const Stmt &s, const Declare &n, Block &out) {
  auto it = shadows_.of.find(n.var);
  if (it == shadows_.of.end() || shadows_.added.count(s.id))
    return;
  Place whole{n.var, {}};
  bool reset = shadows_.reset.count(n.var);
  if (n.init && n.var->type.contains_reals() && activity_->active(whole))
    reverse_assign(s, whole, *n.init, !reset, out);
  else if (reset)
    zero_reals(it->second, out, s.loc);
}

/// Does the value read, differentiably, storage that the target may overlap?
bool AdjointBuilder::reads_overlapping(const Stmt &s, const Ex &value, const Place &to) const {
  bool tracked = to.path.empty() && values_->is_tracked(to.root);
  Alias::Objects target = alias_->objects(to);
  bool found = false;
  for_each_read(value, [&](const Place &p) {
    if (!p.type().contains_reals() || !activity_->active(p))
      return;
    bool own = p.path.empty() && values_->is_tracked(p.root);
    found |= own || tracked ? p.root == to.root && p.path.empty() && to.path.empty()
                            : alias_->overlap(target, alias_->objects(p));
  });
  (void)s;
  return found;
}

/// primal: x = e     adjoint: what e reads gets x_bar; x_bar = 0
void AdjointBuilder::reverse_assign(const Stmt &s, const Place &to, const Ex &value, bool fresh, Block &out) {
  if (!value.type().is(Type::Real)) {
    reverse_copy(s, to, value, fresh, out);
    return;
  }
  Place bar = adjoint_of_target(s, to);
  Block body;
  if (auto rest = self_update(to, value); rest && !reads_overlapping(s, rest->first, to)) {
    Ex seed = ir::read(bar);
    propagate(s, rest->first, rest->second ? -seed : seed, body);
  } else {
    Ex seed = ir::read(bar);
    Stmt clear{Assign{bar, zero(seed.type())}, {}, 0};
    if (!activity_->active(value)) {
      if (!fresh)
        body.push_back(clear);
    } else if (!reads_overlapping(s, value, to)) {
      propagate(s, value, seed, body);
      if (!fresh)
        body.push_back(clear);
    } else {
      Var d = temporary("d", seed.type().with_const());
      emit(body, Declare{d, seed, false, {}});
      body.push_back(clear);
      propagate(s, value, ir::read(Place{d, {}}), body);
    }
  }
  if (auto guard = null_guard(to, bar); guard && !body.empty())
    emit(out, If{*guard, std::move(body), {}});
  else
    out.insert(out.end(), body.begin(), body.end());
}

/// Calls `fn` with the path of every real in an object of this shape; arrays become loops.
void AdjointBuilder::for_each_real(const Place &p, Block &out, const Loc &loc,
                                   const std::function<void(const Place &, Block &)> &fn, const Type &shape) {
  if (shape.is(Type::Real))
    fn(p, out);
  if (shape.is(Type::Record))
    for (unsigned i = 0; i < shape.members().fields.size(); ++i) {
      const Type &t = shape.members().fields[i].type;
      if (!t.contains_reals())
        continue;
      Place part = p;
      part.path.push_back(Field{i});
      for_each_real(part, out, loc, fn, t);
    }
  if (!shape.is(Type::Array) || !shape.contains_reals())
    return;
  Var k = local("k", Type::integer());
  For loop{k, integer(0), For::LT, integer(shape.extent()), 1, {}, false};
  Place part = p;
  part.path.push_back(Index{ir::read(k)});
  for_each_real(part, loop.body, loc, fn, shape.element());
  out.push_back({std::move(loop), {}, 0});
}

void AdjointBuilder::zero_reals(const Place &p, Block &out, const Loc &loc) {
  for_each_real(
      p, out, loc,
      [&](const Place &real, Block &b) { emit(b, Assign{real, zero(real.type().with_const(false))}); },
      p.type());
}

/// primal: a = b, structs     adjoint: for each real member, b_bar.m += a_bar.m; a_bar.m = 0, whether or not a is b
void AdjointBuilder::reverse_copy(const Stmt &s, const Place &to, const Ex &value, bool fresh, Block &out) {
  Place bar = adjoint_of_target(s, to);
  auto *from = std::get_if<Read>(&value->node);
  if (!from && !std::holds_alternative<Const>(value->node))
    refuse(Diag::UnsupportedExpression, s.loc, {"this copy of a struct", "copy from a variable"});
  bool flows = from && activity_->active(value) && shadows_.has(from->place);
  Place source = flows ? place_of(values_->address(s, shadow_key(value))) : bar;
  Block body;
  for_each_real(
      bar, body, s.loc,
      [&](const Place &real, Block &b) {
        if (!flows) {
          if (!fresh)
            emit(b, Assign{real, zero(real.type())});
          return;
        }
        Place other = source;
        other.path.insert(other.path.end(), real.path.begin() + bar.path.size(), real.path.end());
        if (fresh) {
          emit(b, Add{other, ir::read(real)});
          return;
        }
        Var d = temporary("d", real.type().with_const());
        emit(b, Declare{d, ir::read(real), false, {}});
        emit(b, Assign{real, zero(real.type())});
        emit(b, Add{other, ir::read(Place{d, {}})});
      },
      to.type());
  std::optional<Ex> guard = null_guard(to, bar);
  if (!guard && flows)
    guard = null_guard(from->place, source);
  if (guard && !body.empty())
    emit(out, If{*guard, std::move(body), {}});
  else
    out.insert(out.end(), body.begin(), body.end());
}

/// The seed of a returned struct flows into the variable that is returned.
void AdjointBuilder::reverse_returned_struct(const Stmt &s, const Ex &value, Block &out) {
  auto *from = std::get_if<Read>(&value->node);
  if (!from)
    refuse(Diag::UnsupportedExpression, s.loc, {"this struct as a result", "return a variable"});
  if (!activity_->active(value) || !shadows_.has(from->place))
    return;
  Place source = place_of(values_->address(s, shadow_key(value)));
  Place seed{seed_, {}};
  for_each_real(
      seed, out, s.loc,
      [&](const Place &real, Block &b) {
        Place other = source;
        other.path.insert(other.path.end(), real.path.begin(), real.path.end());
        emit(b, Add{other, ir::read(real)});
      },
      value.type());
}

/// primal: if (c) A else B     adjoint: if (c) A' else B', c as it was
void AdjointBuilder::reverse_if(const Stmt &s, const If &n, Block &out) {
  Block yes = reverse(n.yes, values_->arm(s, true)), no = reverse(n.no, values_->arm(s, false));
  if (yes.empty() && no.empty())
    return;
  Ex cond = value_of(s, n.cond);
  if (yes.empty()) {
    emit(out, If{native("!", {cond}, Type::boolean()), std::move(no), {}});
    return;
  }
  emit(out, If{cond, std::move(yes), std::move(no)});
}

namespace {
/// Does the code take something off the record, or call what may?
bool pops(const Block &block) {
  bool found = false;
  for_each_stmt(block, [&](const Stmt &s) {
    auto *call = std::get_if<Call>(&s.node);
    found |= std::holds_alternative<Pop>(s.node) || (call && !call->callee->is_nothrow_pure);
  });
  return found;
}
} // namespace

/// primal: for (i = first .. bound) B     adjoint: the same iterations, last one first unless their order does not matter
void AdjointBuilder::reverse_for(const Stmt &s, const For &n, Block &out) {
  Mirror m;
  m.index = local(n.index->name, n.index->type.with_const(false));
  Block body = reverse(n.body, values_->arm(s, true), &m);
  if (body.empty())
    return;
  bool same_order = options_.order && fusion_->independent(s) && !pops(body);
  emit(out, For{m.index, value(values_->first(s)), n.cmp, value(values_->bound(s)), n.step, std::move(body),
                n.descending == same_order});
}

/// primal: while (c) B     adjoint: as many times as B ran, last one first
void AdjointBuilder::reverse_while(const Stmt &s, const While &n, Block &out) {
  Mirror m;
  m.index = local("trip", Type::integer("long"));
  Block body = reverse(n.body, values_->arm(s, true), &m);
  if (body.empty())
    return;
  Type type = m.index->type;
  emit(out, For{m.index, integer(0, type), For::LT, value(values_->trips(s)), 1, std::move(body), true});
}

} // namespace nabla::diff
