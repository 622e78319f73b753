// Figures of docs/second_order.md: forward mode, second order and sparse matrices relative to one evaluation of the function.
//
//   nabla++ -std=c++17 -O3 -Itest -Itest/objectives test/bench/second_order/figures.cpp -o figures && ./figures
//
// "counted": operations of a hand-written version over those of the function, a transcendental function counted as 20.
#include "gmm.hpp"
#include "lstm.hpp"
#include "problems.h"
#include "random.h"
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nabla/nabla.h>
#include <nabla/sparse.h>
#include <vector>

namespace {

using reals = std::vector<double>;

volatile double sink;

/// Seconds of one call: the best of several batches of calls.
template <class Fn> double seconds(const Fn &fn) {
  using clock = std::chrono::steady_clock;
  auto time = [&](int calls) {
    auto start = clock::now();
    for (int i = 0; i < calls; ++i)
      fn();
    return std::chrono::duration<double>(clock::now() - start).count();
  };
  int calls = 1;
  while (time(calls) < 0.0004) // short: on a busy machine some are not disturbed
    calls *= 2;
  double best = 1e9;
  for (int i = 0; i < 250; ++i)
    best = std::min(best, time(calls) / calls);
  return best;
}

void row(const char *what, double measured, double counted) {
  std::printf("| %-34s | %8.2f | %8.2f |\n", what, measured, counted);
}

template <int N> std::vector<nabla::lanes<double, N>> lanes_of(std::size_t n) {
  return std::vector<nabla::lanes<double, N>>(n, nabla::lanes<double, N>(0.5));
}

void table_of_gmm() {
  test::Random random(7);
  const int d = 10, k = 25, n = 1000;
  reals a = random.list(k, -1, 1), m = random.list(std::size_t(k) * d, 0, 1),
        c = random.list(std::size_t(k) * d * (d + 1) / 2, -1, 1), x = random.list(std::size_t(n) * d, -2, 2);
  reals ad(a.size(), 0.5), md(m.size(), 0.5), cd(c.size(), 0.5), ar(a), mr(m), cr(c);
  auto a4 = lanes_of<4>(a.size()), m4 = lanes_of<4>(m.size()), c4 = lanes_of<4>(c.size());
  auto a8 = lanes_of<8>(a.size()), m8 = lanes_of<8>(m.size()), c8 = lanes_of<8>(c.size());
  using by = nabla::wrt<3, 4, 5>;
  auto with = [&](const auto &fn, auto &...more) {
    return seconds(
        [&] { sink = fn(d, k, n, a.data(), m.data(), c.data(), x.data(), 1.0, 0, more.data()...); });
  };
  const double primal = with([](auto... v) { return obj::gmm_objective(v...); });
  row("gmm: tangent",
      with([](auto... v) { return nabla::pushforward<obj::gmm_objective, by>(v...).dot; }, ad, md, cd) /
          primal,
      2.6);
  row("gmm: batch<4>",
      with([](auto... v) { return nabla::pushforward<obj::gmm_objective, by, nabla::batch<4>>(v...).dot[0]; },
           a4, m4, c4) /
          primal,
      7.4);
  row("gmm: batch<8>",
      with([](auto... v) { return nabla::pushforward<obj::gmm_objective, by, nabla::batch<8>>(v...).dot[0]; },
           a8, m8, c8) /
          primal,
      13.8);
  row("gmm: gradient",
      with([](auto... v) { return nabla::gradient<obj::gmm_objective, by>(v...); }, ar, mr, cr) / primal,
      2.6);
  row("gmm: hvp",
      with([](auto... v) { return nabla::hvp<obj::gmm_objective, by>(v...); }, ad, md, cd, ar, mr, cr) /
          primal,
      6.6);
}

void table_of_lstm() {
  test::Random random(8);
  const int l = 2, c = 1024, b = 14; // layers, steps, characters
  reals main = random.list(std::size_t(2) * l * 4 * b, -1, 1), extra = random.list(std::size_t(3) * b, -1, 1),
        state = random.list(std::size_t(2) * l * b, -1, 1), sequence = random.list(std::size_t(c) * b, 0, 1);
  reals md(main.size(), 0.5), ed(extra.size(), 0.5), mr(main), er(extra);
  auto m4 = lanes_of<4>(main.size()), e4 = lanes_of<4>(extra.size());
  auto m8 = lanes_of<8>(main.size()), e8 = lanes_of<8>(extra.size());
  using by = nabla::wrt<3, 4>;
  auto with = [&](const auto &fn, auto &...more) {
    return seconds([&] {
      sink = fn(l, c, b, main.data(), extra.data(), state.data(), sequence.data(), more.data()...);
    });
  };
  const double primal = with([](auto... v) { return obj::lstm_objective(v...); });
  row("lstm: tangent",
      with([](auto... v) { return nabla::pushforward<obj::lstm_objective, by>(v...).dot; }, md, ed) / primal,
      1.3);
  row("lstm: batch<4>",
      with(
          [](auto... v) { return nabla::pushforward<obj::lstm_objective, by, nabla::batch<4>>(v...).dot[0]; },
          m4, e4) /
          primal,
      2.2);
  row("lstm: batch<8>",
      with(
          [](auto... v) { return nabla::pushforward<obj::lstm_objective, by, nabla::batch<8>>(v...).dot[0]; },
          m8, e8) /
          primal,
      3.4);
  row("lstm: gradient",
      with([](auto... v) { return nabla::gradient<obj::lstm_objective, by>(v...); }, mr, er) / primal, 1.4);
  row("lstm: hvp",
      with([](auto... v) { return nabla::hvp<obj::lstm_objective, by>(v...); }, md, ed, mr, er) / primal,
      2.1);
}

void table_of_rosenbrock() {
  const int n = 10000;
  reals x(n, 1.1), d(n, 0.5), r(n);
  auto l4 = lanes_of<4>(n), r4 = l4;
  auto l8 = lanes_of<8>(n);
  const double primal = seconds([&] { sink = rosenbrock(x.data(), n); });
  row("rosenbrock 10^4: tangent",
      seconds([&] { sink = nabla::pushforward<rosenbrock>(x.data(), n, d.data()).dot; }) / primal, 2.0);
  row("rosenbrock 10^4: batch<4>",
      seconds([&] {
        sink = nabla::pushforward<rosenbrock, nabla::batch<4>>(x.data(), n, l4.data()).dot[0];
      }) / primal,
      5.0);
  row("rosenbrock 10^4: batch<8>",
      seconds([&] {
        sink = nabla::pushforward<rosenbrock, nabla::batch<8>>(x.data(), n, l8.data()).dot[0];
      }) / primal,
      9.0);
  row("rosenbrock 10^4: gradient",
      seconds([&] { sink = nabla::gradient<rosenbrock>(x.data(), n, r.data()); }) / primal, 1.9);
  row("rosenbrock 10^4: four seeds", seconds([&] {
                                       sink = nabla::pullback<rosenbrock, nabla::batch<4>>(
                                           x.data(), n, nabla::lanes<double, 4>(1), r4.data());
                                     }) / primal,
      4.5);
  row("rosenbrock 10^4: hvp",
      seconds([&] { sink = nabla::hvp<rosenbrock>(x.data(), n, d.data(), r.data()); }) / primal, 3.0);
  const int small = 200;
  reals full(small * small);
  const double one = seconds([&] { sink = rosenbrock(x.data(), small); });
  row("rosenbrock 200: full Hessian / 200",
      seconds([&] {
        nabla::hessian<rosenbrock, nabla::batch<4>>(nabla::extents{small}, x.data(), small, full.data());
      }) / one /
          small,
      2.4);
  const int large = 100000;
  reals y(large, 1.1);
  const double all = seconds([&] { sink = rosenbrock(y.data(), large); });
  nabla::csr h = nabla::sparse_hessian<rosenbrock>(nabla::extents{large}, y.data(), large);
  row("rosenbrock 10^5: sparse / colours",
      seconds([&] { nabla::sparse_hessian<rosenbrock>(nabla::extents{large}, y.data(), large, h); }) / all /
          h.colour_count,
      2.4);
}

void table_of_residuals() {
  const int k = 300, n = k * k, m = 100000;
  reals u(n), r(n), v(m), old(m, 0.9), s(m);
  for (int i = 0; i < n; ++i)
    u[i] = 0.3 * std::sin(i);
  for (int i = 0; i < m; ++i)
    v[i] = std::sin(0.001 * i);
  const double bratu_once = seconds([&] { bratu(u.data(), k, 2.0, r.data()); });
  auto j = nabla::sparse_jacobian<bratu, nabla::wrt<0>>(nabla::extents{n, n}, u.data(), k, 2.0, r.data());
  row("bratu 300 x 300: sparse / colours",
      seconds([&] {
        nabla::sparse_jacobian<bratu, nabla::wrt<0>>(nabla::extents{n, n}, u.data(), k, 2.0, r.data(), j);
      }) / bratu_once /
          j.colour_count,
      0.4);
  const double burgers_once = seconds([&] { burgers(v.data(), m, 0.01, 1e-3, 1e-2, old.data(), s.data()); });
  auto b = nabla::sparse_jacobian<burgers, nabla::wrt<0>>(nabla::extents{m, m}, v.data(), m, 0.01, 1e-3, 1e-2,
                                                          old.data(), s.data());
  row("burgers 10^5: sparse / colours",
      seconds([&] {
        nabla::sparse_jacobian<burgers, nabla::wrt<0>>(nabla::extents{m, m}, v.data(), m, 0.01, 1e-3, 1e-2,
                                                       old.data(), s.data(), b);
      }) / burgers_once /
          b.colour_count,
      1.7);
}

} // namespace

int main() {
  std::printf("| %-34s | %8s | %8s |\n|---|---|---|\n", "over one evaluation", "measured", "counted");
  table_of_gmm();
  table_of_lstm();
  table_of_rosenbrock();
  table_of_residuals();
}
