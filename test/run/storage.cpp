// Where objects lie and how long: containers that are assigned keep their elements' places; what delete and lasting temporaries
// end; copies of *this; numbers of other types inserted; std::minmax.
// FLAGS: -w
#ifdef CASES

// ---- Assigned containers ----

double kept_reference(double x, double y) {
  std::vector<double> w{y, x}, u{x, y};
  double &r = u[0];
  u = w;
  r *= 3;
  return u[0] * u[1];
}
void follows(std::vector<double> &v, double k) {
  double *p = v.data();
  auto s = v;
  s[0] *= k;
  v = s;
  p[1] += p[0];
}
double kept_pointer(double x, double y) {
  std::vector<double> v{x, y};
  follows(v, 2);
  follows(v, y);
  return v[0] * v[1];
}
struct State {
  std::vector<double> q;
  double t;
};
double kept_in_struct(double x, double y) {
  State s{{x, y}, 1}, old = s;
  double &lead = s.q[0];
  s.q[1] *= x;
  s = old;
  lead += 2;
  s = s;
  lead *= y;
  return s.q[0] * s.q[1];
}
double kept_rows(double x, double y) {
  std::vector<std::vector<double>> m{{x, y}, {y, 2 * x}}, n{{1, 2}, {3, 4}, {5, 6}};
  double *r = m[0].data();
  m[0] = m[1];
  r[0] += 1;
  double *first = n[0].data();
  n = m;
  first[1] *= 3;
  n = {{x}, {y, x, 2}, {x * y}};
  return m[0][0] * n[0][0] + first[0] * n[1][2] + n[2][0];
}
double kept_by_assign(double x, double y) {
  std::vector<double> v{x, y, 1};
  auto it = v.begin();
  v.assign(2, y);
  *it += x;
  std::vector<double> w{x, x * y};
  double s = v[0] * v[1];
  v.assign(w.begin(), w.end());
  *it *= 2;
  s += v[0] * v[1];
  v = {y, x};
  *it += 1;
  return s + v[0] * v[1];
}
double kept_state(double x, double y) {
  std::vector<double> u{x, y, x * y}, w(3);
  for (int t = 0; t < 5; ++t) {
    for (int i = 0; i < 3; ++i)
      w[i] = u[i] + 0.1 * u[i] * u[(i + 1) % 3];
    if (t % 2)
      u = w;
    else
      u.assign(w.begin(), w.begin() + 3);
  }
  return u[0] + u[1] * u[2];
}
double kept_by_valarray(double x, double y) {
  std::valarray<double> u{x, y}, w{y, y};
  double &r = u[0];
  u = w;
  r += x;
  return u[0] * u[1];
}

struct Pair {
  std::vector<double> v[2];
};
double kept_in_arrays(double x, double y) {
  Pair a{{{x}, {y}}}, b{{{y}, {x}}};
  double &r = a.v[0][0];
  a = b;
  r *= 3;
  return a.v[0][0] * a.v[1][0];
}

// ---- What is assigned to: found once, after the right side, before anything changes ----

struct Slots {
  std::vector<std::vector<double>> r;
  double cost = 0;
  std::vector<double> &slot(double c) {
    cost += c * c;
    return r[0];
  }
};
double found_once(double x, double y) {
  std::vector<std::vector<double>> r{{1}, {2}, {3}};
  std::vector<double> u{x};
  int k = 0;
  r[k++] = u;
  r[k++] = {y};
  std::vector<std::valarray<double>> z{{x}, {y}, {x}};
  int i = 0;
  z[i++] = z[1];
  z[i++] *= 2.0;
  Slots t{{{x}}};
  t.slot(x) = u;
  t.slot(y) = {x};
  return r[0][0] + r[1][0] * x + 10 * k + z[0][0] * z[1][0] + t.cost * t.r[0][0];
}
double right_side_first(double x, double y) {
  std::vector<std::vector<double>> m{{x}, {y}, {x * y}};
  int i = 0;
  m[i++] = m[i];
  m[i] = {m[i++][0] * 3};
  return m[0][0] + m[1][0] * 2 + m[2][0] * 5;
}
double found_before(double x, double y) {
  std::vector<std::vector<double>> m{{0, x}, {1, y}}, n = m, o = m;
  m[m[0].size() - 2 + (m[0][0] > 0.5)] = m[1];
  n[n[0][0] > 0.5 ? 1 : 0].insert(n[0].begin(), 1);
  o[o[0][0] > 0.5 ? 1 : 0].assign(2, 1 + y);
  std::vector<std::complex<double>> c{{0, x}, {1, y}};
  c[c[0].real() > 0.5 ? 1 : 0] = 1.0;
  return m[0][1] * 2 + m[1][1] + n[0].back() * n[0].size() + o[0][1] * o[1][1] + std::norm(c[0]) * x +
         c[1].imag();
}

struct Link {
  double v;
  Link *next;
  void skip() { *this = *next; }
};
double followed_by_value(double x, double y) {
  Link c{x, nullptr}, b{y, &c}, a{2, &b};
  Link d = a;
  d = *d.next;
  d.v *= a.v;
  Link e{x * y, &a};
  e.skip();
  e.skip();
  Link *p = &a;
  *p = *p->next;
  std::swap(b, *b.next);
  Link f{x, &b}, g{y + x, &f};
  Link old = std::exchange(g, *g.next);
  g.v *= old.v;
  return d.v * b.v + e.v * e.v * p->v + g.v * g.next->v;
}

// ---- Copies of *this ----

struct Line {
  double c, k;
  double kept(double u) {
    auto l = [*this, u] { return c * k * u; };
    k = 100;
    c = 3;
    return l() + c;
  }
  double changed(double u) {
    auto l = [=, *this]() mutable {
      k *= u;
      return c * k;
    };
    double first = l();
    return first + l() * k;
  }
};
double copied_self(double x, double y) {
  Line a{x, y}, b{y, x};
  return a.kept(2) * b.changed(x) + a.k;
}

// ---- Ends of lives ----

struct Tripled {
  double &e;
  Tripled(double &e) : e(e) {}
  ~Tripled() { e *= 3; }
};
double deleted(double x, double y) {
  double e = x;
  Tripled *p = new Tripled(e);
  e += y;
  delete p;
  Tripled *none = nullptr;
  delete none;
  return e * y;
}
struct Scaled {
  double *e, k;
  Scaled(double &to, double k) : e(&to), k(k) {}
  ~Scaled() { *e *= k; }
};
struct Bound {
  const Scaled &g;
  double d;
};
double lasting_either(double x, double y) {
  double e = x;
  {
    const Scaled &s = x > y ? Scaled(e, x) : Scaled(e, y * y);
    e += s.k;
  }
  return e;
}
double lasting(double x, double y) {
  double e = x, s = 0;
  {
    Bound w{Scaled(e, y), 1};
    e += w.g.k;
    s += e * w.d;
  }
  {
    const double &k = Scaled(e, x).k;
    e *= k;
    s += e;
  }
  return s * e;
}

// ---- Rows and references, bound and pointed to ----

double bound_rows(double x, double y) {
  double m[2][2] = {{x, 2}, {3, y}};
  auto [first, second] = m;
  m[0][0] = 7;
  return first[0] * second[1] * m[0][0] + m[1][1];
}
double row_pointers(double x, double y) {
  double m[3][2] = {{x, 1}, {2, x}, {3, y}};
  double(*rows[2])[2] = {&m[2], &m[0]};
  (*rows[1])[0] *= 2;
  std::swap(rows[0], rows[1]);
  (*rows[1])[1] *= x;
  return (*rows[0])[0] * (*rows[1])[1] + m[0][0] * m[2][1];
}
struct Watched {
  double &v;
  int i;
};
double bound_references(double x, double y) {
  double a = x, b = y;
  Watched p{a, 2};
  std::vector<Watched> all;
  all.push_back({b, 3});
  auto &[v, i] = p;
  const auto [w, j] = *all.begin();
  v *= w;
  w += v;
  return a * b * i * j;
}

// ---- Numbers of other types; the least and the most ----

double other_numbers(double x, double y) {
  std::vector<double> d{y, x};
  std::vector<int> k{2, 3};
  d.insert(d.begin() + 1, k.begin(), k.end());
  return d[0] * d[1] + d[2] * d[3];
}
double both_ends(double x, double y) {
  double a = x, b = y;
  auto [least, most] = std::minmax(a, b);
  a *= 3;
  const auto &[low, high] = std::minmax({x * y, y, y + 0.5});
  return least * 2 + most * x + low * y + high;
}

#else
#define CASES "storage.cpp"
#include <complex>
#include <nabla/nabla.h>
#include <utility>
#include <valarray>
#include <vector>

#include "twice.h"

int main() {
  VERIFY(kept_reference, 3.0, 2.0);
  VERIFY(kept_pointer, 3.0, 2.0);
  VERIFY(kept_in_struct, 3.0, 2.0);
  VERIFY(kept_rows, 3.0, 2.0);
  VERIFY(kept_by_assign, 3.0, 2.0);
  VERIFY(kept_state, 0.7, 0.4);
  VERIFY(kept_by_valarray, 3.0, 2.0);
  VERIFY(kept_in_arrays, 3.0, 2.0);
  VERIFY(found_once, 3.0, 2.0);
  VERIFY(right_side_first, 3.0, 2.0);
  VERIFY(found_before, 3.0, 2.0);
  VERIFY(followed_by_value, 3.0, 2.0);
  VERIFY(copied_self, 3.0, 2.0);
  VERIFY(deleted, 3.0, 2.0);
  VERIFY(lasting, 3.0, 2.0);
  VERIFY(lasting_either, 3.0, 2.0);
  VERIFY(lasting_either, 2.0, 3.0);
  VERIFY(bound_rows, 3.0, 2.0);
  VERIFY(row_pointers, 3.0, 2.0);
  VERIFY(bound_references, 3.0, 2.0);
  VERIFY(other_numbers, 3.0, 2.0);
  VERIFY(both_ends, 3.0, 2.0);
  VERIFY(both_ends, 0.5, 2.0);
  return check::report();
}
#endif
