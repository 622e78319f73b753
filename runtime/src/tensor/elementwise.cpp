// Elementwise arithmetic without history, and writing in place with it.
#include "elementwise.h"

#include "extra.h"
#include "geometry.h"
#include "lazy.h"

namespace nabla::detail {

namespace {

bool is_predicate(Binary op) { return op >= Binary::Eq; }

template <class T> T small(Binary op, T a, T b) {
  switch (op) {
  case Binary::Add:
    return a + b;
  case Binary::Sub:
    return a - b;
  case Binary::Mul:
    return a * b;
  case Binary::Div:
    return a / b;
  default:
    return kernels::binary(op, a, b);
  }
}

/// One number by one number: most of what scalar code does.
Tensor one(Binary op, const Tensor &shape, const TensorImpl *x, const TensorImpl *y) {
  Tensor r = make_like(shape);
  if (x->dtype == ScalarType::Float)
    *static_cast<float *>(impl(r)->data) =
        small(op, *static_cast<float *>(x->data), *static_cast<float *>(y->data));
  else
    *static_cast<double *>(impl(r)->data) =
        small(op, *static_cast<double *>(x->data), *static_cast<double *>(y->data));
  return r;
}

ScalarType compute_type(Binary op, ScalarType promoted) {
  if ((op == Binary::Div || op == Binary::Atan2 || op == Binary::Hypot || op == Binary::CopySign) &&
      !is_floating(promoted))
    return get_default_dtype();
  return promoted;
}

void check_bool(Binary op, ScalarType type) {
  if (type == ScalarType::Bool && op == Binary::Sub)
    throw TypeError("Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or "
                    "`logical_xor()` operator instead.");
  if (type == ScalarType::Bool &&
      (op == Binary::Remainder || op == Binary::Fmod || op == Binary::FloorDiv || op == Binary::Pow))
    throw TypeError("this operator is not defined for bool tensors; convert one to a number type with to()");
}

/// kernels throw std::domain_error for an integer division by zero.
template <class F> void guarded_call(F f) {
  try {
    f();
  } catch (const std::domain_error &) {
    throw Error("ZeroDivisionError");
  }
}

} // namespace

Tensor compute(Binary op, const Tensor &a, const Tensor &b) {
  const TensorImpl *const x = need(a), *const y = need(b);
  if (x->numel == 1 && y->numel == 1 && x->dtype == y->dtype && is_floating(x->dtype) && !is_predicate(op))
    return one(op, x->dims >= y->dims ? a : b, x, y);
  const ScalarType type =
      x->dtype == y->dtype ? compute_type(op, x->dtype) : compute_type(op, result_type(a, b));
  check_bool(op, type);
  const ScalarType out = is_predicate(op) ? ScalarType::Bool : type;
  const Tensor ca = cast(a, type), cb = cast(b, type);
  if (is_floating(out) && (x->numel >= lazy_least || y->numel >= lazy_least))
    if (Tensor later = postponed(op, ca, cb); later.defined())
      return later;
  Tensor r = same_sizes(x, y) ? make_like(a, out) : make(broadcast(a.sizes(), b.sizes()), out);
  guarded_call([&] { kernels::binary(op, view(r), view(ca), view(cb)); });
  return r;
}

Tensor compute(Binary op, const Tensor &a, Scalar b) {
  const TensorImpl *const x = need(a);
  if (x->numel == 1 && !is_predicate(op)) {
    if (x->dtype == ScalarType::Float) {
      Tensor r = make_like(a);
      *static_cast<float *>(impl(r)->data) =
          small(op, *static_cast<float *>(x->data), static_cast<float>(b.to_double()));
      return r;
    }
    if (x->dtype == ScalarType::Double) {
      Tensor r = make_like(a);
      *static_cast<double *>(impl(r)->data) = small(op, *static_cast<double *>(x->data), b.to_double());
      return r;
    }
  }
  const ScalarType type = compute_type(op, result_type(a, b));
  check_bool(op, type);
  const Tensor ca = cast(a, type);
  if (x->numel >= lazy_least && is_floating(type) && !is_predicate(op))
    if (Tensor later = postponed(op, ca, b.to_double()); later.defined())
      return later;
  Tensor r = make_like(a, is_predicate(op) ? ScalarType::Bool : type);
  const kernels::Constant cb =
      b.is_real() ? kernels::Constant(b.to_double(), type) : kernels::Constant(b.to_long(), type);
  guarded_call([&] { kernels::binary(op, view(r), view(ca), cb); });
  return r;
}

Tensor compute(Unary op, const Tensor &x, bool floating) {
  const TensorImpl *const p = need(x);
  if (p->numel == 1 && op < Unary::BitwiseNot) {
    if (p->dtype == ScalarType::Float) {
      Tensor r = make_like(x);
      *static_cast<float *>(impl(r)->data) = kernels::unary(op, *static_cast<float *>(p->data));
      return r;
    }
    if (p->dtype == ScalarType::Double) {
      Tensor r = make_like(x);
      *static_cast<double *>(impl(r)->data) = kernels::unary(op, *static_cast<double *>(p->data));
      return r;
    }
  }
  const bool predicate = op >= Unary::LogicalNot;
  if (p->dtype == ScalarType::Bool && !floating && !predicate && op != Unary::BitwiseNot)
    throw TypeError("this operation is not supported for bool tensors; convert to a number type with to()");
  const ScalarType type = floating && !is_floating(p->dtype) ? get_default_dtype() : p->dtype;
  const Tensor c = cast(x, type);
  if (p->numel >= lazy_least && is_floating(type) && !predicate)
    if (Tensor later = postponed(op, c); later.defined())
      return later;
  Tensor r = make_like(x, predicate ? ScalarType::Bool : type);
  kernels::unary(op, view(r), view(c));
  return r;
}

// ---- In place ----

namespace {

[[noreturn]] void refuse_view(const TensorImpl *p) {
  if (p->creation == Creation::MultiOutput)
    throw AutogradError("Output " + std::to_string(p->output_nr) + " of " +
                        (p->grad_fn ? p->grad_fn->name() : std::string("a function")) +
                        " is a view and is being modified inplace. This view is the output of a function "
                        "that returns multiple views. Such "
                        "functions do not allow the output views to be modified inplace. You should replace "
                        "the inplace operation by an "
                        "out-of-place one.");
  throw AutogradError("A view was created in no_grad mode and is being modified inplace with grad mode "
                      "enabled. Given that this use case is "
                      "ambiguous and error-prone, it is forbidden. You can clarify your code by moving both "
                      "the view and the inplace either "
                      "both inside the no_grad block (if you don't want the inplace to be tracked) or both "
                      "outside (if you want the inplace "
                      "to be tracked).");
}

} // namespace

void check_no_overlap(const Tensor &t) {
  const TensorImpl *const p = impl(t);
  if (p->contiguous)
    return;
  for (int i = 0; i < p->dims; ++i)
    if (p->sizes[i] > 1 && p->strides[i] == 0)
      throw Error("unsupported operation: more than one element of the written-to tensor refers to a single "
                  "memory location. Please "
                  "clone() the tensor before performing the operation.");
  if (overlaps(sizes_of(t), strides_of(t)))
    throw Error("unsupported operation: more than one element of the written-to tensor refers to a single "
                "memory location. Please "
                "clone() the tensor before performing the operation.");
}

void check_inplace(const Tensor &t, bool recorded) {
  TensorImpl *const p = need(t);
  settle(p->storage);
  check_no_overlap(t);
  if (p->inference && !mode.inference)
    throw AutogradError(
        "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get "
        "a normal tensor "
        "before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details.");
  if (!mode.no_grad && p->base && p->creation == Creation::NoGrad && grad_fn_of(p->base))
    refuse_view(p); // the base's history would not learn of it
  if (!recorded)
    return;
  if (p->base) {
    if (p->creation != Creation::Normal)
      refuse_view(p);
    if (p->base->requires_grad && !grad_fn_of(p->base))
      throw AutogradError(
          "a view of a leaf Variable that requires grad is being used in an in-place operation.");
  }
  if (p->requires_grad && !grad_fn_of(p))
    throw AutogradError("a leaf Variable that requires grad is being used in an in-place operation.");
}

Tensor snapshot(const Tensor &self) {
  Tensor r = make_like(self);
  kernels::copy(view(r), view(self));
  if (Node *const n = grad_fn_of(impl(self))) {
    n->count_.add();
    impl(r)->grad_fn = n;
    impl(r)->output_nr = impl(self)->output_nr;
  }
  return r;
}

namespace {

int category(ScalarType t) { return t == ScalarType::Bool ? 0 : is_floating(t) ? 2 : 1; }

void check_result(const TensorImpl *self, IntArrayRef result_sizes, ScalarType type) {
  const IntArrayRef sizes(self->sizes, self->dims);
  if (!sizes.equals(result_sizes))
    throw ShapeError("output with shape " + shape_text(sizes) + " doesn't match the broadcast shape " +
                     shape_text(result_sizes));
  if (category(type) > category(self->dtype))
    throw TypeError("result type " + std::string(to_string(type)) +
                    " can't be cast to the desired output type " + to_string(self->dtype));
}

/// History of a tensor that has just been written from a result with this node.
void rebase(const Tensor &self, Node *node, std::uint32_t output_nr) {
  TensorImpl *const p = impl(self);
  const bool retained = p->retains_grad;
  if (retained)
    forget_retained(p);
  Node *const old = p->grad_fn;
  node->count_.add();
  p->grad_fn = node;
  p->output_nr = output_nr;
  if (old)
    static_cast<void>(NodeRef::adopt(old));
  if (retained)
    self.retain_grad();
}

} // namespace

const Tensor &assign(const Tensor &self, const Tensor &result) {
  TensorImpl *const p = impl(self), *const q = impl(result);
  check_result(p, result.sizes(), q->dtype);
  if (q->grad_fn && (p->base || q->dtype != p->dtype))
    return self.copy_(result); // its node writes into the base's history, and casts
  kernels::copy(view(self), view(result));
  p->bump();
  if (q->grad_fn) {
    rebase(self, q->grad_fn, q->output_nr);
    if (auto *const op = dynamic_cast<OpNode *>(q->grad_fn))
      p->storage->writer = op->name_;
  }
  return self;
}

const Tensor &update(Binary op, const Tensor &self, const Tensor &b) {
  TensorImpl *const p = impl(self);
  const TensorImpl *const y = need(b);
  if (p->numel == 1 && y->numel == 1 && p->dtype == y->dtype && p->dims >= y->dims) {
    if (p->dtype == ScalarType::Float) {
      *static_cast<float *>(p->data) =
          small(op, *static_cast<float *>(p->data), *static_cast<float *>(y->data));
      return p->bump(), self;
    }
    if (p->dtype == ScalarType::Double) {
      *static_cast<double *>(p->data) =
          small(op, *static_cast<double *>(p->data), *static_cast<double *>(y->data));
      return p->bump(), self;
    }
  }
  const ScalarType type = compute_type(op, result_type(self, b));
  check_bool(op, type);
  check_result(p, broadcast(self.sizes(), b.sizes()), type);
  const bool shares = y->storage == p->storage && impl(b) != p; // another window on the same memory
  if (type != p->dtype || shares)
    return assign(self, compute(op, self, b));
  const Tensor cb = cast(b, type);
  guarded_call([&] { kernels::binary(op, view(self), view(self), view(cb)); });
  return p->bump(), self;
}

const Tensor &update(Binary op, const Tensor &self, Scalar b) {
  TensorImpl *const p = impl(self);
  const ScalarType type = compute_type(op, result_type(self, b));
  check_bool(op, type);
  check_result(p, self.sizes(), type);
  if (type != p->dtype)
    return assign(self, compute(op, self, b));
  const kernels::Constant cb =
      b.is_real() ? kernels::Constant(b.to_double(), type) : kernels::Constant(b.to_long(), type);
  guarded_call([&] { kernels::binary(op, view(self), view(self), cb); });
  return p->bump(), self;
}

} // namespace nabla::detail
