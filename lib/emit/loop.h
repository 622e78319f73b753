// The header of a counted loop, ascending or descending.
//
//   for (int i = 0; i < n; ++i)      and the same iterations in opposite order:      for (int i = n; i-- >
//   0;)
#pragma once
#include "emit/expression.h"

namespace nabla::emit {

struct LoopText {
  std::vector<std::string> setup; ///< statements before it; with them the loop needs a block of its own
  std::string head;               ///< "for (...)" or "while (...)"
  std::vector<std::string> first_in_body; ///< statements the body begins with
};

/// Declares the loop's index, and what else it needs, in the innermost open scope of `names`.
LoopText loop_text(const ir::For &loop, const ExpressionPrinter &print, Names &names);

} // namespace nabla::emit
