// Functions that several benchmarks differentiate. ADOL-C's compiles them with `double` defined as its own type: what never
// carries a derivative is `auto`.
#pragma once
#include <cmath>

namespace primals {

const int points = 1000;

/// Burgers' equation, upwind.
inline double burgers(const double *start, int steps) {
  const auto c = 0.1, d = 0.05;
  double u[points], w[points];
  for (int i = 0; i < points; ++i)
    u[i] = w[i] = start[i];
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i + 1 < points; ++i)
      w[i] = u[i] - c * u[i] * (u[i] - u[i - 1]) + d * (u[i + 1] - 2 * u[i] + u[i - 1]);
    for (int i = 1; i + 1 < points; ++i)
      u[i] = w[i];
  }
  double s = 0;
  for (int i = 0; i < points; ++i)
    s += u[i] * u[i];
  return s;
}

/// Nonlinear heat.
inline double heat(double *u, double *w, int n, int count) {
  for (int t = 0; t < count; ++t) {
    for (int i = 1; i + 1 < n; ++i) {
      double k = 1 + u[i] * u[i];
      w[i] = u[i] + 0.1 * k * (u[i + 1] - 2 * u[i] + u[i - 1]);
    }
    for (int i = 1; i + 1 < n; ++i)
      u[i] = w[i];
  }
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += u[i] * u[i];
  return s;
}

/// The vector between two of n points.
struct Distance {
  double x, y, z;
  double squared() const { return x * x + y * y + z * z; }
};
inline Distance distance(const double *x, int i, int j) {
  Distance d;
  d.x = x[3 * i] - x[3 * j];
  d.y = x[3 * i + 1] - x[3 * j + 1];
  d.z = x[3 * i + 2] - x[3 * j + 2];
  return d;
}

/// Gravity among n bodies.
inline double energy(const double *x, const double *m, int n) {
  double e = 0;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < i; ++j)
      e -= m[i] * m[j] / std::sqrt(distance(x, i, j).squared() + 0.01);
  return e;
}

inline double sines(const double *x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += std::sin(x[i]) * x[i + 1];
  return s;
}

inline double rosenbrock(const double *x, int n) {
  double s = 0;
  for (int i = 0; i + 1 < n; ++i) {
    double a = x[i + 1] - x[i] * x[i], b = 1 - x[i];
    s += 100 * a * a + b * b;
  }
  return s;
}

} // namespace primals
