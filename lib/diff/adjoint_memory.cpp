#include "diff/adjoint_memory.h"
#include "ir/walk.h"
#include <algorithm>

namespace nabla::diff {
using namespace ir;

namespace {
bool is_deref(const Step &s) { return std::holds_alternative<Deref>(s); }

/// T *p = array;   The array.
Var array_behind(const Stmt &s) {
  auto *d = std::get_if<Declare>(&s.node);
  auto *a = d && d->init ? std::get_if<AddressOf>(&(*d->init)->node) : nullptr;
  bool is_array = a && a->place.root->type.is(Type::Array) && a->place.root->kind == Variable::Local;
  return is_array && a->place.path.size() == 1 ? a->place.root : nullptr;
}
/// double *x_data_bar = x_bar.data();   x_bar, a parameter. Nobody else leads to the elements of a container.
Var container_behind(const Stmt &s) {
  auto *d = std::get_if<Declare>(&s.node);
  auto *r = d && d->init ? std::get_if<Read>(&(*d->init)->node) : nullptr;
  if (!r || r->place.root->kind != Variable::Param || r->place.path.empty())
    return nullptr;
  Place owner = r->place;
  auto *data = std::get_if<Field>(&owner.path.back());
  owner.path.pop_back();
  bool is_itself = owner.path.size() == std::size_t(owner.root->type.is_reference());
  Type type = owner.type();
  return data && is_itself && type.is(Type::Record) && type.members().fields[data->number].name == "data()"
             ? owner.root
             : nullptr;
}
} // namespace

AdjointMemory::AdjointMemory(const Function &f) : function_(f), pointed_at_(pointed_at(f.body)) {
  std::map<Var, int> writes, mentions;
  std::map<Var, Var> arrays; // by the pointer
  for_each_stmt(f.body, [&](const Stmt &s) {
    for (const Place &p : writes_of(s))
      if (p.path.empty())
        ++writes[p.root];
    if (auto *a = std::get_if<Allocate>(&s.node); a && a->to.path.empty())
      own_.insert(a->to.root);
    if (Var array = array_behind(s))
      arrays[declared_by(s)] = array;
    if (Var container = container_behind(s))
      elements_[declared_by(s)] = container;
    for_each_variable(s, [&](const Var &v) { ++mentions[v]; });
  });
  for (const auto &[pointer, array] : arrays) // of which nothing else knows
    if (mentions[array] == 2 && writes[pointer] == 1)
      own_.insert(pointer);
  for (const auto &[v, count] : writes)
    if (count > 2) // declared, and allocated
      own_.erase(v);
  for (const auto &[v, count] : writes)
    if (count > 1 || pointed_at_.count(v))
      elements_.erase(v);
}

bool AdjointMemory::is_adjoint(const Place &p) {
  return p.root->is_shadow && (leads_on(p) || (p.root->type.is(Type::Array) && !p.path.empty()));
}

bool AdjointMemory::leads_on(const Place &p) { return std::any_of(p.path.begin(), p.path.end(), is_deref); }

AdjointMemory::Kind AdjointMemory::of(const Place &p) const {
  if (p.root->type.is(Type::Array))
    return p.root->kind != Variable::Local || leads_on(p) || pointed_at_.count(p.root) ? Unknown : Own;
  if (std::count_if(p.path.begin(), p.path.end(), is_deref) != 1 || !is_deref(p.path.front()))
    return Unknown;
  if (own_.count(p.root))
    return Own;
  const Var &owner = owner_of(p.root);
  if (std::find(function_.params.begin(), function_.params.end(), owner) == function_.params.end())
    return Unknown;
  return owner->is_restrict ? Sole : Argument;
}

/// The container whose elements the pointer leads to; any other variable itself.
const Var &AdjointMemory::owner_of(const Var &v) const {
  auto held = elements_.find(v);
  return held != elements_.end() ? held->second : v;
}

bool AdjointMemory::may_overlap(const Place &a, const Place &b) const {
  Kind of_a = of(a), of_b = of(b);
  if (owner_of(a.root) == owner_of(b.root) || of_a == Unknown || of_b == Unknown)
    return true;
  return of_a == Argument && of_b == Argument;
}

std::set<Var> pointed_at(const Block &block) {
  std::set<Var> out;
  for_each_stmt(block, [&](const Stmt &s) {
    for_each_expr(s, [&](const Ex &top) {
      for_each_subexpr(top, [&](const Ex &e) {
        if (auto *a = std::get_if<AddressOf>(&e->node))
          out.insert(a->place.root);
      });
    });
  });
  return out;
}

} // namespace nabla::diff
