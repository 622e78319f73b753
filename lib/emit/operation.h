// Calls of operations on handles: what the user wrote, or would have written.
#pragma once
#include "emit/expression.h"

namespace nabla::emit {

/// "a + b", "-a", "a[i]", "a.sum({0, 1})", "ns::cat({a, b}, 0)".
std::string operation_text(const ir::Callee &callee, const std::vector<ir::Ex> &args,
                           const ExpressionPrinter &print);

} // namespace nabla::emit
