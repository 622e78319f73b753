// Mutation: in-place updates whose old value the adjoint needs, in every form C++ has for them.
#ifdef CASES

double square_in_place(double x) {
  x = x * x;
  x *= x;
  return x;
}

// the example of issue lists: the subscript moves while the element is multiplied
void scale_moving(double *a, int n, double y) {
  int i = 0;
  while (i < n)
    a[i++] *= y;
}

double chained(double x, double y) {
  double a, b, c;
  a = b = c = x * y;
  a += b *= c;
  return a * b + c;
}

double chained_compound(double x, double y) {
  double a = x, b = y;
  a *= b += a * y;
  (a += b) *= x;
  return a - b;
}

double increment_reals(double x, double y) {
  double a = x++ * y;
  double b = ++x * y--;
  --y;
  return a * b * x * y - y;
}

void computed_subscript(double *a, int n, double s) {
  for (int i = 0; i < 2 * n; ++i)
    a[i % 2] *= s + a[(i + 1) % 2];
}

double same_variable_three_times(double x) {
  double a = x;
  a = a * a + std::sin(a);
  a = a * a + std::sin(a);
  a = a * a + std::sin(a);
  return a;
}

void in_place_functions(double *a, int n) {
  for (int i = 0; i < n; ++i) {
    a[i] = std::exp(a[i]);
    a[i] = std::sqrt(a[i] + 1);
    a[i] = a[i] / (a[i] + 2);
  }
}

void prefix_products(double *a, int n) {
  for (int i = 1; i < n; ++i)
    a[i] *= a[i - 1];
}

double suffix_then_sum(double *a, int n) {
  for (int i = n - 2; i >= 0; --i)
    a[i] += a[i + 1] * a[i];
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += a[i] * a[i];
  return s;
}

void rotate_three(double &a, double &b, double &c) {
  double t = a * b;
  a = b * c;
  b = c * t;
  c = t * a;
}

void divide_in_place(double *a, int n) {
  for (int i = 0; i < n; ++i)
    a[i] /= a[n - 1] + 1;
}

double overwritten_before_read(double x, double y) {
  double a = x * y;
  a = y; // kills the first value
  return a * a;
}

double overwritten_after_read(double x, double y) {
  double a = x * y;
  double b = a * a;
  a = y;
  b *= a;
  a = 0;
  return b + a;
}

void self_update_struct_of_arrays(double *px, double *vx, int n, double dt) {
  for (int step = 0; step < 4; ++step)
    for (int i = 0; i < n; ++i) {
      vx[i] -= dt * px[i] * std::fabs(px[i]);
      px[i] += dt * vx[i];
    }
}

void zeroed_then_filled(double *out, const double *in, int n) {
  for (int i = 0; i < n; ++i)
    out[i] = 0;
  for (int i = 0; i < n; ++i)
    out[0] += in[i] * in[i];
}

double write_then_read_parameter(double *a) {
  a[0] = a[0] * a[1];
  double r = a[0] * a[0];
  a[0] = 7;
  return r + a[0] * a[1];
}

void copy_shifted_in_place(double *a, int n) {
  for (int i = 0; i + 1 < n; ++i)
    a[i] = a[i + 1] * a[i];
}

double gauss_seidel(double *u, const double *f, int n) {
  for (int sweep = 0; sweep < 3; ++sweep)
    for (int i = 1; i < n - 1; ++i)
      u[i] = 0.5 * (u[i - 1] + u[i + 1] - f[i] * u[i] * u[i]);
  return u[n / 2];
}

double comma_updates(double x, double y) {
  double a = (x *= y, y *= x, x + y);
  return a * x;
}

double two_updates_in_one_expression(double x, double y) {
  double a = x, b = y;
  double c = (a *= b);
  double d = (a += y) * (x *= y);
  return c * d * a * x;
}

double conditional_update(double *a, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    if (a[i] > 1)
      a[i] *= a[i];
    else
      a[i] = -a[i];
    s += a[i] * i;
  }
  return s;
}

#else
#define CASES "mutation.cpp"
#include "twice.h"

int main() {
  VERIFY(square_in_place, 1.3);
  VERIFY(scale_moving, reals{1, 2, 3, 4}, 4, 0.7);
  VERIFY(chained, 1.5, -0.5);
  VERIFY(chained_compound, 1.5, -0.5);
  VERIFY(increment_reals, 1.5, 2.5);
  VERIFY(computed_subscript, reals{0.5, 0.25}, 2, 0.75);
  VERIFY(same_variable_three_times, 0.4);
  VERIFY(in_place_functions, reals{0.1, -0.5, 1.5}, 3);
  VERIFY(prefix_products, reals{1.5, 2, -0.5, 3}, 4);
  VERIFY(suffix_then_sum, reals{1.5, 2, -0.5, 3}, 4);
  VERIFY(rotate_three, reals{1.5}, reals{2.0}, reals{-0.5});
  VERIFY(divide_in_place, reals{1.5, 2, 3}, 3);
  VERIFY(overwritten_before_read, 1.5, 2.5);
  VERIFY(overwritten_after_read, 1.5, 2.5);
  VERIFY(self_update_struct_of_arrays, reals{1, -2, 0.5}, reals{0.5, 0.25, -1}, 3, 0.1);
  VERIFY(zeroed_then_filled, reals{1, 2, 3}, reals{4, 5, 6}, 3);
  VERIFY(write_then_read_parameter, reals{1.5, 2.5});
  VERIFY(copy_shifted_in_place, reals{1.5, 2.5, -1, 0.5}, 4);
  VERIFY(gauss_seidel, reals{1, 0.5, 0.25, 0.5, 2}, reals{0.1, 0.2, 0.3, 0.4, 0.5}, 5);
  VERIFY(comma_updates, 1.5, 2.5);
  VERIFY(two_updates_in_one_expression, 1.5, 2.5);
  VERIFY(conditional_update, reals{1.5, 0.5, -2, 3}, 4);
  return check::report();
}
#endif
