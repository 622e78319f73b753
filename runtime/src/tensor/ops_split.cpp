// Several views of one tensor at once: split, chunk, unbind. One node has all of them as results.
#include "node.h"

namespace nabla {

using namespace detail;

namespace {

struct Parts {
  int dim;
};

Tensor zeros_for(const Meta &m) {
  return zeros(IntArrayRef(m.sizes, static_cast<std::size_t>(m.dims)), m.dtype);
}

// primal: r_k = the k-th part of x along dim    adjoint: x_bar += all r_bar_k joined
void split_backward(Sweep &s) {
  std::vector<Tensor> parts(s.node->num_inputs());
  for (std::size_t i = 0; i < parts.size(); ++i)
    parts[i] = s.grad(i).defined() ? s.grad(i) : zeros_for(s.result(i));
  s.give(0, cat(parts, s.attribute<Parts>().dim));
}
void unbind_backward(Sweep &s) {
  std::vector<Tensor> parts(s.node->num_inputs());
  for (std::size_t i = 0; i < parts.size(); ++i)
    parts[i] = s.grad(i).defined() ? s.grad(i) : zeros_for(s.result(i));
  s.give(0, stack(parts, s.attribute<Parts>().dim));
}

std::vector<Tensor> several(const Tensor &x, std::vector<Tensor> views, int dim, const char *node,
                            BackwardFunction backward) {
  for (const Tensor &v : views) // made without recording each; the caller's mode counts
    if (impl(v)->creation == Creation::NoGrad && !mode.no_grad)
      impl(v)->creation = Creation::MultiOutput;
  if (recording(x) && !views.empty()) {
    const Parts parts{dim};
    Recorder rec(node, backward, {&x}, 0, &parts, views.size());
    rec.finish(views);
  }
  return views;
}

} // namespace

std::vector<Tensor> Tensor::split(IntArrayRef lengths, std::int64_t dim) const {
  const TensorImpl *const p = need(*this);
  const int d = wrap_dim(dim, p->dims);
  std::int64_t total = 0;
  for (const std::int64_t n : lengths) {
    if (n < 0)
      throw ShapeError(
          "split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes=" +
          shape_text(lengths));
    total += n;
  }
  if (p->dims == 0 || total != p->sizes[d])
    throw ShapeError("split_with_sizes expects split_sizes to sum exactly to " +
                     std::to_string(p->dims ? p->sizes[d] : 0) + " (input tensor's size at dimension " +
                     std::to_string(d) + "), but got split_sizes=" + shape_text(lengths));
  std::vector<Tensor> views;
  {
    const Tensor x = *this;
    const AutoGradMode off(false);
    std::int64_t start = 0;
    for (const std::int64_t n : lengths) {
      views.push_back(x.narrow(d, start, n));
      start += n;
    }
  }
  return several(*this, std::move(views), d, "SplitWithSizesBackward0", split_backward);
}

std::vector<Tensor> Tensor::split(std::int64_t size, std::int64_t dim) const {
  const TensorImpl *const p = need(*this);
  if (p->dims == 0)
    throw ShapeError("split expects at least a 1-dimensional tensor");
  const int d = wrap_dim(dim, p->dims);
  const std::int64_t n = p->sizes[d];
  if (size < 0 || (size == 0 && n != 0))
    throw ValueError("split expects split_size be non-negative, but got split_size=" + std::to_string(size));
  std::vector<Tensor> views;
  {
    const AutoGradMode off(false);
    for (std::int64_t start = 0; start < n || views.empty(); start += size)
      views.push_back(slice(d, start, start + size, 1));
  }
  return several(*this, std::move(views), d, "SplitBackward0", split_backward);
}

std::vector<Tensor> Tensor::chunk(std::int64_t chunks, std::int64_t dim) const {
  if (need(*this)->dims == 0)
    throw ShapeError("chunk expects at least a 1-dimensional tensor");
  if (chunks <= 0)
    throw ValueError("chunk expects `chunks` to be greater than 0, got: " + std::to_string(chunks));
  const std::int64_t n = size(dim), each = (n + chunks - 1) / chunks;
  return split(each > 0 ? each : 1, dim);
}

std::vector<Tensor> Tensor::unbind(std::int64_t dim) const {
  const TensorImpl *const p = need(*this);
  const int d = wrap_dim(dim, p->dims);
  if (p->dims == 0)
    throw IndexError("Dimension specified as " + std::to_string(dim) + " but tensor has no dimensions");
  std::vector<Tensor> views;
  {
    const AutoGradMode off(false);
    for (std::int64_t i = 0; i < p->sizes[d]; ++i)
      views.push_back(select(d, i));
  }
  return several(*this, std::move(views), d, "UnbindBackward0", unbind_backward);
}

} // namespace nabla
