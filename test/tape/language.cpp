// Variables as a C++ programmer writes them: auto, ?:, std:: functions, containers, complex, limits, streams, and
// comparisons; expressions of any length and mixture of operands.
//
// RUN: %gxx -std=c++17 -Wall -Wextra -Werror -O1 -I%include %check %s -L%lib -lnabla -o %t.gxx && %t.gxx
// RUN: %clangxx -std=c++20 -Wall -Wextra -Werror -O0 -I%include %check %s -L%lib -lnabla -o %t.clang && %t.clang
#include "check.h"
#include <algorithm>
#include <array>
#include <complex>
#include <limits>
#include <map>
#include <nabla/tape.h>
#include <numeric>
#include <sstream>
#include <vector>

namespace {

using nabla::var;

/// Derivatives of z by x and y, on the current tape.
void expect(const var &z, double value, const var &x, double by_x, const var &y, double by_y) {
  nabla::tape &tape = nabla::tape::current_tape();
  CHECK_NEAR(z.value(), value, 1e-14);
  const std::vector<double> g = tape.gradient(z, std::array<var, 2>{x, y});
  CHECK_NEAR(g[0], by_x, 1e-14);
  CHECK_NEAR(g[1], by_y, 1e-14);
}

void expressions_keep_values() {
  nabla::tape tape;
  var x = 3, y = 4;
  tape.watch(x, y);
  const var x0 = x, y0 = y;
  auto e = x * y;
  auto s = sin(x) + e;
  x = 100;
  y += 1;
  expect(e, 12, x0, 4, y0, 3);
  var z = s;
  CHECK_NEAR(z.value(), std::sin(3.0) + 12, 1e-15);
  auto make = [](const var &a) { return a * a + 1; };
  expect(make(x0), 10, x0, 6, y0, 0);
}

void choices() {
  nabla::tape tape;
  var x = 3, y = 4;
  tape.watch(x, y);
  for (bool c : {true, false}) {
    var a = c ? x : y + 1;
    var b = c ? x * y : y;
    var d = c ? x : 1.0;
    expect(a, c ? 3 : 5, x, c, y, !c);
    expect(b, c ? 12 : 4, x, c ? 4 : 0, y, c ? 3 : 1);
    CHECK_NEAR(d.value(), c ? 3 : 1, 0);
    CHECK(d.is_active() == c);
  }
}

void standard_functions() {
  nabla::tape tape;
  var x = 3, y = 4;
  tape.watch(x, y);
  expect(std::sin(x) + sin(y), std::sin(3.0) + std::sin(4.0), x, std::cos(3.0), y, std::cos(4.0));
  expect(std::min(x, y) * std::max(x, y), 12, x, 4, y, 3);
  expect(std::max(x, 5.0) + std::min(x * y, 2), 7, x, 0, y, 0);
  expect(std::clamp(x, var(1), y), 3, x, 1, y, 0);
  expect(std::abs(-x) + abs(x - y) + std::fabs(y), 8, x, 1 - 1, y, 1 + 1);
  expect(std::pow(x, 2) + std::pow(2, y) + pow(x, y), 9 + 16 + 81, x, 6 + 4 * 27, y,
         16 * std::log(2.0) + 81 * std::log(3.0));
  expect(std::hypot(x, y), 5, x, 0.6, y, 0.8);
  expect(std::hypot(x, y, 0 * x), 5, x, 0.6, y, 0.8);
  expect(std::atan2(x, y) + std::fma(x, y, 1.0f), std::atan2(3.0, 4.0) + 13, x, 4.0 / 25 + 4, y,
         -3.0 / 25 + 3);
  expect(std::ldexp(x, 2) + std::floor(y) + std::fmod(y, 3), 12 + 4 + 1, x, 4, y, 1);
  int e = 0;
  var whole = 0;
  expect(std::frexp(x, &e) + std::modf(y / 3, &whole), 0.75 + 1.0 / 3, x, 0.25, y, 1.0 / 3);
  CHECK(e == 2 && whole == 1);
  CHECK(std::isnan(x * NAN) && std::isfinite(x) && !std::isinf(y) && std::signbit(-x) &&
        std::lround(x / 2) == 2);
  CHECK(floor(x) == 3);
}

void containers() {
  nabla::tape tape;
  var x = 3, y = 4;
  tape.watch(x, y);
  std::swap(x, y);
  std::swap(x, y);
  std::vector<var> v(100, x);
  v.resize(1000);
  v.push_back(y);
  std::sort(v.begin(), v.end());
  expect(std::accumulate(v.begin(), v.end(), var(0)), 304, x, 100, y, 1);
  expect(std::inner_product(v.begin(), v.end(), v.begin(), var(0)), 916, x, 600, y, 8);
  std::map<int, var> m;
  m[1] += x;
  m[1] *= y;
  expect(m[1], 12, x, 4, y, 3);
  std::array<var, 2> a{x, y};
  expect(*std::max_element(a.begin(), a.end()), 4, x, 0, y, 1);
}

void complex_numbers() {
  nabla::tape tape;
  var x = 3, y = 4;
  tape.watch(x, y);
  std::complex<var> c(x, y);
  c = c * c + c / std::complex<var>(2, 0) - c;
  expect(c.real(), 9 - 16 - 1.5, x, 6 - 0.5, y, -8);
  expect(c.imag(), 24 - 2, x, 8, y, 6 - 0.5);
  expect(std::norm(std::complex<var>(x, y)), 25, x, 6, y, 8);
  expect(std::abs(std::complex<var>(x, y)), 5, x, 0.6, y, 0.8);
}

void numbers() {
  CHECK(std::numeric_limits<var>::is_specialized && std::numeric_limits<var>::digits == 53);
  CHECK(std::numeric_limits<var>::epsilon() == std::numeric_limits<double>::epsilon());
  CHECK(std::numeric_limits<var>::infinity() > var(1e300) && std::numeric_limits<var>::lowest() < -1e300);
  nabla::tape tape;
  var x = 2.75, y = 4;
  tape.watch(x, y);
  std::stringstream text;
  text << x << ' ' << x * y;
  CHECK(text.str() == "2.75 11");
  var read = 0;
  text.str("1.5");
  text.clear();
  text >> read;
  CHECK(read == 1.5 && !read.is_active());
  CHECK(static_cast<int>(x) == 2 && static_cast<bool>(x));
  CHECK(nabla::value(x) == 2.75 && value(x * y) == 11 && nabla::value(2.5) == 2.5);
  CHECK(x < y && x <= y && x != y && !(x > y) && !(x >= y) && x * 2 > 5 && 3 > x && x == 2.75f && y == 4);
  static_assert(!std::is_convertible_v<var, double> && !std::is_constructible_v<double, var>);
  static_assert(std::is_trivially_copyable_v<var> && sizeof(var) == 16);
}

void compound() {
  nabla::tape tape;
  var x = 3, y = 4;
  tape.watch(x, y);
  const var x0 = x;
  x *= x;     // x^2
  x += x + y; // 2x^2 + y
  x -= 1;
  x /= y; // (2x^2 + y - 1) / y
  var before = x++;
  var after = --x;
  expect(before, 21.0 / 4, x0, 3, y, 1 / 4.0 - 21.0 / 16);
  expect(after, 21.0 / 4, x0, 3, y, 1 / 4.0 - 21.0 / 16);
  x = -x + +x;
  expect(x, 0, x0, 0, y, 0);
}

/// More leaves than a header counts, and many repeated ones.
void long_expressions() {
  nabla::tape tape;
  std::vector<var> v(40);
  for (std::size_t i = 0; i < v.size(); ++i)
    v[i] = double(i + 1);
  tape.watch(v);
#define NABLA_FIVE(i)                                                                                        \
  v[i] * v[i + 1] + v[i + 1] * v[i + 2] + v[i + 2] * v[i + 3] + v[i + 3] * v[i + 4] + v[i + 4] * v[i + 5]
  var z = NABLA_FIVE(0) + NABLA_FIVE(5) + NABLA_FIVE(10) + NABLA_FIVE(15) + NABLA_FIVE(20) + NABLA_FIVE(25) +
          NABLA_FIVE(30);
  const std::vector<double> g = tape.gradient(z, v);
  for (std::size_t i = 0; i < v.size(); ++i) {
    const double expected = i == 0 ? 2 : i < 35 ? double(i) + double(i + 2) : i == 35 ? 35 : 0;
    CHECK_NEAR(g[i], expected, 1e-15);
  }
}

void other_scalars() {
  nabla::basic_tape<float> single;
  nabla::basic_tape<long double> wide;
  nabla::basic_var<float> f = 3;
  nabla::basic_var<long double> l = 3;
  single.watch(f);
  wide.watch(l);
  nabla::basic_var<float> g = sin(f) * f / 2 + 0.1;
  nabla::basic_var<long double> h = sin(l) * l / 2 + 0.1;
  single.backward(g);
  wide.backward(h);
  CHECK_NEAR(f.adjoint(), (std::cos(3.0) * 3 + std::sin(3.0)) / 2, 1e-6);
  CHECK(std::fabs(l.adjoint() - (std::cos(3.0L) * 3 + std::sin(3.0L)) / 2) < 1e-18L);
}

} // namespace

/// Calls without a variable are the library's, whatever their types.
void plain_calls() {
  CHECK(std::clamp(2.0, 0.0, 1.0) == 1 && std::clamp(5, 1, 3) == 3);
  CHECK_NEAR(std::hypot(2.0, 3.0, 6.0), 7, 1e-15);
  CHECK_NEAR(std::hypot(2.0f, 3.0, 6), 7, 1e-15);
  CHECK_NEAR(std::fma(2.0f, 3, 1.5), 7.5, 1e-15);
}

int main() {
  plain_calls();
  expressions_keep_values();
  choices();
  standard_functions();
  containers();
  complex_numbers();
  numbers();
  compound();
  long_expressions();
  other_scalars();
  return check::report();
}
