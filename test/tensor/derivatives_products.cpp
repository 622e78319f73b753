// First and second derivatives of products, functions along a dimension, linear algebra, layers and losses: difference quotients on
// several shapes, broadcast and non-contiguous arguments.
// RUN: %tensor %s -o %t && %t
#include <nabla/tensor.h>

#include <cstdio>

using namespace nabla;
using List = std::vector<Tensor>;
namespace F = nn::functional;

static int failures = 0, checks = 0;

static Tensor leaf(const Tensor &t) { return t.detach().requires_grad_(); }
static Tensor input(IntArrayRef sizes) { return leaf(randn(sizes, kDouble)); }
/// A transposed view's strides.
static Tensor turned(std::int64_t rows, std::int64_t columns) {
  return leaf(randn({columns, rows}, kDouble).t());
}
/// Every second element.
static Tensor spread(std::int64_t rows, std::int64_t columns) {
  return leaf(randn({rows, 2 * columns}, kDouble).slice(1, 0, 2 * columns, 2));
}

template <class Fn> void check(const char *name, Fn f, const List &x, bool second = true) {
  ++checks;
  try {
    gradcheck(f, x);
    if (second)
      gradgradcheck(f, x);
  } catch (const std::exception &e) {
    ++failures;
    std::printf("%s: %s\n", name, e.what());
  }
}

static void products() {
  auto mm = [](const List &x) { return x[0].mm(x[1]); };
  check("mm", mm, {input({2, 3}), input({3, 4})});
  check("mm turned", mm, {turned(2, 3), turned(3, 2)});
  check("mm spread", mm, {spread(2, 3), spread(3, 2)});
  check("mm empty", mm, {input({2, 1}), input({1, 2})});
  check("mv", [](const List &x) { return x[0].mv(x[1]); }, {turned(3, 4), input({4})});
  check("dot", [](const List &x) { return x[0].dot(x[1]); },
        {input({4}), leaf(randn({8}, kDouble).slice(0, 0, 8, 2))});
  check("outer", [](const List &x) { return x[0].outer(x[1]); }, {input({3}), input({2})});
  check("bmm", [](const List &x) { return x[0].bmm(x[1]); },
        {input({2, 2, 3}), leaf(randn({2, 2, 3}, kDouble).transpose(1, 2))});
  auto matmul = [](const List &x) { return x[0].matmul(x[1]); };
  check("matmul 3 2", matmul, {input({2, 2, 3}), input({3, 2})});
  check("matmul 3 1", matmul, {input({2, 2, 3}), input({3})});
  check("matmul 1 3", matmul, {input({3}), input({2, 3, 2})});
  check("matmul 1 2", matmul, {input({3}), input({3, 2})});
  check("matmul broadcast", matmul, {input({2, 1, 2, 3}), input({3, 3, 2})});
  check("matmul 2 3", matmul, {input({2, 3}), input({2, 3, 2})});
  check("addmm", [](const List &x) { return x[0].addmm(x[1], x[2], 0.5, 2); },
        {input({2}), turned(3, 4), input({4, 2})});
  check("linear", [](const List &x) { return linear(x[0], x[1], x[2]); },
        {input({3, 4}), input({2, 4}), input({2})});
  check("linear 3", [](const List &x) { return linear(x[0], x[1], x[2]); },
        {input({2, 2, 3}), input({2, 3}), input({2})});
  check("baddbmm", [](const List &x) { return baddbmm(x[0], x[1], x[2], 0.5, 2); },
        {input({2, 2, 2}), input({2, 2, 3}), input({2, 3, 2})});
  check("trace", [](const Tensor &x) { return x.mm(x).trace(); }, {turned(3, 3)});
  check("einsum", [](const List &x) { return einsum("ij,kj->ik", {x[0], x[1]}); },
        {input({2, 3}), input({4, 3})});
  check("einsum batch", [](const List &x) { return einsum("bij,bjk->bki", {x[0], x[1]}); },
        {input({2, 2, 3}), input({2, 3, 2})});
  check("einsum three", [](const List &x) { return einsum("i,ij,j", {x[0], x[1], x[2]}); },
        {input({2}), input({2, 3}), input({3})});
  check("einsum diagonal", [](const Tensor &x) { return einsum("ii->i", {x}); }, {turned(3, 3)});
  check("einsum dots", [](const List &x) { return einsum("...ij,...jk", {x[0], x[1]}); },
        {input({2, 2, 2}), input({2, 2})});
  check("einsum sums", [](const List &x) { return einsum("ab,cd->a", {x[0], x[1]}); },
        {input({2, 2}), input({2, 2})});
}

static void along() {
  const Tensor x = spread(2, 3);
  for (std::int64_t d = 0; d < 2; ++d) {
    check("cumsum", [d](const Tensor &t) { return t.cumsum(d); }, {x});
    check("cumprod", [d](const Tensor &t) { return t.cumprod(d); }, {x});
    check("softmax", [d](const Tensor &t) { return t.softmax(d); }, {x});
    check("log_softmax", [d](const Tensor &t) { return t.log_softmax(d); }, {x});
    check("logsumexp", [d](const Tensor &t) { return t.logsumexp(d); }, {x});
    check("logsumexp keep", [d](const Tensor &t) { return t.logsumexp(d, true); }, {x});
    check("sort", [d](const Tensor &t) { return std::get<0>(t.sort(d)); }, {x});
    check("topk", [d](const Tensor &t) { return std::get<0>(t.topk(2, d, false)); }, {x});
    check("flip", [d](const Tensor &t) { return t.flip(d).sin(); }, {x});
  }
  check("cumprod zeros", [](const Tensor &t) { return t.cumprod(0); },
        {leaf(tensor({1.5, 0.0, 2.0, 0.0}, kDouble))});
  check("logsumexp all", [](const Tensor &t) { return t.logsumexp({0, 1}); }, {x});
  check("median", [](const Tensor &t) { return t.median(); }, {x});
  check("tril", [](const Tensor &t) { return t.tril(-1).exp(); }, {turned(3, 3)});
  check("triu", [](const Tensor &t) { return t.triu(1).exp(); }, {input({2, 3, 3})});
  const Tensor index = tensor({{0, 1, 1}, {1, 0, 0}});
  check("gather", [index](const Tensor &t) { return t.gather(0, index).exp(); }, {x});
  check("scatter", [index](const List &t) { return t[0].scatter(1, index, t[1]).exp(); }, {x, input({2, 3})});
  check("scatter larger source", [index](const List &t) { return t[0].scatter(1, index, t[1]).exp(); },
        {x, input({3, 4})});
  check("scatter_add", [index](const List &t) { return t[0].scatter_add(1, index, t[1]).exp(); },
        {x, input({3, 4})});
  check("index_select", [](const Tensor &t) { return t.index_select(1, tensor({2, 0, 2})).exp(); }, {x});
  check("index_add", [](const List &t) { return t[0].index_add(1, tensor({2, 2}), t[1]).exp(); },
        {x, input({2, 2})});
  check("take", [](const Tensor &t) { return t.take(tensor({{5, 0}, {0, -1}})).exp(); }, {x});
}

/// Symmetric positive definite, through its own graph.
static Tensor definite(const Tensor &x) {
  return x.matmul(x.transpose(-2, -1)) + 2 * eye(x.size(-1), kDouble);
}

static void linear_algebra() {
  const Tensor a = leaf(randn({3, 3}, kDouble) + 3 * eye(3, kDouble)),
               batch = leaf(randn({2, 2, 2}, kDouble) + 3 * eye(2, kDouble));
  for (const Tensor &x : {a, batch, leaf(a.detach().t())}) {
    check("inv", [](const Tensor &t) { return linalg_inv(t); }, {x});
    check("det", [](const Tensor &t) { return linalg_det(t); }, {x});
    check("slogdet", [](const Tensor &t) { return std::get<1>(linalg_slogdet(t)); }, {x});
    check("cholesky", [](const Tensor &t) { return linalg_cholesky(definite(t)); }, {x});
    check("eigvalsh", [](const Tensor &t) { return linalg_eigvalsh(definite(t)); }, {x});
    // eigenvectors up to their signs
    check("eigh", [](const Tensor &t) { return std::get<1>(linalg_eigh(definite(t))).square(); }, {x});
    check("svdvals", [](const Tensor &t) { return linalg_svdvals(t); }, {x});
    check("qr", [](const Tensor &t) { return std::get<1>(linalg_qr(t)); }, {x});
  }
  check("logdet", [](const Tensor &t) { return logdet(definite(t)); }, {a});
  check("det singular", [](const Tensor &t) { return linalg_det(t); },
        {leaf(tensor({{1.0, 2.0}, {2.0, 4.0}}, kDouble))});
  check("det singular 3", [](const Tensor &t) { return linalg_det(t); }, {leaf(zeros({3, 3}, kDouble))});
  auto solve = [](const List &t) { return linalg_solve(t[0], t[1]); };
  check("solve", solve, {a, input({3, 2})});
  check("solve vector", solve, {a, input({3})});
  check("solve broadcast", solve, {batch, input({2, 1})});
  check("solve batch vector", solve, {batch, input({2, 2})});
  for (const bool upper : {false, true})
    for (const bool unit : {false, true})
      check("triangular", [=](const List &t) { return linalg_solve_triangular(t[0], t[1], upper, unit); },
            {a, input({3, 2})});
  for (const Tensor &x : {input({3, 2}), input({2, 3}), input({2, 2, 2})}) {
    check("svd u", [](const Tensor &t) { return std::get<0>(linalg_svd(t)).square(); }, {x});
    check("svd all",
          [](const Tensor &t) {
            const auto [u, s, vh] = linalg_svd(t);
            return u.sin().abs().sum() * s + vh.square().sum(-1);
          },
          {x});
  }
  check("qr tall",
        [](const Tensor &t) {
          const auto [q, r] = linalg_qr(t);
          return q.exp().sum() * r;
        },
        {input({4, 2})});
}

static void layers() {
  auto conv = [](IntArrayRef stride, IntArrayRef padding, IntArrayRef dilation, std::int64_t groups) {
    std::vector<std::int64_t> s = stride.vec(), p = padding.vec(), d = dilation.vec();
    return [=](const List &x) { return conv2d(x[0], x[1], x[2], s, p, d, groups); };
  };
  check("conv2d", conv(1, 0, 1, 1), {input({1, 2, 3, 3}), input({2, 2, 2, 2}), input({2})});
  check("conv2d strided", conv({2, 1}, {1, 0}, 1, 1), {input({2, 1, 4, 3}), input({2, 1, 2, 2}), input({2})});
  check("conv2d dilated groups", conv(1, 1, 2, 2), {input({1, 2, 3, 3}), input({2, 1, 2, 2}), input({2})});
  check("conv2d turned", conv(1, 0, 1, 1),
        {leaf(randn({1, 3, 3, 2}, kDouble).permute({0, 3, 1, 2})), input({1, 2, 2, 2}), input({1})});
  check("conv2d unbatched", conv(1, 0, 1, 1), {input({2, 3, 3}), input({1, 2, 1, 1}), input({1})});
  check("conv1d", [](const List &x) { return conv1d(x[0], x[1], x[2], 2, 1); },
        {input({2, 2, 5}), input({2, 2, 3}), input({2})});
  check("max_pool2d", [](const Tensor &x) { return max_pool2d(x, 2).exp(); }, {input({1, 2, 4, 4})});
  check("max_pool2d overlapping", [](const Tensor &x) { return max_pool2d(x, {3, 2}, 1, {1, 0}).exp(); },
        {input({2, 4, 3})});
  check("avg_pool2d", [](const Tensor &x) { return avg_pool2d(x, 2, 1, 1).exp(); }, {input({1, 2, 3, 3})});
  check("embedding", [](const Tensor &w) { return embedding(w, tensor({{0, 2}, {2, 1}})).exp(); },
        {input({3, 2})});
  check("layer_norm", [](const List &x) { return layer_norm(x[0], {3}, x[1], x[2]); },
        {spread(2, 3), input({3}), input({3})});
  check("layer_norm 2", [](const List &x) { return layer_norm(x[0], {2, 2}); }, {input({2, 2, 2})});
  const Tensor x = spread(2, 3);
  check("gelu", [](const Tensor &t) { return gelu(t); }, {x});
  check("gelu tanh", [](const Tensor &t) { return gelu(t, "tanh"); }, {x});
  check("silu", [](const Tensor &t) { return silu(t); }, {x});
  check("softplus", [](const Tensor &t) { return softplus(t, 2); }, {x});
  check("log_sigmoid", [](const Tensor &t) { return log_sigmoid(t); }, {x});
  check("leaky_relu", [](const Tensor &t) { return leaky_relu(t); }, {x});
  check("elu", [](const Tensor &t) { return elu(t); }, {x});
  check("selu", [](const Tensor &t) { return selu(t); }, {x});
}

static void losses() {
  const Tensor x = spread(3, 4), y = input({3, 4}), row = input({4});
  const Tensor probabilities = leaf(rand({3, 4}, kDouble) * 0.8 + 0.1), classes = tensor({1, 3, 0}),
               weights = rand({4}, kDouble) + 0.5;
  for (const std::int64_t r : {Reduction::None, Reduction::Mean, Reduction::Sum}) {
    check("mse", [r](const List &t) { return mse_loss(t[0], t[1], r); }, {x, y});
    check("mse broadcast", [r](const List &t) { return mse_loss(t[0], t[1], r); }, {x, row});
    check("l1", [r](const List &t) { return l1_loss(t[0], t[1], r); }, {x, y});
    check("smooth_l1", [r](const List &t) { return smooth_l1_loss(t[0], t[1], r, 0.7); }, {x, y});
    check("huber", [r](const List &t) { return huber_loss(t[0], t[1], r, 0.7); }, {x, y});
    check("kl_div", [r](const List &t) { return kl_div(t[0], t[1], r); }, {x, probabilities});
    check("bce", [r](const List &t) { return binary_cross_entropy(t[0], t[1], {}, r); },
          {probabilities, leaf(rand({3, 4}, kDouble))});
    check("bce logits",
          [r](const List &t) { return binary_cross_entropy_with_logits(t[0], t[1], {}, {}, r); },
          {x, probabilities});
    check("bce logits weights",
          [r, weights](const List &t) {
            return binary_cross_entropy_with_logits(t[0], t[1], weights, weights, r);
          },
          {x, probabilities});
    check("nll", [=](const Tensor &t) { return nll_loss(t, classes, weights, r, 3); }, {x});
    check("cross_entropy", [=](const Tensor &t) { return cross_entropy_loss(t, classes, {}, r); }, {x});
    check("cross_entropy smooth",
          [=](const Tensor &t) { return cross_entropy_loss(t, classes, weights, r, 3, 0.2); }, {x});
    check("cross_entropy soft", [=](const List &t) { return cross_entropy_loss(t[0], t[1], weights, r); },
          {x, probabilities});
  }
  check("cross_entropy images",
        [](const Tensor &t) { return cross_entropy_loss(t, tensor({{{1, 0}, {2, 1}}})); },
        {input({1, 3, 2, 2})});
  check("cross_entropy one", [](const Tensor &t) { return F::cross_entropy(t, tensor(2)); }, {input({3})});
}

/// The same functions on batches, turned and spread arguments.
static void layouts() {
  const Tensor cube = input({2, 3, 2}), permuted = leaf(randn({2, 3, 2}, kDouble).permute({2, 1, 0}));
  for (const Tensor &x : {cube, permuted, turned(3, 2), input({4})}) {
    const std::int64_t last = x.dim() - 1;
    check("cumsum", [last](const Tensor &t) { return t.cumsum(last).sin(); }, {x});
    check("cumprod", [last](const Tensor &t) { return t.cumprod(last); }, {x});
    check("softmax", [last](const Tensor &t) { return t.softmax(last); }, {x});
    check("log_softmax", [](const Tensor &t) { return t.log_softmax(0); }, {x});
    check("logsumexp", [last](const Tensor &t) { return t.logsumexp(last); }, {x});
    check("sort", [last](const Tensor &t) { return std::get<0>(t.sort(last, true)).exp(); }, {x});
    check("topk", [](const Tensor &t) { return std::get<0>(t.topk(2, 0)).exp(); }, {x});
    check("flip", [last](const Tensor &t) { return t.flip(last).sin(); }, {x});
    check("gelu", [](const Tensor &t) { return gelu(t); }, {x});
    check("silu", [](const Tensor &t) { return silu(t); }, {x});
    check("softplus", [](const Tensor &t) { return softplus(t); }, {x});
    check("elu", [](const Tensor &t) { return elu(t, 0.6); }, {x});
    check("selu", [](const Tensor &t) { return selu(t); }, {x});
    check("leaky_relu", [](const Tensor &t) { return leaky_relu(t, 0.2).exp(); }, {x});
    check("log_sigmoid", [](const Tensor &t) { return log_sigmoid(t); }, {x});
    check("median", [](const Tensor &t) { return t.median().exp(); }, {x});
    check("nan_to_num", [](const Tensor &t) { return t.nan_to_num(2).exp(); }, {x});
    check("polygamma", [](const Tensor &t) { return t.square().add(1).polygamma(2); }, {x});
    check("masked_fill", [](const Tensor &t) { return t.masked_fill(t.detach() > 0, 1).exp(); }, {x});
    check("lerp", [](const Tensor &t) { return t.lerp(t * t, 0.25) * t.lerp(t.exp(), t); }, {x});
    check("rsub", [](const Tensor &t) { return rsub(t, 2).exp() * (1 - t); }, {x});
    check("to", [](const Tensor &t) { return t.to(kDouble).exp() * t.type_as(t); }, {x});
    check("layer_norm", [](const List &t) { return layer_norm(t[0], t[0].size(-1), t[1], t[1]); },
          {x, input({x.size(-1)})});
  }
  const Tensor batch = input({2, 3, 3}), wide = leaf(randn({3, 3, 2}, kDouble).permute({2, 0, 1}));
  for (const Tensor &x : {batch, wide}) {
    check("bmm", [](const Tensor &t) { return t.bmm(t.transpose(1, 2)); }, {x});
    check("matmul", [](const List &t) { return t[0].matmul(t[1]); }, {x, turned(3, 2)});
    check("matmul vector", [](const List &t) { return t[0].matmul(t[1]); }, {x, input({3})});
    check("baddbmm", [](const List &t) { return baddbmm(t[1], t[0], t[0], 2, 0.5); }, {x, input({3})});
    check("einsum", [](const Tensor &t) { return einsum("bij,bkj->bik", {t, t}); }, {x});
    check("tril", [](const Tensor &t) { return t.tril().exp() * t.triu(-1); }, {x});
    check("diagonal", [](const Tensor &t) { return t.diagonal(0, 1, 2).exp(); }, {x});
    check("linear", [](const List &t) { return linear(t[0], t[1], t[2]); }, {x, spread(2, 3), input({2})});
    check("conv1d", [](const List &t) { return conv1d(t[0], t[1]); },
          {x, leaf(randn({2, 2, 3}, kDouble).transpose(1, 2))});
    check("avg_pool2d", [](const Tensor &t) { return avg_pool2d(t, 2, 1).exp(); }, {x});
    check("max_pool2d", [](const Tensor &t) { return max_pool2d(t, 2, 1).exp(); }, {x});
    check("logdet", [](const Tensor &t) { return logdet(definite(t)); }, {x});
    check("eigh values", [](const Tensor &t) { return std::get<0>(linalg_eigh(definite(t))); }, {x});
    check("eigvalsh", [](const Tensor &t) { return linalg_eigvalsh(definite(t)); }, {x});
    check("slogdet sign", [](const Tensor &t) { return std::get<0>(linalg_slogdet(definite(t))) * t.sum(); },
          {x});
    check("qr", [](const Tensor &t) { return std::get<1>(linalg_qr(definite(t))); }, {x});
    check("solve", [](const Tensor &t) { return linalg_solve(definite(t), t); }, {x});
    check("triangular", [](const List &t) { return linalg_solve_triangular(definite(t[0]), t[1], false); },
          {x, spread(3, 2)});
  }
  check("mv", [](const List &t) { return t[0].mv(t[1]); },
        {spread(3, 4), leaf(randn({8}, kDouble).slice(0, 0, 8, 2))});
  check("dot itself", [](const Tensor &t) { return t.dot(t); }, {input({5})});
  check("outer", [](const List &t) { return t[0].outer(t[1]); },
        {leaf(randn({6}, kDouble).slice(0, 0, 6, 3)), input({4})});
  check("addmm", [](const List &t) { return t[0].addmm(t[1], t[2]); },
        {input({3, 1}), spread(3, 2), turned(2, 4)});
  check("trace", [](const Tensor &t) { return t.exp().trace(); }, {spread(2, 3)});
  check("embedding", [](const Tensor &w) { return embedding(w, tensor({0, 1, 0}), 2).exp(); },
        {turned(3, 2)});
  check("conv2d turned weight", [](const List &t) { return conv2d(t[0], t[1]); },
        {input({1, 2, 3, 3}), leaf(randn({2, 2, 2, 2}, kDouble).transpose(0, 3))});
  check("dropout of nothing", [](const Tensor &t) { return dropout(t, 0, true) * dropout(t, 0.5, false); },
        {spread(2, 3)});
}

/// The checks themselves must see a wrong derivative.
static void wrong_ones() {
  const Tensor x = input({3});
  failures += gradcheck([](const Tensor &t) { return t.detach() * t; }, {x}, 1e-6, 1e-5, 1e-3, false);
  failures +=
      gradgradcheck(
          [](const Tensor &t) { return t * t * t.detach().abs() / t.detach().abs() + t.detach() * t; }, {x},
          1e-6, 1e-5, 1e-3, false) &&
      gradcheck([](const Tensor &t) { return t * t.detach(); }, {x}, 1e-6, 1e-5, 1e-3, false);
}

int main() {
  manual_seed(11);
  wrong_ones();
  products();
  along();
  linear_algebra();
  layers();
  losses();
  layouts();
  std::printf("%d checks, %d failures\n", checks, failures);
  return failures != 0;
}
