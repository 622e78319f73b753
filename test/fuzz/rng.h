// A small reproducible random generator (splitmix64): the same seed draws the same program on every machine.
#pragma once
#include <cstdint>
#include <vector>

namespace fuzz {

class Rng {
public:
  explicit Rng(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ull);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
  }
  /// Uniform in lo..hi, both included.
  int in(int lo, int hi) { return lo + static_cast<int>(next() % static_cast<std::uint64_t>(hi - lo + 1)); }
  /// True in `percent` of 100 cases.
  bool chance(int percent) { return in(0, 99) < percent; }
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  template <class T> T &pick(std::vector<T> &v) {
    return v[static_cast<std::size_t>(in(0, int(v.size()) - 1))];
  }
  template <class T> const T &pick(const std::vector<T> &v) {
    return v[static_cast<std::size_t>(in(0, int(v.size()) - 1))];
  }
  const char *one_of(std::initializer_list<const char *> v) { return v.begin()[in(0, int(v.size()) - 1)]; }

private:
  std::uint64_t state_;
};

inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  return Rng(a * 0x2545f4914f6cdd1dull + b).next();
}

} // namespace fuzz
