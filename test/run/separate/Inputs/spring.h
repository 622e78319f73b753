// A marked function promised by a header; inline and template functions that several files differentiate.
#pragma once
#include <cmath>
#include <nabla/nabla.h>

/// Defined in spring.cpp, which emits what callers in other files need.
[[nabla::gradient]] double spring(const double *x, int n, double stiffness);
/// Changes what it is given.
[[nabla::gradient]] void relax(double *x, int n, double rate);
/// Recursive, and marked only here.
[[nabla::gradient]] double tower(double x, int height);

[[nabla::gradient]] inline double damped(double x, double c) { return std::exp(-c * x) * x; }
template <class T> T quartic(T x) { return x * x * x * x; }

double slope_seen_by_a(double x);
double slope_seen_by_b(double x);
