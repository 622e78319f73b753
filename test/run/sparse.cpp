// Sparse Jacobians and Hessians against the dense ones: stencils, data-dependent subscripts, patterns that change, more inputs
// than one sweep has bits for.
#include "check.h"
#include "problems.h"
#include <nabla/nabla.h>
#include <nabla/sparse.h>
#include <vector>

double graph(const double *x, const int *from, const int *to, int edges, double c) {
  double s = c * c;
  for (int e = 0; e < edges; ++e)
    s += std::sin(x[from[e]] * x[to[e]]) + c * x[from[e]];
  return s;
}
/// Which entries exist depends on the values; a result besides the output array; adds to what is there.
double gather(const double *x, int n, const double *shift, double *y) {
  for (int i = 0; i < n; ++i)
    y[i] += x[i] > 0 ? x[(i + 1) % n] * x[i] : x[(i + 2) % n] + shift[0];
  return y[0] * y[n - 1];
}
double in_place(double *x, int n) {
  for (int i = 1; i < n; ++i)
    x[i] *= x[i - 1] * 0.5 + 1;
  double s = 0;
  for (int i = 0; i < n; i += 3)
    s += x[i];
  return s;
}

static bool equal(const nabla::csr &m, const std::vector<double> &dense, std::size_t columns) {
  std::vector<double> all(dense.size());
  for (int i = 0; i < m.height(); ++i)
    for (int e = m.rows[i]; e < m.rows[i + 1]; ++e)
      all[std::size_t(i) * columns + std::size_t(m.cols[e])] += m.values[e];
  bool ok = std::size_t(m.height()) * columns == dense.size();
  for (std::size_t i = 0; i < all.size(); ++i)
    ok = ok && std::fabs(all[i] - dense[i]) <= 1e-13 * (1 + std::fabs(dense[i]));
  return ok;
}

static void stencil(int k) {
  const std::size_t n = std::size_t(k) * std::size_t(k);
  std::vector<double> u(n), r(n), dense(n * n);
  for (std::size_t i = 0; i < n; ++i)
    u[i] = 0.3 * std::sin(double(i));
  nabla::csr jacobian =
      nabla::sparse_jacobian<bratu, nabla::wrt<0>>(nabla::extents{n, n}, u.data(), k, 2.0, r.data());
  nabla::jacobian<bratu, nabla::wrt<0>>(nabla::extents{n, n}, u.data(), k, 2.0, r.data(), dense.data());
  CHECK(equal(jacobian, dense, n));
  CHECK(jacobian.values.size() == 5 * n - 4 * std::size_t(k));
  CHECK(jacobian.colour_count <= 9);
  u[3] += 1;
  nabla::sparse_jacobian<bratu, nabla::wrt<0>>(nabla::extents{n, n}, u.data(), k, 2.0, r.data(), jacobian);
  nabla::jacobian<bratu, nabla::wrt<0>>(nabla::extents{n, n}, u.data(), k, 2.0, r.data(), dense.data());
  CHECK(equal(jacobian, dense, n));
  CHECK(jacobian.patterns == 1);
}

static void changing_pattern() {
  const int n = 9;
  double x[n], y[n] = {}, shift = 0.5;
  auto dense = [&](const double *at) {
    std::vector<double> m((n + 1) * (n + 1));
    double out[n] = {0.1, 0.2};
    nabla::jacobian<gather>(nabla::extents{n, 1, n}, at, n, &shift, out, m.data());
    return m;
  };
  for (int i = 0; i < n; ++i)
    x[i] = i + 0.25;
  y[0] = 0.1, y[1] = 0.2;
  nabla::csr m = nabla::sparse_jacobian<gather>(nabla::extents{n, 1, n}, x, n, &shift, y);
  CHECK(equal(m, dense(x), n + 1));
  double after[n] = {0.1, 0.2};
  gather(x, n, &shift, after);
  for (int i = 0; i < n; ++i)
    CHECK(y[i] == after[i]);
  for (int at : {2, 5}) { // a branch is taken the other way
    x[at] = -x[at];
    for (int i = 0; i < n; ++i)
      y[i] = i < 2 ? 0.1 * (i + 1) : 0;
    nabla::sparse_jacobian<gather>(nabla::extents{n, 1, n}, x, n, &shift, y, m);
    CHECK(equal(m, dense(x), n + 1));
  }
  CHECK(m.patterns == 3);
}

static void hessians() {
  const int n = 40;
  double x[n];
  int from[100], to[100];
  for (int i = 0; i < n; ++i)
    x[i] = 0.1 * i - 1;
  for (int e = 0; e < 100; ++e)
    from[e] = (e * 7) % n, to[e] = (e * e + 3) % n;
  std::vector<double> dense((n + 1) * (n + 1));
  nabla::csr h = nabla::sparse_hessian<graph>(nabla::extents{n}, x, from, to, 100, 0.7);
  nabla::hessian<graph>(nabla::extents{n}, x, from, to, 100, 0.7, dense.data());
  CHECK(equal(h, dense, n + 1));
  CHECK(h.colour_count < n);
  x[4] = 3;
  nabla::sparse_hessian<graph, nabla::batch<2>>(nabla::extents{n}, x, from, to, 100, 0.7, h);
  nabla::hessian<graph>(nabla::extents{n}, x, from, to, 100, 0.7, dense.data());
  CHECK(equal(h, dense, n + 1));
  CHECK(h.sweeps == (h.colour_count + 2) / 2 && h.patterns == 1);
  std::vector<double> of_x(n * n);
  nabla::csr by_x = nabla::sparse_hessian<graph, nabla::wrt<0>>(nabla::extents{n}, x, from, to, 100, 0.7);
  nabla::hessian<graph, nabla::wrt<0>>(nabla::extents{n}, x, from, to, 100, 0.7, of_x.data());
  CHECK(equal(by_x, of_x, n));

  double start[12], again[12];
  for (int i = 0; i < 12; ++i)
    start[i] = again[i] = 1 + 0.1 * i;
  std::vector<double> in(12 * 12);
  nabla::csr w = nabla::sparse_hessian<in_place>(nabla::extents{12}, start, 12);
  nabla::hessian<in_place>(nabla::extents{12}, again, 12, in.data());
  CHECK(equal(w, in, 12));
  CHECK(start[11] == again[11]);
}

// Integers as factors, and classes on the way.
struct Pair {
  double x, y;
  int n;
  double energy() const { return n * x * x + y * y * x; }
};
double of_pairs(const double *x, int n) {
  std::vector<Pair> all;
  double s = 0;
  for (int i = 0; i + 1 < n; i += 2)
    all.push_back({x[i], x[i] * x[i + 1], i});
  for (const Pair &p : all)
    s += p.energy();
  return s;
}
static void classes() {
  const double x[4] = {0.5, 1.5, -0.7, 2};
  double H[16] = {};
  nabla::csr sparse = nabla::sparse_hessian<of_pairs>(nabla::extents{4}, x, 4);
  nabla::hessian<of_pairs>(nabla::extents{4}, x, 4, H);
  CHECK(sparse.values.size() == 8);
  for (int r = 0; r < 4; ++r)
    for (int k = sparse.rows[r]; k < sparse.rows[r + 1]; ++k)
      CHECK_NEAR(sparse.values[k], H[4 * r + sparse.cols[k]], 1e-12);
}

double coupling = 1;
void weakly_coupled(const double *x, int n, double *y) {
  for (int i = 0; i < n; ++i)
    y[i] = x[0] > 0.5 ? x[i] + coupling * x[(i + 1) % n] : x[i];
}
static void small_entries() { // that the pattern lacks are seen down to 1e-12 of their row
  for (coupling = 1e-2; coupling > 1e-11; coupling *= 0.1) {
    const double x[4] = {0.1, 0.2, 0.3, 0.4}, z[4] = {0.6, 0.2, 0.3, 0.4};
    double y[4];
    nabla::csr J = nabla::sparse_jacobian<weakly_coupled>(nabla::extents{4, 4}, x, 4, y);
    nabla::sparse_jacobian<weakly_coupled>(nabla::extents{4, 4}, z, 4, y, J);
    CHECK(J.values.size() == 8 && J.patterns == 2);
  }
}
static void no_columns() {
  double none[1] = {0};
  CHECK(nabla::sparse_hessian<of_pairs>(nabla::extents{0}, none, 0).values.empty());
  CHECK(nabla::sparse_jacobian<weakly_coupled>(nabla::extents{0, 0}, none, 0, none).values.empty());
}

int main() {
  small_entries();
  no_columns();
  stencil(5);
  stencil(28); // 784 columns: two levels of bits
  changing_pattern();
  hessians();
  classes();
  return check::report();
}
