// Requests that types alone rule out are refused by static_assert in the header, the rest by N207.
//
// RUN: %nablaxx -fsyntax-only -Xclang -verify -Xclang -verify-ignore-unexpected=note %s
#include <nabla/nabla.h>

double f(double x, int n) { return x * n; }
double no_reals(int n) { return n; }

struct Pair {
  double a, b;
};
Pair both(double x) { return {x, x * x}; }

void requests(double (*pointer)(double), double *x_bar) {
  nabla::gradient(pointer, 1.0); // expected-error@*:* {{a function pointer known only at run time cannot be differentiated}}
  nabla::gradient<f, nabla::wrt<2>>(1.0, 2, x_bar); // expected-error@*:* {{wrt names a parameter that this function does not have}}
  nabla::gradient<no_reals>(3); // expected-error@*:* 0+{{no parameter to differentiate by}}
  nabla::gradient<both>(1.0, x_bar); // expected-error@*:* {{a gradient needs a function that returns a real or nothing}}
}
