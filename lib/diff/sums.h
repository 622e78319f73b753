// Pass `sums`: adjoints that stay at one place throughout a loop are summed in a local and added behind it. A compiler
// cannot do that: it does not know that the places which the loop adds to may overlap without harm, as sums do.
//
//   for (int j = 0; j < i; ++j) {            double m_bar_sum = 0.0;
//     m_bar[i] += d * m[j];                  for (int j = 0; j < i; ++j) {
//     m_bar[j] += d * m[i];            ->      m_bar_sum += d * m[j];
//   }                                          m_bar[j] += d * m[i];
//                                            }
//                                            if (0 < i)
//                                              m_bar[i] += m_bar_sum;
#pragma once
#include "ir/ir.h"

namespace nabla::diff {

/// For finished reverse sweeps. The order of additions changes, nothing else.
ir::Function sum_in_locals(const ir::Function &f);

} // namespace nabla::diff
