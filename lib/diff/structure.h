// Pass `structure`: removes Scope, Exit and early Return, so that every later pass sees nesting and loops alone.
//
// In:  for (i...) { if (x[i] < 0) break; s += x[i]; }      Out:  while (!stop && i < n) { if (x[i] < 0) stop = true;
//                                                                                       else s += x[i];  i = i + 1; }
// What follows a statement that always exits moves into the other branch; only where an exit happens deeper inside
// does a boolean flag guard what follows. Flags are ordinary variables, so the reverse sweep follows the path that ran.
#pragma once
#include "ir/ir.h"

namespace nabla::diff {

ir::Function structure(const ir::Function &f);

} // namespace nabla::diff
