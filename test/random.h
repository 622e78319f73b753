// Numbers for tests and benchmarks: the same with every standard library.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace test {

class Random {
public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  double uniform(double low, double high) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return low + (high - low) * double(state_ >> 11) / 9007199254740992.0;
  }
  std::vector<double> list(std::size_t n, double low, double high) {
    std::vector<double> v(n);
    for (double &x : v)
      x = uniform(low, high);
    return v;
  }

private:
  std::uint64_t state_;
};

} // namespace test
