#include "diff/keep_arguments.h"
#include "ir/make.h"
#include "ir/walk.h"
#include <algorithm>

namespace nabla::diff {
using namespace ir;

namespace {

const Type count_type = Type::integer("unsigned long");

/// Can it be copied element by element, and does nobody else see the copy's memory change?
bool can_copy(const Type &t) {
  if (t.is(Type::Real) || t.is_discrete())
    return !t.is_handle();
  if (t.is(Type::Array))
    return can_copy(t.element());
  if (!t.is(Type::Record) || t.members().container == Struct::Chain || t.members().container == Struct::View)
    return false;
  if (t.members().is_polymorphic) // member by member it would not be of its class
    return false;
  if (t.members().container == Struct::Vector)
    return can_copy(t.members().fields[Struct::Data].type.element());
  for (const Struct::Field &f : t.members().fields)
    if (!can_copy(f.type))
      return false;
  return true;
}

/// Is it a variable, or part of one, so that nobody finds more around it than its type says?
bool is_complete(const Place &p) {
  const Type t = p.type();
  const bool is_local = p.root->kind == Variable::Local &&
                        std::none_of(p.path.begin(), p.path.end(),
                                     [](const Step &step) { return std::holds_alternative<Deref>(step); });
  return is_local || !t.is(Type::Record) || !t.members().may_be_derived;
}

/// How many of the last steps lead to a base of a base of what is there.
std::size_t bases_at_end(const Place &p) {
  std::size_t count = 0;
  for (Place at = p; !at.path.empty(); ++count) {
    auto *field = std::get_if<Field>(&at.path.back());
    at.path.pop_back();
    if (!field || !at.type().members().fields.at(field->number).is_base)
      break;
  }
  return count;
}

/// A function's own parameters, and the directions of a product of its Hessian.
std::size_t read_parameters(const Derivative &d) {
  const std::size_t directions = d.mode == Derivative::Hvp ? std::count(d.wrt.begin(), d.wrt.end(), true) : 0;
  return d.of->params.size() + directions;
}

/// What an argument is the address of; a pointer to a container or a class of them leads to one.
std::optional<Place> object_of(const Ex &argument) {
  if (auto *a = std::get_if<AddressOf>(&argument->node))
    return a->place;
  auto *r = std::get_if<Read>(&argument->node);
  if (r && argument.type().is(Type::Record))
    return r->place;
  if (!r || !argument.type().is(Type::Pointer) || !argument.type().element().has_outside())
    return std::nullopt;
  Place p = r->place;
  p.path.push_back(Deref{});
  return p;
}

class Keeper {
public:
  std::optional<Function> run(const Function &f) {
    Function out = f;
    out.body = block(f.body);
    renumber(out);
    return changed_ ? std::optional(std::move(out)) : std::nullopt;
  }

private:
  Block block(const Block &statements) {
    Block out;
    for (const Stmt &s : statements) {
      auto *n = std::get_if<Call>(&s.node);
      const bool has_rule = n && n->callee->kind == Callee::Own && n->callee->written.empty();
      if (!n || (!n->callee->derivative && !has_rule)) {
        out.push_back(with_blocks(s, [&](const Block &b) { return block(b); }));
        continue;
      }
      Call call = *n;
      loc_ = s.loc;
      Block behind;
      for (std::size_t i = 0; i < call.args.size(); ++i) {
        const Type &as = n->callee->params.at(i);
        const bool is_own = has_rule ? !as.is(Type::Pointer) || as.element().is_const()
                                     : i < read_parameters(*n->callee->derivative);
        const Type argument = call.args[i].type();
        const std::optional<Place> there = object_of(call.args[i]);
        if (!there || (has_rule && !is_own))
          continue;
        if (argument.is(Type::Record) && is_own)
          call.args[i] = kept_value(*there, call.args[i], out);
        else if (auto copy = is_own
                                 ? kept(*there, argument, as.is_reference() || argument.is_reference(), out)
                                 : shared(*there, argument, out, behind))
          call.args[i] = *copy;
      }
      out.push_back({call, s.loc, s.id});
      out.insert(out.end(), behind.begin(), behind.end());
    }
    return out;
  }

  /// The address of a copy of what the argument leads to, an object or the elements of an array; `is_one`: no pointer to many.
  std::optional<Ex> kept(const Place &from, const Type &argument, bool is_one, Block &out) {
    Place all = from;
    Ex at = integer(0, count_type);
    auto *last = from.path.empty() ? nullptr : std::get_if<Index>(&from.path.back());
    const bool is_array = last && !argument.is_reference();
    if (is_array)
      at = last->at;
    const std::size_t around = is_array ? 1 : bases_at_end(from); // of a base the whole object is kept
    all.path.resize(from.path.size() - around, Deref{});
    const bool starts_at_deref =
        !is_array && !is_one && !all.path.empty() && std::holds_alternative<Deref>(all.path.back());
    const Type element = (is_array ? all.type().element() : all.type()).with_const(false);
    const bool is_flat = !element.is(Type::Array); // what the record has arrays of
    if (starts_at_deref || !is_flat || !can_copy(all.type()) || !is_complete(all))
      return std::nullopt;
    changed_ = true;
    Var copy = local("kept", Type::pointer(element));
    out.push_back({Declare{copy, {}, false, {}}, loc_, 0});
    const long count = is_array ? all.type().extent() : 1;
    allocate(copy, element, integer(count, count_type), out);
    if (is_array) {
      loop(integer(count, count_type), out,
           [&](const Ex &k, Block &b) { assign(deref(copy, k), index(all, k), b); });
      return make(AddressOf{deref(copy, at)}, argument);
    }
    assign(deref(copy), all, out);
    Place part = deref(copy);
    part.path.insert(part.path.end(), from.path.end() - around, from.path.end());
    return make(AddressOf{part}, argument);
  }

  /// An object that is passed by value.
  Ex kept_value(const Place &from, const Ex &argument, Block &out) {
    const Type t = argument.type().with_const(false);
    if (!can_copy(t))
      return argument;
    auto address = kept(from, Type::reference(t), true, out);
    return address ? read(std::get<AddressOf>((*address)->node).place) : argument;
  }

  /// The address of another container or class of containers, whose elements are those of the argument, which is added into:
  /// where they lie may change.
  std::optional<Ex> shared(const Place &from, const Type &argument, Block &out, Block &behind) {
    const Type t = from.type().with_const(false);
    if (!t.has_outside() || !t.is(Type::Record) || !can_copy(t))
      return std::nullopt;
    changed_ = true;
    Var copy = local("kept", Type::pointer(t));
    out.push_back({Declare{copy, {}, false, {}}, loc_, 0});
    allocate(copy, t, integer(1, count_type), out);
    assign_members(deref(copy), from, true, out);
    assign_members(from, deref(copy), false, behind);
    return make(AddressOf{deref(copy)}, argument);
  }

  /// Members, where elements lie if `structure`; else what adjoints are alone.
  void assign_members(const Place &to, const Place &from, bool structure, Block &out) {
    const Type t = from.type();
    if (t.is(Type::Record) && t.members().container == Struct::None) {
      for (unsigned i = 0; i < t.members().fields.size(); ++i)
        assign_members(field(to, i), field(from, i), structure, out);
    } else if (t.is(Type::Record)) {
      for (unsigned i = 0; structure && i < t.members().fields.size(); ++i)
        out.push_back({Assign{field(to, i), read(field(from, i))}, loc_, 0});
    } else if (t.is(Type::Array)) {
      loop(integer(t.extent(), count_type), out,
           [&](const Ex &k, Block &b) { assign_members(index(to, k), index(from, k), structure, b); });
    } else if (structure || t.contains_reals()) {
      out.push_back({Assign{to, read(from)}, loc_, 0});
    }
  }

  void allocate(const Var &to, const Type &element, const Ex &count, Block &out) {
    const bool zero = element.contains_real_pointers();
    out.push_back({Allocate{Place{to, {}}, element, count, Allocate::Arena, zero, std::nullopt}, loc_, 0});
  }
  void loop(const Ex &count, Block &out, const std::function<void(const Ex &, Block &)> &body) {
    Var k = local("k", count_type);
    For n{k, integer(0, count_type), For::LT, count, 1, {}, false};
    body(read(k), n.body);
    out.push_back({std::move(n), loc_, 0});
  }

  void assign(const Place &to, const Place &from, Block &out) {
    const Type t = from.type();
    if (t.is(Type::Array))
      return loop(integer(t.extent(), count_type), out,
                  [&](const Ex &k, Block &b) { assign(index(to, k), index(from, k), b); });
    if (!t.is(Type::Record)) {
      out.push_back({Assign{to, read(from)}, loc_, 0});
      return;
    }
    const bool is_vector = t.members().container == Struct::Vector;
    for (unsigned i = is_vector ? Struct::Size : 0; i < t.members().fields.size(); ++i)
      assign(field(to, i), field(from, i), out);
    if (!is_vector)
      return;
    const Type element = t.members().fields[Struct::Data].type.element().with_const(false);
    Var data = local("kept", Type::pointer(element)), count = local("count", count_type);
    out.push_back({Declare{count, read(field(from, Struct::Size)), false, {}}, loc_, 0});
    out.push_back({Declare{data, {}, false, {}}, loc_, 0});
    allocate(data, element, read(count), out);
    loop(read(count), out,
         [&](const Ex &k, Block &b) { assign(deref(data, k), deref(field(from, Struct::Data), k), b); });
    out.push_back({Assign{field(to, Struct::Data), read(data)}, loc_, 0});
    out.push_back({Assign{field(to, Struct::Capacity), read(count)}, loc_, 0});
  }

  Loc loc_;
  bool changed_ = false;
};

} // namespace

std::optional<Function> keep_arguments(const Function &f) { return Keeper().run(f); }

} // namespace nabla::diff
