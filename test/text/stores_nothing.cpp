// The plan stores only what cannot be had more cheaply: these functions need no record at all.
//
// RUN: %nabla %s -o %t.cpp -- -std=c++17
// RUN: FileCheck %s < %t.cpp
#include <cmath>
#include <nabla/nabla.h>

[[nabla::gradient]] double sines(const double *x, int n) {
  double s = 0;
  for (int i = 0; i + 1 < n; ++i)
    s += std::sin(x[i]) * x[i + 1];
  return s;
}
// CHECK-LABEL: double sines_grad(
// CHECK-NOT: record
// CHECK: return

[[nabla::gradient]] void linear_stencil(const double *x, double *y, int n) {
  for (int i = 1; i < n - 1; ++i)
    y[i] = 0.25 * x[i - 1] + 0.5 * x[i] + 0.25 * x[i + 1];
}
// CHECK-LABEL: void linear_stencil_grad(
// CHECK-NOT: record
// CHECK: y_bar[i] = 0.0;

[[nabla::gradient]] double straight_line(double x, double y) {
  double a = x * y;
  double b = std::exp(a) + x;
  a = b * b;
  return a / y;
}
// CHECK-LABEL: double straight_line_grad(
// CHECK-NOT: record
// CHECK: return

[[nabla::gradient]] double branches(double x) {
  if (x > 1)
    return x * x;
  return std::sin(x);
}
// CHECK-LABEL: double branches_grad(
// CHECK-NOT: record
// CHECK: return

// What is computed again stands where it is first used, not at the beginning of the sweep.
[[nabla::gradient]] double quotients(double x, double y) {
  double a = std::sin(x), b = std::sin(y);
  double u = y / (2 + a * a);
  double v = u / (3 + b * b) + x / (3 + b * b);
  return std::sin(v) + v;
}
// CHECK-LABEL: double quotients_grad(
// CHECK-NOT: record
// CHECK: double v_bar
// CHECK: const double inverse = 1.0 / (3.0 + b * b);
// CHECK: const double [[D:d_[0-9]+]] = {{.*}} / (2.0 + a * a);
// CHECK-NEXT: *y_bar += [[D]];
