// Adjoints known to be zero (passes zeros and gather): loops that clear them, and those that find zeroes, in all shapes in
// which taking one for the other would be wrong.
#ifdef CASES

double old_values_stay(const double *x, int n, int steps) { // w is read before it is written
  double u[9] = {}, w[9] = {}, s = 0;
  for (int i = 0; i < n; ++i)
    u[i] = w[i] = x[i];
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i + 1 < n; ++i)
      w[i] = 0.5 * w[i] * u[i] + u[i - 1] * u[i + 1];
    for (int i = 1; i + 1 < n; ++i)
      u[i] = w[i];
  }
  for (int i = 0; i < n; ++i)
    s += u[i] * w[i];
  return s;
}
double another_range(const double *x, int n, int steps) { // w[1] is written, and not read
  double u[9] = {}, w[9] = {}, s = 0;
  for (int i = 0; i < n; ++i)
    u[i] = w[i] = x[i];
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i + 1 < n; ++i)
      w[i] = u[i] * u[i] + u[i - 1] * u[i + 1];
    for (int i = 2; i + 1 < n; ++i)
      u[i] = 0.5 * w[i];
  }
  for (int i = 0; i < n; ++i)
    s += u[i] * w[i];
  return s;
}
double ends_are_used(const double *x, int n, int steps) { // after the copy, the ends change
  double u[9] = {}, w[9] = {}, s = 0;
  for (int i = 0; i < n; ++i)
    u[i] = w[i] = x[i];
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i + 1 < n; ++i)
      w[i] = u[i] * u[i] + u[i - 1] * u[i + 1];
    for (int i = 1; i + 1 < n; ++i)
      u[i] = 0.25 * w[i];
    u[0] = 0.5 * u[1] + x[0];
    u[n - 1] = u[n - 2] * x[1];
  }
  for (int i = 0; i < n; ++i)
    s += u[i] * w[i];
  return s;
}
double a_read_between(const double *x, int n,
                      int steps) { // of u, between its copy and the stencil of the next step
  double u[9] = {}, w[9] = {}, s = 0;
  for (int i = 0; i < n; ++i)
    u[i] = w[i] = x[i];
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i + 1 < n; ++i)
      w[i] = u[i] * u[i] + u[i - 1] * u[i + 1];
    s += u[2] * u[2] + w[3];
    for (int i = 1; i + 1 < n; ++i)
      u[i] = 0.25 * w[i];
  }
  for (int i = 0; i < n; ++i)
    s += u[i] * w[i];
  return s;
}
double inner_time_loop(const double *x, int n,
                       int steps) { // w is not zero when the inner loop's reverse begins
  double u[9] = {}, w[9] = {}, s = 0;
  for (int i = 0; i < n; ++i)
    u[i] = w[i] = x[i];
  for (int k = 0; k < 3; ++k) {
    for (int t = 0; t < steps; ++t) {
      for (int i = 1; i + 1 < n; ++i)
        w[i] = u[i] * u[i] + u[i - 1] * u[i + 1];
      for (int i = 1; i + 1 < n; ++i)
        u[i] = 0.25 * w[i];
    }
    for (int i = 1; i + 1 < n; ++i)
      s += w[i] * w[i];
  }
  return s;
}
double every_other_step(const double *x, int n,
                        int steps) { // the copy, and with it the clearing, is in a branch
  double u[9] = {}, w[9] = {}, s = 0;
  for (int i = 0; i < n; ++i)
    u[i] = w[i] = x[i];
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i + 1 < n; ++i)
      w[i] = u[i] * u[i] + u[i - 1] * u[i + 1];
    if (t % 2)
      for (int i = 1; i + 1 < n; ++i)
        u[i] = 0.25 * w[i];
  }
  for (int i = 0; i < n; ++i)
    s += u[i] * w[i];
  return s;
}
double one_sided(const double *x, int n, int steps) { // none of the neighbours is the element itself
  double u[12] = {}, w[12] = {}, s = 0;
  for (int i = 0; i < n; ++i)
    u[i] = x[i];
  for (int t = 0; t < steps; ++t) {
    for (int i = 0; i + 3 < n; ++i)
      w[i] = 0.5 * u[i + 1] * u[i + 2] + 0.25 * u[i + 3];
    for (int i = 0; i + 3 < n; ++i)
      u[i] = w[i];
  }
  for (int i = 0; i < n; ++i)
    s += u[i] * u[i];
  return s;
}
double shifted(const double *x, int n, int steps) { // the copy goes one element up
  double u[12] = {}, w[12] = {}, s = 0;
  for (int i = 0; i < n; ++i)
    u[i] = x[i];
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i + 2 < n; ++i)
      w[i] = 0.5 * u[i - 1] * u[i] + 0.25 * u[i + 1];
    for (int i = 1; i + 2 < n; ++i)
      u[i + 1] = w[i];
  }
  for (int i = 0; i < n; ++i)
    s += u[i] * u[i];
  return s;
}
double copies_with_use(const double *x, int n, int steps) { // the copying loop reads what it overwrites
  double u[9] = {}, w[9] = {}, s = 0;
  for (int i = 0; i < n; ++i)
    u[i] = x[i];
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i + 1 < n; ++i)
      w[i] = 0.5 * u[i - 1] * u[i] + 0.25 * u[i + 1];
    for (int i = 1; i + 1 < n; ++i)
      u[i] = w[i] * u[i] + 0.25 * u[i];
  }
  for (int i = 0; i < n; ++i)
    s += u[i] * u[i];
  return s;
}
double rows(const double *x, int rows, int n) { // each row clears its own part
  double u[40] = {}, w[9] = {}, s = 0;
  for (int i = 0; i < rows * n; ++i)
    u[i] = x[i % n];
  for (int r = 0; r + 1 < rows; ++r) {
    for (int i = 1; i + 1 < n; ++i)
      w[i] = u[r * n + i] * u[r * n + i - 1] + 0.5 * u[(r + 1) * n + i + 1];
    for (int i = 1; i + 1 < n; ++i)
      u[r * n + i] = w[i];
    for (int i = 1; i + 1 < n; ++i)
      u[(r + 1) * n + i] += 0.5 * w[i];
  }
  for (int i = 0; i < rows * n; ++i)
    s += u[i] * u[i];
  return s;
}
void passed_in(double *u, double *w, int n, int steps) { // both adjoints hold something when the sweep begins
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i + 1 < n; ++i)
      w[i] = u[i] + 0.1 * u[i] * (u[i + 1] - 2 * u[i] + u[i - 1]);
    for (int i = 1; i + 1 < n; ++i)
      u[i] = w[i];
  }
}
double two_copies(const double *x, int n, int steps) { // three arrays in turn
  double u[9] = {}, v[9] = {}, w[9] = {}, s = 0;
  for (int i = 0; i < n; ++i)
    u[i] = v[i] = x[i];
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i + 1 < n; ++i)
      w[i] = u[i] * v[i] + 0.25 * v[i - 1] + 0.25 * u[i + 1];
    for (int i = 1; i + 1 < n; ++i)
      u[i] = v[i];
    for (int i = 1; i + 1 < n; ++i)
      v[i] = w[i];
  }
  for (int i = 0; i < n; ++i)
    s += u[i] * v[i];
  return s;
}
double through_another_pointer(const double *x, int n, int steps) {
  double u[9] = {}, w[9] = {}, s = 0, *p = w + 1;
  for (int i = 0; i < n; ++i)
    u[i] = w[i] = x[i];
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i + 1 < n; ++i)
      w[i] = u[i] * u[i] + u[i - 1] * u[i + 1];
    for (int i = 1; i + 1 < n; ++i)
      u[i] = 0.25 * w[i] + 0.1 * p[0];
    *p = 0.5 * u[2];
  }
  for (int i = 0; i < n; ++i)
    s += u[i] * w[i];
  return s;
}
double a_bound_that_shrinks(const double *x, int n, int steps) {
  double u[9] = {}, w[9] = {}, s = 0;
  for (int i = 0; i < n; ++i)
    u[i] = w[i] = x[i];
  for (int t = 0; t < steps; ++t) {
    for (int i = 1; i + 1 < n; ++i)
      w[i] = u[i] * u[i] + u[i - 1] * u[i + 1];
    if (n > 4)
      --n;
    for (int i = 1; i + 1 < n; ++i)
      u[i] = 0.25 * w[i];
  }
  for (int i = 0; i < n; ++i)
    s += u[i] * w[i];
  return s;
}

#else
#define CASES "zeros.cpp"
#include "twice.h"

int main() {
  const reals x{0.5, 0.9, 0.6, 0.75, 0.8, 0.7, 0.65, 0.5, 0.95},
      y{0.3, 0.7, 0.5, 0.65, 0.9, 0.4, 0.8, 0.2, 0.6};
  for (int steps : {0, 1, 2, 5})
    for (int n : {4, 5, 9}) {
      VERIFY(old_values_stay, x, n, steps);
      VERIFY(another_range, x, n, steps);
      VERIFY(ends_are_used, x, n, steps);
      VERIFY(a_read_between, x, n, steps);
      VERIFY(inner_time_loop, x, n, steps);
      VERIFY(every_other_step, x, n, steps);
      VERIFY(one_sided, x, n, steps);
      VERIFY(shifted, x, n, steps);
      VERIFY(copies_with_use, x, n, steps);
      VERIFY(rows, x, std::min(steps, 4), n);
      VERIFY(two_copies, x, n, steps);
      VERIFY(through_another_pointer, x, n, steps);
      VERIFY(a_bound_that_shrinks, x, n, steps);
    }
  for (int steps : {0, 1, 2, 5})
    for (int n : {0, 1, 2, 3, 4, 5, 9})
      VERIFY(passed_in, x, y, n, steps);
  return check::report();
}
#endif
