// Derivatives of any order, second order of functions that write arrays, and gradients of functions that call nabla::hvp and
// nabla::pushforward.
#include "check.h"
#include <algorithm>
#include <functional>
#include <nabla/nabla.h>

// ---- nabla::derivative -----------------------------------------------------------------------------------------

double exp_sin(double x) { return std::exp(std::sin(x)); }
double polynomial(double x) { return ((x - 2) * x + 3) * x * x * x - x / 4; }
double power(double x, double y) { return std::pow(x, y); }
double tower(double x) { return std::pow(x, x); }
double recursive(double x, int n) { return n == 0 ? x : std::tanh(recursive(x * x, n - 1) + x); }
double through_arrays(double x, int n) {
  double a[4] = {1, x, x * x, 2}, *p = a;
  for (int k = 0; k < n; ++k)
    for (int i = 1; i < 4; ++i)
      p[i] = std::sqrt(1 + a[i] * a[i - 1]);
  return a[3] > 2 ? a[3] / a[2] : std::fmax(a[1], x);
}
float in_float(float x) { return std::sin(x) / (1 + x * x); }
double no_change(double x) { return x > 0 ? 2 * x + 1 : 0; }
double all_rows(double x, double y) {
  double s = std::log(x) + std::log1p(x) + std::log10(x) + std::cbrt(x) + std::asin(y) + std::acosh(1 + x) +
             std::atan2(x, y) + std::hypot(x, y) + std::erf(x) + std::lgamma(x) + std::tgamma(x);
  return s + std::fma(x, y, x) + x / (y + x) + std::expm1(y * x) + std::exp2(x) + std::sinh(x) * std::atan(x);
}

/// The next order by a difference quotient of order 6.
template <class F> double slope(const F &f, double x) {
  const double h = 0.01;
  return (45 * (f(x + h) - f(x - h)) - 9 * (f(x + 2 * h) - f(x - 2 * h)) + (f(x + 3 * h) - f(x - 3 * h))) /
         (60 * h);
}

static void orders() {
  CHECK_NEAR((nabla::derivative<exp_sin, 10>(0.7)), 7192.146737720741, 1e-14);
  CHECK_NEAR((nabla::derivative<exp_sin, 1>(0.7)), std::cos(0.7) * std::exp(std::sin(0.7)), 1e-15);
  CHECK_NEAR((nabla::derivative<polynomial, 5>(3.0)), 120.0, 1e-14);
  CHECK((nabla::derivative<polynomial, 6>(3.0)) == 0);
  CHECK_NEAR((nabla::derivative<power, 10, nabla::wrt<0>>(0.7, 2.5)), -28729.22087662566, 1e-13);
  CHECK_NEAR((nabla::derivative<power, 3, nabla::wrt<1>>(2.0, 1.5)),
             std::pow(2, 1.5) * std::pow(std::log(2), 3), 1e-14);
  CHECK((nabla::derivative<power, 2, nabla::wrt<0>>(0.0, 3.0)) == 0);
  CHECK((nabla::derivative<power, 3, nabla::wrt<0>>(0.0, 3.0)) == 6);
  CHECK_NEAR((nabla::derivative<tower, 10>(0.7)), 1191097.309768672, 1e-12);
  CHECK_NEAR((nabla::derivative<recursive, 4>(0.6, 3)),
             slope([](double x) { return nabla::derivative<recursive, 3>(x, 3); }, 0.6), 1e-7);
  CHECK_NEAR((nabla::derivative<through_arrays, 4>(0.6, 2)),
             slope([](double x) { return nabla::derivative<through_arrays, 3>(x, 2); }, 0.6), 1e-7);
  CHECK_NEAR((nabla::derivative<in_float, 3>(0.5F)), 1.3118019F, 1e-5);
  CHECK((nabla::derivative<no_change, 2>(0.5)) == 0);
  CHECK_NEAR((nabla::derivative<all_rows, 2, nabla::wrt<0>>(0.6, 0.3)),
             slope([](double x) { return nabla::derivative<all_rows, 1, nabla::wrt<0>>(x, 0.3); }, 0.6),
             1e-8);
  CHECK_NEAR((nabla::derivative<all_rows, 3, nabla::wrt<0>>(0.6, 0.3)),
             slope([](double x) { return nabla::derivative<all_rows, 2, nabla::wrt<0>>(x, 0.3); }, 0.6),
             1e-7);
  CHECK_NEAR((nabla::derivative<all_rows, 3, nabla::wrt<1>>(0.6, 0.3)),
             slope([](double y) { return nabla::derivative<all_rows, 2, nabla::wrt<1>>(0.6, y); }, 0.3),
             1e-7);
}

// ---- Functions that write arrays --------------------------------------------------------------------------------

double steps(double *x, int n, double c) {
  for (int k = 0; k < 3; ++k)
    for (int i = 1; i + 1 < n; ++i)
      x[i] += c * x[i - 1] * x[i + 1] * x[i];
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += x[i] * x[i];
  return s;
}

static void written_arrays() {
  const double start[5] = {1, 0.5, -0.3, 0.8, 1.1}, along[5] = {1, 2, -1, 0.5, 1}, h = 1e-4, c = 0.2,
               c_dot = 0.3;
  auto gradient_at = [&](double t, double *bar) { // of x, then c
    double x[5];
    for (int i = 0; i < 5; ++i)
      x[i] = start[i] + t * along[i], bar[i] = 0;
    bar[5] = 0;
    nabla::gradient<steps>(x, 5, c + t * c_dot, bar, bar + 5);
  };
  double plus[6], minus[6], here[6], after[5];
  gradient_at(h, plus), gradient_at(-h, minus), gradient_at(0, here);
  for (int i = 0; i < 5; ++i)
    after[i] = start[i];
  steps(after, 5, c);

  double x[5], d[5], x_bar[5] = {}, c_bar = 0, r[5] = {}, c_r = 0;
  for (int i = 0; i < 5; ++i)
    x[i] = start[i], d[i] = along[i];
  nabla::gradient_and_hvp<steps>(x, 5, c, x_bar, &c_bar, d, c_dot, r, &c_r);
  double again[5] = {}, c_again = 0, e[5], y[5];
  for (int i = 0; i < 5; ++i)
    y[i] = start[i], e[i] = along[i];
  nabla::hvp<steps>(nabla::extents{5}, y, 5, c, e, c_dot, again, &c_again);
  for (int i = 0; i < 5; ++i) {
    CHECK_NEAR(x_bar[i], here[i], 1e-14);
    CHECK_NEAR(r[i], (plus[i] - minus[i]) / (2 * h), 1e-6);
    CHECK(again[i] == r[i]);
    CHECK(x[i] == after[i] && y[i] == after[i]);
  }
  CHECK_NEAR(c_r, (plus[5] - minus[5]) / (2 * h), 1e-6);
  CHECK(c_again == c_r);

  double z[5], hessian[36], lanes[36];
  for (int i = 0; i < 5; ++i)
    z[i] = start[i];
  nabla::hessian<steps>(nabla::extents{5}, z, 5, c, hessian);
  for (int i = 0; i < 5; ++i) {
    CHECK(z[i] == after[i]);
    z[i] = start[i];
  }
  nabla::hessian<steps, nabla::batch<4>>(nabla::extents{5}, z, 5, c, lanes);
  for (int i = 0; i < 6; ++i) {
    double product = hessian[6 * i + 5] * c_dot;
    for (int j = 0; j < 5; ++j)
      product += hessian[6 * i + j] * along[j];
    CHECK_NEAR(product, i < 5 ? r[i] : c_r, 1e-13);
    for (int j = 0; j < 6; ++j)
      CHECK_NEAR(hessian[6 * i + j], lanes[6 * i + j], 1e-13);
  }
}

// ---- Gradients of functions that call derivatives ---------------------------------------------------------------

double cubic(const double *x, int n, double c) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += x[i] * x[i] * x[i] * x[(i + 1) % n] + c * c * x[i];
  return s;
}
double curvature(const double *x, const double *d, int n, double c) {
  double r[3] = {}, c_r = 0;
  double v = nabla::hvp<cubic>(x, n, c, d, 0.5, r, &c_r);
  double s = v + c_r * c_r;
  for (int i = 0; i < n; ++i)
    s += r[i] * d[i] * r[i];
  return s;
}
[[nabla::hvp]] double bump(double x, double y) { return std::exp(-x * x) * y * y; }
double by_name(double x, double y) {
  double a = 0, b = 0;
  bump_hvp(x, y, x * y, 2.0, &a, &b);
  return a * b;
}
double slope_squared(const double *x, const double *d, int n) {
  auto both = nabla::pushforward<cubic>(x, n, 2.0, d, 0.5);
  return both.dot * both.dot + both.value;
}

// A choice between values in a function that stays a call, at third order.
double clamped_in_recursion(double x, int n) {
  double &r = x;
  r *= 1.3 * std::clamp(1 - 0.25 * x, -1.01, 0.503) * std::max(x, 0.2);
  if (n <= 0)
    return r * r;
  double y = clamped_in_recursion(0.5 + x * x, n - 1);
  return r * y + std::min(r, 0.4 * y);
}
double along(double x, int n) { return nabla::pushforward<clamped_in_recursion>(x, n, 0.75).dot; }
double hvp_of_along(double x, int n) {
  double r = 0;
  nabla::hvp<along>(x, n, 1.0, &r);
  return r;
}

// What only reads through pointers to mutable reals needs no adjoint of them, through calls that stay calls as well.
double odd(double *x, int n);
double even(double *x, int n) { return n == 0 ? x[1] : x[n] * odd(x, n - 1); }
double odd(double *x, int n) { return n == 0 ? x[0] : std::sin(x[n]) + x[0] * even(x, n - 1); }
double only_read(double *x, int n) {
  double *p = x + (n > 5);
  return even(p, n) * odd(x, n);
}

// What writes a global variable has its address taken, but is of another type than what is called.
double scale = 2;
void set_scale(double x) { scale = x; }
void (*setter)(double) = set_scale;
double through_function(double x, int n) {
  std::function<double(double)> f = [&](double t) { return std::sin(t * x) * n; };
  return f(0.5 * x) * f(x);
}
double along_function(double x, int n) { return nabla::pushforward<through_function>(x, n, 0.75).dot; }

// The subscript of what a condition reads on demand cannot be kept without the condition.
double on_demand(const int *idx, double x, double y, int n) {
  double m[2][2] = {{x, y *= 0.5 * x}, {std::sin(x), y}};
  if (double u = std::asinh(std::sin(m[idx[0]][n % 2])); u > 0.112) {
    if (m[0][n % 2] >= x || m[(2 * n) % 2][idx[(2 * n) % 3]] >= 0.781)
      return u;
  }
  double q = std::cos(x / (2.5 + 0.05 * m[0][0]) + (n % 3 > 0) * m[idx[0]][1]);
  return 2.0 * std::sin(q) + y;
}
double along_on_demand(const int *idx, double x, double y, int n) {
  return nabla::pushforward<on_demand>(idx, x, y, n, 1.0, 0.5).dot;
}

static void nested() {
  const double x[3] = {1.5, -0.5, 0.8}, d[3] = {0.3, 1, -0.7};
  CHECK(nabla::check_gradient<curvature>(nabla::extents{3, 3}, x, d, 3, 0.4).passed);
  CHECK(nabla::check_gradient<by_name>(0.6, -0.4).passed);
  CHECK(nabla::check_gradient<slope_squared>(nabla::extents{3, 3}, x, d, 3).passed);
  double at[3] = {1, 2, 3}, way[3] = {0.3, 1, -0.7}, curved[3] = {}, sides[2][3] = {};
  nabla::hvp<only_read>(at, 2, way, curved);
  for (int side = 0; side < 2; ++side) {
    double moved[3];
    for (int i = 0; i < 3; ++i)
      moved[i] = at[i] + (side ? -1e-5 : 1e-5) * way[i];
    nabla::gradient<only_read>(moved, 2, sides[side]);
  }
  for (int i = 0; i < 3; ++i)
    CHECK_NEAR(curved[i], (sides[0][i] - sides[1][i]) / 2e-5, 1e-6);
  const int idx[3] = {1, 0, 1};
  for (double x : {0.7, 0.9, 1.3})
    for (int n : {1, 2}) {
      double r[2] = {}, of[2][2] = {};
      nabla::hvp<along_on_demand>(idx, x, 0.6, n, 1.0, 0.25, &r[0], &r[1]);
      for (int side = 0; side < 2; ++side) {
        double h = side ? -1e-5 : 1e-5;
        nabla::gradient<along_on_demand>(idx, x + h, 0.6 + 0.25 * h, n, &of[side][0], &of[side][1]);
      }
      for (int i = 0; i < 2; ++i)
        CHECK_NEAR(r[i], (of[0][i] - of[1][i]) / 2e-5, 1e-6);
    }
  for (double at : {0.25, 0.3})
    CHECK_NEAR((nabla::gradient<along_function>(at, 2)),
               (slope([](double t) { return along_function(t, 2); }, at)), 1e-6);
  for (double at : {0.25, 0.3})
    CHECK_NEAR(hvp_of_along(at, 2), (slope([](double t) { return nabla::gradient<along>(t, 2); }, at)), 1e-6);
}

int main() {
  orders();
  written_arrays();
  nested();
  return check::report();
}
