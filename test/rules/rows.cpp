// Every row of rules.def in float, double and long double, at random points of its sample intervals: first
// partials against extrapolated differences of the value, second ones (by nested duals) against differences
// of the partials.
//
// RUN: %gxx -std=c++17 -Wall -Wextra -Werror -O1 -I%include %check %s -o %t.gxx && %t.gxx
// RUN: %clangxx -std=c++20 -Wall -Wextra -Werror -I%include %check %s -o %t.clang && %t.clang
#include "check.h"
#include <nabla/dual.h>
#include <random>

namespace {

using nabla::basic_dual;
using nabla::rules::id;
using nabla::rules::row;
using Wide = long double;

std::mt19937 generator(20261121);

/// d f / d t at 0 by central differences with halved steps, extrapolated (Richardson): right to about 1e-14.
template <class F> Wide derivative(F f, Wide step) {
  constexpr int levels = 5;
  Wide table[levels][levels];
  for (int i = 0; i < levels; ++i, step /= 2) {
    table[i][0] = (f(step) - f(-step)) / (2 * step);
    Wide factor = 4;
    for (int j = 1; j <= i; ++j, factor *= 4)
      table[i][j] = (factor * table[i][j - 1] - table[i - 1][j - 1]) / (factor - 1);
  }
  return table[levels - 1][levels - 1];
}

/// One interface for rows of any shape: `at` are the real arguments; an integer one is fixed.
template <id I> struct Shape {
  using Row = row<I>;
  static constexpr unsigned reals = Row::integer_second ? 1 : Row::arity;
  static constexpr int integer = I == id::polygamma ? 1 : 3;

  template <class V> static V value(const V *at) {
    if constexpr (Row::integer_second)
      return Row::value(at[0], integer);
    else if constexpr (reals == 1)
      return Row::value(at[0]);
    else if constexpr (reals == 2)
      return Row::value(at[0], at[1]);
    else
      return Row::value(at[0], at[1], at[2]);
  }
  template <unsigned K, class V> static V partial(const V *at) {
    V r = value(at);
    if constexpr (Row::integer_second)
      return Row::template partial<K>(at[0], integer, r);
    else if constexpr (reals == 1)
      return Row::template partial<K>(at[0], r);
    else if constexpr (reals == 2)
      return Row::template partial<K>(at[0], at[1], r);
    else
      return Row::template partial<K>(at[0], at[1], at[2], r);
  }
};

bool is_near(Wide a, Wide b, Wide tolerance) { return std::fabs(a - b) <= tolerance * (1 + std::fabs(b)); }

template <id I> void expect(const char *what, Wide got, Wide expected, Wide tolerance) {
  bool ok = is_near(got, expected, tolerance);
  ok ? ++check::passed : ++check::failed;
  if (!ok)
    std::printf("%s of %s: %.20Lg, expected %.20Lg\n", what, row<I>::name, got, expected);
}

template <id I, unsigned K, unsigned L> void second_order(const Wide *at, const Wide *step) {
  using Shape = Shape<I>;
  using Inner = basic_dual<Wide>;
  Wide expected = derivative(
      [&](Wide t) {
        Wide moved[3] = {at[0], at[1], at[2]};
        moved[L] += t;
        return Shape::template partial<K>(moved);
      },
      step[L]);
  basic_dual<Inner> nested[3];
  for (unsigned i = 0; i < 3; ++i)
    nested[i] = {Inner(at[i], i == L), Inner(i == K, 0)};
  expect<I>("second partial", Shape::value(nested).dot.dot, expected, 1e-11L);
}

template <id I, unsigned K> void first_order(const Wide *at, const Wide *step) {
  using Shape = Shape<I>;
  Wide expected = derivative(
      [&](Wide t) {
        Wide moved[3] = {at[0], at[1], at[2]};
        moved[K] += t;
        return Shape::value(moved);
      },
      step[K]);
  double narrow[3] = {double(at[0]), double(at[1]), double(at[2])};
  float small[3] = {float(at[0]), float(at[1]), float(at[2])};
  Wide rounded[3] = {small[0], small[1], small[2]};
  expect<I>("long double partial", Shape::template partial<K>(at), expected, 1e-13L);
  expect<I>("double partial", Shape::template partial<K>(narrow), expected, 1e-13L);
  expect<I>("float partial", Shape::template partial<K>(small), Shape::template partial<K>(rounded), 3e-5L);
  basic_dual<double> duals[3];
  for (unsigned i = 0; i < 3; ++i)
    duals[i] = {narrow[i], double(i == K)};
  expect<I>("dual", Shape::value(duals).dot, expected, 1e-13L);
  if constexpr (Shape::reals > 0)
    second_order<I, K, 0>(at, step);
  if constexpr (Shape::reals > 1)
    second_order<I, K, 1>(at, step);
  if constexpr (Shape::reals > 2)
    second_order<I, K, 2>(at, step);
}

template <id I> void check_row() {
  using Shape = Shape<I>;
  static_assert(std::is_same_v<decltype(Shape::value(std::declval<float *>())), float>);
  static_assert(std::is_same_v<decltype(Shape::value(std::declval<double *>())), double>);
  for (int sample = 0; sample < 6; ++sample) {
    Wide at[3] = {}, step[3] = {};
    for (unsigned i = 0; i < Shape::reals; ++i) {
      Wide low = row<I>::low[i], high = row<I>::high[i];
      step[i] = (high - low) / 64;
      at[i] =
          static_cast<double>(std::uniform_real_distribution<Wide>(low + step[i], high - step[i])(generator));
    }
    first_order<I, 0>(at, step);
    if constexpr (Shape::reals > 1)
      first_order<I, 1>(at, step);
    if constexpr (Shape::reals > 2)
      first_order<I, 2>(at, step);
    double narrow[3] = {double(at[0]), double(at[1]), double(at[2])};
    float small[3] = {float(at[0]), float(at[1]), float(at[2])};
    Wide rounded[3] = {small[0], small[1], small[2]};
    expect<I>("double value", Shape::value(narrow), Shape::value(at), 2e-15L);
    expect<I>("float value", Shape::value(small), Shape::value(rounded), 5e-7L);
  }
}

} // namespace

int main() {
#define NABLA_RULE1(NAME, ...) check_row<id::NAME>();
#define NABLA_RULE2(NAME, ...) check_row<id::NAME>();
#define NABLA_RULE3(NAME, ...) check_row<id::NAME>();
#define NABLA_RULEN(NAME, ...) check_row<id::NAME>();
#include <nabla/rules.def>
  return check::report();
}
