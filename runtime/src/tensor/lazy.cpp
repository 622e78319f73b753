#include "lazy.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <vector>

namespace nabla::detail {

using kernels::Instruction;

struct Pending {
  /// An argument: another pending node, the elements of a storage, or a number.
  struct Argument {
    Pending *node = nullptr;
    Storage *storage = nullptr;
    double number = 0;
  };
  int refs = 1;  ///< the target, and nodes that use this
  int size = 1;  ///< bound on the values of a program that computes this
  int cost = 0;  ///< of computing it again, in cheap operations
  int mark = -1; ///< number in the program under construction
  bool wanted = false;
  Instruction::Kind kind;
  std::uint8_t op;
  ScalarType type;
  std::int64_t n;
  Argument arguments[2];
  Tensor column, row; ///< an outer product of these instead, which no program takes part in
  bool is_outer() const { return column.defined(); }
  Storage *target = nullptr; ///< not counted; null when nobody needs the elements, or has them
  Storage *stored = nullptr; ///< counted: where the elements are now, for nodes that use this
};

namespace {

constexpr int most_size = 24;          ///< of one node; programs have room for max_program_values
constexpr std::size_t most_nodes = 48; ///< that wait
constexpr int worth_storing = 6;       ///< cost from which a value that is summed is kept as well

struct Waiting {
  std::recursive_mutex lock;
  std::vector<Pending *> nodes; ///< with targets, oldest first
  bool enabled;
  Waiting() {
    const char *const asked = std::getenv("NABLA_LAZY");
    enabled = !asked || std::strcmp(asked, "0") != 0;
  }
};
/// Never destroyed: tensors may outlive every other static object.
Waiting &waiting() {
  static Waiting *const one = new Waiting;
  return *one;
}

void refresh(Storage *s) { s->lazy.store(s->pending || s->readers, std::memory_order_release); }

void read_by_nodes(Storage *s) {
  s->refs.add();
  ++s->readers;
  refresh(s);
}
void read_no_more(Storage *s) {
  --s->readers;
  refresh(s);
  drop(s);
}

void release(Pending *p);
void drop_arguments(Pending *p) {
  for (Pending::Argument &a : p->arguments) {
    if (a.node)
      release(a.node);
    if (a.storage)
      read_no_more(a.storage);
    a = {};
  }
}
void release(Pending *p) {
  if (--p->refs)
    return;
  drop_arguments(p);
  if (p->stored)
    read_no_more(p->stored);
  delete p;
}

/// p's elements are in its target now.
void finished(Pending *p) {
  Storage *const s = p->target;
  std::vector<Pending *> &nodes = waiting().nodes;
  nodes.erase(std::find(nodes.begin(), nodes.end(), p));
  s->pending = nullptr;
  p->target = nullptr;
  if (p->refs > 1) {
    p->stored = s;
    p->size = 1;
    read_by_nodes(s);
    drop_arguments(p);
  } else
    refresh(s);
  release(p);
}

/// One fused program over nodes of one type and length.
class Pass {
  std::vector<Pending *> code_, targets_;
  std::vector<Storage *> storages_;
  std::vector<double> numbers_;

  void read(Storage *s) {
    if (std::find(storages_.begin(), storages_.end(), s) == storages_.end())
      storages_.push_back(s);
  }
  void visit(Pending *p) {
    if (p->stored)
      return read(p->stored);
    if (p->mark >= 0)
      return;
    for (const Pending::Argument &a : p->arguments)
      if (a.node)
        visit(a.node);
    p->mark = static_cast<int>(code_.size());
    code_.push_back(p);
    for (int i = 0; i < (p->kind == Instruction::kUnary ? 1 : 2); ++i) {
      const Pending::Argument &a = p->arguments[i];
      if (a.storage)
        read(a.storage);
      else if (!a.node)
        numbers_.push_back(a.number);
    }
  }
  std::uint16_t value(const Pending::Argument &a, std::size_t &number) const {
    if (a.node && !a.node->stored)
      return static_cast<std::uint16_t>(storages_.size() + numbers_.size() +
                                        static_cast<std::size_t>(a.node->mark));
    if (a.node || a.storage)
      return static_cast<std::uint16_t>(
          std::find(storages_.begin(), storages_.end(), a.node ? a.node->stored : a.storage) -
          storages_.begin());
    return static_cast<std::uint16_t>(storages_.size() + number++);
  }

public:
  bool fits(const Pending *p) const {
    return code_.size() + storages_.size() + numbers_.size() + static_cast<std::size_t>(p->size) <=
           kernels::max_program_values;
  }
  bool empty() const { return targets_.empty(); }
  void add(Pending *p) {
    visit(p);
    targets_.push_back(p);
  }
  /// Stores the targets, unless only the sum of the first is asked for.
  void run(void *sum, bool sum_only) {
    const std::int64_t n = targets_[0]->n, step = 1;
    const ScalarType type = targets_[0]->type;
    std::vector<kernels::View> inputs;
    std::vector<kernels::Constant> constants;
    constants.reserve(numbers_.size());
    for (Storage *const s : storages_)
      inputs.push_back({s->data, type, 1, &n, &step});
    for (const double x : numbers_)
      inputs.push_back(constants.emplace_back(x, type));
    std::vector<Instruction> instructions;
    std::size_t number = 0;
    for (const Pending *const p : code_) {
      const std::uint16_t a = value(p->arguments[0], number);
      const std::uint16_t b =
          p->kind == Instruction::kBinary ? value(p->arguments[1], number) : std::uint16_t{0};
      instructions.push_back({p->kind, p->op, a, b, 0});
    }
    std::vector<kernels::Result> results;
    auto place = [&](const Pending *p) {
      return static_cast<std::uint16_t>(inputs.size() + static_cast<std::size_t>(p->mark));
    };
    for (Pending *const p : targets_)
      if (!sum_only)
        results.push_back({place(p), false, {p->target->data, type, 1, &n, &step}});
    if (sum)
      results.push_back({place(targets_[0]), true, {sum, type, 0, nullptr, nullptr}});
    kernels::run({1, &n, inputs.data(), static_cast<int>(inputs.size()), instructions.data(),
                  static_cast<int>(instructions.size()), results.data(), static_cast<int>(results.size())});
    for (Pending *const p : code_)
      p->mark = -1;
    for (Pending *const p : targets_)
      if (!sum_only)
        finished(p);
  }
};

void store_outer(Pending *p) {
  const std::int64_t sizes[2] = {p->column.size(0), p->row.size(1)}, strides[2] = {sizes[1], 1};
  kernels::gemm({p->target->data, p->type, 2, sizes, strides}, view(p->column), view(p->row));
  finished(p);
}

/// Computes these, in as few passes as they fit into.
void compute(std::vector<Pending *> asked) {
  while (!asked.empty()) {
    Pass pass;
    std::vector<Pending *> later;
    const Pending *const first = asked.front();
    const bool alone = first->is_outer();
    const ScalarType type = first->type;
    const std::int64_t n = first->n;
    for (Pending *const p : asked)
      if (p != first && (alone || p->is_outer() || p->type != type || p->n != n || !pass.fits(p)))
        later.push_back(p);
      else if (p->is_outer())
        store_outer(p);
      else
        pass.add(p);
    if (!pass.empty())
      pass.run(nullptr, false);
    asked.swap(later);
  }
}

/// The whole storage, and nobody can write to it unseen.
bool is_private(const TensorImpl *p) {
  const Storage *const s = p->storage;
  return p->contiguous && s->owner == Storage::Owner::Pool && !s->exposed && p->data == s->data;
}

double read_number(const TensorImpl *p) {
  settle(p->storage);
  return p->dtype == ScalarType::Float ? static_cast<double>(*static_cast<const float *>(p->data))
                                       : *static_cast<const double *>(p->data);
}
bool is_number(const TensorImpl *p) {
  for (int d = 0; d < p->dims; ++d)
    if (p->sizes[d] != 1 && p->strides[d] != 0)
      return false;
  return p->numel > 0;
}

bool usable(const TensorImpl *p, std::int64_t n) { return is_number(p) || (p->numel == n && is_private(p)); }

void take(Pending *node, int i, const TensorImpl *p) {
  Pending::Argument &a = node->arguments[i];
  if (is_number(p)) {
    a.number = read_number(p);
    node->size += 1;
    return;
  }
  Storage *const s = p->storage;
  if (Pending *const other = s->pending) {
    if (other->size < most_size && !other->is_outer()) {
      ++other->refs;
      a.node = other;
      node->size += other->size;
      node->cost += other->cost;
      return;
    }
    compute({other});
  }
  a.storage = s;
  read_by_nodes(s);
  node->size += 1;
}

/// A vectorised exponential or the like costs about as much as eight additions.
int cost_of(const Pending *p) {
  if (p->kind == Instruction::kBinary)
    return p->op == static_cast<std::uint8_t>(kernels::Binary::Pow)   ? 8
           : p->op == static_cast<std::uint8_t>(kernels::Binary::Div) ? 2
                                                                      : 1;
  return p->op <= static_cast<std::uint8_t>(kernels::Unary::Relu) ? 1 : 8;
}

/// r, whose elements the node will compute.
Tensor wait(Pending *node, const Tensor &r) {
  Waiting &w = waiting();
  Storage *const s = impl(r)->storage;
  node->n = impl(r)->numel;
  node->target = s;
  s->pending = node;
  refresh(s);
  node->cost += cost_of(node);
  w.nodes.push_back(node);
  if (w.nodes.size() > most_nodes)
    compute(w.nodes);
  return r;
}
Tensor finish(Pending *node, const TensorImpl *shape) {
  return wait(node, make(shape->sizes, shape->dims, node->type));
}

} // namespace

void settle_lazy(const Storage *s) {
  Waiting &w = waiting();
  const std::lock_guard<std::recursive_mutex> hold(w.lock);
  if (s->pending)
    compute({s->pending});
  if (s->readers) // perhaps it is about to be written
    compute(w.nodes);
}

void want(const Tensor &t) {
  if (!t.defined() || !impl(t)->storage->lazy.load(std::memory_order_acquire))
    return;
  const std::lock_guard<std::recursive_mutex> hold(waiting().lock);
  if (Pending *const p = impl(t)->storage->pending)
    p->wanted =
        !p->is_outer(); // whoever reads it has it; whoever adds it to something needs no memory for it
}

void settle_wanted() {
  Waiting &w = waiting();
  const std::lock_guard<std::recursive_mutex> hold(w.lock);
  std::vector<Pending *> asked;
  for (Pending *const p : w.nodes)
    if (p->wanted)
      asked.push_back(p);
  compute(asked);
}

void forget_pending(Storage *s) {
  Waiting &w = waiting();
  const std::lock_guard<std::recursive_mutex> hold(w.lock);
  Pending *const p = s->pending;
  if (!p)
    return;
  s->pending = nullptr;
  p->target = nullptr;
  w.nodes.erase(std::find(w.nodes.begin(), w.nodes.end(), p));
  release(p);
}

Tensor postponed(kernels::Binary op, const Tensor &a, const Tensor &b) {
  const TensorImpl *const x = impl(a), *const y = impl(b);
  const TensorImpl *const larger = x->numel >= y->numel ? x : y;
  const std::int64_t n = larger->numel;
  Waiting &w = waiting();
  if (n < lazy_least || !w.enabled)
    return Tensor();
  const std::lock_guard<std::recursive_mutex> hold(w.lock);
  const bool equal = same_sizes(x, y);
  if (!usable(x, n) || !usable(y, n) || (is_number(x) && is_number(y)))
    return Tensor();
  if (!equal && !(x->numel == 1 && x->dims <= y->dims) && !(y->numel == 1 && y->dims <= x->dims))
    return Tensor();
  Pending *const node = new Pending;
  node->kind = Instruction::kBinary;
  node->op = static_cast<std::uint8_t>(op);
  node->type = x->dtype;
  take(node, 0, x);
  take(node, 1, y);
  return finish(node, larger);
}

/// An operation on one tensor; add(node) adds what else it takes.
template <class Op, class Fn>
static Tensor postponed_on_one(Instruction::Kind kind, Op op, const TensorImpl *x, const Fn &add) {
  Waiting &w = waiting();
  if (x->numel < lazy_least || !w.enabled)
    return Tensor();
  const std::lock_guard<std::recursive_mutex> hold(w.lock);
  if (is_number(x) || !usable(x, x->numel))
    return Tensor();
  Pending *const node = new Pending;
  node->kind = kind;
  node->op = static_cast<std::uint8_t>(op);
  node->type = x->dtype;
  take(node, 0, x);
  add(node);
  return finish(node, x);
}

Tensor postponed(kernels::Binary op, const Tensor &a, double b) {
  return postponed_on_one(Instruction::kBinary, op, impl(a), [b](Pending *node) {
    node->arguments[1].number = b;
    ++node->size;
  });
}

Tensor postponed(kernels::Unary op, const Tensor &a) {
  return postponed_on_one(Instruction::kUnary, op, impl(a), [](Pending *) {});
}

Tensor postponed_outer(const Tensor &a, const Tensor &b) {
  const TensorImpl *const x = impl(a), *const y = impl(b);
  const std::int64_t sizes[2] = {x->sizes[0], y->sizes[1]};
  Waiting &w = waiting();
  if (!is_floating(x->dtype) || sizes[0] * sizes[1] < lazy_least || !w.enabled)
    return Tensor();
  const auto copy = [](const Tensor &t) {
    Tensor r = make_like(t);
    kernels::copy(view(r), view(t));
    return r;
  };
  const std::lock_guard<std::recursive_mutex> hold(w.lock);
  Pending *const node = new Pending;
  node->column = copy(a), node->row = copy(b);
  node->kind = Instruction::kBinary;
  node->op = static_cast<std::uint8_t>(kernels::Binary::Mul);
  node->type = x->dtype;
  return wait(node, make(sizes, 2, node->type));
}

bool add_pending_outer(const Tensor &to, const Tensor &more, double alpha) {
  const TensorImpl *const p = impl(more);
  if (!p || !p->storage->lazy.load(std::memory_order_acquire) || p->dtype != impl(to)->dtype ||
      !p->contiguous || !same_sizes(p, impl(to)))
    return false;
  const std::lock_guard<std::recursive_mutex> hold(waiting().lock);
  const Pending *const node = p->storage->pending;
  return node && node->is_outer() && node->n == p->numel && p->dims == 2 &&
         kernels::add_outer(view(to), view(node->column), view(node->row), alpha);
}

bool sum_pending(const Tensor &x, const Tensor &out) {
  if (!impl(x)->storage->lazy.load(std::memory_order_acquire))
    return false;
  const std::lock_guard<std::recursive_mutex> hold(waiting().lock);
  Pending *const p = impl(x)->storage->pending;
  if (!p || p->is_outer())
    return false;
  Pass pass;
  pass.add(p);
  pass.run(impl(out)->data, p->cost < worth_storing);
  return true;
}

} // namespace nabla::detail
