// What changes the sibling of an operand, found in what is called: constructors, closures, std::function, virtual methods,
// pointers in objects, globals.
//
// RUN: %nablaxx -std=c++20 -fsyntax-only -Xclang -verify %s
#include <complex>
#include <functional>
#include <memory>
#include <nabla/nabla.h>
#include <numeric>
#include <span>
#include <vector>

using C = std::complex<double>;

struct Stepper {
  C z;
  Stepper(C &of) : z(of) { of += 1.0; }
};
[[nabla::gradient]] double constructed(double x) {
  C z(x, 2), w = z;
  w = z * Stepper(z).z; // expected-error {{an operand that changes what another operand of this call reads is not differentiated; compute it in a statement of its own [nabla N102]}}
  return w.real();
}
[[nabla::gradient]] double held(double x) {
  C z(x, 2), w = z;
  std::function<C()> step = [&] { return z += 1.0; };
  w = z * step(); // expected-error {{an operand that changes what another operand of this call reads is not differentiated; compute it in a statement of its own [nabla N102]}}
  return w.real();
}
[[nabla::gradient]] double closed(double x) {
  C z(x, 2), w = z;
  auto reads = [&](C a) { return a * 2.0 + w; };
  w = z * reads(z);
  auto step = [&] { return z += 1.0; };
  w = z * step(); // expected-error {{an operand that changes what another operand of this call reads is not differentiated; compute it in a statement of its own [nabla N102]}}
  return w.real();
}
struct Base {
  virtual C step(C &z) const { return z; }
  virtual ~Base() = default;
};
struct Derived : Base {
  C step(C &z) const override { return z += 1.0; }
};
[[nabla::gradient]] double dispatched(double x) {
  C z(x, 2), w = z;
  Derived d;
  const Base &b = d;
  w = z * b.step(z); // expected-error {{an operand that changes what another operand of this call reads is not differentiated; compute it in a statement of its own [nabla N102]}}
  return w.real();
}
struct Holder {
  C &z;
  C step() const { return z += 1.0; }
  C get() const { return z; }
};
[[nabla::gradient]] double through_a_reference(double x) {
  C z(x, 2), w = z;
  Holder h{z};
  w = z * h.get();
  w = z * h.step(); // expected-error {{an operand that changes what another operand of this call reads is not differentiated; compute it in a statement of its own [nabla N102]}}
  return w.real();
}
C through(std::span<C> s) { return s[0] += 1.0; }
C sum(std::vector<C> v) {
  C s = 0;
  for (C &z : v)
    s += z *= 2.0;
  return s;
}
C power(const C &z, int n) { return n == 0 ? C(1) : z * power(z, n - 1); }
[[nabla::gradient]] double through_a_span(double x) {
  std::vector<C> z{{x, 2}, {x, 1}};
  C w = z[0] * sum(z) * power(z[1], 3);
  w = z[0] * through(z); // expected-error {{an operand that changes what another operand of this call reads is not differentiated; compute it in a statement of its own [nabla N102]}}
  return w.real();
}
struct Closing {
  C &z;
  ~Closing() { z += 1.0; }
};
C closing(C &z) {
  Closing at_the_end{z};
  return z;
}
[[nabla::gradient]] double destroyed(double x) {
  C z(x, 2), w = z;
  w = z * closing(z); // expected-error {{an operand that changes what another operand of this call reads is not differentiated; compute it in a statement of its own [nabla N102]}}
  return w.real();
}
C total = 1;
C count() { return total += 1.0; }
C counted() { return total; }
[[nabla::gradient]] double of_globals(double x) {
  C w = C(x, 2) * count();
  w = counted() * w;
  w = total * count(); // expected-error {{an operand that changes what another operand of this call reads is not differentiated; compute it in a statement of its own [nabla N102]}}
  return w.real();
}
[[nabla::gradient]] double by_an_algorithm(double x) {
  C z(x, 2), w = z;
  std::vector<double> v{x, 2};
  w = z * std::accumulate(v.begin(), v.end(), C(0), [&](C a, double b) { return z += 1.0, a + b; }); // expected-error {{an operand that changes what another operand of this call reads is not differentiated; compute it in a statement of its own [nabla N102]}}
  return w.real();
}
