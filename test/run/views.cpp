// Range-for over views of <ranges>; tuples and std::reference_wrapper.
// FLAGS: -std=c++20
// MATRIX: plugin sanitized forward
#ifdef CASES

double chain(double x, double y) {
  std::vector<double> v{x, y, x * y, double(2), y * y};
  double s = 0;
  for (double e : v | std::views::filter([](double a) { return a > 0.45; }) |
                      std::views::transform([y](double a) { return a * y; }))
    s += e * e;
  return s;
}
double counted(double x, int n) {
  double s = 1;
  for (int i : std::views::iota(1, n))
    s = s * x + i;
  for (int i :
       std::views::iota(0, n) | std::views::reverse | std::views::filter([](int k) { return k % 2 == 0; }))
    s = s * 0.5 + i * x;
  return s;
}
double changed(double x, double y) {
  std::vector<double> v{x, y, x * y, x + y};
  for (double &e : v | std::views::drop(1) | std::views::take(2)) {
    if (e > 1)
      continue;
    e *= x;
  }
  double s = 0;
  for (double e : v | std::views::reverse)
    s = s * y + e;
  return s;
}
double left(double x, double y) {
  std::vector<double> v{x, y, x * y, x + y, double(5)};
  auto square = [](double a) { return a * a; };
  double s = 0;
  for (double e :
       std::views::transform(v, square) | std::views::take_while([&](double a) { return a < 3 + s; })) {
    s = s * 0.5 + e;
    if (s > 2)
      break;
  }
  return s;
}
struct Cell {
  double mass, at;
};
double of_structs(double x, double y) {
  std::vector<Cell> cells{{x, y}, {y, x}, {x * y, double(1)}};
  double s = 0;
  for (const auto &[mass, at] : cells | std::views::filter([](const Cell &c) { return c.mass < 1; }))
    s += mass * at * at;
  return s;
}

// ---- std::reference_wrapper, tuples ----

double referred(double x, double y) {
  std::vector<std::reference_wrapper<double>> v;
  v.push_back(x);
  v.push_back(std::ref(y));
  for (double &e : v)
    e *= 2;
  v[0].get() += y;
  auto r = std::ref(y);
  r.get() *= x;
  return x * y;
}
std::tuple<double, double> powers(double x) { return {x, x * x}; }
double tuples(double x, double y) {
  auto t = std::make_tuple(x, y, 3);
  std::get<0>(t) *= y;
  auto [p, q, r] = t;
  auto [a, b] = powers(x);
  std::tuple<double, double> u = powers(y), v;
  v = u;
  std::swap(u, v);
  auto all = std::tuple_cat(std::make_tuple(x), std::make_tuple(y, 2));
  double s = std::apply([](double l, double m) { return l * m; }, v);
  return p * q * r + std::get<int>(t) + a * b * s + std::get<0>(all) * std::get<2>(all);
}

#else
#include <functional>
#include <ranges>
#include <tuple>
#include <vector>
#define CASES "views.cpp"
#include "twice.h"

int main() {
  VERIFY(chain, 1.3, 0.4);
  VERIFY(chain, 0.3, 1.4);
  VERIFY(counted, 0.7, 5);
  VERIFY(changed, 0.7, 1.4);
  VERIFY(left, 0.7, 1.4);
  VERIFY(left, 1.7, 0.4);
  VERIFY(of_structs, 0.7, 1.4);
  VERIFY(referred, 0.7, 1.4);
  VERIFY(tuples, 0.7, 1.4);
  return check::report();
}
#endif
