#include "diff/checkpoint_sweeps.h"
#include "diff/arena.h"
#include "diff/checkpoint_state.h"
#include "diff/loops.h"
#include "diff/shadow.h"
#include "ir/walk.h"
#include <algorithm>

namespace nabla::diff {
using namespace ir;

namespace {

const Type number = Type::integer("long");

Var param(const std::string &name, const Type &type) {
  Var v = local(name, type);
  v->kind = Variable::Param;
  return v;
}

/// Where the object is that a parameter, or a pointer to it, stands for.
Place object(const Var &v, bool is_pointed_at) { return is_pointed_at ? Place{v, {Deref{}}} : Place{v, {}}; }

Stmt plain(decltype(Stmt::node) node) { return {std::move(node), {}, 0}; }

/// One of the two sweeps: its names for what the loop uses, and for the adjoints.
class Sweep {
public:
  Sweep(const CheckpointedLoop &loop, const std::vector<bool> &active, const StepFunctions &step)
      : loop_(loop), active_(active), step_(step), record_(param("record", record_parameter())),
        kept_(local("kept", Type::opaque("nabla::snapshots::store"))) {}

protected:
  struct Name {
    Var var;
    bool is_pointed_at = false; ///< a reference, or the pointer that stands for one
    Type type;                  ///< of the parameter
    Place place() const { return object(var, is_pointed_at); }
    /// As an argument for a parameter of this type.
    Ex passed() const {
      return is_pointed_at ? make(AddressOf{place()}, type)
                           : make(Read{place()}, var->type.with_const(false));
    }
  };

  std::size_t count() const { return loop_.used.size(); }
  bool is_counted() const { return std::holds_alternative<For>(loop_.loop.node); }
  const For &counted() const { return std::get<For>(loop_.loop.node); }
  Ex kept() const { return ir::read(Place{kept_, {}}); }

  /// Each part of what is handed on, kept or taken: what lies in memory, and for a snapshot our own pointers as well.
  void parts(const char *verb, Block &out, bool with_pointers = true) const {
    bool takes = verb == std::string("take");
    auto part = [&](const Place &p) {
      out.push_back(snapshots_call(verb, {kept(), make(Read{p}, p.type().with_const(false))},
                                   takes ? std::vector<Place>{p} : std::vector<Place>()));
    };
    for (std::size_t i = 0; i < count(); ++i)
      if (loop_.used[i].is_state)
        part(used_[i].place());
    for (const Var &m : memory_)
      out.push_back(snapshots_call(verb, {kept(), ir::read(Place{m, {}})}));
    for (const CheckpointedLoop::Turn &t :
         with_pointers ? loop_.turns : std::vector<CheckpointedLoop::Turn>()) {
      part(used_[t.to].place());
      if (active_[t.to])
        part(bars_.at(t.to).place());
    }
  }

  /// Iteration `step`, then pointers change places. `callee`: all its arguments but the adjoints are these.
  std::vector<Ex> arguments(const Var &step) const {
    std::vector<Ex> out;
    for (const Name &n : used_)
      out.push_back(n.passed());
    auto with_blocks = [&] {
      for (const Var &m : loop_.blocks.empty() ? std::vector<Var>() : memory_)
        out.push_back(ir::read(Place{m, {}}));
      return out;
    };
    if (!is_counted())
      return with_blocks();
    Ex index = ir::read(Place{step, {}});
    if (counted().step != 1)
      index = index * integer(counted().step, number);
    if (!is_zero(counted().first))
      index = cast(ir::read(Place{first_, {}}), number) + index;
    out.push_back(cast(index, counted().index->type.with_const(false)));
    return with_blocks();
  }
  void run(const CalleeRef &callee, const Var &step, Block &out) const {
    out.push_back(plain(Call{callee, arguments(step), {}}));
    Block behind;
    auto turn = [&](const Name &to, const Name &from) {
      Var was = local(from.var->name + "_was", from.var->type.with_const());
      out.push_back(plain(Declare{was, ir::read(from.place()), false, {}}));
      behind.push_back(plain(Assign{to.place(), ir::read(Place{was, {}})}));
    };
    for (const CheckpointedLoop::Turn &t : loop_.turns) {
      turn(used_[t.to], used_[t.from]);
      if (active_[t.to])
        turn(bars_.at(t.to), bars_.at(t.from));
    }
    out.insert(out.end(), behind.begin(), behind.end());
  }
  Stmt snapshot_before(const Var &step) const {
    Block keeps;
    parts("keep", keeps);
    return plain(
        If{native("call nabla::snapshots::wants", {kept(), ir::read(Place{step, {}})}, Type::boolean()),
           keeps,
           {}});
  }
  static Stmt next(const Var &step) {
    return plain(Assign{Place{step, {}}, ir::read(Place{step, {}}) + integer(1, number)});
  }

  const CheckpointedLoop &loop_;
  const std::vector<bool> &active_;
  const StepFunctions &step_;
  Var record_, kept_, first_;
  std::vector<Name> used_;
  std::map<std::size_t, Name> bars_;
  std::vector<Var> memory_;
};

bool is_reference(const Type &t) { return t.is(Type::Pointer) && t.is_reference(); }

class ForwardSweep : Sweep {
public:
  using Sweep::Sweep;

  Function run() {
    Function f;
    f.name = loop_.steps->name + "_forward";
    f.result = loop_.steps->result;
    f.loc = loop_.loc;
    PlaceMap names;
    for (const CheckpointedLoop::Used &u : loop_.used) {
      used_.push_back({param(u.var->name, u.param), is_reference(u.param), u.param});
      names[u.var] = used_.back().place();
    }
    for (const Var &m : loop_.memory)
      memory_.push_back(param(m->name, m->type));
    for (std::size_t i = 0; i < count(); ++i)
      if (active_[i] && loop_.used[i].param.is(Type::Pointer)) {
        Type t = adjoint_param_type(loop_.used[i].param);
        bars_[i] = {param(loop_.used[i].var->name + "_bar", t), is_reference(t), t};
        bars_[i].var->is_shadow = true;
      }
    for (const Name &n : used_)
      f.params.push_back(n.var);
    f.params.insert(f.params.end(), memory_.begin(), memory_.end());
    for (auto &[i, n] : bars_)
      f.params.push_back(n.var);
    f.params.push_back(record_);
    f.body = loop_.tables;
    bool has_reverse = std::find(active_.begin(), active_.end(), true) != active_.end();
    if (!has_reverse && f.result.is(Type::Void)) {
      f.body.push_back(substitute(Block{loop_.loop}, names)[0]);
      return without_checkpoints(f);
    }
    if (is_counted())
      counted_loop(names, f.body);
    else
      general_loop(names, f.body);
    push(f.body);
    if (!f.result.is(Type::Void))
      f.body.push_back(plain(Return{native("call nabla::snapshots::steps_of", {kept()}, number)}));
    renumber(f);
    return f;
  }

private:
  void make_kept(const PlaceMap &names, const Ex &steps, Block &out) const {
    Ex record = make(Read{Place{record_, {}}}, record_->type);
    Ex most = cast(substitute(loop_.snapshots, names), number);
    out.push_back(plain(Declare{
        kept_, native("call nabla::snapshots::make", {record, most, steps}, kept_->type), false, {}}));
  }

  /// for (step = 0; step < steps; ++step) { if (wants(step)) keep; f_step(..., first + step); }
  void counted_loop(const PlaceMap &names, Block &out) {
    const For &loop = counted();
    first_ = local("first", loop.index->type.with_const());
    Var steps = local("steps", number.with_const()), step = local("step", number);
    if (!is_zero(loop.first))
      out.push_back(plain(Declare{first_, substitute(loop.first, names), false, {}}));
    Ex trips = trip_count(loop, substitute(loop.first, names), substitute(loop.bound, names));
    out.push_back(plain(Declare{steps, cast(trips, number), false, {}}));
    make_kept(names, ir::read(Place{steps, {}}), out);
    Block body{snapshot_before(step)};
    Sweep::run(step_.first, step, body);
    out.push_back(
        {For{step, integer(0, number), For::LT, ir::read(Place{steps, {}}), 1, body}, loop_.loc, 0});
    out.push_back(snapshots_call("finish", {kept(), ir::read(Place{steps, {}})}));
  }

  /// while (goes on) { if (wants(step)) keep; f_step(...); ++step; }
  void general_loop(const PlaceMap &names, Block &out) {
    Var step = local("step", number);
    make_kept(names, integer(-1, number), out);
    out.push_back(plain(Declare{step, integer(0, number), false, {}}));
    Block body{snapshot_before(step)};
    Sweep::run(step_.first, step, body);
    body.push_back(next(step));
    const While &loop = std::get<While>(loop_.loop.node);
    out.push_back({While{substitute(loop.cond, names), body}, loop_.loc, 0});
    out.push_back(snapshots_call("finish", {kept(), ir::read(Place{step, {}})}));
  }

  /// All that the reverse sweep pops, see ReverseSweep.
  void push(Block &out) const {
    auto keep = [&](const Name &n) {
      Ex value = n.is_pointed_at ? make(AddressOf{n.place()}, Type::pointer(n.type.element()))
                                 : ir::read(Place{n.var, {}});
      out.push_back(plain(Push{record_, value}));
    };
    for (const Name &n : used_)
      keep(n);
    for (auto &[i, n] : bars_)
      keep(n);
    for (const Var &m : memory_)
      out.push_back(plain(Push{record_, ir::read(Place{m, {}})}));
    if (is_counted() && !is_zero(counted().first))
      out.push_back(plain(Push{record_, ir::read(Place{first_, {}})}));
    out.push_back(plain(Push{record_, kept()}));
  }
};

class ReverseSweep : Sweep {
public:
  using Sweep::Sweep;

  Function run() {
    Function f;
    f.name = loop_.steps->name + "_reverse";
    f.loc = loop_.loc;
    f.params.push_back(record_);
    name();
    for (std::size_t i = 0; i < count(); ++i)
      if (active_[i] && !loop_.used[i].param.is(Type::Pointer)) {
        Type t = adjoint_param_type(loop_.used[i].param);
        bars_[i] = {param(loop_.used[i].var->name + "_bar", t), false, t};
        f.params.push_back(bars_[i].var);
      }
    pops(f.body);
    f.body.push_back(
        snapshots_call("set_aside", {kept()})); // what follows the loop may have written it again
    parts("keep", f.body, false);
    Var step = local("step", number), at = local("at", number);
    Block body;
    Ex back = native("call nabla::snapshots::go_back", {kept(), ir::read(Place{step, {}})}, number);
    body.push_back(plain(Declare{at, back, false, {}}));
    parts("take", body);
    Block again{snapshot_before(at)};
    Sweep::run(step_.again, at, again);
    again.push_back(next(at));
    body.push_back(plain(While{ir::read(Place{at, {}}) < ir::read(Place{step, {}}), again}));
    std::vector<Ex> args = arguments(step);
    for (auto &[i, n] : bars_)
      args.push_back(n.passed());
    body.push_back(plain(Call{step_.pullback, args, {}}));
    Ex last = native("call nabla::snapshots::steps_of", {kept()}, number) - integer(1, number);
    f.body.push_back({For{step, last, For::GE, integer(0, number), -1, body}, loop_.loc, 0});
    f.body.push_back(snapshots_call("bring_back", {kept()}));
    parts("take", f.body, false);
    renumber(f);
    return f;
  }

private:
  /// References are pointers here, since they are known after the pops alone.
  void name() {
    auto named = [](const std::string &text, const Type &t) {
      bool pointed_at = is_reference(t);
      Type own = pointed_at ? Type::pointer(t.element()) : t.with_const(false);
      return Name{local(text, own), pointed_at, t};
    };
    for (std::size_t i = 0; i < count(); ++i) {
      const CheckpointedLoop::Used &u = loop_.used[i];
      used_.push_back(named(u.var->name, u.param));
      if (active_[i] && u.param.is(Type::Pointer)) {
        bars_[i] = named(u.var->name + "_bar", adjoint_param_type(u.param));
        bars_[i].var->is_shadow = true;
      }
    }
    for (const Var &m : loop_.memory)
      memory_.push_back(local(m->name, m->type.with_const(false)));
    if (is_counted())
      first_ = local("first", counted().index->type.with_const(false));
  }

  void pops(Block &out) const {
    auto pop = [&](const Var &v) {
      out.push_back(plain(Declare{v, {}, false, {}}));
      out.push_back(plain(Pop{record_, Place{v, {}}}));
    };
    pop(kept_);
    if (is_counted() && !is_zero(counted().first))
      pop(first_);
    for (auto m = memory_.rbegin(); m != memory_.rend(); ++m)
      pop(*m);
    for (auto b = bars_.rbegin(); b != bars_.rend(); ++b)
      if (loop_.used[b->first].param.is(Type::Pointer))
        pop(b->second.var);
    for (auto n = used_.rbegin(); n != used_.rend(); ++n)
      pop(n->var);
  }
};

} // namespace

Function step_of(const CheckpointedLoop &loop, const std::string &name) {
  Function f;
  f.name = name;
  f.loc = loop.loc;
  f.may_alias = loop.overlap;
  PlaceMap names;
  for (const CheckpointedLoop::Used &u : loop.used) {
    f.params.push_back(param(u.var->name, u.param));
    f.params.back()->inactive = u.var->inactive;
    names[u.var] = object(f.params.back(), is_reference(u.param));
  }
  const Block *body = nullptr;
  if (auto *counted = std::get_if<For>(&loop.loop.node)) {
    body = &counted->body;
    f.params.push_back(param(counted->index->name, counted->index->type.with_const(false)));
    names[counted->index] = Place{f.params.back(), {}};
  } else
    body = &std::get<While>(loop.loop.node).body;
  f.body = loop.tables;
  std::map<Var, Var> memory;
  for (const Var &m : loop.blocks.empty() ? std::vector<Var>() : loop.memory)
    f.params.push_back(memory[m] = param(m->name, m->type.with_const()));
  for (const auto &[i, all] : loop.blocks) {
    std::vector<Var> passed;
    for (const Var &m : all)
      passed.push_back(memory.at(m));
    f.body.push_back(declare_block(f.params[i], passed));
  }
  Block rest = substitute(without_own_mark(*body), names);
  f.body.insert(f.body.end(), rest.begin(), rest.end());
  renumber(f);
  return clone_with_fresh_locals(f);
}

Function primal_of(const Function &step) {
  Function out = without_checkpoints(step);
  auto is_for_marks = [](const Stmt &s) { return declares_block(s) != nullptr; };
  out.body.erase(std::remove_if(out.body.begin(), out.body.end(), is_for_marks), out.body.end());
  if (lacks_record(out))
    out.body.insert(out.body.begin(),
                    plain(Declare{local("record", Type::opaque("nabla::record")), {}, false, {}}));
  renumber(out);
  return out;
}

std::optional<Function> silent(const Function &step) {
  bool found = false;
  std::function<Block(const Block &)> quiet = [&](const Block &block) {
    Block out;
    for (const Stmt &s : block)
      if (std::holds_alternative<Opaque>(s.node))
        found = true;
      else
        out.push_back(with_blocks(s, quiet));
    return out;
  };
  Function out = step;
  out.body = quiet(step.body);
  renumber(out);
  return found ? std::optional(out) : std::nullopt;
}

LoopSweeps sweeps_of(const CheckpointedLoop &loop, const std::vector<bool> &active,
                     const StepFunctions &step) {
  return {ForwardSweep(loop, active, step).run(), ReverseSweep(loop, active, step).run()};
}

} // namespace nabla::diff
