// Factorisations of one dense matrix of doubles, row-major. Small ones by own code, large ones by LAPACK where it is loaded.
#ifndef NABLA_TENSOR_KERNELS_DENSE_H
#define NABLA_TENSOR_KERNELS_DENSE_H

#include <cstdint>
#include <vector>

namespace nabla::kernels {

/// A row-major matrix that owns its elements.
struct Dense {
  std::int64_t rows = 0, columns = 0;
  std::vector<double> data;
  Dense(std::int64_t m, std::int64_t n) : rows(m), columns(n), data(static_cast<std::size_t>(m * n)) {}
  double &operator()(std::int64_t i, std::int64_t j) {
    return data[static_cast<std::size_t>(i * columns + j)];
  }
  double operator()(std::int64_t i, std::int64_t j) const {
    return data[static_cast<std::size_t>(i * columns + j)];
  }
  double *row(std::int64_t i) { return data.data() + i * columns; }
  Dense transposed() const;
};

/// a becomes L and U of P a; pivots[i] is the row that was swapped with row i. Returns the 1-based index of the first zero pivot, or 0.
int lu_factor(Dense &a, std::vector<std::int64_t> &pivots);
/// b becomes a^-1 b for a factored a.
void lu_solve(const Dense &lu, const std::vector<std::int64_t> &pivots, Dense &b);
/// The lower factor in the lower triangle, zeros above; returns the order of the leading minor that is not positive definite, or 0.
int cholesky_factor(Dense &a);
/// Ascending eigenvalues of the symmetric matrix whose lower triangle a holds; a becomes the eigenvectors as columns. Returns 0, or not
/// 0 when the iteration did not converge (or a holds NaN).
int symmetric_eigen(Dense &a, std::vector<double> &values);
/// a = u diag(s) vh, thin; s descending.
int singular_values(const Dense &a, Dense &u, std::vector<double> &s, Dense &vh);
/// a = q r, thin, by reflections; signs as LAPACK's.
void qr_factor(const Dense &a, Dense &q, Dense &r);

} // namespace nabla::kernels

#endif
