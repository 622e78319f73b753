// Arrays of which loops read elements that they never overwrite later, and others that look as if.
#ifdef CASES

double trajectory(double *x, int n) {
  for (int t = 0; t < n; ++t)
    x[t + 1] = std::sin(x[t]) * x[t];
  return x[n];
}
// Read ahead: the next iteration writes it.
double read_ahead(double *x, int n) {
  for (int t = 0; t < n; ++t)
    x[t] = std::sin(x[t + 1]) * x[t];
  return x[0] * x[n - 1];
}
double backwards(double *x, int n) {
  for (int t = n; t > 0; --t)
    x[t - 1] = x[t - 1] * std::cos(x[t]);
  return x[0];
}
// Going down, what is read was written before; what is written was read before.
double backwards_read_ahead(double *x, int n) {
  for (int t = n; t > 0; --t)
    x[t] = x[t] * x[t - 1];
  return x[0] * x[n] + x[1];
}
double by_rows(const double *w, double *a, int m, int n) {
  for (int j = 0; j < n; ++j)
    a[j] = w[j] * w[j];
  for (int i = 1; i < m; ++i)
    for (int j = 1; j < n; ++j)
      a[i * n + j] = a[(i - 1) * n + j] * a[i * n + j - 1] * w[j] + a[(i - 1) * n + j - 1];
  return a[m * n - 1];
}
// One column too many: the last one of a row is the first one of the next.
double rows_that_overlap(double *a, int m, int n) {
  for (int i = 1; i < m; ++i)
    for (int j = 0; j <= n; ++j)
      a[i * n + j] = a[i * n + j] * a[(i - 1) * n + j] + 0.1;
  return a[m * n] * a[m * n - 1] + a[n + 1];
}
void eliminate(double *a, int n) {
  for (int k = 0; k < n; ++k)
    for (int i = k + 1; i < n; ++i) {
      double f = a[i * n + k] / a[k * n + k];
      a[i * n + k] = f;
      for (int j = k + 1; j < n; ++j)
        a[i * n + j] -= f * a[k * n + j];
    }
}
// All rows, so that those above are written as well.
void eliminate_all(double *a, int n) {
  for (int k = 0; k < n; ++k)
    for (int i = 0; i < n; ++i) {
      if (i == k)
        continue;
      double f = a[i * n + k] / a[k * n + k];
      for (int j = 0; j < n; ++j)
        a[i * n + j] -= f * a[k * n + j];
    }
}
void cholesky(double *a, int n) {
  for (int j = 0; j < n; ++j) {
    double d = a[j * n + j];
    for (int k = 0; k < j; ++k)
      d -= a[j * n + k] * a[j * n + k];
    a[j * n + j] = std::sqrt(d);
    for (int i = j + 1; i < n; ++i) {
      double s = a[i * n + j];
      for (int k = 0; k < j; ++k)
        s -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = s / a[j * n + j];
    }
  }
}
void by_columns(double *a, int m, int n) {
  for (int j = 1; j < n; ++j)
    for (int i = 0; i < m; ++i)
      a[j * m + i] *= a[(j - 1) * m + i] * a[(j - 1) * m];
}
void back_substitution(const double *a, double *x, int n) {
  for (int i = n - 1; i >= 0; --i) {
    double s = x[i];
    for (int j = i + 1; j < n; ++j)
      s -= a[i * n + j] * x[j];
    x[i] = s / a[i * n + i];
  }
}
// The same column again and again: x[0] is written in each iteration of the outer loop.
void last_of_each_pass(double *x, int n) {
  for (int k = 0; k < 3; ++k)
    for (int i = 0; i < n; ++i)
      x[i + 1] = x[i] * x[i + 1] * 0.5 + 0.3;
}
double even_and_odd(double *x, int n) {
  for (int i = 0; i + 1 < n; i += 2) {
    x[i + 1] = x[i] * x[i + 1];
    x[i] = x[i] * x[i];
  }
  return x[0] * x[1] + x[2];
}
double every_other(double *x, int n) {
  for (int i = 0; i + 3 < n; i += 2)
    x[i + 2] = x[i] * x[i + 1] * x[i + 3];
  return x[n - 2] * x[2];
}
void two_levels(double *u, int steps, int n) {
  for (int t = 0; t < steps; ++t)
    for (int i = 1; i + 1 < n; ++i) {
      double l = u[(t % 2) * n + i - 1], r = u[(t % 2) * n + i + 1];
      u[((t + 1) % 2) * n + i] = std::sin(l * r);
    }
}
void all_levels(double *u, int steps, int n) {
  for (int t = 0; t < steps; ++t)
    for (int i = 1; i + 1 < n; ++i)
      u[(t + 1) * n + i] = std::sin(u[t * n + i - 1] * u[t * n + i + 1]) + u[t * n + i];
}
double unsigned_counters(double *x, unsigned long n) {
  for (unsigned long i = 1; i < n; ++i)
    x[i] = x[i] * x[i - 1];
  for (unsigned long i = 0; i < n; ++i)
    x[n - 1 - i] = x[n - 1 - i] * x[i];
  return x[0] * x[n - 1];
}
double with_while(double *x, int n) {
  int i = 0;
  while (i < n && x[i] < 10) {
    x[i + 1] = x[i] * x[i] * 0.9 + 0.1;
    ++i;
  }
  return x[i];
}
double counter_that_may_stay(double *x, int n) {
  int k = 0;
  for (int i = 0; i < n; ++i) {
    x[k + 1] = x[k] * x[k + 1];
    if (i % 2)
      ++k;
  }
  return x[k] * x[0];
}
double array_in_array(int n, double s) {
  double a[4][4] = {{1, s, 2, 3}, {s, 1, 1, 1}, {2, 2, s, 1}, {1, 1, 1, 1}};
  for (int i = 1; i < n; ++i)
    for (int j = 0; j < n; ++j)
      a[i][j] *= a[i - 1][j] * a[i - 1][n - 1 - j];
  return a[n - 1][0] + a[n - 1][n - 1];
}
double shifted_pointer(double *x, int n) {
  double *y = x + 1;
  for (int i = 0; i < n; ++i)
    y[i] = x[i] * y[i];
  for (int i = 0; i < n; ++i)
    x[i] = x[i] * y[i];
  return x[n] * x[0];
}
struct Cell {
  double a, b;
};
double of_structs(double s, int n) {
  Cell c[6] = {{s, 1}, {1, s}, {s, s}, {1, 1}, {2, s}, {s, 2}};
  for (int i = 0; i + 1 < n; ++i) {
    c[i + 1].a *= c[i].a * c[i].b;
    c[i].b = c[i + 1].a * c[i + 1].b;
  }
  return c[n - 1].a * c[0].b + c[n - 2].b;
}
double triangle(double *a, int n) {
  for (int i = 1; i < n; ++i)
    for (int j = 0; j <= i; ++j)
      a[i * (i + 1) / 2 + j] *= a[(i - 1) * i / 2 + (j < i ? j : j - 1)];
  return a[n * (n + 1) / 2 - 1] + a[n * (n - 1) / 2];
}
double bound_by_another(double *a, int columns, int stride, int n) {
  for (int i = 1; i < n; ++i)
    for (int j = 0; j < columns; ++j)
      a[i * stride + j] *= a[(i - 1) * stride + j];
  return a[0] * a[(n - 1) * stride] + a[(n - 1) * stride + columns - 1];
}
double negative_rows(double *a, int n, int stride) {
  for (int i = 1; i < n; ++i)
    for (int j = 0; j < 2; ++j)
      a[8 + i * stride + j] *= a[8 + (i - 1) * stride + j];
  return a[8 + (n - 1) * stride] * a[9];
}

// What is put into memory is read from there again, unless something else has come to lie there.
void put(const double *x, double *y, int n) {
  for (int i = 0; i < n; ++i)
    y[i] = std::exp(x[i]);
}
void put_then_scaled(const double *x, double *y, int n) {
  for (int i = 0; i < n; ++i)
    y[i] = std::exp(x[i]);
  for (int i = 0; i < n; ++i)
    y[i] *= 2;
}
void put_into_one(const double *x, double *y, int n) {
  for (int i = 0; i < n; ++i) {
    double e = std::exp(x[i]);
    y[0] = e;
    y[1] += e * e;
  }
}
void put_twice(const double *x, double *y, double *z, int n) {
  for (int i = 0; i < n; ++i) {
    double e = std::tanh(x[i]);
    y[i] = e;
    z[n - 1 - i] = e;
    y[i] = e * z[i];
  }
}
void put_where_it_says(const double *x, double *y, int n) {
  for (int i = 0; i < n; ++i) {
    double e = std::exp(std::sin(x[i]));
    y[int(e) % 3] = e;
    y[i] += e * e;
  }
}
double put_under_a_condition(const double *x, double *y, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    double e = std::sqrt(x[i]);
    if (e > 0.9)
      y[i] = e;
    s += e * e * e;
  }
  return s * y[1];
}
double put_in_single(const double *x, int n) {
  float y[8] = {};
  double s = 0;
  for (int i = 0; i < n; ++i) {
    double e = std::exp(x[i]);
    y[i] = float(e);
    s += e * y[i];
  }
  return s;
}
double put_in_local(const double *x, int n) {
  double s = 0;
  for (int k = 0; k < 3; ++k) {
    double y[4] = {};
    for (int i = 0; i < n; ++i)
      y[i] = std::sqrt(x[i] * (k + 1));
    for (int i = 0; i + 1 < n; ++i)
      s += y[i] * y[i + 1];
  }
  return s;
}
double put_and_freed(const double *x, int n) {
  double s = 0;
  for (int k = 0; k < 2; ++k) {
    double *y = new double[n];
    for (int i = 0; i < n; ++i) {
      y[i] = std::exp(x[i] * k);
      s += y[i] * y[i];
    }
    delete[] y;
  }
  return s;
}
void put_behind_other(const double *x, double *y, int n) {
  for (int i = 0; i < n; ++i) {
    double e = x[i] / x[(i + 1) % n];
    y[i + 1] = e;
    y[i] = e + y[i];
  }
}
struct Pair {
  double *to;
  double v;
};
void put_through_member(const double *x, double *y, int n) {
  Pair p{y, 1};
  for (int i = 0; i < n; ++i) {
    *p.to = std::exp(x[i] * p.v);
    p.v = *p.to * 0.3;
    if (i % 2)
      p.to = y + i;
  }
}
#else
#define CASES "ranges.cpp"
#include "twice.h"

int main() {
  VERIFY(trajectory, reals{0.5, 0, 0, 0, 0}, 4);
  VERIFY(read_ahead, reals{0.5, 0.4, 0.3, 0.7, 0.9}, 4);
  VERIFY(backwards, reals{0.5, 0.4, 0.3, 0.7, 0.9}, 4);
  VERIFY(backwards_read_ahead, reals{0.5, 0.4, 0.3, 0.7, 0.9}, 4);
  VERIFY(by_rows, reals{0.5, 0.8, 1.1, 0.7}, reals(12, 0.9), 3, 4);
  VERIFY(rows_that_overlap, reals{0.5, 0.8, 1.1, 0.7, 0.6, 0.9, 1.2, 1.3, 0.4, 0.2, 0.8}, 3, 3);
  VERIFY(eliminate, reals{4, 1, 2, 1, 5, 1, 2, 1, 6}, 3);
  VERIFY(eliminate_all, reals{4, 1, 2, 1, 5, 1, 2, 1, 6}, 3);
  VERIFY(cholesky, reals{4, 1, 2, 1, 5, 1, 2, 1, 6}, 3);
  VERIFY(by_columns, reals{0.5, 0.8, 1.1, 0.7, 0.6, 0.9, 1.2, 1.3, 0.4}, 3, 3);
  VERIFY(back_substitution, reals{4, 1, 2, 1, 5, 1, 2, 1, 6}, reals{1, 2, 3}, 3);
  VERIFY(last_of_each_pass, reals{0.5, 0.8, 1.1, 0.7}, 3);
  VERIFY(even_and_odd, reals{0.5, 0.8, 1.1, 0.7, 0.9}, 5);
  VERIFY(every_other, reals{0.5, 0.8, 1.1, 0.7, 0.9, 1.2, 0.6}, 7);
  VERIFY(two_levels, reals{0.5, 0.8, 1.1, 0.7, 0.9, 1.2, 0.6, 0.4}, 5, 4);
  VERIFY(all_levels, reals(20, 0.8), 4, 4);
  VERIFY(unsigned_counters, reals{0.5, 0.8, 1.1, 0.7, 0.9}, 5ul);
  VERIFY(with_while, reals{0.5, 0, 0, 0, 0}, 4);
  VERIFY(counter_that_may_stay, reals{0.5, 0.8, 1.1, 0.7, 0.9}, 7);
  VERIFY(array_in_array, 4, 0.7);
  VERIFY(shifted_pointer, reals{0.5, 0.8, 1.1, 0.7, 0.9}, 4);
  VERIFY(of_structs, 0.8, 6);
  VERIFY(triangle, reals{0.5, 0.8, 1.1, 0.7, 0.9, 1.2, 0.6, 0.4, 1.3, 0.2}, 4);
  VERIFY(bound_by_another, reals(12, 0.9), 3, 3, 4);
  VERIFY(bound_by_another, reals{0.5, 0.8, 1.1, 0.7, 0.9, 1.2, 0.6, 0.4, 1.3, 0.2}, 3, 2, 4);
  VERIFY(bound_by_another, reals{0.5, 0.8, 1.1, 0.7}, 2, 0, 4);
  VERIFY(negative_rows, reals{0.5, 0.8, 1.1, 0.7, 0.9, 1.2, 0.6, 0.4, 1.3, 0.2, 0.8}, 3, -1);
  VERIFY(negative_rows, reals{0.5, 0.8, 1.1, 0.7, 0.9, 1.2, 0.6, 0.4, 1.3, 0.2, 0.8}, 3, -2);
  const reals x{0.5, 0.8, 1.1, 0.7};
  VERIFY(put, x, reals(4, 0.1), 4);
  VERIFY(put_then_scaled, x, reals(4, 0.1), 4);
  VERIFY(put_into_one, x, reals(4, 0.1), 4);
  VERIFY(put_twice, x, reals(4, 0.1), reals(4, 0.2), 4);
  VERIFY(put_where_it_says, x, reals(4, 0.1), 4);
  VERIFY(put_under_a_condition, x, reals(4, 0.1), 4);
  VERIFY_SINGLE(put_in_single, x, 4);
  VERIFY(put_in_local, x, 4);
  VERIFY(put_and_freed, x, 4);
  VERIFY(put_behind_other, x, reals(5, 0.1), 4);
  VERIFY(put_through_member, x, reals(4, 0.1), 4);
  return check::report();
}
#endif
