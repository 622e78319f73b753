// Inner loops over blocks of contiguous elements, compiled once per instruction set (loops.inc) and chosen at run time.
#ifndef NABLA_TENSOR_KERNELS_LOOPS_H
#define NABLA_TENSOR_KERNELS_LOOPS_H

#include "kernels.h"

namespace nabla::kernels {

constexpr int n_unary = static_cast<int>(Unary::IsNonZero) + 1;
constexpr int n_binary = static_cast<int>(Binary::LogicalXor) + 1;
constexpr int n_ternary = static_cast<int>(Ternary::AddCDiv) + 1;

/// out[i] = f(in[0][i], ...) for n elements. Bit j of `constant`: operand j is one element for all i. Operands may be the output.
using Loop = void (*)(void *out, const void *const *in, unsigned constant, std::int64_t n);

/// The loops of one element type.
struct ElementLoops {
  Loop unary[n_unary] = {};
  Loop binary[n_binary] = {};
  Loop ternary[n_ternary] = {};
};

/// Whole-block reductions of float or double.
template <class T> struct ReduceLoops {
  T (*sum)(const T *, std::int64_t); ///< blocked: error grows with log n
  T (*sum_squares)(const T *, std::int64_t);
  T (*sum_abs)(const T *, std::int64_t);
  T (*max)(const T *, std::int64_t); ///< n > 0; NaN wins
  T (*min)(const T *, std::int64_t);
  T (*dot)(const T *, const T *, std::int64_t);
  void (*add)(T *, const T *, std::int64_t);     ///< y += x
  void (*axpy)(T *, const T *, T, std::int64_t); ///< y += a x
  T (*exp_sum)(T *out, const T *x, T shift,
               std::int64_t); ///< out = exp(x - shift), returns the sum; out may be null
  T (*squares_around)(const T *, T mean, std::int64_t);                 ///< sum of (x - mean)^2
  void (*axpy_of_product)(T *, const T *, T factor, T a, std::int64_t); ///< y += a (factor x)
};

/// Where a tile of a product goes: c = or += alpha times it, in row-major order.
template <class T> struct TileTarget {
  T *c;
  std::int64_t row;
  T alpha;
  bool accumulate; ///< else c is not read
  int rows, columns;
};
/// One tile of a matrix product: k steps of mr elements of a times nr elements of b, which lie together.
template <class T> struct GemmTile {
  int mr, nr;
  void (*run)(std::int64_t k, const T *a, std::int64_t a_step, const T *b, std::int64_t b_step,
              const TileTarget<T> &to);
};
/// The scalar products of `rows` vectors with `columns` vectors, of k elements each.
template <class T> struct DotTarget {
  T *c;
  std::int64_t row, column;
  bool accumulate;
};
template <class T> struct DotTile {
  int rows, columns;
  void (*run)(std::int64_t k, const T *a, std::int64_t a_row, const T *b, std::int64_t b_row,
              const DotTarget<T> &to);
};

struct Loops {
  const char *name;
  ElementLoops f32, f64;
  ReduceLoops<float> reduce_f32;
  ReduceLoops<double> reduce_f64;
  GemmTile<float> gemm_f32;
  GemmTile<double> gemm_f64;
  DotTile<float> dot_f32;
  DotTile<double> dot_f64;
};

/// The best set for this processor. NABLA_ISA=generic or avx2 in the environment asks for less.
const Loops &loops();

const Loops *loops_generic();
const Loops *loops_avx2();   ///< null when not compiled in
const Loops *loops_avx512(); ///< null when not compiled in

template <class T> const ReduceLoops<T> &reduce_loops();
template <> inline const ReduceLoops<float> &reduce_loops<float>() { return loops().reduce_f32; }
template <> inline const ReduceLoops<double> &reduce_loops<double>() { return loops().reduce_f64; }

/// Loops of any element type: floating ones from loops(), the others plain.
const ElementLoops &element_loops(ScalarType type);
const ElementLoops &integer_loops(ScalarType type);

} // namespace nabla::kernels

#endif
