// Walking several strided operands of one shape together.
//
// In: a shape and views that broadcast to it. Out: the same elements in an order that suits the first operand's memory, with
// dimensions that lie behind each other joined; then either long inner runs, or blocks gathered into small buffers.
#ifndef NABLA_TENSOR_KERNELS_STRIDES_H
#define NABLA_TENSOR_KERNELS_STRIDES_H

#include "kernels.h"

#include <cstdint>
#include <type_traits>

namespace nabla::kernels {

constexpr int max_dims = 16; ///< Tensor allows 12

inline std::int64_t count(const View &v) {
  std::int64_t n = 1;
  for (int d = 0; d < v.dims; ++d)
    n *= v.sizes[d];
  return n;
}

/// Elements lie behind each other in row-major order (sizes of 1 may have any stride).
inline bool is_contiguous(const View &v) {
  std::int64_t expected = 1;
  for (int d = v.dims - 1; d >= 0; --d) {
    if (v.sizes[d] != 1 && v.strides[d] != expected)
      return false;
    expected *= v.sizes[d];
  }
  return true;
}

/// One operand of a Space: strides in elements, in the space's order of dimensions.
struct Operand {
  char *data;
  int bytes; ///< of an element
  std::int64_t stride[max_dims];
  enum Kind : std::uint8_t { linear, constant, strided } kind;
};

/// The common iteration space. dims is at least 1; the last dimension is the inner one.
struct Space {
  int dims;
  std::int64_t size[max_dims];
  std::int64_t total;
};

/// Fills `space` and `operands` (n of them) for views broadcast to sizes[dims].
void make_space(Space &space, Operand *operands, const View *const *views, int n, int dims,
                const std::int64_t *sizes);

/// Reads or writes an operand's elements one block after the other, in the space's order.
class Cursor {
  const Space *space_;
  const Operand *operand_;
  std::int64_t at_[max_dims] = {};
  std::int64_t offset_ = 0; ///< of the element where the inner run stands at 0
  void next_run();

public:
  Cursor() = default;
  Cursor(const Space &space, const Operand &operand) : space_(&space), operand_(&operand) {}
  void gather(void *to, std::int64_t n);
  void scatter(const void *from, std::int64_t n);
};

/// Calls visit(offsets, n) for each inner run: offsets[j] is where operand j's run begins, in elements.
template <class Visit> void for_each_run(const Space &space, const Operand *operands, int n, Visit visit) {
  std::int64_t at[max_dims] = {};
  std::int64_t offsets[8] = {};
  const int inner = space.dims - 1;
  for (;;) {
    visit(static_cast<const std::int64_t *>(offsets), space.size[inner]);
    int d = inner - 1;
    for (; d >= 0; --d) {
      for (int j = 0; j < n; ++j)
        offsets[j] += operands[j].stride[d];
      if (++at[d] < space.size[d])
        break;
      for (int j = 0; j < n; ++j)
        offsets[j] -= operands[j].stride[d] * space.size[d];
      at[d] = 0;
    }
    if (d < 0)
      return;
  }
}

/// The elements of one view in row-major order, whatever its strides: visit(offset in elements).
template <class Visit> void for_each_offset(const View &v, Visit visit) {
  std::int64_t at[max_dims] = {}, offset = 0, n = count(v);
  for (std::int64_t i = 0; i < n; ++i) {
    visit(offset);
    for (int d = v.dims - 1; d >= 0; --d) {
      offset += v.strides[d];
      if (++at[d] < v.sizes[d])
        break;
      offset -= v.strides[d] * v.sizes[d];
      at[d] = 0;
    }
  }
}

/// Sums and products that wrap for integers, as they do in the tensors of all libraries, where C++ leaves them undefined.
template <class A> A wrapping_add(A a, A b) {
  if constexpr (std::is_same_v<A, bool>)
    return a || b;
  else if constexpr (std::is_integral_v<A>)
    return static_cast<A>(static_cast<std::make_unsigned_t<A>>(a) + static_cast<std::make_unsigned_t<A>>(b));
  else
    return a + b;
}
template <class A> A wrapping_mul(A a, A b) {
  if constexpr (std::is_same_v<A, bool>)
    return a && b;
  else if constexpr (std::is_integral_v<A>)
    return static_cast<A>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
  else
    return a * b;
}

/// Calls f with a value of the element type: dispatch(type, [&](auto zero) { using T = decltype(zero); ... }).
template <class F> auto dispatch(ScalarType type, F f) {
  switch (type) {
  case ScalarType::Float:
    return f(float());
  case ScalarType::Double:
    return f(double());
  case ScalarType::Int:
    return f(std::int32_t());
  case ScalarType::Long:
    return f(std::int64_t());
  case ScalarType::Bool:
    break;
  }
  return f(bool());
}
template <class F> auto dispatch_floating(ScalarType type, F f) {
  return type == ScalarType::Double ? f(double()) : f(float());
}

} // namespace nabla::kernels

#endif
