// Views: other geometry, same memory. Each records the inverse geometry as its backward.
#include "geometry.h"

namespace nabla {

using namespace detail;

namespace {

/// A view of x; when x has history the caller records.
Tensor view_with(const Tensor &x, const Dims &sizes, const Dims &strides, std::int64_t extra_offset = 0) {
  return view_of(x, sizes, strides, impl(x)->offset() + extra_offset);
}

void reshape_backward(Sweep &s) { s.give(0, s.grad().reshape(s.attribute<Dims>())); }

/// Records a view that only regroups sizes.
Tensor regrouped(const Tensor &x, const Tensor &r, const char *node) {
  if (recording(x)) {
    const Dims sizes = sizes_of(x);
    Recorder rec(node, reshape_backward, {&x}, 0, &sizes);
    rec.finish(r);
  }
  return r;
}

/// Sizes with one -1 worked out.
Dims infer(IntArrayRef wanted, std::int64_t numel) {
  Dims sizes{wanted};
  std::int64_t known = 1;
  int unknown = -1;
  for (int i = 0; i < sizes.count; ++i) {
    if (sizes[i] == -1) {
      if (unknown >= 0)
        throw RuntimeError("only one dimension can be inferred");
      unknown = i;
    } else if (sizes[i] < 0)
      throw RuntimeError("invalid shape dimension " + std::to_string(sizes[i]));
    else if (__builtin_mul_overflow(known, sizes[i], &known))
      known = -1;
  }
  if (unknown >= 0 && known > 0 && numel % known == 0) {
    sizes[unknown] = numel / known;
    return sizes;
  }
  if (unknown >= 0 && known == 0 && numel == 0)
    throw RuntimeError("cannot reshape tensor of 0 elements into shape " + shape_text(wanted) +
                       " because the unspecified dimension size -1 can be any value and is ambiguous");
  if (unknown >= 0 || known != numel)
    throw RuntimeError("shape '" + shape_text(wanted) + "' is invalid for input of size " +
                       std::to_string(numel));
  return sizes;
}

/// Strides with which x's memory has these sizes (equal number of elements); false when it needs a copy.
bool strides_for(const TensorImpl *x, const Dims &sizes, Dims &strides) {
  strides.count = sizes.count;
  if (x->contiguous || x->numel == 0) {
    strides = contiguous_strides(sizes);
    return true;
  }
  // Runs of x's dimensions that lie contiguously in one another, from the back; each must be a product of new sizes.
  int to = sizes.count - 1;
  std::int64_t run = 1, step = x->dims ? x->strides[x->dims - 1] : 1, done = 1;
  for (int from = x->dims - 1; from >= 0; --from) {
    run *= x->sizes[from];
    if (from > 0 && (x->sizes[from - 1] == 1 || x->strides[from - 1] == run * step))
      continue;
    while (to >= 0 && (done < run || sizes[to] == 1)) {
      strides[to] = done * step;
      done *= sizes[to--];
    }
    if (done != run)
      return false;
    if (from > 0)
      step = x->strides[from - 1], run = done = 1;
  }
  return to == -1;
}

} // namespace

Tensor Tensor::view(IntArrayRef sizes) const {
  const TensorImpl *const p = need(*this);
  const Dims wanted = infer(sizes, p->numel);
  Dims strides;
  if (!strides_for(p, wanted, strides))
    throw ShapeError("view size is not compatible with input tensor's size and stride (at least one "
                     "dimension spans across two contiguous "
                     "subspaces). Use .reshape(...) instead.");
  return regrouped(*this, view_with(*this, wanted, strides), "ViewBackward0");
}

Tensor Tensor::reshape(IntArrayRef sizes) const {
  const TensorImpl *const p = need(*this);
  const Dims wanted = infer(sizes, p->numel);
  Dims strides;
  if (strides_for(p, wanted, strides))
    return regrouped(*this, view_with(*this, wanted, strides), "ViewBackward0");
  const Tensor copy = clone();
  return regrouped(copy, alias(copy, wanted, contiguous_strides(wanted), 0), "UnsafeViewBackward0");
}

Tensor Tensor::flatten(std::int64_t start_dim, std::int64_t end_dim) const {
  const TensorImpl *const p = need(*this);
  const int start = wrap_dim(start_dim, p->dims), end = wrap_dim(end_dim, p->dims);
  if (start > end)
    throw ShapeError("flatten() has invalid args: start_dim cannot come after end_dim");
  if (p->dims == 0)
    return reshape({1});
  Dims sizes(p->sizes, start);
  std::int64_t joined = 1;
  for (int i = start; i <= end; ++i)
    joined *= p->sizes[i];
  sizes.push(joined);
  for (int i = end + 1; i < p->dims; ++i)
    sizes.push(p->sizes[i]);
  return sizes.count == p->dims ? *this : reshape(sizes);
}

Tensor Tensor::unflatten(std::int64_t dim, IntArrayRef into) const {
  const TensorImpl *const p = need(*this);
  const int d = wrap_dim(dim, p->dims);
  if (p->dims == 0)
    throw ShapeError("unflatten: a tensor without dimensions");
  const Dims parts = infer(into, p->sizes[d]);
  Dims sizes(p->sizes, d);
  for (int i = 0; i < parts.count; ++i)
    sizes.push(parts[i]);
  for (int i = d + 1; i < p->dims; ++i)
    sizes.push(p->sizes[i]);
  return view(sizes);
}

// ---- Exchanged dimensions ----

namespace {

struct Two {
  int a, b;
};
void transpose_backward(Sweep &s) {
  s.give(0, s.grad().transpose(s.attribute<Two>().a, s.attribute<Two>().b));
}
void permute_backward(Sweep &s) {
  const Dims &dims = s.attribute<Dims>();
  Dims inverse = dims;
  for (int i = 0; i < dims.count; ++i)
    inverse[static_cast<int>(dims[i])] = i;
  s.give(0, s.grad().permute(inverse));
}

Tensor transposed(const Tensor &x, int a, int b, const char *node) {
  Dims sizes = sizes_of(x), strides = strides_of(x);
  if (sizes.count) {
    const std::int64_t n = sizes[a], m = strides[a];
    sizes[a] = sizes[b], sizes[b] = n;
    strides[a] = strides[b], strides[b] = m;
  }
  Tensor r = view_with(x, sizes, strides);
  if (recording(x)) {
    const Two two{a, b};
    Recorder rec(node, transpose_backward, {&x}, 0, &two);
    rec.finish(r);
  }
  return r;
}

} // namespace

Tensor Tensor::transpose(std::int64_t dim0, std::int64_t dim1) const {
  const int n = need(*this)->dims;
  return transposed(*this, wrap_dim(dim0, n), wrap_dim(dim1, n), "TransposeBackward0");
}

Tensor Tensor::t() const {
  const int n = need(*this)->dims;
  if (n > 2)
    throw ShapeError("t() expects a tensor with <= 2 dimensions, but self is " + std::to_string(n) + "D");
  return transposed(*this, 0, n < 2 ? 0 : 1, "TBackward0");
}

Tensor Tensor::permute(IntArrayRef dims) const {
  const TensorImpl *const p = need(*this);
  if (dims.size() != p->dims)
    throw ShapeError("permute(sparse_coo): number of dimensions in the tensor input does not match the "
                     "length of the desired ordering of "
                     "dimensions i.e. input.dim() = " +
                     std::to_string(p->dims) + " is not equal to len(dims) = " + std::to_string(dims.size()));
  Dims order, sizes, strides;
  bool seen[max_dims] = {};
  for (const std::int64_t each : dims) {
    const int d = wrap_dim(each, p->dims);
    if (seen[d])
      throw ShapeError("permute(): duplicate dims are not allowed.");
    seen[d] = true;
    order.push(d), sizes.push(p->sizes[d]), strides.push(p->strides[d]);
  }
  Tensor r = view_with(*this, sizes, strides);
  if (recording(*this)) {
    Recorder rec("PermuteBackward0", permute_backward, {this}, 0, &order);
    rec.finish(r);
  }
  return r;
}

Tensor Tensor::movedim(std::int64_t source, std::int64_t destination) const {
  const int n = need(*this)->dims, from = wrap_dim(source, n), to = wrap_dim(destination, n);
  Dims order;
  for (int i = 0; i < n; ++i)
    if (i != from)
      order.push(i);
  if (n == 0)
    return *this;
  order.push(0);
  for (int i = n - 1; i > to; --i)
    order[i] = order[i - 1];
  order[to] = from;
  return permute(order);
}

// ---- Dimensions of size 1 ----

namespace {
void expand_backward(Sweep &s) { s.give(0, s.grad().sum_to_size(s.attribute<Dims>())); }
} // namespace

Tensor Tensor::expand(IntArrayRef wanted) const {
  const TensorImpl *const p = need(*this);
  Dims sizes{wanted}, strides{wanted};
  const int lead = sizes.count - p->dims;
  if (lead < 0)
    throw ShapeError("expand(torch." + toString().substr(3) + "{" + shape_text(this->sizes()) +
                     "}, size=" + shape_text(wanted) + "): the number of sizes provided (" +
                     std::to_string(wanted.size()) +
                     ") must be greater or equal to the number of dimensions in the tensor (" +
                     std::to_string(p->dims) + ")");
  for (int i = sizes.count - 1; i >= 0; --i) {
    if (i < lead) {
      if (sizes[i] < 0)
        throw ShapeError("The expanded size of the tensor (" + std::to_string(sizes[i]) +
                         ") isn't allowed in a leading, non-existing dimension " + std::to_string(i));
      strides[i] = 0;
      continue;
    }
    const std::int64_t n = p->sizes[i - lead];
    if (sizes[i] == -1)
      sizes[i] = n;
    if (sizes[i] != n && n != 1)
      throw ShapeError("The expanded size of the tensor (" + std::to_string(sizes[i]) +
                       ") must match the existing size (" + std::to_string(n) +
                       ") at non-singleton dimension " + std::to_string(i) + ".  Target sizes: " +
                       shape_text(wanted) + ".  Tensor sizes: " + shape_text(this->sizes()));
    if (sizes[i] < 0)
      throw ShapeError("expand: a negative size in " + shape_text(wanted));
    strides[i] = sizes[i] == n ? p->strides[i - lead] : 0;
  }
  static_cast<void>(count_elements(sizes));
  Tensor r = view_with(*this, sizes, strides);
  if (recording(*this)) {
    const Dims own = sizes_of(*this);
    Recorder rec("ExpandBackward0", expand_backward, {this}, 0, &own);
    rec.finish(r);
  }
  return r;
}

Tensor Tensor::squeeze() const {
  const TensorImpl *const p = need(*this);
  Dims sizes, strides;
  for (int i = 0; i < p->dims; ++i)
    if (p->sizes[i] != 1)
      sizes.push(p->sizes[i]), strides.push(p->strides[i]);
  return regrouped(*this, view_with(*this, sizes, strides), "SqueezeBackward0");
}

Tensor Tensor::squeeze(std::int64_t dim) const {
  const TensorImpl *const p = need(*this);
  const int d = wrap_dim(dim, p->dims);
  Dims sizes, strides;
  for (int i = 0; i < p->dims; ++i)
    if (i != d || p->sizes[i] != 1)
      sizes.push(p->sizes[i]), strides.push(p->strides[i]);
  return regrouped(*this, view_with(*this, sizes, strides), "SqueezeBackward1");
}

Tensor Tensor::unsqueeze(std::int64_t dim) const {
  const TensorImpl *const p = need(*this);
  const int d = wrap_dim(dim, p->dims + 1);
  Dims sizes(p->sizes, d), strides(p->strides, d);
  sizes.push(1);
  strides.push(d < p->dims ? p->sizes[d] * p->strides[d] : 1);
  for (int i = d; i < p->dims; ++i)
    sizes.push(p->sizes[i]), strides.push(p->strides[i]);
  return regrouped(*this, view_with(*this, sizes, strides), "UnsqueezeBackward0");
}

// ---- Windows ----

namespace {

/// One step of a window along a dimension, applied to actual and to contiguous strides alike.
struct Step {
  int dim;
  std::int64_t start, step, length; ///< length -1: the dimension goes away
};

Tensor window(const Tensor &x, const Step &by, const char *node) {
  const TensorImpl *const p = impl(x);
  const auto cut = [&](Dims &sizes, Dims &strides) {
    const std::int64_t offset = by.start * strides[by.dim];
    if (by.length >= 0) {
      sizes[by.dim] = by.length;
      strides[by.dim] *= by.step;
      return offset;
    }
    for (int i = by.dim; i + 1 < sizes.count; ++i)
      sizes[i] = sizes[i + 1], strides[i] = strides[i + 1];
    --sizes.count, --strides.count;
    return offset;
  };
  Dims sizes(p->sizes, p->dims), strides(p->strides, p->dims);
  const std::int64_t offset = cut(sizes, strides);
  Tensor r = view_with(x, sizes, strides, p->numel ? offset : 0);
  if (recording(x)) {
    Window w;
    w.whole = sizes_of(x);
    w.sizes = w.whole;
    w.strides = contiguous_strides(w.whole);
    w.offset = cut(w.sizes, w.strides);
    record_window(node, r, x, w);
  }
  return r;
}

} // namespace

Tensor Tensor::select(std::int64_t dim, std::int64_t index) const {
  const TensorImpl *const p = need(*this);
  if (p->dims == 0)
    throw IndexError("select() cannot be applied to a 0-dim tensor.");
  const int d = wrap_dim(dim, p->dims);
  const std::int64_t n = p->sizes[d];
  if (index < -n || index >= n)
    throw IndexError("select(): index " + std::to_string(index) + " out of range for tensor of size " +
                     shape_text(sizes()) + " at dimension " + std::to_string(d));
  return window(*this, {d, index < 0 ? index + n : index, 1, -1}, "SelectBackward0");
}

Tensor Tensor::operator[](std::int64_t index) const { return select(0, index); }

Tensor Tensor::slice(std::int64_t dim, std::optional<std::int64_t> start, std::optional<std::int64_t> end,
                     std::int64_t step) const {
  const TensorImpl *const p = need(*this);
  if (p->dims == 0)
    throw IndexError("slice() cannot be applied to a 0-dim tensor.");
  if (step <= 0)
    throw ValueError("slice step must be positive");
  const int d = wrap_dim(dim, p->dims);
  const std::int64_t n = p->sizes[d];
  const auto place = [n](std::int64_t i) { return i < 0 ? (i + n < 0 ? 0 : i + n) : i > n ? n : i; };
  const std::int64_t from = start ? place(*start) : 0, given = end ? place(*end) : n,
                     to = given < from ? from : given;
  return window(*this, {d, from, step, (to - from) / step + ((to - from) % step != 0)}, "SliceBackward0");
}

Tensor Tensor::narrow(std::int64_t dim, std::int64_t start, std::int64_t length) const {
  const TensorImpl *const p = need(*this);
  if (p->dims == 0)
    throw ShapeError("narrow() cannot be applied to a 0-dim tensor.");
  const int d = wrap_dim(dim, p->dims);
  if (length < 0)
    throw ValueError("narrow(): length must be non-negative.");
  const std::int64_t n = p->sizes[d], from = start < 0 ? start + n : start;
  if (from < 0 || from > n)
    throw IndexError("start out of range (expected to be in range of [" + std::to_string(-n) + ", " +
                     std::to_string(n) + "], but got " + std::to_string(start) + ")");
  if (length > n - from)
    throw ShapeError("start (" + std::to_string(from) + ") + length (" + std::to_string(length) +
                     ") exceeds dimension size (" + std::to_string(n) + ").");
  return slice(d, from, from + length, 1);
}

Tensor Tensor::diagonal(std::int64_t offset, std::int64_t dim1, std::int64_t dim2) const {
  const TensorImpl *const p = need(*this);
  const int a = wrap_dim(dim1, p->dims), b = wrap_dim(dim2, p->dims);
  if (a == b || p->dims < 2)
    throw ShapeError("diagonal dimensions cannot be identical " + std::to_string(dim1) + ", " +
                     std::to_string(dim2));
  const auto cut = [&](Dims &sizes, Dims &strides) {
    const std::int64_t rows = sizes[a] + (offset < 0 ? offset : 0),
                       columns = sizes[b] - (offset > 0 ? offset : 0);
    const std::int64_t length = rows < columns ? rows : columns, step = strides[a] + strides[b];
    const std::int64_t start = length > 0 ? (offset >= 0 ? offset * strides[b] : -offset * strides[a]) : 0;
    Dims s, t;
    for (int i = 0; i < sizes.count; ++i)
      if (i != a && i != b)
        s.push(sizes[i]), t.push(strides[i]);
    s.push(length > 0 ? length : 0), t.push(step);
    sizes = s, strides = t;
    return start;
  };
  Dims sizes = sizes_of(*this), strides = strides_of(*this);
  const std::int64_t start = cut(sizes, strides);
  Tensor r = view_with(*this, sizes, strides, start);
  if (recording(*this)) {
    Window w;
    w.whole = w.sizes = sizes_of(*this);
    w.strides = contiguous_strides(w.whole);
    w.offset = cut(w.sizes, w.strides);
    record_window("DiagonalBackward0", r, *this, w);
  }
  return r;
}

Tensor Tensor::unfold(std::int64_t dim, std::int64_t size, std::int64_t step) const {
  const TensorImpl *const p = need(*this);
  const int d = wrap_dim(dim, p->dims);
  if (p->dims == 0 || size < 0 || size > p->sizes[d])
    throw ShapeError("maximum size for tensor at dimension " + std::to_string(d) + " is " +
                     std::to_string(p->dims ? p->sizes[d] : 0) + " but size is " + std::to_string(size));
  if (step <= 0)
    throw ValueError("step is " + std::to_string(step) + " but must be > 0");
  const auto cut = [&](Dims &sizes, Dims &strides) {
    const std::int64_t stride = strides[d];
    sizes[d] = (sizes[d] - size) / step + 1;
    strides[d] = stride * step;
    sizes.push(size), strides.push(stride);
  };
  Dims sizes = sizes_of(*this), strides = strides_of(*this);
  cut(sizes, strides);
  Tensor r = view_with(*this, sizes, strides);
  if (recording(*this)) {
    Window w;
    w.whole = w.sizes = sizes_of(*this);
    w.strides = contiguous_strides(w.whole);
    cut(w.sizes, w.strides);
    record_window("UnfoldBackward0", r, *this, w);
  }
  return r;
}

Tensor Tensor::as_strided(IntArrayRef sizes, IntArrayRef strides, std::optional<std::int64_t> offset) const {
  TensorImpl *const p = need(*this);
  const Dims n{sizes}, m{strides};
  if (n.count != m.count)
    throw ShapeError("mismatch in length of strides and shape");
  std::int64_t first = offset.value_or(p->offset()), last = first;
  for (int i = 0; i < n.count; ++i) {
    if (n[i] < 0 || m[i] < 0)
      throw ShapeError("as_strided: Negative strides are not supported at the moment, got strides: " +
                       shape_text(strides));
    last += (n[i] - 1) * m[i];
  }
  if (first < 0 ||
      (count_elements(n) > 0 && (last + 1) * static_cast<std::int64_t>(nabla::element_size(p->dtype)) >
                                    static_cast<std::int64_t>(p->storage->bytes)))
    throw ShapeError("setStorage: sizes " + shape_text(sizes) + ", strides " + shape_text(strides) +
                     ", storage offset " + std::to_string(first) + " are out of bounds for storage of size " +
                     std::to_string(p->storage->bytes));
  Tensor r = view_of(*this, n, m, first);
  if (recording(*this)) { // strides speak of the storage, so the base is what is seen
    const Tensor source = p->base ? handle(p->base) : *this;
    if (!impl(source)->contiguous)
      throw NotImplementedError(
          "as_strided with gradients of a tensor that is not contiguous: call contiguous() first");
    const Window w{sizes_of(source), n, m, first - impl(source)->offset()};
    if (w.offset < 0)
      throw ShapeError("as_strided: starts before its base");
    if (recording(source))
      record_window("AsStridedBackward0", r, source, w);
  }
  return r;
}

} // namespace nabla
