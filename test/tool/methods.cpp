// Marked methods: the companion is a member; an overload takes the object's adjoint, last. The same at call sites.
//
// RUN: %nablaxx -Wall -Wextra -Werror %check %s -o %t && %t
#include "check.h"
#include <nabla/nabla.h>

namespace physics {

template <class T> struct Count { // holds no real, whatever its argument is called
  int n;
};
[[nabla::gradient]] double counted(double x, Count<double> c) { return x * x * c.n; }

struct Spring {
  double stiffness, rest;

  [[nabla::gradient]] double energy(double x) const { return 0.5 * stiffness * (x - rest) * (x - rest); }
  [[nabla::gradient]] double force(double x) const;
  [[nabla::gradient]] static double square(double x) { return x * x; }
  double work(double from, double to) const { return energy(to) - energy(from); }
};

double Spring::force(double x) const { return stiffness * (x - rest); }

} // namespace physics

int main() {
  physics::Spring spring{4, 1}, bar{0, 0};
  double x_bar = 0, y_bar = 0;
  CHECK_NEAR(spring.energy_grad(3, &x_bar), 8, 1e-15);
  CHECK_NEAR(x_bar, 8, 1e-15);
  x_bar = 0;
  CHECK_NEAR(spring.energy_grad(3, &x_bar, bar), 8, 1e-15);
  CHECK_NEAR(x_bar, 8, 1e-15);
  CHECK_NEAR(bar.stiffness, 2, 1e-15);
  CHECK_NEAR(bar.rest, -8, 1e-15);
  x_bar = 0;
  CHECK_NEAR(spring.force_grad(3, &x_bar), 8, 1e-15);
  CHECK_NEAR(x_bar, 4, 1e-15);
  CHECK_NEAR(physics::Spring::square_grad(3, &y_bar), 9, 1e-15);
  CHECK_NEAR(y_bar, 6, 1e-15);

  x_bar = y_bar = 0;
  bar = {0, 0};
  nabla::gradient<&physics::Spring::work>(spring, 2.0, 3.0, &x_bar, &y_bar);
  CHECK_NEAR(x_bar, -4, 1e-15);
  CHECK_NEAR(y_bar, 8, 1e-15);
  nabla::gradient<&physics::Spring::work, nabla::wrt<nabla::self, 1>>(spring, 2.0, 3.0, &y_bar, bar);
  CHECK_NEAR(y_bar, 16, 1e-15);
  CHECK_NEAR(bar.stiffness, 2 - 0.5, 1e-15);
  CHECK_NEAR(bar.rest, -8 + 4, 1e-15);

  x_bar = 0;
  CHECK_NEAR(physics::counted_grad(3.0, {2}, &x_bar), 18, 1e-15);
  CHECK_NEAR(x_bar, 12, 1e-15);
  return check::report();
}
