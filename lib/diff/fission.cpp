#include "diff/fission.h"
#include "diff/adjoint_memory.h"
#include "diff/loops.h"
#include "ir/make.h"
#include "ir/walk.h"
#include <algorithm>
#include <set>

namespace nabla::diff {
using namespace ir;

namespace {

/// The statements of one loop of the new ones, and what they read in each iteration.
struct Part {
  Var root; ///< whose adjoints it adds to; null: sums in locals
  std::vector<std::size_t> adds;
  std::set<Var> names;       ///< locals of the body
  std::vector<Place> memory; ///< read at places that the iteration determines
};

class Fission {
public:
  explicit Fission(const Function &f) : function_(f), memory_(f) {}

  Function run() {
    return with_loops(function_, [&](const Stmt &s, const For &loop) { return split(s, loop); });
  }

private:
  /// Nothing: the loop stays as it is.
  Block split(const Stmt &s, const For &loop) const {
    std::vector<Part> parts = parts_of(loop);
    Block out;
    if (parts.size() > 1)
      for (const Part &p : parts)
        out.push_back({alone(loop, p), out.empty() ? s.loc : nullptr, 0});
    return out;
  }

  /// One part per parameter that the loop adds to; none if it does anything else, or if parts share work.
  std::vector<Part> parts_of(const For &loop) const {
    std::vector<Part> parts;
    std::set<Var> own, varying{loop.index}, sums;
    if (loop.body.size() > longest)
      return {};
    const Invariants constants(loop);
    for (std::size_t i = 0; i < loop.body.size(); ++i) {
      const Stmt &s = loop.body[i];
      if (auto *d = std::get_if<Declare>(&s.node);
          d && d->init && (constants.names().count(d->var) || is_cheap(*d->init, loop))) {
        own.insert(d->var);
        if (mentions(*d->init, varying))
          varying.insert(d->var);
      } else if (auto *a = std::get_if<Add>(&s.node); a && is_cheap(a->value, loop) && is_sum(a->to)) {
        part(a->to.path.empty() ? nullptr : a->to.root, parts).adds.push_back(i);
        if (a->to.path.empty())
          sums.insert(a->to.root);
      } else
        return {};
    }
    if (!helps(parts) || asks_for(loop, sums))
      return {};
    for (Part &p : parts)
      for (std::size_t i : p.adds)
        note(loop, own, varying, loop.body[i], p);
    for (std::size_t a = 0; a < parts.size(); ++a)
      for (std::size_t b = 0; b < a; ++b)
        if (share(loop, parts[a], parts[b], varying))
          return {};
    return parts;
  }

  bool is_sum(const Place &p) const {
    return p.path.empty() ? p.root->type.is(Type::Real)
                          : AdjointMemory::is_adjoint(p) && memory_.of(p) != AdjointMemory::Unknown;
  }
  /// Sums in locals keep a loop from being vectorised, and so do parameters that may coincide.
  bool helps(const std::vector<Part> &parts) const {
    bool sums = false;
    std::size_t coinciding = 0;
    for (const Part &p : parts) {
      sums |= !p.root;
      coinciding += p.root && memory_.of(Place{p.root, {Deref{}}}) == AdjointMemory::Argument;
    }
    return (sums && parts.size() > 1) || coinciding > 1;
  }
  /// Is a sum that is under way asked for?
  static bool asks_for(const For &loop, const std::set<Var> &sums) {
    bool asked = false;
    for (const Stmt &s : loop.body)
      for_each_expr(
          s, [&](const Ex &e) { for_each_variable(e, [&](const Var &v) { asked |= sums.count(v) != 0; }); });
    return asked;
  }
  /// Nothing that would be a pity to do twice, nor adjoints that change.
  bool is_cheap(const Ex &e, const For &loop) const {
    bool cheap = true;
    for_each_subexpr(e, [&](const Ex &x) {
      if (auto *a = std::get_if<Apply>(&x->node))
        cheap &= a->rule == Rule::add || a->rule == Rule::sub || a->rule == Rule::mul ||
                 a->rule == Rule::neg || a->rule == Rule::guarded;
      if (auto *n = std::get_if<Native>(&x->node))
        cheap &= n->op.rfind("call ", 0) != 0;
    });
    for_each_read(e, [&](const Place &p) {
      for (const Stmt &s : loop.body)
        if (auto *add = std::get_if<Add>(&s.node); add && AdjointMemory::is_adjoint(p))
          cheap &= !AdjointMemory::is_adjoint(add->to) || !memory_.may_overlap(p, add->to);
    });
    return cheap;
  }

  static Part &part(const Var &root, std::vector<Part> &parts) {
    for (Part &p : parts)
      if (p.root == root)
        return p;
    parts.push_back({root, {}, {}, {}});
    return parts.back();
  }

  static bool mentions(const Ex &e, const std::set<Var> &any) {
    bool found = false;
    for_each_variable(e, [&](const Var &v) { found |= any.count(v) != 0; });
    return found;
  }

  static void note(const For &loop, const std::set<Var> &own, const std::set<Var> &varying, const Stmt &s,
                   Part &p) {
    std::vector<Var> fresh;
    for_each_variable(s, [&](const Var &v) {
      if (own.count(v) && p.names.insert(v).second)
        fresh.push_back(v);
    });
    for_each_expr(s, [&](const Ex &e) {
      for_each_read(e, [&](const Place &read) {
        bool varies = false;
        for_each_variable(read, [&](const Var &v) { varies |= varying.count(v) != 0; });
        if (varies && !read.path.empty())
          p.memory.push_back(read);
      });
    });
    for (const Var &v : fresh)
      for (const Stmt &d : loop.body)
        if (declared_by(d) == v)
          note(loop, own, varying, d, p);
  }

  /// What is the same in all iterations costs nothing twice; beside sums, which do not vectorise, nor does a load.
  static bool share(const For &loop, const Part &a, const Part &b, const std::set<Var> &varying) {
    bool beside_sums = !a.root || !b.root;
    auto is_load = [&](const Var &v) {
      return std::any_of(loop.body.begin(), loop.body.end(), [&](const Stmt &s) {
        auto *d = std::get_if<Declare>(&s.node);
        return d && d->var == v && d->init && std::holds_alternative<Read>((*d->init)->node);
      });
    };
    bool names = std::any_of(a.names.begin(), a.names.end(), [&](const Var &v) {
      return b.names.count(v) && varying.count(v) && !(beside_sums && is_load(v));
    });
    bool memory = std::any_of(a.memory.begin(), a.memory.end(), [&](const Place &x) {
      return std::any_of(b.memory.begin(), b.memory.end(), [&](const Place &y) { return same_place(x, y); });
    });
    return names || (memory && !beside_sums);
  }

  static For alone(const For &loop, const Part &part) {
    For out = loop;
    out.body.clear();
    VarMap fresh;
    auto renamed = [&](const Var &v) {
      Var copy = std::make_shared<Variable>(*v);
      fresh[v] = copy;
      return copy;
    };
    out.index = renamed(loop.index);
    for (std::size_t i = 0; i < loop.body.size(); ++i) {
      Var name = declared_by(loop.body[i]);
      if (name && part.names.count(name))
        renamed(name);
      else if (!std::count(part.adds.begin(), part.adds.end(), i))
        continue;
      out.body.push_back(substitute(loop.body[i], fresh));
    }
    return out;
  }

  static constexpr std::size_t longest = 40; ///< statements: longer bodies do not vectorise anyway

  const Function &function_;
  AdjointMemory memory_;
};

} // namespace

Function split_loops(const Function &f) { return Fission(f).run(); }

} // namespace nabla::diff
