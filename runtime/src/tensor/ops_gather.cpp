// Reading and writing along one dimension by an index tensor: gather, scatter, index_select, index_add, take.
#include "node.h"

namespace nabla {
namespace detail {
namespace {

/// dim, and the sizes of the tensor that gets the gradient.
struct AlongSizes {
  int dim;
  Dims sizes;
};

Tensor long_index(const Tensor &index, const char *function) {
  const ScalarType type = need(index)->dtype;
  if (type != ScalarType::Long && type != ScalarType::Int)
    throw TypeError(std::string(function) + "(): Expected dtype int64 for index");
  return cast(index, ScalarType::Long);
}

void check(const kernels::BadIndex &bad, const Tensor &x, int dim) {
  if (!bad.ok())
    throw IndexError("index " + std::to_string(bad.value) + " is out of bounds for dimension " +
                     std::to_string(dim) + " with size " + std::to_string(x.dim() ? x.size(dim) : 1));
}

/// Dimensions match, and index fits into x apart from dim (and into source everywhere).
void need_fit(const Tensor &x, int dim, const Tensor &index, const Tensor &source, const char *function) {
  const int n = x.dim() ? static_cast<int>(x.dim()) : 1;
  auto dims_of = [](const Tensor &t) { return t.dim() ? static_cast<int>(t.dim()) : 1; };
  if (dims_of(index) != n)
    throw ShapeError("Index tensor must have the same number of dimensions as " +
                     std::string(function[0] == 'g' ? "input" : "self") + " tensor");
  if (source.defined() && dims_of(source) != n)
    throw ShapeError("Index tensor must have the same number of dimensions as src tensor");
  for (int d = 0; d < n; ++d) {
    auto at = [&](const Tensor &t) { return t.dim() ? t.size(d) : 1; };
    if ((d != dim && at(index) > at(x)) || (source.defined() && at(index) > at(source)))
      throw ShapeError(
          "Size does not match at dimension " + std::to_string(d) + " expected index " +
          shape_text(index.sizes()) + " to be smaller than self " + shape_text(x.sizes()) +
          " apart from dimension " + std::to_string(dim) +
          (source.defined() ? " and to be smaller size than src " + shape_text(source.sizes()) : ""));
  }
}

/// t in the leading corner of zeros.
Tensor padded(const Tensor &t, const Dims &sizes) {
  if (same_sizes(t.sizes(), sizes))
    return t;
  Tensor r = zeros(sizes, t.scalar_type());
  Tensor corner = r;
  for (int d = 0; d < sizes.count; ++d)
    corner = corner.narrow(d, 0, t.size(d));
  corner.copy_(t);
  return r;
}

// primal: r = x at index along dim    adjoint: x_bar at index += r_bar
void gather_backward(Sweep &s) {
  const AlongSizes &a = s.attribute<AlongSizes>();
  s.give(0, zeros(a.sizes, s.result().dtype).scatter_add(a.dim, s.saved(0), s.grad()));
}

// primal: r = x, r at index = source    adjoint: x_bar += r_bar with zeros at index, source_bar += r_bar at index
void scatter_backward(Sweep &s) {
  const AlongSizes &a = s.attribute<AlongSizes>();
  const Tensor index = s.saved(0);
  if (s.wants(0))
    s.give(0, s.grad().scatter(a.dim, index, zeros(index.sizes(), s.result().dtype)));
  if (s.wants(1)) {
    // where several elements meant one place, the last one was kept: only that one gets the gradient
    const Tensor number = arange(index.numel()).reshape(index.sizes());
    const Tensor winner =
        zeros(IntArrayRef(s.result().sizes, static_cast<std::size_t>(s.result().dims)), kLong)
            .scatter(a.dim, index, number)
            .gather(a.dim, index);
    const Tensor g =
        where(winner == number, s.grad().gather(a.dim, index), zeros(index.sizes(), s.result().dtype));
    s.give(1, padded(g, a.sizes));
  }
}

// primal: r = x, r at index += source    adjoint: x_bar += r_bar, source_bar += r_bar at index
void scatter_add_backward(Sweep &s) {
  const AlongSizes &a = s.attribute<AlongSizes>();
  if (s.wants(0))
    s.give(0, s.grad());
  if (s.wants(1))
    s.give(1, padded(s.grad().gather(a.dim, s.saved(0)), a.sizes));
}

// primal: r = slices of x    adjoint: those slices of x_bar += r_bar
void index_select_backward(Sweep &s) {
  const AlongSizes &a = s.attribute<AlongSizes>();
  s.give(0, zeros(a.sizes, s.result().dtype).index_add(a.dim, s.saved(0), s.grad()));
}
void index_add_backward(Sweep &s) {
  const AlongSizes &a = s.attribute<AlongSizes>();
  if (s.wants(0))
    s.give(0, s.grad());
  if (s.wants(1))
    s.give(1, s.grad().index_select(a.dim, s.saved(0)).reshape(a.sizes));
}

Tensor scattered(const Tensor &x, std::int64_t dim, const Tensor &index, const Tensor &source, bool add) {
  const char *name = add ? "scatter_add" : "scatter";
  const AlongSizes a{wrap_dim(dim, need(x)->dims), sizes_of(source)};
  const Tensor ix = long_index(index, name);
  if (source.scalar_type() != x.scalar_type())
    throw TypeError(std::string(name) + "(): Expected self.dtype to be equal to src.dtype");
  need_fit(x, a.dim, ix, source, name);
  Tensor r = make_like(x);
  kernels::copy(view(r), view(x));
  check(kernels::scatter(view(r), a.dim, view(ix), view(source), add), x, a.dim);
  if (recording(x, source)) {
    Recorder rec(add ? "ScatterAddBackward0" : "ScatterBackward0",
                 add ? scatter_add_backward : scatter_backward, {&x, &source}, 1, &a);
    rec.save(0, ix);
    rec.finish(r);
  }
  return r;
}

} // namespace
} // namespace detail

using namespace detail;

Tensor Tensor::gather(std::int64_t dim, const Tensor &index) const {
  const AlongSizes a{wrap_dim(dim, need(*this)->dims), sizes_of(*this)};
  const Tensor ix = long_index(index, "gather");
  need_fit(*this, a.dim, ix, Tensor(), "gather");
  Tensor r = make_like(ix, scalar_type());
  check(kernels::gather(detail::view(r), detail::view(*this), a.dim, detail::view(ix)), *this, a.dim);
  if (recording(*this)) {
    Recorder rec("GatherBackward0", gather_backward, {this}, 1, &a);
    rec.save(0, ix);
    rec.finish(r);
  }
  return r;
}

Tensor Tensor::scatter(std::int64_t dim, const Tensor &index, const Tensor &source) const {
  need(source);
  return scattered(*this, dim, index, source, false);
}
Tensor Tensor::scatter_add(std::int64_t dim, const Tensor &index, const Tensor &source) const {
  need(source);
  return scattered(*this, dim, index, source, true);
}

Tensor Tensor::index_select(std::int64_t dim, const Tensor &index) const {
  const AlongSizes a{wrap_dim(dim, need(*this)->dims), sizes_of(*this)};
  const Tensor ix = long_index(index, "index_select");
  if (ix.dim() > 1)
    throw IndexError("index_select(): Index is supposed to be a vector");
  Dims sizes = a.sizes;
  if (sizes.count)
    sizes[a.dim] = ix.numel();
  Tensor r = make(sizes, scalar_type());
  if (!kernels::index_select(detail::view(r), detail::view(*this), a.dim, detail::view(ix)).ok())
    throw IndexError("index out of range in self");
  if (recording(*this)) {
    Recorder rec("IndexSelectBackward0", index_select_backward, {this}, 1, &a);
    rec.save(0, ix);
    rec.finish(r);
  }
  return r;
}

Tensor Tensor::index_add(std::int64_t dim, const Tensor &index, const Tensor &source) const {
  const AlongSizes a{wrap_dim(dim, need(*this)->dims), Dims(source.sizes())};
  const Tensor ix = long_index(index, "index_add");
  if (ix.dim() > 1)
    throw IndexError("index_add_(): Index is supposed to be a vector, but got dim: " +
                     std::to_string(ix.dim()));
  if (source.scalar_type() != scalar_type())
    throw TypeError("index_add_(): self and source expected to have the same dtype");
  Dims expected = sizes_of(*this);
  if (expected.count)
    expected[a.dim] = ix.numel();
  if (!same_sizes(source.sizes(), expected) || (expected.count == 0 && ix.numel() != 1))
    throw ShapeError("index_add_(): source of sizes " + shape_text(source.sizes()) + " must have sizes " +
                     shape_text(expected) + " for self of sizes " + shape_text(sizes()) + " and " +
                     std::to_string(ix.numel()) + " indices");
  Tensor r = make_like(*this);
  kernels::copy(detail::view(r), detail::view(*this));
  if (!kernels::index_add(detail::view(r), a.dim, detail::view(ix), detail::view(source), 1).ok())
    throw IndexError("index out of range in self");
  if (recording(*this, source)) {
    Recorder rec("IndexAddBackward0", index_add_backward, {this, &source}, 1, &a);
    rec.save(0, ix);
    rec.finish(r);
  }
  return r;
}

Tensor Tensor::take(const Tensor &index) const {
  const Tensor flat = reshape({-1}), ix = long_index(index, "take").reshape({-1});
  const std::int64_t n = flat.numel();
  return flat.index_select(0, nabla::where(ix < 0, ix + n, ix)).reshape(index.sizes());
}

} // namespace nabla
