#include "diff/dead_zeros.h"
#include "ir/build.h"
#include "ir/walk.h"
#include <map>

namespace nabla::diff {
using namespace ir;

namespace {

/// Which variables are asked for behind a statement, from the end of a function to its beginning.
class Liveness {
public:
  explicit Liveness(const std::set<Var> &fixed) : fixed_(fixed) {}

  Block run(const Block &block) {
    bool any = false, jumps = false;
    for_each_stmt(block, [&](const Stmt &s) {
      any = any || zeroed(s);
      jumps = jumps || std::holds_alternative<Exit>(s.node) || std::holds_alternative<Try>(s.node);
    });
    std::set<Var> live;
    return any && !jumps ? walk(block, live) : block;
  }

private:
  /// The adjoint that the statement sets to zero.
  Var zeroed(const Stmt &s) const {
    auto *a = std::get_if<Assign>(&s.node);
    bool is_adjoint = a && a->to.path.empty() && a->to.root->is_shadow &&
                      a->to.root->kind == Variable::Local && a->to.root->type.is(Type::Real);
    return is_adjoint && is_zero(a->value) && !fixed_.count(a->to.root) ? a->to.root : nullptr;
  }

  /// In `live`: what is asked for behind the block; out: what is asked for before it.
  Block walk(const Block &block, std::set<Var> &live) const {
    Block kept; // in opposite order
    for (std::size_t i = block.size(); i-- > 0;) {
      const Stmt &s = block[i];
      if (Var v = zeroed(s)) {
        if (live.erase(v))
          kept.push_back(s);
        continue;
      }
      kept.push_back(inside(s, live));
    }
    return Block(kept.rbegin(), kept.rend());
  }

  Stmt inside(const Stmt &s, std::set<Var> &live) const {
    auto ask = [&](const Var &v) { live.insert(v); };
    if (std::holds_alternative<If>(s.node)) {
      std::set<Var> before;
      Stmt out = with_blocks(s, [&](const Block &b) {
        std::set<Var> own = live;
        Block walked = walk(b, own);
        before.insert(own.begin(), own.end());
        return walked;
      });
      if (std::get<If>(s.node).no.empty())
        before.insert(live.begin(), live.end());
      live = std::move(before);
      for_each_variable(s, ask);
      return out;
    }
    bool has_blocks = false;
    Stmt out = with_blocks(s, [&](const Block &b) {
      has_blocks = true;
      std::set<Var> again = live; // the next iteration asks for what this one begins with
      for_each_variable(b, [&](const Var &v) { again.insert(v); });
      for (const Stmt &inner : b)
        if (auto *d = std::get_if<Declare>(&inner.node))
          again.erase(d->var);
      return walk(b, again);
    });
    if (auto *d = std::get_if<Declare>(&s.node))
      live.erase(d->var);
    for_each_variable(s, [&](const Var &v) {
      if (v != declared_by(s))
        live.insert(v);
    });
    if (has_blocks)
      for_each_block(s, [&](const Block &b) { for_each_variable(b, ask); });
    return out;
  }

  const std::set<Var> &fixed_;
};

/// Zeroes written into local adjoint memory that nothing reads any more.
class DeadTail {
public:
  Block run(const Block &block) {
    bool any = false;
    for_each_stmt(block, [&](const Stmt &s) { any = any || zeroes(s); });
    if (!any)
      return block;
    for_each_stmt(block, [&](const Stmt &s) { relate(s); });
    Block kept; // in opposite order
    for (std::size_t i = block.size(); i-- > 0;) {
      if (is_dead(block[i]))
        continue;
      auto live = [&](const Var &v) { live_.insert(family(v)); };
      for_each_variable(block[i], live);
      for_each_block(block[i], [&](const Block &b) { for_each_variable(b, live); });
      kept.push_back(block[i]);
    }
    return Block(kept.rbegin(), kept.rend());
  }

private:
  /// Pointers computed from one another lead to the same memory.
  Var family(Var v) {
    while (leader_.count(v) && leader_[v] != v)
      v = leader_[v];
    return v;
  }

  void relate(const Stmt &s) {
    Var to;
    auto leads = [](const Type &t) { return t.is(Type::Pointer) || t.contains_real_pointers(); };
    if (auto *d = std::get_if<Declare>(&s.node); d && d->init && leads(d->var->type))
      to = d->var;
    if (auto *a = std::get_if<Assign>(&s.node); a && leads(a->value.type()))
      to = a->to.root;
    if (to)
      for_each_variable(s, [&](const Var &v) { leader_[family(v)] = family(to); });
    if (auto *c = std::get_if<Call>(&s.node)) // what a call may keep or lead to is not followed
      for (const Ex &e : c->args)
        for_each_variable(e, [&](const Var &v) { escaped_.insert(v); });
    if (auto *c = std::get_if<Call>(&s.node); c && c->result)
      escaped_.insert(c->result->root);
    if (auto *p = std::get_if<Push>(&s.node))
      for_each_variable(p->value, [&](const Var &v) { escaped_.insert(v); });
    if (auto *p = std::get_if<Pop>(&s.node)) // two pointers taken off the record may lead to the same memory
      escaped_.insert(p->to.root);
    if (auto *d = std::get_if<Declare>(&s.node))
      declared_.insert(d->var);
  }

  static const Assign *zeroes(const Stmt &s) {
    auto *a = std::get_if<Assign>(&s.node);
    return a && !a->to.path.empty() && a->value.type().is(Type::Real) && is_zero(a->value) ? a : nullptr;
  }

  bool is_dead(const Stmt &s) {
    if (auto *f = std::get_if<For>(&s.node)) {
      for (const Stmt &inner : f->body)
        if (!is_dead(inner))
          return false;
      return true;
    }
    auto *a = zeroes(s);
    if (!a)
      return false;
    Var mine = family(a->to.root);
    if (live_.count(mine))
      return false;
    for (const Var &v : escaped_)
      if (family(v) == mine)
        return false;
    std::set<Var> members{a->to.root};
    for (auto &[v, leader] : leader_)
      if (family(v) == mine)
        members.insert(v);
    for (const Var &v : members)
      if (!declared_.count(v))
        return false; // a parameter: the caller sees it
    return true;
  }

  std::map<Var, Var> leader_;
  std::set<Var> live_, escaped_, declared_;
};

} // namespace

Block without_dead_zeros(const Block &block, const std::set<Var> &fixed) {
  return Liveness(fixed).run(block);
}

Block without_dead_tail(const Block &block) { return DeadTail().run(block); }

} // namespace nabla::diff
