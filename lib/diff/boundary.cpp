#include "diff/boundary.h"
#include "analysis/alias.h"
#include "diff/carrier.h"
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
Type object_type(const Type &t) { return t.is_reference() ? t.element() : t; }

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
    if (std::count_if(f.params.begin(), f.params.end(), // made to own one object
                      [](const Var &p) { return holds_owner(object_type(p->type), true); }) > 1)
      function().may_alias = true;
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
  const Function &function() const { return out_.function; }

  void add_parameter(const Var &v, bool wrt, bool by_value = false) {
    v->kind = Variable::Param;
    if (is_addresses(object_type(v->type)))
      out_.addresses.push_back({function().params.size(), by_value});
    function().params.push_back(v);
    out_.wrt.push_back(wrt);
  }

  /// What the function assigns of the object, but for its elements: members that are values, or what says how many
  /// elements there are and where.
  struct Changes {
    bool values = false, structure = false;
    Loc at;         ///< of the first that changes the structure
    std::string by; ///< the function that may do so there
  };

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
    by_value = by_value || t.is_owner();
    if (!t.is_owner() && (!t.is_reference() || (!object.is(Type::Record) && !object.is_owner())))
      refuse(Diag::UnsupportedType, function().loc,
             {"pointer or array of containers", "take the container by reference"});
    out_.is_open = true;
    Var inside = local(p->name, object.without_const());
    inside->inactive = p->inactive;
    substitute_parameter(p, inside);
    Type outer = passed(object).with_const(object.is_const());
    Var given = local(p->name, !by_value             ? Type::reference(outer)
                               : is_addresses(outer) ? Type::reference(outer.with_const(false))
                                                     : outer.with_const(false));
    given->inactive = p->inactive;
    bool may_change = by_value || !object.is_const();
    Changes own = may_change ? changes_of(inside, object) : Changes{};
    bool is_resized = own.structure;
    if (by_value || !is_resized)
      refuse_shared(object, inside, given);
    add(start_, Declare{inside, {}, holds_choice(object), {}});
    if (!by_value && is_resized)
      return resized(inside, given, wrt, own);
    add_parameter(given, wrt, by_value);
    bool is_view =
        object.is(Type::Record) && object.members().container == Struct::View; // the caller's elements
    if (is_view && is_resized && part(Place{inside, {}}, Struct::Data).type().element().has_outside())
      refuse(Diag::UnsupportedType, function().loc, {object.spelling(), "take a vector by reference"});
    bool changes = own.structure || own.values;
    bool copies = !is_view && by_value && ((changes && !t.is_owner()) || writes(inside, given, true));
    Carrier carrier(start_, function().loc);
    if (copies)
      return carrier.copy(Place{inside, {}}, place(given));
    carrier.view(Place{inside, {}}, place(given));
    if (!by_value && (own.values || ((may_change || holds_owner(object)) && writes(inside, given, false))))
      Carrier(end_, function().loc).write_back(place(given), Place{inside, {}});
  }

  /// Two of them may lead to one object, which has to stay one.
  void refuse_shared(const Type &object, const Var &inside, const Var &given) {
    if (holds_owner(object, true, true) && writes(inside, given, false))
      refuse(Diag::UnsupportedType, function().loc,
             {object.outside().spelling(), "what several smart pointers may own is written here, and holds "
                                           "containers or optional values: take a reference to that object"});
  }

  /// Initial and final state are two objects to the differentiator.
  void resized(const Var &inside, const Var &given, bool wrt, const Changes &own) {
    if (holds_owner(inside->type)) // nobody else can copy what it owns
      refuse(Diag::UnsupportedType, own.at ? own.at : function().loc,
             {inside->type.outside().spelling(),
              inside->type.is_owner() && !own.by.empty()
                  ? "'" + own.by +
                        "' may put another object in its place: let it take the object, not the smart pointer"
              : inside->type.is_owner()
                  ? "let the function write the object that is there, not put another in its place"
                  : "a smart pointer is in it, so the function may write the objects and numbers "
                    "that are there, not put others in their place or change how many there are"});
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
    Type outer = passed(inside->type);
    Var given = local("result", Type::reference(outer));
    Carrier(end_, function().loc).give_back(place(given), Place{inside, {}});
    add_parameter(given, given->type.holds_reals());
    out_.resized.push_back({none, function().params.size() - 1});
  }

  void substitute_parameter(const Var &p, const Var &inside) {
    function().body = substitute(function().body, PlaceMap{{p, Place{inside, {}}}});
  }

  Changes changes_of(const Var &inside, const Type &object) const {
    std::set<const Struct *> nested;
    containers_in(object, nested);
    Changes found;
    auto note = [&](const Stmt &s, bool is_value) {
      if (!is_value && !found.structure) {
        auto *c = std::get_if<Call>(&s.node);
        found.at = s.loc;
        found.by = c ? c->callee->name : "";
      }
      (is_value ? found.values : found.structure) = true;
    };
    Function probe = out_.function;
    probe.body.insert(probe.body.begin(), {Declare{inside, {}, false, {}}, {}, 0});
    renumber(probe);
    Alias alias(probe, true); // references to the object, and pointers into it
    const Alias::Object self = alias.object_of(inside);
    for_each_stmt(probe.body, [&](const Stmt &s) {
      if (auto *d = std::get_if<Declare>(&s.node); d && d->var == inside)
        return;
      for (const Place &p : writes_of(s))
        if (is_own(p) ? p.root == inside : lies_in(p, nested))
          note(s, is_own(p) && is_value(p));
        else if (!is_own(p) && alias.objects(p).count(self))
          note(s, is_value(p));
      if (auto *c = std::get_if<Call>(&s.node))
        for (std::size_t i = 0; i < c->args.size(); ++i) {
          auto *a = std::get_if<AddressOf>(&c->args[i]->node);
          const Type &t = c->callee->params.at(i);
          if (a && is_own(a->place)) {
            if (a->place.root == inside && !t.element().is_const())
              note(s, is_value(a->place));
          } else if (t.is(Type::Pointer) && !t.element().is_const() && c->callee->kind != Callee::Passive &&
                     alias.points_to(c->args[i]).count(self))
            note(s, !leads_elsewhere(t.element()));
        }
    });
    return found;
  }

  /// A part that says nothing of where elements lie.
  static bool is_value(const Place &p) {
    Place so_far{p.root, {}};
    for (const Step &step : p.path) {
      Type t = so_far.type();
      auto *member = std::get_if<Field>(&step);
      if (is_container(t) || t.is_owner() ||
          (member && member->number == 0 && t.is(Type::Record) && t.members().is_choice))
        return false;
      so_far.path.push_back(step);
    }
    return !leads_elsewhere(p.type());
  }
  static bool leads_elsewhere(const Type &t) {
    if (t.is(Type::Array))
      return leads_elsewhere(t.element());
    if (!t.is(Type::Record))
      return t.is(Type::Pointer) || t.is_reference();
    const std::vector<Struct::Field> &fields = t.members().fields;
    return is_container(t) || t.members().is_choice ||
           std::any_of(fields.begin(), fields.end(),
                       [](const Struct::Field &f) { return leads_elsewhere(f.type); });
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

  /// The way from one node of a std::list to the next.
  static bool is_link(const Type &t, const Step &step) {
    auto *member = std::get_if<Field>(&step);
    return member && member->number > 0 && t.is(Type::Record) &&
           t.members().spelling.rfind("nabla::node<", 0) == 0;
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
      if (through && last && is_link(t, step) && structs.count(&t.members()))
        return true;
      through = through || std::holds_alternative<Deref>(step);
      so_far.path.push_back(step);
    }
    Type t = p.type();
    if (through && t.is_owner())
      return true;
    return t.is(Type::Record) && structs.count(&t.members()) && t.has_outside();
  }

  /// May the function write what the caller's object leads to, or, else, the copies that a view of it makes?
  bool writes(const Var &inside, const Var &given, bool elements) const {
    Function probe = out_.function;
    probe.params.push_back(given);
    Block start;
    start.push_back({Declare{inside, {}, false, {}}, {}, 0});
    Carrier(start, function().loc).view(Place{inside, {}}, place(given));
    probe.body.insert(probe.body.begin(), start.begin(), start.end());
    renumber(probe);
    Alias alias(probe, true);
    Alias::Objects looked_for;
    if (elements)
      looked_for = alias.reachable({alias.object_of(given)});
    else
      looked_for.insert(alias.object_of(inside)); // through a pointer, such as std::get_if's
    for (std::size_t i = 0; i < start.size(); ++i)
      for_each_stmt(Block{probe.body[i]}, [&](const Stmt &s) {
        if (std::holds_alternative<Allocate>(s.node))
          looked_for.insert(alias.allocated_by(s));
      });
    bool found = false;
    for (std::size_t i = start.size(); i < probe.body.size(); ++i)
      for_each_stmt(Block{probe.body[i]}, [&](const Stmt &s) {
        if (auto *c = std::get_if<Call>(&s.node); c && c->callee->kind != Callee::Passive)
          for (const Ex &a : c->args)
            found = found || (may_write(a) && alias.overlap(alias.reachable(alias.points_to(a)), looked_for));
        for (const Place &p : writes_of(s))
          found = found || (!is_own(p) && alias.overlap(alias.objects(p), looked_for));
      });
    return found;
  }
  static bool may_write(const Ex &argument) {
    const Type &t = argument.type();
    return !t.is(Type::Pointer) || !t.element().is_const() || holds_owner(t.element());
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

/// The object itself, where the variable is a reference or a pointer to it.
Place whole(const Var &v) {
  Place p{v, {}};
  if (v->type.is(Type::Pointer))
    p.path.push_back(Deref{});
  return p;
}
Ex object(const Var &v) { return value_of(whole(v)); }

} // namespace

Block matching(const Var &bar, const Var &of) {
  Block out;
  Carrier(out, nullptr).match(whole(bar), whole(of));
  return out;
}

namespace {

class Closer {
public:
  Closer(const Boundary &b, Function f, Derivative::Mode mode)
      : b_(b), f_(std::move(f)), is_tangent_(mode == Derivative::Pushforward),
        with_adjoints_(mode == Derivative::GradientHvp) {
    std::size_t own = b.function.params.size(), chosen = std::count(b.wrt.begin(), b.wrt.end(), true);
    std::size_t groups = with_adjoints_ ? 3 : mode == Derivative::Hvp ? 2 : 1;
    for (std::size_t g = 0; g < groups; ++g) {
      std::size_t next = f_.params.size() - (groups - g) * chosen;
      std::vector<Var> &shadows = groups_.emplace_back();
      for (std::size_t i = 0; i < own; ++i)
        shadows.push_back(b.wrt[i] ? f_.params.at(next++) : nullptr);
    }
    shadows_ = groups_.back();
  }

  Function run() {
    for (const Boundary::Addresses &a : b_.addresses)
      if (!is_one_of_two(a.parameter))
        give_addresses(a);
    if (!is_tangent_)
      match(shadows_);
    if (with_adjoints_) // results are the last, adjoints the first that follow the function's own parameters
      match(groups_.front());
    for (std::size_t i = 0; i < b_.function.params.size(); ++i)
      if (shadows_[i])
        f_.body = with_shadow_in_step(f_.body, b_.function.params[i], shadows_[i]);
    for (const Boundary::Resized &r : b_.resized)
      close(r);
    Block &body = f_.body;
    body.insert(body.begin(), start_.begin(), start_.end());
    bool returns = !body.empty() && std::holds_alternative<Return>(body.back().node);
    body.insert(body.end() - returns, end_.begin(), end_.end());
    body = substitute(body, led_);
    renumber(f_);
    return std::move(f_);
  }

private:
  bool is_one_of_two(std::size_t i) const {
    return std::any_of(b_.resized.begin(), b_.resized.end(),
                       [&](const Boundary::Resized &r) { return i == r.initial || i == r.final; });
  }
  /// The adjoints get the structure of what they are adjoints of.
  void match(const std::vector<Var> &bars) {
    Carrier carrier(start_, nullptr);
    for (std::size_t i = 0; i < bars.size(); ++i)
      if (bars[i] && !is_one_of_two(i))
        carrier.match(whole(bars[i]), whole(b_.function.params[i]));
  }

  // What callers pass is the container; what the function works with are the addresses of its elements.

  void give_addresses(const Boundary::Addresses &a) {
    const Var &of = b_.function.params[a.parameter];
    Var primal = replaced(of, a.by_value ? Type() : of->type);
    lead(of, whole(primal), nullptr);
    for (const std::vector<Var> &shadows : groups_)
      if (const Var &shadow = shadows[a.parameter]) {
        bool is_tangent = is_tangent_ || (groups_.size() > 1 && &shadows == &groups_[groups_.size() - 2]);
        Var given = replaced(shadow, is_tangent   ? primal->type
                                     : a.by_value ? Type::pointer(container_of(shadow).with_const(false))
                                                  : shadow->type);
        if (!is_tangent)
          add(start_, Opaque{{"nabla::match(", ", ", ")"}, {object(given), object(primal)}, {}});
        lead(shadow, whole(given), is_tangent ? primal : nullptr);
      }
  }
  /// The caller's class, of a parameter that leads to the addresses of its elements.
  static Type container_of(const Var &v) {
    const Type &t = v->type.element();
    return Type::record(t.members().outside).with_const(t.is_const());
  }
  /// A parameter of the caller's class in the place of this one, of type `like`, or by value.
  Var replaced(const Var &v, const Type &like) {
    Type own = container_of(v).with_const(false);
    Var given = local(v->name, own);
    if (like.is(Type::Pointer) && is_addresses(like.element()))
      given->type = Type::reference(container_of(v));
    else if (like.is(Type::Pointer) || like.is(Type::Record))
      given->type = like;
    given->kind = Variable::Param;
    std::replace(f_.params.begin(), f_.params.end(), v, given);
    replaced_[v] = given;
    return given;
  }
  /// In the place of `v` come the addresses of the elements of `container`.
  void lead(const Var &v, const Place &container, const Var &primal) {
    Var held = local(v->name + "_at", v->type.element().with_const(false));
    add(start_,
        Declare{held, native("call nabla::addresses_of", {value_of(container)}, held->type), false, {}});
    if (primal)
      add(start_, Opaque{{"nabla::same_shape(", ", ", ")"}, {value_of(container), object(primal)}, {}});
    v->kind = Variable::Local;
    led_.emplace(v, Place{held, {}});
  }

  void close(const Boundary::Resized &r) {
    const Var &final = b_.function.params[r.final], &final_bar = shadows_[r.final];
    if (r.initial == none)
      return close_result(final, final_bar);
    const Var &initial = b_.function.params[r.initial], &initial_bar = shadows_[r.initial];
    Var outer = final_parameter(final), kept = copy_of(initial, outer);
    if (!initial_bar)
      return;
    Var outer_bar = final_parameter(final_bar);
    if (is_tangent_) {
      copy_of(initial_bar, outer_bar);
      return;
    }
    Var sum = copy_of(initial_bar, kept);
    Carrier(start_, nullptr)
        .clear(is_addresses(object_type(initial_bar->type)) ? whole(initial_bar) : Place{sum, {}});
    add(end_, Opaque{{"nabla::give(", ", ", ")"}, {object(outer_bar), value_of(Place{sum, {}})}, {}});
  }
  /// What the caller passes: the parameter itself, or the container that it leads to the elements of.
  Var final_parameter(const Var &v) {
    if (!is_addresses(object_type(v->type)))
      return v;
    Var given = replaced(v, v->type);
    lead(v, whole(given), nullptr);
    return given;
  }

  /// The parameter becomes a reference to a copy of another.
  Var copy_of(const Var &parameter, const Var &from) { return bind_to_local(parameter, object(from)); }

  Var bind_to_local(const Var &parameter, std::optional<Ex> value) {
    remove(parameter);
    bool leads = is_addresses(parameter->type.element());
    Type kept = leads ? container_of(parameter) : parameter->type.element();
    Var held = local(parameter->name + "_copy", kept.with_const(false));
    add(start_, Declare{held, value, false, {}});
    leads ? lead(parameter, Place{held, {}}, nullptr) : bind(parameter, Place{held, {}});
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
    bool leads = is_addresses(result_bar->type.element());
    Type kept = leads ? container_of(result_bar) : result_bar->type.element();
    Var seed = local("seed", kept.with_const(false));
    seed->kind = Variable::Param;
    std::size_t adjoints = 0;
    for (const Var &v : shadows_) {
      auto given = replaced_.find(v);
      adjoints +=
          v && v != result_bar &&
          std::count(f_.params.begin(), f_.params.end(), given == replaced_.end() ? v : given->second);
    }
    f_.params.insert(f_.params.end() - adjoints, seed);
    leads ? lead(result_bar, Place{seed, {}}, nullptr) : bind(result_bar, Place{seed, {}});
    return_only(made);
  }

  /// result, result_dot -> parts of a local that is returned
  void close_both(const Var &result, const Var &result_dot) {
    bool leads = is_addresses(result->type.element());
    Type object = leads ? container_of(result) : result->type.element().with_const(false);
    Var made = local("made", result_dot ? dual_type(object, {}) : object);
    add(start_, Declare{made, {}, false, {}});
    auto become = [&](const Var &v, const Place &to) {
      remove(v);
      leads ? lead(v, to, nullptr) : bind(v, to);
    };
    become(result, result_dot ? field(Place{made, {}}, 0) : Place{made, {}});
    if (result_dot)
      become(result_dot, field(Place{made, {}}, 1));
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
      if (!resized || resized->place.root != object || !sets_structure(*o))
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
  std::vector<std::vector<Var>> groups_; ///< adjoints, directions, results, as far as there are any
  std::vector<Var> shadows_;             ///< the last of them
  PlaceMap led_;                         ///< parameters that are gone
  std::map<Var, Var> replaced_;          ///< by what callers pass
  Block start_, end_;
};

} // namespace

Function close_boundary(const Boundary &b, Function generated, Derivative::Mode mode) {
  return b.is_open ? Closer(b, std::move(generated), mode).run() : generated;
}

} // namespace nabla::diff
