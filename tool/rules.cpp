#include "rules.h"
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

std::vector<const FunctionDecl *> candidates(ASTContext &context, const FunctionDecl *rule, StringRef name) {
  SmallVector<StringRef, 4> pieces;
  name.split(pieces, "::", -1, /*KeepEmpty=*/false);
  std::vector<std::string> scopes(pieces.begin(), pieces.end());
  std::vector<const FunctionDecl *> out;
  if (scopes.empty())
    return out;
  IdentifierInfo &last = context.Idents.get(scopes.back());
  scopes.pop_back();
  for (const DeclContext *from = rule->getDeclContext()->getRedeclContext(); from; from = from->getParent()) {
    if (from->isTransparentContext())
      continue;
    const DeclContext *scope = walk(context, from, scopes);
    if (!scope)
      continue;
    for (NamedDecl *found : scope->lookup(&last))
      if (auto *function = dyn_cast<FunctionDecl>(found->getUnderlyingDecl()))
        out.push_back(function);
    if (!out.empty())
      break;
  }
  return out;
}

/// Parameters of the pullback of f: f's own (the object of a method first), the seed, one adjoint per real
/// parameter.
std::vector<QualType> pullback_parameters(ASTContext &context, const FunctionDecl *f) {
  std::vector<QualType> own, all;
  if (const auto *method = dyn_cast<CXXMethodDecl>(f); method && !method->isStatic())
    own.push_back(context.getLValueReferenceType(method->getFunctionObjectParameterType()));
  for (const ParmVarDecl *p : f->parameters())
    own.push_back(p->getType());
  all = own;
  if (!f->getReturnType()->isVoidType())
    all.push_back(adjoint_type(f->getReturnType().getNonReferenceType(), context));
  for (QualType type : own)
    if (holds_reals(type))
      all.push_back(adjoint_parameter(type, context));
  return all;
}

/// Parameters of the pushforward of f: f's own, then one tangent per real parameter.
std::vector<QualType> pushforward_parameters(ASTContext &context, const FunctionDecl *f) {
  std::vector<QualType> own, all;
  if (const auto *method = dyn_cast<CXXMethodDecl>(f); method && !method->isStatic())
    own.push_back(context.getLValueReferenceType(method->getFunctionObjectParameterType()));
  for (const ParmVarDecl *p : f->parameters())
    own.push_back(p->getType());
  all = own;
  for (QualType type : own)
    if (holds_reals(type))
      all.push_back(tangent_type(type, context));
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

std::string expected(ASTContext &context, const FunctionDecl *rule, const RuleShape &shape) {
  std::string parameters;
  for (QualType type : shape.parameters)
    parameters += (parameters.empty() ? "" : ", ") + spell(type, context);
  return spell(shape.result, context, rule->getNameAsString() + "(" + parameters + ")");
}

} // namespace

const FunctionDecl *find_rule_target(Sema &sema, const FunctionDecl *rule, const Mark &mark) {
  ASTContext &context = sema.Context;
  std::string name = mark.argument.empty() ? "" : mark.argument.front();
  std::vector<const FunctionDecl *> found = candidates(context, rule, name);
  if (found.empty()) {
    report(sema.getDiagnostics(), Diag::OwnRuleTarget, mark.loc, {mark.kind, name});
    return nullptr;
  }
  bool is_pullback = mark.kind == "pullback_of";
  for (const FunctionDecl *f : found)
    if (fits(context, rule, shape_of(context, f, is_pullback)))
      return f;
  report(sema.getDiagnostics(), Diag::OwnRuleSignature, rule->getLocation(),
         {rule->getNameAsString(), name,
          expected(context, rule, shape_of(context, found.front(), is_pullback)),
          is_pullback ? "pullback" : "pushforward"});
  return nullptr;
}

} // namespace nabla::tool
