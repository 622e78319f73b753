// The session of docs/guide.md: the same numbers through the plugin, and with g++ by each of the tool's outputs.
//
// RUN: %nablaxx -std=c++17 -O2 %s -o %t.plugin
// RUN: %t.plugin | FileCheck %s
// RUN: %nabla %s -o %t.nabla.cpp -- -std=c++17
// RUN: %nabla --declarations %s -o %t.nabla.h -- -std=c++17
// RUN: %gxx -std=c++17 -Wall -Wextra -I%include -include %t.nabla.h %s %t.nabla.cpp -L%lib -lnabla -o %t.beside
// RUN: %t.beside | FileCheck %s
// RUN: %nabla --whole %s -o %t.whole.cpp -- -std=c++17
// RUN: %gxx -std=c++17 -Wall -Wextra -I%include -include %t.nabla.h %t.whole.cpp -L%lib -lnabla -o %t.whole
// RUN: %t.whole | FileCheck %s
// CHECK: 5.875: 14 29, 8
// CHECK: minimum at 1.000000 1.000000
#include <cstdio>
#include <nabla/nabla.h>

[[nabla::gradient("w, b")]] double loss(const double *w, double b, const double *data, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    double e = w[0] * data[i] + w[1] * data[i] * data[i] + b;
    s += e * e;
  }
  return s;
}

double valley(const double *x, int n) {
  double s = 0;
  for (int i = 0; i + 1 < n; ++i) {
    double d = x[i + 1] - x[i] * x[i], e = 1 - x[i];
    s += 10 * d * d + e * e;
  }
  return s;
}
static void newton() {
  double x[2] = {-1, 1.5}, g[2], H[4];
  for (int step = 0; step < 8; ++step) {
    g[0] = g[1] = 0;
    nabla::gradient<valley>(x, 2, g);
    nabla::hessian<valley>(nabla::extents{2}, x, 2, H);
    double det = H[0] * H[3] - H[1] * H[2];
    x[0] -= (g[0] * H[3] - g[1] * H[1]) / det;
    x[1] -= (g[1] * H[0] - g[0] * H[2]) / det;
  }
  std::printf("minimum at %.6f %.6f\n", x[0], x[1]);
}

int main() {
  const double w[2] = {0.5, -0.25}, data[3] = {1, 2, 3};
  double w_bar[2] = {0, 0}, b_bar = 0;
  double value = loss_grad(w, 1.5, data, 3, w_bar, &b_bar);
  std::printf("%g: %g %g, %g\n", value, w_bar[0], w_bar[1], b_bar);
  newton();
}
