// What a test program needs: CHECK(condition), CHECK_NEAR(a, b, relative tolerance), and `return check::report();`.
#pragma once
#include <cmath>
#include <cstdio>

namespace check {

inline int passed = 0, failed = 0;

inline void verdict(bool ok, const char *text, const char *file, int line) {
  ok ? ++passed : ++failed;
  if (!ok)
    std::printf("%s:%d: failed: %s\n", file, line, text);
}

inline void near(double a, double b, double tolerance, const char *text, const char *file, int line) {
  double scale = std::fmax(std::fabs(a), std::fabs(b));
  bool ok = a == b || std::fabs(a - b) <= tolerance * std::fmax(scale, 1e-300);
  verdict(ok, text, file, line);
  if (!ok)
    std::printf("  %.17g is not near %.17g\n", a, b);
}

inline int report() {
  std::printf("%d checks passed, %d failed\n", passed, failed);
  return failed != 0;
}

} // namespace check

#define CHECK(condition) check::verdict((condition), #condition, __FILE__, __LINE__)
#define CHECK_NEAR(a, b, tolerance) check::near((a), (b), (tolerance), #a " == " #b, __FILE__, __LINE__)
