// Life and death of tensors and their memory.
#include "node.h"

#include "extra.h"

namespace nabla {
namespace detail {

Storage *new_storage(std::size_t bytes) {
  Storage *const s = new (pool_get(sizeof(Storage))) Storage;
  s->bytes = bytes;
  if (bytes <= sizeof s->small)
    s->data = s->small;
  else {
    s->owner = Storage::Owner::Pool;
    s->data = pool_get(bytes);
  }
  return s;
}

Storage *borrow_storage(void *data, std::size_t bytes) {
  Storage *const s = new (pool_get(sizeof(Storage))) Storage;
  s->bytes = bytes, s->data = data, s->owner = Storage::Owner::Caller;
  return s;
}

void destroy_storage(Storage *s) {
  if (s->lazy.load(std::memory_order_acquire))
    forget_pending(s);
  if (s->owner == Storage::Owner::Pool)
    pool_put(s->data, s->bytes);
  s->~Storage();
  pool_put(s, sizeof(Storage));
}

TensorImpl *new_impl() {
  TensorImpl *const p = new (pool_get(sizeof(TensorImpl))) TensorImpl;
  p->handles.add();
  if (mode.inference)
    p->inference = true;
  return p;
}

namespace {
void destroy_impl(TensorImpl *p) {
  if (p->storage)
    drop(p->storage);
  if (p->base) {
    static_cast<void>(Tensor::adopt(p->base));
    p->base = nullptr;
  }
  if (p->grad_fn) {
    Node *const n = p->grad_fn;
    p->grad_fn = nullptr;
    static_cast<void>(NodeRef::adopt(n));
  }
  delete p->extra;
  p->~TensorImpl();
  pool_put(p, sizeof(TensorImpl));
}
} // namespace

// `graph` counts nodes, and one for all handles together. With the last handle .grad goes, because nobody can read it any more: that
// breaks the cycle of a leaf, its gradient with a graph (create_graph), and that graph which keeps the leaf.
void last_handle_gone(Shared *shared) {
  TensorImpl *const p = static_cast<TensorImpl *>(shared);
  if (p->retains_grad)
    forget_retained(p);
  Tensor grad;
  if (p->graph.get() == 1) { // no node keeps it, so nobody could hand it to one now
    grad.swap(p->grad);
    destroy_impl(p);
    return;
  }
  Node *history = nullptr;
  {
    const LeafLock hold(p);
    if (p->handles.get() == 0) {
      grad.swap(p->grad);
      if (p->kept_as_leaf) // a history that came later may lead back to those nodes, which do not need it
        std::swap(history, p->grad_fn);
    }
  }
  static_cast<void>(NodeRef::adopt(history));
  drop_graph(p);
}

void drop_graph(TensorImpl *p) {
  if (p->graph.drop())
    destroy_impl(p);
}

Tensor promote(TensorImpl *p) {
  if (NABLA_SINGLE_THREADED) {
    if (p->handles.get() == 0)
      p->graph.add();
    p->handles.add();
  } else if (!p->handles.add_if_alive()) {
    const LeafLock hold(p);
    if (!p->handles.add_if_alive()) {
      p->graph.add();
      p->handles.add();
    }
  }
  return Tensor::adopt(p);
}

void LeafLock::acquire(const TensorImpl *p) {
  constexpr std::size_t stripes = 64;
  static std::recursive_mutex *const locks = new std::recursive_mutex[stripes];
  lock_ = &locks[reinterpret_cast<std::uintptr_t>(p) / small_step % stripes];
  lock_->lock();
}

} // namespace detail
} // namespace nabla
