// Calls of the program's own functions.
#include "gen.h"

namespace fuzz {

const Function *Gen::callable(const std::function<bool(const Function &)> &want) {
  std::vector<const Function *> found;
  for (const Function &f : functions_)
    if (&f != self_ && f.cost * trips_ + cost_ < 1500 && want(f))
      found.push_back(&f);
  return found.empty() ? nullptr : r_.pick(found);
}

/// A variable to hand to a call: claimed for a change if the call is part of an expression and writes it.
Var *Gen::claimed(bool writes, bool in_expression, const std::function<bool(const Var &)> &want) {
  auto vars = visible([&](const Var &v) { return want(v) && usable(v) && (!writes || v.writable); });
  if (vars.empty())
    return nullptr;
  Var *v = r_.pick(vars);
  if (writes && in_expression)
    return lock(*v) ? v : nullptr;
  mentioned_.insert(key(*v));
  return v;
}

/// An argument for a parameter that reaches an object: reference, pointer, array.
Ref Gen::object_argument(const Param &p, bool in_expression) {
  const Var &q = *p.var;
  auto fits = [&](const Var &v) { return v.ty == q.ty && v.acc == q.acc && is_real(v.ty) && !v.s; };
  if (p.pass == Param::Ref) {
    row("call.by_reference");
    Var *v = claimed(true, in_expression, fits);
    return v ? element(*v, true) : Ref();
  }
  if (p.pass == Param::Square) {
    Var *v = claimed(true, in_expression,
                     [&](const Var &v) { return fits(v) && v.shape == Var::Matrix && v.m == q.m; });
    return v ? make(Node::Place, v->name) : Ref();
  }
  row("call.by_pointer");
  Var *v = claimed(p.pass == Param::Pointer, in_expression, [&](const Var &v) {
    return fits(v) && ((v.shape == Var::Array && v.n >= q.n) || (v.shape == Var::Scalar && q.n == 1) ||
                       (v.shape == Var::Matrix && v.m >= q.n));
  });
  if (!v)
    return {};
  if (v->shape == Var::Scalar)
    return make(Node::Place, "&" + v->name);
  if (v->shape == Var::Matrix)
    return make(Node::Place, v->name + "[@]", {index(v->n)});
  return make(Node::Place, v->n > q.n && r_.chance(40) ? v->name + " + 1" : v->name);
}

Ref Gen::record_argument(const Param &p, bool in_expression) {
  const Var &q = *p.var;
  row(p.pass == Param::RecordValue ? "struct.by_value" : "struct.by_reference");
  if (p.pass == Param::RecordValue || p.pass == Param::RecordConstRef)
    return record_source(*q.s, false, false);
  if (p.pass == Param::RecordArray) {
    Var *v = claimed(true, in_expression,
                     [&](const Var &v) { return v.s == q.s && v.shape == Var::RecordArray && v.n >= q.n; });
    return v ? make(Node::Place, v->name) : Ref();
  }
  if (in_expression)
    return {};
  Ref e = record_source(*q.s, true, true);
  return e && p.pass == Param::RecordPointer ? make(Node::Place, "&@", {e}) : e;
}

/// A pointer that the call moves.
Ref Gen::seat_argument(const Param &p) {
  const Var &q = *p.var;
  auto all = visible([&](const Var &v) {
    return v.seat && v.writable && v.ty == q.ty && v.acc == q.acc && v.n == q.n &&
           (seat_depth_ < 0 || v.depth == seat_depth_);
  });
  if (all.empty())
    return {};
  row("pointer.to_pointer");
  row("pointer.swap");
  Var *v = r_.pick(all);
  seat_depth_ = v->depth;
  return make(Node::Place, (p.pass == Param::PointerPointer ? "&" : "") + v->name);
}

/// The argument for `p`; null when nothing fits.
Ref Gen::argument(const Param &p, bool in_expression) {
  const Var &q = *p.var;
  switch (p.pass) {
  case Param::Value:
    row("call.by_value");
    return value(1, 2);
  case Param::ConstRef:
    row("call.by_const_reference");
    return value_of(q.ty, 1, 2);
  case Param::Ref:
  case Param::Pointer:
  case Param::ConstPointer:
  case Param::Square:
    return object_argument(p, in_expression);
  case Param::RecordValue:
  case Param::RecordConstRef:
  case Param::RecordRef:
  case Param::RecordPointer:
  case Param::RecordArray:
    return record_argument(p, in_expression);
  case Param::IntValue: {
    int lo = 0, hi = 0;
    Ref e = integer(0, lo, hi);
    if (lo >= q.lo && hi <= q.hi && e->ty == Ty::Int)
      return e;
    return make(Node::Place, std::to_string(r_.in(q.lo, q.hi)), {}, Ty::Int);
  }
  case Param::PointerPointer:
  case Param::PointerRef:
    return in_expression ? Ref() : seat_argument(p);
  case Param::IntTable:
    return {};
  }
  return {};
}

Ref Gen::call(const Function &f, bool in_expression) {
  if (f.mutates && quiet_)
    return {};
  seat_depth_ = -1;
  std::vector<Ref> args;
  std::string form = f.name + "(";
  std::size_t n = f.params.size();
  while (n > 0 && !f.params[n - 1].fallback.empty() && r_.chance(60))
    --n;
  for (std::size_t i = 0; i < n; ++i) {
    Ref a = argument(f.params[i], in_expression && f.mutates);
    if (!a)
      return {};
    args.push_back(a);
    form += i ? ", @" : "@";
  }
  if (n < f.params.size())
    row("call.default_argument");
  cost_ += f.cost * trips_;
  return make(f.result == Function::Real ? Node::Expr : Node::Place, form + ")", args, f.ty, 2);
}

/// A call as part of an expression.
Ref Gen::call_value(int depth) {
  const Function *f = callable(
      [&](const Function &g) { return g.result == Function::Real || g.result == Function::Integer; });
  if (!f)
    return real(depth - 1);
  Ref c = call(*f, true);
  if (!c)
    return real_leaf();
  row(f->mutates ? "call.mutating_in_expression" : "call.in_expression");
  if (f->result == Function::Integer) {
    row("call.returns_integer");
    Ref a = real(depth - 1);
    return make(Node::Expr, "(@ * (1 + @))", {a, c}, a->ty, 2 * a->bound);
  }
  return c;
}

Ref Gen::call_statement() {
  const Function *f = callable([](const Function &g) { return g.result != Function::Record; });
  if (!f)
    return compound();
  Ref target;
  if (f->result == Function::Real && r_.chance(80)) {
    target = place(true);
    if (f->mutates && target && r_.chance(50)) {
      begin();
      Ref c = call(*f, false);
      row("call.mutating");
      // The target may be what the call changes: the call comes first, in C++17.
      return c ? make(Node::Stmt, "@ = @;", {target, c}) : Ref();
    }
  }
  Ref c = call(*f, f->mutates && target);
  if (!c)
    return compound();
  row(f->mutates ? "call.mutating" : "call.in_expression");
  if (!target)
    return make(Node::Stmt, "@;", {c});
  if (target->bound > 10)
    return make(Node::Stmt, "@ += @;", {target, c});
  return make(Node::Stmt, "@ = @;", {target, c});
}

} // namespace fuzz
