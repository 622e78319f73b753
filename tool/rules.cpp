#include "rules.h"
#include "import/handle.h"
#include "report.h"
#include "spell.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/DeclTemplate.h"

using namespace clang;

namespace nabla::tool {
namespace {

/// The scopes named by the leading parts of a qualified name, seen from `scope`.
const DeclContext *walk(ASTContext &context, const DeclContext *scope, ArrayRef<std::string> parts) {
  for (const std::string &part : parts) {
    const DeclContext *next = nullptr;
    for (NamedDecl *found : scope->lookup(&context.Idents.get(part))) {
      if (auto *space = dyn_cast<NamespaceDecl>(found))
        next = space;
      else if (auto *alias = dyn_cast<NamespaceAliasDecl>(found))
        next = alias->getNamespace();
      else if (auto *record = dyn_cast<CXXRecordDecl>(found))
        next = record->getDefinition();
    }
    if (!next)
      return nullptr;
    scope = next;
  }
  return scope;
}

/// "f", or an operator: "operator+".
DeclarationName last_name(ASTContext &context, StringRef name) {
  StringRef sign = name;
  if (sign.consume_front("operator"))
    for (int op = OO_None + 1; op < NUM_OVERLOADED_OPERATORS; ++op)
      if (sign == getOperatorSpelling(static_cast<OverloadedOperatorKind>(op)))
        return context.DeclarationNames.getCXXOperatorName(static_cast<OverloadedOperatorKind>(op));
  return &context.Idents.get(name);
}

/// has_template: instances of a template count, and that it has none yet is no mistake.
std::vector<const FunctionDecl *> candidates(ASTContext &context, const FunctionDecl *rule, StringRef name,
                                             bool &has_template) {
  SmallVector<StringRef, 4> pieces;
  name.split(pieces, "::", -1, /*KeepEmpty=*/false);
  std::vector<std::string> scopes(pieces.begin(), pieces.end());
  std::vector<const FunctionDecl *> out;
  if (scopes.empty())
    return out;
  DeclarationName last = last_name(context, scopes.back());
  scopes.pop_back();
  for (const DeclContext *from = rule->getDeclContext()->getRedeclContext(); from; from = from->getParent()) {
    if (from->isTransparentContext())
      continue;
    const DeclContext *scope = walk(context, from, scopes);
    if (!scope)
      continue;
    bool is_template = false;
    for (NamedDecl *found : scope->lookup(last)) {
      if (auto *function = dyn_cast<FunctionDecl>(found->getUnderlyingDecl()))
        out.push_back(function);
      if (auto *pattern = dyn_cast<FunctionTemplateDecl>(found->getUnderlyingDecl())) {
        is_template = true;
        if (!pattern->getTemplatedDecl()->getType()->isDependentType()) // as in nabla/eigen.h
          out.push_back(pattern->getTemplatedDecl());
        for (FunctionDecl *instance : pattern->specializations())
          out.push_back(instance);
      }
    }
    has_template |= is_template;
    if (!out.empty() || is_template)
      break;
  }
  return out;
}

/// f's own parameters, the object of a method first.
std::vector<QualType> own_parameters(ASTContext &context, const FunctionDecl *f) {
  std::vector<QualType> own;
  if (const auto *method = dyn_cast<CXXMethodDecl>(f); method && !method->isStatic())
    own.push_back(context.getLValueReferenceType(method->getFunctionObjectParameterType()));
  for (const ParmVarDecl *p : f->parameters())
    own.push_back(p->getType());
  return own;
}

/// Parameters of the pullback of f: f's own, the seed, one adjoint per real parameter.
std::vector<QualType> pullback_parameters(ASTContext &context, const FunctionDecl *f) {
  const std::vector<QualType> own = own_parameters(context, f);
  std::vector<QualType> all = own;
  if (!f->getReturnType()->isVoidType())
    all.push_back(adjoint_type(f->getReturnType().getNonReferenceType(), context));
  for (QualType type : own)
    if (holds_reals(type))
      all.push_back(adjoint_parameter(type, context));
  return all;
}

/// Parameters of the pushforward of f: f's own, then one tangent per real parameter.
std::vector<QualType> pushforward_parameters(ASTContext &context, const FunctionDecl *f) {
  const std::vector<QualType> own = own_parameters(context, f);
  std::vector<QualType> all = own;
  for (QualType type : own)
    if (holds_reals(type))
      all.push_back(tangent_type(type));
  return all;
}

struct RuleShape {
  QualType result;
  std::vector<QualType> parameters;
};

RuleShape shape_of(ASTContext &context, const FunctionDecl *f, bool is_pullback) {
  if (is_pullback)
    return {context.VoidTy, pullback_parameters(context, f)};
  return {dual_type(f->getReturnType(), context), pushforward_parameters(context, f)};
}

bool fits(ASTContext &context, const FunctionDecl *rule, const RuleShape &shape) {
  if (rule->getNumParams() != shape.parameters.size() ||
      !context.hasSameType(rule->getReturnType(), shape.result))
    return false;
  for (unsigned i = 0; i < shape.parameters.size(); ++i)
    if (!context.hasSameType(rule->getParamDecl(i)->getType().getUnqualifiedType(),
                             shape.parameters[i].getUnqualifiedType()))
      return false;
  return true;
}

/// The pullback of an operation on handles: its parameters (those that are handles by reference to const), its result if the
/// rule wants it, the seed, then a pointer for each handle and number, a list of pointers for each list of handles.
std::vector<QualType> operation_rule_parameters(ASTContext &context, const FunctionDecl *f,
                                                bool with_result) {
  auto constant = [&](QualType t) {
    return context.getLValueReferenceType(t.getNonReferenceType().getUnqualifiedType().withConst());
  };
  auto parameter = [&](QualType t) { return front::is_handle(t.getNonReferenceType()) ? constant(t) : t; };
  std::vector<QualType> own = front::operation_parameters(f), all;
  for (QualType t : own)
    all.push_back(parameter(t));
  if (with_result)
    all.push_back(parameter(f->getReturnType()));
  all.push_back(parameter(f->getReturnType()));
  for (QualType t : own) {
    QualType plain = t.getNonReferenceType().getUnqualifiedType();
    if (front::is_handle_list(plain))
      all.push_back(plain);
    else if (front::has_handle_adjoint(t))
      all.push_back(context.getPointerType(front::is_number(plain) ? context.DoubleTy : plain));
  }
  return all;
}

/// The rule's parameter may be another list of the same: ArrayRef<T> for std::initializer_list<T>, ArrayRef<T *> last.
bool fits_list(ASTContext &context, QualType given, QualType expected) {
  auto element = [](QualType t) {
    auto *list = dyn_cast_or_null<ClassTemplateSpecializationDecl>(
        t.getNonReferenceType().getCanonicalType()->getAsRecordDecl());
    return list && list->getTemplateArgs().size() &&
                   list->getTemplateArgs()[0].getKind() == TemplateArgument::Type
               ? list->getTemplateArgs()[0].getAsType()
               : QualType();
  };
  QualType a = element(given), b = element(expected);
  if (a.isNull() || b.isNull() || !front::is_handle(b))
    return false;
  return context.hasSameUnqualifiedType(a->isPointerType() ? a->getPointeeType() : a, b);
}

bool fits_operation(ASTContext &context, const FunctionDecl *rule, const FunctionDecl *f) {
  if (!front::is_operation(f) || !rule->getReturnType()->isVoidType())
    return false;
  for (bool with_result : {false, true}) {
    std::vector<QualType> parameters = operation_rule_parameters(context, f, with_result);
    bool fit = rule->getNumParams() == parameters.size();
    for (unsigned i = 0; fit && i < parameters.size(); ++i) {
      QualType given = rule->getParamDecl(i)->getType();
      fit = context.hasSameType(given.getUnqualifiedType(), parameters[i].getUnqualifiedType()) ||
            fits_list(context, given, parameters[i]);
    }
    if (fit)
      return true;
  }
  return false;
}

std::string expected(ASTContext &context, const FunctionDecl *rule, const RuleShape &shape) {
  std::string parameters;
  for (QualType type : shape.parameters)
    parameters += (parameters.empty() ? "" : ", ") + spell(type, context);
  return spell(shape.result, context, rule->getNameAsString() + "(" + parameters + ")");
}

} // namespace

std::vector<const FunctionDecl *> find_rule_targets(Sema &sema, const FunctionDecl *rule, const Mark &mark) {
  ASTContext &context = sema.Context;
  std::string name = mark.argument.empty() ? "" : mark.argument.front();
  bool is_pullback = mark.kind == "pullback_of", has_template = false;
  std::vector<const FunctionDecl *> found = candidates(context, rule, name, has_template), out;
  for (const FunctionDecl *f : found)
    if (is_pullback && fits_operation(context, rule, f))
      out.push_back(f);
  for (const FunctionDecl *f : found)
    if (out.empty() && fits(context, rule, shape_of(context, f, is_pullback)))
      out.push_back(f);
  if (!out.empty() || has_template)
    return out;
  if (found.empty()) {
    report(sema.getDiagnostics(), Diag::OwnRuleTarget, mark.loc, {mark.kind, name});
    return out;
  }
  RuleShape shape = shape_of(context, found.front(), is_pullback);
  if (is_pullback && front::is_operation(found.front()))
    shape.parameters = operation_rule_parameters(context, found.front(), false);
  report(sema.getDiagnostics(), Diag::OwnRuleSignature, rule->getLocation(),
         {rule->getNameAsString(), name, expected(context, rule, shape),
          is_pullback ? "pullback" : "pushforward"});
  return out;
}

} // namespace nabla::tool
