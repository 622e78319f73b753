// The engine's promises beyond libtorch's reference programs: no leaks and no recursion, order of hooks, saved-tensor hooks, own functions,
// checkpoint, anomaly mode, threads, refusals.
// RUN: %tensor %s -o %t && %t 2> %t.log
#include "check.h"

#include <nabla/torch.h>

#include <cstring>

using namespace nabla;
using autograd::AutogradContext;
using autograd::variable_list;

namespace {

Tensor leaf(std::initializer_list<double> values) {
  return tensor(std::vector<double>(values)).requires_grad_();
}
double at(const Tensor &t, std::int64_t i = 0) {
  return t.defined() ? t.reshape({-1})[i].item<double>() : NAN;
}
bool near(const Tensor &t, std::initializer_list<double> values) {
  return t.defined() && t.detach().to(kDouble).allclose(tensor(std::vector<double>(values)), 1e-9, 1e-12);
}
template <class F> std::string message(F f) {
  try {
    f();
  } catch (const std::exception &e) {
    return e.what();
  }
  return "";
}
bool says(const std::string &text, const char *part) { return text.find(part) != std::string::npos; }

/// A chain of a million nodes is neither built, swept nor destroyed by recursion.
void deep() {
  const Tensor x = leaf({1});
  Tensor y = x;
  for (int i = 0; i < 1000000; ++i)
    y = y + 1;
  CHECK(at(y) == 1000001);
  y.backward();
  CHECK(at(x.grad()) == 1);
  y.reset();
  Tensor never = x;
  for (int i = 0; i < 1000000; ++i)
    never = never * 1.0;
}

/// A gradient with a graph of its own keeps its leaf, which keeps the gradient: that ends with the last handle.
void cycles() {
  Tensor watch;
  std::size_t before = 0;
  {
    Tensor x = leaf({2, 3});
    watch = x.pow(3);
    (watch * watch).sum().backward({}, nullopt, /*create_graph=*/true);
    CHECK(x.grad().requires_grad());
    before = watch.use_count();
    CHECK(near(autograd::grad({x.grad().sum()}, {x}, {}, true)[0], {30 * 16, 30 * 81}));
  }
  CHECK(watch.use_count() == 1 && before >= 1);
  struct Probe {
    bool *gone;
    ~Probe() { *gone = true; }
  };
  bool gone = false;
  {
    Tensor x = leaf({2});
    auto probe = std::make_shared<Probe>(Probe{&gone});
    gone = false;
    Tensor y = x * x;
    y.grad_fn()->register_hook(
        [probe](const variable_list &, const variable_list &) { return variable_list(); });
    probe.reset();
    y.backward({}, nullopt, true);
    y.retain_grad();
  }
  CHECK(gone);
  gone = false;
  { // written in place from itself: directly, through a view, and without having had a history
    const Tensor x = leaf({2, 3}), h = x * 1, n = zeros({2});
    auto probe = std::make_shared<Probe>(Probe{&gone});
    gone = false;
    const Tensor p = h * h, q = (n * x).exp(), r = h[0] * h[0];
    for (const Tensor &t : {p, q, r})
      t.grad_fn()->register_hook(
          [probe](const variable_list &, const variable_list &) { return variable_list(); });
    probe.reset();
    h.add_(p);
    n.copy_(q);
    h[1].copy_(r);
    CHECK(!gone);
  }
  CHECK(gone);
  gone = false;
  { // a leaf that stops being one, and is written from what it led to
    const Tensor x = leaf({2, 3}), n = ones({2});
    auto probe = std::make_shared<Probe>(Probe{&gone});
    gone = false;
    x.register_hook([probe](const Tensor &) { return Tensor(); });
    probe.reset();
    n.mul_(x);
    x.requires_grad_(false);
    x.add_(n);
    CHECK(!gone);
  }
  CHECK(gone);
}

void hooks() {
  std::string order;
  const Tensor a = leaf({1, 2}), b = a * 2;
  a.register_hook([&](const Tensor &) { order += "leaf "; });
  b.register_hook([&](const Tensor &g) {
    order += "inner ";
    return g * 3;
  });
  b.grad_fn()->register_prehook([&](const variable_list &) {
    order += "before ";
    return variable_list();
  });
  b.grad_fn()->register_hook([&](const variable_list &in, const variable_list &out) {
    order += "after ";
    CHECK(near(out[0], {3, 3}) && near(in[0], {6, 6}));
    return variable_list{in[0] * 10};
  });
  b.retain_grad();
  b.sum().backward();
  CHECK(order == "inner before after leaf ");
  CHECK(near(a.grad(), {60, 60}) && near(b.grad(), {3, 3}));
  CHECK(
      says(message([&] { tensor({1.0}).register_hook([](const Tensor &) {}); }), "doesn't require gradient"));
  const unsigned h = a.register_hook([](const Tensor &g) { return g * 0; });
  a.remove_hook(h);
  CHECK(says(message([&] { a.remove_hook(17); }), "no hook at position 17"));
}

void saved_hooks() {
  std::string log;
  const Tensor x = leaf({2, 3});
  Tensor y;
  {
    autograd::SavedTensorsHooks hooks(
        [&](const Tensor &t) {
          log += "pack ";
          return t * 1;
        },
        [&](const Tensor &t) {
          log += "unpack ";
          return t;
        });
    y = (x * x).sum();
  }
  y.backward();
  CHECK(log == "pack pack unpack unpack ");
  CHECK(near(x.grad(), {4, 6}));
  x.mutable_grad().reset();
  {
    autograd::SavedTensorsHooks identity([](const Tensor &t) { return t; },
                                         [](const Tensor &t) { return t; });
    y = x.exp();
    y = (y * y).sum();
  }
  const Tensor g = autograd::grad({y}, {x}, {}, nullopt, true)[0];
  CHECK(near(autograd::grad({g.sum()}, {x})[0], {4 * std::exp(4.0), 4 * std::exp(6.0)}));
  Tensor base = x * 1;
  {
    autograd::SavedTensorsHooks identity([](const Tensor &t) { return t; },
                                         [](const Tensor &t) { return t; });
    y = (base * base).sum();
  }
  base.add_(1);
  CHECK(says(message([&] { y.backward(); }), "modified by an inplace operation"));
}

struct Cube : autograd::Function<Cube> {
  static variable_list forward(AutogradContext *c, const Tensor &x, double scale, const Tensor &unused) {
    const Tensor r = x * x * x * scale, n = tensor({1});
    c->save_for_backward({x});
    c->saved_number("scale") = scale;
    c->mark_non_differentiable({n});
    static_cast<void>(unused);
    return {r, n};
  }
  static variable_list backward(AutogradContext *c, variable_list g) {
    const Tensor x = c->get_saved_variables()[0];
    return {g[0] * x * x * 3 * c->saved_number("scale"), Tensor(), Tensor()};
  }
};
struct WrongCount : autograd::Function<WrongCount> {
  static Tensor forward(AutogradContext *, Tensor a, Tensor b) { return a + b; }
  static variable_list backward(AutogradContext *, variable_list g) { return {g[0]}; }
};
struct WrongShape : autograd::Function<WrongShape> {
  static Tensor forward(AutogradContext *, Tensor a) { return a * 2; }
  static variable_list backward(AutogradContext *, variable_list) { return {ones({5}, kDouble)}; }
};
struct Doubled : autograd::Function<Doubled> { // in place
  static Tensor forward(AutogradContext *c, Tensor a) {
    a.mul_(2);
    c->mark_dirty({a});
    return a;
  }
  static variable_list backward(AutogradContext *, variable_list g) { return {g[0] * 2}; }
};
struct Same : autograd::Function<Same> { // returns its argument
  static Tensor forward(AutogradContext *, Tensor a) { return a; }
  static variable_list backward(AutogradContext *, variable_list g) { return {g[0] * 7}; }
};

void own_functions() {
  const Tensor x = leaf({2});
  const variable_list r = Cube::apply(x, 0.5, Tensor());
  CHECK(!r[1].requires_grad() && r[0].requires_grad());
  const Tensor g = autograd::grad({r[0]}, {x}, {}, nullopt, true)[0];
  CHECK(near(g, {6}));
  CHECK(near(autograd::grad({g}, {x})[0], {6}));
  r[0].backward();
  CHECK(says(message([&] { r[0].backward(); }), "backward through the graph a second time"));
  x.mutable_grad().reset();
  CHECK(says(message([&] { WrongCount::apply(x, x).backward(); }),
             "returned an incorrect number of gradients (expected 2, got 1)"));
  CHECK(says(message([&] { WrongShape::apply(leaf({1, 2})).sum().backward(); }),
             "got [5] but expected shape compatible with [2]"));
  const Tensor y = x * 3;
  const Tensor z = Doubled::apply(y);
  CHECK(z.is_same(y) && at(y) == 12);
  z.backward();
  CHECK(near(x.grad(), {6}));
  x.mutable_grad().reset();
  Same::apply(x).backward();
  CHECK(near(x.grad(), {7}) && x.is_leaf());
  NoGradGuard off;
  CHECK(!Cube::apply(x, 1.0, x)[0].requires_grad());
}

void checkpoints() {
  const Tensor x = leaf({1, 2, 3});
  int runs = 0;
  const auto block = [&](const Tensor &t) {
    ++runs;
    return t.sin().exp();
  };
  functional::checkpoint(block, x).sum().backward();
  CHECK(runs == 2);
  CHECK(std::fabs(at(x.grad()) - 1.25338077) < 1e-8);
}

/// In-place on views and their bases, seen from both sides.
void aliases() {
  const Tensor x = leaf({1, 2, 3});
  const Tensor y = x * 1, first = y[0], rest = y.slice(0, 1);
  rest.mul_(10);
  first.add_(5);
  CHECK(near(y, {6, 20, 30}) && near(rest, {20, 30}));
  CHECK(first.grad_fn()->name() == "AsStridedBackward0" || first.grad_fn()->name() == "AddBackward0");
  (y * tensor({1.0, 2.0, 3.0}) + first + rest.sum()).sum().backward();
  CHECK(near(x.grad(), {1 + 3, 20 + 30, 30 + 30}));
  CHECK(says(message([&] {
               Tensor v;
               const Tensor base = x * 1;
               {
                 NoGradGuard off;
                 v = base[0];
               }
               v.mul_(2);
             }),
             "A view was created in no_grad mode"));
  CHECK(says(message([&] { ones({1, 3}).expand({2, 3}).add_(1); }),
             "more than one element of the written-to tensor"));
  CHECK(says(message([&] { ones({3}).add_(ones({2, 3})); }), "doesn't match the broadcast shape [2, 3]"));
  CHECK(says(message([&] { ones({2}, kLong).mul_(1.5); }), "can't be cast to the desired output type Long"));
  const Tensor reshaped = arange(4.0).view({2, 2}).requires_grad_(); // a leaf, though it was a view
  CHECK(says(message([&] { reshaped[0].mul_(2); }), "a view of a leaf Variable"));
  CHECK(reshaped.is_leaf() && reshaped[0]._base().is_same(reshaped));
  const Tensor shifted = arange(5.0);
  shifted.slice(0, 1).copy_(shifted.slice(0, 0, 4)); // overlapping memory
  CHECK(near(shifted, {0, 0, 1, 2, 3}));
}

void threads() {
  const Tensor x = leaf({1, 2, 3}), shared = x.exp();
  std::vector<std::thread> all;
  std::atomic<int> wrong{0};
  for (int i = 0; i < 4; ++i)
    all.emplace_back([&] {
      for (int k = 0; k < 50; ++k) {
        (shared * x).sum().backward({}, true);
        const Tensor own = leaf({1});
        wrong += !near(autograd::grad({own * own * 3}, {own})[0], {6});
      }
    });
  for (auto &t : all)
    t.join();
  CHECK_NEAR(at(x.grad()), 200 * 2 * std::exp(1.0), 1e-9);
  CHECK(wrong == 0);
  all.clear();
  const Tensor once = (x * x * x).exp().sum(); // swept by four threads, kept by none: all but one are told
  std::atomic<int> told{0};
  for (int i = 0; i < 4; ++i)
    all.emplace_back([&] {
      try {
        once.backward();
      } catch (const AutogradError &) {
        ++told;
      }
    });
  for (auto &t : all)
    t.join();
  CHECK(told >= 3);
}

void refusals() {
  const Tensor x = leaf({1, 2});
  CHECK(says(message([&] { autograd::grad({x.sum()}, {x * 1}); }), "not have been used in the graph"));
  CHECK(says(message([&] { autograd::grad({x.sum()}, {}); }), "non-empty inputs"));
  CHECK(says(message([&] { x.backward(ones({2}, kLong)); }), "a gradient of type Long"));
  CHECK(
      says(message([&] { autograd::backward({x, x}, {ones({2}, kDouble)}); }), "2 tensors and 1 gradients"));
  CHECK(says(message([&] { zeros({1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}); }), "at most 12"));
  CHECK(says(message([&] { zeros({-1}); }), "negative dimension"));
  CHECK(says(message([&] { zeros({std::int64_t{1} << 40, std::int64_t{1} << 40}); }), "more"));
  CHECK(says(message([&] { tensor({{1, 2}, {3}}); }), "Expected all sub-lists"));
  CHECK(says(message([&] { Tensor().sum(); }), "Expected a proper Tensor"));
  CHECK(says(message([&] { x + Tensor(); }), "Expected a proper Tensor"));
  CHECK(says(message([&] {
               const Tensor y = x * x;
               autograd::grad({y.sum()}, {y});
               y.sum().backward();
             }),
             ""));
  Tensor inner;
  {
    InferenceMode on;
    inner = ones({2}, kDouble);
    CHECK(says(message([&] { x.sum().backward(); }), "inference mode"));
  }
  CHECK(says(message([&] { inner.add_(1); }), "Inplace update to inference tensor outside InferenceMode"));
  CHECK(near(x.detach() + inner, {2, 3}));
}

void inputs_and_accumulation() {
  const Tensor x = leaf({1, 2}), w = leaf({3, 4}), y = x * w;
  y.sum().backward({}, true, false, std::vector<Tensor>{x});
  CHECK(near(x.grad(), {3, 4}) && !w.grad().defined());
  (y * y).sum().backward({}, true, false,
                         std::vector<Tensor>{y}); // an inner tensor gets its gradient retained
  CHECK(near(y.grad(), {6, 16}) && near(x.grad(), {3, 4}));
  const Tensor g = x.grad();
  y.sum().backward();
  CHECK(near(g, {6, 8}) && g.is_same(x.grad())); // accumulated in place
  const auto both = autograd::grad({x * 2, x * w}, {x, w}, {ones({2}, kDouble), leaf({10, 20})});
  CHECK(near(both[0], {32, 82}) && near(both[1], {10, 40}));
}

void anomaly() {
  autograd::DetectAnomalyGuard on;
  const Tensor x = leaf({0});
  CHECK(message([&] { (x.sqrt() * 0).backward(); }) ==
        "Function 'SqrtBackward0' returned nan values in its 0th output.");
}

} // namespace

int main() {
  set_default_dtype(kDouble);
  deep(), cycles(), hooks(), saved_hooks(), own_functions(), checkpoints(), aliases(), refusals(),
      inputs_and_accumulation(), anomaly();
  threads(); // last: from the first thread on reference counts are atomic
  deep();
  return check::report();
}
