// Matrix products.
//
// Large ones of float and double go to OpenBLAS, which takes both orders of storage, so a transposed view costs nothing. Those of
// layers, one side of which is a batch, are read where they lie. Small ones, and all when there is no OpenBLAS, go through the
// tiles of loops.h after packing, as in Goto and van de Geijn (2008).
#include "blas.h"
#include "loops.h"
#include "strides.h"

#include <algorithm>
#include <limits>
#include <type_traits>
#include <vector>

namespace nabla::kernels {

namespace {

/// A matrix: element (i, j) at data[i * row + j * column].
template <class T> struct Matrix {
  T *data;
  std::int64_t rows, columns, row, column;
  Matrix transposed() const { return {data, columns, rows, column, row}; }
  T &operator()(std::int64_t i, std::int64_t j) const { return data[i * row + j * column]; }
};

template <class T> Matrix<T> matrix(const View &v, std::int64_t offset = 0) {
  const int d = v.dims;
  return {static_cast<T *>(v.data) + offset, v.sizes[d - 2], v.sizes[d - 1], v.strides[d - 2],
          v.strides[d - 1]};
}

template <class T> void scale(Matrix<T> c, T beta) {
  if (beta == T(1))
    return;
  for (std::int64_t i = 0; i < c.rows; ++i)
    for (std::int64_t j = 0; j < c.columns; ++j)
      c(i, j) = beta == T(0) ? T(0) : wrapping_mul(beta, c(i, j));
}

template <class T> void plain_gemm(Matrix<T> c, Matrix<const T> a, Matrix<const T> b, T alpha, T beta) {
  using Sum = std::conditional_t<std::is_floating_point_v<T>, T, std::int64_t>;
  for (std::int64_t i = 0; i < c.rows; ++i)
    for (std::int64_t j = 0; j < c.columns; ++j) {
      Sum sum = 0;
      for (std::int64_t p = 0; p < a.columns; ++p)
        sum = wrapping_add(sum, wrapping_mul(static_cast<Sum>(a(i, p)), static_cast<Sum>(b(p, j))));
      T &to = c(i, j);
      const Sum scaled = wrapping_mul(static_cast<Sum>(alpha), sum);
      to = static_cast<T>(
          beta == T(0) ? scaled
                       : wrapping_add(scaled, wrapping_mul(static_cast<Sum>(beta), static_cast<Sum>(to))));
    }
}

// ---- Packed tiles ------------------------------------------------------------------------------------------------------

template <class T> const GemmTile<T> &tile();
template <> const GemmTile<float> &tile<float>() { return loops().gemm_f32; }
template <> const GemmTile<double> &tile<double>() { return loops().gemm_f64; }
template <class T> const DotTile<T> &dot_tile();
template <> const DotTile<float> &dot_tile<float>() { return loops().dot_f32; }
template <> const DotTile<double> &dot_tile<double>() { return loops().dot_f64; }

/// Packs m[first .. first + n)[k0 .. k0 + k) into panels of `width` rows, k-major inside a panel, padded with zeros.
template <class T>
void pack(T *to, Matrix<const T> m, std::int64_t first, std::int64_t n, std::int64_t k0, std::int64_t k,
          int width) {
  for (std::int64_t i0 = 0; i0 < n; i0 += width) {
    const std::int64_t w = std::min<std::int64_t>(width, n - i0);
    const T *from = &m(first + i0, k0);
    if (m.row == 1)
      for (std::int64_t p = 0; p < k; ++p) {
        for (std::int64_t i = 0; i < w; ++i)
          to[p * width + i] = from[p * m.column + i];
        for (std::int64_t i = w; i < width; ++i)
          to[p * width + i] = T(0);
      }
    else
      for (std::int64_t i = 0; i < width; ++i)
        for (std::int64_t p = 0; p < k; ++p)
          to[p * width + i] = i < w ? from[i * m.row + p * m.column] : T(0);
    to += width * k;
  }
}

template <class T> void packed_gemm(Matrix<T> c, Matrix<const T> a, Matrix<const T> b, T alpha, T beta) {
  if (c.column != 1 && c.columns != 1)
    return packed_gemm<T>(c.transposed(), b.transposed(), a.transposed(), alpha, beta);
  const GemmTile<T> &t = tile<T>();
  const std::int64_t kc = 256, mc = 8 * t.mr, nc = 16 * t.nr;
  if (beta != T(0))
    scale(c, beta);
  static thread_local std::vector<T> packed_a, packed_b;
  packed_a.resize(static_cast<std::size_t>(kc * mc));
  packed_b.resize(static_cast<std::size_t>(kc * nc));
  for (std::int64_t j0 = 0; j0 < c.columns; j0 += nc) {
    const std::int64_t n = std::min(nc, c.columns - j0);
    for (std::int64_t k0 = 0; k0 < a.columns; k0 += kc) {
      const std::int64_t k = std::min(kc, a.columns - k0);
      pack<T>(packed_b.data(), b.transposed(), j0, n, k0, k, t.nr);
      for (std::int64_t i0 = 0; i0 < c.rows; i0 += mc) {
        const std::int64_t m = std::min(mc, c.rows - i0);
        pack<T>(packed_a.data(), a, i0, m, k0, k, t.mr);
        for (std::int64_t j = 0; j < n; j += t.nr)
          for (std::int64_t i = 0; i < m; i += t.mr)
            t.run(k, packed_a.data() + i * k, t.mr, packed_b.data() + j * k, t.nr,
                  {&c(i0 + i, j0 + j), c.row, alpha, beta != T(0) || k0 > 0,
                   static_cast<int>(std::min<std::int64_t>(t.mr, m - i)),
                   static_cast<int>(std::min<std::int64_t>(t.nr, n - j))});
      }
    }
  }
}

// ---- Without packing: shapes of layers, where one side is a batch -------------------------------------------------------
// A tile that would reach over the edge is moved back, so that some elements are computed twice, to the same values.

/// c = alpha a b over few k, where a lies by columns and b by rows: the gradient of a weight.
template <class T> bool sum_of_outer(Matrix<T> c, Matrix<const T> a, Matrix<const T> b, T alpha, T beta) {
  const GemmTile<T> &t = tile<T>();
  constexpr std::int64_t most_k = 80, least_size = 8192;
  if (c.rows * c.columns < least_size)
    return false;
  if (beta != T(0) || a.row != 1 || b.column != 1 || c.column != 1 || a.columns > most_k || c.rows < t.mr ||
      c.columns < t.nr)
    return false;
  for (std::int64_t j = 0; j < c.columns; j += t.nr) {
    const std::int64_t jj = std::min(j, c.columns - t.nr);
    for (std::int64_t i = 0; i < c.rows; i += t.mr) {
      const std::int64_t ii = std::min(i, c.rows - t.mr);
      t.run(a.columns, &a(ii, 0), a.column, &b(0, jj), b.row, {&c(ii, jj), c.row, alpha, false, t.mr, t.nr});
    }
  }
  return true;
}

/// c = a b + beta c over many k, where a lies by rows and b by columns: a layer forward. The batch is read again and again.
template <class T> bool product_of_rows(Matrix<T> c, Matrix<const T> a, Matrix<const T> b, T alpha, T beta) {
  if (c.rows > c.columns)
    return product_of_rows<T>(c.transposed(), b.transposed(), a.transposed(), alpha, beta);
  const DotTile<T> &t = dot_tile<T>();
  constexpr std::int64_t least_k = 128, most_rows = 96,
                         most_batch = std::int64_t{1} << 18; // bytes, in the second-level cache
  const std::int64_t k = a.columns;
  if (alpha != T(1) || (beta != T(0) && beta != T(1)) || a.column != 1 || b.row != 1 || k < least_k ||
      c.rows > most_rows || c.rows < t.rows || c.columns < t.columns ||
      c.rows * k * static_cast<std::int64_t>(sizeof(T)) > most_batch)
    return false;
  for (std::int64_t j = 0; j < c.columns; j += t.columns) {
    const std::int64_t jj = std::min(j, c.columns - t.columns);
    for (std::int64_t i = 0; i < c.rows; i += t.rows) {
      const std::int64_t ii = std::min(i, c.rows - t.rows);
      if (beta == T(0) || (ii == i && jj == j)) {
        t.run(k, &a(ii, 0), a.row, &b(0, jj), b.column, {&c(ii, jj), c.row, c.column, beta != T(0)});
        continue;
      }
      T sums[64]; // what was added before must not be again
      t.run(k, &a(ii, 0), a.row, &b(0, jj), b.column, {sums, t.columns, 1, false});
      for (std::int64_t x = i; x < ii + t.rows; ++x)
        for (std::int64_t y = j; y < jj + t.columns; ++y)
          c(x, y) += sums[(x - ii) * t.columns + y - jj];
    }
  }
  return true;
}

template <class T> bool unpacked_gemm(Matrix<T> c, Matrix<const T> a, Matrix<const T> b, T alpha, T beta) {
  if (c.column != 1)
    return c.row == 1 && unpacked_gemm<T>(c.transposed(), b.transposed(), a.transposed(), alpha, beta);
  return sum_of_outer<T>(c, a, b, alpha, beta) || product_of_rows<T>(c, a, b, alpha, beta);
}

// ---- OpenBLAS ----------------------------------------------------------------------------------------------------------

/// How a matrix looks to BLAS in row-major order: transposed or not, and the leading dimension; no when neither fits.
template <class T> bool layout(const Matrix<T> &m, bool &transposed, int &leading) {
  auto fits = [&](std::int64_t inner, std::int64_t outer, std::int64_t n_inner, std::int64_t n_outer) {
    if (n_inner > 1 && inner != 1)
      return false;
    std::int64_t lead = n_outer > 1 ? outer : std::max<std::int64_t>(n_inner, 1);
    if (lead < std::max<std::int64_t>(n_inner, 1) || lead > std::numeric_limits<int>::max())
      return false;
    leading = static_cast<int>(lead);
    return true;
  };
  transposed = false;
  if (fits(m.column, m.row, m.columns, m.rows))
    return true;
  transposed = true;
  return fits(m.row, m.column, m.rows, m.columns);
}

/// A matrix that BLAS can read: the same, or a copy.
template <class T>
Matrix<const T> readable(Matrix<const T> m, std::vector<T> &copy, bool &transposed, int &leading) {
  if (layout(m, transposed, leading))
    return m;
  copy.resize(static_cast<std::size_t>(m.rows * m.columns));
  for (std::int64_t i = 0; i < m.rows; ++i)
    for (std::int64_t j = 0; j < m.columns; ++j)
      copy[static_cast<std::size_t>(i * m.columns + j)] = m(i, j);
  Matrix<const T> r{copy.data(), m.rows, m.columns, m.columns, 1};
  layout(r, transposed, leading);
  return r;
}

template <class T> bool blas_gemm(Matrix<T> c, Matrix<const T> a, Matrix<const T> b, T alpha, T beta) {
  constexpr int row_major = 101, plain = 111, transpose = 112;
  constexpr std::int64_t most = std::numeric_limits<int>::max();
  if (c.rows > most || c.columns > most || a.columns > most)
    return false;
  bool transposed_a, transposed_b, transposed_c;
  int lda, ldb, ldc;
  if (!layout(c, transposed_c, ldc))
    return false;
  if (transposed_c)
    return blas_gemm<T>(c.transposed(), b.transposed(), a.transposed(), alpha, beta);
  std::vector<T> copy_a, copy_b;
  Matrix<const T> ra = readable(a, copy_a, transposed_a, lda), rb = readable(b, copy_b, transposed_b, ldb);
  const int ta = transposed_a ? transpose : plain, tb = transposed_b ? transpose : plain;
  const int m = static_cast<int>(c.rows), n = static_cast<int>(c.columns), k = static_cast<int>(a.columns);
  if constexpr (std::is_same_v<T, float>) {
    if (!blas().sgemm)
      return false;
    blas().sgemm(row_major, ta, tb, m, n, k, alpha, ra.data, lda, rb.data, ldb, beta, c.data, ldc);
  } else {
    if (!blas().dgemm)
      return false;
    blas().dgemm(row_major, ta, tb, m, n, k, alpha, ra.data, lda, rb.data, ldb, beta, c.data, ldc);
  }
  return true;
}

/// Below this many multiplications OpenBLAS's own overhead, and loading it, cost more than it saves.
constexpr std::int64_t worth_blas = 40 * 40 * 40;
constexpr std::int64_t worth_packing = 256;
/// From here on several threads of OpenBLAS beat one of ours.
constexpr std::int64_t worth_sharing = std::int64_t{1} << 21;

template <class T>
void gemv_of(const T *a, std::int64_t m, std::int64_t n, std::int64_t row, std::int64_t column, const T *v,
             std::int64_t xs, T *to, std::int64_t ys, T alpha, T beta);

/// c = alpha a b + beta c for one column a and one row b, by rows.
template <class T> void rank_one(Matrix<T> c, Matrix<const T> a, Matrix<const T> b, T alpha, T beta) {
  if (c.column != 1)
    return rank_one<T>(c.transposed(), b.transposed(), a.transposed(), alpha, beta);
  for (std::int64_t i = 0; i < c.rows; ++i) {
    const T factor = alpha * a(i, 0);
    T *to = &c(i, 0);
    const T *from = b.data;
    if (beta == T(0) && b.column == 1) {
      const void *in[2] = {from, &factor};
      element_loops(sizeof(T) == 4 ? ScalarType::Float : ScalarType::Double)
          .binary[static_cast<int>(Binary::Mul)](to, in, 2, c.columns);
    } else
      for (std::int64_t j = 0; j < c.columns; ++j)
        to[j] = factor * from[j * b.column] + (beta == T(0) ? T(0) : beta * to[j]);
  }
}

template <class T> void gemm_of(Matrix<T> c, Matrix<const T> a, Matrix<const T> b, T alpha, T beta) {
  if (c.rows == 0 || c.columns == 0)
    return;
  if (a.columns == 0)
    return scale(c, beta);
  if constexpr (std::is_floating_point_v<T>) {
    if (a.columns == 1 && (c.column == 1 || c.row == 1))
      return rank_one<T>(c, a, b, alpha, beta);
    if (c.rows == 1)
      return gemv_of<T>(b.data, b.columns, b.rows, b.column, b.row, a.data, a.column, c.data, c.column, alpha,
                        beta);
    if (c.columns == 1)
      return gemv_of<T>(a.data, a.rows, a.columns, a.row, a.column, b.data, b.row, c.data, c.row, alpha,
                        beta);
    const double work =
        static_cast<double>(c.rows) * static_cast<double>(c.columns) * static_cast<double>(a.columns);
    const bool is_shared = work >= static_cast<double>(worth_sharing) && num_threads() > 1 && blas().sgemm;
    if (work >= static_cast<double>(worth_packing) && !is_shared && unpacked_gemm<T>(c, a, b, alpha, beta))
      return;
    if (work >= static_cast<double>(worth_blas) && blas_gemm<T>(c, a, b, alpha, beta))
      return;
    if (work >= static_cast<double>(worth_packing) && (c.row == 1 || c.column == 1))
      return packed_gemm<T>(c, a, b, alpha, beta);
  }
  plain_gemm<T>(c, a, b, alpha, beta);
}

template <class T>
void gemv_of(const T *from, std::int64_t m, std::int64_t n, std::int64_t row, std::int64_t column, const T *v,
             std::int64_t xs, T *to, std::int64_t ys, T alpha, T beta) {
  if constexpr (std::is_floating_point_v<T>) {
    if (column == 1 && (xs == 1 || n == 1)) {
      for (std::int64_t i = 0; i < m; ++i) {
        T sum = reduce_loops<T>().dot(from + i * row, v, n);
        to[i * ys] = beta == 0 ? alpha * sum : alpha * sum + beta * to[i * ys];
      }
      return;
    }
    if (row == 1 && (ys == 1 || m == 1)) {
      for (std::int64_t i = 0; i < m; ++i)
        to[i] = beta == 0 ? T(0) : beta * to[i];
      for (std::int64_t j = 0; j < n; ++j)
        reduce_loops<T>().axpy(to, from + j * column, alpha * v[j * xs], m);
      return;
    }
  }
  Matrix<T> c{to, m, 1, ys, 1};
  plain_gemm<T>(c, {from, m, n, row, column}, {v, n, 1, xs, 1}, alpha, beta);
}

template <class T> void add_outer_of(Matrix<T> y, const T *a, std::int64_t a_step, const T *b, T alpha) {
  for (std::int64_t i = 0; i < y.rows; ++i)
    reduce_loops<T>().axpy_of_product(&y(i, 0), b, a[i * a_step], alpha, y.columns);
}

} // namespace

void gemm(const View &c, const View &a, const View &b, double alpha, double beta) {
  dispatch(c.dtype, [&](auto zero) {
    using T = decltype(zero);
    gemm_of<T>(matrix<T>(c), matrix<const T>(a), matrix<const T>(b), static_cast<T>(alpha),
               static_cast<T>(beta));
  });
}

void batched_gemm(const View &c, const View &a, const View &b, double alpha, double beta) {
  const int batch = c.dims - 2;
  std::int64_t at[max_dims] = {}, total = 1, oc = 0, oa = 0, ob = 0;
  for (int d = 0; d < batch; ++d)
    total *= c.sizes[d];
  dispatch(c.dtype, [&](auto zero) {
    using T = decltype(zero);
    for (std::int64_t i = 0; i < total; ++i) {
      gemm_of<T>(matrix<T>(c, oc), matrix<const T>(a, oa), matrix<const T>(b, ob), static_cast<T>(alpha),
                 static_cast<T>(beta));
      for (int d = batch - 1; d >= 0; --d) {
        oc += c.strides[d], oa += a.strides[d], ob += b.strides[d];
        if (++at[d] < c.sizes[d])
          break;
        oc -= c.strides[d] * c.sizes[d], oa -= a.strides[d] * c.sizes[d], ob -= b.strides[d] * c.sizes[d];
        at[d] = 0;
      }
    }
  });
}

void gemv(const View &y, const View &a, const View &x, double alpha, double beta) {
  dispatch(y.dtype, [&](auto zero) {
    using T = decltype(zero);
    gemv_of<T>(static_cast<const T *>(a.data), a.sizes[0], a.sizes[1], a.strides[0], a.strides[1],
               static_cast<const T *>(x.data), x.strides[0], static_cast<T *>(y.data), y.strides[0],
               static_cast<T>(alpha), static_cast<T>(beta));
  });
}

void dot(const View &out, const View &x, const View &y) {
  dispatch(out.dtype, [&](auto zero) {
    using T = decltype(zero);
    const T *a = static_cast<const T *>(x.data), *b = static_cast<const T *>(y.data);
    const std::int64_t n = x.sizes[0], sa = x.strides[0], sb = y.strides[0];
    if constexpr (std::is_floating_point_v<T>) {
      if ((sa == 1 && sb == 1) || n == 1) {
        *static_cast<T *>(out.data) = reduce_loops<T>().dot(a, b, n);
        return;
      }
    }
    std::conditional_t<std::is_floating_point_v<T>, double, std::int64_t> sum = 0;
    for (std::int64_t i = 0; i < n; ++i)
      sum = wrapping_add(
          sum, wrapping_mul(static_cast<decltype(sum)>(a[i * sa]), static_cast<decltype(sum)>(b[i * sb])));
    *static_cast<T *>(out.data) = static_cast<T>(sum);
  });
}

bool add_outer(const View &y, const View &a, const View &b, double alpha) {
  if (y.strides[1] != 1 || b.strides[1] != 1)
    return false;
  if (y.dtype == ScalarType::Float)
    add_outer_of<float>(matrix<float>(y), static_cast<const float *>(a.data), a.strides[0],
                        static_cast<const float *>(b.data), static_cast<float>(alpha));
  else
    add_outer_of<double>(matrix<double>(y), static_cast<const double *>(a.data), a.strides[0],
                         static_cast<const double *>(b.data), alpha);
  return true;
}

void outer(const View &c, const View &a, const View &b) {
  const std::int64_t sizes[2] = {a.sizes[0], 1}, strides[2] = {a.strides[0], 0};
  View column{a.data, a.dtype, 2, sizes, strides};
  binary(Binary::Mul, c, column, b);
}

} // namespace nabla::kernels
