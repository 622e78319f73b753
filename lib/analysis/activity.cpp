#include "analysis/activity.h"
#include "ir/walk.h"

namespace nabla::analysis {
using namespace ir;

Activity::Activity(const Function &f, const Alias &alias, const std::vector<bool> &wrt, bool enabled)
    : alias_(alias), varied_(alias.count(), false), useful_(alias.count(), false) {
  Alias::Objects passive; // what parameters that are not differentiated hold or lead to
  for (std::size_t i = 0; i < f.params.size(); ++i) {
    Alias::Objects own = alias.reachable({alias.object_of(f.params[i])});
    if (i < wrt.size() && wrt[i]) {
      if (is_record(f.params[i]->type))
        continue;
      mark(own, varied_);
      own.erase(alias.object_of(f.params[i]));
      mark(own, useful_);
    } else
      passive.insert(own.begin(), own.end());
  }
  for (std::size_t i = 0; i < f.params.size() && i < wrt.size(); ++i)
    if (wrt[i] &&
        is_record(f.params[i]->type)) // the next function takes tangents of all that is put on a record
      for (Alias::Object o : alias.reachable({alias.object_of(f.params[i])}))
        if (!passive.count(o)) {
          mark({o}, varied_);
          mark({o}, useful_);
        }
  if (!enabled)
    for (unsigned o = 0; o < alias.count(); ++o) {
      useful_[o] = true;
      if (can_start(o) && !passive.count(o))
        varied_[o] = true;
    }
  solve(f);
  for (unsigned o = 0; o < alias.count(); ++o)
    active_.push_back(active(o));
}

void Activity::solve(const Function &f) {
  std::vector<const Stmt *> order;
  for_each_stmt(f.body, [&](const Stmt &s) { order.push_back(&s); });
  for (bool joined = true; joined;) {
    for (bool changed = true; changed;) {
      changed = false;
      for (const Stmt *s : order)
        changed |= forward(*s);
    }
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t i = order.size(); i-- > 0;)
        changed |= backward(*order[i]);
    }
    joined = false;
    for (const Stmt *s : order) {
      auto look = [&](const Place &p) { joined |= join(p); };
      for (const Place &p : writes_of(*s))
        look(p);
      for_each_expr(*s, [&](const Ex &e) { for_each_read(e, look); });
    }
  }
}

/// A pointer on the way to the place that may lie in this object or that: if one of them has a shadow, which leads on to
/// adjoints, this function's own objects all get one.
bool Activity::join(const Place &p) {
  bool changed = false;
  Place so_far{p.root, {}};
  unsigned derefs = 0;
  for (const Step &step : p.path) {
    const Alias::Objects all =
        std::holds_alternative<Deref>(step) && derefs++ > 0 ? alias_.objects(so_far) : Alias::Objects();
    if (all.size() > 1 && active(alias_.reachable(all)))
      for (Alias::Object o : all)
        for (Alias::Object led : alias_.reachable({o})) {
          const Alias::Info &info = alias_.info(led);
          bool is_own = info.kind == Alias::Info::Allocation ||
                        (info.kind == Alias::Info::Variable && info.var->kind == Variable::Local);
          if (is_own && !active(led)) {
            bool varies = mark({led}, varied_), is_useful = mark({led}, useful_);
            changed = changed || varies || is_useful;
          }
        }
    so_far.path.push_back(step);
  }
  return changed;
}

bool Activity::can_vary(Alias::Object o) const {
  const Alias::Info &info = alias_.info(o);
  return info.kind != Alias::Info::Variable || info.var->kind != Variable::StaticConst;
}

/// With the analysis off: may the object be taken as varied from the start?
bool Activity::can_start(Alias::Object o) const {
  const Alias::Info &info = alias_.info(o);
  return can_vary(o) && info.kind != Alias::Info::Unknown &&
         !(info.var && info.var->kind == Variable::Global);
}

bool Activity::any(const Alias::Objects &os, const std::vector<bool> &flags) const {
  for (Alias::Object o : os)
    if (flags[o])
      return true;
  return false;
}

bool Activity::active(const Alias::Objects &os) const {
  for (Alias::Object o : os)
    if (active(o))
      return true;
  return false;
}

bool Activity::active(const Place &p) const { return p.type().contains_reals() && active(alias_.objects(p)); }

bool Activity::depends(const Ex &e, const std::vector<bool> &flags) const {
  return match(
      e->node, [&](const Const &) { return false; },
      [&](const Read &n) { return e.type().contains_reals() && any(alias_.objects(n.place), flags); },
      [&](const AddressOf &) { return false; },
      [&](const Apply &n) {
        for (const Ex &a : n.args)
          if (depends(a, flags))
            return true;
        return false;
      },
      [&](const Native &) { return false; },
      [&](const Cast &n) {
        return e.type().is(Type::Real) && n.from.type().is(Type::Real) && depends(n.from, flags);
      },
      [&](const Select &n) {
        return e.type().contains_reals() && (depends(n.yes, flags) || depends(n.no, flags));
      });
}

bool Activity::active(const Ex &e) const { return depends(e, active_); }

bool Activity::mark(const Alias::Objects &os, std::vector<bool> &flags) {
  bool changed = false;
  for (Alias::Object o : os)
    if (!flags[o] && (&flags == &useful_ || can_vary(o))) {
      flags[o] = true;
      changed = true;
    }
  return changed;
}

bool Activity::mark_reads(const Ex &e) {
  bool changed = false;
  match(
      e->node, [&](const Const &) {},
      [&](const Read &n) {
        if (e.type().contains_reals())
          changed |= mark(alias_.objects(n.place), useful_);
      },
      [&](const AddressOf &) {},
      [&](const Apply &n) {
        for (const Ex &a : n.args)
          changed |= mark_reads(a);
      },
      [&](const Native &) {},
      [&](const Cast &n) {
        if (e.type().is(Type::Real) && n.from.type().is(Type::Real))
          changed |= mark_reads(n.from);
      },
      [&](const Select &n) {
        if (e.type().contains_reals())
          for (const Ex &arm : {n.yes, n.no})
            changed |= mark_reads(arm);
      });
  return changed;
}

/// Objects with reals that a call can read or write through its arguments.
Alias::Objects Activity::argument_objects(const Call &c, bool written) const {
  Alias::Objects out;
  auto only_read = [&](std::size_t i) {
    const Type *t = i < c.callee->params.size() ? &c.callee->params[i] : nullptr;
    return t && t->is(Type::Pointer) && t->element().is_const() && t->element().contains_reals() &&
           !t->element().contains_real_pointers();
  };
  for (const Ex &arg : c.args) // values on the record, and adjoints that pointers on it lead to
    if (auto *a = std::get_if<AddressOf>(&arg->node); a && is_record(a->place.root->type)) {
      Alias::Object record = alias_.object_of(a->place.root);
      for (Alias::Object o : alias_.reachable({record})) {
        const Alias::Info &info = alias_.info(o);
        bool adjoints = info.var && info.var->is_shadow; // all that a reverse function writes
        if (o == record || !written || adjoints)
          out.insert(o);
      }
    }
  for (std::size_t i = 0; i < c.args.size(); ++i)
    if (!(written && only_read(i)) && !c.args[i].type().contains_reals() && c.args[i].type().holds_reals()) {
      Alias::Objects more = alias_.reachable(alias_.points_to(c.args[i]));
      out.insert(more.begin(), more.end());
    }
  return out;
}

Alias::Objects Activity::written_by(const Call &c) const {
  Alias::Objects out;
  for (std::size_t i = 0; i < c.args.size(); ++i) {
    if (c.args[i].type().contains_reals() || !c.args[i].type().holds_reals())
      continue;
    Alias::Objects direct = alias_.points_to(c.args[i]), all = alias_.reachable(direct);
    if (i < c.callee->params.size() && c.callee->params[i].is(Type::Pointer) &&
        c.callee->params[i].element().is_const()) {
      Alias::Objects deeper;
      for (Alias::Object o : direct)
        for (Alias::Object next : alias_.pointees(o))
          deeper.insert(next);
      all = c.callee->params[i].element().contains_real_pointers() ? alias_.reachable(deeper)
                                                                   : Alias::Objects{};
    }
    out.insert(all.begin(), all.end());
  }
  return out;
}

namespace {

/// Where a statement puts a value, if that is all it does.
struct Store {
  Place to;
  Ex value;
};
std::optional<Store> store_of(const Stmt &s) {
  if (auto *n = std::get_if<Declare>(&s.node); n && n->init)
    return Store{Place{n->var, {}}, *n->init};
  if (auto *n = std::get_if<Assign>(&s.node))
    return Store{n->to, n->value};
  if (auto *n = std::get_if<Add>(&s.node))
    return Store{n->to, n->value};
  if (auto *n = std::get_if<Allocate>(&s.node); n && n->init) {
    Place first = n->to;
    first.path.push_back(Deref{});
    return Store{first, *n->init};
  }
  return {};
}

} // namespace

bool Activity::forward(const Stmt &s) {
  if (std::optional<Store> n = store_of(s))
    return varied(n->value) && mark(alias_.objects(n->to), varied_);
  if (auto *n = std::get_if<Push>(&s.node))
    return varied(n->value) && mark({alias_.object_of(n->record)}, varied_);
  if (auto *n = std::get_if<Pop>(&s.node))
    return n->to.type().contains_reals() && varied_[alias_.object_of(n->record)] &&
           mark(alias_.objects(n->to), varied_);
  if (auto *n = std::get_if<Call>(&s.node); n && n->callee->kind != Callee::Passive) {
    Alias::Objects objects = argument_objects(*n, false);
    bool in = any(objects, varied_);
    for (const Ex &a : n->args)
      in |= varied(a);
    if (!in)
      return false;
    bool changed = mark(argument_objects(*n, true), varied_);
    if (n->result && n->result->type().contains_reals())
      changed |= mark(alias_.objects(*n->result), varied_);
    return changed;
  }
  return false;
}

bool Activity::backward(const Stmt &s) {
  if (auto *n = std::get_if<Return>(&s.node))
    return n->value && mark_reads(*n->value);
  if (std::optional<Store> n = store_of(s))
    return any(alias_.objects(n->to), useful_) && mark_reads(n->value);
  if (auto *n = std::get_if<Push>(&s.node))
    return useful_[alias_.object_of(n->record)] && mark_reads(n->value);
  if (auto *n = std::get_if<Pop>(&s.node))
    return n->to.type().contains_reals() && any(alias_.objects(n->to), useful_) &&
           mark({alias_.object_of(n->record)}, useful_);
  if (auto *n = std::get_if<Call>(&s.node); n && n->callee->kind != Callee::Passive) {
    Alias::Objects objects = argument_objects(*n, false);
    bool out = any(objects, useful_) || (n->result && any(alias_.objects(*n->result), useful_));
    if (!out)
      return false;
    bool changed = mark(objects, useful_);
    for (const Ex &a : n->args)
      changed |= mark_reads(a);
    return changed;
  }
  return false;
}

bool Activity::active(const Call &c) const {
  if (c.callee->kind == Callee::Passive)
    return false;
  if (active(argument_objects(c, false)))
    return true;
  bool out = c.result && c.result->type().contains_reals() && active(alias_.objects(*c.result));
  for (const Ex &a : c.args)
    if (active(a) && out)
      return true;
  return out;
}

} // namespace nabla::analysis
