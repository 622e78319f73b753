// Gradients inside of differentiated functions: by a method's object and its arguments at once, where the object's adjoint is the last
// of the call, though the object is the method's first parameter; of one function by different parameters; of objects that have bases.
// WITHOUT: no-inline
#include "check.h"
#include <cmath>
#include <nabla/nabla.h>
#include <vector>

struct Point {
  double v;
  double joined(const Point &o) const { return std::sin(v) * o.v * o.v; }
  double scaled_grad(double t, double *t_bar) const;
  double scaled_grad(double t, double *t_bar, Point &self_bar) const;
  [[nabla::gradient]] double scaled(double t) const { return std::exp(v * t) * v; }
};
struct Wave {
  std::vector<double> k;
  double at(const std::vector<double> &x) const {
    double s = 0;
    for (std::size_t i = 0; i < x.size(); ++i)
      s += std::sin(k[i] * x[i]) * x[i];
    return s;
  }
};

double by_both(double a, double b) {
  Point o{a}, q{b}, o_bar{0}, q_bar{0};
  double v = nabla::gradient<&Point::joined, nabla::wrt<nabla::self, 0>>(o, q, q_bar, o_bar);
  return v + o_bar.v + 10 * q_bar.v;
}
double by_both_directly(double a, double b) {
  return std::sin(a) * b * b + std::cos(a) * b * b + 20 * std::sin(a) * b;
}
double by_companion(double a, double b) {
  Point o{a}, o_bar{0};
  double t_bar = 0;
  o.scaled_grad(b, &t_bar, o_bar);
  return t_bar * o_bar.v;
}
double by_companion_directly(double a, double b) {
  const double e = std::exp(a * b);
  return e * a * a * (e * b * a + e);
}
double of_wave(double a, double b) {
  Wave w{{a, b}}, w_bar;
  std::vector<double> x{b, a * a}, x_bar;
  nabla::gradient<&Wave::at, nabla::wrt<nabla::self, 0>>(w, x, x_bar, w_bar);
  return w_bar.k[0] * x_bar[1] + w_bar.k[1] * w_bar.k[1];
}
double of_wave_directly(double a, double b) {
  const double y = a * a, k1 = std::cos(b * y) * y * y;
  return std::cos(a * b) * b * b * (std::cos(b * y) * b * y + std::sin(b * y)) + k1 * k1;
}

double power(double x, double y) { return x * x * x * y * y; }
double by_first(double a, double b) { return nabla::gradient<power, nabla::wrt<0>>(a, b); }
double by_second(double a, double b) { return nabla::gradient<power, nabla::wrt<1>>(a, b); }
double mixed(double a, double b) {
  double r = 0, s = 0, x = 0, y = 0;
  nabla::hvp<power, nabla::wrt<0>>(a, b, 1., &r);
  nabla::hvp<power, nabla::wrt<1>>(a, b, 1., &s);
  nabla::gradient<by_first, nabla::wrt<1>>(a, b, &y);
  nabla::gradient<by_first, nabla::wrt<0>>(a, b, &x);
  return by_first(a, b) * by_second(b, a) + r * s + x * y;
}
double mixed_directly(double a, double b) {
  const double xx = 6 * a * b * b, yy = 2 * a * a * a, xy = 6 * a * a * b;
  return 3 * a * a * b * b * 2 * b * b * b * a + xx * yy + xx * xy;
}

template <class D> struct Shape {
  double scale;
  double area(double x) const { return static_cast<const D *>(this)->at(x) * scale; }
  double slopes(double x) const {
    double s = 0;
    for (int i = 1; i < 3; ++i)
      s += nabla::gradient<&Shape::area>(*this, x * i);
    return s;
  }
};
struct Cubic : Shape<Cubic> {
  double k;
  double at(double x) const { return k * x * x * x; }
};
double in_loops(double a, double b) {
  double s = 0;
  for (int i = 1; i < 3; ++i) {
    Cubic c;
    c.scale = b * i, c.k = a;
    s += c.slopes(b);
  }
  return s;
}
double in_loops_directly(double a, double b) { return 3 * 15 * a * b * b * b; }

template <auto F, auto G> void verify() {
  const double a = 0.3, b = 0.7;
  CHECK_NEAR(F(a, b), G(a, b), 1e-14);
  double f[2] = {}, g[2] = {};
  nabla::gradient<F>(a, b, &f[0], &f[1]);
  nabla::gradient<G>(a, b, &g[0], &g[1]);
  for (int i = 0; i < 2; ++i)
    CHECK_NEAR(f[i], g[i], 1e-13);
  CHECK_NEAR(nabla::pushforward<F>(a, b, 0.4, -0.6).dot, 0.4 * g[0] - 0.6 * g[1], 1e-13);
  double r[2] = {}, s[2] = {};
  nabla::hvp<F>(a, b, 0.4, -0.6, &r[0], &r[1]);
  nabla::hvp<G>(a, b, 0.4, -0.6, &s[0], &s[1]);
  for (int i = 0; i < 2; ++i)
    CHECK_NEAR(r[i], s[i], 1e-12);
}

int main() {
  verify<by_both, by_both_directly>();
  verify<by_companion, by_companion_directly>();
  verify<mixed, mixed_directly>();
  verify<in_loops, in_loops_directly>();
  verify<of_wave, of_wave_directly>();
  return check::report();
}
