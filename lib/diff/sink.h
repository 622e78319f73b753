// Values that a sweep computes again stand at its beginning; they are moved to where they are first used. A long sweep
// would hold all of them at once.
//
//   const double sum = 2.0 + w * w;        ...
//   ...                                ->  const double sum = 2.0 + w * w;
//   const double d = v_bar / sum;          const double d = v_bar / sum;
#pragma once
#include "ir/ir.h"
#include <set>

namespace nabla::diff {

/// Moves constants that a pass made, of what is written once. `fixed`: variables whose address is taken.
ir::Block sink_values(const ir::Block &block, const std::set<ir::Var> &fixed);

} // namespace nabla::diff
