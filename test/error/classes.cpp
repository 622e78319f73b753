// Classes that are more than their members: refused where they are declared, never crashed on.
//
// RUN: %nablaxx -fsyntax-only -Xclang -verify %s
#include <nabla/nabla.h>

struct Far {
  virtual ~Far() {}
};
struct Virtual : virtual Far {
  double v;
  virtual double get() const { return v; }
};
[[nabla::gradient]] double with_virtual_base(double x) {
  Virtual a; // expected-error {{a value of type 'Virtual' cannot carry a derivative here}}
  a.v = x;
  return a.get();
}

struct Copying {
  double v;
  Copying(double x) : v(x) {}
  Copying(const Copying &o) : v(o.v * 2) {}
};
struct Hidden {
  double v;
  Hidden(double x) : v(x) {}
  Hidden(const Hidden &o);
};
[[nabla::gradient]] double with_copying(double x) {
  Hidden a(x); // expected-error {{a value of type 'Hidden' cannot carry a derivative here; only classes that are copied as the language copies them are}}
  Hidden b = a;
  return b.v;
}
[[nabla::gradient("x")]] double copied_argument(Copying c, double x) { return c.v * x; } // expected-error {{take it by reference [nabla N103]}}

struct Reference {
  double &v;
};
[[nabla::gradient("x")]] double with_reference(const Reference &a, double x) { return a.v * x; } // expected-error {{generated code has its own layout of such a class: build the object inside of the function, or pass its parts [nabla N103]}}

struct Constructed {
  double v;
  Constructed(double x) : v(x) {}
  explicit Constructed(int n);
};
[[nabla::gradient]] double made_by_new(double x) {
  Constructed *p = new Constructed[1]{x}; // expected-error {{new[] of a class with constructors is not differentiated; use std::vector}}
  return p->v;
}
[[nabla::gradient]] double without_body(double x) {
  Constructed c(3); // expected-error {{'Constructed::Constructed'}}
  return c.v * x;
}
