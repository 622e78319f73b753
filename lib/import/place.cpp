// Objects in memory: places, assignment, initialisation. `*p++ = x` -> t = p; p = p + 1; *t = x
#include "import/body.h"
#include "import/container.h"
#include "ir/walk.h"

namespace nabla::front {

namespace {

/// A struct value without casts that only add const.
const clang::Expr *without_qualification(const clang::Expr *e) {
  e = bare(e);
  while (auto *c = dyn_cast<clang::ImplicitCastExpr>(e)) {
    if (c->getCastKind() != clang::CK_NoOp || e->isGLValue() || !e->getType()->isRecordType())
      return e;
    e = bare(c->getSubExpr());
  }
  return e;
}

} // namespace

// ---- Places ---------------------------------------------------------------------------------------------

Place Body::place(const clang::Expr *e) {
  e = bare(e);
  switch (e->getStmtClass()) {
  case clang::Stmt::DeclRefExprClass:
    return variable_place(cast<clang::DeclRefExpr>(e)->getDecl(), e->getExprLoc());
  case clang::Stmt::ArraySubscriptExprClass:
    return subscript(cast<clang::ArraySubscriptExpr>(e));
  case clang::Stmt::MemberExprClass:
    return member(cast<clang::MemberExpr>(e));
  case clang::Stmt::MaterializeTemporaryExprClass:
    return materialize(e);
  case clang::Stmt::CompoundAssignOperatorClass:
    return compound_assign(cast<clang::CompoundAssignOperator>(e), true);
  case clang::Stmt::BinaryOperatorClass: {
    auto *b = cast<clang::BinaryOperator>(e);
    if (b->getOpcode() == clang::BO_Assign)
      return assign(b, true);
    if (b->isCommaOp()) {
      effect(b->getLHS());
      return place(b->getRHS());
    }
    break;
  }
  case clang::Stmt::UnaryOperatorClass: {
    auto *u = cast<clang::UnaryOperator>(e);
    if (u->getOpcode() == clang::UO_Deref)
      return deref(value(u->getSubExpr()), {});
    if (u->isIncrementDecrementOp()) {
      Place p;
      (void)increment(u, &p, false);
      return p;
    }
    if (u->getOpcode() == clang::UO_Extension)
      return place(u->getSubExpr());
    break;
  }
  case clang::Stmt::ConditionalOperatorClass:
    if (e->isGLValue())
      return conditional_place(cast<clang::AbstractConditionalOperator>(e));
    break;
  case clang::Stmt::CallExprClass:
  case clang::Stmt::CXXMemberCallExprClass:
  case clang::Stmt::CXXOperatorCallExprClass:
    if (e->isGLValue())
      return call_place(cast<clang::CallExpr>(e));
    break;
  default:
    break;
  }
  if (auto *c = dyn_cast<clang::CastExpr>(e)) {
    if (c->getCastKind() == clang::CK_NoOp || c->getCastKind() == clang::CK_ConstructorConversion)
      return place(c->getSubExpr());
    bool to_base =
        c->getCastKind() == clang::CK_DerivedToBase || c->getCastKind() == clang::CK_UncheckedDerivedToBase;
    if (to_base && e->isGLValue()) {
      Place object = place(c->getSubExpr());
      if (object.type().is(ir::Type::Record))
        return base_place(std::move(object), c);
    }
    if (c->getCastKind() == clang::CK_BaseToDerived && e->isGLValue()) {
      Place object = place(c->getSubExpr());
      ir::Type to = type(e->getType(), e->getExprLoc());
      Ex pointer = freeze_now(make(Cast{address(object)}, ir::Type::pointer(to)), "derived");
      return deref(pointer, {});
    }
    if (e->isGLValue())
      refuse_expr(e, kind_of(c), "use the object's own type");
  }
  if (!e->isGLValue())
    return materialize(e);
  refuse_expr(e, kind_of(e) + " as an object", "use a variable, a member or an array element");
}

Place Body::variable_place(const clang::ValueDecl *d, clang::SourceLocation at) {
  d = cast<clang::ValueDecl>(d);
  if (auto named = named_places_.find(d); named != named_places_.end())
    return named->second;
  if (auto known = vars_.find(d); known != vars_.end())
    return place_of(known->second);
  if (auto *b = dyn_cast<clang::BindingDecl>(d); b && b->getBinding())
    return place(b->getBinding());
  auto *v = dyn_cast<clang::VarDecl>(d);
  if (v && v->hasGlobalStorage() && !v->isStaticLocal())
    return place_of(s_.global(v));
  if (v && v->isStaticLocal()) { // declared in an enclosing function
    declare_static(v);
    return place_of(vars_[v]);
  }
  s_.refuse(
      Diag::UnsupportedExpression, at,
      {"'" + d->getNameAsString() + "', which belongs to an enclosing function,", "pass it as a parameter"});
}

namespace {

/// The subscripts of a chain a[i][j] over a variable-length array, outermost first; null where it is none.
const clang::VarDecl *variable_length_chain(const clang::Expr *e, std::vector<const clang::Expr *> &indices) {
  e = bare(e);
  if (const clang::VarDecl *v = named_variable(e))
    return v;
  auto *a = dyn_cast<clang::ArraySubscriptExpr>(e);
  auto *decay = a ? dyn_cast<clang::ImplicitCastExpr>(bare(a->getBase())) : nullptr;
  if (!decay || decay->getCastKind() != clang::CK_ArrayToPointerDecay)
    return nullptr;
  const clang::VarDecl *v = variable_length_chain(decay->getSubExpr(), indices);
  indices.push_back(a->getIdx());
  return v;
}

} // namespace

/// Offset of a[i][j] in the flat storage of a variable-length array, or nothing for any other expression.
std::optional<Place> Body::variable_length_subscript(const clang::Expr *e, Ex *row_offset) {
  std::vector<const clang::Expr *> indices;
  const clang::VarDecl *v = variable_length_chain(e, indices);
  auto known = v ? vla_extents_.find(v) : vla_extents_.end();
  if (known == vla_extents_.end() || indices.size() > known->second.size())
    return std::nullopt;
  std::vector<Ex> at = values(indices);
  Ex offset;
  for (std::size_t i = 0; i < known->second.size(); ++i) {
    Ex extent = known->second[i];
    if (offset) {
      ir::Type t = offset.type() == extent.type() ? extent.type() : ir::Type::integer("long");
      offset = native("*", {convert(offset, t), convert(extent, t)}, t);
    }
    if (i < at.size())
      offset = add_index(offset, at[i]);
  }
  if (row_offset)
    *row_offset = offset ? offset : integer(0);
  return with_step(place_of(vars_.at(v)), Deref{offset ? offset : integer(0)});
}

/// A constant index is written as its number, so that equal ones look equal: a[K], a[1u], a['b' - 'a'].
Ex Body::index_value(const clang::Expr *e) {
  clang::Expr::EvalResult known;
  bool is_small = !e->isValueDependent() && e->EvaluateAsInt(known, s_.context) && !known.HasSideEffects &&
                  known.Val.getInt().getSignificantBits() < 31;
  return is_small ? integer(known.Val.getInt().getExtValue()) : value(e);
}

Place Body::subscript(const clang::ArraySubscriptExpr *e) {
  if (auto vla = variable_length_subscript(e, nullptr))
    return *vla;
  auto *decay = dyn_cast<clang::ImplicitCastExpr>(bare(e->getBase()));
  if (decay && decay->getCastKind() == clang::CK_ArrayToPointerDecay) {
    Place p = place(decay->getSubExpr());
    std::size_t mark = out_->size();
    Ex i = index_value(e->getIdx());
    protect(p, mark);
    return with_step(std::move(p), Index{i});
  }
  if (!e->getBase()->getType()->isPointerType())
    refuse_expr(e, "a vector subscript", "use an array");
  bool outer = for_reading_;
  for_reading_ = true; // an element of global data may be read; writing it is checked where it is written
  Ex base = value(e->getBase());
  for_reading_ = outer;
  std::size_t mark = out_->size();
  Ex i = index_value(e->getIdx());
  protect(base, mark);
  return deref(base, i);
}

Place Body::deref(Ex pointer, Ex offset) {
  if (auto *r = std::get_if<Read>(&pointer->node))
    return with_step(r->place, Deref{offset});
  if (auto *a = std::get_if<AddressOf>(&pointer->node)) {
    if (!offset || is_zero_const(offset))
      return a->place;
    if (std::optional<Place> p = moved(a->place, offset))
      return *p;
    if (auto *d = a->place.path.empty() ? nullptr : std::get_if<Deref>(&a->place.path.back());
        d && d->offset) {
      Place p = a->place;
      p.path.back() = Deref{add_index(d->offset, offset)};
      return p;
    }
  }
  if (auto *n = std::get_if<Native>(&pointer->node);
      n && n->args.size() == 2 && n->args[0].type().is(ir::Type::Pointer)) {
    if (n->op == "+")
      return deref(n->args[0], add_index(n->args[1], offset));
    if (n->op == "-") {
      ir::Type wide = ir::Type::integer("long");
      const std::string *text = const_spelling(n->args[1]);
      bool digits = text && text->find_first_not_of("0123456789") == std::string::npos;
      Ex back = digits ? make(Const{"-" + *text}, ir::Type::integer())
                       : native("neg",
                                {convert(n->args[1],
                                         n->args[1].type().spelling() == "int" ? n->args[1].type() : wide)},
                                n->args[1].type().spelling() == "int" ? n->args[1].type() : wide);
      return deref(n->args[0], add_index(back, offset));
    }
  }
  Var p = temp("p", pointer);
  return with_step(Place{p, {}}, Deref{offset});
}

Place Body::member(const clang::MemberExpr *e) {
  auto *field = dyn_cast<clang::FieldDecl>(e->getMemberDecl());
  if (!field) {
    auto *v = dyn_cast<clang::VarDecl>(e->getMemberDecl());
    if (!v)
      refuse_expr(e, "this member as an object", "use a data member");
    effect(e->getBase());
    return variable_place(v, e->getExprLoc());
  }
  Place base;
  if (e->isArrow()) {
    bool outer = for_reading_;
    for_reading_ = true;
    base = deref(value(e->getBase()), {});
    for_reading_ = outer;
  } else {
    base = place(e->getBase());
  }
  if (!base.type().is(ir::Type::Record))
    refuse_expr(e, "a member of '" + e->getBase()->getType().getAsString() + "'", "use a C-like struct");
  return with_step(std::move(base), Field{field_number(field)});
}

Place Body::conditional_place(const clang::AbstractConditionalOperator *e) {
  ir::Type t = ir::Type::pointer(type(e->getType(), e->getExprLoc()));
  Ex cond = truth(value(e->getCond()));
  Var where = empty_temp("chosen", t);
  auto arm = [&](const clang::Expr *x) {
    return capture([&] {
      Ex target = bind(x);
      emit(Assign{place_of(where), target});
    });
  };
  Block yes = arm(e->getTrueExpr()), no = arm(e->getFalseExpr());
  emit(If{cond, std::move(yes), std::move(no)});
  stable_.insert(where.get());
  return with_step(Place{where, {}}, Deref{});
}

Ex Body::address_of(const clang::Expr *e) {
  e = bare(e);
  if (auto text = literal(e))
    return *text;
  if (e->getType()->isFunctionType())
    refuse_expr(e, "the address of a function", "call it by its name, or pass a lambda or function object");
  if (auto vla = e->getType()->isVariableArrayType() ? variable_length_subscript(e, nullptr) : std::nullopt) {
    Step last = vla->path.back();
    Ex offset = std::get<Deref>(last).offset;
    vla->path.pop_back();
    Ex base = read(*vla);
    return is_zero_const(offset) ? base : native("+", {base, offset}, base.type());
  }
  Place p = place(e);
  if (e->getType()->isArrayType() && p.type().is(ir::Type::Array))
    p.path.push_back(Index{integer(0)});
  bool leaks =
      p.root->kind == Variable::Global && p.type().holds_reals() && !p.type().is_const() && !for_reading_;
  if (leaks)
    refuse_expr(e, "the address of a global that holds reals and may be written through",
                "pass it as a parameter, or take it as pointer to const");
  if (!p.path.empty())
    if (auto *d = std::get_if<Deref>(&p.path.back()); d && !d->offset) { // &*p is p
      Place pointer = p;
      pointer.path.pop_back();
      if (!pointer.type().is_reference())
        return read(pointer);
    }
  return address(std::move(p));
}

/// What a reference to `e` is bound to: its address, or that of a temporary which holds its value.
Ex Body::bind(const clang::Expr *e) {
  e = bare(e);
  if (!e->isGLValue() || isa<clang::MaterializeTemporaryExpr>(e))
    return address(materialize(e));
  if (e->getType().isConstQualified()) {
    bool outer = for_reading_;
    for_reading_ = true;
    Ex where = e->getType()->isArrayType() ? address(place(e)) : address_of(e);
    for_reading_ = outer;
    return where;
  }
  return e->getType()->isArrayType() ? address(place(e)) : address_of(e);
}

Place Body::materialize(const clang::Expr *e) {
  if (auto *m = dyn_cast<clang::MaterializeTemporaryExpr>(e))
    e = bare(m->getSubExpr());
  if (e->isGLValue())
    return place(e);
  e = without_qualification(e);
  ir::Type t = type(e->getType(), e->getExprLoc());
  if (t.is(ir::Type::Record) || t.is(ir::Type::Array)) {
    if (auto *c = dyn_cast<clang::CallExpr>(e))
      if (auto made = call(c, nullptr))
        if (auto *r = std::get_if<Read>(&(*made)->node))
          return r->place;
    Var made = empty_temp("made", t);
    escaped_.insert(made.get());
    init(Place{made, {}}, e, true);
    return Place{made, {}};
  }
  Ex v = value(e);
  Var made = variable("value", t.with_const(false));
  emit(Declare{made, v});
  escaped_.insert(made.get());
  return Place{made, {}};
}

// ---- Assignment -----------------------------------------------------------------------------------------

void Body::store(const Place &to, Ex v, clang::SourceLocation at) {
  if (to.root->kind == Variable::Global && to.type().contains_reals())
    s_.refuse(Diag::ActiveThroughGlobal, at, {to.root->qualified});
  if (to.root->kind == Variable::Global && to.type().holds_reals())
    s_.refuse(Diag::UnsupportedExpression, at,
              {"a write to the global pointer '" + to.root->qualified + "'", "pass it as a parameter"});
  emit(Assign{to, std::move(v)});
}

Place Body::assign(const clang::BinaryOperator *e, bool wanted) {
  const clang::Expr *rhs = bare(e->getRHS());
  const clang::VarDecl *v = named_variable(e->getLHS());
  bool simple = v && vars_.count(v) && !vars_[v]->type.is_reference();
  bool shortcut =
      isa<clang::CallExpr, clang::AbstractConditionalOperator, clang::CXXNewExpr, clang::CXXConstructExpr>(
          rhs);
  if (simple && (shortcut || isa<clang::CastExpr>(rhs))) {
    Place p = place_of(vars_[v]);
    init(p, rhs, false);
    return p;
  }
  Ex r = value(rhs);
  std::size_t mark = out_->size();
  Place p = place(e->getLHS());
  protect(r, mark);
  mark = out_->size();
  store(p, r, e->getExprLoc());
  if (wanted)
    protect(p, mark);
  return p;
}

Place Body::compound_assign(const clang::CompoundAssignOperator *e, bool wanted) {
  Ex r = value(e->getRHS());
  std::size_t mark = out_->size();
  Place p = place(e->getLHS());
  protect(r, mark);
  clang::BinaryOperatorKind op = clang::BinaryOperator::getOpForCompoundAssignment(e->getOpcode());
  ir::Type computed = type(e->getComputationResultType(), e->getExprLoc()).with_const(false);
  ir::Type operand = type(e->getComputationLHSType(), e->getExprLoc()).with_const(false);
  Ex sum = arithmetic(op, convert(read(p), operand), r, computed, e->getExprLoc());
  mark = out_->size();
  store(p, convert(sum, p.type().with_const(false)), e->getExprLoc());
  if (wanted)
    protect(p, mark);
  return p;
}

/// `c ? a : b` where the choice is an object whose value is read.
const clang::Expr *without_load(const clang::Expr *e) {
  auto *c = dyn_cast<clang::ImplicitCastExpr>(bare(e));
  bool loads = c && c->getCastKind() == clang::CK_LValueToRValue &&
               isa<clang::ConditionalOperator>(bare(c->getSubExpr()));
  return loads ? bare(c->getSubExpr()) : e;
}

// ---- Initialisation -------------------------------------------------------------------------------------

void Body::init(const Place &to, const clang::Expr *e, bool is_fresh) {
  e = without_qualification(e);
  if (auto *list = dyn_cast<clang::InitListExpr>(e))
    return init_list(to, list);
  if (auto *c = dyn_cast<clang::CXXConstructExpr>(e))
    return init_construct(to, c);
  if (isa<clang::ImplicitValueInitExpr, clang::CXXScalarValueInitExpr>(e))
    return zero_fill(to);
  if (isa<clang::CXXNewExpr>(e) || isa<clang::CastExpr>(e) && e->getType()->isPointerType())
    if (allocation(e, &to))
      return;
  auto *c = dyn_cast<clang::CallExpr>(e);
  bool takes_part = c && c->getDirectCallee() && is_part_access(c->getDirectCallee());
  if (c && (!e->isGLValue() || takes_part)) {
    bool may_fold =
        e->getType()->isArithmeticType() && c->getDirectCallee() && c->getDirectCallee()->isConstexpr();
    std::optional<Ex> known = may_fold ? evaluated(e) : std::nullopt;
    if (known)
      return emit(Assign{to, *known});
    auto result = call(c, &to);
    if (!result)
      refuse_expr(e, "the value of this call", "call it in a statement of its own");
    if (!(std::holds_alternative<Read>((*result)->node) &&
          same_place(std::get<Read>((*result)->node).place, to)))
      emit(Assign{to, *result});
    return;
  }
  const clang::Expr *loaded = bare(without_load(e));
  if (auto *c = dyn_cast<clang::ConditionalOperator>(loaded); c && !to.type().is_discrete())
    return choose(to, c);
  if (auto *text = dyn_cast<clang::StringLiteral>(e); text && to.type().is(ir::Type::Array)) {
    for (unsigned i = 0; i < to.type().extent(); ++i)
      emit(Assign{with_step(to, Index{integer(i)}),
                  make(Cast{integer(i < text->getLength() ? text->getCodeUnit(i) : 0)},
                       to.type().element().with_const(false))});
    return;
  }
  if (auto *copy = dyn_cast<clang::ArrayInitLoopExpr>(e)) {
    Place from = place(copy->getCommonExpr()->getSourceExpr());
    for (unsigned i = 0; i < to.type().extent(); ++i)
      emit(Assign{with_step(to, Index{integer(i)}), read(with_step(from, Index{integer(i)}))});
    return;
  }
  if (auto *c = dyn_cast<clang::CompoundLiteralExpr>(e); c && !e->isGLValue())
    return init(to, c->getInitializer(), is_fresh);
  if (auto *c = dyn_cast<clang::CXXParenListInitExpr>(e)) {
    unsigned i = 0;
    for (const clang::Expr *x : c->getInitExprs()) {
      init(with_step(to, to.type().is(ir::Type::Array) ? Step(Index{integer(i)}) : Step(Field{i})), x,
           is_fresh);
      ++i;
    }
    return;
  }
  Ex v = value(e);
  emit(Assign{to, convert(v, to.type())});
}

void Body::init_list(const Place &to, const clang::InitListExpr *e) {
  ir::Type t = to.type();
  if (e->isTransparent() || !t.is(ir::Type::Array) && !t.is(ir::Type::Record)) {
    if (e->getNumInits())
      return init(to, e->getInit(0), true);
    return zero_fill(to);
  }
  unsigned n = e->getNumInits();
  if (t.is(ir::Type::Array)) {
    for (unsigned i = 0; i < n; ++i)
      if (!isa<clang::ImplicitValueInitExpr>(bare(e->getInit(i))) || !to.path.empty() || !e->hasArrayFiller())
        init(with_step(to, Index{integer(i)}), e->getInit(i), true);
    if (!e->hasArrayFiller() ||
        to.path.empty() && to.root->kind == Variable::Local) // its Declare has zeroed it
      return;
    for (unsigned i = n; i < t.extent(); ++i)
      init(with_step(to, Index{integer(i)}), e->getArrayFiller(), true);
    return;
  }
  for (unsigned i = 0; i < n && i < t.members().fields.size(); ++i)
    init(with_step(to, Field{i}), e->getInit(i), true);
}

void Body::init_construct(const Place &to, const clang::CXXConstructExpr *e) {
  const clang::CXXConstructorDecl *c = e->getConstructor();
  if (to.type().is_handle()) {
    const clang::Expr *from = e->getNumArgs() == 1 ? bare(e->getArg(0)) : e;
    if (e->getNumArgs() == 0) // also one of an array
      return zero_fill(to);
    if (auto *made = dyn_cast<clang::MaterializeTemporaryExpr>(from))
      return init(to, made->getSubExpr(), true);
    if (auto *c = dyn_cast<clang::CallExpr>(from);
        c && c->getDirectCallee() && is_part_access(c->getDirectCallee()))
      return init(to, from, true);
    return emit(Assign{to, handle_value(e)});
  }
  if (auto iterator = iterator_value(e))
    return emit(Assign{to, *iterator});
  if (complex_construct(to, e) || optional_construct(to, e) || container_construct(to, e))
    return;
  if (to.type().is(ir::Type::Array) && e->getNumArgs() == 0) {
    if (e->requiresZeroInitialization())
      return zero_fill(to);
    if (c->isTrivial())
      return;
  }
  if (e->getNumArgs() == 1 && c->isCopyOrMoveConstructor() && copies_members(c)) {
    const clang::Expr *from = bare(e->getArg(0));
    if (isa<clang::CallExpr>(from) && !from->isGLValue())
      return init(to, from, true);
    return emit(Assign{to, value(from)});
  }
  if (e->getNumArgs() == 1 && c->isCopyOrMoveConstructor() && !c->isUserProvided() &&
      owns_elements(to.type()))
    return take_value(to, e->getArg(0));
  if (to.type().is(ir::Type::Array)) {
    if (e->getNumArgs() != 0 || c->isUserProvided())
      for (unsigned i = 0; i < to.type().extent(); ++i)
        init_construct(with_step(to, Index{integer(i)}), e);
    if (e->getNumArgs() != 0 || c->isUserProvided())
      return;
  } else if (e->getNumArgs() != 0 || c->isUserProvided()) {
    return construct(to, e);
  }
  if (e->requiresZeroInitialization())
    zero_fill(to);
  if (!c->isTrivial())
    default_members(to, c->getParent(), e->getExprLoc());
}

/// `struct S { double a = 1; };` has its members set where an S is made without a list.
void Body::default_members(const Place &to, const clang::CXXRecordDecl *rd, clang::SourceLocation at) {
  if (to.type().is(ir::Type::Array)) {
    Var i = variable("i", ir::Type::integer());
    Block body = capture([&] { default_members(with_step(to, Index{read(i)}), rd, at); });
    return emit(For{i, integer(0), For::LT, integer(to.type().extent()), 1, std::move(body), false});
  }
  if (to.type().is(ir::Type::Record) && to.type().members().container != Struct::None)
    return empty_container(to);
  if (!to.type().is(ir::Type::Record))
    s_.refuse(Diag::UnsupportedType, at,
              {s_.spelling(s_.context.getRecordType(rd)), "set the members one by one"});
  unsigned number = 0;
  for (const clang::CXXBaseSpecifier &base : rd->bases())
    default_object(with_step(to, Field{number++}), base.getType()->getAsCXXRecordDecl()->getDefinition(), at);
  for (auto *field : rd->fields()) {
    if (is_handle(s_.context.getBaseElementType(field->getType()))) {
      zero_fill(with_step(to, Field{field_number(field)}));
      continue;
    }
    Place member_place = with_step(to, Field{field_number(field)});
    if (const clang::Expr *e = field->hasInClassInitializer() ? field->getInClassInitializer() : nullptr) {
      init(member_place, e, true);
      continue;
    }
    auto *inner = s_.context.getBaseElementType(field->getType())->getAsCXXRecordDecl();
    if (inner)
      default_object(member_place, inner, at);
  }
}

/// What an object that nobody initialises begins as.
void Body::default_object(const Place &to, const clang::CXXRecordDecl *cls, clang::SourceLocation at) {
  if (cls->hasTrivialDefaultConstructor())
    return;
  for (const clang::CXXConstructorDecl *c : cls->ctors()) {
    if (!c->isDefaultConstructor() || !c->isUserProvided() || container_of(s_.context.getRecordType(cls)))
      continue;
    bool is_known = c->hasBody() && (!s_.context.getSourceManager().isInSystemHeader(c->getLocation()) ||
                                     s_.can_import(s_.callee(c)));
    if (c->getNumParams() || to.type().is(ir::Type::Array) || !is_known)
      s_.refuse(Diag::UnsupportedExpression, at,
                {"a member that is made by '" + s_.qualified(c) + "'", "initialise it in a constructor"});
    if (to.root->kind == Variable::Local)
      escaped_.insert(to.root.get());
    return emit(Call{s_.callee(c), {address(to)}, std::nullopt});
  }
  default_members(to, cls, at);
}

void Body::zero_fill(const Place &to) {
  ir::Type t = to.type();
  if (t.is(ir::Type::Record)) {
    for (unsigned i = 0; i < t.members().fields.size(); ++i)
      zero_fill(with_step(to, Field{i}));
  } else if (t.is(ir::Type::Array) && t.extent() <= 4) {
    for (unsigned i = 0; i < t.extent(); ++i)
      zero_fill(with_step(to, Index{integer(i)}));
  } else if (t.is(ir::Type::Array)) {
    Var i = variable("i", ir::Type::integer());
    Block body = capture([&] { zero_fill(with_step(to, Index{read(i)})); });
    emit(For{i, integer(0), For::LT, integer(t.extent()), 1, std::move(body), false});
  } else {
    emit(Assign{to, zero_of(t.with_const(false))});
  }
}

} // namespace nabla::front
