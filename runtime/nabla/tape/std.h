// What the standard library needs to know about variables: std::sin and the like, numeric_limits, streams, min and max of
// mixed operands, complex. Part of nabla/tape.h.
#pragma once
#include "var.h"
#include <complex>
#include <istream>
#include <limits>
#include <ostream>

namespace nabla::dynamic {

// What <cmath> has beyond the table. Results without derivative are plain.
#define NABLA_PREDICATE(NAME)                                                                                \
  template <class E, std::enable_if_t<is_expression<E>, int> = 0> bool NAME(const E &x) {                    \
    using std::NAME;                                                                                         \
    return NAME(x.value());                                                                                  \
  }
NABLA_PREDICATE(isnan)
NABLA_PREDICATE(isinf)
NABLA_PREDICATE(isfinite)
NABLA_PREDICATE(isnormal)
NABLA_PREDICATE(signbit)
#undef NABLA_PREDICATE
#define NABLA_TO_INTEGER(TYPE, NAME)                                                                         \
  template <class E, std::enable_if_t<is_expression<E>, int> = 0> TYPE NAME(const E &x) {                    \
    using std::NAME;                                                                                         \
    return NAME(x.value());                                                                                  \
  }
NABLA_TO_INTEGER(long, lround)
NABLA_TO_INTEGER(long, lrint)
NABLA_TO_INTEGER(long long, llround)
NABLA_TO_INTEGER(long long, llrint)
NABLA_TO_INTEGER(int, ilogb)
#undef NABLA_TO_INTEGER
template <class E, std::enable_if_t<is_expression<E>, int> = 0>
auto modf(const E &x, basic_var<typename E::scalar> *whole) {
  *whole = trunc(x);
  return fraction(x);
}
template <class E, std::enable_if_t<is_expression<E>, int> = 0> auto frexp(const E &x, int *e) {
  *e = exponent(x);
  return ldexp(x, -*e);
}
template <class E, std::enable_if_t<is_expression<E>, int> = 0> auto scalbn(const E &x, int n) {
  return ldexp(x, n);
}

/// The value alone.
template <class C, class Traits, class E, std::enable_if_t<is_expression<E>, int> = 0>
std::basic_ostream<C, Traits> &operator<<(std::basic_ostream<C, Traits> &out, const E &x) {
  return out << x.value();
}
/// A passive value.
template <class C, class Traits, class T>
std::basic_istream<C, Traits> &operator>>(std::basic_istream<C, Traits> &in, basic_var<T> &x) {
  T v{};
  if (in >> v)
    x = v;
  return in;
}

} // namespace nabla::dynamic

namespace std {

// A qualified std::sin(x) finds these; they accept variables and expressions only.
#define NABLA_STD(NAME) using nabla::dynamic::NAME;
NABLA_STD(abs)
NABLA_STD(acos)
NABLA_STD(acosh)
NABLA_STD(asin)
NABLA_STD(asinh)
NABLA_STD(atan)
NABLA_STD(atan2)
NABLA_STD(atanh)
NABLA_STD(cbrt)
NABLA_STD(ceil)
NABLA_STD(clamp)
NABLA_STD(copysign)
NABLA_STD(cos)
NABLA_STD(cosh)
NABLA_STD(erf)
NABLA_STD(erfc)
NABLA_STD(exp)
NABLA_STD(exp2)
NABLA_STD(expm1)
NABLA_STD(fabs)
NABLA_STD(fdim)
NABLA_STD(floor)
NABLA_STD(fma)
NABLA_STD(fmax)
NABLA_STD(fmin)
NABLA_STD(fmod)
NABLA_STD(frexp)
NABLA_STD(hypot)
NABLA_STD(ilogb)
NABLA_STD(isfinite)
NABLA_STD(isinf)
NABLA_STD(isnan)
NABLA_STD(isnormal)
NABLA_STD(ldexp)
NABLA_STD(lgamma)
NABLA_STD(llrint)
NABLA_STD(llround)
NABLA_STD(log)
NABLA_STD(log10)
NABLA_STD(log1p)
NABLA_STD(log2)
NABLA_STD(lrint)
NABLA_STD(lround)
NABLA_STD(max)
NABLA_STD(min)
NABLA_STD(modf)
NABLA_STD(nearbyint)
NABLA_STD(pow)
NABLA_STD(remainder)
NABLA_STD(rint)
NABLA_STD(round)
NABLA_STD(scalbn)
NABLA_STD(signbit)
NABLA_STD(sin)
NABLA_STD(sinh)
NABLA_STD(sqrt)
NABLA_STD(tan)
NABLA_STD(tanh)
NABLA_STD(tgamma)
NABLA_STD(trunc)
#undef NABLA_STD

template <class T> class numeric_limits<nabla::basic_var<T>> : public numeric_limits<T> {
public:
#define NABLA_LIMIT(NAME)                                                                                    \
  static nabla::basic_var<T> NAME() noexcept { return numeric_limits<T>::NAME(); }
  NABLA_LIMIT(min)
  NABLA_LIMIT(max)
  NABLA_LIMIT(lowest)
  NABLA_LIMIT(epsilon)
  NABLA_LIMIT(round_error)
  NABLA_LIMIT(infinity)
  NABLA_LIMIT(quiet_NaN)
  NABLA_LIMIT(signaling_NaN)
  NABLA_LIMIT(denorm_min)
#undef NABLA_LIMIT
};

} // namespace std
