// Tensors from nothing: literals, constants, ranges, random numbers.
#ifndef NABLA_TENSOR_CREATION_H
#define NABLA_TENSOR_CREATION_H

#include "handle.h"

namespace nabla {

namespace detail {
/// A nested braced list of numbers. As in libtorch, integers become Long and reals the default type, unless options say else.
class TensorData {
  Scalar number_ = 0;
  std::initializer_list<TensorData> list_;
  const void *array_ = nullptr; // of size_ elements of type_, when given as a vector
  std::size_t size_ = 0;
  ScalarType type_ = ScalarType::Float;
  bool is_number_ = false, is_array_ = false;

public:
  template <class T, class = std::enable_if_t<std::is_arithmetic_v<T>>>
  TensorData(T number) : number_(number), type_(Scalar(number).type()), is_number_(true) {}
  TensorData(std::initializer_list<TensorData> list) : list_(list) {}
  template <class T>
  TensorData(ArrayRef<T> a) : array_(a.data()), size_(a.size()), type_(scalar_type_of<T>()), is_array_(true) {
    static_assert(is_element<T>);
  }
  template <class T> TensorData(const std::vector<T> &v) : TensorData(ArrayRef<T>(v)) {}
  bool is_number() const { return is_number_; }
  bool is_array() const { return is_array_; }
  Scalar number() const { return number_; }
  const std::initializer_list<TensorData> &list() const { return list_; }
  const void *array() const { return array_; }
  std::size_t size() const { return is_array_ ? size_ : list_.size(); }
  ScalarType type() const { return type_; }
};
} // namespace detail

/// tensor(2.0), tensor({1.0f, 2.0f}), tensor({{1, 2}, {3, 4}}, kDouble), tensor(std::vector<float>...).
Tensor tensor(const detail::TensorData &data, const TensorOptions &options = {});
/// A view of memory that the caller keeps alive; sizes in row-major order.
Tensor from_blob(void *data, IntArrayRef sizes, const TensorOptions &options = {});

Tensor empty(IntArrayRef sizes, const TensorOptions &options = {});
Tensor zeros(IntArrayRef sizes, const TensorOptions &options = {});
Tensor ones(IntArrayRef sizes, const TensorOptions &options = {});
Tensor full(IntArrayRef sizes, Scalar value, const TensorOptions &options = {});
Tensor scalar_tensor(Scalar value, const TensorOptions &options = {});
Tensor eye(std::int64_t n, const TensorOptions &options = {});
Tensor eye(std::int64_t n, std::int64_t m, const TensorOptions &options = {});
/// Integers give Long unless options say else.
Tensor arange(Scalar end, const TensorOptions &options = {});
Tensor arange(Scalar start, Scalar end, const TensorOptions &options = {});
Tensor arange(Scalar start, Scalar end, Scalar step, const TensorOptions &options = {});
Tensor linspace(Scalar start, Scalar end, std::int64_t steps, const TensorOptions &options = {});
Tensor logspace(Scalar start, Scalar end, std::int64_t steps, double base = 10,
                const TensorOptions &options = {});

NABLA_INACTIVE Tensor empty_like(const Tensor &t, const TensorOptions &options = {});
NABLA_INACTIVE Tensor zeros_like(const Tensor &t, const TensorOptions &options = {});
NABLA_INACTIVE Tensor ones_like(const Tensor &t, const TensorOptions &options = {});
Tensor full_like(const Tensor &t, Scalar value, const TensorOptions &options = {});

// ---- Random numbers: one generator (xoshiro256++) for the process, behind a lock ----
void manual_seed(std::uint64_t seed);
/// Uniform on [0, 1).
Tensor rand(IntArrayRef sizes, const TensorOptions &options = {});
Tensor randn(IntArrayRef sizes, const TensorOptions &options = {});
/// Integers of [low, high).
Tensor randint(std::int64_t high, IntArrayRef sizes, const TensorOptions &options = {});
Tensor randint(std::int64_t low, std::int64_t high, IntArrayRef sizes, const TensorOptions &options = {});
Tensor randperm(std::int64_t n, const TensorOptions &options = {});
NABLA_INACTIVE Tensor rand_like(const Tensor &t, const TensorOptions &options = {});
NABLA_INACTIVE Tensor randn_like(const Tensor &t, const TensorOptions &options = {});
NABLA_INACTIVE Tensor bernoulli(const Tensor &p);

} // namespace nabla

#endif
