// Derivatives of functions of tensors: jacobian, hessian, vjp, jvp, hvp, vhp, vmap, checkpoint.
//
// A function takes one `const Tensor &` or a `const std::vector<Tensor> &`, and gives a Tensor or a vector of them. Results come in the
// form of the function: a tensor for a tensor, a list for a list.
//
//   Tensor h = functional::hessian([](const Tensor &x) { return x.pow(3).sum(); }, tensor({1.0, 2.0}));
#ifndef NABLA_TENSOR_FUNCTIONAL_H
#define NABLA_TENSOR_FUNCTIONAL_H

#include "autograd.h"
#include "functions.h"

#include <utility>

namespace nabla {
namespace functional {

using List = std::vector<Tensor>;
using ListFunction = std::function<List(const List &)>;

namespace detail {
inline List as_list(const Tensor &t) { return {t}; }
inline List as_list(List l) { return l; }
/// Any function as one from list to list.
template <class F> ListFunction as_function(F f) {
  if constexpr (std::is_invocable_v<F &, const Tensor &>)
    return [f](const List &x) mutable { return as_list(f(x.at(0))); };
  else
    return [f](const List &x) mutable { return as_list(f(x)); };
}
std::vector<List> jacobian(const ListFunction &f, const List &x, bool create_graph);
std::vector<List> hessian(const ListFunction &f, const List &x, bool create_graph);
std::pair<List, List> vjp(const ListFunction &f, const List &x, const List &v, bool create_graph);
std::pair<List, List> jvp(const ListFunction &f, const List &x, const List &v, bool create_graph);
std::pair<Tensor, List> hvp(const ListFunction &f, const List &x, const List &v, bool create_graph);
std::pair<Tensor, List> vhp(const ListFunction &f, const List &x, const List &v, bool create_graph);
List vmap(const ListFunction &f, const List &x);
List checkpoint(const ListFunction &f, const List &x);
} // namespace detail

/// All derivatives of f(x): sizes of the result, then those of x. Of lists: [result][argument]. One backward sweep per element of
/// the result.
template <class F> Tensor jacobian(F f, const Tensor &x, bool create_graph = false) {
  return detail::jacobian(detail::as_function(std::move(f)), {x}, create_graph)[0][0];
}
template <class F> std::vector<List> jacobian(F f, const List &x, bool create_graph = false) {
  return detail::jacobian(detail::as_function(std::move(f)), x, create_graph);
}
/// Second derivatives of a function with one element: sizes of x twice. Of lists: [argument][argument].
template <class F> Tensor hessian(F f, const Tensor &x, bool create_graph = false) {
  return detail::hessian(detail::as_function(std::move(f)), {x}, create_graph)[0][0];
}
template <class F> std::vector<List> hessian(F f, const List &x, bool create_graph = false) {
  return detail::hessian(detail::as_function(std::move(f)), x, create_graph);
}
/// (f(x), v^T J): v has the shape of the result; none means 1 for a result of one element.
template <class F>
std::pair<Tensor, Tensor> vjp(F f, const Tensor &x, const Tensor &v = {}, bool create_graph = false) {
  auto r = detail::vjp(detail::as_function(std::move(f)), {x}, {v}, create_graph);
  return {r.first.at(0), r.second.at(0)};
}
template <class F> std::pair<List, List> vjp(F f, const List &x, const List &v, bool create_graph = false) {
  return detail::vjp(detail::as_function(std::move(f)), x, v, create_graph);
}
/// (f(x), J v): v has the shape of x. Two backward sweeps.
template <class F>
std::pair<Tensor, Tensor> jvp(F f, const Tensor &x, const Tensor &v, bool create_graph = false) {
  auto r = detail::jvp(detail::as_function(std::move(f)), {x}, {v}, create_graph);
  return {r.first.at(0), r.second.at(0)};
}
template <class F> std::pair<List, List> jvp(F f, const List &x, const List &v, bool create_graph = false) {
  return detail::jvp(detail::as_function(std::move(f)), x, v, create_graph);
}
/// (f(x), H v) of a function with one element.
template <class F>
std::pair<Tensor, Tensor> hvp(F f, const Tensor &x, const Tensor &v, bool create_graph = false) {
  auto r = detail::hvp(detail::as_function(std::move(f)), {x}, {v}, create_graph);
  return {r.first, r.second.at(0)};
}
template <class F> std::pair<Tensor, List> hvp(F f, const List &x, const List &v, bool create_graph = false) {
  return detail::hvp(detail::as_function(std::move(f)), x, v, create_graph);
}
/// (f(x), v^T H): as hvp for functions with continuous second derivatives, and cheaper.
template <class F>
std::pair<Tensor, Tensor> vhp(F f, const Tensor &x, const Tensor &v, bool create_graph = false) {
  auto r = detail::vhp(detail::as_function(std::move(f)), {x}, {v}, create_graph);
  return {r.first, r.second.at(0)};
}
template <class F> std::pair<Tensor, List> vhp(F f, const List &x, const List &v, bool create_graph = false) {
  return detail::vhp(detail::as_function(std::move(f)), x, v, create_graph);
}
/// f over the entries of the first dimension, results stacked in a new first dimension: vmap(f)(x). Lists: all in step.
template <class F> auto vmap(F f) {
  return [f = std::move(f)](const auto &x) {
    if constexpr (std::is_same_v<std::decay_t<decltype(x)>, Tensor>)
      return detail::vmap(detail::as_function(f), {x}).at(0);
    else
      return detail::vmap(detail::as_function(f), x);
  };
}
/// f(x) without keeping what its inside saves for backward: it is computed again when backward first needs it. Derivatives with respect to
/// tensors that f captures come out too. f must give the same again (random numbers included).
template <class F> Tensor checkpoint(F f, const Tensor &x) {
  return detail::checkpoint(detail::as_function(std::move(f)), {x}).at(0);
}
template <class F> List checkpoint(F f, const List &x) {
  return detail::checkpoint(detail::as_function(std::move(f)), x);
}

} // namespace functional
} // namespace nabla

#endif
