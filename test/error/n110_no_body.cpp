// N110: a call of an active function without body, mark or own derivative is an error at the call.
//
// RUN: %nablaxx -fsyntax-only -Xclang -verify -Xclang -verify-ignore-unexpected=note %s
#include <nabla/nabla.h>

double elsewhere(double x);
void fills(double *p);
[[nabla::gradient]] double promised(double x);
[[nabla::inactive]] double ignored(double x);

[[nabla::gradient]] double calls(double x) {
  return elsewhere(x) * x; // expected-error {{the call of 'elsewhere' needs its derivative, but its body is not visible here}}
}

[[nabla::gradient]] double calls_by_pointer(double x) {
  fills(&x); // expected-error {{the call of 'fills'}}
  return x;
}

double between(double x) {
  return elsewhere(x) * 2; // expected-error {{the call of 'elsewhere'}}
}
[[nabla::gradient]] double calls_nested(double x) { return between(x) * x; }

[[nabla::gradient]] double fine(double x) { return promised(x) * ignored(x); }
