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
// last sweep if f writes variables or the tape is nested, and only during the call otherwise.
//
// If f only returns a real, its gradient is computed at once and recorded as one statement; on a tape over a tape or over
// duals, so are its second derivatives, by nabla::hvp. If f writes variables, its pullback runs in the sweep.
#pragma once
#include "../static_call.h"
#include "slots.h"
#include <functional>

namespace nabla {

class Tensor;

namespace dynamic::detail {

using nabla::detail::each_active;
using nabla::detail::static_call;

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
};

/// h[i] = sum over k of the second derivative by i and k, times d[k].
template <class Call, class R> void hessian_product(typename Call::slots &s, const R *d, R *h) {
  each_active(s, [&](auto &slot) { slot.set_direction(d); });
  each_active(s, [&](auto &slot) { slot.each([&](auto &, auto &bar) { bar = R(0); }); });
  Call::second(s);
  each_active(s, [&](auto &slot) { slot.each([&](auto &, auto &bar) { *h++ += bar; }); });
}

/// Value and gradient of a static function as outputs: what a nested tape's statement is made of.
template <class R, class Call> struct gradient_node : typed_node<R> {
  typename Call::slots slots;
  std::vector<R> gradient;
  gradient_node(const typename Call::slots &s, std::vector<R> g) : slots(s), gradient(std::move(g)) {}
  const char *name() const override { return "on_tape"; }
  std::size_t bytes() const override { return sizeof slots + gradient.capacity() * sizeof(R); }
  void reverse(const R *y_bar, R *x_bar) override {
    for (std::size_t i = 0; i < gradient.size(); ++i)
      x_bar[i] += rules::guarded(y_bar[0], gradient[i]);
    product(y_bar + 1, x_bar);
  }
  void forward(const R *x_dot, R *y_dot) override {
    for (std::size_t i = 0; i < gradient.size(); ++i)
      y_dot[0] += rules::guarded(x_dot[i], gradient[i]);
    product(x_dot, y_dot + 1);
  }

private:
  void product(const R *d, R *h) {
    for (std::size_t i = 0; i < gradient.size(); ++i)
      if (d[i] != 0) {
        typename Call::slots s = slots;
        return hessian_product<Call>(s, d, h);
      }
  }
};

/// f on a tape whose scalar is a variable of the tape below, or a dual.
template <class T, class Call, class R, class Slots>
basic_var<T> run_nested(Slots &slots, const std::vector<basic_var<T>> &x) {
  const R value = Call::pullback(slots, R(1));
  std::vector<R> g;
  each_active(slots, [&](auto &slot) { slot.each([&](auto &, auto &bar) { g.push_back(bar); }); });
  std::vector<T> outputs; // the value, then the gradient, in T
  if constexpr (is_expression<T>) {
    std::vector<R> y = {value};
    y.insert(y.end(), g.begin(), g.end());
    outputs = add_typed_node<R>(std::make_unique<gradient_node<R, Call>>(slots, g), values_of(x), y);
  } else {
    std::vector<R> d, h(g.size(), R(0));
    R dot = 0;
    for (std::size_t i = 0; i < g.size(); ++i) {
      d.push_back(x[i].value().dot);
      dot += rules::guarded(d[i], g[i]);
    }
    hessian_product<Call>(slots, d.data(), h.data());
    outputs.push_back(T(value, dot));
    for (std::size_t i = 0; i < g.size(); ++i)
      outputs.push_back(T(g[i], h[i]));
  }
  head &tape = *current<T>::tape;
  std::vector<identifier> ids;
  identifier any = 0;
  for (const basic_var<T> &v : x) {
    ids.push_back(find_identifier(tape, v.id(), v.stamp()));
    any |= ids.back();
  }
  if (any == 0)
    return basic_var<T>(outputs[0]);
  statement_builder<T> statement(basic_tape<T>::current_tape());
  for (std::size_t i = 0; i < ids.size(); ++i)
    statement.push(ids[i], outputs[1 + i]);
  return statement.finish(outputs[0]);
}

/// The memory that f would see: of arguments by pointer or reference that hold variables.
struct argument_memory {
  const void *first = nullptr, *last = nullptr; ///< the first and the last variable
  bool is_written = false;
};
template <class P, class A> argument_memory memory_of(const A &a) {
  argument_memory m;
  if constexpr ((std::is_pointer_v<P> || std::is_reference_v<P>) && !std::is_void_v<variable_scalar_t<A>>) {
    m.is_written = is_written<P>;
    if constexpr (is_range<A>) {
      for (const auto &v : a) {
        m.first = m.first && std::less<const void *>()(m.first, &v) ? m.first : &v;
        m.last = m.last && std::less<const void *>()(&v, m.last) ? m.last : &v;
      }
    } else {
      m.first = m.last = &a;
    }
  }
  return m;
}
/// f overwrites one argument and gets its variables as another one, too: by values it would not see its own writes.
template <class... P, class... A> void refuse_shared(nabla::detail::list<P...>, const A &...a) {
  const argument_memory all[] = {memory_of<P>(a)...};
  const std::less<const void *> before;
  for (const argument_memory &x : all)
    for (const argument_memory &y : all)
      if (&x != &y && x.is_written && x.first && y.first && !before(x.last, y.first) &&
          !before(y.last, x.first))
        detail::fail(
            "nabla: on_tape: f writes an argument that shares variables with another one; pass a copy");
}

/// f on a tape of reals.
template <class Call, class Result, class T, bool Writes, class... P, class... A>
auto run_plain(typename Call::slots &slots, A &&...a) {
  using node = static_node<T, Call, Result>;
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
  if constexpr (!Writes) {
    static_assert(!std::is_void_v<Result>, "nabla: on_tape: f returns nothing and writes no variable");
    if (any == 0)
      return basic_var<T>(Call::primal(slots));
    const Result value = Call::pullback(slots, Result(1));
    statement_builder<T> statement(basic_tape<T>::current_tape());
    const identifier *id = ids.data();
    each_active(slots, [&](auto &one) { one.each([&](auto &, auto &bar) { statement.push(*id++, bar); }); });
    return statement.finish(value);
  } else {
    refuse_shared(nabla::detail::list<P...>(), a...);
    auto entry = any == 0 ? nullptr : std::make_unique<node>(slots);
    std::vector<T> y;
    auto collect = [&] {
      each_active(slots, [&](auto &one) {
        if (std::decay_t<decltype(one)>::is_output)
          one.each([&](auto &value, auto &) { y.push_back(value); });
      });
    };
    if constexpr (std::is_void_v<Result>) {
      Call::primal(slots);
      collect();
    } else {
      const Result value = Call::primal(slots);
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

/// Is T a scalar of the tapes that on_tape serves: a real, or a variable or dual of reals?
template <class T> constexpr bool is_served() {
  if constexpr (std::is_void_v<T> || std::is_floating_point_v<T>)
    return true;
  else if constexpr (is_expression<T>)
    return std::is_floating_point_v<typename T::scalar>;
  else
    return std::is_floating_point_v<decltype(T::value)>;
}

template <auto F, class Result, class... P, class... A>
auto run_on_tape(nabla::detail::list<P...>, A &&...a) {
  static_assert(sizeof...(P) == sizeof...(A),
                "nabla: on_tape: pass f's own arguments, default arguments written out");
  using T = typename first_scalar<variable_scalar_t<A>...>::type;
  static_assert(!std::is_void_v<T>, "nabla: on_tape: no argument is a variable; call f itself");
  static_assert(is_served<T>(),
                "nabla: on_tape has no derivatives of this order: on a tape nested so deeply, call f as "
                "a template on variables");
  static_assert(std::is_void_v<Result> || std::is_floating_point_v<Result>,
                "nabla: on_tape: f returns a real or nothing; let it write into its arguments");
  using call = static_call<F, Result, slot<P, A &&, kind_of<P, A &&>()>...>;
  constexpr bool writes = (slot<P, A &&, kind_of<P, A &&>()>::is_output || ...);
  typename call::slots slots(slot<P, A &&, kind_of<P, A &&>()>(static_cast<A &&>(a))...);
  if constexpr (!std::is_floating_point_v<T>) {
    static_assert(!writes,
                  "nabla: on_tape: on a nested tape f returns its result; it may not write variables");
    std::vector<basic_var<T>> x;
    (slot<P, A &&, kind_of<P, A &&>()>::each_variable_of(static_cast<A &&>(a),
                                                         [&](const basic_var<T> &v) { x.push_back(v); }),
     ...);
    return run_nested<T, call, Result>(slots, x);
  } else
    return run_plain<call, Result, T, writes, P...>(slots, static_cast<A &&>(a)...);
}

} // namespace dynamic::detail

/// Calls f on the values of the arguments and records the call as one node of the current tape, see the head of this
/// file. Returns a variable, or nothing if f does. Of tensors: tensor/on_tape.h.
template <auto F, class... A, std::enable_if_t<!(std::is_same_v<detail::plain<A>, Tensor> || ...), int> = 0>
auto on_tape(A &&...a) {
  using callee = detail::function<decltype(F)>;
  static_assert(callee::is_known && !callee::is_method,
                "nabla: on_tape needs the name of a function: nabla::on_tape<f>(...)");
  return dynamic::detail::run_on_tape<F, typename callee::result>(typename callee::parameters{},
                                                                  static_cast<A &&>(a)...);
}

} // namespace nabla
