// Windows on contiguous memory as differentiable ops: what the backwards of views and of writing into views are made of.
#ifndef NABLA_SRC_TENSOR_GEOMETRY_H
#define NABLA_SRC_TENSOR_GEOMETRY_H

#include "node.h"

namespace nabla::detail {

/// A window (sizes, strides, offset) on a contiguous tensor of sizes `whole`.
struct Window {
  Dims whole, sizes, strides;
  std::int64_t offset = 0;
};

/// Two indices of the window may mean the same element. (Sound: may say so wrongly only for exotic interleaved strides.)
bool overlaps(const Dims &sizes, const Dims &strides);

/// The window's elements of x, which has w.whole as sizes. Differentiable.
Tensor region(const Tensor &x, const Window &w);
/// Zeros of sizes w.whole with `piece` in the window (overlapping elements add up). Differentiable.
Tensor embed(const Tensor &piece, const Window &w);
/// x with zeros in the window. Differentiable.
Tensor without_region(const Tensor &x, const Window &w);

/// Records that r is the window w of x.
void record_window(const char *name, const Tensor &r, const Tensor &x, const Window &w);
/// View r of `base` written from src: base gets CopySlices as history.
void record_copy_slices(const Tensor &view, const Tensor &src);

} // namespace nabla::detail

#endif
