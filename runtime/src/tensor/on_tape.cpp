// Static functions as nodes of the graph: what of nabla/tensor/on_tape.h does not depend on the function.
#include "nabla/tensor/on_tape.h"
#include "node.h"

namespace nabla::detail_static {

Tensor bind(const Tensor &t, std::size_t index, ScalarType element, bool is_one, bool is_output) {
  const std::string where = "on_tape: argument " + std::to_string(index);
  if (!t.defined())
    throw Error(where + " is an undefined tensor");
  if (t.scalar_type() != element)
    throw TypeError(where + " has elements of type " + to_string(t.scalar_type()) +
                    ", but the function takes " + to_string(element) + " there; convert it with .to(...)");
  if (is_one && t.numel() != 1)
    throw ShapeError(where + " stands for one number, but the tensor has " + std::to_string(t.numel()) +
                     " elements");
  if (is_output && !t.is_contiguous())
    throw ShapeError(where + " is written by the function; pass a contiguous tensor");
  return t.detach().contiguous();
}

void check_written(const variable_list &tensors, const std::vector<bool> &is_output, bool is_recorded) {
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (!is_output[i])
      continue;
    const Tensor &t = tensors[i];
    if (GradMode::is_enabled() && t.requires_grad() && t.is_leaf())
      throw AutogradError("a leaf Variable that requires grad is being used in an in-place operation.");
    if (is_recorded && t.is_view())
      throw AutogradError("on_tape: the function writes a view; pass a tensor of its own and copy from it");
    for (std::size_t j = 0; j < tensors.size(); ++j)
      if (j != i && tensors[j].is_alias_of(t))
        throw AutogradError(
            "on_tape: the function writes a tensor that shares its memory with another argument");
  }
}

namespace {
variable_list refuse(AutogradContext *context, variable_list) {
  throw AutogradError(*static_cast<std::string *>(context->saved_data.get()));
}
} // namespace

variable_list without_derivatives(variable_list results, const variable_list &depends_on, const char *why) {
  if (!GradMode::is_enabled())
    return results;
  CallGuard call{own::begin(&refuse, "NotDifferentiableBackward0")};
  for (const Tensor &t : depends_on)
    own::argument(call.call, t);
  own::context(call.call)->saved_data = std::make_shared<std::string>(why);
  call.finish(results);
  return results;
}

} // namespace nabla::detail_static
