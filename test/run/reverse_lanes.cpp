// nabla::pullback with nabla::batch<N>: every lane is what one pullback gives. Loops, records, recursion, pointers that move,
// own rules (one lane at a time, and by their body), and Jacobians in lanes.
#include "check.h"
#include <nabla/nabla.h>

double product(double x, double y) { return x * std::sin(y) + std::sqrt(x); }
double exponentials(const double *x, int n, double *y) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    double t = std::exp(x[i]);
    y[i] = y[i] * t;
    s += t * y[i];
  }
  return s;
}
double recursive(const double *x, int n) {
  return n == 0 ? 1.0 : x[0] * std::sin(recursive(x + 1, n - 1)) + x[0];
}
void recursive_in_place(double *x, int n) {
  if (n < 2)
    return;
  x[1] *= x[0] * 0.5 + 1;
  recursive_in_place(x + 1, n - 1);
  x[0] += x[1];
}
double moving(double x, double *a, int n) {
  double b[3] = {x, x * x, 1};
  double *p = b;
  for (int i = 0; i < n; ++i) {
    if (a[i] > 0)
      p = b + (i % 3);
    *p += a[i] * *p;
    while (*p > 3)
      *p /= 2;
  }
  return b[0] + b[1] * b[2];
}
/// A pointer to one adjoint is kept for each iteration.
double chosen(double x, double y, int n) {
  for (int i = 0; i < n; ++i) {
    for (int k = 0; k < i; ++k)
      ((x - y) < x * x ? x : y) *= 0.5 * x;
    x += y;
  }
  return x * y;
}
float single(float x, double y) { return x * float(y * y); }

// A rule that branches on its seed is called once per lane.
double own(double x, double y);
[[nabla::pullback_of(own)]] void own_pb(double x, double y, double seed, double *x_bar, double *y_bar) {
  if (seed == 0)
    return;
  *x_bar += seed * y;
  *y_bar += seed * x;
}
[[nabla::pushforward_of(own)]] nabla::dual<double> own_pf(double x, double y, double x_dot, double y_dot) {
  return {x * y, x * y_dot + x_dot * y};
}
double own(double x, double y) { return x * y; }
double calls_own(double x, double y) { return own(x, y * y) + x; }
/// One with an array is widened.
double norm2(const double *x, int n);
[[nabla::pullback_of(norm2)]] void norm2_pb(const double *x, int n, double seed, double *x_bar) {
  for (int i = 0; i < n; ++i)
    x_bar[i] += 2 * seed * x[i];
}
double norm2(const double *x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += x[i] * x[i];
  return s;
}
double calls_norm2(const double *x, int n) { return std::sqrt(norm2(x, n)) * x[0]; }

void few(const double *x, int n, double *y) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += own(x[i], x[(i + 1) % n]);
  y[0] = s * s;
  y[1] = x[1] + y[1];
}

using lanes = nabla::lanes<double, 4>;
static const lanes seed{1, 2, 0, -1};

static void scalars() {
  lanes x_bar(0.5), y_bar(0), by_x(0.5);
  double value = nabla::pullback<product, nabla::batch<4>>(2.0, 0.5, seed, &x_bar, &y_bar);
  CHECK(value == product(2.0, 0.5));
  nabla::pullback<product, nabla::wrt<0>, nabla::batch<4>>(2.0, 0.5, seed, &by_x);
  lanes a(0), b(0), m(0), m_bar[6] = {0, 0, 0, 0, 0, 0};
  nabla::pullback<calls_own, nabla::batch<4>>(2.0, 3.0, seed, &a, &b);
  lanes c_x(0), c_y(0);
  nabla::pullback<chosen, nabla::batch<4>>(0.7, 0.6, 4, seed, &c_x, &c_y);
  double at[6] = {1, -2, 0.5, 3, 0.1, 2}, again[6];
  std::copy(at, at + 6, again);
  nabla::pullback<moving, nabla::batch<4>>(2.0, at, 6, seed, &m, m_bar);
  nabla::lanes<float, 2> f_bar(0);
  nabla::lanes<double, 2> d_bar(0);
  nabla::pullback<single, nabla::batch<2>>(2.0f, 3.0, nabla::lanes<float, 2>{1, -2}, &f_bar, &d_bar);
  CHECK(f_bar[0] == 9 && f_bar[1] == -18 && d_bar[0] == 12 && d_bar[1] == -24);
  for (int l = 0; l < 4; ++l) {
    double x = 0.5, y = 0;
    nabla::pullback<product>(2.0, 0.5, seed[l], &x, &y);
    CHECK_NEAR(x_bar[l], x, 1e-14);
    CHECK_NEAR(y_bar[l], y, 1e-14);
    CHECK_NEAR(by_x[l], x, 1e-14);
    x = y = 0;
    nabla::pullback<calls_own>(2.0, 3.0, seed[l], &x, &y);
    CHECK(a[l] == x && b[l] == y);
    x = y = 0;
    nabla::pullback<chosen>(0.7, 0.6, 4, seed[l], &x, &y);
    CHECK_NEAR(c_x[l], x, 1e-14);
    CHECK_NEAR(c_y[l], y, 1e-14);
    double one[6] = {}, start[6];
    std::copy(again, again + 6, start);
    x = 0;
    nabla::pullback<moving>(2.0, start, 6, seed[l], &x, one);
    CHECK_NEAR(m[l], x, 1e-14);
    for (int i = 0; i < 6; ++i)
      CHECK_NEAR(m_bar[i][l], one[i], 1e-14);
  }
}

static void arrays() {
  const double x[4] = {0.1, 0.2, 0.3, 0.4};
  double y[4] = {1, 2, 3, 4}, z[4] = {1, 2, 3, 4};
  lanes x_bar[4] = {0, 0, 0, 0}, y_bar[4], z_bar[4], r_bar[4] = {1, 0, 0, 0}, n_bar[4] = {0, 0, 0, 0};
  for (int i = 0; i < 4; ++i)
    for (int l = 0; l < 4; ++l)
      y_bar[i][l] = z_bar[i][l] = i - l;
  nabla::pullback<exponentials, nabla::batch<4>>(x, 4, y, seed, x_bar, y_bar);
  nabla::pullback<recursive_in_place, nabla::batch<4>>(z, 4, z_bar);
  nabla::pullback<recursive, nabla::batch<4>>(x, 4, seed, r_bar);
  nabla::pullback<calls_norm2, nabla::batch<4>>(x, 4, seed, n_bar);
  for (int l = 0; l < 4; ++l) {
    double u[4] = {1, 2, 3, 4}, v[4] = {1, 2, 3, 4}, a[4] = {}, b[4], c[4], d[4] = {1}, e[4] = {};
    for (int i = 0; i < 4; ++i)
      b[i] = c[i] = i - l;
    nabla::pullback<exponentials>(x, 4, u, seed[l], a, b);
    nabla::pullback<recursive_in_place>(v, 4, c);
    nabla::pullback<recursive>(x, 4, seed[l], d);
    nabla::pullback<calls_norm2>(x, 4, seed[l], e);
    for (int i = 0; i < 4; ++i) {
      CHECK_NEAR(x_bar[i][l], a[i], 1e-14);
      CHECK_NEAR(y_bar[i][l], b[i], 1e-14);
      CHECK(y[i] == u[i] && z[i] == v[i]);
      CHECK_NEAR(z_bar[i][l], c[i], 1e-14);
      CHECK_NEAR(r_bar[i][l], d[i], 1e-14);
      CHECK_NEAR(n_bar[i][l], e[i], 1e-14);
    }
  }
}

template <class... O> static nabla::sweeps jacobian_of_few(int n, double *matrix) {
  double x[9], y[2] = {0, 3};
  for (int i = 0; i < 9; ++i)
    x[i] = 1 + 0.3 * i;
  return nabla::jacobian<few, O...>(nabla::extents{n, 2}, x, n, y, matrix);
}
static void jacobians() {
  for (int n : {3, 9}) {
    double four[18], one[18];
    nabla::sweeps how = jacobian_of_few(n, four), singly = jacobian_of_few<nabla::batch<1>>(n, one);
    CHECK(how.is_forward == (n == 3) && how.count == 1 && how.lanes == 4);
    CHECK(singly.is_forward == (n == 3) && singly.count == (n == 3 ? 3 : 2) && singly.lanes == 1);
    for (int i = 0; i < 2 * n; ++i)
      CHECK_NEAR(four[i], one[i], 1e-14);
  }
}

int main() {
  scalars();
  arrays();
  jacobians();
  return check::report();
}
