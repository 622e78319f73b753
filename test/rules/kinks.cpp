// Zeros, ties and kinks, one by one, as docs/language.md states them; guarded products; gamma functions
// against constants.
//
// RUN: %gxx -std=c++17 -Wall -Wextra -Werror -O1 -I%include %check %s -o %t.gxx && %t.gxx
// RUN: %clangxx -std=c++20 -Wall -Wextra -Werror -O1 -I%include %check %s -o %t.clang && %t.clang
#include "check.h"
#include <limits>
#include <nabla/dual.h>

namespace {

using nabla::basic_dual;
using nabla::rules::id;
using nabla::rules::row;

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

template <id I> double d(double x) { return row<I>::template partial<0>(x, row<I>::value(x)); }
template <id I, unsigned K> double d(double x, double y) {
  return row<I>::template partial<K>(x, y, row<I>::value(x, y));
}
template <id I, unsigned K> double d(double x, double y, double z) {
  return row<I>::template partial<K>(x, y, z, row<I>::value(x, y, z));
}
/// Second derivative by the directions K, L.
template <id I, unsigned K, unsigned L> double dd(double x, double y) {
  using Inner = basic_dual<double>;
  basic_dual<Inner> a(Inner(x, L == 0), Inner(K == 0, 0)), b(Inner(y, L == 1), Inner(K == 1, 0));
  return row<I>::value(a, b).dot.dot;
}

void absolute_value_and_sign() {
  CHECK(d<id::fabs>(0) == 0);
  CHECK(d<id::fabs>(-0.0) == 0);
  CHECK(d<id::fabs>(-3) == -1);
  CHECK(d<id::fabs>(inf) == 1);
  CHECK(nabla::sign(-0.0) == 0 && nabla::sign(-inf) == -1 && nabla::sign(2.f) == 1);
  CHECK((d<id::copysign, 0>(2, -0.0)) == -1);
  CHECK((d<id::copysign, 0>(-2, -1)) == 1);
  CHECK((d<id::copysign, 0>(0, -1)) == 0);
  CHECK((d<id::copysign, 1>(2, -1)) == 0);
}

void minimum_and_maximum() {
  // fmin, fmax: a tie goes to the first argument; of a number and a NaN the number's derivative.
  CHECK((d<id::fmin, 0>(1, 1)) == 1 && (d<id::fmin, 1>(1, 1)) == 0);
  CHECK((d<id::fmax, 0>(1, 1)) == 1 && (d<id::fmax, 1>(1, 1)) == 0);
  CHECK((d<id::fmin, 0>(nan, 1)) == 0 && (d<id::fmin, 1>(nan, 1)) == 1);
  CHECK((d<id::fmax, 0>(1, nan)) == 1 && (d<id::fmax, 1>(1, nan)) == 0);
  CHECK((d<id::fmin, 0>(0.0, -0.0)) == 1);
  // std::min, std::max: what their definitions return.
  CHECK((d<id::min, 0>(1, 1)) == 1 && (d<id::min, 1>(1, 1)) == 0);
  CHECK((d<id::max, 0>(1, 1)) == 1 && (d<id::max, 1>(1, 1)) == 0);
  CHECK((d<id::min, 0>(nan, 1)) == 1 && (d<id::max, 0>(1, nan)) == 1);
  CHECK((d<id::min, 0>(2, 1)) == 0 && (d<id::min, 1>(2, 1)) == 1);
  CHECK((d<id::clamp, 0>(1, 1, 2)) == 1 && (d<id::clamp, 1>(1, 1, 2)) == 0);
  CHECK((d<id::clamp, 0>(2, 1, 2)) == 1 && (d<id::clamp, 2>(2, 1, 2)) == 0);
  CHECK((d<id::clamp, 1>(0, 1, 2)) == 1 && (d<id::clamp, 2>(3, 1, 2)) == 1);
  CHECK((d<id::fdim, 0>(1, 1)) == 0 && (d<id::fdim, 1>(1, 1)) == 0);
  CHECK((d<id::fdim, 0>(2, 1)) == 1 && (d<id::fdim, 1>(2, 1)) == -1);
}

void rounding() {
  CHECK(d<id::floor>(1) == 0 && d<id::ceil>(1) == 0 && d<id::round>(0.5) == 0 && d<id::rint>(0.5) == 0);
  CHECK(nabla::fraction(-2.75) == -0.75);
  CHECK(nabla::fraction(inf) == 0 && !std::signbit(nabla::fraction(inf)));
  CHECK(nabla::fraction(-inf) == 0 && std::signbit(nabla::fraction(-inf)));
  CHECK(std::signbit(nabla::fraction(-0.0)) && std::signbit(nabla::fraction(-2.0)));
  CHECK(std::isnan(nabla::fraction(nan)));
  CHECK(d<id::fraction>(2) == 1);
  for (double x : {0.0, -0.0, 1.0, 0.3, -5.75, 1e-310, 1e300, inf, -inf}) {
    int e;
    double f = std::frexp(x, &e);
    double ours = std::ldexp(x, -nabla::exponent(x));
    CHECK(f == ours && std::signbit(f) == std::signbit(ours));
    CHECK(std::isinf(x) || e == nabla::exponent(x));
  }
  CHECK((d<id::fmod, 1>(7.5, 2)) == -3 && (d<id::fmod, 1>(-7.5, 2)) == 3 && (d<id::fmod, 1>(6, 2)) == -3);
  CHECK((d<id::fmod, 1>(1, inf)) == 0 && (d<id::fmod, 0>(6, 2)) == 1);
  CHECK((d<id::remainder, 1>(7.5, 2)) == -4);
  CHECK((d<id::fmod, 1>(0.3, 0.1)) == -std::rint((0.3 - std::fmod(0.3, 0.1)) / 0.1)); // quotient just below 3
}

void powers() {
  CHECK((d<id::pow, 0>(0, 0)) == 0 && (d<id::pow, 1>(0, 0)) == 0);
  CHECK((d<id::pow, 0>(0, 1)) == 1 && (d<id::pow, 0>(0, 2)) == 0 && (d<id::pow, 0>(-3, 2)) == -6);
  CHECK((d<id::pow, 0>(0, 0.5)) == inf);
  CHECK((d<id::pow, 1>(0, 2)) == 0 && (d<id::pow, 1>(-2, 3)) == 0);
  CHECK((d<id::pow, 0>(-2, 3)) == 12 && (d<id::pow, 0>(5, 0)) == 0);
  CHECK_NEAR((d<id::pow, 1>(2, 3)), 8 * std::log(2.0), 1e-15);
  // The guards sit in the arguments: second order is right where the first partial is 0.
  CHECK_NEAR((dd<id::pow, 0, 1>(5, 0)), 1 / 5., 1e-15); // d/dy of y x^(y-1)
  CHECK_NEAR((dd<id::pow, 1, 0>(5, 0)), 1 / 5., 1e-15);
  CHECK_NEAR((dd<id::pow, 1, 1>(5, 0)), std::log(5.) * std::log(5.), 1e-15);
  CHECK((dd<id::pow, 0, 0>(0, 2)) == 2 && (dd<id::pow, 0, 0>(0, 1)) == 0 && (dd<id::pow, 0, 0>(0, 0)) == 0);
  CHECK((dd<id::pow, 0, 0>(-3, 2)) == 2 && (dd<id::pow, 0, 0>(0, 3)) == 0);
  CHECK((dd<id::pow, 1, 0>(0, 3)) == 0 && (dd<id::pow, 1, 1>(0, 3)) == 0);
  CHECK(d<id::sqrt>(0) == inf && d<id::cbrt>(0) == inf && d<id::log>(0) == inf);
  CHECK((d<id::hypot, 0>(0, 0)) == 0 && (d<id::hypot, 1>(0, 0)) == 0);
  CHECK((d<id::hypot, 0>(-3, 0)) == -1 && (d<id::hypot, 1>(3, 0)) == 0);
  CHECK((dd<id::hypot, 0, 0>(0, 0)) == 0 && (dd<id::hypot, 0, 1>(0, 0)) == 0);
  CHECK((d<id::hypot3, 2>(0, 0, 0)) == 0 && (d<id::hypot3, 2>(0, 0, -2)) == -1);
  CHECK((d<id::atan2, 0>(0, 0)) == 0 && (d<id::atan2, 1>(0, 0)) == 0);
  CHECK((d<id::atan2, 0>(0, -2)) == -0.5 && (d<id::atan2, 1>(2, 0)) == -0.5);
  CHECK((dd<id::atan2, 0, 1>(0, 0)) == 0);
  CHECK(d<id::asin>(1) == inf && d<id::acos>(1) == -inf && d<id::acosh>(1) == inf && d<id::atanh>(1) == inf);
}

void guarded_products() {
  CHECK(nabla::guarded(0.0, inf) == 0 && nabla::guarded(-0.0, nan) == 0 && nabla::guarded(2.f, 3.f) == 6);
  CHECK(std::isnan(nabla::guarded(1.0, nan)) && nabla::guarded(-1.0, inf) == -inf);
  CHECK((dd<id::guarded, 0, 1>(0, 3)) == 1 && (dd<id::guarded, 1, 0>(2, 3)) == 1);
  // A masked value outside its domain does not poison, at first and second order.
  basic_dual<double> x(0, 1), masked(0, 0);
  CHECK((masked * x + sqrt(masked)).dot == 0);
  CHECK(log(masked).dot == 0 && acos(basic_dual<double>(2)).dot == 0 && (1 / masked).dot == 0);
  using Inner = basic_dual<double>;
  basic_dual<Inner> s(Inner(0, 1), Inner(1, 0));
  CHECK(guarded(basic_dual<Inner>(0), 1 / sqrt(s)).dot.dot == 0);
  CHECK(nabla::ratio(0.0, 0.0) == 0 && nabla::ratio(1.0, 0.0) == 0 && nabla::ratio(1.0, 4.0) == 0.25);
}

template <class T> void same(T a, T b, T units) {
  T tolerance = units * std::numeric_limits<T>::epsilon() * std::fmax(T(1), std::fabs(b));
  bool ok = std::fabs(a - b) <= tolerance;
  ok ? ++check::passed : ++check::failed;
  if (!ok)
    std::printf("gamma functions: %.20Lg, expected %.20Lg\n", (long double)(a), (long double)(b));
}

template <class T> void gamma_constants() {
  const long double gamma = 0.577215664901532860606512090082402431L,
                    pi = 3.141592653589793238462643383279502884L;
  const long double ln2 = 0.693147180559945309417232121458176568L,
                    zeta3 = 1.202056903159594285399738161511449991L;
  const T units = 6;
  same<T>(nabla::digamma(T(1)), T(-gamma), units);
  same<T>(nabla::digamma(T(0.5)), T(-gamma - 2 * ln2), units);
  same<T>(nabla::digamma(T(0.25)), T(-gamma - pi / 2 - 3 * ln2), units);
  same<T>(nabla::digamma(T(10)), T(2.251752589066721107647456163885851537L), units);
  same<T>(nabla::digamma(T(-0.5)), T(2 - gamma - 2 * ln2), units);
  same<T>(nabla::digamma(T(-2.5)), T(2 + 2 / 3.0L + 2 / 5.0L - gamma - 2 * ln2), units);
  same<T>(nabla::trigamma(T(1)), T(pi * pi / 6), units);
  same<T>(nabla::trigamma(T(0.5)), T(pi * pi / 2), units);
  same<T>(nabla::trigamma(T(-0.5)), T(pi * pi / 2 + 4), units);
  same<T>(nabla::polygamma(T(1), 2), T(-2 * zeta3), units);
  same<T>(nabla::polygamma(T(0.5), 2), T(-14 * zeta3), units);
  same<T>(nabla::polygamma(T(1), 3), T(pi * pi * pi * pi / 15), units);
  same<T>(nabla::polygamma(T(-0.5), 2), T(-14 * zeta3 + 16), 64); // the difference of two numbers near 16
  for (T x : {T(0.001L), T(0.4L), T(1.4616321449683623L), T(3.7L), T(9.99L), T(16.01L), T(40), T(1e6L)})
    for (int n = 0; n <= 4; ++n) { // psi_n(x + 1) = psi_n(x) + (-1)^n n! / x^(n+1)
      T factorial = n < 2 ? 1 : n == 2 ? 2 : n == 3 ? 6 : 24;
      T low = nabla::polygamma(x, n);
      same<T>(nabla::polygamma(x + 1, n) - low, (n % 2 ? -1 : 1) * factorial / std::pow(x, T(n + 1)),
              16 * std::fmax(T(1), std::fabs(low)));
    }
  CHECK(std::isnan(nabla::digamma(T(-3))) && nabla::trigamma(T(-3)) == T(inf) &&
        nabla::digamma(T(0)) == T(-inf));
  CHECK(nabla::digamma(T(-0.0)) == T(inf) && nabla::digamma(T(inf)) == T(inf) &&
        nabla::trigamma(T(inf)) == 0);
  CHECK(std::isnan(nabla::digamma(T(-inf))) && std::isnan(nabla::digamma(T(nan))) &&
        std::isnan(nabla::trigamma(T(nan))));
}

/// The constants in the rows are right to long double's last digits.
void long_double_constants() {
  using T = long double;
  const T log2 = std::log(T(2)), log10 = std::log(T(10)), root_pi = std::sqrt(4 * std::atan(T(1)));
  same<T>(row<id::exp2>::partial<0>(T(1), T(2)), 2 * log2, 2);
  same<T>(row<id::log2>::partial<0>(T(1), T(0)), 1 / log2, 2);
  same<T>(row<id::log10>::partial<0>(T(1), T(0)), 1 / log10, 2);
  same<T>(row<id::erf>::partial<0>(T(0), T(0)), 2 / root_pi, 2);
  same<T>(row<id::erfc>::partial<0>(T(0), T(1)), -2 / root_pi, 2);
}

/// double against long double, from tiny to huge and on both sides.
void gamma_precision() {
  for (double x = 1e-3; x < 1e9; x *= 1.37)
    for (double at : {x, -x})
      for (int n = 0; n <= 3; ++n) {
        long double wide = nabla::polygamma(static_cast<long double>(at), n);
        // Near a pole the condition is that of the argument itself.
        double distance = at < 0 ? std::fabs(at - std::round(at)) : 1;
        if (distance > 1e-3)
          same<double>(nabla::polygamma(at, n), static_cast<double>(wide), 64);
      }
}

} // namespace

int main() {
  absolute_value_and_sign();
  minimum_and_maximum();
  rounding();
  powers();
  guarded_products();
  gamma_constants<float>();
  gamma_constants<double>();
  gamma_constants<long double>();
  long_double_constants();
  gamma_precision();
  return check::report();
}
