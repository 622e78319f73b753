#include "diff/snapshot.h"
#include "ir/walk.h"
#include <algorithm>

namespace nabla::diff {
using namespace ir;
using analysis::no_value;
using analysis::Region;
using analysis::Value;
using analysis::ValueId;

static constexpr long most_apart = 8; ///< elements that are copied one by one

Windows::Windows(const analysis::Values &values, bool enabled) : values_(values) {
  for (ValueId v = 0; enabled && v < values.count(); ++v)
    if (values[v].kind == Value::Load)
      add(v);
  for (Window &w : windows_)
    if (w.low < w.high && w.low <= 0 && w.high >= 0 && w.high - w.low <= most_apart)
      w.overwriting = overwriting(w);
}

const Window *Windows::of(ValueId load) const {
  auto it = reads_.find(load);
  if (it == reads_.end())
    return nullptr;
  const Window &w = windows_[it->second.window];
  return w.low < w.high ? &w : nullptr;
}

/// a[i + offset], read whenever the body of a loop over i in steps of one runs, of an array that the loop does not write
bool Windows::add(ValueId load) {
  const Value &v = values_[load];
  const Region *body = v.home;
  auto *loop = body->kind == Region::Loop ? std::get_if<For>(&body->owner->node) : nullptr;
  if (!loop || loop->step != 1 || loop->cmp != For::LT || loop->descending || v.lazy ||
      !v.type.is(Type::Real) || v.address.steps.size() != 1 || v.address.steps[0].value == no_value ||
      v.objects_since > body->events_before)
    return false;
  auto [index, offset] = values_.affine(v.address.steps[0].value);
  if (values_[index].kind != Value::LoopIndex || values_[index].home != body || !is_visible_before(v, body))
    return false;
  auto key = std::make_tuple(body, v.address.pointer, v.address.root, v.objects_since);
  auto [it, fresh] = known_.emplace(key, windows_.size());
  if (fresh)
    windows_.push_back({body, load, offset, offset});
  Window &w = windows_[it->second];
  w.low = std::min(w.low, offset);
  w.high = std::max(w.high, offset);
  reads_[load] = {it->second, offset};
  return true;
}

/// Does the array's name mean the same before the loop?
bool Windows::is_visible_before(const Value &load, const Region *loop) const {
  auto *read = std::get_if<Read>(&load.shape->node);
  return read && read->place.path.size() == 1 && loop->parent->frame() == loop->parent &&
         values_.declared_in(read->place.root)->encloses(loop->parent) && names(load, loop);
}

/// Does it when the loop begins?
bool Windows::names(const Value &load, const Region *loop) const {
  const Var &root = std::get<Read>(load.shape->node).place.root;
  if (load.address.root)
    return load.address.root == root;
  auto &start = values_.at_start(loop);
  auto it = start.find(root);
  return it != start.end() && it->second == load.address.pointer && !loop->encloses(values_[it->second].home);
}

namespace {

/// Nothing but arithmetic: no call that could end the function.
bool is_plain(const Stmt &s) {
  bool plain = std::holds_alternative<Declare>(s.node) || std::holds_alternative<Assign>(s.node) ||
               std::holds_alternative<Add>(s.node) || std::holds_alternative<For>(s.node) ||
               std::holds_alternative<If>(s.node);
  for_each_block(s, [&](const Block &b) { plain = plain && std::all_of(b.begin(), b.end(), is_plain); });
  return plain;
}

} // namespace

/// The first statement from the window's loop on, in its block, that writes the array: if it is a loop over the same range
/// that writes a[index] alone, and nothing can end the function before.
const Stmt *Windows::overwriting(const Window &w) const {
  const Region *outer = w.loop->parent;
  const Block &block = !outer->owner ? values_.function().body
                       : std::holds_alternative<For>(outer->owner->node)
                           ? std::get<For>(outer->owner->node).body
                           : std::get<While>(outer->owner->node).body;
  const Value &load = values_[w.first_read];
  auto here = [&](const Stmt &s) { return &s == w.loop->owner; };
  for (auto s = std::find_if(block.begin(), block.end(), here); s != block.end() && is_plain(*s); ++s) {
    bool writes = false;
    values_.each_write(load.address.objects, [&](const Stmt &at, const analysis::Access &) {
      writes = writes || (at.id >= s->id && (std::next(s) == block.end() ? outer->encloses(values_.region(at))
                                                                         : at.id < std::next(s)->id));
    });
    if (writes)
      return !here(*s) && overwrites_own_element(load, *s) ? &*s : nullptr;
  }
  return nullptr;
}

/// The loops count alike, and what their headers read does not change in the second: the record's subscripts repeat them.
bool Windows::count_alike(const Stmt &reading, const Stmt &writing) const {
  auto *r = std::get_if<For>(&reading.node), *w = std::get_if<For>(&writing.node);
  auto same = [&](ValueId a, ValueId b) { return values_.affine(a) == values_.affine(b); };
  if (!w || w->step != 1 || w->cmp != For::LT || w->descending || w->index->type != r->index->type ||
      !same_value(w->first, r->first) || !same_value(w->bound, r->bound) ||
      !same(values_.first(writing), values_.first(reading)) ||
      !same(values_.bound(writing), values_.bound(reading)))
    return false;
  bool steady = true;
  for (const Ex &e : {w->first, w->bound})
    for_each_subexpr(e, [&](const Ex &part) { steady = steady && !part.type().is(Type::Real); });
  for_each_stmt(w->body, [&](const Stmt &s) {
    for (const Place &p : writes_of(s))
      steady = steady && p.type().is(Type::Real);
  });
  return steady;
}

/// for (i = first; i < bound; ++i) { ... a[i] = ...; } with the window's first and bound
bool Windows::overwrites_own_element(const Value &load, const Stmt &loop) const {
  if (!count_alike(*load.home->owner, loop))
    return false;
  const Region *body = values_.arm(loop, true);
  bool own = names(load, body);
  values_.each_write(load.address.objects, [&](const Stmt &, const analysis::Access &write) {
    if (!body->encloses(write.region))
      return;
    const analysis::Address &a = *write.address;
    own = own && write.region == body && a.root == load.address.root && a.pointer == load.address.pointer &&
          a.type == load.address.type && a.steps.size() == 1 && a.steps[0].value != no_value;
    if (!own)
      return;
    auto [index, offset] = values_.affine(a.steps[0].value);
    own = offset == 0 && values_[index].kind == Value::LoopIndex && values_[index].home == body;
  });
  return own;
}

} // namespace nabla::diff
