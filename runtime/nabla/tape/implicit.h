// Implicit functions as single nodes: linear systems and fixed points. Part of nabla/tape.h.
#pragma once
#include "nodes.h"

namespace nabla::dynamic {

namespace detail {

template <class T> double magnitude(const T &x) {
  if constexpr (std::is_arithmetic_v<T>)
    return std::fabs(static_cast<double>(x));
  else if constexpr (is_expression<T>)
    return magnitude(x.value());
  else
    return magnitude(x.value);
}

/// Gaussian elimination with partial pivoting, on any scalar; a (row-major) and b are overwritten, b by the solution.
template <class T> void eliminate(std::size_t n, std::vector<T> &a, std::vector<T> &b) {
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k + 1; i < n; ++i)
      if (magnitude(a[i * n + k]) > magnitude(a[pivot * n + k]))
        pivot = i;
    if (!(magnitude(a[pivot * n + k]) > 0))
      throw std::domain_error("nabla: the matrix of a linear system is singular");
    for (std::size_t j = 0; pivot != k && j < n; ++j)
      std::swap(a[k * n + j], a[pivot * n + j]);
    std::swap(b[k], b[pivot]);
    for (std::size_t i = k + 1; i < n; ++i) {
      const T factor = a[i * n + k] / a[k * n + k];
      for (std::size_t j = k + 1; j < n; ++j)
        a[i * n + j] -= factor * a[k * n + j];
      b[i] -= factor * b[k];
    }
  }
  for (std::size_t k = n; k-- > 0;) {
    for (std::size_t j = k + 1; j < n; ++j)
      b[k] -= a[k * n + j] * b[j];
    b[k] /= a[k * n + k];
  }
}

template <class T> std::vector<T> solve_any(const std::vector<T> &a, const std::vector<T> &b);

template <class T> std::vector<T> transpose(std::size_t n, const std::vector<T> &a) {
  std::vector<T> t(a.size());
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      t[j * n + i] = a[i * n + j];
  return t;
}

/// primal: x = A^-1 b    adjoint: b_bar += A^-T x_bar; A_bar -= (A^-T x_bar) x^T    tangent: x_dot = A^-1 (b_dot - A_dot x)
template <class T> struct solve_node : typed_node<T> {
  std::vector<T> a, x; // inputs: a, then b
  solve_node(std::vector<T> a_, std::vector<T> x_) : a(std::move(a_)), x(std::move(x_)) {}
  const char *name() const override { return "solve"; }
  std::size_t bytes() const override { return (a.capacity() + x.capacity()) * sizeof(T); }
  void reverse(const T *x_bar, T *inputs_bar) override {
    const std::size_t n = x.size();
    const std::vector<T> b_bar = solve_any(transpose(n, a), std::vector<T>(x_bar, x_bar + n));
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j)
        inputs_bar[i * n + j] -= b_bar[i] * x[j];
      inputs_bar[n * n + i] += b_bar[i];
    }
  }
  void forward(const T *inputs_dot, T *x_dot) override {
    const std::size_t n = x.size();
    std::vector<T> right(inputs_dot + n * n, inputs_dot + n * n + n);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j)
        right[i] -= inputs_dot[i * n + j] * x[j];
    right = solve_any(a, right);
    for (std::size_t i = 0; i < n; ++i)
      x_dot[i] = right[i];
  }
};

} // namespace detail

/// x with A x = b: one node, whose sweep solves with the transposed matrix. A is n x n, row-major. Throws
/// std::domain_error for a singular matrix, std::invalid_argument for sizes that do not fit.
template <class T>
std::vector<basic_var<T>> solve(const std::vector<basic_var<T>> &a, const std::vector<basic_var<T>> &b) {
  if (a.size() != b.size() * b.size())
    throw std::invalid_argument("nabla: solve needs an n x n matrix and a right-hand side of n elements");
  std::vector<T> matrix = detail::values_of(a);
  std::vector<T> x = detail::solve_any(matrix, detail::values_of(b));
  std::vector<basic_var<T>> inputs = a;
  inputs.insert(inputs.end(), b.begin(), b.end());
  const std::vector<T> result = x;
  return detail::add_typed_node<T>(std::make_unique<detail::solve_node<T>>(std::move(matrix), std::move(x)),
                                   inputs, result);
}

namespace detail {

/// On an outer tape's values this is a node of the tape below, so any order of derivative works.
template <class T> std::vector<T> solve_any(const std::vector<T> &a, const std::vector<T> &b) {
  if constexpr (is_expression<T>) {
    return solve(a, b);
  } else {
    std::vector<T> matrix = a, x = b;
    eliminate(b.size(), matrix, x);
    return x;
  }
}

/// x + (I - g_x)^-1 (g(x, p) - x) in the arithmetic of T: at a fixed point of the values it has T's derivatives right, one
/// order more with each call.
template <class T, class G>
std::vector<T> newton_step(const G &g, const std::vector<T> &x, const std::vector<T> &p);

/// The Jacobians of g at (x, p): rows of outputs; columns of x, then of p.
template <class T, class G>
std::vector<T> step_jacobian(const G &g, const std::vector<T> &x, const std::vector<T> &p) {
  basic_tape<T> tape;
  std::vector<basic_var<T>> all = passive(x);
  all.insert(all.end(), p.begin(), p.end());
  tape.watch(all);
  const std::vector<basic_var<T>> vx(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(x.size()));
  const std::vector<basic_var<T>> vp(all.begin() + static_cast<std::ptrdiff_t>(x.size()), all.end());
  const std::vector<basic_var<T>> y = g(vx, vp);
  return tape.jacobian(y, all);
}
/// I - g_x from the rows that step_jacobian returns.
template <class T>
std::vector<T> residual_matrix(std::size_t n, std::size_t columns, const std::vector<T> &j) {
  std::vector<T> m(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < n; ++k)
      m[i * n + k] = T(i == k ? 1 : 0) - j[i * columns + k];
  return m;
}

template <class T, class G>
std::vector<T> newton_step(const G &g, const std::vector<T> &x, const std::vector<T> &p) {
  const std::size_t n = x.size();
  const std::vector<T> j = step_jacobian(g, x, p);
  std::vector<T> y = g(x, p);
  for (std::size_t i = 0; i < n; ++i)
    y[i] -= x[i];
  y = solve_any(residual_matrix(n, n + p.size(), j), y);
  for (std::size_t i = 0; i < n; ++i)
    y[i] += x[i];
  return y;
}

/// primal: x = g(x, p)    adjoint: p_bar += g_p^T (I - g_x)^-T x_bar    tangent: x_dot = (I - g_x)^-1 g_p p_dot
template <class T> struct fixed_point_node : typed_node<T> {
  std::size_t n;
  std::vector<T> jacobian; // n rows, of g by x, then by p
  fixed_point_node(std::size_t n_, std::vector<T> j) : n(n_), jacobian(std::move(j)) {}
  const char *name() const override { return "fixed_point"; }
  std::size_t bytes() const override { return jacobian.capacity() * sizeof(T); }
  std::size_t columns() const { return n + this->inputs.size(); }
  void reverse(const T *x_bar, T *p_bar) override {
    const std::vector<T> w =
        solve_any(transpose(n, residual_matrix(n, columns(), jacobian)), std::vector<T>(x_bar, x_bar + n));
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t k = 0; k < this->inputs.size(); ++k)
        p_bar[k] += w[i] * jacobian[i * columns() + n + k];
  }
  void forward(const T *p_dot, T *x_dot) override {
    std::vector<T> right(n, T(0));
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t k = 0; k < this->inputs.size(); ++k)
        right[i] += jacobian[i * columns() + n + k] * p_dot[k];
    right = solve_any(residual_matrix(n, columns(), jacobian), right);
    for (std::size_t i = 0; i < n; ++i)
      x_dot[i] = right[i];
  }
};

} // namespace detail

/// When a fixed point has been found.
struct fixed_point_options {
  double tolerance = 1e-14; ///< on |g(x, p) - x| / (1 + |x|), element by element
  unsigned most_steps = 1000;
};

/// x with x = g(x, p), found by repeating g from `start`: one node, whatever the number of steps. g is generic:
/// `[](const auto &x, const auto &p)` takes and returns std::vectors of numbers or variables. Throws
/// std::runtime_error if it does not converge.
template <class T, class G>
std::vector<basic_var<T>> fixed_point(const G &g, const std::vector<double> &start,
                                      const std::vector<basic_var<T>> &p, fixed_point_options options = {});

namespace detail {

/// The fixed point with the derivatives that T carries.
template <class T, class G>
std::vector<T> fixed_point_values(const G &g, const std::vector<double> &start, const std::vector<T> &p,
                                  const fixed_point_options &options) {
  if constexpr (is_expression<T>) {
    return fixed_point(g, start, p, options);
  } else if constexpr (std::is_arithmetic_v<T>) {
    std::vector<T> x(start.begin(), start.end());
    for (unsigned step = 0; step < options.most_steps; ++step) {
      std::vector<T> y = g(static_cast<const std::vector<T> &>(x), p);
      bool is_close = true;
      for (std::size_t i = 0; i < x.size(); ++i)
        is_close &= std::fabs(y[i] - x[i]) <= options.tolerance * (1 + std::fabs(x[i]));
      x = std::move(y);
      if (is_close)
        return x;
    }
    throw std::runtime_error("nabla: fixed_point did not converge; raise most_steps or tolerance");
  } else {
    using inner = decltype(T::value);
    std::vector<inner> inner_p;
    for (const T &one : p)
      inner_p.push_back(one.value);
    const std::vector<inner> values = fixed_point_values(g, start, inner_p, options);
    std::vector<T> x(values.begin(), values.end());
    return newton_step(g, x, p);
  }
}

} // namespace detail

template <class T, class G>
std::vector<basic_var<T>> fixed_point(const G &g, const std::vector<double> &start,
                                      const std::vector<basic_var<T>> &p, fixed_point_options options) {
  const std::vector<T> parameters = detail::values_of(p);
  const std::vector<T> x = detail::fixed_point_values(g, start, parameters, options);
  std::vector<T> j = detail::step_jacobian(g, x, parameters);
  return detail::add_typed_node<T>(std::make_unique<detail::fixed_point_node<T>>(x.size(), std::move(j)), p,
                                   x);
}

} // namespace nabla::dynamic
