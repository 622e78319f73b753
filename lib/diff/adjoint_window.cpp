// Windows: an array's elements that a loop reads are copied before it (snapshot.h).
#include "diff/adjoint_impl.h"
#include "diff/offset.h"

namespace nabla::diff {
using namespace ir;

Slot &AdjointBuilder::slot_of(const Window &w) {
  Slot *&slot = window_slots_[&w];
  if (!slot) {
    slot = new_slot(name_for(w.first_read), (*values_)[w.first_read].type, w.loop, w.loop, w.high - w.low);
    slot->temporary = true;
    copy_window(w, *slot);
  }
  return *slot;
}

/// if (first < bound) for (j = first + low; j < bound + high; ++j) kept[row + j - (first + low)] = a[j];
void AdjointBuilder::copy_window(const Window &w, const Slot &slot) {
  const Stmt &loop = *w.loop->owner;
  const For &n = std::get<For>(loop.node);
  Type type = n.index->type.with_const(false);
  Var j = local("k", type);
  Ex at = ir::read(j);
  Place from = std::get<Read>((*values_)[w.first_read].shape->node).place;
  if (auto *i = std::get_if<Index>(&from.path[0]))
    i->at = at;
  else
    std::get<Deref>(from.path[0]).offset = at;
  // The index of the slot's element is that of the loop, which the copy's stands for.
  Ex index = rewrite(slot_index(slot, false, -w.low), [&](const Ex &e) -> std::optional<Ex> {
    auto *r = std::get_if<Read>(&e->node);
    return r && r->place.root == n.index ? std::optional(at) : std::nullopt;
  });
  For copy{j, moved(cast(n.first, type), w.low), For::LT, moved(cast(n.bound, type), w.high), 1, {}, false};
  emit(copy.body, Assign{Place{slot.array, {Deref{index}}}, ir::read(from)});
  Block guarded;
  emit(guarded, std::move(copy));
  emit(before_[loop.id], If{native("<", {n.first, n.bound}, Type::boolean()), std::move(guarded), {}});
  report_.rows.push_back({loop.loc, from.root->name, "copied", bytes_formula(slot),
                          "this loop reads its elements, which are overwritten later"});
  if (loop.loc)
    remarks_.push_back({loop.loc, "copied the elements of '" + from.root->name +
                                      "' that this loop reads: they are overwritten later"});
}

Ex AdjointBuilder::recall_through_window(ValueId v) {
  const Window &w = *windows_->of(v);
  Slot &slot = slot_of(w);
  return recall_element(slot, (*values_)[v].home, slot_index(slot, true, windows_->offset(v) - w.low));
}

} // namespace nabla::diff
