// Memory of the function's own: new and delete, malloc, calloc and free, of reals and of structs, in loops
// and branches.
#ifdef CASES

double new_scalar(double x) {
  double *p = new double(x * x);
  double *q = new double;
  *q = *p * x;
  double r = *p * *q;
  delete p;
  delete q;
  return r;
}

double new_array(const double *x, int n) {
  double *a = new double[n];
  for (int i = 0; i < n; ++i)
    a[i] = x[i] * x[i];
  for (int i = 1; i < n; ++i)
    a[i] *= a[i - 1];
  double r = a[n - 1];
  delete[] a;
  return r;
}

double new_zeroed(const double *x, int n) {
  double *a = new double[n]();
  for (int i = 0; i < n; ++i)
    a[i / 2] += x[i] * x[i];
  double r = a[0] * a[1] + a[n - 1];
  delete[] a;
  return r;
}

double malloc_free(const double *x, int n) {
  double *a = (double *)malloc(n * sizeof(double));
  for (int i = 0; i < n; ++i)
    a[i] = std::sin(x[i]);
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += a[i] * a[n - 1 - i];
  free(a);
  return s;
}

double std_malloc(const double *x, int n) {
  double *a = static_cast<double *>(std::malloc(sizeof(*a) * n));
  for (int i = 0; i < n; ++i)
    a[i] = x[i] * x[i];
  double s = a[0] * a[n - 1];
  std::free(a);
  return s;
}

double calloc_free(const double *x, int n) {
  double *a = static_cast<double *>(std::calloc(n, sizeof(double)));
  for (int i = 0; i + 1 < n; ++i)
    a[i] += x[i] * x[i + 1];
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += a[i] * a[i];
  std::free(a);
  return s;
}

double allocated_in_loop(const double *x, int n) {
  double s = 1;
  for (int i = 1; i <= n; ++i) {
    double *a = new double[i];
    for (int j = 0; j < i; ++j)
      a[j] = x[j] * s;
    for (int j = 0; j < i; ++j)
      s += a[j] * a[i - 1 - j];
    delete[] a;
  }
  return s;
}

double allocated_in_branch(const double *x, int n) {
  double *a = nullptr;
  double s = x[0];
  if (n > 2) {
    a = new double[n];
    for (int i = 0; i < n; ++i)
      a[i] = x[i] * s;
  }
  if (a)
    s *= a[n - 1];
  delete[] a;
  return s * s;
}

double freed_early(const double *x, int n) {
  double *a = new double[n];
  for (int i = 0; i < n; ++i)
    a[i] = std::exp(x[i]);
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += a[i] * a[i];
  delete[] a;
  double *b = new double[n];
  for (int i = 0; i < n; ++i)
    b[i] = s * x[i];
  s = b[0] * b[n - 1];
  delete[] b;
  return s * x[0];
}

double grown_by_hand(const double *x, int n) {
  int capacity = 1, size = 0;
  double *a = new double[capacity];
  for (int i = 0; i < n; ++i) {
    if (size == capacity) {
      double *bigger = new double[2 * capacity];
      for (int j = 0; j < size; ++j)
        bigger[j] = a[j];
      delete[] a;
      a = bigger;
      capacity *= 2;
    }
    a[size++] = x[i] * x[i];
  }
  double s = 0;
  for (int i = 0; i < size; ++i)
    s += a[i] * a[size - 1 - i];
  delete[] a;
  return s;
}

double rows_of_pointers(const double *x, int n) {
  double **m = new double *[n];
  for (int i = 0; i < n; ++i) {
    m[i] = new double[n];
    for (int j = 0; j < n; ++j)
      m[i][j] = x[i] * x[j];
  }
  double s = 0;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j)
      s += m[i][j] * m[j][0];
  for (int i = 0; i < n; ++i)
    delete[] m[i];
  delete[] m;
  return s;
}

double integers_allocated(const double *x, int n) {
  int *order = new int[n];
  for (int i = 0; i < n; ++i)
    order[i] = (i * 2 + 1) % n;
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += x[order[i]] * x[i] * order[i];
  delete[] order;
  return s;
}

struct Body {
  double x, v;
};

double structs_allocated(double x, double v, int steps) {
  Body *b = new Body[2];
  b[0].x = x;
  b[0].v = v;
  b[1] = b[0];
  for (int i = 0; i < steps; ++i) {
    b[0].v -= 0.1 * b[0].x * b[1].x;
    b[0].x += 0.1 * b[0].v;
    b[1].x *= b[0].x;
  }
  double r = b[0].x + b[1].x * b[1].v;
  delete[] b;
  return r;
}

double *make_squares(const double *x, int n) {
  double *a = new double[n];
  for (int i = 0; i < n; ++i)
    a[i] = x[i] * x[i];
  return a;
}

double allocated_by_callee(const double *x, int n) {
  double *a = make_squares(x, n);
  double r = a[0] * a[n - 1];
  delete[] a;
  return r;
}

double released_at_early_return(const double *x, int n) {
  double *a = new double[n];
  for (int i = 0; i < n; ++i) {
    a[i] = x[i] * x[0];
    if (a[i] > 3) {
      double r = a[i] * x[i];
      delete[] a;
      return r;
    }
  }
  double r = a[n - 1] * a[0];
  delete[] a;
  return r;
}

#else
#define CASES "allocation.cpp"
#include "twice.h"

int main() {
  VERIFY(new_scalar, 1.5);
  VERIFY(new_array, reals{1.5, 2.5, -0.5}, 3);
  VERIFY(new_zeroed, reals{1.5, 2.5, -0.5}, 3);
  VERIFY(malloc_free, reals{1.5, 2.5, -0.5}, 3);
  VERIFY(std_malloc, reals{1.5, 2.5, -0.5}, 3);
  VERIFY(calloc_free, reals{1.5, 2.5, -0.5}, 3);
  VERIFY(allocated_in_loop, reals{0.5, 0.25, -0.5}, 3);
  VERIFY(allocated_in_branch, reals{1.5, 2.5, -0.5}, 3);
  VERIFY(allocated_in_branch, reals{1.5, 2.5}, 2);
  VERIFY(freed_early, reals{1.5, 0.5, -0.5}, 3);
  VERIFY(grown_by_hand, reals{1.5, 0.5, -0.5, 2, 3}, 5);
  VERIFY(rows_of_pointers, reals{1.5, 2.5, -0.5}, 3);
  VERIFY(integers_allocated, reals{1.5, 2.5, -0.5}, 3);
  VERIFY(structs_allocated, 1.5, 0.5, 4);
  VERIFY(allocated_by_callee, reals{1.5, 2.5, -0.5}, 3);
  VERIFY(released_at_early_return, reals{1.5, 2.5, -0.5}, 3);
  VERIFY(released_at_early_return, reals{0.5, 1.5, -0.5}, 3);
  return check::report();
}
#endif
