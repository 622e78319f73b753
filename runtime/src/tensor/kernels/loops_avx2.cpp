// The inner loops for x86-64 with AVX2 and FMA.
#include "loops_head.h"

#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx,avx2,fma,bmi,bmi2,lzcnt,popcnt,f16c"))),             \
                             apply_to = function)
#else
#pragma GCC target("avx,avx2,fma,bmi,bmi2,lzcnt,popcnt,f16c")
#endif

#define NABLA_VECTOR_BYTES 32
#define NABLA_GEMM_ROWS 6
#define NABLA_DOT_ROWS 2
#include "loops.inc"

namespace nabla::kernels {
const Loops *loops_avx2() {
  static constexpr Loops table = make_loops("avx2");
  return &table;
}
} // namespace nabla::kernels

#if defined(__clang__)
#pragma clang attribute pop
#endif
#else
namespace nabla::kernels {
const Loops *loops_avx2() { return nullptr; }
} // namespace nabla::kernels
#endif
