// Elementwise arithmetic without history, in place with it, and rules.def over tensors.
#ifndef NABLA_SRC_TENSOR_ELEMENTWISE_H
#define NABLA_SRC_TENSOR_ELEMENTWISE_H

#include "node.h"

namespace nabla::detail {

using kernels::Binary;
using kernels::Unary;

/// a op b, promoted and broadcast, without history. Predicates give Bool; Div of integers gives the default type.
Tensor compute(Binary op, const Tensor &a, const Tensor &b);
Tensor compute(Binary op, const Tensor &a, Scalar b);
/// op(x); integers are promoted to the default type when `floating`.
Tensor compute(Unary op, const Tensor &x, bool floating);

// ---- In place ----
/// Throws where autograd or the memory forbids writing to t.
void check_inplace(const Tensor &t, bool recorded);
/// self with its present elements and history, kept apart from the writing that follows.
Tensor snapshot(const Tensor &self);
/// self = result: elements and history. Checks shape and type.
const Tensor &assign(const Tensor &self, const Tensor &result);
/// Same without history, from inputs that may be self: self = self op b.
const Tensor &update(Binary op, const Tensor &self, const Tensor &b);
const Tensor &update(Binary op, const Tensor &self, Scalar b);
/// Refuses to write elements that share memory.
void check_no_overlap(const Tensor &t);

} // namespace nabla::detail

namespace nabla {

// What rules.def needs of a value type, found by argument-dependent lookup.
inline Tensor constant(const Tensor &like, long double c) {
  return detail::make_number(static_cast<double>(c), detail::impl(like)->dtype);
}
inline Tensor select(const Tensor &condition, const Tensor &yes, const Tensor &no) { return where(condition, yes, no); }
inline Tensor indicator(const Tensor &like, const Tensor &condition) { return condition.to(detail::impl(like)->dtype); }
inline Tensor operator||(const Tensor &a, const Tensor &b) { return a.logical_or(b); }
inline Tensor operator&&(const Tensor &a, const Tensor &b) { return a.logical_and(b); }
inline Tensor rint(const Tensor &x) { return x.round(); }
inline Tensor polygamma(const Tensor &x, int order) { return x.polygamma(order); }
/// d * p, and 0 where d is 0 whatever p is.
Tensor guarded(const Tensor &d, const Tensor &p);
/// x / y, and 0 where y is 0.
Tensor ratio(const Tensor &x, const Tensor &y);

} // namespace nabla

#include <nabla/rules.h>

#endif
