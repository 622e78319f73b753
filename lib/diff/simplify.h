// Pass `simplify`: what a person would not have written falls away. Answers do not change, not by a rounding.
#pragma once
#include "ir/ir.h"

namespace nabla::diff {

/// `T x; x = e;` becomes `T x = e;`. Also run on primals, where inlining leaves such pairs.
ir::Function merge_declarations(const ir::Function &f);
/// All of: merged declarations, adjoints that start with their first contribution, unused locals, names used once.
ir::Function simplify(const ir::Function &f);

} // namespace nabla::diff
