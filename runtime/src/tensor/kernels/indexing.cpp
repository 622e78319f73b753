// Gathering and scattering by index tensors.
#include "loops.h"
#include "rows.h"

#include <type_traits>
#include <vector>

namespace nabla::kernels {

namespace {

template <class T> T *data(const View &v) { return static_cast<T *>(v.data); }

template <class T> void add_to(T &to, T value) { to = wrapping_add(to, value); }

/// Offsets of n views of one shape together, in row-major order: visit(offsets), which returns false to stop.
template <class Visit> void walk(const View *const *views, int n, Visit visit) {
  const View &shape = *views[0];
  std::int64_t at[max_dims] = {}, total = count(shape);
  std::vector<std::int64_t> offsets(static_cast<std::size_t>(n)),
      strides(static_cast<std::size_t>(n * max_dims));
  for (int k = 0; k < n; ++k)
    for (int d = 0; d < shape.dims; ++d) {
      int own = d - (shape.dims - views[k]->dims);
      strides[static_cast<std::size_t>(k * max_dims + d)] =
          own < 0 || views[k]->sizes[own] == 1 ? 0 : views[k]->strides[own];
    }
  for (std::int64_t i = 0; i < total; ++i) {
    if (!visit(static_cast<const std::int64_t *>(offsets.data())))
      return;
    for (int d = shape.dims - 1; d >= 0; --d) {
      for (int k = 0; k < n; ++k)
        offsets[static_cast<std::size_t>(k)] += strides[static_cast<std::size_t>(k * max_dims + d)];
      if (++at[d] < shape.sizes[d])
        break;
      for (int k = 0; k < n; ++k)
        offsets[static_cast<std::size_t>(k)] -=
            strides[static_cast<std::size_t>(k * max_dims + d)] * shape.sizes[d];
      at[d] = 0;
    }
  }
}

/// Like `walk` over index's shape, with the offset of the element that each index means in `whole` along dim.
template <class Visit>
BadIndex walk_along(const View &index, const View &whole, const View &partner, int dim, Visit visit) {
  // 0-dimensional tensors count as one line of one element
  static constexpr std::int64_t one = 1;
  auto padded = [](const View &v) { return v.dims == 0 ? View{v.data, v.dtype, 1, &one, &one} : v; };
  const View ix = padded(index), w = padded(whole), p = padded(partner);
  const std::int64_t limit = w.sizes[dim], step = w.strides[dim];
  std::int64_t at[max_dims] = {}, total = count(ix), at_index = 0, at_partner = 0, at_whole = 0;
  for (std::int64_t i = 0; i < total; ++i) {
    std::int64_t k = data<const std::int64_t>(ix)[at_index];
    if (k < 0 || k >= limit)
      return {0, k};
    visit(at_whole + k * step, at_partner);
    for (int d = ix.dims - 1; d >= 0; --d) {
      std::int64_t whole_step = d == dim ? 0 : w.strides[d];
      at_index += ix.strides[d];
      at_partner += p.strides[d];
      at_whole += whole_step;
      if (++at[d] < ix.sizes[d])
        break;
      at_index -= ix.strides[d] * ix.sizes[d];
      at_partner -= p.strides[d] * ix.sizes[d];
      at_whole -= whole_step * ix.sizes[d];
      at[d] = 0;
    }
  }
  return {};
}

/// Element `offset` of an advanced index, or the first index that is out of range.
BadIndex place(const Indexing &by, const std::int64_t *offsets, std::int64_t &offset) {
  for (int k = 0; k < by.count; ++k) {
    std::int64_t i = data<const std::int64_t>(by.indices[k])[offsets[k]], size = by.indexed_sizes[k];
    if (i < -size || i >= size)
      return {k, i};
    offset += (i < 0 ? i + size : i) * by.indexed_strides[k];
  }
  return {};
}

/// A view of one slice: dimension dim removed, at position k.
View slice(const View &v, int dim, std::int64_t k, std::int64_t *sizes, std::int64_t *strides) {
  int to = 0;
  for (int d = 0; d < v.dims; ++d)
    if (d != dim) {
      sizes[to] = v.sizes[d];
      strides[to++] = v.strides[d];
    }
  std::int64_t offset = k * stride_of(v, dim);
  return {static_cast<char *>(v.data) + offset * static_cast<std::int64_t>(element_size(v.dtype)), v.dtype,
          to, sizes, strides};
}

template <class Visit>
BadIndex for_each_slice(const View &whole, const View &part, int dim, const View &index, Visit visit) {
  std::int64_t n = index.dims ? index.sizes[0] : 1, step = index.dims ? index.strides[0] : 0,
               limit = length_of(whole, dim);
  for (std::int64_t i = 0; i < n; ++i) {
    std::int64_t k = data<const std::int64_t>(index)[i * step];
    if (k < 0 || k >= limit)
      return {0, k};
    std::int64_t sizes[2][max_dims], strides[2][max_dims];
    visit(slice(whole, dim, k, sizes[0], strides[0]), slice(part, dim, i, sizes[1], strides[1]));
  }
  return {};
}

} // namespace

BadIndex gather(const View &out, const View &x, int dim, const View &index) {
  return dispatch(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    return walk_along(index, x, out, dim,
                      [&](std::int64_t from, std::int64_t to) { data<T>(out)[to] = data<const T>(x)[from]; });
  });
}

BadIndex scatter(const View &out, int dim, const View &index, const View &src, bool add) {
  return dispatch(out.dtype, [&](auto zero) {
    using T = decltype(zero);
    return walk_along(index, out, src, dim, [&](std::int64_t to, std::int64_t from) {
      if (add)
        add_to(data<T>(out)[to], data<const T>(src)[from]);
      else
        data<T>(out)[to] = data<const T>(src)[from];
    });
  });
}

BadIndex index_select(const View &out, const View &x, int dim, const View &index) {
  return for_each_slice(x, out, dim, index, [](const View &from, const View &to) { copy(to, from); });
}

BadIndex index_add(const View &out, int dim, const View &index, const View &src, double alpha) {
  return for_each_slice(out, src, dim, index,
                        [&](const View &to, const View &from) { add_scaled(to, to, from, alpha); });
}

BadIndex index(const View &out, const View &source, const Indexing &by) {
  std::vector<const View *> views{&out, &source};
  for (int k = 0; k < by.count; ++k)
    views.push_back(&by.indices[k]);
  BadIndex bad;
  dispatch(out.dtype, [&](auto zero) {
    using T = decltype(zero);
    walk(views.data(), 2 + by.count, [&](const std::int64_t *offsets) {
      std::int64_t from = offsets[1];
      bad = place(by, offsets + 2, from);
      if (bad.ok())
        data<T>(out)[offsets[0]] = data<const T>(source)[from];
      return bad.ok();
    });
  });
  return bad;
}

BadIndex index_put(const View &target, const Indexing &by, const View &value, bool accumulate) {
  std::vector<const View *> views{&target, &value};
  for (int k = 0; k < by.count; ++k)
    views.push_back(&by.indices[k]);
  BadIndex bad;
  dispatch(target.dtype, [&](auto zero) {
    using T = decltype(zero);
    walk(views.data(), 2 + by.count, [&](const std::int64_t *offsets) {
      std::int64_t to = offsets[0];
      bad = place(by, offsets + 2, to);
      if (!bad.ok())
        return false;
      if (accumulate)
        add_to(data<T>(target)[to], data<const T>(value)[offsets[1]]);
      else
        data<T>(target)[to] = data<const T>(value)[offsets[1]];
      return true;
    });
  });
  return bad;
}

std::int64_t count_nonzero(const View &x) {
  std::int64_t n = 0;
  dispatch(x.dtype, [&](auto zero) {
    for_each_offset(x, [&](std::int64_t at) { n += data<const decltype(zero)>(x)[at] != 0; });
  });
  return n;
}

void nonzero(const View &out, const View &x) {
  std::int64_t at[max_dims] = {}, row = 0;
  dispatch(x.dtype, [&](auto zero) {
    for_each_offset(x, [&](std::int64_t offset) {
      if (data<const decltype(zero)>(x)[offset] != 0) {
        for (int d = 0; d < x.dims; ++d)
          data<std::int64_t>(out)[row * out.strides[0] + d * out.strides[1]] = at[d];
        ++row;
      }
      for (int d = x.dims - 1; d >= 0 && ++at[d] == x.sizes[d]; --d)
        at[d] = 0;
    });
  });
}

} // namespace nabla::kernels
