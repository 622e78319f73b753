// N301, N302: a rule has to name a function, and its signature has to be that of the function's pullback.
//
// RUN: %nablaxx -fsyntax-only -Xclang -verify %s
#include <nabla/nabla.h>

double table(double x);
[[nabla::pullback_of("no_such_function")]] void missing_pb(double x, double seed, double *x_bar); // expected-error {{[[nabla::pullback_of]] names 'no_such_function', which is not a function that fits the rule}}
[[nabla::pullback_of(table)]] void wrong_pb(double x, double *x_bar); // expected-error {{the signature of 'wrong_pb' is not that of the pullback of 'table'}}
