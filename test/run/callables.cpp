// nabla::gradient(callable, ...): lambdas, with and without captures, and function objects. Plugin only: what a
// lambda captures has no name in plain C++.
//
// MATRIX: plugin sanitized
#include "check.h"
#include <cmath>
#include <functional>
#include <nabla/nabla.h>
#include <tuple>

void lambda_without_capture() {
  auto f = [](double x) { return x * x * x; };
  CHECK_NEAR(nabla::gradient(f, 2.0), 12, 1e-15);
}

void lambda_with_capture() {
  double k = 3;
  auto h = [k](double x) { return k * x * x * x; };
  CHECK_NEAR(nabla::gradient(h, 2.0), 36, 1e-15);
  double x_bar = 1;
  CHECK_NEAR(nabla::gradient(h, 2.0, &x_bar), 24, 1e-15);
  CHECK_NEAR(x_bar, 37, 1e-15);
}

void lambda_with_reference_capture() {
  double k = 3;
  auto h = [&](double x, double y) { return k * x * y; };
  auto [dx, dy] = nabla::gradient(h, 2.0, 5.0);
  CHECK_NEAR(dx, 15, 1e-15);
  CHECK_NEAR(dy, 6, 1e-15);
  k = 4;
  auto [ex, ey] = nabla::gradient(h, 2.0, 5.0);
  CHECK_NEAR(ex, 20, 1e-15);
  CHECK_NEAR(ey, 8, 1e-15);
}

double of_std_function(const std::function<double(double)> &f, double x) { return f(x) * x; }
struct Squares {
  double operator()(double x) const { return 5 * x * x; }
};

void std_function() {
  double k = 3, d = 0;
  nabla::gradient<of_std_function, nabla::wrt<1>>([k](double x) { return k * x; }, 1.5, &d);
  CHECK_NEAR(d, 9, 1e-13);
  d = 0;
  nabla::gradient<of_std_function, nabla::wrt<1>>([&k](double x) { return k * x + 1; }, 1.5, &d);
  CHECK_NEAR(d, 10, 1e-13);
  d = 0;
  nabla::gradient<of_std_function, nabla::wrt<1>>(Squares{}, 2.0, &d);
  CHECK_NEAR(d, 60, 1e-13);
}

struct Scaled {
  double k;
  double operator()(double x) const { return k * x * x; }
};

void function_object() {
  CHECK_NEAR(nabla::gradient(Scaled{5}, 3.0), 30, 1e-15);
  auto [v, d] = nabla::value_and_gradient(Scaled{5}, 3.0);
  CHECK_NEAR(v, 45, 1e-15);
  CHECK_NEAR(d, 30, 1e-15);
}

void generic_lambda() {
  CHECK_NEAR(nabla::gradient([](auto x) { return x * x * x; }, 2.0), 12, 1e-15);
  auto h = [k = 3.0](auto x, auto y) { return k * x * x * y; };
  auto [dx, dy] = nabla::gradient(h, 2.0, 3.0);
  CHECK_NEAR(dx, 36, 1e-15);
  CHECK_NEAR(dy, 12, 1e-15);
}

static void forward_mode() {
  double k = 3;
  auto h = [k](double t) { return k * t * t * t; };
  CHECK(nabla::pushforward(h, 2.0, 1.0).dot == 36);
}

// An instance that nothing has made yet when the mark is read.
template <int N> struct Fixed {
  double a[N];
};
[[nabla::gradient]] double of_instance(const Fixed<3> &v, double t) { return v.a[0] * v.a[1] * t; }
void class_template_instances() {
  Fixed<3> v{{2, 3, 4}}, v_bar{};
  double t_bar = 0;
  CHECK_NEAR(of_instance_grad(v, 5, v_bar, &t_bar), 30, 1e-15);
  CHECK_NEAR(v_bar.a[0], 15, 1e-15);
  CHECK_NEAR(t_bar, 6, 1e-15);
}

namespace {
double hidden(double p) { return std::sin(p) * p; }
} // namespace
double of_hidden(double p) {
  double d = 0;
  nabla::gradient<hidden>(p, &d);
  return d * p;
}
void unnamed_namespace() {
  const double p = 0.9;
  CHECK_NEAR(nabla::gradient<of_hidden>(p), std::sin(p) + 3 * p * std::cos(p) - p * p * std::sin(p), 1e-14);
}

int main() {
  unnamed_namespace();
  std_function();
  class_template_instances();
  forward_mode();
  generic_lambda();
  lambda_without_capture();
  lambda_with_capture();
  lambda_with_reference_capture();
  function_object();
  return check::report();
}
