// Subscripts that are a sum with a constant: taken apart, and put together as a person would write them.
#pragma once
#include "ir/ir.h"
#include <utility>

namespace nabla::diff {

/// The value of a short integer literal.
std::optional<long> plain_integer(const ir::Ex &e);

/// e + by, where e may end in a constant already.
ir::Ex moved(ir::Ex e, long by);

/// e = rest + constant; the rest is null where nothing else is left.
std::pair<ir::Ex, long> without_constant(const ir::Ex &e);

/// e, where it is e + 0.
ir::Ex without_zero(const ir::Ex &e);

/// Does e grow by one when the variable does?
bool grows_with(const ir::Ex &e, const ir::Var &v);

/// The place with every read of the variable moved by a constant.
ir::Ex with_moved(const ir::Ex &e, const ir::Var &v, long by);
ir::Place with_moved(const ir::Place &p, const ir::Var &v, long by);

} // namespace nabla::diff
