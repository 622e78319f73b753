// A lambda is imported where it is called, also by a function template that is given one.
//
// RUN: %nabla --whole --dump=import %s -o %t.cpp -- -std=c++20 2>&1 | FileCheck %s
#include <nabla/nabla.h>

template <class F> double twice(const F &f, double x) { return f(f(x)); }
[[nabla::gradient]] double captures(double x, double k) {
  auto scale = [k](double t) { return k * t; };
  k = 0;
  return twice(scale, x);
}
// CHECK-LABEL: double captures(
// CHECK:      double k#2 = k
// CHECK-NEXT: k = 0.0
// CHECK:      double t = x#2
// CHECK:      f_value = k#2 * t
// CHECK-NOT:  call
