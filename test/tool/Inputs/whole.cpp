// Static and anonymous functions, a type of this file, macros named like what the text would declare.
#include <nabla/nabla.h>

#define d_bar 7
#define x_bar_1 (
#define d_kept nothing

struct Point {
  double x, y;
};
static double scaled(Point p, double k) { return k * (p.x + 2 * p.y); }
namespace {
[[nabla::gradient]] double hidden(double x) { return x * x; }
} // namespace
static double powers(double x) {
  double d = x;
  for (int i = 0; i < 3; ++i)
    d *= d;
  return d;
}
namespace {
double hidden_grad(double x, double *x_bar);
} // namespace

int main() {
  Point p{1, 2}, p_bar{0, 0};
  double k_bar = 0, x_bar = 0;
  nabla::gradient<scaled>(p, 3.0, &p_bar, &k_bar);
  hidden_grad(3, &x_bar);
  return !(p_bar.x == 3 && p_bar.y == 6 && k_bar == 5 && x_bar == 6 && nabla::gradient<powers>(1.0) == 8);
}
