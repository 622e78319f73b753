// Layers as functions: linear, convolution, pooling, embedding, normalisation, dropout, activations, losses. Names and defaults are
// libtorch's; there are no modules: parameters are tensors in a vector. All differentiable to any order.
#ifndef NABLA_TENSOR_NN_H
#define NABLA_TENSOR_NN_H

#include "functions.h"

namespace nabla {

/// What a loss does with its terms.
namespace Reduction {
enum Reduction : std::int64_t { None, Mean, Sum };
}
inline constexpr std::int64_t kNone = Reduction::None, kMean = Reduction::Mean, kSum = Reduction::Sum;

// ---- Layers ----
/// x w^T + b for x [.., in], w [out, in], b [out] (or none).
Tensor linear(const Tensor &x, const Tensor &weight, const Tensor &bias = {});
/// c + the products of the batches [n, .., k] [n, k, ..]: beta c + alpha a b.
Tensor baddbmm(const Tensor &c, const Tensor &a, const Tensor &b, Scalar beta = 1, Scalar alpha = 1);
/// x [n, ic, h, w] (or without n), weight [oc, ic / groups, kh, kw], bias [oc] or none. One number means both directions.
Tensor conv2d(const Tensor &x, const Tensor &weight, const Tensor &bias = {}, IntArrayRef stride = 1,
              IntArrayRef padding = 0, IntArrayRef dilation = 1, std::int64_t groups = 1);
/// x [n, ic, l] (or without n), weight [oc, ic / groups, k].
Tensor conv1d(const Tensor &x, const Tensor &weight, const Tensor &bias = {}, std::int64_t stride = 1,
              std::int64_t padding = 0, std::int64_t dilation = 1, std::int64_t groups = 1);
/// Windows over the last two dimensions; stride {} means the kernel's size.
Tensor max_pool2d(const Tensor &x, IntArrayRef kernel, IntArrayRef stride = {}, IntArrayRef padding = 0,
                  IntArrayRef dilation = 1);
Tensor avg_pool2d(const Tensor &x, IntArrayRef kernel, IntArrayRef stride = {}, IntArrayRef padding = 0);
/// Rows of weight [n, d] at indices (Int or Long, any shape); the row padding_idx gets no gradient.
Tensor embedding(const Tensor &weight, const Tensor &indices, std::int64_t padding_idx = -1);
/// (x - mean) / sqrt(var + eps) over the last dimensions, which are normalized_shape, then * weight + bias where given.
Tensor layer_norm(const Tensor &x, IntArrayRef normalized_shape, const Tensor &weight = {},
                  const Tensor &bias = {}, double eps = 1e-5);
/// Zero with probability p, the rest / (1 - p); x itself when not training.
Tensor dropout(const Tensor &x, double p, bool train);
/// [..] of 0 .. classes - 1 to [.., classes] of 0 and 1 (Long); classes -1: the largest index + 1.
NABLA_INACTIVE Tensor one_hot(const Tensor &indices, std::int64_t classes = -1);

// ---- Activations ----
/// x times the normal distribution's cdf; approximate "tanh" for its approximation.
Tensor gelu(const Tensor &x, const std::string &approximate = "none");
Tensor silu(const Tensor &x);
Tensor softplus(const Tensor &x, double beta = 1, double threshold = 20);
Tensor log_sigmoid(const Tensor &x);
Tensor leaky_relu(const Tensor &x, double negative_slope = 0.01);
Tensor elu(const Tensor &x, double alpha = 1);
Tensor selu(const Tensor &x);

// ---- Losses ----
Tensor mse_loss(const Tensor &x, const Tensor &target, std::int64_t reduction = Reduction::Mean);
Tensor l1_loss(const Tensor &x, const Tensor &target, std::int64_t reduction = Reduction::Mean);
Tensor smooth_l1_loss(const Tensor &x, const Tensor &target, std::int64_t reduction = Reduction::Mean,
                      double beta = 1);
Tensor huber_loss(const Tensor &x, const Tensor &target, std::int64_t reduction = Reduction::Mean,
                  double delta = 1);
/// target (log target - x) for log-probabilities x.
Tensor kl_div(const Tensor &x, const Tensor &target, std::int64_t reduction = Reduction::Mean,
              bool log_target = false);
Tensor binary_cross_entropy(const Tensor &x, const Tensor &target, const Tensor &weight = {},
                            std::int64_t reduction = Reduction::Mean);
Tensor binary_cross_entropy_with_logits(const Tensor &x, const Tensor &target, const Tensor &weight = {},
                                        const Tensor &pos_weight = {},
                                        std::int64_t reduction = Reduction::Mean);
/// -weight[target] x[target] of log-probabilities x [n, c, ..] and classes target [n, ..] (or x [c], target []).
Tensor nll_loss(const Tensor &x, const Tensor &target, const Tensor &weight = {},
                std::int64_t reduction = Reduction::Mean, std::int64_t ignore_index = -100);
/// nll_loss of log_softmax over the classes; target may hold probabilities [n, c, ..] instead of classes.
Tensor cross_entropy_loss(const Tensor &x, const Tensor &target, const Tensor &weight = {},
                          std::int64_t reduction = Reduction::Mean, std::int64_t ignore_index = -100,
                          double label_smoothing = 0);

namespace nn {
namespace functional {

struct CrossEntropyFuncOptions {
  Tensor weight_;
  std::int64_t reduction_ = Reduction::Mean, ignore_index_ = -100;
  double label_smoothing_ = 0;
  CrossEntropyFuncOptions &weight(const Tensor &w) { return weight_ = w, *this; }
  CrossEntropyFuncOptions &reduction(std::int64_t r) { return reduction_ = r, *this; }
  CrossEntropyFuncOptions &ignore_index(std::int64_t i) { return ignore_index_ = i, *this; }
  CrossEntropyFuncOptions &label_smoothing(double s) { return label_smoothing_ = s, *this; }
};
inline Tensor cross_entropy(const Tensor &x, const Tensor &target, const CrossEntropyFuncOptions &o = {}) {
  return cross_entropy_loss(x, target, o.weight_, o.reduction_, o.ignore_index_, o.label_smoothing_);
}
inline Tensor nll_loss(const Tensor &x, const Tensor &target, const CrossEntropyFuncOptions &o = {}) {
  return nabla::nll_loss(x, target, o.weight_, o.reduction_, o.ignore_index_);
}
inline Tensor softmax(const Tensor &x, std::int64_t dim) { return x.softmax(dim); }
inline Tensor log_softmax(const Tensor &x, std::int64_t dim) { return x.log_softmax(dim); }
inline Tensor relu(const Tensor &x) { return x.relu(); }
inline Tensor sigmoid(const Tensor &x) { return x.sigmoid(); }
inline Tensor tanh(const Tensor &x) { return x.tanh(); }
inline Tensor logsigmoid(const Tensor &x) { return log_sigmoid(x); }
inline Tensor dropout(const Tensor &x, double p = 0.5, bool training = true) {
  return nabla::dropout(x, p, training);
}
inline Tensor embedding(const Tensor &indices, const Tensor &weight) {
  return nabla::embedding(weight, indices);
}
using nabla::avg_pool2d;
using nabla::binary_cross_entropy;
using nabla::binary_cross_entropy_with_logits;
using nabla::conv1d;
using nabla::conv2d;
using nabla::elu;
using nabla::gelu;
using nabla::huber_loss;
using nabla::kl_div;
using nabla::l1_loss;
using nabla::layer_norm;
using nabla::leaky_relu;
using nabla::linear;
using nabla::max_pool2d;
using nabla::mse_loss;
using nabla::one_hot;
using nabla::selu;
using nabla::silu;
using nabla::smooth_l1_loss;
using nabla::softplus;

} // namespace functional

namespace utils {
/// Scales all gradients so that their common norm is at most max_norm; returns the norm before.
double clip_grad_norm_(const std::vector<Tensor> &parameters, double max_norm, double norm_type = 2);
/// Clamps every gradient to [-value, value].
void clip_grad_value_(const std::vector<Tensor> &parameters, double value);
} // namespace utils
} // namespace nn

} // namespace nabla

#endif
