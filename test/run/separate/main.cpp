// Separate compilation: promised functions called, alone and inside differentiated functions, in a third
// file.
//
// RUN: %nablaxx -O1 -I%S/../.. -c %S/Inputs/spring.cpp -o %t.spring.o
// RUN: %nablaxx -O1 -I%S/../.. -c %S/Inputs/a.cpp -o %t.a.o
// RUN: %nablaxx -O1 -I%S/../.. -c %S/Inputs/b.cpp -o %t.b.o
// RUN: %nablaxx -O1 -I%S/../.. -c %s -o %t.main.o
// RUN: %nablaxx %t.main.o %t.spring.o %t.a.o %t.b.o -o %t
// RUN: %t
//
// The same through the tool and g++, and a program of which one file came through the plugin:
// RUN: %nabla --whole %S/Inputs/spring.cpp -o %t.spring.cpp -- -std=c++17 -I%S/../..
// RUN: %nabla --declarations %S/Inputs/spring.cpp -o %t.spring.h -- -std=c++17 -I%S/../..
// RUN: %gxx -std=c++17 -O1 -I%include -I%S -I%S/../.. -include %t.spring.h -c %t.spring.cpp -o %t.spring.gxx.o
// RUN: %nabla --whole %S/Inputs/a.cpp -o %t.a.cpp -- -std=c++17 -I%S/../..
// RUN: %nabla --declarations %S/Inputs/a.cpp -o %t.a.h -- -std=c++17 -I%S/../..
// RUN: %gxx -std=c++17 -O1 -I%include -I%S -I%S/../.. -include %t.a.h -c %t.a.cpp -o %t.a.gxx.o
// RUN: %nabla --whole %S/Inputs/b.cpp -o %t.b.cpp -- -std=c++17 -I%S/../..
// RUN: %nabla --declarations %S/Inputs/b.cpp -o %t.b.h -- -std=c++17 -I%S/../..
// RUN: %gxx -std=c++17 -O1 -I%include -I%S -I%S/../.. -include %t.b.h -c %t.b.cpp -o %t.b.gxx.o
// RUN: %nabla --whole %s -o %t.main.cpp -- -std=c++17 -I%S/../..
// RUN: %nabla --declarations %s -o %t.main.h -- -std=c++17 -I%S/../..
// RUN: %gxx -std=c++17 -O1 -I%include -I%S -I%S/../.. -include %t.main.h -c %t.main.cpp -o %t.main.gxx.o
// RUN: %gxx %t.main.gxx.o %t.spring.gxx.o %t.a.gxx.o %t.b.gxx.o -L%lib -lnabla -o %t.gxx
// RUN: %t.gxx
// RUN: %gxx %t.main.gxx.o %t.spring.o %t.a.gxx.o %t.b.o -L%lib -lnabla -o %t.mixed
// RUN: %t.mixed
#include "Inputs/spring.h"
#include "check.h"

/// Steps and measures: calls two promised functions, one of which writes its argument.
[[nabla::gradient]] double simulate(double *x, int n, double stiffness, double rate) {
  double total = 0;
  for (int step = 0; step < 3; ++step) {
    relax(x, n, rate);
    total += spring(x, n, stiffness) * x[1];
  }
  return total + tower(x[2], 3);
}

double simulate_difference(int which, double h) {
  double x[4] = {0.5, 1.5, -0.25, 0.75}, p[2] = {2.5, 0.1};
  (which < 4 ? x[which] : p[which - 4]) += h;
  return simulate(x, 4, p[0], p[1]);
}

void direct_call() {
  double x[3] = {0.5, 1.5, -0.25}, x_bar[3] = {0, 0, 0}, k_bar = 0;
  double d0 = 1.0, d1 = -1.75, k = 2.0, s0 = std::sin(0.5), s1 = std::sin(1.5);
  CHECK_NEAR(spring_grad(x, 3, k, x_bar, &k_bar), d0 * d0 * s0 + d1 * d1 * s1, 1e-14);
  CHECK_NEAR(k_bar, 0.5 * (d0 * d0 * s0 + d1 * d1 * s1), 1e-14);
  CHECK_NEAR(x_bar[0], -2 * d0 * s0 + d0 * d0 * std::cos(0.5), 1e-14);
  CHECK_NEAR(x_bar[2], 2 * d1 * s1, 1e-14);
}

void inside_another_function() {
  double x[4] = {0.5, 1.5, -0.25, 0.75}, x_bar[4] = {0, 0, 0, 0}, k_bar = 0, rate_bar = 0;
  double value = simulate_grad(x, 4, 2.5, 0.1, x_bar, &k_bar, &rate_bar);
  CHECK_NEAR(value, simulate_difference(0, 0), 1e-14);
  double all[6] = {x_bar[0], x_bar[1], x_bar[2], x_bar[3], k_bar, rate_bar};
  for (int i = 0; i < 6; ++i) {
    const double h = 1e-3; // fourth-order differences: good to about 1e-11
    double d1 = simulate_difference(i, h) - simulate_difference(i, -h);
    double d2 = simulate_difference(i, 2 * h) - simulate_difference(i, -2 * h);
    CHECK_NEAR(all[i] + 1, 1 + (8 * d1 - d2) / (12 * h), 1e-8);
  }
  double y[4] = {0.5, 1.5, -0.25, 0.75};
  simulate(y, 4, 2.5, 0.1);
  CHECK(x[0] == y[0] && x[1] == y[1] && x[2] == y[2] && x[3] == y[3]);
}

void linked_from_two_files() {
  double x = 0.75, common = std::exp(-2 * x) * (1 - 2 * x) + 4 * x * x * x;
  CHECK_NEAR(slope_seen_by_a(x), common + 6 * std::pow(x, 5), 1e-14);
  CHECK_NEAR(slope_seen_by_b(x), common + std::cos(x) * std::pow(x, 4) + 4 * std::sin(x) * std::pow(x, 3),
             1e-14);
}

int main() {
  direct_call();
  inside_another_function();
  linked_from_two_files();
  return check::report();
}
