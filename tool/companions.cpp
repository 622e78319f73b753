#include "companions.h"
#include "report.h"
#include "spell.h"
#include "clang/AST/Attr.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/DeclTemplate.h"
#include <algorithm>
#include <set>

using namespace clang;

namespace nabla::tool {
namespace {

struct Signature {
  QualType type;
  std::vector<QualType> parameters;
  std::vector<std::string> names;
};

std::string parameter_name(const FunctionDecl *function, unsigned index) {
  std::string name = function->getParamDecl(index)->getNameAsString();
  return name.empty() ? "arg" + std::to_string(index) : name;
}

/// primal parameters, the seed of a pullback, then one adjoint per differentiated parameter.
Signature companion_type(ASTContext &context, const FunctionDecl *function, const Mark &mark) {
  Signature s;
  auto add = [&](QualType type, std::string name) {
    s.parameters.push_back(type);
    s.names.push_back(std::move(name));
  };
  for (unsigned i = 0; i < function->getNumParams(); ++i)
    add(function->getParamDecl(i)->getType(), parameter_name(function, i));
  QualType result = function->getReturnType();
  if (mark.kind == "pullback" && !result->isVoidType())
    add(adjoint_type(result.getNonReferenceType(), context), "seed");
  std::vector<bool> wrt = differentiated(function, mark);
  bool has_tangents = mark.kind == "pushforward" || mark.kind == "hvp";
  for (unsigned i = 0; i < function->getNumParams(); ++i)
    if (wrt[i] && has_tangents)
      add(tangent_type(function->getParamDecl(i)->getType()), parameter_name(function, i) + "_dot");
  for (unsigned i = 0; i < function->getNumParams(); ++i)
    if (wrt[i] && mark.kind != "pushforward")
      add(adjoint_parameter(function->getParamDecl(i)->getType(), context),
          parameter_name(function, i) + (mark.kind == "hvp" ? "_bar_dot" : "_bar"));
  if (mark.kind == "pushforward")
    result = dual_type(result, context);
  FunctionProtoType::ExtProtoInfo info;
  if (const auto *method = dyn_cast<CXXMethodDecl>(function); method && !method->isStatic()) {
    info.TypeQuals = method->getMethodQualifiers();
    info.RefQualifier = method->getRefQualifier();
    if (mark.by_object)
      add(context.getLValueReferenceType(context.getRecordType(method->getParent())), "self_bar");
  }
  s.type = context.getFunctionType(result, s.parameters, info);
  return s;
}

FunctionDecl *declared_like(const FunctionDecl *function, DeclarationName name, QualType type) {
  ASTContext &context = function->getASTContext();
  auto *scope = const_cast<DeclContext *>(function->getDeclContext()->getRedeclContext());
  for (NamedDecl *found : scope->lookup(name)) {
    auto *candidate = dyn_cast<FunctionDecl>(found);
    if (auto *pattern = dyn_cast<FunctionTemplateDecl>(found))
      candidate = pattern->getTemplatedDecl();
    bool same_kind =
        candidate && !candidate->getDescribedFunctionTemplate() == !function->getDescribedFunctionTemplate();
    if (same_kind && context.hasSameFunctionTypeIgnoringExceptionSpec(candidate->getType(), type))
      return candidate;
  }
  return nullptr;
}

void set_parameters(ASTContext &context, FunctionDecl *decl, TypeSourceInfo *info,
                    const Signature &signature) {
  SourceLocation at = decl->getLocation();
  auto type_loc = info->getTypeLoc().castAs<FunctionProtoTypeLoc>();
  std::vector<ParmVarDecl *> parameters;
  for (unsigned i = 0; i < signature.parameters.size(); ++i) {
    QualType type = signature.parameters[i];
    auto *p = ParmVarDecl::Create(context, decl, at, at, &context.Idents.get(signature.names[i]), type,
                                  context.getTrivialTypeSourceInfo(type, at), SC_None, nullptr);
    p->setScopeInfo(0, i);
    type_loc.setParam(i, p);
    parameters.push_back(p);
  }
  decl->setParams(parameters);
}

FunctionDecl *create(ASTContext &context, FunctionDecl *function, IdentifierInfo &name,
                     const Signature &signature) {
  SourceLocation at = function->getLocation();
  TypeSourceInfo *info = context.getTrivialTypeSourceInfo(signature.type, at);
  DeclContext *scope = function->getDeclContext()->getRedeclContext();
  FunctionDecl *decl;
  bool is_inline = function->isInlined() || function->isConstexpr();
  if (auto *method = dyn_cast<CXXMethodDecl>(function)) {
    CXXRecordDecl *record = method->getParent();
    decl = CXXMethodDecl::Create(context, record, at, {&name, at}, signature.type, info,
                                 method->getStorageClass(), false, true, ConstexprSpecKind::Unspecified, at);
    decl->setAccess(AS_public); // the function's own access is not known yet
  } else {
    decl = FunctionDecl::Create(context, scope, at, at, &name, signature.type, info,
                                function->getStorageClass() == SC_Static ? SC_Static : SC_None, false,
                                is_inline);
  }
  if (is_inline)
    decl->setImplicitlyInline();
  set_parameters(context, decl, info, signature);
  decl->setLexicalDeclContext(scope);
  decl->addAttr(UnusedAttr::CreateImplicit(context));
  if (auto *pattern = function->getDescribedFunctionTemplate()) {
    auto *made =
        FunctionTemplateDecl::Create(context, scope, at, &name, pattern->getTemplateParameters(), decl);
    decl->setDescribedFunctionTemplate(made);
    made->setLexicalDeclContext(scope);
    scope->addDecl(made);
  } else {
    scope->addDecl(decl);
  }
  return decl;
}

bool check(Sema &sema, const FunctionDecl *function, const Mark &mark) {
  DiagnosticsEngine &engine = sema.getDiagnostics();
  for (const std::string &name : mark.argument) {
    bool found = false;
    for (const ParmVarDecl *p : function->parameters())
      found |= p->getName() == name && holds_reals(p->getType());
    if (!found) {
      report(engine, Diag::ListNamesNoParameter, mark.loc, {name, mark.kind, function->getNameAsString()});
      return false;
    }
  }
  std::vector<bool> wrt = differentiated(function, mark);
  if (std::none_of(wrt.begin(), wrt.end(), [](bool on) { return on; }) && !mark.by_object) {
    report(engine, Diag::NothingToDifferentiate, function->getLocation(), {function->getNameAsString()});
    return false;
  }
  const char *refused = nullptr;
  if (!function->getIdentifier())
    refused = "a companion of an operator, constructor or destructor";
  else if (function->isVariadic())
    refused = "a companion of a function with C varargs";
  else if (function->isConsteval())
    refused = "a companion of a consteval function";
  else if (function->isFunctionTemplateSpecialization())
    refused = "a companion of an explicit specialisation";
  else if (const auto *method = dyn_cast<CXXMethodDecl>(function)) {
    if (method->isVirtual())
      refused = "a companion of a virtual function";
    else if (function->getDescribedFunctionTemplate() || method->getParent()->isDependentContext())
      refused = "a companion of a member of a template";
    else if (method->getParent()->getParentFunctionOrMethod() || method->getParent()->isLambda())
      refused = "a companion of a member of a local class";
  } else if (!function->getDeclContext()->getRedeclContext()->isFileContext())
    refused = "a companion of a function declared inside another";
  if (refused)
    report(
        engine, Diag::UnsupportedRequest, mark.loc,
        {refused,
         "write nabla::gradient<...>(...) where the gradient is needed, or mark a function that calls it"});
  return !refused;
}

} // namespace

std::string companion_name(const FunctionDecl *function, const Mark &mark) {
  return function->getNameAsString() + (mark.kind == "gradient" ? "_grad" : "_" + mark.kind);
}

std::vector<bool> differentiated(const FunctionDecl *function, const Mark &mark) {
  std::vector<bool> wrt;
  for (unsigned i = 0; i < function->getNumParams(); ++i) {
    const ParmVarDecl *p = function->getParamDecl(i);
    bool named = mark.argument.empty();
    if (!named) {
      const ParmVarDecl *spelled = mark.on ? mark.on->getParamDecl(i) : p;
      named =
          std::find(mark.argument.begin(), mark.argument.end(), spelled->getName()) != mark.argument.end();
    }
    bool inactive = false;
    for (const FunctionDecl *each : function->redecls())
      for (const Mark &m : marks_on(each->getParamDecl(i)))
        inactive |= m.kind == "inactive";
    wrt.push_back(named && !inactive && holds_reals(p->getType()));
  }
  return wrt;
}

FunctionDecl *find_companion(ASTContext &context, const FunctionDecl *function, const Mark &mark) {
  const FunctionDecl *on = mark.on ? mark.on : function;
  return declared_like(on, &context.Idents.get(companion_name(on, mark)),
                       companion_type(context, on, mark).type);
}

std::string companion_signature(ASTContext &context, const FunctionDecl *function, const Mark &mark) {
  Signature s = companion_type(context, function, mark);
  std::string parameters;
  for (unsigned i = 0; i < s.parameters.size(); ++i)
    parameters += (i ? ", " : "") + spell(s.parameters[i], context, s.names[i]);
  const auto *method = dyn_cast<CXXMethodDecl>(function);
  std::string qualifiers = method && method->isConst() ? " const" : "";
  QualType result = s.type->castAs<FunctionProtoType>()->getReturnType();
  return spell(result, context, companion_name(function, mark) + "(" + parameters + ")" + qualifiers);
}

void declare_companions(Sema &sema, FunctionDecl *function, const Mark &mark) {
  for (const Mark &each : companion_marks(function, mark))
    if (!declare_companion(sema, function, each))
      return;
}

std::vector<Mark> companion_marks(const FunctionDecl *function, const Mark &mark) {
  std::vector<Mark> marks;
  if (!is_derivable(mark.kind))
    return marks;
  const auto *method = dyn_cast<CXXMethodDecl>(function);
  std::vector<bool> wrt = differentiated(function, mark);
  bool by_object_alone = std::find(wrt.begin(), wrt.end(), true) == wrt.end();
  if (!method || method->isStatic() || !by_object_alone)
    marks.push_back(mark);
  bool has_adjoints = mark.kind == "gradient" || mark.kind == "pullback";
  if (method && !method->isStatic() && has_adjoints) {
    marks.push_back(mark);
    marks.back().by_object = true;
  }
  return marks;
}

FunctionDecl *declare_companion(Sema &sema, FunctionDecl *function, const Mark &mark) {
  if (function->isInvalidDecl() || !check(sema, function, mark))
    return nullptr;
  ASTContext &context = sema.Context;
  IdentifierInfo &name = context.Idents.get(companion_name(function, mark));
  Signature signature = companion_type(context, function, mark);
  // The mark may stand on several redeclarations, and the user may have declared the companion himself.
  if (FunctionDecl *known = declared_like(function, &name, signature.type))
    return known;
  return create(context, function, name, signature);
}

void report_mismatches(Sema &sema, const std::vector<FunctionDecl *> &marked) {
  ASTContext &context = sema.Context;
  std::set<const FunctionDecl *> companions;
  for (FunctionDecl *f : marked)
    for (const Mark &written : marks_on(f))
      for (const Mark &mark : companion_marks(f, written))
        if (FunctionDecl *c = find_companion(context, f, mark))
          companions.insert(c->getCanonicalDecl());
  std::set<const Decl *> told;
  for (FunctionDecl *f : marked)
    for (const Mark &mark : marks_on(f)) {
      if (!is_derivable(mark.kind))
        continue;
      IdentifierInfo &name = context.Idents.get(companion_name(f, mark));
      for (NamedDecl *found : f->getDeclContext()->getRedeclContext()->lookup(&name)) {
        if (isa<FunctionTemplateDecl>(found))
          continue;
        const auto *other = dyn_cast<FunctionDecl>(found);
        if (other && (companions.count(other->getCanonicalDecl()) || other->isDefined()))
          continue;
        if (told.insert(found->getCanonicalDecl()).second)
          report(sema.getDiagnostics(), Diag::CompanionMismatch, found->getLocation(),
                 {found->getNameAsString(), f->getNameAsString(), companion_signature(context, f, mark)});
      }
    }
}

} // namespace nabla::tool
