// A gradient has one seed, 1: of a struct it would have to guess.
//
// RUN: %nablaxx -fsyntax-only -Xclang -verify -Xclang -verify-ignore-unexpected=note %s
#include <nabla/nabla.h>

struct Pair {
  double a, b;
};
[[nabla::pullback]] Pair both(double x) { return {x, x * x}; }
// expected-error@+1 {{a gradient of 'two', which returns several reals, cannot be requested; ask for its pullback}}
[[nabla::gradient]] Pair two(double x) { return {x, x * x}; }

struct Count {
  int n;
};
double counted(const Count &c, double x) { return c.n * x; }
void without_reals(const Count &c, Count &c_bar, double *x_bar) {
  nabla::gradient<counted>(c, 1.0, c_bar, x_bar); // expected-error {{a derivative by a parameter whose class holds no reals cannot be requested; say which parameters are meant: nabla::wrt<...> [nabla N207]}}
  nabla::gradient<counted, nabla::wrt<1>>(c, 1.0, x_bar);
}
