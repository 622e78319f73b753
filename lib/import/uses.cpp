// What a piece of code writes, and what it lets escape (Uses); expressions without what means nothing.
#include "import/body.h"
#include "import/chain.h"
#include "import/container.h"
#include "import/matrix.h"

namespace nabla::front {

bool has_natural_order(clang::QualType t) {
  if (t->isArithmeticType())
    return true;
  if (!is_std(t, {"pair", "tuple"}) || t->isReferenceType())
    return false;
  auto *cls = cast<clang::ClassTemplateSpecializationDecl>(t->getAsCXXRecordDecl());
  for (const clang::TemplateArgument &a : cls->getTemplateArgs().asArray()) {
    llvm::ArrayRef<clang::TemplateArgument> all =
        a.getKind() == clang::TemplateArgument::Pack ? a.getPackAsArray() : llvm::ArrayRef(a);
    if (!llvm::all_of(
            all, [](const clang::TemplateArgument &each) { return has_natural_order(each.getAsType()); }))
      return false;
  }
  return true;
}

bool is_compared_by_members(clang::QualType t) {
  if (t->isArithmeticType() || t->isEnumeralType() || has_natural_order(t))
    return true;
  auto *cls = t->getAsCXXRecordDecl();
  if (!cls || !cls->hasDefinition() || cls->isInStdNamespace())
    return false;
  bool is_defaulted = false;
  auto is_own = [&](const clang::FunctionDecl *f) {
    bool compares = f->getOverloadedOperator() == clang::OO_Spaceship ||
                    f->getOverloadedOperator() == clang::OO_EqualEqual;
    is_defaulted = is_defaulted || f->getOverloadedOperator() == clang::OO_Spaceship && f->isDefaulted();
    return compares && !f->isDefaulted();
  };
  if (llvm::any_of(cls->methods(), is_own))
    return false;
  for (const clang::FriendDecl *friend_of : cls->friends())
    if (auto *f = dyn_cast_or_null<clang::FunctionDecl>(friend_of->getFriendDecl()); f && is_own(f))
      return false;
  return is_defaulted &&
         llvm::all_of(cls->bases(),
                      [](const auto &base) { return is_compared_by_members(base.getType()); }) &&
         llvm::all_of(cls->fields(),
                      [](const auto *field) { return is_compared_by_members(field->getType()); });
}

namespace {

/// a != b is written as !(a == b), a < b as (a <=> b) < 0; what is to be looked at as it was written.
bool stays_written(const clang::CXXRewrittenBinaryOperator *e) {
  auto parts = e->getDecomposedForm();
  clang::QualType t = parts.LHS->getType();
  auto *call = dyn_cast<clang::CXXOperatorCallExpr>(parts.InnerBinOp->IgnoreImplicit());
  const clang::FunctionDecl *f = call ? call->getDirectCallee() : nullptr;
  const bool is_memberwise = f && (f->isDefaulted() || f->isInStdNamespace()) &&
                             clang::BinaryOperator::isRelationalOp(parts.Opcode) && is_compared_by_members(t);
  return is_iterator(t) || are_tied(parts.LHS, parts.RHS) || is_memberwise;
}

} // namespace

const clang::Expr *bare(const clang::Expr *e) {
  for (;;) {
    const clang::Expr *inner = e->IgnoreParens();
    if (auto *x = dyn_cast<clang::CXXRewrittenBinaryOperator>(inner)) {
      if (stays_written(x))
        return x;
      inner = x->getSemanticForm();
    }
    if (auto *x = dyn_cast<clang::FullExpr>(inner))
      inner = x->getSubExpr();
    else if (auto *x = dyn_cast<clang::SubstNonTypeTemplateParmExpr>(inner))
      inner = x->getReplacement();
    else if (auto *x = dyn_cast<clang::CXXBindTemporaryExpr>(inner))
      inner = x->getSubExpr();
    else if (auto *x = dyn_cast<clang::CXXDefaultArgExpr>(inner))
      inner = x->getExpr();
    else if (auto *x = dyn_cast<clang::CXXDefaultInitExpr>(inner))
      inner = x->getExpr();
    else if (auto *x = dyn_cast<clang::CXXStdInitializerListExpr>(inner))
      return x;
    if (inner == e)
      return e;
    e = inner;
  }
}

const clang::Expr *bare(const clang::Expr *e,
                        llvm::function_ref<bool(const clang::CXXConstructExpr *)> is_copy) {
  for (e = bare(e);;) {
    if (auto *m = dyn_cast<clang::MaterializeTemporaryExpr>(e))
      e = bare(m->getSubExpr());
    else if (auto *c = dyn_cast<clang::ImplicitCastExpr>(e); c && c->getCastKind() == clang::CK_NoOp)
      e = bare(c->getSubExpr());
    else if (auto *c = dyn_cast<clang::CXXConstructExpr>(e); c && is_copy(c))
      e = bare(c->getArg(0));
    else
      return e;
  }
}

std::string kind_of(const clang::Stmt *s) {
  if (auto *c = dyn_cast<clang::CastExpr>(s))
    return "a conversion from '" + c->getSubExpr()->getType().getAsString() + "' to '" +
           c->getType().getAsString() + "'";
  llvm::StringRef name = s->getStmtClassName();
  if (name.starts_with("OMP"))
    return "an OpenMP directive";
  if (name.starts_with("Co"))
    return "a coroutine";
  switch (s->getStmtClass()) {
  case clang::Stmt::CXXStdInitializerListExprClass:
    return "a list in braces as a std::initializer_list";
  case clang::Stmt::BinaryConditionalOperatorClass:
    return "?: without its middle operand";
  case clang::Stmt::ConditionalOperatorClass:
    return "?:";
  case clang::Stmt::LambdaExprClass:
    return "a lambda";
  case clang::Stmt::CXXTypeidExprClass:
    return "typeid";
  case clang::Stmt::CXXDeleteExprClass:
    return "delete";
  case clang::Stmt::CXXNewExprClass:
    return "new";
  case clang::Stmt::CXXThrowExprClass:
    return "throw";
  case clang::Stmt::InitListExprClass:
    return "a list in braces";
  case clang::Stmt::ArrayInitLoopExprClass:
    return "a copy of an array";
  case clang::Stmt::UserDefinedLiteralClass:
    return "a literal with a suffix of its own";
  case clang::Stmt::StringLiteralClass:
    return "a string";
  case clang::Stmt::PredefinedExprClass:
    return "__func__";
  case clang::Stmt::OffsetOfExprClass:
    return "offsetof";
  case clang::Stmt::VAArgExprClass:
    return "va_arg";
  case clang::Stmt::ExtVectorElementExprClass:
  case clang::Stmt::ShuffleVectorExprClass:
  case clang::Stmt::ConvertVectorExprClass:
    return "an operation on vector extensions";
  case clang::Stmt::CallExprClass:
  case clang::Stmt::CXXMemberCallExprClass:
  case clang::Stmt::CXXOperatorCallExprClass:
    return "a call";
  case clang::Stmt::CXXConstructExprClass:
  case clang::Stmt::CXXTemporaryObjectExprClass:
    return "an object made here";
  case clang::Stmt::BinaryOperatorClass:
  case clang::Stmt::UnaryOperatorClass:
    return "this operator";
  case clang::Stmt::AddrLabelExprClass:
    return "the address of a label";
  case clang::Stmt::AtomicExprClass:
    return "an atomic operation";
  default:
    return isa<clang::Expr>(s) ? "this expression" : "this statement";
  }
}

const clang::VarDecl *named_variable(const clang::Expr *e) {
  auto *ref = dyn_cast<clang::DeclRefExpr>(bare(e));
  return ref ? dyn_cast<clang::VarDecl>(ref->getDecl()) : nullptr;
}

namespace {

class UseFinder {
public:
  explicit UseFinder(Uses &uses) : uses_(uses) {}

  void visit(const clang::Stmt *s) {
    if (!s)
      return;
    if (auto *e = dyn_cast<clang::Expr>(s))
      return expr(e);
    if (auto *d = dyn_cast<clang::DeclStmt>(s)) {
      for (auto *decl : d->decls())
        if (auto *v = dyn_cast<clang::VarDecl>(decl))
          variable(v);
      return;
    }
    if (auto *r = dyn_cast<clang::CXXForRangeStmt>(s);
        r && (container_of(r->getRangeInit()->getType()) || chain_of(r->getRangeInit()->getType()))) {
      visit(r->getInit());
      object(r->getRangeInit(), Reads);
      return visit(r->getBody());
    }
    for (const clang::Stmt *child : s->children())
      visit(child);
  }

private:
  void variable(const clang::VarDecl *v) {
    if (auto *d = dyn_cast<clang::DecompositionDecl>(v))
      uses_.escaped.insert(d);
    if (v->hasInit())
      visit(v->getInit());
  }
  enum How { Reads, Writes, Escapes };
  /// The object that a chain of `.` and `[]` starts from is used in this way; what the chain computes is
  /// visited.
  void object(const clang::Expr *e, How how) {
    e = bare(e);
    if (auto *m = dyn_cast<clang::MemberExpr>(e))
      return m->isArrow() ? visit(m->getBase()) : object(m->getBase(), how);
    if (auto *c = dyn_cast<clang::ImplicitCastExpr>(e);
        c && (c->getCastKind() == clang::CK_ArrayToPointerDecay || c->getCastKind() == clang::CK_NoOp))
      return object(c->getSubExpr(), how);
    if (auto *a = dyn_cast<clang::ArraySubscriptExpr>(e)) {
      visit(a->getIdx());
      auto *decay = dyn_cast<clang::ImplicitCastExpr>(bare(a->getBase()));
      if (decay && decay->getCastKind() == clang::CK_ArrayToPointerDecay)
        return object(decay->getSubExpr(), how);
      return visit(a->getBase());
    }
    if (const clang::VarDecl *v = named_variable(e)) {
      if (how != Reads)
        (how == Writes ? uses_.written : uses_.escaped).insert(v);
      return;
    }
    if (isa<clang::DeclRefExpr>(e))
      return;
    visit(e);
  }
  /// Copies, assignments and operations of handles keep no address.
  bool handle_operation(const clang::Expr *e) {
    if (auto *c = dyn_cast<clang::CXXConstructExpr>(e); c && is_handle(e->getType()) &&
                                                        c->getNumArgs() == 1 &&
                                                        c->getConstructor()->isCopyOrMoveConstructor()) {
      object(c->getArg(0), Reads);
      return true;
    }
    if (auto *c = dyn_cast<clang::CXXOperatorCallExpr>(e); c && rebinds_handle(c)) {
      object(c->getArg(1), Reads);
      object(c->getArg(0), Writes);
      return true;
    }
    auto *c = dyn_cast<clang::CallExpr>(e);
    const clang::FunctionDecl *f = c ? c->getDirectCallee() : nullptr;
    bool is_part = f && is_part_access(f);
    if (!f || !is_operation(f) || !is_part && f->getReturnType()->isReferenceType() ||
        f->getReturnType()->isPointerType())
      return false;
    std::vector<const clang::Expr *> args;
    if (auto *m = dyn_cast<clang::CXXMemberCallExpr>(c))
      args.push_back(m->getImplicitObjectArgument());
    args.insert(args.end(), c->arg_begin(), c->arg_end());
    std::vector<clang::QualType> params = operation_parameters(f);
    for (std::size_t i = 0; i < args.size() && i < params.size(); ++i) {
      bool is_read = is_handle(args[i]->getType()) && (is_part || !params[i]->isReferenceType() ||
                                                       params[i].getNonReferenceType().isConstQualified());
      if (is_read && args[i]->isGLValue())
        object(args[i], Reads);
      else
        visit(args[i]);
    }
    return true;
  }
  bool trivial_class_operation(const clang::Expr *e) {
    if (handle_operation(e))
      return true;
    if (auto *c = dyn_cast<clang::CXXConstructExpr>(e); c && c->getNumArgs() == 1 &&
                                                        c->getConstructor()->isCopyOrMoveConstructor() &&
                                                        copies_members(c->getConstructor())) {
      object(c->getArg(0), Reads);
      return true;
    }
    if (auto *c = dyn_cast<clang::CXXOperatorCallExpr>(e); c && c->getOperator() == clang::OO_Equal)
      if (auto *m = dyn_cast_or_null<clang::CXXMethodDecl>(c->getDirectCallee()); m && copies_members(m)) {
        object(c->getArg(1), Reads);
        object(c->getArg(0), Writes);
        return true;
      }
    return false;
  }
  void captures(const clang::LambdaExpr *l) {
    for (const clang::LambdaCapture &c : l->captures())
      if (c.capturesVariable())
        if (auto *v = dyn_cast<clang::VarDecl>(c.getCapturedVar());
            v && c.getCaptureKind() == clang::LCK_ByRef)
          uses_.escaped.insert(v);
  }
  void expr(const clang::Expr *e) {
    e = bare(e);
    if (auto *c = dyn_cast<clang::CastExpr>(e); c && c->getCastKind() == clang::CK_LValueToRValue)
      return object(c->getSubExpr(), Reads);
    if (auto *b = dyn_cast<clang::BinaryOperator>(e); b && b->isAssignmentOp()) {
      visit(b->getRHS());
      return object(b->getLHS(), Writes);
    }
    if (auto *u = dyn_cast<clang::UnaryOperator>(e); u && u->isIncrementDecrementOp())
      return object(u->getSubExpr(), Writes);
    if (trivial_class_operation(e))
      return;
    if (auto *c = dyn_cast<clang::CallExpr>(e); c && (container_method(c) || library_call(c) || views(c)))
      return;
    if (isa<clang::ArraySubscriptExpr, clang::MemberExpr, clang::DeclRefExpr>(e))
      return object(e, Escapes); // neither read nor assigned here: someone may keep its address
    if (isa<clang::UnaryExprOrTypeTraitExpr>(e))
      return;
    if (auto *l = dyn_cast<clang::LambdaExpr>(e))
      captures(l);
    for (const clang::Stmt *child : e->children())
      visit(child);
  }
  /// v[i] and v.size() leave the container as it is; so do an iterator's operators but for ++ and the like.
  bool container_method(const clang::CallExpr *c) {
    auto *m = dyn_cast_or_null<clang::CXXMethodDecl>(c->getDirectCallee());
    auto *mc = dyn_cast<clang::CXXMemberCallExpr>(c);
    auto *op = dyn_cast<clang::CXXOperatorCallExpr>(c);
    if (!m && !op || !mc && !op)
      return false;
    const clang::Expr *self = mc ? mc->getImplicitObjectArgument() : c->getArg(0);
    if (is_dense(self->getType()))
      self = bare_matrix(self);
    clang::QualType t = self->getType().getNonReferenceType().getUnqualifiedType();
    bool walks = is_iterator(t);
    bool is_matrix = m && is_dense(t) && (m->isConst() || container_of(t));
    bool is_chain = m && chain_of(t);
    if (!walks && !is_matrix && !is_chain && !(m && container_of(t)))
      return false;
    bool moves = walks && op &&
                 (op->isAssignmentOp() || op->getOperator() == clang::OO_PlusPlus ||
                  op->getOperator() == clang::OO_MinusMinus);
    object(self, moves || !walks && !(is_chain ? keeps_chain(m) : keeps_structure(m)) ? Writes : Reads);
    for (unsigned i = mc ? 0 : 1; i < c->getNumArgs(); ++i)
      argument(c, m ? m : c->getDirectCallee(), i, mc || !m ? 0 : 1);
    return true;
  }
  /// A container bound to a reference to const keeps its size.
  void argument(const clang::CallExpr *c, const clang::FunctionDecl *f, unsigned i, unsigned shift) {
    unsigned p = i - std::min(i, shift);
    clang::QualType t = f && p < f->getNumParams() ? f->getParamDecl(p)->getType() : clang::QualType();
    bool is_view = !t.isNull() && t->isReferenceType() && t->getPointeeType().isConstQualified() &&
                   (container_of(t) || chain_of(t) || is_iterator(t));
    if (is_view)
      return object(c->getArg(i), Reads);
    if (!t.isNull() && t.getNonReferenceType().isConstQualified() && is_dense(c->getArg(i)->getType()))
      return object(bare_matrix(c->getArg(i)), Reads);
    visit(c->getArg(i));
  }
  /// Any other call that is given a container by reference to const.
  bool views(const clang::CallExpr *c) {
    const clang::FunctionDecl *f = c->getDirectCallee();
    auto *op = dyn_cast<clang::CXXOperatorCallExpr>(c);
    if (!f || op && isa<clang::CXXMethodDecl>(f))
      return false;
    visit(c->getCallee());
    for (unsigned i = 0; i < c->getNumArgs(); ++i)
      argument(c, f, i, 0);
    return true;
  }
  /// Library functions that take references and keep none.
  bool library_call(const clang::CallExpr *c) {
    const clang::FunctionDecl *f = c->getDirectCallee();
    if (!f || !f->isInStdNamespace() || !f->getIdentifier())
      return false;
    llvm::StringRef name = f->getName();
    bool reads = name == "min" || name == "max" || name == "clamp" || name == "move" || name == "forward";
    if (!reads && name != "swap" && name != "exchange")
      return false;
    for (unsigned i = 0; i < c->getNumArgs(); ++i)
      object(c->getArg(i), reads || name == "exchange" && i > 0 ? Reads : Writes);
    return true;
  }

  Uses &uses_;
};

} // namespace

void find_uses(const clang::Stmt *s, Uses &uses) { UseFinder(uses).visit(s); }
Uses uses_of(const clang::Stmt *s) {
  Uses uses;
  find_uses(s, uses);
  return uses;
}

} // namespace nabla::front
