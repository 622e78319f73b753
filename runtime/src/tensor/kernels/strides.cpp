#include "strides.h"

#include <cstring>
#include <utility>

namespace nabla::kernels {

namespace {

std::int64_t size_of(std::int64_t stride) { return stride < 0 ? -stride : stride; }

/// Sorts dimensions so that the first operand's strides fall; stable, so that a row-major order stays.
void sort_dimensions(Space &s, Operand *o, int n) {
  for (int i = 1; i < s.dims; ++i)
    for (int j = i; j > 0; --j) {
      std::int64_t before = size_of(o[0].stride[j - 1]), after = size_of(o[0].stride[j]);
      bool swap = before < after;
      if (before == after && n > 1)
        swap = size_of(o[1].stride[j - 1]) < size_of(o[1].stride[j]);
      if (!swap)
        break;
      std::swap(s.size[j - 1], s.size[j]);
      for (int k = 0; k < n; ++k)
        std::swap(o[k].stride[j - 1], o[k].stride[j]);
    }
}

void join_dimensions(Space &s, Operand *o, int n) {
  int to = 0;
  for (int d = 1; d < s.dims; ++d) {
    bool joined = true;
    for (int k = 0; k < n; ++k)
      joined &= o[k].stride[to] == o[k].stride[d] * s.size[d];
    if (joined)
      s.size[to] *= s.size[d];
    else
      s.size[++to] = s.size[d];
    for (int k = 0; k < n; ++k)
      o[k].stride[to] = o[k].stride[d];
  }
  s.dims = to + 1;
}

Operand::Kind kind_of(const Space &s, const Operand &o) {
  bool constant = true, linear = true;
  std::int64_t expected = 1;
  for (int d = s.dims - 1; d >= 0; --d) {
    if (s.size[d] == 1)
      continue;
    constant &= o.stride[d] == 0;
    linear &= o.stride[d] == expected;
    expected *= s.size[d];
  }
  return s.total == 1 || linear ? Operand::linear : constant ? Operand::constant : Operand::strided;
}

template <class T> void gather_run(T *to, const T *from, std::int64_t stride, std::int64_t n) {
  if (stride == 1)
    std::memcpy(to, from, static_cast<std::size_t>(n) * sizeof(T));
  else if (stride == 0)
    for (std::int64_t i = 0; i < n; ++i)
      to[i] = *from;
  else
    for (std::int64_t i = 0; i < n; ++i)
      to[i] = from[i * stride];
}
template <class T> void scatter_run(T *to, const T *from, std::int64_t stride, std::int64_t n) {
  if (stride == 1)
    std::memcpy(to, from, static_cast<std::size_t>(n) * sizeof(T));
  else
    for (std::int64_t i = 0; i < n; ++i)
      to[i * stride] = from[i];
}

} // namespace

void make_space(Space &s, Operand *o, const View *const *views, int n, int dims, const std::int64_t *sizes) {
  s.dims = 0;
  s.total = 1;
  for (int k = 0; k < n; ++k) {
    o[k].data = static_cast<char *>(views[k]->data);
    o[k].bytes = static_cast<int>(element_size(views[k]->dtype));
  }
  for (int d = 0; d < dims; ++d) {
    s.total *= sizes[d];
    if (sizes[d] == 1)
      continue;
    s.size[s.dims] = sizes[d];
    for (int k = 0; k < n; ++k) {
      int own = d - (dims - views[k]->dims);
      o[k].stride[s.dims] = own < 0 || views[k]->sizes[own] == 1 ? 0 : views[k]->strides[own];
    }
    ++s.dims;
  }
  if (s.dims == 0) {
    s.dims = 1;
    s.size[0] = 1;
    for (int k = 0; k < n; ++k)
      o[k].stride[0] = 0;
  } else if (s.dims > 1) {
    sort_dimensions(s, o, n);
    join_dimensions(s, o, n);
  }
  for (int k = 0; k < n; ++k)
    o[k].kind = kind_of(s, o[k]);
}

void Cursor::next_run() {
  for (int d = space_->dims - 2; d >= 0; --d) {
    offset_ += operand_->stride[d];
    if (++at_[d] < space_->size[d])
      return;
    offset_ -= operand_->stride[d] * space_->size[d];
    at_[d] = 0;
  }
}

void Cursor::gather(void *to, std::int64_t n) {
  const int inner = space_->dims - 1, bytes = operand_->bytes;
  const std::int64_t length = space_->size[inner], stride = operand_->stride[inner];
  char *out = static_cast<char *>(to);
  while (n > 0) {
    std::int64_t run = length - at_[inner] < n ? length - at_[inner] : n;
    const char *from = operand_->data + (offset_ + at_[inner] * stride) * bytes;
    if (bytes == 4)
      gather_run(reinterpret_cast<float *>(out), reinterpret_cast<const float *>(from), stride, run);
    else if (bytes == 8)
      gather_run(reinterpret_cast<double *>(out), reinterpret_cast<const double *>(from), stride, run);
    else
      gather_run(out, from, stride, run);
    out += run * bytes;
    n -= run;
    at_[inner] += run;
    if (at_[inner] == length) {
      at_[inner] = 0;
      next_run();
    }
  }
}

void Cursor::scatter(const void *from, std::int64_t n) {
  const int inner = space_->dims - 1, bytes = operand_->bytes;
  const std::int64_t length = space_->size[inner], stride = operand_->stride[inner];
  const char *in = static_cast<const char *>(from);
  while (n > 0) {
    std::int64_t run = length - at_[inner] < n ? length - at_[inner] : n;
    char *to = operand_->data + (offset_ + at_[inner] * stride) * bytes;
    if (bytes == 4)
      scatter_run(reinterpret_cast<float *>(to), reinterpret_cast<const float *>(in), stride, run);
    else if (bytes == 8)
      scatter_run(reinterpret_cast<double *>(to), reinterpret_cast<const double *>(in), stride, run);
    else
      scatter_run(to, in, stride, run);
    in += run * bytes;
    n -= run;
    at_[inner] += run;
    if (at_[inner] == length) {
      at_[inner] = 0;
      next_run();
    }
  }
}

} // namespace nabla::kernels
