// Option self-check: each gradient compares itself with the pushforward on its first call, and names the worst parameter.
//
// RUN: %nablaxx --self-check -Wall -Wextra -Werror -std=c++17 -O1 %s -o %t && %t 2>&1 | FileCheck %s
// RUN: %nablaxx --self-check -std=c++17 -DOBJECTS -fsyntax-only %s 2>&1 | FileCheck --check-prefix=OBJECTS %s
#include <cmath>
#include <cstdio>
#include <nabla/nabla.h>

[[nabla::gradient]] double loss(const double *x, const double *w, int n, double bias) {
  double s = bias;
  for (int i = 0; i < n; ++i)
    s += std::sin(x[i]) * w[i] * bias;
  return s;
}
[[nabla::gradient]] void in_place(double *a, int n, const float *f) {
  for (int i = 1; i < n; ++i)
    a[i] *= a[i - 1] + f[i];
}

double wrong(double x);
[[nabla::pullback_of(wrong)]] void wrong_pb(double x, double seed, double *x_bar) { *x_bar += seed * x; }
[[nabla::pushforward_of(wrong)]] nabla::dual<double> wrong_pf(double x, double x_dot) {
  return {x * x, 2 * x * x_dot};
}
double wrong(double x) { return x * x; }
double calls_wrong(double right, const double *v) { return wrong(v[2]) + right * right; }

double recursive(double *x, int n) {
  if (n == 0)
    return 1;
  x[0] *= 1.5;
  return x[0] * recursive(x + 1, n - 1);
}
namespace ns {
double overloaded(double x) { return x; }
double overloaded(double x, double y) { return x * y; }
} // namespace ns

#ifdef OBJECTS
struct Spring {
  double stiffness;
  // OBJECTS: [[@LINE+1]]:5: warning: the self-check leaves the gradient of 'Spring::energy' out; it is a method; {{.*}} [nabla N402]
  [[nabla::gradient]] double energy(double x) const { return stiffness * x * x; }
};
// OBJECTS: [[@LINE+1]]:3: warning: the self-check leaves the gradient of 'of_spring' out; its parameter 's' is an object; {{.*}} [nabla N402]
[[nabla::gradient]] double of_spring(const Spring &s, double x) { return s.energy(x); }
#endif

int main() {
  double x[3] = {1, 2, 3}, w[3] = {4, 5, 6}, x_bar[3] = {}, w_bar[3] = {}, bias_bar = 0;
  for (int i = 0; i < 2; ++i)
    loss_grad(x, w, 3, 0.5, x_bar, w_bar, &bias_bar);
  // CHECK: nabla: self-check of 'loss' passed: worst parameter '{{x|w|bias}}'
  // CHECK-NOT: 'loss'
  double a[4] = {1, 2, 3, 4}, a_bar[4] = {1, 1, 1, 1};
  float f[4] = {1, 2, 3, 4}, f_bar[4] = {};
  in_place_grad(a, 4, f, a_bar, f_bar);
  // CHECK: nabla: self-check of 'in_place' passed
  double v[3] = {1, 2, 3}, v_bar[3] = {}, right_bar = 0;
  nabla::gradient<calls_wrong>(2.0, v, &right_bar, v_bar);
  // CHECK: nabla: self-check of 'calls_wrong' FAILED: worst parameter 'v'
  nabla::gradient<recursive>(x, 3, x_bar);
  // CHECK: nabla: self-check of 'recursive' passed: worst parameter 'x'
  nabla::gradient<static_cast<double (*)(double, double)>(&ns::overloaded)>(2.0, 3.0);
  // CHECK: nabla: self-check of 'ns::overloaded' passed
  std::printf("a[3] = %g, a_bar[0] = %g, x[0] = %g\n", a[3], a_bar[0], x[0]);
  // CHECK: a[3] = 124, a_bar[0] = 33, x[0] = 1.5
}
