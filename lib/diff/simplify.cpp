#include "diff/simplify.h"
#include "ir/build.h"
#include "ir/make.h"
#include "ir/walk.h"

namespace nabla::diff {
using namespace ir;

namespace {

unsigned mentions(const Stmt &s, const Var &v) {
  unsigned n = 0;
  for_each_variable(s, [&](const Var &x) { n += x == v; });
  for_each_block(s, [&](const Block &b) { for_each_variable(b, [&](const Var &x) { n += x == v; }); });
  return n;
}

template <class Fn> Block map_blocks(const Block &block, const Fn &fn) {
  Block out;
  for (const Stmt &s : block)
    out.push_back(with_blocks(s, fn));
  return out;
}

/// T x;  ...  x = e;      becomes      ...  T x = e;
Block merge(const Block &input) {
  Block block = map_blocks(input, merge);
  for (std::size_t i = 0; i < block.size(); ++i) {
    auto *d = std::get_if<Declare>(&block[i].node);
    if (!d || d->init || !d->elements.empty() || d->var->kind != Variable::Local)
      continue;
    bool scalar = !d->var->type.is(Type::Array) && !d->var->type.is(Type::Record);
    if (!scalar && d->zero)
      continue;
    if (i + 1 < block.size() && std::holds_alternative<Allocate>(block[i + 1].node) && !d->zero)
      continue;
    for (std::size_t k = i + 1; k < block.size(); ++k) {
      if (!mentions(block[k], d->var))
        continue;
      if (auto *m = std::get_if<Allocate>(&block[k].node);
          m && m->to.root == d->var && m->to.path.empty() && mentions(block[k], d->var) == 1) {
        Stmt declaration{Declare{d->var, {}, false, {}}, block[k].loc, 0};
        block.erase(block.begin() + i); // beside its allocation: they are written as one
        block.insert(block.begin() + k - 1, declaration);
        --i;
        break;
      }
      auto *a = std::get_if<Assign>(&block[k].node);
      if (!a || a->to.root != d->var || !a->to.path.empty() || mentions(block[k], d->var) != 1)
        break;
      Declare merged{d->var, a->value, false, {}};
      block[k].node = merged;
      block.erase(block.begin() + i);
      --i;
      break;
    }
  }
  return block;
}

/// Variables that pointers may lead to: a write through one is not seen as a mention.
std::set<Var> pointed_at(const Block &block) {
  std::set<Var> out;
  for_each_stmt(block, [&](const Stmt &s) {
    for_each_expr(s, [&](const Ex &top) {
      for_each_subexpr(top, [&](const Ex &e) {
        if (auto *a = std::get_if<AddressOf>(&e->node))
          out.insert(a->place.root);
      });
    });
  });
  return out;
}

/// double x_bar = 0;  ...  x_bar += e;      becomes      ...  double x_bar = e;
Block start_with_first(const Block &input, const std::set<Var> &fixed) {
  Block block = map_blocks(input, [&](const Block &b) { return start_with_first(b, fixed); });
  for (std::size_t i = 0; i < block.size(); ++i) {
    auto *d = std::get_if<Declare>(&block[i].node);
    auto *z = std::get_if<Assign>(&block[i].node);
    Var v = d && d->zero && d->var->type.is(Type::Real)                                      ? d->var
            : z && z->to.path.empty() && z->value.type().is(Type::Real) && is_zero(z->value) ? z->to.root
                                                                                             : nullptr;
    if (!v || v->kind != Variable::Local || fixed.count(v))
      continue;
    for (std::size_t k = i + 1; k < block.size(); ++k) {
      if (!mentions(block[k], v))
        continue;
      auto *a = std::get_if<Add>(&block[k].node);
      if (!a || a->to.root != v || !a->to.path.empty() || mentions(block[k], v) != 1)
        break;
      if (d)
        block[k].node = Declare{v, a->value, false, {}};
      else
        block[k].node = Assign{a->to, a->value};
      block.erase(block.begin() + i);
      --i;
      break;
    }
  }
  return block;
}

/// a[i] = 0;  a[i] += e;      becomes      a[i] = e;
Block join_adjacent(const Block &input) {
  Block block = map_blocks(input, join_adjacent);
  for (std::size_t i = 0; i + 1 < block.size(); ++i) {
    auto *z = std::get_if<Assign>(&block[i].node);
    auto *a = std::get_if<Add>(&block[i + 1].node);
    if (!z || !a || !z->value.type().is(Type::Real) || !is_zero(z->value) || !same_place(z->to, a->to))
      continue;
    bool reads = false;
    for_each_variable(a->value, [&](const Var &v) { reads |= v == z->to.root; });
    if (reads)
      continue;
    block[i + 1].node = Assign{a->to, a->value};
    block.erase(block.begin() + i);
    --i;
  }
  return block;
}

/// Locals whose value is never read, and all that only computes them.
class UnusedLocals {
public:
  Block run(const Block &block) {
    Block now = block;
    for (;;) {
      read_.clear();
      local_.clear();
      for_each_stmt(now, [&](const Stmt &s) { scan(s); });
      bool changed = false;
      now = prune(now, changed);
      if (!changed)
        return now;
    }
  }

private:
  static const Place *target(const Stmt &s) {
    if (auto *a = std::get_if<Assign>(&s.node))
      return &a->to;
    if (auto *a = std::get_if<Add>(&s.node))
      return &a->to;
    if (auto *a = std::get_if<Allocate>(&s.node); a && a->how == Allocate::Arena)
      return &a->to;
    return nullptr;
  }

  void scan(const Stmt &s) {
    if (auto *d = std::get_if<Declare>(&s.node))
      local_.insert(d->var);
    const Place *to = target(s);
    for_each_expr(s, [&](const Ex &e) { for_each_variable(e, [&](const Var &v) { read_.insert(v); }); });
    if (to && !(to->path.empty() || !leads_out(*to)))
      read_.insert(to->root);
    if (!to && !std::holds_alternative<Declare>(s.node))
      for (const Place &p : writes_of(s))
        read_.insert(p.root);
    if (auto *p = std::get_if<Push>(&s.node))
      read_.insert(p->record);
    if (auto *p = std::get_if<Pop>(&s.node)) {
      read_.insert(p->record);
      read_.insert(p->to.root); // the pop itself must stay
    }
  }

  /// Does writing there change anything but the variable itself?
  static bool leads_out(const Place &p) {
    for (const Step &step : p.path)
      if (std::holds_alternative<Deref>(step))
        return true;
    return false;
  }

  Block prune(const Block &block, bool &changed) {
    Block out;
    for (const Stmt &s : block) {
      const Place *to = target(s);
      Var v = to                                        ? to->root
              : std::holds_alternative<Declare>(s.node) ? std::get<Declare>(s.node).var
                                                        : nullptr;
      bool own = v && local_.count(v) && !read_.count(v) && !v->type.is(Type::Opaque);
      if (own) {
        changed = true;
        continue;
      }
      Stmt kept = with_blocks(s, [&](const Block &b) { return prune(b, changed); });
      if (auto *i = std::get_if<If>(&kept.node); i && i->yes.empty() && i->no.empty()) {
        changed = true;
        continue;
      }
      if (auto *f = std::get_if<For>(&kept.node); f && f->body.empty()) {
        changed = true;
        continue;
      }
      out.push_back(std::move(kept));
    }
    return out;
  }

  std::set<Var> read_, local_;
};

/// const double t = e;  use(t);      becomes      use(e);      if t is used once and nothing is written in between
Block inline_single_uses(const Block &input) {
  Block block = map_blocks(input, inline_single_uses);
  for (std::size_t i = 0; i < block.size(); ++i) {
    auto *d = std::get_if<Declare>(&block[i].node);
    if (!d || !d->init || !d->var->temporary || !d->var->type.is_const())
      continue;
    unsigned uses = 0;
    std::size_t user = 0;
    for (std::size_t k = i + 1; k < block.size(); ++k)
      if (unsigned n = mentions(block[k], d->var)) {
        uses += n;
        user = k;
      }
    if (uses != 1)
      continue;
    bool direct = false, quiet = true;
    for_each_variable(block[user], [&](const Var &v) { direct |= v == d->var; });
    for (std::size_t k = i + 1; k < user; ++k)
      quiet &= std::holds_alternative<Declare>(block[k].node);
    if (!direct || !quiet || std::holds_alternative<While>(block[user].node) ||
        std::holds_alternative<For>(block[user].node))
      continue;
    Ex value = *d->init;
    Var v = d->var;
    block[user] = rewrite_exprs(block[user], [&](const Ex &e) -> std::optional<Ex> {
      auto *r = std::get_if<Read>(&e->node);
      return r && r->place.root == v && r->place.path.empty() ? std::optional(value) : std::nullopt;
    });
    bool gone = !mentions(block[user], v);
    if (gone) {
      block.erase(block.begin() + i);
      --i;
    }
  }
  return block;
}

/// Zeroes written into local adjoint memory that nothing reads any more.
class DeadTail {
public:
  Block run(const Block &block) {
    for_each_stmt(block, [&](const Stmt &s) { relate(s); });
    Block kept; // in opposite order
    for (std::size_t i = block.size(); i-- > 0;) {
      if (is_dead(block[i]))
        continue;
      for_each_variable(Block{block[i]}, [&](const Var &v) { live_.insert(family(v)); });
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

  bool is_dead(const Stmt &s) {
    if (auto *f = std::get_if<For>(&s.node)) {
      for (const Stmt &inner : f->body)
        if (!is_dead(inner))
          return false;
      return true;
    }
    auto *a = std::get_if<Assign>(&s.node);
    if (!a || a->to.path.empty() || !a->value.type().is(Type::Real) || !is_zero(a->value))
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

Function merge_declarations(const Function &f) {
  Function out = f;
  out.body = merge(out.body);
  renumber(out);
  return out;
}

Function simplify(const Function &f) {
  Function out = f;
  out.body = UnusedLocals().run(out.body);
  out.body = merge(out.body);
  out.body = start_with_first(out.body, pointed_at(out.body));
  out.body = join_adjacent(out.body);
  out.body = inline_single_uses(out.body);
  out.body = DeadTail().run(out.body);
  out.body = UnusedLocals().run(out.body);
  renumber(out);
  return out;
}

} // namespace nabla::diff
