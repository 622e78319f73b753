// Names of the user's that generated text and Nabla's own headers use too: none may be captured.
#include "check.h"
#include <cmath>
#include <nabla/nabla.h>

namespace plain {
enum Weight { one = 1, three = 3 };
struct list {
  double x, y;
};
double scaled(double x, Weight w) { return x * w; }
double norm(list p) { return p.x * p.x + p.y * p.y; }
const double table[2] = {2, 3};
double from_table(double x, int i) { return table[i] * x * x; }
} // namespace plain

namespace detail {
struct record {
  double push;
};
double request(double x) {
  record r = {x * x};
  return r.push * x;
}
} // namespace detail

namespace user {
namespace nabla_names {
double guarded(double x) { return x * x; }
double trips(double x) { return guarded(x) * x; }
} // namespace nabla_names
} // namespace user

double call(double x) { return x * x; }
double gradient(double x) { return call(x) * x; }
double sin(double x, double y) { return x * y; }
double std_names(double x) { return sin(x, x) + std::sin(x); }

double like_generated(double x, double x_bar, double d, double t, double s_was, double s_was_kept, int i,
                      int trips) {
  double record = x * x_bar, t_1 = d * t;
  for (int trip = 0; trip < trips; ++trip) {
    double d_1 = record * t_1;
    record = d_1 * s_was + s_was_kept;
    for (int like_generated = 0; like_generated < i; ++like_generated)
      t_1 += record * 0.5;
  }
  return record * t_1;
}

double f(double f) {
  double x = f * f;
  {
    double f = x * x;
    x += f;
  }
  return x;
}

[[nabla::gradient]] double value(double value_bar, double value_grad) {
  double value = value_bar * value_grad;
  return value * value;
}

void in_namespaces() {
  double x_bar = 0;
  CHECK_NEAR(nabla::gradient<plain::scaled>(2.0, plain::three, &x_bar), 6, 1e-15);
  CHECK_NEAR(x_bar, 3, 1e-15);
  plain::list bar = {0, 0};
  nabla::gradient<plain::norm>(plain::list{3, 4}, &bar);
  CHECK(bar.x == 6 && bar.y == 8);
  x_bar = 0;
  nabla::gradient<plain::from_table>(2.0, 1, &x_bar);
  CHECK_NEAR(x_bar, 12, 1e-15);
  CHECK_NEAR(nabla::gradient<detail::request>(2.0), 12, 1e-15);
  CHECK_NEAR(nabla::gradient<user::nabla_names::trips>(2.0), 12, 1e-15);
}

void global_names() {
  CHECK_NEAR(nabla::gradient<call>(3.0), 6, 1e-15);
  CHECK_NEAR(nabla::gradient<gradient>(3.0), 27, 1e-15);
  CHECK_NEAR(nabla::gradient<std_names>(3.0), 6 + std::cos(3.0), 1e-15);
}

void local_names() {
  CHECK_NEAR(nabla::gradient<f>(1.5), 2 * 1.5 + 4 * 1.5 * 1.5 * 1.5, 1e-15);
  double a = 0, b = 0;
  CHECK_NEAR(value_grad(2, 3, &a, &b), 36, 1e-15);
  CHECK(a == 36 && b == 24);
  double v[6] = {1.1, 0.9, 1.2, 0.8, 0.7, 0.3}, bars[6] = {};
  nabla::gradient<like_generated>(v[0], v[1], v[2], v[3], v[4], v[5], 2, 3, &bars[0], &bars[1], &bars[2],
                                  &bars[3], &bars[4], &bars[5]);
  for (int i = 0; i < 6; ++i) {
    auto at = [&](double h) {
      double w[6] = {v[0], v[1], v[2], v[3], v[4], v[5]};
      w[i] += h;
      return like_generated(w[0], w[1], w[2], w[3], w[4], w[5], 2, 3);
    };
    const double h = 1e-3;
    CHECK_NEAR(bars[i], (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h), 1e-8);
  }
}

int main() {
  in_namespaces();
  global_names();
  local_names();
  return check::report();
}
