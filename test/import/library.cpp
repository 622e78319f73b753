// The library is known by its qualified name, under every spelling.
//
// RUN: %nabla --whole --dump=import %s -o %t.cpp -- -std=c++20 2>&1 | FileCheck %s
#include <algorithm>
#include <cmath>
#include <cstring>
#include <nabla/nabla.h>

[[nabla::gradient]] double spellings(double x, float y, int n) {
  return sin(x) + ::sin(x) + std::sin(y) + sinf(y) + __builtin_sin(x) + std::pow(x, n) +
         std::max({x, 1.0, 2.0});
}
// CHECK-LABEL: double spellings(
// CHECK: (((((sin(x) + sin(x)) + double(sin(y))) + double(sin(y))) + sin(x)) + pow(x, double(n))) +
// max(max(x, 1.0), 2.0)

[[nabla::gradient]] double parts(double x) {
  int e;
  double whole, f = std::frexp(x, &e);
  return f + std::modf(x, &whole) + whole;
}
// CHECK-LABEL: double parts(
// CHECK: int exponent = (std::isfinite({{.*}}std::ilogb(
// CHECK: e = exponent
// CHECK: double f = ldexp({{.*}}, -exponent)
// CHECK: whole = trunc(

[[nabla::gradient]] double blocks(const double *x, int n) {
  double a[3], b[8];
  std::memset(a, 0, sizeof a);
  std::memcpy(b, x, n * sizeof(double));
  std::copy(x, x + n, b);
  return a[0] + b[0];
}
// CHECK-LABEL: double blocks(
// CHECK: for int {{.*}} = 0; < 3; step 1 {
// CHECK: for int {{.*}} = 0; < n; step 1 {
// CHECK: for int {{.*}} = 0; < n; step 1 {
