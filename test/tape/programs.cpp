// Thirty programs written once as templates, run four ways: on doubles with the static gradient, on the tape, through
// on_tape, and on duals. All values and gradients agree to 1e-12.
//
// RUN: %nablaxx -std=c++17 -O1 -Wall -Wextra -Werror %check %s -o %t.plugin && %t.plugin
#include "check.h"
#include <nabla/dual.h>
#include <nabla/tape.h>

namespace programs {

using std::sin, std::cos, std::exp, std::log, std::sqrt, std::tanh, std::pow, std::fabs, std::atan2,
    std::fmax, std::fmin, std::hypot, std::erf, std::log1p, std::expm1, std::atan, std::cosh, std::fmod,
    std::floor, std::tgamma;

#define PROGRAM(N) template <class V> V p##N([[maybe_unused]] const V *x, [[maybe_unused]] int n)

PROGRAM(1) { return x[0] * x[1] - x[2] / x[3]; }
PROGRAM(2) {
  V s = 0;
  for (int i = 0; i < n; ++i)
    s += sin(x[i]) * x[(i + 1) % n];
  return s;
}
PROGRAM(3) {
  V s = 0;
  for (int i = 0; i + 1 < n; ++i) {
    V a = x[i + 1] - x[i] * x[i], b = 1 - x[i];
    s += 100 * a * a + b * b;
  }
  return s;
}
PROGRAM(4) {
  if (x[0] > x[1])
    return x[0] * exp(-x[2]);
  return x[1] * log(x[3]);
}
PROGRAM(5) {
  V u[4], w[4];
  for (int i = 0; i < 4; ++i)
    u[i] = x[i];
  for (int t = 0; t < 10; ++t) {
    for (int i = 0; i < 4; ++i)
      w[i] =
          u[i] - 0.1 * u[i] * (u[i] - u[(i + 3) % 4]) + 0.05 * (u[(i + 1) % 4] - 2 * u[i] + u[(i + 3) % 4]);
    for (int i = 0; i < 4; ++i)
      u[i] = w[i];
  }
  return u[0] + 2 * u[1] - u[2] * u[3];
}
PROGRAM(6) {
  V a = x[0];
  a *= x[1];
  a += a * x[2];
  a -= x[3] / a;
  a /= 1 + a * a;
  return -a;
}
PROGRAM(7) {
  V r = 1;
  int k = 0;
  while (r < 20 && k < 50) {
    r = r * x[0] + x[1];
    ++k;
  }
  return r * x[2];
}
template <class V> V square(V a) { return a * a; }
template <class V> V norm(const V *x, int n) {
  V s = 0;
  for (int i = 0; i < n; ++i)
    s += square(x[i]);
  return sqrt(s);
}
PROGRAM(8) { return norm(x, n) * square<V>(x[0] + x[1]); }
template <class V> V horner(const V *x, int k, V at) {
  return k == 3 ? x[3] : V(x[k] + at * horner(x, k + 1, at));
}
PROGRAM(9) { return horner(x, 0, x[1]); }
PROGRAM(10) { return pow(x[0], x[1]) + pow(x[2], 3.0) + pow(2.0, x[3]); }
PROGRAM(11) { return fmax(x[0], x[1]) * fmin(x[2], x[3]) + fabs(x[0] - x[3]); }
PROGRAM(12) { return atan2(x[0], x[1]) * hypot(x[2], x[3]); }
PROGRAM(13) {
  V m = x[0];
  for (int i = 1; i < n; ++i)
    m = x[i] > m ? x[i] : m;
  V s = 0;
  for (int i = 0; i < n; ++i)
    s += exp(x[i] - m);
  return m + log(s);
}
PROGRAM(14) { return erf(x[0]) + log1p(x[1]) * expm1(x[2]) - tgamma(x[3]); }
PROGRAM(15) {
  V h = x[0], c = x[1];
  for (int t = 0; t < 8; ++t) {
    V i = 1 / (1 + exp(-(h + x[2]))), f = 1 / (1 + exp(-(c - x[3]))), g = tanh(h * x[2] + x[3]);
    c = f * c + i * g;
    h = tanh(c) * i;
  }
  return h + c;
}
PROGRAM(16) {
  V a[3][3];
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j)
      a[i][j] = x[(i + j) % 4] + (i == j ? 3.0 : 0.0);
  return a[0][0] * (a[1][1] * a[2][2] - a[1][2] * a[2][1]) -
         a[0][1] * (a[1][0] * a[2][2] - a[1][2] * a[2][0]) +
         a[0][2] * (a[1][0] * a[2][1] - a[1][1] * a[2][0]);
}
PROGRAM(17) { // Newton's square root
  V r = 1;
  for (int k = 0; k < 20; ++k)
    r = 0.5 * (r + x[0] / r);
  return r * x[1];
}
PROGRAM(18) {
  V p = x[0], v = x[1];
  for (int t = 0; t < 40; ++t) {
    V force = -x[2] * sin(p) - x[3] * v;
    v += 0.05 * force;
    p += 0.05 * v;
  }
  return 0.5 * v * v - cos(p);
}
PROGRAM(19) {
  V s = 0;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < i; ++j) {
      V d = x[i] - x[j];
      s += 1 / sqrt(d * d + 0.01);
    }
  return s;
}
PROGRAM(20) {
  V s = 0;
  for (int i = 0; i < 12; ++i) {
    switch (i % 3) {
    case 0:
      s += x[0] * x[1];
      break;
    case 1:
      s *= x[2];
      break;
    default:
      s -= sin(s * x[3]);
    }
  }
  return s;
}
PROGRAM(21) {
  for (int i = 0; i < n; ++i) {
    if (x[i] > 1)
      return x[i] * x[0];
    if (x[i] < 0)
      continue;
  }
  return x[n - 1];
}
PROGRAM(22) {
  V a = x[0], b = x[1];
  for (int i = 0; i < 7; ++i) {
    V next = a + b * 0.3;
    a = b;
    b = next;
  }
  return a * b * x[2];
}
PROGRAM(23) { return cosh(x[0]) * atan(x[1]) + fmod(x[2], 0.4) + floor(x[3]); }
PROGRAM(24) { return 3.0; }
PROGRAM(25) { return x[2]; }
PROGRAM(26) {
  V w[4] = {x[3], x[2], x[1], x[0]};
  for (int i = 0; i < 3; ++i)
    w[i + 1] += w[i] * w[i];
  return w[3];
}
PROGRAM(27) {
  V s = 0, t = 1;
  for (int i = 0; i < n; ++i) {
    t *= x[i];
    s += t;
    if (s > 2)
      break;
  }
  return s * t;
}
PROGRAM(28) {
  V y = x[0];
  do
    y = y * 0.5 + x[1] * 0.05;
  while (y > 0.3);
  return y * x[2] + x[3];
}
PROGRAM(29) { return x[0] * x[0] * x[0] + x[0] * x[0] + x[0] + (x[0] - x[0]) * x[1] + x[0] / x[0]; }
PROGRAM(30) {
  V spot = x[0] * 100, vol = x[1], rate = 0.1 * x[2], time = x[3];
  V d1 = (log(spot / 95) + (rate + 0.5 * vol * vol) * time) / (vol * sqrt(time));
  V d2 = d1 - vol * sqrt(time);
  return spot * 0.5 * (1 + erf(d1 * 0.70710678118654752)) -
         95 * exp(-rate * time) * 0.5 * (1 + erf(d2 * 0.70710678118654752));
}

} // namespace programs

namespace {

constexpr int size = 4;

void near(const char *name, const char *what, double a, double b) {
  const bool ok = std::fabs(a - b) <= 1e-12 * (1 + std::fabs(b));
  check::verdict(ok, name, what, 0);
  if (!ok)
    std::printf("  %.17g, static gradient %.17g\n", a, b);
}

template <double (*F)(const double *, int), class G, class H>
void compare(const char *name, const double (&x)[size], G on_variables, H on_duals) {
  double bar[size] = {};
  const double value = nabla::gradient<F>(x, size, bar);
  nabla::tape tape;
  std::vector<nabla::var> v(x, x + size);
  tape.watch(v);
  const nabla::var y = on_variables(v.data(), size), z = nabla::on_tape<F>(v, size);
  near(name, "value", y.value(), value);
  near(name, "value of on_tape", z.value(), value);
  const std::vector<double> g = tape.gradient(y, v), h = tape.gradient(z, v),
                            f = tape.jacobian_forward<4>(std::vector{y}, v);
  for (int i = 0; i < size; ++i) {
    near(name, "tape", g[std::size_t(i)], bar[i]);
    near(name, "tape, forward", f[std::size_t(i)], bar[i]);
    near(name, "on_tape", h[std::size_t(i)], bar[i]);
    nabla::basic_dual<double> d[size];
    for (int k = 0; k < size; ++k)
      d[k] = {x[k], k == i ? 1.0 : 0.0};
    near(name, "dual", on_duals(d, size).dot, bar[i]);
  }
}

void all(const double (&x)[size]) {
#define RUN(N)                                                                                               \
  compare<programs::p##N<double>>("p" #N, x, programs::p##N<nabla::var>,                                     \
                                  programs::p##N<nabla::basic_dual<double>>);
  // clang-format off
  RUN(1) RUN(2) RUN(3) RUN(4) RUN(5) RUN(6) RUN(7) RUN(8) RUN(9) RUN(10)
  RUN(11) RUN(12) RUN(13) RUN(14) RUN(15) RUN(16) RUN(17) RUN(18) RUN(19) RUN(20)
  RUN(21) RUN(22) RUN(23) RUN(24) RUN(25) RUN(26) RUN(27) RUN(28) RUN(29) RUN(30)
  // clang-format on
}

} // namespace

int main() {
  all({0.7, 0.4, 0.9, 0.55});
  all({1.3, 1.6, 0.35, 1.2});
  return check::report();
}
