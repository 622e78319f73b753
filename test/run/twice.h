// Compiles the cases of a test file twice: on doubles in namespace on_reals, on dual numbers in namespace on_duals.
//
//   #ifdef CASES
//   double f(double x) { return x * x; }            // plain C++
//   #else
//   #define CASES "this_file.cpp"
//   #include "twice.h"
//   int main() { VERIFY(f, 3.0); return check::report(); }
//   #endif
#include "oracle.h"
#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace on_reals {
using long_double = long double;
#include CASES
} // namespace on_reals

namespace on_duals {
using long_double = oracle::dual<long double>;
#define double oracle::dual<double>
#define float oracle::dual<float>
#define printf(...) (void)0
#include CASES
#undef printf
#undef float
#undef double
} // namespace on_duals

using oracle::reals;
#define VERIFY(function, ...) oracle::verify<on_reals::function, on_duals::function>(#function, __VA_ARGS__)
/// For functions which compute in float inside.
#define VERIFY_SINGLE(function, ...)                                                                         \
  oracle::verify<on_reals::function, on_duals::function, true>(#function, __VA_ARGS__)
