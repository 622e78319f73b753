// Whole matrices of derivatives by sweeps of pushforward, pullback and hvp. Included by nabla.h.
//
//   nabla::hessian<f>(nabla::extents{n}, x, n, H);                 // n x n, row-major, all entries
//   nabla::hessian_diagonal<f>(nabla::extents{n}, x, n, h);
//   nabla::jacobian<f>(nabla::extents{n, m}, x, y, J);             // m x n: outputs x inputs, by rows
//
// `extents` has one integer per differentiated raw pointer to reals, in the order of parameters (jacobian: inputs, then
// outputs). It is left out where no raw pointer is differentiated.
#pragma once
#include "forward.h"

namespace nabla {

/// How many reals raw pointers lead to.
template <std::size_t N> struct extents {
  std::size_t size[N ? N : 1];
  template <class... I> constexpr extents(I... n) : size{static_cast<std::size_t>(n)...} {}
};
template <class... I> extents(I...) -> extents<sizeof...(I)>;

/// Parameters (indices from 0) that are outputs of a jacobian, besides the result.
template <int... Parameters> struct of {};

/// How a jacobian was computed.
struct sweeps {
  bool is_forward;   ///< columns by pushforward; else rows by pullback
  std::size_t count; ///< calls of the generated function
};

namespace detail {

template <class E> inline constexpr bool is_extents = false;
template <std::size_t N> inline constexpr bool is_extents<extents<N>> = true;

/// The real that a parameter is, or leads to.
template <class P>
using real_of = std::remove_cv_t<std::remove_all_extents_t<
    std::remove_cv_t<std::remove_pointer_t<std::remove_all_extents_t<std::remove_reference_t<P>>>>>>;
template <class P> inline constexpr bool is_raw = std::is_pointer_v<plain<P>>;
template <class P>
inline constexpr bool is_writable =
    (is_raw<P> || std::is_reference_v<P>) &&
    !std::is_const_v<std::remove_all_extents_t<std::remove_pointer_t<std::remove_reference_t<P>>>>;

/// Reals of one parameter, in an array of E (the real itself, or lanes of it), and how that is passed on as P's value,
/// tangent or adjoint.
template <class P, class E> struct reals_for {
  static_assert(
      std::is_floating_point_v<real_of<P>>,
      "nabla: matrices and check_gradient take reals and pointers or references to reals; for classes use "
      "nabla::hvp or nabla::pushforward");
  E *data = nullptr;
  std::size_t size = 0;

  /// As the parameter or its tangent.
  decltype(auto) value() const {
    if constexpr (is_raw<P>)
      return static_cast<E *>(data);
    else if constexpr (std::is_array_v<std::remove_reference_t<P>>)
      return reinterpret_cast<tangent_array<std::remove_reference_t<P>> &>(*data);
    else
      return static_cast<E &>(*data);
  }
  /// As the parameter's adjoint.
  decltype(auto) adjoint() const {
    if constexpr (is_raw<P> || !std::is_reference_v<P>)
      return static_cast<E *>(data);
    else
      return value();
  }

private:
  template <class A> struct array_of;
  template <class A, std::size_t N> struct array_of<A[N]> {
    using type = std::conditional_t<std::is_array_v<A>, A, E>[N];
  };
  template <class A> using tangent_array = typename array_of<A>::type;
};

/// How many reals the parameter has; raw pointers take the next extent.
template <class P, std::size_t N> std::size_t size_of(const extents<N> &given, std::size_t &next) {
  if constexpr (is_raw<P>)
    return given.size[next++];
  else
    return sizeof(std::remove_reference_t<P>) / sizeof(real_of<P>);
}
template <class... P> inline constexpr std::size_t raw_pointers = (std::size_t(is_raw<P>) + ... + 0);

/// One array of zeroed reals per parameter.
template <int Lanes, class P> using block = reals_for<P, tangent_t<real_of<P>, Lanes>>;
template <int Lanes, class... P, std::size_t N>
std::tuple<block<Lanes, P>...> blocks(list<P...>, const extents<N> &given, record &memory) {
  static_assert(raw_pointers<P...> == N,
                "nabla: give extents one integer per raw pointer to reals that is differentiated");
  std::size_t next = 0;
  std::tuple<block<Lanes, P>...> out{[&] {
    block<Lanes, P> b;
    b.size = size_of<P>(given, next);
    b.data = memory.zeros<tangent_t<real_of<P>, Lanes>>(b.size);
    return b;
  }()...};
  return out;
}

/// The first real of an argument.
template <class T> auto *address(T &argument) {
  if constexpr (std::is_array_v<T>)
    return reinterpret_cast<
        std::conditional_t<std::is_const_v<std::remove_all_extents_t<T>>, const real_of<T>, real_of<T>> *>(
        argument);
  else if constexpr (std::is_pointer_v<T>)
    return argument;
  else
    return &argument;
}

/// Calls fn(block, first number of its reals) for each.
template <class Blocks, class Fn> void for_each_block(Blocks &blocks, const Fn &fn) {
  std::size_t first = 0;
  std::apply([&](auto &...b) { ((fn(b, first), first += b.size), ...); }, blocks);
}
template <class Blocks> std::size_t count(Blocks &blocks) {
  std::size_t n = 0;
  for_each_block(blocks, [&](auto &b, std::size_t) { n += b.size; });
  return n;
}
template <class Blocks> void set_zero(Blocks &blocks) {
  for_each_block(blocks, [](auto &b, std::size_t) {
    for (std::size_t i = 0; i < b.size; ++i)
      b.data[i] = 0;
  });
}
template <class E> auto &lane_of(E &e, int) { return e; }
template <class T, int N> T &lane_of(lanes<T, N> &e, int lane) { return e[lane]; }
/// Direction `number` in a lane: a unit vector.
template <class Blocks> void set_unit(Blocks &blocks, std::size_t number, int lane) {
  for_each_block(blocks, [&](auto &b, std::size_t first) {
    if (number >= first && number - first < b.size)
      lane_of(b.data[number - first], lane) = 1;
  });
}

/// Columns of the Hessian, `Lanes` at a time (0: one): give(column, row, entry).
template <auto F, class W, int Lanes, class Give, std::size_t N, class... A>
void hessian_columns(const extents<N> &given, const Give &give, A &&...a) {
  using mode = batch_hvp_mode<Lanes>;
  using differentiated = typename plan<mode, F, W>::differentiated;
  record memory;
  auto directions = blocks<Lanes>(differentiated{}, given, memory),
       results = blocks<Lanes>(differentiated{}, given, memory);
  constexpr int width = Lanes ? Lanes : 1;
  const std::size_t n = count(directions);
  for (std::size_t column = 0; column < n; column += width) {
    set_zero(directions), set_zero(results);
    for (int lane = 0; lane < width; ++lane)
      set_unit(directions, column + lane, lane);
    std::apply(
        [&](auto &...d) {
          std::apply([&](auto &...r) { exactly<mode, F, W>(a..., d.value()..., r.adjoint()...); }, results);
        },
        directions);
    for_each_block(results, [&](auto &b, std::size_t first) {
      for (int lane = 0; lane < width && column + lane < n; ++lane)
        for (std::size_t i = 0; i < b.size; ++i)
          give(column + lane, first + i, n, lane_of(b.data[i], lane));
    });
  }
}

/// Splits (args..., matrix): calls fn(matrix, args...).
template <class Fn, std::size_t... I, class Tuple>
auto last_first(const Fn &fn, std::index_sequence<I...>, Tuple &&all) {
  return fn(std::get<sizeof...(I)>(all), std::get<I>(all)...);
}

template <auto F, class W, int Lanes, std::size_t N, class... A>
void hessian(const extents<N> &given, A &&...a) {
  last_first(
      [&](auto *matrix, auto &&...args) {
        hessian_columns<F, W, Lanes>(
            given, [=](std::size_t j, std::size_t i, std::size_t n, auto h) { matrix[i * n + j] = h; },
            args...);
      },
      std::make_index_sequence<sizeof...(A) - 1>(), std::forward_as_tuple(a...));
}
template <auto F, class W, int Lanes, std::size_t N, class... A>
void hessian_diagonal(const extents<N> &given, A &&...a) {
  last_first(
      [&](auto *diagonal, auto &&...args) {
        hessian_columns<F, W, Lanes>(
            given,
            [=](std::size_t j, std::size_t i, std::size_t, auto h) {
              if (i == j)
                diagonal[i] = h;
            },
            args...);
      },
      std::make_index_sequence<sizeof...(A) - 1>(), std::forward_as_tuple(a...));
}

// ---- Jacobians ----

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

/// One Jacobian: arrays for arguments' tangents or adjoints, and copies of what the function writes.
template <auto F, class W, class O, class... A> class jacobian_of {
  using ends_ = typename ends<F, W, O>::type;
  static_assert(
      ends_::is_disjoint,
      "nabla: a parameter of a jacobian is an input or an output; for one that is both, copy it first");
  using by = typename ends_::by;
  using result = typename plan<pushforward_mode, F, by>::primal_result;
  static constexpr bool has_result = std::is_floating_point_v<result>;

public:
  template <std::size_t N> jacobian_of(const extents<N> &given, A... a) : args_(a...) {
    extents<N> ordered = in_order(given, typename ends_::inputs{}, typename ends_::outputs{});
    bars_ = blocks<0>(typename ends_::all{}, ordered, memory_);
    saved_ = blocks<0>(typename ends_::all{}, ordered, memory_);
    each_block([&](auto &, std::size_t, auto index) {
      auto &save = std::get<index>(saved_);
      (is_output<index>() ? rows_ : columns_) += save.size;
      if constexpr (is_output<index>())
        copy(save, argument<index>());
    });
    rows_ += has_result;
  }

  template <class J> sweeps run(J *matrix) {
    // A pushforward costs about two evaluations, a pullback about four.
    sweeps how{columns_ <= 2 * rows_, columns_ <= 2 * rows_ ? columns_ : rows_};
    for (std::size_t k = 0; k < how.count; ++k) {
      set_zero(bars_);
      restore();
      if (how.is_forward)
        column(matrix, k);
      else
        row(matrix, k);
    }
    return how;
  }

private:
  template <std::size_t N, class... I, class... U>
  static extents<N> in_order(const extents<N> &given, list<I...>, list<U...>) {
    static_assert(raw_pointers<I...> + raw_pointers<U...> == N,
                  "nabla: give extents one integer per raw pointer among the inputs, then one per raw "
                  "pointer among the outputs");
    extents<N> out = given;
    std::size_t in = 0, from_out = raw_pointers<I...>, next = 0;
    order(out, given, in, from_out, next, typename ends_::all{}, std::make_index_sequence<count_all>());
    return out;
  }
  template <std::size_t N, class... P, std::size_t... K>
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
  template <std::size_t K> static constexpr bool is_output() { return ends_::output_at[parameter<K>()]; }
  template <std::size_t K> auto &argument() { return std::get<parameter<K>()>(args_); }

  template <class Fn, std::size_t... K> void each_block(const Fn &fn, std::index_sequence<K...>) {
    std::size_t in = 0, out = 0;
    auto one = [&](auto index) {
      auto &b = std::get<index>(bars_);
      std::size_t &first = is_output<index>() ? out : in;
      fn(b, first, index);
      first += b.size;
    };
    (one(std::integral_constant<std::size_t, K>()), ...);
  }
  template <class Fn> void each_block(const Fn &fn) { each_block(fn, std::make_index_sequence<count_all>()); }

  template <class Save, class Argument> static void copy(Save &save, Argument &a) {
    for (std::size_t i = 0; i < save.size; ++i)
      save.data[i] = detail::address(a)[i];
  }
  void restore() {
    each_block([&](auto &b, std::size_t, auto index) {
      if constexpr (is_output<index>())
        for (std::size_t i = 0; i < b.size; ++i)
          detail::address(argument<index>())[i] = std::get<index>(saved_).data[i];
    });
  }

  template <class J> void column(J *matrix, std::size_t k) {
    each_block([&](auto &b, std::size_t first, auto index) {
      if (!is_output<index>() && k >= first && k - first < b.size)
        b.data[k - first] = 1;
    });
    auto call = [&](auto &...b) {
      return std::apply([&](auto &&...a) { return exactly<pushforward_mode, F, by>(a..., b.value()...); },
                        args_);
    };
    if constexpr (has_result)
      matrix[k] = std::apply(call, bars_).dot;
    else
      std::apply(call, bars_);
    each_block([&](auto &b, std::size_t first, auto index) {
      if (is_output<index>())
        for (std::size_t i = 0; i < b.size; ++i)
          matrix[(has_result + first + i) * columns_ + k] = b.data[i];
    });
  }

  template <class J> void row(J *matrix, std::size_t k) {
    each_block([&](auto &b, std::size_t first, auto index) {
      std::size_t at = has_result + first;
      if (is_output<index>() && k >= at && k - at < b.size)
        b.data[k - at] = 1;
    });
    auto call = [&](auto &...b) {
      std::apply(
          [&](auto &&...a) {
            if constexpr (has_result)
              exactly<pullback_mode, F, by>(a..., result(k == 0), b.adjoint()...);
            else
              exactly<pullback_mode, F, by>(a..., b.adjoint()...);
          },
          args_);
    };
    std::apply(call, bars_);
    each_block([&](auto &b, std::size_t first, auto index) {
      if (!is_output<index>())
        for (std::size_t i = 0; i < b.size; ++i)
          matrix[k * columns_ + first + i] = b.data[i];
    });
  }

  template <class> struct blocks_of;
  template <class... P> struct blocks_of<list<P...>> {
    using type = std::tuple<block<0, P>...>;
  };
  record memory_;
  std::tuple<A...> args_;
  typename blocks_of<typename ends_::all>::type bars_, saved_;
  std::size_t rows_ = 0, columns_ = 0;
};

template <auto F, class W, class O, std::size_t N, class... A>
sweeps jacobian(const extents<N> &given, A &&...a) {
  return last_first(
      [&](auto *matrix, auto &&...args) {
        return jacobian_of<F, W, O, decltype(args)...>(given, args...).run(matrix);
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
template <class... O> inline constexpr bool are_ends = ((is_wrt<O> || is_of<O>) && ...);

/// The options among hessian's template arguments after f.
template <class... O> using by_of = typename choose<O...>::by;

} // namespace detail

// ---- Hessians -------------------------------------------------------------------------------------------------

/// The Hessian of a function that returns a real, over all differentiated reals in the order of parameters: row-major, n x n
/// entries of `H`, the last argument, are overwritten. Options after f: nabla::wrt<...>, nabla::batch<N>.
template <auto F, class... O, std::size_t N, class... A>
std::enable_if_t<detail::choose<O...>::is_valid> hessian(extents<N> given, A &&...a) {
  detail::hessian<F, detail::by_of<O...>, detail::choose<O...>::lanes>(given, static_cast<A &&>(a)...);
}
template <
    auto F, class... O, class First, class... A,
    std::enable_if_t<detail::choose<O...>::is_valid && !detail::is_extents<detail::plain<First>>, int> = 0>
void hessian(First &&first, A &&...a) {
  detail::hessian<F, detail::by_of<O...>, detail::choose<O...>::lanes>(
      extents<0>(), static_cast<First &&>(first), static_cast<A &&>(a)...);
}
/// Its diagonal alone: n entries of the last argument are overwritten.
template <auto F, class... O, std::size_t N, class... A>
std::enable_if_t<detail::choose<O...>::is_valid> hessian_diagonal(extents<N> given, A &&...a) {
  detail::hessian_diagonal<F, detail::by_of<O...>, detail::choose<O...>::lanes>(given,
                                                                                static_cast<A &&>(a)...);
}
template <
    auto F, class... O, class First, class... A,
    std::enable_if_t<detail::choose<O...>::is_valid && !detail::is_extents<detail::plain<First>>, int> = 0>
void hessian_diagonal(First &&first, A &&...a) {
  detail::hessian_diagonal<F, detail::by_of<O...>, detail::choose<O...>::lanes>(
      extents<0>(), static_cast<First &&>(first), static_cast<A &&>(a)...);
}

// ---- Jacobians ------------------------------------------------------------------------------------------------

/// Row-major, outputs x inputs, into the last argument. Outputs are the result and the parameters in nabla::of<...>; without
/// it every mutable pointer or reference to reals. Inputs are those in nabla::wrt<...>; without it the real parameters that
/// are no outputs. By columns or by rows, whichever costs less. All outputs end as the function leaves them.
template <auto F, class... O, std::size_t N, class... A, std::enable_if_t<detail::are_ends<O...>, int> = 0>
sweeps jacobian(extents<N> given, A &&...a) {
  return detail::jacobian<F, typename detail::pick<wrt<>, detail::wrt_test, O...>::type,
                          typename detail::pick<of<>, detail::of_test, O...>::type>(given,
                                                                                    static_cast<A &&>(a)...);
}
template <auto F, class... O, class First, class... A,
          std::enable_if_t<detail::are_ends<O...> && !detail::is_extents<detail::plain<First>>, int> = 0>
sweeps jacobian(First &&first, A &&...a) {
  return nabla::jacobian<F, O...>(extents<0>(), static_cast<First &&>(first), static_cast<A &&>(a)...);
}

} // namespace nabla
