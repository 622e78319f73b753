// Taylor coefficients, for derivatives of any order. Included by nabla.h.
//
//   double d = nabla::derivative<f, 10>(x);                       // the tenth derivative of f
//
// Generated code keeps a value, and beside it its coefficients 1 to N in a nabla::lanes<T, N>. Sums and multiples are those of
// lanes; every other operation is a function here, of the same name as its row in rules.def:
//
//   primal:   r = sin(x)
//   series:   r_dot = nabla::taylor::sin(x, x_dot)
#pragma once
#include "lanes.h"
#include "rules.h"

namespace nabla::taylor {

/// Does the text of a partial read the result r?
constexpr bool reads_result(const char *text) {
  auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  for (const char *c = text; *c; ++c)
    if (*c == 'r' && (c == text || !is_letter(c[-1])) && !is_letter(c[1]))
      return true;
  return false;
}

/// x(t) = c[0] + c[1] t + ... + c[N] t^N.
///
/// Note [Series by the table]: r = g(x) has r' = g'(x) x', so the coefficients of r follow from those of the partial g'(x), a
/// series of order N - 1, which the row computes by the same rules. The result itself goes into a partial only where the row
/// reads it; so each order asks for the one below once, and the work grows like N^3 at most.
template <class T, int N> struct number {
  T c[N + 1] = {};

  number() = default;
  template <class A, std::enable_if_t<std::is_arithmetic_v<A>, int> = 0> number(A value) {
    c[0] = static_cast<T>(value);
  }
  number(T value, const lanes<T, N> &more) {
    c[0] = value;
    for (int k = 0; k < N; ++k)
      c[k + 1] = more.lane[k];
  }
  number(T value, int /*a constant*/) { c[0] = value; }
  explicit operator lanes<T, N>() const {
    lanes<T, N> out;
    for (int k = 0; k < N; ++k)
      out.lane[k] = c[k + 1];
    return out;
  }
  number<T, N - 1> without_last() const {
    number<T, N - 1> out;
    for (int k = 0; k < N; ++k)
      out.c[k] = c[k];
    return out;
  }
  bool is_constant() const {
    for (int k = 1; k <= N; ++k)
      if (c[k] != 0)
        return false;
    return true;
  }

  friend number operator-(number x) {
    for (T &k : x.c)
      k = -k;
    return x;
  }
  friend number operator+(number x, const number &y) {
    for (int k = 0; k <= N; ++k)
      x.c[k] += y.c[k];
    return x;
  }
  friend number operator-(number x, const number &y) {
    for (int k = 0; k <= N; ++k)
      x.c[k] -= y.c[k];
    return x;
  }
  friend number operator*(const number &x, const number &y) {
    number r;
    for (int k = 0; k <= N; ++k)
      for (int j = 0; j <= k; ++j)
        r.c[k] += x.c[j] * y.c[k - j];
    return r;
  }
  friend number operator/(const number &x, const number &y) {
    number r;
    for (int k = 0; k <= N; ++k) {
      T rest = x.c[k];
      for (int j = 1; j <= k; ++j)
        rest -= y.c[j] * r.c[k - j];
      r.c[k] = rest / y.c[0];
    }
    return r;
  }
  friend bool operator==(const number &x, const number &y) { return x.c[0] == y.c[0]; }
  friend bool operator!=(const number &x, const number &y) { return x.c[0] != y.c[0]; }
  friend bool operator<(const number &x, const number &y) { return x.c[0] < y.c[0]; }
  friend bool operator<=(const number &x, const number &y) { return x.c[0] <= y.c[0]; }
  friend bool operator>(const number &x, const number &y) { return x.c[0] > y.c[0]; }
  friend bool operator>=(const number &x, const number &y) { return x.c[0] >= y.c[0]; }

  // The table's own helpers (rules.h).
  friend number constant(const number &, long double value) { return number(static_cast<T>(value)); }
  friend number indicator(const number &, bool condition) { return number(condition ? 1 : 0); }

#define NABLA_RULE1(NAME, SPELLING, COST, SINGULAR, VALUE, PX, XLO, XHI)                                     \
  friend number NAME(const number &x) {                                                                      \
    number out(rules::row<rules::id::NAME>::value(x.c[0]));                                                  \
    if constexpr (N > 0)                                                                                     \
      if (!x.is_constant()) {                                                                                \
        const number<T, N - 1> low = x.without_last();                                                       \
        number<T, N - 1> r;                                                                                  \
        if constexpr (reads_result(#PX))                                                                     \
          r = NAME(low);                                                                                     \
        out.accumulate(x, rules::row<rules::id::NAME>::template partial<0>(low, r));                         \
      }                                                                                                      \
    return out;                                                                                              \
  }
#define NABLA_RULEN(NAME, SPELLING, COST, SINGULAR, VALUE, PX, XLO, XHI)                                     \
  friend number NAME(const number &x, int y) {                                                               \
    number out(rules::row<rules::id::NAME>::value(x.c[0], y));                                               \
    if constexpr (N > 0)                                                                                     \
      if (!x.is_constant()) {                                                                                \
        const number<T, N - 1> low = x.without_last();                                                       \
        out.accumulate(x, rules::row<rules::id::NAME>::template partial<0>(low, y, low));                    \
      }                                                                                                      \
    return out;                                                                                              \
  }
#define NABLA_RULE2(NAME, SPELLING, COST, SINGULAR, VALUE, PX, PY, ...)                                      \
  friend number NAME(const number &x, const number &y) {                                                     \
    using row = rules::row<rules::id::NAME>;                                                                 \
    if constexpr (has_series(rules::id::NAME))                                                               \
      return series<rules::id::NAME>(x, y);                                                                  \
    number out(row::value(x.c[0], y.c[0]));                                                                  \
    const bool in_x = !x.is_constant(), in_y = !y.is_constant();                                             \
    if constexpr (N > 0)                                                                                     \
      if (in_x || in_y) {                                                                                    \
        const number<T, N - 1> low_x = x.without_last(), low_y = y.without_last();                           \
        number<T, N - 1> r;                                                                                  \
        if ((reads_result(#PX) && in_x) || (reads_result(#PY) && in_y))                                      \
          r = NAME(low_x, low_y);                                                                            \
        if (in_x)                                                                                            \
          out.accumulate(x, row::template partial<0>(low_x, low_y, r));                                      \
        if (in_y)                                                                                            \
          out.accumulate(y, row::template partial<1>(low_x, low_y, r));                                      \
      }                                                                                                      \
    return out;                                                                                              \
  }
#define NABLA_RULE3(NAME, SPELLING, COST, SINGULAR, VALUE, PX, PY, PZ, ...)                                  \
  friend number NAME(const number &x, const number &y, const number &z) {                                    \
    using row = rules::row<rules::id::NAME>;                                                                 \
    number out(row::value(x.c[0], y.c[0], z.c[0]));                                                          \
    if constexpr (N > 0) {                                                                                   \
      const number<T, N - 1> a = x.without_last(), b = y.without_last(), c = z.without_last();               \
      number<T, N - 1> r;                                                                                    \
      if constexpr (reads_result(#PX) || reads_result(#PY) || reads_result(#PZ))                             \
        r = NAME(a, b, c);                                                                                   \
      if (!x.is_constant())                                                                                  \
        out.accumulate(x, row::template partial<0>(a, b, c, r));                                             \
      if (!y.is_constant())                                                                                  \
        out.accumulate(y, row::template partial<1>(a, b, c, r));                                             \
      if (!z.is_constant())                                                                                  \
        out.accumulate(z, row::template partial<2>(a, b, c, r));                                             \
    }                                                                                                        \
    return out;                                                                                              \
  }
#include "rules.def"

private:
  /// r' = ... + partial * x'
  void accumulate(const number &x, const number<T, N - 1> &partial) {
    for (int k = 1; k <= N; ++k) {
      T sum = 0;
      for (int j = 1; j <= k; ++j)
        sum += static_cast<T>(j) * x.c[j] * partial.c[k - j];
      c[k] += sum / static_cast<T>(k);
    }
  }

  /// Rows whose partials hold the row itself twice: by the table the work would double with each order.
  static constexpr bool has_series(rules::id id) {
    return id == rules::id::mul || id == rules::id::div || id == rules::id::ratio ||
           id == rules::id::guarded || id == rules::id::pow;
  }
  template <rules::id Id> static number series(const number &x, const number &y) {
    if constexpr (Id == rules::id::mul)
      return x * y;
    else if constexpr (Id == rules::id::div)
      return x / y;
    else if constexpr (Id == rules::id::ratio)
      return y.c[0] == 0 ? number() : x / y;
    else if constexpr (Id == rules::id::guarded)
      return x.c[0] == 0 && x.is_constant() ? number() : x * y;
    else
      return power(x, y);
  }
  /// With y constant, r' = y pow(x, y - 1) x'; otherwise r = exp(y log(x)).
  static number power(const number &x, const number &y) {
    number out(rules::row<rules::id::pow>::value(x.c[0], y.c[0]));
    if (x.is_constant() && (y.is_constant() || x.c[0] == 0))
      return out;
    if (!y.is_constant()) {
      const T value = out.c[0];
      out = exp(y * log(x));
      out.c[0] = value;
      return out;
    }
    if constexpr (N > 0)
      if (y.c[0] != 0) {
        number<T, N - 1> partial = pow(x.without_last(), number<T, N - 1>(y.c[0] - 1));
        out.accumulate(x, number<T, N - 1>(y.c[0]) * partial);
      }
    return out;
  }
};

// ---- What generated code calls --------------------------------------------------------------------------------

template <class... X> struct first_series;
template <class T, int N, class... X> struct first_series<lanes<T, N>, X...> {
  using type = number<T, N>;
};
template <class... X> struct first_series<int, X...> : first_series<X...> {};
template <class... X> using series_of = typename first_series<X...>::type;
template <class T, int N> lanes<T, N> coefficients(const number<T, N> &x) { return lanes<T, N>(x); }

#define NABLA_RULE1(NAME, ...)                                                                               \
  template <class T, int N> lanes<T, N> NAME(T x, const lanes<T, N> &x_dot) {                                \
    return coefficients(NAME(number<T, N>(x, x_dot)));                                                       \
  }
#define NABLA_RULEN(NAME, ...)                                                                               \
  template <class T, int N> lanes<T, N> NAME(T x, const lanes<T, N> &x_dot, int y) {                         \
    return coefficients(NAME(number<T, N>(x, x_dot), y));                                                    \
  }
#define NABLA_RULE2(NAME, ...)                                                                               \
  template <class T, class X, class Y> auto NAME(T x, const X &x_dot, T y, const Y &y_dot) {                 \
    using number = series_of<X, Y>;                                                                          \
    return coefficients(NAME(number(x, x_dot), number(y, y_dot)));                                           \
  }
#define NABLA_RULE3(NAME, ...)                                                                               \
  template <class T, class X, class Y, class Z>                                                              \
  auto NAME(T x, const X &x_dot, T y, const Y &y_dot, T z, const Z &z_dot) {                                 \
    using number = series_of<X, Y, Z>;                                                                       \
    return coefficients(NAME(number(x, x_dot), number(y, y_dot), number(z, z_dot)));                         \
  }
#include "rules.def"

/// x(t) = x + t.
template <class T, int N> lanes<T, N> direction() {
  lanes<T, N> out(0);
  out.lane[0] = 1;
  return out;
}
/// The N-th derivative: N! times the last coefficient.
template <class T, int N> T derivative(const lanes<T, N> &coefficients) {
  T factorial = 1;
  for (int k = 2; k <= N; ++k)
    factorial *= static_cast<T>(k);
  return factorial * coefficients.lane[N - 1];
}

} // namespace nabla::taylor
