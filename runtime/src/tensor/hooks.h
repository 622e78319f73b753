// Tensors saved through the user's pack and unpack.
#ifndef NABLA_SRC_TENSOR_HOOKS_H
#define NABLA_SRC_TENSOR_HOOKS_H

#include "node.h"

namespace nabla::detail {

/// What pack answered, and the place in the graph that the tensor had (a result's is the keeper).
PackedTensor *pack(const Tensor &t, Edge edge, bool is_result);
void drop_packed(PackedTensor *p);
Tensor unpack_packed(const PackedTensor *p, Node *keeper, std::uint32_t output_nr);

/// Throws "... has been modified by an inplace operation". maker and writer (of the last in-place operation) may be null.
[[noreturn]] void written_since(const TensorImpl *p, std::uint32_t saved_version, Node *maker, std::uint32_t output_nr,
                                const char *writer = nullptr);

} // namespace nabla::detail

#endif
