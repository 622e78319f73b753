// Option self-check: what a gradient does on its first call. Included by nabla.h.
//
// The dot-product test, for each differentiated parameter x: <seed, J x_dot> by pushforward against <J^T seed, x_dot> by pullback,
// with x_dot random. Nobody says how long arrays are; so directions and adjoints lie in memory that is made, and filled, where
// it is touched. All runs are in child processes: nothing that the function changes is changed here.
#ifndef NABLA_NABLA_H
#include "nabla.h" // which includes this file at its place
#elif !defined(NABLA_SELF_CHECK_H)
#define NABLA_SELF_CHECK_H
#include "matrix.h"

namespace nabla {
namespace detail {

// In libnabla.

/// Reals for any index from -2^28 to 2^28. What is touched holds random numbers that follow from `key`; with key 0 zeros.
class endless_array {
public:
  /// Real: 4, 8 or 16 bytes.
  endless_array(std::size_t real, unsigned key);
  endless_array(const endless_array &) = delete;
  endless_array &operator=(const endless_array &) = delete;
  ~endless_array();
  void *data() const { return middle_; }
  /// Sum over what was touched of (value - as it was filled) * random number of `other`, and of the absolute products.
  void add_products(unsigned other, double *sum, double *scale) const;

private:
  std::size_t real_;
  char *middle_;
};
double random_of(unsigned key, long long index);
/// Runs fn(context) in a child; its two results, or false where it did not end well.
bool run_in_child(void (*fn)(void *context, double *results), void *context, double *results, int count);
/// Prints a line: what was found for each parameter. `names`: of all parameters, with commas.
void report_self_check(const char *function, const char *names, const int *numbers, const double *results,
                       int count, bool is_single);

/// A tangent or an adjoint of a parameter P: of a value as large as it is, of a raw pointer endless.
template <class P> class checked_reals {
  using real = real_of<P>;
  static constexpr std::size_t size = is_raw<P> ? 0 : sizeof(std::remove_reference_t<P>) / sizeof(real);

public:
  explicit checked_reals(unsigned key) : endless_(sizeof(real), key), key_(key) {
    for (std::size_t i = 0; i < size; ++i)
      here_[i] = static_cast<real>(key ? random_of(key, static_cast<long long>(i)) : 0);
    all_.data = is_raw<P> ? static_cast<real *>(endless_.data()) : here_;
    all_.size = size;
  }
  reals_for<P, real> all() const { return all_; }
  void add_products(unsigned other, double *sum, double *scale) const {
    if (is_raw<P>)
      endless_.add_products(other, sum, scale);
    for (std::size_t i = 0; i < size; ++i) {
      const real start = static_cast<real>(key_ ? random_of(key_, static_cast<long long>(i)) : 0);
      const double product = double(here_[i] - start) * random_of(other, static_cast<long long>(i));
      *sum += product;
      *scale += std::fabs(product);
    }
  }

private:
  endless_array endless_;
  unsigned key_;
  reals_for<P, real> all_;
  real here_[size ? size : 1];
};

template <class P>
inline constexpr bool is_checkable = std::is_floating_point_v<real_of<P>> && !is_array_like<plain<P>>;

template <auto F, class W, class... A> class self_checker {
  using plan_ = plan<pullback_mode, F, W>;
  using differentiated = typename plan_::differentiated;
  using result = typename plan_::result;
  static constexpr unsigned seeds = 1000; // keys of what the function writes; directions have 1, 2, ...

public:
  explicit self_checker(A &...a) : args_(a...) {}

  void run() { run(differentiated{}); }

private:
  template <class... P> void run(list<P...>) {
    constexpr int count = sizeof...(P);
    const char *names = request<names_mode, F, wrt<>>::call();
    double results[4 * count];
    bool is_complete = run_in_child(by_pullback, this, results, 2 * count);
    for (direction_ = 0; direction_ < count && is_complete; ++direction_)
      is_complete = run_in_child(by_pushforward, this, results + 2 * count + 2 * direction_, 2);
    int numbers[count], next = 0, number = 0;
    for (bool is_taken : plan_::selected::taken) {
      if (is_taken)
        numbers[next++] = number;
      ++number;
    }
    const bool is_single = (std::is_same_v<real_of<P>, float> || ...) || std::is_same_v<result, float>;
    report_self_check(function_name(), names, numbers, is_complete ? results : nullptr, count, is_single);
  }
  static const char *function_name() {
#if defined(__GNUC__)
    return __PRETTY_FUNCTION__;
#else
    return "";
#endif
  }

  static void by_pullback(void *self, double *results) {
    static_cast<self_checker *>(self)->pull(results, differentiated{},
                                            std::make_index_sequence<differentiated::size>());
  }
  static void by_pushforward(void *self, double *results) {
    static_cast<self_checker *>(self)->push(results, differentiated{},
                                            std::make_index_sequence<differentiated::size>());
  }
  template <class... P, std::size_t... K> void pull(double *results, list<P...>, std::index_sequence<K...>) {
    std::tuple<checked_reals<P>...> bars((is_writable<P> ? seeds + unsigned(K) : 0u)...);
    std::apply(
        [&](auto &...a) {
          if constexpr (std::is_void_v<result>)
            exactly<pullback_mode, F, W>(a..., std::get<K>(bars).all().adjoint()...);
          else
            exactly<pullback_mode, F, W>(a..., result(1), std::get<K>(bars).all().adjoint()...);
        },
        args_);
    (std::get<K>(bars).add_products(unsigned(K) + 1, results + 2 * K, results + 2 * K + 1), ...);
  }
  template <class... P, std::size_t... K> void push(double *results, list<P...>, std::index_sequence<K...>) {
    std::tuple<checked_reals<P>...> dots((int(K) == direction_ ? unsigned(K) + 1 : 0u)...);
    std::apply(
        [&](auto &...a) {
          if constexpr (std::is_void_v<result>)
            exactly<pushforward_mode, F, W>(a..., std::get<K>(dots).all().value()...);
          else
            results[0] =
                double(exactly<pushforward_mode, F, W>(a..., std::get<K>(dots).all().value()...).dot);
        },
        args_);
    results[1] = std::fabs(results[0]);
    ((is_writable<P> ? std::get<K>(dots).add_products(seeds + unsigned(K), results, results + 1) : void()),
     ...);
  }

  std::tuple<A &...> args_;
  int direction_ = 0;
};

template <class... P> constexpr bool are_checkable(list<P...>) { return (is_checkable<P> && ...); }

} // namespace detail

/// Once in a program: the gradient of F against its pushforward, at these arguments.
template <auto F, class W, class... A> void self_check(A &...a) {
  if constexpr (detail::are_checkable(typename detail::plan<detail::pullback_mode, F, W>::differentiated{})) {
    static const bool once = (detail::self_checker<F, W, A...>(a...).run(), true);
    (void)once;
  }
}

} // namespace nabla

#endif
