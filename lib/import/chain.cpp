// std::deque, list, map and their kin. Each element lies in memory of its own in the record, so references and
// iterators stay valid as the standard says. A deque is an array of pointers to its elements, and its iterator a pointer
// into that array. The others are rings of nodes, whose iterator is a pointer to a node; those with keys have an array of
// their nodes as well, in the order of the keys, for the search.
//
//   m[k] = x;  ->  at = first i with !(m.data[i]->key < k); if (none is equal) { insert a node } m.data[at]->value = x
#include "import/chain.h"
#include "import/body.h"
#include "import/class.h"
#include "import/container.h"
#include "import/targets.h"
#include "ir/print.h"

namespace nabla::front {

// ---- Which classes --------------------------------------------------------------------------------------

namespace {

using Instance = clang::ClassTemplateSpecializationDecl;

const Instance *instance_of_std(clang::QualType t) {
  if (t.isNull())
    return nullptr;
  auto *d = dyn_cast_or_null<Instance>(t.getNonReferenceType().getCanonicalType()->getAsCXXRecordDecl());
  if (!d || !d->getIdentifier())
    return nullptr;
  auto *space = dyn_cast<clang::NamespaceDecl>(d->getDeclContext()->getRedeclContext());
  bool is_detail = space && space->getName() == "__detail" && space->getParent()->isStdNamespace();
  return d->isInStdNamespace() || is_detail ? d : nullptr;
}

clang::QualType type_argument(const Instance *d, unsigned i) {
  bool is_type =
      d->getTemplateArgs().size() > i && d->getTemplateArgs()[i].getKind() == clang::TemplateArgument::Type;
  return is_type ? d->getTemplateArgs()[i].getAsType() : clang::QualType();
}

} // namespace

bool is_std(clang::QualType t, std::initializer_list<const char *> names) {
  const Instance *d = instance_of_std(t);
  return d && one_of(d->getNameAsString(), names);
}

bool is_rule_of(clang::QualType rule, std::initializer_list<const char *> names, clang::QualType of) {
  if (!is_std(rule, names))
    return false;
  clang::QualType t = type_argument(instance_of_std(rule), 0);
  return t->isVoidType() || t->getCanonicalTypeUnqualified() == of->getCanonicalTypeUnqualified();
}

namespace {

/// The pair that a map keeps.
clang::QualType entry_of(const Instance *map) {
  const Instance *allocator = instance_of_std(type_argument(map, map->getTemplateArgs().size() - 1));
  return allocator ? type_argument(allocator, 0) : clang::QualType();
}

} // namespace

clang::QualType key_class(const ChainClass &c) {
  return c.has_mapped ? type_argument(instance_of_std(c.value), 0) : c.value;
}

bool is_entry(clang::QualType t) {
  const Instance *d = instance_of_std(t);
  return d && d->getName() == "pair" && type_argument(d, 0).isConstQualified();
}

std::optional<ChainClass> chain_of(clang::QualType t) {
  const Instance *d = instance_of_std(t);
  if (!d || d->getTemplateArgs().size() < 2 ||
      !is_std(type_argument(d, d->getTemplateArgs().size() - 1), {"allocator"}))
    return std::nullopt;
  std::string name = d->getNameAsString();
  if (name == "deque" || name == "list")
    return ChainClass{name == "deque" ? ChainClass::Deque : ChainClass::List, type_argument(d, 0)};
  bool is_map = name == "map" || name == "unordered_map";
  if (!is_map && name != "set" && name != "unordered_set")
    return std::nullopt;
  bool is_sorted = name == "map" || name == "set";
  unsigned rule = is_map ? 2 : 1; // the comparison, or the hash
  clang::QualType key = type_argument(d, 0);
  bool is_greater = is_sorted && is_rule_of(type_argument(d, rule), {"greater"}, key);
  bool is_known = is_greater || is_rule_of(type_argument(d, rule), {is_sorted ? "less" : "hash"}, key);
  if (!is_known || !is_sorted && !is_rule_of(type_argument(d, rule + 1), {"equal_to"}, key))
    return std::nullopt;
  ChainClass out{ChainClass::Ordered, is_map ? entry_of(d) : type_argument(d, 0), is_map, is_sorted,
                 is_greater};
  return out.value.isNull() ? std::nullopt : std::optional(out);
}

std::optional<ChainClass> chain_of_iterator(clang::QualType t) {
  const Instance *d = instance_of_std(t);
  if (!d || t->isReferenceType())
    return std::nullopt;
  std::string name = d->getNameAsString();
  bool is_hashed = one_of(name, {"_Node_iterator", "_Node_const_iterator"});
  if (name == "_Deque_iterator")
    return ChainClass{ChainClass::Deque, type_argument(d, 0)};
  if (one_of(name, {"_List_iterator", "_List_const_iterator"}))
    return ChainClass{ChainClass::List, type_argument(d, 0)};
  if (is_hashed || one_of(name, {"_Rb_tree_iterator", "_Rb_tree_const_iterator"}))
    return ChainClass{ChainClass::Ordered, type_argument(d, 0), false, !is_hashed};
  return std::nullopt;
}

// ---- Their types ----------------------------------------------------------------------------------------

/// A value with the nodes before and behind it.
std::shared_ptr<const Struct> Shared::node(const ir::Type &value) {
  std::string name = "nabla::node<" + spell(value) + ">";
  for (const std::shared_ptr<const Struct> &known : nodes_)
    if (known->spelling == name && known->fields[ChainPart::Value].type == value)
      return known;
  auto made = std::make_shared<Struct>(Struct{name});
  ir::Type other = ir::Type::pointer(ir::Type::record(made));
  made->fields = {{"value", value}, {"previous", other}, {"next", other}};
  nodes_.push_back(made);
  return made;
}

ir::Type Shared::chain_value(const ChainClass &c, clang::SourceLocation at) {
  if (has_own_copying(c.value)) // elements are copied and dropped byte by byte
    refuse(Diag::UnsupportedType, at,
           {spelling(c.value), "keep objects whose copying or destructor does something behind pointers"});
  ir::Type value = is_std_function(c.value) ? held_function(c.value, at) : type(c.value, at);
  if (value.is(ir::Type::Opaque) && !mentions_reals(c.value))
    return value;
  if (value.is(ir::Type::Opaque) || value.holds_handles())
    refuse(Diag::UnsupportedType, at, {spelling(c.value), "keep the objects in an array"});
  return value.with_const(false);
}

ir::Type Shared::chain_iterator(const ChainClass &c, clang::SourceLocation at) {
  ir::Type value = chain_value(c, at);
  if (value.is(ir::Type::Opaque))
    return value;
  return ir::Type::pointer(c.kind == ChainClass::Deque ? ir::Type::pointer(value)
                                                       : ir::Type::record(node(value)));
}

/// The class that callers pass, without what the library adds to the arguments that its user wrote.
static std::string given_spelling(Shared &s, const Instance *d, const ChainClass &c) {
  std::string out = "std::" + d->getNameAsString();
  unsigned written = (c.has_mapped ? 2 : 1) + c.is_descending;
  for (unsigned i = 0; i < written; ++i)
    out += (i ? ", " : "<") + s.spelling(type_argument(d, i));
  return out + ">";
}

/// What stands for the container, or null where its elements are only carried about.
std::shared_ptr<const Struct> Shared::chain(const clang::RecordDecl *rd, const ChainClass &c,
                                            clang::SourceLocation at) {
  rd = cast<clang::RecordDecl>(rd->getCanonicalDecl());
  if (auto found = structs_.find(rd); found != structs_.end())
    return found->second;
  ir::Type value = chain_value(c, at);
  if (value.is(ir::Type::Opaque))
    return nullptr;
  if (value.is(ir::Type::Record) && unfinished_.count(&value.members()))
    refuse(Diag::UnsupportedType, at,
           {spelling(context.getRecordType(rd)),
            "keep the elements in a std::vector and refer to them by index"});
  bool is_deque = c.kind == ChainClass::Deque;
  ir::Type kept = is_deque ? value : ir::Type::record(node(value));
  ir::Type count = ir::Type::integer("unsigned long");
  auto made = std::make_shared<Struct>();
  made->container = Struct::Chain;
  made->spelling = (is_deque ? "nabla::slots<" : "nabla::linked<") + spell(value) + ">";
  made->fields = {{"data", ir::Type::pointer(ir::Type::pointer(kept))}, {"size", count}, {"capacity", count}};
  if (!is_deque)
    made->fields.push_back({"end", ir::Type::pointer(kept)});
  auto given = std::make_shared<Struct>(), addresses = std::make_shared<Struct>();
  given->spelling = given_spelling(*this, instance_of_std(context.getRecordType(rd)), c);
  addresses->spelling = "nabla::addresses<" + given->spelling + ">";
  addresses->fields = {{"data", ir::Type::pointer(ir::Type::pointer(value.outside()))}, {"size", count}};
  given->container = addresses->container = Struct::Chain;
  given->is_aggregate = addresses->is_aggregate = false;
  addresses->outside = given;
  made->outside = addresses;
  structs_[rd] = made;
  chains_[made.get()] = c;
  return made;
}

const ChainClass *Shared::chain_class(const ir::Type &t) const {
  auto found = t.is(ir::Type::Record) ? chains_.find(&t.members()) : chains_.end();
  return found == chains_.end() ? nullptr : &found->second;
}

// ---- Places ---------------------------------------------------------------------------------------------

namespace {

ir::Type count_type() { return ir::Type::integer("unsigned long"); }
Ex plus_one(const Ex &n) { return native("+", {n, integer(1, n.type())}, n.type()); }
Ex minus_one(const Ex &n) { return native("-", {n, integer(1, n.type())}, n.type()); }

Place node_part(const Ex &node, unsigned which) {
  return with_step(with_step(std::get<Read>(node->node).place, Deref{}), Field{which});
}
Ex link(const Ex &node, unsigned which) { return read(node_part(node, which)); }
Ex end_of(const Place &v) { return read(with_step(v, Field{ChainPart::End})); }

} // namespace

/// What the iterator leads to.
Place Body::chain_element(const Ex &iterator) {
  Ex p = std::holds_alternative<Read>(iterator->node) ? iterator : freeze_now(iterator, "at");
  return iterator.type().element().is(ir::Type::Pointer) ? deref(read(deref(p, {})), {})
                                                         : node_part(p, ChainPart::Value);
}

/// The place of the element that this slot of the array leads to.
Place Body::slot_element(const Place &v, const Ex &i) {
  Place object = with_step(element(v, i), Deref{});
  return s_.chain_class(v.type())->kind == ChainClass::Deque ? object
                                                             : with_step(object, Field{ChainPart::Value});
}

// ---- Elements come and go -------------------------------------------------------------------------------

/// No elements any more; the end stays where it is.
void Body::clear_chain(const Place &v) {
  emit(Assign{part(v, Struct::Size), integer(0, count_type())});
  if (s_.chain_class(v.type())->kind == ChainClass::Deque)
    return;
  Ex end = freeze_now(end_of(v), "end");
  emit(Assign{node_part(end, ChainPart::Previous), end});
  emit(Assign{node_part(end, ChainPart::Next), end});
}

void Body::empty_chain(const Place &v) {
  emit(Assign{part(v, Struct::Data), zero_of(part(v, Struct::Data).type())});
  emit(Assign{part(v, Struct::Size), integer(0, count_type())});
  emit(Assign{part(v, Struct::Capacity), integer(0, count_type())});
  if (s_.chain_class(v.type())->kind == ChainClass::Deque)
    return;
  Place end = with_step(v, Field{ChainPart::End});
  Ex ring = owned_block(end.type().element(), {}, true);
  emit(Assign{end, ring});
  clear_chain(v);
}

/// Memory for one more element: what the array of pointers, or the ring, will hold.
Ex Body::new_element(const Place &v, const std::function<void(const Place &)> &set) {
  ir::Type kept = part(v, Struct::Data).type().element().element();
  Ex made = owned_block(kept, {}, true);
  set(s_.chain_class(v.type())->kind == ChainClass::Deque ? deref(made, {})
                                                          : node_part(made, ChainPart::Value));
  return made;
}

/// The node comes before the one that `at` leads to.
void Body::link_before(const Ex &at, const Ex &node) {
  Ex behind = freeze_now(at, "behind");
  Ex before = freeze_now(link(behind, ChainPart::Previous), "before");
  emit(Assign{node_part(node, ChainPart::Previous), before});
  emit(Assign{node_part(node, ChainPart::Next), behind});
  emit(Assign{node_part(before, ChainPart::Next), node});
  emit(Assign{node_part(behind, ChainPart::Previous), node});
}

/// The node leaves its ring; the one behind it.
Ex Body::unlink(const Ex &node) {
  Ex gone = freeze_now(node, "gone");
  Ex next = freeze_now(link(gone, ChainPart::Next), "next");
  Ex before = freeze_now(link(gone, ChainPart::Previous), "before");
  emit(Assign{node_part(before, ChainPart::Next), next});
  emit(Assign{node_part(next, ChainPart::Previous), before});
  return next;
}

/// The pointer goes into the array at `i`, those from there on move up.
void Body::insert_slot(const Place &v, const Ex &i, const Ex &pointer) {
  Ex at = count_of(i, "slot");
  reserve_one(v);
  Ex n = read(part(v, Struct::Size));
  count_down(at, n, [&](const Ex &k) { emit(Assign{element(v, plus_one(k)), read(element(v, k))}); });
  emit(Assign{element(v, at), pointer});
  emit(Assign{part(v, Struct::Size), plus_one(n)});
}

void Body::erase_slots(const Place &v, const Ex &i, const Ex &count) {
  Ex at = count_of(i, "slot"), n = count_of(count, "count");
  Ex left = freeze_now(native("-", {read(part(v, Struct::Size)), n}, count_type()), "left");
  count_loop(at, left, [&](const Ex &k) {
    emit(Assign{element(v, k), read(element(v, native("+", {k, n}, count_type())))});
  });
  emit(Assign{part(v, Struct::Size), left});
}

/// One more at the end, made by `set`; its place.
Place Body::append(const Place &v, const std::function<void(const Place &)> &set) {
  Ex made = new_element(v, set);
  Ex n = read(part(v, Struct::Size));
  const ChainClass &c = *s_.chain_class(v.type());
  if (c.kind != ChainClass::List) {
    reserve_one(v);
    emit(Assign{element(v, n), made});
  }
  if (c.kind != ChainClass::Deque)
    link_before(end_of(v), made);
  emit(Assign{part(v, Struct::Size), plus_one(n)});
  return c.kind == ChainClass::Deque ? deref(made, {}) : node_part(made, ChainPart::Value);
}

/// All elements in their order; the ring must not change meanwhile.
void Body::each_element(const Place &v, const std::function<void(const Place &)> &body) {
  Ex n = count_of(read(part(v, Struct::Size)), "count");
  if (s_.chain_class(v.type())->kind != ChainClass::List)
    return count_loop(integer(0), n, [&](const Ex &i) { body(slot_element(v, i)); });
  Var at = empty_temp("at", with_step(v, Field{ChainPart::End}).type());
  emit(Assign{Place{at, {}}, link(freeze_now(end_of(v), "end"), ChainPart::Next)});
  count_loop(integer(0), n, [&](const Ex &) {
    body(node_part(read(at), ChainPart::Value));
    emit(Assign{Place{at, {}}, link(read(at), ChainPart::Next)});
  });
}

/// `to`, which has nothing yet, gets copies of the elements of `from`.
void Body::copy_chain(const Place &to, const Place &from) {
  Var source = temp("source", read(from)); // `to` may be `from`
  empty_chain(to);
  each_element(Place{source, {}},
               [&](const Place &x) { append(to, [&](const Place &p) { copy_value(p, x); }); });
}

// ---- Keys -----------------------------------------------------------------------------------------------

std::vector<Step> ordered_parts(const ir::Type &t) {
  std::vector<Step> parts;
  if (t.is(ir::Type::Array)) {
    for (std::uint64_t i = 0; i < t.extent(); ++i)
      parts.push_back(Index{integer(i)});
    return parts;
  }
  const Struct &type = t.members();
  for (unsigned i = 0; i < type.fields.size(); ++i) {
    const ir::Type &part = type.fields[i].type;
    if (!part.is(ir::Type::Record) || !part.members().fields.empty()) // a base class of std::pair's
      parts.push_back(Field{i});
  }
  // libstdc++ keeps what follows a tuple's first element in front of it.
  if ((type.outside ? type.outside->spelling : type.spelling).rfind("std::_Tuple_impl<", 0) == 0)
    std::reverse(parts.begin(), parts.end());
  return parts;
}

/// a < b, as std::less does: numbers, pointers, and pairs, tuples and arrays of them.
Ex Body::key_less(const Ex &a, const Ex &b, const clang::Expr *at) {
  const ir::Type &t = a.type();
  constexpr std::uint64_t longest = 8;
  if (t.is(ir::Type::Array) && t.extent() > longest)
    refuse_expr(at, "an order of arrays as long as these",
                "compare their elements in a function of your own");
  if (!t.is(ir::Type::Record) && !t.is(ir::Type::Array))
    return native("<", {a, b}, ir::Type::boolean());
  Ex less;
  const Place &p = std::get<Read>(a->node).place, &q = std::get<Read>(b->node).place;
  const std::vector<Step> parts = ordered_parts(t);
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    Ex x = read(with_step(p, *part)), y = read(with_step(q, *part));
    Ex first = key_less(x, y, at);
    if (less) {
      Ex equal_so_far = native("!", {key_less(y, x, at)}, ir::Type::boolean());
      Ex rest = native("&&", {equal_so_far, less}, ir::Type::boolean());
      less = native("||", {first, rest}, ir::Type::boolean());
    } else {
      less = first;
    }
  }
  return less ? less : boolean(false);
}

Ex Body::key_equal(const Ex &a, const Ex &b) {
  if (!a.type().is(ir::Type::Record) && !a.type().is(ir::Type::Array))
    return native("==", {a, b}, ir::Type::boolean());
  const Place &p = std::get<Read>(a->node).place, &q = std::get<Read>(b->node).place;
  Ex all;
  for (const Step &part : ordered_parts(a.type())) {
    Ex same = key_equal(read(with_step(p, part)), read(with_step(q, part)));
    all = all ? native("&&", {all, same}, ir::Type::boolean()) : same;
  }
  return all ? all : boolean(true);
}

Ex Body::key_before(const ChainClass &c, const Ex &a, const Ex &b, const clang::Expr *at) {
  return c.is_descending ? key_less(b, a, at) : key_less(a, b, at);
}

Place Body::key_of(const Place &v, const Place &value) {
  return s_.chain_class(v.type())->has_mapped ? entry_part(value, 0) : value;
}

/// first or second of a pair, which may have a base class.
Place Body::entry_part(const Place &pair, unsigned which) {
  unsigned n = pair.type().members().fields.size();
  return with_step(pair, Field{n - 2 + which});
}

/// A copy of the key of an element, or of a pair that may become one.
Place Body::existing_key(const Place &v, const Place &element, const clang::Expr *at) {
  Place key = key_of(v, element);
  if (key.type().is(ir::Type::Record) && key.type().members().fields.empty())
    refuse_expr(at, "a pair whose string is left out", "give the key and the value: try_emplace(key, value)");
  return Place{temp("key", read(key)), {}};
}

/// A string as a key: what is kept of it is a handle that compares as it does.
ir::Type text_key_type() { return ir::Type::integer("nabla::text"); }

Ex Body::text_key(const clang::Expr *e) {
  const clang::Expr *given = as_value(e);
  Ex from = isa<clang::StringLiteral>(given)    ? *literal(given)
            : given->getType()->isPointerType() ? value(given)
                                                : text_value(given);
  return native("call nabla::text", {from}, text_key_type());
}

/// The string that a key is, where it is used as one.
Place Body::text_place(const Place &p, const clang::Expr *e) {
  if (!is_text(e->getType()) || !p.type().is(ir::Type::Int))
    return p;
  ir::Type t = type(e->getType(), e->getExprLoc()).with_const(false);
  return Place{temp("text", native("call nabla::string_of<" + t.spelling() + ">", {read(p)}, t)), {}};
}

/// The key that this argument gives, in a variable.
Place Body::key_value(const Place &v, const clang::Expr *e) {
  clang::QualType wanted = key_class(*s_.chain_class(v.type()));
  if (is_text(wanted))
    return Place{temp("key", text_key(e)), {}};
  ir::Type t = type(wanted, e->getExprLoc()).with_const(false);
  bool is_simple_class = !wanted->getAsCXXRecordDecl() || is_std(wanted, {"pair", "tuple", "array"});
  if (owns_elements(t))
    is_simple_class = false;
  bool is_scalar = !t.is(ir::Type::Record) && !t.is(ir::Type::Array) && !t.is(ir::Type::Opaque);
  if (!is_simple_class || !is_scalar && !t.is(ir::Type::Record))
    refuse_expr(e, "a key of type '" + s_.spelling(wanted) + "'",
                "use integers, enumerators, reals, or std::pair and std::tuple of them");
  Var key = empty_temp("key", t);
  if (t.is(ir::Type::Record))
    take_value(Place{key, {}}, e);
  else
    emit(Assign{Place{key, {}}, convert(operand(e), t)});
  return Place{key, {}};
}

/// The first slot whose key does not come before this one; or, for the upper bound, comes behind it.
Var Body::key_position(const Place &v, const Place &key, bool is_upper, const clang::Expr *at) {
  const ChainClass &c = *s_.chain_class(v.type());
  Var low = temp("low", integer(0, count_type())), left = temp("left", read(part(v, Struct::Size)));
  stable_.erase(low.get());
  stable_.erase(left.get());
  Block body = capture([&] {
    Ex half = read(temp("half", native("/", {read(left), integer(2, count_type())}, count_type())));
    Ex middle = read(temp("middle", native("+", {read(low), half}, count_type())));
    Ex there = read(key_of(v, slot_element(v, middle)));
    Ex behind = is_upper ? native("!", {key_before(c, read(key), there, at)}, ir::Type::boolean())
                         : key_before(c, there, read(key), at);
    Block yes = capture([&] {
      emit(Assign{Place{low, {}}, plus_one(middle)});
      emit(Assign{Place{left, {}}, minus_one(native("-", {read(left), half}, count_type()))});
    });
    Block no = capture([&] { emit(Assign{Place{left, {}}, half}); });
    emit(If{behind, std::move(yes), std::move(no)});
  });
  emit(While{native(">", {read(left), integer(0, count_type())}, ir::Type::boolean()), std::move(body)});
  return low;
}

/// Is the key in the slot that key_position found?
Var Body::key_is_there(const Place &v, const Place &key, const Var &slot, const clang::Expr *at) {
  Var found = temp("found", native("<", {read(slot), read(part(v, Struct::Size))}, ir::Type::boolean()));
  stable_.erase(found.get());
  Block compare = capture([&] {
    Ex there = read(key_of(v, slot_element(v, read(slot))));
    Ex behind = key_before(*s_.chain_class(v.type()), read(key), there, at);
    emit(Assign{Place{found, {}}, native("!", {behind}, ir::Type::boolean())});
  });
  emit(If{read(found), std::move(compare), {}});
  return found;
}

/// The node in this slot, or the end behind the last one.
Var Body::node_at(const Place &v, const Ex &slot) {
  Var node = temp("node", end_of(v));
  stable_.erase(node.get());
  Block inside = capture([&] { emit(Assign{Place{node, {}}, read(element(v, slot))}); });
  emit(If{native("<", {slot, read(part(v, Struct::Size))}, ir::Type::boolean()), std::move(inside), {}});
  return node;
}

/// The node with this key, made by `set` where there is none; `is_new` says which. Else `replace` is run on it.
Var Body::find_or_insert(const Place &v, const Place &key, const std::function<void(const Place &)> &set,
                         const std::function<void(const Place &)> &otherwise, Var &is_new,
                         const clang::Expr *at) {
  Var slot = key_position(v, key, false, at);
  Var found = key_is_there(v, key, slot, at);
  is_new = temp("is_new", native("!", {read(found)}, ir::Type::boolean()));
  Block insert = capture([&] {
    Ex made = new_element(v, [&](const Place &p) {
      emit(Assign{key_of(v, p), read(key)});
      set(p);
    });
    Var behind = node_at(v, read(slot));
    link_before(read(behind), made);
    insert_slot(v, read(slot), made);
  });
  Block keep = capture([&] {
    if (otherwise)
      otherwise(slot_element(v, read(slot)));
  });
  emit(If{read(is_new), std::move(insert), std::move(keep)});
  return temp("node", read(element(v, read(slot))));
}

} // namespace nabla::front
