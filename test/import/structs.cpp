// Structs are filled member by member; methods have their object first; std::array is its member.
//
// RUN: %nabla --whole --dump=import %s -o %t.cpp -- -std=c++20 2>&1 | FileCheck %s
#include <array>
#include <nabla/nabla.h>

struct P {
  double x, y = 2;
  double norm() const { return x * x + y * y; }
};
[[nabla::gradient]] double members(double x) {
  P p{x};
  P q = p;
  auto &[a, b] = q;
  a *= b;
  std::array<double, 2> v{x, 1};
  return q.norm() + v[0];
}
// CHECK-LABEL: double members(
// CHECK:      p.x = x
// CHECK-NEXT: p.y = 2.0
// CHECK-NEXT: P q = p
// CHECK-NEXT: P &bound = &q
// CHECK-NEXT: bound.x = bound.x * bound.y
// CHECK:      v._M_elems[0] = x
// CHECK:      norm_value = call .norm(&q)
// CHECK-NEXT: return norm_value + v._M_elems[0]
