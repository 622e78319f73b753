// A pair potential with cutoff; a loop that fills and reads a std::vector.
#include "../primals.h"
#include "bench.h"
#include <algorithm>
#include <cmath>
#include <nabla/nabla.h>
#define R __restrict

namespace {

using namespace bench;
using primals::distance;
using primals::Distance;

// ---- Lennard-Jones potential with cutoff ------------------------------------------------------------------------------

double pairs(const double *x, int n, double cutoff) {
  double e = 0;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < i; ++j) {
      Distance d = distance(x, i, j);
      double square = d.squared();
      if (square < cutoff * cutoff) {
        double inverse = 1 / square, six = inverse * inverse * inverse;
        e += 4 * (six * six - six);
      }
    }
  return e;
}
double pairs_by_hand(const double *R x, int n, double cutoff, double *R x_bar) {
  double e = 0;
  for (int i = 0; i < n; ++i) {
    double xi = 0, yi = 0, zi = 0;
    for (int j = 0; j < i; ++j) {
      Distance d = distance(x, i, j);
      double square = d.squared();
      if (square < cutoff * cutoff) {
        double inverse = 1 / square, six = inverse * inverse * inverse;
        e += 4 * (six * six - six);
        double k = -24 * (2 * six - 1) * six * inverse;
        xi += k * d.x, yi += k * d.y, zi += k * d.z;
        x_bar[3 * j] -= k * d.x, x_bar[3 * j + 1] -= k * d.y, x_bar[3 * j + 2] -= k * d.z;
      }
    }
    x_bar[3 * i] += xi, x_bar[3 * i + 1] += yi, x_bar[3 * i + 2] += zi;
  }
  return e;
}

const int side = 8, particles = side * side * side;
const double cutoff = 2.5;
const reals lattice = [] {
  reals x;
  Random random(50);
  for (int i = 0; i < particles; ++i)
    for (int at : {i % side, i / side % side, i / side / side})
      x.push_back(1.2 * at + random.uniform(-0.1, 0.1));
  return x;
}();

const Register potential(
    "pair potential, cutoff", 3 * particles, [] { return pairs(lattice.data(), particles, cutoff); },
    [](double *bar) { nabla::gradient<pairs, nabla::wrt<0>>(lattice.data(), particles, cutoff, bar); },
    [](double *bar) { pairs_by_hand(lattice.data(), particles, cutoff, bar); });

// ---- A std::vector read in a loop, and one that grows -----------------------------------------------------------------

inline std::vector<double> products(const std::vector<double> &x) {
  std::vector<double> y;
  for (std::size_t i = 0; i + 1 < x.size(); ++i)
    y.push_back(x[i] * x[i + 1] + 0.5 * x[i]);
  return y;
}
double smoothed(const std::vector<double> &x) {
  std::vector<double> y = products(x);
  double s = 0;
  for (std::size_t i = 0; i < y.size(); ++i)
    s += y[i] * y[i];
  return s;
}
double smoothed_by_hand(const std::vector<double> &x, double *R x_bar) {
  std::vector<double> y = products(x);
  double s = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    s += y[i] * y[i];
    double y_bar = 2 * y[i];
    x_bar[i] += y_bar * (x[i + 1] + 0.5);
    x_bar[i + 1] += y_bar * x[i];
  }
  return s;
}
double dot_of(const std::vector<double> &x, const std::vector<double> &w) {
  double s = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    s += x[i] * w[i] * x[i];
  return s;
}
double dot_of_by_hand(const std::vector<double> &x, const std::vector<double> &w, double *R x_bar,
                      double *R w_bar) {
  double s = 0;
  const double *R a = x.data(), *R b = w.data();
  for (std::size_t i = 0, n = x.size(); i < n; ++i) {
    s += a[i] * b[i] * a[i];
    x_bar[i] += 2 * a[i] * b[i];
    w_bar[i] += a[i] * a[i];
  }
  return s;
}

const int length = 20000;
const reals first = Random(51).list(length, -1, 1), second = Random(52).list(length, -1, 1);

const Register vectors(
    "vector, read in a loop", 2 * length, [] { return dot_of(first, second); },
    [](double *bar) {
      static reals x_bar(length), w_bar(length);
      std::fill(x_bar.begin(), x_bar.end(), 0.0), std::fill(w_bar.begin(), w_bar.end(), 0.0);
      nabla::gradient<dot_of>(first, second, x_bar, w_bar);
      std::copy(x_bar.begin(), x_bar.end(), bar), std::copy(w_bar.begin(), w_bar.end(), bar + length);
    },
    [](double *bar) {
      static reals x_bar(length), w_bar(length);
      std::fill(x_bar.begin(), x_bar.end(), 0.0), std::fill(w_bar.begin(), w_bar.end(), 0.0);
      dot_of_by_hand(first, second, x_bar.data(), w_bar.data());
      std::copy(x_bar.begin(), x_bar.end(), bar), std::copy(w_bar.begin(), w_bar.end(), bar + length);
    });
const Register growing(
    "vector that grows", length, [] { return smoothed(first); },
    [](double *bar) {
      static reals x_bar(length);
      std::fill(x_bar.begin(), x_bar.end(), 0.0);
      nabla::gradient<smoothed>(first, x_bar);
      std::copy(x_bar.begin(), x_bar.end(), bar);
    },
    [](double *bar) { smoothed_by_hand(first, bar); });

} // namespace
