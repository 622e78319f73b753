// ?: on reals is an If, also where the choice is assigned to; on integers it is an expression.
//
// RUN: %nabla --whole --dump=import %s -o %t.cpp -- -std=c++20 2>&1 | FileCheck %s
#include <nabla/nabla.h>

[[nabla::gradient]] double chosen_object(double x, double y) {
  (x > y ? x : y) = 3;
  return x * y;
}
// CHECK-LABEL: double chosen_object(
// CHECK:      if x > y {
// CHECK-NEXT:   [[P:[a-z]+]] = &x
// CHECK-NEXT: } else {
// CHECK-NEXT:   [[P]] = &y
// CHECK:      *[[P]] = 3.0

[[nabla::gradient]] double chosen_value(double x, int n) {
  double y = n > 0 ? x * x : -x;
  int k = n > 2 ? 1 : 2;
  return y * k;
}
// CHECK-LABEL: double chosen_value(
// CHECK:      if n > 0 {
// CHECK-NEXT:   y = x * x
// CHECK-NEXT: } else {
// CHECK-NEXT:   y = -x
// CHECK:      int k = (n > 2) ? 1 : 2
