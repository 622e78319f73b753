// Adjoints of loops that read neighbours: they may be collected for one element at a time (pass gather), with elements at both
// edges apart; and the loops for which that would be wrong.
#ifdef CASES

double three_points(const double *u, int n) {
  double *w = new double[n + 1];
  for (int i = 0; i <= n; ++i)
    w[i] = 0;
  for (int i = 1; i + 1 < n; ++i)
    w[i] = u[i - 1] * u[i] + 0.5 * u[i + 1] * u[i + 1];
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += w[i] * w[i];
  delete[] w;
  return s;
}
void stepped(double *u, double *w, std::size_t n, int count) {
  for (int t = 0; t < count; ++t) {
    for (std::size_t i = 2; i + 2 < n; ++i)
      w[i] = u[i - 2] * 0.5 + u[i] * u[i + 1] - u[i + 2];
    for (std::size_t i = 2; i + 2 < n; ++i)
      u[i] = w[i];
  }
}
double five_points(const double *u, int rows, int columns) { // neighbours in the row, and in other rows
  double w[40] = {};
  for (int i = 1; i + 1 < rows; ++i)
    for (int j = 1; j + 1 < columns; ++j)
      w[i * columns + j] = u[i * columns + j] * u[(i - 1) * columns + j] + u[(i + 1) * columns + j] +
                           u[i * columns + j - 1] * u[i * columns + (j + 1)];
  double s = 0;
  for (double x : w)
    s += x * x;
  return s;
}
void in_order(double *u, int n) { // each iteration uses what the last one has written
  for (int i = 1; i + 1 < n; ++i)
    u[i] = 0.5 * u[i - 1] * u[i] + u[i + 1] * u[i + 1];
}
void shifted(double *u, double *w, int n) { // the adjoint that is used up has another subscript
  for (int i = 1; i + 1 < n; ++i) {
    w[i] = u[i] * u[i - 1];
    w[i + 1] = u[i + 1] * w[i];
  }
}
void upwind(double *u, double *w, int n, int count) { // what one neighbour adds has common factors
  for (int t = 0; t < count; ++t) {
    for (int i = 1; i + 1 < n; ++i)
      w[i] = u[i] - 0.1 * u[i] * (u[i] - u[i - 1]) + 0.05 * (u[i + 1] - 2 * u[i] + u[i - 1]);
    for (int i = 1; i + 1 < n; ++i)
      u[i] = w[i];
  }
}
double every_other(const double *u, int n) {
  double *w = new double[n + 2];
  for (int i = 0; i < n + 2; ++i)
    w[i] = 1;
  for (int i = 1; i + 1 < n; i += 2)
    w[i] = u[i - 1] * u[i] * u[i + 1];
  for (int i = n - 2; i > 0; --i)
    w[i] += u[i - 1] * u[i + 1];
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += w[i] * w[i];
  delete[] w;
  return s;
}
double scaled(const double *u, const double *k, double a, int n) { // sums beside the neighbours
  double w[12] = {};
  for (int i = 0; i + 3 < n; ++i)
    w[i] = a * (u[i] + u[i + 3] * k[i]) + k[i + 1];
  double s = 0;
  for (double x : w)
    s += x * x;
  return s;
}
double around(const double *u, int n) { // the last one's neighbour is the first one
  double w[8] = {};
  for (int i = 0; i < n; ++i)
    w[i] = u[i] * u[(i + 1) % n];
  double s = 0;
  for (double x : w)
    s += x * x;
  return s;
}
double fixed_size(const float *u) {
  float w[9] = {};
  for (int i = 1; i < 8; ++i)
    w[i] = u[i - 1] - 2 * u[i] + u[i + 1] * u[i + 1] - u[i] * u[i] - (u[i] + 3 * u[i - 1]) * 0.5f;
  double s = 0;
  for (float x : w)
    s += x * x;
  return s;
}

#else
#define CASES "neighbours.cpp"
#include "twice.h"

int main() {
  reals x{0.5, 1, -0.5, 0.25, 1, 0.75, -1.25, 0.5, 2};
  for (int n = 0; n <= 9; ++n) {
    VERIFY(three_points, x, n);
    VERIFY(stepped, x, reals{1, 2, 3, 4, 5, 6, 7, 8, 9}, std::size_t(n), 3);
    VERIFY(upwind, x, reals{1, 2, 3, 4, 5, 6, 7, 8, 9}, n, 3);
    VERIFY(in_order, x, n);
    VERIFY(shifted, x, reals{1, 2, 3, 4, 5, 6, 7, 8, 9}, n);
    VERIFY(every_other, x, n);
    VERIFY(scaled, x, reals{1, 2, 3, 4, 5, 6, 7, 8, 9}, 0.5, n);
  }
  reals grid;
  for (int i = 0; i < 30; ++i)
    grid.push_back(0.1 * i - 0.07 * (i % 7));
  VERIFY(five_points, grid, 5, 6);
  VERIFY(five_points, grid, 10, 3);
  VERIFY(five_points, grid, 3, 10);
  VERIFY(around, x, 8);
  VERIFY(around, x, 1);
  VERIFY(fixed_size, reals{0.5, 1, -0.5, 0.25, 1, 0.75, -1.25, 0.5, 2});
  return check::report();
}
#endif
