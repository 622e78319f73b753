#include "diff/gather.h"
#include "diff/adjoint_memory.h"
#include "diff/loops.h"
#include "diff/offset.h"
#include "ir/make.h"
#include "ir/walk.h"
#include <algorithm>
#include <set>

namespace nabla::diff {
using namespace ir;

namespace {

/// place[... + offset ...] += value, a statement of the loop
struct Addition {
  std::size_t at;
  long offset;
};

/// Additions to elements that differ by a constant.
struct Group {
  Place base; ///< without the constant
  std::vector<Addition> additions;
  long lowest = 0, highest = 0; ///< offsets
  long span() const { return highest - lowest; }
};

/// What the loop does to adjoints, if it is of the kind that this pass takes apart.
struct Body {
  std::vector<Group> groups;
  std::vector<std::size_t> rest; ///< statements that stay together
};

class Gather {
public:
  explicit Gather(const Function &f) : function_(f), memory_(f), pointed_at_(pointed_at(f.body)) {}

  Function run() {
    return with_loops(function_, [&](const Stmt &s, const For &loop) {
      std::optional<Body> body = body_of(loop);
      Block apart = body ? taken_apart(loop, *body) : Block();
      if (!apart.empty())
        apart.front().loc = s.loc;
      return apart;
    });
  }

private:
  // ---- Which loops

  std::optional<Body> body_of(const For &loop) const {
    Type type = loop.index->type.with_const(false);
    bool one_type =
        loop.first.type().with_const(false) == type && loop.bound.type().with_const(false) == type;
    if (!one_type || loop.step != 1 || loop.cmp != For::LT || loop.body.size() > longest)
      return {};
    Body out;
    std::set<Var> own;
    for (std::size_t i = 0; i < loop.body.size(); ++i) {
      const Stmt &s = loop.body[i];
      if (auto *d = std::get_if<Declare>(&s.node); d && d->init && is_cheap(*d->init))
        own.insert(d->var);
      else if (auto *a = std::get_if<Add>(&s.node); a && is_cheap(a->value) && !own.count(a->to.root)) {
        if (a->to.path.empty())
          out.rest.push_back(i);
        else if (!join(loop, i, out.groups))
          return {};
      } else if (auto *z = std::get_if<Assign>(&s.node); z && is_cheap(z->value) && is_memory(z->to))
        out.rest.push_back(i);
      else
        return {};
    }
    long span = 0;
    for (const Group &g : out.groups)
      span = std::max(span, g.span());
    if (span == 0 || span > widest || !may_reorder(loop))
      return {};
    return out;
  }

  /// Adds the statement to the group of its neighbours.
  static bool join(const For &loop, std::size_t at, std::vector<Group> &groups) {
    const Place &to = std::get<Add>(loop.body[at].node).to;
    if (!is_memory(to))
      return false;
    Place base = to;
    unsigned moving = 0;
    long offset = 0;
    for (Step &step : base.path) {
      Ex *at = std::holds_alternative<Index>(step)   ? &std::get<Index>(step).at
               : std::holds_alternative<Deref>(step) ? &std::get<Deref>(step).offset
                                                     : nullptr;
      if (!at || at->get() == nullptr)
        continue;
      auto [rest, constant] = without_constant(*at);
      if (rest && grows_with(rest, loop.index)) {
        ++moving;
        offset = constant;
        *at = rest;
      } else if (mentions(*at, loop.index))
        return false;
    }
    if (moving != 1)
      return false;
    for (Group &g : groups)
      if (same_place(g.base, base)) {
        g.additions.push_back({at, offset});
        g.lowest = std::min(g.lowest, offset), g.highest = std::max(g.highest, offset);
        return true;
      }
    groups.push_back({base, {{at, offset}}, offset, offset});
    return true;
  }

  static bool mentions(const Ex &e, const Var &v) {
    bool found = false;
    for_each_variable(e, [&](const Var &x) { found |= x == v; });
    return found;
  }
  static bool is_memory(const Place &p) { return p.root->is_shadow && !p.path.empty(); }
  /// Nothing that would be a pity to do twice.
  static bool is_cheap(const Ex &e) {
    bool cheap = true;
    for_each_subexpr(e, [&](const Ex &x) {
      if (auto *a = std::get_if<Apply>(&x->node))
        cheap &= a->rule == Rule::add || a->rule == Rule::sub || a->rule == Rule::mul ||
                 a->rule == Rule::neg || a->rule == Rule::guarded;
      if (auto *n = std::get_if<Native>(&x->node))
        cheap &= n->op.rfind("call ", 0) != 0 || n->op.rfind("call nabla::trips", 0) == 0;
      cheap &= !std::holds_alternative<AddressOf>(x->node);
    });
    return cheap;
  }

  bool is_own_array(const Place &p) const {
    return p.root->type.is(Type::Array) && p.root->kind == Variable::Local && !pointed_at_.count(p.root);
  }
  bool may_overlap(const Place &a, const Place &b) const {
    if (a.root != b.root && (is_own_array(a) || is_own_array(b)))
      return false;
    return memory_.may_overlap(a, b);
  }

  /// Does no iteration see what another has written, nor any addition what the loop has added?
  bool may_reorder(const For &loop) const {
    std::vector<std::pair<std::size_t, Place>> reads;
    std::set<Var> own;
    bool fine = true;
    for (std::size_t i = 0; i < loop.body.size(); ++i) {
      if (Var v = declared_by(loop.body[i]))
        own.insert(v);
      for_each_expr(loop.body[i], [&](const Ex &e) {
        for_each_read(e, [&](const Place &p) {
          if (is_memory(p))
            reads.push_back({i, p});
        });
      });
    }
    for (std::size_t i = 0; i < loop.body.size(); ++i) {
      const Stmt &s = loop.body[i];
      if (auto *a = std::get_if<Add>(&s.node))
        fine = fine && added_to_only(a->to, loop, reads);
      else if (auto *z = std::get_if<Assign>(&s.node))
        fine = fine && used_once(i, z->to, loop, reads);
    }
    return fine;
  }

  /// A sum that nobody asks for.
  bool added_to_only(const Place &to, const For &loop,
                     const std::vector<std::pair<std::size_t, Place>> &reads) const {
    if (to.path.empty())
      return std::none_of(loop.body.begin(), loop.body.end(), [&](const Stmt &s) {
        bool asked = false;
        for_each_expr(s, [&](const Ex &e) { asked |= mentions(e, to.root); });
        return asked;
      });
    return std::none_of(reads.begin(), reads.end(), [&](const auto &r) { return may_overlap(to, r.second); });
  }

  /// An element that one iteration alone uses, before it writes it.
  bool used_once(std::size_t at, const Place &to, const For &loop,
                 const std::vector<std::pair<std::size_t, Place>> &reads) const {
    const Ex *subscript = nullptr;
    if (to.path.size() == 1) {
      if (auto *i = std::get_if<Index>(&to.path[0]))
        subscript = &i->at;
      else if (auto *d = std::get_if<Deref>(&to.path[0]); d && d->offset)
        subscript = &d->offset;
    }
    if (!subscript || !grows_with(*subscript, loop.index))
      return false;
    for (const auto &[i, p] : reads)
      if (may_overlap(to, p) && !(same_place(to, p) && i <= at))
        return false;
    for (std::size_t i = 0; i < loop.body.size(); ++i)
      for (const Place &p : writes_of(loop.body[i]))
        if (i != at && is_memory(p) && may_overlap(to, p))
          return false;
    return true;
  }

  // ---- What they become

  Block taken_apart(const For &loop, const Body &body) const {
    long span = 0;
    for (const Group &g : body.groups)
      span = std::max(span, g.span());
    std::optional<long> from = plain_integer(loop.first), to = plain_integer(loop.bound);
    Block apart;
    for (const Group &g : body.groups)
      collect(loop, g, apart);
    if (!(from && to && *to - *from >= span)) {
      Ex enough = native("<=", {moved(loop.first, span), loop.bound}, Type::boolean());
      apart = {{If{enough, std::move(apart), {{copy(loop, additions_of(body)), nullptr, 0}}}, nullptr, 0}};
    }
    if (!body.rest.empty())
      apart.push_back({copy(loop, body.rest), nullptr, 0});
    return apart;
  }

  static std::vector<std::size_t> additions_of(const Body &body) {
    std::vector<std::size_t> out;
    for (const Group &g : body.groups)
      for (const Addition &a : g.additions)
        out.push_back(a.at);
    return out;
  }

  /// The loops for one group: elements at the lower edge, those that all offsets reach, elements at the upper edge.
  void collect(const For &loop, const Group &g, Block &out) const {
    auto edge = [&](long offset, Ex first, Ex bound) {
      std::vector<std::size_t> additions;
      for (const Addition &a : g.additions)
        if (a.offset == offset)
          additions.push_back(a.at);
      if (additions.empty())
        return;
      For part = copy(loop, additions);
      part.first = std::move(first), part.bound = std::move(bound);
      out.push_back({std::move(part), nullptr, 0});
    };
    for (long o = g.lowest; o < g.highest; ++o)
      edge(o, loop.first, moved(loop.first, g.highest - o));
    out.push_back({middle(loop, g), nullptr, 0});
    for (long o = g.lowest + 1; o <= g.highest; ++o)
      edge(o, moved(loop.bound, g.lowest - o), loop.bound);
  }

  /// for (i = first; i < bound - span; ++i)  base[i + highest] += what iterations i, i + 1, ... add to it
  For middle(const For &loop, const Group &g) const {
    For out = loop;
    out.descending = false;
    out.bound = moved(loop.bound, -g.span());
    out.body.clear();
    out.index = std::make_shared<Variable>(*loop.index);
    std::vector<std::pair<Ex, Var>> known;
    Ex sum;
    Place to;
    for (const Addition &a : g.additions) {
      const Add &add = std::get<Add>(loop.body[a.at].node);
      long by = g.highest - a.offset;
      VarMap names{{loop.index, out.index}};
      declare_moved(loop, names_of(loop, {a.at}), by, out, names, known);
      auto here = [&](const Ex &e) { return with_moved(substitute(e, names), out.index, by); };
      sum = sum ? sum + here(add.value) : here(add.value);
      to = with_moved(substitute(add.to, names), out.index, by);
    }
    out.body.push_back({Add{to, sum}, nullptr, 0});
    return out;
  }

  /// The names that an addition needs, in the iteration `by` later; each value has one name.
  static void declare_moved(const For &loop, const std::set<Var> &needed, long by, For &out, VarMap &names,
                            std::vector<std::pair<Ex, Var>> &known) {
    for (const Stmt &s : loop.body) {
      auto *d = std::get_if<Declare>(&s.node);
      if (!d || !needed.count(d->var))
        continue;
      Ex init = with_moved(substitute(*d->init, names), out.index, by);
      auto it =
          std::find_if(known.begin(), known.end(), [&](const auto &k) { return same_value(k.first, init); });
      if (it != known.end()) {
        names[d->var] = it->second;
        continue;
      }
      Var name = std::make_shared<Variable>(*d->var);
      names[d->var] = name;
      known.push_back({init, name});
      out.body.push_back({Declare{name, init, false, {}}, nullptr, 0});
    }
  }

  /// Names of the body that the statements need.
  static std::set<Var> names_of(const For &loop, const std::vector<std::size_t> &statements) {
    std::set<Var> needed;
    for (std::size_t i = loop.body.size(); i-- > 0;) {
      Var v = declared_by(loop.body[i]);
      if ((v && needed.count(v)) || std::count(statements.begin(), statements.end(), i))
        for_each_variable(loop.body[i], [&](const Var &x) { needed.insert(x); });
    }
    return needed;
  }

  /// The loop with these statements and what they need.
  static For copy(const For &loop, const std::vector<std::size_t> &statements) {
    std::set<Var> needed = names_of(loop, statements);
    For out = loop;
    out.body.clear();
    VarMap fresh;
    auto renamed = [&](const Var &v) { return fresh[v] = std::make_shared<Variable>(*v); };
    out.index = renamed(loop.index);
    for (std::size_t i = 0; i < loop.body.size(); ++i) {
      Var name = declared_by(loop.body[i]);
      if (name && needed.count(name))
        renamed(name);
      else if (!std::count(statements.begin(), statements.end(), i))
        continue;
      out.body.push_back(substitute(loop.body[i], fresh));
    }
    return out;
  }

  static constexpr std::size_t longest = 40; ///< statements
  static constexpr long widest = 6; ///< elements between the first and the last that an iteration adds to

  const Function &function_;
  AdjointMemory memory_;
  const std::set<Var> pointed_at_;
};

} // namespace

Function gather_neighbours(const Function &f) { return Gather(f).run(); }

} // namespace nabla::diff
