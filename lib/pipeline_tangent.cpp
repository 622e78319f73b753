// Forward mode: pushforwards of functions and of what they call, and Taylor series.
#include "analysis/alias.h"
#include "pipeline_state.h"

namespace nabla {

Function Pipeline::State::gradient(const Function &primal, const std::vector<bool> &wrt,
                                   const std::string &name, bool has_seed, const diff::Nullable &nullable,
                                   bool finite) {
  diff::AdjointOptions how;
  how.finite = finite;
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

/// Rules of handles are pullbacks alone, and are not differentiated themselves.
static void refuse_handles(const Function &f, const std::vector<bool> &wrt, bool second_order) {
  auto look = [&](const Var &v, const Loc &loc) {
    Type t = v->type;
    while (t.is(Type::Pointer) || t.is(Type::Array))
      t = t.element();
    if (t.holds_handles())
      refuse(Diag::HandleForward, loc, {t.spelling()});
  };
  for (std::size_t i = 0; i < f.params.size(); ++i)
    if (second_order || (i < wrt.size() && wrt[i]))
      look(f.params[i], f.loc);
  if (second_order)
    for_each_stmt(f.body, [&](const Stmt &s) {
      for_each_variable(s, [&](const Var &v) { look(v, s.loc ? s.loc : f.loc); });
    });
}

/// Each differentiation counts where derivatives are right up to some order alone: accurate_to of runtime/nabla/implicit.h.
Function Pipeline::State::one_order_more(Function f, const Directions &directions) {
  const long more = directions.kind == Directions::Series ? long(directions.number) : 1;
  for_each_stmt(f.body, [&](Stmt &s) {
    auto *c = std::get_if<Call>(&s.node);
    if (!c || c->callee->name != "nabla::detail::accurate_to")
      return;
    const long most = long(*literal_value(c->args[0])), taken = long(*literal_value(c->args[1])) + more;
    if (taken > most)
      refuse(Diag::UnsupportedExpression, s.loc,
             {"a derivative of order " + std::to_string(taken) +
                  " through nabla::implicit<F>, which is right up to order " + std::to_string(most) + ",",
              "say so where it is called: nabla::implicit<F, " + std::to_string(taken) + ">(...)"});
    c->args[1] = integer(taken);
  });
  return f;
}

Function Pipeline::State::tangent(const Function &f, const std::vector<bool> &wrt, diff::TangentOptions how,
                                  bool second_order) {
  how.alias = on("alias");
  how.activity = on("activity");
  refuse_handles(f, wrt, second_order);
  refuse_written_constants(f);
  const Function shared = with_shared_calls(one_order_more(diff::without_checkpoints(f), how.directions));
  try {
    return run_pass("tangent", [&] {
      return diff::make_tangent(shared, wrt, how,
                                [&](const CalleeRef &c, const diff::CallSite &site, const Loc &loc) {
                                  return pushforward(c, site, loc, how, second_order);
                                });
    });
  } catch (const Refusal &refusal) {
    bool is_of_memory = refusal.id == Diag::ActiveThroughInactive ||
                        refusal.id == Diag::ActiveThroughUnknown || refusal.id == Diag::MixedPointer;
    if (!second_order || !is_of_memory)
      throw;
    // It names what the reverse sweep keeps, which the user has never heard of.
    refuse(Diag::UnsupportedStatement, refusal.loc ? refusal.loc : f.loc,
           {"the second derivative of what pointers lead to, which are read back in the reverse sweep,",
            "keep the objects in one array and write subscripts for the pointers, or ask for the gradient "
            "alone"});
  }
}

/// Does the function take and give its reals by value?
static bool is_by_value(const Callee &c) {
  return c.result.is(Type::Real) && std::all_of(c.params.begin(), c.params.end(), [](const Type &t) {
           return t.is(Type::Real) || !t.holds_reals();
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
      shape.params.push_back(ir::local(c->param_names[i] + "_dot",
                                       diff::tangent_type(i < how.nullable.bare.size() && how.nullable.bare[i]
                                                              ? diff::as_pointer(c->params[i])
                                                              : c->params[i],
                                                          how.directions)));
  if (how.takes_record)
    shape.params.push_back(ir::local("record", diff::record_parameter()));
  auto made = std::make_shared<Callee>(*helper(shape, name));
  made->reach = c->reach; // it reaches no further than its primal
  made->changes_constants = c->changes_constants;
  return made;
}

/// May a function write pointers where the parameter leads?
static bool leads_on(const Type &t) {
  return t.is(Type::Pointer) && !t.element().is_const() && analysis::carries_pointers(t.element());
}

/// May memory that the function, or what it calls, makes be led to when it is done? Then it lives in a record of its
/// caller's.
bool Pipeline::State::takes_record(const CalleeRef &c) {
  bool is_plain = c->kind == Callee::Visible && !c->derivative && !generated.count(c->name);
  if (!is_plain || std::none_of(c->params.begin(), c->params.end(), leads_on))
    return false;
  if (auto known = makes_memory.find(c); known != makes_memory.end())
    return known->second;
  bool makes = false;
  std::set<CalleeRef> seen{c};
  for (std::vector<CalleeRef> work{c}; !work.empty() && !makes;) {
    CalleeRef now = work.back();
    work.pop_back();
    for_each_stmt(prepared(now, true).body, [&](const Stmt &s) {
      auto *a = std::get_if<Allocate>(&s.node);
      auto *call = std::get_if<Call>(&s.node);
      makes = makes || (a && a->how == Allocate::Arena);
      if (call && call->callee->kind == Callee::Visible && seen.insert(call->callee).second)
        work.push_back(call->callee);
    });
  }
  return makes_memory[c] = makes;
}

namespace {

std::string suffix(const Directions &directions) {
  static const char *const units[] = {"", "_lanes", "_words", "_terms"};
  return directions.kind ? "_" + std::to_string(directions.number) + units[directions.kind] : "";
}

} // namespace

diff::TangentCallee Pipeline::State::pushforward(const CalleeRef &c, const diff::CallSite &site,
                                                 const Loc &loc, const diff::TangentOptions &caller,
                                                 bool second_order) {
  diff::TangentOptions how;
  how.directions = caller.directions;
  if (c->kind == Callee::Own || !c->own_pushforward.empty())
    return own_pushforward(c, loc, how, second_order);
  std::string base = c->mangled.rfind("_nabla_", 0) == 0 ? c->mangled : "_nabla_" + identifier(c->mangled);
  bool external = c->kind == Callee::Promised;
  if (!external && c->mangled.rfind("_nabla_", 0) == 0 && !generated.count(c->name))
    external = true; // the pair of a promised function
  if (external) {
    const std::string &named = c->helps.empty() ? c->name : c->helps;
    std::vector<bool> wrt = all_real_parameters(c);
    bool by_lane = how.directions.kind == Directions::Lanes && c->kind == Callee::Promised;
    if (how.directions.kind == Directions::Series || (c->kind != Callee::Promised && c->order < 2))
      refuse(Diag::PromisedOrder, loc, {named});
    if (how.directions.kind && !(by_lane && is_by_value(*c)))
      refuse(Diag::NoLanes, loc, {"'" + named + "' of another file", "make its body visible"});
    CalleeRef made = tangent_signature(c, wrt, base + "_pushforward", {});
    declare_function(made, "");
    return {by_lane ? lane_by_lane(c, wrt, how, made->name) : made, wrt, !by_lane};
  }
  if (c->derivative)
    refuse_unknown_shapes(c, loc);
  if (c->derivative && is_differentiated_again && !second_order && how.directions.kind == Directions::One)
    if (auto made = nested_tangent(c, site, base + "_" + mask(site) + "_nested_pushforward", loc))
      return *made;
  how.nullable.bare = site.bare;
  how.takes_record = takes_record(c);
  CalleeRef made = tangent_signature(c, site.active,
                                     base + "_" + mask(site) + suffix(how.directions) + "_pushforward", how);
  make_pushforward(c, site.active, made, how, site.overlap, second_order, true);
  return {made, site.active, false, true, how.takes_record};
}

/// Nothing that it takes is read by its own pullback: each coefficient of a series goes through its pushforward alone.
bool Pipeline::State::is_linear(const Callee &c) {
  bool linear = c.own_rule != nullptr;
  for (std::size_t i = 0; i < c.params.size(); ++i)
    linear = linear && !(c.params[i].holds_reals() && rule_reads(c.own_rule, i));
  return linear;
}

/// Behind the function's own parameters its own pushforward takes tangents.
static std::vector<bool> lanes_of_rule(const Callee &c, const Callee &rule) {
  std::vector<bool> wide(c.params.size(), false);
  wide.resize(rule.params.size(), true);
  return wide;
}

/// The user's own rule; at second order one is made from the user's own pullback.
diff::TangentCallee Pipeline::State::own_pushforward(const CalleeRef &c, const Loc &loc,
                                                     const diff::TangentOptions &how, bool second_order) {
  std::vector<bool> wrt = all_real_parameters(c);
  bool is_one = how.directions.kind == Directions::One;
  std::vector<Type> types = c->params;
  types.push_back(c->result);
  for (const Type &t : types)
    if (t.is_handle() && !c->written.empty())
      refuse(Diag::HandleForward, loc, {t.spelling()});
  CalleeRef rule = host.own_tangent(c);
  if (!c->own_pushforward.empty() && is_one)
    return {rule ? rule : tangent_signature(c, wrt, c->own_pushforward, how), wrt, false};
  bool by_value = is_by_value(*c);
  bool is_wide = how.directions.kind == Directions::Lanes || how.directions.kind == Directions::Bits;
  if (rule && !by_value && !c->result.contains_reals() &&
      (how.directions.kind == Directions::Lanes ||
       (how.directions.kind == Directions::Series && is_linear(*c))))
    return {wide_callee(rule, lanes_of_rule(*c, *rule), how.directions, false, loc), wrt, false};
  if (!c->own_pushforward.empty() && is_wide) {
    if (!by_value || how.directions.kind == Directions::Bits)
      refuse(Diag::NoLanes, loc,
             {"the own rule '" + c->own_pushforward +
                  (by_value ? "'," : "', which takes arrays and gives a real,"),
              "differentiate the function itself"});
    return {lane_by_lane(c, wrt, how, c->own_pushforward), wrt, false};
  }
  if (how.directions.kind == Directions::Series)
    refuse(Diag::SecondOrderCall, loc,
           {"'" + c->name + "'",
            "nabla::derivative<f, n> does not take its own rules; nested gradients and nabla::hvp do"});
  if (!second_order || !by_value || !c->own_rule || !is_one)
    refuse(Diag::NoPushforward, loc, {c->name});
  CalleeRef made = tangent_signature(c, wrt, "_nabla_" + identifier(c->mangled) + "_pushforward", how);
  if (emitted.insert(made->name).second)
    emit_text(from_pullback(c, made->name), own_prefix, {},
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
    dot = dot.get() == nullptr ? product : dot + product;
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

/// Does its memory go with a record of its own, though its caller may be led to it?
static bool hands_out_memory(const Callee &c, const Function &made) {
  bool makes = false, owns = false;
  for_each_stmt(made.body, [&](const Stmt &s) {
    auto *a = std::get_if<Allocate>(&s.node);
    makes = makes || (a && a->how == Allocate::Arena);
    owns = owns || diff::declares_record(s);
  });
  auto end = c.derivative ? c.params.begin() + c.derivative->wrt.size()
                          : c.params.end(); // adjoints keep their memory
  return makes && owns && std::any_of(c.params.begin(), end, leads_on);
}

void Pipeline::State::make_pushforward(const CalleeRef &c, const std::vector<bool> &wrt,
                                       const CalleeRef &made, diff::TangentOptions how, bool overlap,
                                       bool second_order, bool is_helper) {
  const Underway making(emitted, made->name);
  if (!making.is_first)
    return;
  std::string prefix = is_helper                 ? own_prefix
                       : c->has_internal_linkage ? "static "
                       : c->is_inline            ? "inline "
                                                 : "";
  declare_function(made, prefix);
  bool is_ours = generated.count(c->name) != 0 || c->derivative;
  Function primal = is_ours ? body(c) : prepared(c, true);
  primal.may_alias = primal.may_alias || overlap;
  how.name = made->name;
  Function f = finished(tangent(primal, wrt, how, second_order));
  const bool adds_alone = nested_helpers.count(c->name) != 0; // to adjoints, whose shape is given before
  if (is_helper && !adds_alone && hands_out_memory(*c, f))
    refuse(Diag::UnsupportedExpression, primal.loc,
           {"forward mode through '" + (c->helps.empty() ? c->name : c->helps) +
                "', which is not inlined and may make memory for its caller's containers or pointers,",
            "let the caller make room for them, or ask for the gradient"});
  emit_called(f);
  generated[f.name] = {f, prefix, "", true};
  emit_text(f, prefix, {}, "pushforward of " + c->name, is_helper);
}

/// primal: double f(double x)
/// made:   auto both = f_pushforward(x, nabla::taylor::direction<double, n>()); return nabla::taylor::derivative(both.dot);
Function Pipeline::State::derivative(const CalleeRef &c, const std::vector<bool> &wrt,
                                     const std::string &name, const Directions &terms) {
  diff::TangentOptions how;
  const bool is_first = terms.number == 1; // a tangent like any other
  if (!is_first)
    how.directions = terms;
  diff::TangentCallee series = pushforward(c, {wrt, {}}, {}, how, false);
  Function f;
  f.name = name;
  f.result = c->result.with_const(false);
  std::vector<Ex> args, directions;
  for (std::size_t i = 0; i < c->params.size(); ++i) {
    const Type &t = c->params[i];
    Var v = ir::local(c->param_names[i], t);
    v->kind = Variable::Param;
    f.params.push_back(v);
    args.push_back(ir::make(Read{Place{v, {}}}, t));
    if (series.wrt[i] && is_first)
      directions.push_back(ir::constant(1, t.with_const(false)));
    else if (series.wrt[i])
      directions.push_back(
          native("call nabla::taylor::direction<" + t.spelling() + ", " + std::to_string(terms.number) + ">",
                 {}, diff::tangent_type(t.with_const(false), terms)));
  }
  args.insert(args.end(), directions.begin(), directions.end());
  if (series.takes_record) {
    Var record = ir::local("record", Type::opaque("nabla::record"));
    f.body.push_back({Declare{record, {}, false, {}}, {}, 0});
    args.push_back(ir::make(AddressOf{Place{record, {}}}, Type::reference(record->type)));
  }
  Var both = ir::local("series", series.function->result);
  f.body.push_back({Declare{both, {}, false, {}}, {}, 0});
  f.body.push_back({Call{series.function, args, Place{both, {}}}, {}, 0});
  Ex dot = ir::read(field(Place{both, {}}, 1));
  f.body.push_back(
      {Return{is_first ? dot : native("call nabla::taylor::derivative", {dot}, f.result)}, {}, 0});
  renumber(f);
  return f;
}

/// A struct's identity is its address: the result's is that of the class which the user's text names.
static Function returning(Function f, const Type &result) {
  auto *last = f.body.empty() ? nullptr : std::get_if<Return>(&f.body.back().node);
  auto *read = last && last->value ? std::get_if<Read>(&(*last->value)->node) : nullptr;
  auto is_of_reals = [](const Type &t) {
    return t.is(Type::Record) && std::all_of(t.members().fields.begin(), t.members().fields.end(),
                                             [](const Struct::Field &m) { return m.type.is(Type::Real); });
  };
  if (!read || !read->place.path.empty() || !is_of_reals(f.result) || !is_of_reals(result))
    return f;
  const Var all = read->place.root;
  all->type = f.result = result.with_const(false);
  last->value = ir::read(all);
  return f;
}

/// Adjoints of containers that C++ passes by value come by pointer, that of a method's object comes last.
static Function with_parameters_of(const Callee &c, Function f) {
  if (c.derivative->object_last) {
    const bool has_seed = c.derivative->mode == Derivative::Pullback;
    auto object = f.params.begin() + c.derivative->of->params.size() + has_seed;
    std::rotate(object, object + 1, f.params.end());
  }
  for (std::size_t i = 0; i < f.params.size() && i < c.params.size(); ++i)
    if (f.params[i]->type.is_reference() && c.params[i].is(Type::Pointer) && !c.params[i].is_reference())
      f.params[i]->type = Type::pointer(f.params[i]->type.element());
  return f;
}

/// The body of a generated function that user code calls, so that it is differentiated again.
Function Pipeline::State::derivative_body(const Callee &c) {
  Silence again(is_differentiated_again);
  const Derivative &d = *c.derivative;
  diff::TangentOptions how;
  how.name = c.name;
  how.directions = d.directions;
  switch (d.mode) {
  case Derivative::Gradient:
  case Derivative::Pullback:
    if (d.directions.kind)
      refuse(Diag::SecondOrderCall, {}, {"nabla::pullback with nabla::batch", "ask for one seed at a time"});
    return with_parameters_of(c, gradient(prepared(d.of), d.wrt, c.name, d.mode == Derivative::Pullback));
  case Derivative::Pushforward:
    if (d.directions.kind)
      refuse(Diag::SecondOrderCall, {},
             {"nabla::pushforward with nabla::batch", "ask for one direction at a time"});
    return returning(finished(tangent(prepared(d.of, true), d.wrt, how, false)), c.result);
  case Derivative::Hvp:
  case Derivative::GradientHvp:
    return with_parameters_of(c, hvp(d.of, d.wrt, d.wrt, how, d.mode == Derivative::GradientHvp));
  case Derivative::Taylor:
  case Derivative::Names:
    break;
  }
  refuse(Diag::SecondOrderCall, {},
         {"nabla::derivative", "use nabla::pushforward, or one more order of nabla::derivative"});
}

} // namespace nabla
