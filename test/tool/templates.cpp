// A mark on a function template declares a companion template; each instance that is used gets its text.
//
// RUN: %nablaxx -Wall -Wextra -Werror %check %s -o %t && %t
#include "check.h"
#include <nabla/nabla.h>

namespace shapes {
template <class T> [[nabla::gradient]] T scaled(T x, T k) { return x * x * k; }
template <class T> [[nabla::gradient("x")]] T repeated(T x, int n);
template <class T> T repeated(T x, int n) { return n == 0 ? T(1) : x * x * T(n); }
} // namespace shapes

int main() {
  double x_bar = 0, k_bar = 0;
  CHECK_NEAR(shapes::scaled_grad(3.0, 2.0, &x_bar, &k_bar), 18, 1e-15);
  CHECK_NEAR(x_bar, 12, 1e-15);
  CHECK_NEAR(k_bar, 9, 1e-15);
  float f_bar = 0, g_bar = 0;
  CHECK_NEAR(shapes::scaled_grad<float>(3, 2, &f_bar, &g_bar), 18, 1e-6);
  CHECK_NEAR(f_bar, 12, 1e-6);
  x_bar = 0;
  CHECK_NEAR(shapes::repeated_grad(2.0, 5, &x_bar), 20, 1e-15);
  CHECK_NEAR(x_bar, 20, 1e-15);
  return check::report();
}
