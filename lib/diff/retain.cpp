#include "diff/retain.h"
#include "analysis/alias.h"
#include "ir/walk.h"

namespace nabla::diff {
using namespace ir;
using analysis::Alias;

namespace {

class Retain {
public:
  Retain(const Function &f, bool alias, const std::function<bool(const Callee &, std::size_t)> &reads)
      : f_(f), alias_(f, alias) {
    for_each_stmt(f.body, [&](const Stmt &s) {
      if (auto *c = std::get_if<Call>(&s.node); c && c->callee->kind == Callee::Own)
        for (std::size_t i = 0; i < c->callee->params.size(); ++i)
          if (c->args[i].type().is(Type::Pointer) && reads(*c->callee, i))
            join(wanted_, alias_.points_to(c->args[i]));
    });
  }

  Function run() {
    Alias::Objects kept;
    for_each_stmt(f_.body, [&](const Stmt &s) {
      for_each_block(s, [&](const Block &inner) { join(kept, freed_where_made(inner)); });
    });
    for (bool changed = true; changed;) { // what is freed together stays together
      Alias::Objects fewer = kept;
      for_each_stmt(f_.body, [&](const Stmt &s) {
        if (auto *n = std::get_if<Free>(&s.node); n && !is_of(*n, kept))
          for (Alias::Object o : alias_.points_to(n->pointer))
            fewer.erase(o);
      });
      changed = fewer.size() != kept.size();
      kept = std::move(fewer);
    }
    Function out = f_;
    out.body = rewritten(f_.body, kept);
    renumber(out);
    return out;
  }

private:
  static void join(Alias::Objects &to, const Alias::Objects &from) { to.insert(from.begin(), from.end()); }

  /// Does the statement free these objects and nothing else?
  bool is_of(const Free &n, const Alias::Objects &objects) const {
    Alias::Objects freed = alias_.points_to(n.pointer);
    for (Alias::Object o : freed)
      if (!objects.count(o))
        return false;
    return !freed.empty();
  }

  /// Wanted blocks of numbers that are allocated and freed in one run of the statements, and that only locals lead to.
  Alias::Objects freed_where_made(const Block &block) const {
    Alias::Objects made, out;
    for (const Stmt &s : block) {
      auto *a = std::get_if<Allocate>(&s.node);
      auto *n = std::get_if<Free>(&s.node);
      if (a && !a->init && (a->element.is(Type::Real) || a->element.is_discrete()) && !a->element.is_handle())
        made.insert(alias_.allocated_by(s));
      if (n && is_of(*n, made))
        for (Alias::Object o : alias_.points_to(n->pointer))
          if (wanted_.count(o) && !leaves(o))
            out.insert(o);
    }
    return out;
  }

  bool leaves(Alias::Object o) const {
    if (!alias_.local_holders(o))
      return true;
    bool returned = false;
    for_each_stmt(f_.body, [&](const Stmt &s) {
      auto *r = std::get_if<Return>(&s.node);
      if (r && r->value && r->value->type().is(Type::Pointer))
        returned = returned || alias_.points_to(*r->value).count(o);
    });
    return returned;
  }

  Block rewritten(const Block &block, const Alias::Objects &kept) const {
    Block out;
    for (const Stmt &s : block) {
      if (auto *n = std::get_if<Free>(&s.node); n && is_of(*n, kept))
        continue;
      Stmt copy = with_blocks(s, [&](const Block &inner) { return rewritten(inner, kept); });
      if (auto *a = std::get_if<Allocate>(&copy.node); a && kept.count(alias_.allocated_by(s))) {
        a->zero = a->zero || a->how == Allocate::Calloc;
        a->how = Allocate::Arena;
      }
      out.push_back(std::move(copy));
    }
    return out;
  }

  const Function &f_;
  Alias alias_;
  Alias::Objects wanted_;
};

} // namespace

Function retain_for_rules(const Function &f, bool alias,
                          const std::function<bool(const Callee &, std::size_t)> &reads) {
  bool has_rules = false;
  for_each_stmt(f.body, [&](const Stmt &s) {
    auto *c = std::get_if<Call>(&s.node);
    has_rules = has_rules || (c && c->callee->kind == Callee::Own && c->callee->written.empty());
  });
  return has_rules ? Retain(f, alias, reads).run() : f;
}

} // namespace nabla::diff
