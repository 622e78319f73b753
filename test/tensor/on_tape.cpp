// A static function over raw arrays as one node of the graph: values, gradients, second derivatives, in-place results, errors.
// RUN: %nablaxx -Wall -Wextra -Werror -O1 %check %s -o %t && %t
#include "check.h"
#include <cmath>
#include <nabla/tape.h>
#include <nabla/torch.h>

using namespace nabla;

namespace {

double loss(const double *w, double scale, const int *labels, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += std::sin(w[i]) * w[i] * std::exp(scale * w[i]) * labels[i];
  return s;
}
float single(const float *x, const float &k) { return x[0] * x[0] * k + x[1]; }
void step(double *x, const double *force, double h, int n) {
  for (int i = 0; i < n; ++i)
    x[i] += h * force[i] * x[i];
}
double norm_and_scale(double *x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i)
    s += x[i] * x[i];
  for (int i = 0; i < n; ++i)
    x[i] /= s;
  return s;
}

std::string message(const std::function<void()> &f) {
  try {
    f();
  } catch (const std::exception &e) {
    return e.what();
  }
  return "";
}
bool says(const std::string &text, const char *part) { return text.find(part) != std::string::npos; }

void of_a_result() {
  const Tensor labels = tensor({2, 0, 1}, kInt);
  Tensor w = tensor({0.3, -0.7, 1.1}, kDouble).requires_grad_();
  Tensor scale = tensor(0.4, kDouble).requires_grad_();
  auto call = [&](const std::vector<Tensor> &x) { return on_tape<loss>(x[0], x[1], labels, 3); };
  CHECK(gradcheck(call, {w, scale}));
  CHECK(gradgradcheck(call, {w, scale}));
  // Elements in row-major order, whatever the strides; the gradient has the tensor's shape.
  Tensor m = tensor({{0.3, 9.0}, {-0.7, 9.0}, {1.1, 9.0}}, kDouble).requires_grad_();
  CHECK(gradcheck([&](const std::vector<Tensor> &x) { return call({x[0].select(1, 0), scale}); }, {m}));
  Tensor y = call({w, scale});
  CHECK(y.dim() == 0 && y.grad_fn()->name() == "OnTapeBackward0");
  CHECK_NEAR(y.item<double>(), loss(w.data_ptr<double>(), 0.4, labels.data_ptr<int>(), 3), 1e-15);
  (y * 3).backward();
  Tensor by_ops = ((w.sin() * w * (scale * w).exp() * labels).sum() * 3);
  Tensor expected = autograd::grad({by_ops}, {w})[0];
  CHECK(w.grad().allclose(expected, 1e-14, 1e-15));
  CHECK(says(message([&] { y.backward(); }), "backward through the graph a second time"));

  Tensor x = tensor({3.f, 5.f}).requires_grad_(), k = tensor(2.f).requires_grad_();
  on_tape<single>(x, k).backward();
  CHECK(x.grad().allclose(tensor({12.f, 1.f})) && k.grad().item<float>() == 9);
}

void inactive() {
  const Tensor labels = tensor({1, 1}, kInt), w = tensor({0.5, 0.6}, kDouble);
  CHECK(!on_tape<loss>(w, 0.4, labels, 2).requires_grad());
  Tensor scale = tensor(0.4, kDouble).requires_grad_();
  CHECK(on_tape<loss>(w, scale, labels, 2).requires_grad());
  {
    const NoGradGuard off;
    CHECK(!on_tape<loss>(w, scale, labels, 2).requires_grad());
  }
  // The gradient was computed with the call: later changes of the arguments do not matter to it, but to create_graph.
  Tensor v = (w * scale).detach().requires_grad_(), u = v * 1;
  Tensor y = on_tape<loss>(u, 0.4, labels, 2), g = autograd::grad({y}, {v}, {}, true)[0];
  u.mul_(2);
  CHECK(autograd::grad({y}, {v}, {}, true)[0].equal(g));
  CHECK(says(message([&] { autograd::grad({y}, {v}, {}, true, true); }), "modified by an inplace operation"));
}

void written() {
  Tensor x = tensor({0.5, -1.5, 2.0}, kDouble).requires_grad_(),
         f = tensor({1.0, 2.0, 3.0}, kDouble).requires_grad_();
  Tensor h = tensor(0.1, kDouble).requires_grad_();
  auto steps = [](const std::vector<Tensor> &a) {
    Tensor state = a[0].clone();
    on_tape<step>(state, a[1], a[2], 3);
    on_tape<step>(state, a[1] * state.sum(), a[2], 3);
    Tensor norm = on_tape<norm_and_scale>(state, 3);
    return (state * state * a[1]).sum() + norm;
  };
  CHECK(gradcheck(steps, {x, f, h}));
  CHECK(says(message([&] {
               autograd::grad({autograd::grad({steps({x, f, h})}, {x}, {}, true, true)[0].sum()}, {x});
             }),
             "differentiates a function that writes tensors once"));
  CHECK(says(message([&] { on_tape<step>(x, f, h, 3); }), "a leaf Variable that requires grad"));
  Tensor base = x * 1;
  CHECK(says(message([&] { on_tape<step>(base, base, h, 3); }), "shares its memory"));
  Tensor view = base.view({3, 1});
  CHECK(says(message([&] { on_tape<step>(view, f, h, 3); }), "writes a view"));
  // What was saved before is protected by the version count.
  Tensor square = base * base;
  on_tape<step>(base, f, h, 3);
  CHECK(says(message([&] { square.sum().backward(); }), "modified by an inplace operation"));
}

void refused() {
  const Tensor labels = tensor({1, 1}, kInt);
  Tensor w = tensor({0.5f, 0.6f}).requires_grad_();
  CHECK(says(message([&] { on_tape<loss>(w, 0.4, labels, 2); }),
             "argument 1 has elements of type Float, but the function takes Double there"));
  w = w.to(kDouble);
  CHECK(says(message([&] { on_tape<loss>(w, w, labels, 2); }), "argument 2 stands for one number"));
  CHECK(says(message([&] { on_tape<loss>(Tensor(), 0.4, labels, 2); }), "argument 1 is an undefined tensor"));
  Tensor k = tensor(0.4, kDouble).requires_grad_();
  Tensor g = autograd::grad({on_tape<loss>(w, k, labels, 2)}, {k}, {}, true, true)[0];
  Tensor h = autograd::grad({g}, {k}, {}, true, true)[0];
  CHECK(h.requires_grad() &&
        says(message([&] { autograd::grad({h}, {k}); }), "no derivatives of third order"));
}

double product(double x, double y) { return x * y; }
void beside_the_scalar_tape() {
  tape t;
  var x = 3, y = 4;
  t.watch(x, y);
  var z = on_tape<product>(x, y);
  t.backward(z);
  CHECK(x.adjoint() == 4);
}

} // namespace

int main() {
  of_a_result();
  inactive();
  written();
  refused();
  beside_the_scalar_tape();
  return check::report();
}
