// Vectors of vectors as parameters, vectors that are returned, the value form.
//
// MATRIX: plugin gxx
#include "check.h"
#include <nabla/nabla.h>
#include <vector>

using row = std::vector<double>;
using rows = std::vector<row>;

std::vector<double> square(const std::vector<double> &x) {
  std::vector<double> y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i)
    y[i] = x[i] * x[i];
  return y;
}
double read_and_scaled(const rows &m, rows &out) {
  double s = 0;
  for (auto &r : m)
    for (double e : r)
      s += e * e;
  for (auto &r : out)
    r[0] *= s;
  return s;
}
void grown(rows &m) {
  m[0].push_back(m[1][0] * m[0][0]);
  m.push_back({m[0][0], 2 * m[1][1]});
}
row after(row x, int n) {
  if (n == 0)
    return x;
  for (auto &e : x)
    e *= e + n;
  return after(x, n - 1);
}
double recursive(const row &x) {
  auto y = after(x, 2);
  return y[0] * y[1];
}
double by_value(rows m) {
  m[0][0] *= m[1][0];
  m.pop_back();
  return m[0][0] * m[0][1];
}
double norm(const std::vector<double> &x) {
  double s = 0;
  for (double e : x)
    s += e * e;
  return s;
}

int main() {
  row x{1, 2, 3}, b;
  CHECK((nabla::pullback<square>(x, row{1, 10, 100}, b) == row{1, 4, 9}));
  CHECK((b == row{2, 40, 600}));
  rows m{{1, 2}, {3}}, m_bar, o{{1}, {2, 5}}, o_bar{{1}, {1, 1}};
  CHECK(nabla::gradient<read_and_scaled>(m, o, m_bar, o_bar) == 14);
  CHECK((m_bar == rows{{8, 16}, {24}}));
  CHECK((o_bar == rows{{14}, {14, 1}}));
  CHECK((o == rows{{14}, {28, 5}}));
  m = {{1, 2}, {3, 4}};
  m_bar = {{1, 1, 1}, {1, 1}, {1, 1}};
  nabla::gradient<grown>(m, m_bar);
  CHECK((m == rows{{1, 2, 3}, {3, 4}, {1, 8}}));
  CHECK((m_bar == rows{{5, 1}, {2, 3}}));
  b.clear();
  CHECK(nabla::gradient<recursive>(x, b) == 864);
  CHECK((b == row{2016, 1224, 0}));
  m = {{2, 3}, {5}};
  m_bar.clear();
  CHECK(nabla::gradient<by_value>(m, &m_bar) == 30);
  CHECK((m_bar == rows{{15, 10}, {6}}));
  CHECK((m == rows{{2, 3}, {5}}));
  CHECK((nabla::gradient<norm>(x) == row{2, 4, 6}));
  auto [value, gradient] = nabla::value_and_gradient<norm>(x);
  CHECK(value == 14 && gradient == row({2, 4, 6}));
  return check::report();
}
