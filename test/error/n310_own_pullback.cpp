// N310, N311, N126: what an own or promised pullback reads must still be there, and what it adds to must exist.
//
// RUN: %nablaxx -fsyntax-only -Xclang -verify %s
#include <nabla/nabla.h>

double norm(const double *x, int n);
[[nabla::pullback_of(norm)]] void norm_pb(const double *x, int n, double seed, double *x_bar);

[[nabla::gradient]] double overwritten(double *x, int n) {
  double r = norm(x, n); // expected-error {{the own pullback of 'norm' needs memory that is overwritten after this call; copy the array before it is overwritten, or differentiate 'norm' itself [nabla N310]}}
  x[0] = 0;
  return r;
}

void square(double &a);
[[nabla::pullback_of(square)]] void square_pb(double &a, double &a_bar) { a_bar *= 2 * __builtin_sqrt(a); }
[[nabla::gradient]] double squared(double x, int n) {
  for (int i = 0; i < n; ++i)
    square(x); // expected-error {{the own pullback of 'square' needs memory that is overwritten after this call}}
  return x;
}

double weighted(const double *w, const double *x, int n);
[[nabla::pullback_of(weighted)]] void weighted_pb(const double *w, const double *x, int n, double seed, double *w_bar, double *x_bar);

[[nabla::gradient("w")]] double by_weights(const double *w, const double *x, int n) {
  return weighted(w, x, n); // expected-error {{the own pullback of 'weighted' wants an adjoint of 'x', which has none here; differentiate by that argument as well; nabla::hvp has one if you say how long it is, nabla::hvp<...>(nabla::extents{n}, ...) [nabla N311]}}
}

[[nabla::gradient]] double promised(const double &a, double k);
[[nabla::gradient("k")]] double reference_without_adjoint(const double &a, double k) {
  return promised(a, k); // expected-error {{'promised' wants a derivative by 'a', which is not differentiated here; differentiate by that argument as well, or make the body of 'promised' visible [nabla N126]}}
}

[[nabla::gradient]] double promised_rows(double **rows, double k);
[[nabla::gradient("k")]] double rows_without_adjoint(double **rows, double k) {
  return promised_rows(rows, k); // expected-error {{[nabla N122]}}
}

// A rule that does not look at it may be given anything.
double second(const double *x, double *work) {
  work[0] = x[1];
  return work[0];
}
[[nabla::pullback_of(second)]] void second_pb(const double *, double *, double seed, double *x_bar, double *) {
  x_bar[1] += seed;
}
[[nabla::gradient]] double overwritten_but_not_read(const double *x) {
  double work[1], y[2] = {x[0], x[1]};
  double a = second(y, work);
  y[1] = 2 * a;
  return a + second(y, work);
}
