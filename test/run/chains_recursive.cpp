// std::list and map through recursion; a call without derivative on a container, in forward mode too.
#ifdef CASES

double memo(std::map<int, double> &known, double x, int n) {
  if (n < 2)
    return x;
  auto it = known.find(n);
  if (it != known.end())
    return it->second;
  double v = memo(known, x, n - 1) * x + memo(known, x, n - 2);
  known[n] = v;
  return v;
}
double memoised(double x, int n) {
  std::map<int, double> known;
  return memo(known, x, n) + double(known.size());
}
void grow(std::list<double> &l, double x, int n) { // recursion over a list
  if (n == 0)
    return;
  l.push_back(x * n);
  grow(l, x * l.front(), n - 1);
  l.front() += 0.1 * x;
}
double recursive_list(double x, int n) {
  std::list<double> l{x};
  grow(l, x, n);
  double s = 0;
  for (double v : l)
    s += v * v;
  return s;
}
double total_of(const std::vector<double> &v, int n) { return n == 0 ? 0.0 : v[n - 1] + total_of(v, n - 1); }
double inactive_container(double x, int n) { // in forward mode, too
  std::vector<double> w;
  for (int i = 0; i < n; ++i)
    w.push_back(0.5 * i);
  return x * x * total_of(w, n);
}

#else
#include <list>
#include <map>
#include <vector>
#define CASES "chains_recursive.cpp"
#define NABLA_TEST_FIRST_ORDER // at second order pointers that come off the record are refused (N101)
#include "twice.h"

int main() {
#ifndef NABLA_TEST_FORWARD // refused: the containers would lead to memory of their callee's
  VERIFY(memoised, 0.7, 8);
  VERIFY(recursive_list, 0.7, 4);
#endif
  VERIFY(inactive_container, 0.7, 4);
  return check::report();
}
#endif
