#include "diff/carrier.h"
#include "ir/diagnostic.h"
#include "ir/make.h"
#include <algorithm>
#include <set>
#include <utility>

namespace nabla::diff {
using namespace ir;

namespace {

Ex value_of(const Place &p) { return make(Read{p}, p.type().with_const(false)); }
Place part(const Place &container, Struct::Part which) { return field(container, which); }
Place element(const Place &container, Ex at) { return deref(part(container, Struct::Data), std::move(at)); }
Type count_type() { return Type::integer("unsigned long"); }
bool is_record(const Type &t) { return t.is(Type::Record); }
bool is_choice(const Type &t) { return is_record(t) && t.members().is_choice; }
bool is_chain(const Type &t) { return is_record(t) && t.members().container == Struct::Chain; }
/// Inside, a ring of nodes has an end.
bool is_linked(const Type &t) { return is_chain(t) && t.members().fields.size() > 3; }
bool starts(const Type &inner, const char *name) { return inner.outside().spelling().rfind(name, 0) == 0; }
bool has_keys(const Type &t) { return is_linked(t) && !starts(t, "std::list<"); }
bool is_map(const Type &t) { return starts(t, "std::map<") || starts(t, "std::unordered_map<"); }
bool is_function(const Type &inner) {
  return is_record(inner) && inner.members().is_function && inner.members().outside;
}
bool is_shared(const Type &owner) { return starts(owner, "std::shared_ptr<"); }
/// The caller's smart pointer: one member, `get()`.
bool is_owner_class(const Type &t) {
  return is_record(t) && t.members().fields.size() == 1 && t.members().fields[0].name == "get()";
}
bool is_empty(const Type &t) { return is_record(t) && t.members().fields.empty(); }

enum NodePart : unsigned { Value, Previous, Next };
constexpr unsigned list_end = 3; // number of the member

/// Is one of this number there? A std::optional's number is a flag, a std::variant's counts from zero.
Ex is_there(const Place &choice, unsigned member) {
  Place number = field(choice, 0);
  if (number.type().is(Type::Bool))
    return value_of(number);
  return native("==", {value_of(number), integer(member - 1, count_type())}, Type::boolean());
}

Ex is_not_null(const Place &pointer) {
  return native("!=", {value_of(pointer), null_pointer(pointer.type())}, Type::boolean());
}

/// Has the adjoint of a caller's object of this type a structure that follows the object's?
bool has_structure(const Type &t) {
  if (t.is(Type::Array))
    return has_structure(t.element());
  if (!is_record(t))
    return false;
  if (is_container(t) || is_owner_class(t) || is_choice(t))
    return true;
  const std::vector<Struct::Field> &fields = t.members().fields;
  return std::any_of(fields.begin(), fields.end(),
                     [](const Struct::Field &f) { return has_structure(f.type); });
}

} // namespace

bool is_container(const Type &t) { return is_record(t) && t.members().container != Struct::None; }
bool is_addresses(const Type &t) {
  return is_chain(t) && t.members().spelling.rfind("nabla::addresses<", 0) == 0;
}

Type passed(const Type &inner) {
  return is_chain(inner) ? Type::record(inner.members().outside).with_const(inner.is_const())
                         : inner.outside();
}

bool holds_choice(const Type &t) {
  if (t.is(Type::Array))
    return holds_choice(t.element());
  if (!is_record(t) || is_container(t))
    return false;
  const std::vector<Struct::Field> &fields = t.members().fields;
  return t.members().is_choice || is_function(t) ||
         std::any_of(fields.begin(), fields.end(),
                     [](const Struct::Field &f) { return holds_choice(f.type); });
}

bool holds_owner(const Type &t, bool shared_alone, bool copied_alone) {
  if (t.is_owner() && (!shared_alone || is_shared(t)) && (!copied_alone || t.element().has_outside()))
    return true;
  if (t.is_owner() || t.is(Type::Array) || t.is_reference())
    return holds_owner(t.element(), shared_alone, copied_alone);
  if (is_container(t)) {
    Type kept = t.members().fields[Struct::Data].type.element();
    if (is_chain(t))
      kept = is_linked(t) ? kept.element().members().fields[Value].type : kept.element();
    return holds_owner(kept, shared_alone, copied_alone);
  }
  if (!is_record(t))
    return false;
  const std::vector<Struct::Field> &fields = t.members().fields;
  return std::any_of(fields.begin(), fields.end(),
                     [&](const Struct::Field &f) { return holds_owner(f.type, shared_alone, copied_alone); });
}

bool owns_unknown(const Type &t) {
  if (t.is(Type::Array) || t.is_reference())
    return owns_unknown(t.element());
  if (is_owner_class(t)) {
    const Type owned = t.members().fields[0].type.element();
    bool is_array = t.members().spelling.find("[]") != std::string::npos;
    return is_array || (is_record(owned) && owned.members().is_polymorphic) || owns_unknown(owned);
  }
  if (is_container(t))
    return !is_chain(t) && owns_unknown(t.members().fields[Struct::Data].type.element());
  if (!is_record(t))
    return false;
  const std::vector<Struct::Field> &fields = t.members().fields;
  return std::any_of(fields.begin(), fields.end(),
                     [](const Struct::Field &f) { return owns_unknown(f.type); });
}

bool sets_structure(const Opaque &o) {
  static const std::set<std::string> names{"nabla::resize(", "nabla::choose(", "nabla::put_key(",
                                           "nabla::drop_keys("};
  return names.count(o.pieces.front()) != 0;
}

// ---- Inwards --------------------------------------------------------------------------------------------

void Carrier::bring(const Place &inner, const Place &outer, bool shares) {
  Type t = inner.type();
  auto deeper = [&](const Place &to, const Place &from) { bring(to, from, shares); };
  if (t.is_owner())
    return bring_owned(inner, outer, shares);
  if (is_choice(t)) {
    add(Assign{field(inner, 0), value_of(field(outer, 0))});
    return each_alternative(outer, [&](unsigned i) { deeper(field(inner, i), field(outer, i)); });
  }
  if (is_chain(t))
    return bring_chain(inner, outer, shares);
  if (is_function(t))
    return bring_function(inner, outer, shares);
  if (!is_container(t))
    return each_member(inner, outer, deeper);
  Ex n = value_of(part(outer, Struct::Size));
  set_counts(inner, n);
  if (shares && !part(inner, Struct::Data).type().element().has_outside()) {
    add(Assign{part(inner, Struct::Data), value_of(part(outer, Struct::Data))});
  } else {
    allocate(part(inner, Struct::Data), value_of(part(inner, Struct::Size)));
    loop(value_of(part(inner, Struct::Size)),
         [&](const Ex &i) { deeper(element(inner, i), element(outer, i)); });
  }
  set_shape(inner, outer);
}

/// A pointer to what the caller's smart pointer owns; to a copy of it where it is another class inside.
void Carrier::bring_owned(const Place &inner, const Place &outer, bool shares) {
  Place owned = field(outer, 0);
  const Type &pointee = inner.type().element();
  if ((shares || is_shared(inner.type())) && !pointee.has_outside())
    return add(Assign{inner, value_of(owned)});
  if (pointee.is(Type::Record) && pointee.members().is_polymorphic)
    refuse(Diag::UnsupportedType, loc_,
           {outer.type().spelling(), "take a reference to the object that it owns"});
  add(Assign{inner, null_pointer(inner.type().with_const(false))});
  only_if(is_not_null(owned), [&] {
    allocate(inner, integer(1, count_type()));
    bring(deref(inner), deref(owned), shares);
  });
}

/// Its number among what this file puts into such objects, and a copy of what that captured. The caller's own classes of
/// function objects and closures are asked through `fields` of the class (Shared::fill_held).
void Carrier::bring_function(const Place &inner, const Place &outer, bool shares) {
  const std::vector<Struct::Field> &asked = outer.type().members().fields;
  Ex known = make(Const{asked[1].name}, Type::integer());
  std::vector<Ex> given{value_of(outer)};
  if (asked[1].name != "{}")
    given.push_back(known);
  auto number = std::make_shared<Callee>(); // a call: an unknown target must not go unnoticed
  number->name = number->mangled = asked[0].name;
  number->kind = Callee::Passive;
  number->result = Type::integer();
  for (const Ex &e : given) {
    number->params.push_back(e.type());
    number->param_names.push_back("about");
    number->by_value.push_back(false);
  }
  Var which = local("which", Type::integer());
  add(Declare{which, {}, false, {}});
  add(Call{number, given, Place{which, {}}});
  add(Assign{field(inner, 0), read(which)});
  add(Assign{field(inner, 1),
             native("call nabla::itself", {value_of(outer)}, field(inner, 1).type().with_const(false))});
  for (unsigned i = 2; i < asked.size(); ++i) {
    Place state = field(inner, i);
    Ex is_this = native("==", {value_of(field(inner, 0)), integer(i - 1)}, Type::boolean());
    only_if(is_this, [&] { // filled before anything else leads to it: a lambda may have captured pointers
      Var held = local(outer.root->name + "_captures", asked[i].type);
      Var made = local(outer.root->name + "_state", state.type().with_const(false));
      held->inactive = true;
      add(Declare{held, native("call " + asked[i].name, {value_of(outer)}, asked[i].type), false, {}});
      add(Declare{made, {}, false, {}});
      allocate(Place{made, {}}, integer(1, count_type()));
      keep_apart(deref(Place{held, {}}), outer);
      bring_state(deref(Place{made, {}}), deref(Place{held, {}}), shares);
      add(Assign{state, read(made)});
    });
  }
}

/// A view copies the caller's object: what its lambda leads to must not be a part of that.
void Carrier::keep_apart(const Place &held, const Place &outer) {
  std::vector<Place> wholes;
  Place so_far{outer.root, {}};
  if (so_far.type().is_reference())
    so_far.path.push_back(Deref{});
  wholes.push_back(so_far);
  for (std::size_t i = so_far.path.size(); i < outer.path.size(); ++i) {
    so_far.path.push_back(outer.path[i]);
    if (is_container(so_far.type()))
      wholes.push_back(so_far);
  }
  for (unsigned i = 0; i < held.type().members().fields.size(); ++i) {
    Place led = field(held, i);
    if (!led.type().is(Type::Pointer) && !led.type().is_reference())
      continue;
    led.path.push_back(Deref{});
    for (const Place &whole : wholes)
      add(Opaque{{"nabla::keep_apart(", ", ", ")"},
                 {make(AddressOf{led}, Type::pointer(led.type())), value_of(whole)},
                 {}});
  }
}

/// What a lambda captured by reference is led to.
void Carrier::bring_state(const Place &inner, const Place &outer, bool shares) {
  const std::vector<Struct::Field> &members = outer.type().members().fields;
  bool is_closure = !inner.type().has_outside() && inner.type().spelling() != outer.type().spelling();
  if (!is_closure)
    return bring(inner, outer, shares);
  for (unsigned i = 0; i < members.size(); ++i) {
    Place from = field(outer, i);
    if (!from.type().is_reference()) {
      bring(field(inner, i), from, shares);
      continue;
    }
    from.path.push_back(Deref{});
    if (from.type().has_outside() || field(inner, i).type().element().has_outside())
      refuse(Diag::UnsupportedType, loc_,
             {from.type().spelling() + " &",
              "a lambda in a std::function of the caller's captures it: capture a pointer to "
              "its elements"});
    add(Assign{field(inner, i), make(AddressOf{from}, field(inner, i).type().with_const(false))});
  }
}

void Carrier::bring_chain(const Place &inner, const Place &outer, bool shares) {
  if (is_linked(inner.type()))
    return bring_nodes(inner, outer, shares);
  Place data = part(inner, Struct::Data);
  set_counts(inner, value_of(part(outer, Struct::Size)));
  if (shares && !data.type().element().element().has_outside())
    return add(Assign{data, value_of(part(outer, Struct::Data))});
  allocate(data, value_of(part(inner, Struct::Size)));
  loop(value_of(part(inner, Struct::Size)), [&](const Ex &i) {
    allocate(element(inner, i), integer(1, count_type()));
    bring(deref(element(inner, i)), deref(element(outer, i)), shares);
  });
}

/// A ring of nodes of our own, with copies of the values; the array leads to them in the order of the keys.
void Carrier::bring_nodes(const Place &inner, const Place &outer, bool shares) {
  Place end = field(inner, list_end);
  set_counts(inner, value_of(part(outer, Struct::Size)));
  allocate(end, integer(1, count_type()));
  Ex first = value_of(end);
  for (NodePart side : {Previous, Next})
    add(Assign{field(deref(end), side), first});
  bool keyed = has_keys(inner.type());
  if (keyed)
    allocate(part(inner, Struct::Data), value_of(part(inner, Struct::Size)));
  else
    add(Assign{part(inner, Struct::Data), null_pointer(part(inner, Struct::Data).type().with_const(false))});
  Var last = local("last", end.type().with_const(false));
  add(Declare{last, first, false, {}});
  loop(value_of(part(inner, Struct::Size)), [&](const Ex &i) {
    Var made = local("node", end.type().with_const(false));
    add(Declare{made, {}, false, {}});
    allocate(Place{made, {}}, integer(1, count_type()));
    bring(field(deref(made), Value), deref(element(outer, i)), shares);
    add(Assign{field(deref(made), Previous), read(last)});
    add(Assign{field(deref(made), Next), first});
    add(Assign{field(deref(last), Next), read(made)});
    add(Assign{field(deref(end), Previous), read(made)});
    if (keyed)
      add(Assign{element(inner, i), read(made)});
    add(Assign{Place{last, {}}, read(made)});
  });
}

// ---- Outwards -------------------------------------------------------------------------------------------

void Carrier::give_back(const Place &outer, const Place &inner) {
  Type t = inner.type();
  auto deeper = [&](const Place &to, const Place &from) { give_back(to, from); };
  if (t.is_owner())
    refuse(Diag::UnsupportedType, loc_,
           {outer.type().spelling(),
            "let the function write the object that is there, not put another in its place"});
  if (is_choice(t)) {
    add(Opaque{
        {"nabla::choose(", ", ", ")"}, {value_of(outer), value_of(field(inner, 0))}, {field(outer, 0)}});
    return each_alternative(inner, [&](unsigned i) { deeper(field(outer, i), field(inner, i)); });
  }
  if (is_chain(t))
    return give_back_chain(outer, inner);
  if (is_function(t))
    return add(Opaque{{"nabla::put_function(", ", ", ", ", ")"},
                      {value_of(outer), value_of(field(inner, 0)), value_of(field(inner, 1))},
                      {}});
  if (!is_container(t))
    return each_member(outer, inner, deeper);
  Var n = temporary("count", count_type());
  add(Declare{n, value_of(part(inner, Struct::Size)), false, {}});
  if (t.members().has_shape())
    add(Opaque{{"nabla::resize(", ", ", ", ", ")"},
               {value_of(outer), value_of(part(inner, Struct::Rows)), value_of(part(inner, Struct::Columns))},
               {part(outer, Struct::Size)}});
  else
    add(Opaque{{"nabla::resize(", ", ", ")"}, {value_of(outer), read(n)}, {part(outer, Struct::Size)}});
  loop(read(n), [&](const Ex &i) { deeper(element(outer, i), element(inner, i)); });
}

/// All nodes with their numbers, and their values.
void Carrier::each_linked(const Place &inner, const std::function<void(const Ex &, const Place &)> &body) {
  Place end = field(inner, list_end);
  Var at = local("at", end.type().with_const(false));
  add(Declare{at, value_of(field(deref(end), Next)), false, {}});
  loop(value_of(part(inner, Struct::Size)), [&](const Ex &i) {
    body(i, field(deref(at), Value));
    add(Assign{Place{at, {}}, value_of(field(deref(at), Next))});
  });
}

void Carrier::give_back_chain(const Place &outer, const Place &inner) {
  Ex n = value_of(part(inner, Struct::Size));
  Place size = part(outer, Struct::Size);
  if (has_keys(inner.type())) {
    auto key = [&](const Ex &i) {
      Place value = field(deref(element(inner, i)), Value);
      return value_of(is_map(inner.type()) ? field(value, value.type().members().fields.size() - 2) : value);
    };
    loop(n, [&](const Ex &i) {
      add(Opaque{{"nabla::put_key(", ", ", ")"}, {value_of(outer), key(i)}, {size}});
    });
    add(Opaque{{"nabla::drop_keys(", ")"}, {value_of(outer)}, {size}});
    return loop(
        n, [&](const Ex &i) { give_back(deref(element(outer, i)), field(deref(element(inner, i)), Value)); });
  }
  add(Opaque{{"nabla::resize(", ", ", ")"}, {value_of(outer), n}, {size}});
  if (is_linked(inner.type()))
    return each_linked(inner, [&](const Ex &i, const Place &x) { give_back(deref(element(outer, i)), x); });
  loop(n, [&](const Ex &i) { give_back(deref(element(outer, i)), deref(element(inner, i))); });
}

void Carrier::write_back(const Place &outer, const Place &inner) {
  Type t = inner.type();
  auto deeper = [&](const Place &to, const Place &from) { write_back(to, from); };
  if (t.is_owner()) {
    if (t.element().has_outside())
      only_if(is_not_null(inner), [&] { deeper(deref(field(outer, 0)), deref(inner)); });
  } else if (is_choice(t)) {
    give_back(outer, inner);
  } else if (is_function(t)) {
    add(Opaque{{"nabla::keep_function(", ", ", ")"}, {value_of(outer), value_of(field(inner, 1))}, {}});
  } else if (is_linked(t)) {
    each_linked(inner, [&](const Ex &i, const Place &x) { deeper(deref(element(outer, i)), x); });
  } else if (is_container(t)) {
    Place data = part(inner, Struct::Data);
    Type kept = is_chain(t) ? data.type().element().element() : data.type().element();
    if (kept.has_outside())
      loop(value_of(part(inner, Struct::Size)), [&](const Ex &i) {
        is_chain(t) ? deeper(deref(element(outer, i)), deref(element(inner, i)))
                    : deeper(element(outer, i), element(inner, i));
      });
  } else {
    each_member(outer, inner, deeper);
  }
}

// ---- Adjoints -------------------------------------------------------------------------------------------

void Carrier::clear(const Place &p) {
  Type t = p.type();
  if (t.is_const()) // a key
    return;
  if (t.is(Type::Real))
    add(Assign{p, zero(t)});
  else if (is_addresses(t))
    loop(value_of(part(p, Struct::Size)), [&](const Ex &i) { clear(deref(element(p, i))); });
  else if (is_container(t))
    loop(value_of(part(p, Struct::Size)), [&](const Ex &i) { clear(element(p, i)); });
  else if (t.is(Type::Array))
    loop(integer(t.extent(), count_type()), [&](const Ex &i) { clear(index(p, i)); });
  else if (is_choice(t))
    each_alternative(p, [&](unsigned i) { clear(field(p, i)); });
  else if (is_owner_class(t))
    only_if(is_not_null(field(p, 0)), [&] { clear(deref(field(p, 0))); });
  else if (is_record(t))
    for (unsigned i = 0; i < t.members().fields.size(); ++i)
      clear(field(p, i));
}

void Carrier::match(const Place &bar, const Place &of) {
  Type t = of.type();
  if (!has_structure(t) || !bar.type().is(t.kind()))
    return;
  if (is_addresses(t)) { // these have their elements already
    if (has_structure(part(of, Struct::Data).type().element().element()))
      loop(value_of(part(of, Struct::Size)),
           [&](const Ex &i) { match(deref(element(bar, i)), deref(element(of, i))); });
  } else if (is_container(t)) {
    add(Opaque{{"nabla::match(", ", ", ")"}, {value_of(bar), value_of(of)}, {}});
    const Type &kept = part(of, Struct::Data).type().element();
    if (has_structure(kept) && !is_container(kept))
      loop(value_of(part(of, Struct::Size)), [&](const Ex &i) { match(element(bar, i), element(of, i)); });
  } else if (is_owner_class(t)) {
    only_if(is_not_null(field(of, 0)), [&] {
      if (is_shared(t))
        share("find", bar, of);
      Place object = field(bar, 0);
      only_if(native("==", {value_of(object), null_pointer(object.type())}, Type::boolean()), [&] {
        add(Opaque{{"nabla::make(", ")"}, {value_of(bar)}, {}});
        clear(deref(object));
      });
      if (is_shared(t))
        share("keep", bar, of);
      match(deref(object), deref(field(of, 0)));
    });
  } else if (is_choice(t)) {
    Ex differs = native("!=", {value_of(field(bar, 0)), value_of(field(of, 0))}, Type::boolean());
    only_if(differs, [&] {
      add(Opaque{{"nabla::choose(", ", ", ")"}, {value_of(bar), value_of(field(of, 0))}, {}});
      clear(bar);
    });
    each_alternative(of, [&](unsigned i) { match(field(bar, i), field(of, i)); });
  } else if (t.is(Type::Array)) {
    loop(integer(t.extent(), count_type()), [&](const Ex &i) { match(index(bar, i), index(of, i)); });
  } else {
    for (unsigned i = 0; i < t.members().fields.size(); ++i)
      match(field(bar, i), field(of, i));
  }
}

/// `step` of nabla::sharing, which is declared before all that is matched.
void Carrier::share(const char *step, const Place &bar, const Place &of) {
  if (!sharing_) {
    sharing_ = local("sharing", Type::opaque("nabla::sharing"));
    outermost_->insert(outermost_->begin(), {Declare{sharing_, {}, false, {}}, loc_, 0});
  }
  add(Opaque{
      {"", std::string(".") + step + "(", ", ", ")"}, {read(sharing_), value_of(bar), value_of(of)}, {}});
}

// ---- Parts ----------------------------------------------------------------------------------------------

/// Members and elements; a scalar, and what is the same inside and outside, whole.
void Carrier::each_member(const Place &to, const Place &from, const Way &carry) {
  Type t = to.type();
  if (is_empty(t) || t.is_const()) // a member that is left out: a string; a key
    return;
  if (is_record(t) && (t.has_outside() || from.type().has_outside())) {
    for (unsigned i = 0; i < t.members().fields.size(); ++i)
      carry(field(to, i), field(from, i));
    return;
  }
  if (t.is(Type::Array))
    return loop(integer(t.extent(), count_type()), [&](const Ex &i) { carry(index(to, i), index(from, i)); });
  if (t.has_outside() || from.type().has_outside())
    refuse(Diag::UnsupportedType, loc_,
           {from.type().outside().spelling() + " *", "keep the container itself in the class"});
  add(Assign{to, value_of(from)});
}

void Carrier::each_alternative(const Place &choice, const std::function<void(unsigned)> &body) {
  for (unsigned i = 1; i < choice.type().members().fields.size(); ++i)
    if (!is_empty(field(choice, i).type()))
      only_if(is_there(choice, i), [&] { body(i); });
}

void Carrier::set_shape(const Place &inner, const Place &outer) {
  for (Struct::Part which : {Struct::Rows, Struct::Columns})
    if (inner.type().members().has_shape())
      add(Assign{part(inner, which), value_of(part(outer, which))});
}

void Carrier::set_counts(const Place &inner, const Ex &n) {
  add(Assign{part(inner, Struct::Size), n});
  add(Assign{part(inner, Struct::Capacity), value_of(part(inner, Struct::Size))});
}

void Carrier::allocate(const Place &pointer, const Ex &n) {
  Type t = pointer.type().element().with_const(false);
  bool is_zeroed = t.is(Type::Pointer) || t.contains_real_pointers() || t.has_outside();
  add(Allocate{pointer, t, n, Allocate::Arena, is_zeroed, {}});
}

Block Carrier::block(const std::function<void()> &body) {
  Block inner, *outer = std::exchange(out_, &inner);
  body();
  out_ = outer;
  return inner;
}

void Carrier::loop(const Ex &count, const std::function<void(const Ex &)> &body) {
  Var i = local("i", count_type());
  Block inner = block([&] { body(read(i)); });
  if (!inner.empty())
    add(For{i, integer(0, count_type()), For::LT, count, 1, std::move(inner), false});
}

void Carrier::only_if(const Ex &condition, const std::function<void()> &body) {
  Block inner = block(body);
  if (!inner.empty())
    add(If{condition, std::move(inner), {}});
}

} // namespace nabla::diff
