// Pass `boundary`: the containers of a function that users call. Inside, a std::vector is a pointer and a size (see
// Struct::outside); a caller passes the class itself. The function gets parameters of the caller's types, and begins
// with views of them.
//
//   f(elements<double> &x)     ->     f(std::vector<double> &x) { elements<double> x_; x_.data = x.data(); x_.size = ... }
//
// A vector whose size changes, and one that is returned, comes as two parameters, initial and final. `close` makes them
// one again in the function that was generated, which keeps their adjoints in step.
#pragma once
#include "ir/ir.h"

namespace nabla::diff {

struct Boundary {
  ir::Function function;
  std::vector<bool> wrt;
  bool is_open = false; ///< no parameter is a container: the function is as it was

  struct Resized {
    std::size_t initial, final; ///< numbers of the two parameters
  };
  std::vector<Resized> resized;
  struct Addresses {
    std::size_t parameter; ///< number of one that callers pass a std::deque, list, map ... for
    bool by_value;
  };
  std::vector<Addresses> addresses;
};

/// Throws Refusal for what callers cannot pass.
Boundary open_boundary(const ir::Function &f, const std::vector<bool> &wrt);
/// `bar` gets the structure of what it is an adjoint of.
ir::Block matching(const ir::Var &bar, const ir::Var &of);
/// The generated function, with adjoints or tangents, gets the parameters that its caller passes.
ir::Function close_boundary(const Boundary &b, ir::Function generated, ir::Derivative::Mode mode);

} // namespace nabla::diff
