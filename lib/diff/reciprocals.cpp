#include "diff/reciprocals.h"
#include "ir/make.h"
#include "ir/walk.h"

namespace nabla::diff {
using namespace ir;

namespace {

/// The variable that a quotient divides by.
Var divisor(const Ex &e) {
  auto *a = std::get_if<Apply>(&e->node);
  if (!a || a->rule != Rule::div || e.type().is_handle())
    return nullptr;
  auto *r = std::get_if<Read>(&a->args[1]->node);
  return r && r->place.path.empty() && r->place.root->kind == Variable::Local ? r->place.root : nullptr;
}

/// Statements of one kind: what their expressions divide by is the same all the time.
bool is_plain(const Stmt &s) {
  return std::holds_alternative<Declare>(s.node) || std::holds_alternative<Add>(s.node) ||
         std::holds_alternative<Assign>(s.node);
}

struct Use {
  unsigned times = 0;
  std::size_t first = 0;
};

std::map<Var, Use> divisors(const Block &block) {
  std::map<Var, Use> uses;
  for (std::size_t i = 0; i < block.size(); ++i)
    if (is_plain(block[i]))
      for_each_expr(block[i], [&](const Ex &top) {
        for_each_subexpr(top, [&](const Ex &e) {
          Var v = divisor(e);
          if (v && uses[v].times++ == 0)
            uses[v].first = i;
        });
      });
  for_each_stmt(block, [&](const Stmt &s) {
    for (const Place &p : writes_of(s))
      uses.erase(p.root);
  });
  return uses;
}

} // namespace

void share_reciprocals(Block &statements) {
  std::map<std::size_t, std::vector<std::pair<Var, Var>>> made; // divisor, reciprocal
  VarMap inverse_of;
  for (const auto &[v, use] : divisors(statements))
    if (use.times > 1) {
      Var inverse = temporary("inverse", v->type.with_const());
      made[use.first].push_back({v, inverse});
      inverse_of[v] = inverse;
    }
  if (made.empty())
    return;
  Block out;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    for (const auto &[v, inverse] : made[i])
      out.push_back({Declare{inverse, 1 / ir::read(v), false, {}}, nullptr, 0});
    out.push_back(!is_plain(statements[i]) ? statements[i] : rewrite_up(statements[i], [&](const Ex &e) {
      auto it = inverse_of.find(divisor(e));
      return it == inverse_of.end() ? std::nullopt
                                    : std::optional(std::get<Apply>(e->node).args[0] * ir::read(it->second));
    }));
  }
  statements = std::move(out);
}

} // namespace nabla::diff
