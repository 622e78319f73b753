#include "geometry.h"

#include "extra.h"

#include <algorithm>

namespace nabla::detail {

bool overlaps(const Dims &sizes, const Dims &strides) {
  int order[max_dims], n = 0;
  for (int i = 0; i < sizes.count; ++i) {
    if (sizes[i] == 0)
      return false;
    if (sizes[i] > 1)
      order[n++] = i;
  }
  std::sort(order, order + n, [&](int a, int b) { return strides[a] < strides[b]; });
  std::int64_t reach = 0; // the largest offset of the dimensions so far
  for (int k = 0; k < n; ++k) {
    if (strides[order[k]] <= reach)
      return true;
    reach += (sizes[order[k]] - 1) * strides[order[k]];
  }
  return false;
}

namespace {

void embed_backward(Sweep &s) { s.give(0, region(s.grad(), s.attribute<Window>())); }
void region_backward(Sweep &s) { s.give(0, embed(s.grad(), s.attribute<Window>())); }
void without_backward(Sweep &s) { s.give(0, without_region(s.grad(), s.attribute<Window>())); }

kernels::View window_of(const Tensor &t, const Window &w) {
  TensorImpl *const p = impl(t);
  settle(p->storage);
  return {static_cast<char *>(p->data) + w.offset * static_cast<std::int64_t>(element_size(p->dtype)), p->dtype, w.sizes.count, w.sizes.at,
          w.strides.at};
}

/// out[window] += piece, element by element: for windows that overlap themselves.
template <class T> void add_overlapping(T *out, const T *piece, const Window &w, int dim) {
  const std::int64_t n = w.sizes[dim], stride = w.strides[dim];
  std::int64_t inner = 1;
  for (int i = dim + 1; i < w.sizes.count; ++i)
    inner *= w.sizes[i];
  for (std::int64_t i = 0; i < n; ++i)
    if (dim + 1 == w.sizes.count)
      out[i * stride] += piece[i];
    else
      add_overlapping(out + i * stride, piece + i * inner, w, dim + 1);
}

} // namespace

Tensor region(const Tensor &x, const Window &w) {
  const Tensor c = dense(x);
  Tensor r = alias(c, w.sizes, w.strides, impl(c)->offset() + w.offset);
  if (recording(x)) {
    Recorder rec("AsStridedBackward0", region_backward, {&x}, 0, &w);
    rec.finish(r);
  }
  return r;
}

Tensor embed(const Tensor &piece, const Window &w) {
  const ScalarType type = impl(piece)->dtype;
  Tensor r = make(w.whole, type);
  kernels::fill(view(r), kernels::Constant(0, type));
  if (!overlaps(w.sizes, w.strides))
    kernels::copy(window_of(r, w), view(piece));
  else {
    const Tensor c = dense(piece);
    if (type == ScalarType::Float)
      add_overlapping(static_cast<float *>(impl(r)->data) + w.offset, static_cast<float *>(impl(c)->data), w, 0);
    else
      add_overlapping(static_cast<double *>(impl(r)->data) + w.offset, static_cast<double *>(impl(c)->data), w, 0);
  }
  if (recording(piece)) {
    Recorder rec("EmbedBackward0", embed_backward, {&piece}, 0, &w);
    rec.finish(r);
  }
  return r;
}

Tensor without_region(const Tensor &x, const Window &w) {
  Tensor r = make(w.whole, impl(x)->dtype);
  kernels::copy(view(r), view(x));
  kernels::fill(window_of(r, w), kernels::Constant(0, impl(x)->dtype));
  if (recording(x)) {
    Recorder rec("WithoutRegionBackward0", without_backward, {&x}, 0, &w);
    rec.finish(r);
  }
  return r;
}

void record_window(const char *name, const Tensor &r, const Tensor &x, const Window &w) {
  Recorder rec(name, region_backward, {&x}, 0, &w);
  rec.finish(r);
}

namespace {

// primal: base[window] = src    adjoint: src_bar += base_bar[window], base_bar[window] = 0
void copy_slices_backward(Sweep &s) {
  const Window &w = s.attribute<Window>();
  if (s.wants(0))
    s.give(0, without_region(s.grad(), w));
  if (s.wants(1))
    s.give(1, region(s.grad(), w));
}

/// Where the view lies in its base.
Window window_in_base(const TensorImpl *v) {
  const TensorImpl *const base = v->base;
  if (!base->contiguous)
    throw NotImplementedError("writing into, or using after a write, a view of a tensor that is not contiguous while gradients are "
                              "recorded: call contiguous() on that tensor first");
  return {Dims(base->sizes, base->dims), Dims(v->sizes, v->dims), Dims(v->strides, v->dims), v->offset() - base->offset()};
}

} // namespace

void record_copy_slices(const Tensor &v, const Tensor &src) {
  TensorImpl *const p = impl(v);
  const Tensor base = handle(p->base);
  const Window w = window_in_base(p);
  Recorder rec("torch::autograd::CopySlices", copy_slices_backward, {&base, &src}, 0, &w);
  TensorImpl *const b = impl(base);
  const bool retained = b->retains_grad;
  if (retained)
    forget_retained(b);
  Node *const old = b->grad_fn;
  b->grad_fn = nullptr;
  rec.finish(base);
  b->storage->writer = rec.node()->name_;
  if (old)
    static_cast<void>(NodeRef::adopt(old));
  if (retained)
    base.retain_grad();
}

Node *renewed_grad_fn(TensorImpl *v) {
  const LeafLock hold(v);
  const std::uint32_t version = v->version();
  if (v->view_version == version)
    return v->grad_fn;
  const Tensor base = handle(v->base);
  if (!requires_grad(base))
    return v->grad_fn;
  const Window w = window_in_base(v);
  Tensor made = handle(v);
  const bool retained = v->retains_grad;
  if (retained)
    forget_retained(v);
  Node *const old = v->grad_fn;
  v->grad_fn = nullptr;
  v->view_version = version;
  Recorder rec("AsStridedBackward0", region_backward, {&base}, 0, &w);
  rec.finish(made);
  if (retained)
    made.retain_grad();
  if (old)
    static_cast<void>(NodeRef::adopt(old));
  return v->grad_fn;
}

} // namespace nabla::detail
