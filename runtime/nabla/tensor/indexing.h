// What stands between the brackets of Python's x[...]: numbers, Slice, None, Ellipsis, masks and index tensors.
#ifndef NABLA_TENSOR_INDEXING_H
#define NABLA_TENSOR_INDEXING_H

#include "handle.h"

namespace nabla::indexing {

/// As an index: a new dimension of size 1; in a Slice: no limit.
struct NoneType {
  operator std::optional<std::int64_t>() const { return std::nullopt; }
};
inline constexpr NoneType None{};
struct EllipsisType {};
inline constexpr EllipsisType Ellipsis{};

/// start:end:step of Python; step is positive.
class Slice {
  std::optional<std::int64_t> start_, end_;
  std::int64_t step_ = 1;

public:
  Slice(std::optional<std::int64_t> start = std::nullopt, std::optional<std::int64_t> end = std::nullopt,
        std::optional<std::int64_t> step = std::nullopt)
      : start_(start), end_(end), step_(step ? *step : 1) {}
  std::optional<std::int64_t> start() const { return start_; }
  std::optional<std::int64_t> end() const { return end_; }
  std::int64_t step() const { return step_; }
};

class TensorIndex {
public:
  enum class Kind : unsigned char { None, Ellipsis, Integer, Boolean, Slice, Tensor };

private:
  Kind kind_;
  std::int64_t integer_ = 0;
  indexing::Slice slice_;
  nabla::Tensor tensor_;

public:
  TensorIndex(NoneType) : kind_(Kind::None) {}
  TensorIndex(std::nullopt_t) : kind_(Kind::None) {}
  TensorIndex(EllipsisType) : kind_(Kind::Ellipsis) {}
  TensorIndex(const char *dots) : kind_(Kind::Ellipsis) {
    if (std::string(dots) != "...")
      throw ValueError("Expected \"...\" to represent an ellipsis index, but got \"" + std::string(dots) + "\"");
  }
  template <class T, class = std::enable_if_t<std::is_integral_v<T>>>
  TensorIndex(T value) : kind_(std::is_same_v<T, bool> ? Kind::Boolean : Kind::Integer), integer_(value) {}
  TensorIndex(const indexing::Slice &slice) : kind_(Kind::Slice), slice_(slice) {}
  TensorIndex(const nabla::Tensor &tensor) : kind_(Kind::Tensor), tensor_(tensor) {}
  Kind kind() const { return kind_; }
  std::int64_t integer() const { return integer_; }
  const indexing::Slice &slice() const { return slice_; }
  const nabla::Tensor &tensor() const { return tensor_; }
};

} // namespace nabla::indexing

#endif
