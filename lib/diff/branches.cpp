#include "diff/branches.h"
#include "diff/adjoint_memory.h"
#include "diff/loops.h"
#include "ir/build.h"
#include "ir/make.h"
#include "ir/walk.h"
#include <algorithm>

namespace nabla::diff {
using namespace ir;

namespace {

void count_mentions(const Stmt &s, std::map<Var, unsigned> &to) {
  for_each_variable(Block{s}, [&](const Var &v) { ++to[v]; });
}
bool mentions(const Stmt &s, const Var &v) {
  bool found = false;
  for_each_variable(Block{s}, [&](const Var &x) { found |= x == v; });
  return found;
}

/// A local real that begins as zero.
Var zero_at_first(const Stmt &s) {
  auto *d = std::get_if<Declare>(&s.node);
  bool is_real = d && d->var->type.is(Type::Real) && !d->var->type.is_handle() && d->elements.empty();
  bool is_zero = is_real && (d->zero || (d->init && ir::is_zero(*d->init)));
  return is_zero && d->var->is_shadow ? d->var : nullptr;
}

/// Is the expression zero whenever these are?
bool is_linear(const Ex &e, const std::set<Var> &zeroes) {
  auto part = [&](const Ex &x) { return is_linear(x, zeroes); };
  if (auto *r = std::get_if<Read>(&e->node))
    return r->place.path.empty() && zeroes.count(r->place.root);
  if (auto *c = std::get_if<Cast>(&e->node))
    return e.type().is(Type::Real) && part(c->from);
  if (auto *s = std::get_if<Select>(&e->node))
    return part(s->yes) && part(s->no);
  auto *a = std::get_if<Apply>(&e->node);
  if (!a)
    return false;
  switch (a->rule) {
  case Rule::add:
  case Rule::sub:
    return part(a->args[0]) && part(a->args[1]);
  case Rule::mul:
    return part(a->args[0]) || part(a->args[1]);
  case Rule::neg:
  case Rule::div:
  case Rule::guarded:
    return part(a->args[0]);
  default:
    return false;
  }
}

class Branches {
public:
  explicit Branches(const Function &f) : function_(f), pointed_at_(pointed_at(f.body)) {}

  std::optional<Function> run() {
    Function out = function_;
    out.body = block(function_.body);
    renumber(out);
    return changed_ ? std::optional(std::move(out)) : std::nullopt;
  }

private:
  Block block(const Block &in) {
    Block out;
    for (const Stmt &s : in)
      out.push_back(with_blocks(s, [&](const Block &b) { return block(b); }));
    for (std::size_t i = 0; i < out.size(); ++i)
      if (std::holds_alternative<If>(out[i].node))
        take_in(out, i);
    for (std::size_t i = 0; i < out.size(); ++i)
      if (std::holds_alternative<If>(out[i].node))
        i = join_with_next(out, i);
    return out;
  }

  // ---- what is zero unless the branch runs

  /// Moves statements behind block[at], an If, into its branch.
  void take_in(Block &block, std::size_t at) {
    If branch = std::get<If>(block[at].node);
    std::set<Var> zeroes = zero_without(block, at);
    if (zeroes.empty())
      return;
    std::size_t end = end_of_linear(block, at + 1, zeroes);
    if (end == at + 1)
      return;
    Block moved(block.begin() + at + 1, block.begin() + end);
    branch.yes.insert(branch.yes.end(), moved.begin(), moved.end());
    if (cost_of(branch.yes) < worth_a_branch)
      return;
    block.erase(block.begin() + at + 1, block.begin() + end);
    block[at].node = std::move(branch);
    changed_ = true;
  }

  /// Declared in this block, and touched before the end of the If by its branch alone.
  std::set<Var> zero_without(const Block &block, std::size_t at) const {
    const If &branch = std::get<If>(block[at].node);
    std::set<Var> out;
    for (std::size_t i = 0; i < at; ++i) {
      if (Var v = zero_at_first(block[i]); v && !pointed_at_.count(v))
        out.insert(v);
      for (auto v = out.begin(); v != out.end();)
        v = declared_by(block[i]) != *v && mentions(block[i], *v) ? out.erase(v) : std::next(v);
    }
    for (auto v = out.begin(); v != out.end();) {
      auto touches = [&](const Stmt &s) { return mentions(s, *v); };
      bool other = std::any_of(branch.no.begin(), branch.no.end(), touches);
      bool branches = std::any_of(branch.yes.begin(), branch.yes.end(), touches);
      v = other || !branches ? out.erase(v) : std::next(v);
    }
    return out;
  }

  /// Behind the last statement from `begin` on that does nothing where these are zero, and gives nothing to what follows.
  std::size_t end_of_linear(const Block &block, std::size_t begin, std::set<Var> zeroes) const {
    std::size_t end = begin;
    bool adds = false;
    for (; end < block.size(); ++end) {
      const Stmt &s = block[end];
      auto *d = std::get_if<Declare>(&s.node);
      auto *a = std::get_if<Add>(&s.node);
      bool is_scalar = d && d->init && d->elements.empty() && !pointed_at_.count(d->var) &&
                       (d->var->type.is(Type::Real) || d->var->type.is_discrete());
      if (is_scalar && d->var->type.is(Type::Real) && is_linear(*d->init, zeroes))
        zeroes.insert(d->var);
      else if (!is_scalar && !(a && is_linear(a->value, zeroes)))
        break;
    }
    while (end > begin && !is_closed(block, begin, end))
      --end;
    for (std::size_t i = begin; i < end; ++i)
      adds |= std::holds_alternative<Add>(block[i].node);
    return adds ? end : begin;
  }

  /// Does nothing behind `end` use what is declared from `begin` on? The last statement is one that adds.
  static bool is_closed(const Block &block, std::size_t begin, std::size_t end) {
    if (!std::holds_alternative<Add>(block[end - 1].node))
      return false;
    for (std::size_t i = begin; i < end; ++i)
      if (Var v = declared_by(block[i]))
        for (std::size_t k = end; k < block.size(); ++k)
          if (mentions(block[k], v))
            return false;
    return true;
  }

  // ---- branches of one condition

  /// Joins block[at] with the next If, if only declarations of locals that one arm uses lie between. Gives its new position.
  std::size_t join_with_next(Block &block, std::size_t at) {
    for (;;) {
      std::size_t next = at + 1;
      while (next < block.size() && is_bare(block[next]))
        ++next;
      auto *second = next < block.size() ? std::get_if<If>(&block[next].node) : nullptr;
      If &first = std::get<If>(block[at].node);
      if (!second || !same_value(first.cond, second->cond) || !keeps_condition(first))
        return at;
      first.yes.insert(first.yes.end(), second->yes.begin(), second->yes.end());
      first.no.insert(first.no.end(), second->no.begin(), second->no.end());
      block.erase(block.begin() + next);
      std::rotate(block.begin() + at, block.begin() + at + 1, block.begin() + next);
      at = next - 1;
      at = declare_inside(block, at);
      changed_ = true;
    }
  }

  /// `double x = 0;` and the like: nothing happens.
  static bool is_bare(const Stmt &s) {
    auto *d = std::get_if<Declare>(&s.node);
    bool scalar = d && (d->var->type.is(Type::Real) || d->var->type.is_discrete()) &&
                  !d->var->type.is_handle() && d->elements.empty() && d->var->kind == Variable::Local;
    return scalar && (!d->init || std::holds_alternative<Const>((*d->init)->node));
  }

  /// Is the condition the same behind the branch?
  bool keeps_condition(const If &branch) const {
    bool plain = true;
    std::set<Var> asked;
    for_each_read(branch.cond, [&](const Place &p) {
      plain &=
          p.path.empty() && !pointed_at_.count(p.root) &&
          (p.root->kind == Variable::Local || p.root->kind == Variable::Param || p.root->type.is_const());
      asked.insert(p.root);
    });
    for_each_subexpr(branch.cond, [&](const Ex &e) {
      auto *n = std::get_if<Native>(&e->node);
      plain &= !(n && n->op.rfind("call ", 0) == 0);
    });
    for (const Block *arm : {&branch.yes, &branch.no})
      for_each_stmt(*arm, [&](const Stmt &s) {
        for (const Place &p : writes_of(s))
          plain &= !asked.count(p.root);
      });
    return plain;
  }

  /// Locals that only one arm of block[at] uses are declared there. Gives its new position.
  std::size_t declare_inside(Block &block, std::size_t at) {
    std::map<Var, unsigned> all, yes, no;
    for (const Stmt &s : block)
      count_mentions(s, all);
    If &branch = std::get<If>(block[at].node);
    for (const Stmt &s : branch.yes)
      count_mentions(s, yes);
    for (const Stmt &s : branch.no)
      count_mentions(s, no);
    for (std::size_t i = at; i-- > 0;) {
      Var v = declared_by(block[i]);
      if (!v || !is_bare(block[i]) || pointed_at_.count(v))
        continue;
      bool in_yes = yes[v] && yes[v] + 1 == all[v], in_no = no[v] && no[v] + 1 == all[v];
      if (!in_yes && !in_no)
        continue;
      Block &arm = in_yes ? std::get<If>(block[at].node).yes : std::get<If>(block[at].node).no;
      arm.insert(arm.begin(), block[i]);
      block.erase(block.begin() + i);
      --at;
    }
    return at;
  }

  static constexpr int worth_a_branch = 10; ///< in additions: less is as fast without a jump

  const Function &function_;
  const std::set<Var> pointed_at_;
  bool changed_ = false;
};

} // namespace

std::optional<Function> join_branches(const Function &f) { return Branches(f).run(); }

} // namespace nabla::diff
