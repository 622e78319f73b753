// The user declares the companion himself: header and editor need no plugin, and the plugin adopts the
// declaration.
#include "check.h"
#include <cmath>
#include <nabla/nabla.h>

double after_grad(double x, double *x_bar);
[[nabla::gradient]] double after(double x) { return std::sin(x); }

[[nabla::gradient]] double before(double x, double y) { return x * y; }
double before_grad(double x, double y, double *x_bar, double *y_bar);

double pulled_pullback(const double *x, double seed, double *x_bar);
[[nabla::pullback]] double pulled(const double *x) { return x[0] * x[1]; }

int main() {
  double x_bar = 0, y_bar = 0, v[2] = {2, 3}, v_bar[2] = {0, 0};
  CHECK_NEAR(after_grad(0.5, &x_bar), std::sin(0.5), 1e-15);
  CHECK_NEAR(x_bar, std::cos(0.5), 1e-15);
  x_bar = 0;
  CHECK_NEAR(before_grad(2, 3, &x_bar, &y_bar), 6, 1e-15);
  CHECK(x_bar == 3 && y_bar == 2);
  CHECK_NEAR(pulled_pullback(v, 10, v_bar), 6, 1e-15);
  CHECK(v_bar[0] == 30 && v_bar[1] == 20);
  return check::report();
}
