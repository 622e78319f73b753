// Every static rule against the dynamic tape: one function, differentiated both ways, on several shapes with broadcasting.
// RUN: %nablaxx -Wall -Wextra -Werror -O0 %check %s -o %t && %t
#include "Inputs/static_compare.h"

using namespace nabla;

namespace functions {

Tensor real(IntArrayRef sizes) { return randn(sizes, kDouble); }
Tensor positive(IntArrayRef sizes) { return rand(sizes, kDouble) + 0.3; }
Tensor small(IntArrayRef sizes) { return rand(sizes, kDouble) * 0.8 + 0.1; }

#define OF(NAME, EXPRESSION)                                                                                 \
  Tensor NAME([[maybe_unused]] const Tensor &a, [[maybe_unused]] const Tensor &b) { return EXPRESSION; }
#define RUN(NAME, A, B) compare<NAME>(#NAME, A, B)

// ---- One argument ----
#define UNARY(NAME)                                                                                          \
  OF(f_##NAME, a.NAME())                                                                                     \
  OF(g_##NAME, nabla::NAME(a))
// clang-format off
UNARY(exp)
UNARY(exp2)
UNARY(expm1)
UNARY(log)
UNARY(log2)
UNARY(log10)
UNARY(log1p)
UNARY(sqrt)
UNARY(sin)
UNARY(cos)
UNARY(tan)
UNARY(asin)
UNARY(acos)
UNARY(atan)
UNARY(sinh)
UNARY(cosh)
UNARY(tanh)
UNARY(asinh)
UNARY(atanh)
UNARY(erf)
UNARY(erfc)
UNARY(lgamma)
UNARY(digamma)
UNARY(neg)
UNARY(abs)
UNARY(sign)
UNARY(floor)
UNARY(ceil)
UNARY(round)
UNARY(trunc)
UNARY(frac)
UNARY(square)
UNARY(rsqrt)
UNARY(reciprocal)
UNARY(relu)
UNARY(sigmoid)
UNARY(erfinv)
UNARY(logit)
OF(acosh_of, (a + 1).acosh())
OF(minus_of, -a)
OF(gelu_of, gelu(a))
OF(gelu_tanh, gelu(a, "tanh"))
OF(silu_of, silu(a))
OF(softplus_of, softplus(a))
OF(log_sigmoid_of, log_sigmoid(a))
OF(leaky, leaky_relu(a))
OF(elu_of, elu(a, 0.7))
OF(clamp_of, a.clamp(-0.5, 0.7))
OF(clamp_below, clamp(a, nullopt, 0.7))
OF(clamp_both, a.clamp_min(-0.5) + clamp_max(a, 0.4))
OF(trigamma_of, trigamma(a))

// ---- Two arguments ----
OF(plus, a + b)
OF(minus, a - b)
OF(times, a * b)
OF(over, a / b)
OF(numbers, 2 * a + b * 3.0 - a / 4 + (1 - b) + 1.5 / (b * b + 1))
OF(methods, a.add(b).sub(b, 2).mul(a).div(2.0).add(1).sub(3, 2))
OF(functions, mul(add(a, b), 2) - div(sub(a, b), 3) + rsub(a, 1) + mul(a, b) + div(a, b))
OF(power, a.pow(b))
OF(power_number, a.pow(3) + pow(a, 0.5) + pow(2.0, b) + a.pow(2) + a.pow(0))
OF(angle, a.atan2(b))
OF(length, hypot(a, b))
OF(larger, maximum(a, b) + min(a, b) + a.max(b))
OF(mixed, lerp(a, b, 0.3) + a.lerp(b, a))
OF(chosen, where(a > b, a, b) + where(a < b, a, 2.0) + where(a == a, 1, b))
OF(masked, a.masked_fill(a > 0, 3) * b)
OF(compared, a * (a > 0.2).to(kDouble) + (b <= 0).to(kDouble) * b)
OF(detached, a * b.detach())

// ---- Reductions ----
OF(sum_all, a.sum() * sum(b))
OF(sum_over, a.sum(1) + a.sum({0, 1}) + sum(a, {-1}, true).sum(1))
OF(mean_all, a.mean() * mean(b))
OF(mean_over, a.mean(0) + mean(a, {0}, true).squeeze(0))
OF(extremes, a.max() * b.min() + max(a))
OF(extremes_over, a.amax(1) + amin(a, {1}) + a.amax())
OF(variance_of, a.var() + a.var(false) + a.var(1).sum() + a.std() + a.std(0, false, true).sum())
OF(norms, a.norm() + norm(a, 1) + a.norm(3, 1).sum() + norm(b, 2, {0}, true).sum() + a.norm(0))
OF(log_sums, a.logsumexp(1) + logsumexp(a, {0, 1}, true).sum())
OF(to_size, (a + b).sum_to_size({3}))
OF(trace_of, a.matmul(a.t()).trace())
OF(item_of, a * b.sum().item<double>())
OF(item_followed, a * b.sum())
// clang-format on
Tensor full_of(const Tensor &a, const Tensor &b) {
  double s = b.sum().item<double>();
  return a + full({2, 1}, s * s, kDouble) + full_like(a, s) + scalar_tensor(s, kDouble);
}
OF(full_followed, a + b.sum().square() + b.sum() * 2)

// ---- Along a dimension, shapes ----
OF(along, a.cumsum(1) + softmax(a, 1) + a.log_softmax(0))
OF(turned, flip(a, {0, 1}) + a.roll(1, 1) + a.tril() + triu(a, 1))
OF(shapes, a.reshape({-1}) + a.flatten() + a.view({a.numel()}) + a.clone().contiguous().view_as(a).ravel())
OF(squeezed, a.unsqueeze(0).squeeze(0) + squeeze(unsqueeze(a, -1)))
OF(unflattened, a.unflatten(1, {1, 3}).sum(1))
OF(widened, b.expand({4, 2, 3}) + a.expand({4, -1, -1}) + b.broadcast_to({2, 3}))
OF(like_other, b.expand_as(a) * a)
OF(transposed, a.t() + a.transpose(0, 1) + a.permute({1, 0}) + movedim(a, 0, 1) + a.mT())
OF(rows, a[0] * a[1] + select(a, 0, 1) + a.narrow(0, 1, 1).squeeze(0))
OF(slices, a.slice(1, 1) * a.slice(1, 0, 2) + a.slice(1, nullopt, nullopt, 2))
OF(diagonals, a.diagonal() * diagonal(a, 1))
OF(indexed,
   a.index({0, indexing::Slice(0, 2)}) * a.index({indexing::None, "...", 1}) + a.index({a > 0}).sum())
OF(cast, a.sum(kDouble) + a.to(kFloat).to(kDouble) * b)
OF(joined, cat({a, a * 2, b.unsqueeze(0)}, 0))
OF(stacked, stack({a, a.t().t(), b.expand_as(a)}, -1))
OF(picked, a.index_select(1, tensor({0, 2, 0})) + gather(a, 1, tensor({{0, 1, 1}, {2, 2, 0}})))

// ---- Products ----
OF(matmul_of, a.matmul(b))
OF(products, mm(a, b) + outer(a.sum(1), b.sum(0)) + a.mv(b.sum(1)).unsqueeze(1))
OF(turned_product, a.mm(b.t()))
OF(dot_of, dot(a.flatten(), b.flatten()))
OF(batches, bmm(a, b))
OF(added_product, addmm(b, a, b, 0.5, 2))
OF(linear_of, linear(a, b) + linear(a, b, b.sum(1)))

// ---- Layers and losses ----
OF(normalised, layer_norm(a, {3}) + layer_norm(a, {3}, b, b * 2))
OF(rows_of_table, embedding(a, tensor({{0, 1}, {1, 1}})) * b)
OF(squared, mse_loss(a, b) + mse_loss(a, b, Reduction::Sum) + mse_loss(a, b, Reduction::None).sum())
OF(absolute_loss, l1_loss(a, b))
OF(classes, cross_entropy_loss(a, b) + nll_loss(a.log_softmax(1), b, {}, Reduction::Sum))
OF(weighed, cross_entropy_loss(a, b, tensor({0.5, 2.0, 1.0}, kDouble), Reduction::Mean, 1))
OF(named_options, nn::functional::cross_entropy(a, b) + nn::functional::softmax(a, 1).sum())
OF(soft_classes, cross_entropy_loss(a, b) + cross_entropy_loss(a, b, {}, Reduction::None).sum())
OF(image, conv2d(a, b))
OF(image_steps, conv2d(a, b, a.sum({0, 2, 3}), {2, 1}, 1))

void one_argument() {
  const Tensor none = zeros({1}, kDouble);
  for (const std::vector<std::int64_t> &sizes : {std::vector<std::int64_t>(), {2, 3}}) {
    const Tensor a = real(sizes), p = positive(sizes), s = small(sizes);
#define BOTH_FORMS(NAME, A) RUN(f_##NAME, A, none), RUN(g_##NAME, A, none)
    BOTH_FORMS(exp, a), BOTH_FORMS(exp2, a), BOTH_FORMS(expm1, a), BOTH_FORMS(log, p), BOTH_FORMS(log2, p);
    BOTH_FORMS(log10, p), BOTH_FORMS(log1p, p), BOTH_FORMS(sqrt, p), BOTH_FORMS(sin, a), BOTH_FORMS(cos, a);
    BOTH_FORMS(tan, s), BOTH_FORMS(asin, s), BOTH_FORMS(acos, s), BOTH_FORMS(atan, a), BOTH_FORMS(sinh, a);
    BOTH_FORMS(cosh, a), BOTH_FORMS(tanh, a), BOTH_FORMS(asinh, a), BOTH_FORMS(atanh, s), BOTH_FORMS(erf, a);
    BOTH_FORMS(erfc, a), BOTH_FORMS(lgamma, p), BOTH_FORMS(digamma, p), BOTH_FORMS(neg, a);
    BOTH_FORMS(abs, a), BOTH_FORMS(sign, a), BOTH_FORMS(floor, a), BOTH_FORMS(ceil, a), BOTH_FORMS(round, a);
    BOTH_FORMS(trunc, a), BOTH_FORMS(frac, a), BOTH_FORMS(square, a), BOTH_FORMS(rsqrt, p);
    BOTH_FORMS(reciprocal, p), BOTH_FORMS(relu, a), BOTH_FORMS(sigmoid, a), BOTH_FORMS(erfinv, s);
    BOTH_FORMS(logit, s);
    RUN(acosh_of, p, none), RUN(minus_of, a, none), RUN(gelu_of, a, none), RUN(gelu_tanh, a, none);
    RUN(silu_of, a, none), RUN(softplus_of, a, none), RUN(log_sigmoid_of, a, none), RUN(leaky, a, none);
    RUN(elu_of, a, none), RUN(clamp_of, a, none), RUN(clamp_below, a, none), RUN(clamp_both, a, none);
    RUN(trigamma_of, p, none);
  }
}

void two_arguments() {
  const std::vector<std::pair<std::vector<std::int64_t>, std::vector<std::int64_t>>> shapes{
      {{2, 3}, {2, 3}}, {{2, 3}, {3}}, {{3}, {2, 3}}, {{2, 1}, {1, 3}}, {{}, {2, 3}}, {{4, 1, 3}, {2, 1}}};
  for (const auto &[sa, sb] : shapes) {
    const Tensor a = real(sa), b = real(sb), p = positive(sa), q = positive(sb);
    RUN(plus, a, b), RUN(minus, a, b), RUN(times, a, b), RUN(over, a, q), RUN(numbers, a, b);
    RUN(methods, a, b), RUN(functions, a, q), RUN(power, p, b), RUN(power_number, p, b), RUN(angle, a, q);
    RUN(length, a, b), RUN(larger, a, b), RUN(mixed, a, b), RUN(chosen, a, b), RUN(masked, a, b);
    RUN(compared, a, b), RUN(detached, a, b), compare<item_of, item_followed>("item", a, b),
        RUN(sum_all, a, b), RUN(mean_all, a, b);
    RUN(plus, a.to(kFloat), b.to(kFloat)), RUN(times, a, b.to(kFloat).to(kDouble));
    RUN(squared, a, b), RUN(absolute_loss, a, b), RUN(extremes, a, b);
  }
}

void shapes_and_products() {
  const Tensor a = real({2, 3}), b = real({3});
  RUN(sum_over, a, b), RUN(mean_over, a, b), RUN(extremes_over, a, b), RUN(variance_of, a, b);
  RUN(norms, a, b), RUN(log_sums, a, b), RUN(to_size, a, b), RUN(trace_of, a, b),
      compare<full_of, full_followed>("full", a, b);
  RUN(along, a, b), RUN(turned, a, b), RUN(shapes, a, b), RUN(squeezed, a, b), RUN(unflattened, a, b);
  RUN(widened, a, b), RUN(like_other, a, b), RUN(transposed, a, b), RUN(rows, a, b), RUN(slices, a, b);
  RUN(diagonals, a, b), RUN(indexed, a, b), RUN(cast, a.to(kFloat).to(kDouble), b), RUN(joined, a, b),
      RUN(stacked, a, b);
  RUN(picked, a, b);
  const std::vector<std::pair<std::vector<std::int64_t>, std::vector<std::int64_t>>> pairs{
      {{2, 3}, {3, 4}},    {{3}, {3}},
      {{2, 3}, {3}},       {{3}, {3, 4}},
      {{5, 2, 3}, {3, 4}}, {{5, 2, 3}, {5, 3, 4}},
      {{2, 3}, {5, 3, 4}}, {{5, 1, 2, 3}, {6, 3, 4}},
      {{3}, {5, 3, 4}},    {{5, 2, 3}, {3}}};
  for (const auto &[sa, sb] : pairs)
    RUN(matmul_of, real(sa), real(sb));
  RUN(matmul_of, a, real({4, 3}).t());
  RUN(products, real({2, 3}), real({3, 4})), RUN(turned_product, a, real({4, 3})), RUN(dot_of, a, a * 2);
  RUN(batches, real({5, 2, 3}), real({5, 3, 4})), RUN(added_product, real({3, 3}), real({3, 3}));
  RUN(linear_of, a, real({4, 3})), RUN(linear_of, real({5, 2, 3}), real({4, 3}));
}

void layers() {
  const Tensor a = real({2, 3}), b = real({3});
  RUN(normalised, a, b), RUN(rows_of_table, a, b);
  const Tensor classes_2 = tensor({2, 0}), classes_3 = tensor({1, 0, 2});
  RUN(classes, a, classes_2), RUN(weighed, real({3, 3}), classes_3), RUN(named_options, a, classes_2);
  RUN(classes, real({2, 3, 4}), randint(3, {2, 4}));
  RUN(soft_classes, a, real({2, 3}).softmax(1));
  RUN(image, real({2, 3, 5, 6}), real({4, 3, 2, 3})), RUN(image, real({3, 5, 6}), real({4, 3, 2, 3}));
  RUN(image_steps, real({2, 4, 5, 6}), real({4, 4, 3, 2}));
}

} // namespace functions

int main() {
  using namespace functions;
  manual_seed(3);
  one_argument();
  two_arguments();
  shapes_and_products();
  layers();
  return check::report();
}
