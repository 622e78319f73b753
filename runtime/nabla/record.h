// The record: what a forward sweep leaves for its reverse sweep. A stack (push, pop: last in, first out)
// beside an arena (arrays that live until the record dies). Generated code makes one per gradient call and
// passes it by reference.
//
//   nabla::record record;
//   double *t = record.array<double>(n);   // indexed storage, sized by the trip count
//   record.push(x);  ...  x = record.pop<double>();
//
// Nothing is allocated before the first use. Slow paths live in libnabla, and their name says so to the
// linker.
#pragma once
#include <cstddef>
#include <type_traits>

namespace nabla::detail {
struct in_record {};
} // namespace nabla::detail
/// Makes an object in memory of the record.
inline void *operator new(std::size_t, void *at, nabla::detail::in_record) noexcept { return at; }
inline void operator delete(void *, void *, nabla::detail::in_record) noexcept {}

namespace nabla {

template <class T> T zeroed(); // math.h
/// Is a T no more than its bytes, though it has a copy constructor? A class says so by a specialisation.
template <class T> inline constexpr bool holds_bytes = false;

class record {
public:
  record() = default;
  record(const record &) = delete;
  record &operator=(const record &) = delete;
  ~record() {
    while (owned_) {
      owned *const last = owned_;
      owned_ = last->before;
      last->destroy(last);
    }
    if (stack_ || arena_)
      release_in_libnabla();
  }

  // ---- The stack ----

  template <class T> void push(const T &value) {
    if constexpr (!is_bytes<T>) { // a handle: the stack holds its address
      T *kept = objects<T>(1);
      *kept = value;
      return push(kept);
    } else {
      push_bytes(value);
    }
  }
  /// Undoes the matching push, which was of the same type.
  template <class T> T pop() {
    if constexpr (!is_bytes<T>)
      return static_cast<T &&>(*pop<T *>());
    else
      return pop_bytes<T>();
  }
  template <class T> void pop(T &value) { value = pop<T>(); }

  /// Branches: one bit each, 64 to a word, in the same order as everything else.
  void push_bit(bool bit) {
    if (bit_count_ == 64) {
      push(bits_);
      ++full_words_;
      bit_count_ = 0;
    }
    bits_ = bits_ << 1 | static_cast<unsigned long long>(bit);
    ++bit_count_;
  }
  bool pop_bit() {
    bool bit = bits_ & 1;
    bits_ >>= 1;
    if (--bit_count_ == 0 && full_words_ > 0) {
      --full_words_;
      bits_ = pop<unsigned long long>();
      bit_count_ = 64;
    }
    return bit;
  }

  // ---- The arena ----

  /// n values, indeterminate; handles are nothing yet.
  template <class T> T *array(std::size_t n) {
    if constexpr (!is_bytes<T>)
      return objects<T>(n);
    if (n > static_cast<std::size_t>(__PTRDIFF_MAX__) / sizeof(T))
      refuse_in_libnabla();
    return static_cast<T *>(allocate(n * sizeof(T), alignof(T)));
  }
  /// n values, all bytes zero.
  template <class T> T *zeros(std::size_t n) {
    T *values = array<T>(n);
    if (n > 0 && is_bytes<T>)
      __builtin_memset(static_cast<void *>(values), 0, n * sizeof(T));
    return values;
  }
  /// One zeroed T, which may be an array: `double (&row)[3] = record.make<double[3]>();`
  template <class T> T &make() {
    using element = std::remove_all_extents_t<T>;
    return *reinterpret_cast<T *>(zeros<element>(sizeof(T) / sizeof(element)));
  }

private:
  struct chunk;

  /// Is a T copied byte by byte? std::pair and std::tuple, which assign member by member, are.
  template <class T, class E = std::remove_all_extents_t<T>>
  static constexpr bool is_bytes =
      (std::is_trivially_copy_constructible_v<E> && std::is_trivially_destructible_v<E>) || holds_bytes<E>;

  template <class T> static constexpr auto is_handle(int) -> decltype(sizeof(typename T::nabla_handle) > 0) {
    return true;
  }
  template <class T> static constexpr bool is_handle(long) { return false; }

  template <class T> void push_bytes(const T &value) {
    if (static_cast<std::size_t>(end_ - top_) < sizeof(T))
      grow_in_libnabla(sizeof(T));
    __builtin_memcpy(top_, &value, sizeof(T)); // packed: a value may lie unaligned
    top_ += sizeof(T);
  }
  template <class T> T pop_bytes() {
    if (top_ == begin_)
      shrink_in_libnabla();
    top_ -= sizeof(T);
    union slot { // T may have no default constructor
      slot() {}
      T value;
    } slot;
    __builtin_memcpy(static_cast<void *>(&slot.value), top_, sizeof(T));
    return slot.value;
  }

  /// What is not copied byte by byte: constructed here, destroyed with the record, last ones first.
  struct owned {
    void (*destroy)(owned *);
    owned *before;
    std::size_t count;
  };
  template <class T>
  static constexpr std::size_t header = (sizeof(owned) + alignof(T) - 1) / alignof(T) * alignof(T);
  template <class T> static T *behind(owned *o) {
    return reinterpret_cast<T *>(reinterpret_cast<char *>(o) + header<T>);
  }
  template <class T> static void destroy(owned *o) {
    T *const first = behind<T>(o);
    for (std::size_t i = o->count; i-- > 0;)
      first[i].~T();
  }
  template <class T> T *objects(std::size_t n) {
    if (n > static_cast<std::size_t>(__PTRDIFF_MAX__) / sizeof(T) - header<T>)
      refuse_in_libnabla();
    constexpr std::size_t alignment = alignof(T) > alignof(owned) ? alignof(T) : alignof(owned);
    owned *const o = static_cast<owned *>(allocate(header<T> + n * sizeof(T), alignment));
    T *const first = behind<T>(o);
    o->destroy = &destroy<T>, o->before = owned_, o->count = 0;
    owned_ = o;
    for (; o->count < n; ++o->count)  // what a constructor that throws leaves behind is destroyed
      if constexpr (!is_handle<T>(0)) // which may have no default constructor, or one that sets its members
        new (static_cast<void *>(first + o->count), detail::in_record()) T(zeroed<T>());
      else
        new (static_cast<void *>(first + o->count), detail::in_record()) T();
    return first;
  }
  /// Not inlined, since only what a call gives is known to overlap nothing else: then loops over it vectorise.
  [[gnu::malloc, gnu::noinline]] void *allocate(std::size_t bytes, std::size_t alignment) {
    if (bytes >= large)
      alignment = alignment < 64 ? 64 : alignment; // vectors
    std::size_t pad = -reinterpret_cast<std::size_t>(arena_top_) & (alignment - 1);
    if (static_cast<std::size_t>(arena_end_ - arena_top_) < pad + bytes || !arena_)
      return allocate_in_libnabla(bytes, alignment);
    char *result = arena_top_ + pad;
    arena_top_ = result + bytes;
    return result;
  }

  [[gnu::cold, gnu::noinline]] void grow_in_libnabla(std::size_t bytes);
  [[gnu::cold, gnu::noinline]] void shrink_in_libnabla();
  [[gnu::cold, gnu::noinline]] void *allocate_in_libnabla(std::size_t bytes, std::size_t alignment);
  [[gnu::cold, gnu::noinline]] void release_in_libnabla();
  [[noreturn, gnu::cold, gnu::noinline]] static void refuse_in_libnabla(); ///< throws std::bad_alloc

  static constexpr std::size_t large = 256;

  char *top_ = nullptr, *begin_ = nullptr, *end_ = nullptr; ///< of the stack's current chunk
  char *arena_top_ = nullptr, *arena_end_ = nullptr;
  chunk *stack_ = nullptr; ///< the current chunk; those below it, and one above kept in reserve, hang on it
  chunk *arena_ = nullptr;
  owned *owned_ = nullptr; ///< in the arena
  unsigned long long bits_ = 0;
  unsigned bit_count_ = 0;
  std::size_t full_words_ = 0;
};

/// Between the parts of a very long function. It does nothing; compilers then work on one part at a time, and the time they
/// take does not grow with the square of the length.
inline void part() {
  __asm__ goto("" : : : : next);
next:;
}

// ---- How often a counted loop runs: sizes of its arrays. Never negative. ----

namespace detail {
/// Steps from `low` until `high` is reached or passed; the distance may be larger than a long.
constexpr long steps(long low, long high, long step) {
  unsigned long distance = static_cast<unsigned long>(high) - static_cast<unsigned long>(low);
  unsigned long size = static_cast<unsigned long>(step);
  return static_cast<long>(distance / size + (distance % size != 0));
}
} // namespace detail

/// for (i = first; i < bound; i += step)
constexpr long trips(long bound) { return bound > 0 ? bound : 0; } // from 0 in steps of 1
constexpr long trips_below(long first, long bound, long step) {
  return first < bound ? detail::steps(first, bound, step) : 0;
}
/// for (i = first; i <= bound; i += step)
constexpr long trips_to(long first, long bound, long step) {
  return first <= bound ? detail::steps(first, bound, step) + ((bound - first) % step == 0) : 0;
}
/// for (i = first; i > bound; i += step), step negative
constexpr long trips_above(long first, long bound, long step) {
  return first > bound ? detail::steps(bound, first, -step) : 0;
}
/// for (i = first; i >= bound; i += step), step negative
constexpr long trips_down_to(long first, long bound, long step) {
  return first >= bound ? detail::steps(bound, first, -step) + ((first - bound) % -step == 0) : 0;
}
/// for (i = first; i != bound; i += step), which reaches bound
constexpr long trips_until(long first, long bound, long step) {
  return step > 0 ? trips_below(first, bound, step) : trips_above(first, bound, step);
}

/// Option check-alias: two parameters of a differentiated function, one of them written, must not be the same memory.
/// Prints both names and aborts.
[[noreturn, gnu::cold]] void report_overlap_in_libnabla(const char *first, const char *second);
inline void check_distinct(const volatile void *a, const volatile void *b, const char *first,
                           const char *second) {
  if (a == b && a != nullptr)
    report_overlap_in_libnabla(first, second);
}

} // namespace nabla
