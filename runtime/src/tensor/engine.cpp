// Order: nodes run by falling sequence number. A node is made after all nodes that it leads to, so when it is the youngest left, every
// contribution to its gradients has arrived: no pass over the graph to count dependencies, and no state in nodes, so several threads
// (and a backward inside a backward) may sweep the same graph. Accumulators have number 0 and run last.
#include "engine.h"

#include "extra.h"
#include "lazy.h"
#include "ready.h"

#include <cstdio>

namespace nabla::detail {

class Engine {
  const Request &request_;
  ReadyQueue queue_;
  PointerMap<bool> needed_;  ///< whether a node leads to an input; only with inputs
  PointerMap<int> captured_; ///< first capture of a node, chained by `next`
  struct Capture {
    std::uint32_t input_nr;
    int next;
    Tensor *into;
  };
  std::vector<Capture> captures_;
  bool selective_;

public:
  std::vector<Tensor> results;

  explicit Engine(const Request &request) : request_(request), selective_(!request.inputs.empty()) {}
  void run();

private:
  void capture_inputs();
  bool leads_to_input(Node *root, std::uint64_t oldest);
  void seed();
  void step(Ready *ready);
  void before(Node *node, Tensor *grads);
  void after(Node *node, Tensor *grads, Tensor *out, std::size_t n);
  void execute(Node *node, Tensor *grads, Tensor *out);
  void deliver(Node *node, Tensor *out);
  void check_nan(Node *node, const Tensor *out);
};

namespace {

bool fits(const Meta &m, const TensorImpl *g) {
  if (m.dims != g->dims || m.dtype != g->dtype)
    return false;
  for (int i = 0; i < m.dims; ++i)
    if (m.sizes[i] != g->sizes[i])
      return false;
  return true;
}

/// Sums what was broadcast and casts.
void make_fit(const Meta &m, Tensor &g, const Node *from, std::size_t index) {
  if (fits(m, impl(g)))
    return;
  const IntArrayRef wanted(m.sizes, static_cast<std::size_t>(m.dims));
  if (!g.sizes().equals(wanted)) {
    if (!expandable(wanted, g.sizes()))
      throw ShapeError((from ? "Function " + from->name() + " returned an " : std::string()) + "invalid gradient at index " +
                       std::to_string(index) + " - got " + shape_text(g.sizes()) + " but expected shape compatible with " +
                       shape_text(wanted));
    g = g.sum_to_size(wanted);
  }
  if (!is_floating(impl(g)->dtype) && from == nullptr)
    throw TypeError("a gradient of type " + std::string(to_string(impl(g)->dtype)) + " for an output of type " + to_string(m.dtype));
  if (impl(g)->dtype != m.dtype)
    g = g.to(m.dtype);
}

struct Restore {
  bool before = mode.no_grad;
  ~Restore() { mode.no_grad = before; }
};

} // namespace

void Engine::capture_inputs() {
  results.resize(request_.inputs.size());
  for (std::size_t i = 0; i < request_.inputs.size(); ++i) {
    const Tensor &input = request_.inputs[i];
    if (!input.defined())
      undefined_tensor();
    const Edge e = gradient_edge(input);
    if (!e.is_valid())
      throw AutogradError("One of the differentiated Tensors does not require grad");
    Node *const node = e.function.get();
    queue_.hold(e.function);
    if (request_.accumulate)
      input.retain_grad();
    int &first = captured_.at(node, -1);
    captures_.push_back({e.input_nr, first, request_.accumulate ? nullptr : &results[i]});
    first = static_cast<int>(captures_.size()) - 1;
  }
}

/// Marks all nodes that lead from root to an input. Depth first without recursion.
bool Engine::leads_to_input(Node *root, std::uint64_t oldest) {
  struct Frame {
    Node *node;
    std::uint32_t edge;
    bool found;
  };
  std::vector<Frame> stack;
  bool last = false;
  const auto enter = [&](Node *n) { // true: known already, in `last`
    if (const bool *known = needed_.find(n)) {
      last = *known;
      return true;
    }
    if (captured_.find(n)) { // there may be another input behind it
      stack.push_back({n, 0, true});
      return false;
    }
    if (n->sequence_nr() < oldest || n->num_outputs() == 0) {
      needed_.at(n, false) = last = false;
      return true;
    }
    stack.push_back({n, 0, false});
    return false;
  };
  if (enter(root))
    return last;
  while (!stack.empty()) {
    Frame &top = stack.back();
    if (top.edge == top.node->num_outputs()) {
      last = top.found;
      needed_.at(top.node, false) = last;
      stack.pop_back();
      if (!stack.empty())
        stack.back().found |= last;
      continue;
    }
    Node *const next = top.node->next_edge(top.edge++).function.get();
    if (next && enter(next))
      stack.back().found |= last;
  }
  return last;
}

void Engine::seed() {
  std::uint64_t oldest = ~std::uint64_t{0};
  if (selective_) {
    capture_inputs();
    captured_.each([&](const void *n, int) {
      const std::uint64_t s = static_cast<const Node *>(n)->sequence_nr();
      oldest = s < oldest ? s : oldest;
    });
  }
  const std::size_t given = request_.output_grads.size();
  if (given != 0 && given != request_.outputs.size())
    throw ValueError("got " + std::to_string(request_.outputs.size()) + " tensors and " + std::to_string(given) + " gradients");
  for (std::size_t i = 0; i < request_.outputs.size(); ++i) {
    const Tensor &output = request_.outputs[i];
    if (!output.defined())
      undefined_tensor();
    Edge e = gradient_edge(output);
    if (!e.is_valid())
      throw AutogradError("element " + std::to_string(i) + " of tensors does not require grad and does not have a grad_fn");
    Tensor g = given ? request_.output_grads[i] : Tensor();
    if (!g.defined()) {
      if (impl(output)->numel != 1)
        throw AutogradError("grad can be implicitly created only for scalar outputs");
      g = ones_like(output);
    } else
      make_fit(e.function->metas_[e.input_nr], g, nullptr, i);
    if (selective_ && !leads_to_input(e.function.get(), oldest))
      continue;
    queue_.add(e.function.get(), e.input_nr, static_cast<Tensor &&>(g));
  }
}

void Engine::before(Node *node, Tensor *grads) {
  NodeExtra &x = *node->extra_;
  for (std::size_t i = 0; i < x.tensor_hooks.size(); ++i) {
    const auto hook = x.tensor_hooks[i]; // may be removed by itself
    if (!hook.run || !grads[hook.input_nr].defined())
      continue;
    Tensor changed = hook.run(grads[hook.input_nr]);
    if (changed.defined())
      grads[hook.input_nr] = static_cast<Tensor &&>(changed);
  }
  for (const auto &r : x.retained) {
    const Tensor &g = grads[r.input_nr];
    if (!g.defined())
      continue;
    const LeafLock hold(r.into);
    r.into->grad = r.into->grad.defined() ? r.into->grad + g : g.clone();
  }
  for (std::size_t k = 0; k < x.before.size(); ++k) {
    const auto hook = x.before[k];
    const std::vector<Tensor> changed = hook(std::vector<Tensor>(grads, grads + node->num_inputs()));
    for (std::size_t i = 0; i < changed.size() && i < node->num_inputs(); ++i)
      grads[i] = changed[i];
  }
}

void Engine::after(Node *node, Tensor *grads, Tensor *out, std::size_t n) {
  for (std::size_t k = 0; k < node->extra_->after.size(); ++k) {
    const auto hook = node->extra_->after[k];
    const std::vector<Tensor> changed =
        hook(std::vector<Tensor>(out, out + n), std::vector<Tensor>(grads, grads + node->num_inputs()));
    for (std::size_t i = 0; i < changed.size() && i < n; ++i)
      out[i] = changed[i];
  }
}

void Engine::check_nan(Node *node, const Tensor *out) {
  for (std::size_t i = 0; i < node->num_outputs(); ++i) {
    if (!out[i].defined())
      continue;
    const NoGradGuard off;
    if (out[i].isnan().any().is_nonzero())
      throw RuntimeError("Function '" + node->name() + "' returned nan values in its " + std::to_string(i) + "th output.");
  }
}

void Engine::execute(Node *node, Tensor *grads, Tensor *out) {
  const std::size_t n = node->num_outputs();
  std::vector<char> beyond;
  Sweep s{node, grads, out, 0, nullptr};
  for (std::size_t i = 0; i < n && i < 64; ++i) {
    Node *const next = node->next_edge(i).function.get();
    if (next && (!selective_ || *needed_.find(next)))
      s.wanted |= std::uint64_t{1} << i;
  }
  if (n > 64) {
    beyond.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
      Node *const next = node->next_edge(i).function.get();
      beyond[i] = next && (!selective_ || *needed_.find(next));
    }
    s.wanted_beyond = reinterpret_cast<const bool *>(beyond.data());
  }
  if (!mode.anomaly) {
    node->execute(s);
  } else {
    try {
      node->execute(s);
      if (mode.anomaly_check_nan)
        check_nan(node, out);
    } catch (...) {
      if (node->extra_ && !node->extra_->forward_call.empty())
        std::fprintf(stderr, "Warning: Error detected in %s. Forward call that caused the error:\n%s", node->name().c_str(),
                     node->extra_->forward_call.c_str());
      throw;
    }
  }
  if (!request_.keep_graph)
    node->drop_saved();
}

void Engine::deliver(Node *node, Tensor *out) {
  const std::size_t n = node->num_outputs();
  for (std::size_t i = 0; i < n; ++i) {
    const Edge &e = node->next_edge(i);
    if (!e.is_valid() || !out[i].defined())
      continue;
    Node *const next = e.function.get();
    if (selective_ && !*needed_.find(next))
      continue;
    make_fit(next->metas_[e.input_nr], out[i], node, i);
    queue_.add(next, e.input_nr, static_cast<Tensor &&>(out[i]));
  }
}

void Engine::step(Ready *ready) {
  Node *const node = ready->node;
  Tensor *const grads = ready->grads();
  if (node->extra_)
    before(node, grads);
  if (selective_) {
    if (const int *first = captured_.find(node)) {
      for (int c = *first; c >= 0; c = captures_[static_cast<std::size_t>(c)].next) {
        const Capture &capture = captures_[static_cast<std::size_t>(c)];
        if (capture.into)
          *capture.into = grads[capture.input_nr];
      }
      if (node->sequence_nr() == 0 && !request_.accumulate)
        return; // a leaf whose gradient is returned, not accumulated
      bool further = node->sequence_nr() == 0;
      for (std::size_t i = 0; i < node->num_outputs() && !further; ++i) {
        Node *const next = node->next_edge(i).function.get();
        further = next && *needed_.find(next);
      }
      if (!further)
        return;
    }
  }
  constexpr std::size_t few = 8;
  const std::size_t n = node->num_outputs();
  if (n <= few) {
    Tensor out[few];
    execute(node, grads, out);
    if (node->extra_ && !node->extra_->after.empty())
      after(node, grads, out, n);
    deliver(node, out);
  } else {
    std::vector<Tensor> out(n);
    execute(node, grads, out.data());
    if (node->extra_ && !node->extra_->after.empty())
      after(node, grads, out.data(), n);
    deliver(node, out.data());
  }
}

void Engine::run() {
  const Restore restore;
  mode.no_grad = !request_.create_graph;
  seed();
  while (Ready *const next = queue_.pop()) {
    const ReadyQueue::Owner own(next);
    step(next);
  }
}

std::vector<Tensor> sweep(const Request &request) {
  if (mode.inference)
    throw AutogradError("backward and grad need a graph, and inference mode makes none");
  Engine engine(request);
  engine.run();
  for (const Tensor &g : engine.results)
    want(g);
  settle_wanted(); // gradients are there when the sweep is over
  if (!request.accumulate && !request.allow_unused)
    for (const Tensor &g : engine.results)
      if (!g.defined())
        throw AutogradError("One of the differentiated Tensors appears to not have been used in the graph. Set allow_unused=True if this "
                            "is the desired behavior.");
  return static_cast<std::vector<Tensor> &&>(engine.results);
}

} // namespace nabla::detail
