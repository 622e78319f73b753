// N111: a call whose target is known only at run time, where this file knows no target, or one that it cannot look into.
//
// RUN: %nablaxx -fsyntax-only -Xclang -verify %s
#include <functional>
#include <nabla/nabla.h>

[[nabla::gradient]] double function_pointer(double x, double (*f)(double, int)) {
  return f(x, 1); // expected-error {{a call whose target is known only at run time is not differentiated; no function of this type has its address taken in this file: take it here, or call it by its name [nabla N111]}}
}

struct Abstract {
  virtual ~Abstract() = default;
  virtual double area(double r) const = 0;
};
[[nabla::gradient("r")]] double no_class(const Abstract &s, double r) {
  return s.area(r); // expected-error {{include the classes that override 'Abstract::area' in this file [nabla N111]}}
}

struct Shape {
  virtual ~Shape() = default;
  virtual double area(double r) const { return r * r; }
  double twice(double r) const { return 2 * r; }
};
struct Far : Shape {
  double area(double r) const override;
};
[[nabla::gradient("r")]] double target_elsewhere(const Shape &s, double r) {
  return s.area(r); // expected-error {{the call of 'Far::area' needs its derivative, but its body is not visible here; define it in this file, mark its declaration [[nabla::gradient]], give it a [[nabla::pullback_of(Far::area)]], or mark it [[nabla::inactive]] [nabla N110]}}
}

[[nabla::gradient("r")]] double member_pointer(const Shape &s, double (Shape::*m)(double) const, double r) {
  return (s.*m)(r); // expected-error {{no function of this type has its address taken in this file: take it here, or call it by its name [nabla N111]}}
}

struct Callable {
  double k;
  double operator()(double t) const { return k * t; }
};
[[nabla::gradient]] double reassigned(double x, int n) {
  std::function<double(double)> f = [](double t) { return t; };
  if (n > 1)
    f = std::bind(Callable{x}, std::placeholders::_1); // expected-error {{give this std::function a lambda, a function by its name, or another std::function of this function [nabla N111]}}
  return f(x);
}

[[nabla::gradient("x")]] double nothing_held(const std::function<double(double, double, int)> &f, double x) {
  return f(x, x, 1); // expected-error {{this file puts nothing into a std::function of this type: do so here, or call a function by its name [nabla N111]}}
}

struct Counted : Shape {
  Counted(double r) : radius(r) {}
  ~Counted() override { ++destroyed; }
  static int destroyed;
  double radius;
};
[[nabla::gradient]] double with_destructor(double r) {
  Counted c(r); // expected-error {{a value of type 'Counted' cannot carry a derivative here; only classes that are copied as the language copies them are (no copying or destructor of its own, reference or const member): pass its members or a pointer to its data [nabla N103]}}
  return c.radius;
}

double of_floats(const std::function<float(float)> &f, double x) { return f(float(x)); }
[[nabla::gradient]] double other_signature(double x, int n) {
  std::function<double(double)> f = [](double t) { return t * t; };
  if (n > 1)
    f = [](double t) { return t; };
  return of_floats(f, x); // expected-error {{give it a std::function of the same type, or a lambda that calls this one [nabla N111]}}
}
[[nabla::gradient]] double other_signature_assigned(double x, int n) {
  std::function<double(double)> f = [](double t) { return t * t; };
  std::function<float(float)> g = [](float t) { return t; };
  if (n > 1)
    g = f; // expected-error {{give it a std::function of the same type, or a lambda that calls this one [nabla N111]}}
  return g(x);
}
