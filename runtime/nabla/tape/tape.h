// nabla::basic_tape<T>: recording, sweeping, asking. Part of nabla/tape.h.
#pragma once
#include "sweep.h"
#include "var.h"
#include <iosfwd>

namespace nabla::dynamic {

struct not_current_t {};
/// For a tape that is made current later, by nabla::use_tape.
inline constexpr not_current_t not_current{};

namespace detail {

template <class R, class = void> inline constexpr bool is_range = false;
template <class R>
inline constexpr bool is_range<
    R, std::void_t<decltype(std::begin(std::declval<R &>())), decltype(std::end(std::declval<R &>()))>> =
    true;

/// F(v) for every variable in x: a variable, or a range of such, of any depth.
template <class T, class X, class F> void each_variable(X &x, const F &f) {
  if constexpr (std::is_same_v<std::remove_const_t<X>, basic_var<T>>) {
    f(x);
  } else {
    static_assert(is_range<X>, "nabla: a variable, or a range of variables, was expected here");
    for (auto &element : x)
      each_variable<T>(element, f);
  }
}

} // namespace detail

/// Records what is computed with basic_var<T> while it is the thread's current tape, and differentiates it. It is
/// current from its construction to its destruction, unless another one is in between. Not for two threads at once.
///
/// A tape takes about 12 bytes per distinct variable of a statement, adjoints of intermediate values none.
template <class T> class basic_tape : public core {
public:
  using variable = basic_var<T>;

  basic_tape() { enter(); }
  /// Not current until a use_tape says so.
  explicit basic_tape(not_current_t) {}
  ~basic_tape() {
    if (is_entered_) {
      leave_thread(&current<T>::tape);
      on_.leave(&idle_head);
    }
  }

  /// The thread's current tape for basic_var<T>. Throws tape_error if there is none.
  static basic_tape &current_tape() {
    head &h = *current<T>::tape;
    if (h.stamp == ~0u)
      detail::fail("nabla: there is no current tape on this thread; make a nabla::tape first");
    return static_cast<basic_tape &>(static_cast<core &>(h));
  }

  // ---- Recording ----

  /// Makes independent variables of them: what is computed from them from now on is recorded. Variables or ranges. One that
  /// is watched already stays as it is; tape_error for one that was computed from watched variables of this tape.
  template <class... X> void watch(X &...x) { (watch_each(x), ...); }
  /// Keeps the adjoint of an intermediate variable: from here on x stands for a copy whose adjoint can be asked for.
  void keep(variable &x) {
    const identifier id = find_active(x);
    kept_bars_.resize(kept_count() + 1, T(0));
    x = make_var(x.value(), add_kept(id), stamp);
  }
  /// Where the recording is now; for sweep and rewind.
  position mark() const { return here(); }
  /// Forgets what was recorded after the mark. Variables made since then may not be used any more (tape_error).
  void rewind(const position &to) {
    core::rewind(to);
    bars_.clear(next);
    kept_bars_.resize(kept_count());
    if (swept_to_.next > next)
      swept_to_ = here();
  }
  /// Forgets everything, adjoints as well, and keeps the memory for the next recording.
  void reset() {
    core::reset();
    bars_.clear();
    kept_bars_.clear();
    swept_to_ = here();
    is_seeded_ = false;
  }
  /// reset(), and gives the memory back.
  void release() {
    core::release();
    reset();
    bars_.release();
  }

  // ---- Adjoints ----

  /// Adds the derivatives of z, times the seed, to the adjoints of watched and kept variables. Where z turns out to be a
  /// constant they are zero; where nothing is watched at all, tape_error.
  void backward(const variable &z, const T &seed_value = T(1)) {
    seed(z, seed_value);
    sweep();
  }
  /// Adds to the adjoint of z; sweep() then passes it on.
  void seed(const variable &z, const T &seed_value = T(1)) {
    is_seeded_ |= !z.is_active() && !inputs().empty();
    if (!z.is_active() && is_seeded_)
      return;
    const identifier id = find_active(z);
    bars_.cover(next);
    bars_.at(id) += seed_value;
    is_seeded_ = true;
    if (id >= swept_to_.next)
      swept_to_ = here();
  }
  /// Passes all adjoints on to the inputs. Throws tape_error if nothing was seeded since the last sweep.
  void sweep() {
    sweep(begin());
    is_seeded_ = false;
  }
  /// Passes adjoints on from the statements above the mark. Those of variables below it can be asked for then, and the
  /// next sweep continues there. Should a node throw, all adjoints are cleared.
  void sweep(const position &to) {
    check(to);
    if (!is_seeded_)
      detail::fail("nabla: sweep without a fresh seed; call seed(z) or backward(z)");
    try {
      if (swept_to_.next > to.next)
        reverse_sweep<T, T>(*this, bars_, kept_bars_.data(), swept_to_).run(to.next);
    } catch (...) {
      clear_adjoints();
      throw;
    }
    swept_to_ = to;
  }
  /// Of a watched or kept variable after a sweep; of any variable below the mark of a partial sweep.
  T adjoint(const variable &x) const {
    const identifier id = find_active(x);
    const long place = kept_place(id);
    if (place >= 0)
      return kept_bars_[static_cast<std::size_t>(place)];
    if (!is_input(id) && id >= swept_to_.next)
      detail::fail(
          "nabla: adjoints of intermediate variables are not kept; call tape.keep(x) where x is computed");
    const T *a = bars_.find(id);
    return a ? *a : T(0);
  }
  /// All adjoints are zero again; seeds as well.
  void clear_adjoints() {
    bars_.clear();
    kept_bars_.assign(kept_bars_.size(), T(0));
    is_seeded_ = false;
    swept_to_ = here();
  }

  // ---- Derivatives that leave the adjoints alone. Inputs need not be watched ones. ----

  /// d z / d inputs.
  template <class X> std::vector<T> gradient(const variable &z, const X &inputs) {
    const variable outputs[] = {z};
    return jacobian_reverse<1>(outputs, inputs);
  }
  /// Row-major: outputs x inputs. By columns or by rows, whatever is less work.
  template <class Y, class X> std::vector<T> jacobian(const Y &outputs, const X &inputs) {
    const std::size_t rows = identifiers(outputs).size(), columns = identifiers(inputs).size();
    if constexpr (!detail::is_plain<T>)
      return rows <= columns ? jacobian_reverse<1>(outputs, inputs) : jacobian_forward<1>(outputs, inputs);
    else if (rows == 1)
      return jacobian_reverse<1>(outputs, inputs);
    else if (columns == 1)
      return jacobian_forward<1>(outputs, inputs);
    else
      return rows <= columns ? jacobian_reverse<8>(outputs, inputs) : jacobian_forward<8>(outputs, inputs);
  }
  /// By rows, `Lanes` (a power of two) of them per sweep.
  template <unsigned Lanes, class Y, class X>
  std::vector<T> jacobian_reverse(const Y &outputs, const X &inputs);
  /// By columns, `Lanes` (a power of two) of them per sweep.
  template <unsigned Lanes, class Y, class X>
  std::vector<T> jacobian_forward(const Y &outputs, const X &inputs);

  // ---- About the recording ----

  tape_stats stats() const;
  /// Writes the recorded graph in the DOT language: statements, partials at the edges.
  void write_dot(std::ostream &out) const;

  /// For nodes: the identifiers of all variables in x, 0 for passive ones.
  template <class X> std::vector<identifier> identifiers(const X &x) const {
    std::vector<identifier> ids;
    detail::each_variable<T>(x, [&](const variable &v) {
      ids.push_back(v.stamp() == 0 ? 0 : detail::find_identifier(*this, v.id(), v.stamp()));
    });
    return ids;
  }
  /// For nodes: output j of a node just added.
  variable output(const T &v, identifier id) const { return make_var(v, id, stamp); }
  void enter() {
    enter_thread(&current<T>::tape);
    on_.enter(this, &current<T>::tape, &current<T>::top);
    is_entered_ = true;
  }

private:
  template <class X> void watch_each(X &x) {
    if constexpr (std::is_same_v<X, variable>) {
      if (__builtin_expect(x.is_active(), 0) && holds(x.id(), x.stamp())) {
        if (!is_input(x.id()))
          detail::fail(
              "nabla: watch was given a variable that depends on watched ones; watch a copy of its value()");
        return;
      }
      x = make_var(x.value(), add_inputs(1), stamp);
    } else {
      detail::each_variable<T>(x, [&](variable &v) { watch_each(v); });
    }
  }
  identifier find_active(const variable &x) const {
    if (!x.is_active())
      detail::fail(
          "nabla: this value depends on no watched variable; call tape.watch(x) before computing with x");
    return detail::find_identifier(*this, x.id(), x.stamp());
  }

  detail::activation on_;
  bool is_entered_ = false;
  adjoint_pages<T> bars_;
  std::vector<T> kept_bars_;
  position swept_to_ = here(); ///< nothing above it has an adjoint
  bool is_seeded_ = false;
};

template <class T> T basic_var<T>::adjoint() const { return basic_tape<T>::current_tape().adjoint(*this); }

/// Makes a tape the current one for a scope.
template <class T> class basic_use_tape {
public:
  explicit basic_use_tape(basic_tape<T> &tape) : tape_(tape) {
    tape.enter_thread(&current<T>::tape);
    on_.enter(&tape, &current<T>::tape, &current<T>::top);
  }
  basic_use_tape(const basic_use_tape &) = delete;
  basic_use_tape &operator=(const basic_use_tape &) = delete;
  ~basic_use_tape() {
    on_.leave(&idle_head);
    tape_.leave_thread(&current<T>::tape);
  }

private:
  basic_tape<T> &tape_;
  detail::activation on_;
};

/// Nothing is recorded in its scope: results are passive.
template <class T> class basic_no_grad {
public:
  basic_no_grad() : basic_no_grad(paused_head) {}
  basic_no_grad(const basic_no_grad &) = delete;
  basic_no_grad &operator=(const basic_no_grad &) = delete;
  ~basic_no_grad() { on_.leave(&idle_head); }

protected:
  explicit basic_no_grad(head &which) { on_.enter(&which, &current<T>::tape, &current<T>::top); }

private:
  detail::activation on_;
};

namespace detail {
/// Only passive variables may be used in its scope.
template <class T> struct sealed : basic_no_grad<T> {
  sealed() : basic_no_grad<T>(sealed_head) {}
};
} // namespace detail

// ---- What is defined once ----

/// One statement with any number of arguments, given one by one.
template <class T> class statement_builder {
public:
  explicit statement_builder(basic_tape<T> &tape) : tape_(tape) {}
  /// d result / d variable `id`; 0: passive.
  void push(identifier id, const T &partial) {
    if (id == 0)
      return;
    if (count_ == detail::most_arguments)
      flush();
    if (count_ == 0) {
      tape_.reserve(detail::most_arguments * detail::argument_bytes<T>);
      end_ = tape_.args;
    }
    end_ = detail::store(end_, partial, id);
    ++count_;
  }
  basic_var<T> finish(const T &v) {
    if (count_ > 0)
      flush();
    return id_ == 0 ? basic_var<T>(v) : make_var(v, id_, tape_.stamp);
  }

private:
  void flush() {
    tape_.args = end_;
    *--tape_.headers = static_cast<unsigned char>(count_ | (id_ != 0 ? unsigned(detail::previous_flag) : 0));
    id_ = tape_.next++;
    count_ = 0;
  }
  basic_tape<T> &tape_;
  unsigned count_ = 0;
  char *end_ = nullptr;
  identifier id_ = 0;
};

template <class T>
template <unsigned Lanes, class Y, class X>
std::vector<T> basic_tape<T>::jacobian_reverse(const Y &outputs, const X &inputs) {
  using A = std::conditional_t<Lanes == 1, T, lanes<T, Lanes>>;
  const std::vector<identifier> rows = identifiers(outputs), columns = identifiers(inputs);
  std::vector<T> j(rows.size() * columns.size(), T(0));
  std::vector<std::size_t> order; // of intermediate inputs: their adjoints are read when the sweep is there
  for (std::size_t c = 0; c < columns.size(); ++c)
    if (columns[c] != 0 && !is_input(columns[c]))
      order.push_back(c);
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return columns[a] > columns[b]; });
  adjoint_pages<A> bars;
  bars.cover(next);
  for (std::size_t r = 0; r < rows.size(); r += Lanes) {
    bars.clear();
    for (unsigned l = 0; l < Lanes && r + l < rows.size(); ++l)
      if (rows[r + l] != 0)
        detail::lane_traits<A>::at(bars.at(rows[r + l]), l) = T(1);
    reverse_sweep<T, A> sweep(*this, bars, nullptr, here());
    auto read = [&](std::size_t c) {
      if (A *a = columns[c] != 0 ? bars.find(columns[c]) : nullptr)
        for (unsigned l = 0; l < Lanes && r + l < rows.size(); ++l)
          j[(r + l) * columns.size() + c] = detail::lane_traits<A>::at(*a, l);
    };
    for (std::size_t c : order) {
      sweep.run(columns[c] + 1);
      read(c);
    }
    sweep.run(1);
    for (std::size_t c = 0; c < columns.size(); ++c)
      if (columns[c] != 0 && is_input(columns[c]))
        read(c);
  }
  return j;
}

template <class T>
template <unsigned Lanes, class Y, class X>
std::vector<T> basic_tape<T>::jacobian_forward(const Y &outputs, const X &inputs) {
  using A = std::conditional_t<Lanes == 1, T, lanes<T, Lanes>>;
  const std::vector<identifier> rows = identifiers(outputs), columns = identifiers(inputs);
  std::vector<T> j(rows.size() * columns.size(), T(0));
  adjoint_pages<A> dots;
  dots.cover(next);
  for (std::size_t c = 0; c < columns.size(); c += Lanes) {
    dots.clear();
    for (unsigned l = 0; l < Lanes && c + l < columns.size(); ++l)
      if (columns[c + l] != 0)
        detail::lane_traits<A>::at(dots.at(columns[c + l]), l) = T(1);
    forward_sweep<T, A>(*this, dots).run(begin(), here());
    for (std::size_t r = 0; r < rows.size(); ++r)
      if (A *a = rows[r] != 0 ? dots.find(rows[r]) : nullptr)
        for (unsigned l = 0; l < Lanes && c + l < columns.size(); ++l)
          j[r * columns.size() + c + l] = detail::lane_traits<A>::at(*a, l);
  }
  return j;
}

} // namespace nabla::dynamic
