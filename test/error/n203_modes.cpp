// N203: a mode that is asked for at the call, not by a mark.
//
// RUN: %nablaxx -fsyntax-only -Xclang -verify %s
#include <nabla/nabla.h>

[[nabla::jacobian]] void f(const double *x, double *y) { *y = *x; } // expected-error {{[[nabla::jacobian]] is not available as a mark}}
[[nabla::hessian]] double g(double x) { return x * x; } // expected-error {{[[nabla::hessian]] is not available as a mark}}
