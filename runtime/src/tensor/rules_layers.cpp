// Static rules of products, layers and losses. The rule of conv2d is beside its kernels, in ops_layers.cpp.
#include "ops_matmul.h"
#include "rules_impl.h"

namespace nabla {

using namespace detail;

namespace {

/// a^T g, in the order of b where b was a transposed view: the transpose back is then no copy.
Tensor to_right(const Tensor &a, const Tensor &b, const Tensor &g) {
  const bool by_columns = b.stride(0) == 1 && b.stride(1) == b.size(0) && b.size(0) > 1;
  return by_columns ? g.t().mm(a).t() : a.t().mm(g);
}

} // namespace

void mm_pullback(const Tensor &a, const Tensor &b, const Tensor &seed, Tensor *a_bar, Tensor *b_bar) {
  if (flows(seed, a_bar))
    give(a_bar, seed.mm(b.t()), a);
  if (flows(seed, b_bar))
    give(b_bar, to_right(a, b, seed), b);
}
void mv_pullback(const Tensor &a, const Tensor &b, const Tensor &seed, Tensor *a_bar, Tensor *b_bar) {
  if (flows(seed, a_bar))
    give(a_bar, seed.outer(b), a);
  if (flows(seed, b_bar))
    give(b_bar, a.t().mv(seed), b);
}
void dot_pullback(const Tensor &a, const Tensor &b, const Tensor &seed, Tensor *a_bar, Tensor *b_bar) {
  if (flows(seed, a_bar))
    give(a_bar, seed * b, a);
  if (flows(seed, b_bar))
    give(b_bar, seed * a, b);
}
void bmm_pullback(const Tensor &a, const Tensor &b, const Tensor &seed, Tensor *a_bar, Tensor *b_bar) {
  if (flows(seed, a_bar))
    give(a_bar, seed.bmm(b.transpose(1, 2)), a);
  if (flows(seed, b_bar))
    give(b_bar, a.transpose(1, 2).bmm(seed), b);
}
void outer_pullback(const Tensor &a, const Tensor &b, const Tensor &seed, Tensor *a_bar, Tensor *b_bar) {
  if (flows(seed, a_bar))
    give(a_bar, seed.mv(b), a);
  if (flows(seed, b_bar))
    give(b_bar, seed.t().mv(a), b);
}
void addmm_pullback(const Tensor &c, const Tensor &a, const Tensor &b, Scalar beta, Scalar alpha,
                    const Tensor &seed, Tensor *c_bar, Tensor *a_bar, Tensor *b_bar, double *beta_bar,
                    double *alpha_bar) {
  if (flows(seed, c_bar))
    give(c_bar, seed * beta, c);
  if (flows(seed, a_bar, b_bar))
    mm_pullback(a, b, seed * alpha, a_bar, b_bar);
  if (flows(seed, beta_bar))
    give(beta_bar, seed * c);
  if (flows(seed, alpha_bar))
    give(alpha_bar, seed * a.mm(b));
}

void matmul_pullback(const Tensor &a, const Tensor &b, const Tensor &seed, Tensor *a_bar, Tensor *b_bar) {
  if (!flows(seed, a_bar, b_bar))
    return;
  if (a.dim() == 1 && b.dim() == 1)
    return dot_pullback(a, b, seed, a_bar, b_bar);
  if (a.dim() == 2 && b.dim() == 2)
    return mm_pullback(a, b, seed, a_bar, b_bar);
  if (a.dim() == 2 && b.dim() == 1)
    return mv_pullback(a, b, seed, a_bar, b_bar);
  if (b.dim() == 2 && a.dim() > 2) { // [.., n, k] [k, m]: one product of all rows
    const Tensor rows = seed.reshape({-1, b.size(1)});
    if (a_bar)
      give(a_bar, rows.mm(b.t()).reshape(a.sizes()), a);
    if (b_bar)
      give(b_bar, to_right(a.reshape({-1, a.size(-1)}), b, rows), b);
    return;
  }
  // Vectors as matrices; give() sums over batches that were broadcast.
  const Tensor left = a.dim() == 1 ? a.unsqueeze(0) : a, right = b.dim() == 1 ? b.unsqueeze(1) : b;
  const Tensor g = a.dim() == 1 ? seed.unsqueeze(-2) : b.dim() == 1 ? seed.unsqueeze(-1) : seed;
  if (a_bar) {
    const Tensor wide = g.matmul(right.transpose(-2, -1));
    give(a_bar, a.dim() == 1 ? wide.reshape({-1, a.size(0)}).sum(0) : wide, a);
  }
  if (b_bar) {
    const Tensor wide = left.transpose(-2, -1).matmul(g);
    give(b_bar, b.dim() == 1 ? wide.reshape({-1, b.size(0)}).sum(0) : wide, b);
  }
}

void linear_pullback(const Tensor &x, const Tensor &weight, const Tensor &bias, const Tensor &seed,
                     Tensor *x_bar, Tensor *weight_bar, Tensor *bias_bar) {
  if (!flows(seed, x_bar, weight_bar, bias_bar))
    return;
  const Tensor g = x.dim() == 2 ? seed : seed.reshape({-1, weight.size(0)});
  if (x_bar) {
    const Tensor rows = g.mm(weight);
    give(x_bar, x.dim() == 2 ? rows : rows.reshape(x.sizes()), x);
  }
  if (weight_bar)
    give(weight_bar, g.t().mm(x.dim() == 2 ? x : x.reshape({-1, weight.size(1)})), weight);
  if (bias_bar && bias.defined())
    give(bias_bar, g.sum(0), bias);
}

// ---- Layers ----

void embedding_pullback(const Tensor &weight, const Tensor &indices, std::int64_t padding_idx,
                        const Tensor &seed, Tensor *weight_bar, Tensor *) {
  if (!flows(seed, weight_bar))
    return;
  const Tensor rows = indices.reshape({-1});
  Tensor g = seed.reshape({-1, weight.size(1)});
  if (padding_idx >= 0)
    g = g * rows.ne(padding_idx).to(g.scalar_type()).unsqueeze(1);
  give(weight_bar, zeros_of(weight).index_add(0, rows, g), weight);
}

void layer_norm_pullback(const Tensor &x, IntArrayRef normalized_shape, const Tensor &weight,
                         const Tensor &bias, double eps, const Tensor &seed, Tensor *x_bar,
                         Tensor *weight_bar, Tensor *bias_bar, double *eps_bar) {
  if (!flows(seed, x_bar, weight_bar, bias_bar, eps_bar))
    return;
  if (eps_bar)
    throw NotImplementedError("layer_norm has no derivative by eps: let it depend on nothing that is "
                              "differentiated, or mark the parameter [[nabla::inactive]]");
  std::vector<std::int64_t> over;
  for (std::size_t d = 0; d < normalized_shape.size(); ++d)
    over.push_back(-1 - static_cast<std::int64_t>(d));
  const Tensor centred = x - x.mean(over, true);
  const Tensor scale = (centred.square().mean(over, true) + eps).rsqrt(), h = centred * scale;
  if (bias_bar && bias.defined())
    give(bias_bar, seed, bias);
  if (weight_bar && weight.defined())
    give(weight_bar, seed * h, weight);
  if (!x_bar)
    return;
  const Tensor g = weight.defined() ? seed * weight : seed;
  give(x_bar, (g - g.mean(over, true) - h * (g * h).mean(over, true)) * scale, x);
}

// ---- Losses ----

namespace {

double factor_of(std::int64_t reduction, std::int64_t n) {
  return reduction == Reduction::Mean ? 1.0 / static_cast<double>(n) : 1.0;
}

void refuse_weight(const Tensor &weight, const Tensor *weight_bar) {
  if (weight.defined() && weight_bar)
    throw NotImplementedError("class weights have no derivative here: pass weight.detach()");
}

/// -w of each example's class, 0 for those that are ignored, divided by their sum for a mean; times the seed. In target's shape.
Tensor example_factors(const Tensor &x, const Tensor &place, const Tensor &used, const Tensor &weight,
                       std::int64_t reduction, const Tensor &seed) {
  Tensor factor = used.to(x.scalar_type());
  if (weight.defined())
    factor = factor * weight.index_select(0, place.reshape({-1})).reshape(place.sizes());
  if (reduction == Reduction::Mean)
    factor = factor / factor.sum();
  return -(factor * seed);
}

/// The adjoint of log-probabilities x under nll_loss.
Tensor to_log_probabilities(const Tensor &x, const Tensor &target, const Tensor &weight,
                            std::int64_t reduction, std::int64_t ignore_index, const Tensor &seed) {
  const std::int64_t dim = x.dim() == 1 ? 0 : 1;
  const Tensor used = target.ne(ignore_index), place = where(used, target, zeros_like(target));
  const Tensor factor = example_factors(x, place, used, weight, reduction, seed);
  return zeros_of(x).scatter_add(dim, place.unsqueeze(dim), factor.unsqueeze(dim));
}

} // namespace

void mse_loss_pullback(const Tensor &x, const Tensor &target, std::int64_t reduction, const Tensor &seed,
                       Tensor *x_bar, Tensor *target_bar) {
  if (!flows(seed, x_bar, target_bar))
    return;
  const Tensor difference = x - target;
  const Tensor g = difference * (seed * (2 * factor_of(reduction, difference.numel())));
  if (x_bar)
    give(x_bar, g, x);
  if (target_bar)
    give(target_bar, -g, target);
}
void l1_loss_pullback(const Tensor &x, const Tensor &target, std::int64_t reduction, const Tensor &seed,
                      Tensor *x_bar, Tensor *target_bar) {
  if (!flows(seed, x_bar, target_bar))
    return;
  const Tensor difference = x - target;
  const Tensor g = difference.sign() * (seed * factor_of(reduction, difference.numel()));
  if (x_bar)
    give(x_bar, g, x);
  if (target_bar)
    give(target_bar, -g, target);
}
void nll_loss_pullback(const Tensor &x, const Tensor &target, const Tensor &weight, std::int64_t reduction,
                       std::int64_t ignore_index, const Tensor &seed, Tensor *x_bar, Tensor *,
                       Tensor *weight_bar) {
  refuse_weight(weight, weight_bar);
  if (flows(seed, x_bar))
    give(x_bar, to_log_probabilities(x, target, weight, reduction, ignore_index, seed), x);
}
void cross_entropy_loss_pullback(const Tensor &x, const Tensor &target, const Tensor &weight,
                                 std::int64_t reduction, std::int64_t ignore_index, double label_smoothing,
                                 const Tensor &seed, Tensor *x_bar, Tensor *target_bar, Tensor *weight_bar,
                                 double *label_smoothing_bar) {
  refuse_weight(weight, weight_bar);
  if (label_smoothing != 0 || label_smoothing_bar)
    throw NotImplementedError(
        "label smoothing has no static rule: write it out in log_softmax, or use backward()");
  if (!flows(seed, x_bar, target_bar))
    return;
  const std::int64_t dim = x.dim() == 1 ? 0 : 1;
  const Tensor logs = x.log_softmax(dim);
  if (!is_floating(target.scalar_type())) {
    const Tensor g = to_log_probabilities(x, target, weight, reduction, ignore_index, seed);
    return log_softmax_pullback(x, dim, logs, g, x_bar);
  }
  const Tensor per_example = seed * -factor_of(reduction, x.numel() / x.size(dim));
  Tensor g = (reduction == Reduction::None ? per_example.unsqueeze(dim) : per_example).expand(x.sizes());
  if (weight.defined()) {
    std::vector<std::int64_t> shape(static_cast<std::size_t>(x.dim()), 1);
    shape[static_cast<std::size_t>(dim)] = weight.size(0);
    g = g * weight.reshape(shape);
  }
  if (target_bar)
    give(target_bar, g * logs, target);
  log_softmax_pullback(x, dim, logs, g * target, x_bar);
}
void cross_entropy_pullback(const Tensor &x, const Tensor &target,
                            const nn::functional::CrossEntropyFuncOptions &o, const Tensor &seed,
                            Tensor *x_bar, Tensor *target_bar) {
  cross_entropy_loss_pullback(x, target, o.weight_, o.reduction_, o.ignore_index_, o.label_smoothing_, seed,
                              x_bar, target_bar, nullptr, nullptr);
}

} // namespace nabla
