// How the static compiler goes backwards through functions of tensors: one rule per operation, named by [[nabla::pullback_of]].
//
//   primal: r = f(a, b)     adjoint: f_pullback(a, b, [r,] r_bar, &a_bar, &b_bar)
//
// A rule adds to what its pointers lead to; a null pointer is an adjoint that nobody asks for, an undefined r_bar is zero.
// Rules work on values and record nothing; generated code holds a NoGradGuard around them.
#ifndef NABLA_TENSOR_RULES_H
#define NABLA_TENSOR_RULES_H

#include "autograd.h"
#include "nn.h"

#if __has_cpp_attribute(nabla::pullback_of)
#define NABLA_RULE_OF(NAME) [[nabla::pullback_of(NAME)]]
#else
#define NABLA_RULE_OF(NAME)
#endif
/// Of the method and of the free function.
#define NABLA_RULE_OF_BOTH(NAME) NABLA_RULE_OF("nabla::Tensor::" NAME) NABLA_RULE_OF("nabla::" NAME)

namespace nabla {

/// What generated code does with adjoints (nabla/handle.h).
struct detail::TensorHandle {
  using guard = NoGradGuard;
  /// An undefined tensor is zero; nothing is written in place, since others may share the memory.
  static void accumulate(Tensor &bar, const Tensor &more);
  /// Ones; the result must have one element, as for backward().
  static Tensor seed(const Tensor &result);
};

// ---- Elementwise, one argument ----
#define NABLA_RULE_NEEDS_Neither
#define NABLA_RULE_NEEDS_Input
#define NABLA_RULE_NEEDS_Result const Tensor &result,
#define NABLA_UNARY(NAME, KERNEL, ROW, NODE, SAVES)                                                          \
  NABLA_RULE_OF_BOTH(#NAME)                                                                                  \
  void NAME##_pullback(const Tensor &x, NABLA_RULE_NEEDS_##SAVES const Tensor &seed, Tensor *x_bar);
#include "unary.def"
#undef NABLA_RULE_NEEDS_Neither
#undef NABLA_RULE_NEEDS_Input
#undef NABLA_RULE_NEEDS_Result
NABLA_RULE_OF("nabla::Tensor::operator-")
void negate_pullback(const Tensor &x, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("square") void square_pullback(const Tensor &x, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("erfinv")
void erfinv_pullback(const Tensor &x, const Tensor &result, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("logit") void logit_pullback(const Tensor &x, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF("nabla::Tensor::polygamma")
void polygamma_pullback(const Tensor &x, std::int64_t order, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("rsqrt")
void rsqrt_pullback(const Tensor &x, const Tensor &result, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("reciprocal")
void reciprocal_pullback(const Tensor &x, const Tensor &result, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("relu")
void relu_pullback(const Tensor &x, const Tensor &result, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("sigmoid")
void sigmoid_pullback(const Tensor &x, const Tensor &result, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF("nabla::gelu")
void gelu_pullback(const Tensor &x, const std::string &approximate, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF("nabla::silu") void silu_pullback(const Tensor &x, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF("nabla::softplus")
void softplus_pullback(const Tensor &x, double beta, double threshold, const Tensor &seed, Tensor *x_bar,
                       double *beta_bar, double *threshold_bar);
NABLA_RULE_OF("nabla::log_sigmoid")
void log_sigmoid_pullback(const Tensor &x, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF("nabla::leaky_relu")
void leaky_relu_pullback(const Tensor &x, double slope, const Tensor &seed, Tensor *x_bar, double *slope_bar);
NABLA_RULE_OF("nabla::elu")
void elu_pullback(const Tensor &x, double alpha, const Tensor &seed, Tensor *x_bar, double *alpha_bar);
NABLA_RULE_OF_BOTH("clamp")
void clamp_pullback(const Tensor &x, std::optional<Scalar> min, std::optional<Scalar> max, const Tensor &seed,
                    Tensor *x_bar);
NABLA_RULE_OF_BOTH("clamp_min")
void clamp_min_pullback(const Tensor &x, Scalar min, const Tensor &seed, Tensor *x_bar, double *min_bar);
NABLA_RULE_OF_BOTH("clamp_max")
void clamp_max_pullback(const Tensor &x, Scalar max, const Tensor &seed, Tensor *x_bar, double *max_bar);

// ---- Elementwise, two arguments: both may be broadcast ----
#define NABLA_RULE_TWO_TENSORS(RULE)                                                                         \
  void RULE(const Tensor &a, const Tensor &b, const Tensor &seed, Tensor *a_bar, Tensor *b_bar);
#define NABLA_RULE_TENSOR_NUMBER(RULE)                                                                       \
  void RULE(const Tensor &a, Scalar b, const Tensor &seed, Tensor *a_bar, double *b_bar);
#define NABLA_RULE_NUMBER_TENSOR(RULE)                                                                       \
  void RULE(Scalar a, const Tensor &b, const Tensor &seed, double *a_bar, Tensor *b_bar);
#define NABLA_RULE_OPERATOR(SIGN, RULE)                                                                      \
  NABLA_RULE_OF("nabla::operator" SIGN)                                                                      \
  NABLA_RULE_TWO_TENSORS(RULE)                                                                               \
  NABLA_RULE_OF("nabla::operator" SIGN)                                                                      \
  NABLA_RULE_TENSOR_NUMBER(RULE) NABLA_RULE_OF("nabla::operator" SIGN) NABLA_RULE_NUMBER_TENSOR(RULE)
NABLA_RULE_OPERATOR("+", plus_pullback)
NABLA_RULE_OPERATOR("-", minus_pullback)
NABLA_RULE_OPERATOR("*", times_pullback)
NABLA_RULE_OPERATOR("/", over_pullback)
#undef NABLA_RULE_OPERATOR
NABLA_RULE_OF_BOTH("add")
void add_pullback(const Tensor &a, const Tensor &b, Scalar alpha, const Tensor &seed, Tensor *a_bar,
                  Tensor *b_bar, double *alpha_bar);
NABLA_RULE_OF_BOTH("add")
void add_pullback(const Tensor &a, Scalar b, Scalar alpha, const Tensor &seed, Tensor *a_bar, double *b_bar,
                  double *alpha_bar);
NABLA_RULE_OF_BOTH("sub")
void sub_pullback(const Tensor &a, const Tensor &b, Scalar alpha, const Tensor &seed, Tensor *a_bar,
                  Tensor *b_bar, double *alpha_bar);
NABLA_RULE_OF_BOTH("sub")
void sub_pullback(const Tensor &a, Scalar b, Scalar alpha, const Tensor &seed, Tensor *a_bar, double *b_bar,
                  double *alpha_bar);
NABLA_RULE_OF("nabla::rsub")
NABLA_RULE_TENSOR_NUMBER(rsub_pullback)
NABLA_RULE_OF_BOTH("mul")
NABLA_RULE_TWO_TENSORS(mul_pullback)
NABLA_RULE_OF_BOTH("mul")
NABLA_RULE_TENSOR_NUMBER(mul_pullback)
NABLA_RULE_OF_BOTH("div")
NABLA_RULE_TWO_TENSORS(div_pullback)
NABLA_RULE_OF_BOTH("div")
NABLA_RULE_TENSOR_NUMBER(div_pullback)
NABLA_RULE_OF_BOTH("pow")
void pow_pullback(const Tensor &x, const Tensor &exponent, const Tensor &result, const Tensor &seed,
                  Tensor *x_bar, Tensor *exponent_bar);
NABLA_RULE_OF_BOTH("pow")
void pow_pullback(const Tensor &x, Scalar exponent, const Tensor &result, const Tensor &seed, Tensor *x_bar,
                  double *exponent_bar);
NABLA_RULE_OF("nabla::pow")
void pow_pullback(Scalar x, const Tensor &exponent, const Tensor &result, const Tensor &seed, double *x_bar,
                  Tensor *exponent_bar);
NABLA_RULE_OF_BOTH("atan2")
NABLA_RULE_TWO_TENSORS(atan2_pullback)
NABLA_RULE_OF_BOTH("hypot")
void hypot_pullback(const Tensor &a, const Tensor &b, const Tensor &result, const Tensor &seed, Tensor *a_bar,
                    Tensor *b_bar);
NABLA_RULE_OF_BOTH("maximum")
NABLA_RULE_OF_BOTH("max")
NABLA_RULE_TWO_TENSORS(maximum_pullback)
NABLA_RULE_OF_BOTH("minimum")
NABLA_RULE_OF_BOTH("min")
NABLA_RULE_TWO_TENSORS(minimum_pullback)
NABLA_RULE_OF_BOTH("lerp")
void lerp_pullback(const Tensor &a, const Tensor &b, const Tensor &weight, const Tensor &seed, Tensor *a_bar,
                   Tensor *b_bar, Tensor *weight_bar);
NABLA_RULE_OF_BOTH("lerp")
void lerp_pullback(const Tensor &a, const Tensor &b, Scalar weight, const Tensor &seed, Tensor *a_bar,
                   Tensor *b_bar, double *weight_bar);
NABLA_RULE_OF("nabla::where")
void where_pullback(const Tensor &condition, const Tensor &a, const Tensor &b, const Tensor &seed,
                    Tensor *condition_bar, Tensor *a_bar, Tensor *b_bar);
NABLA_RULE_OF("nabla::where")
void where_pullback(const Tensor &condition, const Tensor &a, Scalar b, const Tensor &seed,
                    Tensor *condition_bar, Tensor *a_bar, double *b_bar);
NABLA_RULE_OF("nabla::where")
void where_pullback(const Tensor &condition, Scalar a, const Tensor &b, const Tensor &seed,
                    Tensor *condition_bar, double *a_bar, Tensor *b_bar);
NABLA_RULE_OF_BOTH("masked_fill")
void masked_fill_pullback(const Tensor &x, const Tensor &mask, Scalar value, const Tensor &seed,
                          Tensor *x_bar, Tensor *mask_bar, double *value_bar);

// ---- Reductions ----
NABLA_RULE_OF_BOTH("sum") void sum_pullback(const Tensor &x, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("sum")
void sum_pullback(const Tensor &x, IntArrayRef dim, bool keepdim, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF("nabla::Tensor::sum")
void sum_pullback(const Tensor &x, ScalarType type, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("mean") void mean_pullback(const Tensor &x, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("mean")
void mean_pullback(const Tensor &x, IntArrayRef dim, bool keepdim, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("max")
void max_pullback(const Tensor &x, const Tensor &result, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("min")
void min_pullback(const Tensor &x, const Tensor &result, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("amax")
NABLA_RULE_OF_BOTH("amin")
void amax_pullback(const Tensor &x, IntArrayRef dim, bool keepdim, const Tensor &result, const Tensor &seed,
                   Tensor *x_bar);
NABLA_RULE_OF("nabla::Tensor::var")
void var_pullback(const Tensor &x, bool unbiased, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF("nabla::Tensor::var")
void var_pullback(const Tensor &x, IntArrayRef dim, bool unbiased, bool keepdim, const Tensor &seed,
                  Tensor *x_bar);
NABLA_RULE_OF("nabla::Tensor::std")
void std_pullback(const Tensor &x, bool unbiased, const Tensor &result, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("std")
void std_pullback(const Tensor &x, IntArrayRef dim, bool unbiased, bool keepdim, const Tensor &result,
                  const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("norm")
void norm_pullback(const Tensor &x, Scalar p, const Tensor &result, const Tensor &seed, Tensor *x_bar,
                   double *p_bar);
NABLA_RULE_OF_BOTH("norm")
void norm_pullback(const Tensor &x, Scalar p, IntArrayRef dim, bool keepdim, const Tensor &result,
                   const Tensor &seed, Tensor *x_bar, double *p_bar);
NABLA_RULE_OF_BOTH("logsumexp")
void logsumexp_pullback(const Tensor &x, IntArrayRef dim, bool keepdim, const Tensor &result,
                        const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF("nabla::Tensor::sum_to_size")
void sum_to_size_pullback(const Tensor &x, IntArrayRef sizes, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("trace") void trace_pullback(const Tensor &x, const Tensor &seed, Tensor *x_bar);
/// x.item<double>(), x.item<float>()
NABLA_RULE_OF("nabla::Tensor::item") void item_pullback(const Tensor &x, double seed, Tensor *x_bar);
NABLA_RULE_OF("nabla::Tensor::item") void item_pullback(const Tensor &x, float seed, Tensor *x_bar);
/// x.item().to<double>()
NABLA_RULE_OF("nabla::Tensor::item") void item_pullback(const Tensor &x, Scalar seed, Tensor *x_bar);

// ---- Along one dimension ----
NABLA_RULE_OF_BOTH("cumsum")
void cumsum_pullback(const Tensor &x, std::int64_t dim, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("softmax")
void softmax_pullback(const Tensor &x, std::int64_t dim, const Tensor &result, const Tensor &seed,
                      Tensor *x_bar);
NABLA_RULE_OF_BOTH("log_softmax")
void log_softmax_pullback(const Tensor &x, std::int64_t dim, const Tensor &result, const Tensor &seed,
                          Tensor *x_bar);
NABLA_RULE_OF_BOTH("flip")
void flip_pullback(const Tensor &x, IntArrayRef dims, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("roll")
void roll_pullback(const Tensor &x, std::int64_t shift, std::int64_t dim, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("tril")
void tril_pullback(const Tensor &x, std::int64_t diagonal, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("triu")
void triu_pullback(const Tensor &x, std::int64_t diagonal, const Tensor &seed, Tensor *x_bar);

// ---- Shapes ----
NABLA_RULE_OF_BOTH("clone")
NABLA_RULE_OF("nabla::Tensor::contiguous")
void clone_pullback(const Tensor &x, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF("nabla::Tensor::to")
void to_pullback(const Tensor &x, ScalarType type, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF("nabla::Tensor::view")
NABLA_RULE_OF_BOTH("reshape")
void reshape_pullback(const Tensor &x, IntArrayRef sizes, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("flatten")
void flatten_pullback(const Tensor &x, std::int64_t start_dim, std::int64_t end_dim, const Tensor &seed,
                      Tensor *x_bar);
NABLA_RULE_OF("nabla::Tensor::unflatten")
void unflatten_pullback(const Tensor &x, std::int64_t dim, IntArrayRef sizes, const Tensor &seed,
                        Tensor *x_bar);
NABLA_RULE_OF_BOTH("squeeze") void squeeze_pullback(const Tensor &x, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("squeeze")
NABLA_RULE_OF_BOTH("unsqueeze")
void squeeze_pullback(const Tensor &x, std::int64_t dim, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF("nabla::Tensor::expand")
NABLA_RULE_OF("nabla::Tensor::broadcast_to")
void expand_pullback(const Tensor &x, IntArrayRef sizes, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("t") void t_pullback(const Tensor &x, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("transpose")
void transpose_pullback(const Tensor &x, std::int64_t dim0, std::int64_t dim1, const Tensor &seed,
                        Tensor *x_bar);
NABLA_RULE_OF_BOTH("permute")
void permute_pullback(const Tensor &x, IntArrayRef dims, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("movedim")
void movedim_pullback(const Tensor &x, std::int64_t from, std::int64_t to, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF("nabla::Tensor::operator[]")
void at_pullback(const Tensor &x, std::int64_t index, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF("nabla::Tensor::operator[]")
void at_pullback(const Tensor &x, int index, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("select")
void select_pullback(const Tensor &x, std::int64_t dim, std::int64_t index, const Tensor &seed,
                     Tensor *x_bar);
NABLA_RULE_OF_BOTH("narrow")
void narrow_pullback(const Tensor &x, std::int64_t dim, std::int64_t start, std::int64_t length,
                     const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF("nabla::Tensor::slice")
void slice_pullback(const Tensor &x, std::int64_t dim, std::optional<std::int64_t> start,
                    std::optional<std::int64_t> end, std::int64_t step, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("diagonal")
void diagonal_pullback(const Tensor &x, std::int64_t offset, std::int64_t dim1, std::int64_t dim2,
                       const Tensor &seed, Tensor *x_bar);
/// Integers, slices, None and masks; a tensor of numbers is refused, since it may name an element twice.
NABLA_RULE_OF("nabla::Tensor::index")
void index_pullback(const Tensor &x, std::initializer_list<indexing::TensorIndex> indices, const Tensor &seed,
                    Tensor *x_bar);
NABLA_RULE_OF_BOTH("index_select")
void index_select_pullback(const Tensor &x, std::int64_t dim, const Tensor &index, const Tensor &seed,
                           Tensor *x_bar, Tensor *index_bar);
NABLA_RULE_OF_BOTH("gather")
void gather_pullback(const Tensor &x, std::int64_t dim, const Tensor &index, const Tensor &seed,
                     Tensor *x_bar, Tensor *index_bar);
NABLA_RULE_OF("nabla::cat")
void cat_pullback(TensorList tensors, std::int64_t dim, const Tensor &seed, ArrayRef<Tensor *> bars);
NABLA_RULE_OF("nabla::stack")
void stack_pullback(TensorList tensors, std::int64_t dim, const Tensor &seed, ArrayRef<Tensor *> bars);

// ---- New tensors from numbers ----
NABLA_RULE_OF("nabla::full")
void full_pullback(IntArrayRef sizes, Scalar value, const TensorOptions &options, const Tensor &seed,
                   double *value_bar);
NABLA_RULE_OF("nabla::scalar_tensor")
void scalar_tensor_pullback(Scalar value, const TensorOptions &options, const Tensor &seed,
                            double *value_bar);
NABLA_RULE_OF("nabla::full_like")
void full_like_pullback(const Tensor &like, Scalar value, const TensorOptions &options, const Tensor &seed,
                        Tensor *like_bar, double *value_bar);

// ---- Products ----
NABLA_RULE_OF_BOTH("matmul")
NABLA_RULE_TWO_TENSORS(matmul_pullback)
NABLA_RULE_OF_BOTH("mm")
NABLA_RULE_TWO_TENSORS(mm_pullback)
NABLA_RULE_OF_BOTH("mv")
NABLA_RULE_TWO_TENSORS(mv_pullback)
NABLA_RULE_OF_BOTH("dot")
NABLA_RULE_TWO_TENSORS(dot_pullback)
NABLA_RULE_OF_BOTH("bmm")
NABLA_RULE_TWO_TENSORS(bmm_pullback)
NABLA_RULE_OF_BOTH("outer")
NABLA_RULE_TWO_TENSORS(outer_pullback)
NABLA_RULE_OF_BOTH("addmm")
void addmm_pullback(const Tensor &c, const Tensor &a, const Tensor &b, Scalar beta, Scalar alpha,
                    const Tensor &seed, Tensor *c_bar, Tensor *a_bar, Tensor *b_bar, double *beta_bar,
                    double *alpha_bar);
NABLA_RULE_OF("nabla::linear")
void linear_pullback(const Tensor &x, const Tensor &weight, const Tensor &bias, const Tensor &seed,
                     Tensor *x_bar, Tensor *weight_bar, Tensor *bias_bar);

// ---- Layers and losses. The adjoints of classes and class weights must not be asked for. ----
NABLA_RULE_OF("nabla::conv2d")
void conv2d_pullback(const Tensor &x, const Tensor &weight, const Tensor &bias, IntArrayRef stride,
                     IntArrayRef padding, IntArrayRef dilation, std::int64_t groups, const Tensor &seed,
                     Tensor *x_bar, Tensor *weight_bar, Tensor *bias_bar);
NABLA_RULE_OF("nabla::embedding")
void embedding_pullback(const Tensor &weight, const Tensor &indices, std::int64_t padding_idx,
                        const Tensor &seed, Tensor *weight_bar, Tensor *indices_bar);
NABLA_RULE_OF("nabla::layer_norm")
void layer_norm_pullback(const Tensor &x, IntArrayRef normalized_shape, const Tensor &weight,
                         const Tensor &bias, double eps, const Tensor &seed, Tensor *x_bar,
                         Tensor *weight_bar, Tensor *bias_bar, double *eps_bar);
NABLA_RULE_OF("nabla::mse_loss")
void mse_loss_pullback(const Tensor &x, const Tensor &target, std::int64_t reduction, const Tensor &seed,
                       Tensor *x_bar, Tensor *target_bar);
NABLA_RULE_OF("nabla::l1_loss")
void l1_loss_pullback(const Tensor &x, const Tensor &target, std::int64_t reduction, const Tensor &seed,
                      Tensor *x_bar, Tensor *target_bar);
NABLA_RULE_OF("nabla::nll_loss")
void nll_loss_pullback(const Tensor &x, const Tensor &target, const Tensor &weight, std::int64_t reduction,
                       std::int64_t ignore_index, const Tensor &seed, Tensor *x_bar, Tensor *target_bar,
                       Tensor *weight_bar);
NABLA_RULE_OF("nabla::cross_entropy_loss")
void cross_entropy_loss_pullback(const Tensor &x, const Tensor &target, const Tensor &weight,
                                 std::int64_t reduction, std::int64_t ignore_index, double label_smoothing,
                                 const Tensor &seed, Tensor *x_bar, Tensor *target_bar, Tensor *weight_bar,
                                 double *label_smoothing_bar);

NABLA_RULE_OF("nabla::nn::functional::cross_entropy")
void cross_entropy_pullback(const Tensor &x, const Tensor &target,
                            const nn::functional::CrossEntropyFuncOptions &o, const Tensor &seed,
                            Tensor *x_bar, Tensor *target_bar);

// ---- Several results: adjoints of what nobody uses are undefined ----
NABLA_RULE_OF_BOTH("max")
NABLA_RULE_OF_BOTH("min")
void max_pullback(const Tensor &x, std::int64_t dim, bool keepdim, const std::tuple<Tensor, Tensor> &result,
                  const std::tuple<Tensor, Tensor> &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("sort")
void sort_pullback(const Tensor &x, std::int64_t dim, bool descending,
                   const std::tuple<Tensor, Tensor> &result, const std::tuple<Tensor, Tensor> &seed,
                   Tensor *x_bar);
NABLA_RULE_OF_BOTH("topk")
void topk_pullback(const Tensor &x, std::int64_t k, std::int64_t dim, bool largest,
                   const std::tuple<Tensor, Tensor> &result, const std::tuple<Tensor, Tensor> &seed,
                   Tensor *x_bar);
NABLA_RULE_OF_BOTH("split")
NABLA_RULE_OF_BOTH("chunk")
void split_pullback(const Tensor &x, std::int64_t size, std::int64_t dim, const std::vector<Tensor> &result,
                    const std::vector<Tensor> &seed, Tensor *x_bar);
NABLA_RULE_OF("nabla::Tensor::split")
void split_pullback(const Tensor &x, IntArrayRef sizes, std::int64_t dim, const std::vector<Tensor> &result,
                    const std::vector<Tensor> &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("unbind")
void unbind_pullback(const Tensor &x, std::int64_t dim, const std::vector<Tensor> &result,
                     const std::vector<Tensor> &seed, Tensor *x_bar);
NABLA_RULE_OF("nabla::linalg_slogdet")
void slogdet_pullback(const Tensor &a, const std::tuple<Tensor, Tensor> &seed, Tensor *a_bar);
NABLA_RULE_OF("nabla::linalg_eigh")
void eigh_pullback(const Tensor &a, const std::tuple<Tensor, Tensor> &seed, Tensor *a_bar);
NABLA_RULE_OF("nabla::linalg_qr")
void qr_pullback(const Tensor &a, const std::tuple<Tensor, Tensor> &seed, Tensor *a_bar);
NABLA_RULE_OF("nabla::linalg_svd")
void svd_pullback(const Tensor &a, const std::tuple<Tensor, Tensor, Tensor> &seed, Tensor *a_bar);
/// A vector of tensors given to cat or stack.
NABLA_RULE_OF("nabla::cat")
void cat_pullback(const std::vector<Tensor> &tensors, std::int64_t dim, const Tensor &seed,
                  std::vector<Tensor> *bars);
NABLA_RULE_OF("nabla::stack")
void stack_pullback(const std::vector<Tensor> &tensors, std::int64_t dim, const Tensor &seed,
                    std::vector<Tensor> *bars);
void einsum_pullback(const std::string &equation, const std::vector<Tensor> &tensors, const Tensor &seed,
                     std::vector<Tensor> *bars);

// ---- Rarer ones: the operation runs once more, on a tape of its own, which is swept and forgotten ----
#define NABLA_RULE_ONE(NAME) void NAME##_pullback(const Tensor &x, const Tensor &seed, Tensor *x_bar);
// clang-format off
NABLA_RULE_OF("nabla::linalg_inv")
NABLA_RULE_OF("nabla::Tensor::inverse") NABLA_RULE_ONE(inv)
NABLA_RULE_OF("nabla::linalg_det")
NABLA_RULE_OF("nabla::Tensor::det") NABLA_RULE_ONE(det)
NABLA_RULE_OF_BOTH("logdet") NABLA_RULE_ONE(logdet)
NABLA_RULE_OF("nabla::linalg_cholesky") NABLA_RULE_ONE(cholesky)
NABLA_RULE_OF("nabla::linalg_eigvalsh") NABLA_RULE_ONE(eigvalsh)
NABLA_RULE_OF("nabla::linalg_svdvals") NABLA_RULE_ONE(svdvals)
NABLA_RULE_OF_BOTH("prod") NABLA_RULE_ONE(prod)
NABLA_RULE_OF("nabla::Tensor::median") NABLA_RULE_ONE(median)
NABLA_RULE_OF("nabla::selu") NABLA_RULE_ONE(selu)
#undef NABLA_RULE_ONE
NABLA_RULE_OF_BOTH("prod")
void prod_pullback(const Tensor &x, std::int64_t dim, bool keepdim, const Tensor &seed, Tensor *x_bar);
// clang-format on
NABLA_RULE_OF_BOTH("cumprod")
void cumprod_pullback(const Tensor &x, std::int64_t dim, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF("nabla::Tensor::diag")
void diag_pullback(const Tensor &x, std::int64_t diagonal, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF("nabla::Tensor::repeat")
void repeat_pullback(const Tensor &x, IntArrayRef repeats, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF("nabla::Tensor::repeat_interleave")
void repeat_interleave_pullback(const Tensor &x, std::int64_t repeats, std::int64_t dim, const Tensor &seed,
                                Tensor *x_bar);
NABLA_RULE_OF("nabla::Tensor::unfold")
void unfold_pullback(const Tensor &x, std::int64_t dim, std::int64_t size, std::int64_t step,
                     const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF_BOTH("nan_to_num")
void nan_to_num_pullback(const Tensor &x, double nan, const Tensor &seed, Tensor *x_bar, double *nan_bar);
NABLA_RULE_OF_BOTH("take")
void take_pullback(const Tensor &x, const Tensor &index, const Tensor &seed, Tensor *x_bar,
                   Tensor *index_bar);
NABLA_RULE_OF_BOTH("masked_select")
void masked_select_pullback(const Tensor &x, const Tensor &mask, const Tensor &seed, Tensor *x_bar,
                            Tensor *mask_bar);
NABLA_RULE_OF("nabla::Tensor::index_add")
void index_add_pullback(const Tensor &x, std::int64_t dim, const Tensor &index, const Tensor &source,
                        const Tensor &seed, Tensor *x_bar, Tensor *index_bar, Tensor *source_bar);
NABLA_RULE_OF("nabla::Tensor::scatter")
void scatter_pullback(const Tensor &x, std::int64_t dim, const Tensor &index, const Tensor &source,
                      const Tensor &seed, Tensor *x_bar, Tensor *index_bar, Tensor *source_bar);
NABLA_RULE_OF("nabla::Tensor::scatter_add")
void scatter_add_pullback(const Tensor &x, std::int64_t dim, const Tensor &index, const Tensor &source,
                          const Tensor &seed, Tensor *x_bar, Tensor *index_bar, Tensor *source_bar);
NABLA_RULE_OF_BOTH("remainder")
NABLA_RULE_TWO_TENSORS(remainder_pullback)
NABLA_RULE_OF_BOTH("remainder")
NABLA_RULE_TENSOR_NUMBER(remainder_pullback)
NABLA_RULE_OF_BOTH("fmod")
NABLA_RULE_TWO_TENSORS(fmod_pullback)
NABLA_RULE_OF_BOTH("fmod")
NABLA_RULE_TENSOR_NUMBER(fmod_pullback)
NABLA_RULE_OF_BOTH("copysign")
NABLA_RULE_TWO_TENSORS(copysign_pullback)
NABLA_RULE_OF_BOTH("addcmul")
void addcmul_pullback(const Tensor &x, const Tensor &a, const Tensor &b, Scalar value, const Tensor &seed,
                      Tensor *x_bar, Tensor *a_bar, Tensor *b_bar, double *value_bar);
NABLA_RULE_OF_BOTH("addcdiv")
void addcdiv_pullback(const Tensor &x, const Tensor &a, const Tensor &b, Scalar value, const Tensor &seed,
                      Tensor *x_bar, Tensor *a_bar, Tensor *b_bar, double *value_bar);
NABLA_RULE_OF("nabla::linalg_solve")
NABLA_RULE_TWO_TENSORS(solve_pullback)
NABLA_RULE_OF("nabla::linalg_solve_triangular")
void solve_triangular_pullback(const Tensor &a, const Tensor &b, bool upper, bool unitriangular,
                               const Tensor &seed, Tensor *a_bar, Tensor *b_bar);
NABLA_RULE_OF("nabla::einsum")
void einsum_pullback(const std::string &equation, TensorList operands, const Tensor &seed,
                     ArrayRef<Tensor *> bars);
NABLA_RULE_OF("nabla::conv1d")
void conv1d_pullback(const Tensor &x, const Tensor &weight, const Tensor &bias, std::int64_t stride,
                     std::int64_t padding, std::int64_t dilation, std::int64_t groups, const Tensor &seed,
                     Tensor *x_bar, Tensor *weight_bar, Tensor *bias_bar);
NABLA_RULE_OF("nabla::max_pool2d")
void max_pool2d_pullback(const Tensor &x, IntArrayRef kernel, IntArrayRef stride, IntArrayRef padding,
                         IntArrayRef dilation, const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF("nabla::avg_pool2d")
void avg_pool2d_pullback(const Tensor &x, IntArrayRef kernel, IntArrayRef stride, IntArrayRef padding,
                         const Tensor &seed, Tensor *x_bar);
NABLA_RULE_OF("nabla::smooth_l1_loss")
void smooth_l1_loss_pullback(const Tensor &x, const Tensor &target, std::int64_t reduction, double beta,
                             const Tensor &seed, Tensor *x_bar, Tensor *target_bar, double *beta_bar);
NABLA_RULE_OF("nabla::huber_loss")
void huber_loss_pullback(const Tensor &x, const Tensor &target, std::int64_t reduction, double delta,
                         const Tensor &seed, Tensor *x_bar, Tensor *target_bar, double *delta_bar);
NABLA_RULE_OF("nabla::kl_div")
void kl_div_pullback(const Tensor &x, const Tensor &target, std::int64_t reduction, bool log_target,
                     const Tensor &seed, Tensor *x_bar, Tensor *target_bar);
NABLA_RULE_OF("nabla::binary_cross_entropy")
void binary_cross_entropy_pullback(const Tensor &x, const Tensor &target, const Tensor &weight,
                                   std::int64_t reduction, const Tensor &seed, Tensor *x_bar,
                                   Tensor *target_bar, Tensor *weight_bar);
NABLA_RULE_OF("nabla::binary_cross_entropy_with_logits")
void binary_cross_entropy_with_logits_pullback(const Tensor &x, const Tensor &target, const Tensor &weight,
                                               const Tensor &pos_weight, std::int64_t reduction,
                                               const Tensor &seed, Tensor *x_bar, Tensor *target_bar,
                                               Tensor *weight_bar, Tensor *pos_weight_bar);

#undef NABLA_RULE_TWO_TENSORS
#undef NABLA_RULE_TENSOR_NUMBER
#undef NABLA_RULE_NUMBER_TENSOR
#undef NABLA_RULE_OF
#undef NABLA_RULE_OF_BOTH

} // namespace nabla

#endif
