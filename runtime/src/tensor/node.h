// How an op records itself, and what its backward sees. See docs/architecture.md, 'Tensors'.
//
//   // primal: r = a * b    adjoint: a_bar += r_bar b, b_bar += r_bar a
//   void mul_backward(Sweep &s) {
//     if (s.wants(0)) s.give(0, s.grad() * s.saved(1));
//     if (s.wants(1)) s.give(1, s.grad() * s.saved(0));
//   }
//   Tensor mul(const Tensor &a, const Tensor &b) {
//     Tensor r = ...;
//     if (recording(a, b)) {
//       Recorder rec("MulBackward0", mul_backward, {&a, &b}, 2);
//       rec.save(0, a), rec.save(1, b);
//       rec.finish(r);
//     }
//     return r;
//   }
//
// A backward is written in tensor functions that record themselves, so create_graph works to any order. What it gives may be
// broadcast or of another type than the argument: the engine sums and casts.
#ifndef NABLA_SRC_TENSOR_NODE_H
#define NABLA_SRC_TENSOR_NODE_H

#include "impl.h"

#include <new>

namespace nabla::detail {

using autograd::Edge;
using autograd::Node;
using autograd::NodeRef;

/// Type and shape of a forward result: what its gradient must look like.
struct Meta {
  ScalarType dtype;
  int dims;
  std::int64_t sizes[max_dims];
};

struct PackedTensor; // through SavedTensorsHooks

/// A tensor kept for backward. Keeps the memory, not .grad; a result is kept without its grad_fn, which is the keeper.
class SavedTensor {
  enum class Kind : unsigned char { Nothing, Argument, Result, Packed, Freed };
  union {
    TensorImpl *impl_;
    PackedTensor *packed_;
  };
  std::uint32_t version_;
  std::uint32_t output_nr_;
  Kind kind_ = Kind::Nothing;

public:
  SavedTensor() : impl_(nullptr) {}
  ~SavedTensor() { clear(); }
  SavedTensor(const SavedTensor &) = delete;
  void save(const Tensor &t);                               ///< an argument, or any other tensor that is not a result
  void save_result(const Tensor &t, std::uint32_t output_nr = 0); ///< before or after finish
  /// The tensor again; `keeper` is the node that saved it. Throws when it was freed, or written since.
  Tensor unpack(Node *keeper) const;
  void clear();
  void free() { ///< clear, and say so on unpack
    const bool had = kind_ != Kind::Nothing;
    clear();
    if (had)
      kind_ = Kind::Freed;
  }
};

/// What a node's run sees: gradients of the results in, gradients of the arguments out.
struct Sweep {
  Node *node;
  Tensor *grads;
  Tensor *out;
  std::uint64_t wanted; ///< bit per edge; edges from 63 on share the last bit
  const bool *wanted_beyond; ///< per edge, when there are more than 63

  const Tensor &grad(std::size_t i = 0) const { return grads[i]; }
  bool wants(std::size_t i) const { return wanted_beyond ? wanted_beyond[i] : (wanted >> i & 1) != 0; }
  void give(std::size_t i, Tensor g) { out[i] = static_cast<Tensor &&>(g); }
  inline Tensor saved(std::size_t i) const;
  template <class T> const T &attribute() const;
  /// Type and sizes of the i-th forward result.
  const Meta &result(std::size_t i = 0) const { return node->metas_[i]; }
};

using BackwardFunction = void (*)(Sweep &);

/// The node of a built-in op. Edges, saved tensors, metas and the attribute lie behind it in one block.
class OpNode final : public Node {
public:
  const char *name_;
  BackwardFunction backward_;
  SavedTensor *saved_;
  void *attribute_;
  std::uint32_t n_saved_, bytes_;

  std::string name() const override { return name_; }
  static OpNode *make(const char *name, BackwardFunction backward, std::size_t edges, std::size_t results, std::size_t saved,
                      std::size_t attribute_bytes);

protected:
  void run(Sweep &s) override { backward_(s); }
  void forget() override;
  void dispose() override;
  ~OpNode() override;
};

inline Tensor Sweep::saved(std::size_t i) const { return static_cast<OpNode *>(node)->saved_[i].unpack(node); }
template <class T> const T &Sweep::attribute() const { return *static_cast<const T *>(static_cast<OpNode *>(node)->attribute_); }

/// Where the gradient of t goes: its grad_fn, or a leaf's accumulator. Empty when t needs none.
Edge gradient_edge(const Tensor &t);
std::uint64_t next_sequence();
void set_meta(Meta &m, const TensorImpl *p);
/// r becomes result `nr` of node (counts a reference).
void set_history(const Tensor &r, Node *node, std::uint32_t nr);
/// In anomaly mode: remember where the forward call was.
void note_forward_call(Node *node);

inline bool recording(const Tensor &a) { return !mode.no_grad && requires_grad(a); }
inline bool recording(const Tensor &a, const Tensor &b) { return !mode.no_grad && (requires_grad(a) || requires_grad(b)); }
inline bool recording(const Tensor &a, const Tensor &b, const Tensor &c) {
  return !mode.no_grad && (requires_grad(a) || requires_grad(b) || requires_grad(c));
}
bool recording(TensorList list);

/// Builds the node of one op call.
class Recorder {
  OpNode *node_;

public:
  /// Edges to `arguments` in their order (undefined ones and those without gradient get none).
  template <class Attribute = char>
  Recorder(const char *name, BackwardFunction backward, std::initializer_list<const Tensor *> arguments, std::size_t saved = 0,
           const Attribute *attribute = nullptr, std::size_t results = 1)
      : node_(OpNode::make(name, backward, arguments.size(), results, saved, attribute ? sizeof(Attribute) : 0)) {
    static_assert(std::is_trivially_copyable_v<Attribute> && alignof(Attribute) <= 16);
    std::size_t i = 0;
    for (const Tensor *const t : arguments)
      node_->edges_[i++] = gradient_edge(*t);
    if (attribute)
      new (node_->attribute_) Attribute(*attribute);
  }
  Recorder(const char *name, BackwardFunction backward, TensorList arguments, std::size_t saved = 0, const Dims *attribute = nullptr,
           std::size_t results = 1);
  Recorder(const Recorder &) = delete;
  ~Recorder() {
    if (node_ && node_->count_.drop())
      Node::destroy(node_);
  }
  bool needs(std::size_t argument) const { return node_->edges_[argument].is_valid(); }
  void save(std::size_t slot, const Tensor &t) {
    if (t.defined())
      node_->saved_[slot].save(t);
  }
  void save_result(std::size_t slot, const Tensor &r, std::uint32_t nr = 0) { node_->saved_[slot].save_result(r, nr); }
  template <class T> T &attribute() { return *static_cast<T *>(node_->attribute_); }
  OpNode *node() const { return node_; }
  void finish(const Tensor &r) {
    set_history(r, node_, 0);
    done();
  }
  /// Several results; those that are undefined or integers get no history.
  void finish(std::initializer_list<const Tensor *> results) {
    std::uint32_t nr = 0;
    for (const Tensor *const r : results) {
      if (r->defined())
        set_history(*r, node_, nr);
      ++nr;
    }
    done();
  }
  void finish(const std::vector<Tensor> &results) {
    for (std::size_t i = 0; i < results.size(); ++i)
      set_history(results[i], node_, static_cast<std::uint32_t>(i));
    done();
  }

private:
  void done() {
    if (mode.anomaly)
      note_forward_call(node_);
  }
};

} // namespace nabla::detail

#endif
