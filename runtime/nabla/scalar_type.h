// The element types of a Tensor. In a header of its own because kernels (src/tensor/kernels) know types but no Tensor.
#ifndef NABLA_SCALAR_TYPE_H
#define NABLA_SCALAR_TYPE_H

#include <cstddef>
#include <cstdint>

namespace nabla {

/// Element type; the names are libtorch's. Order is that of promotion within a category.
enum class ScalarType : std::int8_t { Bool, Int, Long, Float, Double };

/// Bytes of one element.
constexpr std::size_t element_size(ScalarType type) {
  switch (type) {
  case ScalarType::Bool:
    return 1;
  case ScalarType::Int:
    return 4;
  case ScalarType::Float:
    return 4;
  case ScalarType::Long:
    return 8;
  case ScalarType::Double:
    return 8;
  }
  return 0;
}

constexpr bool is_floating(ScalarType type) { return type >= ScalarType::Float; }

} // namespace nabla

#endif
