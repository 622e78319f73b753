// Static gradients through operations with several results, sizes from variables, numbers that are read from tensors, linear algebra,
// einsum, pooling and the rarer operations, each against the dynamic tape.
// RUN: %nablaxx -Wall -Wextra -Werror -O0 %check %s -o %t && %t
#include "Inputs/static_compare.h"

using namespace nabla;

namespace parts {

Tensor real(IntArrayRef sizes) { return randn(sizes, kDouble); }
Tensor positive(IntArrayRef sizes) { return rand(sizes, kDouble) + 0.3; }

#define OF(NAME, ...)                                                                                        \
  Tensor NAME([[maybe_unused]] const Tensor &a, [[maybe_unused]] const Tensor &b) { __VA_ARGS__ }
#define RUN(NAME, A, B) compare<NAME>(#NAME, A, B)

// ---- Several results ----
OF(sorted, auto [v, i] = a.sort(1); return v * gather(b, 1, i);)
OF(sorted_down, return std::get<0>(sort(a, 0, true)) * b;)
OF(sorted_both, Tensor order = std::get<1>(a.sort()); return a.gather(1, order) * std::get<0>(b.sort(0));)
OF(largest, auto [v, i] = a.topk(2, 1, true); return v + v * v;)
OF(smallest, return std::get<0>(topk(a, 1, 0, false)) * b;)
OF(extremes, auto [v, i] = a.max(1); auto [w, j] = min(b, 0, true);
   return v.sum() * w + std::get<0>(max(a, 0)) * b;)
OF(reassigned, std::tuple<Tensor, Tensor> p = a.max(1, true); p = b.min(1, true); return std::get<0>(p) * a;)
OF(halves, std::vector<Tensor> p = a.split(2, 1); return p[0] * p[0].sum() + b.split(2, 1)[1].mean();)
OF(uneven, auto p = a.split({1, 2}, 1); return p[1] * p.at(0) + b.chunk(2, 0)[1].sum();)
OF(free_forms, auto p = split(a, 1, 1); auto q = chunk(b, 3, 1); return p[2] * q[0] + unbind(a, 1)[0].sum();)
OF(rows, Tensor s = b; std::vector<Tensor> r = a.unbind(0);
   for (std::size_t i = 0; i < r.size(); ++i) s = s * r[i].norm() + r[i].sum(); return s;)
OF(one_unused, auto p = a.unbind(1); return p[1] * b.sum();)
OF(joined, std::vector<Tensor> p = a.split(1, 1); return cat(p, 0) * stack(b.unbind(1), 0).sum();)
OF(
    overwritten, std::vector<Tensor> p = a.split(1, 1); Tensor s = p[0] * p[1]; for (int i = 0; i < 3; ++i) {
      p = s.expand({2, 3}).split(1 + i, 1);
      s = s * p[0].sum(1, true);
    } return s * b;)
std::vector<Tensor> both(const Tensor &a, const Tensor &b) { return (a * b).split(1, 0); }
OF(from_function, return both(a, b)[1] * both(b, a)[0].sum();)
OF(chosen, std::vector<Tensor> p = a.numel() > 3 ? a.unbind(0) : a.unbind(1); return p[0] * b;)

// ---- Through calls, branches, loops ----
struct Net {
  std::vector<Tensor> w;
  double scale;
};
Tensor run(const Net &n, const Tensor &x) {
  Tensor h = x;
  for (std::size_t i = 0; i < n.w.size(); ++i)
    h = h * n.w[i] * n.scale;
  return h;
}
OF(member, Net n; n.w = a.unbind(0); n.scale = 2; return run(n, b) + n.w[1];)
std::tuple<Tensor, Tensor> two(const Tensor &x) { return x.max(1); }
OF(tuples, auto [v, i] = two(a * b); return v * v;)
OF(swap_tuple, auto p = a.max(0); auto q = b.max(0); auto t = p; p = q; q = t;
   return std::get<0>(p) * std::get<0>(q) + std::get<0>(t);)
std::vector<Tensor> rec(const Tensor &x, int n) {
  if (n == 0)
    return x.unbind(0);
  return rec(x * x, n - 1);
}
OF(recursive, return rec(a, 2)[0] * b[0] + rec(b, 1).at(1);)
OF(
    branches, std::vector<Tensor> p = a.unbind(0); if (b.sum().item<double>() > 0) p = b.unbind(0);
    else { p = (a * b).unbind(0); } return p[0] * p[1];)
OF(
    early, std::vector<Tensor> p = a.unbind(0); for (int i = 0; i < 2; ++i) {
      if (i == 1)
        return p[0] * p[1];
      p = (stack(p, 0) * b).unbind(0);
    } return a[0];)
void refill(std::vector<Tensor> &p, const Tensor &t) { p = t.unbind(0); }
OF(by_reference, std::vector<Tensor> p; refill(p, a *b); Tensor s = p[0]; refill(p, a); return s * p[1];)
OF(lambda, auto f = [&](int i) { return a.unbind(0)[i] * b.unbind(0)[1 - i]; }; return f(0) + f(1) * f(0);)
OF(nested, return std::get<0>(stack(a.unbind(0), 1).sort(0)) + std::get<0>(b.t().topk(3, 0));)
OF(
    while_loop, Tensor x = a; while (x.abs().max().item<double>() < 50) {
      auto [v, i] = x.max(1, true);
      x = x * 2 + v * b;
    } return x;)
OF(number_of_max, double m = std::get<0>(a.max(1)).sum().item().to<double>(); return b * m;)
OF(number_of_max_followed, return b * std::get<0>(a.max(1)).sum();)
OF(twice, std::vector<Tensor> p = a.unbind(0); return p[0] * p[0] + p[0];)
OF(index_expr, std::vector<Tensor> p = a.unbind(0); int i = 0; Tensor s = p[i++] * 2; s = s + p[i--] * s;
   return s * p[i];)
OF(copied, std::vector<Tensor> p = a.unbind(0), q = p; p = b.unbind(0); return q[0] * p[0] + q[1];)

// ---- Sizes and numbers from variables ----
OF(sized, std::int64_t n = a.size(0), m = a.size(1); int k = 2;
   return a.reshape({m, n}).sum(k - 1) * b.view({n * m}).narrow(0, k - 2, m).sum();)
OF(
    summed, std::int64_t s = 0; Tensor t = a; for (int d = 1; d >= 0; --d) {
      t = t.cumsum(d).flip(d);
      s += t.size(d);
    } return t * static_cast<double>(s) + b.sum(std::int64_t(0), true);)
OF(number, double s = a.sum().item().to<double>(); return b * s + s * s;)
OF(number_followed, return b * a.sum() + a.sum() * a.sum();)
OF(number_float, float s = b.mean().item().to<float>(); return a * (s > 0 ? 2.0 : s);)
OF(number_float_followed, return b.mean().item<double>() > 0 ? a * 2.0 : a * b.mean();)

// ---- Linear algebra; a is well conditioned ----
OF(inverted, return linalg_inv(a) + inverse(a).mm(b) + a.inverse() + linalg::inv(a);)
OF(solved, return linalg_solve(a, b) + linalg::solve(a, b.sum(1)).unsqueeze(1);)
OF(triangular, return linalg_solve_triangular(a, b, true) + linalg_solve_triangular(a, b, false, true);)
OF(determinants, auto [sign, log] = linalg_slogdet(a);
   return linalg_det(a) * b + log + sign + a.det() + det(a);)
Tensor definite(const Tensor &a) { return a.matmul(a.transpose(-2, -1)) + 2 * eye(a.size(-1), kDouble); }
OF(factor, return linalg_cholesky(definite(a)) * b + logdet(definite(a)).sum() + cholesky(definite(a)).sum();)
OF(eigen, auto [w, v] = linalg_eigh(definite(a));
   return v.square() * w.unsqueeze(-2) * b + linalg_eigvalsh(definite(a)).sum();)
OF(singular, auto [u, s, vh] = linalg_svd(a);
   return u.square() * s.unsqueeze(-2) + vh.square() + (linalg_svdvals(a) * b).sum();)
OF(orthogonal, auto [q, r] = linalg_qr(a); return q.exp().sum() * r + b;)

// ---- Einsum, pooling, layers ----
OF(contracted, return einsum("ij,kj->ik", {a, b}) + einsum("ij,ij->i", {a, a}).unsqueeze(1);)
OF(contracted_one, return einsum("ij->j", {a}) * b + einsum("ij,j->i", {a, b}).sum();)
OF(contracted_list, std::vector<Tensor> p = b.unbind(0); return einsum("i,i->", p) * a;)
OF(pooled, return max_pool2d(a, 2) * avg_pool2d(b, {2, 2}) + avg_pool2d(a, 3, 1, 1).sum();)
OF(pooled_steps, return max_pool2d(a, {3, 2}, 1, {1, 0}).exp() * b.sum();)
OF(convolved, return conv1d(a, b) + conv1d(a, b, a.sum({0, 2}), 1, 1).sum();)
OF(convolved_2, return conv2d(a, b, {}, {2, 1}, {1, 0}, 1, 1).square();)
OF(table, return embedding(a, tensor({{0, 1}, {1, 1}}), 0) * b;)
OF(losses,
   return smooth_l1_loss(a, b) + huber_loss(a, b, Reduction::Sum, 0.7) + kl_div(a, b) + selu(a).mean();)
OF(crosses, return binary_cross_entropy(a, b) + binary_cross_entropy_with_logits(a, b, b, b, Reduction::Sum);)

// ---- Rarer ones ----
OF(multiplied, return a.prod() * b + prod(a, 0) + a.prod(1, true) + cumprod(a, 1);)
OF(rearranged,
   return a.repeat({1, 2}).sum() * b + a.repeat_interleave(2, 0).narrow(0, 1, 2) + a.unfold(1, 2, 1).sum();)
OF(diagonals, return a.diag() + b.sum(0).diag(1).sum() + diag(a, -1).sum();)
OF(scattered, Tensor at = tensor({{0, 1, 1}, {1, 0, 0}});
   return a.scatter(0, at, b) + a.scatter_add(0, at, b) * a.index_add(0, tensor({1, 1}), b);)
OF(taken, return a.take(tensor({0, 4, 4})) * masked_select(b, b.gt(0)).sum() + a.median();)
OF(remaining, return a.remainder(b) + fmod(a, b) + a.remainder(0.7) + a.fmod(0.6) + copysign(a, b);)
OF(scaled, double s = b.sum().item<double>();
   return a.addcmul(a, b, s) + addcdiv(a, b, a, s) + a.remainder(s) + a.fmod(s);)
OF(scaled_followed, Tensor s = b.sum();
   return a + s * (a * b) + a + s * (b / a) + a.remainder(s) + a.fmod(s);)
OF(tidied, return a.nan_to_num(1.0) * b;)

void several_results() {
  const Tensor a = real({2, 3}), b = real({2, 3});
  RUN(sorted, a, b), RUN(sorted_down, a, b), RUN(sorted_both, a, b), RUN(largest, a, b), RUN(smallest, a, b);
  RUN(extremes, a, b), RUN(reassigned, a, b), RUN(halves, a, b), RUN(uneven, a, b), RUN(free_forms, a, b);
  RUN(rows, a, b), RUN(one_unused, a, b), RUN(joined, a, b), RUN(overwritten, a, b), RUN(chosen, a, b.sum(0));
  RUN(from_function, a, b), RUN(sorted, a.t(), b.t()), RUN(extremes, real({3, 2}).t(), b),
      RUN(rows, a.t(), b);
  RUN(sized, a, b), RUN(summed, a, b), RUN(sized, real({3, 2}).t(), b);
  compare<number, number_followed>("number", a, b);
  compare<number_float, number_float_followed>("number_float", a, b.abs());
}

void control_flow() {
  for (int k = 0; k < 4; ++k) {
    const Tensor a = real({2, 3}), b = real({2, 3});
    RUN(member, a, b), RUN(tuples, a, b), RUN(swap_tuple, a, b), RUN(recursive, a, b), RUN(branches, a, b);
    RUN(early, a, b), RUN(by_reference, a, b), RUN(lambda, a, b), RUN(nested, a, b), RUN(while_loop, a, b);
    RUN(twice, a, b), RUN(index_expr, a, b), RUN(copied, a, b);
    compare<number_of_max, number_of_max_followed>("number_of_max", a, b);
  }
}

void algebra() {
  for (const std::vector<std::int64_t> &batch : {std::vector<std::int64_t>(), {2}}) {
    std::vector<std::int64_t> sizes = batch;
    sizes.insert(sizes.end(), {3, 3});
    const Tensor a = real(sizes) + 3 * eye(3, kDouble), b = real(sizes);
    RUN(factor, a, b), RUN(eigen, a, b), RUN(triangular, a, b), RUN(singular, a, b.select(-1, 0));
  }
  const Tensor a = real({3, 3}) + 3 * eye(3, kDouble), b = real({3, 3});
  RUN(inverted, a, b), RUN(inverted, a.t(), b), RUN(solved, a, b), RUN(determinants, a, b),
      RUN(orthogonal, a, b);
  RUN(contracted, real({2, 3}), real({4, 3})), RUN(contracted_one, real({3, 2}).t(), real({3}));
  RUN(contracted_list, a, real({2, 3}));
}

void layers() {
  RUN(pooled, real({2, 2, 4, 4}), real({2, 2, 4, 4})), RUN(pooled_steps, real({2, 4, 3}), real({2}));
  RUN(convolved, real({2, 2, 5}), real({2, 2, 3})), RUN(convolved_2, real({2, 2, 5, 4}), real({3, 2, 2, 2}));
  RUN(table, real({2, 3}), real({3})), RUN(losses, real({2, 3}), positive({2, 3}));
  RUN(crosses, rand({2, 3}, kDouble) * 0.8 + 0.1, rand({2, 3}, kDouble) * 0.8 + 0.1);
  const Tensor a = real({2, 3}), b = real({2, 3});
  RUN(multiplied, a, b), RUN(rearranged, a, b), RUN(diagonals, real({3, 3}), b), RUN(scattered, a, b);
  RUN(taken, a, b.abs()), RUN(remaining, a, positive({2, 3})), RUN(tidied, a, b),
      RUN(remaining, a, positive({3}));
  compare<scaled, scaled_followed>("scaled", positive({2, 3}), positive({2, 3}));
}

/// Parameters in a vector, and several results.
[[nabla::gradient("w")]] Tensor network(const std::vector<Tensor> &w, const Tensor &x) {
  Tensor h = x;
  for (std::size_t i = 0; i + 1 < w.size(); i += 2)
    h = tanh(linear(h, w[i], w[i + 1]));
  return h.square().sum();
}
[[nabla::gradient]] std::vector<Tensor> pieces(const Tensor &x) { return (x * x).unbind(0); }

void vectors() {
  std::vector<Tensor> w{real({3, 2}), real({3}), real({1, 3}), real({1})}, bars;
  const Tensor x = real({4, 2});
  network_grad(w, x, bars);
  for (Tensor &p : w)
    p = p.clone().requires_grad_();
  network(w, x).backward();
  CHECK(bars.size() == 4);
  for (std::size_t i = 0; i < 4; ++i)
    CHECK(same_adjoint(bars[i], w[i].grad()));
  const Tensor y = real({3});
  Tensor y_bar;
  pieces_grad(y, y_bar);
  CHECK(same_adjoint(y_bar, y * 2));
}

} // namespace parts

int main() {
  using namespace parts;
  manual_seed(5);
  several_results();
  control_flow();
  algebra();
  layers();
  vectors();
  return check::report();
}
