// Tensors put together: cat, stack, repeat, meshgrid, and what is made of them.
#include "node.h"

namespace nabla {

using namespace detail;

namespace {

/// The Recorder of lists carries a Dims; its count is our dimension.
int joined_dim(const Sweep &s) { return s.attribute<Dims>().count; }

// primal: r = a, b, ... along dim    adjoint: each takes its part of r_bar
void cat_backward(Sweep &s) {
  const int dim = joined_dim(s);
  const Tensor lengths = s.saved(0);
  const std::int64_t *const n = lengths.data_ptr<std::int64_t>();
  std::int64_t start = 0;
  for (std::size_t i = 0; i < s.node->num_outputs(); ++i) {
    if (n[i] >= 0 && s.wants(i))
      s.give(i, s.grad().narrow(dim, start, n[i]));
    start += n[i] > 0 ? n[i] : 0;
  }
}
void stack_backward(Sweep &s) {
  for (std::size_t i = 0; i < s.node->num_outputs(); ++i)
    if (s.wants(i))
      s.give(i, s.grad().select(joined_dim(s), static_cast<std::int64_t>(i)));
}

/// libtorch lets an empty tensor of one dimension join anything.
bool skipped(const TensorImpl *p) { return p->dims == 1 && p->sizes[0] == 0; }

ScalarType common_type(TensorList tensors) {
  ScalarType type = need(tensors[0])->dtype;
  for (const Tensor &t : tensors)
    type = promote_types(type, need(t)->dtype);
  return type;
}

void copy_part(const Tensor &r, int dim, std::int64_t start, const Tensor &part, const Dims &part_sizes) {
  const TensorImpl *const p = impl(r);
  char *const at = static_cast<char *>(p->data) + start * p->strides[dim] * static_cast<std::int64_t>(element_size(p->dtype));
  kernels::copy({at, p->dtype, p->dims, part_sizes.at, p->strides}, view(part));
}

} // namespace

Tensor cat(TensorList tensors, std::int64_t dim) {
  if (tensors.empty())
    throw ValueError("torch.cat(): expected a non-empty list of Tensors");
  std::size_t first = 0;
  for (const Tensor &t : tensors)
    if (need(t)->dims == 0)
      throw ShapeError("zero-dimensional tensor (at position " + std::to_string(&t - tensors.data()) + ") cannot be concatenated");
  while (first + 1 < tensors.size() && skipped(impl(tensors[first])))
    ++first;
  const TensorImpl *const p = impl(tensors[first]);
  const int d = wrap_dim(dim, p->dims);
  Dims sizes(p->sizes, p->dims);
  sizes[d] = 0;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const TensorImpl *const q = impl(tensors[i]);
    if (skipped(q))
      continue;
    if (q->dims != p->dims)
      throw ShapeError("Tensors must have same number of dimensions: got " + std::to_string(p->dims) + " and " + std::to_string(q->dims));
    for (int k = 0; k < p->dims; ++k)
      if (k != d && q->sizes[k] != p->sizes[k])
        throw ShapeError("Sizes of tensors must match except in dimension " + std::to_string(d) + ". Expected size " +
                         std::to_string(p->sizes[k]) + " but got size " + std::to_string(q->sizes[k]) + " for tensor number " +
                         std::to_string(i) + " in the list.");
    sizes[d] += q->sizes[d];
  }
  Tensor r = make(sizes, common_type(tensors));
  std::int64_t start = 0;
  for (const Tensor &t : tensors) {
    if (skipped(impl(t)))
      continue;
    copy_part(r, d, start, t, sizes_of(t));
    start += impl(t)->sizes[d];
  }
  if (is_floating(impl(r)->dtype) && recording(tensors)) {
    Tensor lengths = make({static_cast<std::int64_t>(tensors.size())}, ScalarType::Long);
    for (std::size_t i = 0; i < tensors.size(); ++i)
      static_cast<std::int64_t *>(impl(lengths)->data)[i] = skipped(impl(tensors[i])) ? -1 : impl(tensors[i])->sizes[d];
    Dims attribute;
    attribute.count = d;
    Recorder rec("CatBackward0", cat_backward, tensors, 1, &attribute);
    rec.node()->saved_[0].save(lengths);
    rec.finish(r);
  }
  return r;
}

Tensor stack(TensorList tensors, std::int64_t dim) {
  if (tensors.empty())
    throw ValueError("stack expects a non-empty TensorList");
  const TensorImpl *const p = need(tensors[0]);
  const int d = wrap_dim(dim, p->dims + 1);
  for (std::size_t i = 1; i < tensors.size(); ++i)
    if (!same_sizes(p, need(tensors[i])))
      throw ShapeError("stack expects each tensor to be equal size, but got " + shape_text(tensors[0].sizes()) + " at entry 0 and " +
                       shape_text(tensors[i].sizes()) + " at entry " + std::to_string(i));
  Dims sizes(p->sizes, d);
  sizes.push(static_cast<std::int64_t>(tensors.size()));
  for (int i = d; i < p->dims; ++i)
    sizes.push(p->sizes[i]);
  Tensor r = make(sizes, common_type(tensors));
  const Dims part(p->sizes, p->dims);
  const TensorImpl *const q = impl(r);
  Dims strides(q->strides, d);
  for (int i = d + 1; i < q->dims; ++i)
    strides.push(q->strides[i]);
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    char *const at = static_cast<char *>(q->data) + static_cast<std::int64_t>(i) * q->strides[d] * static_cast<std::int64_t>(element_size(q->dtype));
    kernels::copy({at, q->dtype, part.count, part.at, strides.at}, view(tensors[i]));
  }
  if (is_floating(q->dtype) && recording(tensors)) {
    Dims attribute;
    attribute.count = d;
    Recorder rec("StackBackward0", stack_backward, tensors, 0, &attribute);
    rec.finish(r);
  }
  return r;
}

std::vector<Tensor> broadcast_tensors(TensorList tensors) {
  Dims sizes;
  for (const Tensor &t : tensors)
    sizes = broadcast(sizes, t.sizes());
  std::vector<Tensor> all;
  for (const Tensor &t : tensors)
    all.push_back(t.expand(sizes));
  return all;
}

std::vector<Tensor> meshgrid(TensorList tensors) {
  Dims sizes;
  for (const Tensor &t : tensors) {
    if (t.dim() > 1)
      throw ShapeError("torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: " + shape_text(t.sizes()));
    sizes.push(t.numel());
  }
  std::vector<Tensor> all;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    Dims own = sizes;
    for (int k = 0; k < own.count; ++k)
      own[k] = k == static_cast<int>(i) ? sizes[k] : 1;
    all.push_back(tensors[i].reshape(own).expand(sizes));
  }
  return all;
}

Tensor Tensor::repeat(IntArrayRef repeats) const {
  const TensorImpl *const p = need(*this);
  if (repeats.size() < p->dims)
    throw ShapeError("Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor");
  const int lead = static_cast<int>(repeats.size()) - p->dims;
  Dims apart, spread, joined; // [1, n] -> [r, n] -> [r n] for every dimension
  for (int i = 0; i < static_cast<int>(repeats.size()); ++i) {
    const std::int64_t n = i < lead ? 1 : p->sizes[i - lead], times = repeats[static_cast<std::size_t>(i)];
    if (times < 0)
      throw ValueError("Trying to create tensor with negative dimension " + std::to_string(times * n));
    if (times != 1)
      apart.push(1), spread.push(times);
    apart.push(n), spread.push(n);
    joined.push(times * n);
  }
  return reshape(apart).expand(spread).reshape(joined);
}

Tensor Tensor::repeat_interleave(std::int64_t repeats, std::int64_t dim) const {
  const int d = wrap_dim(dim, need(*this)->dims);
  if (repeats < 0)
    throw ValueError("repeats can not be negative");
  if (impl(*this)->dims == 0)
    return reshape({1}).expand({repeats});
  Dims apart = sizes_of(*this);
  const Tensor x = unsqueeze(d + 1);
  apart = sizes_of(x);
  apart[d + 1] = repeats;
  Dims joined = sizes_of(*this);
  joined[d] *= repeats;
  return x.expand(apart).reshape(joined);
}

Tensor Tensor::roll(std::int64_t shift, std::int64_t dim) const {
  const int d = wrap_dim(dim, need(*this)->dims);
  if (impl(*this)->numel == 0 || impl(*this)->dims == 0)
    return clone();
  const std::int64_t n = size(d), by = ((shift % n) + n) % n;
  return by == 0 ? clone() : cat({narrow(d, n - by, by), narrow(d, 0, n - by)}, d);
}

Tensor Tensor::diag(std::int64_t offset) const {
  const TensorImpl *const p = need(*this);
  if (p->dims == 2)
    return diagonal(offset).clone();
  if (p->dims != 1)
    throw ShapeError("matrix or a vector expected");
  const std::int64_t n = p->sizes[0] + (offset < 0 ? -offset : offset);
  const Tensor r = zeros({n, n}, p->dtype);
  r.diagonal(offset).copy_(*this);
  return r;
}

} // namespace nabla
