// Calls: by value, pointer and reference; before and after the definition; nested, mutating, recursive,
// overloaded.
#ifdef CASES

double square(double x) { return x * x; }
double later(double x);

double by_value(double x, double y) { return square(x) * square(x + y) + square(y); }

double defined_later(double x) { return later(x) * x; }
double later(double x) { return std::sin(x) * x; }

double argument_changed_by_value(double x) {
  double y = x;
  auto changed = later(y = y * 2);
  return changed * y;
}

double changes_its_copy(double x) {
  x *= x;
  x += 1;
  return x;
}
double caller_keeps_value(double x) { return changes_its_copy(x) * x; }

void double_it(double *p) { *p *= 2; }
void square_it(double &r) { r *= r; }
void add_product(double &to, const double &a, const double &b) { to += a * b; }

double by_pointer(double x) {
  double a = x * x;
  double_it(&a);
  square_it(a);
  double_it(&a);
  return a * x;
}

double by_reference(double x, double y) {
  double s = 0;
  add_product(s, x, y);
  add_product(s, s, x);
  add_product(x, s, x);
  return s * x;
}

double const_reference_to_temporary(double x, double y) {
  double s = 1;
  add_product(s, x * y, 2.5);
  add_product(s, x + 1, y);
  return s;
}

void normalise(double *v, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += v[i] * v[i];
  s = std::sqrt(s);
  for (int i = 0; i < n; ++i)
    v[i] /= s;
}

void normalise_twice(double *v, int n) {
  normalise(v, n);
  v[0] += 1;
  normalise(v, n);
}

double on_part_of_array(double *v, int n) {
  normalise(v + 1, n - 1);
  normalise(&v[0], 2);
  return v[0] * v[1] + v[n - 1];
}

double read_modify(double *a, double b) {
  a[0] *= b;
  a[1] += a[0];
  return a[0] * a[1];
}

double mutating_calls_in_loop(double *a, const double *b, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += read_modify(a, b[i]);
  return s;
}

double two_mutating_calls_in_one_expression(double x, double y) {
  double a[2] = {x, y};
  double b[2] = {y, x};
  return read_modify(a, y) * read_modify(b, x);
}

double mutating_calls_sequenced(double x, double y) {
  double a[2] = {x, y};
  double first = read_modify(a, y), second = read_modify(a, x);
  return first * second + (read_modify(a, 0.5), a[1]);
}

double nested(double x) { return square(later(square(x) + 1)); }

double level3(double &x, double y) {
  x *= y;
  return x + y;
}
double level2(double &x, double y) {
  double r = level3(x, y * y);
  x += r;
  return level3(x, r) * y;
}
double level1(double x, double y) {
  double first = level2(x, y);
  return first * level2(y, x) + x;
}

double power(double x, int n) { return n == 0 ? 1.0 : x * power(x, n - 1); }

double power_by_squaring(double x, int n) {
  if (n == 0)
    return 1;
  double half = power_by_squaring(x, n / 2);
  half *= half;
  if (n % 2)
    half *= x;
  return half;
}

double sum_by_halves(const double *x, int n) {
  if (n == 1)
    return x[0] * x[0];
  int half = n / 2;
  return sum_by_halves(x, half) * 0.5 + sum_by_halves(x + half, n - half);
}

void recursive_in_place(double *x, int n) {
  if (n == 0)
    return;
  x[0] *= x[1] + 0.5;
  recursive_in_place(x + 1, n - 1);
  x[1] += x[0] * x[0];
}

double odd_steps(double x, int n);
double even_steps(double x, int n) { return n == 0 ? x : odd_steps(x * x, n - 1); }
double odd_steps(double x, int n) { return n == 0 ? -x : even_steps(x + 0.1, n - 1) * x; }
double mutually_recursive(double x, int n) { return even_steps(x, n) + odd_steps(x, n); }

double newton_recursive(double x, double target, int depth) {
  double next = x - (x * x - target) / (2 * x);
  if (depth == 0 || std::fabs(next - x) < 1e-2)
    return next;
  return newton_recursive(next, target, depth - 1);
}

double scaled(double x, double k = 2.5, int n = 3) { return x * k * n; }
double default_arguments(double x) { return scaled(x) + scaled(x, x) * scaled(x, x, 2); }

double kind_of(double x) { return x * x; }
double kind_of(int n) { return n; }
double kind_of(double x, double y) { return x * y; }
double overloads(double x) { return kind_of(x) * kind_of(3) + kind_of(x, x + 1); }

inline double inlined(double x) { return x * 3 + 1; }
static double file_static(double x) { return x * x * x; }
constexpr double constant_expression(double x) { return x * 2; }
double linkages(double x) { return inlined(x) * file_static(x) + constant_expression(x); }

template <class T> T cube(T x) { return x * x * x; }
template <int N, class T> T times(T x) { return N * x; }
double templates(double x) { return cube(x) + times<3>(cube<double>(x + 1)); }

namespace inner {
double shifted(double x) { return x + 0.5; }
namespace deeper {
double shifted(double x) { return inner::shifted(x) * x; }
} // namespace deeper
} // namespace inner
double qualified(double x) {
  using inner::deeper::shifted;
  namespace short_name = inner;
  return shifted(x) * short_name::shifted(x);
}

int count_big(const double *x, int n) {
  int count = 0;
  for (int i = 0; i < n; ++i)
    count += x[i] > 1;
  return count;
}
double integer_function(const double *x, int n) { return count_big(x, n) * x[0] * x[0]; }

bool is_big(double x) { return x > 1; }
double boolean_function(double x) { return is_big(x) ? x * x : x; }

void counts(const double *x, int n, int &big, int *small) {
  big = *small = 0;
  for (int i = 0; i < n; ++i)
    ++(x[i] > 1 ? big : *small);
}
double integer_outputs(const double *x, int n) {
  int big, small;
  counts(x, n, big, &small);
  return x[big] * big + x[small] * x[small] * small;
}

double *larger(double *a, double *b) { return *a > *b ? a : b; }
double pointer_result(double x, double y) {
  double a = x, b = y * y;
  *larger(&a, &b) *= x;
  return a * b;
}

double &element(double *a, int i) { return a[i]; }
double reference_result(double *a) {
  element(a, 0) *= element(a, 1);
  double &e = element(a, 1);
  e += a[0];
  return e * a[0];
}

double same_argument_twice(double x) {
  double a = x;
  add_product(a, a, a);
  add_product(a, x, a);
  return a;
}

void forwarded(double *p, int depth) {
  if (depth > 0)
    forwarded(p, depth - 1);
  *p *= 1.5;
  square_it(*p);
}
double reference_through_recursion(double x) {
  forwarded(&x, 2);
  return x;
}

double called_in_condition(double x) {
  int n = 0;
  while (square(x) < 50) {
    x = later(x) + 2 * x;
    ++n;
  }
  return x * n;
}

double called_in_subscript(const double *x, int n) { return x[count_big(x, n)] * square(x[n - 1]); }

double ignored_result(double *a) {
  read_modify(a, 3);
  (void)read_modify(a, a[1]);
  return a[0];
}

double lambda_by_reference(double x, double y) {
  double k = 2;
  auto scaled = [&](double v) { return k * v * y; };
  double a = scaled(x);
  k = x;
  return a * scaled(a);
}

double lambda_by_value(double x) {
  double k = x * x;
  auto f = [k](double v) { return k * v; };
  k = 7;
  return f(x) * k;
}

double lambda_writes(const double *x, int n) {
  double sum = 0, product = 1;
  auto take = [&sum, &product](double v) {
    sum += v;
    product *= v + sum;
  };
  for (int i = 0; i < n; ++i)
    take(x[i]);
  return sum * product;
}

double lambda_generic(double x) {
  auto twice = [](auto v) { return 2 * v; };
  return twice(x) * twice(3) + [](double v) { return v * v; }(x);
}

#else
#define CASES "calls.cpp"
#include "twice.h"

int main() {
  reals x{1.5, 2.5, 0.5, -0.75};
  VERIFY(by_value, 1.5, 2.5);
  VERIFY(defined_later, 1.5);
  VERIFY(argument_changed_by_value, 1.5);
  VERIFY(caller_keeps_value, 1.5);
  VERIFY(by_pointer, 1.5);
  VERIFY(by_reference, 1.5, 2.5);
  VERIFY(const_reference_to_temporary, 1.5, 2.5);
  VERIFY(normalise_twice, x, 4);
  VERIFY(on_part_of_array, x, 4);
  VERIFY(mutating_calls_in_loop, reals{1.5, 2.5}, reals{0.5, -0.25, 2}, 3);
  VERIFY(two_mutating_calls_in_one_expression, 1.5, 2.5);
  VERIFY(mutating_calls_sequenced, 1.5, 2.5);
  VERIFY(nested, 0.75);
  VERIFY(level1, 0.75, 1.25);
  VERIFY(power, 1.5, 5);
  VERIFY(power, 1.5, 0);
  VERIFY(power_by_squaring, 1.5, 13);
  VERIFY(sum_by_halves, x, 4);
  VERIFY(recursive_in_place, reals{1.5, 2.5, 0.5, -0.75}, 3);
  VERIFY(mutually_recursive, 0.75, 5);
  VERIFY(newton_recursive, 1.5, 7.0, 6);
  VERIFY(default_arguments, 1.5);
  VERIFY(overloads, 1.5);
  VERIFY(linkages, 1.5);
  VERIFY(templates, 1.5);
  VERIFY(qualified, 1.5);
  VERIFY(integer_function, x, 4);
  VERIFY(boolean_function, 0.5);
  VERIFY(boolean_function, 1.5);
  VERIFY(integer_outputs, x, 4);
  VERIFY(pointer_result, 1.5, 0.5);
  VERIFY(pointer_result, 1.5, 2.5);
  VERIFY(reference_result, reals{1.5, 2.5});
  VERIFY(same_argument_twice, 1.5);
  VERIFY(reference_through_recursion, 0.9);
  VERIFY(called_in_condition, 1.25);
  VERIFY(called_in_subscript, x, 4);
  VERIFY(ignored_result, reals{1.5, 2.5});
  VERIFY(lambda_by_reference, 1.5, 2.5);
  VERIFY(lambda_by_value, 1.5);
  VERIFY(lambda_writes, x, 4);
  VERIFY(lambda_generic, 1.5);
  return check::report();
}
#endif
