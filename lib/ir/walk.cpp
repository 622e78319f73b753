// Visiting and comparing. Rewriting is in rewrite.cpp.
#include "ir/walk.h"

namespace nabla::ir {

// ---- The parts of a statement
// ---------------------------------------------------------------------------------

namespace {

using OnEx = std::function<void(const Ex &)>;
using OnPlace = std::function<void(const Place &)>;
using OnVar = std::function<void(const Var &)>;

void visit_optional(const std::optional<Ex> &e, const OnEx &fn) {
  if (e && *e)
    fn(*e);
}

void visit_all(const std::vector<Ex> &list, const OnEx &fn) {
  for (const Ex &e : list)
    fn(e);
}

/// The expressions a statement evaluates (not those in the paths of written places), the places it writes,
/// and the variables that are neither. One list of all nodes, so that no visitor forgets one.
void parts(const Stmt &s, const OnEx &ex, const OnPlace &written, const OnVar &var) {
  match(
      s.node,
      [&](const Declare &d) {
        written(Place{d.var, {}});
        visit_optional(d.init, ex);
        visit_all(d.elements, ex);
      },
      [&](const Assign &a) { written(a.to), ex(a.value); }, [&](const Add &a) { written(a.to), ex(a.value); },
      [&](const If &i) { ex(i.cond); },
      [&](const For &f) { written(Place{f.index, {}}), ex(f.first), ex(f.bound); },
      [&](const While &w) { ex(w.cond); }, [&](const Scope &) {}, [&](const Exit &) {},
      [&](const Return &r) { visit_optional(r.value, ex); },
      [&](const Call &c) {
        visit_all(c.args, ex);
        if (c.result)
          written(*c.result);
      },
      [&](const Allocate &a) {
        written(a.to);
        if (a.count)
          ex(a.count);
        visit_optional(a.init, ex);
      },
      [&](const Free &f) { ex(f.pointer); },
      [&](const Opaque &o) {
        visit_all(o.args, ex);
        for (const Place &p : o.writes)
          written(p);
      },
      [&](const Push &p) { var(p.record), ex(p.value); }, [&](const Pop &p) { var(p.record), written(p.to); },
      [&](const Comment &) {},
      [&](const Try &t) {
        if (t.caught)
          written(Place{t.caught, {}});
      },
      [&](const Throw &t) {
        if (t.value)
          ex(t.value);
      });
}

template <class S, class F> void visit_blocks(S &s, const F &fn) {
  match(
      s.node, [&](If &i) { fn(i.yes), fn(i.no); }, [&](For &f) { fn(f.body); }, [&](While &w) { fn(w.body); },
      [&](Scope &b) { fn(b.body); }, [&](Try &t) { fn(t.body), fn(t.handler); }, [](Declare &) {},
      [](Assign &) {}, [](Add &) {}, [](Exit &) {}, [](Return &) {}, [](Call &) {}, [](Allocate &) {},
      [](Free &) {}, [](Opaque &) {}, [](Push &) {}, [](Pop &) {}, [](Comment &) {}, [](Throw &) {});
}

} // namespace

void for_each_block(Stmt &s, const std::function<void(Block &)> &fn) { visit_blocks(s, fn); }

void for_each_block(const Stmt &s, const std::function<void(const Block &)> &fn) {
  visit_blocks(const_cast<Stmt &>(s), fn); // fn sees const blocks only
}

void for_each_stmt(const Block &block, const std::function<void(const Stmt &)> &fn) {
  for (const Stmt &s : block) {
    fn(s);
    for_each_block(s, [&](const Block &b) { for_each_stmt(b, fn); });
  }
}

void for_each_stmt(Block &block, const std::function<void(Stmt &)> &fn) {
  for (Stmt &s : block) {
    fn(s);
    for_each_block(s, [&](Block &b) { for_each_stmt(b, fn); });
  }
}

void for_each_expr(const Place &p, const OnEx &fn) {
  for (const Step &step : p.path)
    match(
        step, [&](const Index &i) { fn(i.at); }, [](const Field &) {},
        [&](const Deref &d) {
          if (d.offset)
            fn(d.offset);
        });
}

void for_each_expr(const Stmt &s, const OnEx &fn) {
  parts(s, fn, [&](const Place &p) { for_each_expr(p, fn); }, [](const Var &) {});
}

namespace {

void for_each_child(const Ex &e, const OnEx &fn) {
  match(
      e->node, [](const Const &) {}, [&](const Read &r) { for_each_expr(r.place, fn); },
      [&](const AddressOf &a) { for_each_expr(a.place, fn); }, [&](const Apply &a) { visit_all(a.args, fn); },
      [&](const Native &n) { visit_all(n.args, fn); }, [&](const Cast &c) { fn(c.from); },
      [&](const Select &s) { fn(s.cond), fn(s.yes), fn(s.no); });
}

const Place *place_in(const Ex &e) {
  if (const Read *r = std::get_if<Read>(&e->node))
    return &r->place;
  if (const AddressOf *a = std::get_if<AddressOf>(&e->node))
    return &a->place;
  return nullptr;
}

/// The pointers that are read on the way to a place: the prefix before each Deref, unless it is a reference.
void for_each_pointer_read(const Place &p, const OnPlace &fn) {
  Place prefix{p.root, {}};
  for (const Step &step : p.path) {
    if (std::holds_alternative<Deref>(step) && !prefix.type().is_reference())
      fn(prefix);
    prefix.path.push_back(step);
  }
}

} // namespace

void for_each_subexpr(const Ex &e, const OnEx &fn) {
  fn(e);
  for_each_child(e, [&](const Ex &child) { for_each_subexpr(child, fn); });
}

void for_each_read(const Ex &e, const OnPlace &fn) {
  for_each_subexpr(e, [&](const Ex &part) {
    if (const Place *p = place_in(part)) {
      if (std::holds_alternative<Read>(part->node))
        fn(*p);
      for_each_pointer_read(*p, fn);
    }
  });
}

void for_each_read(const Place &p, const OnPlace &fn) {
  for_each_pointer_read(p, fn);
  for_each_expr(p, [&](const Ex &e) { for_each_read(e, fn); });
}

void for_each_variable(const Ex &e, const OnVar &fn) {
  for_each_subexpr(e, [&](const Ex &part) {
    if (const Place *p = place_in(part))
      fn(p->root);
  });
}

void for_each_variable(const Place &p, const OnVar &fn) {
  fn(p.root);
  for_each_expr(p, [&](const Ex &e) { for_each_variable(e, fn); });
}

void for_each_variable(const Stmt &s, const OnVar &fn) {
  parts(
      s, [&](const Ex &e) { for_each_variable(e, fn); }, [&](const Place &p) { for_each_variable(p, fn); },
      fn);
}

void for_each_variable(const Block &b, const OnVar &fn) {
  for_each_stmt(b, [&](const Stmt &s) { for_each_variable(s, fn); });
}

Var declared_by(const Stmt &s) {
  if (const Declare *d = std::get_if<Declare>(&s.node))
    return d->var;
  if (const For *f = std::get_if<For>(&s.node))
    return f->index;
  if (const Try *t = std::get_if<Try>(&s.node))
    return t->caught;
  return nullptr;
}

std::vector<Place> reads_of(const Stmt &s) {
  std::vector<Place> out;
  auto add = [&](const Place &p) { out.push_back(p); };
  if (const Add *a = std::get_if<Add>(&s.node))
    out.push_back(a->to);
  parts(
      s, [&](const Ex &e) { for_each_read(e, add); }, [&](const Place &p) { for_each_read(p, add); },
      [](const Var &) {});
  return out;
}

std::vector<Place> writes_of(const Stmt &s) {
  std::vector<Place> out;
  parts(s, [](const Ex &) {}, [&](const Place &p) { out.push_back(p); }, [](const Var &) {});
  return out;
}

// ---- Comparing
// ------------------------------------------------------------------------------------------------

bool same_node(const Ex &a, const Ex &b) { return a.get() == b.get(); }

namespace {

bool same_list(const std::vector<Ex> &a, const std::vector<Ex> &b) {
  if (a.size() != b.size())
    return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!same_value(a[i], b[i]))
      return false;
  return true;
}

bool is_zero(const Ex &e) {
  if (!e)
    return true;
  const Const *c = std::get_if<Const>(&e->node);
  return c && c->spelling == "0";
}

bool same_step(const Step &a, const Step &b) {
  if (a.index() != b.index())
    return false;
  return match(
      a, [&](const Index &i) { return same_value(i.at, std::get<Index>(b).at); },
      [&](const Field &f) { return f.number == std::get<Field>(b).number; },
      [&](const Deref &d) {
        const Ex &other = std::get<Deref>(b).offset;
        if (is_zero(d.offset) || is_zero(other))
          return is_zero(d.offset) && is_zero(other);
        return same_value(d.offset, other);
      });
}

} // namespace

bool same_value(const Ex &a, const Ex &b) {
  if (a.get() == b.get())
    return true;
  if (!a || !b || a->node.index() != b->node.index() ||
      a->type.with_const(false) != b->type.with_const(false))
    return false;
  return match(
      a->node, [&](const Const &c) { return c.spelling == std::get<Const>(b->node).spelling; },
      [&](const Read &r) { return same_place(r.place, std::get<Read>(b->node).place); },
      [&](const AddressOf &p) { return same_place(p.place, std::get<AddressOf>(b->node).place); },
      [&](const Apply &p) {
        const Apply &q = std::get<Apply>(b->node);
        return p.rule == q.rule && same_list(p.args, q.args);
      },
      [&](const Native &n) {
        const Native &m = std::get<Native>(b->node);
        return n.op == m.op && same_list(n.args, m.args);
      },
      [&](const Cast &c) { return same_value(c.from, std::get<Cast>(b->node).from); },
      [&](const Select &s) {
        const Select &t = std::get<Select>(b->node);
        return same_value(s.cond, t.cond) && same_value(s.yes, t.yes) && same_value(s.no, t.no);
      });
}

bool same_place(const Place &a, const Place &b) {
  if (a.root != b.root || a.path.size() != b.path.size())
    return false;
  for (std::size_t i = 0; i < a.path.size(); ++i)
    if (!same_step(a.path[i], b.path[i]))
      return false;
  return true;
}

bool is_constant_data(const Place &p) {
  bool constant = false, last = false;
  Place so_far{p.root, {}};
  for (const Step &step : p.path) {
    Type t = so_far.type();
    bool is_callers =
        t.is(Type::Record) && t.members().container == Struct::Vector && t.members().outside == nullptr;
    constant = constant || t.is_const();
    last = is_callers && constant && std::holds_alternative<Field>(step) &&
           std::get<Field>(step).number == Struct::Data;
    so_far.path.push_back(step);
  }
  return last;
}

} // namespace nabla::ir
