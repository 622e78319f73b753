#include <nabla/nabla.h>

double f(double x, double y) { return x * x * y; }

int main() {
  auto [dx, dy] = nabla::gradient<f>(2.0, 3.0);
  return !(dx == 12 && dy == 4);
}
