// N120 to N124: a derivative would have to go through memory that has no adjoint.
//
// RUN: %nablaxx -fsyntax-only -Xclang -verify %s
#include <nabla/nabla.h>

[[nabla::gradient("x")]] double through_inactive(double x, double *work) {
  work[0] = x * x; // expected-error {{a differentiated value is stored through 'work', which is not differentiated}}
  return work[0] * x;
}

[[nabla::gradient("x")]] double mixed(const double *x, const double *data, int n) {
  const double *p = n ? x : data; // expected-error {{the pointer 'p' may lead to memory with and to memory without derivative}}
  return p[0] * p[1];
}
