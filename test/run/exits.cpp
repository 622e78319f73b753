// Exits: break, continue and return anywhere; statements after a taken return; early return inside loops.
#ifdef CASES

double break_on_condition(const double *x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    if (x[i] < 0)
      break;
    s += x[i] * x[i];
  }
  return s * s;
}

double break_after_update(const double *x, int n) {
  double s = 1;
  for (int i = 0; i < n; ++i) {
    s *= x[i];
    if (s > 3)
      break;
    s += x[i];
  }
  return s * x[0];
}

double break_twice(const double *x, int n) {
  double s = 1;
  for (int i = 0; i < n; ++i) {
    if (x[i] < -10)
      break;
    s *= x[i];
    if (s < 0)
      break;
    s += 1;
  }
  return s;
}

double continue_skips(const double *x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    if (x[i] < 0)
      continue;
    s += x[i] * x[i];
    if (i == 1)
      continue;
    s *= x[i];
  }
  return s;
}

double continue_in_while(const double *x, int n) {
  double s = 1;
  int i = 0;
  while (i < n) {
    double v = x[i++];
    if (v < 0)
      continue;
    s = s * v + v;
  }
  return s;
}

double continue_in_do(const double *x, int n) {
  double s = 1;
  int i = 0;
  do {
    if (x[i] < 0)
      continue;
    s *= x[i];
  } while (++i < n && s < 100);
  return s * i;
}

double nested_break(const double *x, int n) {
  double s = 1;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      if (j > i)
        break;
      s += x[i] * x[j] * s * 0.1;
      if (s > 4)
        break;
    }
    if (s > 3)
      break;
    s *= x[i];
  }
  return s;
}

double nested_continue(const double *x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    if (i % 2)
      continue;
    for (int j = 0; j < n; ++j) {
      if (j == i)
        continue;
      s += x[i] * x[j];
    }
    s *= 1.5;
  }
  return s;
}

double early_return(double x) {
  if (x > 2)
    return x * x;
  x *= 3;
  return x * x * x;
}

double return_in_both(double x, double y) {
  if (x > y) {
    return x * y;
  } else {
    return x + y * y;
  }
}

double return_chain(double x) {
  if (x < 0)
    return -x;
  if (x < 1)
    return x * x;
  if (x < 2)
    return x * x * x;
  return 7 * x;
}

double return_in_loop(const double *x, int n) {
  double s = 1;
  for (int i = 0; i < n; ++i) {
    s *= x[i];
    if (s > 3)
      return s * s;
    s += x[i];
  }
  return s * x[0];
}

double return_in_nested_loop(const double *x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) {
      s += x[i] * x[j];
      if (s > 8)
        return s * x[j] + x[i];
    }
  return s;
}

double return_in_while(double x) {
  while (true) {
    x = x * x + 0.25;
    if (x > 10)
      return x;
  }
}

double return_in_do(double x) {
  int n = 0;
  do {
    if (n == 2)
      return x * n;
    x *= x;
  } while (++n < 5);
  return x;
}

double after_taken_return(double x, double *out) {
  *out = x * x;
  if (x > 1)
    return x * *out;
  *out = 7;
  x = std::log(x - 5);
  return x;
}

void void_return(double *a, int n) {
  for (int i = 0; i < n; ++i) {
    if (a[i] < 0)
      return;
    a[i] *= a[i];
  }
  a[0] *= a[n - 1];
}

void void_return_first(double *a, int n) {
  if (n < 2)
    return;
  a[0] *= a[1];
}

double unreachable_code(double x) {
  return x * x;
  x *= 3;
  return x;
}

double break_keeps_local(const double *x, int n) {
  double last = 0;
  int at = 0;
  for (int i = 0; i < n; ++i) {
    double square = x[i] * x[i];
    last = square * (i + 1);
    at = i;
    if (square > 2)
      break;
  }
  return last * x[at];
}

double search(const double *x, int n, double limit) {
  int i = 0;
  while (true) {
    if (i == n)
      return limit * limit;
    if (x[i] > limit)
      break;
    ++i;
  }
  return (x[i] - limit) * (x[i] - limit);
}

double fixed_point(double a, double b) {
  double x = 1;
  for (int i = 0; i < 100; ++i) {
    double next = 0.5 * std::cos(a * x) + b;
    if (std::fabs(next - x) < 1e-3)
      return next;
    x = next;
  }
  return 0;
}

double break_out_of_switch(const double *x, int n) {
  double s = 1;
  for (int i = 0; i < n; ++i) {
    switch (i) {
    case 0:
      s *= x[i];
      break;
    case 2:
      continue;
    case 3:
      return s * x[i];
    default:
      s += x[i];
    }
    s *= 2;
  }
  return s;
}

#else
#define CASES "exits.cpp"
#include "twice.h"

int main() {
  reals x{1.5, 2.5, 0.5, -0.75, 3};
  VERIFY(break_on_condition, x, 5);
  VERIFY(break_on_condition, x, 2);
  VERIFY(break_after_update, x, 5);
  VERIFY(break_twice, x, 5);
  VERIFY(continue_skips, x, 5);
  VERIFY(continue_in_while, x, 5);
  VERIFY(continue_in_do, x, 5);
  VERIFY(nested_break, x, 5);
  VERIFY(nested_break, reals{0.1, 0.2, 0.3}, 3);
  VERIFY(nested_continue, x, 5);
  VERIFY(early_return, 1.5);
  VERIFY(early_return, 2.5);
  VERIFY(return_in_both, 1.5, 2.5);
  VERIFY(return_in_both, 2.5, 1.5);
  VERIFY(return_chain, -0.5);
  VERIFY(return_chain, 0.5);
  VERIFY(return_chain, 1.5);
  VERIFY(return_chain, 2.5);
  VERIFY(return_in_loop, x, 5);
  VERIFY(return_in_loop, reals{0.5, 0.25, 0.125}, 3);
  VERIFY(return_in_nested_loop, x, 5);
  VERIFY(return_in_nested_loop, reals{0.5, 0.25}, 2);
  VERIFY(return_in_while, 1.25);
  VERIFY(return_in_do, 1.25);
  VERIFY(after_taken_return, 1.5, reals{0});
  VERIFY(void_return, reals{1.5, 2.5, -1, 2}, 4);
  VERIFY(void_return, reals{1.5, 2.5, 2}, 3);
  VERIFY(void_return_first, reals{1.5, 2.5}, 1);
  VERIFY(void_return_first, reals{1.5, 2.5}, 2);
  VERIFY(unreachable_code, 1.5);
  VERIFY(break_keeps_local, reals{1, 1.25, 1.75, 3}, 4);
  VERIFY(search, x, 5, 2.0);
  VERIFY(search, x, 5, 9.0);
  VERIFY(fixed_point, 0.5, 0.3);
  VERIFY(break_out_of_switch, x, 5);
  VERIFY(break_out_of_switch, x, 3);
  return check::report();
}
#endif
