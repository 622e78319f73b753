// Products of the Hessian of functions that move pointers in several steps: an adjoint that nobody asks for is null, its
// tangent is not. (g++-12 mangles functions that take templates over `auto` in its own way.)
// FLAGS: -w
// WITHOUT: gxx
#include "check.h"
#include <cmath>
#include <nabla/nabla.h>

double last(const double *q, int n) {
  const double *p = q + n - 1;
  return *p * *p * q[0];
}
double offsets(const double *q, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < 1; ++j) {
      const double *r = q + i * 1 + j;
      s += *r * *r * *r * q[0];
    }
  return s;
}
double behind_address(const double *q, int) {
  const double *p = &q[0] + 1;
  return *p * *p * q[0];
}
double downwards(const double *q, int n) {
  double s = 0;
  for (const double *e = q + n - 1; e >= q; --e)
    s += *e * *e * s + *e;
  return s;
}
double chosen(const double *q, int n) {
  const double *p = n > 1 ? q + n - 1 : q + 0 + 1;
  return *p * *p * q[0] * p[-1];
}
double recursive(const double *q, int n) {
  return n == 0 ? 1. : q[0] * std::sin(q[0]) * recursive(q + 2 - 1, n - 1);
}
double cast(const double *q, int) {
  const double *p = (const double *)(q + 1) + 1 - 1;
  return std::sin(*p) * q[0];
}
double dot(const double *a, const double *b, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += a[i] * b[i] * a[0];
  return s;
}
double handed_on(const double *q, int n) { return dot(q + 0 + 1, q, n - 1); }

template <auto F> double slope(const double *q, int n, const double *u) {
  return nabla::pushforward<F>(q, n, u).dot;
}
template <auto F> static void verify() {
  const double q[3] = {0.6, 0.8, -0.5}, u[3] = {0.3, 1, -2};
  double want[3] = {}, product[3] = {}, bars[3] = {}, both[3] = {}, extents[3] = {}, H[9];
  nabla::gradient<slope<F>, nabla::wrt<0>>(q, 3, u, want); // forward, then reverse
  nabla::hvp<F>(q, 3, u, product);
  nabla::hvp<F>(nabla::extents{3}, q, 3, u, extents);
  nabla::gradient_and_hvp<F>(q, 3, bars, u, both);
  nabla::hessian<F>(nabla::extents{3}, q, 3, H);
  for (int i = 0; i < 3; ++i) {
    const double within = 1e-12 * (1 + std::fabs(want[i]));
    CHECK_NEAR(product[i], want[i], within);
    CHECK_NEAR(extents[i], want[i], within);
    CHECK_NEAR(both[i], want[i], within);
    CHECK_NEAR(H[3 * i] * u[0] + H[3 * i + 1] * u[1] + H[3 * i + 2] * u[2], want[i], within);
  }
}

int main() {
  verify<last>(), verify<offsets>(), verify<behind_address>(), verify<downwards>(), verify<chosen>();
  verify<recursive>(), verify<cast>(), verify<handed_on>();
  const double q[2] = {3, 5}, u[2] = {0, 1};
  double r[2] = {};
  nabla::hvp<last>(q, 2, u, r);
  CHECK(r[0] == 10 && r[1] == 6);
  return check::report();
}
