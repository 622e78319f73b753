// Does a function, or one that it calls, store a pointer anywhere but in a variable of its own?
#include "import/class.h"
#include "import/container.h"
#include "import/shared.h"
#include "import/targets.h"
#include "clang/AST/RecursiveASTVisitor.h"

namespace nabla::front {

namespace {

/// Reads one body: is a pointer stored, and whom does it call?
class StoreFinder : public clang::RecursiveASTVisitor<StoreFinder> {
public:
  std::vector<const clang::FunctionDecl *> calls;
  bool stores = false;

  bool shouldVisitImplicitCode() const { return true; }
  bool VisitBinaryOperator(clang::BinaryOperator *e) {
    if (e->isAssignmentOp())
      look(e->getLHS());
    return true;
  }
  bool VisitUnaryOperator(clang::UnaryOperator *e) {
    if (e->isIncrementDecrementOp())
      look(e->getSubExpr());
    return true;
  }
  bool VisitCXXConstructExpr(clang::CXXConstructExpr *e) {
    if (!e->getConstructor()->isTrivial())
      stores = stores || holds_pointers(e->getType());
    return true;
  }
  bool VisitInitListExpr(clang::InitListExpr *) { return true; } // of a variable of its own
  bool VisitCXXNewExpr(clang::CXXNewExpr *) { return !(stores = true); }
  bool VisitLambdaExpr(clang::LambdaExpr *) { return !(stores = true); }
  bool VisitCallExpr(clang::CallExpr *e) {
    const clang::FunctionDecl *f = e->getDirectCallee();
    if (auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e); op && op->isAssignmentOp())
      look(op->getArg(0));
    if (f)
      calls.push_back(f);
    else
      stores = true;
    return true;
  }

private:
  static bool holds_pointers(clang::QualType t) {
    t = clang::QualType(t.getNonReferenceType()->getBaseElementTypeUnsafe(), 0).getCanonicalType();
    if (t->isAnyPointerType())
      return true;
    auto *cls = t->getAsCXXRecordDecl();
    if (!cls || !cls->hasDefinition())
      return cls != nullptr;
    for (auto *field : cls->getDefinition()->fields())
      if (field->getType()->isReferenceType() || holds_pointers(field->getType()))
        return true;
    for (const clang::CXXBaseSpecifier &base : cls->getDefinition()->bases())
      if (holds_pointers(base.getType()))
        return true;
    return false;
  }
  void look(const clang::Expr *to) {
    auto *name = dyn_cast<clang::DeclRefExpr>(to->IgnoreParenImpCasts());
    auto *v = name ? dyn_cast<clang::VarDecl>(name->getDecl()) : nullptr;
    bool is_own = v && v->hasLocalStorage() && !v->getType()->isReferenceType();
    stores = stores || (!is_own && holds_pointers(to->getType()));
  }
};

/// Whoever has no body here changes no pointers if it is given nothing to change.
bool only_reads(const clang::FunctionDecl *f) {
  auto *m = dyn_cast<clang::CXXMethodDecl>(f);
  if (m && !m->isStatic() && !m->isConst())
    return false;
  for (const clang::ParmVarDecl *p : f->parameters()) {
    clang::QualType t = p->getType();
    if (t->isRecordType() ||
        (t->isAnyPointerType() || t->isReferenceType()) && !t->getPointeeType().isConstQualified())
      return false;
  }
  return true;
}

/// Does a value of the type hold pointers, in any depth?
bool holds_pointers(clang::QualType t) {
  t = clang::QualType(t->getBaseElementTypeUnsafe(), 0);
  if (t->isPointerType() || t->isReferenceType())
    return true;
  auto *cls = t->getAsCXXRecordDecl();
  return cls && cls->hasDefinition() && any_part(cls->getDefinition(), holds_pointers);
}

} // namespace

bool Shared::passes_pointers(const clang::FunctionDecl *f) {
  if (!f->hasBody() || context.getSourceManager().isInSystemHeader(f->getLocation()))
    return false;
  auto leads_on = [](clang::QualType t) {
    return (t->isPointerType() || t->isReferenceType()) && holds_pointers(t->getPointeeType());
  };
  auto *m = dyn_cast<clang::CXXMethodDecl>(f);
  const bool may_store =
      (m && !m->isStatic() && holds_pointers(context.getRecordType(m->getParent()))) ||
      llvm::any_of(f->parameters(), [&](const clang::ParmVarDecl *p) { return leads_on(p->getType()); });
  return holds_pointers(f->getReturnType()) || (may_store && stores_pointers(f));
}

bool Shared::stores_pointers(const clang::FunctionDecl *f) {
  if (isa<clang::CXXConstructorDecl, clang::CXXDestructorDecl>(f))
    return true;
  std::set<const clang::FunctionDecl *> seen;
  std::vector<const clang::FunctionDecl *> work{f};
  auto add_overriders = [&](const clang::CXXMethodDecl *m) {
    for (const clang::CXXRecordDecl *cls : targets().classes)
      if (cls->isDerivedFrom(m->getParent()))
        if (auto *other = const_cast<clang::CXXMethodDecl *>(m)->getCorrespondingMethodInClass(cls, true))
          work.push_back(other);
  };
  while (!work.empty()) {
    const clang::FunctionDecl *now = work.back(), *body = nullptr;
    work.pop_back();
    if (!seen.insert(now->getCanonicalDecl()).second)
      continue;
    if (seen.size() > 200)
      return true;
    auto *m = dyn_cast<clang::CXXMethodDecl>(now);
    if (m && m->isVirtual())
      add_overriders(m);
    if (m && m->isPureVirtual() && !now->hasBody())
      continue;
    if (!now->hasBody(body)) {
      if (!only_reads(now))
        return true;
      continue;
    }
    if (isa<clang::CXXConstructorDecl>(body))
      continue; // judged where it is called
    StoreFinder finder;
    finder.TraverseStmt(body->getBody());
    if (finder.stores)
      return true;
    work.insert(work.end(), finder.calls.begin(), finder.calls.end());
  }
  return false;
}

} // namespace nabla::front
