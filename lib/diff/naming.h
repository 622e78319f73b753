// What a pass calls the results that the user gave no name.
#pragma once
#include "ir/ir.h"

namespace nabla::diff {

/// exp(p - larger) -> exp_p;  a + b -> sum;  p > q -> taken
std::string name_of_operation(const ir::Ex &e);

} // namespace nabla::diff
