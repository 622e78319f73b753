// std::deque, list, map, set and the hashed ones that callers pass, and get back: values, final states, adjoints, tangents, second
// derivatives.
// MATRIX: plugin sanitized
#include "check.h"
#include <algorithm>
#include <deque>
#include <list>
#include <map>
#include <nabla/nabla.h>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

double deque_read(const std::deque<double> &d, double x) {
  double s = 0;
  for (double v : d)
    s += v * v * x;
  return s;
}
double deque_written(std::deque<double> &d, double x) {
  d[1] *= x;
  return d[0] * d[1];
}
double deque_moved_on(std::deque<double> &d, double x) {
  d.push_front(d.back() * x);
  d.pop_back();
  return d[0] * d[1];
}
double list_read(const std::list<double> &d, double x) {
  double s = 0, t = x;
  for (double v : d) {
    s += v * t;
    t *= x;
  }
  return s;
}
double list_written(std::list<double> &d, double x) {
  for (double &v : d)
    v *= x;
  return d.front() * d.back();
}
double list_moved_on(std::list<double> &d, double x) {
  d.push_back(d.front() * x);
  d.pop_front();
  return d.front() * d.back();
}
double map_read(const std::map<int, double> &m, double x) {
  double s = m.at(3) * x;
  for (auto &[k, v] : m)
    s += k * v * v;
  return s;
}
double map_written(std::map<int, double> &m, double x) {
  for (auto &[k, v] : m)
    v *= x * k;
  return m[3] * m.at(5);
}
double map_changed(std::map<int, double> &m, double x) {
  m[4] = m[3] * x;
  m.erase(5);
  return m[3] * m[4];
}
double hashed_read(const std::unordered_map<int, double> &m, double x) {
  return m.at(3) * x + m.at(5) * m.at(3) + (m.count(7) ? m.at(7) : 0);
}
double hashed_changed(std::unordered_map<int, double> &m, double x) {
  m[40] = m[3] * x;
  m.erase(5);
  return m[3] * m[40];
}
double map_of_vectors(const std::map<int, std::vector<double>> &m, double x) {
  double s = 0;
  for (auto &[k, v] : m)
    for (double w : v)
      s += w * w * x * k;
  return s;
}
double map_by_value(std::map<int, double> m, double x) {
  m[9] = x;
  m[3] *= 2;
  double s = 1;
  for (auto &[k, v] : m)
    s *= v;
  return s;
}
double set_of_integers(const std::set<int> &s, double x) {
  double r = 0;
  for (int k : s)
    r += k * x * x;
  return r;
}
struct Q {
  double a = 7;
  double b = 1;
};
double map_of_classes(std::map<int, Q> &m, double x) {
  m[1].a *= x;
  m[2].b = m[1].a * x;
  return m[2].b * m[2].a;
}
double deque_of_vectors(std::deque<std::vector<double>> &d, double x) {
  d.back().push_back(x * d.front()[0]);
  return d.back().back() * x;
}
std::map<int, double> map_made(double x) {
  std::map<int, double> m;
  m[1] = x;
  m[2] = x * x;
  return m;
}
double empty_list(const std::list<double> &d, double x) { return d.empty() ? x : d.front() * x; }
[[nabla::gradient]] double list_by_value(std::list<double> d, double x) {
  d.push_back(x);
  d.pop_front();
  double s = 0;
  for (double v : d)
    s += v * v;
  return s;
}
[[nabla::gradient]] void map_filled(std::map<int, double> &m, const std::deque<double> &d) {
  m.clear();
  int i = 0;
  for (double v : d)
    m[i++] = v * v;
}
[[nabla::gradient]] double two_lists(std::list<double> &a, const std::list<double> &b) {
  for (double x : b)
    a.push_back(x * a.front());
  return a.back();
}
[[nabla::gradient]] double one_adjoint_for_two(const std::map<int, double> &a,
                                               const std::map<int, double> &b) {
  return a.at(1) * b.at(2);
}
double text_keys(const std::map<std::string, double> &m, double x) {
  double s = m.at("a") * x;
  for (auto &[k, v] : m)
    s += v * v;
  return s;
}
double text_keys_changed(std::unordered_map<std::string, double> &m, double x) {
  m["new"] = m["a"] * x;
  m.erase("b");
  return m["new"] * m["a"];
}
double list_sorted(std::list<double> &l) {
  l.sort();
  return l.front() * 3 + l.back();
}
double list_reversed(std::list<double> &l, double x) {
  l.reverse();
  l.front() *= x;
  return l.front();
}
double deque_sorted(std::deque<double> &l) {
  std::sort(l.begin(), l.end());
  return l.front() * 3 + l.back();
}

std::vector<double> scaled(const std::deque<double> &d, double x) {
  std::vector<double> r;
  for (double e : d)
    r.push_back(e * x);
  return r;
}
std::list<double> weighed(std::map<int, double> m, const std::list<double> &l) {
  std::list<double> r;
  for (double e : l)
    r.push_back(e * m[0]);
  return r;
}

int main() {
  {
    std::deque<double> d{1, 2, 3}, db;
    double xb = 0;
    CHECK_NEAR(nabla::gradient<deque_read>(d, 5.0, db, &xb), 70, 1e-12);
    CHECK_NEAR(db[2], 30, 1e-12);
    CHECK_NEAR(xb, 14, 1e-12);
  }
  {
    std::deque<double> d{1, 2, 3}, db;
    double xb = 0;
    CHECK_NEAR(nabla::gradient<deque_written>(d, 5.0, db, &xb), 10, 1e-12);
    CHECK_NEAR(d[1], 10, 1e-12);
    CHECK_NEAR(db[0], 10, 1e-12);
    CHECK_NEAR(db[1], 5, 1e-12);
    CHECK_NEAR(xb, 2, 1e-12);
  }
  {
    std::deque<double> d{1, 2, 3}, db;
    double xb = 0;
    CHECK_NEAR(nabla::gradient<deque_moved_on>(d, 5.0, db, &xb), 15, 1e-12);
    CHECK_NEAR(d[0], 15, 1e-12);
    CHECK_NEAR(d.size(), 3, 1e-12);
    CHECK_NEAR(db[0], 15, 1e-12);
    CHECK_NEAR(db[1], 0, 1e-12);
    CHECK_NEAR(db[2], 5, 1e-12);
    CHECK_NEAR(xb, 3, 1e-12);
  }
  {
    std::list<double> d{1, 2, 3}, db;
    double xb = 0;
    CHECK_NEAR(nabla::gradient<list_read>(d, 5.0, db, &xb), 5 + 50 + 375, 1e-12);
    CHECK_NEAR(db.front(), 5, 1e-12);
    CHECK_NEAR(db.back(), 125, 1e-12);
    CHECK_NEAR(xb, 1 + 20 + 225, 1e-12);
  }
  {
    std::list<double> d{1, 2, 3}, db;
    double xb = 0;
    CHECK_NEAR(nabla::gradient<list_written>(d, 5.0, db, &xb), 75, 1e-12);
    CHECK_NEAR(d.back(), 15, 1e-12);
    CHECK_NEAR(db.front(), 75, 1e-12);
    CHECK_NEAR(db.back(), 25, 1e-12);
    CHECK_NEAR(xb, 30, 1e-12);
  }
  {
    std::list<double> d{1, 2, 3}, db;
    double xb = 0;
    CHECK_NEAR(nabla::gradient<list_moved_on>(d, 5.0, db, &xb), 10, 1e-12);
    CHECK_NEAR(d.back(), 5, 1e-12);
    CHECK_NEAR(d.size(), 3, 1e-12);
    CHECK_NEAR(db.front(), 10, 1e-12);
    CHECK_NEAR(*std::next(db.begin()), 5, 1e-12);
    CHECK_NEAR(db.back(), 0, 1e-12);
    CHECK_NEAR(xb, 2, 1e-12);
  }
  {
    std::map<int, double> m{{3, 2}, {5, 4}}, mb;
    double xb = 0;
    CHECK_NEAR(nabla::gradient<map_read>(m, 7.0, mb, &xb), 14 + 12 + 80, 1e-12);
    CHECK_NEAR(mb[3], 7 + 12, 1e-12);
    CHECK_NEAR(mb[5], 40, 1e-12);
    CHECK_NEAR(xb, 2, 1e-12);
    CHECK_NEAR(mb.size(), 2, 1e-12);
  }
  {
    std::map<int, double> m{{3, 2}, {5, 4}}, mb{{8, 1}};
    double xb = 0;
    CHECK_NEAR(nabla::gradient<map_written>(m, 7.0, mb, &xb), 42 * 140, 1e-12);
    CHECK_NEAR(m[3], 42, 1e-12);
    CHECK_NEAR(mb[3], 21 * 140, 1e-12);
    CHECK_NEAR(mb[5], 35 * 42, 1e-12);
    CHECK_NEAR(xb, 2 * 42 * 140 / 7., 1e-12);
    CHECK_NEAR(mb.size(), 2, 1e-12);
  }
  {
    std::map<int, double> m{{3, 2}, {5, 4}}, mb{{4, 10}};
    double &at3 = m[3];
    double xb = 0;
    CHECK_NEAR(nabla::gradient<map_changed>(m, 7.0, mb, &xb), 28, 1e-12);
    CHECK_NEAR(m[4], 14, 1e-12);
    CHECK_NEAR(m.size(), 2, 1e-12);
    CHECK_NEAR(&at3 == &m[3], 1, 1e-12);
    CHECK_NEAR(mb.size(), 2, 1e-12);
    CHECK_NEAR(mb[3], 14 + 14 + 70, 1e-12);
    CHECK_NEAR(mb[5], 0, 1e-12);
    CHECK_NEAR(xb, 4 + 20, 1e-12);
  }
  {
    std::unordered_map<int, double> m{{3, 2}, {5, 4}, {7, 1}, {11, 3}, {1, 8}}, mb;
    double xb = 0;
    CHECK_NEAR(nabla::gradient<hashed_read>(m, 7.0, mb, &xb), 14 + 8 + 1, 1e-12);
    CHECK_NEAR(mb[3], 7 + 4, 1e-12);
    CHECK_NEAR(mb[5], 2, 1e-12);
    CHECK_NEAR(mb[7], 1, 1e-12);
    CHECK_NEAR(mb[11], 0, 1e-12);
    CHECK_NEAR(xb, 2, 1e-12);
  }
  {
    std::unordered_map<int, double> m{{3, 2}, {5, 4}}, mb;
    double xb = 0;
    CHECK_NEAR(nabla::gradient<hashed_changed>(m, 7.0, mb, &xb), 28, 1e-12);
    CHECK_NEAR(m[40], 14, 1e-12);
    CHECK_NEAR(m.size(), 2, 1e-12);
    CHECK_NEAR(mb[3], 28, 1e-12);
    CHECK_NEAR(mb[5], 0, 1e-12);
    CHECK_NEAR(xb, 4, 1e-12);
  }
  {
    std::map<int, std::vector<double>> m{{3, {1, 2}}, {5, {}}, {6, {3}}}, mb;
    double xb = 0;
    CHECK_NEAR(nabla::gradient<map_of_vectors>(m, 7.0, mb, &xb), 7 * (15 + 54), 1e-12);
    CHECK_NEAR(mb[3][1], 84, 1e-12);
    CHECK_NEAR(mb[6][0], 6 * 42, 1e-12);
    CHECK_NEAR(xb, 69, 1e-12);
  }
  {
    std::map<int, double> m{{3, 2}, {5, 4}}, mb;
    double xb = 0;
    CHECK_NEAR(nabla::gradient<map_by_value>(m, 7.0, &mb, &xb), 4 * 4 * 7, 1e-12);
    CHECK_NEAR(mb[3], 56, 1e-12);
    CHECK_NEAR(mb[5], 28, 1e-12);
    CHECK_NEAR(xb, 16, 1e-12);
    CHECK_NEAR(m[3], 2, 1e-12);
  }
  {
    std::set<int> s{1, 4};
    double xb = 0;
    double r = nabla::gradient<set_of_integers, nabla::wrt<1>>(s, 3.0, &xb);
    CHECK_NEAR(r, 45, 1e-12);
    CHECK_NEAR(xb, 30, 1e-12);
  }
  {
    std::map<int, Q> m{{1, {2, 3}}}, mb;
    double xb = 0;
    CHECK_NEAR(nabla::gradient<map_of_classes>(m, 5.0, mb, &xb), 50 * 7, 1e-12);
    CHECK_NEAR(m[1].a, 10, 1e-12);
    CHECK_NEAR(m[2].b, 50, 1e-12);
    CHECK_NEAR(mb[1].a, 25 * 7, 1e-12);
    CHECK_NEAR(mb[1].b, 0, 1e-12);
    CHECK_NEAR(xb, 2 * 10 * 7, 1e-12);
  }
  {
    std::deque<std::vector<double>> d{{1, 2}, {3}}, db;
    double xb = 0;
    CHECK_NEAR(nabla::gradient<deque_of_vectors>(d, 5.0, db, &xb), 25, 1e-12);
    CHECK_NEAR(d[1][1], 5, 1e-12);
    CHECK_NEAR(db[0][0], 25, 1e-12);
    CHECK_NEAR(db[1].size(), 1, 1e-12);
    CHECK_NEAR(xb, 10, 1e-12);
  }
  {
    std::map<int, double> seed{{1, 1}, {2, 10}};
    double xb = 0;
    auto m = nabla::pullback<map_made>(3.0, seed, &xb);
    CHECK_NEAR(m[2], 9, 1e-12);
    CHECK_NEAR(xb, 61, 1e-12);
  }
  {
    std::map<int, double> m{{3, 2}, {5, 4}}, md{{3, 1}, {5, 0}};
    auto d = nabla::pushforward<map_read>(m, 7.0, md, 1.0);
    CHECK_NEAR(d.value, 106, 1e-12);
    CHECK_NEAR(d.dot, 19 + 2, 1e-12);
  }
  {
    std::map<int, double> m{{3, 2}, {5, 4}}, md{{3, 1}, {5, 0}};
    auto d = nabla::pushforward<map_changed>(m, 7.0, md, 1.0);
    CHECK_NEAR(d.value, 28, 1e-12);
    CHECK_NEAR(d.dot, 28 + 4, 1e-12);
    CHECK_NEAR(md[4], 7 + 2, 1e-12);
    CHECK_NEAR(md.size(), 2, 1e-12);
  }
  {
    std::map<int, double> m{{3, 2}, {5, 4}}, md{{3, 1}, {5, 0}}, h;
    double hx = 0;
    nabla::hvp<map_read>(m, 7.0, md, 1.0, h, &hx);
    CHECK_NEAR(h[3], 6 + 1, 1e-12);
    CHECK_NEAR(h[5], 0, 1e-12);
    CHECK_NEAR(hx, 1, 1e-12);
  }
  {
    std::list<double> d{1, 2, 3}, dd{1, 0, 0}, h;
    double hx = 0;
    nabla::hvp<list_read>(d, 5.0, dd, 1.0, h, &hx);
    CHECK_NEAR(h.front(), 1, 1e-12);
    CHECK_NEAR(h.back(), 75, 1e-12);
    CHECK_NEAR(hx, 1 + 4 + 90, 1e-12);
  }
  {
    auto d = nabla::pushforward<map_made>(3.0, 1.0);
    CHECK_NEAR(d.dot[2], 6, 1e-12);
    CHECK_NEAR(d.value[1], 3, 1e-12);
  }
  {
    std::list<double> d, db;
    double xb = 0;
    CHECK_NEAR(nabla::gradient<empty_list>(d, 5.0, db, &xb), 5, 1e-12);
    CHECK_NEAR(xb, 1, 1e-12);
  }
  {
    std::list<double> d{1, 2}, db;
    double xb = 0;
    CHECK_NEAR(list_by_value_grad(d, 3, &db, &xb), 13, 1e-12);
    CHECK_NEAR(db.front(), 0, 1e-12);
    CHECK_NEAR(db.back(), 4, 1e-12);
    CHECK_NEAR(xb, 6, 1e-12);
    CHECK_NEAR(d.size(), 2, 1e-12);
  }
  {
    std::map<int, double> m{{7, 1}}, mb{{0, 10}, {1, 100}};
    std::deque<double> d{2, 3}, db;
    map_filled_grad(m, d, mb, db);
    CHECK_NEAR(m.size(), 2, 1e-12);
    CHECK_NEAR(m[1], 9, 1e-12);
    CHECK_NEAR(db[0], 40, 1e-12);
    CHECK_NEAR(db[1], 600, 1e-12);
    CHECK_NEAR(mb[7], 0, 1e-12);
  }
  {
    std::list<double> a{2}, b{3, 4}, ab, bb;
    CHECK_NEAR(two_lists_grad(a, b, ab, bb), 8, 1e-12);
    CHECK_NEAR(ab.front(), 4, 1e-12);
    CHECK_NEAR(bb.back(), 2, 1e-12);
    CHECK_NEAR(a.size(), 3, 1e-12);
  }
  {
    std::map<int, double> a{{1, 2}, {2, 3}}, ab;
    CHECK_NEAR(one_adjoint_for_two_grad(a, a, ab, ab), 6, 1e-12);
    CHECK_NEAR(ab[1], 3, 1e-12);
    CHECK_NEAR(ab[2], 2, 1e-12);
  }

  {
    std::map<std::string, double> m{{"a", 2}, {"b", 3}}, mb;
    double xb = 0;
    CHECK_NEAR(nabla::gradient<text_keys>(m, 5.0, mb, &xb), 23, 1e-12);
    CHECK_NEAR(mb["a"], 9, 1e-12);
    CHECK_NEAR(mb["b"], 6, 1e-12);
    CHECK_NEAR(xb, 2, 1e-12);
  }
  {
    std::unordered_map<std::string, double> m{{"a", 2}, {"b", 3}}, mb;
    double xb = 0;
    CHECK_NEAR(nabla::gradient<text_keys_changed>(m, 5.0, mb, &xb), 20, 1e-12);
    CHECK_NEAR(m.size(), 2, 1e-12);
    CHECK_NEAR(m["new"], 10, 1e-12);
    CHECK_NEAR(mb["a"], 20, 1e-12);
    CHECK_NEAR(xb, 4, 1e-12);
    CHECK_NEAR(mb.size(), 2, 1e-12);
  }
  {
    std::list<double> l{3, 1, 2}, lb;
    CHECK_NEAR(nabla::gradient<list_sorted>(l, lb), 6, 1e-12);
    CHECK_NEAR(l.front(), 1, 1e-12);
    CHECK_NEAR(lb.front(), 1, 1e-12);
    CHECK_NEAR(*std::next(lb.begin()), 3, 1e-12);
    CHECK_NEAR(lb.back(), 0, 1e-12);
  }
  {
    std::list<double> l{3, 1, 2}, lb;
    double xb = 0;
    CHECK_NEAR(nabla::gradient<list_reversed>(l, 5.0, lb, &xb), 10, 1e-12);
    CHECK_NEAR(l.front(), 10, 1e-12);
    CHECK_NEAR(l.back(), 3, 1e-12);
    CHECK_NEAR(lb.back(), 5, 1e-12);
    CHECK_NEAR(xb, 2, 1e-12);
  }
  {
    std::deque<double> l{3, 1, 2}, lb;
    CHECK_NEAR(nabla::gradient<deque_sorted>(l, lb), 6, 1e-12);
    CHECK_NEAR(l.front(), 1, 1e-12);
    CHECK_NEAR(lb.front(), 1, 1e-12);
    CHECK_NEAR(lb[1], 3, 1e-12);
    CHECK_NEAR(lb.back(), 0, 1e-12);
  }
  { // results that are containers: their seed comes before the adjoints
    std::deque<double> d{1, 2}, d_bar;
    double x_bar = 0;
    nabla::pullback<scaled>(d, 3.0, std::vector<double>{1, 2}, d_bar, &x_bar);
    CHECK_NEAR(x_bar, 5, 1e-12);
    CHECK_NEAR(d_bar[1], 6, 1e-12);
    std::map<int, double> m{{0, 2.0}}, m_bar;
    std::list<double> l{1, 2}, l_bar;
    nabla::pullback<weighed>(m, l, std::list<double>{1, 2}, &m_bar, l_bar);
    CHECK_NEAR(m_bar[0], 5, 1e-12);
    CHECK_NEAR(l_bar.back(), 4, 1e-12);
  }
  return check::report();
}
