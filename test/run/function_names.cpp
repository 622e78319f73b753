// Functions that one name does not tell: overloads and instances of templates, as what is differentiated and as arguments of a
// template that is.
// WITHOUT: gxx no-activity
#include "check.h"
#include <nabla/implicit.h>
#include <nabla/nabla.h>

struct Spring {
  double k;
  double energy(double x) const { return k * x * x; }
  double energy(double x, double y) const { return k * x * y * y; }
  static double plain(double x) { return x * x; }
  static double plain(double x, double y) { return x * y; }
  template <class T> T cubed(T x) const { return k * x * x * x; }
};
double square(double x) { return x * x; }
double square(double x, double y) { return x * y; }
template <class T> T cube(T x) { return x * x * x; }
template <int N> double power(double x) {
  double r = 1;
  for (int i = 0; i < N; ++i)
    r *= x;
  return r;
}
template <auto F> double twice(double x) { return F(x) * 2; }
template <auto... F> double sum(double x) { return (F(x) + ...); }
template <double (Spring::*F)(double) const> double stretched(double x) {
  Spring s{2};
  return (s.*F)(x);
}
template <auto F> double slope(double x) { return nabla::gradient<F>(x); }
template <class T> void residual(const T *x, T p, int n, T *r) {
  for (int i = 0; i < n; ++i)
    r[i] = x[i] * x[i] * x[i] + p * x[i] - p;
}
[[nabla::inactive]] void solve(double *x, double p, int n) {
  for (int i = 0; i < n; ++i)
    for (int k = 0; k < 40; ++k)
      x[i] -= (x[i] * x[i] * x[i] + p * x[i] - p) / (3 * x[i] * x[i] + p);
}
double root(double p) {
  double found[1] = {1}, x[1];
  solve(found, p, 1);
  nabla::implicit<residual<double>>(found, x, 1, p, 1);
  return x[0];
}

int main() {
  const Spring s{2};
  using energy = double (Spring::*)(double) const;
  using of_one = double (*)(double);
  CHECK_NEAR((nabla::gradient<static_cast<energy>(&Spring::energy)>(s, 3.0)), 12, 1e-15);
  CHECK_NEAR((nabla::gradient<&Spring::cubed<double>>(s, 3.0)), 54, 1e-15);
  CHECK_NEAR((nabla::gradient<static_cast<of_one>(&Spring::plain)>(3.0)), 6, 1e-15);
  CHECK_NEAR((nabla::gradient<static_cast<of_one>(square)>(3.0)), 6, 1e-15);
  CHECK_NEAR((nabla::gradient<twice<static_cast<of_one>(square)>>(3.0)), 12, 1e-15);
  CHECK_NEAR((nabla::gradient<twice<power<3>>>(3.0)), 54, 1e-15);
  CHECK_NEAR((nabla::gradient<sum<power<3>, static_cast<of_one>(square), power<4>>>(3.0)), 141, 1e-13);
  CHECK_NEAR((nabla::gradient<stretched<&Spring::cubed<double>>>(3.0)), 54, 1e-15);
  CHECK_NEAR((nabla::gradient<stretched<static_cast<energy>(&Spring::energy)>>(3.0)), 12, 1e-15);
  CHECK_NEAR((nabla::gradient<slope<cube<double>>>(3.0)), 18, 1e-15);
  CHECK_NEAR((nabla::pushforward<slope<power<3>>>(3.0, 1.0).dot), 18, 1e-15);
  const double p = 0.7, x = root(p);
  CHECK_NEAR(nabla::gradient<root>(p), (1 - x) / (3 * x * x + p), 1e-12);
  return check::report();
}
