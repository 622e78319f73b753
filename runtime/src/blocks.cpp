// From where on a record is made in blocks, by the machine's caches.
#include <nabla/blocks.h>

#include <algorithm>
#include <unistd.h>

std::size_t nabla::snapshots::blocks_from_in_libnabla() {
  constexpr std::size_t least = 2 * 0x80000, most = 16 * 0x80000;
#ifdef _SC_LEVEL3_CACHE_SIZE
  static const long cache = sysconf(_SC_LEVEL3_CACHE_SIZE); // 0 or -1: not known
#else
  constexpr long cache = 0;
#endif
  return cache <= 0 ? least : std::clamp(static_cast<std::size_t>(cache) / 4, least, most);
}
