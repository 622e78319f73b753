// Complex functions on their branch cuts: the side is the sign of a part that is zero.
#include "check.h"
#include <cmath>
#include <complex>
#include <nabla/nabla.h>

using C = std::complex<double>;

double below(double x) { return std::sqrt(-C(x, 0)).imag(); }
double real_first(double x) {
  C z(x, 0.0);
  return x * std::arg(3.0 - z * 3.0);
}
double added(double x) {
  C z(-x, -0.0);
  z += 1.0;
  z -= 2.0;
  return x * (std::arg(z) + std::log(-5.0 + z).imag() + std::log(z - 1.0).imag());
}
double conjugated(double x) {
  return std::sqrt(std::conj(C(-x, 0.0))).imag() + std::sqrt(C(-x, 0.0)).imag() * x;
}

int main() {
  const double pi = std::acos(-1.0);
  CHECK_NEAR(below(4), -2, 1e-15);
  CHECK_NEAR(nabla::gradient<below>(4.0), -0.25, 1e-15);
  CHECK_NEAR(nabla::gradient<real_first>(2.0), -pi, 1e-14);
  CHECK_NEAR(nabla::gradient<added>(2.0), added(2) / 2, 1e-14);
  CHECK_NEAR(nabla::gradient<conjugated>(4.0), -0.25 + 2 + 1, 1e-14);
  return check::report();
}
