// Fits a two-component Gaussian mixture to the eruptions of the Old Faithful geyser by maximum likelihood.
// Usage: old_faithful [old_faithful.csv [old_faithful.svg]]
#include "mixture.hpp"
#include "plot.hpp"
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <nlopt.hpp>
#include <string>
#include <vector>

static std::vector<double> read_points(const std::string &file) {
  std::ifstream in(file);
  std::vector<double> points;
  std::string header;
  std::getline(in, header);
  double eruption, waiting;
  char comma;
  while (in >> eruption >> comma >> waiting) {
    points.push_back(eruption);
    points.push_back(waiting);
  }
  return points;
}

struct Problem {
  std::vector<double> points;
  int evaluations = 0;
};

/// NLopt's view: the value, and the gradient if it asks for one.
static double objective(const std::vector<double> &theta, std::vector<double> &gradient, void *data) {
  Problem &problem = *static_cast<Problem *>(data);
  int n = static_cast<int>(problem.points.size() / 2);
  std::vector<double> theta_bar(theta.size(), 0.0);
  double value = negative_log_likelihood_grad(theta.data(), problem.points.data(), n, theta_bar.data());
  double norm = 0;
  for (double g : theta_bar)
    norm += g * g;
  std::printf("%4d  log-likelihood %12.5f  |gradient| %10.3g\n", ++problem.evaluations, -value,
              std::sqrt(norm));
  for (std::size_t i = 0; i < gradient.size(); ++i)
    gradient[i] = theta_bar[i] / n;
  return value / n; // per eruption: L-BFGS takes the first gradient as its first step
}

/// A short and a long kind of eruption with the same spread: rough values, read off the data's range.
static std::vector<double> starting_values() {
  const double log_sd_eruption = std::log(0.5), log_sd_waiting = std::log(6.0);
  return {0.0,                                             // equal weights
          2.0, 55.0, log_sd_eruption, 0.0, log_sd_waiting, // short eruptions, short waits
          4.5, 80.0, log_sd_eruption, 0.0, log_sd_waiting};
}

static Component component(const double *p, double weight) {
  double l11 = std::exp(p[2]), l21 = p[3], l22 = std::exp(p[4]);
  return {weight, p[0], p[1], l11 * l11, l11 * l21, l21 * l21 + l22 * l22};
}

int main(int argc, char **argv) {
  std::string input = argc > 1 ? argv[1] : "old_faithful.csv",
              output = argc > 2 ? argv[2] : "old_faithful.svg";
  Problem problem{read_points(input)};
  if (problem.points.empty()) {
    std::fprintf(stderr, "no data in %s\n", input.c_str());
    return 1;
  }

  nlopt::opt optimiser(nlopt::LD_LBFGS, parameters);
  optimiser.set_min_objective(objective, &problem);
  optimiser.set_ftol_rel(1e-13);
  optimiser.set_maxeval(500);
  std::vector<double> theta = starting_values();
  double per_eruption = 0;
  try {
    optimiser.optimize(theta, per_eruption);
  } catch (const nlopt::roundoff_limited &) {
    per_eruption = optimiser.last_optimum_value(); // as exact as doubles get
  }

  double weight = 1 / (1 + std::exp(-theta[0]));
  Component found[2] = {component(&theta[1], weight), component(&theta[1 + component_size], 1 - weight)};
  std::printf("\n%d evaluations of value and gradient\n", problem.evaluations);
  for (const Component &c : found)
    std::printf("weight %.4f   mean (%.4f, %.4f)   covariance [%.5f %.5f; %.5f %.5f]\n", c.weight, c.mean_x,
                c.mean_y, c.xx, c.xy, c.xy, c.yy);
  std::printf("log-likelihood %.4f\n", -per_eruption * double(problem.points.size() / 2));
  return write_plot(output, problem.points, found) ? 0 : 1;
}
