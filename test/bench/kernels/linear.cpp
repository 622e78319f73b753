// Matrices, stencils and sparse structure.
#include "bench.h"
#include <algorithm>
#include <cmath>
#include <nabla/nabla.h>
#define R __restrict

namespace {

using namespace bench;

// ---- Half the squared norm of A x ---------------------------------------------------------------------------------

double half_norm(const double *a, const double *x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    double y = 0;
    for (int j = 0; j < n; ++j)
      y += a[i * n + j] * x[j];
    s += y * y;
  }
  return 0.5 * s;
}
double half_norm_by_hand(const double *R a, const double *R x, int n, double *R x_bar) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    double y = 0;
    for (int j = 0; j < n; ++j)
      y += a[i * n + j] * x[j];
    s += y * y;
    for (int j = 0; j < n; ++j)
      x_bar[j] += a[i * n + j] * y;
  }
  return 0.5 * s;
}

const int dimension = 1000;
const reals matrix = Random(4).list(dimension * dimension, -1, 1), vector = Random(5).list(dimension, -1, 1);

const Register norm(
    "half squared norm of A x", dimension, [] { return half_norm(matrix.data(), vector.data(), dimension); },
    [](double *bar) {
      nabla::gradient<half_norm, nabla::wrt<1>>(matrix.data(), vector.data(), dimension, bar);
    },
    [](double *bar) { half_norm_by_hand(matrix.data(), vector.data(), dimension, bar); });

// ---- Sparse matrix times vector -----------------------------------------------------------------------------------

double sparse_norm(int n, const int *start, const int *column, const double *value, const double *x) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    double y = 0;
    for (int k = start[i]; k < start[i + 1]; ++k)
      y += value[k] * x[column[k]];
    s += y * y;
  }
  return s;
}
double sparse_norm_by_hand(int n, const int *R start, const int *R column, const double *R value,
                           const double *R x, double *R value_bar, double *R x_bar) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    double y = 0;
    for (int k = start[i]; k < start[i + 1]; ++k)
      y += value[k] * x[column[k]];
    s += y * y;
    for (int k = start[i]; k < start[i + 1]; ++k) {
      value_bar[k] += 2 * y * x[column[k]];
      x_bar[column[k]] += 2 * y * value[k];
    }
  }
  return s;
}

const int nodes = 20000, per_row = 9;
const reals entries = Random(6).list(nodes * per_row, -1, 1), field = Random(7).list(nodes, -1, 1);
std::vector<int> start(nodes + 1), column(nodes *per_row);
const bool filled = [] {
  for (int i = 0; i <= nodes; ++i)
    start[i] = i * per_row;
  for (int k = 0; k < nodes * per_row; ++k)
    column[k] = int((k / per_row + 131L * (k % per_row)) % nodes);
  return true;
}();

const Register sparse(
    "sparse matrix vector", nodes *per_row + nodes,
    [] { return sparse_norm(nodes, start.data(), column.data(), entries.data(), field.data()); },
    [](double *bar) {
      nabla::gradient<sparse_norm>(nodes, start.data(), column.data(), entries.data(), field.data(), bar,
                                   bar + nodes * per_row);
    },
    [](double *bar) {
      sparse_norm_by_hand(nodes, start.data(), column.data(), entries.data(), field.data(), bar,
                          bar + nodes * per_row);
    });

// ---- Convolution in two dimensions --------------------------------------------------------------------------------

const int image = 128, taps = 5, inner = image - taps + 1;

double convolution(const double *in, const double *kernel) {
  double s = 0;
  for (int y = 0; y < inner; ++y)
    for (int x = 0; x < inner; ++x) {
      double v = 0;
      for (int i = 0; i < taps; ++i)
        for (int j = 0; j < taps; ++j)
          v += in[(y + i) * image + x + j] * kernel[i * taps + j];
      s += v * v;
    }
  return s;
}
double convolution_by_hand(const double *R in, const double *R kernel, double *R in_bar,
                           double *R kernel_bar) {
  double s = 0;
  for (int y = 0; y < inner; ++y)
    for (int x = 0; x < inner; ++x) {
      double v = 0;
      for (int i = 0; i < taps; ++i)
        for (int j = 0; j < taps; ++j)
          v += in[(y + i) * image + x + j] * kernel[i * taps + j];
      s += v * v;
      for (int i = 0; i < taps; ++i)
        for (int j = 0; j < taps; ++j) {
          in_bar[(y + i) * image + x + j] += 2 * v * kernel[i * taps + j];
          kernel_bar[i * taps + j] += 2 * v * in[(y + i) * image + x + j];
        }
    }
  return s;
}

const reals picture = Random(8).list(image * image, 0, 1), weights = Random(9).list(taps * taps, -1, 1);

const Register conv(
    "convolution 5 x 5", image *image + taps * taps,
    [] { return convolution(picture.data(), weights.data()); },
    [](double *bar) {
      nabla::gradient<convolution>(picture.data(), weights.data(), bar, bar + image * image);
    },
    [](double *bar) { convolution_by_hand(picture.data(), weights.data(), bar, bar + image * image); });

// ---- Solving by LU, without pivoting ------------------------------------------------------------------------------

double solve(const double *a, const double *b, int n, double *lu, double *x) {
  for (int i = 0; i < n * n; ++i)
    lu[i] = a[i];
  for (int i = 0; i < n; ++i)
    x[i] = b[i];
  for (int k = 0; k < n; ++k)
    for (int i = k + 1; i < n; ++i) {
      double f = lu[i * n + k] / lu[k * n + k];
      lu[i * n + k] = f;
      for (int j = k + 1; j < n; ++j)
        lu[i * n + j] -= f * lu[k * n + j];
      x[i] -= f * x[k];
    }
  for (int i = n - 1; i >= 0; --i) {
    double s = x[i];
    for (int j = i + 1; j < n; ++j)
      s -= lu[i * n + j] * x[j];
    x[i] = s / lu[i * n + i];
  }
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += x[i] * x[i];
  return s;
}
/// The sweep that an engineer would write for this program: the factors stay in `lu` and are all that is needed; the
/// adjoint of elimination walks them backwards.
double solve_by_hand(const double *R a, const double *R b, int n, double *R lu, double *R x, double *R a_bar,
                     double *R b_bar) {
  double value = solve(a, b, n, lu, x);
  static reals t;
  t.assign(n, 0.0);
  // A^T t = x_bar by the factors (U^T first, then L^T); b_bar = t, A_bar = -t x^T
  for (int i = 0; i < n; ++i)
    t[i] = 2 * x[i];
  for (int i = 0; i < n; ++i) {
    t[i] /= lu[i * n + i];
    for (int j = i + 1; j < n; ++j)
      t[j] -= lu[i * n + j] * t[i];
  }
  for (int i = n - 1; i >= 0; --i)
    for (int j = 0; j < i; ++j)
      t[j] -= lu[i * n + j] * t[i];
  for (int i = 0; i < n; ++i) {
    b_bar[i] += t[i];
    for (int j = 0; j < n; ++j)
      a_bar[i * n + j] -= t[i] * x[j];
  }
  return value;
}
/// The same elimination reversed step by step, as a differentiator sees it: what each step overwrites is kept.
double elimination_by_hand(const double *R a, const double *R b, int n, double *R lu, double *R x,
                           double *R a_bar, double *R b_bar) {
  static reals rows, carried, lu_bar, x_bar;
  rows.resize(std::size_t(n) * n); // finished rows: lu[k][j] for j >= k stays, so nothing else is kept
  carried.resize(n);
  lu_bar.assign(std::size_t(n) * n, 0.0);
  x_bar.assign(n, 0.0);
  for (int i = 0; i < n * n; ++i)
    lu[i] = a[i];
  for (int i = 0; i < n; ++i)
    x[i] = b[i];
  for (int k = 0; k < n; ++k) {
    carried[k] = x[k];
    for (int i = k + 1; i < n; ++i) {
      double f = lu[i * n + k] / lu[k * n + k];
      lu[i * n + k] = f;
      for (int j = k + 1; j < n; ++j)
        lu[i * n + j] -= f * lu[k * n + j];
      x[i] -= f * x[k];
    }
  }
  for (int i = n - 1; i >= 0; --i) {
    double s = x[i];
    for (int j = i + 1; j < n; ++j)
      s -= lu[i * n + j] * x[j];
    x[i] = s / lu[i * n + i];
  }
  double value = 0;
  for (int i = 0; i < n; ++i)
    value += x[i] * x[i];
  double *R xb = x_bar.data(), *R lb = lu_bar.data();
  for (int i = 0; i < n; ++i)
    xb[i] = 2 * x[i];
  for (int i = 0; i < n; ++i) {
    double s_bar = xb[i] / lu[i * n + i];
    lb[i * n + i] -= s_bar * x[i];
    for (int j = i + 1; j < n; ++j) {
      lb[i * n + j] -= s_bar * x[j];
      xb[j] -= s_bar * lu[i * n + j];
    }
    xb[i] = s_bar;
  }
  for (int k = n - 1; k >= 0; --k) {
    double pivot_bar = 0, xk_bar = 0, pivot = lu[k * n + k];
    for (int i = n - 1; i > k; --i) {
      double f = lu[i * n + k], f_bar = lb[i * n + k] - carried[k] * xb[i];
      xk_bar -= f * xb[i];
      double sum = 0;
      for (int j = k + 1; j < n; ++j)
        sum += lb[i * n + j] * lu[k * n + j];
      for (int j = k + 1; j < n; ++j)
        lb[k * n + j] -= f * lb[i * n + j];
      f_bar -= sum;
      lb[i * n + k] = f_bar / pivot;
      pivot_bar -= f_bar * f / pivot;
    }
    lb[k * n + k] += pivot_bar;
    xb[k] += xk_bar;
  }
  for (int i = 0; i < n * n; ++i)
    a_bar[i] += lb[i];
  for (int i = 0; i < n; ++i)
    b_bar[i] += xb[i];
  return value;
}

const int unknowns = 100;
reals factors(unknowns *unknowns), solution(unknowns);
const reals right = Random(11).list(unknowns, -1, 1);
const reals dominant = [] {
  reals a = Random(10).list(unknowns * unknowns, -1, 1);
  for (int i = 0; i < unknowns; ++i)
    a[i * unknowns + i] += unknowns;
  return a;
}();

double solve_fresh(const double *a, const double *b, int n) {
  double *lu = new double[n * n], *x = new double[n];
  double s = solve(a, b, n, lu, x);
  delete[] lu;
  delete[] x;
  return s;
}

const Register elimination(
    "LU solve n100", unknowns *unknowns + unknowns,
    [] { return solve_fresh(dominant.data(), right.data(), unknowns); },
    [](double *bar) {
      nabla::gradient<solve_fresh>(dominant.data(), right.data(), unknowns, bar, bar + unknowns * unknowns);
    },
    [](double *bar) {
      elimination_by_hand(dominant.data(), right.data(), unknowns, factors.data(), solution.data(), bar,
                          bar + unknowns * unknowns);
    });

} // namespace
