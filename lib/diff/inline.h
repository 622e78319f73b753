// Pass `inline`: calls of visible, non-recursive functions are replaced by their bodies, so that the caller's facts
// (aliasing, activity, trip counts) hold inside. Recursive and very large callees stay calls; they are split into a
// forward function that records and a reverse function that consumes the record.
#pragma once
#include "ir/ir.h"
#include <functional>

namespace nabla::diff {

/// Structured body of a visible callee.
using BodyOf = std::function<const ir::Function &(const ir::CalleeRef &)>;

/// `keeps`: callees that stay calls in any case; null: none.
ir::Function inline_calls(const ir::Function &f, const BodyOf &body_of,
                          const std::function<bool(const ir::CalleeRef &)> &keeps = nullptr);

} // namespace nabla::diff
