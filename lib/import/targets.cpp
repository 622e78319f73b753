#include "import/targets.h"
#include "clang/AST/RecursiveASTVisitor.h"

namespace nabla::front {
using llvm::dyn_cast;
using llvm::isa;

namespace {

class Finder : public clang::RecursiveASTVisitor<Finder> {
public:
  Finder(const clang::SourceManager &sources, Targets &out) : sources_(sources), out_(out) {}
  bool shouldVisitTemplateInstantiations() const { return true; }
  bool shouldVisitImplicitCode() const { return true; }

  /// System headers take no address of a user's function and derive from no class of a user's.
  bool TraverseDecl(clang::Decl *d) {
    auto *ns = dyn_cast_or_null<clang::NamespaceDecl>(d);
    if (ns && ns->getName() == "nabla" && ns->getParent()->isTranslationUnit())
      return true;
    bool is_system = d && !isa<clang::TranslationUnitDecl>(d) && d->getLocation().isValid() &&
                     sources_.isInSystemHeader(d->getLocation());
    return is_system || RecursiveASTVisitor::TraverseDecl(d);
  }
  bool VisitCXXRecordDecl(clang::CXXRecordDecl *cls) {
    bool is_usable = cls->isThisDeclarationADefinition() && !cls->isDependentContext();
    if (is_usable && cls->isPolymorphic() && !cls->isAbstract())
      out_.classes.push_back(cls);
    if (is_usable && cls->getNumBases())
      out_.derived.push_back(cls);
    return true;
  }
  bool VisitCallExpr(clang::CallExpr *e) {
    if (e->getCallee())
      called_.insert(e->getCallee()->IgnoreParenImpCasts());
    return true;
  }
  bool VisitCastExpr(clang::CastExpr *e) {
    clang::QualType from = e->getSubExpr()->getType();
    auto *cls = from->isPointerType() ? from->getPointeeCXXRecordDecl() : from->getAsCXXRecordDecl();
    if (e->getCastKind() == clang::CK_BaseToDerived && cls && cls->hasDefinition())
      out_.downcast.insert(cls->getDefinition());
    return true;
  }
  /// Requests name functions, too: nabla::gradient<f>.
  bool TraverseDeclRefExpr(clang::DeclRefExpr *e) {
    return is_of_nabla(e->getDecl()) || RecursiveASTVisitor::TraverseDeclRefExpr(e);
  }
  bool VisitDeclRefExpr(clang::DeclRefExpr *e) {
    if (!called_.count(e))
      add(e->getDecl());
    return true;
  }

private:
  static bool is_of_nabla(const clang::Decl *d) {
    for (const clang::DeclContext *dc = d->getDeclContext(); dc; dc = dc->getParent())
      if (auto *ns = dyn_cast<clang::NamespaceDecl>(dc);
          ns && ns->getName() == "nabla" && ns->getParent()->isTranslationUnit())
        return true;
    return false;
  }
  void add(const clang::ValueDecl *d) {
    auto *f = dyn_cast<clang::FunctionDecl>(d);
    if (f && !f->isDependentContext() && seen_.insert(f->getCanonicalDecl()).second)
      out_.functions.push_back(f->getCanonicalDecl());
  }
  const clang::SourceManager &sources_;
  Targets &out_;
  std::set<const clang::Expr *> called_; ///< a call is visited before its callee
  std::set<const clang::FunctionDecl *> seen_;
};

} // namespace

Targets find_targets(clang::ASTContext &context) {
  Targets out;
  Finder(context.getSourceManager(), out).TraverseDecl(context.getTranslationUnitDecl());
  return out;
}

std::vector<clang::QualType> held_types(const clang::CXXRecordDecl *function_class) {
  std::vector<clang::QualType> out;
  std::set<const clang::Type *> seen;
  for (const clang::Decl *d : function_class->decls()) {
    auto *made_from = dyn_cast<clang::FunctionTemplateDecl>(d);
    if (!made_from || !isa<clang::CXXConstructorDecl>(made_from->getTemplatedDecl()))
      continue;
    for (const clang::FunctionDecl *f : made_from->specializations()) {
      auto *args = f->getTemplateSpecializationArgs();
      if (!f->isReferenced() && !f->isUsed() || !args || args->size() == 0)
        continue;
      clang::QualType t = args->get(0).getAsType().getNonReferenceType();
      if (t->isFunctionType())
        t = f->getASTContext().getPointerType(t);
      t = t.getCanonicalType().getUnqualifiedType();
      if (seen.insert(t.getTypePtr()).second)
        out.push_back(t);
    }
  }
  return out;
}

std::vector<const clang::FunctionDecl *> functions_of(const Targets &all, clang::QualType pointer,
                                                      const clang::ASTContext &context) {
  std::vector<const clang::FunctionDecl *> out;
  auto *to_method = pointer->getAs<clang::MemberPointerType>();
  clang::QualType wanted = to_method ? to_method->getPointeeType() : pointer->getPointeeType();
  for (const clang::FunctionDecl *f : all.functions) {
    auto *m = dyn_cast<clang::CXXMethodDecl>(f);
    bool is_method = m && !m->isStatic();
    if (is_method != (to_method != nullptr) ||
        !context.hasSameFunctionTypeIgnoringExceptionSpec(wanted, f->getType()))
      continue;
    auto *cls = to_method ? to_method->getClass()->getAsCXXRecordDecl() : nullptr;
    if (cls && cls->getCanonicalDecl() != m->getParent()->getCanonicalDecl())
      continue;
    out.push_back(f);
  }
  return out;
}

bool is_std_function(clang::QualType t) {
  auto *cls = t.getNonReferenceType()->getAsCXXRecordDecl();
  return cls && cls->isInStdNamespace() && cls->getIdentifier() && cls->getName() == "function" &&
         isa<clang::ClassTemplateSpecializationDecl>(cls);
}

} // namespace nabla::front
