// Forward and reverse mode over pushforwards of recursive functions whose containers live in a record of their caller's.
// FLAGS: -w
// WITHOUT: gxx
#include "check.h"
#include <cmath>
#include <nabla/nabla.h>
#include <vector>

double by_value(std::vector<double> v, int d) {
  if (d == 0)
    return v[0];
  v[0] *= v[0];
  return by_value(v, d - 1) * v[0];
}
double takes(double a) { return by_value({a}, 2); }

void push(std::vector<double> &v, int d) {
  if (d == 0)
    return;
  v.push_back(v.back() * v[0]);
  push(v, d - 1);
}
double grows(double a) {
  std::vector<double> v{a};
  push(v, 3);
  return v[3] * std::sin(v[2]);
}

std::vector<double> give(double a, int d) {
  if (d == 0)
    return {a, a * a};
  std::vector<double> v = give(a * a, d - 1);
  v[0] *= std::exp(a);
  return v;
}
double gives(double a) {
  std::vector<double> v = give(a, 2);
  return v[0] * v[1];
}

struct Series {
  std::vector<double> v;
  double k;
};
Series make(double a, int d) {
  if (d == 0)
    return {{a, 2 * a}, a};
  Series s = make(a * a, d - 1);
  s.v[1] *= a * s.k;
  return s;
}
double makes(double a) {
  Series s = make(a, 2);
  return s.v[0] * s.v[1] * s.k;
}

template <double (*F)(double)> double slope(double a) { return nabla::pushforward<F>(a, 1.0).dot; }
template <double (*F)(double)> double twice(double a) {
  return nabla::gradient<F>(a) * nabla::pushforward<F>(a, a).dot;
}

template <double (*F)(double)> void compare() {
  for (double a : {0.7, 1.1}) {
    double second = 0;
    nabla::hvp<F>(a, 1.0, &second);
    const double first = nabla::gradient<F>(a);
    CHECK_NEAR(slope<F>(a), first, 1e-13 * std::fabs(first));
    CHECK_NEAR((nabla::gradient<slope<F>>(a)), second, 1e-12 * std::fabs(second));
    CHECK_NEAR((nabla::pushforward<slope<F>>(a, 1.0).dot), second, 1e-12 * std::fabs(second));
    const double product = 2 * first * second * a + first * first;
    CHECK_NEAR((nabla::gradient<twice<F>>(a)), product, 1e-12 * std::fabs(product));
  }
}

int main() {
  compare<takes>();
  compare<grows>();
  compare<gives>();
  compare<makes>();
  return check::report();
}
