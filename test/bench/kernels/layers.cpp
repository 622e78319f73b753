// Layers of networks: layer norm, attention of one head.
#include "bench.h"
#include <cmath>
#include <nabla/nabla.h>
#define R __restrict

namespace {

using namespace bench;

// ---- Layer norm, with a squared loss ------------------------------------------------------------------------------

/// The mean of a row; returns one over its standard deviation.
inline double scale_of(const double *row, int n, double &mean) {
  double variance = 0;
  mean = 0;
  for (int i = 0; i < n; ++i)
    mean += row[i];
  mean /= n;
  for (int i = 0; i < n; ++i)
    variance += (row[i] - mean) * (row[i] - mean);
  return 1 / std::sqrt(variance / n + 1e-5);
}
double layer_norm(const double *x, const double *gain, const double *bias, int rows, int n) {
  double loss = 0;
  for (int r = 0; r < rows; ++r) {
    const double *row = x + r * n;
    double mean, scale = scale_of(row, n, mean);
    for (int i = 0; i < n; ++i) {
      double y = gain[i] * (row[i] - mean) * scale + bias[i];
      loss += y * y * y;
    }
  }
  return loss;
}
double layer_norm_by_hand(const double *R x, const double *R gain, const double *R bias, int rows, int n,
                          double *R x_bar, double *R gain_bar, double *R bias_bar) {
  double loss = 0;
  reals g_bar(n);
  double *R h_bar = g_bar.data();
  for (int r = 0; r < rows; ++r) {
    const double *R row = x + r * n;
    double *R row_bar = x_bar + r * n;
    double mean, scale = scale_of(row, n, mean), sum = 0, moment = 0;
    for (int i = 0; i < n; ++i) {
      double h = (row[i] - mean) * scale, y = gain[i] * h + bias[i], y_bar = 3 * y * y;
      loss += y * y * y;
      gain_bar[i] += y_bar * h;
      bias_bar[i] += y_bar;
      h_bar[i] = y_bar * gain[i];
      sum += h_bar[i];
      moment += h_bar[i] * h;
    }
    for (int i = 0; i < n; ++i)
      row_bar[i] += scale * (h_bar[i] - sum / n - (row[i] - mean) * scale * moment / n);
  }
  return loss;
}

const int rows = 500, width = 256;
const reals batch = Random(40).list(rows * width, -1, 1), gains = Random(41).list(width, 0.5, 1.5),
            biases = Random(42).list(width, -1, 1);

const Register norm(
    "layer norm", rows *width + 2 * width,
    [] { return layer_norm(batch.data(), gains.data(), biases.data(), rows, width); },
    [](double *bar) {
      double *gain_bar = bar + rows * width;
      nabla::gradient<layer_norm>(batch.data(), gains.data(), biases.data(), rows, width, bar, gain_bar,
                                  gain_bar + width);
    },
    [](double *bar) {
      double *gain_bar = bar + rows * width;
      layer_norm_by_hand(batch.data(), gains.data(), biases.data(), rows, width, bar, gain_bar,
                         gain_bar + width);
    });

// ---- Attention of one head, with a squared loss ---------------------------------------------------------------------

/// p: the exponentials of one query's scaled products with all keys, the largest one 1; returns their sum.
inline double weights(const double *R q, const double *R k, int n, int d, double *R p) {
  double best = -1e300, sum = 0, factor = 1 / std::sqrt(double(d));
  for (int j = 0; j < n; ++j) {
    double s = 0;
    for (int c = 0; c < d; ++c)
      s += q[c] * k[j * d + c];
    p[j] = s * factor;
    if (p[j] > best)
      best = p[j];
  }
  for (int j = 0; j < n; ++j) {
    p[j] = std::exp(p[j] - best);
    sum += p[j];
  }
  return sum;
}
double attention(const double *q, const double *k, const double *v, int n, int d, double *p, double *out) {
  double loss = 0;
  for (int i = 0; i < n; ++i) {
    double sum = weights(q + i * d, k, n, d, p);
    for (int c = 0; c < d; ++c)
      out[c] = 0;
    for (int j = 0; j < n; ++j)
      for (int c = 0; c < d; ++c)
        out[c] += p[j] / sum * v[j * d + c];
    for (int c = 0; c < d; ++c)
      loss += out[c] * out[c];
  }
  return loss;
}
double attention_by_hand(const double *R q, const double *R k, const double *R v, int n, int d, double *R p,
                         double *R out, double *R q_bar, double *R k_bar, double *R v_bar) {
  double loss = 0, factor = 1 / std::sqrt(double(d));
  reals dots(n);
  double *R p_bar = dots.data();
  for (int i = 0; i < n; ++i) {
    double sum = weights(q + i * d, k, n, d, p);
    for (int c = 0; c < d; ++c)
      out[c] = 0;
    for (int j = 0; j < n; ++j) {
      p[j] /= sum;
      for (int c = 0; c < d; ++c)
        out[c] += p[j] * v[j * d + c];
    }
    double mean = 0;
    for (int c = 0; c < d; ++c)
      loss += out[c] * out[c];
    for (int j = 0; j < n; ++j) {
      double dot = 0;
      for (int c = 0; c < d; ++c)
        dot += 2 * out[c] * v[j * d + c];
      for (int c = 0; c < d; ++c)
        v_bar[j * d + c] += 2 * out[c] * p[j];
      p_bar[j] = dot;
      mean += dot * p[j];
    }
    for (int j = 0; j < n; ++j) {
      double s_bar = p[j] * (p_bar[j] - mean) * factor;
      for (int c = 0; c < d; ++c)
        q_bar[i * d + c] += s_bar * k[j * d + c];
      for (int c = 0; c < d; ++c)
        k_bar[j * d + c] += s_bar * q[i * d + c];
    }
  }
  return loss;
}

const int tokens = 128, head = 32, entries = tokens * head;
const reals queries = Random(43).list(entries, -1, 1), keys = Random(44).list(entries, -1, 1),
            contents = Random(45).list(entries, -1, 1);

double attend(const double *q, const double *k, const double *v) {
  double p[tokens], out[head];
  return attention(q, k, v, tokens, head, p, out);
}

const Register one_head(
    "attention, one head", 3 * entries, [] { return attend(queries.data(), keys.data(), contents.data()); },
    [](double *bar) {
      nabla::gradient<attend>(queries.data(), keys.data(), contents.data(), bar, bar + entries,
                              bar + 2 * entries);
    },
    [](double *bar) {
      double p[tokens], out[head];
      attention_by_hand(queries.data(), keys.data(), contents.data(), tokens, head, p, out, bar,
                        bar + entries, bar + 2 * entries);
    });

} // namespace
