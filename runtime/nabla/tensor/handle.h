// class Tensor: a handle on strided memory and on its place in the autograd graph. Copying a Tensor copies the handle.
#ifndef NABLA_TENSOR_HANDLE_H
#define NABLA_TENSOR_HANDLE_H

#include "types.h"

#include <atomic>
#include <functional>
#include <iosfwd>
#include <string>
#include <tuple>

#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 32)
#include <sys/single_threaded.h>
#define NABLA_SINGLE_THREADED __libc_single_threaded
#else
#define NABLA_SINGLE_THREADED false
#endif

namespace nabla {

class Tensor;
namespace autograd {
class Node;
class NodeRef;
} // namespace autograd
namespace indexing {
class TensorIndex;
}
using TensorList = ArrayRef<Tensor>;

namespace detail {
/// A reference count which is plain arithmetic until the process starts its first thread.
class Count {
  std::atomic<std::uint32_t> n_;

public:
  explicit Count(std::uint32_t n = 0) : n_(n) {}
  std::uint32_t get() const { return n_.load(std::memory_order_relaxed); }
  void add() {
    if (NABLA_SINGLE_THREADED)
      n_.store(n_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    else
      n_.fetch_add(1, std::memory_order_relaxed);
  }
  /// True when that was the last one.
  bool drop() {
    if (NABLA_SINGLE_THREADED) {
      const std::uint32_t left = n_.load(std::memory_order_relaxed) - 1;
      n_.store(left, std::memory_order_relaxed);
      return left == 0;
    }
    return n_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }
  /// add(), unless it is 0 already.
  bool add_if_alive() {
    std::uint32_t n = n_.load(std::memory_order_relaxed);
    while (n != 0)
      if (n_.compare_exchange_weak(n, n + 1, std::memory_order_acq_rel))
        return true;
    return false;
  }
};

/// What a handle points to; the rest is in src/tensor/impl.h.
struct Shared {
  Count handles;
};
void last_handle_gone(Shared *); // frees it, unless the graph still needs it
} // namespace detail

/// Read and write elements of a tensor of N dimensions: a[i][j]. Lives at most as long as the tensor.
template <class T, std::size_t N> class TensorAccessor {
  T *data_;
  const std::int64_t *sizes_, *strides_;

public:
  TensorAccessor(T *data, const std::int64_t *sizes, const std::int64_t *strides)
      : data_(data), sizes_(sizes), strides_(strides) {}
  decltype(auto) operator[](std::int64_t i) const {
    if constexpr (N == 1)
      return (data_[i * strides_[0]]);
    else
      return TensorAccessor<T, N - 1>(data_ + i * strides_[0], sizes_ + 1, strides_ + 1);
  }
  std::int64_t size(std::int64_t dim) const { return sizes_[dim]; }
  T *data() const { return data_; }
};

namespace detail {
struct TensorHandle;
}

class Tensor {
  detail::Shared *shared_;

public:
  using nabla_handle = detail::TensorHandle; ///< differentiated statically by the rules of rules.h

  // ---- The handle ----
  Tensor() noexcept : shared_(nullptr) {}
  Tensor(const Tensor &other) : shared_(other.shared_) {
    if (shared_)
      shared_->handles.add();
  }
  Tensor(Tensor &&other) noexcept : shared_(other.shared_) { other.shared_ = nullptr; }
  ~Tensor() {
    if (shared_ && shared_->handles.drop())
      detail::last_handle_gone(shared_);
  }
  Tensor &operator=(const Tensor &other) & {
    Tensor copy(other);
    return swap(copy);
  }
  Tensor &operator=(Tensor &&other) & noexcept {
    Tensor taken(static_cast<Tensor &&>(other));
    return swap(taken);
  }
  /// `x[i] = y` writes into the elements of x, as in libtorch.
  Tensor &operator=(const Tensor &value) && { return copy_(value), *this; }
  Tensor &operator=(Tensor &&value) && { return copy_(value), *this; }
  Tensor &operator=(Scalar value) && { return fill_(value), *this; }
  Tensor &swap(Tensor &other) noexcept {
    detail::Shared *const mine = shared_;
    shared_ = other.shared_, other.shared_ = mine;
    return *this;
  }
  /// Takes over one count.
  static Tensor adopt(detail::Shared *shared) {
    Tensor t;
    t.shared_ = shared;
    return t;
  }
  detail::Shared *shared() const { return shared_; }
  detail::Shared *release() {
    detail::Shared *const s = shared_;
    shared_ = nullptr;
    return s;
  }
  bool defined() const { return shared_ != nullptr; }
  void reset() { *this = Tensor(); }
  /// Both handles mean the same tensor.
  bool is_same(const Tensor &other) const { return shared_ == other.shared_; }
  std::size_t use_count() const { return shared_ ? shared_->handles.get() : 0; }

  // ---- Shape, type, memory ----
  std::int64_t dim() const;
  std::int64_t ndimension() const { return dim(); }
  std::int64_t numel() const;
  std::int64_t size(std::int64_t dim) const;
  IntArrayRef sizes() const;
  std::int64_t stride(std::int64_t dim) const;
  IntArrayRef strides() const;
  std::int64_t storage_offset() const;
  bool is_contiguous() const;
  ScalarType scalar_type() const;
  TypeMeta dtype() const { return scalar_type(); }
  TensorOptions options() const;
  std::int64_t element_size() const { return static_cast<std::int64_t>(nabla::element_size(scalar_type())); }
  std::int64_t itemsize() const { return element_size(); }
  std::int64_t nbytes() const { return numel() * element_size(); }
  bool is_floating_point() const { return is_floating(scalar_type()); }
  bool is_alias_of(const Tensor &other) const; ///< the same storage
  void *data_ptr() const;
  template <class T> T *data_ptr() const {
    static_assert(detail::is_element<T>, "elements are bool, int, int64_t, float or double");
    return static_cast<T *>(checked_data(detail::scalar_type_of<T>()));
  }
  template <class T, std::size_t N> TensorAccessor<T, N> accessor() const {
    static_assert(N > 0, "a tensor without dimensions has item<T>() instead");
    T *const data = static_cast<T *>(checked_accessor(detail::scalar_type_of<T>(), N));
    return TensorAccessor<T, N>(data, sizes().data(), strides().data());
  }
  /// The one element.
  Scalar item() const;
  template <class T> T item() const { return item().template to<T>(); }
  bool is_nonzero() const;
  std::string toString() const; ///< "CPUFloatType"

  // ---- Autograd ----
  bool requires_grad() const;
  const Tensor &requires_grad_(bool on = true) const;
  const Tensor &set_requires_grad(bool on) const { return requires_grad_(on); }
  bool is_leaf() const;
  const Tensor &grad() const;
  Tensor &mutable_grad() const;
  autograd::NodeRef grad_fn() const;
  std::uint32_t output_nr() const;
  /// Adds the gradient of this to .grad of every leaf, or of `inputs` alone.
  void backward(const Tensor &gradient = {}, std::optional<bool> retain_graph = nullopt,
                bool create_graph = false, std::optional<std::vector<Tensor>> inputs = nullopt) const;
  NABLA_INACTIVE Tensor detach() const;
  Tensor &detach_();
  /// Same elements without history; unlike libtorch's, in-place changes through it are seen by the version check.
  NABLA_INACTIVE Tensor data() const;
  NABLA_INACTIVE Tensor tensor_data() const { return data(); }
  NABLA_INACTIVE Tensor variable_data() const { return data(); }
  void set_data(const Tensor &other) const;
  void retain_grad() const;
  bool retains_grad() const;
  std::int64_t _version() const;
  bool is_view() const;
  const Tensor &_base() const;
  bool is_inference() const;
  /// hook(gradient) runs when the gradient of this is complete; what it returns, if anything, replaces the gradient.
  template <class F> unsigned register_hook(F hook) const {
    using R = std::invoke_result_t<F, Tensor>;
    if constexpr (std::is_void_v<R>)
      return add_hook(
          [hook](Tensor g) mutable -> Tensor { return hook(static_cast<Tensor &&>(g)), Tensor(); });
    else
      return add_hook([hook](Tensor g) mutable -> Tensor { return hook(static_cast<Tensor &&>(g)); });
  }
  void remove_hook(unsigned position) const;

  // ---- Copies and casts ----
  Tensor clone() const;
  Tensor contiguous() const;
  Tensor to(ScalarType type) const;
  Tensor to(const TensorOptions &options) const { return to(options.dtype_or(scalar_type())); }
  Tensor type_as(const Tensor &other) const { return to(other.scalar_type()); }
  Tensor toType(ScalarType type) const { return to(type); }
  Tensor cpu() const { return *this; }
  const Tensor &copy_(const Tensor &source) const;
  const Tensor &fill_(Scalar value) const;
  const Tensor &fill_(const Tensor &value) const;
  const Tensor &zero_() const { return fill_(0); }
  const Tensor &uniform_(double low = 0, double high = 1) const;
  const Tensor &normal_(double mean = 0, double std = 1) const;
  const Tensor &bernoulli_(double p = 0.5) const;

  // ---- Views ----
  Tensor operator[](std::int64_t index) const;
  Tensor operator[](int index) const { return (*this)[static_cast<std::int64_t>(index)]; }
  Tensor operator[](const Tensor &index) const;
  Tensor view(IntArrayRef sizes) const;
  Tensor view_as(const Tensor &other) const { return view(other.sizes()); }
  Tensor reshape(IntArrayRef sizes) const;
  Tensor reshape_as(const Tensor &other) const { return reshape(other.sizes()); }
  Tensor flatten(std::int64_t start_dim = 0, std::int64_t end_dim = -1) const;
  Tensor unflatten(std::int64_t dim, IntArrayRef sizes) const;
  Tensor ravel() const { return reshape({-1}); }
  Tensor t() const;
  Tensor transpose(std::int64_t dim0, std::int64_t dim1) const;
  Tensor swapaxes(std::int64_t dim0, std::int64_t dim1) const { return transpose(dim0, dim1); }
  Tensor mT() const { return transpose(-2, -1); }
  Tensor permute(IntArrayRef dims) const;
  Tensor movedim(std::int64_t source, std::int64_t destination) const;
  Tensor expand(IntArrayRef sizes) const;
  Tensor expand_as(const Tensor &other) const { return expand(other.sizes()); }
  Tensor broadcast_to(IntArrayRef sizes) const { return expand(sizes); }
  Tensor squeeze() const;
  Tensor squeeze(std::int64_t dim) const;
  Tensor unsqueeze(std::int64_t dim) const;
  Tensor select(std::int64_t dim, std::int64_t index) const;
  Tensor slice(std::int64_t dim = 0, std::optional<std::int64_t> start = nullopt,
               std::optional<std::int64_t> end = nullopt, std::int64_t step = 1) const;
  Tensor narrow(std::int64_t dim, std::int64_t start, std::int64_t length) const;
  Tensor diagonal(std::int64_t offset = 0, std::int64_t dim1 = 0, std::int64_t dim2 = 1) const;
  Tensor unfold(std::int64_t dim, std::int64_t size, std::int64_t step) const;
  Tensor as_strided(IntArrayRef sizes, IntArrayRef strides,
                    std::optional<std::int64_t> offset = nullopt) const;
  std::vector<Tensor> split(std::int64_t size, std::int64_t dim = 0) const;
  std::vector<Tensor> split(IntArrayRef sizes, std::int64_t dim = 0) const;
  std::vector<Tensor> chunk(std::int64_t chunks, std::int64_t dim = 0) const;
  std::vector<Tensor> unbind(std::int64_t dim = 0) const;
  Tensor repeat(IntArrayRef repeats) const;
  Tensor repeat_interleave(std::int64_t repeats, std::int64_t dim) const;
  Tensor flip(IntArrayRef dims) const;
  Tensor roll(std::int64_t shift, std::int64_t dim) const;
  Tensor diag(std::int64_t diagonal = 0) const;
  Tensor tril(std::int64_t diagonal = 0) const;
  Tensor triu(std::int64_t diagonal = 0) const;

  // ---- Indexing ----
  Tensor index(std::initializer_list<indexing::TensorIndex> indices) const;
  Tensor index(ArrayRef<indexing::TensorIndex> indices) const;
  const Tensor &index_put_(std::initializer_list<indexing::TensorIndex> indices, const Tensor &value) const;
  const Tensor &index_put_(std::initializer_list<indexing::TensorIndex> indices, Scalar value) const;
  const Tensor &index_put_(ArrayRef<indexing::TensorIndex> indices, const Tensor &value) const;
  Tensor index_select(std::int64_t dim, const Tensor &index) const;
  Tensor index_add(std::int64_t dim, const Tensor &index, const Tensor &source) const;
  Tensor gather(std::int64_t dim, const Tensor &index) const;
  Tensor scatter(std::int64_t dim, const Tensor &index, const Tensor &source) const;
  Tensor scatter_add(std::int64_t dim, const Tensor &index, const Tensor &source) const;
  Tensor take(const Tensor &index) const;
  Tensor masked_select(const Tensor &mask) const;
  Tensor masked_fill(const Tensor &mask, Scalar value) const;
  const Tensor &masked_fill_(const Tensor &mask, Scalar value) const;
  NABLA_INACTIVE Tensor nonzero() const;
  Tensor where(const Tensor &condition, const Tensor &other) const;

  // ---- Elementwise ----
#define NABLA_UNARY(NAME, KERNEL, ROW, NODE, SAVES)                                                          \
  Tensor NAME() const;                                                                                       \
  const Tensor &NAME##_() const;
#include "unary.def"
  Tensor absolute() const { return abs(); }
  Tensor negative() const { return neg(); }
  Tensor square() const;
  Tensor rsqrt() const;
  Tensor reciprocal() const;
  Tensor relu() const;
  Tensor sigmoid() const;
  const Tensor &relu_() const;
  const Tensor &sigmoid_() const;
  Tensor trigamma() const { return polygamma(1); }
  Tensor polygamma(std::int64_t order) const;
  Tensor erfinv() const;
  Tensor logit() const;
  Tensor add(const Tensor &other, Scalar alpha = 1) const;
  Tensor add(Scalar other, Scalar alpha = 1) const;
  Tensor sub(const Tensor &other, Scalar alpha = 1) const;
  Tensor sub(Scalar other, Scalar alpha = 1) const;
  Tensor mul(const Tensor &other) const;
  Tensor mul(Scalar other) const;
  Tensor div(const Tensor &other) const;
  Tensor div(Scalar other) const;
  Tensor pow(const Tensor &exponent) const;
  Tensor pow(Scalar exponent) const;
  Tensor remainder(const Tensor &other) const;
  Tensor remainder(Scalar other) const;
  Tensor fmod(const Tensor &other) const;
  Tensor fmod(Scalar other) const;
  NABLA_INACTIVE Tensor floor_divide(const Tensor &other) const;
  Tensor atan2(const Tensor &other) const;
  Tensor hypot(const Tensor &other) const;
  Tensor copysign(const Tensor &other) const;
  Tensor maximum(const Tensor &other) const;
  Tensor minimum(const Tensor &other) const;
  Tensor clamp(std::optional<Scalar> min, std::optional<Scalar> max = nullopt) const;
  Tensor clamp_min(Scalar min) const { return clamp(min); }
  Tensor clamp_max(Scalar max) const { return clamp(nullopt, max); }
  Tensor clip(std::optional<Scalar> min, std::optional<Scalar> max = nullopt) const {
    return clamp(min, max);
  }
  Tensor lerp(const Tensor &end, const Tensor &weight) const;
  Tensor lerp(const Tensor &end, Scalar weight) const;
  Tensor addcmul(const Tensor &a, const Tensor &b, Scalar value = 1) const;
  Tensor addcdiv(const Tensor &a, const Tensor &b, Scalar value = 1) const;
  Tensor nan_to_num(double nan = 0) const;
  const Tensor &add_(const Tensor &other, Scalar alpha = 1) const;
  const Tensor &add_(Scalar other, Scalar alpha = 1) const;
  const Tensor &sub_(const Tensor &other, Scalar alpha = 1) const;
  const Tensor &sub_(Scalar other, Scalar alpha = 1) const;
  const Tensor &mul_(const Tensor &other) const;
  const Tensor &mul_(Scalar other) const;
  const Tensor &div_(const Tensor &other) const;
  const Tensor &div_(Scalar other) const;
  const Tensor &pow_(Scalar exponent) const;
  const Tensor &clamp_(std::optional<Scalar> min, std::optional<Scalar> max = nullopt) const;
  const Tensor &lerp_(const Tensor &end, Scalar weight) const;
  const Tensor &addcmul_(const Tensor &a, const Tensor &b, Scalar value = 1) const;
  const Tensor &addcdiv_(const Tensor &a, const Tensor &b, Scalar value = 1) const;
  Tensor operator-() const { return neg(); }
  const Tensor &operator+=(const Tensor &other) const { return add_(other); }
  const Tensor &operator+=(Scalar other) const { return add_(other); }
  const Tensor &operator-=(const Tensor &other) const { return sub_(other); }
  const Tensor &operator-=(Scalar other) const { return sub_(other); }
  const Tensor &operator*=(const Tensor &other) const { return mul_(other); }
  const Tensor &operator*=(Scalar other) const { return mul_(other); }
  const Tensor &operator/=(const Tensor &other) const { return div_(other); }
  const Tensor &operator/=(Scalar other) const { return div_(other); }

  // ---- Comparisons and logic: Bool, without gradient ----
  NABLA_INACTIVE Tensor eq(const Tensor &other) const;
  NABLA_INACTIVE Tensor eq(Scalar other) const;
  NABLA_INACTIVE Tensor ne(const Tensor &other) const;
  NABLA_INACTIVE Tensor ne(Scalar other) const;
  NABLA_INACTIVE Tensor lt(const Tensor &other) const;
  NABLA_INACTIVE Tensor lt(Scalar other) const;
  NABLA_INACTIVE Tensor le(const Tensor &other) const;
  NABLA_INACTIVE Tensor le(Scalar other) const;
  NABLA_INACTIVE Tensor gt(const Tensor &other) const;
  NABLA_INACTIVE Tensor gt(Scalar other) const;
  NABLA_INACTIVE Tensor ge(const Tensor &other) const;
  NABLA_INACTIVE Tensor ge(Scalar other) const;
  NABLA_INACTIVE Tensor logical_and(const Tensor &other) const;
  NABLA_INACTIVE Tensor logical_or(const Tensor &other) const;
  NABLA_INACTIVE Tensor logical_xor(const Tensor &other) const;
  NABLA_INACTIVE Tensor logical_not() const;
  NABLA_INACTIVE Tensor isnan() const;
  NABLA_INACTIVE Tensor isinf() const;
  NABLA_INACTIVE Tensor isfinite() const;
  bool equal(const Tensor &other) const; ///< same shape and elements
  bool allclose(const Tensor &other, double rtol = 1e-5, double atol = 1e-8, bool equal_nan = false) const;
  NABLA_INACTIVE Tensor isclose(const Tensor &other, double rtol = 1e-5, double atol = 1e-8,
                                bool equal_nan = false) const;

  // ---- Reductions: over everything, or over dims ----
  Tensor sum() const;
  Tensor sum(ScalarType type) const;
  Tensor sum(IntArrayRef dim, bool keepdim = false) const;
  Tensor mean() const;
  Tensor mean(IntArrayRef dim, bool keepdim = false) const;
  Tensor prod() const;
  Tensor prod(std::int64_t dim, bool keepdim = false) const;
  Tensor max() const;
  Tensor min() const;
  std::tuple<Tensor, Tensor> max(std::int64_t dim, bool keepdim = false) const;
  std::tuple<Tensor, Tensor> min(std::int64_t dim, bool keepdim = false) const;
  Tensor max(const Tensor &other) const { return maximum(other); }
  Tensor min(const Tensor &other) const { return minimum(other); }
  Tensor amax(IntArrayRef dim = {}, bool keepdim = false) const;
  Tensor amin(IntArrayRef dim = {}, bool keepdim = false) const;
  NABLA_INACTIVE Tensor argmax() const;
  NABLA_INACTIVE Tensor argmax(std::int64_t dim, bool keepdim = false) const;
  NABLA_INACTIVE Tensor argmin() const;
  NABLA_INACTIVE Tensor argmin(std::int64_t dim, bool keepdim = false) const;
  Tensor median() const;
  NABLA_INACTIVE Tensor all() const;
  NABLA_INACTIVE Tensor all(std::int64_t dim, bool keepdim = false) const;
  NABLA_INACTIVE Tensor any() const;
  NABLA_INACTIVE Tensor any(std::int64_t dim, bool keepdim = false) const;
  NABLA_INACTIVE Tensor count_nonzero() const;
  /// Of all elements; unbiased divides by n - 1. A bool is `unbiased`, an integer is `dim`.
  template <class B = bool, class = std::enable_if_t<std::is_same_v<B, bool>>>
  Tensor var(B unbiased = true) const {
    return variance({}, unbiased ? 1 : 0, false, false);
  }
  Tensor var(IntArrayRef dim, bool unbiased = true, bool keepdim = false) const {
    return variance(dim, unbiased ? 1 : 0, keepdim, false);
  }
  template <class B = bool, class = std::enable_if_t<std::is_same_v<B, bool>>>
  Tensor std(B unbiased = true) const {
    return variance({}, unbiased ? 1 : 0, false, true);
  }
  Tensor std(IntArrayRef dim, bool unbiased = true, bool keepdim = false) const {
    return variance(dim, unbiased ? 1 : 0, keepdim, true);
  }
  Tensor norm(Scalar p = 2) const;
  Tensor norm(Scalar p, IntArrayRef dim, bool keepdim = false) const;
  Tensor logsumexp(IntArrayRef dim, bool keepdim = false) const;
  Tensor sum_to_size(IntArrayRef sizes) const;

  // ---- Along one dimension ----
  Tensor cumsum(std::int64_t dim) const;
  Tensor cumprod(std::int64_t dim) const;
  Tensor softmax(std::int64_t dim) const;
  Tensor log_softmax(std::int64_t dim) const;
  std::tuple<Tensor, Tensor> sort(std::int64_t dim = -1, bool descending = false) const;
  NABLA_INACTIVE Tensor argsort(std::int64_t dim = -1, bool descending = false) const;
  std::tuple<Tensor, Tensor> topk(std::int64_t k, std::int64_t dim = -1, bool largest = true) const;

  // ---- Products ----
  Tensor mm(const Tensor &other) const;
  Tensor mv(const Tensor &vector) const;
  Tensor dot(const Tensor &other) const;
  Tensor bmm(const Tensor &other) const;
  Tensor matmul(const Tensor &other) const;
  Tensor outer(const Tensor &other) const;
  Tensor addmm(const Tensor &a, const Tensor &b, Scalar beta = 1, Scalar alpha = 1) const;
  Tensor trace() const;
  Tensor inverse() const;
  Tensor det() const;
  Tensor logdet() const;

  // ---- New tensors of this type ----
  NABLA_INACTIVE Tensor new_zeros(IntArrayRef sizes) const;
  NABLA_INACTIVE Tensor new_ones(IntArrayRef sizes) const;
  NABLA_INACTIVE Tensor new_empty(IntArrayRef sizes) const;
  Tensor new_full(IntArrayRef sizes, Scalar value) const;

  NABLA_INACTIVE void print() const; ///< to stdout

private:
  void *checked_data(ScalarType expected) const;
  void *checked_accessor(ScalarType expected, std::size_t dims) const;
  unsigned add_hook(std::function<Tensor(Tensor)> hook) const;
  Tensor variance(IntArrayRef dim, double correction, bool keepdim, bool root) const;
};

/// As Python's print shows it: tensor([19.], grad_fn=<AddBackward0>).
std::ostream &operator<<(std::ostream &out, const Tensor &t);
/// What operator<< writes.
std::string to_string(const Tensor &t);
/// Digits after the point (4), elements beyond which rows are summarised (1000), line width (80). As torch.set_printoptions.
void set_printoptions(int precision = 4, std::int64_t threshold = 1000, std::int64_t edgeitems = 3,
                      int linewidth = 80);

} // namespace nabla

#endif
