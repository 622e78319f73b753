// Structs and arrays of structs: copied, passed, returned, nested, with arrays inside, through pointers and
// references.
#ifdef CASES
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

struct Vec {
  double x, y, z;
};
struct Particle {
  Vec at, speed;
  double mass;
};
struct Table {
  double values[4];
};
struct Mixed {
  int n;
  double x;
  bool on;
  float f;
};

double local_struct(double x, double y) {
  Vec v;
  v.x = x;
  v.y = y * x;
  v.z = v.x * v.y;
  return v.z * v.x;
}

double initialised(double x, double y) {
  Vec v = {x, y, x * y};
  Vec w{x};
  Vec u = {};
  return v.x * v.z + w.x * w.x + w.y + u.z * x;
}

double designated(double x) {
  Mixed m = {3, x * x, true, 0.5f};
  m.x *= m.n;
  if (m.on)
    m.x += m.f;
  return m.x * m.x;
}

double dot(const Vec &a, const Vec &b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
Vec cross(Vec a, Vec b) { return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x}; }
Vec scaled(const Vec &a, double s) {
  Vec r = a;
  r.x *= s;
  r.y *= s;
  r.z *= s;
  return r;
}

double by_const_reference(const Vec &a, const Vec &b) { return dot(a, b) * dot(a, a); }
double by_value(Vec a, Vec b) {
  a.x *= b.y;
  return dot(a, b);
}
double by_pointer(const Vec *a, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += a[i].x * a[i].y + a[i].z * a[n - 1 - i].z;
  return s;
}
double returned(const Vec &a, const Vec &b) {
  Vec c = cross(a, b);
  return dot(c, scaled(c, a.x)) + cross(b, c).z;
}
void written(Vec &a, Vec *b) {
  a.x *= a.y;
  b->z = a.x * b->y;
  b->y += a.z;
}

double copied(double x, double y) {
  Vec a = {x, y, 1};
  Vec b = a;
  b.x *= a.y;
  a = b;
  a.z += b.x;
  Vec c(a);
  c.x += 1;
  return a.x * b.z + a.z * c.x;
}

double chained_copy(double x) {
  Vec a{x, 2, 3}, b, c;
  c = b = a;
  c.x *= b.x;
  return c.x * b.y + c.z * a.x;
}

double array_of_structs(double x, double y) {
  Vec p[3] = {{x, y, 1}, {y, x, 2}};
  p[2] = p[0];
  for (int i = 0; i < 3; ++i) {
    p[i].x *= p[(i + 1) % 3].y + i;
    p[i].z += p[i].x * p[i].x;
  }
  double s = 0;
  for (int i = 0; i < 3; ++i)
    s += p[i].z * p[2 - i].x;
  return s;
}

double structs_in_loop(const double *in, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    Vec v = {in[i], s, 1};
    v.y += v.x * v.x;
    Vec w = v;
    w.x *= v.y;
    s += w.x * w.z;
  }
  return s;
}

double nested_structs(double x, double v) {
  Particle p = {{x, 0, 0}, {v, 1, 2}, 0.5};
  for (int i = 0; i < 3; ++i) {
    p.at.x += 0.1 * p.speed.x;
    p.speed.x -= 0.1 * p.at.x / p.mass;
    p.mass *= 1.1;
  }
  Particle q = p;
  q.at = q.speed;
  return q.at.x * p.at.x + q.mass * q.at.z;
}

void step(Particle *p, int n, double dt) {
  for (int i = 0; i < n; ++i) {
    Particle &a = p[i];
    for (int j = 0; j < n; ++j) {
      if (i == j)
        continue;
      const Particle &b = p[j];
      double dx = b.at.x - a.at.x, dy = b.at.y - a.at.y;
      double r2 = dx * dx + dy * dy + 0.1;
      double f = b.mass / (r2 * std::sqrt(r2));
      a.speed.x += dt * f * dx;
      a.speed.y += dt * f * dy;
    }
  }
  for (int i = 0; i < n; ++i) {
    p[i].at.x += dt * p[i].speed.x;
    p[i].at.y += dt * p[i].speed.y;
  }
}

double bodies(Particle *p, int n, double dt) {
  for (int t = 0; t < 3; ++t)
    step(p, n, dt);
  double energy = 0;
  for (int i = 0; i < n; ++i)
    energy += 0.5 * p[i].mass * (p[i].speed.x * p[i].speed.x + p[i].speed.y * p[i].speed.y);
  return energy;
}

double array_member(Table t, double x) {
  double s = 0;
  for (int i = 0; i < 4; ++i)
    s += t.values[i] * t.values[3 - i] * x;
  return s;
}

double copies_with_arrays(const double *in, int n) {
  Table t = {{1, 2, 3, 4}};
  double s = 0;
  for (int i = 0; i < n; ++i) {
    Table old = t;
    t.values[i % 4] *= in[i];
    t.values[(i + 1) % 4] += old.values[i % 4] * in[i];
    s += t.values[2] * old.values[1];
  }
  return s;
}

void table_in_place(Table &t) {
  for (double &v : t.values)
    v *= v;
  t.values[0] += t.values[3];
}

double arrow_chain(Particle *p) {
  Vec *v = &p->at;
  v->x *= p->mass;
  double *z = &v->z;
  *z += (*p).speed.y * v->x;
  return p->at.z * p->at.x;
}

double pointers_to_structs(double x, double y) {
  Vec a = {x, y, 1}, b = {y, x, 2};
  Vec *p = &a, *q = &b;
  p->x *= q->y;
  std::swap(p, q);
  p->x += a.x;
  *q = *p;
  return a.x * b.y + q->z * p->x;
}

double structured_binding(double x, double y) {
  Vec v = {x, y, x * y};
  auto [a, b, c] = v;
  a *= b;
  auto &[d, e, f] = v;
  d *= 2;
  f += d * e;
  return a * c + v.x * v.z;
}

double structured_binding_array(double x, double y) {
  double v[2] = {x, y};
  auto [a, b] = v;
  auto &[c, d] = v;
  c *= b;
  return a * v[0] + d;
}

double struct_in_ternary(double x, double y) {
  Vec a = {x, y, 1}, b = {y, x, 2};
  Vec c = x > y ? a : b;
  Vec &r = x > y ? b : a;
  r.x *= c.y;
  return c.x * r.x;
}

double const_struct(double x) {
  const Vec k = {0.5, 1.5, 2.5};
  static const Vec table[2] = {{1, 2, 3}, {4, 5, 6}};
  return k.y * x * x + table[1].z * x + k.z;
}

struct WithDefaults {
  double k = 2.5;
  int n = 2;
  double a[2] = {1, 2};
};
double member_defaults(double x) {
  WithDefaults d;
  d.a[1] *= x;
  for (int i = 0; i < d.n; ++i)
    d.k *= d.a[1];
  return d.k;
}

double swapped_in_array(double x) {
  Mixed m[2] = {{1, x, true, 0}, {2, x * x, false, 1}};
  Mixed t = m[0];
  m[0] = m[1];
  m[1] = t;
  double s = 0;
  for (const Mixed &e : m)
    s += e.x * e.n + e.on;
  return s;
}

// Copies are followed member by member: both sides change afterwards.
struct Triple {
  double a, b;
  int n;
};
double copy_then_change_both(double x, double y) {
  Triple s{x * y, y, 2};
  Triple t = s;
  s.a = std::sin(s.a) * t.b;
  t.b *= s.a;
  s.n += 3;
  Triple u = t;
  t = s;
  t.a *= u.b * t.n;
  return t.a * u.a + s.a * u.n;
}
double copies_in_turn(const double *x, int n) {
  Triple t[3] = {{x[0], x[1], 1}, {x[1], 2, 2}, {0.5, x[2], 3}};
  for (int i = 0; i < n; ++i) {
    Triple h = t[0];
    t[0] = t[1];
    t[1] = t[2];
    t[2] = h;
    t[i % 3].a *= t[1].b * t[2].n;
    t[0].b = std::cos(t[2].a);
  }
  return t[0].a * t[1].a + t[2].b;
}
double copied_over_a_pointer(double x, double y, int k) {
  Triple t[2] = {{x, y, 1}, {y, x, 2}}, *p = &t[k];
  Triple old = *p;
  t[0].a = t[0].a * t[1].b;
  *p = t[1 - k];
  p->b *= old.a;
  Triple &r = t[0];
  Triple last = r;
  r.a = 3;
  return last.a * t[1].b + old.b * p->n + r.a * t[0].b;
}
double assigned_to_itself(double x, double y) {
  Triple t{x, y, 1}, *p = &t;
  t = *p;
  t.a *= t.b;
  *p = t;
  return t.a * p->a;
}
Triple stepped(const Triple &s, double h) { return {s.a + h * s.b, s.b - h * s.a * s.a, s.n + 1}; }
double returned_in_a_loop(double x, double h, int n) {
  Triple s{x, 0.5, 0};
  for (int i = 0; i < n; ++i) {
    Triple half = stepped(s, h / 2), full = stepped(half, h);
    if (full.a > 0.9)
      s = half;
    else
      s = full;
    s.b += 0.1 * half.a * half.n;
  }
  return s.a * s.b;
}
struct Node {
  double a, b;
  Node *next;
};
double copies_with_null_pointers(double x, double y) {
  Node t[3] = {{x, y, nullptr}, {y, x, nullptr}, {x * y, 1, nullptr}};
  for (int i = 0; i < 4; ++i) {
    Node c = t[i % 3];
    c.b = x;
    t[(i + 2) % 3] = c;
  }
  Node u = t[0], *last = u.next ? u.next : &t[1];
  return t[0].a * t[1].b + t[2].a * last->a;
}
struct Pair {
  Node p, q;
};
double nested_null_pointers(double x, double y) {
  Pair a{{x, y, nullptr}, {y * y, x, nullptr}}, b = a;
  b.p = a.q;
  a = b;
  a.q.next = &b.p;
  return a.p.a * b.q.b + a.q.next->a * a.q.a;
}

#else
#define CASES "structs.cpp"
#include "twice.h"

int main() {
  reals x{1.5, 2.5, 0.5, -0.75, 3};
  reals particles{0, 0, 0, 0.1, 0.2, 0, 1, 1, 0.5, 0, -0.2, 0.3, 0, 2, -1, 1, 0, 0.4, 0, 0, 0.5};
  VERIFY(local_struct, 1.5, 2.5);
  VERIFY(initialised, 1.5, 2.5);
  VERIFY(designated, 1.5);
  VERIFY(by_const_reference, reals{1, 2, 3}, reals{4, 5, 6});
  VERIFY(by_value, reals{1, 2, 3}, reals{4, 5, 6});
  VERIFY(by_pointer, reals{1, 2, 3, 4, 5, 6}, 2);
  VERIFY(returned, reals{1, 2, 3}, reals{4, 5, 6.5});
  VERIFY(written, reals{1, 2, 3}, reals{4, 5, 6});
  VERIFY(copied, 1.5, 2.5);
  VERIFY(chained_copy, 1.5);
  VERIFY(array_of_structs, 1.5, 2.5);
  VERIFY(structs_in_loop, x, 5);
  VERIFY(nested_structs, 1.5, 2.5);
  VERIFY(bodies, particles, 3, 0.1);
  VERIFY(array_member, reals{1, 2, 3, 4}, 1.5);
  VERIFY(copies_with_arrays, x, 5);
  VERIFY(table_in_place, reals{1, 2, 3, 4});
  VERIFY(arrow_chain, reals{1, 2, 3, 4, 5, 6, 7});
  VERIFY(pointers_to_structs, 1.5, 2.5);
  VERIFY(structured_binding, 1.5, 2.5);
  VERIFY(structured_binding_array, 1.5, 2.5);
  VERIFY(struct_in_ternary, 1.5, 2.5);
  VERIFY(struct_in_ternary, 2.5, 1.5);
  VERIFY(const_struct, 1.5);
  VERIFY(member_defaults, 1.5);
  VERIFY(swapped_in_array, 1.5);
  VERIFY(copy_then_change_both, 0.7, 1.3);
  VERIFY(copies_in_turn, reals{0.7, 1.3, 0.4}, 4);
  VERIFY(copied_over_a_pointer, 0.7, 1.3, 0);
  VERIFY(copied_over_a_pointer, 0.7, 1.3, 1);
  VERIFY(assigned_to_itself, 0.7, 1.3);
  VERIFY(returned_in_a_loop, 0.7, 0.2, 5);
  VERIFY(copies_with_null_pointers, 0.7, 1.3);
  VERIFY(nested_null_pointers, 0.7, 1.3);
  return check::report();
}
#endif
