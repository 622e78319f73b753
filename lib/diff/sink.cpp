#include "diff/sink.h"
#include "ir/walk.h"
#include <algorithm>
#include <unordered_map>

namespace nabla::diff {
using namespace ir;
namespace {

class Sink {
public:
  Sink(const Block &all, const std::set<Var> &fixed) : fixed_(fixed) {
    for_each_stmt(all, [&](const Stmt &s) {
      for (const Place &p : writes_of(s))
        ++writes_[p.root.get()];
    });
  }

  Block run(const Block &block) const {
    Block out;
    out.reserve(block.size());
    for (const Stmt &s : block)
      out.push_back(with_blocks(s, [this](const Block &b) { return run(b); }));
    return moved(std::move(out));
  }

private:
  /// The same wherever it is read after its declaration.
  bool is_steady(const Var &v) const {
    auto it = writes_.find(v.get());
    unsigned writes = it == writes_.end() ? 0 : it->second;
    bool is_number = (v->type.is(Type::Real) && !v->type.is_handle()) || v->type.is_discrete();
    return is_number && !fixed_.count(v) &&
           ((v->kind == Variable::Local && writes == 1) || (v->kind == Variable::Param && writes == 0));
  }

  bool is_steady(const Ex &e) const {
    bool steady = true;
    for_each_subexpr(e, [&](const Ex &sub) {
      const Read *r = std::get_if<Read>(&sub->node);
      const Native *n = std::get_if<Native>(&sub->node);
      steady &= !std::holds_alternative<AddressOf>(sub->node) && (!n || n->op.rfind("call ", 0) != 0) &&
                (!r || (r->place.path.empty() && is_steady(r->place.root)));
    });
    return steady;
  }

  /// The variable that the statement only gives a value; the user's lines stay where they are.
  Var movable(const Stmt &s) const {
    const Declare *d = std::get_if<Declare>(&s.node);
    bool moves = d && !s.loc && d->init && d->var->temporary && d->var->type.is_const() &&
                 !d->var->is_shadow && is_steady(d->var) && is_steady(*d->init);
    return moves ? d->var : nullptr;
  }

  /// From the last statement to the first: what a moved one mentions is wanted where that stands now.
  Block moved(Block block) const {
    std::unordered_map<const Variable *, std::size_t> first_use;
    std::vector<std::pair<std::size_t, std::size_t>> order; // where to, and from where
    order.reserve(block.size());
    for (std::size_t i = block.size(); i-- > 0;) {
      std::size_t to = i;
      if (Var v = movable(block[i]))
        if (auto use = first_use.find(v.get()); use != first_use.end())
          to = use->second;
      auto note = [&](const Var &v) {
        auto [use, is_new] = first_use.emplace(v.get(), to);
        use->second = std::min(use->second, to);
      };
      for_each_variable(block[i], note);
      for_each_block(block[i], [&](const Block &b) { for_each_variable(b, note); });
      order.push_back({to, i});
    }
    std::sort(order.begin(), order.end());
    Block out;
    out.reserve(block.size());
    for (const auto &[to, from] : order)
      out.push_back(std::move(block[from]));
    return out;
  }

  const std::set<Var> &fixed_;
  std::unordered_map<const Variable *, unsigned> writes_;
};

} // namespace

Block sink_values(const Block &block, const std::set<Var> &fixed) { return Sink(block, fixed).run(block); }

} // namespace nabla::diff
