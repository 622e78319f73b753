// Conditionals: if, ?: (as an lvalue too), && and || with effects, comma, switch in every shape.
#ifdef CASES

double if_else(double x, double y) {
  double r;
  if (x > y)
    r = x * x;
  else
    r = y * x;
  return r * x;
}

double if_alone(double x) {
  double r = x;
  if (x > 1)
    r *= x;
  return r * r;
}

double else_if(double x) {
  double r = 1;
  if (x < 0)
    r = -x;
  else if (x < 1)
    r = x * x;
  else if (x < 2) {
    r = std::sin(x);
    r *= r;
  } else
    r *= x * x * x;
  return r;
}

double condition_changes(double x) {
  if (x > 1) {
    x = 1 / x;
    if (x < 1)
      x *= x;
  }
  if (x < 1)
    x += x * x;
  return x;
}

double if_with_initialiser(double x, double y) {
  if (double d = x - y; d > 0)
    return d * d;
  else
    return d * x;
}

double declared_in_if(double x, int n) {
  if (int half = n / 2)
    return x * half;
  return x * x;
}

double ternary(double x, double y) { return x > y ? x * y : x + y * y; }

double ternary_nested(double x) { return x < 0 ? -x : x < 1 ? x * x : x < 2 ? x * x * x : 5 * x; }

double ternary_one_arm_unsafe(double x) { return x > 0 ? std::sqrt(x) : 0.0; }

double ternary_with_effects(double x, double y) {
  double a = 1;
  double r = x > y ? (a = x, a * y) : (a = y * y, a + x);
  return r * a;
}

double ternary_lvalue(double x, double y) {
  double a = x, b = y;
  (x > y ? a : b) *= 3;
  (x < y ? a : b) += a * b;
  return a * b;
}

double ternary_reference(double *p, double *q, int which) {
  double &r = which ? *p : *q;
  r *= *p + *q;
  return r;
}

double ternary_of_indices(const double *x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += x[i > 1 ? i - 1 : i] * (i % 2 ? x[i] : 2.0);
  return s;
}

double and_or(double x, double y) {
  double r = 1;
  if (x > 0 && y > 0)
    r *= x * y;
  if (x > 2 || y > 2)
    r += x;
  if (!(x > 2) && (y > 2 || x < 0))
    r *= y;
  return r;
}

double and_or_guard(const double *x, int n) {
  double s = 0;
  for (int i = 0; i < 5; ++i)
    if (i < n && x[i] > 0)
      s += x[i] * x[i];
  return s;
}

double short_circuit_effects(double x, double y) {
  int n = 0;
  if (x > y && (x *= 2) > 3)
    ++n;
  if (x > y || (y *= x) > 3)
    ++n;
  return x * y * n;
}

double boolean_stored(const double *x, int n) {
  bool seen = false;
  double s = 1;
  for (int i = 0; i < n; ++i) {
    bool big = x[i] > 1;
    seen = seen || big;
    if (seen && !big)
      s *= x[i];
    s += seen ? x[i] : 1.0;
  }
  return s;
}

double comma(double x, double y) {
  double a, b;
  a = x, b = y * a;
  for (int i = 0, j = 3; i < j; ++i, --j)
    a += b, b *= 0.5 * x;
  return (a *= b, a + x);
}

double switch_plain(double x, int k) {
  switch (k) {
  case 0:
    return x;
  case 1:
    return x * x;
  case 2:
    x = std::sin(x);
    break;
  default:
    x = 1 / x;
  }
  return x * 2;
}

double switch_fall_through(double x, int k) {
  double r = 1;
  switch (k) {
  case 3:
    r *= x;
    [[fallthrough]];
  case 2:
    r *= x + 1;
    [[fallthrough]];
  case 1:
    r *= r;
    break;
  case 0:
    r = 5 * x;
  }
  return r + x;
}

double switch_default_first(double x, int k) {
  switch (k) {
  default:
    x *= 3;
    [[fallthrough]];
  case 1:
    x *= x;
    break;
  case 2:
    x += 1;
  }
  return x;
}

double switch_default_in_the_middle(double x, int k) {
  double r = x;
  switch (k) {
  case 1:
    r *= 2;
    break;
  default:
    r *= x;
    [[fallthrough]];
  case 2:
  case 4:
    r += x * x;
    break;
  case 3:
    r = 0;
  }
  return r;
}

double switch_updates_itself(double x, int k) {
  switch (k) {
  case 0:
    k = 2;
    x *= 2;
    [[fallthrough]];
  case 1:
    x *= x;
    k += 5;
    break;
  case 2:
    x = -x;
  }
  return x * k;
}

double switch_in_loop(const double *x, const int *op, int n) {
  double s = 1;
  for (int i = 0; i < n; ++i)
    switch (op[i]) {
    case 0:
      s += x[i];
      break;
    case 1:
      s *= x[i];
      break;
    case 2:
      s = std::sin(s * x[i]);
      break;
    default:
      s = -s;
    }
  return s;
}

double switch_without_match(double x, int k) {
  switch (k) {
  case 1:
    x *= x;
  }
  return x * 3;
}

enum class Shape { circle, square };
double switch_on_enum(double r, Shape shape) {
  switch (shape) {
  case Shape::circle:
    return 3 * r * r;
  case Shape::square:
    return 4 * r * r;
  }
  return 0;
}

double switch_on_expression(double x, char c) {
  switch (c - 'a') {
  case 0: {
    double y = x * x;
    return y * x;
  }
  case 1:
    if (x > 1)
      break;
    x *= 4;
  }
  return x * x;
}

double nested_switch(double x, int a, int b) {
  switch (a) {
  case 0:
    switch (b) {
    case 0:
      x *= 2;
      break;
    default:
      x *= x;
    }
    x += 1;
    break;
  case 1:
    x = std::exp(x);
  }
  return x;
}

double branch_reads_old_value(double x) {
  double y = x * x;
  if (y > 2)
    y = y * y;
  else
    y = std::sqrt(y);
  if (y > 2)
    y *= x;
  return y;
}

double constant_condition(double x) {
  if (true)
    x *= x;
  if (false)
    x = 0;
  if constexpr (sizeof(int) == 4)
    x += 1;
  else
    x = 0;
  return x;
}

double compare_integers_and_reals(double x, int n) {
  double s = x;
  if (n == 2 && x >= 1.5 && x <= 1.5)
    s *= x;
  if (x != n)
    s *= 2;
  return s;
}

double largest(double x, double y, double z) {
  double m = x;
  if (y > m)
    m = y;
  m = z > m ? z : m;
  return m * m;
}

#else
#define CASES "conditionals.cpp"
#include "twice.h"

int main() {
  reals x{1.5, 2.5, 0.5, -0.75, 3};
  VERIFY(if_else, 1.5, 2.5);
  VERIFY(if_else, 2.5, 1.5);
  VERIFY(if_alone, 0.5);
  VERIFY(if_alone, 1.5);
  for (double v : {-0.5, 0.5, 1.5, 2.5}) {
    VERIFY(else_if, v);
    VERIFY(condition_changes, v);
    VERIFY(ternary_nested, v);
    VERIFY(ternary_one_arm_unsafe, v);
    VERIFY(branch_reads_old_value, v);
  }
  VERIFY(if_with_initialiser, 1.5, 2.5);
  VERIFY(if_with_initialiser, 2.5, 1.5);
  VERIFY(declared_in_if, 1.5, 5);
  VERIFY(declared_in_if, 1.5, 1);
  VERIFY(ternary, 1.5, 2.5);
  VERIFY(ternary, 2.5, 1.5);
  VERIFY(ternary_with_effects, 1.5, 2.5);
  VERIFY(ternary_with_effects, 2.5, 1.5);
  VERIFY(ternary_lvalue, 1.5, 2.5);
  VERIFY(ternary_lvalue, 2.5, 1.5);
  VERIFY(ternary_reference, reals{1.5}, reals{2.5}, 0);
  VERIFY(ternary_reference, reals{1.5}, reals{2.5}, 1);
  VERIFY(ternary_of_indices, x, 5);
  VERIFY(and_or, 1.5, 2.5);
  VERIFY(and_or, 2.5, 1.5);
  VERIFY(and_or, -1.5, 0.5);
  VERIFY(and_or_guard, x, 4);
  VERIFY(short_circuit_effects, 1.75, 0.5);
  VERIFY(short_circuit_effects, 1.75, 2.5);
  VERIFY(boolean_stored, reals{0.5, 1.5, 0.25, 3}, 4);
  VERIFY(comma, 1.5, 2.5);
  for (double k : {0, 1, 2, 3, 4}) {
    VERIFY(switch_plain, 1.5, k);
    VERIFY(switch_fall_through, 1.5, k);
    VERIFY(switch_default_first, 1.5, k);
    VERIFY(switch_default_in_the_middle, 1.5, k);
    VERIFY(switch_updates_itself, 1.5, k);
    VERIFY(switch_without_match, 1.5, k);
  }
  VERIFY(switch_in_loop, x, reals{0, 1, 2, 3, 1}, 5);
  VERIFY(switch_on_enum, 1.5, 0);
  VERIFY(switch_on_enum, 1.5, 1);
  VERIFY(switch_on_expression, 1.5, 'a');
  VERIFY(switch_on_expression, 1.5, 'b');
  VERIFY(switch_on_expression, 0.5, 'b');
  VERIFY(nested_switch, 1.5, 0, 0);
  VERIFY(nested_switch, 1.5, 0, 1);
  VERIFY(nested_switch, 1.5, 1, 1);
  VERIFY(constant_condition, 1.5);
  VERIFY(compare_integers_and_reals, 1.75, 2);
  VERIFY(largest, 1.5, 2.5, 0.5);
  VERIFY(largest, 1.5, 2.5, 3.5);
  return check::report();
}
#endif
