// Calls with whatever comes: wrong shapes, types, dimensions, indices, undefined tensors, freed graphs. Each ends in a result or in an
// exception of ours; never in a crash (run it under a sanitizer for the rest). Usage: misuse [count [seed]].
// RUN: %tensor %s -o %t && %t 20000
#include <nabla/tensor.h>

#include <cstdio>
#include <cstdlib>

using namespace nabla;
using namespace nabla::indexing;

namespace {

std::uint64_t state = 1;
int below(int n) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return static_cast<int>((state * 0x2545F4914F6CDD1Dull >> 33) % static_cast<std::uint64_t>(n));
}
std::int64_t any_dim() { return below(9) - 4; }
std::vector<std::int64_t> any_sizes() {
  std::vector<std::int64_t> sizes;
  for (int d = below(below(10) == 0 ? 15 : 4); d > 0; --d)
    sizes.push_back(below(40) == 0 ? -1 : below(4));
  return sizes;
}
ScalarType any_type() {
  const ScalarType types[] = {kFloat, kFloat, kDouble, kInt, kLong, kBool};
  return types[below(6)];
}

std::vector<Tensor> pool;
Tensor any() {
  if (below(60) == 0)
    return Tensor();
  if (pool.size() < 12 || below(6) == 0) {
    Tensor t = ones(any_sizes(), any_type());
    if (t.is_floating_point()) {
      t = t.mul(below(5) - 2.0);
      if (below(2))
        t = t.detach().requires_grad_();
    }
    pool.push_back(t);
    if (pool.size() > 40)
      pool.erase(pool.begin(), pool.begin() + 20);
    return t;
  }
  return pool[static_cast<std::size_t>(below(static_cast<int>(pool.size())))];
}
TensorIndex any_index() {
  switch (below(6)) {
  case 0:
    return any_dim();
  case 1:
    return Slice(any_dim(), any_dim(), below(3));
  case 2:
    return None;
  case 3:
    return Ellipsis;
  case 4:
    return below(2) == 0;
  default:
    return any();
  }
}

Tensor views(const Tensor &a, const Tensor &b) {
  switch (below(22)) {
  case 0:
    return a.view(any_sizes());
  case 1:
    return a.reshape(any_sizes());
  case 2:
    return a.transpose(any_dim(), any_dim());
  case 3:
    return a.permute(any_sizes());
  case 4:
    return a.expand(any_sizes());
  case 5:
    return a.select(any_dim(), any_dim());
  case 6:
    return a.slice(any_dim(), any_dim(), any_dim(), below(3));
  case 7:
    return a.narrow(any_dim(), any_dim(), any_dim());
  case 8:
    return a.diagonal(any_dim(), any_dim(), any_dim());
  case 9:
    return a.unfold(any_dim(), any_dim(), any_dim());
  case 10:
    return a.as_strided(any_sizes(), any_sizes(), any_dim());
  case 11:
    return a.split(any_dim(), any_dim()).at(0);
  case 12:
    return a.unbind(any_dim()).at(0);
  case 13:
    return a.index({any_index(), any_index()});
  case 14:
    return a.index({any_index()});
  case 15:
    return a.squeeze(any_dim()).unsqueeze(any_dim());
  case 16:
    return a.repeat(any_sizes());
  case 17:
    return a.flatten(any_dim(), any_dim());
  case 18:
    return a.t();
  case 19:
    return a[any_dim()];
  case 20:
    return a[b];
  default:
    return a.movedim(any_dim(), any_dim());
  }
}
Tensor arithmetic(const Tensor &a, const Tensor &b) {
  switch (below(18)) {
  case 0:
    return a + b;
  case 1:
    return a - b;
  case 2:
    return a * b;
  case 3:
    return a / b;
  case 4:
    return a.pow(b);
  case 5:
    return a.pow(below(5) - 2);
  case 6:
    return a.remainder(b);
  case 7:
    return a.maximum(b);
  case 8:
    return where(a, b, a);
  case 9:
    return a > b;
  case 10:
    return a.exp();
  case 11:
    return a.log();
  case 12:
    return a.clamp(-1, below(2));
  case 13:
    return a.masked_fill(b, 2);
  case 14:
    return a.masked_select(b);
  case 15:
    return a.to(any_type());
  case 16:
    return a.floor_divide(b);
  default:
    return 2 - a;
  }
}
Tensor others(const Tensor &a, const Tensor &b) {
  switch (below(26)) {
  case 0:
    return a.sum(any_dim(), below(2));
  case 1:
    return a.mean(any_dim());
  case 2:
    return a.sum();
  case 3:
    return below(2) ? std::get<0>(a.max(any_dim())) : std::get<1>(a.min(any_dim()));
  case 4:
    return a.max();
  case 5:
    return a.prod(any_dim());
  case 6:
    return a.var(any_dim());
  case 7:
    return a.norm(below(4));
  case 8:
    return a.argmax();
  case 9:
    return a.sum_to_size(any_sizes());
  case 10:
    return a.matmul(b);
  case 11:
    return a.mm(b);
  case 12:
    return a.softmax(any_dim());
  case 13:
    return a.cumsum(any_dim());
  case 14:
    return a.gather(any_dim(), b);
  case 15:
    return a.scatter_add(any_dim(), b, a);
  case 16:
    return a.index_select(any_dim(), b);
  case 17:
    return std::get<0>(a.topk(any_dim(), any_dim()));
  case 18:
    return std::get<0>(a.sort(any_dim()));
  case 19:
    return cat({a, b}, any_dim());
  case 20:
    return stack({a, b}, any_dim());
  case 21:
    return a.inverse();
  case 22:
    return a.dot(b);
  case 23:
    return a.bmm(b);
  case 24:
    return a.logsumexp(any_dim());
  default:
    return a.flip({any_dim()});
  }
}
Tensor writes(const Tensor &a, const Tensor &b) {
  switch (below(12)) {
  case 0:
    return a.add_(b);
  case 1:
    return a.mul_(b);
  case 2:
    return a.copy_(b);
  case 3:
    return a.index_put_({any_index()}, b);
  case 4:
    return a.fill_(1);
  case 5:
    return a.exp_();
  case 6:
    return a.masked_fill_(b, 1);
  case 7:
    return a.div_(b);
  case 8:
    return a.clamp_(0, 1);
  case 9:
    return a.sub_(1);
  case 10:
    return a.data().mul_(2);
  default:
    return a.requires_grad_(below(2));
  }
}
Tensor run_sweeps(const Tensor &a, const Tensor &b) {
  switch (below(8)) {
  case 0:
    a.backward();
    return a.grad();
  case 1:
    a.backward(b, below(2) == 0);
    return {};
  case 2:
    a.sum().backward({}, nullopt, below(2) == 0);
    return {};
  case 3:
    return autograd::grad({a}, {b}, {}, nullopt, below(2) == 0, below(2) == 0)[0];
  case 4:
    return autograd::grad({a.sum(), b.sum()}, {a}, {}, true)[0];
  case 5:
    a.mutable_grad() = b.detach().clone();
    return {};
  case 6:
    a.retain_grad();
    return {};
  default:
    return a.detach();
  }
}

} // namespace

int main(int argc, char **argv) {
  const long total = argc > 1 ? std::atol(argv[1]) : 1000;
  state = argc > 2 ? static_cast<std::uint64_t>(std::atoll(argv[2])) * 0x9E3779B97F4A7C15ull + 1 : 1;
  long refused = 0, foreign = 0;
  for (long i = 0; i < total; ++i) {
    try {
      const Tensor a = any(), b = any();
      const int kind = below(10);
      const Tensor r = kind < 3   ? views(a, b)
                       : kind < 6 ? arithmetic(a, b)
                       : kind < 8 ? others(a, b)
                       : kind < 9 ? writes(a, b)
                                  : run_sweeps(a, b);
      if (r.defined() && r.numel() < 500)
        pool.push_back(r);
      if (r.defined() && r.numel() < 50)
        static_cast<void>(to_string(r));
    } catch (const Error &) {
      ++refused;
    } catch (const RuntimeError &) {
      ++refused;
    } catch (const std::exception &e) {
      if (dynamic_cast<const std::out_of_range *>(&e)) // .at(0) of an empty list, in this file
        continue;
      if (++foreign <= 10)
        std::printf("call %ld: %s\n", i, e.what());
    }
  }
  std::printf("%ld calls, %ld refused, %ld with a foreign exception\n", total, refused, foreign);
  return foreign != 0;
}
