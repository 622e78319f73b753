// The self-check of a gradient. Included by nabla.h.
//
//   nabla::gradient_check report = nabla::check_gradient<f>(nabla::extents{n}, x, n);
//   if (!report.passed) std::printf("%s is %g, by differences %g\n", report.entry, report.by_gradient, report.by_differences);
#ifndef NABLA_NABLA_H
#include "nabla.h" // which includes this file at its place
#elif !defined(NABLA_CHECK_GRADIENT_H)
#define NABLA_CHECK_GRADIENT_H
#include "jacobian.h"

namespace nabla {

/// What check_gradient found. Reals are numbered over all differentiated parameters; a mismatch is relative.
struct gradient_check {
  bool passed;
  double tangent, adjoint; ///< the derivative in one direction by pushforward, and by gradient
  double dot_mismatch;     ///< between these two; at most 1e-10 passes
  double
      difference_mismatch; ///< the worst entry of the gradient against difference quotients; at most 1e-5 passes
  int parameter;           ///< that entry's parameter, among the differentiated ones, from 0
  std::size_t element;     ///< and its number in that parameter
  double by_gradient, by_differences;
  char entry[64]; ///< the same as the function's author would write it: "w[17]", "x"
};

namespace detail {

/// Numbers between -1 and 1 that look random.
class directions {
public:
  double next() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<double>(state_ >> 11) / 4503599627370496.0 - 1;
  }

private:
  unsigned long long state_ = 88172645463325252ULL;
};

/// "w[17]": the parameter with that number in "x,w", and its element.
inline void write_entry(char (&out)[64], const char *names, std::size_t parameter, std::size_t element,
                        bool is_array) {
  std::size_t at = 0;
  for (; parameter > 0 && *names; ++names)
    parameter -= *names == ',';
  while (*names && *names != ',' && at < 40)
    out[at++] = *names++;
  char digits[20];
  int count = 0;
  do
    digits[count++] = char('0' + element % 10);
  while (element /= 10);
  if (is_array)
    out[at++] = '[';
  while (is_array && count > 0)
    out[at++] = digits[--count];
  if (is_array)
    out[at++] = ']';
  out[at] = 0;
}

template <auto F, class W, class... A> class checker {
  using plan_ = plan<gradient_mode, F, W>;
  using differentiated = typename plan_::differentiated;
  template <class> struct blocks_of;
  template <class... P> struct blocks_of<list<P...>> {
    using type = std::tuple<block<0, P>...>;
  };
  using Blocks = typename blocks_of<differentiated>::type;

public:
  template <std::size_t N> checker(const extents<N> &given, A... a) : args_(a...) {
    bars_ = blocks<0>(differentiated{}, given, memory_);
    dots_ = blocks<0>(differentiated{}, given, memory_);
    at_ = blocks<0>(differentiated{}, given, memory_);
    here_ = blocks<0>(differentiated{}, given, memory_);
    for (Blocks *all : {&bars_, &dots_, &at_, &here_})
      each(*all, [&](auto &b, std::size_t, auto index) { b.shape(argument<index>(), memory_); });
    keep(std::index_sequence_for<A...>());
    each(here_, [&](auto &b, std::size_t, auto index) {
      for (std::size_t i = 0; i < b.size; ++i)
        b.data[i] = detail::address(argument<index>())[i];
    });
  }

  gradient_check run() {
    gradient_check out{};
    reset();
    std::apply(
        [&](auto &...b) { call([&](auto &&...a) { exactly<gradient_mode, F, W>(a..., b.adjoint()...); }); },
        bars_);
    directions random;
    each(dots_, [&](auto &b, std::size_t, auto index) {
      for (std::size_t i = 0; i < b.size; ++i) {
        b.data[i] = random.next();
        out.adjoint += double(b.data[i]) * double(std::get<index>(bars_).data[i]);
        scale_ += std::fabs(double(b.data[i]) * double(std::get<index>(bars_).data[i]));
      }
    });
    reset();
    std::apply(
        [&](auto &...d) {
          call([&](auto &&...a) { out.tangent = exactly<pushforward_mode, F, W>(a..., d.value()...).dot; });
        },
        dots_);
    out.dot_mismatch = std::fabs(out.tangent - out.adjoint) / std::fmax(scale_, 1e-300);
    if (out.tangent == out.adjoint)
      out.dot_mismatch = 0;
    differences(out);
    kept_.restore();
    bool is_single = sizeof(typename plan_::result) == sizeof(float);
    out.passed = out.dot_mismatch <= (is_single ? 1e-4 : 1e-10) &&
                 out.difference_mismatch <= (is_single ? 5e-2 : 1e-5);
    return out;
  }

private:
  /// Every entry against difference quotients of fourth order.
  void differences(gradient_check &out) {
    double largest = 0;
    each(bars_, [&](auto &b, std::size_t, auto) {
      for (std::size_t i = 0; i < b.size; ++i)
        largest = std::fmax(largest, std::fabs(double(b.data[i])));
    });
    each(bars_, [&](auto &b, std::size_t, auto index) {
      using real = std::remove_reference_t<decltype(*b.data)>;
      for (std::size_t i = 0; i < b.size; ++i) {
        double x = std::get<index>(here_).data[i],
               h = (sizeof(real) == sizeof(float) ? 1e-2 : 1e-3) * (1 + std::fabs(x));
        auto f = [&](double step) {
          reset();
          std::get<index>(at_).data[i] = static_cast<real>(x + step);
          double value = 0;
          call([&](auto &&...a) { value = F(a...); });
          return value;
        };
        double quotient = 0, mismatch = 0;
        // A right derivative agrees at one of the steps: long ones are wrong near kinks and for small x.
        for (int attempt = 0; attempt < 3; ++attempt, h /= 64) {
          double q = (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
          double m = std::fabs(q - double(b.data[i])) / std::fmax(largest, 1e-8);
          if (attempt == 0 || m < mismatch || mismatch != mismatch)
            quotient = q, mismatch = m;
          if (mismatch < 1e-7)
            break;
        }
        if (mismatch > out.difference_mismatch || mismatch != mismatch) {
          out.difference_mismatch = mismatch;
          out.parameter = int(index);
          out.element = i;
          out.by_gradient = b.data[i];
          out.by_differences = quotient;
          using type = std::tuple_element_t<index, typename tuple_of<differentiated>::type>;
          write_entry(out.entry, request<names_mode, F, wrt<>>::call(), parameter<index>(), i,
                      is_raw<type> || is_array_like<plain<type>> ||
                          std::is_array_v<std::remove_reference_t<type>>);
        }
      }
    });
  }

  /// What is not differentiated may be written, too.
  template <std::size_t... I> void keep(std::index_sequence<I...>) {
    auto one = [&](auto index) {
      if constexpr (position<index>() < 0)
        kept_.template keep<element_t<index, typename plan_::primals>, false>(std::get<index>(args_), 0,
                                                                              memory_);
    };
    (one(std::integral_constant<std::size_t, I>()), ...);
  }
  void reset() {
    kept_.restore();
    each(at_, [&](auto &b, std::size_t, auto index) {
      for (std::size_t i = 0; i < b.size; ++i)
        b.data[i] = std::get<index>(here_).data[i];
    });
  }
  /// fn(args...), the differentiated ones replaced by those in `at_`.
  template <class Fn> void call(const Fn &fn) { call(fn, std::index_sequence_for<A...>()); }
  template <class Fn, std::size_t... I> void call(const Fn &fn, std::index_sequence<I...>) {
    fn(pass<I>()...);
  }
  template <std::size_t I> decltype(auto) pass() {
    if constexpr (position<I>() >= 0)
      return std::get<std::size_t(position<I>())>(at_).value();
    else
      return std::get<I>(args_);
  }
  template <class... P, auto... Chosen>
  static constexpr long find(std::size_t wanted, list<P...>, wrt<Chosen...> by) {
    constexpr bool chosen[] = {is_chosen<P>(0, wrt<>{})..., false};
    long found = -1, next = 0;
    for (std::size_t i = 0; i < sizeof...(P); ++i) {
      bool is_active = sizeof...(Chosen) == 0 ? chosen[i] : ((index_of<Chosen>() == long(i)) || ...);
      if (i == wanted && is_active)
        found = next;
      next += is_active;
    }
    (void)by;
    return found;
  }
  template <std::size_t I> static constexpr long position() {
    return find(I, typename plan_::primals{}, W{});
  }
  template <std::size_t K> static constexpr std::size_t parameter() {
    for (std::size_t i = 0; i < sizeof...(A); ++i)
      if (find(i, typename plan_::primals{}, W{}) == long(K))
        return i;
    return 0;
  }
  template <std::size_t K> auto &argument() { return std::get<parameter<K>()>(args_); }
  template <class Fn, std::size_t... K>
  static void each(Blocks &blocks, const Fn &fn, std::index_sequence<K...>) {
    std::size_t first = 0;
    ((fn(std::get<K>(blocks), first, std::integral_constant<std::size_t, K>()),
      first += std::get<K>(blocks).size),
     ...);
  }
  template <class Fn> static void each(Blocks &blocks, const Fn &fn) {
    each(blocks, fn, std::make_index_sequence<std::tuple_size_v<Blocks>>());
  }

  record memory_;
  std::tuple<A...> args_;
  kept<sizeof...(A)> kept_;
  Blocks bars_, dots_, at_, here_;
  double scale_ = 0;
};

} // namespace detail

/// Gradient against pushforward in a random direction, and every entry against difference quotients. The arguments stay as
/// they are.
template <auto F, class... W, std::size_t N, class... A,
          std::enable_if_t<(detail::is_wrt<W> && ...), int> = 0>
gradient_check check_gradient(extents<N> given, A &&...a) {
  return detail::checker<F, typename detail::pick<wrt<>, detail::wrt_test, W...>::type,
                         std::remove_reference_t<A> &...>(given, a...)
      .run();
}
template <auto F, class... W, class First, class... A,
          std::enable_if_t<(detail::is_wrt<W> && ...) && !detail::is_extents<detail::plain<First>>, int> = 0>
gradient_check check_gradient(First &&first, A &&...a) {
  return nabla::check_gradient<F, W...>(extents<0>(), static_cast<First &&>(first), static_cast<A &&>(a)...);
}

} // namespace nabla

#endif
