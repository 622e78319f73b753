// N201, N202, N205, N206, N208: marks and lists that do not fit.
//
// RUN: %nablaxx -fsyntax-only -Xclang -verify %s
#include <nabla/nabla.h>

[[nabla::gradient("z")]] double unknown_name(double x); // expected-error {{'z' in the list of [[nabla::gradient]] is not a parameter of 'unknown_name' that holds reals}}
[[nabla::gradient("x, n")]] double integer_name(double x, int n); // expected-error {{'n' in the list of [[nabla::gradient]] is not a parameter of 'integer_name'}}
[[nabla::gradient]] double nothing(int n); // expected-error {{'nothing' has no parameter to differentiate}}
[[nabla::gradient(3)]] double number(double x); // expected-error {{the argument of [[nabla::gradient]] is not understood}}
[[nabla::gradient(order = 3)]] double third(double x); // expected-error {{the argument of [[nabla::gradient]] is not understood; the order is 1 or 2}}
[[nabla::inactive("x")]] void with_argument(double x); // expected-error {{the argument of [[nabla::inactive]] is not understood}}
struct [[nabla::gradient]] S { // expected-error {{[[nabla::gradient]] does not belong here; mark a function}}
  double x;
};
