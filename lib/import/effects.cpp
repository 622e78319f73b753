// What does a function use besides its arguments and what they lead to?
#include "import/class.h"
#include "import/shared.h"
#include "import/targets.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/Basic/Builtins.h"

namespace nabla::front {

namespace {

using Reach = ir::Callee::Reach;

/// Reads one body: the variables that outlive a call, and whom it calls.
class ReachFinder : public clang::RecursiveASTVisitor<ReachFinder> {
public:
  std::vector<const clang::FunctionDecl *> calls;
  Reach reach = Reach::Arguments;
  bool drops_const = false; ///< changes, or may let others change, what is declared const

  bool shouldVisitImplicitCode() const { return true; }
  bool VisitDeclRefExpr(clang::DeclRefExpr *e) {
    auto *v = dyn_cast<clang::VarDecl>(e->getDecl());
    if (v && v->hasGlobalStorage())
      reach = std::max(reach, use_of(v, read_.count(e)));
    return true;
  }
  /// A conversion to a value comes before its operand.
  bool VisitImplicitCastExpr(clang::ImplicitCastExpr *e) {
    if (e->getCastKind() == clang::CK_LValueToRValue) {
      read_.insert(named_by(e->getSubExpr()));
      read_.insert(e->getSubExpr()->IgnoreParens());
    }
    return true;
  }
  bool VisitMemberExpr(clang::MemberExpr *e) {
    auto *field = dyn_cast<clang::FieldDecl>(e->getMemberDecl());
    drops_const = drops_const || (field && field->isMutable() && !read_.count(e));
    auto *v = dyn_cast<clang::VarDecl>(e->getMemberDecl()); // a static member, named through an object
    if (v)
      reach = std::max(reach, use_of(v, false));
    return true;
  }
  bool VisitExplicitCastExpr(clang::ExplicitCastExpr *e) {
    auto pointee = [](clang::QualType t) { return t->isAnyPointerType() ? t->getPointeeType() : t; };
    const clang::Expr *from = e->getSubExprAsWritten();
    drops_const = drops_const ||
                  ((e->getType()->isAnyPointerType() || e->isGLValue()) &&
                   pointee(from->getType()).isConstQualified() && !pointee(e->getType()).isConstQualified());
    return true;
  }
  bool VisitCallExpr(clang::CallExpr *e) { return call(e->getDirectCallee()); }
  bool VisitCXXConstructExpr(clang::CXXConstructExpr *e) { return call(e->getConstructor()); }
  bool VisitCXXInheritedCtorInitExpr(clang::CXXInheritedCtorInitExpr *e) { return call(e->getConstructor()); }
  bool VisitCXXNewExpr(clang::CXXNewExpr *e) {
    return (!e->getOperatorNew() || call(e->getOperatorNew())) &&
           (!e->getOperatorDelete() || call(e->getOperatorDelete()));
  }
  bool VisitVarDecl(clang::VarDecl *v) {
    auto *cleanup = v->getAttr<clang::CleanupAttr>();
    return destroys(v->getType()) && (!cleanup || call(cleanup->getFunctionDecl()));
  }
  bool VisitCXXBindTemporaryExpr(clang::CXXBindTemporaryExpr *e) { return destroys(e->getType()); }
  bool VisitCXXDeleteExpr(clang::CXXDeleteExpr *e) {
    return destroys(e->getDestroyedType()) && (!e->getOperatorDelete() || call(e->getOperatorDelete()));
  }
  bool VisitCXXDefaultArgExpr(clang::CXXDefaultArgExpr *e) { return TraverseStmt(e->getExpr()); }
  bool VisitCXXDefaultInitExpr(clang::CXXDefaultInitExpr *e) { return TraverseStmt(e->getExpr()); }
  // What is not evaluated: noexcept(...), requires, sizeof. Parameters come with their types.
  bool TraverseFunctionProtoTypeLoc(clang::FunctionProtoTypeLoc t) {
    return std::all_of(t.getParams().begin(), t.getParams().end(),
                       [&](const clang::ParmVarDecl *p) { return !p || destroys(p->getType()); });
  }
  bool TraverseCXXNoexceptExpr(clang::CXXNoexceptExpr *) { return true; }
  bool TraverseRequiresExpr(clang::RequiresExpr *) { return true; }
  bool TraverseUnaryExprOrTypeTraitExpr(clang::UnaryExprOrTypeTraitExpr *) { return true; }
  bool VisitAsmStmt(clang::AsmStmt *) { return give_up(); }

private:
  std::set<const clang::Expr *> read_;

  /// What the use of a variable that outlives the call may come to. What a pointer leads to is nobody's constant.
  static Reach use_of(const clang::VarDecl *v, bool is_read) {
    const clang::QualType t = v->getType();
    const bool is_fixed = v->isConstexpr() || t.isConstQualified();
    if (leads_on(t))
      return Reach::ChangesAny;
    return is_fixed ? Reach::Arguments : is_read ? Reach::ReadsOthers : Reach::ChangesOthers;
  }
  /// Pointers and references, members that may change in a constant, in any depth.
  static bool leads_on(clang::QualType t) {
    t = clang::QualType(t->getBaseElementTypeUnsafe(), 0);
    if (t->isReferenceType() || t->isAnyPointerType() || t->isMemberPointerType())
      return !(t->isPointerType() && t->getPointeeType()->isAnyCharacterType() &&
               t->getPointeeType().isConstQualified()); // a string literal
    auto *cls = t->getAsCXXRecordDecl();
    if (!cls)
      return t->isAtomicType();
    return !cls->hasDefinition() || any_part(cls->getDefinition(), leads_on) ||
           llvm::any_of(cls->getDefinition()->fields(), [](auto *f) { return f->isMutable(); });
  }
  /// The variable of which a part is read: `v`, `v.x`, `v[i]` of an array.
  static const clang::Expr *named_by(const clang::Expr *e) {
    for (e = e->IgnoreParenCasts();;) {
      auto *member = dyn_cast<clang::MemberExpr>(e);
      auto *element = dyn_cast<clang::ArraySubscriptExpr>(e);
      if (member && !member->isArrow())
        e = member->getBase()->IgnoreParenCasts();
      else if (element && element->getBase()->IgnoreParenImpCasts()->getType()->isArrayType())
        e = element->getBase()->IgnoreParenImpCasts();
      else
        return e;
    }
  }
  bool give_up() {
    reach = Reach::ChangesAny;
    return true; // what else it does is looked at all the same
  }
  bool call(const clang::FunctionDecl *f) {
    if (!f)
      return give_up();
    calls.push_back(f);
    return true;
  }
  bool destroys(clang::QualType t) {
    auto *cls = t.isNull() ? nullptr : t->getBaseElementTypeUnsafe()->getAsCXXRecordDecl();
    if (cls && cls->hasDefinition() && !cls->hasTrivialDestructor() && cls->getDestructor())
      return call(cls->getDestructor());
    return true;
  }
};

/// The standard's functions of numbers, and what else the compiler knows to have no effect.
bool is_known_pure(const clang::FunctionDecl *f) {
  unsigned builtin = f->getBuiltinID();
  const clang::Builtin::Context &known = f->getASTContext().BuiltinInfo;
  return f->hasAttr<clang::ConstAttr>() ||
         (builtin && (known.isConst(builtin) || known.isConstWithoutErrnoAndExceptions(builtin)));
}

/// Memory of its own, or none.
bool only_allocates(const clang::FunctionDecl *f) {
  return f->isReplaceableGlobalAllocationFunction() || f->getBuiltinID() == clang::Builtin::BImalloc ||
         f->getBuiltinID() == clang::Builtin::BIfree || f->getBuiltinID() == clang::Builtin::BIcalloc;
}

} // namespace

bool is_library_rule(const clang::FunctionDecl *rule) {
  const clang::DeclContext *outer = rule ? rule->getDeclContext() : nullptr;
  while (outer && !outer->isTranslationUnit() && !outer->getParent()->isTranslationUnit())
    outer = outer->getParent();
  auto *space = dyn_cast_or_null<clang::NamespaceDecl>(outer);
  return space && space->getName() == "nabla";
}

namespace {

/// The functions that are template arguments of f: f<&residual>.
void find_given(const clang::FunctionDecl *f, std::vector<const clang::FunctionDecl *> &out) {
  if (auto *args = f->getTemplateSpecializationArgs())
    for (const clang::TemplateArgument &a : args->asArray())
      if (a.getKind() == clang::TemplateArgument::Declaration)
        if (auto *given = dyn_cast<clang::FunctionDecl>(a.getAsDecl()))
          out.push_back(given);
}

/// memcmp, memcpy, strlen and their like: they read and write what they are given. What does not return changes nothing that
/// anyone reads afterwards, if it is not the program's own.
bool keeps_to_arguments(const clang::FunctionDecl *f) {
  static const std::set<std::string> names = {"memcmp", "memcpy",  "memmove", "memset",  "memchr", "strlen",
                                              "strcmp", "strncmp", "strchr",  "wmemcmp", "wcslen"};
  static const std::set<std::string> text_classes = {"basic_string", "basic_string_view", "char_traits",
                                                     "allocator", "__new_allocator"};
  if (f->isNoReturn() && f->getASTContext().getSourceManager().isInSystemHeader(f->getLocation()))
    return true;
  auto *m = dyn_cast<clang::CXXMethodDecl>(f); // of text, whose bodies may be in the library alone
  if (m && m->getParent()->isInStdNamespace() && m->getParent()->getIdentifier() &&
      text_classes.count(m->getParent()->getName().str()))
    return true;
  if (!f->getBuiltinID() || !f->getIdentifier())
    return false;
  llvm::StringRef name = f->getName();
  name.consume_front("__builtin_");
  return names.count(name.str()) != 0;
}

/// What a destructor calls when its body is done.
void add_destroyed(const clang::CXXRecordDecl *cls, std::vector<const clang::FunctionDecl *> &out) {
  any_part(cls, [&](clang::QualType t) {
    auto *part = t->getBaseElementTypeUnsafe()->getAsCXXRecordDecl();
    if (part && part->hasDefinition() && !part->hasTrivialDestructor() && part->getDestructor())
      out.push_back(part->getDestructor());
    return false; // all of them
  });
}

} // namespace

void Shared::fill_effects(ir::Callee &c, const clang::FunctionDecl *f) {
  std::set<const clang::FunctionDecl *> seen;
  std::vector<const clang::FunctionDecl *> work{f};
  // Inactive functions of Nabla's own change what they are given, and call what they are made for.
  auto is_ours = [&](const clang::FunctionDecl *g) { return is_library_rule(g) && marks.is_inactive(g); };
  if (!f->hasBody() && !f->isTrivial() && !is_known_pure(f) && !is_ours(f))
    return;
  c.reach = Reach::Arguments;
  while (!work.empty()) {
    const clang::FunctionDecl *now = work.back(), *body = nullptr;
    work.pop_back();
    if (!seen.insert(now->getCanonicalDecl()).second || is_known_pure(now) || only_allocates(now) ||
        now->isTrivial() || now->isConsteval() || keeps_to_arguments(now))
      continue;
    if (is_ours(now)) {
      find_given(now, work);
      continue;
    }
    if (auto derivative = marks.derivative(now)) { // it reaches no further than its primal
      work.push_back(derivative->primal);
      continue;
    }
    auto *m = dyn_cast<clang::CXXMethodDecl>(now);
    auto *destructor = dyn_cast<clang::CXXDestructorDecl>(now);
    if (destructor && destructor->isVirtual()) // that of the object's own class
      for (const clang::CXXRecordDecl *cls : targets().classes)
        if (cls->isDerivedFrom(destructor->getParent()))
          work.push_back(cls->getDestructor());
    const bool is_chosen = m && m->isVirtual() && !destructor;
    if (destructor)
      add_destroyed(destructor->getParent(), work);
    if (destructor && destructor->isDefaulted())
      continue;
    for (const clang::FunctionDecl *rule : {marks.own_pullback(now), marks.own_pushforward(now)})
      if (rule) // run by a derivative of whoever calls it
        work.push_back(rule);
    const bool is_users = !context.getSourceManager().isInSystemHeader(now->getLocation());
    const bool is_left_out = !now->hasBody(body) || (seen.size() > 200 && !is_users);
    if (is_left_out || is_chosen) // another class may do something else
      c.reach = std::max(c.reach, Reach::ChangesOthers);
    if (is_left_out)
      continue;
    ReachFinder finder;
    finder.TraverseDecl(const_cast<clang::FunctionDecl *>(body));
    c.reach = std::max(c.reach, finder.reach);
    c.changes_constants = c.changes_constants || (finder.drops_const && is_users);
    work.insert(work.end(), finder.calls.begin(), finder.calls.end());
  }
}

} // namespace nabla::front
