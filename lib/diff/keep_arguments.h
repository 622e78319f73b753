// Pass `keep_arguments`: the reverse sweep of a call of a derivative runs the function again, on the arguments of the call. Where
// they are locals that may have changed by then, the call gets copies that live in the record.
//
//   for (...) {                                 for (...) {
//     double c[2] = {...};                        double c[2] = {...};
//     f_grad(c, 2, b);                  ->        double *kept = record.array<double>(2);
//   }                                             kept[0 .. 1] = c[0 .. 1];
//                                                 f_grad(kept, 2, b);
//                                               }
#pragma once
#include "ir/ir.h"

namespace nabla::diff {

/// Of all calls of derivatives, where an argument's length is known: containers, arrays and single objects. Nothing if there
/// are none. Before the shadows are made.
std::optional<ir::Function> keep_arguments(const ir::Function &f);

} // namespace nabla::diff
