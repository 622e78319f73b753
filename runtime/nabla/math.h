// Functions on reals that derivatives need beyond <cmath>: guarded products, sign, fraction, digamma and its
// derivatives. Each is a row of rules.def as well, so that higher orders exist. Part of nabla.h.
#pragma once
#include <cmath>
#include <type_traits>

namespace nabla {

namespace detail {
template <class T, class Type = T> using if_real = std::enable_if_t<std::is_floating_point_v<T>, Type>;

/// Gamma functions of float are computed in double.
template <class T> using working = std::conditional_t<std::is_same_v<T, float>, double, T>;
/// Arguments from which 8 (double) or 15 terms of the asymptotic series are exact to rounding.
template <class T> constexpr int asymptotic_from = sizeof(T) == 8 ? 10 : T(1) + T(1e-20L) == T(1) ? 16 : 32;
template <class T> constexpr int asymptotic_terms = sizeof(T) == 8 ? 8 : 15;

/// B(2k), k = 1 ... 15.
inline constexpr long double bernoulli[] = {1.0L / 6,
                                            -1.0L / 30,
                                            1.0L / 42,
                                            -1.0L / 30,
                                            5.0L / 66,
                                            -691.0L / 2730,
                                            7.0L / 6,
                                            -3617.0L / 510,
                                            43867.0L / 798,
                                            -174611.0L / 330,
                                            854513.0L / 138,
                                            -236364091.0L / 2730,
                                            8553103.0L / 6,
                                            -23749461029.0L / 870,
                                            8615841276005.0L / 14322};
inline constexpr long double pi = 3.141592653589793238462643383279502884L;

template <class T> T polygamma_at_pole(int n, T x) {
  if (n % 2 == 1)
    return T(HUGE_VAL);
  return x == 0 ? -std::copysign(T(HUGE_VAL), x) : T(NAN);
}

/// The n-th derivative of pi * cot(pi * x): pi^(n+1) times a polynomial in cot, by P' = -(1 + c^2) dP/dc.
template <class T> T cotangent_derivative(int n, T x) {
  constexpr int limit = 24;
  if (n > limit)
    return T(NAN);
  const T part = x - std::round(x); // exact, and cot has period 1 here
  const T c = std::fabs(part) == T(0.5L) ? T(0) : 1 / std::tan(T(pi) * part);
  T p[limit + 3] = {0, 1};
  T scale = T(pi);
  for (int order = 0; order < n; ++order, scale *= T(pi)) {
    T next[limit + 3] = {};
    for (int k = 1; k <= order + 1; ++k) {
      next[k - 1] -= k * p[k];
      next[k + 1] -= k * p[k];
    }
    for (int k = 0; k <= order + 2; ++k)
      p[k] = next[k];
  }
  T sum = 0;
  for (int k = n + 1; k >= 0; --k)
    sum = sum * c + p[k];
  return scale * sum;
}

/// The n-th derivative of digamma for x > 0 (n >= 0): Abramowitz and Stegun 6.3.5 and 6.4.6 raise x,
/// then 6.3.18 and 6.4.11 (asymptotic series). All terms of one sign but for n = 0.
template <class T> T polygamma_positive(int n, T x) {
  T factorial = 1; // n!
  for (int k = 2; k <= n; ++k)
    factorial *= k;
  T sum = 0;
  const T from = T(asymptotic_from<T> + n);
  while (x < from) {
    sum += n == 0 ? -1 / x : factorial / std::pow(x, T(n + 1));
    x += 1;
  }
  // The series, smallest terms first; term k is B(2k) (2k+n-1)! / ((2k)! x^(2k+n)).
  T terms[asymptotic_terms<T>] = {};
  const T square = 1 / (x * x);
  T power = n == 0 ? T(1) : factorial / n / std::pow(x, T(n)); // (n-1)! / x^n
  T ratio = n == 0 ? T(1) / 2 * square : power * n * (n + 1) / 2 * square;
  for (int k = 1; k <= asymptotic_terms<T>; ++k) {
    terms[k - 1] = T(bernoulli[k - 1]) * ratio;
    ratio *= square * T(2 * k + n) * T(2 * k + n + 1) / (T(2 * k + 1) * T(2 * k + 2));
  }
  T tail = 0;
  for (int k = asymptotic_terms<T>; k-- > 0;)
    tail += terms[k];
  if (n == 0)
    return (std::log(x) - 1 / (2 * x) - tail) + sum;
  return (tail + power * n / (2 * x) + power) + sum;
}

template <class T> T polygamma(int n, T x) {
  if (x <= 0 && x == std::floor(x))
    return std::isinf(x) ? T(NAN) : polygamma_at_pole(n, x);
  if (n == 0)
    return x < 0 ? polygamma_positive(0, 1 - x) - cotangent_derivative(0, x) : polygamma_positive(0, x);
  // 6.4.7: (-1)^n psi_n(1 - x) - psi_n(x) = the n-th derivative of pi cot(pi x).
  const T sign = n % 2 == 1 ? T(1) : T(-1); // of psi_n on x > 0
  if (x < 0)
    return (n % 2 == 1 ? T(-1) : T(1)) * sign * polygamma_positive(n, 1 - x) - cotangent_derivative(n, x);
  return sign * polygamma_positive(n, x);
}
} // namespace detail

/// An object whose bytes are zero, without running any constructor: what generated code fills in. That of a class with
/// virtual functions, or with such members, is copied from such bytes, which makes it one of its class.
template <class T> T zeroed() {
  static_assert(std::is_copy_constructible<T>::value,
                "nabla: the class must be copied as the language copies it");
  union Storage {
    char none;
    T object;
    Storage() : none() {}
    ~Storage() {}
  } storage;
  __builtin_memset(static_cast<void *>(&storage), 0, sizeof storage);
  return storage.object;
}
template <class T> void clear(T &object) {
  if constexpr (std::is_trivially_destructible_v<T>)
    __builtin_memset(static_cast<void *>(&object), 0, sizeof(T));
  else
    object = zeroed<T>(); // the members alone: objects of classes with virtual functions stay such
}
template <class T, std::size_t N>
std::enable_if_t<!std::is_trivially_destructible_v<T>> clear(T (&objects)[N]) {
  for (T &each : objects)
    clear(each);
}
/// d * p, and 0 where d is 0, whatever p is: how an adjoint passes a partial that may be infinite.
template <class T> constexpr detail::if_real<T> guarded(T d, T p) { return d == 0 ? T(0) : d * p; }

/// x / y, and 0 where y is 0: the partials of hypot and atan2, finite at the origin.
template <class T> constexpr detail::if_real<T> ratio(T x, T y) { return y == 0 ? T(0) : x / y; }

/// -1, 0 or 1.
template <class T> constexpr detail::if_real<T> sign(T x) { return T(0 < x) - T(x < 0); }

/// What modf returns: x - trunc(x), exact, with x's sign, +-0 for infinities. The rest is trunc(x).
template <class T> inline detail::if_real<T> fraction(T x) {
  T whole;
  return std::modf(x, &whole);
}

/// The exponent which frexp stores; frexp's result is ldexp(x, -exponent(x)).
template <class T> inline std::enable_if_t<std::is_floating_point_v<T>, int> exponent(T x) {
  int e = 0;
  std::frexp(x, &e);
  return std::isfinite(x) ? e : 0;
}

/// The derivative of lgamma. Absolute error within a few units of rounding of max(1, |digamma(x)|);
/// not-a-number at the negative integers, -+infinity at +-0. Near negative integers the error is that of x's
/// own rounding.
template <class T> inline detail::if_real<T> digamma(T x) {
  return T(detail::polygamma(0, detail::working<T>(x)));
}

/// The n-th derivative of digamma at x, 0 <= n (n <= 24 where x < 0). Relative error within some ten units of
/// rounding for x > 0 and small n; +infinity (odd n) or not-a-number (even n) at the poles.
template <class T> inline detail::if_real<T> polygamma(T x, int n) {
  return T(detail::polygamma(n, detail::working<T>(x)));
}

template <class T> inline detail::if_real<T> trigamma(T x) { return polygamma(x, 1); }

} // namespace nabla
