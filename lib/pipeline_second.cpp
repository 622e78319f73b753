// Second order and beyond: a product of the Hessian is the tangent of the gradient function.
#include "analysis/alias.h"
#include "pipeline_state.h"

namespace nabla {

namespace {

/// The adjoints are not asked for, and nobody reads them: what is added into them falls away.
Function without_adjoints(const Function &f, const std::set<Var> &adjoints) {
  Function apart = f;
  apart.may_alias = false; // no caller passes these, so none of them is another parameter's memory
  analysis::Alias alias(apart, true);
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

/// An adjoint that is not asked for, and the parameter it belongs to.
struct Unwanted {
  Var bar, primal;
};

/// Is the pointer compared with null, and nothing else done with it?
bool is_only_compared(const Function &f, const Var &pointer) {
  unsigned all = 0, compared = 0;
  for_each_variable(f.body, [&](const Var &v) { all += v == pointer; });
  for_each_stmt(f.body, [&](const Stmt &s) {
    auto *n = std::get_if<If>(&s.node);
    auto *test = n ? std::get_if<Native>(&n->cond->node) : nullptr;
    auto *r = test && test->op == "!=" ? std::get_if<Read>(&test->args[0]->node) : nullptr;
    compared += r && r->place.root == pointer && r->place.path.empty();
  });
  return all == compared;
}

using WritesParameter = std::function<bool(const Var &)>;

/// Does a call get the pointer, or one that is found through it?
bool is_handed_on(const Function &f, const Var &pointer) {
  analysis::Alias alias(f, true);
  const analysis::Alias::Objects memory = alias.reachable(alias.pointees(alias.object_of(pointer)));
  bool found = false;
  for_each_stmt(f.body, [&](const Stmt &s) {
    if (auto *c = std::get_if<Call>(&s.node))
      for (const Ex &a : c->args)
        found = found ||
                (a->type.is(Type::Pointer) && alias.overlap(alias.reachable(alias.points_to(a)), memory));
  });
  return found;
}

bool is_null_literal(const Ex &e) {
  auto *c = std::get_if<Const>(&e->node);
  return c && c->spelling == "nullptr";
}

/// Where the pointer is null, so is what is computed from it.
Block with_null(const Block &b, const Var &pointer) {
  return rewrite_up(b, [&](const Ex &e) -> std::optional<Ex> {
    auto *n = std::get_if<Native>(&e->node);
    auto *moved = n && (n->op == "+" || n->op == "-") && e.type().is(Type::Pointer)
                      ? std::get_if<Read>(&n->args[0]->node)
                      : nullptr;
    auto *a = std::get_if<AddressOf>(&e->node);
    bool is_null = moved && moved->place.root == pointer && moved->place.path.empty();
    is_null = is_null || (n && (n->op == "+" || n->op == "-") && e.type().is(Type::Pointer) &&
                          is_null_literal(n->args[0]));
    auto *cast = std::get_if<Cast>(&e->node);
    is_null = is_null || (cast && e.type().is(Type::Pointer) && is_null_literal(cast->from));
    auto *chosen = std::get_if<Select>(&e->node);
    is_null = is_null || (chosen && is_null_literal(chosen->yes) && is_null_literal(chosen->no));
    is_null = is_null || (a && !e.type().is_reference() && a->place.root == pointer &&
                          a->place.path.size() == 1 && std::holds_alternative<Deref>(a->place.path[0]));
    return is_null ? std::optional(null_pointer(e.type())) : std::nullopt;
  });
}

/// Zeros in the shape of another container, in the function's record.
void zero_view(const Place &to, const Place &of, Block &out) {
  const Type t = of.type(), count_type = Type::integer("unsigned long");
  auto loop = [&](const Ex &count, const std::function<void(const Ex &, Block &)> &body) {
    Var k = ir::local("k", count_type);
    For n{k, integer(0, count_type), For::LT, count, 1, {}, false};
    body(ir::read(k), n.body);
    if (!n.body.empty())
      out.push_back({std::move(n), {}, 0});
  };
  if (!t.has_outside())
    return;
  if (t.is(Type::Array))
    return loop(integer(t.extent(), count_type),
                [&](const Ex &k, Block &b) { zero_view(ir::index(to, k), ir::index(of, k), b); });
  if (!t.is(Type::Record))
    return;
  if (t.members().container == Struct::None) {
    if (t.members().is_choice)
      out.push_back({Assign{ir::field(to, 0), ir::read(ir::field(of, 0))}, {}, 0});
    for (unsigned i = 0; i < t.members().fields.size(); ++i)
      zero_view(ir::field(to, i), ir::field(of, i), out);
    return;
  }
  const Type element = t.members().fields[Struct::Data].type.element().with_const(false);
  const Ex count = ir::read(ir::field(of, Struct::Size));
  out.push_back({Allocate{ir::field(to, Struct::Data), element, count, Allocate::Arena, true, {}}, {}, 0});
  for (unsigned i = Struct::Size; i < t.members().fields.size(); ++i)
    out.push_back({Assign{ir::field(to, i), ir::read(ir::field(of, i))}, {}, 0});
  loop(count, [&](const Ex &k, Block &b) {
    zero_view(ir::deref(ir::field(to, Struct::Data), k), ir::deref(ir::field(of, Struct::Data), k), b);
  });
}

/// What calls add into, though it is not asked for: a local, or null for an array that is only read.
void stand_in(Function &f, const Unwanted &u, const WritesParameter &writes,
              const std::function<void()> &refuse_array) {
  const Var &bar = u.bar;
  bar->kind = Variable::Local;
  Block start;
  const Type &t = u.primal->type;
  if (t.is(Type::Pointer) && !t.is_reference()) {
    bool is_read_only = t.element().is_const() || is_only_compared(f, bar) || !writes(u.primal);
    if (!is_read_only || !diff::may_have_null_shadow(t))
      refuse_array();
    f.body = with_null(f.body, bar);
    start.push_back({Declare{bar, null_pointer(bar->type), false, {}}, {}, 0});
  } else {
    Var sum = ir::local(bar->name, bar->type.element().with_const(false));
    const bool is_view = sum->type.has_outside(); // nobody reads nor writes what it would lead to
    std::optional<Ex> zeros;                      // elements of its own
    if (diff::is_addresses(sum->type))
      zeros = ir::native("call nabla::zeros_like", {read(place(u.primal))}, sum->type);
    start.push_back({Declare{sum, zeros, !zeros, {}}, {}, 0});
    if (is_view && is_handed_on(f, bar)) // to what adds into its elements
      zero_view(Place{sum, {}}, place(u.primal), start);
    Block structure = is_view || diff::owns_unknown(sum->type) ? Block() : diff::matching(sum, u.primal);
    start.insert(start.end(), structure.begin(), structure.end());
    start.push_back({Declare{bar, ir::make(AddressOf{Place{sum, {}}}, bar->type), false, {}}, {}, 0});
  }
  if (auto record = std::find_if(f.body.begin(), f.body.end(), diff::declares_record);
      record != f.body.end()) {
    start.insert(start.begin(), *record); // it comes first
    f.body.erase(record);
  }
  f.body.insert(f.body.begin(), start.begin(), start.end());
  if (diff::lacks_record(f))
    f.body.insert(f.body.begin(),
                  {Declare{ir::local("record", Type::opaque("nabla::record")), {}, false, {}}, {}, 0});
  renumber(f);
}

/// The function without the parameters that take unwanted adjoints.
Function without(const Function &f, const std::vector<Unwanted> &unwanted, const WritesParameter &writes,
                 const std::function<void(const Unwanted &)> &refuse_array) {
  std::set<Var> adjoints, unread, left;
  for (const Unwanted &u : unwanted) {
    adjoints.insert(u.bar);
    if (!writes(u.primal))
      unread.insert(u.bar);
    else if (f.may_alias) // one that stands in would have to be that of other parameters as well
      refuse_array(u);
  }
  Function out = without_adjoints(f, unread);
  for_each_variable(out.body, [&](const Var &v) { left.insert(v); });
  for (const Unwanted &u : unwanted) {
    bool is_missing = left.count(u.bar) && diff::owns_unknown(u.primal->type);
    if (is_missing && (!unread.count(u.bar) || is_handed_on(out, u.bar)))
      refuse_array(u);
  }
  for (const Unwanted &u : unwanted)
    if (left.count(u.bar))
      stand_in(out, u, writes, [&] { refuse_array(u); });
  std::vector<Var> params;
  for (const Var &p : out.params)
    if (!adjoints.count(p))
      params.push_back(p);
  out.params = params;
  renumber(out);
  return out;
}

/// The parameters of `made` from number `first` on belong to those of the primal that are chosen.
std::vector<Unwanted> belonging(const Function &made, std::size_t first, const std::vector<Var> &primal,
                                const std::vector<bool> &chosen) {
  std::vector<Unwanted> out;
  for (std::size_t i = 0; i < primal.size(); ++i)
    if (i < chosen.size() && chosen[i])
      out.push_back({made.params[first++], primal[i]});
  return out;
}

} // namespace

/// May the function, or whomever it calls, write what the pointer leads to?
bool Pipeline::State::writes_through(const Function &f, const Var &pointer) {
  std::set<std::pair<CalleeRef, std::size_t>> seen;
  std::vector<std::pair<CalleeRef, std::size_t>> work;
  auto look = [&](const Function &body, const Var &v) {
    analysis::Alias alias(body, true);
    const analysis::Alias::Objects memory = alias.reachable(alias.pointees(alias.object_of(v)));
    bool found = false;
    for_each_stmt(body.body, [&](const Stmt &s) {
      for (const Place &p : writes_of(s))
        found = found || alias.overlap(alias.objects(p), memory);
      auto *c = std::get_if<Call>(&s.node);
      for (std::size_t i = 0; c && i < c->args.size(); ++i) {
        const Type &t = c->callee->params.at(i);
        if (!t.is(Type::Pointer) || t.element().is_const())
          continue;
        const analysis::Alias::Objects there = alias.reachable(alias.points_to(c->args[i]));
        const bool is_adjoint = c->callee->derivative && i >= c->callee->derivative->of->params.size();
        if (is_adjoint ? !analysis::meet(there, memory)
                       : !alias.overlap(there, memory)) // an adjoint is memory of its own
          continue;
        found = found || c->callee->kind != Callee::Visible;
        if (seen.insert({c->callee, i}).second)
          work.push_back({c->callee, i});
      }
    });
    return found;
  };
  if (look(f, pointer))
    return true;
  while (!work.empty()) {
    auto [callee, i] = work.back();
    work.pop_back();
    if (callee->derivative) { // it writes the adjoints, and what the function itself writes
      if (i >= callee->derivative->of->params.size())
        return true;
      if (seen.insert({callee->derivative->of, i}).second)
        work.push_back({callee->derivative->of, i});
      continue;
    }
    const Function body = prepared(callee);
    if (callee->kind != Callee::Visible || look(body, body.params.at(i)))
      return true;
  }
  return false;
}

/// (args, directions, results): the tangent of the gradient function, whose adjoints are not asked for; or
/// (args, adjoints, directions, results).
Function Pipeline::State::hvp(const CalleeRef &c, const std::vector<bool> &directions,
                              const std::vector<bool> &results, diff::TangentOptions how,
                              bool with_adjoints) {
  return hvp(prepared(c), c->name, directions, results, how, with_adjoints);
}

Function Pipeline::State::hvp(const Function &primal, const std::string &name,
                              const std::vector<bool> &directions, const std::vector<bool> &results,
                              diff::TangentOptions how, bool with_adjoints) {
  Silence quiet(silent);
  Function gradient = this->gradient(primal, results, "gradient", false, {!with_adjoints, {}});
  std::size_t own = primal.params.size();
  std::vector<bool> by = directions;
  by.resize(own, false);
  by.resize(gradient.params.size(), true);
  how.value_only = true;
  Function f = tangent(gradient, by, how, true);
  if (with_adjoints)
    f = finished(f);
  else
    f = finished(without(
        f, belonging(gradient, own, primal.params, results),
        [&](const Var &v) { return writes_through(primal, v); },
        [&](const Unwanted &u) { refuse(Diag::HvpWrites, f.loc, {name, u.primal->name}); }));
  emit_called(f);
  return f;
}

/// (args, first directions, second directions, results): adds the third derivative in two directions into the results. It is
/// the tangent of (args, first directions, results) as hvp makes it.
Function Pipeline::State::third(const CalleeRef &c, const std::vector<bool> &first,
                                const std::vector<bool> &second, const std::vector<bool> &results,
                                diff::TangentOptions how) {
  Silence quiet(silent);
  Function product = hvp(c, first, results, how);
  std::vector<Var> own(product.params.begin(), product.params.begin() + c->params.size());
  std::size_t directions = std::count(first.begin(), first.end(), true);
  std::vector<bool> by = second;
  by.resize(own.size() + directions, false);
  by.resize(product.params.size(), true);
  how.value_only = true;
  Function f = tangent(product, by, how, true);
  const Function primal = prepared(c);
  auto may_write = [&](const Var &v) {
    return writes_through(primal, primal.params.at(std::find(own.begin(), own.end(), v) - own.begin()));
  };
  f = finished(
      without(f, belonging(product, own.size() + directions, own, results), may_write, [&](const Unwanted &) {
        refuse(Diag::SecondOrderCall, f.loc, {"nabla::hvp<" + c->name + ">", write_nothing});
      }));
  emit_called(f);
  return f;
}

/// Tangents of the pair that callers in other files use.
void Pipeline::State::promise_second_order(const CalleeRef &c) {
  diff::SplitCallee pair = signature(c, {all_real_parameters(c), {}}, "_nabla_" + identifier(c->mangled));
  diff::TangentOptions how;
  how.nullable.all = true;
  for (const CalleeRef &sweep : {pair.forward, pair.reverse}) {
    std::vector<bool> wrt = all_real_parameters(sweep);
    for (std::size_t i = 0; i < wrt.size(); ++i) // what travels on the record has tangents as well
      wrt[i] = wrt[i] || sweep->params[i] == diff::record_parameter();
    CalleeRef made = tangent_signature(sweep, wrt, sweep->name + "_pushforward", how);
    make_pushforward(sweep, wrt, made, how, true, true, false);
  }
}

} // namespace nabla
