// Calls whose target is known only at run time: virtual functions, pointers to functions and to methods, std::function.
#ifdef CASES

struct Shape {
  virtual ~Shape() = default;
  virtual double area(double r) const = 0;
  virtual double twice(double r) const { return 2 * area(r); }
  double half(double r) const { return area(r) / 2; }
};
struct Circle : Shape {
  double scale;
  Circle(double s) : scale(s) {}
  double area(double r) const override { return 3 * scale * r * r; }
};
struct Square : Shape {
  double side = 1, shift = 0.5;
  Square(double a, double b) : side(a), shift(b) {}
  double area(double r) const override { return side * side * r + shift; }
  double twice(double r) const override { return Shape::twice(r) + side; }
};
struct Tilted : Square {
  Tilted(double a, double b, double t) : Square(a, b), tilt(t) {}
  double tilt;
  double area(double r) const final { return Square::area(r) * tilt; }
};

/// Members of local objects, through pointers to their base.
double local_objects(double x, double y, int n) {
  Circle c(x);
  Square s(y, x * y);
  Tilted t(x, y, x + y);
  const Shape *all[3] = {&c, &s, &t};
  double sum = 0;
  for (int i = 0; i < n; ++i)
    sum += all[i % 3]->area(x + i) * all[(i + 1) % 3]->twice(y);
  return sum + c.area(y) + s.half(x);
}

/// What is captured by value is a constant, what is captured by reference is not.
double captures_of_two_kinds(double x, double y) {
  const double k = 0.402, *fixed = &k;
  double s = x;
  std::function<double(double)> g = [k](double t) { return t * k; };
  for (int i = 0; i < 4; ++i) {
    s = g(s) + y;
    if (i == 1)
      g = [&](double t) { return t * s; };
    if (i == 2)
      g = [&fixed](double t) { return std::sin(t) * *fixed; };
  }
  return s;
}

double by_reference(const Shape &s, double x) { return s.area(x) * x + s.half(x); }
double two_levels(double x, double y) {
  Tilted t(x, y, x * y);
  Circle c(y);
  return by_reference(t, x) - by_reference(c, y * x);
}

/// Objects that change: methods that write members, seen through the base.
struct Body {
  double x, v;
  Body(double p, double q) : x(p), v(q) {}
  virtual ~Body() {}
  virtual void step(double dt) { x += dt * v; }
};
struct Damped : Body {
  double k;
  Damped(double p, double q, double d) : Body(p, q), k(d) {}
  void step(double dt) override {
    v *= 1 - k * dt;
    Body::step(dt);
    x *= 1.01;
  }
};
double changing_objects(double a, double b, double k, int n) {
  Body free(a, b);
  Damped damped(b, a, k);
  Body *both[2] = {&free, &damped};
  for (int i = 0; i < n; ++i)
    both[(i * i + 1) % 2]->step(0.1 + 0.01 * i);
  return free.x * free.v + damped.x * damped.v;
}

/// Not inlined: recursion over an expression tree.
struct Node {
  virtual double value(double x) const = 0;
  virtual ~Node() = default;
};
struct Number : Node {
  double v;
  Number(double c) : v(c) {}
  double value(double) const override { return v; }
};
struct Variable : Node {
  double value(double x) const override { return x; }
};
struct Product : Node {
  const Node *l, *r;
  Product(const Node *a, const Node *b) : l(a), r(b) {}
  double value(double x) const override { return l->value(x) * r->value(x); }
};
struct Sum : Node {
  const Node *l, *r;
  Sum(const Node *a, const Node *b) : l(a), r(b) {}
  double value(double x) const override { return l->value(x) + r->value(x) * x; }
};
double tree(double x, double c) {
  Number n(c), m(2);
  Variable v;
  Product p(&n, &v), q(&p, &p);
  Sum s(&q, &m), t(&s, &q);
  return t.value(x);
}

/// Objects made in a loop, on the heap, of template classes; casts down.
struct Power : Shape {
  double k = 2, m = 3;
  double area(double r) const override { return m * r * r + k; }
};
struct Weights final : Shape {
  double w[2] = {1, 2};
  double area(double r) const override { return w[0] * r + w[1] * r * r; }
};
double objects_in_loop(double x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    Power a;
    a.m = x * i;
    a.k = x;
    Weights c;
    c.w[1] = x * x;
    const Shape &b = i % 2 ? static_cast<const Shape &>(a) : c;
    s += b.area(x);
  }
  return s;
}
double on_the_heap(double x, int n) {
  Shape *p = n ? static_cast<Shape *>(new Weights) : nullptr;
  Power *q = new Power;
  q->m = x;
  Shape *r = q;
  double s = p ? p->area(x) * x : x;
  s *= r->area(s);
  delete p;
  delete r;
  return s;
}
template <class T> struct Scaled : Shape {
  T t;
  Scaled(T a) : t(a) {}
  double area(double r) const override { return t * r; }
};
double template_classes(double x) {
  Scaled<double> a(x);
  Scaled<int> b(2);
  const Shape *p[2] = {&a, &b};
  return p[0]->area(x) + p[1]->area(x) * x;
}
double casts_down(double x, int n) {
  Power d;
  d.m = x;
  Weights e;
  e.w[0] = x;
  Shape *all[2] = {&d, &e};
  static_cast<Power *>(all[0])->m *= x;
  double s = 0;
  for (int i = 0; i < n; ++i) {
    if (Power *p = dynamic_cast<Power *>(all[i % 2])) {
      p->m *= x;
      s += p->m;
    }
    s += all[i % 2]->area(x);
    if (auto *q = dynamic_cast<const Weights *>(all[i % 2]))
      s *= q->w[0];
  }
  return s;
}
template <class D> struct Doubles {
  double twice(double r) const { return 2 * static_cast<const D &>(*this).area(r); }
};
struct Half : Doubles<Half> {
  double k;
  double area(double r) const { return k * r * r; }
};
double by_template(double x) {
  Half h;
  h.k = x;
  return h.twice(x);
}

/// Methods that return references, take other objects, default arguments; several bases; slices; copies.
struct Base {
  double k = 2;
  Base() = default;
  Base(double a) : k(a) {}
  virtual double f(double x) const { return k * x; }
  virtual void push(double x, Base &o) {
    k += x * o.k;
    o.k *= x;
  }
  virtual double &at(int) { return k; }
  virtual double operator()(double x, double y = 0.5) const { return k * x * y; }
  virtual ~Base() = default;
};
struct Derived : Base {
  double m = 3;
  double f(double x) const override { return m * x * x + k; }
  void push(double x, Base &o) override {
    m *= x;
    Base::push(x * m, o);
  }
  double &at(int i) override { return i ? m : k; }
  double operator()(double x, double y) const override { return m * x * y + Base::operator()(x, y); }
};
struct Other {
  double q = 1.5;
  virtual double g(double x) const { return q + x; }
  virtual ~Other() = default;
};
struct Multi : Other, Derived {
  double z = 0.3;
  double g(double x) const override { return q * x * z; }
  double f(double x) const override { return z * x + q * m; }
};
double objects_together(double x) {
  Derived a, b;
  a.m = x;
  b.k = x * x;
  Base *p = &a, *q = &b;
  p->push(x, *q);
  p->push(x, *p);
  q->push(0.5, *p);
  return p->f(x) * q->f(x);
}
double several_bases(double x) {
  Multi m;
  m.q = x;
  m.z = x * x;
  m.m = x;
  Other *o = &m;
  Base *b = &m;
  Derived *d = &m;
  b->at(1) *= x;
  return o->g(x) * b->f(x) + d->f(2.0) + (*b)(x) + (*d)(x, 2);
}
double slices(double x) {
  Derived a, u;
  a.m = x;
  Base s = a;
  a.k = x * x;
  s = a;
  Base t(x);
  u.m = x;
  std::swap(a, u);
  const Base &r = a;
  return s.f(x) * t.f(x) + r.f(x) * u.f(x);
}
Derived made(double x) {
  Derived d;
  d.m = x;
  d.k *= x;
  return d;
}
double in_vectors(double x) {
  Derived a = made(x);
  const Base &b = made(x * x);
  std::vector<Derived> v;
  v.push_back(a);
  v.push_back(made(2 * x));
  v.resize(3);
  double s = 0;
  for (const Base &e : v)
    s += e.f(x) * b.f(x);
  for (Base e : v)
    s *= e.f(1);
  return s;
}
std::unique_ptr<Base> factory(int kind, double x) {
  if (kind == 0)
    return std::make_unique<Base>(x);
  auto d = std::make_unique<Derived>();
  d->m = x;
  d->k = x * x;
  return d;
}
double from_factory(double x) {
  double s = 0;
  for (int i = 0; i < 4; ++i) {
    auto p = factory(i % 2, x + i);
    s += p->f(x);
  }
  return s;
}
double array_of_owners(double x) {
  std::unique_ptr<Base> v[3];
  v[0] = factory(0, x);
  v[2] = factory(1, x * x);
  double s = 0;
  for (auto &p : v)
    if (p)
      s += p->f(x);
  return s;
}
struct Leaf : Node {
  double c;
  Leaf(double a) : c(a) {}
  double value(double x) const override { return c * x; }
};
struct Pair : Node {
  Node *l, *r;
  Pair(Node *a, Node *b) : l(a), r(b) {}
  double value(double x) const override { return l->value(x) * r->value(x + 1); }
};
double changing_tree(double x) {
  Leaf a(x), b(2);
  Pair c(&a, &b), d(&c, &a);
  Node *n = &d;
  double s = n->value(x);
  a.c = s;
  return s * n->value(0.5);
}

// ---- Pointers to functions ----

double square(double x) { return x * x; }
double cube(double x) { return x * x * x; }
double scaled(double x, double k) { return k * x; }
typedef double (*Unary)(double);
struct Table {
  Unary f;
  double weight;
};
Unary chosen(int i) { return i % 2 ? square : &cube; }

double function_pointers(double x, double y, int n) {
  Unary f = square;
  double (*g)(double, double) = scaled;
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    sum += f(x + i) * (*g)(y, x);
    f = i % 3 ? cube : square;
  }
  Unary table[2] = {square, cube};
  Table t = {cube, y};
  if (f == square)
    sum *= 1.5;
  return sum + table[n % 2](y) + t.weight * t.f(x) + chosen(n)(x);
}
double applies(Unary f, double x) { return f(f(x)); }
double passes_function(double x) { return applies(square, x) + applies(cube, x); }

struct Two {
  double a, b;
  double sum(double x) const { return a + b * x; }
  double product(double x) const { return a * b * x; }
};
double method_pointers(double x, double y, int n) {
  double (Two::*m)(double) const = n % 2 ? &Two::sum : &Two::product;
  Two p = {x, y};
  double s = (p.*m)(x);
  const Two *q = &p;
  m = &Two::product;
  return s + (q->*m)(y);
}

// ---- std::function ----

double integral(const std::function<double(double)> &f, double a, double b) {
  double sum = 0;
  for (int i = 0; i < 5; ++i)
    sum += f(a + (b - a) * i / 5);
  return sum;
}
double std_functions(double x, double y) {
  std::function<double(double)> f = [x](double t) { return t * t * x; };
  std::function<double(double, double)> g = scaled;
  double k = x * y;
  return f(y) + g(x, y) + integral([&](double t) { return k * t; }, x, y) + integral(f, 0, x);
}

#else
#include <functional>
#include <memory>
#include <stdexcept>
#include <vector>
#define CASES "dispatch.cpp"
#include "twice.h"

// ---- What only parameters can be: the objects carry no derivative ----

double of_parameter(const on_reals::Shape &s, double x) { return s.area(x) * s.twice(x); }
double of_function(double (*f)(double), double x) { return f(x) * x; }
double of_many(const on_reals::Shape *const *shapes, int n, double x) {
  double sum = 0;
  for (int i = 0; i < n; ++i)
    sum += shapes[i]->area(x);
  return sum;
}

template <class F> static bool throws(F f) {
  try {
    f();
  } catch (const std::logic_error &) {
    return true;
  }
  return false;
}

static void parameters() {
  on_reals::Circle c(2);
  on_reals::Tilted t(2, 3, 4);
  double d = 0;
  nabla::gradient<of_parameter, nabla::wrt<1>>(c, 1.5, &d); // 6 x^2 * 12 x^2
  CHECK_NEAR(d, 4 * 72 * 1.5 * 1.5 * 1.5, 1e-13);
  d = 0;
  nabla::gradient<of_parameter, nabla::wrt<1>>(t, 1.5, &d); // a = 4 (4 x + 3), a * (2 a + 2)
  CHECK_NEAR(d, 16 * (4 * 36.0 + 2), 1e-13);
  const on_reals::Shape *all[] = {&c, &t, &c};
  d = 0;
  nabla::gradient<of_many, nabla::wrt<2>>(all, 3, 1.5, &d);
  CHECK_NEAR(d, 2 * 12 * 1.5 + 16, 1e-13);
  d = 0;
  nabla::gradient<of_function>(on_reals::cube, 1.5, &d);
  CHECK_NEAR(d, 4 * 1.5 * 1.5 * 1.5, 1e-13);
  CHECK(throws([&] { nabla::gradient<of_function>(static_cast<double (*)(double)>(nullptr), 1.5, &d); }));
  CHECK_NEAR(d, 4 * 1.5 * 1.5 * 1.5, 1e-13); // as it was
}

/// Derivatives by the members of an object that a reference to its base leads to.
double of_object(const on_reals::Body &b, double x) {
  on_reals::Damped copy(b.x, b.v, x);
  on_reals::Body *moving = &copy;
  moving->step(0.5); // v (1 - x / 2), x + v' / 2, x * 1.01
  return copy.x * b.v;
}
struct Weighted : on_reals::Shape {
  double w = 2;
  double area(double r) const override { return w * r; }
};
struct Heavy : Weighted {
  double h = 3;
  double area(double r) const override { return w * h * r; }
};
double of_weighted(const Weighted &s, double r) { return s.area(r) * s.half(r); }

static void objects() {
  on_reals::Body b(2, 4), b_bar(0, 0);
  double d = 0;
  nabla::gradient<of_object>(b, 0.5, b_bar, &d); // 1.01 (x + v (1 - k / 2) / 2) v
  CHECK_NEAR(b_bar.x, 1.01 * 4, 1e-13);
  CHECK_NEAR(b_bar.v, 1.01 * (2 + 0.75 * 4), 1e-13);
  CHECK_NEAR(d, -1.01 * 4, 1e-13);
  Heavy s, s_bar;
  s_bar.w = s_bar.h = d = 0;
  nabla::gradient<of_weighted>(s, 1.5, s_bar, &d); // (w h r)^2 / 2
  CHECK_NEAR(s_bar.w, 2 * 9 * 2.25, 1e-12);
  CHECK_NEAR(s_bar.h, 3 * 4 * 2.25, 1e-12);
  CHECK_NEAR(d, 36 * 1.5, 1e-12);
  Weighted other; // of another class than s
  CHECK(throws([&] { nabla::gradient<of_weighted>(s, 1.5, other, &d); }));
}

int main() {
  VERIFY(captures_of_two_kinds, 0.7, 1.2);
  VERIFY(local_objects, 0.7, 1.3, 7);
  VERIFY(two_levels, 0.7, 1.3);
  VERIFY(changing_objects, 0.7, 1.3, 0.2, 9);
#ifndef NABLA_TEST_FORWARD // second order through recursion over pointers is refused (N122)
  VERIFY(tree, 1.2, 0.7);
  VERIFY(changing_tree, 0.7);
#endif
  VERIFY(objects_together, 0.7);
  VERIFY(several_bases, 0.7);
  VERIFY(slices, 0.7);
  VERIFY(in_vectors, 0.7);
  VERIFY(from_factory, 0.7);
  VERIFY(array_of_owners, 0.7);
  VERIFY(objects_in_loop, 0.7, 5);
  VERIFY(on_the_heap, 0.7, 1);
  VERIFY(on_the_heap, 0.7, 0);
  VERIFY(template_classes, 0.7);
  VERIFY(casts_down, 0.7, 5);
  VERIFY(by_template, 0.7);
  VERIFY(function_pointers, 0.7, 1.3, 7);
  VERIFY(passes_function, 0.7);
  VERIFY(method_pointers, 0.7, 1.3, 1);
  VERIFY(method_pointers, 0.7, 1.3, 2);
  VERIFY(std_functions, 0.7, 1.3);
  parameters();
  objects();
  return check::report();
}
#endif
