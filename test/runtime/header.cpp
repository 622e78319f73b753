// nabla.h by itself: which form a call takes, and the exact types that `request::call` gets. The generated
// functions are written by hand here, after their use, as the tool's text does.
//
// RUN: %gxx -std=c++17 -Wall -Wextra -Werror -I%include %check %s -o %t.gxx && %t.gxx
// RUN: %clangxx -std=c++17 -Wall -Wextra -Werror -I%include %check %s -o %t.17 && %t.17
// RUN: %clangxx -std=c++23 -Wall -Wextra -Werror -I%include %check %s -o %t.23 && %t.23
#include "check.h"
#include <complex>
#include <nabla/nabla.h>
#include <string>
#include <vector>

[[nabla::gradient, nabla::inactive]] void unknown_attributes_are_silent([[nabla::inactive]] int n);

namespace {

struct Point {
  double x = 1, y = 2; // zeroed all the same
  int n = 3;
};
struct Empty {};
enum Colour { red };
template <class A, class B> inline constexpr bool same = std::is_same_v<A, B>;

// ---- Types ----

static_assert(same<nabla::adjoint_t<const double>, double> && same<nabla::adjoint_t<const float *>, float *>);
static_assert(same<nabla::adjoint_t<const double *const *>, double **> &&
              same<nabla::adjoint_t<const Point &>, Point &>);
static_assert(same<nabla::adjoint_t<const double[3]>, double[3]> &&
              same<nabla::adjoint_t<double[2][3]>, double[2][3]>);
static_assert(same<nabla::adjoint_t<const double (*)[3]>, double (*)[3]>);
static_assert(nabla::holds_reals<double> && nabla::holds_reals<const long double *const> &&
              nabla::holds_reals<Point>);
static_assert(nabla::holds_reals<float (&)[3]> && nabla::holds_reals<std::vector<double>>);
static_assert(nabla::holds_reals<std::complex<float>> && nabla::holds_reals<double **> &&
              nabla::holds_reals<const Point &>);
static_assert(!nabla::holds_reals<int> && !nabla::holds_reals<bool &> && !nabla::holds_reals<const char *>);
static_assert(!nabla::holds_reals<void *> && !nabla::holds_reals<Colour> && !nabla::holds_reals<Empty>);
static_assert(!nabla::holds_reals<std::string> && !nabla::holds_reals<std::vector<int>>);
static_assert(!nabla::holds_reals<double (*)(double)> && !nabla::holds_reals<std::nullptr_t>);

// ---- Functions ----

double product(double x, double y) { return x * y; }
double sum(const double *x, int n, float &scale) { return x[n - 1] * static_cast<double>(scale); }
double of_point(const Point &p, double x) noexcept { return p.x * x; }
double rows(const double (*m)[3], double (&out)[3]) { return out[0] = m[0][0]; }
Point shift(Point p, double by) { return {p.x + by, p.y, p.n}; }
int count(double x) { return static_cast<int>(x); }
void store(double x, double *out) { *out = x; }
template <class T> T square(T x) { return x * x; }
struct Model {
  double k;
  double energy(double x) const { return k * x; }
  double operator()(double x, int n) const { return k * x * n; }
};
struct Overloaded {
  double operator()(double x) const { return x; }
  int operator()(int n) const { return n; }
};

// ---- Types of call ----

using namespace nabla::detail;
using nabla::wrt;
template <class Mode, auto F, class W = wrt<>> using signature = typename plan<Mode, F, W>::signature;
static_assert(same<signature<gradient_mode, &product>, double(double, double, double *, double *)>);
static_assert(same<signature<gradient_mode, &product, wrt<1>>, double(double, double, double *)>);
static_assert(same<signature<gradient_mode, &sum>, double(const double *, int, float &, double *, float &)>);
static_assert(same<signature<gradient_mode, &of_point>, double(const Point &, double, Point &, double *)>);
static_assert(same<signature<gradient_mode, &rows>,
                   double(const double (*)[3], double (&)[3], double (*)[3], double (&)[3])>);
static_assert(same<signature<pullback_mode, &shift>, Point(Point, double, Point, Point *, double *)>);
static_assert(same<signature<pullback_mode, &count>, int(double, double *)>);
static_assert(same<signature<pullback_mode, &store>, void(double, double *, double *, double *)>);
static_assert(same<signature<gradient_mode, &Model::energy>, double(const Model &, double, double *)>);
static_assert(same<signature<gradient_mode, &Model::energy, wrt<nabla::self, 0>>,
                   double(const Model &, double, double *, Model &)>); // the object's adjoint comes last

/// Every form of call, before anything is defined.
void forms() {
  double a = 0, b = 0;
  CHECK(nabla::gradient<product>(2, 3.0f, &a, &b) == 6 && a == 3 && b == 2);
  auto [dx, dy] = nabla::gradient<product>(2, 3);
  CHECK(dx == 3 && dy == 2);
  double slope = nabla::gradient<product, wrt<1>>(2, 3);
  CHECK(slope == 2);
  CHECK((nabla::gradient<product, wrt<1>>(2, 3, &slope)) == 6 && slope == 4);
  auto [v, g] = nabla::value_and_gradient<product>(2, 3);
  CHECK(v == 6 && std::get<0>(g) == 3 && std::get<1>(g) == 2);
  static_assert(same<decltype(g), std::tuple<double, double>>);
  CHECK(nabla::gradient<square<double>>(3) == 6);
  CHECK(nabla::gradient<static_cast<double (*)(double)>(square)>(3) == 6);
  a = b = 0;
  CHECK(nabla::pullback<product>(2, 3, 10, &a, &b) == 6 && a == 30 && b == 20);

  const Point p;
  auto [p_bar, x_bar] = nabla::gradient<of_point>(p, 5.0);
  CHECK(p_bar.x == 5 && p_bar.y == 0 && p_bar.n == 0 && x_bar == 1);
  double xs[2] = {1, 2}, xs_bar[2] = {};
  float scale = 3, scale_bar = 0;
  CHECK(nabla::gradient<sum>(xs, 2, scale, xs_bar, scale_bar) == 6 && xs_bar[1] == 3 && scale_bar == 2);

  Model m{4}, m_bar{0};
  CHECK(nabla::gradient<&Model::energy>(m, 3) == 4);
  a = 0;
  CHECK((nabla::gradient<&Model::energy, wrt<nabla::self, 0>>(m, 3, &a, m_bar)) == 12 && a == 4 &&
        m_bar.k == 3);
  CHECK(nabla::gradient(m, 3.0, 2) == 8);
  a = 0;
  CHECK(nabla::gradient(Model{5}, 3.0, 2, &a) == 30 && a == 10);
  CHECK((nabla::gradient<wrt<0>>(m, 3.0, 2, &a)) == 24 && a == 18);
  CHECK(nabla::value_and_gradient(m, 3.0, 2).second == 8);
  Overloaded o;
  CHECK(nabla::gradient(o, 3.0) == 1);
  a = 0;
  CHECK((nabla::gradient<wrt<0>>(o, 3.0, &a)) == 3 && a == 1);
  nabla::checkpoint(5);
  nabla::dual<double> d{1, 2};
  CHECK(d.dot == 2);
}

} // namespace

template <>
double request<gradient_mode, &product, wrt<>>::call(double x, double y, double *x_bar, double *y_bar) {
  *x_bar += y;
  *y_bar += x;
  return x * y;
}
template <> double request<gradient_mode, &product, wrt<1>>::call(double x, double y, double *y_bar) {
  *y_bar += x;
  return x * y;
}
template <>
double request<pullback_mode, &product, wrt<>>::call(double x, double y, double seed, double *x_bar,
                                                     double *y_bar) {
  *x_bar += y * seed;
  *y_bar += x * seed;
  return x * y;
}
template <> double request<gradient_mode, &square<double>, wrt<>>::call(double x, double *x_bar) {
  *x_bar += 2 * x;
  return x * x;
}
template <>
double request<gradient_mode, &of_point, wrt<>>::call(const Point &p, double x, Point &p_bar, double *x_bar) {
  p_bar.x += x;
  *x_bar += p.x;
  return p.x * x;
}
template <>
double request<gradient_mode, &sum, wrt<>>::call(const double *x, int n, float &scale, double *x_bar,
                                                 float &scale_bar) {
  x_bar[n - 1] += static_cast<double>(scale);
  scale_bar += static_cast<float>(x[n - 1]);
  return sum(x, n, scale);
}
template <>
double request<gradient_mode, &Model::energy, wrt<>>::call(const Model &m, double x, double *x_bar) {
  *x_bar += m.k;
  return m.energy(x);
}
template <>
double request<gradient_mode, &Model::energy, wrt<nabla::self, 0>>::call(const Model &m, double x,
                                                                         double *x_bar, Model &m_bar) {
  *x_bar += m.k;
  m_bar.k += x;
  return m.energy(x);
}
template <>
double request<gradient_mode, &Model::operator(), wrt<>>::call(const Model &m, double x, int n,
                                                               double *x_bar) {
  *x_bar += m.k * n;
  return m(x, n);
}
template <>
double request<gradient_mode, &Model::operator(), wrt<0>>::call(const Model &m, double x, int n,
                                                                double *x_bar) {
  *x_bar += m.k * n;
  return m(x, n);
}
template <>
double request<gradient_mode, &invocation<Overloaded, double>::run, wrt<1>>::call(Overloaded &o, double x,
                                                                                  double *x_bar) {
  *x_bar += 1;
  return o(x);
}

int main() {
  forms();
  return check::report();
}
