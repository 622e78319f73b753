// Addresses of functions whose names have overloads, and of memory as numbers.
// FLAGS: -w
#include "check.h"
#include <cmath>
#include <cstdint>
#include <nabla/nabla.h>
#include <vector>

double pick(double x) { return x * x * x; }
float pick(float x) { return x * 3; }
double other(double x) { return std::sin(x); }
template <class T> T pick(T x, int n) { return x * n; }

double through(double x, int k) {
  double (*p)(double) = k == 0 ? static_cast<double (*)(double)>(pick) : k == 1 ? other : nullptr;
  return p ? p(x) * x : x;
}
double both_overloaded(double x, bool first) {
  double (*p)(double, int) = &pick<double>;
  double (*q)(double) = pick;
  return first ? p(x, 4) * x : q(x);
}

struct Curve {
  double a;
  double at(double x) const { return a * x * x; }
  double at(double x, int n) const { return a * x * n; }
  static double of(double x) { return x * x; }
  static double of(float x) { return x; }
};
double by_member(double x, bool plain) {
  Curve c{x};
  double (Curve::*m)(double) const = &Curve::at;
  double (*f)(double) = &Curve::of;
  return plain ? f(x) : (c.*m)(x);
}

double aligned(const double *x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    if (reinterpret_cast<std::uintptr_t>(x + i) % alignof(double) == 0)
      s += x[i] * x[i] * x[i];
  return s;
}

int count(std::vector<double>::const_iterator a, std::vector<double>::const_iterator b) {
  return a == b ? 0 : (*a > 0) + count(a + 1, b);
}
double counted(const std::vector<double> &v) {
  double s = 0;
  const int k = count(v.begin(), v.end());
  for (double x : v)
    s += k * x * x;
  return s;
}

int main() {
  CHECK_NEAR((nabla::gradient<through, nabla::wrt<0>>(1.5, 0)), 4 * 1.5 * 1.5 * 1.5, 1e-13);
  CHECK_NEAR((nabla::gradient<through, nabla::wrt<0>>(1.5, 1)), std::sin(1.5) + 1.5 * std::cos(1.5), 1e-14);
  CHECK_NEAR((nabla::gradient<through, nabla::wrt<0>>(1.5, 2)), 1, 0);
  CHECK_NEAR(nabla::gradient<both_overloaded>(1.5, true), 12, 1e-14);
  CHECK_NEAR(nabla::gradient<both_overloaded>(1.5, false), 6.75, 1e-14);
  CHECK_NEAR(nabla::gradient<by_member>(1.5, true), 3, 1e-14);
  CHECK_NEAR(nabla::gradient<by_member>(1.5, false), 6.75, 1e-14);
  const double x[2] = {1, 2};
  double x_bar[2] = {}, h[2] = {}, d[2] = {1, 1};
  nabla::gradient<aligned>(x, 2, x_bar);
  CHECK_NEAR(x_bar[1], 12, 1e-14);
  nabla::hvp<aligned>(x, 2, d, h);
  CHECK_NEAR(h[1], 12, 1e-14);
  std::vector<double> v{1, -2, 3}, v_bar;
  nabla::gradient<counted>(v, v_bar);
  CHECK_NEAR(v_bar[1], -8, 1e-14);
  return check::report();
}
