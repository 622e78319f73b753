// First and second derivatives of elementwise functions, views, indexing, reductions, joins and in-place operations: difference
// quotients on several shapes, broadcast and non-contiguous arguments.
// RUN: %tensor %s -o %t && %t
#include <nabla/tensor.h>

#include <cmath>
#include <cstdio>

using namespace nabla;
using namespace nabla::indexing;
using List = std::vector<Tensor>;

static int failures = 0, checks = 0;

static Tensor leaf(const Tensor &t) { return t.detach().requires_grad_(); }
/// Elements of (low, high) in four layouts.
static std::vector<Tensor> layouts(double low, double high) {
  const auto u = [&](IntArrayRef sizes) { return rand(sizes, kDouble) * (high - low) + low; };
  return {leaf(u({})), leaf(u({5})), leaf(u({3, 2}).t()), leaf(u({2, 6}).slice(1, 0, 6, 2)), leaf(u({0, 3}))};
}
static Tensor input(IntArrayRef sizes) { return leaf(randn(sizes, kDouble)); }

template <class Fn> void check(const char *name, Fn f, const List &x, bool second = true) {
  ++checks;
  try {
    gradcheck(f, x);
    if (second)
      gradgradcheck(f, x);
  } catch (const std::exception &e) {
    ++failures;
    std::printf("%s: %s\n", name, e.what());
  }
}

static void unary() {
  struct Row {
    const char *name;
    Tensor (Tensor::*f)() const;
    double low, high;
  };
#define ROW(NAME, LOW, HIGH) {#NAME, &Tensor::NAME, LOW, HIGH}
  const Row rows[] = {
      ROW(exp, -2, 2),       ROW(exp2, -2, 2),     ROW(expm1, -2, 2),       ROW(log, 0.2, 4),      ROW(log2, 0.2, 4),
      ROW(log10, 0.2, 4),    ROW(log1p, -0.5, 3),  ROW(sqrt, 0.2, 4),       ROW(sin, -3, 3),       ROW(cos, -3, 3),
      ROW(tan, -1, 1),       ROW(asin, -0.8, 0.8), ROW(acos, -0.8, 0.8),    ROW(atan, -3, 3),      ROW(sinh, -2, 2),
      ROW(cosh, -2, 2),      ROW(tanh, -2, 2),     ROW(asinh, -3, 3),       ROW(acosh, 1.3, 4),    ROW(atanh, -0.7, 0.7),
      ROW(erf, -2, 2),       ROW(erfc, -2, 2),     ROW(lgamma, 0.5, 5),     ROW(digamma, 0.7, 5),  ROW(neg, -2, 2),
      ROW(abs, 0.2, 2),      ROW(abs, -2, -0.2),   ROW(sign, 0.2, 2),       ROW(floor, 0.1, 0.9),  ROW(ceil, 0.1, 0.9),
      ROW(round, 0.6, 0.9),  ROW(trunc, 0.1, 0.9), ROW(frac, 0.1, 0.9),     ROW(square, -2, 2),    ROW(rsqrt, 0.3, 4),
      ROW(reciprocal, 0.4, 3), ROW(relu, 0.1, 2),  ROW(relu, -2, -0.1),     ROW(sigmoid, -3, 3),   ROW(erfinv, -0.8, 0.8),
      ROW(logit, 0.1, 0.9),  ROW(trigamma, 0.7, 5)};
#undef ROW
  for (const Row &row : rows)
    for (const Tensor &x : layouts(row.low, row.high))
      check(row.name, [&](const Tensor &t) { return (t.*row.f)(); }, {x});
  for (const double e : {0.0, 1.0, 2.0, 3.0, -1.0, 0.5, 2.5})
    for (const Tensor &x : layouts(0.3, 2))
      check("pow number", [e](const Tensor &t) { return t.pow(e); }, {x});
  check("pow integer", [](const Tensor &t) { return t.pow(3); }, {input({2, 3})});
  check("number pow", [](const Tensor &t) { return nabla::pow(Scalar(1.7), t); }, {input({2, 3})});
  check("clamp", [](const Tensor &t) { return t.clamp(-0.5, 0.7).exp(); }, {leaf(tensor({-1.0, -0.2, 0.1, 0.9}, kDouble))});
  check("clamp_min", [](const Tensor &t) { return t.clamp_min(0.0); }, {leaf(tensor({-1.0, 0.9}, kDouble))});
}

static void binary() {
  const auto shapes = [](double low, double high) {
    const auto u = [&](IntArrayRef sizes) { return rand(sizes, kDouble) * (high - low) + low; };
    return std::vector<List>{{leaf(u({2, 3})), leaf(u({2, 3}))},         {leaf(u({3, 2}).t()), leaf(u({3}))}, {leaf(u({})), leaf(u({2, 2}))},
                             {leaf(u({2, 1, 3})), leaf(u({2, 1}))}, {leaf(u({1})), leaf(u({}))},         {leaf(u({4, 6}).slice(1, 0, 6, 3)), leaf(u({4, 1}))}};
  };
  struct Row {
    const char *name;
    Tensor (*f)(const Tensor &, const Tensor &);
  };
  const Row rows[] = {{"add", [](const Tensor &a, const Tensor &b) { return a + b; }},
                      {"add alpha", [](const Tensor &a, const Tensor &b) { return a.add(b, 2.5); }},
                      {"sub", [](const Tensor &a, const Tensor &b) { return (a - b).exp(); }},
                      {"sub alpha", [](const Tensor &a, const Tensor &b) { return a.sub(b, 3); }},
                      {"mul", [](const Tensor &a, const Tensor &b) { return a * b; }},
                      {"div", [](const Tensor &a, const Tensor &b) { return a / b; }},
                      {"pow", [](const Tensor &a, const Tensor &b) { return a.pow(b); }},
                      {"atan2", [](const Tensor &a, const Tensor &b) { return a.atan2(b); }},
                      {"hypot", [](const Tensor &a, const Tensor &b) { return a.hypot(b); }},
                      {"maximum", [](const Tensor &a, const Tensor &b) { return a.maximum(b).exp(); }},
                      {"minimum", [](const Tensor &a, const Tensor &b) { return a.minimum(b).exp(); }},
                      {"copysign", [](const Tensor &a, const Tensor &b) { return a.copysign(b); }},
                      {"lerp", [](const Tensor &a, const Tensor &b) { return a.lerp(b, 0.3); }},
                      {"lerp tensor", [](const Tensor &a, const Tensor &b) { return a.lerp(b, a * b); }},
                      {"addcmul", [](const Tensor &a, const Tensor &b) { return a.addcmul(a, b, 0.5); }},
                      {"addcdiv", [](const Tensor &a, const Tensor &b) { return a.addcdiv(a, b, 0.5); }},
                      {"where", [](const Tensor &a, const Tensor &b) { return where(a > b, a * b, b); }},
                      {"numbers", [](const Tensor &a, const Tensor &b) { return (2 - a) * 3 / b + 1 / a - 2 * b / 4; }}};
  for (const Row &row : rows)
    for (const List &x : shapes(0.4, 2))
      check(row.name, [&](const List &t) { return row.f(t[0], t[1]); }, x);
  check("fmod", [](const List &t) { return t[0].fmod(t[1]); }, {leaf(rand({3}, kDouble) * 0.1 + 3.3), leaf(rand({3}, kDouble) * 0.02 + 0.9)});
  check("remainder", [](const List &t) { return t[0].remainder(t[1]); }, {leaf(rand({3}, kDouble) * 0.1 - 3.3), leaf(rand({3}, kDouble) * 0.02 + 0.9)});
  check("same twice", [](const Tensor &t) { return t * t / (t * t + 1); }, {input({3})});
}

static void views() {
  const Tensor x = input({2, 3, 4}), turned = leaf(randn({4, 3, 2}, kDouble).permute({2, 1, 0}));
  for (const Tensor &t : {x, turned}) {
    check("view", [](const Tensor &a) { return a.reshape({6, 4}).exp(); }, {t});
    check("flatten", [](const Tensor &a) { return a.flatten(1).sin(); }, {t});
    check("unflatten", [](const Tensor &a) { return a.unflatten(2, {2, 2}).sin(); }, {t});
    check("transpose", [](const Tensor &a) { return a.transpose(0, 2).sin(); }, {t});
    check("permute", [](const Tensor &a) { return a.permute({1, 2, 0}).sin(); }, {t});
    check("movedim", [](const Tensor &a) { return a.movedim(0, 2).sin(); }, {t});
    check("expand", [](const Tensor &a) { return a.unsqueeze(1).expand({2, 3, 3, 4}).sin(); }, {t});
    check("expand lead", [](const Tensor &a) { return a.expand({2, 2, 3, 4}).sin(); }, {t});
    check("squeeze", [](const Tensor &a) { return a.narrow(1, 1, 1).squeeze(1).sin(); }, {t});
    check("squeeze all", [](const Tensor &a) { return a.narrow(1, 1, 1).squeeze().sin(); }, {t});
    check("select", [](const Tensor &a) { return a.select(1, -1).sin(); }, {t});
    check("slice", [](const Tensor &a) { return a.slice(2, 1, nullopt, 2).sin(); }, {t});
    check("narrow", [](const Tensor &a) { return a.narrow(2, 1, 2).sin(); }, {t});
    check("diagonal", [](const Tensor &a) { return a.diagonal(1, 1, 2).sin(); }, {t});
    check("diagonal low", [](const Tensor &a) { return a.diagonal(-1, 0, 2).sin(); }, {t});
    check("unfold", [](const Tensor &a) { return a.unfold(2, 3, 1).sin(); }, {t});
    check("split", [](const Tensor &a) { return a.split(3, 2)[0].sin() * a.split(1, 2)[3]; }, {t});
    check("split sizes", [](const Tensor &a) { return a.split({1, 3}, 2)[1].sin(); }, {t});
    check("chunk", [](const Tensor &a) { return a.chunk(2, 2)[1].sin(); }, {t});
    check("unbind", [](const Tensor &a) { return a.unbind(1)[1].sin() * a.unbind(1)[0]; }, {t});
    check("repeat", [](const Tensor &a) { return a.repeat({2, 1, 3, 1}).sin(); }, {t});
    check("repeat_interleave", [](const Tensor &a) { return a.repeat_interleave(2, 1).sin(); }, {t});
    check("roll", [](const Tensor &a) { return a.roll(2, 1).sin() * a; }, {t});
    check("contiguous", [](const Tensor &a) { return a.transpose(0, 1).contiguous().sin(); }, {t});
    check("clone", [](const Tensor &a) { return a.clone().sin(); }, {t});
    check("cat", [](const Tensor &a) { return cat({a, a.exp(), a.narrow(1, 0, 1)}, 1); }, {t});
    check("stack", [](const Tensor &a) { return stack({a, a.exp()}, 2); }, {t});
    check("broadcast_tensors", [](const Tensor &a) { return broadcast_tensors({a, a.narrow(0, 0, 1)})[1].sin(); }, {t});
  }
  check("t", [](const Tensor &a) { return a.t().sin(); }, {input({2, 3})});
  check("as_strided", [](const Tensor &a) { return a.as_strided({2, 3}, {1, 2}, 1).sin(); }, {input({8})});
  check("as_strided overlapping", [](const Tensor &a) { return a.as_strided({3, 3}, {1, 1}).sin(); }, {input({8})});
  check("diag", [](const Tensor &a) { return a.diag(1).sin() * a.diag(1); }, {input({3})});
  check("diag of matrix", [](const Tensor &a) { return a.diag().sin(); }, {input({3, 3})});
  check("cat two", [](const List &a) { return cat({a[0], a[1]}, -1); }, {input({2, 3}), leaf(randn({4, 2}, kDouble).t())});
  check("meshgrid", [](const List &a) { return meshgrid({a[0], a[1]})[0] * meshgrid({a[0], a[1]})[1].exp(); }, {input({2}), input({3})});
}

static void indexing_ops() {
  const Tensor x = input({3, 4}), turned = leaf(randn({4, 3}, kDouble).t());
  const Tensor rows = tensor({0, 2, 0}), mask = tensor({{true, false, true, true}, {false, false, true, false}, {true, true, false, false}});
  for (const Tensor &t : {x, turned}) {
    check("index rows", [&](const Tensor &a) { return a.index({rows}).exp(); }, {t});
    check("index columns", [&](const Tensor &a) { return a.index({Slice(), tensor({1, -1})}).exp(); }, {t});
    check("index both", [&](const Tensor &a) { return a.index({rows, tensor({1, 1, 1})}).exp(); }, {t});
    check("index broadcast", [&](const Tensor &a) { return a.index({rows.unsqueeze(1), tensor({1, 3})}).exp(); }, {t});
    check("index mask", [&](const Tensor &a) { return a.index({mask}).exp(); }, {t});
    check("index row mask", [&](const Tensor &a) { return a.index({tensor({true, false, true}), Slice(1, 3)}).exp(); }, {t});
    check("index mixed", [&](const Tensor &a) { return a.index({None, 1, Ellipsis, tensor({0, 0})}).exp(); }, {t});
    check("index number", [&](const Tensor &a) { return a[1][-1].exp(); }, {t});
    check("masked_select", [&](const Tensor &a) { return a.masked_select(mask).exp(); }, {t});
    check("masked_fill", [&](const Tensor &a) { return a.masked_fill(mask, 0.5).exp(); }, {t});
    check("index_put_", [&](const Tensor &a) { return (a * 2).index_put_({rows.narrow(0, 0, 2)}, a.index({0}).exp()) * a; }, {t});
    check("index_put_ mask", [&](const Tensor &a) { return (a * 2).index_put_({mask}, a[0][0]).exp(); }, {t});
    check("index_put_ slice", [&](const Tensor &a) { return (a * 2).index_put_({Slice(0, 2), 1}, a.select(1, 0).slice(0, 1).exp()) * a; }, {t});
  }
  check("index three", [](const Tensor &a) { return a.index({tensor({0, 1}), Slice(), tensor({1, 1})}).exp(); }, {input({2, 3, 2})});
}

static void reductions() {
  const Tensor x = input({2, 3}), turned = leaf(randn({3, 2}, kDouble).t()), cube = input({2, 3, 2}), number = input({});
  for (const Tensor &t : {x, turned, cube, number}) {
    check("sum", [](const Tensor &a) { return a.sum().exp(); }, {t});
    check("mean", [](const Tensor &a) { return a.mean().exp(); }, {t});
    check("prod", [](const Tensor &a) { return a.prod(); }, {t});
    check("max", [](const Tensor &a) { return a.max().exp(); }, {t});
    check("min", [](const Tensor &a) { return a.min().exp(); }, {t});
    check("norm", [](const Tensor &a) { return a.norm(); }, {t});
    check("norm 1", [](const Tensor &a) { return a.norm(1); }, {t});
    check("norm 3", [](const Tensor &a) { return a.norm(3); }, {t});
    check("norm inf", [](const Tensor &a) { return a.norm(HUGE_VAL); }, {t});
    if (t.numel() > 1) {
      check("var", [](const Tensor &a) { return a.var(); }, {t});
      check("std", [](const Tensor &a) { return a.std(false); }, {t});
    }
    for (std::int64_t d = 0; d < t.dim(); ++d) {
      check("sum dim", [d](const Tensor &a) { return a.sum(d).exp(); }, {t});
      check("sum keepdim", [d](const Tensor &a) { return a.sum(d, true) * a; }, {t});
      check("mean dim", [d](const Tensor &a) { return a.mean(d).exp(); }, {t});
      check("prod dim", [d](const Tensor &a) { return a.prod(d, true) * a; }, {t});
      check("max dim", [d](const Tensor &a) { return std::get<0>(a.max(d)).exp(); }, {t});
      check("min dim", [d](const Tensor &a) { return std::get<0>(a.min(d, true)) * a; }, {t});
      check("amax", [d](const Tensor &a) { return a.amax(d, true) * a; }, {t});
      check("amin", [d](const Tensor &a) { return a.amin(d).exp(); }, {t});
      check("var dim", [d](const Tensor &a) { return a.var(d, true, true) * a; }, {t});
      check("std dim", [d](const Tensor &a) { return a.std(d); }, {t});
      check("norm dim", [d](const Tensor &a) { return a.norm(2, d, true) * a; }, {t});
      check("norm 1.5 dim", [d](const Tensor &a) { return a.norm(1.5, d); }, {t});
    }
  }
  check("sum dims", [](const Tensor &a) { return a.sum({0, 2}).exp(); }, {cube});
  check("var dims", [](const Tensor &a) { return a.var({0, 2}); }, {cube});
  check("sum_to_size", [](const Tensor &a) { return a.sum_to_size({3, 1}).exp(); }, {cube});
  check("prod one zero", [](const Tensor &a) { return a.prod(); }, {leaf(tensor({1.5, 0.0, -2.0}, kDouble))});
  check("prod two zeros", [](const Tensor &a) { return a.prod(); }, {leaf(tensor({1.5, 0.0, -2.0, 0.0}, kDouble))});
  check("prod dim zeros", [](const Tensor &a) { return a.prod(1); }, {leaf(tensor({{1.5, 0.0, 2.0}, {0.5, 1.0, 3.0}}, kDouble))});
}

static void in_place() {
  const List x = {input({2, 3}), input({3})};
  const auto step = [&](const char *name, void (*f)(const Tensor &y, const Tensor &b)) {
    check(name, [f](const List &t) {
      const Tensor y = t[0] * 1.5;
      f(y, t[1]);
      return y * t[0];
    }, x);
    check(name, [f](const List &t) { // through views of a new tensor
      const Tensor y = t[0].t() * 1.5, before = y.exp();
      f(y.t(), t[1]);
      return y * before;
    }, x);
    check(name, [f](const List &t) { // a part
      const Tensor y = stack({t[0], t[0].exp()}, 1);
      f(y.select(1, 1), t[1]);
      return y.sin();
    }, x);
  };
  step("add_", [](const Tensor &y, const Tensor &b) { y.add_(b, 2); });
  step("sub_", [](const Tensor &y, const Tensor &b) { y.sub_(b); });
  step("mul_", [](const Tensor &y, const Tensor &b) { y.mul_(b); });
  step("mul_ itself", [](const Tensor &y, const Tensor &) { y.mul_(y); });
  step("div_", [](const Tensor &y, const Tensor &b) { y.div_(b.exp()); });
  step("numbers", [](const Tensor &y, const Tensor &) { y.add_(1), y.mul_(2), y.sub_(0.5), y.div_(3); });
  step("exp_", [](const Tensor &y, const Tensor &) { y.exp_(); });
  step("sin_", [](const Tensor &y, const Tensor &) { y.sin_(); });
  step("tanh_ sigmoid_", [](const Tensor &y, const Tensor &) { y.tanh_().sigmoid_(); });
  step("pow_", [](const Tensor &y, const Tensor &) { y.pow_(2); });
  step("clamp_", [](const Tensor &y, const Tensor &) { y.clamp_(-0.3, 0.4); });
  step("copy_", [](const Tensor &y, const Tensor &b) { y.copy_(b); });
  step("fill_", [](const Tensor &y, const Tensor &) { y.fill_(2); });
  step("zero_ of a part", [](const Tensor &y, const Tensor &) { y.select(-1, 1).zero_(); });
  step("row", [](const Tensor &y, const Tensor &b) { y[0] = b * b; });
  step("element", [](const Tensor &y, const Tensor &b) { y[1][2] = b[0] * b[1] + y[0][0]; });
  step("addcmul_", [](const Tensor &y, const Tensor &b) { y.addcmul_(b, b, 0.5); });
  step("lerp_", [](const Tensor &y, const Tensor &b) { y.lerp_(b.expand({2, 3}), 0.25); });
  step("masked_fill_", [](const Tensor &y, const Tensor &) { y.masked_fill_(y.detach() > 0, 1); });
}

int main() {
  manual_seed(7);
  unary(), binary(), views(), indexing_ops(), reductions(), in_place();
  std::printf("%d functions checked, %d wrong\n", checks, failures);
  return failures != 0;
}
