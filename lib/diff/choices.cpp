#include "diff/choices.h"
#include "ir/make.h"
#include "ir/walk.h"

namespace nabla::diff {
using namespace ir;

namespace {

bool reads(const Ex &e, bool variables) {
  bool found = false;
  for_each_subexpr(e, [&](const Ex &part) {
    auto *r = std::get_if<Read>(&part->node);
    found = found || (r && (variables || !r->place.path.empty()));
  });
  return found;
}

/// The expression with its choices made by statements in `before`.
Ex spread(const Ex &e, const Loc &loc, bool all, Block &before) {
  return rewrite(e, [&](const Ex &part) -> std::optional<Ex> {
    auto *s = std::get_if<Select>(&part->node);
    if (!s || !part.type().is(Type::Real) || !(reads(s->yes, all) || reads(s->no, all)))
      return std::nullopt;
    Var chosen = local("chosen", part.type().with_const(false));
    chosen->temporary = true;
    auto arm = [&](const Ex &value) {
      Block block;
      Ex made = spread(value, loc, all, block);
      block.push_back({Assign{Place{chosen, {}}, made}, loc, 0});
      return block;
    };
    Ex cond = spread(s->cond, loc, all, before);
    before.push_back({Declare{chosen, {}, false, {}}, loc, 0});
    before.push_back({If{cond, arm(s->yes), arm(s->no)}, loc, 0});
    return ir::read(Place{chosen, {}});
  });
}

Block spread(const Block &block, bool all) {
  Block out;
  for (const Stmt &s : block) {
    Stmt inner = with_blocks(s, [&](const Block &b) { return spread(b, all); });
    if (std::holds_alternative<While>(s.node)) { // its condition, a truth value, is evaluated again and again
      out.push_back(std::move(inner));
      continue;
    }
    Block before;
    std::map<const Expr *, Ex> made;
    for_each_expr(s, [&](const Ex &e) { made.emplace(e.get(), spread(e, s.loc, all, before)); });
    Stmt changed = before.empty() ? inner : rewrite_exprs(inner, [&](const Ex &e) -> std::optional<Ex> {
      auto found = made.find(e.get());
      return found == made.end() ? std::nullopt : std::optional<Ex>(found->second);
    });
    out.insert(out.end(), before.begin(), before.end());
    out.push_back(std::move(changed));
  }
  return out;
}

} // namespace

Function spread_choices(const Function &f, bool all) {
  Function out = f;
  out.body = spread(f.body, all);
  renumber(out);
  return out;
}

} // namespace nabla::diff
