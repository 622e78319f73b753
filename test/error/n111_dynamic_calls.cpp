// N111: a call whose target is known only at run time: function pointers, virtual functions, pointers to members.
//
// RUN: %nablaxx -fsyntax-only -Xclang -verify %s
#include <nabla/nabla.h>

[[nabla::gradient]] double function_pointer(double x, double (*f)(double)) {
  return f(x); // expected-error {{a call whose target is known only at run time is not differentiated; call the function by its name; branch on a flag where there are several [nabla N111]}}
}

struct Shape {
  virtual ~Shape() = default;
  virtual double area(double r) const { return r * r; }
  double twice(double r) const { return 2 * r; }
};
[[nabla::gradient("r")]] double virtual_call(const Shape &s, double r) {
  return s.area(r); // expected-error {{[nabla N111]}}
}

[[nabla::gradient("r")]] double member_pointer(const Shape &s, double (Shape::*m)(double) const, double r) {
  return (s.*m)(r); // expected-error {{[nabla N111]}}
}
