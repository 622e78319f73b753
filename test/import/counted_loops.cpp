// A loop whose trip count is fixed on entry is a For; what may change its bound makes it a While.
//
// RUN: %nabla --whole --dump=import %s -o %t.cpp -- -std=c++20 2>&1 | FileCheck %s
#include <nabla/nabla.h>

[[nabla::gradient]] double counted(const double *x, int n) {
  double s = 0;
  for (int i = 0; i + 1 < n; ++i)
    s += x[i] * x[i + 1];
  for (int i = n; i-- > 0;)
    s -= x[i];
  return s;
}
// CHECK-LABEL: double counted(
// CHECK: for int i = 0; < n - 1; step 1
// CHECK: for int i_left = n; > 0; step -1
// CHECK: int i#2 = i_left - 1

[[nabla::gradient]] double declared_outside(const double *x, int n) {
  double s = 0;
  int i;
  for (i = 0; i < n; i++)
    s += x[i];
  return s * i;
}
// CHECK-LABEL: double declared_outside(
// CHECK: for int i#2 = 0; < n; step 1
// CHECK: i = (0 < n) ? n : 0

[[nabla::gradient]] double bound_changes(const double *x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    if ((s += x[i]) > 3)
      n = i;
  return s;
}
// CHECK-LABEL: double bound_changes(
// CHECK: while i < n

// An unsigned `n - 1` would wrap where there is nothing to do.
[[nabla::gradient]] double unsigned_index(const double *x, unsigned long n) {
  double s = 0;
  for (unsigned long i = 0; i + 1 < n; ++i)
    s += x[i] * x[i + 1];
  return s;
}
// CHECK-LABEL: double unsigned_index(
// CHECK: i_end = (n > 1) ? (n - 1) : 0
// CHECK: for unsigned long i = 0; < i_end; step 1

struct Model {
  int n;
  double k;
};
[[nabla::gradient]] double bound_in_memory(const Model &m, double *x) {
  for (int i = 0; i < m.n; ++i)
    x[i] *= m.k;
  return x[0];
}
// CHECK-LABEL: double bound_in_memory(
// CHECK:      int i_end = m.n
// CHECK-NEXT: for int i = 0; < i_end; step 1
