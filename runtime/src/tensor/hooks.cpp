#include "hooks.h"

#include "accumulate.h"

namespace nabla {
namespace {

struct Pair {
  std::function<std::shared_ptr<void>(const Tensor &)> pack;
  std::function<Tensor(const std::shared_ptr<void> &)> unpack;
};
std::vector<std::shared_ptr<Pair>> &stack() {
  static thread_local std::vector<std::shared_ptr<Pair>> pairs;
  return pairs;
}

} // namespace

namespace detail {

struct PackedTensor {
  std::shared_ptr<void> data;
  std::shared_ptr<Pair> hooks;
  Edge edge;
  const Storage *original; ///< only compared
  std::uint32_t version;
  bool is_result;
};

PackedTensor *pack(const Tensor &t, Edge edge, bool is_result) {
  const std::shared_ptr<Pair> hooks = stack().back();
  const Tensor plain = t.detach(); // as in PyTorch the hook sees data, not history
  const unsigned depth = mode.saved_hooks;
  mode.saved_hooks = 0; // what pack itself computes is not packed
  struct Restore {
    unsigned depth;
    ~Restore() { mode.saved_hooks = depth; }
  } restore{depth};
  return new PackedTensor{hooks->pack(plain), hooks, static_cast<Edge &&>(edge), impl(t)->storage, impl(t)->version(), is_result};
}

void drop_packed(PackedTensor *p) { delete p; }

Tensor unpack_packed(const PackedTensor *p, Node *keeper, std::uint32_t output_nr) {
  Tensor data;
  {
    const NoGradGuard off;
    data = p->hooks->unpack(p->data);
  }
  if (!data.defined())
    throw TypeError("Output of saved tensor unpack_hook expected to be a Tensor but got an undefined one");
  Node *const from = p->is_result ? keeper : p->edge.function.get();
  if (impl(data)->storage == p->original && impl(data)->version() != p->version)
    written_since(impl(data), p->version, from, p->is_result ? output_nr : p->edge.input_nr);
  if (mode.no_grad)
    return data;
  if (auto *const leaf = dynamic_cast<AccumulateGrad *>(from)) {
    const Tensor original = promote(leaf->leaf());
    if (impl(original)->data == impl(data)->data)
      return original;
  }
  Tensor r = alias(data);
  if (from) {
    from->count_.add();
    impl(r)->grad_fn = from;
    impl(r)->output_nr = p->is_result ? output_nr : p->edge.input_nr;
  }
  return r;
}

} // namespace detail

namespace autograd {

SavedTensorsHooks::SavedTensorsHooks(std::function<Packed(const Tensor &)> pack, std::function<Tensor(const Packed &)> unpack) {
  stack().push_back(std::make_shared<Pair>(Pair{std::move(pack), std::move(unpack)}));
  ++detail::mode.saved_hooks;
}

SavedTensorsHooks::SavedTensorsHooks(std::function<Tensor(const Tensor &)> pack, std::function<Tensor(const Tensor &)> unpack)
    : SavedTensorsHooks(
          [pack = std::move(pack)](const Tensor &t) -> Packed { return std::make_shared<Tensor>(pack(t)); },
          [unpack = std::move(unpack)](const Packed &p) { return unpack(*static_cast<const Tensor *>(p.get())); }) {}

SavedTensorsHooks::~SavedTensorsHooks() {
  stack().pop_back();
  --detail::mode.saved_hooks;
}

} // namespace autograd
} // namespace nabla
