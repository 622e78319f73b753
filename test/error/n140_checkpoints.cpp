// N140: loops that cannot be run again from the snapshots of nabla::checkpoint.
//
// RUN: %nablaxx -fsyntax-only -Xclang -verify %s
#include <cmath>
#include <nabla/nabla.h>
#include <vector>

[[nabla::gradient]] double conditional(double *u, int n) {
  for (int t = 0; t < 10; ++t) {
    nabla::checkpoint(2);
    for (int i = 0; i < n; ++i)
      if (i > 0)
        u[i - 1] *= u[i]; // expected-error {{this loop cannot be run again from nabla::checkpoint's snapshots: how much memory it writes through 'u' is not known before it begins; hold it in a std::vector or an array of known size, or go through all elements between the first and the last in loops over subscripts, without a condition [nabla N140]}}
  }
  return u[0];
}

[[nabla::gradient]] double by_index(double *u, const int *at, int n) {
  for (int t = 0; t < n; ++t) {
    nabla::checkpoint(2);
    u[at[t]] *= u[0]; // expected-error {{how much memory it writes through 'u' is not known before it begins}}
  }
  return u[0];
}

[[nabla::gradient]] double written_later(double *x, const int *at, double y, int n) {
  for (int t = 0; t < n; ++t) {
    nabla::checkpoint(2);
    y = std::sin(y * x[at[t]]); // expected-error {{how much memory it reads through 'x' is not known before it begins, and others write there before the reverse sweep}}
  }
  x[0] = y;
  return y;
}

[[nabla::gradient]] double walks(const double *x, int n) {
  double y = 1;
  for (int t = 0; t < n; ++t) {
    nabla::checkpoint(2);
    y = std::sin(y * *x);
    ++x; // expected-error {{the pointer 'x' moves on from iteration to iteration; let pointers or vectors that were made before the loop change places at the end of its body, std::swap(u, w), or copy elements by subscripts}}
  }
  return y;
}

[[nabla::gradient]] double grows(double x, int n) {
  std::vector<double> v;
  for (int t = 0; t < n; ++t) {
    nabla::checkpoint(2);
    v.push_back(x); // expected-error {{this loop cannot be run again from nabla::checkpoint's snapshots}}
    x = std::sin(x);
  }
  return x + v[0];
}

[[nabla::inactive]] double noise();
[[nabla::gradient]] double random_walk(double x, int n) {
  for (int t = 0; t < n; ++t) {
    nabla::checkpoint(2);
    x = x * x + noise(); // expected-error {{'noise' may do something else when the iteration runs again; call it before the loop and keep what it gives, hand it the variables that it uses, or define it where its body is visible}}
  }
  return x;
}

[[nabla::gradient]] double elsewhere(double x, int n) {
  for (int t = 0; t < n; ++t) {
    x = x * x;
    nabla::checkpoint(2); // expected-error {{the mark is not where a loop's body begins; make it the first statement of a loop's body}}
  }
  return x;
}

int counter;
double factor = 2, table[4];
[[nabla::gradient]] double counts(double x, int n) {
  for (int t = 0; t < n; ++t) {
    nabla::checkpoint(2);
    ++counter; // expected-error {{it writes the global variable 'counter'; write a local variable and copy it to 'counter' behind the loop}}
    x = x * x + 0.1 * counter;
  }
  return x;
}

int next() { return ++counter; }
[[nabla::gradient]] double counts_in_a_call(double x, int n) {
  for (int t = 0; t < n; ++t) {
    nabla::checkpoint(2);
    x = x * x + 0.1 * next(); // expected-error {{'next' may do something else when the iteration runs again}}
  }
  return x;
}

int kind() { return int(factor); }
[[nabla::gradient]] double reads_what_changes(double x, int n) {
  for (int t = 0; t < n; ++t) {
    nabla::checkpoint(2);
    x = x * x + 0.1 * kind(); // expected-error {{'kind' may do something else when the iteration runs again}}
  }
  next();
  return x;
}

double own(double x) {
  factor += 1;
  return x * x;
}
[[nabla::pullback_of(own)]] void own_pullback(double x, double seed, double *x_bar) { *x_bar += 2 * x * seed; }
[[nabla::gradient]] double own_rule_that_writes(double x, int n) {
  for (int t = 0; t < n; ++t) {
    nabla::checkpoint(2);
    x = 0.1 * own(x); // expected-error {{'own' may do something else when the iteration runs again}}
  }
  return x;
}

// What depends on its arguments alone, or reads what stays as it is, may be called.
int rounded(double x) { return int(x + 0.5); }
[[nabla::gradient]] double accepted(double x, int n) {
  for (int t = 0; t < n; ++t) {
    nabla::checkpoint(2);
    x = x * x + 0.1 * rounded(x) + kind();
  }
  return x;
}

[[nabla::gradient]] double snapshots_by_index(double x) {
  double s = x;
  for (int i = 0; i < 9; ++i) { // expected-error {{the number of snapshots depends on 'i', which is set inside of it; compute that number before the loop}}
    nabla::checkpoint(i + 1);
    s = std::sin(s * x) + i;
  }
  return s;
}
