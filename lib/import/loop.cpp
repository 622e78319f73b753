// Loops. A `for` whose trip count is fixed on entry becomes a For; everything else becomes a While with
// Scopes for break and continue: for (; c; i++) { ..continue.. } -> while (c) { scope k { ..exit k.. } i = i
// + 1; }
#include "import/body.h"
#include "import/container.h"
#include "import/matrix.h"

namespace nabla::front {

// ---- May a piece of code write memory of this type? -----------------------------------------------------

namespace {

/// Looks for writes of objects of one type through anything but plain unescaped locals; follows visible
/// calls.
class WriteFinder {
public:
  WriteFinder(clang::ASTContext &context, clang::QualType t) : context_(context), type_(plain(t)) {}

  bool found(const clang::Stmt *s, const Uses &uses) {
    if (!s)
      return false;
    if (auto *b = dyn_cast<clang::BinaryOperator>(s); b && b->isAssignmentOp() && writes(b->getLHS(), uses))
      return true;
    if (auto *u = dyn_cast<clang::UnaryOperator>(s);
        u && u->isIncrementDecrementOp() && writes(u->getSubExpr(), uses))
      return true;
    if (auto *c = dyn_cast<clang::CallExpr>(s); c && call(c))
      return true;
    if (isa<clang::LambdaExpr, clang::GCCAsmStmt, clang::CXXNewExpr>(s) && !isa<clang::CXXNewExpr>(s))
      return true;
    for (const clang::Stmt *child : s->children())
      if (found(child, uses))
        return true;
    return false;
  }

private:
  clang::QualType plain(clang::QualType t) {
    return t.getNonReferenceType().getCanonicalType().getUnqualifiedType();
  }
  bool writes(const clang::Expr *lhs, const Uses &uses) {
    if (const clang::VarDecl *v = named_variable(lhs);
        v && v->isLocalVarDeclOrParm() && !v->getType()->isReferenceType() && !v->isStaticLocal())
      return uses.escaped.count(v) && plain(lhs->getType()) == type_;
    clang::QualType t = plain(lhs->getType());
    return t == type_ || t->isCharType() || t->isRecordType();
  }
  bool call(const clang::CallExpr *c) {
    const clang::FunctionDecl *f = c->getDirectCallee();
    auto *closure = dyn_cast_or_null<clang::CXXMethodDecl>(f);
    if (!f || (closure && closure->getParent()->isLambda())) // may write what it has captured
      return true;
    if (auto *m = dyn_cast<clang::CXXMethodDecl>(f); m && m->isTrivial() && m->isCopyAssignmentOperator())
      return true;
    if (only_reads(f))
      return false;
    const clang::FunctionDecl *body = nullptr;
    if (!f->hasBody(body))
      return true;
    if (!seen_.insert(body).second)
      return false;
    return found(body->getBody(), uses_of(body->getBody()));
  }
  /// By its signature it can write nothing of ours: the mathematical library.
  bool only_reads(const clang::FunctionDecl *f) {
    bool known = f->getBuiltinID() || f->isInStdNamespace() ||
                 context_.getSourceManager().isInSystemHeader(f->getLocation());
    if (!known || f->getReturnType()->isVoidType())
      return false;
    for (auto *p : f->parameters()) {
      clang::QualType t = p->getType();
      bool value = t->isArithmeticType();
      bool view = t->isReferenceType() && t->getPointeeType().isConstQualified() &&
                  t->getPointeeType()->isArithmeticType();
      if (!value && !view)
        return false;
    }
    return !has_object(f);
  }

  clang::ASTContext &context_;
  clang::QualType type_;
  std::set<const clang::FunctionDecl *> seen_;
};

const clang::Expr *strip_casts(const clang::Expr *e) {
  for (;;) {
    e = bare(e);
    auto *c = dyn_cast<clang::ImplicitCastExpr>(e);
    if (!c)
      return e;
    e = c->getSubExpr();
  }
}

bool has_own_break(const clang::Stmt *s) {
  if (!s || isa<clang::ForStmt, clang::WhileStmt, clang::DoStmt, clang::CXXForRangeStmt, clang::SwitchStmt,
                clang::LambdaExpr>(s))
    return false;
  if (isa<clang::BreakStmt>(s))
    return true;
  for (const clang::Stmt *child : s->children())
    if (has_own_break(child))
      return true;
  return false;
}

} // namespace

/// Same value each time it is evaluated in the loop.
bool Body::is_invariant(const clang::Expr *e, const Uses &in_loop, const clang::Stmt *loop) {
  e = bare(e);
  if (isa<clang::DeclRefExpr, clang::MemberExpr, clang::ArraySubscriptExpr>(e) ||
      isa<clang::UnaryOperator>(e) && cast<clang::UnaryOperator>(e)->getOpcode() == clang::UO_Deref) {
    if (auto *ref = dyn_cast<clang::DeclRefExpr>(e); ref && !isa<clang::VarDecl>(ref->getDecl()))
      return true;
    const clang::VarDecl *v = named_variable(e);
    bool plain_local = v && v->isLocalVarDeclOrParm() && !v->getType()->isReferenceType();
    if (v && in_loop.written.count(v))
      return false;
    if (plain_local && !uses_.escaped.count(v))
      return true;
    if (v && !v->getType()->isReferenceType() && v->getType().isConstQualified())
      return true;
    if (auto *m = dyn_cast<clang::MemberExpr>(e); m && !isa<clang::FieldDecl>(m->getMemberDecl()))
      return false;
    for (const clang::Stmt *child : e->children())
      if (auto *x = dyn_cast_or_null<clang::Expr>(child); x && !is_invariant(x, in_loop, loop))
        return false;
    bool is_object = e->getType()->isRecordType() || e->getType()->isArrayType();
    return is_object || !WriteFinder(s_.context, e->getType()).found(loop, uses_);
  }
  if (auto *c = dyn_cast<clang::CXXMemberCallExpr>(e)) {
    const clang::CXXMethodDecl *m = c->getMethodDecl();
    const clang::Expr *object = bare_matrix(c->getImplicitObjectArgument());
    return m && container_of(object->getType()) && keeps_structure(m) && c->getNumArgs() == 0 &&
           structure_is_kept(object, loop);
  }
  if (auto *c = dyn_cast<clang::CallExpr>(e)) {
    const clang::FunctionDecl *f = c->getDirectCallee();
    if (!f || !f->isInStdNamespace() || !f->getIdentifier() || f->getName() != "min" && f->getName() != "max")
      return false;
  } else if (auto *u = dyn_cast<clang::UnaryOperator>(e)) {
    if (u->isIncrementDecrementOp() || u->getOpcode() == clang::UO_AddrOf)
      return false;
  } else if (auto *b = dyn_cast<clang::BinaryOperator>(e)) {
    if (b->isAssignmentOp() || b->isCommaOp())
      return false;
  } else if (!isa<clang::CastExpr, clang::ConditionalOperator, clang::MaterializeTemporaryExpr,
                  clang::CXXThisExpr, clang::IntegerLiteral, clang::CharacterLiteral,
                  clang::CXXBoolLiteralExpr, clang::UnaryExprOrTypeTraitExpr>(e)) {
    return false;
  }
  if (isa<clang::UnaryExprOrTypeTraitExpr>(e))
    return e->isIntegerConstantExpr(s_.context);
  for (const clang::Stmt *child : e->children())
    if (auto *x = dyn_cast_or_null<clang::Expr>(child); x && !is_invariant(x, in_loop, loop))
      return false;
  return true;
}

// ---- Counted loops --------------------------------------------------------------------------------------

/// The constant k of `i + k` and `i - k`, which the bound takes over.
bool Body::shifted_index(const clang::Expr *e, Counted &c) {
  auto *b = dyn_cast<clang::BinaryOperator>(strip_casts(e));
  clang::Expr::EvalResult k;
  bool fits = b && b->isAdditiveOp() && s_.context.hasSameUnqualifiedType(b->getType(), c.index->getType()) &&
              s_.context.hasSameUnqualifiedType(e->getType(), c.index->getType()) &&
              named_variable(strip_casts(b->getLHS())) == c.index &&
              b->getRHS()->EvaluateAsInt(k, s_.context) && k.Val.getInt().getSignificantBits() < 16;
  if (fits)
    c.shift = b->getOpcode() == clang::BO_Add ? k.Val.getInt().getExtValue() : -k.Val.getInt().getExtValue();
  return fits;
}

bool Body::counted_condition(const clang::ForStmt *s, Counted &c) {
  auto *cond = s->getCond() ? dyn_cast<clang::BinaryOperator>(bare(s->getCond())) : nullptr;
  if (!cond || !cond->isComparisonOp() || cond->getOpcode() == clang::BO_EQ ||
      cond->getOpcode() == clang::BO_Cmp)
    return false;
  bool is_left = named_variable(strip_casts(cond->getLHS())) == c.index;
  bool is_right = named_variable(strip_casts(cond->getRHS())) == c.index;
  if (!is_left && !is_right && c.index->getType()->isIntegerType())
    is_left = shifted_index(cond->getLHS(), c); // `i + 1 < n` is `i < n - 1`
  if (is_left == is_right)
    return false;
  c.bound = is_left ? cond->getRHS() : cond->getLHS();
  switch (cond->getOpcode()) {
  case clang::BO_LT:
    c.cmp = is_left ? For::LT : For::GT;
    break;
  case clang::BO_LE:
    c.cmp = is_left ? For::LE : For::GE;
    break;
  case clang::BO_GT:
    c.cmp = is_left ? For::GT : For::LT;
    break;
  case clang::BO_GE:
    c.cmp = is_left ? For::GE : For::LE;
    break;
  default:
    c.cmp = For::NE;
    break;
  }
  bool wraps = c.shift && c.index->getType()->isUnsignedIntegerType();
  return !wraps || (c.cmp == For::LT && c.shift > 0);
}

namespace {

/// c of `i++`, `i -= c`, `i = i + c`; 0 where it is none of these.
long constant_step(const clang::Expr *inc, const clang::VarDecl *index, const clang::ASTContext &context) {
  inc = bare(inc);
  auto number = [&](const clang::Expr *e) -> long {
    clang::Expr::EvalResult r;
    if (e->isValueDependent() || !e->EvaluateAsInt(r, context) || r.Val.getInt().getSignificantBits() > 31)
      return 0;
    return r.Val.getInt().getExtValue();
  };
  if (auto *u = dyn_cast<clang::UnaryOperator>(inc))
    return u->isIncrementDecrementOp() && named_variable(u->getSubExpr()) == index
               ? (u->isIncrementOp() ? 1 : -1)
               : 0;
  auto *b = dyn_cast<clang::BinaryOperator>(inc);
  if (!b || named_variable(b->getLHS()) != index)
    return 0;
  if (b->getOpcode() == clang::BO_AddAssign)
    return number(b->getRHS());
  if (b->getOpcode() == clang::BO_SubAssign)
    return -number(b->getRHS());
  auto *sum = b->getOpcode() == clang::BO_Assign ? dyn_cast<clang::BinaryOperator>(strip_casts(b->getRHS()))
                                                 : nullptr;
  if (!sum || !sum->isAdditiveOp())
    return 0;
  if (named_variable(strip_casts(sum->getLHS())) == index)
    return sum->getOpcode() == clang::BO_Add ? number(sum->getRHS()) : -number(sum->getRHS());
  bool reversed = sum->getOpcode() == clang::BO_Add && named_variable(strip_casts(sum->getRHS())) == index;
  return reversed ? number(sum->getLHS()) : 0;
}

} // namespace

bool Body::counted(const clang::ForStmt *s, Counted &c) {
  if (s->getConditionVariable() || !s->getInit() || !s->getInc())
    return false;
  if (auto *d = dyn_cast<clang::DeclStmt>(s->getInit())) {
    auto *v = d->isSingleDecl() ? dyn_cast<clang::VarDecl>(d->getSingleDecl()) : nullptr;
    if (!v || !v->getInit() || v->isStaticLocal())
      return false;
    c.index = v;
    c.first = v->getInit();
    c.declared = true;
  } else if (auto *b = dyn_cast<clang::BinaryOperator>(bare(cast<clang::Expr>(s->getInit())))) {
    c.index = b->getOpcode() == clang::BO_Assign ? named_variable(b->getLHS()) : nullptr;
    if (!c.index || !c.index->isLocalVarDeclOrParm() || c.index->isStaticLocal())
      return false;
    c.first = b->getRHS();
  } else {
    return false;
  }
  if (c.index->getType()->isReferenceType() || !counted_condition(s, c))
    return false;
  c.step = constant_step(s->getInc(), c.index, s_.context);
  Uses in_loop;
  find_uses(s->getBody(), in_loop);
  if (in_loop.changes(c.index) || uses_.escaped.count(c.index))
    return false;
  find_uses(s->getInc(), in_loop);
  find_uses(s->getCond(), in_loop);
  return c.step != 0 && counted_is_safe(s, c, in_loop);
}

static bool has_goto(const clang::Stmt *s) {
  if (isa<clang::GotoStmt>(s))
    return true;
  for (const clang::Stmt *child : s->children())
    if (child && has_goto(child))
      return true;
  return false;
}

bool Body::counted_is_safe(const clang::ForStmt *s, const Counted &c, const Uses &in_loop) {
  clang::QualType index = c.index->getType().getCanonicalType().getUnqualifiedType();
  clang::QualType compared = c.bound->getType().getCanonicalType().getUnqualifiedType();
  auto *b = dyn_cast<clang::BuiltinType>(index.getTypePtr());
  bool wide_enough = b && b->isInteger() && s_.context.getTypeSize(index) >= 32 && !index->isBooleanType();
  if (!wide_enough || !compared->isIntegerType() || in_loop.written.count(nullptr))
    return false;
  bool up = c.step > 0;
  bool direction_fits =
      c.cmp == For::NE ? std::labs(c.step) == 1 : (c.cmp == For::LT || c.cmp == For::LE) == up;
  if (!direction_fits)
    return false;
  clang::Expr::EvalResult known;
  bool first_not_negative = c.first->EvaluateAsInt(known, s_.context) && known.Val.getInt().isNonNegative();
  if (index->isSignedIntegerType() && compared->isUnsignedIntegerType() && !(first_not_negative && up))
    return false; // a negative index would compare as a huge one
  if (index->isUnsignedIntegerType()) {
    if (std::labs(c.step) != 1 && !(up && s_.context.getTypeSize(index) == 64))
      return false; // may step over the bound and wrap around
    bool bound_positive =
        c.bound->EvaluateAsInt(known, s_.context) && known.Val.getInt().isStrictlyPositive();
    if (c.cmp == For::GE && !bound_positive)
      return false;
    if (compared->isSignedIntegerType() && s_.context.getTypeSize(compared) <= s_.context.getTypeSize(index))
      return false;
  }
  if (!is_invariant(c.bound, in_loop, s))
    return false;
  return c.declared || std::labs(c.step) == 1 && !has_own_break(s->getBody()) && !has_goto(s->getBody());
}

void Body::counted_loop(const clang::ForStmt *s, const Counted &c) {
  ir::Type t = type(c.index->getType(), c.index->getLocation()).with_const(false);
  Ex first = convert(value(c.first), t);
  Uses in_body = uses_of(s->getBody());
  if (!is_invariant(c.first, in_body, s->getBody())) // for (n = last - p; n > 0; n--) ++p;
    first = freeze_now(first, c.index->getNameAsString() + "_begin");
  std::size_t mark = out_->size();
  Ex bound = value(c.bound);
  if (c.shift && c.index->getType()->isUnsignedIntegerType()) { // n - 1 would wrap for n == 0
    Ex shift = integer(c.shift, bound.type());
    Ex rest = native("-", {bound, shift}, bound.type());
    Ex any = native(">", {bound, shift}, ir::Type::boolean());
    bound = make(Select{any, rest, integer(0, bound.type())}, bound.type());
    bound = freeze_now(bound, c.index->getNameAsString() + "_end");
  } else if (c.shift)
    bound = native(c.shift > 0 ? "-" : "+", {bound, integer(std::labs(c.shift), bound.type())}, bound.type());
  protect(first, mark);
  bool reads_memory = false;
  Uses none;
  if (!isa<clang::DeclRefExpr>(strip_casts(c.bound)) && !c.bound->isIntegerConstantExpr(s_.context))
    for (const clang::Stmt *child : {static_cast<const clang::Stmt *>(c.bound)})
      reads_memory = reads_memory || !is_plain_arithmetic(cast<clang::Expr>(child));
  else if (const clang::VarDecl *v = named_variable(strip_casts(c.bound)))
    reads_memory = v->getType()->isReferenceType() || uses_.escaped.count(v);
  if (reads_memory)
    bound = freeze_now(bound, c.index->getNameAsString() + "_end");
  Var index = variable(c.index->getNameAsString(), t);
  Var outer = c.declared ? nullptr : variable_place(c.index, s->getBeginLoc()).root;
  if (outer) {
    first = freeze_now(first, c.index->getNameAsString() + "_begin");
    if (named_variable(strip_casts(c.bound)) == nullptr)
      bound = freeze_now(bound, c.index->getNameAsString() + "_end");
  }
  vars_[c.index] = index;
  bool has_break = false;
  std::string break_label;
  Block body = loop_body(s->getBody(), has_break, break_label);
  Block loop;
  loop.push_back(ir::Stmt{For{index, first, c.cmp, bound, c.step, std::move(body), false}, here_, 0});
  wrap_break(std::move(loop), has_break, break_label);
  if (!outer)
    return;
  vars_[c.index] = outer; // its value after the loop
  bool closed = c.cmp == For::LE || c.cmp == For::GE;
  Ex end = convert(
      closed ? native(c.step > 0 ? "+" : "-", {bound, integer(1, bound.type())}, bound.type()) : bound, t);
  const char *ops[] = {"<", "<=", ">", ">=", "!="};
  Ex ran = native(ops[c.cmp], {first, bound}, ir::Type::boolean());
  emit(Assign{place_of(outer), make(Select{ran, end, first}, t)});
}

/// Only local variables and constants: cheap and obviously fixed.
bool Body::is_plain_arithmetic(const clang::Expr *e) {
  e = strip_casts(e);
  if (auto *v = named_variable(e))
    return v->isLocalVarDeclOrParm() && !v->getType()->isReferenceType() && !uses_.escaped.count(v);
  if (isa<clang::CallExpr, clang::MemberExpr, clang::ArraySubscriptExpr, clang::ConditionalOperator>(e))
    return false;
  if (auto *u = dyn_cast<clang::UnaryOperator>(e); u && u->getOpcode() == clang::UO_Deref)
    return false;
  for (const clang::Stmt *child : e->children())
    if (auto *x = dyn_cast_or_null<clang::Expr>(child); x && !is_plain_arithmetic(x))
      return false;
  return true;
}

// ---- All loops ------------------------------------------------------------------------------------------

Block Body::loop_body(const clang::Stmt *body, bool &has_break, std::string &break_label,
                      const std::function<void()> &before, const std::function<void()> &after) {
  breaks_.push_back({label("break"), living_.size()});
  continues_.push_back({label("continue"), living_.size()});
  Block whole = capture([&] {
    if (before)
      before();
    Block inner = capture([&] { stmt(body); });
    if (continues_.back().used)
      emit(Scope{continues_.back().label, std::move(inner)});
    else
      emit(std::move(inner));
    if (after)
      after();
  });
  has_break = breaks_.back().used;
  break_label = breaks_.back().label;
  breaks_.pop_back();
  continues_.pop_back();
  return whole;
}

void Body::wrap_break(Block loop, bool has_break, const std::string &break_label) {
  if (has_break)
    emit(Scope{break_label, std::move(loop)});
  else
    emit(std::move(loop));
}

/// `for (int i = n; i-- > 0;)` counts a hidden variable down from n to 1, and i is one less.
bool Body::countdown(const clang::ForStmt *s) {
  auto *d = dyn_cast_or_null<clang::DeclStmt>(s->getInit());
  auto *v = d && d->isSingleDecl() ? dyn_cast<clang::VarDecl>(d->getSingleDecl()) : nullptr;
  if (!v || !v->getInit() || s->getInc() || s->getConditionVariable() || !s->getCond() ||
      !v->getType()->isIntegerType() || s_.context.getTypeSize(v->getType()) < 32)
    return false;
  const clang::Expr *test = strip_casts(s->getCond());
  bool is_greater = false;
  if (auto *b = dyn_cast<clang::BinaryOperator>(test)) {
    clang::Expr::EvalResult zero;
    is_greater = b->getOpcode() == clang::BO_GT;
    bool fits = (is_greater || b->getOpcode() == clang::BO_NE) &&
                b->getRHS()->EvaluateAsInt(zero, s_.context) && zero.Val.getInt() == 0;
    test = fits ? strip_casts(b->getLHS()) : b;
  }
  auto *u = dyn_cast<clang::UnaryOperator>(test);
  bool counts = u && u->getOpcode() == clang::UO_PostDec && named_variable(u->getSubExpr()) == v;
  if (!counts || uses_of(s->getBody()).changes(v) || uses_.escaped.count(v))
    return false;
  ir::Type t = type(v->getType(), v->getLocation()).with_const(false);
  Ex first = convert(value(v->getInit()), t);
  if (!is_invariant(v->getInit(), uses_of(s->getBody()), s->getBody()))
    first = freeze_now(first, v->getNameAsString() + "_begin");
  Var left = variable(v->getNameAsString() + "_left", t), index = variable(v->getNameAsString(), t);
  vars_[v] = index;
  bool has_break = false;
  std::string break_label;
  Block body = loop_body(s->getBody(), has_break, break_label,
                         [&] { emit(Declare{index, native("-", {read(left), integer(1, t)}, t)}); });
  Block loop;
  For::Cmp cmp = is_greater ? For::GT : For::NE;
  loop.push_back(ir::Stmt{For{left, first, cmp, integer(0, t), -1, std::move(body), false}, here_, 0});
  wrap_break(std::move(loop), has_break, break_label);
  return true;
}

void Body::for_stmt(const clang::ForStmt *s) {
  if (countdown(s))
    return;
  Counted c;
  if (counted(s, c))
    return counted_loop(s, c);
  stmt(s->getInit());
  general_loop(s->getConditionVariable(), s->getCond(), s->getBody(), s->getInc());
}

void Body::while_stmt(const clang::WhileStmt *s) {
  general_loop(s->getConditionVariable(), s->getCond(), s->getBody(), nullptr);
}

/// while (cond) { body; inc } where cond may need statements: then `go` is kept true by the loop itself.
void Body::general_loop(const clang::VarDecl *cond_var, const clang::Expr *cond, const clang::Stmt *body,
                        const clang::Expr *inc) {
  bool has_break = false;
  std::string break_label;
  Loc at = here_;
  auto step = [&] {
    if (inc)
      effect(inc);
  };
  Ex test = boolean(true);
  Block before = capture([&] { test = cond ? truth(condition(cond_var, cond)) : boolean(true); });
  Block loop;
  if (before.empty()) {
    Block whole = loop_body(body, has_break, break_label, {}, step);
    loop.push_back(ir::Stmt{While{test, std::move(whole)}, at, 0});
  } else {
    Var go = variable("go", ir::Type::boolean());
    emit(Declare{go, boolean(true)});
    Block whole = loop_body(body, has_break, break_label, {}, step);
    Block no = capture([&] { emit(Assign{place_of(go), boolean(false)}); });
    before.push_back(ir::Stmt{If{test, std::move(whole), std::move(no)}, at, 0});
    loop.push_back(ir::Stmt{While{read(go), std::move(before)}, at, 0});
  }
  wrap_break(std::move(loop), has_break, break_label);
}

void Body::do_stmt(const clang::DoStmt *s) {
  bool has_break = false, known = false;
  std::string break_label;
  clang::Expr::EvalResult result; // (x = 1) && false is false, and yet has something to do
  bool is_constant = !s->getCond()->isValueDependent() &&
                     s->getCond()->EvaluateAsRValue(result, s_.context) && !result.HasSideEffects &&
                     s->getCond()->EvaluateAsBooleanCondition(known, s_.context);
  if (is_constant && !known) {
    Block once = loop_body(s->getBody(), has_break, break_label);
    return wrap_break(std::move(once), has_break, break_label);
  }
  Block loop;
  if (is_constant) {
    Block whole = loop_body(s->getBody(), has_break, break_label);
    loop.push_back(ir::Stmt{While{boolean(true), std::move(whole)}, here_, 0});
    return wrap_break(std::move(loop), has_break, break_label);
  }
  Var go = variable("go", ir::Type::boolean());
  emit(Declare{go, boolean(true)});
  Block whole = loop_body(s->getBody(), has_break, break_label, {}, [&] {
    Ex again = truth(value(s->getCond()));
    emit(Assign{place_of(go), again});
  });
  loop.push_back(ir::Stmt{While{read(go), std::move(whole)}, here_, 0});
  wrap_break(std::move(loop), has_break, break_label);
}

} // namespace nabla::front
