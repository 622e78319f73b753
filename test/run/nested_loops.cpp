// Derivatives that are called in loops, branches and recursion, of arguments that change later or go out of scope.
// FLAGS: -w
#include "check.h"
#include <array>
#include <cmath>
#include <nabla/nabla.h>
#include <vector>

using vector = std::vector<double>;
using rows = std::vector<vector>;
struct Pair {
  double a, b;
};
struct Net {
  vector w;
  double c;
};

static double cube(const double *q, int n) {
  double s = 1;
  for (int i = 0; i < n; ++i)
    s += std::sin(q[i]) * q[0] * q[i];
  return s;
}
static double cubes(const vector &q) {
  double s = 0;
  for (double e : q)
    s += e * e * e * q[1];
  return s;
}
static double by_value(vector q) { return std::sin(q[0]) * q[1] * q[1]; }
static double of_pair(Pair p) { return std::sin(p.a) * p.b * p.b; }
static double of_pair_ref(const Pair &p) { return std::sin(p.a) * p.b * p.b; }
static double of_array(std::array<double, 2> p) { return std::sin(p[0]) * p[1] * p[1]; }
static double of_net(const Net &n, double x) { return std::sin(n.w[0]) * n.w[1] * n.c * x; }
static double recursive(const vector &q, int k) { return k <= 0 ? q[0] * q[1] : recursive(q, k - 1) * q[1]; }

static double changed_later(const vector &q) {
  Pair p{q[0], q[1]}, b{};
  nabla::gradient<of_pair>(p, &b);
  p.a = 5;
  return b.a * b.b * p.a;
}
static double pairs(const vector &q) {
  double s = 0;
  for (int i = 0; i < 3; ++i) {
    Pair p{q[0] * i, q[1]}, b{};
    nabla::gradient<of_pair>(p, &b);
    s += b.a * b.b;
  }
  return s;
}
static double descent(const vector &q) {
  Pair p{q[0], q[1]};
  for (int i = 0; i < 3; ++i) {
    Pair b{};
    nabla::gradient<of_pair_ref>(p, b);
    p.a += 0.1 * b.a;
    p.b -= 0.2 * b.b;
  }
  return p.a * p.b;
}
static double arrays(const vector &q) {
  double s = 0;
  for (int i = 0; i < 3; ++i) {
    const double c[2] = {q[0] * i, q[1]};
    double b[2] = {};
    nabla::gradient<cube>(c, 2, b);
    std::array<double, 2> p{q[0] * i, q[1]}, g{};
    nabla::gradient<of_array>(p, &g);
    s += b[0] * b[1] + g[0];
  }
  return s;
}
static double nets(const vector &q) {
  double s = 0;
  Net n{{q[0], q[1]}, q[0]};
  for (int i = 0; i < 3; ++i) {
    Net b;
    b.c = 0;
    double x = 0;
    nabla::gradient<of_net>(n, 0.1 + i, b, &x);
    n.w[0] += 0.1 * b.w[0] + x;
    n.c *= 1 + 0.1 * b.c;
    s += b.w[1];
  }
  return s * n.c;
}
static double newton(const vector &q) {
  double x[2] = {q[0], q[1]};
  for (int k = 0; k < 5; ++k) {
    double b[2] = {}, r[2] = {};
    nabla::gradient<cube>(x, 2, b);
    nabla::hvp<cube>(x, 2, b, r);
    for (int i = 0; i < 2; ++i)
      x[i] -= 0.1 * b[i] - 0.01 * r[i];
  }
  return x[0] * x[1];
}
static double growing(const vector &q) {
  vector x = q, b;
  double s = 0;
  for (int k = 0; k < 3; ++k) {
    nabla::gradient<cubes>(x, b);
    x.push_back(0.3 * b[0]);
    s += b.back() * k;
  }
  for (int k = 0; k < 4; ++k) {
    vector g = nabla::gradient<cubes>(x);
    x[k % 2] -= 0.01 * g[0];
  }
  return s * x[0];
}
static double fresh(const vector &q) {
  double s = 0;
  for (int i = 0; i < 3; ++i) {
    vector c{q[0] * i, q[1]}, b(2);
    nabla::gradient<by_value>(c, &b);
    s += b[0] * b[1];
  }
  return s;
}
static double by_rows(const vector &q) {
  rows r{{q[0], q[1]}, {q[1], 2 * q[0]}};
  double s = 0;
  for (const vector &row : r) {
    vector g;
    nabla::gradient<cubes>(row, g);
    s += g[0] * g[1];
  }
  return s;
}
static double twice(const vector &q) {
  vector g(2), h(2);
  nabla::gradient<cubes>(q, g);
  nabla::gradient<cubes>(g, h);
  nabla::gradient<cubes>(q, h);
  return g[0] * h[1];
}
static double in_branches(const vector &q) {
  double r = 0;
  if (q[0] > 0) {
    double c[2] = {q[0], q[1]}, h[2] = {};
    nabla::gradient<cube>(c, 2, h);
    r = h[0] * h[1];
  }
  if (q[1] > 0) {
    double c[2] = {q[1] * q[1], q[0] * q[1]}, h[2] = {};
    nabla::gradient<cube>(c, 2, h);
    r += h[0] + h[1];
  }
  if (q[0] * q[1] > 0) {
    vector c{q[0], q[1]}, h(2);
    nabla::gradient<cubes>(c, h);
    Pair p{c[0], h[0]}, g{};
    nabla::gradient<of_pair>(p, &g);
    r += h[0] * h[1] + g.b;
  }
  return r;
}
static double of_recursion(const vector &q) {
  vector g;
  nabla::gradient<recursive>(q, 2, g);
  return g[0] * g[1];
}

// A rule of one's own reads its argument, which ends with the block.
double energy(const double *q, int n);
[[nabla::pullback_of(energy)]] void energy_pb(const double *q, int n, double seed, double *q_bar) {
  for (int i = 0; i < n; ++i)
    q_bar[i] += 2 * q[i] * seed;
}
[[nabla::pushforward_of(energy)]] nabla::dual<double> energy_pf(const double *q, int n, const double *q_dot) {
  double d = 0;
  for (int i = 0; i < n; ++i)
    d += 2 * q[i] * q_dot[i];
  return {energy(q, n), d};
}
double energy(const double *q, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += q[i] * q[i];
  return s;
}
static double own_rule(const vector &q) {
  double s = 0;
  for (int k = 0; k < 3; ++k)
    if (q[0] > 0) {
      const double c[2] = {q[0] * k, q[1] * q[0]};
      s += energy(c, 2) * q[1];
    }
  return s;
}

double pick(const double *x, const int *at);
[[nabla::pullback_of(pick)]] void pick_pb(const double *x, const int *at, double seed, double *x_bar) {
  x_bar[*at] += 2 * seed * x[*at];
}
[[nabla::pushforward_of(pick)]] nabla::dual<double> pick_pf(const double *x, const int *at,
                                                            const double *x_dot) {
  return {x[*at] * x[*at], 2 * x[*at] * x_dot[*at]};
}
double pick(const double *x, const int *at) { return x[*at] * x[*at]; }
static double integers_overwritten(const vector &q) {
  double x[2] = {q[0], q[1]};
  int at[1] = {0};
  const double a = pick(x, at);
  at[0] = 1;
  return a * pick(x, at);
}

template <auto F> static void verify() {
  const vector q{0.7, 0.9};
  vector bar;
  const double value = nabla::gradient<F>(q, bar);
  CHECK_NEAR(value, F(q), 1e-14 * (1 + std::fabs(value)));
  for (std::size_t i = 0; i < 2; ++i) {
    auto d = [&](double h) {
      vector a = q, b = q;
      a[i] += h, b[i] -= h;
      return (F(a) - F(b)) / (2 * h);
    };
    const double h = 4e-3, want = 1.5 * d(h) - 0.6 * d(2 * h) + 0.1 * d(3 * h);
    CHECK_NEAR(bar[i], want, 1e-7 * (1 + std::fabs(want)));
    vector e(2);
    e[i] = 1;
    CHECK_NEAR(nabla::pushforward<F>(q, e).dot, bar[i], 1e-11 * (1 + std::fabs(bar[i])));
  }
}

/// Products of the Hessian against differences of gradients.
template <auto F> static void verify_second() {
  const vector q{0.7, 0.9}, u{0.3, -1};
  vector product(2);
  nabla::hvp<F>(q, u, product);
  auto d = [&](double h) {
    vector a = q, b = q, up, down;
    for (std::size_t i = 0; i < 2; ++i)
      a[i] += h * u[i], b[i] -= h * u[i];
    nabla::gradient<F>(a, up), nabla::gradient<F>(b, down);
    for (std::size_t i = 0; i < 2; ++i)
      up[i] = (up[i] - down[i]) / (2 * h);
    return up;
  };
  const double h = 4e-3;
  const vector one = d(h), two = d(2 * h), three = d(3 * h);
  for (std::size_t i = 0; i < 2; ++i) {
    const double want = 1.5 * one[i] - 0.6 * two[i] + 0.1 * three[i];
    CHECK_NEAR(product[i], want, 1e-6 * (1 + std::fabs(want)));
  }
}

int main() {
  verify<changed_later>(), verify<pairs>(), verify<descent>(), verify<arrays>(), verify<nets>();
  verify<newton>(), verify<growing>(), verify<fresh>(), verify<by_rows>(), verify<twice>();
  verify<in_branches>(), verify<of_recursion>(), verify<own_rule>(), verify<integers_overwritten>();
  verify_second<pairs>(), verify_second<descent>(), verify_second<arrays>(), verify_second<nets>();
  verify_second<fresh>(), verify_second<by_rows>(), verify_second<twice>();
  verify_second<in_branches>(), verify_second<growing>(), verify_second<of_recursion>();
  return check::report();
}
