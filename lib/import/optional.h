// std::optional inside of generated code: a flag and a value, nabla::members<bool, T>.
#pragma once
#include "import/shared.h"

namespace nabla::front {

/// Is the type, or what it refers to, a class of std with this name, such as std::nullopt_t?
bool is_instance(clang::QualType t, const char *name);
bool is_optional(clang::QualType t);
/// T of a std::optional<T>.
clang::QualType value_class(clang::QualType optional);
std::shared_ptr<Struct> optional_struct(const std::string &spelling, const ir::Type &value);

} // namespace nabla::front
