// nabla::basic_var<T>: a value of the current tape, or a passive one. Part of nabla/tape.h.
#pragma once
#include "expression.h"
#include <limits>

namespace nabla::dynamic {

namespace detail {

template <class T> char *store(char *to, const T &partial, identifier id) {
  __builtin_memcpy(to, static_cast<const void *>(&partial), sizeof(T));
  __builtin_memcpy(to + sizeof(T), &id, sizeof id);
  return to + argument_bytes<T>;
}

/// Are all stamps this one?
template <std::size_t... I>
[[gnu::always_inline]] inline bool are_all(const std::uint32_t *stamps, std::uint32_t stamp,
                                           std::index_sequence<I...>) {
  return (0u | ... | (stamps[I] ^ stamp)) == 0;
}

/// resolve on a copy, so that in the usual case identifiers stay in registers.
template <std::size_t... I>
[[gnu::always_inline]] inline bool resolve_copy(const head &tape, identifier *ids,
                                                const std::uint32_t *stamps, std::index_sequence<I...>) {
  identifier copy[] = {ids[I]...};
  const std::uint32_t stamp_copy[] = {stamps[I]...};
  const bool any = resolve(tape, copy, stamp_copy, sizeof...(I));
  ((ids[I] = copy[I]), ...);
  return any;
}

/// Leaf J is added to the first of leaves [I, J) with the same identifier. `changed`: that was leaf `Unit`.
template <int Unit, unsigned I, unsigned J, class T>
[[gnu::always_inline]] inline void join_leaf(identifier *ids, T *partials, bool &changed) {
  if constexpr (I < J) {
    if (ids[I] == ids[J]) {
      partials[I] += partials[J];
      ids[J] = 0;
      if (static_cast<int>(I) == Unit)
        changed = true;
    } else {
      join_leaf<Unit, I + 1, J>(ids, partials, changed);
    }
  }
}
/// Leaves with the same identifier become one. True if leaf `Unit` took part.
template <int Unit, class T, std::size_t... J>
[[gnu::always_inline]] inline bool join_equal(identifier *ids, T *partials, std::index_sequence<J...>) {
  constexpr unsigned window = 12; // longer expressions keep some duplicates
  bool changed = false;
  (join_leaf<Unit, (J < window ? 0 : J - window), J>(ids, partials, changed), ...);
  return changed;
}

template <int Unit, unsigned I, bool Mixed, class T>
[[gnu::always_inline]] inline void push_argument(char *&args, unsigned &header, const identifier *ids,
                                                 const T *partials, bool unit_changed) {
  const bool is_there = (I == 0 && !Mixed) || ids[I] != 0; // leaf 0 is never joined to another
  if (is_there && (static_cast<int>(I) != Unit || unit_changed)) {
    args = store(args, partials[I], ids[I]);
    ++header;
  }
}

/// One statement whose arguments are the leaves and, if `follows`, the statement before. `Mixed`: some are passive.
template <int Unit, bool Mixed, class T, std::size_t... I>
[[gnu::always_inline]] inline identifier push_statement(core &tape, const identifier *ids, const T *partials,
                                                        bool unit_changed, bool follows,
                                                        std::index_sequence<I...>) {
  tape.reserve(sizeof...(I) * argument_bytes<T> + sizeof(identifier));
  char *args = tape.args;
  const identifier next = tape.next;
  unsigned header = follows ? unsigned(previous_flag) : 0;
  (push_argument<Unit, I, Mixed>(args, header, ids, partials, unit_changed), ...);
  if constexpr (Unit >= 0)
    if (((Unit == 0 && !Mixed) || ids[Unit] != 0) && !unit_changed) {
      if (ids[Unit] == next - 1) {
        header |= previous_flag;
      } else {
        __builtin_memcpy(args, &ids[Unit], sizeof(identifier));
        args += sizeof(identifier);
        header |= unit_flag;
      }
    }
  unsigned char *const headers = tape.headers - 1;
  *headers = static_cast<unsigned char>(header);
  tape.headers = headers;
  tape.args = args;
  tape.next = next + 1;
  return next;
}
/// The same where some leaves are passive: rare, so out of line.
template <int Unit, class T, std::size_t N>
[[gnu::noinline]] identifier push_mixed(core &tape, identifier *ids, T *partials,
                                        std::integral_constant<std::size_t, N>) {
  constexpr auto all = std::make_index_sequence<N>();
  const bool unit_changed = join_equal<Unit>(ids, partials, all);
  return push_statement<Unit, true>(tape, ids, partials, unit_changed, false, all);
}

template <int Unit, class T, std::size_t... I>
[[gnu::always_inline]] inline identifier push_copy(core &tape, const identifier *ids, const T *partials,
                                                   std::index_sequence<I...>) {
  identifier id_copy[] = {ids[I]...};
  T partial_copy[] = {partials[I]...};
  return push_mixed<Unit>(tape, id_copy, partial_copy, std::integral_constant<std::size_t, sizeof...(I)>());
}

/// More leaves than a header counts: a chain of statements.
template <unsigned First, unsigned N, class T>
identifier push_long(core &tape, const identifier *ids, const T *partials) {
  constexpr unsigned now = N - First < most_arguments ? N - First : most_arguments;
  identifier id = push_statement<-1, true>(tape, ids + First, partials + First, true, First > 0,
                                           std::make_index_sequence<now>());
  if constexpr (First + now < N)
    return push_long<First + now, N>(tape, ids, partials);
  else
    return id;
}

} // namespace detail

/// A real of type T (float, double, long double, basic_dual, or again a basic_var) that remembers where it came from.
/// Trivially copyable; a copy is the same variable. A variable made from a number is passive until a tape watches
/// it.
template <class T> class basic_var {
public:
  using scalar = T;
  using value_type = T;
  static constexpr unsigned leaves = 1;
  static constexpr int unit_leaf = 0;

  /// A passive zero.
  basic_var() = default;
  /// A passive value: any number, or what T is made from.
  template <class N, std::enable_if_t<!is_expression<N> && std::is_convertible_v<N, T>, int> = 0>
  basic_var(const N &number) : value_(detail::number<T>(number)) {}
  /// A value of the inner type is passive on the outer tape.
  template <class E, std::enable_if_t<is_expression<E> && !std::is_same_v<typename E::scalar, T> &&
                                          std::is_convertible_v<E, T>,
                                      int> = 0>
  basic_var(const E &inner) : value_(inner) {}
  /// Records the expression as one statement of the current tape.
  template <class E, std::enable_if_t<is_expression<E> && std::is_same_v<typename E::scalar, T> &&
                                          !std::is_same_v<E, basic_var>,
                                      int> = 0>
  [[gnu::always_inline]] basic_var(const E &e) : value_(e.value()) {
    record(e);
  }

  /// The value without its derivative.
  const T &value() const { return value_; }
  /// Does it depend on a watched variable? (Of any tape; 0 and false for a passive one.)
  bool is_active() const { return stamp_ != 0; }
  identifier id() const { return id_; }
  std::uint32_t stamp() const { return stamp_; }
  /// Its adjoint after a sweep of the current tape, see basic_tape::adjoint.
  T adjoint() const;

  /// To integers and bool, which carry no derivative. To a real: write value(x).
  template <class N, std::enable_if_t<std::is_integral_v<N>, int> = 0> explicit operator N() const {
    return static_cast<N>(value_);
  }

#define NABLA_COMPOUND(OP)                                                                                   \
  template <class E> [[gnu::always_inline]] auto operator OP##=(const E &y)->decltype(*this OP y, *this) {   \
    return *this = *this OP y;                                                                               \
  }
  NABLA_COMPOUND(+)
  NABLA_COMPOUND(-)
  NABLA_COMPOUND(*)
  NABLA_COMPOUND(/)
#undef NABLA_COMPOUND
  basic_var &operator++() { return *this += 1; }
  basic_var &operator--() { return *this -= 1; }
  basic_var operator++(int) {
    basic_var old = *this;
    return ++*this, old;
  }
  basic_var operator--(int) {
    basic_var old = *this;
    return --*this, old;
  }

  // ---- As a leaf of an expression ----
  template <unsigned First> [[gnu::always_inline]] void gather(identifier *ids, std::uint32_t *stamps) const {
    ids[First] = id_;
    stamps[First] = stamp_;
  }
  template <unsigned First, class D>
  [[gnu::always_inline]] void accumulate(const identifier *, T *partials, const D &d) const {
    partials[First] = detail::as_value<T>(d);
  }

private:
  template <class> friend class basic_tape;
  template <class U> friend basic_var<U> make_var(const U &value, identifier id, std::uint32_t stamp);

  template <class E> [[gnu::always_inline]] void record(const E &e) {
    constexpr unsigned n = E::leaves;
    constexpr auto all = std::make_index_sequence<n>();
    constexpr int unit = E::unit_leaf;
    head &tape = *current<T>::tape;
    identifier ids[n];
    std::uint32_t stamps[n];
    e.template gather<0>(ids, stamps);
    const bool is_mixed = !detail::are_all(stamps, tape.stamp, all);
    if (__builtin_expect(is_mixed, 0))
      if (detail::are_all(stamps, 0, all) || !detail::resolve_copy(tape, ids, stamps, all))
        return;
    T partials[n] = {};
    e.template accumulate<0>(ids, partials, detail::one());
    core &c = static_cast<core &>(tape);
    if constexpr (n > detail::most_arguments) {
      detail::join_equal<unit>(ids, partials, all);
      id_ = detail::push_long<0, n>(c, ids, partials);
    } else if (__builtin_expect(is_mixed, 0)) {
      id_ = detail::push_copy<unit>(c, ids, partials, all);
    } else {
      const bool unit_changed = detail::join_equal<unit>(ids, partials, all);
      id_ = detail::push_statement<unit, false>(c, ids, partials, unit_changed, false, all);
    }
    stamp_ = tape.stamp;
  }

  T value_{};
  identifier id_ = 0;
  std::uint32_t stamp_ = 0;
};

/// For those who record by themselves: a variable with a given place on a tape.
template <class T> basic_var<T> make_var(const T &value, identifier id, std::uint32_t stamp) {
  basic_var<T> v;
  v.value_ = value;
  v.id_ = id;
  v.stamp_ = stamp;
  return v;
}

// ---- Operands: expressions, numbers, and whatever converts to the scalar ----

namespace detail {

template <class E> using scalar_t = typename E::scalar;

template <bool Condition, class T> struct type_if {};
template <class T> struct type_if<true, T> {
  using type = T;
};

/// The scalar of an operation on L and R: that of the expression, of the deeper one if both are. No type otherwise.
template <class L, class R, bool LeftIs = is_expression<L>, bool RightIs = is_expression<R>>
struct choose_scalar {};
template <class L, class R>
struct choose_scalar<L, R, true, false>
    : type_if<std::is_convertible_v<const R &, scalar_t<L>>, scalar_t<L>> {};
template <class L, class R>
struct choose_scalar<L, R, false, true>
    : type_if<std::is_convertible_v<const L &, scalar_t<R>>, scalar_t<R>> {};
template <class L, class R, bool Same = std::is_same_v<scalar_t<L>, scalar_t<R>>>
struct both_expressions : type_if<true, scalar_t<L>> {};
template <class L, class R>
struct both_expressions<L, R, false>
    : std::conditional_t<std::is_convertible_v<const R &, scalar_t<L>>, type_if<true, scalar_t<L>>,
                         type_if<std::is_convertible_v<const L &, scalar_t<R>>, scalar_t<R>>> {};
template <class L, class R> struct choose_scalar<L, R, true, true> : both_expressions<L, R> {};

/// The operand as it is kept in a node.
template <class T, class X> auto operand(const X &x) {
  if constexpr (is_expression<X>) {
    if constexpr (std::is_same_v<typename X::scalar, T>)
      return x;
    else
      return number_leaf<T>(T(x));
  } else
    return number_leaf<T>(number<T>(x));
}
template <class T, class X> using operand_t = decltype(operand<T>(std::declval<const X &>()));

template <class L, class R> using scalar_of = typename choose_scalar<L, R>::type;
/// The scalar of three operands, pairwise with what one of them is; no `type` if they do not fit or none is a variable.
template <class A, class B, class C>
struct choose_three
    : std::conditional_t<is_expression<A> || is_expression<B>, choose_scalar<A, B>, choose_scalar<B, C>> {};
template <class A, class B, class C> using enable_three = typename choose_three<A, B, C>::type;

} // namespace detail

// ---- The rows as functions ----

#define NABLA_RULE1(NAME, ...)                                                                               \
  template <class E, std::enable_if_t<is_expression<E>, int> = 0> auto NAME(const E &x) {                    \
    return node<rules::id::NAME, E>(x);                                                                      \
  }
#define NABLA_RULEN(NAME, ...)                                                                               \
  template <class E, std::enable_if_t<is_expression<E>, int> = 0> auto NAME(const E &x, int n) {             \
    return integer_node<rules::id::NAME, E>(x, n);                                                           \
  }
#define NABLA_RULE2(NAME, ...)                                                                               \
  template <class L, class R, class T = detail::scalar_of<L, R>> auto NAME(const L &x, const R &y) {         \
    return node<rules::id::NAME, detail::operand_t<T, L>, detail::operand_t<T, R>>(detail::operand<T>(x),    \
                                                                                   detail::operand<T>(y));   \
  }
#define NABLA_RULE3(NAME, ...)                                                                               \
  template <class A, class B, class C, class T = detail::enable_three<A, B, C>>                              \
  auto NAME(const A &x, const B &y, const C &z) {                                                            \
    return node<rules::id::NAME, detail::operand_t<T, A>, detail::operand_t<T, B>, detail::operand_t<T, C>>( \
        detail::operand<T>(x), detail::operand<T>(y), detail::operand<T>(z));                                \
  }
#include "../rules.def"

template <class E, std::enable_if_t<is_expression<E>, int> = 0> auto abs(const E &x) { return fabs(x); }
template <class A, class B, class C, class T = detail::enable_three<A, B, C>>
auto hypot(const A &x, const B &y, const C &z) {
  return hypot3(x, y, z);
}

template <class E, std::enable_if_t<is_expression<E>, int> = 0> const E &operator+(const E &x) { return x; }
template <class E, std::enable_if_t<is_expression<E>, int> = 0> auto operator-(const E &x) { return neg(x); }
#define NABLA_OPERATOR(OP, NAME)                                                                             \
  template <class L, class R, class T = detail::scalar_of<L, R>> auto operator OP(const L &x, const R &y) {  \
    return NAME(x, y);                                                                                       \
  }
NABLA_OPERATOR(+, add)
NABLA_OPERATOR(-, sub)
NABLA_OPERATOR(*, mul)
NABLA_OPERATOR(/, div)
#undef NABLA_OPERATOR

// ---- Comparisons look at values ----

#define NABLA_COMPARE(OP)                                                                                    \
  template <class L, class R, class T = detail::scalar_of<L, R>> bool operator OP(const L &x, const R &y) {  \
    return detail::operand<T>(x).value() OP detail::operand<T>(y).value();                                   \
  }
NABLA_COMPARE(==)
NABLA_COMPARE(!=)
NABLA_COMPARE(<)
NABLA_COMPARE(<=)
NABLA_COMPARE(>)
NABLA_COMPARE(>=)
#undef NABLA_COMPARE

/// The value without its derivative: of an expression, or of a number, so that templates may say value(x).
template <class E, std::enable_if_t<is_expression<E>, int> = 0> typename E::scalar value(const E &x) {
  return x.value();
}
template <class N, std::enable_if_t<std::is_arithmetic_v<N>, int> = 0> N value(N x) { return x; }

// What the rows are made of, see rules.h.
template <class T> basic_var<T> constant(const basic_var<T> &x, long double c) {
  using rules::constant;
  return basic_var<T>(constant(x.value(), c));
}
template <class T> basic_var<T> indicator(const basic_var<T> &, bool condition) {
  return basic_var<T>(condition ? 1 : 0);
}
template <class E, std::enable_if_t<is_expression<E>, int> = 0> int exponent(const E &x) {
  using nabla::exponent;
  return exponent(x.value());
}

} // namespace nabla::dynamic

namespace nabla {
using dynamic::basic_var;
}
