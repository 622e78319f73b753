// backward() of scalars and of tensors, autograd::grad for second derivatives and several inputs, and a minimum by gradient descent.
#include <nabla/tensor.h>

#include <iostream>

int main() {
  const nabla::Tensor a = nabla::tensor(1.0), b = nabla::tensor(-2.0), c = nabla::tensor(1.0);
  const auto f = [&](const nabla::Tensor &x) { return a * nabla::pow(x, 2) + b * x + c; };

  // 1. A scalar.
  nabla::Tensor x = nabla::tensor(0.0, nabla::requires_grad()), y = f(x);
  y.backward();
  std::cout << x.grad() << "\n";

  // 2. Not a scalar: a gradient of the same shape goes in.
  x = nabla::tensor({{0.0, 0.0}, {1.0, 2.0}}, nabla::requires_grad());
  y = f(x);
  nabla::Tensor gradient = nabla::tensor({{1.0, 1.0}, {1.0, 1.0}});
  std::cout << "x:\n " << x << "\ny:\n " << y << "\n";
  y.backward(gradient);
  std::cout << "x_grad:\n " << x.grad() << "\n";

  // 3. The same through a scalar.
  x = nabla::tensor({{0.0, 0.0}, {1.0, 2.0}}, nabla::requires_grad());
  y = f(x);
  std::cout << "x: " << x << "\ny: " << y << "\n";
  nabla::sum(y * gradient).backward();
  std::cout << "x_grad:\n " << x.grad() << "\n";

  // 4. autograd::grad; create_graph makes the derivative differentiable.
  x = nabla::tensor(0.0, nabla::requires_grad());
  nabla::Tensor dy_dx = nabla::autograd::grad({f(x)}, {x}, {}, nabla::nullopt, /*create_graph=*/true)[0];
  std::cout << dy_dx.data() << "\n";
  nabla::Tensor dy2_dx2 = nabla::autograd::grad({dy_dx}, {x})[0];
  std::cout << dy2_dx2.data() << "\n";

  // 5. Several inputs; several outputs add up.
  nabla::Tensor x1 = nabla::tensor(1.0, nabla::requires_grad()), x2 = nabla::tensor(2.0, nabla::requires_grad());
  nabla::Tensor y1 = x1 * x2, y2 = x1 + x2;
  auto dy1 = nabla::autograd::grad({y1}, {x1, x2}, {}, /*retain_graph=*/true);
  std::cout << dy1[0] << " " << dy1[1] << "\n";
  auto dy12 = nabla::autograd::grad({y1, y2}, {x1, x2});
  std::cout << dy12[0] << " " << dy12[1] << "\n";

  // 6. The minimum of f with an optimizer.
  x = nabla::tensor(0.0, nabla::requires_grad());
  nabla::optim::SGD optimizer({x}, nabla::optim::SGDOptions(0.01));
  for (int i = 0; i < 500; ++i) {
    optimizer.zero_grad();
    f(x).backward();
    optimizer.step();
  }
  std::cout << "y= " << f(x).data() << " ; x= " << x.data() << "\n";
}
