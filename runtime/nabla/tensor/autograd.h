// The graph and what drives it: nodes, grad modes, backward and grad, own functions, hooks, anomaly mode.
#ifndef NABLA_TENSOR_AUTOGRAD_H
#define NABLA_TENSOR_AUTOGRAD_H

#include "handle.h"

#include <memory>
#include <typeinfo>

namespace nabla {
namespace detail {
/// What the current thread does with history. A plain thread-local word, so that every op can look at it for nothing.
struct Mode {
  bool no_grad;
  bool inference;
  bool anomaly;
  bool anomaly_check_nan;
  unsigned saved_hooks; ///< depth of SavedTensorsHooks
};
extern __thread Mode mode;
class Engine;
struct Meta;
struct NodeExtra;
struct Sweep;
} // namespace detail

namespace autograd {

using Variable = Tensor;
using variable_list = std::vector<Tensor>;

/// A counted reference to a node; empty where PyTorch says None.
class NodeRef {
  Node *node_ = nullptr;

public:
  NodeRef() = default;
  inline explicit NodeRef(Node *node);
  inline NodeRef(const NodeRef &other);
  NodeRef(NodeRef &&other) noexcept : node_(other.node_) { other.node_ = nullptr; }
  inline ~NodeRef();
  NodeRef &operator=(NodeRef other) noexcept {
    Node *const mine = node_;
    node_ = other.node_, other.node_ = mine;
    return *this;
  }
  /// Takes over one count.
  static NodeRef adopt(Node *node) {
    NodeRef r;
    r.node_ = node;
    return r;
  }
  Node *release() {
    Node *const n = node_;
    node_ = nullptr;
    return n;
  }
  Node *get() const { return node_; }
  Node *operator->() const { return node_; }
  Node &operator*() const { return *node_; }
  explicit operator bool() const { return node_ != nullptr; }
  friend bool operator==(const NodeRef &a, const NodeRef &b) { return a.node_ == b.node_; }
  friend bool operator!=(const NodeRef &a, const NodeRef &b) { return a.node_ != b.node_; }
};

/// Where a gradient goes: input `input_nr` of `function`.
struct Edge {
  NodeRef function;
  std::uint32_t input_nr = 0;
  bool is_valid() const { return static_cast<bool>(function); }
};

/// One step of the backward sweep. Inputs are gradients of the forward call's results, outputs those of its arguments.
class Node {
  friend class NodeRef;
  friend class detail::Engine;

public:
  Node(const Node &) = delete;
  Node &operator=(const Node &) = delete;
  virtual std::string name() const = 0; ///< "AddBackward0"
  std::uint32_t num_inputs() const { return n_inputs_; }
  std::uint32_t num_outputs() const { return n_edges_; }
  ArrayRef<Edge> next_edges() const { return ArrayRef<Edge>(edges_, n_edges_); }
  const Edge &next_edge(std::size_t i) const { return edges_[i]; }
  std::uint64_t sequence_nr() const { return sequence_; }
  using Hook =
      std::function<variable_list(const variable_list &grad_inputs, const variable_list &grad_outputs)>;
  /// hook(gradients of the arguments, gradients of the results) runs after the node; a non-empty answer replaces the former.
  void register_hook(Hook hook);
  /// hook(gradients of the results) runs before the node; a non-empty answer replaces them.
  void register_prehook(std::function<variable_list(const variable_list &grad_outputs)> hook);

protected:
  Node() = default;
  virtual ~Node();
  virtual void run(detail::Sweep &sweep) = 0;
  virtual void forget() {} ///< drops saved tensors

public: // for src/tensor
  detail::Count count_{1};
  std::uint32_t n_inputs_ = 0, n_edges_ = 0;
  Edge *edges_ = nullptr;
  detail::Meta *metas_ = nullptr; ///< of the forward results, n_inputs_ of them
  std::uint64_t sequence_ = 0;
  detail::NodeExtra *extra_ = nullptr;
  std::atomic<const void *> runner_{nullptr}; ///< which thread runs it, once there are several
  void execute(detail::Sweep &sweep) { run(sweep); }
  void drop_saved() { forget(); }
  static void destroy(Node *node); ///< without recursion over long chains
  virtual void dispose() { delete this; }
};

inline NodeRef::NodeRef(Node *node) : node_(node) {
  if (node_)
    node_->count_.add();
}
inline NodeRef::NodeRef(const NodeRef &other) : NodeRef(other.node_) {}
inline NodeRef::~NodeRef() {
  if (node_ && node_->count_.drop())
    Node::destroy(node_);
}

/// Adds the gradients of `tensors` to .grad of the leaves, or of `inputs` alone.
void backward(const variable_list &tensors, const variable_list &grad_tensors = {},
              std::optional<bool> retain_graph = nullopt, bool create_graph = false,
              const variable_list &inputs = {});
/// Gradients of the sum of outputs (weighted by grad_outputs) with respect to inputs; .grad stays as it is.
variable_list grad(const variable_list &outputs, const variable_list &inputs,
                   const variable_list &grad_outputs = {}, std::optional<bool> retain_graph = nullopt,
                   bool create_graph = false, bool allow_unused = false);

/// Look for NaN after every node and say which forward call made it.
struct AnomalyMode {
  static bool is_enabled() { return detail::mode.anomaly; }
  static bool should_check_nan() { return detail::mode.anomaly_check_nan; }
  static void set_enabled(bool enabled, bool check_nan = true) {
    detail::mode.anomaly = enabled, detail::mode.anomaly_check_nan = check_nan;
  }
};
class DetectAnomalyGuard {
  bool before_ = detail::mode.anomaly, check_before_ = detail::mode.anomaly_check_nan;

public:
  explicit DetectAnomalyGuard(bool check_nan = true) { AnomalyMode::set_enabled(true, check_nan); }
  ~DetectAnomalyGuard() { AnomalyMode::set_enabled(before_, check_before_); }
  DetectAnomalyGuard(const DetectAnomalyGuard &) = delete;
};

/// While it lives, every tensor that this thread saves for backward goes through pack, and comes back through unpack.
class SavedTensorsHooks {
public:
  using Packed = std::shared_ptr<void>;
  SavedTensorsHooks(std::function<Packed(const Tensor &)> pack, std::function<Tensor(const Packed &)> unpack);
  /// For hooks that stay with tensors: pack(t) and unpack(packed) are tensors.
  SavedTensorsHooks(std::function<Tensor(const Tensor &)> pack, std::function<Tensor(const Tensor &)> unpack);
  ~SavedTensorsHooks();
  SavedTensorsHooks(const SavedTensorsHooks &) = delete;
};

/// What an own function keeps between its forward and its backward.
class AutogradContext {
public:
  AutogradContext();
  ~AutogradContext();
  AutogradContext(const AutogradContext &) = delete;
  void save_for_backward(variable_list tensors);
  variable_list get_saved_variables() const;
  Tensor get_saved_variable(std::size_t i) const; ///< one of them: the others may have been changed in place
  /// Results that are integers or never carry a gradient.
  void mark_non_differentiable(const variable_list &outputs);
  /// Arguments that forward changed in place and returns.
  void mark_dirty(const variable_list &inputs);
  /// false: gradients of unused results arrive undefined rather than as zeros.
  void set_materialize_grads(bool on);
  bool needs_input_grad(std::size_t i) const;
  /// Numbers to keep: context->saved_number("scale") = 2.0; zero at first.
  double &saved_number(const std::string &key);
  /// Anything else.
  std::shared_ptr<void> saved_data;

  struct Room; // src/tensor/custom.cpp
  std::unique_ptr<Room> room;
};

namespace detail_custom {
using Backward = variable_list (*)(AutogradContext *, variable_list);
struct Call; // one call of an own function
Call *begin(Backward backward, const std::type_info &type);
Call *begin(Backward backward, const char *name);
bool is_recorded(const Call *call); ///< does one of its arguments so far need a gradient?
AutogradContext *context(Call *call);
void argument(Call *call, const Tensor &t);
void no_tensor(Call *call);
void run_without_history(Call *call, void (*run)(void *), void *data);
void finish(Call *call, Tensor *const *results, std::size_t n);
void abandon(Call *call);

inline void note(Call *call, const Tensor &t) { argument(call, t); }
inline void note(Call *call, const variable_list &list) {
  for (const Tensor &t : list)
    argument(call, t);
}
template <class T> void note(Call *call, const T &) { no_tensor(call); }
} // namespace detail_custom

/// An own differentiable function, as libtorch's:
///   struct Exp : Function<Exp> {
///     static Tensor forward(AutogradContext *c, Tensor x);               // Tensor, variable_list, or a tuple of Tensors
///     static variable_list backward(AutogradContext *c, variable_list grads);   // one per argument of forward
///   };
///   y = Exp::apply(x);
template <class Derived> struct Function {
  template <class... A> static auto apply(A &&...arguments) {
    namespace d = detail_custom;
    using Result = decltype(Derived::forward(static_cast<AutogradContext *>(nullptr), arguments...));
    d::Call *const call = d::begin(&Derived::backward, typeid(Derived));
    struct Guard {
      d::Call *call;
      ~Guard() {
        if (call)
          d::abandon(call);
      }
    } guard{call};
    (d::note(call, arguments), ...);
    std::optional<Result> result;
    auto body = [&] { result.emplace(Derived::forward(d::context(call), arguments...)); };
    d::run_without_history(call, [](void *data) { (*static_cast<decltype(body) *>(data))(); }, &body);
    std::vector<Tensor *> results;
    collect(*result, results);
    guard.call = nullptr;
    d::finish(call, results.data(), results.size());
    return static_cast<Result &&>(*result);
  }

private:
  static void collect(Tensor &t, std::vector<Tensor *> &into) { into.push_back(&t); }
  static void collect(variable_list &list, std::vector<Tensor *> &into) {
    for (Tensor &t : list)
      into.push_back(&t);
  }
  template <class... T> static void collect(std::tuple<T...> &all, std::vector<Tensor *> &into) {
    std::apply([&](auto &...t) { (collect(t, into), ...); }, all);
  }
};

} // namespace autograd

/// The thread's grad mode.
struct GradMode {
  static bool is_enabled() { return !detail::mode.no_grad; }
  static void set_enabled(bool on) { detail::mode.no_grad = !on; }
};
class AutoGradMode {
  bool before_ = GradMode::is_enabled();

public:
  explicit AutoGradMode(bool on) { GradMode::set_enabled(on); }
  ~AutoGradMode() { GradMode::set_enabled(before_); }
  AutoGradMode(const AutoGradMode &) = delete;
};
struct NoGradGuard : AutoGradMode {
  NoGradGuard() : AutoGradMode(false) {}
};
struct EnableGradGuard : AutoGradMode {
  EnableGradGuard() : AutoGradMode(true) {}
};
/// No history, no versions: tensors made inside can never be saved for backward.
class InferenceMode {
  bool grad_before_ = GradMode::is_enabled(), before_ = detail::mode.inference;

public:
  explicit InferenceMode(bool on = true) {
    detail::mode.inference = on;
    GradMode::set_enabled(!on);
  }
  ~InferenceMode() {
    detail::mode.inference = before_;
    GradMode::set_enabled(grad_before_);
  }
  InferenceMode(const InferenceMode &) = delete;
  static bool is_enabled() { return detail::mode.inference; }
};

} // namespace nabla

#endif
