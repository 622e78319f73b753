// Elementwise functions: the shapes and strides around the inner loops of loops.h.
#include "loops.h"
#include "strides.h"

#include <cstdlib>
#include <cstring>
#include <limits>
#include <type_traits>

namespace nabla::kernels {

namespace {

const Loops &choose_loops() {
  const char *asked = std::getenv("NABLA_ISA");
  [[maybe_unused]] bool generic = asked && !std::strcmp(asked, "generic"),
                        avx2 = asked && !std::strcmp(asked, "avx2");
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!generic && !avx2 && loops_avx512() && __builtin_cpu_supports("avx512f") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma"))
    return *loops_avx512();
  if (!generic && loops_avx2() && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("bmi2"))
    return *loops_avx2();
#endif
  return *loops_generic();
}

constexpr std::int64_t block =
    512; // elements of a gathered block: with four operands well inside the first-level cache

/// Whether every operand can be handed to a loop run by run: contiguous or constant along the inner dimension, and long runs.
bool runs_are_direct(const Space &s, const Operand *o, int n) {
  const int inner = s.dims - 1;
  for (int k = 0; k < n; ++k)
    if (o[k].stride[inner] != 1 && (k == 0 || o[k].stride[inner] != 0))
      return false;
  return s.size[inner] >= 32;
}

void run_direct(Loop loop, const Space &s, const Operand *o, int n) {
  unsigned constant = 0;
  for (int k = 1; k < n; ++k)
    constant |= (o[k].stride[s.dims - 1] == 0 ? 1u : 0u) << (k - 1);
  for_each_run(s, o, n, [&](const std::int64_t *at, std::int64_t length) {
    const void *in[3];
    for (int k = 1; k < n; ++k)
      in[k - 1] = o[k].data + at[k] * o[k].bytes;
    loop(o[0].data + at[0] * o[0].bytes, in, constant, length);
  });
}

void run_gathered(Loop loop, const Space &s, const Operand *o, int n) {
  alignas(64) double buffers[4][block];
  Cursor cursors[4];
  unsigned constant = 0;
  for (int k = 0; k < n; ++k) {
    cursors[k] = Cursor(s, o[k]);
    if (k && o[k].kind == Operand::constant)
      constant |= 1u << (k - 1);
  }
  for (std::int64_t at = 0; at < s.total; at += block) {
    std::int64_t length = s.total - at < block ? s.total - at : block;
    const void *in[3];
    for (int k = 1; k < n; ++k) {
      in[k - 1] = o[k].data + (o[k].kind == Operand::linear ? at * o[k].bytes : 0);
      if (o[k].kind == Operand::strided) {
        cursors[k].gather(buffers[k], length);
        in[k - 1] = buffers[k];
      }
    }
    bool direct = o[0].kind == Operand::linear;
    loop(direct ? static_cast<void *>(o[0].data + at * o[0].bytes) : buffers[0], in, constant, length);
    if (!direct)
      cursors[0].scatter(buffers[0], length);
  }
}

/// loop over views[0] (the output) and its n - 1 inputs.
void elementwise(Loop loop, const View *const *views, int n) {
  const View &out = *views[0];
  bool plain = is_contiguous(out);
  unsigned constant = 0;
  const void *in[3];
  for (int k = 1; plain && k < n; ++k) {
    const View &v = *views[k];
    in[k - 1] = v.data;
    if (v.dims == 0) {
      constant |= 1u << (k - 1);
      continue;
    }
    plain = v.dims == out.dims && is_contiguous(v);
    for (int d = 0; plain && d < out.dims; ++d)
      plain = v.sizes[d] == out.sizes[d];
  }
  if (plain) {
    if (std::int64_t total = count(out))
      loop(out.data, in, constant, total);
    return;
  }
  Space s;
  Operand o[4];
  make_space(s, o, views, n, out.dims, out.sizes);
  if (s.total == 0)
    return;
  if (runs_are_direct(s, o, n))
    run_direct(loop, s, o, n);
  else
    run_gathered(loop, s, o, n);
}

} // namespace

const Loops &loops() {
  static const Loops &chosen = choose_loops();
  return chosen;
}

const ElementLoops &element_loops(ScalarType type) {
  if (type == ScalarType::Float)
    return loops().f32;
  if (type == ScalarType::Double)
    return loops().f64;
  return integer_loops(type);
}

void unary(Unary op, const View &out, const View &x) {
  const View *views[] = {&out, &x};
  elementwise(element_loops(x.dtype).unary[static_cast<int>(op)], views, 2);
}
void binary(Binary op, const View &out, const View &a, const View &b) {
  const View *views[] = {&out, &a, &b};
  elementwise(element_loops(a.dtype).binary[static_cast<int>(op)], views, 3);
}
void ternary(Ternary op, const View &out, const View &a, const View &b, const View &c) {
  const View *views[] = {&out, &a, &b, &c};
  elementwise(element_loops(a.dtype).ternary[static_cast<int>(op)], views, 4);
}

float unary(Unary op, float x) {
  const void *in[] = {&x};
  float y;
  loops().f32.unary[static_cast<int>(op)](&y, in, 0, 1);
  return y;
}
double unary(Unary op, double x) {
  const void *in[] = {&x};
  double y;
  loops().f64.unary[static_cast<int>(op)](&y, in, 0, 1);
  return y;
}
float binary(Binary op, float a, float b) {
  const void *in[] = {&a, &b};
  float y;
  loops().f32.binary[static_cast<int>(op)](&y, in, 2, 1);
  return y;
}
double binary(Binary op, double a, double b) {
  const void *in[] = {&a, &b};
  double y;
  loops().f64.binary[static_cast<int>(op)](&y, in, 2, 1);
  return y;
}

void add_scaled(const View &out, const View &a, const View &b, double alpha) {
  if (alpha == 1)
    return binary(Binary::Add, out, a, b);
  if (alpha == -1 && b.dtype != ScalarType::Bool)
    return binary(Binary::Sub, out, a, b);
  Constant factor(alpha, a.dtype);
  ternary(Ternary::MulAdd, out, b, factor, a);
}

namespace {

template <class T> void select_loop(void *out, const void *const *in, unsigned constant, std::int64_t n) {
  T *y = static_cast<T *>(out);
  const bool *c = static_cast<const bool *>(in[0]);
  const T *a = static_cast<const T *>(in[1]), *b = static_cast<const T *>(in[2]);
  if (constant == 0)
    for (std::int64_t i = 0; i < n; ++i)
      y[i] = c[i] ? a[i] : b[i];
  else {
    std::int64_t sc = constant & 1 ? 0 : 1, sa = constant & 2 ? 0 : 1, sb = constant & 4 ? 0 : 1;
    for (std::int64_t i = 0; i < n; ++i)
      y[i] = c[i * sc] ? a[i * sa] : b[i * sb];
  }
}

template <class To, class From> To convert(From x) {
  if constexpr (std::is_same_v<To, bool>)
    return x != 0;
  else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    // out of range is undefined in C++; saturate, as most processors' conversions nearly do
    constexpr From low = static_cast<From>(std::numeric_limits<To>::min()), high = -low;
    return x >= high  ? std::numeric_limits<To>::max()
           : x >= low ? static_cast<To>(x)
                      : std::numeric_limits<To>::min();
  } else
    return static_cast<To>(x);
}
template <class To, class From>
void cast_loop(void *out, const void *const *in, unsigned constant, std::int64_t n) {
  To *y = static_cast<To *>(out);
  const From *x = static_cast<const From *>(in[0]);
  if constexpr (std::is_same_v<To, From>) {
    if (!(constant & 1)) {
      std::memmove(y, x, static_cast<std::size_t>(n) * sizeof(To));
      return;
    }
  }
  if (constant & 1) {
    To v = convert<To>(*x);
    for (std::int64_t i = 0; i < n; ++i)
      y[i] = v;
  } else
    for (std::int64_t i = 0; i < n; ++i)
      y[i] = convert<To>(x[i]);
}

/// A transposed copy in tiles, so that both sides use whole cache lines. rows and columns are out's.
template <class T>
void transpose_copy(T *out, std::int64_t out_row, const T *x, std::int64_t x_column, std::int64_t rows,
                    std::int64_t columns) {
  constexpr std::int64_t tile = 32;
  for (std::int64_t i0 = 0; i0 < rows; i0 += tile)
    for (std::int64_t j0 = 0; j0 < columns; j0 += tile) {
      std::int64_t i1 = i0 + tile < rows ? i0 + tile : rows, j1 = j0 + tile < columns ? j0 + tile : columns;
      for (std::int64_t i = i0; i < i1; ++i)
        for (std::int64_t j = j0; j < j1; ++j)
          out[i * out_row + j] = x[i + j * x_column];
    }
}

/// Same type, and in the last two joined dimensions out runs along rows while x runs along columns.
bool copy_transposed(const Space &s, const Operand *o, ScalarType type) {
  const int inner = s.dims - 1;
  if (s.dims < 2 || o[0].stride[inner] != 1 || o[1].stride[inner - 1] != 1 || s.size[inner] < 8 ||
      s.size[inner - 1] < 8)
    return false;
  Space outer = s;
  outer.dims = s.dims - 1;
  outer.size[outer.dims - 1] = 1;
  for_each_run(outer, o, 2, [&](const std::int64_t *at, std::int64_t) {
    dispatch(type, [&](auto zero) {
      using T = decltype(zero);
      transpose_copy(reinterpret_cast<T *>(o[0].data) + at[0], o[0].stride[inner - 1],
                     reinterpret_cast<const T *>(o[1].data) + at[1], o[1].stride[inner], s.size[inner - 1],
                     s.size[inner]);
    });
  });
  return true;
}

} // namespace

void where(const View &out, const View &condition, const View &a, const View &b) {
  const View *views[] = {&out, &condition, &a, &b};
  elementwise(dispatch(out.dtype, [](auto zero) -> Loop { return select_loop<decltype(zero)>; }), views, 4);
}

void copy(const View &out, const View &x) {
  const View *views[] = {&out, &x};
  if (out.dtype == x.dtype && x.dims >= 2 && !is_contiguous(x)) {
    Space s;
    Operand o[2];
    make_space(s, o, views, 2, out.dims, out.sizes);
    if (s.total != 0 && copy_transposed(s, o, out.dtype))
      return;
  }
  Loop loop = dispatch(out.dtype, [&](auto to) {
    return dispatch(x.dtype, [](auto from) -> Loop { return cast_loop<decltype(to), decltype(from)>; });
  });
  elementwise(loop, views, 2);
}

void fill(const View &out, const View &value) { copy(out, value); }

void arange(const View &out, double start, double step) {
  dispatch(out.dtype, [&](auto zero) {
    using T = decltype(zero);
    for (std::int64_t i = 0; i < out.sizes[0]; ++i)
      static_cast<T *>(out.data)[i * out.strides[0]] = convert<T>(start + static_cast<double>(i) * step);
  });
}
void arange(const View &out, std::int64_t start, std::int64_t step) {
  dispatch(out.dtype, [&](auto zero) {
    using T = decltype(zero);
    for (std::int64_t i = 0; i < out.sizes[0]; ++i)
      static_cast<T *>(out.data)[i * out.strides[0]] =
          static_cast<T>(wrapping_add(start, wrapping_mul(i, step)));
  });
}

namespace {
/// Keeps the elements with low <= column - row <= high.
void keep_band(const View &out, const View &x, std::int64_t low, std::int64_t high) {
  dispatch(out.dtype, [&](auto zero) {
    using T = decltype(zero);
    std::int64_t at[max_dims] = {};
    const int dims = out.dims;
    for (std::int64_t i = 0, n = count(out); i < n; ++i) {
      std::int64_t to = 0, from = 0;
      for (int d = 0; d < dims; ++d) {
        to += at[d] * out.strides[d];
        from += at[d] * x.strides[d];
      }
      std::int64_t diagonal = at[dims - 1] - at[dims - 2];
      static_cast<T *>(out.data)[to] =
          diagonal >= low && diagonal <= high ? static_cast<const T *>(x.data)[from] : T(0);
      for (int d = dims - 1; d >= 0 && ++at[d] == out.sizes[d]; --d)
        at[d] = 0;
    }
  });
}
constexpr std::int64_t far = std::int64_t(1) << 62;
} // namespace

void tril(const View &out, const View &x, std::int64_t k) { keep_band(out, x, -far, k); }
void triu(const View &out, const View &x, std::int64_t k) { keep_band(out, x, k, far); }

} // namespace nabla::kernels
