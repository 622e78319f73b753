// GMM and LSTM of ADBench on generated inputs; the hand-written sweeps are those of test/objectives.
#include "../../objectives/by_hand.hpp"
#include "bench.h"
#include <memory>
#include <nabla/nabla.h>

namespace {

using namespace bench;

struct Gmm : obj::GmmData {
  Gmm(int dimension, int components, int count) {
    Random random(20261121);
    d = dimension, k = components, n = count, gamma = 1, m = 0;
    alphas = random.list(k, -1, 1);
    means = random.list(std::size_t(k) * d, 0, 1);
    icf = random.list(std::size_t(k) * d * (d + 1) / 2, -1, 1);
    points = random.list(std::size_t(n) * d, -2, 2);
  }
};

Register gmm(const char *name, int d, int k, int n) {
  auto g = std::make_shared<Gmm>(d, k, n);
  return {name, g->alphas.size() + g->means.size() + g->icf.size(),
          [g] {
            return obj::gmm_objective(g->d, g->k, g->n, g->alphas.data(), g->means.data(), g->icf.data(),
                                      g->points.data(), g->gamma, g->m);
          },
          [g](double *bar) {
            double *means = bar + g->alphas.size();
            nabla::gradient<obj::gmm_objective, nabla::wrt<3, 4, 5>>(
                g->d, g->k, g->n, g->alphas.data(), g->means.data(), g->icf.data(), g->points.data(),
                g->gamma, g->m, bar, means, means + g->means.size());
          },
          [g](double *bar) {
            double *means = bar + g->alphas.size(), value;
            obj::gmm_b(g->d, g->k, g->n, g->alphas.data(), g->means.data(), g->icf.data(), g->points.data(),
                       g->gamma, g->m, bar, means, means + g->means.size(), value);
          }};
}

struct Lstm : obj::LstmData {
  Lstm(int layers, int steps, int width) {
    Random random(20261122);
    l = layers, c = steps, b = width;
    main = random.list(std::size_t(8) * l * b, -0.5, 1);
    extra = random.list(std::size_t(3) * b, -0.5, 1);
    state = random.list(std::size_t(2) * l * b, 0, 1);
    sequence.assign(std::size_t(c) * b, 0.0);
    for (int t = 0; t < c; ++t) // one-hot frames
      sequence[std::size_t(t) * b + std::min(b - 1, int(random.uniform(0, b)))] = 1;
  }
};

Register lstm(const char *name, int l, int c, int b) {
  auto s = std::make_shared<Lstm>(l, c, b);
  return {name, s->main.size() + s->extra.size(),
          [s] {
            return obj::lstm_objective(s->l, s->c, s->b, s->main.data(), s->extra.data(), s->state.data(),
                                       s->sequence.data());
          },
          [s](double *bar) {
            nabla::gradient<obj::lstm_objective, nabla::wrt<3, 4>>(
                s->l, s->c, s->b, s->main.data(), s->extra.data(), s->state.data(), s->sequence.data(), bar,
                bar + s->main.size());
          },
          [s](double *bar) {
            double value;
            obj::lstm_b(*s, bar, bar + s->main.size(), value);
          }};
}

const Register all[] = {gmm("gmm d10 K25 n1000", 10, 25, 1000), gmm("gmm d32 K50 n1000", 32, 50, 1000),
                        gmm("gmm d10 K25 n10000", 10, 25, 10000), lstm("lstm l2 c1024 b14", 2, 1024, 14),
                        lstm("lstm l4 c1024 b14", 4, 1024, 14)};

} // namespace
