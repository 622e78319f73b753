// Activations and losses.
#include "node.h"

#include <nabla/tensor/nn.h>

#include <cmath>

namespace nabla {
namespace detail {
namespace {

constexpr double half_root = 0.70710678118654752440;   // 1 / sqrt 2
constexpr double root_two_pi = 0.39894228040143267794; // 1 / sqrt(2 pi)

// primal: y = x cdf(x)    adjoint: x_bar += y_bar (cdf(x) + x pdf(x))
void gelu_backward(Sweep &s) {
  const Tensor x = s.saved(0);
  const Tensor &g = s.grad();
  if (!recording(g, x)) {
    Tensor r = make_like(x);
    kernels::binary(kernels::Binary::GeluBackward, view(r), view(g), view(x));
    return s.give(0, r);
  }
  s.give(0, g * ((x * half_root).erf() * 0.5 + 0.5 + x * (x.square() * -0.5).exp() * root_two_pi));
}
// primal: y = x (1 + tanh u) / 2, u = sqrt(2 / pi) (x + 0.044715 x^3)
void gelu_tanh_backward(Sweep &s) {
  const Tensor x = s.saved(0), x2 = x.square();
  constexpr double k = 0.79788456080286535588, c = 0.044715;
  const Tensor t = (x * (x2 * c + 1) * k).tanh();
  s.give(0, s.grad() * ((t + 1) * 0.5 + x * 0.5 * (1 - t * t) * (x2 * (3 * c) + 1) * k));
}
// primal: y = x s, s = sigmoid(x)    adjoint: x_bar += y_bar s (1 + x (1 - s))
void silu_backward(Sweep &s) {
  const Tensor x = s.saved(0), y = x.sigmoid();
  s.give(0, s.grad() * (y * (x * (1 - y) + 1)));
}
// primal: y = log(1 + exp x)    adjoint: x_bar += y_bar sigmoid(x)
void softplus_backward(Sweep &s) { s.give(0, s.grad() * s.saved(0).sigmoid()); }
void log_sigmoid_backward(Sweep &s) { s.give(0, s.grad() * (-s.saved(0)).sigmoid()); }

Tensor activation(const Tensor &x, kernels::Unary op, const char *node, BackwardFunction backward) {
  if (!is_floating(need(x)->dtype))
    throw TypeError(std::string("\"") + node + "\" not implemented for '" + to_string(x.scalar_type()) + "'");
  Tensor r = make_like(x);
  kernels::unary(op, view(r), view(x));
  if (recording(x)) {
    Recorder rec(node, backward, {&x}, 1);
    rec.save(0, x);
    rec.finish(r);
  }
  return r;
}

// ---- Losses ------------------------------------------------------------------------------------------------------------

struct Reduced {
  std::int64_t reduction;
  double factor; ///< 1 / n for Mean
};
Reduced reduced_by(std::int64_t reduction, std::int64_t n) {
  if (reduction != Reduction::None && reduction != Reduction::Mean && reduction != Reduction::Sum)
    throw ValueError(std::to_string(reduction) + " is not a valid value for reduction");
  return {reduction, reduction == Reduction::Mean ? 1.0 / static_cast<double>(n) : 1.0};
}
Tensor reduce(const Tensor &terms, std::int64_t reduction) {
  reduced_by(reduction, 1);
  return reduction == Reduction::None ? terms : reduction == Reduction::Mean ? terms.mean() : terms.sum();
}
void need_floating(const Tensor &x, const Tensor &target, const char *name) {
  need(target);
  if (!is_floating(need(x)->dtype))
    throw TypeError(std::string(name) + ": expected a floating input, but found " +
                    to_string(x.scalar_type()));
}

// primal: l = (x - t)^2, summed or averaged    adjoint: x_bar += 2 (x - t) l_bar factor, t_bar -= the same
void mse_backward(Sweep &s) {
  const Tensor g = (s.saved(0) - s.saved(1)) * (s.grad() * (2 * s.attribute<Reduced>().factor));
  if (s.wants(0))
    s.give(0, g);
  if (s.wants(1))
    s.give(1, -g);
}
// primal: l = max(x, 0) - x t + log(1 + exp(-|x|))    adjoint: x_bar += (sigmoid(x) - t) l_bar, t_bar -= x l_bar
void bce_logits_backward(Sweep &s) {
  const Tensor x = s.saved(0), t = s.saved(1), g = s.grad() * s.attribute<Reduced>().factor;
  if (s.wants(0))
    s.give(0, (x.sigmoid() - t) * g);
  if (s.wants(1))
    s.give(1, -x * g);
}
// primal: l = -t log x - (1 - t) log(1 - x)    adjoint: x_bar += (x - t) / (x (1 - x)) l_bar, t_bar += (log(1 - x) - log x) l_bar
void bce_backward(Sweep &s) {
  const Tensor x = s.saved(0), t = s.saved(1), g = s.grad() * s.attribute<Reduced>().factor;
  if (s.wants(0))
    s.give(0, (x - t) / ((1 - x) * x).clamp_min(1e-12) * g);
  if (s.wants(1))
    s.give(1, ((-x).log1p().clamp_min(-100) - x.log().clamp_min(-100)) * g);
}

/// Two arguments of one shape and type: broadcast and cast, followed by autograd.
std::pair<Tensor, Tensor> matched(const Tensor &x, const Tensor &target) {
  const ScalarType type = result_type(x, target);
  Tensor a = x.scalar_type() == type ? x : x.to(type),
         b = target.scalar_type() == type ? target : target.to(type);
  if (!same_sizes(a.sizes(), b.sizes())) {
    const Dims sizes = broadcast(a.sizes(), b.sizes());
    a = a.expand(sizes);
    b = b.expand(sizes);
  }
  return {a, b};
}

template <class Forward>
Tensor pointwise_loss(const Tensor &x, const Tensor &t, std::int64_t reduction, const char *node,
                      BackwardFunction backward, Forward forward) {
  const Reduced how = reduced_by(reduction, x.numel());
  Tensor r;
  {
    NoGradGuard no_history;
    r = reduce(forward(x, t), reduction);
  }
  if (recording(x, t)) {
    Recorder rec(node, backward, {&x, &t}, 2, &how);
    rec.save(0, x);
    rec.save(1, t);
    rec.finish(r);
  }
  return r;
}

// primal: l_i = -w_i x[i][t_i], summed or averaged    adjoint: x_bar[i][t_i] -= w_i l_bar
struct Classes {
  std::int64_t n, c;
};
void nll_backward(Sweep &s) {
  const Classes &k = s.attribute<Classes>();
  const Tensor target = s.saved(0), factor = s.saved(1); // [n]: -w_i, or -w_i / sum w
  const Tensor g = (s.grad() * factor).reshape({k.n, 1});
  s.give(0, zeros({k.n, k.c}, s.result().dtype).scatter_add(1, target.reshape({k.n, 1}), g));
}

/// x [n, c], target [n] Long; the result has shape [n] or [].
Tensor nll_rows(const Tensor &x, const Tensor &target, const Tensor &weight, std::int64_t reduction,
                std::int64_t ignore) {
  const Classes k{x.size(0), x.size(1)};
  Tensor place, factor, r;
  {
    NoGradGuard no_history;
    const Tensor used = target.ne(ignore);
    place = where(used, target, zeros_like(target));
    if (k.n) {
      const std::int64_t low = place.min().item<std::int64_t>(), high = place.max().item<std::int64_t>();
      if (low < 0 || high >= k.c)
        throw IndexError("Target " + std::to_string(low < 0 ? low : high) + " is out of bounds.");
    }
    factor = used.to(x.scalar_type());
    if (weight.defined())
      factor = factor * weight.detach().index_select(0, place);
    factor = reduction == Reduction::Mean ? factor / factor.sum() * -1 : -factor;
    r = x.gather(1, place.unsqueeze(1)).squeeze(1);
    r = where(used, r, zeros_like(r)) * factor; // an ignored row's NaN or infinity does not count
    if (reduction != Reduction::None)
      r = r.sum();
  }
  if (recording(x)) {
    Recorder rec("NllLossBackward0", nll_backward, {&x}, 2, &k);
    rec.save(0, place);
    rec.save(1, factor);
    rec.finish(r);
  }
  return r;
}

void need_weight(const Tensor &weight, std::int64_t classes, ScalarType type) {
  if (weight.defined() && (weight.dim() != 1 || weight.size(0) != classes || weight.scalar_type() != type))
    throw ShapeError("weight tensor should be defined either for all " + std::to_string(classes) +
                     " classes and be of the input's type, or not at all, but got weight tensor of shape: " +
                     shape_text(weight.sizes()));
  if (weight.defined() && recording(weight))
    throw NotImplementedError(
        "class weights have no derivative here: pass weight.detach(), or write the loss as "
        "-(weight.index_select(0, target) * x.gather(1, target.unsqueeze(1)).squeeze(1)).mean()");
}

/// The mean over examples of cross entropy with probabilities: target [n, c, ..].
Tensor soft_cross_entropy(const Tensor &logits, const Tensor &target, const Tensor &weight,
                          std::int64_t reduction, std::int64_t dim) {
  Tensor terms = -(logits * target);
  if (weight.defined()) {
    std::vector<std::int64_t> shape(static_cast<std::size_t>(logits.dim()), 1);
    shape[static_cast<std::size_t>(dim)] = weight.size(0);
    terms = terms * weight.reshape(shape);
  }
  const Tensor sums = terms.sum(dim);
  return reduction == Reduction::None  ? sums
         : reduction == Reduction::Sum ? sums.sum()
                                       : sums.sum() / static_cast<double>(sums.numel());
}

} // namespace
} // namespace detail

using namespace detail;
using kernels::Unary;

Tensor gelu(const Tensor &x, const std::string &approximate) {
  if (approximate == "tanh")
    return activation(x, Unary::GeluTanh, "GeluBackward0", gelu_tanh_backward);
  if (approximate != "none")
    throw ValueError("approximate argument must be either none or tanh.");
  return activation(x, Unary::Gelu, "GeluBackward0", gelu_backward);
}
Tensor silu(const Tensor &x) { return activation(x, Unary::Silu, "SiluBackward0", silu_backward); }
Tensor softplus(const Tensor &x, double beta, double threshold) {
  const Tensor scaled = beta == 1 ? x : x * beta;
  const Tensor r = activation(scaled, Unary::Softplus, "SoftplusBackward0", softplus_backward);
  (void)
      threshold; // beyond it libtorch gives x; ours equals x there to the last place, without a kink in the derivative
  return beta == 1 ? r : r / beta;
}
Tensor log_sigmoid(const Tensor &x) {
  return activation(x, Unary::LogSigmoid, "LogSigmoidBackward0", log_sigmoid_backward);
}
Tensor leaky_relu(const Tensor &x, double negative_slope) {
  return where(x.detach() > 0, x, x * negative_slope);
}
Tensor elu(const Tensor &x, double alpha) { return where(x.detach() > 0, x, x.clamp_max(0).expm1() * alpha); }
Tensor selu(const Tensor &x) {
  return elu(x, 1.6732632423543772848170429916717) * 1.0507009873554804934193349852946;
}

Tensor mse_loss(const Tensor &x, const Tensor &target, std::int64_t reduction) {
  need_floating(x, target, "mse_loss");
  const auto [a, b] = matched(x, target);
  return pointwise_loss(a, b, reduction, "MseLossBackward0", mse_backward,
                        [](const Tensor &p, const Tensor &q) { return (p - q).square(); });
}
Tensor l1_loss(const Tensor &x, const Tensor &target, std::int64_t reduction) {
  need_floating(x, target, "l1_loss");
  return detail::reduce((x - target).abs(), reduction);
}
Tensor smooth_l1_loss(const Tensor &x, const Tensor &target, std::int64_t reduction, double beta) {
  if (!(beta >= 0))
    throw ValueError("smooth_l1_loss does not support negative values for beta.");
  return beta == 0 ? l1_loss(x, target, reduction)
                   : detail::reduce(huber_loss(x, target, Reduction::None, beta) / beta, reduction);
}
Tensor huber_loss(const Tensor &x, const Tensor &target, std::int64_t reduction, double delta) {
  need_floating(x, target, "huber_loss");
  if (!(delta > 0))
    throw ValueError("huber_loss does not support non-positive values for delta.");
  const Tensor d = x - target, size = d.abs();
  return detail::reduce(where(size.detach() <= delta, d.square() * 0.5, (size - 0.5 * delta) * delta),
                        reduction);
}
Tensor kl_div(const Tensor &x, const Tensor &target, std::int64_t reduction, bool log_target) {
  need_floating(x, target, "kl_div");
  if (log_target)
    return detail::reduce(target.exp() * (target - x), reduction);
  const Tensor positive = target.detach() > 0, safe = where(positive, target, ones_like(target));
  return detail::reduce(where(positive, safe * safe.log(), zeros_like(target)) - target * x, reduction);
}

Tensor binary_cross_entropy(const Tensor &x, const Tensor &target, const Tensor &weight,
                            std::int64_t reduction) {
  need_floating(x, target, "binary_cross_entropy");
  if (!same_sizes(x.sizes(), target.sizes()))
    throw ShapeError("Using a target size (" + shape_text(target.sizes()) +
                     ") that is different to the input size (" + shape_text(x.sizes()) +
                     ") is deprecated. Please ensure they have the same size.");
  if (x.numel() && x.detach().lt(0).logical_or(x.detach().gt(1)).any().item<bool>())
    throw ValueError("all elements of input should be between 0 and 1");
  const std::int64_t inner = weight.defined() ? static_cast<std::int64_t>(Reduction::None) : reduction;
  const Tensor r = pointwise_loss(
      x, target, inner, "BinaryCrossEntropyBackward0", bce_backward, [](const Tensor &p, const Tensor &t) {
        return -(t * p.log().clamp_min(-100) + (1 - t) * (-p).log1p().clamp_min(-100));
      });
  return weight.defined() ? detail::reduce(r * weight, reduction) : r;
}

Tensor binary_cross_entropy_with_logits(const Tensor &x, const Tensor &target, const Tensor &weight,
                                        const Tensor &pos_weight, std::int64_t reduction) {
  need_floating(x, target, "binary_cross_entropy_with_logits");
  if (!same_sizes(x.sizes(), target.sizes()))
    throw ShapeError("Target size (" + shape_text(target.sizes()) + ") must be the same as input size (" +
                     shape_text(x.sizes()) + ")");
  Tensor terms;
  if (pos_weight.defined())
    terms = (1 - target) * x + ((pos_weight - 1) * target + 1) * softplus(-x);
  else {
    const std::int64_t inner = weight.defined() ? static_cast<std::int64_t>(Reduction::None) : reduction;
    terms = pointwise_loss(
        x, target, inner, "BinaryCrossEntropyWithLogitsBackward0", bce_logits_backward,
        [](const Tensor &p, const Tensor &t) { return p.clamp_min(0) - p * t + softplus(-p.abs()); });
    if (!weight.defined())
      return terms;
  }
  return detail::reduce(weight.defined() ? terms * weight : terms, reduction);
}

Tensor nll_loss(const Tensor &x, const Tensor &target, const Tensor &weight, std::int64_t reduction,
                std::int64_t ignore_index) {
  need_floating(x, target, "nll_loss");
  reduced_by(reduction, 1);
  if (target.scalar_type() != ScalarType::Long)
    throw TypeError(std::string("expected scalar type Long but found ") + to_string(target.scalar_type()));
  if (x.dim() == 0)
    throw ShapeError("input tensor should be 1D or more");
  const std::int64_t dim = x.dim() == 1 ? 0 : 1;
  need_weight(weight, x.size(dim), x.scalar_type());
  std::vector<std::int64_t> expected = x.sizes().vec();
  expected.erase(expected.begin() + dim);
  if (!same_sizes(target.sizes(), expected))
    throw ShapeError("Expected target size " + shape_text(expected) + ", got " + shape_text(target.sizes()));
  const std::int64_t classes = x.size(dim);
  const Tensor rows =
      x.dim() <= 2 ? (x.dim() == 1 ? x.unsqueeze(0) : x) : x.movedim(1, -1).reshape({-1, classes});
  const Tensor r = nll_rows(rows, target.reshape({-1}), weight, reduction, ignore_index);
  return reduction == Reduction::None ? r.reshape(expected) : r;
}

Tensor cross_entropy_loss(const Tensor &x, const Tensor &target, const Tensor &weight, std::int64_t reduction,
                          std::int64_t ignore_index, double label_smoothing) {
  need_floating(x, target, "cross_entropy_loss");
  reduced_by(reduction, 1);
  if (!(label_smoothing >= 0 && label_smoothing <= 1))
    throw ValueError("label_smoothing must be between 0.0 and 1.0. Got: " + std::to_string(label_smoothing));
  if (x.dim() == 0)
    throw ShapeError("input tensor should be 1D or more");
  const std::int64_t dim = x.dim() == 1 ? 0 : 1, classes = x.size(dim);
  need_weight(weight, classes, x.scalar_type());
  const Tensor logits = x.log_softmax(dim);
  if (is_floating(target.scalar_type())) {
    if (!same_sizes(x.sizes(), target.sizes()))
      throw ShapeError("Expected target of probabilities to have the input's size " + shape_text(x.sizes()) +
                       ", got " + shape_text(target.sizes()));
    const Tensor t = label_smoothing > 0
                         ? target * (1 - label_smoothing) + label_smoothing / static_cast<double>(classes)
                         : target;
    return soft_cross_entropy(logits, t, weight, reduction, dim);
  }
  const Tensor hard = nll_loss(logits, target, weight, reduction, ignore_index);
  if (label_smoothing == 0)
    return hard;
  // the uniform part counts the examples that are not ignored, each divided as in nll_loss
  const Tensor used = target.ne(ignore_index).to(x.scalar_type());
  const Tensor uniform = soft_cross_entropy(logits, ones_like(logits), weight, Reduction::None, dim) * used;
  Tensor smooth = reduction == Reduction::None ? uniform : uniform.sum();
  if (reduction == Reduction::Mean) {
    const Tensor place = where(target.ne(ignore_index), target, zeros_like(target)).reshape({-1});
    smooth =
        smooth / (weight.defined() ? (weight.index_select(0, place) * used.reshape({-1})).sum() : used.sum());
  }
  return hard * (1 - label_smoothing) + smooth * (label_smoothing / static_cast<double>(classes));
}

namespace nn::utils {

double clip_grad_norm_(const std::vector<Tensor> &parameters, double max_norm, double norm_type) {
  NoGradGuard no_history;
  const bool largest = std::isinf(norm_type);
  double total = 0;
  for (const Tensor &p : parameters)
    if (p.grad().defined()) {
      const double norm = p.grad().norm(norm_type).item<double>();
      total = largest ? std::fmax(total, norm) : total + std::pow(norm, norm_type);
    }
  total = largest ? total : std::pow(total, 1 / norm_type);
  const double scale = max_norm / (total + 1e-6);
  if (scale < 1)
    for (const Tensor &p : parameters)
      if (p.grad().defined())
        p.grad().mul_(scale);
  return total;
}

void clip_grad_value_(const std::vector<Tensor> &parameters, double value) {
  NoGradGuard no_history;
  for (const Tensor &p : parameters)
    if (p.grad().defined())
      p.grad().clamp_(-value, value);
}

} // namespace nn::utils
} // namespace nabla
