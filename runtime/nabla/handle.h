// Handles: classes whose values have operations of their own, each with a [[nabla::pullback_of]] rule. nabla::Tensor is one.
// Included by nabla.h; knows no class.
//
//   struct MatrixHandle {                                       // what generated code needs to know
//     using guard = NoHistory;                                  // optional: it holds one while it works
//     static void accumulate(Matrix &bar, const Matrix &more);  // bar += more; a Matrix() is zero
//     static Matrix seed(const Matrix &result);                 // the adjoint of a gradient's result: one
//   };
//   class Matrix { public: using nabla_handle = MatrixHandle; ... };
//   class Number { public: using nabla_number = double; ... };  // what operations take where any number will do
#pragma once
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace nabla {

namespace detail {
template <class T, class = void> struct declares_handle : std::false_type {};
template <class T> struct declares_handle<T, std::void_t<typename T::nabla_handle>> : std::true_type {};
} // namespace detail
template <class T> inline constexpr bool is_handle = detail::declares_handle<T>::value;

/// bar += more. Of several handles in a std::vector or a std::tuple: each; an empty vector is zero.
template <class T> void accumulate(T &bar, const T &more);

namespace detail {
template <class T, class = void> struct is_list : std::false_type {};
template <class T> struct is_list<T, std::void_t<typename T::value_type>> : std::true_type {};
template <class T, std::size_t... I> void accumulate_each(T &bar, const T &more, std::index_sequence<I...>) {
  (nabla::accumulate(std::get<I>(bar), std::get<I>(more)), ...);
}
} // namespace detail
template <class T> void accumulate(T &bar, const T &more) {
  if constexpr (is_handle<T>) {
    T::nabla_handle::accumulate(bar, more);
  } else if constexpr (detail::is_list<T>::value) {
    if (bar.size() < more.size())
      bar.resize(more.size());
    for (std::size_t i = 0; i < more.size(); ++i)
      nabla::accumulate(bar[i], more[i]);
  } else {
    detail::accumulate_each(bar, more, std::make_index_sequence<std::tuple_size_v<T>>());
  }
}

//   primal: part = all[index]     adjoint: (*bar)[index] += seed
template <class T, class Index>
void part_pullback(const T &all, Index index, const typename T::value_type &seed, T *bar) {
  if (!bar)
    return;
  if (bar->size() < all.size())
    bar->resize(all.size());
  nabla::accumulate((*bar)[static_cast<std::size_t>(index)], seed);
}
template <std::size_t I, class T>
void part_pullback(const T &, const std::tuple_element_t<I, T> &seed, T *bar) {
  if (bar)
    nabla::accumulate(std::get<I>(*bar), seed);
}

/// What a gradient begins with: one, in the shape of the result; of several results, for each.
template <class T> T unit_seed(const T &result) {
  if constexpr (is_handle<T>) {
    return T::nabla_handle::seed(result);
  } else if constexpr (detail::is_list<T>::value) {
    T seeds;
    for (const auto &one : result)
      seeds.push_back(nabla::unit_seed(one));
    return seeds;
  } else {
    return std::apply([](const auto &...one) { return T(nabla::unit_seed(one)...); }, result);
  }
}

} // namespace nabla
