// Calls that stay calls: recursive and promised ones, and those with the user's own pushforward. One call computes both:
//
//   primal:    y = g(x, p);
//   tangent:   nabla::dual<double> g_both = g_pushforward(x, p, x_dot, p_dot);  y = g_both.value;  y_dot = g_both.dot;
#include "diff/arena.h"
#include "diff/tangent_impl.h"
#include "ir/diagnostic.h"

namespace nabla::diff {
using namespace ir;

/// Parameters that the callee is differentiated by, at this call.
std::vector<bool> TangentBuilder::active_arguments(const Call &n) const {
  std::vector<bool> out;
  for (std::size_t i = 0; i < n.callee->params.size(); ++i) {
    const Ex &a = n.args[i];
    bool pointer = a.type().is(Type::Pointer) && a.type().holds_reals();
    bool record = n.callee->params[i] == record_parameter();
    out.push_back(record || (pointer ? activity_->active(alias_->reachable(alias_->points_to(a)))
                                     : a.type().contains_reals() && activity_->active(a)));
  }
  return out;
}

/// A null pointer for an adjoint that nobody asked our helper for: it is written there, so it has a tangent, null too.
bool TangentBuilder::is_missing_adjoint(const Call &n, std::size_t i) const {
  const Type &t = n.callee->params[i];
  return n.callee->name.rfind("_nabla_", 0) == 0 && n.callee->kind == Callee::Visible &&
         t.is(Type::Pointer) && !t.is_reference() && t.holds_reals() && !t.element().is_const() &&
         may_have_null_shadow(t) && alias_->points_to(n.args[i]).empty();
}

/// The tangent of a by-value argument.
Ex TangentBuilder::tangent_argument(const Stmt &s, const Call &n, std::size_t i, const Both &value,
                                    Block &out) {
  const Ex &a = n.args[i];
  if (a.type().is(Type::Real))
    return dot_or_zero(value);
  Var dot = local(n.callee->param_names[i] + "_dot", dot_type(a.type()));
  emit(out, Declare{dot, {}, true, {}}, s.loc);
  auto *r = std::get_if<Read>(&a->node);
  if (activity_->active(a) && !r)
    refuse(Diag::UnsupportedExpression, s.loc, {"this struct as an argument", "pass a variable"});
  if (r && shadows_.has(r->place))
    copy_tangent(Place{dot, {}}, a, s.loc, out);
  return ir::read(Place{dot, {}});
}

void TangentBuilder::call(const Stmt &s, const Call &n, Block &out) {
  Call made = n;
  made.args.assign(n.args.begin(), n.args.begin() + std::min(n.args.size(), n.callee->params.size()));
  bool is_ours_alone = n.callee->kind == Callee::Visible && takes_our_classes(*n.callee);
  if (n.callee->kind == Callee::Passive || (!activity_->active(n) && !is_ours_alone)) {
    emit(out, made, s.loc);
    if (n.result && n.result->type().contains_reals() && is_active(*n.result))
      zero_reals(tangent_place(*n.result), out);
    return;
  }
  const std::vector<bool> wrt = active_arguments(n);
  std::vector<bool> wanted = wrt, bare = shadows_.bare_arguments(n, *alias_, *activity_);
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (is_missing_adjoint(n, i))
      wanted[i] = bare[i] = true;
  TangentCallee callee = tangent_of_(n.callee, {wanted, bare, alias_->arguments_overlap(n)}, s.loc);
  std::vector<Ex> tangents;
  std::size_t shadow = n.callee->params.size();
  for (std::size_t i = 0; i < n.callee->params.size(); ++i) {
    const Type &t = n.callee->params[i];
    bool pointer = n.args[i].type().is(Type::Pointer) && n.args[i].type().holds_reals();
    Both value{n.args[i], {}};
    if (n.args[i].type().is(Type::Real)) {
      value = both(n.args[i], out);
      made.args[i] = value.value;
    }
    Ex given = pointer && wrt[i] ? n.args[shadow++] : Ex();
    if (!callee.wrt[i] || t.is(Type::Opaque))
      continue;
    if (!pointer) {
      tangents.push_back(tangent_argument(s, n, i, value, out));
      continue;
    }
    auto *literal = given ? std::get_if<Const>(&given->node) : nullptr;
    bool none = given.get() == nullptr || (literal && literal->spelling == "nullptr");
    bool takes_null = n.callee->rule_takes_null || (wanted[i] && !wrt[i]) ||
                      (callee.accepts_null && may_have_null_shadow(t));
    bool must_not_lack = n.callee->kind == Callee::Promised && !takes_null;
    if (given && (callee.accepts_bare || (!none && !(bare[i] && must_not_lack))))
      tangents.push_back(given);
    else if (none && t.is_reference() && t.element().is(Type::Real)) { // a reference cannot be null
      Var none = local(n.callee->param_names[i] + "_dot", dot_type(t.element()));
      emit(out, Declare{none, {}, true, {}}, s.loc);
      tangents.push_back(make(AddressOf{Place{none, {}}}, dot_type(t)));
    } else if (takes_null)
      tangents.push_back(null_pointer(dot_type(t)));
    else
      refuse(Diag::PromisedInactive, s.loc, {n.callee->name, n.callee->param_names[i]});
  }
  made.callee = callee.function;
  made.args.insert(made.args.end(), tangents.begin(), tangents.end());
  if (callee.takes_record)
    made.args.push_back(record());
  if (!n.callee->result.contains_reals() || !n.result) {
    emit(out, made, s.loc);
    return;
  }
  bool is_ours = n.callee->name.rfind("_nabla_", 0) == 0;
  Var result = local((is_ours ? "call" : unqualified(n.callee->name)) + "_both", callee.function->result);
  emit(out, Declare{result, {}, false, {}}, s.loc);
  made.result = Place{result, {}};
  emit(out, made, s.loc);
  take_result(s, n, Place{result, {}}, out);
}

/// The one that the function has, or is given.
Ex TangentBuilder::record() {
  if (!record_) {
    record_ = shadows_.record;
    auto take = [&](const Var &v) {
      if (analysis::is_record(v->type))
        record_ = v;
    };
    for (const Stmt &s : shadows_.function.body)
      if (auto *d = std::get_if<Declare>(&s.node))
        take(d->var);
    for (const Var &p : shadows_.function.params)
      take(p);
  }
  return make(AddressOf{Place{record_, {}}}, Type::reference(record_->type));
}

void TangentBuilder::take_result(const Stmt &s, const Call &n, const Place &both, Block &out) {
  if (is_active(*n.result)) {
    Assign dot{tangent_place(*n.result), ir::read(field(both, 1))};
    if (auto guard = null_guard(*n.result))
      emit(out, If{*guard, {{dot, s.loc, 0}}, {}}, s.loc);
    else
      emit(out, dot, s.loc);
  }
  emit(out, Assign{*n.result, ir::read(field(both, 0))}, s.loc);
}

} // namespace nabla::diff
