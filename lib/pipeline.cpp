// The requests: which passes each runs.
#include "pipeline_state.h"

namespace nabla {

Pipeline::Pipeline(Host &host, Options options) : state_(new State{host, std::move(options)}) {}
Pipeline::~Pipeline() = default;

namespace {

/// "gradient of f (user.cpp:3) by x, y"
std::string head_line(const Request &request, const Function &f) {
  static const char *const modes[] = {"gradient",
                                      "pullback",
                                      "pushforward",
                                      "product of the Hessian",
                                      "gradient and product of the Hessian",
                                      "derivative",
                                      "parameter names"};
  std::string out = modes[request.mode] + std::string(" of ");
  out += request.primal->name.substr(request.primal->name.find_first_not_of('.')); // a method's is ".m"
  if (f.loc) {
    std::string file = f.loc->file;
    out += " (" + file.substr(file.find_last_of('/') + 1) + ":" + std::to_string(f.loc->line) + ")";
  }
  std::string names;
  for (std::size_t i = 0; i < f.params.size(); ++i)
    if (i < request.wrt.size() && request.wrt[i])
      names += (names.empty() ? " by " : ", ") + f.params[i]->name;
  return out + names;
}

} // namespace

namespace {

/// Option check-alias: written parameters are compared with the others when the gradient is called.
Function with_alias_checks(Function f) {
  Block checks;
  for (std::size_t i = 0; i < f.params.size(); ++i)
    for (std::size_t k = 0; k < i; ++k) {
      const Var &a = f.params[k], &b = f.params[i];
      auto comparable = [](const Var &v) { return v->type.is(Type::Pointer) && v->type.holds_reals(); };
      if (f.may_alias || !comparable(a) || !comparable(b) ||
          (a->type.element().is_const() && b->type.element().is_const()))
        continue;
      auto address = [](const Var &v) {
        Type t = Type::pointer(v->type.element());
        return v->type.is_reference() ? Ex(Expr{AddressOf{Place{v, {Deref{}}}}, t})
                                      : Ex(Expr{Read{Place{v, {}}}, t});
      };
      std::string text = "\"" + a->name + "\", \"" + b->name + "\"";
      checks.push_back(
          {Opaque{{"nabla::check_distinct(", ", ", ", " + text + ")"}, {address(a), address(b)}, {}}, {}, 0});
    }
  f.body.insert(f.body.begin(), checks.begin(), checks.end());
  renumber(f);
  return f;
}

/// Option self-check: the first call of the gradient compares it with the pushforward.
Function with_self_check(Function f, std::size_t params, const std::string &checked) {
  Opaque check{{"nabla::self_check<" + checked + ">("}, {}, {}};
  for (std::size_t i = 0; i < params; ++i) {
    const Var &p = f.params[i];
    Place whole = ir::place(p);
    check.args.push_back(ir::make(Read{whole}, whole.type()));
    check.pieces.push_back(", ");
  }
  check.pieces.back() = ")";
  f.body.insert(f.body.begin(), {check, {}, 0});
  renumber(f);
  return f;
}

/// What the function's parameters are called, for reports.
Function parameter_names(const Request &request) {
  std::string names;
  for (const std::string &name : request.primal->param_names)
    names += (names.empty() ? "" : ",") + name;
  Function f;
  f.name = request.name;
  f.result = Type::opaque("const char *");
  f.body.push_back({Return{ir::make(Const{"\"" + names + "\""}, f.result)}, {}, 0});
  renumber(f);
  return f;
}

} // namespace

namespace {

/// Users have no name for a class of lanes (diff/lane_class.h).
void refuse_classes_in_lanes(const Function &primal, const std::vector<bool> &wrt, bool is_reverse) {
  std::vector<Type> types{primal.result};
  for (std::size_t i = 0; i < primal.params.size(); ++i)
    if (i < wrt.size() && wrt[i])
      types.push_back(primal.params[i]->type);
  for (Type t : types) {
    while (t.is(Type::Pointer) || t.is(Type::Array))
      t = t.element();
    if (!t.is(Type::Record) || !t.holds_reals())
      continue;
    const std::string advice =
        "take and give reals and arrays of them; inside of the function there may be classes";
    if (is_reverse)
      refuse(Diag::NoLanes, primal.loc,
             {"the adjoint of a value of type '" + t.members().spelling + "'", advice});
    refuse(Diag::UnsupportedType, primal.loc,
           {t.members().spelling, "with nabla::batch and sparse matrices " + advice});
  }
}

} // namespace

std::vector<Text> Pipeline::run(const Request &asked) {
  State &s = *state_;
  s.begin_texts();
  const Request request = asked.mode == Request::Names ? asked : s.with_globals(asked);
  if (request.mode == Request::Names) {
    s.emit_text(parameter_names(request), request.prefix, request.namespaces, "", false);
    return s.finished_texts();
  }
  bool is_tangent = request.mode == Request::Pushforward;
  diff::Boundary boundary = s.opened(request.primal, request.wrt, is_tangent);
  Function &primal = boundary.function;
  if (s.options.check_alias)
    primal = with_alias_checks(std::move(primal));
  bool by_result = request.mode == Request::Gradient || request.mode == Request::Hvp ||
                   request.mode == Request::GradientHvp;
  if (by_result && primal.result.is(Type::Record) && primal.result.contains_reals())
    refuse(Diag::UnsupportedRequest, request.loc,
           {"a gradient of '" + request.primal->name + "', which returns several reals,",
            "ask for its pullback, which takes the adjoint of the result as a seed"});
  Function made;
  diff::TangentOptions tangent;
  tangent.name = request.name;
  tangent.directions = request.directions;
  if (request.directions.kind && request.mode != Request::Taylor)
    refuse_classes_in_lanes(primal, boundary.wrt, request.mode == Request::Pullback);
  if (request.mode == Request::Pushforward) {
    made = s.finished(s.tangent(primal, boundary.wrt, tangent, false));
    s.emit_called(made);
  } else if (request.mode == Request::Hvp || request.mode == Request::GradientHvp) {
    if (!boundary.resized.empty())
      refuse(Diag::UnsupportedRequest, request.loc,
             {"a second derivative of '" + request.primal->name +
                  "', which puts others into its parameter '" +
                  primal.params[boundary.resized[0].final]->name + "' or changes its size,",
              "let it take a const reference and change a copy"});
    made = s.hvp(primal, request.primal->name, request.wrt, request.wrt, tangent,
                 request.mode == Request::GradientHvp);
  } else if (request.mode == Request::Taylor && boundary.is_open)
    refuse(Diag::SecondOrderCall, primal.loc,
           {"nabla::derivative of a function of containers", "let it take the number by value"});
  else if (request.mode == Request::Taylor)
    made = s.derivative(request.primal, request.wrt, request.name, request.directions);
  else if (request.directions.kind)
    made = s.wide_pullback(primal, boundary.wrt, request.name, request.directions);
  else
    made = s.in_blocks(s.gradient(primal, boundary.wrt, request.name, request.mode == Request::Pullback));
  if (s.options.self_check && request.wrt == asked.wrt && request.mode == Request::Gradient &&
      !request.checked.empty())
    made = with_self_check(std::move(made), primal.params.size(), request.checked);
  made = s.checked("boundary", diff::close_boundary(boundary, std::move(made), request.mode));
  made = s.checked("boundary", s.without_globals(std::move(made), request));
  s.emit_text(made, request.prefix, request.namespaces, head_line(asked, primal), false);
  return s.finished_texts();
}

std::vector<Text> Pipeline::run_promised(const CalleeRef &primal) {
  State &s = *state_;
  s.begin_texts();
  State::Attempt all(s);
  try {
    for (const Var &p : s.host.body(primal).params)
      if (!p->qualified.empty()) // nobody else can hand it on
        refuse(Diag::ActiveThroughGlobal, s.host.body(primal).loc, {p->qualified});
    s.make_pair(primal, {State::all_real_parameters(primal), {}, true, true},
                "_nabla_" + State::identifier(primal->mangled), primal->is_inline ? "inline " : "",
                {true, false});
  } catch (const Refusal &r) {
    // Its own gradient stands; callers elsewhere cannot rely on more facts than these, so they get no pair.
    if (primal->order > 1)
      throw;
    if (s.options.remarks)
      s.host.remark(r.loc, "no pair for callers in other files: " + r.text());
    all.undo();
    return {};
  }
  State::Attempt forward(s);
  try {
    diff::TangentOptions how;
    how.nullable.all = true;
    std::vector<bool> wrt = State::all_real_parameters(primal);
    CalleeRef made = s.tangent_signature(
        primal, wrt, "_nabla_" + State::identifier(primal->mangled) + "_pushforward", how);
    s.make_pushforward(primal, wrt, made, how, true, false, false);
    if (primal->order > 1)
      s.promise_second_order(primal);
  } catch (const Refusal &r) {
    if (primal->order > 1)
      throw;
    if (s.options.remarks)
      s.host.remark(r.loc, "no pushforward for callers in other files: " + r.text());
    forward.undo();
  }
  return s.finished_texts();
}

} // namespace nabla
