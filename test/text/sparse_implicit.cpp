// nabla::sparse_implicit: the solution of 10^4 equations with Eigen's sparse factors, at first and second order. Without Eigen it says
// what to include.
//
// RUN: %nablaxx -std=c++17 -O1 -isystem /usr/include/eigen3 %check %s -L%lib -lnabla -o %t && %t
// RUN: not %nablaxx -std=c++17 -fsyntax-only -DWITHOUT_EIGEN %check %s 2>&1 | FileCheck %s
// CHECK: sparse_implicit solves with Eigen: write #include <Eigen/SparseLU> before #include <nabla/implicit.h>
#ifndef WITHOUT_EIGEN
#include <Eigen/SparseLU>
#endif
#include "check.h"
#include <nabla/implicit.h>
#include <nabla/nabla.h>
#include <vector>

void residual(const double *x, const double *p, int n, double *r) {
  for (int i = 0; i < n; ++i)
    r[i] = 4 * x[i] + x[i] * x[i] * x[i] - (i > 0 ? x[i - 1] : 0) - (i + 1 < n ? 2 * x[i + 1] : 0) - p[0] -
           p[1] * i / n;
}
[[nabla::inactive]] void solve(double *x, const double *p, int n) {
  std::vector<double> r(n);
  for (int k = 0; k < 200; ++k) {
    residual(x, p, n, r.data());
    for (int i = 0; i < n; ++i)
      x[i] -= r[i] / 7;
  }
}
double loss(const double *p, int n) {
  double *found = new double[n](), *x = new double[n], s = 0;
  solve(found, p, n);
  nabla::sparse_implicit<residual>(found, x, n, p, n);
  for (int i = 0; i < n; ++i)
    s += x[i] * x[i] / n;
  delete[] x;
  delete[] found;
  return s;
}

int main() {
  const int n = 10000;
  double p[2] = {1, -0.5}, d[2] = {1, 2}, r[2] = {}, g[2][2] = {};
  CHECK(nabla::check_gradient<loss>(nabla::extents{2}, p, n).passed);
  nabla::hvp<loss>(p, n, d, r);
  const double h = 1e-5;
  for (int side = 0; side < 2; ++side) {
    double q[2] = {p[0] + (side ? -h : h) * d[0], p[1] + (side ? -h : h) * d[1]};
    nabla::gradient<loss>(q, n, g[side]);
  }
  for (int i = 0; i < 2; ++i)
    CHECK_NEAR(r[i], (g[0][i] - g[1][i]) / (2 * h), 1e-8);
  return check::report();
}
