// Operands that change what their siblings read. C++ evaluates the right side of an overloaded assignment first, and a reference
// is read when the function that takes it runs: calls that this importer does in an order of its own are refused where that shows.
#pragma once
#include "import/shared.h"

namespace nabla::front {

/// The operand of the call that would have to be evaluated in a statement of its own, or null.
const clang::Expr *disordered_operand(const clang::CallExpr *e, clang::ASTContext &context);

} // namespace nabla::front
