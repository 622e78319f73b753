// Calls: by value, by reference, a large struct by reference, recursion.
#include "bench.h"
#include <cmath>
#include <nabla/nabla.h>
#define R __restrict

namespace {

using namespace bench;

// ---- Depth 3, by value and by reference -------------------------------------------------------------------------------

double leaf(double x, double y) { return std::sin(x) * y + x; }
double middle(double x, double y) { return leaf(x, y) * leaf(y, x); }
double outer(double x, double y) { return middle(x * y, x + y) + y; }
double by_value(const double *x, int n) {
  double s = 0;
  for (int i = 0; i + 1 < n; ++i)
    s += outer(x[i], x[i + 1]);
  return s;
}
double by_value_by_hand(const double *R x, int n, double *R x_bar) {
  double s = 0;
  for (int i = 0; i + 1 < n; ++i) {
    double p = x[i] * x[i + 1], q = x[i] + x[i + 1];
    double sp = std::sin(p), sq = std::sin(q), f = sp * q + p, g = sq * p + q;
    s += f * g + x[i + 1];
    double p_bar = g * (std::cos(p) * q + 1) + f * sq, q_bar = g * sp + f * (std::cos(q) * p + 1);
    x_bar[i] += p_bar * x[i + 1] + q_bar;
    x_bar[i + 1] += p_bar * x[i] + q_bar + 1;
  }
  return s;
}

void add_leaf(const double &x, double &y) { y += std::sin(x) * y; }
void add_middle(const double &x, double &y) {
  add_leaf(x, y);
  y *= 0.5;
}
void add_outer(const double &x, double &y) {
  add_middle(x, y);
  add_leaf(x, y);
}
double by_reference(const double *x, int n) {
  double y = 1;
  for (int i = 0; i < n; ++i)
    add_outer(x[i], y);
  return y;
}
double by_reference_by_hand(const double *R x, int n, double *R x_bar) {
  static reals kept;
  kept.resize(n);
  double y = 1;
  for (int i = 0; i < n; ++i) {
    kept[i] = y;
    double f = 1 + std::sin(x[i]);
    y = 0.5 * y * f * f;
  }
  double y_bar = 1;
  for (int i = n; i-- > 0;) {
    double f = 1 + std::sin(x[i]);
    x_bar[i] += y_bar * kept[i] * f * std::cos(x[i]);
    y_bar *= 0.5 * f * f;
  }
  return y;
}

const int calls = 100000, updates = 1000;
const reals inputs = Random(30).list(calls, 0.2, 0.6);

const Register value_calls(
    "calls by value, depth 3", calls, [] { return by_value(inputs.data(), calls); },
    [](double *bar) { nabla::gradient<by_value>(inputs.data(), calls, bar); },
    [](double *bar) { by_value_by_hand(inputs.data(), calls, bar); });
const Register reference_calls(
    "calls by reference, depth 3", updates, [] { return by_reference(inputs.data(), updates); },
    [](double *bar) { nabla::gradient<by_reference>(inputs.data(), updates, bar); },
    [](double *bar) { by_reference_by_hand(inputs.data(), updates, bar); });

// ---- A struct of 1000 reals by reference, 10 touched per step --------------------------------------------------------

struct Model {
  double w[1000];
};

void update(Model &m, double x, int at) {
  for (int k = 0; k < 10; ++k)
    m.w[at + k] = m.w[at + k] * 0.9 + x * std::sin(m.w[at + k]);
}
double train(const double *x, int n) {
  Model m;
  for (int i = 0; i < 1000; ++i)
    m.w[i] = 0.001 * i;
  for (int i = 0; i < n; ++i)
    update(m, x[i], i * 37 % 990);
  double s = 0;
  for (int i = 0; i < 1000; ++i)
    s += m.w[i] * m.w[i];
  return s;
}
double train_by_hand(const double *R x, int n, double *R x_bar) {
  double w[1000], b[1000];
  static reals kept;
  kept.resize(std::size_t(n) * 10);
  for (int i = 0; i < 1000; ++i)
    w[i] = 0.001 * i;
  for (int i = 0; i < n; ++i) {
    int at = i * 37 % 990;
    for (int k = 0; k < 10; ++k) {
      double v = w[at + k];
      kept[std::size_t(i) * 10 + k] = v;
      w[at + k] = v * 0.9 + x[i] * std::sin(v);
    }
  }
  double s = 0;
  for (int i = 0; i < 1000; ++i) {
    s += w[i] * w[i];
    b[i] = 2 * w[i];
  }
  for (int i = n; i-- > 0;) {
    int at = i * 37 % 990;
    double sum = 0;
    for (int k = 0; k < 10; ++k) {
      double v = kept[std::size_t(i) * 10 + k], d = b[at + k];
      sum += d * std::sin(v);
      b[at + k] = d * (0.9 + x[i] * std::cos(v));
    }
    x_bar[i] += sum;
  }
  return s;
}

const int touches = 10000;

const Register large_struct(
    "struct by reference", touches, [] { return train(inputs.data(), touches); },
    [](double *bar) { nabla::gradient<train>(inputs.data(), touches, bar); },
    [](double *bar) { train_by_hand(inputs.data(), touches, bar); });

// ---- Recursion ---------------------------------------------------------------------------------------------------------

double chain(const double *x, int n, double y) {
  if (n == 0)
    return y;
  return chain(x + 1, n - 1, std::sin(y) * x[0] + y);
}
double chain_back(const double *x, int n, double y, double *x_bar, double &y_bar) {
  if (n == 0) {
    y_bar = 1;
    return y;
  }
  double sine = std::sin(y);
  double value = chain_back(x + 1, n - 1, sine * x[0] + y, x_bar + 1, y_bar);
  x_bar[0] += sine * y_bar;
  y_bar *= 1 + x[0] * std::cos(y);
  return value;
}
double recursion(const double *x, int n) { return chain(x, n, 0.5); }
void recursion_by_hand(const double *R x, int n, double *R x_bar) {
  double y_bar;
  chain_back(x, n, 0.5, x_bar, y_bar);
}

Register recursive(const char *name, int depth) {
  return {name, std::size_t(depth), [=] { return recursion(inputs.data(), depth); },
          [=](double *bar) { nabla::gradient<recursion>(inputs.data(), depth, bar); },
          [=](double *bar) { recursion_by_hand(inputs.data(), depth, bar); }};
}

const Register recursions[] = {recursive("recursion depth 500", 500),
                               recursive("recursion depth 2000", 2000)};

} // namespace
