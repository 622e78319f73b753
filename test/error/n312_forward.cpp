// N127, N128, N207, N312, N313: what has no derivative in forward mode, or no second one.
//
// RUN: %nablaxx -fsyntax-only -Xclang -verify %s
#include <cmath>
#include <memory>
#include <nabla/implicit.h>
#include <nabla/nabla.h>
#include <vector>

double table_lookup(double x);
[[nabla::pullback_of(table_lookup)]] void table_lookup_pb(double x, double seed, double *x_bar); // expected-error {{the call of 'table_lookup_pb' needs its derivative, but its body is not visible here}}
[[nabla::pushforward]] double without_pushforward(double x) {
  return x * table_lookup(x); // expected-error {{'table_lookup' has a pullback of its own but no pushforward; give it a [[nabla::pushforward_of(table_lookup)]] as well [nabla N312]}}
}
[[nabla::hvp]] double without_body(double x) { // expected-note {{needed for the derivative of 'without_body'}}
  return x * table_lookup(x);
}

double forward_only(double x);
[[nabla::pushforward_of(forward_only)]] nabla::dual<double> forward_only_pf(double x, double x_dot);
[[nabla::gradient]] double without_pullback(double x) {
  return forward_only(x); // expected-error {{the call of 'forward_only' needs its derivative, but its body is not visible here}}
}
double two(double x, double y);
[[nabla::pushforward_of(two)]] double two_pf(double x, double y, double x_dot); // expected-error {{the signature of 'two_pf' is not that of the pushforward of 'two'; declare it as 'nabla::dual<double, double> two_pf(double, double, double, double)' [nabla N302]}}

[[nabla::hvp]] double in_place(double *x, int n) { // expected-error {{'in_place' writes its parameter 'x', so its second derivative needs the adjoint of 'x' as well; pass its adjoint to nabla::gradient_and_hvp<in_place>; or, of a raw pointer, say how long its array is, nabla::hvp<in_place>(nabla::extents{n}, ...) [nabla N127]}}
  double s = 0;
  for (int i = 0; i < n; ++i) {
    x[i] *= x[i];
    s += x[i];
  }
  return s;
}

double owned_array(std::unique_ptr<double[]> &a) { // expected-error {{'owned_array' writes its parameter 'a', so its second derivative needs the adjoint of 'a' as well; pass its adjoint to nabla::gradient_and_hvp<owned_array>}}
  a[0] *= a[1];
  return a[0] * a[0];
}
double longer(std::vector<double> &v) {
  v.push_back(v[0] * v[1]);
  return v.back() * v[0];
}
void ask_second(std::unique_ptr<double[]> &a, std::vector<double> &v) {
  nabla::hvp<owned_array>(a, a, a);
  nabla::hvp<longer>(v, v, v); // expected-error {{a second derivative of 'longer', which puts others into its parameter 'v' or changes its size, cannot be requested; let it take a const reference and change a copy [nabla N207]}}
}

[[nabla::gradient]] double promised(double x);
[[nabla::hvp]] double calls_promised(double x) {
  return x * promised(x); // expected-error {{'promised' promises its first derivative alone}}
}

[[nabla::pullback]] double square(double x) { return x * x; }
[[nabla::gradient]] double calls_pullback(double x) {
  double r = 0;
  square_pullback(x, 2.0, &r); // expected-error {{the call of 'square_pullback' is not differentiated again; call the gradient or nabla::hvp}}
  return r;
}

// N129: adjoints in lanes.
double by_branch(const double *x, int n);
[[nabla::pullback_of(by_branch)]] void by_branch_pb(const double *x, int n, double seed, double *x_bar) {
  for (int i = 0; i < n; ++i)
    if (seed != 0) // expected-error {{a pullback that is not linear in its seed has no derivatives in several lanes; write it in sums and products with the seed; or ask for one seed or direction at a time, without nabla::batch (nabla::jacobian: with nabla::batch<1>) [nabla N129]}}
      x_bar[i] += seed * x[i];
}
double lanes_of_branch(const double *x, int n) { return by_branch(x, n); }
void ask(const double *x, nabla::lanes<double, 2> *x_bar) {
  nabla::pullback<lanes_of_branch, nabla::batch<2>>(x, 3, nabla::lanes<double, 2>(1), x_bar); // expected-note {{needed for the derivative of 'lanes_of_branch'}}
}

// Taylor series take no rules of first order.
double looked_up(const double *t, double x) { return t[0] * x * x; }
[[nabla::pullback_of(looked_up)]] void looked_up_pb(const double *t, double x, double s, double *tb, double *xb) {
  tb[0] += s * x * x;
  *xb += 2 * s * t[0] * x;
}
[[nabla::pushforward_of(looked_up)]] nabla::dual<double> looked_up_pf(const double *t, double x, const double *td, double xd) {
  return {t[0] * x * x, td[0] * x * x + 2 * t[0] * x * xd};
}
double looks_up(double x) {
  double t[1] = {x * x};
  return looked_up(t, x); // expected-error {{the call of 'looked_up' is not differentiated again; nabla::derivative<f, n> does not take its own rules; nested gradients and nabla::hvp do [nabla N128]}}
}
double second_of_looks_up(double x) { return nabla::derivative<looks_up, 2>(x); }

// nabla::implicit is right to the order that it was asked for.
void square_residual(const double *x, double p, double *r) { r[0] = x[0] * x[0] - p; }
double root_of(double p) {
  double found[1] = {p > 2 ? 2.0 : 1.0}, x[1];
  nabla::implicit<square_residual>(found, x, 1, p); // expected-error {{a derivative of order 3 through nabla::implicit<F>, which is right up to order 2, is not differentiated; say so where it is called: nabla::implicit<F, 3>(...) [nabla N102]}}
  return x[0];
}
double third_of_root(double p) { return nabla::derivative<root_of, 3>(p); }

// Classes in lanes: not in parameters, and not where what an object holds is known at run time alone.
struct Point {
  double x, y;
};
double of_class(const Point *p, double t) { return p->x * t; } // expected-error {{the adjoint of a value of type 'Point' has no derivatives in several lanes; take and give reals and arrays of them; inside of the function there may be classes; or ask for one seed or direction at a time}}
Point gives_class(double t) { return {t, t}; } // expected-error {{a value of type 'Point' cannot carry a derivative here; with nabla::batch and sparse matrices take and give reals and arrays of them; inside of the function there may be classes [nabla N103]}}
struct Shape {
  virtual double area() const = 0;
};
struct Disc : Shape {
  double r;
  explicit Disc(double r) : r(r) {}
  double area() const override { return r * r; }
};
double of_shape(double r) {
  Disc d(r); // expected-error {{a value of type 'Disc' cannot carry a derivative here; with nabla::batch, nabla::derivative and sparse matrices it has no virtual functions, and leads to no object of its own class [nabla N103]}}
  const Shape &s = d;
  return s.area();
}
// It is named as it is written here, whatever the text has in its place.
struct Owner {
  virtual ~Owner() = default;
  virtual double at(double x) const = 0;
};
struct Table : Owner {
  std::vector<double> v;
  explicit Table(double k) : v(2, k) {}
  double at(double x) const override { return v[1] * x; }
};
double of_owners(double x) {
  std::vector<std::unique_ptr<Owner>> all; // expected-error {{a value of type 'Owner' cannot carry a derivative here; with nabla::batch}}
  all.push_back(std::make_unique<Table>(x));
  return all[0]->at(x);
}
double series_of(double x) { return nabla::derivative<of_owners, 2>(x); }
void ask_for_classes() {
  nabla::lanes<double, 2> s(1), t_bar(0);
  Point p{1, 2}, p_bar{0, 0};
  nabla::pullback<of_class, nabla::batch<2>>(&p, 1.0, s, &p_bar, &t_bar);
  nabla::pushforward<gives_class, nabla::batch<2>>(1.0, s);
  nabla::pushforward<of_shape, nabla::batch<2>>(1.0, s);
}

// What a generated function adds to the vector lies in a record of its own.
[[nabla::pushforward]] void add_to(std::vector<double> &v, double x) { // expected-error {{forward mode through 'add_to_pushforward', which is not inlined and may make memory for its caller's containers or pointers, is not differentiated; let the caller make room for them, or ask for the gradient [nabla N102]}}
  v.push_back(x);
}
double grown(double x) {
  std::vector<double> v, v_dot;
  add_to_pushforward(v, x, v_dot, 1.0);
  return v[0] * v_dot[0];
}
double forward_growth(double x) { return nabla::pushforward<grown>(x, 1.0).dot; } // expected-note {{needed for}}
