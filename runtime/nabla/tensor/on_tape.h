// nabla::on_tape<f>: a function over raw arrays with a static gradient as one node of the graph of tensors; compile with the
// plugin or the tool. Part of nabla/tensor.h.
//
//   double loss(const double *w, double scale, const int *labels, int n);
//   nabla::Tensor y = nabla::on_tape<loss>(w, scale, labels, n);       // w, scale, labels: tensors; n: an int
//   y.backward();                                                      // adds to w.grad() and scale.grad()
//
// A tensor may stand where f has
//   const double *             any shape; elements in row-major order
//   double, const double &     one element
//   double *, double &         the same, contiguous; f overwrites it, which is an in-place change of the tensor
//   const int *, const bool *  integers, without a derivative
// and likewise for float, int64_t. Element types must agree: nothing is converted. All other arguments are passed as they are and
// have no derivative; what pointers among them lead to must live, unchanged, until the last backward if f writes tensors
// or create_graph is used, and only during the call otherwise. Pass `x.data_ptr<double>()` for a tensor that needs no gradient.
//
// A call that only returns a real computes its gradient at once. With create_graph its second derivatives come from nabla::hvp.
// f may be differentiated once where it writes tensors, and twice otherwise: what lies beyond raises AutogradError when a
// backward gets there.
#ifndef NABLA_TENSOR_ON_TAPE_H
#define NABLA_TENSOR_ON_TAPE_H

#include "../static_call.h"
#include "autograd.h"
#include "creation.h"
#include "functions.h"

#include <memory>
#include <utility>

namespace nabla {
namespace detail_static {

using autograd::AutogradContext;
using autograd::variable_list;
using nabla::detail::each_active;
namespace own = autograd::detail_custom;

/// A tensor at a parameter of type P.
template <class P> struct tensor_slot {
  using target = std::remove_reference_t<P>;
  static constexpr bool is_pointer = std::is_pointer_v<target>;
  using pointee = std::conditional_t<is_pointer, std::remove_pointer_t<target>, target>;
  using element = std::remove_cv_t<pointee>;
  static constexpr bool is_tensor = true, is_active = std::is_floating_point_v<element>;
  static constexpr bool is_output =
      (is_pointer || std::is_lvalue_reference_v<P>) && !std::is_const_v<pointee>;
  static_assert(
      nabla::detail::is_element<element>,
      "nabla: on_tape: a tensor stands for a pointer to, or one of, bool, int, int64_t, float, double");
  static_assert(is_active || !is_output, "nabla: on_tape: f writes integers; pass their data_ptr");

  Tensor tensor, bar, dot; ///< contiguous, without history

  element *data() { return tensor.data_ptr<element>(); }
  decltype(auto) pass() { return at(tensor); }
  decltype(auto) pass_bar() {
    if constexpr (std::is_lvalue_reference_v<P> && !is_pointer)
      return (*bar.data_ptr<element>());
    else
      return bar.data_ptr<element>();
  }
  decltype(auto) pass_dot() { return at(dot); }

private:
  static decltype(auto) at(Tensor &t) {
    if constexpr (is_pointer)
      return t.data_ptr<element>();
    else
      return (*t.data_ptr<element>());
  }
};

/// Any other argument, kept for a later call: by value unless f may write it.
template <class P> struct passive_slot {
  static constexpr bool is_tensor = false, is_active = false, is_output = false;
  static constexpr bool is_reference =
      std::is_lvalue_reference_v<P> && !std::is_const_v<std::remove_reference_t<P>>;
  using kept = std::conditional_t<is_reference, std::remove_reference_t<P> *, nabla::detail::plain<P>>;
  kept value;
  template <class A> static passive_slot of(A &&a) {
    static_assert(std::is_convertible_v<A, P>, "nabla: on_tape: an argument does not fit f's parameter");
    if constexpr (is_reference)
      return {&a};
    else
      return {static_cast<kept>(a)};
  }
  decltype(auto) pass() {
    if constexpr (is_reference)
      return (*value);
    else
      return (value);
  }
};

template <class A> inline constexpr bool is_tensor = std::is_same_v<nabla::detail::plain<A>, Tensor>;
template <class P, class A>
using slot_for = std::conditional_t<is_tensor<A>, tensor_slot<P>, passive_slot<P>>;

/// Checks that `t` fits argument number `index` of f; returns it without history, as memory that f can use.
Tensor bind(const Tensor &t, std::size_t index, ScalarType element, bool is_one, bool is_output);
/// Refuses what f must not write: leaves and views whose gradient is recorded, memory of another argument.
void check_written(const variable_list &tensors, const std::vector<bool> &is_output, bool is_recorded);
/// What a backward returns under create_graph where there are no further derivatives.
variable_list without_derivatives(variable_list results, const variable_list &depends_on, const char *why);
/// Frees a call that ends by an exception.
struct CallGuard {
  own::Call *call;
  ~CallGuard() {
    if (call)
      own::abandon(call);
  }
  void finish(variable_list &results) {
    std::vector<Tensor *> out;
    for (Tensor &t : results)
      out.push_back(&t);
    own::finish(std::exchange(call, nullptr), out.data(), out.size());
  }
};

template <class Slot, class F> void visit_tensor(Slot &slot, F &f) {
  if constexpr (Slot::is_tensor)
    f(slot);
}
template <class Slots, class F> void each_tensor(Slots &slots, F f) {
  std::apply([&](auto &...one) { (visit_tensor(one, f), ...); }, slots);
}

/// f's first derivatives as a node: gradients for one seed, differentiable once more.
template <class Call, class Result> struct GradientNode {
  using slots = typename Call::slots;

  /// From a gradient that is known to its products with the seed; `x` are the tensors of the call, in order.
  static variable_list apply(const slots &s, const Tensor &seed, const variable_list &x,
                             const variable_list &gradient) {
    CallGuard call{own::begin(&backward, "OnTapeBackwardBackward0")};
    own::argument(call.call, seed);
    for (const Tensor &t : x)
      own::argument(call.call, t);
    own::context(call.call)->saved_data = std::make_shared<slots>(s);
    variable_list results, saved{seed};
    {
      const AutoGradMode off(false);
      for (const Tensor &g : gradient)
        results.push_back(g * seed);
    }
    saved.insert(saved.end(), x.begin(), x.end());
    saved.insert(saved.end(), gradient.begin(), gradient.end());
    own::context(call.call)->save_for_backward(saved);
    call.finish(results);
    return results;
  }

private:
  /// To the seed: gradient * v. To the arguments: seed * Hessian * v.
  static variable_list backward(AutogradContext *context, variable_list v) {
    slots s = *static_cast<slots *>(context->saved_data.get());
    const variable_list saved = context->get_saved_variables();
    const Tensor &seed = saved[0];
    variable_list out{Tensor()};
    std::size_t tensors = 0;
    each_tensor(s, [&](auto &) { ++tensors; });
    {
      const AutoGradMode off(false);
      Tensor seed_bar = zeros({}, seed.dtype());
      std::size_t i = 1, active = 0;
      each_tensor(s, [&](auto &slot) {
        slot.tensor = saved[i++].detach().contiguous();
        if (!std::decay_t<decltype(slot)>::is_active)
          return;
        slot.dot = v[active].detach().contiguous();
        slot.bar = zeros_like(slot.tensor);
        seed_bar = seed_bar + (slot.dot * saved[1 + tensors + active++]).sum();
      });
      Call::second(s);
      each_tensor(s, [&](auto &slot) {
        out.push_back(std::decay_t<decltype(slot)>::is_active ? slot.bar * seed : Tensor());
      });
      out[0] = seed_bar;
    }
    variable_list depends_on = v;
    depends_on.insert(depends_on.end(), saved.begin(),
                      saved.begin() + static_cast<std::ptrdiff_t>(1 + tensors));
    return without_derivatives(std::move(out), depends_on,
                               "nabla: on_tape has no derivatives of third order");
  }
};

/// A call of f as a node.
template <class Call, class Result> struct CallNode {
  using slots = typename Call::slots;

  /// `x`: the tensors among the arguments, in order. Gives the value last, if f returns one, behind what f wrote.
  static variable_list apply(slots &s, const variable_list &x, const std::vector<bool> &is_output) {
    CallGuard call{own::begin(&backward, "OnTapeBackward0")};
    for (const Tensor &t : x)
      own::argument(call.call, t);
    const bool is_recorded = own::is_recorded(call.call);
    check_written(x, is_output, is_recorded);
    variable_list results, saved = x;
    for (std::size_t i = 0; i < x.size(); ++i)
      if (is_output[i])
        results.push_back(x[i]);
    own::context(call.call)->mark_dirty(results);
    {
      const AutoGradMode off(false);
      if (is_recorded && Call::writes)
        for (std::size_t i = 0; i < x.size(); ++i)
          if (is_output[i])
            saved[i] = x[i].clone();
      evaluate(s, is_recorded, results, saved);
    }
    if (is_recorded) {
      // Tensors among the slots would keep their memory alive beyond the release of the graph.
      slots bare = s;
      each_tensor(bare, [](auto &slot) { slot.tensor = slot.bar = slot.dot = Tensor(); });
      own::context(call.call)->saved_data = std::make_shared<slots>(std::move(bare));
      own::context(call.call)->save_for_backward(saved);
    }
    call.finish(results);
    return results;
  }

private:
  /// Calls f. Where it only returns a real and is recorded, its gradient as well, which joins what is saved.
  static void evaluate(slots &s, bool is_recorded, variable_list &results, variable_list &saved) {
    if constexpr (std::is_void_v<Result>) {
      Call::primal(s);
    } else if (Call::writes || !is_recorded) {
      results.push_back(scalar_tensor(Call::primal(s), detail::scalar_type_of<Result>()));
    } else {
      each_active(s, [&](auto &slot) { saved.push_back(slot.bar = zeros_like(slot.tensor)); });
      results.push_back(scalar_tensor(Call::pullback(s, Result(1)), detail::scalar_type_of<Result>()));
    }
  }

  static variable_list backward(AutogradContext *context, variable_list seeds) {
    slots s = *static_cast<slots *>(context->saved_data.get());
    if constexpr (Call::writes)
      return sweep(s, context->get_saved_variables(), seeds);
    else
      return products(s, *context, seeds[0]);
  }

  /// The gradient is known: its products with the seed.
  static variable_list products(slots &s, const AutogradContext &context, const Tensor &seed) {
    std::size_t tensors = 0, active = 0;
    each_tensor(s, [&](auto &) { ++tensors; });
    variable_list gradient, x;
    each_active(s, [&](auto &) { gradient.push_back(context.get_saved_variable(tensors + active++)); });
    if (GradMode::is_enabled()) {
      for (std::size_t i = 0; i < tensors; ++i)
        x.push_back(context.get_saved_variable(i));
      gradient = GradientNode<Call, Result>::apply(s, seed, x, gradient);
    } else {
      for (Tensor &g : gradient)
        g = g * seed;
    }
    return per_tensor(s, gradient);
  }

  /// f's pullback from the values that the arguments had.
  static variable_list sweep(slots &s, const variable_list &saved, const variable_list &seeds) {
    variable_list gradient;
    {
      const AutoGradMode off(false);
      std::size_t i = 0, seed = 0;
      each_tensor(s, [&](auto &slot) {
        using Slot = std::decay_t<decltype(slot)>;
        const Tensor value = saved[i++].detach();
        slot.tensor = Slot::is_output ? value.clone() : value.contiguous();
        if (Slot::is_active)
          slot.bar = Slot::is_output ? seeds[seed++].detach().contiguous().clone() : zeros_like(slot.tensor);
      });
      if constexpr (std::is_void_v<Result>)
        Call::pullback(s);
      else
        Call::pullback(s, seeds[seed].item<Result>());
      each_active(s, [&](auto &slot) { gradient.push_back(slot.bar); });
    }
    variable_list depends_on = saved;
    depends_on.insert(depends_on.end(), seeds.begin(), seeds.end());
    return without_derivatives(
        per_tensor(s, gradient), depends_on,
        "nabla: on_tape differentiates a function that writes tensors once; let it return its result");
  }

  static variable_list per_tensor(slots &s, const variable_list &gradient) {
    variable_list out;
    std::size_t active = 0;
    each_tensor(s, [&](auto &slot) {
      out.push_back(std::decay_t<decltype(slot)>::is_active ? gradient[active++] : Tensor());
    });
    return out;
  }
};

template <class P, class A> slot_for<P, A> make_slot(A &&a, std::size_t index) {
  if constexpr (is_tensor<A>) {
    using slot = tensor_slot<P>;
    return {bind(a, index, nabla::detail::scalar_type_of<typename slot::element>(), !slot::is_pointer,
                 slot::is_output),
            {},
            {}};
  } else {
    return passive_slot<P>::of(static_cast<A &&>(a));
  }
}

template <class Slot, class A> void collect(const A &a, variable_list &x, std::vector<bool> &is_output) {
  if constexpr (Slot::is_tensor) {
    x.push_back(a);
    is_output.push_back(Slot::is_output);
  }
}

template <auto F, class Result, class... P, class... A> auto run(nabla::detail::list<P...>, A &&...a) {
  static_assert(sizeof...(P) == sizeof...(A),
                "nabla: on_tape: pass f's own arguments, default arguments written out");
  static_assert(std::is_void_v<Result> || std::is_floating_point_v<Result>,
                "nabla: on_tape: f returns a real or nothing; let it write into its arguments");
  using call = nabla::detail::static_call<F, Result, slot_for<P, A>...>;
  static_assert((slot_for<P, A>::is_active || ...),
                "nabla: on_tape: no tensor stands where f has a real; call f itself");
  static_assert(!std::is_void_v<Result> || call::writes,
                "nabla: on_tape: f returns nothing and writes no tensor");
  variable_list x;
  std::vector<bool> is_output;
  (collect<slot_for<P, A>>(a, x, is_output), ...);
  std::size_t index = 0;
  typename call::slots slots{make_slot<P, A>(static_cast<A &&>(a), ++index)...};
  [[maybe_unused]] variable_list results = CallNode<call, Result>::apply(slots, x, is_output);
  if constexpr (!std::is_void_v<Result>)
    return Tensor(results.back());
}

} // namespace detail_static

/// Calls f on the elements of the tensors and records the call as one node, see the head of this file. Returns f's value as a
/// tensor without dimensions, or nothing if f does. Throws TypeError and ShapeError where a tensor does not fit f's parameter.
template <auto F, class... A, std::enable_if_t<(detail_static::is_tensor<A> || ...), int> = 0>
auto on_tape(A &&...a) {
  using callee = detail::function<decltype(F)>;
  static_assert(callee::is_known && !callee::is_method,
                "nabla: on_tape needs the name of a function: nabla::on_tape<f>(...)");
  return detail_static::run<F, typename callee::result>(typename callee::parameters{},
                                                        static_cast<A &&>(a)...);
}

} // namespace nabla

#endif
