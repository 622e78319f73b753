#include <nabla/nabla.h>

#include <algorithm>
#include <climits>
#include <cstring>
#include <iterator>
#include <list>
#include <vector>

namespace nabla {

static thread_local checkpoint_counts counts;

namespace snapshots {
namespace {

constexpr long never = LONG_MAX;

struct snapshot {
  long step;
  int level; ///< online: higher ones are kept longer
  std::vector<char> bytes;
};

/// C(n + r, n), or anything above `enough` where it is larger than that.
long binomial(long n, long r, long enough) {
  long value = 1;
  for (long k = 1; k <= r; ++k) {
    if (value > enough)
      return value;
    value = static_cast<long>(static_cast<__int128>(value) * (n + k) / k);
  }
  return value;
}

/// The first step is kept, `snapshots` in all may be: after how many steps is the next one due? never: none helps.
/// Of the optimal choices the latest. (Griewank and Walther, Algorithm 799, function `adjust`.)
long distance_to_next(long steps, long snapshots) {
  if (snapshots < 2 || steps < 2)
    return never;
  long r = 0;
  while (binomial(snapshots, r, steps) < steps)
    ++r;
  auto most = [&](long n, long repetitions) { return repetitions < 0 ? 0 : binomial(n, repetitions, steps); };
  return std::max(1L, std::min(most(snapshots, r - 1), steps - most(snapshots - 1, r - 1)));
}

} // namespace

struct store::state {
  struct nabla_handle {}; // made by its default constructor, in a record

  long most = 1;    ///< snapshots
  long steps = -1;  ///< of the loop; negative: not known yet
  long target = -1; ///< the iterations run again up to this one; negative: they run for the first time
  long due = 0;     ///< when the next snapshot is taken
  std::list<snapshot> kept;
  /// Online: the last one that later ones make dispensable; the first one, which stays, if there is none.
  std::list<snapshot>::iterator dispensable = kept.end();
  std::vector<std::vector<char>> spare;
  std::vector<char> aside, *writing = nullptr;
  const char *reading = nullptr;
  int raised = 0;        ///< online: the level that made others dispensable
  bool has_grown = true; ///< memory that `counts` does not know of yet

  void take_snapshot(long step, int level) {
    ++counts.snapshots;
    std::vector<char> bytes;
    if (!spare.empty()) {
      bytes = std::move(spare.back());
      spare.pop_back();
    } else
      has_grown = true;
    bytes.clear();
    if (!kept.empty())
      bytes.reserve(kept.front().bytes.size());
    kept.push_back({step, level, std::move(bytes)});
    writing = &kept.back().bytes;
  }
  void drop(std::list<snapshot>::iterator i) {
    spare.push_back(std::move(i->bytes));
    kept.erase(i);
  }
  void drop_last() { drop(std::prev(kept.end())); }

  /// The snapshot at `from` is there: which is the next one on the way to the last of `count` iterations from there?
  void plan(long from, long count, long last) {
    const long distance = distance_to_next(count, most - static_cast<long>(kept.size()) + 1);
    due = distance == never || from + distance > last ? never : from + distance;
  }

  bool wants_again(long step) {
    ++counts.again;
    if (step != due)
      return false;
    take_snapshot(step, 0);
    plan(step, target - step + 1, target);
    return true;
  }
  /// One more iteration than there are: the state after the last one is at hand without running it again.
  bool wants_of_known(long step) {
    if (step != due)
      return false;
    take_snapshot(step, 0);
    plan(step, steps - step + 1, steps - 1);
    return true;
  }
  /// Dispensable is what is lower than a later one. Levels never rise but to the one made last, so these lie side by side,
  /// and go from the last to the first.
  bool wants_of_unknown(long step) {
    if (static_cast<long>(kept.size()) < most) {
      take_snapshot(step, step == 0 ? INT_MAX : 0);
      dispensable = kept.begin();
      return true;
    }
    if (most == 1)
      return false;
    if (dispensable != kept.begin()) {
      const auto before = std::prev(dispensable);
      drop(dispensable);
      dispensable = before->level < raised ? before : kept.begin();
      take_snapshot(step, 0);
      return true;
    }
    raised = kept.back().level + 1;
    drop_last();
    take_snapshot(step, raised);
    const auto before = std::prev(kept.end(), 2);
    dispensable = before->level < raised ? before : kept.begin();
    return true;
  }

  std::size_t bytes() const {
    std::size_t sum = aside.capacity();
    for (const snapshot &s : kept)
      sum += s.bytes.capacity();
    for (const std::vector<char> &s : spare)
      sum += s.capacity();
    return sum;
  }
};

store make(record &r, long n, long steps) {
  store::state &s = r.make<store::state>();
  s.most = std::max(1L, n);
  s.steps = steps;
  return store(&s);
}

bool wants(store c, long step) {
  if (c->target >= 0)
    return c->wants_again(step);
  return c->steps < 0 ? c->wants_of_unknown(step) : c->wants_of_known(step);
}

void finish(store c, long steps) { c->steps = steps; }

long steps_of(store c) { return c->steps; }

long go_back(store c, long step) {
  if (c->has_grown)
    counts.bytes = std::max(counts.bytes, c->bytes());
  c->has_grown = false;
  while (c->kept.back().step > step)
    c->drop_last();
  const snapshot &from = c->kept.back();
  c->target = step;
  c->plan(from.step, step - from.step + 1, step);
  c->reading = from.bytes.data();
  return from.step;
}

void set_aside(store c) {
  c->aside.clear();
  c->writing = &c->aside;
}

void bring_back(store c) { c->reading = c->aside.data(); }

namespace detail {

void keep_bytes(store c, const void *from, std::size_t bytes) {
  const char *first = static_cast<const char *>(from);
  c->writing->insert(c->writing->end(), first, first + bytes);
}

void take_bytes(store c, void *to, std::size_t bytes) {
  if (bytes == 0)
    return;
  std::memcpy(to, c->reading, bytes);
  c->reading += bytes;
}

} // namespace detail
} // namespace snapshots

checkpoint_counts counted_checkpoints() { return counts; }

} // namespace nabla
