// Automatic differentiation of simple and of more complicated expressions: define, call backward(), read .grad.
#include <nabla/tensor.h>

#include <iostream>

int main() {
  // A number: z = (x + 2)^2 + 3, so dz/dx = 2 (x + 2) = 8 at 2.
  nabla::Tensor x = nabla::tensor({2.0}, nabla::requires_grad());
  nabla::Tensor y = x + 2;
  nabla::Tensor z = nabla::pow(y, 2) + 3;
  std::cout << z << "\n";
  z.backward();
  std::cout << x.grad() << "\n";

  // Matrices: the mean of y - x w. Deriving this by hand is work; backward() is not.
  nabla::manual_seed(1);
  x = nabla::randn({10, 20}, nabla::requires_grad());
  y = nabla::randn({10, 5}, nabla::requires_grad());
  nabla::Tensor w = nabla::randn({20, 5}, nabla::requires_grad());
  nabla::mean(y - nabla::matmul(x, w)).backward();
  std::cout << x.grad() << "\n" << y.grad() << "\n" << w.grad() << "\n";
}
