// Classes with constructors, private members and bases: the object's members are what is differentiated.
//
// MATRIX: plugin sanitized
#ifdef CASES

class Vector {
public:
  Vector(double x, double y) : x_(x), y_(y) {}
  explicit Vector(double both) : Vector(both, both) {}
  Vector operator+(const Vector &o) const { return Vector(x_ + o.x_, y_ + o.y_); }
  Vector operator*(double k) const { return {x_ * k, y_ * k}; }
  Vector &operator*=(double k) {
    x_ *= k;
    y_ *= k;
    return *this;
  }
  double dot(const Vector &o) const { return x_ * o.x_ + y_ * o.y_; }
  double norm() const { return std::sqrt(dot(*this)); }

private:
  double x_, y_;
};
Vector operator-(const Vector &v) { return v * -1.0; }

double constructed(double a, double b) {
  Vector u(a, b), v(b);
  Vector w = u + v * a;
  w *= b;
  return w.dot(-u) + w.norm();
}
double temporaries(double a, double b) {
  return (Vector(a, b) + Vector(a * b)).norm() * Vector{b, a}.dot(Vector(a));
}

class Account {
  double total_ = 1;
  int count_ = 0;

public:
  void add(double x) {
    total_ += x * x * total_;
    ++count_;
  }
  double mean() const { return total_ / count_; }
};
double members_by_default(double x) {
  Account c;
  c.add(x);
  c.add(2 * x);
  return c.mean();
}

struct Default {
  double a, b;
  Default() : a(2), b(a * 3) { b += 1; }
};
double default_constructor(double x) {
  Default d, e[2];
  d.a = x;
  e[1].b *= x;
  return d.a * d.b + e[0].a * e[1].b * x;
}

struct Shape {
  double scale;
  Shape(double s) : scale(s) {}
  double scaled(double x) const { return scale * x; }
};
struct Named {
  int id;
};
struct Circle : Shape, Named {
  double r;
  Circle(double s, double radius) : Shape(s * radius), Named{3}, r(radius) {}
  double area() const { return scaled(r * r) * id; }
};
double grown(Shape &s, double x) {
  s.scale *= x;
  return s.scaled(x);
}
double derived(double x, double y) {
  Circle c(x, y);
  double g = grown(c, x);
  Shape *s = &c;
  s->scale += y;
  const Shape &back = c;
  return g + c.area() * back.scale;
}
struct Hiding : Shape {
  double scale;
  Hiding(double a, double b) : Shape(a), scale(b * a) {}
  double both() const { return scale * Shape::scale; }
};
double hidden_member(double x, double y) {
  Hiding h(x, y);
  h.Shape::scale *= x;
  return h.both() + static_cast<Shape &>(h).scale;
}

struct Particle {
  double x[2];
  Vector v;
  Particle(double x0, double x1, const Vector &velocity) : x{x0, x1}, v(velocity) {}
  void step(double dt) {
    x[0] += dt * v.dot(Vector(1, 0));
    x[1] += dt * v.dot(Vector(0, x[0]));
    v = v + Vector(x[1], -x[0]) * dt;
  }
};
double particle(double x, double y, double dt, int n) {
  Particle p(x, y, Vector(y, x));
  for (int i = 0; i < n; ++i)
    p.step(dt);
  return p.x[0] * p.x[1] + p.v.norm();
}
double array_of_objects(double x, double y) {
  Vector v[3] = {Vector(x, y), Vector(y), {x * y, x}};
  Vector sum(0, 0);
  for (int i = 0; i < 3; ++i)
    sum = sum + v[i] * x;
  return sum.norm();
}
double recursive_object(Vector v, double k, int n) {
  if (n == 0)
    return v.norm();
  v *= k;
  return recursive_object(v + Vector(k), k * 0.9, n - 1) * v.dot(v);
}
double through_recursion(double x, double y, double k) { return recursive_object(Vector(x, y), k, 3); }

// The adjoints lie behind the same pointers to const.
struct Span {
  const double *p;
  int n;
  double operator[](int i) const { return p[i]; }
  const double *begin() const { return p; }
  const double *end() const { return p + n; }
};
double sum_of_squares(const Span &v) {
  double s = 0;
  for (double x : v)
    s += x * x;
  return s;
}
double view_of_constants(const double *x, int n) {
  Span v{x, n};
  return v.p[0] * v.p[1] + sum_of_squares(v) * v[2];
}
double rows_of_constants(const double *x, double k) {
  const double *rows[2] = {x, x + 2};
  double s = 0;
  for (int i = 0; i < 2; ++i)
    s += rows[i][0] * rows[i][1] * k;
  return s;
}

struct Matrix {
  double a[2][2];
};
double rows_by_const_reference(double x, double y) {
  Matrix m{{{x, y}, {x * y, x}}};
  double s = 0;
  for (const auto &row : m.a)
    for (double v : row)
      s += v * v * row[0];
  return s;
}

double pair_of_reals(double x, double y) {
  std::pair<double, double> p(x * y, x);
  auto [a, b] = p;
  p.second *= a;
  std::swap(p.first, p.second);
  return p.first * b + p.second;
}
double tuples(double a, double b) {
  std::tuple<double, int, double> t(a, 3, b);
  std::get<1>(t) += 1;
  auto [x, n, y] = t;
  return std::get<0>(t) * std::get<1>(t) + x * n * y;
}

std::pair<double, double> halves(std::pair<double, double> p, int depth) {
  if (depth == 0)
    return p;
  p.first *= p.second;
  auto q = halves(p, depth - 1);
  q.second *= p.first;
  return q;
}
double pair_through_recursion(double x, double y) {
  auto p = halves({x, y}, 3);
  return p.first * p.second;
}
// A pointer into a row of a matrix may leave the row.
double rows_in_one_go(double x, double y) {
  double a[2][2], t[2][2] = {{x, y}, {x * y, 1}};
  std::copy(&t[0][0], &t[0][0] + 4, &a[0][0]);
  double s = a[1][0] * a[0][1] * a[1][1];
  for (int i = 0; i < 4; ++i)
    s += *(&a[0][0] + i) * *(&t[0][1] + i % 3);
  return s;
}

struct Made {
  double a;
  Made() : a(3) {}
};
struct Holds {
  Made m;
  double b = 1;
};
struct Extends : Holds {
  double c = 4;
};
/// Members and bases that nobody initialises are made by their own default constructors.
double made_by_default(double x) {
  Holds h, both[2];
  Extends e;
  return x * h.m.a + x * x * e.m.a * e.b * e.c + x * both[1].m.a * both[0].b;
}

#else
#include <tuple>
#define CASES "classes.cpp"
#include "twice.h"
#include <utility>

int main() {
  VERIFY(tuples, 1.5, 2.5);
  VERIFY(made_by_default, 0.7);
  VERIFY(constructed, 0.7, 1.3);
  VERIFY(temporaries, 0.7, 1.3);
  VERIFY(members_by_default, 0.7);
  VERIFY(default_constructor, 0.7);
  VERIFY(derived, 0.7, 1.3);
  VERIFY(hidden_member, 0.7, 1.3);
  VERIFY(particle, 0.7, 1.3, 0.1, 5);
  VERIFY(array_of_objects, 0.7, 1.3);
  VERIFY(through_recursion, 0.7, 1.3, 0.8);
  VERIFY(view_of_constants, reals{2, 3, 5, 7}, 4);
  VERIFY(rows_of_constants, reals{2, 3, 5, 7}, 0.5);
  VERIFY(rows_by_const_reference, 0.7, 1.3);
  VERIFY(pair_of_reals, 0.7, 1.3);
  VERIFY(pair_through_recursion, 0.7, 1.3);
  VERIFY(rows_in_one_go, 0.7, 1.3);
  return check::report();
}
#endif
