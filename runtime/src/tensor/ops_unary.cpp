// One-argument elementwise functions. Partials are the rows of rules.def, evaluated on tensors (so that they are differentiable again),
// or on numbers when a single element needs no history.
#include "elementwise.h"

#include <cmath>

namespace nabla {

using namespace detail;

namespace {

enum Saves { Neither, Input, Result };

/// g * partial(x or r) for one element.
template <rules::id Row, Saves S> Tensor times_partial(const Tensor &g, const Tensor &saved) {
  Tensor r = make_like(g);
  if (impl(g)->dtype == ScalarType::Float) {
    const float v = *static_cast<float *>(impl(saved)->data);
    *static_cast<float *>(impl(r)->data) = *static_cast<float *>(impl(g)->data) * rules::row<Row>::template partial<0>(v, v);
  } else {
    const double v = *static_cast<double *>(impl(saved)->data);
    *static_cast<double *>(impl(r)->data) = *static_cast<double *>(impl(g)->data) * rules::row<Row>::template partial<0>(v, v);
  }
  return r;
}

// primal: r = f(x)    adjoint: x_bar += r_bar f'(x)
template <rules::id Row, Saves S> void unary_backward(Sweep &s) {
  const Tensor &g = s.grad();
  if constexpr (S == Neither) { // -1, 0 or 1
    const double partial = rules::row<Row>::template partial<0>(0.25, 0.25);
    s.give(0, partial == 1 ? g : partial == 0 ? zeros_like(g) : -g);
  } else {
    const Tensor saved = s.saved(0);
    const TensorImpl *const p = impl(saved), *const q = impl(g);
    if (mode.no_grad && p->numel == 1 && q->numel == 1 && p->dtype == q->dtype && p->dims == q->dims)
      s.give(0, times_partial<Row, S>(g, saved));
    else
      s.give(0, g * rules::row<Row>::template partial<0>(saved, saved));
  }
}

// Fused partials for large tensors at first order.
constexpr bool fused(rules::id row) { return row == rules::id::tanh || row == rules::id::sqrt; }
template <rules::id Row, Saves S> void fused_backward(Sweep &s) {
  if (!mode.no_grad || impl(s.grad())->numel == 1)
    return unary_backward<Row, S>(s);
  s.give(0, compute(Row == rules::id::tanh ? Binary::TanhBackward : Binary::SqrtBackward, s.grad(), s.saved(0)));
}

bool keeps_integers(Unary op) {
  return op == Unary::Neg || op == Unary::Abs || op == Unary::Sign || op == Unary::Floor || op == Unary::Ceil || op == Unary::Round ||
         op == Unary::Trunc;
}

template <rules::id Row, Saves S> Tensor unary(const Tensor &x, Unary op, const char *node) {
  Tensor r = compute(op, x, !keeps_integers(op));
  if (recording(x)) {
    Recorder rec(node, fused(Row) ? fused_backward<Row, S> : unary_backward<Row, S>, {&x}, S == Neither ? 0 : 1);
    if constexpr (S == Input)
      rec.save(0, x);
    else if constexpr (S == Result)
      rec.save_result(0, r);
    rec.finish(r);
  }
  return r;
}

/// In place: f(snapshot) when history is wanted and f saves its argument.
template <rules::id Row, Saves S> const Tensor &unary_in_place(const Tensor &x, Unary op, const char *node) {
  const bool recorded = recording(x);
  check_inplace(x, recorded);
  if (!recorded && (is_floating(impl(x)->dtype) || keeps_integers(op))) {
    kernels::unary(op, view(x), view(x));
    impl(x)->bump();
    return x;
  }
  return assign(x, unary<Row, S>(recorded && S == Input ? snapshot(x) : x, op, node));
}

} // namespace

#define NABLA_UNARY(NAME, KERNEL, ROW, NODE, SAVES)                                                                     \
  Tensor Tensor::NAME() const { return unary<rules::id::ROW, SAVES>(*this, Unary::KERNEL, NODE); }                      \
  const Tensor &Tensor::NAME##_() const { return unary_in_place<rules::id::ROW, SAVES>(*this, Unary::KERNEL, NODE); }
#include <nabla/tensor/unary.def>

// ---- Functions that are no row ----

namespace {

/// An op with a fused first-order partial (g, saved) and a formula for any order.
struct Own {
  Unary op;
  const char *node;
  BackwardFunction backward;
  bool saves_result;
  bool floating;
};

Tensor own(const Tensor &x, const Own &f) {
  Tensor r = compute(f.op, x, f.floating);
  if (recording(x)) {
    Recorder rec(f.node, f.backward, {&x}, 1);
    if (f.saves_result)
      rec.save_result(0, r);
    else
      rec.save(0, x);
    rec.finish(r);
  }
  return r;
}

const Tensor &own_in_place(const Tensor &x, const Own &f) {
  const bool recorded = recording(x);
  check_inplace(x, recorded);
  return assign(x, own(recorded && !f.saves_result ? snapshot(x) : x, f));
}

// primal: r = max(x, 0)    adjoint: x_bar += r > 0 ? r_bar : 0
void relu_backward(Sweep &s) {
  const Tensor r = s.saved(0);
  s.give(0, mode.no_grad ? compute(Binary::ReluBackward, s.grad(), r) : s.grad() * (r.detach() > 0).to(r.scalar_type()));
}
// primal: r = 1 / (1 + exp(-x))    adjoint: x_bar += r_bar r (1 - r)
void sigmoid_backward(Sweep &s) {
  const Tensor r = s.saved(0);
  s.give(0, mode.no_grad ? compute(Binary::SigmoidBackward, s.grad(), r) : s.grad() * (r * (1 - r)));
}
// primal: r = x^2    adjoint: x_bar += r_bar 2 x
void square_backward(Sweep &s) {
  const Tensor x = s.saved(0);
  s.give(0, mode.no_grad ? compute(Binary::SquareBackward, s.grad(), x) : s.grad() * (x * 2));
}
// primal: r = 1 / x    adjoint: x_bar -= r_bar r^2
void reciprocal_backward(Sweep &s) {
  const Tensor r = s.saved(0);
  s.give(0, -s.grad() * (r * r));
}
// primal: r = x^(-1/2)    adjoint: x_bar -= r_bar r^3 / 2
void rsqrt_backward(Sweep &s) {
  const Tensor r = s.saved(0);
  s.give(0, s.grad() * (r * r * r) * -0.5);
}
// primal: erf(r) = x    adjoint: x_bar += r_bar sqrt(pi) / 2 exp(r^2)
void erfinv_backward(Sweep &s) {
  const Tensor r = s.saved(0);
  s.give(0, s.grad() * ((r * r).exp() * 0.886226925452758013649083741670572591));
}

const Own relu_op{Unary::Relu, "ReluBackward0", relu_backward, true, false};
const Own sigmoid_op{Unary::Sigmoid, "SigmoidBackward0", sigmoid_backward, true, true};
const Own square_op{Unary::Square, "PowBackward0", square_backward, false, false};
const Own reciprocal_op{Unary::Reciprocal, "ReciprocalBackward0", reciprocal_backward, true, true};
const Own rsqrt_op{Unary::Rsqrt, "RsqrtBackward0", rsqrt_backward, true, true};
const Own erfinv_op{Unary::Erfinv, "ErfinvBackward0", erfinv_backward, true, true};

struct Order {
  std::int64_t n;
};

// primal: r = psi_n(x)    adjoint: x_bar += r_bar psi_{n+1}(x)
void polygamma_backward(Sweep &s) { s.give(0, s.grad() * s.saved(0).polygamma(s.attribute<Order>().n + 1)); }

} // namespace

Tensor Tensor::relu() const { return own(*this, relu_op); }
const Tensor &Tensor::relu_() const { return own_in_place(*this, relu_op); }
Tensor Tensor::sigmoid() const { return own(*this, sigmoid_op); }
const Tensor &Tensor::sigmoid_() const { return own_in_place(*this, sigmoid_op); }
Tensor Tensor::square() const { return own(*this, square_op); }
Tensor Tensor::reciprocal() const { return own(*this, reciprocal_op); }
Tensor Tensor::rsqrt() const { return own(*this, rsqrt_op); }
Tensor Tensor::erfinv() const { return own(*this, erfinv_op); }
Tensor Tensor::logit() const { return (*this / (1 - *this)).log(); }
Tensor Tensor::nan_to_num(double nan) const { return nabla::where(isnan(), make_number(nan, scalar_type()), *this); }

Tensor Tensor::polygamma(std::int64_t order) const {
  if (order < 0 || order > 100)
    throw ValueError("polygamma(n, x) does not support negative n, nor n above 100");
  if (order == 0)
    return digamma();
  const TensorImpl *const p = need(*this);
  const ScalarType type = is_floating(p->dtype) ? p->dtype : get_default_dtype();
  const Tensor x = dense(cast(*this, type));
  Tensor r = make_like(x);
  for (std::int64_t i = 0; i < p->numel; ++i) {
    if (type == ScalarType::Float)
      static_cast<float *>(impl(r)->data)[i] =
          static_cast<float>(nabla::polygamma(static_cast<double>(static_cast<float *>(impl(x)->data)[i]), static_cast<int>(order)));
    else
      static_cast<double *>(impl(r)->data)[i] = nabla::polygamma(static_cast<double *>(impl(x)->data)[i], static_cast<int>(order));
  }
  if (recording(*this)) {
    const Order n{order};
    Recorder rec("PolygammaBackward0", polygamma_backward, {this}, 1, &n);
    rec.save(0, *this);
    rec.finish(r);
  }
  return r;
}

Tensor Tensor::logical_not() const { return compute(Unary::LogicalNot, *this, false); }
Tensor Tensor::isnan() const { return compute(Unary::IsNan, *this, false); }
Tensor Tensor::isinf() const { return compute(Unary::IsInf, *this, false); }
Tensor Tensor::isfinite() const { return compute(Unary::IsFinite, *this, false); }

} // namespace nabla
