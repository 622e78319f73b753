// Elementwise loops of the types without fractions: plain code, vectorised by the compiler for the base instruction set.
#include "loops.h"
#include "strides.h"

#include <stdexcept>
#include <type_traits>
#include <utility>

namespace nabla::kernels {

namespace {

/// Arithmetic wraps: done in the unsigned type, where that is defined.
template <class T> using Wrapping = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;

template <class T> T divide(T a, T b) {
  if (b == 0)
    throw std::domain_error("ZeroDivisionError");
  return b == -1 ? static_cast<T>(0 - static_cast<Wrapping<T>>(a)) : static_cast<T>(a / b);
}
template <class T> T modulo(T a, T b) {
  if (b == 0)
    throw std::domain_error("ZeroDivisionError");
  return b == -1 ? T(0) : static_cast<T>(a % b);
}
template <class T> T power(T a, T b) {
  if (b < 0) // libtorch's integer powers: only 1 and -1 have an inverse
    return a == 1 ? T(1) : a == -1 ? (b % 2 ? T(-1) : T(1)) : T(0);
  Wrapping<T> result = 1, square = static_cast<Wrapping<T>>(a);
  for (; b; b /= 2, square *= square)
    if (b % 2)
      result *= square;
  return static_cast<T>(result);
}

template <Unary Op, class T> T apply(T x) {
  using W = Wrapping<T>;
  if constexpr (Op == Unary::Neg)
    return static_cast<T>(0 - static_cast<W>(x));
  else if constexpr (Op == Unary::Abs)
    return x < 0 ? static_cast<T>(0 - static_cast<W>(x)) : x;
  else if constexpr (Op == Unary::Sign)
    return static_cast<T>((x > 0) - (x < 0));
  else if constexpr (Op == Unary::Square)
    return static_cast<T>(static_cast<W>(x) * static_cast<W>(x));
  else if constexpr (Op == Unary::Relu)
    return x < 0 ? T(0) : x;
  else if constexpr (Op == Unary::BitwiseNot && std::is_same_v<T, bool>)
    return !x;
  else if constexpr (Op == Unary::BitwiseNot)
    return static_cast<T>(~x);
  else
    return x; // roundings
}
template <Unary Op, class T> bool test(T x) {
  if constexpr (Op == Unary::LogicalNot)
    return x == 0;
  else if constexpr (Op == Unary::IsNonZero)
    return x != 0;
  else
    return Op == Unary::IsFinite;
}
template <Binary Op, class T> T apply(T a, T b) {
  using W = Wrapping<T>;
  if constexpr (std::is_same_v<T, bool>) {
    if constexpr (Op == Binary::Add || Op == Binary::Maximum || Op == Binary::BitwiseOr)
      return a || b;
    else if constexpr (Op == Binary::Sub || Op == Binary::BitwiseXor)
      return a != b;
    else
      return a && b;
  } else if constexpr (Op == Binary::Add)
    return static_cast<T>(static_cast<W>(a) + static_cast<W>(b));
  else if constexpr (Op == Binary::Sub)
    return static_cast<T>(static_cast<W>(a) - static_cast<W>(b));
  else if constexpr (Op == Binary::Mul)
    return static_cast<T>(static_cast<W>(a) * static_cast<W>(b));
  else if constexpr (Op == Binary::FloorDiv) {
    T q = divide(a, b);
    return modulo(a, b) != 0 && (a < 0) != (b < 0) ? static_cast<T>(q - 1) : q;
  } else if constexpr (Op == Binary::TruncDiv)
    return divide(a, b);
  else if constexpr (Op == Binary::Remainder) {
    T r = modulo(a, b);
    return r != 0 && (r < 0) != (b < 0) ? static_cast<T>(r + b) : r;
  } else if constexpr (Op == Binary::Fmod)
    return modulo(a, b);
  else if constexpr (Op == Binary::Pow)
    return power(a, b);
  else if constexpr (Op == Binary::Maximum)
    return a > b ? a : b;
  else if constexpr (Op == Binary::Minimum)
    return a < b ? a : b;
  else if constexpr (Op == Binary::BitwiseAnd)
    return a & b;
  else if constexpr (Op == Binary::BitwiseOr)
    return a | b;
  else
    return a ^ b;
}
template <Binary Op, class T> bool test(T a, T b) {
  if constexpr (Op == Binary::Eq)
    return a == b;
  else if constexpr (Op == Binary::Ne)
    return a != b;
  else if constexpr (Op == Binary::Lt)
    return a < b;
  else if constexpr (Op == Binary::Le)
    return a <= b;
  else if constexpr (Op == Binary::Gt)
    return a > b;
  else if constexpr (Op == Binary::Ge)
    return a >= b;
  else if constexpr (Op == Binary::LogicalAnd)
    return a && b;
  else if constexpr (Op == Binary::LogicalOr)
    return a || b;
  else
    return !a != !b;
}

template <class Out, class T, class F>
void loop1(void *out, const void *const *in, unsigned constant, std::int64_t n, F f) {
  const T *x = static_cast<const T *>(in[0]);
  const std::int64_t step = constant & 1 ? 0 : 1;
  for (std::int64_t i = 0; i < n; ++i)
    static_cast<Out *>(out)[i] = f(x[i * step]);
}
template <class Out, class T, class F>
void loop2(void *out, const void *const *in, unsigned constant, std::int64_t n, F f) {
  const T *a = static_cast<const T *>(in[0]), *b = static_cast<const T *>(in[1]);
  if (constant == 0) {
    for (std::int64_t i = 0; i < n; ++i)
      static_cast<Out *>(out)[i] = f(a[i], b[i]);
    return;
  }
  const std::int64_t sa = constant & 1 ? 0 : 1, sb = constant & 2 ? 0 : 1;
  for (std::int64_t i = 0; i < n; ++i)
    static_cast<Out *>(out)[i] = f(a[i * sa], b[i * sb]);
}

template <Unary Op, class T>
void unary_loop(void *out, const void *const *in, unsigned constant, std::int64_t n) {
  if constexpr (Op >= Unary::LogicalNot)
    loop1<bool, T>(out, in, constant, n, test<Op, T>);
  else
    loop1<T, T>(out, in, constant, n, apply<Op, T>);
}
template <Binary Op, class T>
void binary_loop(void *out, const void *const *in, unsigned constant, std::int64_t n) {
  if constexpr (Op >= Binary::Eq)
    loop2<bool, T>(out, in, constant, n, test<Op, T>);
  else
    loop2<T, T>(out, in, constant, n, apply<Op, T>);
}
template <class T, bool Clamp>
void ternary_loop(void *out, const void *const *in, unsigned constant, std::int64_t n) {
  using W = Wrapping<T>;
  const T *a = static_cast<const T *>(in[0]), *b = static_cast<const T *>(in[1]),
          *c = static_cast<const T *>(in[2]);
  const std::int64_t sa = constant & 1 ? 0 : 1, sb = constant & 2 ? 0 : 1, sc = constant & 4 ? 0 : 1;
  for (std::int64_t i = 0; i < n; ++i) {
    T x = a[i * sa], y = b[i * sb], z = c[i * sc];
    T &to = static_cast<T *>(out)[i];
    if constexpr (Clamp) {
      T low = x < y ? y : x;
      to = low > z ? z : low;
    } else
      to = static_cast<T>(static_cast<W>(x) * static_cast<W>(y) + static_cast<W>(z));
  }
}

template <class T, std::size_t... U, std::size_t... B>
ElementLoops make_table(std::index_sequence<U...>, std::index_sequence<B...>) {
  ElementLoops t;
  ((t.unary[U] = unary_loop<static_cast<Unary>(U), T>), ...);
  ((t.binary[B] = binary_loop<static_cast<Binary>(B), T>), ...);
  t.ternary[static_cast<int>(Ternary::MulAdd)] = ternary_loop<T, false>;
  t.ternary[static_cast<int>(Ternary::Clamp)] = ternary_loop<T, true>;
  return t;
}
template <class T> const ElementLoops &table() {
  static const ElementLoops t =
      make_table<T>(std::make_index_sequence<n_unary>(), std::make_index_sequence<n_binary>());
  return t;
}

} // namespace

const ElementLoops &integer_loops(ScalarType type) {
  if (type == ScalarType::Int)
    return table<std::int32_t>();
  if (type == ScalarType::Long)
    return table<std::int64_t>();
  return table<bool>();
}

} // namespace nabla::kernels
