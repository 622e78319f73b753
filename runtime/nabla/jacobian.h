// Jacobians by sweeps of pushforward and pullback. Included by nabla.h.
//
//   nabla::jacobian<f>(nabla::extents{n, m}, x, y, J);             // m x n: outputs x inputs, by rows
//
// `extents` has one integer per raw pointer to reals among the inputs, then one per raw pointer among the outputs.
#ifndef NABLA_NABLA_H
#include "nabla.h" // which includes this file at its place
#elif !defined(NABLA_JACOBIAN_H)
#define NABLA_JACOBIAN_H
#include "matrix.h"

namespace nabla {

/// Parameters (indices from 0) that are outputs of a jacobian, besides the result.
template <int... Parameters> struct of {};

/// How a jacobian was computed.
struct sweeps {
  bool is_forward;   ///< columns by pushforward; else rows by pullback
  std::size_t count; ///< calls of the generated function
  int lanes;         ///< columns or rows of each call
};

namespace detail {

template <class O> inline constexpr bool is_of = false;
template <int... P> inline constexpr bool is_of<of<P...>> = true;

/// Which parameters of a function are inputs and which are outputs of its Jacobian.
template <auto F, class W, class O> struct ends {
  using primals = typename plan<pushforward_mode, F, wrt<>>::primals;
  template <class> struct sorted;
  template <class... P> struct sorted<list<P...>> {
    template <int I, class Q, int... Out> static constexpr bool output(of<Out...>) {
      if constexpr (sizeof...(Out) == 0)
        return holds_reals<Q> && is_writable<Q>;
      else
        return ((Out == I) || ...);
    }
    template <int I, class Q, auto... In> static constexpr bool input(wrt<In...>) {
      if constexpr (sizeof...(In) == 0)
        return holds_reals<Q> && !output<I, Q>(O{});
      else
        return ((index_of<In>() == I) || ...);
    }
    template <class> struct numbered;
    template <std::size_t... I> struct numbered<std::index_sequence<I...>> {
      using inputs = typename join<std::conditional_t<input<int(I), P>(W{}), list<P>, list<>>...>::type;
      using outputs = typename join<std::conditional_t<output<int(I), P>(O{}), list<P>, list<>>...>::type;
      /// Both, in the order of parameters: what the generated functions are differentiated by.
      using all = typename join<
          std::conditional_t<input<int(I), P>(W{}) || output<int(I), P>(O{}), list<P>, list<>>...>::type;
      using by =
          decltype((wrt<>{} + ... + std::conditional_t < input<int(I), P>(W{}) || output<int(I), P>(O{}),
                    wrt<int(I)>, wrt < >> {}));
      static constexpr bool is_disjoint = ((!(input<int(I), P>(W{}) && output<int(I), P>(O{}))) && ...);
      static constexpr bool output_at[sizeof...(P) + 1] = {output<int(I), P>(O{})...};
      static constexpr bool active_at[sizeof...(P) + 1] = {
          (input<int(I), P>(W{}) || output<int(I), P>(O{}))...};
    };
    using type = numbered<std::index_sequence_for<P...>>;
  };
  using type = typename sorted<primals>::type;
};

/// Is any of them a container, which goes one direction at a time?
template <class> inline constexpr bool has_array_likes = false;
template <class... P> inline constexpr bool has_array_likes<list<P...>> = (is_array_like<plain<P>> || ...);

template <class> struct tuple_of;
template <class... P> struct tuple_of<list<P...>> {
  using type = std::tuple<P...>;
  template <int Lanes> using blocks = std::tuple<block<Lanes, P>...>;
};
template <int Lanes, class List> using blocks_for = typename tuple_of<List>::template blocks<Lanes>;

/// The arguments of one Jacobian: which are inputs and outputs, and copies of what the function writes. Inputs and outputs are
/// numbered from 0, a result before the other outputs.
template <auto F, class W, class O, class Memory, std::size_t N, class... A> class jacobian_arguments {
protected:
  using ends_ = typename ends<F, W, O>::type;
  static_assert(
      ends_::is_disjoint,
      "nabla: a parameter of a jacobian is an input or an output; for one that is both, copy it first");
  using by = typename ends_::by;
  using primals = typename plan<pushforward_mode, F, by>::primals;
  using result = typename plan<pushforward_mode, F, by>::primal_result;
  static constexpr bool has_array_result = is_array_like<result>; ///< a container is the result
  static_assert(!is_view<result>,
                "nabla: a jacobian's result is a real or a container that owns its elements");
  static constexpr bool has_result = std::is_floating_point_v<result> || has_array_result;
  using seed_type = std::conditional_t<has_result, result, double>;

  jacobian_arguments(Memory &memory, const extents<N> &given, A... a)
      : memory_(memory), args_(a...),
        sizes_(in_order(given, typename ends_::inputs{}, typename ends_::outputs{})) {
    std::size_t next = 0;
    blocks_for<0, typename ends_::all> measured{};
    each_block(measured, [&](auto &b, std::size_t, auto index) {
      b.size =
          size_of<std::tuple_element_t<index, typename tuple_of<typename ends_::all>::type>>(sizes_, next);
      if constexpr (is_array_like<plain<decltype(argument<index>())>>)
        b.size = static_cast<std::size_t>(argument<index>().size());
      (is_output<index>() ? rows_ : columns_) += b.size;
      keep<parameter<index>(), true>(b.size);
      b.size = 0;
    });
    keep_others(std::index_sequence_for<A...>());
    if constexpr (has_array_result) {
      kept_.restore(); // the sweeps run from the same state
      result_.shape(std::apply([](auto &...all) { return F(all...); }, args_), memory_);
      result_rows_ = result_.size;
    } else {
      result_rows_ = has_result;
    }
    rows_ += result_rows_;
  }

  /// One array of zeros for each differentiated parameter.
  template <int Lanes> auto bars() {
    auto made = blocks<Lanes>(typename ends_::all{}, sizes_, memory_);
    each_block(made, [&](auto &b, std::size_t, auto index) { b.shape(argument<index>(), memory_); });
    return made;
  }

  /// fn(block, number of its first input or output, index)
  template <class Blocks, class Fn> void each_block(Blocks &blocks, const Fn &fn) {
    each_block(blocks, fn, std::make_index_sequence<count_all>());
  }
  template <std::size_t K> static constexpr bool is_output() { return ends_::output_at[parameter<K>()]; }

  /// fn(entry, number of the input or output, is it an output)
  template <class Blocks, class Fn> void each_entry(Blocks &blocks, const Fn &fn) {
    each_block(blocks, [&](auto &b, std::size_t first, auto index) {
      for (std::size_t i = 0; i < b.size; ++i)
        fn(b.data[i], first + i, std::bool_constant<is_output<index>()>());
    });
  }
  template <class> struct writing;
  template <class... P> struct writing<list<P...>> {
    static constexpr bool any = (is_writable<P> || ...);
  };
  /// A sweep may change the tangents of inputs.
  static constexpr bool writes_inputs = writing<typename ends_::inputs>::any;

  /// Tangents of inputs in `bars` become tangents of outputs; returns that of the result, or 0.
  template <int Lanes, class Blocks> auto forward(Blocks &bars) {
    kept_.restore();
    auto done = run_forward<Lanes>(bars);
    find_reals(bars);
    check_sizes(bars);
    return done;
  }
  /// Adjoints of outputs in `bars` become adjoints of inputs.
  template <int Lanes, class Blocks, class Seed> void reverse(Blocks &bars, const Seed &seed) {
    using mode = std::conditional_t<Lanes == 0, pullback_mode, batch_pullback_mode<Lanes>>;
    (void)seed;
    kept_.restore();
    auto call = [&](auto &...b) {
      std::apply(
          [&](auto &&...a) {
            if constexpr (has_result)
              exactly<mode, F, by>(a..., seed, b.adjoint()...);
            else
              exactly<mode, F, by>(a..., b.adjoint()...);
          },
          args_);
    };
    std::apply(call, bars);
    find_reals(bars);
    check_sizes(bars);
  }
  /// The seed that asks for the row of the result with that number, or for none of them.
  template <int Lanes, class Seed> auto &seed_for(Seed &seed, std::size_t row) {
    if constexpr (has_array_result) {
      for (std::size_t i = 0; i < result_.size; ++i)
        result_.data[i] = i == row;
      return *result_.object;
    } else {
      if (row == 0)
        lane_of(seed, 0) = has_result;
      return seed;
    }
  }
  /// Outputs become as they were before the first sweep.
  void put_back() { kept_.restore(); }
  std::size_t rows() const { return rows_; }
  std::size_t result_rows() const { return result_rows_; }
  std::size_t columns() const { return columns_; }

private:
  template <std::size_t I, bool IsCounted> void keep(std::size_t size) {
    kept_.template keep<element_t<I, primals>, IsCounted>(std::get<I>(args_), size, memory_);
  }
  template <std::size_t... I> void keep_others(std::index_sequence<I...>) {
    auto one = [&](auto index) {
      if constexpr (!ends_::active_at[index])
        keep<index, false>(0);
    };
    (one(std::integral_constant<std::size_t, I>()), ...);
  }
  /// Containers among the outputs are as long as they were.
  template <class Blocks> void check_sizes(Blocks &bars) {
    each_block(bars, [&](auto &b, std::size_t, auto index) {
      if constexpr (is_array_like<plain<decltype(argument<index>())>>)
        if (const auto now = static_cast<std::size_t>(argument<index>().size()); now != b.size)
          resized_in_libnabla(b.size, now);
    });
  }
  template <int Lanes, class Blocks> auto run_forward(Blocks &bars) {
    auto call = [&](auto &...b) {
      return std::apply(
          [&](auto &&...a) { return exactly<batch_pushforward_mode<Lanes>, F, by>(a..., b.value()...); },
          args_);
    };
    if constexpr (has_result)
      return std::apply(call, bars).dot;
    else
      return std::apply(call, bars), 0;
  }
  template <class... I, class... U>
  static extents<N> in_order(const extents<N> &given, list<I...>, list<U...>) {
    static_assert(raw_pointers<I...> + raw_pointers<U...> == N,
                  "nabla: give extents one integer per raw pointer among the inputs, then one per raw "
                  "pointer among the outputs");
    extents<N> out = given;
    std::size_t in = 0, from_out = raw_pointers<I...>, next = 0;
    order(out, given, in, from_out, next, typename ends_::all{}, std::make_index_sequence<count_all>());
    return out;
  }
  template <class... P, std::size_t... K>
  static void order(extents<N> &out, const extents<N> &given, std::size_t &in, std::size_t &from_out,
                    std::size_t &next, list<P...>, std::index_sequence<K...>) {
    ((is_raw<P> ? void(out.size[next++] = given.size[is_output<K>() ? from_out++ : in++]) : void()), ...);
  }
  template <class... P> static constexpr std::size_t length(list<P...>) { return sizeof...(P); }
  static constexpr std::size_t count_all = length(typename ends_::all{});

  /// The parameter that is the K-th of the differentiated ones.
  template <std::size_t K> static constexpr std::size_t parameter() {
    std::size_t k = 0;
    for (std::size_t i = 0; i < sizeof...(A); ++i)
      if (ends_::active_at[i] && k++ == K)
        return i;
    return 0;
  }
  template <std::size_t K> auto &argument() { return std::get<parameter<K>()>(args_); }

  template <class Blocks, class Fn, std::size_t... K>
  void each_block(Blocks &blocks, const Fn &fn, std::index_sequence<K...>) {
    std::size_t in = 0, out = result_rows_;
    auto one = [&](auto index) {
      auto &b = std::get<index>(blocks);
      std::size_t &first = is_output<index>() ? out : in;
      fn(b, first, index);
      first += b.size;
    };
    (one(std::integral_constant<std::size_t, K>()), ...);
  }

  Memory &memory_;
  std::tuple<A...> args_;
  extents<N> sizes_;
  kept<sizeof...(A)> kept_;
  std::size_t rows_ = 0, columns_ = 0, result_rows_ = 0;
  std::conditional_t<has_array_result, reals_for<result, typename real_in<result>::type>, list<>> result_;
};

/// A dense Jacobian, `Lanes` columns or rows per sweep (0: one).
template <auto F, class W, class O, int Lanes, std::size_t N, class... A>
class jacobian_of : jacobian_arguments<F, W, O, record, N, A...> {
  using base = jacobian_arguments<F, W, O, record, N, A...>;
  static constexpr int width = Lanes ? Lanes : 1;

public:
  jacobian_of(record &memory, const extents<N> &given, A... a) : base(memory, given, a...) {}

  template <class J> sweeps run(J *matrix) {
    // A pushforward costs about two evaluations, a pullback about four.
    const bool is_forward = this->columns() <= 2 * this->rows();
    const std::size_t all = is_forward ? this->columns() : this->rows();
    auto bars = this->template bars<Lanes>();
    sweeps how{is_forward, 0, width};
    for (std::size_t first = 0; first < all; first += width, ++how.count) {
      set_zero(bars);
      this->each_block(bars, [&](auto &b, std::size_t start, auto index) {
        for (int lane = 0; lane < width; ++lane)
          if (const std::size_t k = first + std::size_t(lane);
              base::template is_output<index>() != is_forward && k >= start && k - start < b.size)
            lane_of(b.data[k - start], lane) = 1;
      });
      if (is_forward)
        columns_from(matrix, bars, first);
      else
        rows_from(matrix, bars, first);
    }
    return how;
  }

private:
  template <class J, class Blocks> void columns_from(J *matrix, Blocks &bars, std::size_t first) {
    [[maybe_unused]] auto dot = this->template forward<Lanes>(bars);
    for (int lane = 0; lane < width && first + std::size_t(lane) < this->columns(); ++lane) {
      const std::size_t k = first + std::size_t(lane);
      if constexpr (base::has_array_result)
        for (std::size_t i = 0; i < this->result_rows(); ++i)
          matrix[i * this->columns() + k] = dot.data()[i];
      else if constexpr (base::has_result)
        matrix[k] = lane_of(dot, lane);
      this->each_block(bars, [&](auto &b, std::size_t start, auto index) {
        if (base::template is_output<index>())
          for (std::size_t i = 0; i < b.size; ++i)
            matrix[(start + i) * this->columns() + k] = lane_of(b.data[i], lane);
      });
    }
  }
  template <class J, class Blocks> void rows_from(J *matrix, Blocks &bars, std::size_t first) {
    std::conditional_t<base::has_array_result, double, tangent_t<typename base::seed_type, Lanes>> seed(0);
    this->template reverse<Lanes>(bars, this->template seed_for<Lanes>(seed, first));
    for (int lane = 0; lane < width && first + std::size_t(lane) < this->rows(); ++lane)
      this->each_block(bars, [&](auto &b, std::size_t start, auto index) {
        if (!base::template is_output<index>())
          for (std::size_t i = 0; i < b.size; ++i)
            matrix[(first + std::size_t(lane)) * this->columns() + start + i] = lane_of(b.data[i], lane);
      });
  }
};

template <auto F, class W, class O, int Lanes, std::size_t N, class... A>
sweeps jacobian(const extents<N> &given, A &&...a) {
  return last_first(
      [&](auto *matrix, auto &&...args) {
        record memory;
        return jacobian_of<F, W, O, Lanes, N, decltype(args)...>(memory, given, args...).run(matrix);
      },
      std::make_index_sequence<sizeof...(A) - 1>(), std::forward_as_tuple(a...));
}

/// wrt and of among the template arguments after f, in any order.
template <class Found, template <class> class Is, class... O> struct pick {
  using type = Found;
};
template <class T> struct wrt_test : std::bool_constant<is_wrt<T>> {};
template <class T> struct of_test : std::bool_constant<is_of<T>> {};
template <class Found, template <class> class Is, class First, class... O>
struct pick<Found, Is, First, O...> {
  using type = std::conditional_t<Is<First>::value, First, typename pick<Found, Is, O...>::type>;
};
template <class B> struct batch_test : std::bool_constant<is_batch<B>> {};
template <class... O> inline constexpr bool are_ends = ((is_wrt<O> || is_of<O> || is_batch<O>) && ...);
/// Four, or as nabla::batch says; of one, and of containers, there are no lanes.
template <auto F, class... O> constexpr int jacobian_lanes() {
  using ends = typename ends<F, typename pick<wrt<>, wrt_test, O...>::type,
                             typename pick<of<>, of_test, O...>::type>::type;
  using result = typename plan<pushforward_mode, F, typename ends::by>::primal_result;
  constexpr bool one = has_array_likes<typename ends::all> || is_array_like<result>;
  constexpr int lanes = lanes_in<typename pick<batch<one ? 1 : 4>, batch_test, O...>::type>;
  return lanes > 1 ? lanes : 0;
}

} // namespace detail

/// Row-major, outputs x inputs, into the last argument. Outputs are the result and the parameters in nabla::of<...>; without
/// it every mutable pointer or reference to reals. Inputs are those in nabla::wrt<...>; without it the real parameters that
/// are no outputs. By columns or by rows, whichever costs less, four at a time or as nabla::batch<N> says. All outputs end as the function leaves them.
template <auto F, class... O, std::size_t N, class... A, std::enable_if_t<detail::are_ends<O...>, int> = 0>
sweeps jacobian(extents<N> given, A &&...a) {
  return detail::jacobian<F, typename detail::pick<wrt<>, detail::wrt_test, O...>::type,
                          typename detail::pick<of<>, detail::of_test, O...>::type,
                          detail::jacobian_lanes<F, O...>()>(given, static_cast<A &&>(a)...);
}
template <auto F, class... O, class First, class... A,
          std::enable_if_t<detail::are_ends<O...> && !detail::is_extents<detail::plain<First>>, int> = 0>
sweeps jacobian(First &&first, A &&...a) {
  return nabla::jacobian<F, O...>(extents<0>(), static_cast<First &&>(first), static_cast<A &&>(a)...);
}

} // namespace nabla

#endif
