#include "diff/sums.h"
#include "ir/build.h"
#include "ir/make.h"
#include "ir/walk.h"
#include <algorithm>
#include <set>

namespace nabla::diff {
using namespace ir;

namespace {

/// What a place of adjoints leads through.
enum class Memory {
  Own,      ///< allocated here, and reached through this pointer alone or pointers made from it
  Sole,     ///< a parameter whose memory no other parameter leads to
  Argument, ///< a parameter of what is only read: it may coincide with others of its kind
  Unknown
};

bool is_deref(const Step &s) { return std::holds_alternative<Deref>(s); }

class Sums {
public:
  explicit Sums(const Function &f) : function_(f) {
    std::map<Var, int> writes;
    for_each_stmt(f.body, [&](const Stmt &s) {
      for (const Place &p : writes_of(s))
        if (p.path.empty())
          ++writes[p.root];
      if (auto *a = std::get_if<Allocate>(&s.node); a && a->to.path.empty())
        own_.insert(a->to.root);
    });
    for (const auto &[v, count] : writes) // declared, and allocated
      if (count > 2)
        own_.erase(v);
  }

  Function run() {
    Function out = function_;
    out.body = block(out.body);
    renumber(out);
    return out;
  }

private:
  struct Sum {
    Place place;
    Var local;
  };

  Block block(const Block &in) {
    Block out;
    for (const Stmt &s : in) {
      Stmt inner = with_blocks(s, [&](const Block &b) { return block(b); });
      if (auto *loop = std::get_if<For>(&inner.node))
        this->loop(*loop, inner.loc, out);
      else
        out.push_back(std::move(inner));
    }
    return out;
  }

  void loop(For &loop, const Loc &loc, Block &out) {
    std::vector<Sum> sums;
    if (is_plain(loop.body)) {
      note_accesses(loop);
      std::optional<Ex> entered = entry_condition(loop);
      for (Stmt &s : loop.body)
        if (auto *add = std::get_if<Add>(&s.node); add && entered && can_wait(add->to))
          add->to = Place{local_for(add->to, sums), {}};
      Block behind;
      for (const Sum &sum : sums) {
        out.push_back({Declare{sum.local, zero(sum.local->type), false, {}}, nullptr, 0});
        behind.push_back({Add{sum.place, ir::read(sum.local)}, nullptr, 0});
      }
      out.push_back({std::move(loop), loc, 0});
      if (!behind.empty() && *entered)
        behind = {{If{*entered, std::move(behind), {}}, nullptr, 0}};
      out.insert(out.end(), std::make_move_iterator(behind.begin()), std::make_move_iterator(behind.end()));
    } else
      out.push_back({std::move(loop), loc, 0});
  }

  static Var local_for(const Place &place, std::vector<Sum> &sums) {
    for (const Sum &s : sums)
      if (same_place(s.place, place))
        return s.local;
    Var sum = local(place.root->name + "_sum", place.type().without_const());
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
      if (p.root->is_shadow && std::any_of(p.path.begin(), p.path.end(), is_deref))
        used_.push_back(p);
    };
    for_each_stmt(loop.body, [&](const Stmt &s) {
      auto *add = std::get_if<Add>(&s.node);
      for_each_expr(s, [&](const Ex &e) { for_each_read(e, note); });
      for (const Place &p : writes_of(s)) {
        if (std::none_of(p.path.begin(), p.path.end(), is_deref))
          written_.insert(p.root);
        if (!add)
          note(p);
      }
      if (Var v = declared_by(s))
        written_.insert(v);
    });
  }

  Memory memory(const Place &p) const {
    if (std::count_if(p.path.begin(), p.path.end(), is_deref) != 1 || !is_deref(p.path.front()))
      return Memory::Unknown;
    if (own_.count(p.root))
      return Memory::Own;
    if (std::find(function_.params.begin(), function_.params.end(), p.root) == function_.params.end())
      return Memory::Unknown;
    return p.root->is_restrict ? Memory::Sole : Memory::Argument;
  }

  bool may_overlap(const Place &a, const Place &b) const {
    Memory of_a = memory(a), of_b = memory(b);
    if (a.root == b.root || of_a == Memory::Unknown || of_b == Memory::Unknown)
      return true;
    return of_a == Memory::Argument && of_b == Memory::Argument;
  }

  /// Is the sum at this place asked for by nobody in the loop, and the place the same in all iterations?
  bool can_wait(const Place &p) const {
    if (!p.root->is_shadow || !p.type().is(Type::Real) || memory(p) == Memory::Unknown || !is_invariant(p))
      return false;
    return std::none_of(used_.begin(), used_.end(), [&](const Place &u) { return may_overlap(p, u); });
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
  std::set<Var> own_, written_;
  std::vector<Place> used_; ///< adjoints that the loop reads or sets: all but what it adds to
};

} // namespace

Function sum_in_locals(const Function &f) { return Sums(f).run(); }

} // namespace nabla::diff
