// Orders of pairs, tuples, arrays and classes: as keys, in sorts and heaps, by std::tie. What std::tie assigns; constants made by the library; inherited constructors; texts that functions return.
// FLAGS: -w
#ifdef CASES

// ---- Keys ----

double tuple_keys(double x, double y) {
  std::map<std::tuple<int, int>, double> m;
  m[{1, 2}] = x;
  m[{0, 5}] = y;
  m[{1, 0}] = x * y;
  double s = 0;
  for (auto &[k, v] : m)
    s = s * 0.5 + v;
  return s;
}
double array_keys(double x, double y) {
  std::map<std::array<int, 2>, double> m;
  m[{1, 2}] = x;
  m[{0, 5}] = y;
  m[{1, 0}] = x * y;
  m[{1, 2}] += y;
  double s = 0;
  for (auto &[k, v] : m)
    s = s * 0.5 + v * (k[0] + 1);
  return s;
}
enum class Side { buy, sell };
double nested_keys(double x, double y) {
  std::map<std::pair<Side, std::tuple<int, long, int>>, double, std::greater<>> m;
  m[{Side::sell, {1, 2, 7}}] = x;
  m[{Side::buy, {3, 1, 0}}] = y;
  m[{Side::buy, {3, 0, 9}}] = x * y;
  double s = 0;
  for (auto &[k, v] : m)
    s = s * 0.5 + v;
  return s;
}

// ---- Sorts and heaps ----

double sorted_pairs(double x, double y) {
  std::vector<std::pair<double, double>> v{{x, y}, {y, x}, {1, x}, {x, 0.5}};
  std::sort(v.begin(), v.end());
  std::vector<std::tuple<int, double, double>> t{{2, x, y}, {1, y, x}, {2, y, 1.}};
  std::stable_sort(t.begin(), t.end(), std::greater<>());
  return v[0].second * v[1].first + v[2].second * v[3].second + std::get<1>(t[0]) * std::get<2>(t[0]) +
         std::get<1>(t[2]);
}
double heap_of_pairs(double x, double y) {
  using P = std::pair<double, int>;
  std::priority_queue<P, std::vector<P>, std::greater<>> q;
  q.push({x, 0});
  q.emplace(y, 1);
  q.emplace(x * y, 0);
  double s = 0, w = 1;
  while (!q.empty()) {
    auto [d, k] = q.top();
    q.pop();
    s += w * d * (k + 1);
    w *= 2;
  }
  return s;
}
double neighbours(double x, double y) {
  std::vector<double> v{x, y, x * y};
  auto it = std::prev(v.end());
  return *it * *std::next(v.begin()) + *std::prev(it, 2);
}

// ---- Comparisons ----

struct Tied {
  double a;
  int b;
  bool operator<(const Tied &o) const { return std::tie(a, b) < std::tie(o.a, o.b); }
};
double tied(double x, double y) {
  double p, q;
  int n;
  std::tie(p, q) = std::make_tuple(x * y, x + y);
  std::tie(p, n) = std::make_pair(p * q, 3);
  std::tie(std::ignore, q) = std::make_pair(1.0, p + q);
  Tied a{x, 1}, b{x, 2};
  return p * q * n + (a < b ? x : y) + (std::tie(x, y) >= std::tie(y, x) ? y * y : 0);
}

// ---- Others ----

struct Rate {
  double k;
  Rate(double k, int n) : k(k * n) {}
};
struct Marked : Rate {
  using Rate::Rate;
  double m = 2;
};
double inherited(double x, double y) {
  Marked d(x, 3);
  return d.k * y * d.m;
}
double constants(double x, double y) {
  static const double root = std::sqrt(2.0);
  static const std::vector<double> table{1, 2, 3};
  return x * root + y * table[1] * table[2];
}
std::string name_of(int k) {
  switch (k) {
  case 0:
    return "a";
  case 1:
    return "b";
  default:
    return "c";
  }
}
double named(double x, double y) {
  std::map<std::string, double> m;
  for (int k = 0; k < 3; ++k)
    m[name_of(k)] = k * x + y;
  return m["b"] * m["c"];
}
struct Sharing {
  std::shared_ptr<double> p;
  double k;
};
double assigned(double x, double y) {
  Sharing a{std::make_shared<double>(x), y}, c{std::make_shared<double>(y), x};
  c = a;
  *a.p *= 2;
  return *c.p * c.k;
}

#else
#define CASES "orders.cpp"
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <nabla/nabla.h>
#include <queue>
#include <string>
#include <tuple>
#include <vector>

#include "twice.h"

int main() {
  for (double x : {3.0, 1.25}) {
    VERIFY(tuple_keys, x, 2.0);
    VERIFY(array_keys, x, 2.0);
    VERIFY(nested_keys, x, 2.0);
    VERIFY(sorted_pairs, x, 2.0);
    VERIFY(heap_of_pairs, x, 2.0);
    VERIFY(neighbours, x, 2.0);
    VERIFY(tied, x, 2.0);
    VERIFY(inherited, x, 2.0);
    VERIFY(constants, x, 2.0);
    VERIFY(named, x, 2.0);
    VERIFY(assigned, x, 2.0);
  }
  return check::report();
}
#endif
