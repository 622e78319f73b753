// Convolution and pooling of images [n][channels][height][width].
//
// A convolution of one image and group is a matrix product with the image's patches as columns (im2col): out [oc][oh ow] = weight [oc][ic kh
// kw] times patches [ic kh kw][oh ow]. The backward passes are the two transposed products, and adding patches back (col2im).
#include "strides.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>

namespace nabla::kernels {

namespace {

/// Contiguous memory for the elements of a view: its own, or a copy (which `write_back` returns).
template <class T> class Dense4 {
  std::unique_ptr<T[]> copy_;
  View view_;
  std::int64_t strides_[4];

public:
  T *data;
  explicit Dense4(const View &v, bool read = true) : view_(v), data(static_cast<T *>(v.data)) {
    if (!v.data || is_contiguous(v))
      return;
    copy_.reset(new T[static_cast<std::size_t>(count(v))]);
    data = copy_.get();
    std::int64_t step = 1;
    for (int d = v.dims - 1; d >= 0; --d) {
      strides_[d] = step;
      step *= v.sizes[d];
    }
    if (read)
      copy({data, v.dtype, v.dims, v.sizes, strides_}, v);
  }
  void write_back() {
    if (copy_)
      copy(view_, {data, view_.dtype, view_.dims, view_.sizes, strides_});
  }
};

struct Geometry {
  std::int64_t channels, height, width; ///< of the image, per group
  std::int64_t kernel_h, kernel_w, out_h, out_w;
  std::int64_t groups, out_channels; ///< out_channels per group
  Conv2d how;
  std::int64_t rows() const { return channels * kernel_h * kernel_w; }
  std::int64_t columns() const { return out_h * out_w; }
  bool is_identity() const { // a 1 x 1 kernel: the image is its own matrix of patches
    return kernel_h == 1 && kernel_w == 1 && how.stride[0] == 1 && how.stride[1] == 1 &&
           how.padding[0] == 0 && how.padding[1] == 0;
  }
};
Geometry geometry(const View &x, const View &weight, const View &out, const Conv2d &how) {
  return {x.sizes[1] / how.groups,   x.sizes[2],   x.sizes[3],   weight.sizes[2],
          weight.sizes[3],           out.sizes[2], out.sizes[3], how.groups,
          out.sizes[1] / how.groups, how};
}

/// The matrix of an image's patches, zeros where they stick out (im2col); Back: adds the matrix to the image instead (col2im).
template <class T, bool Back> void patches(const Geometry &g, T *image, T *matrix) {
  const std::int64_t *stride = g.how.stride, *padding = g.how.padding, *dilation = g.how.dilation;
  for (std::int64_t c = 0; c < g.channels; ++c)
    for (std::int64_t ky = 0; ky < g.kernel_h; ++ky)
      for (std::int64_t kx = 0; kx < g.kernel_w; ++kx) {
        T *row = matrix + ((c * g.kernel_h + ky) * g.kernel_w + kx) * g.columns();
        for (std::int64_t y = 0; y < g.out_h; ++y, row += g.out_w) {
          const std::int64_t iy = y * stride[0] - padding[0] + ky * dilation[0];
          if (iy < 0 || iy >= g.height) {
            if (!Back)
              std::memset(row, 0, static_cast<std::size_t>(g.out_w) * sizeof(T));
            continue;
          }
          T *line = image + (c * g.height + iy) * g.width;
          const std::int64_t first = kx * dilation[1] - padding[1];
          for (std::int64_t x = 0; x < g.out_w; ++x) {
            const std::int64_t ix = first + x * stride[1];
            const bool inside = ix >= 0 && ix < g.width;
            if (Back) {
              if (inside)
                line[ix] += row[x];
            } else
              row[x] = inside ? line[ix] : T(0);
          }
        }
      }
}

View matrix_view(void *data, ScalarType type, const std::int64_t (&sizes)[2],
                 const std::int64_t (&strides)[2]) {
  return {data, type, 2, sizes, strides};
}

/// Calls step(image index, group) for all.
template <class F> void for_each_group(const View &x, const Geometry &g, F step) {
  for (std::int64_t i = 0; i < x.sizes[0]; ++i)
    for (std::int64_t k = 0; k < g.groups; ++k)
      step(i, k);
}

template <class T>
void conv2d_of(const View &out, const View &x, const View &weight, const View &bias, const Conv2d &how) {
  const Geometry g = geometry(x, weight, out, how);
  Dense4<T> in(x), w(weight), result(out, false);
  std::unique_ptr<T[]> columns(new T[static_cast<std::size_t>(g.is_identity() ? 1 : g.rows() * g.columns())]);
  const std::int64_t ws[2] = {g.out_channels, g.rows()}, wt[2] = {g.rows(), 1};
  const std::int64_t ps[2] = {g.rows(), g.columns()}, pt[2] = {g.columns(), 1};
  const std::int64_t os[2] = {g.out_channels, g.columns()};
  for_each_group(x, g, [&](std::int64_t i, std::int64_t k) {
    T *image = in.data + (i * g.groups + k) * g.channels * g.height * g.width;
    T *to = result.data + (i * g.groups + k) * g.out_channels * g.columns();
    if (!g.is_identity())
      patches<T, false>(g, image, columns.get());
    double beta = 0;
    if (bias.data) {
      for (std::int64_t c = 0; c < g.out_channels; ++c) {
        T b = static_cast<T *>(bias.data)[(k * g.out_channels + c) * bias.strides[0]];
        for (std::int64_t j = 0; j < g.columns(); ++j)
          to[c * g.columns() + j] = b;
      }
      beta = 1;
    }
    gemm(matrix_view(to, out.dtype, os, pt),
         matrix_view(w.data + k * g.out_channels * g.rows(), out.dtype, ws, wt),
         matrix_view(g.is_identity() ? image : columns.get(), out.dtype, ps, pt), 1, beta);
  });
  result.write_back();
}

template <class T>
void conv2d_backward_input_of(const View &x_bar, const View &grad, const View &weight, const Conv2d &how) {
  const Geometry g = geometry(x_bar, weight, grad, how);
  Dense4<T> from(grad), w(weight), result(x_bar, false);
  std::memset(result.data, 0, static_cast<std::size_t>(count(x_bar)) * sizeof(T));
  std::unique_ptr<T[]> columns(new T[static_cast<std::size_t>(g.rows() * g.columns())]);
  const std::int64_t ws[2] = {g.rows(), g.out_channels}, wt[2] = {1, g.rows()};
  const std::int64_t ps[2] = {g.rows(), g.columns()}, pt[2] = {g.columns(), 1};
  const std::int64_t os[2] = {g.out_channels, g.columns()};
  for_each_group(x_bar, g, [&](std::int64_t i, std::int64_t k) {
    gemm(matrix_view(columns.get(), grad.dtype, ps, pt),
         matrix_view(w.data + k * g.out_channels * g.rows(), grad.dtype, ws, wt),
         matrix_view(from.data + (i * g.groups + k) * g.out_channels * g.columns(), grad.dtype, os, pt));
    patches<T, true>(g, result.data + (i * g.groups + k) * g.channels * g.height * g.width, columns.get());
  });
  result.write_back();
}

template <class T>
void conv2d_backward_weight_of(const View &weight_bar, const View &grad, const View &x, const Conv2d &how) {
  const Geometry g = geometry(x, weight_bar, grad, how);
  Dense4<T> from(grad), in(x), result(weight_bar, false);
  std::memset(result.data, 0, static_cast<std::size_t>(count(weight_bar)) * sizeof(T));
  std::unique_ptr<T[]> columns(new T[static_cast<std::size_t>(g.is_identity() ? 1 : g.rows() * g.columns())]);
  const std::int64_t ws[2] = {g.out_channels, g.rows()}, wt[2] = {g.rows(), 1};
  const std::int64_t ps[2] = {g.columns(), g.rows()}, pt[2] = {1, g.columns()};
  const std::int64_t os[2] = {g.out_channels, g.columns()}, ot[2] = {g.columns(), 1};
  for_each_group(x, g, [&](std::int64_t i, std::int64_t k) {
    T *image = in.data + (i * g.groups + k) * g.channels * g.height * g.width;
    if (!g.is_identity())
      patches<T, false>(g, image, columns.get());
    gemm(matrix_view(result.data + k * g.out_channels * g.rows(), grad.dtype, ws, wt),
         matrix_view(from.data + (i * g.groups + k) * g.out_channels * g.columns(), grad.dtype, os, ot),
         matrix_view(g.is_identity() ? image : columns.get(), grad.dtype, ps, pt), 1, 1);
  });
  result.write_back();
}

/// Calls visit(plane, output place, first input row and column) for every window.
template <class Visit> void for_each_window(const View &x, const View &out, const Pool2d &p, Visit visit) {
  const std::int64_t planes = x.sizes[0] * x.sizes[1], out_h = out.sizes[2], out_w = out.sizes[3];
  for (std::int64_t plane = 0; plane < planes; ++plane)
    for (std::int64_t y = 0; y < out_h; ++y)
      for (std::int64_t c = 0; c < out_w; ++c)
        visit(plane, (plane * out_h + y) * out_w + c, y * p.stride[0] - p.padding[0],
              c * p.stride[1] - p.padding[1]);
}

template <class T> void max_pool2d_of(const View &out, const View &indices, const View &x, const Pool2d &p) {
  Dense4<T> in(x), result(out, false);
  Dense4<std::int64_t> where(indices, false);
  const std::int64_t height = x.sizes[2], width = x.sizes[3];
  for_each_window(x, out, p, [&](std::int64_t plane, std::int64_t to, std::int64_t y0, std::int64_t x0) {
    const T *image = in.data + plane * height * width;
    T best = -std::numeric_limits<T>::infinity();
    std::int64_t place = -1;
    for (std::int64_t ky = 0; ky < p.kernel[0]; ++ky)
      for (std::int64_t kx = 0; kx < p.kernel[1]; ++kx) {
        const std::int64_t iy = y0 + ky * p.dilation[0], ix = x0 + kx * p.dilation[1];
        if (iy < 0 || ix < 0 || iy >= height || ix >= width)
          continue;
        T v = image[iy * width + ix];
        if (place < 0 || v > best || v != v) {
          best = v;
          place = iy * width + ix;
        }
      }
    result.data[to] = best;
    where.data[to] = place;
  });
  result.write_back();
  where.write_back();
}

template <class T> void max_pool2d_backward_of(const View &x_bar, const View &g, const View &indices) {
  Dense4<T> from(g), result(x_bar, false);
  Dense4<std::int64_t> where(indices);
  std::memset(result.data, 0, static_cast<std::size_t>(count(x_bar)) * sizeof(T));
  const std::int64_t planes = x_bar.sizes[0] * x_bar.sizes[1], size = x_bar.sizes[2] * x_bar.sizes[3];
  const std::int64_t places = g.sizes[2] * g.sizes[3];
  for (std::int64_t plane = 0; plane < planes; ++plane)
    for (std::int64_t i = 0; i < places; ++i)
      result.data[plane * size + where.data[plane * places + i]] += from.data[plane * places + i];
  result.write_back();
}

template <class T, bool Back> void avg_pool2d_of(const View &out, const View &x, const Pool2d &p) {
  Dense4<T> in(x, !Back), result(out, Back);
  if (Back)
    std::memset(in.data, 0, static_cast<std::size_t>(count(x)) * sizeof(T));
  const std::int64_t height = x.sizes[2], width = x.sizes[3];
  for_each_window(x, out, p, [&](std::int64_t plane, std::int64_t to, std::int64_t y0, std::int64_t x0) {
    T *image = in.data + plane * height * width;
    // as libtorch: the padded border counts, what a rounded-up window covers beyond it does not
    const std::int64_t y1 = std::min(y0 + p.kernel[0], height + p.padding[0]),
                       x1 = std::min(x0 + p.kernel[1], width + p.padding[1]);
    const T share = T(1) / static_cast<T>((y1 - y0) * (x1 - x0));
    T sum = 0;
    for (std::int64_t iy = std::max<std::int64_t>(y0, 0); iy < std::min(y1, height); ++iy)
      for (std::int64_t ix = std::max<std::int64_t>(x0, 0); ix < std::min(x1, width); ++ix) {
        if (Back)
          image[iy * width + ix] += result.data[to] * share;
        else
          sum += image[iy * width + ix];
      }
    if (!Back)
      result.data[to] = sum * share;
  });
  if (Back)
    in.write_back();
  else
    result.write_back();
}

} // namespace

void conv2d(const View &out, const View &x, const View &weight, const View &bias, const Conv2d &how) {
  dispatch_floating(x.dtype, [&](auto zero) { conv2d_of<decltype(zero)>(out, x, weight, bias, how); });
}
void conv2d_backward_input(const View &x_bar, const View &g, const View &weight, const Conv2d &how) {
  dispatch_floating(g.dtype,
                    [&](auto zero) { conv2d_backward_input_of<decltype(zero)>(x_bar, g, weight, how); });
}
void conv2d_backward_weight(const View &weight_bar, const View &g, const View &x, const Conv2d &how) {
  dispatch_floating(g.dtype,
                    [&](auto zero) { conv2d_backward_weight_of<decltype(zero)>(weight_bar, g, x, how); });
}
void max_pool2d(const View &out, const View &indices, const View &x, const Pool2d &how) {
  dispatch_floating(x.dtype, [&](auto zero) { max_pool2d_of<decltype(zero)>(out, indices, x, how); });
}
void max_pool2d_backward(const View &x_bar, const View &g, const View &indices) {
  dispatch_floating(g.dtype, [&](auto zero) { max_pool2d_backward_of<decltype(zero)>(x_bar, g, indices); });
}
void avg_pool2d(const View &out, const View &x, const Pool2d &how) {
  dispatch_floating(x.dtype, [&](auto zero) { avg_pool2d_of<decltype(zero), false>(out, x, how); });
}
void avg_pool2d_backward(const View &x_bar, const View &g, const Pool2d &how) {
  dispatch_floating(g.dtype, [&](auto zero) { avg_pool2d_of<decltype(zero), true>(g, x_bar, how); });
}

} // namespace nabla::kernels
