// Handwritten digits: a network of two hidden layers, trained with AdamW on four fifths of 1797 images and tested on the rest.
//
//   ./digits [digits.csv.gz [digits.svg]]
#include "digits.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <unistd.h>

using nabla::Tensor;
namespace F = nabla::nn::functional;

namespace {

constexpr std::int64_t tests = 360, batch = 32, epochs = 40;

struct Network {
  std::vector<Tensor> parameters;

  explicit Network(const std::vector<std::int64_t> &widths) {
    for (std::size_t i = 0; i + 1 < widths.size(); ++i) { // He's initialisation
      const double scale = std::sqrt(2.0 / static_cast<double>(widths[i]));
      parameters.push_back((nabla::randn({widths[i + 1], widths[i]}) * scale).requires_grad_());
      parameters.push_back(nabla::zeros({widths[i + 1]}).requires_grad_());
    }
  }
  Tensor operator()(Tensor x, bool training) const {
    for (std::size_t i = 0; i < parameters.size(); i += 2) {
      x = F::linear(x, parameters[i], parameters[i + 1]);
      if (i + 2 < parameters.size())
        x = F::dropout(x.relu(), 0.2, training);
    }
    return x;
  }
};

/// One line that fills up, on a terminal only.
void progress(std::int64_t epoch, double train, double test) {
  if (!isatty(STDOUT_FILENO))
    return;
  constexpr int cells = 30;
  const int full = static_cast<int>(cells * epoch / epochs);
  std::printf("\r[");
  for (int i = 0; i < cells; ++i)
    std::fputs(i < full ? "█" : "·", stdout);
  std::printf("] epoch %2d/%d   train %.4f   test %.4f", static_cast<int>(epoch), static_cast<int>(epochs),
              train, test);
  std::fflush(stdout);
  if (epoch == epochs)
    std::printf("\n");
}

/// One pass over the training images; the mean loss.
double train(const Network &network, nabla::optim::Optimizer &optimizer, const Tensor &images,
             const Tensor &labels) {
  const Tensor order = nabla::randperm(images.size(0));
  double total = 0;
  for (std::int64_t at = 0; at < order.size(0); at += batch) {
    const Tensor chosen = order.narrow(0, at, std::min(batch, order.size(0) - at));
    optimizer.zero_grad();
    const Tensor loss =
        F::cross_entropy(network(images.index_select(0, chosen), true), labels.index_select(0, chosen));
    loss.backward();
    optimizer.step();
    total += loss.item<double>() * static_cast<double>(chosen.size(0));
  }
  return total / static_cast<double>(order.size(0));
}

} // namespace

int main(int argc, char **argv) {
  const auto start = std::chrono::steady_clock::now();
  nabla::manual_seed(1);
  const Digits digits = read_digits(argc > 1 ? argv[1] : "digits.csv.gz");
  const std::int64_t n = digits.labels.size(0) - tests;
  const Tensor images = digits.images.narrow(0, 0, n), labels = digits.labels.narrow(0, 0, n);
  const Tensor test_images = digits.images.narrow(0, n, tests),
               test_labels = digits.labels.narrow(0, n, tests);

  const Network network({64, 128, 64, 10});
  nabla::optim::AdamW optimizer(network.parameters, nabla::optim::AdamWOptions(3e-3));
  nabla::optim::CosineAnnealingLR schedule(optimizer, epochs);
  Curves curves;
  double accuracy = 0;
  for (std::int64_t epoch = 1; epoch <= epochs; ++epoch) {
    curves.train.push_back(train(network, optimizer, images, labels));
    schedule.step();
    const nabla::NoGradGuard no_history;
    const Tensor scores = network(test_images, false);
    curves.test.push_back(F::cross_entropy(scores, test_labels).item<double>());
    accuracy = scores.argmax(1).eq(test_labels).sum().item<double>() / static_cast<double>(tests);
    progress(epoch, curves.train.back(), curves.test.back());
  }
  draw(curves, accuracy, argc > 2 ? argv[2] : "digits.svg");
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("%.1f %% of %d test digits, %.1f s\n", 100 * accuracy, static_cast<int>(tests), seconds);
  return accuracy >= 0.97 ? 0 : 1;
}
