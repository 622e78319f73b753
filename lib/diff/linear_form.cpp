#include "diff/linear_form.h"
#include "ir/build.h"
#include "ir/make.h"
#include "ir/rules.h"
#include "ir/walk.h"

namespace nabla::diff {
using namespace ir;

namespace {

bool is_many(const Ex &e) {
  const std::string &type = e.type().spelling();
  return type.rfind("nabla::lanes<", 0) == 0 || type.rfind("nabla::bits<", 0) == 0;
}

/// factor * dot; without a factor, plus or minus the tangent itself.
struct Term {
  Ex dot;
  std::optional<Ex> factor;
  bool minus = false;
};

/// A factor with its sign.
Ex signed_factor(const Term &t, const Type &type) {
  Ex factor = t.factor ? *t.factor : constant(1, type);
  return t.minus ? -factor : factor;
}

class Collector {
public:
  /// Adds the terms of `dot`, each times the outer factor. False: there is nothing to gain, or it is not of this kind.
  void collect(const Ex &dot, const std::optional<Ex> &outer, bool minus) {
    auto *a = std::get_if<Apply>(&dot->node);
    if (!a) {
      add(dot, outer, minus);
      return;
    }
    switch (a->rule) {
    case Rule::neg:
      return collect(a->args[0], outer, !minus);
    case Rule::add:
    case Rule::sub:
      collect(a->args[0], outer, minus);
      return collect(a->args[1], outer, minus != (a->rule == Rule::sub));
    case Rule::mul: {
      bool first = is_many(a->args[0]);
      return collect(a->args[first ? 0 : 1], times(outer, a->args[first ? 1 : 0]), minus);
    }
    case Rule::div:
      return collect(a->args[0], (outer ? *outer : constant(a->args[1], 1)) / a->args[1], minus);
    default:
      add(dot, outer, minus);
    }
  }

  Ex sum(const Type &type) const {
    Ex out;
    for (bool minus : {false, true}) // what is subtracted comes last
      for (const Term &t : terms_) {
        if (t.minus != minus || (t.factor && is_zero(*t.factor)))
          continue;
        Ex term = t.factor ? t.dot * *t.factor : t.dot;
        if (out)
          out = minus ? out - term : out + term;
        else
          out = minus ? -term : term;
      }
    return out ? out : zero(type);
  }

private:
  static std::optional<Ex> times(const std::optional<Ex> &outer, const Ex &factor) {
    return outer ? factor * *outer : factor;
  }
  void add(const Ex &dot, const std::optional<Ex> &factor, bool minus) {
    Term made{dot, factor, minus};
    if (auto *a = factor ? std::get_if<Apply>(&(*factor)->node) : nullptr; a && a->rule == Rule::neg)
      made = {dot, a->args[0], !minus};
    for (Term &t : terms_) {
      if (!same_value(t.dot, dot))
        continue;
      const Type &type = t.factor ? t.factor->type() : made.factor ? made.factor->type() : Type::real();
      if (t.minus)
        t = {dot, signed_factor(made, type) - (t.factor ? *t.factor : constant(1, type))};
      else if (made.minus)
        t.factor = signed_factor(t, type) - (made.factor ? *made.factor : constant(1, type));
      else
        t.factor = signed_factor(t, type) + signed_factor(made, type);
      return;
    }
    terms_.push_back(made);
  }

  std::vector<Term> terms_;
};

} // namespace

Ex linear_form(const Ex &dot) {
  if (!is_many(dot) || !std::holds_alternative<Apply>(dot->node))
    return dot;
  Collector c;
  c.collect(dot, {}, false);
  return c.sum(dot.type());
}

} // namespace nabla::diff
