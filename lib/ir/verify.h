// Is the IR well formed? Run after every pass.
#pragma once
#include "ir/ir.h"

namespace nabla::ir {

struct VerifyOptions {
  bool structured =
      false; ///< pass `structure` ran: no Exit, no labelled Scope, a Return only as the last statement
};

/// Throws InternalError that names the first fault and prints the statement.
void verify(const Function &f, const VerifyOptions &options = {});

} // namespace nabla::ir
