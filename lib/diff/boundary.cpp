#include "diff/boundary.h"
#include "analysis/alias.h"
#include "diff/shadow.h"
#include "diff/tangent.h"
#include "ir/diagnostic.h"
#include "ir/make.h"
#include "ir/walk.h"
#include <algorithm>
#include <set>

namespace nabla::diff {
using namespace ir;
using analysis::Alias;

namespace {

constexpr std::size_t none = ~std::size_t(0);

bool is_own(const Place &p) {
  return std::none_of(p.path.begin(), p.path.end(),
                      [](const Step &step) { return std::holds_alternative<Deref>(step); });
}

Ex value_of(const Place &p) { return make(Read{p}, p.type().with_const(false)); }
Place part(const Place &container, Struct::Part which) { return field(container, which); }
Place element(const Place &container, Ex at) { return deref(part(container, Struct::Data), std::move(at)); }
bool is_container(const Type &t) { return t.is(Type::Record) && t.members().container != Struct::None; }
Type count_type() { return Type::integer("unsigned long"); }

/// Statements that carry values between a caller's object and what stands for it inside.
class Carrier {
public:
  Carrier(Block &out, Loc loc) : out_(&out), loc_(std::move(loc)) {}

  /// `to` leads to the elements that `from`, a caller's object, has.
  void view(const Place &to, const Place &from) {
    Type t = to.type();
    if (!is_container(t))
      return each_field(to, from, &Carrier::view);
    Ex n = value_of(part(from, Struct::Size));
    if (part(to, Struct::Data).type().element().has_outside()) {
      allocate(to, n);
      loop(value_of(part(to, Struct::Size)), [&](const Ex &i) { view(element(to, i), element(from, i)); });
    } else {
      add(Assign{part(to, Struct::Data), value_of(part(from, Struct::Data))});
      set_counts(to, n);
    }
    set_shape(to, from);
  }
  /// `to` gets elements of its own, with the same values.
  void copy(const Place &to, const Place &from) {
    if (!is_container(to.type()))
      return each_field(to, from, &Carrier::copy);
    allocate(to, value_of(part(from, Struct::Size)));
    set_shape(to, from);
    loop(value_of(part(to, Struct::Size)), [&](const Ex &i) { copy(element(to, i), element(from, i)); });
  }
  /// The caller's object gets the size and the values that `from` has.
  void give_back(const Place &to, const Place &from) {
    if (!is_container(from.type()))
      return each_field(to, from, &Carrier::give_back);
    Var n = temporary("count", count_type());
    add(Declare{n, value_of(part(from, Struct::Size)), false, {}});
    if (from.type().members().has_shape())
      add(Opaque{{"nabla::resize(", ", ", ", ", ")"},
                 {value_of(to), value_of(part(from, Struct::Rows)), value_of(part(from, Struct::Columns))},
                 {part(to, Struct::Size)}});
    else
      add(Opaque{{"nabla::resize(", ", ", ")"}, {value_of(to), read(n)}, {part(to, Struct::Size)}});
    loop(read(n), [&](const Ex &i) { give_back(element(to, i), element(from, i)); });
  }

  /// The reals in it become zero; its size stays.
  void clear(const Place &p) {
    Type t = p.type();
    if (t.is(Type::Real))
      add(Assign{p, zero(t)});
    else if (is_container(t))
      loop(value_of(part(p, Struct::Size)), [&](const Ex &i) { clear(element(p, i)); });
    else if (t.is(Type::Array))
      loop(integer(t.extent(), count_type()), [&](const Ex &i) { clear(index(p, i)); });
    else if (t.is(Type::Record))
      for (unsigned i = 0; i < t.members().fields.size(); ++i)
        clear(field(p, i));
  }

private:
  void each_field(const Place &to, const Place &from, void (Carrier::*carry)(const Place &, const Place &)) {
    Type t = to.type();
    if (t.is(Type::Record) && t.members().fields.empty()) // a member that is left out: a string
      return;
    if (t.is(Type::Record) && (t.has_outside() || from.type().has_outside())) {
      for (unsigned i = 0; i < t.members().fields.size(); ++i)
        (this->*carry)(field(to, i), field(from, i));
      return;
    }
    if (t.is(Type::Array)) {
      loop(integer(t.extent(), count_type()),
           [&](const Ex &i) { (this->*carry)(index(to, i), index(from, i)); });
      return;
    }
    if (t.has_outside())
      refuse(Diag::UnsupportedType, loc_,
             {from.type().spelling() + " *", "keep the container itself in the class"});
    add(Assign{to, value_of(from)});
  }
  void set_shape(const Place &to, const Place &from) {
    for (Struct::Part which : {Struct::Rows, Struct::Columns})
      if (to.type().members().has_shape())
        add(Assign{part(to, which), value_of(part(from, which))});
  }
  void set_counts(const Place &to, const Ex &n) {
    add(Assign{part(to, Struct::Size), n});
    add(Assign{part(to, Struct::Capacity), value_of(part(to, Struct::Size))});
  }
  void allocate(const Place &to, const Ex &n) {
    set_counts(to, n);
    Type t = part(to, Struct::Data).type().element().with_const(false);
    add(Allocate{part(to, Struct::Data),
                 t,
                 value_of(part(to, Struct::Size)),
                 Allocate::Arena,
                 t.contains_real_pointers() || t.has_outside(),
                 {}});
  }
  void loop(const Ex &count, const std::function<void(const Ex &)> &body) {
    Var i = local("i", count_type());
    Block inner, *outer = out_;
    out_ = &inner;
    body(read(i));
    out_ = outer;
    add(For{i, integer(0, count_type()), For::LT, count, 1, std::move(inner), false});
  }
  void add(decltype(Stmt::node) node) { out_->push_back({std::move(node), loc_, 0}); }

  Block *out_;
  Loc loc_;
};

class Opener {
public:
  Opener(const Function &f, const std::vector<bool> &wrt) {
    out_.function = f;
    function().params.clear();
    for (std::size_t i = 0; i < f.params.size(); ++i)
      if (f.callee && f.callee->result_is_last && i + 1 == f.params.size())
        result(f.params[i]);
      else
        parameter(f.params[i], f.callee && f.callee->by_value.at(i), i < wrt.size() && wrt[i]);
    function().body.insert(function().body.begin(), start_.begin(), start_.end());
    if (!end_.empty()) {
      Block &body = function().body;
      bool returns = !body.empty() && std::holds_alternative<Return>(body.back().node);
      body.insert(body.end() - returns, end_.begin(), end_.end());
    }
    renumber(function());
  }

  Boundary take() { return std::move(out_); }

private:
  Function &function() { return out_.function; }

  void add_parameter(const Var &v, bool wrt) {
    v->kind = Variable::Param;
    function().params.push_back(v);
    out_.wrt.push_back(wrt);
  }

  void parameter(const Var &p, bool by_value, bool wrt) {
    const Type &t = p->type;
    Type object = t.is_reference() ? t.element() : t;
    if (!t.has_outside()) {
      if (object.is(Type::Record) && object.members().container != Struct::None)
        refuse(Diag::UnsupportedType, function().loc,
               {object.spelling(), "let the caller pass a std::vector"});
      return add_parameter(p, wrt);
    }
    bool is_used = false;
    for_each_variable(function().body, [&](const Var &v) { is_used = is_used || v == p; });
    if (!is_used && !wrt) {
      p->type = by_value ? object.outside().with_const(false) : t.outside();
      out_.is_open = true;
      return add_parameter(p, false);
    }
    if (!object.is(Type::Record) || !t.is_reference())
      refuse(Diag::UnsupportedType, function().loc,
             {"pointer or array of containers", "take the container by reference"});
    out_.is_open = true;
    Var inside = local(p->name, object.without_const());
    inside->inactive = p->inactive;
    substitute_parameter(p, inside);
    Var given = local(p->name, by_value ? object.outside().with_const(false) : t.outside());
    given->inactive = p->inactive;
    bool may_change = by_value || !object.is_const();
    bool is_resized = may_change && changes_structure(inside, object);
    add(start_, Declare{inside, {}, false, {}});
    if (!by_value && is_resized)
      return resized(inside, given, wrt);
    add_parameter(given, wrt);
    bool is_view = object.members().container == Struct::View; // its elements are the caller's
    if (is_view && is_resized && part(Place{inside, {}}, Struct::Data).type().element().has_outside())
      refuse(Diag::UnsupportedType, function().loc, {object.spelling(), "take a vector by reference"});
    bool copies = !is_view && (is_resized || (by_value && writes_elements(inside, given)));
    Carrier carrier(start_, function().loc);
    if (copies)
      carrier.copy(Place{inside, {}}, place(given));
    else
      carrier.view(Place{inside, {}}, place(given));
  }

  /// Initial and final state are two objects to the differentiator.
  void resized(const Var &inside, const Var &given, bool wrt) {
    Var initial = local(given->name + "_initial", Type::reference(given->type.element().with_const()));
    initial->inactive = given->inactive;
    add_parameter(initial, wrt);
    add_parameter(given, wrt);
    out_.resized.push_back({function().params.size() - 2, function().params.size() - 1});
    Carrier(start_, function().loc).copy(Place{inside, {}}, place(initial));
    Carrier(end_, function().loc).give_back(place(given), Place{inside, {}});
  }

  /// A vector that is returned is filled by the function; `close` returns it.
  void result(const Var &p) {
    out_.is_open = true;
    Var inside = local(p->name, p->type.element());
    substitute_parameter(p, inside);
    add(start_, Declare{inside, {}, true, {}});
    Var given = local("result", p->type.outside());
    Carrier(end_, function().loc).give_back(place(given), Place{inside, {}});
    add_parameter(given, given->type.holds_reals());
    out_.resized.push_back({none, function().params.size() - 1});
  }

  void substitute_parameter(const Var &p, const Var &inside) {
    function().body = substitute(function().body, PlaceMap{{p, Place{inside, {}}}});
  }

  /// Is anything of the object assigned but its elements, or handed on so that others may?
  bool changes_structure(const Var &inside, const Type &object) const {
    std::set<const Struct *> nested;
    containers_in(object, nested);
    bool found = false;
    for_each_stmt(out_.function.body, [&](const Stmt &s) {
      for (const Place &p : writes_of(s)) {
        bool is_part = is_own(p) ? p.root == inside : lies_in(p, nested);
        found = found || is_part;
      }
      if (auto *c = std::get_if<Call>(&s.node))
        for (std::size_t i = 0; i < c->args.size(); ++i) {
          auto *a = std::get_if<AddressOf>(&c->args[i]->node);
          const Type &t = c->callee->params.at(i);
          found = found || (a && a->place.root == inside && is_own(a->place) && !t.element().is_const());
        }
    });
    return found;
  }

  /// Containers below the object itself.
  static void containers_in(const Type &t, std::set<const Struct *> &out, bool is_inner = false) {
    if (t.is(Type::Pointer) || t.is(Type::Array))
      return containers_in(t.element(), out, true);
    if (!t.is(Type::Record) || (is_inner && !out.insert(&t.members()).second))
      return;
    for (const Struct::Field &f : t.members().fields)
      containers_in(f.type, out, true);
  }

  static bool lies_in(const Place &p, const std::set<const Struct *> &structs) {
    Place so_far{p.root, {}};
    bool through = false;
    for (const Step &step : p.path) {
      Type t = so_far.type();
      bool last = &step == &p.path.back();
      if (through && last && std::holds_alternative<Field>(step) && is_container(t) &&
          structs.count(&t.members()))
        return true;
      through = through || std::holds_alternative<Deref>(step);
      so_far.path.push_back(step);
    }
    Type t = p.type();
    return t.is(Type::Record) && structs.count(&t.members()) && t.has_outside();
  }

  /// Elements of a parameter by value may be written: the caller's own stay as they are.
  bool writes_elements(const Var &inside, const Var &given) const {
    Function probe = out_.function;
    probe.params.push_back(given);
    Block start;
    start.push_back({Declare{inside, {}, false, {}}, {}, 0});
    Carrier(start, {}).view(Place{inside, {}}, place(given));
    probe.body.insert(probe.body.begin(), start.begin(), start.end());
    Alias alias(probe, true);
    Alias::Objects elements = alias.reachable({alias.object_of(given)});
    bool found = false;
    for (std::size_t i = start.size(); i < probe.body.size(); ++i)
      for_each_stmt(Block{probe.body[i]}, [&](const Stmt &s) {
        if (auto *c = std::get_if<Call>(&s.node); c && c->callee->kind != Callee::Passive)
          for (const Ex &a : c->args)
            found = found || alias.overlap(alias.reachable(alias.points_to(a)), elements);
        for (const Place &p : writes_of(s))
          found = found || (!is_own(p) && alias.overlap(alias.objects(p), elements));
      });
    return found;
  }

  static void add(Block &out, decltype(Stmt::node) node) { out.push_back({std::move(node), {}, 0}); }

  Boundary out_;
  Block start_, end_;
};

} // namespace

Boundary open_boundary(const Function &f, const std::vector<bool> &wrt) {
  bool any = false;
  for (const Var &p : f.params) {
    const Type &t = p->type;
    any = any || t.has_outside() || is_container(t.is(Type::Pointer) ? t.element() : t);
  }
  if (!any)
    return {f, wrt, false, {}};
  return Opener(f, wrt).take();
}

// ---- The generated function -----------------------------------------------------------------------------

namespace {

/// The container itself, where the variable is a reference or a pointer to it.
Ex object(const Var &v) {
  Place p{v, {}};
  if (v->type.is(Type::Pointer))
    p.path.push_back(Deref{});
  return value_of(p);
}

} // namespace

Stmt matching(const Var &bar, const Var &of) {
  return {Opaque{{"nabla::match(", ", ", ")"}, {object(bar), object(of)}, {}}, {}, 0};
}

namespace {

class Closer {
public:
  Closer(const Boundary &b, Function f, Derivative::Mode mode)
      : b_(b), f_(std::move(f)), is_tangent_(mode == Derivative::Pushforward),
        with_adjoints_(mode == Derivative::GradientHvp) {
    std::size_t own = b.function.params.size(), next = f_.params.size();
    for (bool on : b.wrt)
      next -= on;
    for (std::size_t i = 0; i < own; ++i)
      shadows_.push_back(b.wrt[i] ? f_.params.at(next++) : nullptr);
  }

  Function run() {
    for (std::size_t i = 0; i < b_.function.params.size(); ++i)
      if (!is_tangent_ && shadows_[i] && is_of_caller(b_.function.params[i]->type) && !is_one_of_two(i))
        start_.push_back(matching(shadows_[i], b_.function.params[i]));
    for (std::size_t i = 0; i < b_.function.params.size(); ++i)
      if (!is_tangent_ && shadows_[i] && !is_of_caller(b_.function.params[i]->type) && !is_one_of_two(i))
        match_members(whole(shadows_[i]), whole(b_.function.params[i]));
    if (with_adjoints_) // results are the last, adjoints the first that follow the function's own parameters
      for (std::size_t i = 0, next = shadows_.size(); i < shadows_.size(); ++i)
        if (const Var bar = shadows_[i] ? f_.params[next++] : nullptr;
            bar && is_of_caller(b_.function.params[i]->type))
          start_.push_back(matching(bar, b_.function.params[i]));
    for (const Boundary::Resized &r : b_.resized)
      close(r);
    Block &body = f_.body;
    body.insert(body.begin(), start_.begin(), start_.end());
    bool returns = !body.empty() && std::holds_alternative<Return>(body.back().node);
    body.insert(body.end() - returns, end_.begin(), end_.end());
    renumber(f_);
    return std::move(f_);
  }

private:
  static bool is_of_caller(const Type &t) {
    Type object = t.is_reference() ? t.element() : t;
    return is_container(object);
  }
  static Place whole(const Var &v) {
    Place p{v, {}};
    if (v->type.is(Type::Pointer))
      p.path.push_back(Deref{});
    return p;
  }
  /// The containers in the adjoint of an object get the sizes of the object's.
  void match_members(const Place &bar, const Place &of) {
    Type t = of.type();
    if (is_container(t)) {
      start_.push_back({Opaque{{"nabla::match(", ", ", ")"}, {value_of(bar), value_of(of)}, {}}, {}, 0});
    } else if (t.is(Type::Array) && t.extent() <= 64) {
      for (unsigned long i = 0; i < t.extent(); ++i)
        match_members(index(bar, integer(i, count_type())), index(of, integer(i, count_type())));
    } else if (t.is(Type::Record) && bar.type().is(Type::Record)) {
      for (unsigned i = 0; i < t.members().fields.size(); ++i)
        match_members(field(bar, i), field(of, i));
    }
  }
  bool is_one_of_two(std::size_t i) const {
    return std::any_of(b_.resized.begin(), b_.resized.end(),
                       [&](const Boundary::Resized &r) { return i == r.initial || i == r.final; });
  }
  void close(const Boundary::Resized &r) {
    const Var &final = b_.function.params[r.final], &final_bar = shadows_[r.final];
    if (final_bar)
      f_.body = with_shadow_in_step(f_.body, final, final_bar);
    if (r.initial == none)
      return close_result(final, final_bar);
    const Var &initial = b_.function.params[r.initial], &initial_bar = shadows_[r.initial];
    Var kept = copy_of(initial, final);
    if (!initial_bar)
      return;
    if (is_tangent_) {
      copy_of(initial_bar, final_bar);
      return;
    }
    Var sum = copy_of(initial_bar, kept);
    Carrier(start_, nullptr).clear(Place{sum, {}});
    add(end_, Opaque{{"nabla::give(", ", ", ")"}, {object(final_bar), value_of(Place{sum, {}})}, {}});
  }

  /// The parameter becomes a reference to a copy of another.
  Var copy_of(const Var &parameter, const Var &from) { return bind_to_local(parameter, object(from)); }

  Var bind_to_local(const Var &parameter, std::optional<Ex> value) {
    remove(parameter);
    Var held = local(parameter->name + "_copy", parameter->type.element().with_const(false));
    add(start_, Declare{held, value, false, {}});
    bind(parameter, Place{held, {}});
    return held;
  }

  void bind(const Var &parameter, const Place &to) {
    parameter->kind = Variable::Local;
    Ex address = make(AddressOf{to}, Type::pointer(to.type()));
    add(start_, Declare{parameter, address, false, {}});
  }

  void remove(const Var &parameter) {
    f_.params.erase(std::remove(f_.params.begin(), f_.params.end(), parameter), f_.params.end());
  }

  /// result -> a local that is returned; result_bar -> the seed, if there is one
  void close_result(const Var &result, const Var &result_bar) {
    if (is_tangent_)
      return close_both(result, result_bar);
    Var made = bind_to_local(result, {});
    made->name = "made";
    if (!result_bar) // it holds no reals
      return return_only(made);
    remove(result_bar);
    Var seed = local("seed", result_bar->type.element().with_const(false));
    seed->kind = Variable::Param;
    std::size_t adjoints = 0;
    for (const Var &v : shadows_)
      adjoints += v && v != result_bar && std::count(f_.params.begin(), f_.params.end(), v);
    f_.params.insert(f_.params.end() - adjoints, seed);
    bind(result_bar, Place{seed, {}});
    return_only(made);
  }

  /// result, result_dot -> parts of a local that is returned
  void close_both(const Var &result, const Var &result_dot) {
    Type object = result->type.element().with_const(false);
    Var made = local("made", result_dot ? dual_type(object, {}) : object);
    add(start_, Declare{made, {}, false, {}});
    remove(result);
    bind(result, result_dot ? field(Place{made, {}}, 0) : Place{made, {}});
    if (result_dot) {
      remove(result_dot);
      bind(result_dot, field(Place{made, {}}, 1));
    }
    return_only(made);
  }

  void return_only(const Var &made) {
    f_.result = made->type;
    if (!f_.body.empty() && std::holds_alternative<Return>(f_.body.back().node))
      f_.body.pop_back();
    add(f_.body, Return{value_of(Place{made, {}})});
  }

  /// Where the object gets its final size, so does its shadow.
  Block with_shadow_in_step(const Block &block, const Var &object, const Var &shadow) const {
    Block out;
    for (const Stmt &s : block) {
      out.push_back(with_blocks(s, [&](const Block &b) { return with_shadow_in_step(b, object, shadow); }));
      auto *o = std::get_if<Opaque>(&s.node);
      auto *resized = o && !o->args.empty() ? std::get_if<Read>(&o->args[0]->node) : nullptr;
      if (!resized || resized->place.root != object || o->pieces.front() != "nabla::resize(")
        continue;
      Place other = resized->place;
      other.root = shadow;
      std::vector<Ex> args = o->args;
      args[0] = value_of(other);
      out.push_back({Opaque{o->pieces, args, {}}, s.loc, 0}); // rows: when they get theirs
    }
    return out;
  }

  static void add(Block &out, decltype(Stmt::node) node) { out.push_back({std::move(node), {}, 0}); }

  const Boundary &b_;
  Function f_;
  bool is_tangent_, with_adjoints_;
  std::vector<Var> shadows_;
  Block start_, end_;
};

} // namespace

Function close_boundary(const Boundary &b, Function generated, Derivative::Mode mode) {
  return b.is_open ? Closer(b, std::move(generated), mode).run() : generated;
}

} // namespace nabla::diff
