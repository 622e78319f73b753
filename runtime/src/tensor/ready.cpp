#include "ready.h"

namespace nabla::detail {

void ReadyQueue::release(Ready *r) {
  Node *const node = r->node;
  const std::size_t bytes = Ready::bytes(node);
  for (std::uint32_t i = 0; i < node->num_inputs(); ++i)
    r->grads()[i].~Tensor();
  pool_put(r, bytes);
  static_cast<void>(NodeRef::adopt(node));
}

Ready *ReadyQueue::find(Node *node) {
  if (mapped_) {
    Ready *const *const r = where_.find(node);
    return r ? *r : nullptr;
  }
  for (Ready *const r : heap_)
    if (r->node == node)
      return r;
  return nullptr;
}

void ReadyQueue::push(Ready *r) {
  heap_.push_back(r);
  std::size_t i = heap_.size() - 1;
  while (i > 0 && before(r, heap_[(i - 1) / 2])) {
    heap_[i] = heap_[(i - 1) / 2];
    i = (i - 1) / 2;
  }
  heap_[i] = r;
  if (mapped_)
    where_.at(r->node, nullptr) = r;
  else if (heap_.size() > few) {
    mapped_ = true;
    for (Ready *const each : heap_)
      where_.at(each->node, nullptr) = each;
  }
}

Ready *ReadyQueue::pop() {
  if (heap_.empty())
    return nullptr;
  Ready *const top = heap_[0], *const last = heap_.back();
  heap_.pop_back();
  const std::size_t n = heap_.size();
  std::size_t i = 0;
  while (n) {
    std::size_t child = 2 * i + 1;
    if (child >= n)
      break;
    if (child + 1 < n && before(heap_[child + 1], heap_[child]))
      ++child;
    if (!before(heap_[child], last))
      break;
    heap_[i] = heap_[child];
    i = child;
  }
  if (n)
    heap_[i] = last;
  if (mapped_)
    where_.at(top->node, nullptr) = nullptr;
  if (n == 0 && mapped_) {
    mapped_ = false;
    where_.clear();
  }
  return top;
}

namespace {
/// May g be added to in place: nobody else sees it or its memory, and no history is wanted.
bool is_ours(const Tensor &g) {
  const TensorImpl *const p = impl(g);
  return mode.no_grad && p->handles.get() == 1 && p->graph.get() == 1 && p->storage->refs.get() == 1 && p->contiguous &&
         p->storage->owner != Storage::Owner::Caller && !p->base && !p->inference;
}
} // namespace

void ReadyQueue::add(Node *node, std::uint32_t nr, Tensor g) {
  if (Ready *const there = find(node)) {
    Tensor &sum = there->grads()[nr];
    if (!sum.defined())
      sum = static_cast<Tensor &&>(g);
    else if (is_ours(sum) && impl(sum)->dtype == impl(g)->dtype)
      sum.add_(g);
    else
      sum = sum + g;
    return;
  }
  Ready *const r = static_cast<Ready *>(pool_get(Ready::bytes(node)));
  node->count_.add();
  r->node = node, r->sequence = node->sequence_nr();
  for (std::uint32_t i = 0; i < node->num_inputs(); ++i)
    new (r->grads() + i) Tensor;
  r->grads()[nr] = static_cast<Tensor &&>(g);
  push(r);
}

} // namespace nabla::detail
