#include "diff/lane_class.h"
#include "ir/print.h"
#include <map>
#include <set>

namespace nabla::diff {
using namespace ir;

namespace {

/// Of containers that are known by what they hold alone: "nabla::elements".
std::string container_name(const Struct &s) {
  for (const char *name : {"nabla::elements", "nabla::shaped_elements", "nabla::slots", "nabla::linked"})
    if (s.spelling.rfind(std::string(name) + "<", 0) == 0)
      return name;
  return "";
}

/// An element of a std::list or its kin: a value, and where the elements before and behind it are.
bool is_node(const Struct &s) { return s.spelling.rfind("nabla::node<", 0) == 0; }

bool lacks_lanes(const Type &t, std::set<const Struct *> &above) {
  if (t.is(Type::Pointer) || t.is(Type::Array))
    return lacks_lanes(t.element(), above);
  if (!t.is(Type::Record) || !t.holds_reals())
    return false;
  const Struct &s = t.members();
  if (is_node(s))
    return lacks_lanes(s.fields[0].type, above);
  bool is_hidden = s.is_polymorphic || s.derived_reals || s.derived_pointers ||
                   (s.container != Struct::None && container_name(s).empty());
  if (is_hidden || !above.insert(&s).second) // it leads to its own kind
    return true;
  bool lacks = false;
  for (const Struct::Field &f : s.fields)
    lacks = lacks || lacks_lanes(f.type, above);
  above.erase(&s);
  return lacks;
}

/// A Struct's identity is its address: one per class and kind of lanes.
std::shared_ptr<Struct> known_as(const Type &record, Struct made) {
  struct Known {
    Type of; // keeps the class's address from being used again
    std::shared_ptr<Struct> made;
  };
  static std::map<std::pair<const Struct *, std::string>, Known> all;
  Known &k = all[{&record.members(), made.spelling}];
  if (!k.made) {
    k.of = record;
    k.made = std::make_shared<Struct>(std::move(made));
  }
  return k.made;
}

/// Its neighbours are of its own class.
Type lane_node(const Type &record, const std::function<Type(const Type &)> &map) {
  Struct made;
  made.fields = record.members().fields;
  made.fields[0].type = map(made.fields[0].type).with_const(false);
  made.spelling = "nabla::node<" + spell(made.fields[0].type) + ">";
  for (std::size_t i = 1; i < made.fields.size(); ++i)
    made.fields[i].type = Type::pointer(Type::void_type());
  std::shared_ptr<Struct> node = known_as(record, std::move(made));
  for (std::size_t i = 1; i < node->fields.size(); ++i)
    if (node->fields[i].type.element().is(Type::Void))
      node->fields[i].type = Type::pointer(Type::record(node));
  return Type::record(node).with_const(record.is_const());
}

/// What one slot of the container leads to, as its template takes it.
const Type &kept_value(const Struct &container) {
  const Type &kept = container.fields[Struct::Data].type.element();
  if (container.container != Struct::Chain)
    return kept;
  const Type &object = kept.element();
  return object.is(Type::Record) && is_node(object.members()) ? object.members().fields[0].type : object;
}

} // namespace

bool lacks_lanes(const Type &t) {
  std::set<const Struct *> above;
  return lacks_lanes(t, above);
}

Type lane_class(const Type &record, const std::function<Type(const Type &)> &map) {
  if (!record.holds_reals() || lacks_lanes(record))
    return record;
  if (is_node(record.members()))
    return lane_node(record, map);
  Struct made;
  made.container = record.members().container;
  made.fields = record.members().fields;
  std::string spelled, way;
  for (Struct::Field &f : made.fields) {
    f.type = map(f.type).with_const(false);
    if (f.type.is(Type::Record) && f.type.members().fields.empty()) { // a base that may forbid to be assigned
      Struct empty;
      empty.spelling = "nabla::members<>";
      f.type = Type::record(known_as(f.type, std::move(empty)));
    }
    if (made.container != Struct::None)
      continue;
    if (f.type.is_reference())
      f.type = Type::pointer(f.type.element());
    f.name = way + "first";
    way += "rest.";
    f.is_bits = f.is_base = false;
    spelled += (spelled.empty() ? "" : ", ") + spell(f.type);
  }
  made.spelling = made.container != Struct::None
                      ? container_name(record.members()) + "<" + spell(kept_value(made)) + ">"
                      : "nabla::members<" + spelled + ">";
  return Type::record(known_as(record, std::move(made))).with_const(record.is_const());
}

} // namespace nabla::diff
