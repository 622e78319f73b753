// Where a tape keeps what it records, free of the scalar's type. Part of nabla/tape.h.
//
// A tape is a list of statements. Statement k gave a value to the variable with identifier k, which depends on
// earlier ones through partial derivatives. It is stored in two parts of one chunk of memory:
//
//   chunk:  [arguments -->            free            <-- headers]
//
// one header byte, and per argument its partial and its identifier, packed. An argument with partial one needs its
// identifier only, and nothing at all if it is the statement before: `s += e` costs what e costs.
//
//   header  0 u p nnnnn   n arguments; u: then an identifier with partial one; p: partial one of statement k - 1
//   header  1 0000000     a block of identifiers: inputs, or the outputs of a node; argument: {count, which}
//   header  1 0000001     a copy whose adjoint is kept; argument: {source, place}
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

namespace nabla {

/// Misuse of a tape: a variable of another tape, a result that depends on no watched variable, ...
/// The tape is as it was before the call.
class tape_error : public std::logic_error {
public:
  using std::logic_error::logic_error;
};

/// A tape reached its limit, or the machine its memory. The tape is as it was before the statement.
class tape_memory_error : public std::bad_alloc {
public:
  const char *what() const noexcept override;
};

namespace dynamic {

/// The number of a statement; 0: a passive value.
using identifier = std::uint32_t;

/// What every statement reads and writes: the current tape's.
struct head {
  char *args = nullptr;             ///< end of the arguments; grows upwards
  unsigned char *headers = nullptr; ///< the last header; grows downwards
  identifier next = 1;              ///< of the next statement
  std::uint32_t stamp = ~0u;        ///< on every variable recorded since the last rewind
  bool is_paused = false;
};
extern head idle_head;   ///< current where there is no tape
extern head paused_head; ///< current under no_grad
extern head sealed_head; ///< current inside a segment that may use its arguments only

namespace detail {

enum : unsigned {
  most_arguments = 31,
  previous_flag = 32,
  unit_flag = 64,
  special_flag = 128,
  block_header = special_flag,
  kept_header = special_flag | 1,
  block_of_inputs = ~0u
};
/// Arguments of the special headers.
struct pair {
  std::uint32_t first, second;
};

/// Bytes of an argument on the tape: partial and identifier, packed.
template <class T> inline constexpr std::size_t argument_bytes = sizeof(T) + sizeof(identifier);

inline identifier load_identifier(const char *from) {
  identifier id;
  __builtin_memcpy(&id, from, sizeof id);
  return id;
}
inline pair load_pair(const char *from) {
  pair p;
  __builtin_memcpy(&p, from, sizeof p);
  return p;
}

struct chunk {
  chunk *below, *above; ///< above: the next one, perhaps in reserve
  std::size_t bytes;    ///< with this head
  char *args_top;       ///< where the arguments ended when the tape grew out of this chunk
  unsigned char *headers_top;
  char *begin() { return reinterpret_cast<char *>(this + 1); }
  unsigned char *end() { return reinterpret_cast<unsigned char *>(this) + bytes; }
};

/// A run of identifiers, [first, end).
struct range {
  identifier first, end;
};

[[noreturn]] void fail(const char *message);

/// One place on a thread's stack of current tapes.
struct activation {
  head *which = nullptr;
  head **current = nullptr; ///< the thread's current tape; also tells threads apart
  activation *below = nullptr, **top = nullptr;
  void enter(head *which, head **current, activation **top);
  void leave(head *idle);
};

} // namespace detail

/// A place in the recording, to rewind to or to stop a sweep at. Valid until the tape is rewound before it or reset.
struct position {
  detail::chunk *chunk = nullptr;
  char *args = nullptr;
  unsigned char *headers = nullptr;
  identifier next = 1;
  std::uint32_t stamp = 0; ///< of the variables recorded just before it
  std::uint32_t nodes = 0, kept = 0;
};

/// Statements that the tape cannot express by partials: outputs are consecutive identifiers.
struct node_base {
  std::vector<identifier> inputs; ///< 0 where an input is passive
  identifier first_output = 0;
  std::uint32_t outputs = 0;
  virtual const char *name() const = 0;
  /// Bytes that the node holds beyond its inputs.
  virtual std::size_t bytes() const { return 0; }
  node_base() = default;
  node_base(const node_base &) = delete;
  node_base &operator=(const node_base &) = delete;
  virtual ~node_base();
};

/// Numbers about a tape. Bytes are those in use; `reserved` is what is held for reuse.
struct tape_stats {
  std::size_t statements, arguments, inputs, nodes;
  std::size_t tape_bytes, node_bytes, adjoint_bytes, reserved_bytes;
};

class core : public head {
public:
  core();
  core(const core &) = delete;
  core &operator=(const core &) = delete;
  ~core();

  /// Room for a statement with `bytes` of arguments and one header.
  void reserve(std::size_t bytes) {
    if (__builtin_expect(static_cast<std::size_t>(reinterpret_cast<char *>(headers) - args) < bytes + 1, 0))
      grow(bytes + 1);
  }
  /// The identifier of a variable whose stamp is not the current one: throws unless it is of this tape.
  identifier find(identifier id, std::uint32_t its_stamp) const;
  /// Is this a living variable of this tape?
  bool holds(identifier id, std::uint32_t its_stamp) const;

  identifier add_inputs(std::uint32_t count);
  identifier add_node(std::unique_ptr<node_base> node, std::uint32_t outputs);
  identifier add_kept(identifier source);

  position here() const;
  position begin() const;
  void rewind(const position &to);
  void reset();
  /// Gives all memory back.
  void release();
  void check(const position &p) const;

  bool is_input(identifier id) const;
  bool has_inputs(identifier first, identifier end) const;
  const std::vector<detail::range> &inputs() const { return inputs_; }
  std::size_t inputs_total() const;
  node_base &node(std::uint32_t which) const { return *nodes_[which]; }
  const std::vector<std::unique_ptr<node_base>> &nodes() const { return nodes_; }
  /// The place of a kept identifier among the kept ones, or -1.
  long kept_place(identifier id) const;
  std::size_t kept_count() const { return kept_.size(); }

  /// A tape is current on one thread at a time.
  void enter_thread(const void *thread);
  /// Aborts with a message on another thread: the other one would go on recording.
  void leave_thread(const void *thread);

  /// Recording beyond so many bytes throws tape_memory_error.
  void limit(std::size_t bytes) { limit_ = bytes; }
  std::size_t tape_bytes() const;
  std::size_t reserved_bytes() const { return reserved_; }

protected:
  detail::chunk *chunk_ = nullptr, *first_ = nullptr;

private:
  struct segment { ///< identifiers from `first` on carry this stamp
    identifier first;
    std::uint32_t stamp;
  };
  [[gnu::cold, gnu::noinline]] void grow(std::size_t bytes);
  void push_special(unsigned header, detail::pair argument);

  std::atomic<const void *> thread_{nullptr};
  unsigned entries_ = 0;
  std::vector<segment> segments_;
  std::vector<detail::range> inputs_;
  std::vector<std::unique_ptr<node_base>> nodes_;
  std::vector<identifier> kept_;
  std::size_t limit_ = ~std::size_t(0), reserved_ = 0;
};

/// The thread's current tape for basic_var<T>.
template <class T> struct current {
  static __thread head *tape;
  static __thread detail::activation *top;
};
template <class T> __thread head *current<T>::tape = &idle_head;
template <class T> __thread detail::activation *current<T>::top = nullptr;

namespace detail {

/// What to do with a variable whose stamp is not the current one: its identifier on the current tape, 0 if passive.
identifier find_identifier(const head &tape, identifier id, std::uint32_t stamp);
/// The same for a statement's leaves, in place. False if all are passive.
[[gnu::noinline]] bool resolve(const head &tape, identifier *ids, const std::uint32_t *stamps,
                               unsigned count);

/// Walks the recording backwards; see sweep.h.
struct cursor {
  detail::chunk *chunk;
  const char *args;
  const unsigned char *headers;
  explicit cursor(const position &p) : chunk(p.chunk), args(p.args), headers(p.headers) {}
  /// To a chunk with a statement below the cursor.
  void settle() {
    while (__builtin_expect(headers == chunk->end(), 0) && chunk->below) {
      chunk = chunk->below;
      args = chunk->args_top;
      headers = chunk->headers_top;
    }
  }
};

} // namespace detail
} // namespace dynamic
} // namespace nabla
