// One of two files with the same inline and template functions. Linked by ../main.cpp.
#include "spring.h"

static double helper(double x) { return x * x; }
[[nabla::gradient]] static double own(double x) { return helper(x) * quartic(x); }

double slope_seen_by_a(double x) {
  double x_bar = 0, c_bar = 0;
  damped_grad(x, 2.0, &x_bar, &c_bar);
  own_grad(x, &x_bar); // 6 x^5
  return x_bar + nabla::gradient<quartic<double>>(x);
}
