// A promise of order 2: products of the Hessian of a function that calls what other files define.
//
// RUN: %nablaxx -O1 -I%S/../.. -c %S/Inputs/order.cpp -o %t.order.o
// RUN: %nablaxx -O1 -I%S/../.. -c %s -o %t.main.o
// RUN: %nablaxx %t.main.o %t.order.o -o %t
// RUN: %t
// RUN: %nabla --whole %S/Inputs/order.cpp -o %t.order.cpp -- -std=c++17
// RUN: %nabla --declarations %S/Inputs/order.cpp -o %t.order.h -- -std=c++17
// RUN: %gxx -std=c++17 -O1 -I%include -I%S -I%S/../.. -include %t.order.h -c %t.order.cpp -o %t.order.gxx.o
// RUN: %nablaxx %t.main.o %t.order.gxx.o -o %t.mixed
// RUN: %t.mixed
#include "Inputs/order.h"
#include "check.h"

double total(const double *x, int n, double k) {
  double s = 0;
  for (int r = 0; r < 2; ++r)
    s = s * k + energy(x, n, k + r);
  return s + soft(x[0], k) * s;
}

// What is asked of the promised functions themselves, and of functions that call their gradients.
double of_slopes(double x, double y) {
  double x_bar = 0, y_bar = 0;
  double v = soft_grad(x, y, &x_bar, &y_bar);
  return v * x_bar + y_bar;
}
double softer(double x, double y) { return soft(x, y) * x; }

template <class F> double slope_of(F f, double h = 1e-4) { return (f(h) - f(-h)) / (2 * h); }

void directly() {
  const double a = 0.6, b = 0.9;
  double r[2] = {}, x_bar = 0, y_bar = 0;
  nabla::hvp<soft>(a, b, 1.0, 0.5, &r[0], &r[1]);
  auto slope = [&](int i, double h) {
    double g[2] = {};
    soft_grad(a + h, b + 0.5 * h, &g[0], &g[1]);
    return g[i];
  };
  for (int i = 0; i < 2; ++i)
    CHECK_NEAR(r[i], slope_of([&](double h) { return slope(i, h); }), 1e-7);
  double by_x = slope_of([&](double h) { return of_slopes(a + h, b); }),
         by_y = slope_of([&](double h) { return of_slopes(a, b + h); });
  CHECK_NEAR(nabla::pushforward<of_slopes>(a, b, 1.0, 0.5).dot, by_x + 0.5 * by_y, 1e-7);
  nabla::gradient<of_slopes>(a, b, &x_bar, &y_bar);
  CHECK_NEAR(x_bar, by_x, 1e-7);
  CHECK_NEAR(y_bar, by_y, 1e-7);
  nabla::lanes<double, 2> x_dot{1, 0}, y_dot{0, 1};
  auto both = nabla::pushforward<softer, nabla::batch<2>>(a, b, x_dot, y_dot);
  CHECK_NEAR(both.dot[0], slope_of([&](double h) { return softer(a + h, b); }), 1e-7);
  CHECK_NEAR(both.dot[1], slope_of([&](double h) { return softer(a, b + h); }), 1e-7);
}

int main() {
  directly();
  const double x[3] = {0.5, -0.3, 0.8}, d[3] = {1, 0.5, -1}, h = 1e-4;
  double r[3] = {}, k_r = 0, plus[4] = {}, minus[4] = {}, up[3], down[3];
  nabla::hvp<total>(x, 3, 0.4, d, 0.7, r, &k_r);
  for (int i = 0; i < 3; ++i) {
    up[i] = x[i] + h * d[i];
    down[i] = x[i] - h * d[i];
  }
  nabla::gradient<total>(up, 3, 0.4 + h * 0.7, plus, plus + 3);
  nabla::gradient<total>(down, 3, 0.4 - h * 0.7, minus, minus + 3);
  for (int i = 0; i < 3; ++i)
    CHECK_NEAR(r[i], (plus[i] - minus[i]) / (2 * h), 1e-6);
  CHECK_NEAR(k_r, (plus[3] - minus[3]) / (2 * h), 1e-6);
  double by_k = 0, above = 0, below = 0; // x is not differentiated here
  nabla::hvp<total, nabla::wrt<2>>(x, 3, 0.4, 1.0, &by_k);
  nabla::gradient<total, nabla::wrt<2>>(x, 3, 0.4 + h, &above);
  nabla::gradient<total, nabla::wrt<2>>(x, 3, 0.4 - h, &below);
  CHECK_NEAR(by_k, (above - below) / (2 * h), 1e-6);
  return check::report();
}
