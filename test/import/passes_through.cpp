// Printing and assertions are carried as text.
//
// RUN: %nabla --whole --dump=import %s -o %t.cpp -- -std=c++20 2>&1 | FileCheck %s
#include <cassert>
#include <cstdio>
#include <iostream>
#include <nabla/nabla.h>

[[nabla::gradient]] double prints(double x, int n) {
  assert(n > 0);
  std::printf("%d %g\n", n, x);
  std::cout << "x = " << x << std::endl;
  return x * n;
}
// CHECK-LABEL: double prints(
// CHECK: if !(n > 0)
// CHECK: __assert_fail
// CHECK: opaque {{.*}}printf({{.*}}n{{.*}}x
// CHECK: opaque {{.*}}std::cout << {{.*}} << std::endl
