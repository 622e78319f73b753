// Runge-Kutta's method over 100,000 steps of the Lorenz system, reversed from n snapshots: time, memory, iterations that ran
// again. Build: nabla++ -O2 test/bench/checkpoint/rk4.cpp -o rk4
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <nabla/nabla.h>
#include <vector>

namespace {

struct state {
  double x, y, z;
};
state slope(state s, double sigma, double rho, double beta) {
  return {sigma * (s.y - s.x), s.x * (rho - s.z) - s.y, s.x * s.y - beta * s.z};
}
state moved(state s, state d, double h) { return {s.x + h * d.x, s.y + h * d.y, s.z + h * d.z}; }
state step(state s, double sigma, double rho, double beta, double h) {
  const state a = slope(s, sigma, rho, beta), b = slope(moved(s, a, h / 2), sigma, rho, beta),
              c = slope(moved(s, b, h / 2), sigma, rho, beta), d = slope(moved(s, c, h), sigma, rho, beta);
  return moved(moved(moved(moved(s, a, h / 6), b, h / 3), c, h / 3), d, h / 6);
}

double recorded(double sigma, double rho, double beta, int steps) {
  state s{1, 1, 1};
  double mean = 0;
  for (int t = 0; t < steps; ++t) {
    s = step(s, sigma, rho, beta, 1e-5);
    mean += s.z;
  }
  return mean / steps;
}
double with_snapshots(double sigma, double rho, double beta, int steps, int snapshots) {
  state s{1, 1, 1};
  double mean = 0;
  for (int t = 0; t < steps; ++t) {
    nabla::checkpoint(snapshots);
    s = step(s, sigma, rho, beta, 1e-5);
    mean += s.z;
  }
  return mean / steps;
}
double unknown_count(double sigma, double rho, double beta, double end, int snapshots) {
  state s{1, 1, 1};
  double mean = 0, t = 0;
  while (t < end) {
    nabla::checkpoint(snapshots);
    s = step(s, sigma, rho, beta, 1e-5);
    mean += s.z;
    t += 1;
  }
  return mean / end;
}

template <class F> double seconds(F f) {
  std::vector<double> all;
  for (int i = 0; i < 7; ++i) {
    auto start = std::chrono::steady_clock::now();
    f();
    all.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(all.begin(), all.end());
  return all[3];
}

double g[3];
void clear() { g[0] = g[1] = g[2] = 0; }

} // namespace

int main() {
  const int steps = 100000;
  volatile double sink = 0;
  const double primal = seconds([&] { sink = recorded(10, 28, 8.0 / 3, steps); });
  const double whole = seconds([&] {
    clear();
    nabla::gradient<recorded>(10, 28, 8.0 / 3, steps, &g[0], &g[1], &g[2]);
  });
  const double expected = g[1];
  std::printf(
      "| snapshots | gradient / primal | run again, per step | KB in snapshots |\n|---|---|---|---|\n");
  std::printf("| all recorded | %.1f | 0 | 0 |\n", whole / primal);
  double worst = 0;
  auto row = [&](const char *kind, int n, auto f) {
    const double time = seconds([&] {
      clear();
      f(n);
    });
    worst = std::max(worst, std::fabs(g[1] - expected) / std::fabs(expected));
    const nabla::checkpoint_counts before = nabla::counted_checkpoints();
    f(n);
    const nabla::checkpoint_counts after = nabla::counted_checkpoints();
    std::printf("| %d%s | %.1f | %.2f | %.1f |\n", n, kind, time / primal,
                double(after.again - before.again) / steps, (n + 1) * 32 / 1024.0);
  };
  for (int n : {1000, 100, 20, 5}) {
    row("", n,
        [&](int m) { nabla::gradient<with_snapshots>(10, 28, 8.0 / 3, steps, m, &g[0], &g[1], &g[2]); });
    row(", `while`", n, [&](int m) {
      double end_bar = 0;
      nabla::gradient<unknown_count>(10, 28, 8.0 / 3, double(steps), m, &g[0], &g[1], &g[2], &end_bar);
    });
  }
  std::printf("largest relative difference of the gradients: %.1g\n", worst);
  return sink == 0;
}
