// nabla::implicit: the derivative of a solution, whatever iteration found it, in reverse and forward mode, and at second order.
//
// WITHOUT: no-activity no-alias no-inline
#include "check.h"
#include <nabla/implicit.h>
#include <nabla/nabla.h>

void residual(const double *x, const double *p, double c, int n, double *r) {
  for (int i = 0; i < n; ++i) {
    r[i] = x[i] * x[i] * x[i] + 4 * x[i] - p[i];
    if (i > 0)
      r[i] += c * x[i - 1];
    if (i + 1 < n)
      r[i] -= std::sin(x[i + 1]) * (i % 2 ? 1 : 6); // rows must be exchanged
  }
}
[[nabla::inactive]] void solve(double *x, const double *p, double c, int n) {
  double r[6], matrix[36];
  for (int i = 0; i < n; ++i)
    x[i] = 0.1;
  unsigned long long factors[42];
  for (int k = 0; k < 60; ++k) { // Newton's method
    nabla::jacobian<residual, nabla::wrt<0>>(nabla::extents{n, n}, x, p, c, n, r, matrix);
    nabla::detail::factorise(matrix, n, factors);
    nabla::detail::solve_factored(factors, n, r);
    for (int i = 0; i < n; ++i)
      x[i] -= r[i];
  }
}
double loss(const double *p, double c, int n) {
  double found[6] = {}, x[6] = {};
  solve(found, p, c, n);
  nabla::implicit<residual>(found, x, n, p, c, n);
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += x[i] * x[i] * (i + 1) + p[i] * x[i];
  return s;
}

// A converged fixed-point loop: x = cos(a x).
void fixed_point(const double *x, double a, double *r) { r[0] = x[0] - std::cos(a * x[0]); }
[[nabla::inactive]] double iterate(double a) {
  double x = 0.5;
  for (int k = 0; k < 2000; ++k)
    x = std::cos(a * x);
  return x;
}
double of_fixed_point(double a) {
  double found[1] = {iterate(a)}, x[1];
  nabla::implicit<fixed_point>(found, x, 1, a);
  return x[0];
}

// Twice in a function, one inside of the other, with parameters in a local array.
void scalar_residual(const double *y, const double *p, int, double *r) {
  r[0] = std::cos(y[0]) - p[0] * y[0];
}
[[nabla::inactive]] double scalar_solve(double p) {
  double y = 0.7;
  for (int i = 0; i < 80; ++i)
    y -= (std::cos(y) - p * y) / (-std::sin(y) - p);
  return y;
}
double of_scalar(double p) {
  double found[1] = {scalar_solve(p)}, y[1], q[1] = {p};
  nabla::implicit<scalar_residual>(found, y, 1, q, 1);
  return y[0] * y[0] * p;
}
double product(double p) { return of_scalar(p) * of_scalar(2 * p); }
double nested(double p) { return of_scalar(of_scalar(p) + 0.5); }

template <class F> double slope_of(F f, double x) {
  const double h = 1e-3;
  return (8 * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / (12 * h);
}
// In loops, branches and functions that stay calls: each run has factors of its own, which the record keeps.
double in_loop(const double *p, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    if (s < 4)
      s += of_scalar(p[i] + 0.1 * s) * s + p[0];
  return s;
}
double in_while(double p) {
  double s = p;
  for (double t = p; t > 0.3; t *= 0.5)
    s += t * of_scalar(t + s);
  return s;
}
double in_recursion(double p, int n) {
  if (n == 0)
    return p;
  double s = p;
  for (int i = 0; i < n; ++i)
    s += 0.2 * of_scalar(s + i);
  return of_scalar(p) * in_recursion(0.5 * s, n - 1);
}
void in_loops() {
  double p[3] = {0.5, 0.9, 1}, d[3] = {1, -0.5, 0.25}, r[3] = {};
  CHECK(nabla::check_gradient<in_loop>(nabla::extents{3}, p, 3).passed);
  CHECK(nabla::check_gradient<in_loop>(nabla::extents{3}, p, 0).passed);
  nabla::hvp<in_loop>(p, 3, d, r);
  for (int i = 0; i < 3; ++i)
    CHECK_NEAR(r[i],
               slope_of(
                   [&](double t) {
                     double at[3] = {p[0] + t * d[0], p[1] + t * d[1], p[2] + t * d[2]}, g[3] = {};
                     nabla::gradient<in_loop>(at, 3, g);
                     return g[i];
                   },
                   0),
               1e-8);
  CHECK_NEAR(nabla::gradient<in_while>(1.7), slope_of(in_while, 1.7), 1e-9);
  CHECK_NEAR((nabla::gradient<in_recursion>(0.7, 3)),
             slope_of([](double x) { return in_recursion(x, 3); }, 0.7), 1e-9);
}

void twice() {
  const double p = 0.9;
  CHECK_NEAR(nabla::gradient<product>(p), slope_of(product, p), 1e-9);
  CHECK_NEAR(nabla::gradient<nested>(p), slope_of(nested, p), 1e-9);
  double second = 0;
  nabla::hvp<product>(p, 1.0, &second);
  CHECK_NEAR(second, slope_of([](double x) { return nabla::gradient<product>(x); }, p), 1e-8);
}

int main() {
  twice();
  in_loops();
  double p[5] = {1, -0.5, 2, 0.3, -1};
  nabla::gradient_check report = nabla::check_gradient<loss>(nabla::extents{5}, p, 0.7, 5);
  CHECK(report.passed);
  CHECK(report.difference_mismatch < 1e-9);
  const double a = 0.8, x = iterate(a), s = std::sin(a * x);
  CHECK_NEAR(nabla::gradient<of_fixed_point>(a), -x * s / (1 + a * s), 1e-13);
  CHECK_NEAR(nabla::pushforward<of_fixed_point>(a, 2.0).dot, -2 * x * s / (1 + a * s), 1e-13);

  // The product of the Hessian against differences of the gradient.
  double d[6] = {0.3, 1, -0.7, 0.2, 0.5, 0.4}, r[5] = {}, c_r = 0, g[2][6] = {};
  nabla::hvp<loss>(p, 0.7, 5, d, d[5], r, &c_r);
  const double h = 1e-5;
  for (int side = 0; side < 2; ++side) {
    double q[5], step = side ? -h : h;
    for (int i = 0; i < 5; ++i)
      q[i] = p[i] + step * d[i];
    nabla::gradient<loss>(q, 0.7 + step * d[5], 5, g[side], &g[side][5]);
  }
  for (int i = 0; i < 5; ++i)
    CHECK_NEAR(r[i], (g[0][i] - g[1][i]) / (2 * h), 1e-8);
  CHECK_NEAR(c_r, (g[0][5] - g[1][5]) / (2 * h), 1e-8);
  return check::report();
}
