// Gradients of results that are written element by element, and backward more than once.
#include <nabla/tensor.h>

#include <iostream>

int main() {
  // A scalar, and a mean over a matrix product.
  nabla::Tensor x = nabla::tensor({2.0}, nabla::requires_grad()), y = x + 2, z = nabla::pow(y, 2) + 3;
  std::cout << z << "\n";
  z.backward();
  std::cout << x.grad() << "\n";

  nabla::manual_seed(2);
  x = nabla::randn({10, 20}, nabla::requires_grad());
  y = nabla::randn({10, 5}, nabla::requires_grad());
  nabla::Tensor w = nabla::randn({20, 5}, nabla::requires_grad()), out = nabla::mean(y - nabla::matmul(x, w));
  std::cout << out << "\n";
  out.backward();
  std::cout << x.grad() << "\n" << y.grad() << "\n" << w.grad() << "\n";

  // n = (m0^2, m1^3), written into a tensor of zeros: writing is part of the graph.
  nabla::Tensor m = nabla::tensor({{2.0, 3.0}}, nabla::requires_grad()), n = nabla::zeros({1, 2});
  std::cout << m << "\n" << n << "\n";
  n[0][0] = nabla::pow(m[0][0], 2);
  n[0][1] = nabla::pow(m[0][1], 3);
  std::cout << n << "\n";
  n.backward(nabla::ones_like(n)); // with weights (1, 1)
  std::cout << m.grad() << "\n";

  // The graph is freed by backward() unless it is told to stay; gradients add up.
  x = nabla::tensor({3.0}, nabla::requires_grad());
  y = x * 2 + nabla::pow(x, 2) + 3;
  std::cout << y << "\n";
  y.backward({}, /*retain_graph=*/true);
  std::cout << x.grad() << "\n";
  y.backward();
  std::cout << x.grad() << "\n";
  try {
    y.backward();
  } catch (const nabla::AutogradError &e) {
    std::cout << e.what() << "\n";
  }
}
