#include "diff/extents.h"
#include "diff/loops.h"
#include "ir/make.h"
#include "ir/walk.h"
#include <algorithm>

namespace nabla::diff {
using namespace ir;

namespace {

const Type count = Type::integer("long");

bool is_none(const Ex &e) { return e.get() == nullptr; }
bool is_range(const Ex &e) { return e.type().is(Type::Opaque); }
Type range_type() { return Type::opaque("nabla::snapshots::extent"); }

/// A single subscript is a range as well.
Ex as_range(const Ex &e) {
  return is_range(e) ? e
                     : native("call nabla::snapshots::over",
                              {cast(e, count), integer(1, count), integer(1, count)}, range_type());
}

} // namespace

Extents::Extents(const Stmt &loop) {
  auto look = [&](const Stmt &s) {
    if (Var v = declared_by(s))
      own_.insert(v);
    for (const Place &p : writes_of(s))
      if (p.path.empty())
        ++writes_[p.root];
    auto *d = std::get_if<Declare>(&s.node);
    if (d && d->init)
      definitions_[d->var] = *d->init;
    for_each_expr(s, [&](const Ex &top) {
      for_each_subexpr(top, [&](const Ex &e) {
        auto *a = std::get_if<AddressOf>(&e->node);
        if (a && (a->place.path.empty() || !std::holds_alternative<Deref>(a->place.path[0])))
          writes_[a->place.root] += 2; // it may be written through the pointer
      });
    });
  };
  look(loop);
  Where inside;
  if (auto *counted = std::get_if<For>(&loop.node))
    inside.loops.push_back(counted);
  for_each_block(loop, [&](const Block &body) {
    for_each_stmt(body, look);
    note(body, inside);
  });
}

void Extents::note(const Block &block, const Where &where) {
  for (const Stmt &s : block) {
    where_[s.id] = where;
    Where inner = where;
    if (auto *loop = std::get_if<For>(&s.node))
      inner.loops.push_back(loop);
    else
      inner.is_certain = false;
    for_each_block(s, [&](const Block &b) { note(b, inner); });
  }
}

std::optional<Extents::Range> Extents::of(const Stmt &s, const Place &p) const {
  const Where &where = where_.at(s.id);
  auto *first = p.path.empty() ? nullptr : std::get_if<Deref>(&p.path[0]);
  if (!where.is_certain || !first || std::any_of(p.path.begin() + 1, p.path.end(), [](const Step &step) {
        return std::holds_alternative<Deref>(step);
      }))
    return {};
  std::set<Var> used;
  return element(Place{p.root, {}}, first->offset, where, used);
}

std::optional<Extents::Range> Extents::element(const Place &pointer, const Ex &offset, const Where &where,
                                               std::set<Var> &used) const {
  Ex subscript = offset ? range(offset, where, used) : integer(0, count);
  if (is_none(subscript) || pointer.root->type.is_reference())
    return {};
  if (!own_.count(pointer.root))
    return Range{pointer.root, subscript};
  auto definition = definitions_.find(pointer.root);
  auto writes = writes_.find(pointer.root);
  if (definition == definitions_.end() || writes->second != 1)
    return {};
  std::optional<Range> from = behind(definition->second, where, used);
  if (!from)
    return {};
  bool ranges = is_range(from->subscript) || is_range(subscript);
  from->subscript = ranges ? native("+", {as_range(from->subscript), as_range(subscript)}, range_type())
                           : cast(from->subscript, count) + cast(subscript, count);
  return from;
}

/// What the value of a pointer leads to.
std::optional<Extents::Range> Extents::behind(const Ex &pointer, const Where &where,
                                              std::set<Var> &used) const {
  if (auto *r = std::get_if<Read>(&pointer->node); r && r->place.path.empty())
    return element(r->place, {}, where, used);
  if (auto *a = std::get_if<AddressOf>(&pointer->node); a && a->place.path.size() == 1)
    if (auto *d = std::get_if<Deref>(&a->place.path[0]))
      return element(Place{a->place.root, {}}, d->offset, where, used);
  auto *n = std::get_if<Native>(&pointer->node);
  auto *from = n && n->op == "+" ? std::get_if<Read>(&n->args[0]->node) : nullptr;
  if (from && from->place.path.empty())
    return element(from->place, n->args[1], where, used);
  return {};
}

/// The same in every iteration, and of plain variables alone.
bool Extents::is_invariant(const Ex &e) const {
  bool plain = true;
  for_each_variable(e, [&](const Var &v) { plain = plain && !own_.count(v) && !writes_.count(v); });
  for_each_read(e, [&](const Place &p) { plain = plain && (p.path.empty() || p.root->type.is_const()); });
  return plain;
}

/// The values of a loop's index; null where it does not always run over the same ones.
Ex Extents::range(const For &loop) const {
  if (!is_invariant(loop.first) || !is_invariant(loop.bound))
    return {};
  return native("call nabla::snapshots::over",
                {cast(loop.first, count), cast(trip_count(loop, loop.first, loop.bound), count),
                 integer(loop.step, count)},
                range_type());
}

/// The values of an integer; null if they are not known.
Ex Extents::range(const Ex &e, const Where &where, std::set<Var> &used) const {
  if (is_invariant(e))
    return e;
  if (auto *c = std::get_if<Cast>(&e->node))
    return range(c->from, where, used);
  if (auto *r = std::get_if<Read>(&e->node); r && r->place.path.empty()) {
    const Var &v = r->place.root;
    for (const For *loop : where.loops)
      if (loop->index == v)
        return used.insert(v).second ? range(*loop) : Ex();
    auto definition = definitions_.find(v);
    if (definition == definitions_.end() || writes_.at(v) != 1)
      return {};
    return range(definition->second, where, used);
  }
  auto *n = std::get_if<Native>(&e->node);
  if (!n || n->args.empty() || n->args.size() > 2)
    return {};
  std::vector<Ex> args;
  for (const Ex &a : n->args)
    if (Ex r = range(a, where, used))
      args.push_back(r);
    else
      return {};
  if (args.size() == 1)
    return n->op == "neg" ? native("neg", {as_range(args[0])}, range_type()) : Ex();
  if (n->op == "+")
    return native("+", {as_range(args[0]), as_range(args[1])}, range_type());
  if (n->op == "-")
    return native("+", {as_range(args[0]), native("neg", {as_range(args[1])}, range_type())}, range_type());
  if (n->op != "*" || (is_range(args[0]) && is_range(args[1])))
    return {};
  std::size_t at = is_range(args[0]) ? 0 : 1;
  return native("*", {args[at], cast(args[1 - at], count)}, range_type());
}

Ex hull(const Ex &a, const Ex &b) {
  if (is_none(a) || is_none(b))
    return as_range(is_none(a) ? b : a);
  return native("call nabla::snapshots::hull", {as_range(a), as_range(b)}, range_type());
}

} // namespace nabla::diff
