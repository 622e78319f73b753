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
bool is_mentioned(const Block &block, const Var &v) {
  bool found = false;
  for_each_variable(block, [&](const Var &x) { found |= x == v; });
  return found;
}

/// The statements of a block that mention a variable, in their order.
using Mentions = std::map<Var, std::vector<std::size_t>>;
Mentions mentions_in(const Block &block) {
  Mentions out;
  for (std::size_t i = 0; i < block.size(); ++i)
    for_each_variable(Block{block[i]}, [&](const Var &v) {
      std::vector<std::size_t> &at = out[v];
      if (at.empty() || at.back() != i)
        at.push_back(i);
    });
  return out;
}

/// A local that begins as zero: a real, or a struct of such.
Var zero_at_first(const Stmt &s) {
  auto *d = std::get_if<Declare>(&s.node);
  if (!d || !d->elements.empty() || !d->var->is_shadow)
    return nullptr;
  const Type &t = d->var->type;
  bool is_real = t.is(Type::Real) && !t.is_handle();
  bool is_struct =
      t.is(Type::Record) && t.contains_reals() && !t.contains_real_pointers() && !t.holds_handles();
  bool is_zero = d->zero || (is_real && d->init && ir::is_zero(*d->init));
  return is_zero && (is_real || is_struct) ? d->var : nullptr;
}

/// Is the expression zero whenever these variables are?
bool is_linear(const Ex &e, const std::function<bool(const Var &)> &is_zero) {
  auto part = [&](const Ex &x) { return is_linear(x, is_zero); };
  if (auto *r = std::get_if<Read>(&e->node))
    return e.type().is(Type::Real) && !AdjointMemory::leads_on(r->place) && is_zero(r->place.root);
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
    take_in(out);
    for (std::size_t i = 0; i < out.size(); ++i)
      if (std::holds_alternative<If>(out[i].node))
        i = join_with_next(out, i);
    return out;
  }

  // ---- what is zero unless the branch runs

  void take_in(Block &block) {
    bool any = std::any_of(block.begin(), block.end(),
                           [](const Stmt &s) { return std::holds_alternative<If>(s.node); });
    Mentions mentions = any ? mentions_in(block) : Mentions();
    for (std::size_t i = 0; i < block.size(); ++i)
      if (std::holds_alternative<If>(block[i].node) && take_in(block, i, mentions))
        mentions = mentions_in(block);
  }

  /// Moves statements behind block[at], an If, into its branch.
  bool take_in(Block &block, std::size_t at, const Mentions &mentions) {
    If branch = std::get<If>(block[at].node);
    bool adds_to_zero = false;
    for_each_variable(branch.yes, [&](const Var &v) {
      adds_to_zero = adds_to_zero || is_zero_without(v, block, at, mentions);
    });
    std::size_t end = adds_to_zero ? end_of_linear(block, at, mentions) : at + 1;
    Block moved(block.begin() + at + 1, block.begin() + end);
    branch.yes.insert(branch.yes.end(), moved.begin(), moved.end());
    if (moved.empty() || cost_of(branch.yes) < worth_a_branch)
      return false;
    block.erase(block.begin() + at + 1, block.begin() + end);
    block[at].node = std::move(branch);
    return changed_ = true;
  }

  /// Declared in this block, and touched before the end of the If by its branch alone, if at all.
  bool is_zero_without(const Var &v, const Block &block, std::size_t at, const Mentions &mentions) const {
    auto found = mentions.find(v);
    if (found == mentions.end() || pointed_at_.count(v))
      return false;
    const std::vector<std::size_t> &places = found->second;
    const If &branch = std::get<If>(block[at].node);
    bool begins = places[0] < at && zero_at_first(block[places[0]]) == v;
    return begins && (places.size() < 2 || places[1] >= at) && !is_mentioned(branch.no, v) &&
           !is_mentioned({{Return{branch.cond}, {}, 0}}, v);
  }

  /// Behind the last statement that does nothing where the branch did not run, and gives nothing to what follows.
  std::size_t end_of_linear(const Block &block, std::size_t at, const Mentions &mentions) const {
    const std::size_t begin = at + 1;
    std::size_t end = begin;
    std::set<Var> passed_on;
    auto is_zero = [&](const Var &v) {
      return passed_on.count(v) || is_zero_without(v, block, at, mentions);
    };
    for (; end < block.size() && end - begin < longest; ++end) {
      auto *d = std::get_if<Declare>(&block[end].node);
      auto *a = std::get_if<Add>(&block[end].node);
      auto *z = std::get_if<Assign>(&block[end].node);
      bool stays_zero = z && ir::is_zero(z->value) && !AdjointMemory::leads_on(z->to) && is_zero(z->to.root);
      bool is_scalar = d && d->init && d->elements.empty() && !pointed_at_.count(d->var) &&
                       (d->var->type.is(Type::Real) || d->var->type.is_discrete());
      if (is_scalar && d->var->type.is(Type::Real) && is_linear(*d->init, is_zero))
        passed_on.insert(d->var);
      else if (!is_scalar && !stays_zero && !(a && is_linear(a->value, is_zero)))
        break;
    }
    while (end > begin && !is_closed(block, begin, end, mentions))
      --end;
    return end;
  }

  /// Does nothing behind `end` use what is declared from `begin` on? The last statement is none that declares.
  static bool is_closed(const Block &block, std::size_t begin, std::size_t end, const Mentions &mentions) {
    if (std::holds_alternative<Declare>(block[end - 1].node))
      return false;
    for (std::size_t i = begin; i < end; ++i)
      if (Var v = declared_by(block[i]); v && mentions.at(v).back() >= end)
        return false;
    return true;
  }

  // ---- branches of one condition

  /// Joins block[at] with the next If, if only declarations of locals that one arm uses lie between. Gives its new position.
  std::size_t join_with_next(Block &block, std::size_t at) {
    for (;;) {
      If &first = std::get<If>(block[at].node);
      std::size_t next = at + 1;
      while (next < block.size() && (is_bare(block[next]) || is_apart(block[next], first)))
        ++next;
      auto *second = next < block.size() ? std::get_if<If>(&block[next].node) : nullptr;
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
    bool plain = d && d->elements.empty() && d->var->kind == Variable::Local &&
                 (d->var->type.is(Type::Real) || d->var->type.is_discrete() || zero_at_first(s)) &&
                 !d->var->type.is_handle();
    return plain && (!d->init || std::holds_alternative<Const>((*d->init)->node));
  }

  /// A name for a value that the branch does not change, so that it may come before it.
  bool is_apart(const Stmt &s, const If &branch) const {
    auto *d = std::get_if<Declare>(&s.node);
    if (!d || !d->init || !d->elements.empty() ||
        !(d->var->type.is(Type::Real) || d->var->type.is_discrete()))
      return false;
    bool apart = !d->var->type.is_handle();
    std::set<Var> read;
    for_each_variable(*d->init, [&](const Var &v) {
      apart &= v->kind != Variable::Global && !pointed_at_.count(v);
      read.insert(v);
    });
    for_each_read(*d->init, [&](const Place &p) { apart &= !AdjointMemory::leads_on(p); });
    for (const Block *arm : {&branch.yes, &branch.no})
      for_each_stmt(*arm, [&](const Stmt &inner) {
        for (const Place &p : writes_of(inner))
          apart &= !read.count(p.root);
      });
    return apart;
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

  static constexpr std::size_t longest = 200; ///< statements that move
  static constexpr int worth_a_branch = 10;   ///< in additions: less is as fast without a jump

  const Function &function_;
  const std::set<Var> pointed_at_;
  bool changed_ = false;
};

} // namespace

std::optional<Function> join_branches(const Function &f) { return Branches(f).run(); }

} // namespace nabla::diff
