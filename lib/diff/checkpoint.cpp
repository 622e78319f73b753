#include "diff/checkpoint.h"
#include "analysis/alias.h"
#include "diff/extents.h"
#include "diff/loops.h"
#include "ir/diagnostic.h"
#include "ir/print.h"
#include "ir/walk.h"
#include <algorithm>

namespace nabla::diff {
using namespace ir;
using analysis::Alias;

namespace {

const char *const marker = "nabla::checkpoint";

const Call *mark(const Stmt &s) {
  auto *c = std::get_if<Call>(&s.node);
  return c && c->callee->name == marker ? c : nullptr;
}

const Block &body_of(const Stmt &loop) {
  auto *counted = std::get_if<For>(&loop.node);
  return counted ? counted->body : std::get<While>(loop.node).body;
}

/// The mark that a loop's body begins with.
const Call *mark_of(const Stmt &s) {
  bool is_loop = std::holds_alternative<For>(s.node) || std::holds_alternative<While>(s.node);
  return is_loop && !body_of(s).empty() ? mark(body_of(s).front()) : nullptr;
}

[[noreturn]] void refuse_loop(const Loc &loc, std::string what, std::string instead) {
  refuse(Diag::CheckpointedLoop, loc, {std::move(what), std::move(instead)});
}

bool is_copied_by_bytes(const Type &t) {
  if (t.is(Type::Array))
    return is_copied_by_bytes(t.element());
  if (t.is(Type::Record))
    return std::all_of(t.members().fields.begin(), t.members().fields.end(),
                       [](const Struct::Field &f) { return is_copied_by_bytes(f.type); });
  return (t.is(Type::Real) && !t.is_handle()) || t.is_discrete();
}

/// Where memory comes from whose size is known: behind this statement, `pointer` leads to `count` elements.
struct Origin {
  unsigned id; ///< of the statement
  Var pointer;
  Ex count;
  std::vector<const Block *> around; ///< outermost first
  bool repeats;                      ///< in a loop
  Var memory;                        ///< once it is asked for
};

/// The number of elements of what `x.data()` leads to: `x.size()`.
std::optional<Ex> size_beside(const Ex &data) {
  auto *r = std::get_if<Read>(&data->node);
  auto *field = r && !r->place.path.empty() ? std::get_if<Field>(&r->place.path.back()) : nullptr;
  if (!field || field->number != Struct::Data)
    return {};
  Place owner = r->place;
  owner.path.pop_back();
  Type type = owner.type();
  if (!type.is(Type::Record) || type.members().fields.size() <= Struct::Size ||
      type.members().fields[Struct::Data].name != "data()")
    return {};
  return ir::read(ir::field(owner, Struct::Size));
}

/// Origins of memory, by object.
class Origins {
public:
  Origins(const Function &f, const Alias &alias) : alias_(alias) { note(f.body, {}, false); }
  /// The only one; null if there are several, or none.
  Origin *of(Alias::Object o) {
    auto it = origins_.find(o);
    return it != origins_.end() && it->second.size() == 1 ? &it->second[0] : nullptr;
  }

private:
  void note(const Block &block, std::vector<const Block *> around, bool repeats) {
    around.push_back(&block);
    for (const Stmt &s : block) {
      auto add = [&](Alias::Object o, const Var &pointer, const Ex &count) {
        origins_[o].push_back({s.id, pointer, count, around, repeats, nullptr});
      };
      auto add_data = [&](const Var &pointer, const Ex &value) {
        if (std::optional<Ex> size = size_beside(value))
          for (Alias::Object o : alias_.points_to(value))
            add(o, pointer, *size);
      };
      if (auto *a = std::get_if<Allocate>(&s.node); a && a->to.path.empty())
        add(alias_.allocated_by(s), a->to.root, a->count ? a->count : integer(1));
      else if (auto *a = std::get_if<Assign>(&s.node); a && a->to.path.empty())
        add_data(a->to.root, a->value);
      else if (auto *d = std::get_if<Declare>(&s.node); d && d->init)
        add_data(d->var, *d->init);
      bool loop = std::holds_alternative<For>(s.node) || std::holds_alternative<While>(s.node);
      for_each_block(s, [&](const Block &b) { note(b, around, repeats || loop); });
    }
  }

  const Alias &alias_;
  std::map<Alias::Object, std::vector<Origin>> origins_;
};

/// What one marked loop uses and hands on from iteration to iteration.
class LoopState {
public:
  LoopState(const Function &f, const Alias &alias, Origins &origins, const Stmt &loop,
            const std::vector<const Block *> &around)
      : function_(f), alias_(alias), origins_(origins), loop_(loop), around_(around), extents_(loop) {
    out_.loop = loop;
    out_.loc = loop.loc;
  }

  CheckpointedLoop run() {
    find_used();
    find_turns();
    for_each_stmt(body(), [&](const Stmt &s) { note(s); });
    for (CheckpointedLoop::Used &u : out_.used)
      finish(u);
    return std::move(out_);
  }
  /// To be declared behind the statement that the memory comes from.
  std::vector<Origin *> asked;
  /// To be declared before the loop.
  std::vector<std::pair<Var, Ex>> computed;

private:
  const Block &body() const { return body_of(loop_); }
  CheckpointedLoop::Used *used(const Var &v) {
    for (CheckpointedLoop::Used &u : out_.used)
      if (u.var == v)
        return &u;
    return nullptr;
  }

  void find_used();
  void find_turns();
  void note(const Stmt &s);
  void note_call(const Stmt &s, const Call &call);
  void note_write(const Stmt &s, const Place &p);
  void note_memory(const Stmt &s, const Alias::Objects &objects, const Place *place);
  bool is_known(Alias::Object o);
  bool stays_inside(Alias::Object o, const std::set<Var> &inside) const;
  bool is_own(Alias::Object o) const;
  void finish(CheckpointedLoop::Used &u);

  const Function &function_;
  const Alias &alias_;
  Origins &origins_;
  const Stmt &loop_;
  const std::vector<const Block *> &around_;
  Extents extents_;
  CheckpointedLoop out_;
  std::set<Var> own_, written_;
  std::map<Var, std::size_t> memory_of_; ///< base of a computed range: its number in `computed`
};

void LoopState::find_used() {
  Block whole{loop_};
  for_each_stmt(whole, [&](const Stmt &s) {
    if (Var v = declared_by(s))
      own_.insert(v);
    for (const Place &p : writes_of(s))
      written_.insert(p.root);
  });
  for_each_variable(whole, [&](const Var &v) {
    bool passed = (v->kind == Variable::Param || v->kind == Variable::Local) && !own_.count(v);
    if (passed && !used(v))
      out_.used.push_back({v, v->type, false});
    if (v->kind == Variable::StaticConst && !own_.count(v))
      for_each_stmt(function_.body, [&](const Stmt &s) {
        auto known = [&](const Stmt &t) { return declared_by(t) == v; };
        if (known(s) && std::none_of(out_.tables.begin(), out_.tables.end(), known))
          out_.tables.push_back(s);
      });
  });
}

/// primal: h = u; u = w; w = h     u and w change places
void LoopState::find_turns() {
  auto is_pointer = [](const Var &v) { return v->type.is(Type::Pointer) && !v->type.is_reference(); };
  std::map<Var, Var> was; // at the beginning of the iteration
  std::set<unsigned> top;
  for (const Stmt &s : body()) {
    top.insert(s.id);
    auto source = [&](const Ex &e) -> Var {
      auto *r = std::get_if<Read>(&e->node);
      if (!r || !r->place.path.empty())
        return nullptr;
      auto it = was.find(r->place.root);
      return it != was.end() ? it->second : used(r->place.root) ? r->place.root : nullptr;
    };
    if (auto *d = std::get_if<Declare>(&s.node); d && is_pointer(d->var))
      was[d->var] = d->init ? source(*d->init) : nullptr;
    else if (auto *a = std::get_if<Assign>(&s.node); a && a->to.path.empty() && is_pointer(a->to.root))
      was[a->to.root] = source(a->value);
  }
  for_each_stmt(body(), [&](const Stmt &s) {
    for (const Place &p : writes_of(s))
      if (p.path.empty() && is_pointer(p.root) && used(p.root) && (!top.count(s.id) || !was[p.root]))
        refuse_loop(s.loc, "the pointer '" + p.root->name + "' moves on from iteration to iteration",
                    "let pointers change places at the end of the body alone, or use subscripts");
  });
  for (std::size_t i = 0; i < out_.used.size(); ++i) {
    auto it = was.find(out_.used[i].var);
    if (it != was.end() && it->second != out_.used[i].var)
      out_.turns.push_back({i, std::size_t(used(it->second) - out_.used.data())});
  }
}

void LoopState::note(const Stmt &s) {
  if (auto *o = std::get_if<Opaque>(&s.node); o && !o->writes.empty())
    refuse_loop(s.loc, "it changes '" + o->writes[0].root->name + "' by code that is not looked into",
                "do so before the loop");
  if (auto *f = std::get_if<Free>(&s.node))
    for (Alias::Object o : alias_.points_to(f->pointer))
      if (!is_own(o))
        refuse_loop(s.loc, "it frees memory from before the loop", "free it behind the loop");
  if (auto *call = std::get_if<Call>(&s.node))
    note_call(s, *call);
  for (const Place &p : writes_of(s))
    note_write(s, p);
}

void LoopState::note_call(const Stmt &s, const Call &call) {
  if (call.callee->name == marker)
    return;
  if (call.callee->kind == Callee::Passive && !call.callee->is_nothrow_pure)
    refuse_loop(s.loc, "'" + call.callee->name + "' may do something else when the iteration runs again",
                "call it before the loop and keep what it gives, or define it where its body is visible");
  for (std::size_t i = 0; i < call.callee->params.size(); ++i)
    if (const Type &t = call.callee->params[i]; t.is(Type::Pointer) && !t.element().is_const())
      note_memory(s, alias_.reachable(alias_.points_to(call.args[i])), nullptr);
}

void LoopState::note_write(const Stmt &s, const Place &p) {
  bool through = std::any_of(p.path.begin(), p.path.end(),
                             [](const Step &step) { return std::holds_alternative<Deref>(step); });
  if (own_.count(p.root) && !through)
    return;
  CheckpointedLoop::Used *u = used(p.root);
  bool whole = !through || (p.root->type.is_reference() && p.path.size() == 1);
  if (u && whole && !(p.root->type.is(Type::Pointer) && !through)) {
    u->is_state = true;
    return;
  }
  if (through)
    note_memory(s, alias_.objects(p), &p);
}

/// Is the object made in the loop, so that the next iteration has another one?
bool LoopState::is_own(Alias::Object o) const {
  const Alias::Info &info = alias_.info(o);
  if (info.kind == Alias::Info::Variable)
    return own_.count(info.var) != 0;
  return info.kind == Alias::Info::Allocation && info.var && own_.count(info.var) && stays_inside(o, own_);
}

/// Do these variables alone lead to the object?
bool LoopState::stays_inside(Alias::Object o, const std::set<Var> &inside) const {
  for (Alias::Object from = 0; from < alias_.count(); ++from)
    if (alias_.pointees(from).count(o)) {
      const Alias::Info &info = alias_.info(from);
      if (info.kind != Alias::Info::Variable || !inside.count(info.var))
        return false;
    }
  return true;
}

/// Is its size known from where it was made? Then it is handed on as a whole.
bool LoopState::is_known(Alias::Object o) {
  Origin *origin = origins_.of(o);
  if (!origin || std::find(around_.begin(), around_.end(), origin->around.back()) == around_.end())
    return false;
  if (origin->pointer->type.element().contains_real_pointers() ||
      origin->pointer->type.element().is(Type::Pointer))
    return false;
  std::set<Var> declared;
  for (const Stmt &s : *origin->around.back())
    if (Var v = declared_by(s))
      declared.insert(v);
  return !origin->repeats || (declared.count(origin->pointer) && stays_inside(o, declared));
}

void LoopState::note_memory(const Stmt &s, const Alias::Objects &objects, const Place *place) {
  std::vector<Origin *> origins;
  bool known = true;
  for (Alias::Object o : objects) {
    const Alias::Info &info = alias_.info(o);
    if (is_own(o))
      continue;
    CheckpointedLoop::Used *u = info.kind == Alias::Info::Variable ? used(info.var) : nullptr;
    auto *reference = info.kind == Alias::Info::Pointee && info.var && info.var->type.is_reference()
                          ? used(info.var)
                          : nullptr;
    if (u || (reference && is_copied_by_bytes(info.var->type.element())))
      (u ? u : reference)->is_state = true;
    else if (is_known(o))
      origins.push_back(origins_.of(o));
    else
      known = false;
  }
  if (known) {
    for (Origin *o : origins)
      if (std::find(asked.begin(), asked.end(), o) == asked.end())
        asked.push_back(o);
    return;
  }
  std::optional<Extents::Range> range = place ? extents_.of(s, *place) : std::nullopt;
  if (!range)
    refuse_loop(
        s.loc,
        "how much memory it writes" + (place ? " through '" + place->root->name + "'" : "") +
            " is not known before it begins",
        "hold it in a std::vector or an array of known size, or write all elements between the first and "
        "the last in loops over subscripts, without a condition");
  auto [it, is_new] = memory_of_.emplace(range->base, computed.size());
  if (is_new)
    computed.push_back({range->base, hull({}, range->subscript)});
  else
    computed[it->second].second = hull(computed[it->second].second, range->subscript);
}

void LoopState::finish(CheckpointedLoop::Used &u) {
  const Type &t = u.var->type;
  bool is_pointer = t.is(Type::Pointer) && !t.is_reference();
  const Type &whole = t.is_reference() ? t.element() : t;
  if (u.is_state && !is_copied_by_bytes(whole))
    refuse_loop(out_.loc, "'" + u.var->name + "', of type '" + ir::spell(whole) + "', is handed on",
                "hand on numbers, arrays, structs of such and vectors whose size does not change");
  if (t.is_reference())
    return;
  bool by_value = is_pointer || (!u.is_state && (t.is(Type::Real) || t.is_discrete()));
  bool is_pointed_at = alias_.address_taken(u.var);
  u.param = by_value ? t.with_const(false) : Type::reference(t.with_const(!u.is_state && !is_pointed_at));
}

class Outliner {
public:
  Outliner(const Function &f, const std::function<std::string()> &prefix)
      : function_(f), alias_(f, true), origins_(f, alias_), prefix_(prefix) {}

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
  Block turned(const CheckpointedLoop &loop) const;
  bool overlapping(const CheckpointedLoop &loop, const Call &call, const Stmt &s) const;

  /// Behind the statements that made the memory.
  Block with_memories(const Block &block) const {
    Block out;
    for (const Stmt &s : block) {
      out.push_back(with_blocks(s, [&](const Block &b) { return with_memories(b); }));
      for (const Origin *o : asked_)
        if (o->id == s.id)
          out.push_back(
              {declare_memory(o->memory, o->pointer, cast(o->count, Type::integer("unsigned long"))),
               {},
               fresh});
    }
    return out;
  }
  static Var memory_named(const Var &pointer) {
    return local(pointer->name + "_memory", Type::opaque("nabla::memory").with_const());
  }
  static Declare declare_memory(const Var &memory, const Var &pointer, const Ex &size) {
    return {
        memory, native("call nabla::elements_of", {read(Place{pointer, {}}), size}, memory->type), false, {}};
  }

  const Function &function_;
  Alias alias_;
  Origins origins_;
  const std::function<std::string()> &prefix_;
  Checkpointed out_;
  std::vector<const Block *> blocks_; ///< around the statement, outermost first
  std::vector<Origin *> asked_;
};

void Outliner::outline(const Stmt &s, const Call &marked, Block &out) {
  LoopState state(function_, alias_, origins_, s, blocks_);
  CheckpointedLoop loop = state.run();
  loop.snapshots = marked.args[0];
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
  auto callee = std::make_shared<Callee>();
  callee->name = callee->mangled = prefix_() + "steps";
  callee->kind = Callee::Visible;
  callee->stores_pointers = false;
  callee->has_internal_linkage = true;
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

Checkpointed outline_checkpointed_loops(const Function &f, const std::function<std::string()> &prefix) {
  bool any = false;
  for_each_stmt(f.body, [&](const Stmt &s) { any = any || mark(s); });
  return any ? Outliner(f, prefix).run() : Checkpointed{f, {}};
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
