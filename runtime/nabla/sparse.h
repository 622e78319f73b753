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
#include "nabla.h"
#include <algorithm>
#include <vector>

namespace nabla {

namespace detail {

/// Arrays of an evaluation, kept for the next one.
class scratch {
public:
  /// The k-th array asked for since start(): zeros at first, then as the last evaluation left it.
  template <class T> T *zeros(std::size_t n) {
    if (next_ == arrays_.size())
      arrays_.emplace_back();
    std::vector<double> &a = arrays_[next_++];
    a.resize((n * sizeof(T) + sizeof(double) - 1) / sizeof(double));
    return reinterpret_cast<T *>(a.data());
  }
  void start() { next_ = 0; }

private:
  std::vector<std::vector<double>> arrays_;
  std::size_t next_ = 0;
};

} // namespace detail

/// A sparse matrix by rows: the entries of row i are at rows[i] ... rows[i + 1] - 1, their columns ascending.
struct csr {
  std::vector<int> rows, cols;
  std::vector<double> values;
  int width = 0; ///< columns of the matrix
  int height() const { return rows.empty() ? 0 : int(rows.size()) - 1; }

  // For the next evaluation.
  std::vector<int> colours; ///< of each column
  int colour_count = 0;
  int sweeps = 0;                   ///< of the last evaluation
  int patterns = 0;                 ///< how often the pattern was found
  std::vector<char> is_mirrored;    ///< Hessian: an entry's value stands where its mirror image's would
  std::vector<std::size_t> sources; ///< Hessian: where an entry's value stands in the results of the sweeps
  int source_lanes = 0;             ///< for so many lanes each; 0: `sources` is not filled
  /// `memory` holds the directions of the one sweep with that many lanes, and zeros for results; 0: it does not.
  int seeded_lanes = 0;
  detail::scratch memory;
};

#ifdef EIGEN_SPARSECORE_MODULE_H
/// The matrix as Eigen sees it, without a copy.
inline Eigen::Map<const Eigen::SparseMatrix<double, Eigen::RowMajor>> eigen(const csr &m) {
  return {m.height(), m.width, Eigen::Index(m.values.size()), m.rows.data(), m.cols.data(), m.values.data()};
}
#endif

namespace detail {

/// A number between 1 and 2 that looks random, the same for a column at each time.
inline double random_entry(std::size_t column) {
  const unsigned long long bits = (column + 1) * 0x9E3779B97F4A7C15ULL >> 12 | 0x3FFULL << 52;
  double out;
  __builtin_memcpy(&out, &bits, sizeof out);
  return out;
}

/// Columns of each row, one sweep for 64 * Words groups of columns. Sweep: sweep(group of column j or -1, take(row, bits)).
///
/// Note [Two levels]: first neighbouring columns share a bit. Groups which meet in no row are coloured alike, and a second
/// round tells the columns apart: a bit stands for the k-th column in all groups of one colour.
template <int Words, class Sweep> class pattern_finder {
  static constexpr int capacity = 64 * Words;

public:
  pattern_finder(int rows, int columns, Sweep &sweep)
      : height_(rows), columns_(columns), group_(std::max(1, (columns + capacity - 1) / capacity)),
        sweep_(sweep) {}

  void find(csr &out) {
    std::vector<std::vector<int>> found(height_);
    sweep_(
        [&](std::size_t j) { return int(j) / group_; },
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
template <int Words, class Sweep>
void find_pattern(std::size_t rows, std::size_t columns, Sweep &&sweep, csr &out) {
  pattern_finder<Words, std::remove_reference_t<Sweep>>(int(rows), int(columns), sweep).find(out);
}

/// One direction per colour, and a random one for the check, for which `first` is the first in this sweep.
template <int Lanes, class E>
void seed(E &direction, int column_colour, std::size_t column, int first, int colours) {
  direction = 0;
  if (column_colour >= first && column_colour < first + Lanes)
    lane_of(direction, column_colour - first) = 1;
  if (colours >= first && colours < first + Lanes)
    lane_of(direction, colours - first) = random_entry(column);
}

/// Compares the matrix with what a sweep gave for the random direction: entries may be missing in an old pattern.
class checker_of_rows {
public:
  void add(double entry, int column) {
    const double product = entry * random_entry(column);
    sum_ += product;
    scale_ += std::fabs(product);
  }
  /// At the end of a row.
  void compare(double wanted) {
    if (std::fabs(sum_ - wanted) > 1e-12 * (scale_ + std::fabs(wanted)))
      agrees_ = false;
    sum_ = scale_ = 0;
  }
  bool agrees() const { return agrees_; }

private:
  double sum_ = 0, scale_ = 0;
  bool agrees_ = true;
};

constexpr int pattern_words = 8;

template <auto F, class W, class O, std::size_t N, class... A>
class jacobian_pattern : jacobian_arguments<F, W, O, record, N, A...> {
  using base = jacobian_arguments<F, W, O, record, N, A...>;

public:
  jacobian_pattern(record &memory, const extents<N> &given, A... a) : base(memory, given, a...) {}

  void find(csr &out) {
    auto bars = this->template bars<-pattern_words>();
    auto sweep = [&](const auto &group, const auto &take) {
      this->each_entry(bars, [&](auto &e, std::size_t j, auto is_output) {
        e = 0;
        if (int k = is_output ? -1 : group(j); k >= 0)
          e.set(k);
      });
      [[maybe_unused]] auto dot = this->template forward<-pattern_words>(bars);
      if constexpr (base::has_result)
        take(0, dot);
      this->each_entry(bars, [&](auto &e, std::size_t i, auto is_output) {
        if (is_output)
          take(i, e);
      });
    };
    find_pattern<pattern_words>(this->rows(), this->columns(), sweep, out);
    this->put_back();
    out.colour_count = colour_columns(out.rows, out.cols, out.width, out.colours);
    out.seeded_lanes = 0;
  }
};

template <auto F, class W, class O, int Lanes, std::size_t N, class... A>
class jacobian_values : jacobian_arguments<F, W, O, scratch, N, A...> {
  using base = jacobian_arguments<F, W, O, scratch, N, A...>;

public:
  jacobian_values(scratch &memory, const extents<N> &given, A... a) : base(memory, given, a...) {}

  using base::put_back;
  bool fits(const csr &m) const { return m.height() == int(this->rows()) && m.width == int(this->columns()); }

  /// False if the matrix does not agree with the sweeps: the pattern has changed.
  bool fill(csr &out) {
    auto bars = this->template bars<Lanes>();
    out.values.resize(out.cols.size());
    out.sweeps = 0;
    checker_of_rows check;
    const bool is_seeded = out.seeded_lanes == Lanes;
    out.seeded_lanes = 0; // should the function throw
    for (int first = 0; first <= out.colour_count; first += Lanes, ++out.sweeps) {
      if (!is_seeded)
        this->each_entry(bars, [&](auto &e, std::size_t j, auto is_output) {
          if (is_output)
            e = 0;
          else
            seed<Lanes>(e, out.colours[j], j, first, out.colour_count);
        });
      [[maybe_unused]] auto dot = this->template forward<Lanes>(bars);
      if constexpr (base::has_result)
        take(out, 0, dot, first, check);
      this->each_entry(bars, [&](auto &e, std::size_t i, auto is_output) {
        if (is_output) {
          take(out, i, e, first, check);
          e = 0; // for the next evaluation, while it is in the cache
        }
      });
    }
    out.seeded_lanes = out.sweeps == 1 && !base::writes_inputs ? Lanes : 0;
    return check.agrees();
  }

private:
  template <class E>
  static void take(csr &out, std::size_t row, E &products, int first, checker_of_rows &check) {
    const int end = out.rows[row + 1];
    if (first == 0 && out.colour_count < Lanes) { // all at once
      for (int e = out.rows[row]; e < end; ++e) {
        out.values[e] = lane_of(products, out.colours[out.cols[e]]);
        check.add(out.values[e], out.cols[e]);
      }
      check.compare(lane_of(products, out.colour_count));
      return;
    }
    for (int e = out.rows[row]; e < end; ++e) {
      const int lane = out.colours[out.cols[e]] - first;
      if (lane >= 0 && lane < Lanes)
        out.values[e] = lane_of(products, lane);
    }
    if (out.colour_count >= first + Lanes)
      return; // the check comes last
    for (int e = out.rows[row]; e < end; ++e)
      check.add(out.values[e], out.cols[e]);
    check.compare(lane_of(products, out.colour_count - first));
  }
};

template <auto F, class W, std::size_t N, class... A>
void find_hessian_pattern(csr &out, const extents<N> &given, A &...a) {
  record memory;
  hessian_times<F, W, -pattern_words, record, N, A &...> hessian(memory, given, a...);
  auto sweep = [&](const auto &group, const auto &take) {
    for_each_real(hessian.directions, [&](auto &e, std::size_t j) {
      e = 0;
      if (int k = group(j); k >= 0)
        e.set(k);
    });
    hessian.run();
    for_each_real(hessian.results, [&](auto &e, std::size_t i) { take(i, e); });
  };
  const std::size_t n = count(hessian.directions);
  find_pattern<pattern_words>(n, n, sweep, out);
  hessian.put_back();
  out.colour_count = colour_symmetric(out.rows, out.cols, out.colours);
  out.seeded_lanes = 0;
  // An entry is alone in its colour in its own row, or else its mirror image is in the other.
  out.is_mirrored = shared_entries(out.rows, out.cols, out.colours, out.colour_count);
  out.source_lanes = 0;
}

template <auto F, class W, int Lanes, std::size_t N, class... A> class hessian_values {
public:
  hessian_values(scratch &memory, const extents<N> &given, A &...a)
      : memory_(memory), hessian_(memory, given, a...), n_(count(hessian_.directions)) {}

  void put_back() { hessian_.put_back(); }
  bool fits(const csr &m) const { return m.height() == int(n_) && m.width == int(n_); }

  bool fill(csr &out) {
    const int sweeps = out.colour_count / Lanes + 1; // the random direction comes after the last colour
    double *products = memory_.template zeros<double>(std::size_t(sweeps) * n_ * Lanes);
    for (out.sweeps = 0; out.sweeps < sweeps; ++out.sweeps) {
      if (out.seeded_lanes != Lanes)
        for_each_real(hessian_.directions, [&](auto &e, std::size_t j) {
          seed<Lanes>(e, out.colours[j], j, out.sweeps * Lanes, out.colour_count);
        });
      run(products + std::size_t(out.sweeps) * n_ * Lanes);
    }
    out.seeded_lanes = out.sweeps == 1 && hessian_.keeps_directions ? Lanes : 0;
    if (out.source_lanes != Lanes)
      find_sources(out);
    return spread(out, products);
  }

private:
  /// One sweep: n rows of Lanes products.
  void run(double *products) {
    auto is_in_place = [](auto &e) {
      using E = std::remove_reference_t<decltype(e)>;
      return std::is_same_v<E, lanes<double, Lanes>> || (Lanes == 1 && std::is_same_v<E, double>);
    };
    for_each_block(hessian_.results, [&](auto &b, std::size_t first) {
      if (b.size != 0 && is_in_place(*b.data))
        b.data = reinterpret_cast<decltype(b.data)>(products + first * Lanes);
    });
    hessian_.run();
    for_each_block(hessian_.results, [&](auto &b, std::size_t first) {
      for (std::size_t i = 0; i < b.size && !is_in_place(*b.data); ++i)
        for (int lane = 0; lane < Lanes; ++lane)
          products[(first + i) * Lanes + std::size_t(lane)] = lane_of(b.data[i], lane);
    });
  }
  std::size_t place(int row, int colour) const {
    return (std::size_t(colour / Lanes) * n_ + std::size_t(row)) * Lanes + std::size_t(colour % Lanes);
  }
  void find_sources(csr &out) const {
    out.sources.resize(out.cols.size());
    for (int i = 0; i < out.height(); ++i)
      for (int e = out.rows[i]; e < out.rows[i + 1]; ++e) {
        const int j = out.cols[e];
        out.sources[e] = out.is_mirrored[e] ? place(j, out.colours[i]) : place(i, out.colours[j]);
      }
    out.source_lanes = Lanes;
  }
  bool spread(csr &out, const double *products) const {
    out.values.resize(out.cols.size());
    checker_of_rows check;
    const int *cols = out.cols.data();
    const std::size_t *source = out.sources.data();
    double *values = out.values.data();
    for (int i = 0, e = 0; i < out.height(); ++i) {
      for (const int end = out.rows[std::size_t(i) + 1]; e < end; ++e) {
        values[e] = products[source[e]];
        check.add(values[e], cols[e]);
      }
      check.compare(products[place(i, out.colour_count)]);
    }
    return check.agrees();
  }

  scratch &memory_;
  hessian_times<F, W, Lanes, scratch, N, A &...> hessian_;
  std::size_t n_;
};

/// New values, by the old pattern where that fits. find(csr) finds another.
template <class Values, class Find, class... A> void evaluate(csr &out, const Find &find, A &&...a) {
  bool is_new = false;
  for (bool done = false; !done;) {
    out.memory.start();
    Values values(out.memory, a...);
    if (out.rows.empty() || !values.fits(out)) {
      find(out);
      is_new = true;
    }
    done = values.fill(out) || is_new;
    if (!done) {
      values.put_back();
      out.rows.clear();
    }
  }
}

template <class... O>
inline constexpr bool are_sparse_options = ((is_wrt<O> || is_of<O> || is_batch<O>) && ...);
/// The lanes of a sweep: as the options after f say, or 4 where that is enough for all colours, else 8.
template <class... O, class Fn> void with_lanes(const csr &m, const Fn &fn) {
  constexpr int chosen = lanes_in<typename pick<batch<0>, batch_test, O...>::type>;
  if constexpr (chosen != 0)
    fn(std::integral_constant<int, chosen>());
  else if (m.colour_count < 4)
    fn(std::integral_constant<int, 4>());
  else
    fn(std::integral_constant<int, 8>());
}

template <auto F, class... O, std::size_t N, class... A>
void sparse_jacobian(csr &out, const extents<N> &given, A &...a) {
  using inputs = typename pick<wrt<>, wrt_test, O...>::type;
  using outputs = typename pick<of<>, of_test, O...>::type;
  auto find = [&](csr &m) {
    record memory;
    jacobian_pattern<F, inputs, outputs, N, A &...>(memory, given, a...).find(m);
  };
  if (out.rows.empty())
    find(out);
  with_lanes<O...>(out, [&](auto lanes) {
    evaluate<jacobian_values<F, inputs, outputs, lanes, N, A &...>>(out, find, given, a...);
  });
}
template <auto F, class... O, std::size_t N, class... A>
void sparse_hessian(csr &out, const extents<N> &given, A &...a) {
  using by = typename pick<wrt<>, wrt_test, O...>::type;
  auto find = [&](csr &m) { find_hessian_pattern<F, by>(m, given, a...); };
  if (out.rows.empty())
    find(out);
  with_lanes<O...>(
      out, [&](auto lanes) { evaluate<hessian_values<F, by, lanes, N, A...>>(out, find, given, a...); });
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
  detail::last_first([&](csr &out, auto &...args) { detail::sparse_jacobian<F, O...>(out, given, args...); },
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
  detail::last_first([&](csr &out, auto &...args) { detail::sparse_hessian<F, O...>(out, given, args...); },
                     std::make_index_sequence<sizeof...(A) - 1>(), std::forward_as_tuple(a...));
}

} // namespace nabla
