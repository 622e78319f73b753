// What a std::vector is inside of generated code: its elements lie in the record. And what generated functions do with
// the containers that users pass. Needs no header of the library: containers are known by their members.
#pragma once
#include "types.h"
#include <cstddef>
#include <type_traits>

namespace nabla {

template <class T> T zeroed(); // math.h

template <class T> struct elements {
  T *data;
  std::size_t size, capacity;
};

/// A matrix whose shape is known at run time alone.
template <class T> struct shaped_elements {
  T *data;
  std::size_t size, capacity;
  long rows, columns;
};

/// A std::deque: its elements keep their addresses.
template <class T> struct slots {
  T **data;
  std::size_t size, capacity;
};

/// An element of a std::list, map or set, in a ring that its container holds the end of.
template <class T> struct node {
  T value;
  node *previous, *next;
};
/// Such a ring. Where elements have keys, `data` leads to their nodes in the order of the keys.
template <class T> struct linked {
  node<T> **data;
  std::size_t size, capacity;
  node<T> *end;
};

/// A class of containers: what stands for its members, in their order.
template <class... T> struct members {};
template <class First, class... Rest> struct members<First, Rest...> {
  First first;
  members<Rest...> rest;
};

/// The parts of a std::complex, which is laid out as an array of two reals.
template <class C> auto &re(C &z) {
  using part = std::conditional_t<std::is_const_v<C>, const typename C::value_type, typename C::value_type>;
  return reinterpret_cast<part(&)[2]>(z)[0];
}
template <class C> auto &im(C &z) {
  using part = std::conditional_t<std::is_const_v<C>, const typename C::value_type, typename C::value_type>;
  return reinterpret_cast<part(&)[2]>(z)[1];
}

/// The elements of a std::valarray, which may have none.
template <class C> auto array_data(C &c) { return c.size() ? &c[0] : nullptr; }

namespace detail {
/// A value whose reals are zero, whatever its constructor would make them.
template <class T> T blank() {
  if constexpr (std::is_class_v<T> && std::is_copy_constructible_v<T> && !has_value_type<T>::value)
    return zeroed<T>();
  else
    return T();
}
template <class C> auto resize(C &c, std::size_t n, int) -> decltype(c.resize(n)) {
  using T = typename C::value_type;
  if constexpr (std::is_class_v<T> && std::is_copy_constructible_v<T> && !has_value_type<T>::value)
    return c.resize(n, zeroed<T>());
  else
    return c.resize(n);
}
template <class C> void resize(C &, std::size_t, long) {} // a span is as long as it is
/// A vector or matrix of Eigen's, which sets no new element.
template <class C, class = void> struct is_matrix : std::false_type {};
template <class C> struct is_matrix<C, std::void_t<typename C::PlainObject>> : std::true_type {};
} // namespace detail

namespace detail {
/// The adjoint of a span, which nobody can make longer, is too short.
[[noreturn, gnu::cold]] void wrong_shape_in_libnabla(std::size_t has, std::size_t needs);
} // namespace detail

/// The container gets n elements.
template <class C> void resize(C &c, std::size_t n) {
  const std::size_t has = static_cast<std::size_t>(c.size());
  if constexpr (detail::is_matrix<C>::value) {
    if (has != n)
      c.setZero(static_cast<typename C::Index>(n));
    return;
  }
  if (has != n)
    detail::resize(c, n, 0);
  const std::size_t got = static_cast<std::size_t>(c.size());
  if (got < n && got > 0) // an empty span: nobody asks for it (second order)
    detail::wrong_shape_in_libnabla(got, n);
}
/// The matrix gets this shape; one of another shape is zero afterwards.
template <class C> void resize(C &c, long rows, long columns) {
  if (c.rows() != rows || c.cols() != columns)
    c.setZero(rows, columns);
}

namespace detail {
template <class B, class C> auto match_elements(B &bar, const C &c, int) -> decltype(void(bar[0].size()));
template <class B, class C> void match_elements(B &, const C &, long) {}
} // namespace detail

// Containers with keys.
namespace detail {
template <class C, class = void> struct is_keyed : std::false_type {};
template <class C> struct is_keyed<C, std::void_t<typename C::key_type>> : std::true_type {};
template <class C, class = void> struct is_map : std::false_type {};
template <class C> struct is_map<C, std::void_t<typename C::mapped_type>> : std::true_type {};

template <class C> const typename C::key_type &key_of(const typename C::value_type &element) {
  if constexpr (is_map<C>::value)
    return element.first;
  else
    return element;
}
template <class C> void put_zero(C &c, const typename C::key_type &key) {
  if constexpr (is_map<C>::value)
    c.emplace(key, blank<typename C::mapped_type>());
  else
    c.insert(key);
}
template <class B, class C> void match_keys(B &bar, const C &c) {
  for (auto at = bar.begin(); at != bar.end();)
    at = c.count(key_of<B>(*at)) ? ++at : bar.erase(at);
  for (const auto &element : c)
    if (!bar.count(key_of<C>(element)))
      put_zero(bar, key_of<C>(element));
}
} // namespace detail

/// The adjoint of a container has its shape; what an adjoint lacks is zero.
template <class B, class C> void match(B &bar, const C &c) {
  if constexpr (detail::is_matrix<C>::value) {
    resize(bar, c.rows(), c.cols());
  } else if constexpr (detail::is_keyed<C>::value) {
    detail::match_keys(bar, c);
  } else {
    resize(bar, c.size());
    detail::match_elements(bar, c, 0);
  }
}

template <class B, class C>
auto detail::match_elements(B &bar, const C &c, int) -> decltype(void(bar[0].size())) {
  for (std::size_t i = 0; i < c.size(); ++i)
    match(bar[i], c[i]);
}

template <class C> void give(C &to, C &from) { to = static_cast<C &&>(from); }

/// v.at(i) with i too large.
[[noreturn, gnu::cold]] void out_of_range_in_libnabla(std::size_t at, std::size_t size);
inline void out_of_range(std::size_t at, std::size_t size) { out_of_range_in_libnabla(at, size); }

} // namespace nabla
