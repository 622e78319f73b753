// Everyday C++: methods that return *this, lambdas that return references, texts chosen by a condition, CRTP over classes
// with containers, heaps with an order of their own, strings and wrapped references in range-for, numbered indices.
// FLAGS: -w
#ifdef CASES

// ---- References ----

struct Sum {
  double s = 0;
  template <class F> Sum &add(F g) {
    s += g(s + 1);
    return *this;
  }
  double value() const { return s; }
};
double fluent(double x, double y) {
  Sum a;
  return a.add([x](double v) { return v * x; }).add([&](double v) { return v * y + x; }).value();
}
double places(double x, double y) {
  double u[6] = {x, y, x * y, 1, 2, 3};
  int n = 3;
  auto at = [&](int i, int j) -> double & { return u[i * n + j]; };
  auto pick = [&](bool first) -> const double & {
    if (first)
      return u[0];
    return u[4];
  };
  at(1, 0) += at(0, 0) * at(0, 1);
  for (int j = 0; j < n; ++j)
    at(1, j) *= at(0, j);
  return at(1, 0) * at(1, 2) + at(1, 1) + pick(x > y) * pick(x < y);
}
const double &larger(const double &a, const double &b) { return a < b ? b : a; }
double chosen_objects(double x, double y) {
  double s = 0;
  for (int i = 0; i < 3; ++i)
    s += (i == 1 ? larger(x * 2, y) : y) * (i + 1);
  return s;
}

const double &pick(const double &a, const double &b) { return std::max(a, b); }
double followed(double x,
                double y) { // what std::clamp and std::max refer to changes later, or is written through them
  double p = x, low = 0, high = 10;
  const double &r = std::clamp(p, low, high);
  p *= y;
  double q = x, u = y;
  const double &same = q, &largest = std::max(same, u), &picked = pick(q, u);
  q *= y;
  double s = x, t = y;
  const_cast<double &>(std::min(s, t)) *= 3;
  return r * largest * picked + s * s + t * t * t;
}

// ---- Texts ----

double text_as_key(double x, double y) {
  std::string key = x > y ? "ab" : "cd";
  std::map<std::string, double> m{{"lo", x}, {"hi", y}};
  return (key == "ab" ? x * y : x + y) * m[x < y ? "lo" : "hi"];
}
double text_as_pointer(double x, double y) {
  const char *p = x > y ? "ab" : "cd";
  double s = 0;
  for (; *p; ++p)
    s += (*p - 'a') * x * x;
  return s + y;
}
double over_text(double x, double y) {
  std::string word = "xyx";
  double s = 1;
  for (char c : word) {
    s *= c == 'x' ? x : y;
    s += y;
  }
  for (const auto &c : std::string("yy"))
    s += c == 'y' ? x * y : 0;
  return s;
}

// ---- Classes over their derived class ----

template <class D> struct Base {
  double get() const { return static_cast<const D &>(*this).impl(); }
};
struct Owning : Base<Owning> {
  std::vector<double> w;
  double impl() const { return w[0] * w[1]; }
};
struct Referring : Base<Referring> {
  const double &r;
  Referring(const double &r) : r(r) {}
  double impl() const { return r * r; }
};
template <class D> struct Counting {
  int n = 0;
  double product = 1;
  double bump(double v) {
    product *= v;
    ++n;
    return static_cast<D *>(this)->impl(v);
  }
};
struct Counted : Counting<Counted> {
  std::vector<double> w;
  double impl(double v) {
    w[0] *= v;
    return w[0] + n + product;
  }
};
double of_derived(double x, double y) {
  Owning o;
  o.w = {x, y};
  Counted c;
  c.w = {x, y};
  Referring r(x);
  double s = o.get() + c.bump(y) * x;
  s += c.bump(x);
  return s + r.get() * y;
}
struct Curve {
  virtual ~Curve() = default;
  double discount(double t) const { return std::exp(-zero(t) * t); }
  virtual double zero(double t) const = 0;
};
struct Flat : Curve {
  double r;
  explicit Flat(double r) : r(r) {}
  double zero(double) const override { return r; }
};
struct Spread : Curve { // calls its base's other functions on another object
  const Curve &base;
  double s;
  Spread(const Curve &b, double s) : base(b), s(s) {}
  double zero(double t) const override { return base.discount(t) + s; }
};
double decorated(double x, double y) {
  Flat c(x);
  Spread s(c, y);
  return s.discount(0.5);
}

// ---- Library ----

struct Item {
  double cost;
  int k;
};
struct Cheapest {
  bool operator()(const Item &a, const Item &b) const { return a.cost > b.cost; }
};
double heap(double x, double y) {
  std::priority_queue<Item, std::vector<Item>, Cheapest> q;
  q.push({x, 0});
  q.push({y, 1});
  q.push({x * y, 2});
  double s = q.top().cost * x;
  q.pop();
  return s + q.top().cost * q.top().k;
}
double wrapped(double x, double y) {
  Item a{x, 1}, b{y, 2};
  std::vector<std::reference_wrapper<Item>> all{a, b};
  double s = 0;
  for (Item &i : all) {
    i.cost *= 2;
    s += i.cost * i.k;
  }
  return s * a.cost;
}
double by_rank(double x, double y) {
  std::vector<int> index(3);
  std::iota(index.begin(), index.end(), 0);
  std::vector<double> v{x, y, x * y};
  std::sort(index.begin(), index.end(), [&](int i, int j) { return v[i] < v[j]; });
  double s = 0;
  for (int i : index)
    s = s * 0.8 + v[i];
  return s;
}
double of_complex(double x, double y) {
  std::vector<double> r{x, y};
  std::vector<std::complex<double>> a(r.begin(), r.end());
  return std::norm(a[0]) * a[1].real();
}
double recently_used(double x, double y) {
  std::list<std::pair<int, double>> l;
  std::unordered_map<int, std::list<std::pair<int, double>>::iterator> known;
  l.emplace_front(1, x);
  known[1] = l.begin();
  l.emplace_front(2, y);
  known[2] = l.begin();
  return known[1]->second * known.at(2)->second;
}

#else
#define CASES "everyday.cpp"
#include <complex>
#include <functional>
#include <list>
#include <map>
#include <nabla/nabla.h>
#include <numeric>
#include <queue>
#include <string>
#include <unordered_map>
#include <vector>

#include "twice.h"

int main() {
  VERIFY(fluent, 3.0, 2.0);
  VERIFY(places, 3.0, 2.0);
  VERIFY(chosen_objects, 1.0, 2.5);
  VERIFY(chosen_objects, 3.0, 2.5);
  VERIFY(followed, 3.0, 2.0);
  VERIFY(followed, 1.5, 0.5);
  VERIFY(text_as_key, 3.0, 2.0);
  VERIFY(text_as_key, 1.0, 2.0);
  VERIFY(text_as_pointer, 3.0, 2.0);
  VERIFY(text_as_pointer, 1.0, 2.0);
  VERIFY(over_text, 3.0, 2.0);
  VERIFY(of_derived, 3.0, 2.0);
  VERIFY(decorated, 0.3, 0.2);
  VERIFY(heap, 3.0, 2.0);
  VERIFY(wrapped, 3.0, 2.0);
  VERIFY(by_rank, 3.0, 2.0);
  VERIFY(of_complex, 3.0, 2.0);
  VERIFY(recently_used, 3.0, 2.0);
  return check::report();
}
#endif
