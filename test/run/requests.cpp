// Requests by what C++ finds out at run time or spells in several ways: virtual methods, methods of classes with containers,
// overloads and instances of templates inside of what is differentiated.
#include "check.h"
#include <nabla/nabla.h>
#include <vector>

struct Base {
  virtual double f(double x) const { return x; }
  virtual void fill(double x, double *y) const { y[0] = x; }
  virtual ~Base() {}
};
struct Middle : Base {
  double k = 1.3;
  double f(double x) const override { return std::sin(k * x); }
};
struct Last final : Middle {
  double f(double x) const override { return Middle::f(x) * x; }
  void fill(double x, double *y) const override { y[0] = k * x * x; }
};
struct Pure {
  virtual double f(const double *x, int n) const = 0;
};
struct Squares : Pure {
  double w = 3;
  double f(const double *x, int n) const override {
    double s = 0;
    for (int i = 0; i < n; ++i)
      s += w * x[i] * x[i];
    return s;
  }
};
struct Once : Pure {
  double f(const double *x, int) const override { return x[0] * x[1]; }
};

static double slope(const Base &b, double x) { return nabla::gradient<&Base::f>(b, x); }
double inside(const Base &b, double x) {
  double d = 0;
  nabla::gradient<&Base::f>(b, x, &d);
  return d * x;
}

void virtual_methods() {
  Base base;
  Middle middle;
  Last last;
  const double x = 0.4, c = std::cos(0.52), s = std::sin(0.52);
  CHECK_NEAR(slope(base, x), 1, 1e-15);
  CHECK_NEAR(slope(middle, x), 1.3 * c, 1e-15);
  CHECK_NEAR(slope(last, x), s + x * 1.3 * c, 1e-15);
  CHECK_NEAR(nabla::gradient<&Middle::f>(static_cast<const Middle &>(last), x), s + x * 1.3 * c, 1e-15);
  CHECK_NEAR(nabla::gradient<&Last::f>(last, x), s + x * 1.3 * c, 1e-15);
  const Base &seen = middle;
  auto both = nabla::pushforward<&Base::f>(seen, x, 1.0);
  CHECK_NEAR(both.value, s, 1e-15);
  CHECK_NEAR(both.dot, 1.3 * c, 1e-15);
  double product = 0, y_bar = 1, x_bar = 0, y = 0;
  nabla::hvp<&Base::f>(seen, x, 1.0, &product);
  CHECK_NEAR(product, -1.69 * s, 1e-15);
  nabla::pullback<&Base::fill>(static_cast<const Base &>(last), x, &y, &x_bar, &y_bar);
  CHECK_NEAR(x_bar, 2 * 1.3 * x, 1e-15);
  x_bar = 0;
  nabla::gradient<inside, nabla::wrt<1>>(middle, x, &x_bar);
  CHECK_NEAR(x_bar, 1.3 * c - x * 1.69 * s, 1e-15);

  Squares squares;
  Once once;
  for (const Pure *pure : {static_cast<const Pure *>(&squares), static_cast<const Pure *>(&once)}) {
    double p[2] = {2, 5}, p_bar[2] = {};
    nabla::gradient<&Pure::f>(*pure, p, 2, p_bar);
    CHECK(p_bar[0] == (pure == &once ? 5 : 12) && p_bar[1] == (pure == &once ? 2 : 30));
  }
}

struct Model {
  double k;
  std::vector<double> w;
  double f(double x) const {
    double s = 0;
    for (double a : w)
      s += a * std::sin(k * x * a);
    return s;
  }
};

void methods_of_classes_with_containers() {
  Model m{1.3, {0.5, -0.2, 0.9}}, bar{0, {0, 0, 0}};
  const double x = 0.4, h = 1e-5;
  const double first = (m.f(x + h) - m.f(x - h)) / (2 * h),
               second = (m.f(x + h) - 2 * m.f(x) + m.f(x - h)) / (h * h);
  double d = 0, product = 0, by_self = 0;
  nabla::gradient<&Model::f>(m, x, &d);
  CHECK_NEAR(d, first, 1e-9);
  CHECK_NEAR(nabla::pushforward<&Model::f>(m, x, 1.0).dot, first, 1e-9);
  nabla::hvp<&Model::f>(m, x, 1.0, &product);
  CHECK_NEAR(product, second, 1e-4);
  nabla::gradient<&Model::f, nabla::wrt<nabla::self, 0>>(m, x, &by_self, bar);
  CHECK(by_self == d);
  CHECK_NEAR(bar.k, d * x / m.k, 1e-14);
  CHECK_NEAR(bar.w[0], std::sin(0.26) + 0.26 * std::cos(0.26), 1e-14);
}

double over(double p) { return std::sin(p) * p; }
double over(double a, double b) { return a * a * b; }
template <class X> X shape(X x) { return std::sin(x) * x; }
double im(double p) { return std::sin(p) * p; } // a name that nabla has as well
double of_overload(double p) {
  double d = 0;
  nabla::gradient<static_cast<double (*)(double)>(over)>(p, &d);
  return d * p;
}
double of_instance(double p) {
  double d = 0;
  nabla::gradient<shape<double>>(p, &d);
  return d * p;
}
double of_im(double p) {
  double d = 0;
  nabla::gradient<im>(p, &d);
  return d * p;
}

void names() {
  const double p = 0.9, right = std::sin(p) + 3 * p * std::cos(p) - p * p * std::sin(p);
  CHECK_NEAR(nabla::gradient<of_overload>(p), right, 1e-14);
  CHECK_NEAR(nabla::gradient<of_instance>(p), right, 1e-14);
  CHECK_NEAR(nabla::gradient<of_im>(p), right, 1e-14);
}

// Guarded products in several lanes.
double power(double a, int k) {
  if (k == 0)
    return 1;
  double h = power(a, k / 2);
  return k % 2 ? h * h * a : h * h;
}
double of_powers(const double *x, int) { return power(x[0], 5) + power(x[0] * x[1], 3); }

void lanes() {
  double x[2] = {1.5, 2}, all[4] = {}, one[4] = {};
  nabla::hessian<of_powers, nabla::batch<4>>(nabla::extents{2}, x, 2, all);
  nabla::hessian<of_powers>(nabla::extents{2}, x, 2, one);
  const double right[] = {139.5, 81, 81, 40.5};
  for (int i = 0; i < 4; ++i) {
    CHECK_NEAR(all[i], right[i], 1e-12);
    CHECK_NEAR(one[i], right[i], 1e-12);
  }
}

// Snapshots at first order, none where the sweep is differentiated again: both in one file.
double steps(const double *x) {
  double u = x[0], v = x[1];
  for (int t = 0; t < 12; ++t) {
    nabla::checkpoint(3);
    double w = u;
    u = u + 0.1 * v;
    v = v - 0.1 * std::sin(w);
  }
  return u * v;
}
double of_steps(const double *x) {
  double y[2] = {x[0], x[1]}, g[2] = {};
  nabla::gradient<steps>(y, g);
  return g[0] * g[0];
}

void checkpoints() {
  double x[2] = {0.7, -0.4}, d[2] = {1, 0}, b[2] = {}, r[2] = {}, side[2][2] = {};
  nabla::gradient<of_steps>(x, b);
  nabla::hvp<of_steps>(x, d, r);
  for (int i = 0; i < 2; ++i) {
    double moved[2] = {x[0] + (i ? -1e-5 : 1e-5), x[1]};
    nabla::gradient<of_steps>(moved, side[i]);
  }
  CHECK_NEAR(b[0], nabla::pushforward<of_steps>(x, d).dot, 1e-13);
  for (int i = 0; i < 2; ++i)
    CHECK_NEAR(r[i], (side[0][i] - side[1][i]) / 2e-5, 1e-8);
}

// Read through pointers that would let it write.
double of_matrix(double m[2][2]) {
  double s = 0;
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 2; ++j)
      s += m[i][j] * m[j][i] * m[0][0];
  return s;
}

void read_only() {
  double m[2][2] = {{.5, .6}, {.7, .8}}, d[2][2] = {{1, 2}, {3, 4}}, r[2][2] = {};
  nabla::hvp<of_matrix>(m, d, r);
  CHECK_NEAR(r[0][0], 15.8, 1e-13);
  CHECK_NEAR(r[0][1], 4.4, 1e-13);
}

int main() {
  read_only();
  virtual_methods();
  methods_of_classes_with_containers();
  names();
  lanes();
  checkpoints();
  return check::report();
}
