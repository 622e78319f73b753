// Several handles in one value, std::vector and std::tuple, numbers that are read from handles, sizes: what is refused.
//
// RUN: %nablaxx -fsyntax-only -Xclang -verify %s
#include <nabla/nabla.h>
#include <nabla/tensor.h>
using nabla::Tensor;

// ---- Several handles in one value: parts are taken, not written

[[nabla::gradient]] Tensor part_assigned(Tensor x, Tensor y) {
  std::vector<Tensor> p = x.split(2);
  p[0] = y; // expected-error {{a reference to one of several handles is not differentiated; copy it: auto part = parts[i] [nabla N102]}}
  return p[0].sum();
}

[[nabla::gradient]] Tensor part_bound(Tensor x, Tensor y) {
  std::vector<Tensor> p = x.split(2);
  Tensor &first = p[0]; // expected-error {{a reference to one of several handles is not differentiated}}
  first = y;
  return p[0].sum();
}

[[nabla::gradient]] Tensor part_of_tuple(Tensor x, Tensor y) {
  auto p = x.max(1);
  std::get<0>(p) = y; // expected-error {{a reference to one of several handles is not differentiated}}
  return std::get<0>(p).sum();
}

[[nabla::gradient]] Tensor part_in_place(Tensor x) {
  std::vector<Tensor> p = x.split(2);
  p[0].mul_(2); // expected-error {{'nabla::Tensor::mul_' changes what other handles on the same memory see}}
  return p[0].sum();
}

[[nabla::gradient]] Tensor part_swapped(Tensor x, Tensor y) {
  std::vector<Tensor> p = x.split(2);
  std::swap(p[0], y); // expected-error {{[nabla N}}
  return p[0].sum();
}

[[nabla::gradient]] Tensor grown(Tensor x) {
  std::vector<Tensor> p = x.split(2);
  p.push_back(x); // expected-error {{[nabla N13}}
  return p[2].sum();
}

[[nabla::gradient]] Tensor walked(Tensor x) {
  Tensor s = x.sum();
  for (const Tensor &row : x.unbind(0)) // expected-error {{has no [[nabla::pullback_of]] rule}}
    s = s + row.norm();
  return s;
}

[[nabla::gradient]] Tensor tied(Tensor x) {
  Tensor v, i;
  std::tie(v, i) = x.max(1); // expected-error {{[nabla N}}
  return v.sum();
}

[[nabla::gradient]] Tensor bound_by_reference(Tensor x) {
  auto p = x.max(1);
  auto &[v, i] = p; // expected-error {{[nabla N}}
  v = x;
  return std::get<0>(p).sum();
}

[[nabla::gradient]] Tensor made(Tensor x) {
  std::vector<Tensor> p{x, x}; // expected-error {{[nabla N}}
  return p[0].sum();
}

// ---- Numbers and sizes

[[nabla::gradient]] Tensor as_scalar(Tensor x) {
  return x * x.sum().item(); // expected-error {{a 'nabla::Scalar' as an operand is not differentiated; write item<double>() [nabla N102]}}
}

[[nabla::gradient]] Tensor sizes_elsewhere(Tensor x, const std::vector<std::int64_t> &sizes) {
  return x.reshape(sizes).sum(); // expected-error {{write it out in the call, as numbers, a list in braces or a constant [nabla N102]}}
}
