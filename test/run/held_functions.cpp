// std::function objects that callers keep in classes, vectors and maps; function objects and functions in them; constructors
// that take them; classes with virtual functions that hold one.
// FLAGS: -w
// WITHOUT: gxx clangxx
#include "check.h"
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <nabla/nabla.h>
#include <string>
#include <vector>

struct Scaled { // a function object
  double k;
  double operator()(double t) const { return k * t * t; }
};
double cube(double t) { return t * t * t; }

// ---- Members of parameters ----
struct Option {
  std::function<double(double)> payoff;
  double weight;
};
double price(const Option &o, double x) { return o.payoff(x * x) * o.weight; }
double reweighted(Option &o, double x) { // its other members change
  o.weight *= x;
  return o.payoff(x) * o.weight;
}
struct Layer {
  std::vector<double> w;
  std::function<double(double)> activation;
  double forward(double x) const { return activation(w[0] * x + w[1]); }
};
double net(const std::vector<Layer> &layers, double x) {
  for (const Layer &l : layers)
    x = l.forward(x);
  return x;
}
double chained(const std::vector<std::function<double(double)>> &steps, double x) {
  for (const auto &step : steps)
    x = step(x);
  return x;
}
double by_name(const std::map<std::string, std::function<double(double, double)>> &known,
               const std::string &name, double x) {
  return known.at(name)(x, 2) + (known.count("none") ? 1 : 0);
}
double or_one(const Option &o, double x) { return o.payoff ? o.payoff(x) : x; }
struct Step {
  std::function<double(double, int)> f;
  double size;
};
double walked(const Step &s, double x) {
  for (int i = 0; i < 12; ++i) {
    nabla::checkpoint(3);
    x = s.size * s.f(x, i);
  }
  return x;
}
class Model {
public:
  explicit Model(std::function<double(double, double)> g) : g_(std::move(g)) {}
  double operator()(double x) const { return g_(x, 2 * x); }

private:
  std::function<double(double, double)> g_;
};
double of_model(const Model &m, double x) { return m(x) + x; }

// ---- Made inside ----
struct Runner {
  std::function<double(double)> f;
  double run(double x) const { return f(x); }
};
double runs(double x, double k) {
  Runner r{[k](double t) { return k * t * t; }};
  Model m([x](double a, double b) { return a * b * x; });
  return r.run(x) + m(k);
}
double function_objects(double x, double k) {
  std::function<double(double)> f = Scaled{k};
  double first = f(x);
  f = cube;
  first += f(x);
  f = static_cast<double (*)(double)>(std::sin);
  first += f(k);
  std::function<double(double, double)> op = std::plus<>();
  op = x > 0 ? std::function<double(double, double)>(std::multiplies<>()) : op;
  return first + op(x, k);
}
struct Unit {
  virtual ~Unit() = default;
  virtual double run(double) const = 0;
};
struct Active : Unit {
  std::function<double(double)> f;
  explicit Active(std::function<double(double)> g) : f(std::move(g)) {}
  double run(double v) const override { return f(v); }
};
struct Twice : Unit {
  double run(double v) const override { return 2 * v; }
};
double of_units(double x, double y) {
  std::vector<std::unique_ptr<Unit>> all;
  all.push_back(std::make_unique<Active>([x](double v) { return x * v; }));
  all.push_back(std::make_unique<Twice>());
  double v = y;
  for (auto &u : all)
    v = u->run(v);
  return v;
}

using Real = std::function<double(double)>;
double given(Real g, double x) { return g(x) * x; } // by value
double gives(const Option &o, double x) { return given(o.payoff, x); }
double kept_everywhere(double x, double y) {
  std::map<int, Real> m;
  m[0] = [x](double t) { return t * t * x; };
  m[1] = [y](double t) { return t + y; };
  Option o{[x](double t) { return t * x; }, y};
  std::vector<Real> v(3, Real([y](double t) { return t * y; }));
  v.erase(v.begin());
  v[0] = m[1];
  v.push_back([](double t) { return t + 1; });
  std::swap(v[0], v[2]);
  return m[0](y) + m[1](x) + given(o.payoff, y) + gives(o, x) + v[0](x) + v[1](y) + v.back()(3);
}
class Pipe {
public:
  void add(Real g) { steps_.push_back(std::move(g)); }
  double run(double v) const {
    for (const Real &s : steps_)
      v = s(v);
    return v;
  }

private:
  std::vector<Real> steps_;
};
double piped(double x, double y) {
  Pipe p;
  p.add([x](double t) { return t * x; });
  p.add([&](double t) { return t + y; });
  p.add([](double t) { return t * t; });
  return p.run(y);
}
struct Fixed {
  Real f;
  double w = 1;
};
double assigned(double x, double y) {
  Fixed a{[x](double t) { return t * x; }, y}, b{[y](double t) { return t + y; }, x}, c = a;
  a = b;
  std::map<int, Real> m;
  m[1] = [x](double t) { return t * x; };
  m[0] = a.f;
  double s = y;
  for (auto &[k, g] : m)
    s = g(s) + k;
  return s * c.f(x) * a.w;
}
double moved(double x, double y) {
  Option o{[x](double t) { return t * x; }, y};
  Real g = std::move(o.payoff);
  return g(y) * (o.payoff ? 2 : 1);
}

double grad_of_price(const Option &o, double x, Option &bar) {
  double x_bar = 0;
  nabla::gradient<price>(o, x, bar, &x_bar);
  return x_bar;
}

int main() {
  double k = 5, offset = 1;
  const std::function<double(double)> held[] = {[](double s) { return 3 * s; },
                                                [k](double s) { return k * s * s; },
                                                [&offset](double s) { return s + offset; },
                                                Scaled{2},
                                                cube,
                                                static_cast<double (*)(double)>(std::cos)};
  const double x = 1.5, s = x * x;
  const double slopes[] = {3, 2 * k * s, 1, 4 * s, 3 * s * s, -std::sin(s)};
  for (int i = 0; i < 6; ++i) {
    Option o{held[i], 2}, bar{};
    CHECK_NEAR(grad_of_price(o, x, bar), slopes[i] * 2 * x * 2, 1e-12);
    CHECK_NEAR(bar.weight, held[i](s), 1e-12);
  }
  Option changed{held[1], 2}, changed_bar{};
  double x_bar = 0;
  nabla::gradient<reweighted>(changed, x, changed_bar, &x_bar);
  CHECK_NEAR(x_bar, k * 3 * s * 2, 1e-12);
  CHECK_NEAR(changed.weight, 3, 1e-14);
  CHECK_NEAR(changed.payoff(1), k, 1e-14); // as it was

  std::vector<Layer> layers{{{0.5, 0.1}, held[1]}, {{2, -1}, [](double t) { return std::tanh(t); }}},
      layers_bar(2);
  x_bar = 0;
  nabla::gradient<net>(layers, 0.3, layers_bar, &x_bar);
  const double a = 0.25, h = k * a * a, t = std::tanh(2 * h - 1), dt = 1 - t * t;
  CHECK_NEAR(x_bar, dt * 2 * 2 * k * a * 0.5, 1e-12);
  CHECK_NEAR(layers_bar[0].w[0], dt * 2 * 2 * k * a * 0.3, 1e-12);
  CHECK_NEAR(layers_bar[1].w[1], dt, 1e-12);

  std::vector<std::function<double(double)>> steps{held[0], held[3], cube};
  x_bar = 0;
  nabla::gradient<chained, nabla::wrt<1>>(steps, x, &x_bar);
  CHECK_NEAR(x_bar, 3 * std::pow(18 * s, 2) * 36 * x, 1e-8);

  std::map<std::string, std::function<double(double, double)>> known{
      {"power", [](double b, double e) { return std::pow(b, e); }}, {"times", std::multiplies<double>()}};
  for (const char *name : {"power", "times"}) {
    x_bar = 0;
    nabla::gradient<by_name, nabla::wrt<2>>(known, std::string(name), x, &x_bar);
    CHECK_NEAR(x_bar, name[0] == 'p' ? 2 * x : 2, 1e-12);
  }
  x_bar = 0;
  nabla::gradient<or_one, nabla::wrt<1>>(Option{}, x, &x_bar);
  CHECK_NEAR(x_bar, 1, 1e-15);
  x_bar = 0;
  nabla::gradient<of_model, nabla::wrt<1>>(Model([](double p, double q) { return p * q; }), x, &x_bar);
  CHECK_NEAR(x_bar, 4 * x + 1, 1e-13);

  double runs_bar[2] = {};
  nabla::gradient<runs>(x, 2.0, &runs_bar[0], &runs_bar[1]);
  CHECK_NEAR(runs_bar[0], 2 * 2 * x + 8, 1e-12); // k x^2 + 2 k^2 x
  CHECK_NEAR(runs_bar[1], x * x + 8 * x, 1e-12);
  double objects_bar[2] = {};
  nabla::gradient<function_objects>(x, 2.0, &objects_bar[0], &objects_bar[1]);
  CHECK_NEAR(objects_bar[0], 2 * 2 * x + 3 * x * x + 2, 1e-12);
  CHECK_NEAR(objects_bar[1], x * x + std::cos(2.0) + x, 1e-12);
  double units_bar[2] = {};
  nabla::gradient<of_units>(3.0, 2.0, &units_bar[0], &units_bar[1]);
  CHECK_NEAR(units_bar[0], 4, 1e-14);
  CHECK_NEAR(units_bar[1], 6, 1e-14);
  double kept_bar[2] = {};
  nabla::gradient<kept_everywhere>(3.0, 2.0, &kept_bar[0], &kept_bar[1]);
  CHECK_NEAR(kept_bar[0], 37, 1e-13);
  CHECK_NEAR(kept_bar[1], 30, 1e-13);
  double assigned_bar[2] = {};
  nabla::gradient<assigned>(3.0, 2.0, &assigned_bar[0], &assigned_bar[1]);
  CHECK_NEAR(assigned_bar[0], 459, 1e-12);
  CHECK_NEAR(assigned_bar[1], 162, 1e-12);
  double piped_bar[2] = {};
  nabla::gradient<piped>(3.0, 2.0, &piped_bar[0], &piped_bar[1]);
  CHECK_NEAR(piped_bar[0], 32, 1e-13);
  CHECK_NEAR(piped_bar[1], 64, 1e-13);
  double moved_bar[2] = {};
  nabla::gradient<moved>(3.0, 2.0, &moved_bar[0], &moved_bar[1]);
  CHECK_NEAR(moved_bar[0], 2, 1e-15);
  CHECK_NEAR(moved_bar[1], 3, 1e-15);

  x_bar = 0;
  nabla::gradient<walked, nabla::wrt<1>>(Step{[k](double t, int) { return k * t; }, 0.2}, x, &x_bar);
  CHECK_NEAR(x_bar, std::pow(0.2 * k, 12), 1e-13);

  // What changes itself, or leads into its own object, is told when it runs.
  auto throws = [&](const Option &o) {
    try {
      Option bar{};
      (void)grad_of_price(o, x, bar);
    } catch (const std::logic_error &) {
      return true;
    }
    return false;
  };
  CHECK(throws({[n = 0](double t) mutable { return ++n * t; }, 1}));
  Option own{{}, 2};
  own.payoff = [&w = own.weight](double t) { return w * t; };
  CHECK(throws(own));
  return check::report();
}
