// The oracle's arithmetic: a polynomial in FUZZ_ORDER symbols whose squares are zero, as a dual number of dual numbers.
// Its functions have one formula each, for the first derivative; the higher ones are that formula on the smaller numbers.
#pragma once
#include <cmath>
#include <type_traits>

namespace fz {

using real = long double; // partials are worked out in the widest type

template <int K> struct Jet {
  Jet<K - 1> v, d;
  Jet() = default;
  Jet(real constant) : v(constant), d(0) {}
  Jet(const Jet<K - 1> &value, const Jet<K - 1> &dot) : v(value), d(dot) {}
  friend Jet operator+(const Jet &a, const Jet &b) { return {a.v + b.v, a.d + b.d}; }
  friend Jet operator-(const Jet &a, const Jet &b) { return {a.v - b.v, a.d - b.d}; }
  friend Jet operator-(const Jet &a) { return {-a.v, -a.d}; }
  friend Jet operator*(const Jet &a, const Jet &b) { return {a.v * b.v, times(b.v, a.d) + times(a.v, b.d)}; }
  friend Jet operator/(const Jet &a, const Jet &b) {
    return {a.v / b.v, times(1 / b.v, a.d) + times(-(a.v / (b.v * b.v)), b.d)};
  }
  /// A constant zero tangent wins over an infinite partial.
  friend Jet times(const Jet &partial, const Jet &x) {
    return {times(partial.v, x.v), times(partial.v, x.d) + times(partial.d, x.v)};
  }
  friend Jet magnitudes(const Jet &a) { return {magnitudes(a.v), magnitudes(a.d)}; }
  friend bool is_zero(const Jet &a) { return is_zero(a.v) && is_zero(a.d); }
};
template <> struct Jet<0> {
  real v;
  Jet() = default;
  Jet(real constant) : v(constant) {}
  friend Jet operator+(const Jet &a, const Jet &b) { return a.v + b.v; }
  friend Jet operator-(const Jet &a, const Jet &b) { return a.v - b.v; }
  friend Jet operator-(const Jet &a) { return -a.v; }
  friend Jet operator*(const Jet &a, const Jet &b) { return a.v * b.v; }
  friend Jet operator/(const Jet &a, const Jet &b) { return a.v / b.v; }
  friend Jet times(const Jet &partial, const Jet &x) { return x.v == 0 ? 0 : partial.v * x.v; }
  friend Jet magnitudes(const Jet &a) { return std::fabs(a.v); }
  friend bool is_zero(const Jet &a) { return a.v == 0; }
};

template <int K> real value_of(const Jet<K> &a) {
  if constexpr (K == 0)
    return a.v;
  else
    return value_of(a.v);
}
template <int K> Jet<K> with_value(Jet<K> a, real v) {
  if constexpr (K == 0)
    return v;
  else
    return {with_value(a.v, v), a.d};
}
/// All coefficients of `a`, and back; the symbol of the outermost level has the highest place.
template <int K> void store(const Jet<K> &a, double *to) {
  if constexpr (K == 0)
    *to = static_cast<double>(a.v);
  else
    store(a.v, to), store(a.d, to + (1 << (K - 1)));
}
/// The value and, for each level from the innermost, a tangent.
template <int K> Jet<K> along(real v, const double *dots) {
  if constexpr (K == 0)
    return v;
  else
    return {along<K - 1>(v, dots), Jet<K - 1>(dots[K - 1])};
}

// ---- One argument
// -------------------------------------------------------------------------------------------------------------

template <int K> Jet<K> digamma(Jet<K> x) {
  Jet<K> s = 0;
  for (; value_of(x) < 20; x = x + 1)
    s = s - 1 / x;
  Jet<K> y = 1 / (x * x);
  return s + log(x) - 1 / (2 * x) -
         y * (1.0L / 12 - y * (1.0L / 120 - y * (1.0L / 252 - y * (1.0L / 240 - y * (1.0L / 132)))));
}
inline constexpr real pi = 3.141592653589793238462643383279502884L;
inline constexpr real ln2 = 0.693147180559945309417232121458176568L;
inline constexpr real ln10 = 2.302585092994045684017991454684364208L;

/// NAME, and its derivative in X, the argument, and Y, the result.
#define FZ_FOR_EACH_UNARY(ROW)                                                                               \
  ROW(exp, Y)                                                                                                \
  ROW(exp2, Y *ln2)                                                                                          \
  ROW(expm1, exp(X))                                                                                         \
  ROW(log, 1 / X)                                                                                            \
  ROW(log2, 1 / (X * ln2))                                                                                   \
  ROW(log10, 1 / (X * ln10))                                                                                 \
  ROW(log1p, 1 / (1 + X))                                                                                    \
  ROW(sqrt, 0.5L / Y)                                                                                        \
  ROW(cbrt, 1 / (3 * Y * Y))                                                                                 \
  ROW(sin, cos(X))                                                                                           \
  ROW(cos, -sin(X))                                                                                          \
  ROW(tan, 1 / (cos(X) * cos(X)))                                                                            \
  ROW(asin, 1 / sqrt((1 - X) * (1 + X)))                                                                     \
  ROW(acos, -1 / sqrt((1 - X) * (1 + X)))                                                                    \
  ROW(atan, 1 / (1 + X * X))                                                                                 \
  ROW(sinh, cosh(X))                                                                                         \
  ROW(cosh, sinh(X))                                                                                         \
  ROW(tanh, 1 / (cosh(X) * cosh(X)))                                                                         \
  ROW(asinh, 1 / sqrt(X * X + 1))                                                                            \
  ROW(acosh, 1 / sqrt((X - 1) * (X + 1)))                                                                    \
  ROW(atanh, 1 / ((1 - X) * (1 + X)))                                                                        \
  ROW(erf, 2 / std::sqrt(pi) * exp(-(X * X)))                                                                \
  ROW(erfc, -2 / std::sqrt(pi) * exp(-(X * X)))                                                              \
  ROW(tgamma, Y *digamma(X))                                                                                 \
  ROW(lgamma, digamma(X))                                                                                    \
  ROW(fabs, value_of(X) < 0 ? -1 : 1)                                                                        \
  ROW(floor, 0)                                                                                              \
  ROW(ceil, 0)                                                                                               \
  ROW(trunc, 0)                                                                                              \
  ROW(round, 0)                                                                                              \
  ROW(rint, 0)                                                                                               \
  ROW(nearbyint, 0)

#define FZ_JET_UNARY(NAME, PARTIAL)                                                                          \
  template <int K> Jet<K> NAME(const Jet<K> &a) {                                                            \
    if constexpr (K == 0) {                                                                                  \
      return std::NAME(a.v);                                                                                 \
    } else {                                                                                                 \
      [[maybe_unused]] const Jet<K - 1> &X = a.v, Y = NAME(a.v);                                             \
      return {Y, times(Jet<K - 1>(PARTIAL), a.d)};                                                           \
    }                                                                                                        \
  }
FZ_FOR_EACH_UNARY(FZ_JET_UNARY)

// ---- Two arguments
// ------------------------------------------------------------------------------------------------------------

/// NAME, and its derivatives in X and Y, the arguments, and V, the result.
#define FZ_FOR_EACH_BINARY(ROW)                                                                              \
  ROW(pow, is_zero(Y) ? 0 : Y *pow(X, Y - 1), V *log(X))                                                     \
  ROW(atan2, Y / (X * X + Y * Y), -(X / (X * X + Y * Y)))                                                    \
  ROW(hypot, X / V, Y / V)                                                                                   \
  ROW(fmin, value_of(X) < value_of(Y) ? 1 : 0, value_of(X) < value_of(Y) ? 0 : 1)                            \
  ROW(fmax, value_of(X) > value_of(Y) ? 1 : 0, value_of(X) > value_of(Y) ? 0 : 1)                            \
  ROW(fdim, value_of(X) > value_of(Y) ? 1 : 0, value_of(X) > value_of(Y) ? -1 : 0)                           \
  ROW(fmod, 1, -round((X - V) / Y))                                                                          \
  ROW(remainder, 1, -round((X - V) / Y))                                                                     \
  ROW(copysign, std::signbit(value_of(X)) == std::signbit(value_of(Y)) ? 1 : -1, 0)

#define FZ_JET_BINARY(NAME, PA, PB)                                                                          \
  template <int K> Jet<K> NAME(const Jet<K> &a, const Jet<K> &b) {                                           \
    if constexpr (K == 0) {                                                                                  \
      return std::NAME(a.v, b.v);                                                                            \
    } else {                                                                                                 \
      [[maybe_unused]] const Jet<K - 1> &X = a.v, &Y = b.v, V = NAME(X, Y);                                  \
      return {V, times(Jet<K - 1>(PA), a.d) + times(Jet<K - 1>(PB), b.d)};                                   \
    }                                                                                                        \
  }
FZ_FOR_EACH_BINARY(FZ_JET_BINARY)

} // namespace fz
