// The slow paths of nabla::record: chunks of growing size, from the ordinary allocator.
#include <nabla/record.h>

#include <cstdint>
#include <initializer_list>
#include <new>

namespace nabla {

/// Head of a chunk; its bytes follow.
struct alignas(64) record::chunk {
  chunk *below;
  chunk *above; ///< stack only: an empty one kept for the next growth, or null
  char *top;    ///< stack only: where the stack stood when it grew out of this chunk
  char *end;
  char *begin() { return reinterpret_cast<char *>(this + 1); }

  static chunk *make(std::size_t bytes, chunk *below) {
    if (bytes > static_cast<std::size_t>(PTRDIFF_MAX) - sizeof(chunk))
      refuse_in_libnabla();
    if (chunk *c = spares::take(bytes)) {
      c->below = below;
      c->above = nullptr;
      c->top = c->begin();
      return c;
    }
    void *memory = ::operator new(sizeof(chunk) + bytes, std::align_val_t(alignof(chunk)));
    chunk *c = ::new (memory) chunk{below, nullptr, nullptr, nullptr};
    c->top = c->begin();
    c->end = c->begin() + bytes;
    return c;
  }
  static void free(chunk *c) {
    if (!spares::keep(c))
      ::operator delete(c, std::align_val_t(alignof(chunk)));
  }
  std::size_t size() { return static_cast<std::size_t>(end - begin()); }

  /// What this thread's records gave back, for its next ones: a gradient in a loop would otherwise spend its time in page
  /// faults. At most 64 MiB; the thread's end frees it.
  struct spares {
    static constexpr std::size_t most_bytes = std::size_t(64) << 20, most_chunks = 64;
    chunk *list = nullptr;
    std::size_t bytes = 0, count = 0;
    bool ended = false;

    static spares &mine() {
      thread_local spares s;
      return s;
    }
    static chunk *take(std::size_t least) {
      spares &s = mine();
      for (chunk **c = &s.list; *c; c = &(*c)->below)
        if (std::size_t size = (*c)->size(); size >= least && size / 2 <= least) {
          chunk *found = *c;
          *c = found->below;
          s.bytes -= size;
          --s.count;
          return found;
        }
      return nullptr;
    }
    static bool keep(chunk *c) {
      spares &s = mine();
      if (s.ended || s.count == most_chunks || c->size() > most_bytes - s.bytes)
        return false;
      c->below = s.list;
      s.list = c;
      s.bytes += c->size();
      ++s.count;
      return true;
    }
    ~spares() {
      ended = true;
      while (list) {
        chunk *below = list->below;
        ::operator delete(list, std::align_val_t(alignof(chunk)));
        list = below;
      }
    }
  };
  /// 4 KiB at first, then twice the last one's size up to 4 MiB.
  static std::size_t next_size(chunk *last, std::size_t least) {
    constexpr std::size_t first = std::size_t(4) << 10, most = std::size_t(4) << 20;
    std::size_t size = first;
    if (last)
      for (std::size_t used = static_cast<std::size_t>(last->end - last->begin());
           size <= used && size < most;)
        size *= 2;
    return size < least ? least : size;
  }
};

void record::refuse_in_libnabla() { throw std::bad_alloc(); }

void record::grow_in_libnabla(std::size_t bytes) {
  chunk *next = stack_ ? stack_->above : nullptr;
  if (next && static_cast<std::size_t>(next->end - next->begin()) < bytes) {
    chunk::free(next);
    stack_->above = next = nullptr;
  }
  if (!next) {
    next = chunk::make(chunk::next_size(stack_, bytes), stack_);
    if (stack_)
      stack_->above = next;
  }
  if (stack_)
    stack_->top = top_;
  stack_ = next;
  top_ = begin_ = next->begin();
  end_ = next->end;
}

/// The current chunk is empty: back to the one below. One empty chunk is kept, so that a loop at the border
/// is cheap.
void record::shrink_in_libnabla() {
  if (stack_->above)
    chunk::free(stack_->above);
  stack_->above = nullptr;
  stack_ = stack_->below;
  top_ = stack_->top;
  begin_ = stack_->begin();
  end_ = stack_->end;
}

void *record::allocate_in_libnabla(std::size_t bytes, std::size_t alignment) {
  std::size_t least = bytes + alignment;
  if (least < bytes)
    refuse_in_libnabla();
  chunk *c = chunk::make(chunk::next_size(arena_, least), arena_);
  // A large array gets a chunk of its own, below the current one, whose free space stays in use.
  bool keeps_current =
      arena_ && c->end - c->begin() - static_cast<std::ptrdiff_t>(least) < arena_end_ - arena_top_;
  char *result = c->begin();
  result += -reinterpret_cast<std::uintptr_t>(result) & (alignment - 1);
  if (keeps_current) {
    c->below = arena_->below;
    arena_->below = c;
  } else {
    arena_ = c;
    arena_top_ = result + bytes;
    arena_end_ = c->end;
  }
  return result;
}

void record::release_in_libnabla() {
  if (stack_ && stack_->above)
    chunk::free(stack_->above);
  for (chunk *list : {stack_, arena_})
    while (list) {
      chunk *below = list->below;
      chunk::free(list);
      list = below;
    }
}

} // namespace nabla
