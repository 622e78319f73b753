// Expressions of variables: what `x * y + sin(z)` is until it is assigned. Part of nabla/tape.h.
//
// An expression holds values and identifiers, never references, so `auto e = x * y;` may outlive x and y. Its value is
// computed where it is built; its partials where it is assigned to a variable, as one statement of the tape.
// Operators and functions are the rows of rules.def.
#pragma once
#include "../rules.h"
#include "core.h"
#include <tuple>
#include <type_traits>
#include <utility>

namespace nabla::dynamic {

template <class T> class basic_var;

template <class T> class number_leaf;
template <rules::id Id, class... E> class node;
template <rules::id Id, class E> class integer_node;

/// Does E stand for a value of basic_var<E::scalar>?
template <class E> inline constexpr bool is_expression = false;
template <class T> inline constexpr bool is_expression<basic_var<T>> = true;
template <rules::id Id, class... E> inline constexpr bool is_expression<node<Id, E...>> = true;
template <rules::id Id, class E> inline constexpr bool is_expression<integer_node<Id, E>> = true;

namespace detail {

template <class T> inline constexpr bool is_plain = std::is_floating_point_v<T>;

/// The partial that is one. Products with it cost nothing, not even for scalars that are recorded themselves.
struct one {};

template <bool Singular, class T> T product(one, const T &partial) { return partial; }
/// adjoint times partial; where the row says so, 0 for a zero adjoint whatever the partial.
template <bool Singular, class T> T product(const T &adjoint, const T &partial) {
  using rules::guarded;
  if constexpr (Singular)
    return guarded(adjoint, partial);
  else
    return adjoint * partial;
}
template <class T> T as_value(one) { return T(1); }
template <class T> const T &as_value(const T &value) { return value; }

/// A number in T, which may be a variable itself.
template <class T, class N> T number(const N &n) {
  if constexpr (std::is_floating_point_v<T> && std::is_arithmetic_v<N>)
    return static_cast<T>(n);
  else
    return T(n);
}

/// A row's result, and what is kept for its partials.
template <rules::id Id, class T> struct result_of {
  using row = rules::row<Id>;
  T value;
  template <class... X> explicit result_of(const X &...x) : value(row::value(x...)) {}
  template <unsigned I, class... X> T partial(const X &...x) const {
    return row::template partial<I>(x..., value);
  }
};
#if defined(__GLIBC__) && defined(_GNU_SOURCE)
// Sine and cosine at once, which Clang does not find by itself (test/tape compares with the rows).
inline void sine_cosine(double x, double &s, double &c) { ::sincos(x, &s, &c); }
inline void sine_cosine(float x, float &s, float &c) { ::sincosf(x, &s, &c); }
template <class T, bool IsSine> struct sine_and_cosine {
  T value, other;
  explicit sine_and_cosine(T x) { sine_cosine(x, IsSine ? value : other, IsSine ? other : value); }
  template <unsigned> T partial(T) const { return IsSine ? other : -other; }
};
template <> struct result_of<rules::id::sin, double> : sine_and_cosine<double, true> {
  using sine_and_cosine::sine_and_cosine;
};
template <> struct result_of<rules::id::cos, double> : sine_and_cosine<double, false> {
  using sine_and_cosine::sine_and_cosine;
};
template <> struct result_of<rules::id::sin, float> : sine_and_cosine<float, true> {
  using sine_and_cosine::sine_and_cosine;
};
template <> struct result_of<rules::id::cos, float> : sine_and_cosine<float, false> {
  using sine_and_cosine::sine_and_cosine;
};
#endif

/// Are the leaves [First, First + N) all passive?
template <unsigned First, std::size_t... I>
[[gnu::always_inline]] inline bool are_passive(const identifier *ids, std::index_sequence<I...>) {
  return (ids[First + I] | ...) == 0;
}

/// The number of leaves of arguments before the I-th.
template <unsigned I, class... E> constexpr unsigned leaves_before() {
  constexpr unsigned counts[] = {E::leaves...};
  unsigned before = 0;
  for (unsigned i = 0; i < I; ++i)
    before += counts[i];
  return before;
}

} // namespace detail

/// A number among variables.
template <class T> class number_leaf {
public:
  using scalar = T;
  static constexpr unsigned leaves = 0;
  static constexpr int unit_leaf = -1;
  explicit number_leaf(const T &v) : value_(v) {}
  const T &value() const { return value_; }
  template <unsigned> void gather(identifier *, std::uint32_t *) const {}

private:
  T value_;
};

/// One row applied to expressions.
template <rules::id Id, class... E> class node {
public:
  using scalar = typename std::tuple_element_t<0, std::tuple<E...>>::scalar;
  using row = rules::row<Id>;
  static constexpr unsigned leaves = (E::leaves + ...);
  /// The first leaf whose partial is one whatever the values; -1: there is none.
  static constexpr int unit_leaf = [] {
    constexpr int units[] = {E::unit_leaf...};
    constexpr unsigned counts[] = {E::leaves...};
    if (Id != rules::id::add && Id != rules::id::sub)
      return -1;
    if (units[0] >= 0 || Id == rules::id::sub)
      return units[0];
    constexpr int last = units[sizeof...(E) - 1];
    return last < 0 ? -1 : static_cast<int>(counts[0]) + last;
  }();

  [[gnu::always_inline]] explicit node(const E &...e) : arguments_(e...), result_(e.value()...) {}
  const scalar &value() const { return result_.value; }

  /// Identifiers and stamps of the leaves, into places from First on.
  template <unsigned First> [[gnu::always_inline]] void gather(identifier *ids, std::uint32_t *stamps) const {
    gather<First>(ids, stamps, arguments());
  }
  /// partials[k] for each leaf k from First on: d times the derivative by it.
  template <unsigned First, class D>
  [[gnu::always_inline]] void accumulate(const identifier *ids, scalar *partials, const D &d) const {
    accumulate<First>(ids, partials, d, arguments());
  }

private:
  using arguments = std::index_sequence_for<E...>;
  template <unsigned First, std::size_t... I>
  [[gnu::always_inline]] void gather(identifier *ids, std::uint32_t *stamps,
                                     std::index_sequence<I...>) const {
    (std::get<I>(arguments_).template gather<First + detail::leaves_before<I, E...>()>(ids, stamps), ...);
  }
  template <unsigned First, class D, std::size_t... I>
  [[gnu::always_inline]] void accumulate(const identifier *ids, scalar *partials, const D &d,
                                         std::index_sequence<I...>) const {
    (accumulate_one<First + detail::leaves_before<I, E...>(), I>(ids, partials, d), ...);
  }
  template <unsigned First, unsigned I, class D>
  [[gnu::always_inline]] void accumulate_one([[maybe_unused]] const identifier *ids,
                                             [[maybe_unused]] scalar *partials,
                                             [[maybe_unused]] const D &d) const {
    using argument = std::tuple_element_t<I, std::tuple<E...>>;
    if constexpr (argument::leaves > 0) {
      if constexpr (!detail::is_plain<scalar> || (row::cost >= 20 && sizeof...(E) > 1))
        if (detail::are_passive<First>(ids, std::make_index_sequence<argument::leaves>()))
          return;
      std::get<I>(arguments_).template accumulate<First>(ids, partials, pass_on<I>(d));
    }
  }

  /// d times the partial in argument I. Additions need no product (test/tape compares with the rows).
  template <unsigned I, class D> [[gnu::always_inline]] auto pass_on(const D &d) const {
    using detail::product;
    if constexpr (Id == rules::id::add || (Id == rules::id::sub && I == 0))
      return d;
    else if constexpr (Id == rules::id::sub || Id == rules::id::neg)
      return scalar(-detail::as_value<scalar>(d));
    else
      return scalar(product<row::singular>(d, partial<I>(arguments())));
  }
  template <unsigned I, std::size_t... J> scalar partial(std::index_sequence<J...>) const {
    return result_.template partial<I>(std::get<J>(arguments_).value()...);
  }

  std::tuple<E...> arguments_;
  detail::result_of<Id, scalar> result_;
};

/// A row with an integer second argument.
template <rules::id Id, class E> class integer_node {
public:
  using scalar = typename E::scalar;
  using row = rules::row<Id>;
  static constexpr unsigned leaves = E::leaves;
  static constexpr int unit_leaf = -1;
  integer_node(const E &e, int n) : argument_(e), n_(n), value_(row::template value<scalar>(e.value(), n)) {}
  const scalar &value() const { return value_; }
  template <unsigned First> void gather(identifier *ids, std::uint32_t *stamps) const {
    argument_.template gather<First>(ids, stamps);
  }
  template <unsigned First, class D>
  void accumulate(const identifier *ids, scalar *partials, const D &d) const {
    argument_.template accumulate<First>(
        ids, partials,
        scalar(detail::product<row::singular>(
            d, scalar(row::template partial<0, scalar>(argument_.value(), n_, value_)))));
  }

private:
  E argument_;
  int n_;
  scalar value_;
};

} // namespace nabla::dynamic
