// What the rules of rules.h share.
#ifndef NABLA_SRC_TENSOR_RULES_IMPL_H
#define NABLA_SRC_TENSOR_RULES_IMPL_H

#include "elementwise.h"

#include <nabla/tensor/rules.h>

namespace nabla::detail {

/// bar += g, summed over what broadcasting repeated, in x's type. Does nothing for a tensor of integers, or where nobody asks.
void give(Tensor *bar, const Tensor &g, const Tensor &x);
/// bar += the sum of g.
void give(double *bar, const Tensor &g);
/// Is there anything to do?
template <class... B> bool flows(const Tensor &seed, const B *...bars) {
  return seed.defined() && ((bars != nullptr) || ...);
}
/// A reduction's result (or its adjoint) with the reduced dimensions at size 1, or expanded to x's sizes.
Tensor kept(const Tensor &r, const Tensor &x, IntArrayRef dim, bool keepdim);
Tensor spread(const Tensor &r, const Tensor &x, IntArrayRef dim, bool keepdim);
/// How many elements of x go into each of the result.
std::int64_t count_over(const Tensor &x, IntArrayRef dim);
/// Zeros like x, to put a part into.
inline Tensor zeros_of(const Tensor &x) { return zeros(x.sizes(), x.scalar_type()); }

} // namespace nabla::detail

#endif
