// Odd uses of std::deque, list and map: references that are kept, early exits, loops without trips, recursion, nesting.
// WITHOUT: gxx clangxx
#ifdef CASES

double deque_alias(double x, double y) { // reference across growth, swap, move
  std::deque<double> a{x}, b{y, x};
  double &r = a[0];
  for (int i = 0; i < 20; ++i)
    a.push_back(x * i);
  r *= y;
  std::swap(a, b);
  r += x;
  std::deque<double> c = std::move(b);
  r *= 2;
  a = c;
  c[0] = 7;
  return r + a[0] * a[5] + c[1] + double(b.size());
}
double early_exit(double x, int n) {
  std::map<int, double> m;
  for (int i = 0; i < n; ++i) {
    m[i * 3 % 7] += x * i;
    if (m.size() > 4) {
      for (auto &[k, v] : m) {
        if (k == 2)
          continue;
        if (k > 4)
          return v * k;
        v *= x;
      }
      break;
    }
  }
  return m.empty() ? x : m.begin()->second;
}
double zero_trips(double x, int n) {
  std::list<double> l;
  std::deque<double> d;
  std::map<int, double> m;
  for (double v : l)
    x += v;
  for (double v : d)
    x += v;
  for (auto &e : m)
    x += e.second;
  for (int i = 0; i < n; ++i) {
    l.push_back(x);
    d.push_front(x * x);
    m[-i] = x;
  }
  double s = 0;
  for (double v : l)
    s += v;
  for (double v : d)
    s *= v + 1;
  for (auto &e : m)
    s += e.second * e.first;
  return s;
}
struct Node {
  double w;
  std::map<int, double> edges;
  std::list<int> order;
};
double nested(double x, int n) {
  std::map<int, Node> g;
  for (int i = 0; i < n; ++i) {
    Node &v = g[i];
    v.w = x * i;
    v.edges[(i + 1) % n] = x + i;
    v.order.push_front(i);
  }
  Node copy = g[0];
  copy.edges[1] *= 3;
  g[n] = copy;
  double s = 0;
  for (auto &[i, v] : g) {
    for (auto &[j, e] : v.edges)
      s += v.w * e + (g.count(j) ? g.at(j).w : 0.0);
    for (int k : v.order)
      s += k * x;
  }
  return s;
}
std::map<int, double> table(double x, int n) {
  std::map<int, double> m;
  for (int i = n; i-- > 0;)
    m.emplace(i, x * i);
  return m;
}
double returned(double x, int n) {
  auto m = table(x, n);
  std::map<int, double> k = table(x * x, n);
  m.swap(k);
  auto it = m.find(2);
  if (it == m.end())
    return k.size() * x;
  auto next = it;
  ++next;
  double s = it->second;
  if (next != m.end())
    s *= next->second;
  m.erase(it);
  return s + m.size() * k[1] + (m.count(2) ? 100 : 0);
}
double sum_list(const std::list<double> &l) {
  double s = 0;
  for (double v : l)
    s += v;
  return s;
}
double by_value(std::list<double> l, double x) {
  l.push_back(x);
  l.front() *= 2;
  return sum_list(l);
}
double copies(double x) {
  std::list<double> l{x, x * x};
  double a = by_value(l, x);
  return a * sum_list(l) + by_value(std::move(l), 1.0);
}
double erase_range(double x, int n) {
  std::map<int, double> m;
  std::list<double> l;
  std::deque<double> d;
  for (int i = 0; i < n; ++i) {
    m[i] = x * i;
    l.push_back(x + i);
    d.push_back(x - i);
  }
  m.erase(m.lower_bound(1), m.upper_bound(3));
  l.erase(++l.begin(), --l.end());
  d.erase(d.begin() + 1, d.begin() + 3);
  d.resize(2);
  l.resize(3, x);
  double s = 0;
  for (auto &[k, v] : m)
    s += k * v;
  for (double v : l)
    s = s * v + 1;
  for (double v : d)
    s -= v * s;
  return s;
}
double deque_in_loop(const double *x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    std::deque<double> d;
    for (int j = 0; j <= i; ++j)
      d.push_front(x[j] * x[i]);
    while (d.size() > 1) {
      double a = d.front();
      d.pop_front();
      d.front() = d.front() * a + s;
    }
    s += d.back();
  }
  return s;
}
double queue_of_pairs(double x, double y) {
  std::deque<std::pair<int, double>> q{{1, x}, {2, y}};
  double s = 0;
  while (!q.empty()) {
    auto [k, v] = q.front();
    q.pop_front();
    s += k * v * v;
    if (k < 6)
      q.emplace_back(k + 2, v * x);
  }
  return s;
}
double map_value_struct(double x, double y) {
  struct P {
    double a = 1, b = 2;
  };
  std::map<int, P> m;
  m[1].a = x;
  m[2].b = y;
  m[1].b += m[2].a * m[2].b;
  P &p = m[1];
  m[0] = p;
  m[-1] = {y, x};
  p.a *= 3;
  double s = 0;
  for (const auto &[k, v] : m)
    s += v.a * v.b * (k + 2);
  return s;
}
double list_splice_free(double x, int n) { // merge sort by hand
  std::list<double> a, b, out;
  for (int i = 0; i < n; ++i) {
    a.push_back(x * i);
    b.push_back(x * x * i + 0.1);
  }
  auto i = a.begin(), j = b.begin();
  while (i != a.end() || j != b.end()) {
    bool left = j == b.end() || (i != a.end() && *i < *j);
    out.push_back(left ? *i : *j);
    if (left)
      ++i;
    else
      j++;
  }
  double s = 0, k = 1;
  for (auto it = out.begin(); it != out.end(); it++)
    s += *it * k++;
  return s;
}
double try_map(double x, double y) {
  std::map<int, double> m{{1, x}};
  double s = y;
  try {
    s *= m.at(1);
    m[2] = s * x;
    s += m.at(5);
  } catch (const std::out_of_range &) {
    s *= m[2];
  }
  return s;
}
double lambdas_over(double x, double y) {
  std::map<int, double> m{{1, x}, {4, y}};
  auto look = [&](int k) {
    auto it = m.find(k);
    return it == m.end() ? x * 0.5 : it->second;
  };
  auto set = [&m](int k, double v) { m[k] = v; };
  set(2, look(1) * look(3));
  set(4, look(4) * look(2));
  return look(4) + look(2);
}
double pointer_kept(double x, double y) {
  std::map<int, double> m{{5, x}};
  double *p = &m[5];
  for (int i = 0; i < 8; ++i)
    m[i] += y * i;
  *p *= x;
  m.erase(0);
  return m[5] * *p + m.begin()->second;
}
double va(double x, double y, int n) {
  std::valarray<double> v(x, n), w(n);
  for (int i = 0; i < n; ++i)
    w[i] = y * i;
  for (int t = 0; t < 3; ++t) {
    v = v * w + v;
    w -= 0.1 * v;
    v /= 1.0 + y * y;
  }
  std::valarray<double> z;
  z = v;
  z.resize(2, x);
  std::swap(z, w);
  return (v * v).sum() + w.sum() * z[0] + v.min();
}

#else
#include <deque>
#include <list>
#include <map>
#include <stdexcept>
#include <valarray>
#include <vector>
#define CASES "chains_odd.cpp"
#include "twice.h"

int main() {
  reals x{0.3, 0.9, 0.5, 1.3, 0.2, 0.8, 1.1};
  VERIFY(deque_alias, 0.7, 1.2);
  for (int n : {0, 1, 3, 5, 9}) {
    VERIFY(early_exit, 0.7, n);
    VERIFY(zero_trips, 0.7, n);
  }
  VERIFY(nested, 0.7, 5);
  VERIFY(returned, 0.7, 2);
  VERIFY(returned, 0.7, 5);
  VERIFY(copies, 0.7);
  VERIFY(erase_range, 0.7, 6);
  VERIFY(deque_in_loop, x, 7);
  VERIFY(queue_of_pairs, 0.7, 1.2);
  VERIFY(map_value_struct, 0.7, 1.2);
  VERIFY(list_splice_free, 0.7, 5);
  VERIFY(try_map, 0.7, 1.2);
  VERIFY(lambdas_over, 0.7, 1.2);
  VERIFY(pointer_kept, 0.7, 1.2);
  VERIFY(va, 0.7, 0.2, 4);
  return check::report();
}
#endif
