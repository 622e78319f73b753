// std::variant inside of generated code: a number and all alternatives, nabla::members<unsigned long, A, B>.
#pragma once
#include "import/shared.h"

namespace nabla::front {

bool is_variant(clang::QualType t);
std::vector<clang::QualType> alternatives(clang::QualType variant);

} // namespace nabla::front
