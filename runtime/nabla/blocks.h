// Blocks: a long loop whose record would leave the caches is recorded some iterations at a time. Its forward sweep keeps what
// its iterations hand on at the beginning of each block, and the record of the last block; before the reverse sweep of any
// other, its iterations run again. Called by generated code.
#pragma once
#include "checkpoint.h"
#include "record.h"

namespace nabla::snapshots {

/// Of a record of so many bytes and more, blocks are made. It is a quarter of the last-level cache, at least 1 MiB and at most 8;
/// 1 MiB where the system does not tell the cache's size. Asked for once.
std::size_t blocks_from_in_libnabla();

/// Bytes of record that stay in a core's cache while a block is recorded and reversed: NABLA_BLOCK_BYTES, or half a MiB.
/// Who sets NABLA_BLOCK_BYTES, alike in all files of a program, has blocks made of twice as many and more on every machine.
#ifdef NABLA_BLOCK_BYTES
inline constexpr std::size_t block_bytes = NABLA_BLOCK_BYTES;
inline std::size_t blocks_from() { return 2 * block_bytes; }
#else
inline constexpr std::size_t block_bytes = 0x80000;
inline std::size_t blocks_from() { return blocks_from_in_libnabla(); }
#endif

class blocks {
public:
  /// bytes: of an iteration's record
  blocks(record &r, long trips, std::size_t bytes) : record_(&r), trips_(trips), length_(trips) {
    const bool has_room = bytes > 0 && bytes <= block_bytes / 8;
    if (has_room && static_cast<std::size_t>(trips) >= blocks_from() / bytes)
      length_ = static_cast<long>(block_bytes / bytes);
    if (length_ > 0)
      count_ = (trips + length_ - 1) / length_;
  }
  long length() const { return length_; }
  long count() const { return count_; }
  /// How many iterations there are before this block.
  long before(long block) const { return block < count_ ? block * length_ : trips_; }
  bool is_last(long block) const { return block + 1 >= count_; }

  template <class... P> void keep(long block, const P &...parts) {
    if (is_last(block))
      return;
    if (!kept_)
      kept_ = record_->array<char>((size_of(parts) + ... + 0) * static_cast<std::size_t>(count_ - 1));
    char *to = at(block, parts...);
    (put(to, parts), ...);
  }
  template <class... P> void take(long block, P &...parts) {
    const char *from = at(block, parts...);
    (get(from, parts), ...);
  }
  /// What the loop left, while its iterations run again.
  template <class... P> void set_aside(const P &...parts) {
    if (count_ < 2)
      return;
    char *to = aside_ = record_->array<char>((size_of(parts) + ... + 0));
    (put(to, parts), ...);
  }
  template <class... P> void bring_back(P &...parts) {
    const char *from = aside_;
    if (from)
      (get(from, parts), ...);
  }

private:
  static std::size_t size_of(const memory &m) { return m.bytes; }
  template <class T> static std::size_t size_of(const T &) { return sizeof(T); }
  template <class... P> char *at(long block, const P &...parts) const {
    return kept_ + (size_of(parts) + ... + 0) * static_cast<std::size_t>(block);
  }
  static void put(char *&to, const void *from, std::size_t bytes) {
    if (bytes > 0)
      __builtin_memcpy(to, from, bytes);
    to += bytes;
  }
  static void put(char *&to, const memory &m) { put(to, m.at, m.bytes); }
  template <class T> static void put(char *&to, const T &value) { put(to, &value, sizeof(T)); }
  static void get(const char *&from, void *to, std::size_t bytes) {
    if (bytes > 0)
      __builtin_memcpy(to, from, bytes);
    from += bytes;
  }
  template <class T> static void get(const char *&from, T &value) {
    if constexpr (std::is_same_v<std::remove_const_t<T>, memory>)
      get(from, value.at, value.bytes);
    else
      get(from, const_cast<void *>(static_cast<const volatile void *>(&value)), sizeof(T));
  }

  record *record_;
  long trips_, length_, count_ = 0;
  char *kept_ = nullptr, *aside_ = nullptr;
};

/// Iterations that are recorded at a time.
inline long length_of(const blocks &b) { return b.length(); }
inline long count_of(const blocks &b) { return b.count(); }
inline long before(const blocks &b, long block) { return b.before(block); }
/// Has another block been recorded since this one? Then its iterations run again.
inline bool runs_again(const blocks &b, long block) { return !b.is_last(block); }

template <class... P> void keep_block(blocks &b, long block, const P &...parts) { b.keep(block, parts...); }
template <class... P> void take_block(blocks &b, long block, P &&...parts) { b.take(block, parts...); }
template <class... P> void set_aside(blocks &b, const P &...parts) { b.set_aside(parts...); }
template <class... P> void bring_back(blocks &b, P &&...parts) { b.bring_back(parts...); }

} // namespace nabla::snapshots
