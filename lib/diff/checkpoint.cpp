#include "diff/checkpoint.h"
#include "diff/checkpoint_state.h"
#include "diff/loops.h"
#include "ir/walk.h"
#include <algorithm>

namespace nabla::diff {
using namespace ir;
using analysis::Alias;

namespace {

const Call *mark(const Stmt &s) {
  auto *c = std::get_if<Call>(&s.node);
  return c && c->callee->name == checkpoint_mark ? c : nullptr;
}

/// The mark that a block begins with, behind variables that it declares.
const Call *first_mark(const Block &block) {
  for (const Stmt &first : block)
    if (!std::holds_alternative<Declare>(first.node))
      return mark(first);
  return nullptr;
}

/// while (k++ < n) {...}  is  while (go) { ...; if (k_old < n) {...} else go = false; }      The branch that is the loop's body.
const If *branch_that_goes_on(const Stmt &s) {
  auto *loop = std::get_if<While>(&s.node);
  auto *last = loop && !loop->body.empty() ? std::get_if<If>(&loop->body.back().node) : nullptr;
  auto *end = last && last->no.size() == 1 ? std::get_if<Assign>(&last->no[0].node) : nullptr;
  bool ends = false;
  if (end && end->to.path.empty())
    for_each_variable(loop->cond, [&](const Var &v) { ends |= v == end->to.root && v->type.is(Type::Bool); });
  return ends ? last : nullptr;
}

/// The mark that a loop's body begins with, behind what its condition computes.
const Call *mark_of(const Stmt &s) {
  if (!std::holds_alternative<For>(s.node) && !std::holds_alternative<While>(s.node))
    return nullptr;
  if (const Call *marked = first_mark(body_of(s)))
    return marked;
  const If *body = branch_that_goes_on(s);
  return body ? first_mark(body->yes) : nullptr;
}

class Outliner {
public:
  Outliner(const Function &f, bool split, const std::function<std::string()> &prefix)
      : function_(f), split_(split), alias_(f, true), origins_(f, alias_), prefix_(prefix) {}

  Checkpointed run() {
    out_.function = function_;
    out_.function.body = outlined(function_.body);
    out_.function.body = with_memories(out_.function.body);
    renumber(out_.function);
    return std::move(out_);
  }

private:
  static constexpr unsigned fresh = -1u; ///< id of statements that were not there

  Block outlined(const Block &block) {
    blocks_.push_back(&block);
    Block out;
    for (const Stmt &s : block) {
      const Call *marked = mark_of(s);
      if (marked)
        outline(s, *marked, out);
      else if (mark(s))
        refuse_loop(s.loc, "the mark is not where a loop's body begins",
                    "make it the first statement of a loop's body");
      else
        out.push_back(with_blocks(s, [&](const Block &b) { return outlined(b); }));
    }
    blocks_.pop_back();
    return out;
  }

  void outline(const Stmt &s, const Call &marked, Block &out);
  void find_blocks(CheckpointedLoop &loop);
  Block turned(const CheckpointedLoop &loop) const;
  bool overlapping(const CheckpointedLoop &loop, const Call &call, const Stmt &s) const;

  /// Behind the statements that made the memory.
  Block with_memories(const Block &block) const {
    Block out;
    for (const Stmt &s : block) {
      for (const Origin *o : asked_)
        if (o->holder == s.id && o->holder != o->id) {
          o->memory->type = o->memory->type.with_const(false);
          out.push_back({Declare{o->memory, {}, true, {}}, {}, fresh});
        }
      out.push_back(with_blocks(s, [&](const Block &b) { return with_memories(b); }));
      for (const Origin *o : asked_)
        if (o->id == s.id)
          out.push_back({made_memory(*o), {}, fresh});
    }
    return out;
  }
  /// Where it may not be made at all, the variable stands before that, empty.
  static decltype(Stmt::node) made_memory(const Origin &o) {
    Declare made = declare_memory(o.memory, o.pointer, cast(o.count, Type::integer("unsigned long")));
    if (o.holder == o.id)
      return made;
    return Assign{Place{o.memory, {}}, *made.init};
  }
  const Function &function_;
  const bool split_;
  Alias alias_;
  Origins origins_;
  const std::function<std::string()> &prefix_;
  Checkpointed out_;
  std::vector<const Block *> blocks_; ///< around the statement, outermost first
  std::vector<Origin *> asked_;
};

/// The number of snapshots is asked for once, before the loop.
static void refuse_later_values(const Stmt &loop, const Ex &snapshots) {
  std::set<Var> inside;
  for_each_stmt(Block{loop}, [&](const Stmt &s) {
    if (Var v = declared_by(s))
      inside.insert(v);
  });
  for_each_variable(snapshots, [&](const Var &v) {
    if (inside.count(v))
      refuse_loop(loop.loc, "the number of snapshots depends on '" + v->name + "', which is set inside of it",
                  "compute that number before the loop");
  });
}

void Outliner::outline(const Stmt &s, const Call &marked, Block &out) {
  LoopState state(function_, alias_, origins_, s, blocks_, split_);
  CheckpointedLoop loop = state.run();
  loop.snapshots = marked.args[0];
  refuse_later_values(s, loop.snapshots);
  for (Origin *o : state.asked) {
    if (!o->memory) {
      o->memory = memory_named(o->pointer);
      asked_.push_back(o);
    }
    loop.memory.push_back(o->memory);
  }
  for (const auto &[pointer, range] : state.computed) {
    loop.memory.push_back(memory_named(pointer));
    out.push_back({declare_memory(loop.memory.back(), pointer, range), s.loc, fresh});
  }
  if (has_marks(without_own_mark(body_of(s))))
    find_blocks(loop);
  auto callee = std::make_shared<Callee>();
  callee->name = callee->mangled = prefix_() + "steps";
  callee->kind = Callee::Visible;
  callee->stores_pointers = false;
  callee->has_internal_linkage = true;
  callee->is_loop = true;
  bool counts = !loop.turns.empty() && std::holds_alternative<While>(s.node);
  callee->result = counts ? Type::integer("long") : Type::void_type();
  Call call;
  for (const CheckpointedLoop::Used &u : loop.used) {
    callee->params.push_back(u.param);
    callee->param_names.push_back(u.var->name);
    call.args.push_back(!u.param.is_reference()      ? read(Place{u.var, {}})
                        : u.var->type.is_reference() ? make(AddressOf{Place{u.var, {Deref{}}}}, u.param)
                                                     : make(AddressOf{Place{u.var, {}}}, u.param));
  }
  for (const Var &m : loop.memory) {
    callee->params.push_back(m->type);
    callee->param_names.push_back(m->name);
    call.args.push_back(read(Place{m, {}}));
  }
  loop.steps = call.callee = callee;
  loop.overlap = overlapping(loop, call, s);
  Var ran = local("steps", Type::integer("long"));
  if (counts) {
    out.push_back({Declare{ran, {}, false, {}}, s.loc, fresh});
    call.result = Place{ran, {}};
  }
  out.push_back({call, s.loc, fresh});
  if (!loop.turns.empty()) {
    Var index = local("step", Type::integer("long"));
    For again{index, integer(0, index->type), For::LT, {}, 1, turned(loop)};
    if (auto *counted = std::get_if<For>(&s.node))
      again.bound = cast(trip_count(*counted, counted->first, counted->bound), index->type);
    else
      again.bound = read(Place{ran, {}});
    out.push_back({again, s.loc, fresh});
  }
  out_.loops.push_back(std::move(loop));
}

void Outliner::find_blocks(CheckpointedLoop &loop) {
  for (std::size_t i = 0; i < loop.used.size(); ++i) {
    const Var &v = loop.used[i].var;
    if (!v->type.is(Type::Pointer) || v->type.is_reference())
      continue;
    std::vector<Var> all;
    bool known = true;
    for (Alias::Object o : alias_.points_to(read(v))) {
      std::vector<Origin *> origins = origins_.of(o);
      known = known && !origins.empty();
      for (Origin *origin : origins) {
        known = known && (origin->id > loop.loop.id ||
                          std::count(loop.memory.begin(), loop.memory.end(), origin->memory) != 0);
        if (std::count(loop.memory.begin(), loop.memory.end(), origin->memory))
          all.push_back(origin->memory);
      }
    }
    if (known && !all.empty())
      loop.blocks[i] = all;
  }
}

Block Outliner::turned(const CheckpointedLoop &loop) const {
  Block out, behind;
  for (const CheckpointedLoop::Turn &t : loop.turns) {
    const Var &from = loop.used[t.from].var;
    Var was = local(from->name + "_was", from->type.with_const());
    out.push_back({Declare{was, read(Place{from, {}}), false, {}}, {}, fresh});
    behind.push_back({Assign{Place{loop.used[t.to].var, {}}, read(Place{was, {}})}, {}, fresh});
  }
  out.insert(out.end(), behind.begin(), behind.end());
  return out;
}

/// Pointers that change places lead, all together, where they led when the loop began.
bool Outliner::overlapping(const CheckpointedLoop &loop, const Call &call, const Stmt &s) const {
  if (loop.turns.empty())
    return alias_.arguments_overlap(call);
  std::set<std::size_t> to, from;
  std::set<Var> turning;
  for (const CheckpointedLoop::Turn &t : loop.turns) {
    to.insert(t.to), from.insert(t.from);
    turning.insert(loop.used[t.to].var);
  }
  if (to != from)
    return true;
  std::function<Block(const Block &)> still = [&](const Block &block) {
    Block out;
    for (const Stmt &inner : block) {
      auto *a = std::get_if<Assign>(&inner.node);
      if (&block != &body_of(s) || !a || !a->to.path.empty() || !turning.count(a->to.root))
        out.push_back(with_blocks(inner, still));
    }
    return out;
  };
  Function f = function_;
  f.body = still(function_.body);
  renumber(f);
  return Alias(f, true).arguments_overlap(call);
}

} // namespace

Checkpointed outline_checkpointed_loops(const Function &f, bool split,
                                        const std::function<std::string()> &prefix) {
  if (!has_marks(f.body))
    return {f, {}};
  Function numbered = f;
  renumber(numbered);
  return Outliner(numbered, split, prefix).run();
}

bool has_marks(const Block &body) {
  bool any = false;
  for_each_stmt(body, [&](const Stmt &s) { any = any || mark(s); });
  return any;
}

Function hold_own_containers(const Function &f) {
  Function out = f;
  if (!f.callee || f.params.size() != f.callee->params.size() || !has_marks(f.body))
    return out;
  PlaceMap held;
  Block start;
  for (std::size_t i = 0; i < f.params.size(); ++i) {
    const Var &p = f.params[i];
    bool by_value = i < f.callee->by_value.size() && f.callee->by_value[i] && p->type.is_reference();
    if (!by_value || !is_own_container(p->type.element()))
      continue;
    Var own = local(p->name, p->type.element().with_const(false));
    start.push_back({Declare{own, read(Place{p, {Deref{}}}), false, {}}, f.loc, 0});
    held[p] = Place{own, {}};
  }
  if (held.empty())
    return out;
  out.body = substitute(f.body, held);
  out.body.insert(out.body.begin(), start.begin(), start.end());
  renumber(out);
  return out;
}

Block without_own_mark(const Block &body) {
  Block out;
  for (const Stmt &s : body)
    if (std::holds_alternative<If>(s.node))
      out.push_back(with_blocks(s, without_own_mark));
    else if (!mark(s))
      out.push_back(s);
  return out;
}

Function without_checkpoints(const Function &f) {
  std::function<Block(const Block &)> strip = [&](const Block &block) {
    Block out;
    for (const Stmt &s : block)
      if (!mark(s))
        out.push_back(with_blocks(s, strip));
    return out;
  };
  Function out = f;
  out.body = strip(f.body);
  renumber(out);
  return out;
}

} // namespace nabla::diff
