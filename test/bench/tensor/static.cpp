// Cases of cases.cpp, differentiated statically: the same names, so that compare.py can print them beside the tape's.
#include "measure.h"
#include <nabla/nabla.h>
#include <nabla/torch.h>

using nabla::Tensor;

namespace {

[[nabla::gradient("w1, b1, w2, b2, w3, b3")]] Tensor classify(const Tensor &x, const Tensor &target,
                                                              const Tensor &w1, const Tensor &b1,
                                                              const Tensor &w2, const Tensor &b2,
                                                              const Tensor &w3, const Tensor &b3) {
  Tensor h = relu(nabla::linear(x, w1, b1));
  h = relu(nabla::linear(h, w2, b2));
  return nabla::cross_entropy_loss(nabla::linear(h, w3, b3), target);
}

[[nabla::gradient("w1, b1, w2, b2")]] Tensor regress(const Tensor &x, const Tensor &y, const Tensor &w1,
                                                     const Tensor &b1, const Tensor &w2, const Tensor &b2) {
  return nabla::mse_loss(nabla::linear(tanh(nabla::linear(x, w1, b1)), w2, b2), y);
}

[[nabla::gradient]] Tensor rosenbrock(const Tensor &x) {
  Tensor a = x.slice(0, 0, 99), b = x.slice(0, 1, 100);
  return (100 * (b - a * a).pow(2) + (1 - a).pow(2)).sum();
}

[[nabla::gradient("x")]] Tensor chain(Tensor x, const Tensor &w, const Tensor &b) {
  for (int i = 0; i < 100; ++i)
    x = x * w + b;
  return x;
}

std::vector<Tensor> layers(std::initializer_list<std::int64_t> widths) {
  std::vector<Tensor> p;
  for (auto w = widths.begin(); w + 1 != widths.end(); ++w) {
    p.push_back(((nabla::rand({w[1], w[0]}) - 0.5) * 0.1).detach().requires_grad_());
    p.push_back(nabla::zeros({w[1]}).requires_grad_());
  }
  return p;
}

} // namespace

int main(int argc, char **argv) {
  wanted = argc > 1 ? argv[1] : nullptr;
  const Tensor w = nabla::tensor({0.999f}), b = nabla::tensor({0.001f});
  measure("chain_per_op", 200, [&] {
    Tensor bar;
    chain_grad(nabla::ones({1}), w, b, &bar);
  });
  for (const std::int64_t batch : {64, 1}) {
    auto p = layers({784, 256, 128, 10});
    nabla::optim::SGD sgd(p, nabla::optim::SGDOptions(0.01));
    const Tensor x = nabla::rand({batch, 784}), target = nabla::randint(10, {batch}, nabla::kLong);
    measure(batch == 1 ? "mlp_batch_1" : "mlp_batch_64", 1, [&] {
      sgd.zero_grad(); // the memory of the last gradients is used again
      Tensor bar[6];
      classify_grad(x, target, p[0], p[1], p[2], p[3], p[4], p[5], bar[0], bar[1], bar[2], bar[3], bar[4],
                    bar[5]);
      for (int i = 0; i < 6; ++i)
        p[i].mutable_grad() = bar[i];
      sgd.step();
    });
  }
  const auto q = layers({64, 64, 1});
  const Tensor x = nabla::rand({32, 64}), y = nabla::rand({32, 1});
  measure("mlp_64_gradient", 1, [&] {
    Tensor bar[4];
    regress_grad(x, y, q[0], q[1], q[2], q[3], bar[0], bar[1], bar[2], bar[3]);
  });
  const Tensor r = nabla::rand({100});
  measure("rosenbrock_gradient", 1, [&] {
    Tensor bar;
    rosenbrock_grad(r, bar);
  });
}
