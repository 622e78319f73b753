// Products that other ops build on.
#ifndef NABLA_SRC_TENSOR_OPS_MATMUL_H
#define NABLA_SRC_TENSOR_OPS_MATMUL_H

#include "impl.h"

namespace nabla::detail {

/// Products of the last two dimensions; the leading ones are equal, and may have strides of 0.
Tensor batched_mm(const Tensor &a, const Tensor &b);

} // namespace nabla::detail

#endif
