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
    std::optional<Ex> entered = entry_condition(loop);
    for (Stmt &inner : loop.body)
      if (auto *add = std::get_if<Add>(&inner.node); add && entered && can_wait(add->to))
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

  /// Nothing in it leaves the loop early or runs code that is not seen here.
  static bool is_plain(const Block &body) {
    bool plain = true;
    for_each_stmt(body, [&](const Stmt &s) {
      plain &= std::holds_alternative<Declare>(s.node) || std::holds_alternative<Assign>(s.node) ||
               std::holds_alternative<Add>(s.node) || std::holds_alternative<If>(s.node) ||
               std::holds_alternative<For>(s.node) || std::holds_alternative<Pop>(s.node) ||
               std::holds_alternative<Comment>(s.node);
    });
    return plain;
  }

  // ---- what the loop touches

  void note_accesses(const For &loop) {
    written_ = {loop.index};
    used_.clear();
    auto note = [&](const Place &p) {
      if (AdjointMemory::is_adjoint(p))
        used_.push_back(p);
    };
    for_each_stmt(loop.body, [&](const Stmt &s) {
      auto *add = std::get_if<Add>(&s.node);
      for_each_expr(s, [&](const Ex &e) { for_each_read(e, note); });
      for (const Place &p : writes_of(s)) {
        bool itself = std::none_of(p.path.begin(), p.path.end(),
                                   [](const Step &x) { return std::holds_alternative<Deref>(x); });
        if (itself)
          written_.insert(p.root);
        if (!add)
          note(p);
      }
      if (Var v = declared_by(s))
        written_.insert(v);
    });
  }

  /// Is the sum at this place asked for by nobody in the loop, and the place the same in all iterations?
  bool can_wait(const Place &p) const {
    if (!p.root->is_shadow || !p.type().is(Type::Real) || memory_.of(p) == AdjointMemory::Unknown ||
        !is_invariant(p))
      return false;
    return std::none_of(used_.begin(), used_.end(),
                        [&](const Place &u) { return memory_.may_overlap(p, u); });
  }

  bool is_invariant(const Place &p) const {
    bool same = !written_.count(p.root);
    for_each_expr(p, [&](const Ex &e) { same &= is_invariant(e); });
    return same;
  }
  bool is_invariant(const Ex &e) const {
    bool same = true;
    for_each_read(e, [&](const Place &p) {
      bool global = p.root->kind == Variable::Global && !p.root->type.is_const();
      same &= p.path.empty() && !global && !written_.count(p.root);
    });
    for_each_subexpr(e, [&](const Ex &x) {
      auto *n = std::get_if<Native>(&x->node);
      same &= !(n && n->op.rfind("call ", 0) == 0);
    });
    return same;
  }

  /// Does the loop run at all? A null one for always; nothing where that cannot be asked behind the loop.
  std::optional<Ex> entry_condition(const For &loop) const {
    std::optional<long double> from = literal_value(loop.first), to = literal_value(loop.bound);
    static const char *const signs[] = {"<", "<=", ">", ">=", "!="};
    if (from && to) {
      bool runs[] = {*from<*to, *from <= *to, *from> * to, *from >= *to, *from != *to};
      return runs[loop.cmp] ? std::optional(Ex()) : std::nullopt;
    }
    if (!is_invariant(loop.first) || !is_invariant(loop.bound))
      return std::nullopt;
    return native(signs[loop.cmp], {loop.first, loop.bound}, Type::boolean());
  }

  const Function &function_;
  AdjointMemory memory_;
  std::set<Var> written_;
  std::vector<Place> used_; ///< adjoints that the loop reads or sets: all but what it adds to
};

} // namespace

Function sum_in_locals(const Function &f) { return Sums(f).run(); }

} // namespace nabla::diff
