// File-scope data is read as it is, without derivative; static const tables are written out again.
//
// RUN: %nabla --whole --dump=import %s -o %t.cpp -- -std=c++20 2>&1 | FileCheck %s
#include <nabla/nabla.h>

namespace data {
const double table[3] = {1, 2, 3};
int calls = 0;
} // namespace data
[[nabla::gradient]] double reads(double x, int i) {
  static const double local[2] = {0.5, 0.25};
  ++data::calls;
  return x * data::table[i] * local[i];
}
// CHECK-LABEL: double reads(
// CHECK: static const double local[2] = {0.5, 0.25}
// CHECK: = {{(data::)?}}calls + 1
// CHECK: return (x * {{(data::)?}}table[i]) * local[i]
