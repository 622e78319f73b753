// The whole tangent: analyses, shadows, then every statement with its tangent before it.
#include "diff/tangent.h"
#include "diff/arena.h"
#include "diff/lane_class.h"
#include "diff/tangent_impl.h"
#include "ir/diagnostic.h"

namespace nabla::diff {
using namespace ir;
using analysis::Alias;

namespace {

std::function<Type(const Type &)> kept_in(const Directions &directions) {
  std::string number = std::to_string(directions.number);
  switch (directions.kind) {
  case Directions::One:
    return nullptr;
  case Directions::Bits:
    return [number](const Type &) { return Type::real("nabla::bits<" + number + ">"); };
  case Directions::Lanes:
  case Directions::Series:
    break;
  }
  return [number](const Type &t) { return Type::real("nabla::lanes<" + t.spelling() + ", " + number + ">"); };
}

std::string spelled(const Type &t) { return t.is(Type::Record) ? t.members().spelling : t.spelling(); }

Type leaf_of(Type t) {
  while (t.is(Type::Pointer) || t.is(Type::Array))
    t = t.element();
  return t;
}

/// The class as the user's text has it; nodes of lists are our text's alone.
std::string named_by_user(const Type &t) {
  Type leaf = leaf_of(t);
  if (leaf.is(Type::Record) && leaf.members().spelling.rfind("nabla::node<", 0) == 0)
    leaf = leaf_of(leaf.members().fields[0].type);
  return spelled(leaf.has_outside() ? leaf_of(leaf.outside()) : leaf);
}

/// Tangents of classes are classes of lanes, where there are such.
void check_lanes(const Function &f, const std::vector<bool> &wrt) {
  auto check = [&](const Type &t, const Loc &loc) {
    if (lacks_lanes(t))
      refuse(Diag::UnsupportedType, loc,
             {named_by_user(t), "with nabla::batch, nabla::derivative and sparse matrices it has no virtual "
                                "functions, and leads to no object of its own class"});
  };
  for (std::size_t i = 0; i < f.params.size(); ++i)
    if (i < wrt.size() && wrt[i])
      check(f.params[i]->type, f.loc);
  for_each_stmt(f.body, [&](const Stmt &s) {
    if (auto *d = std::get_if<Declare>(&s.node))
      check(d->var->type, s.loc);
  });
}

} // namespace

Type tangent_type(const Type &t, const Directions &directions) {
  ShadowStyle style;
  style.forward = true;
  style.real = kept_in(directions);
  return style.type(t);
}

Type tangent_result(const Type &result, const TangentOptions &options) {
  return options.value_only || !result.contains_reals() ? result : dual_type(result, options.directions);
}

Type dual_type(const Type &result, const Directions &directions) {
  // A Struct's identity is its address; two of one spelling, import's and ours, are different ones.
  static std::map<std::pair<std::string, const Struct *>, std::shared_ptr<const Struct>> known;
  Type value = result.without_const(), dot = tangent_type(value, directions);
  std::string name = "nabla::dual<" + spelled(value) + (directions.kind ? ", " + spelled(dot) : "") + ">";
  auto &made = known[{name, value.is(Type::Record) ? &value.members() : nullptr}];
  if (!made || !(made->fields[0].type == value)) {
    auto s = std::make_shared<Struct>();
    s->spelling = name;
    s->fields = {{"value", value}, {"dot", dot}};
    made = s;
  }
  return Type::record(made);
}

TangentBuilder::TangentBuilder(const Function &f, const std::vector<bool> &wrt, const TangentOptions &options,
                               const TangentOf &tangent_of)
    : options_(options), tangent_of_(tangent_of) {
  Function primal = f;
  if (options.value_only) // what only the result depends on needs no tangent
    for_each_stmt(primal.body, [&](Stmt &s) {
      if (auto *r = std::get_if<Return>(&s.node); r && r->value) {
        result_ = r->value;
        r->value.reset();
      }
    });
  if (options.directions.kind)
    check_lanes(primal, wrt);
  Alias alias(primal, options.alias);
  analysis::Activity activity(primal, alias, wrt, options.activity);
  ShadowStyle style;
  style.forward = true;
  style.real = kept_in(options.directions);
  style.sure = options.value_only;
  shadows_ = add_shadows(primal, alias, activity, wrt, options.nullable, style);
  for (const AdjointParam &p : shadows_.params)
    if (p.adjoint)
      shadows_.function.params.push_back(p.adjoint);
  if (options.takes_record) {
    shadows_.record->type = record_parameter();
    shadows_.record->kind = Variable::Param;
  }
  alias_ = std::make_unique<Alias>(shadows_.function, options.alias);
  activity_ = std::make_unique<analysis::Activity>(shadows_.function, *alias_, wrt, options.activity);
  if (style.sure)
    find_sure();
}

/// Tangents' pointers that are never null: computed from those that the caller gives and from addresses.
void TangentBuilder::find_sure() {
  for (auto &[v, dot] : shadows_.of)
    if (dot.root->type.is(Type::Pointer))
      sure_.insert(dot.root);
  std::function<bool(const Ex &)> is_sure = [&](const Ex &e) {
    if (auto *r = std::get_if<Read>(&e->node))
      return r->place.path.empty() && sure_.count(r->place.root) != 0;
    if (auto *a = std::get_if<AddressOf>(&e->node))
      return a->place.path.empty() || !std::holds_alternative<Deref>(a->place.path[0]) ||
             sure_.count(a->place.root) != 0;
    if (auto *n = std::get_if<Native>(&e->node))
      return !n->args.empty() && is_sure(n->args[0]);
    if (auto *c = std::get_if<Cast>(&e->node))
      return is_sure(c->from);
    if (auto *s = std::get_if<Select>(&e->node))
      return is_sure(s->yes) && is_sure(s->no);
    return false;
  };
  for (bool changed = true; changed;) {
    changed = false;
    for_each_stmt(shadows_.function.body, [&](const Stmt &s) {
      if (auto *d = std::get_if<Declare>(&s.node); d && !(d->init && is_sure(*d->init)))
        changed |= sure_.erase(d->var) != 0;
      if (auto *a = std::get_if<Assign>(&s.node); a && a->to.path.empty() && !is_sure(a->value))
        changed |= sure_.erase(a->to.root) != 0;
      if (auto *p = std::get_if<Pop>(&s.node))
        changed |= sure_.erase(p->to.root) != 0;
    });
  }
}

Function TangentBuilder::run() {
  Function out = shadows_.function;
  out.callee = nullptr;
  out.name = options_.name;
  out.result = tangent_result(shadows_.function.result, options_);
  out.body = block(shadows_.function.body);
  if (options_.takes_record)
    out.params.push_back(shadows_.record);
  else if (lacks_record(out) || record_ == shadows_.record)
    out.body.insert(out.body.begin(), {Declare{shadows_.record, {}, false, {}}, {}, 0});
  renumber(out);
  return out;
}

Block TangentBuilder::block(const Block &b) {
  Block out;
  for (const Stmt &s : b)
    statement(s, out);
  return out;
}

void TangentBuilder::statement(const Stmt &s, Block &out) {
  loc_ = s.loc;
  match(
      s.node, [&](const Declare &n) { declare(s, n, out); },
      [&](const Assign &n) { assign(s, n.to, n.value, false, out); },
      [&](const Add &n) { assign(s, n.to, n.value, true, out); },
      [&](const If &n) {
        if (guarded_add(n, out))
          return;
        Block yes = block(n.yes), no = block(n.no);
        emit(out, If{n.cond, std::move(yes), std::move(no)}, s.loc);
      },
      [&](const For &n) {
        For loop = n;
        loop.body = block(n.body);
        emit(out, std::move(loop), s.loc);
      },
      [&](const While &n) { emit(out, While{n.cond, block(n.body)}, s.loc); },
      [&](const Call &n) { call(s, n, out); }, [&](const Return &n) { leave(s, n, out); },
      [&](const Push &n) { push(s, n, out); }, [&](const Pop &n) { pop(s, n, out); },
      // The pass `shadow` has put what belongs to these beside them.
      [&](const Allocate &) { out.push_back(s); }, [&](const Free &) { out.push_back(s); },
      [&](const Opaque &) { out.push_back(s); }, [&](const Comment &) { out.push_back(s); },
      [&](const Scope &) { internal_error("Scope in a structured primal", s.loc); },
      [&](const Exit &) { internal_error("Exit in a structured primal", s.loc); },
      [&](const Try &) { internal_error("Try in a structured primal", s.loc); },
      [&](const Throw &) { internal_error("Throw in a structured primal", s.loc); });
}

/// primal: if (p_bar) *p_bar += e     tangent: *p_bar_dot += e_dot;  if (p_bar) *p_bar += e
bool TangentBuilder::guarded_add(const If &n, Block &out) {
  std::optional<Place> pointer = tested_shadow(n.cond);
  if (!pointer || !shadows_.has(*pointer))
    return false;
  Loc loc = loc_;
  for (const Block *arm : {&n.yes, &n.no})
    for (const Stmt &s : *arm)
      if (!std::holds_alternative<Add>(s.node))
        return false; // written through: it is not null
  if (n.yes.size() != 1 || !n.no.empty())
    return false;
  const Add &add = std::get<Add>(n.yes[0].node);
  Both b = both(add.value, out);
  if (b.is_active() && is_active(add.to)) {
    Stmt dot{Add{tangent_place(add.to), dot_or_zero(b)}, loc, 0};
    Place of_pointer = shadows_.place(*pointer);
    Ex tangent = ir::read(of_pointer);
    if (of_pointer.path.empty() && sure_.count(of_pointer.root))
      out.push_back(dot);
    else
      emit(out, If{native("!=", {tangent, null_pointer(tangent.type())}, Type::boolean()), {dot}, {}}, loc);
  }
  emit(out, If{n.cond, {{Add{add.to, b.value}, loc, 0}}, {}}, loc);
  return true;
}

namespace {

bool same_name(const Read &r, const Ex &name) {
  auto *n = std::get_if<Read>(&name->node);
  return n && n->place.path.empty() && r.place.path.empty() && n->place.root == r.place.root;
}

/// What the last statement gave the name to that the value is; that statement, one of those after `mark`, is taken back.
std::optional<Ex> take_name(const Ex &value, std::size_t mark, Block &out) {
  auto *last = out.size() <= mark ? nullptr : std::get_if<Declare>(&out.back().node);
  if (!last || !last->init || last->init->type().with_const(false) != value.type().with_const(false) ||
      !same_name(Read{Place{last->var, {}}}, value))
    return {};
  Ex init = *last->init;
  out.pop_back();
  return init;
}

} // namespace

/// primal: T x = e     tangent: T x_dot = e_dot
void TangentBuilder::declare(const Stmt &s, const Declare &n, Block &out) {
  auto it = shadows_.of.find(n.var);
  bool has_tangent =
      it != shadows_.of.end() && !n.var->type.is(Type::Pointer); // a pointer's is there already
  if (!has_tangent) {
    Stmt copy = s;
    if (n.init && n.init->type().is(Type::Real)) // inactive
      std::get<Declare>(copy.node).init = both(*n.init, out).value;
    out.push_back(copy);
    return;
  }
  const Var &dot = it->second.root;
  if (n.init && n.var->type.is(Type::Real)) {
    const std::size_t mark = out.size();
    Both b = both(*n.init, out);
    if (n.var->type.is_const())
      dot->type = dot->type.with_const();
    Declare primal = n;
    if (std::optional<Ex> named = take_name(b.value, mark, out)) { // e = exp(a); e_dot = a_dot * e
      primal.init = *named;
      emit(out, primal, s.loc);
      const Ex dot_of_name = rewrite(dot_or_zero(b), [&](const Ex &e) -> std::optional<Ex> {
        auto *r = std::get_if<Read>(&e->node);
        return r && same_name(*r, b.value) ? std::optional(ir::read(Place{n.var, {}})) : std::nullopt;
      });
      emit(out, Declare{dot, dot_of_name, false, {}}, s.loc);
      return;
    }
    emit(out, Declare{dot, dot_or_zero(b), false, {}}, s.loc);
    primal.init = b.value;
    emit(out, primal, s.loc);
    return;
  }
  emit(out, Declare{dot, {}, true, {}}, s.loc);
  if (n.init && activity_->active(Place{n.var, {}}))
    copy_tangent(it->second, *n.init, s.loc, out);
  out.push_back(s);
}

/// primal: x = e     tangent: x_dot = e_dot
void TangentBuilder::assign(const Stmt &s, const Place &to, const Ex &value, bool add, Block &out) {
  auto primal = [&](const Ex &e) {
    if (add)
      emit(out, Add{to, e}, s.loc);
    else
      emit(out, Assign{to, e}, s.loc);
  };
  if (!is_active(to)) {
    primal(value);
    return;
  }
  std::optional<Ex> guard = null_guard(to);
  if (!value.type().is(Type::Real)) {
    Block body;
    copy_tangent(tangent_place(to), value, s.loc, body);
    if (guard)
      emit(out, If{*guard, std::move(body), {}}, s.loc);
    else
      out.insert(out.end(), body.begin(), body.end());
    primal(value);
    return;
  }
  Both b = both(value, out);
  Stmt dot{add ? decltype(Stmt::node)(Add{tangent_place(to), dot_or_zero(b)})
               : decltype(Stmt::node)(Assign{tangent_place(to), dot_or_zero(b)}),
           s.loc, 0};
  if (guard && (b.is_active() || !add))
    emit(out, If{*guard, {dot}, {}}, s.loc);
  else if (b.is_active() || !add)
    out.push_back(dot);
  primal(b.value);
}

/// The tangent of a struct: that of the variable it is copied from, or zero.
void TangentBuilder::copy_tangent(const Place &to, const Ex &value, const Loc &loc, Block &out) {
  auto *from = std::get_if<Read>(&value->node);
  if (!from && !std::holds_alternative<Const>(value->node) && activity_->active(value))
    refuse(Diag::UnsupportedExpression, loc, {"this copy of a struct", "copy from a variable"});
  bool flows = from && shadows_.has(from->place) &&
               (activity_->active(value) || value.type().contains_real_pointers());
  if (!flows) {
    zero_reals(to, out);
    return;
  }
  std::optional<Ex> guard = null_guard(from->place);
  Stmt copy{Assign{to, ir::read(tangent_place(from->place))}, loc, 0};
  if (!guard) {
    out.push_back(copy);
    return;
  }
  Block none;
  zero_reals(to, none);
  emit(out, If{*guard, {copy}, std::move(none)}, loc);
}

void TangentBuilder::zero_reals(const Place &p, Block &out) const {
  Type t = p.type();
  if (t.is(Type::Real))
    emit(out, Assign{p, zero(t)}, loc_);
  if (t.is(Type::Record))
    for (unsigned i = 0; i < t.members().fields.size(); ++i)
      if (t.members().fields[i].type.contains_reals())
        zero_reals(field(p, i), out);
  if (!t.is(Type::Array) || !t.contains_reals())
    return;
  Var k = local("k", Type::integer());
  For loop{k, integer(0), For::LT, integer(t.extent()), 1, {}, false};
  zero_reals(index(p, ir::read(k)), loop.body);
  emit(out, std::move(loop), loc_);
}

// ---- The record: a value's tangent lies above it --------------------------------------------------------------

/// Does a tangent travel on this record beside a value of the type? The same answer for a push and its pop, which may be in
/// different functions: there the type alone decides.
bool TangentBuilder::is_carried(const Type &type, const Var &record) const {
  bool shared = record->kind == Variable::Param;
  if (type.is(Type::Pointer))
    return type.holds_reals() &&
           (shared || activity_->active(alias_->reachable({alias_->object_of(record)})));
  return type.contains_reals() && (shared || activity_->active(record));
}

void TangentBuilder::push(const Stmt &s, const Push &n, Block &out) {
  Type type = n.value.type();
  if (!is_carried(type, n.record)) {
    out.push_back(s);
    return;
  }
  if (!type.is(Type::Real)) {
    auto *r = std::get_if<Read>(&n.value->node);
    auto *a = std::get_if<AddressOf>(&n.value->node);
    const Place *from = r ? &r->place : a ? &a->place : nullptr;
    if (!from)
      internal_error("a value without a place is pushed", s.loc);
    out.push_back(s);
    Ex dot = !shadows_.has(*from) ? null_pointer(dot_type(type))
             : r                  ? ir::read(tangent_place(*from))
                                  : make(AddressOf{tangent_place(*from)}, dot_type(type));
    if (!shadows_.has(*from) && !type.is(Type::Pointer)) {
      Var none = local("none", dot_type(type));
      emit(out, Declare{none, {}, true, {}}, s.loc);
      dot = ir::read(none);
    }
    emit(out, Push{n.record, dot}, s.loc);
    return;
  }
  Both b = both(n.value, out);
  emit(out, Push{n.record, b.value}, s.loc);
  emit(out, Push{n.record, dot_or_zero(b)}, s.loc);
}

void TangentBuilder::pop(const Stmt &s, const Pop &n, Block &out) {
  Type type = n.to.type();
  if (is_carried(type, n.record)) {
    if (shadows_.has(n.to))
      emit(out, Pop{n.record, tangent_place(n.to)}, s.loc);
    else { // not needed, but it has to come off
      Var none = local("none", dot_type(type).with_const(false));
      emit(out, Declare{none, {}, false, {}}, s.loc);
      emit(out, Pop{n.record, Place{none, {}}}, s.loc);
    }
  }
  out.push_back(s);
}

/// primal: return e     tangent: return {e, e_dot}
void TangentBuilder::leave(const Stmt &s, const Return &n, Block &out) {
  Type result = tangent_result(shadows_.function.result, options_);
  if (options_.value_only) {
    emit(out, Return{result_}, s.loc);
    return;
  }
  if (!n.value || !n.value->type().contains_reals()) {
    out.push_back(s);
    return;
  }
  Var both_of = local("result", result);
  Place all{both_of, {}};
  if (n.value->type().is(Type::Real)) {
    Both b = both(*n.value, out);
    emit(out, Declare{both_of, {}, false, {}}, s.loc);
    emit(out, Assign{field(all, 1), dot_or_zero(b)}, s.loc);
    emit(out, Assign{field(all, 0), b.value}, s.loc);
  } else {
    emit(out, Declare{both_of, {}, false, {}}, s.loc);
    copy_tangent(field(all, 1), *n.value, s.loc, out);
    emit(out, Assign{field(all, 0), *n.value}, s.loc);
  }
  emit(out, Return{ir::read(all)}, s.loc);
}

/// push(p + 1)  ->  q = p + 1; push(q): what is pushed has a place, and so a tangent.
static Function with_named_pushes(Function f) {
  std::function<Block(const Block &)> name = [&](const Block &block) {
    Block out;
    for (const Stmt &s : block) {
      auto *n = std::get_if<Push>(&s.node);
      if (!n || !n->value.type().is(Type::Pointer) || std::holds_alternative<Read>(n->value->node) ||
          std::holds_alternative<AddressOf>(n->value->node)) {
        out.push_back(with_blocks(s, name));
        continue;
      }
      Var pushed = local("pushed", n->value.type());
      out.push_back({Declare{pushed, n->value, false, {}}, s.loc, 0});
      out.push_back({Push{n->record, ir::read(pushed)}, s.loc, 0});
    }
    return out;
  };
  f.body = name(f.body);
  renumber(f);
  return f;
}

Function make_tangent(const Function &primal, const std::vector<bool> &wrt, const TangentOptions &options,
                      const TangentOf &tangent_of) {
  return TangentBuilder(with_named_pushes(primal), wrt, options, tangent_of).run();
}

} // namespace nabla::diff
