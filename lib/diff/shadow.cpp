#include "diff/shadow.h"
#include "diff/lane_class.h"
#include "ir/make.h"
#include "ir/walk.h"

namespace nabla::diff {
using namespace ir;
using analysis::Activity;
using analysis::Alias;

Place Shadows::place(const Place &p) const {
  Place out = of.at(p.root);
  out.path.insert(out.path.end(), p.path.begin(), p.path.end());
  return out;
}

Type ShadowStyle::type(const Type &t) const {
  if (!forward)
    return t.without_const();
  std::function<Type(const Type &)> map = [&](const Type &u) -> Type {
    if (u.is(Type::Real))
      return real ? real(u).with_const(u.is_const()) : u;
    if (u.is(Type::Array))
      return Type::array(map(u.element()), u.extent()).with_const(u.is_const());
    if (u.is(Type::Pointer))
      return (u.is_reference() ? Type::reference(map(u.element())) : Type::pointer(map(u.element())))
          .with_const(u.is_const());
    return real && u.is(Type::Record) ? lane_class(u, map) : u;
  };
  return map(t).with_const(false);
}

std::optional<Place> tested_shadow(const Ex &cond) {
  auto *n = std::get_if<Native>(&cond->node);
  auto *r = n && n->op == "!=" ? std::get_if<Read>(&n->args[0]->node) : nullptr;
  auto *null = r ? std::get_if<Const>(&n->args[1]->node) : nullptr;
  if (!null || null->spelling != "nullptr" || !r->place.root->is_shadow)
    return {};
  return r->place;
}

bool may_have_null_shadow(const Type &t) {
  return t.is(Type::Pointer) && !t.is_reference() && t.element().contains_reals() &&
         !t.element().contains_real_pointers();
}

bool Shadows::is_recorded(Alias::Object o, const Alias &alias) {
  const Alias::Info &info = alias.info(o);
  return info.kind == Alias::Info::Pointee && info.var && info.var->type.spelling() == "nabla::record &";
}

bool Shadows::covers(Alias::Object o, const Alias &alias, const Activity &activity) const {
  const Alias::Info &info = alias.info(o);
  if (info.kind == Alias::Info::Unknown)
    return false;
  if (info.kind == Alias::Info::Allocation)
    return activity.active(alias.reachable({o}));
  auto covered = [&](const Var &v) {
    bool null = info.kind == Alias::Info::Pointee && bare.count(v);
    return of.count(v) != 0 && !null;
  };
  if (!info.shared)
    return covered(info.var);
  bool all = true;
  for (const AdjointParam &p : params)
    if (p.primal->type.is(Type::Pointer) && p.primal->type.holds_reals() && !idle.count(p.primal))
      all = all && covered(p.primal);
  return all;
}

std::vector<bool> Shadows::bare_arguments(const Call &n, const Alias &alias, const Activity &activity) const {
  std::vector<bool> out;
  for (std::size_t i = 0; i < n.callee->params.size(); ++i) {
    const Type &t = n.args[i].type();
    bool bare = false;
    if (t.is(Type::Pointer) && t.holds_reals())
      for (Alias::Object o : alias.points_to(n.args[i]))
        bare = bare || !covers(o, alias, activity);
    out.push_back(bare);
  }
  return out;
}

Type as_pointer(const Type &t) { return t.is_reference() ? Type::pointer(t.element()) : t; }

Type adjoint_param_type(const Type &t, bool bare) {
  if (t.is(Type::Pointer))
    return (bare ? as_pointer(t) : t).without_const();
  return Type::pointer(t.without_const());
}

namespace {

class ShadowBuilder {
public:
  ShadowBuilder(const Function &f, const Alias &alias, const Activity &activity, const std::vector<bool> &wrt,
                const Nullable &nullable, ShadowStyle style)
      : function_(f), alias_(alias), activity_(activity), wrt_(wrt) {
    out_.style = std::move(style);
    for (std::size_t i = 0; i < f.params.size(); ++i)
      if ((nullable.all && may_have_null_shadow(f.params[i]->type)) ||
          (i < nullable.bare.size() && nullable.bare[i]))
        out_.bare.insert(f.params[i]);
  }

  Shadows run() {
    out_.function = function_;
    out_.record = local("record", Type::opaque("nabla::record"));
    find_written();
    out_.idle.insert(function_.params.begin(), function_.params.end());
    for_each_variable(function_.body, [&](const Var &v) { out_.idle.erase(v); });
    parameters();
    check_parameters();
    plan_locals(function_.body, true);
    out_.function.body = rewrite(function_.body);
    out_.function.body.insert(out_.function.body.begin(), hoisted_.begin(), hoisted_.end());
    renumber(out_.function);
    return std::move(out_);
  }

private:
  bool forward() const { return out_.style.forward; }
  const char *suffix() const { return out_.style.suffix(); }
  Type type_of(const Type &t) const { return out_.style.type(t); }

  // ---- facts ----
  bool leads_to_active(const Var &v) const {
    if (!(v->type.is(Type::Pointer) ? v->type.holds_reals() : v->type.contains_real_pointers()))
      return false;
    Alias::Objects all = alias_.reachable({alias_.object_of(v)});
    all.erase(alias_.object_of(v));
    return activity_.active(all);
  }

  bool element_is_shadowed(const Allocate &a) const {
    Place first = a.to;
    first.path.push_back(Deref{});
    Alias::Objects own = alias_.objects(first);
    if (a.element.contains_reals() && activity_.active(own))
      return true;
    return (a.element.is(Type::Pointer) ? a.element.holds_reals() : a.element.contains_real_pointers()) &&
           activity_.active(alias_.reachable(own));
  }

  void find_written() {
    int loops = 0;
    std::function<void(const Block &)> visit = [&](const Block &b) {
      for (const Stmt &s : b) {
        for (const Place &p : writes_of(s)) {
          bool itself = true;
          for (const Step &step : p.path)
            itself &= !std::holds_alternative<Deref>(step);
          if (itself)
            written_.insert(p.root);
        }
        if (loops)
          for_each_variable(s, [&](const Var &v) { in_loop_.insert(v); });
        bool loop = std::holds_alternative<For>(s.node) || std::holds_alternative<While>(s.node);
        loops += loop;
        for_each_block(s, visit);
        loops -= loop;
      }
    };
    visit(function_.body);
  }

  // ---- parameters ----
  void parameters() {
    for (std::size_t i = 0; i < function_.params.size(); ++i) {
      const Var &p = function_.params[i];
      AdjointParam a{p, {}, {}};
      bool wanted = i < wrt_.size() && wrt_[i] && p->type.holds_reals();
      if (forward()) {
        forward_parameter(p, wanted, a);
        continue;
      }
      if (wanted) {
        a.adjoint = local(p->name + "_bar", adjoint_param_type(p->type, out_.bare.count(p)));
        a.adjoint->kind = Variable::Param;
        a.adjoint->is_shadow = true;
        a.adjoint->leads_to_one = !p->type.is(Type::Pointer);
      }
      if (p->type.is(Type::Pointer)) {
        if (wanted)
          out_.of[p] = Place{a.adjoint, {}};
      } else if ((wanted || activity_.active(p)) && !analysis::is_record(p->type)) {
        bool direct = wanted && !written_.count(p) && !alias_.address_taken(p) &&
                      (!p->type.is(Type::Real) || !in_loop_.count(p));
        if (direct)
          out_.of[p] = Place{a.adjoint, {Deref{}}};
        else {
          a.sum = local(p->name + "_bar", p->type.without_const());
          a.sum->is_shadow = true;
          out_.of[p] = Place{a.sum, {}};
          if (alias_.address_taken(p) || p->type.contains_real_pointers())
            hoisted_.push_back({Declare{a.sum, {}, true, {}}, nullptr, 0});
          else
            out_.reverse_only.insert(a.sum);
        }
      }
      out_.params.push_back(a);
    }
  }

  /// A tangent has the type of its parameter; what is not differentiated but holds active values gets a local one.
  void forward_parameter(const Var &p, bool wanted, AdjointParam &a) {
    if (wanted) {
      a.adjoint = local(p->name + suffix(), type_of(out_.bare.count(p) ? as_pointer(p->type) : p->type));
      a.adjoint->kind = Variable::Param;
      a.adjoint->is_shadow = p->is_shadow && p->type.is(Type::Pointer); // may be null, though p is not
      out_.of[p] = Place{a.adjoint, {}};
    } else if (analysis::is_record(p->type)) { // tangents lie on the same record
      out_.of[p] = Place{p, {}};
    } else if (!p->type.is(Type::Pointer) && activity_.active(p)) {
      a.sum = local(p->name + suffix(), type_of(p->type));
      out_.of[p] = Place{a.sum, {}};
      hoisted_.push_back({Declare{a.sum, {}, true, {}}, nullptr, 0});
    }
    out_.params.push_back(a);
  }

  /// Active values must not pass through memory that has no adjoint.
  void check_parameters() {
    auto check_object = [&](Alias::Object o, const Loc &loc) {
      const Alias::Info &info = alias_.info(o);
      if (!activity_.active(o))
        return;
      if (info.kind == Alias::Info::Unknown)
        refuse(Diag::ActiveThroughUnknown, loc);
      bool global = info.var && info.var->kind == Variable::Global;
      if (global)
        refuse(Diag::ActiveThroughGlobal, loc, {info.var->name});
      const bool lacks_shadow = info.kind == Alias::Info::Pointee && !info.shared && !out_.of.count(info.var);
      if (lacks_shadow &&
          info.var->kind == Variable::Local) // what a caller's lambda leads to (pass boundary)
        refuse(Diag::UnsupportedExpression, loc,
               {"a lambda of the caller's that changes reals which it captured by reference",
                "pass what it changes as a parameter"});
      if (lacks_shadow)
        refuse(Diag::ActiveThroughInactive, loc, {info.var->name});
      for (const Var &p : function_.params) // any of them may be what is written through
        if (info.shared && p->type.is(Type::Pointer) && p->type.holds_reals() &&
            !p->type.element().is_const() && !out_.idle.count(p) && !out_.of.count(p))
          refuse(Diag::ActiveThroughInactive, loc, {p->name});
    };
    auto check = [&](const Place &to, const Loc &loc) {
      if (to.type().contains_reals())
        for (Alias::Object o : alias_.objects(to))
          check_object(o, loc);
    };
    auto check_passive = [&](const Call &c, const Loc &loc) {
      for (Alias::Object o = 0; c.callee->reach == Callee::ChangesAny && o < alias_.count(); ++o)
        if (const Var &v = alias_.info(o).var; v && !v->qualified.empty() && activity_.active(o)) // a global
          refuse(Diag::PassiveWrites, loc, {c.callee->name});
      for (std::size_t i = 0; i < c.args.size() && i < c.callee->params.size(); ++i) {
        const Type &t = c.callee->params[i];
        const bool may_write = !t.is(Type::Pointer) || !t.element().is_const() || c.callee->changes_constants;
        if (t.is(Type::Pointer) && may_write && t.holds_reals() &&
            activity_.active(alias_.points_to(c.args[i])))
          refuse(Diag::PassiveWrites, loc, {c.callee->name});
      }
    };
    for_each_stmt(function_.body, [&](const Stmt &s) {
      if (auto *c = std::get_if<Call>(&s.node); c && c->callee->kind == Callee::Passive)
        check_passive(*c, s.loc);
      else if (c && activity_.active(*c))
        for (Alias::Object o : activity_.written_by(*c))
          check_object(o, s.loc);
      for (const Place &p : writes_of(s))
        if (!std::holds_alternative<Declare>(s.node))
          check(p, s.loc);
    });
  }

  // ---- locals ----
  void plan_locals(const Block &block, bool top) {
    for (const Stmt &s : block) {
      if (auto *d = std::get_if<Declare>(&s.node); d && !out_.of.count(d->var))
        plan_local(*d, top, s.loc);
      for_each_block(s, [&](const Block &b) { plan_locals(b, false); });
    }
  }

  void plan_local(const Declare &d, bool top, const Loc &loc) {
    const Var &v = d.var;
    bool pointers = leads_to_active(v);
    bool reals = v->type.contains_reals() && activity_.active(v);
    if (v->kind == Variable::StaticConst || (!pointers && !reals))
      return;
    Var shadow = local(v->name + suffix(), type_of(v->type));
    shadow->is_shadow = !forward() || (v->is_shadow && v->type.is(Type::Pointer)); // may be null as v may
    out_.of[v] = Place{shadow, {}};
    if (v->type.is_reference())
      for (Alias::Object o : alias_.pointees(alias_.object_of(v)))
        if (may_lack_shadow(o)) // a reference cannot be null
          shadow->type = type_of(as_pointer(v->type));
    if (v->type.is(Type::Pointer) || forward())
      return; // declared beside the primal
    bool forward = pointers || alias_.address_taken(v);
    if (!forward) {
      out_.reverse_only.insert(shadow);
      return;
    }
    if (!top) {
      hoisted_.push_back({Declare{shadow, {}, true, {}}, loc, 0});
      out_.reset.insert(v);
    }
  }

  // ---- expressions ----
  bool may_be_null(const Ex &pointer) const {
    for (Alias::Object o : alias_.points_to(pointer))
      if (may_lack_shadow(o))
        return true;
    return false;
  }
  /// The same, where pointers lead to pointers: those that a record holds have shadows beside them.
  bool mixes(const Ex &pointer) const {
    for (Alias::Object o : alias_.points_to(pointer))
      if (!has_shadow(o))
        return true;
    return false;
  }

  bool may_lack_shadow(Alias::Object o) const {
    return !has_shadow(o) || (forward() && Shadows::is_recorded(o, alias_));
  }
  bool has_shadow(Alias::Object o) const { return out_.covers(o, alias_, activity_); }

  /// The shadow of a pointer's value; `bare`: that of a reference as a pointer, which may be null.
  Ex shadow(const Ex &e, const Loc &loc, bool bare = false) const {
    Type type = type_of(bare ? as_pointer(e.type()) : e.type());
    return match(
        e->node, [&](const Const &) { return null_pointer(type); },
        [&](const Read &n) {
          return has_pointers(n.place) ? read(shadow_place(n.place, loc)) : null_pointer(type);
        },
        [&](const AddressOf &n) {
          return has(n.place) ? shadow_address(n.place, type, loc) : null_pointer(type);
        },
        [&](const Apply &) -> Ex { internal_error("a rule gives a pointer", loc); },
        [&](const Native &n) -> Ex {
          if ((n.op != "+" && n.op != "-") || !n.args[0].type().is(Type::Pointer))
            refuse(
                Diag::UnsupportedExpression, loc,
                {"this pointer expression", "assign the pointer from a variable, an array or an allocation"});
          return moved(shadow(n.args[0], loc, bare), n, may_be_null(n.args[0]), type);
        },
        [&](const Cast &n) -> Ex {
          if (!n.from.type().is(Type::Pointer))
            return null_pointer(type);
          return converted(shadow(n.from, loc, bare), type);
        },
        [&](const Select &n) {
          Ex cond = second_null_test(n.cond), yes = shadow(n.yes, loc, bare);
          auto *known = std::get_if<Const>(&cond->node);
          return known ? yes : make(Select{cond, yes, shadow(n.no, loc, bare)}, type);
        });
  }

  /// p + i, where p's shadow is null or not: what is tested is always a variable, which second_null_test knows.
  static Ex moved(const Ex &base, const Native &by, bool may_be_null, const Type &type) {
    if (is_null(base))
      return null_pointer(type);
    if (auto *s = std::get_if<Select>(&base->node))
      return make(Select{s->cond, moved(s->yes, by, may_be_null, type), moved(s->no, by, may_be_null, type)},
                  type);
    Ex sum = native(by.op, {base, by.args[1]}, type);
    if (!may_be_null || !std::holds_alternative<Read>(base->node))
      return sum;
    return make(Select{native("!=", {base, null_pointer(type)}, Type::boolean()), sum, null_pointer(type)},
                type);
  }
  static Ex converted(const Ex &from, const Type &type) {
    if (is_null(from))
      return null_pointer(type);
    if (auto *s = std::get_if<Select>(&from->node))
      return make(Select{s->cond, converted(s->yes, type), converted(s->no, type)}, type);
    return from.type() == type ? from : make(Cast{from}, type);
  }

  /// At second order an adjoint may be null while its tangent is wanted: `p_bar != nullptr` becomes `p_bar_dot != nullptr`.
  Ex second_null_test(const Ex &cond) const {
    std::optional<Place> pointer = tested_shadow(cond);
    if (!forward() || !pointer || !has(*pointer))
      return cond;
    bool arrives = false; // a tangent that the caller gives is not null
    for (const AdjointParam &p : out_.params)
      arrives = arrives || (p.primal == pointer->root && p.adjoint && pointer->path.empty() &&
                            !out_.bare.count(p.primal));
    if (arrives && out_.style.sure)
      return literal_true();
    Ex tangent = read(out_.place(*pointer));
    return native("!=", {tangent, null_pointer(tangent.type())}, Type::boolean());
  }

  /// &p[i] with p's shadow null must be null, not a small number.
  Ex shadow_address(const Place &p, const Type &type, const Loc &loc) const {
    Ex address = make(AddressOf{shadow_place(p, loc)}, type), guard;
    Place so_far{p.root, {}};
    unsigned derefs = 0;
    for (const Step &step : p.path) {
      if (std::holds_alternative<Deref>(step) && derefs++ == 0 && may_be_null(read(so_far)))
        guard = read(out_.place(so_far));
      else if (std::holds_alternative<Deref>(step) && derefs > 1 && mixes(read(so_far)))
        refuse(Diag::MixedPointer, loc, {p.root->name});
      so_far.path.push_back(step);
    }
    if (guard.get() == nullptr)
      return address;
    return make(Select{native("!=", {guard, null_pointer(guard.type())}, Type::boolean()), address,
                       null_pointer(type)},
                type);
  }

  static bool is_null(const Ex &e) {
    auto *c = std::get_if<Const>(&e->node);
    return c && c->spelling == "nullptr";
  }

  bool has(const Place &p) const { return out_.of.count(p.root) != 0; }
  /// Pointers whose shadows are set as the primal runs; those of the reverse sweep alone lead to nothing active.
  bool has_pointers(const Place &p) const {
    return has(p) && !out_.reverse_only.count(out_.of.at(p.root).root);
  }

  /// A place on the way must not be reached through a pointer that may have no shadow.
  Place shadow_place(const Place &p, const Loc &loc) const {
    Place so_far{p.root, {}};
    for (const Step &step : p.path) {
      bool again = std::holds_alternative<Deref>(step) && p.type().is(Type::Pointer);
      if (again && mixes(read(so_far)))
        refuse(Diag::MixedPointer, loc, {p.root->name});
      so_far.path.push_back(step);
    }
    return out_.place(p);
  }

  // ---- statements ----
  Block rewrite(const Block &block) {
    Block out;
    for (const Stmt &s : block) {
      before(s, out);
      out.push_back(with_blocks(s, [&](const Block &b) { return rewrite(b); }));
      if (auto *c = std::get_if<Call>(&out.back().node); c && activity_.active(*c))
        add_shadow_arguments(*c, s.loc);
      after(s, out);
    }
    return out;
  }

  /// A call that is not inlined gets the shadows of its active pointer arguments, after its own arguments.
  void add_shadow_arguments(Call &c, const Loc &loc) const {
    std::vector<bool> bare(c.args.size(), false);
    if (c.callee->kind == Callee::Visible && c.callee->own_pushforward.empty())
      bare = out_.bare_arguments(c, alias_, activity_);
    for (std::size_t i = 0, n = c.args.size(); i < n; ++i) {
      const Type &t = c.args[i].type();
      if (t.is(Type::Pointer) && t.holds_reals() &&
          activity_.active(alias_.reachable(alias_.points_to(c.args[i]))))
        c.args.push_back(shadow(c.args[i], loc, bare[i]));
    }
  }

  void add(Block &out, decltype(Stmt::node) node, const Loc &loc) const {
    out.push_back({std::move(node), loc, 0});
  }

  /// The shadow moves first: its expression may read the pointer that the primal is about to change.
  void before(const Stmt &s, Block &out) {
    if (auto *a = std::get_if<Assign>(&s.node); a && has_pointers(a->to)) {
      const Type &t = a->to.type();
      if (t.is(Type::Pointer) && t.holds_reals())
        add(out, Assign{shadow_place(a->to, s.loc), shadow(a->value, s.loc)}, s.loc);
      else if (!t.is(Type::Pointer) && t.contains_real_pointers())
        copy_pointers(out_.place(a->to), a->value, s.loc, out);
    }
    if (auto *f = std::get_if<Free>(&s.node); f && forward() && f->pointer.type().holds_reals()) {
      Ex tangent = shadow(f->pointer, s.loc);
      if (!is_null(tangent)) // it was allocated as the primal was
        add(out, Free{tangent, f->how}, s.loc);
    }
    if (auto *d = std::get_if<Declare>(&s.node); d && out_.of.count(d->var)) {
      const Var &bar = out_.of[d->var].root;
      if (d->var->type.is(Type::Pointer)) {
        if (d->init)
          add(out, Declare{bar, shadow(*d->init, s.loc), false, {}}, s.loc);
        else
          add(out, Declare{bar, {}, true, {}}, s.loc);
      } else if (!forward() && !out_.reverse_only.count(bar) && !out_.reset.count(d->var))
        add(out, Declare{bar, {}, true, {}}, s.loc);
    }
  }

  void after(const Stmt &s, Block &out) {
    if (auto *d = std::get_if<Declare>(&s.node); d && d->init && has_pointers(Place{d->var, {}}) &&
                                                 d->var->type.contains_real_pointers() &&
                                                 !d->var->type.is(Type::Pointer))
      copy_pointers(out_.of[d->var], *d->init, s.loc, out);
    if (auto *a = std::get_if<Allocate>(&s.node); a && has_pointers(a->to) && a->to.type().holds_reals()) {
      Place to = shadow_place(a->to, s.loc);
      if (element_is_shadowed(*a) && forward())
        add(out, Allocate{to, type_of(a->element), a->count, a->how, true, {}}, s.loc);
      else if (element_is_shadowed(*a))
        add(out,
            Allocate{
                to, a->element.without_const(), a->count ? a->count : integer(1), Allocate::Arena, true, {}},
            s.loc);
      else
        add(out, Assign{to, null_pointer(to.type())}, s.loc);
    }
    if (auto *c = std::get_if<Call>(&s.node); c && c->result && c->callee->kind != Callee::Passive) {
      const Type &t = c->result->type();
      if ((t.is(Type::Pointer) && t.holds_reals()) || t.contains_real_pointers())
        if (has(*c->result))
          refuse(Diag::ReturnedPointer, s.loc, {c->callee->name});
    }
  }

  /// Pointer members of a struct that is copied whole.
  void copy_pointers(const Place &to, const Ex &value, const Loc &loc, Block &out) {
    auto *from = std::get_if<Read>(&value->node);
    if (!from)
      refuse(Diag::UnsupportedExpression, loc,
             {"this copy of a struct with pointers", "copy from a variable"});
    std::function<void(Place, Place)> visit = [&](Place a, Place b) {
      Type t = a.type();
      if (t.is(Type::Pointer) && t.holds_reals())
        add(out, Assign{a, has_pointers(from->place) ? read(b) : null_pointer(t)}, loc);
      if (t.is(Type::Record) && t.contains_real_pointers())
        for (unsigned i = 0; i < t.members().fields.size(); ++i) {
          Place x = a, y = b;
          x.path.push_back(Field{i});
          y.path.push_back(Field{i});
          visit(x, y);
        }
      if (t.is(Type::Array) && t.contains_real_pointers())
        for (std::uint64_t i = 0; i < t.extent(); ++i) {
          Place x = a, y = b;
          x.path.push_back(Index{integer(i)});
          y.path.push_back(Index{integer(i)});
          visit(x, y);
        }
    };
    visit(to, has_pointers(from->place) ? out_.place(from->place) : from->place);
  }

  const Function &function_;
  const Alias &alias_;
  const Activity &activity_;
  const std::vector<bool> &wrt_;
  Shadows out_;
  Block hoisted_;
  std::set<Var> written_, in_loop_;
};

} // namespace

Shadows add_shadows(const Function &f, const Alias &alias, const Activity &activity,
                    const std::vector<bool> &wrt, const Nullable &nullable, ShadowStyle style) {
  return ShadowBuilder(f, alias, activity, wrt, nullable, std::move(style)).run();
}

} // namespace nabla::diff
