// Linear algebra on the last two dimensions; the leading ones are batches. Floating types only. All differentiable to any order.
#ifndef NABLA_TENSOR_LINALG_H
#define NABLA_TENSOR_LINALG_H

#include "handle.h"

namespace nabla {

/// a^-1 of [.., n, n]. LinAlgError when singular.
Tensor linalg_inv(const Tensor &a);
/// a^-1 b for b [.., n] or [.., n, m]; batches broadcast. LinAlgError when singular.
Tensor linalg_solve(const Tensor &a, const Tensor &b);
/// a^-1 b for a triangular a (the other triangle is not read); unitriangular: its diagonal counts as ones.
Tensor linalg_solve_triangular(const Tensor &a, const Tensor &b, bool upper, bool unitriangular = false);
Tensor linalg_det(const Tensor &a);
/// Sign and log |det a|; sign 0 and -inf when singular.
std::tuple<Tensor, Tensor> linalg_slogdet(const Tensor &a);
/// log det a: NaN for a negative determinant.
Tensor logdet(const Tensor &a);
/// Lower l with l l^T = a. Reads the lower triangle. LinAlgError when a is not positive definite.
Tensor linalg_cholesky(const Tensor &a);
/// Ascending eigenvalues [.., n] and eigenvectors as columns [.., n, n] of a symmetric matrix (its lower triangle). The derivative of
/// eigenvectors exists only where eigenvalues differ.
std::tuple<Tensor, Tensor> linalg_eigh(const Tensor &a);
Tensor linalg_eigvalsh(const Tensor &a);
/// Thin: u [.., m, k], s [.., k] descending, vh [.., k, n], k = min(m, n). The derivative of u and vh exists only where singular
/// values differ and are not zero.
std::tuple<Tensor, Tensor, Tensor> linalg_svd(const Tensor &a);
Tensor linalg_svdvals(const Tensor &a);
/// Thin: q [.., m, k], r [.., k, n]. Differentiable for m >= n.
std::tuple<Tensor, Tensor> linalg_qr(const Tensor &a);

inline Tensor inverse(const Tensor &a) { return linalg_inv(a); }
inline Tensor det(const Tensor &a) { return linalg_det(a); }
inline std::tuple<Tensor, Tensor> slogdet(const Tensor &a) { return linalg_slogdet(a); }
inline Tensor cholesky(const Tensor &a) { return linalg_cholesky(a); }

/// libtorch's other spelling.
namespace linalg {
inline Tensor inv(const Tensor &a) { return linalg_inv(a); }
inline Tensor solve(const Tensor &a, const Tensor &b) { return linalg_solve(a, b); }
inline Tensor solve_triangular(const Tensor &a, const Tensor &b, bool upper, bool unitriangular = false) {
  return linalg_solve_triangular(a, b, upper, unitriangular);
}
inline Tensor det(const Tensor &a) { return linalg_det(a); }
inline std::tuple<Tensor, Tensor> slogdet(const Tensor &a) { return linalg_slogdet(a); }
inline Tensor cholesky(const Tensor &a) { return linalg_cholesky(a); }
inline std::tuple<Tensor, Tensor> eigh(const Tensor &a) { return linalg_eigh(a); }
inline Tensor eigvalsh(const Tensor &a) { return linalg_eigvalsh(a); }
inline std::tuple<Tensor, Tensor, Tensor> svd(const Tensor &a) { return linalg_svd(a); }
inline Tensor svdvals(const Tensor &a) { return linalg_svdvals(a); }
inline std::tuple<Tensor, Tensor> qr(const Tensor &a) { return linalg_qr(a); }
} // namespace linalg

} // namespace nabla

#endif
