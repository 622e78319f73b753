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
[[nabla::gradient]] double with_copying(double x) {
  Copying a(x); // expected-error {{a value of type 'Copying' cannot carry a derivative here; only classes that are copied as the language copies them are}}
  Copying b = a;
  return b.v;
}

struct Owner {
  double *v;
  Owner(double x) : v(new double(x)) {}
  ~Owner() { delete v; }
};
[[nabla::gradient]] double with_destructor(double x) {
  Owner a(x); // expected-error {{a value of type 'Owner' cannot carry a derivative here}}
  return *a.v;
}

struct Reference {
  double &v;
};
[[nabla::gradient]] double with_reference(double x) {
  Reference a{x}; // expected-error {{a value of type 'Reference' cannot carry a derivative here}}
  return a.v;
}

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
