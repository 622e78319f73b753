// nabla::on_tape<f>: a function with a static gradient as one node of the tape; compile with the plugin or the tool. Part of
// nabla/tape.h.
//
//   double path(const double *z, int n, double spot, double vol);
//   nabla::var s = 100, v = 0.2;  tape.watch(s, v);
//   nabla::var payoff = nabla::on_tape<path>(z, n, s, v);
//
// Variables may stand where f has reals:
//   double, const double &          a variable or an expression
//   double &                        a variable, which is overwritten
//   const double *                  std::vector, std::array or array of variables
//   double *                        the same, overwritten
//   std::vector<double>, std::array const &, & or by value: the same container of variables
//   S<double>                       S<nabla::var>, a trivially copyable template of reals alone
// Everything else is passed as it is and has no derivative; what pointers among it lead to must live, unchanged, until the
// last sweep if f writes variables, and only during the call otherwise.
//
// If f only returns a real, its gradient is computed at once and recorded as one statement. If f writes variables, its
// pullback runs in the sweep.
#pragma once
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

/// Storage and its adjoint, of type S.
template <class P, class A, class S, class R> struct active_slot {
  static_assert(std::is_same_v<variable_scalar_t<A>, R>,
                "nabla: on_tape: a variable's scalar differs from the real of f's parameter");
  static constexpr bool is_active = true, is_output = is_written<P>;
  static_assert(
      !is_output || (std::is_lvalue_reference_v<A> && !std::is_const_v<std::remove_reference_t<A>>),
      "nabla: on_tape: f writes this parameter; pass a variable, not an expression or a constant one");
  S value{}, bar{};

  decltype(auto) pass() { return as_parameter(value); }
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
    this->value = a.value();
    this->bar = 0;
  }
  static constexpr std::size_t fixed_size = 1;
  std::size_t size() const { return 1; }
  template <class F> void each(F f) { f(this->value, this->bar); }
  template <class F> static void each_variable_of(A a, F f) {
    if constexpr (is_expression<plain<A>> && std::is_lvalue_reference_v<A> && slot::is_output) {
      f(a);
    } else {
      basic_var<plain<P>> v = a; // an expression is recorded
      f(v);
    }
  }
};

template <class P, class A, class S> struct range_slot : active_slot<P, A, S, variable_scalar_t<A>> {
  static constexpr std::size_t fixed_size = ~std::size_t(0); // known at run time
  std::size_t size() const { return this->value.size(); }
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
      this->value[i++] = v.value();
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
      this->value[i] = v.value();
      this->bar[i++] = 0;
    }
  }
};

template <class A, class B> inline constexpr bool are_same_template = false;
template <template <class> class S, class A, class B>
inline constexpr bool are_same_template<S<A>, S<B>> = true;

template <class P, class A>
struct slot<P, A, slot_kind::record> : active_slot<P, A, plain<P>, variable_scalar_t<A>> {
  using real = variable_scalar_t<A>;
  using S = plain<P>;
  static constexpr std::size_t count = sizeof(S) / sizeof(real);
  static_assert(are_same_template<plain<A>, S> && std::is_trivially_copyable_v<S> &&
                    std::is_trivially_copyable_v<plain<A>> && sizeof(S) % sizeof(real) == 0 &&
                    sizeof(plain<A>) == count * sizeof(basic_var<real>),
                "nabla: on_tape: a struct must be a template S<V> of V's alone; pass its members instead");
  explicit slot(A a) {
    real values[count];
    std::size_t i = 0;
    each_variable_of(a, [&](const basic_var<real> &v) { values[i++] = v.value(); });
    __builtin_memcpy(static_cast<void *>(&this->value), values, sizeof(S));
    __builtin_memset(static_cast<void *>(&this->bar), 0, sizeof(S));
  }
  static constexpr std::size_t fixed_size = count;
  std::size_t size() const { return count; }
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
    basic_var<real> vars[count];
    __builtin_memcpy(static_cast<void *>(vars), &a, sizeof vars);
    for (basic_var<real> &v : vars)
      f(v);
    if constexpr (slot::is_output)
      __builtin_memcpy(static_cast<void *>(&a), vars, sizeof vars);
  }
};

/// Identifiers of a call's variables: on the stack where their number is known.
template <bool IsFixed, std::size_t N> struct identifier_list {
  identifier ids[N + 1];
  std::size_t count = 0;
  void reserve(std::size_t) {}
  void push_back(identifier id) { ids[count++] = id; }
  const identifier *data() const { return ids; }
  operator std::vector<identifier>() const { return std::vector<identifier>(ids, ids + count); }
};
template <std::size_t N> struct identifier_list<false, N> : std::vector<identifier> {};

template <class... T> struct first_scalar {
  using type = void;
};
template <class T, class... Rest> struct first_scalar<T, Rest...> {
  using type = std::conditional_t<std::is_void_v<T>, typename first_scalar<Rest...>::type, T>;
};

template <class...> struct join_wrt {
  using type = wrt<>;
};
template <auto... A> struct join_wrt<wrt<A...>> {
  using type = wrt<A...>;
};
template <auto... A, auto... B, class... Rest>
struct join_wrt<wrt<A...>, wrt<B...>, Rest...> : join_wrt<wrt<A..., B...>, Rest...> {};

/// The choice of parameters that hold variables.
template <class I, class... Slot> struct active_parameters;
template <std::size_t... I, class... Slot>
struct active_parameters<std::index_sequence<I...>, Slot...>
    : join_wrt<std::conditional_t<Slot::is_active, wrt<static_cast<int>(I)>, wrt<>>...> {};

template <auto F, class Result, class... Slot> struct static_call {
  using slots = std::tuple<Slot...>;
  using indices = std::index_sequence_for<Slot...>;
  using by = typename active_parameters<indices, Slot...>::type;

  static Result primal(slots &s) {
    return std::apply([](auto &...one) -> Result { return F(one.pass()...); }, s);
  }
  /// With all adjoints of `s` set: f's pullback.
  template <class... Seed> static Result pullback(slots &s, Seed... seed) {
    return pullback_with(s, indices(), std::tuple<Seed...>(seed...));
  }

private:
  template <std::size_t I> static auto bar(slots &s) {
    auto &one = std::get<I>(s);
    if constexpr (std::decay_t<decltype(one)>::is_active)
      return std::tuple<decltype(one.pass_bar())>(one.pass_bar());
    else
      return std::tuple<>();
  }
  template <std::size_t I> static auto argument(slots &s) {
    return std::tuple<decltype(std::get<I>(s).pass())>(std::get<I>(s).pass());
  }
  template <std::size_t... I, class Seeds>
  static Result pullback_with(slots &s, std::index_sequence<I...>, Seeds seeds) {
    return std::apply(
        [](auto &&...all) -> Result { return nabla::pullback<F, by>(static_cast<decltype(all)>(all)...); },
        std::tuple_cat(argument<I>(s)..., seeds, bar<I>(s)...));
  }
};

/// A static function that writes variables.
template <class T, class Call, class Result> struct static_node : typed_node<T> {
  typename Call::slots slots;
  explicit static_node(const typename Call::slots &s) : slots(s) {}
  const char *name() const override { return "on_tape"; }
  std::size_t bytes() const override { return sizeof slots; }
  void reverse(const T *y_bar, T *x_bar) override {
    typename Call::slots s = slots;
    each_active(s, [&](auto &slot) {
      slot.each([&](auto &, auto &bar) { bar = std::decay_t<decltype(slot)>::is_output ? *y_bar++ : T(0); });
    });
    if constexpr (std::is_void_v<Result>)
      Call::pullback(s);
    else
      Call::pullback(s, static_cast<Result>(*y_bar));
    each_active(s, [&](auto &slot) { slot.each([&](auto &, auto &bar) { *x_bar++ += bar; }); });
  }
  void forward(const T *x_dot, T *y_dot) override { transposed<T>(*this, x_dot, y_dot); }

  template <class S, class F> static void each_active(S &s, F f) {
    std::apply([&](auto &...one) { (visit(one, f), ...); }, s);
  }
  template <class One, class F> static void visit(One &one, F &f) {
    if constexpr (One::is_active)
      f(one);
  }
};

template <auto F, class Result, class... P, class... A>
auto run_on_tape(nabla::detail::list<P...>, A &&...a) {
  static_assert(sizeof...(P) == sizeof...(A),
                "nabla: on_tape: pass f's own arguments, default arguments written out");
  using T = typename first_scalar<variable_scalar_t<A>...>::type;
  static_assert(!std::is_void_v<T>, "nabla: on_tape: no argument is a variable; call f itself");
  static_assert(
      std::is_void_v<T> || std::is_floating_point_v<T>,
      "nabla: on_tape has first derivatives: for a nested tape, or one over duals, call f as a template on "
      "variables");
  static_assert(std::is_void_v<Result> || std::is_floating_point_v<Result>,
                "nabla: on_tape: f returns a real or nothing; let it write into its arguments");
  using call = static_call<F, Result, slot<P, A &&, kind_of<P, A &&>()>...>;
  using node = static_node<T, call, Result>;
  constexpr bool writes = (slot<P, A &&, kind_of<P, A &&>()>::is_output || ...);
  typename call::slots slots(slot<P, A &&, kind_of<P, A &&>()>(static_cast<A &&>(a))...);
  head &h = *current<T>::tape;
  constexpr bool is_fixed = ((slot<P, A &&, kind_of<P, A &&>()>::fixed_size != ~std::size_t(0)) && ...);
  identifier_list<is_fixed, is_fixed ? (slot<P, A &&, kind_of<P, A &&>()>::fixed_size + ...) : 0> ids;
  identifier any = 0;
  auto note = [&](const basic_var<T> &v) {
    const identifier id = v.stamp() == h.stamp ? v.id() : find_identifier(h, v.id(), v.stamp());
    ids.push_back(id);
    any |= id;
  };
  ids.reserve(std::apply([](const auto &...one) { return (one.size() + ...); }, slots));
  (slot<P, A &&, kind_of<P, A &&>()>::each_variable_of(static_cast<A &&>(a), note), ...);
  if constexpr (!writes) {
    static_assert(!std::is_void_v<Result>, "nabla: on_tape: f returns nothing and writes no variable");
    if (any == 0)
      return basic_var<T>(call::primal(slots));
    const Result value = call::pullback(slots, Result(1));
    statement_builder<T> statement(basic_tape<T>::current_tape());
    const identifier *id = ids.data();
    node::each_active(slots,
                      [&](auto &one) { one.each([&](auto &, auto &bar) { statement.push(*id++, bar); }); });
    return statement.finish(value);
  } else {
    auto entry = any == 0 ? nullptr : std::make_unique<node>(slots);
    std::vector<T> y;
    auto collect = [&] {
      node::each_active(slots, [&](auto &one) {
        if (std::decay_t<decltype(one)>::is_output)
          one.each([&](auto &value, auto &) { y.push_back(value); });
      });
    };
    if constexpr (std::is_void_v<Result>) {
      call::primal(slots);
      collect();
    } else {
      const Result value = call::primal(slots);
      collect();
      y.push_back(value);
    }
    identifier first = 0;
    if (entry) {
      entry->inputs = std::move(ids);
      first = basic_tape<T>::current_tape().add_node(std::move(entry), static_cast<std::uint32_t>(y.size()));
    }
    std::size_t j = 0;
    auto next_output = [&] {
      const T value = y[j];
      return first == 0 ? basic_var<T>(value)
                        : make_var(value, first + static_cast<identifier>(j++), h.stamp);
    };
    auto assign = [&](auto fit, auto &&argument) {
      using one = typename decltype(fit)::type;
      if constexpr (one::is_output)
        one::each_variable_of(argument, [&](basic_var<T> &v) {
          v = next_output();
          j += first == 0;
        });
    };
    (assign(type_tag<slot<P, A &&, kind_of<P, A &&>()>>(), a), ...);
    if constexpr (!std::is_void_v<Result>)
      return next_output();
  }
}

} // namespace dynamic::detail

/// Calls f on the values of the arguments and records the call as one node of the current tape, see the head of this
/// file. Returns a variable, or nothing if f does.
template <auto F, class... A> auto on_tape(A &&...a) {
  using callee = detail::function<decltype(F)>;
  static_assert(callee::is_known && !callee::is_method,
                "nabla: on_tape needs the name of a function: nabla::on_tape<f>(...)");
  return dynamic::detail::run_on_tape<F, typename callee::result>(typename callee::parameters{},
                                                                  static_cast<A &&>(a)...);
}

} // namespace nabla
