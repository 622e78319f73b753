// Every row of rules.def on the tape, to third order: along a line through the argument space, a tape, a tape on a tape
// and a tape on a tape on a tape give what nested duals give. Additions and sine, which the tape treats apart, against
// their rows.
//
// RUN: %clangxx -std=c++17 -Wall -Wextra -Werror -O0 -I%include %check %s -L%lib -lnabla -o %t && %t
#include "check.h"
#include <nabla/tape.h>
#include <random>

namespace {

using nabla::basic_dual;
using nabla::basic_tape;
using nabla::basic_var;
using nabla::rules::id;
using nabla::rules::row;

template <id I, class V> V evaluate(const V *at) {
  using Row = row<I>;
  constexpr int integer = I == id::polygamma ? 1 : 3;
  if constexpr (Row::integer_second)
    return Row::value(at[0], integer);
  else if constexpr (Row::arity == 1)
    return Row::value(at[0]);
  else if constexpr (Row::arity == 2)
    return Row::value(at[0], at[1]);
  else
    return Row::value(at[0], at[1], at[2]);
}

struct line {
  double at[3], along[3];
};
template <id I, class V> V on_line(const line &l, const V &t) {
  V x[3];
  for (unsigned k = 0; k < 3; ++k)
    x[k] = l.at[k] + l.along[k] * t;
  return evaluate<I, V>(x);
}

using d1 = basic_dual<double>;
using d2 = basic_dual<d1>;
using d3 = basic_dual<d2>;
using v1 = basic_var<double>;
using v2 = basic_var<v1>;
using v3 = basic_var<v2>;

/// The derivative with respect to t, on a tape of its own: T is the scalar's type.
template <class T, class F> T derivative(const T &t, F f) {
  basic_tape<T> tape;
  basic_var<T> x = t;
  tape.watch(x);
  const basic_var<T> y = f(x);
  if (!y.is_active())
    return T(0);
  tape.backward(y);
  return x.adjoint();
}

template <id I> void compare(const line &l) {
  auto f = [&](const auto &t) { return on_line<I>(l, t); };
  const d3 expected = on_line<I>(l, d3(d2(d1(0, 1), d1(1, 0)), d2(d1(1, 0), d1(0, 0))));
  const double first = derivative(0.0, f);
  const double second = derivative(0.0, [&](const v1 &t) { return derivative(t, f); });
  const double third = derivative(
      0.0, [&](const v1 &t) { return derivative(t, [&](const v2 &s) { return derivative(s, f); }); });
  const double results[] = {first, second, third};
  const double duals[] = {expected.value.value.dot, expected.value.dot.dot, expected.dot.dot.dot};
  for (int order = 0; order < 3; ++order) {
    const bool ok = std::fabs(results[order] - duals[order]) <= 1e-11 * (1 + std::fabs(duals[order]));
    check::verdict(ok, row<I>::name, "order", order + 1);
    if (!ok)
      std::printf("  %.17g, expected %.17g\n", results[order], duals[order]);
  }
}

std::mt19937 generator(20261122);

template <id I> void test_row() {
  using Row = row<I>;
  for (int sample = 0; sample < 5; ++sample) {
    line l{};
    for (unsigned k = 0; k < (Row::integer_second ? 1 : Row::arity); ++k) {
      l.at[k] = std::uniform_real_distribution<double>(Row::low[k], Row::high[k])(generator);
      l.along[k] = std::uniform_real_distribution<double>(-1, 1)(generator);
    }
    compare<I>(l);
  }
}

/// d row / d argument K as the tape records it, against the table's.
template <id I, unsigned K, class... X> void against_row(X... x) {
  nabla::tape tape;
  nabla::var v[] = {x...};
  tape.watch(v);
  nabla::var y = evaluate<I>(v);
  double values[] = {x...};
  const double r = row<I>::value(x...);
  CHECK_NEAR(y.value(), r, 0);
  tape.backward(y);
  CHECK_NEAR(v[K].adjoint(), (row<I>::template partial<K>(x..., r)), 0);
  CHECK(values[K] == v[K].value());
}

} // namespace

int main() {
#define NABLA_RULE1(NAME, ...) test_row<id::NAME>();
#define NABLA_RULE2(NAME, ...) test_row<id::NAME>();
#define NABLA_RULE3(NAME, ...) test_row<id::NAME>();
#define NABLA_RULEN(NAME, ...) test_row<id::NAME>();
#include <nabla/rules.def>
  for (double x : {-2.5, 0.0, 1.25, 1e5}) {
    against_row<id::add, 0>(x, 2.0);
    against_row<id::add, 1>(x, 2.0);
    against_row<id::sub, 0>(x, 2.0);
    against_row<id::sub, 1>(x, 2.0);
    against_row<id::neg, 0>(x);
    against_row<id::sin, 0>(x);
    against_row<id::cos, 0>(x);
  }
  return check::report();
}
