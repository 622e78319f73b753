// Hessians by sweeps of hvp, and what jacobian.h shares with them. Included by nabla.h.
//
//   nabla::hessian<f>(nabla::extents{n}, x, n, H);                 // n x n, row-major, all entries
//   nabla::hessian_diagonal<f>(nabla::extents{n}, x, n, h);
//
// `extents` has one integer per differentiated raw pointer to reals, in the order of parameters (jacobian: inputs, then
// outputs). It is left out where no raw pointer is differentiated: containers know their sizes.
#ifndef NABLA_NABLA_H
#include "nabla.h" // which includes this file at its place
#elif !defined(NABLA_MATRIX_H)
#define NABLA_MATRIX_H
#include "elements.h"
#include "forward.h"
#include "reals.h"
#include <new>

namespace nabla {

/// How many reals raw pointers lead to.
template <std::size_t N> struct extents {
  std::size_t size[N ? N : 1];
  template <class... I> constexpr extents(I... n) : size{static_cast<std::size_t>(n)...} {}
};
template <class... I> extents(I...) -> extents<sizeof...(I)>;

namespace detail {

template <class E> inline constexpr bool is_extents = false;
template <std::size_t N> inline constexpr bool is_extents<extents<N>> = true;

/// How many reals the parameter has; raw pointers take the next extent, containers get their shapes later.
template <class P, std::size_t N> std::size_t size_of(const extents<N> &given, std::size_t &next) {
  if constexpr (is_array_like<plain<P>>)
    return 0;
  else if constexpr (is_raw<P>)
    return given.size[next++];
  else
    return sizeof(std::remove_reference_t<P>) / sizeof(real_of<P>);
}
template <class... P> inline constexpr std::size_t raw_pointers = (std::size_t(is_raw<P>) + ... + 0);

/// One array of zeroed reals per parameter.
template <int Lanes, class P> using block = reals_for<P, tangent_t<real_of<P>, Lanes>>;
template <int Lanes, class... P, std::size_t N, class Memory>
std::tuple<block<Lanes, P>...> blocks(list<P...>, const extents<N> &given, Memory &memory) {
  static_assert(raw_pointers<P...> == N,
                "nabla: give extents one integer per raw pointer to reals that is differentiated");
  std::size_t next = 0;
  std::tuple<block<Lanes, P>...> out{[&] {
    block<Lanes, P> b;
    b.size = size_of<P>(given, next);
    if constexpr (!is_array_like<plain<P>>)
      b.data = memory.template zeros<tangent_t<real_of<P>, Lanes>>(b.size);
    return b;
  }()...};
  return out;
}

/// Calls fn(block, first number of its reals) for each.
template <class Blocks, class Fn> void for_each_block(Blocks &blocks, const Fn &fn) {
  std::size_t first = 0;
  std::apply([&](auto &...b) { ((fn(b, first), first += b.size), ...); }, blocks);
}
/// Calls fn(real, its number) for each.
template <class Blocks, class Fn> void for_each_real(Blocks &blocks, const Fn &fn) {
  for_each_block(blocks, [&](auto &b, std::size_t first) {
    for (std::size_t i = 0; i < b.size; ++i)
      fn(b.data[i], first + i);
  });
}
/// Containers may have moved their reals in a sweep.
template <class Blocks> void find_reals(Blocks &blocks) {
  for_each_block(blocks, [](auto &b, std::size_t) { b.find_reals(); });
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

/// The product of the Hessian and a direction at one point, again and again.
template <auto F, class W, int Lanes, class Memory, std::size_t N, class... A> class hessian_times {
  using plan_ = plan<hvp_mode, F, W>;
  using differentiated = typename plan_::differentiated;
  template <class> struct writes;
  template <class... P> struct writes<list<P...>> {
    static constexpr bool any = (((is_raw<P> || is_view<plain<P>>) && is_writable<P>) || ...),
                          any_memory = (is_writable<P> || ...);
  };

public:
  hessian_times(Memory &memory, const extents<N> &given, A... a)
      : memory_(memory), directions(blocks<Lanes>(differentiated{}, given, memory_)),
        results(blocks<Lanes>(differentiated{}, given, memory_)), args_(a...) {
    adjoints_ = blocks<0>(differentiated{}, given, memory_);
    keep(std::index_sequence_for<A...>());
  }
  /// Does a call leave `directions` as they are?
  static constexpr bool keeps_directions = !writes<differentiated>::any_memory;
  /// Fills `results`.
  void run() {
    kept_.restore();
    set_zero(results);
    std::apply(
        [&](auto &...d) { std::apply([&](auto &...r) { call(list_of(d...), list_of(r...)); }, results); },
        directions);
    find_reals(directions);
    find_reals(results);
  }

  void put_back() { kept_.restore(); }

  // run() may change the directions of what the function writes.
  Memory &memory_;
  decltype(blocks<Lanes>(differentiated{}, extents<N>(), memory_)) directions, results;

private:
  template <class... T> static std::tuple<T &...> list_of(T &...t) { return {t...}; }
  template <class D, class R> void call(const D &d, const R &r) {
    auto all = [&](auto &...a) {
      auto with = [&](auto &...dot) {
        auto to = [&](auto &...result) {
          if constexpr (writes<differentiated>::any) {
            find_reals(adjoints_);
            set_zero(adjoints_);
            auto adding = [&](auto &...bar) {
              exactly<batch_gradient_and_hvp_mode<Lanes>, F, W>(a..., bar.adjoint()..., dot.value()...,
                                                                result.adjoint()...);
            };
            std::apply(adding, adjoints_);
          } else {
            exactly<batch_hvp_mode<Lanes>, F, W>(a..., dot.value()..., result.adjoint()...);
          }
        };
        std::apply(to, r);
      };
      std::apply(with, d);
    };
    std::apply(all, args_);
  }
  template <std::size_t I, bool IsCounted, class T> void keep_argument(T &argument, std::size_t size) {
    kept_.template keep<element_t<I, typename plan_::primals>, IsCounted>(argument, size, memory_);
  }
  /// A parameter's number among the differentiated ones.
  static constexpr std::size_t position(std::size_t parameter) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < parameter; ++i)
      at += plan_::selected::taken[i];
    return at;
  }
  template <std::size_t... I> void keep(std::index_sequence<I...>) {
    auto one = [&](auto index) {
      if constexpr (plan_::selected::taken[index]) {
        auto &argument = std::get<index>(args_);
        constexpr std::size_t at = position(index);
        std::get<at>(directions).shape(argument, memory_);
        std::get<at>(results).shape(argument, memory_);
        std::get<at>(adjoints_).shape(argument, memory_);
        keep_argument<index, true>(argument, std::get<at>(directions).size);
      } else {
        keep_argument<index, false>(std::get<index>(args_), 0);
      }
    };
    (one(std::integral_constant<std::size_t, I>()), ...);
  }

  std::tuple<A...> args_;
  decltype(blocks<0>(differentiated{}, extents<N>(), memory_)) adjoints_;
  kept<sizeof...(A)> kept_;
};

/// Columns of the Hessian, `Lanes` at a time (0: one): give(column, row, entry).
template <auto F, class W, int Lanes, class Give, std::size_t N, class... A>
void hessian_columns(const extents<N> &given, const Give &give, A &&...a) {
  record memory;
  hessian_times<F, W, Lanes, record, N, A &...> hessian(memory, given, a...);
  constexpr int width = Lanes ? Lanes : 1;
  const std::size_t n = count(hessian.directions);
  for (std::size_t column = 0; column < n; column += width) {
    set_zero(hessian.directions);
    for (int lane = 0; lane < width; ++lane)
      set_unit(hessian.directions, column + lane, lane);
    hessian.run();
    for_each_block(hessian.results, [&](auto &b, std::size_t first) {
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

/// The options among hessian's template arguments after f.
template <class... O> using by_of = typename choose<O...>::by;

} // namespace detail

// ---- hvp of what a function writes ----------------------------------------------------------------------------

namespace detail {

/// Is T a std::unique_ptr<E[]>, a std::shared_ptr<E[]>, or a container of such? Called with 0.
template <class T> constexpr bool owns_unknown_array(...) { return false; }
template <class T, class = typename T::element_type,
          class = decltype(std::declval<T &>().reset(), std::declval<T &>()[0])>
constexpr bool owns_unknown_array(int) {
  return true;
}
template <class T> constexpr bool owns_unknown_array(typename T::value_type *) {
  return owns_unknown_array<typename T::value_type>(0);
}

/// Zeroed adjoints of one parameter: reals, or objects of a class, which get their structure from the gradient function.
template <class P> class adjoint_for {
  using pointee = std::remove_pointer_t<std::remove_reference_t<P>>;
  using object = std::remove_cv_t<std::remove_all_extents_t<pointee>>;
  static constexpr bool is_real = std::is_floating_point_v<object>;

  struct alignas(object) storage {
    unsigned char bytes[sizeof(object)];
  };
  template <class T> static constexpr std::size_t objects_of() {
    if constexpr (std::is_array_v<T>)
      return std::extent_v<T> * objects_of<std::remove_extent_t<T>>();
    else
      return 1;
  }

  static_assert(!owns_unknown_array<object>(0),
                "nabla: hvp cannot make the adjoint of an array behind a smart "
                "pointer, whose length nobody knows: call "
                "gradient_and_hvp with one");

public:
  /// Where it lies, and the next extent.
  struct source {
    record &memory;
    std::size_t size;
    template <std::size_t N>
    source(record &memory, const extents<N> &given, std::size_t &next)
        : memory(memory), size(is_raw<P> ? given.size[next++] : objects_of<std::remove_reference_t<P>>()) {}
  };

  adjoint_for(const source &from)
      : data_(reinterpret_cast<object *>(from.memory.template zeros<storage>(from.size))), size_(from.size) {
    for (std::size_t i = 0; !is_real && i < size_; ++i)
      new (static_cast<void *>(data_ + i)) object(blank<object>());
  }
  adjoint_for(const adjoint_for &) = delete;
  ~adjoint_for() {
    for (std::size_t i = 0; !std::is_trivially_destructible_v<object> && i < size_; ++i)
      data_[i].~object();
  }

  decltype(auto) operator()() const {
    using T = std::remove_cv_t<pointee>;
    if constexpr (!is_raw<P> && !std::is_reference_v<P>)
      return static_cast<object *>(data_);
    else if constexpr (is_raw<P>)
      return reinterpret_cast<T *>(data_);
    else
      return reinterpret_cast<T &>(*data_);
  }

private:
  object *data_;
  std::size_t size_;
};

template <class Mode, auto F, class W, std::size_t N, std::size_t... P, std::size_t... D, class All,
          class... B>
auto hvp_with_adjoints(list<B...>, const extents<N> &given, std::index_sequence<P...>,
                       std::index_sequence<D...>, All &&all) {
  static_assert(raw_pointers<B...> == N,
                "nabla: give extents one integer per raw pointer that is differentiated");
  record memory;
  constexpr std::size_t first = sizeof...(P), second = first + sizeof...(D);
  std::size_t next = 0;
  std::tuple<adjoint_for<B>...> adjoints{typename adjoint_for<B>::source(memory, given, next)...};
  return std::apply(
      [&](auto &...bar) {
        return exactly<Mode, F, W>(std::get<P>(all)..., bar()..., std::get<first + D>(all)...,
                                   std::get<second + D>(all)...);
      },
      adjoints);
}

} // namespace detail

/// hvp of a function that writes what its parameters point to: the extents say how many reals, or objects of a class, the
/// adjoints of raw pointers need, one integer per differentiated one.
template <auto F, class... O, std::size_t N, class... A,
          std::enable_if_t<detail::choose<O...>::is_valid, int> = 0,
          class Mode = detail::batch_gradient_and_hvp_mode<detail::choose<O...>::lanes>,
          class Plan = detail::plan<Mode, F, typename detail::choose<O...>::by>>
typename Plan::result hvp(extents<N> given, A &&...a) {
  constexpr std::size_t own = Plan::primals::size, by = Plan::differentiated::size;
  static_assert(sizeof...(A) == own + 2 * by,
                "nabla: wrong number of arguments: pass the function's own, then one "
                "direction and one result for each parameter that is differentiated");
  return detail::hvp_with_adjoints<Mode, F, typename detail::choose<O...>::by>(
      typename Plan::differentiated{}, given, std::make_index_sequence<own>(), std::make_index_sequence<by>(),
      std::forward_as_tuple(static_cast<A &&>(a)...));
}

// ---- Hessians -------------------------------------------------------------------------------------------------

namespace detail {
/// nabla::batch<1> is one column: nothing needs lanes.
template <class... O>
inline constexpr int columns_at_once = choose<O...>::lanes > 1 ? choose<O...>::lanes : 0;
} // namespace detail

/// The Hessian of a function that returns a real, over all differentiated reals in the order of parameters: row-major, n x n
/// entries of `H`, the last argument, are overwritten. Options after f: nabla::wrt<...>, nabla::batch<N>.
template <auto F, class... O, std::size_t N, class... A>
std::enable_if_t<detail::choose<O...>::is_valid> hessian(extents<N> given, A &&...a) {
  detail::hessian<F, detail::by_of<O...>, detail::columns_at_once<O...>>(given, static_cast<A &&>(a)...);
}
template <
    auto F, class... O, class First, class... A,
    std::enable_if_t<detail::choose<O...>::is_valid && !detail::is_extents<detail::plain<First>>, int> = 0>
void hessian(First &&first, A &&...a) {
  detail::hessian<F, detail::by_of<O...>, detail::columns_at_once<O...>>(
      extents<0>(), static_cast<First &&>(first), static_cast<A &&>(a)...);
}
/// Its diagonal alone: n entries of the last argument are overwritten.
template <auto F, class... O, std::size_t N, class... A>
std::enable_if_t<detail::choose<O...>::is_valid> hessian_diagonal(extents<N> given, A &&...a) {
  detail::hessian_diagonal<F, detail::by_of<O...>, detail::columns_at_once<O...>>(given,
                                                                                  static_cast<A &&>(a)...);
}
template <
    auto F, class... O, class First, class... A,
    std::enable_if_t<detail::choose<O...>::is_valid && !detail::is_extents<detail::plain<First>>, int> = 0>
void hessian_diagonal(First &&first, A &&...a) {
  detail::hessian_diagonal<F, detail::by_of<O...>, detail::columns_at_once<O...>>(
      extents<0>(), static_cast<First &&>(first), static_cast<A &&>(a)...);
}

} // namespace nabla

#endif
