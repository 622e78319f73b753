#include "diff/arena.h"
#include "analysis/alias.h"
#include "ir/walk.h"
#include <algorithm>

namespace nabla::diff {
using namespace ir;

Type record_parameter() { return Type::opaque("nabla::record &"); }

bool declares_record(const Stmt &s) {
  auto *d = std::get_if<Declare>(&s.node);
  return d && analysis::is_record(d->var->type);
}

static bool lacks_record(const Block &block, bool has) {
  for (const Stmt &s : block) {
    has = has || declares_record(s);
    if (auto *a = std::get_if<Allocate>(&s.node); a && a->how == Allocate::Arena && !has)
      return true;
    bool lacks = false;
    for_each_block(s, [&](const Block &inner) { lacks = lacks || lacks_record(inner, has); });
    if (lacks)
      return true;
  }
  return false;
}

bool lacks_record(const Function &f) {
  auto is_record = [](const Var &v) { return analysis::is_record(v->type); };
  return lacks_record(f.body, std::any_of(f.params.begin(), f.params.end(), is_record));
}

Block in_record(const Block &block, Depth depth, const std::function<Var()> &other) {
  VarMap own;
  std::function<Block(const Block &)> rest = [&](const Block &b) {
    Block out;
    for (const Stmt &s : b)
      if (declares_record(s))
        own[std::get<Declare>(s.node).var] = other();
      else
        out.push_back(depth == Depth::All ? with_blocks(s, rest) : s);
    return out;
  };
  Block out = rest(block);
  return own.empty() ? out : substitute(out, own);
}

} // namespace nabla::diff
