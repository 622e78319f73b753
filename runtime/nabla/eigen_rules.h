// What differentiated functions over Eigen's matrices call: products and linear systems. Included by eigen.h. Matrices are
// pointers to columns one after another. The rules are written in these functions again, so that second derivatives exist.
#pragma once
#include "nabla.h"
#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <Eigen/LU>
#include <Eigen/QR>
#include <stdexcept>

namespace nabla {

// A matrix of fixed size is no more than its numbers.
template <class T, int R, int C, int O, int MR, int MC>
inline constexpr bool holds_bytes<Eigen::Matrix<T, R, C, O, MR, MC>> =
    R != Eigen::Dynamic && C != Eigen::Dynamic;
template <class T, int R, int C, int O, int MR, int MC>
inline constexpr bool holds_bytes<Eigen::Array<T, R, C, O, MR, MC>> =
    R != Eigen::Dynamic && C != Eigen::Dynamic;

namespace linear {

namespace detail {

template <class T> using matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
template <class T> auto map(const T *p, long rows, long columns) {
  return Eigen::Map<const matrix<T>>(p, rows, columns);
}
template <class T> auto map(T *p, long rows, long columns) { return Eigen::Map<matrix<T>>(p, rows, columns); }
/// What nobody differentiates by is null.
template <class T> matrix<T> tangent(const T *p, long rows, long columns) {
  return p ? matrix<T>(map(p, rows, columns)) : matrix<T>(matrix<T>::Zero(rows, columns));
}
inline auto indices(int *p, long n) { return Eigen::Map<Eigen::VectorXi>(p, n); }
inline auto indices(const int *p, long n) { return Eigen::Map<const Eigen::VectorXi>(p, n); }

/// c += op(a) op(b), op(a) m x k, op(b) k x n; op is the transpose where its flag says so
template <class T>
void multiply_add(long m, long k, long n, const T *a, bool a_turned, const T *b, bool b_turned, T *c) {
  auto to = map(c, m, n);
  if (a_turned && b_turned)
    to.noalias() += map(a, k, m).transpose() * map(b, n, k).transpose();
  else if (a_turned)
    to.noalias() += map(a, k, m).transpose() * map(b, k, n);
  else if (b_turned)
    to.noalias() += map(a, m, k) * map(b, n, k).transpose();
  else
    to.noalias() += map(a, m, k) * map(b, k, n);
}

template <class T> void factorise_lu(long n, const T *a, T *f, int *p) {
  Eigen::PartialPivLU<matrix<T>> lu(map(a, n, n));
  map(f, n, n) = lu.matrixLU();
  indices(p, n) = lu.permutationP().indices();
}
template <class T> void factorise_llt(long n, const T *a, T *f, int *p) {
  Eigen::LLT<matrix<T>> llt(map(a, n, n));
  map(f, n, n) = llt.matrixLLT();
  p[n] = llt.info();
}
template <class T> void factorise_ldlt(long n, const T *a, T *f, int *p) {
  Eigen::LDLT<matrix<T>> ldlt(map(a, n, n));
  map(f, n, n) = ldlt.matrixLDLT();
  indices(p, n) = ldlt.transpositionsP().indices();
  p[n] = ldlt.info();
}

template <class T>
void solve_lu(long n, long columns, bool turned, const T *f, const int *p, const T *b, T *x) {
  auto lu = map(f, n, n);
  auto to = map(x, n, columns);
  Eigen::PermutationMatrix<Eigen::Dynamic> order(indices(p, n));
  if (turned) { // A^T = U^T L^T P
    matrix<T> y = lu.transpose().template triangularView<Eigen::Lower>().solve(map(b, n, columns));
    lu.transpose().template triangularView<Eigen::UnitUpper>().solveInPlace(y);
    to = order.transpose() * y;
  } else {
    matrix<T> y = order * map(b, n, columns);
    lu.template triangularView<Eigen::UnitLower>().solveInPlace(y);
    to = lu.template triangularView<Eigen::Upper>().solve(y);
  }
}
template <class T> void solve_llt(long n, long columns, const T *f, const T *b, T *x) {
  auto l = map(f, n, n);
  matrix<T> y = l.template triangularView<Eigen::Lower>().solve(map(b, n, columns));
  map(x, n, columns) = l.transpose().template triangularView<Eigen::Upper>().solve(y);
}
template <class T> void solve_ldlt(long n, long columns, const T *f, const int *p, const T *b, T *x) {
  auto l = map(f, n, n);
  Eigen::Transpositions<Eigen::Dynamic> order(indices(p, n));
  matrix<T> y = order * map(b, n, columns);
  l.template triangularView<Eigen::UnitLower>().solveInPlace(y);
  for (long i = 0; i < n; ++i) // as Eigen does: a pivot of zero gives zero
    if (const T d = l(i, i); (d < 0 ? -d : d) > (std::numeric_limits<T>::min)())
      y.row(i) /= d;
    else
      y.row(i).setZero();
  l.transpose().template triangularView<Eigen::UnitUpper>().solveInPlace(y);
  map(x, n, columns) = order.transpose() * y;
}

/// `f`: R and the Householder vectors, m x n, then their n coefficients; `p`: the order of the columns.
template <class T, class Decomposition>
void keep_qr(long m, long n, const Decomposition &qr, bool has_full_rank, T *f) {
  if (!has_full_rank)
    throw std::domain_error(
        "nabla: a least-squares solution has derivatives where the columns of its matrix are "
        "linearly independent; it has fewer rows, or columns that are not");
  map(f, m, n) = qr.matrixQR();
  map(f + m * n, n, 1) = qr.hCoeffs();
}
template <class T> void factorise_qr(long m, long n, bool pivots, const T *a, T *f, int *p) {
  if (pivots) {
    Eigen::ColPivHouseholderQR<matrix<T>> qr(map(a, m, n));
    keep_qr(m, n, qr, m >= n && qr.nonzeroPivots() == n, f);
    indices(p, n) = qr.colsPermutation().indices();
  } else {
    Eigen::HouseholderQR<matrix<T>> qr(map(a, m, n));
    keep_qr(m, n, qr, m >= n && (n == 0 || qr.matrixQR().diagonal().cwiseAbs().minCoeff() > 0), f);
    for (int i = 0; i < n; ++i)
      p[i] = i;
  }
}
/// The x for which |a x - b| is least.
template <class T> void solve_qr(long m, long n, long columns, const T *f, const int *p, const T *b, T *x) {
  auto qr = map(f, m, n);
  matrix<T> y = map(b, m, columns);
  y.applyOnTheLeft(Eigen::householderSequence(qr, map(f + m * n, n, 1).col(0)).transpose());
  auto top = y.topRows(n);
  qr.topRows(n).template triangularView<Eigen::Upper>().solveInPlace(top);
  Eigen::PermutationMatrix<Eigen::Dynamic> order(indices(p, n));
  map(x, n, columns) = order * top;
}
/// x = (a^T a)^-1 y
template <class T>
void solve_normal(long m, long n, long columns, const T *f, const int *p, const T *y, T *x) {
  auto r = map(f, m, n).topRows(n);
  Eigen::PermutationMatrix<Eigen::Dynamic> order(indices(p, n));
  matrix<T> z = order.transpose() * map(y, n, columns);
  r.transpose().template triangularView<Eigen::Lower>().solveInPlace(z);
  r.template triangularView<Eigen::Upper>().solveInPlace(z);
  map(x, n, columns) = order * z;
}

/// x = op(t)^-1 b, t a triangle: `mode` is Eigen's, 1 for the lower one, 2 for the upper, and 4 for a diagonal of ones.
template <class T>
void solve_triangle(long n, long columns, int mode, bool turned, const T *t, const T *b, T *x) {
  auto m = map(t, n, n);
  auto to = map(x, n, columns);
  to = map(b, n, columns);
  if (mode == 1 && turned)
    m.transpose().template triangularView<Eigen::Upper>().solveInPlace(to);
  else if (mode == 1)
    m.template triangularView<Eigen::Lower>().solveInPlace(to);
  else if (mode == 2 && turned)
    m.transpose().template triangularView<Eigen::Lower>().solveInPlace(to);
  else if (mode == 2)
    m.template triangularView<Eigen::Upper>().solveInPlace(to);
  else if (mode == 5 && turned)
    m.transpose().template triangularView<Eigen::UnitUpper>().solveInPlace(to);
  else if (mode == 5)
    m.template triangularView<Eigen::UnitLower>().solveInPlace(to);
  else if (turned)
    m.transpose().template triangularView<Eigen::UnitLower>().solveInPlace(to);
  else
    m.template triangularView<Eigen::UnitUpper>().solveInPlace(to);
}

template <class T> T determinant_of(long n, const T *f, const int *p) {
  T product = 1;
  for (long i = 0; i < n; ++i)
    product *= f[i + i * n];
  Eigen::PermutationMatrix<Eigen::Dynamic> order(indices(p, n));
  return product * static_cast<T>(order.determinant());
}

} // namespace detail

/// Is the coefficient one of the triangle, and not fixed to one?
inline bool is_in_triangle(int mode, long i, long j) {
  return i == j ? (mode & 4) == 0 : (mode & 1) != 0 ? i > j : i < j;
}

#define NABLA_REAL double
#include "eigen_rules.inc"
#undef NABLA_REAL
#define NABLA_REAL float
#include "eigen_rules.inc"
#undef NABLA_REAL

} // namespace linear
} // namespace nabla
