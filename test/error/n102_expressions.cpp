// N102: expressions that are not differentiated are refused at their own token.
//
// RUN: %nablaxx -fsyntax-only -Xclang -verify %s
#include <nabla/nabla.h>
#include <vector>
#include <new>

[[nabla::gradient]] double throws(double x) {
  return x < 0 ? throw 1 : x * x; // expected-error {{throw inside an expression is not differentiated; throw in an if statement [nabla N102]}}
}

double cells[2], *state = cells;
[[nabla::gradient]] double writes_global(double x) {
  *state = x; // expected-error {{a global pointer to reals that may be written through}}
  return cells[0] * x;
}

[[nabla::gradient]] double reinterprets(double x) {
  long bits = reinterpret_cast<long &>(x); // expected-error {{is not differentiated; use the object's own type [nabla N102]}}
  return x * static_cast<double>(bits);
}

[[nabla::gradient]] double statement_expression(double x) {
  return __extension__({ x * x; }); // expected-error {{a statement expression is not differentiated}}
}

[[nabla::gradient]] double placement(double x) {
  double memory = 0;
  double *p = new (&memory) double(x); // expected-error {{placement new is not differentiated}}
  return *p * x;
}

[[nabla::inactive]] void log_all(const std::vector<double> &v);
double rule(const std::vector<double> &v);
[[nabla::pullback_of(rule)]] void rule_pullback(const std::vector<double> &v, double seed, std::vector<double> &v_bar);
[[nabla::gradient]] double containers_in_calls(const std::vector<double> &v) {
  log_all(v); // expected-error {{a container handed to 'log_all', whose body is not looked into, is not differentiated; pass its data() and size()}}
  return v[0];
}
[[nabla::gradient]] double containers_in_rules(const std::vector<double> &v) {
  return rule(v); // expected-error {{a container handed to 'rule', whose body is not looked into, is not differentiated; pass its data() and size()}}
}

struct Cache {
  mutable double k = 0;
  void set(double x, int n) const {
    if (n > 0)
      set(x, n - 1);
    else
      k = x * x;
  }
};
[[nabla::gradient]] double by_mutable(double x) {
  Cache c;
  c.set(x, 2); // expected-error {{a call of '.set', which writes what its const parameter leads to, is not differentiated; let it take that without const, and no mutable member [nabla N102]}}
  return c.k;
}
void put(const double *p, double x, int n) {
  if (n > 0)
    put(p, x, n - 1);
  else
    *const_cast<double *>(p) = x * x;
}
[[nabla::gradient]] double by_cast(double x) {
  double y = 0;
  put(&y, x, 2); // expected-error {{a call of 'put', which writes what its const parameter leads to}}
  return y;
}
