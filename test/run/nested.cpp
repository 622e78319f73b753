// Functions that call generated derivatives and are differentiated again: in reverse, forward, and third order.
#include "check.h"
#include <nabla/nabla.h>

[[nabla::gradient]] double cubic(double x, double y) { return x * x * x * y + std::exp(x * y); }
// d/dx cubic + 2 * d/dy cubic + value
[[nabla::gradient, nabla::pushforward]] double slopes(double x, double y) {
  double x_bar = 0, y_bar = 0;
  double v = cubic_grad(x, y, &x_bar, &y_bar);
  return x_bar + 2 * y_bar + v;
}
// The gradient of slopes, differentiated once more.
[[nabla::gradient]] double slopes_of_slopes(double x, double y) {
  double a = 0, b = 0;
  slopes_grad(x, y, &a, &b);
  return a * b;
}

// A network and a loss on its derivative.
[[nabla::gradient]] double network(const double *w, double x) { return w[0] * std::tanh(w[1] * x + w[2]); }
[[nabla::gradient]] double residual(const double *w, double x) {
  double w_bar[3] = {}, slope = 0;
  double value = network_grad(w, x, w_bar, &slope);
  return (slope + value) * (slope + value);
}

double two_slopes(const double *w, double x) { // by one array, which neither writes
  double a = 0, b = 0, a_bar[3] = {}, b_bar[3] = {};
  network_grad(w, x, a_bar, &a);
  network_grad(w, x + 1, b_bar, &b);
  return a * b + a_bar[0] * b_bar[1];
}

[[nabla::gradient]] double energy(const double *x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += x[i] * x[i] * x[i] * x[(i + 1) % n];
  return s;
}
double squared_gradient(const double *x, int n) {
  double g[3] = {}, s = 0;
  energy_grad(x, n, g);
  for (int i = 0; i < n; ++i)
    s += g[i] * g[i];
  return s;
}

// A pushforward that nobody else asks for, whose tangent has masked and singular partials, in reverse and once more forward.
double masked(double x, const double *a, int n) {
  x = 0.5 * std::fmin(std::sin(x * (a[0] / (1.1 + a[(2 * n) % 3] * a[(2 * n) % 3]))) + 0.03, x);
  return x * x;
}
double masked_slope(double x, const double *a, int n) {
  double a_dot[3] = {1, 2, 3};
  return nabla::pushforward<masked>(x, a, n, 0.5, a_dot).dot;
}

// A link to what has no derivative crosses from the forward to the reverse function.
constexpr double levels[] = {0.75, -1.25};
double linked(double x, double y) {
  const double &level = levels[0];
  double a[2] = {std::sin(x * y), std::hypot(0.4, level, y)};
  a[1] *= x;
  if (x > level - 1)
    return 0.25 * a[0] * level * a[1];
  return a[0] * (y - level) + std::sin(level * a[1]);
}
double linked_slope(double x, double y) { return nabla::pushforward<linked>(x, y, 0.5, -1.0).dot; }

static double slope_of(double (*f)(double, double), double x, double y, double dx, double dy) {
  double h = 1e-4;
  return (8 * (f(x + h * dx, y + h * dy) - f(x - h * dx, y - h * dy)) -
          (f(x + 2 * h * dx, y + 2 * h * dy) - f(x - 2 * h * dx, y - 2 * h * dy))) /
         (12 * h);
}

int main() {
  const double x = 0.7, y = -0.4, e = std::exp(x * y);
  double a = 0, b = 0;
  double v = slopes_grad(x, y, &a, &b);
  const double weights[] = {0.7, 0.4, 0.2};
  CHECK(nabla::check_gradient<two_slopes>(nabla::extents{3}, weights, 0.3).passed);
  CHECK_NEAR(v, slopes(x, y), 1e-15);
  // slopes = 3 x^2 y + y e + 2 (x^3 + x e) + x^3 y + e
  CHECK_NEAR(a, 6 * x * y + y * y * e + 6 * x * x + 2 * e + 2 * x * y * e + 3 * x * x * y + y * e, 1e-13);
  CHECK_NEAR(b, 3 * x * x + e + x * y * e + 2 * x * x * e + x * x * x + x * e, 1e-13);
  CHECK_NEAR(slopes_pushforward(x, y, 1.0, 0.0).dot, a, 1e-14);
  double c = 0, d = 0;
  slopes_of_slopes_grad(x, y, &c, &d);
  CHECK_NEAR(c, slope_of(slopes_of_slopes, x, y, 1, 0), 1e-8);
  CHECK_NEAR(d, slope_of(slopes_of_slopes, x, y, 0, 1), 1e-8);

  double w[3] = {0.5, 1.2, -0.3}, w_bar[3] = {}, x_bar = 0;
  residual_grad(w, 0.8, w_bar, &x_bar);
  for (int i = 0; i < 3; ++i) {
    double h = 1e-4, f[4];
    for (int k = 0; k < 4; ++k) {
      double u[3] = {w[0], w[1], w[2]};
      u[i] += h * (k < 2 ? k - 2 : k - 1);
      f[k] = residual(u, 0.8);
    }
    CHECK_NEAR(w_bar[i], (8 * (f[2] - f[1]) - (f[3] - f[0])) / (12 * h), 1e-8);
  }
  double p[3] = {1.5, -0.5, 0.8}, g[3] = {}, check[3] = {};
  nabla::gradient<squared_gradient>(p, 3, g);
  double e_bar[3] = {};
  nabla::gradient<energy>(p, 3, e_bar);
  for (double &one : e_bar)
    one *= 2;
  nabla::hvp<energy>(p, 3, e_bar, check); // 2 H grad
  for (int i = 0; i < 3; ++i)
    CHECK_NEAR(g[i], check[i], 1e-14);
  CHECK(nabla::check_gradient<squared_gradient>(nabla::extents{3}, p, 3).passed);

  double third[3] = {}, third_x = 0, bars[3] = {}, m_bar = 0, up[3] = {}, down[3] = {};
  nabla::gradient_and_hvp<masked_slope>(1.3, p, 3, &m_bar, bars, 1.0, w, &third_x, third);
  CHECK(nabla::check_gradient<masked_slope>(nabla::extents{3}, 1.3, p, 3).passed);
  for (double step : {1e-5, -1e-5}) {
    double moved[3] = {p[0] + step * w[0], p[1] + step * w[1], p[2] + step * w[2]}, x_side = 0;
    nabla::gradient<masked_slope>(1.3 + step, moved, 3, &x_side, step > 0 ? up : down);
  }
  for (int i = 0; i < 3; ++i)
    CHECK_NEAR(third[i], (up[i] - down[i]) / 2e-5, 1e-8);

  double lx = 0, ly = 0, product_x = 0, product_y = 0, side[2][2] = {};
  nabla::gradient_and_hvp<linked_slope>(0.6, 0.9, &lx, &ly, 1.0, 0.5, &product_x, &product_y);
  nabla::gradient<linked_slope>(0.6 + 1e-5, 0.9 + 0.5e-5, &side[0][0], &side[0][1]);
  nabla::gradient<linked_slope>(0.6 - 1e-5, 0.9 - 0.5e-5, &side[1][0], &side[1][1]);
  CHECK_NEAR(lx, slope_of(linked_slope, 0.6, 0.9, 1, 0), 1e-8);
  CHECK_NEAR(product_x, (side[0][0] - side[1][0]) / 2e-5, 1e-7);
  CHECK_NEAR(product_y, (side[0][1] - side[1][1]) / 2e-5, 1e-7);
  return check::report();
}
