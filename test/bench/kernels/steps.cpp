// Time loops: each step overwrites the state that its reverse needs.
#include "../primals.h"
#include "bench.h"
#include <cmath>
#include <nabla/nabla.h>
#define R __restrict

namespace {

using namespace bench;
using namespace primals;

// ---- Burgers' equation, upwind --------------------------------------------------------------------------------------

const int steps = 1000;

double burgers_by_hand(const double *R start, double *R start_bar) {
  const double c = 0.1, d = 0.05;
  static reals kept(std::size_t(steps + 1) * points);
  for (int i = 0; i < points; ++i)
    kept[i] = start[i];
  for (int t = 0; t < steps; ++t) {
    const double *R u = &kept[std::size_t(t) * points];
    double *R w = &kept[std::size_t(t + 1) * points];
    w[0] = u[0], w[points - 1] = u[points - 1];
    for (int i = 1; i + 1 < points; ++i)
      w[i] = u[i] - c * u[i] * (u[i] - u[i - 1]) + d * (u[i + 1] - 2 * u[i] + u[i - 1]);
  }
  double s = 0, next[points], bar[points];
  for (int i = 0; i < points; ++i) {
    double u = kept[std::size_t(steps) * points + i];
    s += u * u;
    bar[i] = 2 * u;
  }
  for (int t = steps;
       t-- > 0;) { // each element collects from its neighbours: the ends take no part in the step
    const double *R u = &kept[std::size_t(t) * points];
    double first = bar[0], last = bar[points - 1];
    bar[0] = bar[points - 1] = 0;
    for (int i = 1; i + 1 < points; ++i)
      next[i] =
          bar[i + 1] * (c * u[i + 1] + d) + bar[i] * (1 - c * (2 * u[i] - u[i - 1]) - 2 * d) + bar[i - 1] * d;
    next[0] = first + bar[1] * (c * u[1] + d);
    next[points - 1] = last + bar[points - 2] * d;
    for (int i = 0; i < points; ++i)
      bar[i] = next[i];
  }
  for (int i = 0; i < points; ++i)
    start_bar[i] += bar[i];
  return s;
}

const reals wave = Random(20).list(points, 0.5, 1);

const Register burger(
    "burgers 1000 x 1000", points, [] { return burgers(wave.data(), steps); },
    [](double *bar) { nabla::gradient<burgers>(wave.data(), steps, bar); },
    [](double *bar) { burgers_by_hand(wave.data(), bar); });

// ---- Nonlinear heat, arrays passed in -------------------------------------------------------------------------------

double heat_by_hand(double *R u, double *R w, int n, int count, double *R u_bar, double *R w_bar) {
  static reals kept;
  kept.resize(std::size_t(count) * n);
  for (int t = 0; t < count; ++t) {
    double *R k = &kept[std::size_t(t) * n];
    for (int i = 0; i < n; ++i)
      k[i] = u[i];
    for (int i = 1; i + 1 < n; ++i)
      w[i] = k[i] + 0.1 * (1 + k[i] * k[i]) * (k[i + 1] - 2 * k[i] + k[i - 1]);
    for (int i = 1; i + 1 < n; ++i)
      u[i] = w[i];
  }
  double s = 0;
  for (int i = 0; i < n; ++i) {
    s += u[i] * u[i];
    u_bar[i] += 2 * u[i];
  }
  for (int t = count;
       t-- > 0;) { // each element collects from its neighbours: the ends take no part in the step
    const double *R k = &kept[std::size_t(t) * n];
    double first = u_bar[0], last = u_bar[n - 1];
    for (int i = 1; i + 1 < n; ++i)
      w_bar[i] = u_bar[i];
    w_bar[0] = w_bar[n - 1] = 0;
    for (int i = 1; i + 1 < n; ++i) {
      double c = 1 + k[i] * k[i], l = k[i + 1] - 2 * k[i] + k[i - 1];
      u_bar[i] = w_bar[i] * (1 + 0.2 * (k[i] * l - c)) +
                 0.1 * (w_bar[i - 1] * (1 + k[i - 1] * k[i - 1]) + w_bar[i + 1] * (1 + k[i + 1] * k[i + 1]));
    }
    u_bar[0] = first + 0.1 * w_bar[1] * (1 + k[1] * k[1]);
    u_bar[n - 1] = last + 0.1 * w_bar[n - 2] * (1 + k[n - 2] * k[n - 2]);
  }
  return s;
}

template <class F> void heat_run(F f, double *bar) {
  static reals u, w, w_bar;
  u = wave;
  w.assign(points, 0.0);
  w_bar.assign(points, 0.0);
  f(u.data(), w.data(), bar, w_bar.data());
}
double sink;

const Register heat_equation(
    "heat 1000 x 1000", points,
    [] {
      heat_run([](double *u, double *w, double *, double *) { sink = heat(u, w, points, steps); }, nullptr);
      return sink;
    },
    [](double *bar) {
      heat_run([](double *u, double *w, double *ub,
                  double *wb) { nabla::gradient<heat>(u, w, points, steps, ub, wb); },
               bar);
    },
    [](double *bar) {
      heat_run(
          [](double *u, double *w, double *ub, double *wb) { heat_by_hand(u, w, points, steps, ub, wb); },
          bar);
    });

// ---- The same in local arrays -----------------------------------------------------------------------------------------

double local_heat(const double *start) {
  double u[points], w[points];
  for (int i = 0; i < points; ++i) {
    u[i] = start[i];
    w[i] = 0;
  }
  return heat(u, w, points, steps);
}
double local_heat_by_hand(const double *R start, double *R start_bar) {
  double u[points], w[points], w_bar[points];
  for (int i = 0; i < points; ++i) {
    u[i] = start[i];
    w[i] = w_bar[i] = 0;
  }
  return heat_by_hand(u, w, points, steps, start_bar, w_bar);
}

const Register local_heat_equation(
    "heat, local arrays", points, [] { return local_heat(wave.data()); },
    [](double *bar) { nabla::gradient<local_heat>(wave.data(), bar); },
    [](double *bar) { local_heat_by_hand(wave.data(), bar); });

// ---- Lorenz by Runge-Kutta, 1e5 steps -------------------------------------------------------------------------------

struct State {
  double x, y, z;
};

State slope(const State &s, const double *p) {
  State d;
  d.x = p[0] * (s.y - s.x);
  d.y = s.x * (p[1] - s.z) - s.y;
  d.z = s.x * s.y - p[2] * s.z;
  return d;
}
State moved(const State &s, const State &d, double h) {
  State r;
  r.x = s.x + h * d.x;
  r.y = s.y + h * d.y;
  r.z = s.z + h * d.z;
  return r;
}
double lorenz(const double *p, int count) {
  State s = {1, 1, 1};
  const double h = 1e-5;
  for (int t = 0; t < count; ++t) {
    State a = slope(s, p), b = slope(moved(s, a, h / 2), p), c = slope(moved(s, b, h / 2), p),
          d = slope(moved(s, c, h), p);
    s.x += h / 6 * (a.x + 2 * b.x + 2 * c.x + d.x);
    s.y += h / 6 * (a.y + 2 * b.y + 2 * c.y + d.y);
    s.z += h / 6 * (a.z + 2 * b.z + 2 * c.z + d.z);
  }
  return s.x + s.y + s.z;
}
/// primal: d = slope(s, p)
inline void slope_back(const State &s, const double *R p, const State &d, State &s_bar, double *R p_bar) {
  p_bar[0] += d.x * (s.y - s.x);
  p_bar[1] += d.y * s.x;
  p_bar[2] -= d.z * s.z;
  s_bar.x += d.y * (p[1] - s.z) + d.z * s.y - d.x * p[0];
  s_bar.y += d.x * p[0] - d.y + d.z * s.x;
  s_bar.z -= d.y * s.x + d.z * p[2];
}
double lorenz_by_hand(const double *R p, int count, double *R p_out) {
  State s = {1, 1, 1};
  const double h = 1e-5;
  static std::vector<State> kept;
  kept.resize(count);
  for (int t = 0; t < count; ++t) {
    kept[t] = s;
    State a = slope(s, p), b = slope(moved(s, a, h / 2), p), c = slope(moved(s, b, h / 2), p),
          d = slope(moved(s, c, h), p);
    s.x += h / 6 * (a.x + 2 * b.x + 2 * c.x + d.x);
    s.y += h / 6 * (a.y + 2 * b.y + 2 * c.y + d.y);
    s.z += h / 6 * (a.z + 2 * b.z + 2 * c.z + d.z);
  }
  State bar = {1, 1, 1};
  double p_bar[3] = {0, 0, 0};
  auto add = [](State &to, const State &from, double k) {
    to.x += k * from.x, to.y += k * from.y, to.z += k * from.z;
  };
  for (int t = count; t-- > 0;) {
    const State &s0 = kept[t];
    State a = slope(s0, p), s1 = moved(s0, a, h / 2), b = slope(s1, p), s2 = moved(s0, b, h / 2),
          c = slope(s2, p), s3 = moved(s0, c, h);
    State a_bar = {}, b_bar = {}, c_bar = {}, d_bar = {}, next = bar;
    add(d_bar, bar, h / 6), add(c_bar, bar, h / 3), add(b_bar, bar, h / 3), add(a_bar, bar, h / 6);
    State m = {};
    slope_back(s3, p, d_bar, m, p_bar);
    add(next, m, 1), add(c_bar, m, h);
    m = {};
    slope_back(s2, p, c_bar, m, p_bar);
    add(next, m, 1), add(b_bar, m, h / 2);
    m = {};
    slope_back(s1, p, b_bar, m, p_bar);
    add(next, m, 1), add(a_bar, m, h / 2);
    slope_back(s0, p, a_bar, next, p_bar);
    bar = next;
  }
  for (int i = 0; i < 3; ++i)
    p_out[i] += p_bar[i];
  return s.x + s.y + s.z;
}

const double constants[] = {10, 28, 8.0 / 3};

const Register runge_kutta(
    "RK4 lorenz 1e5 steps", 3, [] { return lorenz(constants, 100000); },
    [](double *bar) { nabla::gradient<lorenz>(constants, 100000, bar); },
    [](double *bar) { lorenz_by_hand(constants, 100000, bar); });

// ---- Gravity among n bodies -----------------------------------------------------------------------------------------

double energy_by_hand(const double *R x, const double *R m, int n, double *R x_bar, double *R m_bar) {
  double e = 0;
  for (int i = 0; i < n; ++i) {
    double mi_bar = 0, xi = 0, yi = 0, zi = 0;
    for (int j = 0; j < i; ++j) {
      Distance d = distance(x, i, j);
      double q = d.squared() + 0.01, r = 1 / std::sqrt(q);
      e -= m[i] * m[j] * r;
      mi_bar -= m[j] * r;
      m_bar[j] -= m[i] * r;
      double k = m[i] * m[j] * r / q;
      x_bar[3 * j] -= k * d.x, x_bar[3 * j + 1] -= k * d.y, x_bar[3 * j + 2] -= k * d.z;
      xi += k * d.x, yi += k * d.y, zi += k * d.z;
    }
    m_bar[i] += mi_bar;
    x_bar[3 * i] += xi, x_bar[3 * i + 1] += yi, x_bar[3 * i + 2] += zi;
  }
  return e;
}

const int bodies = 400;
const reals where = Random(21).list(3 * bodies, -1, 1), masses = Random(22).list(bodies, 0.5, 1);

const Register gravity(
    "n-body energy n400", 4 * bodies, [] { return energy(where.data(), masses.data(), bodies); },
    [](double *bar) { nabla::gradient<energy>(where.data(), masses.data(), bodies, bar, bar + 3 * bodies); },
    [](double *bar) { energy_by_hand(where.data(), masses.data(), bodies, bar, bar + 3 * bodies); });

} // namespace
