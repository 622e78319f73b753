// x[...] of Python: numbers and slices are views, masks and index tensors gather.
#include "elementwise.h"

namespace nabla {

using namespace detail;
using indexing::TensorIndex;

namespace {

/// Numbers, slices, None and Ellipsis applied; what is left are index tensors, one per dimension of x (undefined: whole dimension).
struct Resolved {
  Tensor x;
  std::vector<Tensor> indices;
  bool gathers = false;
};

std::int64_t dims_taken(ArrayRef<TensorIndex> indices) {
  std::int64_t n = 0;
  for (const TensorIndex &i : indices)
    switch (i.kind()) {
    case TensorIndex::Kind::Integer:
    case TensorIndex::Kind::Slice: ++n; break;
    case TensorIndex::Kind::Tensor: n += need(i.tensor())->dtype == ScalarType::Bool ? i.tensor().dim() : 1; break;
    default: break;
    }
  return n;
}

/// A mask becomes one index tensor per dimension.
void push_mask(Resolved &r, std::int64_t dim, const Tensor &mask) {
  for (std::int64_t i = 0; i < mask.dim(); ++i)
    if (mask.size(i) != r.x.size(dim + i))
      throw IndexError("The shape of the mask " + shape_text(mask.sizes()) + " at index " + std::to_string(i) +
                       " does not match the shape of the indexed tensor " + shape_text(r.x.sizes()) + " at index " + std::to_string(dim + i));
  const Tensor places = mask.nonzero();
  for (std::int64_t i = 0; i < mask.dim(); ++i) {
    r.indices.resize(static_cast<std::size_t>(dim + i) + 1);
    r.indices.back() = places.select(1, i);
  }
  r.gathers = true;
}

Resolved resolve(const Tensor &x, ArrayRef<TensorIndex> indices) {
  Resolved r{x, {}, false};
  const std::int64_t taken = dims_taken(indices), dims = x.dim();
  if (taken > dims)
    throw IndexError("too many indices for tensor of dimension " + std::to_string(dims));
  std::int64_t dim = 0;
  for (const TensorIndex &i : indices)
    switch (i.kind()) {
    case TensorIndex::Kind::Integer: r.x = r.x.select(dim, i.integer()); break;
    case TensorIndex::Kind::Slice:
      if (i.slice().start() || i.slice().end() || i.slice().step() != 1)
        r.x = r.x.slice(dim, i.slice().start(), i.slice().end(), i.slice().step());
      ++dim;
      break;
    case TensorIndex::Kind::Ellipsis: dim += dims - taken; break;
    case TensorIndex::Kind::None: r.x = r.x.unsqueeze(dim++); break;
    case TensorIndex::Kind::Boolean:
      r.x = r.x.unsqueeze(dim);
      push_mask(r, dim++, full({1}, i.integer() != 0, kBool));
      break;
    case TensorIndex::Kind::Tensor: {
      const Tensor &t = i.tensor();
      if (impl(t)->dtype == ScalarType::Bool) {
        if (t.dim() == 0) {
          r.x = r.x.unsqueeze(dim);
          push_mask(r, dim++, t.unsqueeze(0));
        } else {
          push_mask(r, dim, t);
          dim += t.dim();
        }
        break;
      }
      if (is_floating(impl(t)->dtype))
        throw IndexError("tensors used as indices must be long, byte or bool tensors");
      r.indices.resize(static_cast<std::size_t>(dim) + 1);
      r.indices.back() = cast(t.detach(), ScalarType::Long);
      r.gathers = true;
      ++dim;
      break;
    }
    }
  return r;
}

/// libtorch's restriding: the result's shape, and index tensors and source as views of that shape.
struct Gather {
  Dims sizes, source_strides; ///< of the result; stride 0 in the place of the index
  Dims indexed_sizes, indexed_strides;
  std::vector<Tensor> indices;
  std::vector<Dims> index_strides;

  Gather(const TensorImpl *x, const std::vector<Tensor> &given) {
    Dims index_shape;
    bool first = true;
    int begin = -1, end = -1;
    bool adjacent = true;
    for (int d = 0; d < static_cast<int>(given.size()); ++d) {
      if (!given[static_cast<std::size_t>(d)].defined())
        continue;
      const Tensor &t = given[static_cast<std::size_t>(d)];
      if (!first && !fits(index_shape, t.sizes()))
        throw IndexError("shape mismatch: indexing tensors could not be broadcast together with shapes " + shapes(given));
      index_shape = first ? sizes_of(t) : broadcast(index_shape, t.sizes());
      first = false;
      adjacent = adjacent && (begin < 0 || d == end);
      begin = begin < 0 ? d : begin;
      end = d + 1;
      indices.push_back(t);
      indexed_sizes.push(x->sizes[d]), indexed_strides.push(x->strides[d]);
    }
    const int at = adjacent ? begin : 0; // indices that are not adjacent move to the front
    for (int d = 0; d < x->dims; ++d) {
      if (static_cast<int>(sizes.count) == at && !placed)
        place(index_shape);
      if (d < static_cast<int>(given.size()) && given[static_cast<std::size_t>(d)].defined())
        continue;
      sizes.push(x->sizes[d]), source_strides.push(x->strides[d]);
    }
    if (!placed)
      place(index_shape);
    for (const Tensor &t : indices) {
      Dims strides;
      strides.count = sizes.count;
      for (int i = 0; i < sizes.count; ++i) {
        const int k = i - index_at - (index_shape.count - impl(t)->dims);
        const bool inside = i >= index_at && i < index_at + index_shape.count && k >= 0;
        strides[i] = inside && impl(t)->sizes[k] != 1 ? impl(t)->strides[k] : 0;
      }
      index_strides.push_back(strides);
    }
  }

  /// Runs f(indexing) with views of the indices, and turns a bad index into an error.
  template <class F> void run(F f) const {
    std::vector<kernels::View> views;
    for (std::size_t i = 0; i < indices.size(); ++i)
      views.push_back(detail::view(indices[i], sizes, index_strides[i]));
    const kernels::Indexing by{static_cast<int>(views.size()), views.data(), indexed_sizes.at, indexed_strides.at};
    const kernels::BadIndex bad = f(by);
    if (!bad.ok())
      throw IndexError("index " + std::to_string(bad.value) + " is out of bounds for dimension with size " +
                       std::to_string(indexed_sizes[bad.which]));
  }

private:
  bool placed = false;
  int index_at = 0;
  void place(const Dims &shape) {
    placed = true;
    index_at = sizes.count;
    for (int i = 0; i < shape.count; ++i)
      sizes.push(shape[i]), source_strides.push(0);
  }
  static bool fits(const Dims &a, IntArrayRef b) {
    for (int i = 1; i <= a.count && i <= static_cast<int>(b.size()); ++i) {
      const std::int64_t x = a[a.count - i], y = b[b.size() - static_cast<std::size_t>(i)];
      if (x != y && x != 1 && y != 1)
        return false;
    }
    return true;
  }
  static std::string shapes(const std::vector<Tensor> &given) {
    std::string text;
    for (const Tensor &t : given)
      if (t.defined())
        text += (text.empty() ? "" : ", ") + shape_text(t.sizes());
    return text;
  }
};

Tensor gather_at(const Tensor &x, const std::vector<Tensor> &indices);

struct Shape {
  Dims sizes;
};

std::vector<Tensor> saved_indices(Sweep &s, std::size_t n) {
  std::vector<Tensor> indices(n);
  for (std::size_t i = 0; i < n; ++i)
    indices[i] = s.saved(i);
  return indices;
}

std::size_t count_saved(const Sweep &s) { return static_cast<OpNode *>(s.node)->n_saved_; }

void save_indices(Recorder &rec, const std::vector<Tensor> &indices) {
  for (std::size_t i = 0; i < indices.size(); ++i)
    rec.save(i, indices[i]);
}

// primal: r = zeros; r[indices] += g    adjoint: g_bar += r_bar[indices]
void scatter_at_backward(Sweep &s) { s.give(0, gather_at(s.grad(), saved_indices(s, count_saved(s)))); }

/// Zeros of these sizes with g added at the indices.
Tensor scatter_at(const Tensor &g, const Dims &sizes, const std::vector<Tensor> &indices) {
  Tensor r = make(sizes, impl(g)->dtype);
  kernels::fill(detail::view(r), kernels::Constant(0, impl(g)->dtype));
  const Gather how(impl(r), indices);
  how.run([&](const kernels::Indexing &by) {
    return kernels::index_put(detail::view(r, how.sizes, how.source_strides), by, detail::view(g), true);
  });
  if (recording(g)) {
    Recorder rec("IndexPutBackward0", scatter_at_backward, {&g}, indices.size());
    save_indices(rec, indices);
    rec.finish(r);
  }
  return r;
}

// primal: r = x[indices]    adjoint: x_bar[indices] += r_bar
void gather_at_backward(Sweep &s) { s.give(0, scatter_at(s.grad(), s.attribute<Shape>().sizes, saved_indices(s, count_saved(s)))); }

Tensor gather_at(const Tensor &x, const std::vector<Tensor> &indices) {
  const Gather how(impl(x), indices);
  Tensor r = make(how.sizes, impl(x)->dtype);
  how.run([&](const kernels::Indexing &by) {
    return kernels::index(detail::view(r), detail::view(x, how.sizes, how.source_strides), by);
  });
  if (recording(x)) {
    const Shape shape{sizes_of(x)};
    Recorder rec("IndexBackward0", gather_at_backward, {&x}, indices.size(), &shape);
    save_indices(rec, indices);
    rec.finish(r);
  }
  return r;
}

/// g with zeros at the indices.
Tensor without(const Tensor &g, const std::vector<Tensor> &indices);

// primal: x[indices] = v    adjoint: v_bar += x_bar[indices], x_bar[indices] = 0
void put_backward(Sweep &s) {
  const std::vector<Tensor> indices = saved_indices(s, count_saved(s));
  if (s.wants(0))
    s.give(0, without(s.grad(), indices));
  if (s.wants(1))
    s.give(1, gather_at(s.grad(), indices));
}

/// A new tensor: x with v at the indices.
Tensor put(const Tensor &x, const std::vector<Tensor> &indices, const Tensor &v) {
  Tensor r = make_like(x);
  kernels::copy(detail::view(r), detail::view(x));
  const Gather how(impl(r), indices);
  const Tensor value = cast(v, impl(x)->dtype);
  if (!expandable(value.sizes(), how.sizes))
    throw ShapeError("shape mismatch: value tensor of shape " + shape_text(value.sizes()) +
                     " cannot be broadcast to indexing result of shape " + shape_text(how.sizes));
  how.run([&](const kernels::Indexing &by) {
    return kernels::index_put(detail::view(r, how.sizes, how.source_strides), by, detail::view(value), false);
  });
  if (is_floating(impl(x)->dtype) && recording(x, v)) {
    Recorder rec("IndexPutBackward0", put_backward, {&x, &v}, indices.size());
    save_indices(rec, indices);
    rec.finish(r);
  }
  return r;
}

Tensor without(const Tensor &g, const std::vector<Tensor> &indices) {
  return put(g, indices, zeros({}, impl(g)->dtype));
}

} // namespace

Tensor Tensor::index(ArrayRef<TensorIndex> indices) const {
  need(*this);
  const Resolved r = resolve(*this, indices);
  return r.gathers ? gather_at(r.x, r.indices) : r.x.is_same(*this) ? view(sizes()) : r.x;
}
Tensor Tensor::index(std::initializer_list<TensorIndex> indices) const {
  return index(ArrayRef<TensorIndex>(indices.begin(), indices.size()));
}

const Tensor &Tensor::index_put_(ArrayRef<TensorIndex> indices, const Tensor &value) const {
  need(*this), need(value);
  const Resolved r = resolve(*this, indices);
  if (!r.gathers) {
    r.x.copy_(value.dim() > r.x.dim() ? value.squeeze() : value); // leading ones of the value may go, as in Python
    return *this;
  }
  const bool recorded = recording(*this, value);
  check_inplace(r.x, recorded);
  assign(r.x, put(recorded ? snapshot(r.x) : r.x, r.indices, value));
  return *this;
}
const Tensor &Tensor::index_put_(std::initializer_list<TensorIndex> indices, const Tensor &value) const {
  return index_put_(ArrayRef<TensorIndex>(indices.begin(), indices.size()), value);
}
const Tensor &Tensor::index_put_(std::initializer_list<TensorIndex> indices, Scalar value) const {
  return index_put_(indices, make_number(value, need(*this)->dtype));
}

Tensor Tensor::operator[](const Tensor &index) const {
  if (index.dim() == 0 && index.scalar_type() != kBool)
    return select(0, index.item().to_long());
  return this->index({index});
}

// ---- Masks ----

Tensor Tensor::nonzero() const {
  const TensorImpl *const p = need(*this);
  Tensor r = make({kernels::count_nonzero(detail::view(*this)), p->dims}, ScalarType::Long);
  kernels::nonzero(detail::view(r), detail::view(*this));
  return r;
}

namespace {
void check_mask(const Tensor &mask, const char *what) {
  if (need(mask)->dtype != ScalarType::Bool)
    throw TypeError(std::string(what) + " expects a mask of type Bool, but found " + to_string(impl(mask)->dtype));
}
} // namespace

Tensor Tensor::masked_select(const Tensor &mask) const {
  check_mask(mask, "masked_select");
  const Dims both = broadcast(sizes(), mask.sizes());
  const Tensor m = mask.expand(both), x = expand(both);
  return both.count == 0 ? x.reshape({1}).index({m.reshape({1})}) : x.index({m});
}

Tensor Tensor::masked_fill(const Tensor &mask, Scalar value) const {
  check_mask(mask, "masked_fill");
  return nabla::where(mask, make_number(value, scalar_type()), *this);
}

const Tensor &Tensor::masked_fill_(const Tensor &mask, Scalar value) const {
  const bool recorded = recording(*this);
  check_inplace(*this, recorded);
  return assign(*this, masked_fill(mask, value));
}

} // namespace nabla
