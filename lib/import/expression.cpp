// Expressions whose value is wanted. `x * 2 + f(y)` -> f_r = f(y); add(mul(x, 2.0), f_r)
#include "import/body.h"
#include "import/chain.h"
#include "import/class.h"
#include "import/container.h"
#include "import/targets.h"

namespace nabla::front {

// ---- Values ---------------------------------------------------------------------------------------------

Ex Body::value(const clang::Expr *e) {
  e = bare(e);
  if (auto known = literal(e))
    return *known;
  if (auto *c = dyn_cast<clang::CastExpr>(e))
    return cast_value(c);
  if (auto *c = dyn_cast<clang::CallExpr>(e)) {
    if (e->getType()->isArithmeticType() && c->getDirectCallee() && c->getDirectCallee()->isConstexpr())
      if (auto known = evaluated(e))
        return *known;
    auto result = call(c, nullptr);
    if (!result)
      refuse_expr(e, "the value of this call", "call it in a statement of its own");
    return *result;
  }
  if (isa<clang::CXXConstructExpr, clang::CXXScalarValueInitExpr>(e) && is_handle(e->getType()))
    return handle_value(e);
  if (auto *u = dyn_cast<clang::UnaryOperator>(e); u && !e->isGLValue())
    return unary(u);
  if (auto *b = dyn_cast<clang::BinaryOperator>(e); b && !e->isGLValue())
    return binary(b);
  if (e->isGLValue())
    return read(place(e));
  switch (e->getStmtClass()) {
  case clang::Stmt::BinaryConditionalOperatorClass:
  case clang::Stmt::ConditionalOperatorClass:
    return conditional(cast<clang::AbstractConditionalOperator>(e));
  case clang::Stmt::DeclRefExprClass:
    return named_constant(cast<clang::DeclRefExpr>(e));
  case clang::Stmt::CXXThisExprClass:
    if (!self_)
      refuse_expr(e, "'this' here", "set the member in a constructor");
    return address(place_of(self_));
  case clang::Stmt::CXXNewExprClass:
    return *allocation(e, nullptr);
  case clang::Stmt::InitListExprClass:
    if (auto *list = cast<clang::InitListExpr>(e); e->getType()->isScalarType())
      return list->getNumInits() ? value(list->getInit(0)) : zero_of(type(e->getType(), e->getExprLoc()));
    return value_of_class(e);
  case clang::Stmt::CXXConstructExprClass:
  case clang::Stmt::CXXTemporaryObjectExprClass:
  case clang::Stmt::CXXParenListInitExprClass:
  case clang::Stmt::CompoundLiteralExprClass:
  case clang::Stmt::ImplicitValueInitExprClass:
  case clang::Stmt::CXXScalarValueInitExprClass:
    return value_of_class(e);
  case clang::Stmt::CXXRewrittenBinaryOperatorClass:
    return rewritten_comparison(cast<clang::CXXRewrittenBinaryOperator>(e));
  case clang::Stmt::LambdaExprClass:
    return lambda(cast<clang::LambdaExpr>(e));
  case clang::Stmt::CXXThrowExprClass:
    refuse_expr(e, "throw inside an expression", "throw in an if statement");
  case clang::Stmt::StmtExprClass:
    refuse_expr(e, "a statement expression", "write a function");
  default:
    refuse_expr(e, kind_of(e),
                "move it into a function with a [[nabla::pullback_of]] or [[nabla::inactive]]");
  }
}

/// a < b by the <=> of iterators, and of pairs, tuples and classes whose <=> is defaulted, which goes by their members.
Ex Body::rewritten_comparison(const clang::CXXRewrittenBinaryOperator *e) {
  auto parts = e->getDecomposedForm();
  if (auto tied =
          tie_comparison(parts.LHS, parts.RHS, clang::BinaryOperator::getOverloadedOperator(parts.Opcode), e))
    return *tied;
  if (!type(parts.LHS->getType(), e->getExprLoc()).is(ir::Type::Record)) {
    std::string sign = clang::BinaryOperator::getOpcodeStr(parts.Opcode).str();
    return native(sign, values({parts.LHS, parts.RHS}), ir::Type::boolean());
  }
  Ex x = read(steady(place(parts.LHS))), y = read(steady(place(parts.RHS)));
  const bool swaps = parts.Opcode == clang::BO_GT || parts.Opcode == clang::BO_GE;
  Ex less = swaps ? key_less(y, x, e) : key_less(x, y, e);
  if (parts.Opcode == clang::BO_LT || parts.Opcode == clang::BO_GT)
    return less;
  return native("||", {less, key_equal(x, y)}, ir::Type::boolean());
}

/// An enumerator by its name, another constant by its value.
Ex Body::named_constant(const clang::DeclRefExpr *e) {
  if (auto *d = dyn_cast<clang::EnumConstantDecl>(e->getDecl())) {
    auto *owner = cast<clang::EnumDecl>(d->getDeclContext());
    bool has_name = owner->getIdentifier() || owner->getTypedefNameForAnonDecl();
    if (has_name && !owner->getParentFunctionOrMethod())
      return make(Const{s_.qualified(d)}, type(e->getType(), e->getExprLoc()));
  }
  if (auto known = evaluated(e))
    return *known;
  refuse_expr(e, "this name as a value", "use a variable");
}

/// A struct as a value: a copy of another, or a temporary that is filled member by member.
Ex Body::value_of_class(const clang::Expr *e) {
  if (auto *c = dyn_cast<clang::CXXConstructExpr>(e); c)
    if (auto iterator = iterator_value(c))
      return *iterator;
  if (auto *c = dyn_cast<clang::CXXConstructExpr>(e))
    if (c->getNumArgs() == 1 && c->getConstructor()->isCopyOrMoveConstructor() &&
        copies_members(c->getConstructor()) && !s_.is_tagged(c->getConstructor()->getParent()))
      return value(c->getArg(0));
  if (is_text(e->getType()))
    return text_value(e);
  if (is_std_function(e->getType())) {
    Var made = empty_temp("made", s_.held_function(e->getType(), e->getExprLoc()));
    set_function(Place{made, {}}, e->getType(), e);
    return read(made);
  }
  Var made = empty_temp("made", type(e->getType(), e->getExprLoc()));
  init(Place{made, {}}, e, true);
  return read(made);
}

void Body::effect(const clang::Expr *e) {
  e = bare(e);
  if (auto *c = dyn_cast<clang::CastExpr>(e);
      c && (c->getCastKind() == clang::CK_ToVoid || c->getCastKind() == clang::CK_LValueToRValue ||
            c->getCastKind() == clang::CK_NoOp))
    return effect(c->getSubExpr());
  if (auto *c = dyn_cast<clang::CompoundAssignOperator>(e))
    return (void)compound_assign(c, false);
  if (auto *b = dyn_cast<clang::BinaryOperator>(e)) {
    if (b->getOpcode() == clang::BO_Assign)
      return (void)assign(b, false);
    if (b->isCommaOp()) {
      effect(b->getLHS());
      return effect(b->getRHS());
    }
    if (b->isLogicalOp()) { // `ok && g(x);`
      Ex l = truth(value(b->getLHS()));
      Block right = capture([&] { effect(b->getRHS()); });
      bool is_and = b->getOpcode() == clang::BO_LAnd;
      if (!right.empty())
        emit(is_and ? If{l, std::move(right), {}} : If{l, {}, std::move(right)});
      return;
    }
  }
  if (auto *u = dyn_cast<clang::UnaryOperator>(e); u && u->isIncrementDecrementOp())
    return (void)increment(u, nullptr, false);
  bool is_temporary = !e->isGLValue() && e->getType()->isRecordType() && has_own_copying(e->getType());
  if (is_temporary && !isa<clang::CXXThrowExpr>(e)) // its destructor runs at the end of the statement
    return (void)materialize(e);
  if (auto *c = dyn_cast<clang::CallExpr>(e)) {
    unused_ = true;
    return (void)call(c, nullptr);
  }
  if (auto *c = dyn_cast<clang::AbstractConditionalOperator>(e); c && isa<clang::ConditionalOperator>(e)) {
    Ex cond = truth(value(c->getCond()));
    Block yes = capture([&] { effect(c->getTrueExpr()); });
    Block no = capture([&] { effect(c->getFalseExpr()); });
    if (yes.empty() && !no.empty()) // assert(cond)
      emit(If{native("!", {cond}, ir::Type::boolean()), std::move(no), {}});
    else if (!yes.empty())
      emit(If{cond, std::move(yes), std::move(no)});
    return;
  }
  if (auto *d = dyn_cast<clang::CXXDeleteExpr>(e))
    return delete_object(d);
  if (auto *t = dyn_cast<clang::CXXThrowExpr>(e))
    return throw_stmt(t);
  if (e->getType()->isVoidType())
    refuse_expr(e, kind_of(e), "write a plain statement");
  if (e->isGLValue())
    return (void)place(e);
  if (isa<clang::IntegerLiteral>(e))
    return;
  (void)value(e);
}

// ---- Casts ----------------------------------------------------------------------------------------------

Ex Body::truth(Ex v) {
  if (v.type().is(ir::Type::Bool))
    return v;
  if (const std::string *text = const_spelling(v);
      text && v.type().is(ir::Type::Int) && text->find_first_not_of("0123456789") == std::string::npos)
    return boolean(text->find_first_not_of('0') != std::string::npos);
  return native("!=", {v, zero_of(v.type())}, ir::Type::boolean());
}

/// An object's value.
Ex Body::load(const clang::CastExpr *e, const clang::Expr *sub) {
  const clang::VarDecl *v = named_variable(sub);
  bool is_static = v && (v->isStaticLocal() || v->isConstexpr() && !v->isFileVarDecl());
  if (is_static && sub->getType()->isArithmeticType())
    if (auto known = evaluated(e))
      return *known;
  if (auto *c = dyn_cast<clang::AbstractConditionalOperator>(sub))
    return conditional(c);
  if (isa<clang::CallExpr>(sub))
    return value(sub);
  if (auto *m = dyn_cast<clang::MaterializeTemporaryExpr>(sub))
    return operand(m);
  Place p = place(sub);
  bool leaks = p.root->kind == Variable::Global && p.type().is(ir::Type::Pointer) && p.type().holds_reals() &&
               !p.type().element().is_const() && !for_reading_;
  if (leaks)
    refuse_expr(sub, "a global pointer to reals that may be written through",
                "pass it as a parameter, or make it a pointer to const");
  return read(p);
}

Ex Body::cast_value(const clang::CastExpr *e) {
  const clang::Expr *sub = bare(e->getSubExpr());
  switch (e->getCastKind()) {
  case clang::CK_LValueToRValue:
    return load(e, sub);
  case clang::CK_NoOp:
  case clang::CK_ConstructorConversion: {
    bool outer = for_reading_;
    if (e->getType()->isPointerType() && e->getType()->getPointeeType().isConstQualified())
      for_reading_ = true;
    Ex v = value(sub);
    for_reading_ = outer;
    return v;
  }
  case clang::CK_ArrayToPointerDecay:
  case clang::CK_AddressSpaceConversion:
    return address_of(sub);
  case clang::CK_IntegralCast:
  case clang::CK_IntegralToFloating:
  case clang::CK_FloatingToIntegral:
  case clang::CK_FloatingCast:
  case clang::CK_BooleanToSignedIntegral: {
    Ex v = value(sub);
    return convert(v, type(e->getType(), e->getExprLoc()));
  }
  case clang::CK_IntegralToBoolean:
  case clang::CK_FloatingToBoolean:
  case clang::CK_PointerToBoolean:
    return truth(value(sub));
  case clang::CK_NullToPointer:
    return make(Const{"nullptr"}, type(e->getType(), e->getExprLoc()));
  case clang::CK_PointerToIntegral:
    return make(Cast{value(sub)}, type(e->getType(), e->getExprLoc()));
  case clang::CK_BitCast:
    return pointer_cast(e);
  case clang::CK_ToVoid:
    effect(sub);
    return integer(0);
  case clang::CK_UserDefinedConversion:
    return value(sub);
  case clang::CK_DerivedToBase:
  case clang::CK_UncheckedDerivedToBase:
    if (is_iterator(sub->getType()))
      return value(sub);
    if (e->getType()->isPointerType())
      return address(base_object(deref(value(sub), {}), e));
    return read(base_object(place(sub), e));
  case clang::CK_BaseToDerived: // CRTP, too
    if (e->getType()->isPointerType()) {
      ir::Type to = type(e->getType(), e->getExprLoc()).with_const(false);
      refuse_second_base(e, to.element());
      return make(Cast{value(sub)}, to);
    }
    return read(place(e));
  case clang::CK_Dynamic:
    return dynamic_cast_value(e);
  case clang::CK_FunctionToPointerDecay:
    if (auto f = function_value(e))
      return *f;
    refuse_expr(e, "a function used as a value", "call it by its name, or pass a lambda or function object");
  default:
    refuse_expr(e, kind_of(e), "use arithmetic types and plain pointers");
  }
}

Ex Body::pointer_cast(const clang::CastExpr *e) {
  if (auto made = allocation(e, nullptr))
    return *made;
  const clang::Expr *sub = bare(e->getSubExpr());
  clang::QualType from = sub->getType(), to = e->getType();
  auto plain = [](clang::QualType t) { return t->getPointeeType().getCanonicalType().getUnqualifiedType(); };
  if (!from->isPointerType() || !to->isPointerType())
    refuse_expr(e, "a reinterpreting cast", "use arithmetic types and plain pointers");
  bool reals = s_.mentions_reals(plain(from)) || s_.mentions_reals(plain(to));
  bool same = plain(from) == plain(to);
  if (!same && reals)
    refuse_expr(e, "a cast to a pointer of another type", "keep the pointer's own type, or copy with memcpy");
  Ex v = value(sub);
  return same ? v : make(Cast{v}, type(to, e->getExprLoc()));
}

// ---- Operators ------------------------------------------------------------------------------------------

Ex Body::unary(const clang::UnaryOperator *e) {
  switch (e->getOpcode()) {
  case clang::UO_Plus:
  case clang::UO_Extension:
    return value(e->getSubExpr());
  case clang::UO_Minus: {
    Ex v = value(e->getSubExpr());
    const std::string *text = const_spelling(v);
    if (text && (*text)[0] != '-' && (*text)[0] != '(' && (*text)[0] != '_' &&
        !e->getType()->isUnsignedIntegerType())
      return make(Const{"-" + *text}, v.type());
    return v.type().is(ir::Type::Real) ? apply(Rule::neg, {v}, v.type()) : native("neg", {v}, v.type());
  }
  case clang::UO_Not: {
    Ex v = value(e->getSubExpr());
    return native("~", {v}, v.type());
  }
  case clang::UO_LNot:
    return native("!", {truth(value(e->getSubExpr()))}, ir::Type::boolean());
  case clang::UO_AddrOf:
    if (auto f = function_value(e))
      return *f;
    return e->getSubExpr()->getType()->isArrayType() ? address(place(e->getSubExpr()))
                                                     : address_of(e->getSubExpr());
  case clang::UO_PostInc:
  case clang::UO_PostDec:
  case clang::UO_PreInc:
  case clang::UO_PreDec:
    return increment(e, nullptr, true);
  default:
    refuse_expr(e, "this operator", "use arithmetic on real numbers");
  }
}

/// ++ and -- in every position. `where` receives the place; the value is the old one for the postfix forms.
Ex Body::increment(const clang::UnaryOperator *e, Place *where, bool wants_value) {
  Place p = place(e->getSubExpr());
  ir::Type t = p.type().with_const(false);
  Ex old = read(p);
  bool wants_old = wants_value && e->isPostfix();
  if (wants_old)
    old = freeze_now(old, p.path.empty() ? p.root->name + "_old" : "old");
  Ex next;
  const char *op = e->isIncrementOp() ? "+" : "-";
  if (t.is(ir::Type::Real)) {
    next = apply(e->isIncrementOp() ? Rule::add : Rule::sub, {old, convert(integer(1), t)}, t);
  } else if (t.is(ir::Type::Pointer)) {
    next = native(op, {old, integer(1)}, t);
  } else {
    bool narrow = t.is(ir::Type::Bool) || s_.context.getTypeSize(e->getType()) < 32;
    ir::Type wide = narrow ? ir::Type::integer() : t;
    next = convert(native(op, {convert(old, wide), integer(1, wide)}, wide), t);
  }
  std::size_t mark = out_->size();
  store(p, next, e->getExprLoc());
  if (where || !wants_old) {
    protect(p, mark);
    if (where)
      *where = p;
    return wants_value ? read(p) : Ex();
  }
  return old;
}

Ex Body::arithmetic(clang::BinaryOperatorKind op, Ex l, Ex r, const ir::Type &t, clang::SourceLocation at) {
  if (t.is(ir::Type::Real)) {
    switch (op) {
    case clang::BO_Add:
      return apply(Rule::add, {l, r}, t);
    case clang::BO_Sub:
      return apply(Rule::sub, {l, r}, t);
    case clang::BO_Mul:
      return apply(Rule::mul, {l, r}, t);
    case clang::BO_Div:
      return apply(Rule::div, {l, r}, t);
    default:
      s_.refuse(Diag::UnsupportedExpression, at, {"this operator on reals", "use + - * / and <cmath>"});
    }
  }
  std::string text = clang::BinaryOperator::getOpcodeStr(op).str();
  if (t.is(ir::Type::Pointer) && !l.type().is(ir::Type::Pointer))
    std::swap(l, r);
  if (!t.is(ir::Type::Pointer) && !t.is_discrete())
    s_.refuse(Diag::UnsupportedExpression, at, {"this operator", "use arithmetic types"});
  if (auto *a = std::get_if<AddressOf>(&l->node); a && t.is(ir::Type::Pointer) && text == "+")
    if (std::optional<Place> p = moved(a->place, r)) // &a[0] + i is &a[i]
      return address(*p);
  return native(text, {l, r}, t);
}

Ex Body::binary(const clang::BinaryOperator *e) {
  if (e->isLogicalOp())
    return logical(e);
  if (e->isCommaOp()) {
    effect(e->getLHS());
    return value(e->getRHS());
  }
  if (e->isAssignmentOp() || e->getOpcode() == clang::BO_Cmp || e->isPtrMemOp())
    refuse_expr(e, "this operator", "use + - * / and comparisons");
  Ex l = value(e->getLHS());
  std::size_t mark = out_->size();
  Ex r = value(e->getRHS());
  protect(l, mark);
  if (e->isComparisonOp())
    return native(e->getOpcodeStr().str(), {l, r}, ir::Type::boolean());
  return arithmetic(e->getOpcode(), l, r, type(e->getType(), e->getExprLoc()), e->getExprLoc());
}

Ex Body::logical(const clang::BinaryOperator *e) {
  Ex l = truth(value(e->getLHS()));
  Ex r;
  Block right = capture([&] { r = truth(value(e->getRHS())); });
  bool is_and = e->getOpcode() == clang::BO_LAnd;
  if (right.empty())
    return native(is_and ? "&&" : "||", {l, r}, ir::Type::boolean());
  Var t = empty_temp("test", ir::Type::boolean());
  emit(Assign{place_of(t), l});
  right.push_back(ir::Stmt{Assign{place_of(t), r}, here_, 0});
  emit(is_and ? If{read(t), std::move(right), {}} : If{read(t), {}, std::move(right)});
  return read(t);
}

void Body::choose(const Place &to, const clang::ConditionalOperator *e) {
  Ex cond = truth(value(e->getCond()));
  Block yes = capture([&] { init(to, e->getTrueExpr(), true); });
  Block no = capture([&] { init(to, e->getFalseExpr(), true); });
  emit(If{cond, std::move(yes), std::move(no)});
}

/// A cheap discrete choice is an expression; on reals, or where an arm does something, it is an If.
Ex Body::conditional(const clang::AbstractConditionalOperator *e) {
  ir::Type t = type(e->getType(), e->getExprLoc()).with_const(false);
  if (auto *b = dyn_cast<clang::BinaryConditionalOperator>(e)) { // x ?: y
    if (t.is(ir::Type::Record) || t.is(ir::Type::Opaque))
      refuse_expr(e, kind_of(e), "write the condition twice");
    Ex common = freeze_now(operand(b->getCommon()), "first");
    Var chosen = empty_temp("chosen", t);
    Block yes = capture([&] { emit(Assign{Place{chosen, {}}, convert(common, t)}); });
    Block no = capture([&] { emit(Assign{Place{chosen, {}}, convert(value(b->getFalseExpr()), t)}); });
    emit(If{truth(common), std::move(yes), std::move(no)});
    stable_.insert(chosen.get());
    return read(chosen);
  }
  if (t.is_discrete()) {
    Ex cond, yes, no;
    cond = truth(value(e->getCond()));
    Block on_yes = capture([&] { yes = value(e->getTrueExpr()); });
    Block on_no = capture([&] { no = value(e->getFalseExpr()); });
    if (on_yes.empty() && on_no.empty())
      return make(Select{cond, yes, no}, t);
    Var chosen = empty_temp("chosen", t);
    on_yes.push_back(ir::Stmt{Assign{place_of(chosen), yes}, here_, 0});
    on_no.push_back(ir::Stmt{Assign{place_of(chosen), no}, here_, 0});
    emit(If{cond, std::move(on_yes), std::move(on_no)});
    return read(chosen);
  }
  Var chosen = empty_temp("chosen", t);
  choose(Place{chosen, {}}, cast<clang::ConditionalOperator>(e));
  stable_.insert(chosen.get());
  return read(chosen);
}

} // namespace nabla::front
