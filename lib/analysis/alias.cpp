#include "analysis/alias.h"
#include "ir/walk.h"
#include <algorithm>

namespace nabla::analysis {
using namespace ir;

bool types_may_alias(const Type &a, const Type &b) {
  auto aggregate = [](const Type &t) {
    return t.is(Type::Record) || t.is(Type::Array) || t.is(Type::Opaque);
  };
  auto character = [](const Type &t) {
    return t.is(Type::Int) && t.spelling().find("char") != std::string::npos;
  };
  if (aggregate(a) || aggregate(b) || character(a) || character(b))
    return true;
  if (a.kind() != b.kind())
    return false;
  return !a.is(Type::Real) || a.spelling() == b.spelling();
}

Alias::Object Alias::fresh(Info info) {
  infos_.push_back(std::move(info));
  pointees_.emplace_back();
  return infos_.size() - 1;
}

Alias::Alias(const Function &f, bool precise) : may_alias_(f.may_alias || !precise), precise_(precise) {
  fresh({Info::Unknown, {}});
  pointees_[unknown] = {unknown};
  declare(f);
  while (solve_step(f)) {
  }
}

Alias::Object Alias::object_of(const Var &v) const {
  auto it = variables_.find(v);
  return it == variables_.end() ? unknown : it->second;
}

bool owns_all(const Type &t) {
  if (t.is(Type::Array))
    return owns_all(t.element());
  if (!t.is(Type::Record))
    return !t.is(Type::Pointer) && !t.is_reference();
  if (t.members().container == Struct::Vector)
    return owns_all(t.members().fields[Struct::Data].type.element());
  const std::vector<Struct::Field> &fields = t.members().fields;
  return t.members().container == Struct::None &&
         std::all_of(fields.begin(), fields.end(), [](const Struct::Field &f) { return owns_all(f.type); });
}

bool meet(const Alias::Objects &a, const Alias::Objects &b) {
  return std::any_of(a.begin(), a.end(), [&](Alias::Object o) { return b.count(o) != 0; });
}

bool is_record(const Type &t) { return t.is(Type::Opaque) && t.spelling().rfind("nabla::record", 0) == 0; }

bool carries_pointers(const Type &t) {
  if (t.is(Type::Pointer))
    return true;
  if (t.is(Type::Opaque)) // text leads to none of the program's memory
    return t.spelling() != "std::string" && t.spelling() != "nabla::text";
  if (t.is(Type::Array))
    return carries_pointers(t.element());
  if (t.is(Type::Record) && t.members().derived_pointers)
    return true;
  if (t.is(Type::Record))
    for (const Struct::Field &f : t.members().fields)
      if (carries_pointers(f.type))
        return true;
  return false;
}

namespace {

bool is_container(const Type &t) { return t.is(Type::Record) && t.members().container != Struct::None; }

/// Pointers of the type, but for a container's to its elements.
bool carries_raw_pointers(const Type &t) {
  if (is_container(t)) {
    const Type &element = t.members().fields[Struct::Data].type.element();
    if (t.members().container != Struct::Chain)
      return carries_raw_pointers(element);
    const Type &kept = element.element();
    bool is_node = t.members().fields.size() > Struct::Capacity + 1; // whose links stay in the container
    return carries_raw_pointers(is_node ? kept.members().fields[0].type : kept);
  }
  if (t.is(Type::Array))
    return carries_raw_pointers(t.element());
  if (!t.is(Type::Record))
    return t.is(Type::Pointer) || t.is(Type::Opaque);
  if (t.members().derived_pointers)
    return true;
  for (const Struct::Field &f : t.members().fields)
    if (carries_raw_pointers(f.type))
      return true;
  return false;
}

/// The callee may change the pointers that this parameter leads to.
bool changes_pointers(const Type &param) {
  bool fixed = is_container(param.element()) && param.element().is_const() &&
               !carries_pointers(param.element().members().fields[Struct::Data].type.element());
  return param.is(Type::Pointer) && carries_pointers(param.element()) && !fixed;
}

bool holds_views(const Type &t, std::set<const Struct *> &seen) {
  if (t.is(Type::Pointer) || t.is(Type::Array))
    return holds_views(t.element(), seen);
  if (!t.is(Type::Record) || !seen.insert(&t.members()).second)
    return false;
  bool found = t.members().container == Struct::View;
  for (const Struct::Field &f : t.members().fields)
    found = found || holds_views(f.type, seen);
  return found;
}

/// What the call makes its arguments and its result lead to is known: elements of containers, which lie in the record
/// and have shadows if their container has.
bool makes_elements(const Call &c) {
  bool any = false, raw = c.result && carries_raw_pointers(c.result->type());
  for (const Type &t : c.callee->params) {
    bool changes = t.is(Type::Pointer) && changes_pointers(t);
    any = any || changes;
    raw = raw || (changes && carries_raw_pointers(t.element()));
  }
  return (any || (c.result && carries_pointers(c.result->type()))) && !raw;
}

/// A container's elements are its own: nobody stores a pointer to something else there.
bool owns_elements(const Call &c) {
  std::set<const Struct *> seen;
  bool views = c.result && holds_views(c.result->type(), seen);
  for (const Type &t : c.callee->params)
    views = views || holds_views(t, seen);
  return !views;
}

} // namespace

namespace {

/// A pointer into a caller's std::function, as the pass boundary makes it: what that holds arrives from outside.
bool arrives_from_outside(const Declare &d) {
  return d.var->inactive && d.var->type.is(Type::Pointer) && d.init &&
         std::holds_alternative<Native>((*d.init)->node);
}

} // namespace

/// Parameters and globals arrive leading to objects of their own.
void Alias::give_pointees(const Var &v) {
  const Type &t = v->type;
  bool leads = carries_pointers(t) || t.is(Type::Array);
  if (!leads)
    return;
  if (v->kind == Variable::Global) {
    pointees_[object_of(v)] = {unknown};
    return;
  }
  if (may_alias_ && shared_ == unknown) {
    shared_ = fresh({Info::Pointee, v, true});
    pointees_[shared_] = {shared_};
  }
  if (may_alias_) {
    pointees_[object_of(v)] = {shared_};
    return;
  }
  Object first = fresh({Info::Pointee, v});
  pointees_[object_of(v)] = {first};
  bool deeper = t.is(Type::Pointer) && t.element().is(Type::Pointer);
  if (deeper) {
    Object second = fresh({Info::Pointee, v});
    pointees_[first] = {second};
    pointees_[second] = {second};
  } else
    pointees_[first] = {first}; // a linked structure may lead back to itself
}

void Alias::declare(const Function &f) {
  auto add_variable = [&](const Var &v) {
    if (variables_.count(v))
      return;
    variables_[v] = fresh({Info::Variable, v});
    bool arrives = std::find(f.params.begin(), f.params.end(), v) != f.params.end();
    if (arrives ||
        v->kind == Variable::Global) // a reverse function takes its pair's parameters off the record
      give_pointees(v);
  };
  for (const Var &v : f.params)
    add_variable(v);
  for_each_stmt(f.body, [&](const Stmt &s) {
    for_each_variable(s, add_variable);
    if (auto *d = std::get_if<Declare>(&s.node); d && arrives_from_outside(*d))
      give_pointees(d->var);
    if (std::holds_alternative<Allocate>(s.node))
      allocations_[s.id] = fresh({Info::Allocation, std::get<Allocate>(s.node).to.root});
    if (auto *c = std::get_if<Call>(&s.node); c && makes_elements(*c))
      for (auto *all : {&allocations_, &shadow_allocations_})
        (*all)[s.id] = fresh({Info::Allocation, nullptr});
    for_each_expr(s, [&](const Ex &top) {
      for_each_subexpr(top, [&](const Ex &e) {
        auto *a = std::get_if<AddressOf>(&e->node);
        if (!a)
          return;
        bool itself = true;
        for (const Step &step : a->place.path)
          itself &= !std::holds_alternative<Deref>(step);
        if (itself)
          taken_.insert(a->place.root);
      });
    });
  });
}

Alias::Objects Alias::objects(const Place &p) const {
  Objects now{object_of(p.root)};
  for (const Step &step : p.path) {
    if (!std::holds_alternative<Deref>(step))
      continue;
    Objects next;
    for (Object o : now)
      next.insert(pointees_[o].begin(), pointees_[o].end());
    now = std::move(next);
  }
  return now;
}

Alias::Objects Alias::points_to(const Ex &e) const {
  Objects out;
  auto merge = [&](const Objects &more) { out.insert(more.begin(), more.end()); };
  match(
      e->node, [&](const Const &) {},
      [&](const Read &n) {
        for (Object o : objects(n.place))
          merge(pointees_[o]);
      },
      [&](const AddressOf &n) { merge(objects(n.place)); }, [&](const Apply &) {},
      [&](const Native &n) {
        if (n.op.rfind("call ", 0) == 0)
          merge({unknown});
        for (const Ex &a : n.args)
          if (a.type().is(Type::Pointer) || a.type().is(Type::Array))
            merge(points_to(a));
      },
      [&](const Cast &n) {
        if (n.from.type().is(Type::Pointer) || n.from.type().is(Type::Array))
          merge(points_to(n.from));
        else if (e.type().is(Type::Pointer))
          merge({unknown});
      },
      [&](const Select &n) {
        merge(points_to(n.yes));
        merge(points_to(n.no));
      });
  return out;
}

bool Alias::add(const Objects &to, const Objects &targets) {
  bool changed = false;
  for (Object o : to)
    for (Object t : targets)
      changed |= pointees_[o].insert(t).second;
  return changed;
}

Alias::Objects Alias::reachable(const Objects &from) const {
  Objects out = from;
  std::vector<Object> work(from.begin(), from.end());
  while (!work.empty()) {
    Object o = work.back();
    work.pop_back();
    for (Object t : pointees_[o])
      if (out.insert(t).second)
        work.push_back(t);
  }
  return out;
}

std::optional<std::vector<Var>> Alias::local_holders(Object o, unsigned depth) const {
  const unsigned deepest = 3;
  std::vector<Var> out;
  if (infos_[o].kind != Info::Allocation || depth > deepest)
    return {};
  for (Object holder = 0; holder < count(); ++holder) {
    if (!pointees_[holder].count(o))
      continue;
    const Info &info = infos_[holder];
    if (info.kind == Info::Allocation && holder != o) { // which locals hold in their turn
      std::optional<std::vector<Var>> further = local_holders(holder, depth + 1);
      if (!further)
        return {};
      out.insert(out.end(), further->begin(), further->end());
      continue;
    }
    if (info.kind != Info::Variable || address_taken(info.var) || info.var->kind != Variable::Local)
      return {};
    out.push_back(info.var);
  }
  return out;
}

bool Alias::solve_step(const Function &f) {
  bool changed = false;
  for_each_stmt(f.body, [&](const Stmt &s) {
    if (auto *d = std::get_if<Declare>(&s.node);
        d && d->init && carries_pointers(d->var->type) && !arrives_from_outside(*d))
      changed |= add({object_of(d->var)}, points_to(*d->init));
    if (auto *d = std::get_if<Declare>(&s.node); d && carries_pointers(d->var->type))
      for (const Ex &e : d->elements)
        changed |= add({object_of(d->var)}, points_to(e));
    if (auto *a = std::get_if<Assign>(&s.node); a && carries_pointers(a->value.type()))
      changed |= add(objects(a->to), points_to(a->value));
    if (auto *a = std::get_if<Allocate>(&s.node))
      changed |= add(objects(a->to), {allocations_.at(s.id)});
    if (auto *p = std::get_if<Push>(&s.node); p && carries_pointers(p->value.type()))
      changed |= add({object_of(p->record)}, points_to(p->value));
    if (auto *p = std::get_if<Pop>(&s.node); p && carries_pointers(p->to.type()))
      changed |= add(objects(p->to), pointees_[object_of(p->record)]);
    if (auto *c = std::get_if<Call>(&s.node);
        c && (c->callee->kind != Callee::Passive || c->callee->passes_pointers)) {
      // The callee may store any pointer it can reach, or one to memory of its own, anywhere it can reach; among shadows, which
      // stand behind its own arguments, it stores shadows.
      bool deep = false;
      for (const Type &t : c->callee->params)
        deep |= c->callee->stores_pointers && t.is(Type::Pointer) && changes_pointers(t);
      const bool elements = makes_elements(*c), owned = elements && owns_elements(*c);
      Object new_memory = unknown;
      Objects stored;
      for (bool shadows : {true, false}) {
        Objects reached;
        stored.clear();
        if (elements)
          new_memory = (shadows ? shadow_allocations_ : allocations_).at(s.id);
        for (std::size_t i = 0; i < c->args.size(); ++i) {
          const Type &t = c->args[i].type();
          if ((i >= c->callee->params.size()) != shadows || !carries_pointers(t))
            continue;
          Objects all = reachable(points_to(c->args[i]));
          reached.insert(all.begin(), all.end());
          if (!owned || !t.is(Type::Pointer) || carries_pointers(t.element()))
            stored.insert(all.begin(), all.end());
        }
        for (const Ex &arg : c->args) // a forward function keeps what it is given for its reverse function
          if (auto *a = std::get_if<AddressOf>(&arg->node); a && is_record(a->place.root->type))
            changed |= add({object_of(a->place.root)}, reached);
        if (deep && !stored.empty()) {
          stored.insert(new_memory);
          changed |= add(stored, stored);
        }
      }
      if (c->result && carries_pointers(c->result->type())) {
        stored.insert(new_memory);
        changed |= add(objects(*c->result), stored);
      }
    }
  });
  return changed;
}

namespace {
/// Whoever is called may change it.
bool is_mutable_global(const Var &v) {
  const Type *t = &v->type;
  while (t->is(Type::Array))
    t = &t->element();
  return v->kind == Variable::Global && !v->type.is_const() && !t->is_const();
}
} // namespace

bool Alias::overlap(const Objects &a, const Objects &b) const {
  for (Object o : a)
    if (b.count(o))
      return true;
  auto exposed = [&](const Objects &s) {
    for (Object o : s)
      if (infos_[o].kind != Info::Variable || is_mutable_global(infos_[o].var) || taken_.count(infos_[o].var))
        return true;
    return false;
  };
  if (precise_ && !a.count(unknown) && !b.count(unknown))
    return false;
  return exposed(a) && exposed(b);
}

/// May two arguments lead to the same memory, at least one of them to be written?
bool Alias::arguments_overlap(const Call &n) const {
  for (std::size_t i = 0; i < n.callee->params.size(); ++i)
    for (std::size_t k = 0; k < i; ++k) {
      const Type &a = n.callee->params[i], &b = n.callee->params[k];
      if (!a.is(Type::Pointer) || !b.is(Type::Pointer))
        continue;
      bool read_only = a.element().is_const() && b.element().is_const() && !a.element().is(Type::Pointer);
      if (!read_only && overlap(reachable(points_to(n.args[i])), reachable(points_to(n.args[k]))))
        return true;
    }
  return false;
}

} // namespace nabla::analysis
