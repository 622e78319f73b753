// Functions along one dimension: flips, bands, scans, softmax, order.
#include "node.h"

namespace nabla {
namespace detail {
namespace {

struct Along {
  int dim;
};
struct Band {
  std::int64_t diagonal;
};
struct Reduced {
  Dims dims;
  bool keepdim;
};

// primal: r = x with dims reversed    adjoint: x_bar += r_bar with dims reversed
void flip_backward(Sweep &s) { s.give(0, s.grad().flip(s.attribute<Dims>())); }
// primal: r = lower (upper) triangle of x    adjoint: the same triangle of r_bar
void tril_backward(Sweep &s) { s.give(0, s.grad().tril(s.attribute<Band>().diagonal)); }
void triu_backward(Sweep &s) { s.give(0, s.grad().triu(s.attribute<Band>().diagonal)); }

Tensor reversed_sum(const Tensor &t, int dim) { return t.dim() == 0 ? t : t.flip(dim).cumsum(dim).flip(dim); }

// primal: r_i = x_0 + .. + x_i    adjoint: x_bar_i += sum of r_bar_j, j >= i
void cumsum_backward(Sweep &s) { s.give(0, reversed_sum(s.grad(), s.attribute<Along>().dim)); }

// primal: r_i = x_0 .. x_i    adjoint: x_bar_i += sum of r_bar_j r_j / x_i, j >= i
void cumprod_backward(Sweep &s) {
  const Tensor x = s.saved(0), r = s.saved(1);
  const int dim = s.attribute<Along>().dim;
  if (x.dim() == 0)
    return s.give(0, s.grad());
  if (x.detach().ne(0).all().item<bool>())
    return s.give(0, reversed_sum(s.grad() * r, dim) / x);
  // with zeros: the product without x_i, for each i
  const std::int64_t n = x.size(dim);
  std::vector<Tensor> parts;
  for (std::int64_t i = 0; i < n; ++i) {
    const Tensor before = x.narrow(dim, 0, i), after = x.narrow(dim, i + 1, n - i - 1),
                 one = ones_like(x.narrow(dim, i, 1));
    const Tensor product = cat({before, one, after}, dim).cumprod(dim);
    parts.push_back((s.grad() * product).narrow(dim, i, n - i).sum(dim, true));
  }
  s.give(0, cat(parts, dim));
}

// primal: y = softmax(x)    adjoint: x_bar += y (y_bar - sum y_bar y)
void softmax_backward(Sweep &s) {
  const Tensor y = s.saved(0);
  const Tensor &g = s.grad();
  const int dim = s.attribute<Along>().dim;
  if (recording(g, y))
    return s.give(0, y * (g - (g * y).sum(dim, true)));
  Tensor r = make_like(y);
  kernels::softmax_backward(view(r), view(g), view(y), dim);
  s.give(0, r);
}
// primal: y = log softmax(x)    adjoint: x_bar += y_bar - exp(y) sum y_bar
void log_softmax_backward(Sweep &s) {
  const Tensor y = s.saved(0);
  const Tensor &g = s.grad();
  const int dim = s.attribute<Along>().dim;
  if (recording(g, y))
    return s.give(0, g - y.exp() * g.sum(dim, true));
  Tensor r = make_like(y);
  kernels::log_softmax_backward(view(r), view(g), view(y), dim);
  s.give(0, r);
}

/// A reduced result with its dimensions of size 1 again.
Tensor with_dims(Tensor t, const Reduced &how) {
  if (!how.keepdim)
    for (int i = 0; i < how.dims.count; ++i)
      t = t.unsqueeze(how.dims[i]);
  return t;
}
// primal: r = log sum exp x    adjoint: x_bar += r_bar exp(x - r)
void logsumexp_backward(Sweep &s) {
  const Reduced &how = s.attribute<Reduced>();
  // r = -inf: all terms are zero, and so are their derivatives
  const Tensor r = with_dims(s.saved(1), how);
  const Tensor level = where(r.detach().isinf(), zeros_like(r), r);
  s.give(0, with_dims(s.grad(), how) * (s.saved(0) - level).exp());
}

// primal: values = x at indices along dim    adjoint: x_bar at indices += values_bar
void select_along_backward(Sweep &s) {
  if (!s.grad(0).defined())
    return;
  const Tensor indices = s.saved(0);
  const Dims &sizes = s.attribute<Dims>(); // x's, and dim behind them
  Dims shape = sizes;
  const std::int64_t dim = shape.at[--shape.count];
  s.give(0, zeros(shape, s.grad(0).scalar_type()).scatter_add(dim, indices, s.grad(0)));
}

void need_floating(const Tensor &t, const char *name) {
  if (!is_floating(need(t)->dtype))
    throw TypeError(std::string("\"") + name + "\" not implemented for '" + to_string(t.scalar_type()) + "'");
}

std::tuple<Tensor, Tensor> ordered(const Tensor &x, std::int64_t k, int dim, bool descending,
                                   const char *node) {
  Dims sizes = sizes_of(x);
  if (sizes.count)
    sizes[dim] = k;
  Tensor values = make(sizes, x.scalar_type()), indices = make(sizes, ScalarType::Long);
  if (k == (x.dim() ? x.size(dim) : 1))
    kernels::sort(view(values), view(indices), view(x), dim, descending);
  else
    kernels::topk(view(values), view(indices), view(x), dim, descending);
  if (recording(x)) {
    Dims shape = sizes_of(x);
    if (shape.count == max_dims)
      throw ShapeError("sort and topk differentiate tensors of at most " + std::to_string(max_dims - 1) +
                       " dimensions; flatten some");
    shape.push(dim);
    Recorder rec(node, select_along_backward, {&x}, 1, &shape, 2);
    rec.save(0, indices);
    const Tensor none;
    rec.finish({&values, &none});
  }
  return {values, indices};
}

template <class Kernel>
Tensor band(const Tensor &x, std::int64_t diagonal, const char *node, BackwardFunction backward,
            Kernel kernel) {
  if (need(x)->dims < 2)
    throw ShapeError(std::string(backward == tril_backward ? "tril" : "triu") +
                     ": input tensor must have at least 2 dimensions");
  Tensor r = make_like(x);
  kernel(view(r), view(x), diagonal);
  if (recording(x)) {
    const Band b{diagonal};
    Recorder rec(node, backward, {&x}, 0, &b);
    rec.finish(r);
  }
  return r;
}

/// Sums of Bool and Int run in Long.
ScalarType scan_type(const Tensor &x) {
  return is_floating(need(x)->dtype) ? x.scalar_type() : ScalarType::Long;
}

Tensor softened(const Tensor &x, std::int64_t dim, bool logarithm) {
  need_floating(x, logarithm ? "log_softmax_lastdim_kernel_impl" : "softmax_lastdim_kernel_impl");
  const Along a{wrap_dim(dim, x.dim())};
  Tensor r = make_like(x);
  (logarithm ? kernels::log_softmax : kernels::softmax)(view(r), view(x), a.dim);
  if (recording(x)) {
    Recorder rec(logarithm ? "LogSoftmaxBackward0" : "SoftmaxBackward0",
                 logarithm ? log_softmax_backward : softmax_backward, {&x}, 1, &a);
    rec.save_result(0, r);
    rec.finish(r);
  }
  return r;
}

} // namespace
} // namespace detail

using namespace detail;

Tensor Tensor::flip(IntArrayRef dims) const {
  const int n = need(*this)->dims;
  std::uint64_t set = 0;
  for (std::int64_t d : dims) {
    const std::uint64_t bit = std::uint64_t(1) << wrap_dim(d, n);
    if (set & bit)
      throw ValueError("dim " + std::to_string(wrap_dim(d, n)) +
                       " appears multiple times in the list of dims");
    set |= bit;
  }
  Tensor r = make_like(*this);
  kernels::flip(detail::view(r), detail::view(*this), set);
  if (recording(*this)) {
    const Dims saved(dims);
    Recorder rec("FlipBackward0", flip_backward, {this}, 0, &saved);
    rec.finish(r);
  }
  return r;
}

Tensor Tensor::tril(std::int64_t diagonal) const {
  return band(*this, diagonal, "TrilBackward0", tril_backward, kernels::tril);
}
Tensor Tensor::triu(std::int64_t diagonal) const {
  return band(*this, diagonal, "TriuBackward0", triu_backward, kernels::triu);
}

Tensor Tensor::cumsum(std::int64_t dim) const {
  const ScalarType type = scan_type(*this);
  const Along a{wrap_dim(dim, this->dim())};
  const Tensor x = cast(*this, type);
  Tensor r = make_like(x);
  kernels::cumsum(detail::view(r), detail::view(x), a.dim);
  if (recording(*this)) {
    Recorder rec("CumsumBackward0", cumsum_backward, {this}, 0, &a);
    rec.finish(r);
  }
  return r;
}

Tensor Tensor::cumprod(std::int64_t dim) const {
  const ScalarType type = scan_type(*this);
  const Along a{wrap_dim(dim, this->dim())};
  const Tensor x = cast(*this, type);
  Tensor r = make_like(x);
  kernels::cumprod(detail::view(r), detail::view(x), a.dim);
  if (recording(*this)) {
    Recorder rec("CumprodBackward0", cumprod_backward, {this}, 2, &a);
    rec.save(0, *this);
    rec.save_result(1, r);
    rec.finish(r);
  }
  return r;
}

Tensor Tensor::softmax(std::int64_t dim) const { return softened(*this, dim, false); }
Tensor Tensor::log_softmax(std::int64_t dim) const { return softened(*this, dim, true); }

Tensor Tensor::logsumexp(IntArrayRef dim, bool keepdim) const {
  need_floating(*this, "logsumexp");
  const int n = need(*this)->dims;
  Reduced how;
  how.keepdim = keepdim;
  bool reduced[max_dims] = {};
  for (std::int64_t d : dim)
    reduced[wrap_dim(d, n)] = true;
  if (dim.empty())
    for (int d = 0; d < n; ++d)
      reduced[d] = true;
  Dims kept = sizes_of(*this), sizes;
  for (int d = 0; d < n; ++d) {
    if (reduced[d]) {
      how.dims.push(d);
      kept[d] = 1;
    }
    if (!reduced[d] || keepdim)
      sizes.push(kept[d]);
  }
  Tensor full = make(kept, scalar_type());
  kernels::reduce(kernels::Reduce::LogSumExp, detail::view(full), detail::view(*this));
  Tensor r = keepdim ? full : alias(full, sizes, contiguous_strides(sizes), 0);
  if (recording(*this)) {
    Recorder rec("LogsumexpBackward0", logsumexp_backward, {this}, 2, &how);
    rec.save(0, *this);
    rec.save_result(1, r);
    rec.finish(r);
  }
  return r;
}

std::tuple<Tensor, Tensor> Tensor::sort(std::int64_t dim, bool descending) const {
  const int d = wrap_dim(dim, need(*this)->dims);
  return ordered(*this, this->dim() ? size(d) : 1, d, descending, "SortBackward0");
}
Tensor Tensor::argsort(std::int64_t dim, bool descending) const {
  NoGradGuard no_history;
  return std::get<1>(sort(dim, descending));
}
std::tuple<Tensor, Tensor> Tensor::topk(std::int64_t k, std::int64_t dim, bool largest) const {
  const int d = wrap_dim(dim, need(*this)->dims);
  if (k < 0 || k > (this->dim() ? size(d) : 1))
    throw ValueError("selected index k out of range");
  return ordered(*this, k, d, largest, "TopkBackward0");
}

Tensor Tensor::median() const {
  const std::int64_t n = numel();
  if (n == 0)
    throw ValueError("median() of a tensor without elements");
  const Tensor sorted = std::get<0>(reshape({-1}).sort(0));
  const Tensor last = sorted[n - 1]; // NaN sorts last, and wins
  return is_floating(scalar_type()) && last.detach().isnan().item<bool>() ? last : sorted[(n - 1) / 2];
}

} // namespace nabla
