// What the header says, in words, of calls that cannot be.
//
// RUN: %clangxx -std=c++17 -fsyntax-only -I%include -Xclang -verify -Xclang -verify-ignore-unexpected=note %s
// RUN: not %gxx -std=c++17 -fsyntax-only -I%include %s 2>&1 | %filecheck %s
// CHECK-DAG: known only at run time cannot be differentiated
// CHECK-DAG: no parameter to differentiate by
// CHECK-DAG: wrong number of arguments
#include <nabla/nabla.h>

double f(double x, double y);
int whole(double x);
double none(int n);
double taken(double &&x);
double first(const double *x);
void nothing(double x);

// clang-format off
void calls(double (*pointer)(double), double x, double *x_bar, float *small_bar) {
  nabla::gradient(pointer, x);                // expected-error@*:* {{a function pointer known only at run time cannot be differentiated; name the function}}
  nabla::gradient(3, x);                      // expected-error@*:* {{this is neither a function's name nor an object with operator()}}
  nabla::gradient<none>(3);                   // expected-error@*:* {{no parameter to differentiate by: none holds reals}}
  nabla::gradient<whole>(x, x_bar);           // expected-error@*:* {{a gradient needs a function that returns a real or nothing; use nabla::pullback with a seed}}
  nabla::gradient<taken>(1.0, x_bar);         // expected-error@*:* {{a parameter is an rvalue reference (&&); take it by value or by reference}}
  nabla::gradient<f>(x);                      // expected-error@*:* {{wrong number of arguments: pass the function's own (default arguments written out), then either all adjoints or none}}
  nabla::gradient<first>(x_bar);              // expected-error@*:* {{the value form needs a real result, and parameters that are values; pass the adjoints as well}}
  nabla::gradient<f>(x, x, x_bar, small_bar); // expected-error@*:* {{an argument has the wrong type for its parameter or adjoint}}
  nabla::gradient<f, nabla::wrt<2>>(x, x);    // expected-error@*:* {{wrt names a parameter that this function does not have}}
  nabla::pullback<f>(x, x, x_bar, x_bar);     // expected-error@*:* {{wrong number of arguments: pass the function's own (default arguments written out), a seed if the result holds reals, then all adjoints}}
  nabla::value_and_gradient<nothing>(x);      // expected-error@*:* 0+{{the value form needs a real result}}
}
// clang-format on
