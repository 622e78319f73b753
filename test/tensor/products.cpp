// Matrix products of every shape around the tiles' edges and every order of storage, against plain loops; and outer products whose
// elements are computed late, or never.
// RUN: %tensor %s -o %t && %t && env NABLA_NUM_THREADS=1 %t && env NABLA_BLAS=builtin %t && env NABLA_ISA=avx2 %t && env NABLA_ISA=generic NABLA_LAZY=0 %t
#include <nabla/tensor.h>

#include <cmath>
#include <cstdio>
#include <random>

using namespace nabla;

static int failures = 0;
static void check(bool ok, const char *what) {
  if (!ok && ++failures < 10)
    std::printf("%s\n", what);
}

/// [m, n], its rows or its columns together, or neither.
static Tensor stored(int order, std::int64_t m, std::int64_t n, ScalarType type) {
  if (order == 0)
    return rand({m, n}, type) - 0.5;
  if (order == 1)
    return (rand({n, m}, type) - 0.5).t();
  return (rand({m, 2 * n}, type) - 0.5).slice(1, 0, nullopt, 2);
}

/// The largest difference from a sum in double, in units of the type's rounding and the sum's length.
static double error(const Tensor &c, const Tensor &a, const Tensor &b, const Tensor &added) {
  const Tensor x = a.to(kDouble).contiguous(), y = b.to(kDouble).contiguous();
  const std::int64_t m = a.size(0), n = b.size(1), k = a.size(1);
  Tensor r = zeros({m, n}, kDouble);
  const double *const p = x.data_ptr<double>(), *const q = y.data_ptr<double>();
  double *const to = r.data_ptr<double>();
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t j = 0; j < k; ++j)
      for (std::int64_t l = 0; l < n; ++l)
        to[i * n + l] += p[i * k + j] * q[j * n + l];
  if (added.defined())
    r = r + added.to(kDouble);
  return (c.to(kDouble) - r).abs().max().item<double>() /
         ((c.scalar_type() == kFloat ? 6e-8 : 1.1e-16) * std::sqrt(static_cast<double>(k)));
}

static void products() {
  std::mt19937 random(4);
  const auto one_of = [&](std::initializer_list<std::int64_t> all) {
    return all.begin()[random() % all.size()];
  };
  for (int round = 0; round < 150; ++round) {
    const std::int64_t m = one_of({1, 2, 3, 10, 13, 64, 65, 96, 130}),
                       n = one_of({1, 4, 10, 31, 67, 128, 255, 300}),
                       k = one_of({1, 7, 64, 80, 128, 131, 300, 790});
    const ScalarType type = random() % 3 ? kFloat : kDouble;
    const Tensor a = stored(random() % 3, m, k, type), b = stored(random() % 3, k, n, type);
    const Tensor row = rand({n}, type), weight = b.t();
    check(error(a.mm(b), a, b, {}) < 20, "mm");
    check(error(b.t().mm(a.t()).t(), a, b, {}) < 20, "turned mm");
    check(error(linear(a, weight, row), a, b, row) < 20, "linear");
    check(error(row.addmm(a, b, 1, 1), a, b, row) < 20, "addmm");
    check(a.mm(b).equal(a.mm(b)), "the same twice");
  }
}

/// The gradient of a weight [300, 200] where the batch has one row.
struct Layer {
  Tensor x, w;
  explicit Layer(ScalarType type)
      : x(rand({1, 200}, type)), w((rand({300, 200}, type) - 0.5).detach().requires_grad_()) {}
  void sweep() { linear(x, w).tanh().sum().backward(); }
  Tensor expected() const {
    const NoGradGuard off;
    return (1 - linear(x, w).tanh().square()).t() * x;
  }
};

static void outer_products(ScalarType type) {
  Layer read(type), unread(type);
  unread.x.copy_(read.x);
  unread.w.data().copy_(read.w.data());
  for (int step = 0; step < 3; ++step)
    for (Layer *const layer : {&read, &unread}) {
      optim::SGD sgd({layer->w}, optim::SGDOptions(0.3));
      sgd.zero_grad();
      layer->sweep();
      if (layer == &read)
        check(read.w.grad().allclose(read.expected(), 1e-5, 1e-6), "gradient");
      sgd.step();
    }
  check(read.w.equal(unread.w), "an update without the gradient's elements rounds otherwise");

  Layer twice(type); // sums of gradients
  const Tensor once = twice.expected();
  twice.sweep();
  twice.sweep();
  check(twice.w.grad().allclose(once * 2, 1e-5, 1e-6), "two sweeps");

  Layer late(type); // what it was made from changes before it is read
  const Tensor before = late.expected();
  late.sweep();
  late.x.fill_(7);
  check(late.w.grad().sum(0).allclose(before.sum(0), 1e-4, 1e-5), "reads through a sum");
  check(late.w.grad()[5].allclose(before[5], 1e-5, 1e-6), "reads through a view");

  Layer raw(type); // raw memory, handles on the same, dropped results
  const Tensor all = raw.expected();
  raw.sweep();
  const Tensor same = raw.w.grad().detach(), grown = raw.w.grad() * 2;
  raw.w.mutable_grad().reset();
  check(grown.allclose(all * 2, 1e-5, 1e-6) && same.allclose(all, 1e-5, 1e-6), "handles that stay");
  const Tensor g = autograd::grad({linear(raw.x, raw.w).sum()}, {raw.w})[0];
  check(std::isfinite(type == kFloat ? g.data_ptr<float>()[777] : g.data_ptr<double>()[777]), "raw memory");
  const Tensor y = ones({300, 200}, type).add_(ones({300, 1}, type).mm(raw.x), 2);
  check(y.allclose((raw.x * 2 + 1).expand({300, 200})), "added to another tensor");
}

int main() {
  manual_seed(2);
  products();
  outer_products(kFloat);
  outer_products(kDouble);
  std::printf("%d failures\n", failures);
  return failures != 0;
}
