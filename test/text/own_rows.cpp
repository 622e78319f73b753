// Rows of the table that C++ has no function for are known by nabla's own names.
// RUN: %nabla %s -o %t.cpp -- && %filecheck %s --input-file=%t.cpp
#include <nabla/nabla.h>

[[nabla::gradient]] double f(double x, int n) {
  return nabla::digamma(x) * nabla::polygamma(x, n) + nabla::ratio(x, 2.0 * x);
}
// CHECK: *x_bar += nabla::guarded(polygamma_x, nabla::trigamma(x));
// CHECK: *x_bar += nabla::guarded(digamma_x, nabla::polygamma(x, n + 1));
// CHECK: *x_bar += nabla::ratio(1.0, 2.0 * x);
