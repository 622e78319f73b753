// nabla::on_tape<f>: statically differentiated functions as nodes of the tape, in every form of argument; a static function
// that uses a tape inside.
//
// RUN: %nablaxx -std=c++17 -O1 -Wall -Wextra -Werror %check %s -o %t.plugin && %t.plugin
// RUN: %nabla --whole %s -o %t.nabla.cpp -- -std=c++17 %check
// RUN: %gxx -std=c++17 -O1 -Wall -Wextra -Werror -Wno-unused-function %check -I%include %t.nabla.cpp -L%lib -lnabla -o %t.gxx && %t.gxx
#include "check.h"
#include <array>
#include <nabla/tape.h>
#include <vector>

using nabla::var;
using reals = std::vector<double>;

namespace statics {

double scalars(double x, double y, int n) {
  double s = 0;
  for (int i = 1; i <= n; ++i)
    s += std::sin(x * i) * y;
  return s;
}
template <class V> V scalars_of(const V &x, const V &y, int n) {
  V s = 0;
  for (int i = 1; i <= n; ++i)
    s += sin(x * i) * y;
  return s;
}
double by_pointer(const double *a, const double *b, int n, double scale) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += a[i] * b[i] * b[i];
  return s * scale;
}
void outputs(const double *x, double *y, int n, double &sum) {
  for (int i = 0; i < n; ++i) {
    y[i] = y[i] * x[i] + std::exp(x[i]);
    sum += y[i] * y[i];
  }
}
double mixed(double *y, double x) {
  y[0] *= x;
  return y[0] * y[1] + x;
}
double cubes(const double *v, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += v[i] * v[i] * v[i];
  return s;
}
double of_array(const std::array<double, 3> &v) { return v[0] * v[1] * v[2]; }
template <class V> struct point {
  V x, y;
  V weight[2];
};
double of_struct(point<double> p, const point<double> &q) {
  return p.x * q.y * q.weight[0] + p.weight[1] * p.y;
}
float single(float x) { return x * x * x; }

// The other way round: a static function whose pullback uses a tape.
template <class V> V table(const V &x) { return x < 1 ? V(x * x) : V(2 * x - 1); }
double looked_up(double x) { return table(x); }
[[nabla::pullback_of(looked_up)]] void looked_up_pb(double x, double seed, double *x_bar) {
  nabla::tape tape;
  var v = x;
  tape.watch(v);
  tape.backward(table(v), seed);
  *x_bar += v.adjoint();
}
double uses_table(double x, double y) { return looked_up(x * y) * y; }

} // namespace statics

namespace {

using namespace statics;

void gradient_nodes() {
  nabla::tape tape;
  var x = 0.3, y = 1.7;
  tape.watch(x, y);
  const auto before = tape.stats().statements;
  var z = nabla::on_tape<scalars>(x, y, 5);
  CHECK(tape.stats().statements == before + 1 && tape.stats().nodes == 0);
  var expected = scalars_of(x, y, 5);
  const std::array<var, 2> in{x, y};
  const reals g = tape.gradient(z * z, in), e = tape.gradient(expected * expected, in);
  CHECK_NEAR(z.value(), expected.value(), 1e-15);
  CHECK_NEAR(g[0], e[0], 1e-14);
  CHECK_NEAR(g[1], e[1], 1e-14);
  // expressions, numbers, passive variables
  var w = nabla::on_tape<scalars>(x * y + 1, 2.0, 3);
  CHECK_NEAR(tape.gradient(w, in)[0], tape.gradient(var(scalars_of(var(x * y + 1), var(2.0), 3)), in)[0],
             1e-14);
  var passive = nabla::on_tape<scalars>(var(0.5), var(2), 3);
  CHECK(!passive.is_active() && std::fabs(passive.value() - scalars(0.5, 2, 3)) < 1e-15);
  {
    nabla::no_grad off;
    CHECK(!nabla::on_tape<scalars>(x, y, 3).is_active());
  }
}

void ranges_and_structs() {
  nabla::tape tape;
  std::vector<var> a = {1, 2, 3}, b = {4, 5, 6};
  tape.watch(a, b);
  var z = nabla::on_tape<by_pointer>(a, b, 3, 2.0);
  CHECK_NEAR(z.value(), 2 * (16 + 50 + 108), 1e-15);
  CHECK(tape.gradient(z, a) == (reals{32, 50, 72}));
  CHECK(tape.gradient(z, b) == (reals{16, 40, 72}));
  const double fixed[] = {1, 1, 1};
  CHECK(tape.gradient(nabla::on_tape<by_pointer>(fixed, b, 3, 1.0), b) == (reals{8, 10, 12}));
  CHECK(tape.gradient(nabla::on_tape<by_pointer>(a, fixed, 3, 1.0), a) == (reals{1, 1, 1}));
  CHECK(tape.gradient(nabla::on_tape<cubes>(a, 3), a) == (reals{3, 12, 27}));
  std::array<var, 3> c{a[0], a[1], a[2]};
  CHECK(tape.gradient(nabla::on_tape<of_array>(c), a) == (reals{6, 3, 2}));
  var d[2] = {a[0], a[1]};
  CHECK(tape.gradient(nabla::on_tape<by_pointer>(d, d, 2, 1.0), a) == (reals{3, 12, 0}));
  point<var> p{a[0], a[1], {a[2], b[0]}}, q{b[1], b[2], {a[0], a[1]}};
  var s = nabla::on_tape<of_struct>(p, q);
  CHECK_NEAR(s.value(), 1 * 6 * 1 + 4 * 2, 1e-15);
  CHECK(tape.gradient(s, a) == (reals{6 + 6, 4, 0}));
  CHECK(tape.gradient(s, b) == (reals{2, 0, 1}));
  nabla::basic_tape<float> floats;
  nabla::basic_var<float> f = 2;
  floats.watch(f);
  floats.backward(nabla::on_tape<single>(f));
  CHECK(f.adjoint() == 12);
}

/// A wide call: more arguments than a statement's header counts.
void many_arguments() {
  nabla::tape tape;
  std::vector<var> v(1000);
  for (std::size_t i = 0; i < v.size(); ++i)
    v[i] = double(i);
  tape.watch(v);
  tape.backward(nabla::on_tape<cubes>(v, 1000));
  for (std::size_t i = 0; i < v.size(); ++i)
    CHECK_NEAR(v[i].adjoint(), 3.0 * double(i) * double(i), 1e-15);
}

void written_variables() {
  nabla::tape tape;
  std::vector<var> x = {0.1, 0.2}, y = {1, 2};
  var sum = 0.5;
  tape.watch(x, y, sum);
  const std::vector<var> x0 = x, y0 = y;
  const var sum0 = sum;
  nabla::on_tape<outputs>(x, y, 2, sum);
  CHECK(tape.stats().nodes == 1);
  std::vector<var> u = y0;
  var t = sum0;
  for (std::size_t i = 0; i < 2; ++i) {
    u[i] = u[i] * x0[i] + exp(x0[i]);
    t += u[i] * u[i];
  }
  std::vector<var> in = {x0[0], x0[1], y0[0], y0[1], sum0};
  const reals j = tape.jacobian_reverse<2>(std::vector<var>{y[0], y[1], sum * y[0]}, in);
  const reals e = tape.jacobian_reverse<1>(std::vector<var>{u[0], u[1], t * u[0]}, in);
  const reals f = tape.jacobian_forward<4>(std::vector<var>{y[0], y[1], sum * y[0]}, in);
  for (std::size_t i = 0; i < j.size(); ++i) {
    CHECK(std::fabs(j[i] - e[i]) < 1e-14);
    CHECK(std::fabs(f[i] - e[i]) < 1e-14);
  }
  CHECK_NEAR(sum.value(), t.value(), 1e-15);
  var a = 3;
  tape.watch(a);
  std::vector<var> m = {2 * a, a};
  var r = nabla::on_tape<mixed>(m, a); // m[0] = 2a^2, r = 2a^3 + a
  CHECK_NEAR(r.value(), 57, 0);
  CHECK_NEAR(tape.gradient(r, std::array<var, 1>{a})[0], 55, 1e-15);
  CHECK_NEAR(tape.gradient(m[0], std::array<var, 1>{a})[0], 12, 1e-15);
}

/// What f writes must not be another argument, too: f would read its own writes, values do not.
void shared_variables() {
  nabla::tape tape;
  std::vector<var> x = {0.5, 1.5};
  var sum = 0;
  tape.watch(x, sum);
  auto refused = [&](auto call) {
    try {
      call();
      return false;
    } catch (const nabla::tape_error &e) {
      return std::string(e.what()).find("shares variables with another one; pass a copy") !=
             std::string::npos;
    }
  };
  CHECK(refused([&] { nabla::on_tape<outputs>(x, x, 2, sum); }));
  CHECK(refused([&] { nabla::on_tape<outputs>(std::vector<var>{1, 2}, x, 2, x[1]); }));
  CHECK(refused([&] { (void)nabla::on_tape<mixed>(x, x[0]); }) == false); // by value: a copy
  CHECK(tape.stats().nodes == 1);
}

void tape_inside_static() {
  const auto [dx, dy] = nabla::gradient<uses_table>(0.5, 1.5);
  CHECK_NEAR(dx, 2 * 0.75 * 1.5 * 1.5, 1e-15);
  CHECK_NEAR(dy, 2 * 0.75 * 0.5 * 1.5 + 0.75 * 0.75, 1e-15);
  nabla::tape tape; // tape, static, tape
  var x = 0.5;
  tape.watch(x);
  tape.backward(nabla::on_tape<uses_table>(x, 1.5));
  CHECK_NEAR(x.adjoint(), 2 * 0.75 * 1.5 * 1.5, 1e-15);
}

} // namespace

int main() {
  gradient_nodes();
  ranges_and_structs();
  many_arguments();
  written_variables();
  shared_variables();
  tape_inside_static();
  return check::report();
}
