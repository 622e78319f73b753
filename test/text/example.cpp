// The text is what a person would have written: the user's names, his lines as comments, no dead code, no temporaries.
//
// RUN: %nabla %s -o %t.cpp -- -std=c++17
// RUN: FileCheck %s < %t.cpp
#include <cmath>
#include <nabla/nabla.h>

[[nabla::gradient]] double f(double x, double y) {
  double a = std::sin(x);
  return a * y;
}
// CHECK:      // gradient of f (example.cpp:8) by x, y
// CHECK-NEXT: double f_grad(double x, double y, double *x_bar, double *y_bar) {
// CHECK-NEXT:   double a = std::sin(x); {{.*}}// 9: double a = std::sin(x);
// CHECK-NEXT:   const double f = a * y; {{.*}}// 10: return a * y;
// CHECK-NEXT:   double a_bar = y;
// CHECK-NEXT:   *y_bar += a;
// CHECK-NEXT:   *x_bar += a_bar * std::cos(x);
// CHECK-NEXT:   return f;
// CHECK-NEXT: }
