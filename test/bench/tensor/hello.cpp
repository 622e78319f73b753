// The smallest autograd program: for start-up time, memory, size and compile time.
#if defined(BENCH_LIBTORCH)
#include <torch/torch.h>
#else
#include <nabla/torch.h>
#endif
#include <iostream>

int main() {
  auto x = torch::ones({2, 2}, torch::requires_grad());
  ((x + 2) * (x + 2) * 3).mean().backward();
  std::cout << x.grad() << "\n";
}
