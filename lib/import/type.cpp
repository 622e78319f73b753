// Clang types, names and source locations -> those of the IR.
#include "import/chain.h"
#include "import/class.h"
#include "import/complex.h"
#include "import/container.h"
#include "import/handle.h"
#include "import/matrix.h"
#include "import/optional.h"
#include "import/smart.h"
#include "import/targets.h"
#include "import/variant.h"
#include "ir/print.h"

namespace nabla::front {

Shared::Shared(clang::ASTContext &c, const Marks &m)
    : context(c), marks(m), mangler_(c.createMangleContext()) {}

// ---- Where things stand ---------------------------------------------------------------------------------

namespace {

std::string trimmed_line(const clang::SourceManager &sm, clang::SourceLocation at) {
  bool invalid = false;
  llvm::StringRef text = sm.getBufferData(sm.getFileID(at), &invalid);
  if (invalid)
    return "";
  std::size_t offset = sm.getFileOffset(at);
  std::size_t begin = text.rfind('\n', offset ? offset - 1 : 0);
  if (offset == 0 || begin == llvm::StringRef::npos)
    begin = 0;
  if (offset < text.size() && text[offset] == '\n' && offset > 0)
    begin = text.rfind('\n', offset - 1);
  begin = begin == llvm::StringRef::npos ? 0 : begin;
  std::size_t end = text.find('\n', offset);
  llvm::StringRef line = text.slice(begin, end).trim();
  if (line.ends_with("\\"))
    line = line.drop_back().trim();
  return line.str();
}

} // namespace

Loc Shared::loc(clang::SourceLocation at) {
  if (at.isInvalid())
    return nullptr;
  const clang::SourceManager &sm = context.getSourceManager();
  at = sm.getExpansionLoc(at);
  if (site_.isValid() && sm.isInSystemHeader(at))
    at = sm.getExpansionLoc(site_);
  Loc &known = locs_[at.getRawEncoding()];
  if (known)
    return known;
  auto origin = std::make_shared<Origin>();
  clang::PresumedLoc p = sm.getPresumedLoc(at);
  if (p.isValid()) {
    origin->file = p.getFilename();
    origin->line = p.getLine();
    origin->column = p.getColumn();
  }
  origin->raw = at.getRawEncoding();
  origin->text = trimmed_line(sm, at);
  return known = origin;
}

// ---- Names ----------------------------------------------------------------------------------------------

clang::PrintingPolicy Shared::policy() const {
  clang::PrintingPolicy p(context.getLangOpts());
  p.adjustForCPlusPlus();
  p.SuppressUnwrittenScope = true;
  p.SuppressInlineNamespace = true;
  p.FullyQualifiedName = true;
  p.AnonymousTagLocations = false;
  p.Bool = true;
  return p;
}

/// A local class or a closure has no name at file scope; plugin and tool declare this alias.
std::string Shared::local_type_alias(const clang::TagDecl *d) {
  d = d->getCanonicalDecl();
  std::string &name = aliases_[d];
  if (name.empty()) {
    name = "__nabla_T" + std::to_string(aliases_.size() - 1);
    local_types.emplace_back(name, d);
  }
  return name;
}

namespace {

/// A closure, a class local to a function, or an instance of a template for one of these.
bool has_no_name(clang::QualType t) {
  auto *tag = t->getAsTagDecl();
  if (!tag)
    return !t->getPointeeType().isNull() && has_no_name(t->getPointeeType());
  auto *cls = dyn_cast<clang::CXXRecordDecl>(tag);
  if ((cls && cls->isLambda()) || tag->getParentFunctionOrMethod())
    return true;
  if (auto *instance = dyn_cast<clang::ClassTemplateSpecializationDecl>(tag))
    for (const clang::TemplateArgument &a : instance->getTemplateArgs().asArray()) {
      if (a.getKind() == clang::TemplateArgument::Type && has_no_name(a.getAsType()))
        return true;
      if (a.getKind() == clang::TemplateArgument::Pack)
        for (const clang::TemplateArgument &each : a.pack_elements())
          if (each.getKind() == clang::TemplateArgument::Type && has_no_name(each.getAsType()))
            return true;
    }
  return false;
}

} // namespace

std::string with_string(std::string text) {
  const std::string full = "std::basic_string<char>";
  for (std::size_t at = text.find(full); at != std::string::npos; at = text.find(full, at))
    text.replace(at, full.size(), "std::string");
  return text;
}

std::string Shared::spelling(clang::QualType t) {
  t = t.getCanonicalType().getUnqualifiedType();
  if (auto *tag = t->getAsTagDecl()) {
    if (has_no_name(t))
      return local_type_alias(tag);
    if (auto *td = tag->getTypedefNameForAnonDecl())
      return qualified(td);
  }
  return unambiguous(context, with_string(t.getAsString(policy())));
}

std::string Shared::qualified(const clang::NamedDecl *d) {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (auto *f = dyn_cast<clang::FunctionDecl>(d)) {
    f->printQualifiedName(os, policy());
    os << template_arguments(
        f, policy(), [this](clang::QualType t) { return has_no_name(t) ? spelling(t) : std::string(); });
  } else {
    d->getNameForDiagnostic(os, policy(), /*Qualified=*/true);
  }
  return unambiguous(context, text);
}

std::string Shared::mangled(const clang::FunctionDecl *f) {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (auto *c = dyn_cast<clang::CXXConstructorDecl>(f))
    mangler_->mangleName(clang::GlobalDecl(c, clang::Ctor_Complete), os);
  else if (auto *d = dyn_cast<clang::CXXDestructorDecl>(f))
    mangler_->mangleName(clang::GlobalDecl(d, clang::Dtor_Complete), os);
  else if (mangler_->shouldMangleDeclName(f))
    mangler_->mangleName(clang::GlobalDecl(f), os);
  else
    os << f->getNameAsString();
  return text;
}

// ---- Types ----------------------------------------------------------------------------------------------

namespace {

void member_names(const clang::CXXRecordDecl *cls, std::vector<std::string> &names) {
  for (auto *field : cls->fields())
    names.push_back(field->getNameAsString());
  for (const clang::CXXBaseSpecifier &base : cls->bases())
    if (auto *inner = base.getType()->getAsCXXRecordDecl(); inner && inner->hasDefinition())
      member_names(inner->getDefinition(), names);
}

/// Two members of one name, in the class and its bases: the text could not tell them apart.
bool hides_a_member(const clang::CXXRecordDecl *cls) {
  if (!cls->getNumBases())
    return false;
  std::vector<std::string> names;
  member_names(cls, names);
  std::set<std::string> distinct(names.begin(), names.end());
  return distinct.size() != names.size();
}

} // namespace

bool Shared::mentions_reals(clang::QualType t) {
  std::set<const clang::RecordDecl *> seen;
  return mentions_reals(t, seen);
}

bool Shared::mentions_reals(clang::QualType t, std::set<const clang::RecordDecl *> &seen) {
  t = t.getCanonicalType();
  if (t->isFloatingType() || t->isVectorType() || is_handle(t))
    return true;
  if (t->isPointerType() || t->isReferenceType())
    return !t->isFunctionPointerType() && mentions_reals(t->getPointeeType(), seen);
  if (auto *array = t->getAsArrayTypeUnsafe())
    return mentions_reals(array->getElementType(), seen);
  if (auto *atomic = t->getAs<clang::AtomicType>())
    return mentions_reals(atomic->getValueType(), seen);
  auto *rd = t->getAsRecordDecl();
  if (!rd || is_std_function(t) ||
      !seen.insert(rd).second) // what a std::function holds carries no derivative
    return false;
  if (auto *sp = dyn_cast<clang::ClassTemplateSpecializationDecl>(rd))
    for (const clang::TemplateArgument &a : sp->getTemplateArgs().asArray())
      if (a.getKind() == clang::TemplateArgument::Type && mentions_reals(a.getAsType(), seen))
        return true;
  rd = rd->getDefinition();
  if (!rd)
    return false;
  if (auto *cls = dyn_cast<clang::CXXRecordDecl>(rd))
    for (const clang::CXXBaseSpecifier &base : cls->bases())
      if (mentions_reals(base.getType(), seen))
        return true;
  for (auto *field : rd->fields())
    if (mentions_reals(field->getType(), seen))
      return true;
  return false;
}

namespace {

/// What stands for a member that is left out.
ir::Type nothing() {
  static const auto empty = std::make_shared<Struct>(Struct{"nabla::members<>"});
  return ir::Type::record(empty);
}

const clang::CXXRecordDecl *class_of_base(const clang::CXXRecordDecl *cls) {
  return cls->bases_begin()->getType()->getAsCXXRecordDecl()->getDefinition();
}

bool leads_to(const Struct &from, const Struct *to, std::set<const Struct *> &seen) {
  if (!seen.insert(&from).second)
    return false;
  for (const Struct::Field &f : from.fields) {
    ir::Type t = f.type;
    while (t.is(ir::Type::Pointer) || t.is(ir::Type::Array))
      t = t.element();
    if (t.is(ir::Type::Record) && (&t.members() == to || leads_to(t.members(), to, seen)))
      return true;
  }
  return false;
}

} // namespace

std::shared_ptr<const Struct> Shared::structure(const clang::RecordDecl *rd, clang::SourceLocation at) {
  rd = cast<clang::RecordDecl>(rd->getDefinition()->getCanonicalDecl());
  auto found = structs_.find(rd);
  if (found != structs_.end())
    return found->second;
  auto made = std::make_shared<Struct>();
  structs_[rd] = made; // before its fields: a list node points at its own type
  unfinished_.insert(made.get());
  made->spelling = spelling(context.getRecordType(rd));
  auto *cls = dyn_cast<clang::CXXRecordDecl>(rd);
  bool is_closure = cls && cls->isLambda();
  made->is_aggregate = !is_closure;
  made->hides_members = cls && hides_a_member(cls);
  if (cls && (cls->isPolymorphic() || targets().downcast.count(cls->getDefinition())))
    note_derived(*made, cls);
  made->has_constructor = cls && !is_closure && !cls->isAggregate() && !cls->hasTrivialDefaultConstructor();
  try {
    add_members(*made, rd, at);
  } catch (...) {
    unfinished_.erase(made.get());
    structs_.erase(rd);
    throw;
  }
  unfinished_.erase(made.get());
  bool is_other = false; // generated code keeps something else than the class does
  for (const Struct::Field &f : made->fields)
    is_other = is_other || f.type.has_outside();
  for (auto *field : rd->fields()) {
    clang::QualType t(field->getType()->getBaseElementTypeUnsafe(), 0);
    auto *closure = t->getAsCXXRecordDecl();
    is_other = is_other || closure && closure->isLambda() || is_iterator(t) || chain_of(t) || stands_in(t) ||
               is_text(t) || t->isReferenceType();
  }
  is_other = is_other || cls && (is_tagged(cls) || has_own_copying(cls));
  is_other = is_other || is_entry(context.getRecordType(rd));
  is_other = is_other || made->spelling.rfind("std::reference_wrapper<", 0) == 0; // its member is private
  if (is_other && !is_closure)
    stand_in(*made);
  if (std::set<const Struct *> seen;
      made->outside && leads_to(*made, made.get(), seen)) { // its spelling would have to contain itself
    structs_.erase(rd);
    refuse(Diag::UnsupportedType, at,
           {made->outside->spelling, "keep the objects in one vector and refer to them by index"});
  }
  return made;
}

void Shared::add_members(Struct &made, const clang::RecordDecl *rd, clang::SourceLocation at) {
  auto *cls = dyn_cast<clang::CXXRecordDecl>(rd);
  if (cls)
    for (const clang::CXXBaseSpecifier &base : cls->bases())
      made.fields.push_back({spelling(base.getType()), type(base.getType(), at), false, true});
  unsigned number = 0;
  for (auto *field : rd->getDefinition()->fields()) {
    std::string name = field->getDeclName() ? field->getNameAsString() : "__nabla_c" + std::to_string(number);
    if (field->isBitField() || field->getType()->isUnionType())
      made.is_aggregate = made.is_aggregate && !field->isUnnamedBitField();
    if (is_text(field->getType()) && is_entry(context.getRecordType(rd)) && number == 0)
      made.fields.push_back({name, text_key_type().with_const(), false});
    else if (is_text(field->getType()))
      made.fields.push_back({name, nothing(), false});
    else if (is_std_function(field->getType()) && !field->getType()->isReferenceType() &&
             !(cls && cls->isLambda()))
      made.fields.push_back({name, held_function(field->getType(), at), false});
    else if (auto *closure = field->getType()->getAsCXXRecordDecl();
             closure && closure->isLambda() && !(cls && cls->isLambda()))
      made.fields.push_back({name, ir::Type::record(captured(closure->getDefinition(), at)), false});
    else
      made.fields.push_back({name, type(field->getType(), at), field->isBitField()});
    made.has_initialisers = made.has_initialisers || field->hasInClassInitializer();
    const clang::Expr *initial = field->hasInClassInitializer() ? field->getInClassInitializer() : nullptr;
    if (field->hasInClassInitializer() && cls && !cls->isLambda() && // it would run where an adjoint is made
        !(initial && initial->isConstantInitializer(context, field->getType()->isReferenceType())))
      made.has_constructor = true;
    ++number;
  }
  if (cls && holds_handles(cls) && (made.has_initialisers || made.has_constructor))
    refuse(Diag::UnsupportedType, at,
           {made.spelling,
            "an adjoint of it is made without its constructor: give it neither constructors nor "
            "default member initialisers, and fill it by a function"});
  if (cls && is_tagged(cls) && (!cls->getNumBases() || !class_of_base(cls)->isPolymorphic()))
    made.fields.push_back({"tag", ir::Type::integer(), false});
}

/// A class with containers is inside a struct of what stands for its members.
void Shared::stand_in(Struct &made) {
  auto outside = std::make_shared<Struct>(made);
  std::string members, way;
  for (Struct::Field &f : outside->fields)
    f.type = f.type.outside();
  for (Struct::Field &f : made.fields) {
    f.name = way + "first";
    way += "rest.";
    if (f.type.is(ir::Type::Record) && f.type.members().fields.empty()) // a base that is a tag
      f.type = nothing();
    if (f.type.is_reference())
      f.type = ir::Type::pointer(f.type.element());
    f.type = f.type.with_const(false);
    f.is_bits = f.is_base = false;
    members += (members.empty() ? "" : ", ") + spell(f.type);
  }
  made.spelling = "nabla::members<" + members + ">";
  made.is_aggregate = true;
  made.has_initialisers = made.has_constructor = made.hides_members = made.is_polymorphic = false;
  made.outside = outside;
}

/// std::vector<T> without its allocator, std::tuple<T, U>.
std::string Shared::bundle_spelling(const clang::ClassTemplateSpecializationDecl *cls) {
  const clang::TemplateArgument &first = cls->getTemplateArgs()[0];
  if (first.getKind() != clang::TemplateArgument::Pack)
    return "std::vector<" + spelling(first.getAsType()) + ">";
  std::string parts;
  for (const clang::TemplateArgument &a : first.pack_elements())
    parts += (parts.empty() ? "" : ", ") + spelling(a.getAsType());
  return "std::tuple<" + parts + ">";
}

/// A base class of matrices is the matrix that it is of; other classes of Eigen's have no value of their own.
ir::Type Shared::eigen_type(const clang::ClassTemplateSpecializationDecl *cls, clang::QualType t,
                            clang::SourceLocation at) {
  llvm::StringRef name = cls->getName();
  bool is_base = name == "MatrixBase" || name == "ArrayBase" || name == "DenseBase" || name == "EigenBase" ||
                 name == "PlainObjectBase";
  if (is_base)
    return type(cls->getTemplateArgs()[0].getAsType(), at);
  if (!mentions_reals(t))
    return ir::Type::opaque(spelling(t));
  refuse(Diag::UnsupportedType, at,
         {spelling(t), is_dense(t) ? "an expression of Eigen's has no value of its own: use Eigen::VectorXd, "
                                     "Eigen::MatrixXd or a type of fixed size"
                                   : "keep the matrix, and make the decomposition where it is used"});
}

ir::Type Shared::record_type(const clang::RecordDecl *rd, clang::QualType t, clang::SourceLocation at) {
  const clang::RecordDecl *def = rd->getDefinition();
  if (!def)
    return ir::Type::opaque(spelling(t));
  if (auto *closure = dyn_cast<clang::CXXRecordDecl>(def);
      closure && closure->isLambda() && !callers_closures.count(closure))
    return ir::Type::record(captured(closure, at));
  if (is_handle(t)) {
    clang::QualType guard = handle_guard(cast<clang::CXXRecordDecl>(def));
    std::string name =
        is_bundle(t) ? bundle_spelling(cast<clang::ClassTemplateSpecializationDecl>(def)) : spelling(t);
    return ir::Type::handle(name, guard.isNull() ? "" : spelling(guard));
  }
  if (clang::QualType pointer = iterator_pointer(t.getUnqualifiedType()); !pointer.isNull()) {
    clang::QualType element = pointer->getPointeeType();
    if (is_std_function(element) && !element->isReferenceType())
      return ir::Type::pointer(held_function(element, at).with_const(element.isConstQualified()));
    return type(pointer, at);
  }
  if (clang::QualType pointer = smart_pointer(t.getUnqualifiedType()); !pointer.isNull())
    return ir::Type::owner(type(pointer->getPointeeType(), at), owner_struct(def, at));
  if (is_optional(t)) {
    clang::QualType value_class =
        cast<clang::ClassTemplateSpecializationDecl>(def)->getTemplateArgs()[0].getAsType();
    ir::Type value = type(value_class, at);
    auto is_linked = [](clang::QualType part) { return has_own_copying(part) || chain_of(part); };
    if (value.is(ir::Type::Opaque) || holds(value_class, is_linked)) // one without value has no ring of nodes
      refuse(Diag::UnsupportedType, at, {spelling(t), "use an empty container, or a flag beside it"});
    std::shared_ptr<Struct> &known = structs_[cast<clang::RecordDecl>(def->getCanonicalDecl())];
    if (!known)
      known = optional_struct("std::optional<" + spelling(value_class) + ">", value);
    return ir::Type::record(known);
  }
  if (is_variant(t))
    return ir::Type::record(variant(def, at));
  if (is_std(t, {"pair", "tuple"}) && copies_by_code(t))
    refuse(Diag::UnsupportedType, at, {spelling(t), "put them into a struct of your own"});
  if (is_complex(t)) {
    std::shared_ptr<Struct> &known = structs_[cast<clang::RecordDecl>(def->getCanonicalDecl())];
    if (!known)
      known = complex_struct(
          spelling(t),
          type(cast<clang::ClassTemplateSpecializationDecl>(def)->getTemplateArgs()[0].getAsType(), at));
    return ir::Type::record(known);
  }
  if (auto m = matrix_of(t); m && m->is_fixed) {
    std::shared_ptr<Struct> &known = structs_[cast<clang::RecordDecl>(def->getCanonicalDecl())];
    if (!known)
      known =
          fixed_matrix_struct(matrix_spelling(*m, spelling(m->scalar), is_array(t)), *m, type(m->scalar, at));
    return ir::Type::record(known);
  }
  if (!eigen_class(t).empty() && !matrix_of(t))
    return eigen_type(cast<clang::ClassTemplateSpecializationDecl>(def), t, at);
  if (auto c = chain_of_iterator(t.getUnqualifiedType()))
    return chain_iterator(*c, at);
  if (auto c = chain_of(t)) {
    if (auto made = chain(rd, *c, at))
      return ir::Type::record(made);
    return ir::Type::opaque(spelling(t));
  }
  if (container_of(t))
    if (auto made = container(rd, t, at))
      return ir::Type::record(made);
  if (is_memberwise_or_plain(def)) {
    auto *cls = dyn_cast<clang::CXXRecordDecl>(def);
    bool reals = touches_reals(t) || cls && is_tagged(cls);
    if (reals)
      return ir::Type::record(structure(def, at));
    if (has_own_copying(t) || holds_references(t) || holds(t, stands_in) || holds(t, is_text))
      return ir::Type::opaque(spelling(t));
    try {
      return ir::Type::record(structure(def, at));
    } catch (Refusal &) {
      return ir::Type::opaque(spelling(t));
    }
  }
  if (!mentions_reals(t))
    return ir::Type::opaque(spelling(t));
  const char *what = rd->isUnion() ? "keep the members of the union in separate variables"
                                   : "only classes that are copied as the language copies them are (no "
                                     "copying or destructor of its own, "
                                     "reference or const member): pass its members or a pointer to its data";
  auto *cls = dyn_cast<clang::CXXRecordDecl>(rd);
  if (cls && cls->isInStdNamespace() && cls->getIdentifier() && cls->getName() == "_Expr")
    what =
        "an expression of std::valarray has no value of its own: write std::valarray for its type, not auto";
  refuse(Diag::UnsupportedType, at, {spelling(t), what});
}

ir::Type Shared::builtin_type(const clang::BuiltinType *b, clang::SourceLocation at) {
  using clang::BuiltinType;
  std::string text = b->getName(policy()).str();
  switch (b->getKind()) {
  case BuiltinType::Void:
    return ir::Type::void_type();
  case BuiltinType::Bool:
    return ir::Type::boolean();
  case BuiltinType::Float:
  case BuiltinType::Double:
  case BuiltinType::LongDouble:
    return ir::Type::real(text);
  case BuiltinType::NullPtr:
    return ir::Type::pointer(ir::Type::void_type());
  default:
    break;
  }
  if (b->isInteger())
    return ir::Type::integer(text);
  if (b->isFloatingPoint())
    refuse(Diag::UnsupportedType, at, {text, "use float, double or long double"});
  return ir::Type::opaque(text);
}

ir::Type Shared::type(clang::QualType q, clang::SourceLocation at) {
  clang::QualType t = q.getCanonicalType();
  bool is_const = t.isConstQualified();
  auto made = [&]() -> ir::Type {
    if (auto *b = dyn_cast<clang::BuiltinType>(t.getTypePtr()))
      return builtin_type(b, at);
    if (auto *e = t->getAs<clang::EnumType>()) {
      auto *d = e->getDecl();
      bool nameless = !d->getIdentifier() && !d->getTypedefNameForAnonDecl();
      return nameless || d->getParentFunctionOrMethod() ? type(d->getIntegerType(), at)
                                                        : ir::Type::integer(spelling(t));
    }
    if (t->isReferenceType() && !t->getPointeeType()->isFunctionType())
      return ir::Type::reference(type(t->getPointeeType(), at));
    if (t->isFunctionPointerType()) // a value that is compared, no more
      return ir::Type::integer("nabla::pointer_to<" + spelling(t->getPointeeType()) + ">");
    if (auto *m = t->getAs<clang::MemberPointerType>(); m && m->isMemberFunctionPointer())
      return ir::Type::integer("nabla::method_of<" + spelling(m->getPointeeType()) + ", " +
                               spelling(clang::QualType(m->getClass(), 0)) + ">");
    if (t->isFunctionReferenceType() || t->isFunctionType())
      return ir::Type::opaque(spelling(t));
    if (t->isPointerType())
      return ir::Type::pointer(type(t->getPointeeType(), at));
    if (auto *a = context.getAsArrayType(t)) {
      is_const = false; // getAsArrayType has moved it to the element
      auto *fixed = dyn_cast<clang::ConstantArrayType>(a);
      if (!fixed && !isa<clang::IncompleteArrayType>(a))
        refuse(Diag::UnsupportedType, at,
               {t.getAsString(policy()), "use a plain pointer and a computed index"});
      return ir::Type::array(type(a->getElementType(), at), fixed ? fixed->getSize().getZExtValue() : 0);
    }
    if (auto *r = t->getAs<clang::RecordType>())
      return record_type(r->getDecl(), t, at);
    if (!mentions_reals(t))
      return ir::Type::opaque(spelling(t));
    refuse(Diag::UnsupportedType, at,
           {spelling(t), "use float, double, long double, arrays or pointers of them"});
  }();
  return is_const && !made.is_reference() ? made.with_const() : made;
}

/// The type of something [[nabla::inactive]]: whatever it holds, it is only handed on.
ir::Type Shared::carried_type(clang::QualType q, clang::SourceLocation at) {
  try {
    return type(q, at);
  } catch (const Refusal &) {
    clang::QualType t = q.getCanonicalType();
    if (t->isReferenceType())
      return ir::Type::reference(carried_type(t->getPointeeType(), at));
    ir::Type made = t->isPointerType() ? ir::Type::pointer(carried_type(t->getPointeeType(), at))
                                       : ir::Type::opaque(spelling(t));
    return t.isConstQualified() ? made.with_const() : made;
  }
}

} // namespace nabla::front
