#include <nabla/nabla.h>

int main() {
  double k = 3;
  auto h = [k](double x) { return k * x * x; };
  return nabla::gradient(h, 2.0) != 12.0;
}
