// Calls: `y = 2 * g(x, &a[i])` -> g_value = g(x, &a[i]); y = mul(2.0, g_value). Methods have their object first.
#include "import/body.h"
#include "ir/walk.h"

namespace nabla::front {

std::vector<Ex> Body::values(const std::vector<const clang::Expr *> &es) {
  std::vector<Ex> out;
  for (const clang::Expr *e : es) {
    std::size_t mark = out_->size();
    Ex v = operand(e);
    for (Ex &earlier : out)
      protect(earlier, mark);
    out.push_back(v);
  }
  return out;
}

/// Value of an argument, also where it was bound to a reference: std::min(a * b, c).
Ex Body::operand(const clang::Expr *e) {
  e = bare(e);
  if (auto *m = dyn_cast<clang::MaterializeTemporaryExpr>(e); m && !m->getSubExpr()->getType()->isRecordType())
    return value(m->getSubExpr());
  if (auto *c = dyn_cast<clang::ImplicitCastExpr>(e); c && c->isGLValue() && c->getCastKind() == clang::CK_NoOp)
    return operand(c->getSubExpr());
  return value(e);
}

namespace {

bool is_stream(clang::QualType t) {
  auto *rd = t.getNonReferenceType()->getAsCXXRecordDecl();
  return rd && rd->isInStdNamespace() && rd->getName().ends_with("stream");
}

/// A class of ours that is copied whole by this operator.
bool is_plain_assignment(const clang::CXXOperatorCallExpr *e) {
  auto *m = e ? dyn_cast_or_null<clang::CXXMethodDecl>(e->getDirectCallee()) : nullptr;
  return m && e->getOperator() == clang::OO_Equal && m->isTrivial();
}

std::string temporary_name(const clang::FunctionDecl *f) {
  return f->getIdentifier() ? f->getName().str() + "_value" : "value";
}

} // namespace

std::optional<Ex> Body::call(const clang::CallExpr *e, const Place *into) {
  bool unused = std::exchange(unused_, false), as_object = std::exchange(as_object_, false);
  auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e);
  if (is_plain_assignment(op)) {
    Ex r = value(op->getArg(1));
    std::size_t mark = out_->size();
    Place p = place(op->getArg(0));
    protect(r, mark);
    store(p, r, e->getExprLoc());
    return read(p);
  }
  if (auto *inlined = local_lambda(e))
    return call_lambda(e, inlined, into);
  const clang::FunctionDecl *f = e->getDirectCallee();
  if (isa<clang::CXXPseudoDestructorExpr>(bare(e->getCallee())))
    return std::nullopt;
  if (!f)
    s_.refuse(Diag::DynamicCall, e->getExprLoc(), {});
  if (auto *m = dyn_cast<clang::CXXMethodDecl>(f)) {
    auto *member = dyn_cast<clang::MemberExpr>(bare(e->getCallee()));
    bool is_fixed = member && member->hasQualifier() || m->hasAttr<clang::FinalAttr>();
    if (m->isVirtual() && !is_fixed && s_.mentions_reals(s_.context.getRecordType(m->getParent())))
      s_.refuse(Diag::DynamicCall, e->getExprLoc(), {});
    if (auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e))
      if (opaque_member_call(mc))
        return std::nullopt;
  }
  bool marked = s_.marks.own_pullback(f) || s_.marks.is_inactive(f);
  std::optional<Ex> result;
  if (!marked && library(e, f, into, result))
    return result;
  return call_function(e, f, into, unused, as_object);
}

/// std::cout.precision(17); and the like: text, no derivative.
bool Body::opaque_member_call(const clang::CXXMemberCallExpr *e) {
  const clang::Expr *object = bare(e->getImplicitObjectArgument());
  if (!is_stream(object->getType()) && !(object->getType()->isPointerType() && is_stream(object->getType()->getPointeeType())))
    return false;
  Opaque out;
  out.pieces.push_back("");
  opaque_argument(object, out);
  out.pieces.back() += (object->getType()->isPointerType() ? "->" : ".") + e->getMethodDecl()->getNameAsString() + "(";
  for (unsigned i = 0; i < e->getNumArgs(); ++i) {
    if (isa<clang::CXXDefaultArgExpr>(e->getArg(i)))
      break;
    if (i)
      out.pieces.back() += ", ";
    opaque_argument(e->getArg(i), out);
  }
  out.pieces.back() += ")";
  emit(std::move(out));
  return true;
}

std::vector<Ex> Body::arguments(const clang::CallExpr *e, const clang::FunctionDecl *f, const Callee &c) {
  std::vector<const clang::Expr *> exprs;
  if (auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e))
    exprs.push_back(mc->getImplicitObjectArgument());
  exprs.insert(exprs.end(), e->arg_begin(), e->arg_end());
  bool drops_object = isa<clang::CXXOperatorCallExpr>(e) && isa<clang::CXXMethodDecl>(f) && !has_object(f);
  if (drops_object || isa<clang::CXXMemberCallExpr>(e) && !has_object(f)) {
    effect(exprs.front());
    exprs.erase(exprs.begin());
  }
  std::vector<Ex> out;
  for (std::size_t i = 0; i < exprs.size(); ++i) {
    std::size_t mark = out_->size();
    bool is_object_pointer = i == 0 && isa<clang::CXXMemberCallExpr>(e) && has_object(f) && exprs[0]->getType()->isPointerType();
    const ir::Type &t = c.params.at(i);
    bool outer = for_reading_;
    for_reading_ = t.is(ir::Type::Pointer) && t.element().is_const();
    Ex v;
    if (is_object_pointer) {
      v = value(exprs[i]);
    } else if (t.is_reference()) {
      v = bind(exprs[i]);
      if (auto *a = std::get_if<AddressOf>(&v->node); a && a->place.root->kind == Variable::Global && a->place.type().contains_reals() &&
                                                      !t.element().is_const())
        refuse_expr(exprs[i], "a global that holds reals, passed by mutable reference,", "pass a local copy");
    } else {
      v = convert(value(exprs[i]), t);
    }
    for_reading_ = outer;
    for (Ex &earlier : out)
      protect(earlier, mark);
    out.push_back(v);
  }
  return out;
}

std::optional<Ex> Body::call_function(const clang::CallExpr *e, const clang::FunctionDecl *f, const Place *into,
                                     bool unused, bool as_object) {
  CalleeRef c;
  try {
    c = s_.callee(f);
  } catch (Refusal &r) {
    r.loc = s_.loc(e->getExprLoc());
    throw;
  }
  if (f->isVariadic())
    s_.refuse(Diag::UnsupportedExpression, e->getExprLoc(), {"a call with '...'", "give the function fixed parameters, or mark it [[nabla::inactive]]"});
  if (c->kind == Callee::Visible && !f->hasBody())
    s_.refuse(Diag::NoBody, e->getExprLoc(), {s_.qualified(f)});
  std::vector<Ex> args = arguments(e, f, *c);
  if (c->result.is(ir::Type::Void) || unused) {
    emit(Call{c, std::move(args), std::nullopt});
    return std::nullopt;
  }
  if (c->result.is_reference()) {
    bool passive = c->kind == Callee::Passive;
    if (passive && as_object && !c->result.element().is_const())
      refuse_expr(e, "an object that an inactive function returns by reference", "assign it in a function of its own");
    Var where = empty_temp(temporary_name(f), passive ? c->result.element() : ir::Type::pointer(c->result.element()));
    emit(Call{c, std::move(args), Place{where, {}}});
    stable_.insert(where.get());
    return read(passive ? Place{where, {}} : with_step(Place{where, {}}, Deref{}));
  }
  bool fits = into && into->type().without_const() == c->result.without_const() && into->root->kind != Variable::Global;
  if (fits) {
    emit(Call{c, std::move(args), *into});
    return read(*into);
  }
  Var result = empty_temp(temporary_name(f), c->result);
  stable_.insert(result.get());
  emit(Call{c, std::move(args), Place{result, {}}});
  return read(result);
}

Place Body::call_place(const clang::CallExpr *e) {
  const clang::FunctionDecl *f = e->getDirectCallee();
  if (f && f->isInStdNamespace() && f->getIdentifier() && e->getNumArgs() == 1) {
    llvm::StringRef name = f->getName();
    if (name == "move" || name == "forward" || name == "as_const")
      return place(e->getArg(0));
  }
  auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e);
  if (is_plain_assignment(op)) {
    (void)call(e, nullptr);
    return place(op->getArg(0)); // its own evaluation is done: an index with side effects would be refused below
  }
  as_object_ = true;
  auto result = call(e, nullptr);
  if (!result)
    refuse_expr(e, "the object that this call returns", "call it in a statement of its own");
  if (auto *r = std::get_if<Read>(&(*result)->node))
    return r->place;
  Var held = temp("value", *result);
  escaped_.insert(held.get());
  return Place{held, {}};
}

// ---- Lambdas: a local closure is not an object here; its captures are further arguments ------------------------

namespace {

const clang::Expr *without_casts(const clang::Expr *e) {
  e = bare(e);
  while (auto *c = dyn_cast<clang::ImplicitCastExpr>(e))
    e = bare(c->getSubExpr());
  return e;
}

const clang::LambdaExpr *lambda_of(const clang::Expr *e) {
  e = bare(e);
  for (;;) {
    if (auto *l = dyn_cast<clang::LambdaExpr>(e))
      return l;
    if (auto *m = dyn_cast<clang::MaterializeTemporaryExpr>(e))
      e = bare(m->getSubExpr());
    else if (auto *c = dyn_cast<clang::CXXConstructExpr>(e); c && c->getNumArgs() == 1)
      e = bare(c->getArg(0));
    else if (auto *i = dyn_cast<clang::ImplicitCastExpr>(e))
      e = bare(i->getSubExpr());
    else
      return nullptr;
  }
}

} // namespace

const clang::LambdaExpr *Body::local_lambda(const clang::CallExpr *e) {
  auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e);
  if (!op || op->getOperator() != clang::OO_Call || !op->getNumArgs())
    return nullptr;
  const clang::Expr *object = without_casts(op->getArg(0));
  if (auto *l = lambda_of(object))
    return l;
  const clang::VarDecl *v = named_variable(object);
  return v && v->hasInit() && lambdas_.count(v) ? lambda_of(v->getInit()) : nullptr;
}

/// What its captures are at the point where the lambda is written.
std::map<const clang::ValueDecl *, Place> Body::captures(const clang::LambdaExpr *l) {
  std::map<const clang::ValueDecl *, Place> out;
  auto init_of = l->capture_init_begin();
  for (const clang::LambdaCapture &c : l->captures()) {
    const clang::Expr *e = *init_of++;
    if (c.capturesThis())
      continue;
    if (!c.capturesVariable())
      refuse_expr(l, "this capture", "capture variables by name");
    auto *v = c.getCapturedVar();
    if (c.getCaptureKind() == clang::LCK_ByRef) {
      out[v] = place(e);
      continue;
    }
    ir::Type t = type(v->getType().getNonReferenceType(), c.getLocation());
    if (t.is(ir::Type::Record) || t.is(ir::Type::Array)) {
      Var copy = empty_temp(v->getNameAsString(), t);
      init(Place{copy, {}}, e, true);
      out[v] = Place{copy, {}};
    } else {
      out[v] = Place{temp(v->getNameAsString(), value(e)), {}};
    }
  }
  return out;
}

/// The body is imported in place, under its parameters' names: a block that `return` leaves.
std::optional<Ex> Body::call_lambda(const clang::CallExpr *e, const clang::LambdaExpr *l, const Place *into) {
  const clang::CXXMethodDecl *f = dyn_cast_or_null<clang::CXXMethodDecl>(e->getDirectCallee());
  const clang::FunctionDecl *body = nullptr;
  if (!f || !f->hasBody(body) || inlining_.count(l))
    refuse_expr(e, "a call of this lambda", "write a function");
  const clang::VarDecl *v = named_variable(without_casts(e->getArg(0)));
  std::map<const clang::ValueDecl *, Place> bound = v ? lambdas_.at(v) : captures(l);
  std::vector<std::pair<const clang::ParmVarDecl *, Var>> params;
  for (unsigned i = 0; i < body->getNumParams(); ++i) {
    const clang::ParmVarDecl *p = body->getParamDecl(i);
    ir::Type t = type(p->getType(), p->getLocation());
    const clang::Expr *arg = cast<clang::CXXOperatorCallExpr>(e)->getArg(i + 1);
    Ex a = t.is_reference() ? bind(arg) : convert(value(arg), t);
    Var var = variable(p->getNameAsString().empty() ? "unnamed" : p->getNameAsString(), t);
    emit(Declare{var, a});
    params.emplace_back(p, var);
  }
  Uses inside = uses_of(body->getBody());
  uses_.escaped.insert(inside.escaped.begin(), inside.escaped.end());
  for (auto &[p, var] : params) {
    vars_[p] = var;
    if (uses_.escaped.count(p))
      escaped_.insert(var.get());
  }
  auto outer_named = named_places_;
  for (auto &[d, p] : bound)
    named_places_[d] = p;
  inlining_.insert(l);
  clang::QualType rt = body->getReturnType();
  ir::Type result_type = type(rt, e->getExprLoc());
  if (result_type.is_reference())
    refuse_expr(e, "a lambda that returns a reference", "return a value");
  Var result;
  if (!rt->isVoidType())
    result = empty_temp(v ? v->getNameAsString() + "_value" : "value", result_type);
  returns_.push_back({label("lambda"), result, false});
  auto outer_breaks = std::move(breaks_);
  auto outer_continues = std::move(continues_);
  breaks_.clear();
  continues_.clear();
  Block inlined = capture([&] { stmt(body->getBody()); });
  breaks_ = std::move(outer_breaks);
  continues_ = std::move(outer_continues);
  bool plain = !inlined.empty() && std::holds_alternative<Exit>(inlined.back().node) && returns_.back().count == 1 &&
               std::get<Exit>(inlined.back().node).label == returns_.back().label;
  if (plain)
    inlined.pop_back();
  if (plain || returns_.back().count == 0)
    emit(std::move(inlined));
  else
    emit(Scope{returns_.back().label, std::move(inlined)});
  returns_.pop_back();
  inlining_.erase(l);
  named_places_ = std::move(outer_named);
  (void)into;
  return result ? std::optional<Ex>(read(result)) : std::nullopt;
}

Ex Body::lambda(const clang::LambdaExpr *e) {
  refuse_expr(e, "a lambda used as a value", "call it where it is written, or give it a name with auto and call that");
}

} // namespace nabla::front
