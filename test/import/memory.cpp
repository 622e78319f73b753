// new, malloc and variable-length arrays are allocations of counted elements.
//
// RUN: %nabla --whole --dump=import %s -o %t.cpp -- -std=c++20 2>&1 | FileCheck %s
#include <cstdlib>
#include <nabla/nabla.h>

struct P {
  double x;
  int k;
};
[[nabla::gradient]] double allocates(double x, int n, int m) {
  double *p = (double *)std::malloc(n * sizeof(double));
  double *q = new double[n]();
  P *s = new P{x, 3};
  double v[n][m];
  p[0] = x, q[0] = x;
  v[1][m - 1] = x;
  double r = p[0] + q[0] + s->x + v[1][m - 1];
  std::free(p);
  delete[] q;
  delete s;
  return r;
}
// CHECK-LABEL: double allocates(
// CHECK: p = malloc double, n
// CHECK: q = new[] double, n, zero
// CHECK: s = new P
// CHECK: s->x = x
// CHECK: v = arena double, long(v_extent) * {{.*}}v_extent#2
// CHECK: v[(1 * v_extent#2) + (m - 1)] = x
// CHECK: free p
// CHECK: delete[] q
// CHECK: delete s
