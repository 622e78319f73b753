// N203: a mode that this version does not have.
//
// RUN: %nablaxx -fsyntax-only -Xclang -verify %s
#include <nabla/nabla.h>

[[nabla::pushforward]] double f(double x) { return x * x; } // expected-error {{[[nabla::pushforward]] is not available in this version}}
[[nabla::hessian]] double g(double x) { return x * x; } // expected-error {{[[nabla::hessian]] is not available in this version}}
