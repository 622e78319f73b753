// A library function outside of the accepted language is refused where the user calls it, not inside the
// library.
//
// RUN: %nablaxx -std=c++20 -Wno-deprecated-declarations -fsyntax-only -Xclang -verify %s
#include <algorithm>
#include <nabla/nabla.h>

[[nabla::gradient]] double sorts(double *x, int n) { // expected-note 0+ {{needed for}}
  // expected-error@+1 {{the library function 'std::stable_sort<double *>' is not differentiated}}
  std::stable_sort(x, x + n);
  return x[0];
}

[[nabla::gradient]] double captures_all(double *x,
                                        int n) { // reductions and transforms of plain pointers are fine
  std::transform(x, x + n, x, [](double v) { return v * v; });
  double s = 0;
  std::for_each(x, x + n, [&](double v) { s += v; });
  return s;
}
