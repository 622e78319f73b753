// Several directions at once: N reals side by side, which generated code treats like one real that it only adds and scales.
//
//   nabla::lanes<double, 4> x_dot{1, 0, 0, 0};    y_dot = a * x_dot;    y_dot[2]
#pragma once
#include "math.h"
#include <type_traits>

namespace nabla {

/// Last template argument of pushforward and hvp: N directions in one call; tangents become nabla::lanes<T, N>.
template <int N> struct batch {};

template <class T, int N> struct lanes {
  using real = T;
  T lane[N];

  lanes() = default;
  /// The same in every lane.
  template <class A, std::enable_if_t<std::is_arithmetic<A>::value, int> = 0>
  constexpr lanes(A all) : lane{} {
    for (int i = 0; i < N; ++i)
      lane[i] = static_cast<T>(all);
  }
  /// One value per lane.
  template <class A, class... B, std::enable_if_t<sizeof...(B) != 0 && sizeof...(B) + 1 == N, int> = 0>
  constexpr lanes(A first, B... rest) : lane{static_cast<T>(first), static_cast<T>(rest)...} {}
  template <class U> explicit constexpr lanes(const lanes<U, N> &other) : lane{} {
    for (int i = 0; i < N; ++i)
      lane[i] = static_cast<T>(other.lane[i]);
  }
  constexpr T &operator[](int i) { return lane[i]; }
  constexpr const T &operator[](int i) const { return lane[i]; }

  constexpr lanes &operator+=(const lanes &y) {
    for (int i = 0; i < N; ++i)
      lane[i] += y.lane[i];
    return *this;
  }
  constexpr lanes &operator-=(const lanes &y) {
    for (int i = 0; i < N; ++i)
      lane[i] -= y.lane[i];
    return *this;
  }
  constexpr lanes &operator*=(T y) { return *this = *this * y; }
  constexpr lanes &operator/=(T y) { return *this = *this / y; }
  friend constexpr lanes operator+(lanes x, const lanes &y) { return x += y; }
  friend constexpr lanes operator-(lanes x, const lanes &y) { return x -= y; }
  friend constexpr lanes operator-(lanes x) {
    for (int i = 0; i < N; ++i)
      x.lane[i] = -x.lane[i];
    return x;
  }
  friend constexpr lanes operator*(lanes x, T y) {
    for (int i = 0; i < N; ++i)
      x.lane[i] *= y;
    return x;
  }
  friend constexpr lanes operator*(T x, lanes y) { return y * x; }
  friend constexpr lanes operator/(lanes x, T y) {
    for (int i = 0; i < N; ++i)
      x.lane[i] /= y;
    return x;
  }
};

// Generated text calls them by their qualified names, so they are not friends.
template <class T, int N> constexpr lanes<T, N> guarded(lanes<T, N> d, typename lanes<T, N>::real p) {
  if (p - p == 0) // finite, and the same for all: a loop is often split by it
    return d * p;
  for (int i = 0; i < N; ++i)
    d.lane[i] = guarded(d.lane[i], p);
  return d;
}
template <class T, int N> constexpr lanes<T, N> guarded(typename lanes<T, N>::real d, lanes<T, N> p) {
  return d == 0 ? lanes<T, N>(0) : p * d;
}

/// One lane, and a number in one lane of zeros: own rules take one lane at a time.
template <class T, int N> constexpr T lane(const lanes<T, N> &x, int i) { return x.lane[i]; }
template <class Lanes> constexpr Lanes in_lane(typename Lanes::real x, int i) {
  Lanes out(0);
  out.lane[i] = x;
  return out;
}

namespace detail {
template <class T, class R> using if_arithmetic = std::enable_if_t<std::is_arithmetic<T>::value, R>;
}

/// Which of 64 * Words inputs a value depends on. Generated code treats it like a tangent: a sum depends on what either side
/// depends on, and a multiple on the same, whatever the factor.
template <int Words> struct bits {
  unsigned long long word[Words];

  bits() = default;
  /// A constant depends on nothing.
  template <class A, std::enable_if_t<std::is_arithmetic<A>::value, int> = 0> constexpr bits(A) : word{} {}
  constexpr void set(int i) { word[i / 64] |= 1ULL << (i % 64); }

  constexpr bits &operator+=(const bits &y) {
    for (int i = 0; i < Words; ++i)
      word[i] |= y.word[i];
    return *this;
  }
  constexpr bits &operator-=(const bits &y) { return *this += y; }
  template <class T> constexpr detail::if_arithmetic<T, bits &> operator*=(T) { return *this; }
  template <class T> constexpr detail::if_arithmetic<T, bits &> operator/=(T) { return *this; }
  friend constexpr bits operator+(bits x, const bits &y) { return x += y; }
  friend constexpr bits operator-(bits x, const bits &y) { return x += y; }
  friend constexpr bits operator-(const bits &x) { return x; }
  template <class T> friend constexpr detail::if_arithmetic<T, bits> operator*(const bits &x, T) { return x; }
  template <class T> friend constexpr detail::if_arithmetic<T, bits> operator*(T, const bits &x) { return x; }
  template <class T> friend constexpr detail::if_arithmetic<T, bits> operator/(const bits &x, T) { return x; }
};

template <int Words, class T>
constexpr detail::if_arithmetic<T, bits<Words>> guarded(const bits<Words> &x, T) {
  return x;
}
template <int Words, class T>
constexpr detail::if_arithmetic<T, bits<Words>> guarded(T, const bits<Words> &x) {
  return x;
}

} // namespace nabla
