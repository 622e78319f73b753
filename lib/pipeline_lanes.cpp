// Several lanes: the pullback of one seed, and the pairs that it calls, widened; the user's own pushforwards, one lane at a time.
#include "diff/widen.h"
#include "pipeline_state.h"

namespace nabla {

/// (args, seeds, adjoints), both in lanes.
Function Pipeline::State::wide_pullback(const Function &primal, const std::vector<bool> &wrt,
                                        const std::string &name, const Directions &lanes) {
  Silence quiet(silent); // pairs in one lane are not wanted
  Function narrow = gradient(primal, wrt, name, true);
  std::vector<bool> wide(primal.params.size(), false);
  wide.resize(narrow.params.size(), true);
  Function f = run_pass("widen", [&] {
    return diff::widen(narrow, wide, lanes,
                       [&](const CalleeRef &c, const std::vector<bool> &args, bool singly, const Loc &at) {
                         return wide_callee(c, args, lanes, singly, at);
                       });
  });
  f = finished(f);
  emit_called(f);
  return f;
}

namespace {

/// Adjoints among the parameters, and what the call makes wide.
std::vector<Type> widened(const Function &narrow, const std::vector<bool> &wide, const Directions &lanes) {
  std::vector<Type> out;
  for (std::size_t i = 0; i < narrow.params.size(); ++i) {
    const Var &p = narrow.params[i];
    out.push_back(wide[i] || p->is_shadow ? diff::tangent_type(p->type, lanes).with_const(p->type.is_const())
                                          : p->type);
  }
  return out;
}

} // namespace

/// A function of the user's that is linear in what is wide, so that its own body will do: a rule, or what a rule calls.
Function Pipeline::State::body_in_lanes(const CalleeRef &c, const Loc &loc) {
  if (c->kind == Callee::Visible)
    return prepared(c);
  auto without_body = [&]() -> Function {
    bool is_sparse = c->name.rfind("nabla::detail::solve_sparse", 0) == 0;
    refuse(Diag::NoLanes, loc,
           {is_sparse ? "nabla::sparse_implicit" : "the own rule '" + c->name + "'",
            is_sparse ? "use nabla::implicit" : "make its body visible"});
  };
  if (c->kind != Callee::Own)
    return without_body();
  try {
    return prepared(c);
  } catch (const Refusal &) {
    return without_body();
  }
}

/// Of a pair: its wide form. Of a rule of the user's: null if one lane at a time will do, else that of its body.
CalleeRef Pipeline::State::wide_callee(const CalleeRef &c, const std::vector<bool> &wide,
                                       const Directions &lanes, bool one_by_one, const Loc &loc) {
  auto narrow = generated.find(c->name);
  bool is_ours = narrow != generated.end();
  if (!is_ours && c->name.rfind("_nabla_", 0) == 0)
    refuse(Diag::NoLanes, loc, {"'" + c->helps + "' of another file", "make its body visible"});
  if (!is_ours && std::count(wide.begin(), wide.end(), true) == 0)
    return c;
  if (!is_ours && one_by_one)
    return nullptr;
  const Made from = is_ours ? narrow->second : Made{body_in_lanes(c, loc), own_prefix, c->name, false};
  std::string name = is_ours ? c->name : "_nabla_" + identifier(c->mangled);
  name += "_";
  for (bool b : wide)
    name += b ? '1' : '0';
  name += "_" + std::to_string(lanes.number) + "_lanes";
  auto made = std::make_shared<Callee>(*c);
  made->name = made->mangled = name;
  made->params = widened(from.function, wide, lanes);
  const Underway making(emitted, name);
  if (!making.is_first) // or underway: it calls itself
    return made;
  Function f = from.function;
  f.name = name;
  f = run_pass("widen", [&] {
    return diff::widen(f, wide, lanes,
                       [&](const CalleeRef &callee, const std::vector<bool> &args, bool singly,
                           const Loc &at) { return wide_callee(callee, args, lanes, singly, at); });
  });
  generated[name] = {finished(f), from.prefix, from.head + ", in lanes", false};
  return made;
}

/// made:   for (lane ...) { auto one = f_pf(x, x_dot[lane]); result.value = one.value; result.dot += in_lane(one.dot, lane); }
CalleeRef Pipeline::State::lane_by_lane(const CalleeRef &c, const std::vector<bool> &wrt,
                                        const diff::TangentOptions &how, const std::string &one_lane) {
  const std::string number = std::to_string(how.directions.number);
  CalleeRef made = tangent_signature(
      c, wrt, "_nabla_" + identifier(c->mangled) + "_" + number + "_lanes_pushforward", how);
  if (!emitted.insert(made->name).second)
    return made;
  CalleeRef single = tangent_signature(c, wrt, one_lane, {});
  Function f;
  f.name = made->name;
  f.result = made->result;
  Var lane = ir::local("lane", Type::integer());
  std::vector<Ex> args;
  for (std::size_t i = 0; i < made->params.size(); ++i) {
    Var v = ir::local(made->param_names[i], made->params[i]);
    v->kind = Variable::Param;
    f.params.push_back(v);
    Ex all = ir::make(Read{Place{v, {}}}, v->type);
    args.push_back(
        i < c->params.size() ? all : native("call nabla::lane", {all, ir::read(lane)}, single->params[i]));
  }
  Var result = ir::local("result", f.result), one = ir::local("one", single->result);
  Place value = ir::field(Place{result, {}}, 0), dot = ir::field(Place{result, {}}, 1);
  For loop{lane, integer(0), For::LT, integer(long(how.directions.number)), 1, {}, false};
  loop.body.push_back({Declare{one, {}, false, {}}, {}, 0});
  loop.body.push_back({Call{single, args, Place{one, {}}}, {}, 0});
  loop.body.push_back({Assign{value, ir::read(ir::field(Place{one, {}}, 0))}, {}, 0});
  loop.body.push_back({Add{dot, native("call nabla::in_lane<" + dot.type().spelling() + ">",
                                       {ir::read(ir::field(Place{one, {}}, 1)), ir::read(lane)}, dot.type())},
                       {},
                       0});
  f.body.push_back({Declare{result, {}, true, {}}, {}, 0});
  f.body.push_back({std::move(loop), {}, 0});
  f.body.push_back({Return{ir::read(result)}, {}, 0});
  renumber(f);
  emit_text(f, own_prefix, {}, "pushforward of " + c->name + ", lane by lane", true);
  return made;
}

} // namespace nabla
