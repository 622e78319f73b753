// std::optional: through pointers, in vectors, swapped and compared.
#ifdef CASES

struct Choice {
  std::optional<double> *o;
};
double through_pointers(double x) {
  std::optional<double> o = x;
  Choice c{&o};
  if (c.o->has_value())
    c.o->value() *= x;
  c.o->emplace(**c.o * 2);
  double r = c.o->value_or(1);
  c.o->reset();
  return r + c.o->value_or(x);
}
void grow(std::optional<double> *o, double x, int n) {
  if (n == 0)
    return;
  if (o->has_value())
    *o = o->value() * x;
  else
    o->emplace(x);
  grow(o, x, n - 1);
}
double grown(double x, int n) {
  std::optional<double> o;
  grow(&o, x, n);
  return o.value_or(x);
}
double of_vector(double x) {
  std::vector<std::optional<double>> all(2);
  auto *p = &all[1];
  p->emplace(x);
  *p = p->value() * p->value();
  return all[1].value() + (all[0] ? 1 : x);
}
double swapped(double x, double y) {
  std::optional<double> o = x, p;
  std::swap(o, p);
  p.swap(o);
  p = y;
  p.swap(o);
  return o == std::nullopt ? x : *o * *o + *p;
}
double compared(const std::optional<double> &a, const std::optional<double> &b, double x) {
  double r = (a == b ? x : 1) + (a != b ? 2 * x : 1) + (a < b ? 3 * x : 1) + (a <= b ? 5 * x : 1);
  return r + (a > b ? 7 * x : 1) + (a >= b ? 11 * x : 1);
}
double to_numbers(const std::optional<double> &a, double x) {
  double r = (a == 0.7 ? x : 1) + (a != 0.7 ? 2 * x : 1) + (a < 0.7 ? 3 * x : 1) + (0.7 <= a ? 5 * x : 1);
  return r * (a == std::nullopt ? 7 * x : 1) * (std::nullopt != a ? 11 * x : 1);
}
double comparisons(double x, double y, int k) {
  std::optional<double> a, b;
  if (k & 1)
    a = x;
  if (k & 2)
    b = k & 4 ? y : x;
  if (k & 8)
    a = NAN;
  return compared(a, b, x) * compared(b, a, y) * to_numbers(a, x) * to_numbers(b, y);
}

#else
#include <optional>
#include <vector>
#define CASES "optionals.cpp"
#include "twice.h"

int main() {
  VERIFY(through_pointers, 0.7);
  VERIFY(grown, 0.7, 0);
  VERIFY(grown, 0.7, 3);
  VERIFY(of_vector, 0.7);
  VERIFY(swapped, 0.7, 1.3);
  for (int k = 0; k < 16; ++k) {
    VERIFY(comparisons, 0.7, 1.3, k);
    VERIFY(comparisons, 0.7, 0.3, k);
  }
  return check::report();
}
#endif
