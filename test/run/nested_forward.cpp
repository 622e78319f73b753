// Gradients of functions that take the pushforward of a function that takes a gradient: no reverse sweep is reversed.
// FLAGS: -w
// WITHOUT: gxx no-alias no-inline
#include "check.h"
#include <cmath>
#include <nabla/nabla.h>
#include <vector>

double steps(const double *x, int n) { // the reverse sweep pops how often the loop ran
  double s = x[0];
  while (s * s < 6 + n) {
    s += std::exp(s * x[1]) * x[2];
    if (s > 2)
      s *= 1.1;
  }
  return s * x[1];
}
double sums(const double *x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += std::tanh(x[i] * s + i) * x[i];
  return s;
}
double recursive(const double *x, int n) {
  return n == 0 ? 1. : std::sin(x[0] * x[n - 1]) * recursive(x, n - 1);
}
double along(const double *x, int n) { // itself a tangent
  double d[3] = {x[1], x[0], 0.5};
  auto both = nabla::pushforward<sums>(x, n, d);
  return both.dot * both.dot + both.value;
}
double elements(const std::vector<double> &x) {
  double s = 1;
  for (double e : x)
    s *= std::exp(s * e * e);
  return s;
}

constexpr double w[] = {0.3, -0.8, 0.5}, u[] = {-0.4, 0.7, 0.2};

// grad F * w + F, its derivative along u, and that in the words of a product of the Hessian
template <auto F> double weighted(const double *x, int n) {
  double bar[3] = {};
  double v = nabla::gradient<F>(x, n, bar);
  return v + bar[0] * w[0] + bar[1] * w[1] + bar[2] * w[2];
}
template <auto F> double slope(const double *x, int n) {
  double d[3] = {u[0], u[1], u[2]};
  return nabla::pushforward<weighted<F>>(x, n, d).dot;
}
template <auto F> double curvature(const double *x, int n) {
  double d[3] = {u[0], u[1], u[2]}, r[3] = {}, bar[3] = {};
  nabla::hvp<F>(x, n, d, r);
  nabla::gradient<F>(x, n, bar);
  double s = 0;
  for (int i = 0; i < 3; ++i)
    s += r[i] * w[i] + bar[i] * u[i];
  return s;
}
template <auto F> void compare() {
  const double x[3] = {0.7, 0.4, 0.9};
  CHECK_NEAR(slope<F>(x, 3), curvature<F>(x, 3), 1e-13);
  double a[3] = {}, b[3] = {};
  nabla::gradient<slope<F>>(x, 3, a);
  nabla::gradient<curvature<F>>(x, 3, b);
  for (int i = 0; i < 3; ++i)
    CHECK_NEAR(a[i], b[i], 1e-11 * (1 + std::fabs(b[i])));
}

double weighted_elements(const std::vector<double> &x) {
  std::vector<double> bar = nabla::gradient<elements>(x);
  return bar[0] * w[0] + bar[1] * w[1] + bar[2] * w[2];
}
double slope_of_elements(const std::vector<double> &x) {
  return nabla::pushforward<weighted_elements>(x, std::vector<double>{u[0], u[1], u[2]}).dot;
}
double curvature_of_elements(const std::vector<double> &x) {
  std::vector<double> d{u[0], u[1], u[2]}, r(3);
  nabla::hvp<elements>(x, d, r);
  return r[0] * w[0] + r[1] * w[1] + r[2] * w[2];
}

double powers(double x, const double &c) { return std::sin(x * c) * c * x; }
double slope_of_powers(double x, const double &c) {
  double x_bar = 0, c_bar = 0;
  nabla::gradient<powers>(x, c, &x_bar, c_bar);
  return 0.3 * x_bar - 0.8 * c_bar;
}
double in_a_block(double x, const double &c) {
  double sum = 0;
  for (int n = 1; n < 3; ++n)
    if (n > 0) {
      double x_dot = -0.4, c_dot = 0.7;
      sum += n * nabla::pushforward<slope_of_powers>(x, c, x_dot, c_dot).dot;
    }
  return sum;
}
double curvature_of_powers(double x, const double &c) {
  double r = 0, s = 0;
  nabla::hvp<powers>(x, c, -0.4, 0.7, &r, s);
  return 3 * (0.3 * r - 0.8 * s);
}

// Tangents that keep memory, in loops that keep more of it.
double of_vector(const double *x) {
  std::vector<double> u(x, x + 2);
  return u[0] * u[1] * u[0];
}
double before(const double *x, int n) {
  std::vector<double> d(n, 0.5);
  return nabla::pushforward<of_vector>(x, d.data()).dot;
}
double in_a_loop(const double *x, int n) {
  std::vector<double> d, k(2, 0.5);
  for (int i = 0; i < n; ++i) {
    std::vector<double> v{x[0] * i, k[1]};
    d.push_back(nabla::pushforward<of_vector>(x, v.data()).dot);
    k.assign(5 + i, x[1]);
  }
  double s = k[4];
  for (double e : d)
    s += e * e * d[0];
  return s;
}
double by_hand(const double *x, int n) { // of_vector's derivative written out
  double s = x[1], d0 = 0;
  for (int i = 0; i < n; ++i) {
    const double e = 2 * x[0] * x[1] * x[0] * i + x[0] * x[0] * (i == 0 ? 0.5 : x[1]);
    d0 = i == 0 ? e : d0;
    s += e * e * d0;
  }
  return s;
}
double before_by_hand(const double *x, int) { return x[0] * x[1] + 0.5 * x[0] * x[0]; }
template <double (*F)(const double *, int), double (*G)(const double *, int)> void same(int n) {
  const double x[2] = {0.9, 0.7}, x_dot[2] = {1, 0.5};
  double a[2] = {}, b[2] = {}, r[2] = {}, q[2] = {};
  CHECK_NEAR((nabla::pushforward<F>(x, n, x_dot).dot), (nabla::pushforward<G>(x, n, x_dot).dot), 1e-9);
  nabla::gradient<F>(x, n, a);
  nabla::gradient<G>(x, n, b);
  nabla::hvp<F>(x, n, x_dot, r);
  nabla::hvp<G>(x, n, x_dot, q);
  for (int i = 0; i < 2; ++i) {
    CHECK_NEAR(a[i], b[i], 1e-11 * (1 + std::fabs(b[i])));
    CHECK_NEAR(r[i], q[i], 1e-11 * (1 + std::fabs(q[i])));
  }
}

int main() {
  same<before, before_by_hand>(2);
  same<in_a_loop, by_hand>(20);
  double by_x[2] = {}, by_c[2] = {};
  nabla::gradient<in_a_block>(0.7, 1.3, &by_x[0], by_c[0]);
  nabla::gradient<curvature_of_powers>(0.7, 1.3, &by_x[1], by_c[1]);
  CHECK_NEAR(by_x[0], by_x[1], 1e-12);
  CHECK_NEAR(by_c[0], by_c[1], 1e-12);
  compare<steps>();
  compare<sums>();
  compare<recursive>();
  compare<along>();
  const std::vector<double> x{0.7, 0.4, 0.3};
  CHECK_NEAR(slope_of_elements(x), curvature_of_elements(x), 1e-12);
  std::vector<double> a, b;
  nabla::gradient<slope_of_elements>(x, a);
  nabla::gradient<curvature_of_elements>(x, b);
  for (int i = 0; i < 3; ++i)
    CHECK_NEAR(a[i], b[i], 1e-10 * (1 + std::fabs(b[i])));
  return check::report();
}
