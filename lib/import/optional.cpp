// std::optional. `o = x` -> o.has = true; o.value = x
#include "import/optional.h"
#include "import/body.h"
#include "import/container.h"
#include "ir/print.h"

namespace nabla::front {

namespace {

Place flag(const Place &o) { return with_step(o, Field{0}); }
Place held(const Place &o) { return with_step(o, Field{1}); }

} // namespace

bool is_instance(clang::QualType t, const char *name) {
  auto *cls = t.getNonReferenceType()->getAsCXXRecordDecl();
  return cls && cls->isInStdNamespace() && cls->getIdentifier() && cls->getName() == name;
}

bool is_optional(clang::QualType t) { return is_instance(t, "optional"); }

clang::QualType value_class(clang::QualType optional) {
  auto *cls = optional.getNonReferenceType()->getAsCXXRecordDecl();
  return cast<clang::ClassTemplateSpecializationDecl>(cls)->getTemplateArgs()[0].getAsType();
}

std::shared_ptr<Struct> optional_struct(const std::string &spelling, const ir::Type &value) {
  auto made = std::make_shared<Struct>();
  made->spelling = "nabla::members<bool, " + spell(value) + ">";
  made->fields = {{"first", ir::Type::boolean()}, {"rest.first", value}};
  made->has_constructor = value.has_constructor();
  made->is_choice = true;
  auto outside = std::make_shared<Struct>(Struct{spelling});
  outside->fields = {{"has_value()", ir::Type::boolean()}, {"value()", value.outside()}};
  outside->is_aggregate = false;
  outside->is_choice = true;
  made->outside = outside;
  return made;
}

void Body::set_optional(const Place &to, const clang::Expr *e) {
  e = bare(e);
  while (auto *m = dyn_cast<clang::MaterializeTemporaryExpr>(e))
    e = bare(m->getSubExpr());
  if (auto *c = dyn_cast<clang::CXXConstructExpr>(e); c && is_optional(e->getType()))
    return (void)optional_construct(to, c);
  if (is_instance(e->getType(), "nullopt_t"))
    return emit(Assign{flag(to), boolean(false)});
  if (auto *c = dyn_cast<clang::CastExpr>(e); c && is_optional(e->getType()) && !c->getSubExpr()->isGLValue())
    return set_optional(to, c->getSubExpr());
  if (is_optional(e->getType()) && owns_elements(to.type()) &&
      type(e->getType().getNonReferenceType(), e->getExprLoc()).without_const() == to.type().without_const())
    return take_value(to, e);
  if (is_optional(e->getType())) {
    Ex v = operand(e);
    if (v.type().without_const() != to.type().without_const())
      refuse_expr(e, "a std::optional made of one of another type", "use the same type");
    return emit(Assign{to, v});
  }
  Var value = empty_temp("value", held(to).type());
  if (e->getType()->isArithmeticType()) // the constructor converts it
    emit(Assign{Place{value, {}}, convert(operand(e), held(to).type().with_const(false))});
  else
    init(Place{value, {}}, e, true);
  emit(Assign{held(to), read(value)});
  emit(Assign{flag(to), boolean(true)});
}

void Body::emplace_optional(const Place &to, clang::QualType type, const Args &args, const clang::Expr *at) {
  if (args.size() == 1)
    return set_optional(to, args[0]);
  Var value = empty_temp("value", held(to).type());
  if (!make_of(Place{value, {}}, value_class(type), args, at))
    refuse_expr(at, "a value made of these arguments", "give the value itself: o = T(...)");
  emit(Assign{held(to), read(value)});
  emit(Assign{flag(to), boolean(true)});
}

bool Body::optional_construct(const Place &to, const clang::CXXConstructExpr *e) {
  if (!is_optional(e->getType()) || !to.type().is(ir::Type::Record))
    return false;
  if (e->getNumArgs() == 0) {
    zero_fill(to);
    return true;
  }
  if (is_instance(e->getArg(0)->getType(), "in_place_t")) {
    emplace_optional(to, e->getType(), {e->arg_begin() + 1, e->arg_end()}, e);
    return true;
  }
  if (e->getNumArgs() != 1)
    refuse_expr(e, "this constructor of std::optional", "make it of a value");
  if (is_instance(e->getArg(0)->getType(), "nullopt_t"))
    zero_fill(to);
  else
    set_optional(to, e->getArg(0));
  return true;
}

bool Body::optional_call(const clang::CallExpr *e, const clang::FunctionDecl *f, std::optional<Ex> &result) {
  if (!is_of_std(f) || e->getNumArgs() == 0 && !isa<clang::CXXMemberCallExpr>(e))
    return false;
  auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e);
  auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e);
  std::string name = f->getNameAsString();
  if (!mc && !op && name == "make_optional" && is_optional(e->getType()) && e->getNumArgs() == 1) {
    Var made = empty_temp("made", type(e->getType(), e->getExprLoc()));
    set_optional(Place{made, {}}, e->getArg(0));
    result = read(made);
    return true;
  }
  const clang::Expr *object = mc ? mc->getImplicitObjectArgument() : e->getArg(0);
  if (!mc && !op || !is_optional(object->getType()) || object->getType()->isPointerType())
    return false;
  Place o = place(object);
  auto check = [&] {
    Block fails =
        capture([&] { raise("bad_optional_access", Opaque{{"throw std::bad_optional_access()"}, {}, {}}); });
    emit(If{native("!", {read(flag(o))}, ir::Type::boolean()), std::move(fails), {}});
  };
  if (op && op->getOperator() == clang::OO_Star) {
    result = read(held(o));
  } else if (op && op->getOperator() == clang::OO_Arrow) {
    result = address(held(o));
  } else if (op && op->getOperator() == clang::OO_Equal) {
    set_optional(o, op->getArg(1));
    result = read(o);
  } else if (name == "has_value" || isa<clang::CXXConversionDecl>(f)) {
    result = read(flag(o));
  } else if (name == "value") {
    check();
    result = read(held(o));
  } else if (name == "value_or") {
    ir::Type t = held(o).type().with_const(false);
    Var chosen = empty_temp("value", t);
    Ex other = convert(operand(mc->getArg(0)), t);
    Block yes = capture([&] { copy_value(Place{chosen, {}}, held(o)); });
    Block no = capture([&] { emit(Assign{Place{chosen, {}}, other}); });
    emit(If{read(flag(o)), std::move(yes), std::move(no)});
    result = read(chosen);
  } else if (name == "reset") {
    emit(Assign{flag(o), boolean(false)});
  } else if (name == "emplace") {
    emplace_optional(o, object->getType(), {mc->arg_begin(), mc->arg_end()}, e);
    result = read(held(o));
  } else {
    refuse_expr(e, "this use of std::optional", "use has_value, *, ->, value, value_or, = and reset");
  }
  return true;
}

} // namespace nabla::front
