#include "diff/adjoint_memory.h"
#include "ir/walk.h"
#include <algorithm>

namespace nabla::diff {
using namespace ir;

namespace {
bool is_deref(const Step &s) { return std::holds_alternative<Deref>(s); }
} // namespace

AdjointMemory::AdjointMemory(const Function &f) : function_(f) {
  std::map<Var, int> writes;
  for_each_stmt(f.body, [&](const Stmt &s) {
    for (const Place &p : writes_of(s))
      if (p.path.empty())
        ++writes[p.root];
    if (auto *a = std::get_if<Allocate>(&s.node); a && a->to.path.empty())
      own_.insert(a->to.root);
  });
  for (const auto &[v, count] : writes)
    if (count > 2) // declared, and allocated
      own_.erase(v);
}

bool AdjointMemory::is_adjoint(const Place &p) {
  return p.root->is_shadow && std::any_of(p.path.begin(), p.path.end(), is_deref);
}

AdjointMemory::Kind AdjointMemory::of(const Place &p) const {
  if (std::count_if(p.path.begin(), p.path.end(), is_deref) != 1 || !is_deref(p.path.front()))
    return Unknown;
  if (own_.count(p.root))
    return Own;
  if (std::find(function_.params.begin(), function_.params.end(), p.root) == function_.params.end())
    return Unknown;
  return p.root->is_restrict ? Sole : Argument;
}

bool AdjointMemory::may_overlap(const Place &a, const Place &b) const {
  Kind of_a = of(a), of_b = of(b);
  if (a.root == b.root || of_a == Unknown || of_b == Unknown)
    return true;
  return of_a == Argument && of_b == Argument;
}

} // namespace nabla::diff
