// std::complex, std::unique_ptr, std::shared_ptr, std::optional; goto and ?: without its middle operand.
#ifdef CASES

using cplx = std::complex<double>;

double complex_arithmetic(double x, double y) {
  cplx a(x, y), b = {y, double(2)}, c;
  c = a * b + double(2) * a - b / a;
  c += x;
  c *= cplx(y, -x);
  c -= a;
  c /= b;
  cplx d = -c * y + conj(a) - double(1) / c;
  d = d * d;
  return d.real() * std::imag(c) + std::norm(d - b) + abs(d) * arg(a);
}
double complex_functions(double x, double y) {
  cplx z(x, y);
  cplx s = std::exp(z) + std::log(z) * std::sqrt(z) + std::polar(x, y) + std::sqrt(-z);
  return s.real() * s.imag();
}
double complex_loop(double x, double y, int n) {
  cplx z = x, c(x, y);
  double s = 0;
  for (int i = 0; i < n; ++i) {
    z = z * z * double(0.5) + c;
    s += norm(z);
    if (z.real() > 3)
      z.real(z.imag());
  }
  return s;
}
double complex_array(double x, double y) {
  cplx a[3] = {{x, y}, {y, x}, x};
  std::vector<cplx> v(2, a[0]);
  v.push_back(a[1] * a[2]);
  cplx sum(0);
  for (const cplx &e : v)
    sum += e * e;
  return (sum * a[2]).imag() + (v[0] == v[1] ? x : y);
}

struct Sphere {
  double r, k;
  Sphere(double a, double b) : r(a), k(b) {}
  virtual double value(double x) const { return r * r * x + k; }
  virtual ~Sphere() = default;
};
struct Ball : Sphere {
  double m;
  Ball(double a, double b, double c) : Sphere(a, b), m(c) {}
  double value(double x) const override { return m * Sphere::value(x) * r; }
};
double unique_pointers(double x, double y, int n) {
  std::unique_ptr<Sphere> p = std::make_unique<Ball>(x, y, x * y);
  auto q = std::make_unique<double>(x * x);
  std::unique_ptr<double[]> a(new double[n]), b = std::make_unique<double[]>(n);
  for (int i = 0; i < n; ++i) {
    a[i] = *q * i + y;
    b[i] += a[i] * p->value(y);
  }
  if (n > 2) {
    p.reset(new Sphere(y, x));
    *q *= p->r;
  }
  std::unique_ptr<Sphere> other = std::move(p);
  double s = p ? 100.0 : *q;
  for (int i = 0; i < n; ++i)
    s += b[i] * other->value(a[i]);
  return s;
}
double owned_shapes(double x, double y, int n) {
  std::vector<std::unique_ptr<Sphere>> all;
  all.push_back(std::make_unique<Sphere>(x, y));
  for (int i = 0; i < n; ++i)
    all.push_back(std::make_unique<Ball>(x + i, y, x * y));
  double s = 0;
  for (const auto &each : all)
    s += each->value(x) * each->k;
  for (std::size_t i = 0; i < all.size(); ++i)
    s *= 1 + 0.01 * all[i]->value(y);
  return s;
}
double shared_pointers(double x, double y) {
  std::shared_ptr<Sphere> p = std::make_shared<Sphere>(x, y), q = p;
  q->r *= y;
  auto k = std::make_shared<double>(x * y);
  *k += p->value(x);
  return *k * q->r;
}

std::optional<double> root(double x) {
  if (x < 0)
    return std::nullopt;
  return std::sqrt(x);
}
double optionals(double x, double y) {
  std::optional<double> a, b = x * y;
  double s = a.value_or(y);
  a = *b * x;
  if (a && b.has_value())
    s *= *a + b.value();
  b.reset();
  if (auto r = root(x))
    s += *r * y;
  if (auto r = root(-x); !r)
    s *= x;
  a = std::nullopt;
  return s + root(y).value() + (a ? x : b.value_or(2 * y));
}

double jumps(double x, double y, int n) {
  double s = x;
  int i, k;
  for (i = 0; i < n; ++i)
    for (k = 0; k < n; ++k) {
      s += x * y * k;
      if (s > 20)
        goto found;
      if (s < -20)
        goto end;
    }
  s *= y;
found:
  s *= x;
end:
  return s * y;
}
double index_after_jump(double x, int n) {
  double s = x;
  int i;
  for (i = 0; i < n; ++i) {
    if (s > 3)
      goto out;
    s *= 1 + x;
  }
  s = -s;
out:
  s += x * i;
  if (i > 2)
    goto end;
  s *= s;
end:
  return s;
}
double without_middle(double x, double y, int n) {
  int m = n ?: 3;
  double s = x ?: y;
  for (int i = 0; i < m; ++i)
    s *= (x - 0.7) ?: y;
  return s;
}

// Made in place, where the library forwards two numbers.
double complex_in_place(double x, double y) {
  std::vector<std::complex<double>> z;
  z.emplace_back(x, y);
  z.emplace_back(y);
  std::deque<std::complex<double>> d;
  d.emplace_front(y, x * x);
  std::variant<double, std::complex<double>> v;
  v.emplace<std::complex<double>>(x * y, y);
  return z[0].real() * z[0].imag() + z[1].real() * d.front().imag() + std::get<1>(v).imag() * x;
}

// ---- Made in place

double complex_elements(double x, double y) {
  std::vector<cplx> v(2);
  v[0] = x;
  v.resize(3);
  v.emplace_back(y, x);
  auto one = std::make_unique<cplx>(x, y);
  auto shared = std::make_shared<cplx>(y, x);
  auto several = std::make_unique<cplx[]>(2);
  several[1] = cplx(x, y) * v[3];
  auto *plain = new cplx(x, y);
  double s = one->real() * shared->imag() + several[1].real() + plain->imag() * y;
  delete plain;
  one->imag(s);
  return s + std::norm(v[0]) + v[3].real() * one->imag() + several[0].real() + v[2].imag();
}
double optional_vector(double x, double y) {
  std::optional<std::vector<double>> o;
  o.emplace(3, x);
  (*o)[1] = x * y;
  auto p = o; // with elements of its own
  p->push_back(y);
  o->at(0) = 7;
  std::optional<std::vector<double>> q = std::move(p);
  double s = double(p->size() + o.has_value());
  for (double v : *q)
    s += v * v;
  for (double v : *o)
    s += v;
  q.reset();
  auto d = q.value_or(std::vector<double>{x});
  d[0] *= y;
  return s * d[0];
}
struct Listed {
  std::vector<double> v;
  double k;
  Listed(std::initializer_list<double> l) : v(l), k(*l.begin()) {
    for (double x : l)
      k += x * x;
  }
  Listed(double a, double b) : v{a}, k(b) {}
};
struct Preset {
  double a = 3, b;
  Preset() : b(2) {}
};
double made_in_place(double x, double y) {
  Listed w{x, 2 * y, x * x}, u(x, 3 * y);
  std::vector<Listed> all;
  all.emplace_back(x, x * y);
  all.push_back({y, 5 * x});
  std::vector<Preset> presets(2);
  presets[1].a *= x;
  presets.resize(3);
  presets.emplace_back();
  std::vector<std::vector<double>> rows;
  rows.emplace_back(2, x);
  rows.emplace_back(3, y);
  double s = presets[1].a * presets[2].b * x + presets[3].a + rows[0][1] * rows[1][2];
  return s + w.v[2] * w.k + double(w.v.size()) + u.k * u.v[0] + all[0].k * all[1].v[1];
}

#else
#include <complex>
#include <deque>
#include <memory>
#include <optional>
#include <variant>
#include <vector>
#define CASES "standard_types.cpp"
#include "twice.h"

double of_unique(const std::vector<std::unique_ptr<on_reals::Sphere>> &all, double x) {
  double s = 0;
  for (const auto &each : all)
    s += each->value(x);
  return s;
}
double by_parts(std::complex<double> z, const std::complex<double> *c, int n) {
  std::complex<double> s = 0;
  for (int i = 0; i < n; ++i)
    s = s * z + c[i];
  return std::norm(s);
}
double more_functions(double x, double y) {
  using namespace std::complex_literals;
  std::complex<double> z(x, y), s = std::sin(z) / std::cos(z) + std::pow(z, 3.5) * 2.0i - std::tan(z);
  s += std::sinh(z) * std::cosh(z) + std::tanh(z) + std::pow(z, z) + std::log10(z) * std::pow(z, 2);
  return s.real() * s.imag();
}
double narrowed(const double *x) { // a double is converted
  std::optional<float> o = 2 * x[0], p;
  o = *o + x[1] * 4;
  p.emplace(x[0] * x[1]);
  std::optional<int> whole = x[0] * 2.5;
  return *o * p.value_or(3.5) + std::optional<float>().value_or(x[1] * 8) + *whole;
}
static void differences(double x, double y) {
  const double h = 1e-5;
  double x_bar = 0, y_bar = 0, v = nabla::gradient<more_functions>(x, y, &x_bar, &y_bar),
         w = more_functions(x, y);
  CHECK_NEAR(v, w, 1e-13 * std::fabs(w));
  double dx = (more_functions(x + h, y) - more_functions(x - h, y)) / (2 * h);
  double dy = (more_functions(x, y + h) - more_functions(x, y - h)) / (2 * h);
  CHECK_NEAR(x_bar, dx, 1e-7 * (1 + std::fabs(dx)));
  CHECK_NEAR(y_bar, dy, 1e-7 * (1 + std::fabs(dy)));
}
static void complex_parameters() {
  std::complex<double> z(0.5, 0.25), c[2] = {{1, 2}, {3, -1}}, z_bar, c_bar[2];
  nabla::gradient<by_parts>(z, c, 2, &z_bar, c_bar); // s = c0 z + c1; d norm = 2 conj(s) ds
  std::complex<double> s = c[0] * z + c[1], dz = 2.0 * s * std::conj(c[0]);
  CHECK_NEAR(z_bar.real(), dz.real(), 1e-13);
  CHECK_NEAR(z_bar.imag(), dz.imag(), 1e-13);
  CHECK_NEAR(c_bar[1].real(), 2 * s.real(), 1e-13);
  CHECK_NEAR(c_bar[1].imag(), 2 * s.imag(), 1e-13);
}

int main() {
  VERIFY(complex_arithmetic, 0.7, 1.3);
  VERIFY(complex_functions, 0.7, 1.3);
  VERIFY(complex_functions, -0.7, -1.3);
  VERIFY(complex_loop, 0.7, 0.3, 7);
  VERIFY(complex_array, 0.7, 1.3);
  VERIFY(unique_pointers, 0.7, 1.3, 2);
  VERIFY(unique_pointers, 0.7, 1.3, 4);
  VERIFY(owned_shapes, 0.7, 1.3, 3);
  VERIFY(shared_pointers, 0.7, 1.3);
  VERIFY(optionals, 0.7, 1.3);
  VERIFY(jumps, 0.7, 1.3, 3);
  VERIFY(jumps, 1.7, 2.3, 5);
  VERIFY(jumps, -1.7, 2.3, 5);
  VERIFY(index_after_jump, 0.7, 3);
  VERIFY(index_after_jump, 0.7, 9);
  VERIFY(without_middle, 0.9, 1.3, 0);
#ifndef NABLA_TEST_FORWARD // at the switch itself there is no second derivative
  VERIFY(without_middle, 0.0, 1.3, 2);
#endif
  complex_parameters();
  double x[] = {1, 0.5}, x_bar[] = {0, 0};
  CHECK(nabla::gradient<narrowed>(x, x_bar) == 8); // (2 x + 4 y) x y + 8 y + 2
  CHECK(x_bar[0] == 3 && x_bar[1] == 14);
  differences(0.7, 1.3);
  differences(-0.4, -0.6);
  VERIFY(complex_in_place, 0.7, 1.3);
  VERIFY(complex_elements, 0.7, 1.2);
  VERIFY(optional_vector, 0.7, 1.2);
  VERIFY(made_in_place, 0.7, 1.2);
  return check::report();
}
#endif
