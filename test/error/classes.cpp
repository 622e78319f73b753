// Classes beyond C-like structs: methods, constructors and operators are refused where they are declared, never crashed on.
//
// RUN: %nablaxx -fsyntax-only -Xclang -verify %s
#include <nabla/nabla.h>

class Number {
public:
  Number(double v) : v_(v) {}
  double get() const { return v_; }
  void square() { v_ *= v_; }

private:
  double v_;
};
inline Number operator*(const Number &a, const Number &b) { return Number(a.get() * b.get()); }

[[nabla::gradient]] double operator_through_constructor(double x) {
  Number a(x); // expected-error {{a value of type 'Number' cannot carry a derivative here}}
  Number b = a * a;
  return b.get();
}

[[nabla::gradient]] double method_overwrites_state(double x) {
  Number a = x; // expected-error {{a value of type 'Number' cannot carry a derivative here}}
  a.square();
  return a.get();
}
