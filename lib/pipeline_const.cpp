// A const parameter is taken for what it says: what it leads to is not written. Where a function that is called does so all
// the same, by a mutable member or a const_cast, the call is refused.
#include "analysis/alias.h"
#include "pipeline_state.h"

namespace nabla {
using namespace ir;

namespace {

bool leads_to_constants(const Type &t) {
  return (t.is(Type::Pointer) || t.is_reference()) && t.element().is_const() && t.element().holds_reals();
}

/// A container's elements are its own, though for all that is known a call that returned it led it to others.
bool is_own(const Place &p) {
  const Type &t = p.root->type.is_reference() ? p.root->type.element() : p.root->type;
  return p.root->kind != Variable::Global && !t.is_const() && t.has_outside() && analysis::owns_all(t);
}
bool is_own(const Ex &argument) {
  auto *a = std::get_if<AddressOf>(&argument->node);
  return a && is_own(a->place);
}

} // namespace

bool Pipeline::State::writes_constants(const CalleeRef &c) {
  if (c->kind != Callee::Visible || c->derivative || generated.count(c->name) ||
      std::none_of(c->params.begin(), c->params.end(), leads_to_constants))
    return false;
  auto [known, is_new] = writing_constants.insert({c, false}); // recursion: what the rest says
  if (!is_new)
    return known->second;
  try {
    const Function &f = body(c);
    analysis::Alias alias(f, true);
    analysis::Alias::Objects constant;
    for (const Var &p : f.params)
      if (leads_to_constants(p->type))
        for (analysis::Alias::Object o : alias.objects(Place{p, {Deref{}}}))
          constant.insert(o);
    bool found = false;
    for_each_stmt(f.body, [&](const Stmt &s) {
      for (const Place &p : writes_of(s))
        found = found || (!p.path.empty() && p.type().holds_reals() && !is_own(p) &&
                          analysis::meet(alias.objects(p), constant));
      auto *n = std::get_if<Call>(&s.node);
      for (std::size_t i = 0; n && n->callee->kind == Callee::Visible && i < n->callee->params.size(); ++i) {
        const Type &t = n->callee->params[i];
        if ((t.is(Type::Pointer) || t.is_reference()) && t.element().holds_reals() && !is_own(n->args[i]) &&
            analysis::meet(alias.points_to(n->args[i]), constant))
          found = found || !t.element().is_const() || writes_constants(n->callee);
      }
    });
    return writing_constants[c] = found;
  } catch (const Refusal &) {
    return false; // refused where it is differentiated
  }
}

void Pipeline::State::refuse_written_constants(const Function &f) {
  for_each_stmt(f.body, [&](const Stmt &s) {
    if (auto *n = std::get_if<Call>(&s.node); n && writes_constants(n->callee))
      refuse(Diag::UnsupportedExpression, s.loc ? s.loc : f.loc,
             {"a call of '" + n->callee->name + "', which writes what its const parameter leads to,",
              "let it take that without const, and no mutable member"});
  });
}

} // namespace nabla
