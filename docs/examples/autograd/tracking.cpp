// Switching the tracking of operations on and off: requires_grad, detach, NoGradGuard. Then a small graph by hand and by backward().
#include <nabla/tensor.h>

#include <iostream>

int main() {
  std::cout << std::boolalpha;
  // Tensors of the user do not require gradients until told so.
  nabla::Tensor v = nabla::tensor({{1.7315, -1.0468}, {-8.2165, 1.4425}}), a = v / (v - 3);
  a = (a * 3) / (a - 1);
  std::cout << a.requires_grad() << "\n";
  a.requires_grad_(true);
  std::cout << a.requires_grad() << "\n";
  nabla::Tensor b = (a * a).sum();
  std::cout << a << "\n" << b << "\n";

  // detach: the same elements without history.
  nabla::manual_seed(1);
  nabla::Tensor x = nabla::randn({3}, nabla::requires_grad()), y = x.detach();
  std::cout << y.requires_grad() << "\n" << x.eq(y).all() << "\n";

  // No history inside a block: for evaluation.
  {
    nabla::NoGradGuard off;
    std::cout << nabla::pow(x, 2).requires_grad() << "\n";
  }

  // out = mean(3 (x + 2)^2), so d out / d x = 3/2 (x + 2).
  x = nabla::tensor({{1.0, 2.0}, {3.0, 4.0}}, nabla::requires_grad());
  y = x + 2;
  nabla::Tensor z = nabla::pow(y, 2) * 3, out = z.mean();
  std::cout << x << "\n" << y << " <" << y.grad_fn()->name() << ">\n" << z << "\n" << out << "\n";
  out.backward();
  std::cout << x.grad() << "\n";
}
