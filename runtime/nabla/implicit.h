// Implicit functions: x(p), where residual(x, p) = 0. However x was found, its derivative is that of the solution; no iteration
// of the solver is differentiated or stored.
//
//   void residual(const double *x, const double *p, int n, double *r);     // unknowns first, residuals last
//
//   solve(found, p, n);                                    // [[nabla::inactive]]: Newton, a fixed-point loop, anything
//   nabla::implicit<residual>(found, x, n, p, n);          // x := found, as a function of what the residual takes in between
//
// Reverse mode solves with the transposed Jacobian at x, forward mode with the Jacobian, and second derivatives with both. To be
// linked with libnabla.
//
//   nabla::sparse_implicit<residual>(found, x, n, p, n);   // the same, if <Eigen/SparseLU> was included before: sparse factors
#pragma once
#include "nabla.h"
#ifdef EIGEN_SPARSELU_MODULE_H
#include "sparse.h"
#include <vector>
#endif

namespace nabla {
namespace detail {

// Factors are kept as bits, for what they are made of carries no derivative here: see Note [Two Newton steps].

/// P A = L U of a row-major n x n matrix, with the rows' order behind: n * n + n words.
[[nabla::inactive]] void factorise(double *matrix, int n, unsigned long long *factors);
/// b := A^-1 b and b := A^-T b: each is linear, and the other's pullback.
void solve_factored(const unsigned long long *factors, int n, double *b);
void solve_transposed(const unsigned long long *factors, int n, double *b);
[[nabla::pullback_of(solve_factored)]] inline void solve_factored_pb(const unsigned long long *factors, int n,
                                                                     double *, double *b_bar) {
  solve_transposed(factors, n, b_bar);
}
[[nabla::pullback_of(solve_transposed)]] inline void solve_transposed_pb(const unsigned long long *factors,
                                                                         int n, double *, double *b_bar) {
  solve_factored(factors, n, b_bar);
}
[[nabla::pushforward_of(solve_factored)]] inline void solve_factored_pf(const unsigned long long *factors,
                                                                        int n, double *b, double *b_dot) {
  solve_factored(factors, n, b);
  solve_factored(factors, n, b_dot);
}
[[nabla::pushforward_of(solve_transposed)]] inline void solve_transposed_pf(const unsigned long long *factors,
                                                                            int n, double *b, double *b_dot) {
  solve_transposed(factors, n, b);
  solve_transposed(factors, n, b_dot);
}

template <auto F, class... P>
[[nabla::inactive]] void factorise_jacobian(const double *x, int n, unsigned long long *factors, P... p) {
  record memory;
  double *matrix = memory.zeros<double>(std::size_t(n) * std::size_t(n)),
         *r = memory.zeros<double>(std::size_t(n));
  nabla::jacobian<F, wrt<0>, of<int(sizeof...(P)) + 1>, batch<1>>(extents<2>(n, n), x, p..., r, matrix);
  factorise(matrix, n, factors);
}
/// to := from - A^-1 F(from, p)
template <auto F, auto Solve, class... P>
void newton_step(const unsigned long long *matrix, const double *from, double *to, int n, P... p) {
  double *step = new double[n];
  F(from, p..., step);
  Solve(matrix, n, step);
  for (int i = 0; i < n; ++i)
    to[i] = from[i] - step[i];
  delete[] step;
}
[[nabla::inactive]] inline void copy_values(const double *from, int n, double *to) {
  for (int i = 0; i < n; ++i)
    to[i] = from[i];
}

/// What a residual takes between unknowns and residuals, by its own types: what it only reads stays read-only on the way there.
template <class Before, class... P> struct between;
template <class... Before, class Last> struct between<list<Before...>, Last> {
  using type = list<Before...>;
};
template <class... Before, class Next, class... P>
struct between<list<Before...>, Next, P...> : between<list<Before..., Next>, P...> {};
template <class Parameters> struct parameters_of;
template <class Unknowns, class... P> struct parameters_of<list<Unknowns, P...>> : between<list<>, P...> {};

template <auto F, class Parameters> struct implicit_solution;
template <auto F, class... P> struct implicit_solution<F, list<P...>> {
  static void dense(const double *found, double *x, int n, P... p) {
    unsigned long long *factors = new unsigned long long[n * n + n];
    double *fixed = new double[n], *once = new double[n];
    copy_values(found, n, fixed);
    factorise_jacobian<F>(fixed, n, factors, p...);
    newton_step<F, solve_factored>(factors, fixed, once, n, p...);
    newton_step<F, solve_factored>(factors, once, x, n, p...);
    delete[] once;
    delete[] fixed;
    delete[] factors;
  }
  static void sparse(const double *found, double *x, int n, P... p);
};
template <auto F>
using solution_of =
    implicit_solution<F, typename parameters_of<typename function<decltype(F)>::parameters>::type>;

} // namespace detail

/// x becomes the solution of F(x, p..., r) = 0 near `found`, which solves it up to the solver's tolerance, as a function of p.
/// Both have n reals.
///
/// Note [Two Newton steps]: x := x - A^-1 F(x, p), twice from x0, with x0 and A = dF/dx(x0) held fixed. The value improves, and
/// the derivative of the first step in p is -A^-1 dF/dp, that of the implicit function theorem. Where p moves by h, A is wrong by
/// O(h): so each step multiplies the error in x, O(h) for x0, by h, and after two of them second derivatives are right as well.
template <auto F, class... P> void implicit(const double *found, double *x, int n, P... p) {
  detail::solution_of<F>::dense(found, x, n, p...);
}

#ifdef EIGEN_SPARSELU_MODULE_H
namespace detail {

/// The Jacobian that was found last, with its pattern.
template <auto F, class... P> csr &latest_jacobian() {
  static thread_local csr matrix;
  return matrix;
}
/// How many words it takes as bits: the number of entries, where rows begin, columns, values.
template <auto F, class... P> [[nabla::inactive]] int find_sparse_jacobian(const double *x, int n, P... p) {
  record memory;
  double *r = memory.zeros<double>(std::size_t(n));
  csr &m = latest_jacobian<F, P...>();
  nabla::sparse_jacobian<F, wrt<0>, of<int(sizeof...(P)) + 1>>(extents<2>(n, n), x, p..., r, m);
  return 2 + n + 2 * int(m.cols.size());
}
template <auto F, class... P>
[[nabla::inactive]] void take_sparse_jacobian(unsigned long long *matrix, P...) {
  const csr &m = latest_jacobian<F, P...>();
  *matrix++ = m.cols.size();
  for (int first : m.rows)
    *matrix++ = static_cast<unsigned long long>(first);
  for (int column : m.cols)
    *matrix++ = static_cast<unsigned long long>(column);
  __builtin_memcpy(matrix, m.values.data(), m.values.size() * sizeof(double));
}

/// Sparse factors of the matrix that was asked for last.
class sparse_factors {
public:
  using factors = Eigen::SparseLU<Eigen::SparseMatrix<double>>;
  factors &of(const unsigned long long *matrix, int n) {
    const std::size_t entries = matrix[0], words = 2 + std::size_t(n) + 2 * entries;
    if (words == matrix_.size() && std::equal(matrix_.begin(), matrix_.end(), matrix))
      return factors_;
    matrix_.assign(matrix, matrix + words);
    std::vector<Eigen::Triplet<double>> list;
    const unsigned long long *rows = matrix + 1, *columns = rows + n + 1, *values = columns + entries;
    for (int i = 0; i < n; ++i)
      for (unsigned long long e = rows[i]; e < rows[i + 1]; ++e) {
        double value;
        __builtin_memcpy(&value, values + e, sizeof value);
        list.emplace_back(i, int(columns[e]), value);
      }
    Eigen::SparseMatrix<double> sparse(n, n);
    sparse.setFromTriplets(list.begin(), list.end());
    factors_.compute(sparse);
    return factors_;
  }
  static sparse_factors &latest() {
    static thread_local sparse_factors kept;
    return kept;
  }

private:
  std::vector<unsigned long long> matrix_;
  factors factors_;
};

inline void solve_sparse(const unsigned long long *matrix, int n, double *b) {
  Eigen::Map<Eigen::VectorXd> all(b, n);
  all = Eigen::VectorXd(sparse_factors::latest().of(matrix, n).solve(all));
}
inline void solve_sparse_transposed(const unsigned long long *matrix, int n, double *b) {
  Eigen::Map<Eigen::VectorXd> all(b, n);
  all = Eigen::VectorXd(sparse_factors::latest().of(matrix, n).transpose().solve(all));
}
[[nabla::pullback_of(solve_sparse)]] inline void solve_sparse_pb(const unsigned long long *matrix, int n,
                                                                 double *, double *b_bar) {
  solve_sparse_transposed(matrix, n, b_bar);
}
[[nabla::pullback_of(solve_sparse_transposed)]] inline void
solve_sparse_transposed_pb(const unsigned long long *matrix, int n, double *, double *b_bar) {
  solve_sparse(matrix, n, b_bar);
}
[[nabla::pushforward_of(solve_sparse)]] inline void solve_sparse_pf(const unsigned long long *matrix, int n,
                                                                    double *b, double *b_dot) {
  solve_sparse(matrix, n, b);
  solve_sparse(matrix, n, b_dot);
}
[[nabla::pushforward_of(solve_sparse_transposed)]] inline void
solve_sparse_transposed_pf(const unsigned long long *matrix, int n, double *b, double *b_dot) {
  solve_sparse_transposed(matrix, n, b);
  solve_sparse_transposed(matrix, n, b_dot);
}

template <auto F, class... P>
void implicit_solution<F, list<P...>>::sparse(const double *found, double *x, int n, P... p) {
  double *fixed = new double[n], *once = new double[n];
  copy_values(found, n, fixed);
  const int words = find_sparse_jacobian<F>(fixed, n, p...);
  unsigned long long *matrix = new unsigned long long[words];
  take_sparse_jacobian<F>(matrix, p...);
  newton_step<F, solve_sparse>(matrix, fixed, once, n, p...);
  newton_step<F, solve_sparse>(matrix, once, x, n, p...);
  delete[] matrix;
  delete[] once;
  delete[] fixed;
}

} // namespace detail

/// implicit with sparse factors. Reverse sweeps factorise again if another matrix came in between.
template <auto F, class... P> void sparse_implicit(const double *found, double *x, int n, P... p) {
  detail::solution_of<F>::sparse(found, x, n, p...);
}
#else
/// implicit with sparse factors.
template <auto F, class... P> void sparse_implicit(const double *, double *, int, P...) {
  static_assert(sizeof...(P) > 1000,
                "nabla: sparse_implicit solves with Eigen: write #include <Eigen/SparseLU> before "
                "#include <nabla/implicit.h>, or use nabla::implicit, which has dense factors");
}
#endif

} // namespace nabla
