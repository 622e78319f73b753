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

// Second order there as well; the start and the result may be one array.
double of_array(const double *p, int n, int depth) {
  double found[3] = {}, x[3];
  solve(found, p, 0.4, n);
  for (int i = 0; i < n; ++i)
    x[i] = found[i];
  nabla::implicit<residual>(x, x, n, p, 0.4, n);
  if (depth == 0)
    return x[0] * p[n - 1];
  for (int i = 0; i < n; ++i)
    x[i] += p[i];
  return x[n - 1] * of_array(x, n, depth - 1) + of_array(p, n, depth - 1);
}
double of_arrays(const double *p, int n) { return of_array(p, n, 2); }
template <auto f> void second_order_there() {
  const double p[3] = {0.5, 0.9, 1}, d[3] = {1, -0.5, 0.25};
  double r[3] = {};
  nabla::hvp<f>(p, 3, d, r);
  for (int i = 0; i < 3; ++i)
    CHECK_NEAR(r[i],
               slope_of(
                   [&](double t) {
                     double at[3] = {p[0] + t * d[0], p[1] + t * d[1], p[2] + t * d[2]}, g[3] = {};
                     nabla::gradient<f>(at, 3, g);
                     return g[i];
                   },
                   0),
               1e-7);
}
double while_of(const double *p, int n) { return in_while(p[0] * p[n - 1]) * p[1]; }
double recursion_of(const double *p, int n) { return in_recursion(p[0] * p[1] + p[n - 1], 2); }

// Several directions share one factorisation; series and third derivatives take as many steps as they are told.
void in_lanes() {
  const double p[3] = {0.5, 0.9, 1};
  nabla::lanes<double, 2> d[3] = {};
  d[0][0] = 1, d[1][0] = -0.5, d[0][1] = 0.25, d[2][1] = 2;
  const auto both = nabla::pushforward<of_arrays, nabla::batch<2>>(p, 3, d);
  for (int lane = 0; lane < 2; ++lane) {
    const double one[3] = {d[0][lane], d[1][lane], d[2][lane]};
    CHECK_NEAR(both.dot[lane], nabla::pushforward<of_arrays>(p, 3, one).dot, 1e-13);
  }
}
template <int Order> double curve(double t) {
  double found[2] = {}, x[2], p[2] = {t, t * t};
  solve(found, p, 0.3, 2);
  nabla::implicit<residual, Order>(found, x, 2, p, 0.3, 2);
  return x[0] * x[1] * p[0];
}
double second_of_curve(double t) { return nabla::derivative<curve<3>, 1>(t); }
double slope_of_curve(double t) { return nabla::pushforward<curve<3>>(t, 1.0).dot; }
double curvature(double t) { return nabla::pushforward<slope_of_curve>(t, 1.0).dot; }
void higher() {
  CHECK_NEAR((nabla::derivative<curve<1>, 1>(0.8)), slope_of(curve<2>, 0.8), 1e-9);
  CHECK_NEAR((nabla::derivative<curve<2>, 2>(0.8)), slope_of(second_of_curve, 0.8), 1e-8);
  const double third = slope_of([](double t) { return nabla::derivative<curve<2>, 2>(t); }, 0.8);
  CHECK_NEAR((nabla::derivative<curve<3>, 3>(0.8)), third, 1e-8);
  CHECK_NEAR(nabla::gradient<curvature>(0.8), third, 1e-8);
  CHECK_NEAR(nabla::pushforward<curvature>(0.8, 1.0).dot, third, 1e-8);
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
  second_order_there<of_arrays>();
  second_order_there<while_of>();
  second_order_there<recursion_of>();
  in_lanes();
  higher();
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
