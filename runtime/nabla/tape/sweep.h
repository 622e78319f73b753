// Sweeps over a recording: adjoints downwards, tangents upwards. Part of nabla/tape.h.
//
// Adjoints live in pages of 512 identifiers, made when first touched and reused as soon as the sweep has passed them:
// an adjoint that nobody can ask for takes no memory. Pages that hold inputs stay.
#pragma once
#include "expression.h"
#include <algorithm>

namespace nabla::dynamic {

/// Nodes as the sweeps see them; adjoints and tangents are of the scalar's type.
template <class T> struct typed_node : node_base {
  /// inputs_bar[i] += sum over j of outputs_bar[j] * d output j / d input i. All inputs are given, passive ones too.
  virtual void reverse(const T *outputs_bar, T *inputs_bar) = 0;
  /// outputs_dot[j] = sum over i of d output j / d input i * inputs_dot[i].
  virtual void forward(const T *inputs_dot, T *outputs_dot) = 0;
};

/// N values side by side: several adjoints or tangents in one sweep.
template <class T, unsigned N> struct lanes {
  static_assert(N > 0 && (N & (N - 1)) == 0, "nabla: a power of two of lanes");
  alignas(sizeof(T) * N <= 64 ? sizeof(T) * N : 64) T lane[N];
};

namespace detail {

// A is T, or lanes of T: what a sweep does with adjoints and tangents.

template <class A> struct lane_traits {
  using scalar = A;
  static constexpr unsigned count = 1;
  static A &at(A &a, unsigned) { return a; }
};
template <class T, unsigned N> struct lane_traits<lanes<T, N>> {
  using scalar = T;
  static constexpr unsigned count = N;
  static T &at(lanes<T, N> &a, unsigned i) { return a.lane[i]; }
};

/// Is there nothing to pass on? A zero that is recorded on an outer tape still has a derivative.
template <class A> bool is_zero(const A &a) {
  if constexpr (is_plain<A>)
    return a == 0;
  else if constexpr (is_expression<A>)
    return !a.is_active() && is_zero(a.value());
  else
    return is_zero(a.value) && is_zero(a.dot);
}
template <class T, unsigned N> bool is_zero(const lanes<T, N> &a) {
  bool all = true;
  for (unsigned i = 0; i < N; ++i)
    all &= is_zero(a.lane[i]);
  return all;
}

template <class A> void add_to(A &to, const A &a) { to += a; }
template <class T, unsigned N> void add_to(lanes<T, N> &to, const lanes<T, N> &a) {
  for (unsigned i = 0; i < N; ++i)
    to.lane[i] += a.lane[i];
}
/// to += a * partial. A statement with adjoint zero is skipped before, so plain scalars need no guard.
template <class T> void add_product(T &to, const T &a, const T &partial) {
  if constexpr (is_plain<T>)
    to += a * partial;
  else
    to += product<true>(a, partial);
}
template <class T, unsigned N> void add_product(lanes<T, N> &to, const lanes<T, N> &a, const T &partial) {
  for (unsigned i = 0; i < N; ++i)
    to.lane[i] += product<true>(a.lane[i], partial);
}

template <class T> T load_partial(const char *from) {
  union slot { // T may have a constructor
    slot() {}
    T value;
  } slot;
  __builtin_memcpy(static_cast<void *>(&slot.value), from, sizeof(T));
  return slot.value;
}

} // namespace detail

/// One value of type A per identifier, zero until written.
template <class A> class adjoint_pages {
public:
  static constexpr unsigned bits = 9;
  static constexpr identifier size = identifier(1) << bits, mask = size - 1;

  adjoint_pages() = default;
  adjoint_pages(const adjoint_pages &) = delete;
  adjoint_pages &operator=(const adjoint_pages &) = delete;
  ~adjoint_pages() { release(); }

  /// Makes every identifier below `end` a valid argument of at().
  void cover(identifier end) {
    const std::size_t pages = (std::size_t(end) >> bits) + 1;
    if (table_.size() < pages)
      table_.resize(pages, nullptr);
  }
  A &at(identifier id) {
    A *&page = table_[id >> bits];
    if (__builtin_expect(!page, 0))
      page = make();
    return page[id & mask];
  }
  /// The value, or null where the page was never touched.
  A *find(identifier id) const {
    const std::size_t page = id >> bits;
    return page < table_.size() && table_[page] ? table_[page] + (id & mask) : nullptr;
  }
  A **table() { return table_.data(); }
  /// Page `which` holds zeros only: keep its memory for another.
  void recycle(std::size_t which) {
    if (A *&page = table_[which]) {
      free_.push_back(page);
      page = nullptr;
    }
  }
  /// Zero from `first` on.
  void clear(identifier first = 0) {
    for (std::size_t p = first >> bits; p < table_.size(); ++p)
      if (table_[p]) {
        for (std::size_t i = p == first >> bits ? first & mask : 0; i < size; ++i)
          table_[p][i] = A{};
        if (p > first >> bits || (first & mask) == 0)
          recycle(p);
      }
  }
  void release() {
    for (std::vector<A *> *list : {&table_, &free_}) {
      for (A *page : *list)
        ::operator delete(page, std::align_val_t(64));
      std::vector<A *>().swap(*list);
    }
  }
  std::size_t bytes() const {
    std::size_t pages = free_.size();
    for (A *page : table_)
      pages += page != nullptr;
    return pages * size * sizeof(A) + (table_.capacity() + free_.capacity()) * sizeof(A *);
  }
  [[gnu::noinline]] A *make() {
    if (!free_.empty()) {
      A *page = free_.back();
      free_.pop_back();
      return page;
    }
    free_.reserve(free_.size() + 1);
    A *page = static_cast<A *>(::operator new(size * sizeof(A), std::align_val_t(64)));
    for (identifier i = 0; i < size; ++i)
      ::new (static_cast<void *>(page + i)) A{};
    return page;
  }

private:
  std::vector<A *> table_, free_;
};

namespace detail {

/// A node's part of a sweep, lane by lane.
template <class T, class A> struct node_sweep {
  std::vector<T> in, out;

  void reverse(typed_node<T> &node, adjoint_pages<A> &bars) {
    const identifier first = node.first_output, end = first + node.outputs;
    for (unsigned l = 0; l < lane_traits<A>::count; ++l) {
      bool any = false;
      out.assign(node.outputs, T(0));
      for (identifier id = first; id < end; ++id)
        if (A *a = bars.find(id)) {
          out[id - first] = lane_traits<A>::at(*a, l);
          any |= !is_zero(out[id - first]);
        }
      if (!any)
        continue;
      in.assign(node.inputs.size(), T(0));
      node.reverse(out.data(), in.data());
      for (std::size_t i = 0; i < in.size(); ++i)
        if (node.inputs[i] != 0)
          lane_traits<A>::at(bars.at(node.inputs[i]), l) += in[i];
    }
    for (identifier id = first; id < end; ++id)
      if (A *a = bars.find(id))
        *a = A{};
  }
  void forward(typed_node<T> &node, adjoint_pages<A> &dots) {
    for (unsigned l = 0; l < lane_traits<A>::count; ++l) {
      in.assign(node.inputs.size(), T(0));
      for (std::size_t i = 0; i < in.size(); ++i)
        if (A *a = node.inputs[i] ? dots.find(node.inputs[i]) : nullptr)
          in[i] = lane_traits<A>::at(*a, l);
      out.assign(node.outputs, T(0));
      node.forward(in.data(), out.data());
      for (std::uint32_t j = 0; j < node.outputs; ++j)
        lane_traits<A>::at(dots.at(node.first_output + j), l) += out[j];
    }
  }
};

} // namespace detail

/// Passes adjoints on from the statements above `to` up to `from`, and zeroes them: only inputs, kept copies (added
/// into `kept`) and what lies below `to` remain.
template <class T, class A> class reverse_sweep {
public:
  reverse_sweep(core &tape, adjoint_pages<A> &bars, A *kept, const position &from)
      : tape_(tape), bars_(bars), kept_(kept), at_(from), k_(from.next) {
    bars_.cover(from.next);
  }

  /// Down to identifier `end`, which is the lowest one to be passed on. Where `end` lies among the outputs of a node,
  /// all of them wait for the next run.
  void run(identifier end) {
    while (k_ > end) {
      at_.settle();
      if (!(*at_.headers & detail::special_flag))
        statements(end);
      else if (!special(end))
        return;
    }
  }

private:
  using page = adjoint_pages<A>;

  /// Ordinary statements down to the next special one, the chunk's start, or `end`.
  void statements(identifier end) {
    constexpr std::size_t stride = detail::argument_bytes<T>;
    const unsigned char *const last = at_.chunk->end();
    const unsigned char *headers = at_.headers;
    const char *args = at_.args;
    identifier k = k_;
    A **const table = bars_.table();
    auto bar = [&](identifier id) -> A & {
      A *&p = table[id >> page::bits];
      if (__builtin_expect(!p, 0))
        p = bars_.make();
      return p[id & page::mask];
    };
    while (k > end && headers != last) {
      const unsigned header = *headers;
      if (__builtin_expect(header & detail::special_flag, 0))
        break;
      ++headers;
      --k;
      const unsigned count = header & detail::most_arguments;
      A *own = table[k >> page::bits];
      if (__builtin_expect(own == nullptr || detail::is_zero(own[k & page::mask]), 0)) {
        args -= count * stride + (header & detail::unit_flag ? sizeof(identifier) : 0);
      } else {
        const A a = own[k & page::mask];
        own[k & page::mask] = A{};
        if (header & detail::previous_flag)
          detail::add_to(bar(k - 1), a);
        if (header & detail::unit_flag) {
          args -= sizeof(identifier);
          detail::add_to(bar(detail::load_identifier(args)), a);
        }
        for (const char *const stop = args - count * stride; args != stop;) {
          args -= stride;
          detail::add_product(bar(detail::load_identifier(args + sizeof(T))), a,
                              detail::load_partial<T>(args));
        }
      }
      if (__builtin_expect((k & page::mask) == 0, 0))
        leave_page(k);
    }
    at_.args = args;
    at_.headers = headers;
    k_ = k;
  }

  bool special(identifier end) {
    const unsigned header = *at_.headers;
    const detail::pair argument = detail::load_pair(at_.args - sizeof(detail::pair));
    const bool is_node = header == detail::block_header && argument.second != detail::block_of_inputs;
    if (is_node && end > k_ - argument.first)
      return false;
    ++at_.headers;
    at_.args -= sizeof(detail::pair);
    if (header == detail::kept_header) {
      const identifier k = --k_;
      if (A *a = bars_.find(k)) {
        const A adjoint = *a;
        *a = A{};
        if (kept_)
          detail::add_to(kept_[argument.second], adjoint);
        detail::add_to(bars_.at(argument.first), adjoint);
      }
      if ((k & page::mask) == 0)
        leave_page(k);
      return true;
    }
    const identifier first = std::max(end, k_ - argument.first); // a mark may lie within inputs
    if (is_node)
      nodes_.reverse(static_cast<typed_node<T> &>(tape_.node(argument.second)), bars_);
    for (identifier p = ((first + page::mask) >> page::bits) << page::bits; p < k_; p += page::size)
      leave_page(p);
    k_ = first;
    return true;
  }

  /// All statements from the page's first one, `id`, on are done.
  void leave_page(identifier id) {
    if (!tape_.has_inputs(id, id + page::size))
      bars_.recycle(id >> page::bits);
  }

  core &tape_;
  adjoint_pages<A> &bars_;
  A *kept_;
  detail::node_sweep<T, A> nodes_;
  detail::cursor at_;
  identifier k_; ///< all statements from this one on are done
};

/// Carries tangents from the statements above `from` up to `to`.
template <class T, class A> class forward_sweep {
public:
  forward_sweep(core &tape, adjoint_pages<A> &dots) : tape_(tape), dots_(dots) {}

  void run(const position &from, const position &to) {
    dots_.cover(to.next);
    identifier k = from.next;
    detail::chunk *chunk = from.chunk;
    const char *args = from.args;
    const unsigned char *headers = from.headers;
    while (k < to.next) {
      const unsigned char *last = chunk == to.chunk ? to.headers : chunk->headers_top;
      while (headers != last)
        k = statement(k, args, *--headers);
      chunk = chunk->above;
      if (k < to.next) {
        args = chunk->begin();
        headers = chunk->end();
      }
    }
  }

private:
  identifier statement(identifier k, const char *&args, unsigned header) {
    if (header & detail::special_flag)
      return special(k, args, header);
    constexpr std::size_t stride = detail::argument_bytes<T>;
    A sum{};
    for (unsigned n = header & detail::most_arguments; n > 0; --n, args += stride)
      add_if(sum, detail::load_identifier(args + sizeof(T)),
             [&](const A &a) { detail::add_product(sum, a, detail::load_partial<T>(args)); });
    if (header & detail::unit_flag) {
      add_if(sum, detail::load_identifier(args), [&](const A &a) { detail::add_to(sum, a); });
      args += sizeof(identifier);
    }
    if (header & detail::previous_flag)
      add_if(sum, k - 1, [&](const A &a) { detail::add_to(sum, a); });
    if (!detail::is_zero(sum))
      detail::add_to(dots_.at(k), sum); // it may be seeded itself
    return k + 1;
  }
  template <class F> void add_if(A &, identifier id, F add) {
    if (const A *a = dots_.find(id))
      if (!detail::is_zero(*a))
        add(*a);
  }
  identifier special(identifier k, const char *&args, unsigned header) {
    const detail::pair argument = detail::load_pair(args);
    args += sizeof(detail::pair);
    if (header == detail::kept_header) {
      if (const A *a = dots_.find(argument.first)) {
        const A copy = *a;
        detail::add_to(dots_.at(k), copy);
      }
      return k + 1;
    }
    if (argument.second != detail::block_of_inputs)
      nodes_.forward(static_cast<typed_node<T> &>(tape_.node(argument.second)), dots_);
    return k + argument.first;
  }

  core &tape_;
  adjoint_pages<A> &dots_;
  detail::node_sweep<T, A> nodes_;
};

} // namespace nabla::dynamic
