#include "order.h"

static double repeated(double x, int depth) {
  return depth <= 0 ? x * x : repeated(std::sin(x), depth - 1) * x;
}
double energy(const double *x, int n, double k) {
  double s = 0, p = 1;
  for (int i = 0; i < n; ++i) {
    p *= 1 + k * x[i] * x[i];
    s += p * repeated(x[i], 2);
  }
  return s;
}
double soft(double x, double y) { return std::log(1 + std::exp(x * y)); }
