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
  const ir::Type held_type = held(to).type();
  const bool is_number =
      held_type.is(ir::Type::Real) || held_type.is(ir::Type::Int) || held_type.is(ir::Type::Bool);
  if (!is_number && !e->getType()->isRecordType() && !held_type.is(ir::Type::Pointer))
    refuse_expr(e, "a std::optional made of a value of another type", "write the type: T(...)");
  if (is_number && e->getType()->isArithmeticType()) // the constructor converts it
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
  if (args.empty())
    default_value(Place{value, {}}, value_class(type), at->getExprLoc());
  else if (!make_of(Place{value, {}}, value_class(type), args, at))
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

namespace {

bool is_literal(const Ex &e, const char *spelling) {
  auto *c = std::get_if<Const>(&e->node);
  return c && c->spelling == spelling;
}
Ex neither(const Ex &x) {
  if (is_literal(x, "true") || is_literal(x, "false"))
    return boolean(is_literal(x, "false"));
  return native("!", {x}, ir::Type::boolean());
}
Ex both(const Ex &x, const Ex &y) {
  if (is_literal(x, "false") || is_literal(y, "false"))
    return boolean(false);
  return is_literal(x, "true") ? y : is_literal(y, "true") ? x : native("&&", {x, y}, ir::Type::boolean());
}
Ex either(const Ex &x, const Ex &y) {
  if (is_literal(x, "true") || is_literal(y, "true"))
    return boolean(true);
  return is_literal(x, "false") ? y : is_literal(y, "false") ? x : native("||", {x, y}, ir::Type::boolean());
}
Ex alike(const Ex &x, const Ex &y) {
  for (const auto &[a, b] : {std::pair(x, y), std::pair(y, x)})
    if (is_literal(a, "true") || is_literal(a, "false"))
      return is_literal(a, "true") ? b : neither(b);
  return native("==", {x, y}, ir::Type::boolean());
}

/// What is compared; in C++20, a < b may be (a <=> b) < 0 or 0 < (b <=> a).
std::pair<const clang::Expr *, const clang::Expr *> compared(const clang::CXXOperatorCallExpr *op) {
  for (unsigned i : {0, 1})
    if (auto *three_way = dyn_cast<clang::CXXOperatorCallExpr>(bare(op->getArg(i)));
        three_way && three_way->getOperator() == clang::OO_Spaceship)
      return {three_way->getArg(i), three_way->getArg(1 - i)};
  return {op->getArg(0), op->getArg(1)};
}

} // namespace

/// a < b and the like, where one is an optional and the other an optional, a number or nullopt: nothing is less than anything.
std::optional<Ex> Body::compare_optionals(const std::string &sign, const clang::Expr *a,
                                          const clang::Expr *b) {
  struct Side {
    Ex has, value;
  };
  if (!is_optional(a->getType()) && !is_optional(b->getType()))
    return std::nullopt;
  auto side = [&](const clang::Expr *e) {
    if (is_instance(e->getType(), "nullopt_t"))
      return Side{boolean(false), boolean(false)};
    if (!is_optional(e->getType()))
      return Side{boolean(true), operand(e)};
    Place o = place(e);
    return Side{read(flag(o)), read(held(o))};
  };
  Side x = side(a), y = side(b);
  auto values = [&](const Ex &known, const std::string &by) { // of two that there are
    for (const Ex &v : {x.value, y.value})
      if (!v.type().is(ir::Type::Real) && !v.type().is(ir::Type::Int) && !v.type().is(ir::Type::Bool))
        refuse_expr(a, "this comparison of std::optional", "compare numbers that are in them");
    return both(known, native(by, {x.value, y.value}, ir::Type::boolean()));
  };
  if (sign == "==")
    return both(alike(x.has, y.has), either(neither(x.has), values(y.has, sign)));
  if (sign == "!=")
    return either(neither(alike(x.has, y.has)), values(both(x.has, y.has), sign));
  if (sign == "<")
    return both(y.has, either(neither(x.has), values(y.has, sign)));
  if (sign == ">")
    return both(x.has, either(neither(y.has), values(x.has, sign)));
  if (sign == "<=")
    return either(neither(x.has), values(y.has, sign));
  if (sign == ">=")
    return either(neither(y.has), values(x.has, sign));
  return std::nullopt;
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
  if (op && e->getNumArgs() == 2) {
    auto [a, b] = compared(op);
    if ((result = compare_optionals(clang::getOperatorSpelling(op->getOperator()), a, b)))
      return true;
  }
  const clang::Expr *object = mc ? mc->getImplicitObjectArgument() : e->getArg(0);
  const bool is_pointer = object->getType()->isPointerType();
  const clang::QualType optional = is_pointer ? object->getType()->getPointeeType() : object->getType();
  if (!mc && (!op || is_pointer) || !is_optional(optional))
    return false;
  Place o = is_pointer ? deref(value(object), {}) : place(object);
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
    o = fixed(o, op);
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
  } else if (name == "swap" && mc) {
    swap_places(o, place(mc->getArg(0)));
  } else if (name == "reset") {
    emit(Assign{flag(o), boolean(false)});
  } else if (name == "emplace") {
    emplace_optional(o, optional, {mc->arg_begin(), mc->arg_end()}, e);
    result = read(held(o));
  } else {
    refuse_expr(e, "this use of std::optional",
                "use has_value, *, ->, value, value_or, emplace, swap, reset, = and comparisons");
  }
  return true;
}

} // namespace nabla::front
