// What loops_*.cpp include before their target pragma, so that no function of a standard header is compiled for more than the
// library's base instruction set.
#ifndef NABLA_TENSOR_KERNELS_LOOPS_HEAD_H
#define NABLA_TENSOR_KERNELS_LOOPS_HEAD_H

#include "loops.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

namespace nabla::kernels {
double erfinv(double x);    ///< inverse of erf on [-1, 1]; NaN outside
double digamma(double x);   ///< derivative of lgamma
double trigamma(double x);  ///< second derivative of lgamma
double log_gamma(double x); ///< log |gamma(x)|, without libm's global sign
float log_gamma(float x);
} // namespace nabla::kernels

#endif
