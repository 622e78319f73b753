// The reals of a parameter as an array, whatever it is: what matrices, sparse matrices and check_gradient sweep over. Included
// by matrix.h.
#pragma once
#include "elements.h"
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace nabla::detail {

[[noreturn, gnu::cold]] void resized_in_libnabla(std::size_t from, std::size_t to);

/// Containers of reals: std::vector, std::array, std::span, Eigen's matrices. Called with 0.
template <class T> constexpr bool holds_array(...) { return false; }
template <class T, class = decltype(std::declval<T &>().size()),
          class E = std::remove_reference_t<decltype(*std::declval<T &>().data())>>
constexpr bool holds_array(int) {
  return std::is_floating_point_v<std::remove_cv_t<E>>;
}
template <class T> inline constexpr bool is_array_like = holds_array<T>(0);
/// Those whose elements belong to others: std::span.
template <class T, class = void> inline constexpr bool is_view = false;
template <class T>
inline constexpr bool is_view<T, std::enable_if_t<is_array_like<T>, std::void_t<typename T::element_type>>> =
    true;
/// A view whose elements may be written: std::span of anything.
template <class T> constexpr bool is_open_view(...) { return false; }
template <class T, class E = typename T::element_type,
          class = decltype(std::declval<T &>().data() + std::declval<T &>().size())>
constexpr bool is_open_view(int) {
  return !std::is_const_v<E>;
}

template <class T, bool = is_array_like<T>> struct real_in {
  using type = T;
};
template <class T> struct real_in<T, true> {
  using type = std::remove_cv_t<std::remove_reference_t<decltype(*std::declval<T &>().data())>>;
};
/// The real that a parameter is, or leads to.
template <class P>
using real_of = typename real_in<std::remove_cv_t<std::remove_all_extents_t<
    std::remove_cv_t<std::remove_pointer_t<std::remove_all_extents_t<std::remove_reference_t<P>>>>>>>::type;
template <class P> inline constexpr bool is_raw = std::is_pointer_v<plain<P>>;
template <class P>
inline constexpr bool is_writable =
    ((is_raw<P> || std::is_reference_v<P>) && !is_view<plain<P>> &&
     !std::is_const_v<std::remove_all_extents_t<std::remove_pointer_t<std::remove_reference_t<P>>>>) ||
    is_open_view<plain<P>>(0);

/// Reals of one parameter, in an array of E (the real itself, or lanes of it), and how that is passed on as P's value,
/// tangent or adjoint.
template <class P, class E, bool = is_array_like<plain<P>>> struct reals_for {
  static_assert(
      std::is_floating_point_v<real_of<P>>,
      "nabla: matrices and check_gradient take reals, pointers or references to reals, std::vector, "
      "std::array, std::span and Eigen's matrices of reals; for other classes use nabla::hvp or "
      "nabla::pushforward");
  E *data = nullptr;
  std::size_t size = 0;

  template <class T, class Memory> void shape(const T &, Memory &) {} // it has one already
  void find_reals() {}

  /// As the parameter or its tangent.
  decltype(auto) value() const {
    if constexpr (is_raw<P> && std::is_array_v<pointee>)
      return reinterpret_cast<tangent_array<pointee> *>(data);
    else if constexpr (is_raw<P>)
      return static_cast<E *>(data);
    else if constexpr (std::is_array_v<std::remove_reference_t<P>>)
      return reinterpret_cast<tangent_array<std::remove_reference_t<P>> &>(*data);
    else
      return static_cast<E &>(*data);
  }
  /// As the parameter's adjoint.
  decltype(auto) adjoint() const {
    if constexpr (!is_raw<P> && !std::is_reference_v<P>)
      return static_cast<E *>(data);
    else
      return value();
  }

private:
  using pointee = std::remove_cv_t<std::remove_pointer_t<plain<P>>>;
  template <class A> struct array_of;
  template <class A, std::size_t N> struct array_of<A[N]> {
    using type = std::conditional_t<std::is_array_v<A>, A, E>[N];
  };
  template <class A> using tangent_array = typename array_of<A>::type;
};

/// An object that keeps its address when it changes hands.
template <class T> class moving {
public:
  moving() = default;
  explicit moving(T *made) : object_(made) {}
  moving(moving &&from) noexcept : object_(from.object_) { from.object_ = nullptr; }
  moving &operator=(moving &&from) noexcept {
    std::swap(object_, from.object_);
    return *this;
  }
  ~moving() { delete object_; }
  T &operator*() const { return *object_; }

private:
  T *object_ = nullptr;
};

/// Of a container: an object of its own, or one that views an array, in the shape of the argument.
template <class P, class E> struct reals_for<P, E, true> {
  static_assert(
      std::is_floating_point_v<E>,
      "nabla: containers go one direction or seed at a time: leave out nabla::batch; sparse matrices "
      "take reals and pointers or references to reals");
  using container = adjoint_t<plain<P>>;
  E *data = nullptr;
  std::size_t size = 0;
  moving<container> object;

  /// That of the argument, all reals zero.
  template <class T, class Memory> void shape(const T &argument, Memory &memory) {
    size = static_cast<std::size_t>(argument.size());
    if constexpr (is_view<container>)
      object = moving<container>(new container(memory.template zeros<E>(size), size));
    else
      object = moving<container>(new container(argument));
    find_reals();
    for (std::size_t i = 0; i < size; ++i)
      data[i] = 0;
  }
  /// The function may have moved them.
  void find_reals() {
    data = (*object).data();
    if (const auto now = static_cast<std::size_t>((*object).size()); now != size)
      resized_in_libnabla(size, now);
  }

  auto &value() const { return *object; }
  decltype(auto) adjoint() const {
    if constexpr (std::is_reference_v<P>)
      return *object;
    else
      return &*object;
  }
};

/// The first real of an argument.
template <class T> auto *address(T &argument) {
  if constexpr (std::is_array_v<T>)
    return reinterpret_cast<
        std::conditional_t<std::is_const_v<std::remove_all_extents_t<T>>, const real_of<T>, real_of<T>> *>(
        argument);
  else if constexpr (is_array_like<T>)
    return argument.data();
  else if constexpr (std::is_pointer_v<T>) {
    if constexpr (std::is_array_v<std::remove_pointer_t<T>>)
      return address(*argument); // a matrix as a pointer to its first row
    else
      return argument;
  } else
    return &argument;
}

template <std::size_t I, class List> struct element;
template <class First, class... P> struct element<0, list<First, P...>> {
  using type = First;
};
template <std::size_t I, class First, class... P>
struct element<I, list<First, P...>> : element<I - 1, list<P...>> {};
/// The type of a list with that number.
template <std::size_t I, class List> using element_t = typename element<I, List>::type;

/// Copies of all that a function may write through its arguments, to be put back before each sweep.
template <std::size_t Count> class kept {
public:
  kept() = default;
  kept(const kept &) = delete;
  ~kept() {
    for (std::size_t i = 0; i < count_; ++i)
      all_[i].put(all_[i], false);
  }
  /// The argument of a parameter P. `IsCounted`: what a raw pointer leads to has `size` elements.
  template <class P, bool IsCounted, class T, class Memory>
  void keep(T &argument, [[maybe_unused]] std::size_t size, Memory &memory) {
    using object = std::remove_reference_t<P>;
    if constexpr (std::is_pointer_v<plain<P>>) {
      using pointee = std::remove_pointer_t<plain<P>>;
      if constexpr (!std::is_const_v<std::remove_all_extents_t<pointee>> && !std::is_function_v<pointee>) {
        static_assert(IsCounted,
                      "nabla: a matrix takes several sweeps, and nobody knows how much of what this pointer "
                      "leads to the first of them may change: take a pointer to const, a reference or a "
                      "container");
        if constexpr (IsCounted)
          keep_array(detail::address(argument), size, memory);
      }
    } else if constexpr (is_open_view<plain<P>>(0)) {
      keep_array(argument.data(), static_cast<std::size_t>(argument.size()), memory);
    } else if constexpr (std::is_lvalue_reference_v<P> &&
                         !std::is_const_v<std::remove_all_extents_t<object>>) {
      static_assert(
          std::is_array_v<object> ||
              (std::is_copy_constructible_v<object> && std::is_copy_assignable_v<object>),
          "nabla: a matrix takes several sweeps, and this argument, which the first may change, cannot be "
          "copied: take a const reference");
      if constexpr (std::is_array_v<object>)
        keep_array(reinterpret_cast<std::remove_all_extents_t<object> *>(&argument),
                   sizeof(object) / sizeof(std::remove_all_extents_t<object>), memory);
      else
        keep_object(argument);
    }
  }
  /// Before a call, and after the last one if its changes are not wanted.
  void restore() {
    for (std::size_t i = 0; i < count_ && is_changed_; ++i)
      all_[i].put(all_[i], true);
    is_changed_ = true; // by the call that follows
  }

private:
  struct array {
    void *at, *copy;
    std::size_t bytes;
    void (*put)(array &, bool back); ///< back; or away
  };

  template <class E, class Memory> void keep_array(E *elements, std::size_t size, Memory &memory) {
    static_assert(
        std::is_trivially_copyable_v<E>,
        "nabla: the elements of an array that a matrix's function may write are copied by their bytes");
    char *copy = memory.template zeros<char>(size * sizeof(E));
    all_[count_++] = {elements, copy, size * sizeof(E), [](array &a, bool back) {
                        if (back && a.bytes)
                          __builtin_memcpy(a.at, a.copy, a.bytes);
                      }};
    if (size)
      __builtin_memcpy(copy, elements, size * sizeof(E));
  }
  template <class T> void keep_object(T &argument) {
    all_[count_++] = {&argument, new T(argument), 0, [](array &a, bool back) {
                        if (back)
                          *static_cast<T *>(a.at) = *static_cast<T *>(a.copy);
                        else
                          delete static_cast<T *>(a.copy);
                      }};
  }

  array all_[Count ? Count : 1];
  std::size_t count_ = 0;
  bool is_changed_ = false;
};

} // namespace nabla::detail
