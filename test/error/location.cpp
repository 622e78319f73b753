// The error stands at the user's token: line and column, and Clang shows the line with a caret.
//
// RUN: not %nablaxx -fsyntax-only %s 2>&1 | FileCheck %s
#include <nabla/nabla.h>

double elsewhere(double x);
[[nabla::gradient]] double f(double x) {
  double y = x * x;
  return y + elsewhere(y);
}
// CHECK: location.cpp:[[@LINE-2]]:14: error: the call of 'elsewhere' needs its derivative
// CHECK-SAME: [nabla N110]
// CHECK-NEXT: return y + elsewhere(y);
// CHECK-NEXT: ^
