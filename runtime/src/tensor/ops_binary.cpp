// Two- and three-argument elementwise functions.
#include "elementwise.h"

#include <cmath>
#include <limits>

namespace nabla {

using namespace detail;

namespace {

struct Number {
  double value;
  bool integer;
  Scalar scalar() const { return integer ? Scalar(static_cast<std::int64_t>(value)) : Scalar(value); }
};
struct Order {
  bool minimum;
};
struct Limits {
  double low, high;
};
Number number(Scalar s) { return {s.to_double(), !s.is_real()}; }

// primal: r = a + alpha b    adjoint: a_bar += r_bar, b_bar += alpha r_bar
void add_backward(Sweep &s) {
  if (s.wants(0))
    s.give(0, s.grad());
  if (s.wants(1)) {
    const double alpha = s.attribute<Number>().value;
    s.give(1, alpha == 1 ? s.grad() : alpha == -1 ? -s.grad() : s.grad() * alpha);
  }
}
void pass_backward(Sweep &s) { s.give(0, s.grad()); }
void neg_backward(Sweep &s) { s.give(0, -s.grad()); }

// primal: r = a b    adjoint: a_bar += r_bar b, b_bar += r_bar a
void mul_backward(Sweep &s) {
  if (s.wants(0))
    s.give(0, s.grad() * s.saved(1));
  if (s.wants(1))
    s.give(1, s.grad() * s.saved(0));
}
void mul_number_backward(Sweep &s) { s.give(0, s.grad() * s.attribute<Number>().scalar()); }
void div_number_backward(Sweep &s) { s.give(0, s.grad() / s.attribute<Number>().scalar()); }

// primal: r = f(a, b)    adjoint: a_bar += r_bar df/da, b_bar += r_bar df/db, by the row
template <rules::id Row> void row_backward(Sweep &s) {
  const Tensor a = s.saved(0), b = s.saved(1), r = s.saved(2);
  if (s.wants(0))
    s.give(0, s.grad() * rules::row<Row>::template partial<0>(a, b, r));
  if (s.wants(1))
    s.give(1, s.grad() * rules::row<Row>::template partial<1>(a, b, r));
}
// primal: r = a / b    adjoint: a_bar += r_bar / b, b_bar -= r_bar / b r
void div_backward(Sweep &s) {
  const Tensor q = s.grad() / s.saved(1);
  if (s.wants(0))
    s.give(0, q);
  if (s.wants(1))
    s.give(1, -q * s.saved(2));
}

template <rules::id Row> Tensor by_row(Binary op, const char *node, const Tensor &a, const Tensor &b) {
  Tensor r = compute(op, a, b);
  if (is_floating(impl(r)->dtype) && recording(a, b)) {
    Recorder rec(node, row_backward<Row>, {&a, &b}, 3);
    rec.save(0, a), rec.save(1, b), rec.save_result(2, r);
    rec.finish(r);
  }
  return r;
}

// primal: r = max(a, b)    adjoint: to the larger; half to each when equal
void extreme_backward(Sweep &s) {
  const Tensor a = s.saved(0).detach(), b = s.saved(1).detach();
  const bool minimum = s.attribute<Order>().minimum;
  const Tensor half = s.grad() / 2, tie = a == b, none = zeros({}, s.grad().scalar_type());
  if (s.wants(0))
    s.give(0, where(tie, half, where(minimum ? a > b : a < b, none, s.grad())));
  if (s.wants(1))
    s.give(1, where(tie, half, where(minimum ? b > a : b < a, none, s.grad())));
}

Tensor extreme(const Tensor &a, const Tensor &b, bool minimum) {
  Tensor r = compute(minimum ? Binary::Minimum : Binary::Maximum, a, b);
  if (recording(a, b)) {
    const Order order{minimum};
    Recorder rec(minimum ? "MinimumBackward0" : "MaximumBackward0", extreme_backward, {&a, &b}, 2, &order);
    rec.save(0, a), rec.save(1, b);
    rec.finish(r);
  }
  return r;
}

} // namespace

// ---- Sums ----

Tensor Tensor::add(const Tensor &other, Scalar alpha) const {
  if (alpha.to_double() != 1 && alpha.is_real() && !is_floating(result_type(*this, other)))
    throw TypeError("For integral input tensors, argument alpha must not be a floating point number.");
  Tensor r = alpha.to_double() == 1 ? compute(Binary::Add, *this, other) : compute(Binary::Add, *this, compute(Binary::Mul, other, alpha));
  if (recording(*this, other)) {
    const Number n = number(alpha);
    Recorder rec("AddBackward0", add_backward, {this, &other}, 0, &n);
    rec.finish(r);
  }
  return r;
}

Tensor Tensor::sub(const Tensor &other, Scalar alpha) const {
  if (alpha.to_double() != 1 && alpha.is_real() && !is_floating(result_type(*this, other)))
    throw TypeError("For integral input tensors, argument alpha must not be a floating point number.");
  Tensor r = alpha.to_double() == 1 ? compute(Binary::Sub, *this, other) : compute(Binary::Sub, *this, compute(Binary::Mul, other, alpha));
  if (recording(*this, other)) {
    const Number n{-alpha.to_double(), !alpha.is_real()};
    Recorder rec("SubBackward0", add_backward, {this, &other}, 0, &n);
    rec.finish(r);
  }
  return r;
}

namespace {
Scalar times(Scalar a, Scalar b) {
  return a.is_real() || b.is_real() ? Scalar(a.to_double() * b.to_double()) : Scalar(a.to_long() * b.to_long());
}
Tensor shifted(const Tensor &x, Scalar by, Binary op, const char *node) {
  Tensor r = compute(op, x, by);
  if (recording(x)) {
    Recorder rec(node, pass_backward, {&x});
    rec.finish(r);
  }
  return r;
}
} // namespace

Tensor Tensor::add(Scalar other, Scalar alpha) const {
  return shifted(*this, alpha.to_double() == 1 ? other : times(other, alpha), Binary::Add, "AddBackward0");
}
Tensor Tensor::sub(Scalar other, Scalar alpha) const {
  return shifted(*this, alpha.to_double() == 1 ? other : times(other, alpha), Binary::Sub, "SubBackward0");
}

Tensor rsub(const Tensor &a, Scalar b) {
  const ScalarType type = result_type(a, b);
  if (type == ScalarType::Bool)
    throw TypeError("Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or "
                    "`logical_not()` operator instead.");
  Tensor r = compute(Binary::Sub, make_number(b, type), cast(a, type));
  if (impl(r)->dims != impl(a)->dims)
    r = alias(r, sizes_of(a), strides_of(r), 0);
  if (recording(a)) {
    Recorder rec("RsubBackward1", neg_backward, {&a});
    rec.finish(r);
  }
  return r;
}

// ---- Products and quotients ----

Tensor Tensor::mul(const Tensor &other) const {
  Tensor r = compute(Binary::Mul, *this, other);
  if (recording(*this, other)) {
    Recorder rec("MulBackward0", mul_backward, {this, &other}, 2);
    if (rec.needs(1))
      rec.save(0, *this);
    if (rec.needs(0))
      rec.save(1, other);
    rec.finish(r);
  }
  return r;
}

Tensor Tensor::mul(Scalar other) const {
  Tensor r = compute(Binary::Mul, *this, other);
  if (recording(*this)) {
    const Number n = number(other);
    Recorder rec("MulBackward0", mul_number_backward, {this}, 0, &n);
    rec.finish(r);
  }
  return r;
}

Tensor Tensor::div(const Tensor &other) const {
  Tensor r = compute(Binary::Div, *this, other);
  if (recording(*this, other)) {
    Recorder rec("DivBackward0", div_backward, {this, &other}, 3);
    rec.save(1, other);
    if (rec.needs(1))
      rec.save_result(2, r);
    rec.finish(r);
  }
  return r;
}

Tensor Tensor::div(Scalar other) const {
  Tensor r = compute(Binary::Div, *this, other);
  if (recording(*this)) {
    const Number n = number(other);
    Recorder rec("DivBackward0", div_number_backward, {this}, 0, &n);
    rec.finish(r);
  }
  return r;
}

// ---- Powers ----

namespace {

// primal: r = x^e    adjoint: x_bar += r_bar e x^(e - 1); nothing when e is 0, whatever x
void pow_number_backward(Sweep &s) {
  const Number e = s.attribute<Number>();
  const Tensor x = s.saved(0);
  if (e.value == 0)
    s.give(0, zeros_like(x));
  else if (e.value == 2 && mode.no_grad && impl(x)->numel > 1)
    s.give(0, compute(Binary::SquareBackward, s.grad(), x));
  else if (e.integer)
    s.give(0, s.grad() * (x.pow(static_cast<std::int64_t>(e.value) - 1) * static_cast<std::int64_t>(e.value)));
  else
    s.give(0, s.grad() * (x.pow(e.value - 1) * e.value));
}

// primal: r = b^y    adjoint: y_bar += r_bar r log(b)
void exponential_backward(Sweep &s) {
  const double base = s.attribute<Number>().value;
  s.give(0, base == 0 ? zeros_like(s.grad()) : s.grad() * (s.saved(0) * std::log(base)));
}

} // namespace

Tensor Tensor::pow(Scalar exponent) const {
  const ScalarType type = result_type(*this, exponent);
  const double e = exponent.to_double();
  if (!is_floating(type) && e < 0)
    throw ValueError("Integers to negative integer powers are not allowed.");
  Tensor r = e == 2 && impl(*this)->dtype == type && type != ScalarType::Bool ? compute(Unary::Square, *this, false)
             : e == 1 && impl(*this)->dtype == type                           ? make_like(*this)
                                                                              : compute(Binary::Pow, *this, exponent);
  if (e == 1 && impl(*this)->dtype == type)
    kernels::copy(detail::view(r), detail::view(*this));
  if (recording(*this)) {
    const Number n = number(exponent);
    Recorder rec("PowBackward0", pow_number_backward, {this}, 1, &n);
    rec.save(0, *this);
    rec.finish(r);
  }
  return r;
}

Tensor Tensor::pow(const Tensor &exponent) const { return by_row<rules::id::pow>(Binary::Pow, "PowBackward1", *this, exponent); }

Tensor pow(Scalar a, const Tensor &b) {
  const ScalarType type = result_type(b, a);
  Tensor r = compute(Binary::Pow, make_number(a, type), cast(b, type));
  if (impl(r)->dims != impl(b)->dims)
    r = alias(r, sizes_of(b), strides_of(r), 0);
  if (recording(b)) {
    const Number n = number(a);
    Recorder rec("PowBackward1", exponential_backward, {&b}, 1, &n);
    rec.save_result(0, r);
    rec.finish(r);
  }
  return r;
}

// ---- Others ----

namespace {
// A number as second argument: one more tensor without history.
Tensor as_tensor(const Tensor &like, Scalar value) { return make_number(value, result_type(like, value)); }

void remainder_backward(Sweep &s) {
  const Tensor a = s.saved(0), b = s.saved(1);
  if (s.wants(0))
    s.give(0, s.grad());
  if (s.wants(1))
    s.give(1, -s.grad() * (a.detach() / b.detach()).floor());
}
} // namespace

Tensor Tensor::remainder(const Tensor &other) const {
  Tensor r = compute(Binary::Remainder, *this, other);
  if (is_floating(impl(r)->dtype) && recording(*this, other)) {
    Recorder rec("RemainderBackward1", remainder_backward, {this, &other}, 2);
    rec.save(0, *this), rec.save(1, other);
    rec.finish(r);
  }
  return r;
}
Tensor Tensor::remainder(Scalar other) const { return remainder(as_tensor(*this, other)); }
Tensor Tensor::fmod(const Tensor &other) const { return by_row<rules::id::fmod>(Binary::Fmod, "FmodBackward1", *this, other); }
Tensor Tensor::fmod(Scalar other) const { return fmod(as_tensor(*this, other)); }
Tensor Tensor::floor_divide(const Tensor &other) const { return compute(Binary::FloorDiv, *this, other); }
Tensor Tensor::atan2(const Tensor &other) const { return by_row<rules::id::atan2>(Binary::Atan2, "Atan2Backward0", *this, other); }
Tensor Tensor::hypot(const Tensor &other) const { return by_row<rules::id::hypot>(Binary::Hypot, "HypotBackward0", *this, other); }
Tensor Tensor::copysign(const Tensor &other) const {
  return by_row<rules::id::copysign>(Binary::CopySign, "CopysignBackward0", *this, other);
}
Tensor Tensor::maximum(const Tensor &other) const { return extreme(*this, other, false); }
Tensor Tensor::minimum(const Tensor &other) const { return extreme(*this, other, true); }

Tensor Tensor::lerp(const Tensor &end, const Tensor &weight) const { return *this + weight * (end - *this); }
Tensor Tensor::lerp(const Tensor &end, Scalar weight) const { return *this + (end - *this) * weight; }
Tensor Tensor::addcmul(const Tensor &a, const Tensor &b, Scalar value) const { return add(a * b, value); }
Tensor Tensor::addcdiv(const Tensor &a, const Tensor &b, Scalar value) const { return add(a / b, value); }

namespace {

// primal: r = min(max(x, low), high)    adjoint: x_bar += r_bar where low <= x <= high
void clamp_backward(Sweep &s) {
  const Limits &l = s.attribute<Limits>();
  const Tensor x = s.saved(0).detach();
  s.give(0, where((x >= l.low).logical_and(x <= l.high), s.grad(), zeros({}, s.grad().scalar_type())));
}

} // namespace

Tensor Tensor::clamp(std::optional<Scalar> min, std::optional<Scalar> max) const {
  if (!min && !max)
    throw ValueError("torch.clamp: At least one of 'min' or 'max' must not be None");
  const TensorImpl *const p = need(*this);
  ScalarType type = p->dtype;
  for (const auto &limit : {min, max})
    if (limit)
      type = promote_types(type, result_type(*this, *limit));
  const Tensor x = cast(*this, type);
  Tensor r = make_like(x);
  const auto constant = [&](Scalar s) { return s.is_real() ? kernels::Constant(s.to_double(), type) : kernels::Constant(s.to_long(), type); };
  if (min)
    kernels::binary(Binary::Maximum, detail::view(r), detail::view(x), constant(*min));
  if (max)
    kernels::binary(Binary::Minimum, detail::view(r), detail::view(min ? r : x), constant(*max));
  if (recording(*this)) {
    const double infinity = std::numeric_limits<double>::infinity();
    const Limits l{min ? min->to_double() : -infinity, max ? max->to_double() : infinity};
    Recorder rec("ClampBackward1", clamp_backward, {this}, 1, &l);
    rec.save(0, *this);
    rec.finish(r);
  }
  return r;
}

// ---- where, guarded, ratio ----

namespace {
// primal: r = c ? a : b    adjoint: a_bar += c ? r_bar : 0, b_bar += c ? 0 : r_bar
void where_backward(Sweep &s) {
  const Tensor c = s.saved(0), none = zeros({}, s.grad().scalar_type());
  if (s.wants(0))
    s.give(0, where(c, s.grad(), none));
  if (s.wants(1))
    s.give(1, where(c, none, s.grad()));
}
// primal: r = d p, 0 where d is 0    adjoint: d_bar += guarded(r_bar, p), p_bar += guarded(r_bar, d)
void guarded_backward(Sweep &s) {
  if (s.wants(0))
    s.give(0, guarded(s.grad(), s.saved(1)));
  if (s.wants(1))
    s.give(1, guarded(s.grad(), s.saved(0)));
}
} // namespace

Tensor where(const Tensor &condition, const Tensor &a, const Tensor &b) {
  if (need(condition)->dtype != ScalarType::Bool)
    throw TypeError("where expected condition to be a boolean tensor, but got a tensor with dtype " +
                    std::string(to_string(impl(condition)->dtype)));
  const ScalarType type = result_type(a, b);
  const Dims sizes = broadcast(condition.sizes(), broadcast(a.sizes(), b.sizes()));
  Tensor r = make(sizes, type);
  const Tensor ca = cast(a, type), cb = cast(b, type);
  kernels::where(view(r), view(condition), view(ca), view(cb));
  if (is_floating(type) && recording(a, b)) {
    Recorder rec("WhereBackward0", where_backward, {&a, &b}, 1);
    rec.save(0, condition);
    rec.finish(r);
  }
  return r;
}
Tensor where(const Tensor &condition, const Tensor &a, Scalar b) { return where(condition, a, make_number(b, result_type(a, b))); }
Tensor where(const Tensor &condition, Scalar a, const Tensor &b) { return where(condition, make_number(a, result_type(b, a)), b); }
Tensor Tensor::where(const Tensor &condition, const Tensor &other) const { return nabla::where(condition, *this, other); }

Tensor guarded(const Tensor &d, const Tensor &p) {
  const Tensor product = compute(Binary::Mul, d, p);
  Tensor r = make_like(product);
  const ScalarType type = impl(product)->dtype;
  const Tensor zero = compute(Binary::Eq, d, Scalar(0));
  kernels::where(view(r), view(zero), kernels::Constant(0, type), view(product));
  if (recording(d, p)) {
    Recorder rec("GuardedBackward0", guarded_backward, {&d, &p}, 2);
    rec.save(0, d), rec.save(1, p);
    rec.finish(r);
  }
  return r;
}

Tensor ratio(const Tensor &x, const Tensor &y) {
  const Tensor zero = y.eq(0);
  return where(zero, zeros({}, y.scalar_type()), x / where(zero, ones({}, y.scalar_type()), y));
}

// ---- Comparisons ----

#define NABLA_COMPARE(NAME, OP)                                                                                         \
  Tensor Tensor::NAME(const Tensor &other) const { return compute(Binary::OP, *this, other); }                          \
  Tensor Tensor::NAME(Scalar other) const { return compute(Binary::OP, *this, other); }
NABLA_COMPARE(eq, Eq)
NABLA_COMPARE(ne, Ne)
NABLA_COMPARE(lt, Lt)
NABLA_COMPARE(le, Le)
NABLA_COMPARE(gt, Gt)
NABLA_COMPARE(ge, Ge)
#undef NABLA_COMPARE
Tensor Tensor::logical_and(const Tensor &other) const { return compute(Binary::LogicalAnd, *this, other); }
Tensor Tensor::logical_or(const Tensor &other) const { return compute(Binary::LogicalOr, *this, other); }
Tensor Tensor::logical_xor(const Tensor &other) const { return compute(Binary::LogicalXor, *this, other); }

bool Tensor::equal(const Tensor &other) const {
  if (!sizes().equals(other.sizes()))
    return false;
  return compute(Binary::Eq, *this, other).all().is_nonzero();
}

Tensor Tensor::isclose(const Tensor &other, double rtol, double atol, bool equal_nan) const {
  const NoGradGuard off;
  const Tensor same = eq(other), a = detach(), b = other.detach();
  const Tensor near = ((a - b).abs() <= b.abs() * rtol + atol).logical_and((a - b).isfinite());
  const Tensor close = same.logical_or(near);
  return equal_nan ? close.logical_or(a.isnan().logical_and(b.isnan())) : close;
}
bool Tensor::allclose(const Tensor &other, double rtol, double atol, bool equal_nan) const {
  return isclose(other, rtol, atol, equal_nan).all().is_nonzero();
}

} // namespace nabla
