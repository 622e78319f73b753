// Operations on handles: values that only calls compute, each with a rule of its own. A handle's adjoint is a handle, and
// a rule adds to it through a pointer, which is null where nobody asks.
#include "diff/adjoint_impl.h"
#include "ir/diagnostic.h"

namespace nabla::diff {
using namespace ir;

/// The adjoint that the rule adds to: the variable's own, or a temporary whose contents are passed on.
Ex AdjointBuilder::handle_adjoint(const Stmt &s, const Ex &arg, Block &before, Block &after) {
  Type pointer = Type::pointer(arg.type().without_const());
  if (!arg.type().is(Type::Real) || !activity_->active(arg))
    return null_pointer(pointer);
  auto *r = std::get_if<Read>(&arg->node);
  if (r && shadows_.has(r->place)) {
    Place bar = adjoint_of_read(s, arg);
    if (!null_guard(r->place, bar))
      return make(AddressOf{bar}, pointer);
  }
  return adjoint_argument(s, arg, before, after);
}

/// Is the variable declared where this statement stands, and written by it alone?
bool AdjointBuilder::is_written_once(const Stmt &s, const Var &v) const {
  unsigned writes = 0;
  for_each_stmt(shadows_.function.body, [&](const Stmt &each) {
    auto *d = std::get_if<Declare>(&each.node);
    if (d && !d->init)
      return;
    for (const Place &p : writes_of(each))
      writes += p.root == v;
  });
  return writes == 1 && values_->is_tracked(v) && values_->declared_in(v) == values_->region(s);
}

/// primal: y = g(x)     adjoint: the rule is given y_bar, which is nothing afterwards
Ex AdjointBuilder::handle_seed(const Stmt &s, const Call &n, Block &before, Block &after) {
  Type type = n.callee->result.without_const();
  if (!n.result || !activity_->active(*n.result) || !shadows_.has(*n.result))
    return zero(type);
  Place bar = adjoint_of_target(s, *n.result);
  bool is_argument = false;
  for (const Ex &a : n.args)
    for_each_variable(a, [&](const Var &v) { is_argument |= v == n.result->root; });
  bool is_local = n.result->path.empty() && values_->is_tracked(n.result->root);
  if (is_local && is_written_once(s, n.result->root))
    return ir::read(bar);
  Stmt clear{Assign{bar, zero(type)}, {}, 0};
  if (is_local && !is_argument) {
    after.push_back(clear);
    return ir::read(bar);
  }
  Var d = local("d", type.with_const());
  emit(before, Declare{d, ir::read(bar), false, {}});
  before.push_back(clear);
  return ir::read(Place{d, {}});
}

/// primal: y = g(a, 2, b)     adjoint: g_pullback(a, 2, b, y_bar, &a_bar, &b_bar)
void AdjointBuilder::reverse_operation(const Stmt &s, const Call &n, Block &out) {
  auto rule = std::make_shared<Callee>();
  rule->name = n.callee->own_pullback;
  rule->kind = Callee::Passive;
  rule->written = n.callee->written;
  for (Token &t : rule->written)
    t.is_default = false;
  std::vector<Ex> args;
  for (const Ex &a : n.args)
    args.push_back(value_of(s, a));
  Token plain;
  if (n.callee->rule_takes_result) {
    if (values_->result(s) == analysis::no_value)
      refuse(Diag::UnsupportedExpression, s.loc,
             {"the result of '" + n.callee->name + "' in memory that others may write",
              "assign it to a local variable first"});
    args.push_back(value(values_->result(s)));
    rule->written.push_back(plain);
  }
  Block before, after;
  args.push_back(handle_seed(s, n, before, after));
  rule->written.push_back(plain);
  std::size_t next = 0;
  for (std::size_t i = 0; i < n.callee->written.size(); ++i) {
    const Token &t = n.callee->written[i];
    if (t.kind == Token::Argument) {
      const Ex &a = n.args[next++];
      if (!t.has_adjoint)
        continue;
      args.push_back(handle_adjoint(s, a, before, after));
      rule->written.push_back(plain);
    } else if (t.has_adjoint) // a list of handles: a list of pointers
      rule->written.push_back(t);
  }
  for (const Ex &a : args)
    rule->params.push_back(a.type());
  out.insert(out.end(), before.begin(), before.end());
  emit(out, Call{rule, args, {}}, s.loc);
  out.insert(out.end(), after.begin(), after.end());
}

/// Ones of the result's shape; refused at run time where it is no single number.
Ex AdjointBuilder::unit_seed(const Stmt &s, const Ex &result) {
  return native("call nabla::unit_seed", {value_of(s, result)}, result.type().with_const(false));
}

namespace {

void find_guards(const Type &t, std::set<std::string> &guards) {
  if (!t.holds_handles())
    return;
  if (t.is_handle() && !t.guard().empty())
    guards.insert(t.guard());
  if (t.is(Type::Pointer) || t.is(Type::Array))
    find_guards(t.element(), guards);
  if (t.is(Type::Record))
    for (const Struct::Field &f : t.members().fields)
      if (!f.type.is(Type::Pointer)) // a list's node points at itself
        find_guards(f.type, guards);
}

} // namespace

/// What generated functions hold while they work on handles: no history is recorded.
void AdjointBuilder::hold_guards(Block &body) const {
  std::set<std::string> guards;
  auto look = [&](const Var &v) { find_guards(v->type, guards); };
  for_each_variable(body, look);
  for (const AdjointParam &p : shadows_.params)
    look(p.primal);
  for (const std::string &guard : guards)
    body.insert(body.begin(),
                {Declare{local("guard", Type::opaque(guard).with_const()), {}, false, {}}, {}, 0});
}

} // namespace nabla::diff
