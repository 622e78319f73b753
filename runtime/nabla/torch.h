// For programs written against libtorch: namespaces torch, at and c10 with what Nabla has of them.
#ifndef NABLA_TORCH_H
#define NABLA_TORCH_H

#include "tensor.h"

#include <thread> // torch/torch.h brings it in, and programs rely on that

namespace torch = nabla;
namespace at = nabla;

namespace c10 {
using nabla::ArrayRef, nabla::Error, nabla::IndexError, nabla::InferenceMode, nabla::IntArrayRef, nabla::nullopt,
    nabla::optional, nabla::Scalar, nabla::ScalarType, nabla::TensorOptions;
} // namespace c10

#endif
