// Every conversion of C++ is explicit: a float that is increased by a double is computed in double and cast
// back.
//
// RUN: %nabla --whole --dump=import %s -o %t.cpp -- -std=c++20 2>&1 | FileCheck %s
#include <nabla/nabla.h>

[[nabla::gradient]] double mixed(float a, double x, int n) {
  a += x;
  a *= 2;
  return a + n / 2 + static_cast<int>(x);
}
// CHECK-LABEL: double mixed(
// CHECK:      a = float(double(a) + x)
// CHECK-NEXT: a = a * 2.0f
// CHECK-NEXT: return double((a + float(n / 2)) + float(int(x)))
