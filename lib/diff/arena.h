// Memory that lives in a record.
#pragma once
#include "ir/ir.h"

namespace nabla::diff {

/// Of a parameter that is a record of the caller's.
ir::Type record_parameter();
/// Is something allocated in a record that the function does not have?
bool lacks_record(const ir::Function &f);

} // namespace nabla::diff
