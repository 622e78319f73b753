// Reading a tensor: shape, memory, single elements. Copies, casts, and arithmetic in place.
#include "elementwise.h"
#include "extra.h"
#include "geometry.h"
#include "lazy.h"

namespace nabla {

using namespace detail;

std::int64_t Tensor::dim() const { return need(*this)->dims; }
std::int64_t Tensor::numel() const { return need(*this)->numel; }
std::int64_t Tensor::size(std::int64_t dim) const {
  const TensorImpl *const p = need(*this);
  if (p->dims == 0)
    throw IndexError("Dimension specified as " + std::to_string(dim) + " but tensor has no dimensions");
  return p->sizes[wrap_dim(dim, p->dims)];
}
IntArrayRef Tensor::sizes() const { return IntArrayRef(need(*this)->sizes, impl(*this)->dims); }
std::int64_t Tensor::stride(std::int64_t dim) const {
  const TensorImpl *const p = need(*this);
  if (p->dims == 0)
    throw IndexError("Dimension specified as " + std::to_string(dim) + " but tensor has no dimensions");
  return p->strides[wrap_dim(dim, p->dims)];
}
IntArrayRef Tensor::strides() const { return IntArrayRef(need(*this)->strides, impl(*this)->dims); }
std::int64_t Tensor::storage_offset() const { return need(*this)->offset(); }
bool Tensor::is_contiguous() const { return need(*this)->contiguous; }
ScalarType Tensor::scalar_type() const { return need(*this)->dtype; }
TensorOptions Tensor::options() const { return TensorOptions(need(*this)->dtype); }
bool Tensor::is_alias_of(const Tensor &other) const { return need(*this)->storage == need(other)->storage; }
namespace {
/// From now on the memory may change unseen: nothing may wait to read it.
void *exposed(const TensorImpl *p) {
  settle(p->storage);
  p->storage->exposed = true;
  return p->data;
}
} // namespace

void *Tensor::data_ptr() const { return exposed(need(*this)); }

void *Tensor::checked_data(ScalarType expected) const {
  const TensorImpl *const p = need(*this);
  if (p->dtype != expected)
    throw TypeError("expected scalar type " + std::string(nabla::to_string(expected)) + " but found " +
                    nabla::to_string(p->dtype));
  return exposed(p);
}

void *Tensor::checked_accessor(ScalarType expected, std::size_t dims) const {
  if (need(*this)->dims != dims)
    throw ShapeError("TensorAccessor expected " + std::to_string(dims) + " dims but tensor has " +
                     std::to_string(impl(*this)->dims));
  return checked_data(expected);
}

Scalar Tensor::item() const {
  const TensorImpl *const p = need(*this);
  if (p->numel != 1)
    throw ValueError("a Tensor with " + std::to_string(p->numel) + " elements cannot be converted to Scalar");
  switch (p->dtype) {
  case ScalarType::Bool:
    return *static_cast<bool *>(p->data);
  case ScalarType::Int:
    return *static_cast<std::int32_t *>(p->data);
  case ScalarType::Long:
    return *static_cast<std::int64_t *>(p->data);
  case ScalarType::Float:
    return *static_cast<float *>(p->data);
  case ScalarType::Double:
    return *static_cast<double *>(p->data);
  }
  return 0;
}

bool Tensor::is_nonzero() const {
  const std::int64_t n = numel();
  if (n == 0)
    throw ValueError("Boolean value of Tensor with no values is ambiguous");
  if (n > 1)
    throw ValueError("Boolean value of Tensor with more than one value is ambiguous");
  return item().to_double() != 0;
}

std::string Tensor::toString() const {
  return defined() ? "CPU" + std::string(nabla::to_string(scalar_type())) + "Type" : "UndefinedType";
}

// ---- Copies and casts ----

namespace {
void pass_backward(Sweep &s) { s.give(0, s.grad()); }
struct Type {
  ScalarType type;
};
void cast_backward(Sweep &s) { s.give(0, s.grad().to(s.attribute<Type>().type)); }
// primal: self = src    adjoint: src_bar += self_bar; self's former value gets none
void copy_backward(Sweep &s) {
  if (s.wants(1))
    s.give(1, s.grad());
}
void fill_backward(Sweep &s) {
  if (s.wants(1))
    s.give(1, s.grad().sum());
}
} // namespace

Tensor Tensor::clone() const {
  need(*this);
  Tensor r = make_like(*this);
  kernels::copy(detail::view(r), detail::view(*this));
  if (recording(*this)) {
    Recorder rec("CloneBackward0", pass_backward, {this});
    rec.finish(r);
  }
  return r;
}

Tensor Tensor::contiguous() const { return need(*this)->contiguous ? *this : clone(); }

Tensor Tensor::to(ScalarType type) const {
  if (need(*this)->dtype == type)
    return *this;
  Tensor r = cast(*this, type);
  if (is_floating(type) && recording(*this)) {
    const Type from{impl(*this)->dtype};
    Recorder rec("ToCopyBackward0", cast_backward, {this}, 0, &from);
    rec.finish(r);
  }
  return r;
}

namespace {

/// The new history of self, whose elements have been written: `rec` for a tensor of its own, CopySlices for a view.
void write_history(const Tensor &self, Recorder &rec) {
  TensorImpl *const p = impl(self);
  const bool retained = p->retains_grad;
  if (retained)
    forget_retained(p);
  Node *const old = p->grad_fn;
  p->grad_fn = nullptr;
  rec.finish(self);
  p->storage->writer = rec.node()->name_;
  if (old)
    static_cast<void>(NodeRef::adopt(old));
  if (retained)
    self.retain_grad();
}

/// After self was written from src (its shape may broadcast).
void record_written(const Tensor &self, const Tensor &src) {
  TensorImpl *const p = impl(self);
  if (p->base) {
    record_copy_slices(self, src);
    return;
  }
  Recorder rec("CopyBackwards", copy_backward, {&self, &src});
  write_history(self, rec);
}

} // namespace

const Tensor &Tensor::copy_(const Tensor &source) const {
  TensorImpl *const p = need(*this);
  need(source);
  if (impl(source) == p)
    return *this;
  const bool recorded = recording(*this, source) && is_floating(p->dtype);
  check_inplace(*this, recorded);
  if (!expandable(source.sizes(), sizes()))
    throw ShapeError(
        "The expanded size of the tensor must match the existing size: cannot copy a tensor of shape " +
        shape_text(source.sizes()) + " into one of shape " + shape_text(sizes()));
  const Tensor from = impl(source)->storage == p->storage ? source.detach().clone() : source; // may overlap
  kernels::copy(detail::view(*this), detail::view(from));
  p->bump();
  if (recorded)
    record_written(*this, source);
  return *this;
}

const Tensor &Tensor::fill_(Scalar value) const {
  TensorImpl *const p = need(*this);
  const bool recorded = recording(*this) && is_floating(p->dtype);
  check_inplace(*this, recorded);
  const kernels::Constant c = value.is_real() ? kernels::Constant(value.to_double(), p->dtype)
                                              : kernels::Constant(value.to_long(), p->dtype);
  kernels::fill(detail::view(*this), c);
  p->bump();
  if (!recorded)
    return *this;
  if (p->base) {
    record_copy_slices(*this, Tensor());
  } else {
    const Tensor none;
    Recorder rec("FillBackward0", fill_backward, {this, &none});
    write_history(*this, rec);
  }
  return *this;
}

const Tensor &Tensor::fill_(const Tensor &value) const {
  if (value.dim() != 0)
    throw ShapeError("fill_ only supports 0-dimension value tensor but got tensor with " +
                     std::to_string(value.dim()) + " dimensions.");
  return copy_(value);
}

// ---- Arithmetic in place ----

const Tensor &Tensor::add_(const Tensor &other, Scalar alpha) const {
  const bool recorded = recording(*this, other);
  check_inplace(*this, recorded);
  if (recorded)
    return assign(*this, add(other, alpha));
  if (add_pending_outer(*this, other, alpha.to_double()))
    return impl(*this)->bump(), *this;
  if (alpha.to_double() == 1)
    return update(Binary::Add, *this, other);
  if (impl(other)->dtype == impl(*this)->dtype && is_floating(impl(other)->dtype) &&
      expandable(other.sizes(), sizes()) &&
      (impl(other)->storage != impl(*this)->storage || is_same(other))) {
    kernels::add_scaled(detail::view(*this), detail::view(*this), detail::view(other), alpha.to_double());
    impl(*this)->bump();
    return *this;
  }
  return assign(*this, add(other, alpha));
}

const Tensor &Tensor::sub_(const Tensor &other, Scalar alpha) const {
  const bool recorded = recording(*this, other);
  check_inplace(*this, recorded);
  if (recorded || alpha.to_double() != 1)
    return assign(*this, sub(other, alpha));
  return update(Binary::Sub, *this, other);
}

const Tensor &Tensor::add_(Scalar other, Scalar alpha) const {
  const bool recorded = recording(*this);
  check_inplace(*this, recorded);
  return recorded || alpha.to_double() != 1 ? assign(*this, add(other, alpha))
                                            : update(Binary::Add, *this, other);
}

const Tensor &Tensor::sub_(Scalar other, Scalar alpha) const {
  const bool recorded = recording(*this);
  check_inplace(*this, recorded);
  return recorded || alpha.to_double() != 1 ? assign(*this, sub(other, alpha))
                                            : update(Binary::Sub, *this, other);
}

const Tensor &Tensor::mul_(const Tensor &other) const {
  const bool recorded = recording(*this, other);
  check_inplace(*this, recorded);
  if (!recorded)
    return update(Binary::Mul, *this, other);
  const Tensor before = recording(other) ? snapshot(*this) : *this;
  return assign(*this, before.mul(is_same(other) ? before : other));
}

const Tensor &Tensor::mul_(Scalar other) const {
  const bool recorded = recording(*this);
  check_inplace(*this, recorded);
  return recorded ? assign(*this, mul(other)) : update(Binary::Mul, *this, other);
}

const Tensor &Tensor::div_(const Tensor &other) const {
  const bool recorded = recording(*this, other);
  check_inplace(*this, recorded);
  return recorded ? assign(*this, div(is_same(other) ? snapshot(other) : other))
                  : update(Binary::Div, *this, other);
}

const Tensor &Tensor::div_(Scalar other) const {
  const bool recorded = recording(*this);
  check_inplace(*this, recorded);
  return recorded ? assign(*this, div(other)) : update(Binary::Div, *this, other);
}

namespace {
/// self = f(self) where f saves its argument.
template <class F> const Tensor &through(const Tensor &self, bool recorded, F f) {
  check_inplace(self, recorded);
  return assign(self, f(recorded ? snapshot(self) : self));
}
} // namespace

const Tensor &Tensor::pow_(Scalar exponent) const {
  return through(*this, recording(*this), [&](const Tensor &t) { return t.pow(exponent); });
}
const Tensor &Tensor::clamp_(std::optional<Scalar> min, std::optional<Scalar> max) const {
  return through(*this, recording(*this), [&](const Tensor &t) { return t.clamp(min, max); });
}
const Tensor &Tensor::lerp_(const Tensor &end, Scalar weight) const {
  return through(*this, recording(*this, end), [&](const Tensor &t) { return t.lerp(end, weight); });
}
const Tensor &Tensor::addcmul_(const Tensor &a, const Tensor &b, Scalar value) const {
  return through(*this, recording(*this, a, b), [&](const Tensor &t) { return t.addcmul(a, b, value); });
}
const Tensor &Tensor::addcdiv_(const Tensor &a, const Tensor &b, Scalar value) const {
  return through(*this, recording(*this, a, b), [&](const Tensor &t) { return t.addcdiv(a, b, value); });
}

} // namespace nabla
