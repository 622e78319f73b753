// The ADBench objectives GMM and LSTM through the call-site form: gradients equal to the hand-written reverse
// sweeps of by_hand.hpp to 1e-10 relative, on generated inputs of the benchmark's shapes and on its own files
// where present.
#include "../random.h"
#include "adbench_data.hpp"
#include "by_hand.hpp"
#include "check.h"
#include "gmm.hpp"
#include "lstm.hpp"
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <nabla/nabla.h>
#include <string>
#include <vector>

namespace {

using reals = std::vector<double>;

using test::Random;

/// Largest difference relative to the largest entry.
void expect_same(const char *what, const reals &got, const reals &expected) {
  double worst = 0, scale = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    worst = std::max(worst, std::fabs(got[i] - expected[i]));
    scale = std::max(scale, std::fabs(expected[i]));
  }
  std::printf("  %-8s %zu entries, worst relative difference %.2g\n", what, got.size(), worst / scale);
  CHECK(worst <= 1e-10 * scale);
}

void check_gmm(const char *name, const obj::GmmData &g) {
  std::printf("GMM %s: d %d, K %d, n %d\n", name, g.d, g.k, g.n);
  reals alphas(g.alphas.size()), means(g.means.size()), icf(g.icf.size());
  double value = nabla::gradient<obj::gmm_objective, nabla::wrt<3, 4, 5>>(
      g.d, g.k, g.n, g.alphas.data(), g.means.data(), g.icf.data(), g.points.data(), g.gamma, g.m,
      alphas.data(), means.data(), icf.data());
  reals alphas_h(alphas.size()), means_h(means.size()), icf_h(icf.size());
  double value_h;
  obj::gmm_b(g.d, g.k, g.n, g.alphas.data(), g.means.data(), g.icf.data(), g.points.data(), g.gamma, g.m,
             alphas_h.data(), means_h.data(), icf_h.data(), value_h);
  CHECK_NEAR(value, value_h, 1e-12);
  CHECK_NEAR(value,
             obj::gmm_objective(g.d, g.k, g.n, g.alphas.data(), g.means.data(), g.icf.data(), g.points.data(),
                                g.gamma, g.m),
             1e-14);
  expect_same("alphas", alphas, alphas_h);
  expect_same("means", means, means_h);
  expect_same("icf", icf, icf_h);
}

void check_lstm(const char *name, const obj::LstmData &s) {
  std::printf("LSTM %s: l %d, c %d, b %d\n", name, s.l, s.c, s.b);
  reals main_bar(s.main.size()), extra_bar(s.extra.size());
  double value = nabla::gradient<obj::lstm_objective, nabla::wrt<3, 4>>(
      s.l, s.c, s.b, s.main.data(), s.extra.data(), s.state.data(), s.sequence.data(), main_bar.data(),
      extra_bar.data());
  reals main_h(main_bar.size()), extra_h(extra_bar.size());
  double value_h;
  obj::lstm_b(s, main_h.data(), extra_h.data(), value_h);
  CHECK_NEAR(value, value_h, 1e-12);
  expect_same("main", main_bar, main_h);
  expect_same("extra", extra_bar, extra_h);
}

obj::GmmData generated_gmm(int d, int k, int n) {
  Random random(20261121);
  obj::GmmData g;
  g.d = d, g.k = k, g.n = n, g.gamma = 1, g.m = 0;
  g.alphas = random.list(k, -1, 1);
  g.means = random.list(std::size_t(k) * d, 0, 1);
  g.icf = random.list(std::size_t(k) * d * (d + 1) / 2, -1, 1);
  g.points = random.list(std::size_t(n) * d, -2, 2);
  return g;
}

obj::LstmData generated_lstm(int l, int c, int b) {
  Random random(20261122);
  obj::LstmData s;
  s.l = l, s.c = c, s.b = b;
  s.main = random.list(std::size_t(8) * l * b, -0.5, 1);
  s.extra = random.list(std::size_t(3) * b, -0.5, 1);
  s.state = random.list(std::size_t(2) * l * b, 0, 1);
  s.sequence.assign(std::size_t(c) * b, 0.0);
  for (int t = 0; t < c; ++t) // one-hot frames
    s.sequence[std::size_t(t) * b + std::min(b - 1, int(random.uniform(0, b)))] = 1;
  return s;
}

/// The benchmark's own files: $NABLA_DATA, or next to the checkout.
std::string data_directory() {
  const char *set = std::getenv("NABLA_DATA");
  if (set && *set)
    return set;
  std::string here = __FILE__;
  return here.substr(0, here.rfind('/') + 1) + "../../../shared/data";
}

bool is_there(const std::string &file) { return std::ifstream(file).good(); }

} // namespace

int main() {
  check_gmm("generated", generated_gmm(10, 25, 1000));
  check_gmm("generated", generated_gmm(2, 5, 1000));
  check_gmm("generated", generated_gmm(1, 2, 3));
  check_lstm("generated", generated_lstm(2, 1024, 14));
  check_lstm("generated", generated_lstm(1, 2, 3));
  std::string data = data_directory();
  for (const char *name : {"gmm_d2_K5.txt", "gmm_d10_K25.txt"})
    if (is_there(data + "/" + name))
      check_gmm(name, obj::load_gmm(data + "/" + name));
    else
      std::printf("skipped: %s is not in %s (NABLA_DATA says where)\n", name, data.c_str());
  if (is_there(data + "/lstm_l2_c1024.txt"))
    check_lstm("lstm_l2_c1024.txt", obj::load_lstm(data + "/lstm_l2_c1024.txt"));
  else
    std::printf("skipped: lstm_l2_c1024.txt is not in %s (NABLA_DATA says where)\n", data.c_str());
  return check::report();
}
