// Bases of std::tuple cannot be assigned as a whole: their members are, one by one.
#pragma once
#include "ir/ir.h"

namespace nabla::diff {

ir::Function assign_members_of_bases(const ir::Function &f);

} // namespace nabla::diff
