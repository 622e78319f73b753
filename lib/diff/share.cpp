#include "diff/share.h"
#include "analysis/values.h"
#include "diff/naming.h"
#include "ir/build.h"
#include "ir/make.h"
#include "ir/rules.h"
#include "ir/walk.h"
#include <tuple>
#include <utility>

namespace nabla::diff {
using namespace ir;
using analysis::Alias;
using analysis::ValueId;
using analysis::Values;

namespace {

constexpr int worth_a_name = 5; // additions: a square root, and what costs more

bool is_candidate(const Ex &e) {
  auto *a = std::get_if<Apply>(&e->node);
  return a && !info(a->rule).infix && info(a->rule).cost >= worth_a_name && e.type().is(Type::Real) &&
         !e.type().is_handle();
}

/// Quickly: is the same function applied twice to expressions over the same first variable?
bool has_candidates(const Function &f) {
  std::set<std::tuple<Rule, Var>> seen;
  bool twice = false;
  for_each_stmt(f.body, [&](const Stmt &s) {
    for_each_expr(s, [&](const Ex &top) {
      for_each_subexpr(top, [&](const Ex &e) {
        if (!is_candidate(e))
          return;
        Var first;
        for_each_variable(e, [&](const Var &v) { first = first ? first : v; });
        twice |= !seen.insert({std::get<Apply>(e->node).rule, first}).second;
      });
    });
  });
  return twice;
}

/// Statements whose own expressions are evaluated once, before anything changes.
bool is_plain(const Stmt &s) {
  return std::holds_alternative<Declare>(s.node) || std::holds_alternative<Assign>(s.node) ||
         std::holds_alternative<Add>(s.node) || std::holds_alternative<Return>(s.node) ||
         std::holds_alternative<If>(s.node) || std::holds_alternative<Call>(s.node);
}

/// What runs after the statement need not run whenever the statement does.
bool may_leave(const Stmt &s, bool may_catch) {
  bool leaves = false;
  for_each_stmt(Block{s}, [&](const Stmt &inner) {
    leaves |= std::holds_alternative<Exit>(inner.node) || std::holds_alternative<Return>(inner.node) ||
              std::holds_alternative<Throw>(inner.node) ||
              (may_catch &&
               (std::holds_alternative<Call>(inner.node) || std::holds_alternative<Opaque>(inner.node)));
  });
  return leaves;
}

class Sharer {
public:
  Sharer(const Function &f, bool alias) : function_(f), alias_(f, alias), values_(f, alias_, {}, true) {
    for_each_stmt(f.body, [&](const Stmt &s) { may_catch_ |= std::holds_alternative<Try>(s.node); });
  }

  std::optional<Function> run() {
    Function out = function_;
    out.body = block(function_.body);
    if (!changed_)
      return std::nullopt;
    renumber(out);
    return out;
  }

private:
  struct Shared {
    unsigned times = 0;
    Var var;
  };

  Block block(const Block &b) {
    Block out;
    for (std::size_t first = 0, last = 0; first < b.size(); first = last) {
      while (last < b.size() && !may_leave(b[last], may_catch_))
        ++last;
      last += last < b.size(); // the one that may leave: what it evaluates itself comes before
      shared_.clear();
      for (std::size_t i = first; i < last; ++i)
        each(b[i], [&](const Ex &e, ValueId v) {
          Shared &s = shared_[v];
          return s.times++ == 0 || !same_type(e, v);
        });
      for (std::size_t i = first; i < last; ++i)
        share(b[i], out);
    }
    return out;
  }

  bool same_type(const Ex &e, ValueId v) const { return values_[v].type == e.type(); }

  /// Candidates directly in the statement that it always evaluates, outer ones first; `into`: look into this one?
  void each(const Stmt &s, const std::function<bool(const Ex &, ValueId)> &into) const {
    if (is_plain(s))
      for_each_expr(s, [&](const Ex &top) {
        rewrite(top, [&](const Ex &e) -> std::optional<Ex> { return asked(s, e, into); });
      });
  }
  /// Where the search ends: the expression itself.
  std::optional<Ex> asked(const Stmt &s, const Ex &e,
                          const std::function<bool(const Ex &, ValueId)> &into) const {
    auto *n = std::get_if<Native>(&e->node);
    if (std::holds_alternative<Select>(e->node) || (n && (n->op == "&&" || n->op == "||")))
      return e;
    if (is_candidate(e) && values_.has(s, e))
      if (ValueId v = values_.of(s, e); !values_[v].lazy && !into(e, v))
        return e;
    return std::nullopt;
  }

  void share(const Stmt &s, Block &out) {
    std::vector<Block> inner;
    Stmt own = with_blocks(s, [&](const Block &b) { // expressions of the statement's own
      auto outer = std::exchange(shared_, {});
      inner.push_back(block(b));
      shared_ = std::move(outer);
      return Block();
    });
    if (is_plain(s)) {
      std::map<const Expr *, Ex> reads;
      for_each_expr(s, [&](const Ex &top) { reads.emplace(top.get(), named(s, top, out)); });
      own = rewrite_exprs(own, [&](const Ex &e) -> std::optional<Ex> {
        auto found = reads.find(e.get());
        return found == reads.end() ? std::nullopt : std::optional(found->second);
      });
    }
    std::size_t next = 0;
    out.push_back(with_blocks(own, [&](const Block &) { return std::move(inner[next++]); }));
  }

  /// The expression with what is shared in it read from its variable, which `before` declares if need be.
  Ex named(const Stmt &s, const Ex &top, Block &before) {
    return rewrite(top, [&](const Ex &e) -> std::optional<Ex> {
      Var v;
      return asked(s, e,
                   [&](const Ex &shared, ValueId id) {
                     auto it = shared_.find(id);
                     if (it == shared_.end() || it->second.times < 2 || !same_type(shared, id))
                       return true;
                     v = variable(s, shared, it->second, before);
                     return false;
                   })
                 ? std::optional(v ? ir::read(v) : e)
                 : std::nullopt;
    });
  }

  Var variable(const Stmt &s, const Ex &e, Shared &shared, Block &before) {
    if (shared.var)
      return shared.var;
    Apply call = std::get<Apply>(e->node);
    for (Ex &arg : call.args)
      arg = named(s, arg, before);
    shared.var = temporary(name_of_operation(e), e.type().with_const());
    before.push_back({Declare{shared.var, Ex(Expr{call, e.type()}), false, {}}, s.loc, 0});
    changed_ = true;
    return shared.var;
  }

  const Function &function_;
  const Alias alias_;
  const Values values_;
  std::map<ValueId, Shared> shared_; ///< by the stretch of statements at hand
  bool may_catch_ = false, changed_ = false;
};

} // namespace

std::optional<Function> share_calls(const Function &f, bool alias) {
  return has_candidates(f) ? Sharer(f, alias).run() : std::nullopt;
}

} // namespace nabla::diff
