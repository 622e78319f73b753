// Comparisons that the language writes itself: by a defaulted <=>, of pairs and of tuples.
// FLAGS: -std=c++20
#include "check.h"
#include <compare>
#include <nabla/nabla.h>
#include <tuple>
#include <utility>

struct Key {
  double a;
  int b;
  auto operator<=>(const Key &) const = default;
};
struct Nested {
  Key k;
  std::pair<double, int> p;
  auto operator<=>(const Nested &) const = default;
};
double compared(double x, double y) {
  Key p{x, 1}, q{y, 2};
  double s = p < q ? x * y : x - y * x;
  if (p != q)
    s += x;
  if (p >= q)
    s *= y;
  if (p == q)
    s = 0;
  std::pair<double, int> g{x, 1}, h{x, 2};
  if (g < h)
    s += x * x;
  if (g <= h && !(g > h) && g != h)
    s += y * x;
  Nested a{{x, 1}, {y, 2}}, b{{x, 1}, {y, 3}};
  if (a < b)
    s += 3 * x;
  if (a > b)
    s *= 7;
  std::tuple<int, double> t{1, x}, u{1, y};
  if (t > u)
    s += 5 * x;
  return s;
}
int main() {
  double bars[2] = {};
  nabla::gradient<compared>(3.0, 2.0, &bars[0], &bars[1]);
  CHECK_NEAR(bars[0], 16, 1e-14);
  CHECK_NEAR(bars[1], -3, 1e-14);
  bars[0] = bars[1] = 0;
  nabla::gradient<compared>(1.25, 2.0, &bars[0], &bars[1]);
  CHECK_NEAR(bars[0], 10.5, 1e-14);
  CHECK_NEAR(bars[1], 2.5, 1e-14);
  return check::report();
}
