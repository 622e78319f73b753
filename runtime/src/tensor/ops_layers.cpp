// Layers: linear, convolution, pooling, embedding, normalisation, dropout.
#include "node.h"
#include "ops_matmul.h"
#include "rules_impl.h"

#include <nabla/tensor/nn.h>

#include <algorithm>

namespace nabla {
namespace detail {
namespace {

// ---- Convolution: three bilinear maps, each of whose derivatives are the other two -----------------------------------------

struct Convolution {
  kernels::Conv2d how;
  Dims sizes; ///< of the tensor that the transposed map gives
};

Tensor convolution(const Tensor &x, const Tensor &weight, const Tensor &bias, const kernels::Conv2d &how);
Tensor convolution_to_input(const Tensor &g, const Tensor &weight, const Dims &x_sizes,
                            const kernels::Conv2d &how);
Tensor convolution_to_weight(const Tensor &g, const Tensor &x, const Dims &weight_sizes,
                             const kernels::Conv2d &how);

std::int64_t output_size(std::int64_t size, const kernels::Conv2d &how, int d, std::int64_t kernel) {
  return (size + 2 * how.padding[d] - how.dilation[d] * (kernel - 1) - 1) / how.stride[d] + 1;
}

// primal: r = x * w + b    adjoint: x_bar += r_bar *^T w, w_bar += r_bar *^T x, b_bar += sum r_bar
void convolution_backward(Sweep &s) {
  const Convolution &c = s.attribute<Convolution>();
  const Tensor x = s.saved(0), weight = s.saved(1);
  if (s.wants(0))
    s.give(0, convolution_to_input(s.grad(), weight, c.sizes, c.how));
  if (s.wants(1))
    s.give(1, convolution_to_weight(s.grad(), x, sizes_of(weight), c.how));
  if (s.wants(2))
    s.give(2, s.grad().sum({0, 2, 3}));
}
void to_input_backward(Sweep &s) {
  const Convolution &c = s.attribute<Convolution>();
  const Tensor g = s.saved(0), weight = s.saved(1);
  if (s.wants(0))
    s.give(0, convolution(s.grad(), weight, Tensor(), c.how));
  if (s.wants(1))
    s.give(1, convolution_to_weight(g, s.grad(), sizes_of(weight), c.how));
}
void to_weight_backward(Sweep &s) {
  const Convolution &c = s.attribute<Convolution>();
  const Tensor g = s.saved(0), x = s.saved(1);
  if (s.wants(0))
    s.give(0, convolution(x, s.grad(), Tensor(), c.how));
  if (s.wants(1))
    s.give(1, convolution_to_input(g, s.grad(), sizes_of(x), c.how));
}

void record_convolution(const char *name, BackwardFunction backward, const Tensor &a, const Tensor &b,
                        const Tensor &bias, const Convolution &c, const Tensor &r) {
  if (!recording(a, b, bias))
    return;
  Recorder rec(name, backward, {&a, &b, &bias}, 2, &c);
  rec.save(0, a);
  rec.save(1, b);
  rec.finish(r);
}

Tensor convolution(const Tensor &x, const Tensor &weight, const Tensor &bias, const kernels::Conv2d &how) {
  const std::int64_t sizes[4] = {x.size(0), weight.size(0), output_size(x.size(2), how, 0, weight.size(2)),
                                 output_size(x.size(3), how, 1, weight.size(3))};
  Tensor r = make(sizes, 4, x.scalar_type());
  kernels::conv2d(view(r), view(x), view(weight), bias.defined() ? view(bias) : kernels::View{}, how);
  record_convolution("ConvolutionBackward0", convolution_backward, x, weight, bias, {how, sizes_of(x)}, r);
  return r;
}
Tensor convolution_to_input(const Tensor &g, const Tensor &weight, const Dims &x_sizes,
                            const kernels::Conv2d &how) {
  Tensor r = make(x_sizes, g.scalar_type());
  kernels::conv2d_backward_input(view(r), view(g), view(weight), how);
  record_convolution("ConvolutionBackwardBackward0", to_input_backward, g, weight, Tensor(), {how, x_sizes},
                     r);
  return r;
}
Tensor convolution_to_weight(const Tensor &g, const Tensor &x, const Dims &weight_sizes,
                             const kernels::Conv2d &how) {
  Tensor r = make(weight_sizes, g.scalar_type());
  kernels::conv2d_backward_weight(view(r), view(g), view(x), how);
  record_convolution("ConvolutionBackwardBackward0", to_weight_backward, g, x, Tensor(), {how, weight_sizes},
                     r);
  return r;
}

/// One number for both directions, or two.
void pair(std::int64_t (&to)[2], IntArrayRef from, const char *what, std::int64_t least) {
  if (from.size() != 1 && from.size() != 2)
    throw ValueError(std::string(what) + " must be one number or two, but has " +
                     std::to_string(from.size()));
  to[0] = from[0];
  to[1] = from.back();
  if (to[0] < least || to[1] < least)
    throw ValueError(std::string(what) + " must be at least " + std::to_string(least) + ", but is " +
                     shape_text({to[0], to[1]}));
}

void need_convolution(const Tensor &x, const Tensor &weight, const Tensor &bias, const kernels::Conv2d &how) {
  if (x.scalar_type() != weight.scalar_type() || !is_floating(x.scalar_type()))
    throw TypeError(std::string("Input type (") + to_string(x.scalar_type()) + ") and weight type (" +
                    to_string(weight.scalar_type()) + ") should be the same floating type");
  if (bias.defined() && bias.scalar_type() != x.scalar_type())
    throw TypeError(std::string("Input type (") + to_string(x.scalar_type()) + ") and bias type (" +
                    to_string(bias.scalar_type()) + ") should be the same");
  if (how.groups <= 0 || weight.size(0) % how.groups != 0)
    throw ValueError("Given groups=" + std::to_string(how.groups) + ", expected weight to be at least " +
                     std::to_string(how.groups) +
                     " at dimension 0 and divisible by it, but got weight of size " +
                     shape_text(weight.sizes()) + " instead");
  if (x.size(1) != weight.size(1) * how.groups)
    throw ShapeError("Given groups=" + std::to_string(how.groups) + ", weight of size " +
                     shape_text(weight.sizes()) + ", expected input" + shape_text(x.sizes()) + " to have " +
                     std::to_string(weight.size(1) * how.groups) + " channels, but got " +
                     std::to_string(x.size(1)) + " channels instead");
  if (bias.defined() && (bias.dim() != 1 || bias.size(0) != weight.size(0)))
    throw ShapeError("Given weight of size " + shape_text(weight.sizes()) +
                     ", expected bias to be 1-dimensional with " + std::to_string(weight.size(0)) +
                     " elements, but got bias of size " + shape_text(bias.sizes()) + " instead");
  for (int d = 0; d < 2; ++d)
    if (weight.size(2 + d) < 1 ||
        x.size(2 + d) + 2 * how.padding[d] < how.dilation[d] * (weight.size(2 + d) - 1) + 1)
      throw ShapeError("Calculated padded input size per channel: (" +
                       std::to_string(x.size(2) + 2 * how.padding[0]) + " x " +
                       std::to_string(x.size(3) + 2 * how.padding[1]) + "). Kernel size: (" +
                       std::to_string(weight.size(2)) + " x " + std::to_string(weight.size(3)) +
                       "). Kernel size can't be greater than actual input size");
}

// ---- Pooling -----------------------------------------------------------------------------------------------------------

struct PoolShape {
  kernels::Pool2d how;
  std::int64_t sizes[4]; ///< of the input
};

// primal: r = x at indices    adjoint: x_bar at indices += r_bar
void max_pool2d_backward(Sweep &s) {
  const PoolShape &p = s.attribute<PoolShape>();
  const Tensor indices = s.saved(0);
  const Tensor &g = s.grad();
  const IntArrayRef sizes(p.sizes, 4);
  if (recording(g)) {
    const std::int64_t n = sizes[0], c = sizes[1];
    s.give(0, zeros({n, c, sizes[2] * sizes[3]}, g.scalar_type())
                  .scatter_add(2, indices.reshape({n, c, -1}), g.reshape({n, c, -1}))
                  .view(sizes));
    return;
  }
  Tensor r = make(sizes, g.scalar_type());
  kernels::max_pool2d_backward(view(r), view(g), view(indices));
  s.give(0, r);
}

Tensor average(const Tensor &x, const PoolShape &p);
Tensor average_transposed(const Tensor &g, const PoolShape &p);
void average_backward(Sweep &s) { s.give(0, average_transposed(s.grad(), s.attribute<PoolShape>())); }
void average_transposed_backward(Sweep &s) { s.give(0, average(s.grad(), s.attribute<PoolShape>())); }

std::int64_t pooled_size(const PoolShape &p, int d) {
  const kernels::Pool2d &h = p.how;
  return (p.sizes[2 + d] + 2 * h.padding[d] - h.dilation[d] * (h.kernel[d] - 1) - 1) / h.stride[d] + 1;
}
Tensor make_pooled(const PoolShape &p, ScalarType type) {
  const std::int64_t sizes[4] = {p.sizes[0], p.sizes[1], pooled_size(p, 0), pooled_size(p, 1)};
  return make(sizes, 4, type);
}
Tensor average(const Tensor &x, const PoolShape &p) {
  Tensor r = make_pooled(p, x.scalar_type());
  kernels::avg_pool2d(view(r), view(x), p.how);
  if (recording(x)) {
    Recorder rec("AvgPool2DBackward0", average_backward, {&x}, 0, &p);
    rec.finish(r);
  }
  return r;
}
Tensor average_transposed(const Tensor &g, const PoolShape &p) {
  Tensor r = make(p.sizes, 4, g.scalar_type());
  kernels::avg_pool2d_backward(view(r), view(g), p.how);
  if (recording(g)) {
    Recorder rec("AvgPool2DBackwardBackward0", average_transposed_backward, {&g}, 0, &p);
    rec.finish(r);
  }
  return r;
}

PoolShape pool_shape(const Tensor &x, IntArrayRef kernel, IntArrayRef stride, IntArrayRef padding,
                     IntArrayRef dilation, const char *name) {
  if (!is_floating(x.scalar_type()))
    throw TypeError(std::string("\"") + name + "\" not implemented for '" + to_string(x.scalar_type()) + "'");
  PoolShape p;
  pair(p.how.kernel, kernel, "kernel_size", 1);
  pair(p.how.stride, stride.empty() ? kernel : stride, "stride", 1);
  pair(p.how.padding, padding, "padding", 0);
  pair(p.how.dilation, dilation, "dilation", 1);
  for (int d = 0; d < 4; ++d)
    p.sizes[d] = x.size(d);
  for (int d = 0; d < 2; ++d) {
    if (p.how.padding[d] * 2 > p.how.kernel[d])
      throw ValueError(
          "pad should be at most half of kernel size, but got pad=" + std::to_string(p.how.padding[d]) +
          " and kernel_size=" + std::to_string(p.how.kernel[d]));
    if (x.size(2 + d) + 2 * p.how.padding[d] < p.how.dilation[d] * (p.how.kernel[d] - 1) + 1)
      throw ShapeError(std::string(name) + ": windows of " + shape_text({p.how.kernel[0], p.how.kernel[1]}) +
                       " do not fit into " + shape_text(x.sizes()));
  }
  return p;
}

/// Calls f with [n, c, h, w], and takes the batch off again where there was none.
template <class F> Tensor with_batch(const Tensor &x, const char *name, F f) {
  const int dims = need(x)->dims;
  if (dims != 3 && dims != 4)
    throw ShapeError(std::string("Expected 3D (unbatched) or 4D (batched) input to ") + name +
                     ", but got input of size: " + shape_text(x.sizes()));
  return dims == 4 ? f(x) : f(x.unsqueeze(0)).squeeze(0);
}

// ---- Linear: its own node, so that the gradient of the weight comes out in the weight's order ------------------------------

// primal: r = x w^T + b    adjoint: x_bar += r_bar w, w_bar += r_bar^T x, b_bar += sum of r_bar's rows
void linear_backward(Sweep &s) {
  if (s.wants(0))
    s.give(0, s.grad().mm(s.saved(1)));
  if (s.wants(1))
    s.give(1, s.grad().t().mm(s.saved(0)));
  if (s.wants(2))
    s.give(2, s.grad().sum(0));
}
/// x [n, in], weight [out, in], bias [out] or none.
Tensor linear_rows(const Tensor &x, const Tensor &weight, const Tensor &bias) {
  const std::int64_t sizes[2] = {x.size(0), weight.size(0)};
  Tensor r = make(sizes, 2, x.scalar_type());
  Dims turned_sizes, turned_strides;
  for (int d = 1; d >= 0; --d) {
    turned_sizes.push(impl(weight)->sizes[d]);
    turned_strides.push(impl(weight)->strides[d]);
  }
  if (bias.defined())
    kernels::copy(view(r), view(bias));
  kernels::gemm(view(r), view(x), view(weight, turned_sizes, turned_strides), 1, bias.defined() ? 1 : 0);
  if (recording(x, weight, bias)) {
    Recorder rec("LinearBackward0", linear_backward, {&x, &weight, &bias}, 2);
    if (rec.needs(1))
      rec.save(0, x);
    if (rec.needs(0))
      rec.save(1, weight);
    rec.finish(r);
  }
  return r;
}

// ---- Embedding and normalisation ---------------------------------------------------------------------------------------

struct Table {
  std::int64_t rows, columns, padding;
};
// primal: r = rows of w    adjoint: those rows of w_bar += r_bar
void embedding_backward(Sweep &s) {
  const Table &t = s.attribute<Table>();
  const Tensor indices = s.saved(0);
  Tensor g = s.grad().reshape({-1, t.columns});
  if (t.padding >= 0)
    g = g * indices.ne(t.padding).to(g.scalar_type()).unsqueeze(1);
  s.give(0, zeros({t.rows, t.columns}, g.scalar_type()).index_add(0, indices, g));
}

struct Normalised {
  double eps;
  int dims; ///< how many of the last
};
struct Moments {
  Tensor centred, scale; ///< x - mean, 1 / sqrt(var + eps)
  Dims over;
  Moments(const Tensor &x, const Normalised &n) {
    for (int d = 0; d < n.dims; ++d)
      over.push(-1 - d);
    centred = x - x.mean(over, true);
    scale = (centred.square().mean(over, true) + n.eps).rsqrt();
  }
};
// primal: r = h w + b, h = (x - mean) / sqrt(var + eps)
// adjoint: h_bar = r_bar w, x_bar += (h_bar - mean h_bar - h mean(h_bar h)) / sqrt(var + eps), w_bar += r_bar h, b_bar += r_bar
void layer_norm_backward(Sweep &s) {
  const Tensor weight = s.wants(0) || s.wants(1) ? s.saved(1) : Tensor();
  if (s.wants(2))
    s.give(2, s.grad());
  if (!s.wants(0) && !s.wants(1))
    return;
  const Moments m(s.saved(0), s.attribute<Normalised>());
  const Tensor h = m.centred * m.scale;
  if (s.wants(1))
    s.give(1, s.grad() * h);
  if (!s.wants(0))
    return;
  const Tensor g = weight.defined() ? s.grad() * weight : s.grad();
  s.give(0, (g - g.mean(m.over, true) - h * (g * h).mean(m.over, true)) * m.scale);
}

} // namespace
} // namespace detail

using namespace detail;

Tensor linear(const Tensor &x, const Tensor &weight, const Tensor &bias) {
  if (need(weight)->dims != 2)
    throw ShapeError("linear: weight must be a matrix, but has sizes " + shape_text(weight.sizes()));
  const std::int64_t in = weight.size(1), out = weight.size(0);
  if (need(x)->dims == 0 || x.size(-1) != in)
    throw ShapeError("mat1 and mat2 shapes cannot be multiplied (" +
                     (x.dim() ? std::to_string(in ? x.numel() / (x.size(-1) ? x.size(-1) : 1) : 0) + "x" +
                                    std::to_string(x.size(-1))
                              : std::string("a number")) +
                     " and " + std::to_string(in) + "x" + std::to_string(out) + ")");
  for (const Tensor *const t : {&weight, &bias})
    if (t->defined() && t->scalar_type() != x.scalar_type())
      throw TypeError(std::string("expected scalar type ") + to_string(x.scalar_type()) + " but found " +
                      to_string(t->scalar_type()));
  if (bias.defined() && (bias.dim() != 1 || bias.size(0) != out))
    throw ShapeError("linear: bias of sizes " + shape_text(bias.sizes()) + " does not fit weight of sizes " +
                     shape_text(weight.sizes()));
  if (x.scalar_type() == ScalarType::Bool)
    throw TypeError("\"addmm_impl_cpu_\" not implemented for 'Bool'");
  if (x.dim() == 2)
    return linear_rows(x, weight, bias);
  Dims sizes = sizes_of(x);
  sizes[sizes.count - 1] = out;
  return linear_rows(x.reshape({-1, in}), weight, bias).view(sizes);
}

Tensor baddbmm(const Tensor &c, const Tensor &a, const Tensor &b, Scalar beta, Scalar alpha) {
  const Tensor product = a.bmm(b);
  return c * beta + product * alpha;
}

namespace {

kernels::Conv2d conv2d_steps(IntArrayRef stride, IntArrayRef padding, IntArrayRef dilation,
                             std::int64_t groups) {
  kernels::Conv2d how;
  pair(how.stride, stride, "stride", 1);
  pair(how.padding, padding, "padding", 0);
  pair(how.dilation, dilation, "dilation", 1);
  how.groups = groups;
  return how;
}

} // namespace

/// The static rule (rules.h): the same three maps as convolution_backward.
void conv2d_pullback(const Tensor &x, const Tensor &weight, const Tensor &bias, IntArrayRef stride,
                     IntArrayRef padding, IntArrayRef dilation, std::int64_t groups, const Tensor &seed,
                     Tensor *x_bar, Tensor *weight_bar, Tensor *bias_bar) {
  if (!flows(seed, x_bar, weight_bar, bias_bar))
    return;
  const kernels::Conv2d how = conv2d_steps(stride, padding, dilation, groups);
  const Tensor batch = x.dim() == 4 ? x : x.unsqueeze(0), g = x.dim() == 4 ? seed : seed.unsqueeze(0);
  if (x_bar)
    give(x_bar, convolution_to_input(g, weight, sizes_of(batch), how).view(x.sizes()), x);
  if (weight_bar)
    give(weight_bar, convolution_to_weight(g, batch, sizes_of(weight), how), weight);
  if (bias_bar && bias.defined())
    give(bias_bar, g.sum({0, 2, 3}), bias);
}

Tensor conv2d(const Tensor &x, const Tensor &weight, const Tensor &bias, IntArrayRef stride,
              IntArrayRef padding, IntArrayRef dilation, std::int64_t groups) {
  if (need(weight)->dims != 4)
    throw ShapeError("conv2d: weight must have 4 dimensions, but has sizes " + shape_text(weight.sizes()));
  const kernels::Conv2d how = conv2d_steps(stride, padding, dilation, groups);
  return with_batch(x, "conv2d", [&](const Tensor &batch) {
    need_convolution(batch, weight, bias, how);
    return convolution(batch, weight, bias, how);
  });
}

Tensor conv1d(const Tensor &x, const Tensor &weight, const Tensor &bias, std::int64_t stride,
              std::int64_t padding, std::int64_t dilation, std::int64_t groups) {
  if (need(weight)->dims != 3 || (need(x)->dims != 2 && x.dim() != 3))
    throw ShapeError("conv1d: expected input of 2 or 3 and weight of 3 dimensions, but got " +
                     shape_text(x.sizes()) + " and " + shape_text(weight.sizes()));
  return conv2d(x.unsqueeze(-2), weight.unsqueeze(-2), bias, {1, stride}, {0, padding}, {1, dilation}, groups)
      .squeeze(-2);
}

Tensor max_pool2d(const Tensor &x, IntArrayRef kernel, IntArrayRef stride, IntArrayRef padding,
                  IntArrayRef dilation) {
  return with_batch(x, "max_pool2d", [&](const Tensor &batch) {
    const PoolShape p = pool_shape(batch, kernel, stride, padding, dilation, "max_pool2d");
    Tensor r = make_pooled(p, batch.scalar_type()), indices = make_like(r, ScalarType::Long);
    kernels::max_pool2d(view(r), view(indices), view(batch), p.how);
    if (recording(batch)) {
      Recorder rec("MaxPool2DWithIndicesBackward0", detail::max_pool2d_backward, {&batch}, 1, &p);
      rec.save(0, indices);
      rec.finish(r);
    }
    return r;
  });
}

Tensor avg_pool2d(const Tensor &x, IntArrayRef kernel, IntArrayRef stride, IntArrayRef padding) {
  return with_batch(x, "avg_pool2d", [&](const Tensor &batch) {
    return average(batch, pool_shape(batch, kernel, stride, padding, 1, "avg_pool2d"));
  });
}

Tensor embedding(const Tensor &weight, const Tensor &indices, std::int64_t padding_idx) {
  if (need(weight)->dims != 2)
    throw ShapeError("'weight' must be 2-D");
  const ScalarType type = need(indices)->dtype;
  if (type != ScalarType::Long && type != ScalarType::Int)
    throw TypeError(std::string("Expected tensor for argument #1 'indices' to have one of the following "
                                "scalar types: Long, Int; but got ") +
                    to_string(type) + " instead");
  const Tensor flat = cast(dense(indices), ScalarType::Long).reshape({-1});
  Dims sizes = sizes_of(indices);
  sizes.push(weight.size(1));
  Tensor r = make(sizes, weight.scalar_type());
  const Dims rows_sizes = [&] {
    Dims d;
    d.push(flat.numel()), d.push(weight.size(1));
    return d;
  }();
  const Dims rows_strides = contiguous_strides(rows_sizes);
  if (!kernels::index_select(view(r, rows_sizes, rows_strides), view(weight), 0, view(flat)).ok())
    throw IndexError("index out of range in self");
  if (recording(weight)) {
    const Table t{weight.size(0), weight.size(1), padding_idx};
    Recorder rec("EmbeddingBackward0", embedding_backward, {&weight}, 1, &t);
    rec.save(0, flat);
    rec.finish(r);
  }
  return r;
}

Tensor layer_norm(const Tensor &x, IntArrayRef normalized_shape, const Tensor &weight, const Tensor &bias,
                  double eps) {
  const std::size_t n = normalized_shape.size(), dims = static_cast<std::size_t>(need(x)->dims);
  if (n == 0 || n > dims || !same_sizes(IntArrayRef(x.sizes().data() + (dims - n), n), normalized_shape))
    throw ShapeError("Given normalized_shape=" + shape_text(normalized_shape) +
                     ", expected input with shape [*, " + shape_text(normalized_shape).substr(1) +
                     ", but got input of size" + shape_text(x.sizes()));
  if (!is_floating(x.scalar_type()))
    throw TypeError(std::string("\"LayerNormKernelImpl\" not implemented for '") +
                    to_string(x.scalar_type()) + "'");
  for (const Tensor *const t : {&weight, &bias})
    if (t->defined() && !same_sizes(t->sizes(), normalized_shape))
      throw ShapeError("Expected weight and bias to be of same shape as normalized_shape, but got " +
                       shape_text(t->sizes()) + " and normalized_shape=" + shape_text(normalized_shape));
  const Normalised how{eps, static_cast<int>(n)};
  Tensor r;
  {
    NoGradGuard no_history;
    const Moments m(x, how);
    r = m.centred * m.scale;
    if (weight.defined())
      r = r * weight;
    if (bias.defined())
      r = r + bias;
  }
  if (recording(x, weight, bias)) {
    Recorder rec("NativeLayerNormBackward0", layer_norm_backward, {&x, &weight, &bias}, 2, &how);
    rec.save(0, x);
    rec.save(1, weight);
    rec.finish(r);
  }
  return r;
}

Tensor dropout(const Tensor &x, double p, bool train) {
  if (!(p >= 0 && p <= 1))
    throw ValueError("dropout probability has to be between 0 and 1, but got " + std::to_string(p));
  if (!train || p == 0)
    return x;
  if (p == 1)
    return x * zeros_like(x.detach());
  return x * nabla::bernoulli(full_like(x.detach(), 1 - p)).div_(1 - p);
}

Tensor one_hot(const Tensor &indices, std::int64_t classes) {
  if (need(indices)->dtype != ScalarType::Long)
    throw TypeError("one_hot is only applicable to index tensor.");
  if (indices.numel() == 0 && classes <= 0)
    throw ValueError("Can not infer total number of classes from empty tensor.");
  if (indices.numel() && indices.min().item<std::int64_t>() < 0)
    throw ValueError("Class values must be non-negative.");
  const std::int64_t most = indices.numel() ? indices.max().item<std::int64_t>() : -1;
  if (classes < 0)
    classes = most + 1;
  if (most >= classes)
    throw ValueError("Class values must be smaller than num_classes.");
  Dims sizes = sizes_of(indices);
  sizes.push(classes);
  return zeros(sizes, kLong).scatter(-1, indices.unsqueeze(-1), ones_like(indices.unsqueeze(-1)));
}

} // namespace nabla
