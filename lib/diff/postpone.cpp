#include "diff/postpone.h"
#include "diff/adjoint_memory.h"
#include "diff/loops.h"
#include "ir/build.h"
#include "ir/make.h"
#include "ir/walk.h"
#include <algorithm>

namespace nabla::diff {
using namespace ir;

namespace {

/// A value of the iteration, under factors that are the same in all iterations.
struct Linear {
  Ex varying;
  unsigned factors = 0; ///< how many there are
};

bool is_scalar(const Type &t) { return t.is(Type::Real) && !t.is_handle(); }

class Postponer {
public:
  Postponer(const For &loop, const std::set<Var> &addressed)
      : loop_(loop), invariants_(loop), addressed_(addressed) {
    for_each_variable(loop.body, [&](const Var &v) { ++mentions_[v]; });
    for_each_stmt(loop.body, [&](const Stmt &inner) {
      for (const Place &p : writes_of(inner))
        ++writes_[p.root];
    });
    for (const Stmt &s : loop.body)
      if (auto *a = std::get_if<Add>(&s.node); a && a->to.path.empty())
        ++additions_[a->to.root];
  }

  /// Nothing: the loop stays as it is.
  Block run(const Stmt &s) {
    std::optional<Ex> entered = invariants_.entry_condition();
    if (!entered)
      return {};
    find_linear();
    if (!any_)
      return {};
    Block out;
    For rest = loop_;
    rest.body = summing(out);
    out.push_back({std::move(rest), s.loc, 0});
    Block behind = later();
    if (*entered)
      behind = {{If{*entered, std::move(behind), {}}, nullptr, 0}};
    out.insert(out.end(), std::make_move_iterator(behind.begin()), std::make_move_iterator(behind.end()));
    return out;
  }

private:
  /// What is added up in the loop instead of the statements that wait.
  struct Sum {
    Ex varying;
    Var local;
    std::size_t at; ///< the first statement that needs it
    unsigned factors = 0, additions = 0;
    /// Is a factor, or an addition, saved by it?
    bool pays() const { return factors > 0 || additions > 1; }
  };

  // ---- which statements can wait

  /// From the last statement to the first: a name waits if all that use it do.
  void find_linear() {
    const Block &body = loop_.body;
    waits_.assign(body.size(), false);
    std::map<Var, unsigned> waiting; // mentions by statements that wait
    for (std::size_t i = body.size(); i-- > 0;) {
      const Ex *value = nullptr;
      if (auto *a = std::get_if<Add>(&body[i].node); a && is_sum(a->to))
        value = &a->value;
      auto *d = std::get_if<Declare>(&body[i].node);
      if (d && d->init && waiting[d->var] && waiting[d->var] + 1 == mentions_[d->var] &&
          is_scalar(d->var->type))
        value = &*d->init;
      if (!value || invariants_.holds_with_memory(*value))
        continue;
      waits_[i] = true;
      if (Var name = name_of(linear(*value).varying))
        ++waiting[name];
    }
    find_sums();
    keep_what_gains_nothing();
  }

  /// One for each value that statements are linear in, unless it waits itself.
  void find_sums() {
    std::map<Var, std::size_t> sum_of; // names that are linear in a sum, or are summed
    sum_of_.assign(loop_.body.size(), 0);
    for (std::size_t i = 0; i < loop_.body.size(); ++i) {
      if (!waits_[i])
        continue;
      Linear l = linear(value_of(i));
      Var name = name_of(l.varying);
      bool is_stable = name && writes_[name] <= 1;
      auto known = is_stable ? sum_of.find(name) : sum_of.end();
      if (known == sum_of.end())
        sums_.push_back({l.varying, nullptr, i});
      std::size_t sum = known == sum_of.end() ? sums_.size() - 1 : known->second;
      if (is_stable)
        sum_of[name] = sum;
      if (Var v = declared_by(loop_.body[i]))
        sum_of[v] = sum;
      else
        ++sums_[sum].additions;
      sums_[sum].factors += l.factors;
      sum_of_[i] = sum;
    }
  }

  void keep_what_gains_nothing() {
    for (std::size_t i = 0; i < loop_.body.size(); ++i)
      waits_[i] = waits_[i] && sums_[sum_of_[i]].pays();
    any_ = std::any_of(sums_.begin(), sums_.end(), [](const Sum &s) { return s.pays(); });
  }

  /// A local from outside that the loop only adds to.
  bool is_sum(const Place &p) const {
    auto it = additions_.find(p.root);
    return p.path.empty() && p.root->is_shadow && is_scalar(p.root->type) &&
           p.root->kind == Variable::Local && !addressed_.count(p.root) && it != additions_.end() &&
           mentions_.at(p.root) == it->second && !declared_here(p.root);
  }
  bool declared_here(const Var &v) const {
    return std::any_of(loop_.body.begin(), loop_.body.end(),
                       [&](const Stmt &s) { return declared_by(s) == v; });
  }

  const Ex &value_of(std::size_t i) const {
    const Stmt &s = loop_.body[i];
    auto *a = std::get_if<Add>(&s.node);
    return a ? a->value : *std::get<Declare>(s.node).init;
  }
  static Var name_of(const Ex &e) {
    auto *r = std::get_if<Read>(&e->node);
    return r && r->place.path.empty() ? r->place.root : nullptr;
  }

  /// The expression without its constant factors.
  Linear linear(const Ex &e) const {
    auto *a = std::get_if<Apply>(&e->node);
    auto constant = [&](std::size_t i) { return invariants_.holds_with_memory(a->args[i]); };
    auto with_factor = [&](std::size_t i) {
      Linear l = linear(a->args[i]);
      ++l.factors;
      return l;
    };
    if (a && a->rule == Rule::neg)
      return linear(a->args[0]);
    if (a && (a->rule == Rule::mul || a->rule == Rule::div || a->rule == Rule::guarded) && constant(1))
      return with_factor(0);
    if (a && a->rule == Rule::mul && constant(0))
      return with_factor(1);
    return {e, 0};
  }

  // ---- what is written

  /// The loop's body, which adds up; the sums begin in `before`.
  Block summing(Block &before) {
    Block out;
    for (std::size_t i = 0; i < loop_.body.size(); ++i) {
      for (Sum &sum : sums_) {
        if (sum.at != i || !sum.pays())
          continue;
        Var name = name_of(sum.varying);
        sum.local = local(name ? name->name + "_sum" : "sum", sum.varying.type().without_const());
        before.push_back({Declare{sum.local, zero(sum.local->type), false, {}}, nullptr, 0});
        out.push_back({Add{Place{sum.local, {}}, sum.varying}, nullptr, 0});
      }
      if (!waits_[i])
        out.push_back(loop_.body[i]);
    }
    return out;
  }

  /// What waited, and copies of the names for constants that it uses.
  Block later() const {
    Block out;
    VarMap fresh;
    for (std::size_t i = 0; i < loop_.body.size(); ++i) {
      const Stmt &s = loop_.body[i];
      if (Var v = declared_by(s); v && invariants_.names().count(v)) {
        fresh[v] = std::make_shared<Variable>(*v);
        out.push_back(substitute(s, fresh));
      } else if (waits_[i])
        out.push_back(substitute(with_sum(s, sums_[sum_of_[i]]), fresh));
    }
    return used(out, fresh);
  }
  static Stmt with_sum(const Stmt &s, const Sum &sum) {
    return rewrite_exprs(s, [&](const Ex &e) {
      return same_value(sum.varying, e) ? std::optional(ir::read(sum.local)) : std::nullopt;
    });
  }
  /// Without copies of names that nothing uses.
  static Block used(const Block &block, const VarMap &copies) {
    std::set<Var> asked, copied;
    for (const auto &[from, to] : copies)
      copied.insert(to);
    Block out;
    for (std::size_t i = block.size(); i-- > 0;) {
      Var v = declared_by(block[i]);
      if (v && copied.count(v) && !asked.count(v))
        continue;
      for_each_variable(block[i], [&](const Var &x) { asked.insert(x); });
      out.push_back(block[i]);
    }
    return Block(out.rbegin(), out.rend());
  }

  const For &loop_;
  const Invariants invariants_;
  const std::set<Var> &addressed_;
  std::map<Var, unsigned> mentions_, additions_, writes_; ///< in the loop
  std::vector<bool> waits_;                               ///< by statement
  std::vector<std::size_t> sum_of_;                       ///< by statement that waits
  std::vector<Sum> sums_;
  bool any_ = false;
};

} // namespace

std::optional<Function> postpone_linear(const Function &f) {
  std::set<Var> addressed = pointed_at(f.body);
  bool changed = false;
  Function out = with_loops(f, [&](const Stmt &s, const For &loop) {
    Block apart = is_plain(loop.body) ? Postponer(loop, addressed).run(s) : Block();
    changed |= !apart.empty();
    return apart;
  });
  return changed ? std::optional(out) : std::nullopt;
}

} // namespace nabla::diff
