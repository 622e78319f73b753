// The end of the graph at a leaf: adds into .grad.
#ifndef NABLA_SRC_TENSOR_ACCUMULATE_H
#define NABLA_SRC_TENSOR_ACCUMULATE_H

#include "node.h"

namespace nabla::detail {

class AccumulateGrad final : public Node {
  TensorImpl *const leaf_; ///< kept by the graph's count
  Edge none_;
  Meta meta_;

public:
  explicit AccumulateGrad(TensorImpl *leaf);
  std::string name() const override { return "torch::autograd::AccumulateGrad"; }
  TensorImpl *leaf() const { return leaf_; }
  static void *operator new(std::size_t bytes) { return pool_get(bytes); }
  static void operator delete(void *p, std::size_t bytes) { pool_put(p, bytes); }

protected:
  void run(Sweep &s) override;
  void dispose() override;
  ~AccumulateGrad() override = default;
};

/// The one accumulator of a leaf; it lives as long as a graph uses it.
NodeRef accumulator_of(TensorImpl *leaf);

} // namespace nabla::detail

#endif
