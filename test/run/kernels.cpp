// Numerical kernels as people write them: many constructs at once, checked against duals.
#ifdef CASES

double heat_equation(const double *initial, int n, int steps, double k) {
  double *u = new double[n], *next = new double[n];
  for (int i = 0; i < n; ++i)
    u[i] = initial[i];
  for (int t = 0; t < steps; ++t) {
    next[0] = u[0];
    next[n - 1] = u[n - 1];
    for (int i = 1; i < n - 1; ++i)
      next[i] = u[i] + k * (1 + u[i] * u[i]) * (u[i - 1] - 2 * u[i] + u[i + 1]);
    std::swap(u, next);
  }
  double energy = 0;
  for (int i = 0; i < n; ++i)
    energy += u[i] * u[i];
  delete[] u;
  delete[] next;
  return energy;
}

void burgers(double *u, int n, int steps, double dt) {
  double flux[16];
  for (int t = 0; t < steps; ++t) {
    for (int i = 0; i < n; ++i) {
      double v = u[i];
      flux[i] = v > 0 ? 0.5 * v * v : 0.25 * v * v;
    }
    for (int i = n - 1; i > 0; --i)
      u[i] -= dt * (flux[i] - flux[i - 1]);
  }
}

void derivative_of_state(const double *y, double *dy, double a) {
  dy[0] = y[1];
  dy[1] = a * (1 - y[0] * y[0]) * y[1] - y[0];
}
double runge_kutta(double *y, double a, double h, int steps) {
  double k1[2], k2[2], k3[2], k4[2], t[2];
  for (int s = 0; s < steps; ++s) {
    derivative_of_state(y, k1, a);
    for (int i = 0; i < 2; ++i)
      t[i] = y[i] + 0.5 * h * k1[i];
    derivative_of_state(t, k2, a);
    for (int i = 0; i < 2; ++i)
      t[i] = y[i] + 0.5 * h * k2[i];
    derivative_of_state(t, k3, a);
    for (int i = 0; i < 2; ++i)
      t[i] = y[i] + h * k3[i];
    derivative_of_state(t, k4, a);
    for (int i = 0; i < 2; ++i)
      y[i] += h / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
  }
  return y[0] * y[1];
}

double solve_with_pivoting(double *a, double *b, int n) {
  for (int k = 0; k < n; ++k) {
    int pivot = k;
    for (int i = k + 1; i < n; ++i)
      if (std::fabs(a[i * n + k]) > std::fabs(a[pivot * n + k]))
        pivot = i;
    if (pivot != k) {
      for (int j = 0; j < n; ++j)
        std::swap(a[k * n + j], a[pivot * n + j]);
      std::swap(b[k], b[pivot]);
    }
    for (int i = k + 1; i < n; ++i) {
      double f = a[i * n + k] / a[k * n + k];
      for (int j = k; j < n; ++j)
        a[i * n + j] -= f * a[k * n + j];
      b[i] -= f * b[k];
    }
  }
  for (int i = n - 1; i >= 0; --i) {
    for (int j = i + 1; j < n; ++j)
      b[i] -= a[i * n + j] * b[j];
    b[i] /= a[i * n + i];
  }
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += b[i] * b[i];
  return s;
}

void tridiagonal(const double *low, const double *mid, const double *up, double *x, int n) {
  double c[8];
  c[0] = up[0] / mid[0];
  x[0] /= mid[0];
  for (int i = 1; i < n; ++i) {
    double m = 1 / (mid[i] - low[i] * c[i - 1]);
    c[i] = up[i] * m;
    x[i] = (x[i] - low[i] * x[i - 1]) * m;
  }
  for (int i = n - 2; i >= 0; --i)
    x[i] -= c[i] * x[i + 1];
}

double conjugate_gradients(const double *a, const double *b, int n) {
  double x[4] = {}, r[4], p[4], q[4];
  double rr = 0;
  for (int i = 0; i < n; ++i) {
    r[i] = p[i] = b[i];
    rr += r[i] * r[i];
  }
  int steps = 0;
  while (rr > 1e-9 && steps++ < 2) {
    double pq = 0;
    for (int i = 0; i < n; ++i) {
      q[i] = 0;
      for (int j = 0; j < n; ++j)
        q[i] += a[i * n + j] * p[j];
      pq += p[i] * q[i];
    }
    double alpha = rr / pq, old = rr;
    rr = 0;
    for (int i = 0; i < n; ++i) {
      x[i] += alpha * p[i];
      r[i] -= alpha * q[i];
      rr += r[i] * r[i];
    }
    for (int i = 0; i < n; ++i)
      p[i] = r[i] + rr / old * p[i];
  }
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += x[i] * b[i];
  return s;
}

double soft_minimum(double a, double b, double c) {
  double m = a < b ? a : b;
  m = c < m ? c : m;
  return m - std::log(std::exp(m - a) + std::exp(m - b) + std::exp(m - c));
}
double dynamic_time_warping(const double *x, const double *y, int n) {
  double cost[5][5];
  for (int i = 0; i <= n; ++i)
    for (int j = 0; j <= n; ++j)
      cost[i][j] = i == 0 && j == 0 ? 0.0 : 50.0;
  for (int i = 1; i <= n; ++i)
    for (int j = 1; j <= n; ++j) {
      double d = x[i - 1] - y[j - 1];
      cost[i][j] = d * d + soft_minimum(cost[i - 1][j], cost[i][j - 1], cost[i - 1][j - 1]);
    }
  return cost[n][n];
}

void fourier(double *re, double *im, int n) {
  for (int i = 1, j = 0; i < n; ++i) {
    int bit = n >> 1;
    for (; j & bit; bit >>= 1)
      j ^= bit;
    j ^= bit;
    if (i < j) {
      std::swap(re[i], re[j]);
      std::swap(im[i], im[j]);
    }
  }
  for (int length = 2; length <= n; length <<= 1) {
    double angle = -2 * 3.14159265358979323846 / length;
    for (int i = 0; i < n; i += length)
      for (int k = 0; k < length / 2; ++k) {
        double wr = std::cos(angle * k), wi = std::sin(angle * k);
        int p = i + k, q = p + length / 2;
        double tr = re[q] * wr - im[q] * wi, ti = re[q] * wi + im[q] * wr;
        re[q] = re[p] - tr;
        im[q] = im[p] - ti;
        re[p] += tr;
        im[p] += ti;
      }
  }
}
double spectrum_power(double *re, double *im, int n) {
  fourier(re, im, n);
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += i * (re[i] * re[i] + im[i] * im[i]);
  return s;
}

double integrand(double x, double a) { return std::exp(-a * x * x); }
double simpson(double l, double r, double a) {
  return (r - l) / 6 * (integrand(l, a) + 4 * integrand(0.5 * (l + r), a) + integrand(r, a));
}
double adaptive(double l, double r, double a, int depth) {
  double m = 0.5 * (l + r), whole = simpson(l, r, a), halves = simpson(l, m, a) + simpson(m, r, a);
  if (depth == 0 || std::fabs(whole - halves) < 1e-4)
    return halves;
  return adaptive(l, m, a, depth - 1) + adaptive(m, r, a, depth - 1);
}

double normal_tail(double x) { return 0.5 * (1 + std::tanh(0.8 * x + 0.04 * x * x * x)); }
double option_price(double s, double k, double r, double sigma, double t, int call) {
  double d1 = (std::log(s / k) + (r + sigma * sigma / 2) * t) / (sigma * std::sqrt(t));
  double d2 = d1 - sigma * std::sqrt(t);
  double discounted = k * std::exp(-r * t);
  return call ? s * normal_tail(d1) - discounted * normal_tail(d2)
              : discounted * normal_tail(-d2) - s * normal_tail(-d1);
}

double binomial_option(double s, double k, double up, double p, int n) {
  double v[16];
  double price = s * std::pow(up, -n);
  for (int i = 0; i <= n; ++i) {
    v[i] = price > k ? price - k : 0.0;
    price *= up * up;
  }
  for (int step = n - 1; step >= 0; --step)
    for (int i = 0; i <= step; ++i)
      v[i] = p * v[i + 1] + (1 - p) * v[i];
  return v[0];
}

double network(const double *w, const double *x, const int *sizes, int layers) {
  double a[8], b[8];
  double *in = a, *out = b;
  for (int i = 0; i < sizes[0]; ++i)
    in[i] = x[i];
  for (int l = 0; l + 1 < layers; ++l) {
    for (int j = 0; j < sizes[l + 1]; ++j) {
      double sum = *w++;
      for (int i = 0; i < sizes[l]; ++i)
        sum += *w++ * in[i];
      out[j] = l + 2 < layers ? std::tanh(sum) : sum;
    }
    double *t = in;
    in = out;
    out = t;
  }
  double s = 0;
  for (int j = 0; j < sizes[layers - 1]; ++j)
    s += in[j] * in[j];
  return s;
}

void gram_schmidt(double *q, int rows, int columns) {
  for (int j = 0; j < columns; ++j) {
    double *v = q + j * rows;
    for (int k = 0; k < j; ++k) {
      const double *u = q + k * rows;
      double d = 0;
      for (int i = 0; i < rows; ++i)
        d += u[i] * v[i];
      for (int i = 0; i < rows; ++i)
        v[i] -= d * u[i];
    }
    double norm = 0;
    for (int i = 0; i < rows; ++i)
      norm += v[i] * v[i];
    norm = std::sqrt(norm);
    for (int i = 0; i < rows; ++i)
      v[i] /= norm;
  }
}

double convolution(const double *x, const double *kernel, int n, int m, double *out) {
  for (int i = 0; i < n; ++i) {
    out[i] = 0;
    for (int k = 0; k < m; ++k) {
      int at = i + k - m / 2;
      if (at < 0 || at >= n)
        continue;
      out[i] += kernel[k] * x[at];
    }
    out[i] = out[i] > 0 ? out[i] : 0.01 * out[i];
  }
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += out[i] * out[i];
  return s;
}

double interpolate(const double *x, const double *y, int n, double at) {
  int low = 0, high = n - 1;
  while (high - low > 1) {
    int middle = (low + high) / 2;
    if (x[middle] > at)
      high = middle;
    else
      low = middle;
  }
  double t = (at - x[low]) / (x[high] - x[low]);
  return y[low] * (1 - t) + y[high] * t * t;
}

double kalman(const double *z, int n, double q, double r) {
  double x = 0, p = 1, loglik = 0;
  for (int i = 0; i < n; ++i) {
    p += q;
    double s = p + r, k = p / s, e = z[i] - x;
    x += k * e;
    p *= 1 - k;
    loglik -= 0.5 * (std::log(s) + e * e / s);
  }
  return loglik;
}

double insertion_sorted_median(const double *x, int n) {
  double a[8];
  for (int i = 0; i < n; ++i) {
    double v = x[i];
    int j = i - 1;
    while (j >= 0 && a[j] > v) {
      a[j + 1] = a[j];
      --j;
    }
    a[j + 1] = v;
  }
  return a[n / 2] * a[n / 2] + a[0];
}

double shortest_paths(const double *w, int n) {
  double d[4];
  bool done[4] = {};
  for (int i = 0; i < n; ++i)
    d[i] = i ? 1e3 : 0.0;
  for (;;) {
    int best = -1;
    for (int i = 0; i < n; ++i)
      if (!done[i] && (best < 0 || d[i] < d[best]))
        best = i;
    if (best < 0)
      break;
    done[best] = true;
    for (int j = 0; j < n; ++j)
      if (double through = d[best] + w[best * n + j]; through < d[j])
        d[j] = through;
  }
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += d[i] * d[i];
  return s;
}

#else
#define CASES "kernels.cpp"
#include "twice.h"

int main() {
  reals u{0, 1, 2, 1.5, 0.5, 0};
  reals matrix{1, 2, 3, 4, 1, 0.5, -2, 1, 5};
  VERIFY(heat_equation, u, 6, 4, 0.05);
  VERIFY(burgers, reals{0.5, 1, -0.5, 0.25, 1}, 5, 4, 0.1);
  VERIFY(runge_kutta, reals{1, 0.5}, 0.75, 0.1, 5);
  VERIFY(solve_with_pivoting, matrix, reals{1, 2, 3}, 3);
  VERIFY(tridiagonal, reals{0, 1, 0.5, 1}, reals{4, 5, 4, 6}, reals{1, 1, 0.5, 0}, reals{1, 2, 3, 4}, 4);
  VERIFY(conjugate_gradients, reals{4, 1, 0.5, 1, 3, 0.25, 0.5, 0.25, 5}, reals{1, 2, 3}, 3);
  VERIFY(dynamic_time_warping, reals{1, 2, 3, 1.5}, reals{1.1, 1.9, 3.2, 2}, 4);
  VERIFY(spectrum_power, reals{1, 2, 3, 4, -1, 0.5, 2, 1}, reals{0, 1, 0, -1, 0.5, 0.25, 0, 2}, 8);
  VERIFY(adaptive, 0.0, 2.0, 0.75, 6);
  VERIFY(option_price, 100.0, 95.0, 0.02, 0.3, 0.5, 1);
  VERIFY(option_price, 100.0, 95.0, 0.02, 0.3, 0.5, 0);
  VERIFY(binomial_option, 100.0, 95.0, 1.05, 0.55, 10);
  VERIFY(network, reals{0.1, 0.2, 0.3, -0.1, 0.5, -0.25, 0.3, 0.7, -0.6}, reals{1.5, -0.5}, reals{2, 2, 1},
         3);
  VERIFY(gram_schmidt, matrix, 3, 3);
  VERIFY(convolution, u, reals{0.45, -1.27, 0.31}, 6, 3, reals{9, 9, 9, 9, 9, 9});
  VERIFY(interpolate, reals{0, 1, 2.5, 4, 6}, reals{1, 3, 2, 5, 4}, 5, 3.0);
  VERIFY(kalman, u, 6, 0.1, 0.5);
  VERIFY(insertion_sorted_median, reals{3, 1, 2.5, -1, 0.5}, 5);
  VERIFY(shortest_paths, reals{0.5, 1, 4, 9, 1, 0.5, 2, 5, 4, 2, 0.5, 1.5, 9, 5, 1.5, 0.5}, 4);
  return check::report();
}
#endif
