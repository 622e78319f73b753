// Values outside their domain that are not used in the end: no NaN may reach the gradient.
#ifdef CASES

double dead_acos(double x) {
  double unused = std::acos(x);
  (void)unused;
  return x * x;
}
double masked_product(double x, double w) {
  double y = std::asin(x), z = y * w;
  return x < 1 ? z : w;
}
double overwritten(double x, double w) {
  double y = std::asin(x) * w;
  y = x * w;
  return y;
}
double masked_square(double x, double w) {
  double y = std::log(x), z = y * y * w;
  if (x < 0)
    z = w;
  return z;
}
double other_element(double x, double w) {
  double t[2] = {std::log(x) * w, x * w};
  return t[1];
}
struct Pair {
  double good, strange;
};
double other_member(double x, double w) {
  Pair p{x * w, 0};
  p.strange = std::asin(x) * w;
  Pair q = p;
  return q.good;
}
// One iteration leaves the domain and is masked; the next ones must come out right.
double masked_in_loop(const double *x, double w, int n) {
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    double root = std::sqrt(x[i]), term = std::exp(root * w);
    if (x[i] > 0)
      sum += term * root;
  }
  return sum;
}
double kept_in_array(const double *x, double w, int n) {
  double t[4], sum = 0;
  for (int i = 0; i < n; ++i)
    t[i] = w * std::sqrt(x[i]) * std::sin(std::log(x[i]));
  for (int i = 0; i < n; ++i)
    if (x[i] > 0)
      sum += t[i];
  return sum;
}
double carried_and_reset(const double *x, double w, int n) {
  double p = 1, sum = 0;
  for (int i = 0; i < n; ++i) {
    p = p * w * std::log(x[i]);
    if (x[i] < 0)
      p = w;
    sum += p;
  }
  return sum;
}
double masked_in_callee(double y, double w, int n) {
  double z = y * w;
  if (n > 0)
    z += masked_in_callee(w, w * 0.5, n - 1);
  return w > 1 ? z : w;
}
double poisoned_argument(double x, double w) { return masked_in_callee(std::asin(x), w, 2); }
double masked_result(double x, double w) {
  double y = masked_in_callee(std::log(x), 1.5, 1), z = y * w;
  return x > 0 ? z : w * x;
}
double smaller_of(double x, double w) { return std::fmin(std::log(x) * w, w * x); }
double reciprocal(double x, double w) {
  double r = 1 / x, z = r * w * r;
  return x == 0 ? w : z;
}
double positive_denominator(const double *x, int n) { // no guard is needed, and none must be missed
  double s = 1, t = 0;
  for (int i = 0; i < n; ++i)
    s += std::exp(x[i]);
  for (int i = 0; i < n; ++i)
    t += std::log(s) * x[i] / s + std::sqrt(x[i] * x[i]) / (1 + x[i] * x[i]);
  return t;
}

#else
#define CASES "domain.cpp"
#include "twice.h"

int main() {
  VERIFY(dead_acos, 2.0);
  for (double x : {-2.0, 0.5, 2.0})
    VERIFY(masked_product, x < 0 ? 0.25 : x, 3.0);
  for (double x : {-2.0, 0.5, 2.0}) {
    VERIFY(overwritten, x, 3.0);
    VERIFY(masked_square, x, 3.0);
    VERIFY(other_element, x, 3.0);
    VERIFY(other_member, x, 3.0);
    VERIFY(reciprocal, x, 3.0);
  }
  VERIFY(masked_in_loop, reals{-1, 0.5, -2, 2}, 0.7, 4);
  VERIFY(kept_in_array, reals{-1, 0.5, -2, 2}, 0.7, 4);
  VERIFY(carried_and_reset, reals{2, -1, 0.5}, 0.7, 3);
  VERIFY(poisoned_argument, 2.0, 0.5);
  VERIFY(poisoned_argument, 0.5, 1.5);
  VERIFY(masked_result, -2.0, 0.5);
  VERIFY(masked_result, 2.0, 0.5);
  VERIFY(smaller_of, -2.0, 0.5);
  VERIFY(smaller_of, 2.0, 0.5);
  VERIFY(reciprocal, 0.0, 3.0);
  VERIFY(positive_denominator, reals{1, -1, 0.5}, 3);
  return check::report();
}
#endif
