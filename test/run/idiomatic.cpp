// Programs as C++ programmers write them: classes of forces, payoffs in std::function, splines, layers, marched rays, integrators.
//
// MATRIX: plugin
#include <array>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>
#ifdef CASES

// ---- Rigid bodies and a hierarchy of forces ----

namespace rigid {

struct Vec {
  double x = 0, y = 0;
  Vec &operator+=(const Vec &o) {
    x += o.x;
    y += o.y;
    return *this;
  }
  friend Vec operator+(Vec a, const Vec &b) { return a += b; }
  friend Vec operator-(const Vec &a, const Vec &b) { return {a.x - b.x, a.y - b.y}; }
  friend Vec operator*(double s, const Vec &v) { return {s * v.x, s * v.y}; }
  double length() const { return std::sqrt(x * x + y * y); }
};
inline double cross(const Vec &a, const Vec &b) { return a.x * b.y - a.y * b.x; }

class Body {
public:
  Body(Vec position, double mass, double inertia) : position_(position), mass_(mass), inertia_(inertia) {}
  void apply(const Vec &force, const Vec &at) {
    force_ += force;
    torque_ += cross(at - position_, force);
  }
  void advance(double dt) {
    velocity_ += (dt / mass_) * force_;
    spin_ += dt * torque_ / inertia_;
    position_ += dt * velocity_;
    angle_ += dt * spin_;
    force_ = {};
    torque_ = 0;
  }
  Vec corner() const { return position_ + Vec{0.5 * std::cos(angle_), 0.5 * std::sin(angle_)}; }
  const Vec &position() const { return position_; }
  const Vec &velocity() const { return velocity_; }
  double mass() const { return mass_; }
  double energy() const {
    return 0.5 * mass_ * (velocity_.x * velocity_.x + velocity_.y * velocity_.y) +
           0.5 * inertia_ * spin_ * spin_;
  }

private:
  Vec position_, velocity_, force_;
  double angle_ = 0, spin_ = 0, torque_ = 0;
  double mass_, inertia_;
};

class Force {
public:
  virtual ~Force() = default;
  virtual void act(Body &b) const = 0;
};
class Gravity : public Force {
public:
  explicit Gravity(double g) : g_(g) {}
  void act(Body &b) const override { b.apply({0, -b.mass() * g_}, b.position()); }

private:
  double g_;
};
class Spring : public Force {
public:
  Spring(Vec anchor, double stiffness, double rest) : anchor_(anchor), stiffness_(stiffness), rest_(rest) {}
  void act(Body &b) const override {
    Vec at = b.corner(), d = anchor_ - at;
    double length = d.length();
    b.apply((stiffness_ * (length - rest_) / length) * d, at);
  }

private:
  Vec anchor_;
  double stiffness_, rest_;
};
class Drag : public Force {
public:
  explicit Drag(double c) : c_(c) {}
  void act(Body &b) const override { b.apply(-c_ * b.velocity(), b.position()); }

private:
  double c_;
};

double simulate(double stiffness, double drag, double mass) {
  std::vector<std::unique_ptr<Force>> forces;
  forces.push_back(std::make_unique<Gravity>(9.81));
  forces.push_back(std::make_unique<Spring>(Vec{0, 1}, stiffness, 0.3));
  forces.push_back(std::make_unique<Drag>(drag));
  Body body({0.2, 0.1}, mass, 0.2 * mass);
  for (int i = 0; i < 40; ++i) {
    for (const auto &f : forces)
      f->act(body);
    body.advance(0.01);
  }
  return body.energy() + body.position().y;
}

} // namespace rigid

// ---- Monte Carlo: payoffs in std::function ----

namespace pricing {

class Random {
public:
  explicit Random(unsigned seed) : state_(seed) {}
  double uniform() {
    state_ = state_ * 1664525u + 1013904223u;
    return (state_ >> 8) * (1.0 / 16777216.0);
  }
  double normal() {
    double u = uniform() + 1e-12, v = uniform();
    return std::sqrt(-2 * std::log(u)) * std::cos(6.283185307179586 * v);
  }

private:
  unsigned state_;
};
struct Market {
  double spot, rate, volatility;
};
using Payoff = std::function<double(const std::vector<double> &)>;

double price(const Market &m, double maturity, int steps, int paths, const Payoff &payoff) {
  Random random(7);
  double sum = 0, dt = maturity / steps;
  std::vector<double> path(steps + 1);
  for (int p = 0; p < paths; ++p) {
    path[0] = m.spot;
    for (int i = 1; i <= steps; ++i) {
      double drift = (m.rate - 0.5 * m.volatility * m.volatility) * dt;
      path[i] = path[i - 1] * std::exp(drift + m.volatility * std::sqrt(dt) * random.normal());
    }
    sum += payoff(path);
  }
  return std::exp(-m.rate * maturity) * sum / paths;
}
double call(double spot, double volatility, double strike) {
  Payoff european = [strike](const std::vector<double> &s) {
    return std::max<double>(s.back() - strike, 0.0);
  };
  return price({spot, 0.03, volatility}, 1.0, 4, 10, european);
}
double asian(double spot, double volatility, double strike) {
  Payoff average = [&](const std::vector<double> &s) {
    double mean = std::accumulate(s.begin(), s.end(), double{}) / s.size();
    return mean > strike ? mean - strike : 0.0;
  };
  return price({spot, 0.02, volatility}, 0.5, 3, 8, average);
}

} // namespace pricing

// ---- A natural cubic spline ----

class Spline {
public:
  Spline(std::vector<double> x, std::vector<double> y)
      : x_(std::move(x)), y_(std::move(y)), m_(x_.size(), 0.0) {
    if (x_.size() != y_.size())
      throw std::invalid_argument("sizes differ");
    const std::size_t n = x_.size();
    std::vector<double> upper(n, 0.0), right(n, 0.0);
    for (std::size_t i = 1; i + 1 < n; ++i) {
      double h0 = x_[i] - x_[i - 1], h1 = x_[i + 1] - x_[i];
      double pivot = 2 * (h0 + h1) - h0 * upper[i - 1];
      upper[i] = h1 / pivot;
      right[i] = (6 * ((y_[i + 1] - y_[i]) / h1 - (y_[i] - y_[i - 1]) / h0) - h0 * right[i - 1]) / pivot;
    }
    for (std::size_t i = n - 1; i-- > 1;)
      m_[i] = right[i] - upper[i] * m_[i + 1];
  }
  double operator()(double t) const {
    auto it = std::upper_bound(x_.begin() + 1, x_.end() - 1, t);
    std::size_t i = it - x_.begin();
    double h = x_[i] - x_[i - 1], a = x_[i] - t, b = t - x_[i - 1];
    return (m_[i - 1] * a * a * a + m_[i] * b * b * b) / (6 * h) + (y_[i - 1] / h - m_[i - 1] * h / 6) * a +
           (y_[i] / h - m_[i] * h / 6) * b;
  }

private:
  std::vector<double> x_, y_, m_;
};
double spline(const std::vector<double> &y, double at) {
  Spline s({0, 1, 2.5, 3, 4.5}, y);
  double length = 0;
  for (int i = 0; i < 10; ++i) {
    double d = s(at + 0.3 * (i + 1)) - s(at + 0.3 * i);
    length += std::sqrt(d * d + 0.09);
  }
  return length;
}

// ---- A network of layers ----

namespace network {

class Layer {
public:
  Layer(std::size_t in, std::size_t out, const double *&weights) : in_(in), out_(out) {
    w_.assign(weights, weights + in * out);
    weights += in * out;
    b_.assign(weights, weights + out);
    weights += out;
  }
  std::vector<double> forward(const std::vector<double> &x) const {
    std::vector<double> y(b_);
    for (std::size_t o = 0; o < out_; ++o)
      y[o] = std::inner_product(x.begin(), x.end(), w_.begin() + o * in_, y[o]);
    return y;
  }

private:
  std::size_t in_, out_;
  std::vector<double> w_, b_;
};
class Network {
public:
  Network(const std::vector<std::size_t> &sizes, const std::vector<double> &parameters) {
    const double *next = parameters.data();
    for (std::size_t i = 0; i + 1 < sizes.size(); ++i)
      layers_.emplace_back(sizes[i], sizes[i + 1], next);
  }
  std::vector<double> operator()(std::vector<double> x) const {
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      x = layers_[l].forward(x);
      if (l + 1 < layers_.size())
        std::transform(x.begin(), x.end(), x.begin(), [](double v) { return std::tanh(v); });
    }
    return x;
  }

private:
  std::vector<Layer> layers_;
};
double loss(const std::vector<double> &parameters) {
  Network net({2, 3, 2}, parameters);
  const double inputs[3][2] = {{0.5, -1}, {1, 2}, {-0.3, 0.8}};
  const int labels[3] = {0, 1, 1};
  double sum = 0;
  for (int k = 0; k < 3; ++k) {
    std::vector<double> scores = net({inputs[k][0], inputs[k][1]});
    double largest = *std::max_element(scores.begin(), scores.end()), total = 0;
    for (double s : scores)
      total += std::exp(s - largest);
    sum += largest + std::log(total) - scores[labels[k]];
  }
  return sum / 3;
}

} // namespace network

// ---- A ray marcher ----

namespace march {

struct Vec3 {
  double x, y, z;
};
Vec3 operator+(const Vec3 &a, const Vec3 &b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
Vec3 operator*(const Vec3 &a, double s) { return {a.x * s, a.y * s, a.z * s}; }
double dot(const Vec3 &a, const Vec3 &b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
Vec3 normalised(const Vec3 &a) { return a * (1 / std::sqrt(dot(a, a))); }

struct Scene {
  double radius, blend;
  double distance(const Vec3 &p) const {
    double sphere = std::sqrt(dot(p, p)) - radius;
    double floor = p.y + 0.8;
    double h = std::clamp<double>(0.5 + 0.5 * (floor - sphere) / blend, 0.0, 1.0);
    return floor + (sphere - floor) * h - blend * h * (1 - h);
  }
  Vec3 normal(const Vec3 &p) const {
    const double e = 1e-3;
    auto slope = [&](Vec3 step) { return distance(p + step) - distance(p + step * -1.0); };
    return normalised({slope({e, 0, 0}), slope({0, e, 0}), slope({0, 0, e})});
  }
};
std::optional<double> hit(const Scene &s, const Vec3 &origin, const Vec3 &direction) {
  double t = 0;
  for (int i = 0; i < 60; ++i) {
    double d = s.distance(origin + direction * t);
    if (d < 1e-4)
      return t;
    t += d;
    if (t > 10)
      break;
  }
  return std::nullopt;
}
double brightness(double radius, double blend, double light) {
  Scene scene{radius, blend};
  Vec3 sun = normalised({light, 1, -0.5});
  double sum = 0;
  for (int py = 0; py < 3; ++py)
    for (int px = 0; px < 3; ++px) {
      Vec3 direction = normalised({(px - 1) * 0.4, (py - 1) * 0.4, 1.0});
      Vec3 eye{0, 0, -3};
      if (std::optional<double> t = hit(scene, eye, direction)) {
        Vec3 n = scene.normal(eye + direction * *t);
        sum += std::max<double>(0.0, dot(n, sun)) / (1 + 0.1 * *t);
      } else {
        sum += 0.1;
      }
    }
  return sum;
}

} // namespace march

// ---- An adaptive integrator ----

namespace ode {

using State = std::array<double, 2>;
State axpy(const State &y, double h, const State &k) { return {y[0] + h * k[0], y[1] + h * k[1]}; }

/// Bogacki and Shampine's pair, with steps that follow the error.
template <class F> State integrate(const F &f, State y, double t, double end, double tolerance, int &steps) {
  double h = 0.1;
  while (t < end) {
    if (t + h > end)
      h = end - t;
    State k1 = f(t, y), k2 = f(t + h / 2, axpy(y, h / 2, k1)), k3 = f(t + 0.75 * h, axpy(y, 0.75 * h, k2));
    State next;
    for (int i = 0; i < 2; ++i)
      next[i] = y[i] + h * (2 * k1[i] + 3 * k2[i] + 4 * k3[i]) / 9;
    State k4 = f(t + h, next);
    double error = 0;
    for (int i = 0; i < 2; ++i) {
      double e = h * (-5 * k1[i] / 72 + k2[i] / 12 + k3[i] / 9 - k4[i] / 8);
      error = std::max<double>(error, std::fabs(e));
    }
    if (error <= tolerance) {
      t += h;
      y = next;
      ++steps;
    }
    h *= error <= tolerance / 4 ? 1.5 : error > tolerance ? 0.5 : 1.0;
  }
  return y;
}
double pendulum(double length, double damping, double start) {
  int steps = 0;
  auto f = [=](double, const State &y) {
    return State{y[1], -9.81 / length * std::sin(y[0]) - damping * y[1]};
  };
  State end = integrate(f, State{start, 0}, 0, 1, 1e-3, steps);
  return end[0] * end[0] + 0.1 * end[1] + 0.001 * steps;
}

} // namespace ode

#else
#define CASES "idiomatic.cpp"
#include "twice.h"

int main() {
  VERIFY(rigid::simulate, 30.0, 0.4, 1.5);
  VERIFY(pricing::call, 100.0, 0.25, 98.0);
  VERIFY(pricing::asian, 100.0, 0.3, 97.0);
  VERIFY(spline, reals{0.5, 1.2, -0.3, 0.8, 1.1}, 0.4);
  VERIFY(network::loss,
         reals{0.1, -0.2, 0.4, 0.3, 0.2, -0.5, 0.05, 0.1, -0.1, 0.7, -0.3, 0.2, 0.4, 0.6, -0.8, 0.01, 0.02});
  VERIFY(march::brightness, 0.7, 0.3, 0.4);
  VERIFY(ode::pendulum, 1.2, 0.3, 0.8);
  return check::report();
}
#endif
