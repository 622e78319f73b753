// Calls: `y = 2 * g(x, &a[i])` -> g_value = g(x, &a[i]); y = mul(2.0, g_value). Methods have their object
// first. Closures are imported in place; new and malloc become Allocate.
#include "import/adjoint_shape.h"
#include "import/body.h"
#include "import/chain.h"
#include "import/class.h"
#include "import/container.h"
#include "import/matrix.h"
#include "import/optional.h"
#include "import/order.h"
#include "import/smart.h"
#include "import/targets.h"
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

const clang::Expr *named_object(const clang::Expr *e) {
  auto *c = dyn_cast<clang::ImplicitCastExpr>(e = bare(e));
  bool is_plain = c && c->getCastKind() == clang::CK_NoOp && c->isGLValue();
  return is_plain ? named_object(c->getSubExpr()) : e;
}

/// Value of an argument, also where it was bound to a reference: std::min(a * b, c).
Ex Body::operand(const clang::Expr *e) {
  e = bare(e);
  if (auto *m = dyn_cast<clang::MaterializeTemporaryExpr>(e);
      m && !m->getSubExpr()->getType()->isRecordType())
    return value(m->getSubExpr());
  if (auto *c = dyn_cast<clang::ImplicitCastExpr>(e);
      c && c->isGLValue() && c->getCastKind() == clang::CK_NoOp)
    return operand(c->getSubExpr());
  return value(e);
}

namespace {

/// A class of ours that is copied whole by this operator.
bool is_plain_assignment(const clang::CXXOperatorCallExpr *e) {
  auto *m = e ? dyn_cast_or_null<clang::CXXMethodDecl>(e->getDirectCallee()) : nullptr;
  return m && e->getOperator() == clang::OO_Equal && copies_members(m);
}

} // namespace

std::string temporary_name(const clang::FunctionDecl *f) {
  return f->getIdentifier() ? f->getName().str() + "_value" : "value";
}

std::optional<Ex> Body::call(const clang::CallExpr *e, const Place *into) {
  bool unused = std::exchange(unused_, false), as_object = std::exchange(as_object_, false);
  if (const clang::Expr *changing = disordered_operand(e, s_.context))
    refuse_expr(changing, "an operand that changes what another operand of this call reads",
                "compute it in a statement of its own");
  std::optional<Ex> result = function_value(e);
  if (result || matrices().call(e, into, result))
    return result;
  auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e);
  if (op && rebinds_handle(op)) {
    rebind_handle(op);
    return unused ? std::nullopt : std::optional(read(place(op->getArg(0))));
  }
  if (is_plain_assignment(op)) {
    Ex r = value(op->getArg(1));
    std::size_t mark = out_->size();
    Place p = place(op->getArg(0));
    protect(r, mark);
    assign_object(p, op, [&] { store(p, r, op->getExprLoc()); });
    return read(p);
  }
  if (tie_assignment(op))
    return std::nullopt;
  if (op && op->getNumArgs() == 2 &&
      (result = tie_comparison(op->getArg(0), op->getArg(1), op->getOperator(), op)))
    return result;
  if (memberwise_assignment(op, result) || chain_algorithm(e, e->getDirectCallee(), result) ||
      functional_algorithm(e, result) || in_place(e, result) || !tries_.empty() && call_in_try(e, result))
    return result;
  const clang::FunctionDecl *f = e->getDirectCallee();
  if (isa<clang::CXXPseudoDestructorExpr>(bare(e->getCallee())))
    return std::nullopt;
  if (!f)
    return indirect_call(e, into, unused, as_object);
  if (op && op->getOperator() == clang::OO_Call && is_std_function(op->getArg(0)->getType()))
    return function_object_call(op, into, unused, as_object);
  if (auto *m = dyn_cast<clang::CXXMethodDecl>(f)) {
    bool is_done = false;
    result = call_method(e, m, into, unused, as_object, is_done);
    if (is_done)
      return result;
  }
  if (handle_call(e, f, into, unused, result))
    return result;
  bool marked = s_.marks.own_pullback(f) || s_.marks.is_inactive(f);
  if (!marked && library(e, f, into, result))
    return result;
  return call_function(e, f, into, unused, as_object);
}

/// Calls of methods whose target the static type does not say, and of streams.
std::optional<Ex> Body::call_method(const clang::CallExpr *e, const clang::CXXMethodDecl *m,
                                    const Place *into, bool unused, bool as_object, bool &is_done) {
  auto touches_reals = [&] {
    bool reals = s_.mentions_reals(m->getReturnType()) || s_.object_reals(m->getParent());
    for (auto *p : m->parameters())
      reals = reals || s_.mentions_reals(p->getType());
    return reals;
  };
  auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e);
  is_done = true;
  if (mc && opaque_member_call(mc))
    return std::nullopt;
  auto *constructor = dyn_cast<clang::CXXConstructorDecl>(f_);
  if (constructor && mc && !m->isVirtual() && m->getParent()->isPolymorphic() &&
      isa<clang::CXXThisExpr>(bare(mc->getImplicitObjectArgument())))
    refuse_expr(e, "a method that is called in the constructor of a class with virtual functions",
                "write its statements into the constructor");
  is_done = false;
  if (!m->isVirtual() || s_.marks.is_inactive(m) || !touches_reals())
    return std::nullopt;
  const clang::CXXMethodDecl *target = fixed_target(e, m);
  if (target && target->getCanonicalDecl() == m->getCanonicalDecl())
    return std::nullopt;
  is_done = true;
  if (!target)
    return virtual_call(e, m, into, unused, as_object);
  CalleeRef c = known_target(e->getExprLoc(), target);
  std::vector<Ex> args = arguments(e, m, *s_.callee(m));
  args[0] = downcast(args[0], c->params[0]);
  return make_call(*c, temporary_name(m), e, into, unused, as_object,
                   [&](const std::optional<Place> &to, const std::optional<Ex> &through) {
                     if (through)
                       args.push_back(*through);
                     emit(Call{c, args, to});
                   });
}

/// An assignment that the language writes, of a class with containers: the members' own.
bool Body::memberwise_assignment(const clang::CXXOperatorCallExpr *e, std::optional<Ex> &result) {
  auto *m = e ? dyn_cast_or_null<clang::CXXMethodDecl>(e->getDirectCallee()) : nullptr;
  bool copies = m && (m->isCopyAssignmentOperator() || m->isMoveAssignmentOperator());
  if (!copies || m->isUserProvided() && !m->isInStdNamespace() ||
      container_of(s_.context.getRecordType(m->getParent())) ||
      chain_of(s_.context.getRecordType(m->getParent())) || !is_memberwise(m->getParent()))
    return false;
  ir::Type t = type(e->getArg(0)->getType(), e->getExprLoc()).with_const(false);
  if (!owns_elements(t) || has_own_copying(m->getParent()))
    return false;
  if (const clang::Expr *made = as_value(e->getArg(1)); m->isCopyAssignmentOperator() && made->isGLValue()) {
    Place from = steady(place(made));
    Place to = steady(fixed(place(e->getArg(0)), e));
    assign_object(to, e, [&] { assign_value(to, from); });
    result = read(to);
    return true;
  }
  Var held = empty_temp("assigned", t); // its elements stay where they are
  take_value(Place{held, {}}, e->getArg(1));
  Place to = place(e->getArg(0));
  assign_object(to, e, [&] { store(to, read(held), e->getExprLoc()); });
  result = read(to);
  return true;
}

/// An object stays of its class, whatever is assigned to it.
void Body::assign_object(const Place &to, const clang::CXXOperatorCallExpr *e,
                         llvm::function_ref<void()> assign) {
  const clang::CXXRecordDecl *cls = cast<clang::CXXMethodDecl>(e->getDirectCallee())->getParent();
  if (!s_.is_tagged(cls))
    return assign();
  Place tag = tag_of(to, cls->getDefinition());
  Ex is = read(temp("is", read(tag)));
  assign();
  emit(Assign{tag, is});
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
  if (exprs.size() > c.params.size())
    refuse_expr(e, "a call with more arguments than '" + c.name + "' has parameters",
                "give it fixed parameters");
  std::vector<Ex> out;
  for (std::size_t i = 0; i < exprs.size(); ++i) {
    bool is_object_pointer =
        i == 0 && isa<clang::CXXMemberCallExpr>(e) && has_object(f) && exprs[0]->getType()->isPointerType();
    argument(exprs[i], c.params.at(i), is_object_pointer, out);
  }
  return out;
}

/// One more argument, after those in `out`, which its side effects must not change.
void Body::argument(const clang::Expr *e, const ir::Type &as, bool is_object_pointer, std::vector<Ex> &out) {
  std::size_t mark = out_->size();
  bool outer = for_reading_;
  for_reading_ = as.is(ir::Type::Pointer) && as.element().is_const();
  Ex v;
  if (is_object_pointer) {
    v = value(e);
  } else if (names_closure(e) && !is_std_function(e->getType())) {
    v = as.is_reference() ? address(closure_place(e)) : read(closure_place(e));
  } else if (as.is_reference()) {
    v = bind(e);
    if (auto *a = std::get_if<AddressOf>(&v->node); a && a->place.root->kind == Variable::Global &&
                                                    a->place.type().contains_reals() &&
                                                    !as.element().is_const())
      refuse_expr(e, "a global that holds reals, passed by mutable reference,", "pass a local copy");
  } else {
    v = convert(value(e), as);
  }
  for_reading_ = outer;
  for (Ex &earlier : out)
    protect(earlier, mark);
  out.push_back(v);
}

/// `V v(a, b)`: the constructor is a function whose first parameter is the object.
void Body::construct(const Place &to, const clang::CXXConstructExpr *e) {
  const clang::CXXConstructorDecl *f = e->getConstructor();
  if (is_std_function(s_.context.getBaseElementType(e->getType())))
    require_held(to, e);
  if (construct_in_place(to, e))
    return;
  if (!f->hasBody())
    s_.refuse(Diag::NoBody, e->getExprLoc(), {s_.qualified(f)});
  CalleeRef c = s_.callee(f);
  if (s_.context.getSourceManager().isInSystemHeader(f->getLocation()) && !s_.can_import(c))
    refuse_expr(e, "a constructor of the library class '" + s_.spelling(e->getType()) + "'",
                "keep its members in variables of your own");
  refuse_in_try(f, e->getExprLoc());
  if (to.root->kind == Variable::Local)
    escaped_.insert(to.root.get());
  std::vector<Ex> args{address(to)};
  for (unsigned i = 0; i < e->getNumArgs(); ++i)
    argument(e->getArg(i), c->params.at(i + 1), false, args);
  emit(Call{c, std::move(args), std::nullopt});
}

/// `using Base::Base;`: the base's constructor, with the parameters of the one that stands for it.
void Body::construct_inherited(const Place &to, const clang::CXXInheritedCtorInitExpr *e,
                               const clang::CXXConstructorDecl *by) {
  const clang::CXXConstructorDecl *f = e->getConstructor();
  if (!f->hasBody())
    s_.refuse(Diag::NoBody, e->getExprLoc(), {s_.qualified(f)});
  CalleeRef c = s_.callee(f);
  std::vector<Ex> args{address(to)};
  for (unsigned i = 0; i < f->getNumParams(); ++i) {
    const ir::Type &as = c->params.at(i + 1);
    Place given = variable_place(by->getParamDecl(i), e->getExprLoc());
    args.push_back(as.is_reference() ? address(given) : convert(read(given), as));
  }
  emit(Call{c, std::move(args), std::nullopt});
}

/// Functions of ours that ask for many derivatives, or make adjoints for what a function writes: code of the library, with
/// memory of its own.
static bool is_driver(const clang::FunctionDecl *f) {
  auto *space = dyn_cast<clang::NamespaceDecl>(f->getDeclContext()->getEnclosingNamespaceContext());
  if (!space || space->getName() != "nabla" || !f->getIdentifier())
    return false;
  const clang::CXXRecordDecl *first =
      f->getNumParams() ? f->getParamDecl(0)->getType().getNonReferenceType()->getAsCXXRecordDecl() : nullptr;
  bool has_extents = first && first->getIdentifier() && first->getName() == "extents";
  return has_extents || one_of(f->getNameAsString(), {"hessian", "hessian_diagonal", "jacobian",
                                                      "sparse_jacobian", "sparse_hessian", "check_gradient"});
}

std::optional<Ex> Body::call_function(const clang::CallExpr *e, const clang::FunctionDecl *f,
                                      const Place *into, bool unused, bool as_object) {
  CalleeRef c;
  try {
    c = s_.callee(f);
  } catch (Refusal &r) {
    r.loc = s_.loc(e->getExprLoc());
    throw;
  }
  if (is_driver(f))
    s_.refuse(
        Diag::SecondOrderCall, e->getExprLoc(),
        {"nabla::" + f->getNameAsString(), "ask for the gradient or for nabla::hvp, without nabla::extents"});
  if (f->isVariadic())
    s_.refuse(Diag::UnsupportedExpression, e->getExprLoc(),
              {"a call with '...'", "give the function fixed parameters, or mark it [[nabla::inactive]]"});
  if (c->kind == Callee::Visible && !s_.declaration(c)->hasBody() && !c->derivative)
    s_.refuse(Diag::NoBody, e->getExprLoc(), {s_.qualified(f)});
  bool is_of_library = s_.context.getSourceManager().isInSystemHeader(f->getLocation()) && !c->derivative;
  if (c->kind == Callee::Visible && is_of_library && !s_.can_import(c))
    refuse_expr(e, "the library function '" + s_.qualified(f) + "'",
                "write it out as a loop, or give it a [[nabla::pullback_of]]");
  auto is_ours = [](clang::QualType t) { return stands_in(t) && !is_std_function(t); };
  bool holds_ours = holds(f->getReturnType(), is_ours);
  for (auto *p : f->parameters())
    holds_ours = holds_ours || holds(p->getType(), is_ours);
  if (c->kind != Callee::Visible && holds_ours)
    refuse_expr(e,
                "a smart pointer, std::optional or std::variant handed to '" + s_.qualified(f) +
                    "', whose body is not looked into,",
                "pass the object, or the value");
  auto holds_container = [](const ir::Type &t) { return t.has_outside(); };
  if (c->kind != Callee::Visible && std::any_of(c->params.begin(), c->params.end(), holds_container))
    refuse_expr(e, "a container handed to '" + s_.qualified(f) + "', whose body is not looked into,",
                "pass its data() and size()");
  auto *member = dyn_cast<clang::MemberExpr>(bare(e->getCallee()));
  if (member && member->hasQualifier() && c->kind == Callee::Passive &&
      has_object(f)) { // not the dynamic class's
    auto named = std::make_shared<Callee>(*c);
    auto *cls = cast<clang::CXXMethodDecl>(f)->getParent();
    named->name = "." + s_.spelling(s_.context.getRecordType(cls)) + "::" + f->getNameAsString();
    c = named;
  }
  std::vector<Ex> args = arguments(e, f, *c);
  for (std::size_t i = 0; i < args.size(); ++i)
    if (c->params.at(i).is(ir::Type::Pointer) && c->params[i].element().is(ir::Type::Opaque) &&
        args[i].type().is(ir::Type::Pointer) && args[i].type().element().has_outside()) // kept otherwise
      refuse_expr(e, "'" + s_.qualified(f) + "' of these elements", "write it out as a loop");
  if (c->derivative)
    AdjointShapes(*this, e).match(*c, args);
  return make_call(*c, temporary_name(f), e, into, unused, as_object,
                   [&](const std::optional<Place> &to, const std::optional<Ex> &through) {
                     if (through)
                       args.push_back(*through);
                     emit(Call{c, std::move(args), to});
                   });
}

/// Where the result of a call like that one goes, and what the call is worth.
std::optional<Ex> Body::make_call(const Callee &like, const std::string &name, const clang::Expr *e,
                                  const Place *into, bool unused, bool as_object, const EmitCall &emit_it) {
  if (like.result_is_last) {
    Var result = empty_temp(name, like.params.back().element());
    escaped_.insert(result.get());
    emit_it(std::nullopt, address(Place{result, {}}));
    return read(result);
  }
  if (like.result.is(ir::Type::Void) || unused) {
    emit_it(std::nullopt, std::nullopt);
    return std::nullopt;
  }
  if (like.result.is_reference()) {
    bool passive = like.kind == Callee::Passive;
    if (passive && as_object && !like.result.element().is_const())
      refuse_expr(e, "an object that an inactive function returns by reference",
                  "assign it in a function of its own");
    Var where = empty_temp(name, passive ? like.result.element() : ir::Type::pointer(like.result.element()));
    emit_it(Place{where, {}}, std::nullopt);
    stable_.insert(where.get());
    return read(passive ? Place{where, {}} : with_step(Place{where, {}}, Deref{}));
  }
  bool fits = into && into->type().without_const() == like.result.without_const() &&
              into->root->kind != Variable::Global;
  if (fits) {
    emit_it(*into, std::nullopt);
    return read(*into);
  }
  Var result = empty_temp(name, like.result);
  stable_.insert(result.get());
  emit_it(Place{result, {}}, std::nullopt);
  return read(result);
}

/// Is there a cast that may write what is const by its type?
static bool casts_const_away(const clang::Stmt *s) {
  if (!s)
    return false;
  if (auto *c = dyn_cast<clang::CStyleCastExpr>(s); c && (c->isGLValue() || c->getType()->isPointerType()))
    return true;
  return isa<clang::CXXConstCastExpr>(s) || llvm::any_of(s->children(), casts_const_away);
}

/// std::min, max and clamp return one of their arguments: a variable that changes later must not be copied.
bool Body::refers_to_argument(const clang::CallExpr *e, const clang::FunctionDecl *f) const {
  if (!f->isInStdNamespace() || !f->getIdentifier() ||
      !one_of(f->getNameAsString(), {"min", "max", "clamp"}) || e->getNumArgs() < 2)
    return false;
  const bool may_write = casts_const_away(f_->getBody());
  for (const clang::Expr *arg : e->arguments()) {
    const clang::Expr *x = named_object(arg);
    const clang::VarDecl *v = named_variable(x);
    if (x->isGLValue() && !isa<clang::MaterializeTemporaryExpr>(x) &&
        (!v || may_write || uses_.changes(v) || v->getType()->isReferenceType()))
      return true;
  }
  return false;
}

Place Body::call_place(const clang::CallExpr *e) {
  const clang::FunctionDecl *f = e->getDirectCallee();
  if (f && f->isInStdNamespace() && f->getIdentifier() && e->getNumArgs() == 1) {
    llvm::StringRef name = f->getName();
    if (name == "move" || name == "forward" || name == "as_const")
      return place(e->getArg(0));
  }
  auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e);
  if (op && (is_plain_assignment(op) || rebinds_handle(op))) {
    unused_ = rebinds_handle(op);
    (void)call(e, nullptr);
    return place(
        op->getArg(0)); // its own evaluation is done: an index with side effects would be refused below
  }
  if (f && refers_to_argument(e, f)) {
    auto result = call_function(e, f, nullptr, false, true);
    return std::get<Read>((*result)->node).place;
  }
  if (f && is_part_access(f) && !for_reading_)
    refuse_expr(e, "a reference to one of several handles", "copy it: auto part = parts[i]");
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

// ---- Allocation -----------------------------------------------------------------------------------------

/// n of `n * sizeof(T)`, else bytes / sizeof(T).
Ex Body::element_count(const clang::Expr *bytes, const ir::Type &element, clang::QualType element_type) {
  std::uint64_t size = s_.context.getTypeSizeInChars(element_type).getQuantity();
  const clang::Expr *e = bare(bytes);
  while (auto *c = dyn_cast<clang::ImplicitCastExpr>(e))
    e = bare(c->getSubExpr());
  clang::Expr::EvalResult known;
  auto is_size = [&](const clang::Expr *x) {
    x = bare(x);
    while (auto *c = dyn_cast<clang::ImplicitCastExpr>(x))
      x = bare(c->getSubExpr());
    clang::Expr::EvalResult r;
    return isa<clang::UnaryExprOrTypeTraitExpr>(x) && x->EvaluateAsInt(r, s_.context) &&
           r.Val.getInt() == size;
  };
  ir::Type count_type = ir::Type::integer("unsigned long");
  if (is_size(e))
    return integer(1, count_type);
  if (auto *b = dyn_cast<clang::BinaryOperator>(e); b && b->getOpcode() == clang::BO_Mul) {
    auto plain = [&](const clang::Expr *x) { // without the cast to size_t that the product with sizeof brings
      x = bare(x);
      if (auto *c = dyn_cast<clang::ImplicitCastExpr>(x); c && c->getCastKind() == clang::CK_IntegralCast)
        x = c->getSubExpr();
      return value(x);
    };
    if (is_size(b->getRHS()))
      return plain(b->getLHS());
    if (is_size(b->getLHS()))
      return plain(b->getRHS());
    auto *inner = dyn_cast<clang::BinaryOperator>(bare(b->getLHS()));
    if (inner && inner->getOpcode() == clang::BO_Mul &&
        (is_size(inner->getLHS()) || is_size(inner->getRHS()))) {
      Ex l = convert(element_count(inner, element, element_type), count_type);
      std::size_t mark = out_->size();
      Ex r = value(b->getRHS());
      protect(l, mark);
      return native("*", {l, r}, count_type);
    }
  }
  if (!e->isValueDependent() && e->EvaluateAsInt(known, s_.context))
    return integer(known.Val.getInt().getZExtValue() / size, count_type);
  return native("/", {convert(value(e), count_type), integer(size, count_type)}, count_type);
}

/// Is a pointer read, or a function called, anywhere in the expression?
static bool reads_pointers(const clang::Stmt *s) {
  auto *e = dyn_cast<clang::Expr>(s);
  if (isa<clang::CallExpr>(s) ||
      isa<clang::DeclRefExpr, clang::MemberExpr>(s) && e->getType()->isPointerType())
    return true;
  for (const clang::Stmt *child : s->children())
    if (child && reads_pointers(child))
      return true;
  return false;
}

std::optional<Ex> Body::allocation(const clang::Expr *e, const Place *into) {
  e = bare(e);
  const clang::CallExpr *c = nullptr;
  if (auto *cast_expr = dyn_cast<clang::CastExpr>(e)) {
    c = dyn_cast<clang::CallExpr>(bare(cast_expr->getSubExpr()));
    const clang::FunctionDecl *f = c ? c->getDirectCallee() : nullptr;
    auto *id = f ? f->getIdentifier() : nullptr;
    if (!id || !one_of(id->getName().str(),
                       {"malloc", "calloc", "realloc", "aligned_alloc", "alloca", "__builtin_alloca"}))
      return std::nullopt;
    if (id->isStr("realloc") || id->isStr("aligned_alloc"))
      refuse_expr(e, id->getName().str(), "use malloc, copy and free");
  } else if (!isa<clang::CXXNewExpr>(e)) {
    return std::nullopt;
  }
  ir::Type t = type(e->getType(), e->getExprLoc());
  auto *made = dyn_cast<clang::CXXNewExpr>(e);
  bool initialiser_may_read = made && made->getInitializer() && reads_pointers(made->getInitializer());
  Place to = into && !initialiser_may_read ? *into : Place{empty_temp("block", t), {}};
  if (made) {
    allocate_new(made, to);
    if (into && initialiser_may_read) // head = new Link{x, head}: the old value is read first
      emit(Assign{*into, read(to)});
    return read(into ? *into : to);
  }
  bool zero = c->getDirectCallee()->getName() == "calloc";
  clang::QualType element_type = e->getType()->getPointeeType();
  Ex count = zero ? value(c->getArg(0)) : element_count(c->getArg(0), t.element(), element_type);
  if (zero && count.type().is(ir::Type::Int))
    if (auto *x = std::get_if<Cast>(&count->node))
      count = x->from;
  bool on_stack = c->getDirectCallee()->getName().ends_with("alloca");
  Allocate::How how = zero ? Allocate::Calloc : on_stack ? Allocate::Arena : Allocate::Malloc;
  emit(Allocate{to, t.element().with_const(false), count, how, zero, std::nullopt});
  return read(to);
}

void Body::allocate_new(const clang::CXXNewExpr *e, const Place &into) {
  if (e->getNumPlacementArgs())
    refuse_expr(e, "placement new", "assign to the object instead");
  ir::Type element = type(e->getAllocatedType(), e->getExprLoc()).with_const(false);
  if (element.is(ir::Type::Opaque))
    refuse_expr(e, "new of this class", "use a C-like struct or an array of reals");
  if (element.has_constructor() && (e->isArray() || !element.is(ir::Type::Record)))
    refuse_expr(e, "new[] of a class with constructors", "use std::vector");
  const clang::Expr *first = e->getInitializer() ? bare(e->getInitializer()) : nullptr;
  auto *list = dyn_cast_or_null<clang::ParenListExpr>(first);
  if (list)
    first = list->getNumExprs() ? bare(list->getExpr(0)) : nullptr;
  bool is_array = e->isArray();
  Ex count;
  if (is_array) {
    const clang::Expr *n = bare(*e->getArraySize());
    if (auto *c = dyn_cast<clang::ImplicitCastExpr>(n); c && c->getCastKind() == clang::CK_IntegralCast)
      n = c->getSubExpr();
    count = value(n);
  }
  bool zero =
      first && isa<clang::ImplicitValueInitExpr, clang::CXXScalarValueInitExpr>(first) || list && !first;
  auto *made = dyn_cast_or_null<clang::CXXConstructExpr>(first);
  zero = zero || made && made->requiresZeroInitialization();
  auto *elements = dyn_cast_or_null<clang::InitListExpr>(first);
  Allocate a{into,
             element,
             count,
             is_array ? Allocate::NewArray : Allocate::New,
             zero || elements && is_array,
             std::nullopt};
  bool is_scalar = !is_array && !element.is(ir::Type::Record);
  if (is_scalar && first && !zero)
    a.init =
        convert(value(elements ? (elements->getNumInits() ? elements->getInit(0) : first) : first), element);
  emit(a);
  if (is_scalar || zero && !made || !first)
    return;
  if (!is_array)
    return init(deref(read(into), {}), first, true);
  if (elements)
    for (unsigned i = 0; i < elements->getNumInits(); ++i)
      init(deref(read(into), integer(i)), elements->getInit(i), true);
  else if (made && !made->getConstructor()->isTrivial())
    refuse_expr(e, "new[] of a struct with default member initialisers", "set the members in a loop");
}

} // namespace nabla::front
