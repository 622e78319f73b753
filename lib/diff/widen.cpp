#include "diff/widen.h"
#include "diff/lane_class.h"
#include "diff/linear_form.h"
#include "diff/tangent.h"
#include "ir/build.h"
#include "ir/diagnostic.h"
#include "ir/make.h"
#include "ir/rules.h"
#include "ir/walk.h"

namespace nabla::diff {
using namespace ir;

namespace {

bool is_lanes(const Type &t) { return t.is(Type::Real) && t.spelling().rfind("nabla::lanes<", 0) == 0; }
bool is_wide(const Type &t) {
  bool is_class = t.is(Type::Record) && t.members().spelling.find("nabla::lanes<") != std::string::npos;
  return is_class || is_lanes(t) || ((t.is(Type::Pointer) || t.is(Type::Array)) && is_wide(t.element()));
}

class Widener {
public:
  Widener(const Function &narrow, const std::vector<bool> &wide, const Directions &directions,
          const WideCallee &wide_callee)
      : directions_(directions), wide_callee_(wide_callee), out_(clone_with_fresh_locals(narrow)) {
    for (std::size_t i = 0; i < out_.params.size(); ++i)
      if (i < wide.size() && wide[i])
        wide_.insert(out_.params[i]);
  }

  Function run() {
    find_wide();
    for (const Var &v : wide_)
      retype(v);
    out_.body = block(out_.body);
    renumber(out_);
    return out_;
  }

private:
  // ---- Which variables hold adjoints, or lead to them: what the pass `shadow` made, and where it flows ----

  bool is_adjoint(const Ex &e) const {
    bool found = false;
    if (e.type().is(Type::Pointer) || e.type().is(Type::Real) || e.type().is(Type::Record))
      for_each_variable(e, [&](const Var &v) { found = found || wide_.count(v); });
    return found;
  }

  /// What an adjoint pointer is read from holds adjoint pointers, even if all that is seen to be put there is null.
  void is_source(const Ex &pointer) {
    if (auto *r = std::get_if<Read>(&pointer->node))
      wide_.insert(r->place.root);
    else if (auto *a = std::get_if<AddressOf>(&pointer->node))
      wide_.insert(a->place.root);
    else if (auto *c = std::get_if<Cast>(&pointer->node))
      is_source(c->from);
    else if (auto *s = std::get_if<Select>(&pointer->node)) {
      is_source(s->yes);
      is_source(s->no);
    } else if (auto *n = std::get_if<Native>(&pointer->node); n && !n->args.empty())
      is_source(n->args[0]);
  }

  void find_wide() {
    auto shadow = [&](const Var &v) {
      if (v->is_shadow)
        wide_.insert(v);
    };
    for (const Var &p : out_.params)
      shadow(p);
    for_each_variable(out_.body, shadow);
    for (std::size_t known = 0; known != wide_.size();) {
      known = wide_.size();
      for_each_stmt(out_.body, [&](const Stmt &s) {
        if (auto *d = std::get_if<Declare>(&s.node); d && d->init && is_adjoint(*d->init))
          wide_.insert(d->var);
        if (auto *d = std::get_if<Declare>(&s.node);
            d && d->init && d->var->type.is(Type::Pointer) && wide_.count(d->var))
          is_source(*d->init);
        if (auto *a = std::get_if<Assign>(&s.node);
            a && a->value.type().is(Type::Pointer) && wide_.count(a->to.root))
          is_source(a->value);
        if (auto *a = std::get_if<Assign>(&s.node); a && is_adjoint(a->value))
          wide_.insert(a->to.root);
        if (auto *a = std::get_if<Add>(&s.node); a && is_adjoint(a->value))
          wide_.insert(a->to.root);
      });
    }
  }

  void retype(const Var &v) const {
    Type leaf = v->type;
    while (leaf.is(Type::Pointer) || leaf.is(Type::Array))
      leaf = leaf.element();
    bool is_class = leaf.is(Type::Record) && !lacks_lanes(leaf);
    if (leaf.is_handle() || !(leaf.is(Type::Real) || is_class))
      refuse(Diag::NoLanes, out_.loc,
             {"the adjoint of a value of type '" +
                  (leaf.is(Type::Record) ? leaf.members().spelling : leaf.spelling()) + "'",
              "use reals, arrays, and inside of the function vectors and structs of them"});
    v->type = widened(v->type);
  }
  Type widened(const Type &t) const { return tangent_type(t, directions_).with_const(t.is_const()); }

  // ---- Expressions ----

  Place place(const Place &p) const {
    Place out = p;
    for (Step &step : out.path)
      match(
          step, [&](Index &i) { i.at = ex(i.at); }, [](Field &) {},
          [&](Deref &d) {
            if (d.offset)
              d.offset = ex(d.offset);
          });
    return out;
  }

  Ex ex(const Ex &e) const {
    return match(
        e->node, [&](const Const &) { return e; },
        [&](const Read &n) {
          Place p = place(n.place);
          return make(Read{p}, is_wide(p.type()) ? p.type().with_const(e.type().is_const()) : e.type());
        },
        [&](const AddressOf &n) {
          Place p = place(n.place);
          if (!is_wide(p.type()))
            return make(AddressOf{p}, e.type());
          Type element = p.type();
          if (element.is(Type::Array) && !e.type().element().is(Type::Array))
            element = element.element(); // what an array decays to
          return make(AddressOf{p},
                      e.type().is_reference() ? Type::reference(element) : Type::pointer(element));
        },
        [&](const Apply &n) { return rule(e, n); }, [&](const Native &n) { return operation(e, n); },
        [&](const Cast &n) {
          Ex from = ex(n.from);
          return make(Cast{from}, is_wide(from.type()) ? widened(e.type()) : e.type());
        },
        [&](const Select &n) {
          Ex yes = ex(n.yes), no = ex(n.no);
          const Type &type = is_wide(yes.type()) ? yes.type() : no.type();
          if (is_wide(type)) // C++ wants both arms of one type
            return make(Select{ex(n.cond), as_lanes(yes, type), as_lanes(no, type)}, type.with_const(false));
          return make(Select{ex(n.cond), yes, no}, e.type());
        });
  }

  static Ex as_lanes(const Ex &e, const Type &type) {
    auto *c = std::get_if<Const>(&e->node);
    if (type.is(Type::Pointer) && c && c->spelling == "nullptr")
      return null_pointer(type.with_const(false));
    return !is_lanes(type) || is_lanes(e.type()) ? e
           : ir::is_zero(e)                      ? ir::zero(type)
                                                 : make(Cast{e}, type.with_const(false));
  }

  /// Of the rules, those that are linear in the adjoint.
  Ex rule(const Ex &e, const Apply &n) const {
    std::vector<Ex> args;
    std::vector<bool> lanes;
    Type type = e.type();
    for (const Ex &a : n.args) {
      args.push_back(ex(a));
      lanes.push_back(is_lanes(args.back().type()));
      if (lanes.back())
        type = args.back().type().with_const(false);
    }
    if (!is_lanes(type))
      return make(Apply{n.rule, args}, e.type());
    auto zero_or_lanes = [&](std::size_t i) { return lanes[i] || is_zero(args[i]); };
    bool is_linear = false;
    switch (n.rule) {
    case Rule::neg:
      is_linear = true;
      break;
    case Rule::add:
    case Rule::sub:
      is_linear = zero_or_lanes(0) && zero_or_lanes(1);
      break;
    case Rule::mul:
    case Rule::guarded:
      is_linear = lanes[0] != lanes[1];
      break;
    case Rule::div:
      is_linear = !lanes[1];
      break;
    default:
      break;
    }
    if (!is_linear)
      refuse_rule();
    return make(Apply{n.rule, args}, type);
  }

  Ex operation(const Ex &e, const Native &n) const {
    std::vector<Ex> args;
    Type type = e.type();
    for (const Ex &a : n.args) {
      args.push_back(ex(a));
      if (is_lanes(args.back().type()))
        refuse_rule();
      if (e.type().is(Type::Pointer) && is_wide(args.back().type()))
        type = args.back().type();
    }
    return make(Native{n.op, args}, type);
  }

  [[noreturn]] void refuse_rule() const {
    refuse(Diag::NoLanes, loc_,
           {"a pullback that is not linear in its seed", "write it in sums and products with the seed"});
  }

  // ---- Statements ----

  Block block(const Block &b) {
    Block out;
    for (const Stmt &s : b)
      statement(s, out);
    return out;
  }

  void statement(const Stmt &s, Block &out) {
    if (s.loc)
      loc_ = s.loc;
    if (auto *c = std::get_if<Call>(&s.node)) {
      call(s, *c, out);
      return;
    }
    Stmt made = with_blocks(s, [&](const Block &b) { return block(b); });
    if (s.loc)
      loc_ = s.loc;
    match(
        made.node,
        [&](Declare &n) {
          if (n.init)
            n.init = value(*n.init, n.var->type);
        },
        [&](Assign &n) {
          Place to = place(n.to);
          n = {to, value(n.value, to.type())};
        },
        [&](Add &n) {
          Place to = place(n.to);
          n = {to, value(n.value, to.type())};
        },
        [&](If &n) { n.cond = ex(n.cond); },
        [&](For &n) {
          n.first = ex(n.first);
          n.bound = ex(n.bound);
        },
        [&](While &n) { n.cond = ex(n.cond); }, [&](Scope &) {}, [&](Exit &) {},
        [&](Return &n) { n.value = optional(n.value); }, [&](Call &) {},
        [&](Allocate &n) {
          n.to = place(n.to);
          if (n.to.type().is(Type::Pointer) && is_wide(n.to.type().element()))
            n.element = widened(n.element);
          n.count = n.count ? ex(n.count) : n.count;
          n.init = optional(n.init);
        },
        [&](Free &n) { n.pointer = ex(n.pointer); },
        [&](Opaque &n) {
          for (Ex &a : n.args)
            a = ex(a);
        },
        [&](Push &n) {
          n.value = ex(n.value);
          if (is_lanes(n.value.type())) // its type is not known where it is popped
            refuse(Diag::NoLanes, loc_ ? loc_ : out_.loc,
                   {"a call of a generated function here", "differentiate without that call"});
        },
        [&](Pop &n) { n.to = place(n.to); }, [&](Comment &) {}, [&](Try &) {}, [&](Throw &) {});
    out.push_back(std::move(made));
  }

  Ex value(const Ex &e, const Type &to) const { return as_lanes(linear_form(ex(e)), to); }
  std::optional<Ex> optional(const std::optional<Ex> &e) const {
    return e && *e ? std::optional<Ex>(linear_form(ex(*e))) : e;
  }

  void call(const Stmt &s, const Call &n, Block &out) {
    Call made = n;
    std::vector<bool> wide;
    for (Ex &a : made.args) {
      a = ex(a);
      wide.push_back(is_wide(a.type()));
    }
    if (made.result)
      made.result = place(*made.result);
    made.callee = wide_callee_(n.callee, wide, takes_single_reals(made.args), loc_);
    if (!made.callee) {
      lane_by_lane(s, n, made.args, out);
      return;
    }
    for (std::size_t i = 0; i < made.args.size() && i < made.callee->params.size(); ++i)
      if (auto *c = std::get_if<Const>(&made.args[i]->node); c && c->spelling == "nullptr")
        made.args[i] = null_pointer(made.callee->params[i].with_const(false));
    out.push_back({made, s.loc, 0});
  }

  /// What is wide among the arguments is the address of one adjoint, or a seed.
  static bool takes_single_reals(const std::vector<Ex> &wide_args) {
    for (const Ex &a : wide_args) {
      auto *address = std::get_if<AddressOf>(&a->node);
      bool is_single =
          is_lanes(a.type()) || (address && is_lanes(address->place.type()) &&
                                 (address->place.path.empty() || address->place.root->leads_to_one));
      if (is_wide(a.type()) && !is_single)
        return false;
    }
    return true;
  }

  /// narrow:   g_pb(x, y_bar, &x_bar);
  /// wide:     for (lane ...) { double d = 0; g_pb(x, y_bar[lane], &d); x_bar += in_lane(d, lane); }
  void lane_by_lane(const Stmt &s, const Call &n, const std::vector<Ex> &wide_args, Block &out) const {
    Var lane = local("lane", Type::integer());
    For loop{lane, integer(0), For::LT, integer(long(directions_.number)), 1, {}, false};
    Block after;
    Call one = n;
    for (std::size_t i = 0; i < n.args.size(); ++i) {
      const Ex &a = wide_args[i];
      if (!is_wide(a.type())) {
        one.args[i] = a;
        continue;
      }
      Type narrow = n.args[i].type();
      if (is_lanes(a.type())) {
        one.args[i] = native("call nabla::lane", {a, ir::read(lane)}, narrow);
        continue;
      }
      const Place &bar = std::get<AddressOf>(a->node).place;
      Type real = narrow.element().with_const(false);
      Var d = local("d", real);
      loop.body.push_back({Declare{d, {}, true, {}}, s.loc, 0});
      one.args[i] = make(AddressOf{Place{d, {}}}, Type::pointer(real));
      Type lanes = bar.type().with_const(false);
      after.push_back({Add{bar, native("call nabla::in_lane<" + lanes.spelling() + ">",
                                       {ir::read(d), ir::read(lane)}, lanes)},
                       s.loc, 0});
    }
    loop.body.push_back({one, s.loc, 0});
    loop.body.insert(loop.body.end(), after.begin(), after.end());
    out.push_back({std::move(loop), s.loc, 0});
  }

  const Directions &directions_;
  const WideCallee &wide_callee_;
  Function out_;
  std::set<Var> wide_;
  Loc loc_; ///< of the statement at hand
};

} // namespace

Function widen(const Function &narrow, const std::vector<bool> &wide, const Directions &directions,
               const WideCallee &wide_callee) {
  return Widener(narrow, wide, directions, wide_callee).run();
}

} // namespace nabla::diff
