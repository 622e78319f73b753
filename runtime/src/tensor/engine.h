// The backward sweep: which nodes run, in which order, with which gradients.
#ifndef NABLA_SRC_TENSOR_ENGINE_H
#define NABLA_SRC_TENSOR_ENGINE_H

#include "node.h"

namespace nabla::detail {

struct Request {
  TensorList outputs;
  TensorList output_grads; ///< empty, or one per output (undefined: 1 for a one-element output)
  TensorList inputs;       ///< empty: accumulate into every leaf
  bool keep_graph, create_graph;
  bool accumulate;   ///< into .grad of the inputs, or
  bool allow_unused; ///< return the gradients; undefined ones only if allowed
};
std::vector<Tensor> sweep(const Request &request);

} // namespace nabla::detail

#endif
