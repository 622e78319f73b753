// Static rules (rules.h) of operations with several results, and of those that are recorded once more: linear algebra, einsum, pooling,
// scattering, the rarer losses.
#include "rules_impl.h"

#include <nabla/tensor/linalg.h>
#include <nabla/tensor/nn.h>

namespace nabla {

using namespace detail;
using Pair = std::tuple<Tensor, Tensor>;

namespace {

struct Argument {
  const Tensor &value;
  Tensor *bar;
};

/// Runs op on a tape of its own, from leaves in the place of the arguments, and sweeps from its results.
template <class Op>
void replay_all(const std::vector<Argument> &arguments, const std::vector<Tensor> &seeds, Op op) {
  bool flows = false;
  for (const Tensor &seed : seeds)
    flows |= seed.defined();
  if (!flows)
    return;
  const AutoGradMode on(true);
  std::vector<Tensor> leaves, inputs, outputs, given;
  for (const Argument &a : arguments) {
    leaves.push_back(a.value.defined() ? a.value.detach() : Tensor());
    if (a.bar && a.value.defined() && a.value.is_floating_point())
      inputs.push_back(leaves.back().requires_grad_());
  }
  if (inputs.empty())
    return;
  const std::vector<Tensor> results = op(leaves);
  for (std::size_t i = 0; i < results.size(); ++i)
    if (i < seeds.size() && seeds[i].defined() && results[i].requires_grad()) {
      outputs.push_back(results[i]);
      given.push_back(seeds[i]);
    }
  if (outputs.empty())
    return;
  const std::vector<Tensor> bars = autograd::grad(outputs, inputs, given, nullopt, false, true);
  const NoGradGuard off;
  std::size_t next = 0;
  for (const Argument &a : arguments)
    if (a.bar && a.value.defined() && a.value.is_floating_point()) {
      if (bars[next].defined())
        give(a.bar, bars[next], a.value);
      ++next;
    }
}
template <class Op> void replay(const std::vector<Argument> &arguments, const Tensor &seed, Op op) {
  replay_all(arguments, {seed}, [&](const std::vector<Tensor> &x) { return std::vector<Tensor>{op(x)}; });
}
template <class Op> void replay_pair(const Tensor &a, Tensor *bar, const Pair &seed, Op op) {
  replay_all({{a, bar}}, {std::get<0>(seed), std::get<1>(seed)}, [&](const std::vector<Tensor> &x) {
    const Pair r = op(x[0]);
    return std::vector<Tensor>{std::get<0>(r), std::get<1>(r)};
  });
}
void refuse_number(const double *bar, const char *what) {
  if (bar)
    throw NotImplementedError(std::string(what) +
                              ": let it depend on nothing that is differentiated, or mark "
                              "the parameter [[nabla::inactive]]");
}

} // namespace

// ---- Several results ----

// primal: r = x at indices    adjoint: x_bar at indices += r_bar
void max_pullback(const Tensor &x, std::int64_t dim, bool keepdim, const Pair &result, const Pair &seed,
                  Tensor *x_bar) {
  const Tensor &g = std::get<0>(seed), &at = std::get<1>(result);
  if (!flows(g, x_bar))
    return;
  if (x.dim() == 0)
    return give(x_bar, g, x);
  give(x_bar, zeros_of(x).scatter(dim, keepdim ? at : at.unsqueeze(dim), keepdim ? g : g.unsqueeze(dim)), x);
}
void sort_pullback(const Tensor &x, std::int64_t dim, bool, const Pair &result, const Pair &seed,
                   Tensor *x_bar) {
  max_pullback(x, dim, true, result, seed, x_bar);
}
void topk_pullback(const Tensor &x, std::int64_t, std::int64_t dim, bool, const Pair &result,
                   const Pair &seed, Tensor *x_bar) {
  max_pullback(x, dim, true, result, seed, x_bar);
}

namespace {
/// The parts' adjoints, zeros where there is none; nothing where there are none at all.
std::vector<Tensor> filled(const std::vector<Tensor> &result, const std::vector<Tensor> &seed) {
  bool any = false;
  std::vector<Tensor> all;
  for (std::size_t i = 0; i < result.size(); ++i) {
    const bool there = i < seed.size() && seed[i].defined();
    any |= there;
    all.push_back(there ? seed[i] : zeros_of(result[i]));
  }
  return any ? all : std::vector<Tensor>();
}
} // namespace

void split_pullback(const Tensor &x, std::int64_t, std::int64_t dim, const std::vector<Tensor> &result,
                    const std::vector<Tensor> &seed, Tensor *x_bar) {
  split_pullback(x, IntArrayRef(), dim, result, seed, x_bar);
}
void split_pullback(const Tensor &x, IntArrayRef, std::int64_t dim, const std::vector<Tensor> &result,
                    const std::vector<Tensor> &seed, Tensor *x_bar) {
  const std::vector<Tensor> all = filled(result, seed);
  if (x_bar && !all.empty())
    give(x_bar, cat(all, dim), x);
}
void unbind_pullback(const Tensor &x, std::int64_t dim, const std::vector<Tensor> &result,
                     const std::vector<Tensor> &seed, Tensor *x_bar) {
  const std::vector<Tensor> all = filled(result, seed);
  if (x_bar && !all.empty())
    give(x_bar, stack(all, dim), x);
}

namespace {
std::vector<Tensor *> pointers(const std::vector<Tensor> &tensors, std::vector<Tensor> *bars) {
  std::vector<Tensor *> out(tensors.size());
  if (bars && bars->size() < tensors.size())
    bars->resize(tensors.size());
  for (std::size_t i = 0; bars && i < tensors.size(); ++i)
    out[i] = &(*bars)[i];
  return out;
}
} // namespace

void cat_pullback(const std::vector<Tensor> &tensors, std::int64_t dim, const Tensor &seed,
                  std::vector<Tensor> *bars) {
  const std::vector<Tensor *> each = pointers(tensors, bars);
  cat_pullback(TensorList(tensors), dim, seed, ArrayRef<Tensor *>(each));
}
void stack_pullback(const std::vector<Tensor> &tensors, std::int64_t dim, const Tensor &seed,
                    std::vector<Tensor> *bars) {
  const std::vector<Tensor *> each = pointers(tensors, bars);
  stack_pullback(TensorList(tensors), dim, seed, ArrayRef<Tensor *>(each));
}
void einsum_pullback(const std::string &equation, const std::vector<Tensor> &tensors, const Tensor &seed,
                     std::vector<Tensor> *bars) {
  const std::vector<Tensor *> each = pointers(tensors, bars);
  einsum_pullback(equation, TensorList(tensors), seed, ArrayRef<Tensor *>(each));
}

void slogdet_pullback(const Tensor &a, const Pair &seed, Tensor *a_bar) {
  replay_pair(a, a_bar, seed, [](const Tensor &x) { return linalg_slogdet(x); });
}
void eigh_pullback(const Tensor &a, const Pair &seed, Tensor *a_bar) {
  replay_pair(a, a_bar, seed, [](const Tensor &x) { return linalg_eigh(x); });
}
void qr_pullback(const Tensor &a, const Pair &seed, Tensor *a_bar) {
  replay_pair(a, a_bar, seed, [](const Tensor &x) { return linalg_qr(x); });
}
void svd_pullback(const Tensor &a, const std::tuple<Tensor, Tensor, Tensor> &seed, Tensor *a_bar) {
  replay_all({{a, a_bar}}, {std::get<0>(seed), std::get<1>(seed), std::get<2>(seed)},
             [](const std::vector<Tensor> &x) {
               const auto [u, s, vh] = linalg_svd(x[0]);
               return std::vector<Tensor>{u, s, vh};
             });
}

// ---- Recorded once more ----

#define NABLA_REPLAY_ONE(NAME, CALL)                                                                         \
  void NAME##_pullback(const Tensor &x, const Tensor &seed, Tensor *x_bar) {                                 \
    replay({{x, x_bar}}, seed, [](const std::vector<Tensor> &v) { return CALL; });                           \
  }
NABLA_REPLAY_ONE(inv, linalg_inv(v[0]))
NABLA_REPLAY_ONE(det, linalg_det(v[0]))
NABLA_REPLAY_ONE(logdet, logdet(v[0]))
NABLA_REPLAY_ONE(cholesky, linalg_cholesky(v[0]))
NABLA_REPLAY_ONE(eigvalsh, linalg_eigvalsh(v[0]))
NABLA_REPLAY_ONE(svdvals, linalg_svdvals(v[0]))
NABLA_REPLAY_ONE(prod, v[0].prod())
NABLA_REPLAY_ONE(median, v[0].median())
NABLA_REPLAY_ONE(selu, selu(v[0]))
#undef NABLA_REPLAY_ONE

#define NABLA_REPLAY(CALL) [&](const std::vector<Tensor> &v) { return CALL; }
void prod_pullback(const Tensor &x, std::int64_t dim, bool keepdim, const Tensor &seed, Tensor *x_bar) {
  replay({{x, x_bar}}, seed, NABLA_REPLAY(v[0].prod(dim, keepdim)));
}
void cumprod_pullback(const Tensor &x, std::int64_t dim, const Tensor &seed, Tensor *x_bar) {
  replay({{x, x_bar}}, seed, NABLA_REPLAY(v[0].cumprod(dim)));
}
void diag_pullback(const Tensor &x, std::int64_t diagonal, const Tensor &seed, Tensor *x_bar) {
  replay({{x, x_bar}}, seed, NABLA_REPLAY(v[0].diag(diagonal)));
}
void repeat_pullback(const Tensor &x, IntArrayRef repeats, const Tensor &seed, Tensor *x_bar) {
  replay({{x, x_bar}}, seed, NABLA_REPLAY(v[0].repeat(repeats)));
}
void repeat_interleave_pullback(const Tensor &x, std::int64_t repeats, std::int64_t dim, const Tensor &seed,
                                Tensor *x_bar) {
  replay({{x, x_bar}}, seed, NABLA_REPLAY(v[0].repeat_interleave(repeats, dim)));
}
void unfold_pullback(const Tensor &x, std::int64_t dim, std::int64_t size, std::int64_t step,
                     const Tensor &seed, Tensor *x_bar) {
  replay({{x, x_bar}}, seed, NABLA_REPLAY(v[0].unfold(dim, size, step)));
}
void nan_to_num_pullback(const Tensor &x, double nan, const Tensor &seed, Tensor *x_bar, double *nan_bar) {
  refuse_number(nan_bar, "nan_to_num has no derivative by its number");
  replay({{x, x_bar}}, seed, NABLA_REPLAY(v[0].nan_to_num(nan)));
}
void take_pullback(const Tensor &x, const Tensor &index, const Tensor &seed, Tensor *x_bar, Tensor *) {
  replay({{x, x_bar}}, seed, NABLA_REPLAY(v[0].take(index)));
}
void masked_select_pullback(const Tensor &x, const Tensor &mask, const Tensor &seed, Tensor *x_bar,
                            Tensor *) {
  replay({{x, x_bar}}, seed, NABLA_REPLAY(v[0].masked_select(mask)));
}
void index_add_pullback(const Tensor &x, std::int64_t dim, const Tensor &index, const Tensor &source,
                        const Tensor &seed, Tensor *x_bar, Tensor *, Tensor *source_bar) {
  replay({{x, x_bar}, {source, source_bar}}, seed, NABLA_REPLAY(v[0].index_add(dim, index, v[1])));
}
void scatter_pullback(const Tensor &x, std::int64_t dim, const Tensor &index, const Tensor &source,
                      const Tensor &seed, Tensor *x_bar, Tensor *, Tensor *source_bar) {
  replay({{x, x_bar}, {source, source_bar}}, seed, NABLA_REPLAY(v[0].scatter(dim, index, v[1])));
}
void scatter_add_pullback(const Tensor &x, std::int64_t dim, const Tensor &index, const Tensor &source,
                          const Tensor &seed, Tensor *x_bar, Tensor *, Tensor *source_bar) {
  replay({{x, x_bar}, {source, source_bar}}, seed, NABLA_REPLAY(v[0].scatter_add(dim, index, v[1])));
}
void remainder_pullback(const Tensor &a, const Tensor &b, const Tensor &seed, Tensor *a_bar, Tensor *b_bar) {
  replay({{a, a_bar}, {b, b_bar}}, seed, NABLA_REPLAY(v[0].remainder(v[1])));
}
void remainder_pullback(const Tensor &a, Scalar b, const Tensor &seed, Tensor *a_bar, double *b_bar) {
  replay({{a, a_bar}}, seed, NABLA_REPLAY(v[0].remainder(b)));
  if (flows(seed, b_bar))
    give(b_bar, -seed * (a / b).floor());
}
void fmod_pullback(const Tensor &a, const Tensor &b, const Tensor &seed, Tensor *a_bar, Tensor *b_bar) {
  replay({{a, a_bar}, {b, b_bar}}, seed, NABLA_REPLAY(v[0].fmod(v[1])));
}
void fmod_pullback(const Tensor &a, Scalar b, const Tensor &seed, Tensor *a_bar, double *b_bar) {
  replay({{a, a_bar}}, seed, NABLA_REPLAY(v[0].fmod(b)));
  if (flows(seed, b_bar))
    give(b_bar, -seed * (a / b).trunc());
}
void copysign_pullback(const Tensor &a, const Tensor &b, const Tensor &seed, Tensor *a_bar, Tensor *b_bar) {
  replay({{a, a_bar}, {b, b_bar}}, seed, NABLA_REPLAY(v[0].copysign(v[1])));
}
void addcmul_pullback(const Tensor &x, const Tensor &a, const Tensor &b, Scalar value, const Tensor &seed,
                      Tensor *x_bar, Tensor *a_bar, Tensor *b_bar, double *value_bar) {
  replay({{x, x_bar}, {a, a_bar}, {b, b_bar}}, seed, NABLA_REPLAY(v[0].addcmul(v[1], v[2], value)));
  if (flows(seed, value_bar))
    give(value_bar, seed * (a * b));
}
void addcdiv_pullback(const Tensor &x, const Tensor &a, const Tensor &b, Scalar value, const Tensor &seed,
                      Tensor *x_bar, Tensor *a_bar, Tensor *b_bar, double *value_bar) {
  replay({{x, x_bar}, {a, a_bar}, {b, b_bar}}, seed, NABLA_REPLAY(v[0].addcdiv(v[1], v[2], value)));
  if (flows(seed, value_bar))
    give(value_bar, seed * (a / b));
}
void solve_pullback(const Tensor &a, const Tensor &b, const Tensor &seed, Tensor *a_bar, Tensor *b_bar) {
  replay({{a, a_bar}, {b, b_bar}}, seed, NABLA_REPLAY(linalg_solve(v[0], v[1])));
}
void solve_triangular_pullback(const Tensor &a, const Tensor &b, bool upper, bool unitriangular,
                               const Tensor &seed, Tensor *a_bar, Tensor *b_bar) {
  replay({{a, a_bar}, {b, b_bar}}, seed,
         NABLA_REPLAY(linalg_solve_triangular(v[0], v[1], upper, unitriangular)));
}
void einsum_pullback(const std::string &equation, TensorList operands, const Tensor &seed,
                     ArrayRef<Tensor *> bars) {
  std::vector<Argument> all;
  for (std::size_t i = 0; i < operands.size(); ++i)
    all.push_back({operands[i], bars[i]});
  replay(all, seed, NABLA_REPLAY(einsum(equation, TensorList(v))));
}
void conv1d_pullback(const Tensor &x, const Tensor &weight, const Tensor &bias, std::int64_t stride,
                     std::int64_t padding, std::int64_t dilation, std::int64_t groups, const Tensor &seed,
                     Tensor *x_bar, Tensor *weight_bar, Tensor *bias_bar) {
  replay({{x, x_bar}, {weight, weight_bar}, {bias, bias_bar}}, seed,
         NABLA_REPLAY(conv1d(v[0], v[1], v[2], stride, padding, dilation, groups)));
}
void max_pool2d_pullback(const Tensor &x, IntArrayRef kernel, IntArrayRef stride, IntArrayRef padding,
                         IntArrayRef dilation, const Tensor &seed, Tensor *x_bar) {
  replay({{x, x_bar}}, seed, NABLA_REPLAY(max_pool2d(v[0], kernel, stride, padding, dilation)));
}
void avg_pool2d_pullback(const Tensor &x, IntArrayRef kernel, IntArrayRef stride, IntArrayRef padding,
                         const Tensor &seed, Tensor *x_bar) {
  replay({{x, x_bar}}, seed, NABLA_REPLAY(avg_pool2d(v[0], kernel, stride, padding)));
}
void smooth_l1_loss_pullback(const Tensor &x, const Tensor &target, std::int64_t reduction, double beta,
                             const Tensor &seed, Tensor *x_bar, Tensor *target_bar, double *beta_bar) {
  refuse_number(beta_bar, "smooth_l1_loss has no derivative by beta");
  replay({{x, x_bar}, {target, target_bar}}, seed, NABLA_REPLAY(smooth_l1_loss(v[0], v[1], reduction, beta)));
}
void huber_loss_pullback(const Tensor &x, const Tensor &target, std::int64_t reduction, double delta,
                         const Tensor &seed, Tensor *x_bar, Tensor *target_bar, double *delta_bar) {
  refuse_number(delta_bar, "huber_loss has no derivative by delta");
  replay({{x, x_bar}, {target, target_bar}}, seed, NABLA_REPLAY(huber_loss(v[0], v[1], reduction, delta)));
}
void kl_div_pullback(const Tensor &x, const Tensor &target, std::int64_t reduction, bool log_target,
                     const Tensor &seed, Tensor *x_bar, Tensor *target_bar) {
  replay({{x, x_bar}, {target, target_bar}}, seed, NABLA_REPLAY(kl_div(v[0], v[1], reduction, log_target)));
}
void binary_cross_entropy_pullback(const Tensor &x, const Tensor &target, const Tensor &weight,
                                   std::int64_t reduction, const Tensor &seed, Tensor *x_bar,
                                   Tensor *target_bar, Tensor *weight_bar) {
  replay({{x, x_bar}, {target, target_bar}, {weight, weight_bar}}, seed,
         NABLA_REPLAY(binary_cross_entropy(v[0], v[1], v[2], reduction)));
}
void binary_cross_entropy_with_logits_pullback(const Tensor &x, const Tensor &target, const Tensor &weight,
                                               const Tensor &pos_weight, std::int64_t reduction,
                                               const Tensor &seed, Tensor *x_bar, Tensor *target_bar,
                                               Tensor *weight_bar, Tensor *pos_weight_bar) {
  replay({{x, x_bar}, {target, target_bar}, {weight, weight_bar}, {pos_weight, pos_weight_bar}}, seed,
         NABLA_REPLAY(binary_cross_entropy_with_logits(v[0], v[1], v[2], v[3], reduction)));
}
#undef NABLA_REPLAY

} // namespace nabla
