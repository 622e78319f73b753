// Calls that stay calls: recursive and promised ones become a forward call that records and a reverse call that
// consumes the record; a function with the user's own pullback is called as it is, and its rule in reverse.
#include "diff/adjoint_impl.h"
#include "diff/checkpoint.h"
#include "ir/diagnostic.h"
#include <algorithm>

namespace nabla::diff {
using namespace ir;

/// Parameters that the callee's pair is differentiated by, at this call.
std::vector<bool> AdjointBuilder::active_arguments(const Call &n) const {
  std::vector<bool> out;
  for (std::size_t i = 0; i < n.callee->params.size(); ++i) {
    const Ex &a = n.args[i];
    bool pointer = a.type().is(Type::Pointer) && a.type().holds_reals();
    out.push_back(pointer ? activity_->active(alias_->reachable(alias_->points_to(a)))
                          : a.type().contains_reals() && activity_->active(a));
  }
  return out;
}

std::vector<Ex> AdjointBuilder::primal_arguments(const Call &n) const {
  return {n.args.begin(), n.args.begin() + std::min(n.args.size(), n.callee->params.size())};
}

/// primal: y = g(...)     adjoint: the seed is y_bar; y_bar = 0
std::optional<Ex> AdjointBuilder::take_seed(const Stmt &s, const Call &n, Block &out) {
  if (!n.callee->result.contains_reals())
    return {};
  Type type = n.callee->result.without_const();
  Var d = local("d", type);
  if (!n.result || !activity_->active(*n.result) || !shadows_.has(*n.result)) {
    emit(out, Declare{d, {}, true, {}});
    return ir::read(Place{d, {}});
  }
  Place bar = adjoint_of_target(s, *n.result);
  emit(out, Declare{d, ir::read(bar), false, {}});
  zero_reals(bar, out, s.loc);
  return ir::read(Place{d, {}});
}

/// Where the callee's reverse adds the adjoint of a by-value argument: the variable's own adjoint, or a temporary.
Ex AdjointBuilder::adjoint_argument(const Stmt &s, const Ex &arg, Block &before, Block &after) {
  auto *r = std::get_if<Read>(&arg->node);
  if (r && r->place.path.empty() && activity_->active(arg) && values_->is_tracked(r->place.root) &&
      shadows_.has(r->place)) {
    Place bar = shadows_.of.at(r->place.root);
    return make(AddressOf{bar}, Type::pointer(arg.type()));
  }
  Var d = local("d", arg.type().without_const());
  d->is_shadow = true;
  emit(before, Declare{d, {}, true, {}});
  if (arg.type().is(Type::Real))
    propagate(s, arg, ir::read(Place{d, {}}), after);
  else if (r && activity_->active(arg) && shadows_.has(r->place)) {
    Place source = place_of(values_->address(s, shadow_key(arg)));
    for_each_real(
        Place{d, {}}, after, s.loc,
        [&](const Place &real, Block &b) {
          Place to = source;
          to.path.insert(to.path.end(), real.path.begin(), real.path.end());
          emit(b, Add{to, ir::read(real)});
        },
        d->type);
  } else if (activity_->active(arg))
    refuse(Diag::UnsupportedExpression, s.loc, {"this struct as an argument", "pass a variable"});
  return make(AddressOf{Place{d, {}}}, Type::pointer(d->type));
}

/// Does the call give a shadow, other than a literal null, for this argument? Moves on to the next one's.
static bool gives_shadow(const Call &n, std::size_t argument, bool active, std::size_t &shadow) {
  const Ex &a = n.args[argument];
  if (!active || !a.type().is(Type::Pointer) || !a.type().holds_reals())
    return false;
  auto *literal = std::get_if<Const>(&n.args[shadow++]->node);
  return !literal || literal->spelling != "nullptr";
}

bool takes_our_classes(const Callee &c) {
  return std::any_of(c.params.begin(), c.params.end(), [](const Type &t) {
    const Type &object = t.is(Type::Pointer) ? t.element() : t;
    return object.has_outside() ||
           (object.is(Type::Record) && (object.members().container != Struct::None ||
                                        object.spelling().rfind("nabla::members<", 0) == 0));
  });
}

/// primal: y = g(x, p)     forward: y = g_forward(x, p, p_bar, record)     adjoint: g_reverse(record, y_bar, &x_bar)
void AdjointBuilder::reverse_call(const Stmt &s, const Call &n, Block &out) {
  if (n.callee->kind == Callee::Passive) {
    // primal: y = g(x), g without derivative     adjoint: y_bar = 0
    if (n.result && n.result->type().contains_reals() && activity_->active(*n.result) &&
        shadows_.has(*n.result))
      zero_reals(adjoint_of_target(s, *n.result), out, s.loc);
    return;
  }
  if (!activity_->active(n)) {
    if (n.callee->is_loop || (n.callee->kind == Callee::Visible && takes_our_classes(*n.callee))) {
      std::vector<bool> none(n.callee->params.size(), false);
      calls_[s.id] = {split_of_(n.callee, {none, none, alias_->arguments_overlap(n)}, s.loc), none};
    }
    return;
  }
  if (n.callee->kind == Callee::Own) {
    if (n.callee->own_pullback.empty())
      refuse(Diag::NoBody, s.loc, {n.callee->name});
    if (n.callee->written.empty())
      reverse_own(s, n, out);
    else
      reverse_operation(s, n, out);
    return;
  }
  for (const Ex &arg : n.args)
    if (arg.type().is(Type::Record) && arg.type().contains_real_pointers())
      refuse(Diag::UnsupportedExpression, s.loc,
             {"a struct with pointers to reals, passed by value to a function that is not inlined,",
              "pass it by reference, or pass its members"});
  std::vector<bool> wrt = active_arguments(n);
  std::vector<bool> bare = shadows_.bare_arguments(n, *alias_, *activity_);
  const bool guarded = !options_.leaves_domain(n.callee) && !domain_->has_finite_arguments(s, n);
  SplitCallee pair = split_of_(n.callee, {wrt, bare, alias_->arguments_overlap(n), guarded}, s.loc);
  if (pair.rule) {
    reverse_own(s, n, out, &pair);
    if (pair.forward)
      calls_[s.id] = {pair, wrt};
    return;
  }
  std::size_t shadow = n.callee->params.size();
  for (std::size_t i = 0; i < wrt.size(); ++i)
    if ((!gives_shadow(n, i, wrt[i], shadow) || bare[i]) && pair.wrt[i] && !pair.accepts_bare &&
        n.args[i].type().is(Type::Pointer) && !may_have_null_shadow(n.callee->params[i]))
      refuse(Diag::PromisedInactive, s.loc, {n.callee->name, n.callee->param_names[i]});
  calls_[s.id] = {pair, wrt};
  Block before, after;
  std::vector<Ex> args{make(AddressOf{Place{shadows_.record, {}}}, Type::reference(shadows_.record->type))};
  if (auto seed = take_seed(s, n, before))
    args.push_back(*seed);
  for (std::size_t i = 0; i < pair.wrt.size(); ++i)
    if (pair.wrt[i] && !n.args[i].type().is(Type::Pointer))
      args.push_back(adjoint_argument(s, n.args[i], before, after));
  out.insert(out.end(), before.begin(), before.end());
  emit(out, Call{pair.reverse, args, {}}, s.loc);
  out.insert(out.end(), after.begin(), after.end());
}

/// The call as the forward sweep makes it.
Stmt AdjointBuilder::forward_call(const Stmt &s, const Call &n) const {
  Call call = n;
  call.args = primal_arguments(n);
  auto it = calls_.find(s.id);
  if (it == calls_.end())
    return {call, s.loc, s.id};
  const auto &[pair, active] = it->second;
  call.callee = pair.forward;
  if (pair.rule)
    return {call, s.loc, s.id};
  std::size_t shadow = n.callee->params.size();
  for (std::size_t i = 0; i < pair.wrt.size(); ++i) {
    bool pointer = n.args[i].type().is(Type::Pointer) && n.args[i].type().holds_reals();
    if (pointer && pair.wrt[i])
      call.args.push_back(active[i] ? n.args[shadow] : null_pointer(adjoint_param_type(n.callee->params[i])));
    shadow += pointer && active[i];
  }
  call.args.push_back(make(AddressOf{Place{shadows_.record, {}}}, Type::reference(shadows_.record->type)));
  return {call, s.loc, s.id};
}

namespace {

/// Is there something to read behind the pointer that the program may change: reals, integers, structs of them?
bool leads_to_state(const Ex &pointer) {
  Type t = pointer.type();
  while (t.is(Type::Pointer) || t.is(Type::Array))
    t = t.element();
  bool is_text = std::holds_alternative<Const>(pointer->node);
  return pointer.type().holds_reals() || (!is_text && !t.is(Type::Opaque) && !t.is(Type::Void));
}

} // namespace

std::string called(const Callee &derivative) {
  const Derivative &d = *derivative.derivative;
  if (derivative.name.rfind("nabla::", 0) != 0 && derivative.name.rfind("_nabla_", 0) != 0)
    return "'" + derivative.name + "'";
  const char *mode = d.mode == Derivative::Gradient   ? "gradient"
                     : d.mode == Derivative::Pullback ? "pullback"
                     : d.mode == Derivative::Hvp      ? "hvp"
                     : d.mode == Derivative::Taylor   ? "derivative"
                                                      : "gradient_and_hvp";
  return std::string("nabla::") + mode + "<" + d.of->name + ">";
}

/// The call wants an adjoint of an array that has none here.
[[noreturn]] static void refuse_nested(const Call &n, std::size_t argument, const Loc &loc) {
  refuse(Diag::SecondOrderCall, loc,
         {called(*n.callee) + ", which wants an adjoint of its argument '" + n.callee->param_names[argument] +
              "',",
          "give it a local copy of that array, or differentiate by that argument as well; nabla::hvp has its "
          "adjoint "
          "if you say how long it is, nabla::hvp<...>(nabla::extents{n}, ...)"});
}

/// An object that was passed by value, as it was.
Ex AdjointBuilder::object_of_call(const Stmt &s, const Call &n, std::size_t argument, bool nested,
                                  Block &before) {
  const Ex &a = n.args[argument];
  auto *r = std::get_if<Read>(&a->node);
  if (!r)
    return a;
  const Ex address = values_->object_address(s, argument);
  const Alias::Objects there = alias_->reachable(alias_->points_to(address));
  if (values_->written_after(s, there) || values_->go_out_of_scope(there)) {
    if (nested)
      refuse(Diag::SecondOrderCall, s.loc,
             {called(*n.callee) + ", whose argument '" + n.callee->param_names[argument] +
                  "' may be written before the reverse sweep,",
              "give it a copy of its own"});
    refuse(Diag::OwnPullbackState, s.loc, {n.callee->name});
  }
  if (std::none_of(r->place.path.begin(), r->place.path.end(),
                   [](const Step &step) { return std::holds_alternative<Deref>(step); }))
    return a;
  Var at = local(n.callee->param_names[argument] + "_at", address.type());
  emit(before, Declare{at, value_of(s, address), false, {}}, s.loc);
  return ir::read(Place{at, {Deref{}}});
}

/// primal: y = g(x, p)     adjoint: g_pb(x, p, y_bar, &x_bar, p_bar), at the values that x and *p had
void AdjointBuilder::reverse_own(const Stmt &s, const Call &n, Block &out, const SplitCallee *made) {
  Block before, after;
  std::vector<Ex> args, adjoints;
  std::vector<bool> active = active_arguments(n);
  std::size_t shadow = n.callee->params.size();
  for (std::size_t i = 0; i < n.callee->params.size(); ++i) {
    const Ex &a = n.args[i];
    const Type &t = n.callee->params[i];
    bool wanted = made ? made->wrt[i] : t.holds_reals();
    bool is_read = made ? i < made->state : !options_.rule_reads || options_.rule_reads(*n.callee, i);
    if (a.type().is(Type::Pointer) && leads_to_state(a)) {
      Alias::Objects memory = alias_->reachable(alias_->points_to(a));
      bool callers = false,
           bare = false; // what a caller may overwrite before the reverse sweep; what has no adjoint
      for (Alias::Object o : memory) {
        Alias::Info::Kind kind = alias_->info(o).kind;
        callers = callers || kind == Alias::Info::Pointee || kind == Alias::Info::Unknown;
        bare = bare || !has_shadow(o);
      }
      bool is_lost = is_read && (values_->written_after(s, memory) || values_->go_out_of_scope(memory) ||
                                 (options_.split && callers));
      if (made && !is_read && a.type().element().has_outside()) // where its adjoint's elements lie
        is_lost =
            values_->written_after(s, alias_->points_to(a)) || values_->go_out_of_scope(alias_->points_to(a));
      if (is_lost && made)
        refuse(Diag::SecondOrderCall, s.loc,
               {called(*n.callee) + ", whose argument '" + n.callee->param_names[i] +
                    "' may be written before the reverse sweep,",
                "give it what nothing changes afterwards and lives as long as the caller, or a std::vector, "
                "which is copied"});
      if (is_lost)
        refuse(Diag::OwnPullbackState, s.loc, {n.callee->name});
      if (made && (active[i] && bare))
        refuse_nested(n, i, s.loc);
      if (active[i] && bare)
        refuse(Diag::OwnPullbackInactive, s.loc, {n.callee->name, n.callee->param_names[i]});
    }
    bool is_bare_pointer = t.is(Type::Pointer) && !t.is_reference();
    args.push_back(a.type().is(Type::Record)     ? object_of_call(s, n, i, made != nullptr, before)
                   : !is_read && is_bare_pointer ? null_pointer(t.with_const(false))
                                                 : value_of(s, a));
    if (t.is(Type::Pointer) && t.holds_reals()) {
      bool given = gives_shadow(n, i, active[i], shadow);
      if (made && wanted && !given)
        refuse_nested(n, i, s.loc);
      if (wanted && !given && !n.callee->rule_takes_null)
        refuse(Diag::OwnPullbackInactive, s.loc, {n.callee->name, n.callee->param_names[i]});
      if (wanted)
        adjoints.push_back(given ? value_of(s, n.args[shadow - 1]) : null_pointer(adjoint_param_type(t)));
    } else if (wanted && t.contains_reals())
      adjoints.push_back(adjoint_argument(s, a, before, after));
  }
  if (auto seed = take_seed(s, n, before))
    args.push_back(*seed);
  args.insert(args.end(), adjoints.begin(), adjoints.end());
  auto rule = std::make_shared<Callee>();
  rule->name = n.callee->own_pullback;
  rule->kind = Callee::Passive;
  for (const Ex &a : args)
    rule->params.push_back(a.type());
  out.insert(out.end(), before.begin(), before.end());
  emit(out,
       Call{made                 ? made->rule
            : n.callee->own_rule ? n.callee->own_rule
                                 : CalleeRef(rule),
            args,
            {}},
       s.loc);
  out.insert(out.end(), after.begin(), after.end());
}

} // namespace nabla::diff
