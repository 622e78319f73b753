// Library calls on reals: memcpy, memmove, memset, std::swap, std::move, std::copy, std::fill; common maths
// by any name.
#ifdef CASES

double copied(const double *x, int n) {
  double a[8];
  std::memcpy(a, x, n * sizeof(double));
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += a[i] * x[n - 1 - i];
  return s;
}

void copied_over(double *a, const double *b, int n) {
  a[0] *= b[0];
  memcpy(a + 1, b, sizeof(double) * (n - 1));
  a[1] *= a[0];
}

double moved_memory(const double *x, int n) {
  double a[8];
  for (int i = 0; i < n; ++i)
    a[i] = x[i] * x[i];
  std::memmove(a + 1, a, (n - 1) * sizeof(double));
  a[0] = x[1];
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += a[i] * x[i];
  return s;
}

void moved_down(double *a, int n) {
  std::memmove(a, a + 1, (n - 1) * sizeof(*a));
  a[0] *= a[n - 1];
}

double set_to_zero(const double *x, int n) {
  double a[8];
  for (int i = 0; i < n; ++i)
    a[i] = x[i];
  double s = a[0] * a[1];
  std::memset(a, 0, 2 * sizeof(double));
  for (int i = 0; i < n; ++i)
    s += a[i] * a[i];
  return s;
}

void output_set_to_zero(double *out, const double *x, int n) {
  memset(out, 0, sizeof(double) * n);
  for (int i = 0; i < n; ++i)
    out[i / 2] += x[i] * x[i];
}

double swapped(double x, double y) {
  double a = x * x, b = y;
  std::swap(a, b);
  a *= x;
  std::swap(a, b);
  return a * b + a;
}

double swapped_unqualified(double x, double y) {
  using std::swap;
  double a = x * x, b = y;
  swap(a, b);
  return a * a * b;
}

double swapped_elements(double *a, int n) {
  double s = 0;
  for (int i = 0; i < n / 2; ++i) {
    std::swap(a[i], a[n - 1 - i]);
    s += a[i] * a[i] * i + a[i];
  }
  return s;
}

double bubble_sort(double *a, int n) {
  for (int i = 0; i < n; ++i)
    for (int j = 0; j + 1 < n - i; ++j)
      if (a[j] > a[j + 1])
        std::swap(a[j], a[j + 1]);
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += a[i] * a[i] * (i + 1);
  return s;
}

double swapped_integers(const double *x) {
  int i = 0, j = 1;
  std::swap(i, j);
  return x[i] * x[i] * x[j];
}

double moved(double x) {
  double a = x * x;
  double b = std::move(a);
  b *= x;
  a = std::move(b);
  return a * x;
}

double algorithm_copy(const double *x, int n) {
  double a[8];
  std::copy(x, x + n, a);
  std::copy(a, a + n / 2, a + n - n / 2);
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += a[i] * x[i];
  return s;
}

double algorithm_copy_n(const double *x, int n) {
  double a[8];
  std::copy_n(x, n, a);
  return a[0] * a[n - 1];
}

double algorithm_fill(double x, int n) {
  double a[8];
  std::fill(a, a + n, x * x);
  std::fill(a + 1, a + 2, 0.0);
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += a[i] * (i + 1);
  return s * x;
}

double algorithm_fill_n(double x, int n) {
  double a[8];
  std::fill_n(a, n, x);
  return a[0] * a[n - 1];
}

double names_of_sine(double x) { return sin(x) + std::sin(x * 2); }

double two_arguments(double x, double y) {
  return std::pow(x, y) + std::atan2(x, y) + std::hypot(x, y) + std::fmin(x, y) * std::fmax(x, y) +
         std::fmod(x, y);
}

double min_and_max(double x, double y) {
  return std::min(x, y) * std::max(x * x, y) + std::max<double>(x, 0.0);
}

double powers(double x) { return std::pow(x, 2) + pow(x, 3) * std::pow(2.0, x) + std::pow(x, 0.5); }

double absolute(double x, double y) { return std::fabs(x) * std::abs(y) + fabs(x * y); }

double composed(double x) {
  return std::exp(-x * x) * std::log(1 + x * x) + std::sqrt(std::tanh(x) + 2) / std::cos(x) + std::atan(x) +
         std::tan(x);
}

double rounded(double x) { return std::floor(x) * x + (x - std::floor(x)) * x; }

// The adjoint follows the permutation.
double sorted(double *x, int n) {
  std::sort(x, x + n);
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += (i + 1) * x[i] * x[i];
  return s;
}

#else
#define CASES "library.cpp"
#include "twice.h"

int main() {
  reals x{1.5, 2.5, 0.5, -0.75, 3};
  VERIFY(copied, x, 5);
  VERIFY(copied_over, reals{1.5, 9, 9}, reals{2, 3, 4}, 3);
  VERIFY(moved_memory, x, 5);
  VERIFY(moved_down, x, 5);
  VERIFY(set_to_zero, x, 5);
  VERIFY(output_set_to_zero, reals{9, 9, 9, 9, 9}, x, 5);
  VERIFY(swapped, 1.5, 2.5);
  VERIFY(swapped_unqualified, 1.5, 2.5);
  VERIFY(swapped_elements, x, 5);
  VERIFY(bubble_sort, x, 5);
  VERIFY(swapped_integers, x);
  VERIFY(moved, 1.5);
  VERIFY(algorithm_copy, x, 5);
  VERIFY(algorithm_copy_n, x, 5);
  VERIFY(algorithm_fill, 1.5, 5);
  VERIFY(algorithm_fill_n, 1.5, 5);
  VERIFY(names_of_sine, 1.5);
  VERIFY(two_arguments, 1.5, 2.5);
  VERIFY(two_arguments, 2.75, 1.25);
  VERIFY(min_and_max, 1.5, 3.5);
  VERIFY(min_and_max, 1.5, 0.5);
  VERIFY(powers, 1.5);
  VERIFY(absolute, -1.5, 2.5);
  VERIFY(composed, 0.5);
  VERIFY(rounded, 1.75);
  VERIFY(sorted, reals{0.3,  -0.7, 1.9, 0.1,  -1.3, 0.9, 2.5,  -0.2, 0.4, 1.1,
                       -2.2, 0.6,  3.1, -0.9, 0.8,  1.7, -1.8, 0.05, 2.2, -0.45},
         20);
  return check::report();
}
#endif
