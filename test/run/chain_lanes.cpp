// Several directions, several seeds, Taylor series and sparsity through std::list, deque, map, set and unordered_map: lanes of
// their elements, against one direction at a time and duals of duals.
// MATRIX: plugin sanitized
#include "check.h"
#include <deque>
#include <list>
#include <map>
#include <nabla/dual.h>
#include <nabla/nabla.h>
#include <nabla/sparse.h>
#include <set>
#include <unordered_map>
#include <vector>

template <class T> struct Item {
  T weight;
  int kind;
};
template <class T> T of_list(T x, T y) {
  std::list<Item<T>> l{{x, 1}, {y, 2}};
  for (int i = 0; i < 4; ++i)
    l.push_front({l.back().weight * x, i});
  l.erase(l.begin());
  T s = 0;
  for (auto &i : l)
    s = s * y + i.weight * T(i.kind);
  return s;
}
template <class T> T of_deque(T x, T y) {
  std::deque<T> d{x, y};
  for (int i = 0; i < 3; ++i) {
    d.push_front(d.back() * x);
    d.push_back(d[1] * y);
  }
  d.pop_front();
  T s = 0;
  for (std::size_t i = 0; i < d.size(); ++i)
    s = s * 0.5 + d[i] * d[i];
  return s;
}
template <class T> T of_map(T x, T y) {
  std::map<int, std::vector<T>> m;
  m[2] = {x, y};
  m[1].push_back(x * y);
  m[2].push_back(x);
  std::unordered_map<int, T> u{{3, x * x}};
  u[4] += y;
  u[3] *= u.at(4);
  T s = 0;
  for (auto &[k, v] : m)
    for (T &e : v)
      s = s * x + e * T(k);
  return s * u[3];
}
template <class T> T of_keys(T x, T y) {
  std::set<T> k{x * y, y, x};
  std::map<int, std::list<T>> m;
  for (const T &v : k)
    m[int(k.size())].push_back(v * v);
  T s = 0;
  for (const T &v : m[3])
    s = s * x + v;
  return s * *k.begin();
}

using D = nabla::basic_dual<double>;
using D2 = nabla::basic_dual<D>;

template <auto F, class G> void compare(G dual) {
  double x = 1.25, y = 0.75, xb = 0, yb = 0;
  double v = nabla::pullback<F>(x, y, 1.0, &xb, &yb);
  D dx = dual(D(x, 1), D(y)), dy = dual(D(x), D(y, 1));
  CHECK_NEAR(v, dx.value, 1e-12);
  CHECK_NEAR(xb, dx.dot, 1e-11);
  nabla::lanes<double, 3> x_dot{1, 0, 2}, y_dot{0, 1, -1};
  auto p = nabla::pushforward<F, nabla::batch<3>>(x, y, x_dot, y_dot);
  CHECK_NEAR(p.value, v, 1e-12);
  CHECK_NEAR(p.dot[0], dx.dot, 1e-11);
  CHECK_NEAR(p.dot[1], dy.dot, 1e-11);
  CHECK_NEAR(p.dot[2], 2 * dx.dot - dy.dot, 1e-11);
  nabla::lanes<double, 2> seed{1, -2}, x_bar{0, 0}, y_bar{0, 100};
  nabla::pullback<F, nabla::batch<2>>(x, y, seed, &x_bar, &y_bar);
  CHECK_NEAR(x_bar[0], dx.dot, 1e-11);
  CHECK_NEAR(x_bar[1], -2 * dx.dot, 1e-11);
  CHECK_NEAR(y_bar[1], 100 - 2 * dy.dot, 1e-11);
}
double list_along(double x) { return of_list(x, x * 0.5); }
double deque_along(double x) { return of_deque(x, x * 0.5); }
double map_along(double x) { return of_map(x, x * 0.5); }
double keys_along(double x) { return of_keys(x, x * 0.5); }
template <auto F, class G> void along(G f) {
  D2 y = f(D2(D(1.25, 1), D(1)));
  CHECK_NEAR((nabla::derivative<F, 2>(1.25)), y.dot.dot, 1e-9);
}
void outputs(const double *x, double *y) {
  std::list<double> l;
  for (int i = 0; i < 3; ++i)
    l.push_back(x[i] * x[0]);
  int i = 0;
  for (double v : l)
    y[i++] = v * v;
}

int main() {
  compare<of_list<double>>([](D x, D y) { return of_list(x, y); });
  compare<of_deque<double>>([](D x, D y) { return of_deque(x, y); });
  compare<of_map<double>>([](D x, D y) { return of_map(x, y); });
  compare<of_keys<double>>([](D x, D y) { return of_keys(x, y); });
  along<list_along>([](D2 x) { return of_list(x, x * 0.5); });
  along<deque_along>([](D2 x) { return of_deque(x, x * 0.5); });
  along<map_along>([](D2 x) { return of_map(x, x * 0.5); });
  along<keys_along>([](D2 x) { return of_keys(x, x * 0.5); });
  double x[3] = {1, 2, 3}, y[3];
  nabla::csr j = nabla::sparse_jacobian<outputs>(nabla::extents{3, 3}, x, y);
  CHECK_NEAR(j.values.size(), 5, 1e-12);
  CHECK_NEAR(j.values[0], 4, 1e-12);
  CHECK_NEAR(j.values[2], 4, 1e-12);
  return check::report();
}
