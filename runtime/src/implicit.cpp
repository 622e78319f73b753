// Dense factors with partial pivoting, for nabla::implicit.
#include <nabla/implicit.h>
#include <nabla/nabla.h>

namespace nabla::detail {

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

} // namespace nabla::detail
