// Special functions that libm lacks, one value at a time.
#include "loops_head.h"

namespace nabla::kernels {

namespace {
constexpr double pi = 3.14159265358979323846;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
} // namespace

// Starts from Giles' approximation (relative error 1e-9 or better after one step), then two Newton steps on erf (erfc in the tail).
double erfinv(double x) {
  if (!(std::fabs(x) <= 1))
    return not_a_number;
  if (std::fabs(x) == 1)
    return std::copysign(infinity, x);
  double w = -std::log((1 - x) * (1 + x)), p;
  if (w < 5) {
    w -= 2.5;
    p = 2.81022636e-08;
    for (double c : {3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087, -0.00125372503,
                     -0.00417768164, 0.246640727, 1.50140941})
      p = c + p * w;
  } else {
    w = std::sqrt(w) - 3;
    p = -0.000200214257;
    for (double c : {0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613,
                     0.00943887047, 1.00167406, 2.83297682})
      p = c + p * w;
  }
  double y = p * x;
  for (int step = 0; step < 2; ++step) {
    double slope = 2 / std::sqrt(pi) * std::exp(-y * y);
    double error = std::fabs(x) < 0.5 ? std::erf(y) - x
                   : x > 0            ? (1 - x) - std::erfc(y)
                                      : std::erfc(-y) - (1 + x);
    if (slope > 0)
      y -= error / (slope + y * error);
  }
  return y;
}

// Reflection to x > 0, recurrence to x >= 10, then the asymptotic series (Abramowitz and Stegun 6.3.18).
double digamma(double x) {
  if (x == 0)
    return std::copysign(infinity, -x);
  if (x < 0) {
    if (x == std::floor(x))
      return not_a_number;
    double whole;
    double rest = std::modf(x, &whole);
    return digamma(1 - x) - pi / std::tan(pi * rest);
  }
  double result = 0;
  for (; x < 10; x += 1)
    result -= 1 / x;
  double z = 1 / (x * x);
  double series =
      z *
      (1.0 / 12 -
       z * (1.0 / 120 - z * (1.0 / 252 - z * (1.0 / 240 - z * (1.0 / 132 - z * (691.0 / 32760 - z / 12))))));
  return result + std::log(x) - 0.5 / x - series;
}

double trigamma(double x) {
  if (x <= 0 && x == std::floor(x))
    return infinity;
  if (x < 0.5) {
    double s = std::sin(pi * (x - std::floor(x)));
    return pi * pi / (s * s) - trigamma(1 - x);
  }
  double result = 0;
  for (; x < 10; x += 1)
    result += 1 / (x * x);
  double z = 1 / (x * x);
  return result + 1 / x + z / 2 +
         z / x *
             (1.0 / 6 -
              z * (1.0 / 30 -
                   z * (1.0 / 42 - z * (1.0 / 30 - z * (5.0 / 66 - z * (691.0 / 2730 - z * 7.0 / 6))))));
}

// lgamma writes the global signgam, which is a race between threads; the reentrant form is not in the standard.
double log_gamma(double x) {
#if defined(__GLIBC__)
  int sign;
  return ::lgamma_r(x, &sign);
#else
  return std::lgamma(x);
#endif
}
float log_gamma(float x) { return static_cast<float>(log_gamma(static_cast<double>(x))); }

} // namespace nabla::kernels
