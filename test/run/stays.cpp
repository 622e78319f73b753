// Calls that stay calls: what they are given, and values outside a rule's domain that nobody uses in the end.
#ifdef CASES

double scaled(double x, int n, unsigned char c) { return n > 0 ? scaled(x * x, n - 1, c) : x * c; }
double small_integer(double x) { return scaled(x, 2, 3); }
double chosen(const std::string &a, const std::string &b, double x, int n) {
  if (n > 0)
    return chosen(b, a, x * x, n - 1);
  if (a == b)
    return x;
  return a < b ? 10 * x : x * x;
}
double by_text(double x) { return chosen("a", "b", x, 3) + chosen("b", "a", x, 2) + chosen("a", "a", x, 1); }
double product(double x, double y, int n) { return n > 0 ? product(x, y, n - 1) * y : x * y; }
double logarithm(double x, int n) { return n > 0 ? logarithm(x, n - 1) : std::log(x); }
double masked_argument(double a, double b) {
  double p = product(std::log(a), b, 2);
  return a > 0 ? p : b * b;
}
double masked_result(double a, double b) {
  double p = product(logarithm(a, 2), b, 2);
  return a > 0 ? p : b * b;
}
double clean_and_masked(double a, double b) { // one function, called with either
  double p = product(a, b, 1), q = product(std::sqrt(a), b, 1);
  return a > 0 ? p + q : p * b;
}
double infinite(double a, double b) {
  double p = product(a > 0 ? a : double(INFINITY), b, 2);
  return a > 0 ? p : b * b;
}
double masked_steps(double a, double b) {
  double l = std::log(a), p = b;
  for (int t = 0; t < 4; ++t) {
    nabla::checkpoint(2);
    double q = l * p;
    p = a > 0 ? q : p * b;
  }
  return p;
}

#else
#include <string>
#define CASES "stays.cpp"
#include "twice.h"

int main() {
  VERIFY(small_integer, 1.5);
  VERIFY(by_text, 1.5);
  for (double a : {-1.0, 2.0}) {
    VERIFY(masked_argument, a, 3.0);
    VERIFY(masked_result, a, 3.0);
    VERIFY(clean_and_masked, a, 3.0);
    VERIFY(infinite, a, 3.0);
  }
#ifndef NABLA_TEST_FORWARD
  double a_bar = 0, b_bar = 0;
  nabla::gradient<on_reals::masked_steps>(-1.0, 2.0, &a_bar, &b_bar);
  CHECK(a_bar == 0 && b_bar == 80);
#endif
  return check::report();
}
#endif
