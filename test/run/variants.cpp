// std::variant, visited by lambdas, overload sets and function objects.
#ifdef CASES

struct Circle {
  double r;
  double area() const { return 3 * r * r; }
};
struct Box {
  double w, h;
  double area() const { return w * h; }
};
struct Cloud {
  std::vector<double> points;
  double area() const {
    double s = 0;
    for (double p : points)
      s += p * p;
    return s;
  }
};
using Shape = std::variant<Circle, Box, Cloud>;
template <class... F> struct overloaded : F... {
  using F::operator()...;
};
template <class... F> overloaded(F...) -> overloaded<F...>;

Shape shape(int kind, double x, double y) {
  if (kind == 0)
    return Circle{x};
  if (kind == 1)
    return Box{x, y};
  return Cloud{{x, y, x * y}};
}
double generic_visit(double x, double y, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    Shape v = shape(i % 3, x + i, y);
    s += std::visit([&](const auto &each) { return each.area() * y; }, v);
  }
  return s;
}
double overloaded_visit(double x, double y, int n) {
  std::vector<Shape> all;
  for (int i = 0; i < n; ++i)
    all.push_back(shape(i % 3, x, y * i));
  double s = 0;
  for (auto &v : all) {
    std::visit(overloaded{[&](Circle &c) { c.r *= x; }, [&](Box &b) { b.w += y; },
                          [](Cloud &c) { c.points.push_back(c.points[0]); }},
               v);
    auto area = overloaded{[](const Circle &c) { return c.area(); },
                           [x](const auto &other) { return other.area() * x; }};
    s += std::visit(area, v);
  }
  return s;
}
double get_and_index(double x, double y) {
  std::variant<double, int, Box> v = x * y;
  double s = std::get<double>(v) + double(int(v.index()));
  v = Box{x, y};
  if (auto *b = std::get_if<Box>(&v))
    s += b->w * b->h;
  if (std::get_if<0>(&v))
    s += 100;
  std::get<2>(v).w *= y;
  s += std::get<Box>(v).area() + (std::holds_alternative<int>(v) ? x : y);
  v = 3;
  s *= double(std::get<1>(v));
  v.emplace<Box>(Box{y, x});
  v.emplace<0>(s);
  std::variant<double, int, Box> w = v, u;
  w = Box{1, 2};
  u = w;
  std::swap(u, v);
  return std::get<0>(u) * std::get<Box>(v).h + std::get<0>(std::variant<double, int>(x));
}
struct State {
  double at, speed;
};
struct Free {
  double drag;
};
struct Contact {
  double stiffness, depth;
};
using Mode = std::variant<Free, Contact>;
struct Push { // a function object
  const State *s;
  double operator()(const Free &f) const { return -f.drag * s->speed; }
  double operator()(const Contact &c) const { return c.stiffness * (c.depth - s->at); }
};
double contact(double k, double d, int n) {
  State s{0.5, -1};
  Mode mode = Free{d};
  double work = 0;
  for (int i = 0; i < n; ++i) {
    double force = std::visit(Push{&s}, mode);
    s.speed += 0.1 * force;
    s.at += 0.1 * s.speed;
    work += force * s.speed;
    if (s.at < 0.3 && mode.index() == 0)
      mode = Contact{k, 0.3};
    else if (s.at > 0.35 && std::holds_alternative<Contact>(mode))
      mode = Free{d * s.at};
  }
  return work + s.at;
}
double two_variants(double x, double y, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    std::variant<Circle, Box> a = Circle{x}, b = Box{x, y};
    if (i % 2)
      a = Box{y, y};
    if (i % 3)
      b = Circle{y};
    s += std::visit([i](const auto &p, const auto &q) { return p.area() * q.area() + i; }, a, b);
  }
  return s;
}
struct Item {
  std::variant<double, Box> what;
  std::string name;
  double weight = 1;
};
double member_variant(double x, double y) {
  std::vector<Item> items(1);
  items[0].what = x * x;
  items.push_back(Item{Box{x, y}, "box", y});
  double s = 0;
  for (const Item &each : items)
    if (auto *v = std::get_if<double>(&each.what))
      s += *v * each.weight;
    else
      s += std::get<Box>(each.what).area() * each.weight;
  return s;
}

double emplaced_variants(double x, double y) {
  std::vector<std::variant<double, std::vector<double>>> v;
  v.emplace_back(x);
  v.emplace_back(std::vector<double>{x, x * y});
  double s = 0;
  for (auto &e : v) {
    if (auto *d = std::get_if<0>(&e))
      s += *d * *d;
    else
      for (double t : std::get<1>(e))
        s += t * y;
  }
  return s;
}

#else
#include <optional>
#include <string>
#include <variant>
#include <vector>
#define CASES "variants.cpp"
#include "twice.h"

double wrong_alternative(double x) {
  std::variant<double, int> v = x * x;
  if (x < 0)
    v = 1;
  return std::get<double>(v);
}

struct Initialised {
  double a = 3, b = 4;
};
struct Constructed {
  double a, b;
  Constructed() : a(1), b(2) {}
};
double by_default(double x) { // (3 + 2 + 4 + 1) x
  std::variant<double, Initialised> v{std::in_place_type<Initialised>};
  std::variant<double, Constructed> p;
  p.emplace<Constructed>();
  std::optional<Initialised> o(std::in_place);
  std::optional<Constructed> q;
  q.emplace();
  std::optional<double> z(std::in_place);
  *z += x;
  return (std::get<1>(v).a + std::get<1>(p).b + o->b + q->a) * *z;
}
double in_place(double x, double y) {
  std::variant<int, double> v(std::in_place_index<1>), w(std::in_place_type<double>, x * y);
  std::get<1>(v) = std::sin(x);
  std::variant<std::monostate, std::pair<double, double>> p(std::in_place_index<1>, x, y * y);
  v = std::variant<int, double>(std::in_place_index<1>, std::get<1>(v) * y);
  std::optional<std::pair<double, double>> o(std::in_place, y, std::get<1>(p).second);
  return std::get<double>(v) * std::get<double>(w) + std::get<1>(p).first * o->second;
}

int main() {
  double s_bar = 0;
  CHECK(nabla::gradient<by_default>(2.0, &s_bar) == 20 && s_bar == 10);
  double x_bar = 0, y_bar = 0; // x y^2 sin(x) + x y^2
  nabla::gradient<in_place>(0.5, 1.5, &x_bar, &y_bar);
  CHECK_NEAR(x_bar, 2.25 * (std::sin(0.5) + 0.5 * std::cos(0.5) + 1), 1e-14);
  CHECK_NEAR(y_bar, 2 * 0.5 * 1.5 * (std::sin(0.5) + 1), 1e-14);
  VERIFY(generic_visit, 0.7, 1.2, 5);
  VERIFY(overloaded_visit, 0.7, 1.2, 4);
  VERIFY(get_and_index, 0.7, 1.2);
  VERIFY(contact, 9.0, 0.4, 20);
  VERIFY(two_variants, 0.7, 1.2, 6);
  VERIFY(member_variant, 0.7, 1.2);
  double bar = 0;
  bool thrown = false;
  try {
    nabla::gradient<wrong_alternative>(-1.0, &bar);
  } catch (const std::bad_variant_access &) {
    thrown = true;
  }
  CHECK(thrown && bar == 0);
  VERIFY(emplaced_variants, 0.7, 1.2);
  return check::report();
}
#endif
