// Generated text stands in the class or namespace of a marked function, or in nabla::detail: what these hide is still the user's.
// Members that are initialised in the class, by other members.
// WITHOUT: gxx clangxx
#include "check.h"
#include <nabla/nabla.h>

double level = 2;
double sign(double x) { return 5 * x; }
struct record {
  double v[3];
};
struct Point {
  double q = 2;
};
template <class T> [[nabla::inactive]] double bytes() { return sizeof(T); }
template <double (*F)(double)> [[nabla::inactive]] double weigh() { return F(1); }
template <class T> [[nabla::inactive]] double weight() { return T().q; }

struct Model {
  static inline double level = 11;
  [[nabla::gradient]] static double scaled(double x) { return x * level * ::level; }
};
namespace lib {
struct Point {
  double q = 5;
};
inline double both(double x) { return x * weight<Point>() * weight<::Point>(); }
} // namespace lib
double of_types(double x) { return x * bytes<record>(); }
double of_functions(double x) { return x * weigh<sign>(); }
double of_local_types(double x) {
  struct Point {
    double q = 7;
  };
  return x * weight<Point>() * weight<::Point>();
}

struct Parts {
  double a = 1;
  double b = a * 2;
  double *first = &a;
};
struct Given {
  double a;
  double b = a * a;
};
double by_default(double x) {
  Parts p;
  p.a = x;
  *p.first *= x;
  return p.b * p.a;
}
struct Outer {
  double a = 9;
  double given(double x) const {
    Given g{x};
    return g.b * a;
  }
};
double in_a_method(double x) { return Outer().given(x); }

int main() {
  double bar = 0;
  Model::scaled_grad(3, &bar);
  CHECK_NEAR(bar, 22, 1e-15);
  CHECK_NEAR(nabla::gradient<lib::both>(3.0), 10, 1e-15);
  CHECK_NEAR(nabla::gradient<of_types>(3.0), 24, 1e-15);
  CHECK_NEAR(nabla::gradient<of_functions>(3.0), 5, 1e-15);
  CHECK_NEAR(nabla::gradient<of_local_types>(3.0), 14, 1e-15);
  CHECK_NEAR(nabla::gradient<by_default>(3.0), 12, 1e-15);
  CHECK_NEAR(nabla::gradient<in_a_method>(3.0), 54, 1e-15);
  return check::report();
}
