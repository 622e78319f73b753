// Loops: for, while, do, range-for; nested, strided, descending, with unknown trip counts; assignment in a
// condition.
#ifdef CASES

double sum_of_sines(const double *x, int n) {
  double s = 0;
  for (int i = 0; i + 1 < n; ++i)
    s += std::sin(x[i]) * x[i + 1];
  return s;
}

double horner(const double *c, int n, double x) {
  double s = 0;
  for (int i = n - 1; i >= 0; i--)
    s = s * x + c[i];
  return s;
}

double strided(const double *x, int n) {
  double s = 0;
  for (int i = 0; i < n; i += 2)
    s += x[i] * x[i];
  for (int i = n; i > 0; i -= 3)
    s *= x[i - 1];
  return s;
}

double not_equal_bound(const double *x, int n) {
  double s = 1;
  for (int i = 0; i != n; ++i)
    s *= x[i] + s;
  return s;
}

double doubling_index(const double *x, int n) {
  double s = 1;
  for (int i = 1; i < n; i *= 2)
    s *= x[i] * s;
  return s;
}

double nested_triangle(const double *x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < i; ++j) {
      double d = x[i] - x[j];
      s += 1 / std::sqrt(d * d + 0.1);
    }
  return s;
}

double triple_nest(double x, double y, int n) {
  double s = x;
  for (int i = 0; i < n; ++i)
    for (int j = i; j < n; ++j)
      for (int k = 0; k <= j - i; ++k)
        s = std::sin(s * y) + s * 0.5 + k * x;
  return s;
}

double while_loop(double x) {
  int n = 0;
  while (x < 10) {
    x = x * x + 0.5;
    ++n;
  }
  return x * n;
}

double while_on_reals(double x, double y) {
  double error = 1;
  while (error > 1e-3) {
    double next = 0.5 * (x + y / x);
    error = std::fabs(next - x);
    x = next;
  }
  return x;
}

double do_loop(double x) {
  do {
    x = x * 1.5 + std::sin(x);
  } while (x < 20);
  return x * x;
}

double do_once(double x) {
  do
    x *= x;
  while (false);
  return x;
}

double assignment_in_condition(const double *x) {
  double v, s = 0;
  int i = 0;
  while ((v = x[i]) > 0) {
    s += v * v * (i + 1);
    ++i;
  }
  return s * v;
}

double assignment_in_for_condition(double x) {
  double s = 0, t;
  for (int i = 0; (t = x * i) < 5 && i < 6; ++i)
    s += t * t;
  return s;
}

double declared_in_condition(const int *next, const double *x) {
  double s = 1;
  int at = 0;
  while (int n = next[at]) {
    s *= x[n] + s;
    at = n;
  }
  return s;
}

double range_for(double x, double y) {
  double a[3] = {x, y, x * y};
  double s = 0;
  for (double v : a)
    s += v * v;
  return s;
}

double range_for_reference(double x, double y) {
  double a[3] = {x, y, x * y};
  for (double &v : a)
    v *= v + x;
  double s = 0;
  for (const auto &v : a)
    s += v;
  return s;
}

double range_for_integers(double x) {
  double s = 0;
  for (int k : {1, 2, 3})
    s += k * x;
  const int powers[] = {2, 3};
  for (int p : powers)
    s *= std::pow(x, p);
  return s;
}

double two_counters(const double *x, int n) {
  double s = 0;
  for (int i = 0, j = n - 1; i < j; ++i, --j)
    s += x[i] * x[j] * (j - i);
  return s;
}

double counter_from_outside(const double *x, int n) {
  int i;
  double s = 0;
  for (i = 0; i < n && x[i] > 0; ++i)
    s += x[i] * x[i];
  return s * i + s * x[i % n];
}

double counter_changed_in_body(const double *x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    s += x[i] * x[i];
    if (x[i] > 2)
      ++i;
  }
  return s;
}

double bound_changes(double x, int n) {
  double s = x;
  for (int i = 0; i < n; ++i) {
    s *= x;
    if (i == 1)
      n -= 2;
  }
  return s;
}

double bound_from_array(const double *x, const int *count, int n) {
  double s = 1;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < count[i]; ++j)
      s = s * x[i] + 0.25;
  return s;
}

double zero_trips(const double *x, int n) {
  double s = x[0];
  for (int i = 0; i < n; ++i)
    s *= x[i];
  while (n > 0)
    s *= x[--n];
  return s;
}

double for_without_parts(double x) {
  int i = 0;
  for (;;) {
    if (++i > 4)
      break;
    x *= x * 0.5 + 1;
  }
  return x;
}

double empty_body(const double *x, int n) {
  int i = 0;
  while (i < n && x[i++] < 2)
    ;
  return x[i - 1] * x[i - 1] * i;
}

double real_counter(double x) {
  double s = 0;
  for (double t = 0; t < 1; t += 0.25)
    s += std::sin(t * x) * t;
  return s;
}

double real_step(double x, double h) {
  double s = 0;
  for (double t = x; t < 2; t += h)
    s += t * t * h;
  return s;
}

double newton(double a, double b) {
  double x = a;
  for (int i = 0; i < 6; ++i)
    x -= (x * x * x - b) / (3 * x * x);
  return x;
}

double logistic_map(double x, double r, int n) {
  for (int i = 0; i < n; ++i)
    x = r * x * (1 - x);
  return x;
}

double fibonacci_like(double a, double b, int n) {
  while (n-- > 0) {
    double t = a + b * 0.5;
    a = b;
    b = t * a;
  }
  return b;
}

double carried_twice(const double *x, int n) {
  double a = 1, b = 0;
  for (int i = 0; i < n; ++i) {
    double old = a;
    a = a * x[i] + b;
    b = old * b + x[i];
  }
  return a * b;
}

double unsigned_descending(const double *x, unsigned n) {
  double s = 1;
  for (unsigned i = n; i > 0; --i)
    s = s * x[i - 1] + 1;
  for (unsigned long i = n; i-- > 0;)
    s += x[i] * s * 0.1;
  return s;
}

double rosenbrock(const double *x, int n) {
  double s = 0;
  for (int i = 0; i + 1 < n; ++i) {
    double a = x[i + 1] - x[i] * x[i], b = 1 - x[i];
    s += 100 * a * a + b * b;
  }
  return s;
}

double checked_between_loops(const double *x, int n) {
  double s = 0, t = 1;
  for (int i = 0; i < n; ++i)
    s += x[i];
  for (int i = 0; i < n; ++i)
    t *= x[i] / s;
  for (int i = 0; i < n; ++i)
    s += t * x[i];
  return s * t;
}

double checkpoint_mark(double x, int n) {
  for (int i = 0; i < n; ++i) {
    nabla::checkpoint(2); // a request for snapshots; right whether it is honoured or not
    x = x * x * 0.5 + std::sin(x);
  }
  return x;
}

double count_from_pointers(const double *x, int n) {
  double y[8] = {}, *to = y;
  const double *p = x, *last = x + n;
  for (long k = last - p; k > 0; --k) {
    double e = *p;
    if (e > 1) {
      *to = e * e * *x;
      ++to;
    }
    ++p;
  }
  return y[0] * y[1] + y[2];
}

#else
#define CASES "loops.cpp"
#include "twice.h"

int main() {
  reals x{1.5, 2.5, -0.5, 0.75, 3};
  VERIFY(sum_of_sines, x, 5);
  VERIFY(horner, x, 5, 0.5);
  VERIFY(strided, x, 5);
  VERIFY(not_equal_bound, x, 4);
  VERIFY(doubling_index, x, 5);
  VERIFY(nested_triangle, x, 5);
  VERIFY(triple_nest, 0.5, 1.5, 3);
  VERIFY(while_loop, 1.25);
  VERIFY(while_on_reals, 1.5, 7.0);
  VERIFY(do_loop, 1.25);
  VERIFY(do_once, 1.25);
  VERIFY(assignment_in_condition, reals{1, 2, 3, -0.5});
  VERIFY(assignment_in_for_condition, 1.1);
  VERIFY(declared_in_condition, reals{2, 3, 1, 0}, reals{0.1, 0.2, 0.3, 0.4});
  VERIFY(range_for, 1.5, 2.5);
  VERIFY(range_for_reference, 1.5, 2.5);
  VERIFY(range_for_integers, 1.5);
  VERIFY(two_counters, x, 5);
  VERIFY(counter_from_outside, x, 5);
  VERIFY(counter_changed_in_body, x, 5);
  VERIFY(bound_changes, 1.5, 6);
  VERIFY(bound_from_array, reals{0.5, 0.75, 1.25}, reals{2, 0, 3}, 3);
  VERIFY(zero_trips, x, 0);
  VERIFY(for_without_parts, 0.5);
  VERIFY(empty_body, x, 5);
  VERIFY(real_counter, 1.5);
  VERIFY(real_step, 0.6, 0.3);
  VERIFY(newton, 1.5, 5.0);
  VERIFY(logistic_map, 0.3, 3.1, 10);
  VERIFY(fibonacci_like, 0.5, 1.5, 5);
  VERIFY(carried_twice, x, 5);
  VERIFY(unsigned_descending, x, 5);
  VERIFY(rosenbrock, x, 5);
  VERIFY(count_from_pointers, x, 5);
  VERIFY(checked_between_loops, x, 5);
  VERIFY(checkpoint_mark, 1.5, 5);
  return check::report();
}
#endif
