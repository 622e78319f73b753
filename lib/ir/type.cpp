#include "ir/type.h"
#include <set>

namespace nabla::ir {

Type::Type(Kind k, Type element, std::uint64_t extent)
    : node_(std::make_shared<Node>(
          Node{k, {}, std::make_shared<const Type>(std::move(element)), extent, false, false, {}, {}})) {}

Type Type::record(std::shared_ptr<const Struct> s) {
  Type t(Record, s->spelling);
  t.node_->record = std::move(s);
  return t;
}

Type Type::owner(Type pointee, std::shared_ptr<const Struct> outside) {
  Type t = pointer(std::move(pointee));
  t.node_->record = std::move(outside);
  return t;
}

Type Type::without_const() const {
  switch (kind()) {
  case Pointer:
    if (is_owner())
      return owner(element().without_const(), record(node_->record).without_const().node_->record);
    return is_reference() ? reference(element().without_const()) : pointer(element().without_const());
  case Array:
    return array(element().without_const(), extent());
  case Void:
  case Bool:
  case Int:
  case Real:
  case Opaque:
    break;
  case Record:
    if (members().adjoint)
      return record(members().adjoint);
    break;
  }
  return with_const(false);
}

namespace {

/// What a caller's std::function holds carries no derivative.
bool is_callers_function(const Type &t) {
  return t.is(Type::Record) && t.members().is_function && !t.members().outside;
}

/// Does the type hold, or lead to, a real (a handle) at all? A list's node points at itself: `seen` holds the structs
/// that are being looked at.
bool holds_reals(const Type &t, bool handles_alone, std::set<const Struct *> &seen) {
  if (is_callers_function(t))
    return false;
  switch (t.kind()) {
  case Type::Real:
    return t.is_handle() || !handles_alone;
  case Type::Pointer:
  case Type::Array:
    return holds_reals(t.element(), handles_alone, seen);
  case Type::Record:
    if (!seen.insert(&t.members()).second)
      return false;
    if (t.members().derived_reals && !handles_alone)
      return true;
    for (const Struct::Field &f : t.members().fields)
      if (holds_reals(f.type, handles_alone, seen))
        return true;
    return false;
  case Type::Void:
  case Type::Bool:
  case Type::Int:
  case Type::Opaque:
    break;
  }
  return false;
}

} // namespace

bool Type::holds_reals() const {
  std::set<const Struct *> seen;
  return ir::holds_reals(*this, false, seen);
}

bool Type::holds_handles() const {
  std::set<const Struct *> seen;
  return ir::holds_reals(*this, true, seen);
}

bool Type::contains_reals() const {
  if (is(Real))
    return true;
  if (is(Array))
    return element().contains_reals();
  if (is(Record) && members().derived_reals)
    return true;
  if (is(Record))
    for (const Struct::Field &f : members().fields)
      if (f.type.contains_reals())
        return true;
  return false;
}

bool Type::contains_real_pointers() const {
  if (is(Pointer))
    return element().holds_reals();
  if (is(Array))
    return element().contains_real_pointers();
  if (is_callers_function(*this))
    return false;
  if (is(Record) && members().derived_pointers)
    return true;
  if (is(Record))
    for (const Struct::Field &f : members().fields)
      if (f.type.contains_real_pointers())
        return true;
  return false;
}

bool Type::has_outside() const {
  if (is_owner())
    return true;
  if (is(Pointer) || is(Array))
    return element().has_outside();
  return is(Record) && members().outside != nullptr;
}

Type Type::outside() const {
  if (!has_outside())
    return *this;
  Type made = is_owner()       ? record(node_->record)
              : is(Record)     ? record(members().outside).outside()
              : is(Array)      ? array(element().outside(), extent())
              : is_reference() ? reference(element().outside())
                               : pointer(element().outside());
  return made.with_const(is_const());
}

bool operator==(const Type &a, const Type &b) {
  if (a.is_const_ != b.is_const_)
    return false;
  if (a.node_ == b.node_)
    return true;
  if (a.kind() != b.kind() || a.spelling() != b.spelling() || a.extent() != b.extent() ||
      a.is_reference() != b.is_reference())
    return false;
  if (a.is(Type::Record) && a.node_->record != b.node_->record)
    return false;
  return !a.node_->element || a.element() == b.element();
}

bool Type::has_initialisers() const {
  if (is(Array))
    return element().has_initialisers();
  if (!is(Record))
    return false;
  bool found = members().has_initialisers;
  for (const Struct::Field &f : members().fields)
    found = found || f.type.has_initialisers();
  return found;
}

bool Type::has_constructor() const {
  if (is(Array))
    return element().has_constructor();
  if (!is(Record))
    return false;
  bool found = members().has_constructor;
  for (const Struct::Field &f : members().fields)
    found = found || f.type.has_constructor();
  return found;
}

} // namespace nabla::ir
