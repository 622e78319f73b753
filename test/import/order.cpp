// Side effects become statements before their use, in the order of C++17: right before left in an assignment.
//
// RUN: %nabla --whole --dump=import %s -o %t.cpp -- -std=c++20 2>&1 | FileCheck %s
#include <nabla/nabla.h>

[[nabla::gradient]] double in_place(double *x) {
  int i = 0;
  x[i++] *= x[i];
  return x[i];
}
// CHECK-LABEL: double in_place(
// CHECK:      double t = x[i]
// CHECK-NEXT: int i_old = i
// CHECK-NEXT: i = i_old + 1
// CHECK-NEXT: x[i_old] = x[i_old] * t

static double bump(double *p) { return *p += 1; }
[[nabla::gradient]] double frozen(double x) {
  double y = x;
  return y + bump(&y) * y;
}
// CHECK-LABEL: double frozen(
// CHECK:      double t = y
// CHECK:      bump_value = call bump(&y)
// CHECK-NEXT: return t + (bump_value * y)

[[nabla::gradient]] double walks(double *p) {
  *p++ = *p * 2;
  return *p;
}
// CHECK-LABEL: double walks(
// CHECK:      double t = *p * 2.0
// CHECK-NEXT: double *p_old = p
// CHECK-NEXT: p = p_old + 1
// CHECK-NEXT: *p_old = t
