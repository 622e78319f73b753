// What is more than a statement: external functions, checkpointed segments, preaccumulation. Part of nabla/tape.h.
#pragma once
#include "tape.h"
#include <array>
#include <functional>

namespace nabla::dynamic {

namespace detail {

template <class T> std::vector<T> values_of(const std::vector<basic_var<T>> &x) {
  std::vector<T> v;
  v.reserve(x.size());
  for (const basic_var<T> &one : x)
    v.push_back(one.value());
  return v;
}
template <class T> std::vector<basic_var<T>> passive(const std::vector<T> &v) {
  return std::vector<basic_var<T>>(v.begin(), v.end());
}

/// Puts a node on the current tape, if any of its inputs is active there. Its results are `y`.
template <class T, class Node>
std::vector<basic_var<T>> add_typed_node(std::unique_ptr<Node> node, const std::vector<basic_var<T>> &x,
                                         const std::vector<T> &y) {
  head &h = *current<T>::tape;
  std::vector<basic_var<T>> results = passive(y);
  bool any = false;
  std::vector<identifier> ids;
  for (const basic_var<T> &v : x) {
    ids.push_back(find_identifier(h, v.id(), v.stamp()));
    any |= ids.back() != 0;
  }
  if (!any || y.empty())
    return results;
  basic_tape<T> &tape = basic_tape<T>::current_tape();
  node->inputs = std::move(ids);
  const identifier first = tape.add_node(std::move(node), static_cast<std::uint32_t>(y.size()));
  for (std::size_t j = 0; j < y.size(); ++j)
    results[j] = tape.output(y[j], first + static_cast<identifier>(j));
  return results;
}

/// Tangents by adjoints: one reverse call per output.
template <class T> void transposed(typed_node<T> &node, const T *inputs_dot, T *outputs_dot) {
  std::vector<T> bar(node.outputs, T(0)), x_bar;
  for (std::uint32_t j = 0; j < node.outputs; ++j) {
    bar[j] = T(1);
    x_bar.assign(node.inputs.size(), T(0));
    node.reverse(bar.data(), x_bar.data());
    bar[j] = T(0);
    T sum(0);
    for (std::size_t i = 0; i < x_bar.size(); ++i)
      sum += x_bar[i] * inputs_dot[i];
    outputs_dot[j] = sum;
  }
}

template <class T, class Reverse> struct external_node : typed_node<T> {
  std::vector<T> x, y;
  Reverse reverse_function;
  external_node(std::vector<T> x_, std::vector<T> y_, Reverse r)
      : x(std::move(x_)), y(std::move(y_)), reverse_function(std::move(r)) {}
  const char *name() const override { return "external"; }
  std::size_t bytes() const override { return (x.capacity() + y.capacity()) * sizeof(T); }
  void reverse(const T *y_bar, T *x_bar) override { reverse_function(x.data(), y.data(), y_bar, x_bar); }
  void forward(const T *x_dot, T *y_dot) override { transposed<T>(*this, x_dot, y_dot); }
};

} // namespace detail

/// A function that the tape does not look into. y = f(x) is made by `forward(const T *x, T *y)`; in a sweep
/// `reverse(const T *x, const T *y, const T *y_bar, T *x_bar)` adds to x_bar. T is the variables' scalar: write both
/// as generic lambdas to serve nested tapes as well.
template <class T, class Forward, class Reverse>
std::vector<basic_var<T>> external(const std::vector<basic_var<T>> &x, std::size_t outputs, Forward forward,
                                   Reverse reverse) {
  std::vector<T> in = detail::values_of(x), out(outputs, T(0));
  forward(static_cast<const T *>(in.data()), out.data());
  const std::vector<T> y = out;
  return detail::add_typed_node<T>(
      std::make_unique<detail::external_node<T, Reverse>>(std::move(in), std::move(out), std::move(reverse)),
      x, y);
}

namespace detail {

template <class T, class F> struct checkpointed_node : typed_node<T> {
  std::vector<T> x;
  F f;
  checkpointed_node(std::vector<T> x_, F f_) : x(std::move(x_)), f(std::move(f_)) {}
  const char *name() const override { return "checkpointed"; }
  std::size_t bytes() const override { return x.capacity() * sizeof(T); }

  void reverse(const T *y_bar, T *x_bar) override {
    basic_tape<T> tape;
    std::vector<basic_var<T>> in = passive(x);
    tape.watch(in);
    const std::vector<basic_var<T>> out = f(static_cast<const std::vector<basic_var<T>> &>(in));
    bool any = false;
    for (std::size_t j = 0; j < out.size(); ++j)
      if (out[j].is_active() && !is_zero(y_bar[j])) {
        tape.seed(out[j], y_bar[j]);
        any = true;
      }
    if (any)
      tape.sweep();
    for (std::size_t i = 0; any && i < in.size(); ++i)
      x_bar[i] += tape.adjoint(in[i]);
  }
  void forward(const T *x_dot, T *y_dot) override {
    basic_tape<T> tape;
    std::vector<basic_var<T>> in = passive(x);
    tape.watch(in);
    const std::vector<basic_var<T>> out = f(static_cast<const std::vector<basic_var<T>> &>(in));
    adjoint_pages<T> dots;
    dots.cover(tape.next);
    for (std::size_t i = 0; i < in.size(); ++i)
      dots.at(in[i].id()) = x_dot[i];
    forward_sweep<T, T>(tape, dots).run(tape.begin(), tape.here());
    for (std::size_t j = 0; j < out.size(); ++j)
      if (const T *a = out[j].is_active() ? dots.find(out[j].id()) : nullptr)
        y_dot[j] += *a;
  }
};

} // namespace detail

/// y = f(x) without recording f's statements: they are recorded again, on a tape of their own, when a sweep comes by.
/// f takes and returns std::vector<basic_var<T>>, uses no other variable (tape_error) and gives the same answer each
/// time. Segments may nest.
template <class T, class F> std::vector<basic_var<T>> checkpointed(F f, const std::vector<basic_var<T>> &x) {
  std::vector<T> in = detail::values_of(x), y;
  {
    detail::sealed<T> only_arguments;
    const std::vector<basic_var<T>> passive_x = detail::passive(in);
    y = detail::values_of<T>(f(passive_x));
  }
  return detail::add_typed_node<T>(
      std::make_unique<detail::checkpointed_node<T, F>>(std::move(in), std::move(f)), x, y);
}

namespace detail {

/// What f() returns, an expression as a variable.
template <class R, bool IsExpression = is_expression<R>> struct recorded {
  using type = R;
};
template <class R> struct recorded<R, true> {
  using type = basic_var<typename R::scalar>;
};

/// Row j: the derivatives of output j by what lies below the mark.
template <class T> struct local_row {
  std::vector<identifier> ids;
  std::vector<T> partials;
};
template <class T> local_row<T> local_gradient(basic_tape<T> &tape, identifier of, const position &mark) {
  adjoint_pages<T> bars;
  bars.cover(tape.next);
  bars.at(of) = T(1);
  reverse_sweep<T, T> sweep(tape, bars, nullptr, tape.here());
  sweep.run(mark.next);
  local_row<T> row;
  for (std::size_t p = 0; p <= mark.next >> bars.bits; ++p)
    if (T *page = bars.table()[p])
      for (identifier i = 0; i < bars.size && (identifier(p) << bars.bits) + i < mark.next; ++i)
        if (!is_zero(page[i])) {
          row.ids.push_back((identifier(p) << bars.bits) + i);
          row.partials.push_back(page[i]);
        }
  return row;
}

} // namespace detail

/// Runs f, which returns a variable or a range of variables, and replaces what it recorded by its local Jacobian if that
/// is shorter. f may use any variables; those it computed, other than its results, may not be used afterwards
/// (tape_error). What f watches, keeps or adds as a node stays as it is recorded.
template <class T = double, class F>
auto preaccumulate(F f) -> typename detail::recorded<std::decay_t<decltype(f())>>::type {
  basic_tape<T> &tape = basic_tape<T>::current_tape();
  const position mark = tape.mark();
  const std::size_t bytes_before = tape.tape_bytes(), inputs_before = tape.inputs_total();
  auto result = typename detail::recorded<std::decay_t<decltype(f())>>::type(f());
  const std::size_t bytes = tape.tape_bytes() - bytes_before;
  const bool is_plain_segment = tape.nodes().size() == mark.nodes && tape.kept_count() == mark.kept &&
                                tape.inputs_total() == inputs_before;
  std::vector<basic_var<T> *> results;
  detail::each_variable<T>(result, [&](basic_var<T> &v) { results.push_back(&v); });
  std::vector<identifier> ids;
  for (basic_var<T> *v : results)
    ids.push_back(v->stamp() == 0 ? 0 : detail::find_identifier(tape, v->id(), v->stamp()));
  std::vector<detail::local_row<T>> rows;
  std::size_t rows_bytes = 0;
  for (std::size_t j = 0; is_plain_segment && j < ids.size() && rows_bytes < bytes; ++j) {
    rows.emplace_back();
    if (ids[j] >= mark.next)
      rows.back() = detail::local_gradient<T>(tape, ids[j], mark);
    rows_bytes += 1 + rows.back().ids.size() * detail::argument_bytes<T>;
  }
  if (!is_plain_segment || rows_bytes >= bytes)
    return result;
  tape.rewind(mark);
  for (std::size_t j = 0; j < ids.size(); ++j)
    if (ids[j] >= mark.next) {
      statement_builder<T> statement(tape);
      for (std::size_t i = 0; i < rows[j].ids.size(); ++i)
        statement.push(rows[j].ids[i], rows[j].partials[i]);
      *results[j] = statement.finish(results[j]->value());
    }
  return result;
}

} // namespace nabla::dynamic
