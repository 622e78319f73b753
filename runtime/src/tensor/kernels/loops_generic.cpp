// The inner loops for any processor of the architecture that the library is built for.
#include "loops_head.h"

#define NABLA_VECTOR_BYTES 16
#define NABLA_GEMM_ROWS 4
#define NABLA_DOT_ROWS 2
#include "loops.inc"

namespace nabla::kernels {
const Loops *loops_generic() {
  static constexpr Loops table = make_loops("generic");
  return &table;
}
} // namespace nabla::kernels
