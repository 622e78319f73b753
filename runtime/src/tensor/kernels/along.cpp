// Functions along one dimension: scans, softmax, order.
#include "loops.h"
#include "rows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <type_traits>
#include <vector>

namespace nabla::kernels {

namespace {

template <class T> T *at(const View &v, std::int64_t offset) { return static_cast<T *>(v.data) + offset; }

template <class T> bool is_nan(T x) { return x != x; }

template <class T>
void max_index_of(const View &values, const View &indices, const View &x, int dim, bool minimum) {
  const bool with_values = values.data != nullptr;
  const View *views[] = {&x, &indices, with_values ? &values : &indices};
  const std::int64_t n = length_of(x, dim), step = stride_of(x, dim);
  for_each_row(views, 3, dim, [&](const std::int64_t *from) {
    const T *line = at<T>(x, from[0]);
    std::int64_t best = 0;
    T most = line[0];
    for (std::int64_t i = 1; i < n && !is_nan(most); ++i) {
      T v = line[i * step];
      if ((minimum ? v < most : v > most) || is_nan(v)) {
        most = v;
        best = i;
      }
    }
    *at<std::int64_t>(indices, from[1]) = best;
    if (with_values)
      *at<T>(values, from[2]) = most;
  });
}

template <class T, class F> void scan(const View &out, const View &x, int dim, T start, F f) {
  const View *views[] = {&x, &out};
  const std::int64_t n = length_of(x, dim), step = stride_of(x, dim), to_step = stride_of(out, dim);
  using Wide =
      std::conditional_t<std::is_same_v<T, float>, double, T>; // a running sum in float would lose digits
  for_each_row(views, 2, dim, [&](const std::int64_t *from) {
    const T *line = at<T>(x, from[0]);
    T *to = at<T>(out, from[1]);
    Wide running = start;
    for (std::int64_t i = 0; i < n; ++i) {
      running = f(running, static_cast<Wide>(line[i * step]));
      to[i * to_step] = static_cast<T>(running);
    }
  });
}

/// Lines of up to three views as contiguous memory: themselves where they are, gathered into buffers otherwise.
template <class T> class Line {
  std::vector<T> buffer_;
  std::int64_t n_, step_;

public:
  Line(const View &v, int dim) : n_(length_of(v, dim)), step_(n_ == 1 ? 1 : stride_of(v, dim)) {
    if (step_ != 1)
      buffer_.resize(static_cast<std::size_t>(n_));
  }
  const T *read(const T *from) {
    if (step_ == 1)
      return from;
    for (std::int64_t i = 0; i < n_; ++i)
      buffer_[static_cast<std::size_t>(i)] = from[i * step_];
    return buffer_.data();
  }
  T *write(T *to) { return step_ == 1 ? to : buffer_.data(); }
  void finish(T *to) const {
    if (step_ != 1)
      for (std::int64_t i = 0; i < n_; ++i)
        to[i * step_] = buffer_[static_cast<std::size_t>(i)];
  }
};

template <class T> void softmax_of(const View &out, const View &x, int dim, bool logarithm) {
  const View *views[] = {&x, &out};
  const std::int64_t n = length_of(x, dim);
  const ReduceLoops<T> &loop = reduce_loops<T>();
  if (n == 0)
    return;
  Line<T> in(x, dim), result(out, dim);
  for_each_row(views, 2, dim, [&](const std::int64_t *from) {
    const T *a = in.read(at<T>(x, from[0]));
    T *to = at<T>(out, from[1]), *y = result.write(to);
    T most = loop.max(a, n);
    if (std::isinf(most) && most < 0)
      most = 0; // all -inf: 0 / 0 is NaN below, as libtorch's
    T sum = loop.exp_sum(logarithm ? nullptr : y, a, most, n);
    if (logarithm) {
      T shift = most + std::log(sum);
      for (std::int64_t i = 0; i < n; ++i)
        y[i] = a[i] - shift;
    } else {
      T scale = 1 / sum;
      for (std::int64_t i = 0; i < n; ++i)
        y[i] *= scale;
    }
    result.finish(to);
  });
}

template <class T>
void softmax_backward_of(const View &out, const View &g, const View &y, int dim, bool logarithm) {
  const View *views[] = {&y, &out, &g};
  const std::int64_t n = length_of(y, dim);
  const ReduceLoops<T> &loop = reduce_loops<T>();
  if (n == 0)
    return;
  Line<T> in(y, dim), gradient(g, dim), result(out, dim);
  std::vector<T> powers(logarithm ? static_cast<std::size_t>(n) : 0);
  for_each_row(views, 3, dim, [&](const std::int64_t *from) {
    const T *a = in.read(at<T>(y, from[0])), *b = gradient.read(at<T>(g, from[2]));
    T *to = at<T>(out, from[1]), *r = result.write(to);
    if (logarithm) {
      T sum = loop.sum(b, n);
      loop.exp_sum(powers.data(), a, T(0), n);
      for (std::int64_t i = 0; i < n; ++i)
        r[i] = b[i] - powers[static_cast<std::size_t>(i)] * sum;
    } else {
      T sum = loop.dot(a, b, n);
      for (std::int64_t i = 0; i < n; ++i)
        r[i] = a[i] * (b[i] - sum);
    }
    result.finish(to);
  });
}

/// Whether a stands before b: NaN is the largest.
template <class T> bool before(T a, T b, bool descending) {
  if (descending)
    return (is_nan(a) && !is_nan(b)) || a > b;
  return (is_nan(b) && !is_nan(a)) || a < b;
}

template <class T>
void sort_of(const View &values, const View &indices, const View &x, int dim, bool descending,
             std::int64_t keep) {
  const View *views[] = {&x, &values, &indices};
  const std::int64_t n = length_of(x, dim), step = stride_of(x, dim);
  const std::int64_t value_step = stride_of(values, dim), index_step = stride_of(indices, dim);
  std::vector<std::int64_t> order(static_cast<std::size_t>(n));
  std::unique_ptr<T[]> line(new T[static_cast<std::size_t>(n)]);
  for_each_row(views, 3, dim, [&](const std::int64_t *from) {
    for (std::int64_t i = 0; i < n; ++i)
      line[static_cast<std::size_t>(i)] = at<T>(x, from[0])[i * step];
    std::iota(order.begin(), order.end(), std::int64_t(0));
    auto less = [&](std::int64_t a, std::int64_t b) {
      return before(line[static_cast<std::size_t>(a)], line[static_cast<std::size_t>(b)], descending);
    };
    // equal elements in the order of their places: stable, and one result for topk
    auto total = [&](std::int64_t a, std::int64_t b) { return less(a, b) || (!less(b, a) && a < b); };
    if (keep == n)
      std::sort(order.begin(), order.end(), total);
    else
      std::partial_sort(order.begin(), order.begin() + keep, order.end(), total);
    for (std::int64_t i = 0; i < keep; ++i) {
      std::int64_t place = order[static_cast<std::size_t>(i)];
      at<T>(values, from[1])[i * value_step] = line[static_cast<std::size_t>(place)];
      at<std::int64_t>(indices, from[2])[i * index_step] = place;
    }
  });
}

} // namespace

void max_index(const View &values, const View &indices, const View &x, int dim, bool minimum) {
  dispatch(x.dtype, [&](auto zero) { max_index_of<decltype(zero)>(values, indices, x, dim, minimum); });
}
void cumsum(const View &out, const View &x, int dim) {
  dispatch(x.dtype,
           [&](auto zero) { scan(out, x, dim, zero, [](auto a, auto b) { return wrapping_add(a, b); }); });
}
void cumprod(const View &out, const View &x, int dim) {
  dispatch(x.dtype, [&](auto zero) {
    scan(out, x, dim, static_cast<decltype(zero)>(1), [](auto a, auto b) { return wrapping_mul(a, b); });
  });
}
void softmax(const View &out, const View &x, int dim) {
  dispatch_floating(x.dtype, [&](auto zero) { softmax_of<decltype(zero)>(out, x, dim, false); });
}
void log_softmax(const View &out, const View &x, int dim) {
  dispatch_floating(x.dtype, [&](auto zero) { softmax_of<decltype(zero)>(out, x, dim, true); });
}
void softmax_backward(const View &out, const View &g, const View &y, int dim) {
  dispatch_floating(y.dtype, [&](auto zero) { softmax_backward_of<decltype(zero)>(out, g, y, dim, false); });
}
void log_softmax_backward(const View &out, const View &g, const View &y, int dim) {
  dispatch_floating(y.dtype, [&](auto zero) { softmax_backward_of<decltype(zero)>(out, g, y, dim, true); });
}
void sort(const View &values, const View &indices, const View &x, int dim, bool descending) {
  dispatch(x.dtype, [&](auto zero) {
    sort_of<decltype(zero)>(values, indices, x, dim, descending, length_of(x, dim));
  });
}
void topk(const View &values, const View &indices, const View &x, int dim, bool largest) {
  dispatch(x.dtype, [&](auto zero) {
    sort_of<decltype(zero)>(values, indices, x, dim, largest, length_of(values, dim));
  });
}

void flip(const View &out, const View &x, std::uint64_t dims) {
  std::int64_t strides[max_dims], offset = 0;
  for (int d = 0; d < x.dims; ++d) {
    bool reversed = (dims >> d) & 1;
    strides[d] = reversed ? -x.strides[d] : x.strides[d];
    if (reversed && x.sizes[d] > 0)
      offset += (x.sizes[d] - 1) * x.strides[d];
  }
  View from = x;
  from.strides = strides;
  from.data = static_cast<char *>(x.data) + offset * static_cast<std::int64_t>(element_size(x.dtype));
  copy(out, from);
}

} // namespace nabla::kernels
