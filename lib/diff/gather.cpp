#include "diff/gather.h"
#include "diff/adjoint_memory.h"
#include "diff/linear_form.h"
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
  /// The loop before set base[... + offset] to zero in all its iterations; these loops do instead.
  struct Cleared {
    long offset;
    Ex zero;
  };
  std::optional<Cleared> cleared;
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
    Function out = function_;
    out.body = block(out.body);
    renumber(out);
    return out;
  }

private:
  /// Inner loops come first.
  Block block(const Block &in) const {
    Block out;
    for (const Stmt &s : in) {
      Stmt inner = with_blocks(s, [&](const Block &b) { return block(b); });
      auto *loop = std::get_if<For>(&inner.node);
      std::optional<Body> body = loop ? body_of(*loop) : std::nullopt;
      if (!body) {
        out.push_back(std::move(inner));
        continue;
      }
      for (Group &g : body->groups)
        if (stands_alone(g, *body))
          take_clearing(*loop, g, out);
      Block apart = taken_apart(*loop, *body);
      apart.front().loc = s.loc;
      out.insert(out.end(), apart.begin(), apart.end());
    }
    return out;
  }

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
    auto found = base_of(std::get<Add>(loop.body[at].node).to, loop.index);
    if (!found)
      return false;
    const auto &[base, offset] = *found;
    for (Group &g : groups)
      if (same_place(g.base, base)) {
        g.additions.push_back({at, offset});
        g.lowest = std::min(g.lowest, offset), g.highest = std::max(g.highest, offset);
        return true;
      }
    groups.push_back({base, {{at, offset}}, offset, offset, {}});
    return true;
  }

  /// The place without the constant of the one subscript that grows with the index, and the constant.
  static std::optional<std::pair<Place, long>> base_of(const Place &to, const Var &index) {
    if (!is_memory(to))
      return {};
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
      if (rest && grows_with(rest, index)) {
        ++moving;
        offset = constant;
        *at = rest;
      } else if (mentions(*at, index))
        return {};
    }
    return moving == 1 ? std::optional(std::pair(std::move(base), offset)) : std::nullopt;
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

  // ---- What is zero before the loop

  /// Do no others add to the memory of this group?
  bool stands_alone(const Group &g, const Body &body) const {
    return std::none_of(body.groups.begin(), body.groups.end(),
                        [&](const Group &o) { return &o != &g && may_overlap(o.base, g.base); });
  }

  /// Takes `base[...] = 0` out of a loop with the same iterations before this one, if nothing in between uses the memory.
  void take_clearing(const For &loop, Group &g, Block &before) const {
    std::set<Var> steady{g.base.root};
    bool plain = true;
    auto note = [&](const Ex &e) {
      for_each_read(e, [&](const Place &p) {
        bool changes = p.root->kind == Variable::Global && !p.root->type.is_const();
        plain &= p.path.empty() && !pointed_at_.count(p.root) && !changes;
        steady.insert(p.root);
      });
    };
    note(loop.first);
    note(loop.bound);
    for_each_expr(g.base, note);
    if (!plain)
      return;
    for (std::size_t i = before.size(); i-- > 0;) {
      auto *other = std::get_if<For>(&before[i].node);
      bool alike = other && other->step == 1 && other->cmp == For::LT &&
                   same_value(other->first, loop.first) && same_value(other->bound, loop.bound);
      if (alike && clears(*other, loop, g)) {
        if (other->body.empty())
          before.erase(before.begin() + long(i));
        return;
      }
      if (uses(before[i], g.base, steady))
        return;
    }
  }

  /// Removes the statement that does.
  bool clears(For &other, const For &loop, Group &g) const {
    VarMap names{{other.index, loop.index}};
    auto is_same = [&](const Place &p, long offset) {
      auto found = base_of(substitute(p, names), loop.index);
      return found && found->second == offset && same_place(found->first, g.base);
    };
    for (std::size_t i = other.body.size(); i-- > 0;) {
      auto *z = std::get_if<Assign>(&other.body[i].node);
      auto found = z && is_zero(z->value) ? base_of(substitute(z->to, names), loop.index) : std::nullopt;
      if (!found || !same_place(found->first, g.base) || found->second < g.lowest ||
          found->second > g.highest)
        continue;
      for (std::size_t k = 0; k < other.body.size(); ++k)
        for (const std::vector<Place> &places : {reads_of(other.body[k]), writes_of(other.body[k])})
          for (const Place &p : places)
            if (k != i && is_memory(p) && may_overlap(p, g.base) && !(k < i && is_same(p, found->second)))
              return false;
      bool flat = std::all_of(other.body.begin(), other.body.end(), [](const Stmt &s) {
        return std::holds_alternative<Declare>(s.node) || std::holds_alternative<Assign>(s.node) ||
               std::holds_alternative<Add>(s.node);
      });
      if (!flat)
        return false;
      g.cleared = Group::Cleared{found->second, z->value};
      other.body.erase(other.body.begin() + long(i));
      return true;
    }
    return false;
  }

  /// May the statement read or write that memory, or change one of the variables?
  bool uses(const Stmt &s, const Place &memory, const std::set<Var> &steady) const {
    if (!is_plain({s}))
      return true;
    bool found = false;
    for_each_stmt({s}, [&](const Stmt &inner) {
      for (const std::vector<Place> &places : {reads_of(inner), writes_of(inner)})
        for (const Place &p : places)
          found |= p.root->is_shadow && !p.path.empty() && may_overlap(p, memory);
      for (const Place &p : writes_of(inner))
        found |= steady.count(p.root) && (p.root != memory.root || p.path.empty());
      Var declared = declared_by(inner);
      found |= declared && (declared == memory.root || steady.count(declared));
      found |= std::holds_alternative<Pop>(inner.node);
    });
    return found;
  }

  /// for (k = first; k < bound; ++k)  base[k] = 0;
  static Stmt clearing(const For &loop, const Group &g, Ex first, Ex bound) {
    For out = loop;
    out.descending = false;
    out.index = std::make_shared<Variable>(*loop.index);
    out.first = std::move(first), out.bound = std::move(bound);
    Place to = substitute(g.base, VarMap{{loop.index, out.index}});
    out.body = {{Assign{std::move(to), g.cleared->zero}, nullptr, 0}};
    return {std::move(out), nullptr, 0};
  }

  // ---- What they become

  Block taken_apart(const For &loop, const Body &body) const {
    long span = 0;
    for (const Group &g : body.groups)
      span = std::max(span, g.span());
    std::optional<long> from = plain_integer(loop.first), to = plain_integer(loop.bound);
    Block apart, whole;
    for (const Group &g : body.groups) {
      if (g.cleared && g.highest > g.cleared->offset)
        apart.push_back(
            clearing(loop, g, moved(loop.first, g.cleared->offset), moved(loop.first, g.highest)));
      if (g.cleared && g.lowest < g.cleared->offset)
        apart.push_back(clearing(loop, g, moved(loop.bound, g.lowest), moved(loop.bound, g.cleared->offset)));
      if (g.cleared)
        whole.push_back(
            clearing(loop, g, moved(loop.first, g.cleared->offset), moved(loop.bound, g.cleared->offset)));
      collect(loop, g, apart);
    }
    if (!(from && to && *to - *from >= span)) {
      whole.push_back({copy(loop, additions_of(body)), nullptr, 0});
      Ex enough = native("<=", {moved(loop.first, span), loop.bound}, Type::boolean());
      apart = {{If{enough, std::move(apart), std::move(whole)}, nullptr, 0}};
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
    sum = with_few_operations(out.body, sum);
    if (g.cleared)
      out.body.push_back({Assign{to, sum}, nullptr, 0});
    else
      out.body.push_back({Add{to, sum}, nullptr, 0});
    return out;
  }

  /// The sum, and the names that it needs, in the order of the body; fewer operations if adjoints have common factors.
  static Ex with_few_operations(Block &body, const Ex &sum) {
    std::set<Var> adjoints;
    std::map<Var, Ex> products; // names of such
    auto expand = [&](const Ex &e) {
      return rewrite(e, [&](const Ex &x) -> std::optional<Ex> {
        auto *r = std::get_if<Read>(&x->node);
        auto it = r && r->place.path.empty() ? products.find(r->place.root) : products.end();
        return it != products.end() ? std::optional(it->second) : std::nullopt;
      });
    };
    unsigned before = operations(sum);
    for_each_variable(sum, [&](const Var &v) {
      if (v->is_shadow)
        adjoints.insert(v);
    });
    for (const Stmt &s : body) {
      const auto &d = std::get<Declare>(s.node);
      bool is_linear = false;
      for_each_variable(*d.init, [&](const Var &v) { is_linear |= v->is_shadow || adjoints.count(v); });
      before += operations(*d.init);
      if (!is_linear)
        continue;
      adjoints.insert(d.var);
      if (std::holds_alternative<Apply>((*d.init)->node))
        products.insert({d.var, expand(*d.init)});
    }
    Ex fewer = with_common_factors(expand(sum), adjoints);
    Block needed = needed_by(fewer, body);
    unsigned after = operations(fewer);
    for (const Stmt &s : needed)
      after += operations(*std::get<Declare>(s.node).init);
    if (after >= before)
      return sum;
    body = std::move(needed);
    return fewer;
  }
  static unsigned operations(const Ex &e) {
    unsigned count = 0;
    for_each_subexpr(e, [&](const Ex &x) { count += std::holds_alternative<Apply>(x->node); });
    return count;
  }
  /// The declarations whose names occur in the value, directly or not.
  static Block needed_by(const Ex &value, const Block &declarations) {
    std::set<Var> needed;
    auto note = [&](const Ex &e) { for_each_variable(e, [&](const Var &v) { needed.insert(v); }); };
    note(value);
    Block out;
    for (std::size_t i = declarations.size(); i-- > 0;)
      if (const auto &d = std::get<Declare>(declarations[i].node); needed.count(d.var)) {
        note(*d.init);
        out.insert(out.begin(), declarations[i]);
      }
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
