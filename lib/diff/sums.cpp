#include "diff/sums.h"
#include "diff/adjoint_memory.h"
#include "diff/loops.h"
#include "ir/build.h"
#include "ir/make.h"
#include "ir/walk.h"
#include <algorithm>
#include <set>

namespace nabla::diff {
using namespace ir;

namespace {

class Sums {
public:
  explicit Sums(const Function &f) : function_(f), memory_(f) {}

  Function run() {
    return with_loops(function_, [&](const Stmt &s, const For &n) { return loop(s, n); });
  }

private:
  struct Sum {
    Place place;
    Var local;
  };

  /// Nothing: the loop stays as it is.
  Block loop(const Stmt &s, For loop) {
    std::vector<Sum> sums;
    if (!is_plain(loop.body))
      return {};
    note_accesses(loop);
    Invariants invariants(loop);
    std::optional<Ex> entered = invariants.entry_condition();
    for (Stmt &inner : loop.body)
      if (auto *add = std::get_if<Add>(&inner.node); add && entered && can_wait(add->to, invariants))
        add->to = Place{local_for(add->to, sums), {}};
    Block out, behind;
    for (const Sum &sum : sums) {
      out.push_back({Declare{sum.local, zero(sum.local->type), false, {}}, nullptr, 0});
      behind.push_back({Add{sum.place, ir::read(sum.local)}, nullptr, 0});
    }
    out.push_back({std::move(loop), s.loc, 0});
    if (!behind.empty() && *entered)
      behind = {{If{*entered, std::move(behind), {}}, nullptr, 0}};
    out.insert(out.end(), std::make_move_iterator(behind.begin()), std::make_move_iterator(behind.end()));
    return out;
  }

  static Var local_for(const Place &place, std::vector<Sum> &sums) {
    for (const Sum &s : sums)
      if (same_place(s.place, place))
        return s.local;
    Var sum = local(place.root->name + "_sum", place.type().without_const());
    sum->is_shadow = true;
    sums.push_back({place, sum});
    return sum;
  }

  // ---- what the loop touches

  void note_accesses(const For &loop) {
    used_.clear();
    auto note = [&](const Place &p) {
      if (AdjointMemory::is_adjoint(p))
        used_.push_back(p);
    };
    for_each_stmt(loop.body, [&](const Stmt &s) {
      auto *add = std::get_if<Add>(&s.node);
      for_each_expr(s, [&](const Ex &e) { for_each_read(e, note); });
      if (!add)
        for (const Place &p : writes_of(s))
          note(p);
    });
  }

  /// Is the sum at this place asked for by nobody in the loop, and the place the same in all iterations?
  bool can_wait(const Place &p, const Invariants &invariants) const {
    if (!p.root->is_shadow || !p.type().is(Type::Real) || memory_.of(p) == AdjointMemory::Unknown ||
        !invariants.holds(p))
      return false;
    return std::none_of(used_.begin(), used_.end(),
                        [&](const Place &u) { return memory_.may_overlap(p, u); });
  }

  const Function &function_;
  AdjointMemory memory_;
  std::vector<Place> used_; ///< adjoints that the loop reads or sets: all but what it adds to
};

} // namespace

Function sum_in_locals(const Function &f) { return Sums(f).run(); }

} // namespace nabla::diff
