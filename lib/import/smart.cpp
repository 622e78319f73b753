// Smart pointers are pointers here. What they own lies in the record, which outlives both sweeps, so nothing frees it:
// a class whose destructor does something is refused. make_unique<T>(a) -> p = arena T; T::T(p, a)
#include "import/smart.h"
#include "import/body.h"
#include "import/chain.h"
#include "import/class.h"
#include "import/complex.h"
#include "import/container.h"
#include "import/matrix.h"
#include "import/optional.h"
#include "import/targets.h"
#include "import/variant.h"

namespace nabla::front {

clang::QualType smart_pointer(clang::QualType t) {
  t = t.getNonReferenceType();
  auto *d = dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(t->getAsCXXRecordDecl());
  if (!d || !d->isInStdNamespace() || !d->getIdentifier() ||
      d->getName() != "unique_ptr" && d->getName() != "shared_ptr")
    return {};
  if (d->getName() == "unique_ptr") {
    auto *deleter = d->getTemplateArgs()[1].getAsType()->getAsCXXRecordDecl();
    if (!deleter || !deleter->isInStdNamespace())
      return {};
  }
  clang::ASTContext &context = d->getASTContext();
  clang::QualType owned = d->getTemplateArgs()[0].getAsType();
  if (auto *array = context.getAsArrayType(owned))
    owned = array->getElementType();
  return context.getPointerType(owned);
}

bool is_shared(clang::QualType t) {
  return !smart_pointer(t).isNull() &&
         t.getNonReferenceType()->getAsCXXRecordDecl()->getName() == "shared_ptr";
}

/// What callers know the smart pointer as.
std::shared_ptr<const Struct> Shared::owner_struct(const clang::RecordDecl *rd, clang::SourceLocation at) {
  auto *cls = cast<clang::ClassTemplateSpecializationDecl>(rd);
  clang::QualType owned = cls->getTemplateArgs()[0].getAsType();
  ir::Type pointee = type(smart_pointer(context.getRecordType(rd))->getPointeeType(), at);
  auto made = std::make_shared<Struct>();
  made->spelling = "std::" + cls->getNameAsString() + "<" + spelling(owned) + ">";
  made->fields = {{"get()", ir::Type::pointer(pointee.outside())}};
  made->is_aggregate = false;
  return made;
}

namespace {

bool is_smart(const clang::Expr *e) { return !smart_pointer(e->getType()).isNull(); }

} // namespace

/// `count` objects in the record, or one.
Ex Body::owned_block(const ir::Type &element, const Ex &count, bool zero) {
  Var p = empty_temp("owned", ir::Type::pointer(element.with_const(false)));
  stable_.insert(p.get());
  emit(Allocate{Place{p, {}}, element.with_const(false), count ? count : integer(1), Allocate::Arena, zero,
                std::nullopt});
  return read(p);
}

/// new T(a, b), new T[n]: what a smart pointer will own.
Ex Body::owned_object(const clang::CXXNewExpr *e) {
  ir::Type element = type(e->getAllocatedType(), e->getExprLoc());
  auto *cls = e->getAllocatedType()->getAsCXXRecordDecl();
  if (element.is(ir::Type::Opaque) || e->getNumPlacementArgs() ||
      cls && !has_quiet_destructor(cls->getDefinition()))
    refuse_expr(e, "a smart pointer to an object of this class",
                "use a class without a destructor of its own");
  const clang::Expr *first = e->getInitializer() ? bare(e->getInitializer()) : nullptr;
  auto *list = dyn_cast_or_null<clang::ParenListExpr>(first);
  if (list)
    first = list->getNumExprs() ? bare(list->getExpr(0)) : nullptr;
  bool is_zero =
      list && !first || first && isa<clang::ImplicitValueInitExpr, clang::CXXScalarValueInitExpr>(first);
  if (auto *made = dyn_cast_or_null<clang::CXXConstructExpr>(first))
    is_zero =
        is_zero || made->requiresZeroInitialization() || e->isArray() && is_complex(e->getAllocatedType());
  if (!e->isArray()) {
    Ex p = owned_block(element, {}, is_zero);
    if (first && !(is_zero && !isa<clang::CXXConstructExpr>(first)))
      init(deref(p, {}), first, true);
    return p;
  }
  auto *made = dyn_cast_or_null<clang::CXXConstructExpr>(first);
  bool is_plain_array = !first || is_zero || made && made->getConstructor()->isTrivial();
  if (!is_plain_array || element.has_initialisers())
    refuse_expr(e, "this array behind a smart pointer", "use std::vector");
  return owned_block(element, freeze_now(value(*e->getArraySize()), "count"), is_zero);
}

/// A pointer to a derived class as one to its base, which comes first or not.
static Ex as_base(const Ex &p, const ir::Type &to) {
  const ir::Type &from = p.type().element();
  if (!from.is(ir::Type::Record) || from.without_const() == to.element().without_const())
    return p;
  std::vector<std::pair<Place, ir::Type>> work{{with_step(Place{}, Deref{}), from}};
  while (!work.empty()) {
    auto [way, at] = work.back();
    work.pop_back();
    if (at.without_const() == to.element().without_const()) {
      Place object;
      auto *r = std::get_if<Read>(&p->node);
      object = with_step(r->place, Deref{});
      object.path.insert(object.path.end(), way.path.begin() + 1, way.path.end());
      return address(object);
    }
    const std::vector<Struct::Field> &fields = at.members().fields;
    for (unsigned i = 0; i < fields.size(); ++i) // a struct of members has its one base first
      if (fields[i].is_base || i == 0 && at.has_outside() && fields[i].type.is(ir::Type::Record))
        work.push_back({with_step(way, Field{i}), fields[i].type});
  }
  return p;
}

/// What an argument of a constructor or of reset hands over: a new object, another smart pointer, or null.
Ex Body::owned_by(const clang::Expr *e, const ir::Type &to) {
  e = bare(e);
  while (auto *m = dyn_cast<clang::MaterializeTemporaryExpr>(e))
    e = bare(m->getSubExpr());
  while (auto *c = dyn_cast<clang::ImplicitCastExpr>(e)) {
    if (c->getCastKind() == clang::CK_NullToPointer)
      return zero_of(to);
    e = bare(c->getSubExpr());
  }
  if (isa<clang::CXXNullPtrLiteralExpr>(e))
    return zero_of(to);
  if (auto *made = dyn_cast<clang::CXXNewExpr>(e))
    return as_base(owned_object(made), to);
  if (!is_smart(e))
    refuse_expr(e, "a smart pointer that takes over this pointer",
                "make the object where it is, by std::make_unique");
  bool is_moved = !e->isGLValue() || e->isXValue();
  const clang::Expr *named = e;
  if (auto *c = dyn_cast<clang::CallExpr>(e);
      c && c->getDirectCallee() && c->getNumArgs() == 1 && c->getDirectCallee()->isInStdNamespace() &&
      one_of(c->getDirectCallee()->getNameAsString(), {"move", "forward"}))
    named = c->getArg(0);
  if (!named->isGLValue()) // a temporary
    return as_base(freeze_now(operand(named), "owned"), to);
  Place from = place(named);
  Ex p = freeze_now(read(from), "owned");
  if (is_moved)
    emit(Assign{from, zero_of(from.type())});
  return as_base(p, to);
}

std::optional<Ex> Body::smart_value(const clang::CXXConstructExpr *e) {
  if (!is_smart(e))
    return std::nullopt;
  ir::Type t = type(e->getType(), e->getExprLoc()).with_const(false);
  if (e->getNumArgs() == 0)
    return zero_of(t);
  if (e->getNumArgs() != 1)
    refuse_expr(e, "this constructor of a smart pointer", "make it by std::make_unique or std::make_shared");
  return owned_by(e->getArg(0), t);
}

/// Classes that generated code holds in a form of its own.
bool Body::make_of_library(const Place &to, clang::QualType made,
                           const std::vector<const clang::Expr *> &args, const clang::Expr *at) {
  if (auto c = container_of(made); c && c->kind == Struct::Vector && !is_valarray(made) && !matrix_of(made))
    return args.empty() ? (empty_container(to), true) : fill_container(to, c->element, args, at);
  if (args.size() != 1)
    return false;
  if (is_optional(made)) {
    zero_fill(to);
    set_optional(to, args[0]);
  } else if (is_variant(made)) {
    zero_fill(to);
    set_variant(to, made, args[0]);
  } else if (front::is_smart(made)) {
    emit(Assign{to, owned_by(args[0], to.type().with_const(false))});
  } else {
    return false;
  }
  return true;
}

/// T(a, b), where the library would write it out: false where it cannot be told which constructor it would call.
bool Body::make_of(const Place &to, clang::QualType made, const std::vector<const clang::Expr *> &args,
                   const clang::Expr *at) {
  auto *cls = made->getAsCXXRecordDecl();
  auto is_same = [&](const clang::Expr *e, clang::QualType t) {
    return s_.context.hasSameUnqualifiedType(e->getType().getNonReferenceType(), t.getNonReferenceType());
  };
  if (args.size() == 1 && (is_same(args[0], made) || !cls && args[0]->getType()->isArithmeticType())) {
    if (cls)
      take_value(to, args[0]);
    else
      emit(Assign{to, convert(operand(args[0]), to.type().with_const(false))});
    return true;
  }
  if (auto *pair = dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(cls);
      pair && args.size() == 2 && pair->isInStdNamespace() && pair->getName() == "pair") {
    for (unsigned i = 0; i < 2; ++i)
      if (!make_of(entry_part(to, i), pair->getTemplateArgs()[i].getAsType(), {args[i]}, at))
        return false;
    return true;
  }
  if (is_std_function(made) && args.size() == 1) {
    set_function(to, made, args[0]);
    return true;
  }
  bool are_numbers = std::all_of(args.begin(), args.end(),
                                 [](const clang::Expr *e) { return e->getType()->isArithmeticType(); });
  if (is_complex(made) && to.type().is(ir::Type::Record) && are_numbers && args.size() <= 2) {
    ir::Type part = part_type(made, at->getExprLoc());
    std::vector<Ex> given = values(args);
    Ex re = given.empty() ? zero_of(part) : convert(given[0], part);
    set_parts(to, {re, given.size() > 1 ? convert(given[1], part) : zero_of(part)});
    return true;
  }
  // The library's own classes may be held in another form here than their constructors know.
  if (make_of_library(to, made, args, at))
    return true;
  if (!cls || cls->isInStdNamespace() || stands_in(made) || container_of(made) || chain_of(made))
    return false;
  const clang::CXXConstructorDecl *only = nullptr;
  for (const clang::CXXConstructorDecl *c : cls->getDefinition()->ctors()) {
    if (c->isCopyOrMoveConstructor() || c->getNumParams() != args.size())
      continue;
    if (only)
      return false;
    only = c;
  }
  if (!only || !only->isUserProvided() || !only->hasBody() || !has_quiet_destructor(cls->getDefinition()))
    return false;
  refuse_in_try(only, at->getExprLoc());
  CalleeRef c = s_.callee(only);
  std::vector<Ex> given;
  for (unsigned i = 0; i < args.size(); ++i) {
    bool is_object = c->params.at(i + 1).is_reference();
    if (is_object && !is_same(args[i], only->getParamDecl(i)->getType()))
      return false;
    if (is_object && c->by_value.at(i + 1)) { // the parameter is made of what was forwarded
      Var copy = empty_temp("given", c->params.at(i + 1).element());
      take_value(Place{copy, {}}, args[i]);
      escaped_.insert(copy.get());
      given.push_back(address(Place{copy, {}}));
      continue;
    }
    argument(args[i], c->params.at(i + 1), false, given);
  }
  given.insert(given.begin(), address(to));
  if (to.root->kind == Variable::Local)
    escaped_.insert(to.root.get());
  emit(Call{c, std::move(given), std::nullopt});
  return true;
}

/// std::make_shared<T>(a, b), whose own text is hidden.
Ex Body::shared_object(const clang::CallExpr *e) {
  clang::QualType pointee = smart_pointer(e->getType())->getPointeeType();
  auto *cls = pointee->getAsCXXRecordDecl();
  ir::Type element = type(pointee, e->getExprLoc());
  bool is_array = e->getDirectCallee()->getReturnType()->getAsCXXRecordDecl() == nullptr;
  Ex p = owned_block(element, {}, e->getNumArgs() == 0 && !cls);
  if (const bool copies = e->getNumArgs() == 1 && has_own_copying(e->getArg(0)->getType()); copies && cls)
    refuse_expr(e, "std::make_shared of an object with copying or a destructor of its own",
                "write std::make_unique");
  bool is_made = e->getNumArgs() == 0 && !cls;
  if (!is_array && !is_made)
    is_made = make_of(deref(p, {}), pointee, {e->arg_begin(), e->arg_end()}, e);
  if (!is_made)
    refuse_expr(e, "std::make_shared with these arguments", "write std::make_unique");
  return p;
}

/// std::make_unique, std::make_shared
bool Body::smart_factory(const clang::CallExpr *e, const clang::FunctionDecl *f, std::optional<Ex> &result) {
  if (!is_smart(e) || isa<clang::CXXOperatorCallExpr>(e) || !is_of_std(f) || !f->getIdentifier())
    return false;
  if (f->getName() == "make_shared") {
    result = shared_object(e);
    return true;
  }
  const clang::FunctionDecl *body = nullptr;
  if (f->getName() != "make_unique" || !f->hasBody(body))
    return false;
  bind_parameters(body, {e->arg_begin(), e->arg_end()});
  result = import_in_place(e, body, "made");
  return true;
}

bool Body::smart_operator(const clang::CXXOperatorCallExpr *op, const clang::Expr *object,
                          std::optional<Ex> &result) {
  switch (op->getOperator()) {
  case clang::OO_Star:
    result = read(deref(operand(object), {}));
    return true;
  case clang::OO_Arrow:
    result = operand(object);
    return true;
  case clang::OO_Subscript: {
    Ex p = operand(object);
    std::size_t mark = out_->size();
    Ex i = index_value(op->getArg(1));
    protect(p, mark);
    result = read(deref(p, i));
    return true;
  }
  case clang::OO_Equal: {
    Ex p = owned_by(op->getArg(1), type(object->getType(), op->getExprLoc()).with_const(false));
    std::size_t mark = out_->size();
    Place to = place(object);
    protect(p, mark);
    emit(Assign{to, p});
    result = read(to);
    return true;
  }
  case clang::OO_EqualEqual:
  case clang::OO_ExclaimEqual: {
    auto side = [&](const clang::Expr *x) {
      return is_smart(x) ? operand(x) : zero_of(ir::Type::pointer(ir::Type::void_type()));
    };
    Ex a = side(op->getArg(0));
    Ex b = side(op->getArg(1));
    result = native(op->getOperator() == clang::OO_EqualEqual ? "==" : "!=", {a, b}, ir::Type::boolean());
    return true;
  }
  default:
    return false;
  }
}

namespace {

/// shared_ptr has its operators from a base.
const clang::Expr *without_base(const clang::Expr *x) {
  auto *c = x ? dyn_cast<clang::ImplicitCastExpr>(bare(x)) : nullptr;
  while (c && !is_smart(c)) {
    x = bare(c->getSubExpr());
    c = dyn_cast<clang::ImplicitCastExpr>(x);
  }
  return x;
}

} // namespace

bool Body::smart_call(const clang::CallExpr *e, const clang::FunctionDecl *f, std::optional<Ex> &result) {
  if (smart_factory(e, f, result))
    return true;
  auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e);
  auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e);
  const clang::Expr *object = mc ? mc->getImplicitObjectArgument() : e->getNumArgs() ? e->getArg(0) : nullptr;
  object = without_base(object);
  if (!object || object->getType()->isPointerType() || !is_of_std(f))
    return false;
  if (!is_smart(object) &&
      !(op && op->getNumArgs() == 2 && is_smart(op->getArg(1)) && !is_optional(object->getType())))
    return false;
  std::string name = f->getNameAsString();
  if (one_of(name, {"move", "forward", "as_const"}))
    return false;
  if (op && smart_operator(op, object, result))
    return true;
  if (name == "get" && mc) {
    result = operand(object);
  } else if (isa<clang::CXXConversionDecl>(f)) {
    result = truth(operand(object));
  } else if (name == "reset" && mc) {
    ir::Type t = type(object->getType(), e->getExprLoc()).with_const(false);
    bool is_null = mc->getNumArgs() == 0 || isa<clang::CXXDefaultArgExpr>(mc->getArg(0));
    Ex p = is_null ? zero_of(t) : owned_by(mc->getArg(0), t);
    emit(Assign{place(object), p});
  } else if (name == "operator=" && mc) { // of a class whose own assignment is the language's
    Ex p = owned_by(mc->getArg(0), type(object->getType(), e->getExprLoc()).with_const(false));
    emit(Assign{place(object), p});
  } else if (name == "swap") {
    swap_places(place(object), place(mc ? mc->getArg(0) : e->getArg(1)));
  } else {
    refuse_expr(e, "this use of a smart pointer", "use *, ->, [], get, reset, swap and std::move");
  }
  return true;
}

} // namespace nabla::front
