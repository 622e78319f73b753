// Implicit functions: x(p), where residual(x, p) = 0. However x was found, its derivative is that of the solution; no iteration
// of the solver is differentiated or stored.
//
//   void residual(const double *x, const double *p, int n, double *r);     // unknowns first, residuals last
//
//   solve(found, p, n);                                    // [[nabla::inactive]]: Newton, a fixed-point loop, anything
//   nabla::implicit<residual>(found, x, n, p, n);          // x := found, as a function of what the residual takes in between
//
// Reverse mode solves one transposed system with the Jacobian at x, forward mode one system. First order only: a second
// derivative through a solution is refused. To be linked with libnabla.
#pragma once
#include "nabla.h"

namespace nabla {
namespace detail {

// Factors are kept as bits, for what they are made of carries no derivative here: see Note [One Newton step].

/// P A = L U of a row-major n x n matrix, with the rows' order behind: n * n + n words.
[[nabla::inactive]] void factorise(double *matrix, int n, unsigned long long *factors);
/// b := A^-1 b
void solve_factored(const unsigned long long *factors, int n, double *b);
[[nabla::pullback_of(solve_factored)]] void solve_factored_pb(const unsigned long long *factors, int n,
                                                              double *b, double *b_bar);
[[nabla::pushforward_of(solve_factored)]] void solve_factored_pf(const unsigned long long *factors, int n,
                                                                 double *b, double *b_dot);

template <auto F, class... P>
[[nabla::inactive]] void factorise_jacobian(const double *x, int n, unsigned long long *factors, P... p) {
  record memory;
  double *matrix = memory.zeros<double>(std::size_t(n) * std::size_t(n)),
         *r = memory.zeros<double>(std::size_t(n));
  nabla::jacobian<F, wrt<0>, of<int(sizeof...(P)) + 1>, batch<1>>(extents<2>(n, n), x, p..., r, matrix);
  factorise(matrix, n, factors);
}
[[nabla::inactive]] inline void copy_values(const double *from, int n, double *to) {
  for (int i = 0; i < n; ++i)
    to[i] = from[i];
}

} // namespace detail

/// x becomes the solution of F(x, p..., r) = 0 near `found`, which solves it up to the solver's tolerance, as a function of p.
/// Both have n reals.
///
/// Note [One Newton step]: x := x0 - A^-1 F(x0, p) with x0 and A = dF/dx(x0) held fixed. The value improves by one step of
/// Newton's method, and the derivative in p is -A^-1 dF/dp, that of the implicit function theorem.
template <auto F, class... P> void implicit(const double *found, double *x, int n, P... p) {
  unsigned long long *factors = new unsigned long long[n * n + n];
  double *fixed = new double[n], *step = new double[n];
  detail::copy_values(found, n, fixed);
  detail::factorise_jacobian<F>(fixed, n, factors, p...);
  F(fixed, p..., step);
  detail::solve_factored(factors, n, step);
  for (int i = 0; i < n; ++i)
    x[i] = fixed[i] - step[i];
  delete[] step;
  delete[] fixed;
  delete[] factors;
}

} // namespace nabla
