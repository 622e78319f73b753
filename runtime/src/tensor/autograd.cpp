// The user's side of the graph: backward, grad, flags, hooks, detach.
#include "accumulate.h"
#include "engine.h"
#include "extra.h"

#include <cxxabi.h>
#include <execinfo.h>

#include <cstdlib>

namespace nabla {

using namespace detail;

namespace autograd {

void backward(const variable_list &tensors, const variable_list &grad_tensors,
              std::optional<bool> retain_graph, bool create_graph, const variable_list &inputs) {
  sweep({tensors, grad_tensors, inputs, retain_graph.value_or(create_graph), create_graph, true, true});
}

variable_list grad(const variable_list &outputs, const variable_list &inputs,
                   const variable_list &grad_outputs, std::optional<bool> retain_graph, bool create_graph,
                   bool allow_unused) {
  if (inputs.empty())
    throw ValueError("grad requires non-empty inputs.");
  return sweep({outputs, grad_outputs, inputs, retain_graph.value_or(create_graph), create_graph, false,
                allow_unused});
}

} // namespace autograd

void Tensor::backward(const Tensor &gradient, std::optional<bool> retain_graph, bool create_graph,
                      std::optional<std::vector<Tensor>> inputs) const {
  need(*this);
  if (inputs && inputs->empty())
    throw ValueError("'inputs' argument to backward cannot be empty.");
  sweep({TensorList(*this), TensorList(gradient), inputs ? TensorList(*inputs) : TensorList(),
         retain_graph.value_or(create_graph), create_graph, true, true});
}

bool Tensor::requires_grad() const { return detail::requires_grad(*this); }

const Tensor &Tensor::requires_grad_(bool on) const {
  TensorImpl *const p = need(*this);
  if (grad_fn_of(p)) {
    if (!on)
      throw RuntimeError("you can only change requires_grad flags of leaf variables. If you want to use a "
                         "computed variable in a subgraph "
                         "that doesn't require differentiation use var_no_grad = var.detach().");
    return *this;
  }
  if (on && !is_floating(p->dtype))
    throw TypeError("Only Tensors of floating point and complex dtype can require gradients");
  if (on && p->inference && !mode.inference)
    throw AutogradError(
        "Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.");
  if (on &&
      p->base) { // a leaf is nobody's view: its own views lead to it, and writing through them is refused as for every leaf
    TensorImpl *const base = p->base;
    p->base = nullptr;
    static_cast<void>(Tensor::adopt(base));
  }
  p->requires_grad = on;
  return *this;
}

bool Tensor::is_leaf() const { return !grad_fn_of(need(*this)); }
const Tensor &Tensor::grad() const { return need(*this)->grad; }
Tensor &Tensor::mutable_grad() const { return need(*this)->grad; }
autograd::NodeRef Tensor::grad_fn() const { return NodeRef(grad_fn_of(need(*this))); }
std::uint32_t Tensor::output_nr() const { return need(*this)->output_nr; }

Tensor Tensor::detach() const {
  need(*this);
  return alias(*this);
}

Tensor Tensor::data() const { return detach(); }

Tensor &Tensor::detach_() {
  TensorImpl *const p = need(*this);
  if (p->base)
    throw AutogradError(
        "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) "
        "for training, "
        "and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence detach_() "
        "cannot be "
        "called on these gradients. To fix this error, please refer to the Optimizer.zero_grad() function in "
        "torch/optim/optimizer.py as a solution.");
  if (p->retains_grad)
    forget_retained(p);
  Node *const n = p->grad_fn;
  p->grad_fn = nullptr;
  p->output_nr = 0;
  p->requires_grad = false;
  if (n)
    static_cast<void>(NodeRef::adopt(n));
  return *this;
}

void Tensor::set_data(const Tensor &other) const {
  TensorImpl *const p = need(*this), *const from = need(other);
  if (p->dtype != from->dtype && (p->requires_grad || p->grad_fn))
    throw TypeError("Attempted to call `variable.set_data(tensor)`, but `variable` and `tensor` have "
                    "incompatible tensor type.");
  if (p->base)
    throw AutogradError("set_data of a view: use copy_ to write elements");
  settle(p->storage);
  settle(from->storage);
  from->storage->refs.add();
  drop(p->storage);
  p->storage = from->storage;
  p->dtype = from->dtype, p->data = from->data, p->dims = from->dims, p->numel = from->numel,
  p->contiguous = from->contiguous;
  for (int i = 0; i < p->dims; ++i)
    p->sizes[i] = from->sizes[i], p->strides[i] = from->strides[i];
  p->bump(); // whoever saved the old memory must not take the new for it
  const LeafLock hold(p);
  p->accumulator = nullptr; // its gradient has another shape from now on
}

void Tensor::retain_grad() const {
  TensorImpl *const p = need(*this);
  if (!requires_grad())
    throw AutogradError("can't retain_grad on Tensor that has requires_grad=False");
  Node *const n = grad_fn_of(p);
  if (!n || p->retains_grad)
    return;
  p->retains_grad = true;
  extra_of(n).retained.push_back({p->output_nr, p});
}

bool Tensor::retains_grad() const { return need(*this)->retains_grad; }
std::int64_t Tensor::_version() const {
  if (need(*this)->inference)
    throw AutogradError("Inference tensors do not track version counter.");
  return impl(*this)->version();
}
bool Tensor::is_view() const { return need(*this)->base != nullptr; }

const Tensor &Tensor::_base() const {
  if (!need(*this)->base)
    throw AutogradError("Can't get base of non-view Variable");
  static_assert(sizeof(Tensor) == sizeof(TensorImpl *) && sizeof(Shared) <= sizeof(TensorImpl));
  static thread_local Tensor base; // a reference, as libtorch returns; valid until the next call
  base = handle(impl(*this)->base);
  return base;
}

bool Tensor::is_inference() const { return need(*this)->inference; }

unsigned Tensor::add_hook(std::function<Tensor(Tensor)> hook) const {
  TensorImpl *const p = need(*this);
  if (!requires_grad())
    throw AutogradError("cannot register a hook on a variable that doesn't require gradient");
  if (Node *const n = grad_fn_of(p)) {
    auto &hooks = extra_of(n).tensor_hooks;
    hooks.push_back({p->output_nr, std::move(hook)});
    return static_cast<unsigned>(hooks.size() - 1);
  }
  if (!p->extra)
    p->extra = new Extra;
  p->extra->hooks.push_back(std::move(hook));
  return static_cast<unsigned>(p->extra->hooks.size() - 1);
}

void Tensor::remove_hook(unsigned position) const {
  TensorImpl *const p = need(*this);
  Node *const n = grad_fn_of(p);
  if (n && n->extra_ && position < n->extra_->tensor_hooks.size())
    n->extra_->tensor_hooks[position].run = nullptr;
  else if (!n && p->extra && position < p->extra->hooks.size())
    p->extra->hooks[position] = nullptr;
  else
    throw IndexError("Invalid index, no hook at position " + std::to_string(position));
}

namespace detail {

namespace {
/// "name+0x12" of a line of backtrace_symbols, demangled.
std::string readable(const std::string &line) {
  const std::size_t open = line.find('('), plus = line.find('+', open == std::string::npos ? 0 : open);
  if (open == std::string::npos || plus == std::string::npos || plus == open + 1)
    return line;
  const std::string mangled = line.substr(open + 1, plus - open - 1);
  int status = 0;
  char *const plain = abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, &status);
  const std::string name = status == 0 && plain ? plain : mangled;
  std::free(plain);
  return name + " " + line.substr(line.find('[') == std::string::npos ? 0 : line.find('['));
}
} // namespace

void note_forward_call(Node *node) {
  void *frames[32];
  const int n = backtrace(frames, 32);
  char **const symbols = backtrace_symbols(frames, n);
  std::string text =
      "  " + node->name() +
      " was recorded by (innermost first; link with -rdynamic to see names of your own functions)\n";
  for (int i = 1; symbols && i < n; ++i)
    text += "    " + readable(symbols[i]) + "\n";
  std::free(symbols);
  extra_of(node).forward_call = std::move(text);
}

} // namespace detail
} // namespace nabla
