// [[nabla::pullback_of(f)]]: which function a rule belongs to, and whether its signature fits.
#pragma once
#include "attributes.h"

namespace nabla::tool {

/// Resolves the mark's argument from the rule's own scope outwards; among overloads, the one that fits the
/// rule's signature. Reports and returns null when there is none.
const clang::FunctionDecl *find_rule_target(clang::Sema &sema, const clang::FunctionDecl *rule,
                                            const Mark &mark);

} // namespace nabla::tool
