// Steps of many elements, swaps, reversals and reverse iterators of containers whose elements keep their addresses, and of
// std::vector; list::unique. Values against the same function on dual numbers.
// MATRIX: plugin sanitized
#include "check.h"
#include <algorithm>
#include <deque>
#include <iterator>
#include <list>
#include <map>
#include <nabla/dual.h>
#include <nabla/nabla.h>
#include <numeric>
#include <set>
#include <vector>

template <class T> T steps(T x, int n) {
  std::list<T> l{x, 2 * x, 3 * x, x * x, x * x * x};
  std::map<int, T> m;
  std::set<int> k{1, 4, 9, 16};
  for (int i = 0; i < 5; ++i)
    m[3 * i] = x * x * T(i);
  auto a = std::next(l.begin(), n);
  auto b = std::prev(l.end(), n + 1);
  auto c = std::next(m.begin(), n);
  auto d = std::next(a, -n);
  std::advance(d, 1);
  std::advance(b, -1);
  return *a * *b + c->second * T(*std::next(k.begin(), n)) + *d + std::prev(m.end(), 2)->second;
}
template <class T> T swaps(T x) {
  std::list<T> l{x, 2 * x, x * x};
  std::deque<T> d{x, x * x, 5 * x, x * x * x};
  std::iter_swap(l.begin(), std::prev(l.end()));
  std::iter_swap(d.begin(), d.begin() + 3);
  std::iter_swap(l.begin(), d.begin());
  std::reverse(d.begin(), d.end());
  std::reverse(l.begin(), l.end());
  T s = 0;
  for (T v : l)
    s = s * x + v;
  for (T v : d)
    s = s * x + v;
  return s;
}
template <class T> T repeated(T x) {
  std::list<T> l{x, x, 3 * x, x * x, x * x, x};
  l.unique();
  std::list<T> k{x, x + 1.0, x + 5.0, x * x, 2 * x * x, 30.0 * x};
  k.unique([](const T &a, const T &b) { return b < a + 3.0; });
  T s = T(double(l.size() + 10 * k.size()));
  for (T v : l)
    s = s * 0.5 + v * v;
  for (T v : k)
    s = s * 0.5 + v * v;
  return s;
}
template <class T> T backwards(T x) {
  std::deque<T> d{x, 2 * x, 3 * x, x * x};
  std::list<T> l{x, x * x, 3 * x};
  std::map<int, T> m;
  m[3] = x;
  m[1] = x * x;
  T s = 0;
  for (auto i = d.rbegin(); i != d.rend(); ++i)
    s = s * x + *i;
  for (auto i = l.rbegin(); i != l.rend(); i++)
    s = s * x + *i;
  for (auto i = m.rbegin(); i != m.rend(); ++i)
    s = s * x + i->second * T(i->first);
  *d.rbegin() = x;
  for (auto i = d.crbegin(); i != d.crend(); ++i)
    s = s * 0.5 + *i;
  return s + d.rbegin()[1] * *std::next(l.rbegin(), 2) * std::prev(m.rend())->second +
         *(d.rbegin() + 2) * T(double(d.rend() - d.rbegin()));
}
template <class T> T gathered(const std::vector<T> &v) {
  std::deque<T> d(v.rbegin(), v.rend());
  std::vector<T> w(v.rbegin() + 1, v.rend());
  std::list<T> l;
  l.assign(d.rbegin(), d.rend());
  std::sort(d.rbegin(), d.rend(), [](const T &a, const T &b) { return a < b; });
  std::sort(w.rbegin(), w.rend(), [](const T &a, const T &b) { return a < b; });
  T s = 0;
  for (const T &x : d)
    s = s * 0.5 + x;
  for (const T &x : w)
    s = s * 0.5 + x * x;
  for (const T &x : l)
    s = s * 0.5 + x * x;
  s += std::accumulate(v.rbegin(), v.rend(), T(0), [](const T &a, const T &b) { return a * 0.5 + b * b; });
  std::vector<T> r(v.size());
  std::transform(v.rbegin(), v.rend(), v.begin(), r.begin(),
                 [](const T &a, const T &b) { return a * b * b; });
  for (auto i = r.rbegin(); i < r.rend(); i += 2)
    s = s * 0.5 + *i;
  return s + v.rbegin()[1] * *(v.rbegin() + 2);
}
double sorted_down(const std::vector<double> &v) {
  std::vector<double> w = v;
  std::sort(w.rbegin(), w.rend());
  double s = 0;
  for (double x : w)
    s = s * 0.5 + x * x;
  return s;
}

using D = nabla::basic_dual<double>;

template <class F> void compare(double value, double derivative, F f, double x) {
  D y = f(D(x, 1.0));
  CHECK_NEAR(value, y.value, 1e-12);
  CHECK_NEAR(derivative, y.dot, 1e-11);
}

int main() {
  for (int n = 0; n < 3; ++n) {
    double xb = 0;
    double v = nabla::gradient<steps<double>>(1.5, n, &xb);
    compare(v, xb, [n](D x) { return steps(x, n); }, 1.5);
    compare(v, nabla::pushforward<steps<double>>(1.5, n, 1.0).dot, [n](D x) { return steps(x, n); }, 1.5);
  }
  double xb = 0;
  double v = nabla::gradient<swaps<double>>(1.5, &xb);
  compare(v, xb, [](D x) { return swaps(x); }, 1.5);
  xb = 0;
  v = nabla::gradient<repeated<double>>(1.5, &xb);
  compare(v, xb, [](D x) { return repeated(x); }, 1.5);
  xb = 0;
  v = nabla::gradient<backwards<double>>(1.5, &xb);
  compare(v, xb, [](D x) { return backwards(x); }, 1.5);
  std::vector<double> a{3, 1.5, 4, 1, 5.5}, ab;
  v = nabla::gradient<gathered<double>>(a, ab);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::vector<D> c(a.begin(), a.end());
    c[i].dot = 1;
    D y = gathered(c);
    CHECK_NEAR(v, y.value, 1e-12);
    CHECK_NEAR(ab[i], y.dot, 1e-11);
  }
  std::vector<double> sb;
  nabla::gradient<sorted_down>(a, sb); // 5.5, 4, 3, 1.5, 1
  CHECK_NEAR(sb[4], 11. / 16, 1e-12);
  CHECK_NEAR(sb[2], 1, 1e-12);
  CHECK_NEAR(sb[3], 2, 1e-12);
  return check::report();
}
