// Dual numbers with formulas of their own, written without a look at rules.def: the oracle of the run tests.
// A dual<T> carries a value and one tangent; it behaves like T in every expression that the test functions
// use.
#pragma once
#include <cmath>
#include <type_traits>

namespace oracle {

template <class T> struct dual;
template <class T> struct is_dual : std::false_type {};
template <class T> struct is_dual<dual<T>> : std::true_type {};
template <class T> struct bare {
  using type = T;
};
template <class T> struct bare<dual<T>> {
  using type = T;
};
template <class T> constexpr bool is_number = std::is_arithmetic<T>::value || std::is_enum<T>::value;
/// The result of an operation of which at least one side is a dual.
template <class A, class B>
using mixed = dual<std::common_type_t<typename bare<A>::type, typename bare<B>::type>>;
template <class A, class B>
using if_mixed = std::enable_if_t<(is_dual<A>::value || is_dual<B>::value) &&
                                  (is_dual<A>::value || is_number<A>) && (is_dual<B>::value || is_number<B>)>;

template <class T> struct dual {
  T value, dot;
  dual() = default;
  template <class A, class = std::enable_if_t<is_number<A>>>
  constexpr dual(A a) : value(static_cast<T>(a)), dot(0) {}
  constexpr dual(T v, T d) : value(v), dot(d) {}
  template <class U, class = std::enable_if_t<!std::is_same<T, U>::value>>
  constexpr dual(const dual<U> &u) : value(static_cast<T>(u.value)), dot(static_cast<T>(u.dot)) {}
  template <class I, class = std::enable_if_t<std::is_integral<I>::value || std::is_enum<I>::value>>
  explicit constexpr operator I() const {
    return static_cast<I>(value);
  }
  template <class B> dual &operator+=(const B &b) { return *this = *this + b; }
  template <class B> dual &operator-=(const B &b) { return *this = *this - b; }
  template <class B> dual &operator*=(const B &b) { return *this = *this * b; }
  template <class B> dual &operator/=(const B &b) { return *this = *this / b; }
  dual &operator++() { return *this += 1; }
  dual &operator--() { return *this -= 1; }
  dual operator++(int) {
    dual old = *this;
    ++*this;
    return old;
  }
  dual operator--(int) {
    dual old = *this;
    --*this;
    return old;
  }
  dual operator-() const { return {-value, -dot}; }
  dual operator+() const { return *this; }
};

template <class A> constexpr auto value_of(const A &a) {
  if constexpr (is_dual<A>::value)
    return a.value;
  else
    return a;
}
template <class D, class A> D lift(const A &a) { return D(a); }

template <class A, class B, class = if_mixed<A, B>> constexpr mixed<A, B> operator+(const A &a, const B &b) {
  mixed<A, B> x = a, y = b;
  return {x.value + y.value, x.dot + y.dot};
}
template <class A, class B, class = if_mixed<A, B>> constexpr mixed<A, B> operator-(const A &a, const B &b) {
  mixed<A, B> x = a, y = b;
  return {x.value - y.value, x.dot - y.dot};
}
template <class A, class B, class = if_mixed<A, B>> constexpr mixed<A, B> operator*(const A &a, const B &b) {
  mixed<A, B> x = a, y = b;
  return {x.value * y.value, x.dot * y.value + x.value * y.dot};
}
template <class A, class B, class = if_mixed<A, B>> constexpr mixed<A, B> operator/(const A &a, const B &b) {
  mixed<A, B> x = a, y = b;
  return {x.value / y.value, (x.dot - x.value / y.value * y.dot) / y.value};
}
template <class A, class B, class = if_mixed<A, B>> constexpr bool operator<(const A &a, const B &b) {
  return value_of(a) < value_of(b);
}
template <class A, class B, class = if_mixed<A, B>> constexpr bool operator>(const A &a, const B &b) {
  return value_of(a) > value_of(b);
}
template <class A, class B, class = if_mixed<A, B>> constexpr bool operator<=(const A &a, const B &b) {
  return value_of(a) <= value_of(b);
}
template <class A, class B, class = if_mixed<A, B>> constexpr bool operator>=(const A &a, const B &b) {
  return value_of(a) >= value_of(b);
}
template <class A, class B, class = if_mixed<A, B>> constexpr bool operator==(const A &a, const B &b) {
  return value_of(a) == value_of(b);
}
template <class A, class B, class = if_mixed<A, B>> constexpr bool operator!=(const A &a, const B &b) {
  return value_of(a) != value_of(b);
}

/// f(x) and f'(x) dx; a tangent of zero stays zero whatever f' is.
template <class T> dual<T> chain(const dual<T> &x, T f, T slope) {
  return {f, x.dot == 0 ? T(0) : slope * x.dot};
}

template <class T> dual<T> sin(const dual<T> &x) { return chain(x, std::sin(x.value), std::cos(x.value)); }
template <class T> dual<T> cos(const dual<T> &x) { return chain(x, std::cos(x.value), -std::sin(x.value)); }
template <class T> dual<T> tan(const dual<T> &x) {
  return chain(x, std::tan(x.value), 1 / (std::cos(x.value) * std::cos(x.value)));
}
template <class T> dual<T> exp(const dual<T> &x) { return chain(x, std::exp(x.value), std::exp(x.value)); }
template <class T> dual<T> log(const dual<T> &x) { return chain(x, std::log(x.value), 1 / x.value); }
template <class T> dual<T> sqrt(const dual<T> &x) {
  return chain(x, std::sqrt(x.value), T(0.5) / std::sqrt(x.value));
}
template <class T> dual<T> tanh(const dual<T> &x) {
  return chain(x, std::tanh(x.value), 1 / (std::cosh(x.value) * std::cosh(x.value)));
}
template <class T> dual<T> asin(const dual<T> &x) {
  return chain(x, std::asin(x.value), 1 / std::sqrt(1 - x.value * x.value));
}
template <class T> dual<T> acos(const dual<T> &x) {
  return chain(x, std::acos(x.value), -1 / std::sqrt(1 - x.value * x.value));
}
template <class T> dual<T> atan(const dual<T> &x) {
  return chain(x, std::atan(x.value), 1 / (1 + x.value * x.value));
}
template <class T> dual<T> fabs(const dual<T> &x) {
  return chain(x, std::fabs(x.value), x.value < 0 ? T(-1) : x.value > 0 ? T(1) : T(0));
}
template <class T> dual<T> abs(const dual<T> &x) { return fabs(x); }
template <class T> dual<T> floor(const dual<T> &x) { return chain(x, std::floor(x.value), T(0)); }
template <class A, class B, class = if_mixed<A, B>> mixed<A, B> pow(const A &a, const B &b) {
  mixed<A, B> x = a, y = b;
  auto f = std::pow(x.value, y.value);
  decltype(f) dot = 0;
  if (x.dot != 0)
    dot += x.dot * y.value * std::pow(x.value, y.value - 1);
  if (y.dot != 0)
    dot += y.dot * std::log(x.value) * f;
  return {f, dot};
}
template <class A, class B, class = if_mixed<A, B>> mixed<A, B> fmax(const A &a, const B &b) {
  mixed<A, B> x = a, y = b;
  return x.value >= y.value ? x : y;
}
template <class A, class B, class = if_mixed<A, B>> mixed<A, B> fmin(const A &a, const B &b) {
  mixed<A, B> x = a, y = b;
  return x.value <= y.value ? x : y;
}
template <class A, class B, class = if_mixed<A, B>> mixed<A, B> fmod(const A &a, const B &b) {
  mixed<A, B> x = a, y = b;
  return {std::fmod(x.value, y.value), x.dot - std::trunc(x.value / y.value) * y.dot};
}
template <class A, class B, class = if_mixed<A, B>> mixed<A, B> atan2(const A &a, const B &b) {
  mixed<A, B> y = a, x = b;
  return {std::atan2(y.value, x.value),
          (y.dot * x.value - x.dot * y.value) / (x.value * x.value + y.value * y.value)};
}
template <class A, class B, class = if_mixed<A, B>> mixed<A, B> hypot(const A &a, const B &b) {
  mixed<A, B> x = a, y = b;
  auto h = std::hypot(x.value, y.value);
  return {h, (x.value * x.dot + y.value * y.dot) / h};
}

} // namespace oracle

// So that the test functions may say std::sin(x) on duals too.
namespace std {
using oracle::abs;
using oracle::acos;
using oracle::asin;
using oracle::atan;
using oracle::atan2;
using oracle::cos;
using oracle::exp;
using oracle::fabs;
using oracle::floor;
using oracle::fmax;
using oracle::fmin;
using oracle::fmod;
using oracle::hypot;
using oracle::log;
using oracle::pow;
using oracle::sin;
using oracle::sqrt;
using oracle::tan;
using oracle::tanh;
} // namespace std
