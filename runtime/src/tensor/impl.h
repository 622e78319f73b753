// A tensor from inside: storage, geometry, and the tensor's place in the graph.
#ifndef NABLA_SRC_TENSOR_IMPL_H
#define NABLA_SRC_TENSOR_IMPL_H

#include "kernels/kernels.h"
#include "memory.h"

#include <nabla/tensor/autograd.h>
#include <nabla/tensor/functions.h>

namespace nabla::detail {

/// More dimensions are refused where a shape is made.
constexpr int max_dims = 12;

struct Pending; // lazy.h

/// Memory shared by the tensors that alias each other, and their common version.
struct Storage {
  Count refs{1};
  std::atomic<std::uint32_t> version{0};
  void *data = nullptr;
  std::size_t bytes = 0;
  const char *writer =
      nullptr; ///< grad_fn's name of the last in-place operation with history; for error texts
  enum class Owner : unsigned char { Inline, Pool, Caller } owner = Owner::Inline;
  // Lazy elementwise results, see lazy.h. The last two under its lock.
  bool exposed = false;                ///< a raw pointer or a part of it is known elsewhere
  std::atomic<bool> lazy{false};       ///< contents are pending, or something pending reads them
  std::uint32_t readers = 0;           ///< pending nodes that read it
  Pending *pending = nullptr;          ///< what will fill it
  alignas(16) unsigned char small[64]; ///< the data itself when it fits
};
void settle_lazy(const Storage *s);
/// Nobody needs the pending contents of s.
void forget_pending(Storage *s);
/// Call before reading or writing the memory of s: nothing is pending that it holds, or that reads it.
inline void settle(const Storage *s) {
  if (s->lazy.load(std::memory_order_acquire))
    settle_lazy(s);
}
Storage *new_storage(std::size_t bytes);
Storage *borrow_storage(void *data, std::size_t bytes); ///< memory of the caller
void destroy_storage(Storage *s);
inline void drop(Storage *s) {
  if (s->refs.drop())
    destroy_storage(s);
}

/// Sizes or strides by value.
struct Dims {
  int count = 0;
  std::int64_t at[max_dims];
  Dims() {} // elements stay undefined: this is hot
  Dims(const std::int64_t *from, int n) : count(n) {
    for (int i = 0; i < n; ++i)
      at[i] = from[i];
  }
  explicit Dims(IntArrayRef a);
  void push(std::int64_t n);
  operator IntArrayRef() const { return IntArrayRef(at, static_cast<std::size_t>(count)); }
  std::int64_t operator[](int i) const { return at[i]; }
  std::int64_t &operator[](int i) { return at[i]; }
};

/// How a view may be written to.
enum class Creation : unsigned char { Normal, NoGrad, MultiOutput, CustomFunction, Inference };

struct Extra; // hooks: rare

struct TensorImpl : Shared {
  Count graph{
      1}; ///< nodes that keep this (saved tensors, AccumulateGrad; they do not keep .grad alive), and 1 for all handles
  ScalarType dtype;
  unsigned char dims;
  bool contiguous;
  bool requires_grad = false; ///< of a leaf
  bool inference = false;
  bool retains_grad = false;
  bool kept_as_leaf = false; ///< nodes keep this itself: it was saved, or has an accumulator
  Creation creation = Creation::Normal;
  std::uint32_t output_nr = 0;
  std::uint32_t view_version = 0; ///< version at which grad_fn of a view was made
  std::int64_t numel;
  void *data;
  Storage *storage;
  autograd::Node *grad_fn = nullptr;     ///< counted
  autograd::Node *accumulator = nullptr; ///< not counted: it keeps us
  TensorImpl *base = nullptr;            ///< counted handle; of a view that autograd follows
  Tensor grad;
  Extra *extra = nullptr;
  std::int64_t sizes[max_dims];
  std::int64_t strides[max_dims];

  std::uint32_t version() const { return storage->version.load(std::memory_order_relaxed); }
  void bump() { storage->version.fetch_add(1, std::memory_order_relaxed); }
  std::int64_t offset() const { // elements
    return (static_cast<char *>(data) - static_cast<char *>(storage->data)) /
           static_cast<std::int64_t>(element_size(dtype));
  }
};

inline TensorImpl *impl(const Tensor &t) { return static_cast<TensorImpl *>(t.shared()); }
[[noreturn]] void undefined_tensor();
/// The same, for a tensor that must be there.
inline TensorImpl *need(const Tensor &t) {
  if (!t.shared())
    undefined_tensor();
  return impl(t);
}
/// p is alive through a handle.
inline Tensor handle(TensorImpl *p) {
  if (p)
    p->handles.add();
  return Tensor::adopt(p);
}

/// p is kept by the graph, perhaps alone.
Tensor promote(TensorImpl *p);
void drop_graph(TensorImpl *p);

/// Tells the geometry and data of t to a kernel. The ONE way from tensors to kernels. Lives as long as t.
inline kernels::View view(const Tensor &t) {
  TensorImpl *const p = impl(t);
  settle(p->storage);
  return {p->data, p->dtype, p->dims, p->sizes, p->strides};
}
/// The same memory seen with other sizes and strides, which outlive the view.
inline kernels::View view(const Tensor &t, const Dims &sizes, const Dims &strides) {
  settle(impl(t)->storage);
  return {impl(t)->data, impl(t)->dtype, sizes.count, sizes.at, strides.at};
}

// ---- Making tensors: no history ----
TensorImpl *new_impl(); ///< fields without defaults are unset
/// Contiguous, elements undefined.
Tensor make(const std::int64_t *sizes, int dims, ScalarType dtype);
inline Tensor make(IntArrayRef sizes, ScalarType dtype) {
  return make(sizes.data(), static_cast<int>(sizes.size()), dtype);
}
/// Contiguous, of t's shape.
inline Tensor make_like(const Tensor &t, ScalarType dtype) {
  return make(impl(t)->sizes, impl(t)->dims, dtype);
}
inline Tensor make_like(const Tensor &t) { return make_like(t, impl(t)->dtype); }
/// A zero-dimensional tensor.
Tensor make_number(Scalar value, ScalarType dtype);
/// Another tensor on t's storage, without history; offset in elements of t's type from the storage's start.
Tensor alias(const Tensor &t, const Dims &sizes, const Dims &strides, std::int64_t offset);
Tensor alias(const Tensor &t); ///< same geometry
/// As alias, and followed by autograd as a view of t (or of t's base). Records nothing.
Tensor view_of(const Tensor &t, const Dims &sizes, const Dims &strides, std::int64_t offset);

inline Dims sizes_of(const Tensor &t) { return Dims(impl(t)->sizes, impl(t)->dims); }
inline Dims strides_of(const Tensor &t) { return Dims(impl(t)->strides, impl(t)->dims); }
inline bool same_sizes(const TensorImpl *a, const TensorImpl *b) {
  if (a->dims != b->dims)
    return false;
  for (int i = 0; i < a->dims; ++i)
    if (a->sizes[i] != b->sizes[i])
      return false;
  return true;
}
bool same_sizes(IntArrayRef a, IntArrayRef b);
Dims contiguous_strides(const Dims &sizes);
std::int64_t count_elements(const Dims &sizes);
/// 0 <= result < max(dims, 1), or libtorch's "Dimension out of range".
int wrap_dim(std::int64_t dim, std::int64_t dims);
std::string shape_text(IntArrayRef sizes); ///< [2, 3]

/// The sizes of elementwise results: "The size of tensor a (3) must match ..." where they do not fit.
Dims broadcast(IntArrayRef a, IntArrayRef b);
/// Whether `from` broadcasts to `to`.
bool expandable(IntArrayRef from, IntArrayRef to);

/// The type of an elementwise result, with libtorch's ranks: tensors with dimensions before those without before numbers.
ScalarType result_type(const Tensor &a, const Tensor &b);
ScalarType result_type(const Tensor &a, Scalar b);
/// t itself or a copy of the type, without history.
Tensor cast(const Tensor &t, ScalarType dtype);
/// t itself or a contiguous copy, without history.
Tensor dense(const Tensor &t);

/// grad_fn of a view whose memory has been written since: made anew from its base. Not counted.
autograd::Node *renewed_grad_fn(TensorImpl *view);
/// The current grad_fn. Not counted.
inline autograd::Node *grad_fn_of(TensorImpl *p) {
  return p->base && p->view_version != p->version() ? renewed_grad_fn(p) : p->grad_fn;
}
inline bool requires_grad(const Tensor &t) {
  TensorImpl *const p = impl(t);
  return p && (p->requires_grad || grad_fn_of(p) != nullptr);
}

} // namespace nabla::detail

#endif
