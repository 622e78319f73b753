// Recursion: calls that stay calls. What their reverse sweep needs must survive whatever the caller does in between.
#ifdef CASES

double sum_of_squares(const double *x, int n) {
  return n == 0 ? 0.0 : x[0] * x[0] + sum_of_squares(x + 1, n - 1);
}

// A local array that moves to the record takes its first values along.
template <class R> struct weights {
  R w[2], scale;
};
double with_table(double x, int n) {
  double a[3] = {0.5, 0, 2}, b[2][2] = {{1, 2}, {3}};
  weights<double> c = {{0.25, 4}, 1.5};
  a[n % 3] *= x;
  b[n % 2][1] += a[2] * x;
  c.w[n % 2] *= a[0] + c.scale;
  double s = a[0] * a[2] + b[0][1] * b[1][0] * b[1][1] + c.w[0] * c.w[1];
  return n > 0 ? s * with_table(0.5 * x, n - 1) : s;
}

double caller_overwrites(double *x, int n) {
  double s = sum_of_squares(x, n);
  for (int i = 0; i < n; ++i)
    x[i] = 1 / x[i];
  s *= sum_of_squares(x, n);
  x[0] = 7;
  return s * sum_of_squares(x, n);
}

double caller_overwrites_local(double a, double b) {
  double v[2] = {a, b};
  double s = sum_of_squares(v, 2);
  v[0] = s * b;
  s += sum_of_squares(v, 2);
  v[1] = 0;
  return s * sum_of_squares(v, 2);
}

double called_in_loop(double *x, int n) {
  double s = 1;
  for (int i = 0; i < n; ++i) {
    s += sum_of_squares(x + i, n - i) * s * 0.1;
    x[i] *= s;
  }
  return s;
}

void quick_sort(double *a, int low, int high) {
  if (low >= high)
    return;
  double pivot = a[(low + high) / 2];
  int i = low, j = high;
  while (i <= j) {
    while (a[i] < pivot)
      ++i;
    while (a[j] > pivot)
      --j;
    if (i <= j)
      std::swap(a[i++], a[j--]);
  }
  quick_sort(a, low, j);
  quick_sort(a, i, high);
}
double sorted_weights(double *a, int n) {
  quick_sort(a, 0, n - 1);
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += a[i] * a[i] * (i + 1);
  return s;
}

void merge_sort(double *a, double *work, int n) {
  if (n < 2)
    return;
  int m = n / 2;
  merge_sort(a, work, m);
  merge_sort(a + m, work + m, n - m);
  for (int i = 0, l = 0, r = m; i < n; ++i)
    work[i] = r == n || (l < m && a[l] <= a[r]) ? a[l++] : a[r++];
  for (int i = 0; i < n; ++i)
    a[i] = work[i];
}
double merge_sorted(double *a, int n) {
  double work[8];
  merge_sort(a, work, n);
  return a[0] * a[n - 1] + a[n / 2] * a[n / 2];
}

struct Pair {
  double a, b;
};
Pair fibonacci(Pair p, int n) {
  if (n == 0)
    return p;
  Pair next = {p.b, p.a * p.b + 0.1};
  return fibonacci(next, n - 1);
}
double struct_by_value(double a, double b, int n) {
  Pair p = fibonacci({a, b}, n);
  return p.a + 2 * p.b;
}

void rotate(Pair &p, int n) {
  if (n == 0)
    return;
  double t = p.a * p.b;
  p.a = p.b;
  rotate(p, n - 1);
  p.b = t + p.a * p.b;
}
double struct_by_reference(double a, double b, int n) {
  Pair p = {a, b};
  rotate(p, n);
  return p.a * p.b;
}

double local_array(double x, int n) {
  double w[2] = {x, x * x};
  if (n == 0)
    return w[0] * w[1];
  double below = local_array(w[1] * 0.5, n - 1);
  w[0] *= below;
  return w[0] + w[1] * below;
}

double heap_in_recursion(const double *x, int n) {
  if (n == 1)
    return x[0] * x[0];
  double *y = new double[n - 1];
  for (int i = 0; i + 1 < n; ++i)
    y[i] = x[i] * x[i + 1];
  double r = heap_in_recursion(y, n - 1) + y[0];
  delete[] y;
  return r;
}

double loop_and_recursion(double x, int depth) {
  double s = x;
  for (int i = 0; i < depth; ++i) {
    if (s > 50)
      return s * x;
    s += loop_and_recursion(x * 0.9, i) * 0.5 * s;
  }
  return s;
}

double binomial(double p, int n, int k) {
  if (k == 0 || k == n)
    return p;
  return binomial(p, n - 1, k - 1) * (1 - p) + binomial(p * p, n - 1, k);
}

void integer_results(const double *x, int n, int &count, double &total) {
  if (n == 0)
    return;
  if (x[0] > 1) {
    ++count;
    total += x[0] * x[0] * count;
  }
  integer_results(x + 1, n - 1, count, total);
  total *= 1 + 0.01 * count;
}
double integers_come_back(const double *x, int n) {
  int count = 0;
  double total = 0;
  integer_results(x, n, count, total);
  return total * count;
}

double determinant(const double *m, int n) {
  if (n == 1)
    return m[0];
  double det = 0, sign = 1;
  for (int c = 0; c < n; ++c) {
    double minor[9];
    int at = 0;
    for (int i = 1; i < n; ++i)
      for (int j = 0; j < n; ++j)
        if (j != c)
          minor[at++] = m[i * n + j];
    det += sign * m[c] * determinant(minor, n - 1);
    sign = -sign;
  }
  return det;
}

void fast_fourier(double *re, double *im, int n, int stride) {
  if (n == 1)
    return;
  fast_fourier(re, im, n / 2, stride * 2);
  fast_fourier(re + stride, im + stride, n / 2, stride * 2);
  double r[8], m[8];
  for (int k = 0; k < n / 2; ++k) {
    double angle = -2 * 3.14159265358979323846 * k / n;
    int even = 2 * k * stride, odd = even + stride;
    double tr = re[odd] * std::cos(angle) - im[odd] * std::sin(angle);
    double ti = re[odd] * std::sin(angle) + im[odd] * std::cos(angle);
    r[k] = re[even] + tr, m[k] = im[even] + ti;
    r[k + n / 2] = re[even] - tr, m[k + n / 2] = im[even] - ti;
  }
  for (int k = 0; k < n; ++k)
    re[k * stride] = r[k], im[k * stride] = m[k];
}

double first(double *x, int n);
double second(double *x, int n) {
  if (n <= 0)
    return x[1];
  x[1] += x[0] * 0.5;
  return first(x, n - 2) * x[0];
}
double first(double *x, int n) {
  if (n <= 0)
    return x[0];
  x[0] *= x[1];
  double r = second(x, n - 1);
  x[0] += r * 0.1;
  return r + x[0] * x[1];
}

double factor_table[3] = {1.5, 0.5, 2};
double reads_global(double x, int n) {
  return n == 0 ? x : factor_table[n % 3] * x * reads_global(x * 0.5, n - 1) + x;
}

double repeated(double x, double eps) {
  double next = 0.5 * (x + 2 / x);
  return std::fabs(next - x) < eps ? next : repeated(next, eps) + 0.01 * x * x;
}

double float_recursion_helper(float x, int n) {
  if (n == 0)
    return x;
  return x * float_recursion_helper(x * 0.5f + 1, n - 1);
}
double float_recursion(float x) { return float_recursion_helper(x, 4); }

double value_not_used(double x, int n) {
  if (n == 0)
    return x * x;
  value_not_used(x * 2, n - 1);
  return x * value_not_used(x * 0.5, n - 1);
}

double deep(double x, int n) { return n == 0 ? x : std::sin(deep(x, n - 1)) + x * 0.001; }

// What is passed on may have an adjoint or none.
double power(const double &x, int n) { return n <= 0 ? 1.0 : x * power(x, n - 1); }
double reference_to_either(double x, int n) {
  double c = 1.5, sum = 0;
  for (int i = 0; i < n; ++i) {
    const double &r = i % 2 ? c : x;
    sum += power(r, i) * x;
  }
  return sum;
}
double walk(const double *p, int n) { return n <= 0 ? 0.0 : p[0] * p[0] + walk(p + 1, n - 1); }
double pointer_to_either(double x, int n) {
  double c[3] = {1, 2, 3}, a[3] = {x, 2 * x, x * x}, sum = 0;
  for (int i = 0; i < n; ++i) {
    const double *p = i % 2 ? c : a;
    sum += x * walk(p, 3);
  }
  return sum;
}

#else
#define CASES "recursion.cpp"
#include "twice.h"

int main() {
  VERIFY(with_table, 1.25, 3);
  reals x{1.5, 2.5, 0.5, -0.75};
  VERIFY(caller_overwrites, x, 4);
  VERIFY(caller_overwrites_local, 1.5, 2.5);
  VERIFY(called_in_loop, x, 4);
  VERIFY(sorted_weights, reals{3, 1, 2.5, -1, 0.5, 7}, 6);
  VERIFY(merge_sorted, reals{3, 1, 2.5, -1, 0.5, 7}, 6);
  VERIFY(struct_by_value, 0.5, 0.75, 4);
  VERIFY(struct_by_reference, 0.5, 0.75, 4);
  VERIFY(local_array, 0.75, 3);
  VERIFY(heap_in_recursion, x, 4);
  VERIFY(loop_and_recursion, 1.1, 4);
  VERIFY(binomial, 0.3, 6, 3);
  VERIFY(integers_come_back, x, 4);
  VERIFY(determinant, reals{4, 1, 2, 1, 3, 0.5, 2, 0.5, 5}, 3);
  VERIFY(fast_fourier, reals{1, 2, 3, 4, -1, 0.5, 2, 1}, reals{0, 1, 0, -1, 0.5, 0.25, 0, 2}, 8, 1);
  VERIFY(first, reals{0.75, 1.25}, 7);
  VERIFY(reads_global, 1.5, 4);
  VERIFY(repeated, 3.5, 0.01);
  VERIFY_SINGLE(float_recursion, 0.75);
  VERIFY(value_not_used, 0.75, 3);
  VERIFY(deep, 0.75, 200);
  VERIFY(reference_to_either, 1.1, 5);
  VERIFY(pointer_to_either, 1.1, 5);
  return check::report();
}
#endif
