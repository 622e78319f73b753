// std::complex<double>: to the IR a struct of two reals.
#pragma once
#include "import/shared.h"

namespace nabla::front {

bool is_complex(clang::QualType t);
std::shared_ptr<Struct> complex_struct(std::string spelling, const ir::Type &part);

} // namespace nabla::front
