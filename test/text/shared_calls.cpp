// What is asked twice has one name and one adjoint; not where it may not have run, nor where its argument has changed.
//
// RUN: %nabla %s -o %t.cpp -- -std=c++17
// RUN: FileCheck %s < %t.cpp
#include <cmath>
#include <nabla/nabla.h>

[[nabla::gradient]] double twice(double x, double y) {
  double a = std::sin(x) * y;
  a += std::sin(x) * std::sqrt(y);
  return a * std::sqrt(y);
}
// CHECK-LABEL: double twice_grad(
// CHECK: const double sin_x = std::sin(x);
// CHECK-NOT: = std::sin(x);
// CHECK: std::cos(x)
// CHECK-NOT: std::cos(
// CHECK: return

[[nabla::gradient]] double nested(const double *x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += std::exp(std::tanh(x[i])) + std::exp(std::tanh(x[i])) * std::tanh(x[i]);
  return s;
}
// CHECK-LABEL: double nested_grad(
// CHECK: = std::tanh(x[i]);
// CHECK-NEXT: = std::exp(tanh_x);
// CHECK-NEXT: s += exp_x + exp_x * tanh_x;
// CHECK: return

[[nabla::gradient]] double changed(double x, double y, bool c) {
  double a = c ? std::log(x) : y;
  if (y < 0)
    return a;
  a += std::log(x);
  x *= y;
  return a * std::log(x);
}
// CHECK-LABEL: double changed_grad(
// CHECK: guarded(changed_bar * a_1, 1.0 / x_2)
// CHECK: guarded(a_bar, 1.0 / x_1)
// CHECK: guarded(a_bar, 1.0 / x_1)
// CHECK: return
