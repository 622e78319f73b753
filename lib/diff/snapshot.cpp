#include "diff/snapshot.h"

namespace nabla::diff {
using namespace ir;
using analysis::no_value;
using analysis::Region;
using analysis::Value;
using analysis::ValueId;

Windows::Windows(const analysis::Values &values, bool enabled) : values_(values) {
  for (ValueId v = 0; enabled && v < values.count(); ++v)
    if (values[v].kind == Value::Load)
      add(v);
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
  if (!read || read->place.path.size() != 1 || loop->parent->frame() != loop->parent)
    return false;
  const Var &root = read->place.root;
  if (!values_.declared_in(root)->encloses(loop->parent))
    return false;
  if (load.address.root)
    return load.address.root == root;
  auto &start = values_.at_start(loop);
  auto it = start.find(root);
  return it != start.end() && it->second == load.address.pointer && !loop->encloses(values_[it->second].home);
}

} // namespace nabla::diff
