#include "diff/arena.h"
#include "analysis/alias.h"
#include "ir/walk.h"
#include <algorithm>

namespace nabla::diff {
using namespace ir;

Type record_parameter() { return Type::opaque("nabla::record &"); }

/// Is something allocated where no record is in scope?
static bool lacks_record(const Block &block, bool has) {
  for (const Stmt &s : block) {
    if (auto *d = std::get_if<Declare>(&s.node); d && analysis::is_record(d->var->type))
      has = true;
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

} // namespace nabla::diff
