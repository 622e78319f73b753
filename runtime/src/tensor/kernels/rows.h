// Walking the lines of a tensor along one dimension.
#ifndef NABLA_TENSOR_KERNELS_ROWS_H
#define NABLA_TENSOR_KERNELS_ROWS_H

#include "strides.h"

namespace nabla::kernels {

/// Calls visit(offsets) for every line along `dim`: offsets[k] is where view k's line begins, in elements. The shape of the walk is
/// views[0]'s; the others need equal sizes in all dimensions but dim (0-dimensional views have one line).
template <class Visit> void for_each_row(const View *const *views, int n, int dim, Visit visit) {
  const View &shape = *views[0];
  std::int64_t at[max_dims] = {}, offsets[8] = {}, lines = 1;
  for (int d = 0; d < shape.dims; ++d)
    lines *= d == dim ? 1 : shape.sizes[d];
  for (std::int64_t line = 0; line < lines; ++line) {
    visit(static_cast<const std::int64_t *>(offsets));
    for (int d = shape.dims - 1; d >= 0; --d) {
      if (d == dim)
        continue;
      for (int k = 0; k < n; ++k)
        offsets[k] += views[k]->strides[d];
      if (++at[d] < shape.sizes[d])
        break;
      for (int k = 0; k < n; ++k)
        offsets[k] -= views[k]->strides[d] * shape.sizes[d];
      at[d] = 0;
    }
  }
}

/// Length and stride along dim, where a 0-dimensional view has one element.
inline std::int64_t length_of(const View &v, int dim) { return v.dims == 0 ? 1 : v.sizes[dim]; }
inline std::int64_t stride_of(const View &v, int dim) { return v.dims == 0 ? 1 : v.strides[dim]; }

} // namespace nabla::kernels

#endif
