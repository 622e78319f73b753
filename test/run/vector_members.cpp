// Classes with vectors as members: made, copied, moved, returned, grown by methods; passed to the gradient.
//
// MATRIX: plugin sanitized gxx
#ifdef CASES

class Layer {
public:
  Layer(int in, int out, double start) : w_(in * out, start), b_(out), in_(in) {}
  std::vector<double> operator()(const std::vector<double> &x) const {
    std::vector<double> y = b_;
    for (std::size_t i = 0; i < b_.size(); ++i) {
      for (int j = 0; j < in_; ++j)
        y[i] += w_[i * in_ + j] * x[j];
      y[i] = std::tanh(y[i]);
    }
    return y;
  }
  void set(int i, double x) { w_[i] = x; }
  void grow(double x) { b_.push_back(x); }
  double &bias(int i) { return b_[i]; }
  std::size_t size() const { return b_.size(); }

private:
  std::vector<double> w_, b_;
  int in_;
};
double network(const std::vector<double> &p, const std::vector<double> &x) {
  Layer first(2, 3, p[0]), second(3, 1, p[1]);
  first.set(2, p[2]);
  first.bias(1) = p[3];
  std::vector<Layer> all{first, second};
  all[1].set(1, p[0] * p[2]);
  std::vector<double> v = x;
  for (const Layer &l : all)
    v = l(v);
  return v[0];
}
double copied_objects(double a, double b) {
  Layer l(1, 2, a), m = l;
  m.bias(0) = b;
  l.grow(a * b);
  Layer n(std::move(m));
  m = l;
  m.bias(2) *= 2;
  return n({a})[1] * n({b})[0] + m.bias(2) * l.bias(2) + double(n.size() + l.size()) * a;
}
struct State {
  std::vector<double> q, v;
  double t = 0.5;
};
State moved_on(const State &s, double h) {
  State next = s;
  for (std::size_t i = 0; i < s.q.size(); ++i) {
    next.v[i] -= h * std::sin(s.q[i]);
    next.q[i] += h * next.v[i];
  }
  next.t += h;
  return next;
}
double integrated(const std::vector<double> &q, double h, int steps) {
  State s{q, std::vector<double>(q.size(), 1.0)};
  for (int k = 0; k < steps; ++k)
    s = moved_on(s, h);
  State old;
  old.q = s.v;
  return s.q[0] * s.v[1] * s.t + old.q[0] * old.t;
}
std::pair<std::vector<double>, double> normalised(std::vector<double> x) {
  double s = 0;
  for (double e : x)
    s += e * e;
  for (double &e : x)
    e /= s;
  return {x, s};
}
double pairs(const std::vector<double> &x) {
  auto [y, s] = normalised(x);
  auto both = normalised(y);
  both.first.push_back(s);
  return both.first[0] * y[1] * s + both.second * both.first.back();
}
double iterator_pair(const std::vector<double> &x) {
  auto [a, b] = std::minmax_element(x.begin(), x.end());
  return *a * *b * *b;
}
double appended(const std::vector<double> &x) {
  std::vector<double> y;
  std::transform(x.begin(), x.end(), std::back_inserter(y), [](double e) { return e * e; });
  std::copy(x.begin(), x.end() - 1, std::back_inserter(y));
  return y[0] * y[1] + y.back() * double(y.size());
}

double bound(const std::vector<double> &x) {
  std::vector<std::pair<double, int>> v{{x[0], 2}, {x[1], 3}};
  double s = 0;
  for (auto [a, n] : v)
    s += a * n;
  for (auto &[a, n] : v)
    a *= s + n++;
  return v[0].first * v[1].first * v[1].second;
}

double bound_rows(const std::vector<double> &x) {
  const std::vector<std::array<double, 2>> rows{{x[0], x[1]}, {x[1], x[2]}};
  double s = 0;
  for (auto &[a, b] : rows)
    s += a * b * b;
  for (const auto &[a, b] : rows)
    s *= a + b;
  return s;
}

#else
#include <array>
#include <iterator>
#if __has_include(<span>)
#include <span>
#endif
#include <stdexcept>
#include <vector>
#define CASES "vector_members.cpp"
#include "twice.h"

struct Model {
  std::vector<double> w;
  double b;
  std::vector<std::vector<double>> rows;
};
double predicted(const Model &m, const std::vector<double> &x) {
  double s = m.b;
  for (std::size_t i = 0; i < x.size(); ++i)
    s += m.w[i] * x[i] + m.rows[0][i] * m.rows[1][0];
  return s * s;
}
void trained(Model &m, double rate) {
  for (double &w : m.w)
    w -= rate * m.b * w;
  m.b *= m.w[0];
  m.rows.push_back(m.w);
}

void objects_as_parameters() {
  Model m{{1, 2}, 3, {{1, 0}, {2}}}, bar{{0, 0}, 0, {{0, 0}, {0}}};
  reals x{1, 1}, x_bar{0, 0};
  CHECK(nabla::gradient<predicted>(m, x, bar, x_bar) == 64);
  CHECK((bar.w == reals{16, 16} && bar.b == 16 && bar.rows[0] == reals{32, 32} && bar.rows[1] == reals{16}));
  CHECK((x_bar == reals{16, 32}));
  Model g{{1, 0}, 1, {{0, 0}, {0}, {0, 1}}};
  double rate_bar = 0;
  nabla::gradient<trained>(m, 0.5, g, &rate_bar);
  CHECK((m.w == reals{-0.5, -1} && m.b == -1.5 && m.rows.size() == 3 && m.rows[2] == m.w));
  // w' = w (1 - rate b), b' = b w0'; seeds: w0' 1, b' 1, rows[2][1] = w1' 1
  CHECK((g.w == reals{4 * -0.5, -0.5} && g.b == 4 * -0.5 * 1 + -0.5 * 2 + -0.5 && g.rows.size() == 2));
  CHECK(rate_bar == 4 * -3 * 1 + -3 * 2);
}

// An adjoint of another shape than its object gets the object's; a span that is too short is an error.
struct Layers {
  std::vector<std::vector<double>> w;
  double scale;
};
double of_layers(const Layers &l, double x) {
  double s = 0;
  for (const auto &row : l.w)
    for (double e : row)
      s += e * e * x * l.scale;
  return s;
}
#ifdef __cpp_lib_span
double of_span(std::span<const double> v) {
  double s = 0;
  for (double e : v)
    s += e * e;
  return s;
}
#endif
static void shapes() {
  Layers l{{{1, 2}, {3}}, 2}, bar{{}, 0};
  double d = 0;
  nabla::gradient<of_layers>(l, 0.5, bar, &d);
  CHECK(bar.w.size() == 2 && bar.w[0].size() == 2 && bar.w[1].size() == 1);
  CHECK_NEAR(bar.w[1][0], 6, 1e-14);
  CHECK_NEAR(bar.scale, 7, 1e-14);
#ifdef __cpp_lib_span
  std::vector<double> v = {1, 2, 3}, v_bar(2);
  std::span<double> short_bar(v_bar);
  bool thrown = false;
  try {
    nabla::gradient<of_span>(std::span<const double>(v), &short_bar);
  } catch (const std::length_error &) {
    thrown = true;
  }
  CHECK(thrown);
#endif
}

int main() {
  shapes();
  reals x{1.5, 2.5, 0.5}, p{0.3, -0.2, 0.7, 0.1};
  VERIFY(network, p, reals{0.5, -1.5});
  VERIFY(copied_objects, 0.7, 1.3);
  VERIFY(integrated, x, 0.1, 4);
  VERIFY(pairs, x);
  VERIFY(iterator_pair, x);
  VERIFY(appended, x);
  VERIFY(bound_rows, x);
  VERIFY(bound, x);
  objects_as_parameters();
  return check::report();
}
#endif
