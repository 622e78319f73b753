#include "accumulate.h"

#include "extra.h"
#include "lazy.h"

namespace nabla::detail {

// Last in every sweep, when all its gradients have been added up: hooks see the sum.
AccumulateGrad::AccumulateGrad(TensorImpl *leaf) : leaf_(leaf) {
  n_inputs_ = 1;
  metas_ = &meta_;
  sequence_ = 0;
  leaf_->graph.add();
  set_meta(meta_, leaf);
}

void AccumulateGrad::dispose() {
  TensorImpl *const leaf = leaf_;
  {
    const LeafLock hold(leaf);
    if (leaf->accumulator == this)
      leaf->accumulator = nullptr;
  }
  delete this;
  drop_graph(leaf);
}

NodeRef accumulator_of(TensorImpl *leaf) {
  const LeafLock hold(leaf);
  Node *const there = leaf->accumulator;
  if (there && there->count_.add_if_alive())
    return NodeRef::adopt(there);
  Node *const made = new AccumulateGrad(leaf);
  leaf->accumulator = made;
  leaf->kept_as_leaf = true;
  return NodeRef::adopt(made);
}

namespace {

/// May new_grad itself become .grad: nobody else sees it or its memory.
bool is_ours(const Tensor &g) {
  const TensorImpl *const p = impl(g);
  return p->handles.get() == 1 && p->graph.get() == 1 && p->storage->refs.get() == 1 && p->contiguous &&
         !p->base && p->storage->owner != Storage::Owner::Caller;
}

void add_into(Tensor &grad, Tensor &more) {
  if (!mode.no_grad) {
    grad = grad.defined() ? grad + more : more.clone();
    return;
  }
  if (grad.defined()) {
    if (impl(grad)->inference && !mode.inference)
      grad = grad.clone();
    grad.add_(more);
    return;
  }
  if (is_ours(more)) {
    want(more);
    grad = static_cast<Tensor &&>(more);
  } else
    grad = more.clone();
}

} // namespace

void AccumulateGrad::run(Sweep &s) {
  Tensor g = static_cast<Tensor &&>(s.grads[0]);
  s.grads[0] = Tensor();
  if (!g.defined())
    return;
  if (leaf_->extra) {
    const Tensor keep = promote(leaf_); // a hook may drop the last handle
    for (std::size_t i = 0; i < leaf_->extra->hooks.size(); ++i)
      if (const TensorHook hook = leaf_->extra->hooks[i]) {
        Tensor changed = hook(g);
        if (changed.defined())
          g = static_cast<Tensor &&>(changed);
      }
  }
  Tensor before; // destroyed after the lock is given back: its graph may hold other leaves
  const LeafLock hold(leaf_);
  if (leaf_->handles.get() == 0)
    return; // nobody can read it
  if (!mode.no_grad)
    before = leaf_->grad;
  add_into(leaf_->grad, g);
}

} // namespace nabla::detail
