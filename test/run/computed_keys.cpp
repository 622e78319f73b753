// Strings that are computed from others and from numbers, as keys of maps.
// MATRIX: plugin sanitized
#include "check.h"
#include <map>
#include <nabla/nabla.h>
#include <string>
#include <unordered_map>

[[nabla::gradient]] double numbered(double x, int n) {
  std::map<std::string, double> m;
  for (int i = 0; i < n; ++i)
    m["k" + std::to_string(i)] = x * i;
  double s = 0;
  for (auto &[k, v] : m)
    s += v * v;
  return s + m["k1"] * x;
}
[[nabla::gradient("x")]] double named(double x, const std::string &name, int n) {
  std::unordered_map<std::string, double> m;
  const std::string whole = "layer_" + name + "." + std::to_string(n);
  m[whole + "_a"] = x;
  m[name] = x * x;
  m[name + name] = x * x * x;
  return m.at("layer_" + name + "." + std::to_string(n) + "_a") * m.at(name) + m[name + name];
}

int main() {
  double xb = 0;
  CHECK_NEAR(numbered_grad(3, 12, &xb), 9 * 506 + 9, 1e-12); // squares below twelve
  CHECK_NEAR(xb, 6 * 506 + 6, 1e-12);
  xb = 0;
  CHECK_NEAR(named_grad(3, "w", 7, &xb), 54, 1e-12);
  CHECK_NEAR(xb, 54, 1e-12);
  return check::report();
}
