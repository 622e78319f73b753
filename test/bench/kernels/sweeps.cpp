// Loops whose iterations meet only in sums, or not at all.
#include "../primals.h"
#include "bench.h"
#include <cmath>
#include <nabla/nabla.h>
#define R __restrict

namespace {

using namespace bench;
using namespace primals;

// ---- Sum of sin products, Rosenbrock -----------------------------------------------------------------------------

double sines_by_hand(const double *R x, int n, double *R x_bar) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    double y = std::sin(x[i]);
    s += y * x[i + 1];
    x_bar[i] += x[i + 1] * std::cos(x[i]);
    x_bar[i + 1] += y;
  }
  return s;
}

double rosenbrock_by_hand(const double *R x, int n, double *R x_bar) {
  double s = 0, carry = x_bar[0];
  for (int i = 0; i + 1 < n; ++i) {
    double a = x[i + 1] - x[i] * x[i], b = 1 - x[i];
    s += 100 * a * a + b * b;
    x_bar[i] = carry - 400 * a * x[i] - 2 * b;
    carry = x_bar[i + 1] + 200 * a;
  }
  x_bar[n - 1] = carry;
  return s;
}

const int many = 1000000;
const reals million = Random(1).list(many + 1, -1, 1);

const Register sine_products(
    "sum of sin products", many + 1, [] { return sines(million.data(), many); },
    [](double *bar) { nabla::gradient<sines>(million.data(), many, bar); },
    [](double *bar) { sines_by_hand(million.data(), many, bar); });
const Register rosenbrocks(
    "rosenbrock", many + 1, [] { return rosenbrock(million.data(), many); },
    [](double *bar) { nabla::gradient<rosenbrock>(million.data(), many, bar); },
    [](double *bar) { rosenbrock_by_hand(million.data(), many, bar); });

// ---- Independent iterations with several exp and sqrt ------------------------------------------------------------

double options(const double *spot, const double *vol, int n) {
  double total = 0;
  for (int i = 0; i < n; ++i) {
    double s = std::sqrt(1 + spot[i] * spot[i]);
    double e = std::exp(-s * vol[i]);
    double f = std::exp(-spot[i] * e) * std::sqrt(vol[i] + e);
    total += f * s + e;
  }
  return total;
}
double options_by_hand(const double *R spot, const double *R vol, int n, double *R spot_bar,
                       double *R vol_bar) {
  double total = 0;
  for (int i = 0; i < n; ++i) {
    double s = std::sqrt(1 + spot[i] * spot[i]);
    double e = std::exp(-s * vol[i]), g = std::exp(-spot[i] * e), q = std::sqrt(vol[i] + e), f = g * q;
    total += f * s + e;
    double g_bar = q * s, q_bar = g * s, h = q_bar / (2 * q);
    double e_bar = 1 + h - spot[i] * g * g_bar;
    double s_bar = f - vol[i] * e * e_bar;
    spot_bar[i] += s_bar * spot[i] / s - e * g * g_bar;
    vol_bar[i] += h - s * e * e_bar;
  }
  return total;
}

const int some = 100000;
const reals positive = Random(2).list(2 * some, 0.1, 1);

const Register independent(
    "independent exp and sqrt", 2 * some, [] { return options(&positive[0], &positive[some], some); },
    [](double *bar) { nabla::gradient<options>(&positive[0], &positive[some], some, bar, bar + some); },
    [](double *bar) { options_by_hand(&positive[0], &positive[some], some, bar, bar + some); });

/// The same without a sum: an output per iteration, adjoints are seeds.
void smooth(const double *x, double *y, int n) {
  for (int i = 0; i < n; ++i) {
    double t = std::tanh(x[i]);
    y[i] = t * std::exp(-t * x[i]);
  }
}
double smooth_sum(const double *x, double *y, int n) {
  smooth(x, y, n);
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += y[i] * y[i];
  return s;
}
double smooth_by_hand(const double *R x, double *R y, int n, double *R x_bar) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    double t = std::tanh(x[i]), e = std::exp(-t * x[i]);
    y[i] = t * e;
    s += y[i] * y[i];
    double b = 2 * y[i], a = -t * e * b, t_bar = e * b + x[i] * a;
    x_bar[i] += t * a + (1 - t * t) * t_bar;
  }
  return s;
}
reals output(some);

const Register outputs(
    "independent outputs", some, [] { return smooth_sum(&positive[0], output.data(), some); },
    [](double *bar) {
      static reals output_bar(some);
      for (double &x : output_bar)
        x = 0;
      nabla::gradient<smooth_sum>(&positive[0], output.data(), some, bar, output_bar.data());
    },
    [](double *bar) { smooth_by_hand(&positive[0], output.data(), some, bar); });

// ---- Softmax and cross-entropy ------------------------------------------------------------------------------------

double cross_entropy(const double *logits, const int *label, int rows, int classes) {
  double loss = 0;
  for (int r = 0; r < rows; ++r) {
    const double *z = logits + r * classes;
    double best = z[0];
    for (int c = 1; c < classes; ++c)
      if (z[c] > best)
        best = z[c];
    double sum = 0;
    for (int c = 0; c < classes; ++c)
      sum += std::exp(z[c] - best);
    loss += std::log(sum) + best - z[label[r]];
  }
  return loss / rows;
}
double cross_entropy_by_hand(const double *R logits, const int *R label, int rows, int classes,
                             double *R logits_bar) {
  double loss = 0;
  reals e(classes);
  for (int r = 0; r < rows; ++r) {
    const double *R z = logits + r * classes;
    double *R z_bar = logits_bar + r * classes;
    double best = z[0];
    for (int c = 1; c < classes; ++c)
      if (z[c] > best)
        best = z[c];
    double sum = 0;
    for (int c = 0; c < classes; ++c) {
      e[c] = std::exp(z[c] - best);
      sum += e[c];
    }
    loss += std::log(sum) + best - z[label[r]];
    double scale = 1 / (sum * rows);
    for (int c = 0; c < classes; ++c)
      z_bar[c] += e[c] * scale;
    z_bar[label[r]] -= 1.0 / rows;
  }
  return loss / rows;
}

const int rows = 1000, classes = 50;
const reals logits = Random(3).list(rows * classes, -3, 3);
const std::vector<int> labels = [] {
  std::vector<int> v(rows);
  for (int r = 0; r < rows; ++r)
    v[r] = r * 7 % classes;
  return v;
}();

const Register softmax(
    "softmax, cross-entropy", rows *classes,
    [] { return cross_entropy(logits.data(), labels.data(), rows, classes); },
    [](double *bar) { nabla::gradient<cross_entropy>(logits.data(), labels.data(), rows, classes, bar); },
    [](double *bar) { cross_entropy_by_hand(logits.data(), labels.data(), rows, classes, bar); });

} // namespace
