// N128: derivatives that are not differentiated again.
//
// RUN: %nablaxx -fsyntax-only -Xclang -verify %s
#include <cmath>
#include <nabla/nabla.h>
#include <map>
#include <vector>

double moving(double &x, double y) {
  x = std::sin(x) * y;
  return x * y;
}
double moving_slope(double &x, double y) {
  double a = 0, b = 0;
  nabla::gradient<moving>(x, y, a, &b); // expected-error {{the call of nabla::gradient<moving>, which writes its parameter 'x', is not differentiated again; let that function take a const pointer or reference, and change a copy}}
  return a * b;
}

double steady(double *x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += std::sin(x[i]) * x[0];
  return s;
}
double twice_steady(double *x, int n) {
  double a[3] = {}, b[3] = {};
  nabla::gradient<steady>(x, n, a); // expected-error {{the call of nabla::gradient<steady>, whose argument 'x' may be written before the reverse sweep, is not differentiated again; give it what nothing changes afterwards and lives as long as the caller, or a std::vector, which is copied}}
  nabla::gradient<steady>(x, n, b);
  return a[0] * b[1];
}

double square(const double *x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += std::sin(x[i]) * x[0];
  return s;
}
double square_slope(const double *x, int n) {
  double b[3] = {};
  nabla::gradient<square>(x, n, b); // expected-error {{the call of nabla::gradient<square>, which wants an adjoint of its argument 'x', is not differentiated again; give it a local copy of that array, or differentiate by that argument as well; nabla::hvp has its adjoint if you say how long it is}}
  return b[0] * b[1];
}
double all_entries(const double *x, int n) {
  double H[9] = {};
  nabla::hessian<square>(nabla::extents{n}, x, n, H); // expected-error {{the call of nabla::hessian is not differentiated again; ask for the gradient or for nabla::hvp, without nabla::extents}}
  return H[1];
}

double keyed(const std::map<int, double> &m) { return m.at(1) * m.at(2); }
double keyed_slope(const std::map<int, double> &m) {
  std::map<int, double> b;
  nabla::gradient<keyed>(m, b); // expected-error {{the call of nabla::gradient<keyed>, which takes 'std::map<int, double>', is not differentiated again; let that function take std::vector, or pointers}}
  return b[1];
}

double captured(const double *w, double x) {
  auto u = [&](double t) { return w[0] * std::exp(t * w[1]); };
  return nabla::gradient(u, x); // expected-error {{the call of nabla::gradient of a lambda is not differentiated again; give the lambda a name: write a function, or a class with operator() for what it captures}}
}

struct Force {
  double k = 1;
  virtual double at(double x) const { return k * x; }
  virtual ~Force() = default;
};
struct Cubic : Force {
  double at(double x) const override { return k * x * x * x; }
};
double pull(const Force &f, double x) { return f.at(x); }
double pulls(double x) {
  double s = 0;
  for (int i = 0; i < 2; ++i) {
    Cubic c;
    c.k = 2 * i;
    s += nabla::gradient<pull, nabla::wrt<1>>(c, x); // expected-error {{the call of nabla::gradient<pull>, whose argument 'f' may be written before the reverse sweep, is not differentiated again; give it what nothing changes afterwards and lives as long as the caller, or a std::vector, which is copied}}
  }
  return s;
}

double wave(double x, double y) { return std::sin(x * y); }
double in_lanes(double x) {
  nabla::lanes<double, 2> p{1, 0}, q{0, x};
  auto both = nabla::pushforward<wave, nabla::batch<2>>(x, 2., p, q);
  return both.dot[0] * both.dot[1];
}

void ask(double *x, double *b, const double *u, std::map<int, double> &m) {
  nabla::gradient<pulls>(x[0], b);
  nabla::gradient<captured>(x, 1.0, b, b);
  nabla::gradient<in_lanes>(x[0], b); // expected-error {{the call of nabla::pushforward with nabla::batch is not differentiated again; ask for one direction at a time}}
  nabla::gradient<moving_slope>(x[0], 1.0, b[0], b);
  nabla::gradient<twice_steady>(x, 3, b);
  nabla::gradient<all_entries>(x, 3, b);
  nabla::gradient<keyed_slope>(m, m);
  nabla::hvp<square_slope>(x, 3, u, b);
}

static int shared_state = 1;
static double uses_state(double x) { return std::sin(x * shared_state); }
static void change_state() { shared_state = 3; }
static double changes_later(double x, double y) {
  double b = 0;
  nabla::gradient<uses_state>(y, &b); // expected-error {{the call of nabla::gradient<uses_state>, which uses the variable 'shared_state' that is written here, is not differentiated again; give that function the variable as a parameter}}
  change_state();
  return b * x;
}
void ask_state(double *a, double *b) { nabla::gradient<changes_later>(1., 2., a, b); }
