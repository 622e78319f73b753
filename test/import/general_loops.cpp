// break and continue are exits of labelled scopes; a condition with side effects keeps the loop going by a
// flag.
//
// RUN: %nabla --whole --dump=import %s -o %t.cpp -- -std=c++20 2>&1 | FileCheck %s
#include <nabla/nabla.h>

[[nabla::gradient]] double leaves(double x, int n) {
  while (n > 0) {
    n -= 1;
    if (x > 10)
      break;
    if (n % 2)
      continue;
    x *= 1.5;
  }
  return x;
}
// CHECK-LABEL: double leaves(
// CHECK:      scope [[BREAK:break_[0-9]+]] {
// CHECK-NEXT:   while n > 0 {
// CHECK-NEXT:     scope [[CONTINUE:continue_[0-9]+]] {
// CHECK:            exit [[BREAK]]
// CHECK:            exit [[CONTINUE]]

static double next(double x) { return x - 1; }
[[nabla::gradient]] double assigns_in_condition(double x) {
  double s = 0;
  while ((x = next(x)) > 0)
    s += x;
  return s;
}
// CHECK-LABEL: double assigns_in_condition(
// CHECK:      bool go = true
// CHECK-NEXT: while go {
// CHECK-NEXT:   x = call next(x)
// CHECK-NEXT:   if x > 0.0 {
// CHECK:        } else {
// CHECK-NEXT:     go = false
