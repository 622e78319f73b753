// Methods and operators of C-like structs: calls that read and overwrite the object, static ones, operators by value.
#ifdef CASES

struct Spring {
  double k, x, v;
  double force() const { return -k * x; }
  void step(double dt) {
    v += dt * force();
    x += dt * v;
    k *= 1.01;
  }
  double energy() const { return 0.5 * (v * v + k * x * x); }
  static double twice(double y) { return 2 * y; }
  Spring &scale(double s) {
    x *= s;
    return *this;
  }
};

double reads_members(double k, double x) {
  Spring s = {k, x, 0};
  return s.force() * s.energy() + Spring::twice(s.x);
}

double overwrites_members(double k, double x, int n) {
  Spring s = {k, x, 0.5};
  double work = 0;
  for (int i = 0; i < n; ++i) {
    s.step(0.1);
    work += s.energy() * s.force();
  }
  return work;
}

double object_by_pointer(Spring *s, int n) {
  for (int i = 0; i < n; ++i)
    s[i % 2].step(s[1 - i % 2].x);
  return s->energy() + (s + 1)->energy();
}

double method_on_parameter(Spring s, double dt) {
  s.step(dt);
  return s.energy();
}

struct Vec {
  double x, y;
  double norm2() const { return x * x + y * y; }
  double &operator[](int i) { return i ? y : x; }
  Vec &operator*=(double s) {
    x *= s;
    y *= s;
    return *this;
  }
  Vec operator-() const { return {-x, -y}; }
};
Vec operator+(Vec a, const Vec &b) { return {a.x + b.x, a.y + b.y}; }
Vec operator*(double s, const Vec &a) { return Vec{s * a.x, s * a.y}; }
double operator*(const Vec &a, const Vec &b) { return a.x * b.x + a.y * b.y; }

double operators(double x, double y) {
  Vec a = {x, y}, b = {y, 2};
  Vec c = a + x * b;
  return c * (a + -b) + (c + c).norm2();
}

double compound_operator(double x, double y) {
  Vec a = {x, y};
  a *= x;
  a *= a.y;
  return a.norm2();
}

double returns_reference(double x, double y) {
  Vec a = {x, y};
  a[0] *= a[1];
  Spring s = {x, y, 1};
  s.scale(a.x).scale(2);
  return s.x * a[0];
}

#else
#define CASES "methods.cpp"
#include "twice.h"

int main() {
  VERIFY(reads_members, 1.5, 2.5);
  VERIFY(overwrites_members, 1.5, 2.5, 4);
  VERIFY(object_by_pointer, reals{1.5, 2.5, 0.5, 2, 1, -0.5}, 5);
  VERIFY(method_on_parameter, reals{1.5, 2.5, 0.5}, 0.1);
  VERIFY(operators, 1.5, 2.5);
  VERIFY(compound_operator, 1.5, 2.5);
  VERIFY(returns_reference, 1.5, 2.5);
  return check::report();
}
#endif
