// Pass `scalars`: a local container, or class of containers, that is used member by member becomes a variable for each
// member, so that the analyses follow its size and the text reads `x_data[i]`.
//
//   elements<double> x; x.data = ..; x.size = n; y = x.data[i]      ->     double *x_data = ..; x_size = n; y = x_data[i]
#pragma once
#include "ir/ir.h"

namespace nabla::diff {

ir::Function split_containers(const ir::Function &f);

} // namespace nabla::diff
