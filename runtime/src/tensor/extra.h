// What few tensors and nodes have: hooks, retained gradients, where the forward call was. And the lock of a leaf.
#ifndef NABLA_SRC_TENSOR_EXTRA_H
#define NABLA_SRC_TENSOR_EXTRA_H

#include "impl.h"

#include <mutex>

namespace nabla::detail {

using TensorHook = std::function<Tensor(Tensor)>;

/// Of a leaf. A removed hook stays as an empty function, so that positions keep their meaning.
struct Extra {
  std::vector<TensorHook> hooks;
};

struct NodeExtra {
  struct Hook {
    std::uint32_t input_nr;
    TensorHook run;
  };
  struct Retained {
    std::uint32_t input_nr;
    TensorImpl *into; ///< not counted: it takes itself off the list
  };
  std::vector<Hook> tensor_hooks;
  std::vector<Retained> retained;
  std::vector<std::function<autograd::variable_list(const autograd::variable_list &)>> before;
  std::vector<autograd::Node::Hook> after;
  std::string forward_call; ///< in anomaly mode
};
NodeExtra &extra_of(autograd::Node *node);
/// Takes p off the list of its grad_fn.
void forget_retained(TensorImpl *p);

/// Guards .grad and the accumulator of one leaf. Nothing while the process has one thread.
class LeafLock {
  std::recursive_mutex *lock_ = nullptr;

public:
  explicit LeafLock(const TensorImpl *p) {
    if (!NABLA_SINGLE_THREADED)
      acquire(p);
  }
  ~LeafLock() {
    if (lock_)
      lock_->unlock();
  }
  LeafLock(const LeafLock &) = delete;

private:
  void acquire(const TensorImpl *p);
};

} // namespace nabla::detail

#endif
