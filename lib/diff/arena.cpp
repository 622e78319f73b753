#include "diff/arena.h"
#include "analysis/alias.h"
#include "ir/walk.h"

namespace nabla::diff {
using namespace ir;

Type record_parameter() { return Type::opaque("nabla::record &"); }

bool lacks_record(const Function &f) {
  bool uses = false, has = false;
  auto is_record = [](const Var &v) { return analysis::is_record(v->type); };
  for (const Var &p : f.params)
    has = has || is_record(p);
  for_each_stmt(f.body, [&](const Stmt &s) {
    if (auto *a = std::get_if<Allocate>(&s.node))
      uses = uses || a->how == Allocate::Arena;
    if (auto *d = std::get_if<Declare>(&s.node))
      has = has || is_record(d->var);
  });
  return uses && !has;
}

} // namespace nabla::diff
