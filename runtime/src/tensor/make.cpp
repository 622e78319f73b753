// Tensors without history: new ones, aliases, copies of another type or layout.
#include "node.h"

namespace nabla::detail {

namespace {
void set_geometry(TensorImpl *p, const std::int64_t *sizes, const std::int64_t *strides, int dims) {
  std::int64_t numel = 1;
  bool contiguous = true;
  for (int i = dims - 1; i >= 0; --i) {
    p->sizes[i] = sizes[i];
    p->strides[i] = strides[i];
    if (sizes[i] != 1 && strides[i] != numel)
      contiguous = false;
    numel *= sizes[i];
  }
  p->dims = static_cast<unsigned char>(dims);
  p->numel = numel;
  p->contiguous = contiguous || numel == 0;
}
} // namespace

Tensor make(const std::int64_t *sizes, int dims, ScalarType dtype) {
  std::int64_t numel = 1;
  TensorImpl *const p = new_impl();
  p->storage = nullptr; // so that a throw below may destroy it
  Tensor r = Tensor::adopt(p);
  for (int i = dims - 1; i >= 0; --i) {
    if (sizes[i] < 0)
      throw ShapeError("Trying to create tensor with negative dimension " + std::to_string(sizes[i]) + ": " +
                       shape_text(IntArrayRef(sizes, static_cast<std::size_t>(dims))));
    p->sizes[i] = sizes[i];
    p->strides[i] = numel;
    if (__builtin_mul_overflow(numel, sizes[i] > 1 ? sizes[i] : 1, &numel) || numel > (std::int64_t{1} << 46))
      throw ShapeError("sizes " + shape_text(IntArrayRef(sizes, static_cast<std::size_t>(dims))) + ": more than memory can hold");
  }
  for (int i = 0; i < dims; ++i)
    if (sizes[i] == 0)
      numel = 0;
  p->dtype = dtype;
  p->dims = static_cast<unsigned char>(dims);
  p->contiguous = true;
  p->numel = numel;
  p->storage = new_storage(static_cast<std::size_t>(numel) * element_size(dtype));
  p->data = p->storage->data;
  return r;
}

Tensor make_number(Scalar value, ScalarType dtype) {
  Tensor r = make(nullptr, 0, dtype);
  void *const d = impl(r)->data;
  switch (dtype) {
  case ScalarType::Bool: *static_cast<bool *>(d) = value.is_real() ? value.to_double() != 0 : value.to_long() != 0; break;
  case ScalarType::Int: *static_cast<std::int32_t *>(d) = static_cast<std::int32_t>(value.to_long()); break;
  case ScalarType::Long: *static_cast<std::int64_t *>(d) = value.to_long(); break;
  case ScalarType::Float: *static_cast<float *>(d) = static_cast<float>(value.to_double()); break;
  case ScalarType::Double: *static_cast<double *>(d) = value.to_double(); break;
  }
  return r;
}

Tensor alias(const Tensor &t, const Dims &sizes, const Dims &strides, std::int64_t offset) {
  settle(impl(t)->storage);
  TensorImpl *const from = impl(t), *const p = new_impl();
  p->storage = from->storage;
  p->storage->exposed = true; // one element of it may be written without a look at the whole
  p->storage->refs.add();
  p->dtype = from->dtype;
  p->inference = from->inference;
  p->data = static_cast<char *>(p->storage->data) + offset * static_cast<std::int64_t>(element_size(p->dtype));
  set_geometry(p, sizes.at, strides.at, sizes.count);
  return Tensor::adopt(p);
}

Tensor alias(const Tensor &t) { // may stay pending: it is the same whole
  TensorImpl *const from = impl(t), *const p = new_impl();
  p->storage = from->storage;
  p->storage->refs.add();
  p->dtype = from->dtype;
  p->inference = from->inference;
  p->data = from->data;
  p->dims = from->dims, p->numel = from->numel, p->contiguous = from->contiguous;
  for (int i = 0; i < p->dims; ++i)
    p->sizes[i] = from->sizes[i], p->strides[i] = from->strides[i];
  return Tensor::adopt(p);
}

Tensor view_of(const Tensor &t, const Dims &sizes, const Dims &strides, std::int64_t offset) {
  Tensor r = alias(t, sizes, strides, offset);
  TensorImpl *const from = impl(t), *const p = impl(r);
  if (mode.inference || from->inference) // not followed; in-place through it is refused where it matters
    return r;
  TensorImpl *const base = from->base ? from->base : from;
  base->handles.add();
  p->base = base;
  p->view_version = p->version();
  p->creation = from->creation != Creation::Normal ? from->creation : mode.no_grad ? Creation::NoGrad : Creation::Normal;
  return r;
}

Tensor cast(const Tensor &t, ScalarType dtype) {
  if (impl(t)->dtype == dtype)
    return t;
  Tensor r = make_like(t, dtype);
  kernels::copy(view(r), view(t));
  return r;
}

Tensor dense(const Tensor &t) {
  settle(impl(t)->storage); // callers read the memory themselves
  if (impl(t)->contiguous)
    return t;
  Tensor r = make_like(t);
  kernels::copy(view(r), view(t));
  return r;
}

} // namespace nabla::detail
