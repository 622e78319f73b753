#include "diff/inline.h"
#include "analysis/alias.h"
#include "diff/arena.h"
#include "ir/diagnostic.h"
#include "ir/make.h"
#include "ir/walk.h"

namespace nabla::diff {
using namespace ir;

namespace {

// Statements, with all that the callee calls in its turn; above this a call stays a call unless it is the only one: else
// fourteen functions that call each other twice would be copied 2^14 times.
const unsigned largest_callee = 600;
const unsigned largest_function = 3000; // statements of the caller after inlining

unsigned count(const Block &b) {
  unsigned n = 0;
  for_each_stmt(b, [&](const Stmt &) { ++n; });
  return n;
}

/// Is the variable itself assigned, or its address taken, anywhere in the block?
bool is_written(const Block &body, const Var &v) {
  bool found = false;
  for_each_stmt(body, [&](const Stmt &s) {
    for (const Place &p : writes_of(s)) {
      bool itself = true;
      for (const Step &step : p.path)
        itself &= !std::holds_alternative<Deref>(step);
      found |= p.root == v && itself && !(std::holds_alternative<Declare>(s.node));
    }
    for_each_expr(s, [&](const Ex &top) {
      for_each_subexpr(top, [&](const Ex &e) {
        auto *a = std::get_if<AddressOf>(&e->node);
        if (!a || a->place.root != v)
          return;
        bool itself = true;
        for (const Step &step : a->place.path)
          itself &= !std::holds_alternative<Deref>(step);
        found |= itself;
      });
    });
  });
  return found;
}

/// A place that means the same wherever it is evaluated: a variable, then fields and constant subscripts.
bool is_fixed(const Place &p) {
  for (const Step &step : p.path) {
    if (auto *i = std::get_if<Index>(&step); i && !std::holds_alternative<Const>(i->at->node))
      return false;
    if (std::holds_alternative<Deref>(step) && !p.root->type.is_reference())
      return false;
  }
  return true;
}

/// A local array that a pointer parameter is to be: what decays to `&a[0]`.
Var array_of(const Ex &arg) {
  auto *a = std::get_if<AddressOf>(&arg->node);
  if (!a || a->place.path.size() != 1 || a->place.root->kind != Variable::Local ||
      !a->place.root->type.is(Type::Array))
    return nullptr;
  auto *first = std::get_if<Index>(&a->place.path[0]);
  return first && is_zero(first->at) ? a->place.root : nullptr;
}

/// p[i] becomes a[i], and p itself &a[0].
Block with_array(const Block &block, const Var &pointer, const Ex &arg) {
  Var array = array_of(arg);
  Block out = rewrite_exprs(block, [&](const Ex &e) -> std::optional<Ex> {
    auto *r = std::get_if<Read>(&e->node);
    bool itself = r && r->place.root == pointer && r->place.path.empty();
    return itself ? std::optional(make(arg->node, e.type())) : std::nullopt;
  });
  return rewrite_places(out, [&](const Place &p) -> std::optional<Place> {
    if (p.root != pointer)
      return {};
    Place element{array, p.path};
    const Deref &step = std::get<Deref>(p.path[0]);
    element.path[0] = Index{step.offset ? step.offset : integer(0)};
    return element;
  });
}

class Inliner {
public:
  Inliner(const Function &f, const BodyOf &body_of, const std::function<bool(const CalleeRef &)> &keeps)
      : function_(f), body_of_(body_of), keeps_(keeps) {}

  Function run() {
    Function out = function_;
    if (function_.callee)
      active_.push_back(function_.callee);
    size_ = count(out.body);
    enclosing_.push_back(&function_.body);
    out.body = expand(out.body);
    if (made_record_)
      out.body.insert(out.body.begin(), {Declare{record_, {}, false, {}}, {}, 0});
    renumber(out);
    return out;
  }

private:
  Block expand(const Block &block) {
    Block out;
    for (const Stmt &s : block) {
      auto *call = std::get_if<Call>(&s.node);
      if (call && is_candidate(call->callee) && expand_call(s, *call, out))
        continue;
      out.push_back(with_blocks(s, [&](const Block &b) { return expand(b); }));
    }
    return out;
  }

  /// Of derivatives a tangent alone may be, which holds no reverse sweep; nobody has opened its containers yet.
  static bool is_plain_tangent(const Callee &callee) {
    return callee.derivative->mode == Derivative::Pushforward && !callee.derivative->directions.kind &&
           std::none_of(callee.params.begin(), callee.params.end(),
                        [](const Type &t) { return t.has_outside(); });
  }
  bool is_candidate(const CalleeRef &callee) const {
    return callee->kind == Callee::Visible && (!callee->derivative || is_plain_tangent(*callee)) &&
           !(keeps_ && keeps_(callee));
  }

  bool is_recursive(const CalleeRef &callee) {
    std::set<CalleeRef> seen;
    std::function<bool(const CalleeRef &)> reaches = [&](const CalleeRef &c) {
      bool found = false;
      for_each_stmt(body_of_(c).body, [&](const Stmt &s) {
        auto *call = std::get_if<Call>(&s.node);
        if (!call || !is_candidate(call->callee) || found)
          return;
        found |= call->callee == callee || (seen.insert(call->callee).second && reaches(call->callee));
      });
      return found;
    };
    return reaches(callee);
  }

  /// Statements of the callee with its own calls expanded; recursion counts once.
  unsigned full_size(const CalleeRef &callee) {
    auto [it, fresh] = full_sizes_.emplace(callee, 0);
    if (!fresh)
      return it->second;
    unsigned long n = 0;
    for_each_stmt(body_of_(callee).body, [&](const Stmt &s) {
      auto *call = std::get_if<Call>(&s.node);
      n += 1 + (call && is_candidate(call->callee) ? full_size(call->callee) : 0);
    });
    return full_sizes_[callee] = unsigned(std::min(n, 1000000ul));
  }

  static unsigned calls(const Block &block, const CalleeRef &callee) {
    unsigned n = 0;
    for_each_stmt(block, [&](const Stmt &s) {
      auto *call = std::get_if<Call>(&s.node);
      n += call && call->callee == callee;
    });
    return n;
  }

  bool expand_call(const Stmt &s, const Call &call, Block &out) {
    for (const CalleeRef &c : active_)
      if (c == call.callee)
        return false;
    auto known = recursive_.find(call.callee);
    if (known == recursive_.end())
      known = recursive_.emplace(call.callee, is_recursive(call.callee)).first;
    if (known->second)
      return false;
    const Function &body = body_of_(call.callee);
    unsigned n = count(body.body);
    if (size_ + n > largest_function)
      return false;
    if (n > largest_callee ||
        (full_size(call.callee) > largest_callee && calls(*enclosing_.back(), call.callee) > 1))
      return false;
    size_ += n;
    Function copy = clone_with_fresh_locals(body);
    copy.body = in_record(copy.body, Depth::All, [&] { return record(); });
    if (!call.callee->namespaces.empty() && call.callee->namespaces[0] == "nabla")
      for_each_stmt(copy.body, [&](Stmt &inner) { inner.loc = s.loc; }); // the user's own token
    PlaceMap places;
    for (std::size_t i = 0; i < copy.params.size(); ++i)
      bind(copy, i, call.args[i], s.loc, places, out);
    if (!places.empty())
      copy.body = substitute(copy.body, places);
    active_.push_back(call.callee);
    enclosing_.push_back(&copy.body);
    Block expanded = expand(copy.body);
    enclosing_.pop_back();
    active_.pop_back();
    finish(std::move(expanded), call, s.loc, out);
    return true;
  }

  /// The function's, for what inlined tangents would keep in a record of their own: in a loop its adjoints are read when the
  /// iteration is long over, and what follows it allocates in the nearest record.
  Var record() {
    if (record_)
      return record_;
    for (const Var &p : function_.params)
      if (analysis::is_record(p->type))
        return record_ = p;
    made_record_ = true;
    return record_ = local("record", Type::opaque("nabla::record"));
  }

  /// A parameter becomes a local, or falls away where the argument can stand in its place.
  void bind(Function &copy, std::size_t i, const Ex &arg, const Loc &loc, PlaceMap &places, Block &out) {
    Var param = copy.params[i];
    param->kind = Variable::Local;
    if (auto *address = std::get_if<AddressOf>(&arg->node);
        address && (param->type.is_reference() || analysis::is_record(param->type)) &&
        is_fixed(address->place)) {
      places[param] = address->place;
      copy.body = addressed(copy.body, param, address->place);
      return;
    }
    Var array = array_of(arg);
    if (array && param->type.is(Type::Pointer) && !param->type.is_reference() &&
        !is_written(copy.body, param) && array->inactive == param->inactive) {
      copy.body = with_array(copy.body, param, arg);
      return;
    }
    auto *place = std::get_if<Read>(&arg->node);
    bool plain =
        place && is_fixed(place->place) && place->place.path.empty() && place->place.type() == arg.type();
    if (plain && !is_written(copy.body, param) && is_stable(place->place.root) &&
        place->place.root->inactive == param->inactive) {
      places[param] = place->place;
      if (param->type.is_reference()) // bound to what the pointer leads to
        places[param].path.push_back(Deref{});
      return;
    }
    out.push_back({Declare{param, arg, false, {}}, loc, 0});
  }

  /// The reference's own address, and tests whether it is null, once it stands for `place`.
  static Block addressed(const Block &body, const Var &reference, const Place &place) {
    auto is_it = [&](const Ex &e) {
      auto *r = std::get_if<Read>(&e->node);
      return r && r->place.root == reference && r->place.path.empty() && e.type().is(Type::Pointer);
    };
    return rewrite_up(body, [&](const Ex &e) -> std::optional<Ex> {
      if (is_it(e))
        return make(AddressOf{place}, e.type());
      auto *choice = std::get_if<Select>(&e->node);
      auto *test = choice ? std::get_if<Native>(&choice->cond->node) : nullptr;
      if (!test || test->op != "!=" || !std::holds_alternative<Const>(test->args[1]->node) ||
          !std::holds_alternative<AddressOf>(test->args[0]->node) || !test->args[0].type().is(Type::Pointer))
        return {};
      return choice->yes;
    });
  }

  /// A variable that nothing in this function writes after it was declared.
  bool is_stable(const Var &v) {
    auto it = stable_.find(v);
    if (it != stable_.end())
      return it->second;
    bool stable = v->kind != Variable::Global && !v->type.is_reference();
    for (const Block *body : enclosing_)
      stable = stable && !is_written(*body, v);
    return stable_[v] = stable;
  }

  void finish(Block body, const Call &call, const Loc &loc, Block &out) {
    std::optional<Ex> value;
    if (!body.empty())
      if (auto *r = std::get_if<Return>(&body.back().node)) {
        value = r->value;
        body.pop_back();
      }
    for (Stmt &s : body)
      out.push_back(std::move(s));
    if (!call.result)
      return;
    if (!value)
      internal_error("an inlined function returns nothing", loc);
    Type to = call.result->type();
    if (value->type().is_reference() && !to.is_reference() &&
        to.is(Type::Pointer)) // bound from here on by its address
      value = make((*value)->node, to.with_const(false));
    out.push_back({Assign{*call.result, *value}, loc, 0});
  }

  Var record_; ///< for what inlined tangents keep
  bool made_record_ = false;
  const Function &function_;
  const BodyOf &body_of_;
  const std::function<bool(const CalleeRef &)> &keeps_;
  std::vector<CalleeRef> active_;
  std::vector<const Block *> enclosing_; // bodies that the current one is inlined into, itself included
  std::map<CalleeRef, unsigned> full_sizes_;
  std::map<CalleeRef, bool> recursive_;
  std::map<Var, bool> stable_;
  unsigned size_ = 0;
};

} // namespace

Function inline_calls(const Function &f, const BodyOf &body_of,
                      const std::function<bool(const CalleeRef &)> &keeps) {
  return Inliner(f, body_of, keeps).run();
}

} // namespace nabla::diff
