// The free functions: most are a method of Tensor under the same name.
#ifndef NABLA_TENSOR_FUNCTIONS_H
#define NABLA_TENSOR_FUNCTIONS_H

#include "creation.h"
#include "indexing.h"

namespace nabla {

// ---- Elementwise ----
#define NABLA_UNARY(NAME, KERNEL, ROW, NODE, SAVES)                                                          \
  inline Tensor NAME(const Tensor &x) { return x.NAME(); }
#include "unary.def"
inline Tensor square(const Tensor &x) { return x.square(); }
inline Tensor rsqrt(const Tensor &x) { return x.rsqrt(); }
inline Tensor reciprocal(const Tensor &x) { return x.reciprocal(); }
inline Tensor relu(const Tensor &x) { return x.relu(); }
inline Tensor sigmoid(const Tensor &x) { return x.sigmoid(); }
inline Tensor trigamma(const Tensor &x) { return x.polygamma(1); }
inline Tensor polygamma(std::int64_t order, const Tensor &x) { return x.polygamma(order); }
inline Tensor erfinv(const Tensor &x) { return x.erfinv(); }
inline Tensor logit(const Tensor &x) { return x.logit(); }
inline Tensor add(const Tensor &a, const Tensor &b, Scalar alpha = 1) { return a.add(b, alpha); }
inline Tensor add(const Tensor &a, Scalar b, Scalar alpha = 1) { return a.add(b, alpha); }
inline Tensor sub(const Tensor &a, const Tensor &b, Scalar alpha = 1) { return a.sub(b, alpha); }
inline Tensor sub(const Tensor &a, Scalar b, Scalar alpha = 1) { return a.sub(b, alpha); }
Tensor rsub(const Tensor &a, Scalar b); ///< b - a
inline Tensor mul(const Tensor &a, const Tensor &b) { return a.mul(b); }
inline Tensor mul(const Tensor &a, Scalar b) { return a.mul(b); }
inline Tensor div(const Tensor &a, const Tensor &b) { return a.div(b); }
inline Tensor div(const Tensor &a, Scalar b) { return a.div(b); }
inline Tensor pow(const Tensor &a, const Tensor &b) { return a.pow(b); }
inline Tensor pow(const Tensor &a, Scalar b) { return a.pow(b); }
Tensor pow(Scalar a, const Tensor &b);
inline Tensor remainder(const Tensor &a, const Tensor &b) { return a.remainder(b); }
inline Tensor remainder(const Tensor &a, Scalar b) { return a.remainder(b); }
inline Tensor fmod(const Tensor &a, const Tensor &b) { return a.fmod(b); }
inline Tensor fmod(const Tensor &a, Scalar b) { return a.fmod(b); }
NABLA_INACTIVE inline Tensor floor_divide(const Tensor &a, const Tensor &b) { return a.floor_divide(b); }
inline Tensor atan2(const Tensor &a, const Tensor &b) { return a.atan2(b); }
inline Tensor hypot(const Tensor &a, const Tensor &b) { return a.hypot(b); }
inline Tensor copysign(const Tensor &a, const Tensor &b) { return a.copysign(b); }
inline Tensor maximum(const Tensor &a, const Tensor &b) { return a.maximum(b); }
inline Tensor minimum(const Tensor &a, const Tensor &b) { return a.minimum(b); }
inline Tensor max(const Tensor &a, const Tensor &b) { return a.maximum(b); }
inline Tensor min(const Tensor &a, const Tensor &b) { return a.minimum(b); }
inline Tensor clamp(const Tensor &x, std::optional<Scalar> min, std::optional<Scalar> max = nullopt) {
  return x.clamp(min, max);
}
inline Tensor clamp_min(const Tensor &x, Scalar min) { return x.clamp_min(min); }
inline Tensor clamp_max(const Tensor &x, Scalar max) { return x.clamp_max(max); }
inline Tensor lerp(const Tensor &a, const Tensor &b, const Tensor &weight) { return a.lerp(b, weight); }
inline Tensor lerp(const Tensor &a, const Tensor &b, Scalar weight) { return a.lerp(b, weight); }
inline Tensor addcmul(const Tensor &x, const Tensor &a, const Tensor &b, Scalar value = 1) {
  return x.addcmul(a, b, value);
}
inline Tensor addcdiv(const Tensor &x, const Tensor &a, const Tensor &b, Scalar value = 1) {
  return x.addcdiv(a, b, value);
}
inline Tensor nan_to_num(const Tensor &x, double nan = 0) { return x.nan_to_num(nan); }
Tensor where(const Tensor &condition, const Tensor &a, const Tensor &b);
Tensor where(const Tensor &condition, const Tensor &a, Scalar b);
Tensor where(const Tensor &condition, Scalar a, const Tensor &b);

inline Tensor operator+(const Tensor &a, const Tensor &b) { return a.add(b); }
inline Tensor operator+(const Tensor &a, Scalar b) { return a.add(b); }
inline Tensor operator+(Scalar a, const Tensor &b) { return b.add(a); }
inline Tensor operator-(const Tensor &a, const Tensor &b) { return a.sub(b); }
inline Tensor operator-(const Tensor &a, Scalar b) { return a.sub(b); }
inline Tensor operator-(Scalar a, const Tensor &b) { return rsub(b, a); }
inline Tensor operator*(const Tensor &a, const Tensor &b) { return a.mul(b); }
inline Tensor operator*(const Tensor &a, Scalar b) { return a.mul(b); }
inline Tensor operator*(Scalar a, const Tensor &b) { return b.mul(a); }
inline Tensor operator/(const Tensor &a, const Tensor &b) { return a.div(b); }
inline Tensor operator/(const Tensor &a, Scalar b) { return a.div(b); }
inline Tensor operator/(Scalar a, const Tensor &b) { return b.reciprocal().mul(a); }

// ---- Comparisons and logic ----
NABLA_INACTIVE inline Tensor eq(const Tensor &a, const Tensor &b) { return a.eq(b); }
NABLA_INACTIVE inline Tensor ne(const Tensor &a, const Tensor &b) { return a.ne(b); }
NABLA_INACTIVE inline Tensor lt(const Tensor &a, const Tensor &b) { return a.lt(b); }
NABLA_INACTIVE inline Tensor le(const Tensor &a, const Tensor &b) { return a.le(b); }
NABLA_INACTIVE inline Tensor gt(const Tensor &a, const Tensor &b) { return a.gt(b); }
NABLA_INACTIVE inline Tensor ge(const Tensor &a, const Tensor &b) { return a.ge(b); }
NABLA_INACTIVE inline Tensor operator==(const Tensor &a, const Tensor &b) { return a.eq(b); }
NABLA_INACTIVE inline Tensor operator==(const Tensor &a, Scalar b) { return a.eq(b); }
NABLA_INACTIVE inline Tensor operator!=(const Tensor &a, const Tensor &b) { return a.ne(b); }
NABLA_INACTIVE inline Tensor operator!=(const Tensor &a, Scalar b) { return a.ne(b); }
NABLA_INACTIVE inline Tensor operator<(const Tensor &a, const Tensor &b) { return a.lt(b); }
NABLA_INACTIVE inline Tensor operator<(const Tensor &a, Scalar b) { return a.lt(b); }
NABLA_INACTIVE inline Tensor operator<(Scalar a, const Tensor &b) { return b.gt(a); }
NABLA_INACTIVE inline Tensor operator<=(const Tensor &a, const Tensor &b) { return a.le(b); }
NABLA_INACTIVE inline Tensor operator<=(const Tensor &a, Scalar b) { return a.le(b); }
NABLA_INACTIVE inline Tensor operator<=(Scalar a, const Tensor &b) { return b.ge(a); }
NABLA_INACTIVE inline Tensor operator>(const Tensor &a, const Tensor &b) { return a.gt(b); }
NABLA_INACTIVE inline Tensor operator>(const Tensor &a, Scalar b) { return a.gt(b); }
NABLA_INACTIVE inline Tensor operator>(Scalar a, const Tensor &b) { return b.lt(a); }
NABLA_INACTIVE inline Tensor operator>=(const Tensor &a, const Tensor &b) { return a.ge(b); }
NABLA_INACTIVE inline Tensor operator>=(const Tensor &a, Scalar b) { return a.ge(b); }
NABLA_INACTIVE inline Tensor operator>=(Scalar a, const Tensor &b) { return b.le(a); }
NABLA_INACTIVE inline Tensor operator&(const Tensor &a, const Tensor &b) { return a.logical_and(b); }
NABLA_INACTIVE inline Tensor operator|(const Tensor &a, const Tensor &b) { return a.logical_or(b); }
NABLA_INACTIVE inline Tensor operator!(const Tensor &a) { return a.logical_not(); }
NABLA_INACTIVE inline Tensor operator~(const Tensor &a) { return a.logical_not(); }
NABLA_INACTIVE inline Tensor logical_and(const Tensor &a, const Tensor &b) { return a.logical_and(b); }
NABLA_INACTIVE inline Tensor logical_or(const Tensor &a, const Tensor &b) { return a.logical_or(b); }
NABLA_INACTIVE inline Tensor logical_xor(const Tensor &a, const Tensor &b) { return a.logical_xor(b); }
NABLA_INACTIVE inline Tensor logical_not(const Tensor &a) { return a.logical_not(); }
NABLA_INACTIVE inline Tensor isnan(const Tensor &x) { return x.isnan(); }
NABLA_INACTIVE inline Tensor isinf(const Tensor &x) { return x.isinf(); }
NABLA_INACTIVE inline Tensor isfinite(const Tensor &x) { return x.isfinite(); }
inline bool equal(const Tensor &a, const Tensor &b) { return a.equal(b); }
inline bool allclose(const Tensor &a, const Tensor &b, double rtol = 1e-5, double atol = 1e-8,
                     bool equal_nan = false) {
  return a.allclose(b, rtol, atol, equal_nan);
}
NABLA_INACTIVE inline Tensor isclose(const Tensor &a, const Tensor &b, double rtol = 1e-5,
                                     double atol = 1e-8) {
  return a.isclose(b, rtol, atol);
}

// ---- Reductions ----
inline Tensor sum(const Tensor &x) { return x.sum(); }
inline Tensor sum(const Tensor &x, IntArrayRef dim, bool keepdim = false) { return x.sum(dim, keepdim); }
inline Tensor mean(const Tensor &x) { return x.mean(); }
inline Tensor mean(const Tensor &x, IntArrayRef dim, bool keepdim = false) { return x.mean(dim, keepdim); }
inline Tensor prod(const Tensor &x) { return x.prod(); }
inline Tensor prod(const Tensor &x, std::int64_t dim, bool keepdim = false) { return x.prod(dim, keepdim); }
inline Tensor max(const Tensor &x) { return x.max(); }
inline Tensor min(const Tensor &x) { return x.min(); }
inline std::tuple<Tensor, Tensor> max(const Tensor &x, std::int64_t dim, bool keepdim = false) {
  return x.max(dim, keepdim);
}
inline std::tuple<Tensor, Tensor> min(const Tensor &x, std::int64_t dim, bool keepdim = false) {
  return x.min(dim, keepdim);
}
inline Tensor amax(const Tensor &x, IntArrayRef dim = {}, bool keepdim = false) {
  return x.amax(dim, keepdim);
}
inline Tensor amin(const Tensor &x, IntArrayRef dim = {}, bool keepdim = false) {
  return x.amin(dim, keepdim);
}
NABLA_INACTIVE inline Tensor argmax(const Tensor &x) { return x.argmax(); }
NABLA_INACTIVE inline Tensor argmax(const Tensor &x, std::int64_t dim, bool keepdim = false) {
  return x.argmax(dim, keepdim);
}
NABLA_INACTIVE inline Tensor argmin(const Tensor &x) { return x.argmin(); }
NABLA_INACTIVE inline Tensor argmin(const Tensor &x, std::int64_t dim, bool keepdim = false) {
  return x.argmin(dim, keepdim);
}
NABLA_INACTIVE inline Tensor all(const Tensor &x) { return x.all(); }
NABLA_INACTIVE inline Tensor any(const Tensor &x) { return x.any(); }
inline Tensor std(const Tensor &x, IntArrayRef dim, bool unbiased = true, bool keepdim = false) {
  return x.std(dim, unbiased, keepdim);
}
inline Tensor std(const Tensor &x) { return x.std(); }
inline Tensor norm(const Tensor &x, Scalar p = 2) { return x.norm(p); }
inline Tensor norm(const Tensor &x, Scalar p, IntArrayRef dim, bool keepdim = false) {
  return x.norm(p, dim, keepdim);
}
inline Tensor logsumexp(const Tensor &x, IntArrayRef dim, bool keepdim = false) {
  return x.logsumexp(dim, keepdim);
}

// ---- Shapes ----
inline Tensor clone(const Tensor &x) { return x.clone(); }
NABLA_INACTIVE inline Tensor detach(const Tensor &x) { return x.detach(); }
inline Tensor reshape(const Tensor &x, IntArrayRef sizes) { return x.reshape(sizes); }
inline Tensor flatten(const Tensor &x, std::int64_t start_dim = 0, std::int64_t end_dim = -1) {
  return x.flatten(start_dim, end_dim);
}
inline Tensor t(const Tensor &x) { return x.t(); }
inline Tensor transpose(const Tensor &x, std::int64_t a, std::int64_t b) { return x.transpose(a, b); }
inline Tensor permute(const Tensor &x, IntArrayRef dims) { return x.permute(dims); }
inline Tensor movedim(const Tensor &x, std::int64_t from, std::int64_t to) { return x.movedim(from, to); }
inline Tensor squeeze(const Tensor &x) { return x.squeeze(); }
inline Tensor squeeze(const Tensor &x, std::int64_t dim) { return x.squeeze(dim); }
inline Tensor unsqueeze(const Tensor &x, std::int64_t dim) { return x.unsqueeze(dim); }
inline Tensor select(const Tensor &x, std::int64_t dim, std::int64_t index) { return x.select(dim, index); }
inline Tensor narrow(const Tensor &x, std::int64_t dim, std::int64_t start, std::int64_t length) {
  return x.narrow(dim, start, length);
}
inline Tensor diagonal(const Tensor &x, std::int64_t offset = 0, std::int64_t dim1 = 0,
                       std::int64_t dim2 = 1) {
  return x.diagonal(offset, dim1, dim2);
}
inline Tensor diag(const Tensor &x, std::int64_t diagonal = 0) { return x.diag(diagonal); }
inline Tensor tril(const Tensor &x, std::int64_t diagonal = 0) { return x.tril(diagonal); }
inline Tensor triu(const Tensor &x, std::int64_t diagonal = 0) { return x.triu(diagonal); }
inline std::vector<Tensor> split(const Tensor &x, std::int64_t size, std::int64_t dim = 0) {
  return x.split(size, dim);
}
inline std::vector<Tensor> chunk(const Tensor &x, std::int64_t chunks, std::int64_t dim = 0) {
  return x.chunk(chunks, dim);
}
inline std::vector<Tensor> unbind(const Tensor &x, std::int64_t dim = 0) { return x.unbind(dim); }
inline Tensor flip(const Tensor &x, IntArrayRef dims) { return x.flip(dims); }
inline Tensor roll(const Tensor &x, std::int64_t shift, std::int64_t dim) { return x.roll(shift, dim); }
Tensor cat(TensorList tensors, std::int64_t dim = 0);
Tensor stack(TensorList tensors, std::int64_t dim = 0);
inline Tensor cat(const std::vector<Tensor> &tensors, std::int64_t dim = 0) {
  return cat(TensorList(tensors), dim);
}
inline Tensor stack(const std::vector<Tensor> &tensors, std::int64_t dim = 0) {
  return stack(TensorList(tensors), dim);
}
inline Tensor cat(std::initializer_list<Tensor> tensors, std::int64_t dim = 0) {
  return cat(TensorList(tensors), dim);
}
inline Tensor stack(std::initializer_list<Tensor> tensors, std::int64_t dim = 0) {
  return stack(TensorList(tensors), dim);
}
std::vector<Tensor> broadcast_tensors(TensorList tensors);
std::vector<Tensor> meshgrid(TensorList tensors); ///< indexing "ij"

// ---- Indexing ----
inline Tensor index_select(const Tensor &x, std::int64_t dim, const Tensor &index) {
  return x.index_select(dim, index);
}
inline Tensor gather(const Tensor &x, std::int64_t dim, const Tensor &index) { return x.gather(dim, index); }
inline Tensor scatter(const Tensor &x, std::int64_t dim, const Tensor &index, const Tensor &source) {
  return x.scatter(dim, index, source);
}
inline Tensor scatter_add(const Tensor &x, std::int64_t dim, const Tensor &index, const Tensor &source) {
  return x.scatter_add(dim, index, source);
}
inline Tensor take(const Tensor &x, const Tensor &index) { return x.take(index); }
inline Tensor masked_select(const Tensor &x, const Tensor &mask) { return x.masked_select(mask); }
inline Tensor masked_fill(const Tensor &x, const Tensor &mask, Scalar value) {
  return x.masked_fill(mask, value);
}
NABLA_INACTIVE inline Tensor nonzero(const Tensor &x) { return x.nonzero(); }

// ---- Along one dimension ----
inline Tensor cumsum(const Tensor &x, std::int64_t dim) { return x.cumsum(dim); }
inline Tensor cumprod(const Tensor &x, std::int64_t dim) { return x.cumprod(dim); }
inline Tensor softmax(const Tensor &x, std::int64_t dim) { return x.softmax(dim); }
inline Tensor log_softmax(const Tensor &x, std::int64_t dim) { return x.log_softmax(dim); }
inline std::tuple<Tensor, Tensor> sort(const Tensor &x, std::int64_t dim = -1, bool descending = false) {
  return x.sort(dim, descending);
}
NABLA_INACTIVE inline Tensor argsort(const Tensor &x, std::int64_t dim = -1, bool descending = false) {
  return x.argsort(dim, descending);
}
inline std::tuple<Tensor, Tensor> topk(const Tensor &x, std::int64_t k, std::int64_t dim = -1,
                                       bool largest = true) {
  return x.topk(k, dim, largest);
}

// ---- Products ----
inline Tensor mm(const Tensor &a, const Tensor &b) { return a.mm(b); }
inline Tensor mv(const Tensor &a, const Tensor &b) { return a.mv(b); }
inline Tensor dot(const Tensor &a, const Tensor &b) { return a.dot(b); }
inline Tensor bmm(const Tensor &a, const Tensor &b) { return a.bmm(b); }
inline Tensor matmul(const Tensor &a, const Tensor &b) { return a.matmul(b); }
inline Tensor outer(const Tensor &a, const Tensor &b) { return a.outer(b); }
inline Tensor addmm(const Tensor &c, const Tensor &a, const Tensor &b, Scalar beta = 1, Scalar alpha = 1) {
  return c.addmm(a, b, beta, alpha);
}
inline Tensor trace(const Tensor &a) { return a.trace(); }
Tensor einsum(const std::string &equation, TensorList operands);
inline Tensor einsum(const std::string &equation, std::initializer_list<Tensor> operands) {
  return einsum(equation, TensorList(operands));
}

} // namespace nabla

#endif
