// The rule table as templates over any value type V: a real, a dual, an IR expression, a tape's or a tensor's
// variable.
//
//   row<id::tanh>::value(x)             tanh(x)
//   row<id::tanh>::partial<0>(x, r)     1 - r * r
//   row<id::hypot>::partial<1>(x, y, r)
//
// Note [Names in rows]: a row says `exp(x)`. Reals find std::exp through the using-declarations below, which
// also hide the C library's ::exp(double); every other V finds its own function by argument-dependent lookup,
// in V's namespace. So no row may be called `exp` in this scope: rows are specialisations named by a scoped
// enumerator.
#pragma once
#include "math.h"

namespace nabla::rules {

enum class id : unsigned short {
#define NABLA_RULE1(NAME, ...) NAME,
#define NABLA_RULE2(NAME, ...) NAME,
#define NABLA_RULE3(NAME, ...) NAME,
#define NABLA_RULEN(NAME, ...) NAME,
#include "rules.def"
};

using nabla::digamma, nabla::fraction, nabla::guarded, nabla::polygamma, nabla::ratio, nabla::sign,
    nabla::trigamma;
using std::acos, std::acosh, std::asin, std::asinh, std::atan, std::atan2, std::atanh, std::cbrt, std::ceil;
using std::copysign, std::cos, std::cosh, std::erf, std::erfc, std::exp, std::exp2, std::expm1, std::fabs,
    std::fdim;
using std::floor, std::fma, std::fmax, std::fmin, std::fmod, std::hypot, std::ldexp, std::lgamma, std::log,
    std::log10;
using std::log1p, std::log2, std::nearbyint, std::pow, std::remainder, std::rint, std::round, std::sin,
    std::sinh;
using std::sqrt, std::tan, std::tanh, std::tgamma, std::trunc;

template <class T> detail::if_real<T> hypot3(T x, T y, T z) { return std::hypot(x, y, z); }
template <class T> constexpr detail::if_real<T> min(T x, T y) { return y < x ? y : x; }
template <class T> constexpr detail::if_real<T> max(T x, T y) { return x < y ? y : x; }
template <class T> constexpr detail::if_real<T> clamp(T x, T low, T high) {
  return x < low ? low : high < x ? high : x;
}

/// The number c in the type of the first argument. Every V has its own.
template <class T> constexpr detail::if_real<T> constant(T, long double c) { return T(c); }
template <class V> V select(bool condition, const V &yes, const V &no) { return condition ? yes : no; }
template <class T> constexpr detail::if_real<T> indicator(T, bool condition) { return T(condition); }

/// A partial's value: a plain number like -1 in a row becomes a V like `as`.
template <class V, class E> V lift(const V &as, const E &e) {
  if constexpr (std::is_arithmetic_v<E>)
    return constant(as, e);
  else
    return e;
}

/// value(x...), partial<I>(x..., r), and the row's columns.
template <id> struct row;

#define NABLA_ROW(NAME, SPELLING, COST, SINGULAR, ARITY)                                                     \
  static constexpr const char *name = #NAME;                                                                 \
  static constexpr const char *spelling = SPELLING;                                                          \
  static constexpr unsigned arity = ARITY;                                                                   \
  static constexpr int cost = COST;                                                                          \
  static constexpr bool singular = SINGULAR != 0;

#define NABLA_RULE1(NAME, SPELLING, COST, SINGULAR, VALUE, PX, XLO, XHI)                                     \
  template <> struct row<id::NAME> {                                                                         \
    NABLA_ROW(NAME, SPELLING, COST, SINGULAR, 1)                                                             \
    static constexpr bool integer_second = false;                                                            \
    static constexpr double low[] = {XLO}, high[] = {XHI};                                                   \
    template <class V> static V value(const V &x) { return VALUE; }                                          \
    template <unsigned I, class V>                                                                           \
    static V partial([[maybe_unused]] const V &x, [[maybe_unused]] const V &r) {                             \
      static_assert(I == 0);                                                                                 \
      return lift(x, PX);                                                                                    \
    }                                                                                                        \
  };
#define NABLA_RULEN(NAME, SPELLING, COST, SINGULAR, VALUE, PX, XLO, XHI)                                     \
  template <> struct row<id::NAME> {                                                                         \
    NABLA_ROW(NAME, SPELLING, COST, SINGULAR, 2)                                                             \
    static constexpr bool integer_second = true;                                                             \
    static constexpr double low[] = {XLO}, high[] = {XHI};                                                   \
    template <class V, class N> static V value(const V &x, const N &y) { return VALUE; }                     \
    template <unsigned I, class V, class N>                                                                  \
    static V partial(const V &x, const N &y, [[maybe_unused]] const V &r) {                                  \
      static_assert(I == 0);                                                                                 \
      return lift(x, PX);                                                                                    \
    }                                                                                                        \
  };
#define NABLA_RULE2(NAME, SPELLING, COST, SINGULAR, VALUE, PX, PY, XLO, XHI, YLO, YHI)                       \
  template <> struct row<id::NAME> {                                                                         \
    NABLA_ROW(NAME, SPELLING, COST, SINGULAR, 2)                                                             \
    static constexpr bool integer_second = false;                                                            \
    static constexpr double low[] = {XLO, YLO}, high[] = {XHI, YHI};                                         \
    template <class V> static V value(const V &x, const V &y) { return VALUE; }                              \
    template <unsigned I, class V>                                                                           \
    static V partial(const V &x, [[maybe_unused]] const V &y, [[maybe_unused]] const V &r) {                 \
      static_assert(I < 2);                                                                                  \
      if constexpr (I == 0)                                                                                  \
        return lift(x, PX);                                                                                  \
      else                                                                                                   \
        return lift(x, PY);                                                                                  \
    }                                                                                                        \
  };
#define NABLA_RULE3(NAME, SPELLING, COST, SINGULAR, VALUE, PX, PY, PZ, XLO, XHI, YLO, YHI, ZLO, ZHI)         \
  template <> struct row<id::NAME> {                                                                         \
    NABLA_ROW(NAME, SPELLING, COST, SINGULAR, 3)                                                             \
    static constexpr bool integer_second = false;                                                            \
    static constexpr double low[] = {XLO, YLO, ZLO}, high[] = {XHI, YHI, ZHI};                               \
    template <class V> static V value(const V &x, const V &y, const V &z) { return VALUE; }                  \
    template <unsigned I, class V>                                                                           \
    static V partial(const V &x, [[maybe_unused]] const V &y, [[maybe_unused]] const V &z,                   \
                     [[maybe_unused]] const V &r) {                                                          \
      static_assert(I < 3);                                                                                  \
      if constexpr (I == 0)                                                                                  \
        return lift(x, PX);                                                                                  \
      else if constexpr (I == 1)                                                                             \
        return lift(x, PY);                                                                                  \
      else                                                                                                   \
        return lift(x, PZ);                                                                                  \
    }                                                                                                        \
  };
#include "rules.def"
#undef NABLA_ROW

/// The number of rows.
inline constexpr unsigned count = 0
#define NABLA_RULE1(...) +1
#define NABLA_RULE2(...) +1
#define NABLA_RULE3(...) +1
#define NABLA_RULEN(...) +1
#include "rules.def"
    ;

} // namespace nabla::rules
