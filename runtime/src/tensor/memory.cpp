#include "memory.h"

#include <cstdlib>
#include <mutex>
#include <new>

namespace nabla::detail {

__thread Pool pool;

namespace {

constexpr std::size_t classes = small_limit / small_step;

/// Free blocks of threads that have ended. Never destroyed: tensors may outlive every other static object.
struct Orphans {
  std::mutex lock;
  FreeBlock *free[classes] = {};
};
Orphans &orphans() {
  static Orphans *const all = new Orphans;
  return *all;
}

/// Hands this thread's lists over when the thread ends.
struct Heir {
  bool alive = true;
  ~Heir() {
    Orphans &to = orphans();
    const std::lock_guard<std::mutex> hold(to.lock);
    for (std::size_t c = 0; c < classes; ++c) {
      while (FreeBlock *const b = pool.free[c]) {
        pool.free[c] = b->next;
        b->next = to.free[c];
        to.free[c] = b;
      }
    }
  }
};

void *aligned(std::size_t bytes) {
  void *const p = std::aligned_alloc(64, (bytes + 63) / 64 * 64);
  if (!p)
    throw std::bad_alloc();
  return p;
}

// Large blocks: power-of-two classes in quarters, from 1 kB; up to `kept_limit` bytes wait for the next tensor of their class.
constexpr std::size_t big_classes = 4 * 40, kept_limit = std::size_t{512} << 20, largest_kept = std::size_t{128} << 20;
struct Kept {
  std::mutex lock;
  FreeBlock *free[big_classes] = {};
  std::size_t bytes = 0;
};
Kept &kept() {
  static Kept *const all = new Kept;
  return *all;
}
/// The class of a size, and the size that all blocks of it have.
std::size_t big_class(std::size_t bytes, std::size_t &rounded) {
  const int top = 63 - __builtin_clzll(bytes - 1); // bytes > 1
  const std::size_t quarter = std::size_t{1} << (top - 2);
  rounded = (bytes + quarter - 1) / quarter * quarter;
  const int base = 63 - __builtin_clzll(rounded);
  return 4 * static_cast<std::size_t>(base - 9) + ((rounded >> (base - 2)) & 3);
}

} // namespace

void *refill(std::size_t c) {
  static thread_local Heir heir;
  const std::size_t size = (c + 1) * small_step;
  if (heir.alive) {
    Orphans &from = orphans();
    const std::lock_guard<std::mutex> hold(from.lock);
    if (FreeBlock *const b = from.free[c]) {
      from.free[c] = b->next;
      return b;
    }
  }
  const std::size_t count = 16384 / size + 1;
  char *const chunk = static_cast<char *>(aligned(size * count));
  for (std::size_t i = 1; i < count; ++i) {
    FreeBlock *const b = reinterpret_cast<FreeBlock *>(chunk + i * size);
    b->next = pool.free[c];
    pool.free[c] = b;
  }
  return chunk;
}

void *big_get(std::size_t bytes) {
#ifndef NABLA_PLAIN_MALLOC
  std::size_t rounded;
  if (bytes <= largest_kept) {
    const std::size_t c = big_class(bytes, rounded);
    Kept &all = kept();
    const std::lock_guard<std::mutex> hold(all.lock);
    if (FreeBlock *const b = all.free[c]) {
      all.free[c] = b->next;
      all.bytes -= rounded;
      return b;
    }
    bytes = rounded;
  }
#endif
  return aligned(bytes);
}

void big_put(void *block, std::size_t bytes) {
#ifndef NABLA_PLAIN_MALLOC
  std::size_t rounded;
  if (bytes <= largest_kept) {
    const std::size_t c = big_class(bytes, rounded);
    Kept &all = kept();
    const std::lock_guard<std::mutex> hold(all.lock);
    if (all.bytes + rounded <= kept_limit) {
      FreeBlock *const b = static_cast<FreeBlock *>(block);
      b->next = all.free[c];
      all.free[c] = b;
      all.bytes += rounded;
      return;
    }
  }
#else
  static_cast<void>(bytes);
#endif
  std::free(block);
}

} // namespace nabla::detail
