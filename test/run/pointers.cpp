// Pointers and references, as parameters and as locals: arithmetic, reseating, swapping, pointers to
// pointers.
#ifdef CASES

double through_pointer(const double *p) { return *p * *p; }

double two_outputs(const double *x, double *y, double *z) {
  *y = *x * *x;
  *z = *y * *x;
  return *z + *y;
}

void by_reference(double &a, const double &b) {
  a *= b;
  a += b * b;
}

double walk_and_square(const double *p, int n) {
  double s = 0;
  for (; n > 0; --n) {
    double v = *p++;
    s += v * v * n;
  }
  return s;
}

double walk_to_end(const double *begin, const double *end_, int n) {
  const double *end = begin + n;
  double product = end_[0];
  for (const double *p = begin; p != end; ++p)
    product *= *p + 1;
  return product;
}

double walk_backwards(const double *a, int n) {
  double s = 1;
  for (const double *p = a + n; p > a;)
    s = s * 0.5 + *--p * s;
  return s;
}

void write_while_walking(double *out, const double *in, int n) {
  double *o = out;
  const double *i = in;
  while (o < out + n) {
    *o++ *= *i;
    i++;
  }
}

double row_pointers(const double *a, int rows, int columns) {
  double s = 0;
  for (int i = 0; i < rows; ++i) {
    const double *row = a + i * columns;
    for (int j = 0; j < columns; ++j)
      s += row[j] * row[columns - 1 - j] * (i + 1);
  }
  return s;
}

void row_pointers_written(double *a, int rows, int columns) {
  for (int i = 1; i < rows; ++i) {
    double *row = a + i * columns, *above = row - columns;
    for (int j = 0; j < columns; ++j)
      row[j] = row[j] * above[j] + std::sin(above[j]);
  }
}

double reseated(double x, double y) {
  double a = x * y, b = x + y;
  double *p = &a;
  *p *= x;
  p = &b;
  *p *= y;
  return a * b;
}

double chosen_at_run_time(double x, double y, int which) {
  double a = x * y, b = x - y;
  double *p = which ? &a : &b;
  *p *= *p;
  return a + 2 * b;
}

double chosen_in_loop(const double *x, int n) {
  double even = 1, odd = 1;
  for (int i = 0; i < n; ++i) {
    double *to = i % 2 ? &odd : &even;
    *to *= x[i];
  }
  return even - 3 * odd;
}

double ping_pong(const double *x, int n, int steps) {
  double a[4], b[4];
  double *from = a, *to = b;
  for (int i = 0; i < n; ++i)
    from[i] = x[i];
  for (int s = 0; s < steps; ++s) {
    for (int i = 0; i < n; ++i)
      to[i] = from[i] * from[(i + 1) % n] + 0.5;
    double *t = from;
    from = to;
    to = t;
  }
  double sum = 0;
  for (int i = 0; i < n; ++i)
    sum += from[i];
  return sum;
}

double swapped_pointers(double x, double y) {
  double a = x, b = y;
  double *p = &a, *q = &b;
  *p *= 2;
  std::swap(p, q);
  *p *= x;
  *q += y * b;
  return a * b;
}

double alias_of_local(double x) {
  double a = x;
  double *p = &a;
  double &r = a;
  *p *= x;
  r += a * *p;
  a *= r;
  return *p;
}

double reference_to_element(double *a, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    double &e = a[i];
    e *= e;
    const double &f = a[(i + 1) % n];
    s += e * f;
  }
  return s;
}

double pointer_to_element(double *a, int i) {
  double *p = &a[i];
  p[0] *= p[1];
  *(p + 1) += p[0] * p[-1];
  return p[1] * *p;
}

double pointer_to_pointer(double x, double y) {
  double a = x, b = y;
  double *rows[2] = {&a, &b};
  double **pp = rows;
  **pp *= y;
  ++pp;
  **pp *= a;
  return *rows[0] * *rows[1];
}

double pointer_to_pointer_reseats(double x, double y) {
  double a = x * y, b = y;
  double *p = &a;
  double **pp = &p;
  **pp *= 2;
  *pp = &b;
  *p *= x;
  return a * b;
}

double array_of_row_pointers(double *m, int n) {
  double *row[4];
  for (int i = 0; i < n; ++i)
    row[i] = m + i * n;
  double *t = row[0];
  row[0] = row[n - 1];
  row[n - 1] = t;
  double s = 0;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) {
      row[i][j] *= row[j][i] + 1;
      s += row[i][j];
    }
  return s;
}

double pointer_difference(const double *a, int n) {
  const double *end = a + n;
  double s = 0;
  for (const double *p = a; p < end; p += 2)
    s += *p * static_cast<double>(p - a) + *p * *p * static_cast<double>(end - p);
  return s;
}

double maybe_null(const double *a, const double *b, int use) {
  const double *p = use ? b : nullptr;
  double s = a[0] * a[0];
  if (p)
    s += p[0] * a[1];
  if (p == nullptr)
    s *= a[1];
  return s;
}

double largest_element(const double *a, int n) {
  const double *best = a;
  for (int i = 1; i < n; ++i)
    if (a[i] > *best)
      best = a + i;
  return *best * *best;
}

double const_pointer(double *const a, int n) {
  double *const second = a + 1;
  for (int i = 0; i + 1 < n; ++i)
    second[i] *= a[i];
  return a[n - 1];
}

double pointer_kept_over_update(double x, double y) {
  double a[2] = {x, y};
  double *p = a;
  double s = *p++;
  a[1] *= s;
  s += *p * *p;
  p[-1] = s * y;
  return a[0] * a[1];
}

double address_of_parameter(double x, double y) {
  double *p = &x;
  *p *= y;
  p = &y;
  *p += x;
  return x * y;
}

double dereferenced_address(double x) { return *&x * (&x)[0]; }

double array_decays(double x) {
  double a[3] = {x, x * x, 1};
  double *p = a;
  p[2] = *a * *(a + 1);
  return *(p + 2) * a[0];
}

double pointer_into_matrix(double x, double y) {
  double m[2][2] = {{x, y}, {x * y, 1}};
  double(*row)[2] = m;
  ++row;
  (*row)[1] = (*row)[0] * m[0][1];
  double *flat = &m[0][0];
  return flat[3] * flat[0];
}

/// One row is a table, which has no tangent.
double rows_of_two_kinds(double x, double y) {
  static const double table[2] = {1.5, 2.5};
  double own[2] = {x, y};
  const double *rows[2] = {table, own};
  const double **all = rows;
  double s = 1;
  for (int i = 0; i < 4; ++i)
    s = std::sin(s * all[i % 2][i / 2]) + x;
  return s;
}

#else
#define CASES "pointers.cpp"
#include "twice.h"

int main() {
  VERIFY(rows_of_two_kinds, 0.7, 1.2);
  VERIFY(through_pointer, reals{1.5});
  VERIFY(two_outputs, reals{1.5}, reals{7}, reals{8});
  VERIFY(by_reference, reals{1.5}, reals{2.5});
  VERIFY(walk_and_square, reals{1.5, 2.5, -0.5}, 3);
  VERIFY(walk_to_end, reals{1.5, 2.5, -0.5}, reals{2}, 3);
  VERIFY(walk_backwards, reals{1.5, 2.5, -0.5}, 3);
  VERIFY(write_while_walking, reals{1.5, 2.5, -0.5}, reals{2, 3, 4}, 3);
  VERIFY(row_pointers, reals{1, 2, 3, 4, 5, 6}, 2, 3);
  VERIFY(row_pointers_written, reals{1, 2, 3, 4, 5, 6}, 3, 2);
  VERIFY(reseated, 1.5, 2.5);
  VERIFY(chosen_at_run_time, 1.5, 2.5, 0);
  VERIFY(chosen_at_run_time, 1.5, 2.5, 1);
  VERIFY(chosen_in_loop, reals{1.5, 2.5, -0.5, 3}, 4);
  VERIFY(ping_pong, reals{0.5, 0.25, -0.5}, 3, 5);
  VERIFY(swapped_pointers, 1.5, 2.5);
  VERIFY(alias_of_local, 1.5);
  VERIFY(reference_to_element, reals{1.5, 2.5, -0.5}, 3);
  VERIFY(pointer_to_element, reals{1.5, 2.5, -0.5, 2}, 1);
  VERIFY(pointer_to_pointer, 1.5, 2.5);
  VERIFY(pointer_to_pointer_reseats, 1.5, 2.5);
  VERIFY(array_of_row_pointers, reals{1, 2, 3, 4, 0.5, 6, 7, 8, 9}, 3);
  VERIFY(pointer_difference, reals{1, 2, 3, 4, 5}, 5);
  VERIFY(maybe_null, reals{1.5, 2.5}, reals{3}, 0);
  VERIFY(maybe_null, reals{1.5, 2.5}, reals{3}, 1);
  VERIFY(largest_element, reals{1.5, 2.5, -0.5}, 3);
  VERIFY(const_pointer, reals{1.5, 2.5, -0.5}, 3);
  VERIFY(pointer_kept_over_update, 1.5, 2.5);
  VERIFY(address_of_parameter, 1.5, 2.5);
  VERIFY(dereferenced_address, 1.5);
  VERIFY(array_decays, 1.5);
  VERIFY(pointer_into_matrix, 1.5, 2.5);
  return check::report();
}
#endif
