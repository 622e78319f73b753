// The fuzzer's oracle: a dual number with formulas of its own (nothing here is shared with rules.def).
// A generated program is printed a second time with D, F, L for double, float, long double and `fz::` for
// `std::`; run once per input direction it gives every partial derivative. Besides the tangent `d` a number
// carries `m`, the sum of |path products|, which bounds the rounding error of any correct way to add the same
// paths up.
#pragma once
#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

/// Set when any value of the program is not a number: it left some function's domain, and says nothing about
/// the compiler.
extern bool fuzz_strange;

namespace fz {

using std::count_if;
using std::decay_t;
using std::function;
using std::get_if;
using std::holds_alternative;
using std::is_class_v;
using std::is_same_v;
using std::make_unique;
using std::move;
using std::optional;
using std::remove_if;
using std::size_t;
using std::sort;
using std::unique_ptr;
using std::variant;
using std::vector;
using std::visit;

using real = long double; // partials are worked out in the widest type

template <class A> inline constexpr bool plain = std::is_arithmetic_v<A> || std::is_enum_v<A>;

template <class T> struct Dual {
  T v;
  double d, m;
  Dual() = default;
  template <class A, std::enable_if_t<plain<A>, int> = 0> Dual(A a) : v(static_cast<T>(a)), d(0), m(0) {}
  template <class U> Dual(const Dual<U> &o) : v(static_cast<T>(o.v)), d(o.d), m(o.m) {}
  Dual(T value, real dot, real mag) : v(value), d(static_cast<double>(dot)), m(static_cast<double>(mag)) {}
  template <class I, std::enable_if_t<std::is_integral_v<I>, int> = 0> explicit operator I() const {
    return static_cast<I>(v);
  }
  template <class U> Dual &operator+=(const U &o) { return *this = Dual(*this + o); }
  template <class U> Dual &operator-=(const U &o) { return *this = Dual(*this - o); }
  template <class U> Dual &operator*=(const U &o) { return *this = Dual(*this * o); }
  template <class U> Dual &operator/=(const U &o) { return *this = Dual(*this / o); }
  Dual &operator++() { return *this = Dual(v + 1, d, m); }
  Dual &operator--() { return *this = Dual(v - 1, d, m); }
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
template <class A> double dot(const A &a) {
  if constexpr (is_dual<A>)
    return a.d;
  else
    return 0;
}
template <class A> double mag(const A &a) {
  if constexpr (is_dual<A>)
    return a.m;
  else
    return 0;
}
/// A constant zero tangent wins over an infinite partial.
inline real times(real partial, double x) { return x == 0 ? 0 : partial * x; }

template <class T, class A> Dual<T> chain(T v, const A &a, real pa) {
  fuzz_strange = fuzz_strange || !(v == v);
  return Dual<T>(v, times(pa, dot(a)), times(std::fabs(pa), mag(a)));
}
template <class T, class A, class B> Dual<T> chain(T v, const A &a, real pa, const B &b, real pb) {
  fuzz_strange = fuzz_strange || !(v == v);
  return Dual<T>(v, times(pa, dot(a)) + times(pb, dot(b)),
                 times(std::fabs(pa), mag(a)) + times(std::fabs(pb), mag(b)));
}

// ---- Arithmetic: the usual conversions
// ------------------------------------------------------------------------

#define FZ_BINARY template <class A, class B, std::enable_if_t<mixed<A, B>, int> = 0> auto
FZ_BINARY operator+(const A &a, const B &b) {
  auto v = value(a) + value(b);
  return chain(v, a, 1, b, 1);
}
FZ_BINARY operator-(const A &a, const B &b) {
  auto v = value(a) - value(b);
  return chain(v, a, 1, b, -1);
}
FZ_BINARY operator*(const A &a, const B &b) {
  auto v = value(a) * value(b);
  return chain(v, a, real(value(b)), b, real(value(a)));
}
FZ_BINARY operator/(const A &a, const B &b) {
  auto v = value(a) / value(b);
  real y = value(b);
  return chain(v, a, 1 / y, b, -real(value(a)) / (y * y));
}
template <class T> Dual<T> operator-(const Dual<T> &a) { return chain(T(-a.v), a, -1); }
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

// ---- One argument: value by the same library function, partial by hand
// -----------------------------------------

inline real digamma(real x) {
  real s = 0;
  for (; x < 20; x += 1)
    s -= 1 / x;
  real y = 1 / (x * x);
  return s + std::log(x) - 1 / (2 * x) -
         y * (1.0L / 12 - y * (1.0L / 120 - y * (1.0L / 252 - y * (1.0L / 240 - y * (1.0L / 132)))));
}
inline constexpr real pi = 3.141592653589793238462643383279502884L;
inline constexpr real ln2 = 0.693147180559945309417232121458176568L;
inline constexpr real ln10 = 2.302585092994045684017991454684364208L;

/// NAME under its three C spellings and the overloaded one; X is the argument, Y the function's value, as
/// `real`.
#define FZ_UNARY(NAME, PARTIAL)                                                                              \
  using std::NAME;                                                                                           \
  using ::NAME##f;                                                                                           \
  using ::NAME##l;                                                                                           \
  template <class T> Dual<T> NAME(const Dual<T> &a) {                                                        \
    T v = std::NAME(a.v);                                                                                    \
    [[maybe_unused]] real X = a.v, Y = std::NAME(real(a.v));                                                 \
    return chain(v, a, PARTIAL);                                                                             \
  }                                                                                                          \
  inline Dual<float> NAME##f(const Dual<float> &a) { return NAME(a); }                                       \
  inline Dual<long double> NAME##l(const Dual<long double> &a) { return NAME(a); }

FZ_UNARY(exp, Y)
FZ_UNARY(exp2, Y *ln2)
FZ_UNARY(expm1, std::exp(X))
FZ_UNARY(log, 1 / X)
FZ_UNARY(log2, 1 / (X * ln2))
FZ_UNARY(log10, 1 / (X * ln10))
FZ_UNARY(log1p, 1 / (1 + X))
FZ_UNARY(sqrt, 0.5L / Y)
FZ_UNARY(cbrt, 1 / (3 * Y * Y))
FZ_UNARY(sin, std::cos(X))
FZ_UNARY(cos, -std::sin(X))
FZ_UNARY(tan, 1 / (std::cos(X) * std::cos(X)))
FZ_UNARY(asin, 1 / std::sqrt((1 - X) * (1 + X)))
FZ_UNARY(acos, -1 / std::sqrt((1 - X) * (1 + X)))
FZ_UNARY(atan, 1 / (1 + X * X))
FZ_UNARY(sinh, std::cosh(X))
FZ_UNARY(cosh, std::sinh(X))
FZ_UNARY(tanh, 1 / (std::cosh(X) * std::cosh(X)))
FZ_UNARY(asinh, 1 / std::sqrt(X * X + 1))
FZ_UNARY(acosh, 1 / std::sqrt((X - 1) * (X + 1)))
FZ_UNARY(atanh, 1 / ((1 - X) * (1 + X)))
FZ_UNARY(erf, 2 / std::sqrt(pi) * std::exp(-X * X))
FZ_UNARY(erfc, -2 / std::sqrt(pi) * std::exp(-X * X))
FZ_UNARY(tgamma, Y *digamma(X))
FZ_UNARY(lgamma, digamma(X))
FZ_UNARY(fabs, X < 0 ? -1 : 1)
FZ_UNARY(floor, 0)
FZ_UNARY(ceil, 0)
FZ_UNARY(trunc, 0)
FZ_UNARY(round, 0)
FZ_UNARY(rint, 0)
FZ_UNARY(nearbyint, 0)
using std::abs;
template <class T> Dual<T> abs(const Dual<T> &a) { return fabs(a); }

// ---- Two and three arguments
// --------------------------------------------------------------------------------

template <class A> using cmath_arg = std::conditional_t<std::is_integral_v<scalar_t<A>>, double, scalar_t<A>>;

#define FZ_BINARY_FN(NAME, PA, PB)                                                                           \
  using std::NAME;                                                                                           \
  using ::NAME##f;                                                                                           \
  using ::NAME##l;                                                                                           \
  FZ_BINARY NAME(const A &a, const B &b) {                                                                   \
    auto v = std::NAME(cmath_arg<A>(value(a)), cmath_arg<B>(value(b)));                                      \
    [[maybe_unused]] real X = value(a), Y = value(b), V = std::NAME(X, Y);                                   \
    return chain(v, a, PA, b, PB);                                                                           \
  }                                                                                                          \
  inline auto NAME##f(const Dual<float> &a, const Dual<float> &b) { return NAME(a, b); }                     \
  inline auto NAME##l(const Dual<long double> &a, const Dual<long double> &b) { return NAME(a, b); }

FZ_BINARY_FN(pow, Y == 0 ? 0 : Y * std::pow(X, Y - 1), dot(b) == 0 && mag(b) == 0 ? 0 : V * std::log(X))
FZ_BINARY_FN(atan2, Y / (X * X + Y * Y), -X / (X * X + Y * Y))
FZ_BINARY_FN(hypot, X / V, Y / V)
FZ_BINARY_FN(fmin, X < Y ? 1 : 0, X < Y ? 0 : 1)
FZ_BINARY_FN(fmax, X > Y ? 1 : 0, X > Y ? 0 : 1)
FZ_BINARY_FN(fdim, X > Y ? 1 : 0, X > Y ? -1 : 0)
FZ_BINARY_FN(fmod, 1, -std::round((X - V) / Y))
FZ_BINARY_FN(remainder, 1, -std::round((X - V) / Y))
FZ_BINARY_FN(copysign, std::signbit(X) == std::signbit(Y) ? 1 : -1, 0)

using std::fma;
template <class A, class B, class C, std::enable_if_t<is_dual<A> || is_dual<B> || is_dual<C>, int> = 0>
auto fma(const A &a, const B &b, const C &c) {
  auto v = std::fma(value(a), value(b), value(c));
  auto ab = chain(v, a, real(value(b)), b, real(value(a)));
  return chain(v, ab, 1, c, 1);
}
template <class A, class B, class C, std::enable_if_t<is_dual<A> || is_dual<B> || is_dual<C>, int> = 0>
auto hypot(const A &a, const B &b, const C &c) {
  auto v = std::hypot(value(a), value(b), value(c));
  real x = value(a), y = value(b), z = value(c), r = std::hypot(x, y, z);
  auto ab = chain(v, a, x / r, b, y / r);
  return chain(v, ab, 1, c, z / r);
}
using std::ldexp;
template <class T> Dual<T> ldexp(const Dual<T> &a, int k) {
  return chain(T(std::ldexp(a.v, k)), a, std::ldexp(1.0L, k));
}
using std::frexp;
template <class T> Dual<T> frexp(const Dual<T> &a, int *k) {
  T v = std::frexp(a.v, k);
  return chain(v, a, std::ldexp(1.0L, -*k));
}
using std::modf;
template <class T> Dual<T> modf(const Dual<T> &a, Dual<T> *whole) {
  T w;
  T v = std::modf(a.v, &w);
  *whole = Dual<T>(w);
  return chain(v, a, 1);
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

/// printf of the dual program: prints nothing, takes anything.
template <class... A> int print(const char *, const A &...) { return 0; }
/// An implicit conversion to an integer (`int k = x;`).
template <class A> A whole(const A &a) { return a; }
template <class T> long long whole(const Dual<T> &a) { return static_cast<long long>(a.v); }

} // namespace fz

using D = fz::Dual<double>;
using F = fz::Dual<float>;
using L = fz::Dual<long double>;
