// What calls leave behind: globals, buffers, results, references to arguments; absorbed infinities; odd structs.
//
// MATRIX: plugin sanitized
#ifdef CASES

int scale = 1;
[[nabla::inactive]] inline void advance() { scale += 1; }
double changed_by_inactive(double x, double y) {
  scale = 1;
  double a = std::sin(scale * x);
  advance();
  double b = std::sin(scale * x) * y;
  return a * b;
}
int depth = 0;
void bump(int n) {
  depth++;
  if (n > 0)
    bump(n - 1);
}
double changed_by_recursion(double x, int n) {
  depth = 0;
  double s = x * (depth + 1);
  bump(n);
  return s * x * depth;
}
double counted_recursion(double x, int n) {
  depth++;
  if (n == 0)
    return x;
  double p = x * depth, r = counted_recursion(x, n - 1);
  int d = depth;
  return p * r + d;
}
double counts_itself(double x, int n) {
  depth = 0;
  return counted_recursion(x, n);
}

struct Indices {
  int *idx;
  int n;
};
double indices_in_struct(const double *a, double x) {
  int i[1] = {0};
  Indices s{i, 1};
  double r = std::sin(a[s.idx[0]] * x);
  s.idx[0] = 2;
  r *= std::sin(a[s.idx[0]] * x);
  s.idx[0] = 1;
  return r + a[s.idx[0]] * a[s.idx[0]];
}
double recursive_indices(Indices s, double x, int n) {
  s.idx[0] = n;
  double r = std::sin(x * s.idx[0]);
  if (n > 0)
    r += recursive_indices(s, r, n - 1);
  return r + x * s.idx[0];
}
double through_indices(double x, int n) {
  int k = 0;
  return recursive_indices(Indices{&k, 1}, x, n);
}
struct Mixed {
  int *idx;
  double w;
};
double mixed_struct(const double *a, double x) {
  int i = 2;
  Mixed s;
  s.idx = &i;
  s.w = x;
  return a[*s.idx] * s.w;
}

double increased(double &x) { return x *= 1.5; }
double larger_is_a_reference(double x, double y) {
  double u = x;
  const double &m = std::max(u, y);
  u *= 2;
  return m * y;
}
double use_both(const double &c, double &w) {
  w *= 2;
  return c * w;
}
double smaller_as_argument(double x, double y) {
  double u = x;
  return use_both(std::min(u, y), u);
}
double evaluated_last(double x) {
  double u = x, m = std::max(u, increased(u));
  return m * u;
}

struct Bits {
  unsigned a : 2, b : 3;
};
double bit_fields(double x) {
  Bits f{};
  f.a = 3;
  f.a++;
  f.b = 5;
  return x * x * (f.a + 1) * f.b;
}

double printed_into(double x, int n) {
  char b[8];
  double s = x;
  for (int i = 0; i < n; ++i) {
    std::snprintf(b, sizeof b, "%d", i * 2 + 1);
    s *= x + (b[0] - '0');
  }
  return s;
}

double power_by_log(double x, double y) { return std::exp(y * std::log(x)); }
double saturated(double x, double y) {
  double t = 1 / x;
  return std::tanh(t * y) * y;
}
double log_sum_exp(double x, double y) {
  double s = std::log(x) * y, m = std::fmax(s, 0.0);
  return m + std::exp(s - m);
}

struct View {
  double *p;
  int n;
};
void clear(View v) {
  for (int i = 0; i < v.n; ++i)
    v.p[i] = 0;
}
double cleared_in_the_end(double *a, double x) {
  double r = a[0] * x;
  clear(View{a, 2});
  return r;
}
int halve(double &x, int n) {
  if (n <= 0)
    return 0;
  x *= x;
  return 1 + halve(x, n - 1);
}
double counting_callee(const double *a, double x) {
  double y = x;
  int k = halve(y, 2);
  return a[k] * y;
}
double table_in_callee(double x, int n) {
  static const double c[2] = {1.5, 2};
  if (n < 0)
    return x;
  return table_in_callee(x * c[n], n - 1) * x;
}
double uses_table(double x) { return table_in_callee(x, 1) * x; }

#else
#define CASES "effects.cpp"
#include "twice.h"
#include <cstdio>

int main() {
  VERIFY(changed_by_inactive, 0.7, 1.3);
  VERIFY(changed_by_recursion, 0.7, 3);
  VERIFY(counts_itself, 0.7, 3);
  VERIFY(indices_in_struct, reals{0.3, 0.5, 0.9}, 1.25);
  VERIFY(through_indices, 0.7, 2);
  VERIFY(mixed_struct, reals{1, 2, 3}, 0.5);
  VERIFY(larger_is_a_reference, 1.3, 0.7);
  VERIFY(smaller_as_argument, 0.6, 0.7);
  VERIFY(evaluated_last, 0.6);
  VERIFY(bit_fields, 0.6);
  VERIFY(printed_into, 0.6, 3);
  VERIFY(power_by_log, 1.5, 0.7);
  VERIFY(cleared_in_the_end, reals{1, 2}, 0.5);
  VERIFY(counting_callee, reals{1, 2, 3}, 0.8);
  VERIFY(uses_table, 0.8);
  VERIFY(saturated, 0.5, 0.8);
  VERIFY(log_sum_exp, 0.5, 0.8);
  double x_bar = 0, y_bar = 0; // the limit's derivative, where plain duals give NaN
  CHECK_NEAR((nabla::gradient<on_reals::power_by_log>(0.0, 2.0, &x_bar, &y_bar)), 0, 0);
  CHECK_NEAR(y_bar, 0, 0);
  return check::report();
}
#endif
