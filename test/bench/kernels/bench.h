// One table of kernels. Each has a primal, Nabla's gradient and a gradient written by hand; bench.cpp checks that the two
// gradients agree, times all three in turns and prints the table.
#pragma once
#include "../../random.h"
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace bench {

using reals = std::vector<double>;

struct Kernel {
  std::string name;
  std::size_t size; ///< of the gradient
  std::function<double()> primal;
  std::function<void(double *)> gradient, by_hand; ///< add to a gradient that is zero
};

inline std::vector<Kernel> &kernels() {
  static std::vector<Kernel> all;
  return all;
}

struct Register {
  Register(std::string name, std::size_t size, std::function<double()> primal,
           std::function<void(double *)> gradient, std::function<void(double *)> by_hand) {
    kernels().push_back({std::move(name), size, std::move(primal), std::move(gradient), std::move(by_hand)});
  }
};

using test::Random;

} // namespace bench
