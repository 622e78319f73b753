// Smart pointers, optional values and variants that callers pass, alone, in containers and in classes: values, final states and
// adjoints, whose structure follows that of what they are adjoints of.
// MATRIX: plugin sanitized
// WITHOUT: no-inline
#include "check.h"
#include <cmath>
#include <memory>
#include <nabla/nabla.h>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

double optional_read(const std::optional<double> &o, double x) { return o ? *o * *o * x : x; }
double optional_set(std::optional<double> &o, double x) {
  o = o.value_or(2.0) * x;
  return *o * *o;
}
double optional_by_value(std::optional<double> o, double x) {
  if (!o)
    o = x;
  return *o * x;
}
double unique_written(const std::unique_ptr<double> &p, double x) {
  *p *= x;
  return *p * *p;
}
double unique_by_value(std::unique_ptr<double> p, double x) {
  *p *= x;
  return *p * *p;
}
double shared_written(std::shared_ptr<double> p, double x) {
  *p *= x;
  return *p * *p;
}
double doubled(std::vector<std::shared_ptr<double>> &v) {
  double s = 0;
  for (auto &p : v) {
    *p *= 2;
    s += *p * *p;
  }
  return s;
}
double handed_over(std::shared_ptr<double> p, std::shared_ptr<double> q) {
  *p *= *q;
  double a = *p;
  *q += a;
  return *p * *q;
}
struct P {
  double a, b;
  std::vector<double> w;
};
struct Two {
  double a, b;
};
double through_two_pointers(Two **p) { return (*p)->a * (*p)->b; }
double over_owners(std::vector<std::unique_ptr<Two>> &v) {
  double s = 0;
  for (auto p = v.begin(); p != v.end(); ++p)
    s += (*p)->a * (*p)->b;
  return s;
}
// Adjoints that a product with the Hessian does not ask for are read where parameters are written.
double scaled(double &p, double x) {
  p *= x;
  return p * p * x;
}
double scaled_element(std::vector<double> &p, double x) {
  p[0] *= x;
  return p[0] * p[0] * x;
}
double scaled_member(Two &p, double x) {
  p.a *= x;
  p.b = p.a;
  return p.b * p.a * x;
}
double scaled_owned(std::unique_ptr<double> &p, double x) {
  *p *= x;
  return *p * *p * x;
}
struct Cell {
  double a = 3, b[2];
};
double all_written(double *p, Cell *q, P &s, std::vector<double> &v, double x) {
  p[0] *= x;
  q[1].b[0] *= p[0];
  v[0] *= q[1].b[0];
  s.w[1] *= v[0];
  return s.w[1] * s.a + p[1] * q[0].a;
}
double beside_vector(P &s, double x) { // a^3 w0 x^4
  s.a *= x;
  s.b = s.a;
  s.w[0] *= s.b;
  return s.a * s.a * s.w[0] * x;
}
double of_array(const std::unique_ptr<double[]> &a, double x) { return a[0] * a[0] * a[1] * x; }
double two_shared(const std::shared_ptr<Two> &p, const std::shared_ptr<Two> &q, double x) {
  return p->a * q->a * x;
}
[[gnu::noinline]] double squared(double &p, int depth) {
  p *= p;
  return depth ? p * squared(p, depth - 1) : p;
}
double squared_thrice(double &p) { return squared(p, 2); }
double unique_object(const std::unique_ptr<P> &p, double x) {
  double s = p->a * x;
  for (double w : p->w)
    s += w * w * p->b;
  return s;
}
double unique_object_written(std::unique_ptr<P> &p, double x) {
  p->a *= x;
  p->w[1] = p->a * p->b;
  return p->w[1] * p->w[0];
}
double shared_objects(const std::vector<std::shared_ptr<P>> &v, double x) {
  double s = 0;
  for (auto &p : v) {
    s += p->a * p->b * x;
    for (double w : p->w)
      s += w * w;
  }
  return s;
}
using V = std::variant<double, P>;
double variant_read(const V &v, double x) {
  if (auto *d = std::get_if<double>(&v))
    return *d * *d * x;
  return std::get<1>(v).a * x + std::get<P>(v).w[0];
}
double variant_set(V &v, double x) {
  if (v.index() == 0) {
    double d = std::get<0>(v);
    v = P{d, d * x, {d, x}};
  } else {
    std::get<1>(v).a *= x;
  }
  return std::get<1>(v).a * x;
}
struct O {
  std::unique_ptr<P> p;
  std::shared_ptr<double> q;
  std::optional<double> o;
  double k;
};
double class_of_owners(const O &o, double x) {
  double s = o.p ? o.p->a * o.p->w[0] : 0;
  s += *o.q * x;
  if (o.o)
    s *= *o.o;
  return s * o.k;
}
struct Shape {
  virtual ~Shape() = default;
  virtual double area(double s) const = 0;
};
struct Circle : Shape {
  double r;
  Circle(double r) : r(r) {}
  double area(double s) const override { return 3 * r * r * s; }
};
struct Rect : Shape {
  double a, b;
  Rect(double a, double b) : a(a), b(b) {}
  double area(double s) const override { return a * b * s; }
};
double shapes(const std::vector<std::unique_ptr<Shape>> &v, double s) {
  double t = 0;
  for (auto &p : v)
    t += p->area(s);
  return t;
}
double one_shape(const std::unique_ptr<Shape> &p, double s) { return p->area(s) * s; }
double moved_shape(std::unique_ptr<Shape> p, double s) {
  auto q = std::move(p);
  return q->area(s) * (p ? 2 : 1);
}
[[nabla::gradient]] double shared_write(const std::vector<std::shared_ptr<double>> &v, double x) {
  *v[0] *= x;
  return *v[1] * *v[1];
}
struct Tree {
  double v;
  std::optional<double> w;
};
[[nabla::gradient]] double optional_members(const std::vector<Tree> &t, double x) {
  double s = 0;
  for (auto &n : t)
    s += n.v * n.w.value_or(x);
  return s;
}
[[nabla::gradient]] double optional_members_set(std::vector<Tree> &t, double x) {
  for (auto &n : t) {
    if (!n.w)
      n.w = n.v * x;
    else
      n.w.reset();
  }
  double s = 0;
  for (auto &n : t)
    if (n.w)
      s += *n.w * n.v;
  return s;
}
struct Bias {
  double v;
};
struct Model {
  std::unique_ptr<double[]> w;
  int n;
  std::shared_ptr<Bias> bias;
  std::string name;
  double eval(double x) const {
    double s = 0;
    for (int i = 0; i < n; ++i)
      s = s * x + w[i];
    return s + bias->v;
  }
  void scale(double k) {
    for (int i = 0; i < n; ++i)
      w[i] *= k;
    bias->v *= k;
  }
};
double model(const Model &m, double x) { return m.eval(x) * x; }
double scaled_model(Model &m, double x) {
  m.scale(x);
  return m.eval(2);
}
[[nabla::gradient]] double optional_vector(const std::optional<std::vector<double>> &o) {
  double s = 0;
  if (o)
    for (double v : *o)
      s += v * v;
  return s;
}

struct Owning {
  std::unique_ptr<double> k;
  std::optional<double> shift;
  double f(double x) const { return *k * x + shift.value_or(x); }
  double change(double x) {
    shift = *k * x;
    return *shift * x;
  }
};

int main() {
  {
    std::optional<double> o = 3, ob;
    double xb = 0;
    CHECK_NEAR(nabla::gradient<optional_read>(o, 5.0, ob, &xb), 45, 1e-12);
    CHECK_NEAR(*ob, 30, 1e-12);
    CHECK_NEAR(xb, 9, 1e-12);
    o.reset();
    xb = 0;
    CHECK_NEAR(nabla::gradient<optional_read>(o, 5.0, ob, &xb), 5, 1e-12);
    CHECK_NEAR(ob.has_value(), 0, 1e-12);
    CHECK_NEAR(xb, 1, 1e-12);
  }
  {
    std::optional<double> o = 3, ob = 1;
    double xb = 0;
    CHECK_NEAR(nabla::gradient<optional_set>(o, 5.0, ob, &xb), 225, 1e-12);
    CHECK_NEAR(*o, 15, 1e-12);
    CHECK_NEAR(*ob, 155, 1e-12);
    CHECK_NEAR(xb, 31 * 3, 1e-12);
  }
  {
    std::optional<double> o, ob;
    double xb = 0;
    CHECK_NEAR(nabla::gradient<optional_set>(o, 5.0, ob, &xb), 100, 1e-12);
    CHECK_NEAR(*o, 10, 1e-12);
    CHECK_NEAR(ob.has_value(), 0, 1e-12);
    CHECK_NEAR(xb, 40, 1e-12);
  }
  {
    std::optional<double> o, ob;
    double xb = 0;
    CHECK_NEAR(nabla::gradient<optional_by_value>(o, 5.0, &ob, &xb), 25, 1e-12);
    CHECK_NEAR(xb, 10, 1e-12);
    CHECK_NEAR(o.has_value(), 0, 1e-12);
    o = 2;
    xb = 0;
    CHECK_NEAR(nabla::gradient<optional_by_value>(o, 5.0, &ob, &xb), 10, 1e-12);
    CHECK_NEAR(xb, 2, 1e-12);
    CHECK_NEAR(*ob, 5, 1e-12);
  }
  {
    auto p = std::make_unique<double>(3);
    std::unique_ptr<double> pb;
    double xb = 0;
    CHECK_NEAR(nabla::gradient<unique_written>(p, 5.0, pb, &xb), 225, 1e-12);
    CHECK_NEAR(*p, 15, 1e-12);
    CHECK_NEAR(*pb, 150, 1e-12);
    CHECK_NEAR(xb, 90, 1e-12);
  }
  {
    auto p = std::make_unique<double>(3);
    std::unique_ptr<double> pb;
    double xb = 0;
    CHECK_NEAR(nabla::gradient<unique_by_value>(std::move(p), 5.0, &pb, &xb), 225, 1e-12);
    CHECK_NEAR(*pb, 150, 1e-12);
    CHECK_NEAR(xb, 90, 1e-12);
  }
  {
    auto p = std::make_shared<double>(3);
    auto pb = std::make_shared<double>(0);
    double xb = 0;
    CHECK_NEAR(nabla::gradient<shared_written>(p, 5.0, &pb, &xb), 225, 1e-12);
    CHECK_NEAR(*p, 15, 1e-12);
    CHECK_NEAR(*pb, 150, 1e-12);
    CHECK_NEAR(xb, 90, 1e-12);
  }
  {
    auto p = std::make_unique<P>(P{2, 3, {4, 5}});
    std::unique_ptr<P> pb;
    double xb = 0;
    CHECK_NEAR(nabla::gradient<unique_object>(p, 7.0, pb, &xb), 14 + 3 * 41, 1e-12);
    CHECK_NEAR(pb->a, 7, 1e-12);
    CHECK_NEAR(pb->b, 41, 1e-12);
    CHECK_NEAR(pb->w[1], 30, 1e-12);
    CHECK_NEAR(xb, 2, 1e-12);
  }
  {
    auto p = std::make_unique<P>(P{2, 3, {4, 5}});
    std::unique_ptr<P> pb;
    double xb = 0;
    CHECK_NEAR(nabla::gradient<unique_object_written>(p, 7.0, pb, &xb), 42 * 4, 1e-12);
    CHECK_NEAR(p->a, 14, 1e-12);
    CHECK_NEAR(p->w[1], 42, 1e-12);
    CHECK_NEAR(pb->a, 84, 1e-12);
    CHECK_NEAR(pb->b, 56, 1e-12);
    CHECK_NEAR(pb->w[1], 0, 1e-12);
    CHECK_NEAR(pb->w[0], 42, 1e-12);
    CHECK_NEAR(xb, 24, 1e-12);
  }
  {
    std::vector<std::shared_ptr<P>> v{std::make_shared<P>(P{2, 3, {4, 5}}), std::make_shared<P>(P{1, 2, {}})},
        vb;
    double xb = 0;
    CHECK_NEAR(nabla::gradient<shared_objects>(v, 7.0, vb, &xb), 42 + 41 + 14, 1e-12);
    CHECK_NEAR(vb[0]->a, 21, 1e-12);
    CHECK_NEAR(vb[0]->w[1], 10, 1e-12);
    CHECK_NEAR(vb[1]->b, 7, 1e-12);
    CHECK_NEAR(xb, 8, 1e-12);
  }
  {
    V v = 3.0, vb;
    double xb = 0;
    CHECK_NEAR(nabla::gradient<variant_read>(v, 5.0, vb, &xb), 45, 1e-12);
    CHECK_NEAR(std::get<0>(vb), 30, 1e-12);
    CHECK_NEAR(xb, 9, 1e-12);
    v = P{2, 3, {4, 5}};
    vb = 1.0;
    xb = 0;
    CHECK_NEAR(nabla::gradient<variant_read>(v, 5.0, vb, &xb), 14, 1e-12);
    CHECK_NEAR(std::get<1>(vb).a, 5, 1e-12);
    CHECK_NEAR(std::get<1>(vb).w[0], 1, 1e-12);
    CHECK_NEAR(xb, 2, 1e-12);
  }
  {
    V v = 3.0, vb = P{0, 10, {0, 100}};
    double xb = 0;
    CHECK_NEAR(nabla::gradient<variant_set>(v, 5.0, vb, &xb), 15, 1e-12);
    CHECK_NEAR(std::get<1>(v).b, 15, 1e-12);
    CHECK_NEAR(xb, 3 + 30 + 100, 1e-12);
    CHECK_NEAR(std::get<0>(vb), 5 + 50, 1e-12);
  }
  {
    O o{std::make_unique<P>(P{2, 3, {4, 5}}), std::make_shared<double>(6), 2.0, 3.0}, ob{};
    double xb = 0;
    CHECK_NEAR(nabla::gradient<class_of_owners>(o, 7.0, ob, &xb), 50 * 6, 1e-12);
    CHECK_NEAR(ob.p->a, 24, 1e-12);
    CHECK_NEAR(*ob.q, 42, 1e-12);
    CHECK_NEAR(*ob.o, 150, 1e-12);
    CHECK_NEAR(ob.k, 100, 1e-12);
    CHECK_NEAR(xb, 36, 1e-12);
  }
  {
    std::vector<std::unique_ptr<Shape>> v, vb;
    v.push_back(std::make_unique<Circle>(2));
    v.push_back(std::make_unique<Rect>(3, 4));
    v.push_back(std::make_unique<Circle>(1));
    vb.push_back(std::make_unique<Circle>(0));
    vb.push_back(std::make_unique<Rect>(0, 0));
    vb.push_back(std::make_unique<Circle>(0));
    double sb = 0;
    CHECK_NEAR(nabla::gradient<shapes>(v, 5.0, vb, &sb), (12 + 12 + 3) * 5, 1e-12);
    CHECK_NEAR(sb, 27, 1e-12);
    CHECK_NEAR(static_cast<Circle &>(*vb[0]).r, 60, 1e-12);
    CHECK_NEAR(static_cast<Rect &>(*vb[1]).a, 20, 1e-12);
    vb[1] = nullptr;
    bool threw = false;
    try {
      nabla::gradient<shapes>(v, 5.0, vb, &sb);
    } catch (std::logic_error &e) {
      threw = true;
    }
    CHECK_NEAR(threw, 1, 1e-12);
  }
  {
    std::unique_ptr<Shape> p = std::make_unique<Circle>(2), pb = std::make_unique<Circle>(0);
    double sb = 0;
    CHECK_NEAR(nabla::gradient<one_shape>(p, 5.0, pb, &sb), 300, 1e-12);
    CHECK_NEAR(static_cast<Circle &>(*pb).r, 300, 1e-12);
    CHECK_NEAR(sb, 120, 1e-12);
  }
  {
    std::unique_ptr<Shape> p = std::make_unique<Circle>(2), pb = std::make_unique<Circle>(0);
    double sb = 0;
    CHECK_NEAR(nabla::gradient<moved_shape>(std::move(p), 5.0, &pb, &sb), 60, 1e-12);
    CHECK_NEAR(static_cast<Circle &>(*pb).r, 60, 1e-12);
    CHECK_NEAR(sb, 12, 1e-12);
  }
  {
    auto p = std::make_shared<double>(3), pb = std::make_shared<double>(0);
    std::vector<std::shared_ptr<double>> v{p, p}, vb{pb, pb};
    double xb = 0;
    CHECK_NEAR(shared_write_grad(v, 5, vb, &xb), 225, 1e-12);
    CHECK_NEAR(*pb, 150, 1e-12);
    CHECK_NEAR(xb, 90, 1e-12);
  }
  {
    std::vector<Tree> t{{2, 3}, {4, {}}}, tb;
    double xb = 0;
    CHECK_NEAR(optional_members_grad(t, 5, tb, &xb), 26, 1e-12);
    CHECK_NEAR(tb[0].v, 3, 1e-12);
    CHECK_NEAR(*tb[0].w, 2, 1e-12);
    CHECK_NEAR(tb[1].v, 5, 1e-12);
    CHECK_NEAR(tb[1].w.has_value(), 0, 1e-12);
    CHECK_NEAR(xb, 4, 1e-12);
  }
  {
    std::vector<Tree> t{{2, 3}, {4, {}}}, tb{{0, {}}, {0, 10.0}};
    double xb = 0;
    CHECK_NEAR(optional_members_set_grad(t, 5, tb, &xb), 80, 1e-12);
    CHECK_NEAR(t[0].w.has_value(), 0, 1e-12);
    CHECK_NEAR(*t[1].w, 20, 1e-12);
    CHECK_NEAR(tb[0].v, 0, 1e-12);
    CHECK_NEAR(tb[0].w.has_value(), 1, 1e-12);
    CHECK_NEAR(tb[1].v, 20 + 20 + 50, 1e-12);
    CHECK_NEAR(tb[1].w.has_value(), 0, 1e-12);
    CHECK_NEAR(xb, 16 + 40, 1e-12);
  }
  {
    Model m{std::make_unique<double[]>(3), 3, std::make_shared<Bias>(Bias{4}), "m"},
        mb{std::make_unique<double[]>(3), 3, nullptr, ""};
    m.w[0] = 1;
    m.w[1] = 2;
    m.w[2] = 3;
    double xb = 0;
    CHECK_NEAR(nabla::gradient<model>(m, 2.0, mb, &xb), 30, 1e-12);
    CHECK_NEAR(mb.w[0], 8, 1e-12);
    CHECK_NEAR(mb.bias->v, 2, 1e-12);
    CHECK_NEAR(xb, 15 + 2 * (2 * 2 + 2), 1e-12);
    xb = 0;
    Model mc{std::make_unique<double[]>(3), 3, std::make_shared<Bias>(Bias{0}), ""};
    CHECK_NEAR(nabla::gradient<scaled_model>(m, 3.0, mc, &xb), 45, 1e-12);
    CHECK_NEAR(m.w[2], 9, 1e-12);
    CHECK_NEAR(m.bias->v, 12, 1e-12);
    CHECK_NEAR(mc.w[0], 12, 1e-12);
    CHECK_NEAR(mc.bias->v, 3, 1e-12);
    CHECK_NEAR(xb, 15, 1e-12);
  }
  {
    std::optional<std::vector<double>> o = std::vector<double>{1, 2}, ob;
    CHECK_NEAR(optional_vector_grad(o, ob), 5, 1e-12);
    CHECK_NEAR((*ob)[1], 4, 1e-12);
    o.reset();
    CHECK_NEAR(optional_vector_grad(o, ob), 0, 1e-12);
    CHECK_NEAR(ob.has_value(), 0, 1e-12);
  }
  {
    Owning o{std::make_unique<double>(3), 2.0}, o_bar;
    double x_bar = 0;
    CHECK_NEAR(nabla::gradient<&Owning::f>(o, 0.5, &x_bar), 3.5, 1e-12);
    CHECK_NEAR(x_bar, 3, 1e-12);
    double both = nabla::gradient<&Owning::f, nabla::wrt<nabla::self, 0>>(o, 0.5, &x_bar, o_bar);
    CHECK_NEAR(both, 3.5, 1e-12);
    CHECK_NEAR(*o_bar.k, 0.5, 1e-12);
    CHECK_NEAR(*o_bar.shift, 1, 1e-12);
  }
  { // two pointers that own one object
    auto one = std::make_shared<double>(0.7), other = std::make_shared<double>(1.2);
    std::vector<std::shared_ptr<double>> v{one, other, one}, v_bar;
    CHECK_NEAR(nabla::gradient<doubled>(v, v_bar), 1.96 + 5.76 + 7.84, 1e-12);
    CHECK_NEAR(v_bar[0] == v_bar[2], 1, 0);
    CHECK_NEAR(*v_bar[0], 28, 1e-12);
    CHECK_NEAR(*v_bar[1], 9.6, 1e-12);
    one = std::make_shared<double>(0.7);
    auto bar = std::make_shared<double>(0), second = std::make_shared<double>(0);
    CHECK_NEAR(nabla::gradient<handed_over>(one, one, &bar, &bar), 0.98 * 0.98, 1e-12);
    CHECK_NEAR(*bar, 4 * 0.7 * 0.98 * 2, 1e-12);
    bool refused = false;
    try {
      nabla::gradient<handed_over>(one, one, &bar, &second);
    } catch (const std::logic_error &) {
      refused = true;
    }
    CHECK_NEAR(refused, 1, 0);
  }
  // Tangents and second derivatives.
  {
    std::optional<double> o = 3, o_dot = 1, h;
    double h_x = 0;
    auto both = nabla::pushforward<optional_read>(o, 5.0, o_dot, 0.0);
    CHECK_NEAR(both.dot, 30, 1e-12);
    nabla::hvp<optional_read>(o, 5.0, o_dot, 1.0, h, &h_x);
    CHECK_NEAR(*h, 2 * 5 + 2 * 3, 1e-12);
    CHECK_NEAR(h_x, 6, 1e-12);
  }
  {
    auto p = std::make_unique<P>(P{2, 3, {4, 5}}), p_dot = std::make_unique<P>(P{0, 1, {0, 1}});
    std::unique_ptr<P> h;
    double h_x = 0;
    CHECK_NEAR(nabla::pushforward<unique_object>(p, 7.0, p_dot, 0.0).dot, 41 + 30, 1e-12);
    nabla::hvp<unique_object>(p, 7.0, p_dot, 1.0, h, &h_x);
    CHECK_NEAR(h->a, 1, 1e-12);
    CHECK_NEAR(h->b, 10, 1e-12);
    CHECK_NEAR(h->w[0], 8, 1e-12);
    CHECK_NEAR(h->w[1], 10 + 6, 1e-12);
    CHECK_NEAR(h_x, 0, 1e-12);
  }
  {
    Two v{2, 3}, b{0, 0}, *p = &v, *q = &b;
    nabla::gradient<through_two_pointers>(&p, &q);
    CHECK_NEAR(b.a, 3, 1e-12);
    std::vector<std::unique_ptr<Two>> w, w_bar;
    w.push_back(std::make_unique<Two>(v));
    nabla::gradient<over_owners>(w, w_bar);
    CHECK_NEAR(w_bar[0]->b, 2, 1e-12);
  }
  {
    double p = 2, one_dot = 1, h = 0, h_x = 0;
    nabla::hvp<scaled>(p, 3.0, one_dot, 1.0, h, &h_x);
    CHECK_NEAR(h, 162, 1e-10);
    CHECK_NEAR(h_x, 180, 1e-10);
    std::vector<double> v{2}, v_dot{1}, h_v{0};
    h_x = 0;
    nabla::hvp<scaled_element>(v, 3.0, v_dot, 1.0, h_v, &h_x);
    CHECK_NEAR(h_v[0], 162, 1e-10);
    CHECK_NEAR(h_x, 180, 1e-10);
    Two t{2, 0}, t_dot{1, 0}, h_t{0, 0};
    h_x = 0;
    nabla::hvp<scaled_member>(t, 3.0, t_dot, 1.0, h_t, &h_x);
    CHECK_NEAR(h_t.a, 162, 1e-10);
    CHECK_NEAR(h_x, 180, 1e-10);
    auto o = std::make_unique<double>(2), o_dot = std::make_unique<double>(1),
         h_o = std::make_unique<double>(0);
    h_x = 0;
    nabla::hvp<scaled_owned>(o, 3.0, o_dot, 1.0, h_o, &h_x);
    CHECK_NEAR(*h_o, 162, 1e-10);
    CHECK_NEAR(h_x, 180, 1e-10);
    auto array = [](double u, double v) { return std::unique_ptr<double[]>(new double[2]{u, v}); };
    auto a = array(2, 3), a_dot = array(1, 0), h_a = array(0, 0); // a0^2 a1 x
    h_x = 0;
    nabla::hvp<of_array>(a, 5.0, a_dot, 0.0, h_a, &h_x);
    CHECK(h_a[0] == 30 && h_a[1] == 20 && h_x == 12);
    double r = 1.1, r_dot = 1, h_r = 0;
    nabla::hvp<squared_thrice>(r, r_dot, h_r);
    CHECK_NEAR(h_r, 14 * 13 * std::pow(1.1, 12), 1e-8);
  }
  {
    double p[2] = {1.5, 2}, p_dot[2] = {1, 0}, h_p[2] = {0, 0};
    Cell q[2] = {{1, {0, 0}}, {2, {0.5, 1}}}, q_dot[2] = {{0, {0, 0}}, {0, {1, 0}}},
         h_q[2] = {{0, {0, 0}}, {0, {0, 0}}};
    P s{2, 0, {3, 4}}, s_dot{1, 0, {0, 0}}, h_s{0, 0, {0, 0}};
    std::vector<double> v{1.25}, v_dot{0}, h_v{0};
    double h_x = 0;
    nabla::hvp<all_written>(nabla::extents{2, 2}, p, q, s, v, 2.0, p_dot, q_dot, s_dot, v_dot, 0.0, h_p, h_q,
                            h_s, h_v, &h_x); // s.w[1] v[0] q[1].b[0] p[0] x s.a + p[1] q[0].a
    CHECK(h_p[0] == 25 && h_q[1].b[0] == 35 && h_s.a == 20 && h_x == 23.75 && h_s.w[1] == 11.875);
    CHECK(h_p[1] == 0 && h_q[0].a == 0);
    P t{0.5, 7, {2, 0}}, t_dot{1, 0, {0.5, 0}}, h_t{0, 0, {0, 0}};
    h_x = 0;
    nabla::hvp<beside_vector>(t, 2.0, t_dot, 0.0, h_t, &h_x);
    CHECK(h_t.a == 16 * (6 * 0.5 * 2 + 3 * 0.25 * 0.5) && h_t.w[0] == 16 * 0.75 && h_t.b == 0);
    CHECK(h_x == 32 * (3 * 0.25 * 2 + 0.125 * 0.5));
  }
  {
    auto one = [](double a) { return std::make_shared<Two>(Two{a, 0}); };
    auto p = one(1), q = one(2), p_dot = one(1), q_dot = one(1), h_p = one(0), h_q = one(0);
    double h_x = 0;
    nabla::hvp<two_shared>(p, q, 3.0, p_dot, q_dot, 1.0, h_p, h_q, &h_x);
    CHECK_NEAR(h_p->a, 5, 1e-12);
    CHECK_NEAR(h_q->a, 4, 1e-12);
    CHECK_NEAR(h_x, 3, 1e-12);
  }
  return check::report();
}
