#include "spell.h"
#include "import/handle.h"
#include "import/importer.h"
#include "import/targets.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/DeclTemplate.h"
#include "llvm/Support/raw_ostream.h"
#include <set>

using namespace clang;

namespace nabla::tool {
namespace {

bool holds_reals_in(QualType type, std::set<const Type *> &seen) {
  type = type.getCanonicalType();
  if (type->isDependentType())
    return true;
  if (type->isRealFloatingType() || front::is_handle(type))
    return true;
  if (type->isFunctionType() || type->isFunctionPointerType() || front::is_std_function(type))
    return false;
  if (type->isAnyPointerType() || type->isReferenceType())
    return holds_reals_in(type->getPointeeType(), seen);
  if (const ArrayType *array = type->getAsArrayTypeUnsafe())
    return holds_reals_in(array->getElementType(), seen);
  const auto *record = type->getAsRecordDecl();
  if (!record || !seen.insert(type.getTypePtr()).second)
    return false;
  // std::vector<double> may be incomplete yet; the nodes of std::map<int, double> hide what they hold.
  if (const auto *instance = dyn_cast<ClassTemplateSpecializationDecl>(record);
      instance && (record->isInStdNamespace() || !record->getDefinition()))
    for (const TemplateArgument &argument : instance->getTemplateArgs().asArray())
      if (argument.getKind() == TemplateArgument::Type && holds_reals_in(argument.getAsType(), seen))
        return true;
  record = record->getDefinition();
  if (!record)
    return false;
  if (const auto *cxx = dyn_cast<CXXRecordDecl>(record))
    for (const CXXBaseSpecifier &base : cxx->bases())
      if (holds_reals_in(base.getType(), seen))
        return true;
  for (const FieldDecl *field : record->fields())
    if (holds_reals_in(field->getType(), seen))
      return true;
  return false;
}

/// std::span<double, 18446744073709551615> is std::span<double>; elsewhere the number needs its type.
std::string with_default_extent(std::string text) {
  const std::string number = "18446744073709551615";
  for (std::size_t at = text.find(number); at != std::string::npos; at = text.find(number, at + 1)) {
    std::size_t open = text.rfind('<', at), end = at + number.size();
    bool is_span = open != std::string::npos && open >= 9 && text.compare(open - 9, 9, "std::span") == 0;
    if (is_span && text.compare(at - 2, 2, ", ") == 0 && text[end] == '>')
      text.erase(at - 2, number.size() + 2);
    else
      text.insert(end, "UL");
  }
  return text;
}

PrintingPolicy policy(const ASTContext &context) {
  PrintingPolicy policy(context.getLangOpts());
  policy.SuppressUnwrittenScope = true;
  return policy;
}

} // namespace

bool holds_reals(QualType type) {
  std::set<const Type *> seen;
  return holds_reals_in(type, seen);
}

namespace {

/// The class that the template is with these arguments; it need not have been instantiated.
QualType instance(ASTContext &context, ClassTemplateDecl *pattern, ArrayRef<TemplateArgument> arguments) {
  void *place = nullptr;
  ClassTemplateSpecializationDecl *made = pattern->findSpecialization(arguments, place);
  if (!made) {
    CXXRecordDecl *record = pattern->getTemplatedDecl();
    made = ClassTemplateSpecializationDecl::Create(context, record->getTagKind(), pattern->getDeclContext(),
                                                   record->getBeginLoc(), pattern->getLocation(), pattern,
                                                   arguments, nullptr);
    pattern->AddSpecialization(made, place);
  }
  return context.getRecordType(made);
}

/// std::span<double> for std::span<const double>.
std::optional<QualType> writable_view(QualType type, ASTContext &context) {
  const auto *span = dyn_cast_or_null<ClassTemplateSpecializationDecl>(type->getAsCXXRecordDecl());
  if (!span || !span->isInStdNamespace() || span->getName() != "span" ||
      !span->getTemplateArgs()[0].getAsType().isConstQualified())
    return std::nullopt;
  TemplateArgument arguments[] = {
      TemplateArgument(span->getTemplateArgs()[0].getAsType().getUnqualifiedType()),
      span->getTemplateArgs()[1]};
  return instance(context, span->getSpecializedTemplate(), arguments);
}

} // namespace

QualType adjoint_type(QualType type, ASTContext &context) {
  if (!type->isDependentType()) // a template parameter keeps its name
    type = type.getCanonicalType();
  if (type->isPointerType())
    return context.getPointerType(adjoint_type(type->getPointeeType(), context));
  if (const auto *array = context.getAsConstantArrayType(type))
    return context.getConstantArrayType(adjoint_type(array->getElementType(), context), array->getSize(),
                                        nullptr, ArraySizeModifier::Normal, 0);
  if (std::optional<QualType> view = writable_view(type, context))
    return *view;
  return type.getUnqualifiedType();
}

QualType tangent_type(QualType parameter) {
  if (!parameter->isDependentType())
    parameter = parameter.getCanonicalType();
  return parameter.getUnqualifiedType();
}

QualType dual_type(QualType result, ASTContext &context) {
  if (result->isVoidType() || !holds_reals(result))
    return result;
  ClassTemplateDecl *pattern = nullptr;
  for (NamedDecl *space : context.getTranslationUnitDecl()->lookup(&context.Idents.get("nabla")))
    if (auto *nabla = dyn_cast<NamespaceDecl>(space))
      for (NamedDecl *found : nabla->lookup(&context.Idents.get("dual")))
        if (auto *known = dyn_cast<ClassTemplateDecl>(found))
          pattern = known;
  if (!pattern || result->isDependentType())
    return result;
  QualType value = result.getNonReferenceType().getCanonicalType().getUnqualifiedType();
  TemplateArgument arguments[] = {TemplateArgument(value), TemplateArgument(adjoint_type(value, context))};
  return instance(context, pattern, arguments);
}

QualType adjoint_parameter(QualType parameter, ASTContext &context) {
  if (parameter->isReferenceType())
    return context.getLValueReferenceType(adjoint_type(parameter.getNonReferenceType(), context));
  QualType adjoint = adjoint_type(parameter, context);
  return parameter->isPointerType() ? adjoint : context.getPointerType(adjoint);
}

std::string spell(QualType type, ASTContext &context, const std::string &name) {
  QualType full = type->isDependentType() ? type : type.getCanonicalType();
  std::string out;
  llvm::raw_string_ostream stream(out);
  full.print(stream, policy(context), name);
  return with_default_extent(front::with_string(std::move(out)));
}

std::string spell_signature(const FunctionDecl *function, const std::string &name) {
  ASTContext &context = function->getASTContext();
  std::string parameters;
  for (const ParmVarDecl *p : function->parameters())
    parameters += (parameters.empty() ? "" : ", ") + spell(p->getType(), context, p->getNameAsString());
  return spell(function->getReturnType(), context, name + "(" + parameters + ")");
}

std::string spell_name(const FunctionDecl *function) {
  std::string out;
  llvm::raw_string_ostream stream(out);
  function->printNestedNameSpecifier(stream, policy(function->getASTContext()));
  return out + spell_local_name(function);
}

std::string spell_local_name(const FunctionDecl *function) {
  return function->getNameAsString() + front::template_arguments(function, policy(function->getASTContext()));
}

std::string spell_address(const FunctionDecl *function, const std::optional<std::string> &class_name) {
  return with_default_extent(
      front::function_address(function, policy(function->getASTContext()), class_name));
}

std::vector<std::string> namespaces_of(const Decl *decl) {
  std::vector<std::string> out;
  for (const DeclContext *at = decl->getDeclContext(); at; at = at->getParent())
    if (const auto *space = dyn_cast<NamespaceDecl>(at))
      out.insert(out.begin(), space->isAnonymousNamespace() ? ""
                              : space->isInline()           ? "inline " + space->getNameAsString()
                                                            : space->getNameAsString());
  return out;
}

} // namespace nabla::tool
