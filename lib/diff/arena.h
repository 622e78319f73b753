// Memory that lives in a record.
#pragma once
#include "ir/ir.h"
#include <functional>

namespace nabla::diff {

/// Of a parameter that is a record of the caller's.
ir::Type record_parameter();
bool declares_record(const ir::Stmt &s);
/// Is something allocated where no record is in scope?
bool lacks_record(const ir::Function &f);

enum class Depth { Own, All }; ///< what a block declares itself; and in inner blocks
/// The block with another record in place of those that it declares. `other` is asked for if there is one.
ir::Block in_record(const ir::Block &block, Depth depth, const std::function<ir::Var()> &other);

} // namespace nabla::diff
