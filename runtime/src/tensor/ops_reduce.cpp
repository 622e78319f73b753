// Sums, means, extremes, norms: over everything or over dimensions.
#include "elementwise.h"
#include "lazy.h"

#include <cmath>
#include <limits>

namespace nabla {

using namespace detail;
using kernels::Reduce;

namespace {

/// Which dimensions go. Empty `dim` means all.
struct Reduced {
  bool gone[max_dims] = {};
  bool all;
  Dims kept; ///< sizes with 1 in place of what goes
  Dims out;  ///< the result's sizes

  Reduced(const TensorImpl *x, IntArrayRef dim, bool keepdim) : all(dim.empty()) {
    for (const std::int64_t d : dim) {
      const int i = wrap_dim(d, x->dims);
      if (gone[i] && x->dims)
        throw ShapeError("dim " + std::to_string(i) + " appears multiple times in the list of dims");
      gone[i] = true;
    }
    for (int i = 0; i < x->dims; ++i) {
      gone[i] = gone[i] || all;
      kept.push(gone[i] ? 1 : x->sizes[i]);
      if (!gone[i] || keepdim)
        out.push(kept[i]);
    }
  }
  std::int64_t count(const TensorImpl *x) const {
    std::int64_t n = 1;
    for (int i = 0; i < x->dims; ++i)
      n *= gone[i] ? x->sizes[i] : 1;
    return n;
  }
};

/// op over x; r has the result's sizes and is filled through a view with the kept ones.
Tensor reduce(Reduce op, const Tensor &x, const Reduced &how, ScalarType type) {
  Tensor r = make(how.out, type);
  if (op == Reduce::Sum && impl(r)->numel == 1 && impl(x)->dtype == type && sum_pending(x, r))
    return r;
  const Dims strides = contiguous_strides(how.kept);
  kernels::reduce(op, detail::view(r, how.kept, strides), detail::view(x));
  return r;
}

/// What a backward needs to spread a reduced gradient over the argument again.
struct Spread {
  Dims sizes, kept;
};
Spread spread_of(const Tensor &x, const Reduced &how) { return {sizes_of(x), how.kept}; }
/// g with the reduced dimensions back, as ones.
Tensor with_dims(const Tensor &g, const Spread &s) {
  return g.sizes().equals(s.kept) ? g : g.reshape(s.kept);
}
Tensor spread(const Tensor &g, const Spread &s) { return with_dims(g, s).expand(s.sizes); }

// primal: r = sum(x)    adjoint: x_bar += r_bar
void sum_backward(Sweep &s) { s.give(0, spread(s.grad(), s.attribute<Spread>())); }

struct Mean {
  Spread spread;
  std::int64_t count;
};
// primal: r = sum(x) / n    adjoint: x_bar += r_bar / n
void mean_backward(Sweep &s) {
  const Mean &m = s.attribute<Mean>();
  s.give(0, spread(s.grad() / m.count, m.spread));
}

Tensor sum_over(const Tensor &x, IntArrayRef dim, bool keepdim, const char *node) {
  const ScalarType type = need(x)->dtype, out = is_floating(type) ? type : ScalarType::Long;
  const Reduced how(impl(x), dim, keepdim);
  Tensor r = reduce(Reduce::Sum, x, how, out);
  if (recording(x)) {
    const Spread s = spread_of(x, how);
    Recorder rec(node, sum_backward, {&x}, 0, &s);
    rec.finish(r);
  }
  return r;
}

Tensor mean_over(const Tensor &x, IntArrayRef dim, bool keepdim, const char *node) {
  const ScalarType type = need(x)->dtype;
  if (!is_floating(type))
    throw TypeError("mean(): could not infer output dtype. Input dtype must be either a floating point or "
                    "complex dtype. Got: " +
                    std::string(to_string(type)));
  const Reduced how(impl(x), dim, keepdim);
  Tensor r = reduce(Reduce::Mean, x, how, type);
  if (impl(x)->numel == 0)
    kernels::fill(detail::view(r), kernels::Constant(std::numeric_limits<double>::quiet_NaN(), type));
  if (recording(x)) {
    const Mean m{spread_of(x, how), how.count(impl(x))};
    Recorder rec(node, mean_backward, {&x}, 0, &m);
    rec.finish(r);
  }
  return r;
}

} // namespace

Tensor Tensor::sum() const { return sum_over(*this, {}, false, "SumBackward0"); }
Tensor Tensor::sum(ScalarType type) const { return to(type).sum(); }
Tensor Tensor::sum(IntArrayRef dim, bool keepdim) const {
  return sum_over(*this, dim, keepdim, "SumBackward1");
}
Tensor Tensor::mean() const { return mean_over(*this, {}, false, "MeanBackward0"); }
Tensor Tensor::mean(IntArrayRef dim, bool keepdim) const {
  return mean_over(*this, dim, keepdim, "MeanBackward1");
}

Tensor Tensor::sum_to_size(IntArrayRef sizes) const {
  const TensorImpl *const p = need(*this);
  if (!expandable(sizes, this->sizes()))
    throw ShapeError("size " + shape_text(sizes) + " is not expandable to size " + shape_text(this->sizes()) +
                     ".");
  Dims summed;
  const int lead = p->dims - static_cast<int>(sizes.size());
  for (int i = 0; i < p->dims; ++i)
    if (i < lead || (sizes[static_cast<std::size_t>(i - lead)] == 1 && p->sizes[i] != 1))
      summed.push(i);
  const Tensor r = summed.count ? sum(summed, true) : *this;
  return r.sizes().equals(sizes) ? r : r.reshape(sizes);
}

// ---- Products ----

namespace {

/// Product of all other elements along dim, without division: right also where x has zeros.
Tensor product_of_others(const Tensor &x, std::int64_t dim) {
  const std::int64_t n = x.size(dim);
  const Tensor one = ones_like(x.narrow(dim, 0, 1));
  const Tensor left = nabla::cat({one, x.narrow(dim, 0, n - 1)}, dim).cumprod(dim);
  const Tensor right = nabla::cat({one, x.narrow(dim, 1, n - 1).flip({dim})}, dim).cumprod(dim).flip({dim});
  return left * right;
}

// primal: r = prod(x)    adjoint: x_bar += r_bar times the product of the others
void prod_backward(Sweep &s) {
  const Tensor x = s.saved(0);
  const Spread &by = s.attribute<Spread>();
  if (x.numel() == 0)
    return s.give(0, zeros_like(x));
  if (!x.detach().eq(0).any().is_nonzero())
    return s.give(0, spread(s.grad() * s.saved(1), by) / x);
  if (count_elements(by.kept) == 1)
    return s.give(0, spread(s.grad(), by) * product_of_others(x.reshape({-1}), 0).reshape(by.sizes));
  for (int d = 0; d < by.sizes.count; ++d)
    if (by.kept[d] != by.sizes[d])
      return s.give(0, spread(s.grad(), by) * product_of_others(x, d));
  s.give(0, with_dims(s.grad(), by)); // one element each
}

Tensor prod_over(const Tensor &x, IntArrayRef dim, bool keepdim, const char *node) {
  const ScalarType type = need(x)->dtype, out = is_floating(type) ? type : ScalarType::Long;
  const Reduced how(impl(x), dim, keepdim);
  Tensor r = reduce(Reduce::Prod, x, how, out);
  if (recording(x)) {
    const Spread s = spread_of(x, how);
    Recorder rec(node, prod_backward, {&x}, 2, &s);
    rec.save(0, x), rec.save_result(1, r);
    rec.finish(r);
  }
  return r;
}

} // namespace

Tensor Tensor::prod() const { return prod_over(*this, {}, false, "ProdBackward0"); }
Tensor Tensor::prod(std::int64_t dim, bool keepdim) const {
  return prod_over(*this, IntArrayRef(dim), keepdim, "ProdBackward1");
}

// ---- Extremes ----

namespace {

// primal: r = max(x)    adjoint: evenly to all elements that are the maximum
void extreme_backward(Sweep &s) {
  const Spread &by = s.attribute<Spread>();
  const Tensor x = s.saved(0).detach(), r = with_dims(s.saved(1).detach(), by);
  const Tensor mask = (x == r).logical_or(x.isnan().logical_and(r.isnan())).to(s.grad().scalar_type());
  Dims gone;
  for (int d = 0; d < by.sizes.count; ++d)
    if (by.kept[d] != by.sizes[d])
      gone.push(d);
  const Tensor count = gone.count ? mask.sum(gone, true) : mask;
  s.give(0, mask * (with_dims(s.grad(), by) / count));
}

Tensor extreme_over(Reduce op, const Tensor &x, IntArrayRef dim, bool keepdim, const char *node,
                    const char *name) {
  const Reduced how(need(x), dim, keepdim);
  if (how.count(impl(x)) == 0 && count_elements(how.out) > 0)
    throw ShapeError(
        std::string(name) +
        "(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with "
        "the 'dim' argument.");
  Tensor r = reduce(op, x, how, impl(x)->dtype);
  if (recording(x)) {
    const Spread s = spread_of(x, how);
    Recorder rec(node, extreme_backward, {&x}, 2, &s);
    rec.save(0, x), rec.save_result(1, r);
    rec.finish(r);
  }
  return r;
}

struct Place {
  int dim;
  bool keepdim;
  Dims sizes;
};
// primal: r = x at the maximum along dim    adjoint: to that element
void max_dim_backward(Sweep &s) {
  if (!s.grad(0).defined())
    return;
  const Place &p = s.attribute<Place>();
  Tensor index = s.saved(0), g = s.grad(0);
  if (p.sizes.count == 0)
    return s.give(0, g);
  if (!p.keepdim)
    index = index.unsqueeze(p.dim), g = g.unsqueeze(p.dim);
  s.give(0, zeros(p.sizes, g.scalar_type()).scatter_add(p.dim, index, g));
}

std::tuple<Tensor, Tensor> extreme_along(const Tensor &x, std::int64_t dim, bool keepdim, bool minimum) {
  const int d = wrap_dim(dim, need(x)->dims);
  if (impl(x)->dims && impl(x)->sizes[d] == 0)
    throw IndexError(std::string(minimum ? "min" : "max") + "(): Expected reduction dim " +
                     std::to_string(d) + " to have non-zero size.");
  const Reduced how(impl(x), IntArrayRef(static_cast<std::int64_t>(d)), keepdim);
  Tensor values = make(how.out, impl(x)->dtype), indices = make(how.out, ScalarType::Long);
  if (impl(x)->dims == 0) {
    kernels::copy(detail::view(values), detail::view(x));
    kernels::fill(detail::view(indices), kernels::Constant(0, ScalarType::Long));
  } else {
    const Dims strides = contiguous_strides(how.kept);
    kernels::max_index(detail::view(values, how.kept, strides), detail::view(indices, how.kept, strides),
                       detail::view(x), d, minimum);
  }
  if (recording(x)) {
    const Place p{d, keepdim, sizes_of(x)};
    Recorder rec(minimum ? "MinBackward0" : "MaxBackward0", max_dim_backward, {&x}, 1, &p, 2);
    rec.save(0, indices);
    rec.finish({&values, &indices});
  }
  return {values, indices};
}

Tensor index_of_extreme(const Tensor &x, bool minimum) {
  if (need(x)->numel == 0)
    throw IndexError(std::string(minimum ? "argmin" : "argmax") +
                     "(): Expected reduction dim to be specified for input.numel() == 0.");
  const NoGradGuard off;
  return std::get<1>(extreme_along(x.reshape({-1}), 0, false, minimum));
}

} // namespace

Tensor Tensor::max() const { return extreme_over(Reduce::Max, *this, {}, false, "MaxBackward1", "max"); }
Tensor Tensor::min() const { return extreme_over(Reduce::Min, *this, {}, false, "MinBackward1", "min"); }
Tensor Tensor::amax(IntArrayRef dim, bool keepdim) const {
  return extreme_over(Reduce::Max, *this, dim, keepdim, "AmaxBackward0", "amax");
}
Tensor Tensor::amin(IntArrayRef dim, bool keepdim) const {
  return extreme_over(Reduce::Min, *this, dim, keepdim, "AminBackward0", "amin");
}
std::tuple<Tensor, Tensor> Tensor::max(std::int64_t dim, bool keepdim) const {
  return extreme_along(*this, dim, keepdim, false);
}
std::tuple<Tensor, Tensor> Tensor::min(std::int64_t dim, bool keepdim) const {
  return extreme_along(*this, dim, keepdim, true);
}
Tensor Tensor::argmax() const { return index_of_extreme(*this, false); }
Tensor Tensor::argmin() const { return index_of_extreme(*this, true); }
Tensor Tensor::argmax(std::int64_t dim, bool keepdim) const {
  const NoGradGuard off;
  return std::get<1>(extreme_along(*this, dim, keepdim, false));
}
Tensor Tensor::argmin(std::int64_t dim, bool keepdim) const {
  const NoGradGuard off;
  return std::get<1>(extreme_along(*this, dim, keepdim, true));
}

// ---- Without gradient ----

namespace {
Tensor logical(Reduce op, const Tensor &x, IntArrayRef dim, bool keepdim) {
  const Reduced how(need(x), dim, keepdim);
  return reduce(op, cast(x, ScalarType::Bool), how, ScalarType::Bool);
}
} // namespace

Tensor Tensor::all() const { return logical(Reduce::All, *this, {}, false); }
Tensor Tensor::all(std::int64_t dim, bool keepdim) const {
  return logical(Reduce::All, *this, IntArrayRef(dim), keepdim);
}
Tensor Tensor::any() const { return logical(Reduce::Any, *this, {}, false); }
Tensor Tensor::any(std::int64_t dim, bool keepdim) const {
  return logical(Reduce::Any, *this, IntArrayRef(dim), keepdim);
}
Tensor Tensor::count_nonzero() const {
  return make_number(kernels::count_nonzero((need(*this), detail::view(*this))), ScalarType::Long);
}

// ---- Variance and norms ----

namespace {

struct Variance {
  Spread spread;
  double divisor;
  bool root;
};
// primal: r = sum((x - mean)^2) / d    adjoint: x_bar += r_bar 2 / d (x - mean); for the root, r_bar / (2 r) first
void variance_backward(Sweep &s) {
  const Variance &v = s.attribute<Variance>();
  const Tensor x = s.saved(0);
  Tensor g = s.grad();
  if (v.root) {
    const Tensor r = s.saved(1);
    g = where(r.detach() == 0, zeros({}, g.scalar_type()), g / (r * 2));
  }
  Dims gone;
  for (int d = 0; d < v.spread.sizes.count; ++d)
    if (v.spread.kept[d] != v.spread.sizes[d])
      gone.push(d);
  const Tensor mean = gone.count ? x.mean(gone, true) : x;
  s.give(0, (with_dims(g, v.spread) * (2 / v.divisor)) * (x - mean));
}

struct Norm {
  Spread spread;
  double p;
};
// primal: r = (sum |x|^p)^(1/p)    adjoint: x_bar += r_bar x |x|^(p-2) / r^(p-1), 0 where r is 0
void norm_backward(Sweep &s) {
  const Norm &n = s.attribute<Norm>();
  const Tensor x = s.saved(0), none = zeros({}, x.scalar_type());
  const Tensor r = with_dims(s.saved(1), n.spread), g = with_dims(s.grad(), n.spread);
  const Tensor zero = r.detach() == 0;
  if (n.p == 2)
    return s.give(0, x * where(zero, none, g / where(zero, ones({}, x.scalar_type()), r)));
  if (n.p == 1)
    return s.give(0, g * x.sign());
  if (n.p == 0)
    return s.give(0, zeros_like(x));
  if (std::isinf(n.p)) {
    const Tensor mask = (x.detach().abs() == r.detach()).to(x.scalar_type());
    Dims gone;
    for (int d = 0; d < n.spread.sizes.count; ++d)
      if (n.spread.kept[d] != n.spread.sizes[d])
        gone.push(d);
    return s.give(0, x.sign() * mask * (g / (gone.count ? mask.sum(gone, true) : mask)));
  }
  const Tensor safe = where(zero, ones({}, x.scalar_type()), r), here = x.detach() == 0;
  const Tensor size = where(here, ones({}, x.scalar_type()), x).abs();
  s.give(0, where(here, none, x * size.pow(n.p - 2) * where(zero, none, g / safe.pow(n.p - 1))));
}

Tensor norm_over(const Tensor &x, double p, IntArrayRef dim, bool keepdim, const char *node) {
  const ScalarType type = need(x)->dtype;
  if (!is_floating(type))
    throw TypeError("norm(): input dtype should be either floating point or complex. Got " +
                    std::string(to_string(type)) + " instead.");
  const Reduced how(impl(x), dim, keepdim);
  Tensor r;
  {
    const NoGradGuard off;
    const Tensor size = p == 2 || p == 1 || std::isinf(p) ? Tensor()
                        : p == 0                          ? x.ne(0).to(type)
                                                          : x.abs().pow(p);
    if (std::isinf(p) && p < 0)
      r = reduce(Reduce::Min, x.abs(), how, type);
    else if (std::isinf(p))
      r = reduce(Reduce::MaxAbs, x, how, type);
    else if (p == 2)
      r = reduce(Reduce::SumSquares, x, how, type).sqrt_();
    else if (p == 1)
      r = reduce(Reduce::SumAbs, x, how, type);
    else
      r = p == 0 ? reduce(Reduce::Sum, size, how, type) : reduce(Reduce::Sum, size, how, type).pow(1 / p);
  }
  if (recording(x)) {
    const Norm n{spread_of(x, how), p};
    Recorder rec(node, norm_backward, {&x}, 2, &n);
    rec.save(0, x), rec.save_result(1, r);
    rec.finish(r);
  }
  return r;
}

} // namespace

Tensor Tensor::variance(IntArrayRef dim, double correction, bool keepdim, bool root) const {
  const TensorImpl *const p = need(*this);
  if (!is_floating(p->dtype))
    throw TypeError("std and var only support floating point and complex dtypes");
  const Reduced how(p, dim, keepdim);
  Tensor r = make(how.out, p->dtype);
  const Dims strides = contiguous_strides(how.kept);
  const kernels::View no_mean{nullptr, p->dtype, 0, nullptr, nullptr};
  kernels::variance(detail::view(r, how.kept, strides), no_mean, detail::view(*this), correction);
  if (root)
    kernels::unary(Unary::Sqrt, detail::view(r), detail::view(r));
  if (recording(*this)) {
    const Variance v{spread_of(*this, how), static_cast<double>(how.count(p)) - correction, root};
    Recorder rec(root ? "StdBackward0" : "VarBackward0", variance_backward, {this}, 2, &v);
    rec.save(0, *this);
    if (root)
      rec.save_result(1, r);
    rec.finish(r);
  }
  return r;
}

Tensor Tensor::norm(Scalar p) const { return norm_over(*this, p.to_double(), {}, false, "NormBackward0"); }
Tensor Tensor::norm(Scalar p, IntArrayRef dim, bool keepdim) const {
  return norm_over(*this, p.to_double(), dim, keepdim, "NormBackward1");
}

} // namespace nabla
