// Eigen matrices of variables: products, mixed operands, decompositions, norms, coefficient functions.
//
// RUN: sh -c '%clangxx -std=c++17 -Wall -Wextra -O0 ${NABLA_FULL:+-DNABLA_FULL} -I%include -isystem /usr/include/eigen3 %check %s -L%lib -lnabla -o %t' && %t
#include "check.h"
#include <Eigen/Dense>
#include <nabla/eigen.h>

namespace {

using nabla::var;
template <class V> using matrix = Eigen::Matrix<V, 3, 3>;
template <class V> using vector = Eigen::Matrix<V, 3, 1>;

/// d f / d all nine entries, against central differences.
template <class F> void compare(const char *name, F f, const matrix<double> &a, double tolerance) {
  nabla::tape tape;
  matrix<var> v = a.cast<var>();
  for (int i = 0; i < 9; ++i)
    tape.watch(v(i));
  const var y = f(v);
  CHECK_NEAR(y.value(), f(a), 1e-13);
  tape.backward(y);
  for (int i = 0; i < 9; ++i) {
    const double h = 1e-5;
    matrix<double> up = a, down = a;
    up(i) += h;
    down(i) -= h;
    const double slope = (f(up) - f(down)) / (2 * h);
    const bool ok = std::fabs(v(i).adjoint() - slope) <= tolerance * (1 + std::fabs(slope));
    check::verdict(ok, name, "entry", i);
    if (!ok)
      std::printf("  %.17g, difference quotient %.17g\n", v(i).adjoint(), slope);
  }
}

} // namespace

int main() {
  matrix<double> a;
  a << 2, 0.3, -1, 0.7, 3, 0.2, -0.4, 0.5, 4;
  const vector<double> b(1, -2, 0.5);
  auto compare_all = [&](double tolerance) {
    compare("product", [](const auto &m) { return (m * m.transpose() * m).eval().sum(); }, a, tolerance);
    compare(
        "mixed",
        [&](const auto &m) {
          return (m * b.template cast<typename std::decay_t<decltype(m)>::Scalar>())
                     .dot(b.template cast<typename std::decay_t<decltype(m)>::Scalar>()) *
                 2.0;
        },
        a, tolerance);
    compare("doubles", [&](const auto &m) { return (2.5 * m * b).sum(); }, a, tolerance);
    compare("determinant", [](const auto &m) { return m.determinant(); }, a, tolerance);
    compare("inverse", [](const auto &m) { return m.inverse().eval()(0, 2); }, a, tolerance);
    compare(
        "norm", [](const auto &m) { return m.norm() + m.col(1).squaredNorm() + m.trace(); }, a, tolerance);
    compare(
        "solve",
        [&](const auto &m) {
          using V = typename std::decay_t<decltype(m)>::Scalar;
          const vector<V> right = b.cast<V>(), x = m.partialPivLu().solve(right);
          return V(x.sum());
        },
        a, tolerance);
#ifdef NABLA_FULL // half a minute of compiling
    compare(
        "qr",
        [&](const auto &m) {
          using V = typename std::decay_t<decltype(m)>::Scalar;
          const vector<V> right = b.cast<V>(), x = m.householderQr().solve(right);
          return V(x(0) * x(1));
        },
        a, tolerance);
    compare(
        "cholesky",
        [](const auto &m) {
          using V = typename std::decay_t<decltype(m)>::Scalar;
          const matrix<V> s = m * m.transpose();
          const matrix<V> l = s.llt().matrixL();
          return V(l.sum());
        },
        a, tolerance);
#endif
    compare(
        "coefficients",
        [](const auto &m) {
          using V = typename std::decay_t<decltype(m)>::Scalar;
          return V((m.array() * m.array() + m.array().abs() + m.array().sin().exp()).sum() + m.maxCoeff() -
                   m.minCoeff());
        },
        a, tolerance);
  };
  compare_all(1e-7);
  Eigen::Matrix<var, Eigen::Dynamic, Eigen::Dynamic> large(20, 20);
  large.setIdentity();
  nabla::tape tape;
  var x = 3;
  tape.watch(x);
  large *= x;
  large = large * large;
  tape.backward(large.trace());
  CHECK_NEAR(x.adjoint(), 120, 1e-15);
  return check::report();
}
