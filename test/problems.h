// Functions of many unknowns that several tests and figures differentiate.
#pragma once
#include <cmath>

inline double rosenbrock(const double *x, int n) {
  double s = 0;
  for (int i = 0; i + 1 < n; ++i) {
    double d = x[i + 1] - x[i] * x[i], e = 1 - x[i];
    s += 100 * d * d + e * e;
  }
  return s;
}

/// Residual of -laplace u = lambda exp(u) on k x k points inside the unit square, zero on its boundary, times h^2.
inline void bratu(const double *u, int k, double lambda, double *r) {
  const double h2 = 1.0 / ((k + 1.0) * (k + 1.0));
  for (int i = 0; i < k; ++i)
    for (int j = 0; j < k; ++j) {
      double s = 4 * u[i * k + j];
      s -= i > 0 ? u[(i - 1) * k + j] : 0;
      s -= i + 1 < k ? u[(i + 1) * k + j] : 0;
      s -= j > 0 ? u[i * k + j - 1] : 0;
      s -= j + 1 < k ? u[i * k + j + 1] : 0;
      r[i * k + j] = s - h2 * lambda * std::exp(u[i * k + j]);
    }
}

/// Residual of an implicit Euler step from `old` for u_t + u u_x = nu u_xx in one dimension.
inline void burgers(const double *u, int n, double nu, double dt, double dx, const double *old, double *r) {
  for (int i = 0; i < n; ++i) {
    double l = i > 0 ? u[i - 1] : 0, h = i + 1 < n ? u[i + 1] : 0;
    r[i] = u[i] - old[i] + dt * (u[i] * (h - l) / (2 * dx) - nu * (h - 2 * u[i] + l) / (dx * dx));
  }
}
