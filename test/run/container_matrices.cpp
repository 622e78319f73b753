// Hessians, Jacobians and check_gradient of functions that take and give containers.
// FLAGS: -w -std=c++20
// WITHOUT: no-alias
#include "check.h"
#include <array>
#include <cmath>
#include <nabla/nabla.h>
#include <span>
#include <stdexcept>
#include <vector>
using reals = std::vector<double>;

void adds(const reals &x, reals &y) {
  for (std::size_t i = 0; i < y.size(); ++i)
    y[i] = x[i] * x[0] + y[i] * x[i];
}
std::array<double, 2> gives_array(const std::array<double, 3> &x, double k) {
  return {x[0] * x[1] * k, x[2] * x[0]};
}
reals gives_vector(reals x) {
  x[0] *= x[1];
  return {x[0] * x[1], x[2] * x[0], x[1], x[2]};
}
reals sums(const reals &x, const double *w) { // wide: by rows
  reals out(2);
  for (std::size_t i = 0; i < x.size(); ++i)
    out[i % 2] += x[i] * x[i] * w[i % 3];
  return out;
}
void through_spans(std::span<const double> x, std::span<double> y) {
  for (std::size_t i = 0; i < y.size(); ++i)
    y[i] *= x[i] * x[i] * x[0];
}
void fixed_spans(std::span<const double, 2> x, std::span<double, 1> y) { y[0] = x[0] * x[1] * x[1]; }
double both(const reals &x, reals &y) { // a real and a container
  y = {x[0] * x[1], x[1] * x[1] * x[2]};
  return x[0] * x[2];
}
void resizes(const reals &x, reals &y) {
  y.clear();
  for (double v : x)
    y.push_back(v * v);
}
std::vector<float> in_float(std::vector<float> x) { return {x[0] * x[1], x[1] * x[1]}; }

double energy(std::span<const double> x, const reals &w) {
  double t = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    t += x[i] * x[i] * w[i];
  return t * x[0];
}
double in_place(reals &x, double k) { // the Hessian's, x as it was
  for (double &v : x)
    v *= v * k;
  return x[0] * x[1];
}
double of_array(std::array<double, 2> x) {
  x[0] *= x[1];
  return x[0] * x[0];
}

// What the function changes is put back before each sweep: inputs, and what is not differentiated at all.
void inputs_too(reals &x, double &y) {
  x[0] *= 2;
  x[1] *= x[0];
  y = x[1] * x[1];
}
void raw_inputs(double *x, double *y) {
  for (int i = 0; i < 6; ++i) {
    x[i] *= x[i];
    y[i] = x[i] * x[i];
  }
}
void by_rows(reals &x, reals &y) {
  for (double &e : x)
    e *= e;
  y[0] = 0, y[1] = 1;
  for (double e : x) {
    y[0] += e;
    y[1] += e * e;
  }
}
reals counted(const reals &x, int &calls) {
  ++calls;
  return {x[0] * calls};
}
double cubes(const reals &x, int &k, std::span<int> more) {
  ++k;
  double s = 0;
  for (double e : x)
    s += k * e * e * e;
  more[0] += 5;
  return s * (more[0] - 4);
}
double weighted(const reals &x, reals &c) {
  double s = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    s += x[i] * x[i] * c[i];
  c[0] += 1, c[1] *= 2;
  return s;
}
double permuted(const reals &x, std::vector<int> &at) {
  double s = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    s += x[i] * x[i] * x[at[i]];
  std::swap(at[0], at[1]);
  return s;
}

void expect(const char *, const double *got, std::initializer_list<double> want) {
  std::size_t i = 0;
  for (double w : want) {
    CHECK_NEAR(got[i], w, 1e-12 * (1 + std::fabs(w)));
    ++i;
  }
}

int main() {
  double J[64];
  const reals x{1, 2, 3};
  reals y{5, 6, 7};
  nabla::sweeps how = nabla::jacobian<adds>(x, y, J);
  expect("adds", J, {7, 0, 0, 2, 7, 0, 3, 0, 8});
  CHECK(how.is_forward && how.lanes == 1 && y[2] == 24);
  nabla::jacobian<adds, nabla::of<1>, nabla::wrt<0>>(x, y, J);
  expect("adds", J + 4, {15});
  const std::array<double, 3> a{1, 2, 3};
  nabla::jacobian<gives_array>(a, 2.0, J);
  expect("gives_array", J, {4, 2, 0, 2, 3, 0, 1, 0});
  nabla::jacobian<gives_vector>(x, J);
  expect("gives_vector", J, {4, 4, 0, 6, 3, 2, 0, 1, 0, 0, 0, 1});
  const double w[3] = {0.5, 2, 3};
  how = nabla::jacobian<sums>(nabla::extents{3}, reals{1, 2, 3, 4, 5, 6}, w, J);
  CHECK(!how.is_forward && how.count == 2);
  expect("sums", J, {1, 0, 18, 0, 20, 0, 1, 25, 9, 0, 8, 0, 4, 0, 36, 16, 4, 36});
  y = {1, 2, 3};
  nabla::jacobian<through_spans>(std::span<const double>(x), std::span<double>(y), J);
  expect("through_spans", J, {3, 0, 0, 8, 8, 0, 27, 0, 18});
  CHECK(y[1] == 8);
  nabla::jacobian<fixed_spans>(std::span<const double, 2>(x.data(), 2), std::span<double, 1>(y.data(), 1), J);
  expect("fixed_spans", J, {4, 4});
  y = {0, 0};
  nabla::jacobian<both>(x, y, J);
  expect("both", J, {3, 0, 1, 2, 1, 0, 0, 12, 4});
  CHECK(y[1] == 12);
  y = {0, 0, 0};
  nabla::jacobian<resizes>(x, y, J);
  expect("resizes", J, {2, 0, 0, 0, 4, 0, 0, 0, 6});
  bool is_thrown = false;
  try {
    y = {0};
    nabla::jacobian<resizes>(x, y, J);
  } catch (const std::length_error &) {
    is_thrown = true;
  }
  CHECK(is_thrown);
  float F[4];
  nabla::jacobian<in_float>(std::vector<float>{2, 3}, F);
  CHECK(F[0] == 3 && F[1] == 2 && F[2] == 0 && F[3] == 6);

  {
    reals z{1, 3};
    double out = 0;
    nabla::jacobian<inputs_too, nabla::wrt<0>, nabla::of<1>>(z, out, J);
    expect("inputs_too", J, {72, 24});
    CHECK(z[0] == 2 && z[1] == 6 && out == 36);
    double raw[6] = {2, 2, 2, 2, 2, 2}, raw_out[6];
    nabla::jacobian<raw_inputs, nabla::wrt<0>, nabla::of<1>>(nabla::extents{6, 6}, raw, raw_out, J);
    for (int i = 0; i < 36; ++i)
      CHECK(J[i] == (i % 7 == 0 ? 32 : 0));
    CHECK(raw[0] == 4 && raw_out[5] == 16);
    reals many(8, 2), few(2);
    nabla::jacobian<by_rows, nabla::wrt<0>, nabla::of<1>>(many, few, J);
    for (int i = 0; i < 16; ++i)
      CHECK(J[i] == (i < 8 ? 4 : 32));
    CHECK(many[7] == 4 && few[0] == 32);
    int calls = 0;
    nabla::jacobian<counted>(reals{5}, calls, J);
    CHECK(J[0] == 1 && calls == 1);
    int k = 0, more[1] = {0};
    nabla::hessian<cubes>(x, k, std::span<int>(more), J);
    expect("cubes", J, {6, 0, 0, 0, 12, 0, 0, 0, 18});
    CHECK(k == 1 && more[0] == 5);
    k = more[0] = 0;
    nabla::hessian_diagonal<cubes>(x, k, std::span<int>(more), J);
    expect("cubes", J, {6, 12, 18});
    k = more[0] = 0;
    CHECK(nabla::check_gradient<cubes>(x, k, std::span<int>(more)).passed && k == 0 && more[0] == 0);
    reals c(3, 1);
    nabla::hessian<weighted, nabla::wrt<0>>(x, c, J);
    expect("weighted", J, {2, 0, 0, 0, 2, 0, 0, 0, 2});
    CHECK(c[0] == 2 && c[1] == 2);
    std::vector<int> at{1, 2, 0};
    nabla::hessian<permuted>(x, at, J);
    expect("permuted", J, {4, 2, 6, 2, 6, 4, 6, 4, 2});
  }

  y = {1, 4, 9};
  nabla::hessian<energy>(std::span<const double>(x), y, J);
  expect("energy", J, {6, 16, 54, 3, 4, 9, 16, 8, 0, 0, 4, 0, 54, 0, 18, 0, 0, 6,
                       3, 0,  0,  0, 0, 0, 4,  4, 0, 0, 0, 0, 9,  0, 6,  0, 0, 0});
  nabla::hessian_diagonal<energy, nabla::wrt<0>>(std::span<const double>(x), y, J);
  expect("energy", J, {6, 8, 18});
  reals z{2, 3};
  nabla::hessian<in_place>(z, 0.5, J);
  expect("in_place", J, {4.5, 6, 36, 6, 2, 24, 36, 24, 72});
  CHECK(z[0] == 2 && z[1] == 4.5);
  nabla::hessian<of_array>(std::array<double, 2>{2, 3}, J);
  expect("of_array", J, {18, 24, 24, 8});

  nabla::gradient_check report = nabla::check_gradient<energy>(std::span<const double>(x), y);
  CHECK(report.passed);
  z = {2, 3};
  CHECK(nabla::check_gradient<in_place>(z, 0.5).passed);
  CHECK(z[1] == 3);
  return check::report();
}
