// Sparse Jacobians and Hessians. Their pattern is found by sweeps which carry bits instead of tangents, their columns are
// coloured so that no two of a colour share a row, and each colour is one direction of a sweep with many.
//
//   nabla::csr J = nabla::sparse_jacobian<f>(nabla::extents{n, m}, x, n, y);     // finds the pattern
//   nabla::sparse_jacobian<f>(nabla::extents{n, m}, x, n, y, J);                 // again, elsewhere: the values alone
//   nabla::csr H = nabla::sparse_hessian<g>(nabla::extents{n}, x, n);
//
// One more direction, with random entries, is compared with the matrix: where a branch or a subscript has led to other
// entries since, the pattern is found again.
#pragma once
#include "colouring.h"
#include "jacobian.h"
#include <algorithm>
#include <vector>

namespace nabla {

/// A sparse matrix by rows: the entries of row i are at rows[i] ... rows[i + 1] - 1, their columns ascending.
struct csr {
  std::vector<int> rows, cols;
  std::vector<double> values;
  int width = 0;            ///< columns of the matrix
  std::vector<int> colours; ///< of each column; for the next evaluation
  int colour_count = 0;
  int sweeps = 0, patterns = 0; ///< sweeps of the last evaluation; how often the pattern was found

  int height() const { return rows.empty() ? 0 : int(rows.size()) - 1; }
};

#ifdef EIGEN_SPARSECORE_MODULE_H
/// The matrix as Eigen sees it, without a copy.
inline Eigen::Map<const Eigen::SparseMatrix<double, Eigen::RowMajor>> eigen(const csr &m) {
  return {m.height(), m.width, Eigen::Index(m.values.size()), m.rows.data(), m.cols.data(), m.values.data()};
}
#endif

namespace detail {

/// A number between 1 and 2 that looks random, the same for each column at each time.
inline double random_entry(std::size_t column) {
  unsigned long long h = (column + 1) * 0x9E3779B97F4A7C15ULL;
  h = (h ^ (h >> 31)) * 0xBF58476D1CE4E5B9ULL;
  return 1 + static_cast<double>(h >> 12) / 4503599627370496.0;
}

/// Columns of each row, one sweep for 64 * Words groups of columns. Sweep: sweep(group of column j or -1, take(row, bits)).
///
/// Note [Two levels]: first neighbouring columns share a bit. Groups which meet in no row are coloured alike, and a second
/// round tells the columns apart: a bit stands for the k-th column in all groups of one colour.
template <int Words, class Sweep> class pattern_finder {
  static constexpr int capacity = 64 * Words;

public:
  pattern_finder(int rows, int columns, Sweep &sweep)
      : height_(rows), columns_(columns), group_((columns + capacity - 1) / capacity), sweep_(sweep) {}

  void find(csr &out) {
    std::vector<std::vector<int>> found(height_);
    sweep_([&](std::size_t j) { return int(j) / group_; },
           [&](std::size_t row, const bits<Words> &b) { each_bit(b, [&](int k) { found[row].push_back(k); }); });
    compress(found, (columns_ + group_ - 1) / group_, out);
    if (group_ > 1)
      tell_apart(out);
    ++out.patterns;
  }

private:
  template <class Fn> static void each_bit(const bits<Words> &b, const Fn &fn) {
    for (int w = 0; w < Words; ++w)
      for (unsigned long long rest = b.word[w]; rest; rest &= rest - 1)
        fn(64 * w + __builtin_ctzll(rest));
  }
  static void compress(std::vector<std::vector<int>> &found, int width, csr &out) {
    out.width = width;
    out.rows.assign(1, 0);
    out.cols.clear();
    for (std::vector<int> &row : found) {
      std::sort(row.begin(), row.end());
      out.cols.insert(out.cols.end(), row.begin(), row.end());
      out.rows.push_back(int(out.cols.size()));
    }
  }
  void tell_apart(csr &out) {
    std::vector<int> colour;
    const int colours = colour_columns(out.rows, out.cols, out.width, colour);
    const csr groups = out;
    std::vector<std::vector<int>> found(height_);
    for (int first = 0; first < colours * group_; first += capacity)
      sweep_(
          [&](std::size_t j) {
            int bit = colour[int(j) / group_] * group_ + int(j) % group_ - first;
            return bit < capacity ? bit : -1;
          },
          [&](std::size_t row, const bits<Words> &b) {
            each_bit(b, [&](int k) {
              for (int e = groups.rows[row]; e < groups.rows[row + 1]; ++e)
                if (colour[groups.cols[e]] == (first + k) / group_)
                  found[row].push_back(groups.cols[e] * group_ + (first + k) % group_);
            });
          });
    compress(found, columns_, out);
  }

  int height_, columns_, group_;
  Sweep &sweep_;
};
template <int Words, class Sweep> void find_pattern(std::size_t rows, std::size_t columns, Sweep &&sweep, csr &out) {
  pattern_finder<Words, std::remove_reference_t<Sweep>>(int(rows), int(columns), sweep).find(out);
}

/// Compressed columns: for each row its products with the sums of the columns of each colour, and with random entries.
struct compressed {
  int width; ///< colours, and one for the check
  std::vector<double> sums;
  double &at(std::size_t row, int colour) { return sums[row * std::size_t(width) + std::size_t(colour)]; }
};

/// Directions `first` ... of a sweep with lanes, for column j of a matrix with `colours` colours.
template <class E> void seed(E &direction, int column_colour, std::size_t column, int first, int colours, int lanes) {
  direction = 0;
  if (column_colour >= first && column_colour < first + lanes)
    lane_of(direction, column_colour - first) = 1;
  if (colours >= first && colours < first + lanes)
    lane_of(direction, colours - first) = static_cast<std::remove_reference_t<decltype(lane_of(direction, 0))>>(
        random_entry(column));
}

/// Does the matrix times the random direction give what the sweep gave? Entries of a pattern found elsewhere may be missing.
inline bool agrees(const csr &m, compressed &given) {
  for (int i = 0; i < m.height(); ++i) {
    double sum = 0, scale = 0;
    for (int e = m.rows[i]; e < m.rows[i + 1]; ++e) {
      double product = m.values[e] * random_entry(m.cols[e]);
      sum += product;
      scale += std::fabs(product);
    }
    double wanted = given.at(i, m.colour_count);
    if (std::fabs(sum - wanted) > 1e-9 * (scale + std::fabs(wanted)) && sum == sum && wanted == wanted)
      return false;
  }
  return true;
}

template <auto F, class W, class O, int Lanes, std::size_t N, class... A>
class sparse_jacobian_of : jacobian_arguments<F, W, O, N, A...> {
  using base = jacobian_arguments<F, W, O, N, A...>;
  static constexpr int words = 8;

public:
  sparse_jacobian_of(const extents<N> &given, A... a) : base(given, a...) {}

  void run(csr &out) {
    bool is_new = out.height() != int(this->rows()) || out.width != int(this->columns());
    if (!is_new) {
      fill(out);
      is_new = !agrees(out, sums_);
    }
    if (is_new) {
      find(out);
      fill(out);
    }
  }

private:
  void find(csr &out) {
    auto bars = this->template bars<-words>();
    auto sweep = [&](const auto &group, const auto &take) {
      set_inputs(bars, [&](auto &e, std::size_t j) {
        e = 0;
        if (int k = group(j); k >= 0)
          e.set(k);
      });
      [[maybe_unused]] auto dot = this->template forward<-words>(bars);
      if constexpr (base::has_result)
        take(0, dot);
      each_output(bars, take);
    };
    find_pattern<words>(this->rows(), this->columns(), sweep, out);
    out.colour_count = colour_columns(out.rows, out.cols, out.width, out.colours);
  }

  void fill(csr &out) {
    sums_.width = out.colour_count + 1;
    sums_.sums.resize(this->rows() * std::size_t(sums_.width));
    out.sweeps = 0;
    auto bars = this->template bars<Lanes>();
    for (int first = 0; first <= out.colour_count; first += Lanes, ++out.sweeps) {
      set_inputs(bars, [&](auto &e, std::size_t j) {
        seed(e, out.colours[j], j, first, out.colour_count, Lanes);
      });
      auto take = [&](std::size_t row, auto &e) {
        for (int lane = 0; lane < Lanes && first + lane <= out.colour_count; ++lane)
          sums_.at(row, first + lane) = lane_of(e, lane);
      };
      [[maybe_unused]] auto dot = this->template forward<Lanes>(bars);
      if constexpr (base::has_result)
        take(0, dot);
      each_output(bars, take);
    }
    out.values.resize(out.cols.size());
    for (int i = 0; i < out.height(); ++i)
      for (int e = out.rows[i]; e < out.rows[i + 1]; ++e)
        out.values[e] = sums_.at(i, out.colours[out.cols[e]]);
  }

  template <class Bars, class Fn> void set_inputs(Bars &bars, const Fn &fn) {
    this->each_block(bars, [&](auto &b, std::size_t first, auto index) {
      for (std::size_t i = 0; i < b.size; ++i)
        if constexpr (base::template is_output<index>())
          b.data[i] = 0;
        else
          fn(b.data[i], first + i);
    });
  }
  template <class Bars, class Fn> void each_output(Bars &bars, const Fn &fn) {
    this->each_block(bars, [&](auto &b, std::size_t first, auto index) {
      if constexpr (base::template is_output<index>())
        for (std::size_t i = 0; i < b.size; ++i)
          fn(first + i, b.data[i]);
    });
  }

  compressed sums_;
};

template <auto F, class W, int Lanes, std::size_t N, class... A> class sparse_hessian_of {
  static constexpr int words = 8;

public:
  sparse_hessian_of(const extents<N> &given, A... a) : bits_(given, a...), lanes_(given, a...) {}

  void run(csr &out) {
    const int n = int(count(lanes_.directions));
    bool is_new = out.height() != n || out.width != n;
    if (!is_new) {
      fill(out);
      is_new = !agrees(out, sums_);
    }
    if (is_new) {
      auto sweep = [&](const auto &group, const auto &take) {
        each(bits_.directions, [&](std::size_t j, auto &e) {
          e = 0;
          if (int k = group(j); k >= 0)
            e.set(k);
        });
        bits_.run();
        each(bits_.results, take);
      };
      find_pattern<words>(n, n, sweep, out);
      out.colour_count = colour_symmetric(out.rows, out.cols, out.colours);
      fill(out);
    }
  }

private:
  template <class Blocks, class Fn> static void each(Blocks &blocks, const Fn &fn) {
    for_each_block(blocks, [&](auto &b, std::size_t first) {
      for (std::size_t i = 0; i < b.size; ++i)
        fn(first + i, b.data[i]);
    });
  }
  void fill(csr &out) {
    sums_.width = out.colour_count + 1;
    sums_.sums.resize(out.colours.size() * std::size_t(sums_.width));
    out.sweeps = 0;
    for (int first = 0; first <= out.colour_count; first += Lanes, ++out.sweeps) {
      each(lanes_.directions, [&](std::size_t j, auto &e) {
        seed(e, out.colours[j], j, first, out.colour_count, Lanes);
      });
      lanes_.run();
      each(lanes_.results, [&](std::size_t row, auto &e) {
        for (int lane = 0; lane < Lanes && first + lane <= out.colour_count; ++lane)
          sums_.at(row, first + lane) = lane_of(e, lane);
      });
    }
    spread(out);
  }
  /// An entry is alone in its colour in its own row, or else its mirror image is in the other.
  void spread(csr &out) {
    out.values.resize(out.cols.size());
    std::vector<int> seen(std::size_t(out.colour_count) + 1, -1), last(seen.size());
    std::vector<char> is_alone(out.cols.size(), 1);
    for (int i = 0; i < out.height(); ++i)
      for (int e = out.rows[i]; e < out.rows[i + 1]; ++e) {
        const int c = out.colours[out.cols[e]];
        if (seen[c] == i)
          is_alone[e] = is_alone[last[c]] = 0;
        seen[c] = i;
        last[c] = e;
      }
    for (int i = 0; i < out.height(); ++i)
      for (int e = out.rows[i]; e < out.rows[i + 1]; ++e) {
        const int j = out.cols[e];
        out.values[e] = is_alone[e] ? sums_.at(i, out.colours[j]) : sums_.at(j, out.colours[i]);
      }
  }

  product<F, W, -words, N, A...> bits_;
  product<F, W, Lanes, N, A...> lanes_;
  compressed sums_;
};

/// A batch among the template arguments after f; without it eight lanes.
template <class B> struct batch_test : std::bool_constant<is_batch<B>> {};
template <class... O> inline constexpr int lanes_of = lanes_in<typename pick<batch<8>, batch_test, O...>::type>;
template <class... O>
inline constexpr bool are_sparse_options = ((is_wrt<O> || is_of<O> || is_batch<O>) && ...);

template <auto F, class... O, std::size_t N, class... A>
void sparse_jacobian(csr &out, const extents<N> &given, A &...a) {
  sparse_jacobian_of<F, typename pick<wrt<>, wrt_test, O...>::type, typename pick<of<>, of_test, O...>::type,
                     lanes_of<O...>, N, A &...>(given, a...)
      .run(out);
}
template <auto F, class... O, std::size_t N, class... A>
void sparse_hessian(csr &out, const extents<N> &given, A &...a) {
  sparse_hessian_of<F, typename pick<wrt<>, wrt_test, O...>::type, lanes_of<O...>, N, A &...>(given, a...).run(out);
}

/// What the last of the arguments is: a csr that holds a pattern, or the function's own.
template <class... A> struct last_type {
  using type = void;
};
template <class First, class... A> struct last_type<First, A...> : last_type<A...> {};
template <class Last> struct last_type<Last> {
  using type = plain<Last>;
};
template <class... A> inline constexpr bool ends_in_csr = std::is_same_v<typename last_type<A...>::type, csr>;

} // namespace detail

/// The Jacobian, with outputs, inputs and extents as nabla::jacobian has them. Options after f: nabla::wrt, nabla::of and
/// nabla::batch<N> (directions per sweep; 8).
template <auto F, class... O, std::size_t N, class... A,
          std::enable_if_t<detail::are_sparse_options<O...> && !detail::ends_in_csr<A...>, int> = 0>
csr sparse_jacobian(extents<N> given, A &&...a) {
  csr out;
  detail::sparse_jacobian<F, O...>(out, given, a...);
  return out;
}
/// The last argument, a matrix that came from this function, gets new values.
template <auto F, class... O, std::size_t N, class... A,
          std::enable_if_t<detail::are_sparse_options<O...> && detail::ends_in_csr<A...>, int> = 0>
void sparse_jacobian(extents<N> given, A &&...a) {
  detail::last_first([&](csr &out, auto &&...args) { detail::sparse_jacobian<F, O...>(out, given, args...); },
                     std::make_index_sequence<sizeof...(A) - 1>(), std::forward_as_tuple(a...));
}

/// The Hessian of a function that returns a real, over all differentiated reals in the order of parameters.
template <auto F, class... O, std::size_t N, class... A,
          std::enable_if_t<detail::are_sparse_options<O...> && !detail::ends_in_csr<A...>, int> = 0>
csr sparse_hessian(extents<N> given, A &&...a) {
  csr out;
  detail::sparse_hessian<F, O...>(out, given, a...);
  return out;
}
template <auto F, class... O, std::size_t N, class... A,
          std::enable_if_t<detail::are_sparse_options<O...> && detail::ends_in_csr<A...>, int> = 0>
void sparse_hessian(extents<N> given, A &&...a) {
  detail::last_first([&](csr &out, auto &&...args) { detail::sparse_hessian<F, O...>(out, given, args...); },
                     std::make_index_sequence<sizeof...(A) - 1>(), std::forward_as_tuple(a...));
}

} // namespace nabla
