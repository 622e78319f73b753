// Without plugin and without the tool's text, a program that uses the call-site form compiles, and the linker
// says which step is missing.
//
// RUN: not %clangxx -std=c++17 -I%include %s -o %t 2>&1 | %filecheck %s
// RUN: not %gxx -std=c++17 -I%include %s -o %t 2>&1 | %filecheck %s
// CHECK-DAG: request<nabla::detail::gradient_by_nabla_plugin_or_tool, {{.*}}>::call(double, double*)
// CHECK-DAG: nabla::detail::lambda_needs_the_nabla_plugin()
// CHECK-DAG: nabla::record::grow_in_libnabla
#include <nabla/nabla.h>

double f(double x) { return x * x; }

int main(int argc, char **) {
  double k = argc;
  auto h = [k](double x) { return k * x; };
  nabla::record r;
  r.push(k);
  return static_cast<int>(nabla::gradient<f>(3.0) + nabla::gradient(h, 2.0) + r.pop<double>());
}
