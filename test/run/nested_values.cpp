// Value forms with several adjoints inside of differentiated functions. (Texts of the tool cannot name std::tuple's members.)
// FLAGS: -w
// MATRIX: plugin sanitized
#include "check.h"
#include <cmath>
#include <nabla/nabla.h>
#include <tuple>
#include <vector>

using vector = std::vector<double>;

static double of_two(double x, double y) { return std::sin(x) * y * y; }
static double product(const vector &w, double y) { return std::sin(w[0] * w[1]) * y * y; }

static double two(const vector &q) {
  auto [a, b] = nabla::gradient<of_two>(q[0], q[1]);
  return a * b;
}
static double in_a_loop(const vector &q) {
  double s = 0;
  for (int i = 0; i < 3; ++i) {
    auto [a, b] = nabla::gradient<product>(q, q[1] * i);
    auto [value, bars] = nabla::value_and_gradient<product>(q, b);
    s += a[0] * b + a[1] + value * std::get<1>(bars);
  }
  return s;
}
static double of_a_tuple(const vector &q) {
  std::tuple<vector, double> w{q, 0.4};
  auto [a, b] = w;
  a[0] *= b;
  return a[0] * a[1] * std::get<0>(w)[0];
}

template <auto F> static void verify() {
  const vector q{0.7, 0.9}, u{0.3, -1};
  auto differences = [&](auto at) {
    auto d = [&](double h) {
      vector a = q, b = q;
      for (std::size_t i = 0; i < 2; ++i)
        a[i] += h * u[i], b[i] -= h * u[i];
      return (at(a) - at(b)) / (2 * h);
    };
    const double h = 4e-3;
    return 1.5 * d(h) - 0.6 * d(2 * h) + 0.1 * d(3 * h);
  };
  vector bar, products(2);
  nabla::gradient<F>(q, bar);
  nabla::hvp<F>(q, u, products);
  const double slope = bar[0] * u[0] + bar[1] * u[1], want = differences(F);
  CHECK_NEAR(slope, want, 1e-7 * (1 + std::fabs(want)));
  CHECK_NEAR(nabla::pushforward<F>(q, u).dot, slope, 1e-12 * (1 + std::fabs(slope)));
  for (std::size_t i = 0; i < 2; ++i) {
    const double second = differences([&](const vector &x) {
      vector g;
      nabla::gradient<F>(x, g);
      return g[i];
    });
    CHECK_NEAR(products[i], second, 1e-6 * (1 + std::fabs(second)));
  }
}

int main() {
  verify<two>(), verify<in_a_loop>(), verify<of_a_tuple>();
  return check::report();
}
