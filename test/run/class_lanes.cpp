// Structs, vectors, and what stands for other classes, in functions that are differentiated in several directions or by several
// seeds at once: compared with one at a time.
#include "check.h"
#include <complex>
#include <functional>
#include <memory>
#include <nabla/nabla.h>
#include <optional>
#include <vector>

struct Point {
  double x, y;
  int n;
  double norm() const { return x * x + n * y * y; }
  Point operator+(const Point &o) const { return {x + o.x, y * o.y, n}; }
};
struct Box {
  Point p;
  double w[2];
  float f;
};
struct Deep : Point {
  double z;
};
struct Series {
  std::vector<double> v;
  double k;
};

double copies(const double *x, int n) {
  Point a{x[0], x[1], 2}, b = a;
  b.x *= x[2];
  Point c = a + b;
  return c.norm() * std::sin(a.y) + n;
}
double arrays(const double *x, int n) {
  Box b[2] = {};
  for (int i = 0; i < 2; ++i) {
    b[i].p = {x[i], x[i + 1], i};
    b[i].w[i] = x[2] * x[i];
    b[i].f = float(x[1]);
  }
  double s = n;
  for (auto &e : b)
    for (double v : e.w)
      s += v * e.p.norm() + e.f;
  return s;
}
double in_vectors(const double *x, int n) {
  std::vector<double> v;
  for (int i = 0; i < n; ++i)
    v.push_back(x[i] * x[(i + 1) % n]);
  std::vector<Point> q(n);
  for (int i = 0; i < n; ++i)
    q[i] = {v[i], x[i], 1};
  double s = 0;
  for (auto &e : q)
    s += e.norm() * e.x;
  return s;
}
void grow(std::vector<Point> &v, Point a, int n) { // recursive: stays a call
  if (n == 0)
    return;
  v.push_back(a);
  v[0].x += a.y;
  grow(v, a + a, n - 1);
}
double grown(const double *x, int n) {
  std::vector<Point> v;
  grow(v, {x[0], x[1], 1}, n);
  double s = x[2];
  for (auto &e : v)
    s += e.norm() * s * 0.1;
  return s;
}
double others(const double *x, int n) {
  std::complex<double> z(x[0], x[1]), w = std::exp(z * x[2]);
  std::optional<double> o;
  if (x[0] > 0)
    o = x[0] * x[1];
  auto p = std::make_unique<double>(x[2]);
  *p *= *o;
  std::function<double(double)> g = [k = x[0] * x[1]](double t) { return std::sin(k * t); };
  return std::abs(w) + w.imag() * z.real() + *p * o.value_or(3) + g(x[2]) * n;
}
Point step(Point p, double h, int n) {
  if (n == 0)
    return p;
  Point q = step({p.x + h * p.y, p.y - h * p.x, p.n}, h * 0.9, n - 1);
  q.x *= p.y;
  return q;
}
double returned(const double *x, int n) {
  Point p = step({x[0], x[1], 2}, x[2], n), *q = &p;
  q->y += q->x;
  return p.norm();
}
double members(const double *x, int n) {
  Series a{{x[0], x[1]}, x[2]};
  Series b = a;
  b.v.push_back(x[2] * b.k);
  std::vector<std::vector<double>> m(2, b.v);
  m[1][0] *= x[0];
  double s = n;
  for (auto &r : m)
    for (double e : r)
      s += e * e * a.v[1];
  return s;
}
double bases(const double *x, int n) {
  Deep d;
  d.x = x[0];
  d.y = x[1];
  d.n = n;
  d.z = x[2];
  Point &p = d;
  p.x *= d.z;
  Deep e = d;
  return e.norm() * e.z;
}
double pairs(const double *x, int n) { // whose library has a base that must not be assigned
  std::pair<double, double> v{x[0], x[1]};
  auto [a, b] = v;
  std::vector<std::pair<int, double>> all;
  for (int i = 0; i < n; ++i)
    all.push_back({i, a * x[i]});
  v.first *= all[1].second * all[2].first;
  return a * b * v.first + all[2].second;
}
double no_trips(const double *x, int n) { // what is made in loops that do not run
  std::vector<Point> v;
  Point last{};
  for (int i = 3; i < n; ++i)
    v.push_back(last = {x[i], x[0], i});
  return last.x + (v.empty() ? x[1] * x[1] : v[0].norm()) * x[2];
}

template <auto F> void compare(const char *name) {
  using two = nabla::lanes<double, 2>;
  const double x[3] = {0.5, 0.8, 1.1}, d[2][3] = {{1, 0.5, -0.3}, {0.2, -1, 0.7}};
  two x_dot[3], h[3] = {}, x_bar[3] = {};
  for (int i = 0; i < 3; ++i)
    x_dot[i] = {d[0][i], d[1][i]};
  auto both = nabla::pushforward<F, nabla::batch<2>>(x, 3, x_dot);
  nabla::hvp<F, nabla::batch<2>>(x, 3, x_dot, h);
  nabla::pullback<F, nabla::batch<2>>(x, 3, two{1, -0.5}, x_bar);
  auto near = [&](const char *what, int at, double got, double want) {
    check::verdict(std::fabs(got - want) <= 1e-12 * (1 + std::fabs(want)), name, what, at);
  };
  double gradient[3] = {};
  nabla::gradient<F>(x, 3, gradient);
  for (int k = 0; k < 2; ++k) {
    double one[3] = {};
    nabla::hvp<F>(x, 3, d[k], one);
    near("tangent", k, both.dot[k], nabla::pushforward<F>(x, 3, d[k]).dot);
    for (int i = 0; i < 3; ++i) {
      near("hvp", i, h[i][k], one[i]);
      near("adjoint", i, x_bar[i][k], gradient[i] * (k ? -0.5 : 1));
    }
  }
  CHECK(both.value == F(x, 3));
}

double of_one(double t) {
  Point p{t, std::sin(t), 2};
  std::vector<double> v{t, p.y};
  p.x *= v[1];
  return p.norm() * std::exp(p.y);
}

int main() {
  compare<copies>("copies");
  compare<arrays>("arrays");
  compare<in_vectors>("in_vectors");
  compare<grown>("grown");
  compare<others>("others");
  compare<returned>("returned");
  compare<members>("members");
  compare<bases>("bases");
  compare<pairs>("pairs");
  compare<no_trips>("no_trips");
  const double h = 1e-4;
  CHECK_NEAR((nabla::derivative<of_one, 4>(0.6)),
             (nabla::derivative<of_one, 3>(0.6 + h) - nabla::derivative<of_one, 3>(0.6 - h)) / (2 * h), 1e-6);
  return check::report();
}
