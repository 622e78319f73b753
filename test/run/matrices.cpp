// Hessians, Jacobians and the self-check: the header's sweeps over generated functions.
#include "check.h"
#include "problems.h"
#include <nabla/nabla.h>
#include <string>

double mixed(double a, const double *x, int n, const double &b) {
  double s = a * a * b;
  for (int i = 0; i < n; ++i)
    s += a * std::sin(x[i]) * b;
  return s;
}
void polar(double r, double t, double *xy) {
  xy[0] = r * std::cos(t);
  xy[1] = r * std::sin(t);
}
double weighted(const double *w, int n, double *scaled) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    scaled[0] += w[i] * w[i];
    s += i * w[i];
  }
  return s;
}
float in_float(float x, float y) { return x * x * y; }
double quartic(double x, double y) { return x * x * y * y; }

/// A pullback that is wrong on purpose.
double wrong(double x);
[[nabla::pullback_of(wrong)]] void wrong_pb(double x, double seed, double *x_bar) { *x_bar += seed * x; }
[[nabla::pushforward_of(wrong)]] nabla::dual<double> wrong_pf(double x, double x_dot) {
  return {x * x, 2 * x * x_dot};
}
double wrong(double x) { return x * x; }
double of_rows(double (*m)[2], double x) {
  m[0][1] *= m[1][0];
  return m[0][1] * m[0][1] * x;
}
double calls_wrong(double x, double y) { return wrong(x) + y; }
double wrong_in_array(double a, const double *w, int n) { return a * wrong(w[2]) + w[n - 1]; }

static void hessians() {
  const double x[3] = {1.5, -0.5, 2};
  double h[9], lanes[9], d1[9], d[3];
  nabla::hessian<rosenbrock>(nabla::extents{3}, x, 3, h);
  nabla::hessian<rosenbrock, nabla::batch<2>>(nabla::extents{3}, x, 3, lanes);
  nabla::hessian<rosenbrock, nabla::batch<1>>(nabla::extents{3}, x, 3, d1);
  CHECK(std::equal(h, h + 9, d1));
  nabla::hessian_diagonal<rosenbrock>(nabla::extents{3}, x, 3, d);
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) {
      double y = i < 2 ? x[i + 1] : 0;
      double expected = i == j       ? (i < 2 ? 1200 * x[i] * x[i] - 400 * y + 2 : 0) + (i > 0 ? 200 : 0)
                        : i == j + 1 ? -400 * x[j]
                        : j == i + 1 ? -400 * x[i]
                                     : 0;
      CHECK_NEAR(h[3 * i + j], expected, 1e-14);
      CHECK_NEAR(h[3 * i + j], lanes[3 * i + j], 1e-14);
      if (i == j)
        CHECK(d[i] == h[3 * i + i]);
    }
  double m[9], t[1] = {0.5}; // over a, x[0], b
  nabla::hessian<mixed>(nabla::extents{1}, 2.0, t, 1, 3.0, m);
  double s = std::sin(0.5), c = std::cos(0.5);
  const double expected[9] = {6, 3 * c, 4 + s, 3 * c, -6 * s, 2 * c, 4 + s, 2 * c, 0};
  for (int i = 0; i < 9; ++i)
    CHECK_NEAR(m[i], expected[i], 1e-14);
  double q[4], one[1];
  nabla::hessian<quartic>(3.0, 2.0, q);
  CHECK(q[0] == 8 && q[1] == 24 && q[2] == 24 && q[3] == 18);
  nabla::hessian<quartic, nabla::wrt<1>>(3.0, 2.0, one);
  CHECK(one[0] == 18);
  double rows[2][2] = {{1, 2}, {3, 4}}, of[25]; // m[0][1]^2 m[1][0]^2 x, over m, x
  nabla::hessian<of_rows>(nabla::extents{4}, rows, 2.0, of);
  const double second[25] = {0, 0,  0, 0, 0, 0, 36, 48, 0,  36, 0, 48, 16,
                             0, 24, 0, 0, 0, 0, 0,  0,  36, 24, 0, 0};
  for (int i = 0; i < 25; ++i)
    CHECK(of[i] == second[i]);
}

static void jacobians() {
  double xy[2] = {7, 7}, j[4];
  nabla::sweeps how = nabla::jacobian<polar>(nabla::extents{2}, 2.0, 0.5, xy, j);
  CHECK(how.is_forward && how.count == 1 && how.lanes == 4);
  CHECK_NEAR(xy[1], 2 * std::sin(0.5), 1e-15);
  CHECK_NEAR(j[0], std::cos(0.5), 1e-15);
  CHECK_NEAR(j[1], -2 * std::sin(0.5), 1e-15);
  CHECK_NEAR(j[2], std::sin(0.5), 1e-15);
  CHECK_NEAR(j[3], 2 * std::cos(0.5), 1e-15);
  const double w[6] = {1, 2, 3, 4, 5, 6};
  double scaled = 10, wide[12];
  how = nabla::jacobian<weighted>(nabla::extents{6, 1}, w, 6, &scaled, wide); // the result first, then scaled
  CHECK(!how.is_forward && how.count == 1 && how.lanes == 4);
  CHECK(scaled == 10 + 91);
  for (int i = 0; i < 6; ++i)
    CHECK(wide[i] == i && wide[6 + i] == 2 * w[i]);
  double one[2];
  nabla::jacobian<polar, nabla::wrt<1>, nabla::of<2>>(nabla::extents{2}, 2.0, 0.5, xy, one);
  CHECK_NEAR(one[1], 2 * std::cos(0.5), 1e-15);
}

static void self_check() {
  const double x[4] = {1.5, -0.5, 2, 0.3};
  nabla::gradient_check good = nabla::check_gradient<rosenbrock>(nabla::extents{4}, x, 4);
  CHECK(good.passed && good.dot_mismatch < 1e-14 && good.difference_mismatch < 1e-7);
  CHECK(nabla::check_gradient<in_float>(1.5f, 2.0f).passed);
  CHECK((nabla::check_gradient<mixed, nabla::wrt<1>>(nabla::extents{4}, 2.0, x, 4, 3.0).passed));
  nabla::gradient_check bad = nabla::check_gradient<calls_wrong>(3.0, 1.0);
  CHECK(!bad.passed && bad.parameter == 0 && bad.element == 0 && bad.by_gradient == 3);
  CHECK(std::string(bad.entry) == "x");
  nabla::gradient_check in_array = nabla::check_gradient<wrong_in_array>(nabla::extents{4}, 2.0, x, 4);
  CHECK(!in_array.passed && std::string(in_array.entry) == "w[2]");
  CHECK_NEAR(bad.by_differences, 6, 1e-9);
}

int main() {
  hessians();
  jacobians();
  self_check();
  return check::report();
}
