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

bool fits(ASTContext &context, const FunctionDecl *rule, const std::vector<QualType> &parameters) {
  if (rule->getNumParams() != parameters.size() || !rule->getReturnType()->isVoidType())
    return false;
  for (unsigned i = 0; i < parameters.size(); ++i)
    if (!context.hasSameType(rule->getParamDecl(i)->getType().getUnqualifiedType(),
                             parameters[i].getUnqualifiedType()))
      return false;
  return true;
}

std::string expected(ASTContext &context, const FunctionDecl *rule, const FunctionDecl *f) {
  std::string out = "void " + rule->getNameAsString() + "(";
  bool first = true;
  for (QualType type : pullback_parameters(context, f)) {
    out += (first ? "" : ", ") + spell(type, context);
    first = false;
  }
  return out + ")";
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
  if (mark.kind != "pullback_of")
    return found.front();
  for (const FunctionDecl *f : found)
    if (fits(context, rule, pullback_parameters(context, f)))
      return f;
  report(sema.getDiagnostics(), Diag::OwnRuleSignature, rule->getLocation(),
         {rule->getNameAsString(), name, expected(context, rule, found.front())});
  return nullptr;
}

} // namespace nabla::tool
