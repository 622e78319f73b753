// Nodes that are more than a statement: external functions, checkpointed and preaccumulated segments, linear systems,
// fixed points; in both directions, with lanes and on nested tapes. Statistics and the graph.
//
// RUN: %clangxx -std=c++17 -Wall -Wextra -Werror -O0 -I%include %check %s -L%lib -lnabla -o %t && %t
#include "check.h"
#include <nabla/tape.h>
#include <sstream>

namespace {

using nabla::basic_tape;
using nabla::basic_var;
using nabla::var;
using reals = std::vector<double>;

/// The Jacobian of f at x in four ways on one tape, and its Hessian sums on two, against those of the plain g.
template <class F, class G> void compare(F f, G g, const reals &x, double tolerance = 1e-12) {
  const reals expected = nabla::dynamic::jacobian(g, x);
  nabla::tape tape;
  std::vector<var> v(x.begin(), x.end());
  tape.watch(v);
  const std::vector<var> y = f(v);
  const reals ways[] = {tape.jacobian_reverse<1>(y, v), tape.jacobian_reverse<4>(y, v),
                        tape.jacobian_forward<1>(y, v), tape.jacobian_forward<4>(y, v)};
  for (const reals &j : ways)
    for (std::size_t i = 0; i < expected.size(); ++i)
      CHECK(std::fabs(j[i] - expected[i]) <= tolerance * (1 + std::fabs(expected[i])));
  auto sum = [](auto function) {
    return [=](const auto &in) {
      const auto out = function(in);
      auto s = out[0] * 1;
      std::decay_t<decltype(out[0])> total = s;
      for (std::size_t j = 1; j < out.size(); ++j)
        total += out[j] * double(j);
      return total;
    };
  };
  const reals h = nabla::dynamic::hessian(sum(f), x), h_expected = nabla::dynamic::hessian(sum(g), x);
  const auto hd = nabla::dynamic::hvp(sum(f), x, reals(x.size(), 1.0));
  for (std::size_t i = 0; i < x.size(); ++i) {
    double row = 0;
    for (std::size_t k = 0; k < x.size(); ++k) {
      row += h_expected[i * x.size() + k];
      CHECK(std::fabs(h[i * x.size() + k] - h_expected[i * x.size() + k]) <=
            100 * tolerance * (1 + std::fabs(h_expected[i * x.size() + k])));
    }
    CHECK(std::fabs(hd.second[i] - row) <= 100 * tolerance * (1 + std::fabs(row)));
  }
}

void external_functions() {
  // y0 = x0 x1, y1 = sin(x0)
  auto plain = [](const auto &x) {
    return std::vector<std::decay_t<decltype(x[0])>>{x[0] * x[1], sin(x[0])};
  };
  auto node = [](const auto &x) {
    return nabla::external(
        x, 2,
        [](const auto *in, auto *out) {
          using std::sin;
          out[0] = in[0] * in[1];
          out[1] = sin(in[0]);
        },
        [](const auto *in, const auto *, const auto *y_bar, auto *x_bar) {
          using std::cos;
          x_bar[0] += y_bar[0] * in[1] + y_bar[1] * cos(in[0]);
          x_bar[1] += y_bar[0] * in[0];
        });
  };
  compare(node, plain, {0.7, -1.2});
}

template <class V> std::vector<V> steps(const std::vector<V> &x, int count) {
  std::vector<V> u = x;
  for (int t = 0; t < count; ++t)
    for (std::size_t i = 0; i + 1 < u.size(); ++i)
      u[i] += 0.1 * u[i] * u[i + 1] - 0.05 * u[i] * u[i] * u[i];
  return u;
}

void checkpoints() {
  auto plain = [](const auto &x) { return steps(x, 200); };
  auto segments = [](const auto &x) {
    auto u = x;
    for (int s = 0; s < 10; ++s)
      u = nabla::checkpointed([](const auto &in) { return steps(in, 20); }, u);
    return u;
  };
  auto nested = [](const auto &x) {
    return nabla::checkpointed(
        [](const auto &in) {
          auto half = nabla::checkpointed([](const auto &a) { return steps(a, 100); }, in);
          return steps(half, 100);
        },
        x);
  };
  compare(segments, plain, {0.5, 0.4, 0.3});
  compare(nested, plain, {0.5, 0.4, 0.3});
  nabla::tape tape;
  std::vector<var> x = {0.5, 0.4, 0.3};
  tape.watch(x);
  segments(x);
  CHECK(tape.stats().statements == 0 && tape.stats().nodes == 10);
  CHECK(tape.stats().tape_bytes + tape.stats().node_bytes < 3000);
}

void preaccumulation() {
  auto plain = [](const auto &x) { return steps(x, 50); };
  auto segments = [](const auto &x) {
    auto u = x;
    using T = typename std::decay_t<decltype(x[0])>::scalar;
    for (int s = 0; s < 5; ++s)
      u = nabla::preaccumulate<T>([&] { return steps(u, 10); });
    return u;
  };
  compare(segments, plain, {0.5, 0.4, 0.3});
  nabla::tape tape;
  std::vector<var> x = {0.5, 0.4, 0.3};
  tape.watch(x);
  segments(x);
  CHECK(tape.stats().statements == 5 * 2); // the last element passes through
  // one that does not pay stays as it is
  var y = nabla::preaccumulate([&] { return x[0] * x[1]; });
  const auto before = tape.stats().statements;
  std::vector<var> wide = nabla::preaccumulate([&] {
    var s = x[0] * x[1] + x[2];
    return std::vector<var>{s * x[0], s * x[1], s * x[2]};
  });
  CHECK(tape.stats().statements == before + 4);
  tape.backward(wide[1] + y);
  CHECK_NEAR(x[0].adjoint(), 0.4 * 0.4 + 0.4, 1e-15);
}

void linear_systems() {
  auto plain = [](const auto &x) { // Cramer
    using V = std::decay_t<decltype(x[0])>;
    V det = x[0] * x[3] - x[1] * x[2];
    return std::vector<V>{(x[3] * x[4] - x[1] * x[5]) / det, (x[0] * x[5] - x[2] * x[4]) / det};
  };
  auto node = [](const auto &x) {
    using Vs = std::decay_t<decltype(x)>;
    return nabla::solve(Vs(x.begin(), x.begin() + 4), Vs(x.begin() + 4, x.end()));
  };
  compare(node, plain, {0.1, 2, 3, -1, 0.5, 4});
  bool thrown = false;
  try {
    nabla::solve(std::vector<var>{1, 2, 2, 4}, std::vector<var>{1, 1});
  } catch (const std::domain_error &) {
    thrown = true;
  }
  CHECK(thrown);
}

void fixed_points() {
  // x = sqrt(p0 + x) and y = p1 / (1 + x y): closed forms exist
  auto g = [](const auto &x, const auto &p) {
    using std::sqrt;
    return std::vector<std::decay_t<decltype(x[0])>>{sqrt(p[0] + x[0]), p[1] / (1 + x[0] * x[1])};
  };
  auto node = [=](const auto &p) { return nabla::fixed_point(g, {1, 1}, p); };
  auto plain = [](const auto &p) {
    using V = std::decay_t<decltype(p[0])>;
    V x = 0.5 + sqrt(0.25 + p[0]);
    V y = (sqrt(1 + 4 * x * p[1]) - 1) / (2 * x);
    return std::vector<V>{x, y};
  };
  compare(node, plain, {2.5, 0.3}, 1e-11);
  nabla::tape tape;
  std::vector<var> p = {2.5, 0.3};
  tape.watch(p);
  const std::vector<var> x = node(p);
  CHECK(tape.stats().statements == 0 && tape.stats().nodes == 1 && x[0].is_active());
  bool thrown = false;
  try {
    nabla::fixed_point(
        [](const auto &a, const auto &) { return std::vector<std::decay_t<decltype(a[0])>>{a[0] + 1}; }, {0},
        p);
  } catch (const std::runtime_error &) {
    thrown = true;
  }
  CHECK(thrown);
}

void graph() {
  nabla::tape tape;
  std::vector<var> x = {2, 3};
  tape.watch(x);
  var y = x[0] * x[1];
  tape.keep(y);
  std::vector<var> z = nabla::solve(std::vector<var>{y, 0, 0, 2}, x);
  const auto stats = tape.stats();
  CHECK(stats.inputs == 2 && stats.statements == 2 && stats.nodes == 1 && stats.arguments == 2 + 1 + 6);
  CHECK(stats.tape_bytes > 0 && stats.reserved_bytes >= stats.tape_bytes && stats.node_bytes > 0);
  std::ostringstream text;
  tape.write_dot(text);
  const std::string dot = text.str();
  for (const char *part : {"digraph tape {", "1 [shape=box, label=\"input 1\"];", "2 -> 3 [label=\"2\"];",
                           "3 -> 4 [label=\"1\"];", "node5 [shape=diamond, label=\"solve\"];", "4 -> node5;",
                           "node5 -> 6;", "}\n"})
    CHECK(dot.find(part) != std::string::npos);
}

} // namespace

int main() {
  external_functions();
  checkpoints();
  preaccumulation();
  linear_systems();
  fixed_points();
  graph();
  return check::report();
}
