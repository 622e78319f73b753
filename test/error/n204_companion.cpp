// N204: the user's own declaration of a companion has to fit; the expected one is printed.
//
// RUN: %nablaxx -fsyntax-only -Xclang -verify %s
#include <nabla/nabla.h>

double f_grad(double x, double y, double *x_bar); // expected-error {{the declaration of 'f_grad' does not fit the mark on 'f'; declare it as 'double f_grad(double x, double y, double *x_bar, double *y_bar)'}}
[[nabla::gradient]] double f(double x, double y) { return x * y; }

double g_grad = 1; // expected-error {{the declaration of 'g_grad' does not fit the mark on 'g'; declare it as 'double g_grad(double x, double *x_bar)'}}
[[nabla::gradient]] double g(double x) { return x * x; }
