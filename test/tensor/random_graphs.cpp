// Random graphs of operations on small tensors, against the same graph in plain scalar arithmetic with a tape of its own (below): values
// and gradients. Usage: random_graphs [count [seed]].
// RUN: %tensor %s -o %t && %t 20000
#include <nabla/tensor.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

using namespace nabla;

namespace {

// ---- The reference: scalars on a tape ----

struct Node {
  int a, b; // arguments, -1: none
  double value, da, db;
};
struct Tape {
  std::vector<Node> nodes;
  int push(double value, int a = -1, double da = 0, int b = -1, double db = 0) {
    nodes.push_back({a, b, value, da, db});
    return static_cast<int>(nodes.size()) - 1;
  }
  double operator[](int i) const { return nodes[static_cast<std::size_t>(i)].value; }
  std::vector<double> sweep(int root) const {
    std::vector<double> bar(nodes.size(), 0.0);
    bar[static_cast<std::size_t>(root)] = 1;
    for (std::size_t i = nodes.size(); i-- > 0;) {
      const Node &n = nodes[i];
      if (n.a >= 0)
        bar[static_cast<std::size_t>(n.a)] += bar[i] * n.da;
      if (n.b >= 0)
        bar[static_cast<std::size_t>(n.b)] += bar[i] * n.db;
    }
    return bar;
  }
};

/// A tensor beside its elements on the tape, in row-major order. Views are followed by whoever writes (see `write`).
struct Pair {
  Tensor t;
  std::vector<std::int64_t> sizes;
  std::vector<int> at;
};

class Random {
  std::uint64_t s_;

public:
  explicit Random(std::uint64_t seed) : s_(seed * 0x9E3779B97F4A7C15ull + 1) {}
  std::uint64_t next() {
    s_ ^= s_ << 13, s_ ^= s_ >> 7, s_ ^= s_ << 17;
    return s_ * 0x2545F4914F6CDD1Dull >> 11;
  }
  int below(int n) { return static_cast<int>(next() % static_cast<std::uint64_t>(n)); }
  double real(double low, double high) { return low + (high - low) * static_cast<double>(next() & 0xffffff) / 0x1000000; }
};

std::int64_t count(const std::vector<std::int64_t> &sizes) {
  std::int64_t n = 1;
  for (const std::int64_t s : sizes)
    n *= s;
  return n;
}

class Graph {
  Random r_;
  Tape tape_;
  std::vector<Pair> all_;
  std::vector<Pair> leaves_;

public:
  explicit Graph(std::uint64_t seed) : r_(seed) {}
  bool run();

private:
  Pair make(const Tensor &t, std::vector<std::int64_t> sizes, std::vector<int> at) { return {t, std::move(sizes), std::move(at)}; }
  Pair &pick() { return all_[static_cast<std::size_t>(r_.below(static_cast<int>(all_.size())))]; }
  void leaf();
  void unary();
  void binary();
  void shape();
  void reduce();
  void window();
  void join();
  void write();
  void index();
  template <class F> std::vector<int> map(const Pair &x, F f) {
    std::vector<int> at;
    for (const int i : x.at) {
      double value, d;
      f(tape_[i], value, d);
      at.push_back(tape_.push(value, i, d));
    }
    return at;
  }
  /// at of x permuted: element k of the result is element source(k).
  template <class F> void reorder(const Tensor &t, const Pair &x, std::vector<std::int64_t> sizes, F source) {
    std::vector<int> at;
    for (std::int64_t k = 0; k < count(sizes); ++k)
      at.push_back(x.at[static_cast<std::size_t>(source(k))]);
    all_.push_back(make(t, std::move(sizes), std::move(at)));
  }
};

void Graph::leaf() {
  std::vector<std::int64_t> sizes;
  for (int d = r_.below(4); d > 0; --d)
    sizes.push_back(1 + r_.below(3));
  std::vector<double> values;
  std::vector<int> at;
  for (std::int64_t i = 0; i < count(sizes); ++i) {
    values.push_back(r_.real(-2, 2));
    at.push_back(tape_.push(values.back()));
  }
  const Tensor t = tensor(values).view(IntArrayRef(sizes)).detach().requires_grad_();
  leaves_.push_back(make(t, sizes, at));
  all_.push_back(leaves_.back());
}

void Graph::unary() {
  const Pair x = pick();
  const double k = r_.real(-2, 2);
  Tensor t;
  std::vector<int> at;
  switch (r_.below(10)) {
  case 0: t = x.t.sin(), at = map(x, [](double v, double &y, double &d) { y = std::sin(v), d = std::cos(v); }); break;
  case 1: t = x.t.tanh(), at = map(x, [](double v, double &y, double &d) { y = std::tanh(v), d = 1 - y * y; }); break;
  case 2: t = (x.t.sin()).exp(), at = map(x, [](double v, double &y, double &d) { y = std::exp(std::sin(v)), d = y * std::cos(v); }); break;
  case 3: t = x.t.sigmoid(), at = map(x, [](double v, double &y, double &d) { y = 1 / (1 + std::exp(-v)), d = y * (1 - y); }); break;
  case 4: t = -x.t, at = map(x, [](double v, double &y, double &d) { y = -v, d = -1; }); break;
  case 5: t = x.t * k, at = map(x, [k](double v, double &y, double &d) { y = v * k, d = k; }); break;
  case 6: t = k - x.t, at = map(x, [k](double v, double &y, double &d) { y = k - v, d = -1; }); break;
  case 7: t = x.t / 3 + k, at = map(x, [k](double v, double &y, double &d) { y = v / 3 + k, d = 1.0 / 3; }); break;
  case 8: t = x.t.relu(), at = map(x, [](double v, double &y, double &d) { y = v > 0 ? v : 0, d = v > 0; }); break;
  case 9: t = nabla::pow(x.t, 2) * 0.1, at = map(x, [](double v, double &y, double &d) { y = v * v * 0.1, d = 0.2 * v; }); break;
  }
  all_.push_back(make(t, x.sizes, at));
}

/// Where element k of `sizes` lies in x when x is broadcast to it.
std::int64_t broadcast_place(std::int64_t k, const std::vector<std::int64_t> &sizes, const std::vector<std::int64_t> &own) {
  std::int64_t place = 0, step = 1;
  for (std::size_t d = 0; d < sizes.size(); ++d) {
    const std::size_t i = sizes.size() - 1 - d;
    const std::int64_t digit = k % sizes[i];
    k /= sizes[i];
    if (d < own.size()) {
      const std::int64_t n = own[own.size() - 1 - d];
      place += n == 1 ? 0 : digit * step;
      step *= n;
    }
  }
  return place;
}

void Graph::binary() {
  const Pair x = pick(), y = pick();
  std::vector<std::int64_t> sizes;
  const std::size_t n = std::max(x.sizes.size(), y.sizes.size());
  for (std::size_t i = 0; i < n; ++i) {
    const std::int64_t a = i + x.sizes.size() >= n ? x.sizes[i + x.sizes.size() - n] : 1;
    const std::int64_t b = i + y.sizes.size() >= n ? y.sizes[i + y.sizes.size() - n] : 1;
    if (a != b && a != 1 && b != 1)
      return;
    sizes.push_back(a == 1 ? b : a);
  }
  if (count(sizes) > 200)
    return;
  const int op = r_.below(6);
  std::vector<int> at;
  for (std::int64_t k = 0; k < count(sizes); ++k) {
    const int i = x.at[static_cast<std::size_t>(broadcast_place(k, sizes, x.sizes))];
    const int j = y.at[static_cast<std::size_t>(broadcast_place(k, sizes, y.sizes))];
    const double a = tape_[i], b = tape_[j];
    switch (op) {
    case 0: at.push_back(tape_.push(a + b, i, 1, j, 1)); break;
    case 1: at.push_back(tape_.push(a - b, i, 1, j, -1)); break;
    case 2: at.push_back(tape_.push(a * b, i, b, j, a)); break;
    case 3: at.push_back(tape_.push(a / (b * b + 1), i, 1 / (b * b + 1), j, -2 * a * b / (b * b + 1) / (b * b + 1))); break;
    case 4: at.push_back(a == b ? tape_.push(a, i, 0.5, j, 0.5) : tape_.push(std::fmax(a, b), i, a > b, j, b > a)); break;
    case 5: at.push_back(a > b ? tape_.push(a, i, 1) : tape_.push(b, j, 1)); break;
    }
  }
  const Tensor &a = x.t, &b = y.t;
  const Tensor t = op == 0 ? a + b : op == 1 ? a - b : op == 2 ? a * b : op == 3 ? a / (b * b + 1) : op == 4 ? a.maximum(b) : where(a > b, a, b);
  all_.push_back(make(t, sizes, at));
}

void Graph::shape() {
  const Pair x = pick();
  const std::int64_t n = count(x.sizes);
  switch (r_.below(4)) {
  case 0: all_.push_back(make(x.t.reshape({-1}), {n}, x.at)); break;
  case 1: {
    if (x.sizes.size() != 2)
      return;
    const std::int64_t rows = x.sizes[0], columns = x.sizes[1];
    reorder(x.t.t(), x, {columns, rows}, [=](std::int64_t k) { return k % rows * columns + k / rows; });
    break;
  }
  case 2: {
    std::vector<std::int64_t> sizes = x.sizes;
    sizes.insert(sizes.begin() + r_.below(static_cast<int>(sizes.size()) + 1), 1);
    all_.push_back(make(x.t.reshape(IntArrayRef(sizes)), sizes, x.at));
    break;
  }
  case 3: {
    if (n > 30 || x.sizes.size() > 5)
      return;
    std::vector<std::int64_t> sizes = x.sizes;
    sizes.insert(sizes.begin(), 2);
    reorder(x.t.expand(IntArrayRef(sizes)), x, sizes, [n](std::int64_t k) { return k % n; });
    break;
  }
  }
}

void Graph::reduce() {
  const Pair x = pick();
  if (x.sizes.empty())
    return;
  const std::size_t d = static_cast<std::size_t>(r_.below(static_cast<int>(x.sizes.size())));
  std::int64_t inner = 1;
  for (std::size_t i = d + 1; i < x.sizes.size(); ++i)
    inner *= x.sizes[i];
  const std::int64_t n = x.sizes[d], outer = count(x.sizes) / inner / n;
  const bool keep = r_.below(2) != 0, mean = r_.below(2) != 0;
  std::vector<std::int64_t> sizes = x.sizes;
  if (keep)
    sizes[d] = 1;
  else
    sizes.erase(sizes.begin() + static_cast<std::ptrdiff_t>(d));
  std::vector<int> at;
  const double weight = mean ? 1.0 / static_cast<double>(n) : 1;
  for (std::int64_t o = 0; o < outer; ++o)
    for (std::int64_t i = 0; i < inner; ++i) {
      int sum = tape_.push(0);
      for (std::int64_t k = 0; k < n; ++k) {
        const int e = x.at[static_cast<std::size_t>((o * n + k) * inner + i)];
        sum = tape_.push(tape_[sum] + weight * tape_[e], sum, 1, e, weight);
      }
      at.push_back(sum);
    }
  const std::int64_t dim = static_cast<std::int64_t>(d);
  all_.push_back(make(mean ? x.t.mean(dim, keep) : x.t.sum(dim, keep), sizes, at));
}

void Graph::window() {
  const Pair x = pick();
  if (x.sizes.empty())
    return;
  const std::size_t d = static_cast<std::size_t>(r_.below(static_cast<int>(x.sizes.size())));
  std::int64_t inner = 1;
  for (std::size_t i = d + 1; i < x.sizes.size(); ++i)
    inner *= x.sizes[i];
  const std::int64_t n = x.sizes[d], start = r_.below(static_cast<int>(n)), step = 1 + r_.below(2), dim = static_cast<std::int64_t>(d);
  std::vector<std::int64_t> sizes = x.sizes;
  if (r_.below(2)) {
    sizes.erase(sizes.begin() + static_cast<std::ptrdiff_t>(d));
    reorder(x.t.select(dim, start), x, sizes, [=](std::int64_t k) { return (k / inner * n + start) * inner + k % inner; });
    return;
  }
  const std::int64_t m = (n - start + step - 1) / step;
  sizes[d] = m;
  reorder(x.t.slice(dim, start, nullopt, step), x, sizes,
          [=](std::int64_t k) { return (k / inner / m * n + start + k / inner % m * step) * inner + k % inner; });
}

void Graph::join() {
  const Pair x = pick(), y = pick();
  if (x.sizes.size() != y.sizes.size() || x.sizes.empty() || count(x.sizes) + count(y.sizes) > 100)
    return;
  for (std::size_t i = 1; i < x.sizes.size(); ++i)
    if (x.sizes[i] != y.sizes[i])
      return;
  std::vector<std::int64_t> sizes = x.sizes;
  std::vector<int> at = x.at;
  if (x.sizes[0] == y.sizes[0] && r_.below(2)) {
    at.insert(at.end(), y.at.begin(), y.at.end());
    sizes.insert(sizes.begin(), 2);
    all_.push_back(make(stack({x.t, y.t}), sizes, at));
    return;
  }
  at.insert(at.end(), y.at.begin(), y.at.end());
  sizes[0] += y.sizes[0];
  all_.push_back(make(cat({x.t, y.t}), sizes, at));
}

/// A fresh copy of x, of which a part is written in place; the copy and a view of it join the graph.
void Graph::write() {
  const Pair x = pick(), y = pick();
  if (x.sizes.empty() || count(y.sizes) != 1)
    return;
  const std::int64_t n = x.sizes[0], inner = count(x.sizes) / n, row = r_.below(static_cast<int>(n));
  const Tensor copy = r_.below(2) ? x.t.clone() : x.t * 1, part = copy.select(0, row), value = y.t.reshape({}), late = copy.select(0, n - 1);
  std::vector<int> at = x.at;
  const int op = r_.below(5), j = y.at[0];
  for (std::int64_t k = 0; k < inner; ++k) {
    int &e = at[static_cast<std::size_t>(row * inner + k)];
    const double a = tape_[e], b = tape_[j];
    switch (op) {
    case 0: e = tape_.push(a * b, e, b, j, a); break;
    case 1: e = tape_.push(a + b, e, 1, j, 1); break;
    case 2: e = tape_.push(b, j, 1); break;
    case 3: e = tape_.push(std::sin(a), e, std::cos(a)); break;
    case 4: e = tape_.push(0.5 * a, e, 0.5); break;
    }
  }
  switch (op) {
  case 0: part.mul_(value); break;
  case 1: part.add_(value); break;
  case 2: part.copy_(value); break;
  case 3: part.sin_(); break;
  case 4: part.div_(2); break;
  }
  all_.push_back(make(copy, x.sizes, at));
  std::vector<std::int64_t> sizes(x.sizes.begin() + 1, x.sizes.end());
  all_.push_back(make(late, sizes, std::vector<int>(at.end() - inner, at.end())));
}

void Graph::index() {
  const Pair x = pick();
  if (x.sizes.empty())
    return;
  const std::int64_t n = x.sizes[0], inner = count(x.sizes) / n;
  std::vector<std::int64_t> rows;
  for (int i = 0; i < 3; ++i)
    rows.push_back(r_.below(static_cast<int>(n)));
  std::vector<std::int64_t> sizes = x.sizes;
  sizes[0] = 3;
  if (count(sizes) > 100)
    return;
  reorder(x.t.index({tensor(rows)}), x, sizes, [=](std::int64_t k) { return rows[static_cast<std::size_t>(k / inner)] * inner + k % inner; });
}

bool near(double a, double b) { return a == b || std::fabs(a - b) <= 1e-9 * (1 + std::fabs(b)) || (std::isnan(a) && std::isnan(b)); }

bool same(const Tensor &t, const std::vector<double> &expected) {
  const Tensor c = t.detach().contiguous();
  if (static_cast<std::size_t>(c.numel()) != expected.size())
    return false;
  for (std::size_t i = 0; i < expected.size(); ++i)
    if (!near(c.data_ptr<double>()[i], expected[i]))
      return false;
  return true;
}

bool Graph::run() {
  for (int i = 1 + r_.below(3); i > 0; --i)
    leaf();
  for (int i = 2 + r_.below(12); i > 0; --i)
    switch (r_.below(9)) {
    case 0:
    case 1: unary(); break;
    case 2:
    case 3: binary(); break;
    case 4: shape(); break;
    case 5: reduce(); break;
    case 6: window(); break;
    case 7: r_.below(2) ? join() : index(); break;
    case 8: write(); break;
    }
  // The result depends on everything: a weighted sum.
  Tensor out = zeros({});
  int root = tape_.push(0);
  double weight = 0.1;
  for (const Pair &x : all_) {
    std::vector<double> values;
    for (const int i : x.at) {
      values.push_back(tape_[i]);
      root = tape_.push(tape_[root] + weight * tape_[i], root, 1, i, weight);
    }
    if (!same(x.t, values))
      return false;
    out = out + x.t.sum() * weight;
    weight += 0.1;
  }
  const std::vector<double> bar = tape_.sweep(root);
  out.backward();
  for (const Pair &x : leaves_) {
    std::vector<double> expected;
    for (const int i : x.at)
      expected.push_back(bar[static_cast<std::size_t>(i)]);
    if (!same(x.t.grad(), expected))
      return false;
  }
  return same(out, {tape_[root]});
}

} // namespace

int main(int argc, char **argv) {
  set_default_dtype(kDouble);
  const long total = argc > 1 ? std::atol(argv[1]) : 1000, first = argc > 2 ? std::atol(argv[2]) : 1;
  long wrong = 0;
  for (long seed = first; seed < first + total; ++seed) {
    bool ok = false;
    try {
      ok = Graph(static_cast<std::uint64_t>(seed)).run();
    } catch (const std::exception &e) {
      std::printf("seed %ld: %s\n", seed, e.what());
    }
    if (!ok && ++wrong <= 10)
      std::printf("seed %ld is wrong\n", seed);
  }
  std::printf("%ld graphs, %ld wrong\n", total, wrong);
  return wrong != 0;
}
