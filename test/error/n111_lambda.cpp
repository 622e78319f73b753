// N111: pointers to functions among whose targets is a lambda.
//
// RUN: %nablaxx -fsyntax-only -Xclang -verify %s
#include <nabla/nabla.h>

double square(double x) { return x * x; }
double elsewhere() {
  double (*p)(double) = [](double t) { return 3 * t; };
  return p(2) + square(1);
}
double apply(double (*p)(double), double x) {
  return p(x); // expected-error {{a call whose target is known only at run time is not differentiated; a lambda of this file is converted to such a pointer: write a function in its place [nabla N111]}}
}
double ask(double x) {
  double x_bar = 0;
  nabla::gradient<apply, nabla::wrt<1>>(square, x, &x_bar);
  return x_bar;
}
