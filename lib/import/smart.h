// std::unique_ptr and std::shared_ptr: pointers to memory of the record, which nobody need free.
#pragma once
#include "import/shared.h"

namespace nabla::front {

/// T * of a std::unique_ptr<T>, std::unique_ptr<T[]> or std::shared_ptr<T>; null for other types.
clang::QualType smart_pointer(clang::QualType t);
inline bool is_smart(clang::QualType t) { return !smart_pointer(t).isNull(); }
bool is_shared(clang::QualType t);

} // namespace nabla::front
