// Long straight-line gradients, and the parts of very long ones, are spared the passes that find nothing in them; short ones and the
// user's own functions are not.
//
// RUN: %nablaxx -O2 -c -Xclang -fdebug-pass-manager %s -o %t.o 2>&1 | FileCheck %s
// RUN: %nablaxx -O2 -c -Xclang -fdebug-pass-manager -DSHORT %s -o %t.o 2>&1 | FileCheck --check-prefix=SHORT %s
// RUN: %nablaxx -O2 -DMAIN %s -o %t && %t
// CHECK-DAG: Skipping pass: SLPVectorizerPass on _Z6f_gradddPdS_
// CHECK-DAG: Skipping pass: SLPVectorizerPass on _ZZ6g_gradddPdS_E{{.*}}part_
// CHECK-DAG: Running pass: SLPVectorizerPass on _Z1fdd
// CHECK-DAG: Running pass: SLPVectorizerPass on _Z1gdd
// SHORT: Running pass: SLPVectorizerPass on _Z6f_gradddPdS_
#include <cmath>
#include <nabla/nabla.h>

#ifdef SHORT
#define TEN(what) what
#else
#define TEN(what) what what what what what what what what what what
#endif
#define STEP u = u * v - 0.25 * u, v = 0.5 * v + u * v;
[[nabla::gradient]] double f(double x, double y) {
  double u = x, v = y;
  TEN(TEN(STEP)) TEN(TEN(STEP)) TEN(TEN(STEP)) return u * v;
}
#ifndef SHORT
[[nabla::gradient]] double g(double x, double y) {
  double u = x, v = y;
  TEN(TEN(TEN(STEP STEP))) return std::sin(u * v);
}
#endif

#ifdef MAIN
int main() {
  double x_bar = 0, y_bar = 0, step = 1e-6;
  f_grad(0.3, 0.2, &x_bar, &y_bar);
  double by_differences = (f(0.3 + step, 0.2) - f(0.3 - step, 0.2)) / (2 * step);
  return std::abs(x_bar - by_differences) > 1e-6 * std::abs(x_bar) || !(x_bar != 0);
}
#endif
