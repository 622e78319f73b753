// Calls through pointers to functions and methods, and through std::function objects that come from outside: a choice among
// what this file takes the address of, or puts into such an object.
// `p(x)` -> which = nabla::which_function<double (double)>(p, {&f, &g}); if (which == 0) called = f(x) else ...
#include "import/body.h"
#include "import/targets.h"

namespace nabla::front {

namespace {

ir::Type which_type() { return ir::Type::integer("int"); }

struct Pointed {
  const clang::Expr *pointer, *object; ///< object: of a pointer to methods
};

/// What is called through, if that is a pointer to functions or to methods.
Pointed pointed_function(const clang::CallExpr *e) {
  const clang::Expr *callee = bare(e->getCallee());
  if (auto *b = dyn_cast<clang::BinaryOperator>(callee); b && b->isPtrMemOp())
    return {b->getRHS(), b->getLHS()};
  if (auto *c = dyn_cast<clang::CastExpr>(callee); c && c->getCastKind() == clang::CK_FunctionToPointerDecay)
    callee = bare(c->getSubExpr());
  if (auto *u = dyn_cast<clang::UnaryOperator>(callee); u && u->getOpcode() == clang::UO_Deref)
    callee = bare(u->getSubExpr());
  return {callee, nullptr};
}

/// The lambda whose conversion to a pointer this is.
const clang::CXXRecordDecl *converted_lambda(const clang::Expr *e) {
  auto *call = dyn_cast<clang::CXXMemberCallExpr>(e);
  auto *conversion = call ? dyn_cast_or_null<clang::CXXConversionDecl>(call->getMethodDecl()) : nullptr;
  return conversion && conversion->getParent()->isLambda() && e->getType()->isFunctionPointerType()
             ? conversion->getParent()
             : nullptr;
}

/// The body behind the function that a lambda is converted to.
const clang::CXXMethodDecl *invoked(const clang::CXXMethodDecl *invoker) {
  const clang::CXXMethodDecl *body = invoker->getParent()->getLambdaCallOperator();
  auto *generic = body->getDescribedFunctionTemplate();
  if (!generic)
    return body;
  void *at = nullptr;
  auto *instance = generic->findSpecialization(invoker->getTemplateSpecializationArgs()->asArray(), at);
  return cast_or_null<clang::CXXMethodDecl>(instance);
}

} // namespace

const clang::CXXMethodDecl *held_operator(const clang::CXXRecordDecl *cls,
                                          const std::vector<clang::QualType> &types) {
  std::vector<const clang::CXXMethodDecl *> all;
  for (const clang::CXXMethodDecl *m : cls->methods())
    if (m->getOverloadedOperator() == clang::OO_Call)
      all.push_back(m);
  return all.size() == 1 ? all[0] : call_for(cls, types);
}

/// A function as a value: its address, as text.
std::optional<Ex> Body::function_value(const clang::Expr *e) {
  e = bare(e);
  clang::QualType t = e->getType();
  if (const clang::CXXRecordDecl *closure = converted_lambda(e))
    return make(Const{s_.address(closure, t->getPointeeType())}, type(t, e->getExprLoc()));
  if (auto *c = dyn_cast<clang::CastExpr>(e); c && c->getCastKind() == clang::CK_FunctionToPointerDecay)
    e = bare(c->getSubExpr());
  else if (auto *u = dyn_cast<clang::UnaryOperator>(e); u && u->getOpcode() == clang::UO_AddrOf)
    e = bare(u->getSubExpr());
  else
    return std::nullopt;
  if (auto *c = dyn_cast<clang::ConditionalOperator>(e)) { // g ? f : h, which decays
    auto side = [&](const clang::Expr *x) -> std::optional<Ex> {
      auto *named = dyn_cast<clang::DeclRefExpr>(bare(x));
      auto *f = named ? dyn_cast<clang::FunctionDecl>(named->getDecl()) : nullptr;
      return f ? std::optional(make(Const{s_.address(f)}, type(t, e->getExprLoc()))) : std::nullopt;
    };
    std::optional<Ex> yes = side(c->getTrueExpr()), no = side(c->getFalseExpr());
    if (!yes || !no)
      return std::nullopt;
    Ex cond = truth(value(c->getCond()));
    return make(Select{cond, *yes, *no}, yes->type());
  }
  auto *name = dyn_cast<clang::DeclRefExpr>(e);
  auto *f = name ? dyn_cast<clang::FunctionDecl>(name->getDecl()) : nullptr;
  if (!f)
    return std::nullopt;
  return make(Const{s_.address(f)}, type(t, e->getExprLoc()));
}

// ---- Pointers -------------------------------------------------------------------------------------------

KnownTarget Body::pointed_target(clang::SourceLocation at, const clang::FunctionDecl *f) {
  auto *m = dyn_cast<clang::CXXMethodDecl>(f);
  if (m && m->isVirtual())
    s_.refuse(Diag::DynamicCall, at, {"'" + s_.qualified(f) + "' is virtual: call it by its name"});
  if (std::optional<Rule> rule = library_rule(f, s_.context.getSourceManager()))
    return {f, s_.callee(f), s_.address(f), "", rule};
  const clang::CXXMethodDecl *body = m && m->isLambdaStaticInvoker() ? invoked(m) : nullptr;
  std::string closure = body && has_object(body) ? s_.spelling(s_.context.getRecordType(m->getParent())) : "";
  return {f, known_target(at, body ? body : f), s_.address(f), closure, {}};
}

/// What a pointer of this type may lead to.
std::vector<KnownTarget> Body::known_targets(clang::SourceLocation at, clang::QualType pointer) {
  std::vector<KnownTarget> out;
  for (const clang::FunctionDecl *f : functions_of(s_.targets(), pointer, s_.context))
    out.push_back(pointed_target(at, f));
  if (out.empty())
    s_.refuse(Diag::DynamicCall, at,
              {"no function of this type has its address taken in this file: take it here, or call it by its "
               "name"});
  return out;
}

/// The number among them of the one that the pointer leads to.
Ex Body::which_target(const Ex &pointer, clang::QualType t, const std::vector<KnownTarget> &all) {
  auto *to_method = t->getAs<clang::MemberPointerType>();
  clang::QualType signature = to_method ? to_method->getPointeeType() : t->getPointeeType();
  std::string chooser = to_method ? "nabla::which_method<" : "nabla::which_function<";
  chooser += s_.spelling(signature.getCanonicalType());
  if (to_method)
    chooser += ", " + s_.spelling(clang::QualType(to_method->getClass(), 0));
  std::string names;
  for (const KnownTarget &each : all)
    names += (names.empty() ? "" : ", ") + each.address;
  return read(asked(chooser + ">", which_type(), {pointer, make(Const{"{" + names + "}"}, which_type())}));
}

/// What a call of this target is given before its arguments: the lambda, which holds nothing.
std::vector<Ex> Body::closure_of(const KnownTarget &target) {
  if (target.closure.empty())
    return {};
  ir::Type object = ir::Type::pointer(target.callee->params[0].element().with_const());
  return {read(temp("lambda", native("call nabla::lambda<" + target.closure + ">", {}, object)))};
}

void Body::call_target(const KnownTarget &target, const std::vector<Ex> &args,
                       const std::optional<Place> &result) {
  if (!target.rule)
    return emit(Call{target.callee, args, result});
  if (result)
    emit(Assign{*result, apply(*target.rule, args, result->type().with_const(false))});
}

/// f(x) through a pointer to functions, (object.*m)(x) through one to methods.
std::optional<Ex> Body::indirect_call(const clang::CallExpr *e, const Place *into, bool unused,
                                      bool as_object) {
  Pointed pointed = pointed_function(e);
  clang::QualType t = pointed.pointer->getType();
  if (!t->isFunctionPointerType() && !t->isMemberFunctionPointerType())
    s_.refuse(Diag::DynamicCall, e->getExprLoc(), {"call the function by its name, or through a pointer"});
  std::vector<KnownTarget> all = known_targets(e->getExprLoc(), t);
  CalleeRef like = all[0].closure.empty() ? all[0].callee : s_.callee(all[0].function);
  Ex pointer = freeze_now(value(pointed.pointer), "function");
  std::vector<Ex> args =
      pointed.object ? method_arguments(e, pointed.object, *like) : arguments(e, all[0].function, *like);
  Ex which = which_target(pointer, t, all);
  return make_call(*like, "called", e, into, unused, as_object,
                   [&](const std::optional<Place> &result, const std::optional<Ex> &through) {
                     if (through)
                       args.push_back(*through);
                     std::vector<Branch> branches;
                     for (unsigned i = 0; i < all.size(); ++i)
                       branches.push_back({i, [&, i] {
                                             std::vector<Ex> given = closure_of(all[i]);
                                             given.insert(given.end(), args.begin(), args.end());
                                             call_target(all[i], given, result);
                                           }});
                     emit_choice(which, branches, 0);
                   });
}

std::vector<Ex> Body::method_arguments(const clang::CallExpr *e, const clang::Expr *object, const Callee &c) {
  std::vector<Ex> out;
  argument(object, c.params.at(0), object->getType()->isPointerType(), out);
  for (unsigned i = 0; i < e->getNumArgs(); ++i)
    argument(e->getArg(i), c.params.at(i + 1), false, out);
  return out;
}

// ---- std::function --------------------------------------------------------------------------------------

/// f(x) where f is a parameter: what it holds is not differentiated by.
std::optional<Ex> Body::function_object_call(const clang::CXXOperatorCallExpr *e, const Place *into,
                                             bool unused, bool as_object) {
  const clang::Expr *object = e->getArg(0);
  if (is_stored_function(object))
    return call_stored(e, place(object));
  if (!s_.context.getLangOpts().RTTI)
    s_.refuse(Diag::DynamicCall, e->getExprLoc(), {"compile with run-time type information (-frtti)"});
  const clang::VarDecl *v = named_variable(named_object(object));
  if (!v || !isa<clang::ParmVarDecl>(v))
    s_.refuse(
        Diag::DynamicCall, e->getExprLoc(),
        {"pass the std::function as a parameter, or give it its value where it is declared and no other"});
  std::string names;
  std::vector<HeldFunction> all = held_functions(e);
  for (const HeldFunction &each : all)
    names += (names.empty() ? "" : ", ") + each.type;
  Ex f = read(place(object));
  Ex which = read(asked("nabla::which_held<" + names + ">", which_type(), {f}));
  std::vector<Ex> args;
  for (unsigned i = 1; i < e->getNumArgs(); ++i)
    argument(e->getArg(i), type(e->getDirectCallee()->getParamDecl(i - 1)->getType(), e->getExprLoc()), false,
             args);
  Callee like = *all[0].targets[0].callee;
  like.result = type(e->getType(), e->getExprLoc());
  return make_call(like, "called", e, into, unused, as_object,
                   [&](const std::optional<Place> &result, const std::optional<Ex> &through) {
                     if (through)
                       refuse_expr(e, "a std::function that returns a container", "fill a parameter");
                     std::vector<Branch> branches;
                     for (unsigned i = 0; i < all.size(); ++i)
                       branches.push_back({i, [&, i] { call_held(e, all[i], f, args, result); }});
                     emit_choice(which, branches, 0);
                   });
}

/// What this file puts into a std::function of the type of the one that `e` calls.
std::vector<HeldFunction> Body::held_functions(const clang::CXXOperatorCallExpr *e) {
  std::vector<HeldFunction> out;
  std::vector<clang::QualType> types;
  for (const clang::ParmVarDecl *p : e->getDirectCallee()->parameters())
    types.push_back(p->getType());
  for (clang::QualType t : held_types(e->getArg(0)->getType()->getAsCXXRecordDecl())) {
    std::string spelled = s_.spelling(t);
    if (t->isFunctionPointerType()) {
      out.push_back({spelled, t, known_targets(e->getExprLoc(), t)});
      continue;
    }
    auto *cls = t->getAsCXXRecordDecl();
    if (cls && cls->isLambda())
      s_.callers_closures.insert(cls->getDefinition());
    const clang::CXXMethodDecl *m =
        cls && cls->hasDefinition() ? held_operator(cls->getDefinition(), types) : nullptr;
    if (!m)
      s_.refuse(Diag::DynamicCall, e->getExprLoc(),
                {"'" + t.getAsString() +
                 "', which this file puts into such a std::function, has no one operator() "
                 "that can be looked into: put a lambda into it"});
    out.push_back({spelled, {}, {{m, known_target(e->getExprLoc(), m), "", spelled, {}}}});
  }
  if (out.empty())
    s_.refuse(Diag::DynamicCall, e->getExprLoc(),
              {"this file puts nothing into a std::function of this type: do so here, or call a function by "
               "its name"});
  return out;
}

void Body::call_held(const clang::Expr *e, const HeldFunction &held, const Ex &f, const std::vector<Ex> &args,
                     const std::optional<Place> &result) {
  if (held.pointer.isNull()) {
    const KnownTarget &only = held.targets[0];
    ir::Type object = ir::Type::pointer(only.callee->params[0].element().with_const());
    Ex state = read(temp("held", native("call nabla::held<" + held.type + ">", {f}, object)));
    return call_adapted(e, only, {state}, args, result);
  }
  ir::Type t = type(held.pointer, e->getExprLoc());
  Ex pointer = read(temp("function", native("call nabla::held_pointer<" + held.type + ">", {f}, t)));
  Ex which = which_target(pointer, held.pointer, held.targets);
  std::vector<Branch> branches;
  for (unsigned i = 0; i < held.targets.size(); ++i)
    branches.push_back(
        {i, [&, i] { call_adapted(e, held.targets[i], closure_of(held.targets[i]), args, result); }});
  emit_choice(which, branches, 0);
}

/// What a call passes for a parameter, of a value or of a pointer to an object: an object of another type is converted.
Ex Body::adapted(const clang::Expr *e, const ir::Type &as, const Ex &given) {
  const bool is_object = given.type().is(ir::Type::Pointer);
  if (!as.is(ir::Type::Pointer))
    return convert(is_object ? read(deref(given, {})) : given, as);
  auto is_number = [](const ir::Type &t) { return t.is(ir::Type::Real) || t.is_discrete(); };
  if (is_object && as.element().without_const() == given.type().element().without_const())
    return given;
  Ex v = is_object ? read(deref(given, {})) : given;
  if (!as.is_reference()) // a pointer
    return v;
  if (is_object && !as.element().is_const() || !is_number(as.element()) || !is_number(v.type()))
    refuse_expr(e, "this std::function", "give what it holds the parameters of its signature");
  Var copy = temp("value", convert(v, as.element().with_const(false)));
  escaped_.insert(copy.get());
  return address(Place{copy, {}});
}

/// A call with arguments and a result of the std::function's types, which may be others than the callee's.
void Body::call_adapted(const clang::Expr *e, const KnownTarget &target, std::vector<Ex> given,
                        const std::vector<Ex> &args, const std::optional<Place> &result) {
  const CalleeRef &c = target.callee;
  const std::size_t first = given.size();
  if (c->params.size() != args.size() + first)
    refuse_expr(e, "this std::function", "give what it holds the parameters of its signature");
  for (std::size_t i = 0; i < args.size(); ++i)
    given.push_back(adapted(e, c->params[i + first], args[i]));
  if (!result || c->result == result->type())
    return call_target(target, given, result);
  Var made = empty_temp("value", c->result);
  stable_.insert(made.get());
  call_target(target, given, Place{made, {}});
  emit(Assign{*result, convert(read(made), result->type())});
}

} // namespace nabla::front
