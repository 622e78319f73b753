// Calls of a static function and its generated derivatives with arguments that are packed in slots. Part of nabla::on_tape.
//
// A slot has `is_active`, `is_output`, pass(), and if it is active pass_bar() and pass_dot(): what the function, its adjoint and its
// tangent take at that place.
#pragma once
#include "nabla.h"
#include <tuple>

namespace nabla::detail {

template <class...> struct join_wrt {
  using type = wrt<>;
};
template <auto... A> struct join_wrt<wrt<A...>> {
  using type = wrt<A...>;
};
template <auto... A, auto... B, class... Rest>
struct join_wrt<wrt<A...>, wrt<B...>, Rest...> : join_wrt<wrt<A..., B...>, Rest...> {};

/// The choice of parameters that hold variables.
template <class I, class... Slot> struct active_parameters;
template <std::size_t... I, class... Slot>
struct active_parameters<std::index_sequence<I...>, Slot...>
    : join_wrt<std::conditional_t<Slot::is_active, wrt<static_cast<int>(I)>, wrt<>>...> {};

template <auto F, class Result, class... Slot> struct static_call {
  using slots = std::tuple<Slot...>;
  using indices = std::index_sequence_for<Slot...>;
  using by = typename active_parameters<indices, Slot...>::type;
  static constexpr bool writes = (Slot::is_output || ...);

  static Result primal(slots &s) {
    return std::apply([](auto &...one) -> Result { return F(one.pass()...); }, s);
  }
  /// With all adjoints of `s` set: f's pullback.
  template <class... Seed> static Result pullback(slots &s, Seed... seed) {
    return pullback_with(s, indices(), std::tuple<Seed...>(seed...));
  }

  /// Adds the Hessian times the directions of `s` to its adjoints.
  static void second(slots &s) { second_with(s, indices()); }

private:
  template <std::size_t... I> static void second_with(slots &s, std::index_sequence<I...>) {
    std::apply([](auto &&...all) { nabla::hvp<F, by>(static_cast<decltype(all)>(all)...); },
               std::tuple_cat(argument<I>(s)..., dot<I>(s)..., bar<I>(s)...));
  }
  template <std::size_t I> static auto dot(slots &s) {
    auto &one = std::get<I>(s);
    if constexpr (std::decay_t<decltype(one)>::is_active)
      return std::tuple<decltype(one.pass_dot())>(one.pass_dot());
    else
      return std::tuple<>();
  }
  template <std::size_t I> static auto bar(slots &s) {
    auto &one = std::get<I>(s);
    if constexpr (std::decay_t<decltype(one)>::is_active)
      return std::tuple<decltype(one.pass_bar())>(one.pass_bar());
    else
      return std::tuple<>();
  }
  template <std::size_t I> static auto argument(slots &s) {
    return std::tuple<decltype(std::get<I>(s).pass())>(std::get<I>(s).pass());
  }
  template <std::size_t... I, class Seeds>
  static Result pullback_with(slots &s, std::index_sequence<I...>, Seeds seeds) {
    return std::apply(
        [](auto &&...all) -> Result { return nabla::pullback<F, by>(static_cast<decltype(all)>(all)...); },
        std::tuple_cat(argument<I>(s)..., seeds, bar<I>(s)...));
  }
};

template <class One, class F> void visit_active(One &one, F &f) {
  if constexpr (One::is_active)
    f(one);
}
template <class Slots, class F> void each_active(Slots &s, F f) {
  std::apply([&](auto &...one) { (visit_active(one, f), ...); }, s);
}

} // namespace nabla::detail
