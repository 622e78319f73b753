// N102: expressions that are not differentiated are refused at their own token.
//
// RUN: %nablaxx -fsyntax-only -Xclang -verify %s
#include <nabla/nabla.h>
#include <new>

[[nabla::gradient]] double throws(double x) {
  if (x < 0)
    throw 1; // expected-error {{throw is not differentiated}}
  return x * x;
}

double state = 0;
[[nabla::gradient]] double writes_global(double x) {
  state = x; // expected-error {{'state'}}
  return state * x;
}

[[nabla::gradient]] double reinterprets(double x) {
  long bits = reinterpret_cast<long &>(x); // expected-error {{is not differentiated; use the object's own type [nabla N102]}}
  return x * static_cast<double>(bits);
}

[[nabla::gradient]] double statement_expression(double x) {
  return __extension__({ x * x; }); // expected-error {{a statement expression is not differentiated}}
}

[[nabla::gradient]] double placement(double x) {
  double memory = 0;
  double *p = new (&memory) double(x); // expected-error {{placement new is not differentiated}}
  return *p * x;
}
