// Tangents of expressions: the value and its derivative side by side. What both need is given a name first.
#include "diff/linear_form.h"
#include "diff/naming.h"
#include "diff/tangent_impl.h"
#include "ir/diagnostic.h"

namespace nabla::diff {
using namespace ir;
using analysis::Alias;

namespace {

/// Written out wherever it is needed: a variable, an element, a literal, or the negative or conversion of one.
bool is_cheap(const Ex &e) {
  if (auto *a = std::get_if<Apply>(&e->node))
    return a->rule == Rule::neg && is_cheap(a->args[0]);
  if (auto *c = std::get_if<Cast>(&e->node))
    return is_cheap(c->from);
  return std::holds_alternative<Const>(e->node) || std::holds_alternative<Read>(e->node);
}

/// Can a partial of this application be infinite or NaN?
bool is_singular(const Apply &n) {
  if (!info(n.rule).singular)
    return false;
  std::optional<long double> second = n.args.size() == 2 ? literal_value(n.args[1]) : std::nullopt;
  if (n.rule == Rule::div && second && *second != 0)
    return false;
  return !(n.rule == Rule::pow && second && *second >= 1);
}

/// dot * partial, with 1 / y folded into a division.
Ex times(const Ex &dot, const Ex &partial) {
  auto *a = std::get_if<Apply>(&partial->node);
  if (a && a->rule == Rule::div && is_one(a->args[0]))
    return dot / a->args[1];
  return is_zero(dot) ? dot : dot * partial;
}

/// Does no partial change along the direction? Then coefficients of every order are scaled alike.
bool is_linear(const Apply &n, const std::vector<Ex> &dots) {
  for (unsigned i = 0; i < dots.size(); ++i) {
    if (dots[i].get() == nullptr)
      continue;
    ReadSet r = read_set(n.rule, i);
    if (r.r)
      return false;
    for (unsigned k = 0; k < dots.size(); ++k)
      if (r.arg(k) && dots[k].get())
        return false;
  }
  return true;
}

/// guarded(d, p_dot), where p_dot may be several tangents side by side.
Ex guarded_tangent(const Ex &d, const Ex &p_dot) {
  if (d.type().with_const(false) == p_dot.type().with_const(false))
    return ir::guarded(d, p_dot);
  if (literal_value(d))
    return is_zero(d) ? zero(p_dot.type()) : p_dot * d;
  return make(Apply{Rule::guarded, {d, p_dot}}, p_dot.type());
}

Ex sum(const Ex &so_far, const Ex &more) { return so_far ? so_far + more : more; }

} // namespace

/// A const local that holds the value; cheap expressions stay as they are.
Ex TangentBuilder::name(const Ex &e, Block &out) {
  if (is_cheap(e))
    return e;
  Var t = temporary(name_of_operation(e), e.type().with_const());
  emit(out, Declare{t, e, false, {}}, loc_);
  return make(Read{Place{t, {}}}, e.type());
}

Ex TangentBuilder::dot_or_zero(const Both &b) const {
  return b.is_active() ? linear_form(b.dot) : zero(dot_type(b.value.type()));
}

/// The condition under which the place has a tangent at all; nothing if it always has.
std::optional<Ex> TangentBuilder::null_guard(const Place &p) const {
  bool sure = true;
  for (Alias::Object o : alias_->objects(p))
    sure &= shadows_.covers(o, *alias_, *activity_) && !Shadows::is_recorded(o, *alias_);
  Place pointer = shadows_.place(p);
  while (!pointer.path.empty() && !std::holds_alternative<Deref>(pointer.path.back()))
    pointer.path.pop_back();
  if (sure || pointer.path.empty())
    return {};
  pointer.path.pop_back(); // the last one on the way: those before it are known
  const Type type = pointer.type().with_const(false);
  if (type.is_reference())
    return {};
  return native("!=", {make(Read{pointer}, type), null_pointer(type)}, Type::boolean());
}

/// Pointers on the way to the place must be known to have shadows.
Place TangentBuilder::tangent_place(const Place &p) {
  Place so_far{p.root, {}};
  unsigned derefs = 0;
  for (const Step &step : p.path) {
    if (std::holds_alternative<Deref>(step) && derefs++ > 0)
      for (Alias::Object o : alias_->objects(so_far))
        if (!shadows_.covers(o, *alias_, *activity_))
          refuse(Diag::MixedPointer, loc_, {p.root->name});
    so_far.path.push_back(step);
  }
  return shadows_.place(p);
}

Ex TangentBuilder::read_tangent(const Place &p) {
  Ex dot = ir::read(tangent_place(p));
  if (auto guard = null_guard(p))
    return make(Select{*guard, dot, zero(dot.type())}, dot.type());
  return dot;
}

Both TangentBuilder::both(const Ex &e, Block &out) {
  if (!e.type().is(Type::Real) || !activity_->active(e))
    return {e, {}};
  return match(
      e->node, [&](const Const &) { return Both{e, {}}; },
      [&](const Read &n) { return shadows_.has(n.place) ? Both{e, read_tangent(n.place)} : Both{e, {}}; },
      [&](const AddressOf &) { return Both{e, {}}; }, [&](const Apply &n) { return rule(e, n, out); },
      [&](const Native &) { return Both{e, {}}; },
      [&](const Cast &n) {
        Both from = both(n.from, out);
        Ex value = make(Cast{from.value}, e.type());
        return from.is_active() ? Both{value, cast(from.dot, dot_type(e.type()))} : Both{value, {}};
      },
      [&](const Select &n) { return choice(e, n, out); });
}

/// primal: r = rule(x, y)     tangent: r_dot = dr/dx * x_dot + dr/dy * y_dot
Both TangentBuilder::rule(const Ex &e, const Apply &n, Block &out) {
  std::vector<Ex> values, dots;
  ReadSet read;
  for (unsigned i = 0; i < n.args.size(); ++i) {
    Both b = both(n.args[i], out);
    values.push_back(b.value);
    dots.push_back(b.dot);
    if (!b.is_active())
      continue;
    ReadSet r = read_set(n.rule, i);
    read = {read.x || r.x, read.y || r.y, read.z || r.z, read.r || r.r};
  }
  bool in_series = options_.directions.kind == Directions::Series && !is_linear(n, dots);
  bool square = n.rule == Rule::mul && dots[0].get() && same_value(n.args[0], n.args[1]);
  if (square) // x * x
    values[0] = values[1] = name(values[0], out);
  for (unsigned i = 0; i < values.size() && !square; ++i)
    if ((read.arg(i) || in_series) && values[i].type().is(Type::Real))
      values[i] = name(values[i], out);
  Ex value = make(Apply{n.rule, values}, e.type());
  if (in_series)
    return {value, series(e, n, values, dots)};
  if (square)
    return {value, dots[0] * (2 * values[0])};
  if (read.r)
    value = name(value, out);
  Ex dot;
  for (unsigned i = 0; i < dots.size(); ++i) {
    if (dots[i].get() == nullptr)
      continue;
    if (n.rule == Rule::guarded) { // guards both factors, see rules.def
      dot = sum(dot, i == 0 ? ir::guarded(dots[0], values[1]) : guarded_tangent(values[0], dots[1]));
      continue;
    }
    Ex p = partial(n.rule, i, values, value);
    if (is_zero(p))
      continue;
    bool guard = is_singular(n) && !literal_value(p);
    dot = sum(dot, guard ? ir::guarded(dots[i], p) : times(dots[i], p));
  }
  return {value, dot};
}

/// primal: r = rule(x, y)     series: r_dot = nabla::taylor::rule(x, x_dot, y, y_dot), with 0 for a constant's
Ex TangentBuilder::series(const Ex &e, const Apply &n, const std::vector<Ex> &values,
                          const std::vector<Ex> &dots) const {
  std::vector<Ex> args;
  for (unsigned i = 0; i < values.size(); ++i) {
    args.push_back(values[i]);
    if (values[i].type().is(Type::Real))
      args.push_back(dots[i].get() ? dots[i] : integer(0));
  }
  return native("call nabla::taylor::" + std::string(info(n.rule).name), args, dot_type(e.type()));
}

/// primal: r = c ? a : b     tangent: r_dot = c ? a_dot : b_dot; an If where an arm needs names of its own
Both TangentBuilder::choice(const Ex &e, const Select &n, Block &out) {
  Block before_yes, before_no;
  Both yes = both(n.yes, before_yes), no = both(n.no, before_no);
  Type type = e.type().with_const(false);
  if (!yes.is_active() && !no.is_active())
    return {e, {}};
  Ex cond = name(n.cond, out);
  if (before_yes.empty() && before_no.empty())
    return {make(Select{cond, yes.value, no.value}, type),
            make(Select{cond, dot_or_zero(yes), dot_or_zero(no)}, dot_type(type))};
  Var value = local(name_of_operation(e), type), dot = local(value->name + "_dot", dot_type(type));
  emit(out, Declare{value, {}, false, {}}, loc_);
  emit(out, Declare{dot, {}, false, {}}, loc_);
  auto finish = [&](Block &arm, const Both &b) {
    emit(arm, Assign{Place{dot, {}}, dot_or_zero(b)}, loc_);
    emit(arm, Assign{Place{value, {}}, b.value}, loc_);
  };
  finish(before_yes, yes);
  finish(before_no, no);
  emit(out, If{cond, std::move(before_yes), std::move(before_no)}, loc_);
  return {ir::read(Place{value, {}}), ir::read(Place{dot, {}})};
}

} // namespace nabla::diff
