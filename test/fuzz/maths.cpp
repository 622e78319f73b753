// Calls of <cmath>, under all their names, with arguments kept inside their domains and away from kinks.
#include "gen.h"
#include <cmath>

namespace fuzz {

/// A positive expression, at least 0.3.
Ref Gen::positive(int depth) {
  Ref e = real(depth);
  switch (r_.in(0, 4)) {
  case 0:
    return make(Node::Expr, "(1.5 + @)", {named("sin", e, 1)}, common(e->ty, Ty::D), 2.5);
  case 1:
    e = fit(e, 2);
    return make(Node::Expr, "(2.5 + @)", {e}, common(e->ty, Ty::D), 4.5);
  case 2:
    e = fit(e, 2);
    return make(Node::Expr, "(@ + 3)", {e}, e->ty, 5);
  case 3:
    e = fit(e, 1.2);
    return named("exp", e, 3.4);
  default: {
    bool was = quiet_;
    quiet_ = true;
    Ref p = fit(read(), 2);
    quiet_ = was;
    return make(Node::Expr, "(1.1 + @ * @)", {p, p}, common(p->ty, Ty::D), 1.1 + p->bound * p->bound);
  }
  }
}

/// An expression moved off every round number, so that no kink is met by construction.
Ref Gen::shifted(int depth, double limit) {
  Ref e = fit(real(depth), limit);
  char shift[16];
  std::snprintf(shift, sizeof shift, "0.%04d", r_.in(100, 300) | 1);
  return make(Node::Expr, std::string("(@ + ") + shift + (e->ty == Ty::F ? "f" : "") + ")", {e}, e->ty,
              e->bound + 0.05);
}

/// FN(arg), in one of the spellings that C++ has for it.
Ref Gen::named(const char *fn, Ref arg, double bound) {
  std::string f = fn;
  bool overloaded_only = f == "abs";
  switch (overloaded_only ? 9 : r_.in(0, 9)) {
  case 0:
    if (arg->ty != Ty::D)
      break;
    row("maths.unqualified");
    return make(Node::Expr, f + "(@)", {arg}, Ty::D, bound);
  case 1:
    if (arg->ty == Ty::L && profile_ < 60)
      break;
    row("maths.builtin");
    return make(Node::Expr,
                "__builtin_" + f +
                    (arg->ty == Ty::F   ? "f"
                     : arg->ty == Ty::L ? "l"
                                        : "") +
                    "(@)",
                {arg}, arg->ty, bound);
  case 2:
    if (arg->ty == Ty::D && profile_ < 74)
      break;
    row("maths.suffixed");
    if (arg->ty == Ty::L)
      return make(Node::Expr, f + "l(@)", {arg}, Ty::L, bound);
    return make(Node::Expr, f + "f(@)", {to(arg, Ty::F)}, Ty::F, bound);
  default:
    break;
  }
  return make(Node::Expr, "std::" + f + "(@)", {arg}, arg->ty, bound);
}

Ref Gen::named2(const char *fn, Ref a, Ref b, double bound) {
  std::string f = fn;
  bool same = a->ty == b->ty;
  if (same && a->ty == Ty::D && r_.chance(12)) {
    row("maths.unqualified");
    return make(Node::Expr, f + "(@, @)", {a, b}, Ty::D, bound);
  }
  if (same && r_.chance(12)) {
    const char *suffix = a->ty == Ty::F ? "f" : a->ty == Ty::L ? "l" : "";
    row("maths.builtin");
    return make(Node::Expr, "__builtin_" + f + suffix + "(@, @)", {a, b}, a->ty, bound);
  }
  return make(Node::Expr, "std::" + f + "(@, @)", {a, b}, common(a->ty, b->ty), bound);
}

Ref Gen::unary_maths(int depth) {
  struct Entry {
    const char *name;
    enum { Any, Small, Positive, Unit, Above1, Half, Gamma, Kink } domain;
    double bound;
  };
  static const Entry table[] = {
      {"exp", Entry::Small, 8},      {"exp2", Entry::Small, 4},    {"expm1", Entry::Small, 7},
      {"log", Entry::Positive, 2},   {"log2", Entry::Positive, 3}, {"log10", Entry::Positive, 1},
      {"log1p", Entry::Positive, 2}, {"sqrt", Entry::Positive, 3}, {"cbrt", Entry::Positive, 2},
      {"sin", Entry::Any, 1},        {"cos", Entry::Any, 1},       {"tan", Entry::Half, 1.3},
      {"asin", Entry::Half, 1.2},    {"acos", Entry::Half, 2.8},   {"atan", Entry::Any, 1.6},
      {"sinh", Entry::Small, 4},     {"cosh", Entry::Small, 4},    {"tanh", Entry::Small, 1},
      {"asinh", Entry::Small, 2},    {"acosh", Entry::Above1, 3},  {"atanh", Entry::Half, 1.5},
      {"erf", Entry::Small, 1},      {"erfc", Entry::Small, 2},    {"tgamma", Entry::Gamma, 6},
      {"lgamma", Entry::Gamma, 2},   {"fabs", Entry::Kink, 2.1},   {"abs", Entry::Kink, 2.1},
      {"floor", Entry::Kink, 3},     {"ceil", Entry::Kink, 3},     {"trunc", Entry::Kink, 3},
      {"round", Entry::Kink, 3},     {"rint", Entry::Kink, 3},     {"nearbyint", Entry::Kink, 3}};
  const Entry &f = table[r_.in(0, int(sizeof table / sizeof *table) - 1)];
  row(("maths." + std::string(f.name)).c_str());
  Ref e;
  switch (f.domain) {
  case Entry::Any:
    e = real(depth - 1);
    break;
  case Entry::Small:
    e = fit(real(depth - 1), 2);
    break;
  case Entry::Positive:
    e = positive(depth - 1);
    break;
  case Entry::Unit:
  case Entry::Half:
    e = fit(real(depth - 1), 0.85);
    break;
  case Entry::Above1:
    e = make(Node::Expr, "(1.2 + @)", {positive(depth - 1)}, Ty::D, 6);
    e->ty = common(e->kids[0]->ty, Ty::D);
    break;
  case Entry::Gamma:
    e = make(Node::Expr, "(2.1 + @)", {fit(real(depth - 1), 1)}, Ty::D, 3.1);
    e->ty = common(e->kids[0]->ty, Ty::D);
    break;
  case Entry::Kink:
    e = shifted(depth - 1, 2);
    break;
  }
  return named(f.name, e, f.bound);
}

Ref Gen::binary_maths(int depth) {
  static const std::vector<const char *> names = {"pow",    "pow",  "hypot",     "atan2",    "fmin",  "fmax",
                                                  "fdim",   "fmod", "remainder", "copysign", "ldexp", "fma",
                                                  "hypot3", "min",  "max",       "clamp"};
  std::string f = r_.pick(names);
  row(("maths." + f).c_str());
  Ref a = fit(real(depth - 1), 2);
  auto same_type = [&](Ref e, Ty t) { return to(e, t); };
  if (f == "pow") {
    if (r_.chance(40)) {
      std::string k = std::to_string(r_.in(2, 4));
      return make(Node::Expr, "std::pow(@, " + k + ")", {a}, common(a->ty, Ty::D), std::pow(2, std::stoi(k)));
    }
    if (r_.chance(20))
      return make(Node::Expr, "std::pow(@, @)", {literal(a->ty, 0.4, 1.9), a}, a->ty, 5);
    return named2("pow", positive(depth - 1), a, 25);
  }
  if (f == "fmod" || f == "remainder")
    return named2(f.c_str(), shifted(depth - 1, 3), positive(depth - 1), 3);
  if (f == "ldexp") {
    int lo = 0, hi = 0;
    Ref k = integer(0, lo, hi);
    return hi <= 3 && lo >= -3 ? make(Node::Expr, "std::ldexp(@, @)", {a, k}, a->ty, 8 * a->bound)
                               : make(Node::Expr, "std::ldexp(@, -1)", {a}, a->ty, 1);
  }
  Ref s = shifted(depth - 1, 2);
  if (f == "hypot" || f == "atan2" || f == "fmin" || f == "fmax" || f == "fdim")
    return named2(f.c_str(), s, a, f == "atan2" ? 3.2 : 4.1);
  if (f == "copysign")
    return named2("copysign", shifted(depth - 1, 2), s, 2.1);
  if (f == "fma") {
    Ref b = same_type(fit(real(depth - 1), 2), a->ty);
    return make(Node::Expr,
                std::string(r_.chance(80)    ? "std::fma"
                            : a->ty == Ty::D ? "fma"
                                             : "std::fma") +
                    "(@, @, @)",
                {a, b, to(s, a->ty)}, a->ty, 6.1);
  }
  if (f == "hypot3")
    return make(Node::Expr, "std::hypot(@, @, @)",
                {to(s, Ty::D), to(a, Ty::D), value_of(Ty::D, depth - 1, 2)}, Ty::D, 3.6);
  if (f == "clamp") {
    Ty t = s->ty;
    return make(Node::Expr, "std::clamp(@, @, @)", {s, literal(t, -1.4, -0.2), literal(t, 0.3, 1.5)}, t, 1.5);
  }
  return make(Node::Expr, "std::" + f + "(@, @)", {s, to(a, s->ty)}, s->ty, 2.1);
}

Ref Gen::maths(int depth) { return r_.chance(68) ? unary_maths(depth) : binary_maths(depth); }

} // namespace fuzz
