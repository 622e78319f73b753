// The other one: its static functions have the names of a.cpp's and mean something else. Linked by ../main.cpp.
#include "spring.h"

static double helper(double x) { return std::sin(x); }
[[nabla::gradient]] static double own(double x) { return helper(x) * quartic(x); }

double slope_seen_by_b(double x) {
  double x_bar = 0, c_bar = 0;
  damped_grad(x, 2.0, &x_bar, &c_bar);
  own_grad(x, &x_bar); // cos(x) x^4 + 4 sin(x) x^3
  return x_bar + nabla::gradient<quartic<double>>(x);
}
