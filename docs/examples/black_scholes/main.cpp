// The Greeks of a European call, in closed form and by Monte Carlo, on the tape.
// Usage: black_scholes [black_scholes.svg]
#include "model.hpp"
#include "plot.hpp"
#include <array>
#include <cstdio>
#include <nabla/tape.h>
#include <random>

namespace {

constexpr int steps = 16;
using Parameters = std::array<double, 5>; // spot, strike, volatility, rate, time
using Dual = nabla::basic_dual<double>;

/// Price, its gradient, and the derivative of the gradient by the spot: gamma is its first entry.
struct Greeks {
  double price = 0;
  Parameters first{}, second{};
};

Greeks closed_form(const Parameters &p) {
  auto price = [](const auto &x) { return model::call(x[0], x[1], x[2], x[3], x[4]); };
  const std::vector<double> x(p.begin(), p.end());
  const auto [gradient, by_spot] = nabla::dynamic::hvp(price, x, {1, 0, 0, 0, 0});
  Greeks g;
  g.price = price(x);
  for (std::size_t i = 0; i < p.size(); ++i) {
    g.first[i] = gradient[i];
    g.second[i] = by_spot[i];
  }
  return g;
}

/// Sums of an estimate and of its square.
struct Estimate {
  double sum = 0, squares = 0;
  int count = 0;
  void add(double x) { sum += x, squares += x * x, ++count; }
  double mean() const { return sum / count; }
  double error() const { return std::sqrt((squares / count - mean() * mean()) / count); }
};
struct Estimates {
  Estimate price;
  std::array<Estimate, 5> first, second;
};

/// Every path is one statement of the tape: the static gradient of model::path.
void first_order(const Parameters &p, const std::vector<double> &z, Estimates &e) {
  nabla::tape tape;
  std::array<nabla::var, 5> x;
  std::copy(p.begin(), p.end(), x.begin());
  tape.watch(x);
  const auto start = tape.mark();
  for (std::size_t i = 0; i < z.size(); i += steps) {
    nabla::var payoff =
        nabla::on_tape<model::path<double>>(z.data() + i, steps, x[0], x[1], x[2], x[3], x[4]);
    tape.backward(payoff);
    e.price.add(payoff.value());
    for (std::size_t k = 0; k < x.size(); ++k)
      e.first[k].add(x[k].adjoint());
    tape.clear_adjoints();
    tape.rewind(start);
  }
}

/// The same paths on a tape over dual numbers, which carry the derivative by the spot.
void second_order(const Parameters &p, const std::vector<double> &z, Estimates &e) {
  nabla::basic_tape<Dual> tape;
  std::array<nabla::basic_var<Dual>, 5> x;
  for (std::size_t k = 0; k < x.size(); ++k)
    x[k] = Dual(p[k], k == 0 ? 1.0 : 0.0);
  tape.watch(x);
  const auto start = tape.mark();
  for (std::size_t i = 0; i < z.size(); i += steps) {
    tape.backward(model::path(z.data() + i, steps, x[0], x[1], x[2], x[3], x[4]));
    for (std::size_t k = 0; k < x.size(); ++k)
      e.second[k].add(x[k].adjoint().dot);
    tape.clear_adjoints();
    tape.rewind(start);
  }
}

Estimates monte_carlo(const Parameters &p, int paths) {
  std::mt19937_64 generator(1973);
  std::normal_distribution<double> normal;
  std::vector<double> z(std::size_t(paths) * steps);
  for (double &one : z)
    one = normal(generator);
  Estimates e;
  first_order(p, z, e);
  second_order(p, z, e);
  return e;
}

void print(const char *name, double exact, const Estimate &e) {
  std::printf("%-6s %12.6f %12.6f +- %.6f   %5.2f sigma\n", name, exact, e.mean(), e.error(),
              (e.mean() - exact) / e.error());
}

} // namespace

int main(int count, char **arguments) {
  const Parameters p = {100, 100, 0.2, 0.05, 1};
  const Greeks exact = closed_form(p);
  const Estimates e = monte_carlo(p, 100000);
  std::printf("%-6s %12s %12s\n", "", "closed form", "Monte Carlo");
  print("price", exact.price, e.price);
  print("delta", exact.first[0], e.first[0]);
  print("vega", exact.first[2], e.first[2]);
  print("rho", exact.first[3], e.first[3]);
  print("dTime", exact.first[4], e.first[4]);
  print("gamma", exact.second[0], e.second[0]);
  print("vanna", exact.second[2], e.second[2]);

  std::vector<Point> curve, points;
  for (double spot = 60; spot <= 140; spot += 1) {
    const Greeks g = closed_form({spot, 100, 0.2, 0.05, 1});
    curve.push_back({spot, g.first[0], 0, g.second[0], 0});
  }
  for (double spot = 65; spot <= 135; spot += 5) {
    const Estimates at = monte_carlo({spot, 100, 0.2, 0.05, 1}, 2000);
    points.push_back(
        {spot, at.first[0].mean(), at.first[0].error(), at.second[0].mean(), at.second[0].error()});
  }
  const char *file = count > 1 ? arguments[1] : "black_scholes.svg";
  if (!write_plot(file, curve, points))
    return std::printf("cannot write %s\n", file), 1;
  std::printf("wrote %s\n", file);
}
