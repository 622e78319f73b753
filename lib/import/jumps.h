// Where control goes while a body is imported.
#pragma once
#include "import/shared.h"

namespace nabla::front {

/// One arm of a switch.
struct Arm {
  std::vector<const clang::SwitchCase *> labels; ///< of all `case` that lead to its first statement
  std::vector<const clang::Stmt *> body;
  bool leaves = false; ///< its last statement jumps away: nothing falls through
};

/// Where break or continue leads.
struct JumpTarget {
  std::string label;
  std::size_t living; ///< how many objects live there
  bool used = false;
};

/// Where the return of a body leads that is imported in place.
struct ReturnTarget {
  std::string label;
  Var result;
  std::size_t living = 0;
  unsigned count = 0;
  bool refers = false; ///< the result is a pointer to what is returned
};

} // namespace nabla::front
