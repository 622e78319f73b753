// Arguments of nabla::on_tape: values, adjoints and directions of one, and how f takes them. Part of nabla/tape.h.
#pragma once
#include "../dual.h"
#include "../nabla.h"
#include "nodes.h"

namespace nabla {
namespace dynamic::detail {

using nabla::detail::plain;

template <class T> struct type_tag {
  using type = T;
};

template <class A> struct record_scalar : type_tag<void> {};
template <template <class> class S, class T> struct record_scalar<S<basic_var<T>>> : type_tag<T> {};

template <class A> constexpr auto find_scalar() {
  if constexpr (is_expression<A>)
    return type_tag<typename A::scalar>();
  else if constexpr (is_range<A>)
    return find_scalar<plain<decltype(*std::begin(std::declval<A &>()))>>();
  else
    return type_tag<typename record_scalar<A>::type>();
}
/// The scalar of the variables that an argument of type A holds; void: none.
template <class A> using variable_scalar_t = typename decltype(find_scalar<plain<A>>())::type;

/// The real inside a scalar, and its value.
template <class T> struct real_of : type_tag<T> {};
template <class T> struct real_of<basic_var<T>> : real_of<T> {};
template <class T> struct real_of<basic_dual<T>> : real_of<T> {};
template <class A> using real_of_t = typename real_of<variable_scalar_t<A>>::type;
template <class T> auto deep_value(const T &x) {
  if constexpr (is_expression<T>)
    return deep_value(x.value());
  else if constexpr (std::is_arithmetic_v<T>)
    return x;
  else
    return deep_value(x.value);
}

enum class slot_kind { passive, scalar, array, container, record };

template <class P, class A> constexpr slot_kind kind_of() {
  using T = variable_scalar_t<A>;
  if constexpr (std::is_void_v<T>)
    return slot_kind::passive;
  else if constexpr (is_expression<plain<A>>)
    return slot_kind::scalar;
  else if constexpr (std::is_pointer_v<P>)
    return slot_kind::array;
  else if constexpr (is_range<A>)
    return slot_kind::container;
  else
    return slot_kind::record;
}

/// Does f write what P refers to?
template <class P>
inline constexpr bool is_written =
    (std::is_lvalue_reference_v<P> && !std::is_const_v<std::remove_reference_t<P>>) ||
    (std::is_pointer_v<P> && !std::is_const_v<std::remove_pointer_t<P>>);

/// One argument of the call: its values, its adjoints, and how they are passed to f and its pullback.
template <class P, class A, slot_kind Kind> struct slot;

template <class P, class A> struct slot<P, A, slot_kind::passive> {
  static constexpr bool is_active = false, is_output = false;
  static_assert(std::is_convertible_v<A, P>, "nabla: on_tape: an argument does not fit f's parameter");
  std::decay_t<A> value;
  explicit slot(A a) : value(a) {}
  auto &&pass() { return value; }
  static constexpr std::size_t fixed_size = 0;
  std::size_t size() const { return 0; }
  template <class F> void each(F) {}
  template <class F> static void each_variable_of(A, F) {}
};

/// Storage, its adjoint and a direction, of type S.
template <class P, class A, class S, class R> struct active_slot {
  static_assert(std::is_same_v<real_of_t<A>, R>,
                "nabla: on_tape: a variable's real differs from that of f's parameter");
  static constexpr bool is_active = true, is_output = is_written<P>;
  static_assert(
      !is_output || (std::is_lvalue_reference_v<A> && !std::is_const_v<std::remove_reference_t<A>>),
      "nabla: on_tape: f writes this parameter; pass a variable, not an expression or a constant one");
  S value{}, bar{}, dot{};

  decltype(auto) pass() { return as_parameter(value); }
  decltype(auto) pass_dot() { return as_parameter(dot); }
  /// Takes its part of the direction, and steps behind it.
  template <class Slot> static void take_direction(Slot &slot, const R *&d) {
    slot.dot = slot.value; // the shape
    std::swap(slot.value, slot.dot);
    slot.each([&](auto &dot, auto &) { dot = *d++; });
    std::swap(slot.value, slot.dot);
  }
  decltype(auto) pass_bar() {
    if constexpr (std::is_pointer_v<P>)
      return bar.data();
    else if constexpr (std::is_reference_v<P>)
      return static_cast<S &>(bar);
    else
      return &bar;
  }

private:
  static decltype(auto) as_parameter(S &s) {
    if constexpr (std::is_pointer_v<P>)
      return s.data();
    else
      return static_cast<S &>(s);
  }
};

template <class P, class A> struct slot<P, A, slot_kind::scalar> : active_slot<P, A, plain<P>, plain<P>> {
  static_assert(std::is_floating_point_v<plain<P>>, "nabla: on_tape: f's parameter is not a real");
  explicit slot(A a) {
    this->value = deep_value(a.value());
    this->bar = 0;
  }
  static constexpr std::size_t fixed_size = 1;
  std::size_t size() const { return 1; }
  template <class R> void set_direction(const R *&d) { this->take_direction(*this, d); }
  template <class F> void each(F f) { f(this->value, this->bar); }
  template <class F> static void each_variable_of(A a, F f) {
    if constexpr (is_expression<plain<A>> && std::is_lvalue_reference_v<A> && slot::is_output) {
      f(a);
    } else {
      basic_var<variable_scalar_t<A>> v = a; // an expression is recorded
      f(v);
    }
  }
};

template <class P, class A, class S> struct range_slot : active_slot<P, A, S, real_of_t<A>> {
  static constexpr std::size_t fixed_size = ~std::size_t(0); // known at run time
  std::size_t size() const { return this->value.size(); }
  template <class R> void set_direction(const R *&d) { this->take_direction(*this, d); }
  template <class F> void each(F f) {
    for (std::size_t i = 0; i < this->value.size(); ++i)
      f(this->value[i], this->bar[i]);
  }
  template <class F> static void each_variable_of(A a, F f) {
    for (auto &v : a)
      f(v);
  }
};
template <class P, class A>
struct slot<P, A, slot_kind::array>
    : range_slot<P, A, std::vector<std::remove_cv_t<std::remove_pointer_t<P>>>> {
  explicit slot(A a) {
    const std::size_t size = std::size(a);
    this->value.resize(size);
    this->bar.assign(size, 0);
    std::size_t i = 0;
    for (const auto &v : a)
      this->value[i++] = deep_value(v);
  }
};
template <class P, class A> struct slot<P, A, slot_kind::container> : range_slot<P, A, plain<P>> {
  explicit slot(A a) {
    if constexpr (std::is_constructible_v<plain<P>, std::size_t, double>) {
      this->value.resize(a.size());
      this->bar.resize(a.size());
    }
    std::size_t i = 0;
    for (const auto &v : a) {
      this->value[i] = deep_value(v);
      this->bar[i++] = 0;
    }
  }
};

template <class A, class B> inline constexpr bool are_same_template = false;
template <template <class> class S, class A, class B>
inline constexpr bool are_same_template<S<A>, S<B>> = true;

template <class P, class A> struct slot<P, A, slot_kind::record> : active_slot<P, A, plain<P>, real_of_t<A>> {
  using real = real_of_t<A>;
  using variable = basic_var<variable_scalar_t<A>>;
  using S = plain<P>;
  static constexpr std::size_t count = sizeof(S) / sizeof(real);
  static_assert(are_same_template<plain<A>, S> && std::is_trivially_copyable_v<S> &&
                    std::is_trivially_copyable_v<plain<A>> && sizeof(S) % sizeof(real) == 0 &&
                    sizeof(plain<A>) == count * sizeof(variable),
                "nabla: on_tape: a struct must be a template S<V> of V's alone; pass its members instead");
  explicit slot(A a) {
    real values[count];
    std::size_t i = 0;
    each_variable_of(static_cast<A>(a), [&](const variable &v) { values[i++] = deep_value(v); });
    __builtin_memcpy(static_cast<void *>(&this->value), values, sizeof(S));
    __builtin_memset(static_cast<void *>(&this->bar), 0, sizeof(S));
  }
  static constexpr std::size_t fixed_size = count;
  std::size_t size() const { return count; }
  void set_direction(const real *&d) { this->take_direction(*this, d); }
  template <class F> void each(F f) {
    real values[count], bars[count];
    __builtin_memcpy(values, &this->value, sizeof(S));
    __builtin_memcpy(bars, &this->bar, sizeof(S));
    for (std::size_t i = 0; i < count; ++i)
      f(values[i], bars[i]);
    __builtin_memcpy(static_cast<void *>(&this->value), values, sizeof(S));
    __builtin_memcpy(static_cast<void *>(&this->bar), bars, sizeof(S));
  }
  template <class F> static void each_variable_of(A a, F f) {
    variable vars[count];
    __builtin_memcpy(static_cast<void *>(vars), &a, sizeof vars);
    for (variable &v : vars)
      f(v);
    if constexpr (slot::is_output)
      __builtin_memcpy(static_cast<void *>(&a), vars, sizeof vars);
  }
};

} // namespace dynamic::detail
} // namespace nabla
