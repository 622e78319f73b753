// File-scope constants, static const tables, globals as inactive reads; printf, assert and the like pass
// through.
#ifdef CASES

const double gravity = 9.81;
constexpr double half = 0.5;
static const double weights[4] = {0.5, -1.5, 2.5, 1};
const double grid[2][2] = {{1, 2}, {3, 4}};
const int order[3] = {2, 0, 1};
double factor = 1.25;
double samples[3] = {1, 2, 3};
int selected = 1;
static const double pair_of_factors[2] = {0.75, 2};
static const double *const factors = pair_of_factors;
enum { rows = 3 };
namespace constants {
const double pi = 3.14159265358979323846;
extern const double e;
const double e = 2.71828182845904523536;
} // namespace constants
struct Settings {
  double scale;
  int n;
};
Settings settings = {1.5, 2};

double constant(double x) { return gravity * x * x * half; }

double table(double x) {
  double s = 0;
  for (int i = 0; i < 4; ++i)
    s = s * x + weights[i];
  return s;
}

double table_by_table(const double *x) {
  double s = 0;
  for (int i = 0; i < rows; ++i)
    s += x[order[i]] * x[i] * grid[i % 2][order[i] % 2];
  return s;
}

double global_read(double x) { return factor * x * x; }

double global_array(double x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += samples[i] * x * (i == selected ? x : 1.0);
  return s;
}

double global_struct(double x) {
  double s = x;
  for (int i = 0; i < settings.n; ++i)
    s *= settings.scale * x;
  return s;
}

double in_namespace(double x) { return constants::pi * x * x + constants::e * x; }

double local_static_table(double x, int k) {
  static const double c[] = {1.5, 2.5, 3.5};
  static constexpr int at[] = {2, 1, 0};
  return c[at[k]] * x * x;
}

double pointer_to_table(double x, int k) {
  const double *row = k ? weights : samples;
  double s = 0;
  for (int i = 0; i < 3; ++i)
    s += *row++ * x * x;
  return s;
}

double table_passed_on_helper(const double *w, double x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += w[i] * x * x;
  return s;
}
double table_passed_on(double x) { return table_passed_on_helper(weights, x, 4) * x; }

double prints(double x) {
  double y = x * x;
  printf("%s", "");
  if (x > 100)
    std::fprintf(stderr, "large\n");
  return y * x;
}

double asserts(const double *x, int n) {
  assert(n > 0);
  double s = 0;
  for (int i = 0; i < n; ++i) {
    assert(x[i] < 100 && "small values only");
    s += x[i] * x[i];
  }
  static_assert(sizeof(int) >= 2, "");
  return s;
}

double empty_statements(double x) {
  ;
  {
  }
  double y = x * x;
  ;
  (void)0;
  return y;
}

double aborts(double x) {
  if (x < -1000)
    std::abort();
  if (x < -2000)
    std::exit(3);
  return x * x;
}

double through_constant_pointer(double x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += x * x * factors[0] * s + factors[1] * x;
  return s * factors[1];
}

// ---- Globals that are written

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
#define CASES "globals.cpp"
#include "twice.h"

// `level_bar` is the adjoint of `level`: of its final value before, of its initial value afterwards. `hidden` has none.
double level = 1.5, level_bar = 0.25, hidden = 0.5;
double drift(double x) {
  level *= x;
  hidden += x;
  return level * level + hidden;
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
  VERIFY(constant, 1.5);
  VERIFY(table, 1.5);
  VERIFY(table_by_table, reals{1.5, 2.5, -0.5});
  VERIFY(global_read, 1.5);
  on_reals::factor = 2.5;
  on_duals::factor = 2.5;
  VERIFY(global_read, 1.5);
  VERIFY(global_array, 1.5, 3);
  VERIFY(global_struct, 1.5);
  VERIFY(in_namespace, 1.5);
  VERIFY(local_static_table, 1.5, 1);
  VERIFY(pointer_to_table, 1.5, 0);
  VERIFY(pointer_to_table, 1.5, 1);
  VERIFY(table_passed_on, 1.5);
  VERIFY(prints, 1.5);
  VERIFY(asserts, reals{1.5, 2.5}, 2);
  VERIFY(empty_statements, 1.5);
  VERIFY(aborts, 1.5);
  VERIFY(through_constant_pointer, 0.7, 3);
  return check::report();
}
#endif
