// Static rules of elementwise operations.
#include "rules_impl.h"

#include <cmath>

namespace nabla {
namespace detail {

void TensorHandle::accumulate(Tensor &bar, const Tensor &more) {
  if (more.defined())
    bar = bar.defined() ? bar + more : more;
}

Tensor TensorHandle::seed(const Tensor &result) {
  if (need(result)->numel != 1)
    throw AutogradError("grad can be implicitly created only for scalar outputs");
  if (!is_floating(result.scalar_type()))
    throw TypeError("a gradient needs a result of floating type, but found " +
                    std::string(to_string(result.scalar_type())));
  return ones(result.sizes(), result.scalar_type());
}

void give(Tensor *bar, const Tensor &g, const Tensor &x) {
  if (!bar || !x.defined() || !is_floating(x.scalar_type()))
    return;
  const Tensor sum = same_sizes(g.sizes(), x.sizes()) ? g : g.sum_to_size(x.sizes());
  TensorHandle::accumulate(*bar, sum.scalar_type() == x.scalar_type() ? sum : sum.to(x.scalar_type()));
}

void give(double *bar, const Tensor &g) {
  if (bar)
    *bar += g.sum().item<double>();
}

namespace {

enum Saves { Neither, Input, Result };

/// seed * the row's partial.
template <rules::id Row, Saves S> Tensor times_partial(const Tensor &seed, const Tensor &saved) {
  if constexpr (S == Neither) { // -1, 0 or 1
    const double partial = rules::row<Row>::template partial<0>(0.25, 0.25);
    return partial == 1 ? seed : partial == 0 ? zeros_of(seed) : -seed;
  } else if constexpr (Row == rules::id::tanh || Row == rules::id::sqrt) {
    return compute(Row == rules::id::tanh ? Binary::TanhBackward : Binary::SqrtBackward, seed, saved);
  } else {
    return seed * rules::row<Row>::template partial<0>(saved, saved);
  }
}

Tensor none_like(const Tensor &x) { return zeros({}, x.scalar_type()); }

} // namespace
} // namespace detail

using namespace detail;

// ---- One argument ----

#define NABLA_RULE_TAKES_Neither
#define NABLA_RULE_TAKES_Input
#define NABLA_RULE_TAKES_Result const Tensor &result,
#define NABLA_RULE_SAVED_Neither x
#define NABLA_RULE_SAVED_Input x
#define NABLA_RULE_SAVED_Result result
#define NABLA_UNARY(NAME, KERNEL, ROW, NODE, SAVES)                                                          \
  void NAME##_pullback(const Tensor &x, NABLA_RULE_TAKES_##SAVES const Tensor &seed, Tensor *x_bar) {        \
    if (flows(seed, x_bar))                                                                                  \
      give(x_bar, times_partial<rules::id::ROW, SAVES>(seed, NABLA_RULE_SAVED_##SAVES), x);                  \
  }
#include <nabla/tensor/unary.def>

void negate_pullback(const Tensor &x, const Tensor &seed, Tensor *x_bar) { neg_pullback(x, seed, x_bar); }
void square_pullback(const Tensor &x, const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar))
    give(x_bar, compute(Binary::SquareBackward, seed, x), x);
}
void erfinv_pullback(const Tensor &x, const Tensor &result, const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar))
    give(x_bar, seed * result.square().exp() * 0.88622692545275801365, x); // sqrt(pi) / 2
}
void logit_pullback(const Tensor &x, const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar))
    give(x_bar, seed / (x * (1 - x)), x);
}
void polygamma_pullback(const Tensor &x, std::int64_t order, const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar))
    give(x_bar, seed * x.polygamma(order + 1), x);
}
void rsqrt_pullback(const Tensor &x, const Tensor &result, const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar))
    give(x_bar, seed * result * result * result * -0.5, x);
}
void reciprocal_pullback(const Tensor &x, const Tensor &result, const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar))
    give(x_bar, -seed * result * result, x);
}
void relu_pullback(const Tensor &x, const Tensor &result, const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar))
    give(x_bar, compute(Binary::ReluBackward, seed, result), x);
}
void sigmoid_pullback(const Tensor &x, const Tensor &result, const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar))
    give(x_bar, compute(Binary::SigmoidBackward, seed, result), x);
}
void gelu_pullback(const Tensor &x, const std::string &approximate, const Tensor &seed, Tensor *x_bar) {
  if (!flows(seed, x_bar))
    return;
  if (approximate == "none")
    return give(x_bar, compute(Binary::GeluBackward, seed, x), x);
  constexpr double k = 0.79788456080286535588, c = 0.044715; // y = x (1 + tanh u) / 2, u = k (x + c x^3)
  const Tensor x2 = x.square(), t = (x * (x2 * c + 1) * k).tanh();
  give(x_bar, seed * ((t + 1) * 0.5 + x * 0.5 * (1 - t * t) * (x2 * (3 * c) + 1) * k), x);
}
void silu_pullback(const Tensor &x, const Tensor &seed, Tensor *x_bar) {
  if (!flows(seed, x_bar))
    return;
  const Tensor s = x.sigmoid();
  give(x_bar, seed * (s * (x * (1 - s) + 1)), x);
}
void softplus_pullback(const Tensor &x, double beta, double, const Tensor &seed, Tensor *x_bar,
                       double *beta_bar, double *) {
  if (flows(seed, x_bar))
    give(x_bar, seed * (x * beta).sigmoid(), x);
  if (flows(seed, beta_bar)) // log(1 + exp(beta x)) / beta
    give(beta_bar, seed * ((x * beta).sigmoid() * x - softplus(x, beta)) / beta);
}
void log_sigmoid_pullback(const Tensor &x, const Tensor &seed, Tensor *x_bar) {
  if (flows(seed, x_bar))
    give(x_bar, seed * (-x).sigmoid(), x);
}
void leaky_relu_pullback(const Tensor &x, double slope, const Tensor &seed, Tensor *x_bar,
                         double *slope_bar) {
  if (flows(seed, x_bar))
    give(x_bar, where(x > 0, seed, seed * slope), x);
  if (flows(seed, slope_bar))
    give(slope_bar, where(x > 0, none_like(x), seed * x));
}
void elu_pullback(const Tensor &x, double alpha, const Tensor &seed, Tensor *x_bar, double *alpha_bar) {
  if (flows(seed, x_bar))
    give(x_bar, where(x > 0, seed, seed * x.clamp_max(0).exp() * alpha), x);
  if (flows(seed, alpha_bar))
    give(alpha_bar, seed * x.clamp_max(0).expm1());
}
void clamp_pullback(const Tensor &x, std::optional<Scalar> min, std::optional<Scalar> max, const Tensor &seed,
                    Tensor *x_bar) {
  if (!flows(seed, x_bar))
    return;
  Tensor inside = x == x;
  if (min)
    inside = inside & (x >= *min);
  if (max)
    inside = inside & (x <= *max);
  give(x_bar, where(inside, seed, none_like(seed)), x);
}
void clamp_min_pullback(const Tensor &x, Scalar min, const Tensor &seed, Tensor *x_bar, double *min_bar) {
  if (flows(seed, x_bar))
    give(x_bar, where(x >= min, seed, none_like(seed)), x);
  if (flows(seed, min_bar))
    give(min_bar, where(x >= min, none_like(seed), seed));
}
void clamp_max_pullback(const Tensor &x, Scalar max, const Tensor &seed, Tensor *x_bar, double *max_bar) {
  if (flows(seed, x_bar))
    give(x_bar, where(x <= max, seed, none_like(seed)), x);
  if (flows(seed, max_bar))
    give(max_bar, where(x <= max, none_like(seed), seed));
}

// ---- Two arguments. Each rule is written once for tensors and numbers ----

namespace {

/// What the adjoint of a number is added to has no shape.
void give_to(Tensor *bar, const Tensor &g, const Tensor &x) { give(bar, g, x); }
void give_to(double *bar, const Tensor &g, Scalar) { give(bar, g); }

template <class A, class B, class ABar, class BBar>
void plus(const A &a, const B &b, const Tensor &seed, ABar *a_bar, BBar *b_bar) {
  if (flows(seed, a_bar))
    give_to(a_bar, seed, a);
  if (flows(seed, b_bar))
    give_to(b_bar, seed, b);
}
template <class A, class B, class ABar, class BBar>
void minus(const A &a, const B &b, const Tensor &seed, ABar *a_bar, BBar *b_bar) {
  if (flows(seed, a_bar))
    give_to(a_bar, seed, a);
  if (flows(seed, b_bar))
    give_to(b_bar, -seed, b);
}
template <class A, class B, class ABar, class BBar>
void times(const A &a, const B &b, const Tensor &seed, ABar *a_bar, BBar *b_bar) {
  if (flows(seed, a_bar))
    give_to(a_bar, seed * b, a);
  if (flows(seed, b_bar))
    give_to(b_bar, seed * a, b);
}
template <class A, class B, class ABar, class BBar>
void over(const A &a, const B &b, const Tensor &seed, ABar *a_bar, BBar *b_bar) {
  const Tensor g = flows(seed, a_bar, b_bar) ? seed / b : Tensor();
  if (flows(seed, a_bar))
    give_to(a_bar, g, a);
  if (flows(seed, b_bar))
    give_to(b_bar, -(g * (a / b)), b);
}

Tensor number(Scalar a, const Tensor &like) { return make_number(a.to_double(), like.scalar_type()); }

} // namespace

#define NABLA_RULES_OF(RULE, BODY)                                                                           \
  void RULE(const Tensor &a, const Tensor &b, const Tensor &seed, Tensor *a_bar, Tensor *b_bar) {            \
    BODY(a, b, seed, a_bar, b_bar);                                                                          \
  }                                                                                                          \
  void RULE(const Tensor &a, Scalar b, const Tensor &seed, Tensor *a_bar, double *b_bar) {                   \
    BODY(a, b, seed, a_bar, b_bar);                                                                          \
  }
NABLA_RULES_OF(plus_pullback, plus)
NABLA_RULES_OF(minus_pullback, minus)
NABLA_RULES_OF(times_pullback, times)
NABLA_RULES_OF(mul_pullback, times)
#undef NABLA_RULES_OF
void plus_pullback(Scalar a, const Tensor &b, const Tensor &seed, double *a_bar, Tensor *b_bar) {
  plus(a, b, seed, a_bar, b_bar);
}
void minus_pullback(Scalar a, const Tensor &b, const Tensor &seed, double *a_bar, Tensor *b_bar) {
  minus(a, b, seed, a_bar, b_bar);
}
void times_pullback(Scalar a, const Tensor &b, const Tensor &seed, double *a_bar, Tensor *b_bar) {
  times(a, b, seed, a_bar, b_bar);
}
void rsub_pullback(const Tensor &a, Scalar b, const Tensor &seed, Tensor *a_bar, double *b_bar) {
  minus(b, a, seed, b_bar, a_bar);
}
void over_pullback(const Tensor &a, const Tensor &b, const Tensor &seed, Tensor *a_bar, Tensor *b_bar) {
  over(a, b, seed, a_bar, b_bar);
}
void over_pullback(const Tensor &a, Scalar b, const Tensor &seed, Tensor *a_bar, double *b_bar) {
  if (flows(seed, a_bar))
    give(a_bar, seed / b, a);
  if (flows(seed, b_bar))
    give(b_bar, seed * a / (-b.to_double() * b.to_double()));
}
void over_pullback(Scalar a, const Tensor &b, const Tensor &seed, double *a_bar, Tensor *b_bar) {
  over(a, b, seed, a_bar, b_bar);
}
void div_pullback(const Tensor &a, const Tensor &b, const Tensor &seed, Tensor *a_bar, Tensor *b_bar) {
  over_pullback(a, b, seed, a_bar, b_bar);
}
void div_pullback(const Tensor &a, Scalar b, const Tensor &seed, Tensor *a_bar, double *b_bar) {
  over_pullback(a, b, seed, a_bar, b_bar);
}

void add_pullback(const Tensor &a, const Tensor &b, Scalar alpha, const Tensor &seed, Tensor *a_bar,
                  Tensor *b_bar, double *alpha_bar) {
  if (flows(seed, a_bar))
    give(a_bar, seed, a);
  if (flows(seed, b_bar))
    give(b_bar, seed * alpha, b);
  if (flows(seed, alpha_bar))
    give(alpha_bar, seed * b);
}
void add_pullback(const Tensor &a, Scalar b, Scalar alpha, const Tensor &seed, Tensor *a_bar, double *b_bar,
                  double *alpha_bar) {
  if (flows(seed, a_bar))
    give(a_bar, seed, a);
  if (flows(seed, b_bar))
    give(b_bar, seed * alpha);
  if (flows(seed, alpha_bar))
    give(alpha_bar, seed * b);
}
void sub_pullback(const Tensor &a, const Tensor &b, Scalar alpha, const Tensor &seed, Tensor *a_bar,
                  Tensor *b_bar, double *alpha_bar) {
  if (flows(seed, a_bar))
    give(a_bar, seed, a);
  if (flows(seed, b_bar))
    give(b_bar, -(seed * alpha), b);
  if (flows(seed, alpha_bar))
    give(alpha_bar, -(seed * b));
}
void sub_pullback(const Tensor &a, Scalar b, Scalar alpha, const Tensor &seed, Tensor *a_bar, double *b_bar,
                  double *alpha_bar) {
  if (flows(seed, a_bar))
    give(a_bar, seed, a);
  if (flows(seed, b_bar))
    give(b_bar, -(seed * alpha));
  if (flows(seed, alpha_bar))
    give(alpha_bar, -(seed * b));
}

namespace {

/// seed e x^(e - 1), and 0 where e is 0.
Tensor to_base(const Tensor &x, const Tensor &e, const Tensor &seed) {
  return where(e == 0, none_like(seed), seed * e * x.pow(e - 1));
}
/// seed r log x, and 0 where x is 0 and e is not negative.
Tensor to_exponent(const Tensor &x, const Tensor &e, const Tensor &result, const Tensor &seed) {
  return where((x == 0) & (e >= 0), none_like(seed), seed * result * x.log());
}

} // namespace

void pow_pullback(const Tensor &x, const Tensor &e, const Tensor &result, const Tensor &seed, Tensor *x_bar,
                  Tensor *e_bar) {
  if (flows(seed, x_bar))
    give(x_bar, to_base(x, e, seed), x);
  if (flows(seed, e_bar))
    give(e_bar, to_exponent(x, e, result, seed), e);
}
void pow_pullback(const Tensor &x, Scalar e, const Tensor &result, const Tensor &seed, Tensor *x_bar,
                  double *e_bar) {
  const double power = e.to_double();
  if (flows(seed, x_bar) && power != 0)
    give(x_bar, power == 2 ? compute(Binary::SquareBackward, seed, x) : seed * (x.pow(power - 1) * power), x);
  if (flows(seed, e_bar))
    give(e_bar, to_exponent(x, number(e, result), result, seed));
}
void pow_pullback(Scalar x, const Tensor &e, const Tensor &result, const Tensor &seed, double *x_bar,
                  Tensor *e_bar) {
  if (flows(seed, x_bar))
    give(x_bar, to_base(number(x, result), e, seed));
  if (flows(seed, e_bar))
    give(e_bar, to_exponent(number(x, result), e, result, seed), e);
}
void atan2_pullback(const Tensor &a, const Tensor &b, const Tensor &seed, Tensor *a_bar, Tensor *b_bar) {
  if (!flows(seed, a_bar, b_bar))
    return;
  const Tensor g = seed / (a * a + b * b);
  give(a_bar, g * b, a);
  give(b_bar, -(g * a), b);
}
void hypot_pullback(const Tensor &a, const Tensor &b, const Tensor &result, const Tensor &seed, Tensor *a_bar,
                    Tensor *b_bar) {
  if (!flows(seed, a_bar, b_bar))
    return;
  const Tensor g = where(result == 0, none_like(seed), seed / result);
  give(a_bar, g * a, a);
  give(b_bar, g * b, b);
}

namespace {

/// Where both are equal each gets half.
void extreme(const Tensor &a, const Tensor &b, const Tensor &takes_a, const Tensor &seed, Tensor *a_bar,
             Tensor *b_bar) {
  const Tensor equal = a == b, half = seed * 0.5, none = none_like(seed);
  give(a_bar, where(equal, half, where(takes_a, seed, none)), a);
  give(b_bar, where(equal, half, where(takes_a, none, seed)), b);
}

} // namespace

void maximum_pullback(const Tensor &a, const Tensor &b, const Tensor &seed, Tensor *a_bar, Tensor *b_bar) {
  if (flows(seed, a_bar, b_bar))
    extreme(a, b, a > b, seed, a_bar, b_bar);
}
void minimum_pullback(const Tensor &a, const Tensor &b, const Tensor &seed, Tensor *a_bar, Tensor *b_bar) {
  if (flows(seed, a_bar, b_bar))
    extreme(a, b, a < b, seed, a_bar, b_bar);
}
void lerp_pullback(const Tensor &a, const Tensor &b, const Tensor &weight, const Tensor &seed, Tensor *a_bar,
                   Tensor *b_bar, Tensor *weight_bar) {
  if (flows(seed, a_bar))
    give(a_bar, seed * (1 - weight), a);
  if (flows(seed, b_bar))
    give(b_bar, seed * weight, b);
  if (flows(seed, weight_bar))
    give(weight_bar, seed * (b - a), weight);
}
void lerp_pullback(const Tensor &a, const Tensor &b, Scalar weight, const Tensor &seed, Tensor *a_bar,
                   Tensor *b_bar, double *weight_bar) {
  if (flows(seed, a_bar))
    give(a_bar, seed * (1 - weight.to_double()), a);
  if (flows(seed, b_bar))
    give(b_bar, seed * weight, b);
  if (flows(seed, weight_bar))
    give(weight_bar, seed * (b - a));
}

namespace {

template <class A, class B, class ABar, class BBar>
void choice(const Tensor &condition, const A &a, const B &b, const Tensor &seed, ABar *a_bar, BBar *b_bar) {
  if (flows(seed, a_bar))
    give_to(a_bar, where(condition, seed, none_like(seed)), a);
  if (flows(seed, b_bar))
    give_to(b_bar, where(condition, none_like(seed), seed), b);
}

} // namespace

void where_pullback(const Tensor &condition, const Tensor &a, const Tensor &b, const Tensor &seed, Tensor *,
                    Tensor *a_bar, Tensor *b_bar) {
  choice(condition, a, b, seed, a_bar, b_bar);
}
void where_pullback(const Tensor &condition, const Tensor &a, Scalar b, const Tensor &seed, Tensor *,
                    Tensor *a_bar, double *b_bar) {
  choice(condition, a, b, seed, a_bar, b_bar);
}
void where_pullback(const Tensor &condition, Scalar a, const Tensor &b, const Tensor &seed, Tensor *,
                    double *a_bar, Tensor *b_bar) {
  choice(condition, a, b, seed, a_bar, b_bar);
}
void masked_fill_pullback(const Tensor &x, const Tensor &mask, Scalar value, const Tensor &seed,
                          Tensor *x_bar, Tensor *, double *value_bar) {
  choice(mask, value, x, seed, value_bar, x_bar);
}

} // namespace nabla
