// What stays refused of classes that own others, of variants, lifetimes, exceptions and views.
//
// RUN: %nablaxx -std=c++20 -fsyntax-only -Xclang -verify %s
#include <functional>
#include <memory>
#include <nabla/nabla.h>
#include <optional>
#include <ranges>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

struct Tree {
  double v;
  std::unique_ptr<Tree> left;
};
[[nabla::gradient]] double recursive_class(double x) {
  Tree t{x, nullptr}; // expected-error {{a value of type 'Tree' cannot carry a derivative here; keep the objects in one vector and refer to them by index [nabla N103]}}
  return t.v;
}

struct Node {
  virtual ~Node() = default;
  virtual double value(double x) const = 0;
};
struct Poly : Node {
  std::vector<double> c;
  double value(double x) const override { return c[0] * x; }
};
[[nabla::gradient("x")]] double of_hierarchy(const Node &n, double x) { return n.value(x); } // expected-error {{a class of its hierarchy holds containers, smart pointers or strings: build the objects inside of the function [nabla N103]}}

// What the library's own text does is told where it is called.
struct Closes {
  double x;
  ~Closes() { x = 0; }
};
[[nabla::gradient]] double hidden_destructor(double x) {
  auto p = std::make_unique<Closes>(Closes{x}); // expected-error {{a smart pointer to an object of this class is not differentiated; use a class without a destructor of its own [nabla N102]}}
  return p->x;
}

struct Named {
  std::string name;
  double v;
};
[[nabla::gradient]] double string_member(double x) {
  Named n{"abc", x};
  return n.v * n.name.size(); // expected-error {{a string in a class that carries derivatives is not differentiated; keep the string in a variable of its own [nabla N102]}}
}

// ---- Functions ----

[[nabla::gradient]] double mutable_held(double x) {
  std::function<double(double)> f;
  f = [s = x](double t) mutable { return s += t; }; // expected-error {{a mutable lambda in a std::function is not differentiated; keep what it changes in a variable that it captures by reference [nabla N102]}}
  return f(x);
}
[[nabla::gradient]] double captures_its_kind(double x) {
  std::function<double(double, float)> f = [x](double t, float) { return t * x; }; // expected-error {{a lambda in it captures one of the same type: call that in a lambda of its own [nabla N103]}}
  f = [f](double t, float) { return f(t, 1) * t; };
  return f(x, 1);
}

// ---- Variants ----

[[nabla::gradient]] double converted_value(double x) {
  std::variant<double, std::vector<double>> v = float(x); // expected-error {{a std::variant made of a value of none of its types is not differentiated; write the type of the alternative [nabla N102]}}
  return std::get<double>(v);
}
[[nabla::gradient]] double converting_visitor(double x) {
  std::variant<double, int> v = x;
  return std::visit([](double t) { return t; }, v); // expected-error {{a visitor that takes an alternative as another type is not differentiated; give it a parameter of the alternative's own type, or auto [nabla N102]}}
}

// ---- Lifetimes ----

struct Guard {
  double &x;
  Guard(double &a) : x(a) {}
  ~Guard() { x *= 2; }
  double get() const { return x; }
};
[[nabla::gradient]] double conditional_temporary(double x, bool b) {
  return b && Guard(x).get() > 0 ? x : 2 * x; // expected-error {{a temporary 'Guard', whose destructor does something, in a part of an expression that need not run is not differentiated; give it a name [nabla N102]}}
}
struct Copied {
  double v;
  Copied(double x) : v(x) {}
  Copied(const Copied &o) : v(o.v * 2) {}
};
[[nabla::gradient]] double copied_elements(double x) {
  std::vector<Copied> v; // expected-error {{keep elements whose copying or destructor does something in an array, or behind pointers [nabla N103]}}
  v.push_back(Copied(x));
  return v[0].v;
}

// ---- Exceptions ----

double elsewhere(double x); // expected-note 0+ {{}}
double recursive(double x) { return x > 1 ? recursive(x / 2) : x < 0 ? throw 1 : x; }
double may_fail(double x) {
  if (x < 0)
    throw std::domain_error("negative");
  return x;
}
struct Risky {
  double v;
  Risky(double x) : v(may_fail(x)) {}
};
[[nabla::gradient]] double body_elsewhere(double x) {
  try {
    return elsewhere(x); // expected-error {{a call of 'elsewhere', which may throw, inside of try is not differentiated; call it before the try, or declare it noexcept if it does not throw [nabla N101]}}
  } catch (...) {
    return 0;
  }
}
[[nabla::gradient]] double risky_constructor(double x) {
  try {
    Risky r(x); // expected-error {{a call of 'Risky::Risky', which may throw, inside of try is not differentiated}}
    return r.v;
  } catch (...) {
    return 0;
  }
}
[[nabla::gradient]] double what_it_says(double x) {
  try {
    x = may_fail(x);
  } catch (const std::exception &e) { // expected-error {{what a caught object of the library says is not differentiated; catch a class of your own with numbers in it [nabla N101]}}
    x *= e.what()[0];
  }
  return x;
}
[[nabla::gradient]] double thrown_again(double x) {
  try {
    x = may_fail(x);
  } catch (...) {
    throw; // expected-error {{throw; without an object is not differentiated}}
  }
  return x;
}

// ---- Views ----

[[nabla::gradient]] double other_view(double x) {
  std::vector<double> v{x, 2 * x, x * x};
  double s = 0;
  for (double e : v | std::views::drop_while([](double t) { return t < 1; })) // expected-error {{std::views::drop_while here is not differentiated; use filter, transform, take, drop, take_while, iota and, before those that choose, reverse; or write the loop out [nabla N102]}}
    s += e * e;
  return s;
}
