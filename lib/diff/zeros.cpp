#include "diff/zeros.h"
#include "diff/adjoint_memory.h"
#include "diff/loops.h"
#include "ir/build.h"
#include "ir/walk.h"
#include <set>

namespace nabla::diff {
using namespace ir;

namespace {

class Zeros {
public:
  explicit Zeros(const Function &f) : function_(f), memory_(f), handed_on_(pointed_at(f.body)) {
    for_each_stmt(f.body, [&](const Stmt &s) {
      for (const Place &p : reads_of(s))
        if (p.path.empty() && p.root->type.is(Type::Pointer))
          handed_on_.insert(p.root);
    });
  }

  std::optional<Function> run() {
    Function out = function_;
    out.body = block(out.body);
    if (!changed_)
      return {};
    renumber(out);
    return out;
  }

private:
  Block block(const Block &in) {
    Block out;
    for (const Stmt &s : in) {
      Stmt inner = with_blocks(s, [&](const Block &b) { return block(b); });
      auto *loop = std::get_if<For>(&inner.node);
      Block behind = loop && is_plain(loop->body) ? taken_out(*loop, out) : Block();
      changed_ |= !behind.empty();
      out.push_back(std::move(inner));
      out.insert(out.end(), behind.begin(), behind.end());
    }
    return out;
  }

  /// The loops that move behind this one.
  Block taken_out(For &loop, const Block &before) const {
    const Invariants constants(loop);
    Block out;
    for (std::size_t i = loop.body.size(); i-- > 0;) {
      const For *clearing = clears(loop.body[i]);
      if (!clearing || !constants.holds(clearing->first) || !constants.holds(clearing->bound) ||
          !stays_behind(loop.body, i) || !is_clear(before, *clearing))
        continue;
      if (Stmt *first = first_to_use(loop.body, array(*clearing)); first && assigns(*first, *clearing)) {
        out.insert(out.begin(), loop.body[i]);
        loop.body.erase(loop.body.begin() + long(i));
      }
    }
    return out;
  }

  static const Place &cleared(const For &clearing) { return std::get<Assign>(clearing.body[0].node).to; }
  static const Var &array(const For &clearing) { return cleared(clearing).root; }

  /// for (...) a[i] = 0, where nothing but this name leads to a.
  const For *clears(const Stmt &s) const {
    auto *loop = std::get_if<For>(&s.node);
    auto *a = loop && loop->body.size() == 1 ? std::get_if<Assign>(&loop->body[0].node) : nullptr;
    bool clears = a && is_zero(a->value) && a->to.root->is_shadow && a->to.path.size() == 1 &&
                  memory_.of(a->to) == AdjointMemory::Own && !handed_on_.count(a->to.root);
    if (!clears)
      return nullptr;
    bool plain = true; // a subscript of the index and of constants alone
    for_each_expr(a->to, [&](const Ex &e) {
      for_each_read(e, [&](const Place &p) { plain &= p.path.empty() && p.root == loop->index; });
    });
    return plain ? loop : nullptr;
  }

  static bool mentions(const Stmt &s, const Var &v) {
    bool found = false;
    auto look = [&](const Var &x) { found |= x == v; };
    for_each_variable(s, look);
    for_each_block(s, [&](const Block &b) { for_each_variable(b, look); });
    return found;
  }

  static bool stays_behind(const Block &body, std::size_t at) {
    const Var &v = array(std::get<For>(body[at].node));
    for (std::size_t i = at + 1; i < body.size(); ++i)
      if (mentions(body[i], v))
        return false;
    return true;
  }

  static Stmt *first_to_use(Block &body, const Var &v) {
    for (Stmt &s : body)
      if (mentions(s, v))
        return &s;
    return nullptr;
  }

  /// Is the array declared in this block, as zeroes, and not used since?
  static bool is_clear(const Block &before, const For &clearing) {
    for (std::size_t i = before.size(); i-- > 0;) {
      const Var &v = array(clearing);
      if (!mentions(before[i], v))
        continue;
      auto *d = std::get_if<Declare>(&before[i].node);
      auto *a = std::get_if<Allocate>(&before[i].node);
      return (d && d->var == v && d->zero) || (a && a->to.root == v && a->zero);
    }
    return false;
  }

  /// Makes `a[i] += e` of the loop an assignment, if it has the same iterations and does nothing else to the array.
  static bool assigns(Stmt &first, const For &clearing) {
    auto *loop = std::get_if<For>(&first.node);
    bool alike = loop && loop->step == clearing.step && loop->cmp == clearing.cmp &&
                 same_value(loop->first, clearing.first) && same_value(loop->bound, clearing.bound);
    if (!alike)
      return false;
    Place element = substitute(cleared(clearing), VarMap{{clearing.index, loop->index}});
    Add *only = nullptr;
    unsigned mentioned = 0;
    for (Stmt &s : loop->body) {
      mentioned += mentions(s, element.root);
      auto *a = std::get_if<Add>(&s.node);
      if (a && same_place(a->to, element))
        only = a;
    }
    if (!only || mentioned != 1)
      return false;
    for_each_variable(only->value, [&](const Var &v) { mentioned += v == element.root; });
    if (mentioned != 1)
      return false;
    for (Stmt &s : loop->body)
      if (std::get_if<Add>(&s.node) == only) {
        s.node = Assign{element, only->value};
        break;
      }
    return true;
  }

  const Function &function_;
  const AdjointMemory memory_;
  std::set<Var> handed_on_; ///< arrays that other pointers may lead to
  bool changed_ = false;
};

} // namespace

std::optional<Function> hoist_zeros(const Function &f) { return Zeros(f).run(); }

} // namespace nabla::diff
