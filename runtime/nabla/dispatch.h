// Calls whose target is known only at run time: generated code chooses among the targets that its file knows. A target
// from another file has no derivative here: which_... throw nabla::unknown_target, whose text names it.
#pragma once
#include <cstddef>
#include <type_traits>
#include <utility>
#if defined __cpp_rtti || defined __GXX_RTTI
#include <typeinfo>
#endif

namespace nabla {

template <class F> using pointer_to = F *;
template <class F, class C> using method_of = F C::*;

namespace detail {
template <class T, class = void> struct has_elements : std::false_type {};
template <class T>
struct has_elements<
    T, std::void_t<decltype(std::declval<const T &>().data() + std::declval<const T &>().size())>>
    : std::true_type {};
[[noreturn, gnu::cold]] void unknown_target_in_libnabla(const char *what, const char *name);
} // namespace detail

/// The number of the pointer among those known.
template <class F, std::size_t N> constexpr int which_function(F *f, pointer_to<F> const (&known)[N]) {
  for (std::size_t i = 0; i < N; ++i)
    if (f == known[i])
      return static_cast<int>(i);
  detail::unknown_target_in_libnabla(f ? "a function pointer leads to a function of another file"
                                       : "a null function pointer",
                                     __PRETTY_FUNCTION__);
}
template <class F, class C, std::size_t N>
constexpr int which_method(method_of<F, C> m, method_of<F, C> const (&known)[N]) {
  for (std::size_t i = 0; i < N; ++i)
    if (m == known[i])
      return static_cast<int>(i);
  detail::unknown_target_in_libnabla("a pointer to a method of another file, or null", __PRETTY_FUNCTION__);
}

/// The object that a lambda without captures is called on through a pointer to functions. It has no state.
template <class Lambda> const Lambda *lambda() noexcept {
  static_assert(std::is_empty_v<Lambda>, "a lambda that is converted to a pointer has no captures");
  alignas(Lambda) static const unsigned char object[sizeof(Lambda)] = {};
  return reinterpret_cast<const Lambda *>(object);
}
/// The function that such a lambda is converted to.
template <class Lambda, class F> pointer_to<F> function_of() noexcept { return *lambda<Lambda>(); }

#if defined __cpp_rtti || defined __GXX_RTTI
namespace detail {
/// Most often the first comparison, of addresses, decides.
template <class... Known> int which_type(const std::type_info &type, const char *what) {
  const std::type_info *const known[] = {&typeid(Known)...};
  const int n = sizeof...(Known);
  for (int i = 0; i < n; ++i)
    if (known[i] == &type)
      return i;
  for (int i = 0; i < n; ++i)
    if (*known[i] == type)
      return i;
  unknown_target_in_libnabla(what, type.name());
}
} // namespace detail

/// The number of the class, among those known, that the object is of: exactly, not one derived from it.
template <class... Known, class Base> int which_class(const Base *object) {
  return detail::which_type<Known...>(typeid(*object), "an object of a class of another file");
}

/// The number of the type, among those known, that a std::function holds.
template <class... Known, class Held> int which_held(const Held &f) {
  return detail::which_type<Known...>(
      f.target_type(),
      "a std::function holds what another file put into it, or what changes itself when it is called");
}
template <class T, class Held> const T *held(const Held &f) { return f.template target<T>(); }
template <class Pointer, class Held> Pointer held_pointer(const Held &f) {
  return *f.template target<Pointer>();
}

/// What a caller's std::function holds: 0 for nothing, then the number among these function objects and these functions.
template <class F, class... Objects, class Held> int held_number(const Held &f) {
  if (!f)
    return 0;
  if constexpr (sizeof...(Objects) != 0)
    return 1 + which_held<Objects...>(f);
  detail::unknown_target_in_libnabla(
      "a std::function holds what another file put into it, or what changes itself when it is called",
      f.target_type().name());
}
template <class F, class... Objects, class Held, std::size_t N>
int held_number(const Held &f, pointer_to<F> const (&known)[N]) {
  if (const pointer_to<F> *p = f.template target<pointer_to<F>>())
    return static_cast<int>(sizeof...(Objects)) + 1 + which_function<F>(*p, known);
  return held_number<F, Objects...>(f);
}
/// What a lambda in the caller's object leads to must not be a part of that object, nor of its elements.
template <class T, class Object> void keep_apart(const T *led, const Object &object) {
  const void *at = led;
  const char *first = reinterpret_cast<const char *>(&object), *address = static_cast<const char *>(at);
  bool is_part = address >= first && address < first + sizeof(Object);
  if constexpr (detail::has_elements<Object>::value)
    is_part = is_part || (object.size() && address >= reinterpret_cast<const char *>(object.data()) &&
                          address < reinterpret_cast<const char *>(object.data() + object.size()));
  if (is_part)
    detail::unknown_target_in_libnabla(
        "a lambda in an object leads to a part of that object: pass the part as a parameter", "");
}
template <class Held> const Held *itself(const Held &f) noexcept { return &f; }
/// The caller's std::function, whose place in an object was looked at, is to be the one that it was.
template <class Held> void keep_function(const Held &is, const Held *was) {
  if (was != &is)
    detail::unknown_target_in_libnabla("a std::function of the caller's is given another value", "");
}
/// The caller's std::function is to be this one, `from`, with what that holds; 0 for nothing.
template <class Held> void put_function(Held &to, int number, const Held *from) {
  if (number == 0)
    to = nullptr;
  else if (!from)
    detail::unknown_target_in_libnabla(
        "a std::function of the caller's is given a lambda of the function's own", "");
  else if (from != &to)
    to = *from;
}

/// Is the object of this class, or of one derived from it?
template <class Derived, class Base> bool is_a(const Base *object) {
  return dynamic_cast<const Derived *>(object) != nullptr;
}

#endif

/// The object that `base` is a part of. An adjoint that is given for it must be of the same class. Adjoints are written
/// through what members of the user's classes call pointers to const.
template <class Derived, class Base> Derived *derived(Base *base) {
  auto *object = const_cast<std::remove_const_t<Base> *>(base);
#if defined __cpp_rtti || defined __GXX_RTTI
  if constexpr (std::is_polymorphic_v<Base>)
    if (object && typeid(*object) != typeid(Derived) && !dynamic_cast<Derived *>(object))
      detail::unknown_target_in_libnabla("an adjoint is of another class than its object",
                                         typeid(*object).name());
#endif
  if constexpr (std::is_base_of_v<std::remove_const_t<Base>, Derived>)
    return static_cast<Derived *>(object);
  else // structs of members, whose base is their first one (elements.h)
    return reinterpret_cast<Derived *>(object);
}
template <class Derived> constexpr Derived *derived(std::nullptr_t) { return nullptr; }

} // namespace nabla
