// Matrix products and what is built from them: mm, mv, dot, bmm, matmul, addmm, outer, trace. Transposes are views that the kernels read
// as they are, so the backward of a product is two products and no copy.
#include "ops_matmul.h"
#include "lazy.h"
#include "node.h"

namespace nabla {
namespace detail {

namespace {

std::string by_text(const Tensor &t) { return std::to_string(t.size(0)) + "x" + std::to_string(t.size(1)); }

void need_same_type(const Tensor &a, const Tensor &b) {
  if (a.scalar_type() != b.scalar_type())
    throw TypeError(std::string("expected scalar type ") + to_string(a.scalar_type()) + " but found " +
                    to_string(b.scalar_type()));
  if (a.scalar_type() == ScalarType::Bool)
    throw TypeError("\"addmm_impl_cpu_\" not implemented for 'Bool'");
}

struct Order {
  bool second_by_columns; ///< b was a transposed view
};
// primal: r = a b    adjoint: a_bar += r_bar b^T, b_bar += a^T r_bar
void mm_backward(Sweep &s) {
  if (s.wants(0))
    s.give(0, s.grad().mm(s.saved(1).t()));
  if (s.wants(1)) {
    // a transposed b gets its gradient in the same order, so that the transpose back is row-major: no copy where it ends
    const Tensor a = s.saved(0);
    s.give(1, s.attribute<Order>().second_by_columns ? s.grad().t().mm(a).t() : a.t().mm(s.grad()));
  }
}

// primal: r = a x    adjoint: a_bar += r_bar x^T, x_bar += a^T r_bar
void mv_backward(Sweep &s) {
  if (s.wants(0))
    s.give(0, s.grad().outer(s.saved(1)));
  if (s.wants(1))
    s.give(1, s.saved(0).t().mv(s.grad()));
}

// primal: r = sum x y    adjoint: x_bar += r_bar y, y_bar += r_bar x
void dot_backward(Sweep &s) {
  if (s.wants(0))
    s.give(0, s.grad() * s.saved(1));
  if (s.wants(1))
    s.give(1, s.grad() * s.saved(0));
}

void batched_backward(Sweep &s) {
  if (s.wants(0))
    s.give(0, batched_mm(s.grad(), s.saved(1).transpose(-2, -1)));
  if (s.wants(1))
    s.give(1, batched_mm(s.saved(0).transpose(-2, -1), s.grad()));
}

struct Factors {
  double beta, alpha;
};
Tensor times(const Tensor &t, double factor) { return factor == 1 ? t : t * factor; }

// primal: r = beta c + alpha a b    adjoint: c_bar += beta r_bar, a_bar += alpha r_bar b^T, b_bar += alpha a^T r_bar
void addmm_backward(Sweep &s) {
  const Factors &f = s.attribute<Factors>();
  if (s.wants(0))
    s.give(0, times(s.grad(), f.beta));
  if (s.wants(1))
    s.give(1, times(s.grad().mm(s.saved(1).t()), f.alpha));
  if (s.wants(2))
    s.give(2, times(s.saved(0).t().mm(s.grad()), f.alpha));
}

void unsafe_view_backward(Sweep &s) { s.give(0, s.grad().reshape(s.attribute<Dims>())); }

struct Shape2 {
  std::int64_t rows, columns;
};
// primal: r = sum of a's diagonal    adjoint: a_bar += r_bar on the diagonal
void trace_backward(Sweep &s) {
  const Shape2 &shape = s.attribute<Shape2>();
  s.give(0, s.grad() * eye(shape.rows, shape.columns, s.result().dtype));
}

void need_product(const Tensor &a, const Tensor &b) {
  if (a.size(1) != b.size(0))
    throw ShapeError("mat1 and mat2 shapes cannot be multiplied (" + by_text(a) + " and " + by_text(b) + ")");
  need_same_type(a, b);
}

} // namespace

Tensor batched_mm(const Tensor &a, const Tensor &b) {
  Dims sizes = sizes_of(a);
  sizes[sizes.count - 1] = impl(b)->sizes[sizes.count - 1];
  Tensor r = make(sizes, a.scalar_type());
  kernels::batched_gemm(view(r), view(a), view(b));
  if (recording(a, b)) {
    Recorder rec("BmmBackward0", batched_backward, {&a, &b}, 2);
    if (rec.needs(1))
      rec.save(0, a);
    if (rec.needs(0))
      rec.save(1, b);
    rec.finish(r);
  }
  return r;
}

/// The same elements under other sizes, for a result that nobody else holds.
Tensor unsafe_view(const Tensor &t, const Dims &sizes) {
  Tensor r = alias(t, sizes, contiguous_strides(sizes), 0);
  if (recording(t)) {
    const Dims before = sizes_of(t);
    Recorder rec("UnsafeViewBackward0", unsafe_view_backward, {&t}, 0, &before);
    rec.finish(r);
  }
  return r;
}

namespace {

/// [.., n, k] times [k, m] as one product of [.. n, k].
Tensor folded(const Tensor &a, const Tensor &b) {
  Dims sizes = sizes_of(a);
  sizes[sizes.count - 1] = b.size(1);
  return unsafe_view(a.reshape({-1, a.size(-1)}).mm(b), sizes);
}

/// Leading dimensions broadcast, without copies.
Tensor broadcast_product(const Tensor &a, const Tensor &b) {
  const Dims sa = sizes_of(a), sb = sizes_of(b);
  if (sa[sa.count - 1] != sb[sb.count - 2])
    throw ShapeError("Expected size for first two dimensions of batch2 tensor to be: " +
                     shape_text({sa.count > 2 ? sa[0] : 1, sa[sa.count - 1]}) +
                     " but got: " + shape_text({sb.count > 2 ? sb[0] : 1, sb[sb.count - 2]}) + ".");
  need_same_type(a, b);
  Dims batch = broadcast(IntArrayRef(sa.at, static_cast<std::size_t>(sa.count - 2)),
                         IntArrayRef(sb.at, static_cast<std::size_t>(sb.count - 2)));
  Dims wide_a = batch, wide_b = batch;
  wide_a.push(sa[sa.count - 2]), wide_a.push(sa[sa.count - 1]);
  wide_b.push(sb[sb.count - 2]), wide_b.push(sb[sb.count - 1]);
  return batched_mm(a.expand(wide_a), b.expand(wide_b));
}

} // namespace
} // namespace detail

using namespace detail;

Tensor Tensor::mm(const Tensor &other) const {
  if (need(*this)->dims != 2)
    throw ShapeError("self must be a matrix");
  if (need(other)->dims != 2)
    throw ShapeError("mat2 must be a matrix");
  need_product(*this, other);
  Tensor r = size(1) == 1 ? postponed_outer(*this, other) : Tensor();
  if (!r.defined()) {
    const std::int64_t sizes[2] = {size(0), other.size(1)};
    r = make(sizes, 2, scalar_type());
    kernels::gemm(detail::view(r), detail::view(*this), detail::view(other));
  }
  if (recording(*this, other)) {
    const Order order{impl(other)->strides[0] == 1 && impl(other)->strides[1] == other.size(0) &&
                      other.size(0) > 1};
    Recorder rec("MmBackward0", mm_backward, {this, &other}, 2, &order);
    if (rec.needs(1))
      rec.save(0, *this);
    if (rec.needs(0))
      rec.save(1, other);
    rec.finish(r);
  }
  return r;
}

Tensor Tensor::mv(const Tensor &vector) const {
  if (need(*this)->dims != 2 || need(vector)->dims != 1)
    throw ShapeError("vector + matrix @ vector expected, got " + std::to_string(1) + ", " +
                     std::to_string(dim()) + ", " + std::to_string(vector.dim()));
  if (size(1) != vector.size(0))
    throw ShapeError("size mismatch, got " + std::to_string(size(0)) + ", " + by_text(*this) + "," +
                     std::to_string(vector.size(0)));
  need_same_type(*this, vector);
  const std::int64_t n = size(0);
  Tensor r = make(&n, 1, scalar_type());
  kernels::gemv(detail::view(r), detail::view(*this), detail::view(vector));
  if (recording(*this, vector)) {
    Recorder rec("MvBackward0", mv_backward, {this, &vector}, 2);
    rec.save(0, *this);
    rec.save(1, vector);
    rec.finish(r);
  }
  return r;
}

Tensor Tensor::dot(const Tensor &other) const {
  if (need(*this)->dims != 1 || need(other)->dims != 1)
    throw ShapeError("1D tensors expected, but got " + std::to_string(dim()) + "D and " +
                     std::to_string(other.dim()) + "D tensors");
  if (scalar_type() != other.scalar_type())
    throw TypeError(std::string("dot : expected both vectors to have same dtype, but found ") +
                    to_string(scalar_type()) + " and " + to_string(other.scalar_type()));
  if (size(0) != other.size(0))
    throw ShapeError("inconsistent tensor size, expected tensor " + shape_text(sizes()) + " and src " +
                     shape_text(other.sizes()) + " to have the same number of elements, but got " +
                     std::to_string(size(0)) + " and " + std::to_string(other.size(0)) +
                     " elements respectively");
  need_same_type(*this, other);
  Tensor r = make(nullptr, 0, scalar_type());
  kernels::dot(detail::view(r), detail::view(*this), detail::view(other));
  if (recording(*this, other)) {
    Recorder rec("DotBackward0", dot_backward, {this, &other}, 2);
    rec.save(0, *this);
    rec.save(1, other);
    rec.finish(r);
  }
  return r;
}

Tensor Tensor::bmm(const Tensor &other) const {
  if (need(*this)->dims != 3)
    throw ShapeError("batch1 must be a 3D tensor");
  if (need(other)->dims != 3)
    throw ShapeError("batch2 must be a 3D tensor");
  if (size(0) != other.size(0) || size(2) != other.size(1))
    throw ShapeError(
        "Expected size for first two dimensions of batch2 tensor to be: " + shape_text({size(0), size(2)}) +
        " but got: " + shape_text({other.size(0), other.size(1)}) + ".");
  need_same_type(*this, other);
  return batched_mm(*this, other);
}

Tensor Tensor::matmul(const Tensor &other) const {
  const int a = need(*this)->dims, b = need(other)->dims;
  if (a == 0 || b == 0)
    throw ShapeError("both arguments to matmul need to be at least 1D, but they are " + std::to_string(a) +
                     "D and " + std::to_string(b) + "D");
  if (a == 1 && b == 1)
    return dot(other);
  if (a == 2 && b == 1)
    return mv(other);
  if (a == 1 && b == 2)
    return unsqueeze(0).mm(other).squeeze(0);
  if (a == 2 && b == 2)
    return mm(other);
  if (b == 1)
    return folded(*this, other.unsqueeze(1)).squeeze(-1);
  if (a == 1)
    return broadcast_product(unsqueeze(0), other).squeeze(-2);
  if (b == 2)
    return folded(*this, other);
  return broadcast_product(*this, other);
}

Tensor Tensor::outer(const Tensor &other) const {
  if (need(*this)->dims != 1)
    throw ShapeError("outer: Expected 1-D argument self, but got " + std::to_string(dim()) + "-D");
  if (need(other)->dims != 1)
    throw ShapeError("outer: Expected 1-D argument vec2, but got " + std::to_string(other.dim()) + "-D");
  return unsqueeze(1) * other;
}

Tensor Tensor::addmm(const Tensor &a, const Tensor &b, Scalar beta, Scalar alpha) const {
  need(*this);
  if (need(a)->dims != 2)
    throw ShapeError("mat1 must be a matrix, got " + std::to_string(a.dim()) + "-D tensor");
  if (need(b)->dims != 2)
    throw ShapeError("mat2 must be a matrix, got " + std::to_string(b.dim()) + "-D tensor");
  need_product(a, b);
  need_same_type(a, *this);
  const std::int64_t sizes[2] = {a.size(0), b.size(1)};
  if (!expandable(this->sizes(), IntArrayRef(sizes, 2)))
    throw ShapeError("The expanded size of the tensor " + shape_text(IntArrayRef(sizes, 2)) +
                     " does not fit the input " + shape_text(this->sizes()) + " of addmm");
  Tensor r = make(sizes, 2, a.scalar_type());
  const Factors f{beta.to_double(), alpha.to_double()};
  if (f.beta != 0)
    kernels::copy(detail::view(r), detail::view(*this));
  kernels::gemm(detail::view(r), detail::view(a), detail::view(b), f.alpha, f.beta);
  if (recording(*this, a, b)) {
    Recorder rec("AddmmBackward0", addmm_backward, {this, &a, &b}, 2, &f);
    if (rec.needs(2))
      rec.save(0, a);
    if (rec.needs(1))
      rec.save(1, b);
    rec.finish(r);
  }
  return r;
}

Tensor Tensor::trace() const {
  if (need(*this)->dims != 2)
    throw ShapeError("trace: expected a matrix, but got tensor with dim " + std::to_string(dim()));
  Tensor r;
  {
    NoGradGuard no_history;
    r = diagonal().sum();
  }
  if (recording(*this)) {
    const Shape2 shape{size(0), size(1)};
    Recorder rec("TraceBackward0", trace_backward, {this}, 0, &shape);
    rec.finish(r);
  }
  return r;
}

} // namespace nabla
