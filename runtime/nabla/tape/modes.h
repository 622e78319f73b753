// Derivatives of a generic callable in one call each. Part of nabla/tape.h.
//
//   auto f = [](const auto &x) { return x[0] * exp(x[1]); };
//   std::vector<double> g = nabla::dynamic::gradient(f, {1, 2});
//
// f takes a const std::vector<V> & and returns a V, or for jacobian a std::vector<V>, for any variable type V. Each call
// records on a tape of its own.
#pragma once
#include "../dual.h"
#include "tape.h"

namespace nabla::dynamic {

namespace detail {
template <class T, class U>
std::vector<T> watched(basic_tape<typename T::scalar> &tape, const std::vector<U> &x) {
  std::vector<T> v(x.begin(), x.end());
  tape.watch(v);
  return v;
}
} // namespace detail

/// The value and the gradient.
template <class F>
std::pair<double, std::vector<double>> value_and_gradient(const F &f, const std::vector<double> &x) {
  basic_tape<double> tape;
  const auto v = detail::watched<basic_var<double>>(tape, x);
  const basic_var<double> y = f(v);
  return {y.value(), tape.gradient(y, v)};
}
template <class F> std::vector<double> gradient(const F &f, const std::vector<double> &x) {
  return value_and_gradient(f, x).second;
}

/// Row-major, outputs x inputs.
template <class F> std::vector<double> jacobian(const F &f, const std::vector<double> &x) {
  basic_tape<double> tape;
  const auto v = detail::watched<basic_var<double>>(tape, x);
  const std::vector<basic_var<double>> y = f(v);
  return tape.jacobian(y, v);
}

/// The gradient, and the Hessian times a direction: a tape over duals.
template <class F>
std::pair<std::vector<double>, std::vector<double>> hvp(const F &f, const std::vector<double> &x,
                                                        const std::vector<double> &direction) {
  using D = basic_dual<double>;
  if (x.size() != direction.size())
    throw std::invalid_argument("nabla: hvp needs a direction of the argument's size");
  std::vector<D> with_direction;
  for (std::size_t i = 0; i < x.size(); ++i)
    with_direction.push_back(D(x[i], direction[i]));
  basic_tape<D> tape;
  const auto v = detail::watched<basic_var<D>>(tape, with_direction);
  const basic_var<D> y = f(v);
  std::pair<std::vector<double>, std::vector<double>> result;
  for (const D &g : tape.gradient(y, v)) {
    result.first.push_back(g.value);
    result.second.push_back(g.dot);
  }
  return result;
}

/// n x n, row-major: f is recorded once, its gradient is swept on a second tape.
template <class F> std::vector<double> hessian(const F &f, const std::vector<double> &x) {
  basic_tape<double> inner;
  const auto v = detail::watched<basic_var<double>>(inner, x);
  std::vector<basic_var<double>> g;
  {
    basic_tape<basic_var<double>> outer;
    const auto w = detail::watched<basic_var<basic_var<double>>>(outer, v);
    const basic_var<basic_var<double>> y = f(w);
    g = outer.gradient(y, w);
  }
  return inner.jacobian(g, v);
}

} // namespace nabla::dynamic
