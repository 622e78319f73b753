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
  const bool later = w.overwriting && !fused_regions_.count(w.loop);
  const Stmt &loop = later ? *w.overwriting : *w.loop->owner;
  const For &n = std::get<For>(loop.node);
  const Type type = n.index->type.with_const(false);
  // kept[...] = a[at]: the index of the slot's element is that of the window's loop, which `at` stands for.
  auto copied = [&](const Ex &at) {
    Place from = std::get<Read>((*values_)[w.first_read].shape->node).place;
    if (auto *i = std::get_if<Index>(&from.path[0]))
      i->at = at;
    else
      std::get<Deref>(from.path[0]).offset = at;
    Ex index = rewrite(slot_index(slot, false, -w.low), [&](const Ex &e) -> std::optional<Ex> {
      auto *r = std::get_if<Read>(&e->node);
      return r && r->place.root == std::get<For>(w.loop->owner->node).index ? std::optional(at)
                                                                            : std::nullopt;
    });
    return Assign{Place{slot.array, {Deref{without_zero(index)}}}, ir::read(from)};
  };
  Block guarded;
  if (later) {
    emit(at_start_[values_->arm(loop, true)], copied(ir::read(n.index)));
    for (long at = w.low; at < 0; ++at)
      emit(guarded, copied(moved(cast(n.first, type), at)));
    for (long at = 0; at < w.high; ++at)
      emit(guarded, copied(moved(cast(n.bound, type), at)));
  } else {
    Var j = local("k", type);
    For copy{j, moved(cast(n.first, type), w.low), For::LT, moved(cast(n.bound, type), w.high), 1, {}, false};
    emit(copy.body, copied(ir::read(j)));
    emit(guarded, std::move(copy));
  }
  if (!guarded.empty())
    emit(before_[loop.id], If{native("<", {n.first, n.bound}, Type::boolean()), std::move(guarded), {}});
  const std::string &name = std::get<Read>((*values_)[w.first_read].shape->node).place.root->name;
  const Loc &loc = w.loop->owner->loc;
  report_.rows.push_back({loc, name, "copied", bytes_formula(slot),
                          "this loop reads its elements, which are overwritten later"});
  if (loc)
    remarks_.push_back(
        {loc, "copied the elements of '" + name + "' that this loop reads: they are overwritten later"});
}

Ex AdjointBuilder::recall_through_window(ValueId v) {
  const Window &w = *windows_->of(v);
  Slot &slot = slot_of(w);
  return recall_element(slot, (*values_)[v].home, slot_index(slot, true, windows_->offset(v) - w.low));
}

} // namespace nabla::diff
