// Rules for special functions of Boost.Math, on double: include it where a differentiated function calls them. What is not
// here is differentiated through Boost's own text where that is of the accepted language, and refused elsewhere.
//
//   #include <nabla/boost_math.h>
//   [[nabla::gradient]] double f(double a, double x) { return boost::math::gamma_p(a, x) * boost::math::cyl_bessel_j(0, x); }
#pragma once
#include "nabla.h"
#include <boost/math/special_functions/airy.hpp>
#include <boost/math/special_functions/bessel.hpp>
#include <boost/math/special_functions/bessel_prime.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/cbrt.hpp>
#include <boost/math/special_functions/cos_pi.hpp>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/ellint_1.hpp>
#include <boost/math/special_functions/ellint_2.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/expint.hpp>
#include <boost/math/special_functions/expm1.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/hermite.hpp>
#include <boost/math/special_functions/laguerre.hpp>
#include <boost/math/special_functions/lambert_w.hpp>
#include <boost/math/special_functions/legendre.hpp>
#include <boost/math/special_functions/log1p.hpp>
#include <boost/math/special_functions/owens_t.hpp>
#include <boost/math/special_functions/polygamma.hpp>
#include <boost/math/special_functions/sin_pi.hpp>
#include <boost/math/special_functions/sinc.hpp>
#include <boost/math/special_functions/trigamma.hpp>
#include <cmath>

namespace nabla::special {

// ---- Partials that take more than a line ----

inline constexpr double pi = 3.14159265358979323846;

/// d/dx sin(x) / x
inline double sinc_partial(double x) {
  if (std::fabs(x) < 1e-3) // the next term is below 1e-19
    return -x / 3 + x * x * x / 30;
  return (x * std::cos(x) - std::sin(x)) / (x * x);
}

/// d/dk of the complete elliptic integrals K and E
inline double ellint_1_partial(double k, double value) {
  return k == 0 ? 0.0 : (boost::math::ellint_2(k) / ((1 - k) * (1 + k)) - value) / k;
}
inline double ellint_2_partial(double k, double value) {
  return k == 0 ? 0.0 : (value - boost::math::ellint_1(k)) / k;
}

/// d/da of P(a, x) = sum over n of x^(a + n) e^-x / Gamma(a + n + 1)
inline double gamma_p_by_a(double a, double x) {
  if (x <= 0)
    return 0.0;
  double term = std::exp(a * std::log(x) - x - boost::math::lgamma(a + 1)), sum = 0;
  double slope = std::log(x) - boost::math::digamma(a + 1);
  for (int n = 1; n < 100000; ++n) {
    sum += term * slope;
    if (n > x && std::fabs(term * slope) < 1e-17 * std::fabs(sum))
      break;
    term *= x / (a + n);
    slope -= 1 / (a + n);
  }
  return sum;
}

/// d/da and d/db of I_x(a, b) = x^a (1 - x)^b / (a B(a, b)) 2F1(a + b, 1; a + 1; x), where the series converges fast.
inline void ibeta_series(double a, double b, double x, double &by_a, double &by_b) {
  const double both = boost::math::digamma(a + b);
  double slope_a = std::log(x) - 1 / a - boost::math::digamma(a) + both;
  double slope_b = std::log1p(-x) - boost::math::digamma(b) + both;
  double term = std::exp(a * std::log(x) + b * std::log1p(-x) - std::log(a) + boost::math::lgamma(a + b) -
                         boost::math::lgamma(a) - boost::math::lgamma(b));
  by_a = by_b = 0;
  for (int n = 0; n < 100000; ++n) {
    by_a += term * slope_a;
    by_b += term * slope_b;
    if (n > 8 &&
        term * (1 + std::fabs(slope_a) + std::fabs(slope_b)) < 1e-18 * (std::fabs(by_a) + std::fabs(by_b)))
      break;
    term *= x * (a + b + n) / (a + 1 + n);
    slope_a += 1 / (a + b + n) - 1 / (a + 1 + n);
    slope_b += 1 / (a + b + n);
  }
}
inline void ibeta_partials(double a, double b, double x, double &by_a, double &by_b) {
  by_a = by_b = 0;
  if (x <= 0 || x >= 1)
    return;
  if (x <= (a + 1) / (a + b + 2))
    return ibeta_series(a, b, x, by_a, by_b);
  ibeta_series(b, a, 1 - x, by_b, by_a); // I_x(a, b) = 1 - I_(1 - x)(b, a)
  by_a = -by_a;
  by_b = -by_b;
}
inline double ibeta_by_a(double a, double b, double x) {
  double by_a, by_b;
  ibeta_partials(a, b, x, by_a, by_b);
  return by_a;
}
inline double ibeta_by_b(double a, double b, double x) {
  double by_a, by_b;
  ibeta_partials(a, b, x, by_a, by_b);
  return by_b;
}

// ---- The rules: a function, its partials in x (and y); r is its value ----

#define NABLA_SPECIAL1(NAME, PARTIAL)                                                                        \
  [[nabla::pullback_of("boost::math::" #NAME)]] inline void NAME##_adjoint(double x, double seed,            \
                                                                           double *x_bar) {                  \
    [[maybe_unused]] const double r = boost::math::NAME(x);                                                  \
    *x_bar += seed * (PARTIAL);                                                                              \
  }                                                                                                          \
  [[nabla::pushforward_of("boost::math::" #NAME)]] inline nabla::dual<double> NAME##_tangent(double x,       \
                                                                                             double x_dot) { \
    const double r = boost::math::NAME(x);                                                                   \
    return {r, x_dot * (PARTIAL)};                                                                           \
  }
/// An integer n before x.
#define NABLA_SPECIAL_N(NAME, INTEGER, PARTIAL)                                                              \
  [[nabla::pullback_of("boost::math::" #NAME)]] inline void NAME##_n_adjoint(INTEGER n, double x,            \
                                                                             double seed, double *x_bar) {   \
    *x_bar += seed * (PARTIAL);                                                                              \
  }                                                                                                          \
  [[nabla::pushforward_of("boost::math::" #NAME)]] inline nabla::dual<double> NAME##_n_tangent(              \
      INTEGER n, double x, double x_dot) {                                                                   \
    return {boost::math::NAME(n, x), x_dot * (PARTIAL)};                                                     \
  }
#define NABLA_SPECIAL2(NAME, PARTIAL_X, PARTIAL_Y)                                                           \
  [[nabla::pullback_of("boost::math::" #NAME)]] inline void NAME##_2_adjoint(                                \
      double x, double y, double seed, double *x_bar, double *y_bar) {                                       \
    *x_bar += seed * (PARTIAL_X);                                                                            \
    *y_bar += seed * (PARTIAL_Y);                                                                            \
  }                                                                                                          \
  [[nabla::pushforward_of("boost::math::" #NAME)]] inline nabla::dual<double> NAME##_2_tangent(              \
      double x, double y, double x_dot, double y_dot) {                                                      \
    return {boost::math::NAME(x, y), x_dot * (PARTIAL_X) + y_dot * (PARTIAL_Y)};                             \
  }

NABLA_SPECIAL1(tgamma, r *boost::math::digamma(x))
NABLA_SPECIAL1(lgamma, boost::math::digamma(x))
NABLA_SPECIAL1(digamma, boost::math::trigamma(x))
NABLA_SPECIAL1(trigamma, boost::math::polygamma(2, x))
NABLA_SPECIAL1(erf, 2 / std::sqrt(pi) * std::exp(-x * x))
NABLA_SPECIAL1(erfc, -2 / std::sqrt(pi) * std::exp(-x * x))
NABLA_SPECIAL1(erf_inv, std::sqrt(pi) / 2 * std::exp(r * r))
NABLA_SPECIAL1(erfc_inv, -std::sqrt(pi) / 2 * std::exp(r * r))
NABLA_SPECIAL1(expint, std::exp(x) / x)
NABLA_SPECIAL1(ellint_1, ellint_1_partial(x, r))
NABLA_SPECIAL1(ellint_2, ellint_2_partial(x, r))
NABLA_SPECIAL1(airy_ai, boost::math::airy_ai_prime(x))
NABLA_SPECIAL1(airy_bi, boost::math::airy_bi_prime(x))
NABLA_SPECIAL1(airy_ai_prime, x *boost::math::airy_ai(x))
NABLA_SPECIAL1(airy_bi_prime, x *boost::math::airy_bi(x))
NABLA_SPECIAL1(lambert_w0, 1 / (std::exp(r) * (1 + r)))
NABLA_SPECIAL1(sinc_pi, sinc_partial(x))
NABLA_SPECIAL1(sin_pi, pi *boost::math::cos_pi(x))
NABLA_SPECIAL1(cos_pi, -pi *boost::math::sin_pi(x))
NABLA_SPECIAL1(cbrt, 1 / (3 * r * r))
NABLA_SPECIAL1(expm1, std::exp(x))
NABLA_SPECIAL1(log1p, 1 / (1 + x))

NABLA_SPECIAL_N(polygamma, int, boost::math::polygamma(n + 1, x))
NABLA_SPECIAL_N(cyl_bessel_j, int, boost::math::cyl_bessel_j_prime(n, x))
NABLA_SPECIAL_N(cyl_neumann, int, boost::math::cyl_neumann_prime(n, x))
NABLA_SPECIAL_N(cyl_bessel_i, int, boost::math::cyl_bessel_i_prime(n, x))
NABLA_SPECIAL_N(cyl_bessel_k, int, boost::math::cyl_bessel_k_prime(n, x))
NABLA_SPECIAL_N(sph_bessel, unsigned, boost::math::sph_bessel_prime(n, x))
NABLA_SPECIAL_N(sph_neumann, unsigned, boost::math::sph_neumann_prime(n, x))
NABLA_SPECIAL_N(legendre_p, int, boost::math::legendre_p_prime(n, x))
NABLA_SPECIAL_N(hermite, unsigned, n == 0 ? 0.0 : 2.0 * n * boost::math::hermite(n - 1, x))
NABLA_SPECIAL_N(laguerre, unsigned, n == 0 ? 0.0 : -boost::math::laguerre(n - 1, 1u, x))
NABLA_SPECIAL_N(expint, unsigned, n == 0 ? -std::exp(-x) * (1 + 1 / x) / x : -boost::math::expint(n - 1, x))

NABLA_SPECIAL2(beta, boost::math::beta(x, y) * (boost::math::digamma(x) - boost::math::digamma(x + y)),
               boost::math::beta(x, y) * (boost::math::digamma(y) - boost::math::digamma(x + y)))
NABLA_SPECIAL2(gamma_p, gamma_p_by_a(x, y), boost::math::gamma_p_derivative(x, y))
NABLA_SPECIAL2(gamma_q, -gamma_p_by_a(x, y), -boost::math::gamma_p_derivative(x, y))
NABLA_SPECIAL2(owens_t, -std::exp(-x *x / 2) * std::erf(y * x / std::sqrt(2.0)) / (2 * std::sqrt(2 * pi)),
               std::exp(-x *x * (1 + y * y) / 2) / (2 * pi * (1 + y * y)))

[[nabla::pullback_of("boost::math::ibeta")]] inline void
ibeta_adjoint(double a, double b, double x, double seed, double *a_bar, double *b_bar, double *x_bar) {
  *a_bar += seed * ibeta_by_a(a, b, x);
  *b_bar += seed * ibeta_by_b(a, b, x);
  *x_bar += seed * boost::math::ibeta_derivative(a, b, x);
}
[[nabla::pushforward_of("boost::math::ibeta")]] inline nabla::dual<double>
ibeta_tangent(double a, double b, double x, double a_dot, double b_dot, double x_dot) {
  return {boost::math::ibeta(a, b, x), a_dot * ibeta_by_a(a, b, x) + b_dot * ibeta_by_b(a, b, x) +
                                           x_dot * boost::math::ibeta_derivative(a, b, x)};
}
#undef NABLA_SPECIAL1
#undef NABLA_SPECIAL_N
#undef NABLA_SPECIAL2

} // namespace nabla::special
