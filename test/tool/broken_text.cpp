// A text that does not compile is an internal error, also where the first error ends it all: never exit code 0 without an object file.
//
// RUN: not %nablaxx -std=c++20 -c %s -o %t.o 2>&1 | FileCheck %s
// RUN: not %nablaxx -std=c++20 -Wfatal-errors -c %s -o %t.o 2>&1 | FileCheck %s
// CHECK: broken_text.cpp:[[@LINE+8]]:3: error: internal error in pass emit: the text of {{.*}} does not compile: {{.*}} deleted operator '&' {{.*}} [nabla N900]
#include <nabla/nabla.h>

struct Unaddressed {
  double a, b;
  Unaddressed *operator&() = delete;
};
double deep(const Unaddressed &p, int n) { return n ? p.a * deep(p, n - 1) : p.b; }
[[nabla::gradient]] double f(double x, int n) {
  Unaddressed p{x, 2 * x};
  return deep(p, n) * deep(p, n + 1);
}
