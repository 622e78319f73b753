// Scalars of all arithmetic types and the conversions among them; dead code outside its domain.
#ifdef CASES

double polynomial(double x) { return 3 * x * x * x - 2 * x + 1; }

double all_operators(double x, double y) { return (x + y) * (x - y) / (x * y + 4) - -x + +y; }

float single_precision(float x, float y) {
  float a = x * y + 0.5f;
  return std::sin(a) / y;
}

float float_accumulator(const float *x, int n) {
  float s = 0;
  for (int i = 0; i < n; ++i)
    s += x[i] * x[i];
  return s;
}

double float_in_the_middle(double x) {
  float a = x * 0.5;
  double b = a * a;
  return b * x;
}

double float_accumulates_doubles(const double *x, int n) {
  float s = 0;
  for (int i = 0; i < n; ++i)
    s += x[i];
  return s * s;
}

long_double extended(long_double x, double y) {
  long_double a = x * y;
  return std::exp(a) + a;
}

double through_long_double(double x) {
  long_double a = x;
  a *= a + 1;
  return static_cast<double>(a);
}

double int_cast(double x) {
  int n = (int)x;
  return n * x; // the derivative is n, the cast has none
}

double int_cast_truncates_no_adjoint(double x) {
  double whole = static_cast<int>(x * 3);
  double rest = x * 3 - whole;
  return rest * rest;
}

double int_and_back(double x, double y) {
  long k = static_cast<long>(x * y);
  double z = k;
  z += x * static_cast<double>(k % 3);
  return z * y;
}

double integer_arguments(int i, unsigned u, long l, short s, char c, bool b, double x) {
  return i * x + u * x * x - l / x + s * std::sin(x) + c * x + b * x * x * x;
}

double integer_division(double x, int n) { return x * (n / 2) + x * x * (n % 3) + n / 2.0 * x; }

double unsigned_arithmetic(double x, unsigned n) {
  double s = 0;
  for (unsigned i = n; i-- > 0;)
    s += x * i;
  return s * x;
}

double boolean_factor(double x, double y) {
  bool big = x > y;
  return big * x + !big * y;
}

double bits(double x, int n) {
  return x * (n & 3) + x * x * (n >> 1) + (n | 8) * x - (n ^ 5) * std::exp(x) + (~n) * x + (n << 2) / x;
}

#pragma GCC diagnostic ignored "-Wdeprecated-enum-float-conversion"
enum Weight { light = 1, heavy = 5 };
double enumerators(double x, Weight w) { return x * w + heavy * x * x; }

double literal_kinds(double x) {
  return 2 * x + 2u * x + 2l * x + 2.5f * x + 0x10 * x + 1e-1 * x + 'a' * x + true * x;
}

double many_declarators(double x, double y) {
  double a = x * y, b = a * x, c(b + a), d{c * 2};
  return a + b * c * d;
}

double declared_later(double x) {
  double a;
  double b;
  a = x;
  b = a * x;
  return a * b;
}

double const_local(double x) {
  const double k = 2.5;
  const double y = k * x;
  constexpr double three = 3;
  return y * y * three;
}

double auto_local(double x) {
  auto y = x * x;
  const auto z = y + 1;
  auto k = 3;
  return y * z * k;
}

double parentheses(double x) { return ((x)) * (((x) + (1))); }

double functional_cast(double x) { return double(int(x)) * x + double(3) * x; }

double unused_out_of_domain(double x) {
  double dead = std::acos(x + 2);
  double also_dead = std::log(-x) * dead;
  (void)also_dead;
  return x * x;
}

double unused_branch_out_of_domain(double x) {
  double r = 0;
  if (x > 0)
    r = x * x;
  else
    r = std::sqrt(x);
  return r;
}

double masked_by_zero(double x, int n) {
  double a[2] = {x * x, std::sqrt(x - x)};
  return a[n];
}

double overwritten_out_of_domain(double x) {
  double a = std::log(x - x); // -inf, never reaches the result
  a = x;
  return a * x;
}

double root_of_zero_unused(double x, double y) {
  double r = std::sqrt(x);
  return y > 0 ? y * y : r;
}

double constant_result(double x) {
  (void)x;
  return 42;
}

double unused_parameter(double x, double) { return x * x; }

double result_is_parameter(double x) { return x; }

double parameter_named_like_ours(double x_bar, double record, double adjoint) {
  return x_bar * record * adjoint;
}

double shadowed_names(double x) {
  double y = x * x;
  {
    double y = x + 1;
    x *= y;
  }
  {
    double x = y;
    y *= x;
  }
  return x * y;
}

double size_type(const double *a, std::size_t n) {
  double s = 0;
  for (std::size_t i = 0; i < n; i++)
    s += a[i] * static_cast<double>(i);
  return s * s;
}

#else
#define CASES "arithmetic.cpp"
#include "twice.h"

int main() {
  VERIFY(polynomial, 1.5);
  VERIFY(all_operators, 1.5, 2.5);
  VERIFY(single_precision, 1.5, 2.5);
  VERIFY(float_accumulator, reals{0.5, 1.5, -2.5}, 3);
  VERIFY_SINGLE(float_in_the_middle, 1.25);
  VERIFY_SINGLE(float_accumulates_doubles, reals{0.5, 1.5, -2.5}, 3);
  VERIFY(extended, 0.5, 1.5);
  VERIFY(through_long_double, 0.75);
  VERIFY(int_cast, 3.75);
  VERIFY(int_cast_truncates_no_adjoint, 1.55);
  VERIFY(int_and_back, 2.5, 3.1);
  VERIFY(integer_arguments, -3, 4, 5, -6, 7, 1, 0.5);
  VERIFY(integer_division, 0.5, 7);
  VERIFY(unsigned_arithmetic, 0.5, 5);
  VERIFY(boolean_factor, 1.5, 0.5);
  VERIFY(boolean_factor, 0.25, 0.5);
  VERIFY(bits, 0.5, 6);
  VERIFY(enumerators, 0.5, 5);
  VERIFY(literal_kinds, 0.5);
  VERIFY(many_declarators, 1.5, 0.5);
  VERIFY(declared_later, 1.5);
  VERIFY(const_local, 1.5);
  VERIFY(auto_local, 1.5);
  VERIFY(parentheses, 1.5);
  VERIFY(functional_cast, 2.5);
  VERIFY(unused_out_of_domain, 1.5);
  VERIFY(unused_branch_out_of_domain, 1.5);
  VERIFY(masked_by_zero, 1.5, 0);
  VERIFY(overwritten_out_of_domain, 1.5);
  VERIFY(root_of_zero_unused, 0.0, 1.5);
  VERIFY(constant_result, 1.5);
  VERIFY(unused_parameter, 1.5, 2.5);
  VERIFY(result_is_parameter, 1.5);
  VERIFY(parameter_named_like_ours, 1.5, 2.5, 0.5);
  VERIFY(shadowed_names, 1.5);
  VERIFY(size_type, reals{1, 2, 3}, 3);
  return check::report();
}
#endif
