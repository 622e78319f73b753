// Defines what spring.h promises. Linked by ../main.cpp.
#include "spring.h"

double spring(const double *x, int n, double stiffness) {
  double energy = 0;
  for (int i = 0; i + 1 < n; ++i) {
    double d = x[i + 1] - x[i];
    energy += 0.5 * stiffness * d * d * std::sin(x[i]);
  }
  return energy;
}

void relax(double *x, int n, double rate) {
  for (int i = 1; i + 1 < n; ++i)
    x[i] += rate * (x[i - 1] - 2 * x[i] + x[i + 1]) * x[i];
}

double tower(double x, int height) { return height == 0 ? x : std::sin(tower(x * x, height - 1)) * x; }
