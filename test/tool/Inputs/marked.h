// Marked functions for the tests next door: inline, and promised.
#pragma once
#include <nabla/nabla.h>

[[nabla::gradient]] inline double cube(double x) { return x * x * x; }
[[nabla::gradient]] double area(double width, double height);
inline double product(double x, double y) { return x * y; }
