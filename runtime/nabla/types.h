// What follows from types alone: adjoint and tangent types, the parameters of a callable, modes of differentiation. Included
// by nabla.h.
#pragma once
#include "handle.h"
#include "lanes.h"
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace nabla {

// ---- Types
// ----------------------------------------------------------------------------------------------------

namespace detail {

template <class T, class = void> struct has_value_type : std::false_type {};
template <class T> struct has_value_type<T, std::void_t<typename T::value_type>> : std::true_type {};
/// Strings and streams.
template <class T, class = void> struct has_characters : std::false_type {};
template <class T>
struct has_characters<T, std::void_t<typename T::traits_type::char_type>> : std::true_type {};

/// std::function.
template <class T, class = void> struct has_target : std::false_type {};
template <class T>
struct has_target<T, std::void_t<typename T::result_type, decltype(std::declval<const T &>().target_type())>>
    : std::true_type {};

template <class T> constexpr bool reals_in();

template <class T> struct adjoint {
  using type = T;
};
template <class T> struct adjoint<const T> : adjoint<T> {};
template <class T> struct adjoint<volatile T> : adjoint<T> {};
template <class T> struct adjoint<const volatile T> : adjoint<T> {};
template <class T> struct adjoint<T *> {
  using type = typename adjoint<T>::type *;
};
template <class T> struct adjoint<T &> {
  using type = typename adjoint<T>::type &;
};
template <class T, std::size_t N> struct adjoint<T[N]> {
  using type = typename adjoint<T>::type[N];
};
template <class T, std::size_t N> struct adjoint<const T[N]> {
  using type = typename adjoint<T>::type[N];
};
template <template <class, std::size_t> class View, class T, std::size_t N> struct adjoint<View<const T, N>> {
  using type = View<T, N>; // std::span
};

} // namespace detail

/// The type an adjoint of T is kept in: T without const at any level.
template <class T> using adjoint_t = typename detail::adjoint<T>::type;

/// Do values of type T hold or lead to reals? Such parameters are differentiated unless nabla::wrt says
/// otherwise. Plain C++ cannot look into a class: one counts unless it is empty, a string, a std::function, or a container of
/// what holds none. A class of integers is left out by nabla::wrt, or for good by a specialisation of this
/// variable.
template <class T> inline constexpr bool holds_reals = detail::reals_in<std::remove_cv_t<T>>();

template <class T> constexpr bool detail::reals_in() {
  if constexpr (std::is_reference_v<T>)
    return holds_reals<std::remove_reference_t<T>>;
  else if constexpr (std::is_pointer_v<T>)
    return holds_reals<std::remove_pointer_t<T>>;
  else if constexpr (std::is_array_v<T>)
    return holds_reals<std::remove_all_extents_t<T>>;
  else if constexpr (!std::is_class_v<T> && !std::is_union_v<T>)
    return std::is_floating_point_v<T>;
  else if constexpr (has_characters<T>::value || has_target<T>::value)
    return false;
  else if constexpr (has_value_type<T>::value)
    return holds_reals<typename T::value_type>;
  else
    return !std::is_empty_v<T>;
}

/// A value and its derivative in one direction (or in several: D is then nabla::lanes<R, N>).
template <class R, class D = adjoint_t<R>> struct dual {
  R value;
  D dot;
};

enum self_tag { self }; ///< in wrt: the object of a method

/// Which parameters to differentiate by: indices from 0 (not counting a method's object), nabla::self.
template <auto... Parameters> struct wrt {};

/// First statement in a loop's body: reverse this loop with n snapshots. Does nothing by itself.
constexpr void checkpoint(long long /*snapshots*/) noexcept {}

// ---- What the functions at the end stand on ----
//
// Note [Late instantiation]: no function from here on has a deduced return type. So compilers instantiate their
// bodies at the end of the file, and the tool's text may specialise `request` after the user's code has called
// `gradient`.

namespace detail {

template <class... T> struct list {
  static constexpr std::size_t size = sizeof...(T);
};

template <class...> struct join;
template <> struct join<> {
  using type = list<>;
};
template <class... T> struct join<list<T...>> {
  using type = list<T...>;
};
template <class... A, class... B, class... Rest> struct join<list<A...>, list<B...>, Rest...> {
  using type = typename join<list<A..., B...>, Rest...>::type;
};

template <class T> using plain = std::remove_cv_t<std::remove_reference_t<T>>;
template <class> inline constexpr bool never = false;

// A callable's result and parameters; a method's object is the first parameter.

template <class R, class... P> struct known_function {
  static constexpr bool is_known = true;
  static constexpr bool is_method = false;
  using result = std::conditional_t<std::is_reference_v<R>, plain<R>, R>;
  using parameters = list<P...>;
};
template <class F> struct function : known_function<void> {
  static constexpr bool is_known = false;
};
template <class R, class... P> struct function<R (*)(P...)> : known_function<R, P...> {};
template <class R, class... P> struct function<R (*)(P...) noexcept> : known_function<R, P...> {};
#define NABLA_METHOD(CONST, REF, NOEXCEPT)                                                                   \
  template <class C, class R, class... P>                                                                    \
  struct function<R (C::*)(P...) CONST REF NOEXCEPT> : known_function<R, CONST C &, P...> {                  \
    static constexpr bool is_method = true;                                                                  \
  };
NABLA_METHOD(, , )
NABLA_METHOD(const, , )
NABLA_METHOD(, &, )
NABLA_METHOD(const, &, )
NABLA_METHOD(, , noexcept)
NABLA_METHOD(const, , noexcept)
NABLA_METHOD(, &, noexcept)
NABLA_METHOD(const, &, noexcept)
#undef NABLA_METHOD

template <class W> inline constexpr bool is_wrt = false;
template <auto... P> inline constexpr bool is_wrt<wrt<P...>> = true;
template <class W> inline constexpr std::size_t chosen = 0;
template <auto... P> inline constexpr std::size_t chosen<wrt<P...>> = sizeof...(P);

template <auto P> constexpr long index_of() { // -1: the object
  if constexpr (std::is_same_v<decltype(P), self_tag>)
    return -1;
  else
    return static_cast<long>(P);
}
/// Is parameter `index` chosen? Without a choice, all but the object that hold reals are.
template <class P, auto... Chosen> constexpr bool is_chosen(long index, wrt<Chosen...>) {
  if constexpr (sizeof...(Chosen) == 0)
    return index >= 0 && holds_reals<P>;
  else
    return ((index_of<Chosen>() == index) || ...);
}
/// Do all chosen indices name parameters?
template <auto... Chosen>
constexpr bool in_range([[maybe_unused]] long first, [[maybe_unused]] long end, wrt<Chosen...>) {
  return ((first <= index_of<Chosen>() && index_of<Chosen>() < end) && ...);
}

/// The parameter that takes the adjoint of a parameter P.
template <class P> struct adjoint_parameter {
  using type = std::conditional_t<std::is_pointer_v<P>, adjoint_t<P>, adjoint_t<P> *>;
};
template <class P> struct adjoint_parameter<P &> {
  using type = adjoint_t<P> &;
};
template <class P> struct adjoint_parameter<P &&> : adjoint_parameter<P &> {};
/// Can the value form keep this parameter's adjoint by itself?
template <class P>
inline constexpr bool is_value = !std::is_pointer_v<plain<P>> && !std::is_array_v<plain<P>> &&
                                 (!std::is_reference_v<P> || (std::is_lvalue_reference_v<P> &&
                                                              std::is_const_v<std::remove_reference_t<P>>));

// Modes. The names are what the linker prints for a program that was built without plugin and tool.
struct gradient_by_nabla_plugin_or_tool {};
struct pullback_by_nabla_plugin_or_tool {};
template <int Lanes> struct batch_pullback_by_nabla_plugin_or_tool {};
template <int Lanes> struct pushforward_by_nabla_plugin_or_tool {}; // 0: one direction; -N: N words of bits
template <int Lanes> struct hvp_by_nabla_plugin_or_tool {};
template <int Lanes> struct gradient_and_hvp_by_nabla_plugin_or_tool {};
template <int Order> struct derivative_by_nabla_plugin_or_tool {};
struct parameter_names_by_nabla_plugin_or_tool {}; ///< "x,n": the parameters as the user named them
using gradient_mode = gradient_by_nabla_plugin_or_tool;
using pullback_mode = pullback_by_nabla_plugin_or_tool;
template <int Lanes> using batch_pullback_mode = batch_pullback_by_nabla_plugin_or_tool<Lanes>;
using pushforward_mode = pushforward_by_nabla_plugin_or_tool<0>;
using hvp_mode = hvp_by_nabla_plugin_or_tool<0>;
template <int Lanes> using batch_pushforward_mode = pushforward_by_nabla_plugin_or_tool<Lanes>;
template <int Lanes> using batch_hvp_mode = hvp_by_nabla_plugin_or_tool<Lanes>;
using gradient_and_hvp_mode = gradient_and_hvp_by_nabla_plugin_or_tool<0>;
template <int Lanes> using batch_gradient_and_hvp_mode = gradient_and_hvp_by_nabla_plugin_or_tool<Lanes>;
using names_mode = parameter_names_by_nabla_plugin_or_tool;
template <int Order> using derivative_mode = derivative_by_nabla_plugin_or_tool<Order>;

/// T with its reals replaced by what a tangent of them is kept in: themselves, N lanes, or (-N) N words of bits.
template <class T, int N> struct tangent {
  using many = std::conditional_t<(N > 0), lanes<T, (N > 0 ? N : 1)>, bits<(N < 0 ? -N : 1)>>;
  using type = std::conditional_t<N != 0 && std::is_floating_point_v<T>, many, T>;
};
template <class T, int N> struct tangent<const T, N> {
  using type = const typename tangent<T, N>::type;
};
template <class T, int N> struct tangent<T *, N> {
  using type = typename tangent<T, N>::type *;
};
template <class T, int N> struct tangent<T &, N> {
  using type = typename tangent<T, N>::type &;
};
template <class T, int N> struct tangent<T &&, N> : tangent<T &, N> {};
template <class T, int N, std::size_t E> struct tangent<T[E], N> {
  using type = typename tangent<T, N>::type[E];
};
template <class T, int N, std::size_t E> struct tangent<const T[E], N> {
  using type = const typename tangent<T, N>::type[E];
};
template <class T, int N> using tangent_t = typename tangent<T, N>::type;

/// Is there a seed before the adjoints, and in how many lanes (0: a real)?
template <class Mode> struct seed_of {
  static constexpr bool is_there = std::is_same_v<Mode, pullback_mode>;
  static constexpr int lanes = 0;
};
template <int N> struct seed_of<batch_pullback_by_nabla_plugin_or_tool<N>> {
  static constexpr bool is_there = true;
  static constexpr int lanes = N;
};

/// What follows from the mode alone: what a call takes after the primal's parameters, and what it returns.
template <class Mode> struct mode_shape { // gradient, pullback: [seed,] adjoints
  template <class R> using result = R;
  template <class... P> using after = list<typename adjoint_parameter<P>::type...>;
};
template <int N> struct mode_shape<batch_pullback_by_nabla_plugin_or_tool<N>> {
  template <class R> using result = R;
  template <class... P> using after = list<tangent_t<typename adjoint_parameter<P>::type, N>...>;
};
template <class R, int N> struct dual_of {
  using type = std::conditional_t<N == 0, dual<R>, dual<R, tangent_t<adjoint_t<R>, N>>>;
};
template <int N> struct dual_of<void, N> {
  using type = void;
};
template <class R, int N, bool = holds_reals<R>> struct pushforward_result : dual_of<R, N> {};
template <class R, int N> struct pushforward_result<R, N, false> {
  using type = R;
};
template <int N> struct pushforward_result<void, N, false> {
  using type = void;
};
template <int N> struct mode_shape<pushforward_by_nabla_plugin_or_tool<N>> { // tangents
  template <class R> using result = typename pushforward_result<R, N>::type;
  template <class... P> using after = list<tangent_t<std::remove_cv_t<P>, N>...>;
};
template <int N> struct mode_shape<hvp_by_nabla_plugin_or_tool<N>> { // directions, results
  template <class R> using result = R;
  template <class... P>
  using after =
      list<tangent_t<std::remove_cv_t<P>, N>..., tangent_t<typename adjoint_parameter<P>::type, N>...>;
};
template <int N>
struct mode_shape<gradient_and_hvp_by_nabla_plugin_or_tool<N>> { // adjoints, directions, results
  template <class R> using result = R;
  template <class... P>
  using after = list<typename adjoint_parameter<P>::type..., tangent_t<std::remove_cv_t<P>, N>...,
                     tangent_t<typename adjoint_parameter<P>::type, N>...>;
};
template <> struct mode_shape<names_mode> {
  template <class R> using result = const char *;
  template <class... P> using after = list<>;
};
template <int N> struct mode_shape<derivative_by_nabla_plugin_or_tool<N>> {
  template <class R> using result = R;
  template <class... P> using after = list<>;
};

} // namespace detail
} // namespace nabla
