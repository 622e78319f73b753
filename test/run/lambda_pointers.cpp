// Pointers to functions that lambdas are converted to, functions of <cmath> among their targets, tables of them.
// FLAGS: -w
// WITHOUT: gxx clangxx
#include "check.h"
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <nabla/nabla.h>
#include <string>
#include <vector>

using Activation = double (*)(double);

double apply(double (*p)(double), double x) { return p(x) * x; }

double of_table(double x, int k) {
  static constexpr Activation table[] = {[](double t) { return 3 * t; }, [](double t) { return t * t; },
                                         std::sin, ::tanh};
  return table[k](x);
}
constexpr std::array<Activation, 2> named{[](double t) { return std::exp(t); }, std::cos};
double of_global_table(double x, int k) { return named[k](x) + 1; }

struct Layer {
  double w;
  Activation activation;
};
double net(const std::vector<Layer> &layers, double x) {
  for (const Layer &l : layers)
    x = l.activation(l.w * x);
  return x;
}

double generic(double x, bool other) {
  auto square = [](auto t) { return t * t; };
  double (*p)(double) = square;
  if (other)
    p = [](double t) noexcept { return t + 1; };
  return p(x);
}

double by_name(const std::map<std::string, Activation> &known, const std::string &name, double x) {
  return known.at(name)(x);
}

// C's way to pass a function and what it works on.
struct Line {
  double a, b;
};
double midpoint(double (*f)(double, const Line &), const Line &line, double to) {
  double sum = 0;
  for (int i = 0; i < 10; ++i)
    sum += f(to * (i + 0.5) / 10, line);
  return sum * to / 10;
}
double integral(const Line &line, double to) {
  return midpoint([](double t, const Line &l) { return l.a * t + l.b; }, line, to);
}
void scale_all(double *x, int n, void (*change)(double &)) {
  for (int i = 0; i < n; ++i)
    change(x[i]);
}
double in_place(double *x) {
  scale_all(x, 3, [](double &v) { v *= v; });
  return x[0] * x[1] + x[2];
}
float of_floats(float x, bool s) {
  float (*p)(float) = s ? +[](float t) { return t * t; } : static_cast<float (*)(float)>(std::sqrt);
  return p(x);
}

// std::function parameters that hold functions, lambdas with `auto`, function objects with several operator().
double payoff_of_call(double s) { return s > 1 ? s - 1 : 0; }
struct Overloaded {
  double k;
  double operator()(double t) const { return k * t; }
  int operator()(int) const { return 0; }
};
double price(const std::function<double(double)> &payoff, double x) { return payoff(x * x); }
double converted(std::function<double(double)> f, double x) { return 2 * f(x); }

double grad_of_apply(double (*p)(double), double x) {
  double bar = 0;
  nabla::gradient<apply, nabla::wrt<1>>(p, x, &bar);
  return bar;
}
double grad_of_price(const std::function<double(double)> &f, double x) {
  double bar = 0;
  nabla::gradient<price, nabla::wrt<1>>(f, x, &bar);
  return bar;
}

int main() {
  CHECK_NEAR(grad_of_apply([](double t) { return 3 * t * t; }, 2), 36, 1e-13);
  CHECK_NEAR(grad_of_apply(std::log, 2), std::log(2.0) + 1, 1e-14);
  const double tables[] = {3, 4, std::cos(2.0), 1 - std::tanh(2.0) * std::tanh(2.0)};
  for (int k = 0; k < 4; ++k) {
    double bar = 0;
    nabla::gradient<of_table, nabla::wrt<0>>(2.0, k, &bar);
    CHECK_NEAR(bar, tables[k], 1e-14);
  }
  for (int k = 0; k < 2; ++k) {
    double bar = 0;
    nabla::gradient<of_global_table, nabla::wrt<0>>(0.5, k, &bar);
    CHECK_NEAR(bar, k ? -std::sin(0.5) : std::exp(0.5), 1e-14);
    double other = 0;
    nabla::gradient<generic, nabla::wrt<0>>(2.0, k, &other);
    CHECK_NEAR(other, k ? 1 : 4, 1e-14);
    float small = 0;
    nabla::gradient<of_floats, nabla::wrt<0>>(4.0f, k, &small);
    CHECK_NEAR(small, k ? 8 : 0.25, 1e-6);
  }
  std::vector<Layer> layers{{0.5, std::tanh}, {2, [](double t) { return t > 0 ? t : 0.1 * t; }}};
  std::vector<Layer> layers_bar(2);
  double x_bar = 0;
  nabla::gradient<net>(layers, 0.3, layers_bar, &x_bar);
  const double slope = 1 - std::tanh(0.15) * std::tanh(0.15);
  CHECK_NEAR(x_bar, slope, 1e-14);
  CHECK_NEAR(layers_bar[0].w, 2 * slope * 0.3, 1e-14);
  CHECK_NEAR(layers_bar[1].w, std::tanh(0.15), 1e-14);
  std::map<std::string, Activation> known{{"square", [](double t) { return t * t; }}, {"erf", std::erf}};
  double name_bar = 0;
  nabla::gradient<by_name, nabla::wrt<2>>(known, std::string("square"), 2.0, &name_bar);
  nabla::gradient<by_name, nabla::wrt<2>>(known, std::string("erf"), 0.0, &name_bar);
  CHECK_NEAR(name_bar, 4 + 2 / std::sqrt(M_PI), 1e-13);
  Line line_bar{};
  double to_bar = 0;
  nabla::gradient<integral>(Line{3, 4}, 2.0, line_bar, &to_bar);
  CHECK_NEAR(line_bar.a, 2, 1e-13);
  CHECK_NEAR(line_bar.b, 2, 1e-13);
  CHECK_NEAR(to_bar, 10, 1e-12);
  double x[] = {2, 3, 4}, bars[3] = {};
  nabla::gradient<in_place>(x, bars);
  CHECK_NEAR(bars[0], 36, 1e-13);
  CHECK_NEAR(bars[1], 24, 1e-13);
  CHECK_NEAR(bars[2], 8, 1e-13);
  CHECK_NEAR(grad_of_price(payoff_of_call, 2), 4, 1e-14);
  CHECK_NEAR(grad_of_price([](auto s) { return s * s; }, 2), 32, 1e-13);
  CHECK_NEAR(grad_of_price([k = 5.0](const auto &s) { return k * s; }, 2), 20, 1e-13);
  CHECK_NEAR(grad_of_price(Overloaded{3}, 2), 12, 1e-13);
  CHECK_NEAR(grad_of_price(static_cast<double (*)(double)>(std::sqrt), 2), 1, 1e-13);
  double converted_bar = 0;
  nabla::gradient<converted, nabla::wrt<1>>([](float t) { return t * t; }, 3.0, &converted_bar);
  CHECK_NEAR(converted_bar, 12, 1e-6);
  return check::report();
}
