// The fuzzer's oracle: a dual number with formulas of its own (nothing here is shared with rules.def).
// A generated program is printed a second time with D, F, L for double, float, long double and `fz::` for
// `std::`; run once per input direction it gives every partial derivative. Besides the tangent `d` a number
// carries `m`, the sum of |path products|, which bounds the rounding error of any correct way to add the same
// paths up.
#pragma once
#include "harness.h"
#include "oracle_jet.h"
#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

/// Set when any value of the program is not a number: it left some function's domain, and says nothing about
/// the compiler.
extern bool fuzz_strange;

namespace fz {

using std::array;
using std::count_if;
using std::deque;
using std::function;
using std::get;
using std::get_if;
using std::holds_alternative;
using std::in_place_index;
using std::list;
using std::make_shared;
using std::make_unique;
using std::map;
using std::move;
using std::optional;
using std::remove_if;
using std::reverse;
using std::shared_ptr;
using std::size_t;
using std::sort;
using std::string;
using std::to_string;
using std::unique_ptr;
using std::variant;
using std::vector;
using std::visit;

template <class A> inline constexpr bool plain = std::is_arithmetic_v<A> || std::is_enum_v<A>;

using Number = Jet<FUZZ_ORDER>;

template <class T> struct Dual {
  T v;
  Number j, m;
  Dual() = default;
  template <class A, std::enable_if_t<plain<A>, int> = 0> Dual(A a) : Dual(static_cast<T>(a), 0, 0) {}
  template <class U> Dual(const Dual<U> &o) : Dual(static_cast<T>(o.v), o.j, o.m) {}
  Dual(T value, const Number &number, const Number &size)
      : v(value), j(with_value(number, value)), m(with_value(magnitudes(size), value)) {}
  template <class I, std::enable_if_t<std::is_integral_v<I>, int> = 0> explicit operator I() const {
    return static_cast<I>(v);
  }
  template <class U> Dual &operator+=(const U &o) { return *this = Dual(*this + o); }
  template <class U> Dual &operator-=(const U &o) { return *this = Dual(*this - o); }
  template <class U> Dual &operator*=(const U &o) { return *this = Dual(*this * o); }
  template <class U> Dual &operator/=(const U &o) { return *this = Dual(*this / o); }
  Dual &operator++() { return *this = Dual(v + 1, j, m); }
  Dual &operator--() { return *this = Dual(v - 1, j, m); }
  Dual operator++(int) {
    Dual old = *this;
    ++*this;
    return old;
  }
  Dual operator--(int) {
    Dual old = *this;
    --*this;
    return old;
  }
};

template <class A> struct scalar {
  using type = A;
};
template <class T> struct scalar<Dual<T>> {
  using type = T;
};
template <class A> using scalar_t = typename scalar<A>::type;
template <class A> inline constexpr bool is_dual = !plain<A> && !std::is_same_v<scalar_t<A>, A>;
template <class A, class B>
inline constexpr bool mixed =
    (is_dual<A> || is_dual<B>) && (is_dual<A> || plain<A>) && (is_dual<B> || plain<B>);

template <class A> auto value(const A &a) {
  if constexpr (is_dual<A>)
    return a.v;
  else
    return a;
}
template <class A> Number jet(const A &a) {
  if constexpr (is_dual<A>)
    return a.j;
  else
    return Number(real(a));
}
/// With absolute values throughout.
template <class A> Number size(const A &a) {
  if constexpr (is_dual<A>)
    return magnitudes(a.m);
  else
    return Number(std::fabs(real(a)));
}
/// As an argument of a function: the value, and the tangents' magnitudes.
template <class A> Number spread(const A &a) { return with_value(size(a), value(a)); }

template <class T> Dual<T> made(T v, const Number &j, const Number &m) {
  fuzz_strange = fuzz_strange || !(v == v);
  return Dual<T>(v, j, m);
}

// ---- Arithmetic: the usual conversions
// ------------------------------------------------------------------------

#define FZ_BINARY template <class A, class B, std::enable_if_t<mixed<A, B>, int> = 0> auto
FZ_BINARY operator+(const A &a, const B &b) {
  return made(value(a) + value(b), jet(a) + jet(b), size(a) + size(b));
}
FZ_BINARY operator-(const A &a, const B &b) {
  return made(value(a) - value(b), jet(a) - jet(b), size(a) + size(b));
}
FZ_BINARY operator*(const A &a, const B &b) {
  return made(value(a) * value(b), jet(a) * jet(b), size(a) * size(b));
}
FZ_BINARY operator/(const A &a, const B &b) {
  return made(value(a) / value(b), jet(a) / jet(b),
              size(a) / with_value(-size(b), std::fabs(real(value(b)))));
}
template <class T> Dual<T> operator-(const Dual<T> &a) { return made(T(-a.v), -a.j, a.m); }
template <class T> Dual<T> operator+(const Dual<T> &a) { return a; }
#define FZ_COMPARE(op)                                                                                       \
  template <class A, class B, std::enable_if_t<mixed<A, B>, int> = 0>                                        \
  bool operator op(const A &a, const B &b) {                                                                 \
    return value(a) op value(b);                                                                             \
  }
FZ_COMPARE(<)
FZ_COMPARE(>)
FZ_COMPARE(<=)
FZ_COMPARE(>=)
FZ_COMPARE(==)
FZ_COMPARE(!=)

// ---- Functions: the value by the same library function, derivatives by oracle_jet.h
// -----------------------------------------------------------------------------------

/// NAME under its three C spellings and the overloaded one.
#define FZ_UNARY(NAME, PARTIAL)                                                                              \
  using std::NAME;                                                                                           \
  using ::NAME##f;                                                                                           \
  using ::NAME##l;                                                                                           \
  template <class T> Dual<T> NAME(const Dual<T> &a) {                                                        \
    return made(T(std::NAME(a.v)), NAME(a.j), NAME(spread(a)));                                              \
  }                                                                                                          \
  inline Dual<float> NAME##f(const Dual<float> &a) { return NAME(a); }                                       \
  inline Dual<long double> NAME##l(const Dual<long double> &a) { return NAME(a); }
FZ_FOR_EACH_UNARY(FZ_UNARY)
using std::abs;
template <class T> Dual<T> abs(const Dual<T> &a) { return fabs(a); }

template <class A> using cmath_arg = std::conditional_t<std::is_integral_v<scalar_t<A>>, double, scalar_t<A>>;

#define FZ_BINARY_FN(NAME, PA, PB)                                                                           \
  using std::NAME;                                                                                           \
  using ::NAME##f;                                                                                           \
  using ::NAME##l;                                                                                           \
  FZ_BINARY NAME(const A &a, const B &b) {                                                                   \
    auto v = std::NAME(cmath_arg<A>(value(a)), cmath_arg<B>(value(b)));                                      \
    return made(v, NAME(jet(a), jet(b)), NAME(spread(a), spread(b)));                                        \
  }                                                                                                          \
  inline auto NAME##f(const Dual<float> &a, const Dual<float> &b) { return NAME(a, b); }                     \
  inline auto NAME##l(const Dual<long double> &a, const Dual<long double> &b) { return NAME(a, b); }
FZ_FOR_EACH_BINARY(FZ_BINARY_FN)

using std::fma;
template <class A, class B, class C, std::enable_if_t<is_dual<A> || is_dual<B> || is_dual<C>, int> = 0>
auto fma(const A &a, const B &b, const C &c) {
  return made(std::fma(value(a), value(b), value(c)), jet(a) * jet(b) + jet(c), size(a) * size(b) + size(c));
}
template <class A, class B, class C, std::enable_if_t<is_dual<A> || is_dual<B> || is_dual<C>, int> = 0>
auto hypot(const A &a, const B &b, const C &c) {
  return made(std::hypot(value(a), value(b), value(c)), hypot(hypot(jet(a), jet(b)), jet(c)),
              hypot(hypot(spread(a), spread(b)), spread(c)));
}
using std::ldexp;
template <class T> Dual<T> ldexp(const Dual<T> &a, int k) {
  return made(T(std::ldexp(a.v, k)), a.j * std::ldexp(1.0L, k), size(a) * std::ldexp(1.0L, k));
}
using std::frexp;
template <class T> Dual<T> frexp(const Dual<T> &a, int *k) {
  T v = std::frexp(a.v, k);
  return made(v, a.j * std::ldexp(1.0L, -*k), size(a) * std::ldexp(1.0L, -*k));
}
using std::modf;
template <class T> Dual<T> modf(const Dual<T> &a, Dual<T> *whole) {
  T w;
  T v = std::modf(a.v, &w);
  *whole = Dual<T>(w);
  return made(v, a.j, a.m);
}
template <class A, std::enable_if_t<plain<A>, int> = 0> Dual<double> modf(A a, Dual<double> *whole) {
  return modf(Dual<double>(a), whole);
}

// ---- The rest of what generated programs name through std::
// ------------------------------------------------------

using std::calloc;
using std::clamp;
using std::copy;
using std::fill;
using std::fill_n;
using std::free;
using std::malloc;
using std::max;
using std::memcpy;
using std::memmove;
using std::memset;
using std::min;
using std::move;
using std::size_t;
using std::swap;

FZ_BINARY min(const A &a, const B &b) {
  using R = Dual<decltype(value(a) + value(b))>;
  return value(b) < value(a) ? R(b) : R(a);
}
FZ_BINARY max(const A &a, const B &b) {
  using R = Dual<decltype(value(a) + value(b))>;
  return value(a) < value(b) ? R(b) : R(a);
}
template <class T, class A, class B, std::enable_if_t<plain<A> || plain<B>, int> = 0>
Dual<T> clamp(const Dual<T> &x, const A &lo, const B &hi) {
  return x < lo ? Dual<T>(lo) : hi < x ? Dual<T>(hi) : x;
}

// ---- Between the harness's flat arrays and the program's numbers
// ----------------------------------------------------------------

/// Slot `at`, with its tangents: innermost along fuzz_direction, then fuzz_fixed, outermost d.
template <class N> N load(const long double *v, const double *d, const double *m, int at) {
  double dots[3] = {double(fuzz_direction[at]), fuzz_fixed(at)},
         sizes[3] = {std::fabs(dots[0]), std::fabs(dots[1])};
  dots[FUZZ_ORDER - 1] = d[at * fuzz_width], sizes[FUZZ_ORDER - 1] = m[at * fuzz_width];
  const auto value = static_cast<scalar_t<N>>(v[at]);
  return N(value, along<FUZZ_ORDER>(value, dots), along<FUZZ_ORDER>(value, sizes));
}
/// A slot that is not differentiated.
template <class N> N constant(const long double *v, int at) { return N(static_cast<scalar_t<N>>(v[at])); }
/// d and m: the coefficients of all products with the outermost symbol.
template <class N> void save(const N &from, long double *v, double *d, double *m, int at) {
  v[at] = value(from);
  store(jet(from).d, d + at * fuzz_width), store(size(from).d, m + at * fuzz_width);
}

/// printf of the dual program: prints nothing, takes anything.
template <class... A> int print(const char *, const A &...) { return 0; }
/// An implicit conversion to an integer (`int k = x;`).
template <class A> A whole(const A &a) { return a; }
template <class T> long long whole(const Dual<T> &a) { return static_cast<long long>(a.v); }

} // namespace fz

using D = fz::Dual<double>;
using F = fz::Dual<float>;
using L = fz::Dual<long double>;
