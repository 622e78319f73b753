#include "dense.h"

#include "blas.h"
#include "loops.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace nabla::kernels {

namespace {

constexpr std::int64_t worth_lapack = 64;

void axpy(double *y, const double *x, double a, std::int64_t n) { loops().reduce_f64.axpy(y, x, a, n); }
double dot(const double *x, const double *y, std::int64_t n) {
  return n > 0 ? loops().reduce_f64.dot(x, y, n) : 0;
}

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

bool finite(const Dense &a) {
  return std::all_of(a.data.begin(), a.data.end(), [](double x) { return std::isfinite(x); });
}

/// LAPACK reads columns: for a symmetric matrix the row-major lower triangle is its upper one.
int lapack_eigen(Dense &a, std::vector<double> &values) {
  const int n = static_cast<int>(a.rows), ask = -1;
  int info = 0, integer_size = 0;
  double size = 0;
  blas().dsyevd("V", "U", &n, a.data.data(), &n, values.data(), &size, &ask, &integer_size, &ask, &info, 1,
                1);
  std::vector<double> work(static_cast<std::size_t>(size));
  std::vector<int> integers(static_cast<std::size_t>(integer_size));
  const int work_size = static_cast<int>(size);
  blas().dsyevd("V", "U", &n, a.data.data(), &n, values.data(), work.data(), &work_size, integers.data(),
                &integer_size, &info, 1, 1);
  a = a.transposed();
  return info;
}

/// a = u s vh, read by columns, is a^T = v s u^T: u and vh change places.
int lapack_svd(Dense a, Dense &u, std::vector<double> &s, Dense &vh) {
  const int m = static_cast<int>(a.columns), n = static_cast<int>(a.rows), k = std::min(m, n), ask = -1;
  int info = 0;
  double size = 0;
  std::vector<int> integers(at(8 * k));
  blas().dgesdd("S", &m, &n, a.data.data(), &m, s.data(), vh.data.data(), &m, u.data.data(), &k, &size, &ask,
                integers.data(), &info, 1);
  std::vector<double> work(static_cast<std::size_t>(size));
  const int work_size = static_cast<int>(size);
  blas().dgesdd("S", &m, &n, a.data.data(), &m, s.data(), vh.data.data(), &m, u.data.data(), &k, work.data(),
                &work_size, integers.data(), &info, 1);
  return info;
}

} // namespace

Dense Dense::transposed() const {
  Dense t(columns, rows);
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j)
      t(j, i) = (*this)(i, j);
  return t;
}

int lu_factor(Dense &a, std::vector<std::int64_t> &pivots) {
  const std::int64_t m = a.rows, n = a.columns, k = std::min(m, n);
  pivots.resize(at(k));
  if (k >= worth_lapack && m == n && blas().dgetrf) {
    Dense t = a.transposed();
    const int size = static_cast<int>(n);
    std::vector<int> found(at(k));
    int info = 0;
    blas().dgetrf(&size, &size, t.data.data(), &size, found.data(), &info);
    for (std::int64_t i = 0; i < k; ++i)
      pivots[at(i)] = found[at(i)] - 1;
    a = t.transposed();
    return info;
  }
  int zero = 0;
  for (std::int64_t j = 0; j < k; ++j) {
    std::int64_t best = j;
    for (std::int64_t i = j + 1; i < m; ++i)
      if (std::fabs(a(i, j)) > std::fabs(a(best, j)))
        best = i;
    pivots[at(j)] = best;
    if (best != j)
      std::swap_ranges(a.row(j), a.row(j) + n, a.row(best));
    if (a(j, j) == 0) {
      zero = zero ? zero : static_cast<int>(j + 1);
      continue;
    }
    for (std::int64_t i = j + 1; i < m; ++i) {
      a(i, j) /= a(j, j);
      axpy(a.row(i) + j + 1, a.row(j) + j + 1, -a(i, j), n - j - 1);
    }
  }
  return zero;
}

void lu_solve(const Dense &lu, const std::vector<std::int64_t> &pivots, Dense &b) {
  const std::int64_t n = lu.rows, m = b.columns;
  for (std::int64_t i = 0; i < n; ++i)
    if (pivots[at(i)] != i)
      std::swap_ranges(b.row(i), b.row(i) + m, b.row(pivots[at(i)]));
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = 0; j < i; ++j)
      axpy(b.row(i), b.row(j), -lu(i, j), m);
  for (std::int64_t i = n - 1; i >= 0; --i) {
    for (std::int64_t j = i + 1; j < n; ++j)
      axpy(b.row(i), b.row(j), -lu(i, j), m);
    for (std::int64_t c = 0; c < m; ++c)
      b(i, c) /= lu(i, i);
  }
}

int cholesky_factor(Dense &a) {
  const std::int64_t n = a.rows;
  for (std::int64_t j = 0; j < n; ++j) {
    double d = a(j, j) - dot(a.row(j), a.row(j), j);
    if (!(d > 0))
      return static_cast<int>(j + 1);
    a(j, j) = std::sqrt(d);
    for (std::int64_t i = j + 1; i < n; ++i)
      a(i, j) = (a(i, j) - dot(a.row(i), a.row(j), j)) / a(j, j);
    std::fill(a.row(j) + j + 1, a.row(j) + n, 0.0);
  }
  return 0;
}

// Cyclic Jacobi rotations; quadratically convergent, and accurate for small eigenvalues too.
int symmetric_eigen(Dense &a, std::vector<double> &values) {
  const std::int64_t n = a.rows;
  values.assign(at(n), 0.0);
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = i + 1; j < n; ++j)
      a(i, j) = a(j, i);
  if (!finite(a))
    return 1;
  if (n >= worth_lapack && blas().dsyevd)
    return lapack_eigen(a, values);
  Dense v(n, n); // rows are eigenvectors
  for (std::int64_t i = 0; i < n; ++i)
    v(i, i) = 1;
  for (int sweep = 0, rotations = 1; rotations; ++sweep) {
    if (sweep == 60)
      return 1;
    rotations = 0;
    for (std::int64_t p = 0; p < n; ++p)
      for (std::int64_t q = p + 1; q < n; ++q) {
        if (std::fabs(a(p, q)) <= 1e-17 * (std::fabs(a(p, p)) + std::fabs(a(q, q))))
          continue;
        ++rotations;
        double theta = (a(q, q) - a(p, p)) / (2 * a(p, q));
        double t = std::copysign(1.0, theta) / (std::fabs(theta) + std::sqrt(theta * theta + 1));
        double c = 1 / std::sqrt(t * t + 1), s = t * c;
        for (std::int64_t k = 0; k < n; ++k) {
          double x = a(k, p), y = a(k, q);
          a(k, p) = c * x - s * y, a(k, q) = s * x + c * y;
        }
        for (std::int64_t k = 0; k < n; ++k) {
          double x = a(p, k), y = a(q, k);
          a(p, k) = c * x - s * y, a(q, k) = s * x + c * y;
          x = v(p, k), y = v(q, k);
          v(p, k) = c * x - s * y, v(q, k) = s * x + c * y;
        }
        a(p, q) = a(q, p) = 0; // what rounding left there
      }
  }
  std::vector<std::int64_t> order(at(n));
  std::iota(order.begin(), order.end(), std::int64_t(0));
  std::sort(order.begin(), order.end(), [&](std::int64_t i, std::int64_t j) { return a(i, i) < a(j, j); });
  for (std::int64_t i = 0; i < n; ++i)
    values[at(i)] = a(order[at(i)], order[at(i)]);
  for (std::int64_t j = 0; j < n; ++j)
    for (std::int64_t i = 0; i < n; ++i)
      a(i, j) = v(order[at(j)], i);
  return 0;
}

namespace {

/// Rows of `w` become orthogonal by rotations, which are also applied to the rows of `v` (one-sided Jacobi, Hestenes 1958).
int orthogonalise(Dense &w, Dense &v) {
  const std::int64_t k = w.rows, n = w.columns;
  for (int sweep = 0; sweep < 60; ++sweep) {
    bool rotated = false;
    for (std::int64_t p = 0; p < k; ++p)
      for (std::int64_t q = p + 1; q < k; ++q) {
        double alpha = dot(w.row(p), w.row(p), n), beta = dot(w.row(q), w.row(q), n),
               gamma = dot(w.row(p), w.row(q), n);
        if (std::fabs(gamma) <= 1e-16 * std::sqrt(alpha * beta) || gamma == 0)
          continue;
        rotated = true;
        double zeta = (beta - alpha) / (2 * gamma);
        double t = std::copysign(1.0, zeta) / (std::fabs(zeta) + std::sqrt(1 + zeta * zeta));
        double c = 1 / std::sqrt(1 + t * t), s = c * t;
        auto rotate = [&](double *x, double *y, std::int64_t m) {
          for (std::int64_t i = 0; i < m; ++i) {
            double a = x[i], b = y[i];
            x[i] = c * a - s * b, y[i] = s * a + c * b;
          }
        };
        rotate(w.row(p), w.row(q), n);
        rotate(v.row(p), v.row(q), v.columns);
      }
    if (!rotated)
      return 0;
  }
  return 1;
}

/// Replaces zero rows among orthonormal ones: the unit vector least in their span, made orthogonal to them.
void complete_rows(Dense &u, const std::vector<double> &lengths, double least) {
  const std::int64_t n = u.columns;
  for (std::int64_t i = 0; i < u.rows; ++i) {
    if (lengths[at(i)] > least)
      continue;
    double best = -1;
    std::vector<double> candidate(at(n)), chosen(at(n));
    for (std::int64_t e = 0; e < n; ++e) {
      std::fill(candidate.begin(), candidate.end(), 0.0);
      candidate[at(e)] = 1;
      for (int twice = 0; twice < 2; ++twice)
        for (std::int64_t r = 0; r < u.rows; ++r)
          if (r < i || lengths[at(r)] > least)
            axpy(candidate.data(), u.row(r), -dot(candidate.data(), u.row(r), n), n);
      double size = std::sqrt(dot(candidate.data(), candidate.data(), n));
      if (size > best) {
        best = size;
        for (std::int64_t j = 0; j < n; ++j)
          chosen[at(j)] = candidate[at(j)] / size;
      }
    }
    std::copy(chosen.begin(), chosen.end(), u.row(i));
  }
}

} // namespace

int singular_values(const Dense &a, Dense &u, std::vector<double> &s, Dense &vh) {
  const std::int64_t m = a.rows, n = a.columns, k = std::min(m, n);
  s.assign(at(k), 0.0);
  if (!finite(a))
    return 1;
  if (k >= worth_lapack && blas().dgesdd)
    return lapack_svd(a, u, s, vh);
  // For m >= n: rows of w are a's columns; a v = w^T, so u = w^T / s. Otherwise the same for a^T, with u and v exchanged.
  Dense w = m >= n ? a.transposed() : a, v(k, k);
  for (std::int64_t i = 0; i < k; ++i)
    v(i, i) = 1;
  int info = orthogonalise(w, v);
  std::vector<double> lengths(at(k));
  for (std::int64_t i = 0; i < k; ++i)
    lengths[at(i)] = std::sqrt(dot(w.row(i), w.row(i), w.columns));
  std::vector<std::int64_t> order(at(k));
  std::iota(order.begin(), order.end(), std::int64_t(0));
  std::sort(order.begin(), order.end(), [&](std::int64_t i, std::int64_t j) {
    return lengths[at(i)] > lengths[at(j)] || (lengths[at(i)] == lengths[at(j)] && i < j);
  });
  Dense long_side(k, w.columns), short_side(k, k);
  for (std::int64_t i = 0; i < k; ++i) {
    const std::int64_t from = order[at(i)];
    s[at(i)] = lengths[at(from)];
    for (std::int64_t j = 0; j < w.columns; ++j)
      long_side(i, j) = s[at(i)] > 0 ? w(from, j) / s[at(i)] : 0;
    std::copy(v.row(from), v.row(from) + k, short_side.row(i));
  }
  double least = k ? s[0] * 1e-300 : 0;
  complete_rows(long_side, s, least);
  u = m >= n ? long_side.transposed() : short_side.transposed();
  vh = m >= n ? short_side : long_side;
  return info;
}

void qr_factor(const Dense &a, Dense &q, Dense &r) {
  const std::int64_t m = a.rows, n = a.columns, k = std::min(m, n);
  Dense w = a.transposed(); // rows are columns of a
  Dense reflectors(k, m);
  for (std::int64_t j = 0; j < k; ++j) {
    double *x = w.row(j) + j, *v = reflectors.row(j) + j;
    const std::int64_t rest = m - j;
    double size = std::sqrt(dot(x, x, rest)), below = std::sqrt(dot(x + 1, x + 1, rest - 1));
    if (below == 0)
      continue; // already in shape: no reflection, as LAPACK
    std::copy(x, x + rest, v);
    v[0] += std::copysign(size, x[0]);
    double length = std::sqrt(dot(v, v, rest));
    for (std::int64_t i = 0; i < rest; ++i)
      v[i] /= length;
    for (std::int64_t c = j; c < n; ++c)
      axpy(w.row(c) + j, v, -2 * dot(w.row(c) + j, v, rest), rest);
  }
  for (std::int64_t i = 0; i < k; ++i)
    for (std::int64_t j = 0; j < n; ++j)
      r(i, j) = j >= i ? w(j, i) : 0;
  Dense columns(k, m);
  for (std::int64_t c = 0; c < k; ++c) {
    columns(c, c) = 1;
    for (std::int64_t j = k - 1; j >= 0; --j)
      axpy(columns.row(c), reflectors.row(j), -2 * dot(columns.row(c), reflectors.row(j), m), m);
  }
  q = columns.transposed();
}

} // namespace nabla::kernels
