// Addresses of methods of local classes, which other functions' calls through pointers know as well.
// FLAGS: -w
// WITHOUT: gxx clangxx
#include "check.h"
#include <cmath>
#include <nabla/nabla.h>

double other(double x) { return std::sin(x); }
double of_local_class(double x) {
  struct Local {
    double method(double y) { return y * y * y; }
    static double function(double y) { return 3 * y * y * y; }
  };
  double (*p)(double) = &Local::function;
  double (Local::*q)(double) = &Local::method;
  Local object;
  return p(x) + (object.*q)(x);
}
double of_any(double (*p)(double), double x) { return p(x); } // its targets are those of the file

int main() {
  CHECK_NEAR(nabla::gradient<of_local_class>(2.0), 48, 1e-13);
  double any_bar = 0;
  nabla::gradient<of_any, nabla::wrt<1>>(other, 1.5, &any_bar);
  CHECK_NEAR(any_bar, std::cos(1.5), 1e-14);
  return check::report();
}
