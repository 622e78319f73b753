// Copies of classes with copying or a destructor of their own that nobody would run.
//
// RUN: %nablaxx -std=c++20 -fsyntax-only -Xclang -verify %s
#include <algorithm>
#include <functional>
#include <memory>
#include <nabla/nabla.h>

struct Copying {
  double v;
  Copying(double v) : v(v) {}
  Copying(const Copying &o) : v(o.v * 0.9) {}
  Copying &operator=(const Copying &) = default;
};
struct Ending {
  double &e;
  ~Ending() { e *= 2; }
};
[[nabla::gradient]] double copied_in_turn(double x) {
  Copying a[2] = {Copying(x), Copying(2)};
  double s = 0;
  for (Copying c : a) // expected-error {{a loop variable that is a copy, of a class with copying or a destructor of its own, is not differentiated; write auto & or const auto &, and copy it in the body [nabla N102]}}
    s += c.v;
  return s;
}
[[nabla::gradient]] double captured_copy(double x) {
  Copying a(x);
  auto f = [a](double k) { return a.v * k; }; // expected-error {{a captured copy of a class with copying or a destructor of its own is not differentiated; capture it by reference [nabla N102]}}
  return f(x);
}
[[nabla::gradient]] double caught_copy(double x) {
  try {
    throw Copying(x);
  } catch (Copying c) { // expected-error {{a handler that is given a copy, of a class with copying or a destructor of its own, is not differentiated; catch it by reference [nabla N101]}}
    return c.v;
  }
}
[[nabla::gradient]] double thrown_end(double x) {
  double e = x;
  try {
    throw Ending{e}; // expected-error {{an exception whose destructor does something is not differentiated; throw an object without one [nabla N102]}}
  } catch (Ending &g) {
    g.e += x;
  }
  return e;
}
[[nabla::gradient]] double sorted_copies(double x) {
  Copying a[2] = {Copying(x), Copying(2)};
  std::sort(a, a + 2, [](const Copying &l, const Copying &r) { return l.v < r.v; }); // expected-error {{'std::sort' of a class with copying or a destructor of its own is not differentiated; sort indices, or write the loop out [nabla N102]}}
  return a[0].v;
}
[[nabla::gradient]] double shared_copy(double x) {
  Copying a(x);
  auto p = std::make_shared<Copying>(a); // expected-error {{std::make_shared of an object with copying or a destructor of its own is not differentiated; write std::make_unique [nabla N102]}}
  return p->v;
}
[[nabla::gradient]] double deleted_array(double x) {
  double e = x;
  Ending *p = new Ending[2]{{e}, {e}};
  delete[] p; // expected-error {{delete of objects whose destructor does something is not differentiated; keep them in variables of their own [nabla N102]}}
  return e;
}
[[nabla::gradient]] double handed_copy(double x) {
  std::function<double(Copying)> f = [](Copying c) { return c.v; };
  return f(Copying(x)); // expected-error {{a std::function that is given a copy of a class with copying or a destructor of its own is not differentiated; take it by reference [nabla N102]}}
}
[[nabla::gradient]] double paired_copy(double x) {
  std::pair<Copying, double> p(Copying(x), 2.0); // expected-error {{a value of type 'std::pair<Copying, double>' cannot carry a derivative here; put them into a struct of your own [nabla N103]}}
  return p.first.v * p.second;
}
struct Counting {
  mutable double n;
};
[[nabla::gradient]] double captured_mutable(double x) {
  Counting c{x};
  auto f = [c](double t) { c.n += t; return c.n; }; // expected-error {{a captured copy of a class with mutable members is not differentiated; capture it by reference [nabla N102]}}
  auto g = f;
  return g(x) + f(x);
}
[[nabla::gradient]] double captured_counter(double x) {
  auto f = [s = x](double t) mutable { s += t; return s; };
  auto g = [f](double t) mutable { return f(t); }; // expected-error {{a copy of a mutable lambda is not differentiated; call it by its name, or pass it by reference [nabla N102]}}
  return g(x) + f(x);
}
template <class F> double repeated(F &&f, int n, double t) { return n ? f(t) + repeated(f, n - 1, t) : 0; } // expected-error {{a mutable lambda that another one captures, kept in an object is not differentiated; keep what it changes in a variable that it captures by reference [nabla N102]}}
[[nabla::gradient]] double counted_in_turn(double x) { // expected-note {{needed for the derivative of 'counted_in_turn'}}
  auto f = [s = x](double t) mutable { s += t; return s; };
  auto g = [&f](double t) { return f(t); };
  return repeated(g, 2, x) + f(x);
}
struct Held {
  double *e, k;
  Held(double &to, double k) : e(&to), k(k) {}
  ~Held() { *e *= k; }
};
[[nabla::gradient]] double part_perhaps(double x, bool c) {
  double e = x, other = 3;
  {
    const double &k = c ? (const double &)Held(e, x).k : other; // expected-error {{a temporary 'Held', whose destructor does something, in a part of an expression that need not run is not differentiated; give it a name [nabla N102]}}
    e += k;
  }
  return e;
}
