// Closures. Who is called with one, or is one, is imported in place: there a closure is its captures, no object.
// Members of objects, and what a function that calls itself is given, are objects that keep the captures.
#include "import/body.h"
#include "import/class.h"
#include "import/container.h"
#include "import/matrix.h"
#include "import/targets.h"

namespace nabla::front {

const clang::Expr *without_casts(const clang::Expr *e) {
  e = bare(e);
  for (;;) {
    if (auto *c = dyn_cast<clang::CastExpr>(e))
      e = bare(c->getSubExpr());
    else if (auto *m = dyn_cast<clang::MaterializeTemporaryExpr>(e))
      e = bare(m->getSubExpr());
    else if (auto *c = dyn_cast<clang::CXXConstructExpr>(e); c && c->getNumArgs() == 1)
      e = bare(c->getArg(0));
    else if (auto *c = dyn_cast<clang::CallExpr>(e);
             c && c->getNumArgs() == 1 && c->getDirectCallee() &&
             c->getDirectCallee()->isInStdNamespace()) // std::move, std::forward
      e = bare(c->getArg(0));
    else
      return e;
  }
}

namespace {

bool is_closure(clang::QualType t) {
  auto *cls = t.getNonReferenceType()->getAsCXXRecordDecl();
  return cls && cls->isLambda();
}

/// The function that a std::function is made of by its name.
const clang::FunctionDecl *named_function(const clang::Expr *e) {
  auto *u = dyn_cast<clang::UnaryOperator>(e);
  if (u && u->getOpcode() == clang::UO_AddrOf)
    e = bare(u->getSubExpr());
  auto *name = dyn_cast<clang::DeclRefExpr>(e);
  return name ? dyn_cast<clang::FunctionDecl>(name->getDecl()) : nullptr;
}

/// Is the variable given another value, or may it be?
bool is_replaced(const clang::Stmt *s, const clang::VarDecl *v) {
  auto names = [&](const clang::Expr *e) { return e && named_variable(bare(e)) == v; };
  if (auto *l = dyn_cast<clang::LambdaExpr>(s)) {
    for (const clang::LambdaCapture &c : l->captures())
      if (c.capturesVariable() && c.getCapturedVar() == v)
        return true;
    return is_replaced(l->getBody(), v);
  }
  if (auto *c = dyn_cast<clang::CallExpr>(s)) {
    auto *op = dyn_cast<clang::CXXOperatorCallExpr>(c);
    auto *method = dyn_cast<clang::CXXMemberCallExpr>(c);
    bool calls = op && op->getOperator() == clang::OO_Call;
    for (unsigned i = calls ? 1 : 0; i < c->getNumArgs(); ++i)
      if (names(c->getArg(i))) // to a reference that is not const
        return true;
    if (method && names(method->getImplicitObjectArgument()))
      return true;
  }
  if (auto *u = dyn_cast<clang::UnaryOperator>(s);
      u && u->getOpcode() == clang::UO_AddrOf && names(u->getSubExpr()))
    return true;
  if (auto *d = dyn_cast<clang::DeclStmt>(s))
    for (auto *decl : d->decls())
      if (auto *other = dyn_cast<clang::VarDecl>(decl);
          other && other->getType()->isReferenceType() && other->hasInit() && names(other->getInit()))
        return true;
  for (const clang::Stmt *child : s->children())
    if (child && is_replaced(child, v))
      return true;
  return false;
}

} // namespace

/// Does `closure` know what `e` is?
bool Body::names_closure(const clang::Expr *e) const {
  if (!is_closure(e->getType()) && !is_std_function(e->getType()))
    return false;
  bool is_held = !is_closure(e->getType());
  e = without_casts(e);
  const clang::VarDecl *v = named_variable(e);
  return isa<clang::LambdaExpr>(e) || v && closures_.count(v) || is_held && named_function(e) ||
         kept_closure(e);
}

/// The class of a closure that is a member of an object of the function's own, or came as a parameter.
const clang::CXXRecordDecl *Body::kept_closure(const clang::Expr *e) const {
  auto *cls = is_closure(e->getType()) ? e->getType()->getAsCXXRecordDecl() : nullptr;
  if (const clang::VarDecl *v = cls ? named_variable(e) : nullptr; v && vars_.count(v)) {
    ir::Type t = place_of(vars_.at(v)).type();
    const bool is_kept = t.is(ir::Type::Record) && !s_.callers_closures.count(cls->getDefinition());
    return is_kept ? cls->getDefinition() : nullptr;
  }
  auto *m = is_closure(e->getType()) ? dyn_cast<clang::MemberExpr>(e) : nullptr;
  auto *field = m ? dyn_cast<clang::FieldDecl>(m->getMemberDecl()) : nullptr;
  const bool is_captured = !field || cast<clang::CXXRecordDecl>(field->getParent())->isLambda();
  return is_captured ? nullptr : field->getType().getNonReferenceType()->getAsCXXRecordDecl();
}

/// The same for a variable of its own: what an object keeps is copied.
std::optional<Body::Closure> Body::closure_copy(const clang::Expr *e) {
  std::optional<Closure> known = closure(e);
  if (!known || !known->object)
    return known;
  Var made = empty_temp("captured", known->object->type().with_const(false));
  escaped_.insert(made.get());
  copy_value(Place{made, {}}, *known->object);
  return closure_in(Place{made, {}}, known->cls);
}

/// The object that keeps its captures, for a call.
Place Body::closure_place(const clang::Expr *e) {
  std::optional<Closure> known = closure(e);
  if (known && known->object)
    return *known->object;
  if (!known || known->is_mutable() || s_.callers_closures.count(known->cls))
    refuse_expr(e, "this use of a lambda", "write a function object");
  Var made = empty_temp("captured", ir::Type::record(s_.captured(known->cls, e->getExprLoc())));
  escaped_.insert(made.get());
  fill_captures(Place{made, {}}, *known, e, true);
  return Place{made, {}};
}

/// The closure whose captures an object keeps.
Body::Closure Body::closure_in(const Place &state, const clang::CXXRecordDecl *cls) {
  Closure out{cls, {}, nullptr, self_, state};
  llvm::DenseMap<const clang::ValueDecl *, clang::FieldDecl *> fields;
  clang::FieldDecl *captured_this = nullptr;
  cls->getCaptureFields(fields, captured_this);
  for (auto &[v, field] : fields) {
    Place kept = with_step(state, Field{field->getFieldIndex()});
    out.captures[v] = field->getType()->isReferenceType() ? with_step(kept, Deref{}) : kept;
  }
  if (captured_this) {
    Ex object = read(with_step(state, Field{captured_this->getFieldIndex()}));
    out.self = variable("self", ir::Type::reference(object.type().element()));
    emit(Declare{out.self, object});
  }
  return out;
}

/// A local std::function that holds what it was declared with, always.
bool Body::keeps_its_function(const clang::VarDecl *v) const {
  auto *owner = dyn_cast_or_null<clang::FunctionDecl>(v->getParentFunctionOrMethod());
  return v->isLocalVarDecl() && v->hasInit() && names_closure(v->getInit()) && owner &&
         !is_replaced(owner->getBody(), v);
}

/// The closure that `e` writes out or names; its captures are what they were where the lambda was written.
std::optional<Body::Closure> Body::closure(const clang::Expr *e) {
  if (!is_closure(e->getType()) && !is_std_function(e->getType()))
    return std::nullopt;
  bool is_held = !is_closure(e->getType());
  e = without_casts(e);
  if (auto *f = is_held ? named_function(e) : nullptr)
    return Closure{nullptr, {}, f, nullptr};
  if (auto *l = dyn_cast<clang::LambdaExpr>(e)) {
    Var self = self_;
    auto captured = captures(l, self);
    return Closure{l->getLambdaClass(), std::move(captured), nullptr, self};
  }
  if (const clang::CXXRecordDecl *cls = kept_closure(e))
    return closure_in(deref(address(steady(place(e))), {}), cls);
  const clang::VarDecl *v = named_variable(e);
  auto known = v ? closures_.find(v) : closures_.end();
  if (known == closures_.end())
    return std::nullopt;
  return known->second;
}

/// A copy of a lambda that changes its own captures would have to copy them.
void Body::refuse_mutable_copy(const clang::Expr *e) {
  const clang::VarDecl *v = named_variable(without_casts(e));
  auto known = v ? closures_.find(v) : closures_.end();
  if (known != closures_.end() && known->second.is_mutable())
    refuse_expr(e, "a copy of a mutable lambda", "call it by its name, or pass it by reference");
}

void Body::declare_closure(const clang::VarDecl *v) {
  if (!v->getType()->isReferenceType())
    refuse_mutable_copy(v->getInit());
  auto known = v->getType()->isReferenceType() ? closure(v->getInit()) : closure_copy(v->getInit());
  if (!known)
    refuse_expr(v->getInit(), "a lambda that comes from elsewhere",
                "write the lambda here, or a function object");
  closures_[v] = *known;
}

/// Nobody runs the copying, nor the destructors, of closures; and copies of a closure share what it captured.
static void refuse_captured_copy(Shared &s, clang::QualType t, clang::SourceLocation at) {
  auto changes = [](clang::QualType part) {
    auto *cls = part->getAsCXXRecordDecl();
    return cls && cls->hasDefinition() && !cls->isInStdNamespace() &&
           cls->getDefinition()->hasMutableFields();
  };
  if (!t->isAnyPointerType() && !t->isReferenceType() && holds(t, changes))
    s.refuse(Diag::UnsupportedExpression, at,
             {"a captured copy of a class with mutable members", "capture it by reference"});
  if (copies_by_code(t))
    s.refuse(
        Diag::UnsupportedExpression, at,
        {"a captured copy of a class with copying or a destructor of its own", "capture it by reference"});
}

/// [*this]
Var Body::copied_self(const clang::Expr *object, clang::SourceLocation at) {
  refuse_captured_copy(s_, object->getType(), at);
  Var copy = empty_temp("copied", type(object->getType(), at).with_const(false));
  escaped_.insert(copy.get());
  init(Place{copy, {}}, object, true);
  Var self = variable("self", ir::Type::reference(copy->type));
  emit(Declare{self, address(Place{copy, {}})});
  return self;
}

std::map<const clang::ValueDecl *, Place> Body::captures(const clang::LambdaExpr *l, Var &self) {
  std::map<const clang::ValueDecl *, Place> out;
  auto init_of = l->capture_init_begin();
  for (const clang::LambdaCapture &c : l->captures()) {
    const clang::Expr *e = *init_of++;
    if (c.getCaptureKind() == clang::LCK_StarThis)
      self = copied_self(e, c.getLocation());
    if (c.capturesThis())
      continue; // imported in place: `this` means the same there
    if (!c.capturesVariable())
      refuse_expr(l, "this capture", "capture variables by name");
    auto *v = c.getCapturedVar();
    auto *named = dyn_cast<clang::VarDecl>(v);
    if (named && closures_.count(named)) {
      if (c.getCaptureKind() == clang::LCK_ByCopy)
        refuse_mutable_copy(e);
      continue;
    }
    if (c.getCaptureKind() == clang::LCK_ByRef) {
      out[v] = place(e);
      continue;
    }
    if (is_std_function(v->getType()) && is_stored_function(e)) {
      Var copy = empty_temp(v->getNameAsString(), s_.held_function(v->getType(), c.getLocation()));
      emit(Assign{Place{copy, {}}, read(place(named_object(without_casts(e))))});
      out[v] = Place{copy, {}};
      continue;
    }
    refuse_captured_copy(s_, v->getType(), c.getLocation());
    ir::Type t = type(v->getType().getNonReferenceType(), c.getLocation());
    if (t.is(ir::Type::Record) || t.is(ir::Type::Array)) {
      Var copy = empty_temp(v->getNameAsString(), t);
      init(Place{copy, {}}, e, true);
      out[v] = Place{copy, {}};
    } else {
      Var copy = temp(v->getNameAsString(), value(e));
      stable_.erase(copy.get()); // the lambda may be mutable
      out[v] = Place{copy, {}};
    }
  }
  return out;
}

/// A constructor that is given a lambda.
bool Body::construct_in_place(const Place &to, const clang::CXXConstructExpr *e) {
  const clang::FunctionDecl *definition = nullptr;
  bool is_system = s_.context.getSourceManager().isInSystemHeader(e->getConstructor()->getLocation());
  bool given_closure = false;
  for (const clang::Expr *arg : e->arguments())
    given_closure = given_closure || is_closure(arg->getType()) && names_closure(arg) ||
                    !is_system && is_std_function(arg->getType()) &&
                        (names_closure(arg) || is_stored_function(without_casts(arg)));
  if (!given_closure || !e->getConstructor()->hasBody(definition))
    return false;
  auto *constructor = cast<clang::CXXConstructorDecl>(definition);
  if (inlining_.count(constructor) || constructor->isDelegatingConstructor())
    refuse_expr(e, "this use of a lambda", "write a function object");
  for (const clang::CXXCtorInitializer *i : constructor->inits())
    find_uses(i->getInit(), uses_);
  if (to.root->kind == Variable::Local)
    escaped_.insert(to.root.get());
  bind_parameters(constructor, {e->arg_begin(), e->arg_end()});
  Var outer_self = std::exchange(self_, variable("self", ir::Type::reference(to.type())));
  emit(Declare{self_, address(to)});
  inlining_.insert(constructor);
  initialise_members(constructor);
  (void)import_in_place(e, constructor, "made");
  inlining_.erase(constructor);
  self_ = outer_self;
  return true;
}

/// nabla::gradient(lambda, ...): no derivative takes what the lambda captures as an object.
static bool is_request(const clang::FunctionDecl *f) {
  auto *space = dyn_cast<clang::NamespaceDecl>(f->getDeclContext()->getEnclosingNamespaceContext());
  return space && space->getName() == "nabla" && f->getIdentifier() &&
         one_of(f->getNameAsString(), {"gradient", "value_and_gradient", "pullback", "pushforward", "hvp",
                                       "gradient_and_hvp", "derivative", "hessian", "hessian_diagonal",
                                       "jacobian", "sparse_jacobian", "sparse_hessian", "check_gradient"});
}

/// A call of a closure, or of a function that is given one.
bool Body::in_place(const clang::CallExpr *e, std::optional<Ex> &result) {
  auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e);
  bool calls_held = op && op->getOperator() == clang::OO_Call && is_std_function(op->getArg(0)->getType()) &&
                    names_closure(op->getArg(0));
  bool calls_closure =
      calls_held || op && op->getOperator() == clang::OO_Call && is_closure(op->getArg(0)->getType());
  bool given_closure = false;
  const clang::FunctionDecl *f = e->getDirectCallee(), *body = nullptr;
  bool is_system = f && s_.context.getSourceManager().isInSystemHeader(f->getLocation());
  for (const clang::Expr *arg : e->arguments())
    given_closure = given_closure || is_closure(arg->getType()) && !(is_system && has_object(f)) ||
                    !is_system && is_std_function(arg->getType()) &&
                        (names_closure(arg) || is_stored_function(without_casts(arg)));
  if (calls_held) {
    auto known = closure(op->getArg(0));
    f = known->function ? known->function : known->cls->getLambdaCallOperator();
    if (f->isDependentContext())
      refuse_expr(e, "a generic lambda in a std::function", "give the lambda's parameters types");
    for (const clang::ParmVarDecl *p : f->parameters())
      if (!p->getType()->isReferenceType() && copies_by_code(p->getType()))
        refuse_expr(e,
                    "a std::function that is given a copy of a class with copying or a destructor of its own",
                    "take it by reference");
  }
  bool given_matrix = f && !is_system && llvm::any_of(f->parameters(), [](const clang::ParmVarDecl *p) {
                        return is_matrix_expression(p->getType());
                      });
  bool visits = f && is_of_std(f) && f->getIdentifier() && f->getName() == "visit"; // variant.cpp
  if (!calls_closure && !given_closure && !given_matrix || visits || !f || !f->hasBody(body))
    return false;
  if (!calls_closure && is_request(f))
    s_.refuse(Diag::SecondOrderCall, e->getExprLoc(),
              {"nabla::" + f->getNameAsString() + " of a lambda",
               "give the lambda a name: write a function, or a class with operator() for what it captures"});
  auto *m = dyn_cast<clang::CXXMethodDecl>(f);
  bool is_method = !calls_closure && has_object(f);
  const bool recurs = inlining_.count(body) || body->getCanonicalDecl() == f_->getCanonicalDecl();
  if (recurs && !calls_held && !(is_method && m->isVirtual()) &&
      llvm::none_of(e->arguments(), [](auto *arg) { return is_std_function(arg->getType()); }))
    return false; // a call, with the closures as objects
  if (recurs || is_method && m->isVirtual())
    refuse_expr(e, "this use of a lambda", "write a function object");
  Var outer_self = self_, inner_self = self_;
  std::map<const clang::ValueDecl *, Place> bound;
  if (calls_closure) {
    auto known = closure(op->getArg(0));
    if (!known)
      return false; // an object that came as a parameter: a method
    bound = known->captures;
    if (known->cls)
      inner_self = known->self;
  }
  if (is_method) { // the object first
    auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e);
    const clang::Expr *object = mc ? mc->getImplicitObjectArgument() : e->getArg(0);
    Place p = object->getType()->isPointerType() ? deref(value(object), {}) : place(object);
    inner_self = variable("self", ir::Type::reference(p.type()));
    emit(Declare{inner_self, address(p)});
  }
  bool drops_first = calls_closure || is_method && op;
  std::vector<const clang::Expr *> args(e->arg_begin() + (drops_first ? 1 : 0), e->arg_end());
  bind_parameters(body, args);
  self_ = inner_self;
  auto outer_named = named_places_;
  for (auto &[d, p] : bound)
    named_places_[d] = p;
  inlining_.insert(body);
  const clang::VarDecl *v = calls_closure ? named_variable(without_casts(op->getArg(0))) : nullptr;
  std::string name = v ? v->getNameAsString() : f->getIdentifier() ? f->getName().str() : "lambda";
  try {
    result = import_in_place(e, body, name);
  } catch (Refusal &) {
    if (!s_.context.getSourceManager().isInSystemHeader(body->getLocation()))
      throw;
    refuse_expr(e, "the library function '" + s_.qualified(f) + "'", "write it out as a loop");
  }
  inlining_.erase(body);
  self_ = outer_self;
  named_places_ = std::move(outer_named);
  if (calls_held && result) // what a std::function gives may be of another type
    result = convert(*result, type(e->getType(), e->getExprLoc()));
  return true;
}

/// May the body write what another argument, or a capture, leads to?
static bool may_change_others(const clang::FunctionDecl *f) {
  auto *m = dyn_cast<clang::CXXMethodDecl>(f);
  if (m && m->getParent()->isLambda())
    for (const clang::LambdaCapture &c : m->getParent()->captures())
      if (c.capturesThis() || c.getCaptureKind() == clang::LCK_ByRef)
        return true;
  if (m && !m->getParent()->isLambda() && !m->isStatic() && !m->isConst())
    return true;
  return llvm::any_of(f->parameters(), [](const clang::ParmVarDecl *p) {
    clang::QualType t = p->getType();
    return (t->isReferenceType() || t->isPointerType()) && !t->getPointeeType().isConstQualified();
  });
}

void Body::bind_parameters(const clang::FunctionDecl *f, const std::vector<const clang::Expr *> &args) {
  std::vector<std::pair<const clang::ParmVarDecl *, Var>> params;
  for (unsigned i = 0; i < f->getNumParams(); ++i) {
    const clang::ParmVarDecl *p = f->getParamDecl(i);
    const clang::Expr *arg = args.at(i);
    if (is_matrix_expression(p->getType())) {
      matrices().bind(p, arg, may_change_others(f));
      continue;
    }
    if (is_closure(p->getType()) || is_std_function(p->getType()) && names_closure(arg)) {
      auto known = p->getType()->isReferenceType() ? closure(arg) : closure_copy(arg);
      if (!known)
        refuse_expr(arg, "this use of a lambda", "write a function object");
      if (!p->getType()->isReferenceType())
        refuse_mutable_copy(arg);
      closures_[p] = *known;
      continue;
    }
    if (is_std_function(p->getType()) && is_stored_function(without_casts(arg))) {
      if (p->getType()->isReferenceType()) {
        require_same_function(without_casts(arg), p->getType());
        named_places_[p] = steady(place(without_casts(arg)));
        continue;
      }
      Var copy = empty_temp(p->getNameAsString(), s_.held_function(p->getType(), p->getLocation()));
      set_function(Place{copy, {}}, p->getType(), arg);
      named_places_[p] = Place{copy, {}};
      continue;
    }
    ir::Type t = type(p->getType(), p->getLocation());
    Ex a = t.is_reference() ? bind(arg) : convert(value(arg), t);
    Var var = variable(p->getNameAsString().empty() ? "unnamed" : p->getNameAsString(), t);
    emit(Declare{var, a});
    begin_temporary(Place{var, {}}, p->getType());
    params.emplace_back(p, var);
  }
  find_uses(f->getBody(), uses_);
  for (auto &[p, var] : params) {
    vars_[p] = var;
    if (uses_.escaped.count(p))
      escaped_.insert(var.get());
  }
}

/// The body as a block that `return` leaves; its value in a variable.
std::optional<Ex> Body::import_in_place(const clang::Expr *e, const clang::FunctionDecl *f,
                                        const std::string &name) {
  Shared::Inside library(s_, f, e);
  bool gives_closure = is_closure(f->getReturnType()); // std::for_each: nobody takes it
  ir::Type result_type = gives_closure ? ir::Type::void_type() : type(f->getReturnType(), e->getExprLoc());
  const bool refers = result_type.is_reference();
  Var result;
  if (refers)
    result = variable(name + "_at", ir::Type::pointer(result_type.element()));
  else if (!result_type.is(ir::Type::Void))
    result = empty_temp(name + "_value", result_type);
  returns_.push_back({label("return"), result, living_.size(), 0, refers});
  auto outer_breaks = std::exchange(breaks_, {});
  auto outer_continues = std::exchange(continues_, {});
  Block inlined = capture([&] { stmt(f->getBody()); });
  breaks_ = std::move(outer_breaks);
  continues_ = std::move(outer_continues);
  ReturnTarget target = returns_.back();
  returns_.pop_back();
  auto *last = inlined.empty() ? nullptr : std::get_if<Exit>(&inlined.back().node);
  if (last && last->label == target.label) { // leaves where the block ends anyway
    inlined.pop_back();
    --target.count;
  }
  auto *refers_to =
      refers && !inlined.empty() && !target.count ? std::get_if<Assign>(&inlined.back().node) : nullptr;
  auto *place =
      refers_to && refers_to->to.root == result ? std::get_if<AddressOf>(&refers_to->value->node) : nullptr;
  if (place) { // one return statement: the place itself
    Ex object = read(place->place);
    inlined.pop_back();
    emit(std::move(inlined));
    return object;
  }
  if (refers)
    emit(Declare{result, std::nullopt});
  if (target.count == 0)
    emit(std::move(inlined));
  else
    emit(Scope{target.label, std::move(inlined)});
  if (refers)
    return read(with_step(Place{result, {}}, Deref{}));
  return result ? std::optional(read(result)) : std::nullopt;
}

Ex Body::lambda(const clang::LambdaExpr *e) {
  refuse_expr(e, "a lambda used as a value",
              "call it where it is written, give it a name with auto, or pass it to a function template");
}

} // namespace nabla::front
