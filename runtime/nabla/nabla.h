// Nabla: derivatives of C++ functions, generated at compile time by the plugin or by the tool. What a user
// includes.
//
//   [[nabla::gradient]] double f(double x, double y);          // declares f_grad(x, y, double *x_bar, double
//   *y_bar) double v = nabla::gradient<f>(x, y, &x_bar, &y_bar);       // the same without a mark; adds into
//   the adjoints auto [dx, dy] = nabla::gradient<f>(x, y);                  // value form: all differentiated
//   parameters are values auto [v, g] = nabla::value_and_gradient<f>(x, y); nabla::gradient<f,
//   nabla::wrt<0>>(x, y, &x_bar);           // by chosen parameters only nabla::gradient(lambda, 2.0); // any
//   object with operator() nabla::pullback<f>(x, y, seed, &x_bar, &y_bar);            // a seed for the
//   result, if it holds reals
//
// Every function below checks its arguments' types and forwards to `nabla::detail::request<...>::call`, which
// is only declared here: the plugin, or text written by the tool, defines it. Without them, the linker names
// it.
#pragma once
#define NABLA_NABLA_H
#include "blocks.h"
#include "checkpoint.h"
#include "dispatch.h"
#include "elements.h"
#include "math.h"
#include "owners.h"
#include "record.h"
#include "types.h"
#include <cmath>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

// A compiler without the plugin need not know our attributes. (With it, a mistyped one is worth a warning.)
#if __has_cpp_attribute(nabla::gradient)
#define NABLA_PLUGIN_IS_LOADED
#elif defined(__clang__)
#pragma clang diagnostic ignored "-Wunknown-attributes"
#elif defined(__GNUC__) && __GNUC__ >= 12
#pragma GCC diagnostic ignored_attributes "nabla::"
#elif defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wattributes"
#endif

namespace nabla {
namespace detail {

/// What a gradient is in the value form: one adjoint, or a tuple of them. `void` where there is no value
/// form.
template <bool HasValueForm, class... D> struct gradient_of {
  using type = std::tuple<adjoint_t<plain<D>>...>;
};
template <class D> struct gradient_of<true, D> {
  using type = adjoint_t<plain<D>>;
};
template <class... D> struct gradient_of<false, D...> {
  using type = void;
};

/// The differentiated ones among the parameters P, the object last, and what follows from them.
template <class W, long First, class Indices, class... P> struct selection;
template <class W, long First, std::size_t... I, class... P>
struct selection<W, First, std::index_sequence<I...>, P...> {
  template <class Q, bool Take> using one = std::conditional_t<Take, list<Q>, list<>>;
  template <long Index, class Q> static constexpr bool takes = is_chosen<Q>(Index, W{});
  using type = typename join<one<P, First + long(I) != -1 && takes<First + long(I), P>>...,
                             one<P, First + long(I) == -1 && takes<First + long(I), P>>...>::type;
  static constexpr bool taken[] = {takes<First + long(I), P>..., false}; ///< per parameter
  static constexpr bool has_rvalue_reference = (std::is_rvalue_reference_v<P> || ...);
  static constexpr bool is_in_range = in_range(First, First + long(sizeof...(P)), W{});
  static constexpr bool all_hold_reals = ((!takes<First + long(I), P> || holds_reals<P>) && ...);
};

/// Everything about one request that follows from types: parameters, seed, adjoints. Checks nothing.
template <class Mode, auto F, class W> struct plan {
  using callee = function<decltype(F)>;
  using primal_result = typename callee::result;
  using result = typename mode_shape<Mode>::template result<primal_result>;
  using primals = typename callee::parameters;
  static constexpr bool is_gradient = std::is_same_v<Mode, gradient_mode>;
  static constexpr bool is_pullback = seed_of<Mode>::is_there;
  static constexpr bool is_pushforward =
      !std::is_same_v<typename mode_shape<Mode>::template result<double>, double>;

  template <class> struct lists;
  template <class... P> struct lists<list<P...>> {
    using chosen = selection<W, callee::is_method ? -1 : 0, std::make_index_sequence<sizeof...(P)>, P...>;
    using adjoints = typename mode_shape<Mode>::template after<P...>;
    static constexpr bool has_value_form = sizeof...(P) > 0 && (is_value<P> && ...) &&
                                           !std::is_void_v<result>;
    using gradient = typename gradient_of<has_value_form, P...>::type;
    template <class R> using signature = R(P...);
  };
  using selected = typename lists<primals>::chosen;
  using differentiated = typename selected::type;
  using of_differentiated = lists<differentiated>;
  using gradient = typename of_differentiated::gradient;
  static constexpr bool has_value_form = of_differentiated::has_value_form;

  template <class R, bool HasSeed = is_pullback && holds_reals<R>> struct seed {
    using type = list<>;
  };
  template <class R> struct seed<R, true> {
    using type = list<tangent_t<adjoint_t<R>, seed_of<Mode>::lanes>>;
  };
  using all = std::conditional_t<
      std::is_same_v<Mode, names_mode>, list<>,
      typename join<primals, typename seed<result>::type, typename of_differentiated::adjoints>::type>;
  using signature = typename lists<all>::template signature<result>;
};

/// Says in words what is wrong with a request.
template <class Plan> constexpr bool is_sound() {
  static_assert(Plan::callee::is_known, "nabla: this is not a function or method that can be differentiated");
  static_assert(!Plan::selected::has_rvalue_reference,
                "nabla: a parameter is an rvalue reference (&&); take it by value or by reference");
  static_assert(Plan::selected::is_in_range, "nabla: wrt names a parameter that this function does not have");
  static_assert(Plan::selected::all_hold_reals, "nabla: wrt names a parameter that holds no reals");
  static_assert(!Plan::callee::is_known || !Plan::selected::is_in_range || Plan::differentiated::size > 0,
                "nabla: no parameter to differentiate by: none holds reals (floating-point numbers)");
  using result = typename Plan::primal_result;
  static_assert(
      !Plan::is_gradient || std::is_void_v<result> || std::is_floating_point_v<result> || is_handle<result>,
      "nabla: a gradient needs a function that returns a real or nothing; use nabla::pullback with a seed");
  static_assert(Plan::is_gradient || Plan::is_pullback || Plan::is_pushforward ||
                    std::is_floating_point_v<result>,
                "nabla: second and higher derivatives need a function that returns a real");
  return Plan::callee::is_known && !Plan::selected::has_rvalue_reference && Plan::selected::is_in_range &&
         Plan::differentiated::size > 0;
}

/// What the plugin or the tool's text defines: `template <> double request<gradient_mode, &f,
/// wrt<>>::call(...) {...}`. The fourth parameter follows from the others; it holds call's type.
template <class Mode, auto F, class W, class Signature = typename plan<Mode, F, W>::signature> struct request;
#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wundefined-internal"
#endif
template <class Mode, auto F, class W, class R, class... T> struct request<Mode, F, W, R(T...)> {
  static R call(T...);
};
#if defined(__clang__)
#pragma clang diagnostic pop
#endif

#ifdef NABLA_PLUGIN_IS_LOADED
template <class Mode, auto F, class W> using entry = request<Mode, F, W>;
#else
// No text can name a lambda, so no other file can define its gradient, and compilers say so in many words.
// Instead, such a program compiles, and does not link.
[[noreturn]] void lambda_needs_the_nabla_plugin();
template <class R> struct lambda_entry {
  template <class... T> static R call(const T &...) { lambda_needs_the_nabla_plugin(); }
};
template <class F> constexpr bool names_a_lambda() {
  constexpr const char *name = __PRETTY_FUNCTION__;
  for (const char *c = name; *c; ++c)
    if (c[1] == 'l' && c[2] == 'a' && c[3] == 'm' && c[4] == 'b' && c[5] == 'd' && c[6] == 'a' &&
        ((c[0] == '<' && c[7] == '(') || (c[0] == '(' && c[7] == ' ')))
      return true;
  return false;
}
template <class Mode, auto F, class W>
using entry = std::conditional_t<names_a_lambda<decltype(F)>(),
                                 lambda_entry<typename plan<Mode, F, W>::result>, request<Mode, F, W>>;
#endif

/// Fails to compile where an argument does not fit; the type's arguments say which one, and what was
/// expected.
template <std::size_t Number, class Given, class Expected, bool Fits> struct argument {
  static_assert(Fits, "nabla: an argument has the wrong type for its parameter or adjoint: see "
                      "argument<its number from 0, type given, type expected, false>");
};
template <class Given, class Expected, class I = std::make_index_sequence<Given::size>> struct arguments;
template <class... G, class... E, std::size_t... I>
struct arguments<list<G...>, list<E...>, std::index_sequence<I...>>
    : argument<I, G, E, std::is_convertible_v<G, E>>... {};
template <class Given, class Expected> inline constexpr bool fit = false;
template <class... G, class... E>
inline constexpr bool fit<list<G...>, list<E...>> = std::conjunction_v<std::is_convertible<G, E>...>;

/// A zero to add into, made for one call of the value form.
template <class P> struct zeroed {
  using type = adjoint_t<plain<P>>;
  static constexpr bool is_plain = std::is_trivially_copyable_v<type> || holds_bytes<type>;
  static_assert(
      (is_plain || is_handle<type> || has_value_type<type>::value) && std::is_default_constructible_v<type>,
      "nabla: the value form makes adjoints of reals, containers and plain structs only; pass the adjoints");
  type bar{}; ///< a container's is given its size by the generated function
  zeroed() {
    if constexpr (std::is_class_v<type> && is_plain) // members may have other initial values
      __builtin_memset(static_cast<void *>(&bar), 0, sizeof bar);
  }
  typename adjoint_parameter<P>::type pass() {
    if constexpr (std::is_reference_v<P>)
      return bar;
    else
      return &bar;
  }
};

/// primal arguments, seed, adjoints: straight to the generated function.
template <class Mode, auto F, class W, class... A> typename plan<Mode, F, W>::result accumulate(A &&...a) {
  using expected = typename plan<Mode, F, W>::all;
  if constexpr (fit<list<A &&...>, expected>)
    return entry<Mode, F, W>::call(static_cast<A &&>(a)...);
  else [[maybe_unused]]
    arguments<list<A &&...>, expected> mismatch;
}

template <class Value, class Gradient> struct pair_of {
  using type = std::pair<Value, Gradient>;
};
template <class Value> struct pair_of<Value, void> {
  using type = void;
};
template <class Plan>
using value_and_gradient_t = typename pair_of<typename Plan::result, typename Plan::gradient>::type;

template <auto F, class W, class Plan, class... D, class... A>
value_and_gradient_t<Plan> value_form(list<D...>, A &&...a) {
  auto run = [&](zeroed<D> &...z) -> value_and_gradient_t<Plan> {
    auto value = entry<gradient_mode, F, W>::call(static_cast<A &&>(a)..., z.pass()...);
    return {value, typename Plan::gradient(z.bar...)};
  };
  if constexpr (sizeof...(D) == 1) {
    zeroed<D...> zero;
    return run(zero);
  } else {
    std::tuple<zeroed<D>...> zeros;
    return std::apply(run, zeros);
  }
}

template <auto F, class W, class Result, class... A> Result value_and_gradient(A &&...a) {
  using plan = plan<gradient_mode, F, W>;
  if constexpr (is_sound<plan>()) {
    static_assert(plan::has_value_form,
                  "nabla: the value form needs a real result, and parameters that are values; "
                  "pass the adjoints as well");
    static_assert(sizeof...(A) == plan::primals::size,
                  "nabla: wrong number of arguments: pass the function's own, default arguments written out");
    if constexpr (plan::has_value_form && sizeof...(A) == plan::primals::size) {
      if constexpr (fit<list<A &&...>, typename plan::primals>)
        return value_form<F, W, plan>(typename plan::differentiated{}, static_cast<A &&>(a)...);
      else [[maybe_unused]]
        arguments<list<A &&...>, typename plan::primals> mismatch;
    }
  }
}

/// Accumulating or value form, by the number of arguments.
template <auto F, class W, class Result, class... A> Result gradient(A &&...a) {
  using plan = plan<gradient_mode, F, W>;
  if constexpr (is_sound<plan>()) {
    if constexpr (sizeof...(A) == plan::all::size)
      return accumulate<gradient_mode, F, W>(static_cast<A &&>(a)...);
    else if constexpr (sizeof...(A) == plan::primals::size && plan::has_value_form)
      return value_and_gradient<F, W, value_and_gradient_t<plan>>(static_cast<A &&>(a)...).second;
    else if constexpr (sizeof...(A) == plan::primals::size)
      static_assert(never<plan>,
                    "nabla: the value form needs a real result, and parameters that are values; pass the "
                    "adjoints as well");
    else
      static_assert(never<plan>,
                    "nabla: wrong number of arguments: pass the function's own (default arguments written "
                    "out), then either all adjoints or none");
  }
}
template <class Plan, std::size_t Arguments>
using gradient_result =
    std::conditional_t<Arguments == Plan::all::size, typename Plan::result, typename Plan::gradient>;

template <auto F, class W, class... A> typename plan<pullback_mode, F, W>::result pullback(A &&...a) {
  using plan = plan<pullback_mode, F, W>;
  if constexpr (is_sound<plan>()) {
    static_assert(sizeof...(A) == plan::all::size, "nabla: wrong number of arguments: pass the function's "
                                                   "own (default arguments written out), a seed if "
                                                   "the result holds reals, then all adjoints");
    if constexpr (sizeof...(A) == plan::all::size)
      return accumulate<pullback_mode, F, W>(static_cast<A &&>(a)...);
  }
}

// ---- Objects with operator() ----
// One that is neither generic nor overloaded is a method. Otherwise the call with the given argument types is
// made a function of its own, `invocation::run`, whose first parameter is the object.

template <class Fn, class... A> struct invocation {
  static auto run(Fn &fn, A... a) { return fn(a...); }
};

template <auto... P, auto... Q> constexpr wrt<P..., Q...> operator+(wrt<P...>, wrt<Q...>) { return {}; }
/// A choice among run's parameters: those after the object; without a choice, all of them that hold reals.
template <class W, class Indices, class... A> struct shifted;
template <std::size_t... I, class... A> struct shifted<wrt<>, std::index_sequence<I...>, A...> {
  using type = decltype((wrt<>{} + ... + std::conditional_t<holds_reals<A>, wrt<int(I) + 1>, wrt<>>{}));
};
template <auto First, auto... P, class Indices, class... A> struct shifted<wrt<First, P...>, Indices, A...> {
  using type = wrt<int(index_of<First>() + 1), int(index_of<P>() + 1)...>;
};

template <class Fn, class = void> inline constexpr bool has_one_call = false;
template <class Fn>
inline constexpr bool has_one_call<Fn, std::void_t<decltype(&plain<Fn>::operator())>> = true;

/// The function that stands for a call of Fn, and the choice of its parameters.
template <bool HasOneCall, class Fn, class W, class Primals, class Given> struct object;
template <class Fn, class W, class Primals, class Given> struct object<true, Fn, W, Primals, Given> {
  static constexpr bool is_known = true;
  static constexpr auto function = &plain<Fn>::operator();
  using by = W;
};
template <class Fn, class W, std::size_t... I, class... A>
struct object<false, Fn, W, std::index_sequence<I...>, list<A...>> {
  static constexpr bool is_known = true;
  using types = std::tuple<std::decay_t<A>...>;
  static constexpr auto function = &invocation<Fn, std::tuple_element_t<I, types>...>::run;
  using by = typename shifted<W, std::index_sequence<I...>, std::tuple_element_t<I, types>...>::type;
};
/// For what is not an object: nothing more than a message.
struct no_object {
  static constexpr bool is_known = false;
  static constexpr std::nullptr_t function = nullptr;
  using by = wrt<>;
};
template <bool IsObject, std::size_t Adjoints, class Fn, class W, class... A> struct find_object {
  using type = object<has_one_call<Fn>, Fn, W, std::make_index_sequence<sizeof...(A) - Adjoints>, list<A...>>;
};
template <std::size_t Adjoints, class Fn, class W, class... A>
struct find_object<false, Adjoints, Fn, W, A...> {
  using type = no_object;
};
/// `Adjoints` of the arguments are adjoints, if Fn is generic.
template <std::size_t Adjoints, class Fn, class W, class... A>
using object_of =
    typename find_object<std::is_class_v<plain<Fn>> && !is_wrt<plain<Fn>> && (Adjoints <= sizeof...(A)),
                         Adjoints, std::remove_reference_t<Fn>, W, A...>::type;

template <class Object, class Mode> using plan_of = plan<Mode, Object::function, typename Object::by>;

template <class Fn, class Object> constexpr bool is_callable_object() {
  constexpr bool is_pointer = std::is_pointer_v<std::decay_t<Fn>>;
  static_assert(!is_pointer,
                "nabla: a function pointer known only at run time cannot be differentiated; name the "
                "function: nabla::gradient<f>(...)");
  static_assert(is_pointer || std::is_class_v<plain<Fn>>,
                "nabla: this is neither a function's name nor an object with operator()");
  static_assert(!std::is_class_v<plain<Fn>> || Object::is_known, "nabla: arguments are missing");
  return Object::is_known;
}

} // namespace detail

// ---- Reverse mode
// ---------------------------------------------------------------------------------------------

/// The value; adds the gradient into the adjoints that follow the function's own arguments (pointers for
/// parameters by value, references for references; for a method the object comes first and its adjoint, if
/// asked for, last). With the function's own arguments alone: the derivative, or a tuple of them.
template <auto F, class... A, class Plan = detail::plan<detail::gradient_mode, F, wrt<>>>
detail::gradient_result<Plan, sizeof...(A)> gradient(A &&...a) {
  return detail::gradient<F, wrt<>, detail::gradient_result<Plan, sizeof...(A)>>(static_cast<A &&>(a)...);
}
template <auto F, class W, class... A, std::enable_if_t<detail::is_wrt<W>, int> = 0,
          class Plan = detail::plan<detail::gradient_mode, F, W>>
detail::gradient_result<Plan, sizeof...(A)> gradient(A &&...a) {
  return detail::gradient<F, W, detail::gradient_result<Plan, sizeof...(A)>>(static_cast<A &&>(a)...);
}
/// Of an object with operator(). A generic one has the value form, and with wrt the accumulating form.
template <class Fn, class... A, class Object = detail::object_of<0, Fn, wrt<>, A...>,
          class Plan = detail::plan_of<Object, detail::gradient_mode>>
detail::gradient_result<Plan, sizeof...(A) + 1> gradient(Fn &&fn, A &&...a) {
  using result = detail::gradient_result<Plan, sizeof...(A) + 1>;
  if constexpr (detail::is_callable_object<Fn, Object>())
    return detail::gradient<Object::function, typename Object::by, result>(fn, static_cast<A &&>(a)...);
}
template <class W, class Fn, class... A, std::enable_if_t<detail::is_wrt<W>, int> = 0,
          class Object = detail::object_of<detail::chosen<W>, Fn, W, A...>,
          class Plan = detail::plan_of<Object, detail::gradient_mode>>
detail::gradient_result<Plan, sizeof...(A) + 1> gradient(Fn &&fn, A &&...a) {
  using result = detail::gradient_result<Plan, sizeof...(A) + 1>;
  if constexpr (detail::is_callable_object<Fn, Object>())
    return detail::gradient<Object::function, typename Object::by, result>(fn, static_cast<A &&>(a)...);
}

/// A pair: the value, and what the value form of `gradient` returns.
template <auto F, class... A, class Plan = detail::plan<detail::gradient_mode, F, wrt<>>>
detail::value_and_gradient_t<Plan> value_and_gradient(A &&...a) {
  return detail::value_and_gradient<F, wrt<>, detail::value_and_gradient_t<Plan>>(static_cast<A &&>(a)...);
}
template <auto F, class W, class... A, std::enable_if_t<detail::is_wrt<W>, int> = 0,
          class Plan = detail::plan<detail::gradient_mode, F, W>>
detail::value_and_gradient_t<Plan> value_and_gradient(A &&...a) {
  return detail::value_and_gradient<F, W, detail::value_and_gradient_t<Plan>>(static_cast<A &&>(a)...);
}
template <class Fn, class... A, class Object = detail::object_of<0, Fn, wrt<>, A...>,
          class Plan = detail::plan_of<Object, detail::gradient_mode>>
detail::value_and_gradient_t<Plan> value_and_gradient(Fn &&fn, A &&...a) {
  using result = detail::value_and_gradient_t<Plan>;
  if constexpr (detail::is_callable_object<Fn, Object>())
    return detail::value_and_gradient<Object::function, typename Object::by, result>(fn,
                                                                                     static_cast<A &&>(a)...);
}

/// The value; adds the product of the seed and the derivative into the adjoints. The seed follows the
/// function's own arguments, unless the result holds no reals; the adjoints of what the function writes are
/// seeds as well.
template <auto F, class... A>
typename detail::plan<detail::pullback_mode, F, wrt<>>::result pullback(A &&...a) {
  return detail::pullback<F, wrt<>>(static_cast<A &&>(a)...);
}
template <auto F, class W, class... A, std::enable_if_t<detail::is_wrt<W>, int> = 0,
          class Plan = detail::plan<detail::pullback_mode, F, W>>
typename Plan::result pullback(A &&...a) {
  return detail::pullback<F, W>(static_cast<A &&>(a)...);
}

} // namespace nabla

#include "check_gradient.h"
#include "forward.h"
#include "jacobian.h"
#include "matrix.h"
#include "self_check.h"
