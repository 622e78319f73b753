// The inner loops for x86-64 with AVX512 and FMA.
#include "loops_head.h"

#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(                                                                                \
    __attribute__((target("avx,avx2,fma,bmi,bmi2,lzcnt,popcnt,f16c,avx512f,avx512dq,avx512bw,avx512vl"))),   \
    apply_to = function)
#else
#pragma GCC target("avx,avx2,fma,bmi,bmi2,lzcnt,popcnt,f16c,avx512f,avx512dq,avx512bw,avx512vl")
#endif

#define NABLA_VECTOR_BYTES 64
#define NABLA_GEMM_ROWS 12
#define NABLA_DOT_ROWS 4
#include "loops.inc"

namespace nabla::kernels {
const Loops *loops_avx512() {
  static constexpr Loops table = make_loops("avx512");
  return &table;
}
} // namespace nabla::kernels

#if defined(__clang__)
#pragma clang attribute pop
#endif
#else
namespace nabla::kernels {
const Loops *loops_avx512() { return nullptr; }
} // namespace nabla::kernels
#endif
