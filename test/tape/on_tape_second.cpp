// Second order through on_tape: on a tape over a tape and on a tape over duals a static function gives what its template gives
// on variables. (Needs the static Hessian-vector product.)
//
// RUN: sh -c 'test ! -e %include/nabla/forward.h || %nablaxx -std=c++17 -O1 -Wall -Wextra -Werror %check %s -o %t'
// RUN: sh -c 'test ! -e %include/nabla/forward.h || %t'
#include "check.h"
#include <array>
#include <nabla/tape.h>

using nabla::var;
using reals = std::vector<double>;

namespace statics {

template <class V> V wave(const V *x, int n, V scale) {
  V s = 0;
  for (int i = 0; i + 1 < n; ++i)
    s += std::sin(x[i] * scale) * x[i + 1] / (1 + x[i] * x[i]);
  return s * s;
}
template <class V> struct pair {
  V first, second;
};
template <class V> V of_pair(pair<V> p, const V &q) { return std::exp(p.first * q) * p.second * p.second; }

} // namespace statics

namespace {

constexpr int n = 4;

/// f and g on n + 1 variables: gradient, Hessian by nesting, Hessian times directions by duals.
template <class F, class G> void compare(const char *name, F f, G g) {
  const reals x = {0.3, -0.8, 1.1, 0.6, 1.7};
  const reals hf = nabla::dynamic::hessian(f, x), hg = nabla::dynamic::hessian(g, x);
  for (std::size_t i = 0; i < hf.size(); ++i) {
    const bool ok = std::fabs(hf[i] - hg[i]) <= 1e-12 * (1 + std::fabs(hg[i]));
    check::verdict(ok, name, "Hessian", int(i));
    if (!ok)
      std::printf("  %.17g, expected %.17g\n", hf[i], hg[i]);
  }
  const auto df = nabla::dynamic::hvp(f, x, {1, 2, -1, 0, 3}),
             dg = nabla::dynamic::hvp(g, x, {1, 2, -1, 0, 3});
  for (std::size_t i = 0; i < x.size(); ++i) {
    CHECK(std::fabs(df.first[i] - dg.first[i]) <= 1e-12 * (1 + std::fabs(dg.first[i])));
    CHECK(std::fabs(df.second[i] - dg.second[i]) <= 1e-12 * (1 + std::fabs(dg.second[i])));
  }
  // the inner Jacobian by columns
  nabla::tape inner;
  std::vector<var> v(x.begin(), x.end());
  inner.watch(v);
  nabla::basic_tape<var> outer;
  std::vector<nabla::basic_var<var>> w(v.begin(), v.end());
  outer.watch(w);
  const nabla::basic_var<var> y = f(w);
  const reals columns = inner.jacobian_forward<4>(outer.gradient(y, w), v);
  for (std::size_t i = 0; i < columns.size(); ++i)
    CHECK(std::fabs(columns[i] - hg[i]) <= 1e-12 * (1 + std::fabs(hg[i])));
  CHECK_NEAR(inner.gradient(y.value(), v)[0], nabla::dynamic::gradient(g, x)[0], 1e-12);
}

} // namespace

int main() {
  compare(
      "arrays and scalars",
      [](const auto &x) {
        using V = std::decay_t<decltype(x[0])>;
        const std::vector<V> head(x.begin(), x.begin() + n);
        V y = nabla::on_tape<statics::wave<double>>(head, n, x[4] * x[4]);
        return V(y * y + x[0]);
      },
      [](const auto &x) {
        using V = std::decay_t<decltype(x[0])>;
        V y = statics::wave<V>(x.data(), n, x[4] * x[4]);
        return V(y * y + x[0]);
      });
  compare(
      "structs",
      [](const auto &x) {
        using V = std::decay_t<decltype(x[0])>;
        return V(nabla::on_tape<statics::of_pair<double>>(statics::pair<V>{x[0], x[1]}, x[2]) * x[3] * x[4]);
      },
      [](const auto &x) {
        using V = std::decay_t<decltype(x[0])>;
        return V(statics::of_pair<V>({x[0], x[1]}, x[2]) * x[3] * x[4]);
      });
  return check::report();
}
