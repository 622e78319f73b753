// Nodes whose gradients are being gathered, youngest first, and a small map keyed by pointers.
#ifndef NABLA_SRC_TENSOR_READY_H
#define NABLA_SRC_TENSOR_READY_H

#include "node.h"

namespace nabla::detail {

/// Open addressing; grows, never shrinks; no removal except all at once.
template <class T> class PointerMap {
  struct Slot {
    const void *key;
    T value;
  };
  std::vector<Slot> slots_;
  std::size_t used_ = 0;

  std::size_t place(const void *key) const {
    std::size_t i = (reinterpret_cast<std::uintptr_t>(key) >> 4) * 0x9E3779B97F4A7C15ull >> 20;
    for (;; ++i) {
      const Slot &s = slots_[i & (slots_.size() - 1)];
      if (s.key == key || s.key == nullptr)
        return i & (slots_.size() - 1);
    }
  }
  void grow() {
    std::vector<Slot> old(slots_.empty() ? 32 : slots_.size() * 2, Slot{nullptr, T()});
    old.swap(slots_);
    for (const Slot &s : old)
      if (s.key)
        slots_[place(s.key)] = s;
  }

public:
  const T *find(const void *key) const {
    if (slots_.empty())
      return nullptr;
    const Slot &s = slots_[place(key)];
    return s.key ? &s.value : nullptr;
  }
  T &at(const void *key, T otherwise) {
    if (2 * (used_ + 1) > slots_.size())
      grow();
    Slot &s = slots_[place(key)];
    if (!s.key)
      s = Slot{key, otherwise}, ++used_;
    return s.value;
  }
  template <class F> void each(F f) const {
    for (const Slot &s : slots_)
      if (s.key)
        f(s.key, s.value);
  }
  void clear() {
    if (used_)
      for (Slot &s : slots_)
        s.key = nullptr;
    used_ = 0;
  }
};

/// A node with the gradients that have arrived; they lie behind it.
struct Ready {
  Node *node; ///< counted
  std::uint64_t sequence;
  Tensor *grads() { return reinterpret_cast<Tensor *>(this + 1); }
  static std::size_t bytes(const Node *node) { return sizeof(Ready) + node->num_inputs() * sizeof(Tensor); }
};

class ReadyQueue {
  static constexpr std::size_t few = 16; ///< until here looking through all beats a map
  std::vector<Ready *> heap_;
  PointerMap<Ready *> where_;
  bool mapped_ = false;
  std::vector<NodeRef> held_;

  static bool before(const Ready *a, const Ready *b) { return a->sequence > b->sequence; }
  Ready *find(Node *node);
  void push(Ready *r);

public:
  ReadyQueue() { heap_.reserve(few); }
  ReadyQueue(const ReadyQueue &) = delete;
  ~ReadyQueue() {
    for (Ready *const r : heap_)
      release(r);
  }
  /// Keeps a node until the queue ends.
  void hold(const NodeRef &node) { held_.push_back(node); }
  /// Adds a gradient for input nr of node.
  void add(Node *node, std::uint32_t nr, Tensor g);
  /// The youngest; null at the end. The caller owns it.
  Ready *pop();

  static void release(Ready *r);
  struct Owner {
    Ready *ready;
    explicit Owner(Ready *r) : ready(r) {}
    ~Owner() { release(ready); }
    Owner(const Owner &) = delete;
  };
};

} // namespace nabla::detail

#endif
