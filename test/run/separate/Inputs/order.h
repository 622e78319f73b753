#pragma once
#include <nabla/nabla.h>

[[nabla::gradient(order = 2)]] double energy(const double *x, int n, double k);
[[nabla::gradient("order = 2")]] double soft(double x, double y);
