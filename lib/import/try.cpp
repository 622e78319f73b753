// try and catch inside of one function: a throw whose handler is known is a jump to it. Functions that throw are imported
// where they are called, so that their throws are seen.
//
//   try { y = f(x); } catch (const E &) { y = 0; }
//   ->  which = -1; caught: { ... which = 0; leave caught; ... }  if (which == 0) { y = 0; }
#include "import/body.h"
#include "import/class.h"
#include "import/container.h"
#include "import/targets.h"

namespace nabla::front {

namespace {

bool mentions(const clang::Stmt *s, const clang::ValueDecl *d) {
  if (auto *name = dyn_cast<clang::DeclRefExpr>(s); name && name->getDecl() == d)
    return true;
  for (const clang::Stmt *child : s->children())
    if (child && mentions(child, d))
      return true;
  return false;
}

/// What a library exception's class is derived from, itself first.
std::vector<std::string> with_bases(const std::string &name) {
  if (name == "out_of_range")
    return {name, "logic_error", "exception"};
  return {name, "exception"};
}

bool catches(clang::QualType handler, clang::QualType thrown, const std::string &name) {
  if (handler.isNull()) // catch (...)
    return true;
  handler = handler.getNonReferenceType().getCanonicalType().getUnqualifiedType();
  auto *cls = handler->getAsCXXRecordDecl();
  if (!name.empty()) {
    std::vector<std::string> all = with_bases(name);
    return cls && cls->isInStdNamespace() &&
           std::find(all.begin(), all.end(), cls->getNameAsString()) != all.end();
  }
  thrown = thrown.getCanonicalType().getUnqualifiedType();
  auto *from = thrown->getAsCXXRecordDecl();
  return handler == thrown || cls && from && from->hasDefinition() && from->isDerivedFrom(cls);
}

bool is_nothrow(const clang::FunctionDecl *f) {
  switch (f->getExceptionSpecType()) {
  case clang::EST_BasicNoexcept:
  case clang::EST_NoexceptTrue:
  case clang::EST_DynamicNone:
  case clang::EST_NoThrow:
    return true;
  default:
    return false;
  }
}

/// Library functions whose exceptions a user may count on.
bool is_throwing_library(const clang::FunctionDecl *f) {
  return f->getIdentifier() && one_of(f->getName().str(), {"at", "value", "get", "visit", "stod", "stof",
                                                           "stoi", "stol", "any_cast"});
}

} // namespace

/// The library's exceptions keep a text, no more.
static bool does_something_at_end(const clang::CXXRecordDecl *cls) {
  if (!cls || !cls->hasDefinition() || cls->isInStdNamespace())
    return false;
  const clang::CXXDestructorDecl *own = cls->getDefinition()->getDestructor();
  auto of = [](clang::QualType t) {
    return does_something_at_end(t->getBaseElementTypeUnsafe()->getAsCXXRecordDecl());
  };
  return own && own->isUserProvided() && !has_quiet_destructor(cls->getDefinition()) ||
         llvm::any_of(cls->getDefinition()->bases(), [&](auto &base) { return of(base.getType()); }) ||
         llvm::any_of(cls->getDefinition()->fields(), [&](auto *field) { return of(field->getType()); });
}

void Body::try_stmt(const clang::CXXTryStmt *s) {
  Trying trying{s, label("caught"), temp("handler", integer(-1)), {}, living_.size()};
  stable_.erase(trying.which.get());
  for (unsigned i = 0; i < s->getNumHandlers(); ++i) {
    const clang::CXXCatchStmt *handler = s->getHandler(i);
    const clang::VarDecl *v = handler->getExceptionDecl();
    trying.caught.push_back(nullptr);
    if (!v || !mentions(handler->getHandlerBlock(), v))
      continue;
    ir::Type t = type(v->getType().getNonReferenceType(), v->getLocation()).with_const(false);
    if (t.is(ir::Type::Opaque) || t.is(ir::Type::Pointer))
      s_.refuse(Diag::UnsupportedStatement, v->getLocation(),
                {"what a caught object of the library says", "catch a class of your own with numbers in it"});
    if (!v->getType()->isReferenceType() && copies_by_code(v->getType()))
      s_.refuse(Diag::UnsupportedStatement, v->getLocation(),
                {"a handler that is given a copy, of a class with copying or a destructor of its own,",
                 "catch it by reference"});
    bool is_number = t.is_discrete() || t.is(ir::Type::Real); // it is copied before it is known to be caught
    Var object =
        is_number ? temp(v->getNameAsString(), convert(integer(0), t)) : empty_temp(v->getNameAsString(), t);
    escaped_.insert(object.get());
    trying.caught.back() = vars_[v] = object;
  }
  Var which = trying.which;
  tries_.push_back(std::move(trying));
  Block body = capture([&] { stmt(s->getTryBlock()); });
  std::string name = tries_.back().label;
  tries_.pop_back();
  emit(Scope{name, std::move(body)});
  Block chain;
  for (unsigned i = s->getNumHandlers(); i-- > 0;) {
    Block handler = capture([&] { stmt(s->getHandler(i)->getHandlerBlock()); });
    Ex is_this = native("==", {read(which), integer(i)}, ir::Type::boolean());
    Block outer;
    outer.push_back(ir::Stmt{If{is_this, std::move(handler), std::move(chain)}, here_, 0});
    chain = std::move(outer);
  }
  emit(std::move(chain));
}

/// Jumps to the handler of this function that catches it, if there is one.
bool Body::is_handled(clang::QualType thrown, const std::string &name, const clang::Expr *object) {
  for (std::size_t i = tries_.size(); i-- > 0;)
    for (unsigned k = 0; k < tries_[i].statement->getNumHandlers(); ++k) {
      clang::QualType handler = tries_[i].statement->getHandler(k)->getCaughtType();
      if (!catches(handler, thrown, name))
        continue;
      const Trying trying = tries_[i];
      if (const Var &caught = trying.caught[k]) {
        if (!object || !s_.context.hasSameUnqualifiedType(handler.getNonReferenceType(), thrown))
          s_.refuse(Diag::UnsupportedStatement, tries_[i].statement->getHandler(k)->getBeginLoc(),
                    {"a handler that uses an object of a derived class", "catch the class that is thrown"});
        init(Place{caught, {}}, object, true);
      }
      if (object && does_something_at_end(object->getType()->getAsCXXRecordDecl()))
        refuse_expr(object, "an exception whose destructor does something", "throw an object without one");
      end_temporaries();
      emit(Assign{Place{trying.which, {}}, integer(k)});
      destroy_down_to(trying.living);
      emit(Exit{trying.label});
      return true;
    }
  return false;
}

/// An exception that a library function throws.
void Body::raise(const std::string &library_exception, Opaque text) {
  if (!is_handled({}, library_exception, nullptr))
    emit(std::move(text));
}

// ---- Calls ----------------------------------------------------------------------------------------------

bool Shared::may_throw(const clang::FunctionDecl *f) {
  f = f->getCanonicalDecl();
  if (is_nothrow(f))
    return false;
  if (context.getSourceManager().isInSystemHeader(f->getLocation()) || f->getBuiltinID())
    return is_throwing_library(f);
  auto [known, is_new] = may_throw_.try_emplace(f, false);
  if (!is_new)
    return known->second;
  if (auto derivative = marks.derivative(f)) // it throws where its primal does
    return may_throw_[f] = may_throw(derivative->primal);
  auto *m = dyn_cast<clang::CXXMethodDecl>(f);
  bool throws =
      m && m->isVirtual() && !m->hasAttr<clang::FinalAttr>() && !m->getParent()->isEffectivelyFinal();
  if (throws) {
    throws = false;
    for (const clang::CXXRecordDecl *cls : targets().classes)
      if (cls->isDerivedFrom(m->getParent()))
        if (auto *other = const_cast<clang::CXXMethodDecl *>(m)->getCorrespondingMethodInClass(cls, true);
            other && other->getCanonicalDecl() != f)
          throws = throws || may_throw(other);
  }
  std::function<bool(const clang::Stmt *)> look = [&](const clang::Stmt *s) -> bool {
    if (isa<clang::CXXThrowExpr>(s))
      return true;
    if (auto *c = dyn_cast<clang::CallExpr>(s); c && !isa<clang::CXXPseudoDestructorExpr>(c->getCallee()))
      if (!c->getDirectCallee() || may_throw(c->getDirectCallee()))
        return true;
    if (auto *c = dyn_cast<clang::CXXConstructExpr>(s); c && may_throw(c->getConstructor()))
      return true;
    for (const clang::Stmt *child : s->children())
      if (child && look(child))
        return true;
    return false;
  };
  const clang::FunctionDecl *body = nullptr;
  if (!f->hasBody(body)) {
    bool is_pure = m && m->isPureVirtual() || f->isDefaulted() || f->isImplicit();
    throws = throws || !is_pure && !f->isExternC();
  } else if (!throws) {
    throws = look(body->getBody());
    if (auto *c = dyn_cast<clang::CXXConstructorDecl>(body))
      for (const clang::CXXCtorInitializer *i : c->inits())
        throws = throws || look(i->getInit());
  }
  return may_throw_[f] = throws;
}

void Body::refuse_in_try(const clang::FunctionDecl *f, clang::SourceLocation at) {
  if (!tries_.empty() && s_.may_throw(f))
    s_.refuse(Diag::UnsupportedStatement, at,
              {"a call of '" + s_.qualified(f) + "', which may throw, inside of try",
               "call it before the try, or declare it noexcept if it does not throw"});
}

/// A function that may throw is imported where it is called, inside of a try.
bool Body::call_in_try(const clang::CallExpr *e, std::optional<Ex> &result) {
  const clang::FunctionDecl *f = e->getDirectCallee(), *body = nullptr;
  if (!f)
    s_.refuse(Diag::UnsupportedStatement, e->getExprLoc(),
              {"a call through a pointer inside of try", "call it before the try"});
  auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e);
  bool is_held = op && op->getOperator() == clang::OO_Call && is_std_function(op->getArg(0)->getType());
  if (is_held && !is_stored_function(op->getArg(0)))
    s_.refuse(Diag::UnsupportedStatement, e->getExprLoc(),
              {"a call of a std::function inside of try", "call it before the try"});
  if (is_held || !s_.may_throw(f) || s_.context.getSourceManager().isInSystemHeader(f->getLocation()))
    return false;
  auto *m = dyn_cast<clang::CXXMethodDecl>(f);
  const clang::CXXMethodDecl *target = m && m->isVirtual() ? fixed_target(e, m) : m;
  bool is_chosen = m && (!target || target->getCanonicalDecl() != m->getCanonicalDecl());
  if (is_chosen || !f->hasBody(body) || inlining_.count(body) || s_.callee(f)->kind != Callee::Visible ||
      s_.callee(f)->derivative)
    refuse_in_try(f, e->getExprLoc());
  std::vector<const clang::Expr *> args(e->arg_begin(), e->arg_end());
  Var self = self_;
  if (has_object(f)) {
    auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e);
    const clang::Expr *object = mc ? mc->getImplicitObjectArgument() : args.front();
    if (!mc)
      args.erase(args.begin());
    std::vector<Ex> bound;
    ir::Type t = s_.callee(f)->params[0];
    argument(object, t, object->getType()->isPointerType(), bound);
    self = variable("self", t);
    emit(Declare{self, bound[0]});
  }
  bind_parameters(body, args);
  std::swap(self, self_);
  inlining_.insert(body);
  result = import_in_place(e, body, temporary_name(f));
  inlining_.erase(body);
  self_ = self;
  return true;
}

} // namespace nabla::front
