// Random tensors. xoshiro256++ (Blackman, Vigna 2019), seeded by splitmix64; normals by Marsaglia's polar method.
#include "node.h"

#include <cmath>
#include <mutex>

namespace nabla {

using namespace detail;

namespace {

class Generator {
  std::uint64_t state_[4];
  double spare_ = 0;
  bool has_spare_ = false;

  static std::uint64_t rotl(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

public:
  explicit Generator(std::uint64_t seed) {
    for (std::uint64_t &word : state_) {
      seed += 0x9E3779B97F4A7C15ull;
      std::uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
      z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
      word = z ^ (z >> 31);
    }
  }
  std::uint64_t next() {
    const std::uint64_t result = rotl(state_[0] + state_[3], 23) + state_[0], t = state_[1] << 17;
    state_[2] ^= state_[0], state_[3] ^= state_[1], state_[1] ^= state_[2], state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotl(state_[3], 45);
    return result;
  }
  /// [0, 1), 53 bits; 24 for floats, so that rounding never gives 1.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  float uniform_float() { return static_cast<float>(next() >> 40) * 0x1p-24f; }
  double normal() {
    if (has_spare_) {
      has_spare_ = false;
      return spare_;
    }
    double u, v, s;
    do {
      u = 2 * uniform() - 1, v = 2 * uniform() - 1;
      s = u * u + v * v;
    } while (s >= 1 || s == 0);
    const double f = std::sqrt(-2 * std::log(s) / s);
    spare_ = v * f, has_spare_ = true;
    return u * f;
  }
  /// [0, n) without bias.
  std::uint64_t below(std::uint64_t n) {
    const std::uint64_t limit = ~std::uint64_t{0} - (~std::uint64_t{0} % n + 1) % n;
    std::uint64_t x;
    do
      x = next();
    while (x > limit);
    return x % n;
  }
};

struct Locked {
  std::mutex lock;
  Generator generator{0x853C49E6748FEA9Bull};
};
Locked &random() {
  static Locked *const one = new Locked;
  return *one;
}

/// Calls draw(generator) for each element of a new contiguous tensor; draw gives a double (or an integer).
template <class Draw> void fill_random(const Tensor &t, Draw draw) {
  const TensorImpl *const p = impl(t);
  Locked &r = random();
  const std::lock_guard<std::mutex> hold(r.lock);
  for (std::int64_t i = 0; i < p->numel; ++i) {
    const auto value = draw(r.generator);
    switch (p->dtype) {
    case ScalarType::Bool: static_cast<bool *>(p->data)[i] = value != 0; break;
    case ScalarType::Int: static_cast<std::int32_t *>(p->data)[i] = static_cast<std::int32_t>(value); break;
    case ScalarType::Long: static_cast<std::int64_t *>(p->data)[i] = static_cast<std::int64_t>(value); break;
    case ScalarType::Float: static_cast<float *>(p->data)[i] = static_cast<float>(value); break;
    case ScalarType::Double: static_cast<double *>(p->data)[i] = static_cast<double>(value); break;
    }
  }
}

ScalarType real_type(const TensorOptions &options, const char *what) {
  const ScalarType type = options.dtype_or(get_default_dtype());
  if (!is_floating(type))
    throw TypeError("\"" + std::string(what) + "\" not implemented for '" + to_string(type) + "'");
  return type;
}

Tensor finished(Tensor t, const TensorOptions &options) {
  if (options.requires_grad())
    t.requires_grad_(true);
  return t;
}

template <class Draw> const Tensor &refill(const Tensor &t, Draw draw) {
  const NoGradGuard off;
  Tensor fresh = make_like(t);
  fill_random(fresh, draw);
  return t.copy_(fresh);
}

void check_random_inplace(const Tensor &t) {
  need(t);
  if (recording(t))
    throw AutogradError("random values in place of a tensor that requires grad: use NoGradGuard, or data()");
}

} // namespace

void manual_seed(std::uint64_t seed) {
  Locked &r = random();
  const std::lock_guard<std::mutex> hold(r.lock);
  r.generator = Generator(seed);
}

Tensor rand(IntArrayRef sizes, const TensorOptions &options) {
  const Dims n{sizes};
  const ScalarType type = real_type(options, "check_uniform_bounds");
  Tensor t = make(n, type);
  if (type == ScalarType::Float)
    fill_random(t, [](Generator &g) { return g.uniform_float(); });
  else
    fill_random(t, [](Generator &g) { return g.uniform(); });
  return finished(t, options);
}
Tensor randn(IntArrayRef sizes, const TensorOptions &options) {
  const Dims n{sizes};
  Tensor t = make(n, real_type(options, "normal_kernel_cpu"));
  fill_random(t, [](Generator &g) { return g.normal(); });
  return finished(t, options);
}
Tensor randint(std::int64_t low, std::int64_t high, IntArrayRef sizes, const TensorOptions &options) {
  if (low >= high)
    throw ValueError("random_ expects 'from' to be less than 'to', but got from=" + std::to_string(low) + " >= to=" + std::to_string(high));
  const Dims n{sizes};
  Tensor t = make(n, options.dtype_or(ScalarType::Long));
  const std::uint64_t range = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
  fill_random(t, [=](Generator &g) { return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + g.below(range)); });
  return finished(t, options);
}
Tensor randint(std::int64_t high, IntArrayRef sizes, const TensorOptions &options) { return randint(0, high, sizes, options); }

Tensor randperm(std::int64_t n, const TensorOptions &options) {
  if (n < 0)
    throw ValueError("n must be non-negative, got" + std::to_string(n));
  Tensor t = make({n}, ScalarType::Long);
  std::int64_t *const p = static_cast<std::int64_t *>(impl(t)->data);
  Locked &r = random();
  const std::lock_guard<std::mutex> hold(r.lock);
  for (std::int64_t i = 0; i < n; ++i) { // Fisher-Yates, inside out
    const std::int64_t j = static_cast<std::int64_t>(r.generator.below(static_cast<std::uint64_t>(i) + 1));
    p[i] = p[j];
    p[j] = i;
  }
  return finished(cast(t, options.dtype_or(ScalarType::Long)), options);
}

Tensor rand_like(const Tensor &t, const TensorOptions &options) { return rand(t.sizes(), options.dtype(options.dtype_or(t.scalar_type()))); }
Tensor randn_like(const Tensor &t, const TensorOptions &options) { return randn(t.sizes(), options.dtype(options.dtype_or(t.scalar_type()))); }

Tensor bernoulli(const Tensor &p) {
  real_type(p.scalar_type(), "bernoulli");
  const Tensor probability = p.detach();
  if (!(probability >= 0).logical_and(probability <= 1).all().is_nonzero())
    throw ValueError("Expected p_in >= 0 && p_in <= 1 to be true, but got false.");
  const NoGradGuard off;
  return (rand(p.sizes(), ScalarType::Double) < probability).to(p.scalar_type());
}

const Tensor &Tensor::uniform_(double low, double high) const {
  check_random_inplace(*this);
  if (!(low <= high))
    throw ValueError("uniform_ expects to return a [from, to) range, but found from=" + std::to_string(low) + " > to=" + std::to_string(high));
  return refill(*this, [=](Generator &g) { return low + (high - low) * g.uniform(); });
}
const Tensor &Tensor::normal_(double mean, double std) const {
  check_random_inplace(*this);
  if (!(std >= 0))
    throw ValueError("normal expects std >= 0.0, but found std " + std::to_string(std));
  return refill(*this, [=](Generator &g) { return mean + std * g.normal(); });
}
const Tensor &Tensor::bernoulli_(double p) const {
  check_random_inplace(*this);
  if (!(p >= 0 && p <= 1))
    throw ValueError("bernoulli_ expects p to be in [0, 1], but got p=" + std::to_string(p));
  return refill(*this, [=](Generator &g) { return g.uniform() < p ? 1.0 : 0.0; });
}

} // namespace nabla
