// The slow paths of a tape's storage: growing, rewinding, variables of other tapes.
#include <nabla/tape/core.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace nabla {

const char *tape_memory_error::what() const noexcept {
  return "nabla: the tape is full; record less between resets, use nabla::checkpointed, or raise "
         "tape.limit()";
}

namespace dynamic {

head idle_head;
head sealed_head;
head paused_head = {nullptr, nullptr, 1, ~0u, true};

node_base::~node_base() = default;

namespace detail {

void fail(const char *message) { throw tape_error(message); }

namespace {

constexpr std::size_t huge_page = std::size_t(2) << 20;
constexpr std::size_t first_chunk = std::size_t(64) << 10, last_chunk = 2 * huge_page;

/// 0 is a passive variable's stamp, ~0 that of no tape.
std::uint32_t new_stamp() {
  // Another copy of this library in the process starts elsewhere.
  static std::atomic<std::uint32_t> last{
      static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(&idle_head) * 2654435761u)};
  std::uint32_t stamp;
  do
    stamp = ++last;
  while (stamp == 0 || stamp == ~0u);
  return stamp;
}

chunk *make_chunk(std::size_t bytes, chunk *below) {
  const std::size_t alignment = bytes >= huge_page ? huge_page : 64;
  void *memory = ::operator new(bytes, std::align_val_t(alignment), std::nothrow);
  if (!memory)
    throw tape_memory_error();
#if defined(__linux__)
  if (bytes >= huge_page)
    madvise(memory, bytes, MADV_HUGEPAGE); // a hint: fewer page faults while the tape is young
#endif
  chunk *c = ::new (memory) chunk{below, nullptr, bytes, nullptr, nullptr};
  c->args_top = c->begin();
  c->headers_top = c->end();
  return c;
}

void free_chunk(chunk *c) { ::operator delete(c, std::align_val_t(c->bytes >= huge_page ? huge_page : 64)); }

} // namespace

void activation::enter(head *which_head, head **current_head, activation **top_activation) {
  which = which_head;
  current = current_head;
  top = top_activation;
  below = *top;
  *top = this;
  *current = which;
}

void activation::leave(head *idle) {
  activation **link = top;
  while (*link && *link != this)
    link = &(*link)->below;
  if (!*link)
    return;
  *link = below;
  *current = *top ? (*top)->which : idle;
}

identifier find_identifier(const head &tape, identifier id, std::uint32_t stamp) {
  if (stamp == tape.stamp)
    return id;
  if (stamp == 0 || tape.is_paused)
    return 0;
  if (&tape == &sealed_head)
    fail("nabla: a checkpointed segment or a fixed point used a variable that is not among its arguments");
  if (tape.stamp == ~0u)
    fail("nabla: a variable was used after its tape ended, or on a thread where its tape is not current");
  return static_cast<const core &>(tape).find(id, stamp);
}

bool resolve(const head &tape, identifier *ids, const std::uint32_t *stamps, unsigned count) {
  identifier any = 0;
  for (unsigned i = 0; i < count; ++i) {
    if (stamps[i] != tape.stamp)
      ids[i] = stamps[i] == 0 ? 0 : find_identifier(tape, ids[i], stamps[i]);
    any |= ids[i];
  }
  return any != 0;
}

} // namespace detail

using namespace detail;

core::core() {
  stamp = new_stamp();
  segments_.push_back({1, stamp});
  chunk_ = first_ = make_chunk(first_chunk, nullptr);
  reserved_ = first_chunk;
  args = chunk_->begin();
  headers = chunk_->end();
}

core::~core() {
  for (chunk *c = first_; c;) {
    chunk *above = c->above;
    free_chunk(c);
    c = above;
  }
}

bool core::holds(identifier id, std::uint32_t its_stamp) const {
  auto above = std::upper_bound(segments_.begin(), segments_.end(), id,
                                [](identifier i, const segment &s) { return i < s.first; });
  return id != 0 && id < next && above != segments_.begin() && (above - 1)->stamp == its_stamp;
}

identifier core::find(identifier id, std::uint32_t its_stamp) const {
  if (holds(id, its_stamp))
    return id;
  fail("nabla: a variable of another tape, or of a part of this tape that was reset or rewound; "
       "watch it on this tape, or use its value()");
}

void core::grow(std::size_t bytes) {
  const std::size_t least = bytes + sizeof(chunk);
  chunk *next_chunk = chunk_->above;
  if (next_chunk && next_chunk->bytes < least) { // too small: a larger one goes in between
    next_chunk = nullptr;
  }
  const std::size_t most = (next_chunk ? next_chunk->bytes : std::max(least, last_chunk)) + 1;
  if (next > ~identifier(0) - most) // a header byte per statement
    throw tape_memory_error();
  if (!next_chunk) {
    std::size_t size = std::min(chunk_->bytes * 2, last_chunk);
    while (size < least)
      size *= 2;
    if (reserved_ + size > limit_)
      throw tape_memory_error();
    next_chunk = make_chunk(size, chunk_);
    reserved_ += size;
    next_chunk->above = chunk_->above;
    if (next_chunk->above)
      next_chunk->above->below = next_chunk;
    chunk_->above = next_chunk;
  }
  chunk_->args_top = args;
  chunk_->headers_top = headers;
  chunk_ = next_chunk;
  args = chunk_->begin();
  headers = chunk_->end();
}

void core::push_special(unsigned header, pair argument) {
  reserve(sizeof argument);
  __builtin_memcpy(args, &argument, sizeof argument);
  args += sizeof argument;
  *--headers = static_cast<unsigned char>(header);
}

void core::enter_thread(const void *thread) {
  const void *before = nullptr;
  if (!thread_.compare_exchange_strong(before, thread) && before != thread)
    fail("nabla: the tape is current on another thread; every thread has a tape of its own");
  ++entries_;
}

void core::leave_thread(const void *thread) {
  if (thread_ != thread) {
    std::fputs("nabla: a tape was destroyed on another thread than the one it is current on\n", stderr);
    std::abort();
  }
  if (--entries_ == 0)
    thread_ = nullptr;
}

identifier core::add_inputs(std::uint32_t count) {
  if (count > ~identifier(0) - (last_chunk + 1) - next)
    throw tape_memory_error();
  const identifier first = next;
  const bool follows = !inputs_.empty() && inputs_.back().end == first && headers != chunk_->end() &&
                       *headers == block_header && load_pair(args - sizeof(pair)).second == block_of_inputs;
  if (follows) {
    pair block = load_pair(args - sizeof(pair));
    block.first += count;
    __builtin_memcpy(args - sizeof(pair), &block, sizeof block);
    inputs_.back().end += count;
  } else {
    reserve(sizeof(pair)); // nothing throws after this but push_back, which changes nothing then
    inputs_.push_back({first, first + count});
    push_special(block_header, {count, block_of_inputs});
  }
  next += count;
  return first;
}

identifier core::add_node(std::unique_ptr<node_base> node, std::uint32_t outputs) {
  if (outputs > ~identifier(0) - (last_chunk + 1) - next)
    throw tape_memory_error();
  reserve(sizeof(pair));
  node->first_output = next;
  node->outputs = outputs;
  nodes_.push_back(std::move(node));
  push_special(block_header, {outputs, static_cast<std::uint32_t>(nodes_.size() - 1)});
  const identifier first = next;
  next += outputs;
  return first;
}

identifier core::add_kept(identifier source) {
  reserve(sizeof(pair));
  kept_.push_back(next);
  push_special(kept_header, {source, static_cast<std::uint32_t>(kept_.size() - 1)});
  return next++;
}

position core::here() const {
  return {chunk_,
          args,
          headers,
          next,
          stamp,
          static_cast<std::uint32_t>(nodes_.size()),
          static_cast<std::uint32_t>(kept_.size())};
}

position core::begin() const {
  return {first_, first_->begin(), first_->end(), 1, segments_.front().stamp, 0, 0};
}

void core::check(const position &p) const {
  auto above = std::upper_bound(segments_.begin(), segments_.end(), p.next,
                                [](identifier i, const segment &s) { return i < s.first; });
  // A mark at the start of a later segment was made at the end of the one before, or in it.
  bool known = false;
  for (auto s = above; s != segments_.begin() && !known; --s) {
    known = (s - 1)->stamp == p.stamp;
    if ((s - 1)->first < p.next)
      break;
  }
  if (!known || p.next > next)
    fail("nabla: this position is of another tape, or the tape was reset or rewound before it");
}

void core::rewind(const position &to) {
  check(to);
  chunk_ = to.chunk;
  args = to.args;
  headers = to.headers;
  next = to.next;
  nodes_.erase(nodes_.begin() + to.nodes, nodes_.end());
  kept_.resize(to.kept);
  while (!inputs_.empty() && inputs_.back().first >= next)
    inputs_.pop_back();
  if (!inputs_.empty() && inputs_.back().end > next) { // the block grew after the mark
    inputs_.back().end = next;
    pair block = load_pair(args - sizeof(pair));
    block.first = next - inputs_.back().first;
    __builtin_memcpy(args - sizeof(pair), &block, sizeof block);
  }
  while (segments_.size() > 1 && segments_.back().first >= next && segments_.back().stamp != to.stamp)
    segments_.pop_back();
  stamp = new_stamp();
  segments_.push_back({next, stamp});
}

void core::reset() {
  rewind(begin());
  segments_.clear();
  segments_.push_back({1, stamp});
}

void core::release() {
  reset();
  for (chunk *c = first_->above; c;) {
    chunk *above = c->above;
    reserved_ -= c->bytes;
    free_chunk(c);
    c = above;
  }
  first_->above = nullptr;
}

bool core::is_input(identifier id) const { return has_inputs(id, id + 1); }

bool core::has_inputs(identifier first, identifier end) const {
  auto block = std::upper_bound(inputs_.begin(), inputs_.end(), first,
                                [](identifier i, const range &r) { return i < r.end; });
  return block != inputs_.end() && block->first < end;
}

std::size_t core::inputs_total() const {
  std::size_t total = 0;
  for (const range &r : inputs_)
    total += r.end - r.first;
  return total;
}

long core::kept_place(identifier id) const {
  auto place = std::lower_bound(kept_.begin(), kept_.end(), id);
  return place != kept_.end() && *place == id ? place - kept_.begin() : -1;
}

std::size_t core::tape_bytes() const {
  std::size_t bytes = 0;
  for (chunk *c = first_;; c = c->above) {
    const bool is_last = c == chunk_;
    bytes += static_cast<std::size_t>((is_last ? args : c->args_top) - c->begin());
    bytes += static_cast<std::size_t>(c->end() - (is_last ? headers : c->headers_top));
    if (is_last)
      return bytes;
  }
}

} // namespace dynamic
} // namespace nabla
