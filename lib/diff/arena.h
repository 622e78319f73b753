// Memory that lives in a record.
#pragma once
#include "ir/ir.h"

namespace nabla::diff {

/// Is something allocated in a record that the function does not have?
bool lacks_record(const ir::Function &f);

} // namespace nabla::diff
