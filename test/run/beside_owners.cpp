// Numbers that the function writes in a caller's object which holds smart pointers as well: they are written in place.
// MATRIX: plugin sanitized
#include "check.h"
#include <memory>
#include <nabla/nabla.h>
#include <optional>
#include <variant>
#include <vector>

struct Layer {
  std::unique_ptr<double> w;
  double b;
  std::vector<double> v;
  double pair[2];
  std::optional<double> o;
  int calls;
};
double written(Layer &m, double x) {
  m.b = m.b * x;
  *m.w *= m.b;
  m.v[0] += m.b;
  m.pair[1] = m.pair[0] * x;
  ++m.calls;
  return m.b * *m.w * m.v[0] * m.pair[1];
}
double value_of_optional(Layer &m, double x) {
  if (m.o)
    *m.o *= x;
  m.b += m.o.value_or(x);
  return m.b * *m.w;
}
double in_a_loop(Layer &m, double x) {
  for (int i = 0; i < 3; ++i)
    m.b = m.b * m.b + x * *m.w;
  return m.b;
}
struct Shared {
  std::shared_ptr<double> p;
  double b;
  double step(double x) {
    b *= x;
    *p += b;
    return b * *p;
  }
};
struct Holder {
  std::unique_ptr<Layer> inner;
  double k;
};
double behind(Holder &h, double x) {
  h.k *= x;
  h.inner->b += h.k;
  return h.inner->b * *h.inner->w * h.k;
}

static Layer layer() { return {std::make_unique<double>(2), 3, {5, 6}, {7, 8}, 4.0, 0}; }

// A variant is written through a pointer to what it holds.
double variant_through_pointer(std::variant<int, double> &v, double x) {
  if (auto *p = std::get_if<1>(&v))
    *p = *p * *p * x;
  return std::get<1>(v) * x;
}
void through_pointers() {
  std::variant<int, double> c = 0.5, c_bar = 0.25, c_dot = 1.0, h_c = 0.0, again = 0.5;
  double c_x = 0;
  CHECK(nabla::gradient<variant_through_pointer>(c, 2.0, c_bar, &c_x) == 1 && std::get<1>(c) == 0.5);
  CHECK(std::get<1>(c_bar) == 0.5 * 2 + 2 * 0.5 * 4 - 0.5 && c_x == 2 * 0.5 * 0.5 * 2 + 0.25 * 0.25);
  double h_x = 0;
  nabla::hvp<variant_through_pointer>(again, 2.0, c_dot, 0.0, h_c, &h_x);
  CHECK(std::get<1>(again) == 0.5 && std::get<1>(h_c) == 8 && h_x == 4);
}

int main() {
  through_pointers();
  {
    Layer m = layer(), mb{};
    double xb = 0;
    mb.b = 1000; // of the final value
    // b = 3x, w = 6x, v = 5 + 3x, pair[1] = 7x: 126 x^3 (5 + 3x), and 1000 b
    CHECK_NEAR(nabla::gradient<written>(m, 2.0, mb, &xb), 126 * 8 * 11, 1e-12);
    CHECK_NEAR(m.b, 6, 1e-12);
    CHECK_NEAR(*m.w, 12, 1e-12);
    CHECK_NEAR(m.pair[1], 14, 1e-12);
    CHECK_NEAR(m.calls, 1, 1e-12);
    CHECK_NEAR(xb, 126 * (3 * 4 * 11 + 8 * 3) + 1000 * 3, 1e-12);
    // by b: b^2 w x^3 pair0 (v + b x)
    CHECK_NEAR(mb.b, 2 * 7 * 8 * (2 * 3 * 5 + 3 * 9 * 2) + 1000 * 2, 1e-12);
    CHECK_NEAR(*mb.w, 63 * 8 * 11, 1e-12);
    CHECK_NEAR(mb.v[0], 126 * 8, 1e-12);
    CHECK_NEAR(mb.pair[0], 126 * 8 * 11 / 7., 1e-12);
    CHECK_NEAR(mb.pair[1], 0, 1e-12);
  }
  {
    Layer m = layer(), mb{};
    double xb = 0;
    CHECK_NEAR(nabla::gradient<value_of_optional>(m, 5.0, mb, &xb), 23 * 2, 1e-12);
    CHECK_NEAR(*m.o, 20, 1e-12);
    CHECK_NEAR(*mb.o, 10, 1e-12);
    CHECK_NEAR(mb.b, 2, 1e-12);
    CHECK_NEAR(*mb.w, 23, 1e-12);
    CHECK_NEAR(xb, 8, 1e-12);
    m = layer();
    m.o.reset();
    Layer other{};
    xb = 0;
    CHECK_NEAR(nabla::gradient<value_of_optional>(m, 5.0, other, &xb), 8 * 2, 1e-12);
    CHECK_NEAR(other.o.has_value(), 0, 1e-12);
    CHECK_NEAR(xb, 2, 1e-12);
  }
  {
    Layer m = layer(), mb{};
    double xb = 0;
    // b = 3, u = 2x: 9 + u, (9 + u)^2 + u, ...; at x = -4: 1, -7, 41
    CHECK_NEAR(nabla::gradient<in_a_loop>(m, -4.0, mb, &xb), 41, 1e-12);
    CHECK_NEAR(mb.b, 6. * 2 * -14, 1e-12);
    CHECK_NEAR(xb, 2 * ((1. * 2 + 1) * -14 + 1), 1e-12);
    CHECK_NEAR(*mb.w, -4 * ((1. * 2 + 1) * -14 + 1), 1e-12);
    m = layer();
    Layer d{std::make_unique<double>(1), 0, {0, 0}, {0, 0}, 0.0, 0};
    auto p = nabla::pushforward<in_a_loop>(m, -4.0, d, 0.0);
    CHECK_NEAR(p.dot, -4 * ((1. * 2 + 1) * -14 + 1), 1e-12);
    CHECK_NEAR(m.b, 41, 1e-12);
    CHECK_NEAR(d.b, -4 * ((1. * 2 + 1) * -14 + 1), 1e-12);
  }
  {
    Shared s{std::make_shared<double>(2), 3}, sb{};
    double xb = 0;
    double v = nabla::gradient<&Shared::step, nabla::wrt<nabla::self, 0>>(s, 5.0, &xb, sb);
    CHECK_NEAR(v, 15 * 17, 1e-12); // 3x (2 + 3x)
    CHECK_NEAR(*sb.p, 15, 1e-12);
    CHECK_NEAR(sb.b, 5 * 2 + 2 * 3 * 25, 1e-12);
    CHECK_NEAR(xb, 6 + 18 * 5, 1e-12);
  }
  {
    Holder h{std::make_unique<Layer>(layer()), 2}, hb{};
    double xb = 0;
    CHECK_NEAR(nabla::gradient<behind>(h, 5.0, hb, &xb), 13 * 2 * 10, 1e-12); // (3 + 2x) * 2 * 2x
    CHECK_NEAR(h.inner->b, 13, 1e-12);
    CHECK_NEAR(xb, 12 + 16 * 5, 1e-12);
    CHECK_NEAR(hb.inner->b, 20, 1e-12);
    CHECK_NEAR(*hb.inner->w, 130, 1e-12);
    CHECK_NEAR(hb.k, 5 * 2 * (13 + 10), 1e-12);
  }
  return check::report();
}
