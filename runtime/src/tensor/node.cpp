// Nodes: their memory, what they save, and how tensors are tied to them.
#include "node.h"

#include "accumulate.h"
#include "extra.h"
#include "hooks.h"

namespace nabla {

__thread detail::Mode detail::mode;

namespace autograd {

Node::~Node() { delete extra_; }

void Node::register_hook(Hook hook) { detail::extra_of(this).after.push_back(std::move(hook)); }
void Node::register_prehook(std::function<variable_list(const variable_list &)> hook) {
  detail::extra_of(this).before.push_back(std::move(hook));
}

namespace {
struct Doomed {
  std::vector<Node *> nodes;
  bool working = false;
};
} // namespace

// A chain of a million nodes must not be destroyed by a million nested calls: whoever comes second leaves its node to the first.
void Node::destroy(Node *node) {
  static thread_local Doomed *doomed = nullptr; // of the outermost call
  if (doomed) {
    doomed->nodes.push_back(node);
    return;
  }
  Doomed mine;
  doomed = &mine;
  node->dispose();
  while (!mine.nodes.empty()) {
    Node *const next = mine.nodes.back();
    mine.nodes.pop_back();
    next->dispose();
  }
  doomed = nullptr;
}

} // namespace autograd

namespace detail {

NodeExtra &extra_of(Node *node) {
  if (!node->extra_)
    node->extra_ = new NodeExtra;
  return *node->extra_;
}

void forget_retained(TensorImpl *p) {
  p->retains_grad = false;
  if (!p->grad_fn || !p->grad_fn->extra_)
    return;
  auto &list = p->grad_fn->extra_->retained;
  for (std::size_t i = 0; i < list.size(); ++i)
    if (list[i].into == p) {
      list.erase(list.begin() + static_cast<std::ptrdiff_t>(i));
      return;
    }
}

std::uint64_t next_sequence() {
  static std::atomic<std::uint64_t> last{0};
  if (NABLA_SINGLE_THREADED) {
    const std::uint64_t n = last.load(std::memory_order_relaxed) + 1;
    last.store(n, std::memory_order_relaxed);
    return n;
  }
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

void set_meta(Meta &m, const TensorImpl *p) {
  m.dtype = p->dtype;
  m.dims = p->dims;
  for (int i = 0; i < p->dims; ++i)
    m.sizes[i] = p->sizes[i];
}

void set_history(const Tensor &r, Node *node, std::uint32_t nr) {
  TensorImpl *const p = impl(r);
  set_meta(node->metas_[nr], p);
  if (!is_floating(p->dtype))
    return;
  node->count_.add();
  p->grad_fn = node;
  p->output_nr = nr;
}

Edge gradient_edge(const Tensor &t) {
  TensorImpl *const p = impl(t);
  if (!p)
    return {};
  if (Node *const n = grad_fn_of(p))
    return {NodeRef(n), p->output_nr};
  if (p->requires_grad)
    return {accumulator_of(p), 0};
  return {};
}

bool recording(TensorList list) {
  if (mode.no_grad)
    return false;
  for (const Tensor &t : list)
    if (requires_grad(t))
      return true;
  return false;
}

// ---- OpNode ----

OpNode *OpNode::make(const char *name, BackwardFunction backward, std::size_t edges, std::size_t results,
                     std::size_t saved, std::size_t attribute_bytes) {
  const auto up = [](std::size_t n) { return (n + 15) / 16 * 16; };
  const std::size_t at_edges = up(sizeof(OpNode)), at_saved = at_edges + up(edges * sizeof(Edge));
  const std::size_t at_attribute = at_saved + up(saved * sizeof(SavedTensor));
  const std::size_t at_metas = at_attribute + up(attribute_bytes), bytes = at_metas + results * sizeof(Meta);
  if (bytes > 0xffffffffu)
    throw Error("an operation on too many tensors at once");
  char *const block = static_cast<char *>(pool_get(bytes));
  OpNode *const n = new (block) OpNode;
  n->name_ = name, n->backward_ = backward;
  n->edges_ = reinterpret_cast<Edge *>(block + at_edges);
  n->saved_ = reinterpret_cast<SavedTensor *>(block + at_saved);
  n->attribute_ = block + at_attribute;
  n->metas_ = reinterpret_cast<Meta *>(block + at_metas);
  n->n_edges_ = static_cast<std::uint32_t>(edges);
  n->n_saved_ = static_cast<std::uint32_t>(saved);
  n->n_inputs_ = static_cast<std::uint32_t>(results);
  n->bytes_ = static_cast<std::uint32_t>(bytes);
  n->sequence_ = next_sequence();
  for (std::size_t i = 0; i < edges; ++i)
    new (n->edges_ + i) Edge;
  for (std::size_t i = 0; i < saved; ++i)
    new (n->saved_ + i) SavedTensor;
  if (results > 1) // a result without history leaves its meta
    for (std::size_t i = 0; i < results; ++i)
      n->metas_[i].dims = 0, n->metas_[i].dtype = ScalarType::Float;
  return n;
}

void OpNode::forget() {
  for (std::uint32_t i = 0; i < n_saved_; ++i)
    saved_[i].free();
}

OpNode::~OpNode() {
  for (std::uint32_t i = 0; i < n_saved_; ++i)
    saved_[i].~SavedTensor();
  for (std::uint32_t i = 0; i < n_edges_; ++i)
    edges_[i].~Edge();
}

void OpNode::dispose() {
  const std::size_t bytes = bytes_;
  this->~OpNode();
  pool_put(this, bytes);
}

Recorder::Recorder(const char *name, BackwardFunction backward, TensorList arguments, std::size_t saved,
                   const Dims *attribute, std::size_t results)
    : node_(OpNode::make(name, backward, arguments.size(), results, saved, attribute ? sizeof(Dims) : 0)) {
  for (std::size_t i = 0; i < arguments.size(); ++i)
    node_->edges_[i] = gradient_edge(arguments[i]);
  if (attribute)
    new (node_->attribute_) Dims(*attribute);
}

// ---- SavedTensor ----

void SavedTensor::save(const Tensor &t) {
  TensorImpl *const p = impl(t);
  if (p->inference)
    throw AutogradError("Inference tensors cannot be saved for backward. To work around you can make a clone "
                        "to get a normal tensor and "
                        "use it in autograd.");
  version_ = p->version();
  output_nr_ = p->output_nr;
  if (mode.saved_hooks) {
    packed_ = pack(t, gradient_edge(t), false);
    kind_ = Kind::Packed;
    return;
  }
  // A leaf has no history. Anything else may be written later with a history that leads here: keeping t itself would then close a
  // cycle that only dies with the process. (So may a leaf that no longer requires a gradient: see last_handle_gone.)
  if (p->requires_grad) {
    p->graph.add();
    p->kept_as_leaf = true;
    impl_ = p;
  } else {
    const Tensor same = alias(t);
    impl_ = impl(same);
    impl_->graph.add();
    if (Node *const n = grad_fn_of(p)) {
      n->count_.add();
      impl_->grad_fn = n;
      impl_->output_nr = p->output_nr;
    }
  }
  kind_ = Kind::Argument;
}

void SavedTensor::save_result(const Tensor &t, std::uint32_t output_nr) {
  const Tensor plain = alias(t); // t itself would keep the node that keeps it
  version_ = impl(plain)->version();
  output_nr_ = output_nr;
  if (mode.saved_hooks) {
    packed_ = pack(plain, {}, true);
    kind_ = Kind::Packed;
    return;
  }
  impl_ = impl(plain);
  impl_->graph.add();
  kind_ = Kind::Result;
}

void SavedTensor::clear() {
  if (kind_ == Kind::Argument || kind_ == Kind::Result)
    drop_graph(impl_);
  else if (kind_ == Kind::Packed)
    drop_packed(packed_);
  kind_ = Kind::Nothing;
}

void written_since(const TensorImpl *p, std::uint32_t saved_version, Node *maker, std::uint32_t output_nr,
                   const char *writer) {
  std::string text =
      "one of the variables needed for gradient computation has been modified by an inplace operation: [CPU" +
      std::string(to_string(p->dtype)) + "Type " + shape_text(IntArrayRef(p->sizes, p->dims)) + "]";
  if (writer || maker)
    text +=
        ", which is output " + std::to_string(output_nr) + " of " + (writer ? writer : maker->name()) + ",";
  text += " is at version " + std::to_string(p->version()) + "; expected version " +
          std::to_string(saved_version) + " instead.";
  if (mode.anomaly)
    text += " Hint: the backtrace further above shows the operation that failed to compute its gradient. The "
            "variable in question was "
            "changed in there or anywhere later. Good luck!";
  else
    text += " Hint: enable anomaly detection to find the operation that failed to compute its gradient, with "
            "torch.autograd.set_detect_anomaly(True).";
  throw AutogradError(text);
}

Tensor SavedTensor::unpack(Node *keeper) const {
  switch (kind_) {
  case Kind::Nothing:
    return {};
  case Kind::Freed:
    throw AutogradError("Trying to backward through the graph a second time (or directly access saved "
                        "tensors after they have already been freed). Saved "
                        "intermediate values of the graph are freed when you call .backward() or "
                        "autograd.grad(). Specify retain_graph=True if you need to "
                        "backward through the graph a second time or if you need to access saved tensors "
                        "after calling backward.");
  case Kind::Packed:
    return unpack_packed(packed_, keeper, output_nr_);
  case Kind::Argument:
    if (impl_->version() != version_)
      written_since(impl_, version_, impl_->grad_fn, output_nr_, impl_->storage->writer);
    return promote(impl_);
  case Kind::Result: {
    if (impl_->version() != version_)
      written_since(impl_, version_, keeper, output_nr_);
    if (mode.no_grad)
      return promote(impl_);
    Tensor r = alias(promote(impl_));
    keeper->count_.add();
    impl(r)->grad_fn = keeper;
    impl(r)->output_nr = output_nr_;
    return r;
  }
  }
  return {};
}

} // namespace detail
} // namespace nabla
