// std::valarray: a container, and expressions of the library's that are evaluated element by element where one is set or
// summed.
//
//   c = a + 2.0 * std::exp(b);  ->  for (i = 0; i < a.size; ++i) c[i] = a[i] + 2.0 * exp(b[i])
#include "import/body.h"
#include "import/container.h"

namespace nabla::front {

namespace {

ir::Type count_type() { return ir::Type::integer("unsigned long"); }

bool is_expression(clang::QualType t) {
  auto *cls = t.getNonReferenceType()->getAsCXXRecordDecl();
  return cls && cls->isInStdNamespace() && cls->getIdentifier() && cls->getName() == "_Expr";
}
bool is_array(clang::QualType t) { return is_valarray(t) || is_expression(t); }

/// Without temporaries and copies on the way.
const clang::Expr *unwrapped(const clang::Expr *e) {
  return bare(e, [](const clang::CXXConstructExpr *c) {
    return is_expression(c->getType()) && c->getNumArgs() == 1;
  });
}

clang::QualType number_type(clang::QualType array) {
  auto *cls = cast<clang::ClassTemplateSpecializationDecl>(array.getNonReferenceType()->getAsCXXRecordDecl());
  return cls->getTemplateArgs()[is_valarray(array) ? 0 : 1].getAsType();
}

std::optional<clang::BinaryOperatorKind> arithmetic_of(clang::OverloadedOperatorKind op) {
  switch (op) {
  case clang::OO_Plus:
  case clang::OO_PlusEqual:
    return clang::BO_Add;
  case clang::OO_Minus:
  case clang::OO_MinusEqual:
    return clang::BO_Sub;
  case clang::OO_Star:
  case clang::OO_StarEqual:
    return clang::BO_Mul;
  case clang::OO_Slash:
  case clang::OO_SlashEqual:
    return clang::BO_Div;
  default:
    return std::nullopt;
  }
}

} // namespace

/// What is converted to a pointer to a function: a lambda without captures, or a name.
std::optional<Body::Closure> Body::named_closure(const clang::Expr *e) {
  e = e->IgnoreParenImpCasts();
  if (auto *converted = dyn_cast<clang::CXXMemberCallExpr>(e))
    e = without_casts(converted->getImplicitObjectArgument());
  if (auto *name = dyn_cast<clang::DeclRefExpr>(e))
    if (auto *f = dyn_cast<clang::FunctionDecl>(name->getDecl()); f && f->hasBody())
      return Closure{nullptr, {}, f, nullptr};
  return closure(e);
}

/// Functions and operators that give an expression.
std::optional<Body::Elementwise> Body::elementwise_call(const clang::CallExpr *e) {
  const clang::FunctionDecl *f = e->getDirectCallee();
  if (!f || !is_of_std(f) || !is_array(e->getType()))
    return std::nullopt;
  auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e);
  auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e);
  ir::Type t = type(number_type(e->getType()), e->getExprLoc()).with_const(false);
  clang::SourceLocation where = e->getExprLoc();
  if (mc && f->getNameAsString() == "apply" && mc->getNumArgs() == 1) {
    auto function = named_closure(mc->getArg(0));
    if (!function)
      refuse_expr(e, "'apply' with this function", "give it a lambda, or write the loop out");
    Elementwise x = array_operand(mc->getImplicitObjectArgument());
    auto at = [this, x, function, e](const Ex &i) {
      Var held = temp("element", x.at(i));
      escaped_.insert(held.get());
      return applied(*function, {Place{held, {}}}, e);
    };
    return Elementwise{x.size, at};
  }
  std::vector<Elementwise> parts;
  std::optional<Rule> rule = op ? std::nullopt : math_rule(f);
  auto sign = op ? arithmetic_of(op->getOperator()) : std::nullopt;
  bool is_sign =
      op && op->getNumArgs() == 1 && one_of(clang::getOperatorSpelling(op->getOperator()), {"+", "-"});
  if (mc || !rule && !is_sign && !(sign && e->getNumArgs() == 2))
    return std::nullopt;
  for (const clang::Expr *a : e->arguments())
    parts.push_back(array_operand(a));
  Ex size = parts[0].size ? parts[0].size : parts.back().size;
  bool negates = is_sign && op->getOperator() == clang::OO_Minus;
  return Elementwise{size, [=, this](const Ex &i) {
                       std::vector<Ex> args;
                       for (const Elementwise &x : parts)
                         args.push_back(convert(x.at(i), t));
                       if (rule)
                         return apply(*rule, args, t);
                       if (is_sign)
                         return !negates               ? args[0]
                                : t.is(ir::Type::Real) ? apply(Rule::neg, args, t)
                                                       : native("neg", args, t);
                       return arithmetic(*sign, args[0], args[1], t, where);
                     }};
}

/// The elements of an expression that has some.
std::optional<Body::Elementwise> Body::elementwise(const clang::Expr *e) {
  e = unwrapped(e);
  if (!is_array(e->getType()))
    return std::nullopt;
  if (auto *c = dyn_cast<clang::CallExpr>(e))
    if (auto made = elementwise_call(c))
      return made;
  if (!is_valarray(e->getType()))
    refuse_expr(e, "this expression of std::valarray", "write the loop out");
  Place p = e->isGLValue() ? place(e) : materialize(e);
  return Elementwise{read(part(p, Struct::Size)), [p](const Ex &i) { return read(element(p, i)); }};
}

Body::Elementwise Body::array_operand(const clang::Expr *e) {
  if (auto x = elementwise(e))
    return *x;
  Ex number = steady_value(e);
  return {Ex(), [number](const Ex &) { return number; }};
}

/// The elements one by one; an array of another size gets new ones before.
void Body::set_array(const Place &to, const Elementwise &from) {
  if (from.size) {
    Ex n = count_of(from.size, "count");
    Ex differs = native("!=", {read(part(to, Struct::Size)), n}, ir::Type::boolean());
    Block renew = capture([&] { allocate_elements(to, n, false); });
    emit(If{differs, std::move(renew), {}});
  }
  ir::Type t = part(to, Struct::Data).type().element().with_const(false);
  count_loop(integer(0), read(part(to, Struct::Size)),
             [&](const Ex &i) { emit(Assign{element(to, i), convert(from.at(i), t)}); });
}

bool Body::array_construct(const Place &to, const clang::CXXConstructExpr *e) {
  if (!is_valarray(e->getType()) || !to.type().is(ir::Type::Record))
    return false;
  const clang::CXXConstructorDecl *c = e->getConstructor();
  unsigned n = e->getNumArgs();
  if (n == 0 || c->isCopyOrMoveConstructor() || n == 1 && is_written_list(e->getArg(0)))
    return false; // as other containers
  if (n == 1 && is_expression(e->getArg(0)->getType())) {
    empty_container(to);
    set_array(to, array_operand(e->getArg(0)));
    return true;
  }
  if (n == 1 && e->getArg(0)->getType()->isIntegerType()) {
    allocate_elements(to, count_of(value(e->getArg(0)), "count"), true);
    return true;
  }
  bool is_pointer = n == 2 && e->getArg(0)->getType()->isPointerType();
  if (n != 2 || !e->getArg(1)->getType()->isIntegerType())
    refuse_expr(e, "this constructor of std::valarray", "make it of a size, and fill it");
  bool outer = std::exchange(for_reading_, true);
  Ex from = is_pointer ? freeze_now(operand(e->getArg(0)), "from") : steady_value(e->getArg(0));
  for_reading_ = outer;
  allocate_elements(to, count_of(value(e->getArg(1)), "count"), false);
  ir::Type t = part(to, Struct::Data).type().element().with_const(false);
  count_loop(integer(0), read(part(to, Struct::Size)), [&](const Ex &i) {
    emit(Assign{element(to, i), convert(is_pointer ? read(deref(from, i)) : from, t)});
  });
  return true;
}

/// a = expression, a = number, a += expression, ...
bool Body::array_assign(const clang::CXXOperatorCallExpr *e, std::optional<Ex> &result) {
  const clang::Expr *from = e->getArg(1);
  bool is_plain = e->getOperator() == clang::OO_Equal;
  auto op = arithmetic_of(e->getOperator());
  if (is_plain && is_written_list(from))
    return false;
  auto *m = dyn_cast<clang::CXXMethodDecl>(e->getDirectCallee());
  if (is_plain && m && (m->isCopyAssignmentOperator() || m->isMoveAssignmentOperator()) &&
      !is_expression(unwrapped(from)->getType()))
    return false;
  if (!is_plain && !(op && e->isAssignmentOp()))
    return false;
  Elementwise x = array_operand(from);
  Place to = fixed(place(e->getArg(0)), e);
  ir::Type t = part(to, Struct::Data).type().element().with_const(false);
  clang::SourceLocation at = e->getExprLoc();
  if (!is_plain) {
    auto old = x.at;
    x.at = [=, this](const Ex &i) {
      return arithmetic(*op, read(element(to, i)), convert(old(i), t), t, at);
    };
    x.size = Ex();
  }
  set_array(to, x);
  result = read(to);
  return true;
}

/// The sum in the order of the library's: from the first on.
Ex Body::array_sum(const Elementwise &x, const ir::Type &t) {
  Var sum = temp("sum", zero_of(t));
  stable_.erase(sum.get());
  count_loop(integer(0), x.size, [&](const Ex &i) {
    Ex next = convert(x.at(i), t);
    emit(Assign{Place{sum, {}}, t.is(ir::Type::Real) ? apply(Rule::add, {read(sum), next}, t)
                                                     : native("+", {read(sum), next}, t)});
  });
  return read(sum);
}

/// The first of the smallest or the largest.
Ex Body::array_extreme(const Elementwise &x, const ir::Type &t, bool is_max) {
  Var best = temp("best", convert(x.at(integer(0, count_type())), t));
  stable_.erase(best.get());
  count_loop(integer(1), x.size, [&](const Ex &i) {
    Ex next = read(temp("next", convert(x.at(i), t)));
    Block better = capture([&] { emit(Assign{Place{best, {}}, next}); });
    emit(If{native(is_max ? ">" : "<", {next, read(best)}, ir::Type::boolean()), std::move(better), {}});
  });
  return read(best);
}

bool Body::array_call(const clang::CallExpr *e, const clang::FunctionDecl *f, std::optional<Ex> &result) {
  auto *mc = dyn_cast<clang::CXXMemberCallExpr>(e);
  auto *op = dyn_cast<clang::CXXOperatorCallExpr>(e);
  const clang::Expr *object = mc ? mc->getImplicitObjectArgument() : e->getNumArgs() ? e->getArg(0) : nullptr;
  if (!object || !is_of_std(f))
    return false;
  bool is_pointer = object->getType()->isPointerType();
  clang::QualType t = is_pointer ? object->getType()->getPointeeType() : object->getType();
  bool gives_array = is_expression(e->getType());
  if (!is_array(t) && !gives_array)
    return false;
  std::string name = f->getNameAsString();
  if (is_valarray(t) && (one_of(name, {"move", "forward", "as_const", "swap"}) || is_pointer))
    return false;
  if (op && is_valarray(t) && op->isAssignmentOp() && array_assign(op, result))
    return true;
  if (op && is_valarray(t) && op->getOperator() == clang::OO_Subscript &&
      e->getArg(1)->getType()->isIntegerType())
    return false; // as other containers
  if (op && (op->getOperator() == clang::OO_Equal && is_valarray(t)))
    return false;
  if (gives_array || is_valarray(e->getType()) && !e->isGLValue()) {
    auto x = elementwise_call(e);
    if (!x)
      refuse_expr(e, "'" + name + "' of std::valarray", "write the loop out");
    if (!is_valarray(e->getType()))
      refuse_expr(e, "an expression of std::valarray that is kept",
                  "write std::valarray for its type, not auto");
    Var made = empty_temp("made", type(e->getType(), e->getExprLoc()));
    empty_container(Place{made, {}});
    set_array(Place{made, {}}, *x);
    result = read(made);
    return true;
  }
  if (mc && one_of(name, {"sum", "min", "max"})) {
    Elementwise x = array_operand(object);
    x.size = count_of(x.size, "count");
    ir::Type number = type(number_type(t), e->getExprLoc()).with_const(false);
    result = name == "sum" ? array_sum(x, number) : array_extreme(x, number, name == "max");
    return true;
  }
  if (mc && name == "resize") {
    Ex n = count_of(value(mc->getArg(0)), "count");
    Ex x = isa<clang::CXXDefaultArgExpr>(mc->getArg(1)) ? Ex() : steady_value(mc->getArg(1));
    Place v = place(object);
    allocate_elements(v, n, !x);
    if (x)
      count_loop(integer(0), n, [&](const Ex &i) { set_element(element(v, i), x, {}, nullptr); });
    return true;
  }
  bool is_plain = one_of(name, {"size", "begin", "end", "swap"}) && is_valarray(t);
  if (is_plain)
    return false;
  refuse_expr(e, "'" + name + "' of std::valarray", "write the loop out, or use std::vector");
}

} // namespace nabla::front
