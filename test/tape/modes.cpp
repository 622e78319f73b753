// Ways to ask: gradients, Jacobians by rows and columns, Hessians, any order by nesting, partial sweeps, rewinding, kept
// and accumulated adjoints, nested and explicit tapes, passive regions.
//
// RUN: %clangxx -std=c++17 -Wall -Wextra -Werror -O0 -I%include %check %s -L%lib -lnabla -o %t && %t
#include "check.h"
#include <nabla/tape.h>
#include <random>

namespace {

using nabla::basic_tape;
using nabla::basic_var;
using nabla::var;
using reals = std::vector<double>;

const auto rosenbrock = [](const auto &x) {
  std::decay_t<decltype(x[0])> sum = 0;
  for (std::size_t i = 0; i + 1 < x.size(); ++i) {
    auto a = x[i + 1] - x[i] * x[i];
    auto b = 1 - x[i];
    sum += 100 * a * a + b * b;
  }
  return sum;
};

/// n inputs to m outputs, with intermediate variables and passive outputs.
template <class V> std::vector<V> network(const std::vector<V> &x, std::size_t m) {
  std::vector<V> h = x, y;
  for (int layer = 0; layer < 3; ++layer)
    for (std::size_t i = 0; i < h.size(); ++i)
      h[i] = tanh(h[i] + 0.3 * h[(i + 1) % h.size()] * h[(i + 2) % h.size()]);
  for (std::size_t j = 0; j < m; ++j)
    y.push_back(j % 5 == 4 ? V(2.0) : h[j % h.size()] * exp(-h[(3 * j) % h.size()]));
  return y;
}

reals some(std::size_t n) {
  reals x;
  for (std::size_t i = 0; i < n; ++i)
    x.push_back(0.4 + 0.3 * std::sin(double(i)));
  return x;
}

void jacobians() {
  for (std::size_t n : {1, 3, 17})
    for (std::size_t m : {1, 4, 23}) {
      nabla::tape tape;
      std::vector<var> x(n);
      for (std::size_t i = 0; i < n; ++i)
        x[i] = some(n)[i];
      tape.watch(x);
      const std::vector<var> y = network(x, m);
      const reals by_rows = tape.jacobian_reverse<1>(y, x);
      const reals variants[] = {tape.jacobian(y, x), tape.jacobian_reverse<4>(y, x),
                                tape.jacobian_reverse<16>(y, x), tape.jacobian_forward<1>(y, x),
                                tape.jacobian_forward<8>(y, x)};
      for (const reals &j : variants)
        for (std::size_t i = 0; i < j.size(); ++i)
          CHECK(std::fabs(j[i] - by_rows[i]) <= 1e-14 * (1 + std::fabs(by_rows[i])));
    }
  // by intermediate variables: total derivatives, in both modes
  nabla::tape tape;
  var x = 2;
  tape.watch(x);
  var y = x * x, z = y * x;
  const var in[] = {y, x, y}, out[] = {z, y};
  const double expected[] = {2, 12, 2, 1, 4, 1};
  const reals r = tape.jacobian_reverse<2>(out, in), f = tape.jacobian_forward<2>(out, in);
  for (int i = 0; i < 6; ++i) {
    CHECK_NEAR(r[std::size_t(i)], expected[i], 1e-15);
    CHECK_NEAR(f[std::size_t(i)], expected[i], 1e-15);
  }
}

void second_order() {
  const reals x = some(6);
  const reals h = nabla::dynamic::hessian(rosenbrock, x);
  const reals g = nabla::dynamic::gradient(rosenbrock, x);
  for (std::size_t i = 0; i < 6; ++i) {
    reals e(6, 0.0);
    e[i] = 1;
    const auto [gradient, column] = nabla::dynamic::hvp(rosenbrock, x, e);
    for (std::size_t k = 0; k < 6; ++k) {
      CHECK_NEAR(gradient[k], g[k], 1e-13);
      CHECK(std::fabs(column[k] - h[k * 6 + i]) <= 1e-12 * (1 + std::fabs(column[k])));
      const double exact = i == k ? (i < 5 ? 1200 * x[i] * x[i] - 400 * x[i + 1] + 2 : 0) + (i > 0 ? 200 : 0)
                           : i + 1 == k ? -400 * x[i]
                           : k + 1 == i ? -400 * x[k]
                                        : 0;
      CHECK(std::fabs(h[i * 6 + k] - exact) <= 1e-11 * (1 + std::fabs(exact)));
    }
  }
  const auto square = [](const auto &v) {
    return std::vector<std::decay_t<decltype(v[0])>>{v[0] * v[1], v[1] * v[1]};
  };
  const reals j = nabla::dynamic::jacobian(square, {3, 4});
  CHECK(j == (reals{4, 3, 0, 8}));
}

/// All third derivatives of x^3 y^2 + exp(x y), by three nested tapes.
void third_order() {
  using v1 = var;
  using v2 = basic_var<v1>;
  using v3 = basic_var<v2>;
  const double x0 = 0.7, y0 = -0.4, e = std::exp(x0 * y0);
  nabla::tape t1;
  v1 p1[] = {x0, y0};
  t1.watch(p1);
  basic_tape<v1> t2;
  v2 p2[] = {p1[0], p1[1]};
  t2.watch(p2);
  basic_tape<v2> t3;
  v3 p3[] = {p2[0], p2[1]};
  t3.watch(p3);
  v3 f = p3[0] * p3[0] * p3[0] * p3[1] * p3[1] + exp(p3[0] * p3[1]);
  const std::vector<v2> g = t3.gradient(f, p3);
  const std::vector<v1> h = t2.jacobian(g, p2);
  const reals t = t1.jacobian(h, p1);
  const double xxx = 6 * y0 * y0 + y0 * y0 * y0 * e, xxy = 12 * x0 * y0 + (2 * y0 + x0 * y0 * y0) * e,
               xyy = 6 * x0 * x0 + (2 * x0 + x0 * x0 * y0) * e, yyy = x0 * x0 * x0 * e;
  const double expected[] = {xxx, xxy, xxy, xyy, xxy, xyy, xyy, yyy};
  for (std::size_t i = 0; i < 8; ++i)
    CHECK_NEAR(t[i], expected[i], 1e-13);
}

void partial_sweeps() {
  nabla::tape tape;
  var x = 2, y = 3;
  tape.watch(x, y);
  var u = x * y;
  const auto middle = tape.mark();
  var z = u * u + sin(u);
  tape.seed(z);
  tape.sweep(middle);
  CHECK_NEAR(u.adjoint(), 12 + std::cos(6.0), 1e-15);
  CHECK_NEAR(x.adjoint(), 0, 0);
  tape.sweep();
  CHECK_NEAR(x.adjoint(), 3 * (12 + std::cos(6.0)), 1e-15);
  // a path at a time
  tape.clear_adjoints();
  double expected = 0;
  for (int path = 0; path < 1000; ++path) {
    var p = u * path + x;
    for (int step = 0; step < 10; ++step)
      p = p * 0.5 + x;
    tape.seed(p, 0.001);
    tape.sweep(middle);
    tape.rewind(middle);
    expected += 0.001 * path / 1024;
  }
  CHECK_NEAR(u.adjoint(), expected, 1e-13);
  tape.sweep();
  CHECK_NEAR(y.adjoint(), 2 * expected, 1e-13);
  CHECK(tape.stats().statements == 1);
}

void kept_and_accumulated() {
  nabla::tape tape;
  var x = 2, y = 3;
  tape.watch(x, y);
  var u = x * y;
  tape.keep(u);
  var z = u * u * x;
  tape.backward(z);
  CHECK_NEAR(u.adjoint(), 24, 1e-15);
  CHECK_NEAR(x.adjoint(), 3 * 24 + 36, 1e-15);
  tape.backward(z, 2.0); // adds
  CHECK_NEAR(u.adjoint(), 72, 1e-15);
  CHECK_NEAR(x.adjoint(), 3 * 108, 1e-15);
  tape.seed(z, -1);
  tape.seed(u, 1);
  tape.sweep();
  CHECK_NEAR(x.adjoint(), 3 * 108 - 108 + 3, 1e-15);
  CHECK_NEAR(u.adjoint(), 72 - 24 + 1, 1e-15);
  tape.clear_adjoints();
  CHECK_NEAR(x.adjoint(), 0, 0);
  tape.seed(x, 5); // an input itself
  tape.sweep();
  CHECK_NEAR(x.adjoint(), 5, 0);
}

void tapes_in_tapes() {
  nabla::tape outer;
  var x = 2;
  outer.watch(x);
  var y = x * x;
  double slope = 0;
  {
    nabla::tape inner; // current until its scope ends
    var a = y.value();
    inner.watch(a);
    var b = a * a;
    inner.backward(b);
    slope = a.adjoint();
  }
  var z = y * slope;
  outer.backward(z);
  CHECK_NEAR(x.adjoint(), 2 * 2 * 8.0, 1e-15);
  // by hand
  nabla::tape other(nabla::not_current);
  var c = 5;
  {
    nabla::use_tape use(other);
    other.watch(c);
    c = c * c;
    other.backward(c);
  }
  CHECK(other.stats().statements == 1 && outer.stats().statements == 2);
  CHECK_NEAR(x.adjoint(), 32, 1e-15);
}

void passive_regions() {
  nabla::tape tape;
  var x = 2;
  tape.watch(x);
  var y = x * x;
  {
    nabla::no_grad off;
    var z = y * y + x;
    CHECK(!z.is_active() && z == 18);
    x *= 1;
  }
  CHECK(!x.is_active());
  CHECK(tape.stats().statements == 1);
  var w = y * x;
  CHECK(w.is_active());
}

/// <J u, w> == <u, J^T w> on random programs.
void dot_products() {
  std::mt19937 generator(7);
  std::uniform_real_distribution<double> uniform(-1, 1);
  for (int program = 0; program < 50; ++program) {
    nabla::tape tape;
    std::vector<var> v(5);
    for (var &x : v)
      x = uniform(generator);
    tape.watch(v);
    const std::vector<var> inputs = v;
    for (int s = 0; s < 2000; ++s) {
      const var &a = v[generator() % v.size()], &b = v[generator() % v.size()];
      switch (generator() % 6) {
      case 0:
        v.push_back(sin(a) * b + a);
        break;
      case 1:
        v.push_back(a - b);
        break;
      case 2:
        v.push_back(tanh(a + b) * a);
        break;
      case 3:
        v.push_back(0.5 * a + uniform(generator));
        break;
      case 4:
        v[generator() % v.size()] = fmax(a, b) / (2 + a * a);
        break;
      case 5:
        v.push_back(std::exp(-a * a) - b * b * 0.1);
        break;
      }
    }
    const std::vector<var> outputs(v.end() - 3, v.end());
    const reals rows = tape.jacobian_reverse<4>(outputs, inputs),
                columns = tape.jacobian_forward<8>(outputs, inputs);
    double scale = 1;
    for (double j : rows)
      scale += std::fabs(j);
    for (std::size_t i = 0; i < rows.size(); ++i)
      CHECK(std::fabs(rows[i] - columns[i]) <= 1e-12 * scale);
  }
}

} // namespace

int main() {
  jacobians();
  second_order();
  third_order();
  partial_sweeps();
  kept_and_accumulated();
  tapes_in_tapes();
  passive_regions();
  dot_products();
  return check::report();
}
