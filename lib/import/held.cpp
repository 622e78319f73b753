// std::function objects that the function itself makes and changes: a number that says which lambda or function of this
// file it holds, and for each lambda a pointer to what that captured. A call is a choice, the lambda's body in place in each
// branch, so captured reals have derivatives.
//
//   std::function<double(double)> f = [k](double x) { return k * x; };   f(y)
//   ->  f.which = 1; f.first = record {k};   if (f.which == 1) { called = f.first->k * y; } else ...
#include "import/body.h"
#include "import/class.h"
#include "import/targets.h"
#include "ir/print.h"

namespace nabla::front {

namespace {

struct HeldTarget {
  const clang::CXXRecordDecl *closure = nullptr;
  const clang::FunctionDecl *function = nullptr;
};

/// In this order they are numbered, from 1; 0 is an empty std::function.
std::vector<HeldTarget> targets_of(const Targets &known, clang::QualType function) {
  std::vector<HeldTarget> out;
  clang::ASTContext &context = function->getAsCXXRecordDecl()->getASTContext();
  for (clang::QualType t : held_types(function->getAsCXXRecordDecl()->getDefinition())) {
    auto *cls = t->getAsCXXRecordDecl();
    if (cls && cls->isLambda())
      out.push_back({cls->getDefinition(), nullptr});
    if (!t->isFunctionPointerType())
      continue;
    for (const clang::FunctionDecl *f : known.functions)
      if (!isa<clang::CXXMethodDecl>(f) &&
          context.hasSameFunctionTypeIgnoringExceptionSpec(t->getPointeeType(), f->getType()))
        out.push_back({nullptr, f});
  }
  return out;
}

clang::QualType function_class(clang::QualType t) {
  return t.getNonReferenceType().getCanonicalType().getUnqualifiedType();
}

Place which_of(const Place &f) { return with_step(f, Field{0}); }

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

void Shared::fill_held(Struct &made, clang::QualType function, clang::SourceLocation at) {
  made.spelling = "nabla::members<int";
  made.fields = {{"first", ir::Type::integer()}};
  std::string way = "rest.";
  for (const HeldTarget &t : targets_of(targets(), function)) {
    if (!t.closure)
      continue;
    ir::Type state = ir::Type::pointer(ir::Type::record(captured(t.closure, at)));
    made.spelling += ", " + spell(state);
    made.fields.push_back({way + "first", state});
    way += "rest.";
  }
  made.spelling += ">";
}

std::shared_ptr<const Struct> Shared::captured(const clang::CXXRecordDecl *closure,
                                               clang::SourceLocation at) {
  std::shared_ptr<const Struct> &known = captured_[closure];
  if (known)
    return known;
  auto made = std::make_shared<Struct>();
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
    members += (members.empty() ? "" : ", ") + spell(kept);
    way += "rest.";
  }
  made->spelling = "nabla::members<" + members + ">";
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
  return isa<clang::MemberExpr, clang::ArraySubscriptExpr, clang::CallExpr>(e) ||
         isa<clang::UnaryOperator>(e);
}

void Body::set_function(const Place &to, clang::QualType function, const clang::Expr *e) {
  function = function_class(function);
  const clang::Expr *made = e ? without_casts(e) : nullptr;
  auto *empty = dyn_cast_or_null<clang::CXXConstructExpr>(made);
  if (!made || isa<clang::CXXNullPtrLiteralExpr>(made) || empty && empty->getNumArgs() == 0)
    return zero_fill(to);
  if (is_stored_function(made)) {
    Ex v = read(place(made));
    return emit(Assign{to, v});
  }
  if (auto *c = dyn_cast<clang::AbstractConditionalOperator>(made);
      c && isa<clang::ConditionalOperator>(made)) {
    Ex cond = truth(value(c->getCond()));
    Block yes = capture([&] { set_function(to, function, c->getTrueExpr()); });
    Block no = capture([&] { set_function(to, function, c->getFalseExpr()); });
    return emit(If{cond, std::move(yes), std::move(no)});
  }
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

void Body::set_closure(const Place &to, clang::QualType function, const Closure &c, const clang::Expr *at) {
  const clang::CXXRecordDecl *cls = c.expr ? c.expr->getLambdaClass() : nullptr;
  std::vector<HeldTarget> all = targets_of(s_.targets(), function);
  unsigned number = 0, field = 0;
  for (unsigned i = 0; i < all.size() && !number; ++i) {
    field += all[i].closure != nullptr;
    bool is_this =
        cls ? all[i].closure && all[i].closure->getCanonicalDecl() == cls->getCanonicalDecl()
            : all[i].function && all[i].function->getCanonicalDecl() == c.function->getCanonicalDecl();
    number = is_this ? i + 1 : 0;
  }
  if (!number)
    s_.refuse(Diag::DynamicCall, at->getExprLoc(),
              {"give it parameters and a result of the std::function's own types"});
  if (cls) {
    if (c.expr->isMutable())
      refuse_expr(at, "a mutable lambda in a std::function",
                  "keep what it changes in a variable that it captures by "
                  "reference");
    Place pointer = with_step(to, Field{field});
    ir::Type state = pointer.type().element();
    Ex p = owned_block(state, {}, state.contains_real_pointers());
    fill_captures(deref(p, {}), c, at);
    emit(Assign{pointer, p});
  }
  emit(Assign{which_of(to), integer(number)});
}

/// What the lambda captured, as members of an object.
void Body::fill_captures(const Place &state, const Closure &c, const clang::Expr *at) {
  const clang::CXXRecordDecl *cls = c.expr->getLambdaClass();
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
    if (from == c.captures.end())
      refuse_expr(at, "a lambda that captures another lambda, kept in an object", "write one lambda");
    if (each->getType()->isReferenceType())
      emit(Assign{kept, address(from->second)});
    else
      copy_value(kept, from->second);
  }
}

// ---- Calls ----------------------------------------------------------------------------------------------

std::optional<Ex> Body::call_closure(const clang::CXXOperatorCallExpr *e, const clang::CXXRecordDecl *closure,
                                     const Ex &state, const std::vector<Place> &args) {
  llvm::DenseMap<const clang::ValueDecl *, clang::FieldDecl *> fields;
  clang::FieldDecl *captured_this = nullptr;
  closure->getCaptureFields(fields, captured_this);
  auto outer_named = named_places_;
  Var outer_self = self_;
  for (auto &[v, field] : fields) {
    Place kept = with_step(deref(state, {}), Field{field->getFieldIndex()});
    named_places_[v] = field->getType()->isReferenceType() ? with_step(kept, Deref{}) : kept;
  }
  if (captured_this) {
    Ex object = read(with_step(deref(state, {}), Field{captured_this->getFieldIndex()}));
    self_ = variable("self", ir::Type::reference(object.type().element()));
    emit(Declare{self_, object});
  }
  std::vector<clang::QualType> types;
  for (const clang::ParmVarDecl *p : e->getDirectCallee()->parameters())
    types.push_back(p->getType());
  const clang::FunctionDecl *f = call_for(closure, types), *body = nullptr;
  if (!f || !f->hasBody(body))
    s_.refuse(Diag::DynamicCall, e->getExprLoc(),
              {"a lambda in this std::function takes other types: give it the parameters of the signature"});
  std::optional<Ex> result = applied_body(body, args, e);
  named_places_ = std::move(outer_named);
  self_ = outer_self;
  return result;
}

std::optional<Ex> Body::call_named(const clang::CXXOperatorCallExpr *e, const clang::FunctionDecl *f,
                                   const std::vector<Place> &args) {
  refuse_in_try(f, e->getExprLoc());
  CalleeRef c = known_target(e->getExprLoc(), f);
  if (c->params.size() != args.size() || c->result.is_reference() || c->result_is_last)
    s_.refuse(Diag::DynamicCall, e->getExprLoc(),
              {"'" + s_.qualified(f) +
               "' in this std::function returns a reference or a container: put a lambda "
               "into it that fills a parameter"});
  std::vector<Ex> given;
  for (std::size_t i = 0; i < args.size(); ++i)
    given.push_back(c->params[i].is_reference() ? address(args[i]) : convert(read(args[i]), c->params[i]));
  if (c->result.is(ir::Type::Void)) {
    emit(Call{c, given, std::nullopt});
    return std::nullopt;
  }
  Var value = empty_temp("called", c->result);
  stable_.insert(value.get());
  emit(Call{c, given, Place{value, {}}});
  return read(value);
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
  unsigned field = 0;
  for (unsigned i = 0; i < all.size(); ++i) {
    field += all[i].closure != nullptr;
    branches.push_back({i + 1, [&, i, field] {
                          std::optional<Ex> v =
                              all[i].closure
                                  ? call_closure(
                                        e, all[i].closure,
                                        freeze_now(read(with_step(object, Field{field})), "captured"), args)
                                  : call_named(e, all[i].function, args);
                          if (v && result)
                            emit(Assign{Place{result, {}}, convert(*v, result->type)});
                        }});
  }
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
  auto is_empty = [&] { return native("==", {read(which_of(to)), integer(0)}, ir::Type::boolean()); };
  if (op && op->getOperator() == clang::OO_Equal) {
    set_function(to, object->getType(), op->getArg(1));
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
