// Checkpoints: a loop marked nabla::checkpoint(n) is reversed with n snapshots of what its iterations hand on; from the
// nearest one, iterations run again. Called by generated code.
//
// How many iterations are known before the loop begins: the binomial schedule of Griewank and Walther, revolve (ACM TOMS 26,
// 2000), which is the cheapest there is. Known at its end only: that of Wang, Moin and Iaccarino (SIAM J. Sci. Comput. 31,
// 2009), where each new snapshot replaces one that the later ones make dispensable.
#pragma once
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace nabla {

class record;

namespace snapshots {

/// A range of subscripts, from `first` to `last`; empty where last < first.
struct extent {
  long first, last;
  constexpr bool is_empty() const { return last < first; }
};
constexpr extent over(long first, long trips, long step) {
  return step > 0 ? extent{first, first + (trips - 1) * step} : extent{first + (trips - 1) * step, first};
}
constexpr extent operator+(extent a, extent b) {
  return a.is_empty() || b.is_empty() ? extent{0, -1} : extent{a.first + b.first, a.last + b.last};
}
constexpr extent operator-(extent a) { return a.is_empty() ? a : extent{-a.last, -a.first}; }
constexpr extent operator*(extent a, long factor) {
  if (a.is_empty())
    return a;
  return factor < 0 ? extent{a.last * factor, a.first * factor} : extent{a.first * factor, a.last * factor};
}
/// The smallest range that holds both.
constexpr extent hull(extent a, extent b) {
  if (a.is_empty() || b.is_empty())
    return a.is_empty() ? b : a;
  return {a.first < b.first ? a.first : b.first, a.last > b.last ? a.last : b.last};
}

/// Elements that the iterations write.
struct memory {
  void *at = nullptr;
  std::size_t bytes = 0;
};
template <class T> memory elements_of(T *first, std::size_t count) {
  return {const_cast<std::remove_const_t<T> *>(first), count * sizeof(T)};
}
template <class T> memory elements_of(T *p, extent e) {
  return e.is_empty() ? memory{} : elements_of(p + e.first, static_cast<std::size_t>(e.last - e.first + 1));
}

/// That of them which p leads into.
template <class T, class... M> memory block_of(T *p, M... all) {
  memory found;
  const auto at = reinterpret_cast<std::uintptr_t>(p);
  auto look = [&](memory m) {
    const auto first = reinterpret_cast<std::uintptr_t>(m.at);
    if (first <= at && at < first + m.bytes)
      found = m;
  };
  (look(all), ...);
  return found;
}

/// The snapshots of one run of a loop, which live in the record.
class store {
public:
  struct state;
  explicit store(state *s = nullptr) : state_(s) {}
  state *operator->() const { return state_; }

private:
  state *state_;
};

/// n snapshots, at least one; steps: how many iterations there will be, negative if that is not known.
store make(record &r, long n, long steps);
/// Shall the state before this iteration be kept? If so, a snapshot begins, and `keep` is called for each part of it.
bool wants(store c, long step);
/// The loop has run so many iterations.
void finish(store c, long steps);
/// How many iterations there were.
long steps_of(store c);
/// Before the reverse of iteration `step`: the iteration of the nearest snapshot. `take` reads its parts, in the order of
/// `keep`; from there to `step` iterations run again, each after `wants` was asked.
long go_back(store c, long step);
/// Before the reverse sweep, `keep` puts aside what is in memory; after it, `take` reads that again.
void set_aside(store c);
void bring_back(store c);

namespace detail {
void keep_bytes(store c, const void *from, std::size_t bytes);
void take_bytes(store c, void *to, std::size_t bytes);
} // namespace detail

inline void keep(store c, memory m) { detail::keep_bytes(c, m.at, m.bytes); }
inline void take(store c, memory m) { detail::take_bytes(c, m.at, m.bytes); }
template <class T> void keep(store c, const T &value) {
  using E = std::remove_all_extents_t<T>;
  static_assert(std::is_trivially_copy_constructible_v<E> && std::is_trivially_destructible_v<E>,
                "nabla: a value of this type cannot be kept in a snapshot");
  detail::keep_bytes(c, &value, sizeof(T));
}
template <class T> void take(store c, T &value) {
  detail::take_bytes(c, const_cast<void *>(static_cast<const volatile void *>(&value)), sizeof(T));
}

} // namespace snapshots

/// What was counted since the program began, for tests and measurements.
struct checkpoint_counts {
  long snapshots = 0;    ///< taken
  long again = 0;        ///< iterations that ran again
  std::size_t bytes = 0; ///< largest that one run of a loop held in snapshots
};
checkpoint_counts counted_checkpoints();

} // namespace nabla
