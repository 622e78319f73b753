// Rewriting: the second half of walk.h.
#include "ir/walk.h"

namespace nabla::ir {
namespace {

/// What becomes of each kind of part of a statement.
struct Mapper {
  std::function<Ex(const Ex &)> ex;
  std::function<Place(const Place &)> place;
  std::function<Var(const Var &)> var = [](const Var &v) { return v; };
};

std::vector<Ex> map_all(const std::vector<Ex> &list, const std::function<Ex(const Ex &)> &fn) {
  std::vector<Ex> out;
  out.reserve(list.size());
  for (const Ex &e : list)
    out.push_back(fn(e));
  return out;
}

bool all_same(const std::vector<Ex> &a, const std::vector<Ex> &b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!same_node(a[i], b[i]))
      return false;
  return true;
}

std::optional<Ex> map_optional(const std::optional<Ex> &e, const Mapper &m) {
  return e && *e ? std::optional<Ex>(m.ex(*e)) : e;
}

Ex map_ex(const Ex &e, const Mapper &m) { return e ? m.ex(e) : e; }

Block map_block(const Block &b, const Mapper &m);

decltype(Stmt::node) map_node(const Stmt &s, const Mapper &m) {
  using Node = decltype(Stmt::node);
  return match(
      s.node,
      [&](const Declare &d) -> Node {
        return Declare{m.var(d.var), map_optional(d.init, m), d.zero, map_all(d.elements, m.ex)};
      },
      [&](const Assign &a) -> Node { return Assign{m.place(a.to), m.ex(a.value)}; },
      [&](const Add &a) -> Node { return Add{m.place(a.to), m.ex(a.value)}; },
      [&](const If &i) -> Node { return If{m.ex(i.cond), map_block(i.yes, m), map_block(i.no, m)}; },
      [&](const For &f) -> Node {
        return For{m.var(f.index), m.ex(f.first),        f.cmp,       m.ex(f.bound),
                   f.step,         map_block(f.body, m), f.descending};
      },
      [&](const While &w) -> Node { return While{m.ex(w.cond), map_block(w.body, m)}; },
      [&](const Scope &b) -> Node { return Scope{b.label, map_block(b.body, m)}; },
      [&](const Exit &x) -> Node { return x; },
      [&](const Return &r) -> Node { return Return{map_optional(r.value, m)}; },
      [&](const Call &c) -> Node {
        return Call{c.callee, map_all(c.args, m.ex),
                    c.result ? std::optional<Place>(m.place(*c.result)) : std::nullopt};
      },
      [&](const Allocate &a) -> Node {
        return Allocate{m.place(a.to), a.element, map_ex(a.count, m), a.how, a.zero, map_optional(a.init, m)};
      },
      [&](const Free &f) -> Node { return Free{m.ex(f.pointer), f.how}; },
      [&](const Opaque &o) -> Node {
        Opaque out{o.pieces, map_all(o.args, m.ex), {}};
        for (const Place &p : o.writes)
          out.writes.push_back(m.place(p));
        return out;
      },
      [&](const Push &p) -> Node { return Push{m.var(p.record), m.ex(p.value)}; },
      [&](const Pop &p) -> Node { return Pop{m.var(p.record), m.place(p.to)}; },
      [&](const Comment &c) -> Node { return c; },
      [&](const Try &t) -> Node {
        return Try{map_block(t.body, m), t.caught ? m.var(t.caught) : nullptr, map_block(t.handler, m)};
      },
      [&](const Throw &t) -> Node { return Throw{map_ex(t.value, m)}; });
}

Stmt map_stmt(const Stmt &s, const Mapper &m) { return Stmt{map_node(s, m), s.loc, s.id}; }

Block map_block(const Block &b, const Mapper &m) {
  Block out;
  out.reserve(b.size());
  for (const Stmt &s : b)
    out.push_back(map_stmt(s, m));
  return out;
}

// ---- Expressions
// ----------------------------------------------------------------------------------------------

/// `e` with `m` applied to its children; `e` itself if none of them changed.
Ex map_children(const Ex &e, const Mapper &m) {
  auto rebuilt = [&](auto node) { return Ex(Expr{std::move(node), e->type}); };
  auto of_list = [&](const auto &node) {
    auto args = map_all(node.args, m.ex);
    if (all_same(args, node.args))
      return e;
    auto copy = node;
    copy.args = std::move(args);
    return rebuilt(std::move(copy));
  };
  return match(
      e->node, [&](const Const &) { return e; },
      [&](const Read &r) {
        Place p = m.place(r.place);
        return rebuilt(Read{std::move(p)});
      },
      [&](const AddressOf &a) { return rebuilt(AddressOf{m.place(a.place)}); },
      [&](const Apply &a) { return of_list(a); }, [&](const Native &n) { return of_list(n); },
      [&](const Cast &c) {
        Ex from = m.ex(c.from);
        return same_node(from, c.from) ? e : rebuilt(Cast{from});
      },
      [&](const Select &s) {
        Select t{m.ex(s.cond), m.ex(s.yes), m.ex(s.no)};
        bool same = same_node(t.cond, s.cond) && same_node(t.yes, s.yes) && same_node(t.no, s.no);
        return same ? e : rebuilt(t);
      });
}

Place map_path(const Place &p, const std::function<Ex(const Ex &)> &fn) {
  Place out{p.root, {}};
  out.path.reserve(p.path.size());
  for (const Step &step : p.path)
    out.path.push_back(match(
        step, [&](const Index &i) -> Step { return Index{fn(i.at)}; },
        [](const Field &f) -> Step { return f; },
        [&](const Deref &d) -> Step { return d.offset ? Deref{fn(d.offset)} : d; }));
  return out;
}

bool has_expressions(const Place &p) {
  bool any = false;
  for_each_expr(p, [&](const Ex &) { any = true; });
  return any;
}

Mapper mapper_down(const ExFn &fn) {
  return {[&fn](const Ex &e) { return rewrite(e, fn); }, [&fn](const Place &p) { return rewrite(p, fn); }};
}

Mapper mapper_up(const ExFn &fn) {
  return {[&fn](const Ex &e) { return rewrite_up(e, fn); },
          [&fn](const Place &p) { return rewrite_up(p, fn); }};
}

Mapper mapper_places(const PlaceFn &fn) {
  return {[&fn](const Ex &e) { return rewrite_places(e, fn); },
          [&fn](const Place &p) { return rewrite_places(p, fn); }};
}

Mapper mapper_vars(const VarMap &map) {
  return {[&map](const Ex &e) { return substitute(e, map); },
          [&map](const Place &p) { return substitute(p, map); },
          [&map](const Var &v) {
            auto found = map.find(v);
            return found == map.end() ? v : found->second;
          }};
}

bool reads_nothing_to_rewrite(const Ex &e) {
  const Read *r = std::get_if<Read>(&e->node);
  return r && !has_expressions(r->place);
}

} // namespace

Ex rewrite(const Ex &e, const ExFn &fn) {
  if (std::optional<Ex> replaced = fn(e))
    return *replaced;
  return reads_nothing_to_rewrite(e) ? e : map_children(e, mapper_down(fn));
}

Place rewrite(const Place &p, const ExFn &fn) {
  return map_path(p, [&](const Ex &e) { return rewrite(e, fn); });
}

Ex rewrite_up(const Ex &e, const ExFn &fn) {
  Ex inner = reads_nothing_to_rewrite(e) ? e : map_children(e, mapper_up(fn));
  std::optional<Ex> replaced = fn(inner);
  return replaced ? *replaced : inner;
}

Place rewrite_up(const Place &p, const ExFn &fn) {
  return map_path(p, [&](const Ex &e) { return rewrite_up(e, fn); });
}

Stmt rewrite_exprs(const Stmt &s, const ExFn &fn) { return map_stmt(s, mapper_down(fn)); }
Block rewrite_exprs(const Block &b, const ExFn &fn) { return map_block(b, mapper_down(fn)); }
Stmt rewrite_up(const Stmt &s, const ExFn &fn) { return map_stmt(s, mapper_up(fn)); }
Block rewrite_up(const Block &b, const ExFn &fn) { return map_block(b, mapper_up(fn)); }

Ex rewrite_places(const Ex &e, const PlaceFn &fn) { return map_children(e, mapper_places(fn)); }

Place rewrite_places(const Place &p, const PlaceFn &fn) {
  Place inner = map_path(p, [&](const Ex &e) { return rewrite_places(e, fn); });
  std::optional<Place> replaced = fn(inner);
  return replaced ? *replaced : inner;
}

Stmt rewrite_places(const Stmt &s, const PlaceFn &fn) { return map_stmt(s, mapper_places(fn)); }
Block rewrite_places(const Block &b, const PlaceFn &fn) { return map_block(b, mapper_places(fn)); }

// ---- Substitution
// ---------------------------------------------------------------------------------------------

Place substitute(const Place &p, const VarMap &map) {
  Place out = map_path(p, [&](const Ex &e) { return substitute(e, map); });
  auto found = map.find(out.root);
  if (found != map.end())
    out.root = found->second;
  return out;
}

Ex substitute(const Ex &e, const VarMap &map) { return map_children(e, mapper_vars(map)); }
Stmt substitute(const Stmt &s, const VarMap &map) { return map_stmt(s, mapper_vars(map)); }
Block substitute(const Block &b, const VarMap &map) { return map_block(b, mapper_vars(map)); }

namespace {

std::optional<Place> put_place(const Place &p, const PlaceMap &map) {
  auto found = map.find(p.root);
  if (found == map.end())
    return std::nullopt;
  Place out = found->second;
  Type type = out.type(); // the object, or for a reference also a pointer to it: its Deref stays
  bool is_pointer_to_it = p.root->type.is_reference() && type.is(Type::Pointer) &&
                          type.element().without_const() == p.root->type.element().without_const();
  std::size_t skip = p.root->type.is_reference() && !is_pointer_to_it && !p.path.empty() ? 1 : 0;
  out.path.insert(out.path.end(), p.path.begin() + skip, p.path.end());
  return out;
}

} // namespace

Place substitute(const Place &p, const PlaceMap &map) {
  return rewrite_places(p, [&](const Place &q) { return put_place(q, map); });
}
Ex substitute(const Ex &e, const PlaceMap &map) {
  return rewrite_places(e, [&](const Place &q) { return put_place(q, map); });
}
Block substitute(const Block &b, const PlaceMap &map) {
  return rewrite_places(b, [&](const Place &q) { return put_place(q, map); });
}

Stmt with_blocks(const Stmt &s, const std::function<Block(const Block &)> &fn) {
  std::vector<Block> made; // `fn` sees the blocks of `s` itself: passes know them by their address
  for_each_block(s, [&](const Block &b) { made.push_back(fn(b)); });
  Stmt out = s;
  std::size_t next = 0;
  for_each_block(out, [&](Block &b) { b = std::move(made[next++]); });
  return out;
}

void renumber(Function &f) {
  f.statements = 0;
  for_each_stmt(f.body, [&](Stmt &s) { s.id = f.statements++; });
}

Function clone_with_fresh_locals(const Function &f, VarMap *map) {
  VarMap fresh;
  auto renew = [&](const Var &v) {
    if (v && !fresh.count(v))
      fresh[v] = std::make_shared<Variable>(*v);
  };
  for (const Var &p : f.params)
    renew(p);
  for_each_stmt(f.body, [&](const Stmt &s) { renew(declared_by(s)); });
  Function out = f;
  for (Var &p : out.params)
    p = fresh.at(p);
  out.body = substitute(f.body, fresh);
  if (map)
    map->insert(fresh.begin(), fresh.end());
  return out;
}

} // namespace nabla::ir
