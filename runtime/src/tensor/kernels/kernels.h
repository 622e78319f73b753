// Numerical loops over strided memory: no autograd, no Tensor, no allocation of results.
//
// In: views of inputs and of an output that the caller allocated. Out: the output is filled. Rules for all functions:
// - Elementwise functions broadcast: an input may have fewer dimensions than the output, and sizes of 1, as in libtorch. Zero
//   strides and views with any other strides are allowed for inputs; an output must not overlap itself.
// - An output may be exactly an input (same data, sizes and strides); other overlaps are the caller's to avoid.
// - Types: the inputs of one elementwise call have one type, which is the output's too unless the op is a predicate (then the
//   output is Bool). Type promotion is the caller's, by `copy`, which casts.
// - Shapes are the caller's to check: a wrong shape is undefined behaviour here. What depends on values (an index out of
//   range, a singular matrix) is returned.
// - float is accumulated in float by pairwise or blocked sums (error grows with log n), integers in int64.
#ifndef NABLA_TENSOR_KERNELS_H
#define NABLA_TENSOR_KERNELS_H

#include <nabla/scalar_type.h>

#include <cstdint>

namespace nabla::kernels {

/// A strided window on memory. Strides count elements, not bytes.
struct View {
  void *data;
  ScalarType dtype;
  int dims;
  const std::int64_t *sizes;
  const std::int64_t *strides;
};

/// A number as a view without dimensions, which every elementwise function broadcasts. Lives as long as the call.
class Constant {
  union {
    float f;
    double d;
    std::int32_t i;
    std::int64_t l;
    bool b;
  };
  ScalarType dtype_;

public:
  Constant(double value, ScalarType dtype) : dtype_(dtype) {
    switch (dtype) {
    case ScalarType::Float:
      f = static_cast<float>(value);
      break;
    case ScalarType::Double:
      d = value;
      break;
    case ScalarType::Int:
      i = static_cast<std::int32_t>(value);
      break;
    case ScalarType::Long:
      l = static_cast<std::int64_t>(value);
      break;
    case ScalarType::Bool:
      b = value != 0;
      break;
    }
  }
  Constant(std::int64_t value, ScalarType dtype) : Constant(static_cast<double>(value), dtype) {
    if (dtype == ScalarType::Long) // beyond 2^53 double would round
      l = value;
  }
  Constant(int value, ScalarType dtype) : Constant(static_cast<double>(value), dtype) {}
  operator View() const { return {const_cast<double *>(&d), dtype_, 0, nullptr, nullptr}; }
};

// ---- Elementwise ---------------------------------------------------------------------------------------------------

/// One-argument functions. Float and Double have all; Int and Long: Neg, Abs, Sign, Square, Relu, BitwiseNot; Bool: BitwiseNot.
/// Predicates (last group) take any type and give Bool. Rounding functions copy integers.
enum class Unary : std::uint8_t {
  Neg,
  Abs,
  Sign,
  Square,
  Sqrt,
  Rsqrt,
  Reciprocal,
  Relu,
  Exp,
  Exp2,
  Expm1,
  Log,
  Log2,
  Log10,
  Log1p,
  Sin,
  Cos,
  Tan,
  Asin,
  Acos,
  Atan,
  Sinh,
  Cosh,
  Tanh,
  Asinh,
  Acosh,
  Atanh,
  Erf,
  Erfc,
  Erfinv,
  Lgamma,
  Digamma,
  Trigamma,
  Sigmoid,
  LogSigmoid,
  Softplus,
  Gelu,
  GeluTanh,
  Silu, ///< Gelu by erf; GeluTanh its tanh approximation; Softplus: beta 1
  Floor,
  Ceil,
  Round,
  Trunc,
  Frac, ///< Round: halves to even
  BitwiseNot,
  LogicalNot,
  IsNan,
  IsInf,
  IsFinite,
  IsNonZero,
};
/// out[i] = op(x[i]).
void unary(Unary op, const View &out, const View &x);
/// The same for one number: what `unary` would give for it, bit for bit, in the type's own arithmetic.
float unary(Unary op, float x);
double unary(Unary op, double x);

/// Two-argument functions a op b. Integers have all but Div, Pow with negative exponents gives 0 (libtorch refuses it: check before),
/// Atan2 and Hypot; an integer division by zero throws std::domain_error. Bool: Add (or), Mul (and), Maximum, Minimum and the logical ones.
/// FloorDiv and Remainder round as Python's // and %, TruncDiv and Fmod as C's.
/// *Backward: first argument gradient g, second the result y or input x as named: the fused partials of one-argument functions.
/// Predicates (last group) give Bool.
enum class Binary : std::uint8_t {
  Add,
  Sub,
  Mul,
  Div,
  FloorDiv,
  TruncDiv,
  Remainder,
  Fmod,
  Pow,
  Maximum,
  Minimum,
  Atan2,
  Hypot,
  CopySign,
  BitwiseAnd,
  BitwiseOr,
  BitwiseXor,
  TanhBackward,    ///< g (1 - y^2)
  SigmoidBackward, ///< g y (1 - y)
  ReluBackward,    ///< y > 0 ? g : 0
  SqrtBackward,    ///< g / (2 y)
  GeluBackward,    ///< g (cdf(x) + x pdf(x))
  SquareBackward,  ///< 2 g x
  Eq,
  Ne,
  Lt,
  Le,
  Gt,
  Ge,
  LogicalAnd,
  LogicalOr,
  LogicalXor,
};
/// out[i] = a[i] op b[i].
void binary(Binary op, const View &out, const View &a, const View &b);
float binary(Binary op, float a, float b);    ///< not for predicates
double binary(Binary op, double a, double b); ///< not for predicates

/// Three-argument functions.
enum class Ternary : std::uint8_t {
  MulAdd,  ///< a * b + c, rounded once or twice as the machine prefers
  Clamp,   ///< min(max(a, b), c); NaN in a stays
  Lerp,    ///< a + c (b - a)
  AddCDiv, ///< a + b / c
};
void ternary(Ternary op, const View &out, const View &a, const View &b, const View &c);

/// out[i] = a[i] + alpha b[i] (libtorch's add and sub with alpha, and axpy when out is a). Rounded product and sum.
void add_scaled(const View &out, const View &a, const View &b, double alpha);

/// out[i] = condition[i] ? a[i] : b[i]; condition is Bool.
void where(const View &out, const View &condition, const View &a, const View &b);

/// out[i] = x[i] cast to out's type; to Bool: x != 0; from floating to integer: towards zero.
void copy(const View &out, const View &x);
/// out[i] = value (a view without dimensions, or a Constant) cast.
void fill(const View &out, const View &value);
/// out (one dimension) = start, start + step, ...; computed in double or int64.
void arange(const View &out, double start, double step);
void arange(const View &out, std::int64_t start, std::int64_t step);
/// The k-th diagonal and below (or above) of the last two dimensions; the rest zero.
void tril(const View &out, const View &x, std::int64_t k);
void triu(const View &out, const View &x, std::int64_t k);

// ---- Fused elementwise programs --------------------------------------------------------------------------------------

/// A straight-line elementwise program of Float or Double values of one type, evaluated in one pass over memory, in blocks that stay in
/// the first-level cache. Values are numbered: inputs 0 .. inputs-1, then one per instruction.
struct Instruction {
  enum Kind : std::uint8_t { kUnary, kBinary, kTernary } kind;
  std::uint8_t op; ///< Unary, Binary (no predicates) or Ternary
  std::uint16_t a, b, c;
};
/// What to do with a value: store it (out has the program's shape), or add up all its elements into the one element of out.
struct Result {
  std::uint16_t value;
  bool sum;
  View out;
};
struct Program {
  int dims; ///< shape of all stored results
  const std::int64_t *sizes;
  const View *inputs; ///< each broadcast to the shape
  int n_inputs;
  const Instruction *code;
  int n_code;
  const Result *results;
  int n_results;
};
/// At most 64 values (inputs and instructions together). Results must not overlap inputs or each other.
constexpr int max_program_values = 64;
void run(const Program &program);

// ---- Reductions ------------------------------------------------------------------------------------------------------
// The output has as many dimensions as the input; a reduced dimension has size 1 in it. Nothing to reduce gives the neutral
// element; Max and Min of nothing are undefined (check before).

enum class Reduce : std::uint8_t {
  Sum,
  Prod,
  Max,
  Min,
  Any,
  All,
  Mean,
  LogSumExp,
  SumSquares,
  SumAbs,
  MaxAbs,
  CountNonZero
};
/// Output types: Any and All Bool; CountNonZero Long; Sum and Prod of Bool, Int: Long (or the input's type); otherwise the input's.
/// Mean, LogSumExp, SumSquares, SumAbs, MaxAbs: floating only. Max and Min: NaN wins.
void reduce(Reduce op, const View &out, const View &x);
/// Variance with `correction` (1: unbiased): two passes around the mean. mean may have data == nullptr.
void variance(const View &out, const View &mean, const View &x, double correction);
/// Maximum (or minimum) along one dimension and the index (Long) of its first place; NaN wins. values.data may be nullptr.
void max_index(const View &values, const View &indices, const View &x, int dim, bool minimum);

// ---- Along one dimension ---------------------------------------------------------------------------------------------

void cumsum(const View &out, const View &x, int dim);
void cumprod(const View &out, const View &x, int dim);
void softmax(const View &out, const View &x, int dim);
void log_softmax(const View &out, const View &x, int dim);
/// x_bar of softmax: y (g - sum(g y)); of log_softmax: g - exp(y) sum(g). y is the result.
void softmax_backward(const View &out, const View &g, const View &y, int dim);
void log_softmax_backward(const View &out, const View &g, const View &y, int dim);
/// Stable; NaN counts as the largest. indices is Long. values and x have equal sizes.
void sort(const View &values, const View &indices, const View &x, int dim, bool descending);
/// The k (= size of values along dim) largest or smallest, sorted.
void topk(const View &values, const View &indices, const View &x, int dim, bool largest);
void flip(const View &out, const View &x, std::uint64_t dims); ///< bit d set: dimension d is reversed

// ---- Indexing ----------------------------------------------------------------------------------------------------------

/// An index out of range: which index tensor, and its value. `ok()` when there was none; otherwise outputs are partly written.
struct BadIndex {
  int which = -1;
  std::int64_t value = 0;
  bool ok() const { return which < 0; }
};
/// out[i][j].. = x[.. index[i][j] ..] along dim; index is Long, sizes of out and index are equal, other dims of x at least theirs.
BadIndex gather(const View &out, const View &x, int dim, const View &index);
/// out[.. index[i][j] ..] = or += src[i][j]; src has at least index's sizes. Adds in a fixed order (of src, row-major).
BadIndex scatter(const View &out, int dim, const View &index, const View &src, bool add);
/// out[.., k, ..] = x[.., index[k], ..]; index has one dimension (or none).
BadIndex index_select(const View &out, const View &x, int dim, const View &index);
BadIndex index_add(const View &out, int dim, const View &index, const View &src, double alpha);

/// Advanced indexing, after libtorch's restriding. All views have the shape of the result; the source (or target) has stride 0 in the
/// place of the indexed dimensions, whose sizes and strides are in `indexed_sizes`, `indexed_strides`; each index is Long and
/// negative ones count from the end. Element i is at source + sum_k index_k[i] * indexed_strides[k].
struct Indexing {
  int count;
  const View *indices;
  const std::int64_t *indexed_sizes;
  const std::int64_t *indexed_strides;
};
BadIndex index(const View &out, const View &source, const Indexing &by);
/// target at indices = (or +=) value; equal places: the last one wins (or all add), in row-major order.
BadIndex index_put(const View &target, const Indexing &by, const View &value, bool accumulate);
/// Number of true elements, and their flat row-major coordinates: out is Long [count][dims].
std::int64_t count_nonzero(const View &x);
void nonzero(const View &out, const View &x);

// ---- Matrix products ---------------------------------------------------------------------------------------------------
// Float and Double through OpenBLAS when it can be loaded, by own code otherwise and for small sizes; integers by plain loops.
// No copy is made of a matrix whose rows or columns are contiguous.

/// c = alpha a b + beta c, for a [m][k], b [k][n], c [m][n]; with beta 0 c is not read.
void gemm(const View &c, const View &a, const View &b, double alpha = 1, double beta = 0);
/// The same over equal leading dimensions (any number, strides may be 0 in a and b).
void batched_gemm(const View &c, const View &a, const View &b, double alpha = 1, double beta = 0);
/// y = alpha a x + beta y; a [m][n].
void gemv(const View &y, const View &a, const View &x, double alpha = 1, double beta = 0);
/// out (no dimensions) = sum x[i] y[i].
void dot(const View &out, const View &x, const View &y);
/// y += alpha (a b) for a column a and a row b, rounded as the product and then the sum are; false, and nothing done, unless the rows
/// of y and b lie together. Float and Double.
bool add_outer(const View &y, const View &a, const View &b, double alpha);
/// c = a outer b.
void outer(const View &c, const View &a, const View &b);

/// Name of the library that does gemm: "openblas 0.3.21 SkylakeX" or "built-in".
const char *blas_name();
/// Threads for matrix products and large elementwise loops (default: NABLA_NUM_THREADS, or the machine's cores). Results are the same
/// from run to run for a given number.
void set_num_threads(int threads);
int num_threads();

// ---- Linear algebra over leading batch dimensions ------------------------------------------------------------------------

/// Where a factorisation failed: batch entry and LAPACK's info (1-based index of the zero pivot or of the leading minor that is not
/// positive definite).
struct Info {
  std::int64_t batch = 0;
  int info = 0;
  bool ok() const { return info == 0; }
};
Info inverse(const View &out, const View &a);
/// out = a^-1 b, b [..][n][m].
Info solve(const View &out, const View &a, const View &b);
/// out = a^-1 b with a triangular.
Info solve_triangular(const View &out, const View &a, const View &b, bool upper, bool unit_diagonal);
/// a = P L U: lu packed, pivots Int [..][n], 1-based as LAPACK's. A zero pivot is not an error.
void lu(const View &lu, const View &pivots, const View &a);
void det(const View &out, const View &a);
void slogdet(const View &sign, const View &logabsdet, const View &a);
/// Lower factor L of a = L L^T (reads the lower triangle).
Info cholesky(const View &out, const View &a);
/// Ascending eigenvalues and columns of eigenvectors of a symmetric matrix (reads the lower triangle); vectors.data may be nullptr.
Info eigh(const View &values, const View &vectors, const View &a);
/// a [m][n] = u [m][k] diag(s [k]) vh [k][n], k = min(m, n); s descending. u and vh may have data == nullptr, both or none.
Info svd(const View &u, const View &s, const View &vh, const View &a);
/// a [m][n] = q [m][k] r [k][n].
void qr(const View &q, const View &r, const View &a);

// ---- Images ------------------------------------------------------------------------------------------------------------

struct Conv2d {
  std::int64_t stride[2] = {1, 1};
  std::int64_t padding[2] = {0, 0};
  std::int64_t dilation[2] = {1, 1};
  std::int64_t groups = 1;
};
/// out [n][oc][oh][ow] from x [n][ic][h][w] and weight [oc][ic / groups][kh][kw]; bias [oc] may have data == nullptr.
void conv2d(const View &out, const View &x, const View &weight, const View &bias, const Conv2d &how);
/// x_bar from g (shape of out); its shape decides the output padding.
void conv2d_backward_input(const View &x_bar, const View &g, const View &weight, const Conv2d &how);
void conv2d_backward_weight(const View &weight_bar, const View &g, const View &x, const Conv2d &how);

struct Pool2d {
  std::int64_t kernel[2];
  std::int64_t stride[2];
  std::int64_t padding[2] = {0, 0};
  std::int64_t dilation[2] = {1, 1};
};
/// indices: Long, flat in the h * w plane of x, first maximum; NaN wins.
void max_pool2d(const View &out, const View &indices, const View &x, const Pool2d &how);
/// x_bar = sum of g at indices (h * w planes); also the second derivative's forward is `gather` over flattened planes.
void max_pool2d_backward(const View &x_bar, const View &g, const View &indices);
/// Mean over windows, padding counted.
void avg_pool2d(const View &out, const View &x, const Pool2d &how);
void avg_pool2d_backward(const View &x_bar, const View &g, const Pool2d &how);

} // namespace nabla::kernels

#endif
