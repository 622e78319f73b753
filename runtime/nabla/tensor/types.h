// What describes a tensor: element types, numbers of any type, sizes, and the options of creation functions.
#ifndef NABLA_TENSOR_TYPES_H
#define NABLA_TENSOR_TYPES_H

#include "../scalar_type.h"
#include "error.h"

#include <initializer_list>
#include <optional>
#include <type_traits>
#include <vector>

/// What carries no derivative, told to the static compiler.
#if __has_cpp_attribute(nabla::inactive)
#define NABLA_INACTIVE [[nabla::inactive]]
#else
#define NABLA_INACTIVE
#endif

namespace nabla {

inline constexpr ScalarType kBool = ScalarType::Bool, kInt = ScalarType::Int, kInt32 = ScalarType::Int;
inline constexpr ScalarType kLong = ScalarType::Long, kInt64 = ScalarType::Long;
inline constexpr ScalarType kFloat = ScalarType::Float, kFloat32 = ScalarType::Float;
inline constexpr ScalarType kDouble = ScalarType::Double, kFloat64 = ScalarType::Double;

using std::nullopt;
using std::optional;

namespace detail {
/// ScalarType of a C++ type.
template <class T> constexpr ScalarType scalar_type_of() {
  static_assert(std::is_arithmetic_v<T>, "a tensor's elements are bool, int, int64_t, float or double");
  if (std::is_same_v<T, bool>)
    return ScalarType::Bool;
  if (std::is_same_v<T, float>)
    return ScalarType::Float;
  if (std::is_floating_point_v<T>)
    return ScalarType::Double;
  return sizeof(T) <= 4 ? ScalarType::Int : ScalarType::Long;
}
/// Only the types that elements really have: data_ptr<T>() and accessors read memory through them.
template <class T>
inline constexpr bool is_element =
    std::is_same_v<T, bool> || std::is_same_v<T, float> || std::is_same_v<T, double> ||
    (std::is_integral_v<T> && std::is_signed_v<T> && (sizeof(T) == 4 || sizeof(T) == 8));
} // namespace detail

/// What Tensor::dtype() gives: a ScalarType with the C++ type's name, as libtorch's.
class TypeMeta {
  ScalarType type_;

public:
  constexpr TypeMeta(ScalarType type) : type_(type) {}
  constexpr operator ScalarType() const { return type_; }
  /// "float", "double", "int", "long int", "bool".
  const char *name() const;
  std::size_t itemsize() const { return element_size(type_); }
};
constexpr bool operator==(TypeMeta a, TypeMeta b) { return ScalarType(a) == ScalarType(b); }
constexpr bool operator!=(TypeMeta a, TypeMeta b) { return ScalarType(a) != ScalarType(b); }
constexpr bool operator==(TypeMeta a, ScalarType b) { return ScalarType(a) == b; }
constexpr bool operator!=(TypeMeta a, ScalarType b) { return ScalarType(a) != b; }

/// "Float", "Double", "Int", "Long", "Bool".
const char *to_string(ScalarType type);
/// The type of a op b for tensors with dimensions.
ScalarType promote_types(ScalarType a, ScalarType b);
/// float unless set_default_dtype changed it.
ScalarType get_default_dtype();
/// float or double.
void set_default_dtype(ScalarType type);

/// A number of one of the three categories bool, integer, real.
class Scalar {
  union {
    double real_;
    std::int64_t integer_;
  };
  enum Kind : unsigned char { Boolean, Integer, Real } kind_;

public:
  using nabla_number = double; ///< see nabla/handle.h

  template <class T, class = std::enable_if_t<std::is_arithmetic_v<T>>>
  constexpr Scalar(T value) : integer_(0) {
    if constexpr (std::is_floating_point_v<T>)
      real_ = static_cast<double>(value), kind_ = Real;
    else
      integer_ = static_cast<std::int64_t>(value), kind_ = std::is_same_v<T, bool> ? Boolean : Integer;
  }
  constexpr bool is_real() const { return kind_ == Real; }
  constexpr bool is_integer() const { return kind_ == Integer; }
  constexpr bool is_boolean() const { return kind_ == Boolean; }
  constexpr double to_double() const { return kind_ == Real ? real_ : static_cast<double>(integer_); }
  /// Towards zero; what int64_t cannot hold (NaN included) becomes its smallest number.
  constexpr std::int64_t to_long() const {
    if (kind_ != Real)
      return integer_;
    return real_ >= -0x1p63 && real_ < 0x1p63 ? static_cast<std::int64_t>(real_) : INT64_MIN;
  }
  template <class T> constexpr T to() const {
    if constexpr (std::is_floating_point_v<T>)
      return kind_ == Real ? static_cast<T>(real_) : static_cast<T>(integer_);
    else if constexpr (std::is_same_v<T, bool>)
      return kind_ == Real ? real_ != 0 : integer_ != 0;
    else
      return static_cast<T>(to_long());
  }
  /// Bool, Long or Double.
  constexpr ScalarType type() const {
    return kind_ == Real ? ScalarType::Double : kind_ == Integer ? ScalarType::Long : ScalarType::Bool;
  }
};

/// A view of numbers or of handles that lives as long as the call.
template <class T> class ArrayRef {
  const T *data_ = nullptr;
  std::size_t size_ = 0;

public:
  using value_type = T;
  constexpr ArrayRef() = default;
  constexpr ArrayRef(const T &one) : data_(&one), size_(1) {}
  constexpr ArrayRef(const T *data, std::size_t size) : data_(data), size_(size) {}
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winit-list-lifetime" // lives until the end of the call, as meant
#endif
  constexpr ArrayRef(std::initializer_list<T> list) : data_(list.begin()), size_(list.size()) {}
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
  ArrayRef(const std::vector<T> &v) : data_(v.data()), size_(v.size()) {}
  template <std::size_t N> constexpr ArrayRef(const T (&a)[N]) : data_(a), size_(N) {}
  constexpr std::size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr const T *data() const { return data_; }
  constexpr const T *begin() const { return data_; }
  constexpr const T *end() const { return data_ + size_; }
  constexpr const T &operator[](std::size_t i) const { return data_[i]; }
  constexpr const T &front() const { return data_[0]; }
  constexpr const T &back() const { return data_[size_ - 1]; }
  std::vector<T> vec() const { return std::vector<T>(begin(), end()); }
  constexpr bool equals(ArrayRef other) const {
    if (size_ != other.size_)
      return false;
    for (std::size_t i = 0; i < size_; ++i)
      if (!(data_[i] == other.data_[i]))
        return false;
    return true;
  }
};
template <class T> constexpr bool operator==(ArrayRef<T> a, ArrayRef<T> b) { return a.equals(b); }
template <class T> constexpr bool operator!=(ArrayRef<T> a, ArrayRef<T> b) { return !a.equals(b); }
template <class T> bool operator==(ArrayRef<T> a, const std::vector<T> &b) { return a.equals(b); }
template <class T> bool operator==(const std::vector<T> &a, ArrayRef<T> b) { return b.equals(a); }

/// Sizes, strides or dimensions: `{2, 3}`, one number, or a vector.
using IntArrayRef = ArrayRef<std::int64_t>;

/// Element type and requires_grad of a new tensor: `ones({2}, kDouble)`, `dtype(kLong)`, `requires_grad()`.
class TensorOptions {
  std::optional<ScalarType> dtype_;
  bool requires_grad_ = false;

public:
  TensorOptions() = default;
  TensorOptions(ScalarType type) : dtype_(type) {}
  TensorOptions(TypeMeta type) : dtype_(ScalarType(type)) {}
  TensorOptions dtype(ScalarType type) const {
    TensorOptions o = *this;
    o.dtype_ = type;
    return o;
  }
  TensorOptions requires_grad(bool on) const {
    TensorOptions o = *this;
    o.requires_grad_ = on;
    return o;
  }
  std::optional<ScalarType> dtype_opt() const { return dtype_; }
  ScalarType dtype_or(ScalarType otherwise) const { return dtype_ ? *dtype_ : otherwise; }
  bool requires_grad() const { return requires_grad_; }
};
inline TensorOptions dtype(ScalarType type) { return TensorOptions(type); }
inline TensorOptions requires_grad(bool on = true) { return TensorOptions().requires_grad(on); }

} // namespace nabla

#endif
