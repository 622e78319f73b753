// Linear algebra over batches: every matrix is read into doubles (dense.h), factored, and written back in the output's type.
#include "dense.h"
#include "strides.h"

#include <algorithm>
#include <cmath>

namespace nabla::kernels {

namespace {

/// The offset of batch entry i of a view whose last `inner` dimensions are the matrix (or vector).
std::int64_t batch_offset(const View &v, int inner, std::int64_t i) {
  std::int64_t offset = 0;
  for (int d = v.dims - inner - 1; d >= 0; --d) {
    offset += i % v.sizes[d] * v.strides[d];
    i /= v.sizes[d];
  }
  return offset;
}
std::int64_t batch_count(const View &v, int inner) {
  std::int64_t n = 1;
  for (int d = 0; d < v.dims - inner; ++d)
    n *= v.sizes[d];
  return n;
}

double get(const View &v, std::int64_t offset) {
  return v.dtype == ScalarType::Double ? static_cast<double *>(v.data)[offset]
                                       : static_cast<double>(static_cast<float *>(v.data)[offset]);
}
void put(const View &v, std::int64_t offset, double x) {
  if (v.dtype == ScalarType::Double)
    static_cast<double *>(v.data)[offset] = x;
  else
    static_cast<float *>(v.data)[offset] = static_cast<float>(x);
}

Dense read(const View &v, std::int64_t entry) {
  const std::int64_t from = batch_offset(v, 2, entry), row = v.strides[v.dims - 2],
                     column = v.strides[v.dims - 1];
  Dense m(v.sizes[v.dims - 2], v.sizes[v.dims - 1]);
  for (std::int64_t i = 0; i < m.rows; ++i)
    for (std::int64_t j = 0; j < m.columns; ++j)
      m(i, j) = get(v, from + i * row + j * column);
  return m;
}
void write(const View &v, std::int64_t entry, const Dense &m) {
  const std::int64_t to = batch_offset(v, 2, entry), row = v.strides[v.dims - 2],
                     column = v.strides[v.dims - 1];
  for (std::int64_t i = 0; i < m.rows; ++i)
    for (std::int64_t j = 0; j < m.columns; ++j)
      put(v, to + i * row + j * column, m(i, j));
}
void write(const View &v, std::int64_t entry, const std::vector<double> &x) {
  const std::int64_t to = batch_offset(v, 1, entry), step = v.strides[v.dims - 1];
  for (std::size_t i = 0; i < x.size(); ++i)
    put(v, to + static_cast<std::int64_t>(i) * step, x[i]);
}

/// Sign and logarithm of the size of the determinant of a factored matrix.
struct Determinant {
  double sign = 1, log = 0, value = 1;
  Determinant(const Dense &lu, const std::vector<std::int64_t> &pivots) {
    for (std::int64_t i = 0; i < lu.rows; ++i) {
      double d = pivots[static_cast<std::size_t>(i)] != i ? -lu(i, i) : lu(i, i);
      value *= d;
      sign *= d > 0 ? 1 : d < 0 ? -1 : d == 0 ? 0 : d;
      log += std::log(std::fabs(d));
    }
  }
};

} // namespace

Info inverse(const View &out, const View &a) {
  for (std::int64_t e = 0; e < batch_count(a, 2); ++e) {
    Dense m = read(a, e), unit(m.rows, m.rows);
    std::vector<std::int64_t> pivots;
    if (int zero = lu_factor(m, pivots))
      return {e, zero};
    for (std::int64_t i = 0; i < m.rows; ++i)
      unit(i, i) = 1;
    lu_solve(m, pivots, unit);
    write(out, e, unit);
  }
  return {};
}

Info solve(const View &out, const View &a, const View &b) {
  for (std::int64_t e = 0; e < batch_count(a, 2); ++e) {
    Dense m = read(a, e), right = read(b, e);
    std::vector<std::int64_t> pivots;
    if (int zero = lu_factor(m, pivots))
      return {e, zero};
    lu_solve(m, pivots, right);
    write(out, e, right);
  }
  return {};
}

Info solve_triangular(const View &out, const View &a, const View &b, bool upper, bool unit_diagonal) {
  for (std::int64_t e = 0; e < batch_count(a, 2); ++e) {
    Dense m = read(a, e), x = read(b, e);
    const std::int64_t n = m.rows;
    for (std::int64_t step = 0; step < n; ++step) {
      const std::int64_t i = upper ? n - 1 - step : step;
      for (std::int64_t j = upper ? i + 1 : 0; j < (upper ? n : i); ++j)
        for (std::int64_t c = 0; c < x.columns; ++c)
          x(i, c) -= m(i, j) * x(j, c);
      for (std::int64_t c = 0; !unit_diagonal && c < x.columns; ++c)
        x(i, c) /= m(i, i);
    }
    write(out, e, x);
  }
  return {};
}

void lu(const View &out, const View &pivots, const View &a) {
  for (std::int64_t e = 0; e < batch_count(a, 2); ++e) {
    Dense m = read(a, e);
    std::vector<std::int64_t> swaps;
    lu_factor(m, swaps);
    write(out, e, m);
    std::int32_t *to = static_cast<std::int32_t *>(pivots.data) + batch_offset(pivots, 1, e);
    for (std::size_t i = 0; i < swaps.size(); ++i)
      to[static_cast<std::int64_t>(i) * pivots.strides[pivots.dims - 1]] =
          static_cast<std::int32_t>(swaps[i] + 1);
  }
}

void det(const View &out, const View &a) {
  for (std::int64_t e = 0; e < batch_count(a, 2); ++e) {
    Dense m = read(a, e);
    std::vector<std::int64_t> pivots;
    lu_factor(m, pivots);
    put(out, batch_offset(out, 0, e), Determinant(m, pivots).value);
  }
}

void slogdet(const View &sign, const View &logabsdet, const View &a) {
  for (std::int64_t e = 0; e < batch_count(a, 2); ++e) {
    Dense m = read(a, e);
    std::vector<std::int64_t> pivots;
    lu_factor(m, pivots);
    Determinant d(m, pivots);
    put(sign, batch_offset(sign, 0, e), d.sign);
    put(logabsdet, batch_offset(logabsdet, 0, e), d.log);
  }
}

Info cholesky(const View &out, const View &a) {
  for (std::int64_t e = 0; e < batch_count(a, 2); ++e) {
    Dense m = read(a, e);
    if (int minor = cholesky_factor(m))
      return {e, minor};
    write(out, e, m);
  }
  return {};
}

Info eigh(const View &values, const View &vectors, const View &a) {
  for (std::int64_t e = 0; e < batch_count(a, 2); ++e) {
    Dense m = read(a, e);
    std::vector<double> w;
    if (int info = symmetric_eigen(m, w))
      return {e, info};
    write(values, e, w);
    if (vectors.data)
      write(vectors, e, m);
  }
  return {};
}

Info svd(const View &u, const View &s, const View &vh, const View &a) {
  for (std::int64_t e = 0; e < batch_count(a, 2); ++e) {
    Dense m = read(a, e);
    const std::int64_t k = std::min(m.rows, m.columns);
    Dense left(m.rows, k), right(k, m.columns);
    std::vector<double> values;
    if (int info = singular_values(m, left, values, right))
      return {e, info};
    write(s, e, values);
    if (u.data) {
      write(u, e, left);
      write(vh, e, right);
    }
  }
  return {};
}

void qr(const View &q, const View &r, const View &a) {
  for (std::int64_t e = 0; e < batch_count(a, 2); ++e) {
    Dense m = read(a, e);
    const std::int64_t k = std::min(m.rows, m.columns);
    Dense left(m.rows, k), right(k, m.columns);
    qr_factor(m, left, right);
    write(q, e, left);
    write(r, e, right);
  }
}

} // namespace nabla::kernels
