// std::vector as parameter and local: elements, what changes its size, copies, moves, iterators, structs and rows.
#ifdef CASES

double by_const_reference(const std::vector<double> &x) {
  double s = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    s += std::sin(x[i]) * x[i];
  return s + x.front() * x.back() * x.at(1);
}
double by_value(std::vector<double> x, double a) {
  for (double &e : x)
    e *= a * e;
  double s = 0;
  for (double e : x)
    s += e;
  return s * x[0];
}
double by_value_read(std::vector<double> x) {
  double s = 0;
  for (auto it = x.begin(); it != x.end(); ++it)
    s += *it * *it;
  return s;
}
void scaled(std::vector<double> &x, double a) {
  for (int i = 0; i < int(x.size()); i++)
    x[i] *= a * x[i];
}
void pushed(std::vector<double> &x, double a) {
  x.push_back(a * x[0]);
  x[1] = x[0] * x.back();
  x.push_back(x[1] * x[2]);
}
void popped(std::vector<double> &x, double a) {
  x[0] *= x.back() * a;
  x.pop_back();
  x.back() *= x[0];
}
void resized(std::vector<double> &x, double a) {
  x.resize(2);
  x.resize(5);
  x.resize(7, a * x[1]);
  x[3] += x[0] * x[6];
}
void cleared(std::vector<double> &x, double a) {
  double s = x[0] * x[1];
  x.clear();
  for (int i = 0; i < 3; ++i)
    x.push_back(s * (i + a));
}
void assigned(std::vector<double> &x, std::vector<double> &y, double a) {
  y = x;
  x.assign(2, a * y[0]);
  y[0] *= a;
  x.insert(x.end(), y.begin(), y.end());
}
void inserted(std::vector<double> &x, double a) {
  x.insert(x.begin() + 1, a * x[0]);
  x.erase(x.begin() + 2);
  x.insert(x.begin(), x[1] * x.back());
  x.erase(x.begin(), x.begin() + 1);
}
void swapped(std::vector<double> &x, std::vector<double> &y) {
  std::swap(x, y);
  x[0] *= y[0];
  x.swap(y);
  y.push_back(x[0] * x[0]);
}
double grown_in_branch(const std::vector<double> &x, int n) {
  std::vector<double> v;
  v.reserve(2);
  for (int i = 0; i < n; ++i)
    if (x[i] > 1)
      v.push_back(x[i] * x[i]);
    else if (!v.empty())
      v.pop_back();
  double p = 1;
  for (const auto &e : v)
    p *= e;
  return p + double(v.size()) * x[0];
}
double lists(double a, double b) {
  std::vector<double> v{a, b, a * b}, w = {b, a};
  w = {v[0] * w[1], 2.0, v[2]};
  const std::vector<double> c(3, a), z(2);
  double s = 0;
  for (std::size_t i = 0; i < 3; i++)
    s += v[i] * w[i] * c[i];
  return s + z[1] + (v == w) * a + (v != w) * b;
}
double copies(const std::vector<double> &x) {
  std::vector<double> a = x, b(x), c;
  a[0] *= 2;
  c = std::move(a);
  b[1] *= c[0];
  std::vector<double> d(std::move(b)), e(d.begin(), d.end() - 1), f;
  f = d;
  d[0] = 7;
  return c[0] * d[1] + e[0] * f[1] * d[0] + double(e.size() + b.size() + a.size()) * x[2];
}
std::vector<double> product(const std::vector<double> &m, const std::vector<double> &x) {
  std::vector<double> y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i)
    for (std::size_t j = 0; j < x.size(); ++j)
      y[i] += m[i * x.size() + j] * x[j];
  return y;
}
double returned(const std::vector<double> &m, const std::vector<double> &x) {
  std::vector<double> y = product(m, x);
  auto z = product(m, product(m, y));
  return z[0] * y[1];
}
double dot(const std::vector<double> &a, const std::vector<double> &b) {
  double s = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    s += a[i] * b[i];
  return s;
}
void axpy(double a, const std::vector<double> &x, std::vector<double> &y) {
  for (std::size_t i = 0; i < x.size(); ++i)
    y[i] += a * x[i];
}
double conjugate_gradients(const std::vector<double> &m, const std::vector<double> &b, int steps) {
  std::vector<double> x(b.size(), 0.0), r = b, p = r;
  double rr = dot(r, r);
  for (int k = 0; k < steps; ++k) {
    std::vector<double> q = product(m, p);
    double alpha = rr / dot(p, q);
    axpy(alpha, p, x);
    axpy(-alpha, q, r);
    double next = dot(r, r);
    for (std::size_t i = 0; i < p.size(); ++i)
      p[i] = r[i] + next / rr * p[i];
    rr = next;
  }
  return dot(x, b);
}
double rows(const std::vector<double> &x, int n) {
  std::vector<std::vector<double>> m(n, std::vector<double>(n, 1.0));
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j)
      m[i][j] *= x[i] * x[j] + j;
  m.push_back(m[0]);
  m[0][0] = x[1];
  std::vector<std::vector<double>> other = m;
  other[1][1] *= m[1][0];
  double s = 0;
  for (const auto &row : other)
    for (double e : row)
      s += e * e;
  for (auto row : m)
    s *= row[0];
  return s + m.back()[0];
}
double ragged(const std::vector<double> &x) {
  std::vector<std::vector<double>> t;
  for (std::size_t i = 0; i < x.size(); ++i) {
    t.emplace_back();
    for (std::size_t j = 0; j <= i; ++j)
      t[i].push_back(x[i] * x[j]);
  }
  double s = 0;
  for (auto &r : t)
    s += r.back() * r.front() * double(r.size());
  return s;
}
struct Body {
  double m, x, v;
  int id;
};
double structs(const std::vector<double> &x, double h) {
  std::vector<Body> all(2, Body{1, 2, x[0], 3});
  all.push_back({x[1], x[2], 0.5, 7});
  for (int k = 0; k < 3; ++k)
    for (Body &b : all) {
      b.v -= h * b.x / b.m;
      b.x += h * b.v;
    }
  double e = 0;
  for (const Body &b : all)
    e += b.m * b.v * b.v * b.id + b.x;
  all.pop_back();
  return e * all.back().x;
}
double work_in_loop(const std::vector<double> &x, int steps) {
  std::vector<double> u = x;
  for (int k = 0; k < steps; ++k) {
    std::vector<double> next(u.size());
    for (std::size_t i = 0; i < u.size(); ++i)
      next[i] = u[i] * u[(i + 1) % u.size()] + 0.1 * k;
    u = next;
  }
  return u[0] * u[1];
}
double double_buffer(const std::vector<double> &x, int steps) {
  std::vector<double> u = x, w(x.size());
  for (int k = 0; k < steps; ++k) {
    for (std::size_t i = 0; i < u.size(); ++i)
      w[i] = std::cos(u[i]) * u[u.size() - 1 - i];
    std::swap(u, w);
  }
  return dot(u, x);
}
double indices(const std::vector<double> &x) {
  std::vector<int> at{2, 0, 1};
  std::vector<double> v(3);
  at.push_back(at[0]);
  for (std::size_t i = 0; i < v.size(); ++i)
    v[at[i]] += x[at[i + 1]] * x[i];
  return v[0] * v[1] + v[2];
}
double by_data(std::vector<double> &x) {
  double *p = x.data();
  const double *end = p + x.size();
  double s = 0;
  for (; p != end; ++p)
    s += (*p *= *p);
  return s * x[0];
}
double iterators(const std::vector<double> &x) {
  std::vector<double> v(x);
  double s = 0;
  std::vector<double>::const_iterator last = v.end();
  for (auto it = v.begin(); it < last; it += 2)
    s += it[0] * *(it + (it - v.begin()) % 2);
  auto b = std::begin(v);
  *b++ *= s;
  *b = v[0];
  return s * v[1] + *v.cbegin() + v.end()[-1];
}
double helper_fills(std::vector<double> &out, double x, int n) {
  for (int i = 0; i < n; ++i)
    out.push_back(x * (i + 1));
  return out.back();
}
double filled_by_helper(double x, int n) {
  std::vector<double> v;
  double a = helper_fills(v, x, n), b = helper_fills(v, a * x, n);
  double s = 0;
  for (double e : v)
    s += e * e;
  return s * b;
}
double recursive(const std::vector<double> &x, int lo, int hi) {
  if (hi - lo == 1)
    return x[lo] * x[lo];
  int mid = (lo + hi) / 2;
  return recursive(x, lo, mid) * std::sin(recursive(x, mid, hi));
}
void recursive_push(std::vector<double> &v, double x, int n) {
  if (n == 0)
    return;
  v.push_back(x * x);
  recursive_push(v, x * v[0], n - 1);
}
double recursive_growth(double x, int n) {
  std::vector<double> v;
  recursive_push(v, x, n);
  return v.back() * v[0];
}
#if __cplusplus >= 202002L
double spans(std::span<const double> x, double a) {
  double s = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    s += a * x[i] * x[i];
  for (double e : x.subspan(1))
    s *= e;
  return s + x.first(2)[1] * x.last(1).front();
}
void span_written(std::span<double> y, const std::vector<double> &x) {
  std::span<const double> v(x);
  for (std::size_t i = 0; i < y.size(); ++i)
    y[i] *= v[i] + x[0];
}
double span_local(const std::vector<double> &x) {
  std::vector<double> v = x;
  double raw[3] = {x[0], 2, 3};
  span_written(v, x);
  span_written(raw, v);
  span_written({v.data() + 1, 2}, x);
  return v[2] * raw[1] + spans(v, 2.0);
}
#endif

void grown(std::vector<double> &w, double x, int n) {
  if (n) {
    w.push_back(w[0] * x);
    grown(w, x, n - 1);
  }
}
double grown_through_reference(std::vector<double> &v, double x) {
  std::vector<double> &w = v;
  grown(w, x, 2);
  return v.back() * double(v.size()) + w[1];
}

// Two pointers into one container's elements: so are those into its adjoint.
double through_data(std::vector<double> &v, double x) {
  double *p = v.data();
  for (std::size_t j = 0; j < v.size(); ++j)
    v[j] = std::sin(v[j]) * p[1] * x;
  return v[0] * v[2];
}
double through_two_pointers(std::vector<double> &v, double x) {
  double *p = v.data() + 1;
  const double *q = &v[0];
  for (std::size_t j = 0; j + 1 < v.size(); ++j)
    p[j] = std::sin(q[j]) * q[1] * x;
  return v[0] * v[2];
}

#else
#include <vector>
#define CASES "vectors.cpp"
#include "twice.h"

int main() {
  reals x{1.5, 2.5, 0.5}, y{-0.5, 0.75, 2}, m{2, 0.5, 0.1, 0.5, 3, 0.2, 0.1, 0.2, 1.5};
  VERIFY(by_const_reference, x);
  VERIFY(by_value, x, 1.25);
  VERIFY(by_value_read, x);
  VERIFY(scaled, x, 1.25);
  VERIFY(grown_through_reference, x, 1.25);
  VERIFY(through_data, x, 1.25);
  VERIFY(through_two_pointers, x, 1.25);
  VERIFY(pushed, x, 1.25);
  VERIFY(popped, x, 1.25);
  VERIFY(resized, x, 1.25);
  VERIFY(cleared, x, 1.25);
  VERIFY(assigned, x, y, 1.25);
  VERIFY(inserted, x, 1.25);
  VERIFY(swapped, x, y);
  VERIFY(grown_in_branch, reals{2, 3, 0.5, 1.5, 4, 5, 1.25}, 7);
  VERIFY(lists, 1.5, 2.5);
  VERIFY(copies, x);
  VERIFY(returned, m, x);
  VERIFY(conjugate_gradients, m, x, 3);
  VERIFY(rows, x, 3);
  VERIFY(ragged, x);
  VERIFY(structs, x, 0.1);
  VERIFY(work_in_loop, x, 3);
  VERIFY(double_buffer, x, 3);
  VERIFY(indices, x);
  VERIFY(by_data, x);
  VERIFY(iterators, reals{1.5, 2.5, 0.5, -0.5});
  VERIFY(filled_by_helper, 1.5, 3);
  VERIFY(recursive, reals{1.5, 2.5, 0.5, -0.5}, 0, 4);
#ifndef NABLA_TEST_FORWARD // refused: the vector would lead to memory of its callee's
  VERIFY(recursive_growth, 1.5, 6);
#endif
#if __cplusplus >= 202002L
  VERIFY(spans, x, 1.25);
  VERIFY(span_written, x, y);
  VERIFY(span_local, x);
#endif
  return check::report();
}
#endif
