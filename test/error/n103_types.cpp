// N103: a type that holds reals in a way not known to Nabla is refused where a value of it is declared or used.
//
// RUN: %nablaxx -fsyntax-only -Xclang -verify %s
#include <functional>
#include <memory>
#include <optional>
#include <deque>
#include <map>
#include <nabla/nabla.h>
#include <vector>

[[nabla::gradient]] double real_keys(const std::map<double, double> &v) { // expected-error {{its keys are reals, which cannot have adjoints in place: take a std::vector of pairs [nabla N103]}}
  return v.begin()->second;
}
[[nabla::gradient]] double maps_in_a_vector(const std::vector<std::map<int, double>> &v) { // expected-error {{take the std::deque, list or map as a parameter of its own, or fill it inside of the function [nabla N103]}}
  return v[0].begin()->second;
}
[[nabla::gradient]] double maps_in_a_map(const std::map<int, std::map<int, double>> &v) { // expected-error {{the inner containers lie behind others}}
  return v.begin()->second.begin()->second;
}

[[nabla::gradient]] double queue_local(double x) {
  std::multimap<int, double> v; // expected-error {{[nabla N103]}}
  v.insert({1, x});
  return v.begin()->second;
}

struct Node {
  double x;
  std::vector<Node> children;
};
[[nabla::gradient]] double contains_itself(const Node &n) { return n.x; } // expected-error {{keep the elements in a vector of their own and refer to them by index [nabla N103]}}

[[nabla::gradient]] double pointer_to_container(const std::vector<double> *v) { // expected-error {{take the container by reference [nabla N103]}}
  return (*v)[0];
}

[[nabla::gradient]] double of_constant(const std::shared_ptr<const double> &p) { // expected-error {{its adjoint would be const: let it own an object that is not, or take a reference to the object [nabla N103]}}
  return *p;
}
[[nabla::gradient]] double another_object(std::unique_ptr<double> &p) {
  p = std::make_unique<double>(*p * *p); // expected-error {{let the function write the object that is there, not put another in its place [nabla N103]}}
  return *p;
}
double halved(std::unique_ptr<double> &p, int n) {
  *p *= 0.5;
  return n > 0 ? halved(p, n - 1) : *p;
}
[[nabla::gradient]] double handed_on(std::unique_ptr<double> &p) {
  return halved(p, 3); // expected-error {{'halved' may put another object in its place: let it take the object, not the smart pointer [nabla N103]}}
}
struct Owner {
  std::unique_ptr<double> p;
  double k;
};
[[nabla::gradient]] double object_of_a_member(Owner &o, double x) {
  o.k *= x;
  o.p = std::make_unique<double>(o.k); // expected-error {{a smart pointer is in it, so the function may write the objects and numbers that are there, not put others in their place or change how many there are [nabla N103]}}
  return *o.p;
}
[[nabla::gradient]] double number_of_owners(std::vector<Owner> &v, double x) {
  v[0].k = x;
  v.pop_back(); // expected-error {{not put others in their place or change how many there are [nabla N103]}}
  return v[0].k;
}
struct Weights {
  std::vector<double> w;
  double bias;
};
[[nabla::gradient]] double shared_containers(const std::shared_ptr<Weights> &p, double x) { // expected-error {{what several smart pointers may own is written here, and holds containers or optional values: take a reference to that object [nabla N103]}}
  p->bias *= x;
  return p->bias * p->w[0];
}

union Either {
  double x;
  int n;
};
[[nabla::gradient]] double union_local(double x) {
  Either e; // expected-error {{[nabla N103]}}
  e.x = x;
  return e.x * x;
}

[[nabla::gradient]] double rvalue(double &&x) { return x * x; } // expected-error {{a value of type 'double &&' cannot carry a derivative here; take it by value or by reference}}
[[nabla::gradient]] double unsteady(volatile double *x) { return *x; } // expected-error {{a value of type 'volatile double *' cannot carry a derivative here; take it without volatile}}

[[nabla::gradient]] double by_iterators(std::vector<double>::const_iterator a, // expected-error {{cannot carry a derivative here; take the container, or pointers to its elements}}
                                        std::vector<double>::const_iterator b) {
  double s = 0;
  for (; a != b; ++a)
    s += *a * *a;
  return s;
}

struct Calling {
  const double &k;
  double a;
  double f(double x) const { return k * x * a; } // expected-error {{a value of type 'Calling &' cannot carry a derivative here; generated code has its own layout of such a class}}
};
void objects(const Calling &o, double *d) {
  nabla::gradient<&Calling::f>(o, 0.5, d);
  std::vector<double> w{1.3};
  auto by_reference = [&w](double x) { return w[0] * x; }; // expected-error {{cannot carry a derivative here; capture a pointer to what it holds, [p = v.data()], or pass it as a parameter [nabla N103]}}
  nabla::gradient(by_reference, 0.4); // expected-note {{needed for the derivative}}
  auto with_pointer = [p = w.data()](double x) { return p[0] * x; };
  nabla::gradient(with_pointer, 0.4);
}

class Uncopied {
  int *p_;

public:
  explicit Uncopied(int *p) : p_(p) {}
  Uncopied(const Uncopied &) = delete;
  void count() { ++*p_; }
};
[[nabla::inactive]] void count(Uncopied &c) { c.count(); }
[[nabla::gradient]] double uncopied(const double *x) {
  int n = 0;
  Uncopied c(&n); // expected-error {{a value of type 'Uncopied' cannot carry a derivative here; generated code makes it as a copy: do not delete its copy constructor}}
  count(c);
  return x[n];
}
