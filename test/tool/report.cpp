// --report prints one table per gradient: what is stored, recomputed and fused, and why.
// RUN: %nabla --report %s -o %t.cpp 2>&1 | FileCheck %s
// RUN: %nablaxx --report -c %s -o %t.o 2>&1 | FileCheck %s
#include <cmath>
#include <nabla/nabla.h>
[[nabla::gradient]] double march(double *u, double *w, int n, int count) {
  for (int t = 0; t < count; ++t) {
    for (int i = 1; i + 1 < n; ++i) {
      double k = 1 + u[i] * u[i];
      w[i] = u[i] + 0.1 * k * (u[i + 1] - 2 * u[i] + u[i - 1]);
    }
    for (int i = 1; i + 1 < n; ++i)
      u[i] = w[i];
  }
  return u[1];
}

[[nabla::gradient]] double powers(const double *x, int n) {
  double y = 1, s = 0;
  for (int i = 0; i < n; ++i)
    y = std::exp(y * x[i]) * 0.5;
  for (int i = 0; i < n; ++i)
    s += std::sin(x[i]) * x[i];
  while (y < 3)
    y *= 2 + y;
  return y + s;
}

// CHECK: march_grad
// CHECK-NEXT: line value {{ *}}bytes {{ *}}why
// CHECK-NEXT: u {{ *}}copied {{ *}}8 * count * n {{ *}}this loop reads its elements, which are overwritten later
// CHECK-NEXT: difference {{ *}}recomputed {{ *}}costs 3 additions
// CHECK: values are still there
// CHECK-NEXT: 0 of 3 loops fused
// CHECK-NEXT: line 7: recorded in blocks
// CHECK: powers_grad
// CHECK: y {{ *}}stored {{ *}}8 * n {{ *}}it depends on the path that ran
// CHECK: exp_y {{ *}}stored {{ *}}8 * n {{ *}}it costs more to recompute
// CHECK: y {{ *}}stored {{ *}}8 per iteration
// CHECK: 1 of 3 loops fused: line 22
