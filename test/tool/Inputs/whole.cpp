// Static and anonymous functions, and a type of this file.
#include <nabla/nabla.h>

struct Point {
  double x, y;
};
static double scaled(Point p, double k) { return k * (p.x + 2 * p.y); }
namespace {
[[nabla::gradient]] double hidden(double x) { return x * x; }
} // namespace
namespace {
double hidden_grad(double x, double *x_bar);
} // namespace

int main() {
  Point p{1, 2}, p_bar{0, 0};
  double k_bar = 0, x_bar = 0;
  nabla::gradient<scaled>(p, 3.0, &p_bar, &k_bar);
  hidden_grad(3, &x_bar);
  return !(p_bar.x == 3 && p_bar.y == 6 && k_bar == 5 && x_bar == 6);
}
