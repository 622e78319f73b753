#include "diff/loops.h"
#include "ir/make.h"
#include "ir/walk.h"

namespace nabla::diff {
using namespace ir;

Ex trip_count(const For &loop, const Ex &first, const Ex &bound) {
  static const char *const names[] = {"trips_below", "trips_to", "trips_above", "trips_down_to",
                                      "trips_until"};
  bool plain = loop.cmp == For::LT && loop.step == 1 && is_zero(first);
  if (plain && literal_value(bound))
    return bound;
  Type count = Type::integer("long");
  if (plain)
    return native("call nabla::trips", {bound}, count);
  return native(std::string("call nabla::") + names[loop.cmp],
                {cast(first, count), cast(bound, count), integer(loop.step, count)}, count);
}

Function with_loops(const Function &f, const std::function<Block(const Stmt &, const For &)> &change) {
  std::function<Block(const Block &)> block = [&](const Block &in) {
    Block out;
    for (const Stmt &s : in) {
      Stmt inner = with_blocks(s, block);
      auto *loop = std::get_if<For>(&inner.node);
      Block changed = loop ? change(inner, *loop) : Block();
      if (changed.empty())
        out.push_back(std::move(inner));
      else
        out.insert(out.end(), changed.begin(), changed.end());
    }
    return out;
  };
  Function out = f;
  out.body = block(out.body);
  renumber(out);
  return out;
}

} // namespace nabla::diff
