// Forward-mode scalar: a value and its derivative in one direction, with all operators and functions of
// rules.def. Nests for higher orders: basic_dual<basic_dual<double>>.
//
//   nabla::basic_dual<double> x{2, 1};            // d/dx at 2
//   auto y = sin(x) * x;                          // y.value, y.dot
//
// Every function calls the row's value and partials, so duals and generated code agree by construction.
#pragma once
#include "nabla.h"
#include "rules.h"

namespace nabla {

template <class T> struct basic_dual {
  T value{}, dot{};

  basic_dual() = default;
  basic_dual(const T &v, const T &d) : value(v), dot(d) {}
  /// A constant: any number, also the inner type of a nested dual.
  template <class N, std::enable_if_t<std::is_arithmetic_v<N> || std::is_same_v<N, T>, int> = 0>
  basic_dual(const N &number) : value(static_cast<T>(number)) {}
  explicit basic_dual(const dual<T> &d) : value(d.value), dot(d.dot) {}
  explicit operator dual<T>() const { return {value, dot}; }
  /// Integers and bools carry no derivative.
  template <class N, std::enable_if_t<std::is_integral_v<N>, int> = 0> explicit operator N() const {
    return static_cast<N>(value);
  }

  basic_dual &operator+=(const basic_dual &y) { return *this = *this + y; }
  basic_dual &operator-=(const basic_dual &y) { return *this = *this - y; }
  basic_dual &operator*=(const basic_dual &y) { return *this = *this * y; }
  basic_dual &operator/=(const basic_dual &y) { return *this = *this / y; }
  basic_dual &operator++() { return *this += 1; }
  basic_dual &operator--() { return *this -= 1; }
  basic_dual operator++(int) {
    basic_dual old = *this;
    return ++*this, old;
  }
  basic_dual operator--(int) {
    basic_dual old = *this;
    return --*this, old;
  }

  friend basic_dual operator+(const basic_dual &x) { return x; }
  friend basic_dual operator-(const basic_dual &x) { return neg(x); }
  friend basic_dual operator+(const basic_dual &x, const basic_dual &y) { return add(x, y); }
  friend basic_dual operator-(const basic_dual &x, const basic_dual &y) { return sub(x, y); }
  friend basic_dual operator*(const basic_dual &x, const basic_dual &y) { return mul(x, y); }
  friend basic_dual operator/(const basic_dual &x, const basic_dual &y) { return div(x, y); }
  friend bool operator==(const basic_dual &x, const basic_dual &y) { return x.value == y.value; }
  friend bool operator!=(const basic_dual &x, const basic_dual &y) { return x.value != y.value; }
  friend bool operator<(const basic_dual &x, const basic_dual &y) { return x.value < y.value; }
  friend bool operator<=(const basic_dual &x, const basic_dual &y) { return x.value <= y.value; }
  friend bool operator>(const basic_dual &x, const basic_dual &y) { return x.value > y.value; }
  friend bool operator>=(const basic_dual &x, const basic_dual &y) { return x.value >= y.value; }

  // The table's own helpers (rules.h).
  friend basic_dual constant(const basic_dual &x, long double c) { return basic_dual(inner(x.value, c)); }
  friend basic_dual indicator(const basic_dual &x, bool condition) { return constant(x, condition ? 1 : 0); }

#define NABLA_RULE1(NAME, ...)                                                                               \
  friend basic_dual NAME(const basic_dual &x) {                                                              \
    using row = rules::row<rules::id::NAME>;                                                                 \
    const T r = row::value(x.value);                                                                         \
    return {r, product(row::singular, x.dot, row::template partial<0>(x.value, r))};                         \
  }
#define NABLA_RULEN(NAME, ...)                                                                               \
  friend basic_dual NAME(const basic_dual &x, int y) {                                                       \
    using row = rules::row<rules::id::NAME>;                                                                 \
    const T r = row::value(x.value, y);                                                                      \
    return {r, product(row::singular, x.dot, row::template partial<0>(x.value, y, r))};                      \
  }
#define NABLA_RULE2(NAME, ...)                                                                               \
  friend basic_dual NAME(const basic_dual &x, const basic_dual &y) {                                         \
    return binary<rules::row<rules::id::NAME>>(x, y);                                                        \
  }
#define NABLA_RULE3(NAME, ...)                                                                               \
  friend basic_dual NAME(const basic_dual &x, const basic_dual &y, const basic_dual &z) {                    \
    using row = rules::row<rules::id::NAME>;                                                                 \
    const T r = row::value(x.value, y.value, z.value);                                                       \
    return {r, product(row::singular, x.dot, row::template partial<0>(x.value, y.value, z.value, r)) +       \
                   product(row::singular, y.dot, row::template partial<1>(x.value, y.value, z.value, r)) +   \
                   product(row::singular, z.dot, row::template partial<2>(x.value, y.value, z.value, r))};   \
  }
#include "rules.def"

  friend basic_dual abs(const basic_dual &x) { return fabs(x); }
  friend basic_dual hypot(const basic_dual &x, const basic_dual &y, const basic_dual &z) {
    return hypot3(x, y, z);
  }
  friend basic_dual modf(const basic_dual &x, basic_dual *whole) {
    *whole = trunc(x);
    return fraction(x);
  }
  friend int exponent(const basic_dual &x) {
    using nabla::exponent;
    return exponent(x.value);
  }
  friend basic_dual frexp(const basic_dual &x, int *e) {
    *e = exponent(x);
    return ldexp(x, -*e);
  }

private:
  static T inner(const T &like, long double c) {
    using rules::constant;
    return constant(like, c);
  }
  /// tangent times partial
  static T product(bool is_singular, const T &dot, const T &partial) {
    using nabla::guarded;
    return is_singular ? guarded(dot, partial) : dot * partial;
  }
  template <class Row> static basic_dual binary(const basic_dual &x, const basic_dual &y) {
    const T r = Row::value(x.value, y.value);
    if constexpr (std::is_same_v<Row, rules::row<rules::id::guarded>>) // guards both factors, see rules.def
      return {r, product(true, x.dot, y.value) + product(true, x.value, y.dot)};
    return {r, product(Row::singular, x.dot, Row::template partial<0>(x.value, y.value, r)) +
                   product(Row::singular, y.dot, Row::template partial<1>(x.value, y.value, r))};
  }
};

} // namespace nabla
