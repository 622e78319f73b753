// Refusals: what the user is told, at his own token, and what to write instead.
#pragma once
#include "ir/ir.h"
#include <stdexcept>

namespace nabla {

/// The numbered diagnostics, in lib/ir/diagnostics.def: N101 ...
enum class Diag : unsigned {
#define NABLA_DIAG(ID, NUMBER, MESSAGE, ADVICE) ID = NUMBER,
#include "ir/diagnostics.def"
#undef NABLA_DIAG
};

/// Thrown by any pass, caught by the pipeline alone: this construct is not differentiated.
struct Refusal {
  Diag id;
  ir::Loc loc;
  std::vector<std::string> args; ///< fill {0}, {1} of the message and the advice
  /// "message; advice [nabla N101]" as the user reads it after "error: ".
  std::string text() const;
};

/// A bug of ours: reported with the pass and the place, never through Clang's frames.
struct InternalError {
  std::string what, where;
  ir::Loc loc;
};

[[noreturn]] inline void refuse(Diag id, ir::Loc loc, std::vector<std::string> args = {}) {
  throw Refusal{id, std::move(loc), std::move(args)};
}
[[noreturn]] inline void internal_error(std::string what, ir::Loc loc = {}) {
  throw InternalError{std::move(what), "", std::move(loc)};
}

} // namespace nabla
