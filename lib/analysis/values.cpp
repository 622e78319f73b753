// Queries on the value graph; values_build.cpp makes it.
#include "analysis/values.h"
#include "analysis/ranges.h"
#include "ir/diagnostic.h"
#include "ir/walk.h"
#include <algorithm>

namespace nabla::analysis {
using namespace ir;

ValueId Values::of(const Stmt &s, const Ex &e) const {
  auto it = of_.find({s.id, e.get()});
  if (it == of_.end())
    internal_error("a value was asked for that the statement does not compute", s.loc);
  return it->second;
}

const Address &Values::address(const Stmt &s, const void *key) const {
  auto it = addresses_.find({s.id, key});
  if (it == addresses_.end())
    internal_error("an address was asked for that the statement does not compute", s.loc);
  return it->second;
}

bool Values::is_tracked(const Var &v) const { return tracked_.count(v) != 0; }

const Region *Values::declared_in(const Var &v) const {
  auto it = declared_in_.find(v);
  return it == declared_in_.end() ? body_ : it->second;
}

bool Values::at_top(const Var &v) const { return declared_in(v) == body_; }

const Region *Values::level(ValueId id) const {
  if (auto it = levels_.find(id); it != levels_.end())
    return it->second;
  const Value &v = values_[id];
  const Region *deepest = body_;
  auto at_least = [&](const Region *r) {
    if (r->depth() > deepest->depth())
      deepest = r;
  };
  switch (v.kind) {
  case Value::Constant:
    break;
  case Value::Entry:
  case Value::Phi:
  case Value::LoopIndex:
  case Value::Defined:
    deepest = v.home;
    break;
  case Value::Load:
    at_least(v.since);
    [[fallthrough]];
  case Value::AddressOf:
    if (v.address.pointer != no_value)
      at_least(level(v.address.pointer));
    else
      at_least(declared_in(v.address.root));
    for (const Address::Step &s : v.address.steps)
      if (s.value != no_value)
        at_least(level(s.value));
    break;
  case Value::Operation:
    for (ValueId o : v.operands)
      at_least(level(o));
    break;
  }
  return levels_[id] = deepest;
}

ValueId Values::final_value(const Var &v) const {
  auto it = final_.find(v);
  return it == final_.end() ? no_value : it->second;
}

namespace {

/// The innermost region around both.
const Region *common_region(const Region *a, const Region *b) {
  while (!a->encloses(b))
    a = a->parent;
  return a;
}
bool goes_around(const Region *from, const Region *scope) {
  for (const Region *r = from; r != scope; r = r->parent)
    if (r->kind == Region::Loop)
      return true;
  return false;
}

} // namespace

/// Can the write take effect after the statement ran, in the same run of the scope?
bool Values::happens_after(const Write &w, const Stmt &at, const Region *home, const Region *scope) const {
  return scope->encloses(w.region) &&
         (goes_around(common_region(w.region, home), scope) || is_behind(w, at, home));
}

/// The same where no loop around both has gone on.
bool Values::is_behind(const Write &w, const Stmt &at, const Region *home) const {
  if (w.at->id < at.id)
    return last_of_[w.at->id] >= at.id; // an allocation or call never encloses; a loop's own header may
  const Region *common = common_region(w.region, home);
  auto child = [&](const Region *r) {
    while (r && r->parent != common && r != common)
      r = r->parent;
    return r;
  };
  const Region *a = child(w.region), *b = child(home);
  bool exclusive =
      a && b && a != b && a->kind == Region::Branch && b->kind == Region::Branch && a->owner == b->owner;
  return !exclusive;
}

/// Other constants (enumerators, characters) are only known to the compiler.
std::optional<long> Values::number(ValueId id) const {
  const Value &v = values_[id];
  if (v.kind != Value::Constant || !v.type.is(Type::Int))
    return {};
  const std::string &text = std::get<Const>(v.shape->node).spelling;
  std::size_t digits = text.find_first_not_of("0123456789");
  bool plain = !text.empty() && digits != 0 && (text[0] != '0' || text.size() == 1) &&
               text.find_first_not_of("uUlL", digits) == std::string::npos;
  return plain ? std::optional(std::strtol(text.c_str(), nullptr, 10)) : std::nullopt;
}

std::pair<ValueId, long> Values::affine(ValueId v) const {
  const Value &x = values_[v];
  auto *n = x.kind == Value::Operation ? std::get_if<Native>(&x.shape->node) : nullptr;
  if (!n || (n->op != "+" && n->op != "-") || x.operands.size() != 2)
    return {v, 0};
  std::optional<long> k = number(x.operands[1]);
  if (!k)
    return {v, 0};
  return {x.operands[0], n->op == "+" ? *k : -*k};
}

bool Values::differ(ValueId a, ValueId b) const {
  if (a == no_value || b == no_value)
    return false;
  std::optional<long> m = number(a), n = number(b);
  return m && n && *m != *n;
}

/// Never the same storage, whatever iteration each is taken from: constants alone decide.
bool Values::disjoint(const Address &a, const Address &b) const {
  bool same_base = a.root ? a.root == b.root : !b.root && a.pointer == b.pointer;
  if (same_base && !a.root && values_[a.pointer].kind != Value::Entry)
    same_base = false; // the pointer may differ from iteration to iteration
  if (!same_base)
    return false;
  return steps_apart(
      a, b, [&](ValueId x, ValueId y) { return x == y ? std::nullopt : std::optional(differ(x, y)); });
}

const Region *Values::private_to(const Alias::Objects &objects) const {
  const Region *found = nullptr;
  for (Alias::Object o : objects) {
    std::optional<std::vector<Var>> holders = alias_.local_holders(o);
    if (!holders)
      return body_;
    for (const Var &v : *holders) {
      const Region *r = declared_in(v);
      if (!found || r->encloses(found))
        found = r;
      else if (!found->encloses(r))
        return body_;
    }
  }
  return found ? found : body_;
}

/// Does nobody who is called know of them when the call is over?
bool Values::are_kept(const Alias::Objects &objects) const {
  for (Alias::Object o : objects)
    if (!alias_.local_holders(o))
      return false;
  bool kept = true;
  for_each_stmt(function_.body, [&](const Stmt &s) {
    auto *c = std::get_if<Call>(&s.node);
    if (!c || keeps_to_arguments(*c->callee))
      return;
    for (const Ex &arg : c->args)
      for (Alias::Object o : alias_.reachable(alias_.points_to(arg)))
        kept = kept && !objects.count(o);
  });
  return kept;
}

bool Values::go_out_of_scope(const Alias::Objects &objects) const {
  return std::any_of(objects.begin(), objects.end(), [&](Alias::Object o) {
    const Alias::Info &info = alias_.info(o);
    return info.kind == Alias::Info::Variable && info.var->kind == Variable::Local &&
           declared_in(info.var) != body_;
  });
}

bool Values::written_after(const Stmt &s, const Alias::Objects &objects) const {
  const Region *home = regions_of_[s.id], *scope = private_to(objects);
  if (!scope->encloses(home))
    scope = body_;
  const bool kept = are_kept(objects);
  for (const Write &w : writes_) {
    bool meets = kept ? meet(w.objects, objects) : alias_.overlap(w.objects, objects);
    if (meets && (w.at == &s ? goes_around(home, scope) : happens_after(w, s, home, scope)))
      return true;
  }
  return false;
}

void Values::each_write(const Alias::Objects &objects,
                        const std::function<void(const Stmt &, const Access &)> &fn) const {
  for (const Write &w : writes_)
    if (alias_.overlap(w.objects, objects))
      fn(*w.at, {&w.address, w.region});
}

bool Values::still_in_memory(ValueId id, const Region *scope) const {
  const Value &load = values_[id];
  return stays({&load.address, load.home}, *load.at, scope, nullptr);
}

/// Does no write change what the statement has found, or put, there? `self`: the write that put it there.
bool Values::stays(const Access &there, const Stmt &at, const Region *scope, const Write *self) const {
  const Address &address = *there.address;
  for (Alias::Object o : address.objects) {
    const Alias::Info &info = alias_.info(o);
    if (info.kind == Alias::Info::Variable && !declared_in(info.var)->encloses(scope))
      return false; // it is out of scope by then
  }
  for (const Write &w : writes_) {
    if (!alias_.overlap(w.objects, address.objects))
      continue;
    if (!w.address.type.is(Type::Void) && !types_may_alias(w.address.type, address.type))
      continue;
    if (w.exact && disjoint(w.address, address))
      continue;
    bool again = scope->encloses(w.region) && goes_around(common_region(w.region, there.region), scope);
    bool behind = &w != self && scope->encloses(w.region) && is_behind(w, at, there.region);
    if ((again || behind) && may_overwrite(w, there, scope, behind))
      return false;
  }
  return true;
}

/// By the bounds of the loops that they are in.
bool Values::may_overwrite(const Write &w, const Access &there, const Region *scope, bool behind) const {
  bool in_loops = goes_around(there.region, scope) || goes_around(w.region, scope);
  return !ranges_ || !w.exact || !in_loops || may_reach(*this, there, {&w.address, w.region}, scope, behind);
}

bool Values::is_index(ValueId id) const {
  const Value &v = values_[id];
  if (!v.type.is_discrete() && !v.type.is(Type::Pointer))
    return false;
  return std::all_of(v.operands.begin(), v.operands.end(), [&](ValueId o) { return is_index(o); }) &&
         ((v.kind != Value::Load && v.kind != Value::AddressOf) || is_made_of_indices(v.address));
}

bool Values::is_made_of_indices(const Address &a) const {
  return (a.pointer == no_value || is_index(a.pointer)) &&
         std::all_of(a.steps.begin(), a.steps.end(),
                     [&](const Address::Step &s) { return s.value == no_value || is_index(s.value); });
}

const Address *Values::copy_in_memory(ValueId id, const Region *scope) const {
  const Value &v = values_[id];
  auto found = v.type.is(Type::Real) && !v.type.is_handle() && !v.lazy ? copies_.find(id) : copies_.end();
  if (found == copies_.end())
    return nullptr;
  for (std::size_t i : found->second) {
    const Write &w = writes_[i];
    if (w.region == v.home && w.address.type.with_const(false) == v.type && is_made_of_indices(w.address) &&
        stays({&w.address, w.region}, *w.at, scope, &w))
      return &w.address;
  }
  return nullptr;
}

bool Values::belongs_to_caller(ValueId id) const { return belongs_to_caller(values_[id].address); }

bool Values::belongs_to_caller(const Address &a) const {
  for (Alias::Object o : a.objects) {
    const Alias::Info &info = alias_.info(o);
    if (info.kind == Alias::Info::Pointee || info.kind == Alias::Info::Unknown)
      return true;
    if (info.kind == Alias::Info::Variable && info.var->kind == Variable::Global &&
        !info.var->type.is_const())
      return true;
  }
  return false;
}

} // namespace nabla::analysis
