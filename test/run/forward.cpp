// Forward mode and second order as users write them: marks and call sites, chosen parameters, several directions at once,
// rules of the user's own, methods.
// WITHOUT: no-alias
#include "check.h"
#include "problems.h"
#include <algorithm>
#include <list>
#include <nabla/nabla.h>
#include <vector>

[[nabla::pushforward]] double product(double x, double y) { return x * std::sin(y); }
[[nabla::pushforward("x")]] double by_name(double x, double y) { return x * x * y; }
[[nabla::hvp]] double cubic(double x, double y) { return x * x * x * y + y * y; }
[[nabla::pushforward]] void in_place(double *a, int n) {
  for (int i = 1; i < n; ++i)
    a[i] *= a[i - 1];
}
int rounded(double x) { return int(x); }
float single(float x, double y) { return x * float(y * y); }

struct Point {
  double x, y;
};
Point turned(Point p, double angle) {
  Point q = {p.x * std::cos(angle) - p.y * std::sin(angle), p.x * std::sin(angle) + p.y * std::cos(angle)};
  return q;
}

struct Spring {
  double k;
  double energy(double x) const { return 0.5 * k * x * x; }
};

// Own rules: a table whose body nobody may look into, and a pullback with a body, which second order differentiates.
double opaque_square(double x);
[[nabla::pushforward_of(opaque_square)]] nabla::dual<double> opaque_square_pf(double x, double x_dot) {
  return {x * x, 2 * x * x_dot};
}
double opaque_square(double x) { return x * x; }
double calls_opaque(double x) { return opaque_square(3 * x) + x; }

double softplus(double x);
[[nabla::pullback_of(softplus)]] void softplus_pb(double x, double seed, double *x_bar) {
  *x_bar += seed / (1 + std::exp(-x));
}
double softplus(double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }
double calls_softplus(double x) { return softplus(2 * x) * x; }

// Masks, singular partials, factors of a tangent itself, and terms that cancel, in lanes.
double lanes_of_all_kinds(double x, double y) {
  double s = std::fmax(x, y) * std::sqrt(x) + std::pow(x, y) - std::fdim(y, x);
  s *= 0.5 * x;
  s -= s > 100 ? x : 2;
  double t = x - x;
  return s / (y + t) + std::clamp(x, y, 3.0);
}

static void many_lanes() {
  for (double x : {0.4, 2.5, 3.5}) {
    auto many = nabla::pushforward<lanes_of_all_kinds, nabla::batch<3>>(
        x, 1.5, nabla::lanes<double, 3>{1, 0, -2}, nabla::lanes<double, 3>{0, 1, 0.5});
    const double x_dot[] = {1, 0, -2}, y_dot[] = {0, 1, 0.5};
    for (int i = 0; i < 3; ++i)
      CHECK(std::fabs(many.dot[i] - nabla::pushforward<lanes_of_all_kinds>(x, 1.5, x_dot[i], y_dot[i]).dot) <
            1e-14);
  }
}

static void marks() {
  auto p = product_pushforward(2.0, 0.5, 1.0, 3.0);
  CHECK_NEAR(p.value, 2 * std::sin(0.5), 1e-15);
  CHECK_NEAR(p.dot, std::sin(0.5) + 6 * std::cos(0.5), 1e-15);
  CHECK_NEAR(by_name_pushforward(3.0, 2.0, 0.5).dot, 6.0, 1e-15);
  double x_bar = 1, y_bar = 2;
  CHECK_NEAR(cubic_hvp(2.0, 3.0, 1.0, -1.0, &x_bar, &y_bar), 33.0, 1e-15);
  CHECK_NEAR(x_bar, 1 + 36.0 - 12, 1e-15);
  CHECK_NEAR(y_bar, 2 + 12.0 - 2, 1e-15);
  double a[3] = {2, 3, 4}, a_dot[3] = {1, 0, 0};
  in_place_pushforward(a, 3, a_dot);
  CHECK(a[2] == 24 && a_dot[0] == 1 && a_dot[1] == 3 && a_dot[2] == 12);
}

static void call_sites() {
  const double x[3] = {1.5, -0.5, 2}, v[3] = {1, 2, -1};
  double hv[3] = {};
  auto p = nabla::pushforward<rosenbrock>(x, 3, v);
  CHECK(p.value == rosenbrock(x, 3));
  nabla::hvp<rosenbrock>(x, 3, v, hv);
  // H(i, i) = 1200 x^2 - 400 y + 2 (+ 200 from the term before), H(i, i + 1) = -400 x
  CHECK_NEAR(hv[0], (1200 * 2.25 + 200 + 2) * 1 - 600 * 2, 1e-14);
  CHECK_NEAR(hv[1], -600 * 1 + (1200 * 0.25 - 800 + 202) * 2 + 200 * -1, 1e-14);
  CHECK_NEAR(hv[2], 200 * 2 - 200, 1e-14);
  CHECK(nabla::pushforward<rounded>(2.5, 1.0) == 2);
  CHECK_NEAR(nabla::pushforward<single>(2.0f, 3.0, 1.0f, 0.5).dot, 9 + 2 * 3.0, 1e-6);
  auto y_alone = nabla::pushforward<product, nabla::wrt<1>>(2.0, 0.5, 1.0);
  CHECK_NEAR(y_alone.dot, 2 * std::cos(0.5), 1e-15);
  auto turn = nabla::pushforward<turned>(Point{1, 2}, 0.0, Point{0, 0}, 1.0);
  CHECK(turn.value.x == 1 && turn.value.y == 2 && turn.dot.x == -2 && turn.dot.y == 1);
  Spring s{4};
  CHECK(nabla::pushforward<&Spring::energy>(s, 0.5, 2.0).dot == 4);
  double r = 0;
  CHECK((nabla::hvp<cubic, nabla::wrt<0>>(2.0, 3.0, 1.0, &r), r == 36));
}

static void several_directions() {
  using four = nabla::lanes<double, 4>;
  const double x[3] = {1.5, -0.5, 2};
  four unit[3] = {{1, 0, 0, 1}, {0, 1, 0, 2}, {0, 0, 1, -1}}, h[3] = {};
  auto p = nabla::pushforward<rosenbrock, nabla::batch<4>>(x, 3, unit);
  nabla::hvp<rosenbrock, nabla::batch<4>>(x, 3, unit, h);
  for (int j = 0; j < 4; ++j) {
    double v[3] = {unit[0][j], unit[1][j], unit[2][j]}, hv[3] = {};
    CHECK_NEAR(p.dot[j], nabla::pushforward<rosenbrock>(x, 3, v).dot, 1e-15);
    nabla::hvp<rosenbrock>(x, 3, v, hv);
    for (int i = 0; i < 3; ++i)
      CHECK_NEAR(h[i][j], hv[i], 1e-15);
  }
  auto q =
      nabla::pushforward<product, nabla::wrt<1>, nabla::batch<2>>(2.0, 0.5, nabla::lanes<double, 2>{1, 2});
  CHECK_NEAR(q.dot[1], 4 * std::cos(0.5), 1e-15);
}

// Calls that stay calls and make their caller's containers grow: of reals, of integers, of containers, by turns, in loops.
struct Terms {
  std::vector<double> v;
  double k;
  void grow(double x, int n) {
    if (n == 0)
      return;
    v.push_back(k * x);
    k *= 1.1 * x;
    grow(x * 0.9, n - 1);
  }
};
static bool odd(std::vector<double> &v, double x, int n);
static bool even(std::vector<double> &v, double x, int n) {
  if (n == 0)
    return true;
  v.insert(v.begin(), x);
  bool is_odd = odd(v, x * x, n - 1);
  if (is_odd)
    v.push_back(x);
  return is_odd;
}
static bool odd(std::vector<double> &v, double x, int n) { return n != 0 && even(v, x * 0.9, n - 1); }
static void pick(std::vector<int> &w, std::vector<double> &v, double x, int n) {
  if (n == 0)
    return;
  w.push_back(x > 0.5 ? n : 1);
  std::vector<double> own(n, x);
  pick(w, v, x * 0.8, n - 1);
  for (double t : own)
    v.push_back(t * w[0]);
}
static void append(std::list<double> &v, double x, int n) {
  if (n == 0)
    return;
  v.push_back(x * n);
  append(v, std::sin(x), n - 1);
  v.front() *= x;
}
static std::vector<double> powers(double x, int n) {
  if (n == 0)
    return {x};
  std::vector<double> v = powers(x, n - 1);
  v.push_back(v.back() * x);
  return v;
}
static double weighted(double x, const std::vector<double> &v) {
  double s = 0, w = 1;
  for (double e : v)
    s += (w += x) * e * e;
  return s;
}
double grown(double x, int n) {
  double s = 0;
  for (int k = 0; k < 3; ++k) {
    Terms t{{x}, x};
    t.grow(x + 0.1 * k, n);
    std::vector<double> v, u;
    std::vector<int> w;
    odd(v, x, n);
    pick(w, u, x, n);
    pick(w, u, 2 * x, n / 2);
    std::vector<int> over(w.size() + 1, 7); // memory that the vector's own must not share
    s = 0.5 * s + t.k + weighted(x, t.v) + weighted(x, v) * over[0];
    for (std::size_t i = 0; i < u.size(); ++i)
      s += u[i] * u[i] * w[i % w.size()];
    s += weighted(x, powers(x, n));
  }
  return s;
}
// Recursion that fills a vector from an array; that grows a vector of vectors, some of constants; that moves elements about.
static void fill(std::vector<double> &v, const double *x, int n, int depth) {
  if (depth == 0) {
    for (int i = 0; i < n; ++i)
      v.push_back(x[i] * x[i]);
    return;
  }
  fill(v, x, n, depth - 1);
  v.push_back(x[depth] * v.front());
}
double filled(const double *x, int n) {
  std::vector<double> v;
  fill(v, x, n, 2);
  double s = 0;
  for (double e : v)
    s += e * e;
  return s;
}
using rows = std::vector<std::vector<double>>;
static void grow_rows(rows &v, double a, int depth) {
  if (depth % 2)
    v.push_back({1.5, 2.0});
  else
    v.push_back({a, a * a});
  if (depth > 0)
    grow_rows(v, 0.5 * a, depth - 1);
  v[0][1] += 0.1 * a;
}
static void exchange(std::vector<double> &a, std::vector<double> &b, const double *x, int depth) {
  if (depth == 0) {
    a.push_back(x[0]);
    b.push_back(x[1] * x[1]);
    return;
  }
  exchange(b, a, x, depth - 1);
  a.push_back(b.back() * x[2]);
  std::swap(a, b);
  if (depth == 2)
    b = a;
}
double rows_grown(const double *x, int) {
  rows v;
  grow_rows(v, x[0] * x[1], 3);
  std::vector<double> a, b;
  exchange(a, b, x, 3);
  double s = 0;
  for (auto &q : v)
    s += q[1] * q[0] * x[2];
  for (double e : a)
    s += e * e;
  for (double e : b)
    s += std::sin(e);
  return s;
}
static void filled_by_recursion() {
  const double x[3] = {1, 2, 0.5}, d[3] = {1, 0, 0.5}, h = 1e-5;
  CHECK(nabla::check_gradient<filled>(nabla::extents{3}, x, 3).passed);
  CHECK(nabla::check_gradient<rows_grown>(nabla::extents{3}, x, 3).passed);
  double r[3] = {}, g[2][3] = {};
  nabla::hvp<filled>(x, 3, d, r);
  for (int side : {0, 1}) {
    const double step = side ? -h : h, y[3] = {x[0] + step * d[0], x[1] + step * d[1], x[2] + step * d[2]};
    nabla::gradient<filled>(y, 3, g[side]);
  }
  for (int i = 0; i < 3; ++i)
    CHECK_NEAR(r[i], (g[0][i] - g[1][i]) / (2 * h), 1e-7);
}
double grown_list(double x, int n) {
  std::list<double> v;
  append(v, x, n);
  double s = 0;
  for (double e : v)
    s = 0.7 * s + e * e;
  return s;
}
std::vector<double> squares(const std::vector<double> &v, double k) {
  std::vector<double> out;
  for (double x : v)
    out.push_back(k * x * x);
  return out;
}
struct Scaled {
  std::vector<double> v;
  double k;
};
Scaled scaled(std::vector<double> v, double k) {
  v.push_back(k * v[0]);
  return {v, k * v[1]};
}
std::vector<int> signs(const std::vector<double> &v) {
  std::vector<int> out;
  for (double x : v)
    out.push_back(x < 0 ? -1 : 1);
  return out;
}

static void containers() {
  const double h = 1e-5;
  for (int n : {0, 1, 5}) {
    for (auto [f, dot] : {std::pair(&grown, nabla::pushforward<grown>(0.7, n, 1.0).dot),
                          std::pair(&grown_list, nabla::pushforward<grown_list>(0.7, n, 1.0).dot)})
      CHECK_NEAR(dot, (f(0.7 + h, n) - f(0.7 - h, n)) / (2 * h), 1e-7);
    double r = 0;
    nabla::hvp<grown>(0.7, n, 1.0, &r);
    CHECK_NEAR(r, (nabla::gradient<grown>(0.7 + h, n) - nabla::gradient<grown>(0.7 - h, n)) / (2 * h), 1e-7);
  }
  const std::vector<double> v{1.5, 2}, d{1, 0};
  auto s = nabla::pushforward<squares>(v, 0.7, d, 1.0);
  CHECK(s.value.size() == 2 && s.dot.size() == 2 && s.value == squares(v, 0.7));
  CHECK_NEAR(s.dot[0], 0.7 * 3 + 2.25, 1e-15);
  CHECK_NEAR(s.dot[1], 4, 1e-15);
  auto t = nabla::pushforward<scaled>(v, 0.7, d, 1.0);
  CHECK(t.dot.v.size() == 3 && t.dot.k == 2);
  CHECK_NEAR(t.dot.v[2], 0.7 + 1.5, 1e-15);
  CHECK(nabla::pushforward<signs>(v, d) == signs(v));
  std::vector<double> v_bar(2, 0.5);
  CHECK(nabla::pullback<signs>(v, v_bar) == signs(v) && v_bar[0] == 0.5);
}

// Own rules of arrays at second order: the adjoints of the parameter have a length.
double cubes(const double *x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += x[i] * x[i] * x[i];
  return s;
}
[[nabla::pullback_of(cubes)]] void cubes_pb(const double *x, int n, double seed, double *x_bar) {
  for (int i = 0; i < n; ++i)
    x_bar[i] += 3 * seed * x[i] * x[i];
}
[[nabla::pushforward_of(cubes)]] nabla::dual<double> cubes_pf(const double *x, int n, const double *x_dot) {
  nabla::dual<double> r{0, 0};
  for (int i = 0; i < n; ++i) {
    r.value += x[i] * x[i] * x[i];
    r.dot += 3 * x[i] * x[i] * x_dot[i];
  }
  return r;
}
double calls_cubes(const double *x, int n) { return cubes(x + 1, n - 1) * x[0]; }
static void own_rules_of_arrays() { // of x0 (x1^3 + x2^3)
  const double x[3] = {0.5, 2, 3}, d[3] = {1, 1, 0};
  double r[3] = {};
  nabla::hvp<calls_cubes>(nabla::extents{3}, x, 3, d, r);
  CHECK_NEAR(r[0], 3 * 4, 1e-13);
  CHECK_NEAR(r[1], 3 * 4 + 6 * 0.5 * 2, 1e-13);
  CHECK_NEAR(r[2], 3 * 9, 1e-13);
}
static void own_rules() {
  own_rules_of_arrays();
  filled_by_recursion();
  CHECK(nabla::pushforward<calls_opaque>(2.0, 1.0).dot == 37);
  double r = 0, x = 0.3, e = 1 / (1 + std::exp(-2 * x));
  nabla::hvp<calls_softplus>(x, 1.0, &r); // 2 s' + 4 x s''
  CHECK_NEAR(r, 2 * 2 * e + x * 4 * e * (1 - e), 1e-14);
}

int main() {
  marks();
  many_lanes();
  call_sites();
  several_directions();
  own_rules();
  containers();
  return check::report();
}
