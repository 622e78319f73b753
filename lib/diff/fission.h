// Pass `fission`: an innermost loop that only adds to adjoints of several parameters becomes one loop per parameter,
// where they share no work. The parameters' adjoints may coincide, so that a compiler vectorises the loops but not
// the one loop.
//
//   for (int j = 0; j < n; ++j) {            for (int j = 0; j < n; ++j)
//     w_bar[j] += d * x[j];            ->      w_bar[j] += d * x[j];
//     x_bar[j] += d * w[j];                  for (int j = 0; j < n; ++j)
//   }                                          x_bar[j] += d * w[j];
#pragma once
#include "ir/ir.h"

namespace nabla::diff {

/// For finished reverse sweeps. The order of additions changes, nothing else.
ir::Function split_loops(const ir::Function &f);

} // namespace nabla::diff
