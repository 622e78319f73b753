// N102 in what C++20 adds.
//
// RUN: %nablaxx -std=c++20 -fsyntax-only -Xclang -verify %s
#include <nabla/nabla.h>

// Class-type template arguments are objects without a name.
struct Factor {
  double k;
};
template <Factor F> double scaled_by_argument(double x) {
  return x * F.k; // expected-error {{a template argument of type 'Factor' is not differentiated; use its members as template arguments, a constexpr variable, or a parameter [nabla N102]}}
}
double ask_scaled(double x) { return nabla::gradient<scaled_by_argument<Factor{2}>>(x); }
