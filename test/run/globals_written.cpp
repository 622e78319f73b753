// Globals, static members and thread_local variables that differentiated functions write.
#ifdef CASES

const double factor = 1.25;
struct Settings {
  double scale;
  int n;
};
double total = 0;
double scratch[4];
Settings state = {1, 2};
thread_local double of_thread = 0;
namespace counters {
double evaluated = 0;
}
struct Meter {
  static double sum;
  double scale;
  void add(double x) const { sum += scale * x; }
};
double Meter::sum = 0;

void add_to_total(double x) { total += x * x; }
double global_sum(const double *x, int n) {
  total = 0;
  for (int i = 0; i < n; ++i)
    add_to_total(x[i]);
  return total * x[0];
}
double global_scratch(double x, double y) {
  for (int i = 0; i < 4; ++i)
    scratch[i] = x * i + y;
  for (double &s : scratch)
    s *= s;
  return scratch[1] * scratch[3] + scratch[2];
}
void advance_state(double by) {
  state.scale = state.scale * by + factor;
  ++counters::evaluated;
}
double global_object(double x, int n) {
  state = {x, n};
  counters::evaluated = 0;
  for (int i = 0; i < state.n; ++i)
    advance_state(x);
  return state.scale * state.scale * counters::evaluated;
}
void deep(double x, int n) { // recursive: stays a call
  if (n == 0)
    return;
  total = total * x + n;
  deep(x * 0.5, n - 1);
  of_thread += total * x;
}
double global_recursive(double x, int n) {
  total = x;
  of_thread = 0;
  deep(x, n);
  return total + of_thread * x;
}
double read_total() { return total; }
double half_read(double x) {
  total = x * x;
  double before = read_total();
  total *= x;
  return before * read_total();
}
double static_member(double x, double y) {
  Meter::sum = 0;
  Meter m{y};
  m.add(x);
  m.add(x * y);
  Meter::sum *= Meter::sum;
  return m.sum;
}
void store(double *to, double x) { *to = x * x; }
void twice(double &v) { v += v; }
double global_by_reference(double x) {
  store(&total, x);
  twice(total);
  double *p = &scratch[1];
  *p = total;
  auto triple = [](double by) { total += 2 * by; };
  triple(x);
  return total * scratch[1];
}

#else
#define CASES "globals_written.cpp"
#include "twice.h"

// `level_bar` is the adjoint of `level`: of its final value before, of its initial value afterwards. `hidden` has none.
double level = 1.5, level_bar = 0.25, hidden = 0.5;
double drift(double x) {
  level *= x;
  hidden += x;
  return level * level + hidden;
}

double curved(double x) {
  hidden = x * x;
  hidden *= x;
  return hidden * hidden; // x^6
}

int main() {
  VERIFY(global_sum, reals{1.5, 2.5, -0.5}, 3);
  VERIFY(global_scratch, 1.5, 0.7);
  VERIFY(global_object, 0.8, 4);
  VERIFY(global_recursive, 0.8, 4);
  VERIFY(half_read, 0.8);
  VERIFY(static_member, 0.8, 1.3);
  VERIFY(global_by_reference, 0.8);
  double x_bar = 0;
  CHECK(nabla::gradient<drift>(2.0, &x_bar) == 9 + 2.5);
  CHECK(level == 3 && hidden == 2.5);
  CHECK(x_bar == 2 * 3 * 1.5 + 1 + 0.25 * 1.5);
  CHECK(level_bar == 2 * 3 * 2.0 + 0.25 * 2);
  double bar = 0, product = 0;
  nabla::gradient_and_hvp<curved>(2.0, &bar, 0.5, &product);
  CHECK(bar == 6 * 32 && product == 0.5 * 30 * 16);
  product = 0;
  nabla::hvp<curved>(2.0, 0.5, &product); // whatever the global's adjoint
  CHECK(product == 0.5 * 30 * 16);
  return check::report();
}
#endif
