// Forward mode and higher orders: pushforward, hvp, derivative. Included by nabla.h.
//
//   auto [v, dot] = nabla::pushforward<f>(x, y, x_dot, y_dot);    // the derivative in the direction (x_dot, y_dot)
//   nabla::hvp<f>(x, n, direction, result);                       // result += Hessian * direction; returns f's value
//   nabla::gradient_and_hvp<f>(x, n, x_bar, direction, result);   // the same, and x_bar += gradient
//   nabla::derivative<g, 10>(x);                                  // the tenth derivative of g
//   nabla::pushforward<f, nabla::batch<4>>(x, y, x_dot, y_dot);   // four directions: tangents are nabla::lanes<double, 4>
#ifndef NABLA_NABLA_H
#include "nabla.h" // which includes this file at its place
#elif !defined(NABLA_FORWARD_H)
#define NABLA_FORWARD_H
#include "taylor.h"

namespace nabla {
namespace detail {

template <class B> inline constexpr bool is_batch = false;
template <int N> inline constexpr bool is_batch<batch<N>> = N > 0;
template <class B> inline constexpr int lanes_in = 0;
template <int N> inline constexpr int lanes_in<batch<N>> = N;

/// What may follow f in a request's template arguments: a choice of parameters, a batch, both or none.
template <class... Options> struct choose {
  static constexpr bool is_valid = sizeof...(Options) == 0;
  using by = wrt<>;
  static constexpr int lanes = 0;
};
template <class W> struct choose<W> {
  static constexpr bool is_valid = is_wrt<W> || is_batch<W>;
  using by = std::conditional_t<is_wrt<W>, W, wrt<>>;
  static constexpr int lanes = lanes_in<W>;
};
template <class W, class B> struct choose<W, B> {
  static constexpr bool is_valid = is_wrt<W> && is_batch<B>;
  using by = W;
  static constexpr int lanes = lanes_in<B>;
};

/// The number of leading template arguments that are options: a wrt, a batch. (Of function templates: nabla::hvp<f, wrt<0>>.)
template <class Mode, auto F, class W, class... A> typename plan<Mode, F, W>::result exactly(A &&...a) {
  using plan = plan<Mode, F, W>;
  if constexpr (is_sound<plan>()) {
    static_assert(
        sizeof...(A) == plan::all::size,
        "nabla: wrong number of arguments: pass the function's own (default arguments written out), then one "
        "tangent (hvp: a direction, then a result) for each parameter that is differentiated");
    if constexpr (sizeof...(A) == plan::all::size)
      return accumulate<Mode, F, W>(static_cast<A &&>(a)...);
  }
}

template <class Object, class Mode>
using result_of = typename plan<Mode, Object::function, typename Object::by>::result;

} // namespace detail

/// The value and its derivative along the tangents, which follow the function's own arguments: T for a parameter by value,
/// `const T *` for `const T *`, `T *` for `T *` (on exit: the tangent of what the function leaves there), references alike.
template <auto F, class... A, class Plan = detail::plan<detail::pushforward_mode, F, wrt<>>>
typename Plan::result pushforward(A &&...a) {
  return detail::exactly<detail::pushforward_mode, F, wrt<>>(static_cast<A &&>(a)...);
}
/// By chosen parameters (nabla::wrt), or several directions at once (nabla::batch<N>).
template <auto F, class O, class... A, std::enable_if_t<detail::choose<O>::is_valid, int> = 0,
          class Mode = detail::batch_pushforward_mode<detail::choose<O>::lanes>>
typename detail::plan<Mode, F, typename detail::choose<O>::by>::result pushforward(A &&...a) {
  return detail::exactly<Mode, F, typename detail::choose<O>::by>(static_cast<A &&>(a)...);
}
template <auto F, class W, class B, class... A, std::enable_if_t<detail::choose<W, B>::is_valid, int> = 0,
          class Mode = detail::batch_pushforward_mode<detail::choose<W, B>::lanes>>
typename detail::plan<Mode, F, W>::result pushforward(A &&...a) {
  return detail::exactly<Mode, F, W>(static_cast<A &&>(a)...);
}
/// nabla::pullback with N seeds at once: the seed is nabla::lanes<R, N>, and adjoints lead to such.
template <auto F, class B, class... A, std::enable_if_t<detail::is_batch<B>, int> = 0,
          class Mode = detail::batch_pullback_mode<detail::lanes_in<B>>>
typename detail::plan<Mode, F, wrt<>>::result pullback(A &&...a) {
  return detail::exactly<Mode, F, wrt<>>(static_cast<A &&>(a)...);
}
template <auto F, class W, class B, class... A,
          std::enable_if_t<detail::is_wrt<W> && detail::is_batch<B>, int> = 0,
          class Mode = detail::batch_pullback_mode<detail::lanes_in<B>>>
typename detail::plan<Mode, F, W>::result pullback(A &&...a) {
  return detail::exactly<Mode, F, W>(static_cast<A &&>(a)...);
}
/// Of an object whose operator() is neither overloaded nor a template.
template <class Fn, class... A, class Object = detail::object_of<0, Fn, wrt<>, A...>,
          std::enable_if_t<detail::has_one_call<Fn>, int> = 0>
detail::result_of<Object, detail::pushforward_mode> pushforward(Fn &&fn, A &&...a) {
  return detail::exactly<detail::pushforward_mode, Object::function, typename Object::by>(
      fn, static_cast<A &&>(a)...);
}

/// The value; adds the product of the Hessian and the directions into the results. After the function's own arguments come
/// one direction per differentiated parameter (as the tangents of pushforward), then one result (as the adjoints of gradient).
template <auto F, class... A, class Plan = detail::plan<detail::hvp_mode, F, wrt<>>>
typename Plan::result hvp(A &&...a) {
  return detail::exactly<detail::hvp_mode, F, wrt<>>(static_cast<A &&>(a)...);
}
template <auto F, class O, class... A, std::enable_if_t<detail::choose<O>::is_valid, int> = 0,
          class Mode = detail::batch_hvp_mode<detail::choose<O>::lanes>>
typename detail::plan<Mode, F, typename detail::choose<O>::by>::result hvp(A &&...a) {
  return detail::exactly<Mode, F, typename detail::choose<O>::by>(static_cast<A &&>(a)...);
}
template <auto F, class W, class B, class... A, std::enable_if_t<detail::choose<W, B>::is_valid, int> = 0,
          class Mode = detail::batch_hvp_mode<detail::choose<W, B>::lanes>>
typename detail::plan<Mode, F, W>::result hvp(A &&...a) {
  return detail::exactly<Mode, F, W>(static_cast<A &&>(a)...);
}

/// Both at once: adds the gradient into the adjoints, and the product of the Hessian and the directions into the results.
/// (args..., adjoints..., directions..., results...). For a parameter whose target the function writes, adjoint and result are
/// on entry those of the final value (zero for a plain gradient) and on exit those of the initial one, as for the gradient.
template <auto F, class... A, class Plan = detail::plan<detail::gradient_and_hvp_mode, F, wrt<>>>
typename Plan::result gradient_and_hvp(A &&...a) {
  return detail::exactly<detail::gradient_and_hvp_mode, F, wrt<>>(static_cast<A &&>(a)...);
}
template <auto F, class O, class... A, std::enable_if_t<detail::choose<O>::is_valid, int> = 0,
          class Mode = detail::batch_gradient_and_hvp_mode<detail::choose<O>::lanes>>
typename detail::plan<Mode, F, typename detail::choose<O>::by>::result gradient_and_hvp(A &&...a) {
  return detail::exactly<Mode, F, typename detail::choose<O>::by>(static_cast<A &&>(a)...);
}
template <auto F, class W, class B, class... A, std::enable_if_t<detail::choose<W, B>::is_valid, int> = 0,
          class Mode = detail::batch_gradient_and_hvp_mode<detail::choose<W, B>::lanes>>
typename detail::plan<Mode, F, W>::result gradient_and_hvp(A &&...a) {
  return detail::exactly<Mode, F, W>(static_cast<A &&>(a)...);
}

namespace detail {

/// The one differentiated parameter is a real by value.
template <class> inline constexpr bool is_one_real = false;
template <class P> inline constexpr bool is_one_real<list<P>> = std::is_floating_point_v<P>;

template <auto F, int N, class W, class... A>
typename plan<derivative_mode<N>, F, W>::result derivative(A &&...a) {
  using plan = plan<derivative_mode<N>, F, W>;
  static_assert(N >= 1, "nabla: the order of a derivative is at least 1");
  if constexpr (is_sound<plan>()) {
    static_assert(
        is_one_real<typename plan::differentiated>,
        "nabla: derivative<f, n> is by one real that is passed by value; choose it with nabla::wrt");
    static_assert(sizeof...(A) == plan::all::size,
                  "nabla: wrong number of arguments: pass the function's own, default arguments written out");
    if constexpr (is_one_real<typename plan::differentiated> && sizeof...(A) == plan::all::size)
      return accumulate<derivative_mode<N>, F, W>(static_cast<A &&>(a)...);
  }
}

} // namespace detail

/// The N-th derivative by the one real parameter, or by the one that is chosen: nabla::derivative<f, 3, nabla::wrt<1>>(a, x).
template <auto F, int N, class W = wrt<>, class... A,
          class Plan = detail::plan<detail::derivative_mode<N>, F, W>>
typename Plan::result derivative(A &&...a) {
  return detail::derivative<F, N, W>(static_cast<A &&>(a)...);
}

} // namespace nabla

#endif
