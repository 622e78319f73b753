// A function of <cmath> asked twice has one name in a tangent as well, and a tangent made of it reads that name.
//
// RUN: %nabla %s -o %t.cpp -- -std=c++20 && FileCheck %s --input-file=%t.cpp
#include <cmath>
#include <nabla/nabla.h>

[[nabla::pushforward]] double f(double x, double y) {
  double a = std::sin(x) * y;
  double b = std::sin(x) + std::exp(a) * std::exp(a);
  return a * b;
}
// CHECK: const double sin_x_dot = x_dot * std::cos(x);
// CHECK-NEXT: const double sin_x = std::sin(x);
// CHECK-NEXT: double a_dot = sin_x_dot * y + y_dot * sin_x;
// CHECK-NEXT: double a = sin_x * y;
// CHECK-NEXT: const double exp_a = std::exp(a);
// CHECK-NEXT: const double exp_a_dot = a_dot * exp_a;
// CHECK-NEXT: double b_dot = sin_x_dot + exp_a_dot * (2.0 * exp_a);
