// What a tensor knows about its history, and gradients through a loop whose length depends on the data.
#include <nabla/tensor.h>

#include <iostream>

int main() {
  nabla::Tensor x = nabla::ones({2, 2}, nabla::requires_grad());
  std::cout << x << "\n";
  nabla::Tensor y = x + 2; // made by an operation, so it has a grad_fn
  std::cout << y << "\n" << y.grad_fn()->name() << "\n";
  nabla::Tensor z = y * y * 3, out = z.mean();
  std::cout << z << " " << out << "\n";
  out.backward(); // the same as out.backward(nabla::tensor(1.0))
  std::cout << x.grad() << "\n";

  // You can do many crazy things with autograd: every run may build another graph.
  x = nabla::tensor({-1020.3505 / 1024, 1633.7242 / 1024, -333.5652 / 1024}).requires_grad_();
  y = x * 2;
  while (y.data().norm().item<double>() < 1000)
    y = y * 2;
  std::cout << y << "\n";
  y.backward(nabla::tensor({0.1, 1.0, 0.0001})); // y is no scalar: say with which weights
  std::cout << x.grad() << "\n";
}
