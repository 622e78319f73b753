#include "diff/checkpoint_state.h"
#include "ir/diagnostic.h"
#include "ir/print.h"
#include "ir/walk.h"
#include <algorithm>

namespace nabla::diff {
using namespace ir;
using analysis::Alias;

const Block &body_of(const Stmt &loop) {
  auto *counted = std::get_if<For>(&loop.node);
  return counted ? counted->body : std::get<While>(loop.node).body;
}

static const char *const block_call = "call nabla::snapshots::block_of";

Var memory_named(const Var &pointer) {
  return local(pointer->name + "_memory", Type::opaque("nabla::snapshots::memory").with_const());
}

Declare declare_memory(const Var &memory, const Var &pointer, const Ex &size) {
  return {memory,
          native("call nabla::snapshots::elements_of", {read(Place{pointer, {}}), size}, memory->type),
          false,
          {}};
}

Stmt declare_block(const Var &pointer, const std::vector<Var> &all) {
  Var block = memory_named(pointer);
  std::vector<Ex> args{read(Place{pointer, {}})};
  for (const Var &m : all)
    args.push_back(read(Place{m, {}}));
  return {Declare{block, native(block_call, args, block->type), false, {}}, {}, 0};
}

const Declare *declares_block(const Stmt &s) {
  auto *d = std::get_if<Declare>(&s.node);
  auto *n = d && d->init ? std::get_if<Native>(&(*d->init)->node) : nullptr;
  return n && n->op == block_call ? d : nullptr;
}

Stmt snapshots_call(const std::string &name, std::vector<Ex> args, std::vector<Place> writes) {
  Opaque o{{"nabla::snapshots::" + name + "("}, std::move(args), std::move(writes)};
  for (std::size_t i = 1; i < o.args.size(); ++i)
    o.pieces.push_back(", ");
  o.pieces.push_back(")");
  return {o, {}, 0};
}

void refuse_loop(const Loc &loc, std::string what, std::string instead) {
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

namespace {

bool is_callers(const Type &container) { return container.members().fields[Struct::Data].name == "data()"; }

/// The number of elements of what `x.data()` leads to: `x.size()`; of our own containers all that there is room for.
std::optional<Ex> size_beside(const Ex &data) {
  auto *r = std::get_if<Read>(&data->node);
  auto *field = r && !r->place.path.empty() ? std::get_if<Field>(&r->place.path.back()) : nullptr;
  if (!field || field->number != Struct::Data)
    return {};
  Place owner = r->place;
  owner.path.pop_back();
  Type type = owner.type();
  if (is_own_container(type))
    return ir::read(ir::field(owner, Struct::Capacity));
  if (!type.is(Type::Record) || type.members().fields.size() <= Struct::Size || !is_callers(type))
    return {};
  return ir::read(ir::field(owner, Struct::Size));
}

} // namespace

std::vector<Origin *> Origins::of(Alias::Object o) {
  std::vector<Origin *> all;
  bool declared = true;
  if (auto it = origins_.find(o); it != origins_.end())
    for (Origin &origin : it->second) {
      all.push_back(&origin);
      declared = declared && origin.count.get() == nullptr;
    }
  return all.size() == 1 || declared ? all : std::vector<Origin *>();
}

bool is_own_container(const Type &t) {
  return t.is(Type::Record) && t.members().container == Struct::Vector && !is_callers(t);
}

void Origins::note(const Block &block, std::vector<const Block *> around, std::size_t repeats) {
  around.push_back(&block);
  for (const Stmt &s : block) {
    auto add = [&](Alias::Object o, const Var &pointer, const Ex &count, const Var &memory = nullptr) {
      origins_[o].push_back({s.id, pointer, count, around, repeats, memory});
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
    else if (const Declare *d = declares_block(s))
      for (const Ex &pointer = std::get<Native>((*d->init)->node).args[0];
           Alias::Object o : alias_.points_to(pointer))
        add(o, std::get<Read>(pointer->node).place.root, {}, d->var);
    else if (auto *d = std::get_if<Declare>(&s.node); d && d->init)
      add_data(d->var, *d->init);
    bool loop = std::holds_alternative<For>(s.node) || std::holds_alternative<While>(s.node);
    for_each_block(s, [&](const Block &b) { note(b, around, loop ? around.size() : repeats); });
  }
}

CheckpointedLoop LoopState::run() {
  find_used();
  find_turns();
  find_later_writes();
  for_each_stmt(body(), [&](const Stmt &s) { note(s); });
  for (CheckpointedLoop::Used &u : out_.used)
    finish(u);
  return std::move(out_);
}

void LoopState::find_used() {
  Block whole{loop_};
  for_each_stmt(whole, [&](const Stmt &s) {
    if (Var v = declared_by(s))
      own_.insert(v);
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
        refuse_loop(
            s.loc, "the pointer '" + p.root->name + "' moves on from iteration to iteration",
            "let pointers or vectors that were made before the loop change places at the end of its body, "
            "std::swap(u, w), or copy elements by subscripts");
  });
  for (std::size_t i = 0; i < out_.used.size(); ++i) {
    auto it = was.find(out_.used[i].var);
    if (it != was.end() && it->second != out_.used[i].var)
      out_.turns.push_back({i, std::size_t(used(it->second) - out_.used.data())});
  }
}

namespace {

bool is_global(const Alias::Info &info) {
  return info.kind == Alias::Info::Variable && info.var->kind == Variable::Global &&
         !info.var->type.is_const();
}

} // namespace

/// What is behind the loop, or with it in another one.
void LoopState::find_later_writes() {
  unsigned last = loop_.id, begin = loop_.id;
  globals_change_later_ = split_;
  Block whole{loop_};
  for_each_stmt(whole, [&](const Stmt &s) { last = std::max(last, s.id); });
  for_each_stmt(function_.body, [&](const Stmt &s) {
    bool is_loop = std::holds_alternative<For>(s.node) || std::holds_alternative<While>(s.node);
    bool is_around = false;
    for_each_block(s, [&](const Block &b) {
      is_around = is_around || std::find(around_.begin(), around_.end(), &b) != around_.end();
    });
    if (is_loop && is_around)
      begin = std::min(begin, s.id);
  });
  for_each_stmt(function_.body, [&](const Stmt &s) {
    bool is_inside = s.id >= loop_.id && s.id <= last;
    if (is_inside || s.id < begin)
      return;
    for (const Place &p : writes_of(s))
      later_.push_back(alias_.objects(p));
    auto *call = std::get_if<Call>(&s.node);
    globals_change_later_ |=
        call && !call->callee->is_nothrow_pure && call->callee->reach >= Callee::ChangesOthers;
    if (call)
      for (std::size_t i = 0; i < call->callee->params.size(); ++i)
        if (const Type &t = call->callee->params[i];
            t.is(Type::Pointer) && (!t.element().is_const() || call->callee->changes_constants))
          later_.push_back(alias_.reachable(alias_.points_to(call->args[i])));
  });
  for (const Alias::Objects &objects : later_)
    for (Alias::Object o : objects)
      globals_change_later_ |= is_global(alias_.info(o)) || alias_.info(o).kind == Alias::Info::Unknown;
}

bool LoopState::changes_later(const Alias::Objects &objects) const {
  bool others = std::any_of(objects.begin(), objects.end(), [&](Alias::Object o) {
    const Alias::Info &info = alias_.info(o);
    return is_global(info)
               ? globals_change_later_
               : split_ && (info.kind == Alias::Info::Pointee || info.kind == Alias::Info::Unknown);
  });
  return others || std::any_of(later_.begin(), later_.end(),
                               [&](const Alias::Objects &later) { return alias_.overlap(objects, later); });
}

/// What was read and is another thing when the iteration runs again is kept as if it were handed on.
void LoopState::note_reads(const Stmt &s) {
  auto look = [&](const Place &p) {
    if (p.root->kind == Variable::StaticConst || is_constant_data(p))
      return;
    const CheckpointedLoop::Used *u = p.path.empty() ? used(p.root) : nullptr;
    Alias::Objects objects = alias_.objects(p);
    if (!(u && passes_by_value(*u)) && changes_later(objects))
      note_memory(s, objects, &p, true);
  };
  for (const Place &p : reads_of(s))
    look(p);
  auto *call = std::get_if<Call>(&s.node);
  for (std::size_t i = 0; call && i < call->callee->params.size(); ++i)
    if (call->callee->params[i].is(Type::Pointer)) {
      Alias::Objects objects = alias_.reachable(alias_.points_to(call->args[i]));
      if (changes_later(objects))
        note_memory(s, objects, nullptr, true);
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
  note_reads(s);
}

/// Rules and promises whose body is elsewhere are taken to depend on their arguments alone (docs/guide.md).
bool LoopState::does_otherwise_again(const Callee &c) const {
  if (c.is_nothrow_pure || c.is_loop || c.reach == Callee::Arguments)
    return false;
  if (c.reach == Callee::ReadsOthers)
    return globals_change_later_;
  return c.reach != Callee::Unknown || c.kind == Callee::Passive;
}

void LoopState::note_call(const Stmt &s, const Call &call) {
  if (call.callee->name == checkpoint_mark)
    return;
  if (does_otherwise_again(*call.callee))
    refuse_loop(
        s.loc, "'" + call.callee->name + "' may do something else when the iteration runs again",
        "call it before the loop and keep what it gives, hand it the variables that it uses, or define it "
        "where its body is visible");
  for (std::size_t i = 0; i < call.callee->params.size(); ++i)
    if (const Type &t = call.callee->params[i];
        t.is(Type::Pointer) && (!t.element().is_const() || call.callee->changes_constants))
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
  else if (p.root->kind == Variable::Global)
    refuse_loop(s.loc, "it writes the global variable '" + p.root->name + "'",
                "write a local variable and copy it to '" + p.root->name + "' behind the loop");
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
bool LoopState::is_known(Origin &origin, Alias::Object o) {
  const Type &element = origin.pointer->type.element();
  if (element.contains_real_pointers() || element.is(Type::Pointer))
    return false;
  std::size_t common = 0; // the innermost block around both
  while (common + 1 < std::min(origin.around.size(), around_.size()) &&
         origin.around[common + 1] == around_[common + 1])
    ++common;
  if (origin.repeats > common)
    return false;
  std::set<Var> declared;
  for_each_stmt(*around_[common], [&](const Stmt &s) {
    if (Var v = declared_by(s))
      declared.insert(v);
  });
  if (origin.repeats && !(declared.count(origin.pointer) && stays_inside(o, declared)))
    return false;
  unsigned holder = 0;
  for (const Stmt &s : *around_[common])
    holder = s.id <= origin.id ? s.id : holder;
  origin.holder = origin.memory ? std::min(origin.holder, holder) : holder;
  return true;
}

void LoopState::note_memory(const Stmt &s, const Alias::Objects &objects, const Place *place, bool is_read) {
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
    if (u || (reference && is_copied_by_bytes(info.var->type.element()))) {
      (u ? u : reference)->is_state = true;
      continue;
    }
    std::vector<Origin *> all = origins_.of(o);
    known = known && !all.empty();
    for (Origin *origin : all) {
      known = known && is_known(*origin, o);
      if (origin->id < loop_.id) // else it is not there yet
        origins.push_back(origin);
    }
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
        "how much memory it " + std::string(is_read ? "reads" : "writes") +
            (place ? " through '" + place->root->name + "'" : "") + " is not known before it begins" +
            (is_read ? ", and others write there before the reverse sweep" : ""),
        "hold it in a std::vector or an array of known size, or go through all elements between the first "
        "and the last in loops over subscripts, without a condition");
  std::vector<Var> bases{range->base};
  if (turns(range->base)) // it leads to what any of them led to when the loop began
    for (const CheckpointedLoop::Turn &t : out_.turns)
      if (out_.used[t.to].var != range->base)
        bases.push_back(out_.used[t.to].var);
  for (const Var &base : bases) {
    auto [it, is_new] = memory_of_.emplace(base, computed.size());
    if (is_new)
      computed.push_back({base, {}});
    Ex &known_range = computed[it->second].second;
    known_range = hull(known_range, range->subscript);
  }
}

bool LoopState::turns(const Var &v) const {
  return std::any_of(out_.turns.begin(), out_.turns.end(),
                     [&](const CheckpointedLoop::Turn &t) { return out_.used[t.to].var == v; });
}

void LoopState::finish(CheckpointedLoop::Used &u) {
  const Type &t = u.var->type;
  const Type &whole = t.is_reference() ? t.element() : t;
  if (u.is_state && !is_copied_by_bytes(whole))
    refuse_loop(out_.loc, "'" + u.var->name + "', of type '" + ir::spell(whole) + "', is handed on",
                "hand on numbers, arrays, structs of such and vectors whose size does not change");
  if (t.is_reference())
    return;
  bool by_value = passes_by_value(u);
  bool is_pointed_at = alias_.address_taken(u.var);
  u.param = by_value ? t.with_const(false) : Type::reference(t.with_const(!u.is_state && !is_pointed_at));
}

} // namespace nabla::diff
