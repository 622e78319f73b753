// More programs as C++ programmers write them: Markov models, expression trees, solvers, curves, mixtures, trees of prices.
//
// MATRIX: plugin
#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <variant>
#include <vector>
#ifdef CASES

// ---- A hidden Markov model ----

class Markov {
public:
  using Matrix = std::vector<std::vector<double>>;
  Markov(Matrix transition, Matrix emission, std::vector<double> start)
      : transition_(std::move(transition)), emission_(std::move(emission)), start_(std::move(start)) {}
  double log_likelihood(const std::vector<int> &observed) const {
    std::vector<double> alpha(start_.size());
    double log_sum = 0;
    for (std::size_t t = 0; t < observed.size(); ++t) {
      std::vector<double> next(alpha.size(), 0.0);
      for (std::size_t j = 0; j < alpha.size(); ++j) {
        if (t == 0)
          next[j] = start_[j];
        else
          for (std::size_t i = 0; i < alpha.size(); ++i)
            next[j] += alpha[i] * transition_[i][j];
        next[j] *= emission_[j][observed[t]];
      }
      double scale = std::accumulate(next.begin(), next.end(), double{});
      for (double &p : next)
        p /= scale;
      log_sum += std::log(scale);
      alpha = next;
    }
    return log_sum;
  }

private:
  Matrix transition_, emission_;
  std::vector<double> start_;
};
std::vector<double> softmax(std::vector<double> scores) {
  double largest = *std::max_element(scores.begin(), scores.end()), total = 0;
  for (double &s : scores)
    total += s = std::exp(s - largest);
  for (double &s : scores)
    s /= total;
  return scores;
}
double markov(const std::vector<double> &theta) {
  Markov::Matrix transition, emission;
  for (int i = 0; i < 2; ++i) {
    transition.push_back(softmax({theta[2 * i], theta[2 * i + 1]}));
    emission.push_back(softmax({theta[4 + 3 * i], theta[5 + 3 * i], theta[6 + 3 * i]}));
  }
  Markov model(transition, emission, {0.6, 0.4});
  return model.log_likelihood({0, 2, 1, 1, 0, 2, 2});
}

// ---- An expression, parsed and evaluated through its tree ----

namespace expression {

struct Node {
  virtual ~Node() = default;
  virtual double value(double x, double y) const = 0;
};
using Tree = std::unique_ptr<Node>;
struct Number : Node {
  explicit Number(double v) : v_(v) {}
  double value(double, double) const override { return v_; }
  double v_;
};
struct Name : Node {
  explicit Name(char n) : n_(n) {}
  double value(double x, double y) const override { return n_ == 'x' ? x : y; }
  char n_;
};
struct Binary : Node {
  Binary(char op, Tree l, Tree r) : op_(op), left_(std::move(l)), right_(std::move(r)) {}
  double value(double x, double y) const override {
    double a = left_->value(x, y), b = right_->value(x, y);
    switch (op_) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    default:
      return a / b;
    }
  }
  char op_;
  Tree left_, right_;
};
struct Sine : Node {
  explicit Sine(Tree of) : of_(std::move(of)) {}
  double value(double x, double y) const override { return std::sin(of_->value(x, y)); }
  Tree of_;
};
Tree node(char op, Tree l, Tree r) { return std::make_unique<Binary>(op, std::move(l), std::move(r)); }
double evaluated(double x, double y) {
  Tree product = node('*', std::make_unique<Name>('x'), std::make_unique<Sine>(std::make_unique<Name>('y')));
  Tree quotient =
      node('/', std::move(product), node('+', std::make_unique<Number>(2), std::make_unique<Name>('x')));
  Tree all = node('-', std::move(quotient), std::make_unique<Name>('y'));
  return all->value(x, y) + all->value(y, x * x);
}

} // namespace expression

// ---- Heat, implicit in time ----

class Tridiagonal {
public:
  Tridiagonal(std::size_t n, double diagonal, double beside) : c_(n), d_(n), beside_(beside) {
    d_[0] = diagonal;
    for (std::size_t i = 1; i < n; ++i) {
      c_[i - 1] = beside / d_[i - 1];
      d_[i] = diagonal - beside * c_[i - 1];
    }
  }
  void solve(std::vector<double> &b) const {
    b[0] /= d_[0];
    for (std::size_t i = 1; i < b.size(); ++i)
      b[i] = (b[i] - beside_ * b[i - 1]) / d_[i];
    for (std::size_t i = b.size() - 1; i-- > 0;)
      b[i] -= c_[i] * b[i + 1];
  }

private:
  std::vector<double> c_, d_;
  double beside_;
};
double heat(const std::vector<double> &start, double conductivity) {
  std::vector<double> u = start;
  double r = 0.5 * conductivity;
  Tridiagonal implicit(u.size(), 1 + 2 * r, -r);
  for (int step = 0; step < 5; ++step) {
    std::vector<double> b(u.size());
    for (std::size_t i = 0; i < u.size(); ++i) {
      double left = i > 0 ? u[i - 1] : 0.0, right = i + 1 < u.size() ? u[i + 1] : 0.0;
      b[i] = u[i] + r * (left - 2 * u[i] + right);
    }
    implicit.solve(b);
    u.swap(b);
  }
  return std::inner_product(u.begin(), u.end(), u.begin(), double{}) + u[2];
}

// ---- A yield curve ----

class Curve {
public:
  void add(double time, double rate) { nodes_.push_back({time, rate}); }
  double rate(double t) const {
    auto above = std::lower_bound(nodes_.begin(), nodes_.end(), t,
                                  [](const Node &n, double time) { return n.time < time; });
    if (above == nodes_.begin())
      return above->rate;
    if (above == nodes_.end())
      return nodes_.back().rate;
    const Node &below = *(above - 1);
    double w = (t - below.time) / (above->time - below.time);
    return below.rate + w * (above->rate - below.rate);
  }
  double discount(double t) const { return std::exp(-rate(t) * t); }

private:
  struct Node {
    double time, rate;
  };
  std::vector<Node> nodes_;
};
struct Bond {
  double coupon;
  int years;
  double price(const Curve &c) const {
    double sum = c.discount(years);
    for (int y = 1; y <= years; ++y)
      sum += coupon * c.discount(y);
    return sum;
  }
};
double portfolio(const std::vector<double> &rates) {
  Curve curve;
  const double times[] = {0.5, 1.5, 3, 5};
  for (std::size_t i = 0; i < rates.size(); ++i)
    curve.add(times[i], rates[i]);
  const std::vector<Bond> bonds{{0.04, 2}, {0.05, 4}, {0.03, 6}};
  return std::accumulate(bonds.begin(), bonds.end(), double{},
                         [&](double sum, const Bond &b) { return sum + b.price(curve); });
}

// ---- A Gaussian process ----

namespace process {

using Matrix = std::vector<std::vector<double>>;
struct Kernel {
  double width, height, noise;
  double operator()(double a, double b) const {
    double d = (a - b) / width;
    return height * std::exp(-0.5 * d * d) + (a == b ? noise : 0.0);
  }
};
Matrix cholesky(const Matrix &a) {
  Matrix l(a.size(), std::vector<double>(a.size(), 0.0));
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      double s = a[i][j];
      for (std::size_t k = 0; k < j; ++k)
        s -= l[i][k] * l[j][k];
      l[i][j] = i == j ? std::sqrt(s) : s / l[j][j];
    }
  return l;
}
double log_likelihood(double width, double height, double noise) {
  const std::vector<double> x{0.1, 0.5, 0.9, 1.6}, y{0.3, 0.8, 0.4, -0.5};
  Kernel kernel{width, height, noise};
  Matrix k(x.size(), std::vector<double>(x.size()));
  for (std::size_t i = 0; i < x.size(); ++i)
    std::transform(x.begin(), x.end(), k[i].begin(), [&](double other) { return kernel(x[i], other); });
  Matrix l = cholesky(k);
  std::vector<double> z(y);
  double sum = 0;
  for (std::size_t i = 0; i < z.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j)
      z[i] -= l[i][j] * z[j];
    z[i] /= l[i][i];
    sum += 0.5 * z[i] * z[i] + std::log(l[i][i]);
  }
  return -sum;
}

} // namespace process

// ---- A robot's arm ----

namespace arm {

template <std::size_t R, std::size_t C> class Matrix {
public:
  static Matrix identity() {
    Matrix m;
    for (std::size_t i = 0; i < R; ++i)
      m(i, i) = 1;
    return m;
  }
  double &operator()(std::size_t i, std::size_t j) { return values_[i * C + j]; }
  double operator()(std::size_t i, std::size_t j) const { return values_[i * C + j]; }
  template <std::size_t K> friend Matrix<R, K> operator*(const Matrix &a, const Matrix<C, K> &b) {
    Matrix<R, K> c;
    for (std::size_t i = 0; i < R; ++i)
      for (std::size_t j = 0; j < K; ++j)
        for (std::size_t k = 0; k < C; ++k)
          c(i, j) += a(i, k) * b(k, j);
    return c;
  }

private:
  std::array<double, R * C> values_{};
};
struct Joint {
  double angle, length;
  Matrix<3, 3> transform() const {
    auto m = Matrix<3, 3>::identity();
    m(0, 0) = m(1, 1) = std::cos(angle);
    m(1, 0) = std::sin(angle);
    m(0, 1) = -m(1, 0);
    m(0, 2) = length * m(0, 0);
    m(1, 2) = length * m(1, 0);
    return m;
  }
};
double reach(const std::vector<double> &angles, double x, double y) {
  auto pose = Matrix<3, 3>::identity();
  double bend = 0;
  for (double a : angles) {
    pose = pose * Joint{a, 0.8}.transform();
    bend += a * a;
  }
  Matrix<3, 1> tool;
  tool(0, 0) = 0.1;
  tool(2, 0) = 1;
  auto tip = pose * tool;
  return std::hypot(tip(0, 0) - x, tip(1, 0) - y) + 0.01 * bend;
}

} // namespace arm

// ---- A mixture of Gaussians, by expectation and maximisation ----

struct Component {
  double weight, mean, deviation;
  double density(double x) const {
    double z = (x - mean) / deviation;
    return weight * std::exp(-0.5 * z * z) / deviation;
  }
};
double mixture(const std::vector<double> &data, double split) {
  std::vector<Component> parts{{0.5, -split, 1.0}, {0.5, split, 1.0}};
  for (int round = 0; round < 3; ++round) {
    std::vector<std::vector<double>> share(parts.size(), std::vector<double>(data.size()));
    for (std::size_t i = 0; i < data.size(); ++i) {
      double total = 0;
      for (std::size_t k = 0; k < parts.size(); ++k)
        total += share[k][i] = parts[k].density(data[i]);
      for (auto &row : share)
        row[i] /= total;
    }
    for (std::size_t k = 0; k < parts.size(); ++k) {
      Component &c = parts[k];
      double n = std::accumulate(share[k].begin(), share[k].end(), double{}), spread = 0.1;
      c.weight = n / data.size();
      c.mean = std::inner_product(share[k].begin(), share[k].end(), data.begin(), double{}) / n;
      for (std::size_t i = 0; i < data.size(); ++i)
        spread += share[k][i] * (data[i] - c.mean) * (data[i] - c.mean);
      c.deviation = std::sqrt(spread / n);
    }
  }
  std::sort(parts.begin(), parts.end(),
            [](const Component &a, const Component &b) { return a.mean < b.mean; });
  return parts[1].mean - parts[0].mean + parts[0].deviation * parts[1].weight;
}

// ---- An American option on a binomial tree ----

double binomial(double spot, double strike, double volatility) {
  const int n = 12;
  const double dt = 1.0 / n, up = std::exp(volatility * std::sqrt(dt)), down = 1 / up;
  const double growth = std::exp(0.03 * dt), p = (growth - down) / (up - down);
  std::vector<double> value(n + 1);
  for (int i = 0; i <= n; ++i)
    value[i] = std::max<double>(strike - spot * std::pow(up, 2 * i - n), 0.0);
  for (int step = n - 1; step >= 0; --step)
    for (int i = 0; i <= step; ++i) {
      double hold = (p * value[i + 1] + (1 - p) * value[i]) / growth;
      double exercise = strike - spot * std::pow(up, 2 * i - step);
      value[i] = std::max(hold, exercise);
    }
  return value[0];
}

// ---- A circuit with a diode, by Newton's method ----

class Diode {
public:
  Diode(double saturation, double thermal) : saturation_(saturation), thermal_(thermal) {}
  std::pair<double, double> current(double v) const {
    double e = std::exp(v / thermal_);
    return {saturation_ * (e - 1), saturation_ * e / thermal_};
  }

private:
  double saturation_, thermal_;
};
double rectifier(double resistance, double capacity, double saturation) {
  Diode diode(saturation, 0.3);
  double output = 0, sum = 0;
  const double dt = 0.05;
  for (int step = 0; step < 20; ++step) {
    double source = std::sin(6.283185307179586 * step * dt), v = output;
    for (int i = 0; i < 30; ++i) {
      auto [through, slope] = diode.current(source - v);
      double residual = capacity * (v - output) / dt + v / resistance - through;
      double change = residual / (capacity / dt + 1 / resistance + slope);
      v -= change;
      if (std::fabs(change) < 1e-12)
        break;
    }
    output = v;
    sum += output * output;
  }
  return sum;
}

// ---- Contacts: the state is one of several ----

namespace contact {

struct Flying {
  double height, speed;
};
struct Resting {
  double height;
};
struct Sliding {
  double position, speed;
};
using State = std::variant<Flying, Resting, Sliding>;
State next(const State &s, double dt, double bounce, double friction) {
  if (auto *f = std::get_if<Flying>(&s)) {
    double speed = f->speed - 9.81 * dt, height = f->height + speed * dt;
    if (height > 0)
      return Flying{height, speed};
    if (std::fabs(speed) > 1.0)
      return Flying{-bounce * height, -bounce * speed};
    return Sliding{0.1 * height, 0.5 * std::fabs(speed)};
  }
  if (auto *g = std::get_if<Sliding>(&s)) {
    double speed = g->speed - friction * dt;
    if (speed > 0)
      return Sliding{g->position + speed * dt, speed};
    return Resting{g->position};
  }
  return s;
}
double final_position(double height, double bounce, double friction) {
  State s = Flying{height, 0};
  double path = 0;
  for (int i = 0; i < 150; ++i) {
    s = next(s, 0.02, bounce, friction);
    if (auto *flying = std::get_if<Flying>(&s))
      path += 0.01 * flying->height;
    else if (std::holds_alternative<Sliding>(s))
      path += 0.1 * std::get<Sliding>(s).position;
    else
      path += std::get<Resting>(s).height;
  }
  return path;
}

} // namespace contact

#else
#define CASES "idiomatic_more.cpp"
#include "twice.h"

int main() {
  VERIFY(markov, reals{0.5, -0.2, 0.1, 0.3, 0.2, 0.6, -0.4, 0.9, 0.1, -0.3});
  VERIFY(expression::evaluated, 1.3, 0.7);
  VERIFY(heat, reals{0.1, 0.9, 0.5, 0.3, 0.2}, 0.7);
  VERIFY(portfolio, reals{0.02, 0.025, 0.03, 0.034});
  VERIFY(process::log_likelihood, 0.6, 1.1, 0.2);
  VERIFY(arm::reach, reals{0.3, 0.5, -0.2}, 1.0, 1.2);
  VERIFY(mixture, reals{-1.2, -0.8, 0.9, 1.4, 1.1, -0.3}, 0.7);
  VERIFY(binomial, 100.0, 105.0, 0.25);
  VERIFY(rectifier, 2.0, 0.5, 0.05);
  VERIFY(contact::final_position, 1.3, 0.6, 0.8);
  return check::report();
}
#endif
