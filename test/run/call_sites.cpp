// The call-site form: nabla::gradient<f>, pullback<f>, wrt<...>, the value form, value_and_gradient;
// templates.
#include "check.h"
#include <cmath>
#include <nabla/nabla.h>
#include <tuple>

double product(double x, double y) { return x * y * y; }

void accumulating_form() {
  double x_bar = 10, y_bar = 20;
  CHECK_NEAR(nabla::gradient<product>(2.0, 3.0, &x_bar, &y_bar), 18, 1e-15);
  CHECK_NEAR(x_bar, 19, 1e-15);
  CHECK_NEAR(y_bar, 32, 1e-15);
}

void by_index() {
  double x_bar = 0, y_bar = 0;
  CHECK_NEAR((nabla::gradient<product, nabla::wrt<0>>(2.0, 3.0, &x_bar)), 18, 1e-15);
  CHECK_NEAR((nabla::gradient<product, nabla::wrt<1>>(2.0, 3.0, &y_bar)), 18, 1e-15);
  CHECK_NEAR(x_bar, 9, 1e-15);
  CHECK_NEAR(y_bar, 12, 1e-15);
}

void value_form() {
  auto [dx, dy] = nabla::gradient<product>(2.0, 3.0);
  CHECK_NEAR(dx, 9, 1e-15);
  CHECK_NEAR(dy, 12, 1e-15);
  auto [v, gradient] = nabla::value_and_gradient<product>(2.0, 3.0);
  CHECK_NEAR(v, 18, 1e-15);
  CHECK_NEAR(std::get<0>(gradient), 9, 1e-15);
  CHECK_NEAR(std::get<1>(gradient), 12, 1e-15);
}

template <class T> T poly(T x) { return x * x * x + 2 * x; }

void templates() {
  double d = nabla::gradient<poly<double>>(2.0);
  CHECK_NEAR(d, 14, 1e-15);
  float f = nabla::gradient<poly<float>>(2.0f);
  CHECK_NEAR(f, 14, 1e-6);
  auto [v, slope] = nabla::value_and_gradient<poly<double>>(2.0);
  CHECK_NEAR(v, 12, 1e-15);
  CHECK_NEAR(slope, 14, 1e-15);
}

double overloaded(double x) { return x * x; }
double overloaded(double x, int n) { return x * n; }

void overloads() {
  double d = nabla::gradient<static_cast<double (*)(double)>(overloaded)>(3.0);
  CHECK_NEAR(d, 6, 1e-15);
  double e = nabla::gradient<static_cast<double (*)(double, int)>(overloaded)>(3.0, 5);
  CHECK_NEAR(e, 5, 1e-15);
}

double weighted(const double *w, const double *x, int n, double bias) {
  double s = bias;
  for (int i = 0; i < n; ++i)
    s += w[i] * x[i];
  return s * s;
}

void arrays() {
  double w[3] = {1, 2, 3}, x[3] = {0.5, 0.25, 0.125};
  double w_bar[3] = {}, x_bar[3] = {}, bias_bar = 0;
  double s = 0.5 + 0.5 + 0.375 + 0.75;
  CHECK_NEAR(nabla::gradient<weighted>(w, x, 3, 0.75, w_bar, x_bar, &bias_bar), s * s, 1e-15);
  for (int i = 0; i < 3; ++i) {
    CHECK_NEAR(w_bar[i], 2 * s * x[i], 1e-15);
    CHECK_NEAR(x_bar[i], 2 * s * w[i], 1e-15);
  }
  CHECK_NEAR(bias_bar, 2 * s, 1e-15);
  double again[3] = {}, bias_again = 0;
  nabla::gradient<weighted, nabla::wrt<0, 3>>(w, x, 3, 0.75, again, &bias_again);
  CHECK(again[0] == w_bar[0] && again[2] == w_bar[2] && bias_again == bias_bar);
}

void two_outputs(double x, double y, double *out) {
  out[0] = x * y;
  out[1] = x + std::sin(y);
}

void pullbacks() {
  double x_bar = 1, y_bar = 2;
  CHECK_NEAR(nabla::pullback<product>(2.0, 3.0, 10.0, &x_bar, &y_bar), 18, 1e-15);
  CHECK_NEAR(x_bar, 1 + 90, 1e-15);
  CHECK_NEAR(y_bar, 2 + 120, 1e-15);
  y_bar = 0;
  CHECK_NEAR((nabla::pullback<product, nabla::wrt<1>>(2.0, 3.0, 10.0, &y_bar)), 18, 1e-15);
  CHECK_NEAR(y_bar, 120, 1e-15);
  double out[2], out_bar[2] = {10, 100};
  x_bar = y_bar = 0;
  nabla::pullback<two_outputs>(2.0, 3.0, out, &x_bar, &y_bar, out_bar);
  CHECK_NEAR(out[1], 2 + std::sin(3.0), 1e-15);
  CHECK_NEAR(x_bar, 130, 1e-15);
  CHECK_NEAR(y_bar, 20 + 100 * std::cos(3.0), 1e-14);
  CHECK(out_bar[0] == 0 && out_bar[1] == 0);
}

void scale(double &x, const double &k) { x *= k; }

void references() {
  double x = 3, k = 4, x_bar = 10, k_bar = 0;
  nabla::gradient<scale>(x, k, x_bar, k_bar);
  CHECK(x == 12 && k == 4);
  CHECK_NEAR(x_bar, 40, 1e-15);
  CHECK_NEAR(k_bar, 30, 1e-15);
}

struct Point {
  double x, y;
};
double norm2(Point p) { return p.x * p.x + p.y * p.y; }

void structs() {
  Point bar = {0, 0};
  CHECK_NEAR(nabla::gradient<norm2>(Point{3, 4}, &bar), 25, 1e-15);
  CHECK(bar.x == 6 && bar.y == 8);
  Point g = nabla::gradient<norm2>(Point{3, 4});
  CHECK(g.x == 6 && g.y == 8);
}

double called_twice(double x) { return std::exp(x); }
double first_user(double x) { return nabla::gradient<called_twice>(x); }
double second_user(double x) { return nabla::gradient<called_twice>(x) + 1; }

template <class T> double slope_of_poly(T x) { return nabla::gradient<poly<T>>(x); }

void requests_repeated() {
  CHECK_NEAR(first_user(0.5) + 1, second_user(0.5), 1e-15);
  CHECK_NEAR(slope_of_poly(2.0), 14, 1e-15);
}

double noexcept_function(double x) noexcept { return x * x; }
void qualifiers() {
  const double x = 3;
  CHECK_NEAR(nabla::gradient<noexcept_function>(x), 6, 1e-15);
  auto [dx, dy] = nabla::gradient<product>(2, 3.0f); // arguments convert as in a call of the function
  CHECK_NEAR(dx, 9, 1e-15);
  CHECK_NEAR(dy, 12, 1e-15);
}

int main() {
  accumulating_form();
  by_index();
  value_form();
  templates();
  overloads();
  arrays();
  pullbacks();
  references();
  structs();
  requests_repeated();
  qualifiers();
  return check::report();
}
