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

#else
#define CASES "globals.cpp"
#include "twice.h"

int main() {
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
