// A switch without fall-through is a chain of ifs; with it, every arm from the entered one on runs until a
// break.
//
// RUN: %nabla --whole --dump=import %s -o %t.cpp -- -std=c++20 2>&1 | FileCheck %s
#include <nabla/nabla.h>

[[nabla::gradient]] double plain(double x, int k) {
  switch (k) {
  case 1:
  case 2:
    x = -x;
    break;
  default:
    x *= 2;
  }
  return x;
}
// CHECK-LABEL: double plain(
// CHECK:      if (k == 1) || (k == 2) {
// CHECK-NEXT:   x = -x
// CHECK-NEXT: } else {
// CHECK-NEXT:   x = x * 2.0

[[nabla::gradient]] double falls(double x, int k) {
  switch (k) {
  default:
    x += 1;
  case 3:
    x *= x;
    break;
  case 7:
    x = 0;
  }
  return x;
}
// CHECK-LABEL: double falls(
// CHECK:      int arm = (k == 3) ? 1 : ((k == 7) ? 2 : 0)
// CHECK-NEXT: scope [[SWITCH:switch_[0-9]+]] {
// CHECK-NEXT:   if arm <= 0 {
// CHECK:        if arm <= 1 {
// CHECK-NEXT:     x = x * x
// CHECK-NEXT:     exit [[SWITCH]]
