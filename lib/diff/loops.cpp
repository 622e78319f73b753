#include "diff/loops.h"
#include "diff/adjoint_memory.h"
#include "ir/make.h"
#include "ir/rules.h"
#include "ir/walk.h"

namespace nabla::diff {
using namespace ir;

Ex trip_count(const For &loop, const Ex &first, const Ex &bound) {
  static const char *const names[] = {"trips_below", "trips_to", "trips_above", "trips_down_to",
                                      "trips_until"};
  bool plain = loop.cmp == For::LT && loop.step == 1 && is_zero(first);
  if (plain && literal_value(bound))
    return bound;
  Type count = Type::integer("long");
  if (plain)
    return native("call nabla::trips", {bound}, count);
  return native(std::string("call nabla::") + names[loop.cmp],
                {cast(first, count), cast(bound, count), integer(loop.step, count)}, count);
}

Function with_loops(const Function &f, const std::function<Block(const Stmt &, const For &)> &change) {
  std::function<Block(const Block &)> block = [&](const Block &in) {
    Block out;
    for (const Stmt &s : in) {
      Stmt inner = with_blocks(s, block);
      auto *loop = std::get_if<For>(&inner.node);
      Block changed = loop ? change(inner, *loop) : Block();
      if (changed.empty())
        out.push_back(std::move(inner));
      else
        out.insert(out.end(), changed.begin(), changed.end());
    }
    return out;
  };
  Function out = f;
  out.body = block(out.body);
  renumber(out);
  return out;
}

bool is_plain(const Block &body) {
  bool plain = true;
  for_each_stmt(body, [&](const Stmt &s) {
    plain &= std::holds_alternative<Declare>(s.node) || std::holds_alternative<Assign>(s.node) ||
             std::holds_alternative<Add>(s.node) || std::holds_alternative<If>(s.node) ||
             std::holds_alternative<For>(s.node) || std::holds_alternative<Pop>(s.node) ||
             std::holds_alternative<Comment>(s.node);
  });
  return plain;
}

int cost_of(const Block &block) {
  int sum = 0;
  for_each_stmt(block, [&](const Stmt &s) {
    for_each_expr(s, [&](const Ex &top) {
      for_each_subexpr(top, [&](const Ex &e) {
        if (auto *a = std::get_if<Apply>(&e->node))
          sum += info(a->rule).cost;
      });
    });
  });
  return sum;
}

Invariants::Invariants(const For &loop) : loop_(loop), written_{loop.index} {
  std::map<Var, unsigned> writes;
  for_each_stmt(loop.body, [&](const Stmt &s) {
    for (const Place &p : writes_of(s)) {
      if (!AdjointMemory::leads_on(p)) {
        written_.insert(p.root);
        ++writes[p.root];
      } else if (!p.root->is_shadow)
        writes_memory_ = true;
    }
    if (Var v = declared_by(s)) {
      written_.insert(v);
      declared_.insert(v);
    }
  });
  for (const Stmt &s : loop.body) {
    auto *d = std::get_if<Declare>(&s.node);
    bool stays = d && d->init && (d->var->type.is_const() || (!writes_memory_ && writes[d->var] == 1));
    if (stays && holds_with_memory(*d->init)) {
      names_.insert(d->var);
      written_.erase(d->var);
    }
  }
}

bool Invariants::holds(const Place &p) const {
  bool is_array = p.root->type.is(Type::Array) && !declared_.count(p.root); // whose elements may be written
  bool same = is_array || (!written_.count(p.root) && !names_.count(p.root));
  for_each_expr(p, [&](const Ex &e) { same &= holds(e); });
  return same;
}

bool Invariants::holds(const Ex &e, bool with_memory) const {
  bool same = true;
  for_each_read(e, [&](const Place &p) {
    bool global = p.root->kind == Variable::Global && !p.root->type.is_const();
    bool in_reach = p.path.empty() || (with_memory && !p.root->is_shadow);
    bool named = names_.count(p.root) && !with_memory;
    same &= in_reach && !named && !global && !written_.count(p.root);
  });
  for_each_subexpr(e, [&](const Ex &x) {
    auto *n = std::get_if<Native>(&x->node);
    same &= !(n && n->op.rfind("call ", 0) == 0);
  });
  return same;
}

std::optional<Ex> Invariants::entry_condition() const {
  std::optional<long double> from = literal_value(loop_.first), to = literal_value(loop_.bound);
  static const char *const signs[] = {"<", "<=", ">", ">=", "!="};
  if (from && to) {
    bool runs[] = {*from<*to, *from <= *to, *from> * to, *from >= *to, *from != *to};
    return runs[loop_.cmp] ? std::optional(Ex()) : std::nullopt;
  }
  if (!holds(loop_.first) || !holds(loop_.bound))
    return std::nullopt;
  return native(signs[loop_.cmp], {loop_.first, loop_.bound}, Type::boolean());
}

} // namespace nabla::diff
