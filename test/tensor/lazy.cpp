// Large elementwise results are computed late and fused: random programs with views, writes in place, raw pointers and dropped results, against
// plain loops that compute everything at once.
// RUN: %tensor %s -o %t && %t && env NABLA_LAZY=0 %t
#include <nabla/tensor.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <random>
#include <thread>

using namespace nabla;

constexpr std::int64_t n = 40000;
static std::mt19937 generator(5);
static int draw(int low, int high) {
  return low + static_cast<int>(generator() % static_cast<unsigned>(high - low + 1));
}
static int failures = 0;

/// A tensor, and what its elements must be.
struct Pair {
  Tensor t;
  std::vector<double> v;
};
using Pool = std::vector<Pair>;

static std::vector<double> numbers(const Tensor &t) {
  const Tensor c = t.clone();
  const double *const p = c.data_ptr<double>();
  return std::vector<double>(p, p + c.numel());
}
static void compare(const Pair &p, int round) {
  const std::vector<double> got = numbers(p.t);
  for (std::size_t i = 0; i < got.size(); ++i)
    if (!(std::fabs(got[i] - p.v[i]) <= 1e-9 * (1 + std::fabs(p.v[i])))) {
      if (++failures < 5)
        std::printf("round %d, element %zu: %.17g, expected %.17g\n", round, i, got[i], p.v[i]);
      return;
    }
}
template <class F> std::vector<double> each(const Pair &a, const Pair &b, F f) {
  std::vector<double> r(a.v.size());
  for (std::size_t i = 0; i < r.size(); ++i)
    r[i] = f(a.v[i], b.v[i]);
  return r;
}

static void compute(Pool &pool, const Pair &a, const Pair &b) {
  switch (draw(0, 4)) {
  case 0:
    pool.push_back({a.t + b.t, each(a, b, [](double x, double y) { return x + y; })});
    break;
  case 1:
    pool.push_back({a.t * b.t, each(a, b, [](double x, double y) { return x * y; })});
    break;
  case 2:
    pool.push_back({a.t.tanh(), each(a, b, [](double x, double) { return std::tanh(x); })});
    break;
  case 3:
    pool.push_back({a.t * 0.5 + b.t, each(a, b, [](double x, double y) { return x * 0.5 + y; })});
    break;
  default: {
    const double c = b.v[5];
    pool.push_back({a.t - b.t.select(0, 5), each(a, b, [c](double x, double) { return x - c; })});
  }
  }
}
static void disturb(Pair &a, const Pair &b, int round) {
  switch (draw(0, 6)) {
  case 0:
    a.t.add_(b.t);
    a.v = each(a, b, [](double x, double y) { return x + y; });
    break;
  case 1:
    a.t[3].fill_(0.25);
    a.v[3] = 0.25;
    break;
  case 2:
    a.t.data_ptr<double>()[7] = 0.125;
    a.v[7] = 0.125;
    break;
  case 3:
    a.t.detach().mul_(0.5);
    for (double &x : a.v)
      x *= 0.5;
    break;
  case 4:
    a.t.view({200, 200})[1].zero_();
    std::fill(a.v.begin() + 200, a.v.begin() + 400, 0.0);
    break;
  case 5: {
    double expected = 0;
    for (const double x : a.v)
      expected += x;
    if (!(std::fabs(a.t.sum().item<double>() - expected) <= 1e-6 * (1 + std::fabs(expected))))
      ++failures;
    break;
  }
  default:
    compare(a, round);
  }
}

static void random_programs() {
  for (int round = 0; round < 60; ++round) {
    Pool pool;
    for (int i = 0; i < 3; ++i) {
      const Tensor t = rand({n}, kDouble) * 2 - 1;
      pool.push_back({t, numbers(t)});
    }
    for (int steps = draw(3, 40); steps; --steps) {
      const std::size_t last = pool.size() - 1;
      const std::size_t i = static_cast<std::size_t>(draw(0, static_cast<int>(last))),
                        j = static_cast<std::size_t>(draw(0, static_cast<int>(last)));
      if (draw(0, 1)) {
        const Pair a = pool[i], b = pool[j]; // handles: the pool moves when it grows
        compute(pool, a, b);
      } else {
        const Pair b = {pool[j].t, pool[j].v};
        if (i != j)
          disturb(pool[i], b, round);
      }
      if (pool.size() > 10)
        pool.erase(pool.begin() + draw(0, 9));
    }
    for (const Pair &p : pool)
      compare(p, round);
  }
}

static void gradients() {
  const Tensor x = rand({n}, kDouble).requires_grad_(), w = rand({n}, kDouble).requires_grad_(),
               b = rand({n}, kDouble).requires_grad_();
  (x * w + b).tanh().sum().backward();
  const Tensor s = 1 - (x * w + b).detach().tanh().square();
  failures += !x.grad().allclose(s * w.detach()) + !w.grad().allclose(s * x.detach()) + !b.grad().allclose(s);
  // a value saved for backward and then written: refused, pending or not
  const Tensor y = (x * w).exp();
  y.add_(1);
  try {
    y.sum().backward();
    ++failures;
    std::printf("a saved result was overwritten unnoticed\n");
  } catch (const Error &) {
  }
}

static void threads() {
  const Tensor x = rand({n}, kDouble);
  const Tensor y = x * 2 + 1;
  std::vector<std::thread> all;
  std::atomic<int> wrong{0};
  for (int k = 0; k < 4; ++k)
    all.emplace_back([&, k] {
      for (int i = 0; i < 20; ++i) {
        const Tensor z = (y * k - x).sin();
        wrong += !(std::fabs(z.sum().item<double>() - z.clone().sum().item<double>()) < 1e-6);
      }
    });
  for (std::thread &t : all)
    t.join();
  failures += wrong;
}

int main() {
  manual_seed(3);
  random_programs();
  gradients();
  threads();
  std::printf("%d failures\n", failures);
  return failures != 0;
}
