// The objective: plain C++. Nabla compiles its gradient into this object file.
#include "mixture.hpp"
#include <cmath>

/// Logarithm of the Gaussian density at (x, y).
static double log_density(const double *component, double x, double y) {
  const double log_two_pi = 1.83787706640934548356;
  double a = component[2], b = component[3], c = component[4];
  double u = (x - component[0]) / std::exp(a); // (u, v) = L^-1 (point - mean)
  double v = (y - component[1] - b * u) / std::exp(c);
  return -log_two_pi - a - c - 0.5 * (u * u + v * v);
}

double negative_log_likelihood(const double *theta, const double *points, int n) {
  const double *first = theta + 1, *second = first + component_size;
  double log_weight1 = -std::log1p(std::exp(-theta[0]));
  double log_weight2 = -std::log1p(std::exp(theta[0]));
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    double p = log_weight1 + log_density(first, points[2 * i], points[2 * i + 1]);
    double q = log_weight2 + log_density(second, points[2 * i], points[2 * i + 1]);
    double larger = p > q ? p : q;
    sum -= larger + std::log(std::exp(p - larger) + std::exp(q - larger));
  }
  return sum;
}
