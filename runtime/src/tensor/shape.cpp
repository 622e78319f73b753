// Sizes, strides, dimensions and element types: what is computed before any element is touched.
#include "impl.h"

namespace nabla {

namespace {
ScalarType &default_type() {
  static ScalarType type = ScalarType::Float;
  return type;
}
} // namespace

const char *TypeMeta::name() const {
  switch (type_) {
  case ScalarType::Bool:
    return "bool";
  case ScalarType::Int:
    return "int";
  case ScalarType::Long:
    return "long int";
  case ScalarType::Float:
    return "float";
  case ScalarType::Double:
    return "double";
  }
  return "";
}

const char *to_string(ScalarType type) {
  switch (type) {
  case ScalarType::Bool:
    return "Bool";
  case ScalarType::Int:
    return "Int";
  case ScalarType::Long:
    return "Long";
  case ScalarType::Float:
    return "Float";
  case ScalarType::Double:
    return "Double";
  }
  return "";
}

ScalarType promote_types(ScalarType a, ScalarType b) { return a < b ? b : a; }
ScalarType get_default_dtype() { return default_type(); }
void set_default_dtype(ScalarType type) {
  if (!is_floating(type))
    throw TypeError("only floating-point types are supported as the default type");
  default_type() = type;
}

namespace detail {

void undefined_tensor() {
  throw Error("Expected a proper Tensor but got None (or an undefined Tensor in C++) for argument #0 'self'");
}

Dims::Dims(IntArrayRef a) : count(static_cast<int>(a.size())) {
  if (a.size() > max_dims)
    throw ShapeError("a tensor of " + std::to_string(a.size()) + " dimensions: at most " +
                     std::to_string(max_dims) + " are supported");
  for (int i = 0; i < count; ++i)
    at[i] = a[static_cast<std::size_t>(i)];
}

void Dims::push(std::int64_t n) {
  if (count == max_dims)
    throw ShapeError("a tensor of " + std::to_string(max_dims + 1) + " dimensions: at most " +
                     std::to_string(max_dims) + " are supported");
  at[count++] = n;
}

Dims contiguous_strides(const Dims &sizes) {
  Dims strides;
  strides.count = sizes.count;
  std::int64_t step = 1;
  for (int i = sizes.count - 1; i >= 0; --i) {
    strides.at[i] = step;
    step *= sizes.at[i] > 1 ? sizes.at[i] : 1;
  }
  return strides;
}

std::int64_t count_elements(const Dims &sizes) {
  std::int64_t n = 1;
  for (int i = 0; i < sizes.count; ++i)
    if (__builtin_mul_overflow(n, sizes.at[i], &n))
      throw ShapeError("sizes " + shape_text(sizes) + ": more elements than 64 bits count");
  return n;
}

int wrap_dim(std::int64_t dim, std::int64_t dims) {
  const std::int64_t n = dims > 0 ? dims : 1;
  if (dim < -n || dim >= n)
    throw IndexError("Dimension out of range (expected to be in range of [" + std::to_string(-n) + ", " +
                     std::to_string(n - 1) + "], but got " + std::to_string(dim) + ")");
  return static_cast<int>(dim < 0 ? dim + n : dim);
}

std::string shape_text(IntArrayRef sizes) {
  std::string text = "[";
  for (std::size_t i = 0; i < sizes.size(); ++i)
    text += (i ? ", " : "") + std::to_string(sizes[i]);
  return text + "]";
}

bool same_sizes(IntArrayRef a, IntArrayRef b) { return a.equals(b); }

Dims broadcast(IntArrayRef a, IntArrayRef b) {
  const int na = static_cast<int>(a.size()), nb = static_cast<int>(b.size()), n = na > nb ? na : nb;
  Dims r;
  r.count = n;
  for (int i = n - 1; i >= 0; --i) {
    const std::int64_t x = i - (n - na) >= 0 ? a[static_cast<std::size_t>(i - (n - na))] : 1;
    const std::int64_t y = i - (n - nb) >= 0 ? b[static_cast<std::size_t>(i - (n - nb))] : 1;
    if (x != y && x != 1 && y != 1)
      throw ShapeError("The size of tensor a (" + std::to_string(x) + ") must match the size of tensor b (" +
                       std::to_string(y) + ") at non-singleton dimension " + std::to_string(i));
    r.at[i] = x == 1 ? y : x;
  }
  return r;
}

bool expandable(IntArrayRef from, IntArrayRef to) {
  if (from.size() > to.size())
    return false;
  const std::size_t lead = to.size() - from.size();
  for (std::size_t i = 0; i < from.size(); ++i)
    if (from[i] != to[lead + i] && from[i] != 1)
      return false;
  return true;
}

namespace {
/// 0 bool, 1 integer, 2 floating.
int category(ScalarType t) { return t == ScalarType::Bool ? 0 : is_floating(t) ? 2 : 1; }
} // namespace

ScalarType result_type(const Tensor &a, const Tensor &b) {
  const TensorImpl *const x = need(a), *const y = need(b);
  if (x->dtype == y->dtype)
    return x->dtype;
  if ((x->dims == 0) == (y->dims == 0))
    return promote_types(x->dtype, y->dtype);
  const ScalarType strong = x->dims ? x->dtype : y->dtype, weak = x->dims ? y->dtype : x->dtype;
  return category(weak) > category(strong) ? weak : strong;
}

ScalarType result_type(const Tensor &a, Scalar b) {
  const ScalarType t = need(a)->dtype;
  if (category(b.type()) <= category(t))
    return t;
  return b.is_real() ? get_default_dtype() : ScalarType::Long;
}

} // namespace detail
} // namespace nabla
