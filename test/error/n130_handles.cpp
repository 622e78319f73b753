// N130, N131, N132: operations on handles that write in place, that have no rule, or that are asked for more than a gradient.
//
// RUN: %nablaxx -fsyntax-only -Xclang -verify %s
#include <nabla/nabla.h>
#include <nabla/tensor.h>
using nabla::Tensor;

[[nabla::gradient]] Tensor in_place(Tensor x) {
  x.mul_(2); // expected-error {{'nabla::Tensor::mul_' changes what other handles on the same memory see; write the operation that gives a new value, x = x + y for x += y; or record it on the dynamic tape, with requires_grad_() and backward() [nabla N130]}}
  return x.sum();
}

[[nabla::gradient]] Tensor compound(Tensor x, Tensor y) {
  x += y; // expected-error {{'nabla::Tensor::operator+=' changes what other handles on the same memory see}}
  return x.sum();
}

[[nabla::gradient]] Tensor element(Tensor x, Tensor y) {
  x[0] = y; // expected-error {{'nabla::Tensor::operator=' changes what other handles on the same memory see}}
  return x.sum();
}

[[nabla::gradient]] Tensor put(Tensor x, Tensor y) {
  x.index_put_({0}, y); // expected-error {{'nabla::Tensor::index_put_' changes what other handles on the same memory see}}
  return x.sum();
}

[[nabla::gradient]] Tensor sweeps(Tensor x) {
  x.sum().backward(); // expected-error {{'nabla::Tensor::backward' changes what other handles on the same memory see}}
  return x.sum();
}

[[nabla::gradient]] Tensor without_rule(Tensor x) {
  return nabla::dropout(x, 0.5, true); // expected-error {{'nabla::dropout' has no [[nabla::pullback_of]] rule; write it in operations that have one, give it a rule, mark it [[nabla::inactive]], or record it on the dynamic tape [nabla N131]}}
}

[[nabla::gradient]] Tensor from_number(Tensor x, double s) {
  return x.sum() + nabla::tensor({s, s}).sum(); // expected-error {{'nabla::tensor' has no [[nabla::pullback_of]] rule}}
}

bool replace(Tensor &x);
[[nabla::gradient]] Tensor replaced(Tensor x) {
  if (replace(x)) // expected-error {{'replace' has no [[nabla::pullback_of]] rule}}
    return x.mean();
  return x.sum();
}

[[nabla::inactive]] void forget(Tensor &x);
[[nabla::gradient]] Tensor forgotten(Tensor x) {
  forget(x); // expected-error {{'forget', which carries no derivative, may write differentiated memory; let it take a const pointer, or memory of its own that is not differentiated; or give it a [[nabla::pullback_of(forget)]] [nabla N125]}}
  return x.sum();
}

Tensor plain(Tensor x) { return x.sum(); }
[[nabla::pushforward]] Tensor forward(Tensor x) { // expected-error {{forward mode and second derivatives do not go through values of type 'nabla::Tensor'; use the gradient, or the dynamic tape: nabla::functional::jvp and hvp [nabla N132]}}
  return x.sum();
}

double number(double a) {
  return nabla::full({2}, a).sum().item<double>(); // expected-error {{forward mode and second derivatives do not go through values of type}}
}
double twice(double a, double d) {
  double h = 0;
  nabla::hvp<number>(a, d, &h); // expected-note 0+{{}}
  return h + nabla::pushforward<number>(a, d).dot; // expected-note 0+{{}}
}
