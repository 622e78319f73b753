// Dense factors with partial pivoting, for nabla::implicit.
#include <nabla/implicit.h>
#include <nabla/nabla.h>

namespace nabla::detail {
namespace {

double stored(const unsigned long long *factors, int i) {
  double value;
  __builtin_memcpy(&value, factors + i, sizeof value);
  return value;
}

} // namespace

void factorise(double *a, int n, unsigned long long *factors) {
  unsigned long long *order = factors + n * n;
  for (int i = 0; i < n; ++i)
    order[i] = static_cast<unsigned long long>(i);
  for (int k = 0; k < n; ++k) {
    int pivot = k;
    for (int i = k + 1; i < n; ++i)
      if (std::fabs(a[i * n + k]) > std::fabs(a[pivot * n + k]))
        pivot = i;
    if (pivot != k) {
      std::swap(order[k], order[pivot]);
      for (int j = 0; j < n; ++j)
        std::swap(a[k * n + j], a[pivot * n + j]);
    }
    for (int i = k + 1; i < n; ++i) {
      const double l = a[i * n + k] /= a[k * n + k];
      for (int j = k + 1; j < n; ++j)
        a[i * n + j] -= l * a[k * n + j];
    }
  }
  __builtin_memcpy(factors, a, sizeof(double) * static_cast<std::size_t>(n * n));
}

void solve_factored(const unsigned long long *factors, int n, double *b) {
  record memory;
  double *y = memory.array<double>(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) {
    y[i] = b[factors[n * n + i]];
    for (int j = 0; j < i; ++j)
      y[i] -= stored(factors, i * n + j) * y[j];
  }
  for (int i = n - 1; i >= 0; --i) {
    for (int j = i + 1; j < n; ++j)
      y[i] -= stored(factors, i * n + j) * b[j];
    b[i] = y[i] / stored(factors, i * n + i);
  }
}

void solve_transposed(const unsigned long long *factors, int n, double *b) {
  record memory;
  double *y = memory.array<double>(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) {
    y[i] = b[i];
    for (int j = 0; j < i; ++j)
      y[i] -= stored(factors, j * n + i) * y[j];
    y[i] /= stored(factors, i * n + i);
  }
  for (int i = n - 1; i >= 0; --i)
    for (int j = i + 1; j < n; ++j)
      y[i] -= stored(factors, j * n + i) * y[j];
  for (int i = 0; i < n; ++i)
    b[factors[n * n + i]] = y[i];
}

} // namespace nabla::detail
