// The cases of the tensor benchmark: one source for Nabla and for libtorch, whose names are the same. Prints what measure.h
// does; compare.py runs both in turns. One thread.
#if defined(BENCH_LIBTORCH)
#include <torch/torch.h>
static void one_thread() { torch::set_num_threads(1); }
#else
#include <nabla/torch.h>
static void one_thread() {} // NABLA_NUM_THREADS=1 in the environment
#endif

#include "measure.h"
#include <dlfcn.h>

using torch::Tensor;
namespace ag = torch::autograd;

static void small_graphs() {
  const auto w = torch::tensor({0.999f}, torch::requires_grad()),
             b = torch::tensor({0.001f}, torch::requires_grad());
  measure("chain_per_op", 200, [&] {
    Tensor y = torch::ones({1});
    for (int i = 0; i < 100; ++i)
      y = y * w + b;
    y.backward();
  });
  measure("chain_forward_per_op", 200, [&] {
    Tensor y = torch::ones({1});
    for (int i = 0; i < 100; ++i)
      y = y * w + b;
  });
  measure("seed000_scalar", 1, [] {
    auto x = torch::tensor({2.0f}, torch::requires_grad());
    auto y = x + 2;
    auto z = torch::pow(y, 2) + 3;
    z.backward();
  });
  const auto mx = torch::rand({10, 20}).requires_grad_(), my = torch::rand({10, 5}).requires_grad_(),
             mw = torch::rand({20, 5}).requires_grad_();
  measure("seed000_matmul_mean", 1, [&] { torch::mean(my - torch::matmul(mx, mw)).backward(); });
  measure("seed001_while", 1, [] {
    auto x = torch::tensor({-1020.3505f / 1024, 1633.7242f / 1024, -333.5652f / 1024}).requires_grad_();
    auto y = x * 2;
    while (y.data().norm().item<double>() < 1000)
      y = y * 2;
    y.backward(torch::tensor({0.1f, 1.0f, 0.0001f}));
  });
  const auto a = torch::tensor(1.0f), c1 = torch::tensor(-2.0f), c0 = torch::tensor(1.0f);
  auto f = [&](const Tensor &x) { return a * torch::pow(x, 2) + c1 * x + c0; };
  auto x = torch::tensor(0.0f, torch::requires_grad());
  torch::optim::SGD sgd({x}, torch::optim::SGDOptions(0.01));
  measure("seed003_sgd_step", 1, [&] {
    sgd.zero_grad();
    f(x).backward();
    sgd.step();
  });
  measure("seed003_second_derivative", 1, [&] {
    auto x = torch::tensor(0.0f, torch::requires_grad());
    auto dy = ag::grad({f(x)}, {x}, {}, c10::nullopt, true)[0];
    ag::grad({dy}, {x});
  });
  measure("seed004_copy_slices", 1, [] {
    auto m = torch::tensor({{2.0f, 3.0f}}, torch::requires_grad());
    auto n = torch::zeros({1, 2});
    n.index_put_({0, 0}, torch::pow(m.index({0, 0}), 2));
    n.index_put_({0, 1}, torch::pow(m.index({0, 1}), 3));
    n.backward(torch::ones_like(n));
  });
}

static void elementwise() {
  const std::int64_t n = 1000000;
  auto x = torch::rand({n}).requires_grad_(), w = torch::rand({n}).requires_grad_(),
       b = torch::rand({n}).requires_grad_();
  measure("tanh_1e6", 1, [&] {
    torch::tanh(x * w + b).sum().backward();
    x.mutable_grad() = Tensor();
    w.mutable_grad() = Tensor();
    b.mutable_grad() = Tensor();
  });
  auto sw = torch::rand({}).requires_grad_(), sb = torch::rand({}).requires_grad_();
  measure("tanh_1e6_scalar_weights", 1, [&] {
    torch::tanh(x * sw + sb).sum().backward();
    x.mutable_grad() = Tensor();
  });
}

static void products() {
  using Sgemm = void (*)(int, int, int, int, int, int, float, const float *, int, const float *, int, float,
                         float *, int);
  void *library = dlopen("libopenblas.so.0", RTLD_LAZY);
  auto sgemm = reinterpret_cast<Sgemm>(library ? dlsym(library, "cblas_sgemm") : nullptr);
  auto threads =
      reinterpret_cast<void (*)(int)>(library ? dlsym(library, "openblas_set_num_threads") : nullptr);
  if (threads)
    threads(1);
  for (const int n : {64, 128, 512, 1024}) {
    auto a = torch::rand({n, n}).requires_grad_(), b = torch::rand({n, n}).requires_grad_();
    const auto seed = torch::ones({n, n});
    auto c = torch::empty({n, n}), da = torch::empty({n, n}), db = torch::empty({n, n});
    measure(("matmul_" + std::to_string(n)).c_str(), 1, [&] {
      torch::matmul(a, b).backward(seed);
      a.mutable_grad() = Tensor();
      b.mutable_grad() = Tensor();
    });
    if (sgemm)
      measure(("pure_sgemm_x3_" + std::to_string(n)).c_str(), 1,
              [&] { // the three products of forward and backward
                const float *const pa = a.data_ptr<float>(), *const pb = b.data_ptr<float>(),
                                   *const ps = seed.data_ptr<float>();
                sgemm(101, 111, 111, n, n, n, 1, pa, n, pb, n, 0, c.data_ptr<float>(), n);
                sgemm(101, 111, 112, n, n, n, 1, ps, n, pb, n, 0, da.data_ptr<float>(), n);
                sgemm(101, 112, 111, n, n, n, 1, pa, n, ps, n, 0, db.data_ptr<float>(), n);
              });
  }
}

static std::vector<Tensor> layers(std::initializer_list<std::int64_t> widths) {
  std::vector<Tensor> p;
  for (auto w = widths.begin(); w + 1 != widths.end(); ++w) {
    p.push_back(((torch::rand({w[1], w[0]}) - 0.5) * 0.1).detach().requires_grad_());
    p.push_back(torch::zeros({w[1]}).requires_grad_());
  }
  return p;
}

static void networks() {
  for (const std::int64_t batch : {64, 1}) {
    const auto p = layers({784, 256, 128, 10});
    torch::optim::SGD sgd(p, torch::optim::SGDOptions(0.01));
    const auto x = torch::rand({batch, 784}), target = torch::randint(10, {batch}, torch::kLong);
    measure(batch == 1 ? "mlp_batch_1" : "mlp_batch_64", 1, [&] {
      sgd.zero_grad();
      auto h = torch::relu(torch::linear(x, p[0], p[1]));
      h = torch::relu(torch::linear(h, p[2], p[3]));
      torch::nn::functional::cross_entropy(torch::linear(h, p[4], p[5]), target).backward();
      sgd.step();
    });
  }
  const auto q = layers({64, 64, 1});
  const auto x = torch::rand({32, 64}), y = torch::rand({32, 1});
  auto loss = [&] {
    return torch::mse_loss(torch::linear(torch::tanh(torch::linear(x, q[0], q[1])), q[2], q[3]), y);
  };
  measure("mlp_64_gradient", 1, [&] { ag::grad({loss()}, q); });
  std::vector<Tensor> v;
  for (const auto &p : q)
    v.push_back(torch::ones_like(p));
  measure("mlp_64_hvp", 1, [&] {
    auto g = ag::grad({loss()}, q, {}, c10::nullopt, true);
    ag::grad(g, q, v);
  });
}

static void rosenbrock() {
  auto x = torch::rand({100}).requires_grad_();
  auto f = [&] {
    auto a = x.slice(0, 0, 99), b = x.slice(0, 1, 100);
    return (100 * (b - a * a).pow(2) + (1 - a).pow(2)).sum();
  };
  measure("rosenbrock_gradient", 1, [&] { ag::grad({f()}, {x}); });
  measure("rosenbrock_hessian", 1, [&] {
    auto g = ag::grad({f()}, {x}, {}, c10::nullopt, true)[0];
    for (int i = 0; i < 100; ++i)
      ag::grad({g[i]}, {x}, {}, true);
  });
  auto loop = [&](std::vector<Tensor> &v) {
    for (int i = 0; i < 100; ++i)
      v.push_back(x[i].detach().requires_grad_());
    Tensor s = torch::zeros({});
    for (int i = 0; i + 1 < 100; ++i) {
      auto u = v[i + 1] - v[i] * v[i], t = 1 - v[i];
      s = s + 100 * u * u + t * t;
    }
    return s;
  };
  measure("rosenbrock_loop_gradient", 1, [&] {
    std::vector<Tensor> v;
    auto s = loop(v);
    ag::grad({s}, v);
  });
}

int main(int argc, char **argv) {
  wanted = argc > 1 ? argv[1] : nullptr;
  one_thread();
  torch::manual_seed(1);
  small_graphs();
  elementwise();
  products();
  networks();
  rosenbrock();
}
