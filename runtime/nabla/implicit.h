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

// Factors are kept as bits, for what they are made of carries no derivative here: see Note [Newton steps].

/// P A = L U of a row-major n x n matrix, with the rows' order behind: n * n + n words.
[[nabla::inactive]] void factorise(double *matrix, int n, unsigned long long *factors);
/// A real that was kept as bits, and back.
[[nabla::inactive]] __attribute__((const)) inline double kept_real(unsigned long long bits) {
  double value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}
[[nabla::inactive]] inline void keep_bits(const double *from, int n, unsigned long long *to) {
  __builtin_memcpy(to, from, sizeof(double) * std::size_t(n));
}

/// b := A^-1 b and b := A^-T b: each is linear, and the other's pullback. Several lanes at once go through these bodies.
inline void solve_factored(const unsigned long long *factors, int n, double *b) {
  double *y = new double[n];
  for (int i = 0; i < n; ++i) {
    y[i] = b[factors[n * n + i]];
    for (int j = 0; j < i; ++j)
      y[i] -= kept_real(factors[i * n + j]) * y[j];
  }
  for (int i = n - 1; i >= 0; --i) {
    for (int j = i + 1; j < n; ++j)
      y[i] -= kept_real(factors[i * n + j]) * b[j];
    b[i] = y[i] / kept_real(factors[i * n + i]);
  }
  delete[] y;
}
inline void solve_transposed(const unsigned long long *factors, int n, double *b) {
  double *y = new double[n];
  for (int i = 0; i < n; ++i) {
    y[i] = b[i];
    for (int j = 0; j < i; ++j)
      y[i] -= kept_real(factors[j * n + i]) * y[j];
    y[i] /= kept_real(factors[i * n + i]);
  }
  for (int i = n - 1; i >= 0; --i)
    for (int j = i + 1; j < n; ++j)
      y[i] -= kept_real(factors[j * n + i]) * y[j];
  for (int i = 0; i < n; ++i)
    b[factors[n * n + i]] = y[i];
  delete[] y;
}
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

/// Does nothing by itself: what stands beside it has derivatives up to that order, and was differentiated so many times
/// already, which the compiler counts (lib/pipeline_tangent.cpp).
constexpr void accurate_to(int /*order*/, int /*taken*/) noexcept {}

template <auto F, class... P>
[[nabla::inactive]] void factorise_jacobian(const unsigned long long *at, int n, unsigned long long *factors,
                                            P... p) {
  record memory;
  double *matrix = memory.zeros<double>(std::size_t(n) * std::size_t(n)),
         *r = memory.zeros<double>(std::size_t(n)), *x = memory.array<double>(std::size_t(n));
  for (int i = 0; i < n; ++i)
    x[i] = kept_real(at[i]);
  nabla::jacobian<F, wrt<0>, of<int(sizeof...(P)) + 1>, batch<1>>(extents<2>(n, n), x, p..., r, matrix);
  factorise(matrix, n, factors);
}
/// to := from - A^-1 F(from, p), as many times as Steps says
template <auto F, auto Solve, int Steps, class... P>
void newton_steps(const unsigned long long *matrix, const double *from, double *to, int n, P... p) {
  if constexpr (Steps > 1) {
    double *once = new double[n];
    newton_steps<F, Solve, 1>(matrix, from, once, n, p...);
    newton_steps<F, Solve, Steps - 1>(matrix, once, to, n, p...);
    delete[] once;
  } else {
    double *step = new double[n];
    F(from, p..., step);
    Solve(matrix, n, step);
    for (int i = 0; i < n; ++i)
      to[i] = from[i] - step[i];
    delete[] step;
  }
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

template <auto F, int Order, class Parameters> struct implicit_solution;
template <auto F, int Order, class... P> struct implicit_solution<F, Order, list<P...>> {
  static void dense(const double *found, double *x, int n, P... p) {
    accurate_to(Order, 0);
    unsigned long long *factors = new unsigned long long[n * n + n], *start = new unsigned long long[n];
    double *fixed = new double[n];
    keep_bits(found, n, start);
    for (int i = 0; i < n; ++i)
      fixed[i] = kept_real(start[i]);
    factorise_jacobian<F>(start, n, factors, p...);
    newton_steps<F, solve_factored, Order>(factors, fixed, x, n, p...);
    delete[] fixed;
    delete[] start;
    delete[] factors;
  }
  static void sparse(const double *found, double *x, int n, P... p);
};
/// Are these the parameters of the residual, between its unknowns and its results?
template <auto F, class... P> constexpr bool fits_residual() {
  constexpr bool fits = function<decltype(F)>::parameters::size == sizeof...(P) + 2;
  static_assert(
      fits, "nabla: the residual takes (x, p..., r): unknowns, the parameters that are given here behind the "
            "number of unknowns, residuals");
  return fits;
}
template <auto F, int Order>
using solution_of =
    implicit_solution<F, Order, typename parameters_of<typename function<decltype(F)>::parameters>::type>;

} // namespace detail

/// x becomes the solution of F(x, p..., r) = 0 near `found`, which solves it up to the solver's tolerance, as a function of p.
/// Both have n reals.
///
/// Note [Newton steps]: x := x - A^-1 F(x, p), twice from x0, with x0 and A = dF/dx(x0) held fixed. The value improves, and
/// the derivative of the first step in p is -A^-1 dF/dp, that of the implicit function theorem. Where p moves by h, A is wrong by
/// O(h): so each step multiplies the error in x, O(h) for x0, by h, and after two of them second derivatives are right as well.
/// For derivatives of third order three steps are taken, implicit<F, 3>, and so on; without them they are refused.
template <auto F, int Order = 2, class... P> void implicit(const double *found, double *x, int n, P... p) {
  static_assert(Order > 0, "nabla: implicit<F, Order>: derivatives up to which order are wanted, at least 1");
  if constexpr (detail::fits_residual<F, P...>())
    detail::solution_of<F, Order>::dense(found, x, n, p...);
}

#ifdef EIGEN_SPARSELU_MODULE_H
namespace detail {

/// The Jacobian that was found last, with its pattern.
template <auto F, class... P> csr &latest_jacobian() {
  static thread_local csr matrix;
  return matrix;
}
/// How many words it takes as bits: the number of entries, where rows begin, columns, values.
template <auto F, class... P>
[[nabla::inactive]] int find_sparse_jacobian(const unsigned long long *at, int n, P... p) {
  record memory;
  double *r = memory.zeros<double>(std::size_t(n)), *x = memory.array<double>(std::size_t(n));
  for (int i = 0; i < n; ++i)
    x[i] = kept_real(at[i]);
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

template <auto F, int Order, class... P>
void implicit_solution<F, Order, list<P...>>::sparse(const double *found, double *x, int n, P... p) {
  accurate_to(Order, 0);
  unsigned long long *start = new unsigned long long[n];
  double *fixed = new double[n];
  keep_bits(found, n, start);
  for (int i = 0; i < n; ++i)
    fixed[i] = kept_real(start[i]);
  const int words = find_sparse_jacobian<F>(start, n, p...);
  unsigned long long *matrix = new unsigned long long[words];
  take_sparse_jacobian<F>(matrix, p...);
  newton_steps<F, solve_sparse, Order>(matrix, fixed, x, n, p...);
  delete[] matrix;
  delete[] fixed;
  delete[] start;
}

} // namespace detail

/// implicit with sparse factors. Reverse sweeps factorise again if another matrix came in between.
template <auto F, int Order = 2, class... P>
void sparse_implicit(const double *found, double *x, int n, P... p) {
  if constexpr (detail::fits_residual<F, P...>())
    detail::solution_of<F, Order>::sparse(found, x, n, p...);
}
#else
/// implicit with sparse factors.
template <auto F, int Order = 2, class... P> void sparse_implicit(const double *, double *, int, P...) {
  static_assert(sizeof...(P) > 1000,
                "nabla: sparse_implicit solves with Eigen: write #include <Eigen/SparseLU> before "
                "#include <nabla/implicit.h>, or use nabla::implicit, which has dense factors");
}
#endif

} // namespace nabla
