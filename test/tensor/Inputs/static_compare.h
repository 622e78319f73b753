// One function over tensors, differentiated by the static rules and by the tape.
#pragma once
#include "check.h"
#include <iostream>
#include <nabla/nabla.h>
#include <nabla/tensor.h>

inline bool same_adjoint(const nabla::Tensor &a, const nabla::Tensor &b) {
  if (!a.defined() || !b.defined()) // nothing is zero
    return (!a.defined() || a.eq(0).all().item<bool>()) && (!b.defined() || b.eq(0).all().item<bool>());
  return a.sizes() == b.sizes() && a.scalar_type() == b.scalar_type() && a.allclose(b, 1e-10, 1e-12);
}

/// Adjoints of F at (a, b), for a random seed, by the rules and by the tape; G is F in words that the tape follows.
template <auto F, auto G = F> void compare(const char *name, const nabla::Tensor &a, const nabla::Tensor &b) {
  using nabla::Tensor;
  const bool both = b.is_floating_point();
  Tensor x = a.clone().requires_grad_(), y = both ? b.clone().requires_grad_() : b;
  Tensor r = G(x, y);
  const Tensor seed = nabla::randn(r.sizes(), r.scalar_type());
  std::vector<Tensor> inputs{x};
  if (both)
    inputs.push_back(y);
  std::vector<Tensor> tape(2);
  if (r.requires_grad())
    tape = nabla::autograd::grad({r}, inputs, {seed}, nabla::nullopt, false, true);
  Tensor x_bar, y_bar;
  Tensor value = nabla::pullback<F>(x, y, seed, x_bar, y_bar);
  bool ok =
      value.allclose(r.detach(), 1e-12, 1e-14) && !value.requires_grad() && same_adjoint(x_bar, tape[0]);
  if (both)
    ok = ok && same_adjoint(y_bar, tape[1]);
  ok = ok && (!x_bar.defined() || !x_bar.requires_grad());
  if (!ok)
    std::cout << name << ":\n" << x_bar << "\n" << tape[0] << "\n" << y_bar << "\n" << tape.back() << "\n";
  CHECK(ok);
  // Adjoints add up; an undefined seed adds nothing.
  if (x_bar.defined()) {
    Tensor again = x_bar.clone(), other;
    (void)nabla::pullback<F>(x, y, Tensor(), again, other);
    CHECK(same_adjoint(again, x_bar));
    (void)nabla::pullback<F>(x, y, seed, again, other);
    CHECK(same_adjoint(again, x_bar * 2));
  }
}
