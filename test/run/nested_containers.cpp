// Gradients of functions that take nabla::gradient and nabla::hvp of functions of containers, optional values and classes.
// FLAGS: -w
// WITHOUT: no-alias
#include "check.h"
#include <cmath>
#include <nabla/nabla.h>
#include <optional>
#include <variant>
#include <vector>

using vector = std::vector<double>;
using rows = std::vector<vector>;

static double chain(const vector &q) {
  double s = 0;
  for (std::size_t i = 0; i < q.size(); ++i)
    s += std::sin(q[i]) * q[0] * q[i];
  return s * q.back();
}
static double chain_slope(const vector &q) {
  vector b; // gets the size of q
  nabla::gradient<chain>(q, b);
  double s = 0;
  for (double e : b)
    s += e * e;
  return s;
}
static double chain_value_form(const vector &q) {
  double s = 0;
  for (double e : nabla::gradient<chain>(q))
    s += e * e;
  return s;
}
static double chain_curve(const vector &q) {
  vector u(q.size(), 0.5), r(q.size());
  u[0] = -1;
  nabla::hvp<chain>(q, u, r);
  return r[0] * r[1] + std::sin(r[2]);
}
static double descent(const vector &q, int steps) { // recursion that hands on what it was given
  if (steps == 0)
    return q[0] * q[1];
  vector r = q, g(q.size());
  nabla::gradient<chain>(q, g);
  for (std::size_t i = 0; i < q.size(); ++i)
    r[i] -= 0.1 * g[i];
  return descent(r, steps - 1) + g[0] * descent(q, steps - 1);
}
static double table(const rows &q, double x) {
  double s = 0;
  for (const vector &row : q)
    for (double e : row)
      s = std::sin(s + e * x) + e;
  return s * s;
}
static double table_slope(const rows &q, double x) {
  rows b;
  double d = 0;
  const double value = nabla::gradient<table>(q, x, b, &d);
  return b[0][0] * b[1][2] + d * d + value;
}
struct Net {
  vector w;
  double bias;
};
static double net(const Net &n, double x) {
  double s = n.bias;
  for (double w : n.w)
    s = std::tanh(s + w * x);
  return s;
}
static double net_loss(const Net &n, double x) { // u' + u
  double slope = 0;
  const double value = nabla::gradient<net, nabla::wrt<1>>(n, x, &slope);
  return (slope + value) * (slope + value);
}

static double picked(const std::variant<double, int> &q, const std::optional<double> &o) {
  return (q.index() == 0 ? std::sin(std::get<0>(q)) : 0.) * o.value_or(2) * o.value_or(2);
}
static double picked_slope(const std::variant<double, int> &q, const std::optional<double> &o) {
  std::variant<double, int> b = 3;
  std::optional<double> c;
  nabla::gradient<picked>(q, o, b, c);
  return std::get<0>(b) * *c;
}

static void numbers(const vector &v, vector &out) { out = v; }
static void numbers(const rows &v, vector &out) {
  for (const vector &r : v)
    out.insert(out.end(), r.begin(), r.end());
}
static void numbers(const Net &n, vector &out) { out = n.w, out.push_back(n.bias); }

static vector moved(vector q, std::size_t i, double h) { return q[i] += h, q; }
static rows moved(rows q, std::size_t i, double h) { return q[i / 3][i % 3] += h, q; }
static Net moved(Net n, std::size_t i, double h) { return (i < n.w.size() ? n.w[i] : n.bias) += h, n; }

/// Every entry against differences of sixth order.
template <auto F, class Q, class... A> static void verify(const Q &q, A... rest) {
  Q bar = q;
  vector got, before;
  numbers(q, before);
  for (std::size_t i = 0; i < before.size(); ++i)
    bar = moved(bar, i, -before[i]);
  nabla::gradient<F, nabla::wrt<0>>(q, rest..., bar);
  numbers(bar, got);
  const double h = 1e-2;
  for (std::size_t i = 0; i < got.size(); ++i) {
    auto d = [&](double k) {
      return (F(moved(q, i, k * h), rest...) - F(moved(q, i, -k * h), rest...)) / (2 * k * h);
    };
    const double want = 1.5 * d(1) - 0.6 * d(2) + 0.1 * d(3);
    CHECK_NEAR(got[i], want, 1e-6 * (1 + std::fabs(want)));
    Q e = bar;
    for (std::size_t j = 0; j < got.size(); ++j)
      e = moved(e, j, (i == j) - got[j]);
    numbers(e, before);
  }
}

/// Forward mode gives the same numbers.
template <auto F> static void forward(const vector &q) {
  vector bar;
  nabla::gradient<F>(q, bar);
  for (std::size_t i = 0; i < q.size(); ++i) {
    vector e(q.size());
    e[i] = 1;
    CHECK_NEAR(nabla::pushforward<F>(q, e).dot, bar[i], 1e-12 * (1 + std::fabs(bar[i])));
  }
}

int main() {
  const vector q{0.7, -0.4, 1.1};
  verify<chain_slope>(q), verify<chain_value_form>(q), verify<chain_curve>(q);
  forward<chain_slope>(q), forward<chain_curve>(q);
  const rows r{{0.3, 0.2, -0.5}, {0.9, 0.1, 0.4}};
  verify<descent>(q, 2);
  verify<table_slope>(r, 0.8);
  verify<net_loss>(Net{{0.4, -0.7}, 0.2}, 0.9);
  std::variant<double, int> v = 0.6, v_bar = 0.0;
  std::optional<double> o = 1.5, o_bar;
  nabla::gradient<picked_slope>(v, o, v_bar, o_bar);
  CHECK_NEAR(std::get<0>(v_bar), 2 * 1.5 * 1.5 * 1.5 * std::cos(1.2), 1e-13); // of cos sin 2 o^3
  CHECK_NEAR(*o_bar, 6 * 1.5 * 1.5 * std::cos(0.6) * std::sin(0.6), 1e-13);
  return check::report();
}
