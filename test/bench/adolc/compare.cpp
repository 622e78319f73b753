// Usage: compare [ROUNDS]. Lines: function, its time in ms, then in units of it: Nabla's gradient; ADOL-C's recording and reverse
// sweep; ADOL-C's gradient from a tape that is recorded once. Thread CPU time, medians of interleaved rounds.
#include "../../objectives/gmm.hpp"
#include "../../objectives/lstm.hpp"
#include "../../random.h"
#include "../primals.h"
#include "cases.h"
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <nabla/nabla.h>

namespace {

using namespace cases;

struct Row {
  const char *name;
  Case which;
  reals x;
  Data data;
  std::function<double(const reals &, const Data &)> primal;
  std::function<void(const reals &, const Data &, double *)> gradient;
};

const int many = 100000;

Row gmm() {
  test::Random r(20261121);
  std::size_t k = gmm_k, d = gmm_d;
  return {"gmm d10 K25 n100",
          Gmm,
          r.list(k + k * d + k * d * (d + 1) / 2, -0.5, 0.5),
          {r.list(gmm_n * d, -2, 2), {}},
          [=](const reals &x, const Data &a) {
            return obj::gmm_objective(gmm_d, gmm_k, gmm_n, &x[0], &x[k], &x[k + k * d], &a.first[0], 1, 0);
          },
          [=](const reals &x, const Data &a, double *bar) {
            nabla::gradient<obj::gmm_objective, nabla::wrt<3, 4, 5>>(gmm_d, gmm_k, gmm_n, &x[0], &x[k],
                                                                     &x[k + k * d], &a.first[0], 1, 0, bar,
                                                                     bar + k, bar + k + k * d);
          }};
}

Row lstm() {
  test::Random r(20261122);
  const std::size_t main = 8 * lstm_l * lstm_b;
  reals frames(std::size_t(lstm_c) * lstm_b);
  for (int t = 0; t < lstm_c; ++t)
    frames[std::size_t(t * lstm_b + t * 5 % lstm_b)] = 1;
  return {"lstm l2 c256 b14",
          Lstm,
          r.list(main + 3 * lstm_b, -0.5, 1),
          {r.list(2 * lstm_l * lstm_b, 0, 1), frames},
          [=](const reals &x, const Data &a) {
            return obj::lstm_objective(lstm_l, lstm_c, lstm_b, &x[0], &x[main], &a.first[0], &a.second[0]);
          },
          [=](const reals &x, const Data &a, double *bar) {
            nabla::gradient<obj::lstm_objective, nabla::wrt<3, 4>>(
                lstm_l, lstm_c, lstm_b, &x[0], &x[main], &a.first[0], &a.second[0], bar, bar + main);
          }};
}

Row heat() {
  return {"heat 1000 x 100",
          Heat,
          test::Random(20).list(primals::points, 0.5, 1),
          {reals(primals::points), {}},
          [](const reals &x, const Data &a) {
            reals u = x, w = a.first;
            return primals::heat(&u[0], &w[0], int(u.size()), steps);
          },
          [](const reals &x, const Data &a, double *bar) {
            reals u = x, w = a.first, w_bar(w.size());
            nabla::gradient<primals::heat>(&u[0], &w[0], int(u.size()), steps, bar, &w_bar[0]);
          }};
}

const Row rows[] = {
    gmm(),
    lstm(),
    {"burgers 1000 x 100",
     Burgers,
     test::Random(20).list(primals::points, 0.5, 1),
     {},
     [](const reals &x, const Data &) { return primals::burgers(&x[0], steps); },
     [](const reals &x, const Data &, double *bar) { nabla::gradient<primals::burgers>(&x[0], steps, bar); }},
    heat(),
    {"n-body energy n100",
     Energy,
     test::Random(21).list(3 * bodies, -1, 1),
     {test::Random(22).list(bodies, 0.5, 1), {}},
     [](const reals &x, const Data &a) { return primals::energy(&x[0], &a.first[0], bodies); },
     [](const reals &x, const Data &a, double *bar) {
       nabla::gradient<primals::energy, nabla::wrt<0>>(&x[0], &a.first[0], bodies, bar);
     }},
    {"sum of sin products",
     Sines,
     test::Random(1).list(many + 1, -1, 1),
     {},
     [](const reals &x, const Data &) { return primals::sines(&x[0], many); },
     [](const reals &x, const Data &, double *bar) { nabla::gradient<primals::sines>(&x[0], many, bar); }},
    {"rosenbrock",
     Rosenbrock,
     test::Random(2).list(many, -1, 1),
     {},
     [](const reals &x, const Data &) { return primals::rosenbrock(&x[0], many); },
     [](const reals &x, const Data &, double *bar) {
       nabla::gradient<primals::rosenbrock>(&x[0], many, bar);
     }},
};

double now() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return double(t.tv_sec) * 1e3 + double(t.tv_nsec) * 1e-6;
}

volatile double sink;

bool run(const Row &row, int rounds) {
  reals ours(row.x.size()), taped(row.x.size());
  std::function<void()> contestants[] = {[&] { sink = row.primal(row.x, row.data); },
                                         [&] {
                                           std::fill(ours.begin(), ours.end(), 0.0);
                                           row.gradient(row.x, row.data, ours.data());
                                         },
                                         [&] {
                                           record(row.which, row.x, row.data);
                                           sweep(row.which, taped);
                                         },
                                         [&] { replay(row.which, row.x, taped); }};
  reals times[4];
  for (int round = 0; round < rounds; ++round)
    for (int k = 0; k < 4; ++k) {
      double start = now(), spent = 0;
      int calls = 0;
      for (; spent < 2; spent = now() - start, ++calls)
        contestants[k]();
      times[k].push_back(spent / calls);
    }
  double worst = 0, scale = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    worst = std::max(worst, std::fabs(ours[i] - taped[i]));
    scale = std::max(scale, std::fabs(taped[i]));
  }
  if (!(worst <= 1e-9 * scale))
    return std::printf("%s: the gradients differ by %g of %g\n", row.name, worst, scale), false;
  for (reals &t : times)
    std::sort(t.begin(), t.end());
  auto median = [&](int k) { return times[k][times[k].size() / 2]; };
  std::printf("%-26s %10.4f %8.2f %8.2f %8.2f\n", row.name, median(0), median(1) / median(0),
              median(2) / median(0), median(3) / median(0));
  std::fflush(stdout);
  return true;
}

} // namespace

int main(int count, char **arguments) {
  int rounds = count > 1 ? std::atoi(arguments[1]) : 15, failed = 0;
  std::printf("%-26s %10s %8s %8s %8s\n", "against ADOL-C", "primal_ms", "grad/pr", "record", "replay");
  for (const Row &row : rows)
    failed += !run(row, rounds);
  return failed;
}
