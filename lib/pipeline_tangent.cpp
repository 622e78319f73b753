// Forward mode, and second order: a Hessian-vector product is the tangent of the gradient function.
#include "analysis/alias.h"
#include "pipeline_state.h"

namespace nabla {

Function Pipeline::State::gradient(const Function &primal, const std::vector<bool> &wrt,
                                   const std::string &name, bool has_seed, bool nullable) {
  diff::AdjointOptions how;
  how.name = name;
  how.nullable = nullable;
  how.has_seed = has_seed;
  diff::Adjoint made = differentiate(primal, wrt, how);
  Function f = finished(made.joined);
  f.may_alias = primal.may_alias;
  if (!silent)
    emit_called(f);
  return f;
}

Function Pipeline::State::tangent(const Function &f, const std::vector<bool> &wrt, diff::TangentOptions how,
                                  bool second_order) {
  how.alias = on("alias");
  how.activity = on("activity");
  return run_pass("tangent", [&] {
    return diff::make_tangent(
        f, wrt, how, [&](const CalleeRef &c, const std::vector<bool> &active, bool overlap, const Loc &loc) {
          return pushforward(c, active, overlap, loc, how, second_order);
        });
  });
}

/// Signature of a callee's pushforward, known before its body is.
CalleeRef Pipeline::State::tangent_signature(const CalleeRef &c, const std::vector<bool> &wrt,
                                             const std::string &name, const diff::TangentOptions &how) {
  Function shape;
  shape.result = diff::tangent_result(c->result, how);
  for (std::size_t i = 0; i < c->params.size(); ++i)
    shape.params.push_back(ir::local(c->param_names[i], c->params[i]));
  for (std::size_t i = 0; i < c->params.size(); ++i)
    if (wrt[i] && !c->params[i].is(Type::Opaque))
      shape.params.push_back(
          ir::local(c->param_names[i] + "_dot", diff::tangent_type(c->params[i], how.lanes)));
  return helper(shape, name);
}

diff::TangentCallee Pipeline::State::pushforward(const CalleeRef &c, const std::vector<bool> &active,
                                                 bool overlap, const Loc &loc,
                                                 const diff::TangentOptions &caller, bool second_order) {
  diff::TangentOptions how;
  how.lanes = caller.lanes;
  if (c->kind == Callee::Own || !c->own_pushforward.empty())
    return own_pushforward(c, loc, how, second_order);
  std::string lanes = how.lanes ? "_" + std::to_string(how.lanes) + "_lanes" : "";
  std::string base = c->mangled.rfind("_nabla_", 0) == 0 ? c->mangled : "_nabla_" + identifier(c->mangled);
  bool external = c->kind == Callee::Promised;
  if (!external && c->mangled.rfind("_nabla_", 0) == 0 && !generated.count(c->name))
    external = true; // the pair of a promised function
  if (external && (how.lanes || c->kind != Callee::Promised))
    refuse(Diag::PromisedOrder, loc, {c->name});
  if (external) {
    std::vector<bool> wrt = all_real_parameters(c);
    CalleeRef made = tangent_signature(c, wrt, base + "_pushforward", how);
    declare_function(made, "");
    return {made, wrt, true};
  }
  std::string mask;
  for (bool b : active)
    mask += b ? '1' : '0';
  CalleeRef made = tangent_signature(
      c, active, base + "_" + mask + (overlap ? "_overlap" : "") + lanes + "_pushforward", how);
  make_pushforward(c, active, made, how, overlap, second_order, true);
  return {made, active, false};
}

/// The user's own rule; at second order one is made from the user's own pullback.
diff::TangentCallee Pipeline::State::own_pushforward(const CalleeRef &c, const Loc &loc,
                                                     const diff::TangentOptions &how, bool second_order) {
  std::vector<bool> wrt = all_real_parameters(c);
  if (!c->own_pushforward.empty() && how.lanes == 0)
    return {tangent_signature(c, wrt, c->own_pushforward, how), wrt, false};
  bool by_value = c->result.is(Type::Real) && c->own_rule != nullptr;
  for (std::size_t i = 0; i < wrt.size(); ++i)
    by_value = by_value && (!wrt[i] || c->params[i].is(Type::Real));
  if (!second_order || !by_value || how.lanes != 0)
    refuse(Diag::NoPushforward, loc, {c->name});
  CalleeRef made = tangent_signature(c, wrt, "_nabla_" + identifier(c->mangled) + "_pushforward", how);
  if (emitted.insert(made->name).second)
    emit_text(from_pullback(c, made->name), c->has_internal_linkage ? "static " : "inline ", {},
              "pushforward of " + c->name + ", by its own pullback", true);
  return {made, wrt, false};
}

/// f_dot = sum over x of x_bar * x_dot, with the adjoints that f's own pullback gives for the seed 1.
Function Pipeline::State::from_pullback(const CalleeRef &c, const std::string &name) {
  Function f;
  f.name = name;
  f.result = diff::tangent_result(c->result, {});
  std::vector<Ex> args, rule_args, bars;
  std::vector<Var> dots;
  Ex dot;
  for (std::size_t i = 0; i < c->params.size(); ++i) {
    f.params.push_back(ir::local(c->param_names[i], c->params[i]));
    args.push_back(ir::make(Read{Place{f.params[i], {}}}, c->params[i]));
  }
  rule_args = args;
  rule_args.push_back(ir::constant(1, c->result.with_const(false)));
  for (std::size_t i = 0; i < c->params.size(); ++i) {
    if (!c->params[i].is(Type::Real))
      continue;
    Type type = c->params[i].with_const(false);
    Var x_dot = ir::local(c->param_names[i] + "_dot", type),
        x_bar = ir::local(c->param_names[i] + "_bar", type);
    dots.push_back(x_dot);
    f.body.push_back({Declare{x_bar, {}, true, {}}, {}, 0});
    rule_args.push_back(ir::make(AddressOf{Place{x_bar, {}}}, Type::pointer(type)));
    Ex product = ir::cast(ir::read(x_bar) * ir::read(x_dot), c->result.with_const(false));
    dot = dot.get() ? dot + product : product;
  }
  for (const Var &d : dots)
    f.params.push_back(d);
  for (const Var &p : f.params)
    p->kind = Variable::Param;
  Var result = ir::local("result", f.result);
  f.body.push_back({Call{c->own_rule, rule_args, {}}, {}, 0});
  f.body.push_back({Declare{result, {}, false, {}}, {}, 0});
  f.body.push_back({Assign{ir::field(Place{result, {}}, 1), dot}, {}, 0});
  Var value = ir::local("value", c->result.with_const(false));
  f.body.push_back({Declare{value, {}, false, {}}, {}, 0});
  f.body.push_back({Call{c, args, Place{value, {}}}, {}, 0});
  f.body.push_back({Assign{ir::field(Place{result, {}}, 0), ir::read(value)}, {}, 0});
  f.body.push_back({Return{ir::read(result)}, {}, 0});
  renumber(f);
  return f;
}

void Pipeline::State::make_pushforward(const CalleeRef &c, const std::vector<bool> &wrt,
                                       const CalleeRef &made, diff::TangentOptions how, bool overlap,
                                       bool second_order, bool is_helper) {
  if (!emitted.insert(made->name).second)
    return;
  std::string prefix = c->has_internal_linkage ? "static " : is_helper || c->is_inline ? "inline " : "";
  declare_function(made, prefix);
  bool is_ours = generated.count(c->name) != 0 || c->derivative;
  Function primal = is_ours ? body(c) : prepared(c, true);
  primal.may_alias = primal.may_alias || overlap;
  how.name = made->name;
  Function f = finished(tangent(primal, wrt, how, second_order));
  emit_called(f);
  generated[f.name] = {f, prefix, "", true};
  emit_text(f, prefix, {}, "pushforward of " + c->name, is_helper);
}

namespace {

/// The adjoints are not asked for: what is added into them falls away.
Function without_adjoints(const Function &f, const std::set<Var> &adjoints) {
  analysis::Alias alias(f, true);
  analysis::Alias::Objects dropped;
  for (const Var &bar : adjoints)
    for (analysis::Alias::Object o : alias.pointees(alias.object_of(bar)))
      dropped.insert(o);
  std::function<Block(const Block &)> prune = [&](const Block &block) {
    Block out;
    for (const Stmt &s : block) {
      if (auto *a = std::get_if<Add>(&s.node)) {
        analysis::Alias::Objects to = alias.objects(a->to);
        bool only_there = !to.empty();
        for (analysis::Alias::Object o : to)
          only_there = only_there && dropped.count(o);
        if (only_there)
          continue;
      }
      out.push_back(with_blocks(s, prune));
    }
    return out;
  };
  Function out = f;
  out.body = prune(f.body);
  return out;
}

/// What calls add into, though it is not asked for: a local, or null for an array that is only read.
void stand_in(Function &f, const Var &primal, const Var &bar, const std::string &name) {
  bar->kind = Variable::Local;
  Block start;
  const Type &t = primal->type;
  if (t.is(Type::Pointer) && !t.is_reference()) {
    if (!t.element().is_const() || !diff::may_have_null_shadow(t))
      refuse(Diag::HvpWrites, f.loc, {name, primal->name});
    start.push_back({Declare{bar, null_pointer(bar->type), false, {}}, {}, 0});
  } else {
    Var sum = ir::local(bar->name, bar->type.element().with_const(false));
    start.push_back({Declare{sum, {}, true, {}}, {}, 0});
    if (sum->type.is(Type::Record) && sum->type.members().container != Struct::None)
      start.push_back(diff::matching(sum, primal));
    start.push_back({Declare{bar, ir::make(AddressOf{Place{sum, {}}}, bar->type), false, {}}, {}, 0});
  }
  f.body.insert(f.body.begin(), start.begin(), start.end());
  renumber(f);
}

} // namespace

/// (args, directions, results): the tangent of the gradient function, whose adjoints are not asked for.
Function Pipeline::State::hvp(const Function &primal, const std::vector<bool> &directions,
                              const std::vector<bool> &results, diff::TangentOptions how) {
  struct Silence {
    bool &silent, before;
    ~Silence() { silent = before; }
  } restore{silent, silent};
  silent = true;
  Function gradient = this->gradient(primal, results, "gradient", false, true);
  std::size_t own = primal.params.size();
  std::vector<bool> by = directions;
  by.resize(own, false);
  by.resize(gradient.params.size(), true);
  std::set<Var> adjoints(gradient.params.begin() + own, gradient.params.end());
  how.value_only = true;
  Function f = tangent(gradient, by, how, true);
  f = finished(without_adjoints(f, adjoints));
  std::set<Var> left;
  for_each_variable(f.body, [&](const Var &v) { left.insert(v); });
  for (std::size_t i = 0, k = own; i < own; ++i)
    if (i < results.size() && results[i])
      if (const Var &bar = gradient.params[k++]; left.count(bar))
        stand_in(f, primal.params[i], bar, primal.name);
  std::vector<Var> params;
  for (const Var &p : f.params)
    if (!adjoints.count(p))
      params.push_back(p);
  f.params = params;
  emit_called(f);
  return f;
}

// ---- A gradient inside of what is differentiated ----

/// A helper that is emitted when a text calls it.
CalleeRef Pipeline::State::keep(const Function &f, const std::string &prefix, const std::string &head) {
  generated.try_emplace(f.name, Made{f, prefix, head, false});
  return helper(f, f.name);
}

namespace {

Ex passed_on(const Var &v) {
  if (v->type.is_reference())
    return ir::make(AddressOf{Place{v, {Deref{}}}}, v->type);
  return ir::make(Read{Place{v, {}}}, v->type);
}

} // namespace

/// primal: v = f_grad(x, x_bar), adding grad f into x_bar. Its pullback needs no reverse sweep of a reverse sweep, for the
/// Hessian is symmetric: x_adjoint += v_adjoint * grad f(x) + H(x) * x_bar_adjoint, a pullback and a product of f's own.
diff::SplitCallee Pipeline::State::nested(const CalleeRef &c, const std::vector<bool> &active,
                                          const Loc &loc) {
  const Derivative &d = *c->derivative;
  std::size_t own = d.of->params.size();
  bool is_plain =
      d.mode == Derivative::Gradient && d.lanes == 0 && d.of->result.is(Type::Real) && d.wrt.size() == own;
  if (!is_plain || d.of->kind == Callee::Promised)
    refuse(Diag::SecondOrderCall, loc, {"'" + c->name + "'"});
  std::string mask;
  for (bool b : active)
    mask += b ? '1' : '0';
  std::string base = "_nabla_" + identifier(d.of->mangled) + "_" + mask;
  std::string prefix = d.of->has_internal_linkage ? "static " : "inline ";
  std::vector<bool> inputs(active.begin(), active.begin() + own), directions(own, false);
  Function rule;
  rule.name = base + "_gradient_pullback";
  auto param = [&](const std::string &name, const Type &type) {
    Var v = ir::local(name, type);
    v->kind = Variable::Param;
    rule.params.push_back(v);
    return v;
  };
  std::vector<Ex> args, dots, bars;
  for (std::size_t i = 0; i < c->params.size(); ++i) {
    Var v = param(c->param_names[i], c->params[i]);
    if (i < own)
      args.push_back(passed_on(v));
  }
  Var seed = param("seed", d.of->result.with_const(false));
  for (std::size_t i = 0, k = own; i < c->params.size(); ++i) {
    if (i >= own) // the adjoint of which parameter
      while (!d.wrt[k - own])
        ++k;
    if (active[i]) {
      Var v = param(c->param_names[i] + "_bar", diff::adjoint_param_type(c->params[i]));
      if (i < own)
        bars.push_back(passed_on(v));
      else {
        const Type &t = d.of->params[k - own];
        directions[k - own] = true;
        dots.push_back(t.is(Type::Pointer) ? passed_on(v)
                                           : ir::make(Read{Place{v, {Deref{}}}}, t.with_const(false)));
      }
    }
    k += i >= own;
  }
  auto call = [&](const CalleeRef &callee, std::initializer_list<const std::vector<Ex> *> lists) {
    std::vector<Ex> all;
    for (const std::vector<Ex> *list : lists)
      all.insert(all.end(), list->begin(), list->end());
    rule.body.push_back({Call{callee, all, {}}, {}, 0});
  };
  if (!bars.empty() && !generated.count(rule.name)) {
    std::vector<Ex> seeds{ir::read(seed)};
    call(
        keep(gradient(prepared(d.of), inputs, base + "_pullback", true), prefix, "pullback of " + d.of->name),
        {&args, &seeds, &bars});
    if (!dots.empty()) {
      diff::TangentOptions how;
      how.name = base + "_hvp";
      call(keep(hvp(prepared(d.of), directions, inputs, how), prefix, "product of the Hessian of " + d.of->name),
           {&args, &dots, &bars});
    }
  }
  renumber(rule);
  diff::SplitCallee made;
  made.rule = keep(rule, prefix, "pullback of the gradient of " + d.of->name);
  made.wrt = active;
  made.state = own;
  return made;
}

/// The body of a generated function that user code calls, so that it is differentiated again.
Function Pipeline::State::derivative_body(const Callee &c) {
  const Derivative &d = *c.derivative;
  diff::TangentOptions how;
  how.name = c.name;
  how.lanes = d.lanes;
  switch (d.mode) {
  case Derivative::Gradient:
  case Derivative::Pullback:
    return gradient(prepared(d.of), d.wrt, c.name, d.mode == Derivative::Pullback);
  case Derivative::Pushforward:
    return finished(tangent(prepared(d.of, true), d.wrt, how, false));
  case Derivative::Hvp:
    return hvp(prepared(d.of), d.wrt, d.wrt, how);
  case Derivative::Taylor:
    break;
  }
  refuse(Diag::SecondOrderCall, {}, {"nabla::derivative"});
}

} // namespace nabla
