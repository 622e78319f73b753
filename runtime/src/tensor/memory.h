// Memory of tensors and nodes: free lists per thread for small blocks, kept large blocks, so that a training step neither calls
// malloc nor touches fresh pages. Under AddressSanitizer everything goes to malloc.
#ifndef NABLA_SRC_TENSOR_MEMORY_H
#define NABLA_SRC_TENSOR_MEMORY_H

#include <cstddef>
#include <cstdint>

#if defined(__SANITIZE_ADDRESS__)
#define NABLA_PLAIN_MALLOC 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define NABLA_PLAIN_MALLOC 1
#endif
#endif

namespace nabla::detail {

constexpr std::size_t small_limit = 1024, small_step = 64;

struct FreeBlock {
  FreeBlock *next;
};
/// A plain thread-local word per size class: no constructor, so no guard on the hot path.
struct Pool {
  FreeBlock *free[small_limit / small_step];
};
extern __thread Pool pool;

void *refill(std::size_t size_class); ///< a block, after putting some more on the list
void *big_get(std::size_t bytes);     ///< aligned to 64
void big_put(void *block, std::size_t bytes);

inline void *pool_get(std::size_t bytes) {
#ifndef NABLA_PLAIN_MALLOC
  if (bytes <= small_limit) {
    const std::size_t c = (bytes + small_step - 1) / small_step - 1;
    FreeBlock *const b = pool.free[c];
    if (!b)
      return refill(c);
    pool.free[c] = b->next;
    return b;
  }
#endif
  return big_get(bytes);
}
inline void pool_put(void *block, std::size_t bytes) {
#ifndef NABLA_PLAIN_MALLOC
  if (bytes <= small_limit) {
    const std::size_t c = (bytes + small_step - 1) / small_step - 1;
    FreeBlock *const b = static_cast<FreeBlock *>(block);
    b->next = pool.free[c];
    pool.free[c] = b;
    return;
  }
#endif
  big_put(block, bytes);
}

} // namespace nabla::detail

#endif
