#include "ir/ir.h"
#include "ir/diagnostic.h"

namespace nabla::ir {

unsigned long Serial::next() {
  static unsigned long last = 0;
  return ++last;
}

Ex::Ex(Expr e) : node_(std::make_shared<const Expr>(std::move(e))) {}

const Type &Ex::type() const { return node_->type; }

namespace {

Type type_of_member(const Type &object, unsigned number) {
  if (!object.is(Type::Record) || number >= object.members().fields.size())
    internal_error("a field of what is no struct, or has no such field");
  const Type &t = object.members().fields[number].type;
  return object.is_const() && !t.is_reference() ? t.with_const() : t;
}

Type type_of_element(const Type &array) {
  if (!array.is(Type::Array))
    internal_error("an index into what is no array");
  return array.is_const() ? array.element().with_const() : array.element();
}

Type type_of_pointee(const Type &pointer) {
  if (!pointer.is(Type::Pointer))
    internal_error("a dereference of what is no pointer");
  return pointer.element();
}

} // namespace

Type Place::type() const {
  Type t = root->type;
  for (const Step &step : path)
    t = match(
        step, [&](const Index &) { return type_of_element(t); },
        [&](const Field &f) { return type_of_member(t, f.number); },
        [&](const Deref &) { return type_of_pointee(t); });
  return t;
}

} // namespace nabla::ir
