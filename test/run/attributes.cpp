// The attribute form: [[nabla::gradient]] and [[nabla::pullback]] with lists of names, on every kind of
// function.
#include "check.h"
#include <cmath>
#include <nabla/nabla.h>

[[nabla::gradient]] double product(double x, double y) { return x * y * y; }

void plain_function() {
  double x_bar = 10, y_bar = 20;
  double v = product_grad(2.0, 3.0, &x_bar, &y_bar);
  CHECK_NEAR(v, 18, 1e-14);
  CHECK_NEAR(x_bar, 10 + 9, 1e-14); // adds into the adjoint
  CHECK_NEAR(y_bar, 20 + 12, 1e-14);
}

[[nabla::gradient("w, b")]] double loss(const double *w, double b, const double *data, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    double e = w[0] * data[i] + w[1] * data[i] * data[i] + b;
    s += e * e;
  }
  return s;
}

void list_of_names() {
  const double w[2] = {0.5, -0.25}, data[3] = {1, 2, 3};
  double w_bar[2] = {0, 0}, b_bar = 0;
  double v = loss_grad(w, 1.5, data, 3, w_bar, &b_bar), s = 0, g0 = 0, g1 = 0, gb = 0;
  for (double d : data) {
    double e = 0.5 * d - 0.25 * d * d + 1.5;
    s += e * e;
    g0 += 2 * e * d;
    g1 += 2 * e * d * d;
    gb += 2 * e;
  }
  CHECK_NEAR(v, s, 1e-14);
  CHECK_NEAR(w_bar[0], g0, 1e-13);
  CHECK_NEAR(w_bar[1], g1, 1e-13);
  CHECK_NEAR(b_bar, gb, 1e-13);
}

[[nabla::gradient("y")]] double one_name(double x, double y, double z) { return x * y * z + y * y; }

void single_name() {
  double y_bar = 0;
  CHECK_NEAR(one_name_grad(2, 3, 4, &y_bar), 33, 1e-14);
  CHECK_NEAR(y_bar, 8 + 6, 1e-14);
}

[[nabla::gradient]] double skips(double x, [[nabla::inactive]] double data, int n, const char *, bool on,
                                 const int *index) {
  return on ? x * x * data * n * index[0] : 0.0;
}

void inactive_parameters() {
  double x_bar = 0;
  int two = 2;
  CHECK_NEAR(skips_grad(3, 5, 7, "text", true, &two, &x_bar), 9 * 5 * 14, 1e-14);
  CHECK_NEAR(x_bar, 2 * 3 * 5 * 14, 1e-14);
}

[[nabla::gradient]] double declared_first(double x);
double declared_first(double x) { return std::sin(x); }

[[nabla::gradient]] double declared_twice(double x);
[[nabla::gradient]] double declared_twice(double renamed) { return std::cos(renamed); }

[[nabla::gradient]] double used_before_definition(double x);
double uses_it(double x, double *x_bar) { return used_before_definition_grad(x, x_bar); }
double used_before_definition(double x) { return x * x * x; }

void declarations() {
  double x_bar = 0;
  CHECK_NEAR(declared_first_grad(0.5, &x_bar), std::sin(0.5), 1e-15);
  CHECK_NEAR(x_bar, std::cos(0.5), 1e-15);
  x_bar = 0;
  CHECK_NEAR(declared_twice_grad(0.5, &x_bar), std::cos(0.5), 1e-15);
  CHECK_NEAR(x_bar, -std::sin(0.5), 1e-15);
  x_bar = 0;
  CHECK_NEAR(uses_it(2, &x_bar), 8, 1e-15);
  CHECK_NEAR(x_bar, 12, 1e-15);
}

[[nabla::gradient]] double overloaded(double x) { return x * x; }
[[nabla::gradient]] double overloaded(double x, double y) { return x * y; }
[[nabla::gradient]] float overloaded(float x) { return 3 * x; }

void overloads() {
  double x_bar = 0, y_bar = 0;
  float f_bar = 0;
  overloaded_grad(3.0, &x_bar);
  CHECK_NEAR(x_bar, 6, 1e-15);
  x_bar = 0;
  overloaded_grad(3.0, 4.0, &x_bar, &y_bar);
  CHECK_NEAR(x_bar, 4, 1e-15);
  CHECK_NEAR(y_bar, 3, 1e-15);
  overloaded_grad(2.0f, &f_bar);
  CHECK_NEAR(f_bar, 3, 1e-6);
}

namespace physics {
namespace {
[[nabla::gradient]] double hidden(double x) { return x * x * x; }
} // namespace
inline namespace v1 {
[[nabla::gradient]] double energy(double m, double v) { return 0.5 * m * v * v; }
} // namespace v1
double hidden_slope(double x) {
  double x_bar = 0;
  hidden_grad(x, &x_bar);
  return x_bar;
}
} // namespace physics

void namespaces() {
  double m_bar = 0, v_bar = 0;
  CHECK_NEAR(physics::energy_grad(2, 3, &m_bar, &v_bar), 9, 1e-15);
  CHECK_NEAR(m_bar, 4.5, 1e-15);
  CHECK_NEAR(v_bar, 6, 1e-15);
  CHECK_NEAR(physics::hidden_slope(2), 12, 1e-15);
}

[[nabla::gradient]] static double file_static(double x) { return x * x; }
[[nabla::gradient]] inline double inlined(double x) { return x / 2; }
[[nabla::gradient]] constexpr double constant(double x) { return 5 * x; }
[[nabla::gradient]] double not_throwing(double x) noexcept { return 7 * x; }
[[nabla::gradient]] auto trailing(double x) -> double { return x * x * 4; }
extern "C" [[nabla::gradient]] double in_c(double x) { return 9 * x; }

void linkages() {
  double x_bar = 0;
  file_static_grad(3, &x_bar);
  inlined_grad(3, &x_bar);
  constant_grad(3, &x_bar);
  not_throwing_grad(3, &x_bar);
  trailing_grad(3, &x_bar);
  in_c_grad(3, &x_bar);
  CHECK_NEAR(x_bar, 6 + 0.5 + 5 + 7 + 24 + 9, 1e-15);
}

[[nabla::gradient]] void outputs(const double *x, int n, double *squares, double &sum) {
  sum = 0;
  for (int i = 0; i < n; ++i) {
    squares[i] = x[i] * x[i];
    sum += squares[i] * x[i];
  }
}

void output_arguments() {
  double x[2] = {2, 3}, squares[2] = {-1, -1}, sum = 7;
  double x_bar[2] = {0, 0}, squares_bar[2] = {10, 20}, sum_bar = 1;
  outputs_grad(x, 2, squares, sum, x_bar, squares_bar, sum_bar);
  CHECK(squares[0] == 4 && squares[1] == 9 && sum == 35);
  CHECK_NEAR(x_bar[0], 10 * 4 + 3 * 4, 1e-14);
  CHECK_NEAR(x_bar[1], 20 * 6 + 3 * 9, 1e-14);
  CHECK(squares_bar[0] == 0 && squares_bar[1] == 0 && sum_bar == 0); // the initial values do not matter
}

[[nabla::gradient]] double written(double *state, int n) {
  for (int i = 0; i < n; ++i)
    state[i] = std::exp(state[i]);
  return state[0] * state[1];
}

void written_state() {
  double state[2] = {0.5, 0.25}, bar[2] = {0, 0};
  double v = written_grad(state, 2, bar);
  CHECK_NEAR(v, std::exp(0.75), 1e-14);
  CHECK_NEAR(state[0], std::exp(0.5), 1e-15);
  CHECK_NEAR(state[1], std::exp(0.25), 1e-15);
  CHECK_NEAR(bar[0], std::exp(0.75), 1e-14);
  CHECK_NEAR(bar[1], std::exp(0.75), 1e-14);
}

[[nabla::pullback]] double pulled(double x, double y) { return x * y; }
[[nabla::pullback("x")]] double pulled_by_x(double x, double y) { return x * x * y; }
[[nabla::pullback]] void pulled_outputs(const double *x, double *y) {
  y[0] = x[0] * x[1];
  y[1] = x[0] + x[1];
}

void pullbacks() {
  double x_bar = 1, y_bar = 2;
  CHECK_NEAR(pulled_pullback(3, 4, 0.5, &x_bar, &y_bar), 12, 1e-15);
  CHECK_NEAR(x_bar, 1 + 0.5 * 4, 1e-15);
  CHECK_NEAR(y_bar, 2 + 0.5 * 3, 1e-15);
  x_bar = 0;
  CHECK_NEAR(pulled_by_x_pullback(3, 4, 2.0, &x_bar), 36, 1e-15);
  CHECK_NEAR(x_bar, 2.0 * 24, 1e-15);
  double x[2] = {2, 3}, y[2], xs_bar[2] = {0, 0}, ys_bar[2] = {10, 100};
  pulled_outputs_pullback(x, y, xs_bar, ys_bar);
  CHECK(y[0] == 6 && y[1] == 5);
  CHECK_NEAR(xs_bar[0], 10 * 3 + 100, 1e-15);
  CHECK_NEAR(xs_bar[1], 10 * 2 + 100, 1e-15);
}

[[nabla::gradient]] [[nabla::pullback]] double both_marks(double x) { return x * x; }
[[nabla::gradient, nabla::may_alias]] double shifted_sum(double *a, const double *b, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    a[i] *= b[i];
    s += a[i];
  }
  return s;
}

void may_alias() {
  double v[3] = {2, 3, 4}, bar[3] = {0, 0, 0};
  // v[1] *= v[0]; v[2] *= v[1]; s = v[1] + v[2]
  CHECK_NEAR(shifted_sum_grad(v + 1, v, 2, bar + 1, bar), 6 + 24, 1e-15);
  CHECK(v[0] == 2 && v[1] == 6 && v[2] == 24);
  CHECK_NEAR(bar[0], 3 + 12, 1e-15);
  CHECK_NEAR(bar[1], 2 + 8, 1e-15);
  CHECK_NEAR(bar[2], 6, 1e-15);
  double x_bar = 0;
  both_marks_grad(3, &x_bar);
  both_marks_pullback(3, 10.0, &x_bar);
  CHECK_NEAR(x_bar, 66, 1e-15);
}

[[nabla::gradient]] double dot(const double *a, const double *b, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += a[i] * b[i];
  return s;
}

void read_only_arguments_coincide() {
  double a[2] = {2, 3}, bar[2] = {0, 0};
  CHECK_NEAR(dot_grad(a, a, 2, bar, bar), 13, 1e-15);
  CHECK_NEAR(bar[0], 4, 1e-15);
  CHECK_NEAR(bar[1], 6, 1e-15);
}

[[nabla::gradient("x")]] double mixed(const double *x, const double *data, int n) {
  const double *p = n ? x : data;
  return p[0] * p[1];
}

void pointer_to_active_or_inactive() {
  double x[2] = {2, 3}, data[2] = {5, 7}, x_bar[2] = {0, 0};
  CHECK_NEAR(mixed_grad(x, data, 0, x_bar), 35, 1e-15);
  CHECK(x_bar[0] == 0 && x_bar[1] == 0);
  CHECK_NEAR(mixed_grad(x, data, 1, x_bar), 6, 1e-15);
  CHECK(x_bar[0] == 3 && x_bar[1] == 2);
}

double table_lookup(double x);
[[nabla::pullback_of(table_lookup)]] void table_lookup_pb(double x, double seed, double *x_bar);
[[nabla::gradient]] double uses_table(double x) { return table_lookup(x * x) * x; }

double logged = 0;
[[nabla::inactive]] bool is_large(const double *x) { return *x > 0.3; }
[[nabla::inactive]] bool is_large_reference(const double &x) { return x > 0.3; }
double looked_at(const double *x) {
  double s = x[0];
  while (is_large(&s))
    s *= s * x[1];
  double t = s;
  if (!is_large_reference(t))
    t = t * x[0];
  return t;
}
void address_of_a_local_for_inactive() {
  double x[] = {0.5, 0.7}, x_bar[2] = {};
  nabla::gradient<looked_at>(x, x_bar);
  CHECK_NEAR(x_bar[0], 3 * 0.25 * 0.7, 1e-15);
  CHECK_NEAR(x_bar[1], 0.125, 1e-15);
}
[[nabla::inactive]] void log_value(double x);
[[nabla::gradient]] double logs(double x) {
  double y = x * x;
  log_value(y);
  return y * x;
}

namespace rules {
double cube(double x) { return x * x * x; }
} // namespace rules
[[nabla::pullback_of(rules::cube)]] void cube_pb(double x, double seed, double *x_bar) {
  *x_bar += 1000 * seed * x; // wrong on purpose: shows that the rule was taken
}
[[nabla::gradient]] double uses_cube(double x) { return rules::cube(x) + x; }

void first_two(const double *in, double *out) {
  out[0] = in[1];
  out[1] = in[0] * in[0];
}
[[nabla::pullback_of(first_two)]] void first_two_pb(const double *in, double *out, double *in_bar,
                                                    double *out_bar) {
  (void)out;
  in_bar[1] += out_bar[0];
  in_bar[0] += out_bar[1] * 2 * in[0];
  out_bar[0] = out_bar[1] = 0;
}
[[nabla::gradient]] double uses_first_two(double x, double y) {
  double in[2] = {x, y}, out[2];
  first_two(in, out);
  return out[0] * out[1];
}

double factor = 2;
double changes_factor(double x) {
  factor = 5;
  return x * x;
}
[[nabla::pullback_of(changes_factor)]] void changes_factor_pb(double x, double seed, double *x_bar) {
  *x_bar += 2 * x * seed;
}
[[nabla::gradient]] double reads_factor(double x) {
  double before = x * factor, y = changes_factor(x);
  return before * y + x * factor;
}
int count = 0;
constexpr int tick(int by) { return by > 0 ? count += by : by; }
[[nabla::gradient]] double counts(double x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    int before = count, now = tick(1);
    s += x * now + before * x * x;
  }
  return s;
}
void function_of_integers_that_writes_a_global() {
  double x_bar = 0;
  count = 0;
  CHECK_NEAR(counts_grad(2, 3, &x_bar), 24, 1e-15);
  CHECK_NEAR(x_bar, 18, 1e-15);
  CHECK(count == 3);
}

void own_rule_that_writes_a_global() {
  double x_bar = 0;
  factor = 2;
  CHECK_NEAR(reads_factor_grad(3, &x_bar), 6 * 9 + 15, 1e-15);
  CHECK_NEAR(x_bar, 3 * 2 * 9 + 5, 1e-15);
}

void own_derivatives() {
  double x_bar = 0;
  CHECK_NEAR(uses_table_grad(2, &x_bar), 3 * 4 * 2, 1e-15);
  CHECK_NEAR(x_bar, 3 * 4 + 2 * 3 * 4, 1e-15);
  x_bar = 0;
  CHECK_NEAR(logs_grad(2, &x_bar), 8, 1e-15);
  CHECK_NEAR(x_bar, 12, 1e-15);
  CHECK(logged == 4); // once: the reverse sweep calls nothing again
  x_bar = 0;
  uses_cube_grad(2, &x_bar);
  CHECK_NEAR(x_bar, 2001, 1e-15);
  double y_bar = 0;
  x_bar = 0;
  CHECK_NEAR(uses_first_two_grad(2, 3, &x_bar, &y_bar), 12, 1e-15);
  CHECK_NEAR(x_bar, 2 * 2 * 3, 1e-15);
  CHECK_NEAR(y_bar, 4, 1e-15);
}

int main() {
  plain_function();
  list_of_names();
  single_name();
  inactive_parameters();
  declarations();
  overloads();
  namespaces();
  linkages();
  output_arguments();
  written_state();
  pullbacks();
  may_alias();
  read_only_arguments_coincide();
  pointer_to_active_or_inactive();
  address_of_a_local_for_inactive();
  own_derivatives();
  own_rule_that_writes_a_global();
  function_of_integers_that_writes_a_global();
  return check::report();
}

double table_lookup(double x) { return 3 * x; }
void table_lookup_pb(double, double seed, double *x_bar) { *x_bar += 3 * seed; }
void log_value(double x) { logged += x; }
