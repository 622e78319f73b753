// The oracle of the run tests. In: a function on doubles, the same source compiled on dual numbers, and
// arguments. It checks the value, the final state of every argument and every adjoint of nabla::gradient<F>
// against
//   bar_in[i] = d result / d in[i] + sum over j of bar_out[j] * d out[j] / d in[i],
// where bar_out is what the adjoints held on entry. For an argument that F only reads this is "adds into the
// adjoint".
//
//   verify<on_reals::f, on_duals::f>("f", 1.5, reals{1, 2, 3}, 3);
//
// A scalar is given as a number, whatever a pointer, a reference or a struct of doubles leads to as a list of
// reals. With NABLA_TEST_FORWARD it is nabla::pushforward<F> that is checked, along a direction, and nabla::hvp<F> against
// differences of the gradient, wherever F's parameters cannot be written. With NABLA_TEST_DIFFERENCES the gradient is replaced by central differences: that tests the oracle
// itself.
#pragma once
#include "check.h"
#include "dual.h"
#include <functional>
#include <memory>
#include <nabla/nabla.h>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>
#if __has_include(<span>)
#include <span>
#endif

namespace oracle {

using reals = std::vector<double>;
using Arguments = std::vector<reals>;

// ---- One case, free of types
// ----------------------------------------------------------------------------------

struct Case {
  const char *name;
  Arguments args;
  std::vector<bool> active;
  double tolerance;
  std::function<double(Arguments &)> plain;
  std::function<double(Arguments &, Arguments &)> gradient;                ///< args, adjoints
  std::function<std::pair<double, double>(Arguments &, Arguments &)> dual; ///< args, tangents
  std::function<std::pair<double, double>(Arguments &, Arguments &)> pushforward;
  std::function<double(Arguments &, Arguments &, Arguments &)> hvp; ///< args, directions, results
};

inline void expect_near(const Case &c, const char *what, std::size_t arg, std::size_t at, double got,
                        double expected, double scale, double tolerance) {
  bool ok = got == expected || (std::isnan(got) && std::isnan(expected)) ||
            std::fabs(got - expected) <= tolerance * (1 + scale);
  check::verdict(ok, c.name, what, int(at));
  if (!ok)
    std::printf("  case %s: %s of argument %d, element %d: got %.17g, expected %.17g\n", c.name, what,
                int(arg), int(at), got, expected);
}

inline void expect_same_state(const Case &c, const Arguments &got, const Arguments &expected) {
  for (std::size_t a = 0; a < got.size(); ++a) {
    check::verdict(got[a].size() == expected[a].size(), c.name, "final size of argument", int(a));
    for (std::size_t i = 0; i < got[a].size(); ++i)
      expect_near(c, "final state", a, i, got[a][i], expected[a][i], std::fabs(expected[a][i]), c.tolerance);
  }
}

/// In the shape that the arguments end in.
inline Arguments entry_adjoints(const Case &c, const Arguments &shape) {
  Arguments bars = shape;
  int k = 0;
  for (std::size_t a = 0; a < bars.size(); ++a)
    for (double &bar : bars[a])
      bar = c.active[a] ? 0.25 + 0.5 * std::sin(1.0 + 3 * k++) : 0.0;
  return bars;
}

inline Arguments entry_adjoints(const Case &c) { return entry_adjoints(c, c.args); }

inline double differences(const Case &c, Arguments &args, Arguments &bars) {
  Arguments in = args, entry = bars;
  double result = c.plain(args);
  for (std::size_t a = 0; a < in.size(); ++a)
    for (std::size_t i = 0; c.active[a] && i < in[a].size(); ++i) {
      double h = 1e-6 * (1 + std::fabs(in[a][i]));
      Arguments up = in, down = in;
      up[a][i] += h;
      down[a][i] -= h;
      double slope = c.plain(up);
      slope -= c.plain(down);
      bars[a][i] = slope / (2 * h);
      for (std::size_t b = 0; b < in.size(); ++b)
        for (std::size_t j = 0; j < in[b].size(); ++j)
          bars[a][i] += entry[b][j] * (up[b][j] - down[b][j]) / (2 * h);
    }
  return result;
}

inline void check_case(const Case &c) {
  Arguments expected_state = c.args, state = c.args;
  double expected = c.plain(expected_state);
  Arguments entry = entry_adjoints(c, expected_state), bars = entry;
  double value = c.gradient ? c.gradient(state, bars) : differences(c, state, bars);
  expect_near(c, "value", 0, 0, value, expected, std::fabs(expected), c.tolerance);
  expect_same_state(c, state, expected_state);
  for (std::size_t a = 0; a < c.args.size(); ++a)
    check::verdict(bars[a].size() == c.args[a].size(), c.name, "size of the adjoint of argument", int(a));
  for (std::size_t a = 0; a < c.args.size(); ++a)
    for (std::size_t i = 0; c.active[a] && i < c.args[a].size(); ++i) {
      Arguments out = c.args, dots = c.args;
      for (reals &d : dots)
        d.assign(d.size(), 0.0);
      dots[a][i] = 1;
      double bar = c.dual(out, dots).second, scale = std::fabs(bar);
      for (std::size_t b = 0; b < out.size(); ++b)
        for (std::size_t j = 0; c.active[b] && j < out[b].size(); ++j) {
          bar += entry[b][j] * dots[b][j];
          scale += std::fabs(entry[b][j] * dots[b][j]);
        }
      expect_near(c, "adjoint", a, i, bars[a][i], bar, scale, c.tolerance);
    }
}

// ---- Forward mode and second order
// ----------------------------------------------------------------------------------

inline Arguments direction(const Case &c) {
  Arguments dots = entry_adjoints(c);
  for (reals &d : dots)
    for (double &x : d)
      x *= 2;
  return dots;
}

inline void expect_near_sizes(const Case &c, const Arguments &got, const Arguments &expected) {
  for (std::size_t a = 0; a < got.size(); ++a)
    if (c.active[a])
      check::verdict(got[a].size() == expected[a].size(), c.name, "final size of tangent", int(a));
}

inline void check_pushforward(const Case &c) {
  Arguments expected_state = c.args, state = c.args, expected_dots = direction(c), dots = expected_dots;
  auto expected = c.dual(expected_state, expected_dots);
  auto got = c.pushforward(state, dots);
  expect_near(c, "value", 0, 0, got.first, expected.first, std::fabs(expected.first), c.tolerance);
  expect_near(c, "tangent", 0, 0, got.second, expected.second, std::fabs(expected.second), c.tolerance);
  expect_same_state(c, state, expected_state);
  expect_near_sizes(c, dots, expected_dots);
  for (std::size_t a = 0; a < dots.size(); ++a)
    for (std::size_t i = 0; c.active[a] && i < dots[a].size(); ++i)
      expect_near(c, "final tangent", a, i, dots[a][i], expected_dots[a][i], std::fabs(expected_dots[a][i]),
                  c.tolerance);
}

/// The gradient at args + step * direction.
inline Arguments gradient_at(const Case &c, const Arguments &dots, double step) {
  Arguments args = c.args, bars = c.args;
  for (std::size_t a = 0; a < args.size(); ++a)
    for (std::size_t i = 0; i < args[a].size(); ++i) {
      args[a][i] += c.active[a] ? step * dots[a][i] : 0.0;
      bars[a][i] = 0;
    }
  c.gradient(args, bars);
  return bars;
}

/// Against differences of fourth order; at a kink or pole nearby they say nothing.
inline void check_hvp(const Case &c) {
  Arguments dots = direction(c), state = c.args, results = entry_adjoints(c), entry = results;
  const double h = 1e-3;
  Arguments g[4] = {gradient_at(c, dots, -2 * h), gradient_at(c, dots, -h), gradient_at(c, dots, h),
                    gradient_at(c, dots, 2 * h)};
  Arguments expected_state = c.args, directions = dots;
  double expected = c.plain(expected_state), value = c.hvp(state, directions, results);
  expect_near(c, "value of hvp", 0, 0, value, expected, std::fabs(expected), c.tolerance);
  expect_same_state(c, state, expected_state);
  for (std::size_t a = 0; a < dots.size(); ++a)
    for (std::size_t i = 0; c.active[a] && i < dots[a].size(); ++i) {
      double fine = (g[2][a][i] - g[1][a][i]) / (2 * h), coarse = (g[3][a][i] - g[0][a][i]) / (4 * h);
      double best = (4 * fine - coarse) / 3, scale = std::fabs(fine) + std::fabs(g[1][a][i]);
      double unsure = std::fabs(fine - coarse) / (1 + scale);
      if (unsure <= 1e-2)
        expect_near(c, "hvp", a, i, results[a][i] - entry[a][i], best, scale,
                    1e-5 + 20 * c.tolerance + 0.1 * unsure);
    }
}

// ---- From flat lists of reals to parameters and back
// ----------------------------------------------------------

/// std::vector and std::span: what they hold.
template <class T> struct held {
  using type = T;
  static constexpr bool is_container = false;
};
template <class T> struct held<std::vector<T>> {
  using type = typename held<T>::type;
  static constexpr bool is_container = true;
};
#ifdef __cpp_lib_span
template <class T> struct held<std::span<T>> {
  using type = std::remove_cv_t<T>;
  static constexpr bool is_container = true;
};
#endif
template <class P> using bare_type = std::remove_cv_t<std::remove_reference_t<P>>;
template <class P>
using element = typename held<std::remove_cv_t<
    std::remove_all_extents_t<std::remove_cv_t<std::remove_pointer_t<std::remove_reference_t<P>>>>>>::type;
template <class P>
constexpr bool is_active = !std::is_integral<element<P>>::value && !std::is_enum<element<P>>::value;
template <class P> constexpr bool is_by_value = !std::is_reference<P>::value && !std::is_pointer<P>::value;

/// The number type inside E: E itself, or double for a struct of doubles (dual<double> in the dual world).
template <class E, class Number>
using number = std::conditional_t<std::is_arithmetic<E>::value || is_dual<E>::value, E, Number>;

/// What one parameter of type P points to, owned. Number is double, or dual<double>.
template <class P, class Number, class = void> class Slot {
public:
  using E = element<P>;
  using N = number<E, Number>;
  explicit Slot(const reals &values, const reals *dots = nullptr) : size_(values.size()) {
    memory_ = std::make_unique<E[]>(size_ * sizeof(N) / sizeof(E) + 1);
    for (std::size_t i = 0; i < size_; ++i) {
      numbers()[i] = static_cast<N>(values[i]);
      if constexpr (is_dual<N>::value)
        numbers()[i].dot = static_cast<decltype(N::dot)>((*dots)[i]);
    }
  }
  P parameter() {
    if constexpr (std::is_reference<P>::value)
      return reinterpret_cast<P>(memory_[0]);
    else if constexpr (std::is_pointer<P>::value)
      return reinterpret_cast<P>(const_cast<E *>(memory_.get()));
    else
      return memory_[0];
  }
  /// The adjoint parameter that belongs to P: T * for T and const T *, T & for const T &.
  auto adjoint() {
    using Target = std::remove_reference_t<P>;
    if constexpr (std::is_reference<P>::value)
      return std::tuple<std::remove_cv_t<Target> &>(reinterpret_cast<std::remove_cv_t<Target> &>(memory_[0]));
    else if constexpr (std::is_pointer<P>::value)
      return std::make_tuple(reinterpret_cast<std::remove_cv_t<std::remove_pointer_t<P>> *>(memory_.get()));
    else
      return std::make_tuple(memory_.get());
  }
  void store(reals &values, reals *dots = nullptr) {
    for (std::size_t i = 0; i < size_; ++i) {
      values[i] = static_cast<double>(value_of(numbers()[i]));
      if constexpr (is_dual<N>::value)
        (*dots)[i] = static_cast<double>(numbers()[i].dot);
    }
  }

private:
  N *numbers() { return reinterpret_cast<N *>(memory_.get()); }
  std::size_t size_;
  std::unique_ptr<E[]> memory_;
};

/// A container of numbers, or of structs of them.
template <class P, class Number> class Slot<P, Number, std::enable_if_t<held<bare_type<P>>::is_container>> {
public:
  using V = bare_type<P>;
  using E = element<P>;
  using N = number<E, Number>;
  explicit Slot(const reals &values, const reals *dots = nullptr)
      : memory_(values.size() * sizeof(N) / sizeof(E)) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      numbers()[i] = static_cast<N>(values[i]);
      if constexpr (is_dual<N>::value)
        numbers()[i].dot = static_cast<decltype(N::dot)>((*dots)[i]);
    }
  }
  P parameter() { return object(); }
  /// Of a parameter by value: a pointer to the adjoint.
  auto adjoint() {
    if constexpr (std::is_reference<P>::value)
      return std::tuple<V &>(object());
    else if constexpr (std::is_same<V, std::vector<E>>::value)
      return std::make_tuple(&memory_);
#ifdef __cpp_lib_span
    else {
      span_ = std::span<E>(memory_);
      return std::make_tuple(&span_);
    }
#endif
  }
  void store(reals &values, reals *dots = nullptr) {
    values.resize(memory_.size() * sizeof(E) / sizeof(N));
    if (dots)
      dots->resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = static_cast<double>(value_of(numbers()[i]));
      if constexpr (is_dual<N>::value)
        (*dots)[i] = static_cast<double>(numbers()[i].dot);
    }
  }

private:
  decltype(auto) object() {
    if constexpr (std::is_same<V, std::vector<E>>::value)
      return (memory_);
    else
      return V(memory_);
  }
  N *numbers() { return reinterpret_cast<N *>(memory_.data()); }
  std::vector<E> memory_;
#ifdef __cpp_lib_span
  std::span<E> span_;
#endif
};

/// Back to the caller; his own copy of a by-value argument stays as it is.
template <class P, class Number> void keep(Slot<P, Number> &s, reals &values, reals *dots = nullptr) {
  bool is_span =
      held<bare_type<P>>::is_container && !std::is_same<bare_type<P>, std::vector<element<P>>>::value;
  if (!is_by_value<P> || is_span)
    s.store(values, dots);
}

template <auto F> struct Typed;
template <class R, class... P, R (*F)(P...)> struct Typed<F> {
  using Indices = std::index_sequence_for<P...>;
  using result = R;
  static std::vector<bool> active() { return {is_active<P>...}; }
  static double tolerance() {
    return ((std::is_same<element<P>, float>::value) || ...) || std::is_same<R, float>::value ? 2e-5 : 1e-11;
  }
  template <class Call> static auto value(Call call) {
    if constexpr (std::is_void<R>::value) {
      call();
      return 0.0;
    } else {
      return call();
    }
  }

  template <std::size_t... I> static double plain(Arguments &args, std::index_sequence<I...>) {
    std::tuple<Slot<P, double>...> slots{Slot<P, double>(args[I])...};
    double v = double(value([&] { return F(std::get<I>(slots).parameter()...); }));
    (keep(std::get<I>(slots), args[I]), ...);
    return v;
  }

  template <std::size_t... I>
  static std::pair<double, double> dual(Arguments &args, Arguments &dots, std::index_sequence<I...>) {
    using D = oracle::dual<double>;
    std::tuple<Slot<P, D>...> slots{Slot<P, D>(args[I], &dots[I])...};
    auto v = oracle::dual<long double>(value([&] { return F(std::get<I>(slots).parameter()...); }));
    (keep(std::get<I>(slots), args[I], &dots[I]), ...);
    return {double(v.value), double(v.dot)};
  }

#ifdef NABLA_TEST_FORWARD
  template <class Q> static auto tangent(Slot<Q, double> &slot) {
    if constexpr (is_active<Q>)
      return std::tuple<std::conditional_t<std::is_reference<Q>::value, Q, std::remove_cv_t<Q>>>(
          slot.parameter());
    else
      return std::tuple<>();
  }
  template <std::size_t... I>
  static std::pair<double, double> pushforward(Arguments &args, Arguments &dots, std::index_sequence<I...>) {
    std::tuple<Slot<P, double>...> slots{Slot<P, double>(args[I])...}, tangents{Slot<P, double>(dots[I])...};
    auto all = std::tuple_cat(std::tuple<P...>(std::get<I>(slots).parameter()...),
                              tangent(std::get<I>(tangents))...);
    std::pair<double, double> out{0, 0};
    auto run = [&](auto &&...a) {
      if constexpr (std::is_void<R>::value)
        nabla::pushforward<F>(std::forward<decltype(a)>(a)...);
      else {
        auto both = nabla::pushforward<F>(std::forward<decltype(a)>(a)...);
        if constexpr (std::is_floating_point<R>::value)
          out = {double(both.value), double(both.dot)};
        else
          out = {double(both), 0.0};
      }
    };
    std::apply(run, std::move(all));
    (keep(std::get<I>(slots), args[I]), ...);
    (keep(std::get<I>(tangents), dots[I]), ...);
    return out;
  }
  /// Can nothing that a parameter leads to be written?
  template <class Q>
  static constexpr bool is_read_only =
      !is_active<Q> || is_by_value<Q> ||
      std::is_const<std::remove_pointer_t<std::remove_reference_t<Q>>>::value;
#ifdef NABLA_TEST_FIRST_ORDER
  static constexpr bool has_hvp = false;
#else
  static constexpr bool has_hvp = std::is_floating_point<R>::value && (is_read_only<P> && ...);
#endif
  template <std::size_t... I>
  static double hvp(Arguments &args, Arguments &dots, Arguments &results, std::index_sequence<I...>) {
    std::tuple<Slot<P, double>...> slots{Slot<P, double>(args[I])...}, tangents{Slot<P, double>(dots[I])...},
        products{Slot<P, double>(results[I])...};
    auto all = std::tuple_cat(std::tuple<P...>(std::get<I>(slots).parameter()...),
                              tangent(std::get<I>(tangents))..., adjoint(std::get<I>(products))...);
    double v = double(std::apply([](auto &&...a) { return nabla::hvp<F>(std::forward<decltype(a)>(a)...); },
                                 std::move(all)));
    (keep(std::get<I>(slots), args[I]), ...);
    (std::get<I>(products).store(results[I]), ...);
    return v;
  }
#endif

#ifndef NABLA_TEST_DIFFERENCES
  template <class Q> static auto adjoint(Slot<Q, double> &slot) {
    if constexpr (is_active<Q>)
      return slot.adjoint();
    else
      return std::tuple<>();
  }
  template <std::size_t... I>
  static double gradient(Arguments &args, Arguments &bars, std::index_sequence<I...>) {
    std::tuple<Slot<P, double>...> slots{Slot<P, double>(args[I])...}, adjoints{Slot<P, double>(bars[I])...};
    auto all = std::tuple_cat(std::tuple<P...>(std::get<I>(slots).parameter()...),
                              adjoint(std::get<I>(adjoints))...);
    double v = double(value([&] {
      return std::apply([](auto &&...a) { return nabla::gradient<F>(std::forward<decltype(a)>(a)...); },
                        std::move(all));
    }));
    (keep(std::get<I>(slots), args[I]), ...);
    (std::get<I>(adjoints).store(bars[I]), ...);
    return v;
  }
#endif
};

inline reals as_reals(double x) { return {x}; }
inline reals as_reals(reals x) { return x; }

template <auto F, auto D, bool Single = false, class... A> void verify(const char *name, A... args) {
  using T = Typed<F>;
  using I = typename T::Indices;
  Case c;
  c.name = name;
  c.args = {as_reals(args)...};
  c.active = T::active();
  c.tolerance = Single ? 2e-5 : T::tolerance();
  c.plain = [](Arguments &a) { return T::plain(a, I()); };
  c.dual = [](Arguments &a, Arguments &d) { return Typed<D>::dual(a, d, I()); };
#ifdef NABLA_TEST_FORWARD
  c.pushforward = [](Arguments &a, Arguments &d) { return T::pushforward(a, d, I()); };
  check_pushforward(c);
  if constexpr (T::has_hvp) {
    c.gradient = [](Arguments &a, Arguments &b) { return T::gradient(a, b, I()); };
    c.hvp = [](Arguments &a, Arguments &d, Arguments &r) { return T::hvp(a, d, r, I()); };
    if (std::is_same<double, typename T::result>::value && !Single)
      check_hvp(c);
  }
  return;
#elif !defined(NABLA_TEST_DIFFERENCES)
  c.gradient = [](Arguments &a, Arguments &b) { return T::gradient(a, b, I()); };
#else
  c.tolerance = c.tolerance > 1e-6 ? 2 : 1e-6; // float differences tell nothing
#endif
  check_case(c);
}

} // namespace oracle
