// New tensors: constants, ranges, literals.
#include "node.h"

#include <cmath>
#include <cstring>

namespace nabla {

using namespace detail;

namespace {

Tensor finished(Tensor t, const TensorOptions &options) {
  if (options.requires_grad())
    t.requires_grad_(true);
  return t;
}

Tensor filled(IntArrayRef sizes, Scalar value, ScalarType type, const TensorOptions &options) {
  const Dims n{sizes};
  Tensor t = make(n, type);
  const kernels::Constant c =
      value.is_real() ? kernels::Constant(value.to_double(), type) : kernels::Constant(value.to_long(), type);
  kernels::fill(view(t), c);
  return finished(t, options);
}

/// The type of a literal: integers Long, reals the default, unless told otherwise.
ScalarType literal_type(Scalar s) { return s.is_real() ? get_default_dtype() : s.type(); }

} // namespace

Tensor empty(IntArrayRef sizes, const TensorOptions &options) {
  const Dims n{sizes};
  const ScalarType type = options.dtype_or(get_default_dtype());
  Tensor t = make(n, type);
  return finished(t, options);
}
Tensor zeros(IntArrayRef sizes, const TensorOptions &options) {
  return filled(sizes, 0, options.dtype_or(get_default_dtype()), options);
}
Tensor ones(IntArrayRef sizes, const TensorOptions &options) {
  return filled(sizes, 1, options.dtype_or(get_default_dtype()), options);
}
Tensor full(IntArrayRef sizes, Scalar value, const TensorOptions &options) {
  return filled(sizes, value, options.dtype_or(literal_type(value)), options);
}
Tensor scalar_tensor(Scalar value, const TensorOptions &options) {
  return finished(make_number(value, options.dtype_or(get_default_dtype())), options);
}

Tensor empty_like(const Tensor &t, const TensorOptions &options) {
  return empty(t.sizes(), options.dtype(options.dtype_or(t.scalar_type())));
}
Tensor zeros_like(const Tensor &t, const TensorOptions &options) { return full_like(t, 0, options); }
Tensor ones_like(const Tensor &t, const TensorOptions &options) { return full_like(t, 1, options); }
Tensor full_like(const Tensor &t, Scalar value, const TensorOptions &options) {
  return filled(IntArrayRef(need(t)->sizes, impl(t)->dims), value, options.dtype_or(impl(t)->dtype), options);
}
Tensor Tensor::new_zeros(IntArrayRef sizes) const { return zeros(sizes, need(*this)->dtype); }
Tensor Tensor::new_ones(IntArrayRef sizes) const { return ones(sizes, need(*this)->dtype); }
Tensor Tensor::new_empty(IntArrayRef sizes) const { return empty(sizes, need(*this)->dtype); }
Tensor Tensor::new_full(IntArrayRef sizes, Scalar value) const {
  return full(sizes, value, need(*this)->dtype);
}

Tensor eye(std::int64_t n, std::int64_t m, const TensorOptions &options) {
  if (n < 0 || m < 0)
    throw ValueError("n must be greater or equal to 0, got " + std::to_string(n < 0 ? n : m));
  Tensor t = zeros({n, m}, options.dtype_or(get_default_dtype()));
  if (n > 0 && m > 0) {
    const std::int64_t length = n < m ? n : m, stride = m + 1;
    kernels::fill({impl(t)->data, impl(t)->dtype, 1, &length, &stride}, kernels::Constant(1, impl(t)->dtype));
  }
  return finished(t, options);
}
Tensor eye(std::int64_t n, const TensorOptions &options) { return eye(n, n, options); }

Tensor arange(Scalar start, Scalar end, Scalar step, const TensorOptions &options) {
  const bool real = start.is_real() || end.is_real() || step.is_real();
  const ScalarType type = options.dtype_or(real ? get_default_dtype() : ScalarType::Long);
  if (step.to_double() == 0)
    throw ValueError("step must be nonzero");
  if (!std::isfinite(start.to_double()) || !std::isfinite(end.to_double()))
    throw ValueError("unsupported range: " + std::to_string(start.to_double()) + " -> " +
                     std::to_string(end.to_double()));
  const double count = std::ceil((end.to_double() - start.to_double()) / step.to_double());
  if (count < 0)
    throw ValueError("upper bound and larger bound inconsistent with step sign");
  if (count > 1e13)
    throw ValueError("arange: too many elements");
  Tensor t = make({static_cast<std::int64_t>(count)}, type);
  if (real)
    kernels::arange(view(t), start.to_double(), step.to_double());
  else
    kernels::arange(view(t), start.to_long(), step.to_long());
  return finished(t, options);
}
Tensor arange(Scalar start, Scalar end, const TensorOptions &options) {
  return arange(start, end, 1, options);
}
Tensor arange(Scalar end, const TensorOptions &options) { return arange(0, end, 1, options); }

Tensor linspace(Scalar start, Scalar end, std::int64_t steps, const TensorOptions &options) {
  if (steps < 0)
    throw ValueError("number of steps must be non-negative");
  const ScalarType type = options.dtype_or(get_default_dtype());
  Tensor d = make({steps}, ScalarType::Double);
  double *const p = static_cast<double *>(impl(d)->data);
  const double a = start.to_double(), b = end.to_double(),
               step = steps > 1 ? (b - a) / static_cast<double>(steps - 1) : 0;
  for (std::int64_t i = 0; i < steps; ++i) // from both ends, so that it is symmetric and ends exactly
    p[i] = i < steps / 2 || steps == 1 ? a + step * static_cast<double>(i)
                                       : b - step * static_cast<double>(steps - 1 - i);
  return finished(cast(d, type), options);
}

Tensor logspace(Scalar start, Scalar end, std::int64_t steps, double base, const TensorOptions &options) {
  const Tensor exponents = linspace(start, end, steps, ScalarType::Double);
  const NoGradGuard off;
  return finished(cast(pow(Scalar(base), exponents), options.dtype_or(get_default_dtype())), options);
}

// ---- Literals ----

namespace {

void measure(const TensorData &data, Dims &sizes, ScalarType &type, int depth) {
  if (data.is_number()) {
    type = promote_types(type, data.type());
    return;
  }
  if (depth == 0) {
    const TensorData *level = &data;
    while (!level->is_number()) {
      sizes.push(static_cast<std::int64_t>(level->size()));
      if (level->is_array() || level->size() == 0)
        break;
      level = level->list().begin();
    }
  }
  if (data.is_array()) {
    type = promote_types(type, data.type());
    return;
  }
  for (const TensorData &each : data.list())
    measure(each, sizes, type, depth + 1);
}

/// Writes data in row-major order at p and advances it.
void write(const TensorData &data, const Dims &sizes, int depth, ScalarType type, char *&p) {
  const std::size_t bytes = element_size(type);
  if (data.is_number()) {
    if (depth != sizes.count)
      throw ShapeError("Expected all sub-lists to have sizes: " + shape_text(sizes) +
                       ", but one is a number");
    const Tensor one = make_number(data.number(), type);
    std::memcpy(p, impl(one)->data, bytes);
    p += bytes;
    return;
  }
  if (depth >= sizes.count || static_cast<std::int64_t>(data.size()) != sizes[depth])
    throw ShapeError("Expected all sub-lists to have sizes: " + shape_text(sizes) + " (e.g. " +
                     std::to_string(depth < sizes.count ? sizes[depth] : 0) +
                     "), but got sub-list with size " + std::to_string(data.size()));
  if (data.is_array()) {
    if (depth + 1 != sizes.count)
      throw ShapeError("Expected all sub-lists to have sizes: " + shape_text(sizes));
    const std::int64_t n = static_cast<std::int64_t>(data.size()), one = 1;
    kernels::copy({p, type, 1, &n, &one}, {const_cast<void *>(data.array()), data.type(), 1, &n, &one});
    p += bytes * data.size();
    return;
  }
  for (const TensorData &each : data.list())
    write(each, sizes, depth + 1, type, p);
}

} // namespace

Tensor tensor(const TensorData &data, const TensorOptions &options) {
  Dims sizes;
  ScalarType found = ScalarType::Bool;
  measure(data, sizes, found, 0);
  const bool none = sizes.count > 0 && count_elements(sizes) == 0;
  const ScalarType natural = none || is_floating(found) ? get_default_dtype()
                             : found == ScalarType::Int ? ScalarType::Long
                                                        : found;
  const ScalarType type = options.dtype_or(data.is_array() && !none ? data.type() : natural);
  Tensor t = make(sizes, type);
  char *p = static_cast<char *>(impl(t)->data);
  write(data, sizes, 0, type, p);
  // As libtorch, whose literals are filled element by element: a program that prints _version() prints the same.
  impl(t)->storage->version.store(static_cast<std::uint32_t>(impl(t)->numel));
  return finished(t, options);
}

Tensor from_blob(void *data, IntArrayRef sizes, const TensorOptions &options) {
  const Dims n{sizes};
  const ScalarType type = options.dtype_or(get_default_dtype());
  TensorImpl *const p = new_impl();
  p->storage = nullptr;
  Tensor t = Tensor::adopt(p);
  for (int i = 0; i < n.count; ++i)
    if (n[i] < 0)
      throw ShapeError("from_blob: negative size in " + shape_text(sizes));
  p->numel = count_elements(n);
  p->storage = borrow_storage(data, static_cast<std::size_t>(p->numel) * element_size(type));
  p->data = data, p->dtype = type, p->dims = static_cast<unsigned char>(n.count), p->contiguous = true;
  const Dims strides = contiguous_strides(n);
  for (int i = 0; i < n.count; ++i)
    p->sizes[i] = n[i], p->strides[i] = strides[i];
  return finished(t, options);
}

} // namespace nabla
