#include "diff/linear_form.h"
#include "ir/build.h"
#include "ir/make.h"
#include "ir/rules.h"
#include "ir/walk.h"
#include <algorithm>
#include <functional>

namespace nabla::diff {
using namespace ir;

namespace {

bool is_many(const Ex &e) {
  const std::string &type = e.type().spelling();
  return type.rfind("nabla::lanes<", 0) == 0 || type.rfind("nabla::bits<", 0) == 0;
}

/// Is the expression one of those that the form is linear in?
using IsLinear = std::function<bool(const Ex &)>;

/// dot times a sum of factors; no factor is one.
struct Term {
  struct Part {
    std::optional<Ex> factor;
    bool minus;
  };
  Ex dot;
  std::vector<Part> parts;

  bool is_minus() const {
    return std::all_of(parts.begin(), parts.end(), [](const Part &p) { return p.minus; });
  }
};

bool is_constant(const Term::Part &p) {
  return !p.factor || std::holds_alternative<Const>((*p.factor)->node);
}

/// What dot is multiplied by, but for the sign of a term that is_minus: constants first, which a compiler adds up.
std::optional<Ex> factor_of(const Term &t) {
  if (t.parts.size() == 1)
    return t.parts[0].factor;
  auto typed = std::find_if(t.parts.begin(), t.parts.end(), [](const Term::Part &p) { return p.factor; });
  const Type type = typed != t.parts.end() ? (*typed->factor).type()
                    : is_many(t.dot)       ? Type::real()
                                           : t.dot.type().with_const(false);
  std::optional<Ex> out;
  for (bool constants : {true, false})
    for (bool minus : {false, true})
      for (const Term::Part &p : t.parts) {
        if (p.minus != minus || is_constant(p) != constants)
          continue;
        Ex factor = p.factor ? *p.factor : constant(1, type);
        const bool is_subtracted = minus && !t.is_minus();
        if (out)
          out = is_subtracted ? *out - factor : *out + factor;
        else
          out = is_subtracted ? -factor : factor;
      }
  return out;
}

class Collector {
public:
  explicit Collector(IsLinear is_linear) : is_linear_(std::move(is_linear)) {}

  /// Adds the terms of `dot`, each times the outer factor.
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
      const bool first = is_linear_(a->args[0]);
      if (first == is_linear_(a->args[1]))
        return add(dot, outer, minus);
      return collect(a->args[first ? 0 : 1], times(outer, a->args[first ? 1 : 0]), minus);
    }
    case Rule::div:
      if (is_linear_(a->args[1]))
        return add(dot, outer, minus);
      return collect(a->args[0], (outer ? *outer : constant(a->args[1], 1)) / a->args[1], minus);
    default:
      add(dot, outer, minus);
    }
  }

  Ex sum(const Type &type) const {
    Ex out;
    for (bool minus : {false, true}) // what is subtracted comes last
      for (const Term &t : terms_) {
        std::optional<Ex> factor = factor_of(t);
        if (t.is_minus() != minus || (factor && is_zero(*factor)))
          continue;
        Ex term = factor ? t.dot * *factor : t.dot;
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
  void add(const Ex &dot, std::optional<Ex> factor, bool minus) {
    if (auto *a = factor ? std::get_if<Apply>(&(*factor)->node) : nullptr; a && a->rule == Rule::neg)
      factor = Ex(a->args[0]), minus = !minus;
    for (Term &t : terms_)
      if (same_value(t.dot, dot)) {
        t.parts.push_back({factor, minus});
        return;
      }
    terms_.push_back({dot, {{factor, minus}}});
  }

  const IsLinear is_linear_;
  std::vector<Term> terms_;
};

} // namespace

Ex linear_form(const Ex &dot) {
  if (!is_many(dot) || !std::holds_alternative<Apply>(dot->node))
    return dot;
  Collector c(is_many);
  c.collect(dot, {}, false);
  return c.sum(dot.type());
}

Ex with_common_factors(const Ex &sum, const std::set<Var> &linear) {
  Collector c([&](const Ex &e) {
    bool found = false;
    for_each_variable(e, [&](const Var &v) { found |= linear.count(v) != 0; });
    return found;
  });
  c.collect(sum, {}, false);
  return c.sum(sum.type());
}

} // namespace nabla::diff
