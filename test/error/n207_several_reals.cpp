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
