// Comparing derivatives with difference quotients: gradcheck (first), gradgradcheck (second derivatives).
#ifndef NABLA_TENSOR_GRADCHECK_H
#define NABLA_TENSOR_GRADCHECK_H

#include "functional.h"

namespace nabla {

/// What gradcheck throws: which argument and result, the place, both values.
class GradcheckError : public Error {
  using Error::Error;
};

namespace detail {
bool gradcheck(const functional::ListFunction &f, const std::vector<Tensor> &x, double eps, double atol,
               double rtol, bool raise);
bool gradgradcheck(const functional::ListFunction &f, const std::vector<Tensor> &x, double eps, double atol,
                   double rtol, bool raise);
} // namespace detail

/// Whether all derivatives of f by those of x that require them agree with central differences of step eps: |a - n| <= atol + rtol |n|. x should be
/// Double, and stays as it is. With raise false, a mismatch is answered and not thrown.
template <class F>
bool gradcheck(F f, const std::vector<Tensor> &x, double eps = 1e-6, double atol = 1e-5, double rtol = 1e-3,
               bool raise = true) {
  return detail::gradcheck(functional::detail::as_function(std::move(f)), x, eps, atol, rtol, raise);
}
/// The same for the backward sweep of f as a function of x and of the gradients of f's results (drawn at random).
template <class F>
bool gradgradcheck(F f, const std::vector<Tensor> &x, double eps = 1e-6, double atol = 1e-5,
                   double rtol = 1e-3, bool raise = true) {
  return detail::gradgradcheck(functional::detail::as_function(std::move(f)), x, eps, atol, rtol, raise);
}

} // namespace nabla

#endif
