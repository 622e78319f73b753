// Eigen: every operation that is differentiated, against Eigen over dual numbers; forward mode, too.
//
// RUN: %nablaxx -std=c++17 -O0 -Wall -Wextra -I%include -isystem /usr/include/eigen3 %check %s -o %t && %t
// RUN: sh -c 'test -z "$NABLA_FULL" || { %nablaxx -std=c++17 -O1 -fsanitize=address,undefined -I%include -isystem /usr/include/eigen3 %check %s -o %t && %t; }'
// RUN: sh -c 'test -z "$NABLA_FULL" || { %nabla --whole %s -o %t.cpp -- -std=c++17 -I%include -isystem /usr/include/eigen3 %check && %gxx -std=c++17 -O0 -Wall -Wextra -I%include -isystem /usr/include/eigen3 %check %t.cpp -L%lib -lnabla -o %t && %t; }'
#include "check.h"
#include "eigen_dual.h"
#include <nabla/eigen.h>
#include <nabla/nabla.h>
#include <vector>

#include "eigen_cases.h"

using dual = oracle::dual<double>;

/// Entry k of a, then of x.
template <class M, class V> auto &entry(M &a, V &x, int k) {
  return k < a.size() ? a.data()[k] : x.data()[k - a.size()];
}

template <auto F, auto D, class M, class V, class DM, class DV>
void verify(const char *name, const M &a, const V &x) {
  M a_bar = M::Zero(a.rows(), a.cols());
  V x_bar = V::Zero(x.size());
  double v;
  if constexpr (M::RowsAtCompileTime == Eigen::Dynamic)
    v = nabla::gradient<F>(a, x, a_bar, x_bar);
  else
    v = nabla::gradient<F>(a, x, a_bar, &x_bar);
  double scale = 1 + a_bar.cwiseAbs().maxCoeff() + x_bar.cwiseAbs().maxCoeff();
  check::verdict(std::fabs(v - F(a, x)) <= 1e-12 * (1 + std::fabs(v)), name, "value", 0);
  M direction = M::Zero(a.rows(), a.cols());
  V x_direction = V::Zero(x.size());
  double along = 0;
  for (int k = 0; k < a.size() + x.size(); ++k) {
    DM da = a.template cast<dual>();
    DV dx = x.template cast<dual>();
    entry(da, dx, k).dot = 1;
    double expected = D(da, dx).dot, got = entry(a_bar, x_bar, k);
    bool ok = std::fabs(got - expected) <= 1e-11 * scale;
    check::verdict(ok, name, "entry", k);
    if (!ok)
      std::printf("  %s, entry %d: got %.15g, expected %.15g\n", name, k, got, expected);
    entry(direction, x_direction, k) = std::sin(k + 1.0);
    along += expected * std::sin(k + 1.0);
  }
#ifndef NO_FORWARD
  auto both = nabla::pushforward<F>(a, x, direction, x_direction);
  bool ok = std::fabs(both.dot - along) <= 1e-11 * scale;
  check::verdict(ok, name, "pushforward", 0);
  if (!ok)
    std::printf("  %s: pushforward %.15g, expected %.15g\n", name, both.dot, along);
#endif
}

template <auto F, auto D> void verify_x(const char *name) {
  MatX<double> a(3, 3);
  VecX<double> x(3);
  a << 2.1, 0.3, -0.4, 0.5, 1.7, 0.6, -0.2, 0.8, 1.9;
  x << 1.5, 0.7, 2.2;
  verify<F, D, MatX<double>, VecX<double>, MatX<dual>, VecX<dual>>(name, a, x);
}
template <auto F, auto D> void verify_f(const char *name) {
  Mat3<double> a;
  a << 2.1, 0.3, -0.4, 0.5, 1.7, 0.6, -0.2, 0.8, 1.9;
  verify<F, D, Mat3<double>, Vec3<double>, Mat3<dual>, Vec3<dual>>(name, a, Vec3<double>(1.5, 0.7, 2.2));
}
#define X(NAME) verify_x<&NAME<double>, &NAME<dual>>(#NAME)
#define F(NAME) verify_f<&NAME<double>, &NAME<dual>>(#NAME)

int main() {
  X(taken_as_they_are);
  X(integers_and_shapes);
  X(sums);
  X(scalars_from_it);
  X(products);
  X(shapes_at_run_time);
  X(parts);
  X(rows_and_columns);
  X(symmetric);
  X(block_variables);
  X(coefficients);
  X(reductions);
  X(constants);
  X(mapped);
  X(lists_of_blocks);
  X(cholesky);
  X(triangles);
  X(least_squares);
  X(ldlt);
  X(lu);
  X(inverse);
  X(calls);
  X(classes);
  X(in_vectors);
  X(row_major);
  F(units_and_lists);
  F(fixed_arithmetic);
  F(fixed_systems);
  F(fixed_classes);
  return check::report();
}
