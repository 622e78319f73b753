// Products of the Hessian of functions over Eigen's matrices, against differences of gradients.
// RUN: %nablaxx -std=c++17 -O0 -Wall -Wextra -I%include -isystem /usr/include/eigen3 %check %s -o %t && %t
#include "check.h"
#include <Eigen/Dense>
#include <cmath>
#include <nabla/eigen.h>
#include <nabla/nabla.h>

using V = Eigen::VectorXd;
using M = Eigen::MatrixXd;
using V3 = Eigen::Vector3d;
using M3 = Eigen::Matrix3d;

static M mat(const double *a, int n) {
  M m(n, n);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j)
      m(i, j) = a[i * n + j] + (i == j ? 3 : 0);
  return m;
}
double products(const double *a, int n) {
  M m = mat(a, n);
  V v = m.row(0).transpose();
  V y = m * v;
  return y.dot(y) * std::exp(0.1 * y.norm());
}
double cholesky(const double *a, int n) {
  M m = mat(a, n);
  M s = m * m.transpose();
  V b = m.col(0);
  V x = s.llt().solve(b);
  return x.squaredNorm() * b.sum();
}
double inverse_and_determinant(const double *a, int n) {
  M m = mat(a, n);
  return m.determinant() + m.inverse().trace();
}
double parts_and_lu(const double *a, int n) {
  M m = mat(a, n);
  m.block(0, 1, 2, 2) *= m(0, 0);
  V x = m.partialPivLu().solve(m.col(1));
  return x.array().sin().sum() + m.topLeftCorner(2, 2).cwiseProduct(m.bottomRightCorner(2, 2)).sum();
}
double small(const double *a, int) {
  M3 m;
  m << a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8];
  V3 v(a[0], a[4], 1);
  V3 c = v.cross(m * v);
  return c.norm() + (m * m).trace() * m.determinant();
}
double triangles(const double *a, int n) {
  M m = mat(a, n);
  M s = m * m.transpose() + M::Identity(n, n), l = s.llt().matrixL();
  V x = l.triangularView<Eigen::Lower>().solve(V::Ones(n));
  V y = s.triangularView<Eigen::UnitUpper>().solve(x);
  return x.squaredNorm() + y(0) * l.diagonal().array().log().sum() + s.llt().matrixU().solve(y).sum();
}
double symmetric(const double *a, int n) {
  M m = mat(a, n);
  M s = m + m.transpose();
  V x = s.ldlt().solve(V::Ones(n));
  return x.dot(s * x) + s.colwise().sum().maxCoeff();
}

double least_squares(const double *a, int n) {
  M m = mat(a, n), tall(2 * n, n);
  tall << m, m * m + M::Identity(n, n);
  V b(2 * n);
  b << m.col(0), V::Ones(n);
  V x = tall.colPivHouseholderQr().solve(b);
  Eigen::HouseholderQR<M> qr(tall);
  return x.squaredNorm() + qr.solve(b * x(0)).sum();
}

template <class Hvp, class Gradient> static void compare(Hvp hvp, Gradient gradient) {
  const double a[9] = {0.3, 0.7, -0.2, 0.5, 0.9, 0.4, -0.6, 0.8, 1.1};
  const double d[9] = {1, -0.5, 0.3, 0.2, 0.7, -1, 0.4, 0.6, -0.8}, h = 1e-5;
  double r[9] = {}, sides[2][9] = {};
  hvp(a, d, r);
  for (int side = 0; side < 2; ++side) {
    double moved[9];
    for (int i = 0; i < 9; ++i)
      moved[i] = a[i] + (side ? -h : h) * d[i];
    gradient(moved, sides[side]);
  }
  double largest = 1;
  for (int i = 0; i < 9; ++i)
    largest = std::fmax(largest, std::fabs(r[i]));
  for (int i = 0; i < 9; ++i)
    CHECK(std::fabs(r[i] - (sides[0][i] - sides[1][i]) / (2 * h)) < 1e-7 * largest);
}

#define COMPARE(f)                                                                                           \
  compare([](const double *a, const double *d, double *r) { nabla::hvp<f>(a, 3, d, r); },                    \
          [](const double *a, double *bar) { nabla::gradient<f>(a, 3, bar); })

int main() {
  COMPARE(products);
  COMPARE(cholesky);
  COMPARE(inverse_and_determinant);
  COMPARE(parts_and_lu);
  COMPARE(small);
  COMPARE(symmetric);
  COMPARE(triangles);
  COMPARE(least_squares);
  return check::report();
}
