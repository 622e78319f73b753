#include "diff/naming.h"
#include "ir/rules.h"
#include "ir/walk.h"

namespace nabla::diff {
using namespace ir;

std::string name_of_operation(const Ex &e) {
  auto *a = std::get_if<Apply>(&e->node);
  if (!a)
    return e.type().is(Type::Bool) ? "taken" : "t";
  switch (a->rule) {
  case Rule::add:
    return "sum";
  case Rule::sub:
    return "difference";
  case Rule::mul:
    return "product";
  case Rule::div:
    return "ratio";
  default:
    break;
  }
  std::string of;
  for_each_variable(a->args[0], [&](const Var &v) { of = of.empty() ? v->name : of; });
  return of.empty() ? std::string(info(a->rule).name) + "_value" : std::string(info(a->rule).name) + "_" + of;
}

} // namespace nabla::diff
