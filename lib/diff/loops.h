// What passes over loops share.
#pragma once
#include "ir/ir.h"

namespace nabla::diff {

/// Number of iterations of a counted loop with that first index and that bound; never negative.
ir::Ex trip_count(const ir::For &loop, const ir::Ex &first, const ir::Ex &bound);

/// A new body, in which `change` has replaced counted loops by other statements: it gives none where a loop stays. Inner
/// loops come first.
ir::Function with_loops(const ir::Function &f,
                        const std::function<ir::Block(const ir::Stmt &, const ir::For &)> &change);

} // namespace nabla::diff
