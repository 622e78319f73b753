// What does not reach the result is not differentiated, and in a pullback by one parameter nothing is kept for the other.
//
// RUN: %nabla %s -o %t.cpp -- -std=c++17
// RUN: FileCheck %s < %t.cpp
#include <cmath>
#include <nabla/nabla.h>

[[nabla::gradient("x")]] double f(double x, double y) {
  double unused = std::log(x);
  (void)unused;
  double k = std::exp(y);
  return x * k;
}
// CHECK-LABEL: f_grad(double x, double y, double *{{(__restrict )?}}x_bar) {
// CHECK-NOT:   unused_bar
// CHECK-NOT:   y_bar
// CHECK-NOT:   1 / x
// CHECK:       *x_bar += k;
