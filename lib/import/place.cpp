// Objects in memory: places, assignment. `*p++ = x` -> t = p; p = p + 1; *t = x
#include "import/body.h"
#include "import/class.h"
#include "import/container.h"
#include "import/matrix.h"
#include "import/targets.h"
#include "import/variant.h"
#include "ir/walk.h"

namespace nabla::front {

const clang::Expr *without_qualification(const clang::Expr *e) {
  e = bare(e);
  while (auto *c = dyn_cast<clang::ImplicitCastExpr>(e)) {
    if (c->getCastKind() != clang::CK_NoOp || e->isGLValue() || !e->getType()->isRecordType())
      return e;
    e = bare(c->getSubExpr());
  }
  return e;
}

// ---- Places ---------------------------------------------------------------------------------------------

Place Body::place(const clang::Expr *e) {
  e = bare(e);
  switch (e->getStmtClass()) {
  case clang::Stmt::DeclRefExprClass:
    return text_place(variable_place(cast<clang::DeclRefExpr>(e)->getDecl(), e->getExprLoc()), e);
  case clang::Stmt::ArraySubscriptExprClass:
    return subscript(cast<clang::ArraySubscriptExpr>(e));
  case clang::Stmt::MemberExprClass:
    return text_place(member(cast<clang::MemberExpr>(e)), e);
  case clang::Stmt::MaterializeTemporaryExprClass:
    return materialize(e);
  case clang::Stmt::StringLiteralClass: { // bound to a reference
    Place text{empty_temp("text", type(e->getType(), e->getExprLoc())), {}};
    init(text, e, true);
    return text;
  }
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
    if (matrix_of(bare_matrix(c->getSubExpr())->getType())) // Eigen's classes share what they are
      return place(bare_matrix(c->getSubExpr()));
    if (to_base && is_iterator(c->getSubExpr()->getType()))
      return place(c->getSubExpr());
    if (to_base && e->isGLValue()) {
      Place object = place(c->getSubExpr());
      if (object.type().is(ir::Type::Record))
        return base_object(std::move(object), c);
    }
    if (c->getCastKind() == clang::CK_BaseToDerived && e->isGLValue()) {
      Place object = place(c->getSubExpr());
      ir::Type to = type(e->getType(), e->getExprLoc());
      refuse_second_base(c, to);
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
  if (auto taken = v ? vars_.find(v->getCanonicalDecl()) : vars_.end(); taken != vars_.end())
    return place_of(taken->second);
  if (v && v->hasGlobalStorage() && !v->isStaticLocal())
    return place_of(s_.global(v));
  if (v && v->isStaticLocal()) { // declared in an enclosing function
    declare_static(v);
    return place_of(vars_[v]);
  }
  if (auto *object = dyn_cast<clang::TemplateParamObjectDecl>(d))
    s_.refuse(Diag::UnsupportedExpression, at,
              {"a template argument of type '" + object->getType().getUnqualifiedType().getAsString() + "'",
               "use its members as template arguments, a constexpr variable, or a parameter"});
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
  if (base.type().has_outside() && is_text(field->getType()) &&
      base.type().members().fields.at(field_number(field)).type.is(ir::Type::Record))
    refuse_expr(e, "a string in a class that carries derivatives",
                "keep the string in a variable of its own");
  Place part = with_step(std::move(base), Field{field_number(field)});
  return field->getType()->isReferenceType() ? with_step(std::move(part), Deref{})
                                             : as_class(std::move(part), field->getType(), e->getExprLoc());
}

/// A member without members of its own that generated code leaves out, as an object of its class.
Place Body::as_class(Place part, clang::QualType t, clang::SourceLocation at) {
  const bool is_left_out = part.type().is(ir::Type::Record) && part.type().members().fields.empty();
  if (!is_left_out || !t->isRecordType() || is_text(t))
    return part;
  ir::Type wanted = type(t, at).with_const(part.type().is_const());
  if (!wanted.is(ir::Type::Record) || wanted == part.type())
    return part;
  return deref(make(Cast{address(part)}, ir::Type::pointer(wanted)), {});
}

Place Body::base_object(Place object, const clang::CastExpr *to_base) {
  clang::QualType t = to_base->getType();
  return as_class(base_place(std::move(object), to_base), t->isPointerType() ? t->getPointeeType() : t,
                  to_base->getExprLoc());
}

/// Generated code knows where the first base of a class is that it lays out anew.
void Body::refuse_second_base(const clang::CastExpr *to_derived, const ir::Type &to) {
  if (!to.has_outside())
    return;
  clang::QualType t = to_derived->getType();
  const clang::CXXRecordDecl *cls =
      t->isPointerType() ? t->getPointeeCXXRecordDecl() : t->getAsCXXRecordDecl();
  for (const clang::CXXBaseSpecifier *step : to_derived->path()) {
    if (step != cls->getDefinition()->bases_begin())
      refuse_expr(to_derived,
                  "a cast from a base that is not the first one of a class with containers or references",
                  "derive from it first");
    cls = step->getType()->getAsCXXRecordDecl();
  }
}

/// Temporaries that an arm points to live as long as the whole expression: their declarations go before the branch.
Block Body::with_temporaries_outside(const Block &arm) {
  Block kept;
  for (const Stmt &s : arm) {
    auto *d = std::get_if<Declare>(&s.node);
    bool is_pointed_at = d && (escaped_.count(d->var.get()) || d->var->type.is(ir::Type::Array) ||
                               d->var->type.is(ir::Type::Record));
    if (!is_pointed_at || d->var->type.is_reference()) {
      kept.push_back(s);
      continue;
    }
    emit(Declare{d->var, std::nullopt, d->zero, d->elements});
    if (d->init)
      kept.push_back({Assign{Place{d->var, {}}, *d->init}, s.loc, s.id});
  }
  return kept;
}

Place Body::conditional_place(const clang::AbstractConditionalOperator *e) {
  ir::Type t = ir::Type::pointer(type(e->getType(), e->getExprLoc()));
  Ex cond = truth(value(e->getCond()));
  Var where = empty_temp("chosen", t);
  auto arm = [&](const clang::Expr *x) {
    return with_temporaries_outside(capture([&] {
      Ex target = bind(x);
      emit(Assign{place_of(where), target});
    }));
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

/// `a + b` and std::to_string(n): a new string of what is there. Null for any other expression.
Ex Body::computed_text(const clang::Expr *e) {
  auto *call = dyn_cast<clang::CallExpr>(e);
  const clang::FunctionDecl *f = call ? call->getDirectCallee() : nullptr;
  if (!f || !f->isInStdNamespace())
    return {};
  ir::Type t = type(e->getType(), e->getExprLoc()).with_const(false);
  bool is_sum = f->getOverloadedOperator() == clang::OO_Plus && call->getNumArgs() == 2;
  if (!is_sum && f->getIdentifier() && f->getName() == "to_string")
    return native("call std::to_string", {operand(call->getArg(0))}, t);
  std::vector<Ex> parts;
  for (const clang::Expr *a : call->arguments()) {
    const clang::Expr *given = as_value(a);
    bool is_known =
        is_sum && (is_text(given->getType()) || isa<clang::StringLiteral>(bare(given)->IgnoreImpCasts()));
    if (!is_known)
      return {};
    parts.push_back(is_text(given->getType())
                        ? text_value(given)
                        : *literal(cast<clang::StringLiteral>(bare(given)->IgnoreImpCasts())));
  }
  return is_sum ? native("+", std::move(parts), t) : Ex();
}

/// A std::string, which is only carried about: a literal, another string, or what is made of these.
Ex Body::text_value(const clang::Expr *e) {
  e = without_qualification(e);
  if (Ex made = computed_text(e))
    return made;
  while (auto *x = dyn_cast<clang::CastExpr>(e)) {
    if (x->getCastKind() != clang::CK_ConstructorConversion)
      break;
    e = without_qualification(x->getSubExpr());
  }
  auto *c = dyn_cast<clang::CXXConstructExpr>(e);
  if (!c && e->isGLValue())
    return read(place(e));
  if (auto *given = dyn_cast<clang::CallExpr>(e)) // a function that returns one
    if (auto result = call(given, nullptr))
      return *result;
  ir::Type t = type(e->getType(), e->getExprLoc()).with_const(false);
  const clang::Expr *from = c && c->getNumArgs() ? bare(c->getArg(0)) : nullptr;
  while (auto *x = dyn_cast_or_null<clang::CastExpr>(from))
    from = bare(x->getSubExpr());
  if (auto *m = dyn_cast_or_null<clang::MaterializeTemporaryExpr>(from))
    from = without_qualification(m->getSubExpr());
  if (c && !from)
    return native("call " + t.spelling(), {}, t);
  if (from && is_text(from->getType()))
    return text_value(from);
  if (from && isa<clang::StringLiteral>(from))
    return native("call " + t.spelling(), {*literal(from)}, t);
  if (from && c->getArg(0)->getType()->isPointerType())
    return native("call " + t.spelling(), {value(c->getArg(0))}, t);
  refuse_expr(e, "this string", "make it of a literal, or pass it as a parameter");
}

Place Body::materialize(const clang::Expr *e) {
  auto *m = dyn_cast<clang::MaterializeTemporaryExpr>(e);
  const bool lasts = m && m->getStorageDuration() == clang::SD_Automatic;
  if (m)
    e = bare(m->getSubExpr());
  if (e->isGLValue())
    return place(e);
  e = without_qualification(e);
  if (is_std_function(e->getType())) {
    Ex made = value_of_class(e);
    if (auto *r = std::get_if<Read>(&made->node))
      return r->place;
  }
  ir::Type t = type(e->getType(), e->getExprLoc());
  if (is_text(e->getType()) && t.is(ir::Type::Opaque))
    return Place{temp("text", text_value(e)), {}};
  if (t.is(ir::Type::Record) || t.is(ir::Type::Array)) {
    if (auto *c = dyn_cast<clang::CallExpr>(e))
      if (auto made = call(c, nullptr))
        if (auto *r = std::get_if<Read>(&(*made)->node)) {
          begin_temporary(r->place, e->getType(), lasts);
          return r->place;
        }
    Var made = empty_temp("made", t);
    escaped_.insert(made.get());
    init(Place{made, {}}, e, true);
    begin_temporary(Place{made, {}}, e->getType(), lasts);
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
  const bool is_object = v.type().is(ir::Type::Record) && v.type().contains_real_pointers();
  if (auto *from = std::get_if<Read>(&v->node); from && is_object) // a = *a.next
    v = read(steady(from->place));
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

} // namespace nabla::front
