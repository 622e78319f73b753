// [[nabla::pullback_of(f)]]: which function a rule belongs to, and whether its signature fits.
#pragma once
#include "attributes.h"

namespace nabla::tool {

/// Resolves the mark's argument from the rule's own scope outwards; among overloads, the one that fits the
/// rule's signature (of operations on handles, all that do). Reports where there is none.
std::vector<const clang::FunctionDecl *> find_rule_targets(clang::Sema &sema, const clang::FunctionDecl *rule,
                                                           const Mark &mark);

} // namespace nabla::tool
