// Derivatives of functions, from backward sweeps alone; a Jacobian times a vector is the derivative of the vector-Jacobian product by its
// vector, which it depends on linearly.
#include "impl.h"

#include <nabla/tensor/functional.h>

#include <mutex>

namespace nabla::functional::detail {

namespace {

/// New leaves with x's elements. With create_graph the graph of x goes on: views of x, so that f's argument is not x itself.
List arguments(const List &x, bool create_graph) {
  List r;
  for (const Tensor &t : x) {
    nabla::detail::need(t);
    if (!is_floating(t.scalar_type()))
      throw TypeError("derivatives are taken by floating tensors only, not by one of type " +
                      std::string(to_string(t.scalar_type())));
    r.push_back(create_graph && t.requires_grad() ? t.view_as(t) : t.detach().clone().requires_grad_());
  }
  return r;
}

Tensor or_zeros(const Tensor &g, const Tensor &like) { return g.defined() ? g : zeros_like(like.detach()); }

/// Gradients with zeros where nothing depends, whatever requires gradients or not.
List gradients(const List &outputs, const List &inputs, const List &seeds, bool create_graph, bool retain) {
  List used, used_seeds, r;
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (outputs[i].requires_grad()) {
      used.push_back(outputs[i]);
      used_seeds.push_back(i < seeds.size() ? seeds[i] : Tensor());
    }
  if (used.empty()) {
    for (const Tensor &x : inputs)
      r.push_back(zeros_like(x.detach()));
    return r;
  }
  r = autograd::grad(used, inputs, used_seeds, retain || create_graph, create_graph, true);
  for (std::size_t i = 0; i < r.size(); ++i)
    r[i] = or_zeros(r[i], inputs[i]);
  return r;
}

void need_seeds(const List &v, const List &like, const char *function) {
  if (v.size() != like.size())
    throw ValueError(std::string(function) + ": " + std::to_string(like.size()) +
                     " vectors expected, but got " + std::to_string(v.size()));
  for (std::size_t i = 0; i < v.size(); ++i)
    if (!v[i].defined() ? like[i].numel() != 1 : v[i].sizes() != like[i].sizes())
      throw ShapeError(
          std::string(function) + ": v has invalid size: should be " +
          nabla::detail::shape_text(like[i].sizes()) +
          (v[i].defined() ? " but is " + nabla::detail::shape_text(v[i].sizes()) : " but is not given"));
}
List plain_seeds(const List &v, const List &like) {
  List r;
  for (std::size_t i = 0; i < v.size(); ++i)
    r.push_back(v[i].defined() ? v[i] : ones_like(like[i].detach()));
  return r;
}
List without_history(List l, bool keep) {
  if (!keep)
    for (Tensor &t : l)
      t = t.detach();
  return l;
}

Tensor one_element(const List &y, const char *function) {
  if (y.size() != 1 || y[0].numel() != 1)
    throw ShapeError(std::string(function) + ": the function must give one tensor with one element");
  return y[0].reshape({});
}

std::vector<std::int64_t> joined(IntArrayRef a, IntArrayRef b) {
  std::vector<std::int64_t> r = a.vec();
  r.insert(r.end(), b.begin(), b.end());
  return r;
}

} // namespace

std::vector<List> jacobian(const ListFunction &f, const List &x, bool create_graph) {
  EnableGradGuard history;
  const List in = arguments(x, create_graph), out = f(in);
  std::vector<List> result;
  for (const Tensor &y : out) {
    std::vector<List> rows(in.size());
    const Tensor flat = y.reshape({-1});
    const std::int64_t n = flat.numel();
    for (std::int64_t i = 0; i < n; ++i) {
      Tensor seed = zeros({n}, y.scalar_type());
      {
        NoGradGuard no_history;
        seed[i].fill_(1);
      }
      const List g = gradients({flat}, in, {seed}, create_graph, true);
      for (std::size_t k = 0; k < in.size(); ++k)
        rows[k].push_back(g[k]);
    }
    List of_y;
    for (std::size_t k = 0; k < in.size(); ++k) {
      const std::vector<std::int64_t> sizes = joined(y.sizes(), in[k].sizes());
      of_y.push_back(n ? stack(rows[k]).reshape(sizes) : zeros(sizes, y.scalar_type()));
    }
    result.push_back(without_history(of_y, create_graph));
  }
  return result;
}

std::vector<List> hessian(const ListFunction &f, const List &x, bool create_graph) {
  auto gradient = [&](const List &in) {
    return gradients({one_element(f(in), "hessian")}, in, {}, true, true);
  };
  return jacobian(gradient, x, create_graph);
}

std::pair<List, List> vjp(const ListFunction &f, const List &x, const List &v, bool create_graph) {
  EnableGradGuard history;
  const List in = arguments(x, create_graph), out = f(in);
  need_seeds(v, out, "vjp");
  const List g = gradients(out, in, plain_seeds(v, out), create_graph, false);
  return {without_history(out, create_graph), without_history(g, create_graph)};
}

std::pair<List, List> jvp(const ListFunction &f, const List &x, const List &v, bool create_graph) {
  EnableGradGuard history;
  const List in = arguments(x, create_graph), out = f(in);
  need_seeds(v, in, "jvp");
  List dummies;
  for (const Tensor &y : out)
    dummies.push_back(zeros_like(y.detach()).requires_grad_());
  const List g = gradients(out, in, dummies, true, true);
  const List r = gradients(g, dummies, plain_seeds(v, in), create_graph, false);
  return {without_history(out, create_graph), without_history(r, create_graph)};
}

std::pair<Tensor, List> vhp(const ListFunction &f, const List &x, const List &v, bool create_graph) {
  EnableGradGuard history;
  const List in = arguments(x, create_graph);
  need_seeds(v, in, "vhp");
  const Tensor y = one_element(f(in), "vhp");
  const List g = gradients({y}, in, {}, true, true);
  const List r = gradients(g, in, plain_seeds(v, in), create_graph, false);
  return {create_graph ? y : y.detach(), without_history(r, create_graph)};
}

std::pair<Tensor, List> hvp(const ListFunction &f, const List &x, const List &v, bool create_graph) {
  EnableGradGuard history;
  const List in = arguments(x, create_graph);
  need_seeds(v, in, "hvp");
  const Tensor y = one_element(f(in), "hvp");
  const List g = gradients({y}, in, {}, true, true);
  List dummies;
  for (const Tensor &t : in)
    dummies.push_back(zeros_like(t.detach()).requires_grad_());
  const List double_back = gradients(g, in, dummies, true, true);
  const List r = gradients(double_back, dummies, plain_seeds(v, in), create_graph, false);
  return {create_graph ? y : y.detach(), without_history(r, create_graph)};
}

List vmap(const ListFunction &f, const List &x) {
  if (x.empty())
    throw ValueError("vmap: at least one tensor expected");
  for (const Tensor &t : x)
    if (!t.defined() || t.dim() == 0 || t.size(0) != x[0].size(0))
      throw ShapeError("vmap: all tensors need a first dimension of one size; expected " +
                       std::to_string(x[0].dim() ? x[0].size(0) : 0) + ", got " +
                       (t.defined() ? nabla::detail::shape_text(t.sizes()) : "an undefined tensor"));
  const std::int64_t n = x[0].size(0);
  if (n == 0)
    throw ShapeError("vmap: the first dimension has size 0, so the result's shape cannot be known");
  std::vector<List> parts;
  for (std::int64_t i = 0; i < n; ++i) {
    List entry;
    for (const Tensor &t : x)
      entry.push_back(t.select(0, i));
    const List out = f(entry);
    parts.resize(out.size());
    for (std::size_t k = 0; k < out.size(); ++k)
      parts[k].push_back(out[k]);
  }
  List result;
  for (const List &p : parts)
    result.push_back(stack(p));
  return result;
}

// ---- Checkpoint: tensors that f saves are replaced by their number, and filled in by running f again -----------------------

namespace {

struct Checkpoint {
  ListFunction f;
  List arguments;        ///< handles: their graph goes on
  std::size_t count = 0; ///< tensors saved by the first run
  List again;            ///< those of the second run, until all are taken
  std::size_t taken = 0;
  std::mutex lock;
};

void run_again(Checkpoint &c) {
  EnableGradGuard history;
  List in;
  for (const Tensor &t : c.arguments)
    in.push_back(t.defined() && is_floating(t.scalar_type()) ? t.detach().requires_grad_(t.requires_grad())
                                                             : t);
  List saved;
  {
    using Packed = autograd::SavedTensorsHooks::Packed;
    const autograd::SavedTensorsHooks hooks(
        std::function<Packed(const Tensor &)>([&saved](const Tensor &t) -> Packed {
          saved.push_back(t.detach());
          return nullptr;
        }),
        std::function<Tensor(const Packed &)>([](const Packed &) -> Tensor {
          throw AutogradError(
              "checkpoint: the function ran backward inside itself, which a checkpoint cannot repeat");
        }));
    c.f(in);
  }
  if (saved.size() != c.count)
    throw AutogradError("checkpoint: the function saved " + std::to_string(c.count) +
                        " tensors at first, but " + std::to_string(saved.size()) +
                        " when it was run again: it must do the same every time");
  c.again = std::move(saved);
  c.taken = 0;
}

} // namespace

List checkpoint(const ListFunction &f, const List &x) {
  if (!GradMode::is_enabled())
    return f(x);
  const auto c = std::make_shared<Checkpoint>();
  c->f = f;
  c->arguments = x;
  struct Place {
    std::shared_ptr<Checkpoint> checkpoint;
    std::size_t number;
  };
  using Packed = autograd::SavedTensorsHooks::Packed;
  const autograd::SavedTensorsHooks hooks(
      std::function<Packed(const Tensor &)>(
          [c](const Tensor &) -> Packed { return std::make_shared<Place>(Place{c, c->count++}); }),
      std::function<Tensor(const Packed &)>([](const Packed &p) -> Tensor {
        const Place &place = *static_cast<const Place *>(p.get());
        Checkpoint &all = *place.checkpoint;
        const std::lock_guard<std::mutex> guard(all.lock);
        if (all.again.empty())
          run_again(all);
        const Tensor t = all.again.at(place.number);
        if (++all.taken == all.count)
          all.again.clear(); // a second sweep runs f once more rather than keeping everything
        return t;
      }));
  return f(x);
}

} // namespace nabla::functional::detail
