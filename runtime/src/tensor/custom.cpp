// autograd::Function: the user's forward and backward as one node.
#include "extra.h"
#include "node.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <map>

namespace nabla::autograd {

using namespace detail;

namespace {
class OwnNode;
} // namespace

struct AutogradContext::Room {
  std::vector<Tensor> to_save, non_differentiable, dirty;
  std::vector<std::unique_ptr<SavedTensor>> saved;
  std::map<std::string, double> numbers;
  bool materialize = true;
  bool in_forward = true;
  Node *node = nullptr;
  std::vector<bool> needs;
};

namespace {

/// "torch::autograd::CppNode<Exp>", as libtorch calls it.
std::string node_name(const std::type_info &type) {
  int status = 0;
  char *const plain = abi::__cxa_demangle(type.name(), nullptr, nullptr, &status);
  const std::string name =
      "torch::autograd::CppNode<" + std::string(status == 0 && plain ? plain : type.name()) + ">";
  std::free(plain);
  return name;
}

class OwnNode final : public Node {
public:
  AutogradContext context;
  detail_custom::Backward backward;
  std::string name_;
  std::vector<Edge> edges;
  std::vector<Meta> metas;
  std::vector<bool> is_tensor; ///< per argument of forward: tensors have an edge each
  bool freed = false;

  std::string name() const override { return name_; }

protected:
  void run(Sweep &s) override;
  void forget() override {
    for (auto &saved : context.room->saved)
      saved->free();
    freed = true;
  }
};

void OwnNode::run(Sweep &s) {
  if (freed) // even without saved tensors: saved_data may be anything
    throw AutogradError("Trying to backward through the graph a second time (or directly access saved "
                        "tensors after they have already "
                        "been freed). Saved intermediate values of the graph are freed when you call "
                        ".backward() or autograd.grad(). "
                        "Specify retain_graph=True if you need to backward through the graph a second time "
                        "or if you need to access "
                        "saved tensors after calling backward.");
  variable_list in(s.grads, s.grads + n_inputs_);
  for (std::size_t i = 0; i < in.size() && context.room->materialize; ++i)
    if (!in[i].defined())
      in[i] = zeros(IntArrayRef(metas[i].sizes, static_cast<std::size_t>(metas[i].dims)), metas[i].dtype);
  variable_list out = backward(&context, std::move(in));
  std::size_t given = out.size();
  while (given > is_tensor.size() && !out[given - 1].defined())
    --given;
  if (given != is_tensor.size())
    throw AutogradError("function " + name_ + " returned an incorrect number of gradients (expected " +
                        std::to_string(is_tensor.size()) + ", got " + std::to_string(out.size()) + ")");
  std::size_t edge = 0;
  for (std::size_t i = 0; i < is_tensor.size(); ++i) {
    if (is_tensor[i])
      s.give(edge++, out[i]);
    else if (out[i].defined())
      throw AutogradError("function " + name_ + " returned a gradient different from None at position " +
                          std::to_string(i + 1) + ", but the corresponding forward input was not a Variable");
  }
}

bool contains(const std::vector<Tensor> &list, const Tensor &t) {
  return std::any_of(list.begin(), list.end(), [&](const Tensor &each) { return each.is_same(t); });
}

} // namespace

AutogradContext::AutogradContext() : room(new Room) {}
AutogradContext::~AutogradContext() = default;
void AutogradContext::save_for_backward(variable_list tensors) { room->to_save = std::move(tensors); }
void AutogradContext::mark_non_differentiable(const variable_list &outputs) {
  room->non_differentiable = outputs;
}
void AutogradContext::mark_dirty(const variable_list &inputs) { room->dirty = inputs; }
void AutogradContext::set_materialize_grads(bool on) { room->materialize = on; }
bool AutogradContext::needs_input_grad(std::size_t i) const {
  if (i >= room->needs.size())
    throw IndexError("needs_input_grad(" + std::to_string(i) + ") of a function with " +
                     std::to_string(room->needs.size()) + " arguments");
  return room->needs[i];
}
double &AutogradContext::saved_number(const std::string &key) { return room->numbers[key]; }

variable_list AutogradContext::get_saved_variables() const {
  if (room->in_forward)
    return room->to_save;
  variable_list tensors;
  for (const auto &saved : room->saved)
    tensors.push_back(saved->unpack(room->node));
  return tensors;
}

Tensor AutogradContext::get_saved_variable(std::size_t i) const {
  if (room->in_forward)
    return room->to_save.at(i);
  return room->saved.at(i)->unpack(room->node);
}

namespace detail_custom {

struct Call {
  OwnNode *node;
  std::vector<Tensor> arguments;
  bool recorded = false;
};

Call *begin(Backward backward, const char *name) {
  OwnNode *const node = new OwnNode;
  node->backward = backward;
  node->name_ = name;
  return new Call{node, {}, false};
}

Call *begin(Backward backward, const std::type_info &type) {
  return begin(backward, node_name(type).c_str());
}

bool is_recorded(const Call *call) { return call->recorded; }

AutogradContext *context(Call *call) { return &call->node->context; }

void argument(Call *call, const Tensor &t) {
  call->arguments.push_back(t);
  call->node->is_tensor.push_back(true);
  const bool active = t.defined() && recording(t);
  call->node->context.room->needs.push_back(active);
  call->node->edges.push_back(active ? gradient_edge(t) : Edge{});
  call->recorded |= active;
}

void no_tensor(Call *call) {
  call->node->is_tensor.push_back(false);
  call->node->context.room->needs.push_back(false);
}

void run_without_history(Call *, void (*run)(void *), void *data) {
  const AutoGradMode off(false);
  run(data);
}

void abandon(Call *call) {
  static_cast<void>(NodeRef::adopt(call->node));
  delete call;
}

namespace {

/// What `result` must be so that it can get the node as its history: itself, or an alias when it is an argument or a view.
void own(Call *call, Tensor &result) {
  AutogradContext::Room &room = *call->node->context.room;
  if (contains(room.dirty, result)) {
    TensorImpl *const p = impl(result);
    if (call->recorded && p->requires_grad && !p->grad_fn)
      throw AutogradError("a leaf Variable that requires grad is being used in an in-place operation.");
    if (call->recorded && p->base)
      throw AutogradError("mark_dirty of a view: change the base instead, or return a new tensor");
    p->bump();
    if (Node *const old = p->grad_fn) {
      p->grad_fn = nullptr;
      static_cast<void>(NodeRef::adopt(old));
    }
    return;
  }
  if (contains(call->arguments, result) || impl(result)->grad_fn || impl(result)->base) {
    const Tensor same = alias(result);
    if (contains(room.non_differentiable, result))
      room.non_differentiable.push_back(same);
    for (Tensor &t : room.to_save)
      if (t.is_same(result) && !contains(call->arguments, result))
        t = same;
    result = same;
  }
}

} // namespace

void finish(Call *call, Tensor *const *results, std::size_t n) {
  const std::unique_ptr<Call> owned(call);
  const NodeRef node = NodeRef::adopt(call->node);
  OwnNode &own_node = *call->node;
  AutogradContext::Room &room = *own_node.context.room;
  room.in_forward = false;
  room.node = &own_node;
  for (std::size_t i = 0; i < n; ++i)
    if (results[i]->defined())
      own(call, *results[i]);
  if (call->recorded) {
    own_node.sequence_ = next_sequence();
    own_node.metas.resize(n);
    own_node.metas_ = own_node.metas.data(), own_node.n_inputs_ = static_cast<std::uint32_t>(n);
    own_node.edges_ = own_node.edges.data(),
    own_node.n_edges_ = static_cast<std::uint32_t>(own_node.edges.size());
    for (std::size_t i = 0; i < n; ++i) {
      Tensor &r = *results[i];
      if (!r.defined())
        continue;
      set_meta(own_node.metas[i], impl(r));
      if (!contains(room.non_differentiable, r))
        set_history(r, &own_node, static_cast<std::uint32_t>(i));
    }
    for (const Tensor &t : room.to_save) {
      room.saved.push_back(std::make_unique<SavedTensor>());
      if (!t.defined())
        continue;
      std::size_t i = 0;
      while (i < n && !results[i]->is_same(t))
        ++i;
      if (i < n)
        room.saved.back()->save_result(t, static_cast<std::uint32_t>(i));
      else
        room.saved.back()->save(t);
    }
    if (mode.anomaly)
      note_forward_call(&own_node);
  }
  room.to_save.clear(), room.dirty.clear(), room.non_differentiable.clear();
}

} // namespace detail_custom
} // namespace nabla::autograd
