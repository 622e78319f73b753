// std::function objects that the function itself makes and changes: a number that says which lambda or function of this
// file it holds, and for each lambda a pointer to what that captured. A call is a choice, the lambda's body in place in each
// branch, so captured reals have derivatives.
//
//   std::function<double(double)> f = [k](double x) { return k * x; };   f(y)
//   ->  f.which = 1; f.third = record {k};   if (f.which == 1) { called = f.third->k * y; } else ...
//
// One that a caller keeps in an object or a container is seen as such a number as well; its second member, `origin`, says
// which one it was.
#include "import/body.h"
#include "import/class.h"
#include "import/targets.h"
#include "ir/print.h"

namespace nabla::front {

namespace {

clang::QualType signature_of(clang::QualType function) {
  auto *cls = cast<clang::ClassTemplateSpecializationDecl>(function->getAsCXXRecordDecl());
  return cls->getTemplateArgs()[0].getAsType();
}

/// Would a call change the object that is held? Copies must not share what it changes.
bool changes_itself(const clang::CXXRecordDecl *cls) {
  auto changes = [](const clang::FunctionDecl *f) {
    auto *m = dyn_cast<clang::CXXMethodDecl>(f);
    return m && m->getOverloadedOperator() == clang::OO_Call && !m->isConst() && !m->isStatic();
  };
  for (const clang::Decl *d : cls->decls()) {
    auto *made_from = dyn_cast<clang::FunctionTemplateDecl>(d);
    auto *f = made_from ? made_from->getTemplatedDecl() : dyn_cast<clang::FunctionDecl>(d);
    if (f && changes(f))
      return true;
  }
  return holds(cls->getASTContext().getRecordType(cls), [](clang::QualType part) {
    auto *inner = part->getAsCXXRecordDecl();
    return inner && inner->hasDefinition() && !inner->isInStdNamespace() &&
           llvm::any_of(inner->getDefinition()->fields(),
                        [](const clang::FieldDecl *f) { return f->isMutable(); });
  });
}

/// std::plus and its kin have no members; what std::bind makes does not say what it calls.
bool is_looked_into(const clang::CXXRecordDecl *cls) {
  return (!cls->isInStdNamespace() || cls->isEmpty()) && !changes_itself(cls);
}

/// In this order they are numbered, from 1; 0 is an empty std::function. Function objects, then functions.
std::vector<HeldTarget> targets_of(const Targets &known, clang::QualType function) {
  std::vector<HeldTarget> out;
  clang::ASTContext &context = function->getAsCXXRecordDecl()->getASTContext();
  auto held = held_types(function->getAsCXXRecordDecl()->getDefinition());
  for (clang::QualType t : held)
    if (auto *cls = t->getAsCXXRecordDecl();
        cls && cls->hasDefinition() && is_looked_into(cls->getDefinition()))
      out.push_back({cls->getDefinition(), nullptr});
  clang::QualType own = context.getPointerType(signature_of(function)); // nabla::held_number counts these
  if (llvm::any_of(held, [&](clang::QualType t) { return context.hasSameType(t, own); }))
    for (const clang::FunctionDecl *f : functions_of(known, own, context))
      out.push_back({nullptr, f});
  for (clang::QualType t : held)
    if (t->isFunctionPointerType() && !context.hasSameType(t, own))
      for (const clang::FunctionDecl *f : functions_of(known, t, context))
        out.push_back({nullptr, f});
  return out;
}

clang::QualType function_class(clang::QualType t) {
  return t.getNonReferenceType().getCanonicalType().getUnqualifiedType();
}

/// From 1; 0 if it is none of them.
unsigned number_of(const std::vector<HeldTarget> &all, const clang::CXXRecordDecl *closure,
                   const clang::FunctionDecl *function) {
  auto is_this = [&](const HeldTarget &t) {
    return closure ? t.closure && t.closure->getCanonicalDecl() == closure->getCanonicalDecl()
                   : t.function && t.function->getCanonicalDecl() == function->getCanonicalDecl();
  };
  auto found = llvm::find_if(all, is_this);
  return found == all.end() ? 0 : found - all.begin() + 1;
}

/// The expression itself or the first one inside of its casts, temporaries and conversions that is so; or null.
const clang::Expr *inner_where(const clang::Expr *e, llvm::function_ref<bool(const clang::Expr *)> is_so) {
  while (e) {
    e = bare(e);
    if (is_so(e))
      return e;
    auto *c = dyn_cast<clang::CXXConstructExpr>(e);
    auto *made = dyn_cast<clang::MaterializeTemporaryExpr>(e);
    auto *cast = dyn_cast<clang::CastExpr>(e);
    e = cast                        ? cast->getSubExpr()
        : made                      ? made->getSubExpr()
        : c && c->getNumArgs() == 1 ? c->getArg(0)
                                    : nullptr;
  }
  return nullptr;
}

/// std::move of a std::function, or what else gives up its value.
bool is_moved(const clang::Expr *e) {
  return inner_where(e, [](const clang::Expr *x) { return x->isXValue() && is_std_function(x->getType()); });
}

/// The function object in an initialiser of a std::function.
const clang::Expr *held_object(const clang::Expr *e, const std::vector<HeldTarget> &all) {
  return inner_where(e, [&](const clang::Expr *x) {
    auto *cls = x->getType()->getAsCXXRecordDecl();
    return cls && !cls->isLambda() && cls->hasDefinition() && number_of(all, cls->getDefinition(), nullptr);
  });
}

Place which_of(const Place &f) { return with_step(f, Field{0}); }
constexpr unsigned origin = 1, first_state = 2;

} // namespace

ir::Type Shared::held_function(clang::QualType function, clang::SourceLocation at) {
  function = function_class(function);
  std::shared_ptr<const Struct> &known = held_[function->getAsCXXRecordDecl()];
  if (known && unfinished_.count(known.get()))
    refuse(Diag::UnsupportedType, at,
           {spelling(function),
            "a lambda in it captures one of the same type: call that in a lambda of its own"});
  if (known)
    return ir::Type::record(known);
  auto made = std::make_shared<Struct>();
  known = made;
  unfinished_.insert(made.get());
  try {
    fill_held(*made, function, at);
  } catch (...) {
    unfinished_.erase(made.get());
    known = nullptr;
    throw;
  }
  unfinished_.erase(made.get());
  return ir::Type::record(known);
}

/// Members inside, and how a caller's object is asked for them (diff/carrier.cpp).
void Shared::fill_held(Struct &made, clang::QualType function, clang::SourceLocation at) {
  auto outside = std::make_shared<Struct>();
  outside->spelling = spelling(function);
  outside->is_aggregate = false;
  outside->is_function = true;
  ir::Type itself =
      ir::Type::integer("nabla::pointer_to<const " + outside->spelling + ">"); // compared, no more
  std::string known, objects;
  std::vector<ir::Type> states;
  for (const HeldTarget &t : targets_of(targets(), function)) {
    if (t.function) {
      if (context.hasSameFunctionTypeIgnoringExceptionSpec(signature_of(function), t.function->getType()))
        known += (known.empty() ? "" : ", ") + address(t.function);
      continue;
    }
    std::string name = spelling(context.getRecordType(t.closure));
    objects += ", " + name;
    states.push_back(ir::Type::pointer(t.closure->isLambda() ? ir::Type::record(captured(t.closure, at))
                                                             : type(context.getRecordType(t.closure), at)));
    ir::Type given = t.closure->isLambda() ? ir::Type::record(captured_outside_.at(t.closure))
                                           : states.back().element().outside();
    outside->fields.push_back({"nabla::held<" + name + ">", ir::Type::pointer(given.with_const())});
  }
  std::string number = "nabla::held_number<" + spelling(signature_of(function)) + objects + ">";
  outside->fields.insert(outside->fields.begin(),
                         {{number, ir::Type::integer()}, {"{" + known + "}", ir::Type::integer()}});
  made.fields = {{"first", ir::Type::integer()}, {"rest.first", itself}};
  made.spelling = "nabla::members<int, " + spell(itself);
  std::string way = "rest.rest.";
  for (const ir::Type &state : states) {
    made.spelling += ", " + spell(state);
    made.fields.push_back({way + "first", state});
    way += "rest.";
  }
  made.spelling += ">";
  made.is_function = true;
  made.outside = outside;
}

std::shared_ptr<const Struct> Shared::captured(const clang::CXXRecordDecl *closure,
                                               clang::SourceLocation at) {
  std::shared_ptr<const Struct> &known = captured_[closure];
  if (known)
    return known;
  auto made = std::make_shared<Struct>(), outside = std::make_shared<Struct>();
  std::string members, way;
  for (auto *field : closure->fields()) {
    clang::QualType t = field->getType();
    if (has_own_copying(t))
      refuse(Diag::UnsupportedType, at, {spelling(t), "capture it by reference"});
    ir::Type kept = is_std_function(t) ? held_function(t, at) : type(t.getNonReferenceType(), at);
    kept = t->isReferenceType() ? ir::Type::pointer(kept) : kept.with_const(false);
    if (kept.is(ir::Type::Opaque))
      refuse(Diag::UnsupportedType, at, {spelling(t), "capture numbers, containers and classes of them"});
    made->fields.push_back({way + "first", kept});
    ir::Type given = t->isReferenceType() ? ir::Type::reference(kept.element().outside()) : kept.outside();
    std::string name = field->getDeclName() ? field->getNameAsString()
                                            : "__nabla_c" + std::to_string(field->getFieldIndex());
    outside->fields.push_back({name, given});
    members += (members.empty() ? "" : ", ") + spell(kept);
    way += "rest.";
  }
  made->spelling = "nabla::members<" + members + ">";
  outside->spelling = spelling(context.getRecordType(closure));
  outside->is_aggregate = false;
  captured_outside_[closure] = outside;
  return captured_[closure] = made;
}

/// Is it an object that this function keeps as such a number, not one that its caller passed?
bool Body::is_stored_function(const clang::Expr *e) {
  if (!is_std_function(e->getType()) || names_closure(e))
    return false;
  e = without_casts(e);
  if (!e->isGLValue())
    return false;
  if (const clang::VarDecl *v = named_variable(e)) {
    if (auto known = vars_.find(v); known != vars_.end())
      return place_of(known->second).type().is(ir::Type::Record);
    auto named = named_places_.find(v);
    return named != named_places_.end() && named->second.type().is(ir::Type::Record);
  }
  if (auto *name = dyn_cast<clang::DeclRefExpr>(e); name && isa<clang::BindingDecl>(name->getDecl()))
    return place(e).type().is(ir::Type::Record);
  return isa<clang::MemberExpr, clang::ArraySubscriptExpr, clang::CallExpr>(e) ||
         isa<clang::UnaryOperator>(e);
}

/// Only vectors, classes and variables hold std::functions as numbers.
void Body::require_held(const Place &f, const clang::Expr *at) {
  if (!f.type().is(ir::Type::Record) || !f.type().members().is_function)
    s_.refuse(Diag::DynamicCall, at ? at->getExprLoc() : f_->getLocation(),
              {"keep this std::function in a variable, a std::vector or a class, and call it there"});
}

/// One of another type would be wrapped, and numbers what it holds in its own way.
void Body::require_same_function(const clang::Expr *given, clang::QualType function) {
  if (!s_.context.hasSameType(function_class(given->getType()), function_class(function)))
    s_.refuse(Diag::DynamicCall, given->getExprLoc(),
              {"give it a std::function of the same type, or a lambda that calls this one"});
}

void Body::set_function(const Place &to, clang::QualType function, const clang::Expr *e) {
  require_held(to, e);
  function = function_class(function);
  const clang::Expr *made = e ? without_casts(e) : nullptr;
  auto *empty = dyn_cast_or_null<clang::CXXConstructExpr>(made);
  if (!made || isa<clang::CXXNullPtrLiteralExpr>(made) ||
      empty && empty->getNumArgs() == 0 && is_std_function(empty->getType()))
    return zero_fill(to);
  if (is_stored_function(made)) {
    require_same_function(made, function);
    Place from = steady(place(made));
    require_held(from, made);
    if (!is_moved(e))
      return emit(Assign{to, read(from)});
    Ex v = freeze_now(read(from), "moved");
    zero_fill(from); // as libstdc++ leaves it
    return emit(Assign{to, v});
  }
  if (auto *c = dyn_cast<clang::AbstractConditionalOperator>(made);
      c && isa<clang::ConditionalOperator>(made)) {
    Ex cond = truth(value(c->getCond()));
    Block yes = capture([&] { set_function(to, function, c->getTrueExpr()); });
    Block no = capture([&] { set_function(to, function, c->getFalseExpr()); });
    return emit(If{cond, std::move(yes), std::move(no)});
  }
  const std::vector<HeldTarget> all = targets_of(s_.targets(), function);
  if (const clang::Expr *object = held_object(e, all)) // of the user's own class
    return set_state(to, number_of(all, object->getType()->getAsCXXRecordDecl()->getDefinition(), nullptr),
                     [&](const Place &state) { init(state, object, true); });
  std::optional<Closure> known = closure(made);
  auto *name = dyn_cast<clang::DeclRefExpr>(made);
  auto *address_of = dyn_cast<clang::UnaryOperator>(made);
  if (!known && address_of && address_of->getOpcode() == clang::UO_AddrOf)
    name = dyn_cast<clang::DeclRefExpr>(bare(address_of->getSubExpr()));
  if (auto *f = name ? dyn_cast<clang::FunctionDecl>(name->getDecl()) : nullptr; f && !known)
    known = Closure{nullptr, {}, f, nullptr};
  if (!known)
    s_.refuse(Diag::DynamicCall, e->getExprLoc(),
              {"give this std::function a lambda, a function by its name, or another std::function of this "
               "function"});
  set_closure(to, function, *known, e);
}

/// Under this number, with a state of its own if `fill` makes one.
void Body::set_state(const Place &to, unsigned number, const std::function<void(const Place &)> &fill) {
  if (fill) {
    Place pointer = with_step(to, Field{number - 1 + first_state});
    ir::Type state = pointer.type().element();
    Ex p = owned_block(state, {}, state.contains_real_pointers());
    fill(deref(p, {}));
    emit(Assign{pointer, p});
  }
  emit(Assign{which_of(to), integer(number)});
  Place from = with_step(to, Field{origin});
  emit(Assign{from, zero_of(from.type())});
}

void Body::set_closure(const Place &to, clang::QualType function, const Closure &c, const clang::Expr *at) {
  const clang::CXXRecordDecl *cls = c.cls;
  if (c.is_mutable())
    refuse_expr(at, "a mutable lambda in a std::function",
                "keep what it changes in a variable that it captures by reference");
  unsigned number = number_of(targets_of(s_.targets(), function), cls, c.function);
  if (!number)
    s_.refuse(Diag::DynamicCall, at->getExprLoc(),
              {"give it parameters and a result of the std::function's own types"});
  std::function<void(const Place &)> fill;
  if (cls)
    fill = [&](const Place &state) { fill_captures(state, c, at); };
  set_state(to, number, fill);
}

/// What the lambda captured, as members of an object.
void Body::fill_captures(const Place &state, const Closure &c, const clang::Expr *at, bool for_call) {
  const clang::CXXRecordDecl *cls = c.cls;
  llvm::DenseMap<const clang::ValueDecl *, clang::FieldDecl *> fields;
  clang::FieldDecl *captured_this = nullptr;
  cls->getCaptureFields(fields, captured_this);
  for (auto *each : cls->fields()) {
    Place kept = with_step(state, Field{each->getFieldIndex()});
    if (each == captured_this) {
      if (!each->getType()->isPointerType())
        refuse_expr(at, "a lambda that captures *this by value", "capture this, or a copy with a name");
      emit(Assign{kept, address(place_of(c.self))});
      continue;
    }
    const clang::ValueDecl *v = nullptr;
    for (auto &[d, of] : fields)
      v = of == each ? d : v;
    auto from = c.captures.find(v);
    auto inner = closures_.find(dyn_cast_or_null<clang::VarDecl>(v));
    const bool by_reference = each->getType()->isReferenceType();
    if (from == c.captures.end() && inner != closures_.end() && inner->second.cls &&
        (for_call || !by_reference)) {
      if (inner->second.is_mutable())
        refuse_expr(at, "a mutable lambda that another one captures, kept in an object",
                    "keep what it changes in a variable that it captures by reference");
      Place to = kept;
      if (by_reference) {
        Var made = empty_temp("captured", kept.type().element());
        escaped_.insert(made.get());
        to = Place{made, {}};
        emit(Assign{kept, address(to)});
      }
      fill_captures(to, inner->second, at, for_call);
      continue;
    }
    if (from == c.captures.end())
      refuse_expr(at, "a lambda that captures another lambda, kept in an object", "write one lambda");
    if (each->getType()->isReferenceType())
      emit(Assign{kept, address(from->second)});
    else
      copy_value(kept, from->second);
  }
}

// ---- Calls ----------------------------------------------------------------------------------------------

namespace {

std::vector<clang::QualType> parameter_types(const clang::CallExpr *e) {
  std::vector<clang::QualType> types;
  for (const clang::ParmVarDecl *p : e->getDirectCallee()->parameters())
    types.push_back(p->getType());
  return types;
}

} // namespace

/// A lambda's body in place, with the captures that the object keeps.
std::optional<Ex> Body::call_closure(const clang::CXXOperatorCallExpr *e, const clang::CXXRecordDecl *closure,
                                     const Ex &state, const std::vector<Place> &args) {
  auto outer_named = named_places_;
  Closure kept = closure_in(deref(state, {}), closure);
  for (auto &[v, p] : kept.captures)
    named_places_[v] = p;
  Var outer_self = std::exchange(self_, kept.self);
  const clang::FunctionDecl *f = held_operator(closure, parameter_types(e)), *body = nullptr;
  if (!f || !f->hasBody(body) || f->getNumParams() != args.size())
    s_.refuse(Diag::DynamicCall, e->getExprLoc(),
              {"a lambda in this std::function takes other types: give it the parameters of the signature"});
  std::vector<Place> objects = args;
  for (std::size_t i = 0; i < args.size(); ++i)
    if (ir::Type as = type(body->getParamDecl(i)->getType(), e->getExprLoc()); as.is_reference())
      objects[i] = deref(adapted(e, as, address(args[i])), {});
  std::optional<Ex> result = applied_body(body, objects, e);
  named_places_ = std::move(outer_named);
  self_ = outer_self;
  return result;
}

/// A call of a function, or of the object `given`.
std::optional<Ex> Body::call_named(const clang::CXXOperatorCallExpr *e, const KnownTarget &target,
                                   const std::vector<Ex> &given, const std::vector<Place> &args) {
  refuse_in_try(target.function, e->getExprLoc());
  const ir::Type &t = target.callee->result;
  if (t.is_reference() || target.callee->result_is_last)
    s_.refuse(Diag::DynamicCall, e->getExprLoc(),
              {"'" + s_.qualified(target.function) +
               "' in this std::function returns a reference or a container: put a lambda "
               "into it that fills a parameter"});
  std::vector<Ex> objects;
  for (const Place &arg : args)
    objects.push_back(address(arg));
  if (t.is(ir::Type::Void)) {
    call_adapted(e, target, given, objects, std::nullopt);
    return std::nullopt;
  }
  Var value = empty_temp("called", t);
  stable_.insert(value.get());
  call_adapted(e, target, given, objects, Place{value, {}});
  return read(value);
}

/// What the std::function holds under this number, called.
std::optional<Ex> Body::call_stored_target(const clang::CXXOperatorCallExpr *e, const Place &object,
                                           unsigned number, const HeldTarget &held,
                                           const std::vector<Place> &args) {
  if (held.function) {
    KnownTarget target = pointed_target(e->getExprLoc(), held.function);
    return call_named(e, target, closure_of(target), args);
  }
  Ex state = freeze_now(read(with_step(object, Field{number - 1 + first_state})), "captured");
  if (held.closure->isLambda())
    return call_closure(e, held.closure, state, args);
  const clang::CXXMethodDecl *m = held_operator(held.closure, parameter_types(e));
  if (!m)
    s_.refuse(
        Diag::DynamicCall, e->getExprLoc(),
        {"'" + s_.spelling(s_.context.getRecordType(held.closure)) +
         "', which this file puts into such a std::function, has no operator() for its parameters: put a "
         "lambda into it"});
  return call_named(e, {m, known_target(e->getExprLoc(), m), "", "", {}}, {state}, args);
}

/// The arguments of a call of a lambda in an object: what its parameters are bound to.
std::vector<Place> Body::closure_arguments(const clang::CXXOperatorCallExpr *e) {
  std::vector<Place> args;
  for (unsigned i = 1; i < e->getNumArgs(); ++i) {
    clang::QualType p = e->getDirectCallee()->getParamDecl(i - 1)->getType();
    ir::Type t = type(p, e->getExprLoc());
    if (t.is_reference()) {
      args.push_back(place(e->getArg(i)));
      continue;
    }
    if (copies_by_code(p))
      refuse_expr(e->getArg(i), "a copy of a class with copying or a destructor of its own, handed on,",
                  "take it by reference");
    Var given = empty_temp("given", t);
    init(Place{given, {}}, e->getArg(i), true);
    escaped_.insert(given.get());
    args.push_back(Place{given, {}});
  }
  return args;
}

std::optional<Ex> Body::call_stored(const clang::CXXOperatorCallExpr *e, const Place &f) {
  clang::QualType function = function_class(e->getArg(0)->getType());
  std::vector<HeldTarget> all = targets_of(s_.targets(), function);
  require_held(f, e);
  Place object = steady(f);
  Ex which = freeze_now(read(which_of(object)), "which");
  std::vector<Place> args = closure_arguments(e);
  Block fails =
      capture([&] { raise("bad_function_call", Opaque{{"throw std::bad_function_call()"}, {}, {}}); });
  emit(If{native("==", {which, integer(0)}, ir::Type::boolean()), std::move(fails), {}});
  ir::Type t = type(e->getType(), e->getExprLoc());
  if (t.is_reference() || t.is(ir::Type::Opaque))
    refuse_expr(e, "a std::function that returns a reference", "return a value");
  Var result = t.is(ir::Type::Void) ? nullptr : empty_temp("called", t);
  std::vector<Branch> branches;
  for (unsigned i = 0; i < all.size(); ++i)
    branches.push_back({i + 1, [&, i] {
                          std::optional<Ex> v = call_stored_target(e, object, i + 1, all[i], args);
                          if (v && result)
                            emit(Assign{Place{result, {}}, convert(*v, result->type)});
                        }});
  if (!branches.empty())
    emit_choice(which, branches, 0);
  return result ? std::optional(read(result)) : std::nullopt;
}

/// f = g, f == nullptr, if (f), f.swap(g)
bool Body::stored_function_call(const clang::CallExpr *e, const clang::FunctionDecl *f,
                                std::optional<Ex> &result) {
  auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e);
  auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e);
  const clang::Expr *object = mc ? mc->getImplicitObjectArgument() : op ? op->getArg(0) : nullptr;
  if (!object || !is_std_function(object->getType()) || !is_stored_function(object))
    return false;
  Place to = place(object);
  require_held(to, e);
  auto is_empty = [&] { return native("==", {read(which_of(to)), integer(0)}, ir::Type::boolean()); };
  if (f->getOverloadedOperator() ==
      clang::OO_Equal) { // also of a class whose own assignment is the language's
    set_function(to, object->getType(), op ? op->getArg(1) : mc->getArg(0));
    result = read(to);
  } else if (op && op->getOperator() == clang::OO_EqualEqual) {
    result = is_empty();
  } else if (op && op->getOperator() == clang::OO_ExclaimEqual) {
    result = native("!", {is_empty()}, ir::Type::boolean());
  } else if (isa<clang::CXXConversionDecl>(f)) {
    result = native("!", {is_empty()}, ir::Type::boolean());
  } else if (mc && f->getNameAsString() == "swap") {
    swap_places(to, place(mc->getArg(0)));
  } else {
    refuse_expr(e, "this use of a std::function", "use =, (), bool and swap");
  }
  return true;
}

} // namespace nabla::front
