// Elementwise results of large tensors are not computed at once: their memory is there, its contents are pending. Whoever looks at the
// memory has it computed, from what is stored, in one fused pass; what nobody looks at is never stored.
//
//   y = tanh(x * w + b).sum()    reads x, w, b once; writes only what backward needs
//
// Rules: an input of a pending node is a whole storage, to which nobody has a raw pointer or a view of a part (Storage::exposed). Every access
// to a storage that is pending, or read by something pending, goes through `settle` first: view(), data_ptr(), views of parts, writes in
// place. When a sweep is over its gradients are stored, but for outer products, which keep copies of their two vectors. NABLA_LAZY=0 in the environment switches all this off.
#ifndef NABLA_SRC_TENSOR_LAZY_H
#define NABLA_SRC_TENSOR_LAZY_H

#include "impl.h"

namespace nabla::detail {

/// Fewer elements are computed at once.
constexpr std::int64_t lazy_least = 32768;

/// a op b (or op a) pending, or undefined when it has to be computed at once. Arguments of one floating type; no predicates.
Tensor postponed(kernels::Binary op, const Tensor &a, const Tensor &b);
Tensor postponed(kernels::Binary op, const Tensor &a, double b);
Tensor postponed(kernels::Unary op, const Tensor &x);
/// a b for one column a and one row b, as the gradient of a weight is where the batch has one row; or undefined.
Tensor postponed_outer(const Tensor &a, const Tensor &b);
/// to += alpha more, if more is such a product and pending: it is never stored.
bool add_pending_outer(const Tensor &to, const Tensor &more, double alpha);
/// The sum of all of x's elements into out (one element), if x is pending: in the pass that computes x.
bool sum_pending(const Tensor &x, const Tensor &out);
/// t, if pending, is to be stored by the next settle_wanted().
void want(const Tensor &t);
void settle_wanted();

} // namespace nabla::detail

#endif
