// Unsupported code in functions that are not differentiated, or that cannot touch a derivative, is nobody's business.
//
// RUN: %nablaxx -fsyntax-only -Wall -Werror -Xclang -verify %s
// expected-no-diagnostics
#include <cstdio>
#include <nabla/nabla.h>
#include <string>
#include <vector>

double plain(double x) {
  std::vector<double> v(3, x);
  try {
    if (v.at(7) > 0)
      goto done;
  } catch (...) {
    x = 0;
  }
done:
  return x;
}

[[nabla::inactive]] void log_line(const std::string &text) { std::puts(text.c_str()); }

[[nabla::gradient]] double f(double x, [[nabla::inactive]] const std::vector<double> *) { return x * x; }
