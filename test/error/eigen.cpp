// What of Eigen is refused, and where: expressions without a type of their own, other decompositions, changes of shape.
//
// RUN: %nablaxx -std=c++17 -fsyntax-only -isystem /usr/include/eigen3 -Xclang -verify %s
#include <Eigen/Dense>
#include <nabla/eigen.h>
using Eigen::MatrixXd;
using Eigen::VectorXd;

[[nabla::gradient]] double lazy(const VectorXd &x) {
  auto y = x + x; // expected-error {{cannot carry a derivative here; it is evaluated again wherever it is used: give it a type of its own, as in Eigen::VectorXd x = ..., or write .eval() [nabla N103]}}
  return y.sum();
}

[[nabla::gradient]] double full_pivots(const MatrixXd &a, const VectorXd &b) {
  VectorXd x = a.fullPivLu().solve(b); // expected-error {{solve() of this decomposition is not differentiated; use llt(), ldlt(), partialPivLu(), householderQr() or colPivHouseholderQr() [nabla N102]}}
  return x.sum();
}

[[nabla::gradient]] double singular_values(const MatrixXd &a) {
  Eigen::JacobiSVD<MatrixXd> svd(a); // expected-error {{use Eigen::LLT, LDLT, PartialPivLU, HouseholderQR or ColPivHouseholderQR, made of its matrix: Eigen::LLT<Eigen::MatrixXd> llt(a); [nabla N103]}}
  return svd.singularValues()(0);
}

[[nabla::gradient]] double grows(VectorXd x) {
  x.conservativeResize(5); // expected-error {{'conservativeResize' of a matrix is not differentiated; write it as a loop over coefficients, m(i, j) [nabla N102]}}
  return x.sum();
}

[[nabla::gradient]] double random(const VectorXd &x) {
  return x.dot(VectorXd::Random(3)); // expected-error {{'Random' of Eigen is not differentiated; pass the random numbers as a parameter [nabla N102]}}
}

[[nabla::gradient]] double strides(const double *p) {
  Eigen::Map<const VectorXd, 0, Eigen::InnerStride<2>> v(p, 3); // expected-error {{[nabla N103]}}
  return v.sum();
}

[[nabla::gradient]] double power(const MatrixXd &a) {
  Eigen::SelfAdjointEigenSolver<MatrixXd> solver(a); // expected-error {{[nabla N103]}}
  return solver.eigenvalues()(0);
}

[[nabla::gradient]] double viewed(const Eigen::Ref<const VectorXd> &x) { // expected-error {{take a const Eigen::MatrixXd & or VectorXd &, or a pointer to the numbers}}
  return x.sum();
}

template <class D> double halves(VectorXd &v, const Eigen::MatrixBase<D> &e) {
  v *= 0.5;
  return e.sum();
}
[[nabla::gradient]] double evaluated_late(VectorXd v) {
  return halves(v, 2 * v); // expected-error {{an expression of Eigen's, handed to a function that may change what it is computed from, is not differentiated; evaluate it first, as in (a + b).eval() [nabla N102]}}
}
[[nabla::gradient]] double captured(VectorXd v) {
  auto f = [&](const auto &e) {
    v *= 0.5;
    return e.sum();
  };
  return f(2 * v); // expected-error {{evaluate it first}}
}
