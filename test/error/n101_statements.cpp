// N101: statements that are not differentiated are refused at their own token, with what to write instead.
//
// RUN: %nablaxx -fsyntax-only -Xclang -verify %s
#include <cstdarg>
#include <nabla/nabla.h>

[[nabla::gradient]] double jumps_back(double x) {
  int i = 0;
again:
  x *= x;
  if (++i < 3)
    goto again; // expected-error {{a goto to a label before it, or in another block is not differentiated; write a loop, a break or a helper function [nabla N101]}}
  return x;
}

[[nabla::gradient]] double jumps_over(double x) {
  if (x > 1)
    goto done;
  int i; // expected-error {{a declaration between a goto and its label is not differentiated; declare it before the goto [nabla N101]}}
  for (i = 0; i < 3; ++i)
    x *= x;
done:
  return x;
}

[[nabla::gradient("x")]] double catches(double (*f)(double), double x) {
  try {
    x *= f(x); // expected-error {{a call through a pointer inside of try is not differentiated; call it before the try [nabla N101]}}
  } catch (...) {
    x = 0;
  }
  return x;
}

[[nabla::gradient]] double inline_assembly(double x) {
  asm volatile("nop"); // expected-error {{inline assembly is not differentiated}}
  return x * x;
}

[[nabla::gradient]] double remembers(double x) {
  static double last = 0; // expected-error {{static variable 'last' is not differentiated}}
  last += x;
  return last;
}

[[nabla::gradient]] double variadic(double x, ...) { // expected-error {{[nabla N207]}}
  return x * x;
}

[[nabla::gradient]] double device(double x, int n) {
  switch (n) { // expected-error {{a switch with a case label inside a nested block is not differentiated}}
    while (n-- > 0) {
    case 1:
      x *= x;
    }
  }
  return x;
}
