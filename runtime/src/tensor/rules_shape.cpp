// Static rules of reductions and of what changes shapes.
#include "rules_impl.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nabla {
namespace detail {

namespace {

/// The dimensions that are reduced, ascending; none given means all.
std::vector<std::int64_t> reduced(const Tensor &x, IntArrayRef dim) {
  std::vector<std::int64_t> out;
  for (std::int64_t d : dim)
    out.push_back(wrap_dim(d, x.dim()));
  if (dim.empty()) {
    out.resize(static_cast<std::size_t>(x.dim()));
    std::iota(out.begin(), out.end(), 0);
  }
  std::sort(out.begin(), out.end());
  return out;
}

} // namespace

Tensor kept(const Tensor &r, const Tensor &x, IntArrayRef dim, bool keepdim) {
  if (keepdim || x.dim() == 0)
    return r;
  std::vector<std::int64_t> sizes = x.sizes().vec();
  for (std::int64_t d : reduced(x, dim))
    sizes[static_cast<std::size_t>(d)] = 1;
  return r.reshape(sizes);
}
Tensor spread(const Tensor &r, const Tensor &x, IntArrayRef dim, bool keepdim) {
  return kept(r, x, dim, keepdim).expand(x.sizes());
}
std::int64_t count_over(const Tensor &x, IntArrayRef dim) {
  std::int64_t n = 1;
  if (x.dim())
    for (std::int64_t d : reduced(x, dim))
      n *= x.size(d);
  return n;
}

} // namespace detail

using namespace detail;

// ---- Reductions ----

void sum_pullback(const Tensor &x, const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar))
    give(x_bar, seed.expand(x.sizes()), x);
}
void sum_pullback(const Tensor &x, IntArrayRef dim, bool keepdim, const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar))
    give(x_bar, spread(seed, x, dim, keepdim), x);
}
void sum_pullback(const Tensor &x, ScalarType, const Tensor &seed, Tensor *x_bar) {
  sum_pullback(x, seed, x_bar);
}
void mean_pullback(const Tensor &x, const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar))
    give(x_bar, (seed / x.numel()).expand(x.sizes()), x);
}
void mean_pullback(const Tensor &x, IntArrayRef dim, bool keepdim, const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar))
    give(x_bar, spread(seed / count_over(x, dim), x, dim, keepdim), x);
}

namespace {

/// primal: r = max x    adjoint: the places that hold it share r_bar
void extreme(const Tensor &x, IntArrayRef dim, bool keepdim, const Tensor &result, const Tensor &seed,
             Tensor *x_bar) {
  const Tensor r = kept(result, x, dim, keepdim);
  const Tensor mask = ((x == r) | (x.isnan() & r.isnan())).to(seed.scalar_type());
  const Tensor count = x.dim() ? mask.sum(reduced(x, dim), true) : mask;
  give(x_bar, mask * (kept(seed, x, dim, keepdim) / count), x);
}

/// primal: v = sum (x - mean)^2 / (n - correction)    adjoint: x_bar += 2 (x - mean) v_bar / (n - correction)
void variance(const Tensor &x, IntArrayRef dim, bool unbiased, bool keepdim, const Tensor &seed,
              Tensor *x_bar) {
  const double divisor = static_cast<double>(count_over(x, dim) - (unbiased ? 1 : 0));
  const Tensor mean = x.dim() ? x.mean(reduced(x, dim), true) : x;
  give(x_bar, kept(seed, x, dim, keepdim) * (2 / divisor) * (x - mean), x);
}
/// d sqrt(v) = dv / (2 r), and 0 where r is 0
Tensor through_root(const Tensor &result, const Tensor &seed) {
  return where(result == 0, zeros({}, seed.scalar_type()), seed / (result * 2));
}

void refuse_power(const double *p_bar) {
  if (p_bar)
    throw NotImplementedError("a norm has no derivative by its order: let it depend on nothing that is "
                              "differentiated, or mark the parameter [[nabla::inactive]]");
}

/// primal: r = (sum |x|^p)^(1/p)    adjoint: x_bar += r_bar x |x|^(p-2) / r^(p-1), 0 where r is 0
void norm(const Tensor &x, double p, IntArrayRef dim, bool keepdim, const Tensor &result, const Tensor &seed,
          Tensor *x_bar) {
  const Tensor r = kept(result, x, dim, keepdim), g = kept(seed, x, dim, keepdim);
  const Tensor none = zeros({}, x.scalar_type()), one = ones({}, x.scalar_type()), zero = r == 0;
  if (p == 0)
    return;
  if (p == 1)
    return give(x_bar, g * x.sign(), x);
  if (p == 2)
    return give(x_bar, x * where(zero, none, g / where(zero, one, r)), x);
  if (std::isinf(p)) {
    const Tensor mask = (x.abs() == r).to(x.scalar_type());
    return give(x_bar, x.sign() * mask * (g / (x.dim() ? mask.sum(reduced(x, dim), true) : mask)), x);
  }
  const Tensor here = x == 0, size = where(here, one, x).abs();
  const Tensor factor = where(zero, none, g / where(zero, one, r).pow(p - 1));
  give(x_bar, where(here, none, x * size.pow(p - 2) * factor), x);
}

} // namespace

void max_pullback(const Tensor &x, const Tensor &result, const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar))
    extreme(x, {}, false, result, seed, x_bar);
}
void min_pullback(const Tensor &x, const Tensor &result, const Tensor &seed, Tensor *x_bar) {
  max_pullback(x, result, seed, x_bar);
}
void amax_pullback(const Tensor &x, IntArrayRef dim, bool keepdim, const Tensor &result, const Tensor &seed,
                   Tensor *x_bar) {
  if (flows(seed, x_bar))
    extreme(x, dim, keepdim, result, seed, x_bar);
}
void var_pullback(const Tensor &x, bool unbiased, const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar))
    variance(x, {}, unbiased, false, seed, x_bar);
}
void var_pullback(const Tensor &x, IntArrayRef dim, bool unbiased, bool keepdim, const Tensor &seed,
                  Tensor *x_bar) {
  if (flows(seed, x_bar))
    variance(x, dim, unbiased, keepdim, seed, x_bar);
}
void std_pullback(const Tensor &x, bool unbiased, const Tensor &result, const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar))
    variance(x, {}, unbiased, false, through_root(result, seed), x_bar);
}
void std_pullback(const Tensor &x, IntArrayRef dim, bool unbiased, bool keepdim, const Tensor &result,
                  const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar))
    variance(x, dim, unbiased, keepdim, through_root(result, seed), x_bar);
}
void norm_pullback(const Tensor &x, Scalar p, const Tensor &result, const Tensor &seed, Tensor *x_bar,
                   double *p_bar) {
  refuse_power(p_bar);
  if (flows(seed, x_bar))
    norm(x, p.to_double(), {}, false, result, seed, x_bar);
}
void norm_pullback(const Tensor &x, Scalar p, IntArrayRef dim, bool keepdim, const Tensor &result,
                   const Tensor &seed, Tensor *x_bar, double *p_bar) {
  refuse_power(p_bar);
  if (flows(seed, x_bar))
    norm(x, p.to_double(), dim, keepdim, result, seed, x_bar);
}
void logsumexp_pullback(const Tensor &x, IntArrayRef dim, bool keepdim, const Tensor &result,
                        const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar))
    give(x_bar, kept(seed, x, dim, keepdim) * (x - kept(result, x, dim, keepdim)).exp(), x);
}
void sum_to_size_pullback(const Tensor &x, IntArrayRef, const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar))
    give(x_bar, seed.expand(x.sizes()), x);
}
void trace_pullback(const Tensor &x, const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar))
    give(x_bar, seed * eye(x.size(0), x.size(1), x.scalar_type()), x);
}
void item_pullback(const Tensor &x, double seed, Tensor *x_bar) {
  if (x_bar && seed != 0)
    give(x_bar, full(x.sizes(), seed, x.scalar_type()), x);
}
void item_pullback(const Tensor &x, Scalar seed, Tensor *x_bar) { item_pullback(x, seed.to_double(), x_bar); }
void item_pullback(const Tensor &x, float seed, Tensor *x_bar) {
  item_pullback(x, static_cast<double>(seed), x_bar);
}

// ---- Along one dimension ----

void cumsum_pullback(const Tensor &x, std::int64_t dim, const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar))
    give(x_bar, x.dim() ? seed.flip(dim).cumsum(dim).flip(dim) : seed, x);
}
void softmax_pullback(const Tensor &x, std::int64_t dim, const Tensor &result, const Tensor &seed,
                      Tensor *x_bar) {
  if (!flows(seed, x_bar))
    return;
  const Tensor g = seed * result;
  give(x_bar, g - result * g.sum(dim, true), x);
}
void log_softmax_pullback(const Tensor &x, std::int64_t dim, const Tensor &result, const Tensor &seed,
                          Tensor *x_bar) {
  if (flows(seed, x_bar))
    give(x_bar, seed - result.exp() * seed.sum(dim, true), x);
}
void flip_pullback(const Tensor &x, IntArrayRef dims, const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar))
    give(x_bar, seed.flip(dims), x);
}
void roll_pullback(const Tensor &x, std::int64_t shift, std::int64_t dim, const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar))
    give(x_bar, seed.roll(-shift, dim), x);
}
void tril_pullback(const Tensor &x, std::int64_t diagonal, const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar))
    give(x_bar, seed.tril(diagonal), x);
}
void triu_pullback(const Tensor &x, std::int64_t diagonal, const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar))
    give(x_bar, seed.triu(diagonal), x);
}

// ---- Shapes ----

namespace {

/// The same elements in x's shape.
void reshaped(const Tensor &x, const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar))
    give(x_bar, seed.reshape(x.sizes()), x);
}
/// Zeros of x's shape with the seed in a part.
template <class Part> void put(const Tensor &x, const Tensor &seed, Tensor *x_bar, Part part) {
  if (!flows(seed, x_bar))
    return;
  const Tensor whole = zeros_of(x);
  part(whole).copy_(seed);
  give(x_bar, whole, x);
}

} // namespace

void clone_pullback(const Tensor &x, const Tensor &seed, Tensor *x_bar) { reshaped(x, seed, x_bar); }
void to_pullback(const Tensor &x, ScalarType, const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar) && is_floating(seed.scalar_type()))
    give(x_bar, seed, x);
}
void reshape_pullback(const Tensor &x, IntArrayRef, const Tensor &seed, Tensor *x_bar) {
  reshaped(x, seed, x_bar);
}
void flatten_pullback(const Tensor &x, std::int64_t, std::int64_t, const Tensor &seed, Tensor *x_bar) {
  reshaped(x, seed, x_bar);
}
void unflatten_pullback(const Tensor &x, std::int64_t, IntArrayRef, const Tensor &seed, Tensor *x_bar) {
  reshaped(x, seed, x_bar);
}
void squeeze_pullback(const Tensor &x, const Tensor &seed, Tensor *x_bar) { reshaped(x, seed, x_bar); }
void squeeze_pullback(const Tensor &x, std::int64_t, const Tensor &seed, Tensor *x_bar) {
  reshaped(x, seed, x_bar);
}
void expand_pullback(const Tensor &x, IntArrayRef, const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar))
    give(x_bar, seed, x);
}
void t_pullback(const Tensor &x, const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar))
    give(x_bar, seed.t(), x);
}
void transpose_pullback(const Tensor &x, std::int64_t dim0, std::int64_t dim1, const Tensor &seed,
                        Tensor *x_bar) {
  if (flows(seed, x_bar))
    give(x_bar, seed.transpose(dim0, dim1), x);
}
void permute_pullback(const Tensor &x, IntArrayRef dims, const Tensor &seed, Tensor *x_bar) {
  if (!flows(seed, x_bar))
    return;
  std::vector<std::int64_t> inverse(dims.size());
  for (std::size_t i = 0; i < dims.size(); ++i)
    inverse[static_cast<std::size_t>(wrap_dim(dims[i], x.dim()))] = static_cast<std::int64_t>(i);
  give(x_bar, seed.permute(inverse), x);
}
void movedim_pullback(const Tensor &x, std::int64_t from, std::int64_t to, const Tensor &seed,
                      Tensor *x_bar) {
  if (flows(seed, x_bar))
    give(x_bar, seed.movedim(to, from), x);
}
void at_pullback(const Tensor &x, std::int64_t index, const Tensor &seed, Tensor *x_bar) {
  select_pullback(x, 0, index, seed, x_bar);
}
void at_pullback(const Tensor &x, int index, const Tensor &seed, Tensor *x_bar) {
  select_pullback(x, 0, index, seed, x_bar);
}
void select_pullback(const Tensor &x, std::int64_t dim, std::int64_t index, const Tensor &seed,
                     Tensor *x_bar) {
  put(x, seed, x_bar, [&](const Tensor &t) { return t.select(dim, index); });
}
void narrow_pullback(const Tensor &x, std::int64_t dim, std::int64_t start, std::int64_t length,
                     const Tensor &seed, Tensor *x_bar) {
  put(x, seed, x_bar, [&](const Tensor &t) { return t.narrow(dim, start, length); });
}
void slice_pullback(const Tensor &x, std::int64_t dim, std::optional<std::int64_t> start,
                    std::optional<std::int64_t> end, std::int64_t step, const Tensor &seed, Tensor *x_bar) {
  put(x, seed, x_bar, [&](const Tensor &t) { return t.slice(dim, start, end, step); });
}
void diagonal_pullback(const Tensor &x, std::int64_t offset, std::int64_t dim1, std::int64_t dim2,
                       const Tensor &seed, Tensor *x_bar) {
  put(x, seed, x_bar, [&](const Tensor &t) { return t.diagonal(offset, dim1, dim2); });
}
void index_pullback(const Tensor &x, std::initializer_list<indexing::TensorIndex> indices, const Tensor &seed,
                    Tensor *x_bar) {
  if (!flows(seed, x_bar))
    return;
  for (const indexing::TensorIndex &i : indices)
    if (i.kind() == indexing::TensorIndex::Kind::Tensor && i.tensor().scalar_type() != ScalarType::Bool)
      throw NotImplementedError(
          "index() with a tensor of numbers has no static rule: use index_select or gather");
  const Tensor whole = zeros_of(x);
  whole.index_put_(indices, seed);
  give(x_bar, whole, x);
}
void index_select_pullback(const Tensor &x, std::int64_t dim, const Tensor &index, const Tensor &seed,
                           Tensor *x_bar, Tensor *) {
  if (flows(seed, x_bar))
    give(x_bar, zeros_of(x).index_add(dim, index, seed), x);
}
void gather_pullback(const Tensor &x, std::int64_t dim, const Tensor &index, const Tensor &seed,
                     Tensor *x_bar, Tensor *) {
  if (flows(seed, x_bar))
    give(x_bar, zeros_of(x).scatter_add(dim, index, seed), x);
}
void cat_pullback(TensorList tensors, std::int64_t dim, const Tensor &seed, ArrayRef<Tensor *> bars) {
  if (!seed.defined())
    return;
  std::int64_t start = 0;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const Tensor &t = tensors[i];
    if (t.dim() == 1 && t.numel() == 0 && seed.dim() != 1) // nothing, of any shape
      continue;
    if (bars[i])
      give(bars[i], seed.narrow(dim, start, t.size(dim)), t);
    start += t.size(dim);
  }
}
void stack_pullback(TensorList tensors, std::int64_t dim, const Tensor &seed, ArrayRef<Tensor *> bars) {
  for (std::size_t i = 0; i < tensors.size(); ++i)
    if (flows(seed, bars[i]))
      give(bars[i], seed.select(dim, static_cast<std::int64_t>(i)), tensors[i]);
}

// ---- New tensors from numbers ----

void full_pullback(IntArrayRef, Scalar, const TensorOptions &, const Tensor &seed, double *value_bar) {
  if (flows(seed, value_bar))
    give(value_bar, seed);
}
void scalar_tensor_pullback(Scalar, const TensorOptions &, const Tensor &seed, double *value_bar) {
  if (flows(seed, value_bar))
    give(value_bar, seed);
}
void full_like_pullback(const Tensor &, Scalar, const TensorOptions &, const Tensor &seed, Tensor *,
                        double *value_bar) {
  if (flows(seed, value_bar))
    give(value_bar, seed);
}

} // namespace nabla
