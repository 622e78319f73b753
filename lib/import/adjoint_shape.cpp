#include "import/adjoint_shape.h"
#include "import/container.h"
#include <algorithm>

namespace nabla::front {
using namespace ir;

namespace {

/// The object that an argument is, or leads to.
std::optional<Place> object_of(const Ex &argument) {
  if (auto *a = std::get_if<AddressOf>(&argument->node))
    return a->place;
  auto *r = std::get_if<Read>(&argument->node);
  if (!r)
    return std::nullopt;
  return argument.type().is(ir::Type::Pointer) ? with_step(r->place, Deref{}) : r->place;
}

} // namespace

void AdjointShapes::match(const Callee &c, const std::vector<Ex> &args) {
  const Derivative &d = *c.derivative;
  if (d.mode != Derivative::Gradient && d.mode != Derivative::Pullback && d.mode != Derivative::Hvp &&
      d.mode != Derivative::GradientHvp)
    return;
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < d.wrt.size(); ++i)
    if (d.wrt[i])
      chosen.push_back(i);
  if (d.object_last)
    std::rotate(chosen.begin(), chosen.begin() + 1, chosen.end());
  auto match_group = [&](std::size_t end) { // adjoints, products: as many as are chosen
    for (std::size_t k = 0; k < chosen.size(); ++k) {
      const std::size_t at = end - chosen.size() + k;
      if (at >= args.size() || !c.params.at(at).has_outside())
        continue;
      auto bar = object_of(args[at]), of = object_of(args.at(chosen[k]));
      if (!bar || !of)
        b_.refuse_expr(call_, "a container handed to a derivative in this way",
                       "give it the container itself");
      match(*bar, *of);
    }
  };
  match_group(args.size());
  if (d.mode == Derivative::GradientHvp)
    match_group(d.wrt.size() + chosen.size());
}

void AdjointShapes::match(const Place &bar, const Place &of) {
  const ir::Type &t = of.type();
  if (!t.has_outside() && !owns_elements(t))
    return;
  const bool is_record = t.is(ir::Type::Record);
  if (is_record && t.members().container == Struct::View)
    return;
  if (is_record && t.members().container == Struct::Vector && !b_.s_.chain_class(t))
    return match_elements(bar, of);
  if (!is_record || t.members().container != Struct::None || t.is_handle())
    return; // refused where it is differentiated
  if (t.members().is_choice) {
    const Place which = with_step(bar, Field{0}), wanted = with_step(of, Field{0});
    Block change = b_.capture([&] {
      b_.zero_fill(bar);
      b_.emit(Assign{which, read(wanted)});
    });
    b_.emit(If{native("!=", {read(which), read(wanted)}, ir::Type::boolean()), std::move(change), {}});
  }
  for (unsigned i = 0; i < t.members().fields.size(); ++i)
    match(with_step(bar, Field{i}), with_step(of, Field{i}));
}

void AdjointShapes::match_elements(const Place &bar, const Place &of) {
  const Ex n = b_.count_of(read(part(of, Struct::Size)), "count"), old = read(part(bar, Struct::Size));
  Block change = b_.capture([&] {
    b_.reserve(bar, n);
    b_.count_loop(old, n, [&](const Ex &i) { b_.zero_fill(element(bar, i)); });
    b_.emit(Assign{part(bar, Struct::Size), n});
  });
  b_.emit(If{native("!=", {old, n}, ir::Type::boolean()), std::move(change), {}});
  if (of.type().members().has_shape()) {
    b_.emit(Assign{part(bar, Struct::Rows), read(part(of, Struct::Rows))});
    b_.emit(Assign{part(bar, Struct::Columns), read(part(of, Struct::Columns))});
  }
  const ir::Type inner = element(of, integer(0)).type();
  if (owns_elements(inner))
    b_.count_loop(integer(0), n, [&](const Ex &i) { match(element(bar, i), element(of, i)); });
}

} // namespace nabla::front
