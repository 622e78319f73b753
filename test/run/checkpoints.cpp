// Loops marked nabla::checkpoint(n): what iterations hand on, schedules, and how much runs again.
#ifdef CASES

void diffuse(std::vector<double> &u, const std::vector<double> &k, int steps, int snapshots) {
  int n = static_cast<int>(u.size());
  std::vector<double> w(u.size());
  for (int t = 0; t < steps; ++t) {
    nabla::checkpoint(snapshots);
    for (int i = 1; i < n - 1; ++i)
      w[i] = u[i] + k[i] * (u[i - 1] - 2 * u[i] + u[i + 1]) * u[i];
    for (int i = 1; i < n - 1; ++i)
      u[i] = w[i];
  }
}

// The caller's arrays; the steps between the first and the last index; sums in scalars.
double raw_arrays(double *u, double *w, double dt, int n, int steps, int snapshots) {
  double energy = 0, last = u[1];
  for (int t = 0; t < steps; ++t) {
    nabla::checkpoint(snapshots);
    double *next = w + 1;
    for (int i = 1; i < n - 1; ++i)
      next[i - 1] = u[i] + dt * (u[i - 1] - 2 * u[i] + u[i + 1]) * u[i];
    for (int i = 1; i < n - 1; ++i)
      u[i] = w[i];
    energy += u[1] * last;
    last = u[n - 2] * dt;
  }
  return energy + last;
}

// What the condition changes comes before the mark.
double counts_in_condition(double x, int n, int snapshots) {
  double s = x;
  int k = 0;
  while (k++ < n) {
    nabla::checkpoint(snapshots);
    s = std::sin(s) + 0.1 * k;
  }
  return s;
}
double condition_and_exits(double x, int n, int snapshots) {
  double s = x;
  for (int i = 0; s < 3 && i++ < n;) {
    nabla::checkpoint(snapshots);
    if (s > 2.5)
      break;
    for (int j = 0; j++ < 3;) {
      nabla::checkpoint(2);
      s += 0.01 * s * s;
    }
    if (s < 1)
      continue;
    s += 0.02 * s;
  }
  return s;
}

// What the loop changes lives in an inner block, which is left before the reverse sweep begins.
double state_of_an_iteration(double x, int k, int n, int snapshots) {
  double t = 0;
  for (int j = 0; j < k; ++j) {
    double b[3] = {x * j, 1}, s = x;
    const double c[2] = {0.5, x};
    const double *p = j % 2 ? b : c;
    for (int i = 0; i < n; ++i) {
      nabla::checkpoint(snapshots);
      s += 0.01 * s * b[0] + b[1] + b[2] * c[1];
      b[1] = 0.5 * b[1] * s;
      b[2] += 0.1 * p[0];
    }
    t += s * b[1];
  }
  return t;
}
struct Counted {
  double a, b;
  int k;
};
double state_of_a_branch(double x, int n, int snapshots) {
  double r = x;
  if (x > 0.1) {
    Counted s{};
    s.a = x;
    while (s.k < n) {
      nabla::checkpoint(snapshots);
      ++s.k;
      s.b += 0.1 * s.a * s.a;
      s.a = std::sin(s.a) + 0.1 * s.b;
    }
    r = s.a * s.b;
  }
  return r;
}

// Memory that the loop uses is freed before the reverse sweep begins.
double freed_by_an_iteration(double x, int k, int n, int snapshots) {
  double t = 0;
  for (int j = 0; j < k; ++j) {
    double *mine = new double[3];
    for (int q = 0; q < 3; ++q)
      mine[q] = x * (q + 1);
    for (int i = 0; i < n; ++i) {
      nabla::checkpoint(snapshots);
      for (int q = 0; q < 3; ++q)
        mine[q] = 0.9 * mine[q] + 0.01 * mine[q] * mine[q];
    }
    for (int q = 0; q < 3; ++q)
      t += mine[q];
    delete[] mine;
  }
  return t;
}
double freed_by_branches(double x, int k, int n, int snapshots) {
  double t = 0;
  if (k > 0) {
    double *mine = new double[3];
    for (int q = 0; q < 3; ++q)
      mine[q] = x * (q + 1);
    for (int i = 0; i < n; ++i) {
      nabla::checkpoint(snapshots);
      for (int q = 0; q < 3; ++q)
        mine[q] = 0.9 * mine[q] + 0.01 * mine[q] * mine[q];
    }
    for (int q = 0; q < 3; ++q)
      t += mine[q];
    if (n > 2)
      delete[] mine;
    else {
      t *= 2;
      delete[] mine;
    }
  }
  return t;
}
double freed_and_replaced(double x, int k, int n, int snapshots) {
  double t = 0;
  double *mine = new double[3];
  for (int q = 0; q < 3; ++q)
    mine[q] = x * (q + 1);
  for (int j = 0; j < k; ++j) {
    for (int i = 0; i < n; ++i) {
      nabla::checkpoint(snapshots);
      for (int q = 0; q < 3; ++q)
        mine[q] = 0.9 * mine[q] + 0.01 * mine[q] * mine[q];
    }
    for (int q = 0; q < 3; ++q)
      t += mine[q];
    double *next = new double[3];
    for (int q = 0; q < 3; ++q)
      next[q] = 0.5 * mine[q];
    delete[] mine;
    mine = next;
  }
  delete[] mine;
  return t;
}
double elements_by_reference(double x, int k, int n, int snapshots) {
  double t = 0;
  for (int j = 0; j < k; ++j) {
    std::vector<double> v(3, x * j + 0.3);
    for (int i = 0; i < n; ++i) {
      nabla::checkpoint(snapshots);
      for (auto &e : v)
        e = 0.9 * e + 0.05 * e * e * x;
    }
    for (double e : v)
      t += e * e;
  }
  return t;
}

// Pointers change places in each iteration.
double turning(double *u, double *w, int n, int steps, int snapshots) {
  for (int t = 0; t < steps; ++t) {
    nabla::checkpoint(snapshots);
    for (int i = 0; i < n; ++i)
      w[i] = u[i] * u[(i + 1) % n] + 0.5 * t;
    double *was = u;
    u = w;
    w = was;
  }
  return u[0] * w[n - 1];
}
double turning_vectors(std::vector<double> u, int steps, int snapshots) {
  std::vector<double> w(u.size());
  std::size_t n = u.size();
  for (int t = steps; t > 0; t -= 2) {
    nabla::checkpoint(snapshots);
    for (std::size_t i = 0; i < n; ++i)
      w[i] = u[i] * u[(i + 1) % n] + 0.1 * t;
    std::swap(u, w);
  }
  return u[0] * w[n - 1];
}
// Marked loops inside take the memory over that the one around them keeps; vectors may turn there and be of a size that a
// branch decides about, members of an object, or a call's own copy.
double nested_memory(std::vector<double> u, int steps, int snapshots) {
  std::vector<double> w;
  if (steps > 1)
    w.resize(u.size() + 2, 0.25);
  else
    w.assign(u.begin(), u.end());
  double s = 0.5;
  const int n = int(u.size());
  for (int t = 0; t < steps; ++t) {
    nabla::checkpoint(snapshots);
    for (int k = 1; k <= n; ++k) {
      nabla::checkpoint(1);
      for (int i = 0; i < k; ++i) {
        w[i] = std::sin(0.5 * w[i] * u[i]) + 0.3 * u[(i + 1) % n];
        s += 0.01 * w[i] * w[k - 1];
      }
    }
    std::swap(u, w);
    s += u[0];
  }
  u.resize(40, s);
  return s * u[1] + w[0] * u[39];
}
struct Simulation {
  std::vector<double> u, w;
  double k = 0.3;
  void step() {
    for (std::size_t i = 1; i + 1 < u.size(); ++i)
      w[i] = 0.5 * u[i] + k * u[i - 1] * u[i + 1];
    std::swap(u, w);
    k *= 0.9;
  }
};
double turning_members(const std::vector<double> &u, int steps, int snapshots) {
  Simulation s;
  s.u = u;
  s.w.resize(u.size(), 0.5);
  while (steps > 0) {
    nabla::checkpoint(snapshots);
    s.step();
    --steps;
  }
  return s.u[2] * s.k + s.w[1];
}
double turning_recursion(std::vector<double> u, int steps, int depth) {
  std::vector<double> w(u.size());
  for (int t = 0; t < steps; ++t) {
    nabla::checkpoint(2);
    for (std::size_t k = 1; k <= u.size(); ++k) {
      nabla::checkpoint(1);
      for (std::size_t i = 0; i < k; ++i)
        w[i] = 0.3 * w[i] + 0.1 * u[i] * u[0];
    }
    std::swap(u, w);
  }
  if (depth == 0)
    return u[0] * w[1];
  return u[1] * turning_recursion(w, steps, depth - 1) + turning_recursion(u, steps - 1, depth - 1);
}
double turning_while(double *u, double *w, int n, int snapshots) {
  double change = 1;
  while (change > 0.05) {
    nabla::checkpoint(snapshots);
    change = 0;
    for (int i = 0; i < n; ++i) {
      w[i] = 0.5 * (u[i] + 2 / u[i]);
      change += (w[i] - u[i]) * (w[i] - u[i]);
    }
    std::swap(u, w);
  }
  return u[0] * change + w[1];
}

// It is known at its end alone how often it runs.
double converging(double x, double y, int snapshots) {
  double error = 1;
  int n = 0;
  while (error > 1e-9) {
    nabla::checkpoint(snapshots);
    double next = x - 0.2 * (x * x - y);
    error = std::fabs(next - x);
    x = next;
    ++n;
  }
  return x * x * x + n;
}
double leaves_early(double x, int n, int snapshots) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    nabla::checkpoint(snapshots);
    x = x * x + 0.25 * x;
    if (x > 100)
      break;
    if (x < 0.125)
      continue;
    s += x * i;
  }
  return s * x;
}
double returns(double x, int n) {
  for (int i = 0; i < n; ++i) {
    nabla::checkpoint(2);
    x *= 1.5;
    if (x > 10)
      return x * x;
  }
  return x;
}

template <class R> struct particle {
  R q, p;
};
double structs_and_arrays(double q, double p, double k, int steps, int snapshots) {
  particle<double> a{q, p};
  double history[2][3] = {{q, p, 1}, {p, q, 2}};
  for (int t = 1; t <= steps; ++t) {
    nabla::checkpoint(snapshots);
    a.p -= 0.1 * k * std::sin(a.q) * history[t % 2][1];
    a.q += 0.1 * a.p;
    history[t % 2][t % 3] = a.q * a.p;
  }
  return a.q * history[0][0] + history[1][2];
}

double nested(double x, double y, int n, int m) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    nabla::checkpoint(2);
    double z = y * x;
    for (int j = 0; j < m; ++j) {
      nabla::checkpoint(3);
      z = std::sin(z) + x * 0.125 * j;
    }
    x += 0.1 * z;
    s += z * x;
  }
  return s;
}
double in_a_loop(const double *x, int n) {
  double total = 0;
  for (int k = 0; k < 3; ++k) {
    std::vector<double> v(n, 0.5);
    for (int i = 0; i < n; ++i) {
      nabla::checkpoint(2);
      for (int j = 0; j < n; ++j)
        v[j] = v[j] * x[i] + x[j];
    }
    total += v[0] * v[n - 1];
  }
  return total;
}
double allocates(const std::vector<double> &x, int steps) {
  std::vector<double> u = x;
  for (int t = 0; t < steps; ++t) {
    nabla::checkpoint(3);
    std::vector<double> half(u.size());
    for (std::size_t i = 0; i < u.size(); ++i)
      half[i] = u[i] * 0.5 + x[0];
    for (std::size_t i = 1; i < u.size(); ++i)
      u[i] = half[i] * half[i - 1];
  }
  return u.back() * u[1];
}
// What the iterations read is written when they have run.
double read_then_written(std::vector<double> &k, double *r, double scale, int n, int steps) {
  double x = 0.5, factors[2] = {scale, scale * scale};
  for (int t = 0; t < steps; ++t) {
    nabla::checkpoint(2);
    double sum = 0;
    for (int i = 0; i < n; ++i)
      sum += k[i] * r[i] * factors[i % 2];
    x = std::sin(x * sum + scale);
  }
  for (int i = 0; i < n; ++i)
    k[i] *= x, r[i] += k[i] * scale;
  factors[1] = x * factors[0];
  scale *= factors[1];
  return x * k[0] * scale;
}
double read_and_written_around(double *k, double x, int n, int steps) {
  for (int outer = 0; outer < 3; ++outer) {
    k[outer] += x;
    for (int t = 0; t < steps; ++t) {
      nabla::checkpoint(2);
      for (int i = 0; i < n; ++i)
        x = std::sin(x * k[i]) + 0.5;
    }
  }
  return x;
}
double recursive(double *k, double x, int depth) {
  for (int t = 0; t < 5; ++t) {
    nabla::checkpoint(2);
    for (int i = 0; i < 3; ++i)
      x = std::sin(x * k[i]) + 0.5;
  }
  k[depth] = x;
  return depth > 0 ? recursive(k, x * k[0], depth - 1) * x : x;
}
double two_loops(double x, double y, int n) {
  for (int i = 0; i < n; ++i) {
    nabla::checkpoint(2);
    x = std::cos(x) * y;
  }
  double s = x;
  for (int i = 0; i < n; ++i) {
    nabla::checkpoint(4);
    s = s * y + x * i;
  }
  return s;
}
double chosen(const double *x, const int *which, int n) {
  double a[3] = {x[0], x[1], x[2]};
  for (int i = 0; i < n; ++i) {
    nabla::checkpoint(3);
    if (a[which[i]] > 0)
      a[which[i]] = a[which[i]] * a[0] - 0.75;
    else
      a[which[n - 1 - i]] += a[1] * a[2];
  }
  return a[0] + 2 * a[1] + 3 * a[2];
}
double in_callee(std::vector<double> &u, const std::vector<double> &k, int steps) {
  diffuse(u, k, steps, 2);
  double s = 0;
  for (double v : u)
    s += v * v;
  diffuse(u, k, 2, 1);
  return s * u[1];
}
double speaks(double x, int n) {
  for (int i = 0; i < n; ++i) {
    nabla::checkpoint(2);
    printf("%s", i < 0 ? "never" : "");
    x = x * x - 0.5;
  }
  return x;
}

#else
#include <cstddef>
#include <cstdio>
#include <vector>
#define CASES "checkpoints.cpp"
#include "twice.h"

/// Of Griewank and Walther: iterations that run, the first time included, if l are reversed with n snapshots.
inline long least(long l, long n) {
  auto binomial = [](long a, long b) {
    double v = 1;
    for (long k = 1; k <= b; ++k)
      v = v * double(a - b + k) / double(k);
    return long(v + 0.5);
  };
  long r = 0; // one more than there are: the last state is at hand
  while (binomial(n + r, n) < l + 1)
    ++r;
  return r * (l + 1) - binomial(n + r, r - 1);
}

inline double chain(double x, int n, int snapshots) {
  for (int i = 0; i < n; ++i) {
    nabla::checkpoint(snapshots);
    x = x + 0.001 * (1 - x * x);
  }
  return x;
}
inline double open_chain(double x, int n, int snapshots) {
  while (n > 0) {
    nabla::checkpoint(snapshots);
    x = x + 0.001 * (1 - x * x);
    --n;
  }
  return x;
}

inline void check_counts() {
#ifndef NABLA_TEST_FORWARD
  for (int n : {1, 2, 3, 5, 10})
    for (int l : {1, 2, 7, 30, 100, 1000}) {
      nabla::checkpoint_counts before = nabla::counted_checkpoints();
      double x_bar = 0;
      nabla::gradient<chain>(0.5, l, n, &x_bar);
      nabla::checkpoint_counts after = nabla::counted_checkpoints();
      if (after.snapshots == before.snapshots)
        return; // option no-checkpoint
      CHECK(l + after.again - before.again == least(l, n));
      double open_bar = 0;
      nabla::gradient<open_chain>(0.5, l, n, &open_bar);
      CHECK_NEAR(x_bar, open_bar, 1e-14);
      // Not known beforehand, at most as many iterations run as with one repetition more for each.
      CHECK(nabla::counted_checkpoints().again - after.again <= least(l, n) + l);
    }
#endif
}

int main() {
  reals u{0.5, 1.5, 2.5, 1.25, 0.75, 0.5}, k{0.1, 0.05, 0.15, 0.1, 0.2, 0.1}, w(6, 0.25);
  for (int steps : {0, 1, 2, 5, 9})
    for (int snapshots : {1, 2, 4, 20}) {
      VERIFY(diffuse, u, k, steps, snapshots);
      VERIFY(raw_arrays, u, w, 0.05, 6, steps, snapshots);
      VERIFY(turning, u, w, 6, steps, snapshots);
      VERIFY(turning_vectors, u, steps, snapshots);
      VERIFY(nested_memory, u, steps, snapshots);
      VERIFY(turning_members, u, steps, snapshots);
      VERIFY(leaves_early, 1.125, steps, snapshots);
      VERIFY(structs_and_arrays, 0.5, 1.25, 0.75, steps, snapshots);
      VERIFY(counts_in_condition, 0.75, steps, snapshots);
      VERIFY(condition_and_exits, 0.75 + 0.1 * steps, steps, snapshots);
      VERIFY(state_of_an_iteration, 0.75, 3, steps, snapshots);
      VERIFY(state_of_a_branch, 0.75, steps, snapshots);
      VERIFY(freed_by_an_iteration, 0.75, 3, steps, snapshots);
      VERIFY(freed_by_branches, 0.75, 3, steps, snapshots);
      VERIFY(freed_and_replaced, 0.75, 3, steps, snapshots);
      VERIFY(elements_by_reference, 0.75, 3, steps, snapshots);
      VERIFY(state_of_a_branch, 0.05, steps, snapshots);
    }
  for (int snapshots : {0, 1, 2, 3, 8}) {
    VERIFY(turning_while, reals{1, 2.5, 4}, reals{0, 0, 0}, 3, snapshots);
    VERIFY(converging, 1.0, 2.5, snapshots);
  }
  VERIFY(returns, 1.25, 3);
  VERIFY(returns, 1.25, 30);
  VERIFY(nested, 0.5, 0.75, 5, 4);
  VERIFY(in_a_loop, reals{0.5, 0.25, 1.5, 0.75}, 4);
  VERIFY(allocates, u, 5);
  VERIFY(read_then_written, u, k, 0.75, 6, 5);
  VERIFY(read_and_written_around, reals{1.5, 0.5, -0.75}, 0.5, 3, 5);
  VERIFY(turning_recursion, u, 4, 2);
  VERIFY(recursive, reals{1.5, 0.5, -0.75}, 0.5, 2);
  VERIFY(two_loops, 0.5, 0.75, 7);
  reals which{0, 2, 1, 1, 0, 2};
  VERIFY(chosen, reals{1.3, -0.3, 0.55}, which, 6);
  VERIFY(in_callee, u, k, 5);
  VERIFY(speaks, 0.75, 5);
  check_counts();
  return check::report();
}
#endif
