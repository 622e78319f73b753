// N209: generated text needs the runtime header, so a marked function without it is an error.
//
// RUN: %nablaxx -fsyntax-only -Xclang -verify %s

[[nabla::gradient]] double f(double x) { return x * x; } // expected-error {{a marked function needs Nabla's header; write #include <nabla/nabla.h> [nabla N209]}}
