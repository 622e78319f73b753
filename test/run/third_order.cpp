// Gradients of functions that take nabla::hvp, where the function walks through its array by pointers.
// FLAGS: -w
// WITHOUT: gxx
#include "check.h"
#include <algorithm>
#include <cmath>
#include <nabla/nabla.h>
#include <numeric>

double chosen(const double *x, int) {
  const double *p = x[0] > x[1] ? x : x + 1;
  return *p * *p * *p;
}
double walked(const double *x, int n) {
  double s = 0;
  for (const double *q = x; q != x + n; ++q)
    s += *q * *q * *q;
  return s * s;
}
double consumed(const double *x, int n) {
  const double *p = x;
  double t = 1;
  while (p != x + n)
    t *= *p++;
  return t * t;
}
double largest(const double *x, int n) {
  double m = *std::max_element(x, x + n);
  return m * m * m * x[0];
}
double inner(const double *x, int n) { return std::inner_product(x, x + n, x, 0.) * x[0] * x[1]; }
double inner_squares(const double *x, int n) {
  double v[3];
  for (int i = 0; i < n; ++i)
    v[i] = x[i] * x[i];
  return std::inner_product(v, v + n, x, 0.);
}
double reduced(const double *x, int n) {
  double v[3];
  std::transform(x, x + n, v, [](double t) { return t * t; });
  return std::transform_reduce(v, v + n, x, 1.);
}
double by_lambda(const double *x, int n) {
  auto g = [&](const double *p) {
    double t = 1;
    while (p != x + n)
      t *= *p++;
    return t;
  };
  return g(x) * g(x + 1);
}
double kept(const double *x, int n) { // in memory, and exchanged
  const double *rows[2] = {x, x + 1}, *last = x;
  double s = 0;
  for (int i = 0; i + 1 < n; ++i) {
    s += *rows[i % 2] * *rows[(i + 1) % 2] * *last;
    std::swap(rows[0], rows[1]);
    last = rows[i % 2];
  }
  return s * s;
}
double recursive(const double *x, int n) {
  return n == 0 ? 0. : x[0] * x[0] * x[n - 1] + std::sin(x[0]) * recursive(x + 1, n - 1);
}

template <auto F> double third(const double *x, int n, const double *u, const double *w) {
  double r[3] = {}, s = 0;
  nabla::hvp<F>(x, n, u, r);
  for (int i = 0; i < n; ++i)
    s += w[i] * r[i];
  return s;
}
template <auto F> double slope(const double *x, int n, const double *u) {
  return nabla::pushforward<F>(x, n, u).dot;
}

template <auto F> static void verify() {
  const double x[] = {2, 1.5, 0.5}, u[] = {1, -0.5, 0.3}, w[] = {0.7, 0.4, -1};
  for (int n : {2, 3}) {
    double bar[3] = {}, product[3] = {};
    nabla::gradient<third<F>, nabla::wrt<0>>(x, n, u, w, bar);
    nabla::hvp<slope<F>, nabla::wrt<0>>(x, n, u, w, product);
    for (int k = 0; k < n; ++k) {
      double e[3] = {};
      e[k] = 1;
      const double dot = nabla::pushforward<third<F>, nabla::wrt<0>>(x, n, u, w, e).dot;
      CHECK_NEAR(bar[k], dot, 1e-12 * (1 + std::fabs(dot)));
      CHECK_NEAR(product[k], dot, 1e-12 * (1 + std::fabs(dot)));
    }
  }
}

int main() {
  verify<chosen>();
  verify<walked>();
  verify<consumed>();
  verify<largest>();
  verify<inner>();
  verify<inner_squares>();
  verify<reduced>();
  verify<by_lambda>();
  verify<kept>();
  verify<recursive>();
  double b[2] = {}, x[] = {2, 1}, e[] = {1, 0};
  nabla::gradient<third<chosen>, nabla::wrt<0>>(x, 2, e, e, b);
  CHECK(b[0] == 6 && b[1] == 0);
  return check::report();
}
