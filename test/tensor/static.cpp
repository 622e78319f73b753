// Functions over tensors, differentiated statically: programs against the dynamic tape, all forms, and what is left behind.
// RUN: %nablaxx -Wall -Wextra -Werror -O1 %check %s -o %t && %t
// RUN: %nabla --whole %s -o %t.cpp -- -std=c++17 -I%include %check && %gxx -std=c++17 -O1 -Wall -Wextra -Werror -I%include %check %t.cpp -L%lib -lnabla -o %t2 && %t2
#include "check.h"
#include <iostream>
#include <nabla/nabla.h>
#include <nabla/tensor.h>
#include <stdexcept>
#include <string>

using nabla::Tensor;

// What the marks declare, for compilers without the plugin.
Tensor mlp_grad(const Tensor &, const Tensor &, Tensor, Tensor, Tensor, Tensor, Tensor *, Tensor *, Tensor *,
                Tensor *);
namespace net {
Tensor attention_grad(const Tensor &, const Tensor &, const Tensor &, int, bool, Tensor &, Tensor &,
                      Tensor &);
}
Tensor steps_grad(Tensor, Tensor, double, int, Tensor *, Tensor *, double *);
Tensor until_small_grad(Tensor, Tensor, Tensor *, Tensor *);
Tensor recursive_grad(Tensor, int, Tensor *);
double blend_grad(const Tensor &, const double *, int, double, Tensor &, double *, double *);
Tensor layers_grad(const Tensor *, int, Tensor, Tensor *, Tensor *);
void step_grad(Tensor &, const Tensor &, double, Tensor &, Tensor &, double *);
Tensor swapped_pullback(Tensor, Tensor, bool, Tensor, Tensor *, Tensor *);

// ---- Two networks ----

[[nabla::gradient("w1, b1, w2, b2")]] Tensor mlp(const Tensor &x, const Tensor &labels, Tensor w1, Tensor b1,
                                                 Tensor w2, Tensor b2) {
  Tensor h = relu(x.matmul(w1) + b1);
  Tensor logits = h.matmul(w2) + b2;
  return nabla::cross_entropy_loss(logits, labels);
}

namespace net {

Tensor head(const Tensor &q, const Tensor &k, const Tensor &v, bool causal) {
  Tensor scores = q.matmul(k.transpose(-2, -1)) / std::sqrt(double(q.size(-1)));
  if (causal) {
    Tensor mask = nabla::ones({q.size(0), k.size(0)}, nabla::kDouble).triu(1) > 0;
    scores = scores.masked_fill(mask, -1e30);
  }
  return scores.softmax(-1).matmul(v);
}

[[nabla::gradient("x, w, out")]] Tensor attention(const Tensor &x, const Tensor &w, const Tensor &out,
                                                  int heads, bool causal) {
  const long d = x.size(1) / heads;
  Tensor all;
  for (int i = 0; i < heads; ++i) {
    Tensor qkv = x.matmul(w[i]);
    Tensor one = head(qkv.slice(1, 0, d), qkv.slice(1, d, 2 * d), qkv.slice(1, 2 * d, 3 * d), causal);
    if (i == 0)
      all = one;
    else
      all = nabla::cat({all, one}, 1);
  }
  Tensor y = x + all.matmul(out);
  return nabla::layer_norm(y, {x.size(1)}).pow(3).mean();
}

} // namespace net

// ---- Control flow ----

[[nabla::gradient]] Tensor steps(Tensor x, Tensor w, double rate, int n) {
  Tensor h = x;
  for (int i = 0; i < n; ++i) {
    if (i % 3 == 1) {
      h = h * rate;
      continue;
    }
    Tensor before = h;
    h = (h.matmul(w)).tanh() + before;
    if (h.norm().item<double>() > 40)
      break;
  }
  return (h * h).sum();
}

[[nabla::gradient]] Tensor until_small(Tensor x, Tensor c) {
  Tensor y = x;
  while (y.abs().max().item<double>() > 0.1)
    y = y * c.sigmoid();
  if (y.size(0) == 1)
    return y.sum() * 2;
  return (y * x).sum();
}

Tensor power(const Tensor &x, int n) {
  if (n == 0)
    return ones_like(x);
  Tensor half = power(x, n / 2);
  if (n % 2)
    return half * half * x;
  return half * half;
}
[[nabla::gradient]] Tensor recursive(Tensor x, int n) { return power(x, n).sum(); }

// ---- Numbers, arrays, references, methods ----

[[nabla::gradient]] double blend(const Tensor &x, const double *weights, int n, double bias) {
  double s = bias * bias;
  for (int i = 0; i < n; ++i)
    s += weights[i] * (x[i] * bias).sin().sum().item<double>();
  return s;
}

[[nabla::gradient]] Tensor layers(const Tensor *w, int n, Tensor x) {
  for (int i = 0; i < n; ++i)
    x = x.mm(w[i]).tanh();
  return x.sum();
}

[[nabla::gradient]] void step(Tensor &x, const Tensor &v, double h) { x = x + v * h * x; }

[[nabla::pullback]] Tensor swapped(Tensor a, Tensor b, bool turn) {
  if (turn)
    std::swap(a, b);
  Tensor pair[2] = {a, b * 2};
  Tensor chosen = turn ? pair[0] : a.exp();
  return std::move(chosen) - pair[1];
}

struct Scale {
  double factor;
  Tensor loss_grad(const Tensor &x, Tensor &x_bar) const;
  Tensor loss_grad(const Tensor &x, Tensor &x_bar, Scale &self_bar) const;
  [[nabla::gradient]] Tensor loss(const Tensor &x) const { return (x * factor).sigmoid().sum(); }
};

struct Dense {
  Tensor w, b;
  Tensor operator()(const Tensor &x) const { return x.matmul(w) + b; }
};
struct Model {
  Dense first, second;
  double scale;
  Tensor loss_grad(const Tensor &x, Tensor y, Tensor &x_bar, Tensor *y_bar) const;
  Tensor loss_grad(const Tensor &x, Tensor y, Tensor &x_bar, Tensor *y_bar, Model &self_bar) const;
  [[nabla::gradient]] Tensor loss(const Tensor &x, Tensor y) const {
    Tensor h = first(x).relu();
    return nabla::mse_loss(second(h) * scale, y);
  }
};
Tensor total_grad(const Model &, const Tensor &, Model &);
[[nabla::gradient("m")]] Tensor total(const Model &m, const Tensor &x) {
  Dense both = m.first;
  both.w = both.w + m.second.w.sum();
  Dense other = both;
  return (other(x) * m.scale).sum();
}

/// Another name for the same variable, and a variable that is nothing for a while.
Tensor aliased_grad(Tensor, Tensor, Tensor *, Tensor *);
[[nabla::gradient]] Tensor aliased(Tensor x, Tensor y) {
  Tensor z = x;
  z = z * y;
  const Tensor &r = z;
  Tensor w = r + x;
  z = Tensor();
  if (!z.defined())
    z = w;
  return (z * r).sum();
}

const Tensor &pick(const Tensor &a, const Tensor &b, bool first) { return first ? a : b; }
template <class T> T polynomial(T x) { return x * x + x * 2; }
/// Lambdas, references that functions return, new and delete, a switch that falls through, range-for, printing.
Tensor assorted_grad(const Tensor &, const Tensor *, int, Tensor &, Tensor *);
[[nabla::gradient]] Tensor assorted(const Tensor &x, const Tensor *p, int k) {
  auto times_x = [&](const Tensor &a) { return a * x; };
  Tensor *held = new Tensor(pick(x, *p, k > 1));
  Tensor y, parts[3];
  switch (k) {
  case 0:
    y = times_x(*held);
    break;
  case 1:
    y = polynomial(x) * *p;
    [[fallthrough]];
  default:
    y = y.defined() ? y * *held : *held * *p * *p;
  }
  delete held;
  for (int i = 0; i < 3; ++i)
    parts[i] = y * (i + 0.5) + x;
  for (const Tensor &part : parts)
    y = y * part;
  if (k > 100)
    std::cout << y << "\n";
  return y.sum();
}

Tensor product(Tensor a, Tensor b) { return (a * b.cos()).sum(); }
Tensor matrix(const Tensor &a) { return a.t(); }

// ---- The checks ----

namespace {

bool near(const Tensor &a, const Tensor &b) { return a.allclose(b, 1e-10, 1e-12); }
Tensor leaf(nabla::IntArrayRef sizes) { return nabla::randn(sizes, nabla::kDouble).requires_grad_(); }
/// d result / d x by the tape, and nothing left in x.grad().
Tensor tape(const Tensor &result, const Tensor &x) {
  return nabla::autograd::grad({result}, {x}, {}, true)[0];
}

void networks() {
  Tensor x = leaf({5, 4}), labels = nabla::tensor({0, 2, 1, 1, 0});
  Tensor w1 = leaf({4, 6}), b1 = leaf({6}), w2 = leaf({6, 3}), b2 = leaf({3});
  Tensor r = mlp(x, labels, w1, b1, w2, b2), w1_bar, b1_bar, w2_bar, b2_bar;
  Tensor value = mlp_grad(x, labels, w1, b1, w2, b2, &w1_bar, &b1_bar, &w2_bar, &b2_bar);
  CHECK(near(value, r.detach()) && !value.requires_grad());
  CHECK(near(w1_bar, tape(r, w1)) && near(b1_bar, tape(r, b1)));
  CHECK(near(w2_bar, tape(r, w2)) && near(b2_bar, tape(r, b2)));
  CHECK(!w1.grad().defined() && !w1_bar.requires_grad());

  Tensor y = leaf({3, 4}), w = leaf({2, 4, 6}), out = leaf({4, 4});
  for (bool causal : {false, true}) {
    Tensor e = net::attention(y, w, out, 2, causal), y_bar, w_bar, out_bar;
    net::attention_grad(y, w, out, 2, causal, y_bar, w_bar, out_bar);
    CHECK(near(y_bar, tape(e, y)) && near(w_bar, tape(e, w)) && near(out_bar, tape(e, out)));
  }
}

void control() {
  Tensor x = leaf({2, 3}), w = leaf({3, 3});
  for (int n : {0, 1, 2, 7}) {
    Tensor r = steps(x, w, 0.5, n), x_bar, w_bar;
    double rate_bar = 0, eps = 1e-6;
    CHECK(near(steps_grad(x, w, 0.5, n, &x_bar, &w_bar, &rate_bar), r.detach()));
    CHECK(near(x_bar, tape(r, x)));
    if (n > 0)
      CHECK(near(w_bar, tape(r, w)));
    double difference = (steps(x, w, 0.5 + eps, n) - steps(x, w, 0.5 - eps, n)).item<double>() / (2 * eps);
    CHECK_NEAR(1 + rate_bar, 1 + difference, 1e-5);
  }
  for (long rows : {1, 2}) {
    Tensor y = leaf({rows, 2}), c = leaf({2});
    Tensor r = until_small(y, c), y_bar, c_bar;
    until_small_grad(y, c, &y_bar, &c_bar);
    CHECK(near(y_bar, tape(r, y)) && near(c_bar, tape(r, c)));
  }
  Tensor r = recursive(x, 11), x_bar;
  recursive_grad(x, 11, &x_bar);
  CHECK(near(x_bar, tape(r, x)));
}

void arguments() {
  Tensor x = leaf({3, 2}), x_bar;
  double weights[3] = {0.5, -1, 2}, weights_bar[3] = {}, bias_bar = 0;
  double value = blend_grad(x, weights, 3, 0.7, x_bar, weights_bar, &bias_bar);
  CHECK_NEAR(value, blend(x, weights, 3, 0.7), 1e-14);
  Tensor w = nabla::tensor({0.5, -1.0, 2.0}, nabla::kDouble).requires_grad_();
  Tensor bias = nabla::tensor(0.7, nabla::kDouble).requires_grad_();
  Tensor r = bias * bias + (w * (x * bias).sin().sum(1)).sum();
  CHECK(near(x_bar, tape(r, x)));
  for (int i = 0; i < 3; ++i)
    CHECK_NEAR(weights_bar[i], tape(r, w)[i].item<double>(), 1e-12);
  CHECK_NEAR(bias_bar, tape(r, bias).item<double>(), 1e-12);

  Tensor many[3] = {leaf({2, 3}), leaf({3, 3}), leaf({3, 1})}, many_bar[3];
  r = layers(many, 3, x), x_bar = Tensor();
  layers_grad(many, 3, x, many_bar, &x_bar);
  CHECK(near(x_bar, tape(r, x)));
  for (int i = 0; i < 3; ++i)
    CHECK(near(many_bar[i], tape(r, many[i])));

  // What is written: on entry the adjoint of the final value, on exit that of the initial one.
  Tensor y = leaf({2}), v = leaf({2}), state = y.detach(), y_bar = nabla::ones({2}, nabla::kDouble), v_bar;
  double h_bar = 0;
  step_grad(state, v, 0.1, y_bar, v_bar, &h_bar);
  Tensor expected = y + v * 0.1 * y;
  CHECK(near(state, expected.detach()) && near(y_bar, tape(expected.sum(), y)) &&
        near(v_bar, tape(expected.sum(), v)));
  CHECK_NEAR(h_bar, (v * y).sum().item<double>(), 1e-12);

  Tensor a = leaf({2}), b = leaf({2}), seed = nabla::randn({2}, nabla::kDouble);
  for (bool turn : {false, true}) {
    Tensor a_bar, b_bar, result = swapped(a, b, turn);
    CHECK(near(swapped_pullback(a, b, turn, seed, &a_bar, &b_bar), result.detach()));
    CHECK(near(a_bar, tape((result * seed).sum(), a)) && near(b_bar, tape((result * seed).sum(), b)));
  }

  Scale scale{1.5}, scale_bar{0};
  x_bar = Tensor(), r = scale.loss(x);
  scale.loss_grad(x, x_bar, scale_bar);
  CHECK(near(x_bar, tape(r, x)));
  CHECK_NEAR(scale_bar.factor * 1.5, (tape(r, x) * x).sum().item<double>(), 1e-12);
}

void structs() {
  Model m{{leaf({3, 4}), leaf({4})}, {leaf({4, 2}), leaf({2})}, 0.5}, m_bar{{}, {}, 0}, total_bar{{}, {}, 0};
  Tensor x = leaf({5, 3}), y = leaf({5, 2}), r = m.loss(x, y), x_bar, y_bar;
  m.loss_grad(x, y, x_bar, &y_bar, m_bar);
  CHECK(near(x_bar, tape(r, x)) && near(y_bar, tape(r, y)));
  CHECK(near(m_bar.first.w, tape(r, m.first.w)) && near(m_bar.second.b, tape(r, m.second.b)));
  total_grad(m, x, total_bar);
  CHECK(near(total_bar.second.w, tape(total(m, x), m.second.w)) && !total_bar.second.b.defined());
  Tensor a = leaf({3}), b = leaf({3}), a_bar, b_bar, e = aliased(a, b);
  aliased_grad(a, b, &a_bar, &b_bar);
  CHECK(near(a_bar, tape(e, a)) && near(b_bar, tape(e, b)));
}

void statements() {
  Tensor x = leaf({3}), p = leaf({3});
  for (int k : {0, 1, 2}) {
    Tensor r = assorted(x, &p, k), x_bar, p_bar;
    assorted_grad(x, &p, k, x_bar, &p_bar);
    CHECK(near(x_bar, tape(r, x)));
    if (k > 0)
      CHECK(near(p_bar, tape(r, p)));
  }
}

void call_sites() {
  Tensor a = leaf({2}), b = leaf({2}), r = product(a, b);
  auto [a_bar, b_bar] = nabla::gradient<product>(a, b);
  CHECK(near(a_bar, tape(r, a)) && near(b_bar, tape(r, b)));
  auto [value, both] = nabla::value_and_gradient<product>(a, b);
  CHECK(near(value, r.detach()) && near(std::get<1>(both), b_bar));
  Tensor alone;
  nabla::gradient<product, nabla::wrt<1>>(a, b, &alone);
  CHECK(near(alone, b_bar));
  bool refused = false;
  try {
    nabla::gradient<matrix>(leaf({2, 2}));
  } catch (const std::exception &e) {
    refused = std::string(e.what()).find("scalar outputs") != std::string::npos;
  }
  CHECK(refused);
}

/// An exception on the way leaves no handle behind.
void exceptions() {
  Tensor x = leaf({2, 3}), w = leaf({3, 3}), wrong = leaf({4, 4}), x_bar, w_bar;
  Tensor list[3] = {w, w, wrong}, list_bar[3];
  const std::size_t before = w.use_count();
  bool thrown = false;
  try {
    layers_grad(list, 3, x, list_bar, &x_bar);
  } catch (const std::exception &) {
    thrown = true;
  }
  CHECK(thrown && w.use_count() == before && x.use_count() == 1);
  double rate_bar = 0;
  steps_grad(x, w, 0.5, 5, &x_bar, &w_bar, &rate_bar);
  until_small_grad(x, leaf({3}), &x_bar, &w_bar);
  CHECK(w.use_count() == before && x.use_count() == 1);
}

} // namespace

int main() {
  nabla::manual_seed(7);
  networks();
  control();
  arguments();
  structs();
  statements();
  call_sites();
  exceptions();
  return check::report();
}
