// A derivative inside of what is differentiated: f_grad, nabla::gradient<f>, nabla::hvp<f>. What user code calls of ours is
// differentiated by the symmetry of higher derivatives, so that nothing reverses a reverse sweep.
#include "pipeline_state.h"

namespace nabla {

/// A helper that is emitted when a text calls it.
CalleeRef Pipeline::State::keep(const Function &f, const std::string &prefix, const std::string &head) {
  generated.try_emplace(f.name, Made{f, prefix, head, false});
  nested_helpers.insert(f.name);
  return helper(f, f.name);
}

namespace {

Ex passed_on(const Var &v) {
  if (v->type.is_reference())
    return ir::make(AddressOf{Place{v, {Deref{}}}}, v->type);
  return ir::make(Read{Place{v, {}}}, v->type);
}

Var param_of(Function &f, const std::string &name, const Type &type) {
  Var v = ir::local(name, type);
  v->kind = Variable::Param;
  f.params.push_back(v);
  return v;
}

/// Per parameter of f: does the derivative add into its adjoint?
const std::vector<bool> &results_of(const Derivative &d) { return d.results.empty() ? d.wrt : d.results; }

/// The pullback of a call of f_grad or f_hvp: (args, seed, adjoints of the active ones).
struct NestedRule {
  const Callee &call;
  const std::vector<bool> &active;
  std::size_t own; ///< parameters of f
  Function rule;
  std::vector<Ex> args, dots, seed; ///< f's arguments, hvp's directions
  std::vector<Ex> bars;             ///< adjoints of f's arguments
  std::vector<Ex> dot_bars;         ///< adjoints of hvp's directions
  std::vector<Ex> curving; ///< adjoints of what the call adds into: directions of one more derivative
  std::vector<bool> inputs, directions,
      moved; ///< per parameter of f: has one in bars, in curving, in dot_bars

  NestedRule(const Callee &call, const std::vector<bool> &active, std::string name)
      : call(call), active(active), own(call.derivative->of->params.size()),
        inputs(active.begin(), active.begin() + own), directions(own, false), moved(own, false) {
    rule.name = std::move(name);
    bool has_directions = call.derivative->mode == Derivative::Hvp;
    std::size_t chosen = std::count(call.derivative->wrt.begin(), call.derivative->wrt.end(), true);
    std::size_t results = own + (has_directions ? chosen : 0);
    for (std::size_t i = 0; i < call.params.size(); ++i) {
      Var v = param(call.param_names[i], call.params[i]);
      if (i < results)
        (i < own ? args : dots).push_back(passed_on(v));
    }
    seed.push_back(ir::read(param("seed", call.derivative->of->result.with_const(false))));
    for (std::size_t i = 0; i < call.params.size(); ++i) {
      if (!active[i])
        continue;
      Var v = param(call.param_names[i] + "_bar", diff::adjoint_param_type(call.params[i]));
      if (i < own)
        bars.push_back(passed_on(v));
      else if (i < results) {
        moved[parameter(call.derivative->wrt, i - own)] = true;
        dot_bars.push_back(passed_on(v));
      } else {
        std::size_t k = parameter(results_of(*call.derivative), i - results);
        const Type &t = call.derivative->of->params[k];
        directions[k] = true;
        const bool is_object = k == 0 && call.derivative->object_last; // whose direction comes first
        curving.insert(is_object ? curving.begin() : curving.end(),
                       t.is(Type::Pointer) ? passed_on(v)
                                           : ir::make(Read{Place{v, {Deref{}}}}, t.with_const(false)));
      }
    }
  }

  Var param(const std::string &name, const Type &type) { return param_of(rule, name, type); }
  /// The parameter of f that is the chosen one with that number.
  std::size_t parameter(const std::vector<bool> &chosen, std::size_t number) const {
    const bool object_last = call.derivative->object_last;
    if (object_last && number + 1 == std::size_t(std::count(chosen.begin(), chosen.end(), true)))
      return 0;
    std::size_t k = object_last;
    while (!chosen[k] || number-- > 0)
      ++k;
    return k;
  }
  void add(const CalleeRef &callee, std::initializer_list<const std::vector<Ex> *> lists) {
    std::vector<Ex> all;
    for (const std::vector<Ex> *list : lists)
      all.insert(all.end(), list->begin(), list->end());
    rule.body.push_back({Call{callee, all, {}}, {}, 0});
  }
};

} // namespace

/// f(x) { return f(x); }: what stands for the body of a function that another file differentiates.
Function Pipeline::State::calling(const CalleeRef &c) {
  Function f;
  f.callee = c;
  f.name = c->name;
  f.result = c->result;
  std::vector<Ex> args;
  for (std::size_t i = 0; i < c->params.size(); ++i)
    args.push_back(passed_on(param_of(f, c->param_names[i], c->params[i])));
  if (c->result.is(Type::Void)) {
    f.body.push_back({Call{c, args, {}}, {}, 0});
  } else {
    Var value = ir::local("value", c->result.with_const(false));
    f.body.push_back({Declare{value, {}, false, {}}, {}, 0});
    f.body.push_back({Call{c, args, Place{value, {}}}, {}, 0});
    f.body.push_back({Return{ir::read(value)}, {}, 0});
  }
  renumber(f);
  return f;
}

namespace {

/// Is an adjoint given this shape before a derivative adds into it (import/adjoint_shape.h)?
bool has_known_shape(const Type &t) {
  if (!t.has_outside())
    return true;
  if (t.is_reference() || (t.is(Type::Pointer) && !t.is_owner() && t.element().is(Type::Record)))
    return has_known_shape(t.element());
  if (!t.is(Type::Record) || t.members().container == Struct::Chain || t.members().container == Struct::View)
    return false;
  if (t.members().container != Struct::None)
    return has_known_shape(t.members().fields[Struct::Data].type.element());
  return std::all_of(t.members().fields.begin(), t.members().fields.end(),
                     [](const Struct::Field &f) { return has_known_shape(f.type); });
}

/// A derivative in one direction, of a number.
bool is_plain(const Derivative &d) {
  return !d.directions.kind && d.of->result.is(Type::Real) && d.wrt.size() == d.of->params.size();
}

/// May the function leave changes in memory that this parameter leads to, and that its caller has?
bool may_be_shared(const Type &t) {
  return t.is(Type::Pointer) || t.is_reference() || analysis::carries_pointers(t);
}

} // namespace

/// What tells the helpers of a derivative by some parameters from those by others.
std::string Pipeline::State::differentiated_by(const Derivative &d) {
  if (d.results.empty() && d.wrt == all_real_parameters(d.of))
    return "";
  return "_by_" + mask({d.wrt, {}}) + (d.results.empty() ? "" : "_for_" + mask({d.results, {}}));
}

void Pipeline::State::refuse_unknown_shapes(const CalleeRef &c, const Loc &loc) {
  for (const Type &t : c->params)
    if (!has_known_shape(t))
      refuse(Diag::SecondOrderCall, loc,
             {diff::called(*c) + ", which takes '" +
                  (t.is(Type::Pointer) ? t.element() : t).with_const(false).outside().spelling() + "',",
              "let that function take std::vector, or pointers"});
}

/// The rule below runs f several times, each time on the arguments as they were before the call.
void Pipeline::State::refuse_written_arguments(const CalleeRef &c, const Loc &loc) {
  const Function primal = prepared(c->derivative->of);
  if (const std::set<std::string> own = written_globals(primal); !own.empty())
    refuse(Diag::SecondOrderCall, loc,
           {diff::called(*c) + (own.begin()->front() == '('
                                    ? ", which calls '" + own.begin()->substr(1) +
                                          "', which may write variables outside of it,"
                                    : ", which writes the variable '" + *own.begin() + "',"),
            "let that function write none but its own"});
  for (const Var &p : primal.params)
    if (may_be_shared(p->type) && writes_through(primal, p))
      refuse(Diag::SecondOrderCall, loc,
             {diff::called(*c) + ", which writes its parameter '" + p->name + "',", write_nothing});
}

/// What a sweep leaves on the record is not found again: the reverse of one that is not by the symmetry of derivatives.
void Pipeline::State::refuse_reverse_sweeps(const Function &f) {
  for_each_stmt(f.body, [&](const Stmt &s) {
    if (std::holds_alternative<Push>(s.node) || std::holds_alternative<Pop>(s.node))
      refuse(Diag::SecondOrderCall, f.loc,
             {"a derivative that runs a reverse sweep of its own",
              "ask for nabla::hvp of the inner function, which is both in one"});
  });
}

/// Neither needs a reverse sweep of a reverse sweep, for all derivatives are symmetric (H, T: the second, the third derivative of f):
///
/// primal: v = f_grad(x, g)        adjoint: x_bar += v_bar grad f + H g_bar
/// primal: v = f_hvp(x, d, r)      adjoint: x_bar += v_bar grad f + T d r_bar;  d_bar += H r_bar
diff::SplitCallee Pipeline::State::nested(const CalleeRef &c, const std::vector<bool> &active,
                                          const Loc &loc) {
  const Derivative &d = *c->derivative;
  bool is_product = d.mode == Derivative::Hvp;
  if (d.of->kind == Callee::Promised && d.of->order < 2)
    refuse(Diag::PromisedOrder, loc, {d.of->name});
  if ((d.mode != Derivative::Gradient && !is_product) || !is_plain(d))
    refuse(Diag::SecondOrderCall, loc,
           {diff::called(*c),
            "call the gradient or nabla::hvp of a function with a real result, or nabla::pushforward"});
  refuse_unknown_shapes(c, loc);
  refuse_written_arguments(c, loc);
  const std::string base = "_nabla_" + identifier(d.of->mangled) + "_" + mask({active, {}}) +
                           (is_product ? "_hvp" : "") + differentiated_by(d) + order_suffix();
  std::string prefix = own_prefix;
  NestedRule n(*c, active, base + (is_product ? "_pullback" : "_gradient_pullback"));
  diff::TangentOptions how;
  if (!generated.count(n.rule.name)) {
    if (!n.bars.empty())
      n.add(keep(gradient(prepared(d.of), n.inputs, base + "_pullback_of_value", true), prefix,
                 "pullback of " + d.of->name),
            {&n.args, &n.seed, &n.bars});
    std::vector<Ex> &from = is_product ? n.dot_bars : n.bars;
    how.name = base + "_product";
    if (!n.curving.empty() && !from.empty())
      n.add(keep(hvp(d.of, n.directions, is_product ? n.moved : n.inputs, how), prefix,
                 "product of the Hessian of " + d.of->name),
            {&n.args, &n.curving, &from});
    how.name = base + "_third";
    if (is_product && !n.curving.empty() && !n.bars.empty())
      n.add(keep(third(d.of, d.wrt, n.directions, n.inputs, how), prefix,
                 "third derivative of " + d.of->name + " in two directions"),
            {&n.args, &n.dots, &n.curving, &n.bars});
  }
  renumber(n.rule);
  diff::SplitCallee made;
  if (std::any_of(c->params.begin(), c->params.end(), [](const Type &t) { return t.has_outside(); })) {
    Function inside = derivative_body(*c); // its callers have views of their containers
    inside.name = base + (is_product ? "_of_product" : "_of_gradient");
    made.forward =
        keep(inside, prefix, (is_product ? "product of the Hessian of " : "gradient of ") + d.of->name);
  }
  made.rule = keep(n.rule, prefix,
                   std::string("pullback of the ") + (is_product ? "product of the Hessian" : "gradient") +
                       " of " + d.of->name);
  made.wrt = active;
  made.state = n.args.size() + n.dots.size();
  return made;
}

/// The tangent of a call of f_grad in calls of derivatives, where it is differentiated again:
///
/// primal: v = f_grad(x, g)        tangent: v_dot = grad f * x_dot;  g_dot += H x_dot
std::optional<diff::TangentCallee> Pipeline::State::nested_tangent(const CalleeRef &c,
                                                                   const diff::CallSite &site,
                                                                   const std::string &name, const Loc &loc) {
  const Derivative &d = *c->derivative;
  if (d.mode != Derivative::Gradient || !is_plain(d) || d.object_last)
    return {};
  refuse_written_arguments(c, loc);
  diff::TangentOptions how;
  Function f;
  f.name = name;
  f.result = diff::tangent_result(c->result, how);
  const std::size_t own = d.of->params.size();
  std::vector<Ex> all, product;
  for (std::size_t i = 0; i < c->params.size(); ++i)
    all.push_back(passed_on(param_of(f, c->param_names[i], c->params[i])));
  product.assign(all.begin(), all.begin() + own);
  std::vector<Ex> along = product;
  auto second = std::make_shared<Derivative>(d);
  second->mode = Derivative::Hvp;
  second->wrt.assign(site.active.begin(), site.active.begin() + own);
  second->results.assign(own, false);
  std::size_t next = own; // the adjoint of the next parameter
  for (std::size_t i = 0; i < own; ++i)
    if (d.wrt[i])
      second->results[i] = site.active[next++];
  for (std::size_t i = 0; i < c->params.size(); ++i) {
    if (!site.active[i])
      continue;
    const bool bare = i < site.bare.size() && site.bare[i];
    const Type t = diff::tangent_type(bare ? diff::as_pointer(c->params[i]) : c->params[i], {});
    Ex dot = passed_on(param_of(f, c->param_names[i] + "_dot", t));
    product.push_back(dot);
    if (i < own)
      along.push_back(dot);
  }
  Var value = ir::local("value", c->result.with_const(false)), result = ir::local("result", f.result);
  f.body.push_back({Declare{value, {}, false, {}}, {}, 0});
  f.body.push_back({Call{c, all, Place{value, {}}}, {}, 0});
  f.body.push_back({Declare{result, {}, true, {}}, {}, 0});
  auto count = [](const std::vector<bool> &v) { return std::count(v.begin(), v.end(), true); };
  if (count(second->wrt) != 0 && count(second->results) != 0) {
    how.name = name + "_product";
    auto made = std::make_shared<Callee>(*keep(hvp(d.of, second->wrt, second->results, how), own_prefix,
                                               "product of the Hessian of " + d.of->name));
    made->derivative = second;
    made->stores_pointers = c->stores_pointers;
    made->reach = c->reach;
    made->changes_constants = c->changes_constants;
    f.body.push_back({Call{made, product, {}}, {}, 0});
  }
  if (count(second->wrt) != 0) {
    how.name = name + "_value";
    CalleeRef made = keep(finished(tangent(prepared(d.of, true), second->wrt, how, false)), own_prefix,
                          "pushforward of " + d.of->name);
    Var both = ir::local("both", made->result);
    f.body.push_back({Declare{both, {}, false, {}}, {}, 0});
    f.body.push_back({Call{made, along, Place{both, {}}}, {}, 0});
    f.body.push_back(
        {Assign{ir::field(Place{result, {}}, 1), ir::read(ir::field(Place{both, {}}, 1))}, {}, 0});
  }
  f.body.push_back({Assign{ir::field(Place{result, {}}, 0), ir::read(value)}, {}, 0});
  f.body.push_back({Return{ir::read(result)}, {}, 0});
  renumber(f);
  return diff::TangentCallee{keep(f, own_prefix, "pushforward of the gradient of " + d.of->name), site.active,
                             false, true};
}

} // namespace nabla
