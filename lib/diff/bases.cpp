#include "diff/bases.h"
#include "ir/make.h"
#include "ir/walk.h"
#include <algorithm>

namespace nabla::diff {
using namespace ir;

namespace {

/// A base of a tuple, or an object that holds one.
bool is_in_parts(const Type &t) {
  const std::string name = t.spelling();
  return name.rfind("std::_Head_base<", 0) == 0 || name.rfind("std::_Tuple_impl<", 0) == 0 ||
         name.rfind("std::tuple<", 0) == 0;
}
bool holds_parts(const Type &t) {
  if (!t.is(Type::Record) || t.members().container != Struct::None)
    return false;
  const std::vector<Struct::Field> &fields = t.members().fields;
  return is_in_parts(t) || std::any_of(fields.begin(), fields.end(),
                                       [](const Struct::Field &f) { return holds_parts(f.type); });
}

void assign(const Place &to, const Place &from, const Loc &loc, Block &out) {
  if (!holds_parts(to.type())) {
    out.push_back({Assign{to, read(from)}, loc, 0});
    return;
  }
  for (unsigned i = 0; i < to.type().members().fields.size(); ++i)
    assign(field(to, i), field(from, i), loc, out);
}

Block expanded(const Block &block) {
  Block out;
  for (const Stmt &s : block) {
    auto *a = std::get_if<Assign>(&s.node);
    auto *r = a ? std::get_if<Read>(&a->value->node) : nullptr;
    if (r && holds_parts(a->to.type()))
      assign(a->to, r->place, s.loc, out);
    else
      out.push_back(with_blocks(s, expanded));
  }
  return out;
}

} // namespace

Function assign_members_of_bases(const Function &f) {
  Function out = f;
  out.body = expanded(f.body);
  renumber(out);
  return out;
}

} // namespace nabla::diff
