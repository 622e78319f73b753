// Real expressions and conditions.
#include "gen.h"
#include <cmath>
#include <cstdio>

namespace fuzz {

static std::string number(double x, Ty t) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", x);
  std::string s = text;
  if (s.find_first_of(".e") == std::string::npos)
    s += ".0";
  return s + (t == Ty::F ? "f" : t == Ty::L ? "L" : "");
}

/// Most programs compute in double alone; the rest mix.
Ty Gen::pick_real() {
  Ty t = Ty::D;
  if (profile_ >= 60 && profile_ < 68)
    t = Ty::F;
  else if (profile_ >= 68 && profile_ < 74)
    t = Ty::L;
  else if (profile_ >= 74 && profile_ < 90)
    t = r_.chance(35) ? Ty::F : Ty::D;
  else if (profile_ >= 90)
    t = r_.chance(25) ? Ty::L : r_.chance(25) ? Ty::F : Ty::D;
  row(t == Ty::D ? "scalar.double" : t == Ty::F ? "scalar.float" : "scalar.long_double");
  return t;
}

Ref Gen::literal(Ty t, double lo, double hi) {
  double x = std::round((lo + (hi - lo) * r_.unit()) * 1000) / 1000;
  return make(Node::Expr, number(x, t), {}, t, std::fabs(x));
}

Ref Gen::read() {
  Ref p = place(false);
  if (!p)
    return literal(pick_real(), 0.3, 1.7);
  return make(Node::Expr, "@", {p}, p->ty, p->bound);
}

Ref Gen::real_leaf() {
  if (r_.chance(14))
    return literal(pick_real(), 0.2, 1.9);
  return read();
}

Ref Gen::binary(int depth) {
  Ref a = real(depth - 1);
  if (r_.chance(10)) { // a real and an integer
    int lo = 0, hi = 0;
    Ref k = integer(1, lo, hi);
    double most = std::max(std::abs(lo), std::abs(hi));
    row("scalar.mixed_arithmetic");
    if (r_.chance(50))
      return make(Node::Expr, "(@ + @)", {a, k}, a->ty, a->bound + most);
    return make(Node::Expr, "(@ * @)", {k, a}, a->ty, a->bound * most);
  }
  Ref b = real(depth - 1);
  Ty t = common(a->ty, b->ty);
  if (a->ty != b->ty)
    row("scalar.mixed_arithmetic");
  switch (r_.in(0, 3)) {
  case 0:
    return make(Node::Expr, "(@ + @)", {a, b}, t, a->bound + b->bound);
  case 1:
    return make(Node::Expr, "(@ - @)", {a, b}, t, a->bound + b->bound);
  default:
    return make(Node::Expr, "@ * @", {fit(a, 1e3), fit(b, 1e3)}, t, a->bound * b->bound);
  }
}

Ref Gen::divide(int depth) {
  Ref a = real(depth - 1);
  row("expression.division");
  if (r_.chance(25)) {
    double by = 1.25 + r_.in(0, 6) * 0.25;
    return make(Node::Expr, "(@ / " + number(by, a->ty) + ")", {a}, a->ty, a->bound / by);
  }
  Ref b = positive(depth - 1);
  return make(Node::Expr, "(@ / @)", {a, b}, common(a->ty, b->ty), a->bound / 0.25);
}

Ref Gen::to(Ref e, Ty t) {
  if (e->ty == t)
    return e;
  return cast_real(e, t);
}

Ref Gen::cast_real(Ref e, Ty t) {
  row("scalar.real_conversion");
  std::string name = spell(t);
  std::string form = "static_cast<" + name + ">(@)";
  if (r_.chance(40))
    form = "(" + name + ")(@)";
  else if (t != Ty::L && r_.chance(50))
    form = name + "(@)";
  return make(Node::Expr, form, {e}, t, e->bound);
}

/// Brings |e| below `limit`, by a bounded function or a factor.
Ref Gen::fit(Ref e, double limit) {
  if (e->bound <= limit)
    return e;
  int way = r_.in(0, 9);
  if (way < 4 && limit >= 1) {
    const char *fn = e->bound > 4 ? r_.one_of({"sin", "cos", "atan", "sin"})
                                  : r_.one_of({"sin", "cos", "tanh", "atan", "erf"});
    double bound = std::string(fn) == "atan" ? 1.58 : 1;
    if (bound <= limit)
      return named(fn, e, bound);
  }
  if (e->bound <= 45 * limit) {
    double f = std::floor(limit / e->bound * 1000) / 1000;
    return make(Node::Expr, number(f, e->ty) + " * @", {e}, e->ty, limit);
  }
  return make(Node::Expr, number(limit, e->ty) + " * @", {named(r_.one_of({"sin", "cos"}), e, 1)}, e->ty,
              limit);
}

Ref Gen::value_of(Ty t, int depth, double limit) { return fit(to(real(depth), t), limit); }

Ref Gen::choose(int depth) {
  row("expression.conditional");
  Ref c = condition(depth - 1);
  Ref a = real(depth - 1);
  Ref b = r_.chance(15) ? literal(a->ty, 0.2, 1.5) : to(real(depth - 1), a->ty);
  return make(Node::Expr, "(@ ? @ : @)", {c, a, b}, a->ty, std::max(a->bound, b->bound));
}

/// Conversions to integers and back, booleans as numbers, comma, characters.
Ref Gen::special(int depth) {
  int lo = 0, hi = 0;
  switch (r_.in(0, 6)) {
  case 0: {
    row("scalar.int_cast");
    Ref e = named(r_.one_of({"sin", "cos"}), real(depth - 1), 1);
    Ref k = make(Node::Index,
                 std::string(r_.one_of({"(int)(@ * 3)", "static_cast<int>(3.7 * @)", "int(2.5 * @)",
                                        "static_cast<long>(@ * 4)"})),
                 {e}, Ty::Int);
    Ref a = real(depth - 1);
    return make(Node::Expr, "(@ * @)", {k, a}, a->ty, 4 * a->bound);
  }
  case 1: {
    row("scalar.bool_arithmetic");
    Ref c = comparison(depth - 1), a = real(depth - 1);
    return make(Node::Expr, "((@) * @)", {c, a}, a->ty, a->bound);
  }
  case 2: {
    Ty t = pick_real();
    row("scalar.int_conversion");
    Ref k = integer(1, lo, hi);
    return make(Node::Expr,
                std::string(r_.chance(50) ? "(" + std::string(spell(t)) + ")@"
                                          : "static_cast<" + std::string(spell(t)) + ">(@)"),
                {k}, t, std::max(std::abs(lo), std::abs(hi)));
  }
  case 3: {
    row("scalar.char");
    Ref a = real(depth - 1);
    return make(Node::Expr, std::string("(@ + ('") + "bcd"[r_.in(0, 2)] + "' - 'a'))", {a}, a->ty,
                a->bound + 3);
  }
  case 4: {
    row("expression.unary_minus");
    Ref a = real(depth - 1);
    return make(Node::Expr, r_.chance(85) ? "(- @)" : "(+ @)", {a}, a->ty, a->bound);
  }
  case 5: {
    if (quiet_)
      return real(depth - 1);
    row("expression.comma");
    Ref side = assigned(0);
    Ref a = real(depth - 1);
    return make(Node::Expr, "(@, @)", {side, a}, a->ty, a->bound);
  }
  default:
    return cast_real(real(depth - 1), pick_real());
  }
}

/// An assignment inside an expression.
Ref Gen::assigned(int depth) {
  Ref p = quiet_ ? Ref() : place(true, true, [](const Var &) { return true; });
  if (!p)
    return real_leaf();
  row("assignment.in_expression");
  bool acc = p->bound > 10;
  if (acc && r_.chance(25)) {
    row("assignment.increment");
    return make(Node::Expr, r_.one_of({"(@)++", "++@", "(@)--", "--@"}), {p}, p->ty, p->bound);
  }
  if (acc && r_.chance(50))
    return make(Node::Expr, "(@ += @)", {p, value(depth - 1, 3)}, p->ty, p->bound);
  if (r_.chance(20))
    return make(Node::Expr, "(@ *= @)", {p, value(depth - 1, 1)}, p->ty, p->bound);
  return make(Node::Expr, "(@ = @)", {p, value(depth - 1, 2)}, p->ty, p->bound);
}

Ref Gen::real(int depth) {
  if (depth <= 0 || r_.chance(12))
    return real_leaf();
  int way = r_.in(0, 99);
  if (way < 44)
    return binary(depth);
  if (way < 52)
    return divide(depth);
  if (way < 77)
    return maths(depth);
  if (way < 83)
    return choose(depth);
  if (way < 91)
    return special(depth);
  if (way < 93)
    return assigned(depth);
  if (way < 98)
    return call_value(depth);
  return cast_real(real(depth - 1), pick_real());
}

Ref Gen::comparison(int depth) {
  const char *op = r_.one_of({"<", ">", "<=", ">=", "<", ">"});
  row("expression.comparison");
  int lo = 0, hi = 0;
  if (r_.chance(25)) {
    Ref k = integer(1, lo, hi);
    std::string form = std::string("@ ") + r_.one_of({"<", ">", "==", "!=", "<=", ">="}) + " " +
                       std::to_string(r_.in(lo, std::max(lo, hi)));
    return make(Node::Index, form, {k}, Ty::Bool);
  }
  Ref a = real(depth);
  if (r_.chance(70)) {
    Ref b = literal(a->ty, -0.4, 1.4);
    return make(Node::Index, std::string("@ ") + op + " @", {a, b}, Ty::Bool);
  }
  return make(Node::Index, std::string("@ ") + op + " @", {a, real(depth)}, Ty::Bool);
}

Ref Gen::condition(int depth) {
  int lo = 0, hi = 0;
  switch (r_.in(0, 12)) {
  case 0:
    row("expression.and_or");
    return make(Node::Index, "(@ && @)", {condition(0), comparison(depth - 1)}, Ty::Bool);
  case 1:
    row("expression.and_or");
    return make(Node::Index, "(@ || @)", {comparison(depth - 1), condition(0)}, Ty::Bool);
  case 2:
    row("expression.not");
    return make(Node::Index, "!(@)", {comparison(depth - 1)}, Ty::Bool);
  case 3:
    row("expression.integer_condition");
    return make(Node::Index, "@", {integer(1, lo, hi)}, Ty::Bool);
  case 4: {
    if (quiet_)
      return comparison(depth);
    Ref p = place(true, true, [](const Var &) { return true; });
    if (!p)
      return comparison(depth);
    row("assignment.in_condition");
    Ref e = value(depth, 2);
    return make(Node::Index, "((@ = @) > @)", {p, e, literal(p->ty, -0.3, 0.9)}, Ty::Bool);
  }
  default:
    return comparison(depth);
  }
}

} // namespace fuzz
