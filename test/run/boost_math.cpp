// Boost.Math through its own headers and nabla/boost_math.h: gradients against difference quotients, forward mode, refusals.
//
// RUN: sh -c 'test -f /usr/include/boost/math/special_functions.hpp || { echo "skipped: Boost (libboost-dev) is not installed"; exit 0; }; %nablaxx -std=c++17 -O0 -Wall -Wextra -I%include %check %s -o %t && %t'
#include "check.h"
#include <nabla/boost_math.h>
#include <nabla/nabla.h>

namespace bm = boost::math;

template <auto F> void one(const char *name, double x) {
  const double h = 1e-5, slope = nabla::gradient<F>(x);
  const double near = (F(x + h) - F(x - h)) / (2 * h), far = (F(x + 2 * h) - F(x - 2 * h)) / (4 * h);
  const double expected = (4 * near - far) / 3;
  const bool ok = std::fabs(slope - expected) <= 2e-9 * (1 + std::fabs(expected)) &&
                  std::fabs(nabla::pushforward<F>(x, 1.0).dot - slope) <= 1e-13 * (1 + std::fabs(slope));
  check::verdict(ok, name, "slope", int(1000 * x));
  if (!ok)
    std::printf("  %s(%g): got %.15g, expected %.15g\n", name, x, slope, expected);
}

#define FUNCTION(NAME, CALL)                                                                                 \
  double NAME(double x) { return CALL; }
#define FUNCTIONS(F)                                                                                         \
  F(tgamma, bm::tgamma(x), 2.3)                                                                              \
  F(lgamma, bm::lgamma(x), 0.7)                                                                              \
  F(digamma, bm::digamma(x), 1.9)                                                                            \
  F(trigamma, bm::trigamma(x), 1.2)                                                                          \
  F(polygamma, bm::polygamma(3, x), 2.2)                                                                     \
  F(erf, bm::erf(x), 0.4)                                                                                    \
  F(erfc, bm::erfc(x), 1.4)                                                                                  \
  F(erf_inv, bm::erf_inv(x), 0.3)                                                                            \
  F(erfc_inv, bm::erfc_inv(x), 0.6)                                                                          \
  F(gamma_p, bm::gamma_p(x, 2 * x), 1.3)                                                                     \
  F(gamma_q, bm::gamma_q(2.5 * x, x), 0.8)                                                                   \
  F(beta, bm::beta(x, 2 - x), 0.6)                                                                           \
  F(ibeta, bm::ibeta(2 * x, 1 + x, x), 0.3)                                                                  \
  F(ibeta_above, bm::ibeta(x, 1.5, x), 0.9)                                                                  \
  F(cyl_bessel_j, bm::cyl_bessel_j(2, x), 3.1)                                                               \
  F(cyl_neumann, bm::cyl_neumann(1, x), 2.1)                                                                 \
  F(cyl_bessel_i, bm::cyl_bessel_i(0, x), 1.1)                                                               \
  F(cyl_bessel_k, bm::cyl_bessel_k(1, x), 0.9)                                                               \
  F(sph_bessel, bm::sph_bessel(2u, x), 1.8)                                                                  \
  F(sph_neumann, bm::sph_neumann(1u, x), 1.8)                                                                \
  F(legendre_p, bm::legendre_p(4, x), 0.35)                                                                  \
  F(hermite, bm::hermite(5u, x), 0.8)                                                                        \
  F(laguerre, bm::laguerre(4u, x), 1.7)                                                                      \
  F(ellint_1, bm::ellint_1(x), 0.6)                                                                          \
  F(ellint_2, bm::ellint_2(x), 0.6)                                                                          \
  F(expint, bm::expint(x), 0.8)                                                                              \
  F(expint_n, bm::expint(2u, x), 0.8)                                                                        \
  F(sinc_pi, bm::sinc_pi(x), 1.1)                                                                            \
  F(airy_ai, bm::airy_ai(x), 0.5)                                                                            \
  F(airy_bi, bm::airy_bi(x), -0.5)                                                                           \
  F(lambert_w0, bm::lambert_w0(x), 1.5)                                                                      \
  F(owens_t, bm::owens_t(x, 2 * x), 0.4)                                                                     \
  F(sin_pi, bm::sin_pi(x), 0.2)                                                                              \
  F(cos_pi, bm::cos_pi(x), 0.2)                                                                              \
  F(cbrt, bm::cbrt(x), 3.0)                                                                                  \
  F(expm1, bm::expm1(x), 0.1)                                                                                \
  F(log1p, bm::log1p(x), 0.1)

namespace calls {
#define DEFINE(NAME, CALL, X) FUNCTION(NAME, CALL)
FUNCTIONS(DEFINE)
} // namespace calls

int main() {
#define VERIFY(NAME, CALL, X) one<calls::NAME>(#NAME, X);
  FUNCTIONS(VERIFY)
  one<calls::sinc_pi>("sinc_pi", 1e-5);
  return check::report();
}
