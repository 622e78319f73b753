#include "diff/retain.h"
#include "analysis/alias.h"
#include "diff/checkpoint_state.h"
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
      if (auto *c = std::get_if<Call>(&s.node);
          c && (c->callee->kind == Callee::Own || c->callee->derivative))
        for (std::size_t i = 0; i < c->callee->params.size(); ++i)
          if (c->args[i].type().is(Type::Pointer) &&
              (c->callee->derivative ? i < c->callee->derivative->of->params.size() : reads(*c->callee, i)))
            join(wanted_, alias_.points_to(c->args[i]));
      if (auto *c = std::get_if<Call>(&s.node); c && c->callee->is_loop)
        for (const Ex &a : c->args)
          if (a.type().is(Type::Pointer))
            note_loop(alias_.reachable(alias_.points_to(a)), s.loc);
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
    join(kept, freed_before_loops());
    Function out = f_;
    out.body = rewritten(f_.body, kept);
    renumber(out);
    return out;
  }

private:
  // ---- checkpointed loops, which run again on their memory

  void note_loop(const Alias::Objects &objects, const Loc &loc) {
    for (Alias::Object o : objects)
      if (alias_.info(o).kind == Alias::Info::Allocation)
        loops_.emplace(o, loc);
  }

  /// What inner blocks free, with all that is freed in its place; what the function itself frees is put off anyway.
  Alias::Objects freed_before_loops() const {
    Alias::Objects found;
    std::vector<Alias::Objects> together;
    std::function<void(const Block &, bool)> look = [&](const Block &block, bool is_inner) {
      for (const Stmt &s : block) {
        if (auto *n = std::get_if<Free>(&s.node)) {
          together.push_back(alias_.points_to(n->pointer));
          for (Alias::Object o : together.back())
            if (is_inner && loops_.count(o))
              found.insert(o);
        }
        for_each_block(s, [&](const Block &b) { look(b, true); });
      }
    };
    look(f_.body, false);
    for (std::size_t before = 0; before != found.size();) {
      before = found.size();
      for (const Alias::Objects &objects : together)
        if (alias_.overlap(objects, found))
          join(found, objects);
    }
    for (Alias::Object o : found)
      if (!may_live_in_record(o))
        refuse_loop(loops_.count(o) ? loops_.at(o) : loops_.begin()->second,
                    "memory that it uses is freed before its reverse sweep begins",
                    "hold it in a std::vector, or free it behind all loops and branches");
    return found;
  }

  bool may_live_in_record(Alias::Object o) const {
    bool fits = false;
    for_each_stmt(f_.body, [&](const Stmt &s) {
      auto *a = std::get_if<Allocate>(&s.node);
      if (a && alias_.allocated_by(s) == o)
        fits = is_numbers(*a);
    });
    for (Alias::Object from = 0; from < alias_.count(); ++from) {
      const Alias::Info &holder = alias_.info(from);
      bool is_ours = holder.kind == Alias::Info::Allocation ||
                     (holder.kind == Alias::Info::Variable && holder.var->kind == Variable::Local);
      fits = fits && (is_ours || !alias_.pointees(from).count(o));
    }
    return fits && !is_returned(o);
  }

  // ---- rules

  static bool is_numbers(const Allocate &a) {
    return !a.init && (a.element.is(Type::Real) || a.element.is_discrete()) && !a.element.is_handle();
  }

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
      if (a && is_numbers(*a))
        made.insert(alias_.allocated_by(s));
      if (n && is_of(*n, made))
        for (Alias::Object o : alias_.points_to(n->pointer))
          if (wanted_.count(o) && !leaves(o))
            out.insert(o);
    }
    return out;
  }

  bool leaves(Alias::Object o) const { return !alias_.local_holders(o) || is_returned(o); }

  bool is_returned(Alias::Object o) const {
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
  Alias::Objects wanted_;              ///< by rules
  std::map<Alias::Object, Loc> loops_; ///< that use the memory
};

} // namespace

Function retain_for_rules(const Function &f, bool alias,
                          const std::function<bool(const Callee &, std::size_t)> &reads) {
  bool has_rules = false;
  for_each_stmt(f.body, [&](const Stmt &s) {
    auto *c = std::get_if<Call>(&s.node);
    has_rules = has_rules || (c && (c->callee->is_loop || c->callee->derivative ||
                                    (c->callee->kind == Callee::Own && c->callee->written.empty())));
  });
  return has_rules ? Retain(f, alias, reads).run() : f;
}

} // namespace nabla::diff
