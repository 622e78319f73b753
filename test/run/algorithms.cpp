// <numeric> and <algorithm> over vectors, arrays and pointers: by the bodies that the library's headers show.
#ifdef CASES

double accumulated(const std::vector<double> &x) {
  return std::accumulate(x.begin(), x.end(), double(0.5)) *
         std::accumulate(x.begin(), x.end(), double(1), std::multiplies<>());
}
double accumulated_by_lambda(const std::vector<double> &x, double a) {
  return std::accumulate(x.begin(), x.end(), double(1), [&](double s, double e) { return s * e + a; });
}
double inner(const std::vector<double> &x, const std::vector<double> &y) {
  return std::inner_product(x.begin(), x.end(), y.begin(), double(0)) *
         std::transform_reduce(x.begin(), x.end(), y.begin(), double(1));
}
double transformed(const std::vector<double> &x, double a) {
  std::vector<double> y(x.size()), z(x.size());
  std::transform(x.begin(), x.end(), y.begin(), [](double e) { return std::sin(e); });
  std::transform(x.begin(), x.end(), y.begin(), z.begin(),
                 [&](double p, double q) { return a * p * q + x[0]; });
  return y[0] * z[1] + z[2];
}
double reduced(const std::vector<double> &x) {
  return std::reduce(x.begin(), x.end()) * std::reduce(x.begin(), x.end(), double(1)) +
         std::transform_reduce(x.begin(), x.end(), double(0), std::plus<>(),
                               [](double e) { return std::exp(e); });
}
double sums(const std::vector<double> &x) {
  std::vector<double> y(x.size()), d(x.size());
  std::partial_sum(x.begin(), x.end(), y.begin());
  std::adjacent_difference(y.begin(), y.end(), d.begin());
  return y.back() * y[1] + d[2] * d[0];
}
double each(const std::vector<double> &x) {
  double s = 0;
  std::for_each(x.begin(), x.end(), [&](double e) { s += e * e; });
  std::vector<double> y = x;
  std::for_each(y.begin(), y.end(), [&](double &e) { e *= s; });
  return y[0] * y[1];
}
double filled(const std::vector<double> &x) {
  std::vector<double> y(4);
  std::fill(y.begin(), y.end(), x[0]);
  std::iota(y.begin() + 1, y.end(), x[1]);
  std::fill_n(y.begin() + 2, 1, x[2]);
  return y[0] * y[1] * y[2] + y[3];
}
double moved_about(const std::vector<double> &x) {
  std::vector<double> y(x.size() + 1);
  std::copy(x.begin(), x.end(), y.begin());
  y[3] = x[0] * x[0];
  std::reverse(y.begin(), y.end());
  std::rotate(y.begin(), y.begin() + 1, y.end());
  std::swap_ranges(y.begin(), y.begin() + 1, y.begin() + 2);
  return y[0] * y[0] * y[1] + y[2] * y[3];
}
double extremes(const std::vector<double> &x) {
  auto largest = std::max_element(x.begin(), x.end());
  return *largest * *std::min_element(x.begin(), x.end()) + double(largest - x.begin()) * x[0];
}
double sorted(const std::vector<double> &x) {
  std::vector<double> y = x;
  std::sort(y.begin(), y.end());
  return y[0] * y[1] * y[1] + std::sin(y[2]);
}
double generated(double a) {
  std::vector<double> y(3);
  std::generate(y.begin(), y.end(), [&] { return a *= 2 * a; });
  return y[0] * y[1] + y[2];
}
double over_arrays(const std::vector<double> &x) {
  std::array<double, 3> a{x[0], x[1] * x[0], x[2]};
  double raw[3] = {x[2], x[0], 1};
  return std::accumulate(a.begin(), a.end(), double(0)) *
             std::inner_product(raw, raw + 3, a.begin(), double(0)) +
         std::accumulate(x.data(), x.data() + 2, double(0));
}

#else
#include <array>
#include <functional>
#include <numeric>
#include <vector>
#define CASES "algorithms.cpp"
#include "twice.h"

int main() {
  reals x{1.5, 2.5, 0.5}, y{-0.5, 0.75, 2};
  VERIFY(accumulated, x);
  VERIFY(accumulated_by_lambda, x, 1.25);
  VERIFY(inner, x, y);
  VERIFY(transformed, x, 1.25);
  VERIFY(reduced, x);
  VERIFY(sums, x);
  VERIFY(each, x);
  VERIFY(filled, x);
  VERIFY(moved_about, x);
  VERIFY(extremes, x);
  VERIFY(sorted, x);
  VERIFY(generated, 0.75);
  VERIFY(over_arrays, x);
  return check::report();
}
#endif
