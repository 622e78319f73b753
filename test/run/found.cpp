// What the fuzzer found, one small function for each bug that was mended.
#ifdef CASES

// simplify dropped `x_bar = 0` although a pointer read it before the next assignment.
double through_chosen_pointer(double x, double c, int n) {
  double *chosen = n > 0 ? &x : &c;
  *chosen = std::sin(x * c);
  x = c;
  return x * 2;
}

// The shadow of a local array died with the forward function, while recorded pointers still led to it.
double ping_pong_in_recursion(double x, int n) {
  double f[2] = {x, x * x}, g[2] = {0.5, 0.25};
  double *cur = f, *old = g;
  for (int k = 0; k < 3; ++k) {
    for (int i = 0; i < 2; ++i)
      old[i] = 0.5 * cur[i] + 0.3 * cur[1 - i] * cur[0];
    double *t = cur;
    cur = old;
    old = t;
  }
  if (n <= 0)
    return cur[1];
  double y = ping_pong_in_recursion(std::sin(x), n - 1);
  return y * cur[0] + x * cur[1];
}

// An enumerator and a literal were taken for different subscripts.
enum Slots { first_slot, second_slot };
double enumerator_subscript(double x, double y) {
  double a[2] = {x, y};
  a[second_slot] = x * x;
  return a[1] * a[1] + a[second_slot];
}

double assigned_in_parentheses(double x) {
  (x = 0.5) *= 0.5;
  return x;
}

double through_own_address(const double *a) {
  double u = a[0], *w = &u;
  u = *w * u;
  return u;
}

// A callee that is not inlined got a constant table, which has no adjoint.
const double found_table[3] = {0.75, -1.25, 0.5};
double table_in_recursion(const double *a, double x, int n) {
  return n > 0 ? a[n] * x * table_in_recursion(a, x, n - 1) : a[0] * x;
}
double constant_table_argument(const double *y, double x) {
  return table_in_recursion(found_table, x, 2) + table_in_recursion(y, x, 1);
}

// A zero stored through a popped pointer was taken for dead.
double lvalue_in_recursion(double x, int n) {
  x = std::sin(x);
  (n > 1 ? x : x) = 0.25;
  if (n <= 0)
    return 0.5 * x;
  double y = lvalue_in_recursion(0.5 + x, n - 1);
  x = 0.4 * x * y;
  return x;
}
double lvalue_then_use(double x, int n) { return lvalue_in_recursion(x, n) + 3 * x; }

// &p[i] where p has no shadow must have a null shadow.
double element_of_table(double x, const double *a, int n) {
  const double *p = &found_table[1];
  for (int i = 0; i < n; ++i)
    x *= std::sin(std::min(x + 0.1, (i == 0 ? a[0] : p[i & 1])));
  if (n > 2)
    p = a;
  return x * p[0];
}

// A function without derivative overwrites a variable: what flowed in before must not get its adjoint.
double rounded_in_between(double a) {
  double x = a * 2, s = x * x;
  x = std::floor(a * 10) * 0.1;
  return s + x * a;
}

// A pointer known by the name of a reference: the elements beside it got the adjoint of the first.
double beside_a_reference(double x, double y) {
  double a[3] = {x * x, y * y, x};
  double &r = a[0];
  double *p = a;
  p[0] *= std::sin(p[1] * r);
  double *q = &r + 1;
  q[1] = q[0] * q[1] + p[2];
  return p[0] - r * a[2];
}
double beside_a_reference_parameter(double &r, double y) {
  double *p = &r;
  for (int i = 0; i < 2; ++i)
    p[i] = p[i] * y + r;
  return p[1] * r;
}
double reference_into_array(double x, double y) {
  double a[2] = {x, x * y};
  return beside_a_reference_parameter(a[0], y);
}

// The condition is false in any case; evaluating it writes x.
double condition_with_effect(double x, double y) {
  double s = 0;
  do {
    s += x * y;
  } while ((x = y) > 0 && 0 > 1);
  return s * x;
}

// A value that gets its name behind a fused loop which reads it was kept by that name, not yet declared.
double named_behind_a_fused_loop(double x) {
  double y = x * x * std::exp(x), s = 0;
  const double &c = y;
  for (int i = 0; i < 2; ++i)
    s += std::atan(c < 0.5 ? c * c * i : c * i);
  double z = y;
  return z * s;
}
static double returned_behind_a_fused_loop(const double &c) {
  double s = 0;
  for (int i = 0; i < 2; ++i) {
    const double &r = c;
    s += std::atan((c < 0.5 ? r * r : r) * i);
  }
  return s > 0 ? c : c * s;
}
double named_behind_an_inlined_loop(double x) {
  return x * returned_behind_a_fused_loop(x * x * std::exp(x));
}
#else
#define CASES "found.cpp"
#include "twice.h"

/// The same where the reference is a parameter of the function that is differentiated.
void beside_a_marked_reference() {
  double a[] = {0.8, 1.25}, y_bar = 0, a_bar[2] = {};
  nabla::gradient<on_reals::beside_a_reference_parameter>(a[0], 0.7, a_bar[0], &y_bar);
  // a0 = a0 (y + 1), a1 = a1 y + a0, f = a0 a1
  const double a0 = 0.8 * 1.7, a1 = 1.25 * 0.7 + a0;
  check::near(a_bar[0], 1.7 * (a1 + a0), 1e-14, "beside", __FILE__, __LINE__);
  check::near(a_bar[1], 0.7 * a0, 1e-14, "beside", __FILE__, __LINE__);
  check::near(y_bar, 0.8 * (a1 + a0) + 1.25 * a0, 1e-14, "beside", __FILE__, __LINE__);
}

int main() {
  VERIFY(through_chosen_pointer, 0.7, 0.4, 1);
  VERIFY(through_chosen_pointer, 0.7, 0.4, 0);
  VERIFY(ping_pong_in_recursion, 0.7, 2);
  VERIFY(enumerator_subscript, 1.5, 3.0);
  VERIFY(assigned_in_parentheses, 1.5);
  VERIFY(through_own_address, reals{3});
  VERIFY(constant_table_argument, reals{2, 3}, 0.5);
  VERIFY(lvalue_then_use, 0.5, 2);
  VERIFY(element_of_table, 3.0, reals{1, 2}, 2);
  VERIFY(element_of_table, 3.0, reals{1, 2}, 3);
  VERIFY(rounded_in_between, 0.77);
  VERIFY(beside_a_reference, 0.8, 1.25);
  VERIFY(reference_into_array, 0.8, 1.25);
  beside_a_marked_reference();
  VERIFY(condition_with_effect, 0.8, 1.25);
  VERIFY(named_behind_a_fused_loop, 0.7);
  VERIFY(named_behind_an_inlined_loop, 0.7);
  return check::report();
}
#endif
