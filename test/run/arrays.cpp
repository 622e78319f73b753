// Arrays: fixed, variable-length and multi-dimensional; subscripts of every kind; arrays of arrays passed on.
#ifdef CASES
#ifdef __clang__
#pragma clang diagnostic ignored "-Wvla-cxx-extension"
#endif

double fixed(double x, double y) {
  double a[3];
  a[0] = x;
  a[1] = y;
  a[2] = a[0] * a[1];
  return a[2] * a[0];
}

double initialised(double x, double y) {
  double a[3] = {x, y, x * y};
  double b[4] = {x};
  double c[2] = {};
  return a[0] * a[1] + a[2] * a[2] + b[0] * b[0] + b[3] * x + c[1] * y;
}

double constant_table(double x) {
  const double weights[3] = {0.5, 1.5, -2.5};
  double s = 0, power = 1;
  for (int i = 0; i < 3; ++i) {
    s += weights[i] * power;
    power *= x;
  }
  return s;
}

double two_dimensions(double x, double y) {
  double m[2][3] = {{x, y, 1}, {2, x * y}};
  double s = 0;
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j)
      s += m[i][j] * m[1 - i][2 - j];
  return s;
}

double three_dimensions(const double *v) {
  double t[2][2][2];
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 2; ++j)
      for (int k = 0; k < 2; ++k)
        t[i][j][k] = v[i] * v[j] + v[k];
  return t[0][1][0] * t[1][0][1] + t[1][1][1];
}

double matrix_parameter(const double (*m)[3], int rows) {
  double s = 0;
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < 3; ++j)
      s += m[i][j] * m[i][(j + 1) % 3];
  return s;
}

void matrix_written(double m[][2], int rows) {
  for (int i = 1; i < rows; ++i)
    for (int j = 0; j < 2; ++j)
      m[i][j] *= m[i - 1][1 - j];
}

double array_parameter(double a[4], const double b[]) {
  double s = 0;
  for (int i = 0; i < 4; ++i)
    s += a[i] * b[3 - i];
  return s;
}

double array_reference(const double (&a)[3]) { return a[0] * a[1] * a[2]; }

void array_reference_written(double (&a)[3]) {
  a[0] *= a[1];
  a[2] = a[0] * a[2];
}

double variable_length(const double *x, int n) {
  double copy[n]; // from C99; clang++ and g++ accept it in C++
  for (int i = 0; i < n; ++i)
    copy[i] = x[i] * x[i];
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += copy[i] * copy[n - 1 - i];
  return s;
}

double indirect(const double *x, const int *index, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += x[index[i]] * x[index[n - 1 - i]];
  return s;
}

void scatter(double *out, const double *x, const int *index, int n) {
  for (int i = 0; i < n; ++i)
    out[index[i]] += x[i] * x[i];
}

void scatter_multiply(double *out, const double *x, const int *index, int n) {
  for (int i = 0; i < n; ++i)
    out[index[i]] *= x[i];
}

double subscript_by_side_effect(const double *x, int n) {
  int i = 0, j = n;
  double s = 0;
  while (i < n)
    s += x[i++] * x[--j];
  return s;
}

double nested_subscript(const double *x, int n) {
  int perm[4] = {2, 0, 3, 1};
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += x[perm[perm[i]]] * (i + 1) * x[perm[i]];
  return s;
}

double reversed_subscript(const double *x) { return 1 [x] * x[0] + 2 [x]; }

double integer_array_changes(double *x, int n) {
  int at[3] = {0, 1, 2};
  double s = 0;
  for (int step = 0; step < n; ++step) {
    at[step % 3] = (at[step % 3] + 1) % 3;
    x[at[0]] *= x[at[1]] + 0.5;
    s += x[at[2]];
  }
  return s;
}

double local_array_in_loop(const double *x, int n) {
  double s = 1;
  for (int i = 0; i < n; ++i) {
    double w[2] = {x[i], s};
    w[1] *= w[0];
    w[0] = std::sin(w[1]);
    s += w[0] * w[1];
  }
  return s;
}

double uninitialised_in_loop(const double *x, int n) {
  double buffer[4];
  double s = 0;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j <= i; ++j)
      buffer[j] = x[j] * x[i];
    for (int j = 0; j <= i; ++j)
      s += buffer[j] * buffer[i - j];
  }
  return s;
}

double matrix_vector(const double *a, const double *x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    double row = 0;
    for (int j = 0; j < n; ++j)
      row += a[i * n + j] * x[j];
    s += row * row;
  }
  return 0.5 * s;
}

void matrix_multiply(double *c, const double *a, const double *b, int n) {
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) {
      c[i * n + j] = 0;
      for (int k = 0; k < n; ++k)
        c[i * n + j] += a[i * n + k] * b[k * n + j];
    }
}

double determinant_by_elimination(double *a, int n) {
  double det = 1;
  for (int k = 0; k < n; ++k) {
    det *= a[k * n + k];
    for (int i = k + 1; i < n; ++i) {
      double factor = a[i * n + k] / a[k * n + k];
      for (int j = k; j < n; ++j)
        a[i * n + j] -= factor * a[k * n + j];
    }
  }
  return det;
}

void cholesky(double *a, int n) {
  for (int j = 0; j < n; ++j) {
    double s = a[j * n + j];
    for (int k = 0; k < j; ++k)
      s -= a[j * n + k] * a[j * n + k];
    a[j * n + j] = std::sqrt(s);
    for (int i = j + 1; i < n; ++i) {
      double t = a[i * n + j];
      for (int k = 0; k < j; ++k)
        t -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = t / a[j * n + j];
    }
  }
}

double stencil_time_steps(double *u, int n, int steps) {
  double next[8];
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i < n - 1; ++i)
      next[i] = u[i] + 0.2 * (u[i + 1] - 2 * u[i] + u[i - 1]) * u[i];
    for (int i = 1; i < n - 1; ++i)
      u[i] = next[i];
  }
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += u[i] * u[i];
  return s;
}

#else
#define CASES "arrays.cpp"
#include "twice.h"

int main() {
  VERIFY(fixed, 1.5, 2.5);
  VERIFY(initialised, 1.5, 2.5);
  VERIFY(constant_table, 1.5);
  VERIFY(two_dimensions, 1.5, 2.5);
  VERIFY(three_dimensions, reals{1.5, -0.5});
  VERIFY(matrix_parameter, reals{1, 2, 3, 4, 5, 6}, 2);
  VERIFY(matrix_written, reals{1, 2, 3, 4, 5, 6}, 3);
  VERIFY(array_parameter, reals{1, 2, 3, 4}, reals{5, 6, 7, 8});
  VERIFY(array_reference, reals{1.5, 2.5, -0.5});
  VERIFY(array_reference_written, reals{1.5, 2.5, -0.5});
  VERIFY(variable_length, reals{1.5, 2.5, -0.5}, 3);
  VERIFY(indirect, reals{1.5, 2.5, -0.5}, reals{2, 0, 2}, 3);
  VERIFY(scatter, reals{1.5, 2.5, -0.5}, reals{1, 2, 3}, reals{2, 0, 2}, 3);
  VERIFY(scatter_multiply, reals{1.5, 2.5, -0.5}, reals{1.25, 2, 3}, reals{2, 0, 2}, 3);
  VERIFY(subscript_by_side_effect, reals{1.5, 2.5, -0.5}, 3);
  VERIFY(nested_subscript, reals{1.5, 2.5, -0.5, 1}, 4);
  VERIFY(reversed_subscript, reals{1.5, 2.5, -0.5});
  VERIFY(integer_array_changes, reals{1.5, 0.5, -0.5}, 7);
  VERIFY(local_array_in_loop, reals{0.5, 0.75, -0.5}, 3);
  VERIFY(uninitialised_in_loop, reals{1.5, 2.5, -0.5, 1}, 4);
  VERIFY(matrix_vector, reals{1, 2, 3, 4}, reals{0.5, -0.5}, 2);
  VERIFY(matrix_multiply, reals{9, 9, 9, 9}, reals{1, 2, 3, 4}, reals{5, 6, 7, 8}, 2);
  VERIFY(determinant_by_elimination, reals{4, 1, 2, 1, 3, 0.5, 2, 0.5, 5}, 3);
  VERIFY(cholesky, reals{4, 1, 2, 1, 3, 0.5, 2, 0.5, 5}, 3);
  VERIFY(stencil_time_steps, reals{0, 1, 2, 3, 2, 1, 0.5, 0}, 8, 5);
  return check::report();
}
#endif
