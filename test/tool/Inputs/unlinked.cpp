// Compiled without the plugin: attributes are unknown, the call-site form is declared and undefined.
#include "marked.h"

double area(double width, double height) { return width * height; }
int main() {
  auto [dx, dy] = nabla::gradient<product>(5.0, 6.0);
  return !(dx == 6 && dy == 5);
}
