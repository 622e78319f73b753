// A differential equation solved by a network:  u'(x) = -2 x u(x),  u(0) = 1, so u = exp(-x^2). The loss holds the network's
// derivative in x, and its gradient in the weights holds the derivative of that: a gradient of a function that takes a gradient.
#include <cstdio>
#include <nabla/nabla.h>

const int width = 8, weights = 3 * width;

/// u(x) = 1 + x * (sum of w tanh(a x + b)): one at 0 whatever the weights.
[[nabla::gradient]] double network(const double *w, double x) {
  double s = 0;
  for (int i = 0; i < width; ++i)
    s += w[i] * std::tanh(w[width + i] * x + w[2 * width + i]);
  return 1 + x * s;
}

[[nabla::gradient]] double loss(const double *w) {
  double sum = 0;
  for (int k = 0; k < 41; ++k) {
    const double x = k / 20.0;
    double unused[weights] = {}, slope = 0;
    const double u = network_grad(w, x, unused, &slope);
    const double residual = slope + 2 * x * u;
    sum += residual * residual / 41;
  }
  return sum;
}

int main() {
  double w[weights], first[weights] = {}, second[weights] = {};
  for (int i = 0; i < weights; ++i)
    w[i] = std::sin(3.7 * i + 1);    // fixed, spread
  for (int k = 1; k <= 20000; ++k) { // Adam
    double g[weights] = {};
    const double value = loss_grad(w, g);
    if (k == 1 || k % 5000 == 0)
      std::printf("step %5d  loss %.3e\n", k, value);
    for (int i = 0; i < weights; ++i) {
      first[i] += 0.1 * (g[i] - first[i]);
      second[i] += 0.001 * (g[i] * g[i] - second[i]);
      w[i] -= 0.005 * first[i] / (1 - std::pow(0.9, k)) /
              (std::sqrt(second[i] / (1 - std::pow(0.999, k))) + 1e-8);
    }
  }
  double worst = 0;
  for (int k = 0; k <= 40; ++k)
    worst = std::fmax(worst, std::fabs(network(w, k / 20.0) - std::exp(-k / 20.0 * k / 20.0)));
  std::printf("largest error on [0, 2]: %.1e\n", worst);
}
