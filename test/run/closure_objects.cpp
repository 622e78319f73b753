// Lambdas as objects: as comparisons of std::priority_queue, in objects that are copied, handed to templates that call
// themselves, and to themselves.
// FLAGS: -w
// WITHOUT: gxx clangxx forward no-activity
#ifdef CASES

// ---- Templates that call themselves ----

template <class F> double simpson(F f, double a, double b) {
  return (b - a) / 6 * (f(a) + 4 * f((a + b) / 2) + f(b));
}
template <class F> double adaptive(F &&f, double a, double b, double eps, double whole, int depth) {
  double m = (a + b) / 2, l = simpson(f, a, m), r = simpson(f, m, b);
  if (depth <= 0 || std::abs(l + r - whole) < 15 * eps)
    return l + r;
  return adaptive(f, a, m, eps / 2, l, depth - 1) + adaptive(f, m, b, eps / 2, r, depth - 1);
}
double integral(double x, double y) {
  auto f = [k = x](double t) { return std::exp(-k * t) * std::sin(3 * t); };
  return adaptive(f, 0, y, 1e-6, simpson(f, 0, y), 20);
}
double by_ref(double x, double y) {
  double k = x;
  std::vector<double> c{x, y, x * y};
  auto f = [&](double t) { return k * t * t + c[1] * t + c[2]; };
  return adaptive(f, 0, y, 1e-9, simpson(f, 0, y), 5);
}
double temp_lambda(double x, double y) {
  return adaptive([&](double t) { return std::exp(x * t) / (1 + t * y); }, 0., 1., 1e-6, 0., 4);
}
double composed(double x, double y) {
  auto f = [x](double t) { return t * x; };
  auto g = [&](double t) { return f(t) * f(t) + y; };
  auto h = [f, g](double t) { return f(g(t)); };
  return adaptive(h, 0, 1, 1e-6, 1., 4) + adaptive(g, 0, x, 1e-3, 1., 3);
}
template <class F> double power_of(const F &f, int n, double t) {
  return n == 0 ? t : f(power_of(f, n - 1, t));
}
double iterated(double x, double y) {
  auto l = [x, y](double t) { return x * t * t + y; };
  return power_of(l, 4, 0.1) * power_of([&](double t) { return t * y; }, 3, x);
}
double self_passing(double x, double y) {
  auto fact = [](auto &&self, double t, int n) -> double { return n ? t * self(self, t, n - 1) : 1.0; };
  auto grow = [&](auto &self, double t, int n) -> double { return n ? x * self(self, t + y, n - 1) : t; };
  return fact(fact, x, 3) * grow(grow, y, 2);
}
template <class F, class G> double alternate(const F &f, const G &g, double t, int n) {
  return n ? alternate(g, f, f(t), n - 1) : t;
}
double alternating(double x, double y) {
  return alternate([&](double t) { return x * t; }, [&](double t) { return t + y; }, 1.0, 5);
}
struct Tree {
  int left, right;
  double v;
};
template <class Visit> void walk(const std::vector<Tree> &t, int at, Visit &&visit) {
  if (at < 0)
    return;
  walk(t, t[at].left, visit);
  visit(t[at]);
  walk(t, t[at].right, visit);
}
double visited(double x, double y) {
  std::vector<Tree> t{{1, 2, x}, {-1, -1, y}, {-1, -1, x * y}};
  double s = 0, w = 1;
  walk(t, 0, [&](const Tree &n) {
    s += w * n.v;
    w *= 0.5 * x;
  });
  return s;
}
template <class F> double newton(F f, double t, int n) {
  double v = f(t), d = (f(t + 1e-4) - v) / 1e-4;
  return n ? newton(f, t - v / d, n - 1) : t;
}
double root(double x, double y) {
  return newton([=](double t) { return t * t * x - y; }, 1.0, 12);
}
template <class F> double bisect(const F &f, double a, double b, int n) {
  if (!n)
    return (a + b) / 2;
  double m = (a + b) / 2;
  return f(a) * f(m) <= 0 ? bisect(f, a, m, n - 1) : bisect(f, m, b, n - 1);
}
double halved(double x, double y) {
  return bisect([&](double t) { return t - x * 0.3; }, 0.0, y, 6) * x;
}

// ---- In objects ----

double lq(double x, double y) {
  auto cmp = [](double a, double b) { return a > b; };
  std::priority_queue<double, std::vector<double>, decltype(cmp)> q(cmp);
  q.push(x);
  q.push(y);
  q.push(x * y);
  double s = 0;
  while (!q.empty()) {
    s = s * 0.5 + q.top();
    q.pop();
  }
  return s;
}
struct Edge {
  int to;
  double w;
};
double dijkstra(double x, double y) {
  std::vector<std::vector<Edge>> g(4);
  g[0] = {{1, x}, {2, y}};
  g[1] = {{3, x * y}};
  g[2] = {{1, 0.1}, {3, 2 * y}};
  std::vector<double> d(4, 1e9);
  d[0] = 0;
  auto later = [](const std::pair<double, int> &a, const std::pair<double, int> &b) {
    return a.first > b.first;
  };
  std::priority_queue<std::pair<double, int>, std::vector<std::pair<double, int>>, decltype(later)> q(later);
  q.push({0.0, 0});
  while (!q.empty()) {
    auto [dist, u] = q.top();
    q.pop();
    if (dist > d[u])
      continue;
    for (auto &e : g[u])
      if (d[u] + e.w < d[e.to]) {
        d[e.to] = d[u] + e.w;
        q.push({d[e.to], e.to});
      }
  }
  return d[3] * d[1];
}
double scaled(double x, double y) {
  double k = x * y;
  auto cmp = [k](const Edge &a, const Edge &b) { return a.w * k < b.w * k; };
  std::priority_queue<Edge, std::vector<Edge>, decltype(cmp)> q(cmp);
  q.push({1, x});
  q.push({2, y});
  q.push({3, x + y});
  double s = 0;
  while (!q.empty()) {
    s = s * 0.5 + q.top().w * q.top().to * k;
    q.pop();
  }
  return s;
}
template <class F> struct Kept {
  F f;
  double k;
  double operator()(double t) const { return f(t) * k; }
};
template <class F> double twice(const F &f, double t) { return f(f(t)); }
double kept(double x, double y) {
  auto l = [x](double t) { return t * x; };
  Kept<decltype(l)> a{l, y}, b = a;
  std::vector<double> v{x, y, 1};
  std::transform(v.begin(), v.end(), v.begin(), a.f);
  std::function<double(double)> h = b.f;
  return twice(a.f, y) + twice(b, x) + v[0] + h(y);
}

template <class F> struct Slope {
  F f;
};
template <class K> auto slope(K k) {
  auto l = [k](K t) { return k * t; };
  return Slope<decltype(l)>{l};
}
template <class F, class V, class T> T replaces(const F &f, V &v, int n, T t) {
  auto g = f;
  v.pop_back();
  v.push_back(slope(t * t));
  T r = g(t) + f(t);
  return n ? r + replaces(f, v, n - 1, t * 0.9) : r;
}
double copied_and_replaced(double x, double y) {
  std::vector<decltype(slope(x))> v{slope(x)};
  double r = replaces(v[0].f, v, 2, y);
  auto g = v[0].f;
  std::function<double(double)> h = v[0].f;
  v.pop_back();
  v.push_back(slope(y));
  return r + g(x) * h(y) + v[0].f(x);
}
struct Rec {
  double a, b;
  double run(double t, int n) {
    auto g = [this](auto &self, double t, int k) -> double { return k ? a * self(self, t, k - 1) : b * t; };
    b *= 2;
    return g(g, t, n);
  }
};
double self_in_method(double x, double y) {
  Rec r{x, y};
  return r.run(y, 3) + r.run(x, 1) * r.b;
}
struct Holder {
  std::function<double(double)> h;
};
double captured_parameter(const double *x) {
  std::function<double(double)> g = [&](double u) { return u * x[1]; };
  Holder o{g};
  return o.h(x[0]) * x[1];
}

#else
#define CASES "closure_objects.cpp"
#include <functional>
#include <nabla/nabla.h>
#include <queue>
#include <vector>

#include "twice.h"

int main() {
  VERIFY(integral, 1.25, 1.5);
  VERIFY(by_ref, 1.25, 1.5);
  VERIFY(temp_lambda, 1.25, 1.5);
  VERIFY(composed, 1.25, 1.5);
  VERIFY(iterated, 1.25, 1.5);
  VERIFY(self_passing, 1.25, 1.5);
  VERIFY(alternating, 1.25, 1.5);
  VERIFY(visited, 1.25, 1.5);
  VERIFY(root, 1.25, 1.5);
  VERIFY(halved, 1.75, 1.5);
  VERIFY(lq, 1.25, 1.5);
  VERIFY(dijkstra, 1.25, 1.5);
  VERIFY(scaled, 1.25, 1.5);
  VERIFY(kept, 1.25, 1.5);
  VERIFY(copied_and_replaced, 1.25, 1.5);
  VERIFY(self_in_method, 1.25, 1.5);
  VERIFY(captured_parameter, reals{3.0, 2.0});
  return check::report();
}
#endif
