#include "diff/lane_class.h"
#include "ir/print.h"
#include <map>
#include <set>

namespace nabla::diff {
using namespace ir;

namespace {

/// Of containers that are known by what they hold alone: "nabla::elements".
std::string container_name(const Struct &s) {
  for (const char *name : {"nabla::elements", "nabla::shaped_elements"})
    if (s.spelling.rfind(std::string(name) + "<", 0) == 0)
      return name;
  return "";
}

bool lacks_lanes(const Type &t, std::set<const Struct *> &above) {
  if (t.is(Type::Pointer) || t.is(Type::Array))
    return lacks_lanes(t.element(), above);
  if (!t.is(Type::Record) || !t.holds_reals())
    return false;
  const Struct &s = t.members();
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
std::shared_ptr<const Struct> known_as(const Type &record, Struct made) {
  struct Known {
    Type of; // keeps the class's address from being used again
    std::shared_ptr<const Struct> made;
  };
  static std::map<std::pair<const Struct *, std::string>, Known> all;
  Known &k = all[{&record.members(), made.spelling}];
  if (!k.made) {
    k.of = record;
    k.made = std::make_shared<Struct>(std::move(made));
  }
  return k.made;
}

} // namespace

bool lacks_lanes(const Type &t) {
  std::set<const Struct *> above;
  return lacks_lanes(t, above);
}

Type lane_class(const Type &record, const std::function<Type(const Type &)> &map) {
  if (!record.holds_reals() || lacks_lanes(record))
    return record;
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
  made.spelling = made.container != Struct::None ? container_name(record.members()) + "<" +
                                                       spell(made.fields[Struct::Data].type.element()) + ">"
                                                 : "nabla::members<" + spelled + ">";
  return Type::record(known_as(record, std::move(made))).with_const(record.is_const());
}

} // namespace nabla::diff
