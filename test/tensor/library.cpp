// What stands beside the tensors: functional derivatives, checkpoint, optimizers, safetensors.
// RUN: %tensor %s -o %t && %t %t.safetensors
// RUN: python3 %S/Inputs/read_safetensors.py %t.safetensors
#include <nabla/tensor.h>

#include <cmath>
#include <cstdio>
#include <sstream>

using namespace nabla;
using List = std::vector<Tensor>;

static int failures = 0;
static void expect(bool right, const char *what) {
  if (!right) {
    ++failures;
    std::printf("wrong: %s\n", what);
  }
}
template <class F> void refused(const char *what, F f) {
  try {
    f();
    expect(false, what);
  } catch (const std::exception &) {
  }
}

static void functional_derivatives() {
  namespace fn = functional;
  const Tensor x = tensor({0.5, -1.0, 2.0}, kDouble), v = tensor({1.0, 2.0, -1.0}, kDouble);
  const Tensor m = rand({3, 3}, kDouble);
  auto f = [&](const Tensor &t) { return m.mv(t).sin(); };
  const Tensor j = fn::jacobian(f, x), expected = m * m.mv(x).cos().unsqueeze(1);
  expect(j.allclose(expected), "jacobian");
  expect(fn::jvp(f, x, v).second.allclose(expected.mv(v)), "jvp");
  expect(fn::vjp(f, x, v).second.allclose(expected.t().mv(v)), "vjp");
  auto g = [](const Tensor &t) { return (t.pow(3) * t.sum()).sum(); };
  const Tensor h = fn::hessian(g, x);
  expect(h.allclose(h.t()), "hessian symmetric");
  expect(fn::hvp(g, x, v).second.allclose(h.mv(v)), "hvp");
  expect(fn::vhp(g, x, v).second.allclose(h.mv(v)), "vhp");
  expect(fn::hessian([](const Tensor &t) { return t.sum(); }, x).abs().sum().item<double>() == 0,
         "hessian of a linear function");
  const auto lists =
      fn::jacobian([](const List &in) { return List{in[0] * in[1], in[0].sum()}; }, List{x, v});
  expect(lists[0][1].allclose(x.unsqueeze(1) * eye(3, kDouble)) &&
             lists[1][1].abs().sum().item<double>() == 0,
         "jacobian of lists");
  expect(fn::vmap([](const Tensor &row) { return row.dot(row); })(m).allclose(m.square().sum(1)), "vmap");
  const Tensor p = x.clone().requires_grad_();
  const Tensor dj = fn::jacobian([](const Tensor &t) { return t.pow(3); }, p, true);
  expect(autograd::grad({dj.sum()}, {p})[0].allclose(6 * x), "jacobian with a graph");
  refused("hessian of several elements", [&] { fn::hessian(f, x); });
  refused("jvp of a wrong shape", [&] { fn::jvp(f, x, tensor({1.0}, kDouble)); });
}

static void checkpoints() {
  const Tensor w = rand({4, 4}, kDouble).requires_grad_(), x = rand({4}, kDouble).requires_grad_();
  int runs = 0;
  auto f = [&](const Tensor &t) { // captures w
    ++runs;
    return w.mv(w.mv(t).tanh()).tanh();
  };
  const List plain = autograd::grad({f(x).sum()}, {x, w}, {}, nullopt, true);
  const Tensor plain_second = autograd::grad({plain[0].sum() + plain[1].sum()}, {x})[0];
  runs = 0;
  const Tensor y = functional::checkpoint(f, x).sum();
  const List kept = autograd::grad({y}, {x, w}, {}, nullopt, true);
  expect(runs >= 2, "the checkpoint runs its function again");
  expect(kept[0].allclose(plain[0]) && kept[1].allclose(plain[1]), "gradients through a checkpoint");
  expect(autograd::grad({kept[0].sum() + kept[1].sum()}, {x})[0].allclose(plain_second),
         "second derivatives through a checkpoint");
  bool other = false;
  const Tensor z =
      functional::checkpoint([&](const Tensor &t) { return other ? t.exp() : t.exp().sin(); }, x).sum();
  other = true;
  refused("a checkpoint that does something else", [&] { z.backward(); });
}

template <class Make> void minimises(const char *name, int steps, double bound, Make make) {
  const Tensor x = tensor({3.0, -2.0}, kDouble).requires_grad_();
  auto optimizer = make(List{x});
  Tensor loss;
  for (int i = 0; i < steps; ++i)
    loss = optimizer->step([&] {
      optimizer->zero_grad();
      const Tensor l = (x - tensor({1.0, 2.0}, kDouble)).square().sum() + x[0].pow(4);
      l.backward();
      return l;
    });
  expect(loss.item<double>() < bound, name);
}

static void optimizers() {
  using namespace optim;
  const double least = 0.5; // the minimum is 0.447
  minimises("SGD", 300, least,
            [](List p) { return std::make_unique<SGD>(p, SGDOptions(0.01).momentum(0.5).dampening(0.1)); });
  minimises("Adam amsgrad", 1000, least,
            [](List p) { return std::make_unique<Adam>(p, AdamOptions(0.05).amsgrad(true)); });
  minimises("AdamW", 1000, least,
            [](List p) { return std::make_unique<AdamW>(p, AdamWOptions(0.05).weight_decay(1e-3)); });
  minimises("RMSprop centered", 1000, least, [](List p) {
    return std::make_unique<RMSprop>(p, RMSpropOptions(0.003).centered(true).momentum(0.5));
  });
  minimises("Adagrad", 1000, least,
            [](List p) { return std::make_unique<Adagrad>(p, AdagradOptions(0.5).lr_decay(1e-4)); });
  minimises("LBFGS", 3, least, [](List p) {
    return std::make_unique<LBFGS>(p, LBFGSOptions(1).line_search_fn("strong_wolfe"));
  });
  minimises("LBFGS without search", 10, least,
            [](List p) { return std::make_unique<LBFGS>(p, LBFGSOptions(0.1)); });
  const Tensor x = ones({1}).requires_grad_();
  SGD sgd({x}, 1.0);
  CosineAnnealingLR cosine(sgd, 10, 0.2);
  for (int i = 0; i < 5; ++i)
    cosine.step();
  expect(std::fabs(sgd.lr() - 0.6) < 1e-12, "half of a cosine");
  refused("a negative rate", [&] { Adam({x}, AdamOptions(-1)); });
  refused("Nesterov without momentum", [&] { SGD({x}, SGDOptions(1).nesterov(true)); });
  refused("a non-leaf", [&] { SGD({x * 2}, 1.0); });
  refused("LBFGS without closure", [&] { LBFGS({x}).step(); });
}

static void files(const char *path) {
  const std::map<std::string, Tensor> all = {{"weights \"0\"", rand({2, 3}).requires_grad_()},
                                             {"turned", rand({3, 2}, kDouble).t()},
                                             {"count", tensor({1, -2, 3})},
                                             {"mask", tensor({true, false})},
                                             {"empty", zeros({0, 4})},
                                             {"one", tensor(2.5)}};
  save_safetensors(all, path);
  const auto again = load_safetensors(path);
  expect(again.size() == all.size(), "all tensors are there");
  for (const auto &[name, t] : all) {
    const Tensor &l = again.at(name);
    expect(l.scalar_type() == t.scalar_type() && l.sizes() == t.sizes() && l.equal(t), name.c_str());
    expect(l.requires_grad() == t.requires_grad() && l.is_leaf(), "requires_grad is kept");
  }
  std::stringstream stream;
  save(List{ones({2}), zeros({3})}, stream);
  save(ones({1}), stream);
  List list;
  Tensor one;
  load(list, stream);
  load(one, stream);
  expect(list.size() == 2 && list[1].numel() == 3 && one.item<float>() == 1,
         "lists and tensors in one stream");
  stream.str("");
  save(List{ones({2})}, stream);
  const std::string good = stream.str();
  std::uint64_t state = 7;
  for (int i = 0; i < 3000; ++i) { // damaged files: an error or another tensor, never a crash
    std::string bad = good;
    for (int k = 0; k < 1 + i % 3; ++k) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      bad[(state >> 33) % bad.size()] = static_cast<char>(state >> 20);
    }
    if (i % 5 == 0)
      bad.resize((state >> 40) % bad.size());
    std::stringstream damaged(bad);
    try {
      load_safetensors(damaged);
    } catch (const Error &) {
    }
  }
}

int main(int argc, char **argv) {
  manual_seed(2);
  functional_derivatives();
  checkpoints();
  optimizers();
  files(argc > 1 ? argv[1] : "library.safetensors");
  std::printf("%d failures\n", failures);
  return failures != 0;
}
