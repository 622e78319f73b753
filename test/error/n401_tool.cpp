// N401: what plain C++ has no name for, the tool refuses, and says that the plugin can do it.
//
// RUN: not %nabla %s -o %t.cpp -- -std=c++17 2>&1 | FileCheck %s
#include <nabla/nabla.h>

double slope(double k, double x) {
  auto f = [k](double v) { return k * v * v; };
  return nabla::gradient(f, x);
}
// CHECK: n401_tool.cpp:[[@LINE-2]]:{{[0-9]+}}: error: the text cannot name
// CHECK-SAME: [nabla N401]
