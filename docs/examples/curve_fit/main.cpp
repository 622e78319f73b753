// A curve fit by Levenberg and Marquardt: a damped oscillation through 60 noisy points, its Jacobian by nabla::jacobian.
#include <cstdio>
#include <nabla/nabla.h>
#include <vector>

const int parameters = 4;

/// r = model - data, with the model p0 exp(-p1 t) cos(p2 t + p3).
void residuals(const double *p, const double *t, const double *data, int n, double *r) {
  for (int i = 0; i < n; ++i)
    r[i] = p[0] * std::exp(-p[1] * t[i]) * std::cos(p[2] * t[i] + p[3]) - data[i];
}

static double squared(const std::vector<double> &r) {
  double s = 0;
  for (double v : r)
    s += v * v;
  return s;
}

/// Solves (J^T J + damping * diagonal) x = -J^T r by elimination.
static void step(const std::vector<double> &j, const std::vector<double> &r, double damping, double *x) {
  double a[parameters][parameters + 1] = {};
  for (std::size_t i = 0; i < r.size(); ++i)
    for (int k = 0; k < parameters; ++k) {
      const double *row = &j[i * parameters];
      for (int l = 0; l < parameters; ++l)
        a[k][l] += row[k] * row[l];
      a[k][parameters] -= row[k] * r[i];
    }
  for (int k = 0; k < parameters; ++k)
    a[k][k] *= 1 + damping;
  for (int k = 0; k < parameters; ++k)
    for (int i = k + 1; i < parameters; ++i)
      for (int l = parameters; l >= k; --l)
        a[i][l] -= a[i][k] / a[k][k] * a[k][l];
  for (int k = parameters - 1; k >= 0; --k) {
    x[k] = a[k][parameters];
    for (int l = k + 1; l < parameters; ++l)
      x[k] -= a[k][l] * x[l];
    x[k] /= a[k][k];
  }
}

int main() {
  const int n = 60;
  std::vector<double> t(n), data(n), r(n), tried(n), jacobian(n * parameters);
  const double truth[parameters] = {2.5, 0.3, 2.0, 0.7};
  unsigned noise = 12345;
  for (int i = 0; i < n; ++i) {
    t[i] = 0.1 * i;
    noise = noise * 1664525 + 1013904223;
    data[i] = truth[0] * std::exp(-truth[1] * t[i]) * std::cos(truth[2] * t[i] + truth[3]) +
              0.1 * (noise / 4294967296.0 - 0.5);
  }
  double p[parameters] = {1, 0.1, 1.7, 0}, damping = 1e-3;
  for (int k = 0; k < 30; ++k) {
    nabla::jacobian<residuals, nabla::wrt<0>>(nabla::extents{parameters, n}, p, t.data(), data.data(), n,
                                              r.data(), jacobian.data());
    double change[parameters], next[parameters], size = 0;
    step(jacobian, r, damping, change);
    for (int i = 0; i < parameters; ++i) {
      next[i] = p[i] + change[i];
      size += change[i] * change[i];
    }
    residuals(next, t.data(), data.data(), n, tried.data());
    const bool is_better = squared(tried) < squared(r);
    std::printf("%2d  sum of squares %.8f  damping %.0e%s\n", k, squared(r), damping,
                is_better ? "" : "  refused");
    if (size < 1e-20)
      break;
    damping *= is_better ? 0.1 : 10;
    for (int i = 0; is_better && i < parameters; ++i)
      p[i] = next[i];
  }
  std::printf("fitted %.3f %.3f %.3f %.3f, the truth 2.5 0.3 2.0 0.7\n", p[0], p[1], p[2], p[3]);
}
