// Operands that change what their siblings read, where it would show in which order they are evaluated.
//
// RUN: %nablaxx -std=c++20 -fsyntax-only -isystem /usr/include/eigen3 -Xclang -verify %s
#include <complex>
#include <map>
#include <memory>
#include <nabla/eigen.h>
#include <nabla/nabla.h>
#include <utility>
#include <valarray>
#include <variant>
#include <vector>

struct W {
  double v;
  W &operator-=(double k) {
    v -= k;
    return *this;
  }
  W &operator+=(const W &o) {
    v += o.v;
    return *this;
  }
  double get() const { return v; }
};
struct Stack {
  W s[4];
  int n = 0;
  double pop() { return s[--n].v; }
  W &top() { return s[n - 1]; }
};
[[nabla::gradient]] double popped(double x) {
  Stack t{{{x}, {2 * x}}, 2};
  t.top() -= t.pop(); // expected-error {{an operand that changes what another operand of this call reads is not differentiated; compute it in a statement of its own [nabla N102]}}
  return t.top().v;
}
[[nabla::gradient]] double stepped(double x) {
  W p[3] = {{x}, {2 * x}, {3}};
  int i = 0;
  p[i++] += p[i]; // expected-error {{an operand that changes what another operand of this call reads is not differentiated; compute it in a statement of its own [nabla N102]}}
  return p[0].v;
}
[[nabla::gradient]] double chained(double x) {
  W w{x};
  (w -= x) -= w.get(); // expected-error {{an operand that changes what another operand of this call reads is not differentiated; compute it in a statement of its own [nabla N102]}}
  return w.v;
}
[[nabla::gradient]] double in_order(double x) {
  W w{x};
  (w -= x) -= 2.0;
  (w -= x) -= x;
  int i = 0;
  W a[2] = {{x}, {x}};
  a[i++] -= x;
  a[1] -= a[0].get() + i++;
  return w.v + a[0].v;
}
using C = std::complex<double>;
C bump(C &z) {
  z += 1.0;
  return z;
}
[[nabla::gradient]] double bumped(double x) {
  C z(x, 2), w = z;
  w = z * bump(z); // expected-error {{an operand that changes what another operand of this call reads is not differentiated; compute it in a statement of its own [nabla N102]}}
  return w.real();
}
[[nabla::gradient]] double raised(double x) {
  C z(x, 2), w = z;
  w = bump(z) * 2.0;
  w *= bump(z);
  (w *= z) *= 2.0;
  return (w + std::pow(z, bump(z))).real(); // expected-error {{an operand that changes what another operand of this call reads is not differentiated; compute it in a statement of its own [nabla N102]}}
}
[[nabla::gradient]] double compared(double x) {
  C z(x, 2), w = z;
  return z == bump(z) ? x : 2 * x; // expected-error {{an operand that changes what another operand of this call reads is not differentiated; compute it in a statement of its own [nabla N102]}}
}
[[nabla::gradient]] double by_itself(double x) {
  C z(x, 2), w = z;
  (z *= w) *= z; // expected-error {{an operand that changes what another operand of this call reads is not differentiated; compute it in a statement of its own [nabla N102]}}
  return z.real();
}
double next(double &s) { return s = s * 2 + 1; }
struct E {
  double a, b;
  E(double a, double b) : a(a), b(b) {}
};
[[nabla::gradient]] double emplaced(double x) {
  double s = x;
  std::vector<E> v;
  v.emplace_back(x, next(s));
  v.emplace_back(s, next(s)); // expected-error {{an operand that changes what another operand of this call reads is not differentiated; compute it in a statement of its own [nabla N102]}}
  return v[0].a;
}
[[nabla::gradient]] double shared(double x) {
  double s = x;
  auto p = std::make_shared<E>(s, next(s)); // expected-error {{an operand that changes what another operand of this call reads is not differentiated; compute it in a statement of its own [nabla N102]}}
  return p->a * p->b;
}
[[nabla::gradient]] double by_its_own_element(double x) {
  std::valarray<double> u{x, 2};
  u *= x;
  u *= u[0]; // expected-error {{an operand that changes what another operand of this call reads is not differentiated; compute it in a statement of its own [nabla N102]}}
  return u.sum();
}
Eigen::Vector2d bump(Eigen::Vector2d &z) {
  z *= 2;
  return z;
}
[[nabla::gradient]] double bumped_vector(double x) {
  Eigen::Vector2d z(x, 2), w;
  w += bump(z);
  w = z + bump(z); // expected-error {{an operand that changes what another operand of this call reads is not differentiated; compute it in a statement of its own [nabla N102]}}
  return w(0);
}
[[nabla::gradient]] double stepped_vectors(double x) {
  Eigen::Vector2d z(x, 2), w = z;
  int i = 0;
  std::vector<Eigen::Vector2d> v{z, w};
  v[i++] += v[i]; // expected-error {{an operand that changes what another operand of this call reads is not differentiated; compute it in a statement of its own [nabla N102]}}
  return v[0](0);
}
[[nabla::gradient]] double product(double x) {
  Eigen::Vector2d z(x, 2);
  return z.dot(bump(z)); // expected-error {{an operand that changes what another operand of this call reads is not differentiated; compute it in a statement of its own [nabla N102]}}
}
[[nabla::gradient]] double of_the_library(double x) {
  std::pair<double, int> p[2] = {{x, 1}, {2 * x, 2}};
  int i = 0;
  p[i++] = p[i]; // expected-error {{an operand that changes what another operand of this call reads is not differentiated; compute it in a statement of its own [nabla N102]}}
  return p[0].first;
}
[[nabla::gradient]] double of_one_of_two(double x) {
  int i = 0;
  std::variant<int, double> w[2] = {x, 2 * x};
  w[i++] = std::get<1>(w[i]) * 2; // expected-error {{an operand that changes what another operand of this call reads is not differentiated; compute it in a statement of its own [nabla N102]}}
  return std::get<1>(w[0]);
}
[[nabla::gradient]] double inserted(double x) {
  std::map<int, W> m;
  m[0] -= x * m.size(); // expected-error {{an operand that changes what another operand of this call reads is not differentiated; compute it in a statement of its own [nabla N102]}}
  m[1] -= m[0].get();
  return m[0].v;
}
