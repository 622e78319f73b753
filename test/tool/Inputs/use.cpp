// Uses every kind of request; exits with 0 when the numbers are right.
#ifndef PREINCLUDED
#include "marked.h"
#endif

double area(double width, double height) { return width * height; }

const int twice = 2, thrice{3};
static const double half = 0.5, third(thrice * 1.0);
[[nabla::gradient]] double scaled(double x) { return x * twice * thrice * half / third; }

int main() {
  double w_bar = 0, h_bar = 0, x_bar = 0;
  double a = area_grad(3, 4, &w_bar, &h_bar);
  double c = cube_grad(2, &x_bar);
  auto [dx, dy] = nabla::gradient<product>(5.0, 6.0);
  double s_bar = 0;
  bool right = scaled_grad(2, &s_bar) == 2 && s_bar == 1;
  return !(right && a == 12 && w_bar == 4 && h_bar == 3 && c == 8 && x_bar == 12 && dx == 6 && dy == 5);
}
