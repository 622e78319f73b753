#include "diff/simplify.h"
#include "diff/adjoint_memory.h"
#include "diff/dead_zeros.h"
#include "diff/sink.h"
#include "ir/build.h"
#include "ir/make.h"
#include "ir/walk.h"
#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

namespace nabla::diff {
using namespace ir;

namespace {

template <class Fn> Block map_blocks(const Block &block, const Fn &fn) {
  Block out;
  out.reserve(block.size());
  for (const Stmt &s : block)
    out.push_back(with_blocks(s, fn));
  return out;
}

/// Which statements of a block mention a variable, in any depth; statements change and fall away while it is asked.
class Mentions {
public:
  explicit Mentions(Block &block) : block_(block), of_(block.size()), gone_(block.size(), false) {
    for (std::size_t i = 0; i < block.size(); ++i)
      scan(i);
  }

  /// The first statement behind `i` that mentions v; the block's size if there is none.
  std::size_t next(std::size_t i, const Var &v) const {
    auto it = at_.find(v.get());
    if (it == at_.end())
      return block_.size();
    auto found = it->second.upper_bound(i);
    return found == it->second.end() ? block_.size() : found->first;
  }
  unsigned count(std::size_t i, const Var &v) const { return at_.at(v.get()).at(i); }
  /// How often statements behind `i` mention v, counted up to two.
  unsigned count_behind(std::size_t i, const Var &v) const {
    unsigned n = 0;
    for (std::size_t k = next(i, v); k < block_.size() && n < 2; k = next(k, v))
      n += count(k, v);
    return n;
  }
  void replace(std::size_t i, Stmt s) {
    forget(i);
    block_[i] = std::move(s);
    scan(i);
  }
  void remove(std::size_t i) {
    forget(i);
    gone_[i] = true;
  }
  void put_before(std::size_t i, Stmt s) { before_[i].push_back(std::move(s)); }
  bool is_gone(std::size_t i) const { return gone_[i]; }

  /// What is left of the block.
  Block take() {
    Block out;
    out.reserve(block_.size());
    for (std::size_t i = 0; i < block_.size(); ++i) {
      if (auto it = before_.find(i); it != before_.end())
        for (Stmt &s : it->second)
          out.push_back(std::move(s));
      if (!gone_[i])
        out.push_back(std::move(block_[i]));
    }
    return out;
  }

private:
  void scan(std::size_t i) {
    auto note = [&](const Var &v) {
      if (++at_[v.get()][i] == 1)
        of_[i].push_back(v.get());
    };
    for_each_variable(block_[i], note);
    for_each_block(block_[i], [&](const Block &b) { for_each_variable(b, note); });
  }
  void forget(std::size_t i) {
    for (const Variable *v : of_[i])
      at_[v].erase(i);
    of_[i].clear();
  }

  Block &block_;
  std::unordered_map<const Variable *, std::map<std::size_t, unsigned>> at_;
  std::vector<std::vector<const Variable *>> of_;
  std::vector<bool> gone_;
  std::map<std::size_t, Block> before_;
};

/// A declaration whose variable gets its first value later on.
const Declare *awaits_value(const Block &block, std::size_t i) {
  auto *d = std::get_if<Declare>(&block[i].node);
  if (!d || d->init || !d->elements.empty() || d->var->kind != Variable::Local)
    return nullptr;
  bool scalar = !d->var->type.is(Type::Array) && !d->var->type.is(Type::Record);
  if (!scalar && d->zero)
    return nullptr;
  bool beside = i + 1 < block.size() && std::holds_alternative<Allocate>(block[i + 1].node) && !d->zero;
  return beside ? nullptr : d;
}

/// T x;  ...  x = e;      becomes      ...  T x = e;
Block merge(const Block &input) {
  Block block = map_blocks(input, merge);
  Mentions mentions(block);
  for (std::size_t i = 0; i < block.size(); ++i) {
    const Declare *d = awaits_value(block, i);
    if (!d)
      continue;
    Var v = d->var;
    std::size_t k = mentions.next(i, v);
    if (k == block.size() || mentions.count(k, v) != 1)
      continue;
    if (auto *m = std::get_if<Allocate>(&block[k].node); m && m->to.root == v && m->to.path.empty()) {
      mentions.put_before(k, {Declare{v, {}, false, {}}, block[k].loc, 0}); // they are written as one
      mentions.remove(i);
    } else if (auto *a = std::get_if<Assign>(&block[k].node); a && a->to.root == v && a->to.path.empty()) {
      mentions.replace(k, {Declare{v, a->value, false, {}}, block[k].loc, block[k].id});
      mentions.remove(i);
    }
  }
  return mentions.take();
}

/// double x_bar = 0;  ...  x_bar += e;      becomes      ...  double x_bar = e;
Block start_with_first(const Block &input, const std::set<Var> &fixed) {
  Block block = map_blocks(input, [&](const Block &b) { return start_with_first(b, fixed); });
  Mentions mentions(block);
  for (std::size_t i = 0; i < block.size(); ++i) {
    auto *d = std::get_if<Declare>(&block[i].node);
    auto *z = std::get_if<Assign>(&block[i].node);
    bool begins = d && (d->zero || (d->init && is_zero(*d->init) && d->var->is_shadow));
    Var v = begins && d->var->type.is(Type::Real)                                            ? d->var
            : z && z->to.path.empty() && z->value.type().is(Type::Real) && is_zero(z->value) ? z->to.root
                                                                                             : nullptr;
    if (!v || v->kind != Variable::Local || fixed.count(v))
      continue;
    std::size_t k = mentions.next(i, v);
    auto *a = k < block.size() ? std::get_if<Add>(&block[k].node) : nullptr;
    if (!a || a->to.root != v || !a->to.path.empty() || mentions.count(k, v) != 1)
      continue;
    Stmt first{{}, block[k].loc, block[k].id};
    if (d)
      first.node = Declare{v, a->value, false, {}};
    else
      first.node = Assign{a->to, a->value};
    mentions.replace(k, std::move(first));
    mentions.remove(i);
  }
  return mentions.take();
}

/// a[i] = 0;  a[i] += e;      becomes      a[i] = e;
Block join_adjacent(const Block &input) {
  Block out;
  for (Stmt &s : map_blocks(input, join_adjacent)) {
    auto *z = out.empty() ? nullptr : std::get_if<Assign>(&out.back().node);
    auto *a = std::get_if<Add>(&s.node);
    bool joins = z && a && z->value.type().is(Type::Real) && is_zero(z->value) && same_place(z->to, a->to);
    if (joins)
      for_each_variable(a->value, [&](const Var &v) { joins &= v != z->to.root; });
    if (joins) {
      s.node = Assign{a->to, a->value};
      out.pop_back();
    }
    out.push_back(std::move(s));
  }
  return out;
}

/// Locals whose value is never read, and all that only computes them.
class UnusedLocals {
public:
  Block run(const Block &block) {
    for_each_stmt(block, [&](const Stmt &s) { count(s, 1); });
    for (Block now = block;;) {
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

  /// Adds to the reads of what the statement reads directly.
  void count(const Stmt &s, int more) {
    auto read = [&](const Var &v) { reads_[v.get()] += more; };
    if (auto *d = std::get_if<Declare>(&s.node))
      local_.insert(d->var.get());
    const Place *to = target(s);
    for_each_expr(s, [&](const Ex &e) { for_each_variable(e, read); });
    if (to && !(to->path.empty() || !leads_out(*to)))
      read(to->root);
    if (!to && !std::holds_alternative<Declare>(s.node))
      for (const Place &p : writes_of(s))
        read(p.root);
    if (auto *p = std::get_if<Push>(&s.node))
      read(p->record);
    if (auto *p = std::get_if<Pop>(&s.node)) {
      read(p->record);
      read(p->to.root); // the pop itself must stay
    }
  }

  bool is_unused(const Var &v) const {
    auto it = reads_.find(v.get());
    return local_.count(v.get()) && (it == reads_.end() || it->second == 0) && !v->type.is(Type::Opaque);
  }

  /// Does writing there change anything but the variable itself?
  static bool leads_out(const Place &p) {
    for (const Step &step : p.path)
      if (std::holds_alternative<Deref>(step))
        return true;
    return false;
  }

  /// From the last statement to the first, so that what only computed something unused goes in the same pass.
  Block prune(const Block &block, bool &changed) {
    Block out;
    out.reserve(block.size());
    for (std::size_t i = block.size(); i-- > 0;) {
      const Stmt &s = block[i];
      const Place *to = target(s);
      Var v = to                                        ? to->root
              : std::holds_alternative<Declare>(s.node) ? std::get<Declare>(s.node).var
                                                        : nullptr;
      Stmt kept = v ? s : with_blocks(s, [&](const Block &b) { return prune(b, changed); });
      bool gone = v && is_unused(v);
      if (auto *branch = std::get_if<If>(&kept.node))
        gone = branch->yes.empty() && branch->no.empty();
      if (auto *loop = std::get_if<For>(&kept.node))
        gone = loop->body.empty();
      if (gone) {
        changed = true;
        count(s, -1);
      } else
        out.push_back(std::move(kept));
    }
    std::reverse(out.begin(), out.end());
    return out;
  }

  std::unordered_map<const Variable *, int> reads_;
  std::unordered_set<const Variable *> local_;
};

/// What a test is known to say: of constants, and of a value that is compared with itself.
std::optional<bool> decided(const Ex &cond) {
  if (auto *c = std::get_if<Const>(&cond->node); c && (c->spelling == "true" || c->spelling == "false"))
    return c->spelling == "true";
  auto *test = std::get_if<Native>(&cond->node);
  if (!test || test->args.size() != 2 || !same_value(test->args[0], test->args[1]) ||
      !(test->args[0].type().is_discrete() || test->args[0].type().is(Type::Pointer)))
    return {};
  if (test->op == "==" || test->op == "<=" || test->op == ">=")
    return true;
  if (test->op == "!=" || test->op == "<" || test->op == ">")
    return false;
  return {};
}

/// if (n == n) { a }      becomes      a
Block decide_tests(const Block &block) {
  Block out;
  for (const Stmt &s : block) {
    Stmt kept = with_blocks(s, decide_tests);
    auto *i = std::get_if<If>(&kept.node);
    std::optional<bool> holds = i ? decided(i->cond) : std::nullopt;
    if (!holds) {
      out.push_back(std::move(kept));
      continue;
    }
    Block &taken = *holds ? i->yes : i->no;
    out.insert(out.end(), std::make_move_iterator(taken.begin()), std::make_move_iterator(taken.end()));
  }
  return out;
}

/// Names that a pass gave to the user's own constants: the constants are used.
Block without_names_of_constants(const Block &block) {
  std::map<Var, Ex> constants;
  for_each_stmt(block, [&](const Stmt &s) {
    auto *d = std::get_if<Declare>(&s.node);
    auto *r = d && d->init && d->var->temporary && d->var->type.is_const()
                  ? std::get_if<Read>(&(*d->init)->node)
                  : nullptr;
    bool is_number = r && (r->place.root->type.is_discrete() || r->place.root->type.is(Type::Real));
    if (is_number && r->place.path.empty() && r->place.root->kind == Variable::Global &&
        r->place.root->type.is_const())
      constants.emplace(d->var, *d->init);
  });
  if (constants.empty())
    return block;
  std::function<Block(const Block &)> without = [&](const Block &in) {
    Block out;
    for (const Stmt &s : in)
      if (auto *d = std::get_if<Declare>(&s.node); !d || !constants.count(d->var))
        out.push_back(with_blocks(s, without));
    return out;
  };
  return rewrite_exprs(without(block), [&](const Ex &e) -> std::optional<Ex> {
    auto *r = std::get_if<Read>(&e->node);
    auto it = r && r->place.path.empty() ? constants.find(r->place.root) : constants.end();
    return it == constants.end() ? std::nullopt : std::optional(it->second);
  });
}

/// const double t = e;  use(t);      becomes      use(e);      if t is used once and nothing is written in between
Block inline_single_uses(const Block &input) {
  Block block = map_blocks(input, inline_single_uses);
  std::vector<std::size_t> quiet_until(block.size() + 1,
                                       block.size()); // the next statement that is no Declare
  for (std::size_t i = block.size(); i-- > 0;)
    quiet_until[i] = std::holds_alternative<Declare>(block[i].node) ? quiet_until[i + 1] : i;
  Mentions mentions(block);
  for (std::size_t i = 0; i < block.size(); ++i) {
    auto *d = std::get_if<Declare>(&block[i].node);
    if (!d || !d->init || !d->var->temporary || !d->var->type.is_const())
      continue;
    Var v = d->var;
    Ex value = *d->init;
    if (mentions.count_behind(i, v) != 1)
      continue;
    std::size_t user = mentions.next(i, v);
    bool direct = false;
    for_each_variable(block[user], [&](const Var &x) { direct |= x == v; });
    if (!direct || quiet_until[i + 1] < user || std::holds_alternative<While>(block[user].node) ||
        std::holds_alternative<For>(block[user].node))
      continue;
    mentions.replace(user, rewrite_exprs(block[user], [&](const Ex &e) -> std::optional<Ex> {
                       auto *r = std::get_if<Read>(&e->node);
                       return r && r->place.root == v && r->place.path.empty() ? std::optional(value)
                                                                               : std::nullopt;
                     }));
    if (mentions.next(i, v) == block.size())
      mentions.remove(i);
  }
  return mentions.take();
}

/// double w = v;      v is used instead, if neither changes. The user's own copies stay.
Block without_copies(const Block &input, const std::set<Var> &fixed) {
  std::map<Var, unsigned> writes;
  for_each_stmt(input, [&](const Stmt &s) {
    for (const Place &p : writes_of(s))
      ++writes[p.root];
  });
  VarMap original;
  std::function<Block(const Block &)> without = [&](const Block &block) {
    Block out;
    for (const Stmt &s : block) {
      auto *d = std::get_if<Declare>(&s.node);
      auto *r = d && d->init && !s.loc ? std::get_if<Read>(&(*d->init)->node) : nullptr;
      Var from = r && r->place.path.empty() ? r->place.root : nullptr;
      bool is_written_once =
          from && ((from->kind == Variable::Local && writes[from] == 1) ||
                   (from->kind == Variable::Param && from->is_shadow && writes[from] == 0));
      bool steady = is_written_once && from->type.is(Type::Real) && writes[d->var] == 1 &&
                    !fixed.count(from) && !fixed.count(d->var);
      if (steady && from->type.with_const(false) == d->var->type.with_const(false))
        original[d->var] = original.count(from) ? original[from] : from;
      else
        out.push_back(with_blocks(s, without));
    }
    return out;
  };
  Block out = without(input);
  return original.empty() ? input : substitute(out, original);
}

/// The x of -x, or null.
const Ex *negated(const Ex &e) {
  auto *a = std::get_if<Apply>(&e->node);
  return a && a->rule == Rule::neg ? &a->args[0] : nullptr;
}

/// a + -b is a - b, d * 0.05 * 2.0 is d * 0.1: neither changes a rounding.
std::optional<Ex> folded(const Ex &e) {
  auto *a = std::get_if<Apply>(&e->node);
  if (!a || e.type().is_handle())
    return {};
  const Ex *first = negated(a->args[0]), *second = a->args.size() > 1 ? negated(a->args[1]) : nullptr;
  auto with = [&](Rule rule, const Ex &x, const Ex &y) { return make(Apply{rule, {x, y}}, e.type()); };
  if (a->rule == Rule::neg && first)
    return *first;
  if ((a->rule == Rule::add || a->rule == Rule::sub) && second)
    return with(a->rule == Rule::add ? Rule::sub : Rule::add, a->args[0], *second);
  if (a->rule == Rule::add && first)
    return with(Rule::sub, a->args[1], *first);
  if (a->rule != Rule::mul)
    return {};
  auto *inner = std::get_if<Apply>(&a->args[0]->node);
  std::optional<long double> outer = literal_value(a->args[1]), by;
  if (inner && inner->rule == Rule::mul)
    by = literal_value(inner->args[1]);
  if (outer && by && (*outer == 2 || *outer == 4 || *outer == 0.5L) && *by != 0 && std::isfinite(*by))
    return with(Rule::mul, inner->args[0], constant(a->args[1], *by * *outer));
  return {};
}

/// In statements of adjoints, which are not the user's words.
Block fold_adjoints(const Block &block) {
  Block out;
  out.reserve(block.size());
  for (const Stmt &s : block) {
    auto *d = std::get_if<Declare>(&s.node);
    auto *a = std::get_if<Assign>(&s.node);
    auto *add = std::get_if<Add>(&s.node);
    const Var to = d ? d->var : a ? a->to.root : add ? add->to.root : nullptr;
    bool own = to && (to->is_shadow || (d && to->temporary && !s.loc));
    out.push_back(own ? rewrite_up(s, folded) : with_blocks(s, fold_adjoints));
  }
  return out;
}

} // namespace

Function merge_declarations(const Function &f) {
  Function out = f;
  out.body = merge(out.body);
  renumber(out);
  return out;
}

Function simplify(const Function &f) {
  Function out = f;
  out.body = decide_tests(out.body);
  out.body = UnusedLocals().run(out.body);
  out.body = merge(out.body);
  const std::set<Var> fixed = pointed_at(out.body);
  out.body = without_dead_zeros(start_with_first(out.body, fixed), fixed);
  out.body = without_copies(out.body, fixed);
  out.body = join_adjacent(out.body);
  out.body = sink_values(without_names_of_constants(out.body), fixed);
  out.body = inline_single_uses(out.body);
  out.body = fold_adjoints(out.body);
  out.body = without_dead_tail(out.body);
  out.body = UnusedLocals().run(out.body);
  renumber(out);
  return out;
}

} // namespace nabla::diff
