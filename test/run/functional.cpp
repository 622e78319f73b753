// Algorithms that are given a predicate or a comparison, and functions that throw.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations" // what std::stable_sort is made of
#ifdef CASES

double counted(const std::vector<double> &x, double a) {
  long n = std::count_if(x.begin(), x.end(), [&](double e) { return e * a > 1; });
  return n * a + x[0];
}
double found(const std::vector<double> &x, double a) {
  auto at = std::find_if(x.begin(), x.end(), [a](const double &e) { return e > a; });
  auto not_at = std::find_if_not(x.begin(), x.end(), [a](double e) { return e > a; });
  double s = at == x.end() ? 2 * a : *at * a;
  return not_at == x.end() ? s : s * *not_at;
}
double quantified(const std::vector<double> &x, double a) {
  double s = a;
  if (std::any_of(x.begin(), x.end(), [](double e) { return e < 0; }))
    s *= x[0];
  if (std::all_of(x.begin(), x.end(), [](double e) { return e < 5; }))
    s *= x[1];
  if (std::none_of(x.begin(), x.end(), [](double e) { return e > 50; }))
    s *= x[2];
  return s;
}
double removed(const std::vector<double> &x) {
  std::vector<double> y = x;
  y.erase(std::remove_if(y.begin(), y.end(), [](double e) { return e < 1; }), y.end());
  double s = 0;
  for (std::size_t i = 0; i < y.size(); ++i)
    s += (i + 1) * y[i] * y[i];
  return s;
}
double copied(const double *x, int n, double *out) {
  double *end = std::copy_if(x, x + n, out, [](double e) { return e > 1; });
  return end == out ? 0 : end[-1] * x[0];
}
double sorted(double *x, int n) {
  std::sort(x, x + n, [](double a, double b) { return a > b; });
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += (i + 1) * x[i] * x[i];
  return s;
}
struct Item {
  double key, value;
};
double sorted_items(const std::vector<double> &x, double a) {
  std::vector<Item> items;
  for (std::size_t i = 0; i + 1 < x.size(); ++i)
    items.push_back({x[i] * x[i + 1], x[i] * a});
  std::sort(items.begin(), items.end(), [](const Item &p, const Item &q) { return p.key < q.key; });
  std::stable_sort(items.begin(), items.end(),
                   [&](const auto &p, const auto &q) { return p.value * a > q.value * a; });
  double s = 0;
  for (std::size_t i = 0; i < items.size(); ++i)
    s += (i + 1) * items[i].key * items[i].value;
  return s;
}
double extreme(const std::vector<double> &x, double a) {
  auto most = std::max_element(x.begin(), x.end(), [](double p, double q) { return p * p < q * q; });
  auto least = std::min_element(x.begin(), x.end(), [](double p, double q) { return p * p < q * q; });
  return *most * a + *least * *least;
}

double checked(double x, int n) {
  if (n < 0)
    throw std::invalid_argument("n is " + std::to_string(n) + ", " + std::string("negative"));
  double s = x;
  for (int i = 0; i < n; ++i) {
    s *= x + i;
    if (s > 1000)
      throw std::runtime_error("too large");
  }
  return s;
}
struct Failure {
  int code;
};
double root(double x) {
  if (x < 0)
    throw Failure{7};
  return std::sqrt(x);
}
double calls_thrower(double x) { return root(x) * root(x + 1); }

#else
#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>
#define CASES "functional.cpp"
#include "twice.h"

static void exceptions() {
  double d = 0.25;
  bool caught = false;
  try {
    nabla::gradient<on_reals::checked>(2.0, -3, &d);
  } catch (const std::invalid_argument &e) {
    caught = std::string(e.what()) == "n is -3, negative";
  }
  CHECK(caught && d == 0.25);
  caught = false;
  try {
    nabla::gradient<on_reals::checked>(20.0, 9, &d);
  } catch (const std::runtime_error &e) {
    caught = std::string(e.what()) == "too large";
  }
  CHECK(caught && d == 0.25);
  caught = false;
  try {
    nabla::gradient<on_reals::calls_thrower>(-1.0, &d);
  } catch (const on_reals::Failure &f) {
    caught = f.code == 7;
  }
  CHECK(caught && d == 0.25);
}

int main() {
  VERIFY(counted, reals{0.5, 2, 3, 0.1}, 0.7);
  VERIFY(found, reals{0.5, 2, 3, 0.1}, 0.7);
  VERIFY(found, reals{0.5, 2, 3, 0.1}, 7.0);
  VERIFY(quantified, reals{0.5, 2, 3, 0.1}, 0.7);
  VERIFY(quantified, reals{0.5, -2, 60}, 0.7);
  VERIFY(removed, reals{0.5, 2, 3, 0.1, 4});
  VERIFY(copied, reals{0.5, 2, 3, 0.1, 4}, 5, reals{1, 2, 3, 4, 5});
  VERIFY(sorted, reals{0.5, 2, 3, 0.1, 4}, 5);
  VERIFY(sorted_items, reals{0.5, 2, 3, 0.1, 4, 1.5}, 0.7);
  VERIFY(extreme, reals{0.5, -2, 3, 0.1}, 0.7);
  VERIFY(checked, 2.0, 3);
  VERIFY(calls_thrower, 2.0);
  exceptions();
  return check::report();
}
#endif
