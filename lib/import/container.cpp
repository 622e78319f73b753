// std::vector, std::span and std::initializer_list: a struct of a pointer to the elements, their number and the room
// for them. Elements live in the record, so a recorded pointer stays valid and nothing is freed; growing copies.
//
//   std::vector<double> v(n);  v.push_back(x);
//   ->  v.data = record n; v.size = n; v.capacity = n;  if (v.size == v.capacity) { grow }  v.data[v.size] = x; v.size += 1
#include "import/container.h"
#include "import/backwards.h"
#include "import/chain.h"
#include "import/class.h"
#include "import/complex.h"
#include "import/matrix.h"
#include "import/optional.h"
#include "import/smart.h"
#include "import/targets.h"
#include "import/variant.h"
#include "ir/print.h"

namespace nabla::front {

// ---- Which classes --------------------------------------------------------------------------------------

namespace {

const clang::ClassTemplateSpecializationDecl *std_instance(clang::QualType t) {
  if (t.isNull())
    return nullptr;
  auto *rd = t.getNonReferenceType().getCanonicalType()->getAsCXXRecordDecl();
  return dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(rd);
}

bool is_type_argument(const clang::ClassTemplateSpecializationDecl *d, unsigned i) {
  return d->getTemplateArgs().size() > i &&
         d->getTemplateArgs()[i].getKind() == clang::TemplateArgument::Type;
}

} // namespace

bool is_valarray(clang::QualType t) {
  auto *d = std_instance(t);
  return d && d->isInStdNamespace() && d->getName() == "valarray";
}

std::optional<ContainerClass> container_of(clang::QualType t) {
  if (auto m = matrix_of(t)) {
    if (m->is_fixed)
      return std::nullopt;
    return ContainerClass{m->is_view ? Struct::View : Struct::Vector, m->scalar};
  }
  auto *d = std_instance(t);
  if (!d || !d->isInStdNamespace() || !is_type_argument(d, 0))
    return std::nullopt;
  clang::QualType element = d->getTemplateArgs()[0].getAsType();
  llvm::StringRef name = d->getName();
  if (name == "span" || name == "initializer_list")
    return ContainerClass{Struct::View, name == "span" ? element : element.withConst()};
  auto *allocator = is_type_argument(d, 1) ? std_instance(d->getTemplateArgs()[1].getAsType()) : nullptr;
  if (name == "valarray" && !element->isBooleanType())
    return ContainerClass{Struct::Vector, element};
  bool is_plain_vector = name == "vector" && allocator && allocator->isInStdNamespace() &&
                         allocator->getName() == "allocator" && !element->isBooleanType();
  if (!is_plain_vector)
    return std::nullopt;
  return ContainerClass{Struct::Vector, element};
}

clang::QualType iterator_pointer(clang::QualType t) {
  auto *d = std_instance(t);
  if (!d || t->isReferenceType() || d->getName() != "__normal_iterator" || !is_type_argument(d, 0))
    return {};
  return d->getTemplateArgs()[0].getAsType();
}

bool is_iterator(clang::QualType t) {
  t = t.getNonReferenceType().getUnqualifiedType();
  return !iterator_pointer(t).isNull() || chain_of_iterator(t);
}

// ---- Their types ----------------------------------------------------------------------------------------

/// The struct that stands for a container, or null where its elements are of a type that is only carried about.
std::shared_ptr<const Struct> Shared::container(const clang::RecordDecl *rd, clang::QualType t,
                                                clang::SourceLocation at) {
  rd = cast<clang::RecordDecl>(rd->getCanonicalDecl());
  if (auto found = structs_.find(rd); found != structs_.end())
    return found->second;
  ContainerClass c = *container_of(t);
  auto made = std::make_shared<Struct>(), outside = std::make_shared<Struct>();
  structs_[rd] = made;
  ir::Type element;
  if (has_own_copying(c.element)) { // elements are copied and dropped byte by byte
    structs_.erase(rd);
    refuse(Diag::UnsupportedType, at,
           {spelling(t),
            "keep elements whose copying or destructor does something in an array, or behind pointers"});
  }
  try {
    element = is_std_function(c.element) ? held_function(c.element, at) : type(c.element, at);
  } catch (...) {
    structs_.erase(rd);
    throw;
  }
  if (element.holds_handles()) { // elements are made and copied byte by byte
    structs_.erase(rd);
    refuse(Diag::UnsupportedType, at, {spelling(t), "pass a pointer to the first element, and their number"});
  }
  const ir::Type *innermost = &element;
  while (innermost->is(ir::Type::Pointer) || innermost->is(ir::Type::Array))
    innermost = &innermost->element();
  if (innermost->is(ir::Type::Record) && unfinished_.count(&innermost->members())) {
    structs_.erase(rd);
    refuse(Diag::UnsupportedType, at,
           {spelling(t), "keep the elements in a vector of their own and refer to them by index"});
  }
  if (element.is(ir::Type::Opaque)) {
    structs_.erase(rd);
    return nullptr;
  }
  ir::Type count = ir::Type::integer("unsigned long");
  made->container = outside->container = c.kind;
  made->spelling = "nabla::elements<" + spell(element) + ">";
  made->fields = {{"data", ir::Type::pointer(element)}, {"size", count}, {"capacity", count}};
  if (auto m = matrix_of(t)) {
    matrix_fields(*made, *outside, *m);
    outside->spelling = matrix_spelling(*m, spelling(m->scalar), is_array(t));
    if (!m->is_view)
      made->outside = outside;
    return made;
  }
  bool is_vector = c.kind == Struct::Vector && !is_valarray(t); // its allocator need not be written
  outside->spelling = is_vector ? "std::vector<" + spelling(c.element) + ">" : spelling(t);
  const std::string any_extent = ", 18446744073709551615>";
  if (std::size_t at = outside->spelling.find(any_extent); at != std::string::npos)
    outside->spelling.replace(at, any_extent.size(), ">");
  outside->fields = {{"data()", ir::Type::pointer(element.outside())}, {"size()", count}};
  outside->is_aggregate = false;
  if (is_valarray(t))
    outside->fields[Struct::Data].name = "nabla::array_data";
  if (outside->spelling.find("std::span<const ") == 0) {
    auto writable = std::make_shared<Struct>(*outside);
    writable->fields[Struct::Data].type = ir::Type::pointer(element.outside().with_const(false));
    writable->spelling.erase(writable->spelling.find("const "), 6);
    outside->adjoint = writable;
  }
  if (cast<clang::ClassTemplateSpecializationDecl>(rd)->getName() != "initializer_list")
    made->outside = outside;
  return made;
}

bool owns_elements(const ir::Type &t) {
  if (t.is(ir::Type::Array))
    return owns_elements(t.element());
  if (!t.is(ir::Type::Record))
    return false;
  if (t.members().container != Struct::None)
    return t.members().container != Struct::View;
  for (const Struct::Field &f : t.members().fields)
    if (owns_elements(f.type))
      return true;
  return false;
}

// ---- Places ---------------------------------------------------------------------------------------------

Place part(const Place &container, Struct::Part which) { return with_step(container, Field{which}); }
Place element(const Place &container, Ex at) {
  return with_step(part(container, Struct::Data), Deref{std::move(at)});
}

namespace {

ir::Type count_type() { return ir::Type::integer("unsigned long"); }

} // namespace

/// A count that may be mentioned again and again.
Ex Body::count_of(Ex n, const std::string &name) {
  n = convert(std::move(n), count_type());
  bool is_fixed = std::holds_alternative<Const>(n->node);
  return is_fixed ? n : freeze_now(n, name);
}

/// for (i = first; i < end; ++i) body(i)
void Body::count_loop(const Ex &first, const Ex &end, const std::function<void(const Ex &)> &body) {
  Var i = variable("i", count_type());
  Block inner = capture([&] { body(read(i)); });
  emit(For{i, convert(first, count_type()), For::LT, convert(end, count_type()), 1, std::move(inner), false});
}

/// The same from the last to the first.
void Body::count_down(const Ex &first, const Ex &end, const std::function<void(const Ex &)> &body) {
  Var left = variable("left", count_type());
  Block inner = capture([&] {
    Var i = temp("i", native("-", {read(left), integer(1, count_type())}, count_type()));
    body(read(i));
  });
  emit(For{left, convert(end, count_type()), For::GT, convert(first, count_type()), -1, std::move(inner),
           false});
}

// ---- Memory ---------------------------------------------------------------------------------------------

/// New memory for n elements, which become the container's; their values are zero or not yet set.
void Body::allocate_elements(const Place &to, const Ex &n, bool zero) {
  ir::Type element_type = part(to, Struct::Data).type().element().with_const(false);
  zero = zero || element_type.contains_real_pointers() || owns_elements(element_type);
  emit(Allocate{part(to, Struct::Data), element_type, n, Allocate::Arena, zero, std::nullopt});
  emit(Assign{part(to, Struct::Size), n});
  emit(Assign{part(to, Struct::Capacity), n});
}

void Body::empty_container(const Place &to) {
  if (s_.chain_class(to.type()))
    return empty_chain(to);
  emit(Assign{part(to, Struct::Data), zero_of(part(to, Struct::Data).type())});
  emit(Assign{part(to, Struct::Size), integer(0, count_type())});
  emit(Assign{part(to, Struct::Capacity), integer(0, count_type())});
  if (to.type().members().has_shape()) {
    emit(Assign{part(to, Struct::Rows), integer(0, ir::Type::integer("long"))});
    emit(Assign{part(to, Struct::Columns), integer(0, ir::Type::integer("long"))});
  }
}

/// Room for `capacity` elements, those that are there moved over.
void Body::regrow(const Place &v, const Ex &capacity) {
  Place data = part(v, Struct::Data);
  Var grown = empty_temp("grown", data.type());
  ir::Type element_type = data.type().element().with_const(false);
  bool zero = element_type.contains_real_pointers() || owns_elements(element_type);
  emit(Allocate{Place{grown, {}}, element_type, capacity, Allocate::Arena, zero, std::nullopt});
  count_loop(integer(0), read(part(v, Struct::Size)),
             [&](const Ex &i) { copy_object(with_step(Place{grown, {}}, Deref{i}), element(v, i)); });
  emit(Assign{data, read(grown)});
  emit(Assign{part(v, Struct::Capacity), capacity});
}

/// Room for at least n elements.
void Body::reserve(const Place &v, const Ex &n) {
  Ex lacks = native("<", {read(part(v, Struct::Capacity)), n}, ir::Type::boolean());
  Block grow = capture([&] { regrow(v, n); });
  emit(If{lacks, std::move(grow), {}});
}

/// Room for one more, and in the long run for as many again.
void Body::reserve_one(const Place &v) {
  Ex room = read(part(v, Struct::Capacity));
  Ex is_full = native("==", {read(part(v, Struct::Size)), room}, ir::Type::boolean());
  Block grow = capture([&] {
    Ex twice = native("*", {integer(2, count_type()), room}, count_type());
    regrow(v, freeze_now(native("+", {twice, integer(4, count_type())}, count_type()), "capacity"));
  });
  emit(If{is_full, std::move(grow), {}});
}

void Body::resize(const Place &v, const clang::Expr *n, const clang::Expr *fill,
                  clang::QualType element_class) {
  Ex x = fill ? steady_value(fill) : Ex();
  Ex count = count_of(value(n), "count");
  reserve(v, count);
  count_loop(read(part(v, Struct::Size)), count,
             [&](const Ex &i) { set_element(element(v, i), x, element_class, n); });
  emit(Assign{part(v, Struct::Size), count});
}

/// One element to a value that was computed before, or, without one, as `T()` makes it.
void Body::set_element(const Place &to, const Ex &x, clang::QualType element_class, const clang::Expr *at) {
  if (x) {
    if (auto *r = std::get_if<Read>(&x->node); r && owns_elements(to.type()))
      return copy_value(to, r->place);
    return emit(Assign{to, convert(x, to.type())});
  }
  zero_fill(to);
  auto *cls = element_class->getAsCXXRecordDecl();
  bool is_zero = !cls || container_of(element_class) || chain_of(element_class) || is_complex(element_class);
  if (!is_zero)
    default_object(to, cls->getDefinition(), at->getExprLoc());
}

/// A value that is computed once, and is not changed by what follows.
Ex Body::steady_value(const clang::Expr *e) {
  Ex v = operand(e);
  return is_simple(v) ? v : freeze_now(v, "filled");
}

// ---- Copies ---------------------------------------------------------------------------------------------

/// `to` becomes a copy of `from`, with elements of its own.
void Body::copy_value(const Place &to, const Place &from) {
  ir::Type t = to.type();
  if (!owns_elements(t))
    return copy_object(to, from);
  if (s_.chain_class(t))
    return copy_chain(to, from);
  if (t.is(ir::Type::Array)) {
    Var i = variable("i", ir::Type::integer());
    Block body = capture([&] { copy_value(with_step(to, Index{read(i)}), with_step(from, Index{read(i)})); });
    return emit(For{i, integer(0), For::LT, integer(t.extent()), 1, std::move(body), false});
  }
  if (t.members().container == Struct::None) {
    for (unsigned i = 0; i < t.members().fields.size(); ++i)
      copy_value(with_step(to, Field{i}), with_step(from, Field{i}));
    return;
  }
  Ex source = freeze_now(read(part(from, Struct::Data)), "from"); // `to` may be `from`
  Ex n = count_of(read(part(from, Struct::Size)), "count");
  if (t.members().has_shape()) {
    emit(Assign{part(to, Struct::Rows), read(part(from, Struct::Rows))});
    emit(Assign{part(to, Struct::Columns), read(part(from, Struct::Columns))});
  }
  allocate_elements(to, n, false);
  count_loop(integer(0), n, [&](const Ex &i) { copy_value(element(to, i), deref(source, i)); });
}

/// n elements take the place of those that are there. As in the library they stay where they are while the room suffices:
/// what refers to them remains good.
void Body::replace_elements(const Place &to, const Ex &n,
                            llvm::function_ref<void(const Place &, const Ex &)> set) {
  const bool owns = owns_elements(part(to, Struct::Data).type().element());
  Var kept = owns ? temp("kept", read(part(to, Struct::Size))) : nullptr;
  if (kept)
    stable_.erase(kept.get());
  Block renew = capture([&] {
    allocate_elements(to, n, false);
    if (kept)
      emit(Assign{Place{kept, {}}, integer(0, count_type())});
  });
  emit(If{native("<", {read(part(to, Struct::Capacity)), n}, ir::Type::boolean()), std::move(renew), {}});
  emit(Assign{part(to, Struct::Size), n});
  if (kept)
    count_loop(read(kept), n, [&](const Ex &i) { zero_fill(element(to, i)); });
  count_loop(integer(0), n, [&](const Ex &i) { set(element(to, i), i); });
}

/// The same of an object that has a value already.
void Body::assign_value(const Place &to, const Place &from) {
  ir::Type t = to.type();
  const bool is_whole = !owns_elements(t) || s_.chain_class(t);
  if (t.is(ir::Type::Array) && !is_whole) {
    Var i = variable("i", ir::Type::integer());
    Block body =
        capture([&] { assign_value(with_step(to, Index{read(i)}), with_step(from, Index{read(i)})); });
    return emit(For{i, integer(0), For::LT, integer(t.extent()), 1, std::move(body), false});
  }
  if (is_whole || !t.is(ir::Type::Record) || t.members().has_shape())
    return copy_value(to, from);
  if (t.members().container == Struct::None) {
    for (unsigned i = 0; i < t.members().fields.size(); ++i)
      assign_value(with_step(to, Field{i}), with_step(from, Field{i}));
    return;
  }
  Ex source = freeze_now(read(part(from, Struct::Data)), "from");
  Ex n = count_of(read(part(from, Struct::Size)), "count");
  replace_elements(to, n, [&](const Place &x, const Ex &i) { assign_value(x, deref(source, i)); });
}

/// `to` takes over what `from` has; `from` is empty afterwards.
void Body::move_value(const Place &to, const Place &from, clang::QualType t) {
  emit(Assign{to, read(from)});
  clear_moved(from, t);
}

/// What a move leaves behind: containers are empty, smart pointers null.
void Body::clear_moved(const Place &p, clang::QualType t) {
  t = t.getNonReferenceType();
  if (is_optional(t) || is_variant(t)) {
    unsigned number = 0;
    for (clang::QualType each : is_variant(t) ? alternatives(t) : std::vector{value_class(t)})
      clear_moved(with_step(p, Field{++number}), each);
    return;
  }
  if (is_smart(t))
    return emit(Assign{p, zero_of(p.type().with_const(false))});
  if (auto c = container_of(t); c && c->kind == Struct::Vector || s_.chain_class(p.type()))
    return empty_container(p);
  auto *cls = t->getAsCXXRecordDecl();
  if (!cls || !p.type().is(ir::Type::Record) || !p.type().has_outside() || stands_in(t))
    return;
  unsigned number = 0;
  for (const clang::CXXBaseSpecifier &base : cls->getDefinition()->bases())
    clear_moved(with_step(p, Field{number++}), base.getType());
  for (auto *field : cls->getDefinition()->fields())
    if (!field->getType()->isReferenceType())
      clear_moved(with_step(p, Field{field_number(field)}), field->getType());
}

// ---- Construction ---------------------------------------------------------------------------------------

namespace {

/// The constructor's own arguments: no allocator, which is std::allocator.
std::vector<const clang::Expr *> own_arguments(const clang::CXXConstructExpr *e) {
  std::vector<const clang::Expr *> out;
  for (const clang::Expr *a : e->arguments()) {
    auto *d = std_instance(a->getType());
    if (!(d && d->getName() == "allocator"))
      out.push_back(a);
  }
  return out;
}

} // namespace

/// The list behind an argument `{a, b, c}`.
const clang::InitListExpr *written_list(const clang::Expr *e) {
  for (e = bare(e);;) {
    if (auto *m = dyn_cast<clang::MaterializeTemporaryExpr>(e))
      e = bare(m->getSubExpr());
    else if (auto *s = dyn_cast<clang::CXXStdInitializerListExpr>(e))
      e = bare(s->getSubExpr());
    else if (auto *c = dyn_cast<clang::ImplicitCastExpr>(e); c && c->getCastKind() == clang::CK_NoOp)
      e = bare(c->getSubExpr());
    else
      return dyn_cast<clang::InitListExpr>(e);
  }
}

/// `{a, b, c}` as the elements of a new array.
void Body::list_elements(const Place &to, const clang::Expr *e, bool is_fresh) {
  const clang::InitListExpr *list = written_list(e);
  unsigned n = list->getNumInits();
  Var made = empty_temp("list", to.type()); // an element may read what `to` was
  allocate_elements(Place{made, {}}, integer(n, count_type()), false);
  for (unsigned i = 0; i < n; ++i)
    init(element(Place{made, {}}, integer(i)), list->getInit(i), true);
  if (is_fresh)
    emit(Assign{to, read(made)});
  else
    assign_value(to, Place{made, {}});
}

/// `{a, b, c}` as a std::initializer_list.
void Body::list_view(const Place &to, const clang::Expr *e) {
  const clang::InitListExpr *list = written_list(e);
  Ex n = integer(list->getNumInits(), count_type());
  Var items = work_array("items", part(to, Struct::Data).type().element().with_const(false), n);
  for (unsigned i = 0; i < list->getNumInits(); ++i)
    init(deref(read(items), integer(i)), list->getInit(i), true);
  emit(Assign{part(to, Struct::Data), read(items)});
  emit(Assign{part(to, Struct::Size), n});
  emit(Assign{part(to, Struct::Capacity), n});
}

/// The elements from one iterator to another, copied.
void Body::range_elements(const Place &to, const clang::Expr *first, const clang::Expr *last, bool is_fresh) {
  if (is_reverse_iterator(first->getType()))
    return Backwards(*this).elements(to, first, last);
  bool outer = std::exchange(for_reading_, true);
  std::vector<Ex> ends = values({first, last});
  for_reading_ = outer;
  if (auto chain = chain_of_iterator(first->getType().getUnqualifiedType()))
    return chain->has_order ? walk_elements(to, ends, *chain) : refuse_unordered(first);
  Ex begin = freeze_now(ends[0], "from");
  Ex n = count_of(native("-", {ends[1], begin}, ir::Type::integer("long")), "count");
  auto take = [&](const Place &x, const Ex &i) { take_element(x, deref(begin, i), first); };
  if (!is_fresh)
    return replace_elements(to, n, take);
  allocate_elements(to, n, false);
  count_loop(integer(0), n, [&](const Ex &i) { take(element(to, i), i); });
}

/// A copy; numbers are converted.
void Body::take_element(Place made, const Place &from, const clang::Expr *at) {
  if (owns_elements(from.type()))
    return copy_value(made, from);
  auto is_number = [](const ir::Type &t) { return t.is(ir::Type::Real) || t.is_discrete(); };
  const bool is_complex = made.type().without_const().spelling().rfind("std::complex<", 0) == 0;
  if (is_number(from.type()) && is_complex) {
    zero_fill(made);
    made = with_step(made, Field{0});
  }
  if (made.type().without_const() != from.type().without_const() &&
      !(is_number(made.type()) && is_number(from.type())))
    refuse_expr(at, "a container made of elements of another type", "convert them in a loop");
  emit(Assign{made, convert(read(from), made.type())});
}

bool Body::container_construct(const Place &to, const clang::CXXConstructExpr *e) {
  auto cls = container_of(e->getType());
  if (!cls || !to.type().is(ir::Type::Record))
    return false;
  if (cls->kind == Struct::View) {
    view_construct(to, e);
    return true;
  }
  const clang::CXXConstructorDecl *c = e->getConstructor();
  std::vector<const clang::Expr *> args = own_arguments(e);
  if (args.empty()) {
    empty_container(to);
  } else if (c->isCopyConstructor()) {
    copy_value(to, place(args[0]));
  } else if (c->isMoveConstructor()) {
    const clang::Expr *from = bare(args[0]);
    if (auto *m = dyn_cast<clang::MaterializeTemporaryExpr>(from))
      from = bare(m->getSubExpr());
    if (!from->isGLValue())
      init(to, from, true);
    else
      move_value(to, place(from), e->getType());
  } else if (!fill_container(to, cls->element, args, e)) {
    refuse_expr(e, "this constructor of '" + s_.spelling(e->getType()) + "'", "make it empty and fill it");
  }
  return true;
}

/// Elements from the arguments of a constructor: (n), (n, x), {a, b}, or all between two iterators.
bool Body::fill_container(const Place &to, clang::QualType element_class, const Args &args,
                          const clang::Expr *at) {
  if (args.size() == 1 && written_list(args[0])) {
    list_elements(to, args[0]);
  } else if (args.size() == 1 &&
             container_of(args[0]->getType())) { // an initializer_list that came as a value
    Place from = place(args[0]);
    Var view = temp("list", read(from));
    copy_view(to, Place{view, {}});
  } else if (!args.empty() && args.size() <= 2 && args[0]->getType()->isIntegerType()) {
    Ex n = count_of(value(args[0]), "count");
    Ex x = args.size() > 1 ? steady_value(args[1]) : Ex();
    auto *record = element_class->getAsCXXRecordDecl();
    bool by_zero = !x && !(record && !container_of(element_class) && !record->hasTrivialDefaultConstructor());
    allocate_elements(to, n, by_zero);
    if (!by_zero)
      count_loop(integer(0), n, [&](const Ex &i) { set_element(element(to, i), x, element_class, at); });
  } else if (args.size() == 2) {
    range_elements(to, args[0], args[1], true);
  } else {
    return false;
  }
  return true;
}

/// The elements that a view leads to, copied.
void Body::copy_view(const Place &to, const Place &view) {
  Ex n = count_of(read(part(view, Struct::Size)), "count");
  allocate_elements(to, n, false);
  count_loop(integer(0), n, [&](const Ex &i) { copy_value(element(to, i), element(view, i)); });
}

/// std::span: over an array, a container, from a pointer and a count, or between two iterators.
void Body::view_construct(const Place &to, const clang::CXXConstructExpr *e) {
  const clang::CXXConstructorDecl *c = e->getConstructor();
  std::vector<const clang::Expr *> args = own_arguments(e);
  auto set = [&](Ex data, Ex size) {
    emit(Assign{part(to, Struct::Data), std::move(data)});
    emit(Assign{part(to, Struct::Size), convert(std::move(size), count_type())});
  };
  if (args.empty())
    return set(zero_of(part(to, Struct::Data).type()), integer(0));
  if (c->isCopyOrMoveConstructor())
    return emit(Assign{to, value(args[0])});
  if (args.size() == 2) {
    std::vector<Ex> ends = values({args[0], args[1]});
    bool counted = args[1]->getType()->isIntegerType();
    Ex data = freeze_now(ends[0], "from");
    return set(data, counted ? ends[1] : native("-", {ends[1], data}, ir::Type::integer("long")));
  }
  const clang::Expr *from = named_object(args[0]);
  if (container_of(from->getType())) {
    Place source = place(from);
    return set(read(part(source, Struct::Data)), read(part(source, Struct::Size)));
  }
  Place array = place(from);
  if (array.type().is(ir::Type::Record) && array.type().members().fields.size() == 1)
    array = with_step(array, Field{0}); // std::array
  if (!array.type().is(ir::Type::Array))
    refuse_expr(e, "this constructor of '" + s_.spelling(e->getType()) + "'",
                "make it from a pointer and a count");
  set(address(with_step(array, Index{integer(0)})), integer(array.type().extent()));
}

} // namespace nabla::front
