// std::optional inside of generated code: a flag and a value, nabla::members<bool, T>.
#pragma once
#include "import/shared.h"

namespace nabla::front {

bool is_optional(clang::QualType t);
std::shared_ptr<Struct> optional_struct(const std::string &spelling, const ir::Type &value);

} // namespace nabla::front
